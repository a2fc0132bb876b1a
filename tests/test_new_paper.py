"""An author’s way: begin a paper and a plan, fill in what stands empty, check, preview, read it in the web
room."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.library.checks import check
from bot.library.files import shipped
from bot.library.format import (
    EquationForm,
    Facts,
    GuideForm,
    OptionForm,
    PassForm,
    PictureWords,
    PromptForm,
    QuestionForm,
)
from bot.library.library import ContentLibrary
from tests.platforms.web.pages import open_page, said, text
from tests.processes import running

PAPER = "folding-maps"


def both(place: str, name: str) -> dict[str, str]:
    return {f"{place}.en": f"{name}, in English", f"{place}.zh": f"{name}，中文"}


QUESTION = "questions.0"
BLANKS: dict[str, dict[str, str | int]] = {
    "paper.yaml": {
        **both("title", "How maps fold"),
        "authors.0": "Ada Müller",
        "year": 2015,
        **both("venue", "ICML 2015"),
        "links.page": "https://example.org/maps",
        "links.pdf": "https://example.org/maps.pdf",
        "level": 2,
        "minutes.first": 20,
        "minutes.careful": 90,
        "terms.0.en": "map crease",
        "terms.0.zh": "地图折痕",
        "terms.1.en": "valley fold",
        "terms.1.zh": "谷折",
    },
    "quiz.yaml": {
        f"{QUESTION}.id": "which-way",
        f"{QUESTION}.skill": "understand",
        **both(f"{QUESTION}.reread", "Section 2"),
        **both(f"{QUESTION}.ask", "Which way does a map fold?"),
        **both(f"{QUESTION}.options.0", "Along"),
        **both(f"{QUESTION}.options.1", "Across, mostly"),
        **both(f"{QUESTION}.options.2", "Twice over"),
        **both(f"{QUESTION}.options.3", "Not at all"),
        **{
            place: value
            for n in range(4)
            for place, value in both(f"{QUESTION}.options.{n}.why", f"Thought {n}").items()
        },
    },
    "prompts.yaml": {
        **both("prompts.0", "Which map did you like?"),
        "prompts.1.id": "own-map",
        **both("prompts.1", "Which map would you fold?"),
    },
    "guide.yaml": {
        "passes.0.minutes": 10,
        **both("passes.0.does", "Look at the figures"),
        "passes.1.minutes": 20,
        **both("passes.1.does", "Read section 2"),
        "passes.2.minutes": 60,
        **both("passes.2.does", "Fold a map"),
        **both("ten-minutes", "Look at figure 1"),
    },
    "picture.yaml": {
        "alt.en": "Two circles joined by an arrow: on the left a flat map, on the right the same one folded.",
        "alt.zh": "两个圆由箭头相连：左边是一张摊开的地图，右边是同一张，已经沿着折痕一层一层地折好了。",
        **both("labels.title", "A map folds"),
        **both("labels.before", "Flat"),
        **both("labels.after", "Folded"),
    },
}
STORY = {
    "summary.en.md": "A map folds <!-- Fig. 1 --> in two ways.",
    "summary.zh.md": "地图有两种折法 <!-- 图 1 -->。",
}
GLOSSARY = """terms:
  - id: map-crease
    en: {term: map crease, means: A line along which a map folds.}
    zh: {term: 地图折痕, means: 地图折叠的线。}
    papers: [folding-maps]
  - id: valley-fold
    en: {term: valley fold, means: A fold that opens upwards.}
    zh: {term: 谷折, means: 开口向上的折。}
    papers: [folding-maps]
"""


def blanks(node: yaml.Node, place: str = "") -> Iterator[tuple[str, yaml.Mark]]:
    """Each value that stands empty, with its place."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from blanks(value, f"{place}.{key.value}".lstrip("."))
    elif isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            yield from blanks(item, f"{place}.{n}")
    elif isinstance(node, yaml.ScalarNode) and not node.value:
        yield place, node.start_mark


def fill(file: Path, values: Mapping[str, str | int]) -> None:
    """Write each value where the template leaves it empty, before the comment that asks for it."""
    lines = file.read_text("utf-8").splitlines()
    root = yaml.compose(file.read_text("utf-8"), yaml.SafeLoader)
    assert root is not None
    empty = dict(blanks(root))
    assert set(empty) == set(values)
    for place, mark in sorted(empty.items(), key=lambda item: -item[1].index):
        line = lines[mark.line]
        value, comment = json.dumps(values[place], ensure_ascii=False), line[mark.column :]
        assert comment.startswith(" # "), f"{file.name} asks for {place} without a word"
        lines[mark.line] = f"{line[: mark.column]} {value}{comment}"
    file.write_text("\n".join(lines) + "\n", "utf-8")


def tell(file: Path, story: str) -> None:
    """Write the hook above the first heading, and a text under each."""
    text = re.sub(r"^(## .+)$", rf"\1\n\n{story}", file.read_text("utf-8"), flags=re.M)
    file.write_text(f"{story}\n\n{text}", "utf-8")


def paperclub(*words: str) -> Result:
    return CliRunner().invoke(main, words, env={"PAPERCLUB_CONTENT": ""})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A content folder with a paper and a plan, begun and filled in."""
    home = tmp_path / "own"
    assert paperclub("new", "paper", PAPER, "--into", str(home)).exit_code == 0
    assert paperclub("new", "plan", "mine", "--into", str(home)).exit_code == 0
    for name, values in BLANKS.items():
        fill(home / "papers" / PAPER / name, values)
    for name, story in STORY.items():
        tell(home / "papers" / PAPER / name, story)
    fill(
        home / "plans/mine.yaml",
        {**both("title", "My plan"), **both("sections.0.title", "All of it"), "sections.0.papers.0": PAPER},
    )
    (home / "glossary.yaml").write_text(GLOSSARY, "utf-8")
    return home


def test_a_paper_filled_in_as_its_comments_ask_passes_the_check(own: Path) -> None:
    result = paperclub("check", str(own))

    assert result.output.startswith("19 papers, ")
    assert result.output.endswith(" checked, 0 to mend.\n")
    assert result.exit_code == 0


async def test_it_can_be_read_in_the_web_room(own: Path, tmp_path: Path) -> None:
    async with running(tmp_path, {"PAPERCLUB_CONTENT": str(own), "PAPERCLUB_LANGUAGE": "en"}) as program:
        await program.until_open()
        async with open_page(program.address, "ines") as page:
            plans = [plan["value"] for plan in page.scene["menu"]["values"]["plan"]]
            assert plans == ["deep-learning-2", "mine"]
            await page.say("/settings plan mine")
            told = [text(line) for line in said(await page.say(f"/paper show {PAPER}"))]
        assert any("How maps fold, in English" in line for line in told)
        assert await program.stop() == 0


async def test_a_broken_file_of_it_is_told_in_the_log_and_the_room_opens(own: Path, tmp_path: Path) -> None:
    quiz = own / "papers" / PAPER / "quiz.yaml"
    quiz.write_text("questions: [\n", "utf-8")
    async with running(tmp_path, {"PAPERCLUB_CONTENT": str(own)}) as program:
        await program.until_open()
        told = await program.until_logged("quiz.yaml")
        assert f"{quiz.relative_to(tmp_path)}:2: YAML cannot read this" in told
        assert await program.stop() == 0


@pytest.mark.parametrize("platform", ["telegram", "discord", "web"])
def test_it_can_be_previewed_on_every_platform(own: Path, platform: str) -> None:
    result = CliRunner().invoke(
        main, ["preview", PAPER, "--platform", platform], env={"PAPERCLUB_CONTENT": str(own)}
    )

    assert result.exit_code == 0, result.output
    for said_of_it in ("How maps fold，中文", "Which way does a map fold?", "Fold a map", "Twice over"):
        assert said_of_it in result.output


def test_as_it_was_begun_the_check_asks_for_every_field(tmp_path: Path) -> None:
    paperclub("new", "paper", PAPER, "--into", str(tmp_path))

    told = "\n".join(map(str, check(shipped(), tmp_path)))

    for line in (
        "title.en is empty. Write title.en: the title of the paper, without 《》.",
        "author 1 is empty",
        "question 1: id is empty",
        "option d: why.zh is empty",
        "there is no hook",
        "the heading “思路” has no text under it",
        "pass 3: minutes is empty",
        "alt.zh is empty",
    ):
        assert line in told
    assert ContentLibrary.load(shipped(), tmp_path).paper(PAPER) is None


def test_nothing_but_the_paper_is_made_and_the_way_on_is_told(tmp_path: Path) -> None:
    told = paperclub("new", "paper", PAPER, "--into", str(tmp_path / "own")).output

    assert f"paperclub check {tmp_path / 'own'}\n" in told
    assert f"PAPERCLUB_CONTENT={tmp_path / 'own'}\n" in told
    made = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    names = {file.name for file in shipped().joinpath("papers", "adam").iterdir()}
    assert made == {f"own/papers/{PAPER}/{name}" for name in names}


def test_a_template_speaks_of_every_field_there_is(tmp_path: Path) -> None:
    paperclub("new", "paper", PAPER, "--into", str(tmp_path))

    told = "\n".join(file.read_text("utf-8") for file in (tmp_path / "papers" / PAPER).iterdir())
    forms = (Facts, EquationForm, QuestionForm, OptionForm, PromptForm, GuideForm, PassForm, PictureWords)
    fields = {field for form in forms for field in form.__struct_encode_fields__}
    assert {field for field in fields if f"{field}:" not in told} == set()


def test_editors_find_the_schemas_from_a_folder_of_ones_own(tmp_path: Path) -> None:
    paperclub("new", "paper", PAPER, "--into", str(tmp_path))

    for file in (tmp_path / "papers" / PAPER).glob("*.yaml"):
        address = file.read_text("utf-8").partition("\n")[0].partition("$schema=file://")[2]
        assert Path(address).name == f"{file.stem}.schema.json"
        assert Path(address).is_file()


@pytest.mark.parametrize("kind", ["paper", "plan"])
@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("Folding Maps", "“Folding Maps” cannot be an id. Take small letters, digits and single hyphens, "
        "32 characters at most, such as folding-maps."),
        ("folding_maps", "such as folding-maps."),
        ("../maps", "such as maps."),
        ("地图", "32 characters at most.\n"),
        ("a" * 33, "32 characters at most"),
    ],
)  # fmt: skip
def test_an_id_that_cannot_be_one_is_refused_with_one_that_can(
    kind: str, slug: str, told: str, tmp_path: Path
) -> None:
    result = paperclub("new", kind, slug, "--into", str(tmp_path))

    assert result.exit_code == 2
    assert told in result.output
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_left_as_it_is(own: Path) -> None:
    before = (own / "papers" / PAPER / "paper.yaml").read_text("utf-8")

    result = paperclub("new", "paper", PAPER, "--into", str(own))

    assert result.exit_code == 2
    assert "is there already, and was left as it is" in result.output
    assert (own / "papers" / PAPER / "paper.yaml").read_text("utf-8") == before


def test_without_a_folder_named_it_is_the_one_that_is_set(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["new", "plan", "mine"], env={"PAPERCLUB_CONTENT": str(tmp_path)})

    assert (tmp_path / "plans/mine.yaml").is_file()
    assert "PAPERCLUB_CONTENT" not in result.output


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("a file")

    result = paperclub("new", "plan", "mine", "--into", str(tmp_path / "own/content"))

    assert result.exit_code == 2
    assert "Not a directory" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("kind", "slug"), [("paper", "adam"), ("plan", "deep-learning-2")])
def test_a_built_in_id_is_refused(kind: str, slug: str, tmp_path: Path) -> None:
    result = paperclub("new", kind, slug, "--into", str(tmp_path))

    assert result.exit_code == 2
    assert f"{slug} is the id of a built-in one already" in result.output


def test_publishing_lists_ones_own_ids_and_leaves_the_built_in_list(own: Path) -> None:
    before = shipped().joinpath("published.yaml").read_text("utf-8")

    result = paperclub("publish", str(own))

    assert result.output == f"{own / 'published.yaml'} lists 3 more.\n"
    assert "which-way: a-" in (own / "published.yaml").read_text("utf-8")
    assert shipped().joinpath("published.yaml").read_text("utf-8") == before


def test_nothing_is_published_while_there_is_something_to_mend(own: Path) -> None:
    guide = own / "papers" / PAPER / "guide.yaml"
    guide.write_text(guide.read_text("utf-8").replace("minutes: 60", "minutes: 6"), "utf-8")

    result = paperclub("publish", str(own))

    assert result.exit_code == 2
    assert "Nothing was published" in result.output
    assert not (own / "published.yaml").exists()


def test_a_paper_that_is_not_there_cannot_be_previewed() -> None:
    result = paperclub("preview", "no-such-paper")

    assert result.exit_code == 2
    assert "No plan has a sound paper no-such-paper" in result.output
