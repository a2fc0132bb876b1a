"""docker-compose.yml, read against the project: finding a broken line takes no container engine."""

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bot.domain.languages import Language
from bot.settings import read_settings
from tests.readme import READMES

ROOT = Path(__file__).parent.parent
OURS = ("one", "two")
PASSWORD = re.compile(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_there_are_two_of_us_alike_and_one_database(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {*OURS, "postgres"}
    assert services["one"] == services["two"]


@pytest.mark.parametrize("name", OURS)
def test_each_is_built_from_our_dockerfile_and_as_confined_as_the_readme_runs_it(
    compose: dict[str, Any], name: str
) -> None:
    service = compose["services"][name]
    assert (ROOT / service["build"] / "Dockerfile").is_file()
    assert service["image"] == "paperclub"
    assert service["read_only"] is True
    assert service["restart"] == "unless-stopped"
    assert service["env_file"] == ".env"
    assert "command" not in service
    assert "user" not in service


@pytest.mark.parametrize("name", OURS)
def test_each_is_led_to_the_database_with_settings_it_knows(
    compose: dict[str, Any], name: str, tmp_path: Path
) -> None:
    environment = compose["services"][name]["environment"]
    database = read_settings(environment, tmp_path).database
    server = compose["services"]["postgres"]["environment"]
    parts = urlsplit(str(database))
    assert parts.hostname in compose["services"]
    assert (parts.username, parts.path) == (server["POSTGRES_USER"], f"/{server['POSTGRES_DB']}")
    assert parts.password is None, "a password in an address has to be escaped"
    assert PASSWORD.fullmatch(environment["PGPASSWORD"])
    assert environment["PGPASSWORD"] == server["POSTGRES_PASSWORD"]


@pytest.mark.parametrize("name", OURS)
def test_each_waits_until_the_database_answers(compose: dict[str, Any], name: str) -> None:
    assert compose["services"][name]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    check = compose["services"]["postgres"]["healthcheck"]
    server = compose["services"]["postgres"]["environment"]
    assert check["test"][:2] == ["CMD", "pg_isready"]
    # Asked over TCP: while the image sets itself up, it listens on a socket only.
    assert "--host=127.0.0.1" in check["test"]
    assert f"--username={server['POSTGRES_USER']}" in check["test"]
    assert f"--dbname={server['POSTGRES_DB']}" in check["test"]


def test_the_record_is_in_a_volume_and_reached_from_inside_only(compose: dict[str, Any]) -> None:
    (mount,) = compose["services"]["postgres"]["volumes"]
    volume, _, place = mount.partition(":")
    assert set(compose["volumes"]) == {volume}
    assert place == "/var/lib/postgresql/data"
    assert not any("ports" in service for service in compose["services"].values())


def test_images_are_named_without_a_host_and_with_a_version(compose: dict[str, Any]) -> None:
    assert re.fullmatch(r"postgres:\d+", compose["services"]["postgres"]["image"])


@pytest.mark.parametrize("language", Language)
def test_the_readme_kills_and_starts_services_that_exist(compose: dict[str, Any], language: Language) -> None:
    readme = READMES[language].read_text("utf-8")
    lines = re.findall(r"^docker compose (.+)$", readme, re.M)
    verbs = [shlex.split(line) for line in lines]
    assert {"up", "kill", "logs", "start"} <= {words[0] for words in verbs}
    named = {word for words in verbs if words[0] in ("kill", "start", "logs") for word in words[1:]}
    assert named & set(OURS)
    options = {"--follow", "--since", "10s"}
    assert named - options <= set(compose["services"])
    assert "POSTGRES_PASSWORD=" in readme
