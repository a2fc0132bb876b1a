"""Rows of the database as things of the domain. The columns are in the order of their fields."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.domain.cadence import Beat, BeatKind
from bot.domain.clubs import Chat, ChatKind, Club, Ending, Member, Platform, Week
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Post, PostKind, PostState
from bot.domain.quizzes import Answer, Round
from bot.domain.reading import Level, Reading
from bot.messages.actions import from_bits
from bot.ports import Meets, Seat, Standing
from bot.storage.statements import Row


def club(row: Row) -> Club:
    id_, title, language, zone, plan_id, position, paused, members, starts_on, encore, ending, asked_at = row
    return Club(
        id_,
        title,
        ClubLanguage(language),
        zone,
        plan_id,
        position,
        bool(paused),
        members,
        date.fromisoformat(starts_on) if starts_on else None,
        encore,
        Ending(ending),
        asked_at,
    )


def chat(row: Row) -> Chat:
    id_, club_id, platform, chat_id, kind, topics, active, topic, linked, mention, reader, events = row
    place = Platform(platform), chat_id, ChatKind(kind)
    return Chat(
        id_, club_id, *place, bool(topics), bool(active), topic, linked, mention, reader, bool(events)
    )


def member(row: Row) -> Member:
    id_, club_id, name, active, papers_read = row
    return Member(id_, club_id, name, bool(active), papers_read)


def seat(row: Row) -> Seat:
    """A chat, its club, and a member whose columns are all null when there is none."""
    return Seat(chat(row[:12]), club(row[12:24]), None if row[24] is None else member(row[24:]))


def beat(row: Row) -> Beat:
    """A beat, after the id of its club."""
    _, kind, minute, weekday, days_after, slot, every, next_at = row
    return Beat(BeatKind(kind), minute, weekday, days_after, slot, every, next_at)


def meets(chats: Sequence[Sequence[Any]]) -> Meets:
    """Where a club meets, from the id, the kind and the link of each of its chats."""
    told = [id_ for id_, kind, linked in chats if linked is None or kind == ChatKind.CHANNEL]
    talks = [id_ for id_, kind, linked in chats if linked is None or kind != ChatKind.CHANNEL]
    return Meets(tuple(told), tuple(talks))


def standing(row: Row, beats: tuple[Beat, ...], meets: Meets, rests: frozenset[date]) -> Standing:
    """A row of the view `standings`: a club, its latest week, and when that week's quiz was held."""
    id_, (number, paper_id, opened_at, closed_at, prompted, quizzed_at) = row[0], row[12:]
    week = None if number is None else Week(id_, number, paper_id, opened_at, closed_at, prompted)
    quizzed = week is not None and quizzed_at is not None and quizzed_at >= week.opened_at
    return Standing(club(row[:12]), meets, beats, rests, week, quizzed)


def reading(row: Row) -> Reading:
    member_id, paper_id, level, note, at = row
    return Reading(member_id, paper_id, Level(level), note, at)


def round_(row: Row) -> Round:
    id_, club_id, paper_id, owner_id, questions, *course = row
    return Round(id_, club_id, paper_id, owner_id, tuple(json.loads(questions)), *course)


def answer(row: Row) -> Answer:
    question_id, choices, right = row
    return Answer(question_id, from_bits(choices), bool(right))


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
        topic,
        sent_at,
    ) = row[13:]
    return Post(
        id=row[0],
        chat=chat(row[1:13]),
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
        topic=topic,
        sent_at=sent_at,
    )
