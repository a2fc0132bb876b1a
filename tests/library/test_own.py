"""A host's own folder beside the built-in one: both serve, and neither can harm the other."""

import shutil
from pathlib import Path

import pytest

from bot.library.checks import check
from bot.library.files import shipped
from bot.library.library import ContentLibrary
from tests.library.conftest import GOOD, Folder


@pytest.fixture
def own(tmp_path: Path) -> Folder:
    """Lanterns of the host's own, in a plan of their own, which begins with the built-in kites."""
    home = tmp_path / "own"
    (home / "plans").mkdir(parents=True)
    shutil.copytree(GOOD / "papers/lanterns", home / "papers/lamps")
    shutil.copy(GOOD / "plans/tiny.yaml", home / "plans/mine.yaml")
    folder = Folder(home)
    folder.plant("papers/lamps/paper.yaml", "id: lanterns", "id: lamps")
    folder.plant("plans/mine.yaml", "id: tiny", "id: mine")
    folder.plant("plans/mine.yaml", "- lanterns", "- lamps")
    return folder


def test_a_plan_of_ones_own_names_papers_of_both_folders(own: Folder) -> None:
    library = ContentLibrary.load(GOOD, own.path)

    assert library.findings == []
    assert [plan.id for plan in library.plans()] == ["tiny", "mine"]
    plan = library.plan("mine")
    assert plan is not None
    assert plan.papers == ("kites", "lamps")
    assert [paper.id for paper in library.find("2", plan)] == ["lamps"]


def test_a_folder_of_ones_own_may_hold_a_plan_alone(own: Folder) -> None:
    shutil.rmtree(own.path / "papers")
    own.plant("plans/mine.yaml", "- lamps", "- lanterns")

    assert check(GOOD, own.path) == []


def test_a_folder_of_ones_own_that_is_not_there_is_told_and_the_rest_is_served(tmp_path: Path) -> None:
    library = ContentLibrary.load(GOOD, tmp_path / "gone")

    assert {finding.path for finding in library.findings} == {
        f"{tmp_path.as_posix()}/gone/papers",
        f"{tmp_path.as_posix()}/gone/plans",
    }
    assert len(library.papers()) == 2


@pytest.mark.parametrize("name", ["paper.yaml", "quiz.yaml", "prompts.yaml"])
def test_a_broken_file_of_ones_own_is_told_and_the_rest_is_served(name: str, own: Folder) -> None:
    (own.path / "papers/lamps" / name).write_text("id: [lamps\n", encoding="utf-8")

    library = ContentLibrary.load(GOOD, own.path)

    assert [finding.path for finding in library.findings] == [
        f"{own.path.as_posix()}/papers/lamps/{name}",
    ]
    assert [paper.id for paper in library.papers()] == ["kites", "lanterns"]
    assert library.plan("mine") is not None


def test_a_paper_with_a_built_in_id_is_told_and_the_built_in_one_is_served(own: Folder) -> None:
    (own.path / "papers/lamps").rename(own.path / "papers/kites")
    own.plant("papers/kites/paper.yaml", "id: lamps", "id: kites")
    own.plant("plans/mine.yaml", "      - lamps\n", "")

    library = ContentLibrary.load(GOOD, own.path)

    (finding,) = library.findings
    assert str(finding) == (
        f"{own.path.as_posix()}/papers/kites/paper.yaml:1: a built-in paper has the id kites too. "
        "Give yours another; until then the built-in one is served."
    )
    paper = library.paper("kites")
    assert paper is not None
    assert paper.year == 1999


def test_a_plan_with_a_built_in_id_is_told_and_the_built_in_one_is_served(own: Folder) -> None:
    (own.path / "plans/mine.yaml").rename(own.path / "plans/tiny.yaml")
    own.plant("plans/tiny.yaml", "id: mine", "id: tiny")

    library = ContentLibrary.load(GOOD, own.path)

    assert "a built-in plan has the id tiny too" in [finding.what for finding in library.findings]
    plan = library.plan("tiny")
    assert plan is not None
    assert plan.papers == ("kites", "lanterns")


def test_ones_own_folder_stands_beside_what_is_shipped(own: Folder) -> None:
    own.plant("plans/mine.yaml", "- kites", "- adam")
    own.plant("papers/lamps/paper.yaml", "needs: [kites]", "needs: [adam]")
    shutil.copy(GOOD / "glossary.yaml", own.path / "glossary.yaml")
    text = (own.path / "glossary.yaml").read_text("utf-8")
    (own.path / "glossary.yaml").write_text(
        text.replace("kites", "lamps").replace("lanterns", "lamps"), "utf-8"
    )

    library = ContentLibrary.load(shipped(), own.path)

    assert [str(finding) for finding in library.findings] == []
    assert library.plans()[0].id == "deep-learning-2"
    assert library.paper("lamps") is not None
