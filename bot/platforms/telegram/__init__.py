"""Telegram: what is heard there becomes `Incoming`, and `Outgoing` becomes Bot API calls."""
