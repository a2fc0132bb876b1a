"""Two processes on one PostgreSQL: the one that serves is killed -9 again and again, and the other goes on.

`make takeover` does so 50 times; TAKEOVER_KILLS is how often. Posts become due all the while, on both
platforms. In the end each stands in its chat once, except that Telegram cannot tell a repetition: a post that
was on its way in the moment of a kill is left *unknown*, and the test looks whether it arrived, as an
organiser would.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from bot.domain.clubs import ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, PostKind, PostState
from bot.storage.postgres import PostgresStore
from tests.house import PLAN, library
from tests.processes import Running, running
from tests.servers.discord import Channel, DiscordServer
from tests.servers.postgres import postgres
from tests.servers.telegram import Chat, TelegramServer

KILLS = int(os.environ.get("TAKEOVER_KILLS", "4"))

CHATS = 30
"""How many groups and channels there are of each; every one gets at most one post between two kills."""

DUE = 6
"""How many posts become due on each platform between two kills."""


@dataclass
class House:
    """The processes, the servers they talk to, and the database they share."""

    telegram: TelegramServer
    discord: DiscordServer
    store: PostgresStore
    address: str
    folder: Path
    groups: list[Chat] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    rows: dict[int, Chat | Channel] = field(default_factory=dict)
    queued: Counter[tuple[int, str]] = field(default_factory=Counter)

    async def furnish(self) -> None:
        """A club in each group and channel, none of which has a cadence."""
        guild = self.discord.guild("Readers", channels=[f"room-{number}" for number in range(CHATS)])
        self.channels = [guild.channel(f"room-{number}") for number in range(CHATS)]
        self.groups = [self.telegram.group(f"Group {number}") for number in range(CHATS)]
        async with self.store.write() as records:
            for platform, places in (("telegram", self.groups), ("discord", self.channels)):
                for place in places:
                    club_id = await records.add_club("Readers", ClubLanguage.EN, "UTC", PLAN, 1)
                    row = await records.add_chat(
                        club_id, Platform(platform), str(place.id), ChatKind.GROUP, False
                    )
                    self.rows[row] = place

    async def queue(self, turn: int) -> None:
        """Let the next posts become due in the next chats: each paper's once in each."""
        plan = library().plans()[0]
        rows = sorted(self.rows)
        async with self.store.write() as records:
            for chats in (rows[:CHATS], rows[CHATS:]):
                for step in range(turn * DUE, turn * DUE + DUE):
                    chat, paper_id = chats[step % CHATS], plan.papers[step // CHATS % len(plan.papers)]
                    draft = Draft(chat, f"{chat}:{paper_id}", PostKind.PROMPT, paper_id, int(time.time()))
                    assert await records.queue(draft)
                    self.queued[chat, paper_id] += 1

    async def until_some_more_were_taken(self, platform: Platform, more: int) -> None:
        """Return as soon as a platform has taken so many posts more."""
        rows = [
            row for row, place in self.rows.items() if isinstance(place, Chat) == (platform == "telegram")
        ]

        def taken() -> int:
            return sum(len(self.said(row)) for row in rows)

        goal = taken() + more
        server = self.telegram if platform == Platform.TELEGRAM else self.discord
        await server.until(lambda: taken() >= goal, within=60)

    def said(self, row: int) -> list[str]:
        """What stands in a chat."""
        place = self.rows[row]
        if isinstance(place, Chat):
            return [message.text for message in self.telegram.messages(place)]
        return [message.text.replace("\\", "") for message in self.discord.messages(place)]

    def times(self, row: int, paper_id: str) -> int:
        """How often a paper's post stands in a chat."""
        paper = library().paper(paper_id)
        assert paper
        return sum(paper.title.en in words for words in self.said(row))

    async def states(self) -> Counter[str]:
        """The ledger by state."""
        async with self.store.read() as records:
            rows = await records.connection.execute_fetchall("SELECT state FROM posts")
        return Counter(state for (state,) in rows)

    async def settle(self) -> None:
        """Return when every post has an outcome."""
        for _ in range(1200):
            states = await self.states()
            if not (states[PostState.PENDING] or states[PostState.SENDING]):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the posts do not come to rest")

    async def renew_what_is_missing(self) -> tuple[int, int]:
        """What an organiser does who looks into the chats; how many were unknown and how many missing."""
        missing = 0
        async with self.store.write() as records:
            rows = await records.connection.execute_fetchall(
                "SELECT id, chat_id, paper_id FROM posts WHERE state = 'unknown'"
            )
            unknown = list(rows)
            for post_id, chat, paper_id in unknown:
                if not self.times(chat, paper_id):
                    await records.renew(post_id, int(time.time()))
                    missing += 1
        return len(unknown), missing


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    server = postgres()
    address = server.new_address()
    await server.make(address)
    store = PostgresStore()
    await store.open(address)
    telegram, discord = TelegramServer(), DiscordServer()
    await telegram.start()
    await discord.start()
    house = House(telegram, discord, store, address, tmp_path)
    await house.furnish()
    yield house
    await telegram.stop()
    await discord.stop()
    await store.close()
    await server.drop(address)


async def start(house: House, programs: AsyncExitStack) -> Running:
    """One more process that would serve both platforms."""
    folder = house.folder / str(time.monotonic_ns())
    folder.mkdir()
    settings = {
        "PAPERCLUB_DATABASE": house.address,
        "PAPERCLUB_WEB": "off",
        "TELEGRAM_TOKEN": house.telegram.token,
        "TELEGRAM_API_URL": house.telegram.url,
        "DISCORD_TOKEN": house.discord.token,
        "DISCORD_API_URL": house.discord.api_url,
    }
    program = await programs.enter_async_context(running(folder, settings))
    await program.until_open()
    return program


@pytest.mark.timeout(120 + 30 * KILLS)
async def test_every_post_arrives_once_however_often_the_leader_is_killed(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kills come while posts are on their way; the next leader is at work within moments."""
    chance = random.Random(50)
    takeovers: list[float] = []
    async with AsyncExitStack() as programs:
        leader = await start(house, programs)
        await leader.until_logged("telegram is served")
        await leader.until_logged("discord is served")
        for turn in range(KILLS):
            follower = await start(house, programs)
            for platform in ("telegram", "discord"):
                await follower.until_logged(f"another Paperclub serves {platform}; this one stands by")
            await house.queue(turn)
            on = chance.choice((Platform.TELEGRAM, Platform.DISCORD))
            await house.until_some_more_were_taken(on, chance.randint(1, DUE))
            leader.process.kill()
            killed = time.monotonic()
            await follower.until_logged("telegram is served")
            await follower.until_logged("discord is served")
            await house.telegram.until(lambda: house.telegram.updates.polled)
            takeovers.append(time.monotonic() - killed)
            leader = follower
        await house.settle()
        unknown, missing = await house.renew_what_is_missing()
        await house.settle()
        states = await house.states()
        assert await leader.stop() == 0
    with capsys.disabled():
        print(
            f"\n{KILLS} kills, {sum(house.queued.values())} posts: {unknown} unknown, of which {missing} had"
            f" not arrived; takeover in {median(takeovers):.2f} s, at most {max(takeovers):.2f} s"
        )
    assert {place: house.times(*place) for place in house.queued} == dict.fromkeys(house.queued, 1)
    assert states[PostState.FAILED] == 0
    assert states[PostState.UNKNOWN] == unknown - missing
    assert [call for call in house.telegram.calls if call.status == 409] == []
    assert house.telegram.violations == []
    assert house.discord.violations == []
