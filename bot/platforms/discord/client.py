"""The connection to Discord: opened, kept, and closed."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import discord
import yarl
from aiohttp_socks import ProxyConnector
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.messages.texts import Texts
from bot.platforms.discord import menus
from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.limits import PACE
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.talk import Talk
from bot.platforms.pace import Pace
from bot.ports import Library, Listener, Painter, StorageUnavailable, Store, Timer, Unauthorised
from bot.use_cases.commands import COMMANDS

log = logging.getLogger(__name__)

SETTING = "DISCORD_TOKEN"
MENU_KEPT = "discord.commands"
"""The name under which the store keeps what Discord was last told of our commands."""

_OPENING = 5.0
"""Seconds that `open` waits for Discord's yes or no to the token."""

_DRAINING = 0.5
_CLOSING = 0.3
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_TOKEN_REFUSED = 4004
_LONGEST_FLOOD = 30.0
"""The longest wait, in seconds, that a limit may impose on a call before it is given back as not sent."""


class DiscordClient:
    """Serves Discord with one bot.

    Args:
        api_url: the address of a REST proxy, such as `http://127.0.0.1:8800/api/v10`; the gateway's
            address is asked from it. None for Discord itself.
        proxy: an `http` or `socks` address through which everything goes.
    """

    def __init__(
        self,
        token: str,
        api_url: str | None,
        proxy: str | None,
        dispatcher: Listener,
        texts: Texts,
        library: Library,
        store: Store,
        painter: Painter,
        timer: Timer,
    ) -> None:
        self._token = token
        self._api_url = api_url.rstrip("/") if api_url else None
        self._proxy = proxy
        self._menu = menus.definitions(COMMANDS, texts, library.plans())
        self._store = store
        self.messenger = DiscordMessenger(lambda: self._line, painter, Pace(timer, PACE), timer)
        self._talk = Talk(dispatcher, library, store, self.messenger)
        self._line: _Line | None = None
        self._tried = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._usual = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)

    async def open(self) -> None:
        """Begin to serve. Raises Unauthorised for a refused token; an outage is waited out behind."""
        logging.getLogger("discord.client").addFilter(_in_one_line)
        if self._api_url:
            # discord.py has no other place for it; it is read whenever an address is made.
            Route.BASE = self._api_url
        self._serving = asyncio.create_task(self._serve())
        tried = asyncio.create_task(self._tried.wait())
        await asyncio.wait({self._serving, tried}, timeout=_OPENING, return_when=asyncio.FIRST_COMPLETED)
        tried.cancel()
        if self._serving.done():
            self._serving.result()
        self._serving.add_done_callback(_tell_end)

    async def close(self) -> None:
        """Answer what is being asked, then close."""
        await self._talk.finish(_DRAINING)
        if self._line:
            await self._line.hang_up()
        if self._serving:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self._usual

    async def _serve(self) -> None:
        """Stay connected until closed or turned away. Raises Unauthorised for a refused token."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._connect()
                return
            except discord.LoginFailure:
                raise Unauthorised(SETTING) from None
            except discord.PrivilegedIntentsRequired:
                log.error("Discord refuses the intents we ask for; it is not served")
                return
            except discord.ConnectionClosed as closed:
                if closed.code == _TOKEN_REFUSED:
                    raise Unauthorised(SETTING) from None
                log.error("Discord has closed the gateway for good (code %s); it is not served", closed.code)
                return
            except FAILURES as error:
                log.warning(
                    "Discord is out of reach (%s); trying again in %.0f s", type(error).__name__, pause
                )
            self._tried.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _connect(self) -> None:
        """One connection, from the login to its end."""
        line = _Line(self._talk, self._proxy)
        try:
            await line.login(self._token)
            if self._api_url:
                _, gateway, _ = await line.http.get_bot_gateway()
                line.gateway = DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
            self._line = line
            await self._register(line)
            self._tried.set()
            await line.connect()
        except AttributeError as error:
            # discord.py looks for a connection it never had when the gateway is down at the start.
            if line.ws is None:
                raise ConnectionError("the gateway is down") from error
            raise
        finally:
            self._line = None
            await line.hang_up()

    async def _register(self, line: discord.Client) -> None:
        """Tell Discord of our commands if they are not what it was last told."""
        application_id = line.application_id
        if application_id is None:  # the login has told it
            return
        wanted = menus.fingerprint(application_id, self._menu)
        async with self._store.read() as records:
            if await records.kept(MENU_KEPT) == wanted:
                return
        try:
            await line.http.bulk_upsert_global_commands(application_id, self._menu)
        except FAILURES as error:
            log.warning("Discord was not told of the commands; the next start tells it: %s", error)
            return
        with suppress(StorageUnavailable):  # the next start just tells it again
            async with self._store.write() as records:
                await records.keep(MENU_KEPT, wanted)
        log.info("Discord was told of %d commands", len(self._menu))


class _Line(discord.Client):
    """discord.py with nothing remembered: no members, no messages, no privileged intent."""

    def __init__(self, talk: Talk, proxy: str | None) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        socks = proxy is not None and proxy.startswith("socks")
        super().__init__(
            intents=discord.Intents(guilds=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            # Servers are told of only when a start is over, and nothing has to be gathered for it.
            guild_ready_timeout=0.1,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_FLOOD,
            connector=ProxyConnector.from_url(_plain_socks(proxy)) if proxy and socks else None,
            proxy=None if socks else proxy,
        )
        self._talk = talk
        self.gateway: yarl.URL | None = None
        """The only gateway to be used; None for the one Discord names."""

    async def hang_up(self) -> None:
        """Close, without waiting for a gateway that does not answer."""
        try:
            async with asyncio.timeout(_CLOSING):
                await self.close()
        except TimeoutError:
            await self.http.close()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Tell of an event, unless it comes late: discord.py's own last ones would find no loop."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_connect(self) -> None:
        if self.gateway:
            # Discord names a gateway of its own to resume at, which passes by whoever stands between.
            self.ws.gateway = self.gateway

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self._talk.hear(interaction)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self._talk.meet(guild)
        self._talk.come_back(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._talk.meet(guild)
        self._talk.come_back(guild)

    async def on_guild_channel_update(
        self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel
    ) -> None:
        self._talk.come_back(channel.guild)

    async def on_guild_role_update(self, _: discord.Role, role: discord.Role) -> None:
        self._talk.come_back(role.guild)

    async def on_member_update(self, _: discord.Member, member: discord.Member) -> None:
        if member == member.guild.me:
            self._talk.come_back(member.guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._talk.part(guild)

    async def on_resumed(self) -> None:
        log.info("Discord's gateway goes on where it stopped")


def _in_one_line(record: logging.LogRecord) -> bool:
    """discord.py tells of each lost connection with a traceback; the line says enough."""
    if str(record.msg).startswith("Attempting a reconnect"):
        record.exc_info = None
    return True


def _plain_socks(address: str) -> str:
    """The address in the connector's words: it always lets the proxy look names up."""
    return address.replace("socks5h://", "socks5://", 1)


def _tell_end(serving: "asyncio.Task[None]") -> None:
    """Log why a connection that was once accepted ended."""
    with suppress(asyncio.CancelledError):
        error = serving.exception()
        if isinstance(error, Unauthorised):
            log.error("Discord no longer accepts %s; it is not served", SETTING)
        elif error:
            log.error("Discord is no longer served", exc_info=error)
