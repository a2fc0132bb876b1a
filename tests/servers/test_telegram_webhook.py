"""The strict Telegram's webhooks are as strict, and as patient, as the real ones."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.servers.telegram import TelegramServer, User

URL = "https://bot.example.org/hook"


@dataclass
class Bot:
    """A bot's own server, which answers as it is told."""

    statuses: list[int] = field(default_factory=list)
    came: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    going: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        self.came.append((f"{request.host}{request.path}", secret, json.loads(await request.text())))
        await self.going.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @property
    def lines(self) -> list[str]:
        return [update["message"]["text"] for _, _, update in self.came]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    bot, app = Bot(), web.Application()
    app.router.add_post("/{path:.*}", bot.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.port = runner.addresses[0][1]
    bot.going.set()
    yield bot
    await runner.cleanup()


@asynccontextmanager
async def telegram(bot: Bot) -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        server.delivery.port = bot.port
        yield server


async def call(server: TelegramServer, method: str, **parameters: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{server.token}/{method}", json=parameters) as answer,
    ):
        result: dict[str, Any] = await answer.json()
        return result


def say(server: TelegramServer, user: User, text: str) -> None:
    server.say(server.private(user), user, text)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"url": "http://bot.example.org"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://bot.example.org:444"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": URL, "secret_token": "no spaces"}, "secret token contains unallowed characters"),
        ({"url": URL, "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": URL, "max_connections": 0}, "max_connections must be between 1 and 100"),
        ({"url": URL, "max_connections": 101}, "max_connections must be between 1 and 100"),
    ],
)
async def test_a_webhook_that_telegram_would_refuse_is_refused(
    bot: Bot, parameters: dict[str, Any], words: str
) -> None:
    async with telegram(bot) as server:
        answer = await call(server, "setWebhook", **parameters)
        assert answer["description"] == f"Bad Request: {words}"
        assert server.api.webhook == ""
        assert len(server.violations) == 1


async def test_updates_are_handed_in_with_the_secret_and_polling_is_refused(bot: Bot) -> None:
    async with telegram(bot) as server:
        say(server, server.user("Ana"), "before")
        await call(server, "setWebhook", url=URL, secret_token="s3cret_-")
        await server.settled()
        assert [(where, secret) for where, secret, _ in bot.came] == [("bot.example.org/hook", "s3cret_-")]
        assert bot.lines == ["before"]
        conflict = await call(server, "getUpdates")
        assert conflict["error_code"] == 409
        info = (await call(server, "getWebhookInfo"))["result"]
        assert info["url"] == URL
        assert info["pending_update_count"] == 0


async def test_what_is_not_taken_comes_again_until_it_is(bot: Bot) -> None:
    bot.statuses = [503, 302, 404]
    async with telegram(bot) as server:
        await call(server, "setWebhook", url=URL)
        say(server, server.user("Ana"), "one")
        await server.settled()
        assert bot.lines == ["one"] * 4
        info = (await call(server, "getWebhookInfo"))["result"]
        assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"


@pytest.mark.parametrize(("kind", "times"), [("drop-before", 1), ("drop-during", 2), ("drop-after", 2)])
async def test_a_broken_connection_is_as_a_refusal(bot: Bot, kind: str, times: int) -> None:
    async with telegram(bot) as server:
        server.fault("webhook", kind)
        await call(server, "setWebhook", url=URL)
        say(server, server.user("Ana"), "one")
        await server.settled()
        assert bot.lines == ["one"] * times


async def test_chats_are_told_side_by_side_and_each_in_order(bot: Bot) -> None:
    bot.going.clear()
    async with telegram(bot) as server:
        await call(server, "setWebhook", url=URL, max_connections=2)
        for name in ("Ana", "Ben", "Cid"):
            user = server.user(name)
            for number in (1, 2):
                say(server, user, f"{name} {number}")
        while len(bot.came) < 2:  # noqa: ASYNC110  # what is tried tells of no event
            await asyncio.sleep(0)
        assert sorted(bot.lines) == ["Ana 1", "Ben 1"]
        bot.going.set()
        await server.settled()
        assert server.delivery.most_at_once == 2
        for name in ("Ana", "Ben", "Cid"):
            assert [line for line in bot.lines if name in line] == [f"{name} 1", f"{name} 2"]


async def test_without_a_webhook_nothing_is_handed_in_and_nothing_lost(bot: Bot) -> None:
    async with telegram(bot) as server:
        await call(server, "setWebhook", url=URL)
        await call(server, "deleteWebhook")
        say(server, server.user("Ana"), "one")
        updates = (await call(server, "getUpdates"))["result"]
        assert [update["message"]["text"] for update in updates] == ["one"]
        assert bot.came == []
