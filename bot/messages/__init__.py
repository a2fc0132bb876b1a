"""What comes in and what goes out, in words no platform owns."""
