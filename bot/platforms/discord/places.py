"""Who did something, and where: as `Sender` and `Place`, from what an interaction says of itself."""

import discord

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import Language, language_of
from bot.messages.incoming import Place, Sender


def sender_of(interaction: discord.Interaction) -> Sender:
    """Whoever interacts. Outside the servers that the bot is in they organise at most a club of one."""
    user, allowed = interaction.user, interaction.permissions
    return Sender(
        Account(Platform.DISCORD, str(user.id)),
        user.display_name,
        spoken_by(interaction),
        user.name,
        organiser=not is_in_club_server(interaction) or allowed.manage_guild or allowed.administrator,
    )


def is_known(interaction: discord.Interaction) -> bool:
    """Whether it is told who interacts, as Discord always does."""
    return interaction.user is not discord.utils.MISSING


def spoken_by(interaction: discord.Interaction) -> Language:
    """The language in which somebody uses Discord."""
    return language_of(interaction.locale.value)


def is_in_club_server(interaction: discord.Interaction) -> bool:
    """Whether it happened in a server that the bot is a member of. A server that only the user brought the
    bot to is named too, but the gateway has never told of it."""
    guild_id = interaction.guild_id
    return guild_id is not None and interaction.client.get_guild(guild_id) is not None


def is_alone(interaction: discord.Interaction) -> bool:
    """Whether it happened in the talk of a user and the bot alone."""
    group = isinstance(interaction.channel, discord.GroupChannel)
    return interaction.guild_id is None and not interaction.context.private_channel and not group


def is_among_others(interaction: discord.Interaction) -> bool:
    """Whether it happened where the bot is no member and others are: in a server or a conversation that its
    user alone brought it to. Nothing may be seen there but by its user."""
    return not is_in_club_server(interaction) and not is_alone(interaction)


def place_of(interaction: discord.Interaction) -> Place | None:
    """Where it happened; None in a kind of channel of which nothing is known. Among others the place is the
    user's own talk with the bot, whose chat id is left empty: the interaction does not tell it."""
    if not is_in_club_server(interaction):
        alone = is_alone(interaction) and interaction.channel_id is not None
        return Place(str(interaction.channel_id) if alone else "", ChatKind.PRIVATE)
    guild, channel = interaction.guild, interaction.channel
    if guild is None or channel is None:
        return None
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        kind = ChatKind.FORUM if isinstance(parent, discord.ForumChannel) else ChatKind.GROUP
        title = titled(guild, parent.name if parent else "")
        return Place(str(channel.parent_id), kind, title, thread_id=str(channel.id))
    return Place(str(channel.id), ChatKind.GROUP, titled(guild, getattr(channel, "name", None) or ""))


def titled(guild: discord.Guild, channel: str) -> str:
    """What a club that meets in a channel is called."""
    return " · ".join(part for part in (guild.name, f"#{channel}" if channel else "") if part)
