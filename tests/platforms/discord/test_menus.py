"""Slash commands come from the table, whole."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from bot.domain.languages import Language
from bot.domain.reading import NOTE_LIMIT
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.platforms.discord import menus
from bot.platforms.discord.completion import COMPLETED
from bot.use_cases.command import CHOICES, Command, Kind, Option, Who
from bot.use_cases.commands import COMMANDS, MESSAGE_COMMANDS
from tests.servers import discord_checks as checks

TEXTS = Texts(load_catalogues())


@pytest.fixture(scope="module")
def library() -> ContentLibrary:
    return ContentLibrary.load(files("content"))


@pytest.fixture(scope="module")
def menu(library: ContentLibrary) -> list[dict[str, Any]]:
    return menus.definitions(COMMANDS, TEXTS, library.plans(), MESSAGE_COMMANDS)


def rows(menu: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every path of a menu, with what stands at its end."""
    found: dict[str, dict[str, Any]] = {}
    for command in menu:
        if command["type"] != menus.TYPED:
            continue
        inside = [option for option in command["options"] if option["type"] == 1]
        found |= {f"{command['name']} {option['name']}": option for option in inside} or {
            command["name"]: command
        }
    return found


def test_every_command_of_the_table_is_in_the_menu_with_its_options(menu: list[dict[str, Any]]) -> None:
    told = {path: [option["name"] for option in row["options"]] for path, row in rows(menu).items()}
    assert told == {command.path: [option.name for option in command.options] for command in COMMANDS}


def test_the_menu_is_one_that_discord_takes(menu: list[dict[str, Any]]) -> None:
    form = checks.Form()
    checks.commands(form, menu)
    assert (form.errors, form.strays) == ({}, [])


def test_names_and_descriptions_are_in_chinese_too(menu: list[dict[str, Any]]) -> None:
    today = rows(menu)["paper today"]
    words = TEXTS[Language.ZH]
    for locale in ("zh-CN", "zh-TW"):
        assert today["name_localizations"][locale] == words.plain("name.today")
        assert today["description_localizations"][locale] == words.plain("command.paper.today")


def named(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Whatever has words in a menu, with its translations."""
    for field in ("name", "description"):
        if item.get(field):
            yield f"{field} {item[field]!r}", item.get(f"{field}_localizations")
    for inner in (*item.get("options", ()), *item.get("choices", ())):
        yield from named(inner)


def test_all_that_is_read_in_the_menu_is_in_chinese(menu: list[dict[str, Any]]) -> None:
    told = dict(each for command in menu for each in named(command))
    assert len(told) > 100
    assert [what for what, chinese in told.items() if set(chinese or ()) != {"zh-CN", "zh-TW"}] == []


def test_a_name_without_a_translation_is_an_error() -> None:
    unheard_of = Command("help", COMMANDS[0].run, (Option("unheard", Kind.TEXT),))
    with pytest.raises(KeyError, match=r"name\.unheard"):
        menus.definitions([unheard_of], TEXTS, [])


def test_each_option_has_the_type_of_what_it_takes(menu: list[dict[str, Any]]) -> None:
    offered = rows(menu)
    for command in COMMANDS:
        for option, told in zip(command.options, offered[command.path]["options"], strict=True):
            wanted = {Kind.NUMBER: checks.INTEGER, Kind.MEMBER: checks.USER}.get(option.kind, checks.STRING)
            assert told["type"] == wanted
            closed = option.kind in CHOICES or option.kind is Kind.PLAN
            assert ("choices" in told) is closed
            assert told.get("autocomplete", False) is (option.kind in COMPLETED)


def test_numbers_have_bounds_and_a_note_a_length(menu: list[dict[str, Any]]) -> None:
    offered = rows(menu)
    numbers = [
        (option["min_value"], option["max_value"])
        for row in offered.values()
        for option in row["options"]
        if option["type"] == checks.INTEGER
    ]
    assert numbers == [(1, 7), (0, 12), (-28, 84), (1, 52)]
    [note] = [option for option in offered["read"]["options"] if option["name"] == "note"]
    assert note["max_length"] == NOTE_LIMIT


def test_what_can_be_done_with_a_message_has_a_name_and_nothing_else(menu: list[dict[str, Any]]) -> None:
    on_messages = [command for command in menu if command["type"] == menus.ON_MESSAGE]
    assert [command["name"] for command in on_messages] == ["Mark as read", "Save as note"]
    assert [command["name_localizations"]["zh-CN"] for command in on_messages] == ["标为已读", "存为笔记"]
    assert all("description" not in command and "options" not in command for command in on_messages)


def test_everything_may_be_used_everywhere_and_be_brought_by_servers_and_users(
    menu: list[dict[str, Any]],
) -> None:
    assert all(command["contexts"] == [0, 1, 2] for command in menu)
    assert all(command["integration_types"] == [0, 1] for command in menu)


def test_levels_languages_and_days_are_choices_with_words(menu: list[dict[str, Any]]) -> None:
    level = rows(menu)["read"]["options"][0]
    assert [choice["value"] for choice in level["choices"]] == ["skimmed", "read", "presented", "reproduced"]
    chinese = TEXTS[Language.ZH].plain("choice.level.skimmed")
    assert level["choices"][0]["name_localizations"]["zh-CN"] == chinese


def test_plans_are_choices(menu: list[dict[str, Any]], library: ContentLibrary) -> None:
    [plan] = rows(menu)["settings plan"]["options"]
    assert [choice["value"] for choice in plan["choices"]] == [each.id for each in library.plans()]


def test_only_a_command_wholly_for_organisers_is_hidden_from_others(menu: list[dict[str, Any]]) -> None:
    assert not any("default_member_permissions" in command for command in menu)
    organisers = [Command("help", COMMANDS[0].run, who=Who.ORGANISERS)]
    [hidden] = menus.definitions(organisers, TEXTS, [])
    assert hidden["default_member_permissions"] == "32"


def test_the_fingerprint_changes_with_the_menu_and_the_application(menu: list[dict[str, Any]]) -> None:
    prints = {menus.fingerprint(1, menu), menus.fingerprint(2, menu), menus.fingerprint(1, menu[1:])}
    assert len(prints) == 3
    assert menus.fingerprint(1, menu) in prints


def test_a_command_that_was_sent_is_read_back() -> None:
    data = {
        "name": "schedule",
        "options": [
            {"type": 1, "name": "set", "options": [{"type": 3, "name": "day", "value": "monday"}]},
        ],
    }
    assert menus.read_command(data) == ("schedule set", {"day": "monday"})
    assert menus.read_command(
        {"name": "progress", "options": [{"type": 6, "name": "member", "value": "9"}]}
    ) == (
        "progress",
        {"member": "id:9"},
    )


def on_message(message: dict[str, Any]) -> dict[str, str]:
    """What is read from a command on a message that somebody else, with id 5, wrote."""
    whole = {"id": "7", "author": {"id": "5"}, "content": "", **message}
    return menus.read_message({"target_id": "7", "resolved": {"messages": {"7": whole}}}, 9)


def test_of_a_message_its_words_are_read_without_whom_they_mention() -> None:
    said = "<@12> and <@!13> of <@&14> said in <#15>: look <:wow:16> <a:yes:17> <3"
    assert on_message({"content": said}) == {"text": "@… and @… of @… said in #…: look :wow: :yes: <3"}


def test_of_a_forwarded_message_the_words_are_read() -> None:
    forwarded = {"message_snapshots": [{"message": {"content": "worth keeping"}}]}
    assert on_message(forwarded) == {"text": "worth keeping"}


def test_the_paper_of_a_message_is_told_by_the_buttons_under_it_if_it_is_ours() -> None:
    row = {
        "type": 1,
        "components": [{"type": 2, "custom_id": "p1:join"}, {"type": 2, "url": "https://x.org"}],
    }
    section = {"type": 9, "components": [], "accessory": {"type": 2, "custom_id": "p1:read:gan@4"}}
    ours = {"author": {"id": "9"}, "components": [row, {"type": 17, "components": [section]}]}
    assert on_message(ours) == {"text": "", "paper": "gan", "post": "4"}
    assert on_message({**ours, "components": [row]}) == {"text": "", "paper": "", "post": ""}
    other = {"type": 1, "components": [{"type": 2, "custom_id": "p1:paper:vae"}]}
    assert on_message({**ours, "components": [section, other]})["paper"] == ""
    assert on_message({"components": [section]}) == {"text": ""}
    assert menus.read_message({"target_id": "7"}, 9) == {}
