"""Words: a key and its values become a sentence in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from bot.domain.languages import Language
from bot.messages.markup import escape, flat

REMEMBERED = 1024
"""How many instants are kept as they are told: many clubs have their beats at the same time, and tell of them
again and again."""


class Catalogue(Protocol):
    """A compiled gettext catalogue of one language."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, singular: str, plural: str, n: int) -> str: ...


class Marked(str):
    """Text that is Markdown already and is put into a sentence as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language. Values are escaped unless they are `Marked` or numbers."""

    language: Language
    catalogue: Catalogue

    def __call__(self, key: str, **values: object) -> str:
        """The Markdown sentence for a key. Raises KeyError for a key the catalogue lacks."""
        return _filled(key, self.catalogue.gettext(key), values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The Markdown sentence for a key whose form depends on a number, which it names `{n}`."""
        return _filled(key, self.catalogue.ngettext(key, key, n), {"n": n, **values})

    def plain(self, key: str, **values: object) -> str:
        """The sentence for a key as plain text, for labels, toasts and polls."""
        return flat(self(key, **values))

    def plain_count(self, key: str, n: int, **values: object) -> str:
        """`count` as plain text."""
        return flat(self.count(key, n, **values))

    def when(self, instant: int, zone: ZoneInfo) -> str:
        """An instant (seconds since 1970, UTC) as a local day and time, plain text."""
        return _when(self.language, instant, zone)

    def clock(self, instant: int, zone: ZoneInfo, beside: ZoneInfo) -> str:
        """An instant as a time of day in one zone, with the weekday where that is another one beside the
        local time of a second zone; plain text."""
        here, there = datetime.fromtimestamp(instant, zone), datetime.fromtimestamp(instant, beside)
        pattern = "HH:mm" if here.date() == there.date() else "EEE HH:mm"
        return str(format_datetime(here, pattern, locale=self.language.value))

    def day(self, day: date) -> str:
        """A day, plain text."""
        pattern = "M月d日 EEE" if self.language is Language.ZH else "EEE d MMM"
        return str(format_date(day, pattern, locale=self.language.value))

    def listed(self, items: Sequence[str]) -> str:
        """Items as a list in a sentence, plain text: “a, b and c”, “a、b、c”."""
        if self.language is Language.ZH:
            return "、".join(items)
        return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


@lru_cache(REMEMBERED)
def _when(language: Language, instant: int, zone: ZoneInfo) -> str:
    pattern = "M月d日 EEE HH:mm" if language is Language.ZH else "EEE d MMM, HH:mm"
    return str(format_datetime(datetime.fromtimestamp(instant, zone), pattern, locale=language.value))


def _filled(key: str, text: str, values: Mapping[str, object]) -> str:
    if text == key:
        raise KeyError(key)
    return text.format_map({name: _value(value) for name, value in values.items()})


def _value(value: object) -> object:
    return value if isinstance(value, Marked | int) else escape(str(value))


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of every language."""

    catalogues: Mapping[Language, Catalogue]

    def __getitem__(self, language: Language) -> Words:
        return Words(language, self.catalogues[language])
