"""The group's quizzes as it sees them, on every platform."""

from bot.domain.clubs import Platform
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS, group_questions
from tests.conversations.stage import Stage
from tests.conversations.test_conversations import MONDAY
from tests.house import DAY, HOUR

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
