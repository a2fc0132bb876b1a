"""Slash commands, made from the table of commands: what Discord is told, and what it tells back."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, TypeAlias
from zoneinfo import available_timezones

from bot.domain.languages import Language
from bot.domain.plans import Plan
from bot.messages.markup import cut
from bot.messages.texts import Texts
from bot.platforms.discord.limits import CHOICE_NAME, CHOICES
from bot.ports import Library
from bot.use_cases.command import CHOICES as FIXED
from bot.use_cases.command import Command, Kind, Option, Who

Json: TypeAlias = dict[str, Any]
Choice: TypeAlias = tuple[str, str]
"""What is shown, and what it stands for."""

CHINESE = ("zh-CN", "zh-TW")
"""Discord's locales that read our Chinese."""

_SUBCOMMAND, _STRING, _USER = 1, 3, 6
_IN_SERVERS, _WITH_THE_BOT = 0, 1
_MANAGE_GUILD = 1 << 5
_COMPLETED = {Kind.PAPER, Kind.TERM, Kind.ZONE}


def definitions(commands: Sequence[Command], texts: Texts, plans: Sequence[Plan]) -> list[Json]:
    """Every command as Discord is told of it; the commands of a group under its first word."""
    menu = _Menu(texts, plans)
    return [menu.command(group, list(rows)) for group, rows in groupby(commands, lambda c: c.group)]


def fingerprint(application_id: int, menu: list[Json]) -> str:
    """A short text that differs when the menu or the application does."""
    told = json.dumps([application_id, menu], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


class _Menu:
    def __init__(self, texts: Texts, plans: Sequence[Plan]) -> None:
        self._texts = texts
        self._plans = plans

    def command(self, group: str, rows: list[Command]) -> Json:
        plain = len(rows) == 1 and rows[0].path == group
        command: Json = {
            **self._named(group, f"command.{group}"),
            "type": 1,
            "contexts": [_IN_SERVERS, _WITH_THE_BOT],
            "integration_types": [0],
            "options": self._options(rows[0]) if plain else [self._subcommand(row) for row in rows],
        }
        # Discord hides whole commands only; in a mixed group the dispatcher says who may do what.
        if all(row.who is Who.ORGANISERS for row in rows):
            command["default_member_permissions"] = str(_MANAGE_GUILD)
        return command

    def _subcommand(self, row: Command) -> Json:
        name = row.path.removeprefix(row.group).strip()
        return {**self._named(name, row.key), "type": _SUBCOMMAND, "options": self._options(row)}

    def _options(self, row: Command) -> list[Json]:
        return [self._option(option) for option in row.options]

    def _option(self, option: Option) -> Json:
        shape: Json = {
            **self._named(option.name, f"option.{option.name}"),
            "type": _USER if option.kind is Kind.MEMBER else _STRING,
            "required": option.required,
        }
        if option.kind in _COMPLETED:
            shape["autocomplete"] = True
        elif option.kind is Kind.PLAN:
            shape["choices"] = [self._plan(plan) for plan in self._plans[:CHOICES]]
        elif option.kind in FIXED:
            shape["choices"] = [
                {**self._words("name", f"choice.{option.kind}.{value}"), "value": value}
                for value in FIXED[option.kind]
            ]
        return shape

    def _plan(self, plan: Plan) -> Json:
        chinese = cut(plan.title.zh, CHOICE_NAME)
        return {
            "name": cut(plan.title.en, CHOICE_NAME),
            "name_localizations": dict.fromkeys(CHINESE, chinese),
            "value": plan.id,
        }

    def _named(self, name: str, description: str) -> Json:
        """A name that is typed, in Chinese too where the catalogue has a word for it, and what it is."""
        named: Json = {"name": name, **self._words("description", description)}
        try:
            chinese = self._texts[Language.ZH].plain(f"name.{name}")
        except KeyError:
            return named
        return {**named, "name_localizations": dict.fromkeys(CHINESE, chinese)}

    def _words(self, field: str, key: str) -> Json:
        chinese = self._texts[Language.ZH].plain(key)
        return {
            field: self._texts[Language.EN].plain(key),
            f"{field}_localizations": dict.fromkeys(CHINESE, chinese),
        }


def read_command(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The path of a command that was sent, and its options as the dispatcher takes them."""
    path, options = [data["name"]], data.get("options") or []
    while options and options[0]["type"] == _SUBCOMMAND:
        path.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(path), {
        option["name"]: f"id:{option['value']}" if option["type"] == _USER else str(option["value"])
        for option in options
    }


def focused_option(data: Mapping[str, Any]) -> str | None:
    """The name of the option someone is typing into."""
    options = data.get("options") or []
    while options and options[0]["type"] == _SUBCOMMAND:
        options = options[0].get("options") or []
    return next((option["name"] for option in options if option.get("focused")), None)


def suggestions(kind: Kind, typed: str, language: Language, library: Library) -> list[Choice]:
    """What may complete what was typed so far."""
    match kind:
        case Kind.PAPER:
            return _papers(typed, language, library)
        case Kind.TERM:
            return _terms(typed, language, library)
        case Kind.ZONE:
            return [(zone, zone) for zone in _zones(typed)]
        case _:
            return []


def _papers(typed: str, language: Language, library: Library) -> list[Choice]:
    plan = library.plans()[0]
    if typed.strip():
        found: Iterable[str] = [paper.id for paper in library.find(typed, plan)]
    else:
        found = plan.papers
    papers = [paper for paper in map(library.paper, found) if paper]
    return [
        (cut(f"{plan.number(paper.id)} · {paper.title[language]}", CHOICE_NAME), paper.id)
        for paper in papers[:CHOICES]
    ]


def _terms(typed: str, language: Language, library: Library) -> list[Choice]:
    found = library.terms_like(typed) if typed.strip() else library.terms()
    return [(cut(term.name[language], CHOICE_NAME), term.id) for term in found[:CHOICES]]


def _zones(typed: str) -> list[str]:
    """Zones whose city begins with what was typed, then all that hold it."""
    wanted = typed.strip().lower().replace(" ", "_")
    holding = [zone for zone in _every_zone() if wanted in zone.lower()]
    return sorted(holding, key=lambda zone: not zone.lower().rpartition("/")[2].startswith(wanted))[:CHOICES]


@cache
def _every_zone() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
