"""The store in an SQLite file: one connection that writes, a few that read.

Statements run where they are asked for, on the loop: one takes some ten microseconds, as it finds what it
wants by an index and in memory, and handing it to a thread takes fifty. A commit waits for the disk and many
statements at once take long, so a thread has them; what waits for another process is tried again every now
and then.

Transactions that come while another is being committed are committed together, each in a savepoint of its
own: the disk is waited for once for all of them. None counts as kept before that.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.ports import StorageUnavailable
from bot.storage.errors import understood
from bot.storage.file_lock import locked
from bot.storage.finishing import to_its_end
from bot.storage.migrate import known_migrations, migrate
from bot.storage.records import SqlRecords
from bot.storage.statements import Arguments, Row

log = logging.getLogger(__name__)

T = TypeVar("T")

READERS = 2
"""Connections for reading. More of them wait less for one another and keep more in memory."""

BUSY_TIMEOUT = 5.0
"""How long a transaction waits for another process at first, in seconds."""

BRIEFLY = 0.25
"""How long it waits, in seconds, once that was in vain."""

SURE = 3
"""How many transactions in a row have to be kept until a trouble counts as over."""

FEW = 50
"""So many statements at once take no longer than the visit to the thread."""

_PAUSE = 0.02
"""Between two tries, in seconds."""


class SqliteStore:
    """The record in one file. Open it before use, and close it, or its threads keep the process alive."""

    def __init__(self, on_queued: Callable[[], None] = lambda: None) -> None:
        self.on_queued = on_queued
        """Called after each commit that put a post in the ledger."""
        self._turn = asyncio.Lock()
        self._free = asyncio.Semaphore(READERS)
        self._told: type[StorageUnavailable] | None = None
        self._kept_since = 0
        self.patience = BUSY_TIMEOUT
        """How long a transaction waits for another process that is writing, in seconds."""
        self._group: _Group | None = None
        self._idle: list[_Reader] = []
        self._connections = AsyncExitStack()
        self._path = Path()

    async def open(self, path: str | Path) -> None:
        """Open or make the file, and bring it up to this version's schema.

        Raises DatabaseRefused for a file that a newer version has used, StorageUnavailable for one that
        cannot be opened or written, sqlite3.Error for one that is no database.
        """
        self._path = Path(path)
        async with AsyncExitStack() as connections:
            connections.enter_context(understood(writing=True))
            writer = await asyncio.to_thread(_connect, path)
            # From here on the writer belongs to a thread of its own, for what takes long.
            self._thread = await connections.enter_async_context(aiosqlite.Connection(lambda: writer, 64))
            self._writer = _Writer(writer, self._thread)
            await _patiently(BUSY_TIMEOUT, lambda: writer.execute("PRAGMA journal_mode = WAL"))
            writer.execute("PRAGMA synchronous = FULL")
            writer.execute("PRAGMA foreign_keys = ON")
            await self._migrate()
            for _ in range(READERS):
                reader = await asyncio.to_thread(_connect, path)
                connections.callback(reader.close)
                self._idle.append(_Reader(reader))
            self._connections = connections.pop_all()

    async def _migrate(self) -> None:
        await self._begin()
        try:
            await migrate(self._thread, known_migrations())
            await self._thread.execute_fetchall("COMMIT")
        except BaseException:
            await self._thread.rollback()
            raise

    async def _begin(self) -> None:
        # Immediate: a transaction that first reads and then writes would else be refused when another
        # process has written in between.
        await _patiently(self.patience, lambda: self._writer.raw.execute("BEGIN IMMEDIATE"))

    async def close(self) -> None:
        """Let the transactions under way end, then close the file."""
        while True:
            async with self._turn, AsyncExitStack() as readers:
                if self._group is None:
                    for _ in range(READERS):
                        await readers.enter_async_context(self._free)
                    await self._connections.aclose()
                    return
            await asyncio.sleep(0)  # whoever commits the group stands behind us

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlRecords]:
        """A consistent view; writing in it raises sqlite3.OperationalError."""
        # No statement lets go of the loop: without this, whoever looks again and again would keep it.
        await asyncio.sleep(0)
        async with self._free:
            reader = self._idle.pop()
            try:
                with understood():
                    yield SqlRecords(reader)
            finally:
                self._idle.append(reader)
                reader.raw.rollback()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlRecords]:
        """One transaction: all of it is kept, or, when the block raises or is cancelled, none."""
        async with self._turn:
            raw = self._writer.raw
            try:
                with understood(writing=True):
                    if self._group is None:
                        if raw.in_transaction:  # a failing disk kept it from being taken back
                            await self._thread.rollback()
                        await self._begin()
                    raw.execute("SAVEPOINT member")
                    before = raw.total_changes
                    records = SqlRecords(self._writer)
                    yield records
                    # A transaction that an error has ended can only be committed in vain, which tells.
                    raw.execute("RELEASE member" if raw.in_transaction else "COMMIT")
                    if self._group is None and raw.total_changes == before:
                        raw.execute("COMMIT")  # of nothing: no disk is waited for
                        return
                    group = self._join(records)
            except BaseException as error:
                await to_its_end(self._take_back(error))
                raise
        await group.outcome()

    def _join(self, records: SqlRecords) -> "_Group":
        """Have what was written committed, after whoever waits to write as well."""
        if self._group is None:
            self._group = _Group()
            self._group.ending = asyncio.create_task(self._end(self._group))
        self._group.queued |= records.queued
        return self._group

    async def _end(self, group: "_Group") -> None:
        """Commit a group when its turn comes, unless an error has ended it before."""
        async with self._turn:
            if group.over.done():
                return
            self._group = None
            try:
                with understood(writing=True):
                    await self._commit(group)
            except BaseException as error:
                with suppress(sqlite3.Error):
                    await self._thread.rollback()
                self._not_kept(error)
                group.over.set_result(error)
                return
            if self._told:
                self._kept()
            group.over.set_result(None)

    async def _take_back(self, error: BaseException) -> None:
        """Undo what one has written, and leave what others have. Some errors end the transaction of all."""
        raw, group = self._writer.raw, self._group
        with suppress(sqlite3.Error):  # in the thread, which may still be at what was cancelled
            if group is None:
                await self._thread.rollback()
            else:
                await self._thread.execute_fetchall("ROLLBACK TO member")
                await self._thread.execute_fetchall("RELEASE member")
        if group and not raw.in_transaction:
            self._group = None
            lost = StorageUnavailable("what others wrote failed, and this with it")
            group.over.set_result(error if isinstance(error, StorageUnavailable) else lost)
        self._not_kept(error)

    @asynccontextmanager
    async def lead(
        self, name: str, on_standing_by: Callable[[], None] = lambda: None
    ) -> AsyncIterator[asyncio.Event]:
        """Lead by a lock on a file beside the database. It cannot be lost, so the event is never set."""
        async with locked(self._path.with_name(f"{self._path.name}.{name}.lock"), on_standing_by):
            yield asyncio.Event()

    async def announce(self, connection: object, number: int) -> None:
        """There is nobody to tell: a second process on the file stands by."""

    async def follow(self, told: Callable[[int], Awaitable[None]]) -> None:
        """There is nobody to hear of."""
        await asyncio.Event().wait()

    async def _commit(self, group: "_Group") -> None:
        # Spelled out, as the driver's own commit() passes over a transaction that an error has ended.
        await self._thread.execute_fetchall("COMMIT")
        if group.queued:
            self.on_queued()

    def _not_kept(self, error: BaseException) -> None:
        """Tell the host once that nothing can be recorded, and be brief with whoever comes next: each
        would wait for the one before it."""
        if not isinstance(error, StorageUnavailable):
            return
        self._kept_since = 0
        if self._told is not type(error):
            self._told = type(error)
            log.error("%s", error)
            self.patience = BRIEFLY

    def _kept(self) -> None:
        """Tell the host that it works again, once that is sure: on a disk that is nearly full some
        transactions fit and others do not."""
        self._kept_since += 1
        if self._kept_since >= SURE:
            self._told = None
            log.info("the record can be written again")
            self.patience = BUSY_TIMEOUT


class _Group:
    """Transactions that are committed together. `queued` tells that one put a post in the ledger."""

    def __init__(self) -> None:
        self.over: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self.queued = False
        self.ending: asyncio.Task[None] | None = None

    async def outcome(self) -> None:
        """Return when all is kept; raise when nothing is. A cancellation that comes meanwhile is raised after
        that."""
        cancelled = None
        while not self.over.done():
            try:
                await asyncio.shield(self.over)
            except asyncio.CancelledError as error:
                cancelled = error
        if trouble := self.over.result() or cancelled:
            raise trouble


class Inline:
    """A connection as the named statements want it, whose statements run at once."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    async def execute_fetchall(self, sql: str, parameters: Arguments | Sequence[Any] = (), /) -> list[Row]:
        return self.raw.execute(sql, parameters).fetchall()

    def executemany(
        self, sql: str, parameters: Iterable[Arguments], /
    ) -> AbstractAsyncContextManager[object]:
        return nullcontext(self.raw.executemany(sql, parameters))


class _Writer(Inline):
    """Has its thread do what is many statements at once."""

    def __init__(self, raw: sqlite3.Connection, thread: aiosqlite.Connection) -> None:
        super().__init__(raw)
        self._thread = thread

    def executemany(
        self, sql: str, parameters: Iterable[Arguments], /
    ) -> AbstractAsyncContextManager[object]:
        sets = list(parameters)
        return self._thread.executemany(sql, sets) if len(sets) > FEW else super().executemany(sql, sets)


class _Reader(Inline):
    """Cannot write, and begins its transaction with the first statement."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        super().__init__(raw)
        raw.execute("PRAGMA query_only = ON")

    async def execute_fetchall(self, sql: str, parameters: Arguments | Sequence[Any] = (), /) -> list[Row]:
        if self.raw.in_transaction:
            return await super().execute_fetchall(sql, parameters)
        self.raw.execute("BEGIN")
        # Only now is the file looked at.
        return await _patiently(BUSY_TIMEOUT, lambda: self.raw.execute(sql, parameters).fetchall())


def _connect(path: str | Path) -> sqlite3.Connection:
    # It never waits by itself, and is used by one at a time: by the loop, or by the thread it waits for.
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)


async def _patiently(seconds: float, attempt: Callable[[], T]) -> T:
    """What an attempt gives, made again and again, for some seconds, while another process is in the way."""
    until = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
        await asyncio.sleep(_PAUSE)
