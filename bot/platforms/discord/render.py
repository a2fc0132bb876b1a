"""What is said, as embeds, files and components. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, assert_never

from discord import Embed, File
from discord import ui as discord_ui

from bot.messages.markup import cut, escape, units
from bot.messages.outgoing import (
    MOST_PAGES,
    Button,
    Buttons,
    Facts,
    Field,
    Fold,
    Form,
    Menu,
    Message,
    Part,
    Picker,
    Picture,
    Pointer,
    Quiz,
    Style,
    Text,
    Wanted,
)
from bot.platforms.discord.limits import (
    ATTACHMENT_TEXT,
    BUTTON_LABEL,
    BUTTON_URL,
    BUTTONS_PER_ROW,
    EMBED_TEXT,
    EMBED_TITLE,
    EMBEDS,
    EMBEDS_TOGETHER,
    FIELD_CHOICE,
    FIELD_CHOICES,
    FIELD_HINT,
    FIELD_LABEL,
    FIELD_TEXT,
    FIELDS,
    FORM_TITLE,
    MENU_CHOICE,
    MENU_CHOICES,
    MENU_HINT,
    ROWS,
)

Json = dict[str, Any]

_ROW, _BUTTON, _SELECT, _INPUT = 1, 2, 3, 4
_LABEL, _RADIO_GROUP, _CHECKBOX_GROUP = 18, 21, 22
_PRIMARY, _SECONDARY, _LINK = 1, 2, 5
_SHORT, _PARAGRAPH = 1, 2

_SHORT_TEXT = 200
"""What is longer than this is written in a field of several lines."""

_PICKERS: Final[dict[Wanted, Json]] = {
    # A text channel, one of announcements, and a forum.
    Wanted.CHANNEL: {"type": 8, "channel_types": [0, 5, 15]},
    Wanted.ROLE: {"type": 6},
}

LETTERS = "ABCDEFGHIJ"
_GAP = "\n\n"

_ROOM = EMBEDS_TOGETHER - 1
"""What the embeds of a message hold, in UTF-16 units; one is left for an ellipsis."""

_LEAST = 80
"""Less room than this for a text is not worth beginning in."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where links inside a message lead: a channel of a server, or of nobody's (`@me`)."""

    channel_id: str
    guild_id: str = "@me"

    def link(self, pointer: Pointer) -> str:
        """The address of a thread, or of a message in the channel."""
        steps = (pointer.thread_id,) if pointer.thread_id else (self.channel_id, pointer.message_id)
        return "/".join(("https://discord.com/channels", self.guild_id, *(step for step in steps if step)))


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: its embeds, its rows of components, and its picture with what it shows in words."""

    embeds: list[Embed]
    rows: list[Json]
    png: bytes | None = None
    alt: str = ""

    def files(self) -> list[File]:
        """The picture as discord.py sends it, once: a file is used up by its sending."""
        if self.png is None:
            return []
        return [File(BytesIO(self.png), "picture.png", description=cut(self.alt, ATTACHMENT_TEXT))]

    def view(self) -> discord_ui.View | None:
        """The components as discord.py sends them. Needs a running loop."""
        return _View(self.rows) if self.rows else None


class _View(discord_ui.View):
    """Components that are written out already. It is stopped at once: presses are told by their custom id, so
    nothing need be remembered between the message and the press."""

    def __init__(self, rows: list[Json]) -> None:
        super().__init__(timeout=None)
        self._rows = rows
        self.stop()

    def to_components(self) -> list[Json]:
        """The components in Discord's words."""
        return self._rows


def render(message: Message, address: Address, png: bytes | None = None) -> Rendered:
    """A message within Discord's limits. `png` is its picture as drawn; without it, the picture's words
    are among the others."""
    spoken = [part for part in message.parts if png is None or not isinstance(part, Picture)]
    pages, paging = _pages(_blocks(spoken)), message.paging
    turning = len(pages) > 1 and paging is not None and len(pages) <= MOST_PAGES
    turns = [_row(map(_button, paging.buttons(len(pages))))] if paging and turning else []
    rows = _rows(_wanted_rows(message.parts, address))[: ROWS - len(turns)]
    embeds = pages[paging.within(len(pages)) - 1] if paging and turning else _first_of(pages)
    alt = message.picture.alt if message.picture else ""
    return Rendered(embeds, [*rows, *turns], png, alt)


# Text


def _blocks(parts: Iterable[Part]) -> list[tuple[str, str]]:
    """The texts that stand together, each with its title: what is folded stands alone."""
    blocks: list[tuple[str, str]] = []
    running: list[str] = []
    for part in parts:
        if isinstance(part, Fold):
            blocks.append(("", _GAP.join(running)))
            blocks.append((part.title, _GAP.join(filter(None, map(_markdown, part.parts)))))
            running = []
        elif words := _markdown(part):
            running.append(words)
    blocks.append(("", _GAP.join(running)))
    return [(title, text.strip()) for title, text in blocks if text.strip()]


def _markdown(part: Part) -> str:
    match part:
        case Text(markdown):
            return markdown
        case Facts(rows):
            return "\n".join(f"**{label}** {value}" for label, value in rows)
        case Quiz(question, options, title=title):
            listed = (
                f"- **{letter}.** {escape(option)}" for letter, option in zip(LETTERS, options, strict=False)
            )
            heading = [f"**{escape(title)}**"] if title else []
            return _GAP.join([*heading, escape(question), "\n".join(listed)])
        case Picture():
            return part.words
        case Buttons() | Menu() | Picker() | Pointer() | Fold():
            return ""
        case _:
            assert_never(part)


def _pages(blocks: Iterable[tuple[str, str]]) -> list[list[Embed]]:
    """The blocks as embeds, in as many messages as they need."""
    pages: list[list[Embed]] = [[]]
    room = _ROOM
    for full_title, whole in blocks:
        title, text = cut(full_title, EMBED_TITLE), whole
        while text:
            if len(pages[-1]) == EMBEDS or room < units(title) + _LEAST:
                pages.append([])
                room = _ROOM
            room -= units(title)
            piece, text = _split(text, min(EMBED_TEXT, room))
            pages[-1].append(Embed(title=title or None, description=piece))
            room -= units(piece)
            title = ""
    return pages


def _first_of(pages: Sequence[list[Embed]]) -> list[Embed]:
    """The first of some messages, which shows that it is not all."""
    first = pages[0]
    if len(pages) > 1:
        text = first[-1].description or ""
        first[-1].description = (text if units(text) < EMBED_TEXT else cut(text, EMBED_TEXT - 1)) + "…"
    return first


def _split(text: str, limit: int) -> tuple[str, str]:
    """The beginning of a text that fits, and the rest; parted between paragraphs, lines or words."""
    if units(text) <= limit:
        return text, ""
    head = text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")
    for gap in (_GAP, "\n", " "):
        place = head.rfind(gap)
        # A gap near the beginning would waste the room after it.
        if place > len(head) // 2:
            head = head[:place]
            break
    # A backslash at the end has lost what it escaped.
    head = head.rstrip("\\")
    return head.rstrip(), text[len(head) :].lstrip()


# What is pressed and chosen


def _wanted_rows(parts: Iterable[Part], address: Address) -> Iterator[list[Json]]:
    menus = 0
    for part in parts:
        if isinstance(part, Buttons):
            yield from (list(map(_button, row)) for row in part.rows)
        elif isinstance(part, Menu):
            yield [_menu(part, menus)]
            menus += 1
        elif isinstance(part, Picker):
            yield [_picker(part)]
        elif isinstance(part, Quiz) and not part.closed:
            letters = zip(LETTERS, part.answers, strict=False)
            yield [_button(Button(letter, answer)) for letter, answer in letters]
        elif isinstance(part, Pointer):
            yield [_button(Button(part.label, url=address.link(part)))]


def _rows(wanted: Iterable[list[Json]]) -> list[Json]:
    """At most five rows of five, no action twice: Discord refuses a message that repeats a custom id."""
    rows: list[Json] = []
    seen: set[str] = set()
    for row in wanted:
        kept: list[Json] = []
        for component in row:
            token = component.get("custom_id")
            if token is None and len(component["url"]) > BUTTON_URL:
                continue
            if token in seen or component.get("options") == []:
                continue
            if token:
                seen.add(token)
            kept.append(component)
        rows += [_row(kept[i : i + BUTTONS_PER_ROW]) for i in range(0, len(kept), BUTTONS_PER_ROW)]
    return rows[:ROWS]


def _row(components: Iterable[Json]) -> Json:
    return {"type": _ROW, "components": list(components)}


def _label(text: str, limit: int) -> str:
    """What is written on something; never nothing, which Discord refuses."""
    return cut(text.strip(), limit) or "·"


def _button(button: Button) -> Json:
    label = _label(button.label, BUTTON_LABEL)
    if button.action is None:
        return {"type": _BUTTON, "style": _LINK, "label": label, "url": button.url}
    style = _PRIMARY if button.style is Style.MAIN else _SECONDARY
    return {"type": _BUTTON, "style": style, "label": label, "custom_id": button.action.token}


def _menu(menu: Menu, number: int) -> Json:
    """A list to choose from. What is chosen is told by its value, so that its own id only has to differ from
    those beside it."""
    options: dict[str, Json] = {}
    for place, choice in enumerate(menu.choices):
        if choice.action and choice.action.token not in options and len(options) < MENU_CHOICES:
            token = choice.action.token
            options[token] = {"label": _label(choice.label, MENU_CHOICE), "value": token}
            if place == menu.chosen:
                options[token]["default"] = True
    return {
        "type": _SELECT,
        "custom_id": f"menu:{number}",
        "placeholder": cut(menu.hint, MENU_HINT),
        "options": list(options.values()),
    }


def _picker(picker: Picker) -> Json:
    """A list that Discord fills itself."""
    held = [{"id": picker.chosen, "type": picker.wanted.value}] if picker.chosen else []
    return {
        **_PICKERS[picker.wanted],
        "custom_id": picker.action.token,
        "placeholder": cut(picker.hint, MENU_HINT),
        "min_values": 0 if picker.optional else 1,
        "max_values": 1,
        "default_values": held,
    }


def modal(form: Form) -> Json:
    """A form as the window that a callback opens."""
    return {
        "custom_id": form.action.token,
        "title": _label(form.title, FORM_TITLE),
        "components": [_field(field) for field in form.fields[:FIELDS]],
    }


def _field(field: Field) -> Json:
    shown: Json = {"type": _LABEL, "label": _label(field.label, FIELD_LABEL)}
    if field.hint.strip():
        shown["description"] = cut(field.hint, FIELD_HINT)
    inner: Json = {"custom_id": field.name, "required": field.required}
    if not field.choices:
        most = max(1, min(field.longest, FIELD_TEXT))
        style = _SHORT if most <= _SHORT_TEXT else _PARAGRAPH
        return {**shown, "component": inner | _input(style, most, field.value)}
    held = field.value.split() if field.several else [field.value]
    choices = field.choices[:FIELD_CHOICES]
    options = [
        {"value": value, "label": _label(label, FIELD_CHOICE), "default": value in held}
        for value, label in choices
    ]
    inner["options"] = options
    # There is no radio group of one.
    if field.several or len(choices) == 1:
        most = len(choices) if field.several else 1
        inner |= {"type": _CHECKBOX_GROUP, "min_values": int(field.required), "max_values": most}
    else:
        inner["type"] = _RADIO_GROUP
    return {**shown, "component": inner}


def _input(style: int, most: int, value: str) -> Json:
    shown: Json = {"type": _INPUT, "style": style, "max_length": most}
    return {**shown, "value": cut(value, most)} if value else shown
