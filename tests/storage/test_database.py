"""How the SQLite store treats its file and its connections."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
import pytest_asyncio

from bot.domain.clubs import Platform
from bot.domain.posts import Draft, PostKind
from bot.ports import StorageUnavailable
from bot.storage.migrate import Migration, known_migrations, migrate
from bot.storage.room import SqlRoom
from bot.storage.sqlite import Inline, SqliteStore
from tests.contracts.store import new_chat, new_club


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "club.sqlite3"


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest_asyncio.fixture
async def store(path: Path, woken: list[str]) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(lambda: woken.append("woken"))
    await store.open(path)
    yield store
    await store.close()


async def test_a_commit_is_on_the_disk_and_keys_are_checked(store: SqliteStore) -> None:
    async with store.write() as records:
        found = {
            name: next(iter(await records.connection.execute_fetchall(f"PRAGMA {name}")))[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_seat_is_one_statement(store: SqliteStore) -> None:
    async with store.write() as records:
        await new_chat(records, await new_club(records))
    asked: list[str] = []
    async with store.read() as records:
        await records.kept("a")  # with which the transaction begins
        assert isinstance(records.connection, Inline)
        records.connection.raw.set_trace_callback(asked.append)
        assert await records.seat(Platform.WEB, "room", "ann")
    assert len(asked) == 2  # and its end
    assert asked[1] == "ROLLBACK"


async def test_an_error_that_ended_the_transaction_does_not_pass_for_a_commit(store: SqliteStore) -> None:
    async def write_and_lose() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            await records.connection.execute_fetchall("ROLLBACK")

    with pytest.raises(sqlite3.OperationalError, match="no transaction is active"):
        await write_and_lose()
    async with store.write() as records:
        assert await records.kept("a") is None


async def test_a_commit_under_way_goes_to_its_end_when_its_writer_is_cancelled(
    store: SqliteStore, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = aiosqlite.Connection.execute_fetchall

    async def queue() -> None:
        async with store.write() as records:
            chat_id = await new_chat(records, await new_club(records))
            await records.queue(Draft(chat_id, "k", PostKind.PAPER, "a", 0))

    def cancelling(self: aiosqlite.Connection, sql: str, values: Any = None) -> Any:
        if sql == "COMMIT":
            writer.cancel()
        return execute(self, sql, values)

    monkeypatch.setattr(aiosqlite.Connection, "execute_fetchall", cancelling)
    writer = asyncio.create_task(queue())
    await asyncio.wait([writer])
    assert writer.cancelled()
    assert woken == ["woken"]
    async with store.read() as records:
        assert await records.post_by_key("k") is not None


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commits that a thread was asked for."""
    asked: list[str] = []
    execute = aiosqlite.Connection.execute_fetchall

    def noted(self: aiosqlite.Connection, sql: str, values: Any = None) -> Any:
        if sql == "COMMIT":
            asked.append(sql)
        return execute(self, sql, values)

    monkeypatch.setattr(aiosqlite.Connection, "execute_fetchall", noted)
    return asked


async def keep(store: SqliteStore, key: str, error: Exception | None = None) -> None:
    async with store.write() as records:
        await records.keep(key, "1")
        if error:
            raise error


async def kept(store: SqliteStore, *keys: str) -> list[str]:
    async with store.read() as records:
        return [key for key in keys if await records.kept(key)]


async def test_those_who_write_at_once_wait_for_the_disk_once(store: SqliteStore, commits: list[str]) -> None:
    await asyncio.gather(*(keep(store, key) for key in "abcdefgh"))
    assert len(commits) == 1
    assert await kept(store, *"abcdefgh") == list("abcdefgh")


async def test_who_writes_at_once_with_others_fails_alone(store: SqliteStore, commits: list[str]) -> None:
    wrong = ValueError("wrong")
    writing = [keep(store, "a"), keep(store, "b", wrong), keep(store, "c")]
    assert await asyncio.gather(*writing, return_exceptions=True) == [None, wrong, None]
    assert len(commits) == 1
    assert await kept(store, "a", "b", "c") == ["a", "c"]


async def test_who_is_cancelled_while_many_rows_are_written_leaves_none_and_takes_none_of_others(
    store: SqliteStore,
) -> None:
    rows = [{"name": f"many{number}", "value": "1"} for number in range(100_000)]
    begun = asyncio.Event()

    async def write_many() -> None:
        async with store.write() as records:
            begun.set()
            sql = "INSERT INTO kept (name, value) VALUES (:name, :value)"
            async with records.connection.executemany(sql, rows):
                pass

    first = asyncio.create_task(keep(store, "a"))
    many = asyncio.create_task(write_many())
    last = asyncio.create_task(keep(store, "b"))
    await begun.wait()
    many.cancel()
    await asyncio.gather(first, last)
    assert many.cancelled()
    async with store.read() as records:
        assert next(iter(await records.connection.execute_fetchall("SELECT count(*) FROM kept")))[0] == 2


async def test_nobody_counts_as_kept_before_the_commit_or_without_it(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, returned = aiosqlite.Connection.execute_fetchall, list[str]()

    async def refusing(self: aiosqlite.Connection, sql: str, values: Any = None) -> Any:
        if sql == "COMMIT":
            assert returned == []
            sql = "no commit"
        return await execute(self, sql, values)

    async def write(key: str) -> None:
        await keep(store, key)
        returned.append(key)

    with monkeypatch.context() as broken:
        broken.setattr(aiosqlite.Connection, "execute_fetchall", refusing)
        outcomes = await asyncio.gather(*map(write, "abc"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [sqlite3.OperationalError] * 3
    assert await kept(store, "a", "b", "c") == returned == []
    await write("d")
    assert await kept(store, "d") == ["d"]


async def test_an_error_that_ends_the_transaction_ends_it_for_all_who_wrote_at_once(
    store: SqliteStore,
) -> None:
    async def lose() -> None:
        async with store.write() as records:
            await records.connection.execute_fetchall("ROLLBACK")

    outcomes = await asyncio.gather(keep(store, "a"), lose(), keep(store, "b"), return_exceptions=True)
    assert isinstance(outcomes[0], StorageUnavailable)
    assert isinstance(outcomes[1], sqlite3.OperationalError)
    assert outcomes[2] is None
    assert await kept(store, "a", "b") == ["b"]


async def test_closing_lets_those_who_write_at_once_end(store: SqliteStore, path: Path) -> None:
    writing = [asyncio.create_task(keep(store, key)) for key in "abc"]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*writing)
    await store.open(path)
    assert await kept(store, "a", "b", "c") == ["a", "b", "c"]


async def test_closing_leaves_one_file_and_no_open_store(store: SqliteStore, path: Path) -> None:
    async with store.write() as records:
        await records.keep("a", "1")
    await store.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        async with store.read() as records:
            await records.kept("a")


def test_a_file_that_is_no_database_is_an_error_and_is_left_alone(path: Path) -> None:
    path.write_text("my shopping list " * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        asyncio.run(SqliteStore().open(path))
    assert path.read_text() == "my shopping list " * 100


async def test_an_older_database_is_brought_up_to_date_with_what_it_holds(path: Path) -> None:
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await migrate(connection, known_migrations()[:1])
        await connection.execute_fetchall("INSERT INTO kept VALUES ('a', '1')")
    store = SqliteStore()
    await store.open(path)
    try:
        async with store.read() as records:
            assert await records.kept("a") == "1"
        assert await SqlRoom(store).threads("room") == []
    finally:
        await store.close()


def test_steps_are_numbered_without_a_gap_and_say_why() -> None:
    steps = known_migrations()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.script.startswith("-- ") for step in steps)


async def test_a_migration_may_have_a_semicolon_in_a_comment_or_a_text(path: Path) -> None:
    script = "-- One; two.\nCREATE TABLE a (b TEXT DEFAULT 'x;y'); -- three;\n-- the end"
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await migrate(connection, [Migration(1, "text", script)])
        await connection.execute_fetchall("INSERT INTO a DEFAULT VALUES")
        rows: Any = await connection.execute_fetchall("SELECT b FROM a")
    assert list(rows) == [("x;y",)]
