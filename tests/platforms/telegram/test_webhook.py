"""Updates by webhook: the whole house on the strict server, which hands them in at the web room's server."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.app import House, open_house
from bot.platforms.telegram import client, inbox
from bot.platforms.telegram.updates import HEARD
from bot.platforms.telegram.webhook import LARGEST_UPDATE, SECRET_HEADER, Webhook
from bot.settings import Settings
from tests.house import FakeClock
from tests.servers.telegram import Chat, TelegramServer, User

ADDRESS = "https://club.example.org/books"


@pytest.fixture(autouse=True)
def many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 400)


@pytest.fixture
def settings(server: TelegramServer, tmp_path: Path) -> Settings:
    return Settings(
        telegram_token=server.token,
        telegram_api_url=server.url,
        telegram_webhook=ADDRESS,
        data=tmp_path,
        database=tmp_path / "club.db",
        web=("127.0.0.1", 0),
    )


@pytest.fixture
def ana(server: TelegramServer) -> User:
    return server.user("Ana")


@pytest.fixture
def group(server: TelegramServer, ana: User) -> Chat:
    return server.group("Readers", admins=[ana], bot=None)


@asynccontextmanager
async def house(server: TelegramServer, settings: Settings) -> AsyncIterator[House]:
    """The house; Telegram finds it at its port of the moment."""
    clock = FakeClock()
    async with open_house(settings, clock, timer=clock, ticking=False) as house:
        assert house.web
        server.delivery.port = urlsplit(house.web.address).port or 0
        yield house
        server.delivery.port = 0


async def post(
    house: House, path: str, body: bytes, secret: str = "", method: str = "POST", **headers: str
) -> int:
    assert house.web
    address = house.web.address.rstrip("/") + path
    if secret:
        headers[SECRET_HEADER] = secret
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, address, data=BytesIO(body), headers=headers) as answer,
    ):
        return answer.status


async def test_what_is_said_comes_by_webhook_and_is_answered(
    server: TelegramServer, settings: Settings, ana: User, group: Chat
) -> None:
    server.add_bot(group, by=ana)
    async with house(server, settings):
        welcome = await server.reply(group, after=0)
        press = server.press(welcome, ana, welcome.buttons[0])
        await press
        answer = await server.ask(group, ana, "/schedule")
        assert answer.text
    assert server.api.webhook.startswith(f"{ADDRESS}/telegram/")
    assert server.updates.allowed == set(HEARD)
    assert "getUpdates" not in [call.method for call in server.calls]


@pytest.mark.parametrize("secret", [None, "a-long-secret-of-ours"])
async def test_the_door_lets_telegram_in_by_its_secret_alone(
    server: TelegramServer, settings: Settings, secret: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the room's key nor its own address matter there; and without the secret, nothing opens."""
    caplog.set_level(logging.INFO)
    webhook = Webhook(ADDRESS, server.token)
    path = urlsplit(webhook.url).path
    body = json.dumps({"update_id": 1}).encode()
    async with house(server, replace(settings, web_secret=secret)) as opened:
        for served in (path, path.removeprefix("/books")):
            for wrong in ("", "x", webhook.secret[:-1], "é"):
                assert await post(opened, served, body, wrong) == 403
            assert await post(opened, served, body, webhook.secret, Host="club.example.org") == 200
        assert await post(opened, "/telegram/guessed", body, webhook.secret) == 403
        assert await post(opened, path, body, webhook.secret, method="GET") == 403
    assert webhook.secret not in caplog.text
    assert server.token not in caplog.text
    assert "turned away at the webhook, so far: 8" in caplog.text


async def test_an_update_may_be_large_and_not_too_large(server: TelegramServer, settings: Settings) -> None:
    webhook = Webhook(ADDRESS, server.token)
    path = urlsplit(webhook.url).path
    async with house(server, settings) as opened:
        large = json.dumps(
            {"update_id": 1, "message": None, "x": "七" * 200_000}, ensure_ascii=False
        ).encode()
        assert await post(opened, path, large, webhook.secret) == 200
        assert await post(opened, path, b"x" * (LARGEST_UPDATE + 1), webhook.secret) == 413


async def test_what_is_no_update_is_taken_and_passed_over(
    server: TelegramServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Else it would come again for a day."""
    webhook = Webhook(ADDRESS, server.token)
    async with house(server, settings) as opened:
        for body in (
            b"",
            b"{}",
            b"[1",
            b'{"update_id": "7"}',
            b'{"update_id": 99999999999999999999}',
            b"\xff",
        ):
            assert await post(opened, urlsplit(webhook.url).path, body, webhook.secret) == 200
    assert caplog.text.count("that is no update") == 6


@pytest.mark.parametrize("kind", ["drop-before", "drop-during", "drop-after"])
async def test_a_broken_connection_doubles_nothing(
    server: TelegramServer, settings: Settings, ana: User, group: Chat, kind: str
) -> None:
    server.add_bot(group, by=ana)
    async with house(server, settings) as opened:
        await server.reply(group, after=0)
        async with opened.tools.store.read() as records:
            [club] = [each for each in await records.clubs() if each.title == "Readers"]
            before = await records.beats(club.id)
        server.fault("webhook", kind, times=3)
        said = len(server.messages(group))
        await server.ask(group, ana, "/schedule shift 1")
        await server.settled()
        assert max(server.delivery.attempts.values()) >= 4
        await server.ask(group, ana, "/paper today")
        async with opened.tools.store.read() as records:
            after = await records.beats(club.id)
        assert {(b.next_at or 0) - (a.next_at or 0) for a, b in zip(before, after, strict=True)} == {86_400}
        shifted = [m for m in server.messages(group)[said:] if m.reply_to and "shift" in m.reply_to.text]
        assert len(shifted) == 1


async def test_many_chats_are_kept_together_and_answered_side_by_side(
    server: TelegramServer, settings: Settings
) -> None:
    people = [server.user(f"Reader {number}") for number in range(60)]
    async with house(server, settings):
        await server.until(lambda: server.api.webhook)
        for user in people:
            for line in ("/glossary dropout", "/glossary attention"):
                server.say(server.private(user), user, line)
        await server.until(lambda: all(len(server.messages(server.private(user))) >= 2 for user in people))
        await server.settled()
    assert server.delivery.most_at_once > 10
    for user in people:
        first, second = server.messages(server.private(user))[:2]
        assert "ropout" in first.text
        assert "ttention" in second.text


async def test_ways_in_are_changed_without_losing_a_word(
    server: TelegramServer, settings: Settings, ana: User, group: Chat
) -> None:
    server.add_bot(group, by=ana)
    async with house(server, settings):
        await server.reply(group, after=0)
    server.say(group, ana, "/schedule shift 1")
    async with house(server, replace(settings, telegram_webhook=None)):
        await server.settled()
        assert server.api.webhook == ""
        await server.until(lambda: len(server.messages(group)) == 2)
    server.say(group, ana, "/schedule shift 2")
    async with house(server, settings):
        await server.until(lambda: len(server.messages(group)) == 3)
    assert [call.params for call in server.calls if call.params.get("drop_pending_updates")] == []


async def test_a_webhook_that_cannot_be_set_yet_is_set_when_it_can(
    server: TelegramServer,
    settings: Settings,
    ana: User,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "FIRST_PAUSE", 0.01)
    server.fault("setWebhook", "500")
    server.fault("setWebhook", "drop-before")
    async with house(server, settings):
        await server.ask(server.private(ana), ana, "/glossary dropout")
    assert caplog.text.count("not connected to Telegram yet") == 2


async def test_a_process_that_does_not_serve_the_bot_sends_telegram_away(server: TelegramServer) -> None:
    webhook = Webhook(ADDRESS, server.token)
    assert await webhook.hook.take(b'{"update_id": 1}') == 503
    took: list[Any] = []

    async def take(updates: Any) -> None:
        took.extend(updates)

    webhook.receiver = take
    assert await webhook.hook.take(b'{"update_id": 1}') == 200
    webhook.receiver = None
    assert await webhook.hook.take(b'{"update_id": 2}') == 503
    assert took == [b'{"update_id": 1}']


def test_the_address_and_the_secret_tell_nothing_and_differ_from_bot_to_bot() -> None:
    first, second = Webhook(ADDRESS, "1:AAAAAAAAAAAA"), Webhook(ADDRESS, "2:BBBBBBBBBBBB")
    assert len({first.url, second.url, first.secret, second.secret}) == 4
    assert first.secret not in first.url
    assert "AAAA" not in first.url + first.secret


async def test_acknowledgements_wait_while_too_much_waits(
    server: TelegramServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 3)
    people = [server.user(f"Reader {number}") for number in range(8)]
    hanging = server.fault("sendMessage", "slow:60", times=3)
    async with house(server, settings):
        await server.until(lambda: server.api.webhook)
        for user in people[:3]:
            server.say(server.private(user), user, "/glossary dropout")
        await server.until(lambda: all(server.messages(server.private(user)) for user in people[:3]))
        for user in people[3:]:
            server.say(server.private(user), user, "/glossary dropout")
        while len(server.delivery.attempts) < 8:  # noqa: ASYNC110  # what is tried tells of no event
            await asyncio.sleep(0)
        assert len(server.updates.pending) == 5
        hanging.release()
        await server.until(lambda: all(server.messages(server.private(user)) for user in people))
        await server.settled()


async def test_of_two_processes_the_one_that_serves_the_bot_takes_updates_and_then_the_other(
    server: TelegramServer, settings: Settings, ana: User
) -> None:
    """A load balancer that reaches the wrong one is sent away, and nothing is lost when they change."""
    webhook = Webhook(ADDRESS, server.token)
    path, chat = urlsplit(webhook.url).path, server.private(ana)
    body = json.dumps({"update_id": 1}).encode()
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        leader = await first.enter_async_context(house(server, settings))
        await server.ask(chat, ana, "/glossary dropout")
        port = server.delivery.port
        follower = await second.enter_async_context(house(server, settings))
        assert await post(follower, path, body, webhook.secret) == 503
        assert await post(leader, path, body, webhook.secret) == 200
        said = server.say(chat, ana, "/glossary attention")  # to the follower, which does not take it
        await server.until(lambda: server.delivery.attempts[server.updates.last_id] >= 2)
        assert server.delivery.port != port
        await first.aclose()
        assert follower.web
        server.delivery.port = urlsplit(follower.web.address).port or 0
        assert "ttention" in (await server.reply(chat, said)).text
