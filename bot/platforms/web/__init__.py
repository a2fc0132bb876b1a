"""The web room: a chat of our own, served to a browser."""
