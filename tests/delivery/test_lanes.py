"""The lanes: nothing that is slow or down holds up anything else, and nothing goes out before its turn."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.delivery.lane import LEASE
from bot.delivery.places import FIRST_PAUSE, PLACES
from bot.delivery.sender import Sender
from bot.domain.clubs import ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, Post, PostKind, PostState
from bot.messages.outgoing import Destination, Message, OpenThread, Sent, Text
from bot.platforms.pace import Limits, Pace
from bot.ports import Ambiguous, Messenger, NotSent, Records, Timer
from bot.storage.records import SqlRecords
from bot.storage.sqlite import SqliteStore
from tests.house import PLAN, FakeClock, HandTimer, RecordingMessenger

LIMITS = Limits(per_second=25, in_any_second=28, chat_gap=1.0, group_minute=19, kept_for_replies=4)
SLOT = 1 / LIMITS.per_second


async def compose(records: Records, post: Post, now: int) -> tuple[Destination, Message | OpenThread]:
    """Every post says its key."""
    return Destination(post.chat.chat_id), Message((Text(post.key),))


class GatedMessenger(RecordingMessenger):
    """Takes posts, but answers those to some chats only when they are let go."""

    def __init__(self, platform: Platform = Platform.TELEGRAM, pace: Pace | None = None) -> None:
        super().__init__(platform)
        self.pace = pace
        self.held: set[str] = set()
        self.attempts_in: list[str] = []
        """The chats of all attempts that have begun, in their order."""
        self.gate = asyncio.Event()
        self.begun = asyncio.Condition()

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        async with self.begun:
            self.attempts_in.append(to.chat_id)
            self.begun.notify_all()
        if to.chat_id in self.held:
            await self.gate.wait()
        return await super().send(to, message, key)

    async def until(self, enough: Callable[[], bool]) -> None:
        """Return when so much has begun."""
        async with asyncio.timeout(10), self.begun:
            await self.begun.wait_for(enough)


class CountingStore(SqliteStore):
    """Counts the write transactions."""

    writes = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlRecords]:
        self.writes += 1
        async with super().write() as records:
            yield records


class Yard:
    """A ledger with posts, the sender, and the messengers it may use."""

    def __init__(self, store: CountingStore) -> None:
        self.store = store
        self.clock = FakeClock()
        self.messengers: dict[Platform, Messenger] = {}

    def sender(self, *messengers: RecordingMessenger, timer: Timer | None = None) -> Sender:
        """A sender over these messengers."""
        self.messengers |= {messenger.platform: messenger for messenger in messengers}
        return Sender(self.store, self.clock, timer or self.clock, self.messengers, compose)

    async def queue(
        self, chats: int, posts: int = 1, platform: Platform = Platform.TELEGRAM, name: str = "c"
    ) -> None:
        """So many posts, due now, in each of so many chats."""
        async with self.store.write() as records:
            club_id = await records.add_club("Readers", ClubLanguage.EN, "UTC", PLAN, 0)
            for chat in range(chats):
                known = f"{name}{chat}"
                await records.add_chat(club_id, platform, known, ChatKind.GROUP, False)
                row = await records.chat(platform, known)
                assert row
                for post in range(posts):
                    key = f"{platform}:{known}:{post}"
                    await records.queue(Draft(row.id, key, PostKind.PROMPT, "adam", self.clock.now()))

    async def states(self) -> Counter[str]:
        """How many posts have each fate."""
        rows = await self.rows("SELECT state, COUNT(*) FROM posts GROUP BY state")
        return Counter(dict(rows))

    async def rows(self, sql: str) -> list[Any]:
        """What a statement finds."""
        async with self.store.read() as records:
            return list(await records.connection.execute_fetchall(sql))


@pytest_asyncio.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    store = CountingStore()
    await store.open(tmp_path / "club.sqlite3")
    yield Yard(store)
    await store.close()


@asynccontextmanager
async def running(sender: Sender) -> AsyncIterator[None]:
    """The sender at work, stopped in the end."""
    task = asyncio.create_task(sender.run())
    try:
        yield
    finally:
        sender.stop()
        async with asyncio.timeout(10):
            await task


async def settle() -> None:
    """Let every task and the database's thread get as far as they can."""
    for _ in range(50):
        await asyncio.sleep(0.001)


# Nothing holds up anything else


async def test_a_chat_that_does_not_answer_holds_up_no_other(yard: Yard) -> None:
    """All the other chats get all of their posts meanwhile, not just the next one."""
    messenger = GatedMessenger()
    messenger.held = {"c0"}
    await yard.queue(chats=5, posts=3)
    async with running(yard.sender(messenger)):
        await messenger.until(lambda: len(messenger.attempts_in) == 13)
        assert Counter(messenger.attempts_in) == {"c0": 1, "c1": 3, "c2": 3, "c3": 3, "c4": 3}
        messenger.gate.set()
        await messenger.until(lambda: len(messenger.attempts_in) == 15)


async def test_a_platform_that_does_not_answer_holds_up_no_other(yard: Yard) -> None:
    """Although more posts wait for it than may be under way at once."""
    slow, quick = GatedMessenger(Platform.TELEGRAM), GatedMessenger(Platform.DISCORD)
    slow.held = {f"c{number}" for number in range(PLACES + 20)}
    await yard.queue(chats=PLACES + 20)
    await yard.queue(chats=30, posts=2, platform=Platform.DISCORD)
    async with running(yard.sender(slow, quick)):
        await quick.until(lambda: len(quick.attempts_in) == 60)
        await slow.until(lambda: len(slow.attempts_in) == PLACES)
        await settle()
        assert len(slow.attempts_in) == PLACES
        slow.gate.set()
        await slow.until(lambda: len(slow.attempts_in) == PLACES + 20)


async def test_what_is_queued_while_posts_are_under_way_does_not_wait_for_them(yard: Yard) -> None:
    messenger = GatedMessenger()
    messenger.held = {"c0"}
    await yard.queue(chats=1)
    sender = yard.sender(messenger)
    async with running(sender):
        await messenger.until(lambda: messenger.attempts_in == ["c0"])
        await yard.queue(chats=1, name="later")
        sender.wake()
        await messenger.until(lambda: messenger.attempts_in == ["c0", "later0"])
        messenger.gate.set()
        await sender.settled()
        assert await yard.states() == {"sent": 2}


async def test_a_post_that_ends_while_the_ledger_is_read_makes_it_be_read_again(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found then says that the chat has a post under way, which is no longer so."""
    messenger = GatedMessenger()
    messenger.held = {"c0"}
    await yard.queue(chats=1, posts=2)
    real, looks = SqlRecords.due_posts, 0

    async def slow(records: SqlRecords, *args: Any) -> Sequence[Post]:
        nonlocal looks
        looks += 1
        found = await real(records, *args)
        if looks == 2:
            await messenger.until(lambda: bool(messenger.attempts_in))
            messenger.gate.set()
            while not (await yard.states())["sent"]:  # noqa: ASYNC110  # as nothing tells
                await asyncio.sleep(0)
        return found

    monkeypatch.setattr(SqlRecords, "due_posts", slow)
    assert await yard.sender(messenger).deliver() == 2
    assert await yard.states() == {"sent": 2}


async def test_a_platform_that_opens_and_closes_while_it_runs_is_served_meanwhile(yard: Yard) -> None:
    sender = yard.sender()
    await yard.queue(chats=2)
    async with running(sender), asyncio.timeout(10):
        await sender.settled()
        yard.messengers[Platform.TELEGRAM] = GatedMessenger()
        sender.wake()
        await sender.settled()
        assert await yard.states() == {"sent": 2}
        del yard.messengers[Platform.TELEGRAM]
        await yard.queue(chats=1, name="later")
        sender.wake()
        await sender.settled()
        assert await yard.states() == {"sent": 2, "pending": 1}


async def test_a_platform_out_of_order_gets_a_bounded_number_of_posts(yard: Yard) -> None:
    """Each of them is left to people, so an outage must not use up a thousand. Then all others go out."""
    messenger = GatedMessenger()
    await yard.queue(chats=PLACES + 50)
    messenger.troubled_chats = {f"c{number}": Ambiguous("read time-out") for number in range(PLACES + 50)}
    sender = yard.sender(messenger)
    await sender.deliver()
    assert await yard.states() == {"unknown": PLACES, "pending": 50}
    for tries in (1, 2):
        yard.clock.advance(int(FIRST_PAUSE) * tries)
        await sender.deliver()
        assert await yard.states() == {"unknown": PLACES + tries, "pending": 50 - tries}
    messenger.troubled_chats.clear()
    yard.clock.advance(600)
    await sender.deliver()
    assert await yard.states() == {"unknown": PLACES + 2, "sent": 48}


async def test_an_idle_second_writes_nothing(yard: Yard) -> None:
    sender = yard.sender(GatedMessenger(), GatedMessenger(Platform.DISCORD))
    async with running(sender):
        for _ in range(5):
            sender.wake()
            await sender.settled()
    assert yard.store.writes == 0


# In its turn


async def test_posts_are_taken_only_when_they_can_be_sent(yard: Yard) -> None:
    """Whenever the process dies, no more than a few are on their way."""
    timer = HandTimer()
    messenger = GatedMessenger(pace=Pace(timer, LIMITS))
    await yard.queue(chats=100)
    async with running(yard.sender(messenger, timer=timer)):
        await messenger.until(lambda: len(messenger.attempts_in) == 6)
        for number in range(7, 20):
            await settle()
            assert len(messenger.attempts_in) == number - 1
            assert (await yard.states())["sending"] == 0
            timer.advance(SLOT)
            await messenger.until(lambda: len(messenger.attempts_in) == number)  # noqa: B023  # at once


async def test_a_reply_goes_before_every_post_that_waits(yard: Yard) -> None:
    timer = HandTimer()
    pace = Pace(timer, LIMITS)
    messenger = GatedMessenger(pace=pace)
    await yard.queue(chats=100)
    async with running(yard.sender(messenger, timer=timer)):
        await messenger.until(lambda: len(messenger.attempts_in) == 6)
        await settle()
        reply = asyncio.create_task(pace.turn("somebody"))
        await settle()
        timer.advance(SLOT)
        async with asyncio.timeout(10):
            await reply
        await settle()
        assert len(messenger.attempts_in) == 6
        timer.advance(SLOT)
        await messenger.until(lambda: len(messenger.attempts_in) == 7)


async def test_a_chat_that_must_wait_long_is_put_off_on_record_and_the_others_go_on(yard: Yard) -> None:
    """So a look into the ledger never wades through chats that cannot be written to."""
    pace = Pace(yard.clock, Limits(per_second=1e6, in_any_second=1000, chat_gap=60))
    messenger = GatedMessenger(pace=pace)
    await yard.queue(chats=300)
    for number in range(250):
        pace.take(f"c{number}")
    sender = yard.sender(messenger)
    await sender.deliver()
    assert sorted(messenger.attempts_in) == sorted(f"c{number}" for number in range(250, 300))
    assert await yard.rows("SELECT COUNT(*) FROM posts WHERE not_before > due_at") == [(250,)]
    yard.clock.advance(61)
    await sender.deliver()
    assert await yard.states() == {"sent": 300}


async def test_a_bot_that_must_wait_leaves_the_ledger_alone(yard: Yard) -> None:
    pace = Pace(yard.clock, LIMITS)
    pace.flooded("a", 60)
    pace.flooded("b", 60)
    messenger = GatedMessenger(pace=pace)
    await yard.queue(chats=3)
    sender, written = yard.sender(messenger), yard.store.writes
    await sender.deliver()
    assert (messenger.attempts_in, yard.store.writes) == ([], written)
    yard.clock.advance(60)
    await sender.deliver()
    assert await yard.states() == {"sent": 3}


async def test_a_group_gets_its_posts_apart_and_no_more_than_fit_in_a_minute(yard: Yard) -> None:
    messenger = GatedMessenger(pace=Pace(yard.clock, LIMITS, is_group=lambda chat: True))
    await yard.queue(chats=1, posts=20)
    sender = yard.sender(messenger)
    begun = yard.clock.monotonic()
    await sender.deliver()
    assert len(messenger.attempts_in) == 15
    assert yard.clock.monotonic() - begun >= 14
    yard.clock.advance(60)
    await sender.deliver()
    keys = [delivery.key for delivery in messenger.sent]
    assert keys == sorted(keys)
    assert len(keys) == 20


# Whose a post is


async def test_a_post_that_is_under_way_here_is_never_settled_as_a_dead_process_s(yard: Yard) -> None:
    messenger = GatedMessenger()
    messenger.held = {"c0"}
    await yard.queue(chats=1)
    sender = yard.sender(messenger)
    async with running(sender):
        await messenger.until(lambda: messenger.attempts_in == ["c0"])
        yard.clock.advance(10 * LEASE)
        sender.wake()
        await settle()
        await sender.recover([Platform.TELEGRAM])
        assert await yard.states() == {"sending": 1}
        messenger.gate.set()
        await sender.settled()
    assert await yard.states() == {"sent": 1}
    assert messenger.attempts_in == ["c0"]


async def test_an_outcome_that_cannot_be_recorded_is_neither_lost_nor_repeated(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The message has arrived, and for an hour the disk is full."""

    @asynccontextmanager
    async def no_room() -> AsyncIterator[Records]:
        raise OSError("disk full")
        yield

    messenger = GatedMessenger()
    messenger.held = {"c0"}
    await yard.queue(chats=2, posts=2)
    sender = yard.sender(messenger)
    with caplog.at_level(logging.INFO):
        async with running(sender):
            await messenger.until(lambda: Counter(messenger.attempts_in) == {"c0": 1, "c1": 2})
            with monkeypatch.context() as trouble:
                trouble.setattr(yard.store, "write", no_room)
                messenger.gate.set()
                for _ in range(4):
                    yard.clock.advance(15 * LEASE)
                    sender.wake()
                    await sender.settled()
                assert await yard.states() == {"sending": 1, "pending": 1, "sent": 2}
            sender.wake()
            await sender.settled()
    assert await yard.states() == {"sent": 4}
    assert len(messenger.sent) == 4
    assert caplog.text.count("cannot be recorded") == 1


async def test_what_was_cut_off_by_losing_the_platform_is_settled_when_it_is_back(yard: Yard) -> None:
    """Whoever serves the platform next finds the post under way, and decides."""
    messenger = GatedMessenger()
    messenger.held = {"c0"}
    messenger.troubled_chats["c0"] = Ambiguous("closed")
    await yard.queue(chats=1)
    sender = yard.sender(messenger)
    async with running(sender):
        await messenger.until(lambda: messenger.attempts_in == ["c0"])
        del yard.messengers[Platform.TELEGRAM]
        messenger.gate.set()
        await sender.settled()
        assert await yard.states() == {"sending": 1}
        yard.messengers[Platform.TELEGRAM] = messenger
        await sender.recover([Platform.TELEGRAM])
    assert await yard.states() == {"unknown": 1}


async def test_only_the_platforms_that_were_gained_are_recovered(yard: Yard) -> None:
    await yard.queue(chats=1)
    await yard.queue(chats=1, platform=Platform.DISCORD)
    async with yard.store.write() as records:
        for platform in (Platform.TELEGRAM, Platform.DISCORD):
            due = await records.due_posts(platform, yard.clock.now(), 9)
            await records.take(due, yard.clock.now(), LEASE)
    sender = yard.sender(GatedMessenger(), GatedMessenger(Platform.DISCORD))
    await sender.recover([Platform.DISCORD])
    assert await yard.rows("SELECT platform, state FROM posts ORDER BY id") == [
        ("telegram", "sending"),
        ("discord", "unknown"),
    ]


async def test_what_surely_did_not_leave_takes_no_harm_from_a_lost_platform(yard: Yard) -> None:
    messenger = GatedMessenger()
    messenger.held = {"c0"}
    messenger.troubled_chats["c0"] = NotSent("closed")
    await yard.queue(chats=1)
    sender = yard.sender(messenger)
    async with running(sender):
        await messenger.until(lambda: messenger.attempts_in == ["c0"])
        del yard.messengers[Platform.TELEGRAM]
        messenger.gate.set()
        await sender.settled()
    assert await yard.states() == {PostState.PENDING: 1}
