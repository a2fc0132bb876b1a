"""One connection to PostgreSQL, as the named statements want it."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any

import asyncpg

from bot.ports import StorageBusy, StorageFull, StorageUnavailable
from bot.storage.migrate import DatabaseRefused
from bot.storage.statements import Arguments, Row
from bot.storage.values import storable

CONNECT_TIMEOUT = 5.0
"""How long a server may take to let us in, in seconds."""

STATEMENT_TIMEOUT = 30.0
"""How long a statement may take before the connection is given up, in seconds."""

SERVER_SETTINGS = {
    "application_name": "paperclub",
    # How long a statement waits for another process that is writing.
    "lock_timeout": "5s",
    # Whoever stops in the middle of a transaction must not keep all others waiting.
    "idle_in_transaction_session_timeout": "60s",
    # The server gives a machine that has vanished up after 4 seconds, and with it what it had locked.
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "4s",
    # All statements are small; compiling one would take longer than running it.
    "jit": "off",
}
"""What every connection asks of the server."""

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # “connection is closed” and its like
    asyncpg.InternalClientError,  # its driver is confused by a goodbye that crosses a question
)
"""What asyncpg raises when the connection is gone."""

UNAVAILABLE: tuple[tuple[type[Exception], type[StorageUnavailable]], ...] = (
    (asyncpg.DiskFullError, StorageFull),
    (asyncpg.LockNotAvailableError, StorageBusy),
    *((kind, StorageUnavailable) for kind in LOST),
    (asyncpg.InsufficientResourcesError, StorageUnavailable),  # too many connections, out of memory
    (asyncpg.AdminShutdownError, StorageUnavailable),
    (asyncpg.CrashShutdownError, StorageUnavailable),
    (asyncpg.CannotConnectNowError, StorageUnavailable),
    (asyncpg.IdleInTransactionSessionTimeoutError, StorageUnavailable),
    (TimeoutError, StorageUnavailable),
)
"""What asyncpg raises when the server cannot do now what it could do later, and what we raise instead. The
first that fits counts."""

REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
"""What asyncpg raises when the server does not want us, now or later."""

_PARTS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|(?<!:):(\w+)")


async def connect(address: str) -> Any:
    """A connection of asyncpg's. Raises asyncpg's errors, OSError or TimeoutError."""
    return await asyncpg.connect(
        address,
        timeout=CONNECT_TIMEOUT,
        command_timeout=STATEMENT_TIMEOUT,
        server_settings=SERVER_SETTINGS,
    )


@contextmanager
def told() -> Iterator[None]:
    """Raise what the server cannot do now as StorageUnavailable, what it will not do as DatabaseRefused."""
    try:
        yield
    except REFUSED as error:
        raise DatabaseRefused(f"PostgreSQL does not let us in: {error}.") from None
    except tuple(kind for kind, _ in UNAVAILABLE) as error:
        ours = next(ours for kind, ours in UNAVAILABLE if isinstance(error, kind))
        raise ours(f"PostgreSQL: {str(error) or type(error).__name__}") from error


class PostgresConnection:
    """Runs statements with `:named` arguments on a connection of asyncpg's."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    async def execute_fetchall(self, sql: str, parameters: Arguments | None = None, /) -> list[Row]:
        """Run a statement and fetch its rows."""
        numbered_sql, names = numbered(sql)
        values = parameters or {}
        with told():
            rows = await self._raw.fetch(numbered_sql, *(storable(values[name]) for name in names))
        return [tuple(row) for row in rows]

    @asynccontextmanager
    async def executemany(self, sql: str, parameters: Iterable[Arguments], /) -> AsyncIterator[None]:
        """Run a statement once for each set of arguments, all in one visit to the server."""
        numbered_sql, names = numbered(sql)
        sets = [[storable(values[name]) for name in names] for values in parameters]
        with told():
            await self._raw.executemany(numbered_sql, sets)
        yield


@cache
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `$1` for its first `:name` and so on, and the names in that order."""
    names: list[str] = []

    def number(part: re.Match[str]) -> str:
        name = part[1]
        if name is None:  # a text or a comment
            return part[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PARTS.sub(number, sql), tuple(names)
