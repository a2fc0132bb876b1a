"""The group's quizzes in Telegram's own polls."""

from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS
from tests.conversations.telegram_stage import TelegramStage
from tests.house import DAY, HOUR
from tests.servers.telegram import Message

MONDAY = 2 * HOUR


def polls(stage: TelegramStage) -> list[Message]:
    return [message for message in stage.server.messages(stage.group) if message.poll]


async def test_a_live_question_is_a_poll_that_telegram_closes_by_itself(stage: TelegramStage) -> None:
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    await stage.pass_time(MONDAY)
    await stage.say(host, "/quiz live")
    await stage.pass_time(LIVE_LEAD)
    for number in range(GROUP_QUESTIONS):
        poll = polls(stage)[number].poll
        assert poll is not None
        assert poll.open_period == LIVE_SECONDS
        stage.server.vote(polls(stage)[number], ana.handle, [poll.correct_option_ids[0]])
        await stage.server.settled()
        stage.server.close_poll(polls(stage)[number])
        await stage.pass_time(LIVE_SECONDS + BREATH)
    assert "All right: Ana." in stage.posts()[-1]
    assert "1 person took part." in stage.posts()[-1]


async def test_where_polls_are_not_allowed_a_live_quiz_has_buttons(stage: TelegramStage) -> None:
    """And whoever presses one too late is told so, and counted no more."""
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    await stage.pass_time(MONDAY)
    stage.server.restrict(stage.group, host.handle, ["can_send_messages"])
    await stage.say(host, "/quiz live")
    await stage.pass_time(LIVE_LEAD)
    assert polls(stage) == []
    first = stage.server.messages(stage.group)[-1]
    assert "Question 1 of 5 · 30 seconds" in first.text
    answer = await stage.server.press(first, ana.handle, "A")
    assert answer.text
    await stage.pass_time(LIVE_SECONDS + BREATH)
    late = await stage.server.press(first, host.handle, "A")
    assert late.text == "Time is up for this question. The next one comes at once."
    for _ in range(GROUP_QUESTIONS):
        await stage.pass_time(LIVE_SECONDS + BREATH)
    assert "1 person took part." in stage.posts()[-1]
    over = await stage.server.press(first, host.handle, "A")
    assert over.url


async def test_the_weekly_polls_are_stopped_when_the_recap_has_come(stage: TelegramStage) -> None:
    """One was stopped by hand, and one deleted: nothing is left to do there."""
    ana = stage.person("Ana")
    await stage.pass_time(MONDAY)
    await stage.pass_time(4 * DAY + 10 * HOUR)
    asked = polls(stage)
    assert len(asked) == GROUP_QUESTIONS
    stage.server.vote(asked[0], ana.handle, [0])
    await stage.server.settled()
    stage.server.close_poll(asked[1])
    del stage.group.messages[asked[2].id]
    await stage.pass_time(2 * DAY + HOUR)
    assert "1 person took part in the quiz" in stage.posts()[-1]
    assert [message.poll.closed for message in asked if message.poll] == [True, True, False, True, True]
    stops = [call for call in stage.server.calls if call.method == "stopPoll"]
    assert len(stops) == GROUP_QUESTIONS
    await stage.restart()
    await stage.pass_time(HOUR)
    assert len([call for call in stage.server.calls if call.method == "stopPoll"]) == GROUP_QUESTIONS


async def test_a_question_with_several_right_answers_lets_one_choose_several(stage: TelegramStage) -> None:
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    await stage.pass_time(MONDAY)
    await stage.say(host, "/quiz gan")
    await stage.house.sender.settled()
    asked = polls(stage)[-1]
    assert asked.poll is not None
    assert asked.poll.allows_multiple_answers
    assert asked.poll.correct_option_ids == [0, 3]
    assert not any(other.poll.allows_multiple_answers for other in polls(stage)[:-1] if other.poll)
    stage.server.vote(asked, ana.handle, [0, 3])
    stage.server.vote(asked, host.handle, [0])
    await stage.server.settled()
    async with stage.house.tools.store.read() as records:
        assert (await records.question_counts(1))["ideal-end"] == (1, 2)


async def test_the_options_of_a_poll_are_shuffled_and_mean_what_they_meant(stage: TelegramStage) -> None:
    host = stage.person("Ines", organiser=True)
    await stage.pass_time(MONDAY)
    await stage.say(host, "/quiz")
    await stage.house.sender.settled()
    sent = [call.params for call in stage.server.calls if call.method == "sendPoll"]
    assert len(sent) == GROUP_QUESTIONS
    assert all(params["shuffle_options"] for params in sent)
