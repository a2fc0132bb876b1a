"""A picture is understood element by element: what is not listed as allowed never gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.library.pictures import SIZE_LIMIT, read_picture

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'


def picture(inside: str, height: object = 300) -> str:
    return f'<svg {NAMESPACE} viewBox="0 0 360 {height}">{inside}</svg>'


def told(text: str) -> list[str]:
    """What is found wrong; what is wrong is never served."""
    file, faults = read_picture("picture.svg", text)
    assert (file is None) == bool(faults)
    assert all(fault.grave for fault in faults)
    return [fault.what for fault in faults]


def test_what_is_allowed_is_written_anew_without_comments_and_spaces() -> None:
    file, faults = read_picture(
        "picture.svg",
        picture(
            '\n <!-- one --> <g transform="translate(1 2)">\n <rect x="1" y="2" width="3" height="4"\n'
            ' class="tint-blue  ink-line"></rect></g>'
            '<text x="1" y="2">{a-label}  <tspan dy="-3" font-weight="600">σ &lt; 2 &amp; x</tspan></text>\n'
        ),
    )
    assert faults == []
    assert file is not None
    assert file.height == 300
    assert dict(file.names) == {"a-label": 4}
    assert file.template == (
        '<g transform="translate(1 2)">'
        '<rect x="1" y="2" width="3" height="4" class="tint-blue ink-line"/></g>'
        '<text x="1" y="2">{a-label} <tspan dy="-3" font-weight="600">σ &lt; 2 &amp; x</tspan></text>'
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>@import url(https://a.example)</style>",
        '<a href="https://a.example"><path d="M0 0"/></a>',
        '<image href="https://a.example/x.png"/>',
        '<use href="#x"/>',
        "<foreignObject><p>hi</p></foreignObject>",
        '<animate attributeName="x" to="3"/>',
        '<path d="M0 0" onclick="alert(1)"/>',
        '<path d="M0 0" style="fill:red"/>',
        '<path d="M0 0" fill="url(#x)"/>',
        '<path d="M0 0" id="x"/>',
        '<path d="M0 0" xlink:href="x"/>',
        '<path d="url(https://a.example)"/>',
        '<path d="M0 0" class="ink lines"/>',
        '<path d="M0 0" class=""/>',
        '<path d="M0 0" transform="translate(1) expression(2)"/>',
        '<circle r="1em"/>',
        '<circle r="{radius}"/>',
        '<html:p xmlns:html="http://www.w3.org/1999/xhtml">hi</html:p>',
        '<path d="M0 0"><text>a</text></path>',
        "<tspan>a</tspan>",
        "<text>{a} <rect/></text>",
        "<text>two words</text>",
        "<text>字</text>",
        "<text>{A}</text>",
        "<text>}</text>",
        "stray",
        "<g>{label}</g>",
        "<?php echo 1 ?>",
        "&nbsp;",
        "<g>",
        '<g opacity="1" opacity="1"/>',
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_is_served(inside: str) -> None:
    assert told(picture(inside))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<svg/>",
        f'<!DOCTYPE svg><svg {NAMESPACE} viewBox="0 0 360 300"/>',
        f'<!DOCTYPE svg [<!ENTITY a "b">]><svg {NAMESPACE} viewBox="0 0 360 300"><text>&a;</text></svg>',
        f'<?xml-stylesheet href="https://a.example"?>{picture("")}',
        f'<svg {NAMESPACE} viewBox="0 0 400 300"/>',
        f'<svg {NAMESPACE} viewBox="0 0 360 300" onload="alert(1)"/>',
        '<svg viewBox="0 0 360 300"/>',
        f'<g {NAMESPACE} viewBox="0 0 360 300"/>',
        picture("", 239),
        picture("", 421),
        picture("", "300.5"),
        picture("<g/>") + "<g/>",
        picture(" " * SIZE_LIMIT),
    ],
)
def test_a_file_that_is_no_picture_of_ours_is_refused(text: str) -> None:
    assert told(text)


@pytest.mark.parametrize("height", [240, 420])
def test_a_picture_may_be_240_to_420_high(height: int) -> None:
    assert told(picture("", height)) == []


def test_names_of_capitals_are_the_same_in_both_languages() -> None:
    assert told(picture("<text>LSTM × 2 = β · tanh(x₁)</text>")) == []


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_never_more(text: str) -> None:
    told(text)
    file, _ = read_picture("picture.svg", picture(text))
    assert file is None or "<" not in file.template


@given(st.sampled_from(["d", "points", "class", "transform", "x", "style", "onload"]), st.text(max_size=60))
def test_no_attribute_lets_an_address_or_a_quote_through(name: str, value: str) -> None:
    inside = f'<path {name}="{value}"/>'
    file, _ = read_picture("picture.svg", picture(inside))
    if file:
        assert not set(":/#;&") & set(file.template.removeprefix("<path").removesuffix("/>"))
