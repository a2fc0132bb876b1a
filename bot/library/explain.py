"""Why data do not fit their form: every difference, where it is and what to write, in an author's words."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

LANGUAGE_NAMES = {"en": "English", "zh": "Chinese"}

Place = tuple[str | int, ...]
"""Where a value stands in a file: keys, and positions counted from 0."""

_SHOWN = 40
"""How much of a wrong text is quoted, in characters."""


class Misfit(NamedTuple):
    """One difference: where, what is wrong, what to write."""

    place: Place
    what: str
    advice: str


def misfits(data: object, form: type[Struct]) -> list[Misfit]:
    """Every way in which data from a file differ from a form; empty when msgspec would convert them."""
    return list(_misfits(data, form, (), None))


def _misfits(value: object, kind: object, place: Place, meaning: Meta | None) -> Iterator[Misfit]:
    meaning = _meaning(kind) or meaning
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    inside: list[Misfit] = []
    if isinstance(bare, type) and issubclass(bare, Struct) and isinstance(value, dict):
        hints = get_type_hints(bare, include_extras=True)
        fields = msgspec.structs.fields(bare)
        known = [field.encode_name for field in fields]
        inside += [_unknown((*place, str(key)), known) for key in value if key not in known]
        for field in fields:
            name, hint = field.encode_name, hints[field.name]
            if name in value:
                inside += _misfits(value[name], hint, (*place, name), meaning)
            elif field.required:
                inside.append(_missing((*place, name), _meaning(hint) or meaning))
    elif get_origin(bare) is dict and isinstance(value, dict):
        _, inner = get_args(bare)
        for key, item in value.items():
            inside += _misfits(item, inner, (*place, str(key)), meaning)
    elif get_origin(bare) is list and isinstance(value, list):
        for index, item in enumerate(value):
            inside += _misfits(item, get_args(bare)[0], (*place, index), meaning)
    yield from inside
    if not inside:
        # msgspec stops at its first error and speaks to programmers: it is asked value by value, yes or no.
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            yield _wrong(place, value, bare is str, meaning)


def _meaning(kind: object) -> Meta | None:
    metas = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    return next((m for m in reversed(metas) if isinstance(m, Meta) and m.description), None)


def _unknown(place: Place, known: list[str]) -> Misfit:
    owner, field = _split(place)
    near = get_close_matches(str(place[-1]), known, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"Remove it; known here are {', '.join(known)}."
    return Misfit(place, f"{owner} has an unknown field {field}", advice)


def _missing(place: Place, meaning: Meta | None) -> Misfit:
    """A field that is not there; the misfit stands where its mapping begins."""
    owner, field = _split(place)
    language = LANGUAGE_NAMES.get(str(place[-1]))
    noun = f"{meaning.title} in {language}" if language and meaning and meaning.title else field
    return Misfit(place[:-1], f"{owner} has no {noun}", _write(field, meaning))


def _wrong(place: Place, value: object, is_text: bool, meaning: Meta | None) -> Misfit:
    owner, field = _split(place)
    subject = owner if not field else field if owner == _FILE else f"{owner}: {field}"
    if is_text and isinstance(value, bool | int | float):
        return Misfit(place, f"{subject} is {_said(value)}, which is not text", "Put it in quotes.")
    return Misfit(place, f"{subject} is {_said(value)}", _write(field or owner, meaning))


def _write(field: str, meaning: Meta | None) -> str:
    return f"Write {field}: {meaning.description}." if meaning else "Write it as content/README.md explains."


_FILE = "this file"


def _split(place: Place) -> tuple[str, str]:
    """A place as people say it: the innermost item of a list, and the dotted field inside it."""
    start = next((i for i in reversed(range(len(place))) if isinstance(place[i], int)), None)
    if start is None:
        return _FILE, ".".join(map(str, place))
    name, index = str(place[start - 1]), int(place[start])
    label = chr(ord("a") + index) if name == "options" and index < 26 else str(index + 1)
    one = name.removesuffix("es" if name.endswith("sses") else "s")
    return f"{one} {label}", ".".join(map(str, place[start + 1 :]))


def _said(value: object) -> str:
    match value:
        case None | "":
            return "empty"
        case bool():
            return "true" if value else "false"
        case str():
            return "blank" if not value.strip() else f"“{value[:_SHOWN]}{'…' if len(value) > _SHOWN else ''}”"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "a mapping"
        case _:
            return str(value)
