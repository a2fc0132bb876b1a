"""The inbox with the real client on the strict server: what is told is handled once, and nothing is stuck."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bot.messages.incoming import Arrived, Incoming, Receipt, Said
from bot.messages.outgoing import Destination, Message, Reply, Text
from bot.platforms.telegram import inbox
from bot.ports import StorageFull, UpdateState
from bot.storage.sqlite import SqliteStore
from tests.house import FakeClock
from tests.platforms.telegram.conftest import record
from tests.platforms.telegram.test_client import PAPER, Listener, quiz, serving
from tests.servers.telegram import Chat, TelegramServer, User
from tests.servers.telegram_updates import FIRST_UPDATE

BOT = 123456
ANSWER = Reply(Message((Text("Here it is."),)))


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    store = SqliteStore()
    await store.open(record())
    yield store
    await store.close()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def ana(server: TelegramServer) -> User:
    return server.user("Ana", language="zh-hans")


@pytest.fixture
def ben(server: TelegramServer) -> User:
    return server.user("Ben")


@pytest.fixture
def group(server: TelegramServer, ana: User, ben: User) -> Chat:
    return server.group("Readers", members=[ana, ben])


async def left_behind(server: TelegramServer, store: SqliteStore, state: UpdateState) -> None:
    """All that Telegram has to tell was taken by a process that crashed with it in this state."""
    updates = {update["update_id"]: json.dumps(update) for update in server.updates.pending}
    server.updates.drop()
    async with store.write() as records:
        await records.keep_updates(BOT, updates, 0, 0)
        if state is UpdateState.ANSWERING:
            await records.mark_answering(BOT, updates)
        for update_id in updates if state is UpdateState.RECORDED else ():
            assert await records.mark_recorded(Receipt(BOT, update_id), 0)


async def rows(store: SqliteStore) -> list[tuple[str, Any]]:
    """State and body of every update, in order."""
    async with store.read() as records:
        found = await records.connection.execute_fetchall(
            "SELECT state, body FROM inbox WHERE update_id >= 1000 ORDER BY update_id"
        )
    return [tuple(row) for row in found]


def heard(listener: Listener) -> list[object]:
    return [each.event for each in listener.heard]


# After a crash


async def test_what_was_not_handled_is_handled_in_order_before_what_comes_now(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    for number in (1, 2):
        server.say(group, ana, f"/paper {number}")
    await left_behind(server, store, UpdateState.NEW)
    server.say(group, ana, "/paper 3")
    async with serving(server, listener, store=store):
        await server.settled()
    assert heard(listener) == [Said(f"/paper {number}") for number in (1, 2, 3)]
    assert await rows(store) == [("done", None)] * 3


@pytest.mark.parametrize(
    ("state", "key"), [(UpdateState.RECORDED, "recorded"), (UpdateState.ANSWERING, "asked")]
)
async def test_whose_answer_may_be_lost_is_told_what_became_of_it_in_their_language(
    server: TelegramServer,
    store: SqliteStore,
    listener: Listener,
    ana: User,
    ben: User,
    group: Chat,
    state: UpdateState,
    key: str,
) -> None:
    listener.reply = ANSWER
    said = server.say(group, ana, "/schedule")
    server.say(server.private(ben), ben, "/progress")
    await left_behind(server, store, state)
    async with serving(server, listener, store=store):
        await server.settled()
    async with serving(server, listener, store=store):
        await server.settled()
    assert heard(listener) == []
    [in_group], [in_private] = server.messages(group), server.messages(server.private(ben))
    assert (in_group.text, in_group.reply_to) == (f"restarted.{key} (zh)", said)
    assert in_private.text == f"restarted.{key} (en)"
    assert await rows(store) == [("done", None)] * 2


async def test_a_press_whose_answer_may_be_lost_is_answered_with_a_toast(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    async with serving(server, listener, store=store) as client:
        await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    press = server.press(server.messages(group)[0], ana, "Quiz me")
    await left_behind(server, store, UpdateState.RECORDED)
    async with serving(server, listener, store=store):
        assert (await press).text == "restarted.recorded (zh)"
        await server.settled()
    assert heard(listener) == []
    assert len(server.messages(group)) == 1


async def test_votes_and_coming_and_going_need_no_answer(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    async with serving(server, listener, store=store) as client:
        await client.messenger.send(Destination(str(group.id)), Message((quiz(),)), 1)
        await server.settled()
    server.vote(server.messages(group)[0], ana, [1])
    server.remove_bot(group, by=ana)
    await left_behind(server, store, UpdateState.RECORDED)
    calls = len(server.calls)
    async with serving(server, listener, store=store):
        await server.settled()
    assert heard(listener) == []
    assert not [call for call in server.calls[calls:] if call.method.startswith(("send", "answer"))]
    assert {state for state, _ in await rows(store)} == {"done"}


async def test_a_welcome_that_may_be_lost_is_said_again(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User
) -> None:
    """Without it nobody would know that the bot is there."""
    listener.reply = ANSWER
    group = server.group("New", admins=[ana], bot=None)
    async with serving(server, listener, store=store):
        await server.settled()
    server.add_bot(group, by=ana)
    await left_behind(server, store, UpdateState.RECORDED)
    async with serving(server, listener, store=store):
        await server.settled()
    assert heard(listener) == [Arrived()]
    assert [message.text for message in server.messages(group)] == ["Here it is."]


async def test_an_answer_under_way_when_the_bot_stops_is_told_of_at_the_next_start(
    server: TelegramServer, store: SqliteStore, listener: Listener, ben: User, group: Chat
) -> None:
    listener.reply = ANSWER
    hanging = server.fault("sendMessage", "slow:60")
    async with serving(server, listener, store=store):
        server.say(group, ben, "/paper")
        await server.until(lambda: server.messages(group))
    hanging.release()
    async with serving(server, listener, store=store):
        await server.settled()
    assert [message.text for message in server.messages(group)] == ["Here it is.", "restarted.asked (en)"]
    assert len(listener.heard) == 1


# While it runs


async def test_an_update_is_on_record_before_it_is_confirmed_or_handled(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    seen: list[tuple[str, Any]] = []

    async def look(_: Incoming) -> None:
        seen.extend(await rows(store))
        assert server.updates.pending

    listener.before = look
    said = server.say(group, ana, "/paper 七")
    async with serving(server, listener, store=store):
        await server.settled()
    [(state, body)] = seen
    assert state == "new"
    assert json.loads(body)["message"]["message_id"] == said.id
    assert heard(listener) == [Said("/paper 七")]


async def test_what_is_answered_is_marked_before_the_answer_is_sent(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    listener.reply = ANSWER
    hanging = server.fault("sendMessage", "slow:60")
    async with serving(server, listener, store=store):
        server.say(group, ana, "/paper")
        await server.until(lambda: server.messages(group))
        assert [state for state, _ in await rows(store)] == ["answering"]
        hanging.release()
        await server.settled()
    assert await rows(store) == [("done", None)]


async def test_what_is_done_is_on_record_soon_although_nothing_more_comes(
    server: TelegramServer,
    store: SqliteStore,
    listener: Listener,
    ana: User,
    group: Chat,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a crash hours later would have everybody told of lost answers."""
    monkeypatch.setattr(inbox, "SETTLE_SECONDS", 0)
    listener.reply = ANSWER
    async with serving(server, listener, store=store):
        for _ in range(2):
            await server.ask(group, ana, "/paper")
            async with asyncio.timeout(10):
                while {state for state, _ in await rows(store)} != {"done"}:  # noqa: ASYNC110
                    await asyncio.sleep(0)  # reading does not let others go on by itself


async def test_an_update_that_comes_again_is_recognised(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    server.say(group, ana, "/paper")
    [update] = server.updates.pending
    async with serving(server, listener, store=store):
        await server.settled()
        server.updates.pending.append(update)
        server.updates.release()
        await server.settled()
    server.updates.pending.append(update)
    async with serving(server, listener, store=store):
        await server.settled()
    assert len(listener.heard) == 1


async def test_an_update_that_cannot_be_understood_holds_up_nobody(
    server: TelegramServer,
    store: SqliteStore,
    listener: Listener,
    ana: User,
    group: Chat,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.say(group, ana, "/paper 1")
    server.updates.add_raw({"message": {"message_id": "nonsense", "chat": 7}})
    server.updates.add_raw({"message": []})
    server.say(group, ana, "/paper 2")
    async with serving(server, listener, store=store):
        await server.until(lambda: len(listener.heard) == 2)
        await server.settled()
    assert heard(listener) == [Said("/paper 1"), Said("/paper 2")]
    assert [state for state, _ in await rows(store)] == ["done"] * 4
    assert caplog.text.count("could not be understood") == 2


async def test_ids_may_begin_anew_and_lower_after_a_quiet_week(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    async with serving(server, listener, store=store):
        server.say(group, ana, "/paper 1")
        await server.settled()
        polls = len(server.calls)
        server.updates.release()  # a poll that brings nothing
        await server.until(lambda: len(server.calls) > polls and server.updates.polled)
        server.updates.last_id = 1000
        server.say(group, ana, "/paper 2")
        await server.settled()
        server.updates.release()
        await server.until(lambda: server.calls[-1].params.get("offset") == 1002)
    offsets = [call.params["offset"] for call in server.calls if call.method == "getUpdates"]
    assert offsets == [0, FIRST_UPDATE + 2, 0, 1002]
    assert heard(listener) == [Said("/paper 1"), Said("/paper 2")]


async def test_updates_long_done_are_forgotten_as_new_ones_come(
    server: TelegramServer,
    store: SqliteStore,
    listener: Listener,
    ana: User,
    group: Chat,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "FORGET_EVERY", 3)
    clock = FakeClock()
    async with serving(server, listener, store=store, timer=clock):
        for _ in range(12):
            server.say(group, ana, "/paper")
            await server.settled()
            clock.advance(inbox.REMEMBERED_SECONDS // 4)
        await server.settled()
    assert len(listener.heard) == 12
    assert len(await rows(store)) <= 5 + 3


async def test_while_nothing_can_be_recorded_people_are_heard_all_the_same(
    server: TelegramServer, store: SqliteStore, listener: Listener, ana: User, group: Chat
) -> None:
    """Then an update is confirmed only when it was handled."""
    listener.reply = ANSWER
    going = asyncio.Event()

    async def wait(_: Incoming) -> None:
        await going.wait()

    listener.before = wait
    async with serving(server, listener, store=store):
        await server.settled()
        await fill(store)
        server.say(group, ana, "/paper 1")
        await server.until(lambda: not server.updates.polled)
        assert server.updates.pending
        going.set()
        await server.reply(group, after=0)
        await server.settled()
        assert await rows(store) == []
        assert server.updates.confirmed == server.updates.last_id
        async with store.write() as records:
            await records.connection.execute_fetchall("PRAGMA max_page_count = 100000")
        server.say(group, ana, "/paper 2")
        await server.settled()
    assert heard(listener) == [Said("/paper 1"), Said("/paper 2")]
    assert len(await rows(store)) == 1


async def fill(store: SqliteStore) -> None:
    """Leave no room on the disk for one update more."""
    async with store.write() as records:
        rows = await records.connection.execute_fetchall("PRAGMA page_count")
        await records.connection.execute_fetchall(f"PRAGMA max_page_count = {next(iter(rows))[0]}")
    update_id = 0
    for size in (4000, 400, 40, 4, 0):
        with suppress(StorageFull):
            while True:
                update_id += 1
                async with store.write() as records:
                    await records.keep_updates(BOT, {update_id: "x" * size}, 0, 0)
