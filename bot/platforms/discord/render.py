"""What is said, as embeds, files and buttons. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, assert_never

from discord import ButtonStyle, Embed, File
from discord import ui as discord_ui

from bot.messages.markup import cut, escape, units
from bot.messages.outgoing import (
    MOST_PAGES,
    Button,
    Buttons,
    Facts,
    Fold,
    Menu,
    Message,
    Part,
    Picker,
    Picture,
    Pointer,
    Quiz,
    Style,
    Text,
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
    ROWS,
)

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
    """One message: its embeds, its rows of buttons, and its picture with what it shows in words."""

    embeds: list[Embed]
    rows: tuple[tuple[Button, ...], ...]
    png: bytes | None = None
    alt: str = ""

    def files(self) -> list[File]:
        """The picture as discord.py sends it, once: a file is used up by its sending."""
        if self.png is None:
            return []
        return [File(BytesIO(self.png), "picture.png", description=cut(self.alt, ATTACHMENT_TEXT))]

    def view(self) -> discord_ui.View | None:
        """The buttons as discord.py sends them. Needs a running loop.

        The view is stopped at once: presses are told by their custom id, so nothing need be remembered
        between the message and the press.
        """
        if not self.rows:
            return None
        view = discord_ui.View(timeout=None)
        for place, row in enumerate(self.rows):
            for button in row:
                view.add_item(_button(button, place))
        view.stop()
        return view


def render(message: Message, address: Address, png: bytes | None = None) -> Rendered:
    """A message within Discord's limits. `png` is its picture as drawn; without it, the picture's words
    are among the others."""
    spoken = [part for part in message.parts if png is None or not isinstance(part, Picture)]
    pages, paging = _pages(_blocks(spoken)), message.paging
    turning = len(pages) > 1 and paging is not None and len(pages) <= MOST_PAGES
    turns = (paging.buttons(len(pages)),) if paging and turning else ()
    rows = _rows(_wanted_rows(message.parts, address))[: ROWS - len(turns)]
    embeds = pages[paging.within(len(pages)) - 1] if paging and turning else _first_of(pages)
    alt = message.picture.alt if message.picture else ""
    return Rendered(embeds, (*rows, *turns), png, alt)


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


# Buttons


def _wanted_rows(parts: Iterable[Part], address: Address) -> Iterator[tuple[Button, ...]]:
    for part in parts:
        if isinstance(part, Buttons | Menu):
            yield from part.rows
        elif isinstance(part, Quiz):
            yield tuple(Button(letter, answer) for letter, answer in zip(LETTERS, part.answers, strict=False))
        elif isinstance(part, Pointer):
            yield (Button(part.label, url=address.link(part)),)


def _rows(wanted: Iterable[tuple[Button, ...]]) -> list[tuple[Button, ...]]:
    """At most five rows of five, no action twice: Discord refuses a message that repeats a custom id."""
    rows: list[tuple[Button, ...]] = []
    seen: set[str] = set()
    for row in wanted:
        kept: list[Button] = []
        for button in row:
            if button.action and button.action.token not in seen:
                seen.add(button.action.token)
                kept.append(button)
            elif button.url and len(button.url) <= BUTTON_URL:
                kept.append(button)
        rows += [tuple(kept[i : i + BUTTONS_PER_ROW]) for i in range(0, len(kept), BUTTONS_PER_ROW)]
    return rows[:ROWS]


def _button(button: Button, row: int) -> discord_ui.Button[Any]:
    label = cut(button.label.strip(), BUTTON_LABEL) or "·"
    if button.action is None:
        return discord_ui.Button(label=label, url=button.url, row=row)
    style = ButtonStyle.primary if button.style is Style.MAIN else ButtonStyle.secondary
    return discord_ui.Button(label=label, custom_id=button.action.token, style=style, row=row)
