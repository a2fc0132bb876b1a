"""The addresses that bring the bot to a server, and what they ask for."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.platforms.discord.invite import LEAST, account_link, server_link
from tests.servers.discord import Permission

ROOT = Path(__file__).parents[3]


def test_a_server_is_asked_for_the_least_and_for_nothing_that_has_power_over_people() -> None:
    asked = parse_qs(urlsplit(server_link(42)).query)
    assert asked == {
        "client_id": ["42"],
        "permissions": [str(LEAST.value)],
        "integration_type": ["0"],
        "scope": ["bot applications.commands"],
    }
    powers = Permission.ADMINISTRATOR | Permission.MANAGE_GUILD | Permission.MANAGE_CHANNELS
    powers |= Permission.MANAGE_ROLES | Permission.MANAGE_MESSAGES | Permission.MENTION_EVERYONE
    assert not LEAST.value & powers


def test_ones_own_account_is_asked_for_nothing_but_the_commands() -> None:
    asked = parse_qs(urlsplit(account_link(42)).query)
    assert asked == {"client_id": ["42"], "integration_type": ["1"], "scope": ["applications.commands"]}


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_shows_the_very_link(name: str) -> None:
    [link] = re.findall(r"https://discord\.com/oauth2/authorize\S+", (ROOT / name).read_text("utf-8"))
    asked = parse_qs(urlsplit(link).query)
    assert asked["permissions"] == [str(LEAST.value)]
    assert asked["scope"] == ["bot applications.commands"]
