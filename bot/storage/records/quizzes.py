"""Rounds of questions, and what was answered."""

import json
from collections.abc import Collection, Mapping, Sequence

from bot.domain.clubs import Chat
from bot.domain.quizzes import Answer, Round, Score
from bot.messages.actions import as_bits
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class QuizRecords(Family):
    """Rounds of questions, and what was answered. What each method means stands at the port."""

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

    async def open_live_round(
        self, chat: Chat, paper_id: str, questions: Sequence[str], seconds: int, at: int
    ) -> Round:
        round_id = await sql.open_live_round(
            self.connection,
            club_id=chat.club_id,
            chat_id=chat.id,
            paper_id=paper_id,
            questions=json.dumps(list(questions)),
            seconds=seconds,
            at=at,
        )
        return Round(round_id, chat.club_id, paper_id, None, tuple(questions), chat.id, seconds)

    async def reach(self, round_id: int, number: int, until: int) -> None:
        await sql.reach(self.connection, round_id=round_id, number=number, until=until)

    async def live_round(self, chat_id: int) -> Round | None:
        row = await sql.live_round(self.connection, chat_id=chat_id)
        return rows.round_(row) if row else None

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
        self, round_: Round, member_id: int, question_id: str, choices: Collection[int], right: bool, at: int
    ) -> bool:
        first = await sql.add_answer(
            self.connection,
            round_id=round_.id,
            member_id=member_id,
            question_id=question_id,
            choices=as_bits(choices),
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

    async def question_counts(self, round_id: int) -> Mapping[str, tuple[int, int]]:
        counts = await sql.question_counts(self.connection, round_id=round_id)
        return {question_id: (right, answered) for question_id, right, answered in counts}

    async def perfect(self, round_id: int, limit: int) -> tuple[int, Sequence[str]]:
        round_ = await self.round(round_id)
        asked = len(round_.questions) if round_ else 0
        names = [name for (name,) in await sql.perfect(self.connection, round_id=round_id, asked=asked)]
        return len(names), names[:limit]

    async def round_people(self, round_id: int) -> int:
        people: int | None = await sql.round_people(self.connection, round_id=round_id)
        return people or 0
