"""Typed commands: a line of text becomes a row of the table and its options."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

from bot.domain.errors import Problem
from bot.use_cases.command import CHOICES, Command, Kind, Option


def parse(
    text: str, table: Sequence[Command], is_paper: Callable[[str], bool], mentions: Mapping[str, str]
) -> tuple[Command, dict[str, str]]:
    """The command a line means, and its options.

    `is_paper` tells whether a single word names a paper; `mentions` maps words to user ids. Raises
    Problem with a suggestion when the command is unknown or an option is missing or left over.
    """
    words = text.strip().split()
    first = words[0].removeprefix("/").lower() if words else ""
    group = [command for command in table if command.group == first]
    if not group:
        raise _unknown(text, first, table)
    command, rest = _row(group, words[1:], first)
    return command, _options(command, rest, is_paper, mentions)


def is_near(text: str, table: Iterable[Command]) -> bool:
    """Whether a line begins like one of our commands: close enough to answer it in a group."""
    first = text.strip().split(maxsplit=1)[:1]
    return bool(first) and bool(_nearest(first[0].removeprefix("/").lower(), table))


def _nearest(word: str, table: Iterable[Command]) -> str | None:
    names = list(dict.fromkeys(command.group for command in table))
    found = get_close_matches(word, names, 1, cutoff=0.7)
    return found[0] if found else None


def _unknown(text: str, word: str, table: Sequence[Command]) -> Problem:
    near = _nearest(word, table)
    if near:
        return Problem("error.command.near", asked=text.split()[0], near=f"/{near}")
    return Problem("error.command.unknown")


def _row(group: list[Command], rest: list[str], first: str) -> tuple[Command, list[str]]:
    """The command of a group that the second word names; the bare one when there is none."""
    if len(group) == 1 and group[0].path == first:
        return group[0], rest
    named = {command.path.partition(" ")[2]: command for command in group}
    if not rest:
        return next(command for command in group if command.bare), rest
    second = rest[0].lower()
    if second in named:
        return named[second], rest[1:]
    near = get_close_matches(second, named, 1, cutoff=0.7)
    if not near and "show" in named and named["show"].options:
        return named["show"], rest
    suggestion = named[near[0]] if near else next(command for command in group if command.bare)
    raise Problem("error.command.near", asked=f"/{first} {rest[0]}", near=suggestion.usage)


def _options(
    command: Command, rest: list[str], is_paper: Callable[[str], bool], mentions: Mapping[str, str]
) -> dict[str, str]:
    given: dict[str, str] = {}
    for i, option in enumerate(command.options):
        last = i == len(command.options) - 1
        taken = _take(option, rest, is_paper, last=last)
        if taken:
            given[option.name] = " ".join(rest[:taken])
            rest = rest[taken:]
        elif option.required:
            raise missing(command)
    if rest:
        raise Problem("error.option.extra", extra=" ".join(rest), usage=command.usage)
    for name, value in given.items():
        if value in mentions:
            given[name] = f"id:{mentions[value]}"
    return given


def missing(command: Command) -> Problem:
    """What is said of a command that lacks an option it needs."""
    return Problem("error.option.missing", usage=command.usage, example=_example(command))


def _take(option: Option, rest: list[str], is_paper: Callable[[str], bool], *, last: bool) -> int:
    """How many of the words an option takes."""
    if not rest:
        return 0
    if option.kind in (Kind.LEVEL, Kind.MODE):
        return 1 if rest[0].lower() in CHOICES[option.kind] else 0
    if option.kind is Kind.PAPER and not last:
        return 1 if is_paper(rest[0]) else 0
    if option.kind is Kind.TIME and len(rest) > 1 and rest[1].lower() in ("am", "pm"):
        return 2
    if option.kind in (Kind.PAPER, Kind.TERM, Kind.TEXT, Kind.MEMBER, Kind.ZONE):
        return len(rest)
    return 1


_EXAMPLES = {
    Kind.LEVEL: "read",
    Kind.LANGUAGE: "both",
    Kind.DAY: "monday",
    Kind.TIME: "09:00",
    Kind.ZONE: "Asia/Shanghai",
    Kind.PLAN: "deep-learning-2",
    Kind.MEMBER: "@name",
    Kind.PAPER: "3",
    Kind.TERM: "dropout",
    Kind.TEXT: "dropout",
    Kind.PRESET: "weekly",
    Kind.BEAT: "quiz",
    Kind.WHEN: "friday",
    Kind.DATE: "2027-01-31",
    Kind.NUMBER: "2",
    Kind.MODE: "live",
    Kind.SWITCH: "on",
}


def _example(command: Command) -> str:
    """A line that would have worked."""
    values = [_EXAMPLES[option.kind] for option in command.options if option.required]
    return " ".join([f"/{command.path}", *values])
