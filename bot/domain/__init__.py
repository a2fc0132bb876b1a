"""Plain rules of a reading group: no input or output, no clock, no platform, no SQL."""
