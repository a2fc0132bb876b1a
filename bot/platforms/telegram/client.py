"""The Telegram bot's life: it connects, listens by long polling, and has updates handled.

An update is confirmed to Telegram only after it has been handled, so that a crash loses nothing that
was said: what was under way comes again. Chats are served side by side, each in its own order; one that
takes long is confirmed meanwhile, as Telegram tells nothing new to anybody before.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.messages.texts import Texts
from bot.platforms.pace import Pace
from bot.platforms.telegram.limits import PACE
from bot.platforms.telegram.menus import set_menus
from bot.platforms.telegram.messenger import TelegramMessenger, is_group
from bot.platforms.telegram.parsing import Unreadable, parse_update
from bot.platforms.telegram.talk import Talk
from bot.platforms.telegram.transport import READ_SECONDS, Transport
from bot.platforms.telegram.updates import HEARD, lane
from bot.ports import Listener, Painter, Timer, Unauthorised

log = logging.getLogger(__name__)

OFFICIAL_API = "https://api.telegram.org"
POLL_SECONDS = 30
FIRST_ANSWER_SECONDS = 2.0
"""How long opening waits to learn whether the token is good; a slower network is not waited for."""

HELD_UP_SECONDS = 3.0
"""How long what others say waits for one chat's answer. Only a crash within that answer can lose it."""

MOST_CHATS_HELD_UP = 100
"""With so many chats waiting it is not the chats: nothing new is asked for until some have been served."""

DRAIN_SECONDS = 0.6
CONFIRM_SECONDS = 0.3
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class TelegramClient:
    """One bot on Telegram. `api_url` is the root of a self-hosted Bot API server, None for the
    official one; `proxy` an http or socks address."""

    def __init__(
        self,
        token: str,
        api_url: str | None,
        proxy: str | None,
        dispatcher: Listener,
        texts: Texts,
        painter: Painter,
        timer: Timer,
    ) -> None:
        # The library and its HTTP client write addresses, which hold the token, into their logs.
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(logging.WARNING)
        # A proxy's page in place of an answer is told by whoever asked, in one line and not in twenty.
        logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)
        root = (api_url or OFFICIAL_API).rstrip("/")
        self._bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=Transport(proxy),
            get_updates_request=Transport(proxy, connections=2),
        )
        self.messenger = TelegramMessenger(self._bot, painter, Pace(timer, PACE, is_group))
        self._talk = Talk(self._bot, dispatcher, self.messenger)
        self._texts = texts
        self._offset = 0
        self._unconfirmed = False
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._handling = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and begin to listen. Raises Unauthorised for a token that Telegram refuses. When
        Telegram cannot be reached it goes on trying in the background."""
        accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._run(accepted), name="telegram")
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ANSWER_SECONDS):
                if not await asyncio.shield(accepted):
                    await self.close()
                    raise Unauthorised("TELEGRAM_TOKEN")

    async def close(self) -> None:
        """Finish what is being handled, for a moment, and disconnect."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS), self._handling:
                await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        going = [*self._lanes.values(), *([self._running] if self._running else [])]
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)
        if self._unconfirmed:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(CONFIRM_SECONDS):
                    await self._bot.get_updates(offset=self._offset, limit=1, timeout=0)
        await self._bot.shutdown()

    # Listening

    async def _run(self, accepted: asyncio.Future[bool]) -> None:
        if not await self._connected(accepted):
            return
        await set_menus(self._bot, self._texts)
        await self._listen()

    async def _connected(self, accepted: asyncio.Future[bool]) -> bool:
        """Try until Telegram answers; False when it refuses the token."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._bot.initialize()
                await self._bot.delete_webhook()
            except InvalidToken:
                if accepted.done():  # nobody waits to be told any more
                    log.error("Telegram refuses the token in TELEGRAM_TOKEN")
                _settle(accepted, False)
                return False
            except TelegramError as error:
                log.warning("not connected to Telegram yet: %s", error)
                _settle(accepted, True)
            else:
                _settle(accepted, True)
                return True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                updates = await self._poll()
            except InvalidToken:
                log.error("Telegram no longer accepts the token in TELEGRAM_TOKEN")
                return
            except Conflict:
                log.warning("another program listens with the same TELEGRAM_TOKEN")
            except RetryAfter as error:
                pause = max(pause, _seconds(error))
            except TelegramError as error:
                log.warning("Telegram cannot be heard: %s", error)
            except Exception:
                log.exception("updates could not be read")
            else:
                pause = FIRST_PAUSE
                self._unconfirmed = False
                async with self._handling:
                    await self._handle(updates)
                continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _poll(self) -> list[dict[str, Any]]:
        """What `get_updates` would give, in JSON: one that cannot be read must not keep the others back."""
        asked = {"offset": self._offset, "timeout": POLL_SECONDS, "allowed_updates": HEARD}
        updates = await self._bot._post("getUpdates", asked, read_timeout=READ_SECONDS + POLL_SECONDS)
        return cast(list[dict[str, Any]], updates)

    async def _handle(self, updates: Sequence[Mapping[str, Any]]) -> None:
        if not updates:
            return
        lanes: dict[str, list[Update]] = {}
        for raw in updates:
            try:
                update = parse_update(json.dumps(raw).encode(), self._bot)
            except Unreadable as error:
                log.warning("an update is passed over: %s", error, extra={"update": raw["update_id"]})
            else:
                lanes.setdefault(lane(update), []).append(update)
        tasks = [self._set_going(name, said) for name, said in lanes.items()]
        if tasks:
            await asyncio.wait(tasks, timeout=HELD_UP_SECONDS)
        while len(self._lanes) >= MOST_CHATS_HELD_UP:
            await asyncio.wait(self._lanes.values(), return_when=asyncio.FIRST_COMPLETED)
        self._offset = updates[-1]["update_id"] + 1
        self._unconfirmed = True

    def _set_going(self, name: str, updates: Sequence[Update]) -> asyncio.Task[None]:
        """Have updates of one chat handled, after those of the same chat that are not done yet."""
        task = asyncio.create_task(self._handle_in_order(self._lanes.get(name), updates))
        self._lanes[name] = task
        task.add_done_callback(lambda done: self._lanes.get(name) is done and self._lanes.pop(name))
        return task

    async def _handle_in_order(self, before: asyncio.Task[None] | None, updates: Sequence[Update]) -> None:
        if before:
            await asyncio.wait([before])
        for update in updates:
            try:
                await self._talk.hear(update)
            except Exception:
                log.exception("an update could not be handled", extra={"update": update.update_id})


def _settle(future: asyncio.Future[bool], value: bool) -> None:
    if not future.done():
        future.set_result(value)


def _seconds(error: RetryAfter) -> float:
    return error.retry_after.total_seconds()  # type: ignore[union-attr]  # a timedelta, as transport asks
