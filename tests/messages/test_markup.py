"""Other people's text stays what it is, in Markdown and out of it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages.markup import NAME_LIMIT, cut, escape, flat, plain, shown, units
from tests.house import rendered

MARKUP = st.text("*_`~[](){}<>!#+-=|\\&;:/.@\"' \t\n\r1aé中🙂")
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def squeezed(text: str) -> str:
    """A text with every run of white space as one space: Markdown does not tell them apart."""
    return " ".join(text.split())


@given(MARKUP | ANYTHING)
@example("a\n=")
@example("a\n\n    *b*")
@example("1. one\n2) two\n- three\n+ four\n# five\n> six\n```")
@example("[x](https://example.org) <b>bold</b> <https://example.org> &amp; &#42; ~~gone~~")
@example("| a | b |\n| - | - |")
@example("*强调：*内容\\")
def test_escaped_text_is_shown_as_it_was_written(text: str) -> None:
    assert squeezed(rendered(f"“{escape(text)}”")) == squeezed(f"“{text}”")
    assert squeezed(rendered(f"- {escape(text.strip())}")) == squeezed(text)


@given(MARKUP | ANYTHING)
def test_escaped_text_made_flat_is_the_text(text: str) -> None:
    assert squeezed(flat(escape(text))) == squeezed(text)


def test_a_sentence_made_flat_has_no_emphasis() -> None:
    assert flat(f"**Welcome, {escape('*Ann*')}.** *Now*") == "Welcome, *Ann*. Now"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Ann", "Ann"),
        ("  Ann \t\n Lee ", "Ann Lee"),
        ("a\u202eb\u2066c\u200fd", "a b c d"),
        ("a\0b\x1b[31mc", "a b [31mc"),
        ("line\u2028break\u2029here", "line break here"),
        ("", "?"),
        ("\u200b\u202e", "?"),
        ("دانا", "\u2068دانا\u2069"),
        ("נועה <b>", "\u2068נועה <b>\u2069"),
        ("\ud800", "?"),
        ("x" * 200, "x" * (NAME_LIMIT - 1) + "…"),
        ("x" * NAME_LIMIT, "x" * NAME_LIMIT),
    ],
)
def test_a_name_is_one_safe_line(name: str, safe: str) -> None:
    assert plain(name) == safe


@given(st.text(), st.integers(2, 60))
def test_no_name_can_turn_break_or_flood_a_line(name: str, limit: int) -> None:
    safe = plain(name, limit)
    inner = safe.removeprefix("\u2068").removesuffix("\u2069")
    assert 1 <= len(inner) <= limit
    assert not {unicodedata.category(c) for c in inner} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert inner == inner.strip()
    turning = any(unicodedata.bidirectional(c) in {"R", "AL"} for c in inner)
    assert turning == (safe != inner)


@given(st.text())
def test_a_name_in_markdown_is_shown_as_it_is(name: str) -> None:
    assert squeezed(rendered(f"**{shown(name)}**")) == squeezed(plain(name))


@given(ANYTHING, st.integers(1, 50))
@example("🙂🙂", 3)
@example("🙂🙂", 2)
def test_a_cut_text_has_at_most_so_many_units(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert units(short) <= limit
    if units(text) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


def test_units_are_those_of_utf_16() -> None:
    assert [units(text) for text in ("a", "é", "中", "🙂")] == [1, 1, 1, 2]
