"""The one way in: whatever a platform heard goes through here, and every failure becomes words here."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import PostState
from bot.messages.actions import Action, Verb, read_number, read_token
from bot.messages.incoming import (
    Arrived,
    Asked,
    Departed,
    Filled,
    Forwarded,
    Incoming,
    Joined,
    Moved,
    Place,
    Pressed,
    Returned,
    Said,
    Sender,
    Sought,
    Voted,
)
from bot.messages.markup import QUOTE_LIMIT, cut, plain
from bot.messages.outgoing import MOST_PAGES, Message, Paging, Reply, Sent, Text
from bot.ports import Records, StorageUnavailable
from bot.use_cases import channels, elsewhere, finding, joining, quizzes, setup, trouble
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.command import Command, Run, Who
from bot.use_cases.commands import (
    ASIDE_BUTTONS,
    BUTTON_OPTIONS,
    BUTTON_ORIGINS,
    BUTTONS,
    COMMANDS,
    MESSAGE_COMMANDS,
    ORGANISER_BUTTONS,
    PUBLIC_BUTTONS,
)
from bot.use_cases.once import HandledBefore, OnceStore
from bot.use_cases.parsing import is_near, missing, parse
from bot.use_cases.seating import Seating, chats_meant, find_seat, follow, make_seat

log = logging.getLogger(__name__)

QUOTED = ("asked", "extra")
"""The gaps in which a problem quotes what someone typed."""

_PATHS = {command.path: command for command in (*COMMANDS, *MESSAGE_COMMANDS)}


class Dispatcher:
    """Turns what was heard into what is answered."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def handle(self, incoming: Incoming) -> Reply | None:
        """The answer to one event, or None when there is nothing to say, or when it was handled before.
        Raises nothing of its own: a `Problem`, or that nothing can be recorded now, is said in the asker's
        language, anything else is logged and apologised for."""
        if incoming.receipt:
            store = OnceStore(self._tools.store, self._tools.clock, incoming.receipt)
            return await Dispatcher(replace(self._tools, store=store))._answer(incoming)
        return await self._answer(incoming)

    async def _answer(self, incoming: Incoming) -> Reply | None:
        try:
            return await self._handle(incoming)
        except HandledBefore:
            log.info("an update came again that had been handled")
            return None
        except Problem as problem:
            return self._said(incoming, problem.key, problem.values)
        except StorageUnavailable as unavailable:
            return self._said(incoming, unavailable.key, {})
        except Exception:
            log.exception("an update could not be handled")
            return self._said(incoming, "error.unexpected", {})

    async def _handle(self, incoming: Incoming) -> Reply | None:
        place, event = incoming.place, incoming.event
        if isinstance(event, Voted):
            await self._vote(incoming.sender, event)
            return None
        if isinstance(event, Sought):
            return Reply(findings=await finding.find(self._tools, incoming.sender, event))
        if isinstance(event, Returned):
            await trouble.come_back(self._tools, incoming.sender.account.platform, event.chat_ids)
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
                if path not in _PATHS:
                    log.info("a command that is no longer ours")
                    raise Problem("error.command.old")
                return await self._command(incoming.sender, place, _PATHS[path], dict(options))
            case Pressed(token, message_id):
                pressed = read_token(token)
                if pressed.verb is Verb.TURN:
                    return await self._turn(incoming.sender, place, pressed)
                return await self._press(incoming.sender, place, pressed, message_id)
            case Filled(token, fields, message_id):
                return await self._press(incoming.sender, place, read_token(token), message_id, fields)
            case Arrived(chosen):
                return await self._arrived(incoming.sender, place, chosen=chosen)
            case Joined(accounts):
                return await self._joined(incoming.sender, place, accounts)
            case Departed():
                await trouble.leave(self._tools, incoming.sender, place)
            case Forwarded():
                await channels.take_forward(self._tools, incoming.sender.account.platform, place, event)
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
        # Where options are told apart for us, a command may be sent as it once was.
        if any(option.required and not options.get(option.name) for option in command.options):
            raise missing(command)
        founds = command.run is setup.start and bool(sender.organiser)
        if founds:
            await channels.come_together(self._tools, sender.account.platform, place)
        reply = await self._run(
            sender,
            place,
            command.run,
            options,
            writes=command.writes,
            personal=command.personal,
            founds=founds,
            keeps=organisers or founds,
        )
        return _paged(reply, command, options)

    async def _turn(self, sender: Sender, place: Place, turned: Action) -> Reply:
        """Another page of what a command answered, in place of the one under which it was asked for. It is
        asked once more, so that nothing has to be remembered, and only if that changes nothing."""
        number, path, *values = turned.args if len(turned.args) > 1 else ("", "")
        command = _PATHS.get(path)
        page = read_number(number)
        if command is None or command.writes or len(values) > len(command.options) or page > MOST_PAGES:
            raise Problem("error.button.old")
        options = {
            option.name: value for option, value in zip(command.options, values, strict=False) if value
        }
        reply = await self._command(sender, place, command, options)
        message = reply.message
        if message is None or message.paging is None:
            return reply
        message = replace(message, paging=replace(message.paging, page=page))
        # What everybody sees already may be replaced before everybody's eyes.
        return replace(reply, message=message, edit=True, private=False)

    async def _press(
        self,
        sender: Sender,
        place: Place,
        pressed: Action,
        message_id: str | None,
        fields: Mapping[str, str] | None = None,
    ) -> Reply:
        """What a button does, or a form that it opened: its fields are options too. It may be about another
        chat than that in which it stands."""
        at = place
        if pressed.verb is Verb.THERE:
            at, pressed = await elsewhere.meant(self._tools, sender, place, pressed)
        names = BUTTON_OPTIONS.get(pressed.verb)
        if names is None:  # turning a page is no form
            raise Problem("error.button.old")
        if len(pressed.args) > len(names) and pressed.verb in BUTTON_ORIGINS:
            names = (*names, BUTTON_ORIGINS[pressed.verb])
        if len(pressed.args) != len(names):
            raise Problem("error.button.old")
        organisers = pressed.verb in ORGANISER_BUTTONS
        sender = await self._with_role(sender, at, needed=organisers)
        if organisers and not sender.organiser:
            raise Problem("error.organisers_only")
        options = {**(fields or {}), **dict(zip(names, pressed.args, strict=True))}
        if "paper" in options and self._tools.library.paper(options["paper"]) is None:
            raise Problem("error.button.old")
        founds = pressed.verb is Verb.MEET
        if founds:
            at = elsewhere.chosen(self._tools, sender, place, options["channel"])

        async def run(ask: Ask) -> Reply:
            if ask.chat and pressed.verb in ASIDE_BUTTONS:
                await ask.records.settle(sender.account, ask.club.id)
            if pressed.post is not None and message_id:
                await _settle(ask, pressed.post, message_id)
            return await BUTTONS[pressed.verb](replace(ask, posted=pressed.post is not None))

        personal = pressed.verb not in PUBLIC_BUTTONS
        return await self._run(
            sender,
            place,
            run,
            options,
            at=at,
            writes=True,
            personal=personal,
            founds=founds,
            keeps=organisers,
        )

    async def _run(
        self,
        sender: Sender,
        place: Place,
        run: Run,
        options: Mapping[str, str],
        *,
        writes: bool,
        at: Place | None = None,
        personal: bool = False,
        founds: bool = False,
        keeps: bool = False,
    ) -> Reply:
        """Ask one use case, in one transaction: a writing one only where something may be written. The
        sender `keeps` the chat when they act as its organiser. `at` is where the club meets that is meant, if
        not where it is asked."""
        at = at or place
        if not writes:
            async with self._tools.store.read() as records:
                seat = await find_seat(records, sender, at)
                if seat:
                    return await run(self._ask(records, sender, place, seat, options, personal=personal))
        async with self._tools.store.write() as records:
            seat = await find_seat(records, sender, at)
            seat = await follow(records, sender, at, options, seat)
            if seat is None:
                seat = await make_seat(self._tools, records, sender, at, founds=founds)
            if keeps and seat.chat:
                await trouble.keep(records, seat.chat, sender, at)
            return await run(self._ask(records, sender, place, seat, options, personal=personal))

    def _ask(
        self,
        records: Records,
        sender: Sender,
        place: Place,
        seat: Seating,
        options: Mapping[str, str],
        *,
        personal: bool,
    ) -> Ask:
        """The question, with the words it is answered in: the asker's own, or those of the club in public."""
        language = seat.club.language
        own = personal or place.kind is ChatKind.PRIVATE or language is ClubLanguage.BOTH
        return Ask(
            tools=self._tools,
            records=records,
            sender=sender,
            place=place,
            chat=seat.chat,
            club=seat.club,
            known=seat.member,
            words=self._tools.texts[sender.language if own else Language(language.value)],
            now=self._tools.clock.now(),
            organiser=bool(sender.organiser),
            options=options,
        )

    async def _with_role(self, sender: Sender, place: Place, *, needed: bool) -> Sender:
        """The sender with their role known, asking the platform only where it matters."""
        if not needed:
            return sender
        async with self._tools.store.read() as records:
            chats = await chats_meant(records, sender, place)
        if chats == [place.chat_id] and sender.organiser is not None:
            return sender
        messenger = self._tools.messengers.get(sender.account.platform)
        if messenger is None:  # it closes while this is being answered
            return replace(sender, organiser=False)
        allowed = [await messenger.may_organise(chat, sender.account.user_id) for chat in chats]
        return replace(sender, organiser=any(allowed))

    async def _arrived(self, sender: Sender, place: Place, *, chosen: bool) -> Reply | None:
        """Say hello, and begin a club where this very chat was meant. Nobody is greeted in private: they
        will say /start."""
        if place.kind is ChatKind.PRIVATE:
            await trouble.come_back(self._tools, sender.account.platform, {place.chat_id})
            return None
        if chosen:
            await channels.come_together(self._tools, sender.account.platform, place)
            return await self._run(sender, place, setup.arrived, {}, writes=True, founds=True, keeps=True)
        return Reply(setup.choose_place(self._tools, sender))

    async def _joined(self, sender: Sender, place: Place, accounts: Sequence[Account]) -> Reply | None:
        async with self._tools.store.write() as records:
            seat = await find_seat(records, sender, place)
            if seat is None or seat.chat is None:
                return None
            ask = self._ask(records, sender, place, seat, {}, personal=False)
            return await joining.greet(ask, seat.chat, accounts)

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

    async def _moved(self, platform: Platform, place: Place, chat_id: str) -> None:
        async with self._tools.store.write() as records:
            chat = await records.chat(platform, place.chat_id)
            if chat:
                await records.move_chat(chat.id, chat_id)

    def _said(self, incoming: Incoming, key: str, values: Mapping[str, object]) -> Reply | None:
        if incoming.place is None or isinstance(incoming.event, Joined):
            return None
        words = self._tools.texts[incoming.sender.language]
        values = {name: plain(str(v), QUOTE_LIMIT) if name in QUOTED else v for name, v in values.items()}
        if isinstance(incoming.event, Pressed | Filled):
            return Reply(toast=cut(words.plain(key, **values), quizzes.TOAST_LIMIT))
        return Reply(Message((Text(words(key, **values)),)), private=True)


def _paged(reply: Reply, command: Command, options: Mapping[str, str]) -> Reply:
    """The reply with the way to its further pages, where asking once more is as good as remembering."""
    if reply.message is None or command.writes:
        return reply
    values = [options.get(option.name, "") for option in command.options]
    while values and not values[-1]:
        values.pop()
    try:
        paging = Paging(command.path, tuple(values))
    except ValueError:
        return reply
    return replace(reply, message=replace(reply.message, paging=paging))


async def _settle(ask: Ask, post_id: int, message_id: str) -> None:
    """A press on a post proves that it arrived."""
    post = await ask.records.post(post_id)
    if post and ask.chat and post.chat.id == ask.chat.id and post.state is PostState.UNKNOWN:
        await ask.records.mark_sent(post_id, Sent(message_id), ask.now)
