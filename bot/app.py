"""The house: the only place where concrete parts meet. Opened in order, closed in reverse."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from bot.charts.painter import SvgPainter
from bot.charts.tokens import read_tokens
from bot.delivery.sender import LEASE, Sender
from bot.domain.clubs import Platform
from bot.library.files import shipped
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.platforms.discord.client import DiscordClient
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.web.client import STATIC, WebClient
from bot.platforms.web.hall import Persona
from bot.ports import Clock, Messenger, Painter, Unauthorised
from bot.settings import Settings
from bot.storage.room import SqlRoom
from bot.storage.sqlite import SqliteStore
from bot.use_cases import demo
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.cadence import hold_due_beats
from bot.use_cases.dispatch import Dispatcher
from bot.use_cases.posts import compose
from schedules.clock import Ticker

log = logging.getLogger(__name__)

PLAN = "deep-learning-2"
"""The plan of new clubs."""

PATIENCE = 1.0
"""How long, in seconds, each part is waited for when the house closes."""

HOW_TO_GET = {
    "TELEGRAM_TOKEN": "Telegram does not accept TELEGRAM_TOKEN. Send /token to @BotFather in Telegram, "
    "choose your bot, and copy the whole line.",
    "DISCORD_TOKEN": "Discord does not accept DISCORD_TOKEN. In the Discord Developer Portal open your "
    "application, then Bot, press Reset Token and copy the new one.",
}


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
        await hold_due_beats(self.tools)
        self.sender.wake()


@asynccontextmanager
async def open_house(
    settings: Settings,
    clock: Clock,
    *,
    ticking: bool = True,
) -> AsyncIterator[House]:
    """Open everything the settings ask for; close it when the block ends.

    `ticking=False` leaves the passing of time to the
    caller. Raises DatabaseRefused, or OSError for an
    address in use.
    """
    async with AsyncExitStack() as parts:
        settings.database.parent.mkdir(parents=True, exist_ok=True)
        store = SqliteStore()
        await store.open(settings.database)
        parts.push_async_callback(store.close)
        texts = Texts(load_catalogues())
        library = ContentLibrary.load(shipped(), settings.content)
        for finding in library.findings:
            log.warning("%s", finding)
        defaults = Defaults(settings.language, settings.zone, PLAN)
        tools = Tools(clock, store, library, texts, defaults)
        dispatcher = Dispatcher(tools)
        sender = Sender(store, clock, tools.messengers, lambda r, p, now: compose(tools, r, p, now))
        store.on_queued = sender.wake
        # One list of colours for the page and for the pictures: the page's.
        painter = SvgPainter(read_tokens((STATIC / "tokens.css").read_text("utf-8")))
        parts.callback(painter.close)
        web = await _web(settings, tools, dispatcher, SqlRoom(store), painter, parts)
        await asyncio.gather(
            *(_admit(client, tools, parts) for client in _chats(settings, tools, dispatcher, painter))
        )
        await sender.recover(clock.now() + LEASE)
        delivering = asyncio.create_task(sender.run())
        parts.push_async_callback(_finish, sender, delivering)
        house = House(tools, dispatcher, sender, web)
        if ticking:
            ticker = Ticker(house.tick)
            ticker.start()
            parts.callback(ticker.stop)
        yield house


def _chats(settings: Settings, tools: Tools, dispatcher: Dispatcher, painter: Painter) -> list[Client]:
    clients: list[Client] = []
    if settings.telegram_token:
        clients.append(
            TelegramClient(
                settings.telegram_token,
                settings.telegram_api_url,
                settings.proxy,
                dispatcher,
                tools.texts,
                painter,
            )
        )
    if settings.discord_token:
        clients.append(
            DiscordClient(
                settings.discord_token,
                settings.discord_api_url,
                settings.proxy,
                dispatcher,
                tools.texts,
                tools.library,
                tools.store,
                painter,
            )
        )
    return clients


async def _admit(client: Client, tools: Tools, parts: AsyncExitStack) -> None:
    """Open one platform. A refused token is said in one line and leaves the others running."""
    platform = client.messenger.platform
    parts.push_async_callback(_close, client)
    tools.messengers[platform] = client.messenger
    try:
        await client.open()
    except Unauthorised as error:
        del tools.messengers[platform]
        log.error(HOW_TO_GET[error.setting])
    else:
        log.info("%s is served", platform)


async def _web(
    settings: Settings,
    tools: Tools,
    dispatcher: Dispatcher,
    lines: SqlRoom,
    painter: Painter,
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
