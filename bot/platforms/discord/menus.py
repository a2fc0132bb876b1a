"""Slash commands and commands on messages, made from the table of commands: what Discord is told, and what it
tells back."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

from bot.domain.errors import Problem
from bot.domain.languages import Language
from bot.domain.plans import Plan
from bot.messages.actions import Action, read_token
from bot.messages.markup import cut
from bot.messages.texts import Texts
from bot.platforms.discord.completion import COMPLETED
from bot.platforms.discord.limits import CHOICE_NAME, CHOICES
from bot.platforms.discord.render import Json
from bot.use_cases.command import CHOICES as FIXED
from bot.use_cases.command import Command, Kind, Option, Who
from bot.use_cases.commands import BUTTON_OPTIONS

CHINESE = ("zh-CN", "zh-TW")
"""Discord's locales that read our Chinese."""

TYPED, ON_MESSAGE = 1, 3
"""The types of commands we have."""

_SUBCOMMAND, _STRING, _INTEGER, _USER = 1, 3, 4, 6
_STEPS = (1, 2)
"""Subcommands, and their groups: we register none, but a command may be sent as another once was."""

_EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
"""In servers, with the bot alone, and in other conversations; brought by a server or by a user."""

_MANAGE_GUILD = 1 << 5

_MENTION = re.compile(r"<(@[!&]?|#)\d+>")
_EMOJI = re.compile(r"<a?(:\w+:)\d+>")


def definitions(
    commands: Sequence[Command], texts: Texts, plans: Sequence[Plan], on_messages: Sequence[Command] = ()
) -> list[Json]:
    """Every command as Discord is told of it; the commands of a group under its first word. Raises KeyError
    for one without words."""
    menu = _Menu(texts, plans)
    typed = [menu.command(group, list(rows)) for group, rows in groupby(commands, lambda c: c.group)]
    return [*typed, *map(menu.on_message, on_messages)]


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
            "type": TYPED,
            **_EVERYWHERE,
            "options": self._options(rows[0]) if plain else [self._subcommand(row) for row in rows],
        }
        # Discord hides whole commands only; in a mixed group the dispatcher says who may do what.
        if all(row.who is Who.ORGANISERS for row in rows):
            command["default_member_permissions"] = str(_MANAGE_GUILD)
        return command

    def on_message(self, row: Command) -> Json:
        """A command that is chosen on a message. It has a name, and no words that say what it does."""
        return {**self._words("name", row.label), "type": ON_MESSAGE, **_EVERYWHERE}

    def _subcommand(self, row: Command) -> Json:
        name = row.path.removeprefix(row.group).strip()
        return {**self._named(name, row.key), "type": _SUBCOMMAND, "options": self._options(row)}

    def _options(self, row: Command) -> list[Json]:
        return [self._option(option) for option in row.options]

    def _option(self, option: Option) -> Json:
        shape: Json = {
            **self._named(option.name, f"option.{option.name}"),
            "type": _TYPES.get(option.kind, _STRING),
            "required": option.required,
        }
        if option.kind is Kind.NUMBER:
            shape |= _given(min_value=option.least, max_value=option.most)
        elif option.kind is Kind.TEXT:
            shape |= _given(max_length=option.most)
        elif option.kind in COMPLETED:
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
        """A name that is typed, and what it is. In English its name is the word of the table."""
        chinese = self._texts[Language.ZH].plain(f"name.{name}")
        return {
            "name": name,
            "name_localizations": dict.fromkeys(CHINESE, chinese),
            **self._words("description", description),
        }

    def _words(self, field: str, key: str) -> Json:
        chinese = self._texts[Language.ZH].plain(key)
        return {
            field: self._texts[Language.EN].plain(key),
            f"{field}_localizations": dict.fromkeys(CHINESE, chinese),
        }


_TYPES = {Kind.MEMBER: _USER, Kind.NUMBER: _INTEGER}


def _given(**bounds: int | None) -> Json:
    return {name: bound for name, bound in bounds.items() if bound is not None}


def read_command(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The path of a command that was sent, and its options as the dispatcher takes them."""
    path, options = [data["name"]], data.get("options") or []
    while options and options[0]["type"] in _STEPS:
        path.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(path), {
        option["name"]: f"id:{option['value']}" if option["type"] == _USER else str(option["value"])
        for option in options
        if "value" in option
    }


def focused_option(data: Mapping[str, Any]) -> str | None:
    """The name of the option someone is typing into."""
    options = data.get("options") or []
    while options and options[0]["type"] in _STEPS:
        options = options[0].get("options") or []
    return next((option["name"] for option in options if option.get("focused")), None)


def read_message(data: Mapping[str, Any], bot_id: int) -> dict[str, str]:
    """The options of a command that was chosen on a message: its words, without those whom they mention; if
    it is ours, the one paper that the buttons under it are about, and the post they were sent with. None when
    the message was not told."""
    message = data.get("resolved", {}).get("messages", {}).get(data["target_id"])
    if message is None:
        return {}
    forwarded = [snapshot["message"] for snapshot in message.get("message_snapshots") or ()]
    words = "\n".join(filter(None, (each.get("content") for each in (message, *forwarded))))
    options = {"text": _EMOJI.sub(r"\1", _MENTION.sub(lambda mark: f"{mark[1][0]}…", words))}
    if message["author"]["id"] == str(bot_id):
        actions = list(_actions(message.get("components") or ()))
        papers = {paper for each in actions if (paper := _named(each).get("paper"))}
        posts = {str(each.post) for each in actions if each.post is not None}
        options |= {"paper": _only(papers), "post": _only(posts)}
    return options


def _actions(components: Sequence[Mapping[str, Any]]) -> Iterator[Action]:
    """What the buttons of a message do."""
    for component in components:
        with suppress(Problem):
            yield read_token(component.get("custom_id") or "")
        inner = component.get("components") or ()
        yield from _actions([*inner, component["accessory"]] if "accessory" in component else inner)


def _named(pressed: Action) -> dict[str, str]:
    return dict(zip(BUTTON_OPTIONS.get(pressed.verb, ()), pressed.args, strict=False))


def _only(values: set[str]) -> str:
    """The one value there is; of several nobody knows which is meant."""
    return next(iter(values)) if len(values) == 1 else ""
