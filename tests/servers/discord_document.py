"""What Discord's API description says of a request, whatever it is about: its route, its query, its fields,
their types and limits; and what the developer documentation adds to it.

The table `discord_api.json` lists the routes and objects Paperclub may use, taken from Discord's public API
description. `string 1..100` has so many characters, `[Button] 1..5` so many items, `{string} ..34` so many
names with a value each; `=1 2` is one of these, `A | B` one of those, and `object` a thing of a feature
Paperclub has no use for, which is not looked into. A field ending in `!` is required, one in `?` may be null.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from math import inf
from pathlib import Path as File
from typing import Any, Final

from tests.servers import discord_checks as checks
from tests.servers.discord_checks import Form, Json, Path, Rule

_API = json.loads(File(__file__).with_name("discord_api.json").read_text(encoding="utf-8"))
ROUTES: Final[Mapping[str, Mapping[str, Any]]] = _API["routes"]
TYPES: Final[Mapping[str, str | Mapping[str, str]]] = _API["types"]

PASSED_OVER: Final = {
    ("MessageEdit", "tts"),
    ("AnswerEdit", "tts"),
    ("AnswerUpdate", "tts"),
    ("RichEmbed", "flags"),
}
"""Fields the description does not name and discord.py sends all the same; Discord passes over them."""

_KIND = re.compile(r"(?P<name>[A-Za-z]\w*)(?: (?P<least>-?\d+)?\.\.(?P<most>-?\d+)?)?")
_MANY = re.compile(r"[\[{](?P<item>.+)[\]}](?: (?P<least>\d+)?\.\.(?P<most>\d+)?)?(?P<unique> unique)?")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+")
_ATTACHED = "attachment://"
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
_UPLOADS = 1000
"""Numbers of uploaded files are below this; ids of those that stand in a message are far above."""


def route_of(method: str, path: str) -> str | None:
    """The route a call goes to, as the table names it; a literal step goes before a parameter."""
    steps = path.split("/")
    return max(
        (route for route in ROUTES if _leads(route, method, steps)),
        key=lambda route: -route.count("{"),
        default=None,
    )


def _leads(route: str, method: str, steps: Sequence[str]) -> bool:
    wanted, _, template = route.partition(" ")
    parts = template.split("/")
    return (
        wanted == method
        and len(parts) == len(steps)
        and all(
            bool(step) if part.startswith("{") else part == step
            for part, step in zip(parts, steps, strict=True)
        )
    )


def judge(form: Form, route: str, query: Mapping[str, str], body: Any, uploads: Sequence[str] = ()) -> None:
    """Note all that is wrong with a request: in its query, its body, and with the files it uploads."""
    described = ROUTES[route]
    asked = described.get("query", {})
    for name, words in query.items():
        if name in asked:
            rule(asked[name])(form, (name,), _value(asked[name], words))
        else:
            form.stray((name,))
    if "body" in described:
        rule(described["body"])(form, (), body)
        _documented(form, route, body, uploads)
    elif body is not None:
        form.stray(("body",))


def _value(kind: str, words: str) -> Any:
    """A value of a query, which is always written as text."""
    if kind.startswith("boolean"):
        return _TRUTHS.get(words.lower(), words)
    return int(words) if kind.startswith("integer") and words.isdigit() else words


# --- The description


@cache
def rule(kind: str) -> Rule:
    """The rule that a field's kind stands for."""
    kind = kind.removesuffix("!")
    nullable, kind = kind.endswith("?"), kind.removesuffix("?")
    inner = _plain(kind)

    def check(form: Form, path: Path, value: Any) -> None:
        if value is not None:
            inner(form, path, value)
        elif not nullable:
            form.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")

    return check


def _plain(kind: str) -> Rule:
    if kind.startswith("="):
        return checks.among(*(int(each) if each.isdigit() else each for each in kind[1:].split()))
    if many := _MANY.fullmatch(kind):
        bounds = int(many["least"] or 0), int(many["most"] or 10**6)
        return (
            _list(many["item"], *bounds, unique=bool(many["unique"]))
            if kind[0] == "["
            else (_map(many["item"], *bounds))
        )
    if " | " in kind:
        return _one_of(kind.split(" | "))
    found = _KIND.fullmatch(kind)
    assert found, kind
    name, least, most = found["name"], found["least"], found["most"]
    match name:
        case "string":
            return checks.text(int(most or 10**6), int(least or 0))
        case "integer" | "number":
            low, high = int(least) if least else -inf, int(most) if most else inf
            return checks.number(low, high, whole=name == "integer")
        case "boolean":
            return checks.flag
        case "snowflake" | "permissions":
            return checks.snowflake
        case "uri":
            return _address(int(most or 10**6))
        case "time":
            return _time
        case "object":
            return checks.anything
    described = TYPES[name]
    return rule(described) if isinstance(described, str) else _object(name)


def _object(name: str) -> Rule:
    fields = TYPES[name]
    assert not isinstance(fields, str)

    def check(form: Form, path: Path, value: Any) -> None:
        if not isinstance(value, dict):
            form.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType.")
            return
        for field, kind in fields.items():
            if field in value:
                rule(kind)(form, (*path, field), value[field])
            elif kind.endswith("!"):
                form.wrong((*path, field), "BASE_TYPE_REQUIRED", "This field is required")
        for field in value:
            if field not in fields and (name, field) not in PASSED_OVER:
                form.stray((*path, field))

    return check


def _list(item: str, least: int, most: int, *, unique: bool) -> Rule:
    def check(form: Form, path: Path, value: Any) -> None:
        checks.listing(rule(item), most, least)(form, path, value)
        if unique and isinstance(value, list) and len({str(each) for each in value}) < len(value):
            form.wrong(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")

    return check


def _map(item: str, least: int, most: int) -> Rule:
    def check(form: Form, path: Path, value: Any) -> None:
        if not isinstance(value, dict):
            form.wrong(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
            return
        if not least <= len(value) <= most:
            form.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        for name, each in value.items():
            rule(item)(form, (*path, name), each)

    return check


def _one_of(kinds: Sequence[str]) -> Rule:
    """One of several kinds: the one that what tells them apart speaks of, else the one that suits best."""

    def check(form: Form, path: Path, value: Any) -> None:
        fitting = [kind for kind in kinds if _is_of(kind, value)]
        if not fitting:
            tags = [_tag(kind) for kind in kinds]
            told = next((field for field, _ in filter(None, tags)), None)
            among = [word for _, words in filter(None, tags) for word in words]
            given = value.get(told) if isinstance(value, dict) and told else None
            checks.among(*among)(form, (*path, told) if told else path, given)
            return
        trials = [_trial(kind, path, value) for kind in fitting]
        best = min(trials, key=lambda trial: (len(trial.strays), len(list(_leaves(trial.errors)))))
        for place, code, message in _leaves(best.errors):
            form.wrong(place, code, message)
        form.strays += best.strays

    return check


def _trial(kind: str, path: Path, value: Any) -> Form:
    form = Form()
    rule(kind)(form, path, value)
    return form


@cache
def _tag(kind: str) -> tuple[str, tuple[Any, ...]] | None:
    """The field that tells an object's kind, and what it says for this kind."""
    fields = TYPES.get(kind)
    if isinstance(fields, str):  # a name for several
        tags = [tag for each in fields.split(" | ") if (tag := _tag(each))]
        return (tags[0][0], tuple(word for _, words in tags for word in words)) if tags else None
    for field, told in (fields or {}).items():
        if told.startswith("=") and told.endswith("!"):
            return field, tuple(int(each) if each.isdigit() else each for each in told[1:-1].split())
    return None


def _is_of(kind: str, value: Any) -> bool:
    tag = _tag(kind)
    return tag is None or (isinstance(value, dict) and value.get(tag[0]) in tag[1])


def _leaves(errors: Json, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    for step, inside in errors.items():
        if step == "_errors":
            yield from ((path, each["code"], each["message"]) for each in inside)
        else:
            yield from _leaves(inside, (*path, step))


def _address(most: int) -> Rule:
    def check(form: Form, path: Path, value: Any) -> None:
        checks.text(most)(form, path, value)
        if isinstance(value, str) and not _ADDRESS.fullmatch(value):
            form.wrong(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")

    return check


def _time(form: Form, path: Path, value: Any) -> None:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        form.wrong(path, "DATE_TIME_TYPE_PARSE", f'Could not parse "{value}". Should be ISO8601.')


# --- What the developer documentation adds


def _documented(form: Form, route: str, body: Any, uploads: Sequence[str]) -> None:
    if not isinstance(body, dict):
        return
    if route.endswith("/callback"):
        if isinstance(body.get("data"), dict):
            inside = body["data"]
            _components(form, ("data", "components"), inside.get("components"), modal=body.get("type") == 9)
            if body.get("type") != 9:
                _files(form, ("data",), inside, uploads, edit=body.get("type") == 7)
    elif isinstance(body.get("message"), dict):
        _components(form, ("message", "components"), body["message"].get("components"))
        _files(form, ("message",), body["message"], uploads)
    elif "/messages" in route or route.startswith("POST /webhooks"):
        _components(form, ("components",), body.get("components"))
        _files(form, (), body, uploads, edit=route.startswith("PATCH"))
    elif route.startswith("POST") and "entity_type" in body:
        _event(form, body)


def walk(components: Any, path: Path) -> Iterator[tuple[Path, Json]]:
    """Every component of a tree and where it stands, parents first."""
    for place, component in enumerate(components if isinstance(components, list) else []):
        if isinstance(component, dict):
            yield (*path, place), component
            yield from walk(component.get("components"), (*path, place, "components"))
            for name in ("accessory", "component"):
                if isinstance(component.get(name), dict):
                    yield (*path, place, name), component[name]


def _components(form: Form, path: Path, components: Any, *, modal: bool = False) -> None:
    """Ids stand once; what is chosen from has each value once, bounds that can be met, and no more chosen
    at first than may be; nothing of a modal is disabled."""
    seen: set[Any] = set()
    for place, component in walk(components, path):
        if (given := component.get("id")) and given in seen:
            form.wrong((*place, "id"), "COMPONENT_ID_DUPLICATED", "Component ids cannot be duplicated")
        seen.add(component.get("id"))
        if modal and component.get("disabled"):
            form.wrong((*place, "disabled"), "COMPONENT_DISABLED", "Nothing in a modal may be disabled")
        _chosen_from(form, place, component)


def _chosen_from(form: Form, place: Path, component: Json) -> None:
    options = [each for each in component.get("options") or [] if isinstance(each, dict)]
    group = component.get("type") == 22  # of check boxes, all of which may be ticked
    least = component.get("min_values")
    most = component.get("max_values") or (len(options) if group else 1)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        form.wrong((*place, "min_values"), "COMPONENT_MIN_OVER_MAX", "min_values is larger than max_values")
    if options and isinstance(most, int) and most > len(options):
        form.wrong((*place, "max_values"), "COMPONENT_MAX_OVER_OPTIONS", "There are fewer options")
    for repeated in checks.repeated([each.get("value") for each in options]):
        form.wrong(
            (*place, "options", repeated, "value"),
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
            "The specified option value is already used",
        )
    at_first = [each for each in options if each.get("default")] or component.get("default_values") or []
    if isinstance(most, int) and len(at_first) > most:
        form.wrong(place, "COMPONENT_TOO_MANY_DEFAULTS", f"{len(at_first)} are chosen, {most} may be")


def _files(form: Form, path: Path, message: Json, uploads: Sequence[str], *, edit: bool = False) -> None:
    """Files spoken of are there: those said to be uploaded, and those that embeds and components show."""
    listed = [each for each in message.get("attachments") or [] if isinstance(each, dict)]
    numbers = [int(each["id"]) for each in listed if str(each.get("id", "")).isdigit()]
    if any(len(uploads) <= number < _UPLOADS for number in numbers):
        form.wrong((*path, "attachments"), "ATTACHMENT_NOT_FOUND", "A file of this number was not uploaded")
    if not edit and any(number >= _UPLOADS for number in numbers):
        form.wrong((*path, "attachments"), "ATTACHMENT_NOT_FOUND", "A new message has no earlier files")
    if edit and (message.get("attachments") is None or any(number >= _UPLOADS for number in numbers)):
        return  # what the message has already may be shown too
    there = {*uploads, *(str(each.get("filename")) for each in listed)}
    for place, shown in _references(message, path):
        if shown not in there:
            form.wrong(
                place,
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                f"The referenced attachment {shown} was not found",
            )


def _references(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The names of the files that a message shows."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inside:
        if isinstance(each, str) and each.startswith(_ATTACHED) and step in ("url", "icon_url"):
            yield (*path, step), each.removeprefix(_ATTACHED)
        else:
            yield from _references(each, (*path, step))


def _event(form: Form, body: Json) -> None:
    """An event elsewhere has an end and a place, one in a voice channel the channel."""
    needed = "channel_id" if body["entity_type"] == 2 else "scheduled_end_time"
    if body.get(needed) is None:
        form.wrong((needed,), "BASE_TYPE_REQUIRED", "This field is required")
    if body["entity_type"] == 3 and body.get("channel_id") is not None:
        form.wrong(("channel_id",), "BASE_TYPE_CHOICES", "An event elsewhere has no channel")
