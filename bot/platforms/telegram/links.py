"""Addresses on t.me: of a message in a group, and of the private chat with something to begin there."""

import re

from bot.platforms.telegram.limits import START_PARAMETER

_SUPERGROUP = re.compile(r"-100(\d+)")
_SPELLED = {":": "_", "@": "A"}
_MEANT = {"_": ":", "A": "@"}
_COMMON = re.compile(r"[a-z0-9-]")


def message_link(chat_id: str, message_id: str) -> str | None:
    """Where a message or topic of a supergroup can be opened; None in chats without addresses."""
    supergroup = _SUPERGROUP.fullmatch(chat_id)
    return f"https://t.me/c/{supergroup[1]}/{message_id}" if supergroup else None


def start_link(username: str, token: str) -> str | None:
    """The private chat with the bot, beginning with a button's token; None if that is too long."""
    parameter = to_parameter(token)
    return f"https://t.me/{username}?start={parameter}" if len(parameter) <= START_PARAMETER else None


def to_parameter(token: str) -> str:
    """A token in the few characters a deep link may hold. Ours keep their length."""
    return "".join(_SPELLED.get(c) or (c if _COMMON.match(c) else _hex(c)) for c in token)


def from_parameter(parameter: str) -> str | None:
    """The token behind a deep link's parameter; None for one that `to_parameter` never made."""
    characters = re.findall(r"(?:X[0-9A-F]{2})+|.", parameter, re.DOTALL)
    try:
        token = "".join(_unhex(c) if c[0] == "X" else _MEANT.get(c, c) for c in characters)
    except ValueError:
        return None
    return token if to_parameter(token) == parameter else None


def _hex(character: str) -> str:
    return "".join(f"X{byte:02X}" for byte in character.encode())


def _unhex(spelled: str) -> str:
    return bytes.fromhex(spelled.replace("X", "")).decode()
