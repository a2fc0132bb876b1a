"""The implementations of the store port, each as a database that a test opens as often as it likes."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.ports import Records, Room, Store
from bot.storage.postgres import PostgresStore
from bot.storage.room import SqlRoom
from bot.storage.sqlite import SqliteStore
from tests.servers.postgres import postgres


class Database(Protocol):
    """One database, empty at first, that outlives the stores opened on it."""

    refusal: type[Exception]
    """What writing in a read block, or a broken rule of the schema, raises."""

    address: str
    """As the setting says it."""

    async def prepare(self) -> None:
        """Make whatever has to be there before a store can be opened."""
        ...

    async def open(self, on_queued: Callable[[], None] = lambda: None) -> tuple[Store, Room]:
        """A store and room of their own on the same database, as another process would have them."""
        ...

    async def close(self) -> None:
        """Close all that was opened."""
        ...

    async def remove(self) -> None:
        """Close all that was opened, and remove the database."""
        ...

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        """Do something behind the store's back."""
        ...


class SqliteDatabase:
    """A file in a folder of the test's own."""

    refusal: type[Exception] = sqlite3.Error

    def __init__(self, folder: Path) -> None:
        self.path = folder / "club.sqlite3"
        self.address = str(self.path)
        self._opened: list[SqliteStore] = []

    async def prepare(self) -> None:
        """A file is made by the store itself."""

    async def open(self, on_queued: Callable[[], None] = lambda: None) -> tuple[Store, Room]:
        store = SqliteStore(on_queued)
        await store.open(self.path)
        self._opened.append(store)
        return store, SqlRoom(store)

    async def close(self) -> None:
        while self._opened:
            await self._opened.pop().close()

    async def remove(self) -> None:
        await self.close()

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        return await asyncio.to_thread(self._run, statement)

    def _run(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(statement).fetchall()


class PostgresDatabase:
    """A database on the tests' own server."""

    refusal: type[Exception] = asyncpg.PostgresError

    def __init__(self, _: Path) -> None:
        self._server = postgres()
        self.address = self._server.new_address()
        self._made: asyncio.Task[None] | None = None
        self._opened: list[PostgresStore] = []

    async def prepare(self) -> None:
        self._made = self._made or asyncio.create_task(self._server.make(self.address))
        await self._made

    async def open(self, on_queued: Callable[[], None] = lambda: None) -> tuple[Store, Room]:
        await self.prepare()
        store = PostgresStore(on_queued)
        await store.open(self.address)
        self._opened.append(store)
        return store, SqlRoom(store)

    async def close(self) -> None:
        while self._opened:
            await self._opened.pop().close()

    async def remove(self) -> None:
        await self.close()
        await self._server.drop(self.address)

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        connection: Any = await asyncpg.connect(self.address)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()


IMPLEMENTATIONS: dict[str, Callable[[Path], Database]] = {
    "sqlite": SqliteDatabase,
    "postgres": PostgresDatabase,
}


async def new_club(records: Records, title: str = "Readers") -> int:
    return await records.add_club(title, ClubLanguage.BOTH, "Asia/Shanghai", "plan", 1)


async def new_chat(
    records: Records, club_id: int, name: str = "room", platform: Platform = Platform.WEB
) -> int:
    return await records.add_chat(club_id, platform, name, ChatKind.GROUP, False)


async def join(records: Records, club_id: int, account: Account, name: str = "Ann") -> int:
    member, _ = await records.enrol(club_id, account, name, "", 1)
    return member.id
