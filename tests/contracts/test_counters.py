"""Whatever happens in whatever order, a kept counter is what counting afresh would give."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.clubs import Account, Platform
from bot.domain.quizzes import Round, Score
from bot.domain.reading import Level, Reading
from bot.ports import Records, Store
from tests.contracts.store import IMPLEMENTATIONS, join, new_club

PEOPLE = ("ann", "ben", "cai")
PAPERS = ("a", "b")
QUESTIONS = ("q1", "q2", "q3")


@dataclass(frozen=True)
class Step:
    """Something that happens in a club; each kind uses what it needs."""

    what: str
    who: str
    paper: str
    level: Level
    round: int
    question: str
    right: bool


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(("enrol", "leave", "record", "erase", "open round", "answer", "answer")),
        who=st.sampled_from(PEOPLE),
        paper=st.sampled_from(PAPERS),
        level=st.sampled_from(Level),
        round=st.integers(0, 3),
        question=st.sampled_from(QUESTIONS),
        right=st.booleans(),
    ),
    max_size=40,
)


@dataclass
class Facts:
    """The record as bare facts, in which everything is counted afresh."""

    active: set[str] = field(default_factory=lambda: set(PEOPLE))
    levels: dict[tuple[str, str], Level] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    answers: dict[tuple[int, str, str], bool] = field(default_factory=dict)

    def readers(self, paper: str) -> int:
        return sum(self.levels.get((who, paper), 0) >= Level.READ for who in self.active)

    def papers_read(self, who: str) -> int:
        return sum(self.levels.get((who, paper), 0) >= Level.READ for paper in PAPERS)

    def people(self, round_id: int) -> int:
        return len({who for answered, who, _ in self.answers if answered == round_id})

    def hardest(self, round_id: int) -> tuple[str, int, int] | None:
        tried = []
        for question in QUESTIONS:
            given = [self.answers.get((round_id, who, question)) for who in PEOPLE]
            right, wrong = given.count(True), given.count(False)
            if wrong:
                tried.append((-wrong, right + wrong, question, right))
        if not tried:
            return None
        _, answered, question, right = min(tried)
        return question, right, answered

    def scores(self, who: str) -> set[Score]:
        scores = {}
        for round_ in self.rounds:
            given = [
                right
                for (answered, by, _), right in self.answers.items()
                if (answered, by) == (round_.id, who)
            ]
            if given:
                scores[round_.paper_id] = Score(round_.paper_id, sum(given), len(given), len(QUESTIONS))
        return set(scores.values())


async def take(step: Step, records: Records, facts: Facts, club_id: int, member_id: int, at: int) -> None:
    """Take a step in the store and among the facts."""
    match step.what:
        case "enrol":
            await join(records, club_id, Account(Platform.WEB, step.who))
            facts.active.add(step.who)
        case "leave":
            await records.leave(member_id, at)
            facts.active.discard(step.who)
        case "record":
            await records.record_reading(Reading(member_id, step.paper, step.level, "", at), club_id)
            facts.levels[step.who, step.paper] = step.level
        case "erase":
            erased = await records.erase_reading(member_id, step.paper, club_id)
            assert erased == (facts.levels.pop((step.who, step.paper), None) is not None)
        case "open round":
            facts.rounds.append(await records.open_round(club_id, step.paper, None, QUESTIONS, at))
        case "answer" if step.round < len(facts.rounds):
            round_ = facts.rounds[step.round]
            key = (round_.id, step.who, step.question)
            first = await records.answer(round_, member_id, step.question, (0,), step.right, at)
            assert first == (key not in facts.answers)
            facts.answers.setdefault(key, step.right)


async def assert_counted(records: Records, facts: Facts, club_id: int) -> None:
    club = await records.club(club_id)
    assert club is not None
    assert club.members == len(facts.active)
    for paper in PAPERS:
        assert await records.readers(club_id, paper) == facts.readers(paper)
        assert len(await records.reader_names(club_id, paper, 9)) == facts.readers(paper)
    for who in PEOPLE:
        member = await records.member_by_account(club_id, Account(Platform.WEB, who))
        assert member is not None
        assert (member.active, member.papers_read) == (who in facts.active, facts.papers_read(who))
        assert set(await records.scores(member.id)) == facts.scores(who)
    for round_ in facts.rounds:
        assert await records.round_people(round_.id) == facts.people(round_.id)
        assert await records.hardest(round_.id) == facts.hardest(round_.id)


async def live_through(store: Store, steps: list[Step]) -> None:
    facts = Facts()
    async with store.write() as records:
        club_id = await new_club(records)
        ids = {who: await join(records, club_id, Account(Platform.WEB, who)) for who in PEOPLE}
        for at, step in enumerate(steps):
            await take(step, records, facts, club_id, ids[step.who], at)
    async with store.read() as records:
        await assert_counted(records, facts, club_id)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_counters_are_what_a_recount_gives(implementation: str, steps: list[Step]) -> None:
    async def scenario(folder: Path) -> None:
        database = IMPLEMENTATIONS[implementation](folder)
        try:
            store, _ = await database.open()
            await live_through(store, steps)
        finally:
            await database.remove()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder)))
