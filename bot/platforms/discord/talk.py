"""What members do, as `Incoming`, and where it was done."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, cast

import discord
from discord import app_commands

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import language_of
from bot.messages.actions import with_argument
from bot.messages.incoming import (
    Arrived,
    Asked,
    Event,
    Filled,
    Incoming,
    Place,
    Pressed,
    Returned,
    Sender,
)
from bot.messages.outgoing import Destination, Reply
from bot.platforms.discord import menus
from bot.platforms.discord.answer import Answer, tell_failure
from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.limits import ANSWER_WITHIN
from bot.platforms.discord.messenger import DiscordMessenger
from bot.ports import Ambiguous, Library, Listener, NotSent, Refused, StorageUnavailable, Store
from bot.use_cases.commands import COMMANDS

log = logging.getLogger(__name__)

_PATHS = {command.path: command for command in COMMANDS}


class Talk:
    """Hears interactions and arrivals, and answers them."""

    def __init__(
        self, dispatcher: Listener, library: Library, store: Store, messenger: DiscordMessenger
    ) -> None:
        self._dispatcher = dispatcher
        self._library = library
        self._store = store
        self._messenger = messenger
        self._going_on: set[asyncio.Task[None]] = set()
        self._met: set[int] = set()

    async def finish(self, seconds: float) -> None:
        """Wait until everything heard is answered, but no longer than this; what is not is given up."""
        if self._going_on:
            await asyncio.wait(self._going_on, timeout=seconds)
        for task in self._going_on:
            task.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)

    def hear(self, interaction: discord.Interaction) -> None:
        """A member used a command, pressed a button or types into an option."""
        self._begin(self._heard(interaction))

    def meet(self, guild: discord.Guild) -> None:
        """The bot is in a server: say hello the first time, which may be long after it was added."""
        if guild.id not in self._met:
            self._met.add(guild.id)
            self._begin(self._greet(guild))

    def part(self, guild: discord.Guild) -> None:
        """The bot was removed from a server; if it is added again, that is a new beginning."""
        self._met.discard(guild.id)
        self._begin(self._forget(guild))

    def come_back(self, guild: discord.Guild) -> None:
        """The bot may write in a server, or its rights there have changed: what waits may go on."""
        self._begin(self._return(guild))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._going_on.discard(task)
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, StorageUnavailable):  # of which the store has told
            log.error("something that was heard could not be handled", exc_info=error)

    async def _greet(self, guild: discord.Guild) -> None:
        async with self._store.read() as records:
            if await records.kept(_met_key(guild)):
                return
        channel = _welcome_channel(guild)
        if channel is None:
            log.info("in a server without a channel to write in")
            return
        bot = Account(Platform.DISCORD, str(guild.me.id))
        language = language_of(guild.preferred_locale.value)
        sender = Sender(bot, guild.name, language, organiser=True)
        place = Place(str(channel.id), ChatKind.GROUP, _title(guild, channel.name))
        reply = await self._dispatcher.handle(Incoming(sender, place, Arrived(chosen=False)))
        async with self._store.write() as records:
            await records.keep(_met_key(guild), place.chat_id)
        if reply and reply.message:
            try:
                await self._messenger.say(Destination(place.chat_id), reply.message)
            except (NotSent, Refused, Ambiguous) as error:
                log.warning("the welcome was not said: %s", error)

    async def _return(self, guild: discord.Guild) -> None:
        bot = Account(Platform.DISCORD, str(guild.me.id))
        sender = Sender(bot, guild.name, language_of(guild.preferred_locale.value))
        open_to_us = [str(channel.id) for channel in guild.text_channels if _may_write(guild, channel)]
        await self._dispatcher.handle(Incoming(sender, None, Returned(tuple(open_to_us))))

    async def _forget(self, guild: discord.Guild) -> None:
        async with self._store.write() as records:
            await records.keep(_met_key(guild), "")

    async def _heard(self, interaction: discord.Interaction) -> None:
        if interaction.guild_id is not None and interaction.channel is None:
            log.warning("an interaction in a kind of channel we do not know")
            return
        try:
            await self._answered(interaction)
        except FAILURES as error:
            tell_failure(error)

    async def _answered(self, interaction: discord.Interaction) -> None:
        data = cast(dict[str, Any], interaction.data or {})
        match interaction.type:
            case discord.InteractionType.autocomplete:
                await self._complete(interaction, data)
            case discord.InteractionType.application_command:
                path, options = menus.read_command(data)
                if path in _PATHS:
                    personal = _PATHS[path].personal
                    await self._answer(interaction, Asked(path, options), personal=personal)
                else:
                    log.warning("a command that is no longer ours: /%s", path)
            case discord.InteractionType.component:
                pressed = Pressed(_token(data), _under(interaction))
                await self._answer(interaction, pressed, personal=True)
            case discord.InteractionType.modal_submit:
                filled = Filled(data["custom_id"], _fields(data), _under(interaction))
                await self._answer(interaction, filled, personal=True)
            case _:
                log.warning("an interaction we never asked for: %s", interaction.type)

    async def _complete(self, interaction: discord.Interaction, data: dict[str, Any]) -> None:
        path, options = menus.read_command(data)
        focused = menus.focused_option(data)
        known = _PATHS[path].options if path in _PATHS else ()
        kind = next((option.kind for option in known if option.name == focused), None)
        language = language_of(interaction.locale.value)
        typed = options.get(focused or "", "")
        found = menus.suggestions(kind, typed, language, self._library) if kind else []
        choices = [app_commands.Choice(name=name, value=value) for name, value in found]
        await interaction.response.autocomplete(choices)

    async def _answer(self, interaction: discord.Interaction, event: Event, *, personal: bool) -> None:
        """Hand an event on, and give the reply; when it takes long, say that it will come."""
        incoming = Incoming(_sender(interaction), _place(interaction), event)
        answer = Answer(interaction, self._messenger.timer)
        handling = asyncio.ensure_future(self._replied(incoming))
        try:
            done, _ = await asyncio.wait({handling}, timeout=ANSWER_WITHIN)
            if not done:
                await answer.announce(private=personal)
            await answer.give(*await handling)
        finally:
            handling.cancel()

    async def _replied(self, incoming: Incoming) -> tuple[Reply | None, bytes | None]:
        """The reply to something, with its picture: drawing one takes a part of the time there is."""
        reply = await self._dispatcher.handle(incoming)
        picture = (reply.message.picture if reply.message else reply.illustration) if reply else None
        return reply, await self._messenger.drawn(picture)


def _under(interaction: discord.Interaction) -> str | None:
    """The message that something was done under."""
    return str(interaction.message.id) if interaction.message else None


def _token(data: dict[str, Any]) -> str:
    """The token of what was pressed or chosen: that of a choice of ours is its value; to that of a list which
    Discord filled, the id of what was chosen is added."""
    token: str = data["custom_id"]
    if data["component_type"] == discord.ComponentType.button.value:
        return token
    values: list[str] = data.get("values") or []
    if data["component_type"] == discord.ComponentType.string_select.value:
        return values[0] if values else token
    return with_argument(token, values[0] if values else "")


def _fields(data: dict[str, Any]) -> dict[str, str]:
    """What stands in each field of a form."""
    filled = [outer["component"] for outer in data["components"] if "component" in outer]
    return {field["custom_id"]: field.get("value") or " ".join(field.get("values") or ()) for field in filled}


def _sender(interaction: discord.Interaction) -> Sender:
    user, allowed = interaction.user, interaction.permissions
    return Sender(
        Account(Platform.DISCORD, str(user.id)),
        user.display_name,
        language_of(interaction.locale.value),
        user.name,
        organiser=interaction.guild_id is None or allowed.manage_guild or allowed.administrator,
    )


def _place(interaction: discord.Interaction) -> Place:
    channel = interaction.channel
    if channel is None or interaction.guild is None:
        return Place(str(interaction.channel_id), ChatKind.PRIVATE)
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        title = _title(interaction.guild, parent.name if parent else "")
        return Place(str(channel.parent_id), ChatKind.GROUP, title, thread_id=str(channel.id))
    return Place(
        str(channel.id), ChatKind.GROUP, _title(interaction.guild, getattr(channel, "name", "") or "")
    )


def _title(guild: discord.Guild, channel: str) -> str:
    """What a club that meets in a channel is called."""
    return " · ".join(part for part in (guild.name, f"#{channel}" if channel else "") if part)


def _met_key(guild: discord.Guild) -> str:
    """The name under which the store keeps where a server was greeted."""
    return f"discord.met.{guild.id}"


def _welcome_channel(guild: discord.Guild) -> discord.TextChannel | None:
    """The server's own channel for such news, else the first the bot may write in."""
    for channel in (guild.system_channel, *guild.text_channels):
        if channel and _may_write(guild, channel):
            return channel
    return None


def _may_write(guild: discord.Guild, channel: discord.TextChannel) -> bool:
    allowed = channel.permissions_for(guild.me)
    return allowed.view_channel and allowed.send_messages and allowed.embed_links
