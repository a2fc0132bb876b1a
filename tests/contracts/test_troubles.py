"""What every store must do for chats in which nothing can be posted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.clubs import Account, Keeper, Platform, Trouble
from bot.domain.languages import Language
from bot.domain.posts import Draft, PostKind
from bot.messages.outgoing import Sent
from bot.ports import Store
from tests.contracts.store import IMPLEMENTATIONS, new_chat, new_club


@pytest_asyncio.fixture(params=list(IMPLEMENTATIONS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    database = IMPLEMENTATIONS[request.param](tmp_path)
    yield (await database.open())[0]
    await database.close()


async def test_a_trouble_is_to_be_told_until_it_was(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        assert await records.set_trouble(chat_id, Trouble.BARRED)
        assert await records.set_trouble(chat_id, Trouble.BARRED)
        await records.mark_told(chat_id)
        assert not await records.set_trouble(chat_id, Trouble.GONE)
        await records.set_chat_active(chat_id, True)
        assert await records.set_trouble(chat_id, Trouble.GONE)


async def test_troubles_are_found_by_club_and_by_platform(store: Store) -> None:
    async with store.write() as records:
        club, other = await new_club(records), await new_club(records)
        here = await new_chat(records, club, "here", Platform.TELEGRAM)
        await new_chat(records, club, "well", Platform.TELEGRAM)
        there = await new_chat(records, other, "there", Platform.DISCORD)
        await records.set_trouble(here, Trouble.GONE)
        await records.set_trouble(there, Trouble.BARRED)
        assert [(chat.id, why) for chat, why in await records.troubles(club)] == [(here, Trouble.GONE)]
        assert [chat.id for chat in await records.chats_in_trouble(Platform.DISCORD)] == [there]


async def test_a_post_that_arrives_ends_the_trouble_of_its_chat_alone(store: Store) -> None:
    async with store.write() as records:
        club = await new_club(records)
        here, there = await new_chat(records, club, "here"), await new_chat(records, club, "there")
        for chat_id in (here, there):
            await records.set_trouble(chat_id, Trouble.BARRED)
        await records.queue(Draft(here, "k", PostKind.PAPER, "a", 0))
        post = await records.post_by_key("k")
        assert post
        await records.mark_sent(post.id, Sent("m"), 1)
        assert [chat.id for chat, _ in await records.troubles(club)] == [there]


async def test_a_chat_given_to_another_club_leaves_its_trouble_behind(store: Store) -> None:
    async with store.write() as records:
        club, other = await new_club(records), await new_club(records)
        await records.set_trouble(await new_chat(records, club, "here"), Trouble.GONE)
        await new_chat(records, other, "here")
        assert await records.troubles(other) == []


async def test_a_keeper_is_an_account_of_the_chats_platform(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records), "here", Platform.DISCORD)
        assert await records.keeper(chat_id) is None
        await records.set_keeper(chat_id, "7", Language.ZH)
        await records.set_keeper(chat_id, "8", Language.EN)
        assert await records.keeper(chat_id) == Keeper(Account(Platform.DISCORD, "8"), Language.EN)


async def test_waiting_posts_are_hastened_and_never_put_off(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        for key in ("a", "b"):
            await records.queue(Draft(chat_id, key, PostKind.PAPER, "a", 10))
        first = await records.post_by_key("a")
        assert first
        await records.mark_again(first.id, 5000)
        await records.hasten(chat_id, 20)
    async with store.read() as records:
        assert await records.due_posts(Platform.WEB, 19, 5) == []
        assert [post.id for post in await records.due_posts(Platform.WEB, 20, 5)] == [first.id]
