"""Buttons: a verb with its arguments, written as a token short enough for every platform.

A token names things; it grants nothing. Who may press is decided from the chat and the person that
the platform vouches for, so an old or forged token can do no more than a command.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import Problem

TOKEN_LIMIT = 64
"""The longest token, in bytes: Telegram's limit for callback data; Discord allows 100."""

_VERSION = "p1"
_LONGEST_NUMBER = 15  # far below what a database column holds


class Verb(StrEnum):
    """What a button asks for."""

    JOIN = "join"
    READ = "read"
    UNREAD = "unread"
    LEVEL = "level"
    PAPER = "paper"
    BACK = "back"
    MORE = "more"
    PAGE = "page"
    LIST = "list"
    QUIZ = "quiz"
    AGAIN = "again"
    ANSWER = "answer"
    PICK = "pick"
    DONE = "done"
    QUESTION = "question"
    DISCUSS = "discuss"
    TERMS = "terms"
    TERM = "term"
    PROGRESS = "progress"
    RESEND = "resend"
    VOTE = "vote"
    TODAY = "today"
    SETUP = "setup"
    CHOOSE = "choose"
    ENTER = "enter"
    TURN = "turn"
    MEET = "meet"
    USE = "use"
    TYPE = "type"
    THERE = "there"


_VERBS = frozenset(verb.value for verb in Verb)


@dataclass(frozen=True, slots=True)
class Action:
    """A verb and its arguments; `post` is the ledger row the button was sent with, if any.

    Raises ValueError when the token would be longer than `TOKEN_LIMIT` bytes or an argument holds
    a separator.
    """

    verb: Verb
    args: tuple[str, ...] = ()
    post: int | None = None

    def __post_init__(self) -> None:
        if any(":" in arg or "@" in arg for arg in self.args):
            raise ValueError(f"a button's argument holds a separator: {self.args}")
        if len(self.token.encode()) > TOKEN_LIMIT:
            raise ValueError(f"a button's token is over {TOKEN_LIMIT} bytes: {self.token}")

    @property
    def token(self) -> str:
        """The action as text: `p1:verb:arg…`, with `@post` at the end of a posted one."""
        text = ":".join((_VERSION, self.verb, *self.args))
        return text if self.post is None else f"{text}@{self.post}"


def action(verb: Verb, *args: object, post: int | None = None) -> Action:
    """An action with its arguments written as text."""
    return Action(verb, tuple(str(arg) for arg in args), post)


def fitting(verb: Verb, *args: object, extra: object) -> Action:
    """An action with an argument more, if a token can hold it; else without."""
    try:
        return action(verb, *args, extra)
    except ValueError:
        return action(verb, *args)


def there(chat: int, about: Action) -> Action:
    """An action about another chat than that in which it is pressed, which is named by its row id. Raises
    ValueError where no token can hold that."""
    return action(Verb.THERE, chat, about.verb, *about.args)


def read_token(token: str) -> Action:
    """The action a token stands for. Raises Problem for a token that we never wrote."""
    body, posted, post = token.partition("@")
    version, _, rest = body.partition(":")
    verb, *args = rest.split(":")
    if version != _VERSION or verb not in _VERBS:
        raise Problem("error.button.old")
    try:
        pressed = Action(Verb(verb), tuple(args), read_number(post) if posted else None)
    except ValueError as error:
        raise Problem("error.button.old") from error
    if pressed.token != token:
        raise Problem("error.button.old")
    return pressed


def with_argument(token: str, argument: str) -> str:
    """A token with one more argument at the end of its action."""
    body, posted, post = token.partition("@")
    return f"{body}:{argument}{posted}{post}"


def read_number(text: str) -> int:
    """A number that stands in a token. Raises Problem for one that we never wrote."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise Problem("error.button.old")
    return int(text)


def as_bits(positions: Iterable[int]) -> int:
    """Some positions, from 0, as the bits of one number, short enough for a token."""
    return sum(1 << position for position in set(positions))


def from_bits(bits: int) -> tuple[int, ...]:
    """The positions that a number stands for, in order."""
    return tuple(position for position in range(bits.bit_length()) if bits >> position & 1)
