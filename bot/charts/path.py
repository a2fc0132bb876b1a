"""The path: a page of contents with the ways between its papers drawn in the margin.

Every stone that others need has a lane of its own in the margin, on which its arrows run down to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import sqrt

from bot.charts.lettering import width, wrap
from bot.charts.svg import WIDTH, document, text
from bot.charts.tokens import Tokens
from bot.messages.drawings import Mark, PathMap, Signs, Stone

EDGE = 16.0
LANE, BEND, NEAREST = 9.0, 6.0, 24.0
"""Between two lanes; the radius of a bend; from the nearest lane to the middle of the stones."""

STONE, RING = 10.0, 13.5
PORTS = 6.0
"""Between two arrows at the same stone."""

SIZE, LEADING, GAP, MOST_LINES = 12.5, 15.5, 11.5, 3
"""Of a title: its size, the distance of its lines, the space below it, and how many lines it may have."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A stone in its place: the middle of the stone, and its title in lines."""

    stone: Stone
    y: float
    lines: list[str]


def draw(path: PathMap, tokens: Tokens, *, dark: bool) -> str:
    """The SVG of a path."""
    lanes = _lanes(path.stones)
    x = EDGE + LANE * max(lanes.values(), default=-1) + NEAREST + 1
    parts = list(_heading(path))
    rows: dict[int, _Row] = {}
    y = 82.0
    for stretch in path.stretches:
        for line in wrap(stretch.title, 12, WIDTH - EDGE - x + STONE, 2):
            parts.append(text(line, x - STONE, y, 12, "accent", 600))
            y += 16
        y += 7
        for stone in stretch.stones:
            lines = wrap(stone.title, SIZE, WIDTH - EDGE - _title_x(x), MOST_LINES)
            rows[stone.number] = _Row(stone, y, lines)
            y += LEADING * len(lines) + (LEADING - 1 if stone.here else 0) + GAP
        y += 13
    parts += _ways(rows, lanes, x)
    for row in rows.values():
        parts += _row(row, x, path.signs)
    signs, height = _signs(path.signs, y - 4)
    return document([*parts, *signs], height, path.language, tokens, dark=dark)


def _title_x(x: float) -> float:
    return x + 38


def _heading(path: PathMap) -> Iterator[str]:
    (title,) = wrap(path.title, 19, WIDTH - 2 * EDGE, 1)
    yield text(title, EDGE, 35, 19, "ink book", 600)
    yield text(path.standing, EDGE, 55, 13, "ink-soft")


# Stones


def _row(row: _Row, x: float, signs: Signs) -> Iterator[str]:
    stone, baseline = row.stone, row.y + 4.5
    yield f'<g class="stone" data-number="{stone.number}" data-mark="{stone.mark}">'
    yield from _stone(stone.mark, x, row.y, STONE)
    if stone.here:
        yield f'<circle class="accent-line" cx="{x:g}" cy="{row.y:g}" r="{RING:g}" stroke-width="2"/>'
    yield text(str(stone.number), _title_x(x) - 6, baseline, SIZE, "ink-soft", anchor="end")
    for line in row.lines:
        yield text(line, _title_x(x), baseline, SIZE, "ink", 600 if stone.here else 400)
        baseline += LEADING
    if stone.here:
        yield text(signs.here, _title_x(x), baseline - 1, 11.5, "accent", 600)
    yield "</g>"


def _stone(mark: Mark, x: float, y: float, radius: float) -> Iterator[str]:
    """A stone, told by its colour and by the sign in it."""
    fill, line = {
        Mark.NOT_YET: ("sheet", "ink-soft"),
        Mark.SKIMMED: ("tint-ochre", "ink"),
        Mark.READ: ("tint-blue", "accent"),
        Mark.TAUGHT: ("accent", "accent"),
    }[mark]
    yield f'<circle class="{fill}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
    yield f'<circle class="{line}-line" cx="{x:g}" cy="{y:g}" r="{radius - 0.75:g}" stroke-width="1.5"/>'
    place = f'transform="translate({x:g} {y:g}) scale({radius / 10:g})"'
    match mark:
        case Mark.SKIMMED:
            yield f'<path class="ink" {place} d="M0-5.5a5.5 5.5 0 0 0 0 11z"/>'
            yield f'<circle class="ink-line" {place} r="5" stroke-width="1.2"/>'
        case Mark.READ:
            yield (
                f'<path class="accent-line" {place} d="M-4.2 .4l2.9 3.1 5.6-6.6" stroke-width="2.2" '
                'stroke-linecap="round" stroke-linejoin="round"/>'
            )
        case Mark.TAUGHT:
            yield (
                f'<path class="on-accent" {place} d="M0-6.4l1.9 4.1 4.5.5-3.3 3 .9 4.4-4-2.2-4 2.2 .9-4.4'
                '-3.3-3 4.5-.5z"/>'
            )
        case Mark.NOT_YET:
            pass


# Ways


def _lanes(stones: Sequence[Stone]) -> dict[int, int]:
    """The lane of each stone that others need, from 0, the one next to the stones. Short ways lie inside."""
    last = {need: stone.number for stone in stones for need in stone.needs}
    taken: list[list[tuple[int, int]]] = []
    lanes = {}
    for start in sorted(last, key=lambda start: (last[start] - start, start)):
        end = last[start]
        for lane in count():
            if lane == len(taken):
                taken.append([])
            if all(end < other_start or other_end < start for other_start, other_end in taken[lane]):
                taken[lane].append((start, end))
                lanes[start] = lane
                break
    return lanes


def _ways(rows: dict[int, _Row], lanes: dict[int, int], x: float) -> Iterator[str]:
    """An arrow for each need. Those that end at the same stone arrive one under the other, the innermost
    on top, so that none crosses another there; what leaves the stone does so at the bottom."""
    ports = {}
    for number, row in rows.items():
        inward = sorted((need for need in row.stone.needs if need in rows), key=lambda need: lanes[need])
        used = [*inward, number] if number in lanes else inward
        for place, need in enumerate(used):
            ports[need, number] = row.y + PORTS * (place - (len(used) - 1) / 2)
    for (need, number), end in ports.items():
        if need != number:
            lane = x - NEAREST - LANE * lanes[need]
            start = ports[need, need]
            tip = x - _reach(rows[number], end)
            yield (
                f'<path class="way ink-soft-line" data-from="{need}" data-to="{number}" '
                f'd="M{x - _reach(rows[need], start):g} {start:g}H{lane + BEND:g}'
                f"q{-BEND:g} 0 {-BEND:g} {BEND:g}V{end - BEND:g}q0 {BEND:g} {BEND:g} {BEND:g}"
                f'H{tip - 3:g}" stroke-width="1.25"/>'
            )
            yield _head(tip, end)


def _reach(row: _Row, y: float) -> float:
    """How far a stone, or its ring, reaches to the side at a height."""
    radius = RING + 1 if row.stone.here else STONE
    return round(sqrt(max(radius**2 - (y - row.y) ** 2, 0)), 1)


def _head(x: float, y: float) -> str:
    return f'<path class="ink-soft" d="M{x:g} {y:g}l-5.5-2.8v5.6z"/>'


# Signs


def _signs(signs: Signs, y: float) -> tuple[list[str], float]:
    """What the signs mean, under a hairline, and where the picture ends."""
    parts = [f'<path class="ink-soft-line" d="M{EDGE:g} {y:g}H{WIDTH - EDGE:g}" stroke-width=".5"/>']
    x, y = EDGE, y + 24
    for sign, said in [("here", signs.here), *signs.marks, ("arrow", signs.arrow)]:
        room = 24 + width(said, 12)
        if x > EDGE and x + room > WIDTH - EDGE:
            x, y = EDGE, y + 24
        middle = x + 8
        if isinstance(sign, Mark):
            parts += _stone(sign, middle, y, 8)
        elif sign == "here":
            parts += _stone(Mark.NOT_YET, middle, y, 6)
            parts.append(
                f'<circle class="accent-line" cx="{middle:g}" cy="{y:g}" r="8.5" stroke-width="1.75"/>'
            )
        else:
            parts.append(f'<path class="ink-soft-line" d="M{x:g} {y:g}h12" stroke-width="1.25"/>')
            parts.append(_head(x + 16, y))
        parts.append(text(said, x + 22, y + 4, 12, "ink-soft"))
        x += room + 14
    return parts, y + 22
