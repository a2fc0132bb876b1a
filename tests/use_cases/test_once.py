"""What is told twice happens once: the receipt is kept in the transaction of the first effect."""

import logging
from dataclasses import replace

import pytest

from bot.messages.actions import Verb, action
from bot.messages.incoming import Departed, Event, Incoming, Pressed, Receipt, Said
from bot.messages.incoming import Sender as Person
from bot.messages.outgoing import Reply
from bot.ports import StorageFull, UpdateState
from bot.use_cases.once import HandledBefore, OnceStore
from tests.house import ANN, GROUP, INES, Desk

BOT = 123456


async def hear(desk: Desk, who: Person, event: Event, receipt: Receipt) -> Reply | None:
    return await desk.dispatcher.handle(Incoming(replace(who, organiser=True), GROUP, event, receipt))


async def state(desk: Desk, update_id: int) -> UpdateState | None:
    async with desk.store.read() as records:
        return await records.update_state(BOT, update_id, 0)


async def test_an_update_that_comes_again_changes_nothing_and_is_not_answered(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    club = await desk.found()
    shift = Said("/schedule shift 1")
    async with desk.store.read() as records:
        before = await records.beats(club.id)
    with caplog.at_level(logging.INFO):
        assert await hear(desk, INES, shift, Receipt(BOT, 1)) is not None
        assert await hear(desk, INES, shift, Receipt(BOT, 1)) is None
    assert "came again" in caplog.text
    assert await hear(desk, INES, shift, Receipt(BOT, 2)) is not None
    async with desk.store.read() as records:
        after = await records.beats(club.id)
    assert [(b.next_at or 0) - (a.next_at or 0) for a, b in zip(before, after, strict=True)] == [
        2 * 86_400
    ] * len(before)


async def test_the_receipt_is_kept_with_the_effects_and_tells_so(desk: Desk) -> None:
    await desk.found()
    press = Receipt(BOT, 1)
    await hear(desk, ANN, Pressed(action(Verb.JOIN).token), press)
    assert press.recorded
    assert await state(desk, 1) is UpdateState.RECORDED


async def test_what_only_reads_keeps_no_receipt(desk: Desk) -> None:
    await desk.found()
    question = Receipt(BOT, 1)
    assert await hear(desk, ANN, Said("/paper today"), question) is not None
    assert not question.recorded
    assert await state(desk, 1) is None


async def test_what_could_not_be_done_keeps_no_receipt(desk: Desk) -> None:
    await desk.found()
    refused = Receipt(BOT, 1)
    reply = await hear(desk, INES, Said("/schedule shift 9999"), refused)
    assert reply
    assert not refused.recorded
    assert await state(desk, 1) is None


async def test_an_update_that_writes_twice_is_marked_once(desk: Desk) -> None:
    """The bot was taken out of a chat: that is recorded, and then that its keeper was told."""
    await desk.found()
    assert await hear(desk, replace(ANN, organiser=None), Departed(), Receipt(BOT, 1)) is None
    assert [who for who, _ in desk.messenger.told] == [INES.account.user_id]
    async with desk.store.read() as records:
        assert not (await records.chat(desk.messenger.platform, GROUP.chat_id)).active  # type: ignore[union-attr]
        rows = await records.connection.execute_fetchall("SELECT told FROM chats")
    assert [told for (told,) in rows] == [1]


async def test_a_transaction_that_is_refused_keeps_nothing(desk: Desk) -> None:
    once = OnceStore(desk.store, desk.clock, Receipt(BOT, 1))
    async with once.write() as records:
        await records.keep("name", "first")
    again = OnceStore(desk.store, desk.clock, Receipt(BOT, 1))
    with pytest.raises(HandledBefore):
        async with again.write() as records:
            await records.keep("name", "second")
    async with desk.store.read() as records:
        assert await records.kept("name") == "first"


async def test_when_nothing_can_be_recorded_the_update_may_come_again(desk: Desk) -> None:
    receipt = Receipt(BOT, 1)
    once = OnceStore(desk.store, desk.clock, receipt)
    with pytest.raises(StorageFull):
        async with once.write():
            raise StorageFull("no room")
    assert not receipt.recorded
    async with once.write() as records:
        await records.keep("name", "value")
    assert receipt.recorded
