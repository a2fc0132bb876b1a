"""What a platform heard, in words no platform owns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.clubs import Account, ChatKind
from bot.domain.languages import Language


@dataclass(frozen=True, slots=True)
class Sender:
    """Who spoke. `username` is a handle without `@`; `organiser` is None when the platform has to be
    asked for it. `nameless` tells that the platform does not say who it is, only as which chat they speak."""

    account: Account
    name: str
    language: Language
    username: str = ""
    organiser: bool | None = None
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was said. `thread_id` is the platform's thread or topic, when it has one."""

    chat_id: str
    kind: ChatKind
    title: str = ""
    thread_id: str | None = None
    topics: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A line of text that is a command for us: starts with `/`, no longer addressed (`@bot` taken off).

    `mentions` maps a mention as it stands in the text to the user id it points to.
    """

    text: str
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command whose options the platform has already told apart. A member option is a user id."""

    path: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button: the token it carried and the message it stood under."""

    token: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in and sent: the token of its action, what stands in each field by its name (of
    several choices, their values parted by spaces), and the message from whose button it was opened."""

    token: str
    fields: Mapping[str, str]
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Voted:
    """What was chosen in a native poll, counted from 0; nothing when it was taken back. The place is unknown:
    a poll's id is all that comes with it."""

    poll_id: str
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The bot was added to a chat. `chosen` tells that this very chat was meant, and not a larger place
    of which it is only the front room (a Discord server)."""

    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Joined:
    """People came into a chat, by themselves or brought by the sender. The same may be told twice."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Departed:
    """The bot was taken out of a chat."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The bot may write in these chats of the platform, and perhaps could not before."""

    chat_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The platform itself brought a channel's message into the channel's discussion group, where it has an id
    of its own, `as_id`: replies to it are comments."""

    chat_id: str
    message_id: str
    as_id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat has a new id on its platform."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Words by which somebody looks for papers to show in a chat that need not be ours; none mean any.
    What was found already comes before `start`."""

    words: str
    start: int = 0


Event = (
    Said
    | Asked
    | Pressed
    | Filled
    | Voted
    | Arrived
    | Joined
    | Departed
    | Returned
    | Forwarded
    | Moved
    | Sought
)


@dataclass(slots=True)
class Receipt:
    """Under what the inbox keeps an update, and whether it is on record that it has been handled."""

    bot_id: int
    update_id: int
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that happened, with who and where. The place is None for a vote, for words that are sought,
    and for chats that are open again. What has a receipt is handled once, however often it is heard."""

    sender: Sender
    place: Place | None
    event: Event
    receipt: Receipt | None = field(default=None, compare=False)
