"""What Paperclub says: a small closed union of parts that every platform renders.

Text is Markdown: paragraphs, `- ` lists, **bold**, *italic*, [links](…) and `code`. Whatever did not
come from our own files has gone through `markup.escape` first.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.messages.actions import Action, Verb, action
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
    `ALT_LIMIT` units, its first line a title; where the drawing cannot be shown, it is said instead.

    An `extra` one illustrates what can do without it: where a message could not be changed in place for its
    sake, its words are folded under the text.
    """

    drawing: Drawing
    alt: str
    extra: bool = False

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
class Menu:
    """One of several to be chosen: a list that opens where there is one, elsewhere rows of buttons. `hint`
    says in a few plain words what is chosen. `chosen` is the position of the choice that holds now. Every
    choice has an action. `across` is how many stand in a row as buttons. Limits: 25 choices, hint 150 UTF-16
    units.
    """

    hint: str
    choices: tuple[Button, ...]
    chosen: int | None = None
    across: int = 3

    @property
    def rows(self) -> tuple[tuple[Button, ...], ...]:
        """The choices as rows of buttons, the one that holds now with a mark."""
        marked = [
            replace(each, label=f"✓ {each.label}") if place == self.chosen else each
            for place, each in enumerate(self.choices)
        ]
        return tuple(tuple(marked[i : i + self.across]) for i in range(0, len(marked), self.across))


class Wanted(StrEnum):
    """What a `Picker` offers."""

    CHANNEL = "channel"
    """A place of the server where a club may meet: a text channel or a forum."""

    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Picker:
    """The choice of something that the platform itself knows, by its own list. Where a platform has none, it
    is left out. The id of what is chosen comes as one more argument of `action`; none when the choice is
    taken back, which `optional` allows. `chosen` is the id of what holds now.
    """

    hint: str
    wanted: Wanted
    action: Action
    chosen: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to be filled in: words, or with `choices` (value and label, at most 10) one of them, or with
    `several` any number of them. `value` is what stands there at first. Limits: label 45, hint 100.
    """

    name: str
    label: str
    hint: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    several: bool = False
    required: bool = True
    longest: int = 100


@dataclass(frozen=True, slots=True)
class Form:
    """A window in which one person fills in fields, at most five. What is filled in is heard as `Filled` with
    the action. Limits: title 45.
    """

    title: str
    action: Action
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Quiz:
    """A question with one right option or several, for a group: a native quiz poll where there is one,
    otherwise text with a button for each option. All texts are plain, not Markdown.

    `answers` holds the action of each option, in order; `pick` is a button that stands for all of them, where
    several are right and options are no buttons. `seconds` is how long it is open; None for as long as
    nobody stops it. `illustration` goes with the explanation, where that can hold a picture, and is seen by
    nobody who has not answered. `note` is Markdown under the options that changes with time, such as how many
    have answered; a `closed` one offers nothing to press any more. Both mean nothing to a native poll.
    Limits: question 300, options 100, explanation 200 UTF-16 units.
    """

    question: str
    options: tuple[str, ...]
    keys: tuple[int, ...]
    explanation: str
    answers: tuple[Action, ...]
    title: str = ""
    seconds: int | None = None
    illustration: Picture | None = None
    note: str = ""
    closed: bool = False
    pick: Button | None = None

    @property
    def key(self) -> int:
        """The position of the right option, or of the first of several."""
        return self.keys[0]


@dataclass(frozen=True, slots=True)
class Pointer:
    """The way to a discussion in the same club: a thread, or the message its replies hang from. `chat_id` is
    the chat of the same platform where it is; None where the way is shown."""

    label: str
    thread_id: str | None
    message_id: str | None
    chat_id: str | None = None


Part = Text | Facts | Fold | Picture | Pointer | Buttons | Menu | Picker | Quiz


MOST_PAGES = 99


@dataclass(frozen=True, slots=True)
class Paging:
    """How to ask for another page of a message that is too long to be shown at once: the command that it
    answers, the values of its options in order, and the page that is wanted, counted from 1.

    Where pages begin is the platform's business. Raises ValueError for a command that no token can hold.
    """

    path: str
    options: tuple[str, ...] = ()
    page: int = 1

    def __post_init__(self) -> None:
        self.to(MOST_PAGES)

    def to(self, page: int) -> Action:
        """What asks for a page."""
        return action(Verb.TURN, page, self.path, *self.options)

    def buttons(self, pages: int) -> tuple[Button, ...]:
        """The way back, where one is, and the way on, for a message of so many pages."""
        page = self.within(pages)
        back = (Button("◀", self.to(page - 1)),) if page > 1 else ()
        onward = (Button("▶", self.to(page + 1)),) if page < pages else ()
        return (*back, Button(f"{page}/{pages}", self.to(page)), *onward)

    def within(self, pages: int) -> int:
        """The page to show of so many: the last when there are fewer by now."""
        return max(1, min(self.page, pages))


@dataclass(frozen=True, slots=True)
class Message:
    """One message. At most one `Picture`, one `Buttons` and one `Quiz` part, each last of its kind; several
    `Quiz` parts where a group's quiz is one message. A picture beside a quiz is shown with its question. With
    `paging` its text is shown in pages where it is long. `mention` is the id of a role whose people are to be
    notified, where the platform has roles."""

    parts: tuple[Part, ...]
    silent: bool = False
    paging: Paging | None = None
    mention: str | None = None

    @property
    def picture(self) -> Picture | None:
        """Its picture, if it has one."""
        return next((part for part in self.parts if isinstance(part, Picture)), None)

    @property
    def illustration(self) -> Picture | None:
        """The picture that explains the answer to its quiz, if there is one."""
        return next((part.illustration for part in self.parts if isinstance(part, Quiz)), None)


@dataclass(frozen=True, slots=True)
class OpenThread:
    """The wish for a discussion thread under a message already sent in the same chat. `shelf` is the number
    of the plan's section its paper is in, from 0, and `tags` are that section's names, the best first:
    threads of one section look alike, where looks differ.

    With a `message` it is meant for a forum, in which everything is said in threads: the message is said in
    the destination's thread, and where there is none, or no longer, it begins a new one whose id it shares.
    """

    title: str
    under: str | None
    shelf: int = 0
    tags: tuple[str, ...] = ()
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """Pin a message of ours, quietly, and unpin the one that was pinned before it, if any. `starter` is the
    first message of its thread (the thread's id and its own), pinned in there where threads have pins of
    their own."""

    message_id: str
    unpin: str | None = None
    starter: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PinThread:
    """Keep a thread of a forum above the others, and no longer the one that was kept there before it."""

    thread_id: str
    unpin: str | None = None


@dataclass(frozen=True, slots=True)
class CloseThread:
    """Close a discussion thread: what was said stays, and nothing is added."""

    thread_id: str


@dataclass(frozen=True, slots=True)
class StopQuiz:
    """Let no more answers be given to a quiz question of ours, and show how it ended."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Put a message in place of one of ours, with all that it offers."""

    message_id: str
    message: Message


@dataclass(frozen=True, slots=True)
class Appointment:
    """Have the live discussion of a week in the calendar of the server, once, with the way to it. The times
    are in seconds since 1970, UTC; one with the same way at another time is moved, and without a start it is
    taken out. Limits: title 100, about 1000 UTF-16 units."""

    title: str
    about: str
    way: Pointer
    starts_at: int | None
    ends_at: int = 0


Upkeep = Pin | PinThread | CloseThread | StopQuiz | Edit | Appointment
"""What is done to something that stands in a chat already. Done twice, it is as good as done once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found that may be shown in any chat, with its title and a line about it as plain text. `key`
    names it, in at most 64 bytes. Pressing a button of its message leads to the bot's private chat."""

    key: str
    title: str
    line: str
    message: Message


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, best first; where more of it starts; and what to press where there is nothing."""

    found: tuple[Finding, ...]
    more: int | None = None
    none: Button | None = None


@dataclass(frozen=True, slots=True)
class RoleChange:
    """The role that the asker is to have from now on, or no longer, in the server of a chat. `refused` is
    what they are told, in plain words, where the platform will not have it; nothing when it is empty."""

    chat_id: str
    role_id: str
    given: bool = True
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one thing a member did.

    `message` is said in the chat; `private` asks for it to be seen by the asker alone, where the
    platform can; `edit` puts it in place of the message whose button was pressed, but never what is
    private in place of what others see. `toast` is a
    plain-text answer to a press, at most 200 UTF-16 units, seen by the presser alone; `illustration` goes
    with it where a toast can hold a picture. `findings` answer words that were sought, and nothing else.
    `form` is opened instead of everything else, where the platform has such windows; elsewhere the message
    says how to say the same in a command. `role` is what the asker is given or loses besides, and `notice`
    what is said elsewhere.
    """

    message: Message | None = None
    private: bool = False
    edit: bool = False
    toast: str = ""
    findings: Findings | None = None
    illustration: Picture | None = None
    form: Form | None = None
    role: RoleChange | None = None
    notice: "Notice | None" = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the platform said of a message it took."""

    message_id: str
    poll_id: str | None = None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a post goes: a chat, and in it a thread or a message to reply to. `channel` tells that many read
    there and only admins write."""

    chat_id: str
    thread_id: str | None = None
    reply_to: str | None = None
    channel: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for another chat than that in which something was done. It may get lost: nothing must depend
    on it."""

    to: Destination
    message: Message
