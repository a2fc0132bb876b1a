"""The colours of the page."""

import re

from bot.platforms.web.client import STATIC


def test_every_text_colour_can_be_read_on_every_ground() -> None:
    """WCAG AA, 4.5 : 1, for each pair of tokens, light and dark."""
    light, dark = (STATIC / "tokens.css").read_text("utf-8").split("@media")
    for scheme in (light, dark):
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", scheme))
        grounds = [name for name in tokens if name.startswith(("paper", "sheet", "tint-"))]
        assert len(grounds) == 5
        for ink in ("ink", "ink-soft", "accent", "warning"):
            for ground in grounds:
                assert contrast(tokens[ink], tokens[ground]) >= 4.5, f"{ink} on {ground}"
        assert contrast(tokens["on-accent"], tokens["accent"]) >= 4.5
        assert contrast(tokens["paper"], tokens["ink"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2 defines it."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour, from 0 to 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
