"""Members, and the accounts they speak through."""

from dataclasses import replace

from bot.domain.clubs import Account, Member, Platform
from bot.domain.reading import Level
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import Row
from bot.storage.statements import statements as sql


class MemberRecords(Family):
    """Members, and the accounts they speak through. What each method means stands at the port."""

    async def enrol(
        self, club_id: int, account: Account, name: str, username: str, at: int
    ) -> tuple[Member, bool]:
        row = await self._member_of(club_id, account)
        if row is None:
            member_id = await sql.add_member(
                self.connection, club_id=club_id, name=name, folded_name=_fold(name), at=at
            )
            await self._put_account(club_id, account, member_id, username)
            await sql.count_members(self.connection, club_id=club_id, change=1)
            return Member(member_id, club_id, name, active=True, papers_read=0), True
        member, known_username = rows.member(row[:5]), row[5]
        if name != member.name:
            await sql.rename_member(self.connection, member_id=member.id, name=name, folded_name=_fold(name))
        if username != known_username:
            await self._put_account(club_id, account, member.id, username)
        if not member.active:
            await sql.bring_back(self.connection, member_id=member.id)
            await self._count_in(member.id, club_id, here=True)
        return replace(member, name=name, active=True), not member.active

    async def leave(self, member_id: int, at: int) -> None:
        club_id = await sql.leave(self.connection, member_id=member_id, at=at)
        if club_id is not None:
            await self._count_in(member_id, club_id, here=False)

    async def member_by_account(self, club_id: int, account: Account) -> Member | None:
        row = await self._member_of(club_id, account)
        return rows.member(row[:5]) if row else None

    async def member_by_name(self, club_id: int, platform: Platform, name: str) -> Member | None:
        folded = _fold(name)
        if not folded:
            return None
        row = await sql.member_by_username(
            self.connection, club_id=club_id, platform=platform, folded=folded
        ) or await sql.member_by_name(self.connection, club_id=club_id, folded=folded)
        return rows.member(row) if row else None

    async def _member_of(self, club_id: int, account: Account) -> Row | None:
        row: Row | None = await sql.member_by_account(
            self.connection, platform=account.platform, user_id=account.user_id, club_id=club_id
        )
        return row

    async def _put_account(self, club_id: int, account: Account, member_id: int, username: str) -> None:
        await sql.put_account(
            self.connection,
            platform=account.platform,
            user_id=account.user_id,
            club_id=club_id,
            member_id=member_id,
            username=username,
            folded_username=_fold(username),
        )

    async def _count_in(self, member_id: int, club_id: int, *, here: bool) -> None:
        """Count a member and what they have read in, or out."""
        change = 1 if here else -1
        await sql.count_members(self.connection, club_id=club_id, change=change)
        await sql.count_readings_of(
            self.connection, member_id=member_id, read_level=Level.READ, change=change
        )
        await sql.mark_readings_of(self.connection, member_id=member_id, read_level=Level.READ, counted=here)


def _fold(name: str) -> str:
    """A name or handle as it is compared: without capitals, outer spaces and the @ that calls it."""
    return name.strip().removeprefix("@").casefold()
