"""No library without a reason: every run-time dependency is named in DECISIONS.md."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
DEPENDENCIES = [
    Requirement(line).name
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
]


def names(text: str, dependency: str) -> bool:
    """Whether a text names a dependency; `aiohttp-socks` does not name `aiohttp`."""
    return bool(re.search(rf"(?<![\w.-]){re.escape(dependency)}(?![\w-])", text, re.I))


def entries() -> dict[str, str]:
    """Heading → body of each decision."""
    text = (ROOT / "DECISIONS.md").read_text("utf-8")
    return dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n?)+)", text, re.M))


@pytest.mark.parametrize("dependency", DEPENDENCIES)
def test_every_run_time_dependency_is_named_in_a_decision(dependency: str) -> None:
    assert any(names(body, dependency) for body in entries().values())


@pytest.mark.parametrize("part", ["**What.**", "**Why.**", "**Instead of.**"])
def test_every_decision_says_what_and_why_and_what_else_was_considered(part: str) -> None:
    assert len(entries()) >= len(DEPENDENCIES)
    assert [heading for heading, body in entries().items() if part not in body] == []


def test_a_name_inside_a_longer_one_is_not_taken_for_it() -> None:
    assert names("`aiohttp`, and more", "aiohttp")
    assert not names("aiohttp-socks and httpx-aiohttp", "aiohttp")
