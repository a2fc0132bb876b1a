"""A crowd in many groups that says, presses and votes a thousand things, and what must have come of them."""

import random
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import Language
from bot.domain.posts import Draft, PostKind
from bot.messages.actions import Verb, action
from bot.messages.incoming import Place, Sender
from bot.messages.outgoing import Sent
from bot.ports import Passage
from bot.storage.sqlite import SqliteStore
from bot.use_cases import clubs
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.cadence import obey_new_zone_rules
from schedules.clock import SystemClock
from schedules.presets import load_presets
from tests.house import PLAN, library, words
from tests.servers.telegram import Chat, Message, Press, TelegramServer, User

DAY = 86_400
GROUPS = 40
VOTERS, PRESSERS = 10, 10
SHIFTS, JOINS, NOTES, SHOWS = 2, 1, 1, 1
"""How many of a kind come from each group: votes, presses, and commands."""

ASKERS = 40
"""How many ask something in private."""

ALL = GROUPS * (VOTERS + PRESSERS + SHIFTS + JOINS + NOTES + SHOWS) + ASKERS
PAPER = "dropout-2012"
PATIENCE = 40
"""So many commands may wait for their answers before more is said: replies have a pace of their own."""

MADE_UP = "I was restarted while answering you."


@dataclass(frozen=True)
class Club:
    """A group with its poll, its message with a button, and the people who have not acted yet."""

    group: Chat
    row: int
    poll: Message
    offer: Message
    organiser: User
    people: list[User]
    first_at: int


@dataclass
class Crowd:
    """Everybody, on one Telegram and one database file."""

    server: TelegramServer
    folder: Path
    chance: random.Random
    clubs: list[Club] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    lines: list[Message] = field(default_factory=list)
    """The commands and questions."""
    votes: int = 0
    _open: list[Message] = field(default_factory=list)
    """Those that were not answered when last looked at."""

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "paperclub.db"

    async def gather(self) -> None:
        """Found the clubs, whose next beats are weeks away, each with a quiz under way and a paper's post."""
        store, clock = SqliteStore(), SystemClock()
        await store.open(self.file)
        try:
            await self._found_clubs(store, clock)
        finally:
            await store.close()

    async def _found_clubs(self, store: SqliteStore, clock: SystemClock) -> None:
        tools = Tools(clock, store, library(), words(), Defaults(None, "UTC", PLAN), load_presets())
        paper = library().paper(PAPER)
        assert paper
        for number in range(GROUPS):
            people = [
                self.server.user(f"Reader {number}-{each}") for each in range(1 + VOTERS + PRESSERS + 2)
            ]
            organiser, *members = people
            group = self.server.group(f"Club {number}", admins=[organiser], members=members)
            founder = Sender(Account(Platform.TELEGRAM, str(organiser.id)), organiser.name, Language.EN)
            poll = self._bot_says(
                group,
                "sendPoll",
                question=paper.questions[0].ask.en[:200],
                options=[{"text": "One"}, {"text": "Two"}],
                is_anonymous=False,
            )
            token = action(Verb.READ, PAPER).token
            keyboard = {"inline_keyboard": [[{"text": "I’ve read it", "callback_data": token}]]}
            offer = self._bot_says(group, "sendMessage", text="This week", reply_markup=keyboard)
            assert poll.poll
            async with store.write() as records:
                place = Place(str(group.id), ChatKind.GROUP, group.title or "")
                club = await clubs.found(tools, records, founder, place)
                chat = await records.chat(Platform.TELEGRAM, str(group.id))
                standing = await records.standing(club.id)
                assert chat
                assert standing
                later = [replace(beat, next_at=(beat.next_at or 0) + 14 * DAY) for beat in standing.beats]
                await records.pass_time(Passage(beats=[(club.id, beat) for beat in later]))
                round_ = await records.open_round(club.id, PAPER, None, [paper.questions[0].id], clock.now())
                draft = Draft(chat.id, f"{number}", PostKind.QUESTION, PAPER, clock.now(), None, round_.id)
                assert await records.queue(draft)
                post = await records.post_by_key(draft.key)
                assert post
                sent = Sent(str(poll.id), poll_id=poll.poll.id)
                await records.mark_sent(post.id, sent, clock.now())
            first_at = min(beat.next_at for beat in later if beat.next_at)
            self.clubs.append(Club(group, club.id, poll, offer, organiser, members, first_at))
        await obey_new_zone_rules(tools)

    def _bot_says(self, group: Chat, method: str, **parameters: Any) -> Message:
        sent = self.server.api.call(method, {"chat_id": group.id, **parameters})
        return group.messages[sent["message_id"]]

    def acts(self) -> Iterator[None]:
        """Each step is one act of somebody, in an order of chance."""
        steps: list[tuple[str, Club | None]] = [("ask", None)] * ASKERS
        for each in self.clubs:
            steps += [("vote", each)] * VOTERS + [("press", each)] * PRESSERS + [("shift", each)] * SHIFTS
            steps += [("join", each)] * JOINS + [("note", each)] * NOTES + [("show", each)] * SHOWS
        self.chance.shuffle(steps)
        assert len(steps) == ALL
        for number, (what, club) in enumerate(steps):
            self._act(what, club, number)
            yield

    def _act(self, what: str, club: Club | None, number: int) -> None:
        if club is None:
            asker = self.server.user(f"Asker {number}")
            self._say(self.server.private(asker), asker, "/progress")
            return
        match what:
            case "vote":
                self.server.vote(club.poll, club.people.pop(), [self.chance.randrange(2)])
                self.votes += 1
            case "press":
                self.presses.append(self.server.press(club.offer, club.people.pop(), "I’ve read it"))
            case "shift":
                self._say(club.group, club.organiser, "/schedule shift 1")
            case "join":
                self._say(club.group, club.people.pop(), "/join")
            case "note":
                self._say(club.group, club.people.pop(), f"/read read {PAPER} note {number}")
            case "show":
                self._say(club.group, club.organiser, "/paper today")

    def _say(self, chat: Chat, user: User, line: str) -> None:
        said = self.server.say(chat, user, line)
        self.lines.append(said)
        self._open.append(said)

    def all_done(self) -> bool:
        """Whether everything was said, confirmed and answered."""
        everything = len(self.lines) + len(self.presses) + self.votes == ALL
        pressed = all(press.answered.done() for press in self.presses)
        return everything and not self.server.updates.pending and pressed and not self.unanswered()

    # What came of it

    def answers_to(self, said: Message) -> list[str]:
        """What the bot said to a command or question: first lines only, as an answer may go on."""
        return [
            message.text
            for message in self.server.messages(said.chat)
            if said.chat.private or message.reply_to is said
        ]

    def unanswered(self) -> int:
        """How many commands and questions nothing was said to."""
        self._open = [said for said in self._open if not self.answers_to(said)]
        return len(self._open)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            return connection.execute(question).fetchall()

    def shifts(self) -> Mapping[int, float]:
        """By how many days each club's time was moved."""
        first = dict(self.ask("SELECT club_id, min(next_at) FROM beats GROUP BY club_id"))
        return {club.row: (first[club.row] - club.first_at) / DAY for club in self.clubs}

    def counts(self, table: str) -> Mapping[int, int]:
        """How many rows of a table each club of the crowd has."""
        found = dict(self.ask(f"SELECT club_id, count(*) FROM {table} GROUP BY 1"))  # noqa: S608  # our own
        return {club.row: found.get(club.row, 0) for club in self.clubs}

    def founded_in_private(self) -> int:
        """How many clubs there are beside those of groups and of the web room."""
        other = "SELECT club_id FROM chats WHERE platform = 'web'"
        [(clubs,)] = self.ask(f"SELECT count(*) FROM clubs WHERE id NOT IN ({other})")  # noqa: S608
        return int(clubs) - len(self.clubs)


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
