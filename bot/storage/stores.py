"""Which database a setting means."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from bot.ports import Store
from bot.storage.move import Place
from bot.storage.records import SqlRecords
from bot.storage.sqlite import SqliteStore
from bot.storage.statements import Connection


class DatabaseStore(Store, Protocol):
    """A store in either database, open until it is closed."""

    on_queued: Callable[[], None]
    """Called after each commit that put a post in the ledger."""

    def read(self) -> AbstractAsyncContextManager[SqlRecords]: ...
    def write(self) -> AbstractAsyncContextManager[SqlRecords]: ...
    async def announce(self, connection: Connection, number: int) -> None:
        """Tell the other processes of a number, when and if the transaction is committed."""
        ...

    async def follow(self, told: Callable[[int], Awaitable[None]]) -> None:
        """Hand on each number that another process announces, until cancelled."""
        ...

    async def close(self) -> None:
        """Let the transactions under way end, then close."""
        ...


def place(address: Path | str) -> Place:
    """A database as one end of a move."""
    if isinstance(address, Path):
        from bot.storage.sqlite_end import SqlitePlace

        return SqlitePlace(address)
    from bot.storage.postgres_end import PostgresPlace

    return PostgresPlace(address)


async def open_store(address: Path | str) -> DatabaseStore:
    """The store in an SQLite file, made where there is none, or at a `postgresql://` URL.

    Raises DatabaseRefused for a database that cannot be used, StorageUnavailable for one that cannot be
    reached, OSError or sqlite3.Error for a file that cannot be opened.
    """
    if isinstance(address, Path):
        address.parent.mkdir(parents=True, exist_ok=True)
        file = SqliteStore()
        await file.open(address)
        return file
    # Not for everybody: importing asyncpg takes 40 ms and 6 MB.
    from bot.storage.postgres import PostgresStore

    database = PostgresStore()
    await database.open(address)
    return database
