"""What the passing of time costs: many clubs due at once, and very many that are not.

    python -m tests.benchmarks.cadence [clubs due] [clubs idle]

Beside it, in the same run, stands the bare library: one APScheduler job for each club, due at once.
"""

import asyncio
import gc
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.domain.cadence import BeatKind
from bot.use_cases.cadence import hold_due_beats
from schedules.presets import load_presets
from tests.house import HOUR, PLAN, START, WEEK, Desk, open_desk

ZONES = ("Europe/Berlin", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "UTC")


_LOOK = 0.001
"""How often the loop is looked at, in seconds; oftener would itself keep others waiting."""


class Stalls:
    """Watches how long the loop keeps others waiting, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch while the block runs."""
        watching = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            await asyncio.sleep(2 * _LOOK)  # the last look, should the loop have been busy until now
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(_LOOK)
            self.longest = max(self.longest, time.perf_counter() - asked - _LOOK)


def fill(path: Path, clubs: int, next_at: int) -> None:
    """Clubs with a chat and the weekly beats, the paper next due at an instant and the rest a week later."""
    week = load_presets()["weekly"]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO clubs (id, title, language, zone, plan_id, made_at) VALUES (?, ?, 'en', ?, ?, 0)",
            ((n, f"Club {n}", ZONES[n % len(ZONES)], PLAN) for n in range(1, clubs + 1)),
        )
        database.executemany(
            "INSERT INTO chats (club_id, platform, chat_id, kind, topics)"
            " VALUES (?, 'telegram', ?, 'group', 0)",
            ((n, f"-{n}") for n in range(1, clubs + 1)),
        )
        database.executemany(
            "INSERT INTO beats (club_id, kind, slot, weekday, minute, every, next_at, held)"
            " VALUES (?, ?, 0, ?, ?, 1, ?, 0)",
            (
                (
                    n,
                    beat.kind,
                    beat.weekday,
                    beat.minute,
                    next_at if beat.kind is BeatKind.PAPER else next_at + WEEK,
                )
                for n in range(1, clubs + 1)
                for beat in week
            ),
        )


async def queued(clubs: int) -> tuple[float, float, int]:
    """Seconds to queue the papers of many clubs due at once, the longest stall, and how many posts."""
    with TemporaryDirectory() as folder:
        async with open_desk(Path(folder)) as desk:
            fill(desk.path, clubs, START + HOUR)
            desk.clock.advance(2 * HOUR)
            gc.freeze()  # as the program does when it is open
            stalls = Stalls()
            async with stalls.watched():
                began = time.perf_counter()
                await hold_due_beats(desk.tools)
                took = time.perf_counter() - began
            return took, stalls.longest, await _posts(desk)


async def _posts(desk: Desk) -> int:
    async with desk.store.read() as records:
        [(count,)] = await records.connection.execute_fetchall("SELECT count(*) FROM posts")
        return int(count)


async def idle(clubs: int, ticks: int = 200) -> float:
    """CPU seconds of one tick while none of many clubs is due."""
    with TemporaryDirectory() as folder:
        async with open_desk(Path(folder)) as desk:
            fill(desk.path, clubs, START + WEEK)
            await desk.tick()
            began = time.process_time()
            for _ in range(ticks):
                await desk.tick()
            return (time.process_time() - began) / ticks


async def jobs(clubs: int) -> tuple[float, float]:
    """The bare library with a job for each club, all due at once: seconds until the last has run, and the
    longest stall."""
    done, left = asyncio.Event(), clubs

    async def job() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.start(paused=True)
    past = datetime.now(UTC) - timedelta(seconds=1)
    for _ in range(clubs):
        scheduler.add_job(job, "cron", day_of_week="mon", hour=9, next_run_time=past, misfire_grace_time=None)
    stalls = Stalls()
    async with stalls.watched():
        began = time.perf_counter()
        scheduler.resume()
        await done.wait()
        took = time.perf_counter() - began
    scheduler.shutdown(wait=False)
    return took, stalls.longest


async def measure(due: int, resting: int) -> None:
    """Print everything."""
    rounds: Sequence[tuple[float, float, int]] = [await queued(due) for _ in range(3)]
    took, stall, posts = sorted(rounds)[1]
    print(f"{due:,} clubs due at once: {posts:,} posts queued in {took:.3f} s (median of 3)")
    print(f"  longest stall of the loop {max(r[1] for r in rounds) * 1000:.1f} ms")
    took, stall = await jobs(due)
    print(f"  bare APScheduler, a job for each club: {took:.3f} s, longest stall {stall * 1000:.1f} ms")
    few, many = await idle(100), await idle(resting)
    print(f"an idle tick: {few * 1e6:.0f} µs of CPU at 100 clubs, {many * 1e6:.0f} µs at {resting:,}")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(measure(*(numbers + [10_000, 100_000][len(numbers) :])))
