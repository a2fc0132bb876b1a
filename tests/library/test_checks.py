"""Each fault an author can make is caught: in its file, on its line, with what to write instead."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bot.domain.languages import Language
from bot.domain.papers import Shown
from bot.library.checks import (
    ALT_FLOORS,
    ALT_LIMIT,
    ASK_LIMIT,
    DOES_LIMITS,
    LABEL_LIMITS,
    OPTION_LIMIT,
    PROMPT_LIMIT,
    SKIMMED,
    TEN_MINUTES_LIMITS,
    WHY_LIMIT,
    check,
)
from bot.library.files import shipped
from bot.library.format import (
    HEADINGS,
    PAPER_ID_LIMIT,
    TERM_ID_LIMIT,
    EquationForm,
    Facts,
    GlossaryTerm,
    GlossaryWord,
    GuideForm,
    OptionForm,
    PassForm,
    PictureWords,
    QuestionForm,
)
from bot.library.glossary import MEANS_LIMITS
from bot.library.library import ContentLibrary
from bot.library.pictures import COLOURS, HEIGHTS
from bot.library.prose import PAGE_LIMIT, POST_LIMITS, SHORT_POST_LIMITS
from bot.messages import cards
from tests.house import words
from tests.library.conftest import GOOD, Folder

QUIZ = "papers/kites/quiz.yaml"


class Fault(msgspec.Struct, frozen=True):
    """One row of `faults.yaml`."""

    name: str
    file: str
    old: str
    new: str
    at: str
    told: str


FAULTS = msgspec.yaml.decode((Path(__file__).parent / "faults.yaml").read_bytes(), type=list[Fault])


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_a_planted_fault_is_caught_in_its_file_on_its_line_with_advice(fault: Fault, folder: Folder) -> None:
    folder.plant(fault.file, fault.old, fault.new)

    found = [finding for finding in folder.check() if fault.told in str(finding)]

    assert [(finding.path, finding.line) for finding in found] == [
        (f"{folder.path.as_posix()}/{fault.file}", folder.line(fault.file, fault.at))
    ]
    assert all(finding.advice.endswith((".", "?")) for finding in found)


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_a_fault_in_one_paper_never_stops_the_others(fault: Fault, folder: Folder) -> None:
    folder.plant(fault.file, fault.old, fault.new)

    library = ContentLibrary.load(folder.path)

    spoilt = "lanterns" if "lanterns" in fault.file else "kites"
    others = {"kites", "lanterns"} - ({spoilt} if fault.file.startswith("papers") else set())
    assert others <= {paper.id for paper in library.papers()}
    assert library.findings


def test_the_good_folder_has_no_fault() -> None:
    assert check(GOOD) == []


def test_a_finding_is_printed_as_file_line_fault_and_advice(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path.parent)
    folder.plant(QUIZ, '          zh: "想法 c1 引到这里。"\n', "")

    assert [str(finding) for finding in folder.check()] == [
        f"content/{QUIZ}:{folder.line(QUIZ, 'Thought c1') - 1}: option c has no explanation in Chinese. "
        "Write why.zh: what thought leads there and why it is wrong."
    ]


def test_every_fault_of_a_file_is_told_at_once(folder: Folder) -> None:
    folder.plant("papers/kites/paper.yaml", "level: 2", "level: 9")
    folder.plant("papers/kites/paper.yaml", "year: 1999\n", "")
    folder.plant("papers/kites/paper.yaml", "{first: 20, careful: 90}", "{first: 20}")

    assert [finding.what for finding in folder.check()] == [
        "this file has no year",
        "level is 9",
        "this file has no minutes.careful",
    ]


@pytest.mark.parametrize(
    ("old", "limit", "named"),
    [
        ("What does part 1 say?", 300, "question what-lifts"),
        ("第 1 部分说了什么？", 300, "question what-lifts"),
        ("Answer c1 of some length", 100, "option c"),
        ("答案 c1，稍长一些", 100, "option c"),
        ("Thought c1 leads here.", 200, "the explanation of option c"),
        ("想法 c1 引到这里。", 200, "the explanation of option c"),
    ],
)
@pytest.mark.parametrize("letter", ["x", "长", "🪁"])
def test_a_quiz_text_over_the_poll_limit_is_caught_in_both_languages(
    old: str, limit: int, named: str, letter: str, folder: Folder
) -> None:
    width = len(letter.encode("utf-16-le")) // 2
    folder.plant(QUIZ, f'"{old}"', f'"{letter * (limit // width)}"')
    assert folder.check() == []

    folder.plant(QUIZ, letter * 2, letter * 2 + "!")

    language = "English" if old.isascii() else "Chinese"
    (finding,) = folder.check()
    assert finding.what == f"{named} has {limit + 1} characters in {language}"
    assert finding.line == folder.line(QUIZ, letter * 2 + "!")


def test_a_prompt_over_280_characters_is_caught(folder: Folder) -> None:
    folder.plant("papers/kites/prompts.yaml", "Where would you use a kite today?", "x" * 281)

    (finding,) = folder.check()

    assert finding.what == "prompt today has 281 characters in English"
    assert finding.line == folder.line("papers/kites/prompts.yaml", "xxx")


@pytest.mark.parametrize(
    ("paper", "language", "limit"),
    [("kites", "en", 1350), ("kites", "zh", 560), ("lanterns", "en", 900), ("lanterns", "zh", 380)],
)
def test_a_weeks_post_over_its_limit_is_caught(paper: str, language: str, limit: int, folder: Folder) -> None:
    name = f"papers/{paper}/summary.{language}.md"
    result = "## Result\n" if language == "en" else "## 结果\n"
    folder.plant(name, result, f"{result}{'x' * 2000} <!-- {'y' * 2000} -->\n\n")
    (finding,) = folder.check()
    length = int(finding.what.split()[4])

    folder.plant(name, "x" * 2000, "x" * (2000 - length + limit))
    assert folder.check() == []

    folder.plant(name, "x", "xx")
    (finding,) = folder.check()
    assert (finding.line, finding.what.split(" up to ")[0]) == (
        1,
        f"the week's post has {limit + 1} characters",
    )
    assert finding.advice.startswith(f"Shorten it to {limit}")


def test_what_follows_the_weeks_post_may_be_long(folder: Folder) -> None:
    folder.plant("papers/kites/summary.en.md", "## Key points\n", f"## Key points\n- {'x' * 2000}\n")

    assert folder.check() == []


@pytest.mark.parametrize(
    ("language", "start"), [("English", "Answer {}"), ("Chinese", "答案 {}")], ids=["English", "Chinese"]
)
def test_a_right_option_that_stands_out_by_its_length_is_caught_from_two_questions_of_four_on(
    language: str, start: str, folder: Folder
) -> None:
    folder.plant(QUIZ, start.format("a1"), "The longest of all of the options")
    assert folder.check() == []

    folder.plant(QUIZ, start.format("b2"), "The longest of all of the options")

    (finding,) = folder.check()
    assert finding.what == f"the right option is the longest in 2 of 4 questions in {language}"
    assert "what-lifts, why-tail" in finding.advice
    assert finding.line == folder.line(QUIZ, "questions:")


def test_a_position_that_is_right_in_more_than_half_of_four_questions_is_caught(folder: Folder) -> None:
    def make_a_right(question: int) -> None:
        right = "abcd"[question - 1]
        folder.plant(
            QUIZ,
            f'zh: "想法 {right}{question} 引到这里。"\n        right: true\n',
            f'zh: "想法 {right}{question} 引到这里。"\n',
        )
        folder.plant(
            QUIZ,
            f'zh: "想法 a{question} 引到这里。"\n',
            f'zh: "想法 a{question} 引到这里。"\n        right: true\n',
        )

    make_a_right(2)
    assert folder.check() == []

    make_a_right(3)
    (finding,) = folder.check()
    assert finding.what == "the right option is option a in 3 of 4 questions"
    assert finding.line == folder.line(QUIZ, "questions:")


def test_a_paper_in_no_plan_is_caught(folder: Folder) -> None:
    folder.plant("plans/tiny.yaml", "      - kites\n", "")

    (finding,) = folder.check()

    assert finding.what == "kites is in no plan"
    assert (finding.path, finding.line) == (f"{folder.path.as_posix()}/papers/kites/paper.yaml", 1)


@pytest.mark.parametrize("name", ["picture.svg", "picture.yaml", "guide.yaml"])
def test_a_paper_without_a_picture_or_a_guide_is_told_of_and_served(name: str, folder: Folder) -> None:
    (folder.path / "papers/kites" / name).unlink()

    (finding,) = folder.check()
    paper = ContentLibrary.load(folder.path).paper("kites")

    assert finding.path == f"{folder.path.as_posix()}/papers/kites/{name}"
    assert (finding.line, finding.what, finding.grave) == (1, "this file is missing", False)
    assert paper is not None
    assert (paper.figure is None, paper.guide is None) == (name != "guide.yaml", name == "guide.yaml")


def test_a_question_cannot_show_a_picture_that_is_not_there(folder: Folder) -> None:
    folder.plant(QUIZ, "    options: # 1", "    picture: explanation\n    options: # 1")
    assert folder.check() == []
    (folder.path / "papers/kites/picture.svg").unlink()

    told = [finding for finding in folder.check() if "question what-lifts" in finding.what]
    paper = ContentLibrary.load(folder.path).paper("kites")

    assert [finding.line for finding in told] == [folder.line(QUIZ, "picture: explanation")]
    assert "there is none to show" in told[0].what
    assert told[0].advice == "Draw it as picture.svg and picture.yaml, or take this line out."
    assert paper is not None
    assert cards.question_picture(words()[Language.EN], paper, paper.questions[0], Shown.EXPLANATION) is None


def test_a_question_with_several_right_answers_cannot_stand_under_the_picture(folder: Folder) -> None:
    folder.plant(QUIZ, '      - en: "Answer b1', '      - right: true\n        en: "Answer b1')
    folder.plant(
        QUIZ, "    options: # 1", "    why: {en: So., zh: 所以。}\n    picture: question\n    options: # 1"
    )

    [finding] = [finding for finding in folder.check() if "picture" in finding.what]

    assert finding.line == folder.line(QUIZ, "picture: question")
    assert finding.advice.startswith("Write picture: explanation")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("picture.svg", "<polygon", "<script/><polygon"),
        ("picture.svg", "{wind}", "{breeze}"),
        ("picture.yaml", "labels:", "lables:"),
        ("guide.yaml", "minutes: 10", "minutes: none"),
    ],
)
def test_a_broken_picture_or_guide_is_left_out_and_the_paper_is_served(
    name: str, old: str, new: str, folder: Folder
) -> None:
    folder.plant(f"papers/kites/{name}", old, new)

    paper = ContentLibrary.load(folder.path).paper("kites")

    assert paper is not None
    assert (paper.figure is None, paper.guide is None) == (name != "guide.yaml", name == "guide.yaml")


def remove_quiz(folder: Path) -> None:
    (folder / QUIZ).unlink()


def save_in_another_encoding(folder: Path) -> None:
    (folder / QUIZ).write_bytes("questions:\n  # 测验\n".encode("gb18030"))


def empty(folder: Path) -> None:
    (folder / QUIZ).write_text("# nothing yet\n", encoding="utf-8")


def write_a_list(folder: Path) -> None:
    (folder / QUIZ).write_text("- questions\n", encoding="utf-8")


def bite_the_tail(folder: Path) -> None:
    (folder / QUIZ).write_text("questions: &all [*all]\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "line", "told"),
    [
        (remove_quiz, 1, "this file is missing"),
        (save_in_another_encoding, 2, "this is not text in UTF-8"),
        (empty, 1, "this file is empty"),
        (write_a_list, 1, "this file is a list of 1"),
        (bite_the_tail, 1, "question 1 is a list of 1"),
    ],
)
def test_a_file_that_cannot_be_used_at_all_is_caught(
    spoil: Callable[[Path], None], line: int, told: str, folder: Folder
) -> None:
    spoil(folder.path)

    (finding,) = folder.check()

    assert (finding.path, finding.line) == (f"{folder.path.as_posix()}/{QUIZ}", line)
    assert finding.what == told


def test_a_folder_without_content_is_not_taken_for_a_good_one(tmp_path: Path) -> None:
    assert [finding.what for finding in check(tmp_path)] == [
        "there is no paper here",
        "there is no plan here",
    ]


def test_an_author_may_save_with_windows_line_ends_and_a_byte_order_mark(folder: Folder) -> None:
    for file in folder.path.rglob("*.*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
            file.write_bytes(text.encode("utf-8-sig"))

    assert folder.check() == []


def test_findings_come_by_file_and_line(folder: Folder) -> None:
    folder.plant(QUIZ, "skill: apply", "skill: guess")
    folder.plant(QUIZ, "id: what-lifts", "id: what lifts")
    folder.plant("papers/kites/paper.yaml", "level: 2", "level: 9")

    found = folder.check()

    assert len(found) == 3
    assert found == sorted(found, key=lambda finding: (finding.path, finding.line))


def test_the_shipped_content_passes_and_is_all_there() -> None:
    library = ContentLibrary.load(shipped())

    assert [str(finding) for finding in library.findings] == []
    plan = library.plan("deep-learning-2")
    assert plan is not None
    papers = {paper.id: paper for paper in library.papers()}
    first, *rest = plan.sections
    assert len(plan.papers) == 18
    assert set(papers) == set(plan.papers)
    assert len(first.papers) == 6
    for paper_id in first.papers:
        assert len(papers[paper_id].questions) >= 6
        assert len(papers[paper_id].prompts) >= 3
    for section in rest:
        for paper_id in section.papers:
            assert len(papers[paper_id].questions) >= 3
            assert len(papers[paper_id].prompts) >= 1


def test_the_guide_for_authors_names_every_field_heading_and_limit() -> None:
    guide = shipped().joinpath("README.md").read_text(encoding="utf-8")

    fields = {
        name
        for form in (Facts, EquationForm, QuestionForm, OptionForm, GlossaryTerm, GlossaryWord)
        for name in form.__struct_fields__
    }
    for form in (PictureWords, PassForm, GuideForm):
        fields |= set(form.__struct_encode_fields__)
    limits = {
        ASK_LIMIT,
        OPTION_LIMIT,
        WHY_LIMIT,
        PROMPT_LIMIT,
        *POST_LIMITS.values(),
        *SHORT_POST_LIMITS.values(),
        *MEANS_LIMITS.values(),
        *ALT_FLOORS.values(),
        ALT_LIMIT,
        *LABEL_LIMITS.values(),
        *DOES_LIMITS.values(),
        *TEN_MINUTES_LIMITS.values(),
        HEIGHTS[0],
        HEIGHTS[-1],
        TERM_ID_LIMIT,
        PAPER_ID_LIMIT,
        PAGE_LIMIT,
    }
    words = {f"`{field}`" for field in fields - {"right"}} | {"right: true", f"`{SKIMMED}`"}
    words |= {heading for headings in HEADINGS.values() for heading in headings}
    words |= {f"{limit:,}" for limit in limits}
    words |= {f"`{name}`" for name in COLOURS}
    assert {word for word in words if word not in guide} == set()
