"""Who has read what."""

from collections.abc import Sequence

from bot.domain.reading import Level, Reading
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class ReadingRecords(Family):
    """Who has read what. What each method means stands at the port."""

    async def reading(self, member_id: int, paper_id: str) -> Reading | None:
        row = await sql.reading(self.connection, member_id=member_id, paper_id=paper_id)
        return rows.reading(row) if row else None

    async def readings(self, member_id: int) -> Sequence[Reading]:
        return [rows.reading(row) for row in await sql.readings(self.connection, member_id=member_id)]

    async def record_reading(self, reading: Reading, club_id: int) -> None:
        former = await self.reading(reading.member_id, reading.paper_id)
        await sql.put_reading(
            self.connection,
            member_id=reading.member_id,
            paper_id=reading.paper_id,
            club_id=club_id,
            level=reading.level,
            note=reading.note,
            at=reading.at,
            is_read=reading.level >= Level.READ,
        )
        was_read = former is not None and former.level >= Level.READ
        change = (reading.level >= Level.READ) - was_read
        await self._count_reading(reading.member_id, reading.paper_id, club_id, change)

    async def erase_reading(self, member_id: int, paper_id: str, club_id: int) -> bool:
        level = await sql.erase_reading(self.connection, member_id=member_id, paper_id=paper_id)
        if level is None:
            return False
        await self._count_reading(member_id, paper_id, club_id, -(level >= Level.READ))
        return True

    async def _count_reading(self, member_id: int, paper_id: str, club_id: int, change: int) -> None:
        if change:
            await sql.count_paper_read(self.connection, member_id=member_id, change=change)
            await sql.count_reader(
                self.connection, club_id=club_id, paper_id=paper_id, member_id=member_id, change=change
            )

    async def readers(self, club_id: int, paper_id: str) -> int:
        count: int | None = await sql.readers(self.connection, club_id=club_id, paper_id=paper_id)
        return count or 0

    async def reader_names(self, club_id: int, paper_id: str, limit: int) -> Sequence[str]:
        names = await sql.reader_names(self.connection, club_id=club_id, paper_id=paper_id, limit=limit)
        return [name for (name,) in names]
