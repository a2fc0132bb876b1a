"""The real clock and the ticker, on the real scheduler."""

import asyncio
import logging
import time

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES

from schedules.clock import SystemClock, Ticker


def test_the_clock_tells_whole_seconds_since_1970() -> None:
    before = int(time.time())
    now = SystemClock().now()
    assert isinstance(now, int)
    assert before <= now <= int(time.time()) + 1


async def test_it_ticks_on_when_a_tick_has_failed(caplog: pytest.LogCaptureFixture) -> None:
    second = asyncio.Event()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 1:
            raise OSError("disk full")
        second.set()

    ticker = Ticker(tick, seconds=1)
    with caplog.at_level(logging.ERROR):
        ticker.start()
        async with asyncio.timeout(30):
            await second.wait()
        ticker.stop()
    assert "disk full" in caplog.text


async def test_a_long_tick_is_not_joined_by_another() -> None:
    """The scheduler skips a run while the last one goes on."""
    under_way = 0
    most = 0
    done = asyncio.Event()
    release = asyncio.Event()

    async def tick() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await release.wait()
        under_way -= 1
        done.set()

    ticker = Ticker(tick, seconds=1)
    skipped = asyncio.Event()
    ticker._scheduler.add_listener(lambda event: skipped.set(), EVENT_JOB_MAX_INSTANCES)
    ticker.start()
    async with asyncio.timeout(30):
        await skipped.wait()
        release.set()
        await done.wait()
    ticker.stop()
    assert most == 1


async def test_stopping_in_the_middle_of_a_tick_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def tick() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    ticker = Ticker(tick, seconds=1)
    ticker.start()
    async with asyncio.timeout(30):
        await begun.wait()
        ticker.stop()
        await over.wait()
    await asyncio.sleep(0)
    assert caplog.text == ""
