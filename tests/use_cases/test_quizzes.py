"""`/quiz`: at one's own pace in private, once for everybody in a group."""

import pytest

from bot.domain.languages import ClubLanguage, Language
from bot.domain.papers import Paper, Question
from bot.domain.posts import PostKind
from bot.domain.quizzes import GROUP_QUESTIONS
from bot.messages.actions import Verb
from bot.messages.incoming import Sender as Person
from bot.messages.markup import units
from bot.messages.outgoing import Message, Quiz, StopQuiz
from bot.ports import Ambiguous, NotSent, Refused
from tests.house import ANN, ELSEWHERE, GROUP, HOUR, INES, LIN, Desk, Heard, library, person, private, read

LETTERS = "ABCD"
ALL = {paper.id: len(paper.questions) for paper in library().papers()}
"""How many questions each paper has."""
FIRST, ADAM = ALL["dropout-2012"], ALL["adam"]


def paper(name: str = "dropout-2012") -> Paper:
    found = library().paper(name)
    assert found is not None
    return found


def letter(card: Heard, choice: int) -> str:
    """The letter that an option has on a card."""
    [found] = [b.label for b in card.buttons if b.action and b.action.args[2:] == (str(choice),)]
    return found


def right(card: Heard, question: Question) -> str:
    """The letter of the right option."""
    return letter(card, question.key)


def wrong(card: Heard, question: Question) -> str:
    """The letter of some wrong option."""
    return letter(card, (question.key + 1) % len(question.options))


def private_person(number: int) -> Person:
    return person(str(number), f"Member {number}")


async def answer(desk: Desk, who: Person, card: Heard, letter: str) -> Heard:
    """Press a letter under a question in private."""
    return await desk.press(who, card.token(letter), private(who))


# In private


@pytest.mark.parametrize(
    ("who", "heading", "well", "onward", "last", "result"),
    [
        (ANN, "Question {} of {}\n", "Right.", "Next question", "See my result", "{} of {} right."),
        (LIN, "第 {} 题，共 {} 题\n", "答对了。", "下一题", "看结果", "{1} 题答对 {0} 题。"),
    ],
)
async def test_a_quiz_in_private_asks_everything_and_explains_every_answer(
    desk: Desk, who: Person, heading: str, well: str, onward: str, last: str, result: str
) -> None:
    """All questions, one of them wrong; the result names what to reread and nothing else."""
    card = await desk.say(who, "/quiz", private(who))
    missed = paper().questions[3]
    for number, question in enumerate(paper().questions):
        assert card.text.startswith(heading.format(number + 1, FIRST))
        assert question.ask[who.language] in card.text
        assert [option.text[who.language] in card.text for option in question.options] == [True] * len(
            question.options
        )
        assert card.labels == tuple(LETTERS[: len(question.options)])
        assert not any(option.why[who.language] in card.text for option in question.options)
        pressed, key = (wrong if question is missed else right)(card, question), right(card, question)
        explained = await answer(desk, who, card, pressed)
        assert explained.reply.private
        assert explained.reply.edit
        chosen = question.options[(question.key + (question is missed)) % len(question.options)]
        assert chosen.why[who.language] in explained.text
        assert question.options[question.key].why[who.language] in explained.text
        assert (well in explained.text) == (question is not missed)
        assert f"✅ {key}. {question.options[question.key].text[who.language]}" in explained.text
        assert (f"❌ {pressed}." in explained.text) == (question is missed)
        assert ("❌" in explained.text) == (question is missed)
        [label] = explained.labels
        assert label == (last if question is paper().questions[-1] else onward)
        card = await desk.press(who, explained.token(label), private(who))
        assert card.reply.edit
    assert f"{paper().title[who.language]}" in card.text
    assert result.format(FIRST - 1, FIRST) in card.text
    assert missed.reread[who.language] in card.text
    others = {q.reread[who.language] for q in paper().questions} - {missed.reread[who.language]}
    assert not any(f"\n{place}\n" in card.text for place in others)


async def test_a_perfect_result_has_nothing_to_reread(desk: Desk) -> None:
    card = await desk.say(ANN, "/quiz adam", private(ANN))
    for question in paper("adam").questions:
        explained = await answer(desk, ANN, card, right(card, question))
        card = await desk.press(ANN, explained.token(explained.labels[0]), private(ANN))
    assert f"{ADAM} of {ADAM} right." in card.text
    assert "Nothing to reread." in card.text
    assert card.labels == ("I’ve read it", "Once more", "My progress")
    assert f"{ADAM}/{ADAM}" in (await desk.press(ANN, card.token("My progress"), private(ANN))).text
    again = await desk.press(ANN, card.token("Once more"), private(ANN))
    assert again.text.startswith(f"Question 1 of {ADAM}")
    assert again.reply.edit, "the result makes room for it"


async def test_places_to_reread_are_named_once(desk: Desk) -> None:
    card = await desk.say(ANN, "/quiz adam", private(ANN))
    for question in paper("adam").questions:
        explained = await answer(desk, ANN, card, wrong(card, question))
        card = await desk.press(ANN, explained.token(explained.labels[0]), private(ANN))
    assert f"0 of {ADAM} right." in card.text
    for place in {question.reread.en for question in paper("adam").questions}:
        assert card.text.splitlines().count(place) == 1


async def test_a_quiz_goes_on_where_it_was_left_also_after_a_restart(desk: Desk) -> None:
    card = await desk.say(ANN, "/quiz", private(ANN))
    explained = await answer(desk, ANN, card, "A")
    await desk.restart()
    onward = await desk.press(ANN, explained.token("Next question"), private(ANN))
    assert onward.text.startswith(f"Question 2 of {FIRST}")
    await desk.restart()
    assert (await desk.say(ANN, "/quiz", private(ANN))).text == onward.text
    assert f"Question 2 of {FIRST}" in (await answer(desk, ANN, onward, "B")).text


async def test_the_first_answer_counts_however_often_one_presses(desk: Desk) -> None:
    card = await desk.say(ANN, "/quiz", private(ANN))
    question = paper().questions[0]
    first = await answer(desk, ANN, card, wrong(card, question))
    second = await answer(desk, ANN, card, right(card, question))
    assert second.text == first.text, "an old press shows the answer that counted"
    assert f"0/{FIRST}" in (await desk.say(ANN, "/progress", private(ANN))).text


async def test_quiz_me_in_a_group_is_ones_own_and_private(desk: Desk) -> None:
    await desk.found()
    shown = await desk.say(INES, "/paper")
    card = await desk.press(LIN, shown.token("Quiz me"))
    assert card.reply.private
    assert not card.reply.edit
    assert card.text.startswith("第 1 题")
    assert await desk.posts() == []


@pytest.mark.parametrize(
    ("number", "choice", "told"),
    [
        (99, 0, "too old"),
        (FIRST, 0, "too old"),
        (0, 9, "too old"),
        (0, 4, "too old"),
        ("x", 0, "too old"),
        (-1, 0, "too old"),
        (0, "", "too old"),
        ("٣", 0, "too old"),
        (0, "9" * 20, "too old"),
    ],
)
async def test_a_forged_answer_is_refused(desk: Desk, number: object, choice: object, told: str) -> None:
    await desk.say(ANN, "/quiz", private(ANN))
    forged = await desk.do(ANN, Verb.ANSWER, 1, number, choice, place=private(ANN))
    assert told in forged.toast
    assert f"Question 1 of {FIRST}" in (await desk.say(ANN, "/quiz", private(ANN))).text


async def test_a_quiz_that_is_not_there_or_in_another_club_is_refused(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    card = await desk.do(ANN, Verb.QUIZ, "adam", place=ELSEWHERE)
    for round_id in (1, 2, 999_999_999):
        for verb, args in ((Verb.ANSWER, (0, 0)), (Verb.QUESTION, (0,))):
            told = (await desk.do(ANN, verb, round_id, *args)).toast
            assert told == "This button belongs to another club. /paper shows what this one reads."
    assert card.text.startswith(f"Question 1 of {ADAM}")
    assert (await desk.club()).members == 0


async def test_nobody_answers_in_somebody_elses_quiz(desk: Desk) -> None:
    await desk.found()
    card = await desk.do(ANN, Verb.QUIZ, "adam")
    token = card.token("A")
    assert (await desk.press(INES, token)).toast == "This quiz is somebody else’s. /quiz starts your own."
    assert "别人的测验" in (await desk.press(LIN, token)).toast
    assert "somebody else" in (await desk.do(INES, Verb.QUESTION, 1, 0)).toast
    assert (await desk.club()).members == 1, "a refused press enrols nobody"
    assert f"Question 1 of {ADAM}" in (await desk.do(ANN, Verb.QUIZ, "adam")).text


@pytest.mark.parametrize(
    "token", ["p1:answer:1", "p1:answer:1:0:0:0", "p1:quiz", "p1:quiz:adam:1", "p1:read"]
)
async def test_a_token_with_too_few_or_many_arguments_is_refused(desk: Desk, token: str) -> None:
    await desk.found()
    assert "too old" in (await desk.press(ANN, token)).toast


async def test_neighbours_cannot_pass_letters_on(desk: Desk) -> None:
    """Each quiz alone has its options in an order of its own, which stays as long as the quiz."""
    orders = []
    for who in (ANN, INES, private_person(4), private_person(5), private_person(6)):
        card = await desk.say(who, "/quiz", private(who))
        question = paper().questions[0]
        orders.append(tuple(letter(card, choice) for choice in range(len(question.options))))
        await desk.restart()
        again = await desk.say(who, "/quiz", private(who))
        assert again.text == card.text
        assert sorted(orders[-1]) == list(LETTERS)
    assert len(set(orders)) > 1


# In a group


async def group_quiz(desk: Desk, language: ClubLanguage = ClubLanguage.EN) -> list[Quiz]:
    """Open the group's quiz on the first paper; the questions as they were sent."""
    await desk.found(language)
    opening = await desk.say(ANN, "/quiz")
    assert opening.reply.message is None
    assert opening.toast
    await desk.tick()
    return [quiz for quiz, _ in questions(desk)]


def questions(desk: Desk) -> list[tuple[Quiz, str]]:
    """The group's questions with the ids of their polls, as they were sent."""
    return [
        (part, f"poll{delivery.key}")
        for delivery in desk.messenger.sent
        if isinstance(delivery.what, Message)
        for part in delivery.what.parts
        if isinstance(part, Quiz)
    ]


async def test_a_quiz_in_a_group_is_posted_once(desk: Desk) -> None:
    quizzes = await group_quiz(desk)
    assert len(quizzes) == GROUP_QUESTIONS
    assert [post.kind for post in await desk.posts()] == [PostKind.QUIZ] + [PostKind.QUESTION] * 5
    again = await desk.say(LIN, "/quiz")
    assert "is already in this chat; it stays open." in again.text
    await desk.tick()
    assert len(questions(desk)) == GROUP_QUESTIONS
    alone = await desk.press(LIN, again.token("Quiz me by myself"))
    assert alone.reply.private
    assert alone.text.startswith(f"第 1 题，共 {FIRST} 题")


async def test_each_vote_counts_once_and_enrols(desk: Desk) -> None:
    await group_quiz(desk)
    for quiz, poll in questions(desk):
        await desk.vote(ANN, poll, quiz.key)
        await desk.vote(ANN, poll, None)
        await desk.vote(ANN, poll, (quiz.key + 1) % len(quiz.options))
        await desk.vote(LIN, poll, (quiz.key + 1) % len(quiz.options))
    assert (await desk.club()).members == 2
    assert "5/5" in (await desk.say(ANN, "/progress")).text
    assert "0/5" in (await desk.say(LIN, "/progress")).text


async def test_votes_count_on_after_a_restart(desk: Desk) -> None:
    await group_quiz(desk)
    polls = questions(desk)
    await desk.vote(ANN, polls[0][1], polls[0][0].key)
    await desk.restart()
    await desk.vote(ANN, polls[1][1], polls[1][0].key)
    assert "2/5" in (await desk.say(ANN, "/progress")).text


async def test_a_vote_taken_back_before_any_enrols_and_counts_nothing(desk: Desk) -> None:
    await group_quiz(desk)
    await desk.vote(ANN, questions(desk)[0][1], None)
    assert "No quiz yet." in (await desk.say(ANN, "/progress")).text


@pytest.mark.parametrize("choice", [4, 99, (0, 63)])
async def test_a_vote_for_an_option_that_is_not_there_counts_nothing(
    desk: Desk, choice: int | tuple[int, ...]
) -> None:
    await group_quiz(desk)
    quiz, poll = questions(desk)[0]
    await desk.vote(ANN, poll, choice)
    assert "No quiz yet." in (await desk.say(ANN, "/progress")).text
    await desk.vote(ANN, poll, quiz.key)
    assert "1/5" in (await desk.say(ANN, "/progress")).text


async def test_a_vote_in_a_poll_that_is_not_ours_is_nothing(desk: Desk) -> None:
    await desk.found()
    await desk.vote(ANN, "somebody-elses", 0)
    assert (await desk.club()).members == 0


@pytest.mark.parametrize(
    ("who", "right", "counted"),
    [(ANN, "Right.", "Your first answer"), (LIN, "答对了。", "以第一次作答为准：")],
)
async def test_a_pressed_answer_in_a_group_is_explained_to_the_presser_alone(
    desk: Desk, who: Person, right: str, counted: str
) -> None:
    [quiz, *_] = await group_quiz(desk)
    first = await desk.press(who, quiz.answers[quiz.key].token)
    assert first.toast.startswith(right)
    assert first.reply.message is None
    second = await desk.press(who, quiz.answers[(quiz.key + 1) % len(quiz.options)].token)
    assert second.toast.startswith(counted)
    assert LETTERS[quiz.key] in second.toast
    assert "1/5" in (await desk.say(who, "/progress")).text


async def test_a_wrong_press_in_a_group_names_the_right_letter_within_a_toast(desk: Desk) -> None:
    for quiz in await group_quiz(desk):
        for who in (ANN, LIN):
            told = (await desk.press(who, quiz.answers[(quiz.key + 1) % len(quiz.options)].token)).toast
            assert LETTERS[quiz.key] in told
            assert units(told) <= 200


async def test_a_forged_answer_to_a_groups_quiz_is_refused(desk: Desk) -> None:
    await group_quiz(desk)
    assert "too old" in (await desk.do(ANN, Verb.ANSWER, 1, 99, 0)).toast
    assert "too old" in (await desk.do(ANN, Verb.ANSWER, 1, 0, 9)).toast
    assert (await desk.club()).members == 0


@pytest.mark.parametrize("language", ClubLanguage)
async def test_every_group_question_keeps_the_limits_of_a_poll(desk: Desk, language: ClubLanguage) -> None:
    await desk.found(language)
    for number in range(1, 19):
        await desk.say(ANN, f"/quiz {number}")
    await desk.tick()
    quizzes = [quiz for quiz, _ in questions(desk)]
    assert len(quizzes) > 18 * 3
    for quiz in quizzes:
        assert units(quiz.question) <= 300
        assert all(0 < units(option) <= 100 for option in quiz.options)
        assert len(set(quiz.options)) == len(quiz.options) == len(quiz.answers) <= 4
        assert 0 < units(quiz.explanation) <= 200
        assert 0 <= quiz.key < len(quiz.options)


async def test_a_group_question_says_where_it_stands(desk: Desk) -> None:
    quizzes = await group_quiz(desk, ClubLanguage.ZH)
    titles = [f"第 {number} 题，共 5 题" for number in range(1, 6)]
    assert [quiz.title for quiz in quizzes] == titles
    first = paper().questions[0]
    assert quizzes[0].question == first.ask[Language.ZH]


async def test_a_quiz_on_another_paper_may_be_asked_beside(desk: Desk) -> None:
    await group_quiz(desk)
    await desk.say(ANN, "/quiz adam")
    await desk.tick()
    assert len(questions(desk)) == GROUP_QUESTIONS + min(GROUP_QUESTIONS, ADAM)
    assert "I know no paper" in (await desk.say(ANN, "/quiz xyzzyplugh")).text


async def test_the_friday_quiz_is_not_asked_again_when_somebody_was_early(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(ANN, "/quiz")
    await desk.tick()
    await desk.pass_time(4 * 24 * HOUR + 10 * HOUR)
    kinds = [post.kind for post in await desk.posts()]
    assert kinds.count(PostKind.QUIZ) == 1
    assert kinds.count(PostKind.QUESTION) == GROUP_QUESTIONS


async def test_the_announcement_offers_to_be_asked_alone(desk: Desk) -> None:
    await group_quiz(desk)
    what = desk.messenger.sent[0].what
    assert isinstance(what, Message)
    assert "The quiz on " in read(what)
    assert not what.silent


# Its end


async def weekly_quiz(desk: Desk) -> list[tuple[Quiz, str]]:
    """Let a week go by until its quiz stands in the chat."""
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(4 * 24 * HOUR + 10 * HOUR)
    assert len(questions(desk)) == GROUP_QUESTIONS
    return questions(desk)


async def test_the_weekly_quiz_ends_with_the_recap_and_its_polls_are_stopped_once(desk: Desk) -> None:
    polls = await weekly_quiz(desk)
    assert desk.messenger.tended == []
    await desk.pass_time(2 * 24 * HOUR + HOUR)
    asked = [post for post in await desk.posts() if post.kind is PostKind.QUESTION]
    assert [what for _, what in desk.messenger.tended] == [StopQuiz(post.message_id or "") for post in asked]
    assert [to.chat_id for to, _ in desk.messenger.tended] == [GROUP.chat_id] * GROUP_QUESTIONS
    kinds = [post.kind for post in await desk.posts()]
    assert kinds.index(PostKind.RECAP) < kinds.index(PostKind.STOP)
    await desk.restart()
    await desk.pass_time(HOUR)
    assert len(desk.messenger.tended) == GROUP_QUESTIONS
    await desk.vote(ANN, polls[0][1], polls[0][0].key)
    assert "No quiz yet." in (await desk.say(ANN, "/progress")).text


async def test_after_its_end_a_press_is_answered_kindly_and_offers_the_quiz_alone(desk: Desk) -> None:
    [(first, _), *_] = await weekly_quiz(desk)
    right = first.answers[first.key].token
    assert (await desk.press(ANN, right)).toast.startswith("Right.")
    await desk.pass_time(2 * 24 * HOUR + HOUR)
    assert (await desk.press(ANN, right)).toast.startswith("Your first answer counts")
    late = await desk.press(LIN, right)
    assert late.reply.private
    assert late.text.startswith("这次测验已经结束")
    assert (await desk.press(LIN, late.token("我想单独做"))).text.startswith("第 1 题")
    assert "1/5" in (await desk.say(ANN, "/progress")).text


async def test_a_quiz_that_is_over_may_be_asked_again(desk: Desk) -> None:
    await weekly_quiz(desk)
    assert "is already in this chat" in (await desk.say(ANN, "/quiz dropout-2012")).text
    await desk.pass_time(2 * 24 * HOUR + HOUR)
    assert (await desk.say(ANN, "/quiz dropout-2012")).reply.message is None
    await desk.tick()
    assert len(questions(desk)) == 2 * GROUP_QUESTIONS


async def test_what_is_no_poll_need_not_be_stopped(desk: Desk) -> None:
    """Where a question stands as text with buttons, or never arrived, there is nothing to stop."""
    await desk.found()
    await desk.pass_time(2 * HOUR)
    desk.messenger.polls = False
    await desk.pass_time(4 * 24 * HOUR + 10 * HOUR)
    await desk.pass_time(2 * 24 * HOUR + HOUR)
    assert PostKind.RECAP in [post.kind for post in await desk.posts()]
    assert PostKind.STOP not in [post.kind for post in await desk.posts()]


async def test_stopping_is_tried_until_it_is_done(desk: Desk) -> None:
    await weekly_quiz(desk)
    desk.messenger.troubles += [None, Ambiguous("no answer"), NotSent("no line"), Refused("not ours")]
    await desk.pass_time(2 * 24 * HOUR + HOUR)
    for _ in range(10):
        await desk.pass_time(60)
    assert len(desk.messenger.tended) == GROUP_QUESTIONS - 1, "what is refused for good is passed over"
