"""One content file: YAML of a certain form, or a summary in Markdown, either still knowing its lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
import yaml

from bot.domain.languages import Language
from bot.domain.papers import Summary
from bot.library.explain import misfits
from bot.library.findings import Finding
from bot.library.format import HEADINGS, POST_HEADINGS, Form

T = TypeVar("T", bound=Form)

# The C parser is several times faster; it is missing where PyYAML was built without libyaml.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_YAML_ADVICE = "Look for a missing quote or a shifted indent, and quote any text that holds “: ” or “ #”."


@dataclass(frozen=True, slots=True)
class YamlFile(Generic[T]):
    """A YAML file whose content has the right form."""

    path: str
    content: T
    node: yaml.Node

    def finding(self, place: Sequence[str | int], what: str, advice: str, *, grave: bool = False) -> Finding:
        """A finding about the value at a place: on the line of its key, or of its item in a list."""
        return Finding(self.path, _line(self.node, place), what, advice, grave)


def read_yaml(path: str, text: str, form: type[T]) -> tuple[YamlFile[T] | None, list[Finding]]:
    """The file, or None when it has not the form, and the faults met."""

    def fault(line: int, what: str, advice: str) -> Finding:
        return Finding(path, line, what, advice, grave=True)

    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [
            fault(mark.line + 1 if mark else 1, f"YAML cannot read this: {error.problem}", _YAML_ADVICE)
        ]
    except (yaml.YAMLError, ValueError) as error:
        return None, [fault(1, f"YAML cannot read this: {error}".splitlines()[0], _YAML_ADVICE)]
    if node is None:
        return None, [fault(1, "this file is empty", "Write it as content/README.md explains.")]
    faults = [fault(line, f"{key} stands here twice", "Keep one of the two.") for key, line in _doubles(node)]
    try:
        return YamlFile(path, msgspec.convert(data, form), node), faults
    except msgspec.ValidationError:
        return None, faults + [fault(_line(node, m.place), m.what, m.advice) for m in misfits(data, form)]


def _line(node: yaml.Node, place: Sequence[str | int]) -> int:
    """The line of a place, counted from 1; of the nearest one around it where there is no such place."""
    line = 0
    for step in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            entry = (node.value[step], node.value[step])
        else:
            entry = None
        if entry is None:
            break
        line = entry[0].start_mark.line
        node = entry[1]
    return line + 1


def _doubles(root: yaml.Node) -> Iterator[tuple[str, int]]:
    """Keys that a mapping holds twice, which YAML lets pass in silence."""
    waiting, met = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in met:
            continue  # an alias may lead back to where it stands
        met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = set[str]()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in keys:
                        yield key.value, key.start_mark.line + 1
                    keys.add(key.value)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, its line counted from 1, and the Markdown under it as readers see it."""

    title: str
    line: int
    body: str


@dataclass(frozen=True, slots=True)
class SummaryFile:
    """A summary. Its text is what readers see: the comments are taken out, and each line keeps its number."""

    path: str
    language: Language
    text: str
    hook: str
    headings: tuple[Heading, ...]

    @property
    def titles(self) -> tuple[str, ...]:
        """The headings it has, in order."""
        return tuple(heading.title for heading in self.headings)

    @property
    def is_long(self) -> bool:
        """Whether it goes on after the week's post."""
        return any(title in HEADINGS[self.language][POST_HEADINGS:] for title in self.titles)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The headings it should have, in order."""
        return HEADINGS[self.language] if self.is_long else HEADINGS[self.language][:POST_HEADINGS]

    def summary(self) -> Summary | None:
        """The summary; None while its headings are not the wanted ones."""
        return Summary(self.hook, *(h.body for h in self.headings)) if self.titles == self.wanted else None

    def finding(self, line: int, what: str, advice: str, *, grave: bool = False) -> Finding:
        """A finding about a line."""
        return Finding(self.path, line, what, advice, grave)


# A second opening tells that the first comment was left open, so the two are not taken for one.
_COMMENT = re.compile(r"[ \t]*<!--(?:(?!<!--).)*?-->", re.DOTALL)
_HEADING = re.compile(r"^#.*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


def read_summary(path: str, text: str, language: Language) -> SummaryFile:
    """The summary in a Markdown file, whatever its headings."""
    shown = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    marks = list(_HEADING.finditer(shown))
    starts = [mark.start() for mark in marks] + [len(shown)]
    return SummaryFile(
        path=path,
        language=language,
        text=shown,
        hook=_body(shown[: starts[0]]),
        headings=tuple(
            Heading(_title(mark[0]), shown.count("\n", 0, mark.start()) + 1, _body(shown[mark.end() : end]))
            for mark, end in zip(marks, starts[1:], strict=True)
        ),
    )


def _title(heading: str) -> str:
    """The title of a heading of the second level; any other stays as it is, and is no known title."""
    return heading.removeprefix("## ").strip()


def _body(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", text).strip()
