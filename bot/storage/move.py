"""Copies a whole record from one database into another, empty one, and proves that it arrived.

Both ends are held in one transaction each: nobody writes to the source meanwhile, and the target has all or
nothing. What is compared is the number of rows of each table and the sum of their digests, which does not
depend on their order, computed by the same code on what was read here and there.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from bot.storage.migrate import known_migrations
from bot.storage.schema import Table, tables
from bot.storage.statements import Row

BATCH = 1000
"""How many rows are held in memory at once."""

_BYTES = 16


class CannotMove(Exception):
    """Why nothing was moved, and what to do."""


@dataclass(slots=True)
class Sum:
    """How many rows there are, and a number that stands for what is in them."""

    rows: int = 0
    digest: int = 0

    def add(self, batch: Sequence[Row]) -> None:
        """Count rows in. Their order makes no difference."""
        for row in batch:
            digest = blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
            self.digest = (self.digest + int.from_bytes(digest)) % 2 ** (8 * _BYTES)
        self.rows += len(batch)

    def __str__(self) -> str:
        return f"{self.digest:0{2 * _BYTES}x}"


class End(Protocol):
    """A database as one end of a move, in an open transaction."""

    async def step(self) -> int:
        """The step of the schema it is at; 0 for a database that is none of ours."""
        ...

    async def served(self) -> bool:
        """Whether a Paperclub leads on it at this moment."""
        ...

    async def is_empty(self, table: Table) -> bool:
        """Whether a table has no row."""
        ...

    def batches(self, table: Table, size: int) -> AsyncIterator[Sequence[Row]]:
        """All rows of a table, a few at a time, as plain tuples that either database can store."""
        ...

    async def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows to a table."""
        ...

    async def last_id(self, table: Table) -> int:
        """The highest id that a table has ever given, as far as its database remembers."""
        ...

    async def set_last_id(self, table: Table, last: int) -> None:
        """Let a table give higher ids only."""
        ...


class Place(Protocol):
    """Where a database is."""

    def source(self) -> AbstractAsyncContextManager[End]:
        """Open it for reading; nobody writes to it until the block ends, and nothing in it is changed.

        Raises CannotMove when there is none.
        """
        ...

    def target(self) -> AbstractAsyncContextManager[End]:
        """Open it, made and brought up to this version's schema where need be, and keep what the block
        does, or, when that raises, nothing."""
        ...


async def move(source: Place, target: Place, told: Callable[[str, int, str], None]) -> None:
    """Copy every table. `told` hears of each that has arrived and been compared: its name, how many rows
    it has, and their checksum.

    Raises CannotMove, and what the databases raise; then nothing is kept in the target.
    """
    async with source.source() as here, target.target() as there:
        await _check(here, there)
        for table in tables():
            sent, arrived = Sum(), Sum()
            async for rows in here.batches(table, BATCH):
                sent.add(rows)
                await there.put(table, rows)
            async for rows in there.batches(table, BATCH):
                arrived.add(rows)
            if sent != arrived:
                raise CannotMove(
                    f"Of {table.name} {sent.rows} rows ({sent}) were sent, and {arrived.rows} ({arrived})"
                    " arrived. Nothing was kept in the target. Please report this."
                )
            if table.numbered:
                await there.set_last_id(table, await here.last_id(table))
            told(table.name, sent.rows, str(sent))


async def _check(here: End, there: End) -> None:
    step, known = await here.step(), known_migrations()[-1].number
    if step == 0:
        raise CannotMove("The source is no database of Paperclub's. PAPERCLUB_DATABASE says where it is.")
    if step > known:
        raise CannotMove("The source was last used by a newer Paperclub. Move it with that version.")
    if step < known:
        raise CannotMove("The source is of an older Paperclub. Start this version on it once, then move it.")
    for name, end in (("source", here), ("target", there)):
        if await end.served():
            raise CannotMove(f"A Paperclub is running on the {name}. Stop it, then move.")
    for table in tables():
        if not await there.is_empty(table):
            raise CannotMove(f"The target is not empty: there is something in {table.name}. Name another.")
