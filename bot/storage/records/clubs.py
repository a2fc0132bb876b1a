"""Clubs, and the chats they meet in."""

import secrets
from collections.abc import Sequence
from datetime import date

from bot.domain.clubs import Account, Chat, ChatKind, Club, Keeper, Platform, Trouble
from bot.domain.languages import ClubLanguage, Language
from bot.ports import Seat
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql

CODE_BYTES = 10
"""Chance in the code of an invitation: 80 bits cannot be tried out, and leave a link short."""


class ClubRecords(Family):
    """Clubs, and the chats they meet in. What each method means stands at the port."""

    async def seat(self, platform: Platform, chat_id: str, user_id: str) -> Seat | None:
        row = await sql.seat(self.connection, platform=platform, chat_id=chat_id, user_id=user_id)
        return rows.seat(row) if row else None

    async def home(self, account: Account) -> int | None:
        club_id: int | None = await sql.home(
            self.connection, platform=account.platform, user_id=account.user_id
        )
        return club_id

    async def settle(self, account: Account, club_id: int) -> None:
        await sql.settle(self.connection, platform=account.platform, user_id=account.user_id, club_id=club_id)

    async def add_club(self, title: str, language: ClubLanguage, zone: str, plan_id: str, at: int) -> int:
        club_id: int = await sql.add_club(
            self.connection, title=title, language=language, zone=zone, plan_id=plan_id, at=at
        )
        return club_id

    async def club(self, club_id: int) -> Club | None:
        row = await sql.club(self.connection, club_id=club_id)
        return rows.club(row) if row else None

    async def clubs(self) -> Sequence[Club]:
        return [rows.club(row) for row in await sql.clubs(self.connection)]

    async def add_chat(
        self, club_id: int, platform: Platform, chat_id: str, kind: ChatKind, topics: bool
    ) -> int:
        former = await self.chat(platform, chat_id)
        row_id: int = await sql.put_chat(
            self.connection, club_id=club_id, platform=platform, chat_id=chat_id, kind=kind, topics=topics
        )
        if former and former.club_id != club_id:
            await sql.drop_posts(self.connection, chat_id=row_id, reason="the chat went to another club")
        elif former and not former.active:
            await sql.hold_posts(self.connection, chat_id=row_id, held=False)
        return row_id

    async def chat(self, platform: Platform, chat_id: str) -> Chat | None:
        row = await sql.chat(self.connection, platform=platform, chat_id=chat_id)
        return rows.chat(row) if row else None

    async def chat_by_row(self, chat_id: int) -> Chat | None:
        row = await sql.chat_by_row(self.connection, chat_id=chat_id)
        return rows.chat(row) if row else None

    async def chats(self, club_id: int) -> Sequence[Chat]:
        return [rows.chat(row) for row in await sql.active_chats(self.connection, club_id=club_id)]

    async def set_chat_active(self, chat_id: int, active: bool) -> None:
        await sql.set_chat_active(self.connection, chat_id=chat_id, active=active)
        await sql.hold_posts(self.connection, chat_id=chat_id, held=not active)
        if active:
            await sql.end_trouble(self.connection, chat_id=chat_id)
        else:
            await self.unlink(chat_id)

    async def set_keeper(self, chat_id: int, user_id: str, language: Language) -> None:
        await sql.set_keeper(self.connection, chat_id=chat_id, user_id=user_id, language=language)

    async def keeper(self, chat_id: int) -> Keeper | None:
        row = await sql.keeper(self.connection, chat_id=chat_id)
        return Keeper(Account(Platform(row[0]), row[1]), Language(row[2])) if row else None

    async def set_trouble(self, chat_id: int, trouble: Trouble) -> bool:
        return bool(await sql.set_trouble(self.connection, chat_id=chat_id, trouble=trouble))

    async def mark_told(self, chat_id: int) -> None:
        await sql.mark_told(self.connection, chat_id=chat_id)

    async def troubles(self, club_id: int) -> Sequence[tuple[Chat, Trouble]]:
        found = await sql.troubles(self.connection, club_id=club_id)
        return [(rows.chat(row[:12]), Trouble(row[12])) for row in found]

    async def chats_in_trouble(self, platform: Platform) -> Sequence[Chat]:
        return [rows.chat(row) for row in await sql.chats_in_trouble(self.connection, platform=platform)]

    async def set_chat_topics(self, chat_id: int, topics: bool) -> None:
        await sql.set_chat_topics(self.connection, chat_id=chat_id, topics=topics)

    async def set_topic(self, chat_id: int, topic: str | None) -> None:
        await sql.set_topic(self.connection, chat_id=chat_id, topic=topic)

    async def set_mention(self, chat_id: int, role_id: str | None) -> None:
        await sql.set_mention(self.connection, chat_id=chat_id, role_id=role_id)

    async def set_reader(self, chat_id: int, role_id: str | None) -> None:
        await sql.set_reader(self.connection, chat_id=chat_id, role_id=role_id)

    async def set_events(self, chat_id: int, events: bool) -> None:
        await sql.set_events(self.connection, chat_id=chat_id, events=events)

    async def link(self, chat_id: int, other_id: int) -> None:
        await self.unlink(chat_id)
        await self.unlink(other_id)
        await sql.link_chats(self.connection, chat_id=chat_id, other_id=other_id)

    async def unlink(self, chat_id: int) -> None:
        await sql.unlink_partner(self.connection, chat_id=chat_id)
        await sql.unlink(self.connection, chat_id=chat_id)

    async def move_chat(self, chat_id: int, new_chat_id: str) -> None:
        # News from the new chat may have come before the news of the move, and made a chat of its own.
        namesake = await sql.retire_namesake(self.connection, chat_id=chat_id, new_chat_id=new_chat_id)
        if namesake is not None:
            await sql.hold_posts(self.connection, chat_id=namesake, held=True)
        moved = await sql.move_chat(self.connection, chat_id=chat_id, new_chat_id=new_chat_id)
        if moved is not None:
            await sql.drop_chains(self.connection, chat_id=chat_id)

    async def set_language(self, club_id: int, language: ClubLanguage) -> None:
        await sql.set_language(self.connection, club_id=club_id, language=language)

    async def set_zone(self, club_id: int, zone: str) -> None:
        await sql.set_zone(self.connection, club_id=club_id, zone=zone)

    async def set_plan(self, club_id: int, plan_id: str, position: int) -> None:
        await sql.set_plan(self.connection, club_id=club_id, plan_id=plan_id, position=position)

    async def set_encore(self, club_id: int, paper_id: str | None) -> None:
        await sql.set_encore(self.connection, club_id=club_id, paper_id=paper_id)

    async def set_start(self, club_id: int, day: date | None) -> None:
        await sql.set_start(self.connection, club_id=club_id, day=day.isoformat() if day else None)

    async def code(self, club_id: int) -> str:
        code: str | None = await sql.code(self.connection, club_id=club_id)
        return code or await self.renew_code(club_id)

    async def renew_code(self, club_id: int) -> str:
        code = secrets.token_hex(CODE_BYTES)
        await sql.set_code(self.connection, club_id=club_id, code=code)
        return code

    async def club_by_code(self, code: str) -> Club | None:
        row = await sql.club_by_code(self.connection, code=code)
        return rows.club(row) if row else None

    async def mark_greeted(self, chat_id: int, user_id: str) -> bool:
        return bool(await sql.mark_greeted(self.connection, chat_id=chat_id, user_id=user_id))

    async def take_greeting(self, chat_id: int, now: int, apart: int) -> bool:
        return bool(await sql.take_greeting(self.connection, chat_id=chat_id, now=now, apart=apart))

    async def set_paused(self, club_id: int, paused: bool) -> None:
        await sql.set_paused(self.connection, club_id=club_id, paused=paused)
        await sql.hold_beats(self.connection, club_id=club_id, held=paused)
