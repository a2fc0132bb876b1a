"""What is read from a file: text without its comments, and lines that stay right."""

from bot.domain.languages import Language
from bot.library.documents import read_summary, read_yaml
from bot.library.format import Prompts


def test_comments_are_not_shown_and_leave_no_gap() -> None:
    file = read_summary(
        "a.md", "It took 2.1 M steps <!-- Fig. 3 -->, and <!-- two\nlines -->no more.", Language.EN
    )

    assert file.hook == "It took 2.1 M steps, and\nno more."


def test_a_heading_keeps_its_line_after_a_comment_of_many_lines() -> None:
    file = read_summary(
        "a.md", "Hook.\n\n<!-- one\ntwo\nthree -->\n\n## Problem\nText.\n\n\n\nMore.\n", Language.EN
    )

    (heading,) = file.headings
    assert (heading.title, heading.line, heading.body) == ("Problem", 7, "Text.\n\nMore.")
    assert file.hook == "Hook."


def test_a_summary_is_long_as_soon_as_it_has_a_heading_after_the_post() -> None:
    short = read_summary("a.md", "Hook.\n## Problem\nText.\n", Language.EN)
    long = read_summary("a.md", "Hook.\n## Today\nText.\n", Language.EN)

    assert (short.is_long, len(short.wanted)) == (False, 5)
    assert (long.is_long, len(long.wanted)) == (True, 8)


def test_a_finding_stands_on_the_line_of_the_key_or_of_the_list_item() -> None:
    first = "  - id: skimmed\n    en: One?\n    zh: |\n      一？\n"
    text = "# a comment\nprompts:\n" + first + "  - {id: two, en: Two?, zh: 二？}\n"
    file, faults = read_yaml("a.yaml", text, Prompts)

    assert faults == []
    assert file is not None
    places: list[tuple[list[str | int], int]] = [
        ([], 1),
        (["prompts"], 2),
        (["prompts", 0], 3),
        (["prompts", 0, "en"], 4),
        (["prompts", 0, "zh"], 5),
        (["prompts", 1], 7),
        (["prompts", 1, "zh"], 7),
        (["prompts", 0, "no such field"], 3),
    ]
    assert [file.finding(place, "", "").line for place, _ in places] == [line for _, line in places]
