"""A content folder to spoil."""

import shutil
from pathlib import Path

import pytest

from bot.library.checks import check
from bot.library.findings import Finding

GOOD = Path(__file__).parent / "good"


class Folder:
    """A copy of the good content folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def plant(self, name: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text in a file; the text must be there."""
        file = self.path / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def line(self, name: str, text: str) -> int:
        """The line of a file that alone holds a text."""
        lines = (self.path / name).read_text(encoding="utf-8").splitlines()
        (number,) = (n for n, line in enumerate(lines, start=1) if text in line)
        return number

    def check(self) -> list[Finding]:
        return check(self.path)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    shutil.copytree(GOOD, tmp_path / "content")
    return Folder(tmp_path / "content")
