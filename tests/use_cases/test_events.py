"""`/settings events`, and what a platform without a calendar says to it."""

from bot.domain.posts import PostKind, PostState
from bot.messages.outgoing import Appointment
from tests.house import ANN, HOUR, INES, LIN, WEEK, Desk


def kept(desk: Desk) -> list[Appointment]:
    """What the calendar was asked to hold."""
    return [what for _, what in desk.messenger.tended if isinstance(what, Appointment)]


async def test_where_there_is_no_calendar_that_is_said_kindly(desk: Desk) -> None:
    await desk.found()
    said = await desk.say(INES, "/settings events on")
    assert "There is no calendar here" in said.text
    await desk.pass_time(2 * HOUR)
    assert not any(post.kind is PostKind.EVENT for post in await desk.posts())


async def test_a_switch_is_on_or_off(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    said = await desk.say(INES, "/settings events perhaps")
    assert "not “perhaps”" in said.text
    assert "For instance: /settings events on" in said.text


async def test_only_organisers_switch_it(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    for who in (ANN, LIN):
        await desk.say(who, "/settings events on")
    await desk.pass_time(2 * HOUR)
    assert kept(desk) == []


async def test_each_week_is_put_in_the_calendar_after_all_that_people_read(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    await desk.say(INES, "/settings events on")
    await desk.pass_time(2 * HOUR)
    last = (await desk.posts())[-1]
    assert (last.kind, last.state) == (PostKind.EVENT, PostState.SENT)
    await desk.pass_time(WEEK)
    first, second = kept(desk)
    assert first.starts_at is not None
    assert second.starts_at == first.starts_at + WEEK
    assert first.way != second.way


async def test_a_change_of_times_before_the_first_week_asks_for_nothing(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    await desk.say(INES, "/settings events on")
    await desk.say(INES, "/schedule shift 1")
    await desk.tick()
    assert kept(desk) == []
    assert await desk.posts() == []
