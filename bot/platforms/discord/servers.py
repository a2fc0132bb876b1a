"""What the gateway has told of servers: their channels, our rights in them, and their roles."""

from collections.abc import Callable
from typing import Final

import discord

from bot.domain.clubs import ChatKind
from bot.platforms.discord.invite import account_link, server_link
from bot.ports import Doors, Right, ServerRole, Venue

RIGHTS: Final[dict[Right, str]] = {
    Right.SEE: "view_channel",
    Right.WRITE: "send_messages",
    Right.EMBED: "embed_links",
    Right.ANSWER: "send_messages_in_threads",
    Right.THREADS: "create_public_threads",
    Right.ATTACH: "attach_files",
    Right.CLOSE: "manage_threads",
    Right.PIN: "pin_messages",
}
"""Our rights by Discord's names for them."""

_UNUSED_IN_FORUMS: Final = frozenset({Right.THREADS})
"""In a forum whoever may write begins posts."""


class DiscordServers:
    """The Servers port on whatever connection there is."""

    def __init__(self, line: Callable[[], discord.Client | None]) -> None:
        self._line = line

    def venue(self, chat_id: str) -> Venue | None:
        """A text channel or a forum."""
        channel = self._channel(chat_id)
        if not isinstance(channel, discord.TextChannel | discord.ForumChannel):
            return None
        guild, allowed = channel.guild, channel.permissions_for(channel.guild.me)
        forum = isinstance(channel, discord.ForumChannel)
        lacking = tuple(
            right
            for right, name in RIGHTS.items()
            if not getattr(allowed, name) and not (forum and right in _UNUSED_IN_FORUMS)
        )
        everywhere = guild.me.guild_permissions
        return Venue(
            str(guild.id),
            ChatKind.FORUM if forum else ChatKind.GROUP,
            f"#{channel.name}",
            title(guild, channel.name),
            lacking,
            everywhere.manage_roles,
            everywhere.create_events,
        )

    def role(self, chat_id: str, role_id: str) -> ServerRole | None:
        """A role of the server that a channel is in."""
        channel = self._channel(chat_id)
        if not isinstance(channel, discord.abc.GuildChannel):
            return None
        guild = channel.guild
        role = guild.get_role(int(role_id)) if role_id.isdecimal() else None
        if role is None:
            return None
        # Two roles may share a position; then the older one, which has the lower id, stands above.
        ours = guild.me.top_role
        notifies = role.mentionable or channel.permissions_for(guild.me).mention_everyone
        return ServerRole(f"@{role.name}", role.is_default(), role.managed, role < ours, notifies)

    def doors(self) -> Doors | None:
        """How we are brought elsewhere; None before the first login."""
        line = self._line()
        application_id = line.application_id if line else None
        if application_id is None:
            return None
        return Doors(server_link(application_id), account_link(application_id))

    def _channel(self, chat_id: str) -> object:
        line = self._line()
        return line.get_channel(int(chat_id)) if line and chat_id.isdecimal() else None


def title(guild: discord.Guild, channel: str) -> str:
    """What a club that meets in a channel is called."""
    return " · ".join(part for part in (guild.name, f"#{channel}" if channel else "") if part)
