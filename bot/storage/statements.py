"""The named SQL of `queries/`, as functions that run on a connection.

    row = await statements.seat(connection, platform=…, chat_id=…, user_id=…)

The mark after a statement's name says what is awaited: none gives rows, ^ a row or None, $ a value or
None, ! nothing, *! (with a list of arguments) nothing. Rows are tuples.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import aiosql

Arguments = Mapping[str, Any]
Row = tuple[Any, ...]


class Connection(Protocol):
    """A connection to either database. aiosqlite's is one as it comes."""

    async def execute_fetchall(self, sql: str, parameters: Arguments = ..., /) -> Iterable[Any]:
        """Run a statement with its `:named` arguments and fetch its rows, as tuples."""
        ...

    def executemany(
        self, sql: str, parameters: Iterable[Arguments], /
    ) -> AbstractAsyncContextManager[object]:
        """Run a statement once for each set of arguments, when the block is entered."""
        ...


class _OneHop:
    """Runs each statement in one visit to the connection's thread or server, rows fetched.

    aiosql's own adapter for aiosqlite visits three or four times. It takes this one for synchronous,
    which makes it hand our awaitables on as they are, instead of turning rows into a generator.
    """

    is_aio_driver = False

    def process_sql(self, name: str, operation: object, sql: str) -> str:
        return sql

    async def select(self, on: Connection, name: str, sql: str, values: Arguments, _: object) -> list[Row]:
        return list(await on.execute_fetchall(sql, values))

    async def select_one(
        self, on: Connection, name: str, sql: str, values: Arguments, _: object
    ) -> Row | None:
        rows = await self.select(on, name, sql, values, None)
        return rows[0] if rows else None

    async def select_value(self, on: Connection, name: str, sql: str, values: Arguments) -> Any:
        row = await self.select_one(on, name, sql, values, None)
        return row[0] if row else None

    async def insert_update_delete(self, on: Connection, name: str, sql: str, values: Arguments) -> None:
        await self.select(on, name, sql, values, None)

    async def insert_update_delete_many(
        self, on: Connection, name: str, sql: str, values: Iterable[Arguments]
    ) -> None:
        sets = list(values)
        if len(sets) == 1:  # aiosqlite visits once more to close the cursor of many
            await on.execute_fetchall(sql, sets[0])
            return
        async with on.executemany(sql, sets):
            pass


statements: Any = aiosql.from_path(Path(__file__).with_name("queries"), _OneHop)  # type: ignore[arg-type]
"""Every named statement. The names come from the files, which is why this is not typed."""
