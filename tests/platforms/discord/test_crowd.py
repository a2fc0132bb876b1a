"""Five hundred people answer one quiz at once, and Discord is never asked for more than it gives."""

import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from bot.domain.papers import Paper
from bot.domain.quizzes import BREATH, LIVE_LEAD, LIVE_SECONDS, group_questions
from bot.messages.actions import Verb, read_token
from bot.platforms.discord import calls
from bot.use_cases.tallies import TALLY_GAP
from tests.house import library
from tests.platforms.discord.home import Home
from tests.record import assert_sound
from tests.servers.discord import Interaction, Message, User

PEOPLE = 500

QUESTIONS = 2
"""How many of the quiz's questions everybody answers."""

SECONDS = 10
"""How long it takes them."""

BEHIND = 100
"""How many presses come behind a bystander's question."""

Press = tuple[User, str]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is given again for being slow: that goes by real time, which Discord and its crowd share here
    with the bot."""
    monkeypatch.setattr(calls, "_FIRST_ANSWER_WITHIN", 60)


def dropout() -> Paper:
    """The paper of the first week."""
    paper = library().paper("dropout-2012")
    assert paper is not None
    return paper


def is_right(button: str) -> bool:
    """Whether a button is a right answer."""
    _, number, choice = read_token(button).args
    question = dropout().question(group_questions(dropout())[int(number)])
    assert question is not None
    return question.is_right((int(choice),))


def storm(quiz: Message, crowd: list[User], questions: int) -> tuple[list[Press], dict[int, int]]:
    """Everybody's presses in no order, some of them twice, and some on something else afterwards. Also how
    many first answers to each question are right."""
    chance = random.Random(7)
    offered = [button.custom_id for button in quiz.buttons if button.custom_id]
    came: list[tuple[float, Press]] = []
    right: Counter[int] = Counter()
    for number in range(questions):
        start = f"{Verb.ANSWER}:"
        buttons = [each for each in offered if start in each and read_token(each).args[1] == str(number)]
        for n, who in enumerate(crowd):
            button, at = chance.choice(buttons), chance.random()
            right[number] += is_right(button)
            came.append((at, (who, button)))
            if n % 10 == 0:
                came.append((at + 0.1, (who, button)))
            if n % 25 == 0:
                came.append((at + 0.2, (who, chance.choice(buttons))))
    return [press for _, press in sorted(came, key=lambda each: each[0])], dict(right)


async def press_all(home: Home, quiz: Message, presses: list[Press]) -> list[Interaction]:
    """Press all of it at once."""
    return [await home.server.press(quiz, who, button) for who, button in presses]


async def answered(home: Home, presses: list[Interaction]) -> None:
    """Return when each press has its answer."""
    await home.server.until(lambda: all(press.replies for press in presses), within=60)


async def press_within(home: Home, seconds: int, quiz: Message, presses: list[Press]) -> list[Interaction]:
    """Press all of it, in its order, the same part of it in each second."""
    came: list[Interaction] = []
    part = -(-len(presses) // seconds)
    for second in range(seconds):
        now = await press_all(home, quiz, presses[second * part : (second + 1) * part])
        await answered(home, now)
        came += now
        await home.pass_time(1)
    return came


def edits(home: Home, message: Message) -> int:
    """How often a message was asked to be changed."""
    return len(home.calls(f"PATCH /channels/{message.channel.id}/messages/{message.id}"))


def assert_patient(home: Home) -> None:
    """Discord never had to ask for patience."""
    assert [call for call in home.server.calls if call.status == 429] == []


def counted(folder: Path) -> dict[int, tuple[int, int]]:
    """How many answers to each question of the first round are on record, and how many of them are right."""
    with sqlite3.connect(folder / "club.db") as record:
        rows = record.execute(
            "SELECT question_id, answered, was_right FROM question_counts WHERE round_id = 1"
        )
        found = {group_questions(dropout()).index(question): counts for question, *counts in rows}
        assert record.execute("SELECT people FROM rounds").fetchall() == [(PEOPLE,)]
    record.close()
    assert_sound(folder / "club.db")
    return {number: (answered, right) for number, (answered, right) in found.items()}


async def gathered(home: Home) -> list[User]:
    """A club, and the people of its server."""
    await home.say(home.general, home.ines, "start")
    return [home.guild.member(f"Reader {n}") for n in range(PEOPLE)]


async def test_five_hundred_people_answer_a_quiz_within_ten_seconds_and_each_is_counted_once(
    home: Home, tmp_path: Path
) -> None:
    """Each is told alone what is right, and the message that all look at is changed a few times."""
    crowd = await gathered(home)
    await home.say(home.general, home.ines, "quiz")
    quiz = home.server.messages(home.general)[-1]
    home.server.rest.rate_limits = True
    presses, right = storm(quiz, crowd, QUESTIONS)
    came = await press_within(home, SECONDS, quiz, presses)
    await home.pass_time(TALLY_GAP)

    assert_patient(home)
    assert all(press.replies[0].ephemeral_to is press.user for press in came)
    assert 1 < edits(home, quiz) <= 1 + (SECONDS + TALLY_GAP) // TALLY_GAP
    assert f"{PEOPLE} people have taken part so far." in quiz.text
    assert quiz.text.count(f"{PEOPLE} answers") == QUESTIONS
    assert counted(tmp_path) == {number: (PEOPLE, rights) for number, rights in right.items()}


async def test_a_crowd_that_presses_at_once_keeps_nobody_waiting(home: Home, tmp_path: Path) -> None:
    crowd = await gathered(home)
    await home.say(home.general, home.ines, "quiz")
    quiz = home.server.messages(home.general)[-1]
    bystander = home.guild.member("Bystander")
    home.server.rest.rate_limits = True
    presses, right = storm(quiz, crowd, 1)
    before = await press_all(home, quiz, presses[:-BEHIND])
    asked = await home.server.command(home.general, bystander, "paper today", {})
    behind = await press_all(home, quiz, presses[-BEHIND:])
    assert (await asked.reply(within=60)).text
    assert not all(press.replies for press in behind), "the bystander had to wait for the crowd"
    await answered(home, before + behind)
    await home.pass_time(TALLY_GAP)

    assert_patient(home)
    assert f"{PEOPLE} answers" in quiz.text
    assert counted(tmp_path) == {0: (PEOPLE, right[0])}


async def test_five_hundred_people_answer_a_live_question_and_its_end_is_exact(
    home: Home, tmp_path: Path
) -> None:
    """The question is open for ten of its seconds when they have all answered."""
    crowd = await gathered(home)
    await home.say(home.general, home.ines, "quiz", mode="live")
    await home.pass_time(LIVE_LEAD)
    question = home.server.messages(home.general)[-1]
    home.server.rest.rate_limits = True
    presses, right = storm(question, crowd, 1)
    await press_within(home, SECONDS, question, presses)
    assert 1 < edits(home, question) <= 1 + SECONDS // TALLY_GAP
    await home.pass_time(LIVE_SECONDS + BREATH - SECONDS)

    assert_patient(home)
    assert f"{right[0]} of {PEOPLE} right" in question.text
    assert question.buttons == []
    assert counted(tmp_path) == {0: (PEOPLE, right[0])}
