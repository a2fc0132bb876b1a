"""Questions with several right answers: right is exactly the right set."""

import pytest

from bot.domain.papers import Question
from bot.messages.actions import Verb, as_bits
from bot.messages.incoming import Sender as Person
from bot.messages.outgoing import Message, Quiz
from tests.house import ANN, INES, LIN, Desk, Heard, library, private

DONE = {ANN: "Done", LIN: "选好了"}


def asked() -> Question:
    """The one that the quiz on GANs asks a group as its last."""
    paper = library().paper("gan")
    assert paper is not None
    question = paper.question("ideal-end")
    assert question is not None
    assert question.several
    return question


async def group_quiz(desk: Desk) -> tuple[Quiz, str]:
    """Open the group's quiz; the question with several right answers, and its poll."""
    await desk.found()
    await desk.say(ANN, "/quiz gan")
    await desk.tick()
    found = [
        (part, f"poll{delivery.key}")
        for delivery in desk.messenger.sent
        if isinstance(delivery.what, Message)
        for part in delivery.what.parts
        if isinstance(part, Quiz) and len(part.keys) > 1
    ]
    assert len(found) == 1
    return found[0]


async def reach(desk: Desk, who: Person) -> Heard:
    """Answer one's own quiz up to the question with several right answers."""
    card = await desk.say(who, "/quiz gan", private(who))
    while DONE[who] not in card.labels:
        explained = await desk.press(who, card.token("A"), private(who))
        card = await desk.press(who, explained.token(explained.labels[0]), private(who))
    return card


def toggle(card: Heard, choice: int) -> str:
    """The button that picks an option, or puts it back."""
    now = next(b.action.args[2] for b in card.buttons if b.action and b.action.verb is Verb.DONE)
    wanted = str(int(now) ^ 1 << choice)
    return next(b.action.token for b in card.buttons if b.action and b.action.args[2] == wanted)


async def pick(desk: Desk, who: Person, card: Heard, *choices: int) -> Heard:
    for choice in choices:
        card = await desk.press(who, toggle(card, choice), private(who))
        assert card.reply.edit, "one message changes"
    return card


@pytest.mark.parametrize(
    ("who", "several", "well"), [(ANN, "several answers", "Right."), (LIN, "多选", "答对了。")]
)
async def test_alone_one_picks_all_that_are_right_and_says_done(
    desk: Desk, who: Person, several: str, well: str
) -> None:
    card = await reach(desk, who)
    assert several in card.text.splitlines()[0]
    assert [label[0] for label in card.labels[:-1]] == ["☐"] * 4
    card = await pick(desk, who, card, *asked().keys, 1, 1)
    assert sorted(label[0] for label in card.labels[:-1]) == ["☐", "☐", "☑", "☑"]
    explained = await desk.press(who, card.token(DONE[who]), private(who))
    assert explained.reply.edit
    assert well in explained.text
    assert explained.text.count("✅") == 2
    assert asked().explanation[who.language] in explained.text


@pytest.mark.parametrize(
    ("choices", "wrongly"), [((0,), 0), ((0, 1), 1), ((0, 1, 3), 1), ((1, 2), 2), ((0, 1, 2, 3), 2)]
)
async def test_anything_but_the_right_set_is_not_right(
    desk: Desk, choices: tuple[int, ...], wrongly: int
) -> None:
    """What is told are the letters of all that are right, as the card shows them."""
    card = await pick(desk, ANN, await reach(desk, ANN), *choices)
    explained = await desk.press(ANN, card.token("Done"), private(ANN))
    right = [line[2] for line in explained.text.splitlines() if line.startswith("✅")]
    assert f"Not quite: the answer is {right[0]} and {right[1]}." in explained.text
    assert explained.text.count("❌") == wrongly
    for choice in choices:
        option = asked().options[choice]
        assert (option.why.en in explained.text) == (not option.right)


async def test_nothing_picked_is_no_answer(desk: Desk) -> None:
    card = await reach(desk, ANN)
    assert (await desk.press(ANN, card.token("Done"), private(ANN))).toast == "Pick at least one first."
    assert (await desk.say(ANN, "/quiz gan", private(ANN))).text == card.text


async def test_what_is_done_is_done(desk: Desk) -> None:
    """Old buttons show the answer that counted."""
    card = await pick(desk, ANN, await reach(desk, ANN), 1)
    explained = await desk.press(ANN, card.token("Done"), private(ANN))
    assert (await desk.press(ANN, toggle(card, 0), private(ANN))).text == explained.text
    assert (await desk.press(ANN, card.token("Done"), private(ANN))).text == explained.text


async def test_a_vote_counts_as_right_only_with_exactly_the_right_options(desk: Desk) -> None:
    quiz, poll = await group_quiz(desk)
    assert quiz.keys == asked().keys
    assert quiz.explanation == asked().explanation.en
    assert quiz.title.endswith(" · several answers")
    await desk.vote(ANN, poll, quiz.keys)
    await desk.vote(LIN, poll, quiz.keys[:1])
    await desk.vote(INES, poll, (*quiz.keys, 1))
    async with desk.store.read() as records:
        assert (await records.question_counts(1))[asked().id] == (1, 3)


async def test_where_a_question_has_buttons_the_others_are_picked_in_private(desk: Desk) -> None:
    quiz, _ = await group_quiz(desk)
    card = await desk.press(LIN, quiz.answers[0].token)
    assert card.reply.private
    assert not card.reply.edit, "the question in the group stays as it is"
    assert card.labels == ("☑ A", "☐ B", "☐ C", "☐ D", "选好了")
    assert (await desk.club()).members == 1, "who goes on in private is known there"
    card = await pick(desk, LIN, card, 3)
    explained = await desk.press(LIN, card.token("选好了"), private(LIN))
    assert "答对了。" in explained.text
    assert explained.buttons == ()
    again = await desk.press(LIN, quiz.answers[1].token)
    assert again.text == explained.text
    assert not again.reply.edit
    assert "1/5" in (await desk.say(LIN, "/progress")).text


async def test_after_the_end_nothing_can_be_picked(desk: Desk) -> None:
    quiz, _ = await group_quiz(desk)
    card = await desk.press(LIN, quiz.answers[0].token)
    async with desk.store.write() as records:
        await records.reach(1, 4, desk.clock.now())
    assert "这次测验已经结束" in (await desk.press(LIN, quiz.answers[0].token)).text
    assert "这次测验已经结束" in (await desk.press(LIN, card.token("选好了"))).text


@pytest.mark.parametrize("picked", [16, 99, "x", -1, ""])
@pytest.mark.parametrize("verb", [Verb.PICK, Verb.DONE])
async def test_a_forged_set_is_refused(desk: Desk, verb: Verb, picked: object) -> None:
    await reach(desk, ANN)
    assert "too old" in (await desk.do(ANN, verb, 1, 8, picked, place=private(ANN))).toast
    assert "too old" in (await desk.do(ANN, verb, 1, 0, 1, place=private(ANN))).toast


async def test_nobody_picks_in_somebody_elses_quiz(desk: Desk) -> None:
    await desk.found()
    await desk.do(ANN, Verb.QUIZ, "gan")
    for verb in (Verb.PICK, Verb.DONE):
        told = await desk.do(INES, verb, 1, 8, as_bits((0, 3)))
        assert told.toast == "This quiz is somebody else’s. /quiz starts your own."
    assert "别人的测验" in (await desk.do(LIN, Verb.ANSWER, 1, 8, 0)).toast
