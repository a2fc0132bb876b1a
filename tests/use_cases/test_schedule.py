"""`/schedule`: everybody may look, organisers may change."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cadence import BeatKind
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage
from bot.use_cases.times import read_day, read_time, read_zone
from tests.house import ANN, DAY, HOUR, INES, LIN, WEEK, Desk, private

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
