"""How many transactions that write each database takes in a second, and what the lock among processes costs.

Run with `python -m tests.benchmarks.writes [seconds]`. Every transaction reads a value and writes it back;
commits are on the disk before they count. Prints transactions a second for SQLite and for PostgreSQL, with
one writer, with eight in one process, and with four in each of two processes; and the same without the lock.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.storage import postgres as postgres_store
from bot.storage.postgres_pool import Pool
from bot.storage.stores import open_store
from tests.servers.postgres import durable_postgres

UNLOCKED = "BEGIN ISOLATION LEVEL READ COMMITTED"


async def count(address: str, writers: int, seconds: float, *, locked: bool, name: str) -> int:
    """How many transactions so many writers make in some seconds."""
    if not locked:
        postgres_store.WRITE = UNLOCKED
    store: Any = await open_store(address if "://" in address else Path(address))
    if not locked:
        store._writer = Pool(address, writers)
    end = time.perf_counter() + seconds

    async def write(key: str) -> int:
        done = 0
        while time.perf_counter() < end:
            async with store.write() as records:
                await records.keep(key, str(int(await records.kept(key) or 0) + 1))
            done += 1
        return done

    made = await asyncio.gather(*(write(f"{name}{number}") for number in range(writers)))
    await store.close()
    return sum(made)


async def in_processes(address: str, processes: int, writers: int, seconds: float, *, locked: bool) -> int:
    """The same, with so many writers in each of some processes."""
    words = [sys.executable, "-m", __spec__.name, "count", address, str(writers), str(seconds), str(locked)]
    started = [
        await asyncio.create_subprocess_exec(*words, str(number), stdout=asyncio.subprocess.PIPE)
        for number in range(processes)
    ]
    said = [(await process.communicate())[0] for process in started]
    return sum(int(words) for words in said)


async def measure(seconds: float) -> None:
    """Print a line for each way."""
    server = durable_postgres()
    with tempfile.TemporaryDirectory() as folder:
        sqlite = str(Path(folder) / "club.db")
        for what, address, processes, writers, locked in (
            ("SQLite, one writer", sqlite, 1, 1, True),
            ("SQLite, eight writers", sqlite, 1, 8, True),
            ("PostgreSQL, one writer", "", 1, 1, True),
            ("PostgreSQL, eight writers", "", 1, 8, True),
            ("PostgreSQL, four writers in each of two processes", "", 2, 4, True),
            ("the same without the lock, one writer", "", 1, 1, False),
            ("the same without the lock, eight writers", "", 1, 8, False),
        ):
            place = address or server.new_address()
            if not address:
                await server.make(place)
            made = await in_processes(place, processes, writers, seconds, locked=locked)
            print(f"{made / seconds:8.0f} a second   {what}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["count"]:
        address, writers, seconds, locked, name = sys.argv[2:]
        print(
            asyncio.run(
                count(address, int(writers), float(seconds), locked=locked == "True", name=f"{name}-")
            )
        )
    else:
        asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 5))
