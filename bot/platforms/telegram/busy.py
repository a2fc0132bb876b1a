"""The sign that an answer is on its way, shown where one takes long: *typing*, or *sending a photo*."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.messages.incoming import Place
from bot.ports import Timer

log = logging.getLogger(__name__)

SHOWN_AFTER = 0.5
"""Seconds that an answer may take without a sign. Our choice."""

RENEWED_AFTER = 4.5
"""Seconds until it is shown again: Telegram shows it for 5 at most."""

LAST_WAIT = 1.0
"""Seconds that an answer waits for a sign that is just being sent, so that it is not shown after it."""


class Busy:
    """Shows the sign in a place from a while after the block begins until the answer sets out, which
    `end` tells, or else until the block ends. Without a place it shows nothing, and a sign that cannot
    be shown is missed by nobody. Telegram counts no signs as messages, so they take no turns."""

    def __init__(self, bot: Bot, timer: Timer, place: Place | None) -> None:
        self._bot = bot
        self._timer = timer
        self._place = place
        self._action = ChatAction.TYPING
        self._sending = False

    async def __aenter__(self) -> Self:
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._showing = asyncio.create_task(self._show(self._place)) if self._place else None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()

    def draw(self) -> None:
        """The answer has a picture."""
        self._action = ChatAction.UPLOAD_PHOTO

    async def end(self) -> None:
        """The answer sets out: show nothing any more."""
        if not self._over.done():
            self._over.set_result(None)
        if self._showing is None or self._showing.done():
            return
        try:
            if self._sending:
                await self._timer.done_within(LAST_WAIT, self._showing)
        finally:
            self._showing.cancel()

    async def _show(self, place: Place) -> None:
        wait = SHOWN_AFTER
        while not await self._timer.done_within(wait, self._over):
            self._sending = True
            try:
                await self._bot.send_chat_action(
                    int(place.chat_id),
                    self._action,
                    message_thread_id=int(place.thread_id) if place.thread_id else None,
                )
            except TelegramError as error:
                log.debug("that an answer is coming could not be shown: %s", error)
            self._sending = False
            wait = RENEWED_AFTER
