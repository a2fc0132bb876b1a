"""The role that members of a club are given."""

import asyncio
import logging

import discord

from bot.messages.outgoing import RoleChange
from bot.platforms.discord.errors import FAILURES

log = logging.getLogger(__name__)

_TRIES = 3
"""How often a change is asked for. Done twice it is as good as done once, so it may always be repeated."""

_PATIENCE = 20.0
"""Seconds for one attempt, with the library's own retries."""


async def change_role(line: discord.Client, guild_id: int, user_id: int, change: RoleChange) -> bool:
    """Give somebody a role, or take it; False where Discord does not let us, or cannot be reached."""
    act = line.http.add_role if change.given else line.http.remove_role
    for attempt in range(1, _TRIES + 1):
        try:
            async with asyncio.timeout(_PATIENCE):
                await act(guild_id, user_id, int(change.role_id))
            return True
        except FAILURES as error:
            settled = isinstance(error, discord.HTTPException) and error.status < 500
            if settled or attempt == _TRIES:
                log.warning("a member's role was not changed: %s", error)
                return False
    return False
