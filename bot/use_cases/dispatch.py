"""The one way in: whatever a platform heard goes through here, and every failure becomes words here."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.clubs import Chat, ChatKind, Club, Member, Platform
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import PostState
from bot.messages.actions import Action, read_token
from bot.messages.incoming import (
    Arrived,
    Asked,
    Departed,
    Incoming,
    Moved,
    Place,
    Pressed,
    Said,
    Sender,
    Voted,
)
from bot.messages.markup import cut
from bot.messages.outgoing import Message, Reply, Sent, Text
from bot.ports import Records
from bot.use_cases import clubs, quizzes
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.command import Command, Run, Who
from bot.use_cases.commands import BUTTON_OPTIONS, BUTTONS, COMMANDS, ORGANISER_BUTTONS
from bot.use_cases.parsing import is_near, parse

log = logging.getLogger(__name__)


class Dispatcher:
    """Turns what was heard into what is answered."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._paths = {command.path: command for command in COMMANDS}

    async def handle(self, incoming: Incoming) -> Reply | None:
        """The answer to one event, or None when there is nothing to say. Raises nothing of its own:
        a `Problem` is said in the asker's language, anything else is logged and apologised for."""
        try:
            return await self._handle(incoming)
        except Problem as problem:
            return self._said(incoming, problem.key, problem.values)
        except Exception:
            log.exception("an update could not be handled")
            return self._said(incoming, "error.unexpected", {})

    async def _handle(self, incoming: Incoming) -> Reply | None:
        place, event = incoming.place, incoming.event
        if isinstance(event, Voted):
            await self._vote(incoming.sender, event)
            return None
        if place is None:
            return None
        match event:
            case Said(text, mentions):
                if not self._for_us(text, place):
                    return None
                command, options = parse(text, COMMANDS, self._is_paper, mentions)
                return await self._command(incoming.sender, place, command, options)
            case Asked(path, options):
                return await self._command(incoming.sender, place, self._paths[path], dict(options))
            case Pressed(token, message_id):
                return await self._press(incoming.sender, place, read_token(token), message_id)
            case Arrived():
                return await self._run(incoming.sender, place, _welcome, {}, writes=True)
            case Departed():
                await self._departed(incoming.sender.account.platform, place)
            case Moved(chat_id):
                await self._moved(incoming.sender.account.platform, place, chat_id)
        return None

    def _for_us(self, text: str, place: Place) -> bool:
        """In a group, a command that is nothing like ours belongs to another bot."""
        first = text.strip().partition(" ")[0].removeprefix("/").lower()
        known = any(command.group == first for command in COMMANDS)
        return place.kind is ChatKind.PRIVATE or known or is_near(text, COMMANDS)

    def _is_paper(self, word: str) -> bool:
        return word.isdecimal() or self._tools.library.paper(word.lower()) is not None

    async def _command(
        self, sender: Sender, place: Place, command: Command, options: dict[str, str]
    ) -> Reply:
        organisers = command.who is Who.ORGANISERS
        sender = await self._with_role(sender, place, needed=organisers or command.by_role)
        if organisers and not sender.organiser:
            raise Problem("error.organisers_only")
        return await self._run(
            sender, place, command.run, options, writes=command.writes, personal=command.personal
        )

    async def _press(self, sender: Sender, place: Place, pressed: Action, message_id: str | None) -> Reply:
        names = BUTTON_OPTIONS[pressed.verb]
        if len(pressed.args) != len(names):
            raise Problem("error.button.old")
        organisers = pressed.verb in ORGANISER_BUTTONS
        sender = await self._with_role(sender, place, needed=organisers)
        if organisers and not sender.organiser:
            raise Problem("error.organisers_only")
        options = dict(zip(names, pressed.args, strict=True))
        if "paper" in options and self._tools.library.paper(options["paper"]) is None:
            raise Problem("error.button.old")

        async def run(ask: Ask) -> Reply:
            if pressed.post is not None and message_id:
                await _settle(ask, pressed.post, message_id)
            return await BUTTONS[pressed.verb](ask)

        return await self._run(sender, place, run, options, writes=True, personal=True)

    async def _run(
        self,
        sender: Sender,
        place: Place,
        run: Run,
        options: Mapping[str, str],
        *,
        writes: bool,
        personal: bool = False,
    ) -> Reply:
        if not writes:
            async with self._tools.store.read() as records:
                ask = await self._seated(records, sender, place, options, personal=personal)
                if ask:
                    return await run(ask)
        async with self._tools.store.write() as records:
            ask = await self._seated(records, sender, place, options, personal=personal, make=True)
            if ask is None:  # pragma: no cover - a seat is always made
                raise Problem("error.unexpected")
            return await run(ask)

    async def _seated(
        self,
        records: Records,
        sender: Sender,
        place: Place,
        options: Mapping[str, str],
        *,
        personal: bool,
        make: bool = False,
    ) -> Ask | None:
        """The question with its club and member; None when a club has first to be made."""
        seat = await self._seat(records, sender, place, make=make)
        if seat is None:
            return None
        chat, club, member = seat
        own = personal or place.kind is ChatKind.PRIVATE or club.language is ClubLanguage.BOTH
        language = sender.language if own else Language(club.language.value)
        return Ask(
            self._tools,
            records,
            sender,
            place,
            chat,
            club,
            member,
            self._tools.texts[language],
            self._tools.clock.now(),
            bool(sender.organiser),
            options,
        )

    async def _with_role(self, sender: Sender, place: Place, *, needed: bool) -> Sender:
        """The sender with their role known, asking the platform only where it matters."""
        if sender.organiser is not None or not needed:
            return sender
        messenger = self._tools.messengers[sender.account.platform]
        allowed = await messenger.may_organise(place.chat_id, sender.account.user_id)
        return replace(sender, organiser=allowed)

    async def _seat(
        self, records: Records, sender: Sender, place: Place, *, make: bool
    ) -> tuple[Chat | None, Club, Member | None] | None:
        account = sender.account
        if place.kind is ChatKind.PRIVATE:
            club_id = await records.home(account)
            club = await records.club(club_id) if club_id is not None else None
            if club is None and not make:
                return None
            club = club or await clubs.home_club(self._tools, records, sender, place)
            return None, club, await records.member_by_account(club.id, account)
        seat = await records.seat(account.platform, place.chat_id, account.user_id)
        stale = seat is None or not seat.chat.active or seat.chat.topics != place.topics
        if stale and not make:
            return None
        if seat is None:
            await clubs.found(self._tools, records, sender, place)
        elif stale:
            await records.set_chat_active(seat.chat.id, True)
            await records.set_chat_topics(seat.chat.id, place.topics)
        if stale:
            seat = await records.seat(account.platform, place.chat_id, account.user_id)
        return (seat.chat, seat.club, seat.member) if seat else None

    async def _vote(self, sender: Sender, voted: Voted) -> None:
        """Count an answer to a native poll, enrolling whoever gave it."""
        async with self._tools.store.write() as records:
            post = await records.post_by_poll(voted.poll_id)
            round_ = await records.round(post.round_id) if post and post.round_id is not None else None
            if post is None or round_ is None:
                log.warning("a vote in a poll that is not ours")
                return
            now = self._tools.clock.now()
            member, new = await records.enrol(
                round_.club_id, sender.account, sender.name, sender.username, now
            )
            if new:
                await records.settle(sender.account, round_.club_id)
            await quizzes.vote(self._tools, records, voted, member, round_, post.number)

    async def _departed(self, platform: Platform, place: Place) -> None:
        async with self._tools.store.write() as records:
            chat = await records.chat(platform, place.chat_id)
            if chat:
                await records.set_chat_active(chat.id, False)

    async def _moved(self, platform: Platform, place: Place, chat_id: str) -> None:
        async with self._tools.store.write() as records:
            chat = await records.chat(platform, place.chat_id)
            if chat:
                await records.move_chat(chat.id, chat_id)

    def _said(self, incoming: Incoming, key: str, values: Mapping[str, object]) -> Reply | None:
        if incoming.place is None:
            return None
        words = self._tools.texts[incoming.sender.language]
        if isinstance(incoming.event, Pressed):
            return Reply(toast=cut(words.plain(key, **values), quizzes.TOAST_LIMIT))
        return Reply(Message((Text(words(key, **values)),)), private=True)


async def _welcome(ask: Ask) -> Reply:
    return Reply(await clubs.welcome(ask))


async def _settle(ask: Ask, post_id: int, message_id: str) -> None:
    """A press on a post proves that it arrived."""
    post = await ask.records.post(post_id)
    if post and ask.chat and post.chat.id == ask.chat.id and post.state is PostState.UNKNOWN:
        await ask.records.mark_sent(post_id, Sent(message_id), ask.now)
