"""What members have met keeps its meaning: published ids are listed, and held against the files."""

from pathlib import Path

import pytest

from bot.library.files import PUBLISHED, read, shipped
from bot.library.library import ContentLibrary
from bot.library.published import published
from tests.library.conftest import GOOD, Folder

QUIZ = "papers/lanterns/quiz.yaml"
NEWER = """  - id: how-high-now
    supersedes: how-high
    skill: apply
    reread: {en: "Section 2", zh: "第 2 节"}
"""


def publish(folder: Folder) -> int:
    """Write the list anew; how many ids were new."""
    text, new = published(read(folder.path))
    (folder.path / PUBLISHED).write_text(text, "utf-8")
    return new


def copy_of(folder: Folder, question: str, head: str) -> None:
    """Put a copy of a question behind the others, under another head."""
    file = folder.path / QUIZ
    text = file.read_text("utf-8")
    block = text[text.index(f"  - id: {question}\n") :]
    block = block[: block.index("\n  - id: ") + 1] if "\n  - id: " in block else block
    body = block[block.index("    ask:") :]
    file.write_text(text + head + body, "utf-8")


def test_publishing_lists_what_is_new_once(folder: Folder) -> None:
    (folder.path / PUBLISHED).unlink()

    assert publish(folder) == 4 + 2 + 3 + 1
    assert publish(folder) == 0
    assert folder.check() == []


def test_nothing_leaves_the_list_by_publishing_again(folder: Folder) -> None:
    publish(folder)
    folder.plant(QUIZ, "id: how-high", "id: how-far")

    assert publish(folder) == 1
    (finding,) = folder.check()
    assert finding.what == "the published question how-high is gone"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What does part 2 say?", "what does  part 2, say"),
        ('"第 2 部分说了什么？"', '"第 2 部分说的是什么？"'),
        ('"Thought c2 leads here."', '"Another thought leads here."'),
        ("skill: apply", "skill: analyse"),
    ],
)
def test_what_does_not_change_the_question_may_be_mended(old: str, new: str, folder: Folder) -> None:
    publish(folder)
    folder.plant(QUIZ, old, new)

    assert folder.check() == []


def test_a_prompt_may_be_worded_anew_under_its_id(folder: Folder) -> None:
    publish(folder)
    folder.plant("papers/lanterns/prompts.yaml", "Which picture stayed with you?", "Which picture stays?")

    assert folder.check() == []


def test_a_paper_that_was_published_and_is_gone_is_told_in_the_list(folder: Folder) -> None:
    publish(folder)
    folder.plant(PUBLISHED, "  kites:\n", "  balloons:\n")

    (finding,) = folder.check()
    assert finding.what == "the published paper balloons is gone"
    assert (finding.path, finding.line) == (
        f"{folder.path.as_posix()}/{PUBLISHED}",
        folder.line(PUBLISHED, "balloons"),
    )


def test_a_superseded_question_is_asked_no_more_and_known_to_whoever_was_asked_it(folder: Folder) -> None:
    publish(folder)
    copy_of(folder, "how-high", NEWER)

    assert folder.check() == []
    paper = ContentLibrary.load(folder.path).paper("lanterns")
    assert paper is not None
    assert [question.id for question in paper.questions] == ["what-warms", "which-paper", "how-high-now"]
    assert [question.id for question in paper.retired] == ["how-high"]
    older = paper.question("how-high")
    assert older is not None
    assert older.key == 1


def test_a_retired_question_still_has_to_be_there(folder: Folder) -> None:
    publish(folder)
    copy_of(folder, "how-high", NEWER)
    folder.plant(QUIZ, "- id: how-high\n", "- id: how-low\n")

    told = [finding.what for finding in folder.check()]
    assert told == [
        "the published question how-high is gone",
        "supersedes names how-high, and no earlier question has this id",
    ]


def test_a_list_that_cannot_be_read_is_told_and_everything_is_served(folder: Folder) -> None:
    (folder.path / PUBLISHED).write_text("papers: [lanterns]\n", "utf-8")

    library = ContentLibrary.load(folder.path)

    assert [finding.what for finding in library.findings] == ["papers is a list of 1"]
    assert {paper.id for paper in library.papers()} == {"kites", "lanterns"}


def test_all_that_is_shipped_is_published() -> None:
    content = read(shipped())

    assert published(content)[1] == 0, "run paperclub publish"
    assert published(content)[0] == Path(str(shipped()), PUBLISHED).read_text("utf-8")


def test_the_good_folder_lists_a_paper_for_the_planted_faults() -> None:
    assert (GOOD / PUBLISHED).is_file()
