"""What members do, as `Incoming`; what is replied, as answers to it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, cast

import discord
from discord import app_commands

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import language_of
from bot.messages.incoming import Arrived, Asked, Event, Incoming, Place, Pressed, Returned, Sender
from bot.messages.markup import escape
from bot.messages.outgoing import Destination, Message, Reply, Text
from bot.platforms.discord import menus
from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.limits import ANSWER_WITHIN
from bot.platforms.discord.messenger import SILENT_MENTIONS, DiscordMessenger
from bot.platforms.discord.render import Address, Rendered, render
from bot.ports import Ambiguous, Library, Listener, NotSent, Refused, StorageUnavailable, Store
from bot.use_cases.commands import COMMANDS

log = logging.getLogger(__name__)

_ALREADY_ACKNOWLEDGED = 40060
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
            log.warning("an answer did not reach Discord: %s", error)

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
                under = str(interaction.message.id) if interaction.message else None
                await self._answer(interaction, Pressed(data["custom_id"], under), personal=True)
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
        answer = Answer(interaction)
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


@dataclass(slots=True)
class Answer:
    """The answer to one interaction. The first thing said must be said within three seconds and once; an
    announcement ("thinking…") is filled by what comes after it and decides who sees that."""

    interaction: discord.Interaction
    acknowledged: bool = False
    announced_to: bool | None = None
    """Whether the announcement was private; None when nothing was announced that has to be filled."""

    @property
    def _pressed(self) -> bool:
        return self.interaction.type is discord.InteractionType.component

    @property
    def _under_private(self) -> bool:
        """Whether the message whose button was pressed is seen by the presser alone."""
        return bool(self.interaction.message and self.interaction.message.flags.ephemeral)

    @property
    def _alone(self) -> bool:
        return self.interaction.guild_id is None

    async def announce(self, *, private: bool) -> None:
        """Acknowledge now, answer later. A press is acknowledged without a word."""
        if self._pressed:
            await self._first(self.interaction.response.defer)
            return
        private = private and not self._alone
        await self._first(lambda: self.interaction.response.defer(ephemeral=private, thinking=True))
        self.announced_to = private

    async def give(self, reply: Reply | None, png: bytes | None = None) -> None:
        """Give a reply: the message, then the toast; where there is neither, acknowledge."""
        message, toast = (reply.message, reply.toast) if reply else (None, "")
        picture = png if self._alone or self.interaction.app_permissions.attach_files else None
        if reply and message:
            rendered = render(message, _address(self.interaction), picture)
            if not (self._may_replace(reply) and await self._edit(rendered)):
                private = (reply.private or self._under_private) and not self._alone
                await self._say(rendered, private=private, silent=message.silent)
        if reply and toast:
            shown = reply.illustration if picture and not message else None
            parts = (Text(escape(toast)), shown) if shown else (Text(escape(toast)),)
            told = render(Message(parts), _address(self.interaction), picture if shown else None)
            await self._say(told, private=True, silent=False)
        if not message and not toast:
            await self._pass_over()

    def _may_replace(self, reply: Reply) -> bool:
        """Whether a reply stands in place of what was pressed. What concerns one replaces nothing that
        everybody sees."""
        seen_by_others = not self._alone and not self._under_private
        return reply.edit and self._pressed and not (reply.private and seen_by_others)

    async def _say(self, rendered: Rendered, *, private: bool, silent: bool) -> None:
        view = rendered.view() or discord.utils.MISSING
        if not self.acknowledged:
            await self._first(
                lambda: self.interaction.response.send_message(
                    embeds=rendered.embeds,
                    files=rendered.files(),
                    view=view,
                    ephemeral=private,
                    silent=silent,
                    allowed_mentions=SILENT_MENTIONS,
                )
            )
        elif self.announced_to is private:
            self.announced_to = None
            await self.interaction.edit_original_response(
                embeds=rendered.embeds,
                attachments=rendered.files(),
                view=rendered.view(),
                allowed_mentions=SILENT_MENTIONS,
            )
        else:
            if self.announced_to is not None:
                # What follows an announcement is seen by whom it was announced to, so it has to go first.
                self.announced_to = None
                await self.interaction.delete_original_response()
            await self.interaction.followup.send(
                embeds=rendered.embeds,
                files=rendered.files(),
                view=view,
                ephemeral=private,
                silent=silent,
                allowed_mentions=SILENT_MENTIONS,
            )

    async def _edit(self, rendered: Rendered) -> bool:
        """Put an answer in place of the message whose button was pressed; False when it cannot be."""
        try:
            if self.acknowledged:
                await self.interaction.edit_original_response(
                    content=None,
                    embeds=rendered.embeds,
                    attachments=rendered.files(),
                    view=rendered.view(),
                    allowed_mentions=SILENT_MENTIONS,
                )
            else:
                await self._first(
                    lambda: self.interaction.response.edit_message(
                        content=None,
                        embeds=rendered.embeds,
                        attachments=rendered.files(),
                        view=rendered.view(),
                        allowed_mentions=SILENT_MENTIONS,
                    )
                )
        except discord.HTTPException as error:
            log.info("a message could not be edited, a new one is sent: %s", error)
            return False
        return True

    async def _pass_over(self) -> None:
        """Acknowledge without a word."""
        if self._pressed:
            if not self.acknowledged:
                await self._first(self.interaction.response.defer)
            return
        if not self.acknowledged:
            await self.announce(private=True)
        await self.interaction.delete_original_response()

    async def _first(self, respond: Callable[[], Awaitable[object]]) -> None:
        """Acknowledge. Where the line broke the same is said again: Discord takes it once."""
        try:
            await respond()
        except discord.HTTPException:
            raise
        except FAILURES:
            try:
                await respond()
            except discord.HTTPException as error:
                if error.code != _ALREADY_ACKNOWLEDGED:
                    raise
        self.acknowledged = True


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


def _address(interaction: discord.Interaction) -> Address:
    place = _place(interaction)
    return (
        Address(place.chat_id, str(interaction.guild_id)) if interaction.guild_id else Address(place.chat_id)
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
