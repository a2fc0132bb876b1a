"""The gateway: each shard's line to Discord, opened, kept, and taken up again where it broke.

discord.py speaks the protocol; when to come back is decided here. Its own loops wait for minutes after an
outage has ended, begin a shard anew whose session could go on, let one shard that cannot be reached hold up
the others, and do not look at how many sessions may be begun in a day: a bot that begins too many loses its
token.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext, suppress
from math import ceil, inf

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import HTTPClient

from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.limits import SESSION_GAP
from bot.ports import Timer

log = logging.getLogger(__name__)

OPENING = 20.0
"""Seconds that a line may take to open and to say hello."""

GOODBYE = 1.0
"""Seconds that a line which is given up may take to say goodbye."""

SHORT_LIVED = 5.0
"""A session that went on for fewer seconds than this did not end the trouble before it."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 5.0
LONGEST_COSTLY_PAUSE = 60.0
"""Pauses between two attempts, in seconds. They double; those after an attempt that used up one of the day's
sessions grow longer."""

RESUMES = 5
"""How often the address of a session is tried before a new one is begun."""

_FRESH = 5.0
"""Seconds for which what Discord said about starting sessions holds."""

_NEW_SESSION = {4007, 4009}
"""Close codes after which Discord wants a new session: an unknown sequence, a time-out.
Source: the table *Gateway Close Event Codes* of its developer documentation."""

_UNAUTHORISED = 401


Alone = Callable[[int], AbstractAsyncContextManager[object]]
"""Keeps a lane from the other processes that serve shards of the same bot."""


class Starts:
    """When sessions may begin: so many in a day, and one in five seconds in each of a few lanes.

    Source: *Session Start Limit* and *Sharding* in Discord's developer documentation.
    """

    def __init__(self, http: HTTPClient, timer: Timer, alone: Alone | None) -> None:
        self._http = http
        self._timer = timer
        self._alone = alone or (lambda lane: nullcontext())
        self._lanes: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: set[asyncio.Task[None]] = set()
        self._asked_at = -inf
        self._remaining = 0
        self._reset_after = 0.0
        self._side_by_side = 1
        self.address = yarl.URL()
        """Where a session begins, as Discord told last."""

    async def close(self) -> None:
        """Leave the lanes to others."""
        for task in self._held:
            task.cancel()
        await asyncio.gather(*self._held, return_exceptions=True)

    async def ask(self) -> int:
        """How many shards Discord recommends. Raises LoginFailure for a token that is refused by now, and
        what else a call may end in."""
        try:
            shards, address, limit = await self._http.get_bot_gateway()
        except discord.GatewayNotFound as error:
            if getattr(error.__cause__, "status", None) == _UNAUTHORISED:
                raise discord.LoginFailure from None
            raise
        self._asked_at = self._timer.monotonic()
        self.address = yarl.URL(address)
        self._remaining = limit["remaining"]
        self._reset_after = limit["reset_after"] / 1000
        self._side_by_side = limit["max_concurrency"]
        return shards

    @asynccontextmanager
    async def turn(self, shard: int) -> AsyncIterator[yarl.URL]:
        """A shard's turn to begin a session, and where; whoever is next in its lane waits for as long as
        Discord wants it. Raises what `ask` does."""
        async with AsyncExitStack() as held:
            lane = shard % self._side_by_side
            await held.enter_async_context(self._lanes[lane])
            await held.enter_async_context(self._alone(lane))
            await self._spend()
            yield self.address
            task = asyncio.create_task(self._release(held.pop_all()))
            self._held.add(task)
            task.add_done_callback(self._held.discard)

    async def _release(self, held: AsyncExitStack) -> None:
        async with held:
            await self._timer.sleep(SESSION_GAP)

    async def _spend(self) -> None:
        """Take one of the day's sessions; wait for the next day's when there are none left."""
        while True:
            if self._remaining <= 0 or self._timer.monotonic() - self._asked_at > _FRESH:
                await self.ask()
            if self._remaining > 0:
                self._remaining -= 1
                return
            log.error(
                "Discord lets this bot begin no more sessions now, as it has begun too many; it goes on in "
                "%d min. Is it run somewhere else too?",
                ceil(self._reset_after / 60),
            )
            await self._timer.sleep(max(self._reset_after, 1.0))


class Shard:
    """One shard's line, over which Discord tells of its share of the servers.

    Args:
        name: how the log calls it; empty where there is only one.
        as_told: whether a session is taken up again where Discord says; else where it begins, as its word
            would pass by whoever stands between.
    """

    def __init__(
        self, client: discord.Client, number: int, name: str, starts: Starts, timer: Timer, *, as_told: bool
    ) -> None:
        self.number = number
        self._client = client
        self._name = name
        self._starts = starts
        self._timer = timer
        self._as_told = as_told
        self._ws: DiscordWebSocket | None = None
        self._stands_since: float | None = None
        self._ever_stood = False
        self._resumes = 0
        self._costly = False

    async def serve(self) -> None:
        """Stay connected until cancelled. Raises ConnectionClosed when Discord closes the line for good,
        LoginFailure for a token that is refused by now."""
        pause, quiet = 0.0, False
        while True:
            reason = ""
            try:
                ws = await self._open()
                while True:
                    await ws.poll_event()
            except discord.LoginFailure:
                raise
            except ReconnectWebSocket as broken:
                reason = self._closed() if broken.resume else "its session is over"
            except discord.ConnectionClosed as closed:
                if closed.code != aiohttp.WSCloseCode.OK:
                    raise
                reason = "it was closed"
            except FAILURES as error:
                reason = type(error).__name__
                await self._drop()
            except Exception as error:
                # The session goes on after what was told last, so it is not told again.
                log.exception("%s told of something that could not be understood", self._called())
                reason = type(error).__name__
                await self._drop()
            stood_for = self._stood_for()
            if stood_for > 0:
                quiet = False
            if stood_for >= SHORT_LIVED:
                pause = 0.0
            if pause and not quiet:
                quiet = True
                log.warning("no line to %s (%s); trying again until there is one", self._called(), reason)
            if pause:
                await self._timer.sleep(pause)
            pause = min(2 * pause or FIRST_PAUSE, LONGEST_COSTLY_PAUSE if self._costly else LONGEST_PAUSE)

    def stands(self, *, resumed: bool) -> None:
        """Discord has taken up the session again, or begun a new one."""
        self._stands_since, self._resumes, self._costly = self._timer.monotonic(), 0, False
        if resumed:
            log.info("%s goes on where it stopped", self._called())
        elif self._ever_stood:
            log.info("%s goes on with a new session", self._called())
        else:
            log.info("%s is connected", self._called())
        self._ever_stood = True

    async def close(self) -> None:
        """Say goodbye, which ends the session."""
        if self._ws:
            await self._ws.close(aiohttp.WSCloseCode.OK)

    async def _open(self) -> DiscordWebSocket:
        """A line on which a session was asked for: the last one, if it can go on, or a new one."""
        last = self._ws
        if last and last.session_id and self._resumes < RESUMES:
            self._resumes += 1
            address = last.gateway if self._as_told else self._starts.address
            ws = await self._connect(address, last)
        else:
            async with self._starts.turn(self.number) as address:
                self._costly = True
                ws = await self._connect(address, None)
        self._ws = ws
        return ws

    async def _connect(self, address: yarl.URL, last: DiscordWebSocket | None) -> DiscordWebSocket:
        async with asyncio.timeout(OPENING):
            ws = await DiscordWebSocket.from_client(
                self._client,
                gateway=address,
                shard_id=self.number,
                initial=True,  # else the library waits five seconds; `turn` knows whether anybody must
                resume=last is not None,
                session=last.session_id if last else None,
                sequence=last.sequence if last else None,
            )
        # The library waits half a minute for the goodbye of a line that may be dead.
        ws.socket._timeout = aiohttp.ClientWSTimeout(ws_close=GOODBYE)
        return ws

    def _closed(self) -> str:
        """Why the line was closed; where Discord wants a new session, the old one is forgotten."""
        code = self._ws.socket.close_code if self._ws else None
        if self._ws and code in _NEW_SESSION:
            self._ws.session_id = None
        return f"code {code}"

    async def _drop(self) -> None:
        """Let go of a line that broke, so that its heartbeat ends with it."""
        if self._ws and self._ws.open:
            with suppress(*FAILURES):
                await self._ws.close()

    def _stood_for(self) -> float:
        """For how many seconds the session went on; 0 when it did not."""
        since, self._stands_since = self._stands_since, None
        return 0.0 if since is None else max(self._timer.monotonic() - since, 1e-9)

    def _called(self) -> str:
        return f"Discord’s gateway for {self._name}" if self._name else "Discord’s gateway"
