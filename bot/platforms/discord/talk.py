"""What members do, as `Incoming`, and where it was done."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from zoneinfo import ZoneInfo

import discord

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import Language, language_of
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
from bot.messages.outgoing import Destination, Message, Reply, Text
from bot.messages.texts import Texts
from bot.platforms.discord import menus
from bot.platforms.discord.answer import Answer, tell_failure
from bot.platforms.discord.completion import Choice, Completion, Typing
from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.limits import ANSWER_WITHIN, CLUB_WITHIN
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.places import is_among_others, is_known, place_of, sender_of, spoken_by, titled
from bot.ports import Ambiguous, Library, Listener, NotSent, Refused, StorageUnavailable, Store
from bot.use_cases.commands import COMMANDS, on_messages
from bot.use_cases.elsewhere import wanting
from bot.use_cases.seating import find_seat

log = logging.getLogger(__name__)

_ON_MESSAGES = on_messages(Platform.DISCORD)
_PATHS = {command.path: command for command in (*COMMANDS, *_ON_MESSAGES)}

_MET = "discord.met."

_GATHERING = 0.1
"""Seconds for which news of servers are gathered before the record is asked about them: at a start they come
one by one, thousands a second."""


class Talk:
    """Hears interactions and arrivals, and answers them."""

    def __init__(
        self,
        dispatcher: Listener,
        texts: Texts,
        library: Library,
        store: Store,
        messenger: DiscordMessenger,
    ) -> None:
        self._dispatcher = dispatcher
        self._texts = texts
        self._library = library
        self._store = store
        self._messenger = messenger
        self._completion = Completion(library, texts)
        self._on_messages = {texts[Language.EN].plain(row.label): row.path for row in _ON_MESSAGES}
        self._going_on: set[asyncio.Task[None]] = set()
        self._met: set[int] = set()
        self._strange: list[discord.Guild] = []
        self._changed: dict[int, discord.Guild] = {}
        self._looking = False

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
            self._strange.append(guild)
            self._look()

    def part(self, guild: discord.Guild) -> None:
        """The bot was removed from a server; if it is added again, that is a new beginning."""
        self._met.discard(guild.id)
        self._begin(self._forget(guild))

    def come_back(self, guild: discord.Guild) -> None:
        """The bot may write in a server, or its rights there have changed: what waits may go on."""
        self.meet(guild)  # it may have had no channel to be greeted in
        self._changed[guild.id] = guild
        self._look()

    def _look(self) -> None:
        if not self._looking:
            self._looking = True
            self._begin(self._look_around())

    async def _look_around(self) -> None:
        """Handle all servers of which something is new, together: at a start these are all there are, and
        the record is asked once and not once for each."""
        strange: list[discord.Guild] = []
        try:
            while self._strange or self._changed:
                await asyncio.sleep(_GATHERING)
                strange, self._strange = self._strange, []
                changed, self._changed = self._changed, {}
                await self._greet_strangers(strange)
                strange = []
                await self._return(changed)
        finally:
            self._looking = False
            # Those that could not be looked up are met again at the next occasion.
            self._met.difference_update(guild.id for guild in strange)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._going_on.discard(task)
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, StorageUnavailable):  # of which the store has told
            log.error("something that was heard could not be handled", exc_info=error)

    async def _greet_strangers(self, guilds: Sequence[discord.Guild]) -> None:
        if not guilds:
            return
        async with self._store.read() as records:
            if len(guilds) == 1:
                known = {str(guilds[0].id): await records.kept(_met_key(guilds[0])) or ""}
            else:
                known = dict(await records.kept_under(_MET))
        for guild in guilds:
            if not known.get(str(guild.id)):
                self._begin(self._greet(guild))

    async def _greet(self, guild: discord.Guild) -> None:
        channel = _welcome_channel(guild)
        if channel is None:
            self._met.discard(guild.id)
            log.info("in a server without a channel to write in")
            return
        bot = Account(Platform.DISCORD, str(guild.me.id))
        language = language_of(guild.preferred_locale.value)
        sender = Sender(bot, guild.name, language, organiser=True)
        place = Place(str(channel.id), ChatKind.GROUP, titled(guild, channel.name))
        reply = await self._dispatcher.handle(Incoming(sender, place, Arrived(chosen=False)))
        async with self._store.write() as records:
            await records.keep(_met_key(guild), place.chat_id)
        if reply and reply.message:
            try:
                await self._messenger.say(Destination(place.chat_id), reply.message)
            except (NotSent, Refused) as error:
                log.warning("the welcome was not said: %s", error)
                # It surely was not, so the next occasion is the first.
                self._met.discard(guild.id)
                await self._forget(guild)
            except Ambiguous as error:
                log.warning("the welcome may not have been said: %s", error)

    async def _return(self, guilds: Mapping[int, discord.Guild]) -> None:
        """Tell which of the chats in which nothing could be posted are open again, if any are."""
        if not guilds:
            return
        async with self._store.read() as records:
            waiting = [chat.chat_id for chat in await records.chats_in_trouble(Platform.DISCORD)]
        open_to_us = []
        for chat_id in waiting:
            venue = self._messenger.servers.venue(chat_id)
            if venue and int(venue.server_id) in guilds and not wanting(venue):
                open_to_us.append(chat_id)
        if open_to_us:
            guild = next(iter(guilds.values()))
            bot = Account(Platform.DISCORD, str(guild.me.id))
            sender = Sender(bot, guild.name, language_of(guild.preferred_locale.value))
            await self._dispatcher.handle(Incoming(sender, None, Returned(tuple(open_to_us))))

    async def _forget(self, guild: discord.Guild) -> None:
        async with self._store.write() as records:
            await records.keep(_met_key(guild), "")

    async def _heard(self, interaction: discord.Interaction) -> None:
        """Answer an interaction, whatever it may be: to silence Discord says that the bot did not respond."""
        answer = Answer(interaction, self._messenger.timer)
        try:
            await self._answered(interaction, answer)
        except FAILURES as error:
            tell_failure(error)
        except Exception:
            log.exception("an interaction could not be answered")
            await self._apologise(interaction, answer)

    async def _apologise(self, interaction: discord.Interaction, answer: Answer) -> None:
        try:
            if interaction.type is not discord.InteractionType.autocomplete:
                await answer.give(self._told(spoken_by(interaction), "error.unexpected"))
            elif not answer.acknowledged:
                await answer.suggest(())
        except FAILURES as error:
            tell_failure(error)

    def _told(self, language: Language, key: str) -> Reply:
        """What is said of something that could not be handed on."""
        return Reply(Message((Text(self._texts[language](key)),)), private=True)

    async def _answered(self, interaction: discord.Interaction, answer: Answer) -> None:
        data = cast(dict[str, Any], interaction.data or {})
        if interaction.type is discord.InteractionType.autocomplete:
            await self._complete(interaction, answer, data)
            return
        place = place_of(interaction)
        if place is None:
            log.warning("an interaction in a kind of channel we do not know")
            await answer.give(self._told(spoken_by(interaction), "error.place.unknown"))
            return
        event = self._event(interaction, data) if is_known(interaction) else None
        if event is None:
            log.warning("an interaction we never asked for: %s", interaction.type)
            await answer.give(self._told(spoken_by(interaction), "error.unexpected"))
            return
        command = _PATHS.get(event.path) if isinstance(event, Asked) else None
        personal = command.personal if command else True
        private = personal or is_among_others(interaction)
        await self._answer(answer, Incoming(sender_of(interaction), place, event), private=private)

    def _event(self, interaction: discord.Interaction, data: dict[str, Any]) -> Event | None:
        """What somebody did; None for what we never asked for."""
        match interaction.type:
            case discord.InteractionType.application_command:
                return self._asked(interaction, data)
            case discord.InteractionType.component:
                return Pressed(_token(data), _under(interaction))
            case discord.InteractionType.modal_submit:
                return Filled(data["custom_id"], _fields(data), _under(interaction))
            case _:
                return None

    def _asked(self, interaction: discord.Interaction, data: dict[str, Any]) -> Asked:
        """The command that was sent; one that is not ours any more has no row in the table."""
        path = self._on_messages.get(data["name"])
        if data.get("type", menus.TYPED) == menus.ON_MESSAGE and path:
            return Asked(path, menus.read_message(data, interaction.application_id))
        return Asked(*menus.read_command(data))

    async def _complete(self, interaction: discord.Interaction, answer: Answer, data: dict[str, Any]) -> None:
        path, options = menus.read_command(data)
        focused = menus.focused_option(data)
        known = _PATHS[path].options if path in _PATHS else ()
        kind = next((option.kind for option in known if option.name == focused), None)
        found: list[Choice] = []
        if kind and focused:
            typing = await self._typing(interaction, options.pop(focused), options)
            found = self._completion.choices(kind, typing)
        await answer.suggest(found)

    async def _typing(self, interaction: discord.Interaction, typed: str, options: dict[str, str]) -> Typing:
        """What is typed, in the club where it is; as in a new club where that cannot be told in time."""
        plan, zone = self._library.plans()[:1], "UTC"
        place = place_of(interaction) if is_known(interaction) else None
        try:
            async with asyncio.timeout(CLUB_WITHIN), self._store.read() as records:
                seat = await find_seat(records, sender_of(interaction), place) if place else None
            if seat:
                own = self._library.plan(seat.club.plan_id)
                plan, zone = (own,) if own else plan, seat.club.zone
        except (StorageUnavailable, TimeoutError):
            log.info("completing without the club")
        today = interaction.created_at.astimezone(ZoneInfo(zone)).date()
        return Typing(typed, self._texts[spoken_by(interaction)], next(iter(plan), None), today, options)

    async def _answer(self, answer: Answer, incoming: Incoming, *, private: bool) -> None:
        """Hand an event on, and give the reply; when it takes long, say that it will come."""
        handling = asyncio.ensure_future(self._replied(incoming))
        try:
            done, _ = await asyncio.wait({handling}, timeout=ANSWER_WITHIN)
            if not done:
                await answer.announce(private=private)
            reply, picture = await handling
            await answer.give(reply, picture)
            if reply:
                await self._do_besides(reply, answer)
        finally:
            handling.cancel()

    async def _do_besides(self, reply: Reply, answer: Answer) -> None:
        """What a reply asks for apart from being said."""
        if reply.role:
            changed = await self._messenger.change_role(answer.interaction.user.id, reply.role)
            if not changed and reply.role.refused:
                await answer.give(Reply(toast=reply.role.refused))
        if reply.notice:
            try:
                await self._messenger.say(reply.notice.to, reply.notice.message)
            except (NotSent, Refused, Ambiguous) as error:
                log.warning("a club's first words were not said: %s", error)

    async def _replied(self, incoming: Incoming) -> tuple[Reply | None, bytes | None]:
        """The reply to something, with its picture: drawing one takes a part of the time there is."""
        try:
            incoming = await self._placed(incoming)
        except StorageUnavailable as unavailable:
            return self._told(incoming.sender.language, unavailable.key), None
        except (NotSent, Refused) as error:
            log.warning("somebody's own talk with the bot could not be opened: %s", error)
            return self._told(incoming.sender.language, "error.unexpected"), None
        reply = await self._dispatcher.handle(incoming)
        picture = (reply.message.picture if reply.message else reply.illustration) if reply else None
        return reply, await self._messenger.drawn(picture)

    async def _placed(self, incoming: Incoming) -> Incoming:
        """The same with the chat id of the sender's own talk with the bot, where that is needed: for a club
        of one, which everybody has in private who is in no other."""
        place, account = incoming.place, incoming.sender.account
        if place is None or place.chat_id:
            return incoming
        async with self._store.read() as records:
            if await records.home(account) is not None:
                return incoming
        chat_id = await self._messenger.private_chat(account.user_id)
        return replace(incoming, place=replace(place, chat_id=chat_id))


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


def _met_key(guild: discord.Guild) -> str:
    """The name under which the store keeps where a server was greeted."""
    return f"{_MET}{guild.id}"


def _welcome_channel(guild: discord.Guild) -> discord.TextChannel | None:
    """The server's own channel for such news, else the first the bot may write in."""
    for channel in (guild.system_channel, *guild.text_channels):
        if channel and _may_write(guild, channel):
            return channel
    return None


def _may_write(guild: discord.Guild, channel: discord.abc.GuildChannel) -> bool:
    allowed = channel.permissions_for(guild.me)
    return allowed.view_channel and allowed.send_messages and allowed.embed_links
