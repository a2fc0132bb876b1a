"""Slash commands come from the table, whole."""

from importlib.resources import files
from typing import Any

import pytest

from bot.domain.languages import Language
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.platforms.discord import menus
from bot.platforms.discord.limits import CHOICE_NAME, CHOICES
from bot.use_cases.command import Command, Kind, Option, Who
from bot.use_cases.commands import COMMANDS
from tests.servers import discord_checks as checks

TEXTS = Texts(load_catalogues())


@pytest.fixture(scope="module")
def library() -> ContentLibrary:
    return ContentLibrary.load(files("content"))


@pytest.fixture(scope="module")
def menu(library: ContentLibrary) -> list[dict[str, Any]]:
    return menus.definitions(COMMANDS, TEXTS, library.plans())


def rows(menu: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every path of a menu, with what stands at its end."""
    found: dict[str, dict[str, Any]] = {}
    for command in menu:
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


def test_nothing_typed_lists_the_plan_in_order(library: ContentLibrary) -> None:
    found = menus.suggestions(Kind.PAPER, " ", Language.EN, library)
    plan = library.plans()[0]
    assert [value for _, value in found] == list(plan.papers[:CHOICES])
    first = library.paper(plan.papers[0])
    assert first is not None
    assert found[0][0] == f"1 · {first.title.en}"
    assert all(len(name) <= CHOICE_NAME for name, _ in found)


def test_a_number_or_words_in_either_language_find_a_paper(library: ContentLibrary) -> None:
    third = library.plans()[0].papers[2]
    assert [value for _, value in menus.suggestions(Kind.PAPER, "3", Language.ZH, library)] == [third]
    paper = library.paper(third)
    assert paper is not None
    for language in Language:
        found = menus.suggestions(Kind.PAPER, paper.title[language], language, library)
        assert found[0] == (f"3 · {paper.title[language]}"[:CHOICE_NAME], third)


def test_a_term_is_completed_from_its_names_in_both_languages(library: ContentLibrary) -> None:
    assert ("随机失活", "dropout") in menus.suggestions(Kind.TERM, "drop", Language.ZH, library)
    assert ("dropout", "dropout") in menus.suggestions(Kind.TERM, "失活", Language.EN, library)
    assert menus.suggestions(Kind.TERM, "drpout", Language.EN, library) == [("dropout", "dropout")]
    every = menus.suggestions(Kind.TERM, " ", Language.EN, library)
    assert every == [(term.name.en, term.id) for term in library.terms()[:CHOICES]]
    assert len(every) == CHOICES


def test_zones_of_cities_that_begin_so_come_first(library: ContentLibrary) -> None:
    found = [value for _, value in menus.suggestions(Kind.ZONE, "new y", Language.EN, library)]
    assert found[0] == "America/New_York"
    every = menus.suggestions(Kind.ZONE, "", Language.EN, library)
    assert len(every) == CHOICES
    assert menus.suggestions(Kind.ZONE, "nowhere at all", Language.EN, library) == []


def test_other_kinds_suggest_nothing(library: ContentLibrary) -> None:
    assert menus.suggestions(Option("note", Kind.TEXT).kind, "x", Language.EN, library) == []
