"""Messages as the Bot API takes them: text with entities, pictures, keyboards, quiz polls. Pure.

Parse modes are never used: a name with a `<` in it would break them. `limits` says what becomes of
what is too long.
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.constants import KeyboardButtonStyle, MessageEntityType
from telegramify_markdown import convert
from telegramify_markdown.config import RenderConfig

from bot.messages.markup import cut, escape, units
from bot.messages.outgoing import (
    MOST_PAGES,
    Button,
    Buttons,
    Facts,
    Fold,
    Menu,
    Message,
    Paging,
    Part,
    Picture,
    Pointer,
    Quiz,
    Style,
    Text,
)
from bot.platforms.telegram import limits
from bot.platforms.telegram.links import message_link

_UNSEEN = "\u2800\ufffc"  # a Braille pattern without dots, and the place of an object
_UNSEEN_KINDS = {"Cc", "Cf", "Zl", "Zp", "Zs"}
REMEMBERED = 512
"""How many messages are kept as they were rendered, the latest used ones; one takes some ten kilobytes."""

_JOINER = "\u2060"  # an invisible character that is neither space nor punctuation

_CONFIG = RenderConfig.isolated()
_CONFIG.markdown_symbol.unordered_list_item = "•"
for _level in range(1, 5):
    setattr(_CONFIG.markdown_symbol, f"heading_level_{_level}", "")


@dataclass(frozen=True, slots=True)
class Rich:
    """Text with its entities, counted in UTF-16 units."""

    text: str = ""
    entities: tuple[MessageEntity, ...] = ()

    @property
    def units(self) -> int:
        """The length as Telegram counts it."""
        return units(self.text)


@dataclass(frozen=True)
class Bubble:
    """A text message. `reply_to` is the message it points to where there is no address for it."""

    rich: Rich
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: str | None = None

    @cached_property
    def dress(self) -> dict[str, str]:
        """What goes with the text, as the API takes it: JSON, made once however often it is sent."""
        dress = {"link_preview_options": '{"is_disabled":true}'}
        if self.rich.entities:
            dress["entities"] = _json([entity.to_dict() for entity in self.rich.entities])
        if self.keyboard:
            dress["reply_markup"] = _json(self.keyboard.to_dict())
        return dress


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture with its caption."""

    png: bytes
    rich: Rich
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A quiz poll. `instead` is the same as text with buttons, for a group in which
    polls may not be sent. `png` and `description` stand above the question; `illustration` is a PNG that goes
    with the explanation."""

    question: str
    options: tuple[str, ...]
    keys: tuple[int, ...]
    explanation: str
    instead: Bubble | Photo
    seconds: int | None = None
    keyboard: InlineKeyboardMarkup | None = None
    png: bytes | None = None
    description: Rich = Rich()
    illustration: bytes | None = None


Piece = Bubble | Photo | Poll


def render(
    message: Message, chat_id: str, png: bytes | None = None, *, single: bool = False
) -> tuple[Piece, ...]:
    """What to send for a message, in order; buttons are under the last of it. `png` is its picture as
    drawn, or that of its quiz's explanation; without it, the picture's words are sent as text, and an
    explanation does without. A `single` one is not split: it is shown in pages, or else cut."""
    # What points somewhere is said once, and a drawing cannot be looked up.
    if png or message.illustration or any(isinstance(part, Pointer | Picture) for part in message.parts):
        return _rendered(message.parts, message.paging, chat_id, png, single=single)
    return _rendered_once(message.parts, message.paging, chat_id[:1] == "-", single=single)


@lru_cache(REMEMBERED)
def _rendered_once(
    parts: tuple[Part, ...], paging: Paging | None, group: bool, *, single: bool
) -> tuple[Piece, ...]:
    """The same for whoever asks in a group, or in private: much is said again and again."""
    return _rendered(parts, paging, "-" if group else "", None, single=single)


def _rendered(
    said: tuple[Part, ...], paging: Paging | None, chat_id: str, png: bytes | None, *, single: bool
) -> tuple[Piece, ...]:
    group = chat_id.startswith("-")
    picture = next((part for part in said if isinstance(part, Picture)), None)
    quiz = next((part for part in said if isinstance(part, Quiz) and group and _fits_poll(part)), None)
    illustration, png = (None, png) if picture else (png, None)
    drawn = png is not None
    # What stands above a caption is the picture itself; its words come below everything else.
    ordered = sorted(said, key=lambda part: drawn and isinstance(part, Picture))
    if quiz and picture:  # the poll shows it
        ordered.remove(picture)
    parts = [piece for part in ordered for piece in _spelled_out(part, group, drawn=drawn)]
    pointers = [part for part in parts if isinstance(part, Pointer)]
    body = _joined(_body(parts))
    turns: tuple[Button, ...] = ()
    photo = png if not quiz else None
    if single and photo:
        body = _shortened(body, limits.CAPTION_UNITS)
    elif single:
        body, turns = _page(body, paging)
    rows = [*_pointer_rows(pointers, chat_id), *_button_rows(parts)]
    keyboard = _keyboard([*_that_fit(rows, limits.BUTTONS - len(turns)), *_button_rows([Buttons((turns,))])])
    sent: list[Piece] = []
    if photo:
        captioned = body.units <= limits.CAPTION_UNITS and len(body.entities) <= limits.ENTITIES
        sent.append(Photo(photo, body if captioned else Rich()))
        body = Rich() if captioned else body
    sent += [Bubble(piece) for piece in split(body)]
    if quiz:
        poll = _poll(quiz, _instead(quiz, picture, png, rows), illustration)
        title = Rich(quiz.title if poll.question == quiz.question else "")
        words = _body(_spelled_out(picture, group, drawn=drawn)) if picture else ()
        above = _shortened(_joined((title, *words)), limits.POLL_DESCRIPTION)
        sent.append(replace(poll, png=png, description=above))
    if not sent:
        sent.append(Bubble(Rich("…")))
    sent[-1] = replace(sent[-1], keyboard=keyboard)
    if not isinstance(sent[0], Poll):
        sent[0] = replace(sent[0], reply_to=_pointed_at(pointers, chat_id))
    return tuple(sent)


def as_toast(pieces: Sequence[Piece]) -> str | None:
    """The plain text of something short enough to be shown to the presser alone; None for the rest."""
    match pieces:
        case [Bubble(Rich() as rich, None, None)] if rich.units <= limits.TOAST_UNITS:
            return rich.text
    return None


# Parts


def _spelled_out(part: Part, group: bool, *, drawn: bool) -> Iterator[Part]:
    """A quiz as text and buttons where it cannot be a poll, a picture as its words, which are folded if
    it was drawn or is an extra; other parts as they are."""
    if isinstance(part, Picture):
        title = part.alt.partition("\n")[0]
        folded = drawn or part.extra
        yield Fold(title, (Text(part.words.partition("\n")[2]),)) if folded else Text(part.words)
        return
    if not isinstance(part, Quiz) or (group and _fits_poll(part)):
        yield part
        return
    yield from _as_text(part)


def _as_text(quiz: Quiz) -> Iterator[Part]:
    """A quiz as text with a button for each option."""
    letters = string.ascii_uppercase[: len(quiz.options)]
    options = "\n".join(f"- **{a}.** {escape(o)}" for a, o in zip(letters, quiz.options, strict=True))
    if quiz.title:
        yield Text(f"**{escape(quiz.title)}**")
    yield Text(f"{escape(quiz.question)}\n\n{options}")
    yield Buttons((tuple(Button(a, answer) for a, answer in zip(letters, quiz.answers, strict=True)),))


def _fits_poll(quiz: Quiz) -> bool:
    return len(quiz.question) <= limits.POLL_QUESTION and all(
        len(option) <= limits.POLL_OPTION for option in quiz.options
    )


def _instead(
    quiz: Quiz, picture: Picture | None, png: bytes | None, rows: Sequence[Sequence[InlineKeyboardButton]]
) -> Bubble | Photo:
    """The same question as one message with buttons; under its picture, if it has one that is drawn."""
    asked = list(_as_text(quiz))
    keyboard = _keyboard([*_button_rows(asked), *rows])
    words = list(_spelled_out(picture, True, drawn=png is not None)) if picture else []
    if png:
        return Photo(png, _shortened(_joined(_body([*asked, *words])), limits.CAPTION_UNITS), keyboard)
    return Bubble(_joined(_body([*words, *asked])), keyboard)


def _poll(quiz: Quiz, instead: Bubble | Photo, illustration: bytes | None) -> Poll:
    titled = f"{quiz.title}\n{quiz.question}" if quiz.title else quiz.question
    question = titled if len(titled) <= limits.POLL_QUESTION else quiz.question
    lines = [" ".join(line.split()) for line in quiz.explanation.splitlines() if line.strip()]
    gap = "\n" if len(lines) <= limits.POLL_EXPLANATION_LINES else " "
    explanation = cut(gap.join(lines), limits.POLL_EXPLANATION)
    shown = illustration if quiz.illustration else None
    return Poll(question, quiz.options, quiz.keys, explanation, instead, quiz.seconds, illustration=shown)


def _body(parts: Iterable[Part]) -> Iterator[Rich]:
    for part in parts:
        if isinstance(part, Fold):
            yield _fold(part)
        elif isinstance(part, Text | Facts):
            yield _plain_part(part)


def _plain_part(part: Text | Facts) -> Rich:
    if isinstance(part, Text):
        return rich(part.markdown)
    return _joined((_joined((_marked(rich(label)), rich(value)), " ") for label, value in part.rows), "\n")


def _fold(fold: Fold) -> Rich:
    """A quotation that shows its first lines until it is opened. Quotations cannot hold another."""
    body = _joined((_marked(Rich(fold.title)), _joined(_plain_part(part) for part in fold.parts)), "\n")
    inner = (entity for entity in body.entities if entity.type != MessageEntityType.BLOCKQUOTE)
    return _marked(Rich(body.text, tuple(inner)), MessageEntityType.EXPANDABLE_BLOCKQUOTE)


# Buttons


def _button_rows(parts: Iterable[Part]) -> Iterator[Sequence[InlineKeyboardButton]]:
    for part in parts:
        if isinstance(part, Buttons | Menu):
            for row in part.rows:
                for start in range(0, len(row), limits.BUTTONS_PER_ROW):
                    yield [_button(button) for button in row[start : start + limits.BUTTONS_PER_ROW]]


def _button(button: Button) -> InlineKeyboardButton:
    style = KeyboardButtonStyle.PRIMARY if button.style is Style.MAIN else None
    if button.action:
        return InlineKeyboardButton(button.label, callback_data=button.action.token, style=style)
    return InlineKeyboardButton(button.label, url=button.url, style=style)


def _page(body: Rich, paging: Paging | None) -> tuple[Rich, tuple[Button, ...]]:
    """The page of a text that is wanted, and the buttons to turn to the others."""
    pages = split(body)
    if len(pages) < 2:
        return body, ()
    if paging is None or len(pages) > MOST_PAGES:
        return _shortened(body, limits.TEXT_UNITS), ()
    return pages[paging.within(len(pages)) - 1], paging.buttons(len(pages))


def _pointer_rows(pointers: Iterable[Pointer], chat_id: str) -> Iterator[Sequence[InlineKeyboardButton]]:
    for pointer in pointers:
        target = pointer.thread_id or pointer.message_id
        link = message_link(pointer.chat_id or chat_id, target) if target else None
        if link:
            yield [InlineKeyboardButton(pointer.label, url=link)]


def _pointed_at(pointers: Iterable[Pointer], chat_id: str) -> str | None:
    """The message to reply to, in groups whose messages have no address."""
    if not chat_id.startswith("-") or message_link(chat_id, "1"):
        return None
    return next((pointer.message_id for pointer in pointers if pointer.message_id), None)


def _that_fit(
    rows: Iterable[Sequence[InlineKeyboardButton]], most: int
) -> Iterator[Sequence[InlineKeyboardButton]]:
    """As many rows as have so many buttons together."""
    for row in rows:
        most -= len(row)
        if most < 0:
            return
        yield row


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _keyboard(rows: Sequence[Sequence[InlineKeyboardButton]]) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup(rows) if rows else None


# Text


@lru_cache(REMEMBERED)  # what is in few messages alike has lines that are in many
def rich(markdown: str) -> Rich:
    """Our Markdown as text and entities, without white space around it."""
    text, found = convert(_mended(markdown), latex_escape=False, config=_CONFIG)
    entities = [
        MessageEntity(e.type, e.offset, e.length, url=e.url, language=e.language)
        for e in found
        if e.type != MessageEntityType.TEXT_LINK or _is_address(e.url)
    ]
    return _part(Rich(text, tuple(entities)), 0, units(text))


def _is_address(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".")


def _marked(text: Rich, kind: str = MessageEntityType.BOLD) -> Rich:
    """All of a text under one more entity."""
    return Rich(text.text, (MessageEntity(kind, 0, text.units), *text.entities)) if text.text else text


def _joined(pieces: Iterable[Rich], separator: str = "\n\n") -> Rich:
    text, entities = "", list[MessageEntity]()
    for piece in pieces:
        if not piece.text:
            continue
        text += separator if text else ""
        entities += _moved(piece.entities, units(text))
        text += piece.text
    return Rich(text, tuple(entities))


def _moved(entities: Iterable[MessageEntity], by: int) -> Iterator[MessageEntity]:
    for e in entities:
        yield MessageEntity(e.type, e.offset + by, e.length, url=e.url, language=e.language)


def split(whole: Rich) -> list[Rich]:
    """A text in pieces that Telegram takes, at the ends of paragraphs where that is possible."""
    pieces = []
    rest = whole
    while rest.units > limits.TEXT_UNITS or len(rest.entities) > limits.ENTITIES:
        end = _end_of_piece(rest)
        pieces.append(_part(rest, 0, end))
        rest = _part(rest, end, rest.units)
    return [piece for piece in (*pieces, rest) if any(map(_is_seen, piece.text))]


def _is_seen(character: str) -> bool:
    """Telegram refuses a message in which nothing is."""
    return character not in _UNSEEN and unicodedata.category(character) not in _UNSEEN_KINDS


def _shortened(whole: Rich, most: int) -> Rich:
    """A text cut at the end of a paragraph where that is possible, so that it has at most so many units."""
    if whole.units <= most and len(whole.entities) <= limits.ENTITIES:
        return whole
    head = _part(whole, 0, _end_of_piece(whole, most - 1))
    return Rich(f"{head.text}…", head.entities)


def _end_of_piece(whole: Rich, reach: int = limits.TEXT_UNITS) -> int:
    starts = sorted(entity.offset for entity in whole.entities)
    if len(starts) > limits.ENTITIES:
        reach = min(reach, max(1, starts[limits.ENTITIES]))
    head = whole.text.encode("utf-16-le")[: 2 * reach].decode("utf-16-le", errors="ignore")
    ends = (head.rfind(separator) for separator in ("\n\n", "\n", " "))
    return units(head[: next((end for end in ends if end > 0), len(head))]) or 2


def _part(whole: Rich, start: int, end: int) -> Rich:
    """The text between two positions, trimmed as Telegram would trim it, with what marks it there."""
    text = whole.text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
    first = start + units(text) - units(text.lstrip())
    trimmed = text.strip()
    last = first + units(trimmed)
    return Rich(trimmed, tuple(_clipped(whole.entities, first, last)))


def _clipped(entities: Iterable[MessageEntity], start: int, end: int) -> Iterator[MessageEntity]:
    for e in entities:
        first, last = max(e.offset, start), min(e.offset + e.length, end)
        if first < last:
            yield MessageEntity(e.type, first - start, last - first, url=e.url, language=e.language)


# Markdown


_TOKEN = re.compile(
    r"""\\(?P<sign>[@#])(?=\w)          # would become a mention or hashtag
      | \\(?P<dot>\.)(?=[^\W\d_])       # or part of an address
      | \\(?P<colon>:)(?=\\/\\/)
      | (?P<kept>\\. | `+[^`]*`+)
      | (?P<dollar>\$)                  # would begin a formula
    """,
    re.VERBOSE | re.DOTALL,
)
_EMPHASIS = re.compile(
    r"""(?P<kept>\\. | `+[^`]*`+)
      | (?P<stars>\*{1,2})(?![\s*])(?P<inner>(?:\\.|[^\\*`\n]|`[^`\n]*`)+?)(?<!\s)(?P=stars)(?!\*)
    """,
    re.VERBOSE | re.DOTALL,
)


def _mended(markdown: str) -> str:
    """Markdown that the parser reads as it was meant.

    What was escaped shall not become a link on Telegram's side either: people's names and notes
    mention nobody. Emphasis next to Chinese punctuation is seen by no CommonMark parser without help.
    """
    return _EMPHASIS.sub(_helped, _TOKEN.sub(_unlinked, markdown))


def _unlinked(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    if found["dollar"]:
        return r"\$"
    return f"{found['sign'] or found['dot'] or found['colon']}{_JOINER}"


def _helped(found: re.Match[str]) -> str:
    stars, inner = found["stars"], found["inner"]
    if not stars:
        return found[0]
    before = found.string[found.start() - 1 : found.start()] if found.start() else ""
    after = found.string[found.end() : found.end() + 1]
    opening = _JOINER if before.isalnum() and not inner[0].isalnum() else ""
    closing = _JOINER if after.isalnum() and not inner[-1].isalnum() else ""
    return f"{stars}{opening}{inner}{closing}{stars}"
