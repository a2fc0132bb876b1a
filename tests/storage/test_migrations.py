"""The same numbered steps lead both databases to the same schema."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.storage import postgres, sqlite
from bot.storage.dialect import for_postgres
from bot.storage.migrate import Migration, known_migrations
from tests.contracts.store import IMPLEMENTATIONS, Database, PostgresDatabase, SqliteDatabase

Row = tuple[object, ...]

SQLITE_COLUMNS = """
    SELECT tables.name, columns.name, columns."notnull" OR columns.pk > 0, columns.dflt_value
    FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
    WHERE tables.type IN ('table', 'view') AND tables.name NOT LIKE 'sqlite%'"""
SQLITE_KEYS = """
    SELECT tables.name, columns.pk, columns.name
    FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite%' AND columns.pk > 0"""
SQLITE_REFERENCES = """
    SELECT tables.name, links."from", links."table", links."to"
    FROM sqlite_master AS tables JOIN pragma_foreign_key_list(tables.name) AS links
    WHERE tables.type = 'table'"""
SQLITE_INDEXES = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"

POSTGRES_COLUMNS = """
    SELECT table_name, column_name,
        is_nullable = 'NO' AND table_name NOT IN (SELECT viewname FROM pg_views WHERE schemaname = 'public'),
        column_default
    FROM information_schema.columns WHERE table_schema = 'public'"""
POSTGRES_KEYS = """
    SELECT keys.table_name, keys.ordinal_position, keys.column_name
    FROM information_schema.key_column_usage AS keys
    JOIN information_schema.table_constraints AS rules USING (constraint_name, table_name)
    WHERE rules.constraint_type = 'PRIMARY KEY' AND rules.table_schema = 'public'"""
POSTGRES_REFERENCES = """
    SELECT from_.relname, from_column.attname, to_.relname, to_column.attname
    FROM pg_constraint AS links
    JOIN pg_class AS from_ ON from_.oid = links.conrelid
    JOIN pg_class AS to_ ON to_.oid = links.confrelid
    JOIN pg_attribute AS from_column
        ON from_column.attrelid = from_.oid AND from_column.attnum = links.conkey[1]
    JOIN pg_attribute AS to_column ON to_column.attrelid = to_.oid AND to_column.attnum = links.confkey[1]
    WHERE links.contype = 'f'"""
POSTGRES_INDEXES = "SELECT indexname, tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"


@pytest_asyncio.fixture
async def of_sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = SqliteDatabase(tmp_path)
    await database.open()
    yield database
    await database.remove()


@pytest_asyncio.fixture
async def of_postgres(tmp_path: Path) -> AsyncIterator[Database]:
    database = PostgresDatabase(tmp_path)
    await database.open()
    yield database
    await database.remove()


async def test_both_have_the_same_tables_and_columns(of_sqlite: Database, of_postgres: Database) -> None:
    """Names, what may be null, and defaults; kinds of values differ, as those of the databases do."""

    def plain(row: Row) -> Row:
        table, column, needed, default = row
        words = re.sub(r"::\w+", "", str(default)) if default is not None else None
        return table, column, bool(needed), words

    there = {plain(row) for row in await of_postgres.run(POSTGRES_COLUMNS)}
    assert len(there) > 100
    assert {plain(row) for row in await of_sqlite.run(SQLITE_COLUMNS)} == there


async def test_both_have_the_same_keys_and_references(of_sqlite: Database, of_postgres: Database) -> None:
    """Primary keys in the order of their columns; where each reference leads."""
    keys = set(await of_postgres.run(POSTGRES_KEYS))
    assert set(await of_sqlite.run(SQLITE_KEYS)) == keys
    links = sorted(map(str, await of_postgres.run(POSTGRES_REFERENCES)))
    assert len(links) > 10
    assert sorted(map(str, await of_sqlite.run(SQLITE_REFERENCES))) == links


async def test_both_have_the_same_indexes(of_sqlite: Database, of_postgres: Database) -> None:
    """Their columns in order, whether they are unique, and which rows they hold."""

    def parts(row: Row) -> Row:
        name, table, sql = row
        words = str(sql).replace('"', "")
        found = re.fullmatch(r"(?s)CREATE (UNIQUE )?INDEX \w+ ON .*?\((.*?)\)(?: WHERE (.*))?", words)
        assert found, words
        where = re.sub(r"::\w+|[()\s]", "", found[3] or "")
        return name, table, bool(found[1]), re.sub(r"\s+", "", found[2]), where

    here = {parts(row) for row in await of_sqlite.run(SQLITE_INDEXES)}
    there = {parts(row) for row in await of_postgres.run(POSTGRES_INDEXES)}
    assert len(here) > 10
    # What is left over in PostgreSQL are the indexes behind keys, which SQLite gives no text of.
    assert here <= there
    assert all(re.search(r"_p?key\d*$", str(name)) for name, *_ in there - here)


async def test_ids_are_given_by_the_database_in_both(of_postgres: Database) -> None:
    """Every table that SQLite numbers is numbered by PostgreSQL too."""
    identities = await of_postgres.run(
        "SELECT table_name FROM information_schema.columns"
        " WHERE is_identity = 'YES' AND table_name <> 'migrations'"
    )
    scripts = "".join(migration.script for migration in known_migrations())
    numbered = re.findall(r"CREATE TABLE (\w+) \(\s+id INTEGER PRIMARY KEY", scripts)
    assert len(numbered) > 5
    assert sorted(str(name) for (name,) in identities) == sorted(numbered)


async def test_texts_are_compared_by_their_bytes_in_both(of_postgres: Database) -> None:
    """As SQLite does; the tests' server would itself put a before B."""
    others = await of_postgres.run(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
    )
    assert others == []


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
async def test_a_step_that_fails_is_taken_back_whole(
    implementation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the steps before it: a database is at one version or another, never between."""
    broken = Migration(999, "broken", "CREATE TABLE a (b TEXT);\nCREATE TABLE a (b TEXT);\n")
    database = IMPLEMENTATIONS[implementation](tmp_path)
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "known_migrations", lambda: [*known_migrations(), broken])
    with pytest.raises(database.refusal, match="already exists"):
        await database.open()
    monkeypatch.undo()
    await database.open()
    steps = await database.run("SELECT number FROM migrations ORDER BY number")
    assert steps == [(step.number,) for step in known_migrations()]
    with pytest.raises(database.refusal, match="a"):
        await database.run("SELECT * FROM a")
    await database.remove()


def test_a_cast_is_left_as_it_is() -> None:
    """Where a kind of value is named without a column, PostgreSQL takes no order of letters."""
    assert for_postgres("SELECT CAST(id AS TEXT)") == "SELECT CAST(id AS TEXT)"


def test_no_step_needs_more_translation_than_there_is() -> None:
    """What is left after the rules is what both databases know."""
    scripts = "".join(for_postgres(migration.script) for migration in known_migrations())
    code = re.sub(r"--[^\n]*", "", scripts)
    assert re.search(r"\b(AUTOINCREMENT|ROWID|BLOB|REAL|DATETIME|STRICT|PRAGMA|OR IGNORE)\b", code) is None
