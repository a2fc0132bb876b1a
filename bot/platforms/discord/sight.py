"""What can be known of a channel, also of one that another process's shards tell of: what the gateway has
told, and where it tells of no such server, what Discord answers."""

from typing import Any

import discord


def sees_all(line: discord.Client) -> bool:
    """Whether the gateway has told us of all servers the bot is in: each shard has begun its session, which
    names them, and there is none that another process serves."""
    numbers = line.shard_ids if isinstance(line, discord.AutoShardedClient) else None
    here = line.is_ready() and len(numbers or ()) == line.shard_count
    return here and not any(guild.unavailable for guild in line.guilds)


def may_be_in_server(line: discord.Client, chat_id: str) -> bool:
    """Whether we are in a channel's server, as far as we know: then what we lack is a right."""
    return line.get_channel(int(chat_id)) is not None or not sees_all(line)


async def channel_of(line: discord.Client, chat_id: str) -> Any:
    """A channel, in a server whose roles are known. Raises what a call may end in."""
    channel: Any = line.get_channel(int(chat_id)) or await line.fetch_channel(int(chat_id))
    guild = getattr(channel, "guild", None)
    if guild is not None and guild.unavailable:
        channel.guild = await line.fetch_guild(guild.id, with_counts=False)
    return channel


async def rights_in(line: discord.Client, chat_id: str) -> discord.Permissions:
    """What we may do in a server's channel; nothing where we are not in the server. Raises what a call may
    end in."""
    if line.user is None or not may_be_in_server(line, chat_id):
        return discord.Permissions.none()
    channel = await channel_of(line, chat_id)
    if not isinstance(channel, discord.abc.GuildChannel):
        return discord.Permissions.none()
    guild = channel.guild
    me = guild.get_member(line.user.id) or await guild.fetch_member(line.user.id)
    return channel.permissions_for(me)
