"""The shape of a command: what one row of the table says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bot.messages.outgoing import Reply
from bot.use_cases.asking import Ask

Run = Callable[[Ask], Awaitable[Reply]]


class Kind(StrEnum):
    """What an option takes."""

    LEVEL = "level"
    LANGUAGE = "language"
    DAY = "day"
    TIME = "time"
    ZONE = "zone"
    PLAN = "plan"
    MEMBER = "member"
    PAPER = "paper"
    TERM = "term"
    TEXT = "text"
    PRESET = "preset"
    BEAT = "beat"
    WHEN = "when"
    DATE = "date"
    NUMBER = "number"
    MODE = "mode"
    SWITCH = "switch"


CHOICES: dict[Kind, tuple[str, ...]] = {
    Kind.LEVEL: ("skimmed", "read", "presented", "reproduced"),
    Kind.LANGUAGE: ("en", "zh", "both"),
    Kind.MODE: ("all", "live"),
    Kind.SWITCH: ("on", "off"),
    Kind.PRESET: ("weekly", "twice", "gentle", "intensive"),
    Kind.BEAT: ("paper", "prompt", "quiz", "recap"),
    Kind.DAY: ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
}
"""The kinds with a fixed set of values. Their words are the texts `choice.<kind>.<value>`."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something a command can be told. Its name in the asker's language is the text `name.<name>`, its
    description `option.<name>`. A number is from `least` to `most`; a text has at most `most` characters."""

    name: str
    kind: Kind
    required: bool = False
    least: int | None = None
    most: int | None = None


class Who(StrEnum):
    """Who may use a command."""

    EVERYONE = "everyone"
    ORGANISERS = "organisers"


@dataclass(frozen=True)
class Command:
    """One command, such as `paper show`. Its description is the text `command.<path with dots>`, and the
    names of its words in the asker's language are the texts `name.<word>`.

    `bare` marks the one that its group means when typed alone. `writes` asks for a writing
    transaction. `personal` says that the answer concerns the asker alone, `by_role` that
    organisers are told more.
    """

    path: str
    run: Run
    options: tuple[Option, ...] = ()
    who: Who = Who.EVERYONE
    writes: bool = False
    personal: bool = False
    bare: bool = False
    by_role: bool = False

    @cached_property
    def group(self) -> str:
        """The first word of the path."""
        return self.path.partition(" ")[0]

    @property
    def key(self) -> str:
        """The text that describes it."""
        return f"command.{self.path.replace(' ', '.')}"

    @property
    def label(self) -> str:
        """The text of its name as a whole, which only a command on a message has."""
        return f"name.{self.path.replace(' ', '.')}"

    @property
    def usage(self) -> str:
        """How it is typed: `/schedule set <day> <time> [zone]`; the bare word of a group in brackets."""
        gaps = [f"<{o.name}>" if o.required else f"[{o.name}]" for o in self.options]
        group, _, rest = self.path.partition(" ")
        shown = f"/{group} [{rest}]" if self.bare and rest else f"/{self.path}"
        return " ".join([shown, *gaps])
