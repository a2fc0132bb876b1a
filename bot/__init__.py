"""Paperclub: a reading club that meets in a web room, on Telegram and on Discord."""
