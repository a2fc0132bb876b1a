"""The gateway: sessions over WebSocket that identify, hear events, beat, close and resume."""

import asyncio
import json
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

from tests.servers.discord_checks import Json
from tests.servers.discord_world import PRIVILEGED, Guild, Intent, World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT, MEMBERS = 0, 1, 2, 3, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR = 4000, 4001, 4002
NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = 4003, 4004, 4005
INVALID_SEQUENCE, TIMED_OUT, INVALID_SHARD, SHARDING_REQUIRED = 4007, 4009, 4010, 4011
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014
NEW_SESSION: Final = (INVALID_SEQUENCE, TIMED_OUT)
"""What Discord says when a session is over and a new one has to begin."""

SESSION_GAP: Final = 5.0
"""Seconds between two sessions that begin in one lane (a shard's number modulo the concurrency)."""

KNOWN_INTENTS: Final = (1 << 26) - 1
SEVERING: Final = -1


class Connection:
    """One socket; sends in order, compressed as the client asked, and can be told to close."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.transport = request.transport
        self.compressor = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self.outbox: asyncio.Queue[Json | int] = asyncio.Queue()
        self.closing = False

    def send(self, payload: Json) -> None:
        """Put a payload in the queue."""
        self.outbox.put_nowait(payload)

    def close(self, code: int) -> None:
        """Close after what is queued; `SEVERING` cuts the line without a word."""
        self.closing = True
        self.outbox.put_nowait(code)

    async def pump(self) -> None:
        """Send what is queued until told to close."""
        while True:
            payload = await self.outbox.get()
            if payload == SEVERING:
                if self.transport:
                    self.transport.abort()
                return
            if isinstance(payload, int):
                await self.socket.close(code=payload)
                return
            words = json.dumps(payload)
            if self.compressor:
                packed = self.compressor.compress(words.encode()) + self.compressor.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(packed)
            else:
                await self.socket.send_str(words)


@dataclass(eq=False)
class Session:
    """What a bot identified for, and every event since: enough to resume."""

    id: str
    intents: Intent
    shard: tuple[int, int]
    sent: list[Json] = field(default_factory=list)
    connection: Connection | None = None

    def hears(self, intent: Intent, guild: Guild | None) -> bool:
        """Whether an event of this intent and server goes to this session."""
        shard, shards = self.shard
        mine = shard == 0 if guild is None else (guild.id >> 22) % shards == shard
        return mine and intent in self.intents

    def dispatch(self, event: str, data: Json) -> None:
        """Number an event, keep it for a resume, and send it if the line is open."""
        payload = {"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(payload)
        if self.connection:
            self.connection.send(payload)


class Gateway:
    """All sessions of the one bot token.

    A test may set how many shards it recommends, how many servers one shard takes at most, how many sessions
    may begin (`starts_left`) and how many of them at once (`concurrency`); with a `clock`, it minds the
    seconds between them. `down` refuses every connection; a shard in `shut` is closed when it identifies;
    `silent` lets heartbeats go unanswered.

    Args:
        world: what there is to hear of.
        token: the only token accepted.
        address: the gateway's own address, told to clients for beginning and, until a test sets
            `resume_address`, for resuming.
    """

    def __init__(self, world: World, token: str, address: Callable[[], str]) -> None:
        self.world = world
        self.token = token
        self.address = address
        self.resume_address = address
        self.allowed = Intent(0)
        self.recommended = 1
        self.guilds_in_a_shard = 2500
        self.starts = 1000
        self.starts_left = 1000
        self.reset_after = 86_400.0
        self.concurrency = 1
        self.clock: Callable[[], float] | None = None
        self.down = False
        self.shut: set[int] = set()
        self.violations: list[str] = []
        self.begun: dict[int, float] = {}
        self.heartbeat_seconds = 41.25
        self.silent = False
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.heard: list[Json] = []
        self.identified = 0
        self.resumed = 0
        self.refused = 0
        self.refusals: list[int] = []
        world.emit = self.emit

    @property
    def live(self) -> list[Session]:
        """Sessions with an open line."""
        return [session for session in self.sessions.values() if session.connection]

    def emit(
        self, event: str, data: Json | Callable[[Intent], Json], intent: Intent, guild: Guild | None
    ) -> None:
        """Tell every session that should hear of an event; none hears of servers the bot is not in."""
        if guild and not guild.has_bot:
            return
        for session in self.sessions.values():
            if session.hears(intent, guild):
                session.dispatch(event, data(session.intents) if callable(data) else data)
        self.world.wake()

    @property
    def about(self) -> Json:
        """What `GET /gateway/bot` tells."""
        limit = {
            "total": self.starts,
            "remaining": self.starts_left,
            "reset_after": int(self.reset_after * 1000),
            "max_concurrency": self.concurrency,
        }
        return {"url": self.address(), "shards": self.recommended, "session_start_limit": limit}

    def close(self, code: int, shard: int | None = None) -> None:
        """Close every line, or that of one shard, with a code; 1000 and 1001 do not end a session when the
        server says them."""
        meant = [session for session in self.live if shard in (None, session.shard[0])]
        if code in NEW_SESSION:
            for session in meant:
                del self.sessions[session.id]
        lines = self.connections if shard is None else [each.connection for each in meant if each.connection]
        for connection in list(lines):
            connection.close(code)

    def ask_to_reconnect(self) -> None:
        """Tell every client to connect again and resume."""
        for connection in self.connections:
            connection.send({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is no good; forget it unless it may be resumed."""
        for session in self.live:
            assert session.connection
            session.connection.send({"op": INVALID_SESSION, "d": resumable})
            if not resumable:
                del self.sessions[session.id]

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One client's connection, from HELLO to its end."""
        if self.down:
            self.refused += 1
            self.world.wake()
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.connections.add(connection)
        pump = asyncio.create_task(connection.pump())
        connection.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_seconds * 1000)}})
        try:
            async for frame in socket:
                if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self.receive(connection, frame.data)
                    self.world.wake()
        finally:
            pump.cancel()
            self.connections.discard(connection)
            for session in self.live:
                if session.connection is connection:
                    session.connection = None
                    # A client that closes with 1000 or 1001 ends its session; any other end may be resumed.
                    if socket.close_code in (1000, 1001) and not connection.closing:
                        self.sessions.pop(session.id, None)
            self.world.wake()
        return socket

    def receive(self, connection: Connection, frame: str | bytes) -> None:
        """One payload from a client."""
        try:
            payload = json.loads(frame)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return self.refuse(connection, DECODE_ERROR)
        self.heard.append(payload)
        known = next((session for session in self.live if session.connection is connection), None)
        if op == HEARTBEAT:
            if not self.silent:
                connection.send({"op": HEARTBEAT_ACK})
        elif op == IDENTIFY:
            if known:
                return self.refuse(connection, ALREADY_AUTHENTICATED)
            self.identify(connection, data)
        elif op == RESUME:
            self.resume(connection, data)
        elif op not in (PRESENCE, MEMBERS):
            self.refuse(connection, UNKNOWN_OPCODE)
        elif not known:
            self.refuse(connection, NOT_AUTHENTICATED)
        return None

    def refuse(self, connection: Connection, code: int) -> None:
        """Close a line for a fault of the client's."""
        self.refusals.append(code)
        connection.close(code)

    def identify(self, connection: Connection, data: dict[str, Any]) -> None:
        """Begin a session: READY, then every server the bot is in."""
        intents, part = data.get("intents"), data.get("shard", [0, 1])
        if data.get("token") != self.token:
            return self.refuse(connection, AUTHENTICATION_FAILED)
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            return self.refuse(connection, INVALID_INTENTS)
        if intents & PRIVILEGED & ~self.allowed:
            return self.refuse(connection, DISALLOWED_INTENTS)
        if not is_shard(part):
            return self.refuse(connection, INVALID_SHARD)
        shard, shards = part
        if shard in self.shut:
            connection.close(UNKNOWN_ERROR)
            return None
        if set(data.get("properties") or ()) < {"os", "browser", "device"}:
            self.violations.append(f"IDENTIFY: properties {data.get('properties')}")
        if not self.may_begin(shard):
            connection.send({"op": INVALID_SESSION, "d": False})
            return None
        session = Session(secrets.token_hex(16), Intent(intents), (shard, shards), connection=connection)
        guilds = [
            guild for guild in self.world.guilds.values() if guild.has_bot and session.hears(Intent(0), guild)
        ]
        if len(guilds) > self.guilds_in_a_shard:
            return self.refuse(connection, SHARDING_REQUIRED)
        self.sessions[session.id] = session
        self.identified += 1
        bot = self.world.bot
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": {**bot.json(), "verified": True, "mfa_enabled": True, "email": None, "flags": 0},
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.resume_address(),
                "shard": [shard, shards],
                "application": {"id": str(bot.id), "flags": 0},
                "private_channels": [],
            },
        )
        if Intent.GUILDS in session.intents:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild.json())
        return None

    def resume(self, connection: Connection, data: dict[str, Any]) -> None:
        """Go on with a session: everything after the client's last event, then RESUMED."""
        if data.get("token") != self.token:
            return self.refuse(connection, AUTHENTICATION_FAILED)
        session = self.sessions.get(str(data.get("session_id")))
        if session is None:
            connection.send({"op": INVALID_SESSION, "d": False})
            return None
        if not isinstance(data.get("seq"), int) or data["seq"] > len(session.sent):
            return self.refuse(connection, INVALID_SEQUENCE)
        session.connection = connection
        for payload in session.sent[data["seq"] :]:
            connection.send(payload)
        session.dispatch("RESUMED", {"_trace": []})
        self.resumed += 1
        return None

    def may_begin(self, shard: int) -> bool:
        """Whether a session may begin now. One too many in a day costs a bot its token; one too soon after
        another in its lane is only refused, but no single program need ever ask for it."""
        lane, now = shard % self.concurrency, self.clock() if self.clock else 0.0
        if self.starts_left <= 0:
            self.violations.append(f"IDENTIFY of shard {shard}: no session may begin any more")
            return False
        self.starts_left -= 1
        if self.clock and now - self.begun.get(lane, -SESSION_GAP) < SESSION_GAP - 1e-6:
            self.violations.append(f"IDENTIFY of shard {shard}: too soon after another in its lane")
            return False
        self.begun[lane] = now
        return True


def is_shard(part: object) -> bool:
    """Whether this is the number of a shard and how many there are."""
    match part:
        case [int(shard), int(shards)]:
            return 0 <= shard < shards
    return False
