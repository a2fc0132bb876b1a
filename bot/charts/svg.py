"""The frame that every picture has: its size, its colours and its faces."""

from collections.abc import Iterable, Mapping
from html import escape

from bot.charts.tokens import Tokens
from bot.domain.languages import Language

WIDTH = 360
"""The width of every picture in its own units: a phone's, so that sizes below are what a phone shows."""

_PLAIN = (
    "Inter, -apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Helvetica Neue, Arial, Liberation Sans, "
    "DejaVu Sans"
)
_BOOK = "Iowan Old Style, Palatino Linotype, Palatino, TeX Gyre Pagella, P052, Charter, Georgia"
_CHINESE = (
    "PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, "
    "WenQuanYi Micro Hei"
)
# In Chinese one face sets both scripts; a Latin one in front would leave the choice for Han to chance.
_FACES = {
    Language.EN: (f"{_PLAIN}, {_CHINESE}, sans-serif", f"{_BOOK}, {_CHINESE}, serif"),
    Language.ZH: (f"{_CHINESE}, {_PLAIN}, sans-serif",) * 2,
}


def document(parts: Iterable[str], height: float, language: Language, tokens: Tokens, *, dark: bool) -> str:
    """A whole SVG. With `dark`, it follows what whoever looks at it prefers; else it is light."""
    plain, book = _FACES[language]
    rules = [f"text{{font-family:{plain}}}", f".book{{font-family:{book}}}", *_rules(tokens.light)]
    if dark:
        rules.append(f"@media(prefers-color-scheme:dark){{{''.join(_rules(tokens.dark))}}}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{language}" width="{WIDTH}" height="{height:g}" '
        f'viewBox="0 0 {WIDTH} {height:g}"><style>{"".join(rules)}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{height:g}"/>{"".join(parts)}</svg>'
    )


def _rules(colours: Mapping[str, str]) -> list[str]:
    """For each token two classes: `ink` fills, `ink-line` draws."""
    fills = [f".{name}{{fill:{colour}}}" for name, colour in colours.items()]
    lines = [f".{name}-line{{fill:none;stroke:{colour}}}" for name, colour in colours.items()]
    return fills + lines


def text(
    said: str, x: float, y: float, size: float, look: str = "ink", weight: int = 400, anchor: str = "start"
) -> str:
    """One line of text; `y` is its baseline."""
    return (
        f'<text class="{look}" x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(said)}</text>'
    )
