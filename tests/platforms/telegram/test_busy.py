"""The sign that an answer is on its way: shown where one takes long, and never after it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.messages.actions import Verb, action
from bot.messages.incoming import Incoming
from bot.messages.outgoing import Button, Buttons, Message, Reply, Text
from bot.platforms.telegram.client import TelegramClient
from bot.storage.sqlite import SqliteStore
from tests.house import FakeClock, HandTimer, words
from tests.pictures import PICTURE, StubPainter
from tests.platforms.telegram.conftest import record
from tests.servers.telegram import TelegramServer

ANSWER = Reply(Message((Text("Here it is"),)))
PRESSABLE = Reply(Message((Text("Here"), Buttons(((Button("Go", action(Verb.LIST)),),)))))


class Slow:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.reply: Reply = ANSWER
        self.heard = 0
        self.let = asyncio.Event()

    async def handle(self, incoming: Incoming) -> Reply | None:
        self.heard += 1
        await self.let.wait()
        return self.reply


class SlowPainter(StubPainter):
    """Draws when it is let."""

    def __init__(self, let: asyncio.Event) -> None:
        super().__init__()
        self._let = let
        self.begun = asyncio.Event()

    async def png(self, *args: object) -> bytes | None:
        self.begun.set()
        await self._let.wait()
        return await super().png(*args)  # type: ignore[arg-type]


class Stand:
    """A bot with a slow house, on a timer that is moved by hand."""

    def __init__(self, server: TelegramServer, painter: StubPainter | None = None) -> None:
        self.server, self.timer, self.house = server, HandTimer(), Slow()
        self.ana = server.user("Ana")
        self.chat = server.private(self.ana)
        self.store = SqliteStore()
        self.client = TelegramClient(
            server.token,
            server.url,
            None,
            self.house,
            words(),
            painter or StubPainter(),
            self.store,
            FakeClock(),
            self.timer,
        )

    @property
    def shown(self) -> list[str]:
        """The signs seen so far in the private chat."""
        return [sign for chat, sign in self.server.api.actions if chat is self.chat]

    async def heard(self, times: int = 1) -> None:
        """Return when something has been heard and the time it takes is watched."""
        await until(lambda: self.house.heard == times and self.timer.watchers)

    async def passes(self, seconds: float) -> None:
        """Let time go by, and the bot do what it does then."""
        self.timer.advance(seconds)
        await until(lambda: self.timer.watchers)


async def until(true: Callable[[], object]) -> None:
    """Return when something is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # as nothing tells
            await asyncio.sleep(0.001)


@asynccontextmanager
async def standing(server: TelegramServer, painter: StubPainter | None = None) -> AsyncIterator[Stand]:
    stand = Stand(server, painter)
    await stand.store.open(record())
    await stand.client.open()
    try:
        yield stand
    finally:
        stand.house.let.set()
        await stand.client.close()
        await stand.store.close()
    assert server.violations == []


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def stand(server: TelegramServer) -> AsyncIterator[Stand]:
    async with standing(server) as stand:
        yield stand


async def test_an_answer_that_takes_long_is_announced_until_it_comes(stand: Stand) -> None:
    said = stand.server.say(stand.chat, stand.ana, "/help")
    await stand.heard()
    await stand.passes(0.4)
    assert stand.shown == []
    await stand.passes(0.1)
    assert stand.shown == ["typing"]
    await stand.passes(4)
    assert stand.shown == ["typing"]
    await stand.passes(0.5)
    assert stand.shown == ["typing"] * 2

    stand.house.let.set()
    await stand.server.reply(stand.chat, said)
    await until(lambda: not stand.timer.watchers)
    stand.timer.advance(60)
    await stand.server.settled()
    assert [call.method for call in stand.server.calls if call.method.startswith("send")] == [
        "sendChatAction",
        "sendChatAction",
        "sendMessage",
    ]


async def test_a_quick_answer_is_not_announced(stand: Stand) -> None:
    stand.house.let.set()
    await stand.server.ask(stand.chat, stand.ana, "/help")
    stand.timer.advance(60)
    await stand.server.settled()
    assert stand.shown == []


async def test_it_is_shown_in_the_topic_where_the_question_was(stand: Stand, server: TelegramServer) -> None:
    group = server.group("Readers", members=[stand.ana], forum=True)
    topic = server.topic(group, "Week 1", by=stand.ana)
    server.say(group, stand.ana, "/help", thread=topic)
    await stand.heard()
    await stand.passes(0.5)
    (call,) = [call for call in server.calls if call.method == "sendChatAction"]
    assert (call.params["chat_id"], call.params["message_thread_id"]) == (group.id, topic.id)


async def test_a_press_that_takes_long_is_announced_and_one_with_a_quick_toast_is_not(stand: Stand) -> None:
    stand.house.reply = PRESSABLE
    stand.house.let.set()
    card = await stand.server.ask(stand.chat, stand.ana, "/help")
    stand.house.reply = Reply(toast="Noted.")
    assert (await stand.server.press(card, stand.ana, "Go")).text == "Noted."
    stand.timer.advance(60)
    await stand.server.settled()
    assert stand.shown == []

    stand.house.let.clear()
    press = stand.server.press(card, stand.ana, "Go")
    await stand.heard(3)
    await stand.passes(0.5)
    assert stand.shown == ["typing"]
    stand.house.let.set()
    assert (await press).text == "Noted."


async def test_a_picture_that_is_being_drawn_is_announced_as_one(server: TelegramServer) -> None:
    let = asyncio.Event()
    painter = SlowPainter(let)
    async with standing(server, painter) as stand:
        stand.house.reply = Reply(Message((Text("Look"), PICTURE)))
        stand.house.let.set()
        said = server.say(stand.chat, stand.ana, "/path")
        await painter.begun.wait()
        await stand.passes(0.5)
        assert stand.shown == ["upload_photo"]
        let.set()
        assert (await server.reply(stand.chat, said)).photo


async def test_a_sign_that_cannot_be_shown_is_missed_by_nobody(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    stand.server.fault("sendChatAction", "500", times=9)
    said = stand.server.say(stand.chat, stand.ana, "/help")
    await stand.heard()
    await stand.passes(0.5)
    stand.house.let.set()
    assert (await stand.server.reply(stand.chat, said)).text == "Here it is"
    assert not [record for record in caplog.records if record.levelname != "DEBUG"]


async def test_an_answer_waits_only_so_long_for_a_sign_under_way(stand: Stand) -> None:
    stuck = stand.server.fault("sendChatAction", "slow:60")
    said = stand.server.say(stand.chat, stand.ana, "/help")
    await stand.heard()
    stand.timer.advance(0.5)
    await stand.server.until(lambda: stand.shown)
    stand.house.let.set()
    await until(lambda: stand.timer.watchers)
    assert stand.server.messages(stand.chat) == []
    stand.timer.advance(1)
    assert (await stand.server.reply(stand.chat, said)).text == "Here it is"
    stuck.release()


async def test_signs_take_no_turns(stand: Stand) -> None:
    stand.server.say(stand.chat, stand.ana, "/help")
    await stand.heard()
    for _ in range(10):
        await stand.passes(5)
    assert len(stand.shown) == 10
    assert stand.client.messenger.pace.wait_in(str(stand.chat.id)) == 0
