"""The colours of Paperclub, read from the page's own style sheet, so that there is one list of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BLOCK = re.compile(r":root\s*\{([^}]*)\}")
_COLOUR = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6});")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by name, such as `ink`, as `#rrggbb`; the same names in both."""

    light: Mapping[str, str]
    dark: Mapping[str, str]


def read_tokens(css: str) -> Tokens:
    """The tokens of a style sheet: its first `:root` is light, its second dark.

    Raises ValueError when there are not two, or when they do not name the same colours.
    """
    found = [dict(_COLOUR.findall(block)) for block in _BLOCK.findall(css)]
    if len(found) != 2 or not found[0] or found[0].keys() != found[1].keys():
        raise ValueError("a light and a dark :root with the same colours are needed")
    return Tokens(*found)
