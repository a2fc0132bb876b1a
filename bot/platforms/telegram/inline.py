"""What was found, as results of inline mode: `@bot` and some words, typed in any chat. Pure.

A message that is put into a chat through the bot carries no chat with its presses. So each of its buttons is
a link: those of ours lead to the private chat, where the same is done.
"""

from collections.abc import Iterator
from functools import lru_cache

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)

from bot.messages.outgoing import Button, Buttons, Finding, Findings, Message, Part
from bot.platforms.telegram.limits import FOUND_AT_ONCE
from bot.platforms.telegram.links import start_link, to_parameter
from bot.platforms.telegram.render import Bubble, render


def articles(findings: Findings, username: str) -> list[InlineQueryResultArticle]:
    """The results to choose from. `username` is the bot's own."""
    return [_article(finding, username) for finding in findings.found[:FOUND_AT_ONCE]]


def way_in(findings: Findings) -> InlineQueryResultsButton | None:
    """What stands above no results: the way to the private chat."""
    none = findings.none
    if none is None or none.action is None:
        return None
    return InlineQueryResultsButton(none.label, start_parameter=to_parameter(none.action.token))


@lru_cache(maxsize=256)  # people ask anew at every letter
def _article(finding: Finding, username: str) -> InlineQueryResultArticle:
    linked = Message(tuple(_linked(finding.message, username)))
    [bubble] = (piece for piece in render(linked, "", single=True) if isinstance(piece, Bubble))
    content = InputTextMessageContent(
        bubble.rich.text,
        entities=bubble.rich.entities,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    return InlineQueryResultArticle(
        finding.key, finding.title, content, reply_markup=bubble.keyboard, description=finding.line
    )


def _linked(message: Message, username: str) -> Iterator[Part]:
    for part in message.parts:
        if isinstance(part, Buttons):
            rows = (tuple(filter(None, (_link(button, username) for button in row))) for row in part.rows)
            part = Buttons(tuple(row for row in rows if row))
        yield part


def _link(button: Button, username: str) -> Button | None:
    """A button as a link; None for one whose address would be too long."""
    if button.action is None:
        return button
    url = start_link(username, button.action.token)
    return Button(button.label, url=url) if url else None
