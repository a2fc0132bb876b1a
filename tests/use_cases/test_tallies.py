"""A group's quiz where it is one message: it shows how many have answered, and in the end how it went."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.clubs import ChatKind, Platform
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import PostKind, PostState
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS
from bot.messages.actions import Verb
from bot.messages.incoming import Filled, Place
from bot.messages.incoming import Sender as Person
from bot.messages.outgoing import Buttons, Destination, Edit, Message, Quiz, Upkeep
from bot.ports import Ambiguous, NotSent, Refused
from bot.use_cases.tallies import TALLY_GAP
from tests.house import DAY, HOUR, Desk, Heard, RecordingMessenger, library, open_desk, person, read

ANN = person("2", "Ann", platform=Platform.DISCORD)
BEN = person("3", "Ben", platform=Platform.DISCORD)
INES = person("1", "Ines", platform=Platform.DISCORD)
LIN = person("4", "林晓", Language.ZH, platform=Platform.DISCORD)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The house on a platform where a quiz is one message."""
    async with open_desk(tmp_path, messenger=RecordingMessenger(Platform.DISCORD)) as opened:
        opened.messenger.polls = False
        yield opened


LETTERS = "ABCD"

SEVERAL = "gan"
"""A paper in whose quiz for a group a question has several right answers."""


async def begin(desk: Desk, line: str = "/quiz", language: ClubLanguage = ClubLanguage.EN) -> Message:
    """A club and its quiz; the last message of what was posted."""
    await desk.found(language)
    await desk.say(ANN, line)
    await desk.tick()
    return said(desk)[-1]


async def weekly(desk: Desk) -> Message:
    """A club, and the quiz of its first week."""
    await desk.found()
    for _ in range(5):
        await desk.pass_time(DAY)
    [sheet] = [message for message in said(desk) if quizzes(message)]
    return sheet


async def to_the_recap(desk: Desk) -> None:
    """Let time go by until the week is over."""
    while not any(post.kind is PostKind.RECAP for post in await desk.posts(PostState.SENT)):
        await desk.pass_time(HOUR)


def fail(desk: Desk, *troubles: Exception) -> None:
    """The next changes of a message fail."""
    tend, coming = desk.messenger.tend, list(troubles)

    async def failing(to: Destination, what: Upkeep) -> None:
        if coming:
            raise coming.pop(0)
        await tend(to, what)

    desk.messenger.tend = failing  # type: ignore[method-assign]


def said(desk: Desk) -> list[Message]:
    return [delivery.what for delivery in desk.messenger.sent if isinstance(delivery.what, Message)]


def edits(desk: Desk) -> list[Edit]:
    return [what for _, what in desk.messenger.tended if isinstance(what, Edit)]


def now(desk: Desk) -> str:
    """What the message that was changed last says."""
    return read(edits(desk)[-1].message)


def quizzes(message: Message) -> list[Quiz]:
    return [part for part in message.parts if isinstance(part, Quiz)]


async def answer(desk: Desk, who: Person, quiz: Quiz, *, right: bool = True) -> Heard:
    choice = quiz.key if right else (quiz.key + 1) % len(quiz.options)
    return await desk.press(who, quiz.answers[choice].token)


async def fill(desk: Desk, who: Person, token: str, fields: dict[str, str]) -> Heard:
    """Send a window that was filled in."""
    reply = await desk.hear(who, Filled(token, fields))
    assert reply is not None
    return Heard(reply)


async def test_all_questions_are_in_one_message_and_none_follows(desk: Desk) -> None:
    sheet = await begin(desk)
    assert len(quizzes(sheet)) == GROUP_QUESTIONS
    assert [quiz.title for quiz in quizzes(sheet)] == [f"Question {n} of 5" for n in range(1, 6)]
    assert "Nobody has answered yet." in read(sheet)
    assert isinstance(sheet.parts[-1], Buttons)
    await desk.pass_time(HOUR)
    assert [post.kind for post in await desk.posts()] == [PostKind.QUIZ]
    assert edits(desk) == []


async def test_an_answer_is_told_to_its_giver_and_shown_to_all_without_saying_what_it_was(desk: Desk) -> None:
    first, second, *_ = quizzes(await begin(desk))
    told = await answer(desk, ANN, first)
    assert told.toast.startswith("Right.")
    await desk.tick()
    assert "1 person has taken part so far." in now(desk)
    assert "1 answer" in now(desk)
    wrong = await answer(desk, ANN, first, right=False)
    assert wrong.toast.startswith("Your first answer counts:")
    await answer(desk, BEN, first, right=False)
    await answer(desk, BEN, second)
    await desk.pass_time(TALLY_GAP)
    assert "2 people have taken part so far." in now(desk)
    noted = [quiz.note for quiz in quizzes(edits(desk)[-1].message)]
    assert noted == ["2 answers", "1 answer", "", "", ""]
    assert "✅" not in now(desk)


async def test_answers_that_come_together_are_shown_together(desk: Desk) -> None:
    first, *_ = quizzes(await begin(desk))
    for n in range(30):
        await answer(desk, person(str(100 + n), f"Reader {n}", platform=Platform.DISCORD), first)
        await desk.pass_time(1)
    await desk.pass_time(TALLY_GAP)
    assert len(edits(desk)) <= 1 + 30 // TALLY_GAP + 1
    assert "30 people" in now(desk)
    before = len(edits(desk))
    await answer(desk, ANN, first)
    await desk.pass_time(0)
    await answer(desk, ANN, first)
    await desk.pass_time(HOUR)
    assert len(edits(desk)) == before + 1, "what does not count is not shown"


async def test_an_answer_that_comes_while_the_message_is_changed_is_shown_next(desk: Desk) -> None:
    first, *_ = quizzes(await begin(desk))
    await answer(desk, ANN, first)
    tend = desk.messenger.tend

    async def slow(to: Destination, what: Upkeep) -> None:
        desk.messenger.tend = tend  # type: ignore[method-assign]
        await answer(desk, BEN, first)
        await tend(to, what)

    desk.messenger.tend = slow  # type: ignore[method-assign]
    await desk.tick()
    assert "1 person" in now(desk)
    await desk.pass_time(TALLY_GAP)
    assert "2 people" in now(desk)


@pytest.mark.parametrize("trouble", [NotSent("later", 7), Ambiguous("who knows"), Refused("gone")])
async def test_a_change_that_fails_is_made_later(desk: Desk, trouble: Exception) -> None:
    """By itself, or with the next answer where Discord would not have it."""
    first, *_ = quizzes(await begin(desk))
    desk.messenger.troubles.append(trouble)
    await answer(desk, ANN, first)
    await desk.tick()
    assert edits(desk) == []
    if isinstance(trouble, Refused):
        await answer(desk, BEN, first)
    await desk.pass_time(10)
    assert ("2 people" if isinstance(trouble, Refused) else "1 person") in now(desk)


async def test_a_restart_loses_no_change(desk: Desk) -> None:
    first, *_ = quizzes(await begin(desk))
    await answer(desk, ANN, first)
    await desk.restart()
    await desk.tick()
    assert "1 person" in now(desk)


async def test_after_the_recap_the_message_tells_how_it_went(desk: Desk) -> None:
    sheet = await weekly(desk)
    first, *_, last = quizzes(sheet)
    await answer(desk, ANN, first)
    await answer(desk, BEN, first, right=False)
    await desk.tick()
    fail(desk, Ambiguous("who knows"), Ambiguous("who knows"))
    await to_the_recap(desk)
    assert quizzes(edits(desk)[-1].message) != []
    for _ in range(2):
        await desk.pass_time(HOUR)
    paper = library().paper("dropout-2012")
    assert paper is not None
    assert "The quiz on Improving neural networks" in now(desk)
    assert "2 people took part." in now(desk)
    assert "Question 1 of 5 · 1 of 2 right" in now(desk)
    assert "Question 5 of 5 · no answers" in now(desk)
    assert first.options[first.key] in now(desk)
    assert paper.questions[0].explanation.en in now(desk)
    shown = edits(desk)[-1].message
    assert quizzes(shown) == []
    [offered] = [part for part in shown.parts if isinstance(part, Buttons)]
    assert [button.label for row in offered.rows for button in row] == ["Quiz me by myself"]
    late = await answer(desk, LIN, last)
    assert "测验已经结束" in late.text
    count = len(edits(desk))
    await desk.pass_time(HOUR)
    assert len(edits(desk)) == count
    assert [post for post in await desk.posts() if post.state is PostState.PENDING] == []


async def test_a_change_that_is_late_does_not_open_what_is_closed(desk: Desk) -> None:
    first, *_ = quizzes(await weekly(desk))
    fail(desk, NotSent("later", 2 * DAY))
    await answer(desk, ANN, first)
    await to_the_recap(desk)
    assert "1 person took part." in now(desk)
    await desk.pass_time(2 * DAY)
    assert [quizzes(edit.message) for edit in edits(desk)] == [[]]
    [tally] = [post for post in await desk.posts() if post.kind is PostKind.TALLY]
    assert tally.state is PostState.FAILED


async def test_several_right_answers_are_chosen_in_a_window(desk: Desk) -> None:
    sheet = await begin(desk, "/quiz " + SEVERAL)
    [quiz] = [quiz for quiz in quizzes(sheet) if quiz.pick]
    assert quiz.pick is not None
    assert quiz.pick.label == "Choose…"
    assert quiz.pick.action is not None
    opened = await desk.press(ANN, quiz.pick.action.token)
    form = opened.reply.form
    assert form is not None
    [field] = form.fields
    assert tuple(label for _, label in field.choices) == quiz.options
    told = await fill(desk, ANN, form.action.token, {field.name: " ".join(map(str, quiz.keys))})
    assert "Right." in told.text
    assert told.reply.private
    await desk.tick()
    assert "1 answer" in now(desk)
    again = await desk.press(ANN, quiz.pick.action.token)
    assert again.reply.form is None
    assert "Right." in again.text
    for nonsense in ("9", "x", ""):
        refused = await fill(desk, BEN, form.action.token, {field.name: nonsense})
        assert refused.toast
    await desk.pass_time(TALLY_GAP)
    assert "1 person" in now(desk)


async def test_a_live_question_shows_its_time_and_how_many_have_answered_and_then_its_answer(
    desk: Desk,
) -> None:
    await begin(desk, "/quiz live")
    assert quizzes(said(desk)[-1]) == []
    await desk.pass_time(LIVE_LEAD)
    [quiz] = quizzes(said(desk)[-1])
    assert quiz.note == f"closes <t:{desk.clock.now() + LIVE_SECONDS}:R>"
    await answer(desk, ANN, quiz)
    await answer(desk, BEN, quiz, right=False)
    await desk.tick()
    [shown] = quizzes(edits(desk)[-1].message)
    assert shown.note == f"{quiz.note} · 2 answers"
    await desk.pass_time(LIVE_SECONDS)
    assert "Time is up" not in (await answer(desk, INES, quiz)).toast, "what was on its way counts"
    await desk.pass_time(BREATH)
    assert quizzes(edits(desk)[-1].message) == []
    assert "2 of 3 right" in now(desk)
    assert f"✅ {LETTERS[quiz.key]}. {quiz.options[quiz.key]}" in now(desk)
    assert (await answer(desk, LIN, quiz)).toast.startswith("这道题时间到了")
    await desk.pass_time(TALLY_GAP)
    [following] = quizzes(said(desk)[-1])
    assert following.title.startswith("Question 2 of 5")
    for _ in range(GROUP_QUESTIONS):
        await desk.pass_time(LIVE_SECONDS + BREATH)
        await desk.pass_time(1)
    assert "3 people took part." in read(said(desk)[-1])
    assert [post.state for post in await desk.posts() if post.kind is PostKind.STOP] == [PostState.SENT] * 5


async def test_a_live_question_that_was_not_sent_has_no_end(desk: Desk) -> None:
    await begin(desk, "/quiz live")
    desk.messenger.troubles.append(Refused("no"))
    await desk.pass_time(LIVE_LEAD)
    await desk.pass_time(1)
    assert [post.number for post in await desk.posts() if post.kind is PostKind.STOP] == [1]
    [quiz] = quizzes(said(desk)[-1])
    assert quiz.title.startswith("Question 2 of 5")


async def test_whoever_answers_joins_and_a_quiz_of_ones_own_is_nobody_elses(desk: Desk) -> None:
    first, *_ = quizzes(await begin(desk))
    assert (await desk.club()).members == 0
    await answer(desk, LIN, first)
    assert (await desk.club()).members == 1
    own = await desk.do(ANN, Verb.QUIZ, "adam")
    assert own.reply.private
    assert "somebody else’s" in (await desk.press(BEN, own.token("A"))).toast
    assert own.text.startswith("Question 1 of")


async def test_an_answer_from_another_chat_of_the_club_is_shown_too(desk: Desk) -> None:
    """The same quiz is open in both, whichever platform they are on."""
    first, *_ = quizzes(await begin(desk))
    other = Place("-700", ChatKind.GROUP, "Readers elsewhere")
    async with desk.store.write() as records:
        await records.add_chat(
            (await desk.club()).id, Platform.TELEGRAM, other.chat_id, ChatKind.GROUP, False
        )
    abroad = person("9", "Zoe")
    await desk.press(abroad, first.answers[first.key].token, other)
    await desk.tick()
    assert "1 person" in now(desk)


async def test_a_quiz_of_ones_own_changes_no_message_of_the_group(desk: Desk) -> None:
    await begin(desk)
    card = await desk.do(ANN, Verb.QUIZ, "dropout-2012")
    await desk.press(ANN, card.token("A"))
    await desk.tick()
    assert edits(desk) == []
