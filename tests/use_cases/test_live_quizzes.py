"""`/quiz live`: one question after another in a group, each for a while, and the result after the last."""

import pytest

from bot.domain.languages import ClubLanguage
from bot.domain.posts import PostKind, PostState
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS
from bot.messages.incoming import Arrived, Departed
from bot.messages.incoming import Sender as Person
from bot.messages.outgoing import Buttons, Message, Pointer, Quiz
from bot.ports import Ambiguous, Refused
from tests.house import ANN, DAY, ELSEWHERE, GROUP, HOUR, INES, LIN, Desk, Heard, private, read

STEP = LIVE_SECONDS + BREATH
"""From one question to the next, in seconds."""


async def begin(desk: Desk, language: ClubLanguage = ClubLanguage.EN, line: str = "/quiz live") -> None:
    """Found a club and open a live quiz on its first paper."""
    await desk.found(language)
    opening = await desk.say(ANN, line)
    assert opening.reply.message is None
    assert opening.toast
    await desk.tick()


def said(desk: Desk) -> list[Message]:
    return [delivery.what for delivery in desk.messenger.sent if isinstance(delivery.what, Message)]


def questions(desk: Desk) -> list[Quiz]:
    return [part for message in said(desk) for part in message.parts if isinstance(part, Quiz)]


def pointers(told: Heard) -> list[Pointer]:
    parts = told.reply.message.parts if told.reply.message else ()
    return [part for part in parts if isinstance(part, Pointer)]


async def kinds(desk: Desk, state: PostState = PostState.SENT) -> list[str]:
    return [post.kind.value for post in await desk.posts(state)]


async def vote(desk: Desk, who: Person, number: int, *, right: bool) -> None:
    """Answer a question in its poll."""
    quiz = questions(desk)[number]
    post = next(p for p in await desk.posts() if p.kind is PostKind.QUESTION and p.number == number)
    await desk.vote(who, f"poll{post.id}", quiz.key if right else (quiz.key + 1) % len(quiz.options))


async def to_the_end(desk: Desk) -> Message:
    """Let the rest of a round go by; its result."""
    for _ in range(GROUP_QUESTIONS + 1):
        await desk.pass_time(STEP)
    assert (await kinds(desk))[-1] == PostKind.RESULT
    return said(desk)[-1]


async def test_one_question_comes_after_another_each_with_its_time(desk: Desk) -> None:
    await begin(desk)
    assert await kinds(desk) == ["quiz"]
    assert "5 questions, 30 seconds each" in read(said(desk)[0])
    await desk.pass_time(LIVE_LEAD - 1)
    assert questions(desk) == []
    await desk.pass_time(1)
    for number in range(GROUP_QUESTIONS):
        assert len(questions(desk)) == number + 1
        assert questions(desk)[-1].seconds == LIVE_SECONDS
        assert questions(desk)[-1].title == f"Question {number + 1} of 5 · 30 seconds"
        await desk.pass_time(STEP - 1)
        assert len(questions(desk)) == number + 1
        assert (await kinds(desk))[-1] == PostKind.QUESTION
        await desk.pass_time(1)
    assert await kinds(desk) == ["quiz", *["question"] * 5, "result"]
    await desk.pass_time(HOUR)
    assert len(await desk.posts()) == 7, "nothing comes after the result"


@pytest.mark.parametrize(
    ("language", "people", "first", "hardest", "perfect"),
    [
        (
            ClubLanguage.EN,
            "2 people took part.",
            "2 of 2 right.",
            "The hardest was question 2.",
            "All right: Ann.",
        ),
        (ClubLanguage.ZH, "2 人参加。", "2 人作答，2 人答对。", "最难的是第 2 题", "全部答对：Ann。"),
    ],
)
async def test_the_result_tells_how_it_went_and_names_only_who_had_all_right(
    desk: Desk, language: ClubLanguage, people: str, first: str, hardest: str, perfect: str
) -> None:
    await begin(desk, language)
    await desk.pass_time(LIVE_LEAD)
    for number in range(GROUP_QUESTIONS):
        await vote(desk, ANN, number, right=True)
        if number < 2:
            await vote(desk, LIN, number, right=number != 1)
        await desk.pass_time(STEP)
    result = said(desk)[-1]
    text = read(result)
    assert people in text
    assert first in text
    assert hardest in text
    quiz = questions(desk)[1]
    assert quiz.options[quiz.key] in text
    assert perfect in text
    assert "林晓" not in text
    [rows] = [part.rows for part in result.parts if isinstance(part, Buttons)]
    assert [button.action.verb.value for row in rows for button in row if button.action] == ["quiz", "read"]


async def test_a_round_that_nobody_answers_says_so_kindly(desk: Desk) -> None:
    await begin(desk)
    text = read(await to_the_end(desk))
    assert "Nobody answered this time." in text
    assert "took part" not in text


async def test_in_two_languages_the_result_is_told_in_both(desk: Desk) -> None:
    await begin(desk, ClubLanguage.BOTH)
    await desk.pass_time(LIVE_LEAD)
    await vote(desk, LIN, 0, right=True)
    text = read(await to_the_end(desk))
    assert "1 person took part." in text
    assert "1 人参加。" in text


async def test_an_answer_after_the_time_is_not_counted_and_the_presser_is_told(desk: Desk) -> None:
    await begin(desk)
    await desk.pass_time(LIVE_LEAD)
    first = questions(desk)[0]
    right = first.answers[first.key].token
    assert (await desk.press(ANN, right)).toast.startswith("Right.")
    await desk.pass_time(STEP - 1)
    assert (await desk.press(INES, right)).toast.startswith("Right."), "the way may be slow"
    await desk.pass_time(1)
    assert (await desk.press(LIN, right)).toast == "这道题时间到了。下一题马上来。"
    assert (await desk.press(ANN, right)).toast.startswith("Your first answer counts")
    result = await to_the_end(desk)
    assert "2 people took part." in read(result)
    late = await desk.press(LIN, right)
    assert late.reply.private
    assert "这次测验已经结束" in late.text
    alone = await desk.press(LIN, late.token("我想单独做"))
    assert alone.text.startswith("第 1 题")
    await vote(desk, LIN, 4, right=True)
    async with desk.store.read() as records:
        assert await records.round_people(1) == 2


async def test_a_vote_that_was_given_in_time_counts_although_it_comes_late(desk: Desk) -> None:
    """Telegram takes no vote after the poll's time; what comes later was on its way."""
    await begin(desk)
    await desk.pass_time(LIVE_LEAD)
    await desk.pass_time(STEP)
    await vote(desk, LIN, 0, right=True)
    assert "1 person took part." in read(await to_the_end(desk))


async def test_a_second_one_points_to_the_one_that_is_running(desk: Desk) -> None:
    await begin(desk)
    for line in ("/quiz live", "/quiz live adam", "/quiz"):
        told = await desk.say(LIN, line)
        assert "is running in this chat" in told.text
        assert pointers(told) == [], "nothing has been asked yet"
    await desk.pass_time(LIVE_LEAD)
    told = await desk.say(LIN, "/quiz live")
    [pointer] = pointers(told)
    posts = [post for post in await desk.posts() if post.kind is PostKind.QUESTION]
    assert pointer.message_id == posts[0].message_id
    await to_the_end(desk)
    assert (await desk.say(LIN, "/quiz live adam")).reply.message is None


async def test_a_round_waits_while_we_are_not_in_the_chat(desk: Desk) -> None:
    await begin(desk)
    await desk.pass_time(LIVE_LEAD)
    await desk.hear(INES, Departed())
    await desk.pass_time(HOUR)
    assert len(questions(desk)) == 1
    await desk.hear(INES, Arrived())
    assert "is running" in (await desk.say(LIN, "/quiz live")).text
    await to_the_end(desk)
    assert len(questions(desk)) == GROUP_QUESTIONS


async def test_a_round_whose_posts_were_given_up_is_in_nobodys_way(desk: Desk) -> None:
    """The chat has gone to another club in the middle."""
    await begin(desk)
    await desk.pass_time(LIVE_LEAD)
    club = await desk.club()
    async with desk.store.write() as records:
        other = await records.add_club("Others", ClubLanguage.EN, "UTC", club.plan_id, desk.clock.now())
        await records.add_chat(other, desk.messenger.platform, GROUP.chat_id, GROUP.kind, False)
    assert (await desk.say(LIN, "/quiz live")).reply.message is None
    await desk.tick()
    assert (await kinds(desk)).count(PostKind.QUIZ) == 2


async def test_two_chats_hold_their_rounds_side_by_side(desk: Desk) -> None:
    await begin(desk)
    await desk.found(place=ELSEWHERE)
    assert (await desk.say(LIN, "/quiz live", ELSEWHERE)).reply.message is None


async def test_the_weekly_quiz_still_comes_after_a_live_one(desk: Desk) -> None:
    await begin(desk)
    await to_the_end(desk)
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(4 * DAY + 10 * HOUR)
    assert (await kinds(desk)).count(PostKind.QUIZ) == 2


async def test_in_private_a_live_quiz_is_ones_own(desk: Desk) -> None:
    card = await desk.say(ANN, "/quiz live adam", private(ANN))
    assert card.text.startswith("Question 1 of ")
    assert await desk.posts() == []


async def test_a_restart_in_the_middle_goes_on_without_a_burst(desk: Desk) -> None:
    await begin(desk)
    await desk.pass_time(LIVE_LEAD + STEP)
    await desk.restart()
    assert len(questions(desk)) == 1
    desk.clock.advance(3 * HOUR)
    await desk.restart()
    await desk.tick()
    assert len(questions(desk)) == 2
    await desk.pass_time(STEP - 1)
    assert len(questions(desk)) == 2
    await desk.pass_time(1)
    assert len(questions(desk)) == 3
    await to_the_end(desk)
    keys = [post.key for post in await desk.posts() if post.round_id]
    assert len(keys) == len(set(keys)) == 7


async def test_a_question_that_may_have_arrived_gets_its_time_and_one_that_did_not_none(desk: Desk) -> None:
    await begin(desk)
    desk.messenger.troubles += [Ambiguous("no answer"), Refused("too long")]
    await desk.pass_time(LIVE_LEAD)
    assert await kinds(desk, PostState.UNKNOWN) == ["question"]
    await desk.pass_time(STEP - 1)
    assert questions(desk) == []
    await desk.pass_time(1)
    assert await kinds(desk, PostState.FAILED) == ["question"]
    assert len(questions(desk)) == 1, "the third comes at once"
    await to_the_end(desk)


async def test_a_round_held_up_for_days_ends_with_its_result(desk: Desk) -> None:
    await begin(desk)
    await desk.pass_time(LIVE_LEAD)
    await vote(desk, LIN, 0, right=True)
    desk.clock.advance(3 * DAY)
    await desk.tick()
    live = [post.kind.value for post in await desk.posts() if post.round_id == 1]
    assert live == ["quiz", "question", "question", "result"]
    assert "1 person took part." in read(said(desk)[-1])
