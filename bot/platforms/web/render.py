"""What is said, as the JSON that a line keeps and the JSON that a page is shown. Pure."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias, assert_never

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from bot.domain.papers import Question
from bot.domain.quizzes import Round
from bot.messages.actions import Action, Verb
from bot.messages.cards import answer_letters
from bot.messages.drawings import Drawing
from bot.messages.outgoing import (
    Button,
    Buttons,
    Facts,
    Fold,
    Menu,
    Message,
    OpenThread,
    Part,
    Picker,
    Picture,
    Pointer,
    Quiz,
    Text,
    Word,
)
from bot.messages.texts import Words
from bot.ports import RoomLine

Json: TypeAlias = dict[str, Any]

BOT = "paperclub"
"""The author of the bot’s own lines; no persona may have it as an id."""

_LABEL = re.compile(r"^(?:[✅❌] )?\*\*(?:[A-D]\.|\\?/)")
"""How an option of a quiz or a command in the help begins."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of a round and what counted as one member's answer."""

    round: Round
    question: Question
    choices: tuple[int, ...]


def said_body(text: str, nonce: str) -> str:
    """The body of a line that a person said. By its nonce the page that sent it knows it again."""
    return json.dumps({"text": text, "nonce": nonce}, ensure_ascii=False)


def thread_body(thread: OpenThread) -> str:
    """The body of a line that opens a discussion."""
    return json.dumps({"title": thread.title}, ensure_ascii=False)


def message_body(message: Message) -> str:
    """The body of a message of ours."""
    return json.dumps({"parts": _parts(message.parts)}, ensure_ascii=False)


def quiz_of(line: RoomLine) -> tuple[int, int] | None:
    """The round of the question that a line asks a group, and its position in it."""
    for part in json.loads(line.body).get("parts", ()):
        if part["kind"] == "quiz" and part["round"] is not None:
            return part["round"], part["number"]
    return None


def drawing_of(line: RoomLine) -> Drawing | None:
    """The drawing of the picture in a line, or of the one that explains its question; None where there is
    none, or none that we still can read."""
    for part in json.loads(line.body).get("parts", ()):
        picture = part if part["kind"] == "picture" else part.get("illustration")
        if picture:
            try:
                drawing: Drawing = msgspec.convert(picture["drawing"], Drawing)
            except msgspec.ValidationError:
                return None
            return drawing
    return None


def shown(line: RoomLine, words: Words, answered: Answered | None = None) -> Json:
    """A line as one person sees it: in their words, with their own answer to its question."""
    body = json.loads(line.body)
    for part in body.get("parts", ()):
        illustration = part.pop("illustration", None)
        if part["kind"] == "quiz" and answered:
            part["answered"] = _marked(words, answered)
            part["answered"]["picture"] = _addressed(illustration, line) if illustration else None
        if part["kind"] == "picture":
            part |= _addressed(part, line)
            del part["drawing"]
    return {
        "id": line.id,
        "thread": line.thread_id,
        "author": line.author,
        "at": line.at,
        "private": line.seen_by is not None,
        "replies": None if line.replies is None else words.plain("web.thread.replies", n=line.replies),
        **body,
    }


def _addressed(picture: Json, line: RoomLine) -> Json:
    """A picture by where it is to be had."""
    return {"address": f"/pictures/{line.id}.svg", "alt": picture["alt"]}


def _marked(words: Words, answered: Answered) -> Json:
    """Right or wrong, and why; for a wrong choice, also why that is wrong."""
    question, choices = answered.question, answered.choices
    right = question.is_right(choices)
    letter = answer_letters(words, question, answered.round)
    missed = [question.options[i] for i in choices if not question.options[i].right]
    return {
        "choices": list(choices),
        "keys": list(question.keys),
        "right": right,
        "verdict": words.plain("quiz.right") if right else words.plain("quiz.wrong", letter=letter),
        "why": [*(option.why[words.language] for option in missed), question.explanation[words.language]],
    }


def _parts(parts: Sequence[Part]) -> list[Json]:
    shown = [part for part in parts if not isinstance(part, Picker)]
    return [_part(part, after) for part, after in zip(shown, (*shown[1:], None), strict=True)]


def _part(part: Part, after: Part | None) -> Json:
    match part:
        case Text(markdown) if isinstance(after, Facts):
            # A text right above the facts is the head of a card: its lines are set one by one.
            return _head(markdown)
        case Text(markdown, words):
            return {"kind": "text", "html": _html(markdown, words)}
        case Facts(rows):
            return {"kind": "facts", "rows": [[_inline(label), _inline(value)] for label, value in rows]}
        case Fold(title, parts):
            return {"kind": "fold", "title": title, "parts": _parts(parts)}
        case Picture():
            return {"kind": "picture", **_picture(part)}
        case Pointer(label, thread_id, message_id):
            return {"kind": "pointer", "label": label, "thread": thread_id, "line": message_id}
        case Buttons() | Menu():
            return {"kind": "buttons", "rows": [[_button(button) for button in row] for row in part.rows]}
        case Quiz():
            return _quiz(part)
        case Picker():  # left out above
            return {}
        case _:
            assert_never(part)


def _head(markdown: str) -> Json:
    lines = [{"html": _inline(line), "title": line.startswith("**")} for line in markdown.split("\n") if line]
    return {"kind": "head", "lines": lines}


def _button(button: Button) -> Json:
    if button.action is None:
        return {"label": button.label, "url": button.url}
    return {"label": button.label, "token": button.action.token, "style": button.style.value}


def _picture(picture: Picture) -> Json:
    return {"drawing": msgspec.to_builtins(picture.drawing), "alt": picture.alt}


def _quiz(quiz: Quiz) -> Json:
    """The question without its key: a page is not told what it must not show."""
    round_id = number = None
    if quiz.answers and quiz.answers[0].verb is Verb.ANSWER:
        round_id, number = map(int, quiz.answers[0].args[:2])
    options = [
        {"text": text, "token": action.token} for text, action in zip(quiz.options, quiz.answers, strict=True)
    ]
    return {
        "kind": "quiz",
        "title": quiz.title,
        "question": quiz.question,
        "options": options,
        "round": round_id,
        "number": number,
        "illustration": _picture(quiz.illustration) if quiz.illustration else None,
    }


class _Markdown(MarkdownIt):
    """The little Markdown that our texts use. HTML, pictures and other schemes stay plain text."""

    def __init__(self) -> None:
        super().__init__("zero", {"breaks": True})
        self.enable(["backticks", "emphasis", "escape", "link", "list", "newline"])
        self.core.ruler.push("finish", _finish)

    def validateLink(self, url: str) -> bool:
        return url.startswith(("https://", "http://"))


def _finish(state: StateCore) -> None:
    """Links leave the page alone; a paragraph that begins with a bold line of its own is marked, and so is
    an item that has a label instead of a bullet."""
    item: Token | None = None
    for before, token in pairwise(state.tokens):
        if before.type == "list_item_open":
            item = before
        children = [child for child in token.children or () if child.type != "text" or child.content]
        for child in children:
            if child.type == "link_open":
                child.attrSet("target", "_blank")
                child.attrSet("rel", "noopener noreferrer")
        if before.type == "paragraph_open" and _titled(children):
            before.attrSet("class", "titled")
        if token.children and "finder" in state.env:
            token.children = list(_pressable(token.children, state.env["finder"]))
        if item and token.type == "inline" and _LABEL.match(token.content):
            item.attrSet("class", "labelled")


def _titled(children: Sequence[Token]) -> bool:
    types = [child.type for child in children]
    if not types or types[0] != "strong_open" or "strong_close" not in types:
        return False
    end = types.index("strong_close")
    return types[end + 1 : end + 2] == ["softbreak"]


class _Finder:
    """Finds words in a text that goes by piece by piece: for each action, the first of its words. English
    words are found in the plural too."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._left = {word.text.casefold(): word.action for word in words}
        # Of two words that begin alike the longer is meant.
        alternatives = "|".join(re.escape(text) for text in sorted(self._left, key=len, reverse=True))
        self._pattern = re.compile(
            rf"(?<![A-Za-z0-9-])({alternatives})(?:e?s)?(?![A-Za-z0-9-])", re.IGNORECASE
        )

    def split(self, text: str) -> Iterator[tuple[str, Action | None]]:
        """The text in pieces, each with the action of the word that it is, if any."""
        end = 0
        for found in self._pattern.finditer(text):
            action = self._left.get(found[1].casefold())
            if action:
                yield text[end : found.start()], None
                yield found[0], action
                end = found.end()
                self._left = {word: other for word, other in self._left.items() if other != action}
        yield text[end:], None


def _pressable(children: Sequence[Token], finder: _Finder) -> Iterator[Token]:
    in_link = False
    for child in children:
        in_link = child.type == "link_open" or (in_link and child.type != "link_close")
        if child.type != "text" or in_link:
            yield child
            continue
        for piece, action in finder.split(child.content):
            if action:
                attributes: dict[str, str | int | float] = {
                    "type": "button",
                    "class": "term",
                    "data-token": action.token,
                }
                yield Token("word_open", "button", 1, attrs=attributes)
            yield Token("text", "", 0, content=piece)
            if action:
                yield Token("word_close", "button", -1)


_markdown = _Markdown()


def _html(markdown: str, words: Sequence[Word]) -> str:
    return str(_markdown.render(markdown, {"finder": _Finder(words)} if words else {}))


def _inline(markdown: str) -> str:
    return str(_markdown.renderInline(markdown))
