"""What time asks for: the beats that are due become posts in the ledger."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.domain.cadence import zone_rules
from bot.domain.clubs import Club, Week
from bot.domain.course import REST, Course, Happening, HappeningKind, coming, hold
from bot.domain.errors import Problem
from bot.domain.posts import Draft, PostKind
from bot.domain.rearranging import realigned
from bot.ports import Passage, Records, Standing
from bot.use_cases.asking import Tools
from bot.use_cases.courses import course, course_of, retime
from bot.use_cases.quizzes import queue_group_quiz

log = logging.getLogger(__name__)

BATCH = 500
"""How many due beats one transaction takes, so that no tick holds the writer for long."""

BREATH = 50
"""After so many clubs others get their turn in the loop."""


async def hold_due_beats(tools: Tools) -> int:
    """Queue what is due for every club, and move each beat to its next time in the same transaction.

    Returns how many beats were due.
    """
    total = 0
    async with tools.store.read() as records:
        if not await records.anything_due(tools.clock.now()):
            return total
    while True:
        async with tools.store.write() as records:
            now = tools.clock.now()
            standings = await records.due_standings(now, BATCH)
            harvest = _Harvest(tools, records)
            for number, standing in enumerate(standings, start=1):
                total += await _hold(harvest, standing, now)
                if number % BREATH == 0:
                    await asyncio.sleep(0)
            await harvest.bring_in()
        if not standings:
            return total


async def _hold(harvest: "_Harvest", standing: Standing, now: int) -> int:
    """Hold what is due for one club; how many beats that was."""
    try:
        before = await course_of(harvest.tools, harvest.records, standing)
    except Problem as problem:
        # One club whose plan is gone must not stop the time of all others, nor its own.
        log.warning("a beat could not be held: %s", problem, extra={"club": standing.club.id})
        before = _planless(standing)
    after, happened = hold(before, now)
    await harvest.take(standing, before, after, happened)
    return sum(beat.next_at is not None and beat.next_at <= now for beat in before.beats)


def _planless(standing: Standing) -> Course:
    """A course on which time only moves on: without papers and a week nothing happens, and a vote stays
    open."""
    club = standing.club
    return Course(
        club.id,
        ZoneInfo(club.zone),
        standing.beats,
        rests=standing.rests,
        starts_on=club.starts_on,
        ending=club.ending,
        asked_at=club.asked_at,
    )


async def upcoming(tools: Tools, records: Records, club: Club) -> Happening | None:
    """What happens next in a club, at its time; None when nothing is left."""
    if club.paused:
        return None
    _, happened = coming(await course(tools, records, club.id), tools.clock.now())
    return happened[0] if happened else None


async def bring_forward(tools: Tools, club_id: int) -> Happening | None:
    """Let what happens next in a club happen now instead of at its time; None when nothing is left.

    A paper brought forward takes its week with it: the beats that follow it keep their times.
    """
    async with tools.store.write() as records:
        standing = await records.standing(club_id)
        if standing is None or standing.club.paused:
            return None
        before, now = await course_of(tools, records, standing), tools.clock.now()
        after, happened = coming(before, now)
        harvest = _Harvest(tools, records)
        await harvest.take(standing, before, after, [_at(happening, now) for happening in happened])
        await harvest.bring_in()
        return happened[0] if happened else None


def _at(happening: Happening, now: int) -> Happening:
    """The same happening, now."""
    week = happening.week
    if week and happening.kind is HappeningKind.PAPER:
        week = replace(week, opened_at=now)
    return replace(happening, due_at=now, week=week)


async def obey_new_zone_rules(tools: Tools) -> None:
    """Move the beats of all clubs whose zone's rules have changed since this was last asked, so that they
    come at the local times they are meant for. For the start, as rules change only with a new release of
    the tz database.

    Costs a look at each zone in use, and work only for clubs in zones that have changed.
    """
    zone: str | None = ""
    while True:
        async with tools.store.read() as records:
            zone = await records.next_zone(zone or "")
            if zone is None:
                return
            rules = zone_rules(ZoneInfo(zone), tools.clock.now())
            known = await records.kept(f"zone.{zone}") == rules
        if not known:
            await _realign(tools, zone)
            async with tools.store.write() as records:
                await records.keep(f"zone.{zone}", rules)


async def _realign(tools: Tools, zone: str) -> None:
    last = 0
    while True:
        async with tools.store.write() as records:
            clubs = await records.clubs_in_zone(zone, last, BATCH)
            for club_id in clubs:
                standing = await records.standing(club_id)
                if standing:
                    before = Course(club_id, ZoneInfo(standing.club.zone), standing.beats)
                    await retime(records, before, realigned(before))
        if not clubs:
            return
        last = clubs[-1]


@dataclass
class _Harvest:
    """What the happenings of some clubs add to the record, written down together."""

    tools: Tools
    records: Records
    passage: Passage = field(default_factory=Passage)
    drafts: list[Draft] = field(default_factory=list)

    async def take(
        self, standing: Standing, before: Course, after: Course, happened: Sequence[Happening]
    ) -> None:
        """Gather what one club's course has changed and brought."""
        for old, new in zip(before.beats, after.beats, strict=True):
            if old.next_at != new.next_at:
                self.passage.beats.append((standing.club.id, new))
        club = standing.club
        for happening in happened:
            club = await self._bring(standing, club, happening)
        club = replace(club, ending=after.ending, asked_at=after.asked_at)
        if club != standing.club:
            self.passage.moved.append(club)

    async def bring_in(self) -> None:
        """Write everything down."""
        await self.records.pass_time(self.passage)
        await self.records.queue_all(self.drafts)

    async def _bring(self, standing: Standing, club: Club, happening: Happening) -> Club:
        """Gather what one happening brings; the club after it."""
        week, due_at = happening.week, happening.due_at
        if happening.closes:
            self._change(replace(happening.closes, closed_at=due_at))
        if week is None:
            return club
        match happening.kind:
            case HappeningKind.PAPER:
                self.passage.opened.append(week)
                self._tell(standing.meets.told, week, PostKind.PAPER, due_at)
                return self._further(club, week.paper_id)
            case HappeningKind.QUIZ:
                paper = self.tools.library.paper(week.paper_id)
                if paper:
                    chats = standing.meets.talks
                    await queue_group_quiz(self.records, club, paper, chats, due_at, week.number)
            case HappeningKind.PROMPT:
                self._change(week)
                self._tell(standing.meets.talks, week, PostKind.PROMPT, due_at, happening.slot)
            case HappeningKind.RECAP:
                self._tell(standing.meets.told, week, PostKind.RECAP, due_at)
            case HappeningKind.CLOSING:
                self._ask(standing, week, PostKind.CLOSING, due_at)
            case HappeningKind.REMINDER:
                self._ask(standing, week, PostKind.REMINDER, due_at)
            case HappeningKind.CHOSEN if happening.choice == REST:
                self._ask(standing, week, PostKind.RESTING, due_at)
                await self.records.set_paused(club.id, True)
            case HappeningKind.CHOSEN:
                await self.records.set_plan(club.id, happening.choice, 0)
                return replace(club, plan_id=happening.choice, position=0)
        return club

    def _change(self, week: Week) -> None:
        """Gather a week as it now is, whether it was opened just before or long ago."""
        opened = self.passage.opened
        if opened and (opened[-1].club_id, opened[-1].number) == (week.club_id, week.number):
            opened[-1] = week
        else:
            self.passage.changed.append(week)

    def _further(self, club: Club, paper_id: str) -> Club:
        """The club with a paper opened. One that came out of turn leaves the place in the plan as it is."""
        if paper_id == club.encore:
            return replace(club, encore=None)
        return replace(club, position=self.tools.plan(club).number(paper_id) or club.position)

    def _tell(self, chats: Sequence[int], week: Week, kind: PostKind, due_at: int, slot: int = 0) -> None:
        self.drafts += [_draft(chat_id, week, kind, due_at, slot) for chat_id in chats]

    def _ask(self, standing: Standing, week: Week, kind: PostKind, due_at: int) -> None:
        """Queue what belongs to no week. A club that has rested is asked again under the same week, so the
        time is what makes the key."""
        for chat_id in standing.meets.told:
            key = f"{chat_id}:{kind}:{due_at}"
            self.drafts.append(Draft(chat_id, key, kind, week.paper_id, due_at, week.number))


def _draft(chat_id: int, week: Week, kind: PostKind, due_at: int, slot: int = 0) -> Draft:
    """A post of a week. The key is what makes it happen once: chat, week, and what it is."""
    key = f"{chat_id}:week:{week.number}:{kind}" + (f":{slot}" if slot else "")
    return Draft(chat_id, key, kind, week.paper_id, due_at, week.number, number=slot)
