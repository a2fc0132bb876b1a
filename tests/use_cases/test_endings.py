"""The end of a plan: never silence, and never a choice that nobody made."""

from pathlib import Path

from bot.domain.clubs import Ending
from bot.domain.languages import ClubLanguage
from bot.domain.plans import Plan, Section
from bot.domain.posts import PostKind
from bot.library.library import ContentLibrary
from bot.messages.actions import Verb
from bot.messages.outgoing import Message
from bot.use_cases.cadence import bring_forward
from tests.house import ANN, DAY, HOUR, INES, LIN, WEEK, Desk, labels, library, open_desk, read

LONG = library().plans()[0]
SHORT = Plan("short", LONG.title, (Section(LONG.title, ("adam", "gan")),))
TINY = Plan("tiny", LONG.title, (Section(LONG.title, ("vae",)),))


def shelf() -> ContentLibrary:
    """The papers in a plan of two, which clubs begin with, and two others."""
    return ContentLibrary(library().papers(), [LONG, SHORT, TINY])


async def to_the_end(desk: Desk) -> None:
    """A club that has just been asked what comes after its plan of two."""
    await desk.found()
    await desk.say(INES, "/settings plan short")
    for who in (ANN, LIN):
        await desk.say(who, "/join")
    await desk.pass_time(2 * HOUR)
    await desk.say(ANN, "/read")
    await desk.say(LIN, "/read")
    for _ in range(14):
        await desk.pass_time(DAY)


async def kinds(desk: Desk) -> list[str]:
    """What the ledger holds beside the weeks, in order."""
    usual = {PostKind.THREAD, PostKind.STARTER, PostKind.PROMPT, PostKind.QUIZ, PostKind.QUESTION}
    said = [post for post in await desk.posts() if not post.kind.upkeep]
    return [post.kind.value for post in said if post.kind not in usual]


def last(desk: Desk) -> Message:
    """What was posted last."""
    what = desk.messenger.sent[-1].what
    assert isinstance(what, Message)
    return what


async def test_the_club_looks_back_and_is_asked(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        assert await kinds(desk) == ["paper", "recap", "paper", "recap", "closing"]
        told = read(last(desk))
        assert "all 2 papers are read" in told
        assert "Together, 2 members have recorded 2 readings." in told
        assert "Adam: A Method for Stochastic Optimization was read by the most: 2." in told
        assert "What leads on Mon 21 Sep, 09:00 begins then." in told
        assert labels(last(desk)) == (LONG.title.en, TINY.title.en, "The same plan again", "A rest")
        assert (await desk.club()).ending is Ending.ASKED


async def test_what_leads_the_vote_begins_at_the_next_time_for_a_paper(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        first = await desk.do(ANN, Verb.VOTE, "-")
        assert first.toast == "Your choice: A rest. So far: A rest: 1."
        await desk.do(ANN, Verb.VOTE, "tiny")
        second = await desk.do(LIN, Verb.VOTE, "tiny")
        assert second.toast.endswith("：2。"), second.toast
        assert "what most have chosen begins" in (await desk.say(ANN, "/schedule")).text
        await desk.pass_time(WEEK)
        assert (await kinds(desk))[-2:] == ["closing", "paper"]
        club = await desk.club()
        assert (club.plan_id, club.position, club.ending) == ("tiny", 1, Ending.NOT_YET)
        [paper] = [d.what for d in desk.messenger.sent[-3:] if isinstance(d.what, Message)][:1]
        assert read(paper).startswith("The club begins a new plan: ")
        assert "This week · 1 of 1" in read(paper)


async def test_the_same_plan_may_be_read_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        await desk.do(ANN, Verb.VOTE, "short")
        await desk.pass_time(WEEK)
        papers = [post.paper_id for post in await desk.posts() if post.kind is PostKind.PAPER]
        weeks = [post.week for post in await desk.posts() if post.kind is PostKind.PAPER]
        assert (papers, weeks) == (["adam", "gan", "adam"], [1, 2, 3])
        await desk.pass_time(4 * DAY + 10 * HOUR)
        quizzes = [post.week for post in await desk.posts() if post.kind is PostKind.QUIZ]
        assert quizzes == [1, 2, 3], "the group is asked again about a paper it reads again"


async def test_without_a_vote_there_is_one_reminder_and_the_first_vote_still_begins(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        for _ in range(4):
            await desk.pass_time(WEEK)
        assert (await kinds(desk))[-2:] == ["closing", "reminder"]
        assert "Nobody has chosen yet" in read(last(desk))
        assert labels(last(desk))[-1] == "A rest"
        await desk.do(LIN, Verb.VOTE, "tiny")
        await desk.pass_time(WEEK)
        assert (await kinds(desk))[-1] == "paper"


async def test_a_club_that_chose_to_rest_is_asked_anew_when_it_goes_on(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        await desk.do(ANN, Verb.VOTE, "-")
        await desk.pass_time(WEEK)
        assert (await kinds(desk))[-1] == "resting"
        assert "chosen to rest" in read(last(desk))
        assert (await desk.club()).paused
        await desk.pass_time(10 * WEEK)
        assert (await kinds(desk))[-1] == "resting"
        await desk.say(INES, "/schedule resume")
        await desk.pass_time(WEEK)
        assert (await kinds(desk))[-1] == "closing"
        await desk.pass_time(WEEK)
        assert (await kinds(desk))[-1] == "reminder", "the old votes do not count"


async def test_a_vote_is_one_a_member_and_enrols(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        before = (await desk.club()).members
        told = [await desk.do(INES, Verb.VOTE, "tiny") for _ in range(3)]
        assert told[-1].toast.endswith(f"{TINY.title.en}: 1.")
        assert (await desk.club()).members == before + 1


async def test_what_cannot_be_chosen_is_refused_kindly(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await desk.found()
        assert "settled" in (await desk.do(ANN, Verb.VOTE, "tiny")).toast
        await to_the_end(desk)
        assert "too old" in (await desk.do(ANN, Verb.VOTE, "no-such-plan")).toast
        await desk.say(INES, "/settings plan tiny")
        assert "settled" in (await desk.do(ANN, Verb.VOTE, "tiny")).toast


async def test_a_plan_that_has_gone_from_the_library_does_not_win(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        await to_the_end(desk)
        await desk.do(ANN, Verb.VOTE, "tiny")
        await desk.do(LIN, Verb.VOTE, "tiny")
        await desk.do(INES, Verb.VOTE, "short")
    async with open_desk(tmp_path, shelf=ContentLibrary(library().papers(), [LONG, SHORT])) as desk:
        desk.clock.advance(2 * HOUR + 14 * DAY)
        await desk.pass_time(WEEK)
        assert (await desk.club()).plan_id == "short"
        assert (await kinds(desk))[-1] == "paper"


async def test_the_web_rooms_next_button_leads_through_the_end_to_the_new_plan(tmp_path: Path) -> None:
    async with open_desk(tmp_path, shelf=shelf()) as desk:
        club = await desk.found(ClubLanguage.BOTH)
        await desk.say(INES, "/settings plan tiny")
        held = []
        for _ in range(5):
            happening = await bring_forward(desk.tools, club.id)
            assert happening is not None
            held.append(happening.kind.value)
            await desk.sender.deliver()
        assert held == ["paper", "prompt", "quiz", "recap", "closing"]
        assert "接下来读什么？" in read(last(desk))
        await desk.do(ANN, Verb.VOTE, "short")
        chosen = await bring_forward(desk.tools, club.id)
        assert chosen is not None
        assert chosen.kind.value == "chosen"
        assert (await desk.club()).plan_id == "short"
