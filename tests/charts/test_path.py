"""The picture of the path: what is in it, and that nothing spoils it."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.path import draw
from bot.charts.svg import WIDTH
from bot.charts.tokens import Tokens, read_tokens
from bot.domain.languages import Language
from bot.domain.reading import Level
from bot.messages import cards
from bot.messages.drawings import Mark, PathMap, Stone, Stretch
from bot.platforms.web.client import STATIC
from tests.house import PLAN, library, words
from tests.pictures import PATH, SIGNS
from tests.platforms.web.test_tokens import contrast

SVG = "{http://www.w3.org/2000/svg}"
TOKENS = read_tokens((STATIC / "tokens.css").read_text("utf-8"))
LEVELS = {"dropout-2012": Level.PRESENTED, "dropout-2014": Level.SKIMMED, "adam": Level.READ}


def shipped(language: Language) -> PathMap:
    """The path of the plan that is shipped, for somebody who has begun."""
    plan = library().plan(PLAN)
    assert plan is not None
    papers = {paper_id: paper for paper_id in plan.papers if (paper := library().paper(paper_id))}
    drawing = cards.path_picture(words()[language], plan, papers, LEVELS, "batch-norm").drawing
    assert isinstance(drawing, PathMap)
    return drawing


def drawn(path: PathMap, *, dark: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(draw(path, TOKENS, dark=dark))  # noqa: S314  # our own


def stones(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return svg.findall(f"{SVG}g[@class='stone']")


def ways(svg: ElementTree.Element) -> list[tuple[int, int]]:
    paths = [path for path in svg.iter(f"{SVG}path") if "data-from" in path.attrib]
    return [(int(path.attrib["data-from"]), int(path.attrib["data-to"])) for path in paths]


@pytest.mark.parametrize("language", list(Language))
def test_every_paper_is_there_once_in_order_with_its_title(language: Language) -> None:
    path = shipped(language)
    shown = stones(drawn(path))
    assert [int(stone.attrib["data-number"]) for stone in shown] == list(range(1, 19))
    for stone, group in zip(path.stones, shown, strict=True):
        number, *lines = [text.text or "" for text in group.findall(f"{SVG}text")]
        assert number == str(stone.number)
        told = "".join(lines[: -1 if stone.here else None]).replace(" ", "")
        assert told == stone.title.replace(" ", ""), "the title is shown whole"


@pytest.mark.parametrize("language", list(Language))
def test_the_arrows_are_the_needs_and_nothing_else(language: Language) -> None:
    plan = library().plan(PLAN)
    assert plan is not None
    needed = {
        (plan.number(need), plan.number(paper.id))
        for paper in filter(None, map(library().paper, plan.papers))
        for need in paper.needs
    }
    found = ways(drawn(shipped(language)))
    assert set(found) == needed
    assert len(found) == len(needed) == 16


def test_sections_stand_in_their_order() -> None:
    path = shipped(Language.EN)
    said = "\n".join(drawn(path).itertext())
    places = [said.index(stretch.title.split()[0]) for stretch in path.stretches]
    assert len(places) == 3
    assert places == sorted(places)


def test_each_mark_has_a_sign_of_its_own_and_this_week_a_ring_and_words() -> None:
    """Without any colour: the shapes in the stones differ."""
    shapes = {}
    for mark in Mark:
        path = PathMap(Language.EN, "t", "s", (Stretch("u", (Stone(1, "x", mark),)),), SIGNS)
        (stone,) = stones(drawn(path))
        shapes[mark] = tuple((node.tag, node.get("d")) for node in stone if node.tag != f"{SVG}text")
    assert len(set(shapes.values())) == len(Mark)
    (here,) = [stone for stone in stones(drawn(PATH)) if "this week" in stone.itertext()]
    assert here.attrib["data-number"] == "3"
    assert len(here.findall(f"{SVG}circle")) == 3


def test_every_sign_is_explained() -> None:
    said = list(drawn(PATH).itertext())
    for _, meaning in SIGNS.marks:
        assert meaning in said
    assert SIGNS.arrow in said
    assert said.count(SIGNS.here) == 2


def test_markup_in_a_title_stays_text() -> None:
    svg = drawn(PATH)
    assert any("<kite>" in text for text in svg.itertext())
    assert {node.tag.removeprefix(SVG) for node in svg.iter()} == {
        "svg", "style", "rect", "g", "circle", "path", "text",
    }  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200))
def test_any_title_makes_a_sound_picture_within_its_width(title: str) -> None:
    path = PathMap(Language.EN, title, title, (Stretch(title, (Stone(1, title, Mark.READ),)),), SIGNS)
    svg = drawn(path)
    assert svg.attrib["width"] == str(WIDTH)
    assert len(stones(svg)) == 1


@pytest.mark.parametrize("language", list(Language))
def test_nothing_lies_outside_and_no_way_runs_through_a_stone(language: Language) -> None:
    svg = drawn(shipped(language))
    height = float(svg.attrib["height"])
    assert height < 2.7 * WIDTH, "a phone shows it whole without making it small"
    circles = [circle for stone in stones(svg) for circle in stone.findall(f"{SVG}circle[@cx]")]
    left = min(float(circle.attrib["cx"]) - float(circle.attrib["r"]) for circle in circles)
    for path in svg.iter(f"{SVG}path"):
        if "data-from" in path.attrib:
            ends = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", path.attrib["d"])]
            lane = ends[1] - 6
            assert 0 < lane < left
    for text in svg.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height


def test_ways_from_different_papers_share_no_lane_where_both_run() -> None:
    """Two ways on one lane at the same height could not be told apart."""
    svg = drawn(shipped(Language.EN))
    lanes: dict[float, dict[int, tuple[float, float]]] = {}
    for path in svg.iter(f"{SVG}path"):
        if "data-from" in path.attrib:
            source = int(path.attrib["data-from"])
            start, lane = re.findall(r"M[\d.]+ ([\d.]+)H([\d.]+)", path.attrib["d"])[0]
            end = re.findall(r"V([\d.]+)", path.attrib["d"])[0]
            top, bottom = lanes.setdefault(float(lane), {}).get(source, (float(start), 0.0))
            lanes[float(lane)][source] = (top, max(bottom, float(end)))
    for runs in lanes.values():
        ordered = sorted(runs.values())
        for (_, end), (start, _) in pairwise(ordered):
            assert end < start


def test_an_empty_plan_and_one_without_needs_can_be_drawn() -> None:
    assert stones(drawn(PathMap(Language.EN, "t", "s", (), SIGNS))) == []
    alone = PathMap(Language.EN, "t", "s", (Stretch("u", (Stone(1, "x", Mark.READ, (9,)),)),), SIGNS)
    assert ways(drawn(alone)) == []


# Colours


def test_the_tokens_are_read_from_the_pages_style_sheet() -> None:
    assert TOKENS.light.keys() == TOKENS.dark.keys()
    assert {"paper", "sheet", "ink", "ink-soft", "accent", "on-accent", "tint-blue", "tint-ochre"} <= set(
        TOKENS.light
    )


@pytest.mark.parametrize(
    "css", ["", ":root{--ink: #000000;}", ":root{--ink: #000000;}:root{--pen: #000000;}"]
)
def test_a_style_sheet_without_both_schemes_is_refused(css: str) -> None:
    with pytest.raises(ValueError, match="light and a dark"):
        read_tokens(css)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_written_and_drawn_stands_out(scheme: str) -> None:
    """WCAG AA: 4.5 : 1 for text, 3 : 1 for the outlines of stones, their signs, rings and ways."""
    colour = TOKENS.light if scheme == "light" else TOKENS.dark
    for text in ("ink", "ink-soft", "accent"):
        assert contrast(colour[text], colour["paper"]) >= 4.5
    for line, ground in (
        ("ink-soft", "sheet"),
        ("ink", "tint-ochre"),
        ("accent", "tint-blue"),
        ("on-accent", "accent"),
    ):
        assert contrast(colour[line], colour[ground]) >= 3


def test_every_class_in_use_has_a_colour() -> None:
    svg = drawn(PATH)
    style = "".join(svg.find(f"{SVG}style").itertext())  # type: ignore[union-attr]
    used = {name for node in svg.iter() for name in node.get("class", "").split()} - {"stone", "way"}
    assert used
    assert {name for name in used if f".{name}{{" not in style} == set()


def test_the_page_gets_both_schemes_and_chats_get_light() -> None:
    assert "prefers-color-scheme:dark" in draw(PATH, TOKENS, dark=True)
    light = draw(PATH, TOKENS, dark=False)
    assert "prefers-color-scheme" not in light
    assert not any(
        f"fill:{colour}" in light for colour in TOKENS.dark.values() if colour not in TOKENS.light.values()
    )


def test_colours_come_from_the_tokens_alone() -> None:
    """One colour changed in the style sheet is changed in the picture."""
    other = Tokens({**TOKENS.light, "accent": "#123456"}, TOKENS.dark)
    assert "#123456" in draw(PATH, other, dark=False)
    assert re.findall(r'="#[0-9a-f]{3,6}"', draw(PATH, TOKENS, dark=True)) == []
