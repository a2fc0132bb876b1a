"""What every store must do with updates: the contract of `bot.ports.InboxRecords`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.messages.incoming import Receipt
from bot.ports import LeftUpdate, Store, UpdateState
from tests.contracts.store import IMPLEMENTATIONS

BOT, OTHER = 123_456_789_012, 7
DAY = 86_400


@pytest.fixture(params=list(IMPLEMENTATIONS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    database = IMPLEMENTATIONS[request.param](tmp_path)
    yield (await database.open())[0]
    await database.remove()


async def keep(store: Store, *update_ids: int, at: int = 0, bot: int = BOT, body: str = "{}") -> None:
    async with store.write() as records:
        await records.keep_updates(bot, dict.fromkeys(update_ids, body), at, at - 2 * DAY)


async def done(store: Store, *update_ids: int) -> None:
    async with store.write() as records:
        await records.mark_done(BOT, update_ids)


async def left(store: Store) -> list[LeftUpdate]:
    async with store.read() as records:
        return list(await records.updates_left(BOT))


async def state(store: Store, update_id: int, since: int = -10 * DAY) -> UpdateState | None:
    async with store.read() as records:
        return await records.update_state(BOT, update_id, since)


async def test_updates_are_kept_by_bot_and_id_and_left_in_order(store: Store) -> None:
    async with store.read() as records:
        assert await records.latest_update(BOT) is None
    await keep(store, 3, 1, body='{"text": "七 \\u0000 \U0001f642"}')
    await keep(store, 2**62, bot=OTHER)
    await keep(store, 2)
    assert [update.update_id for update in await left(store)] == [1, 2, 3]
    assert (await left(store))[0] == LeftUpdate(1, UpdateState.NEW, '{"text": "七 \\u0000 \U0001f642"}')
    async with store.read() as records:
        assert await records.latest_update(BOT) == 3
        assert await records.latest_update(OTHER) == 2**62


async def test_an_update_that_comes_again_stays_as_it_is(store: Store) -> None:
    await keep(store, 1, body="first")
    await keep(store, 1, 2, body="second")
    assert [update.body for update in await left(store)] == ["first", "second"]


async def test_effects_are_marked_once_and_with_what_they_are(store: Store) -> None:
    await keep(store, 1)
    async with store.write() as records:
        assert await records.mark_recorded(Receipt(BOT, 1), 5)
    async with store.write() as records:
        assert not await records.mark_recorded(Receipt(BOT, 1), 6)
    assert await state(store, 1) is UpdateState.RECORDED


async def test_effects_of_an_update_that_could_not_be_kept_are_marked_once_too(store: Store) -> None:
    async with store.write() as records:
        assert await records.mark_recorded(Receipt(BOT, 1), 5)
        assert not await records.mark_recorded(Receipt(BOT, 1), 5)
    assert await left(store) == [LeftUpdate(1, UpdateState.RECORDED, None)]


@pytest.mark.parametrize("how", ["answering", "done"])
async def test_what_was_answered_has_no_effects_any_more(store: Store, how: str) -> None:
    await keep(store, 1)
    async with store.write() as records:
        await (records.mark_answering if how == "answering" else records.mark_done)(BOT, [1])
    async with store.write() as records:
        assert not await records.mark_recorded(Receipt(BOT, 1), 5)


async def test_only_what_is_new_becomes_a_mere_answer(store: Store) -> None:
    await keep(store, 1, 2, 3)
    await done(store, 3)
    async with store.write() as records:
        await records.mark_recorded(Receipt(BOT, 2), 5)
        await records.mark_answering(BOT, [1, 2, 3])
    assert [update.state for update in await left(store)] == [UpdateState.ANSWERING, UpdateState.RECORDED]


async def test_what_is_done_is_left_no_more_and_still_known(store: Store) -> None:
    await keep(store, 1, 2, at=1000)
    await done(store, 1)
    assert [update.update_id for update in await left(store)] == [2]
    assert await state(store, 1) is UpdateState.DONE
    await keep(store, 1, at=1001)
    assert [update.update_id for update in await left(store)] == [2]


async def test_an_id_that_was_used_long_ago_may_be_used_again(store: Store) -> None:
    await keep(store, 1, 2, at=0)
    await done(store, 1)
    later = 3 * DAY
    assert await state(store, 1, since=later - 2 * DAY) is None
    assert await state(store, 2, since=later - 2 * DAY) is UpdateState.NEW
    await keep(store, 1, at=later, body="new")
    assert [update.body for update in await left(store)] == ["new", "{}"]


async def test_of_the_first_updates_those_long_done_are_forgotten(store: Store) -> None:
    await keep(store, 1, 2, 3, 4, at=0)
    await keep(store, 5, at=9 * DAY)
    await done(store, 1, 3, 4, 5)
    async with store.write() as records:
        await records.forget_updates(BOT, 9 * DAY, 3)
    known = [update_id for update_id in range(1, 6) if await state(store, update_id)]
    assert known == [2, 4, 5]
    async with store.write() as records:
        await records.forget_updates(BOT, 9 * DAY, 3)
    assert [update_id for update_id in range(1, 6) if await state(store, update_id)] == [2, 5]
