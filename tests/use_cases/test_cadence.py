"""What time does: the week's posts in order, each once, whatever befalls the house."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.domain.cadence import LATE_LIMIT, LATE_NOTICE, Beat, BeatKind
from bot.domain.clubs import Ending, Week
from bot.domain.languages import ClubLanguage
from bot.domain.plans import Plan, Section
from bot.domain.posts import PostKind, PostState
from bot.library.library import ContentLibrary
from bot.messages.outgoing import Fold, Message, OpenThread, Quiz
from bot.ports import Passage
from bot.use_cases.cadence import BATCH, bring_forward, hold_due_beats
from tests.house import (
    ANN,
    DAY,
    ELSEWHERE,
    HOUR,
    INES,
    LIN,
    MINUTE,
    WEEK,
    Delivery,
    Desk,
    labels,
    library,
    open_desk,
    person,
    private,
    read,
)

FIRST = "Improving neural networks by preventing co-adaptation of feature detectors"
SECOND = "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"
WEEKS_POSTS = [
    *("paper", "thread", "starter"),
    "prompt",
    *("quiz", "question", "question", "question", "question", "question"),
    "recap",
]
NOTICE = "This is late: I was offline at the time."


async def kinds(desk: Desk) -> list[str]:
    """What the ledger holds, in order."""
    return [post.kind.value for post in await desk.posts() if not post.kind.upkeep]


async def latest_week(desk: Desk) -> Week | None:
    """The club's latest week."""
    club = await desk.club()
    async with desk.store.read() as records:
        return await records.latest_week(club.id)


def said(desk: Desk, since: int = 0) -> list[str]:
    """The first line of every message that went out, and the titles of threads."""
    return [first_line(delivery) for delivery in desk.messenger.sent[since:]]


def first_line(delivery: Delivery) -> str:
    """What a delivery begins with."""
    if isinstance(delivery.what, OpenThread):
        return f"# {delivery.what.title}"
    return read(delivery.what).partition("\n")[0]


async def test_a_week_brings_its_posts_in_order_and_at_their_times(desk: Desk) -> None:
    await desk.found()
    times = []
    for hour in range(7 * 24):
        before = len(desk.messenger.sent)
        await desk.pass_time(HOUR)
        times += [(hour + 8) % 24 + (hour + 8) // 24 * 100] * (len(desk.messenger.sent) - before)
    assert await kinds(desk) == WEEKS_POSTS
    assert times == [9, 9, 9, 219, *[419] * 6, 620], "days from Monday as hundreds, hours as units"
    assert {post.state for post in await desk.posts()} == {PostState.SENT}
    assert [line[:24] for line in said(desk)] == [
        "📄 This week · 1 of 18",
        "# 1 · Improving neural networks by preventing co-adaptation of feature detectors"[:24],
        "The picture in words",
        "💬 A question about Improving"[:24],
        "📝 The quiz on Improving neural"[:24],
        *[line[:24] for line in said(desk)[5:10]],
        "🗓 The week with Improving"[:24],
    ]


async def test_the_posts_of_the_discussion_go_into_its_thread(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(2 * DAY + 10 * HOUR)
    paper, thread, starter, prompt = desk.messenger.sent
    assert isinstance(thread.what, OpenThread)
    assert thread.what.under == thread.to.reply_to == f"m{paper.key}"
    assert starter.to.thread_id == prompt.to.thread_id == f"t{thread.key}"
    first = library().paper("dropout-2012")
    assert first is not None
    assert isinstance(starter.what, Message)
    assert isinstance(prompt.what, Message)
    assert first.prompts[0].text.en in read(starter.what)
    assert first.prompts[1].text.en in read(prompt.what)


async def test_a_thread_title_fits_and_names_the_paper(desk: Desk) -> None:
    await desk.found(ClubLanguage.ZH)
    club = await desk.club()
    while await bring_forward(desk.tools, club.id):
        await desk.sender.deliver()
    titles = [d.what.title for d in desk.messenger.sent if isinstance(d.what, OpenThread)]
    assert [title.partition(" · ")[0] for title in titles] == [str(number) for number in range(1, 19)]
    assert all(len(title) <= 100 and "\n" not in title for title in titles)


async def test_the_recap_tells_who_read_the_hardest_question_and_what_comes(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    for who in (INES, ANN, LIN):
        await desk.say(who, "/join")
    await desk.say(LIN, "/read")
    await desk.pass_time(4 * DAY + 10 * HOUR)
    [first, second, *_] = [d for d in desk.messenger.sent if poll(d)]
    await desk.vote(ANN, f"poll{first.key}", quiz(first).key)
    await desk.vote(ANN, f"poll{second.key}", (quiz(second).key + 1) % 4)
    await desk.vote(LIN, f"poll{second.key}", quiz(second).key)
    await desk.pass_time(2 * DAY + HOUR)
    recap = desk.messenger.sent[-1].what
    assert isinstance(recap, Message)
    told = read(recap)
    assert told.startswith(f"🗓 The week with {FIRST}")
    assert "1 of 3 have read it." in told
    assert "Readers: 林晓." in told
    assert f"The hardest question was “{quiz(second).question}”: 1 of 2 had it right." in told
    assert "2 people took part in the quiz; 2 of 3 answers were right." in told
    assert f"Next comes {SECOND}, Mon 7 Sep, 09:00." in told
    assert labels(recap) == ("I’ve read it",)


def poll(delivery: Delivery) -> bool:
    """Whether a delivery is a question to the group."""
    return isinstance(delivery.what, Message) and any(isinstance(part, Quiz) for part in delivery.what.parts)


def quiz(delivery: Delivery) -> Quiz:
    """The question in a delivery."""
    assert isinstance(delivery.what, Message)
    [found] = [part for part in delivery.what.parts if isinstance(part, Quiz)]
    return found


async def test_a_quiet_week_is_recapped_without_shame(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(ANN, "/join")
    await desk.pass_time(6 * DAY + 11 * HOUR)
    recap = desk.messenger.sent[-1].what
    assert isinstance(recap, Message)
    assert "0 of 1 have read it." in read(recap)
    assert "Readers:" not in read(recap)
    assert "hardest" not in read(recap)
    assert "took part" not in read(recap)


async def test_a_member_with_a_hostile_name_cannot_break_the_recap(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(person("7", "**[x](https://example.org)\u202e\n# y"), "/read")
    await desk.say(person("8", "دانا"), "/read")
    await desk.pass_time(6 * DAY + 11 * HOUR)
    recap = desk.messenger.sent[-1].what
    assert isinstance(recap, Message)
    assert "Readers: **[x](https://example.org) # y and \u2068دانا\u2069." in read(recap)


@pytest.mark.parametrize("language", ClubLanguage)
async def test_every_post_is_in_the_clubs_language(desk: Desk, language: ClubLanguage) -> None:
    await desk.found(language)
    for _ in range(7 * 4):
        await desk.pass_time(6 * HOUR)
    assert await kinds(desk) == WEEKS_POSTS
    for delivery in desk.messenger.sent:
        if isinstance(delivery.what, Message) and not poll(delivery):
            told = read(delivery.what)
            assert "**" not in told
            chinese = sum("\u4e00" <= c <= "\u9fff" for c in told) > len(told) / 20
            english = sum(c.isascii() and c.isalpha() for c in told) > len(told) / 2
            if language is not ClubLanguage.BOTH:
                assert (english, chinese) == (language is ClubLanguage.EN, language is ClubLanguage.ZH), told
    folds = [
        part.title
        for delivery in desk.messenger.sent
        if isinstance(delivery.what, Message)
        for part in delivery.what.parts
        if isinstance(part, Fold)
    ]
    assert folds == (["中文"] * 4 if language is ClubLanguage.BOTH else [])


async def test_a_private_club_of_one_gets_its_week_too(desk: Desk) -> None:
    await desk.say(LIN, "/start", private(LIN))
    await desk.pass_time(2 * HOUR)
    for _ in range(7 * 4):
        await desk.pass_time(6 * HOUR)
    assert (await kinds(desk))[: len(WEEKS_POSTS)] == WEEKS_POSTS
    assert {delivery.to.chat_id for delivery in desk.messenger.sent} == {LIN.account.user_id}
    assert said(desk)[0].startswith("📄 本周论文")


# Late


@pytest.mark.parametrize(
    ("late", "posted", "says"),
    [
        (0, True, False),
        (LATE_NOTICE, True, False),
        (LATE_NOTICE + 1, True, True),
        (LATE_LIMIT - MINUTE, True, True),
        (LATE_LIMIT + MINUTE, False, False),
        (5 * DAY, False, False),
    ],
)
async def test_a_late_beat_goes_out_once_and_says_so(desk: Desk, late: int, posted: bool, says: bool) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR + late)
    assert [line for line in await kinds(desk) if line == "paper"] == ["paper"] * posted
    texts = [read(d.what) for d in desk.messenger.sent if isinstance(d.what, Message)]
    assert [NOTICE in text for text in texts] == [says] * len(texts)
    await desk.tick()
    await desk.restart()
    await desk.tick()
    assert (await kinds(desk)).count("paper") == posted


async def test_the_notice_is_in_every_language_of_the_club(desk: Desk) -> None:
    await desk.found(ClubLanguage.BOTH)
    await desk.pass_time(5 * HOUR)
    what = desk.messenger.sent[0].what
    assert isinstance(what, Message)
    assert read(what).startswith(f"{NOTICE}\n这条发晚了")


async def test_a_missed_paper_is_the_next_weeks_paper(desk: Desk) -> None:
    """Nothing of the plan is skipped when a whole week was missed."""
    await desk.found()
    await desk.pass_time(4 * DAY)
    assert await kinds(desk) == []
    await desk.pass_time(2 * DAY)
    assert await kinds(desk) == [], "a quiz without a paper is no quiz"
    await desk.pass_time(DAY + 2 * HOUR)
    week = await latest_week(desk)
    assert week is not None
    assert (week.number, week.paper_id) == (1, "dropout-2012")


async def test_after_three_weeks_away_the_week_left_open_goes_on(desk: Desk) -> None:
    """Back on a Friday evening: Wednesday's question is 47 hours late, Monday's paper is let go."""
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(3 * WEEK + 4 * DAY + 9 * HOUR)
    assert await kinds(desk) == ["paper", "thread", "starter", "prompt"]
    for _ in range(3):
        await desk.pass_time(20 * HOUR)
    assert await kinds(desk) == WEEKS_POSTS
    await desk.pass_time(3 * HOUR)
    week = await latest_week(desk)
    assert week is not None
    assert (week.number, week.paper_id) == (2, "dropout-2014")


async def test_back_on_a_tuesday_after_three_weeks_this_mondays_paper_comes_late(desk: Desk) -> None:
    """Only what this week brought is under 48 hours late; the recap of the week left open comes first."""
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(3 * WEEK + DAY + HOUR)
    assert await kinds(desk) == ["paper", "thread", "starter", "recap", "paper", "thread", "starter"]
    recap, paper, *_ = [d.what for d in desk.messenger.sent[3:]]
    assert isinstance(recap, Message)
    assert isinstance(paper, Message)
    assert NOTICE in read(recap)
    assert f"The week with {FIRST}" in read(recap)
    assert NOTICE in read(paper)
    assert "This week · 2 of 18" in read(paper)
    week = await latest_week(desk)
    assert week is not None
    assert (week.number, week.closed_at) == (2, None)
    await desk.pass_time(6 * DAY - 2 * HOUR)
    assert (await kinds(desk)).count("paper") == 2
    await desk.pass_time(HOUR)
    week = await latest_week(desk)
    assert week is not None
    assert week.number == 3


async def test_a_recap_missed_over_the_weekend_comes_before_the_new_paper(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(WEEK)
    assert await kinds(desk) == ["paper", "thread", "starter", "recap", "paper", "thread", "starter"]
    week = await latest_week(desk)
    assert week is not None
    assert (week.number, week.closed_at) == (2, None)


async def test_no_week_is_lost_or_doubled_whenever_the_house_is_down(desk: Desk) -> None:
    """Ticks at uneven hours, some with a restart, over the whole course."""
    await desk.found()
    for step in range(18 * 4 + 8):
        await desk.pass_time((11 + 31 * step % 47) * HOUR)
        if step % 5 == 0:
            await desk.restart()
    numbers = [post.week for post in await desk.posts() if post.kind is PostKind.PAPER]
    papers = [post.paper_id for post in await desk.posts() if post.kind is PostKind.PAPER]
    assert numbers == list(range(1, len(numbers) + 1))
    assert tuple(papers) == library().plans()[0].papers[: len(papers)]
    assert len(papers) > 10
    assert len({post.key for post in await desk.posts()}) == len(await desk.posts())


# Twice at once, and many


async def test_two_ticks_at_once_double_nothing(desk: Desk) -> None:
    await desk.found()
    desk.clock.advance(2 * HOUR)
    due = await asyncio.gather(*(hold_due_beats(desk.tools) for _ in range(5)))
    assert sum(due) == 1
    await asyncio.gather(*(desk.sender.deliver() for _ in range(5)))
    assert await kinds(desk) == ["paper", "thread", "starter"]
    assert len(desk.messenger.sent) == 3


async def test_more_clubs_than_a_batch_all_get_their_paper(desk: Desk) -> None:
    clubs = BATCH + 3
    async with desk.store.write() as records:
        for number in range(clubs):
            plan = library().plans()[0].id
            club_id = await records.add_club(f"Club {number}", ClubLanguage.EN, "UTC", plan, 0)
            kinds_due = (BeatKind.PAPER, BeatKind.RECAP)
            await records.set_beats(club_id, [monday(kind, desk.clock.now()) for kind in kinds_due])
    desk.clock.advance(2 * HOUR)
    assert await hold_due_beats(desk.tools) == 2 * clubs
    async with desk.store.read() as records:
        positions = [club.position for club in await records.clubs()]
    assert positions == [1] * clubs
    assert await hold_due_beats(desk.tools) == 0


def monday(kind: BeatKind, seven: int) -> Beat:
    """A beat of Monday morning, the recap an hour before the paper."""
    hour = 9 if kind is BeatKind.PAPER else 8
    return Beat(kind, hour * 60, weekday=0, next_at=seven + (hour - 7) * HOUR)


async def test_a_club_whose_plan_is_gone_does_not_stop_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.found()
    club = await desk.found(place=ELSEWHERE)
    async with desk.store.write() as records:
        await records.set_plan((await desk.club()).id, "gone", 0)
    await desk.pass_time(2 * HOUR)
    assert {post.chat.club_id for post in await desk.posts()} == {club.id}
    assert "error.plan.gone" in caplog.text
    assert "is not in the library any more" in (await desk.say(ANN, "/paper list")).text


async def test_a_club_whose_plan_is_gone_keeps_its_open_vote(desk: Desk) -> None:
    await desk.found()
    club = await desk.club()
    voting = replace(club, ending=Ending.ASKED, asked_at=desk.clock.now())
    async with desk.store.write() as records:
        await records.set_plan(club.id, "gone", 0)
        await records.pass_time(Passage(moved=[voting]))
    await desk.pass_time(2 * HOUR)
    after = await desk.club()
    assert (after.ending, after.asked_at) == (Ending.ASKED, voting.asked_at)
    async with desk.store.read() as records:
        assert not await records.anything_due(desk.clock.now()), "its beats have moved on"


# The end


async def test_at_the_end_of_the_plan_the_club_looks_back(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    for _ in range(18 * 7):
        await desk.pass_time(DAY)
    posts = await desk.posts()
    papers = [post.paper_id for post in posts if post.kind is PostKind.PAPER]
    assert tuple(papers) == library().plans()[0].papers
    assert [post.kind for post in posts].count(PostKind.QUIZ) == 18
    assert [post.kind for post in posts].count(PostKind.RECAP) == 18
    recap, closing = [read(d.what) for d in desk.messenger.sent[-2:] if isinstance(d.what, Message)]
    assert "That was the last paper of the plan." in recap
    assert "Next we look back" in recap
    assert "all 18 papers are read" in closing


# Bring forward


async def test_beats_are_brought_forward_in_the_order_of_the_week(desk: Desk) -> None:
    club = await desk.found()
    held = []
    for _ in range(9):
        beat = await bring_forward(desk.tools, club.id)
        assert beat is not None
        held.append(beat.kind.value)
        await desk.sender.deliver()
    week = ["paper", "prompt", "quiz", "recap"]
    assert held == [*week, *week, "paper"]
    assert not any(NOTICE in line for line in said(desk))
    assert await hold_due_beats(desk.tools) == 0
    await desk.pass_time(2 * HOUR)
    assert (await kinds(desk)).count("paper") == 3, "what was brought forward does not come again"


async def test_a_beat_brought_forward_keeps_its_next_time(desk: Desk) -> None:
    club = await desk.found()
    await bring_forward(desk.tools, club.id)
    assert "Mon 7 Sep, 09:00 the paper" in (await desk.say(ANN, "/schedule")).text


async def test_a_paper_brought_forward_on_a_sunday_has_its_recap_a_week_later(desk: Desk) -> None:
    """The recap of that same evening belonged to no week; a week has all of its beats."""
    desk.clock.advance(-DAY)
    club = await desk.found()
    await bring_forward(desk.tools, club.id)
    shown = (await desk.say(ANN, "/schedule")).text
    assert [
        f"{when} {what}" in shown
        for when, what in (
            ("Wed 2 Sep, 19:00", "a question to discuss"),
            ("Fri 4 Sep, 19:00", "the quiz"),
            ("Sun 6 Sep, 20:00", "the recap"),
            ("Mon 7 Sep, 09:00", "the paper"),
        )
    ] == [True] * 4


async def test_nothing_is_brought_forward_in_a_club_that_is_not_there(desk: Desk) -> None:
    assert await bring_forward(desk.tools, 99) is None


# Another plan


async def test_a_club_that_changes_its_plan_finishes_its_week_first(tmp_path: Path) -> None:
    """The papers and buttons of the old plan go on working until the new one begins."""
    long = library().plans()[0]
    short = Plan("short", long.title, (Section(long.title, ("adam", "gan")),))
    shelf = ContentLibrary(library().papers(), [long, short])
    async with open_desk(tmp_path, shelf=shelf) as desk:
        await desk.found()
        await desk.pass_time(2 * HOUR)
        card = await desk.say(ANN, "/paper")
        assert "From the next paper on the club reads" in (await desk.say(INES, "/settings plan short")).text
        now = await desk.say(ANN, "/paper")
        assert "Not in the club’s plan" in now.text
        assert FIRST in now.text
        assert "Noted" in (await desk.press(ANN, card.token("I’ve read it"))).toast
        assert (await desk.press(ANN, card.token("Quiz me"))).text.startswith("Question 1 of ")
        assert "In one picture" in (await desk.press(ANN, card.token("More about it"))).text
        assert f"Welcome, 林晓. The club is reading {FIRST}." in (await desk.say(LIN, "/join")).text
        told = (await desk.say(ANN, "/progress")).text
        assert "paper 0 of 2" in told
        assert "None" not in told
        for _ in range(7):
            await desk.pass_time(DAY)
        assert "This week · 1 of 2" in (await desk.say(ANN, "/paper")).text
        assert [post.paper_id for post in await desk.posts() if post.kind is PostKind.PAPER] == [
            "dropout-2012",
            "adam",
        ]


async def test_a_paper_that_left_the_library_is_said_to_be_gone(tmp_path: Path) -> None:
    rest = [paper for paper in library().papers() if paper.id != "dropout-2012"]
    async with open_desk(tmp_path) as desk:
        await desk.found()
        await desk.pass_time(2 * HOUR)
    async with open_desk(tmp_path, shelf=ContentLibrary(rest, library().plans())) as desk:
        desk.clock.advance(2 * HOUR)
        assert (
            "The paper “dropout-2012” is not in the library any more." in (await desk.say(ANN, "/paper")).text
        )
        await desk.pass_time(4 * DAY + 10 * HOUR)
        assert PostKind.QUIZ.value not in await kinds(desk)
        await desk.pass_time(2 * DAY + 14 * HOUR)
        assert "This week · 2 of 18" in (await desk.say(ANN, "/paper")).text


async def test_a_paper_whose_files_are_broken_is_passed_over_and_the_plan_goes_on(tmp_path: Path) -> None:
    """Its number stays, so that no other week shifts; the list says what is missing."""
    rest = [paper for paper in library().papers() if paper.id != "dropout-2014"]
    async with open_desk(tmp_path, shelf=ContentLibrary(rest, library().plans())) as desk:
        await desk.found()
        await desk.pass_time(2 * HOUR)
        assert "1. Improving" in (await desk.say(ANN, "/paper list")).text
        assert "2. dropout-2014: not in the library just now" in (await desk.say(ANN, "/paper list")).text
        assert "papers read" in (await desk.say(ANN, "/path")).text
        assert "Coming next · 3 of 18" in (await desk.say(ANN, "/paper next")).text
        await desk.pass_time(WEEK)
        assert "This week · 3 of 18" in (await desk.say(ANN, "/paper")).text
        assert (await desk.club()).position == 3
