"""The house: the only place where concrete parts meet. Opened in order, closed in reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Protocol

from bot.charts.painter import SvgPainter
from bot.charts.tokens import read_tokens
from bot.delivery.sender import Sender
from bot.domain.clubs import Platform
from bot.library.files import shipped
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.platforms.discord.client import DiscordClient
from bot.platforms.hook import Hook
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.telegram.webhook import Webhook
from bot.platforms.web.client import STATIC, WebClient
from bot.platforms.web.hall import Persona
from bot.ports import Clock, Messenger, Painter, StorageUnavailable, Timer
from bot.settings import Settings
from bot.storage.room import SqlRoom
from bot.storage.stores import open_store
from bot.use_cases import demo
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.cadence import hold_due_beats, obey_new_zone_rules
from bot.use_cases.dispatch import Dispatcher
from bot.use_cases.posts import compose, follow_up
from bot.use_cases.trouble import tell_keeper
from bot.watch import Watch
from schedules.clock import SystemTimer, Ticker
from schedules.presets import load_presets

log = logging.getLogger(__name__)

PLAN = "deep-learning-2"
"""The plan of new clubs."""

PATIENCE = 1.0
"""How long, in seconds, each part is waited for when the house closes."""


class Client(Protocol):
    """A platform as the house sees it."""

    @property
    def messenger(self) -> Messenger: ...

    async def open(self) -> None:
        """Begin to serve. Raises Unauthorised for a refused token; an outage is waited out."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is running."""

    tools: Tools
    dispatcher: Dispatcher
    sender: Sender
    web: WebClient | None

    async def tick(self) -> None:
        """What time asks for now."""
        with suppress(StorageUnavailable):  # told by the store; the next tick tries again
            await hold_due_beats(self.tools)
        self.sender.wake()


@asynccontextmanager
async def open_house(
    settings: Settings,
    clock: Clock,
    *,
    timer: Timer | None = None,
    ticking: bool = True,
) -> AsyncIterator[House]:
    """Open everything the settings ask for; close it when the block ends.

    What is sent is paced by `timer`, which is the real time unless another is given. `ticking=False`
    leaves the passing of the clock's time to the caller. Raises DatabaseRefused, StorageUnavailable for a
    database that cannot be reached, or OSError for an address in use.
    """
    timer = timer or SystemTimer()
    async with AsyncExitStack() as parts:
        store = await open_store(settings.database)
        parts.push_async_callback(store.close)
        texts = Texts(load_catalogues())
        library = ContentLibrary.load(shipped(), settings.content)
        for finding in library.findings:
            log.warning("%s", finding)
        defaults = Defaults(settings.language, settings.zone, PLAN)
        tools = Tools(clock, store, library, texts, defaults, load_presets())
        with suppress(StorageUnavailable):  # the next start does it then
            await obey_new_zone_rules(tools)
        dispatcher = Dispatcher(tools)
        led: dict[Platform, Messenger] = {}
        sender = Sender(
            store,
            clock,
            timer,
            led,
            lambda r, p, now: compose(tools, r, p, now),
            follow_up,
            lambda chat, trouble: tell_keeper(tools, chat, trouble),
        )
        store.on_queued = sender.wake
        # One list of colours for the page and for the pictures: the page's.
        painter = SvgPainter(read_tokens((STATIC / "tokens.css").read_text("utf-8")))
        parts.callback(painter.close)
        webhook = _webhook(settings)
        hooks = [webhook.hook] if webhook else []
        web = await _web(settings, tools, dispatcher, SqlRoom(store), painter, hooks, parts)
        post = _Posting(tools, led, sender)
        watches = _watches(settings, tools, dispatcher, painter, timer, webhook, post)
        if web:
            posting = partial(post.through, web.messenger)
            watches.append(Watch(store, Platform.WEB, Platform.WEB, posting))
        for watch in watches:
            parts.push_async_callback(watch.close)
        await asyncio.gather(*(watch.open() for watch in watches))
        delivering = asyncio.create_task(sender.run())
        parts.push_async_callback(_finish, sender, delivering)
        house = House(tools, dispatcher, sender, web)
        if ticking:
            ticker = Ticker(house.tick)
            ticker.start()
            parts.callback(ticker.stop)
        yield house


@dataclass(frozen=True, slots=True)
class _Posting:
    """Lets the sender post on a platform for as long as this process leads there."""

    tools: Tools
    led: dict[Platform, Messenger]
    sender: Sender

    @asynccontextmanager
    async def through(self, messenger: Messenger) -> AsyncIterator[None]:
        """Send posts through a messenger until the block ends."""
        platform = messenger.platform
        self.led[platform] = messenger
        try:
            # Whatever is marked as being sent was left so by a leader that is gone. Where that cannot be
            # recorded now, it is settled when its lease ends.
            with suppress(StorageUnavailable):
                await self.sender.recover([platform])
            self.sender.wake()
            yield
        finally:
            del self.led[platform]

    @asynccontextmanager
    async def by(self, make: Callable[[], Client], *, posting: bool = True) -> AsyncIterator[None]:
        """Open a platform until the block ends, and send its posts unless another process does."""
        client = make()
        messenger = client.messenger
        self.tools.messengers[messenger.platform] = messenger
        try:
            await client.open()
            async with self.through(messenger) if posting else nullcontext():
                yield
        finally:
            await _close(client)
            del self.tools.messengers[messenger.platform]


def _watches(
    settings: Settings,
    tools: Tools,
    dispatcher: Dispatcher,
    painter: Painter,
    timer: Timer,
    webhook: Webhook | None,
    post: _Posting,
) -> list[Watch]:
    """One for each bot that has a token."""
    watches: list[Watch] = []
    if settings.telegram_token:
        on_telegram = partial(
            TelegramClient,
            settings.telegram_token,
            settings.telegram_api_url,
            settings.proxy,
            dispatcher,
            tools.texts,
            painter,
            tools.store,
            tools.clock,
            timer,
            webhook,
        )
        name = _name(Platform.TELEGRAM, settings.telegram_token)
        watches.append(Watch(tools.store, Platform.TELEGRAM, name, partial(post.by, on_telegram)))
    if settings.discord_token:
        watches.append(_discord(settings, settings.discord_token, tools, dispatcher, painter, timer, post))
    return watches


def _discord(
    settings: Settings,
    token: str,
    tools: Tools,
    dispatcher: Dispatcher,
    painter: Painter,
    timer: Timer,
    post: _Posting,
) -> Watch:
    """Over all of Discord, or over the shards that this process serves.

    Posts need no shard, and Discord asks one pace of the whole bot, so one process sends them all: the one
    that serves the first shard, on which direct conversations are. It has the bot's own name, so that a
    process which serves everything stands by for it, and not beside it.
    """
    name, served = _name(Platform.DISCORD, token), str(Platform.DISCORD)
    first, shared = 0, None
    if settings.discord_shards and settings.shares_discord:
        numbers, count = settings.discord_shards
        first, served = numbers.start, f"{served} (shards {numbers.start} to {numbers.stop - 1} of {count})"
        shared = lambda lane: tools.store.lead(f"{name}-session-{lane}")  # noqa: E731
    client = partial(
        DiscordClient,
        token,
        settings.discord_api_url,
        settings.proxy,
        dispatcher,
        tools.texts,
        tools.library,
        tools.store,
        painter,
        timer,
        settings.discord_shards,
        shared,
    )
    return Watch(
        tools.store,
        served,
        f"{name}-{first}" if first else name,
        partial(post.by, client, posting=first == 0),
    )


def _webhook(settings: Settings) -> Webhook | None:
    if settings.telegram_token and settings.telegram_webhook:
        return Webhook(settings.telegram_webhook, settings.telegram_token)
    return None


def _name(platform: Platform, token: str) -> str:
    """The same for every process that has the token, and of no use to anybody else."""
    return f"{platform}-{sha256(token.encode()).hexdigest()[:16]}"


async def _web(
    settings: Settings,
    tools: Tools,
    dispatcher: Dispatcher,
    lines: SqlRoom,
    painter: Painter,
    hooks: Sequence[Hook],
    parts: AsyncExitStack,
) -> WebClient | None:
    if settings.web is None:
        return None
    web = WebClient(
        *settings.web,
        settings.web_secret,
        dispatcher=dispatcher,
        texts=tools.texts,
        library=tools.library,
        store=tools.store,
        lines=lines,
        desk=await demo.furnish(tools),
        clock=tools.clock,
        painter=painter,
        personas=[Persona(p.id, p.name, p.language, p.organiser) for p in demo.PEOPLE],
        hooks=hooks,
    )
    await web.open()
    parts.push_async_callback(_close, web)
    tools.messengers[Platform.WEB] = web.messenger
    return web


async def _close(client: Client) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await client.close()
    except TimeoutError:
        log.warning("%s did not close in time", type(client).__name__)


async def _finish(sender: Sender, delivering: asyncio.Task[None]) -> None:
    """Let the posts under way reach their outcome, and take no more."""
    sender.stop()
    await asyncio.wait([delivering], timeout=PATIENCE)
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
