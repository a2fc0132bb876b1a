"""The guards of the architecture are themselves guarded: they must have seen every file and every library."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "schedules")
# Time comes to these rooms through a port.
TIMELESS = ("domain", "messages", "use_cases", "delivery", "storage")
CLOCK_READS = {
    "date.today", "datetime.now", "datetime.today", "datetime.utcnow", "time.time", "time.time_ns",
}  # fmt: skip
SQL_CLOCK_READ = re.compile(
    r"\bcurrent_(?:date|time|timestamp)\b|'now'|\bunixepoch\s*\(\s*\)|\bnow\s*\(\s*\)", re.I
)
# Data types without I/O, and data without an import.
HOMELESS = {"msgspec", "tzdata"}


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def contracts(pyproject: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {contract["id"]: contract for contract in pyproject["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(folder: str, pattern: str = "*.py") -> list[Path]:
    return sorted((ROOT / folder).rglob(pattern))


def test_the_linter_sees_every_file_of_every_room(
    graph: grimp.ImportGraph, pyproject: dict[str, Any]
) -> None:
    assert pyproject["tool"]["importlinter"]["root_packages"] == list(PACKAGES)
    on_disk = {module_name(file) for package in PACKAGES for file in sources(package)}
    seen = {name for name in graph.modules if name.partition(".")[0] in PACKAGES}
    assert seen == on_disk, "a folder without __init__.py is invisible to the linter"


def test_every_room_has_a_module_and_a_place_in_the_layers(
    graph: grimp.ImportGraph, contracts: dict[str, dict[str, Any]]
) -> None:
    placed = {room for layer in contracts["rooms"]["layers"] for room in re.findall(r"[\w.]+", layer)}
    rooms = {f"bot.{file.stem}" for file in (ROOT / "bot").glob("*.py")} - {"bot.__init__"}
    rooms |= {f"bot.{folder.name}" for folder in (ROOT / "bot").iterdir() if folder.is_dir()} - {
        "bot.__pycache__"
    }
    assert rooms <= placed
    assert rooms <= graph.modules


def test_every_platform_is_in_the_contract_that_keeps_them_apart(
    contracts: dict[str, dict[str, Any]],
) -> None:
    (layer,) = contracts["platforms"]["layers"]
    folders = {
        f"bot.platforms.{file.parent.name}" for file in (ROOT / "bot" / "platforms").glob("*/__init__.py")
    }
    assert folders <= set(re.findall(r"[\w.]+", layer))


def test_every_dependency_has_a_home(pyproject: dict[str, Any], contracts: dict[str, dict[str, Any]]) -> None:
    homes = contracts["homes"]
    housed = set(homes["forbidden_modules"])
    assert {line.partition(" -> ")[2] for line in homes["ignore_imports"]} == housed
    imported_as = importlib.metadata.packages_distributions()
    for line in pyproject["project"]["dependencies"]:
        distribution = canonicalize_name(Requirement(line).name)
        names = {
            name
            for name, providers in imported_as.items()
            if distribution in map(canonicalize_name, providers) and not name.startswith("_")
        }
        assert distribution in HOMELESS or names & housed, (
            f"{distribution} ({names}) may be imported anywhere"
        )


def test_only_declared_dependencies_are_imported(graph: grimp.ImportGraph, pyproject: dict[str, Any]) -> None:
    declared = {canonicalize_name(Requirement(line).name) for line in pyproject["project"]["dependencies"]}
    imported_as = importlib.metadata.packages_distributions()
    foreign = {name for name in graph.modules if graph.is_module_squashed(name)} - set(
        sys.stdlib_module_names
    )
    for name in foreign:
        top = name.partition(".")[0]
        assert declared & set(map(canonicalize_name, imported_as[top])), f"{name} is there only by accident"


def test_messages_take_dates_and_plurals_from_babel_and_no_catalogue() -> None:
    files = sources("bot/messages")
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(("babel.messages", "babel.support")), file
            if isinstance(node, ast.Import):
                assert not [alias.name for alias in node.names if alias.name.startswith("babel")], file


def clock_reads(source: str) -> Iterator[str]:
    """Names of the clock reads in Python source, also where they are only passed on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            last = (
                owner.attr
                if isinstance(owner, ast.Attribute)
                else owner.id
                if isinstance(owner, ast.Name)
                else ""
            )
            if f"{last}.{node.attr}" in CLOCK_READS:
                yield f"{last}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{alias.name}" for alias in node.names if f"time.{alias.name}" in CLOCK_READS)


@pytest.mark.parametrize("room", TIMELESS)
def test_a_timeless_room_reads_no_clock(room: str) -> None:
    files = sources(f"bot/{room}")
    assert files, f"bot/{room} holds no source: the guard would guard nothing"
    for file in files:
        assert list(clock_reads(file.read_text("utf-8"))) == [], file


def test_no_statement_asks_the_database_for_the_time() -> None:
    for file in sources("bot", "*.sql"):
        statements = re.sub(r"--.*", "", file.read_text("utf-8"))
        assert not SQL_CLOCK_READ.search(statements), file


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "field(default_factory=datetime.now)",
        "dt.date.today()",
        "time.time()",
        "from time import time",
    ],
)
def test_a_planted_clock_read_is_found(source: str) -> None:
    assert list(clock_reads(source))


@pytest.mark.parametrize(
    "source", ["clock.now()", "self.clock.now()", "now: datetime", "from datetime import time"]
)
def test_asking_the_clock_port_is_not_a_clock_read(source: str) -> None:
    assert not list(clock_reads(source))


@pytest.mark.parametrize("statement", ["DEFAULT CURRENT_TIMESTAMP", "datetime('now')", "unixepoch()"])
def test_a_planted_clock_read_in_a_statement_is_found(statement: str) -> None:
    assert SQL_CLOCK_READ.search(statement)
