"""What is said, as a layout of components; as embeds where it is longer than a layout holds. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeGuard, assert_never

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
    Paging,
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
    ACCENT,
    ATTACHMENT_TEXT,
    BUTTON_LABEL,
    BUTTON_URL,
    BUTTONS_PER_ROW,
    COMPONENTS,
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
    LAYOUT_TEXT,
    MENU_CHOICE,
    MENU_CHOICES,
    MENU_HINT,
    ROWS,
)

Json = dict[str, Any]

REMEMBERED = 512
"""How many messages are kept as they are laid out: the week's paper is shown again and again."""

PICTURE_NAME: Final = "picture.png"
SILENT: Final = 1 << 12
EPHEMERAL: Final = 1 << 6
MODERN: Final = 1 << 15
"""The flag of a message that is a layout. It can be set by an edit, and never be taken away."""

LETTERS = "ABCDEFGHIJ"
_GAP = "\n\n"

ROW, _BUTTON, _SELECT, _INPUT = 1, 2, 3, 4
_SECTION, _TEXT, _GALLERY, SEPARATOR, _CONTAINER = 9, 10, 12, 14, 17
_LABEL, _RADIO_GROUP, _CHECKBOX_GROUP = 18, 21, 22
_PRIMARY, _SECONDARY, _LINK = 1, 2, 5
_SHORT, _PARAGRAPH = 1, 2

_SHORT_TEXT = 200
"""What is longer than this is written in a field of several lines."""

_BESIDE = 400
"""A text longer than this stands above a link, not beside it."""

_TEXTS = 12
"""A message of more runs of text than this has them in one, so that its buttons find room."""

_LEAST = 80
"""Less room than this for a text is not worth beginning in."""

_TITLE = re.compile(r"(?:(?P<sign>[^\w\s*]{1,3}) )?\*\*(?P<title>[^*\n]+)\*\*")
"""A line in bold and nothing else, but for an icon before it."""

_PICKERS: Final[dict[Wanted, Json]] = {
    # A text channel, one of announcements, and a forum.
    Wanted.CHANNEL: {"type": 8, "channel_types": [0, 5, 15]},
    Wanted.ROLE: {"type": 6},
}


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
class _Laid:
    """What stands in a message: components, with embeds above them in one that is no layout."""

    components: list[Json]
    embeds: list[Json] | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: its components, its embeds where it is no layout, its picture with what that shows in
    words, and the id of the role it calls."""

    components: list[Json]
    embeds: list[Json] | None = None
    png: bytes | None = None
    alt: str = ""
    silent: bool = False
    mention: str | None = None

    @property
    def modern(self) -> bool:
        """Whether it is a layout, whose place nothing but another layout can take."""
        return self.embeds is None

    def fresh(self, *, private: bool = False) -> Json:
        """The body of a new message; `private` asks for it to be seen by one person alone."""
        flags = MODERN * self.modern | SILENT * self.silent | EPHEMERAL * private
        files = {"attachments": [self._file()]} if self.png else {}
        return {**self._said(), "flags": flags, **files}

    def change(self) -> Json:
        """The body of an edit that leaves nothing of what stood there before."""
        flags = {"flags": MODERN} if self.modern else {}
        files = [self._file()] if self.png else []
        return {"content": None, "embeds": None, **self._said(), **flags, "attachments": files}

    def _said(self) -> Json:
        called = {"roles": [self.mention]} if self.mention else {}
        said: Json = {"components": self.components, "allowed_mentions": {"parse": [], **called}}
        if self.embeds is not None:
            said |= {"content": f"<@&{self.mention}>" if self.mention else None, "embeds": self.embeds}
        return said

    def _file(self) -> Json:
        return {"id": 0, "filename": PICTURE_NAME, "description": cut(self.alt, ATTACHMENT_TEXT)}


def render(message: Message, address: Address, png: bytes | None = None, *, layout: bool = False) -> Rendered:
    """A message within Discord's limits. `png` is its picture as drawn; without it, the picture's words are
    among the others. With `layout` it is a layout at all events, cut where it is too long for one."""
    # Nobody is called for everyone, whose role has the server's own id.
    mention = message.mention if message.mention != address.guild_id else None
    picture = message.picture
    if all(map(_is_said_again, message.parts)):
        laid = _laid_once(message.parts, message.paging, mention, layout=layout)
    else:
        laid = _laid(message.parts, message.paging, address, mention, drawn=png is not None, layout=layout)
    shown = png if picture else None
    alt = picture.alt if picture else ""
    return Rendered(laid.components, laid.embeds, shown, alt, message.silent, mention)


def _is_said_again(part: Part) -> bool:
    """Whether the same part may be looked up: what points somewhere is said once, and a drawing cannot be."""
    return not isinstance(part, Pointer | Picture) and not (isinstance(part, Quiz) and part.illustration)


@lru_cache(REMEMBERED)
def _laid_once(parts: tuple[Part, ...], paging: Paging | None, mention: str | None, *, layout: bool) -> _Laid:
    """The same wherever it is asked for: much is said again and again."""
    return _laid(parts, paging, Address(""), mention, drawn=False, layout=layout)


def _laid(
    parts: tuple[Part, ...],
    paging: Paging | None,
    address: Address,
    mention: str | None,
    *,
    drawn: bool,
    layout: bool,
) -> _Laid:
    call = [_text(f"<@&{mention}>")] if mention else []
    room = LAYOUT_TEXT - length(call)
    titled = _titled(parts)
    sheet = _in_order(titled, address, drawn=drawn)
    turns: list[Json] = []
    if length(sheet) + len(sheet) > room:  # with room for a break between any two
        blocks = _blocks(part for part in (titled if paging or layout else parts) if not _seen(part, drawn))
        if not paging and not layout:
            pages = _pages(blocks, together=EMBEDS_TOGETHER, each=EMBED_TEXT, most=EMBEDS)
            return _Laid(list(_Controls(address).of(parts))[:ROWS], list(map(_embed, _first_of(pages))))
        written = [("", f"### {title}\n{text}" if title else text) for title, text in blocks]
        pages = _pages(written, together=room, each=room, most=_TEXTS)
        turning = paging is not None and len(pages) <= MOST_PAGES
        shown = pages[paging.within(len(pages)) - 1] if paging and turning else _first_of(pages)
        turns = [_row(map(_button, paging.buttons(len(pages))))] if paging and turning else []
        sheet = _page(shown, titled, address, drawn=drawn)
    inner = [*_fitted(sheet, COMPONENTS - 1 - count([*call, *turns])), *turns]
    box = {"type": _CONTAINER, "accent_color": ACCENT, "components": inner}
    return _Laid([*call, *([box] if inner else [])])


# Layout


class _Sheet:
    """A layout as it is filled, from the top."""

    def __init__(self) -> None:
        self.inner: list[Json] = []
        self._running: list[str] = []
        self._apart = False

    def say(self, words: str) -> None:
        """Words that stand together with what was said before them."""
        if words.strip():
            self._running.append(words.strip())

    def put(self, components: Iterable[Json]) -> None:
        """What is no text."""
        self.close()
        for component in components:
            self.inner.append(component)
            self._apart = False

    def part(self) -> None:
        """What comes next stands apart: under a line, if it is text."""
        self.close()
        self._apart = bool(self.inner)

    def close(self, beside: Json | None = None) -> bool:
        """End a run of words; whether something could stand beside it."""
        if not self._running:
            return False
        text = _GAP.join(self._running)
        self._running = []
        if self._apart:
            self.inner.append({"type": SEPARATOR})
            self._apart = False
        if beside and units(text) <= _BESIDE:
            self.inner.append({"type": _SECTION, "components": [_text(text)], "accessory": beside})
            return True
        self.inner.append(_text(text))
        return False


def _in_order(parts: Iterable[Part], address: Address, *, drawn: bool) -> list[Json]:
    """The parts one under another, each with what can be pressed of it."""
    sheet, controls = _Sheet(), _Controls(address)
    for part in parts:
        if _seen(part, drawn):
            sheet.put([_gallery(part.alt)])
            continue
        rows = controls.of([part])
        match part:
            case Facts():
                sheet.close()
                sheet.say(_markdown(part))
                sheet.part()
            case Fold(title, inside):
                words = _GAP.join(filter(None, map(_markdown, inside)))
                sheet.part()
                sheet.say(f"### {cut(title, EMBED_TITLE)}\n{words}" if words.strip() else "")
                sheet.part()
            case Quiz():
                sheet.part()
                asked = _markdown(part)
                sheet.say(_headed(asked) or asked)
                sheet.put(rows)
            case Pointer():
                link = next((row["components"][0] for row in rows), None)
                if not sheet.close(link):
                    sheet.put(rows)
            case Buttons() | Menu() | Picker():
                sheet.put(rows)
            case _:
                sheet.say(_markdown(part))
    sheet.close()
    return sheet.inner


def _page(
    blocks: Iterable[tuple[str, str]], parts: Sequence[Part], address: Address, *, drawn: bool
) -> list[Json]:
    """One page of a text, with everything of the message that is no text under it."""
    sheet = _Sheet()
    for _, words in blocks:
        sheet.part()
        sheet.say(words)
    sheet.put(_gallery(part.alt) for part in parts if _seen(part, drawn))
    sheet.put(_Controls(address).of(parts))
    return sheet.inner


def _seen(part: Part, drawn: bool) -> TypeGuard[Picture]:
    """Whether a part is a picture that is shown as one."""
    return drawn and isinstance(part, Picture)


def _titled(parts: Sequence[Part]) -> list[Part]:
    """The parts, the title of the first text that has one as a heading: a line in bold, which may stand under
    a short one that says what it is."""
    told = list(parts)
    for place, part in enumerate(told):
        if isinstance(part, Text) and (headed := _headed(part.markdown)):
            told[place] = Text(headed)
            break
        if isinstance(part, Quiz | Fold):
            break
    return told


def _headed(markdown: str) -> str | None:
    lines = markdown.split("\n", 2)
    for place, line in enumerate(lines[:2]):
        if found := _TITLE.fullmatch(line):
            sign = f"{found['sign']} " if found["sign"] else ""
            lines[place] = f"### {sign}{found['title']}"
            lines[:place] = [f"-# {above}" for above in lines[:place]]
            return "\n".join(lines)
        if not line or line[0] in "*-#>":
            return None
    return None


def _fitted(inner: list[Json], room: int) -> list[Json]:
    """As much of a layout as Discord takes: lines go first, then texts are joined, then rows go, the last
    first."""
    if count(inner) <= room:
        return inner
    kept = [each for each in inner if each["type"] != SEPARATOR]
    texts = [each for each in kept if each["type"] in (_TEXT, _SECTION)]
    if len(texts) > _TEXTS:
        links = [_row([each["accessory"]]) for each in texts if "accessory" in each]
        words = [line["content"] for each in texts for line in each.get("components", [each])]
        rest = [each for each in kept if each["type"] not in (_TEXT, _SECTION)]
        kept = [_text("\n".join(words)), *rest, *links]
    while count(kept) > room:
        place = max(n for n, each in enumerate(kept) if each["type"] == ROW)
        del kept[place]
    return kept


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """All components, those inside others after these, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


def count(components: Iterable[Json]) -> int:
    """How many there are, those inside others too."""
    return sum(1 for _ in walk(components))


def length(components: Iterable[Json]) -> int:
    """How long their texts are together, in UTF-16 units."""
    return sum(units(each["content"]) for each in walk(components) if each["type"] == _TEXT)


def _text(words: str) -> Json:
    return {"type": _TEXT, "content": words}


def _gallery(alt: str) -> Json:
    item: Json = {"media": {"url": f"attachment://{PICTURE_NAME}"}}
    if alt.strip():
        item["description"] = cut(alt, ATTACHMENT_TEXT)
    return {"type": _GALLERY, "items": [item]}


def _embed(block: tuple[str, str]) -> Json:
    title, text = block
    return {**({"title": title} if title else {}), "description": text, "color": ACCENT}


# Text


def _blocks(parts: Iterable[Part]) -> list[tuple[str, str]]:
    """The texts that stand together, each with its title: what is folded stands alone."""
    blocks: list[tuple[str, str]] = []
    running: list[str] = []
    for part in parts:
        if isinstance(part, Fold):
            blocks.append(("", _GAP.join(running)))
            blocks.append((cut(part.title, EMBED_TITLE), _GAP.join(filter(None, map(_markdown, part.parts)))))
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
        case Quiz(question, options, title=title, note=note):
            listed = (
                f"- **{letter}.** {escape(option)}" for letter, option in zip(LETTERS, options, strict=False)
            )
            heading = [f"**{escape(title)}**"] if title else []
            noted = [note] if note.strip() else []
            return _GAP.join([*heading, escape(question), "\n".join(listed), *noted])
        case Picture():
            return part.words
        case Buttons() | Menu() | Picker() | Pointer() | Fold():
            return ""
        case _:
            assert_never(part)


def _pages(
    blocks: Iterable[tuple[str, str]], *, together: int, each: int, most: int
) -> list[list[tuple[str, str]]]:
    """The blocks in as many messages as they need, each of at most so many pieces that are so long each and
    so long together, in UTF-16 units."""
    whole_room = together - 1  # one is left for an ellipsis
    pages: list[list[tuple[str, str]]] = [[]]
    room = whole_room
    for full_title, whole in blocks:
        title, text = full_title, whole
        while text:
            if len(pages[-1]) == most or room < units(title) + _LEAST:
                pages.append([])
                room = whole_room
            room -= units(title)
            piece, text = _split(text, min(each, room))
            pages[-1].append((title, piece))
            room -= units(piece)
            title = ""
    return pages


def _first_of(pages: Sequence[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """The first of some messages, which shows that it is not all."""
    first = list(pages[0])
    if len(pages) > 1:
        title, text = first[-1]
        first[-1] = title, (text if units(text) < EMBED_TEXT else cut(text, EMBED_TEXT - 1)) + "…"
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


class _Controls:
    """The rows of what is pressed and chosen. No action stands twice: Discord refuses a message that repeats
    a custom id."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._seen: set[str] = set()
        self._menus = 0

    def of(self, parts: Iterable[Part]) -> list[Json]:
        """The rows of some parts, those of more than five buttons going on in the next."""
        rows: list[Json] = []
        for wanted in self._wanted(parts):
            kept = list(filter(self._is_new, wanted))
            rows += [_row(kept[i : i + BUTTONS_PER_ROW]) for i in range(0, len(kept), BUTTONS_PER_ROW)]
        return rows

    def _wanted(self, parts: Iterable[Part]) -> Iterator[list[Json]]:
        for part in parts:
            if isinstance(part, Buttons):
                yield from (list(map(_button, row)) for row in part.rows)
            elif isinstance(part, Menu):
                yield [_menu(part, self._menus)]
                self._menus += 1
            elif isinstance(part, Picker):
                yield [_picker(part)]
            elif isinstance(part, Quiz) and part.pick and not part.closed:
                yield [_button(part.pick)]
            elif isinstance(part, Quiz) and not part.closed:
                letters = zip(LETTERS, part.answers, strict=False)
                yield [_button(Button(letter, answer)) for letter, answer in letters]
            elif isinstance(part, Pointer):
                yield [_button(Button(part.label, url=self._address.link(part)))]

    def _is_new(self, component: Json) -> bool:
        token = component.get("custom_id")
        if token is None:
            return len(component["url"]) <= BUTTON_URL
        if token in self._seen or component.get("options") == []:
            return False
        self._seen.add(token)
        return True


def _row(components: Iterable[Json]) -> Json:
    return {"type": ROW, "components": list(components)}


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
