"""What tables this version has, asked of the migrations themselves."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from bot.storage.migrate import known_migrations


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its columns in order. `numbered` tells that the database gives ids, `once` that it never
    gives one again."""

    name: str
    columns: tuple[str, ...]
    numbered: bool
    once: bool

    @property
    def select(self) -> str:
        """Asks for every row."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name}"

    @property
    def first(self) -> str:
        """Asks for nothing but whether there is a row."""
        return f"SELECT 1 FROM {self.name} LIMIT 1"

    @property
    def highest(self) -> str:
        """Asks for the highest id; 0 for none."""
        return f"SELECT coalesce(max(id), 0) FROM {self.name}"

    @property
    def insert(self) -> str:
        """Adds a row, in SQLite."""
        places = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({places})"


def tables() -> Sequence[Table]:
    """Every table that holds records, each after those it refers to."""
    with closing(sqlite3.connect(":memory:")) as model:
        for migration in known_migrations():
            model.executescript(migration.script)
        found = model.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        references = {
            name: {row[2] for row in model.execute(f"PRAGMA foreign_key_list({name})")} - {name}
            for name, _ in found
        }
        by_name = {name: _table(model, name, sql) for name, sql in found}
    ordered: list[Table] = []
    placed: set[str] = set()
    while len(placed) < len(by_name):
        ready = sorted(name for name in by_name if name not in placed and references[name] <= placed)
        if not ready:
            raise ValueError("tables refer to each other in a circle")
        ordered.extend(by_name[name] for name in ready)
        placed.update(ready)
    return ordered


def _table(model: sqlite3.Connection, name: str, sql: str) -> Table:
    columns = tuple(row[1] for row in model.execute(f"PRAGMA table_info({name})"))
    return Table(name, columns, numbered="id INTEGER PRIMARY KEY" in sql, once="AUTOINCREMENT" in sql)
