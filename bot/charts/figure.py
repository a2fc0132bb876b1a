"""The picture of a paper's idea: what its author drew, with the labels of one language written in."""

import re
from html import escape

from bot.charts.svg import document
from bot.charts.tokens import Tokens
from bot.messages.drawings import PaperFigure

_NAME = re.compile(r"\{([a-z0-9-]+)\}")


def draw(figure: PaperFigure, tokens: Tokens, *, dark: bool) -> str:
    """The SVG of a figure. A name without a label stays empty."""
    said = _NAME.sub(lambda name: escape(figure.labels.get(name[1], "")), figure.template)
    return document([said], figure.height, figure.language, tokens, dark=dark)
