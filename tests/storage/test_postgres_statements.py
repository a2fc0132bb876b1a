"""PostgreSQL takes each named statement, and it too finds its rows by an index."""

import inspect
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from bot.storage.postgres_connection import numbered
from bot.storage.statements import statements
from tests.contracts.store import PostgresDatabase

NAMES = [name for name in statements.available_queries if not name.endswith("_cursor")]

READS_ALL = {"clubs"}
"""The statements that are meant to read a table through."""


@pytest_asyncio.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Any]:
    database = PostgresDatabase(tmp_path)
    await database.open()
    connection: Any = await asyncpg.connect(database.address)
    # A table is then read through only where nothing else can be done.
    await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
    yield connection
    await connection.close()
    await database.remove()


async def test_every_statement_is_taken_with_the_arguments_it_names(connection: Any) -> None:
    for name in NAMES:
        statement = getattr(statements, name)
        sql, names = numbered(statement.sql)
        prepared = await connection.prepare(sql)
        assert set(names) == set(inspect.signature(statement).parameters), name
        kinds = {kind.name for kind in prepared.get_parameters()}
        assert kinds <= {"int4", "int8", "text"}, f"{name}: {kinds}"


def scans(plan: dict[str, Any]) -> Iterator[str]:
    """The steps of a plan that read a table, or an index of all its rows, from end to end. An index of few
    rows may be read so, and is, as long as the planner knows nothing of the tables."""
    of_all = plan["Node Type"] == "Seq Scan" or re.search(r"_p?key\d*$", plan.get("Index Name", ""))
    if of_all and "Index Cond" not in plan:
        yield f"{plan['Node Type']} on {plan.get('Relation Name', plan.get('Index Name'))}"
    for part in plan.get("Plans", []):
        yield from scans(part)


async def scans_of(connection: Any, sql: str, arguments: int) -> list[str]:
    await connection.execute(f"PREPARE asked AS {sql.strip().rstrip(';')}")
    nulls = f"({', '.join(['NULL'] * arguments)})" if arguments else ""
    (plan,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{nulls}"))
    await connection.execute("DEALLOCATE asked")
    return list(scans(plan["Plan"]))


async def test_no_statement_has_to_read_a_table_through(connection: Any) -> None:
    found: dict[str, list[str]] = {}
    for name in NAMES:
        sql, names = numbered(getattr(statements, name).sql)
        if scanned := await scans_of(connection, sql, len(names)):
            found[name] = scanned
    assert len(NAMES) > 50
    assert set(found) <= READS_ALL, found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM members WHERE papers_read = $1",
        "SELECT id FROM members WHERE papers_read = $1 ORDER BY id",
        "UPDATE posts SET reason = 'x' WHERE week = $1",
    ],
)
async def test_a_planted_statement_that_reads_a_table_through_is_found(connection: Any, sql: str) -> None:
    assert await scans_of(connection, sql, 1)
