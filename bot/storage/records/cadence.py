"""When things happen, and the weeks that have."""

from collections.abc import Sequence

from bot.domain.cadence import Beat
from bot.domain.clubs import Week
from bot.domain.reading import Level
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class CadenceRecords(Family):
    """When things happen, and the weeks that have. What each method means stands at the port."""

    async def beats(self, club_id: int) -> Sequence[Beat]:
        return [rows.beat(row) for row in await sql.beats(self.connection, club_id=club_id)]

    async def set_beat(self, beat: Beat) -> None:
        await sql.put_beat(
            self.connection,
            club_id=beat.club_id,
            kind=beat.kind,
            weekday=beat.weekday,
            minute=beat.minute,
            next_at=beat.next_at,
        )

    async def due_beats(self, now: int, limit: int) -> Sequence[Beat]:
        return [rows.beat(row) for row in await sql.due_beats(self.connection, now=now, limit=limit)]

    async def open_week(self, week: Week) -> None:
        await sql.open_week(
            self.connection,
            club_id=week.club_id,
            number=week.number,
            paper_id=week.paper_id,
            opened_at=week.opened_at,
            closed_at=week.closed_at,
        )

    async def close_week(self, club_id: int, number: int, at: int) -> None:
        await sql.close_week(self.connection, club_id=club_id, number=number, at=at)

    async def latest_week(self, club_id: int) -> Week | None:
        row = await sql.latest_week(self.connection, club_id=club_id)
        return Week(*row) if row else None

    async def weeks_read(self, club_id: int, member_id: int) -> Sequence[tuple[int, bool]]:
        weeks = await sql.weeks_read(
            self.connection, club_id=club_id, member_id=member_id, read_level=Level.READ
        )
        return [(number, bool(read)) for number, read in weeks]
