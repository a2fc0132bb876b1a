"""The role that members of a club are given."""

import logging

import discord
from discord.http import Route

from bot.messages.outgoing import RoleChange
from bot.platforms.discord import calls
from bot.platforms.discord.errors import FAILURES
from bot.ports import Timer

log = logging.getLogger(__name__)


async def change_role(
    line: discord.Client, guild_id: int, user_id: int, change: RoleChange, timer: Timer
) -> bool:
    """Give somebody a role, or take it; False where Discord does not let us, or cannot be reached. Done twice
    it is as good as done once."""
    route = Route(
        "PUT" if change.given else "DELETE",
        "/guilds/{guild_id}/members/{user_id}/roles/{role_id}",
        guild_id=guild_id,
        user_id=user_id,
        role_id=change.role_id,
    )
    try:
        await calls.repeatable(line.http, route, timer)
    except FAILURES as error:
        log.warning("a member's role was not changed: %s", error)
        return False
    return True
