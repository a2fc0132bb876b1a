"""The connection to Discord: opened, kept, and closed."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import discord
from aiohttp_socks import ProxyConnector
from discord.http import Route

from bot.domain.clubs import Platform
from bot.messages.texts import Texts
from bot.platforms.discord import menus
from bot.platforms.discord.errors import FAILURES, outcome_of
from bot.platforms.discord.gateway import Alone, Shard, Starts
from bot.platforms.discord.invite import server_link
from bot.platforms.discord.limits import PACE
from bot.platforms.discord.messenger import DiscordMessenger
from bot.platforms.discord.talk import Talk
from bot.platforms.pace import Pace
from bot.ports import Library, Listener, NotSent, Painter, StorageUnavailable, Store, Timer, Unauthorised
from bot.use_cases.commands import COMMANDS, on_messages

log = logging.getLogger(__name__)

SETTING = "DISCORD_TOKEN"
MENU_KEPT = "discord.commands"
"""The name under which the store keeps what Discord was last told of our commands."""

_OPENING = 5.0
"""Seconds that `open` waits for Discord's yes or no to the token."""

_DRAINING = 0.5
_CLOSING = 0.3
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 5.0
"""Pauses between two attempts to log in, in seconds. They stay short: they cost little, and posts wait."""

_SILENCE = 50.0
"""Seconds without a word after which a line of the gateway is dead; it answers a heartbeat every 41."""

_TOKEN_REFUSED = 4004
_WRONG_SHARDS = {4010, 4011}
"""A shard that does not exist; a bot in too many servers for so few shards."""

_LONGEST_FLOOD = 30.0
"""The longest wait, in seconds, that a limit may impose on a call before it is given back as not sent."""


class DiscordClient:
    """Serves Discord with one bot.

    Args:
        api_url: the address of a REST proxy, such as `http://127.0.0.1:8800/api/v10`; the gateway's
            address is asked from it. None for Discord itself.
        proxy: an `http` or `socks` address through which everything goes.
        shards: the numbers of the shards served here, and how many there are in all; None serves as many as
            Discord recommends.
        alone: keeps a lane from the other processes that serve shards of this bot, if there are any.
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
        shards: tuple[range, int] | None = None,
        alone: Alone | None = None,
    ) -> None:
        self._token = token
        self._api_url = api_url.rstrip("/") if api_url else None
        self._proxy = proxy
        self._menu = menus.definitions(COMMANDS, texts, library.plans(), on_messages(Platform.DISCORD))
        self._store = store
        self._timer = timer
        self._shards = shards
        self._alone = alone
        self.messenger = DiscordMessenger(lambda: self._line, painter, Pace(timer, PACE), timer)
        self._talk = Talk(dispatcher, texts, library, store, self.messenger)
        self._line: _Line | None = None
        self._tried = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._usual = Route.BASE

    async def open(self) -> None:
        """Begin to serve. Raises Unauthorised for a refused token; an outage is waited out behind."""
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
        if self._api_url:
            Route.BASE = self._usual

    async def _serve(self) -> None:
        """Stay connected until closed or turned away. Raises Unauthorised for a refused token."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._connect()
                return
            except discord.LoginFailure:
                raise Unauthorised(SETTING) from None
            except discord.ConnectionClosed as closed:
                if closed.code == _TOKEN_REFUSED:
                    raise Unauthorised(SETTING) from None
                if closed.code not in _WRONG_SHARDS or self._shards:
                    log.error("Discord is not served: %s", _what_to_do(closed.code))
                    return
                log.warning("Discord wants more shards by now; it is asked how many")
                wait = pause
            except FAILURES as error:
                outcome = outcome_of(error)
                wait = max(pause, outcome.retry_after if isinstance(outcome, NotSent) else 0)
                log.warning(
                    "Discord is out of reach (%s); trying again in %.0f s", type(error).__name__, wait
                )
            self._tried.set()
            await self._timer.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _connect(self) -> None:
        """One login and the lines it opens, until Discord closes one for good."""
        line = _Line(
            self._talk,
            self._proxy,
            self._timer,
            self._shards,
            self._alone,
            as_told=self._api_url is None,
        )
        try:
            await line.login(self._token)
            self._line = line
            if self._shards is None or 0 in self._shards[0]:
                await self._register(line)
            self._tried.set()
            await line.connect()
        finally:
            self._line = None
            await line.hang_up()

    async def _register(self, line: discord.Client) -> None:
        """Tell Discord of our commands if they are not what it was last told."""
        application_id = line.application_id
        if application_id is None:  # the login has told it
            return
        log.info("online on Discord; bring it to a server with %s", server_link(application_id))
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


class _Line(discord.AutoShardedClient):
    """discord.py with nothing remembered: no members, no messages, no privileged intent."""

    def __init__(
        self,
        talk: Talk,
        proxy: str | None,
        timer: Timer,
        wanted: tuple[range, int] | None,
        alone: Alone | None,
        *,
        as_told: bool,
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        socks = proxy is not None and proxy.startswith("socks")
        super().__init__(
            intents=discord.Intents(guilds=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0,
            heartbeat_timeout=_SILENCE,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_FLOOD,
            connector=ProxyConnector.from_url(_plain_socks(proxy)) if proxy and socks else None,
            proxy=None if socks else proxy,
        )
        # Nothing has to be gathered for a server, so each is told of at once. The library would let them wait
        # for one another, with a timer for each, and for those that Discord cannot show now.
        self._connection._add_ready_state = lambda guild: False  # type: ignore[method-assign]
        # What the library cannot read would end the connection, and come again with the next.
        parsers = self._connection.parsers | {"INTERACTION_CREATE": self._read_interaction}
        self._connection.parsers = {event: _passing(event, parse) for event, parse in parsers.items()}
        self._talk = talk
        self._timer = timer
        self._wanted = wanted
        self._alone = alone
        self._as_told = as_told
        self._shards: dict[int, Shard] = {}
        self._serving: list[asyncio.Task[None]] = []

    def is_ready(self) -> bool:
        """Whether the session of every shard has begun."""
        return bool(self._shards) and all(shard.has_begun for shard in self._shards.values())

    def _read_interaction(self, told: Any) -> None:
        """Read an interaction. What was pressed is known by its id: its words and buttons, which come with
        every press, would be made into objects for nothing."""
        if under := told.get("message"):
            told = {**told, "message": {**under, "embeds": [], "components": []}}
        self._connection.parse_interaction_create(told)

    async def login(self, token: str) -> None:
        """Log in. Raises LoginFailure for a refused token, and what else a call may end in."""
        await super().login(token)
        self.http._global_over = _Barrier()
        self.http._global_over.set()

    async def connect(self, *, reconnect: bool = True) -> None:
        """Serve the shards until cancelled. Raises ConnectionClosed when Discord closes one's line for good,
        LoginFailure for a token that is refused by now, and what asking for the gateway may end in."""
        starts = Starts(self.http, self._timer, self._alone)
        recommended = await starts.ask()
        numbers, count = self._wanted or (range(recommended), recommended)
        self.shard_count = self._connection.shard_count = count
        self.shard_ids = self._connection.shard_ids = list(numbers)
        for number in numbers:
            name = f"shard {number} of {count}" if count > 1 else ""
            self._shards[number] = Shard(self, number, name, starts, self._timer, as_told=self._as_told)
        self._serving = [asyncio.create_task(shard.serve()) for shard in self._shards.values()]
        try:
            await asyncio.gather(*self._serving)
        finally:
            await self._stop()
            await starts.close()

    async def close(self) -> None:
        """Say goodbye on every line, then close what the calls go over."""
        if self._closing_task is None:
            self._closing_task = asyncio.create_task(self._say_goodbye())
        await self._closing_task

    async def _stop(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _say_goodbye(self) -> None:
        # Whoever listens would answer the goodbye before it is said, and say that the line broke.
        await self._stop()
        await asyncio.gather(*(shard.close() for shard in self._shards.values()), return_exceptions=True)
        await self.http.close()

    async def hang_up(self) -> None:
        """Close, without waiting for a gateway that does not answer."""
        try:
            async with asyncio.timeout(_CLOSING):
                await self.close()
        except TimeoutError:
            await self.http.close()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Tell of an event, unless it comes late: discord.py's own last ones would find no loop. What comes
        by the thousand needs no task to be told of."""
        if self.is_closed():
            return
        match event:
            case "interaction":
                self._talk.hear(*args)
            case "guild_available" | "guild_join":
                self._talk.meet(*args)
                self._talk.come_back(*args)
            case "shard_connect":
                self._forget_the_lost(*args)
                self._shards[args[0]].stands(resumed=False)
            case "shard_resumed":
                self._shards[args[0]].stands(resumed=True)
            case _:
                super().dispatch(event, *args, **kwargs)

    def _forget_the_lost(self, number: int) -> None:
        """A new session names the servers the bot is in, none of which has been told of yet. A server that
        has been, the bot was removed from in the meantime."""
        for guild in self.guilds:
            if guild.shard_id == number and not guild.unavailable:
                self._connection._remove_guild(guild)
                self._talk.part(guild)

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


class _Barrier(asyncio.Event):
    """What holds back all calls while Discord floods them all. Whoever met the limit lifts it, and is made up
    for here: a call that is given up while it waits would hold back all others for ever."""

    def clear(self) -> None:
        """Hold back all calls."""
        super().clear()
        asyncio.get_running_loop().call_later(_LONGEST_FLOOD, self.set)


def _what_to_do(code: int) -> str:
    """Why a line was closed for good, and what the host can do."""
    if code in _WRONG_SHARDS:
        return f"DISCORD_SHARDS does not suit it (code {code}). Set it to auto, or to as many as are needed"
    return f"it has closed the gateway for good (code {code}). A newer Paperclub may know why"


def _passing(event: str, parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader of gateway events that tells of what it cannot read, and passes over it."""

    def read(data: Any) -> None:
        try:
            parse(data)
        except Exception:
            log.exception("an event of Discord's could not be read: %s", event)

    return read


def _plain_socks(address: str) -> str:
    """The address in the connector's words: it always lets the proxy look names up."""
    return address.replace("socks5h://", "socks5://", 1)


def _tell_end(serving: "asyncio.Task[None]") -> None:
    """Log why a connection that was once accepted ended."""
    with suppress(asyncio.CancelledError):
        error = serving.exception()
        if isinstance(error, Unauthorised):
            log.error(
                "Discord no longer accepts %s; it is not served. Copy a new token from the Developer Portal, "
                "set it and start again",
                SETTING,
            )
        elif error:
            log.error("Discord is no longer served", exc_info=error)
