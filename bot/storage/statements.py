"""The named SQL of `queries/`, as functions that run on a connection.

    row = await statements.seat(connection, platform=…, chat_id=…, user_id=…)

The mark after a statement's name says what is awaited: none gives rows, ^ a row or None, $ a value or
None, ! nothing, *! (with a list of arguments) nothing. Rows are tuples.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import aiosql
from aiosqlite import Connection

Arguments = Mapping[str, Any]
Row = tuple[Any, ...]


class _OneHop:
    """Runs each statement in one visit to the connection's thread, rows fetched.

    aiosql's own adapter for aiosqlite visits three or four times. It takes this one for synchronous,
    which makes it hand our awaitables on as they are, instead of turning rows into a generator.
    """

    is_aio_driver = False

    def process_sql(self, name: str, operation: object, sql: str) -> str:
        return sql

    async def select(self, on: Connection, name: str, sql: str, values: Arguments, _: object) -> list[Row]:
        return list(await on.execute_fetchall(sql, values))  # type: ignore[arg-type]  # named, not in order

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
        async with on.executemany(sql, values):
            pass


statements: Any = aiosql.from_path(Path(__file__).with_name("queries"), _OneHop)  # type: ignore[arg-type]
"""Every named statement. The names come from the files, which is why this is not typed."""
