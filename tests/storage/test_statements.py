"""The named SQL: each statement finds its rows by an index, and would run on PostgreSQL as it is."""

import inspect
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import bot.storage
from bot.storage.migrate import known_migrations
from bot.storage.statements import statements

FILES = sorted(Path(inspect.getfile(bot.storage)).parent.joinpath("queries").glob("*.sql"))
NAMES = [name for name in statements.available_queries if not name.endswith("_cursor")]


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in known_migrations():
            connection.executescript(migration.script)
        yield connection


def parameters(name: str) -> list[str]:
    return list(inspect.signature(getattr(statements, name)).parameters)


def steps_of(database: sqlite3.Connection, name: str, **values: object) -> int:
    """How many steps of SQLite's machine a statement takes: work, whatever the hour and the computer."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    database.set_progress_handler(count, 1)
    database.execute(getattr(statements, name).sql, values).fetchall()
    database.set_progress_handler(None, 0)
    return steps


def test_every_statement_of_the_files_is_loaded_and_has_a_sentence_over_it() -> None:
    written = [name for file in FILES for name in re.findall(r"^-- name: (\w+)", file.read_text(), re.M)]
    assert len(written) > 50
    assert sorted(written) == sorted(NAMES)
    for name in written:
        assert getattr(statements, name).__doc__.endswith("."), name


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"clubs"}))
def test_no_statement_reads_a_table_through(database: sqlite3.Connection, name: str) -> None:
    plan = database.execute(
        f"EXPLAIN QUERY PLAN {getattr(statements, name).sql}", dict.fromkeys(parameters(name))
    )
    scans = [detail for *_, detail in plan if detail.startswith("SCAN") and "CONSTANT ROW" not in detail]
    assert scans == []


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_uses_only_words_that_both_databases_know(name: str) -> None:
    sql = getattr(statements, name).sql
    sqlite_only = (
        r"\?|\b(json_\w+|strftime|datetime|unixepoch|ifnull|iif|glob|rowid|insert or|replace into)\b"
    )
    assert re.search(sqlite_only, sql, re.I) is None


def fill(database: sqlite3.Connection, clubs: int) -> None:
    """Clubs, each with a chat, paused beats, and posts that are sent, waiting for later, or held."""
    database.execute("PRAGMA foreign_keys = OFF")
    numbers = range(1, clubs + 1)
    database.executemany(
        "INSERT INTO chats (id, club_id, platform, chat_id, kind, topics, active)"
        " VALUES (:n, :n, 'web', 'c' || :n, 'group', 0, 1)",
        [{"n": number} for number in numbers],
    )
    database.executemany(
        "INSERT INTO beats (club_id, kind, slot, weekday, minute, every, next_at, held)"
        " VALUES (?, ?, 0, 0, 0, 1, ?, ?)",
        [
            (number, kind, at, held)
            for number in numbers
            for kind, at, held in (("quiz", 5, 1), ("paper", 500, 0))
        ],
    )
    database.executemany(
        "INSERT INTO posts (key, chat_id, platform, held, kind, paper_id, number, due_at, not_before, state)"
        " VALUES (?, ?, 'web', ?, 'paper', 'a', 0, ?, ?, ?)",
        [
            (f"{number}-{kind}", number, held, due_at, due_at, state)
            for number in numbers
            for kind, held, due_at, state in (
                ("sent", 0, 1, "sent"), ("held", 1, 1, "pending"), ("later", 0, 500, "pending"),
            )
        ],
    )  # fmt: skip
    database.executemany(
        "INSERT INTO readings (member_id, paper_id, club_id, level, note, at, counted)"
        " VALUES (?, 'a', 1, ?, '', 1, 0)",
        [(number, 1 + number % 2) for number in numbers],
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("anything_due", {"now": 100}),
        ("standings_due", {"now": 100, "limit": 50}),
        ("beats_due", {"now": 100, "limit": 50}),
        ("rests_due", {"now": 100, "limit": 50}),
        ("chats_due", {"now": 100, "limit": 50}),
        ("tally", {"club_id": 1, "ballot": 1}),
        ("due_posts", {"platform": "web", "now": 100, "limit": 50}),
        ("under_way", {"platform": "web"}),
        ("expired", {"platform": "web", "now": 100}),
        ("unknown_posts", {"club_id": 1, "limit": 5}),
        ("readers", {"club_id": 1, "paper_id": "a"}),
        ("reader_names", {"club_id": 1, "paper_id": "a", "limit": 5}),
        ("seat", {"platform": "web", "chat_id": "c1", "user_id": "u"}),
    ],
)
def test_the_work_depends_on_what_is_asked_for_and_not_on_what_there_is(
    database: sqlite3.Connection, name: str, values: dict[str, object]
) -> None:
    fill(database, 20)
    few = steps_of(database, name, **values)
    database.executescript("DELETE FROM chats; DELETE FROM beats; DELETE FROM posts; DELETE FROM readings")
    fill(database, 2000)
    assert steps_of(database, name, **values) == few
