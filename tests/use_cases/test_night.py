"""At night the week's posts come without a sound."""

from bot.domain.posts import PostKind
from bot.messages.outgoing import Message
from tests.house import ANN, HOUR, INES, Desk


def silence(desk: Desk) -> list[bool]:
    """Whether each message that was sent is silent."""
    return [sent.what.silent for sent in desk.messenger.sent if isinstance(sent.what, Message)]


async def test_a_post_by_day_may_be_heard(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    assert silence(desk) == [False, False]


async def test_at_night_nothing_that_is_scheduled_is_heard(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule set monday 22:00")
    await desk.say(INES, "/schedule beat quiz monday 23:30")
    await desk.pass_time(15 * HOUR)
    await desk.pass_time(2 * HOUR)
    assert PostKind.QUESTION in {post.kind for post in await desk.posts()}
    assert silence(desk) == [True] * 8


async def test_the_night_is_that_of_the_club(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/settings timezone Asia/Shanghai")
    await desk.say(INES, "/schedule set monday 23:00")
    await desk.pass_time(8 * HOUR)  # 15:00 in UTC
    assert silence(desk) == [True, True]


async def test_what_comes_late_at_night_is_not_heard_either(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(16 * HOUR)  # due at nine, and the house comes back at eleven in the evening
    assert silence(desk) == [True, True]


async def test_what_somebody_asked_for_at_night_is_heard(desk: Desk) -> None:
    await desk.found()
    desk.clock.advance(20 * HOUR)
    await desk.say(ANN, "/discuss adam")
    await desk.say(ANN, "/quiz adam")
    await desk.sender.deliver()
    assert silence(desk) == [False] * 8
