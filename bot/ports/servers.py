"""What a platform whose chats are channels of a server knows of that server. Known at once: nothing is asked
over the network."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.domain.clubs import ChatKind


class Right(StrEnum):
    """What we may do in a channel."""

    SEE = "see"
    WRITE = "write"
    """Write messages; in a forum, begin posts."""

    EMBED = "embed"
    ANSWER = "answer"
    """Write in threads."""

    THREADS = "threads"
    ATTACH = "attach"
    CLOSE = "close"
    """Close last week's thread."""

    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Venue:
    """A channel in which a club can meet: the server it is in, what it is called (`name`), what a club that
    meets there is called (`title`), what we may not do in it of all that a club could use, and whether we may
    give roles and make events in its server."""

    server_id: str
    kind: ChatKind
    name: str
    title: str
    lacking: tuple[Right, ...] = ()
    gives_roles: bool = False
    makes_events: bool = False


@dataclass(frozen=True, slots=True)
class ServerRole:
    """A role of a server. `everyone` is the one that all have; a `managed` one is given by some integration
    alone; one that is not `below` ours cannot be given by us; a `powerful` one has rights over people or the
    server; `notifies` tells whether its people are notified when we mention it."""

    name: str
    everyone: bool = False
    managed: bool = False
    below: bool = True
    powerful: bool = False
    notifies: bool = True


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses by which anybody brings us to a server of theirs, or to their own account."""

    server: str
    account: str


class Servers(Protocol):
    """The servers of one platform. None is known while the platform is out of reach."""

    def venue(self, chat_id: str) -> Venue | None:
        """A channel; None where no club can meet in it."""
        ...

    def role(self, chat_id: str, role_id: str) -> ServerRole | None:
        """A role of the server that a channel is in."""
        ...

    def doors(self) -> Doors | None:
        """How we are brought elsewhere."""
        ...
