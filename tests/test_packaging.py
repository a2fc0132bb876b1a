"""What is installed: the lock files against the project's own list, and the wheel against the folders."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, str]:
    """Canonical name → version of a lock file; an entry without a hash fails."""
    entries = re.findall(
        r"^([\w.-]+)==(\S+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        (ROOT / name).read_text("utf-8"),
        re.M,
    )
    return {canonicalize_name(project): version for project, version, _ in entries}


def listed(*groups: str) -> list[Requirement]:
    lines = [*PYPROJECT["project"]["dependencies"]]
    for group in groups:
        lines += PYPROJECT["dependency-groups"][group]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_a_lock_is_pinned_and_hashed(name: str) -> None:
    entries = re.findall(r"^[^\s#]", (ROOT / name).read_text("utf-8"), re.M)
    assert len(locked(name)) == len(entries) > 0


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"://|^\s*--(?!hash=)|^\s*-[a-z]\b| @ ", text, re.M)


@pytest.mark.parametrize(("name", "groups"), [(LOCKS[0], ("build",)), (LOCKS[1], ("build", "dev"))])
def test_a_lock_satisfies_what_the_project_lists(name: str, groups: tuple[str, ...]) -> None:
    pins = locked(name)
    for requirement in listed(*groups):
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement} is not locked: run make lock"
        assert requirement.specifier.contains(pin), f"{requirement} is locked at {pin}: run make lock"


def test_the_development_lock_adds_to_the_other_and_changes_nothing() -> None:
    assert locked(LOCKS[0]).items() <= locked(LOCKS[1]).items()


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    on_disk = {
        str(file.relative_to(ROOT))
        for package in PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert on_disk >= {"bot/__init__.py", "bot/py.typed", "schedules/__init__.py", "content/__init__.py"}
    assert {name for name in packed if ".dist-info/" not in name} == on_disk
