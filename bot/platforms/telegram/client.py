"""The Telegram bot's life: it connects, hears by long polling or by webhook, and keeps what it hears.

Whatever is heard goes into the inbox, which has it on record before Telegram may forget it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.messages.texts import Texts
from bot.platforms.pace import Pace
from bot.platforms.telegram.inbox import Inbox
from bot.platforms.telegram.limits import PACE
from bot.platforms.telegram.menus import set_menus
from bot.platforms.telegram.messenger import TelegramMessenger, is_group
from bot.platforms.telegram.polling import PollingBot, PollingTransport
from bot.platforms.telegram.talk import Talk
from bot.platforms.telegram.transport import Transport
from bot.platforms.telegram.updates import HEARD
from bot.platforms.telegram.webhook import CONNECTIONS, Webhook
from bot.ports import Clock, Listener, Painter, StorageUnavailable, Store, Timer, Unauthorised

log = logging.getLogger(__name__)

OFFICIAL_API = "https://api.telegram.org"
FIRST_ANSWER_SECONDS = 2.0
"""How long opening waits to learn whether the token is good; a slower network is not waited for."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class TelegramClient:
    """One bot on Telegram. `api_url` is the root of a self-hosted Bot API server, None for the
    official one; `proxy` an http or socks address. Without a webhook it polls."""

    def __init__(
        self,
        token: str,
        api_url: str | None,
        proxy: str | None,
        dispatcher: Listener,
        texts: Texts,
        painter: Painter,
        store: Store,
        clock: Clock,
        timer: Timer,
        webhook: Webhook | None = None,
    ) -> None:
        # The library and its HTTP client write addresses, which hold the token, into their logs.
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(logging.WARNING)
        # A proxy's page in place of an answer is told by whoever asked, in one line and not in twenty.
        logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)
        root = (api_url or OFFICIAL_API).rstrip("/")
        self._bot = PollingBot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=Transport(proxy),
            get_updates_request=PollingTransport(proxy, connections=2),
        )
        self.messenger = TelegramMessenger(self._bot, painter, Pace(timer, PACE, is_group))
        self._inbox = Inbox(self._bot, store, clock)
        self._talk = Talk(self._bot, self._inbox.once(dispatcher), self.messenger, texts, timer)
        self._texts = texts
        self._webhook = webhook
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
        if self._webhook:
            self._webhook.receiver = None
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._inbox.close()
        self._talk.close()
        await self._bot.shutdown()

    # Listening

    async def _run(self, accepted: asyncio.Future[bool]) -> None:
        if not await self._at_last(self._bot.initialize, accepted):
            return
        if not await self._at_last(self._begin):
            return
        await set_menus(self._bot, self._texts)
        if self._webhook is None:
            await self._listen()

    async def _begin(self) -> None:
        """Go on with what was left, and tell Telegram how updates come. What waits there is kept."""
        if not self._inbox.is_open:
            await self._inbox.open(self._talk.hear, self._talk.make_up)
        if self._webhook is None:
            await self._bot.delete_webhook()
            return
        self._webhook.receiver = self._inbox.take
        await self._bot.set_webhook(
            self._webhook.url,
            secret_token=self._webhook.secret,
            max_connections=CONNECTIONS,
            allowed_updates=HEARD,
        )
        log.info("Telegram hands updates in at the webhook")

    async def _at_last(
        self, step: Callable[[], Awaitable[object]], accepted: asyncio.Future[bool] | None = None
    ) -> bool:
        """Try a step until Telegram answers; False when it refuses the token."""
        pause = FIRST_PAUSE
        while True:
            try:
                await step()
            except InvalidToken:
                if accepted is None or accepted.done():  # nobody waits to be told any more
                    log.error("Telegram refuses the token in TELEGRAM_TOKEN")
                _settle(accepted, False)
                return False
            except TelegramError as error:
                log.warning("not connected to Telegram yet: %s", error)
                _settle(accepted, True)
                if isinstance(error, RetryAfter):
                    pause = max(pause, _seconds(error))
            except StorageUnavailable:
                pass  # told by the store
            else:
                _settle(accepted, True)
                return True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _listen(self) -> None:
        pause, offset = FIRST_PAUSE, 0
        while True:
            await self._inbox.room()
            try:
                updates = await self._bot.poll(offset)
                latest = await self._inbox.take(updates)
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
                log.exception("updates could not be taken")
            else:
                # A poll that brought nothing has confirmed all before it. Then no offset is named: ids may
                # begin anew, and lower, after a quiet week.
                offset = 0 if latest is None else latest + 1
                pause = FIRST_PAUSE
                continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _settle(future: asyncio.Future[bool] | None, value: bool) -> None:
    if future and not future.done():
        future.set_result(value)


def _seconds(error: RetryAfter) -> float:
    return error.retry_after.total_seconds()  # type: ignore[union-attr]  # a timedelta, as transport asks
