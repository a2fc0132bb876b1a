"""When things happen, and the weeks that have."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from msgspec.structs import asdict

from bot.domain.cadence import Beat
from bot.domain.clubs import Week
from bot.domain.reading import Level
from bot.ports import Passage, Standing
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class CadenceRecords(Family):
    """When things happen, and the weeks that have. What each method means stands at the port."""

    async def beats(self, club_id: int) -> Sequence[Beat]:
        return [rows.beat(row) for row in await sql.beats(self.connection, club_id=club_id)]

    async def set_beats(self, club_id: int, beats: Iterable[Beat]) -> None:
        await sql.drop_beats(self.connection, club_id=club_id)
        await sql.put_beats(self.connection, [{"club_id": club_id, **_beat(beat)} for beat in beats])

    async def anything_due(self, now: int) -> bool:
        return await sql.anything_due(self.connection, now=now) is not None

    async def due_standings(self, now: int, limit: int) -> Sequence[Standing]:
        when = {"now": now, "limit": limit}
        found = await sql.standings_due(self.connection, **when)
        if not found:
            return []
        beats, chats = defaultdict(list), defaultdict(list)
        for row in await sql.beats_due(self.connection, **when):
            beats[row[0]].append(rows.beat(row))
        for club_id, *chat in await sql.chats_due(self.connection, **when):
            chats[club_id].append(chat)
        rests = defaultdict(set)
        for club_id, monday in await sql.rests_due(self.connection, **when):
            rests[club_id].add(date.fromisoformat(monday))
        return [
            rows.standing(row, tuple(beats[row[0]]), rows.meets(chats[row[0]]), frozenset(rests[row[0]]))
            for row in found
        ]

    async def standing(self, club_id: int) -> Standing | None:
        row = await sql.standing(self.connection, club_id=club_id)
        if row is None:
            return None
        chats = await sql.active_chats(self.connection, club_id=club_id)
        return rows.standing(
            row,
            tuple(await self.beats(club_id)),
            rows.meets([(chat[0], chat[4], chat[8]) for chat in chats]),
            frozenset(await self.rests(club_id)),
        )

    async def pass_time(self, passage: Passage) -> None:
        beats = [
            {"club_id": club_id, "kind": beat.kind.value, "slot": beat.slot, "next_at": beat.next_at}
            for club_id, beat in passage.beats
        ]
        await sql.time_beats(self.connection, beats)
        if passage.changed:
            weeks = [
                {k: v for k, v in asdict(week).items() if k not in ("paper_id", "opened_at")}
                for week in passage.changed
            ]
            await sql.change_weeks(self.connection, weeks)
        if passage.opened:
            await sql.open_weeks(self.connection, [asdict(week) for week in passage.opened])
        if passage.moved:
            places = [
                {
                    "club_id": club.id,
                    "position": club.position,
                    "encore": club.encore,
                    "ending": int(club.ending),
                    "asked_at": club.asked_at,
                }
                for club in passage.moved
            ]
            await sql.move_along(self.connection, places)

    async def rests(self, club_id: int) -> Sequence[date]:
        found = await sql.rests(self.connection, club_id=club_id)
        return [date.fromisoformat(monday) for _, monday in found]

    async def add_rests(self, club_id: int, mondays: Iterable[date]) -> None:
        for monday in mondays:
            await sql.add_rest(self.connection, club_id=club_id, monday=monday.isoformat())

    async def drop_rests(self, club_id: int, mondays: Iterable[date]) -> None:
        for monday in mondays:
            await sql.drop_rest(self.connection, club_id=club_id, monday=monday.isoformat())

    async def forget_rests(self, club_id: int, before: date) -> None:
        await sql.drop_old_rests(self.connection, club_id=club_id, monday=before.isoformat())

    async def next_zone(self, zone: str) -> str | None:
        name: str | None = await sql.next_zone(self.connection, zone=zone)
        return name

    async def clubs_in_zone(self, zone: str, after_id: int, limit: int) -> Sequence[int]:
        found = await sql.clubs_in_zone(self.connection, zone=zone, after_id=after_id, limit=limit)
        return [club_id for (club_id,) in found]

    async def latest_week(self, club_id: int) -> Week | None:
        row = await sql.latest_week(self.connection, club_id=club_id)
        return Week(*row) if row else None

    async def weeks_read(self, club_id: int, member_id: int) -> Sequence[tuple[int, bool]]:
        weeks = await sql.weeks_read(
            self.connection, club_id=club_id, member_id=member_id, read_level=Level.READ
        )
        return [(number, bool(read)) for number, read in weeks]

    async def cast(self, club_id: int, ballot: int, member_id: int, choice: str) -> None:
        where = {"club_id": club_id, "ballot": ballot}
        former = await sql.ballot_of(self.connection, member_id=member_id, **where)
        if former == choice:
            return
        await sql.put_ballot(self.connection, member_id=member_id, choice=choice, **where)
        await sql.count_ballot(self.connection, choice=choice, change=1, **where)
        if former is not None:
            await sql.count_ballot(self.connection, choice=former, change=-1, **where)

    async def tally(self, club_id: int, ballot: int) -> Sequence[tuple[str, int]]:
        counted: Sequence[tuple[str, int]] = await sql.tally(self.connection, club_id=club_id, ballot=ballot)
        return counted


def _beat(beat: Beat) -> dict[str, Any]:
    return {
        "kind": beat.kind.value,
        "slot": beat.slot,
        "weekday": beat.weekday,
        "days_after": beat.days_after,
        "minute": beat.minute,
        "every": beat.every,
        "next_at": beat.next_at,
    }
