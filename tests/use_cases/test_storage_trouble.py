"""What people hear while nothing can be recorded, and what goes on by itself afterwards."""

import asyncio
import logging
import sqlite3
from contextlib import closing

import pytest

from bot.messages.incoming import Sender as Person
from bot.use_cases.cadence import hold_due_beats
from tests.house import ANN, HOUR, INES, LIN, Desk, person

MANY = 400


async def pragma(desk: Desk, text: str) -> int:
    async with desk.store.write() as records:
        rows = await records.connection.execute_fetchall(f"PRAGMA {text}")
        return int(next(iter(rows))[0])


async def fill_the_disk(desk: Desk) -> Person:
    """Let people join until there is no room for one more; that one."""
    await pragma(desk, f"max_page_count = {await pragma(desk, 'page_count')}")
    for number in range(MANY):
        who = person(f"9{number}", f"Reader {number} {'x' * 30}")
        told = (await desk.say(who, "/join")).text
        if "My disk is full" in told:
            return who
    raise AssertionError("the disk never filled")


async def test_on_a_full_disk_people_are_told_and_can_go_on_reading(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.found()
    with caplog.at_level(logging.INFO):
        late = await fill_the_disk(desk)
        before = (await desk.club()).members
        assert "nothing was written down" in (await desk.say(late, "/join")).text
        assert "Dropout" in (await desk.say(late, "/paper")).text
        assert "/paper" in (await desk.say(late, "/help")).text
        assert (await desk.club()).members == before
        assert len(caplog.messages) == 1, "one line, and not one for each who asks"
        await pragma(desk, "max_page_count = 1000000")
        assert "My disk is full" not in (await desk.say(late, "/join")).text
        assert (await desk.club()).members == before + 1


async def test_a_database_in_use_is_told_in_both_languages_and_posts_follow_when_it_is_free(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.found()
    desk.store.patience = 0.01
    desk.clock.advance(2 * HOUR)
    with closing(sqlite3.connect(desk.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "in use by another program" in (await desk.say(ANN, "/join")).text
        assert "正被其他程序占用" in (await desk.say(LIN, "/join")).text
        assert "Dropout" in (await desk.say(ANN, "/paper")).text
        running = asyncio.create_task(desk.sender.run())
        async with asyncio.timeout(10):
            await desk.sender.settled()
        assert not running.done()
        assert desk.messenger.attempts == []
        other.execute("ROLLBACK")
    await hold_due_beats(desk.tools)
    desk.sender.wake()
    async with asyncio.timeout(10):
        await desk.sender.settled()
        desk.sender.stop()
        await running
    assert len(desk.messenger.sent) == 3
    assert "Traceback" not in caplog.text
    assert "My disk" not in (await desk.say(INES, "/schedule")).text
