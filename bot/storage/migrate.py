"""Brings a database up to the schema this code knows, one numbered step at a time."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.storage.statements import Connection


class DatabaseRefused(Exception):
    """A database this version cannot work with. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: a file named `0001_what_it_is_about.sql`."""

    number: int
    name: str
    script: str


def known_migrations() -> Sequence[Migration]:
    """The steps of this version, in order."""
    files = sorted(Path(__file__).with_name("migrations").glob("[0-9]*.sql"))
    return [Migration(int(file.name[:4]), file.stem[5:], file.read_text("utf-8")) for file in files]


async def migrate(
    connection: Connection,
    migrations: Sequence[Migration],
    translated: Callable[[str], str] = lambda statement: statement,
) -> None:
    """Take the steps that a database lacks, with a note of each, in the open transaction of a connection
    that nobody else can write beside.

    `translated` gives a statement as the database takes it. Raises DatabaseRefused when the database has
    steps that are not among these.
    """
    await connection.execute_fetchall(
        translated("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    )
    latest = await _latest(connection)
    if latest > migrations[-1].number:
        raise DatabaseRefused(
            f"The database was last used by a newer Paperclub: it is at step {latest} of its schema and this"
            f" version knows {migrations[-1].number}. Install the newer version again, or restore a backup"
            " made before it."
        )
    for migration in migrations:
        if migration.number > latest:
            for statement in _statements(migration.script):
                await connection.execute_fetchall(translated(statement))
            await connection.execute_fetchall(
                "INSERT INTO migrations (number, name) VALUES (:number, :name)",
                {"number": migration.number, "name": migration.name},
            )


async def _latest(connection: Connection) -> int:
    rows = await connection.execute_fetchall("SELECT coalesce(max(number), 0) FROM migrations")
    return int(next(iter(rows))[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script. Not `executescript`, which would commit what came before it."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if sqlite3.complete_statement("\n".join(lines)):
            yield "\n".join(lines)
            lines.clear()
