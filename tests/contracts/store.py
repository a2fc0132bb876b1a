"""The implementations of the store port, each as a database that a test opens as often as it likes."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.ports import Records, Room, Store
from bot.storage.database import SqliteStore
from bot.storage.room import SqlRoom


class Database(Protocol):
    """One database, empty at first, that outlives the stores opened on it."""

    refusal: type[Exception]
    """What writing in a read block, or a broken rule of the schema, raises."""

    async def open(self, on_queued: Callable[[], None] = lambda: None) -> tuple[Store, Room]:
        """A store and room of their own on the same database, as another process would have them."""
        ...

    async def close(self) -> None:
        """Close all that was opened."""
        ...

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        """Do something behind the store's back."""
        ...


class SqliteDatabase:
    """A file in a folder of the test's own."""

    refusal: type[Exception] = sqlite3.Error

    def __init__(self, folder: Path) -> None:
        self.path = folder / "club.sqlite3"
        self._opened: list[SqliteStore] = []

    async def open(self, on_queued: Callable[[], None] = lambda: None) -> tuple[Store, Room]:
        store = SqliteStore(on_queued)
        await store.open(self.path)
        self._opened.append(store)
        return store, SqlRoom(store)

    async def close(self) -> None:
        while self._opened:
            await self._opened.pop().close()

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        return await asyncio.to_thread(self._run, statement)

    def _run(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(statement).fetchall()


IMPLEMENTATIONS: dict[str, Callable[[Path], Database]] = {"sqlite": SqliteDatabase}


async def new_club(records: Records, title: str = "Readers") -> int:
    return await records.add_club(title, ClubLanguage.BOTH, "Asia/Shanghai", "plan", 1)


async def new_chat(
    records: Records, club_id: int, name: str = "room", platform: Platform = Platform.WEB
) -> int:
    return await records.add_chat(club_id, platform, name, ChatKind.GROUP, False)


async def join(records: Records, club_id: int, account: Account, name: str = "Ann") -> int:
    member, _ = await records.enrol(club_id, account, name, "", 1)
    return member.id
