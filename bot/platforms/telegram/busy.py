"""The sign that an answer is on its way, shown where one takes long: *typing*, or *sending a photo*."""

import asyncio
import logging
from collections import deque
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


class Signs:
    """The signs of one bot. A single task watches how long answers take, since nearly all of them are quick:
    a task for each would cost more than many an answer."""

    def __init__(self, bot: Bot, timer: Timer) -> None:
        self.bot = bot
        self.timer = timer
        self._begun: deque[Busy] = deque()
        self._watching: asyncio.Task[None] | None = None

    def watch(self, busy: "Busy") -> None:
        """Have a sign shown in a while, unless the answer has set out by then."""
        self._begun.append(busy)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    def close(self) -> None:
        """Watch no more."""
        if self._watching:
            self._watching.cancel()

    async def _watch(self) -> None:
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            while self._begun:
                first = self._begun[0]
                wait = first.since + SHOWN_AFTER - self.timer.monotonic()
                if not first.over and wait > 0:
                    await self.timer.done_within(wait, never)
                    continue
                self._begun.popleft()
                if not first.over:
                    first.show()
        finally:
            self._watching = None


class Busy:
    """Shows the sign in a place from a while after the block begins until the answer sets out, which
    `end` tells, or else until the block ends. Without a place it shows nothing, and a sign that cannot
    be shown is missed by nobody. Telegram counts no signs as messages, so they take no turns."""

    def __init__(self, signs: Signs, place: Place | None) -> None:
        self._signs = signs
        self._place = place
        self._action = ChatAction.TYPING
        self._sending = False
        self._showing: asyncio.Task[None] | None = None
        self.since = signs.timer.monotonic()
        self.over = False

    async def __aenter__(self) -> Self:
        if self._place:
            self._signs.watch(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()

    def draw(self) -> None:
        """The answer has a picture."""
        self._action = ChatAction.UPLOAD_PHOTO

    def show(self) -> None:
        """The answer takes long."""
        if self._place:
            self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._showing = asyncio.create_task(self._show(self._place))

    async def end(self) -> None:
        """The answer sets out: show nothing any more."""
        self.over = True
        if self._showing is None or self._showing.done():
            return
        if not self._ended.done():
            self._ended.set_result(None)
        try:
            if self._sending:
                await self._signs.timer.done_within(LAST_WAIT, self._showing)
        finally:
            self._showing.cancel()

    async def _show(self, place: Place) -> None:
        while not self._ended.done():
            self._sending = True
            try:
                await self._signs.bot.send_chat_action(
                    int(place.chat_id),
                    self._action,
                    message_thread_id=int(place.thread_id) if place.thread_id else None,
                )
            except TelegramError as error:
                log.debug("that an answer is coming could not be shown: %s", error)
            self._sending = False
            await self._signs.timer.done_within(RENEWED_AFTER, self._ended)
