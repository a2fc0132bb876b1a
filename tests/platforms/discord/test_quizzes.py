"""Quizzes: the group's is one message that shows how it goes, and each answer is told to one alone."""

import re

import pytest

from bot.domain.languages import ClubLanguage
from bot.domain.papers import Paper, Question
from bot.domain.posts import PostKind, PostState
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS, group_questions
from bot.messages.actions import Verb, read_token
from bot.use_cases.tallies import TALLY_GAP, closing
from tests.house import library
from tests.platforms.discord.home import DAY, HOUR, MINUTE, Home
from tests.servers.discord import Channel, ChannelType, Interaction, Message, Permission, User

LETTERS = "ABCD"


def paper(name: str = "dropout-2012") -> Paper:
    found = library().paper(name)
    assert found is not None
    return found


def question(number: int, name: str = "dropout-2012") -> Question:
    """A question of a group's quiz."""
    found = paper(name).question(group_questions(paper(name))[number])
    assert found is not None
    return found


async def opened(home: Home, what: str = "", **options: str) -> Message:
    """A club, and its quiz in the channel."""
    await home.say(home.general, home.ines, "start")
    await home.say(home.general, home.ines, "quiz", **({"paper": what} if what else {}), **options)
    return home.server.messages(home.general)[-1]


def answers(message: Message, number: int) -> list[str]:
    """The buttons of a question, in order."""
    tokens = [button.custom_id for button in message.buttons if button.custom_id]
    pressed = [(token, read_token(token)) for token in tokens]
    return [token for token, each in pressed if each.verb is Verb.ANSWER and each.args[1] == str(number)]


async def answer(home: Home, message: Message, who: User, number: int, *, right: bool = True) -> Message:
    """Answer a question of the group's; what the answerer alone is told."""
    key = question(number).key
    told = await home.press(message, who, answers(message, number)[key if right else (key + 1) % 4])
    assert told.ephemeral_to is who
    return told


def shown(message: Message) -> str:
    """A message's words as the app shows them."""
    return re.sub(r"\\([^0-9A-Za-z\s])|\*", lambda mark: mark[1] or "", message.text)


async def restart(home: Home) -> None:
    """Close the house, and open it again on the same record."""
    await home.close()
    await home.open()


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


async def to_the_recap(home: Home) -> None:
    """Let time go by until the week is over, and what ends with it is told."""
    while not any(post.state is PostState.SENT for post in await home.posts(PostKind.RECAP)):
        await home.pass_time(HOUR)


async def weekly(home: Home) -> Message:
    """A club, and the quiz of its first week."""
    await home.say(home.general, home.ines, "start")
    while not any(post.state is PostState.SENT for post in await home.posts(PostKind.QUIZ)):
        await home.pass_time(HOUR)
    return home.server.messages(home.general)[-1]


# The group's


async def test_a_groups_quiz_is_one_message_with_a_row_of_letters_for_each_question(home: Home) -> None:
    before = len(home.server.messages(home.general))
    quiz = await opened(home)
    await home.pass_time(MINUTE)
    assert len(home.server.messages(home.general)) == before + 2, "the club's beginning and its quiz"
    for number in range(GROUP_QUESTIONS):
        assert question(number).ask.en in shown(quiz)
        assert len(answers(quiz, number)) == len(question(number).options)
    assert labels(quiz)[-1] == "Quiz me by myself"
    assert "Nobody has answered yet." in shown(quiz)


async def test_an_answer_is_told_to_one_alone_and_counted_for_all_to_see(home: Home) -> None:
    quiz = await opened(home)
    ana, ben = home.guild.member("Ana"), home.guild.member("Ben", locale="zh-CN")
    told = await answer(home, quiz, ana, 0)
    assert shown(told).startswith("Right.")
    assert question(0).options[question(0).key].why.en[:20] in shown(told)
    assert "1 person has taken part so far." in shown(quiz)
    again = await answer(home, quiz, ana, 0, right=False)
    assert shown(again).startswith("Your first answer counts:")
    wrong = await answer(home, quiz, ben, 0, right=False)
    assert shown(wrong).startswith("不太对，正确答案是")
    await home.pass_time(TALLY_GAP)
    assert "2 people have taken part so far." in shown(quiz)
    assert shown(quiz).count("2 answers") == 1
    assert "✅" not in shown(quiz)


async def test_a_quiz_that_is_open_is_pointed_to(home: Home) -> None:
    quiz = await opened(home)
    told = await home.say(home.general, home.ines, "quiz")
    assert "is already in this chat" in shown(told)
    [way] = [button.url for button in told.buttons if button.label == "To the quiz"]
    assert way == f"https://discord.com/channels/{home.guild.id}/{home.general.id}/{quiz.id}"


async def test_a_quiz_goes_on_after_a_restart(home: Home) -> None:
    """What was counted and not shown is shown then, by itself."""
    quiz = await opened(home)
    ana, ben = home.guild.member("Ana"), home.guild.member("Ben")
    await answer(home, quiz, ana, 0)
    await answer(home, quiz, ben, 0)
    assert "1 person" in shown(quiz)
    await restart(home)
    await answer(home, quiz, ben, 1)
    assert "1 person" in shown(quiz)
    await home.pass_time(TALLY_GAP)
    assert "2 people have taken part so far." in shown(quiz)
    assert shown(await answer(home, quiz, ana, 0)).startswith("Your first answer counts:")


@pytest.mark.parametrize(
    "trouble", ["500", "500-after", "503", "drop-before", "drop-after", "429:1", "502-html"]
)
async def test_whatever_goes_wrong_with_a_change_the_last_state_is_shown(home: Home, trouble: str) -> None:
    quiz = await opened(home)
    crowd = [home.guild.member(f"Reader {n}") for n in range(3)]
    home.server.fault(f"PATCH /channels/*/messages/{quiz.id}", trouble, times=4)
    for who in crowd:
        await answer(home, quiz, who, 0)
    for _ in range(8):
        await home.pass_time(5 * MINUTE)
    assert "3 people have taken part so far." in shown(quiz)
    assert len(home.server.messages(home.general)) == 3
    assert [post.state for post in await home.posts(PostKind.TALLY)] == [PostState.SENT]


async def test_the_week_ends_with_the_answers_in_the_quizs_message(home: Home) -> None:
    quiz = await weekly(home)
    ana, ben = home.guild.member("Ana"), home.guild.member("Ben")
    await answer(home, quiz, ana, 0)
    await answer(home, quiz, ben, 0, right=False)
    stale = answers(quiz, 1)[0]
    home.server.fault(f"PATCH /channels/*/messages/{quiz.id}", "500-after", times=1)
    await to_the_recap(home)
    for _ in range(2):
        await home.pass_time(HOUR)
    outcome = shown(quiz)
    assert "is over" in outcome
    assert "2 people took part." in outcome
    assert "1 of 2 right" in outcome
    assert outcome.count("no answers") == GROUP_QUESTIONS - 1
    for number in range(GROUP_QUESTIONS):
        assert question(number).options[question(number).key].text.en in outcome
        assert question(number).explanation.en in outcome
    assert labels(quiz) == ["Quiz me by myself"]
    late = await (await home.server.press_late(quiz, ben, stale)).reply()
    assert late.ephemeral_to is ben
    assert "This quiz is over" in shown(late)
    own = await home.press(late, ben, "Quiz me by myself")
    assert "Question 1 of" in shown(own)


async def test_a_quiz_whose_message_was_deleted_is_no_harm(home: Home) -> None:
    quiz = await weekly(home)
    first = answers(quiz, 0)[question(0).key]
    quiz.deleted = True
    told = await (await home.server.press_late(quiz, home.guild.member("Ana"), first)).reply()
    assert shown(told).startswith("Right.")
    await to_the_recap(home)
    assert "1 person took part in the quiz" in home.server.messages(home.general)[-1].text


# Several right answers


async def test_several_answers_are_chosen_in_a_window_and_explained_to_one_alone(home: Home) -> None:
    quiz = await opened(home, "gan")
    ana = home.guild.member("Ana")
    several = question(4, "gan")
    assert answers(quiz, 4) == []
    window = await home.server.press(quiz, ana, "Choose…")
    filled = await home.server.modal(window, {"chosen": [several.options[i].text.en for i in several.keys]})
    told = await filled.reply()
    assert told.ephemeral_to is ana
    assert "Right." in shown(told)
    assert several.explanation.en in shown(told)
    await home.settled()
    assert "1 person has taken part so far." in shown(quiz)
    again = await home.press(quiz, ana, "Choose…")
    assert "Right." in shown(again), "what counted is shown, and no window opens"


async def test_a_window_that_was_open_too_long_is_answered_kindly(home: Home) -> None:
    await opened(home, "gan", mode="live")
    await home.pass_time(LIVE_LEAD)
    while not any(button.label == "Choose…" for button in home.server.messages(home.general)[-1].buttons):
        await home.pass_time(LIVE_SECONDS + BREATH)
        await home.pass_time(TALLY_GAP)
    asked = home.server.messages(home.general)[-1]
    window = await home.server.press(asked, home.guild.member("Ana"), "Choose…")
    await window.acknowledgement()
    await home.pass_time(LIVE_SECONDS + BREATH)
    filled = await home.server.modal(window, {"chosen": ["0"]})
    assert "This quiz is over" in (await filled.reply()).text


# Live


async def test_a_live_question_counts_down_counts_and_closes_with_its_answer_also_over_a_restart(
    home: Home,
) -> None:
    await opened(home, mode="live")
    ana, ben = home.guild.member("Ana"), home.guild.member("Ben")
    await home.pass_time(LIVE_LEAD)
    first = home.server.messages(home.general)[-1]
    assert f"closes <t:{home.clock.now() + LIVE_SECONDS}:R>" in shown(first)
    await answer(home, first, ana, 0)
    assert "1 answer" in shown(first)
    await answer(home, first, ben, 0, right=False)
    stale = answers(first, 0)[0]
    await restart(home)
    await home.pass_time(TALLY_GAP)
    assert "2 answers" in shown(first)
    await home.pass_time(LIVE_SECONDS + BREATH)
    assert first.buttons == []
    assert "1 of 2 right" in shown(first)
    assert question(0).explanation.en in shown(first)
    assert "<t:" not in shown(first)
    late = await (await home.server.press_late(first, home.ines, stale)).reply()
    assert "Time is up for this question" in shown(late)
    second = home.server.messages(home.general)[-1]
    assert "Question 2 of 5" in shown(second)
    await answer(home, second, ana, 1)
    for _ in range(2 * GROUP_QUESTIONS):
        await home.pass_time((LIVE_SECONDS + BREATH + 1) // 2)
    result = home.server.messages(home.general)[-1]
    assert "2 people took part." in shown(result)
    assert all(post.state is PostState.SENT for post in await home.posts(PostKind.STOP, PostKind.QUESTION))


# One's own


async def quiz_me(home: Home, who: User) -> Message:
    """One's own quiz, from the button under the group's."""
    quiz = await opened(home)
    return await home.press(quiz, who, "Quiz me by myself")


def letter(card: Message, choice: int) -> str:
    """The button of an option, whatever letter it has."""
    [found] = [
        button.custom_id
        for button in card.buttons
        if button.custom_id and read_token(button.custom_id).args[2:] == (str(choice),)
    ]
    return found


async def test_ones_own_quiz_is_one_private_message_from_the_first_question_to_the_result(home: Home) -> None:
    """It takes longer than Discord keeps the way to an answer open, and a restart comes between."""
    ana = home.guild.member("Ana")
    card = await quiz_me(home, ana)
    assert card.ephemeral_to is ana
    for asked in paper().questions[:2]:
        await home.press(card, ana, letter(card, asked.key))
        assert "Right." in shown(card)
        await home.press(card, ana, "Next question")
    await home.pass_time(20 * MINUTE)
    await restart(home)
    for number, asked in enumerate(paper().questions[2:], start=3):
        assert f"Question {number} of" in shown(card)
        await home.press(card, ana, letter(card, (asked.key + 1) % 4))
        assert "Not quite" in shown(card)
        await home.pass_time(MINUTE)
        await home.press(card, ana, labels(card)[-1])
    assert f"2 of {len(paper().questions)} right." in shown(card)
    assert home.server.ephemeral(ana) == [card]


async def test_somebody_elses_quiz_is_refused_politely_and_to_them_alone(home: Home) -> None:
    ana, ben = home.guild.member("Ana"), home.guild.member("Ben", locale="zh-CN")
    card = await quiz_me(home, ana)
    forged = await home.server.press_late(card, ben, letter(card, 0))
    told = await forged.reply()
    assert told.ephemeral_to is ben
    assert "别人的测验" in shown(told)


async def test_an_own_quiz_in_a_direct_conversation_needs_no_server(home: Home) -> None:
    await opened(home)
    ana = home.guild.member("Ana")
    talk = home.server.dm(ana)
    card = await home.say(talk, ana, "quiz")
    await home.press(card, ana, letter(card, paper().questions[0].key))
    assert "Right." in shown(card)
    assert [message.id for message in home.server.messages(talk)] == [card.id]


# What fits


@pytest.mark.parametrize("language", ["en", "zh", "both"])
async def test_every_papers_quiz_passes_before_and_after_its_end(home: Home, language: str) -> None:
    """The strict server refuses what is too long, too much, or twice in one message."""
    await home.say(home.general, home.ines, "start")
    await home.say(home.general, home.ines, "settings language", language=language)
    ana = home.guild.member("Ana")
    for each in library().papers():
        await home.say(home.general, home.ines, "quiz", paper=each.id)
        quiz = home.server.messages(home.general)[-1]
        told: Interaction = await home.server.press(quiz, ana, answers(quiz, 0)[0])
        await told.reply()
        await home.settled()
        assert quiz.edits == 1
        before = shown(quiz)
        async with home.house.tools.store.write() as records:
            post = (await home.posts(PostKind.QUIZ))[-1]
            round_ = await records.round(post.round_id or 0)
            assert round_ is not None
            await records.reach(round_.id, round_.last, home.clock.now())
            await records.queue(closing(post, round_, 0, home.clock.now(), post.key))
        await home.pass_time(1)
        assert labels(quiz) == [labels(quiz)[0]]
        for spoken in ClubLanguage(language).spoken():
            asked = [question(number, each.id).ask[spoken] for number in range(GROUP_QUESTIONS)]
            assert [ask for ask in asked if ask not in before] == []
            assert [ask for ask in asked if ask not in shown(quiz)] == []
    assert home.server.violations == []


# In a forum


async def forum(home: Home, *rights: Permission) -> Channel:
    """A forum in which a club has begun."""
    found = home.guild.channel("papers", ChannelType.FORUM)
    if rights:
        found.allow(*rights)
    lobby = home.server.world.open_thread(found, "Hello", home.ines, None, None)
    await home.say(lobby, home.ines, "start")
    return found


async def quiz_in(home: Home, place: Channel) -> Message:
    """The quiz of the first week, in the thread of that week."""
    while not any(post.state is PostState.SENT for post in await home.posts(PostKind.QUIZ)):
        await home.pass_time(HOUR)
    [week] = [thread for thread in home.server.threads(place) if thread.owner is home.server.bot]
    return home.server.messages(week)[-1]


async def test_a_forums_quiz_stands_in_its_weeks_thread_and_ends_there(home: Home) -> None:
    quiz = await quiz_in(home, await forum(home))
    await answer(home, quiz, home.guild.member("Ana"), 0)
    assert "1 person has taken part so far." in shown(quiz)
    await to_the_recap(home)
    assert "1 person took part." in shown(quiz)
    assert labels(quiz) == ["Quiz me by myself"]


async def test_an_end_that_comes_after_its_thread_was_closed_is_told_and_leaves_it_closed(home: Home) -> None:
    """Nothing can be changed in an archived thread; it is opened for that moment."""
    quiz = await quiz_in(home, await forum(home, Permission.MANAGE_THREADS))
    await answer(home, quiz, home.guild.member("Ana"), 0)
    home.server.fault(f"PATCH /channels/*/messages/{quiz.id}", "500", times=1000)
    await to_the_recap(home)
    while not quiz.channel.archived:
        await home.pass_time(HOUR)
    assert "1 person has taken part so far." in shown(quiz)
    for fault in home.server.rest.faults:
        fault.times = 0
    for _ in range(2):
        await home.pass_time(HOUR)
    assert "1 person took part." in shown(quiz)
    assert (quiz.channel.archived, quiz.channel.locked) == (True, True)


async def test_a_live_quiz_asked_for_in_a_forums_thread_goes_on_in_there(home: Home) -> None:
    place = await forum(home)
    await home.pass_time(DAY)
    [lobby] = [thread for thread in home.server.threads(place) if thread.owner is home.ines]
    await home.say(lobby, home.ines, "quiz", mode="live")
    await home.pass_time(LIVE_LEAD)
    first = home.server.messages(lobby)[-1]
    await answer(home, first, home.guild.member("Ana"), 0)
    assert "1 answer" in shown(first)
    await home.pass_time(LIVE_SECONDS + BREATH)
    assert "1 of 1 right" in shown(first)
    assert "Question 2 of 5" in shown(home.server.messages(lobby)[-1])
