"""The record inside one transaction, one protocol for each family of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from bot.domain.cadence import Beat
from bot.domain.clubs import Account, Chat, ChatKind, Club, Keeper, Member, Platform, Thread, Trouble, Week
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import Draft, Post
from bot.domain.quizzes import Answer, Round, Score
from bot.domain.reading import Reading
from bot.messages.incoming import Receipt
from bot.messages.outgoing import Sent


class Meets(Struct, frozen=True):
    """The row ids of a club's active chats: those in which it is told what comes, and those in which it
    talks. Only a channel and its discussion group are not both."""

    told: tuple[int, ...]
    talks: tuple[int, ...]


class Standing(Struct, frozen=True):
    """A club with all that decides what time brings: where it meets, its beats, the Mondays of its weeks of
    rest, its latest week, and whether that week's quiz was held."""

    club: Club
    meets: Meets
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


class UpdateState(StrEnum):
    """How far an update has come: its effects are on record, or there was nothing to record and its answer
    may be under way."""

    NEW = "new"
    RECORDED = "recorded"
    ANSWERING = "answering"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LeftUpdate:
    """An update that is not done. It has no body when it could not be kept before it was handled."""

    update_id: int
    state: UpdateState
    body: str | None


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
    async def chat_by_row(self, chat_id: int) -> Chat | None: ...
    async def chats(self, club_id: int) -> Sequence[Chat]:
        """The active chats of a club."""
        ...

    async def set_chat_active(self, chat_id: int, active: bool) -> None:
        """Open a chat for posts, which ends its trouble, or close it: its posts wait, and it belongs
        together with no other."""
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
    async def set_topic(self, chat_id: int, topic: str | None) -> None:
        """The forum topic to which the week's posts go; None for the chat at large."""
        ...

    async def set_mention(self, chat_id: int, role_id: str | None) -> None: ...
    async def set_reader(self, chat_id: int, role_id: str | None) -> None: ...
    async def set_events(self, chat_id: int, events: bool) -> None: ...
    async def link(self, chat_id: int, other_id: int) -> None:
        """Join a channel and its discussion group, and part both from others."""
        ...

    async def unlink(self, chat_id: int) -> None:
        """Part a chat from the one it belongs together with, if any."""
        ...

    async def move_chat(self, chat_id: int, new_chat_id: str) -> None:
        """Follow a chat to another id, in which the ids of its messages mean nothing."""
        ...

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
    async def code(self, club_id: int) -> str:
        """The unguessable code of a club's invitation, made now where there was none: small letters and
        digits."""
        ...

    async def renew_code(self, club_id: int) -> str:
        """A new code in place of the old one, which then lets nobody in any more."""
        ...

    async def club_by_code(self, code: str) -> Club | None:
        """The club that a code invites to."""
        ...

    async def mark_greeted(self, chat_id: int, user_id: str) -> bool:
        """Note that somebody has been greeted in a chat; False when they had been before."""
        ...

    async def take_greeting(self, chat_id: int, now: int, apart: int) -> bool:
        """Claim the greeting of a chat; False where one was said less than `apart` seconds ago."""
        ...


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
    async def open_live_round(
        self, chat: Chat, paper_id: str, questions: Sequence[str], seconds: int, at: int
    ) -> Round:
        """Open a round that is held live in a chat."""
        ...

    async def reach(self, round_id: int, number: int, until: int) -> None:
        """A group's round has come to a question, which takes answers until an instant."""
        ...

    async def live_round(self, chat_id: int) -> Round | None:
        """The newest round that was held live in a chat."""
        ...

    async def round(self, round_id: int) -> Round | None: ...
    async def latest_round(self, club_id: int, paper_id: str, owner_id: int | None) -> Round | None:
        """A member's newest round on a paper, or the newest that asked their club everything at once."""
        ...

    async def answer(
        self, round_: Round, member_id: int, question_id: str, choices: Collection[int], right: bool, at: int
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

    async def question_counts(self, round_id: int) -> Mapping[str, tuple[int, int]]:
        """The right and the given answers to each question of a round that has any."""
        ...

    async def perfect(self, round_id: int, limit: int) -> tuple[int, Sequence[str]]:
        """How many have answered a whole round rightly, and the names of the first of them by name. Looks at
        every answer of the round: for its end, not for each answer."""
        ...

    async def round_people(self, round_id: int) -> int:
        """How many members have answered at least one question of a round."""
        ...


class DiscussionRecords(Protocol):
    """Where papers are discussed."""

    async def thread(self, chat_id: int, paper_id: str) -> Thread | None: ...
    async def paper_of_thread(self, chat_id: int, thread_id: str) -> str | None:
        """The paper that is discussed in a thread of a chat."""
        ...

    async def set_thread(self, thread: Thread) -> None: ...


class LedgerRecords(Protocol):
    """The delivery ledger."""

    async def queue(self, draft: Draft) -> bool:
        """Put a post in the ledger; False when its key is there already."""
        ...

    async def queue_all(self, drafts: Sequence[Draft]) -> None:
        """Put posts in the ledger, passing over those whose key is there already."""
        ...

    async def queue_tally(self, key: str, at: int, gap: int) -> None:
        """Have the tally of the post with a key made at an instant, but not within `gap` seconds of the last
        one. However often it is asked for, it waits in line once; asked for while one is being made, the row
        is due at a later time than it was taken for. Nothing for a post that is not in its chat."""
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
    async def call_off(self, key: str) -> None:
        """Give up a post that waits in line and is not needed any more."""
        ...

    async def post(self, post_id: int) -> Post | None: ...
    async def post_by_key(self, key: str) -> Post | None: ...
    async def post_by_poll(self, poll_id: str) -> Post | None: ...
    async def poll_message(self, key: str) -> str | None:
        """The message of a post that went out as a poll; None for any other."""
        ...

    async def unknown_posts(self, club_id: int, limit: int) -> Sequence[Post]: ...


class KeptRecords(Protocol):
    """Small things kept between runs."""

    async def keep(self, name: str, value: str) -> None: ...
    async def kept(self, name: str) -> str | None: ...
    async def kept_under(self, prefix: str) -> Mapping[str, str]:
        """Everything whose name begins with a prefix, which ends in a full stop; by what follows that."""
        ...


class InboxRecords(Protocol):
    """What came in from a bot's platform and is to be handled once, however often it comes."""

    async def latest_update(self, bot_id: int) -> int | None:
        """The highest update id that is known."""
        ...

    async def updates_left(self, bot_id: int) -> Sequence[LeftUpdate]:
        """The updates that are not done, by id."""
        ...

    async def update_state(self, bot_id: int, update_id: int, since: int) -> UpdateState | None:
        """How far an update has come; None for one that is not known, or is done and came before `since`."""
        ...

    async def keep_updates(self, bot_id: int, bodies: Mapping[int, str], at: int, since: int) -> None:
        """Keep updates by their ids. One that is known stays as it is, unless it is done and came before
        `since`."""
        ...

    async def mark_recorded(self, receipt: Receipt, at: int) -> bool:
        """Mark, beside its effects, that an update has them; False when it had been handled before."""
        ...

    async def mark_answering(self, bot_id: int, update_ids: Iterable[int]) -> None:
        """Mark new updates that change nothing as about to be answered."""
        ...

    async def mark_done(self, bot_id: int, update_ids: Iterable[int]) -> None:
        """Be done with updates: what they said is dropped, and that they came is not."""
        ...

    async def forget_updates(self, bot_id: int, before: int, limit: int) -> None:
        """Of the first `limit` updates of a bot, forget those that are done and came before an instant."""
        ...


class Records(
    ClubRecords,
    MemberRecords,
    CadenceRecords,
    ReadingRecords,
    QuizRecords,
    DiscussionRecords,
    LedgerRecords,
    KeptRecords,
    InboxRecords,
    Protocol,
):
    """The record inside one transaction. Times are seconds since 1970, UTC.

    Nothing here costs more as clubs, members or records grow in number.
    """
