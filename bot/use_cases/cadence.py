"""What time asks for: the beats that are due become posts in the ledger."""

import logging
from zoneinfo import ZoneInfo

from bot.domain.cadence import LATE_LIMIT, Beat, BeatKind, next_weekly
from bot.domain.clubs import Club, Week
from bot.domain.errors import Problem
from bot.domain.papers import Paper
from bot.domain.posts import Draft, PostKind
from bot.ports import Records
from bot.use_cases.asking import Tools
from bot.use_cases.quizzes import queue_group_quiz

log = logging.getLogger(__name__)

BATCH = 200
"""How many due beats one transaction takes, so that no tick holds the writer for long."""


async def hold_due_beats(tools: Tools) -> int:
    """Queue what is due for every club, and move each beat to its next time in the same transaction.

    A beat more than `LATE_LIMIT` late is let go; of several weeks missed, only the last can be less.
    Returns how many beats were due.
    """
    total = 0
    async with tools.store.read() as records:
        if not await records.due_beats(tools.clock.now(), 1):
            return total
    while True:
        async with tools.store.write() as records:
            now = tools.clock.now()
            beats = await records.due_beats(now, BATCH)
            for club_id in dict.fromkeys(beat.club_id for beat in beats):
                total += await _catch_up(tools, records, club_id, now)
        if len(beats) < BATCH:
            return total


async def upcoming_beat(tools: Tools, records: Records, club: Club) -> Beat | None:
    """The club's next beat with something to do; None when there is none left."""
    for beat in sorted(await records.beats(club.id), key=lambda beat: beat.next_at):
        if await _has_work(tools, records, club, beat.kind):
            return beat
    return None


async def bring_forward(tools: Tools, club_id: int) -> Beat | None:
    """Hold a club's next beat now instead of at its time; None when there is none left.

    A paper brought forward takes its week with it: what lay before the paper's time had nothing to do,
    and belongs after it.
    """
    async with tools.store.write() as records:
        club = await records.club(club_id)
        beat = await upcoming_beat(tools, records, club) if club else None
        if club and beat:
            now = tools.clock.now()
            await _advance(records, club, beat, now)
            if beat.kind is BeatKind.PAPER:
                for idle in await records.beats(club.id):
                    if idle.next_at < beat.next_at:
                        await _advance(records, club, idle, beat.next_at)
            await _happen(tools, records, club, beat.kind, now)
        return beat


async def _catch_up(tools: Tools, records: Records, club_id: int, now: int) -> int:
    """Hold what is due for one club, in the order of its times; how many beats that was."""
    club = await records.club(club_id)
    if club is None:  # a beat has a club
        return 0
    due = [
        (_last_time(club, beat, now), beat) for beat in await records.beats(club_id) if beat.next_at <= now
    ]
    for due_at, beat in sorted(due, key=lambda pair: pair[0]):
        await _advance(records, club, beat, now)
        if now - due_at > LATE_LIMIT:
            continue
        try:
            await _happen(tools, records, club, beat.kind, due_at)
        except Problem as problem:
            # One club whose papers are gone must not stop the time of all others.
            log.warning("a beat could not be held: %s", problem, extra={"club": club_id})
    return len(due)


def _last_time(club: Club, beat: Beat, now: int) -> int:
    """The last time, up to now, at which a beat was due: weeks after `next_at` when nobody was there."""
    recent = next_weekly(ZoneInfo(club.zone), beat.weekday, beat.minute, now - LATE_LIMIT - 1)
    return max(beat.next_at, recent) if recent <= now else beat.next_at


async def _advance(records: Records, club: Club, beat: Beat, now: int) -> None:
    after = max(now, beat.next_at)
    due = next_weekly(ZoneInfo(club.zone), beat.weekday, beat.minute, after)
    await records.set_beat(Beat(club.id, beat.kind, beat.weekday, beat.minute, due))


async def _has_work(tools: Tools, records: Records, club: Club, kind: BeatKind) -> bool:
    """Whether a beat would bring anything: a paper while the plan has one, the rest in an open week."""
    if kind is BeatKind.PAPER:
        return tools.upcoming(club) is not None
    week = await records.latest_week(club.id)
    if week is None or week.closed_at is not None:
        return False
    return kind is not BeatKind.QUIZ or not await records.latest_round(club.id, week.paper_id, None)


async def _happen(tools: Tools, records: Records, club: Club, kind: BeatKind, due_at: int) -> None:
    """Queue what a beat brings, if it brings anything."""
    if not await _has_work(tools, records, club, kind):
        return
    week = await records.latest_week(club.id)
    chats = [chat.id for chat in await records.chats(club.id)]
    upcoming = tools.upcoming(club)
    if kind is BeatKind.PAPER and upcoming:
        number = tools.plan(club).number(upcoming.id) or 0
        await _open_week(records, club, week, upcoming, number, chats, due_at)
        return
    if week is None:  # there would be no work
        return
    if kind is BeatKind.QUIZ:
        paper = tools.known_paper(week.paper_id)
        await queue_group_quiz(records, club, paper, chats, due_at, week.number)
        return
    for chat_id in chats:
        await records.queue(_draft(chat_id, week, PostKind(kind.value), due_at))
    if kind is BeatKind.RECAP:
        await records.close_week(club.id, week.number, due_at)


async def _open_week(
    records: Records, club: Club, last: Week | None, paper: Paper, number: int, chats: list[int], due_at: int
) -> None:
    """Begin the week of a paper, whose place in the plan is `number`."""
    if last and last.closed_at is None:
        await records.close_week(club.id, last.number, due_at)
    week = Week(club.id, last.number + 1 if last else 1, paper.id, due_at, None)
    await records.open_week(week)
    await records.set_position(club.id, number)
    for chat_id in chats:
        for kind in (PostKind.PAPER, PostKind.THREAD, PostKind.STARTER):
            await records.queue(_draft(chat_id, week, kind, due_at))


def _draft(chat_id: int, week: Week, kind: PostKind, due_at: int) -> Draft:
    """A post of a week. The key is what makes it happen once: chat, week, and what it is."""
    return Draft(chat_id, f"{chat_id}:week:{week.number}:{kind}", kind, week.paper_id, due_at, week.number)
