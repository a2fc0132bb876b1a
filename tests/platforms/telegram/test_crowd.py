"""A thousand people answer one quiz at once, and nobody else notices."""

import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import House, open_house
from bot.domain.quizzes import BREATH, GROUP_QUESTIONS, LIVE_LEAD, LIVE_SECONDS
from bot.messages.actions import Verb, action
from bot.settings import Settings
from tests.house import FakeClock
from tests.record import assert_sound
from tests.servers.telegram import Chat, Poll, TelegramServer, User
from tests.servers.telegram_checks import Json
from tests.servers.telegram_methods import Flood

PEOPLE = 1000
ENROLLED = 30
"""How many of them had joined before."""

QUESTIONS = 3

BEFORE = 500
"""How many answers come before a bystander's question."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def house(server: TelegramServer, clock: FakeClock, tmp_path: Path) -> AsyncIterator[House]:
    server.api.flood = Flood(clock.monotonic)
    settings = Settings(
        telegram_token=server.token,
        telegram_api_url=server.url,
        data=tmp_path,
        database=tmp_path / "club.sqlite3",
        web=None,
    )
    async with open_house(settings, clock, timer=clock, ticking=False) as house:
        await server.settled()
        yield house
    assert_sound(tmp_path / "club.sqlite3")


def answers(poll_id: str, who: User, options: list[int]) -> Json:
    """One person's answer to a poll, as Telegram tells it; taken back with no options."""
    return {
        "poll_answer": {
            "poll_id": poll_id,
            "user": who.to_json(),
            "option_ids": options,
            "option_persistent_ids": [f"{poll_id}-{option}" for option in options],
        }
    }


def asked(server: TelegramServer, group: Chat) -> list[Poll]:
    """The questions that a group has been asked."""
    return [message.poll for message in server.messages(group) if message.poll]


def storm(polls: list[Poll], crowd: list[User]) -> tuple[list[Json], dict[str, int]]:
    """Everybody's answers to some questions in no order: some come twice, and some are taken back
    afterwards. Also how many answers to each question are right."""
    chance = random.Random(7)
    came: list[tuple[float, Json]] = []
    right: dict[str, int] = {}
    for poll in polls:
        right[poll.id] = 0
        for n, who in enumerate(crowd):
            choice = chance.randrange(len(poll.options))
            right[poll.id] += [choice] == list(poll.correct_option_ids)
            at = chance.random()
            came.append((at, answers(poll.id, who, [choice])))
            if n % 10 == 0:
                came.append((at + 0.1, answers(poll.id, who, [(choice + 1) % len(poll.options)])))
            if n % 25 == 0:
                came.append((at + 0.2, answers(poll.id, who, [])))
    return [update for _, update in sorted(came, key=lambda each: each[0])], right


def gathered(server: TelegramServer) -> tuple[User, Chat, list[User]]:
    """An organiser, a group with the bot in it, and its people."""
    ines = server.user("Ines")
    crowd = [server.user(f"Reader {n}", username=f"reader_{n}" if n % 2 else None) for n in range(PEOPLE)]
    group = server.group("Readers", admins=[ines], members=crowd, bot=None)
    server.add_bot(group, ines)
    return ines, group, crowd


async def test_a_thousand_people_answer_a_quiz_and_each_is_counted_once(
    server: TelegramServer, house: House, tmp_path: Path
) -> None:
    ines, group, crowd = gathered(server)
    paper = await server.ask(group, ines, "/paper today")
    for who in crowd[:ENROLLED]:
        await server.press(paper, who, data=action(Verb.READ, "dropout-2012").token)
    server.say(group, ines, "/quiz")
    await server.settled()
    await house.sender.settled()
    server.api.flood.strict = True
    updates, right = storm(asked(server, group)[:QUESTIONS], crowd)
    assert len(right) == QUESTIONS

    bystander = server.user("Bystander")
    private = server.private(bystander)
    for update in updates[:BEFORE]:
        server.updates.add_raw(update)
    said = server.say(private, bystander, "/paper today")
    for update in updates[BEFORE:]:
        server.updates.add_raw(update)
    assert (await server.reply(private, said, within=60)).text
    assert len(server.updates.pending) > len(updates) // 2, "the bystander had to wait for the crowd"
    await server.settled(60)

    assert [call for call in server.calls if call.status == 429] == []
    with sqlite3.connect(tmp_path / "club.sqlite3") as record:
        [(club, members)] = record.execute("SELECT id, members FROM clubs WHERE title = 'Readers'")
        assert members == PEOPLE
        assert record.execute("SELECT people FROM rounds").fetchall() == [(PEOPLE,)]
        assert len(record.execute("SELECT 1 FROM accounts WHERE club_id = ?", [club]).fetchall()) == PEOPLE
        counted = record.execute(
            """SELECT poll_id, answered, was_right FROM posts
               JOIN rounds ON rounds.id = posts.round_id
               JOIN question_counts AS q ON q.round_id = rounds.id
                AND q.question_id = json_extract(questions, '$[' || number || ']')
               WHERE poll_id IS NOT NULL"""
        ).fetchall()
    record.close()
    assert {poll_id: (answered, rights) for poll_id, answered, rights in counted} == {
        poll_id: (PEOPLE, rights) for poll_id, rights in right.items()
    }


async def test_a_thousand_people_answer_a_live_quiz_within_ten_seconds_and_its_result_is_right(
    server: TelegramServer, house: House, clock: FakeClock
) -> None:
    """All of them are new. The ten seconds are those of the quiz's own clock, which stands still while the
    answers come."""

    async def pass_time(seconds: int) -> None:
        clock.advance(seconds)
        await house.tick()
        await house.sender.settled()

    ines, group, crowd = gathered(server)
    server.say(group, ines, "/quiz live")
    await server.settled()
    await house.sender.settled()
    server.api.flood.strict = True
    await pass_time(LIVE_LEAD)
    right_first = 0
    for number in range(GROUP_QUESTIONS):
        poll = asked(server, group)[number]
        updates, right = storm([poll], crowd if number == 0 else crowd[:10])
        for update in updates:
            server.updates.add_raw(update)
        await server.settled(60)
        if number == 0:
            right_first = right[poll.id]
        await pass_time(LIVE_SECONDS + BREATH)

    assert [call for call in server.calls if call.status == 429] == []
    result = server.messages(group)[-1].text
    assert f"{PEOPLE} people took part." in result
    assert f"{right_first} of {PEOPLE}" in result
