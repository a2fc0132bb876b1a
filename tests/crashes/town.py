"""Clubs on both platforms at once, the real program that serves them, and what stands in their chats."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bot.delivery.sender import LONGEST_WAIT
from bot.domain.cadence import BeatKind
from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import Language
from bot.domain.posts import Post, PostKind, PostState
from bot.messages.incoming import Place, Sender
from bot.messages.markup import flat
from bot.messages.outgoing import Message, OpenThread, Quiz, Text, Upkeep
from bot.platforms.discord.limits import NONCE_SECONDS
from bot.ports import Passage
from bot.storage.sqlite import SqliteStore
from bot.use_cases import clubs
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.cadence import obey_new_zone_rules
from bot.use_cases.posts import compose
from schedules.clock import SystemClock
from schedules.presets import load_presets
from tests.crashes.reaper import Reaper
from tests.house import PLAN, library, words
from tests.processes import Running, running
from tests.servers.discord import Channel, DiscordServer
from tests.servers.telegram import Chat, TelegramServer

TELEGRAM_TOKEN = "123456:TEST-token-of-nobody"
DISCORD_TOKEN = "MTIzNDU2.TEST-token.of-nobody"

PRESETS = load_presets()
WEEK = (BeatKind.PAPER, BeatKind.PROMPT, BeatKind.QUIZ, BeatKind.RECAP)
SENDS = ("sendMessage", "sendPhoto", "sendPoll", "createForumTopic", "getChat")

SETTLE_SECONDS = 600
"""How long, in real seconds, the process may take to send everything once nothing goes wrong any more: a
group gets 20 messages a minute, and may lack many."""


@dataclass
class Town:
    """Some clubs on Telegram, as many on Discord, and one that meets on both; one database file."""

    folder: Path
    reaper: Reaper
    telegram: TelegramServer
    discord: DiscordServer
    groups: dict[str, Chat] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    begun: dict[int, int] = field(default_factory=dict)
    """How many beats of each club were made due."""
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "paperclub.db"

    @asynccontextmanager
    async def tools(self) -> AsyncIterator[Tools]:
        """The house on the file, without platforms; only while no process serves it."""
        store = SqliteStore()
        await store.open(self.file)
        try:
            yield Tools(self.clock, store, library(), words(), Defaults(None, "UTC", PLAN), PRESETS)
        finally:
            await store.close()

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Running]:
        """A life of the real program, serving both platforms."""
        settings = {
            "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_API_URL": self.telegram.url,
            "DISCORD_TOKEN": DISCORD_TOKEN,
            "DISCORD_API_URL": self.discord.api_url,
            "PAPERCLUB_WEB": "off",
        }
        async with running(self.folder, settings) as program:
            yield program

    # Clubs and their time

    async def settle_down(self, clubs_each: int) -> None:
        """Found the clubs: groups of all kinds on Telegram, channels of one server on Discord."""
        guild = self.discord.guild("Town", channels=[f"club-{n}" for n in range(clubs_each + 1)])
        for channel in guild.channels.values():
            self.channels[str(channel.id)] = channel
        founder = self.telegram.user("Founder")
        for number in range(clubs_each + 1):
            if number % 3 == 2:
                group = self.telegram.basic_group(f"Club {number}", admins=[founder])
            else:
                forum = number % 3 == 0
                group = self.telegram.group(f"Club {number}", admins=[founder], forum=forum, bot=None)
                rights = ["can_manage_topics"] if forum else []
                self.telegram.add_bot(group, by=founder, rights=rights)
            self.groups[str(group.id)] = group
        async with self.tools() as tools:
            last: int | None = None
            for chat_id, group in self.groups.items():
                place = Place(chat_id, ChatKind.GROUP, group.title or "", topics=group.forum)
                last = await self._found(tools, Platform.TELEGRAM, place)
            for number, chat_id in enumerate(self.channels):
                place = Place(chat_id, ChatKind.GROUP, f"Channel {number}")
                if number == clubs_each and last is not None:
                    async with tools.store.write() as records:
                        await records.add_chat(last, Platform.DISCORD, chat_id, ChatKind.GROUP, False)
                else:
                    await self._found(tools, Platform.DISCORD, place)
            # Else the first start would put beats that are made due back to their own times.
            await obey_new_zone_rules(tools)

    async def _found(self, tools: Tools, platform: Platform, place: Place) -> int:
        language = (Language.EN, Language.ZH)[len(self.begun) % 2]
        sender = Sender(Account(platform, "77"), "Founder", language, organiser=True)
        async with tools.store.write() as records:
            club = await clubs.found(tools, records, sender, place)
        self.begun[club.id] = 0
        return club.id

    async def go_on(self) -> None:
        """Make the next beat of each club due that has held all of those before; and let what waits for a
        better time be tried now."""
        async with self.tools() as tools, tools.store.write() as records:
            now, passage = self.clock.now(), Passage()
            for club_id, begun in self.begun.items():
                standing = await records.standing(club_id)
                if standing is None or any((beat.next_at or now + 1) <= now for beat in standing.beats):
                    continue
                beat = next(each for each in standing.beats if each.kind is WEEK[begun % len(WEEK)])
                passage.beats.append((club_id, replace(beat, next_at=now - 1)))
                self.begun[club_id] += 1
            await records.pass_time(passage)
        self._run("UPDATE posts SET not_before = due_at WHERE state = 'pending'")
        self.check_young()

    async def settle(self) -> None:
        """Let nothing go wrong until all that is due stands where it belongs."""
        self.reaper.quiet = True
        self._run("UPDATE posts SET not_before = due_at WHERE state = 'pending'")
        async with self.process() as program:
            await program.until_logged("telegram is served")
            await program.until_logged("discord is served")
            async with asyncio.timeout(SETTLE_SECONDS):
                while not self.settled():  # noqa: ASYNC110  # another process's file tells of no event
                    await asyncio.sleep(0.05)
            assert await program.stop() == 0
        self.reaper.quiet = False
        self.check_young()

    def settled(self) -> bool:
        """Whether nothing is due or under way."""
        waiting = "SELECT count(*) FROM posts WHERE state IN ('pending', 'sending')"
        due = f"SELECT count(*) FROM beats WHERE next_at <= {self.clock.now()}"  # noqa: S608  # a number
        return self._ask(waiting) == self._ask(due) == [(0,)]

    def check_young(self) -> None:
        """On Discord a post may be sent again for as long as its nonce is known, so none is given up before
        the next attempt would come too late."""
        now = self.clock.now()
        unknown = self._ask(
            "SELECT id, claimed_at, attempts FROM posts WHERE platform = 'discord' AND state = 'unknown'"
        )
        young = [
            post_id
            for post_id, claimed_at, attempts in unknown
            if now - claimed_at + min(2**attempts, LONGEST_WAIT) < NONCE_SECONDS
        ]
        assert young == [], "given up while Discord would have known them again"

    def _ask(self, question: str) -> list[tuple[Any, ...]]:
        """Look without a trace: the next process finds the file just as a killed one left it."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            return connection.execute(question).fetchall()

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.file, timeout=30)) as connection, connection:
            return connection.execute(statement).fetchall()

    # What there is in the end

    def sound(self) -> bool:
        """Whether SQLite finds its file whole."""
        return self._ask("PRAGMA integrity_check") == [("ok",)]

    def reasons(self) -> list[tuple[Any, ...]]:
        """The posts that failed, and why; upkeep may be refused for want of a right."""
        failed = self._ask("SELECT key, reason, kind FROM posts WHERE state = 'failed'")
        return [(key, reason) for key, reason, kind in failed if not PostKind(kind).upkeep]

    async def posts(self, *states: PostState) -> list[Post]:
        """What the ledger says in the chats, oldest first."""
        ids = [row[0] for row in self._ask("SELECT id FROM posts ORDER BY id")]
        async with self.tools() as tools, tools.store.read() as records:
            found = [await records.post(post_id) for post_id in ids]
        said = [post for post in found if post and not post.kind.upkeep]
        return [post for post in said if not states or post.state in states]

    async def renew(self, posts: list[Post]) -> None:
        """What an organiser does who presses *Send again*."""
        async with self.tools() as tools, tools.store.write() as records:
            for post in posts:
                await records.renew(post.id, self.clock.now())

    async def copies(self, posts: list[Post]) -> dict[int, int]:
        """How often each post can be seen in its chat."""
        async with self.tools() as tools, tools.store.read() as records:
            return {
                post.id: self._copies(post, (await compose(tools, records, post, post.due_at))[1])
                for post in posts
            }

    def _copies(self, post: Post, what: Message | OpenThread | Upkeep) -> int:
        assert not isinstance(what, Upkeep), "upkeep cannot be seen in a chat"
        if post.chat.platform is Platform.DISCORD:
            return self._in_channel(self.channels[post.chat.chat_id], post, what)
        return self._in_group(self.groups[post.chat.chat_id], what)

    def _in_channel(self, channel: Channel, post: Post, what: Message | OpenThread) -> int:
        """A message by its nonce, a thread by its title."""
        threads = self.discord.threads(channel)
        if isinstance(what, OpenThread):
            return sum(thread.name == what.title for thread in threads)
        places = (channel, *threads)
        return sum(each.nonce == str(post.id) for place in places for each in self.discord.messages(place))

    def _in_group(self, group: Chat, what: Message | OpenThread) -> int:
        """A message by its first line, a question by its words, a topic by its title. A discussion that is
        a chain of replies is begun without a message."""
        if isinstance(what, OpenThread):
            return sum(topic.name == what.title for topic in group.topics.values()) if group.forum else 1
        said = self.telegram.messages(group)
        asked = [part.question for part in what.parts if isinstance(part, Quiz)]
        if asked:
            return sum(each.poll is not None and asked[0] in each.poll.question for each in said)
        first = next(part for part in what.parts if isinstance(part, Text))
        line = flat(first.markdown.splitlines()[0])
        return sum(line in each.text.replace("\u2060", "") for each in said)

    def out_of_order(self, posts: set[int]) -> Iterator[tuple[int, int]]:
        """Those of some posts that came to a channel of Discord the wrong way round, as neighbours."""
        for channel in self.channels.values():
            for place in (channel, *self.discord.threads(channel)):
                given = (str(message.nonce) for message in self.discord.messages(place))
                # What is no post has a nonce of letters and digits.
                nonces = [int(nonce) for nonce in given if nonce.isdecimal()]
                came = [nonce for nonce in nonces if nonce in posts]
                yield from ((a, b) for a, b in pairwise(came) if a > b)

    async def weeks(self) -> dict[int, int]:
        """How many weeks each club has opened."""
        async with self.tools() as tools, tools.store.read() as records:
            latest = {club_id: await records.latest_week(club_id) for club_id in self.begun}
        return {club_id: week.number if week else 0 for club_id, week in latest.items()}


@asynccontextmanager
async def open_town(folder: Path, reaper: Reaper, clubs_each: int) -> AsyncIterator[Town]:
    """A town whose servers tell the reaper of every call that sends something."""
    async with AsyncExitStack() as servers:
        telegram = await servers.enter_async_context(TelegramServer(token=TELEGRAM_TOKEN))
        discord = DiscordServer(token=DISCORD_TOKEN)
        await discord.start()
        servers.push_async_callback(discord.stop)
        telegram.mischief = _of_sends(reaper, lambda call: call in SENDS)
        discord.mischief = _of_sends(reaper, lambda call: call.startswith("POST /channels/"))
        town = Town(folder, reaper, telegram, discord)
        await town.settle_down(clubs_each)
        yield town


def _of_sends(reaper: Reaper, sends: Callable[[str], bool]) -> Callable[[str], str | None]:
    return lambda call: reaper.heard(call) if sends(call) else None
