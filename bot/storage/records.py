"""The record inside one transaction, over the named statements."""

import json
from collections.abc import Sequence
from dataclasses import replace

from aiosqlite import Connection

from bot.domain.cadence import Beat
from bot.domain.clubs import Account, Chat, ChatKind, Club, Member, Platform, Thread, Week
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, Post, PostState
from bot.domain.quizzes import Answer, Round, Score
from bot.domain.reading import Level, Reading
from bot.messages.outgoing import Sent
from bot.ports import Seat
from bot.storage import rows
from bot.storage.statements import Row
from bot.storage.statements import statements as sql


class SqlRecords:
    """`Records` on a connection with an open transaction. What each method means stands at the port."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.queued = False
        """Whether a post was put in the ledger."""

    # Clubs and chats

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

    async def chats(self, club_id: int) -> Sequence[Chat]:
        return [rows.chat(row) for row in await sql.active_chats(self.connection, club_id=club_id)]

    async def set_chat_active(self, chat_id: int, active: bool) -> None:
        await sql.set_chat_active(self.connection, chat_id=chat_id, active=active)
        await sql.hold_posts(self.connection, chat_id=chat_id, held=not active)

    async def set_chat_topics(self, chat_id: int, topics: bool) -> None:
        await sql.set_chat_topics(self.connection, chat_id=chat_id, topics=topics)

    async def move_chat(self, chat_id: int, new_chat_id: str) -> None:
        # News from the new chat may have come before the news of the move, and made a chat of its own.
        namesake = await sql.retire_namesake(self.connection, chat_id=chat_id, new_chat_id=new_chat_id)
        if namesake is not None:
            await sql.hold_posts(self.connection, chat_id=namesake, held=True)
        await sql.move_chat(self.connection, chat_id=chat_id, new_chat_id=new_chat_id)

    async def set_language(self, club_id: int, language: ClubLanguage) -> None:
        await sql.set_language(self.connection, club_id=club_id, language=language)

    async def set_zone(self, club_id: int, zone: str) -> None:
        await sql.set_zone(self.connection, club_id=club_id, zone=zone)

    async def set_plan(self, club_id: int, plan_id: str, position: int) -> None:
        await sql.set_plan(self.connection, club_id=club_id, plan_id=plan_id, position=position)

    async def set_position(self, club_id: int, position: int) -> None:
        await sql.set_position(self.connection, club_id=club_id, position=position)

    async def set_paused(self, club_id: int, paused: bool) -> None:
        await sql.set_paused(self.connection, club_id=club_id, paused=paused)
        await sql.hold_beats(self.connection, club_id=club_id, held=paused)

    # Members

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

    # Cadence

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

    # Reading

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

    # Quizzes

    async def open_round(
        self, club_id: int, paper_id: str, owner_id: int | None, questions: Sequence[str], at: int
    ) -> Round:
        round_id = await sql.open_round(
            self.connection,
            club_id=club_id,
            paper_id=paper_id,
            owner_id=owner_id,
            questions=json.dumps(list(questions)),
            at=at,
        )
        return Round(round_id, club_id, paper_id, owner_id, tuple(questions))

    async def round(self, round_id: int) -> Round | None:
        row = await sql.round(self.connection, round_id=round_id)
        return rows.round_(row) if row else None

    async def latest_round(self, club_id: int, paper_id: str, owner_id: int | None) -> Round | None:
        if owner_id is None:
            row = await sql.latest_group_round(self.connection, club_id=club_id, paper_id=paper_id)
        else:
            row = await sql.latest_own_round(
                self.connection, club_id=club_id, paper_id=paper_id, owner_id=owner_id
            )
        return rows.round_(row) if row else None

    async def answer(
        self, round_: Round, member_id: int, question_id: str, choice: int, right: bool, at: int
    ) -> bool:
        first = await sql.add_answer(
            self.connection,
            round_id=round_.id,
            member_id=member_id,
            question_id=question_id,
            choice=choice,
            was_right=right,
            at=at,
        )
        if not first:
            return False
        await sql.count_answer(self.connection, round_id=round_.id, question_id=question_id, was_right=right)
        await sql.count_person(
            self.connection, round_id=round_.id, member_id=member_id, question_id=question_id
        )
        await sql.count_score(
            self.connection,
            member_id=member_id,
            paper_id=round_.paper_id,
            round_id=round_.id,
            was_right=right,
            asked=len(round_.questions),
        )
        return True

    async def answers(self, round_id: int, member_id: int) -> Sequence[Answer]:
        given = await sql.answers(self.connection, round_id=round_id, member_id=member_id)
        return [rows.answer(row) for row in given]

    async def scores(self, member_id: int) -> Sequence[Score]:
        return [Score(*row) for row in await sql.scores(self.connection, member_id=member_id)]

    async def hardest(self, round_id: int) -> tuple[str, int, int] | None:
        row: tuple[str, int, int] | None = await sql.hardest(self.connection, round_id=round_id)
        return row

    async def round_people(self, round_id: int) -> int:
        people: int | None = await sql.round_people(self.connection, round_id=round_id)
        return people or 0

    # Discussions

    async def thread(self, chat_id: int, paper_id: str) -> Thread | None:
        row = await sql.thread(self.connection, chat_id=chat_id, paper_id=paper_id)
        return Thread(*row) if row else None

    async def set_thread(self, thread: Thread) -> None:
        await sql.put_thread(
            self.connection,
            chat_id=thread.chat_id,
            paper_id=thread.paper_id,
            thread_id=thread.thread_id,
            root_message_id=thread.root_message_id,
        )

    # The delivery ledger

    async def queue(self, draft: Draft) -> bool:
        post_id = await sql.queue_post(
            self.connection,
            key=draft.key,
            chat_id=draft.chat_id,
            kind=draft.kind,
            paper_id=draft.paper_id,
            week=draft.week,
            round_id=draft.round_id,
            number=draft.number,
            due_at=draft.due_at,
        )
        added = post_id is not None
        self.queued = self.queued or added
        return added

    async def claim(self, platforms: Sequence[Platform], now: int, lease: int, limit: int) -> Sequence[Post]:
        found: list[Post] = []
        for platform in platforms:
            due = await sql.claimable(self.connection, platform=platform, now=now, limit=limit)
            found.extend(rows.post(row) for row in due)
        oldest = sorted(found, key=lambda post: (post.due_at, post.id))[:limit]
        if not oldest:
            return []
        await sql.take_post(
            self.connection, [{"post_id": post.id, "now": now, "lease_until": now + lease} for post in oldest]
        )
        return [
            replace(
                post,
                state=PostState.SENDING,
                attempts=post.attempts + 1,
                claimed_at=post.claimed_at if post.attempts else now,
            )
            for post in oldest
        ]

    async def expired(self, platforms: Sequence[Platform], now: int) -> Sequence[Post]:
        found: list[Post] = []
        for platform in platforms:
            left = await sql.expired(self.connection, platform=platform, now=now)
            found.extend(rows.post(row) for row in left)
        return found

    async def mark_sent(self, post_id: int, sent: Sent, at: int) -> None:
        await sql.mark_sent(
            self.connection, post_id=post_id, message_id=sent.message_id, poll_id=sent.poll_id, at=at
        )

    async def mark_again(self, post_id: int, not_before: int, *, doubtful: bool = False) -> None:
        if doubtful:
            await sql.mark_doubtful(self.connection, post_id=post_id)
        await sql.mark_again(self.connection, post_id=post_id, not_before=not_before)

    async def renew(self, post_id: int, at: int) -> None:
        await sql.renew_post(self.connection, post_id=post_id, at=at)
        self.queued = True

    async def mark_unknown(self, post_id: int) -> None:
        await sql.mark_unknown(self.connection, post_id=post_id)

    async def mark_failed(self, post_id: int, reason: str) -> None:
        await sql.mark_failed(self.connection, post_id=post_id, reason=reason)

    async def post(self, post_id: int) -> Post | None:
        row = await sql.post(self.connection, post_id=post_id)
        return rows.post(row) if row else None

    async def post_by_key(self, key: str) -> Post | None:
        row = await sql.post_by_key(self.connection, key=key)
        return rows.post(row) if row else None

    async def post_by_poll(self, poll_id: str) -> Post | None:
        row = await sql.post_by_poll(self.connection, poll_id=poll_id)
        return rows.post(row) if row else None

    async def unknown_posts(self, club_id: int, limit: int) -> Sequence[Post]:
        found = await sql.unknown_posts(self.connection, club_id=club_id, limit=limit)
        return [rows.post(row) for row in found]

    # Small things kept between runs

    async def keep(self, name: str, value: str) -> None:
        await sql.keep(self.connection, name=name, value=value)

    async def kept(self, name: str) -> str | None:
        value: str | None = await sql.kept(self.connection, name=name)
        return value


def _fold(name: str) -> str:
    """A name or handle as it is compared: without capitals, outer spaces and the @ that calls it."""
    return name.strip().removeprefix("@").casefold()
