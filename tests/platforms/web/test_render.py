"""Messages and lines as the JSON of the web room."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.languages import Language
from bot.domain.papers import Question
from bot.domain.quizzes import Round
from bot.messages.actions import Action, Verb, action
from bot.messages.markup import escape
from bot.messages.outgoing import (
    Button,
    Buttons,
    Facts,
    Fold,
    Message,
    OpenThread,
    Part,
    Pointer,
    Quiz,
    Style,
    Text,
    Word,
)
from bot.platforms.web import render
from bot.platforms.web.render import Answered
from bot.ports import RoomLine
from tests.house import library, words
from tests.pictures import PATH, PICTURE

ALLOWED = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "code"}

LINE = RoomLine(7, "room", None, None, "samir", render.said_body("hello", "n1"), 1_000, None, None)
POLL = Quiz(
    "Which one?",
    ("a", "b", "c", "d"),
    (1,),
    "Because.",
    tuple(action(Verb.ANSWER, 5, 2, choice) for choice in range(4)),
    "Question 3 of 5",
)


def part(*parts: Part) -> dict[str, Any]:
    """The first part of a message, as JSON."""
    body = json.loads(render.message_body(Message(parts)))
    first: dict[str, Any] = body["parts"][0]
    return first


def html(markdown: str) -> str:
    """A Markdown text as HTML."""
    return str(part(Text(markdown))["html"])


def question() -> Question:
    """A question of the library."""
    paper = library().paper("batch-norm")
    assert paper is not None
    return paper.questions[0]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("plain", "<p>plain</p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>\n"),
        ("`x̂ = 1`", "<p><code>x̂ = 1</code></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("**Problem**\nIt overfits.", '<p class="titled"><strong>Problem</strong><br>\nIt overfits.</p>\n'),
        ("so **Problem**\nIt overfits.", "<p>so <strong>Problem</strong><br>\nIt overfits.</p>\n"),
        ("- **A.** one", '<ul>\n<li class="labelled"><strong>A.</strong> one</li>\n</ul>\n'),
    ],
)
def test_the_markdown_of_our_texts_becomes_html(markdown: str, expected: str) -> None:
    """Line breaks are kept, headings of a paragraph and labels of an item are marked."""
    assert html(markdown) == expected


def test_a_link_leaves_the_page_alone() -> None:
    """It opens elsewhere and tells nobody where it came from."""
    assert html("[page](https://example.org/a)") == (
        '<p><a href="https://example.org/a" target="_blank" rel="noopener noreferrer">page</a></p>\n'
    )


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc", "vbscript:x", "/x"]
)
def test_a_link_to_anything_but_the_web_stays_text(address: str) -> None:
    """Schemes that run or read something are not linked."""
    assert "<a" not in html(f"[x]({address})")


DROPOUT, NORM, BATCH = (action(Verb.TERM, name) for name in ("dropout", "norm", "batch-norm"))
WORDS = tuple(
    Word(name, what)
    for what, names in (
        (DROPOUT, ("dropout", "drop-out")),
        (NORM, ("normalisation", "归一化")),
        (BATCH, ("batch normalisation", "批量归一化", "BN")),
    )
    for name in names
)


@pytest.mark.parametrize(
    ("markdown", "pressed"),
    [
        ("Dropout, then dropout and drop-out.", [("Dropout", DROPOUT)]),
        ("Drop-outs, then dropout.", [("Drop-outs", DROPOUT)]),
        (
            "Batch normalisation is a normalisation.",
            [("Batch normalisation", BATCH), ("normalisation", NORM)],
        ),
        ("批量归一化是一种归一化。", [("批量归一化", BATCH), ("归一化", NORM)]),
        ("**归一化**：用 BN 来做", [("归一化", NORM), ("BN", BATCH)]),
        ("- *one*\n- dropout\n- dropout", [("dropout", DROPOUT)]),
        ("dropoutlike, BN-Baseline, EBN, non-BN", []),
        ("`dropout` and [dropout](https://example.org/) and dropout", [("dropout", DROPOUT)]),
        ("nothing of the kind", []),
    ],
)
def test_the_first_use_of_a_word_can_be_pressed(markdown: str, pressed: list[tuple[str, Action]]) -> None:
    """One word for each action, the longest there is, and not inside a link, a formula or another word."""
    made = str(part(Text(markdown, WORDS))["html"])
    found = re.findall(r'<button type="button" class="term" data-token="([^"]+)">([^<]*)</button>', made)
    assert found == [(what.token, word) for word, what in pressed]
    assert re.sub("</?button[^>]*>", "", made) == html(markdown)


@given(st.text(max_size=200))
def test_pressing_words_changes_no_text(text: str) -> None:
    """Whatever the Markdown, taking the buttons out again gives what it would have been."""
    made = str(part(Text(f"{text} dropout", WORDS))["html"])
    assert re.sub("</?button[^>]*>", "", made) == html(f"{text} dropout")


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "<script>alert(1)</script>", "![x](https://e.org/x.png)", "&lt;"]
)
def test_html_and_pictures_in_a_text_are_shown_and_not_obeyed(text: str) -> None:
    """What looks like HTML is read as it was written."""
    tags = _Tags(html(text))
    assert tags.seen <= ALLOWED
    assert not tags.seen & {"b", "script", "img"}


@given(st.text(max_size=300))
def test_any_text_gives_harmless_html(text: str) -> None:
    """Whatever the Markdown, only the tags and attributes we know come out of it."""
    tags = _Tags(html(text))
    assert tags.seen <= ALLOWED
    assert tags.attributes <= {"href", "target", "rel", "class", "start"}
    assert all(address.startswith(("https://", "http://")) for address in tags.addresses)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=80))
def test_escaped_text_is_read_as_it_was_written(name: str) -> None:
    """A name with markup in it is shown letter by letter."""
    tags = _Tags(html(f"**{escape(name)}** joined"))
    assert tags.text.strip() == f"{name} joined"


def test_the_text_above_the_facts_is_set_line_by_line() -> None:
    """The bold line is the title; what follows the facts is a text like any other."""
    message = Message(
        (Text("Week 1\n**Dropout**\n随机失活"), Facts((("**Level**", "2"),)), Text("About it."))
    )
    head, facts, rest = json.loads(render.message_body(message))["parts"]
    assert [line["title"] for line in head["lines"]] == [False, True, False]
    assert head["lines"][1]["html"] == "<strong>Dropout</strong>"
    assert facts["rows"] == [["<strong>Level</strong>", "2"]]
    assert rest["kind"] == "text"


def test_buttons_carry_their_token_or_their_address() -> None:
    """Rows stay rows, and the one to press stands out."""
    press = Button("Read", action(Verb.READ, "adam"), style=Style.MAIN)
    link = Button("Page", url="https://example.org")
    assert part(Buttons(((press, link),)))["rows"] == [
        [
            {"label": "Read", "token": "p1:read:adam", "style": "main"},
            {"label": "Page", "url": "https://example.org"},
        ]
    ]


def test_folds_and_pointers_keep_what_they_hold() -> None:
    """A fold holds parts of its own, a pointer where it leads."""
    fold = part(Fold("中文", (Text("文"),)))
    assert (fold["title"], fold["parts"][0]["html"]) == ("中文", "<p>文</p>\n")
    assert part(Pointer("Go", "12", "12")) == {"kind": "pointer", "label": "Go", "thread": "12", "line": "12"}


def test_a_question_is_kept_without_its_key() -> None:
    """A page that is not told the right answer cannot give it away."""
    kept = part(POLL)
    assert [option["token"] for option in kept["options"]] == [a.token for a in POLL.answers]
    assert "key" not in kept
    assert "Because." not in json.dumps(kept)


def test_the_picture_that_explains_an_answer_is_shown_to_whoever_has_answered() -> None:
    """Its words would tell the others what to answer."""
    asked = replace(LINE, body=render.message_body(Message((replace(POLL, illustration=PICTURE),))))
    spoken = words()[Language.EN]
    assert PICTURE.alt not in json.dumps(render.shown(asked, spoken), ensure_ascii=False)
    asking = question()
    round_ = Round(5, 1, "dropout-2012", None, (asking.id,))
    [quiz] = render.shown(asked, spoken, Answered(round_, asking, (0,)))["parts"]
    assert quiz["answered"]["picture"] == {"address": f"/pictures/{LINE.id}.svg", "alt": PICTURE.alt}
    assert "illustration" not in quiz
    assert render.drawing_of(asked) == PICTURE.drawing


def test_a_line_knows_which_question_of_which_round_it_asks() -> None:
    """That is how the record is asked for the member’s answer."""
    asking = replace(LINE, body=render.message_body(Message((POLL,))))
    assert render.quiz_of(asking) == (5, 2)
    assert render.quiz_of(LINE) is None


def test_a_line_is_shown_with_who_when_and_for_whom() -> None:
    """A private one says so; one that opens a discussion counts its replies."""
    shown = render.shown(LINE, words()[Language.EN])
    assert (shown["text"], shown["author"], shown["at"], shown["private"]) == ("hello", "samir", 1_000, False)
    assert (shown["replies"], shown["nonce"]) == (None, "n1")
    assert render.shown(replace(LINE, seen_by="samir"), words()[Language.EN])["private"]
    opener = replace(LINE, body=render.thread_body(OpenThread("3 · Adam", None)), replies=4)
    shown = render.shown(opener, words()[Language.EN])
    assert shown["title"] == "3 · Adam"
    assert "4" in shown["replies"]


@pytest.mark.parametrize("language", list(Language))
def test_an_answer_is_marked_and_explained_in_the_members_language(language: Language) -> None:
    """A wrong choice gets its own explanation and that of the right one; a right one only its own."""
    asked = question()
    round_ = Round(5, 1, "dropout-2012", None, (asked.id,))
    wrong = (asked.key + 1) % 4
    asking = replace(LINE, body=render.message_body(Message((POLL,))))
    (missed,) = render.shown(asking, words()[language], Answered(round_, asked, (wrong,)))["parts"]
    why = [asked.options[i].why[language] for i in (wrong, asked.key)]
    assert missed["answered"]["why"] == why
    assert (missed["answered"]["choices"], missed["answered"]["keys"]) == ([wrong], [asked.key])
    assert missed["answered"]["right"] is False
    (hit,) = render.shown(asking, words()[language], Answered(round_, asked, (asked.key,)))["parts"]
    assert hit["answered"]["why"] == [asked.options[asked.key].why[language]]
    assert hit["answered"]["right"] is True


class _Tags(HTMLParser):
    """The tags, attributes and text of some HTML."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


# Pictures


def test_a_picture_keeps_what_it_shows_and_has_an_address_of_its_own() -> None:
    line = replace(LINE, body=render.message_body(Message((PICTURE,))))
    assert render.drawing_of(line) == PATH
    (seen,) = render.shown(line, words()[Language.EN])["parts"]
    assert seen == {"kind": "picture", "alt": PICTURE.alt, "address": "/pictures/7.svg"}


@pytest.mark.parametrize(
    "drawing", [{"type": "path"}, {"type": "unheard of"}, {}, "words"], ids=["old", "other", "none", "wrong"]
)
def test_a_drawing_that_cannot_be_read_any_more_is_no_picture(drawing: object) -> None:
    body = json.dumps({"parts": [{"kind": "picture", "drawing": drawing, "alt": "said"}]})
    assert render.drawing_of(replace(LINE, body=body)) is None


def test_a_line_without_a_picture_has_no_drawing() -> None:
    assert render.drawing_of(LINE) is None
    assert render.drawing_of(replace(LINE, body=render.message_body(Message((Text("x"),))))) is None
