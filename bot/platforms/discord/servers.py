"""What the gateway has told of servers: their channels, our rights in them, and their roles."""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Final

import discord

from bot.domain.clubs import ChatKind
from bot.platforms.discord.invite import account_link, server_link
from bot.platforms.discord.places import titled
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

_Venue = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel

_UNUSED_IN_FORUMS: Final = frozenset({Right.THREADS})
"""In a forum whoever may write begins posts."""

_UNUSED_BESIDE_VOICE: Final = frozenset({Right.ANSWER, Right.THREADS, Right.CLOSE})
"""There are no threads."""


class DiscordServers:
    """The Servers port on whatever connection there is."""

    def __init__(self, line: Callable[[], discord.Client | None]) -> None:
        self._line = line

    def venue(self, chat_id: str) -> Venue | None:
        """A channel in which one can write, or a forum."""
        channel = self._channel(chat_id)
        if not isinstance(channel, _Venue):
            return None
        guild, granted = channel.guild, _granted(channel)
        forum = isinstance(channel, discord.ForumChannel)
        spoken = isinstance(channel, discord.VoiceChannel | discord.StageChannel)
        unused = _UNUSED_IN_FORUMS if forum else _UNUSED_BESIDE_VOICE if spoken else frozenset()
        lacking = tuple(
            right for right, name in RIGHTS.items() if right not in unused and not getattr(granted, name)
        )
        everywhere = guild.me.guild_permissions
        return Venue(
            str(guild.id),
            ChatKind.FORUM if forum else ChatKind.GROUP,
            f"#{channel.name}",
            titled(guild, channel.name),
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
        return ServerRole(
            f"@{role.name}",
            everyone=role.is_default(),
            managed=role.managed,
            below=role < ours,
            powerful=bool(role.permissions.value & discord.Permissions.elevated().value),
            notifies=notifies,
        )

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


def _granted(channel: discord.abc.GuildChannel) -> discord.Permissions:
    """What we were given in a channel. Not what we may do: without the right to see it that is nothing, and
    one would not know what else is missing. The steps are those of the section *Permission Overwrites*."""
    me = channel.guild.me
    granted = me.guild_permissions
    if granted.administrator:
        return discord.Permissions.all()
    everyone, own = (
        channel.overwrites_for(channel.guild.default_role).pair(),
        channel.overwrites_for(me).pair(),
    )
    roles = [channel.overwrites_for(role).pair() for role in me.roles if not role.is_default()]
    granted.handle_overwrite(everyone[0].value, everyone[1].value)
    granted.handle_overwrite(
        reduce(or_, (allow.value for allow, _ in roles), 0), reduce(or_, (deny.value for _, deny in roles), 0)
    )
    granted.handle_overwrite(own[0].value, own[1].value)
    return granted
