"""The rules of a summary: its headings, its hook, its length, and Markdown that every chat shows alike."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.domain.languages import Language
from bot.library.documents import SummaryFile
from bot.library.explain import LANGUAGE_NAMES
from bot.library.findings import Finding
from bot.library.format import HEADINGS, POST_HEADINGS
from bot.messages.markup import units

# Ours, in UTF-16 units: what is read in a chat in one go. Both languages together stay under the 2,000
# characters that Discord, the narrowest platform, takes in one message.
POST_LIMITS = {Language.EN: 1350, Language.ZH: 560}
SHORT_POST_LIMITS = {Language.EN: 900, Language.ZH: 380}
PAGE_LIMIT = 3600
"""The longest page after the post, in UTF-16 units: with its heading it is one message everywhere."""


def summary_findings(files: Sequence[SummaryFile]) -> Iterator[Finding]:
    """The rules that the summaries of one paper break."""
    for file in files:
        yield from _headings(file)
        yield from _hook(file)
        yield from _post(file)
        yield from _pages(file)
        yield from _markdown(file)
        for other in files:
            if other.is_long and not file.is_long:
                what = f"this summary is short, and the one in {LANGUAGE_NAMES[other.language]} is long"
                yield file.finding(1, what, "Write both with the same headings.")


def _headings(file: SummaryFile) -> Iterator[Finding]:
    order = ", ".join(file.wanted)
    for title in file.wanted:
        if title not in file.titles:
            what, advice = f"the heading “{title}” is missing", f"Write ## {title}; the order is {order}."
            yield file.finding(max(1, len(file.text.splitlines())), what, advice, grave=True)
    latest = -1
    for number, heading in enumerate(file.headings):
        place = file.wanted.index(heading.title) if heading.title in file.wanted else None
        if place is None:
            fault, advice = "is unknown", f"These are known, each after ## and a space: {order}."
        elif heading.title in file.titles[:number]:
            fault, advice = "stands here twice", "Put both texts under one heading."
        elif place < latest:
            fault, advice = f"comes after “{file.wanted[latest]}”", f"The order is {order}."
        elif not heading.body:
            fault, advice = "has no text under it", "Write the text."
        else:
            latest = place
            continue
        yield file.finding(heading.line, f"the heading “{heading.title}” {fault}", advice, grave=True)


# Where a sentence ends and another begins; not after “Fig. 3”, “e.g. X” or “D. P. Kingma”.
_ENGLISH_BREAK = re.compile(
    r"(?<!\b[A-Za-z])(?<!\bvs)(?<!\bal)(?<!\bEq)(?<!\bFig)[.?!][”’)]*\s+(?=[“‘(]?[A-Z])"
)
_CHINESE_BREAK = re.compile(r"[。？！](?=[^”’）。？！\s])")
_SENTENCE_END = re.compile(r"[.?!。？！][”’)）]*$")


def _hook(file: SummaryFile) -> Iterator[Finding]:
    breaks = _CHINESE_BREAK if file.language is Language.ZH else _ENGLISH_BREAK
    if not file.hook:
        what = "there is no hook before the first heading"
    elif "\n" in file.hook or breaks.search(file.hook):
        what = "the hook is more than one sentence"
    elif not _SENTENCE_END.search(file.hook):
        what = "the hook does not end like a sentence"
    else:
        return
    line = next((n for n, line in enumerate(file.text.splitlines(), start=1) if line.strip()), 1)
    yield file.finding(line, what, "Write exactly one sentence that makes people want to read on.")


def _post(file: SummaryFile) -> Iterator[Finding]:
    limit, length = (POST_LIMITS if file.is_long else SHORT_POST_LIMITS)[file.language], post_length(file)
    if length > limit:
        what = f"the week's post has {length} characters up to the end of “{file.wanted[POST_HEADINGS - 1]}”"
        yield file.finding(1, what, f"Shorten it to {limit} at most; comments are not counted.")


def post_length(file: SummaryFile) -> int:
    """The length of the week's post in a summary, in UTF-16 units."""
    later = (h.line for h in file.headings if h.title in HEADINGS[file.language][POST_HEADINGS:])
    lines = file.text.splitlines()
    return units("\n".join(lines[: next(later, len(lines) + 1) - 1]).strip())


def _pages(file: SummaryFile) -> Iterator[Finding]:
    for heading in file.headings:
        length = units(heading.body)
        if heading.title in HEADINGS[file.language][POST_HEADINGS:] and length > PAGE_LIMIT:
            what = f"the text under “{heading.title}” has {length} characters, over one message"
            yield file.finding(heading.line, what, f"Shorten it to {PAGE_LIMIT} at most.")


_FOREIGN = (
    (re.compile(r"<!--"), "a comment that is never closed", "Write --> at its end."),
    (re.compile(r"</?[A-Za-z][^<>]*>"), "HTML", "Write Markdown; the only HTML allowed is a comment."),
    (re.compile(r"!\["), "an image", "Take it out; a chat cannot show it inside a text."),
    (re.compile(r"^\s*\|.*\|\s*$"), "a table", "Write a list; a chat cannot show tables."),
    (re.compile(r"^\s*(?:```|~~~)"), "a block of code", "Write it into the line, between single `."),
    (re.compile(r"^\s*>"), "a quotation", "Write “…”; the web room shows no quotations."),
    (re.compile(r"^\s*([-*_])(?:\s*\1){2,}\s*$"), "a rule", "Take it out; the headings part the text."),
    (re.compile(r"^\s+(?:-|\d+[.)])\s"), "a list within a list", "Write it at the beginning of its line."),
    (re.compile(r"~~"), "a text struck out", "Take it out; the web room shows the signs."),
    (re.compile(r"\|\|"), "a text that chats hide", "Write ‖ for a norm; || hides what is between."),
    (
        re.compile(r"(?<!\w)(__?)(?=[^\s_]).*?(?<=[^\s_])\1(?!\w)"),
        "an emphasis with _",
        "Write * instead of _.",
    ),
    (re.compile(r"\\[A-Za-z]{2,}"), "LaTeX", "Write plain Unicode, such as √ or β; LaTeX is for equations."),
)


def _markdown(file: SummaryFile) -> Iterator[Finding]:
    lines = file.text.splitlines()
    for number, line in enumerate(lines, start=1):
        for pattern, what, advice in _FOREIGN:
            if pattern.search(line):
                yield file.finding(number, f"here is {what}", advice)
        for what, advice in _emphasis(line):
            yield file.finding(number, what, advice)
        if number > 1 and _is_prose(line) and _is_prose(lines[number - 2]):
            what = "a paragraph goes on after a line break"
            yield file.finding(
                number, what, "Write it on one line, or leave an empty line between two paragraphs."
            )


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", "- "))


_STARS = re.compile(r"\*+")
_LITERAL = re.compile(r"\\.|`[^`]*`")


def _emphasis(line: str) -> Iterator[tuple[str, str]]:
    """Stars that Markdown does not take for emphasis, with what to write.

    Stars open before a word and close after one. Beside punctuation they do so only when their other side
    is a space or punctuation too, which Chinese text, having no spaces, easily breaks.
    """
    line = _LITERAL.sub(lambda literal: "x" * len(literal[0]), line)
    opened: list[str] = []
    for stars in _STARS.finditer(line):
        before, after = line[: stars.start()][-1:] or " ", line[stars.end() :][:1] or " "
        opens = not after.isspace() and (not _is_mark(after) or before.isspace() or _is_mark(before))
        closes = not before.isspace() and (not _is_mark(before) or after.isspace() or _is_mark(after))
        if stars[0] in opened:
            opened.remove(stars[0])
            if not closes:
                what = f"the emphasis closes after “{before}” and before text, where Markdown does not see it"
                yield what, f"Move the {before} behind it, as in **注意**：内容."
        elif not opens and (before.isspace() or after.isspace()):
            yield f"this {stars[0]} is no emphasis", "Write - for a list, · for a product, \\* for a star."
        else:
            opened.append(stars[0])
            if not opens:
                what = f"the emphasis opens after text and before “{after}”, where Markdown does not see it"
                yield what, f"Move the {after} in front of it, as in “**重点**”."
    for left in opened:
        yield f"this {left} opens an emphasis that is never closed", f"Write {left} at its end too."


def _is_mark(character: str) -> bool:
    """Whether Markdown takes a character for punctuation."""
    return unicodedata.category(character)[0] in "PS"
