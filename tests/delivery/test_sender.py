"""The sender: each post once, whatever the platform answers and whenever the process dies."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.delivery.lane import LEASE
from bot.delivery.sender import LONGEST_WAIT, Sender
from bot.domain.clubs import Platform
from bot.domain.errors import Problem
from bot.domain.posts import Post, PostKind, PostState
from bot.messages.actions import Verb, action
from bot.messages.outgoing import Destination, Message, OpenThread, Sent
from bot.ports import Ambiguous, NotSent, Records, Refusal, Refused
from bot.use_cases.cadence import hold_due_beats
from bot.use_cases.posts import follow_up
from tests.house import (
    ANN,
    DAY,
    ELSEWHERE,
    GROUP,
    HOUR,
    INES,
    LIN,
    MINUTE,
    Desk,
    RecordingMessenger,
    open_desk,
    read,
)


async def week_begins(desk: Desk) -> None:
    """A club whose first paper is due now, queued and not sent."""
    await desk.found()
    desk.clock.advance(2 * HOUR)


async def states(desk: Desk) -> list[str]:
    """The fates of all posts, in their order."""
    return [post.state.value for post in await desk.posts()]


@asynccontextmanager
async def no_room() -> AsyncIterator[Records]:
    """A transaction that fails."""
    raise OSError("disk full")
    yield


# Surely not sent


async def test_what_was_surely_not_sent_is_tried_again_with_more_patience(desk: Desk) -> None:
    await week_begins(desk)
    waits = []
    for _ in range(12):
        desk.messenger.troubled_chats[GROUP.chat_id] = NotSent("down", retry_after=1)
        await desk.tick()
        tried = len(desk.messenger.attempts)
        seconds = 0
        while len(desk.messenger.attempts) == tried:
            desk.clock.advance(1)
            seconds += 1
            await desk.tick()
        waits.append(seconds)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    assert await states(desk) == ["pending"]
    desk.messenger.troubled_chats.clear()
    await desk.pass_time(LONGEST_WAIT)
    assert await states(desk) == ["sent"] * 3


@pytest.mark.parametrize("wait", [30, 3 * LONGEST_WAIT])
async def test_a_platform_that_asks_for_a_wait_gets_it(desk: Desk, wait: int) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(NotSent("flood", retry_after=wait))
    await desk.tick()
    await desk.pass_time(wait - 1)
    assert len(desk.messenger.attempts) == 1
    await desk.pass_time(1)
    assert await states(desk) == ["sent"] * 3


async def test_what_could_not_be_sent_for_two_days_is_let_go(desk: Desk) -> None:
    """Monday's paper on Thursday would only confuse; the next posts are not held up by it."""
    await week_begins(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = NotSent("down")
    for _ in range(49):
        await desk.pass_time(HOUR)
    assert await states(desk) == ["failed"] * 3
    desk.messenger.troubled_chats.clear()
    await desk.pass_time(9 * HOUR)
    assert await states(desk) == ["failed"] * 3 + ["sent"]


async def test_a_post_that_was_held_up_says_that_it_is_late(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(NotSent("flood", retry_after=HOUR))
    await desk.tick()
    await desk.pass_time(HOUR)
    assert isinstance(desk.messenger.sent[0].what, Message)
    assert "This is late" in read(desk.messenger.sent[0].what)


async def test_a_retried_post_keeps_its_key_and_its_place(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(NotSent("down"))
    await desk.tick()
    await desk.pass_time(5)
    assert [d.key for d in desk.messenger.attempts] == [1, 1, 2, 3]
    assert [d.key for d in desk.messenger.sent] == [1, 2, 3]


# Refused


async def test_a_refused_post_fails_and_the_next_goes_on(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(Refused("text is too long"))
    with caplog.at_level(logging.WARNING):
        await desk.tick()
    assert await states(desk) == ["failed", "sent", "sent"]
    assert "text is too long" in caplog.text
    await desk.pass_time(DAY)
    assert (await states(desk))[0] == "failed"


async def test_a_chat_that_is_gone_gets_nothing_until_it_is_back(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(Refused("bot was kicked", Refusal.GONE))
    await desk.tick()
    assert await states(desk) == ["pending"]
    await desk.pass_time(DAY)
    assert len(desk.messenger.attempts) == 1
    await desk.say(ANN, "/paper")
    await desk.tick()
    assert await states(desk) == ["sent"] * 3
    assert [d.key for d in desk.messenger.sent] == [1, 2, 3]


async def test_a_group_that_became_a_supergroup_is_followed(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(Refused("upgraded", moved_to="-100777"))
    await desk.tick()
    assert await states(desk) == ["sent"] * 3
    assert [d.to.chat_id for d in desk.messenger.attempts] == [GROUP.chat_id] + ["-100777"] * 3


async def test_a_thread_that_is_refused_becomes_a_chain_of_replies(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.extend([None, Refused("no right to open threads")])
    await desk.tick()
    assert await states(desk) == ["sent", "failed", "sent"]
    paper, starter = desk.messenger.sent
    assert (starter.to.thread_id, starter.to.reply_to) == (None, f"m{paper.key}")


# Ambiguous


async def test_what_may_have_arrived_is_not_sent_again_where_that_could_double_it(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(Ambiguous("read time-out"))
    await desk.tick()
    assert await states(desk) == ["unknown", "sent", "sent"]
    await desk.pass_time(DAY)
    await desk.restart()
    await desk.tick()
    assert [d.key for d in desk.messenger.attempts] == [1, 2, 3]


async def test_what_may_have_arrived_is_repeated_where_the_platform_knows_it_again(tmp_path: Path) -> None:
    """With the same key, after a wait, and only for as long as the platform promises."""
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        begun = desk.clock.now()
        messenger.troubled_chats[GROUP.chat_id] = Ambiguous("502")
        ages = []
        while (await states(desk))[:1] != ["unknown"]:
            tried = len(messenger.attempts)
            await desk.tick()
            if len(messenger.attempts) > tried:
                ages.append(desk.clock.now() - begun)
            desk.clock.advance(1)
        assert ages == [0, 2, 6, 14, 30, 62], "the next would be at 126, past the promise"
        assert {d.key for d in messenger.attempts} == {1, 2, 3}, (
            "a thread that hangs from nothing is tried once"
        )


async def test_a_repetition_that_arrives_is_sent(tmp_path: Path) -> None:
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        messenger.troubles.append(Ambiguous("reset"))
        await desk.tick()
        assert await states(desk) == ["pending"]
        await desk.pass_time(2)
        assert await states(desk) == ["sent"] * 3
        assert [d.key for d in messenger.attempts] == [1, 1, 2, 3]


async def test_a_repetition_that_comes_too_late_is_left_to_people(tmp_path: Path) -> None:
    """The house was away for longer than the platform remembers; sending now could double the post."""
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        messenger.troubles.append(Ambiguous("reset"))
        await desk.tick()
        assert await states(desk) == ["pending"]
        await desk.restart()
        await desk.pass_time(HOUR)
        assert await states(desk) == ["unknown", "sent", "sent"]
        assert [d.key for d in messenger.attempts] == [1, 2, 3]


async def test_a_thread_that_may_have_been_opened_becomes_a_chain_of_replies(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles.extend([None, Ambiguous("time-out")])
    await desk.tick()
    assert await states(desk) == ["sent", "unknown", "sent"]
    paper, starter = desk.messenger.sent
    assert (starter.to.thread_id, starter.to.reply_to) == (None, f"m{paper.key}")


# Unknown posts and people


async def test_where_a_platform_can_look_for_it_a_thread_is_not_opened_twice(desk: Desk) -> None:
    """However late: a kill, a night without a line."""
    desk.messenger.finds = True
    await week_begins(desk)
    desk.messenger.troubles.extend([None, Ambiguous("time-out")])
    await desk.tick()
    assert await states(desk) == ["sent", "pending"]
    title = next(d.what.title for d in desk.messenger.attempts if isinstance(d.what, OpenThread))
    desk.messenger.opened[title] = Sent("m99", thread_id="t99")
    await desk.restart()
    await desk.pass_time(HOUR)
    assert await states(desk) == ["sent"] * 3
    starter = desk.messenger.sent[-1]
    assert starter.to.thread_id == "t99"
    assert [d.key for d in desk.messenger.attempts] == [1, 2, 3]


async def test_a_thread_that_surely_was_not_opened_is_opened_again(desk: Desk) -> None:
    desk.messenger.finds = True
    await week_begins(desk)
    desk.messenger.troubles.extend([None, Ambiguous("time-out")])
    await desk.tick()
    await desk.pass_time(MINUTE)
    assert await states(desk) == ["sent"] * 3
    assert [d.key for d in desk.messenger.attempts] == [1, 2, 2, 3]


async def test_a_thread_that_cannot_be_opened_for_hours_becomes_a_chain_of_replies(desk: Desk) -> None:
    desk.messenger.finds = True
    await week_begins(desk)
    desk.messenger.troubles.extend([None, Ambiguous("time-out")])
    await desk.tick()
    for _ in range(5):
        desk.messenger.troubles.append(Ambiguous("time-out"))
        await desk.pass_time(HOUR)
        assert await states(desk) == ["sent", "pending"]
    await desk.pass_time(2 * HOUR)
    assert await states(desk) == ["sent", "unknown", "sent"]
    assert desk.messenger.sent[-1].to.reply_to is not None


async def an_unknown_paper(desk: Desk) -> Post:
    """A paper's post of which nobody knows whether it arrived."""
    await week_begins(desk)
    desk.messenger.troubles.append(Ambiguous("time-out"))
    await desk.tick()
    [post] = await desk.posts(PostState.UNKNOWN)
    return post


async def test_the_first_press_on_an_unknown_post_settles_it(desk: Desk) -> None:
    post = await an_unknown_paper(desk)
    token = action(Verb.READ, "dropout-2012", post=post.id).token
    assert "Noted" in (await desk.press(ANN, token, message_id="m77")).toast
    [settled, *_] = await desk.posts()
    assert (settled.state, settled.message_id) == (PostState.SENT, "m77")
    await desk.press(LIN, token, message_id="m78")
    assert (await desk.posts())[0].message_id == "m77"


async def test_a_press_elsewhere_settles_nothing(desk: Desk) -> None:
    """A token copied into another chat, or a number that was guessed, proves nothing."""
    post = await an_unknown_paper(desk)
    await desk.found(place=ELSEWHERE)
    token = action(Verb.READ, "dropout-2012", post=post.id).token
    await desk.press(ANN, token, ELSEWHERE, message_id="m77")
    await desk.press(ANN, token, message_id=None)
    await desk.press(ANN, action(Verb.READ, "dropout-2012", post=999).token, message_id="m77")
    assert (await desk.posts())[0].state is PostState.UNKNOWN


async def test_an_organiser_sends_an_unknown_post_again_with_one_press(desk: Desk) -> None:
    await an_unknown_paper(desk)
    assert "I can’t tell" not in (await desk.say(ANN, "/schedule")).text
    told = await desk.say(INES, "/schedule")
    assert "I can’t tell whether these posts arrived." in told.text
    assert told.labels == ("Send again: the paper",)
    assert (await desk.press(INES, told.token("Send again: the paper"))).toast == "It is on its way again."
    await desk.tick()
    assert await states(desk) == ["sent"] * 3
    assert [d.key for d in desk.messenger.attempts] == [1, 2, 3, 1]
    again = await desk.press(INES, told.token("Send again: the paper"))
    assert again.toast == "That one has arrived; nothing was sent."
    assert "I can’t tell" not in (await desk.say(INES, "/schedule")).text


async def test_a_post_sent_again_after_days_is_still_sent(desk: Desk) -> None:
    """The organiser has asked for it; it is not let go for being old."""
    await an_unknown_paper(desk)
    await desk.pass_time(3 * DAY + HOUR)
    token = action(Verb.RESEND, 1).token
    await desk.press(INES, token)
    await desk.tick()
    assert (await states(desk))[0] == "sent"


async def test_only_organisers_of_its_club_send_a_post_again(desk: Desk) -> None:
    await an_unknown_paper(desk)
    await desk.found(place=ELSEWHERE)
    token = action(Verb.RESEND, 1).token
    assert "Only organisers" in (await desk.press(ANN, token)).toast
    assert "another club" in (await desk.press(INES, token, ELSEWHERE)).toast
    assert "another club" in (await desk.press(INES, action(Verb.RESEND, 99).token)).toast
    assert (await states(desk))[0] == "unknown"


# Crashes


async def claim(desk: Desk) -> Sequence[Post]:
    """Take what is due, and die before it is sent."""
    async with desk.store.write() as records:
        due = await records.due_posts(desk.messenger.platform, desk.clock.now(), 10)
        return await records.take(due, desk.clock.now(), LEASE)


@pytest.mark.parametrize("away", [0, 1, LEASE, DAY])
async def test_a_post_left_half_done_by_a_crash_is_unknown_and_holds_nobody_up(desk: Desk, away: int) -> None:
    """Also when the process is back within the same second."""
    await week_begins(desk)

    await hold_due_beats(desk.tools)
    [post] = await claim(desk)
    desk.clock.advance(away)
    await desk.restart()
    await desk.tick()
    assert (await states(desk))[:3] == ["unknown", "sent", "sent"]
    assert post.id not in [d.key for d in desk.messenger.attempts]


async def test_a_crash_is_repeated_where_the_platform_knows_it_again(tmp_path: Path) -> None:
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        await desk.sender.deliver()

        await hold_due_beats(desk.tools)
        await claim(desk)
        await desk.restart()
        await desk.tick()
        assert await states(desk) == ["sent"] * 3


async def test_a_thread_that_hangs_from_nothing_is_not_opened_a_second_time(tmp_path: Path) -> None:
    """A platform knows a thread by the message it hangs from. Without one a repetition would be another."""
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        messenger.troubles += [Refused("too long", Refusal.CONTENT), NotSent("no line")]
        await desk.tick()
        assert await states(desk) == ["failed", "pending"]
        desk.clock.advance(MINUTE)
        [thread] = await claim(desk)
        assert thread.kind is PostKind.THREAD
        await desk.restart()
        await desk.tick()
        assert await states(desk) == ["failed", "unknown", "sent"]
        assert [d.key for d in messenger.attempts] == [1, 2, 3]
        assert messenger.sent[-1].to.thread_id is None


async def test_a_post_still_in_its_lease_is_left_alone(desk: Desk) -> None:
    await week_begins(desk)

    await hold_due_beats(desk.tools)
    await claim(desk)
    await desk.tick()
    desk.clock.advance(LEASE - 1)
    await desk.tick()
    assert (await states(desk))[0] == "sending"
    desk.clock.advance(1)
    await desk.tick()
    assert await states(desk) == ["unknown", "sent", "sent"]


async def test_a_crash_after_the_send_and_before_its_record_doubles_nothing(desk: Desk) -> None:
    """The platform has the message; the ledger does not know."""
    await week_begins(desk)

    real = desk.messenger.send
    arrived = asyncio.Event()

    async def send_and_hang(to: Destination, message: Message, key: int) -> Sent:
        await real(to, message, key)
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError("it hangs for good")

    desk.messenger.send = send_and_hang  # type: ignore[method-assign]
    ticking = asyncio.create_task(desk.tick())
    await arrived.wait()
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    desk.messenger.send = real  # type: ignore[method-assign]
    await desk.restart()
    await desk.tick()
    assert await states(desk) == ["unknown", "sent", "sent"]
    assert [d.key for d in desk.messenger.sent] == [1, 2, 3]


# Clocks that jump


async def test_a_clock_set_back_does_not_make_an_old_post_look_fresh(tmp_path: Path) -> None:
    """By the clock the first attempt was moments ago; in truth the platform has long forgotten it."""
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        messenger.troubles.append(Ambiguous("reset"))
        await desk.tick()
        desk.clock.jump(-HOUR)
        await desk.pass_time(HOUR + 5)
        assert (await states(desk))[0] == "unknown"
        assert [d.key for d in messenger.attempts].count(1) == 1


@pytest.mark.parametrize("crashed", [False, True])
async def test_a_first_attempt_in_the_future_is_not_repeated(tmp_path: Path, crashed: bool) -> None:
    """The clock was set back while the house was away: nobody can tell how old the attempt is."""
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        await hold_due_beats(desk.tools)
        if crashed:
            await claim(desk)
        else:
            messenger.troubles.append(Ambiguous("reset"))
            await desk.sender.deliver()
        desk.clock.jump(-5)
        await desk.restart()
        if not crashed:
            async with desk.store.write() as records:
                await records.postpone(1, desk.clock.now())
        await desk.tick()
        assert (await states(desk))[0] == "unknown"
        assert [d.key for d in messenger.attempts].count(1) == int(not crashed)


async def test_a_clock_set_back_leaves_no_dead_process_s_lease_standing(desk: Desk) -> None:
    await week_begins(desk)
    await hold_due_beats(desk.tools)
    await claim(desk)
    desk.clock.jump(-HOUR)
    await desk.restart()
    assert (await states(desk))[0] == "unknown"


async def test_a_clock_set_forward_by_a_day_doubles_nothing(tmp_path: Path) -> None:
    """What is under way stays so, what is doubtful is still known again, and nothing is sent twice."""
    messenger = RecordingMessenger(repeatable_for=110)
    async with open_desk(tmp_path, messenger=messenger) as desk:
        await week_begins(desk)
        real = messenger.send

        async def jump_meanwhile(to: Destination, message: Message, key: int) -> Sent:
            desk.clock.jump(DAY)
            await desk.sender.recover()
            return await real(to, message, key)

        messenger.send = jump_meanwhile  # type: ignore[method-assign]
        messenger.troubles.append(Ambiguous("reset"))
        await desk.tick()
        messenger.send = real  # type: ignore[method-assign]
        await desk.pass_time(5)
        await desk.pass_time(HOUR)
        assert await states(desk) == ["sent"] * 3
        assert [d.key for d in messenger.attempts] == [1, 1, 2, 3]


# Order and side by side


async def test_posts_of_a_chat_go_out_one_by_one_in_their_order(desk: Desk) -> None:
    await week_begins(desk)
    under_way = 0
    real = desk.messenger.send

    async def slow(to: Destination, message: Message, key: int) -> Sent:
        nonlocal under_way
        under_way += 1
        assert under_way == 1
        await asyncio.sleep(0)
        under_way -= 1
        return await real(to, message, key)

    desk.messenger.send = slow  # type: ignore[method-assign]
    await desk.say(ANN, "/quiz")
    await desk.tick()
    keys = [d.key for d in desk.messenger.sent]
    assert keys == sorted(keys)
    assert len(keys) == 9
    assert await states(desk) == ["sent"] * 9


async def test_chats_are_served_side_by_side(desk: Desk) -> None:
    """Each waits for the other to have begun."""
    await desk.found()
    await desk.found(place=ELSEWHERE)
    begun: set[str] = set()
    both = asyncio.Event()
    real = desk.messenger.send

    async def together(to: Destination, message: Message, key: int) -> Sent:
        begun.add(to.chat_id)
        if len(begun) == 2:
            both.set()
        await both.wait()
        return await real(to, message, key)

    desk.messenger.send = together  # type: ignore[method-assign]
    async with asyncio.timeout(10):
        await desk.pass_time(2 * HOUR)
    assert await states(desk) == ["sent"] * 6


@pytest.mark.parametrize(
    "trouble",
    [
        NotSent("down"),
        Refused("no"),
        Refused("no", Refusal.GONE),
        Refused("no", Refusal.BARRED),
        Ambiguous("?"),
        RuntimeError("bug"),
    ],
)
async def test_one_broken_chat_holds_up_no_other(desk: Desk, trouble: Exception) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    desk.messenger.troubled_chats[GROUP.chat_id] = trouble
    await desk.pass_time(2 * HOUR)
    arrived = [d.to.chat_id for d in desk.messenger.sent]
    assert arrived == [ELSEWHERE.chat_id] * 3


async def test_a_fault_of_ours_fails_the_post_and_is_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(ZeroDivisionError("ours"))
    await desk.tick()
    assert await states(desk) == ["failed", "sent", "sent"]
    assert "ZeroDivisionError: ours" in caplog.text


async def test_a_post_whose_content_is_gone_fails(desk: Desk) -> None:
    async def compose(records: Records, post: Post, now: int) -> tuple[Destination, Message | OpenThread]:
        raise Problem("error.paper.gone")

    await week_begins(desk)
    sender = Sender(desk.store, desk.clock, desk.clock, desk.tools.messengers, compose, follow_up)

    await hold_due_beats(desk.tools)
    assert await sender.deliver() == 3
    assert await states(desk) == ["failed"] * 3


# What follows a post


@pytest.mark.parametrize(
    "trouble",
    [
        None,
        Ambiguous("no answer"),
        Refused("Bad Request: message is too long", Refusal.CONTENT),
        Problem("x"),
    ],
)
async def test_whatever_becomes_of_a_post_what_hangs_from_it_follows_once(
    desk: Desk, trouble: Exception | None
) -> None:
    await week_begins(desk)
    desk.messenger.troubles.append(trouble)
    await hold_due_beats(desk.tools)
    assert [post.kind.value for post in await desk.posts()] == ["paper"]
    await desk.sender.deliver()
    assert [post.kind.value for post in await desk.posts()] == ["paper", "thread", "starter"]
    assert (await states(desk))[1:] == ["sent", "sent"]
    await desk.restart()
    await desk.tick()
    assert len(await desk.posts()) == 3


async def test_a_post_that_is_tried_again_is_not_followed_yet(desk: Desk) -> None:
    await week_begins(desk)
    desk.messenger.troubles += [NotSent("no line"), Refused("upgraded", Refusal.MOVED, moved_to="-100999")]
    await desk.tick()
    assert await states(desk) == ["pending"]
    await desk.pass_time(MINUTE)
    assert await states(desk) == ["sent"] * 3


async def test_a_quiz_broken_off_goes_on_with_its_next_question(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/quiz")
    desk.messenger.troubles += [None, None, NotSent("no line")]
    await desk.sender.deliver()
    assert [post.kind.value for post in await desk.posts()] == ["quiz", "question", "question"]
    await desk.restart()
    await desk.pass_time(MINUTE)
    posts = await desk.posts()
    assert [post.number for post in posts if post.kind is PostKind.QUESTION] == [0, 1, 2, 3, 4]
    assert {post.state.value for post in posts} == {"sent"}
    assert len({post.key for post in posts}) == 6


async def test_a_platform_that_is_not_open_keeps_its_posts(desk: Desk) -> None:
    await week_begins(desk)
    served = desk.tools.messengers.pop(Platform.TELEGRAM)
    await desk.tick()
    assert await states(desk) == ["pending"]
    desk.tools.messengers[Platform.TELEGRAM] = served
    await desk.tick()
    assert await states(desk) == ["sent"] * 3


# Running


async def test_it_delivers_when_woken_until_it_is_stopped(desk: Desk) -> None:
    await week_begins(desk)

    running = asyncio.create_task(desk.sender.run())
    async with asyncio.timeout(10):
        await desk.sender.settled()
        assert desk.messenger.sent == []
        await hold_due_beats(desk.tools)
        desk.sender.wake()
        await desk.sender.settled()
        assert await states(desk) == ["sent"] * 3
        desk.sender.stop()
        await running


async def test_a_database_in_trouble_does_not_end_it(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once, and delivery goes on at the first tick at which the database does."""
    await week_begins(desk)
    await hold_due_beats(desk.tools)
    with monkeypatch.context() as trouble:
        trouble.setattr(desk.store, "write", no_room)
        running = asyncio.create_task(desk.sender.run())
        async with asyncio.timeout(10):
            for _ in range(3):
                desk.sender.wake()
                await desk.sender.settled()
        assert await states(desk) == ["pending"]
    async with asyncio.timeout(10):
        desk.sender.wake()
        await desk.sender.settled()
        desk.sender.stop()
        await running
    assert caplog.text.count("stopped short") == 1
    assert "disk full" in caplog.text
    assert await states(desk) == ["sent"] * 3


async def test_when_it_is_stopped_it_takes_no_more_and_finishes_what_is_under_way(desk: Desk) -> None:
    await week_begins(desk)
    real = desk.messenger.send

    async def stop_meanwhile(to: Destination, message: Message, key: int) -> Sent:
        desk.sender.stop()
        return await real(to, message, key)

    desk.messenger.send = stop_meanwhile  # type: ignore[method-assign]
    await desk.tick()
    assert await states(desk) == ["sent", "pending"]
