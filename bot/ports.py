"""What the use cases need from the world. Each port has one folder of implementations."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from bot.domain.cadence import Beat
from bot.domain.clubs import (
    Account,
    Chat,
    ChatKind,
    Club,
    Keeper,
    Member,
    Platform,
    Thread,
    Trouble,
    Week,
)
from bot.domain.glossary import Term
from bot.domain.languages import ClubLanguage, Language
from bot.domain.papers import Paper
from bot.domain.plans import Plan
from bot.domain.posts import Draft, Post
from bot.domain.quizzes import Answer, Round, Score
from bot.domain.reading import Reading
from bot.messages.drawings import Drawing
from bot.messages.incoming import Incoming
from bot.messages.outgoing import Destination, Message, OpenThread, Reply, Sent


class Clock(Protocol):
    """The time."""

    def now(self) -> int:
        """Seconds since 1970, UTC."""
        ...


class Timer(Protocol):
    """How time passes, whatever the clock is set to."""

    def monotonic(self) -> float:
        """Seconds since some moment. It never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when this much time has passed."""
        ...


class Library(Protocol):
    """The papers, the plans and the glossary."""

    def paper(self, paper_id: str) -> Paper | None:
        """The paper with this id."""
        ...

    def held(self, papers: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some papers, by id, that are here, in their order."""
        ...

    def plan(self, plan_id: str) -> Plan | None:
        """The plan with this id."""
        ...

    def plans(self) -> Sequence[Plan]:
        """Every plan."""
        ...

    def find(self, words: str, plan: Plan) -> Sequence[Paper]:
        """Papers of a plan that match a number, an id or words in either language, best first.

        A number or an exact id gives that paper alone. Nothing alike gives nothing.
        """
        ...

    def nearest(self, words: str, plan: Plan) -> Paper | None:
        """The paper someone most likely meant; None when nothing is near."""
        ...

    def term(self, words: str) -> Term | None:
        """The term with this id, or called just this in either language: capitals, spaces, hyphens and a
        remark in brackets at the end make no difference."""
        ...

    def terms(self) -> Sequence[Term]:
        """Every term, by its English name."""
        ...

    def terms_like(self, words: str) -> Sequence[Term]:
        """Terms called something like this in either language, best first. Nothing alike gives nothing."""
        ...


class Standing(Struct, frozen=True):
    """A club with all that decides what time brings: the ids of the chats it meets in, its beats, the Mondays
    of its weeks of rest, its latest week, and whether that week's quiz was held."""

    club: Club
    chats: tuple[int, ...]
    beats: tuple[Beat, ...]
    rests: frozenset[date]
    week: Week | None
    quizzed: bool


@dataclass(slots=True)
class Passage:
    """What time has changed in some clubs: beats by club, weeks opened, weeks that went on or ended, and
    clubs that have moved along their plan."""

    beats: list[tuple[int, Beat]] = field(default_factory=list)
    opened: list[Week] = field(default_factory=list)
    changed: list[Week] = field(default_factory=list)
    moved: list[Club] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a person sits when they speak: the chat, its club, and who they are in it."""

    chat: Chat
    club: Club
    member: Member | None


class ClubRecords(Protocol):
    """Clubs, and the chats they meet in."""

    async def seat(self, platform: Platform, chat_id: str, user_id: str) -> Seat | None: ...
    async def home(self, account: Account) -> int | None:
        """The club an account was last active in."""
        ...

    async def settle(self, account: Account, club_id: int) -> None:
        """Make a club the one an account means in private chats."""
        ...

    async def add_club(self, title: str, language: ClubLanguage, zone: str, plan_id: str, at: int) -> int: ...
    async def club(self, club_id: int) -> Club | None: ...
    async def clubs(self) -> Sequence[Club]: ...
    async def add_chat(
        self, club_id: int, platform: Platform, chat_id: str, kind: ChatKind, topics: bool
    ) -> int:
        """Add a chat to a club, or take it over from the club it had."""
        ...

    async def chat(self, platform: Platform, chat_id: str) -> Chat | None: ...
    async def chats(self, club_id: int) -> Sequence[Chat]:
        """The active chats of a club."""
        ...

    async def set_chat_active(self, chat_id: int, active: bool) -> None:
        """Open a chat for posts, which ends its trouble, or close it: its posts wait."""
        ...

    async def set_keeper(self, chat_id: int, user_id: str, language: Language) -> None:
        """Note which account of the chat's platform is to be told about it; writes only what is new."""
        ...

    async def keeper(self, chat_id: int) -> Keeper | None: ...
    async def set_trouble(self, chat_id: int, trouble: Trouble) -> bool:
        """Note why nothing can be posted in a chat; True while its keeper has not been told."""
        ...

    async def mark_told(self, chat_id: int) -> None: ...
    async def troubles(self, club_id: int) -> Sequence[tuple[Chat, Trouble]]:
        """The chats of a club in which nothing can be posted, and why."""
        ...

    async def chats_in_trouble(self, platform: Platform) -> Sequence[Chat]: ...
    async def set_chat_topics(self, chat_id: int, topics: bool) -> None: ...
    async def move_chat(self, chat_id: int, new_chat_id: str) -> None: ...
    async def set_language(self, club_id: int, language: ClubLanguage) -> None: ...
    async def set_zone(self, club_id: int, zone: str) -> None: ...
    async def set_plan(self, club_id: int, plan_id: str, position: int) -> None:
        """Put a club at a place of a plan, with no paper out of turn and no question open."""
        ...

    async def set_encore(self, club_id: int, paper_id: str | None) -> None:
        """The paper that comes next although its place in the plan is another."""
        ...

    async def set_start(self, club_id: int, day: date | None) -> None:
        """The local day before which no paper comes."""
        ...

    async def set_paused(self, club_id: int, paused: bool) -> None: ...


class MemberRecords(Protocol):
    """Members, and the accounts they speak through."""

    async def enrol(
        self, club_id: int, account: Account, name: str, username: str, at: int
    ) -> tuple[Member, bool]:
        """The member for an account, made or brought back when needed; True when that changed something."""
        ...

    async def leave(self, member_id: int, at: int) -> None: ...
    async def member_by_account(self, club_id: int, account: Account) -> Member | None: ...
    async def member_by_name(self, club_id: int, platform: Platform, name: str) -> Member | None:
        """A member by handle on a platform, or by name, capitals aside."""
        ...


class CadenceRecords(Protocol):
    """When things happen, and the weeks that have."""

    async def beats(self, club_id: int) -> Sequence[Beat]:
        """A club's beats, the next first; those that wait for a paper at the end."""
        ...

    async def set_beats(self, club_id: int, beats: Iterable[Beat]) -> None:
        """Give a club these beats and no others."""
        ...

    async def anything_due(self, now: int) -> bool:
        """Whether a beat of any club that is not paused is due now or before."""
        ...

    async def due_standings(self, now: int, limit: int) -> Sequence[Standing]:
        """Clubs that are not paused and have a beat due now or before: those of the `limit` oldest beats. Of
        their beats, those that are due, and those that are counted from a paper."""
        ...

    async def standing(self, club_id: int) -> Standing | None: ...
    async def pass_time(self, passage: Passage) -> None:
        """Keep what time has changed. Raises, and keeps nothing, when a week is opened twice."""
        ...

    async def rests(self, club_id: int) -> Sequence[date]:
        """The Mondays of a club's weeks of rest, in order."""
        ...

    async def add_rests(self, club_id: int, mondays: Iterable[date]) -> None: ...
    async def drop_rests(self, club_id: int, mondays: Iterable[date]) -> None: ...
    async def forget_rests(self, club_id: int, before: date) -> None:
        """Forget the weeks of rest before a week, which is named by its Monday."""
        ...

    async def next_zone(self, zone: str) -> str | None:
        """The first zone that a club lives in, by name, after a zone."""
        ...

    async def clubs_in_zone(self, zone: str, after_id: int, limit: int) -> Sequence[int]:
        """Some of the clubs of a zone, by id, after an id."""
        ...

    async def latest_week(self, club_id: int) -> Week | None: ...
    async def weeks_read(self, club_id: int, member_id: int) -> Sequence[tuple[int, bool]]:
        """Each opened week's number, and whether the member has read its paper."""
        ...

    async def cast(self, club_id: int, ballot: int, member_id: int, choice: str) -> None:
        """A member's choice of what to read next, or another one in its place. `ballot` is when the club was
        asked."""
        ...

    async def tally(self, club_id: int, ballot: int) -> Sequence[tuple[str, int]]:
        """What was chosen and by how many, most votes first."""
        ...


class ReadingRecords(Protocol):
    """Who has read what."""

    async def reading(self, member_id: int, paper_id: str) -> Reading | None: ...
    async def readings(self, member_id: int) -> Sequence[Reading]: ...
    async def record_reading(self, reading: Reading, club_id: int) -> None: ...
    async def erase_reading(self, member_id: int, paper_id: str, club_id: int) -> bool:
        """Take a reading back; False when there was none."""
        ...

    async def readers(self, club_id: int, paper_id: str) -> int:
        """How many active members have read a paper (a skim is not counted)."""
        ...

    async def reader_names(self, club_id: int, paper_id: str, limit: int) -> Sequence[str]: ...


class QuizRecords(Protocol):
    """Rounds of questions, and what was answered."""

    async def open_round(
        self, club_id: int, paper_id: str, owner_id: int | None, questions: Sequence[str], at: int
    ) -> Round: ...
    async def round(self, round_id: int) -> Round | None: ...
    async def latest_round(self, club_id: int, paper_id: str, owner_id: int | None) -> Round | None: ...
    async def answer(
        self, round_: Round, member_id: int, question_id: str, choice: int, right: bool, at: int
    ) -> bool:
        """Count a first answer; False when the member had answered this question of the round."""
        ...

    async def answers(self, round_id: int, member_id: int) -> Sequence[Answer]: ...
    async def scores(self, member_id: int) -> Sequence[Score]:
        """The member's latest quiz on each paper."""
        ...

    async def hardest(self, round_id: int) -> tuple[str, int, int] | None:
        """The question of a round most often answered wrongly, with right and given answers."""
        ...

    async def round_people(self, round_id: int) -> int:
        """How many members have answered at least one question of a round."""
        ...


class DiscussionRecords(Protocol):
    """Where papers are discussed."""

    async def thread(self, chat_id: int, paper_id: str) -> Thread | None: ...
    async def set_thread(self, thread: Thread) -> None: ...


class LedgerRecords(Protocol):
    """The delivery ledger."""

    async def queue(self, draft: Draft) -> bool:
        """Put a post in the ledger; False when its key is there already."""
        ...

    async def queue_all(self, drafts: Sequence[Draft]) -> None:
        """Put posts in the ledger, passing over those whose key is there already."""
        ...

    async def due_posts(self, platform: Platform, now: int, limit: int) -> Sequence[Post]:
        """The first post in the line of each chat that has none under way, where it is due: oldest first."""
        ...

    async def take(self, posts: Sequence[Post], now: int, lease: int) -> Sequence[Post]:
        """Take posts for `lease` seconds; those that are no longer to be had are left out.

        Each is marked *sending* and its attempt counted, so the intent is on record before the send.
        """
        ...

    async def postpone(self, post_id: int, not_before: int) -> None:
        """Let a post that waits in line wait until an instant."""
        ...

    async def under_way(self, platform: Platform) -> Sequence[Post]:
        """Every post that is marked *sending*."""
        ...

    async def expired(self, platform: Platform, now: int) -> Sequence[Post]:
        """Posts that are marked *sending* although their lease has run out."""
        ...

    async def mark_sent(self, post_id: int, sent: Sent, at: int) -> None:
        """The platform took a post, which also ends the trouble of its chat."""
        ...

    async def mark_again(self, post_id: int, not_before: int, *, doubtful: bool = False) -> None:
        """Put a post back in line, for another attempt at a later time. `doubtful` remembers that the last
        attempt may have arrived."""
        ...

    async def hasten(self, chat_id: int, at: int) -> None:
        """Let a chat's waiting posts be tried at an instant, and not later."""
        ...

    async def renew(self, post_id: int, at: int) -> None:
        """Make a post due anew at an instant, as if it had never been tried."""
        ...

    async def mark_unknown(self, post_id: int) -> None: ...
    async def mark_failed(self, post_id: int, reason: str) -> None: ...
    async def post(self, post_id: int) -> Post | None: ...
    async def post_by_key(self, key: str) -> Post | None: ...
    async def post_by_poll(self, poll_id: str) -> Post | None: ...
    async def unknown_posts(self, club_id: int, limit: int) -> Sequence[Post]: ...


class KeptRecords(Protocol):
    """Small things kept between runs."""

    async def keep(self, name: str, value: str) -> None: ...
    async def kept(self, name: str) -> str | None: ...


class Records(
    ClubRecords,
    MemberRecords,
    CadenceRecords,
    ReadingRecords,
    QuizRecords,
    DiscussionRecords,
    LedgerRecords,
    KeptRecords,
    Protocol,
):
    """The record inside one transaction. Times are seconds since 1970, UTC.

    Nothing here costs more as clubs, members or records grow in number.
    """


class StorageUnavailable(Exception):
    """The record cannot be used now, and nothing of the transaction was kept. It may work again by itself:
    whoever comes in time's name just tries again. The store has told the host; `key` is what to tell
    people."""

    key = "error.storage.unavailable"


class StorageFull(StorageUnavailable):
    """There is no room to write. Reading works."""

    key = "error.storage.full"


class StorageBusy(StorageUnavailable):
    """Somebody else has been writing for longer than we wait. Reading works."""

    key = "error.storage.busy"


class Store(Protocol):
    """Where the record is kept. Raises StorageUnavailable when it cannot be used."""

    def read(self) -> AbstractAsyncContextManager[Records]:
        """A consistent view; writing in it fails."""
        ...

    def write(self) -> AbstractAsyncContextManager[Records]:
        """One transaction: all of it is kept, or, when the block raises, none. One at a time, also among
        the processes that share the record."""
        ...

    def lead(
        self, name: str, on_standing_by: Callable[[], None] = ...
    ) -> AbstractAsyncContextManager[asyncio.Event]:
        """Enter when no other process that shares the record leads under this name; until the block ends,
        none does. `on_standing_by` is called once if another one does now.

        The event is set when that can no longer be vouched for: the block should then end soon.
        """
        ...


class NotSent(Exception):
    """The platform surely did not take the message; it may later. `retry_after` is in seconds."""

    def __init__(self, reason: str, retry_after: int = 5) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Refusal(StrEnum):
    """What a refusal says about the place that a message was meant for."""

    CONTENT = "content"
    """Nothing: this message is at fault, and the next may pass."""

    THREAD = "thread"
    """There is no such thread, or none can be had; the chat at large is open."""

    BARRED = "barred"
    """We are in the chat, but lack a right that we may be given again."""

    GONE = "gone"
    """The chat is closed to us: we were removed or blocked, or it was deleted."""

    MOVED = "moved"
    """The chat has another id now."""


class Refused(Exception):
    """The platform will not take this message here. `moved_to` is the chat's new id when it has *moved*."""

    def __init__(
        self, reason: str, refusal: Refusal = Refusal.CONTENT, *, moved_to: str | None = None
    ) -> None:
        super().__init__(reason)
        self.refusal = Refusal.MOVED if moved_to else refusal
        self.moved_to = moved_to


class Ambiguous(Exception):
    """The message may or may not have arrived."""


class Listener(Protocol):
    """The way into the house for whatever a platform hears."""

    async def handle(self, incoming: Incoming) -> Reply | None:
        """The answer to one event, or None for silence. Raises nothing."""
        ...


class Pace(Protocol):
    """How fast a platform takes posts. Whoever sends one looks for room, takes a turn, and then sends.

    Times are seconds from now. Replies are paced by the messenger itself, and go first.
    """

    def wait(self) -> float:
        """How long until a post may begin anywhere; 0 when one may now."""
        ...

    def wait_in(self, chat_id: str) -> float:
        """How long until a post may begin in a chat, apart from `wait`; 0 when one may now."""
        ...

    def room(self) -> int:
        """How many posts may begin now."""
        ...

    def take(self, chat_id: str) -> None:
        """Count a post that begins in a chat now."""
        ...


class Messenger(Protocol):
    """Sends to one platform. Raises NotSent, Refused or Ambiguous."""

    platform: Platform
    repeatable_for: int
    """How long, in seconds, sending again with the same key cannot double a post; 0 when it can."""

    @property
    def pace(self) -> Pace | None:
        """What `send` and `open_thread` need a turn of, taken before they are called; None where nothing
        limits them."""
        ...

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Send one message. `key` is the ledger id, the same at every attempt."""
        ...

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a thread. The result's thread id is None where a chain of replies has to do."""
        ...

    async def tell(self, user_id: str, message: Message) -> None:
        """Write to one person in private, where they let us."""
        ...

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a person may change the club's settings in a chat."""
        ...


class Painter(Protocol):
    """Draws pictures."""

    def svg(self, drawing: Drawing) -> str:
        """A drawing as SVG, light or dark as whoever looks at it prefers."""
        ...

    async def png(self, drawing: Drawing) -> bytes | None:
        """A drawing as PNG, in light; None when it cannot be drawn here, and its words have to do."""
        ...


class Unauthorised(Exception):
    """A platform does not accept our token. `setting` names the setting that holds it."""

    def __init__(self, setting: str) -> None:
        super().__init__(f"{setting} was refused")
        self.setting = setting


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A line of the web room. Times are seconds since 1970, UTC.

    `body` is JSON that only the web adapter reads. `seen_by` is the one user it is shown to, None
    for everybody. `replies` counts the lines of the thread that this line opens, and is None when it
    opens none; that thread's id is this line's id as text.
    """

    id: int
    chat_id: str
    thread_id: str | None
    seen_by: str | None
    author: str
    body: str
    at: int
    edited_at: int | None
    replies: int | None


class Room(Protocol):
    """What has been said in the web room. Every call is a transaction of its own."""

    async def add(
        self,
        chat_id: str,
        author: str,
        body: str,
        at: int,
        *,
        thread_id: str | None = None,
        seen_by: str | None = None,
        opens_thread: bool = False,
        post_key: int | None = None,
    ) -> int:
        """Add a line and give its id; a post key that is there already gives that line's id, unchanged."""
        ...

    async def edit(self, line_id: int, body: str, at: int) -> None:
        """Put another body in place of a line's."""
        ...

    async def line(self, line_id: int) -> RoomLine | None: ...
    async def since(
        self, chat_id: str, viewer: str, after_id: int, limit: int, thread_id: str | None = None
    ) -> Sequence[RoomLine]:
        """What a viewer may see of a chat (without its threads) or of one thread, after a line.

        The newest `limit` lines, oldest first.
        """
        ...

    async def threads(self, chat_id: str) -> Sequence[RoomLine]:
        """The lines that opened a chat's threads, newest first."""
        ...

    async def follow(self, changed: Callable[[int], Awaitable[None]]) -> None:
        """Call for each line that another process adds or changes, one after the other, until cancelled."""
        ...
