"""A club's course, put together from its record and the library, and put back when it was changed."""

from zoneinfo import ZoneInfo

from bot.domain.clubs import Club, Ending
from bot.domain.course import REST, Course
from bot.domain.errors import Problem
from bot.ports import Passage, Records, Standing
from bot.use_cases.asking import Tools


async def course_of(tools: Tools, records: Records, standing: Standing) -> Course:
    """The course of a club as it stands. Raises Problem when its plan is gone."""
    club = standing.club
    chosen: str | None = None
    afterwards: tuple[str, ...] = ()
    if club.ending is not Ending.NOT_YET and club.asked_at is not None:
        chosen, afterwards = await _choice(tools, records, club, club.asked_at)
    return Course(
        club.id,
        ZoneInfo(club.zone),
        standing.beats,
        tools.ahead(club),
        standing.week,
        standing.quizzed,
        standing.rests,
        club.starts_on,
        club.ending,
        club.asked_at,
        chosen,
        afterwards,
    )


async def course(tools: Tools, records: Records, club_id: int) -> Course:
    """The course of a club. Raises Problem when there is no such club, or its plan is gone."""
    standing = await records.standing(club_id)
    if standing is None:
        raise Problem("error.button.elsewhere")
    return await course_of(tools, records, standing)


async def retime(records: Records, before: Course, after: Course) -> None:
    """Keep the times of a course whose beats are the same as before."""
    moved = [(after.club_id, new) for old, new in zip(before.beats, after.beats, strict=True) if old != new]
    await records.pass_time(Passage(beats=moved))


async def _choice(
    tools: Tools, records: Records, club: Club, ballot: int
) -> tuple[str | None, tuple[str, ...]]:
    """What leads the vote, and the papers it brings. A plan that has gone since counts for nothing."""
    for choice, _ in await records.tally(club.id, ballot):
        if choice == REST:
            return choice, ()
        papers = tools.papers_of(choice)
        if papers:
            return choice, papers
    return None, ()
