"""The webhook: Telegram hands each update in, at an address that nobody else can know."""

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import urlsplit

from bot.platforms.hook import Hook
from bot.ports import StorageUnavailable

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # its name
CONNECTIONS = 40
"""How many updates Telegram may hand in at a time: as many as it would by itself. They are kept together."""

LARGEST_UPDATE = 1024 * 1024
"""Bytes. A message of 4096 characters, each an entity of its own, that answers another such, has less."""

Receiver = Callable[[Sequence[bytes]], Awaitable[object]]
"""Takes updates in JSON; when it returns they may be confirmed."""


class Webhook:
    """Takes updates for a bot, while this process serves it. `address` is how Telegram reaches the web
    room's server. Path and secret are made from the token, so every process of the bot has the same."""

    def __init__(self, address: str, token: str) -> None:
        path = f"/telegram/{_derived(token, 'path')}"
        self.url = address + path
        self.secret = _derived(token, "secret")
        self.receiver: Receiver | None = None
        # What stands in front of us may or may not take off what the address has before our path.
        self.hook = Hook(frozenset({path, urlsplit(self.url).path}), LARGEST_UPDATE, self._knows, self._take)
        self._strangers = 0

    def _knows(self, headers: Mapping[str, str]) -> bool:
        told = headers.get(SECRET_HEADER, "")
        if hmac.compare_digest(told.encode(errors="replace"), self.secret.encode()):
            return True
        self._strangers += 1
        if self._strangers.bit_count() == 1:  # the first, the second, the fourth …
            log.info("turned away at the webhook, so far: %s", self._strangers)
        return False

    async def _take(self, body: bytes) -> int:
        if self.receiver is None:
            # Another process may serve the bot, or this one soon; Telegram comes again.
            return HTTPStatus.SERVICE_UNAVAILABLE
        try:
            await self.receiver([body])
        except StorageUnavailable:
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


def _derived(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), f"paperclub webhook {purpose}".encode(), sha256).hexdigest()
