"""A post: one outgoing message that must arrive once, and its fate."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from bot.domain.clubs import Chat


class PostKind(StrEnum):
    """What a post says when it is composed."""

    PAPER = "paper"
    OPENER = "opener"
    THREAD = "thread"
    STARTER = "starter"
    PROMPT = "prompt"
    QUIZ = "quiz"
    QUESTION = "question"
    RESULT = "result"
    RECAP = "recap"
    CLOSING = "closing"
    REMINDER = "reminder"
    RESTING = "resting"
    PIN = "pin"
    LOCK = "lock"
    STOP = "stop"
    TALLY = "tally"
    EVENT = "event"

    @property
    def upkeep(self) -> bool:
        """Whether it says nothing, but looks after what stands in the chat already. That may be done again,
        whatever the platform."""
        return self in (PostKind.PIN, PostKind.LOCK, PostKind.STOP, PostKind.TALLY, PostKind.EVENT)


class PostState(StrEnum):
    """Where a post is on its way. *Unknown*: it may or may not have arrived, and is not sent again
    unless an organiser says so."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Post:
    """A row of the delivery ledger. Times are seconds since 1970, UTC.

    `number` tells questions of a round, and prompts of a week, apart, from 0. `claimed_at` is when the first
    attempt began (0 before it): what a platform still recognises as a repetition is counted from then.
    `doubtful` tells that an attempt may have arrived. `topic` is where it was asked for, if in a topic.
    `message_id` is None once it means nothing any more because the chat has another id on its platform.
    """

    id: int
    chat: Chat
    key: str
    kind: PostKind
    paper_id: str
    week: int | None
    round_id: int | None
    number: int
    due_at: int
    state: PostState
    attempts: int
    claimed_at: int
    doubtful: bool
    message_id: str | None
    topic: str | None = None
    sent_at: int | None = None


class Draft(Struct, frozen=True):
    """A post before it has an id: what the ledger is asked to keep. The key makes it unique."""

    chat_id: int
    key: str
    kind: PostKind
    paper_id: str
    due_at: int
    week: int | None = None
    round_id: int | None = None
    number: int = 0
    topic: str | None = None
