"""What would not be one message is told before anybody posts it."""

import pytest

from bot.library.checks import MESSAGE_LIMIT
from bot.library.prose import PAGE_LIMIT
from tests.library.conftest import Folder

FACTS = "papers/kites/paper.yaml"


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Key points"), ("en", "Misconceptions"), ("zh", "今天怎么看")]
)
def test_a_page_over_one_message_is_caught_at_its_heading(
    language: str, heading: str, folder: Folder
) -> None:
    name = f"papers/kites/summary.{language}.md"
    folder.plant(name, f"## {heading}\n", f"## {heading}\n\n{'x' * PAGE_LIMIT}\n\n")

    (finding,) = folder.check()

    assert finding.what.startswith(f"the text under “{heading}” has 36")
    assert finding.line == folder.line(name, f"## {heading}")
    assert finding.advice == f"Shorten it to {PAGE_LIMIT} at most."


def test_equations_over_one_message_are_caught(folder: Folder) -> None:
    folder.plant(FACTS, "en: The line is twice as long", f"en: {'x' * PAGE_LIMIT} The line is twice as long")

    (finding,) = folder.check()

    assert finding.what.startswith("the equations have ")
    assert finding.line == folder.line(FACTS, "equations:")


def test_a_post_that_is_over_one_message_by_its_title_is_caught(folder: Folder) -> None:
    folder.plant(FACTS, "How Kites Stay Up: A Study", "x" * (MESSAGE_LIMIT // 2))

    (finding,) = folder.check()

    assert finding.what.startswith("the week's post comes to ")
    assert finding.line == folder.line(FACTS, "title:")
