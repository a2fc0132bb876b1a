"""`/schedule`: everybody may look, organisers may change."""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.domain.cadence import Beat, BeatKind, local_instant
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import PostKind
from bot.messages.outgoing import Message
from bot.use_cases.asking import Ask
from bot.use_cases.cadence import obey_new_zone_rules
from bot.use_cases.times import FARTHEST, read_date, read_day, read_time, read_zone
from tests.house import (
    ANN,
    DAY,
    HOUR,
    INES,
    LIN,
    MINUTE,
    PLAN,
    START,
    WEEK,
    Desk,
    private,
    read,
    words,
)

WEEK_OF_A_NEW_CLUB = """\
Readers · times in UTC

Mon 31 Aug, 09:00 the paper
Wed 2 Sep, 19:00 a question to discuss
Fri 4 Sep, 19:00 the quiz
Sun 6 Sep, 20:00 the recap"""


def squeezed(text: str) -> str:
    """A text without its empty lines."""
    return "\n".join(line for line in text.splitlines() if line)


async def beats(desk: Desk) -> dict[BeatKind, str]:
    """When each beat of the club is next due, in UTC."""
    club = await desk.club()
    async with desk.store.read() as records:
        found = await records.beats(club.id)
    return {
        beat.kind: datetime.fromtimestamp(beat.next_at, UTC).strftime("%a %d %b %H:%M")
        for beat in found
        if beat.next_at is not None
    }


async def test_everybody_sees_the_next_dates(desk: Desk) -> None:
    await desk.found()
    told = await desk.say(ANN, "/schedule")
    assert squeezed(WEEK_OF_A_NEW_CLUB) in squeezed(told.text)
    assert "The next paper is Improving neural networks" in told.text
    assert (await desk.say(ANN, "/schedule show")).text == told.text


async def test_the_dates_are_local_and_in_the_clubs_language(desk: Desk) -> None:
    await desk.found(ClubLanguage.ZH)
    await desk.say(INES, "/settings timezone Asia/Shanghai")
    told = (await desk.say(ANN, "/schedule")).text
    assert "Readers · 时区 Asia/Shanghai" in told
    assert "9月9日 周三 19:00 讨论题" in told
    assert "9月7日 周一 09:00 论文" in told, "in Shanghai it is past nine on the 31st"


async def test_the_dates_run_in_the_order_of_time(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = (await desk.say(ANN, "/schedule")).text
    order = [told.index(word) for word in ("a question", "the quiz", "the recap", "the paper\n")]
    assert order == sorted(order)
    assert "Mon 7 Sep, 09:00 the paper" in told


# set


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/schedule set tuesday 10:00", "Tue 1 Sep, 10:00 the paper"),
        ("/schedule set tue 8pm", "Tue 1 Sep, 20:00 the paper"),
        ("/schedule set Tue 8 pm", "Tue 1 Sep, 20:00 the paper"),
        ("/schedule set 周二 9点30", "Tue 1 Sep, 09:30 the paper"),
        ("/schedule set monday 12am", "Mon 7 Sep, 00:00 the paper"),
        ("/schedule set mon 09:00 new york", "Mon 31 Aug, 09:00 the paper"),
    ],
)
async def test_the_paper_is_moved_to_another_day_and_time(desk: Desk, line: str, told: str) -> None:
    await desk.found()
    answer = await desk.say(INES, line)
    assert "Done. From now on:" in answer.text
    assert told in answer.text


async def test_the_other_beats_keep_their_distance_and_their_times(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule set saturday 10:00")
    assert await beats(desk) == {
        BeatKind.PAPER: "Sat 05 Sep 10:00",
        BeatKind.PROMPT: "Mon 31 Aug 19:00",
        BeatKind.QUIZ: "Wed 02 Sep 19:00",
        BeatKind.RECAP: "Fri 04 Sep 20:00",
    }
    await desk.pass_time(5 * DAY + 3 * HOUR)
    await desk.pass_time(6 * DAY + 10 * HOUR)
    kinds = [post.kind.value for post in await desk.posts()]
    assert kinds.index("paper") < kinds.index("recap"), "beats before the first paper bring nothing"


async def test_a_zone_may_be_set_with_the_time(desk: Desk) -> None:
    await desk.found()
    told = (await desk.say(INES, "/schedule set tuesday 09:00 Asia/Kathmandu")).text
    assert "times in Asia/Kathmandu" in told
    assert (await beats(desk))[BeatKind.PAPER] == "Tue 01 Sep 03:15"
    assert (await desk.club()).zone == "Asia/Kathmandu"


async def test_a_paper_just_posted_is_not_followed_the_next_day(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(INES, "/schedule set tuesday 10:00")
    assert (await beats(desk))[BeatKind.PAPER] == "Tue 08 Sep 10:00"


async def test_moving_to_an_earlier_day_does_not_lose_a_week(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(INES, "/schedule set sunday 10:00")
    assert (await beats(desk))[BeatKind.PAPER] == "Sun 06 Sep 10:00"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/schedule set", "/schedule set <day> <time> [zone]. For instance /schedule set monday 09:00"),
        ("/schedule set monday", "For instance /schedule set monday 09:00"),
        ("/schedule set someday 09:00", "“someday” is no day I know. Try /schedule set monday 09:00."),
        ("/schedule set monday 25:00", "“25:00” is no time I know. Try 09:00, 19:30 or 8pm."),
        ("/schedule set monday 9:75", "“9:75” is no time I know."),
        ("/schedule set monday 13pm", "“13pm” is no time I know."),
        ("/schedule set monday noon", "“noon” is no time I know."),
        ("/schedule set monday 09:00 Atlantis", "I know no time zone “Atlantis”."),
        ("/schedule set monday 09:00 GMT+8", "I know no time zone “GMT+8”."),
        ("/schedule set monday 09:00 Europe/Berlni", "Did you mean Europe/Berlin?"),
        ("/schedule pause now", "I did not understand “now”. The command goes /schedule pause."),
        ("/schedule stop", "Did you mean /schedule [show]?"),
        ("/schedule paus", "Did you mean /schedule pause?"),
    ],
)
async def test_a_wrong_schedule_says_what_would_have_worked(desk: Desk, line: str, told: str) -> None:
    await desk.found()
    before = await beats(desk), await desk.club()
    assert told in (await desk.say(INES, line)).text
    assert (await beats(desk), await desk.club()) == before


# pause, resume, skip


async def test_a_pause_stops_the_posts_and_keeps_the_place(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    posted = len(await desk.posts())
    assert "Paused. The plan keeps its place" in (await desk.say(INES, "/schedule pause")).text
    assert "resting already" in (await desk.say(INES, "/schedule pause")).text
    told = (await desk.say(ANN, "/schedule")).text
    assert "The club is resting. Nothing is posted until /schedule resume." in told
    assert "the paper" not in told
    for _ in range(30):
        await desk.pass_time(DAY)
    assert len(await desk.posts()) == posted
    assert (await desk.club()).position == 1


async def test_after_a_pause_nothing_is_made_up_for(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(INES, "/schedule pause")
    await desk.pass_time(3 * WEEK + 3 * HOUR)
    posted = len(await desk.posts())
    told = await desk.say(INES, "/schedule resume")
    assert "Welcome back. Next:" in told.text
    assert "Mon 28 Sep, 09:00 the paper" in told.text
    assert await desk.tick() == 0
    assert len(await desk.posts()) == posted
    await desk.pass_time(WEEK)
    assert (await desk.club()).position == 2
    assert "The club is not paused. Next:" in (await desk.say(INES, "/schedule resume")).text


async def test_a_skipped_week_moves_every_paper_and_drops_none(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = await desk.say(INES, "/schedule skip")
    assert "A week of rest. Every paper moves, none is dropped:" in told.text
    assert "Mon 14 Sep, 09:00 the paper" in told.text
    assert "Wed 2 Sep, 19:00 a question to discuss" in told.text, "this week goes on"
    for _ in range(13):
        await desk.pass_time(DAY)
    assert (await desk.club()).position == 1
    kinds = [post.kind.value for post in await desk.posts()]
    assert [kinds.count(kind) for kind in ("paper", "prompt", "quiz", "recap")] == [1, 1, 1, 1]
    await desk.pass_time(DAY)
    club = await desk.club()
    async with desk.store.read() as records:
        week = await records.latest_week(club.id)
    assert week is not None
    assert (week.number, week.paper_id) == (2, "dropout-2014")


async def test_two_weeks_may_be_skipped(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule skip")
    assert "Mon 14 Sep, 09:00 the paper" in (await desk.say(INES, "/schedule skip")).text


async def test_the_end_of_the_plan_shows_no_next_paper(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    for _ in range(17):
        await desk.pass_time(WEEK)
    assert "The next paper is" not in (await desk.say(ANN, "/schedule")).text


# preset, beat


def shown(text: str) -> list[str]:
    """The dates of a schedule, one a line."""
    return [line for line in text.splitlines() if re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d", line)]


@pytest.mark.parametrize(
    ("preset", "told"),
    [
        ("weekly", ["Mon 31 Aug, 09:00 the paper", "Wed 2 Sep, 19:00 a question to discuss"]),
        ("twice", ["Mon 31 Aug, 09:00 the paper", "Tue 1 Sep, 19:00 a question to discuss"]),
        ("gentle", ["Mon 31 Aug, 09:00 the paper", "Wed 2 Sep, 19:00 a question to discuss"]),
        ("intensive", ["Mon 31 Aug, 09:00 the paper", "Mon 31 Aug, 19:00 a question to discuss"]),
    ],
)
async def test_a_rhythm_is_chosen_by_name(desk: Desk, preset: str, told: list[str]) -> None:
    await desk.found()
    answer = await desk.say(INES, f"/schedule preset {preset}")
    assert (
        f"The club’s rhythm is now: {words()[Language.EN].plain(f'choice.preset.{preset}')}." in answer.text
    )
    assert shown(answer.text)[:2] == told
    papers = sum("the paper" in line for line in shown(answer.text))
    assert papers == {"weekly": 1, "twice": 2, "gentle": 1, "intensive": 3}[preset]


async def test_two_papers_a_week_bring_two_weeks_of_posts(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule preset twice")
    for _ in range(7 * 24):
        await desk.pass_time(HOUR)
    kinds = [post.kind.value for post in await desk.posts()]
    assert [kinds.count(kind) for kind in ("paper", "prompt", "quiz", "recap")] == [2, 2, 2, 2]
    assert (await desk.club()).position == 2


async def test_a_gentle_club_discusses_two_different_questions(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule preset gentle")
    for _ in range(14):
        await desk.pass_time(DAY)
    said = [read(d.what) for d in desk.messenger.sent if isinstance(d.what, Message)]
    asked = [text for text in said if "for everyone" in text]
    assert len(set(asked)) == len(asked) == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/schedule beat quiz saturday 10:00", "Sat 5 Sep, 10:00 the quiz"),
        ("/schedule beat quiz +1", "Tue 1 Sep, 19:00 the quiz"),
        ("/schedule beat quiz 3 8pm", "Thu 3 Sep, 20:00 the quiz"),
        ("/schedule beat recap 周六 18:00", "Sat 5 Sep, 18:00 the recap"),
        ("/schedule beat prompt +5 12:30 2", "Sat 5 Sep, 12:30 a question to discuss"),
        ("/schedule beat paper thursday 07:30 2", "Thu 3 Sep, 07:30 the paper"),
    ],
)
async def test_each_beat_is_moved_by_itself(desk: Desk, line: str, told: str) -> None:
    await desk.found()
    before = shown((await desk.say(INES, "/schedule")).text)
    after = shown((await desk.say(INES, line)).text)
    assert told in after
    moved = {"quiz": "the quiz", "recap": "the recap"}.get(line.split()[2], "nothing")
    assert [each for each in before if moved not in each] == [e for e in after if e != told]


async def test_a_beat_is_taken_away_and_those_after_it_move_up(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule beat prompt +5 12:30 2")
    told = shown((await desk.say(INES, "/schedule beat prompt off")).text)
    assert [line for line in told if "a question" in line] == ["Sat 5 Sep, 12:30 a question to discuss"]
    told = shown((await desk.say(INES, "/schedule beat prompt off")).text)
    assert [line for line in told if "a question" in line] == []
    told = shown((await desk.say(INES, "/schedule beat quiz off")).text)
    assert told == ["Mon 31 Aug, 09:00 the paper", "Sun 6 Sep, 20:00 the recap"]
    for _ in range(8):
        await desk.pass_time(DAY)
    assert {post.kind.value for post in await desk.posts()} == {"paper", "thread", "starter", "recap"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/schedule preset", "For instance /schedule preset weekly"),
        ("/schedule preset hourly", "I know no rhythm “hourly”. Choose one of these: weekly, twice"),
        ("/schedule beat", "/schedule beat <beat> <when> [time] [number]. For instance /schedule beat quiz"),
        (
            "/schedule beat exam friday",
            "I know no post “exam”. Choose one of these: paper, prompt, quiz",
        ),
        ("/schedule beat quiz someday", "“someday” is no day I know."),
        ("/schedule beat quiz +40", "“+40” will not do here. Choose a whole number from 0 to 27."),
        ("/schedule beat quiz friday 25:00", "“25:00” is no time I know."),
        ("/schedule beat quiz friday 19:00 4", "“4” will not do here. Choose a whole number from 1 to 2."),
        ("/schedule beat paper +2", "A paper comes on a weekday, such as /schedule beat paper monday 09:00."),
        ("/schedule beat paper off", "A club needs a time for its paper."),
        ("/schedule rest", "For instance /schedule rest 2027-01-31"),
        ("/schedule rest 2026-02-30", "“2026-02-30” is no day I know. Try 2027-01-31"),
        ("/schedule rest 2026-08-01", "“2026-08-01” is past already."),
        ("/schedule rest tomorrow 13", "Choose a whole number from 0 to 12."),
        ("/schedule shift", "For instance /schedule shift 2"),
        ("/schedule shift soon", "“soon” will not do here. Choose a whole number from -28 to 84."),
        ("/schedule shift -1", "Something would then have been due already."),
        ("/schedule start yesterday", "“yesterday” is no day I know."),
        ("/schedule start 2020-01-01", "“2020-01-01” is past already."),
        (
            "/schedule start 9999-12-31",
            "“9999-12-31” is too far away. Choose a day within",
        ),
        ("/schedule rest 2-30", "“2-30” is no day I know."),
        ("/schedule repeat 5", "is still to come, as paper 5."),
        ("/schedule rehearse 0", "Choose a whole number from 1 to 52."),
    ],
)
async def test_what_cannot_be_done_says_what_can_instead(desk: Desk, line: str, told: str) -> None:
    await desk.found()
    before = await beats(desk), await desk.club()
    assert told in (await desk.say(INES, line)).text
    assert (await beats(desk), await desk.club()) == before


@pytest.mark.parametrize(
    "line",
    [
        "/schedule preset gentle",
        "/schedule beat quiz off",
        "/schedule rest tomorrow",
        "/schedule shift 2",
        "/schedule start tomorrow",
        "/schedule repeat",
    ],
)
async def test_only_organisers_change_the_cadence(desk: Desk, line: str) -> None:
    await desk.found()
    before = await beats(desk), await desk.club()
    assert "Only organisers" in (await desk.say(ANN, line)).text
    assert (await beats(desk), await desk.club()) == before


# rest, shift, start, repeat


async def test_weeks_of_rest_are_announced_with_the_paper_and_with_the_recap_before_them(desk: Desk) -> None:
    await desk.found()
    told = (await desk.say(INES, "/schedule rest 2026-09-08 2")).text
    assert "The club rests for 2 weeks from Mon 7 Sep." in told
    assert "Mon 7 Sep a week of rest begins" in told
    await desk.pass_time(2 * HOUR)
    paper = desk.messenger.sent[0].what
    assert isinstance(paper, Message)
    assert "After this the club rests for 2 weeks." in read(paper)
    await desk.pass_time(6 * DAY + 11 * HOUR)
    recap = desk.messenger.sent[-1].what
    assert isinstance(recap, Message)
    assert "After this the club rests for 2 weeks." in read(recap)
    assert "Next comes Dropout: A Simple Way" in read(recap)
    assert "Mon 21 Sep, 09:00" in read(recap)
    for _ in range(14):
        await desk.pass_time(DAY)
    assert (await desk.club()).position == 1
    await desk.pass_time(DAY)
    assert (await desk.club()).position == 2


async def test_a_rest_outlives_every_other_change_and_can_be_taken_back(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule skip")
    assert (await beats(desk))[BeatKind.PAPER] == "Mon 07 Sep 09:00"
    await desk.say(INES, "/schedule set tuesday 10:00")
    assert (await beats(desk))[BeatKind.PAPER] == "Tue 08 Sep 10:00"
    await desk.say(INES, "/schedule pause")
    await desk.say(INES, "/schedule resume")
    await desk.say(INES, "/settings timezone Asia/Tokyo")
    assert (await beats(desk))[BeatKind.PAPER] == "Tue 08 Sep 01:00"
    told = (await desk.say(INES, "/schedule rest 2026-09-01 0")).text
    assert "The week of Mon 31 Aug is no week of rest any more:" in told
    assert (await beats(desk))[BeatKind.PAPER] == "Tue 01 Sep 01:00"


async def test_a_shift_moves_the_open_week_and_the_plan(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = (await desk.say(INES, "/schedule shift 3")).text
    assert "Everything to come is 3 days later from now on:" in told
    assert shown(told) == [
        "Sat 5 Sep, 19:00 a question to discuss",
        "Mon 7 Sep, 19:00 the quiz",
        "Wed 9 Sep, 20:00 the recap",
        "Thu 10 Sep, 09:00 the paper",
    ]
    back = (await desk.say(INES, "/schedule shift -3")).text
    assert "Everything to come is 3 days earlier from now on:" in back
    assert shown(back)[0] == "Wed 2 Sep, 19:00 a question to discuss"
    assert shown(back)[-1] == "Mon 7 Sep, 09:00 the paper"


async def test_a_club_begins_on_the_day_that_is_set(desk: Desk) -> None:
    await desk.found()
    told = (await desk.say(INES, "/schedule start 9月16日")).text
    assert "No paper comes before Wed 16 Sep:" in told
    assert shown(told)[0] == "Mon 21 Sep, 09:00 the paper"
    await desk.say(INES, "/schedule set thursday 09:00")
    assert (await beats(desk))[BeatKind.PAPER] == "Thu 17 Sep 09:00"
    for _ in range(16):
        await desk.pass_time(DAY)
    assert await desk.posts() == []
    await desk.pass_time(DAY + 2 * HOUR)
    assert (await desk.club()).position == 1


async def test_a_paper_is_read_once_more_and_the_plan_goes_on_after_it(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = (await desk.say(INES, "/schedule repeat")).text
    assert "Improving neural networks" in told.splitlines()[0]
    assert "is read once more; after it the plan goes on:" in told
    for _ in range(14):
        await desk.pass_time(DAY)
    posts = [post for post in await desk.posts() if post.kind is PostKind.PAPER]
    assert [(post.week, post.paper_id) for post in posts] == [
        (1, "dropout-2012"),
        (2, "dropout-2012"),
        (3, "dropout-2014"),
    ]
    assert [post.week for post in await desk.posts() if post.kind is PostKind.QUIZ] == [1, 2]
    threads = [post.key for post in await desk.posts() if post.kind is PostKind.THREAD]
    assert len(set(threads)) == 3


async def test_a_repetition_is_taken_back(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(INES, "/schedule repeat")
    assert "Nothing is read a second time" in (await desk.say(INES, "/schedule repeat off")).text
    assert "Dropout: A Simple Way" in (await desk.say(ANN, "/paper next")).text


async def test_a_club_that_rests_is_not_skipped_or_shifted(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule pause")
    for line in ("/schedule skip", "/schedule shift 2"):
        assert "The club is resting. Go on with /schedule resume first." in (await desk.say(INES, line)).text


async def test_a_pause_in_the_middle_of_a_week_drops_nothing_of_it(desk: Desk) -> None:
    """Paused on Tuesday, resumed on a Saturday weeks later: the question, the quiz and the recap come before
    the next paper."""
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(DAY)
    await desk.say(INES, "/schedule pause")
    await desk.pass_time(3 * WEEK + 4 * DAY)
    told = shown((await desk.say(INES, "/schedule resume")).text)
    assert told == [
        "Wed 30 Sep, 19:00 a question to discuss",
        "Fri 2 Oct, 19:00 the quiz",
        "Sun 4 Oct, 20:00 the recap",
        "Mon 5 Oct, 09:00 the paper",
    ]


# rehearse


async def test_a_rehearsal_shows_posts_rests_and_clock_changes_in_local_time_and_utc(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/settings timezone America/New_York")
    await desk.say(INES, "/schedule rest 2026-10-26")
    desk.clock.set(START + 7 * WEEK + HOUR)
    await desk.tick()
    told = await desk.say(ANN, "/schedule rehearse 3")
    assert told.reply.private
    assert "Readers: the coming 3 weeks, as they will be posted · times in America/New_York" in told.text
    assert squeezed(told.text).splitlines()[1:] == [
        "Mon 19 Oct, 09:00 (13:00 UTC) the paper: "
        "Improving neural networks by preventing co-adaptation of feature detectors",
        "Wed 21 Oct, 19:00 (23:00 UTC) a question to discuss",
        "Fri 23 Oct, 19:00 (23:00 UTC) the quiz",
        "Sun 25 Oct, 20:00 (Mon 00:00 UTC) the recap",
        "Mon 26 Oct a week of rest begins",
        "Sun 1 Nov, 01:00 clocks are now 60 minutes back; the club’s local times stay",
        "Mon 2 Nov, 09:00 (14:00 UTC) the paper: "
        "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        "Wed 4 Nov, 19:00 (Thu 00:00 UTC) a question to discuss",
        "Fri 6 Nov, 19:00 (Sat 00:00 UTC) the quiz",
        "Sun 8 Nov, 20:00 (Mon 01:00 UTC) the recap",
    ]


async def test_a_rehearsal_comes_true(desk: Desk) -> None:
    """Every line of it, at its minute, and nothing else."""
    await desk.found()
    await desk.say(INES, "/settings timezone Europe/Berlin")
    await desk.say(INES, "/schedule preset gentle")
    await desk.say(INES, "/schedule rest 2026-10-05")
    told = shown((await desk.say(ANN, "/schedule rehearse 10")).text)
    posts = [line for line in told if "rest" not in line and "clocks" not in line]
    foretold = [re.sub(r" \([^)]*UTC\)|: .*", "", line) for line in posts]
    lived, berlin = [], ZoneInfo("Europe/Berlin")
    mains = {PostKind.PAPER, PostKind.PROMPT, PostKind.QUIZ, PostKind.RECAP}
    for _ in range(10 * 7 * 24 * 2):
        before = len(desk.messenger.sent)
        await desk.pass_time(30 * MINUTE)
        keys = {delivery.key for delivery in desk.messenger.sent[before:]}
        for post in await desk.posts() if keys else ():
            if post.id in keys and post.kind in mains:
                when = words()[Language.EN].when(desk.clock.now(), berlin)
                lived.append(f"{when} {words()[Language.EN].plain(f'beat.{post.kind}')}")
    assert lived == foretold
    assert len(lived) > 15


async def test_the_whole_course_can_be_rehearsed_to_its_end(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule preset intensive")
    english, chinese = [(await desk.say(who, "/schedule rehearse 52")).text for who in (ANN, LIN)]
    assert "Mon 12 Oct, 09:00 a look back" in english
    assert english.rstrip().endswith("Then the club chooses what to read next.")
    assert chinese.rstrip().endswith("之后由大家选下一套读什么。")


async def test_a_rehearsal_ends_where_the_club_has_to_choose(desk: Desk) -> None:
    club = await desk.found()
    async with desk.store.write() as records:
        await records.set_plan(club.id, PLAN, 17)
    told = (await desk.say(ANN, "/schedule rehearse 6")).text
    assert shown(told)[-1] == "Mon 7 Sep, 09:00 a look back, and what to read next"
    assert told.rstrip().endswith("Then the club chooses what to read next.")


async def test_a_club_that_rests_is_rehearsed_as_if_it_went_on(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule pause")
    desk.clock.advance(5 * WEEK)
    told = (await desk.say(ANN, "/schedule rehearse 1")).text
    assert "The club is resting. If it went on now:" in told
    assert shown(told)[0].startswith("Mon 5 Oct, 09:00 the paper")


# Zones whose rules change


async def test_beats_follow_new_rules_of_their_zone_at_the_next_start(desk: Desk) -> None:
    """A database that a tz release has overtaken: its beats lie an hour beside their local times."""
    await desk.found()
    await desk.say(INES, "/settings timezone Europe/Berlin")
    await obey_new_zone_rules(desk.tools)
    right = await beats(desk)
    club = await desk.club()

    async def overtake() -> None:
        async with desk.store.write() as records:
            late = [replace(b, next_at=(b.next_at or 0) + HOUR) for b in await records.beats(club.id)]
            await records.set_beats(club.id, late)

    await overtake()
    await obey_new_zone_rules(desk.tools)
    assert await beats(desk) != right, "nothing is touched while the rules are the same"
    async with desk.store.write() as records:
        await records.keep("zone.Europe/Berlin", "other rules")
    await obey_new_zone_rules(desk.tools)
    assert await beats(desk) == right


async def test_the_start_obeys_new_rules_in_every_zone_and_every_club(desk: Desk) -> None:
    zones = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")
    async with desk.store.write() as records:
        for number in range(1203):
            zone = zones[number % 3]
            club_id = await records.add_club(f"Club {number}", ClubLanguage.EN, zone, PLAN, 0)
            off = local_instant(ZoneInfo(zone), date(2026, 9, 7), 540) + HOUR
            await records.set_beats(club_id, [Beat(BeatKind.PAPER, 540, weekday=0, next_at=off)])
    await obey_new_zone_rules(desk.tools)
    async with desk.store.read() as records:
        for club in await records.clubs():
            [paper] = await records.beats(club.id)
            assert paper.next_at == local_instant(ZoneInfo(club.zone), date(2026, 9, 7), 540)


# Reading what people type


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (("monday", "Mon", "mo", "周一", "星期一", "礼拜一", " MONDAY "), 0),
        (("thursday", "thu", "thurs", "th", "周四"), 3),
        (("sunday", "su", "周日", "周天", "星期天", "星期日", "礼拜天"), 6),
    ],
)
def test_a_day_is_read_in_english_and_chinese(texts: tuple[str, ...], number: int) -> None:
    assert [read_day(text) for text in texts] == [number] * len(texts)


@pytest.mark.parametrize("text", ["", "m", "t", "mondayy", "周八", "周", "1", "tomorrow"])
def test_what_is_no_day_is_a_problem(text: str) -> None:
    with pytest.raises(Problem, match=r"error\.day\.unknown"):
        read_day(text)


@pytest.mark.parametrize(
    ("texts", "minute"),
    [
        (("9:00", "09:00", "9", "9.00", "9h", "9h00", "9点", "9：00", "9am", "9 AM", "9:00am"), 540),
        (("19:30", "7:30pm", "19.30", "19点30"), 1170),
        (("0:00", "00:00", "12am", "12:00 am"), 0),
        (("12:00", "12pm", "12"), 720),
        (("23:59", "11:59pm"), 1439),
    ],
)
def test_a_time_is_read_as_people_write_it(texts: tuple[str, ...], minute: int) -> None:
    assert [read_time(text) for text in texts] == [minute] * len(texts)


@given(st.text())
def test_any_text_is_a_time_of_day_or_a_problem(text: str) -> None:
    try:
        minute = read_time(text)
    except Problem:
        return
    assert 0 <= minute < 1440


@pytest.mark.parametrize("text", ["24:00", "9:60", "-1", "0am", "13am", "am", "", "9:0", "9:000"])
def test_what_is_no_time_is_a_problem(text: str) -> None:
    with pytest.raises(Problem, match=r"error\.time\.unknown"):
        read_time(text)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("asia/shanghai", "Asia/Shanghai"),
        ("shanghai", "Asia/Shanghai"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
        ("Kathmandu", "Asia/Kathmandu"),
        ("lord howe", "Australia/Lord_Howe"),
        ("America/Argentina/Buenos Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_a_zone_is_read_by_its_name_or_its_city(text: str, zone: str) -> None:
    assert read_zone(text) == zone


def test_every_zone_with_a_place_is_known() -> None:
    places = [zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")]
    assert len(places) > 400
    assert all(read_zone(zone) == zone for zone in places)


@pytest.mark.parametrize("text", ["GMT+8", "UTC+8", "Etc/GMT+8", "+08:00", "", "x" * 500])
def test_an_offset_is_no_zone(text: str) -> None:
    """`Etc/GMT+8` would mean eight hours west."""
    with pytest.raises(Problem) as problem:
        read_zone(text)
    assert problem.value.key == "error.zone.unknown"
    assert "Etc/" not in str(problem.value.values["near"])


async def test_a_member_may_look_in_private_and_change_nothing_there(desk: Desk) -> None:
    """The platforms say that everybody organises their own private chat; the club is the group's."""
    await desk.found()
    await desk.say(ANN, "/join")
    before = await beats(desk)
    assert "Readers · times in UTC" in (await desk.say(ANN, "/schedule", private(ANN))).text
    for line in ("/schedule set friday 10:00", "/schedule pause", "/settings language zh"):
        assert "Only organisers" in (await desk.say(ANN, line, private(ANN))).text
    assert "For organisers" not in (await desk.say(ANN, "/help", private(ANN))).text
    assert await beats(desk) == before
    assert not (await desk.club()).paused


async def test_an_organiser_may_change_the_groups_schedule_in_private(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/join")
    assert "Paused" in (await desk.say(INES, "/schedule pause", private(INES))).text
    assert (await desk.club()).paused


async def test_another_languages_schedule_reads_the_same(desk: Desk) -> None:
    assert "论文" in (await desk.say(LIN, "/schedule", private(LIN))).text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-16", date(2026, 9, 16)),
        ("2026/9/16", date(2026, 9, 16)),
        ("2026年9月16日", date(2026, 9, 16)),
        ("9-16", date(2026, 9, 16)),
        ("1月31日", date(2027, 1, 31)),
        ("8-31", date(2026, 8, 31)),
        ("8-30", date(2027, 8, 30)),
        ("today", date(2026, 8, 31)),
        ("明天", date(2026, 9, 1)),
        ("monday", date(2026, 8, 31)),
        ("周日", date(2026, 9, 6)),
    ],
)
async def test_a_day_is_read_as_people_write_it(desk: Desk, text: str, day: date) -> None:
    await desk.found()
    told = (await desk.say(INES, f"/schedule start {text}")).text
    assert f"No paper comes before {words()[Language.EN].day(day)}:" in told


DATES = st.from_regex(r"[0-9]{1,5}[-/.年][0-9]{1,3}([-/.月][0-9]{1,3})?", fullmatch=True)


@given(text=st.text(max_size=12) | DATES)
def test_any_text_is_a_day_within_reach_or_a_problem(text: str) -> None:
    asked = cast(Ask, SimpleNamespace(zone=ZoneInfo("Asia/Shanghai"), now=START))
    try:
        day = read_date(asked, text)
    except Problem:
        return
    assert date(2026, 8, 31) <= day <= date(2026, 8, 31) + FARTHEST
