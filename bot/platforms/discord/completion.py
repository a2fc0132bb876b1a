"""What may complete what a member types into an option."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice

from bot.domain.cadence import monday_of
from bot.domain.errors import Problem
from bot.domain.papers import Paper
from bot.domain.plans import Plan
from bot.messages.markup import cut
from bot.messages.texts import Texts, Words
from bot.platforms.discord.limits import CHOICE_NAME, CHOICES
from bot.ports import Library
from bot.use_cases.command import CHOICES as FIXED
from bot.use_cases.command import Kind
from bot.use_cases.times import date_meant, is_in_reach, known_zones, read_time

Choice = tuple[str, str]
"""What is shown, and what it stands for."""

COMPLETED = frozenset({Kind.PAPER, Kind.TERM, Kind.ZONE, Kind.TIME, Kind.DATE, Kind.WHEN})
"""What can be completed."""

_WEEKS_AHEAD = 12
_DAYS_AFTER = 7
_DAY = 24 * 60
_HALF_HOUR = 30
_MORNING = 7 * 60
"""Where the day begins for whoever has typed nothing yet."""

_PIECE = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Typing:
    """What somebody has typed so far, beside what they have filled in already, and where they stand: the plan
    that their club reads, and the day it has there."""

    typed: str
    words: Words
    plan: Plan | None
    today: date
    options: Mapping[str, str]


class Completion:
    """Completes options. What papers are known by is written out once; typing only looks through it."""

    def __init__(self, library: Library, texts: Texts) -> None:
        self._library = library
        planned = (library.paper(paper_id) for plan in library.plans() for paper_id in plan.papers)
        self._known_by = {paper.id: _known_by(paper) for paper in planned if paper}
        self._texts = texts
        self._ways: dict[Kind, Callable[[Typing], Iterable[Choice]]] = {
            Kind.PAPER: self._papers,
            Kind.TERM: self._terms,
            Kind.ZONE: _zones,
            Kind.TIME: _times,
            Kind.DATE: _dates,
            Kind.WHEN: _whens,
        }

    def choices(self, kind: Kind, typing: Typing) -> list[Choice]:
        """What may be meant, the likeliest first; nothing for what cannot be completed."""
        way = self._ways.get(kind)
        found = dict.fromkeys(way(typing) if way else ())
        return [(cut(name, CHOICE_NAME), value) for name, value in islice(found, CHOICES)]

    def _papers(self, typing: Typing) -> Iterator[Choice]:
        plan = typing.plan
        if plan is None:
            return
        for paper in self._matching(typing.typed, plan):
            title = paper.title[typing.words.language]
            yield f"{plan.number(paper.id)} · {title}", paper.id

    def _matching(self, typed: str, plan: Plan) -> Iterable[Paper]:
        """The papers of a plan that are meant by a number or by words, whole ones, begun ones and misspelt
        ones; where nothing is like it, the nearest."""
        library, asked = self._library, typed.strip()
        in_order = [paper for paper in map(library.paper, plan.papers) if paper]
        if not asked:
            return in_order
        if asked.isdecimal():
            begun = (paper for paper in in_order if str(plan.number(paper.id)).startswith(asked))
            return chain(library.find(asked, plan), begun)
        pieces = _pieces(asked)
        held = [paper for paper in in_order if pieces and _holds(self._known_by[paper.id], pieces)]
        found = (*library.find(asked, plan), *held)
        near = None if found else library.nearest(asked, plan)
        return (near,) if near else found

    def _terms(self, typing: Typing) -> Iterator[Choice]:
        asked = typing.typed.strip()
        for term in self._library.terms_like(asked) if asked else self._library.terms():
            yield term.name[typing.words.language], term.id


def _known_by(paper: Paper) -> str:
    """All words that a paper is known by, each after a space."""
    texts = (paper.id, paper.title.en, paper.title.zh, *paper.authors)
    return " " + " ".join(piece for text in texts for piece in _pieces(text))


def _holds(known_by: str, pieces: list[str]) -> bool:
    """Whether every piece begins a word; one of Chinese characters may stand anywhere."""
    return all((piece if "\u3400" <= piece[0] <= "\u9fff" else f" {piece}") in known_by for piece in pieces)


def _pieces(text: str) -> list[str]:
    """The words of a text without capitals and accents; a run of Chinese characters is one."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return _PIECE.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def _zones(typing: Typing) -> Iterator[Choice]:
    """Zones whose city begins with what was typed, then all that hold it."""
    wanted = typing.typed.strip().lower().replace(" ", "_")
    holding = [zone for lower, zone in known_zones().items() if wanted in lower]
    for zone in sorted(holding, key=lambda zone: not zone.lower().rpartition("/")[2].startswith(wanted)):
        yield zone, zone


def _times(typing: Typing) -> Iterator[Choice]:
    """The time that was typed, however it is written, then half hours that begin like it; for whoever has
    typed nothing, the hours from the morning on."""
    asked = typing.typed.strip()
    if not asked:
        minutes: Iterable[int] = ((_MORNING + n) % _DAY for n in range(0, _DAY, 60))
    else:
        begun = (m for m in range(0, _DAY, _HALF_HOUR) if _begins(asked, _clock(m), _clock(m).lstrip("0")))
        minutes = chain(_understood(asked), begun)
    for minute in minutes:
        yield _clock(minute), _clock(minute)


def _understood(asked: str) -> tuple[int, ...]:
    try:
        return (read_time(asked),)
    except Problem:
        return ()


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _dates(typing: Typing) -> Iterator[Choice]:
    """The day that was typed, if it can be planned, then today and the next Mondays, if they are written so:
    most of what has a date begins a week."""
    asked, today = typing.typed.strip(), typing.today
    meant = date_meant(asked, today) if asked else None
    if meant is not None and is_in_reach(meant, today):
        yield _dated(typing.words, meant)
    monday = monday_of(today)
    for day in (today, *(monday + timedelta(weeks=n) for n in range(1, _WEEKS_AHEAD + 1))):
        name, value = _dated(typing.words, day)
        if _begins(asked, name, value, f"{day.month}-{day.day}"):
            yield name, value


def _dated(words: Words, day: date) -> Choice:
    return f"{words.day(day)} · {day.isoformat()}", day.isoformat()


def _whens(typing: Typing) -> Iterator[Choice]:
    """Weekdays, days after the paper for what follows one, and never."""
    asked, words = typing.typed.strip(), typing.words
    days = [(words.plain(f"choice.day.{day}"), day) for day in FIXED[Kind.DAY]]
    after = [(words.plain("complete.when.same"), "+0")]
    after += [(words.plain_count("complete.when.after", n), f"+{n}") for n in range(1, _DAYS_AFTER + 1)]
    never = [(words.plain("complete.when.off"), "off")]
    follows = typing.options.get("beat") != "paper"
    for name, value in (*days, *(after if follows else ()), *never):
        if _begins(asked, name, value, value.lstrip("+")):
            yield name, value


def _begins(asked: str, *spellings: str) -> bool:
    """Whether one of some spellings begins with what was typed, capitals aside."""
    return any(spelling.casefold().startswith(asked.casefold()) for spelling in spellings)
