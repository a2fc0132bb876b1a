"""Both READMEs say what the code does: tables, requirements, make targets, permissions, links."""

import re
import tomllib
from pathlib import Path

import discord
import pytest

from bot.domain.languages import Language
from bot.settings import SETTINGS
from bot.use_cases.commands import COMMANDS
from tests.readme import CHINESE, READMES, TABLES, commands_table, rewritten, settings_table

ROOT = Path(__file__).parent.parent

# What Discord's own pages call the permissions, and discord.py's names for them.
PERMISSIONS = {
    "View Channels": "view_channel",
    "Send Messages": "send_messages",
    "Send Messages in Threads": "send_messages_in_threads",
    "Create Public Threads": "create_public_threads",
    "Manage Threads": "manage_threads",
    "Embed Links": "embed_links",
    "Attach Files": "attach_files",
    "Read Message History": "read_message_history",
    "Pin Messages": "pin_messages",
}

every_readme = pytest.mark.parametrize("language", Language)


def read(language: Language) -> str:
    return READMES[language].read_text("utf-8")


def found_in_makefile(pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / "Makefile").read_text("utf-8"), re.M))


@every_readme
def test_the_tables_are_those_of_the_code(language: Language) -> None:
    assert read(language) == rewritten(read(language), language), "run make readme"


@every_readme
@pytest.mark.parametrize(
    "marker", [mark for name in TABLES for mark in (f"<!-- {name} -->", f"<!-- /{name} -->")]
)
def test_a_missing_marker_is_refused(language: Language, marker: str) -> None:
    assert read(language).count(marker) == 1
    with pytest.raises(ValueError, match="is missing"):
        rewritten(read(language).replace(marker, ""), language)


@every_readme
def test_every_command_and_every_setting_has_one_row(language: Language) -> None:
    commands, settings = commands_table(language), settings_table(language)
    assert COMMANDS
    assert SETTINGS
    assert [commands.count(f"\n| `{command.usage}` |") for command in COMMANDS] == [1] * len(COMMANDS)
    assert [settings.count(f"\n| `{setting.name}` |") for setting in SETTINGS] == [1] * len(SETTINGS)


@every_readme
def test_an_outdated_row_is_found(language: Language) -> None:
    outdated = read(language).replace("`/paper next`", "`/paper last`")
    assert outdated != read(language)
    assert rewritten(outdated, language) == read(language)


def test_no_translation_of_a_setting_is_left_over() -> None:
    english = {said for s in SETTINGS for said in (s.meaning, s.shape, s.default) if said}
    assert set(CHINESE) == english


@every_readme
def test_the_invite_link_asks_for_the_permissions_it_names_and_no_other(language: Language) -> None:
    link = re.search(r"https://discord\.com/oauth2/authorize\?(\S+)", read(language))
    assert link
    assert dict(part.split("=") for part in link[1].split("&")) == {
        "client_id": "YOUR_APPLICATION_ID",
        "scope": "bot+applications.commands",
        "permissions": str(discord.Permissions(**dict.fromkeys(PERMISSIONS.values(), True)).value),
    }
    for name in PERMISSIONS:
        assert name in read(language)


@every_readme
def test_the_lines_for_debian_are_those_of_the_integration_machine(language: Language) -> None:
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    (install,) = re.findall(r"apt-get install .*", ci)
    (update,) = re.findall(r"apt-get update.*", ci)
    assert f"```sh\nsudo {update}\nsudo {install}\n```" in read(language)


@every_readme
def test_the_versions_asked_for_are_those_that_make_asks_for(language: Language) -> None:
    python = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    (pip,) = found_in_makefile(r"with pip (\d+\.\d+) or newer")
    assert f"Python {python.removeprefix('>=')} " in read(language)
    assert f"pip {pip} " in read(language)


@every_readme
def test_every_make_target_it_names_exists(language: Language) -> None:
    named = set(re.findall(r"`make ([\w-]+)`", read(language)))
    assert named >= {"run", "test"}
    assert named <= found_in_makefile(r"^([\w-]+):")


@every_readme
def test_every_link_to_a_file_leads_somewhere(language: Language) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)|src=\"([^\"]+)\"", read(language))
    files = {link or picture for link, picture in targets}
    assert files >= {"LICENSE", "CHANGELOG.md", "DECISIONS.md"}
    assert any(file.startswith("docs/screenshots/room") for file in files)
    assert [file for file in sorted(files) if not (ROOT / file).is_file()] == []


@every_readme
def test_every_address_is_one_we_know(language: Language) -> None:
    hosts = set(re.findall(r"https?://([\w.-]+)", read(language)))
    assert hosts == {"127.0.0.1", "club.example.org", "discord.com", "t.me"}
