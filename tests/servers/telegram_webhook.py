"""Handing updates in at the bot's webhook, as Telegram does: again until they are taken."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp

from tests.servers.telegram_checks import Json
from tests.servers.telegram_methods import BotApi
from tests.servers.telegram_updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.3
"""Telegram is in less of a hurry than a test."""


class Trouble(Protocol):
    """The part of a fault that counts here."""

    kind: str


class Delivery:
    """Posts each pending update to the webhook's path on a port of this machine: at most `max_connections` at
    once, those of one chat one after another, and again, a little later each time, after anything but a 2xx.

    Troubles: "drop-before": the connection breaks before the request; "drop-during": right after it;
    "drop-after": the answer is lost.
    """

    def __init__(
        self,
        api: BotApi,
        updates: Updates,
        trouble: Callable[[str], Trouble | None],
        touch: Callable[[], None],
    ) -> None:
        self.port = 0
        """Where the bot's public address leads to; 0 while it leads nowhere."""
        self.prefix_is_cut = ""
        """What a proxy takes off the beginning of a path."""
        self.attempts: Counter[int] = Counter()
        """How often each update was handed in, by its id."""
        self.most_at_once = 0
        self._api, self._updates = api, updates
        self._trouble, self._touch = trouble, touch
        self._news = asyncio.Event()
        self._busy: set[str] = set()
        self._going: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        updates.on_news = self._news.set

    def start(self) -> None:
        """Begin to hand in whatever there is when a webhook is set."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Break off."""
        tasks = [*self._going, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._busy.clear()
        self._running = None

    async def _run(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                self._news.clear()
                for update in self._updates.pending if self._api.webhook else ():
                    if len(self._going) >= self._api.webhook_connections:
                        break
                    chat = _chat_of(update)
                    if chat not in self._busy:
                        self._busy.add(chat)
                        task = asyncio.create_task(self._hand_in(session, chat, update))
                        self._going.add(task)
                        self.most_at_once = max(self.most_at_once, len(self._going))
                        task.add_done_callback(self._done)
                await self._news.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        self._news.set()

    async def _hand_in(self, session: aiohttp.ClientSession, chat: str, update: Json) -> None:
        try:
            pause = min(FIRST_PAUSE * 2 ** self.attempts[update["update_id"]], LONGEST_PAUSE)
            self.attempts[update["update_id"]] += 1
            error = await self._attempt(session, update)
            if error is None:
                self._updates.taken(update)
            else:
                self._api.webhook_error = (int(time.time()), error)
            self._touch()
            if error is not None:
                await asyncio.sleep(pause)
        finally:
            self._busy.discard(chat)

    async def _attempt(self, session: aiohttp.ClientSession, update: Json) -> str | None:
        """One attempt; why it failed, in Telegram's words."""
        trouble = self._trouble("webhook")
        kind = trouble.kind if trouble else ""
        if not self.port or kind == "drop-before":
            return "Connection refused" if not self.port else "Connection reset by peer"
        url = urlsplit(self._api.webhook)
        path = (url.path or "/").removeprefix(self.prefix_is_cut)
        headers = {"Host": url.netloc, "Content-Type": "application/json"}
        if self._api.webhook_secret:
            headers[SECRET_HEADER] = self._api.webhook_secret
        body = json.dumps(update, ensure_ascii=False).encode()
        try:
            if kind == "drop-during":
                await _send_and_leave(self.port, path, headers, body)
                return "Connection reset by peer"
            return await self._post(session, path, headers, body, lost=kind == "drop-after")
        except (aiohttp.ClientError, OSError) as error:
            return "Connection refused" if isinstance(error, aiohttp.ClientConnectorError) else "Read error"

    async def _post(
        self, session: aiohttp.ClientSession, path: str, headers: dict[str, str], body: bytes, *, lost: bool
    ) -> str | None:
        address = f"http://127.0.0.1:{self.port}{path}"
        timeout = aiohttp.ClientTimeout(total=60)
        async with session.post(address, data=body, headers=headers, timeout=timeout) as answer:
            await answer.read()
            if lost:
                return "Connection reset by peer"
            if 200 <= answer.status < 300:
                return None
            return f"Wrong response from the webhook: {answer.status} {HTTPStatus(answer.status).phrase}"


async def _send_and_leave(port: int, path: str, headers: dict[str, str], body: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    writer.write(head.encode() + body)
    with suppress(OSError):
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def _chat_of(update: Json) -> str:
    """What an update belongs to: its chat, or the person where there is none."""
    for content in update.values():
        if isinstance(content, dict):
            inner: Any = content.get("message") or content
            who = inner.get("chat") or inner.get("user") or inner.get("from") or {}
            return str(who.get("id", ""))
    return ""
