"""What Discord accepts in a request body, as tables, and its way of saying what is wrong.

Limits are those of Discord's public API document (v10). A body that breaks one is answered with error 50035
and a tree of errors in the shape of the body; fields the document does not know are passed over, and kept
apart in `Form.strays` so that a test can still object to them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

Json = dict[str, Any]
Path = tuple[str | int, ...]

CONTENT_LENGTH: Final = 2000
EMBEDS: Final = 10
EMBEDS_LENGTH: Final = 6000
ROWS: Final = 5
BUTTONS_IN_A_ROW: Final = 5
COMPONENTS: Final = 40
MODERN_TEXT_LENGTH: Final = 4000
CHOICES: Final = 25
OPTIONS: Final = 25
GLOBAL_COMMANDS: Final = 100
COMMAND_LENGTH: Final = 8000
ARCHIVE_MINUTES: Final = (60, 1440, 4320, 10080)

SUPPRESS_EMBEDS: Final = 1 << 2
EPHEMERAL: Final = 1 << 6
SILENT: Final = 1 << 12
MODERN_COMPONENTS: Final = 1 << 15

LOCALE_NAMES: Final = """
ar bg cs da de el en-GB en-US es-419 es-ES fi fr he hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr
uk vi zh-CN zh-TW
"""
LOCALES: Final = frozenset(LOCALE_NAMES.split())

ROW, BUTTON, SELECT, INPUT, USERS, ROLES, MENTIONABLES, CHANNELS = range(1, 9)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER, LABEL = 17, 18
RADIO_GROUP, CHECKBOX_GROUP = 21, 22
SELECTS: Final = frozenset({SELECT, USERS, ROLES, MENTIONABLES, CHANNELS})
LINK_STYLE: Final = 5

CHAT_INPUT: Final = 1
ON_MESSAGE: Final = 3
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)


class Form:
    """The errors of one body, nested as Discord nests them, and the fields it does not know."""

    def __init__(self) -> None:
        self.errors: Json = {}
        self.strays: list[str] = []

    def wrong(self, path: Path, code: str, message: str) -> None:
        """Note that the value at `path` breaks a rule."""
        place = self.errors
        for step in path:
            place = place.setdefault(str(step), {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def stray(self, path: Path) -> None:
        """Note a field Discord's document does not name."""
        self.strays.append(".".join(map(str, path)))


Rule = Callable[[Form, Path, Any], None]


def text(most: int, least: int = 0) -> Rule:
    """A string of `least` to `most` characters."""

    def check(form: Form, path: Path, value: Any) -> None:
        if not isinstance(value, str):
            form.wrong(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif least and not value.strip():
            form.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(value) > most and not least:
            form.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif not least <= len(value) <= most:
            form.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    return check


def number(least: float, most: float, *, whole: bool = True) -> Rule:
    """A number between two bounds, both allowed."""

    def check(form: Form, path: Path, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            form.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not {"int" if whole else "float"}.')
        elif value < least:
            form.wrong(path, "NUMBER_TYPE_MIN", f"Value should be greater than or equal to {least}.")
        elif value > most:
            form.wrong(path, "NUMBER_TYPE_MAX", f"Value should be less than or equal to {most}.")

    return check


def among(*allowed: Any) -> Rule:
    """One value of a closed set."""

    def check(form: Form, path: Path, value: Any) -> None:
        if isinstance(value, bool) or value not in allowed:
            listed = ", ".join(map(str, sorted(allowed, key=str)))
            form.wrong(path, "BASE_TYPE_CHOICES", f"Value must be one of ({listed}).")

    return check


def flag(form: Form, path: Path, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        form.wrong(path, "BOOLEAN_TYPE_CONVERT", f'Could not interpret "{value}" as boolean.')


def snowflake(form: Form, path: Path, value: Any) -> None:
    """An id: digits, as a string or a number."""
    if isinstance(value, bool) or not str(value).isdigit():
        form.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def anything(form: Form, path: Path, value: Any) -> None:
    """A value this server records without judging."""


def address(*schemes: str, most: int = 2048) -> Rule:
    """An absolute address with one of the schemes."""

    def check(form: Form, path: Path, value: Any) -> None:
        text(most, 1)(form, path, value)
        if isinstance(value, str) and not re.match(rf"(?:{'|'.join(schemes)})://\S+$", value):
            form.wrong(path, "URL_TYPE_INVALID_URL", f"Not a well formed URL. Schemes: {', '.join(schemes)}.")

    return check


def listing(rule: Rule, most: int, least: int = 0) -> Rule:
    """A list of `least` to `most` items, each obeying `rule`."""

    def check(form: Form, path: Path, value: Any) -> None:
        if not isinstance(value, list):
            form.wrong(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return
        if not least <= len(value) <= most:
            form.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        for place, item in enumerate(value):
            rule(form, (*path, place), item)

    return check


def record(required: Mapping[str, Rule] | None = None, /, **optional: Rule) -> Rule:
    """An object with the required fields and any of the optional ones; a null counts as left out."""
    needed = required or {}
    known = {**needed, **optional}

    def check(form: Form, path: Path, value: Any) -> None:
        if not isinstance(value, dict):
            form.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType.")
            return
        for name in needed:
            if value.get(name) is None:
                form.wrong((*path, name), "BASE_TYPE_REQUIRED", "This field is required")
        for name, item in value.items():
            if name not in known:
                form.stray((*path, name))
            elif item is not None:
                known[name](form, (*path, name), item)

    return check


MEDIA: Final = address("https?", "attachment")
COLOUR: Final = number(0, 0xFFFFFF)

EMBED: Final = record(
    type=text(64),
    title=text(256),
    description=text(4096),
    url=address("https?"),
    color=COLOUR,
    timestamp=text(64),
    # discord.py sends the flags an embed came with; Discord passes over them.
    flags=anything,
    footer=record({"text": text(2048, 1)}, icon_url=MEDIA),
    author=record({"name": text(256, 1)}, url=address("https?"), icon_url=MEDIA),
    image=record({"url": MEDIA}),
    thumbnail=record({"url": MEDIA}),
    fields=listing(record({"name": text(256, 1), "value": text(1024, 1)}, inline=flag), 25),
)

MENTIONS: Final = record(
    parse=listing(among("users", "roles", "everyone"), 3),
    users=listing(snowflake, 100),
    roles=listing(snowflake, 100),
    replied_user=flag,
)

EMOJI: Final = record(id=snowflake, name=text(32), animated=flag)
PICTURE: Final = record({"url": MEDIA})
SELECT_OPTION: Final = record(
    {"label": text(100, 1), "value": text(100, 1)}, description=text(100), default=flag, emoji=EMOJI
)
ENTITY_SELECT: Final = record(
    {"type": anything, "custom_id": text(100, 1)},
    id=number(0, 2**31 - 1),
    placeholder=text(150),
    min_values=number(0, 25),
    max_values=number(1, 25),
    disabled=flag,
    required=flag,
    default_values=listing(record({"id": snowflake, "type": among("user", "role", "channel")}), 25),
    channel_types=listing(number(0, 16), 20),
)


def button(form: Form, path: Path, value: Any) -> None:
    """A button: a label or an emoji, and either an address (style 5) or a custom id."""
    record(
        {"type": among(BUTTON), "style": among(1, 2, 3, 4, LINK_STYLE)},
        id=number(0, 2**31 - 1),
        custom_id=text(100, 1),
        label=text(80),
        url=address("https?", "discord", most=512),
        emoji=EMOJI,
        disabled=flag,
    )(form, path, value)
    if not isinstance(value, dict):
        return
    if not value.get("label") and not value.get("emoji"):
        form.wrong((*path, "label"), "BUTTON_COMPONENT_INVALID_LABEL", "A button needs a label or an emoji.")
    wanted, unwanted = ("url", "custom_id") if value.get("style") == LINK_STYLE else ("custom_id", "url")
    if not value.get(wanted):
        form.wrong(
            (*path, wanted), "BASE_TYPE_REQUIRED", f"A {wanted} must be given for a button of this style."
        )
    if value.get(unwanted):
        form.wrong(
            path,
            "BUTTON_COMPONENT_CUSTOM_ID_AND_URL_BOTH_PRESENT",
            "A custom id and url cannot both be given.",
        )


def select(form: Form, path: Path, value: Any) -> None:
    """A menu of 1 to 25 options, each value once."""
    record(
        {"type": among(SELECT), "custom_id": text(100, 1), "options": listing(SELECT_OPTION, 25, 1)},
        id=number(0, 2**31 - 1),
        placeholder=text(150),
        min_values=number(0, 25),
        max_values=number(1, 25),
        disabled=flag,
        required=flag,
    )(form, path, value)
    options = value.get("options") if isinstance(value, dict) else None
    if isinstance(options, list):
        values = [option.get("value") for option in options if isinstance(option, dict)]
        for place in repeated(values):
            form.wrong(
                (*path, "options", place, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        if sum(bool(each.get("default")) for each in options if isinstance(each, dict)) > (
            value.get("max_values") or 1
        ):
            form.wrong((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many are chosen.")
        for bound in ("min_values", "max_values"):
            if isinstance(value.get(bound), int) and value[bound] > len(options):
                form.wrong(
                    (*path, bound),
                    "SELECT_COMPONENT_MAX_VALUES_LARGER_THAN_OPTIONS",
                    "More than there are options.",
                )


def distinct(rule: Rule) -> Rule:
    """A list that obeys a rule and holds nothing twice."""

    def check(form: Form, path: Path, value: Any) -> None:
        rule(form, path, value)
        for place in repeated(value) if isinstance(value, list) else ():
            form.wrong(
                (*path, place), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value."
            )

    return check


def repeated(values: list[Any]) -> Iterator[int]:
    """The places of values that stood earlier in the list."""
    seen: set[Any] = set()
    for place, value in enumerate(values):
        if value in seen:
            yield place
        seen.add(value)


def row(form: Form, path: Path, value: Any) -> None:
    """An action row: one to five buttons, or one menu alone."""
    record(
        {"type": among(ROW), "components": listing(part(BUTTON, *SELECTS), BUTTONS_IN_A_ROW, 1)},
        id=number(0, 2**31 - 1),
    )(form, path, value)
    inside = value.get("components") if isinstance(value, dict) else None
    if isinstance(inside, list) and len(inside) > 1 and any(kind(item) in SELECTS for item in inside):
        form.wrong(
            (*path, "components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def kind(component: Any) -> Any:
    """A component's type number, or None if it has none."""
    return component.get("type") if isinstance(component, dict) else None


def part(*allowed: int) -> Rule:
    """A component of one of the allowed types."""

    def check(form: Form, path: Path, value: Any) -> None:
        if kind(value) not in allowed:
            among(*allowed)(form, (*path, "type"), kind(value))
        else:
            PARTS[kind(value)](form, path, value)

    return check


IDENTITY: Final = number(0, 2**31 - 1)
TEXT_PART: Final = record({"type": anything, "content": text(4000, 1)}, id=IDENTITY)
PARTS: Final[dict[int, Rule]] = {
    ROW: row,
    BUTTON: button,
    SELECT: select,
    **dict.fromkeys(SELECTS - {SELECT}, ENTITY_SELECT),
    TEXT: TEXT_PART,
    THUMBNAIL: record(
        {"type": anything, "media": PICTURE}, id=IDENTITY, description=text(1024, 1), spoiler=flag
    ),
    SECTION: record(
        {
            "type": anything,
            "components": listing(part(TEXT), 3, 1),
            "accessory": part(BUTTON, THUMBNAIL),
        },
        id=IDENTITY,
    ),
    GALLERY: record(
        {
            "type": anything,
            "items": listing(record({"media": PICTURE}, description=text(1024, 1), spoiler=flag), 10, 1),
        },
        id=IDENTITY,
    ),
    FILE: record({"type": anything, "file": PICTURE}, id=IDENTITY, spoiler=flag),
    SEPARATOR: record({"type": anything}, id=IDENTITY, spacing=among(1, 2), divider=flag),
    CONTAINER: record(
        {
            "type": anything,
            "components": listing(part(ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR), 40, 1),
        },
        id=IDENTITY,
        accent_color=COLOUR,
        spoiler=flag,
    ),
}


def flatten(components: Any) -> Iterator[Json]:
    """Every component of a tree, parents first."""
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict):
            yield component
            yield from flatten(component.get("components"))
            yield from flatten(
                [component[name] for name in ("accessory", "component") if component.get(name)]
            )


def unique_ids(form: Form, components: Any) -> None:
    """Each custom id stands once in a message or modal."""
    inside = list(flatten(components))
    for place in repeated([part.get("custom_id") or index for index, part in enumerate(inside)]):
        form.wrong(
            ("components",),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            f"Component custom id cannot be duplicated: {inside[place].get('custom_id')}",
        )


MESSAGE_FIELDS: Final[dict[str, Rule]] = {
    "content": text(CONTENT_LENGTH),
    "embeds": listing(EMBED, EMBEDS),
    "allowed_mentions": MENTIONS,
    "components": anything,
    "flags": number(0, 2**31 - 1),
    "attachments": listing(record({"id": snowflake}, filename=text(1024, 1), description=text(1024)), 10),
}
NEW_MESSAGE: Final = record(
    {},
    **MESSAGE_FIELDS,
    tts=flag,
    nonce=anything,
    enforce_nonce=flag,
    message_reference=record(
        {"message_id": snowflake},
        channel_id=snowflake,
        guild_id=snowflake,
        fail_if_not_exists=flag,
        type=among(0, 1),
    ),
    sticker_ids=listing(snowflake, 3),
    poll=anything,
)
# discord.py sends `tts` with every edit; Discord passes over it.
EDITED_MESSAGE: Final = record({}, **MESSAGE_FIELDS, tts=flag)
INTERACTION_MESSAGE: Final = record({}, **MESSAGE_FIELDS, tts=flag, poll=anything)

NEW_FLAGS: Final = SUPPRESS_EMBEDS | SILENT | MODERN_COMPONENTS
INTERACTION_FLAGS: Final = NEW_FLAGS | EPHEMERAL
EDIT_FLAGS: Final = SUPPRESS_EMBEDS | MODERN_COMPONENTS


def message(form: Form, body: Json, rule: Rule, flags_allowed: int, modern: bool = False) -> None:
    """A message's body; `modern` when the message it edits already uses modern components."""
    rule(form, (), body)
    flags = body.get("flags") or 0
    if isinstance(flags, int) and flags & ~flags_allowed:
        form.wrong(("flags",), "BASE_TYPE_CHOICES", f"Flags {flags & ~flags_allowed} may not be set here.")
    modern = modern or bool(isinstance(flags, int) and flags & MODERN_COMPONENTS)
    nonce = body.get("nonce")
    if isinstance(nonce, str):
        text(25)(form, ("nonce",), nonce)
    elif nonce is not None:
        number(-(2**63), 2**63 - 1)(form, ("nonce",), nonce)
    embeds_together(form, body.get("embeds"))
    mentions_agree(form, body.get("allowed_mentions"))
    components = body.get("components")
    if components is not None:
        if modern:
            modern_layout(form, components)
        else:
            listing(part(ROW), ROWS)(form, ("components",), components)
        unique_ids(form, components)
    if modern:
        for name in ("content", "embeds", "poll"):
            if body.get(name):
                form.wrong(
                    (name,),
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )


def nothing_left(form: Form, body: Json, content: str, embeds: list[Json]) -> None:
    """A message that becomes a layout keeps neither the content nor the embeds it had."""
    if not (body.get("flags") or 0) & MODERN_COMPONENTS:
        return
    for name, standing in (("content", content), ("embeds", embeds)):
        if standing and name not in body:
            form.wrong(
                (name,),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def files_are_there(form: Form, components: Any, names: set[str]) -> None:
    """Whatever a layout shows with an `attachment://` address is a file of the message."""
    for item in flatten(components):
        shown = [
            item.get("media"),
            item.get("file"),
            *(each.get("media") for each in item.get("items") or []),
        ]
        for media in shown:
            address = str(media.get("url", "")) if isinstance(media, dict) else ""
            scheme, _, name = address.partition("://")
            if scheme == "attachment" and name not in names:
                form.wrong(
                    ("components",),
                    "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                    f"The referenced attachment was not found: {name}",
                )


def modern_layout(form: Form, components: Any) -> None:
    """Components of the second version: 40 in all, 4000 characters of text."""
    top = part(ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
    listing(top, COMPONENTS)(form, ("components",), components)
    inside = list(flatten(components))
    if len(inside) > COMPONENTS:
        form.wrong(
            ("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"Max {COMPONENTS} components."
        )
    if sum(len(str(item.get("content", ""))) for item in inside) > MODERN_TEXT_LENGTH:
        form.wrong(
            ("components",),
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"Components displayable text size exceeds maximum size of {MODERN_TEXT_LENGTH}",
        )


def embeds_together(form: Form, embeds: Any) -> None:
    """All embeds of a message share 6000 characters, and none may be empty."""
    total = 0
    for place, embed in enumerate(embeds if isinstance(embeds, list) else []):
        if not isinstance(embed, dict):
            continue
        fields = [item for item in embed.get("fields") or [] if isinstance(item, dict)]
        total += sum(len(str(embed.get(name) or "")) for name in ("title", "description"))
        total += len(str((embed.get("footer") or {}).get("text") or ""))
        total += len(str((embed.get("author") or {}).get("name") or ""))
        total += sum(len(str(item.get(name) or "")) for item in fields for name in ("name", "value"))
        if not any(
            embed.get(name)
            for name in ("title", "description", "footer", "author", "fields", "image", "thumbnail")
        ):
            form.wrong(("embeds", place, "description"), "BASE_TYPE_REQUIRED", "This field is required")
    if total > EMBEDS_LENGTH:
        form.wrong(
            ("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBEDS_LENGTH}"
        )


def mentions_agree(form: Form, mentions: Any) -> None:
    """A kind of mention is allowed wholly (`parse`) or by id, never both."""
    if not isinstance(mentions, dict):
        return
    for name in ("users", "roles"):
        if mentions.get(name) and name in (mentions.get("parse") or []):
            form.wrong(
                ("allowed_mentions",),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.',
            )


def is_empty(body: Json, files: int) -> bool:
    """Whether a message would show nothing at all."""
    visible = ("embeds", "components", "sticker_ids", "poll")
    return (
        not files
        and not str(body.get("content") or "").strip()
        and not any(body.get(name) for name in visible)
    )


# --- Threads

THREAD_FIELDS: Final[dict[str, Rule]] = {
    "auto_archive_duration": among(*ARCHIVE_MINUTES),
    "rate_limit_per_user": number(0, 21600),
}
THREAD_FROM_MESSAGE: Final = record({"name": text(100, 1)}, **THREAD_FIELDS)
THREAD_ALONE: Final = record({"name": text(100, 1)}, **THREAD_FIELDS, type=among(10, 11, 12), invitable=flag)
FORUM_POST: Final = record(
    {"name": text(100, 1), "message": anything}, **THREAD_FIELDS, applied_tags=listing(snowflake, 5)
)
# The first message of a forum's post takes no nonce, replies to nothing and is not read aloud.
FORUM_MESSAGE: Final = record({}, **MESSAGE_FIELDS, sticker_ids=listing(snowflake, 3), poll=anything)
THREAD_CHANGE: Final = record(
    {},
    **THREAD_FIELDS,
    name=text(100, 1),
    archived=flag,
    locked=flag,
    invitable=flag,
    flags=number(0, 2**31 - 1),
    applied_tags=listing(snowflake, 5),
)
TAG: Final = record(
    {"name": text(50)}, id=snowflake, emoji_id=snowflake, emoji_name=text(100), moderated=flag
)
CHANNEL_CHANGE: Final = record(
    {},
    name=text(100, 1),
    topic=text(4096),
    position=anything,
    nsfw=flag,
    flags=number(0, 2**31 - 1),
    available_tags=listing(TAG, 20),
)

# --- The calendar


def moment(form: Form, path: Path, value: Any) -> None:
    """A time with its zone, as ISO 8601 writes it."""
    try:
        aware = datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        aware = False
    if not aware:
        form.wrong(path, "DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601.")


EVENT_FIELDS: Final[dict[str, Rule]] = {
    "description": text(1000),
    "scheduled_end_time": moment,
    "channel_id": anything,
    "image": anything,
    "recurrence_rule": anything,
}
PLACE: Final = record({"location": text(100, 1)})
NEW_EVENT: Final = record(
    {
        "name": text(100, 1),
        "scheduled_start_time": moment,
        "privacy_level": among(2),
        "entity_type": among(1, 2, 3),
        "entity_metadata": PLACE,
    },
    **EVENT_FIELDS,
)
CHANGED_EVENT: Final = record(
    {},
    name=text(100, 1),
    scheduled_start_time=moment,
    privacy_level=among(2),
    entity_type=among(1, 2, 3),
    entity_metadata=PLACE,
    status=among(1, 2, 3, 4),
    **EVENT_FIELDS,
)

# --- Interaction answers

TEXT_INPUT: Final = record(
    {"type": among(INPUT), "custom_id": text(100, 1), "style": among(1, 2)},
    id=IDENTITY,
    label=text(45, 1),
    value=text(4000),
    placeholder=text(100),
    required=flag,
    min_length=number(0, 4000),
    max_length=number(1, 4000),
)
FIELD: Final = record(
    {"type": anything, "label": text(45, 1), "component": anything}, id=IDENTITY, description=text(100, 1)
)


CHOICE: Final = record({"label": text(100, 1), "value": text(100, 1)}, description=text(100), default=flag)


def choices(form: Form, path: Path, value: Any) -> None:
    """A group of radio buttons (2 to 10, one of which may stand chosen) or of checkboxes (1 to 10)."""
    radio = kind(value) == RADIO_GROUP
    known: dict[str, Rule] = {"id": IDENTITY, "required": flag}
    if not radio:
        known |= {"min_values": number(0, 10), "max_values": number(1, 10)}
    options = listing(CHOICE, 10, 2 if radio else 1)
    record({"type": anything, "custom_id": text(100, 1), "options": options}, **known)(form, path, value)
    inside = [item for item in value.get("options") or [] if isinstance(item, dict)]
    for place in repeated([item.get("value") for item in inside]):
        form.wrong((*path, "options", place, "value"), "OPTION_VALUE_DUPLICATED", "The value is already used")
    chosen = sum(bool(item.get("default")) for item in inside)
    least, most = value.get("min_values"), 1 if radio else value.get("max_values")
    for wrong, field in (
        (most is not None and chosen > most, "options"),
        (not radio and (most or 0) > len(inside), "max_values"),
        (least is not None and least > (most or len(inside)), "min_values"),
        (least == 0 and value.get("required", True), "min_values"),
    ):
        if wrong:
            form.wrong((*path, field), "BASE_TYPE_BAD_LENGTH", "Does not agree with the other fields.")


def labelled(form: Form, path: Path, value: Any) -> None:
    """A label around one field, which has no label of its own then."""
    FIELD(form, path, value)
    inner, inside = value.get("component"), (*path, "component")
    match kind(inner):
        case 4:
            TEXT_INPUT(form, inside, inner)
            if inner.get("label") is not None:
                form.wrong((*inside, "label"), "BASE_TYPE_FORBIDDEN", "The label component says it.")
        case 21 | 22:
            choices(form, inside, inner)
        case which if which in SELECTS:
            PARTS[which](form, inside, inner)
        case other:
            among(INPUT, *SELECTS, RADIO_GROUP, CHECKBOX_GROUP)(form, (*inside, "type"), other)


def modal(form: Form, data: Any) -> None:
    """A form: a title, and one to five rows of text inputs or labelled components."""
    record({"custom_id": text(100, 1), "title": text(45, 1), "components": listing(anything, ROWS, 1)})(
        form, ("data",), data
    )
    components = data.get("components") if isinstance(data, dict) else None
    for place, component in enumerate(components if isinstance(components, list) else []):
        path: Path = ("data", "components", place)
        match kind(component):
            case 1:
                record({"type": anything, "components": listing(TEXT_INPUT, 1, 1)}, id=IDENTITY)(
                    form, path, component
                )
            case 18:
                labelled(form, path, component)
            case 10:
                TEXT_PART(form, path, component)
            case other:
                among(ROW, TEXT, LABEL)(form, (*path, "type"), other)
    unique_ids(form, components)


def suggestions(form: Form, data: Any, option_type: int) -> None:
    """Up to 25 autocomplete choices whose values suit the option's type."""
    choice = record(
        {"name": text(100, 1), "value": choice_value(option_type)}, name_localizations=localised(100)
    )
    record({}, choices=listing(choice, CHOICES))(form, ("data",), data)


# --- Command definitions


def localised(most: int, *, name: bool = False) -> Rule:
    """A text for each of Discord's locales."""

    def check(form: Form, path: Path, value: Any) -> None:
        if not isinstance(value, dict):
            form.wrong(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
            return
        for locale, words in value.items():
            if locale not in LOCALES:
                among(*LOCALES)(form, (*path, locale), locale)
            text(most, 1)(form, (*path, locale), words)
            if name and isinstance(words, str):
                slash_name(form, (*path, locale), words)

    return check


def slash_name(form: Form, path: Path, value: Any) -> None:
    """A name: up to 32 letters, digits, hyphens, underscores and apostrophes of any script, in lower case."""
    if not isinstance(value, str) or not 1 <= len(value) <= 32:
        text(32, 1)(form, path, value)
    elif value != value.lower() or not all(belongs(letter) for letter in value):
        form.wrong(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def belongs(letter: str) -> bool:
    """Whether a slash command's name may hold the character (Devanagari and Thai marks included)."""
    script_mark = "\u0900" <= letter <= "\u097f" or "\u0e00" <= letter <= "\u0e7f"
    return letter in "-_'" or unicodedata.category(letter)[0] in "LN" or script_mark


def choice_value(option_type: int) -> Rule:
    """The rule for a choice's value, by the option's type."""
    if option_type == INTEGER:
        return number(-(2**53), 2**53)
    return number(-(2**53), 2**53, whole=False) if option_type == NUMBER else text(100)


def option(form: Form, path: Path, value: Any, depth: int) -> None:
    """One option of a command; `depth` is 0 right under the command, 1 under a group or subcommand."""
    option_type = kind(value)
    described: dict[str, Rule] = {
        "type": among(*range(SUBCOMMAND, ATTACHMENT + 1)),
        "name": slash_name,
        "description": text(100, 1),
    }
    extra: dict[str, Rule] = {
        "name_localizations": localised(32, name=True),
        "description_localizations": localised(100),
        "required": flag,
    }
    if option_type in (SUBCOMMAND, GROUP):
        extra["options"] = anything
    if option_type in (STRING, INTEGER, NUMBER):
        named = record(
            {"name": text(100, 1), "value": choice_value(option_type)}, name_localizations=localised(100)
        )
        extra |= {"choices": listing(named, CHOICES), "autocomplete": flag}
    if option_type == STRING:
        extra |= {"min_length": number(0, 6000), "max_length": number(1, 6000)}
    if option_type in (INTEGER, NUMBER):
        bound = choice_value(option_type)
        extra |= {"min_value": bound, "max_value": bound}
    if option_type == CHANNEL:
        extra["channel_types"] = listing(number(0, 16), 20)
    record(described, **extra)(form, path, value)
    if not isinstance(value, dict):
        return
    if value.get("choices") and value.get("autocomplete"):
        form.wrong(
            (*path, "autocomplete"),
            "APPLICATION_COMMAND_OPTIONS_CHOICES_AND_AUTOCOMPLETE",
            "Choices and autocomplete exclude each other.",
        )
    if option_type in (SUBCOMMAND, GROUP):
        if depth > (1 if option_type == SUBCOMMAND else 0):
            form.wrong((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deeply.")
        inner = {SUBCOMMAND} if option_type == GROUP else set(range(STRING, ATTACHMENT + 1))
        options(form, (*path, "options"), value.get("options") or [], depth + 1, inner)


def options(form: Form, path: Path, value: Any, depth: int, allowed: set[int]) -> None:
    """A list of options: unique names, required ones first, subcommands never beside plain ones."""
    listing(lambda inner, place, item: option(inner, place, item, depth), OPTIONS)(form, path, value)
    if not isinstance(value, list):
        return
    items = [item for item in value if isinstance(item, dict)]
    for place in repeated([item.get("name") for item in items]):
        form.wrong((*path, place), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique.")
    for locale in LOCALES:
        shown = [(item.get("name_localizations") or {}).get(locale) or item.get("name") for item in items]
        for place in repeated(shown):
            form.wrong(
                (*path, place, "name_localizations", locale),
                "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
                "Option names must be unique.",
            )
    for place, item in enumerate(items):
        if kind(item) in range(SUBCOMMAND, ATTACHMENT + 1) and kind(item) not in allowed:
            form.wrong(
                (*path, place),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "An option of this type may not stand here.",
            )
        if place and item.get("required") and not items[place - 1].get("required"):
            form.wrong(
                (*path, place),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )


def command(form: Form, path: Path, value: Any) -> None:
    """One command's definition."""
    chat = not isinstance(value, dict) or (value.get("type") or CHAT_INPUT) == CHAT_INPUT
    described: dict[str, Rule] = (
        {"name": slash_name, "description": text(100, 1)} if chat else {"name": text(32, 1)}
    )
    extra: dict[str, Rule] = {
        "id": snowflake,
        "type": among(1, 2, 3),
        "name_localizations": localised(32, name=chat),
        "description": text(100) if chat else text(0),
        "description_localizations": localised(100),
        "options": anything,
        "default_member_permissions": snowflake,
        "dm_permission": flag,
        "contexts": distinct(listing(among(0, 1, 2), 3, 1)),
        "integration_types": distinct(listing(among(0, 1), 2, 1)),
        "nsfw": flag,
    }
    record(described, **{name: rule for name, rule in extra.items() if name not in described})(
        form, path, value
    )
    if not isinstance(value, dict):
        return
    inside = value.get("options") or []
    kinds = {kind(item) for item in inside} if isinstance(inside, list) else set()
    nested = {SUBCOMMAND, GROUP}
    options(
        form, (*path, "options"), inside, 0, nested if kinds & nested else set(range(STRING, ATTACHMENT + 1))
    )
    if inside and not chat:
        form.wrong(
            (*path, "options"),
            "APPLICATION_COMMAND_TYPE_OPTIONS_FORBIDDEN",
            "Only slash commands have options.",
        )
    if command_length(value) > COMMAND_LENGTH:
        form.wrong(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({COMMAND_LENGTH})")


def command_length(value: Any) -> int:
    """Characters in names, descriptions and choice values, the longest translation of each counting."""
    if not isinstance(value, dict):
        return 0
    total = len(str(value["value"])) if "value" in value else 0
    for name in ("name", "description"):
        wordings = [value.get(name), *(value.get(f"{name}_localizations") or {}).values()]
        total += max(len(str(words or "")) for words in wordings)
    return total + sum(
        command_length(item) for name in ("options", "choices") for item in value.get(name) or []
    )


def commands(form: Form, value: Any) -> None:
    """A whole list of commands: at most 100 slash commands and 15 of each menu kind, names unique by type."""
    listing(command, 130)(form, (), value)
    if not isinstance(value, list):
        return
    kinds = [(item.get("type") or CHAT_INPUT, item.get("name")) for item in value if isinstance(item, dict)]
    for place in repeated(kinds):
        form.wrong(
            (place,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
        )
    for locale in LOCALES:
        shown = [
            (
                item.get("type") or CHAT_INPUT,
                (item.get("name_localizations") or {}).get(locale) or item.get("name"),
            )
            for item in value
            if isinstance(item, dict)
        ]
        for place in repeated(shown):
            form.wrong(
                (place, "name_localizations", locale),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Names must be unique",
            )
    for command_type, most in ((CHAT_INPUT, GLOBAL_COMMANDS), (2, 15), (3, 15)):
        if sum(1 for each, _ in kinds if each == command_type) > most:
            form.wrong((), "BASE_TYPE_MAX_LENGTH", f"Maximum number of application commands reached ({most})")
