"""The addresses by which the bot is brought to a server or to somebody's own account, and the permissions it
asks a server for: those without which what it does every week would go wrong, and no others.

Source: *Permissions* and *OAuth2* in Discord's developer documentation. What is asked for only where an
organiser switches it on is left out, so that nobody has to trust the bot with it unseen: *Manage Roles* for a
reader role, *Create Events* for the server's calendar. *Mention Everyone* is never used.
"""

from typing import Final
from urllib.parse import urlencode

import discord

LEAST: Final = discord.Permissions(
    view_channel=True,  # without it a channel does not exist for us
    send_messages=True,  # the week's paper; in a forum, its posts
    embed_links=True,  # every message is laid out as one
    attach_files=True,  # pictures
    read_message_history=True,  # replies to our own messages, and their pins
    create_public_threads=True,  # the week's discussion
    send_messages_in_threads=True,  # prompts and quizzes in it
    manage_threads=True,  # closing last week's, for which having opened it is not enough
    pin_messages=True,  # the week's paper, where one finds it
)
"""What every server is asked for."""

_ADDRESS = "https://discord.com/oauth2/authorize"
_SERVER, _ACCOUNT = 0, 1


def server_link(application_id: int | str) -> str:
    """The address that adds the bot to a server, with the least permissions."""
    asked = {
        "client_id": application_id,
        "permissions": LEAST.value,
        "integration_type": _SERVER,
        "scope": "bot applications.commands",
    }
    return f"{_ADDRESS}?{urlencode(asked)}"


def account_link(application_id: int | str) -> str:
    """The address that adds the bot to one's own account: its commands, wherever one is."""
    asked = {"client_id": application_id, "integration_type": _ACCOUNT, "scope": "applications.commands"}
    return f"{_ADDRESS}?{urlencode(asked)}"
