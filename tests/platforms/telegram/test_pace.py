"""Telegram's pace, kept by the real client on the strict server with its limits in force."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import open_house
from bot.delivery.sender import Sender
from bot.domain.clubs import ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, Post, PostKind
from bot.messages.outgoing import Destination, Message, OpenThread, Text
from bot.messages.texts import Texts
from bot.platforms.telegram.client import TelegramClient
from bot.ports import Listener, NotSent, Records, Store, Timer
from bot.settings import Settings
from bot.storage.sqlite import SqliteStore
from tests.house import PLAN, FakeClock, HandTimer, words
from tests.pictures import StubPainter
from tests.platforms.telegram.conftest import record
from tests.servers.telegram import Chat, TelegramServer
from tests.servers.telegram_methods import Flood

SLOT = 1 / 25
HELLO = Message((Text("Hello."),))


class Deaf:
    """Hears nothing."""

    async def handle(self, incoming: object) -> None:
        return None


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@asynccontextmanager
async def serving(server: TelegramServer, timer: Timer) -> AsyncIterator[TelegramClient]:
    listener: Listener = Deaf()
    texts: Texts = words()
    store = SqliteStore()
    await store.open(record())
    client = TelegramClient(
        server.token, server.url, None, listener, texts, StubPainter(), store, FakeClock(), timer
    )
    try:
        await client.open()
        yield client
    finally:
        await client.close()
        await store.close()


def enforce(server: TelegramServer, timer: Timer) -> None:
    """Refuse what comes too fast, in the time of the bot's own timer."""
    server.api.flood = Flood(timer.monotonic)
    server.api.flood.strict = True


def to(chat: Chat) -> Destination:
    return Destination(str(chat.id))


async def compose(records: Records, post: Post, now: int) -> tuple[Destination, Message | OpenThread]:
    """Every post says its key."""
    return Destination(post.chat.chat_id), Message((Text(post.key),))


async def queue(store: Store, now: int, chats: list[Chat], posts: int) -> None:
    """So many posts in each chat, due now."""
    async with store.write() as records:
        club_id = await records.add_club("Readers", ClubLanguage.EN, "UTC", PLAN, 0)
        for chat in chats:
            await records.add_chat(club_id, Platform.TELEGRAM, str(chat.id), ChatKind.GROUP, False)
            row = await records.chat(Platform.TELEGRAM, str(chat.id))
            assert row
            for number in range(posts):
                await records.queue(Draft(row.id, f"{chat.id} {number}", PostKind.PROMPT, "adam", now))


async def under_way(store: Store) -> int:
    """How many posts are being sent."""
    async with store.read() as records:
        return len(await records.under_way(Platform.TELEGRAM))


async def test_a_backlog_for_many_groups_goes_out_without_a_refusal(
    server: TelegramServer, tmp_path: Path
) -> None:
    """Time goes on only when whatever was sent has arrived, so the server sees the pace as it is."""
    clock, timer = FakeClock(), HandTimer()
    groups = [server.group(f"Group {number}") for number in range(60)]
    enforce(server, timer)
    store = SqliteStore()
    await store.open(tmp_path / "club.sqlite3")
    await queue(store, clock.now(), groups, 3)
    async with serving(server, timer) as client:
        sender = Sender(store, clock, timer, {Platform.TELEGRAM: client.messenger}, compose)
        delivering = asyncio.create_task(sender.deliver())
        while not delivering.done():
            # Those under way that have not arrived wait for their call's turn, like the lane for the next.
            unsent = await under_way(store)
            if timer.sleepers >= max(1, unsent):
                timer.skip()
            await asyncio.sleep(0)
    await store.close()
    assert server.violations == []
    assert timer.monotonic() >= (180 - 6) * SLOT
    for group in groups:
        texts = [message.text for message in server.messages(group)]
        assert texts == [f"{group.id} {number}" for number in range(3)]


async def test_a_group_with_more_than_fits_in_a_minute_gets_it_without_a_refusal(
    server: TelegramServer, tmp_path: Path
) -> None:
    clock = FakeClock()
    group = server.group("Readers")
    enforce(server, clock)
    store = SqliteStore()
    await store.open(tmp_path / "club.sqlite3")
    await queue(store, clock.now(), [group], 40)
    async with serving(server, clock) as client:
        sender = Sender(store, clock, clock, {Platform.TELEGRAM: client.messenger}, compose)
        for minutes in range(4):
            assert len(server.messages(group)) == min(40, 15 * minutes)
            await sender.deliver()
            clock.advance(60)
    await store.close()
    assert server.violations == []
    assert [message.text for message in server.messages(group)] == [f"{group.id} {n}" for n in range(40)]


async def test_members_who_all_speak_at_once_are_answered_without_a_refusal(server: TelegramServer) -> None:
    timer = HandTimer()
    groups = [server.group(f"Group {number}") for number in range(80)]
    enforce(server, timer)
    async with serving(server, timer) as client:
        replies = [asyncio.create_task(client.messenger.say(to(group), HELLO)) for group in groups]
        while not all(reply.done() for reply in replies):
            answered = sum(reply.done() for reply in replies)
            if timer.sleepers == len(replies) - answered:
                timer.skip()
            await asyncio.sleep(0)
    assert server.violations == []
    assert timer.monotonic() >= (80 - 6) * SLOT


async def test_a_chat_that_is_flooded_waits_and_the_others_do_not(server: TelegramServer) -> None:
    clock = FakeClock()
    one, other = server.group("One"), server.group("Other")
    async with serving(server, clock) as client:
        server.fault("sendMessage", "429:30")
        with pytest.raises(NotSent) as flooded:
            await client.messenger.send(to(one), HELLO, 1)
        assert flooded.value.retry_after == 30
        assert client.messenger.pace.wait_in(to(one).chat_id) == pytest.approx(30)
        await client.messenger.say(to(other), HELLO)
        assert client.messenger.pace.wait() < 1
        with pytest.raises(NotSent):
            await client.messenger.say(to(one), HELLO)
        assert server.messages(one) == []
        clock.advance(30)
        await client.messenger.say(to(one), HELLO)


async def test_a_flood_in_two_chats_stops_the_bot_until_it_is_over(server: TelegramServer) -> None:
    clock = FakeClock()
    chats = [server.group(f"Group {number}") for number in range(3)]
    async with serving(server, clock) as client:
        server.fault("sendMessage", "429:20", times=2)
        for key, chat in enumerate(chats[:2]):
            with pytest.raises(NotSent):
                await client.messenger.send(to(chat), HELLO, key)
        assert client.messenger.pace.wait() == pytest.approx(20)
        with pytest.raises(NotSent):
            await client.messenger.say(to(chats[2]), HELLO)
        clock.advance(20)
        await client.messenger.say(to(chats[2]), HELLO)
        assert len(server.messages(chats[2])) == 1


async def test_with_a_backlog_of_posts_progress_is_answered_in_the_next_slot(
    server: TelegramServer, tmp_path: Path
) -> None:
    """The whole house: a hundred groups wait for a post when a member asks."""
    clock, timer = FakeClock(), HandTimer()
    settings = Settings(
        telegram_token=server.token,
        telegram_api_url=server.url,
        data=tmp_path,
        database=tmp_path / "club.db",
        web=None,
    )
    ann = server.user("Ann")
    group = server.group("Readers", members=[ann], bot=None)
    async with open_house(settings, clock, timer=timer, ticking=False) as house:
        server.add_bot(group, by=ann)
        await server.until(lambda: server.messages(group))
        await server.settled()
        timer.advance(1)
        sent = len(server.calls)
        await queue(house.tools.store, clock.now(), [server.group(f"{n}") for n in range(100)], 1)

        def posts() -> int:
            return sum(call.method == "sendMessage" for call in server.calls[sent:])

        house.sender.wake()
        await server.until(lambda: posts() >= 6)
        while await under_way(house.tools.store) or not timer.sleepers:  # noqa: ASYNC110  # as nothing tells
            await asyncio.sleep(0)
        begun = posts()
        assert begun < 10
        asked = server.say(group, ann, "/progress")
        while timer.sleepers < 2:  # noqa: ASYNC110  # as nothing tells
            await asyncio.sleep(0)
        timer.advance(SLOT)
        reply = await server.reply(group, after=asked)
        assert "read" in reply.text
        assert posts() == begun + 1
