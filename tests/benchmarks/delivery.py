"""How close delivery comes to the pace each platform allows, and what a post costs.

Run with `python -m tests.benchmarks.delivery [seconds]`. The strict servers run in a process of their own and
enforce the real limits in real time. First our sender delivers a backlog from a ledger on disk through the
real clients; then the bare library sends as many of the same messages, one every so often, without a ledger.
Printed are, for each: posts a second and their share of our limit, refusals for sending too fast (429), the
loop's longest stall, and CPU for each post. The server's longest stall is printed too: a server that stood
still sees everything that came meanwhile at once, and refuses some of it.
"""

import asyncio
import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import discord
from discord.http import Route
from telegram import Bot
from telegram.error import TelegramError

from bot.delivery.sender import Sender
from bot.domain.clubs import Chat, ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, Post, PostKind, PostState
from bot.messages.outgoing import Message
from bot.platforms.discord.client import DiscordClient
from bot.platforms.discord.limits import PACE as DISCORD_PACE
from bot.platforms.discord.render import Address
from bot.platforms.discord.render import render as render_for_discord
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.telegram.limits import PACE as TELEGRAM_PACE
from bot.platforms.telegram.render import Bubble
from bot.platforms.telegram.render import render as render_for_telegram
from bot.ports import Messenger, Records
from bot.storage.sqlite import SqliteStore
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.dispatch import Dispatcher
from bot.use_cases.posts import compose
from schedules.clock import SystemClock, SystemTimer
from schedules.presets import load_presets
from tests.house import PLAN, library, words
from tests.pictures import StubPainter
from tests.servers.discord import DiscordServer
from tests.servers.discord_rest import Buckets
from tests.servers.discord_rest import Call as DiscordCall
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_methods import Flood
from tests.servers.telegram_world import Chat as TelegramChat

CHATS = 400
PAPER = "dropout-2012"
WARM_UP = 15
"""Posts at the beginning that are not counted: connections are being opened, and the first few posts go out
at once."""

PACES = {Platform.TELEGRAM: TELEGRAM_PACE, Platform.DISCORD: DISCORD_PACE}


# The servers, in a process of their own


@dataclass
class Tally:
    """What a server saw: when each message came, how many were refused for coming too fast, and how long,
    in seconds, it stood still at most."""

    times: list[float] = field(default_factory=list)
    refused: int = 0
    stall: float = 0.0


class CountingFlood(Flood):
    """Telegram's limits, and a tally."""

    def __init__(self) -> None:
        super().__init__()
        self.strict = True
        self.tally = Tally()

    def check(self, chat: TelegramChat) -> None:
        try:
            super().check(chat)
        except Exception:
            self.tally.refused += 1
            raise
        self.tally.times.append(time.monotonic())


class CountingBuckets(Buckets):
    """Discord's limits, and a tally."""

    def __init__(self) -> None:
        super().__init__()
        self.tally = Tally()

    def take(self, call: DiscordCall, now: float) -> tuple[bool, dict[str, str]]:
        passes, headers = super().take(call, now)
        if call.method == "POST" and call.path.endswith("/messages"):
            if passes:
                self.tally.times.append(time.monotonic())
            else:
                self.tally.refused += 1
        return passes, headers


def serve(platform: Platform, line: Connection) -> None:
    """Run one server until told to stop: say its address, its token and its chats, then at each question
    what was seen since the last."""
    asyncio.run(_serve(platform, line))


async def _serve(platform: Platform, line: Connection) -> None:
    async with measured() as cost:
        await _serve_measured(platform, line, cost)


async def _serve_measured(platform: Platform, line: Connection, cost: "Cost") -> None:
    def told(tally: Tally) -> Tally:
        tally.stall, cost.stall = cost.stall, 0.0
        return tally

    if platform is Platform.TELEGRAM:
        telegram = TelegramServer()
        await telegram.start()
        chats = [str(telegram.group(f"Readers {number}").id) for number in range(CHATS)]
        telegram.api.flood = CountingFlood()
        line.send((telegram.url, telegram.token, chats))
        while await asyncio.to_thread(line.recv):
            line.send(told(telegram.api.flood.tally))
            telegram.api.flood = CountingFlood()
        await telegram.stop()
    else:
        readers = DiscordServer()
        await readers.start()
        names = [f"readers-{number}" for number in range(CHATS)]
        guild = readers.guild("Readers", channels=names)
        chats = [str(guild.channel(name).id) for name in names]
        readers.rest.rate_limits = True
        readers.rest.buckets = CountingBuckets()
        line.send((readers.api_url, readers.token, chats))
        while await asyncio.to_thread(line.recv):
            line.send(told(readers.rest.buckets.tally))
            readers.rest.buckets = CountingBuckets()
        await readers.stop()


@dataclass(frozen=True)
class Server:
    """The strict server of one platform, from outside."""

    url: str
    token: str
    chats: list[str]
    line: Connection

    def tally(self) -> Tally:
        """What it saw since it was last asked."""
        self.line.send(True)
        told = self.line.recv()
        assert isinstance(told, Tally)
        return told


@contextmanager
def serving(platform: Platform) -> Iterator[Server]:
    """A server that runs while the block does."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(platform, theirs))
    process.start()
    url, token, chats = ours.recv()
    try:
        yield Server(url, token, chats, ours)
    finally:
        ours.send(False)
        process.join(10)


# What is measured


@dataclass
class Cost:
    """What happened in our process meanwhile: CPU seconds, and the loop's longest stall in seconds."""

    cpu: float = 0.0
    stall: float = 0.0


@asynccontextmanager
async def measured() -> AsyncIterator[Cost]:
    """Measure while the block runs."""
    cost, begun = Cost(), time.process_time()

    async def watch() -> None:
        while True:
            asleep = time.perf_counter()
            await asyncio.sleep(0.002)
            cost.stall = max(cost.stall, time.perf_counter() - asleep - 0.002)

    watching = asyncio.create_task(watch())
    try:
        yield cost
    finally:
        watching.cancel()
        cost.cpu = time.process_time() - begun


def report(name: str, tally: Tally, cost: Cost, limit: float) -> None:
    """One line."""
    times = tally.times[WARM_UP:]
    rate = (len(times) - 1) / (times[-1] - times[0])
    print(
        f"{name:24} {len(tally.times):5} posts {rate:6.2f}/s = {100 * rate / limit:6.2f} % of {limit:.0f}/s"
        f"   429: {tally.refused}   longest stall {1000 * cost.stall:3.0f} ms"
        f" (the server's {1000 * tally.stall:3.0f})   CPU {1000 * cost.cpu / len(tally.times):5.2f} ms/post",
        flush=True,
    )


# Our sender


async def ours(platform: Platform, server: Server, posts: int, folder: Path) -> list[tuple[str, Message]]:
    """Deliver a backlog; the messages it was made of."""
    store = SqliteStore()
    await store.open(folder / f"{platform}.sqlite3")
    tools = Tools(SystemClock(), store, library(), words(), Defaults(None, "UTC", PLAN), load_presets())
    client = _client(platform, server, tools)
    await client.open()
    tools.messengers[platform] = client.messenger
    said: list[tuple[str, Message]] = []

    async def composed(records: Records, post: Post, now: int) -> Any:
        to, what = await compose(tools, records, post, now)
        assert isinstance(what, Message)
        said.append((to.chat_id, what))
        return to, what

    await _until_connected(client)
    gc.freeze()  # as the program does once it is open
    sender = Sender(store, tools.clock, SystemTimer(), tools.messengers, composed)
    queued = [await _queue(store, tools.clock.now(), platform, server.chats, posts)]
    server.tally()
    async with measured() as cost:
        await sender.deliver()
    report(f"{platform}, ours", server.tally(), cost, PACES[platform].per_second)
    async with store.read() as records:
        states = {post.state for key in queued[0] if (post := await records.post_by_key(key))}
    assert states == {PostState.SENT}, states
    await client.close()
    await store.close()
    return said


def _client(platform: Platform, server: Server, tools: Tools) -> TelegramClient | DiscordClient:
    painter, dispatcher, timer = StubPainter(), Dispatcher(tools), SystemTimer()
    if platform is Platform.TELEGRAM:
        return TelegramClient(
            server.token,
            server.url,
            None,
            dispatcher,
            tools.texts,
            painter,
            tools.store,
            tools.clock,
            timer,
        )
    return DiscordClient(
        server.token, server.url, None, dispatcher, tools.texts, tools.library, tools.store, painter, timer
    )


async def _until_connected(client: TelegramClient | DiscordClient) -> None:
    """Menus and the like go over the same line first, and are not part of what is measured."""
    messenger: Messenger = client.messenger
    await messenger.may_organise("1", "1")
    await asyncio.sleep(2)


async def _queue(store: SqliteStore, now: int, platform: Platform, chats: list[str], posts: int) -> list[str]:
    """So many posts, in turn for each of the chats; their keys."""
    keys: list[str] = []
    async with store.write() as records:
        club_id = await records.add_club("Readers", ClubLanguage.EN, "UTC", PLAN, now)
        rows: list[Chat] = []
        for chat in chats:
            await records.add_chat(club_id, platform, chat, ChatKind.GROUP, False)
            found = await records.chat(platform, chat)
            assert found
            rows.append(found)
        for number in range(posts):
            keys.append(f"{number}")
            chat_row = rows[number // 3 % len(rows)].id
            await records.queue(Draft(chat_row, keys[-1], PostKind.PROMPT, PAPER, now, week=1))
    return keys


# The bare libraries


async def bare(platform: Platform, server: Server, said: list[tuple[str, Message]]) -> None:
    """The same messages, one every so often."""
    async with _bare_line(platform, server) as send, asyncio.TaskGroup() as going:
        server.tally()
        limit = PACES[platform].per_second
        # In another order than ours, as nothing here knows of a chat's own limit.
        spread = [*said[0::3], *said[1::3], *said[2::3]]
        async with measured() as cost:
            begun = time.perf_counter()
            for number, (chat, message) in enumerate(spread):
                await asyncio.sleep(max(0.0, begun + number / limit - time.perf_counter()))
                going.create_task(_whatever_comes(send(chat, message)))
            await asyncio.sleep(0.5)
        report(f"{platform}, bare library", server.tally(), cost, limit)


async def _whatever_comes(sending: Coroutine[Any, Any, None]) -> None:
    """A refusal is lost without a ledger; the server has counted it."""
    with suppress(TelegramError, discord.DiscordException):
        await sending


@asynccontextmanager
async def _bare_line(
    platform: Platform, server: Server
) -> AsyncIterator[Callable[[str, Message], Coroutine[Any, Any, None]]]:
    if platform is Platform.TELEGRAM:
        async with Bot(server.token, base_url=f"{server.url}/bot") as bot:

            async def to_telegram(chat: str, message: Message) -> None:
                for piece in render_for_telegram(message, chat):
                    assert isinstance(piece, Bubble)
                    await bot.send_message(
                        int(chat), piece.rich.text, entities=piece.rich.entities, reply_markup=piece.keyboard
                    )

            yield to_telegram
        return
    Route.BASE = server.url
    line = discord.Client(intents=discord.Intents.none())
    await line.login(server.token)

    async def to_discord(chat: str, message: Message) -> None:
        rendered = render_for_discord(message, Address(chat))
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=chat)
        await line.http.request(route, json=rendered.fresh())

    try:
        yield to_discord
    finally:
        await line.close()


async def main(seconds: int) -> None:
    """Both platforms, one after the other."""
    for platform, pace in PACES.items():
        with tempfile.TemporaryDirectory() as folder, serving(platform) as server:
            said = await ours(platform, server, round(pace.per_second * seconds), Path(folder))
            await asyncio.sleep(1.5)
            await bare(platform, server, said)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
