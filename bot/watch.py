"""Of several processes that share a record, one serves each bot; the others stand by.

Telegram lets one program listen to a bot, Discord wants one connection for each shard of it, and a post is
sent once only if one process sends it. Whoever leads opens the platform, or its share of it, and sends its
posts, and closes it when it can no longer be sure to be the only one.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bot.ports import StorageUnavailable, Store, Unauthorised

log = logging.getLogger(__name__)

PAUSE = 1.0
"""How long to wait after something went wrong before leading is tried again, in seconds."""

HOW_TO_GET = {
    "TELEGRAM_TOKEN": "Telegram does not accept TELEGRAM_TOKEN. Send /token to @BotFather in Telegram, "
    "choose your bot, and copy the whole line.",
    "DISCORD_TOKEN": "Discord does not accept DISCORD_TOKEN. In the Discord Developer Portal open your "
    "application, then Bot, press Reset Token and copy the new one.",
}


class Watch:
    """Serves one bot on one platform, or a part of it, whenever this process leads.

    Args:
        served: what the log calls the part of a platform that is served.
        name: under which the processes agree who leads: the same for the same part of the same bot.
        serving: opens the platform when it is entered and closes it when it is left. May raise
            Unauthorised.
    """

    def __init__(
        self,
        store: Store,
        served: str,
        name: str,
        serving: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._store = store
        self._served = served
        self._name = name
        self._serving = serving
        self._tried = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Lead and serve, or stand by behind when another process leads. A refused token is said in one
        line."""
        self._watching = asyncio.create_task(self._watch(), name=f"watch over {self._served}")
        tried = asyncio.create_task(self._tried.wait())
        await asyncio.wait({self._watching, tried}, return_when=asyncio.FIRST_COMPLETED)
        tried.cancel()
        if self._watching.done():
            self._watching.result()

    async def close(self) -> None:
        """Stop serving, and let another process lead."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self) -> None:
        """Lead again and again; return when the token is refused."""
        while True:
            try:
                async with self._store.lead(self._name, self._stand_by) as lost, self._serving():
                    log.info("%s is served", self._served)
                    self._tried.set()
                    await lost.wait()
                    log.warning("%s is given up: another process may serve it by now", self._served)
            except Unauthorised as error:
                log.error(HOW_TO_GET[error.setting])
                return
            except Exception as error:
                if not self._tried.is_set():
                    raise
                expected = isinstance(error, StorageUnavailable)
                log.error("%s could not be served: %s", self._served, error, exc_info=not expected)
                await asyncio.sleep(PAUSE)

    def _stand_by(self) -> None:
        log.info("another Paperclub serves %s; this one stands by", self._served)
        self._tried.set()
