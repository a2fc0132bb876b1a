"""Rows of the database as things of the domain. The columns are in the order of their fields."""

import json

from bot.domain.cadence import Beat, BeatKind
from bot.domain.clubs import Chat, ChatKind, Club, Member, Platform, Week
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Post, PostKind, PostState
from bot.domain.quizzes import Answer, Round
from bot.domain.reading import Level, Reading
from bot.ports import Seat
from bot.storage.statements import Row


def club(row: Row) -> Club:
    id_, title, language, zone, plan_id, position, paused, members = row
    return Club(id_, title, ClubLanguage(language), zone, plan_id, position, bool(paused), members)


def chat(row: Row) -> Chat:
    id_, club_id, platform, chat_id, kind, topics, active = row
    return Chat(id_, club_id, Platform(platform), chat_id, ChatKind(kind), bool(topics), bool(active))


def member(row: Row) -> Member:
    id_, club_id, name, active, papers_read = row
    return Member(id_, club_id, name, bool(active), papers_read)


def seat(row: Row) -> Seat:
    """A chat, its club, and a member whose columns are all null when there is none."""
    return Seat(chat(row[:7]), club(row[7:15]), None if row[15] is None else member(row[15:]))


def beat(row: Row) -> Beat:
    club_id, kind, weekday, minute, next_at = row
    return Beat(club_id, BeatKind(kind), weekday, minute, next_at)


def week(row: Row) -> Week:
    return Week(*row)


def reading(row: Row) -> Reading:
    member_id, paper_id, level, note, at = row
    return Reading(member_id, paper_id, Level(level), note, at)


def round_(row: Row) -> Round:
    id_, club_id, paper_id, owner_id, questions = row
    return Round(id_, club_id, paper_id, owner_id, tuple(json.loads(questions)))


def answer(row: Row) -> Answer:
    question_id, choice, right = row
    return Answer(question_id, choice, bool(right))


def post(row: Row) -> Post:
    """A row of the view `ledger`: the post's id, its chat, and the rest of the post."""
    (
        key,
        kind,
        paper_id,
        week_,
        round_id,
        number,
        due_at,
        state,
        attempts,
        claimed_at,
        doubtful,
        message_id,
    ) = row[8:]
    return Post(
        id=row[0],
        chat=chat(row[1:8]),
        key=key,
        kind=PostKind(kind),
        paper_id=paper_id,
        week=week_,
        round_id=round_id,
        number=number,
        due_at=due_at,
        state=PostState(state),
        attempts=attempts,
        claimed_at=claimed_at,
        doubtful=bool(doubtful),
        message_id=message_id,
    )
