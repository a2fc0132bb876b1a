"""What every use case is given: the tools of the house, and one question with who asks it and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.domain.cadence import Beat
from bot.domain.clubs import Chat, ChatKind, Club, Member, Platform
from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage
from bot.domain.papers import Paper
from bot.domain.plans import Plan
from bot.messages.cards import voices
from bot.messages.incoming import Place, Sender
from bot.messages.texts import Texts, Words
from bot.ports import Clock, Library, Messenger, Records, Store


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new club starts with. Without a language it takes that of whoever brought the bot."""

    language: ClubLanguage | None
    zone: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports, put together once by the app."""

    clock: Clock
    store: Store
    library: Library
    texts: Texts
    defaults: Defaults
    presets: Mapping[str, Sequence[Beat]]
    messengers: dict[Platform, Messenger] = field(default_factory=dict)

    def plan(self, club: Club) -> Plan:
        """The club's plan. Raises Problem when its file is gone."""
        plan = self.library.plan(club.plan_id)
        if plan is None:
            raise Problem("error.plan.gone", plan=club.plan_id)
        return plan

    def ahead(self, club: Club) -> tuple[str, ...]:
        """The papers a club has still to read, the next first: one out of turn, then those of its plan, after
        those it has opened, that the library holds. Raises Problem when the plan is gone."""
        rest = self.plan(club).papers[club.position :]
        return self.library.held((club.encore, *rest) if club.encore else rest)

    def papers_of(self, plan_id: str) -> tuple[str, ...]:
        """The ids of a plan's papers; none when the plan is gone."""
        plan = self.library.plan(plan_id)
        return plan.papers if plan else ()

    def upcoming(self, club: Club) -> Paper | None:
        """The paper a club reads next; None at the end of the plan."""
        ahead = self.ahead(club)
        return self.library.paper(ahead[0]) if ahead else None

    def known_paper(self, paper_id: str) -> Paper:
        """A paper by id. Raises Problem when its file is gone."""
        paper = self.library.paper(paper_id)
        if paper is None:
            raise Problem("error.paper.gone", paper=paper_id)
        return paper


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, inside one transaction. `chat` is None in a private talk with a member of a group.
    `posted` tells that it was asked by a button of a post, which stays as it is."""

    tools: Tools
    records: Records
    sender: Sender
    place: Place
    chat: Chat | None
    club: Club
    known: Member | None
    words: Words
    now: int
    organiser: bool = False
    posted: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether nobody else is listening."""
        return self.place.kind is ChatKind.PRIVATE

    @property
    def spoken(self) -> tuple[Words, ...]:
        """The words of what everybody sees, the leading language first; in private, the asker's own."""
        both = self.club.language is ClubLanguage.BOTH and not self.private
        return voices(self.tools.texts, self.club.language) if both else (self.words,)

    @property
    def topic(self) -> str | None:
        """The forum topic it was asked in; None in the chat at large, and where threads are no topics."""
        topics = self.place.topics or self.place.kind is ChatKind.FORUM
        return self.place.thread_id if topics else None

    @property
    def zone(self) -> ZoneInfo:
        """The club's time zone."""
        return ZoneInfo(self.club.zone)

    @property
    def plan(self) -> Plan:
        """The club's plan."""
        return self.tools.plan(self.club)

    async def member(self) -> Member:
        """The asker as a member, enrolled now when they were not."""
        member, _ = await self.enrol()
        return member

    async def enrol(self) -> tuple[Member, bool]:
        """The asker as a member; True when this enrolled them or brought them back. Raises Problem when the
        platform does not say who they are."""
        if self.sender.nameless:
            raise Problem("error.nameless")
        who = self.sender
        member, new = await self.records.enrol(self.club.id, who.account, who.name, who.username, self.now)
        if not self.private or new:
            await self.records.settle(who.account, self.club.id)
        return member, new

    async def this_paper(self) -> Paper:
        """This week's paper; before the first week, the one that comes first."""
        week = await self.records.latest_week(self.club.id)
        if week:
            return self.tools.known_paper(week.paper_id)
        first = self.tools.upcoming(self.club)
        if first is None:
            raise Problem("error.plan.finished")
        return first

    async def wanted_paper(self) -> Paper:
        """The paper named by the option `paper`; this week's when none is named.

        Raises Problem, with the nearest paper, when nothing matches.
        """
        asked = self.options.get("paper", "").strip()
        if not asked:
            return await self.this_paper()
        # By its id also a paper of a plan the club has left, whose buttons still stand in the chat.
        exact = self.tools.library.paper(asked)
        found = (exact,) if exact else self.tools.library.find(asked, self.plan)
        if found:
            return found[0]
        near = self.tools.library.nearest(asked, self.plan)
        if near is None:
            raise Problem("error.paper.unknown", asked=asked)
        number = self.plan.number(near.id)
        raise Problem("error.paper.near", asked=asked, title=near.title[self.words.language], number=number)
