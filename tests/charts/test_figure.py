"""The picture of a paper's idea: drawn as its author drew it, its labels in one language, nothing cut."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import msgspec
import pytest

from bot.charts.figure import draw
from bot.charts.lettering import width
from bot.charts.raster import rasterise
from bot.charts.svg import WIDTH
from bot.domain.languages import Language
from bot.library.pictures import COLOURS, read_picture
from bot.messages import cards
from bot.messages.drawings import Drawing, PaperFigure
from tests.charts.test_painter import needs_chinese, unpacked
from tests.charts.test_path import SVG, TOKENS
from tests.house import library, words
from tests.pictures import FIGURE

PAPERS = library().papers()


def figure(paper_id: str, language: Language) -> PaperFigure:
    """The picture of a paper that is shipped."""
    paper = library().paper(paper_id)
    assert paper is not None
    picture = cards.paper_picture(words()[language], paper)
    assert picture is not None
    assert isinstance(picture.drawing, PaperFigure)
    return picture.drawing


def drawn(shown: PaperFigure, *, dark: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(draw(shown, TOKENS, dark=dark))  # noqa: S314  # our own


def test_a_label_stands_where_its_name_was_and_its_markup_stays_text() -> None:
    said = [text.text for text in drawn(FIGURE).iter(f"{SVG}text")]
    assert said == ['A <kite> & a "string"', "{title} × 2"], "a label that looks like a name is not one"


def test_a_name_without_a_label_stays_empty() -> None:
    bare = msgspec.structs.replace(FIGURE, labels={})
    assert [text.text for text in drawn(bare).iter(f"{SVG}text")] == [None, " × 2"]


def test_it_is_as_high_as_it_was_drawn_and_dark_where_that_is_preferred() -> None:
    svg = drawn(FIGURE, dark=True)
    assert (svg.attrib["width"], svg.attrib["height"]) == (str(WIDTH), "240")
    assert "prefers-color-scheme:dark" in draw(FIGURE, TOKENS, dark=True)
    assert "prefers-color-scheme" not in draw(FIGURE, TOKENS, dark=False)


def test_it_survives_being_kept_as_json() -> None:
    assert msgspec.convert(msgspec.to_builtins(FIGURE), Drawing) == FIGURE


def test_authors_may_use_every_colour_there_is_and_no_other() -> None:
    assert set(TOKENS.light) == COLOURS


def test_the_guard_saw_every_paper() -> None:
    assert len(PAPERS) == 18
    assert all(paper.figure for paper in PAPERS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("paper", [paper.id for paper in PAPERS])
def test_the_picture_of_every_paper_says_all_its_labels_and_has_sound_parts(
    paper: str, language: Language
) -> None:
    shown = figure(paper, language)
    svg = drawn(shown)
    said = " ".join(" ".join("".join(text.itertext()) for text in svg.iter(f"{SVG}text")).split())
    assert not re.search(r"[{}]", said)
    for label in shown.labels.values():
        assert " ".join(label.split()) in said
    classes = {name for node in svg.iter() for name in node.attrib.get("class", "").split()}
    assert classes <= COLOURS | {f"{colour}-line" for colour in COLOURS} | {"book"}
    assert all(float(text.attrib.get("font-size", 12)) >= 12 for text in svg.iter(f"{SVG}text"))


def reaches(node: ElementTree.Element, left: float = 0.0) -> Iterator[tuple[str, float, float]]:
    """Each text with where it begins and ends, as wide as a rather wide face would set it. What is turned
    or scaled is left out."""
    moved = re.fullmatch(r"translate\((-?[\d.]+)[^)]*\)", node.attrib.get("transform", "translate(0)"))
    if moved is None:
        return
    left += float(moved[1])
    if node.tag == f"{SVG}text":
        said = "".join(node.itertext())
        wide = width(said, float(node.attrib["font-size"]))
        before = {"start": 0.0, "middle": wide / 2, "end": wide}[node.attrib.get("text-anchor", "start")]
        start = left + float(node.attrib["x"]) - before
        yield said, start, start + wide
    for child in node:
        yield from reaches(child, left)


@pytest.mark.parametrize("language", Language)
def test_no_text_reaches_over_the_edge(language: Language) -> None:
    seen = 0
    for paper in PAPERS:
        for said, start, end in reaches(drawn(figure(paper.id, language))):
            assert start >= 0, (paper.id, said)
            assert end <= WIDTH, (paper.id, said)
            seen += 1
    assert seen > 150


@pytest.mark.parametrize("language", [Language.EN, pytest.param(Language.ZH, marks=needs_chinese)])
@pytest.mark.parametrize("paper", [paper.id for paper in PAPERS])
def test_every_picture_is_drawn_with_a_margin_left_blank(paper: str, language: Language) -> None:
    """With all but its margin covered, it looks like a blank one; uncovered, it does not."""
    shown = figure(paper, language)
    cover = f'<rect class="paper" x="4" y="4" width="{WIDTH - 8}" height="{shown.height - 8}"/>'
    whole, covered, blank = (
        rasterise(draw(msgspec.structs.replace(shown, template=template), TOKENS, dark=False), WIDTH)
        for template in (shown.template, shown.template + cover, "")
    )
    assert whole
    assert unpacked(whole).height == shown.height
    assert whole != blank
    assert covered == blank


def test_what_was_read_is_read_the_same_again() -> None:
    """What is served is itself a picture that the rules allow."""
    for paper in PAPERS:
        assert paper.figure is not None
        whole = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 {paper.figure.height}">'
            f"{paper.figure.template}</svg>"
        )
        again, faults = read_picture("picture.svg", whole)
        assert faults == []
        assert again is not None
        assert again.template == paper.figure.template
