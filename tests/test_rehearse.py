"""`paperclub rehearse`: the host sees the coming weeks of every club."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.domain.languages import ClubLanguage
from schedules.clock import SystemClock
from tests.house import ELSEWHERE, GROUP, INES, Desk, open_desk


def rehearse(database: Path, *words: str) -> Result:
    """The command on a database."""
    return CliRunner().invoke(main, ["rehearse", *words], env={"PAPERCLUB_DATABASE": str(database)})


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The record of two clubs, founded just now: one in Berlin, one that rests."""

    async def found(desk: Desk) -> None:
        desk.clock.set(SystemClock().now())
        await desk.found()
        await desk.say(INES, "/settings timezone Europe/Berlin")
        await desk.found(ClubLanguage.ZH, ELSEWHERE)
        await desk.say(INES, "/schedule pause", ELSEWHERE)

    async def fill() -> Path:
        async with open_desk(tmp_path) as desk:
            await found(desk)
            return desk.path

    return asyncio.run(fill())


def test_every_club_is_rehearsed_under_its_number_for_the_whole_course(record: Path) -> None:
    told = rehearse(record, "--weeks", "20")
    assert told.exit_code == 0, told.output
    first, second = told.output.split("── 2 ──")
    assert first.startswith(f"── 1 ──\n{GROUP.title}: the coming 20 weeks, as they will be posted")
    assert first.count("UTC) the paper: ") == 18
    assert first.count("UTC) the recap") == 18
    assert "UTC) the paper: Improving neural networks by preventing co-adaptation" in first
    assert first.rstrip().endswith("Then the club chooses what to read next.")
    assert "The club is resting. If it went on now:" in second
    assert "*" not in told.output


def test_one_club_may_be_asked_for_in_chinese(record: Path) -> None:
    told = rehearse(record, "--club", "1", "--weeks", "2", "--language", "zh")
    assert told.exit_code == 0, told.output
    assert "── 2 ──" not in told.output
    assert "接下来 2 周的发布预演 · 时区 Europe/Berlin" in told.output
    assert " 09:00（UTC 08:00）论文：" in told.output or " 09:00（UTC 07:00）论文：" in told.output


def test_what_is_not_there_is_said_and_nothing_is_made(record: Path, tmp_path: Path) -> None:
    assert "There is no such club." in rehearse(record, "--club", "9").output
    missing = rehearse(tmp_path / "elsewhere" / "club.db")
    assert missing.exit_code == 2
    assert "There is no record at" in missing.output
    assert not (tmp_path / "elsewhere").exists()


def test_a_plan_that_has_gone_is_told_under_its_club(record: Path) -> None:
    async def lose() -> None:
        async with open_desk(record.parent) as desk, desk.store.write() as records:
            await records.set_plan(1, "lost", 0)

    asyncio.run(lose())
    told = rehearse(record)
    assert told.exit_code == 0, told.output
    assert "lost" in told.output.split("── 2 ──")[0]
    assert "── 2 ──" in told.output
