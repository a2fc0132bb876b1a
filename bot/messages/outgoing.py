"""What Paperclub says: a small closed union of parts that every platform renders.

Text is Markdown: paragraphs, `- ` lists, **bold**, *italic*, [links](…) and `code`. Whatever did not
come from our own files has gone through `markup.escape` first.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.messages.actions import Action
from bot.messages.drawings import Drawing
from bot.messages.markup import escape

ALT_LIMIT = 1024
"""The longest alternative text of a picture, in UTF-16 units: Discord's limit, and that of a caption on
Telegram."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and what pressing it does."""

    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class Text:
    """A run of Markdown.

    Where a text can hold something to press, one of the `words` of each action is that, at its first use;
    elsewhere they are words like any other.
    """

    markdown: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Short labelled facts, label and value both Markdown."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Parts that need not be seen at once. Folded where the platform can, set apart elsewhere."""

    title: str
    parts: tuple["Text | Facts", ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, and the same in words for whoever cannot see it. `alt` is plain text of at most
    `ALT_LIMIT` units, its first line a title; where the drawing cannot be shown, it is said instead."""

    drawing: Drawing
    alt: str

    @property
    def words(self) -> str:
        """The alternative text as Markdown, its paragraphs kept."""
        return "\n\n".join(map(escape, self.alt.split("\n\n")))


class Style(StrEnum):
    """How much a button asks to be pressed."""

    PLAIN = "plain"
    MAIN = "main"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press, or a link to follow. Exactly one of `action` and `url` is set."""

    label: str
    action: Action | None = None
    url: str | None = None
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Buttons:
    """Rows of buttons. At most five a row; labels up to 80 characters."""

    rows: tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Quiz:
    """A question with one right option or several, for a group: a native quiz poll where there is one,
    otherwise text with a button for each option. All texts are plain, not Markdown.

    `answers` holds the action of each option, in order. `seconds` is how long it is open; None for as long as
    nobody stops it. Limits: question 300, options 100, explanation 200 UTF-16 units.
    """

    question: str
    options: tuple[str, ...]
    keys: tuple[int, ...]
    explanation: str
    answers: tuple[Action, ...]
    title: str = ""
    seconds: int | None = None

    @property
    def key(self) -> int:
        """The position of the right option, or of the first of several."""
        return self.keys[0]


@dataclass(frozen=True, slots=True)
class Pointer:
    """The way to a discussion in the same club: a thread, or the message its replies hang from."""

    label: str
    thread_id: str | None
    message_id: str | None


Part = Text | Facts | Fold | Picture | Pointer | Buttons | Quiz


@dataclass(frozen=True, slots=True)
class Message:
    """One message. At most one `Picture`, one `Buttons` and one `Quiz` part, each last of its kind; a
    quiz and a picture do not go together."""

    parts: tuple[Part, ...]
    silent: bool = False

    @property
    def picture(self) -> Picture | None:
        """Its picture, if it has one."""
        return next((part for part in self.parts if isinstance(part, Picture)), None)


@dataclass(frozen=True, slots=True)
class OpenThread:
    """The wish for a discussion thread under a message already sent in the same chat."""

    title: str
    under: str | None


@dataclass(frozen=True, slots=True)
class Pin:
    """Pin a message of ours, quietly, and unpin the one that was pinned before it, if any."""

    message_id: str
    unpin: str | None = None


@dataclass(frozen=True, slots=True)
class CloseThread:
    """Close a discussion thread: what was said stays, and nothing is added."""

    thread_id: str


@dataclass(frozen=True, slots=True)
class StopQuiz:
    """Let no more answers be given to a quiz question of ours, and show how it ended."""

    message_id: str


Upkeep = Pin | CloseThread | StopQuiz
"""What is done to something that stands in a chat already. Done twice, it is as good as done once."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one thing a member did.

    `message` is said in the chat; `private` asks for it to be seen by the asker alone, where the
    platform can; `edit` puts it in place of the message whose button was pressed. `toast` is a
    plain-text answer to a press, at most 200 UTF-16 units, seen by the presser alone.
    """

    message: Message | None = None
    private: bool = False
    edit: bool = False
    toast: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the platform said of a message it took."""

    message_id: str
    poll_id: str | None = None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a post goes: a chat, and in it a thread or a message to reply to."""

    chat_id: str
    thread_id: str | None = None
    reply_to: str | None = None
