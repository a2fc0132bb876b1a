"""The pace of a bot: never faster than its platform takes it, and replies before posts."""

import asyncio
import random
from collections import deque

import pytest

from bot.platforms.pace import REPLY_PATIENCE, Limits, Pace, Turns
from bot.ports import NotSent
from tests.house import FakeClock, HandTimer

LIMITS = Limits(per_second=25, in_any_second=28, chat_gap=1.0, group_minute=19, kept_for_replies=4)
SLOT = 1 / LIMITS.per_second


class WaywardTimer(FakeClock):
    """Every wait takes a little longer than was asked for, and now and then much longer."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(7)

    async def sleep(self, seconds: float) -> None:
        late = self._chance.choice([0.001] * 18 + [0.05, 0.15])
        await super().sleep(seconds + late)


def is_group(chat_id: str) -> bool:
    return chat_id.startswith("-")


@pytest.fixture
def timer() -> HandTimer:
    return HandTimer()


@pytest.fixture
def pace(timer: HandTimer) -> Pace:
    return Pace(timer, LIMITS, is_group)


def use_up(pace: Pace) -> None:
    """Take every turn there is now."""
    while pace.room():
        pace.take("0")


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


def busiest(times: list[float], seconds: float) -> int:
    """The most that happened within any stretch of so many seconds."""
    window: deque[float] = deque()
    most = 0
    for time in times:
        window.append(time)
        while window[0] <= time - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


# In all


async def test_posts_go_out_at_the_pace_on_average_and_never_too_many_within_a_second() -> None:
    """Although no wait is as long as it was meant to be."""
    timer = WaywardTimer()
    pace = Pace(timer, LIMITS, is_group)
    times: list[float] = []
    while len(times) < 1000:
        if wait := pace.wait():
            await timer.sleep(wait)
        for _ in range(pace.room()):
            pace.take(str(len(times)))
            await pace.begin()
            times.append(timer.monotonic())
    rate = (len(times) - 1) / (times[-1] - times[0])
    assert 0.98 * LIMITS.per_second <= rate <= 1.02 * LIMITS.per_second
    assert busiest(times, 1) <= LIMITS.in_any_second


async def test_what_is_held_up_between_turn_and_call_does_not_crowd(timer: HandTimer, pace: Pace) -> None:
    """Thirty turns were taken, each in its time, and then all calls come at once."""
    for number in range(30):
        pace.take(str(number))
        timer.advance(SLOT)
    calls = [asyncio.create_task(pace.begin()) for _ in range(30)]
    await settle()
    assert sum(call.done() for call in calls) == LIMITS.in_any_second
    timer.advance(1)
    await settle()
    assert all(call.done() for call in calls)


async def test_a_long_rest_is_not_made_up_for(timer: HandTimer, pace: Pace) -> None:
    pace.take("1")
    timer.advance(3600)
    assert pace.room() <= 6


# Replies and posts


async def test_a_reply_takes_the_next_slot_and_posts_wait_behind_it(timer: HandTimer, pace: Pace) -> None:
    use_up(pace)
    assert pace.wait() == pytest.approx(SLOT)
    reply = asyncio.create_task(pace.turn("2"))
    await settle()
    assert pace.wait() == pytest.approx(2 * SLOT)
    timer.advance(SLOT)
    await settle()
    assert reply.done()
    assert pace.room() == 0


async def test_replies_are_given_in_their_order_each_in_a_slot_of_its_own(
    timer: HandTimer, pace: Pace
) -> None:
    use_up(pace)
    given: list[int] = []

    async def reply(number: int) -> None:
        await pace.turn(f"{number}")
        given.append(number)

    replies = [asyncio.create_task(reply(number)) for number in range(4)]
    for number in range(4):
        await settle()
        assert given == list(range(number))
        timer.advance(SLOT)
    await asyncio.gather(*replies)
    assert given == [0, 1, 2, 3]


async def test_replies_to_a_chat_come_in_a_burst_and_its_posts_wait(pace: Pace) -> None:
    for _ in range(3):
        await pace.turn("-1")
    assert pace.wait_in("-1") == pytest.approx(1.0)
    assert pace.wait_in("-2") == 0


async def test_a_reply_that_would_come_too_late_is_not_given(timer: HandTimer, pace: Pace) -> None:
    pace.flooded("5", REPLY_PATIENCE + 1)
    with pytest.raises(NotSent) as late:
        await pace.turn("5")
    assert late.value.retry_after == REPLY_PATIENCE + 1
    assert pace.wait() == 0, "it has taken no slot"
    timer.advance(2)
    reply = asyncio.create_task(pace.turn("5"))
    await settle()
    assert not reply.done()
    timer.advance(REPLY_PATIENCE - 1)
    await reply


async def test_the_rest_of_a_post_waits_for_longer_than_a_reply(timer: HandTimer, pace: Pace) -> None:
    turns = Turns(pace, "5", post=True)
    await turns.next()
    pace.flooded("5", 30)
    further = asyncio.create_task(turns.next())
    await settle()
    assert not further.done()
    timer.advance(30)
    await further


# In one chat


async def test_posts_of_a_chat_keep_their_distance(timer: HandTimer, pace: Pace) -> None:
    pace.take("5")
    assert pace.wait_in("5") == pytest.approx(1.0)
    timer.advance(0.75)
    assert pace.wait_in("5") == pytest.approx(0.25)
    timer.advance(0.25)
    assert pace.wait_in("5") == 0


async def test_a_group_gets_under_twenty_messages_in_any_minute_and_the_last_are_for_replies(
    timer: HandTimer, pace: Pace
) -> None:
    for _ in range(15):
        assert pace.wait_in("-1") == 0
        pace.take("-1")
        timer.advance(2)
    assert pace.wait_in("-1") == pytest.approx(30), "the first was 30 seconds ago"
    for _ in range(4):
        await pace.turn("-1")
        timer.advance(1)
    with pytest.raises(NotSent):
        await pace.turn("-1")
    timer.advance(26)
    await pace.turn("-1")


async def test_a_private_chat_has_no_such_limit(timer: HandTimer, pace: Pace) -> None:
    for _ in range(60):
        assert pace.wait_in("1") == 0
        pace.take("1")
        timer.advance(1)


# When the platform asks for patience


async def test_a_flooded_chat_waits_alone(timer: HandTimer, pace: Pace) -> None:
    pace.flooded("-1", 30)
    assert (pace.wait_in("-1"), pace.wait_in("-2"), pace.wait()) == (30, 0, 0)
    timer.advance(30)
    assert pace.wait_in("-1") == 0


async def test_nothing_shortens_the_wait(timer: HandTimer, pace: Pace) -> None:
    """Neither another chat's success nor a shorter wait that is asked for later."""
    pace.flooded("-1", 30)
    timer.advance(1)
    await pace.turn("-2")
    pace.flooded("-1", 5)
    assert pace.wait_in("-1") == pytest.approx(29)


async def test_a_second_flooded_chat_means_the_bot_and_all_wait(timer: HandTimer, pace: Pace) -> None:
    pace.flooded("-1", 30)
    timer.advance(1)
    pace.flooded("-2", 10)
    assert pace.wait() == pytest.approx(10)
    with pytest.raises(NotSent):
        await pace.turn("-3")
    timer.advance(10)
    assert pace.wait() == 0
    assert pace.wait_in("-1") == pytest.approx(19)


async def test_two_floods_one_after_the_other_are_two_chats(timer: HandTimer, pace: Pace) -> None:
    pace.flooded("-1", 30)
    timer.advance(31)
    pace.flooded("-2", 30)
    assert pace.wait() == 0


# Memory


async def test_chats_that_have_long_been_quiet_are_forgotten(timer: HandTimer, pace: Pace) -> None:
    for number in range(5000):
        pace.take(f"-{number}")
        timer.advance(SLOT)
    assert len(pace._chats) <= 2 * 60 * LIMITS.per_second + 1
    pace.flooded("-9", 1000)
    for _ in range(2):
        timer.advance(61)
        pace.take("-1")
    assert set(pace._chats) == {"-1", "-9"}, "a pause is remembered as long as it lasts"
