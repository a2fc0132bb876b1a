"""Of all that share a record, one leads: the contract of `bot.ports.Store.lead`."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.ports import Store
from tests.contracts.store import IMPLEMENTATIONS, Database

LEADER = """
import asyncio, sys
from pathlib import Path
from bot.storage.stores import open_store

async def lead():
    store = await open_store(sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1]))
    async with store.lead("bot"):
        print("leading", flush=True)
        await asyncio.Event().wait()

asyncio.run(lead())
"""


@pytest_asyncio.fixture(params=list(IMPLEMENTATIONS))
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    database = IMPLEMENTATIONS[request.param](tmp_path)
    yield database
    await database.remove()


@pytest_asyncio.fixture
async def stores(database: Database) -> list[Store]:
    """Three, as three processes would have them."""
    return [(await database.open())[0] for _ in range(3)]


class Candidate:
    """Someone who wants to lead until told to leave."""

    def __init__(self, store: Store, name: str = "bot") -> None:
        self.leading, self.standing_by, self._leave = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._lead(store, name))

    async def _lead(self, store: Store, name: str) -> None:
        async with store.lead(name, self.standing_by.set) as lost:
            assert not lost.is_set()
            self.leading.set()
            await self._leave.wait()

    async def leave(self) -> None:
        """Lead no more."""
        self._leave.set()
        await self.task


async def test_the_first_leads_at_once_and_the_next_when_it_leaves(stores: list[Store]) -> None:
    first = Candidate(stores[0])
    await first.leading.wait()
    second = Candidate(stores[1])
    await second.standing_by.wait()
    assert not first.standing_by.is_set()
    assert not second.leading.is_set()
    await first.leave()
    await second.leading.wait()
    await second.leave()


async def test_two_in_one_process_exclude_each_other_too(stores: list[Store]) -> None:
    first = Candidate(stores[0])
    await first.leading.wait()
    second = Candidate(stores[0])
    await second.standing_by.wait()
    await first.leave()
    await second.leave()


async def test_whoever_leads_under_another_name_is_in_nobodys_way(stores: list[Store]) -> None:
    leaders = [Candidate(store, name) for store, name in zip(stores, "abc", strict=True)]
    for leader in leaders:
        await leader.leading.wait()
        assert not leader.standing_by.is_set()
    for leader in leaders:
        await leader.leave()


async def test_one_that_is_cancelled_while_it_waits_is_in_nobodys_way(stores: list[Store]) -> None:
    first = Candidate(stores[0])
    await first.leading.wait()
    second = Candidate(stores[1])
    await second.standing_by.wait()
    second.task.cancel()
    await asyncio.wait([second.task])
    await first.leave()
    third = Candidate(stores[2])
    await third.leading.wait()
    assert not third.standing_by.is_set()
    await third.leave()


async def test_never_more_than_one_leads(stores: list[Store]) -> None:
    leading, most = 0, 0

    async def lead(store: Store) -> None:
        nonlocal leading, most
        for _ in range(5):
            async with store.lead("bot"):
                leading += 1
                most = max(most, leading)
                await asyncio.sleep(0)
                leading -= 1

    await asyncio.gather(*map(lead, stores))
    assert most == 1


async def test_a_leader_that_is_killed_is_followed_at_once(database: Database, stores: list[Store]) -> None:
    """kill -9: the system itself lets go of what it held."""
    leader: Process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEADER, database.address, stdout=PIPE
    )
    assert leader.stdout
    assert await leader.stdout.readline() == b"leading\n"
    follower = Candidate(stores[0])
    await follower.standing_by.wait()
    leader.kill()
    await leader.wait()
    await follower.leading.wait()
    await follower.leave()
