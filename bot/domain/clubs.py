"""A club, the chats it meets in, its members, and its weeks."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from msgspec import Struct

from bot.domain.languages import ClubLanguage, Language


class Platform(StrEnum):
    """Where people talk to the bot."""

    TELEGRAM = "telegram"
    DISCORD = "discord"
    WEB = "web"

    @property
    def gathers(self) -> bool:
        """Whether a group's quiz is one message there, changed as it goes; elsewhere each question is one.
        The ledger has to know it also of a platform that is not served here now."""
        return self is Platform.DISCORD

    @property
    def illustrates(self) -> bool:
        """Whether a picture can stand among the words of a message there; elsewhere it stands apart, with few
        words under it."""
        return self is Platform.DISCORD


class ChatKind(StrEnum):
    """Whether a chat is a conversation of many, a channel that many read and its admins write, a forum in
    which everything is said in threads, or with one person."""

    GROUP = "group"
    CHANNEL = "channel"
    FORUM = "forum"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Account:
    """A person on one platform. Always the pair."""

    platform: Platform
    user_id: str


class Ending(IntEnum):
    """How far a club is in choosing what comes after its plan."""

    NOT_YET = 0
    ASKED = 1
    ASKED_TWICE = 2


class Club(Struct, frozen=True):
    """A reading group. `position` counts the papers already opened; `zone` is a tz database name.

    No paper comes before the local day `starts_on`; `encore` is a paper that comes next although its place
    in the plan is another. `asked_at` is when the members were asked what to read after the plan.
    """

    id: int
    title: str
    language: ClubLanguage
    zone: str
    plan_id: str
    position: int
    paused: bool
    members: int
    starts_on: date | None = None
    encore: str | None = None
    ending: Ending = Ending.NOT_YET
    asked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A place where a club meets. `topics` tells whether threads are forum topics there; `topic` is the one
    to which the week's posts go, None for the chat at large.

    `linked` is, in a channel, the row id of its discussion group, where the club talks; in such a group, that
    of the channel, where the club is told what comes.

    `mention` is the role that is notified of the week's paper, `reader` the one that members are given, both
    by their ids on the platform. `events` tells that the live discussion is put in the server's calendar.
    """

    id: int
    club_id: int
    platform: Platform
    chat_id: str
    kind: ChatKind
    topics: bool
    active: bool
    topic: str | None = None
    linked: int | None = None
    mention: str | None = None
    reader: str | None = None
    events: bool = False

    @property
    def talk(self) -> int:
        """The row id of the chat in which what is told here is talked about."""
        return self.linked if self.kind is ChatKind.CHANNEL and self.linked else self.id


class Trouble(StrEnum):
    """Why nothing can be posted in a chat."""

    GONE = "gone"
    """We were removed or blocked, or the chat was deleted."""

    BARRED = "barred"
    """We are there, but may not write."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The organiser to be told about a chat, and their language."""

    account: Account
    language: Language


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one club. `papers_read` counts papers at level *read* or above."""

    id: int
    club_id: int
    name: str
    active: bool
    papers_read: int


class Week(Struct, frozen=True):
    """One step of a club through its plan. Times are seconds since 1970, UTC.

    `prompted` has a bit for each of the week's prompts that has come, by its slot.
    """

    club_id: int
    number: int
    paper_id: str
    opened_at: int
    closed_at: int | None
    prompted: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """A paper's discussion in one chat: a thread of its own, or a chain of replies to one message."""

    chat_id: int
    paper_id: str
    thread_id: str | None
    root_message_id: str | None
