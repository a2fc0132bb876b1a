"""The library as the use cases see it: what is good is served, whatever is broken beside it."""

import zipfile
from pathlib import Path

from bot.domain.languages import Bilingual, Language
from bot.library.files import shipped
from bot.library.library import ContentLibrary
from bot.ports import Library
from tests.library.conftest import GOOD, Folder


def test_a_paper_comes_with_all_that_its_files_say() -> None:
    library: Library = ContentLibrary.load(GOOD)

    paper = library.paper("kites")

    assert paper is not None
    assert paper.title == Bilingual("How Kites Stay Up: A Study", "风筝为何不落")
    assert paper.authors == ("Ada Müller", "王小明")
    assert (paper.year, paper.level, paper.first_minutes, paper.careful_minutes) == (1999, 2, 20, 90)
    assert paper.venue[Language.ZH] == "ICML 1999"
    assert (paper.page, paper.pdf) == ("https://example.org/kites", "https://example.org/kites.pdf")
    assert paper.terms == (Bilingual("tail drag", "尾部阻力"), Bilingual("kite line", "风筝线"))
    assert [equation.plain for equation in paper.equations] == ["l = 2 · h"]
    assert [question.key for question in paper.questions] == [0, 1, 2, 3]
    question = paper.question("how-long")
    assert question is not None
    assert question.options[2].text == Bilingual("Answer c3", "答案 c3")
    assert question.options[0].why == Bilingual("Thought a3 leads here.", "想法 a3 引到这里。")
    assert [prompt.id for prompt in paper.prompts] == ["skimmed", "today"]
    assert paper.figure is not None
    assert paper.figure.height == 260
    assert paper.figure.labels == {
        "title": Bilingual("What holds it", "是什么托着它"),
        "wind": Bilingual("The wind", "风"),
    }
    assert paper.figure.alt.en.startswith("A line runs")
    assert paper.guide is not None
    assert [each.minutes for each in paper.guide.passes] == [10, 25, 50]
    assert paper.guide.passes[1].does == Bilingual("Read section 1.", "读第 1 节。")
    assert paper.guide.ten_minutes == Bilingual("Look at figure 1.", "看图 1。")


def test_a_summary_is_shown_without_its_comments_in_each_language() -> None:
    paper = ContentLibrary.load(GOOD).paper("kites")

    assert paper is not None
    english, chinese = paper.summaries[Language.EN], paper.summaries[Language.ZH]
    assert english.hook == "A kite of 2.5 kg stays up, e.g. Ada’s, because its tail drags."
    assert english.problem == "It rises by *about* 30 m, and **no more**."
    assert english.misconceptions == "- One point.\n- Another point."
    assert chinese.after == "它上升约 30 米。**注意**：不会更高。"


def test_a_short_summary_leaves_the_last_parts_empty() -> None:
    paper = ContentLibrary.load(GOOD).paper("lanterns")

    assert paper is not None
    assert paper.needs == ("kites",)
    summary = paper.summaries[Language.EN]
    assert (summary.after, summary.key_points, summary.today) == ("Nobody knows.", "", "")


def test_a_broken_paper_leaves_the_weeks_of_its_plan_where_they_are(folder: Folder) -> None:
    folder.plant("papers/kites/paper.yaml", "level: 2", "level: 9")

    library = ContentLibrary.load(folder.path)

    plan = library.plan("tiny")
    assert plan is not None
    assert plan.papers == ("kites", "lanterns")
    assert library.paper("kites") is None
    assert [paper.id for paper in library.find("2", plan)] == ["lanterns"]
    assert library.find("1", plan) == []
    assert [finding.what for finding in library.findings] == ["level is 9"]


def test_a_paper_with_a_fault_of_style_alone_is_served(folder: Folder) -> None:
    folder.plant("papers/kites/summary.en.md", "and **no more**", "and <b>no more</b>")

    library = ContentLibrary.load(folder.path)

    assert library.paper("kites") is not None
    assert [finding.grave for finding in library.findings] == [False]


def test_a_broken_plan_leaves_the_papers_and_the_other_plans(folder: Folder) -> None:
    plan = (folder.path / "plans/tiny.yaml").read_text(encoding="utf-8")
    (folder.path / "plans/other.yaml").write_text(plan.replace("id: tiny", "id: other"), encoding="utf-8")
    folder.plant("plans/tiny.yaml", "sections:", "chapters:")

    library = ContentLibrary.load(folder.path)

    assert [plan.id for plan in library.plans()] == ["other"]
    assert library.plan("tiny") is None
    assert library.paper("kites") is not None


def test_content_is_read_from_an_archive_as_from_a_folder(tmp_path: Path) -> None:
    archive = tmp_path / "wheel.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in GOOD.rglob("*.*"):
            packed.write(file, "content" / file.relative_to(GOOD))

    with zipfile.ZipFile(archive) as packed:
        library = ContentLibrary.load(zipfile.Path(packed, "content/"))

    assert [paper.id for paper in library.papers()] == ["kites", "lanterns"]
    assert library.findings == []


def test_the_shipped_content_is_found_wherever_the_process_runs(tmp_path: Path) -> None:
    assert shipped().joinpath("plans", "deep-learning-2.yaml").is_file()
