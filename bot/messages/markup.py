"""Making other people's text safe inside our Markdown."""

import re
import unicodedata
from functools import lru_cache

NAME_LIMIT = 48
"""Longest member or club name shown, in characters."""

QUOTE_LIMIT = 100
"""Longest piece of what someone typed that is quoted back to them, in characters."""

REMEMBERED = 1024
"""How many names are kept as they are shown: the members of clubs are told of again and again."""

_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in r"\`*_{}[]()#+-=.!|~<>@&:/"})
_BREAK = re.compile(r"\s*[\r\n]\s*")
_ISOLATE, _POP = "\u2068", "\u2069"


def escape(text: str) -> str:
    """Text in which no character means anything to Markdown; blank lines and indents, which do, are gone."""
    if "\n" in text or "\r" in text:
        text = _BREAK.sub("\n", text)
    return text.translate(_SPECIAL)


def flat(markdown: str) -> str:
    """A sentence of ours as plain text: no emphasis, nothing escaped."""
    return re.sub(r"\\(.)|\*", lambda mark: mark[1] or "", markdown)


@lru_cache(REMEMBERED)
def plain(name: str, limit: int = NAME_LIMIT) -> str:
    """A name as one safe line: no control or direction characters, cut to the limit with an ellipsis.

    A name with right-to-left letters is isolated, so that it cannot turn the sentence around it.
    """
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} else " " for c in name)
    line = " ".join(kept.split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in line):
        line = f"{_ISOLATE}{line}{_POP}"
    return line or "?"


def shown(name: str, limit: int = NAME_LIMIT) -> str:
    """A name ready to stand in Markdown."""
    return escape(plain(name, limit))


def units(text: str) -> int:
    """The length of a text in UTF-16 units, as the platforms count it."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, limit: int) -> str:
    """The text, shortened with an ellipsis so that it has at most `limit` UTF-16 units."""
    if units(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore")
    return kept.rstrip() + "…"
