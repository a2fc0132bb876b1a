"""The words themselves: every key is there, is used, and is fit to be shown in both languages."""

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.domain.cadence import BeatKind
from bot.domain.languages import ClubLanguage, Language
from bot.domain.posts import PostKind
from bot.domain.reading import Level
from bot.messages.markup import escape, flat, units
from bot.use_cases.command import CHOICES
from bot.use_cases.commands import COMMANDS, MESSAGE_COMMANDS
from tests.house import library, rendered

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"[a-z]+(\.[a-z_]+)+")
TOAST_LIMIT = 200


@cache
def catalogue(language: Language) -> Catalog:
    """The catalogue as its author wrote it."""
    source = (ROOT / "bot" / "locales" / language.value / "paperclub.po").read_bytes()
    return read_po(BytesIO(source), locale=language.value)


@cache
def forms(language: Language) -> dict[str, tuple[str, ...]]:
    """Every key with its sentence, or its sentences by number."""
    found = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string or ""
            found[key] = (text,) if isinstance(text, str) else tuple(text)
    return found


KEYS = sorted(forms(Language.EN))


def sentences(language: Language) -> list[tuple[str, str]]:
    """Every sentence with its key."""
    return [(key, text) for key, texts in forms(language).items() for text in texts]


def strings(tree: ast.AST) -> Iterator[str]:
    """The texts in a source; an f-string gives its text with `*` for each gap."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value


@cache
def used() -> Counter[str]:
    """How often the program names what looks like a key of ours, or a family of keys (`beat.*`)."""
    first_words = {key.partition(".")[0] for key in KEYS}
    found: Counter[str] = Counter()
    for file in sorted((ROOT / "bot").rglob("*.py")):
        for text in strings(ast.parse(file.read_text("utf-8"))):
            shape = text.replace("*", "x")
            if KEY.fullmatch(shape) and text.partition(".")[0] in first_words:
                found[text] += 1
    return found


def family(pattern: str) -> list[str]:
    """The keys that an f-string can come to mean."""
    shape = re.compile(re.escape(pattern).replace(r"\*", r"[a-z_.]+"))
    return [key for key in KEYS if shape.fullmatch(key)]


def test_the_guards_of_this_file_saw_the_program() -> None:
    assert sum(used().values()) > 100
    assert len(KEYS) > 150
    assert {"read.done", "error.button.old", "welcome.group"} <= set(used())
    assert {"beat.*", "post.*", "choice.level.*"} <= set(used())


def test_both_languages_have_the_same_keys() -> None:
    assert set(forms(Language.EN)) == set(forms(Language.ZH))


def test_every_key_that_the_program_names_is_there() -> None:
    missing = {key for key in used() if "*" not in key and key not in KEYS}
    assert not missing
    assert not {pattern for pattern in used() if "*" in pattern and not family(pattern)}


def test_every_key_is_used() -> None:
    named = set(used()) | {key for pattern in used() if "*" in pattern for key in family(pattern)}
    named |= {command.key for command in COMMANDS}
    named |= {f"option.{option.name}" for command in COMMANDS for option in command.options}
    named |= {f"choice.{kind}.{value}" for kind, values in CHOICES.items() for value in values}
    named |= {f"name.{word}" for command in COMMANDS for word in command.path.split()}
    web = {path.stem: path.read_text("utf-8") for path in (ROOT / "bot" / "platforms" / "web").rglob("*.js")}
    shown = {key for key in KEYS if key.startswith("web.") and any(key in text for text in web.values())}
    assert not set(KEYS) - named - shown


def test_everything_that_can_be_meant_has_words() -> None:
    assert {f"beat.{kind}" for kind in BeatKind} <= set(KEYS)
    assert {f"post.{kind}" for kind in PostKind if not kind.upkeep} <= set(KEYS)
    assert {f"choice.language.{language}" for language in ClubLanguage} <= set(KEYS)
    assert {f"choice.level.{level.name.lower()}" for level in Level} <= set(KEYS)
    assert {command.key for command in (*COMMANDS, *MESSAGE_COMMANDS)} <= set(KEYS)
    assert {command.label for command in MESSAGE_COMMANDS} <= set(KEYS)
    typed = {word for command in COMMANDS for word in command.path.split()}
    typed |= {option.name for command in COMMANDS for option in command.options}
    assert {f"name.{word}" for word in typed} <= set(KEYS)


def gaps(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_same_gaps_are_filled_in_both_languages() -> None:
    for key in KEYS:
        told = {frozenset(gaps(text)) for language in Language for text in forms(language)[key]}
        assert len(told) == 1, f"{key}: {told}"
        assert all(name.isidentifier() for name in set().union(*told)), key


def test_a_sentence_that_is_counted_is_counted_in_both_languages() -> None:
    for language in Language:
        for message in catalogue(language):
            if isinstance(message.id, tuple):
                assert len(message.string or "") == catalogue(language).num_plurals, message.id
    plural = {
        language: {message.id for message in catalogue(language) if isinstance(message.id, tuple)}
        for language in Language
    }
    assert plural[Language.EN] == plural[Language.ZH] != set()


NASTY = ["word", "（甲）", "“quoted”", "what?", "…and so on", "*star*", "C++", "\u2068דנה\u2069", "第 3 篇。"]


@pytest.mark.parametrize("language", Language)
def test_emphasis_is_rendered_whatever_stands_in_it(language: Language) -> None:
    """No asterisk of ours is left to see, whichever value the gaps get."""
    for key, text in sentences(language):
        for value in NASTY:
            filled = text.format_map(dict.fromkeys(gaps(text), escape(value)))
            seen = rendered(filled)
            assert seen.count("*") == value.count("*") * len(re.findall(r"\{\w+\}", text)), f"{key}: {seen}"
            assert "\\" not in seen, f"{key}: {seen}"


@pytest.mark.parametrize("language", Language)
def test_words_are_typeset(language: Language) -> None:
    """Typographic quotes, no stray spaces, nothing empty, no punctuation of the other language."""
    for key, text in sentences(language):
        assert text, key
        assert not set(text) & set("'\"`"), text
        assert "..." not in text, text
        assert "  " not in text, text
        assert key.startswith("mark.") or text == text.rstrip(), key
        if language is Language.EN:
            assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text), text
        else:
            words = re.sub(r"\{\w+\}", "", text)
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]", text), text
            assert not re.search(r"[\u4e00-\u9fff][A-Za-z/]|[A-Za-z][\u4e00-\u9fff]", words), text


@pytest.mark.parametrize(
    ("prefix", "limit"),
    [
        ("command.", 100),
        ("option.", 100),
        ("choice.", 100),
        ("name.", 32),
        ("beat.", 40),
        ("about.short", 120),
        ("about.description", 512),
    ],
)
def test_menus_have_room_for_their_words(prefix: str, limit: int) -> None:
    seen = [
        flat(text) for language in Language for key, text in sentences(language) if key.startswith(prefix)
    ]
    assert seen
    assert [text for text in seen if units(text) > limit] == []


def test_a_button_has_room_for_both_languages() -> None:
    seen = 0
    for key in [key for key in KEYS if key.startswith("button.")]:
        told = []
        for language in Language:
            posts = [forms(language)[f"post.{kind}"][0] for kind in PostKind if not kind.upkeep]
            told.append(flat(forms(language)[key][0]).replace("{what}", max(posts, key=units)))
        assert units(" · ".join(told)) <= 80, told
        seen += 1
    assert seen > 15


def test_a_command_word_in_chinese_is_one_that_discord_takes() -> None:
    names = {key: forms(Language.ZH)[key][0] for key in KEYS if key.startswith("name.")}
    assert len(names) > 20
    assert all(re.fullmatch(r"[-_\w]{1,32}", name) and name == name.lower() for name in names.values())


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith(("read.", "unread."))])
def test_a_toast_has_room_for_the_longest_title(key: str) -> None:
    for language in Language:
        title = max((paper.title[language] for paper in library().papers()), key=units)
        levels = [forms(language)[f"choice.level.{level.name.lower()}"][0] for level in Level]
        values = {"title": title, "level": max(levels, key=units), "when": "Wed 30 Sep, 09:00"}
        told = forms(language)[key][0].format_map({**values, "readers": 999, "members": 999})
        if key == "read.done":
            told += " " + forms(language)["read.together"][0].format(readers=999, members=999)
        assert units(flat(told)) <= TOAST_LIMIT


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith("error.")])
def test_an_error_has_room_in_a_toast(key: str) -> None:
    for language in Language:
        for text in forms(language)[key]:
            assert units(flat(text)) <= TOAST_LIMIT
