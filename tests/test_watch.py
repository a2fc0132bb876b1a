"""Several houses on one database: one serves each platform, and the next takes over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import House, open_house
from bot.domain.clubs import ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, PostKind, PostState
from bot.settings import Settings
from bot.storage.records import SqlRecords
from bot.storage.stores import open_store
from bot.use_cases.cadence import bring_forward
from bot.use_cases.demo import PEOPLE
from tests.contracts.store import IMPLEMENTATIONS
from tests.house import PLAN, START, FakeClock
from tests.platforms.web.pages import open_page, said, text
from tests.servers.postgres import postgres
from tests.servers.telegram import Chat, TelegramServer
from tests.servers.wire import Wire

PAPER = "dropout-2012"


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    server = TelegramServer()
    await server.start()
    yield server
    await server.stop()
    assert server.violations == []


@pytest.fixture
def group(telegram: TelegramServer) -> Chat:
    return telegram.group("Readers")


@pytest.fixture(params=list(IMPLEMENTATIONS))
async def settings(
    request: pytest.FixtureRequest, tmp_path: Path, telegram: TelegramServer
) -> AsyncIterator[Settings]:
    """A house for Telegram and the web, on either database."""
    database = IMPLEMENTATIONS[request.param](tmp_path)
    await database.prepare()
    address = database.address
    yield Settings(
        telegram_token=telegram.token,
        telegram_api_url=telegram.url,
        data=tmp_path,
        database=address if "://" in address else Path(address),
        web=("127.0.0.1", 0),
    )
    await database.remove()


async def enter(houses: AsyncExitStack, settings: Settings) -> House:
    """One more house, with a clock that stands still."""
    clock = FakeClock(START)
    return await houses.enter_async_context(open_house(settings, clock, timer=clock, ticking=False))


async def queue(house: House, group: Chat, key: str, *, under_way: bool = False) -> None:
    """A post for the group, at the rate a leader that is then killed would have got to."""
    async with house.tools.store.write() as records:
        chat = await records.chat(Platform.TELEGRAM, str(group.id))
        if chat is None:
            club_id = await records.add_club("Readers", ClubLanguage.EN, "UTC", PLAN, 1)
            await records.add_chat(club_id, Platform.TELEGRAM, str(group.id), ChatKind.GROUP, False)
            chat = await records.chat(Platform.TELEGRAM, str(group.id))
        assert chat
        assert await records.queue(Draft(chat.id, key, PostKind.PROMPT, PAPER, START))
        post = await records.post_by_key(key)
        assert post
        if under_way:
            assert await records.take([post], START, 3600)


async def state(house: House, key: str) -> PostState:
    async with house.tools.store.read() as records:
        post = await records.post_by_key(key)
    assert post
    return post.state


def served(logged: pytest.LogCaptureFixture, platform: Platform) -> int:
    """How often it was said that a platform is served."""
    return sum(record.getMessage() == f"{platform} is served" for record in logged.records)


async def test_the_second_stands_by_and_serves_when_the_first_closes(
    settings: Settings, telegram: TelegramServer, group: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    """What the first left half sent is settled by the second, and what is due goes out."""
    caplog.set_level("INFO")
    async with AsyncExitStack() as houses:
        leaving = AsyncExitStack()
        await enter(leaving, settings)
        second = await enter(houses, settings)
        assert served(caplog, Platform.TELEGRAM) == 1
        assert "another Paperclub serves telegram; this one stands by" in caplog.messages
        await telegram.until(lambda: telegram.updates.polled)
        await queue(second, group, "half sent", under_way=True)
        await queue(second, group, "due")
        await second.sender.settled()
        assert await state(second, "due") is PostState.PENDING, "whoever stands by sends nothing"
        await leaving.aclose()
        await telegram.until(lambda: telegram.updates.polled and telegram.messages(group))
        await second.sender.settled()
        assert await state(second, "half sent") is PostState.UNKNOWN
        assert await state(second, "due") is PostState.SENT
        assert len(telegram.messages(group)) == 1
        assert served(caplog, Platform.TELEGRAM) == 2
    assert [call for call in telegram.calls if call.status == 409] == []


async def test_the_room_of_whoever_stands_by_is_open_and_answers(settings: Settings) -> None:
    """Its organiser may change the club's settings there, also in private."""
    async with AsyncExitStack() as houses:
        await enter(houses, settings)
        second = await enter(houses, settings)
        assert second.web is not None
        async with open_page(second.web.address, PEOPLE[0].id, private=True) as page:
            answers = said(await page.say("/settings language zh"))
        assert any("读书会的帖子改用" in text(line) for line in answers), [text(line) for line in answers]


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
async def test_what_happens_in_one_room_is_seen_in_the_other(settings: Settings) -> None:
    """What people say in the second house, and what the first one posts. (On a file, whoever stands by is
    there by mistake.)"""
    async with AsyncExitStack() as houses:
        first, second = await enter(houses, settings), await enter(houses, settings)
        assert first.web is not None
        assert second.web is not None
        await until_both_listen(first)
        await first.sender.settled()
        here = await houses.enter_async_context(open_page(first.web.address, PEOPLE[0].id))
        there = await houses.enter_async_context(open_page(second.web.address, PEOPLE[1].id))
        await there.say("Good morning")
        while "Good morning" not in text((await here.until("line"))[-1]["line"]):
            pass
        before = set(there.lines)
        await bring_forward(second.tools, 1)
        await first.tick()
        await there.until("standing")
        assert set(there.lines) > before


async def until_both_listen(house: House) -> None:
    """Return when two processes hear of each other."""
    listening = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    )
    async with asyncio.timeout(20):
        while True:
            async with house.tools.store.read() as records:
                assert isinstance(records, SqlRecords)
                if list(await records.connection.execute_fetchall(listening)) == [(2,)]:
                    return
            await asyncio.sleep(0.05)


async def test_a_bot_with_another_token_is_served_side_by_side(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    other = TelegramServer(token="654321:TEST-token-of-another")
    await other.start()
    async with AsyncExitStack() as houses:
        await enter(houses, settings)
        await enter(houses, replace(settings, telegram_token=other.token, telegram_api_url=other.url))
        assert served(caplog, Platform.TELEGRAM) == 2
        await other.until(lambda: other.updates.polled)
    await other.stop()


async def test_a_bot_is_closed_while_the_database_is_away_and_served_again_when_it_is_back(
    tmp_path: Path, telegram: TelegramServer, group: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody can know meanwhile whether another process serves it."""
    caplog.set_level("INFO")
    server = postgres()
    address = server.new_address()
    await server.make(address)
    wire = Wire(server.port)
    await wire.start()
    settings = Settings(
        telegram_token=telegram.token,
        telegram_api_url=telegram.url,
        data=tmp_path,
        database=address.replace(f":{server.port}/", f":{wire.port}/"),
        web=None,
    )
    async with AsyncExitStack() as houses:
        house = await enter(houses, settings)
        await telegram.until(lambda: telegram.updates.polled)
        await wire.cut()
        await wire.start()
        await queue(house, group, "due")
        await telegram.until(lambda: telegram.messages(group))
        await house.sender.settled()
        assert await state(house, "due") is PostState.SENT
        assert served(caplog, Platform.TELEGRAM) == 2
        assert "telegram is given up: another process may serve it by now" in caplog.messages
    await wire.cut()
    await server.drop(address)


async def test_a_database_can_be_opened_again_at_once_after_the_house_has_closed(settings: Settings) -> None:
    """Nothing of it is left behind that would make the next one stand by."""
    for _ in range(3):
        async with AsyncExitStack() as houses:
            await enter(houses, settings)
    store = await open_store(settings.database)
    standing_by = asyncio.Event()
    async with store.lead("web", standing_by.set):
        assert not standing_by.is_set()
    await store.close()
