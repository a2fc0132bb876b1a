"""What the tests of the core stand on: the real dispatcher, store, library and words, a clock that is set
by hand, and a messenger that keeps what it is given."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from bot.delivery.sender import Sender
from bot.domain.clubs import Account, ChatKind, Club, Platform
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import Post, PostKind, PostState
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.actions import Action, Verb, action
from bot.messages.incoming import Arrived, Asked, Event, Incoming, Place, Pressed, Said, Voted
from bot.messages.incoming import Sender as Person
from bot.messages.outgoing import (
    Button,
    Buttons,
    Destination,
    Facts,
    Fold,
    Menu,
    Message,
    OpenThread,
    Part,
    Picker,
    Picture,
    Pointer,
    Quiz,
    Reply,
    Sent,
    Text,
    Upkeep,
)
from bot.messages.texts import Texts
from bot.ports import Messenger, Pace, Servers
from bot.storage.sqlite import SqliteStore
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.cadence import hold_due_beats
from bot.use_cases.dispatch import Dispatcher
from bot.use_cases.posts import compose, follow_up
from bot.use_cases.trouble import tell_keeper
from schedules.presets import load_presets

START = 1_788_159_600
"""Monday 31 August 2026, 07:00 UTC: two hours before a new club's first paper in UTC."""

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 7 * 86_400

PLAN = "deep-learning-2"
GROUP = Place("-100200", ChatKind.GROUP, "Readers")
ELSEWHERE = Place("-100300", ChatKind.GROUP, "Others")


def person(
    user_id: str,
    name: str,
    language: Language = Language.EN,
    username: str = "",
    platform: Platform = Platform.TELEGRAM,
) -> Person:
    """Somebody of whom the platform does not say unasked whether they organise."""
    return Person(Account(platform, user_id), name, language, username)


INES = person("1", "Ines", username="ines")
ANN = person("2", "Ann", username="ann_reads")
LIN = person("3", "林晓", Language.ZH, "lin")


class FakeClock:
    """Time that stands still until it is moved, for the clock and the timer alike. Waiting for the timer
    takes no time: it moves the timer, and leaves the clock as it is."""

    def __init__(self, now: int = START) -> None:
        self._now = now
        self._passed = 0.0

    def now(self) -> int:
        """Seconds since 1970, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that have passed, slept ones included."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Let time go by for the timer alone."""
        end = self._passed + seconds
        await asyncio.sleep(0)
        self._passed = max(self._passed, end)

    async def done_within(self, seconds: float, work: asyncio.Future[None]) -> bool:
        """Wait until something is done, which takes no time: it is never late."""
        await asyncio.wait({work})
        return True

    def advance(self, seconds: int) -> None:
        """Let time go by."""
        self._now += seconds
        self._passed += seconds

    def set(self, instant: int) -> None:
        """Let time go by until an instant."""
        self.advance(instant - self._now)

    def jump(self, seconds: int) -> None:
        """Set the clock to another time, forward or back, while none passes."""
        self._now += seconds


class HandTimer:
    """A timer that is moved by hand; whoever waits for it goes on when it gets there."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []
        self._watching: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        """Seconds that have passed."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until it has been moved this far."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._now + seconds, woken))
        await woken

    async def done_within(self, seconds: float, work: asyncio.Future[None]) -> bool:
        """Wait for something until it has been moved this far. Whoever does is no sleeper."""
        late: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watch = (self._now + seconds, late)
        self._watching.append(watch)
        try:
            await asyncio.wait({work, late}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if watch in self._watching:
                self._watching.remove(watch)
        return work.done()

    @property
    def watchers(self) -> int:
        """How many wait for something to be done before it has been moved too far."""
        return len(self._watching)

    @property
    def sleepers(self) -> int:
        """How many wait for it."""
        return sum(not woken.done() for _, woken in self._sleeping)

    def skip(self) -> None:
        """Let time go by until the first who waits goes on."""
        self.advance(max(0.0, min(end for end, woken in self._sleeping if not woken.done()) - self._now))

    def advance(self, seconds: float) -> None:
        """Let time go by."""
        self._now += seconds
        due = [sleeper for sleeper in self._sleeping if sleeper[0] <= self._now + 1e-9]
        self._sleeping = [sleeper for sleeper in self._sleeping if sleeper not in due]
        late = [watch for watch in self._watching if watch[0] <= self._now + 1e-9]
        self._watching = [watch for watch in self._watching if watch not in late]
        for _, woken in (*due, *late):
            if not woken.done():
                woken.set_result(None)


@dataclass(frozen=True)
class Delivery:
    """One thing a messenger was asked to do, whether or not it came to pass."""

    to: Destination
    what: Message | OpenThread
    key: int


class RecordingMessenger:
    """Takes everything, unless troubles are lined up (each befalls one attempt) or a chat is in trouble."""

    def __init__(self, platform: Platform = Platform.TELEGRAM, repeatable_for: int = 0) -> None:
        self.platform = platform
        self.repeatable_for = repeatable_for
        self.pace: Pace | None = None
        self.servers: Servers | None = None
        self.lacks = frozenset({PostKind.PIN, PostKind.LOCK, PostKind.EVENT})
        """What it is not asked for, as on platforms that pin and close nothing."""
        self.finds = False
        """Whether it can tell of a thread whether it was opened."""
        self.opened: dict[str, Sent] = {}
        """The threads that it finds, by their titles."""
        self.partners: dict[str, str] = {}
        """Channels and their discussion groups."""
        self.attempts: list[Delivery] = []
        self.sent: list[Delivery] = []
        self.troubles: deque[Exception | None] = deque()
        self.troubled_chats: dict[str, Exception] = {}
        self.tended: list[tuple[Destination, Upkeep]] = []
        """What it looked after, and where."""
        self.told: list[tuple[str, Message]] = []
        """Whom it wrote to in private, and what."""
        self.deaf: Exception | None = None
        """What writing to a person raises."""
        self.door: str | None = None
        """What a link to a button begins with; None where the platform has no such links."""
        self.organisers = {INES.account.user_id}
        self.threads = True
        """Whether this platform has threads; else a discussion is a chain of replies."""
        self.polls = True
        """Whether this platform has polls; else a question has buttons."""

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        delivery = self._take(to, message, key)
        poll = self.polls and any(isinstance(part, Quiz) for part in message.parts)
        self.sent.append(delivery)
        return Sent(f"m{key}", poll_id=f"poll{key}" if poll else None)

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        self.sent.append(self._take(to, thread, key))
        if self.threads:
            return Sent(f"m{key}", thread_id=f"t{key}")
        return Sent(thread.under or "")

    async def find(self, to: Destination, thread: OpenThread, since: int) -> Sent | None:
        return self.opened.get(thread.title)

    async def tend(self, to: Destination, what: Upkeep) -> None:
        if self.troubles and (trouble := self.troubles.popleft()):
            raise trouble
        self.tended.append((to, what))

    async def tell(self, user_id: str, message: Message) -> None:
        if self.deaf:
            raise self.deaf
        self.told.append((user_id, message))

    def link(self, action: Action) -> str | None:
        return f"{self.door}{action.token}" if self.door else None

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        return user_id in self.organisers

    async def partner(self, chat_id: str) -> str | None:
        return self.partners.get(chat_id)

    def _take(self, to: Destination, what: Message | OpenThread, key: int) -> Delivery:
        delivery = Delivery(to, what, key)
        self.attempts.append(delivery)
        trouble = self.troubles.popleft() if self.troubles else self.troubled_chats.get(to.chat_id)
        if trouble:
            raise trouble
        return delivery


@dataclass(frozen=True)
class Heard:
    """A reply as the person who gets it sees it."""

    reply: Reply

    @property
    def text(self) -> str:
        """All the words of the message, as they are read."""
        return read(self.reply.message) if self.reply.message else ""

    @property
    def toast(self) -> str:
        """The short answer to a press."""
        return self.reply.toast

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons under the message, row by row."""
        return buttons(self.reply.message) if self.reply.message else ()

    @property
    def labels(self) -> tuple[str, ...]:
        """What is written on the buttons."""
        return tuple(button.label for button in self.buttons)

    def token(self, label: str) -> str:
        """What a press on a button sends."""
        [found] = [button for button in self.buttons if button.label == label]
        assert found.action is not None
        return found.action.token


class Desk:
    """The house without platforms: what is said, pressed and voted goes straight to the dispatcher."""

    def __init__(
        self,
        folder: Path,
        *,
        messenger: RecordingMessenger | None = None,
        defaults: Defaults | None = None,
        shelf: ContentLibrary | None = None,
    ) -> None:
        self.path = folder / "club.sqlite3"
        self.clock = FakeClock()
        self.messenger = messenger or RecordingMessenger()
        self._defaults = defaults or Defaults(None, "UTC", PLAN)
        self._shelf = shelf or library()

    async def open(self) -> None:
        """Open everything on the file."""
        self.store = SqliteStore()
        await self.store.open(self.path)
        messengers: dict[Platform, Messenger] = {self.messenger.platform: self.messenger}
        tools = Tools(
            self.clock, self.store, self._shelf, words(), self._defaults, load_presets(), messengers
        )
        self.tools, self.dispatcher = tools, Dispatcher(tools)
        self.sender = Sender(
            self.store,
            self.clock,
            self.clock,
            messengers,
            lambda records, post, now: compose(tools, records, post, now),
            follow_up,
            lambda chat, trouble: tell_keeper(tools, chat, trouble),
        )

    async def close(self) -> None:
        """Close the file."""
        await self.store.close()

    async def restart(self) -> None:
        """Open everything anew on the same file, as after a crash."""
        await self.close()
        await self.open()
        await self.sender.recover()

    async def hear(self, who: Person, event: Event, place: Place | None = GROUP) -> Reply | None:
        """Whatever the dispatcher answers to an event. In private everybody may organise."""
        private = place is not None and place.kind is ChatKind.PRIVATE
        return await self.dispatcher.handle(
            Incoming(replace(who, organiser=True) if private else who, place, event)
        )

    async def say(
        self, who: Person, line: str, place: Place = GROUP, mentions: Mapping[str, str] | None = None
    ) -> Heard:
        """Type a command and read the answer."""
        return _heard(await self.hear(who, Said(line, mentions or {}), place))

    async def ask(self, who: Person, path: str, place: Place = GROUP, **options: str) -> Heard:
        """Give a command whose options are told apart already."""
        return _heard(await self.hear(who, Asked(path, options), place))

    async def press(
        self, who: Person, token: str, place: Place = GROUP, message_id: str | None = None
    ) -> Heard:
        """Press a button by its token."""
        return _heard(await self.hear(who, Pressed(token, message_id), place))

    async def do(self, who: Person, verb: Verb, *args: object, place: Place = GROUP) -> Heard:
        """Press a button by what it says."""
        return await self.press(who, action(verb, *args).token, place)

    async def vote(self, who: Person, poll_id: str, choice: int | tuple[int, ...] | None) -> None:
        """Answer a native poll; None takes the answer back."""
        choices = choice if isinstance(choice, tuple) else () if choice is None else (choice,)
        assert await self.hear(who, Voted(poll_id, choices), None) is None

    async def tick(self) -> int:
        """What time asks for now, and its delivery; how many beats were due."""
        due = await hold_due_beats(self.tools)
        await self.sender.deliver()
        return due

    async def pass_time(self, seconds: int) -> int:
        """Let time go by, then tick."""
        self.clock.advance(seconds)
        return await self.tick()

    async def club(self, place: Place = GROUP) -> Club:
        """The club that meets in a place."""
        async with self.store.read() as records:
            chat = await records.chat(self.messenger.platform, place.chat_id)
            assert chat is not None
            club = await records.club(chat.club_id)
        assert club is not None
        return club

    async def found(self, language: ClubLanguage = ClubLanguage.EN, place: Place = GROUP) -> Club:
        """A club in a place, founded by the organiser, who does not join it."""
        host = replace(INES, account=Account(self.messenger.platform, INES.account.user_id))
        await self.hear(host, Arrived(), place)
        await self.say(host, f"/settings language {language}", place)
        return await self.club(place)

    async def posts(self, state: PostState | None = None) -> list[Post]:
        """The ledger, oldest first."""
        async with self.store.read() as records:
            rows = await records.connection.execute_fetchall("SELECT id FROM posts ORDER BY id")
            found = [await records.post(row[0]) for row in rows]
        return [post for post in found if post and state in (None, post.state)]


@asynccontextmanager
async def open_desk(folder: Path, **parts: Any) -> AsyncIterator[Desk]:
    """A desk on a database in a folder, closed when the block ends; `parts` are those of `Desk`."""
    desk = Desk(folder, **parts)
    await desk.open()
    try:
        yield desk
    finally:
        await desk.close()


@cache
def library() -> ContentLibrary:
    """The papers that are shipped."""
    return ContentLibrary.load(files("content"))


@cache
def words() -> Texts:
    """The words that are shipped."""
    return Texts(load_catalogues())


def private(who: Person) -> Place:
    """The talk between somebody and the bot alone."""
    return Place(who.account.user_id, ChatKind.PRIVATE)


def buttons(message: Message) -> tuple[Button, ...]:
    """The buttons of a message, row by row."""
    return tuple(
        button
        for part in message.parts
        if isinstance(part, Buttons | Menu)
        for row in part.rows
        for button in row
    )


def labels(message: Message) -> tuple[str, ...]:
    """What is written on a message's buttons."""
    return tuple(button.label for button in buttons(message))


def read(message: Message) -> str:
    """A message as it is read: its Markdown rendered, its folds opened."""
    return "\n".join(_read(part) for part in message.parts)


def _read(part: Part) -> str:
    match part:
        case Text(markdown):
            return rendered(markdown)
        case Facts(rows):
            return "\n".join(f"{rendered(label)} {rendered(value)}" for label, value in rows)
        case Fold(title, parts):
            return "\n".join([title, *map(_read, parts)])
        case Picture():
            return rendered(part.words)
        case Pointer(label):
            return label
        case Picture(alt=alt):
            return alt
        case Quiz(question, options, note=note):
            return "\n".join([question, *options, *([rendered(note)] if note else [])])
        case Buttons() | Menu() | Picker():
            return ""


_MARKDOWN = MarkdownIt("js-default", {"html": True, "breaks": True})


def rendered(markdown: str) -> str:
    """The text a Markdown renderer shows, with tables, strike-through and raw HTML switched on."""
    return unescape(re.sub(r"<[^>]*>", "", _MARKDOWN.render(markdown))).strip()


def _heard(reply: Reply | None) -> Heard:
    assert reply is not None, "the bot said nothing"
    return Heard(reply)
