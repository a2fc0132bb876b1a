"""The group's quizzes as it sees them, on every platform."""

import pytest

from bot.charts.painter import SvgPainter
from bot.domain.clubs import Platform
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS, group_questions
from tests.conversations.stage import Stage
from tests.conversations.test_conversations import MONDAY
from tests.house import DAY, HOUR
from tests.pictures import PNG

STEP = LIVE_SECONDS + BREATH


async def test_a_live_quiz_asks_one_question_after_another_and_tells_how_it_went(stage: Stage) -> None:
    """Two take part, the house closes in the middle, and the result names who had all right."""
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    await stage.pass_time(MONDAY)
    begun = await stage.say(host, "/quiz live")
    assert "5 questions, 30 seconds each" in begun.text
    assert stage.questions() == []
    paper = stage.house.tools.library.paper("dropout-2012")
    assert paper is not None
    await stage.pass_time(LIVE_LEAD)
    for number in range(GROUP_QUESTIONS):
        assert len(stage.questions()) == number + 1
        async with stage.house.tools.store.read() as records:
            round_ = await records.round(1)
        assert round_ is not None
        question = paper.question(round_.questions[number])
        assert question is not None
        await stage.answer(ana, number, question.key)
        if number == 0:
            await stage.answer(host, number, (question.key + 1) % 4)
        if number == 2:
            running = await stage.say(host, "/quiz live")
            assert "is running in this chat" in running.text
            await stage.restart()
        await stage.pass_time(STEP)
    result = stage.posts()[-1]
    assert "2 people took part." in result
    assert "1 of 2 right." in result
    assert "The hardest was question 1." in result
    assert "All right: Ana." in result
    await stage.pass_time(STEP)
    assert stage.posts()[-1] == result
    card = await stage.press(host, "Quiz me")
    assert "Question 1 of" in card.text


async def test_the_weekly_quiz_ends_with_its_week(stage: Stage) -> None:
    """The recap tells how it went; after it nothing is counted any more."""
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    await stage.pass_time(MONDAY)
    await stage.pass_time(4 * DAY + 10 * HOUR)
    paper = stage.house.tools.library.paper("dropout-2012")
    assert paper is not None
    question = paper.question(group_questions(paper)[0])
    assert question is not None
    await stage.answer(ana, 0, question.key)
    await stage.pass_time(2 * DAY + HOUR)
    assert "1 person took part in the quiz; 1 of 1 answers were right." in stage.posts()[-1]
    if stage.platform is not Platform.TELEGRAM:  # which closes its polls
        late = await stage.answer(host, 0, question.key)
        assert late.private
        assert "This quiz is over" in late.text
        card = await stage.press(host, "Quiz me by myself", late)
        assert "Question 1 of" in card.text
    async with stage.house.tools.store.read() as records:
        assert await records.round_people(1) == 1


async def test_several_right_answers_are_picked_in_one_message(stage: Stage) -> None:
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    card = await stage.say(ana, "/quiz gan", private=True)
    while "Done" not in card.buttons:
        explained = await stage.press(ana, "A", card)
        card = await stage.press(ana, "Next question", explained)
    assert "several answers" in card.text
    assert card.buttons == ("☐ A", "☐ B", "☐ C", "☐ D", "Done")
    card = await stage.press(ana, "☐ A", card)
    card = await stage.press(ana, "☐ C", card)
    assert card.buttons == ("☑ A", "☐ B", "☑ C", "☐ D", "Done")
    explained = await stage.press(ana, "Done", card)
    right = [line.strip("• -")[2] for line in explained.text.splitlines() if "✅" in line]
    assert len(right) == 2
    well = "Right." if right == ["A", "C"] else f"Not quite: the answer is {right[0]} and {right[1]}."
    assert well in explained.text


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures need no font and no process."""

    async def png(*_: object) -> bytes:
        return PNG

    monkeypatch.setattr(SvgPainter, "png", png)


async def test_the_papers_picture_explains_an_answer(stage: Stage, drawn: None) -> None:
    """Alone it stands under the explanation; where that is one message that must stay text, in words."""
    ana = stage.person("Ana")
    paper = stage.house.tools.library.paper("gan")
    assert paper is not None
    assert paper.figure is not None
    shows = paper.figure.alt.en
    await stage.pass_time(MONDAY)
    card = await stage.say(ana, "/quiz gan", private=True)
    assert shows not in card.text + card.picture
    explained = await stage.press(ana, "A", card)
    in_words = stage.platform is Platform.TELEGRAM
    assert (shows in explained.text, shows in explained.picture) == (in_words, not in_words)
    onward = await stage.press(ana, "Next question", explained)
    assert shows not in onward.text + onward.picture


async def test_a_question_is_asked_under_the_papers_picture(stage: Stage, drawn: None) -> None:
    ana = stage.person("Ana")
    paper = stage.house.tools.library.paper("momentum-init")
    assert paper is not None
    assert paper.figure is not None
    await stage.pass_time(MONDAY)
    card = await stage.say(ana, "/quiz momentum-init", private=True)
    while "On Curves" not in card.text:
        assert not card.picture
        explained = await stage.press(ana, "A", card)
        assert not explained.picture
        card = await stage.press(ana, "Next question", explained)
    assert paper.figure.alt.en in card.picture
    explained = await stage.press(ana, "B", card)
    assert paper.figure.alt.en in explained.picture


async def test_a_group_sees_the_picture_of_an_answer_only_after_answering(stage: Stage, drawn: None) -> None:
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    paper = stage.house.tools.library.paper("gan")
    assert paper is not None
    assert paper.figure is not None
    await stage.pass_time(MONDAY)
    await stage.say(host, "/quiz gan")
    await stage.pass_time(60)
    assert len(stage.questions()) == GROUP_QUESTIONS
    assert not any(paper.figure.alt.en in said for said in (*stage.posts(), *stage.questions()))
    answered = await stage.answer(ana, 0, paper.questions[0].key)
    if stage.platform is Platform.DISCORD:
        assert answered.private
        assert "Right." in answered.text
        assert paper.figure.alt.en in answered.picture
    if stage.platform is Platform.WEB:
        page, line = answered.ref
        [quiz] = page.lines[line]["parts"]
        assert paper.figure.alt.en in quiz["answered"]["picture"]["alt"]
    async with stage.house.tools.store.read() as records:
        assert await records.round_people(1) == 1
