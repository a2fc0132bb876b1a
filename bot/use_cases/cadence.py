"""What time asks for: the beats that are due become posts in the ledger."""

from zoneinfo import ZoneInfo

from bot.domain.cadence import LATE_LIMIT, Beat, BeatKind, next_weekly
from bot.domain.clubs import Club, Week
from bot.domain.posts import Draft, PostKind
from bot.ports import Records
from bot.use_cases.asking import Tools
from bot.use_cases.quizzes import queue_group_quiz

BATCH = 200
"""How many due beats one transaction takes, so that no tick holds the writer for long."""


async def hold_due_beats(tools: Tools) -> int:
    """Queue what is due for every club, and move each beat to its next time in the same transaction.

    A beat more than `LATE_LIMIT` late is let go. Returns how many beats were due.
    """
    total = 0
    async with tools.store.read() as records:
        if not await records.due_beats(tools.clock.now(), 1):
            return total
    while True:
        async with tools.store.write() as records:
            now = tools.clock.now()
            beats = await records.due_beats(now, BATCH)
            for beat in beats:
                club = await records.club(beat.club_id)
                if club:
                    await _hold(tools, records, club, beat, now)
        total += len(beats)
        if len(beats) < BATCH:
            return total


async def upcoming_beat(tools: Tools, records: Records, club: Club) -> Beat | None:
    """The club's next beat with something to do; None when there is none left."""
    for beat in sorted(await records.beats(club.id), key=lambda beat: beat.next_at):
        if await _has_work(tools, records, club, beat.kind):
            return beat
    return None


async def bring_forward(tools: Tools, club_id: int) -> Beat | None:
    """Hold a club's next beat now instead of at its time; None when there is none left."""
    async with tools.store.write() as records:
        club = await records.club(club_id)
        beat = await upcoming_beat(tools, records, club) if club else None
        if club and beat:
            now = tools.clock.now()
            await _advance(records, club, beat, now)
            await _happen(tools, records, club, beat.kind, now)
        return beat


async def _hold(tools: Tools, records: Records, club: Club, beat: Beat, now: int) -> None:
    await _advance(records, club, beat, now)
    if now - beat.next_at <= LATE_LIMIT:
        await _happen(tools, records, club, beat.kind, beat.next_at)


async def _advance(records: Records, club: Club, beat: Beat, now: int) -> None:
    after = max(now, beat.next_at)
    due = next_weekly(ZoneInfo(club.zone), beat.weekday, beat.minute, after)
    await records.set_beat(Beat(club.id, beat.kind, beat.weekday, beat.minute, due))


async def _has_work(tools: Tools, records: Records, club: Club, kind: BeatKind) -> bool:
    """Whether a beat would bring anything: a paper while the plan has one, the rest in an open week."""
    if kind is BeatKind.PAPER:
        return tools.plan(club).paper(club.position + 1) is not None
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
    if kind is BeatKind.PAPER:
        await _open_week(tools, records, club, week, chats, due_at)
        return
    if week is None:  # pragma: no cover - there would be no work
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
    tools: Tools, records: Records, club: Club, last: Week | None, chats: list[int], due_at: int
) -> None:
    paper_id = tools.plan(club).papers[club.position]
    if last and last.closed_at is None:
        await records.close_week(club.id, last.number, due_at)
    week = Week(club.id, last.number + 1 if last else 1, paper_id, due_at, None)
    await records.open_week(week)
    await records.set_position(club.id, club.position + 1)
    for chat_id in chats:
        for kind in (PostKind.PAPER, PostKind.THREAD, PostKind.STARTER):
            await records.queue(_draft(chat_id, week, kind, due_at))


def _draft(chat_id: int, week: Week, kind: PostKind, due_at: int) -> Draft:
    """A post of a week. The key is what makes it happen once: chat, week, and what it is."""
    return Draft(chat_id, f"{chat_id}:week:{week.number}:{kind}", kind, week.paper_id, due_at, week.number)
