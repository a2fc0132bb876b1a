"""Hearing and speaking on a platform, and what may become of a message."""

from enum import StrEnum
from typing import Protocol

from bot.domain.clubs import Platform
from bot.domain.posts import PostKind
from bot.messages.actions import Action
from bot.messages.incoming import Incoming
from bot.messages.outgoing import Destination, Message, OpenThread, Reply, Sent, Upkeep
from bot.ports.servers import Servers


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


class Unauthorised(Exception):
    """A platform does not accept our token. `setting` names the setting that holds it."""

    def __init__(self, setting: str) -> None:
        super().__init__(f"{setting} was refused")
        self.setting = setting


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

    lacks: frozenset[PostKind]
    """The upkeep that means nothing on this platform, and is not asked for."""

    finds: bool
    """Whether `find` can tell if a thread was opened by an attempt of which no answer came."""

    @property
    def pace(self) -> Pace | None:
        """What `send`, `open_thread` and `tend` need a turn of, taken before they are called; None where
        nothing limits them."""
        ...

    @property
    def servers(self) -> Servers | None:
        """What is known of the servers whose channels the chats are; None where chats are no channels. Where
        there are servers, there are roles to be picked and forms to be filled in."""
        ...

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Send one message. `key` is the ledger id, the same at every attempt."""
        ...

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a thread, or say its message in one that is there. The result's thread id is that of the
        thread that was opened; None where a chain of replies has to do."""
        ...

    async def find(self, to: Destination, thread: OpenThread, since: int) -> Sent | None:
        """The thread that an earlier attempt has opened, the first of which began at an instant (seconds
        since 1970, UTC); None where there surely is none, or opening it once more finds it anyway. Only asked
        for where the messenger `finds`."""
        ...

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Look after something in a chat. Where a platform has no such thing, nothing is done. A right that
        is missing for this says nothing of what may be posted: it is Refused for its content."""
        ...

    async def tell(self, user_id: str, message: Message) -> None:
        """Write to one person in private, where they let us."""
        ...

    def link(self, action: Action) -> str | None:
        """An address at which anybody opens their private talk with us, and presses a button in it; None
        where the platform has no such addresses."""
        ...

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a person may change the club's settings in a chat."""
        ...

    async def partner(self, chat_id: str) -> str | None:
        """The discussion group of a channel, or the channel of a discussion group; None where there is no
        such thing."""
        ...
