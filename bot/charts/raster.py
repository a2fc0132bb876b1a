"""SVG to PNG, in a process of its own: it takes tens of milliseconds and holds the interpreter meanwhile."""

import os
import re
import signal
import threading
from collections.abc import Sequence
from functools import cache
from multiprocessing import parent_process

SCALE = 2
"""Pixels for each unit: sharp on a phone, and far below what a chat scales down."""

_USUAL = (
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK SC",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "FreeSans",
)
"""Faces of which one stands for any that is not there. The library's own choice for that, Times New Roman, is
missing on most servers, and then it draws no text at all."""

_HAN = re.compile("[\u3400-\u9fff]")
_NOWHERE = "\U0010fffd"  # a private character that no font has
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><text y="3" font-size="3">{}</text></svg>'


def begin() -> None:
    """Prepare the process: an interrupt is its parent's matter, and it does not outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(0)


def rasterise(svg: str, width: int, fonts: Sequence[str] | None = None) -> bytes | None:
    """The PNG of an SVG, so many pixels wide; None when no font here can show what is written in it.

    `fonts` are the folders to look in instead of the system's.
    """
    folders = None if fonts is None else tuple(fonts)
    samples = "g读" if _HAN.search(svg) else "g"
    return _png(svg, width, folders) if all(_can_show(sample, folders) for sample in samples) else None


@cache
def _can_show(character: str, fonts: tuple[str, ...] | None) -> bool:
    """Whether a character looks other than nothing, and than one that no font has."""
    shown = _probe(character, fonts, _usual_face(fonts))
    return shown not in (_probe(missing, fonts, _usual_face(fonts)) for missing in ("", _NOWHERE))


@cache
def _usual_face(fonts: tuple[str, ...] | None) -> str | None:
    """The first of the usual faces that is there; None for the library's own choice."""
    nothing = _probe("", fonts, None)
    return next((face for face in _USUAL if _probe("g", fonts, face) != nothing), None)


def _probe(character: str, fonts: tuple[str, ...] | None, face: str | None) -> bytes:
    return _drawn(_PROBE.format(character), 40, fonts, face)


def _png(svg: str, width: int, fonts: tuple[str, ...] | None) -> bytes:
    return _drawn(svg, width, fonts, _usual_face(fonts))


def _drawn(svg: str, width: int, fonts: tuple[str, ...] | None, face: str | None) -> bytes:
    # Imported here, so that only the process that draws carries it.
    from resvg_py import svg_to_bytes

    return svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=fonts is not None,
        font_dirs=list(fonts) if fonts is not None else None,
        font_family=face,
        serif_family=face,
        sans_serif_family=face,
    )
