"""A strict Telegram for tests: the Bot API on 127.0.0.1, and people who talk to the bot.

An unmodified bot is pointed at `server.url`. Whatever the official server would refuse is refused
with its own words; what the bot could have known to be refused is also kept in `violations`.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

from aiohttp import BodyPartReader, web

from tests.servers.telegram_actors import Press, PressAnswer, TelegramActors
from tests.servers.telegram_checks import METHODS, Json, Refused, parse_parameters
from tests.servers.telegram_webhook import Delivery
from tests.servers.telegram_world import Chat, Member, Message, Poll, Topic, User

__all__ = [
    "Call",
    "Chat",
    "Fault",
    "Member",
    "Message",
    "Poll",
    "Press",
    "PressAnswer",
    "TelegramServer",
    "Topic",
    "User",
]

_UPLOAD_BYTES = 50 * 1024 * 1024
_NOT_ANY = {"getUpdates", "webhook"}


@dataclass(frozen=True)
class Call:
    """One request of the bot and how it ended. `status` is 0 if the connection was cut instead."""

    method: str
    params: Json
    status: int
    error: str | None = None


@dataclass(eq=False)
class Fault:
    """Trouble for the next calls of one method (or of any, as "*"). See `TelegramServer.fault`."""

    method: str
    kind: str
    times: int
    after: int
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def performed(self) -> bool:
        """Whether the call takes effect although its answer is lost or late."""
        return self.kind.endswith("-after") or self.kind.startswith("slow:")

    def release(self) -> None:
        """Let slow calls be answered now."""
        self.released.set()


class TelegramServer(TelegramActors):
    """The Bot API for one bot. The world outlives the bot: updates wait for its next start."""

    def __init__(self, token: str = "123456:TEST-token-of-nobody", username: str = "paperclub_bot") -> None:
        super().__init__(username, int(token.partition(":")[0]))
        self.token = token
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.mischief: Callable[[str], str | None] = lambda method: None
        """Asked at each call for which no fault is lined up: the kind of trouble it meets, if any."""
        self._faults: list[Fault] = []
        self._changed = asyncio.Event()
        self._stopping = False
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.updates.on_poll = self._touch
        self.delivery = Delivery(self.api, self.updates, self._next_fault, self._touch)
        """What goes to the webhook, if one is set."""

    @property
    def url(self) -> str:
        """The root of the Bot API, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen; a second start after `stop` uses the same port."""
        app = web.Application(client_max_size=_UPLOAD_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        # A poll of a client that has gone must not compete with the next one.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.5, access_log=None)
        self._stopping = False
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.delivery.start()

    async def stop(self) -> None:
        """Close every connection; the world stays."""
        self._stopping = True
        self.updates.release()
        await self.delivery.stop()
        for fault in self._faults:
            fault.release()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # Waiting

    async def until(self, predicate: Callable[[], object], within: float = 10) -> None:
        """Return once the predicate holds; it is asked again after every call of the bot.

        Raises TimeoutError with the last calls after `within` seconds.
        """
        try:
            async with asyncio.timeout(within):
                while not predicate():
                    await self._changed.wait()
        except TimeoutError:
            recent = "\n".join(f"  {call.method} {call.status} {call.params}" for call in self.calls[-10:])
            raise TimeoutError(f"not so within {within} s; the last calls:\n{recent}") from None

    async def reply(self, chat: Chat, after: int | Message, within: float = 10) -> Message:
        """The next thing the bot says in a chat: after its first `after` messages there, or after a
        given message of anybody."""

        def said() -> list[Message]:
            if isinstance(after, int):
                return self.messages(chat)[after:]
            return [message for message in self.messages(chat) if message.serial > after.serial]

        await self.until(said, within)
        return said()[0]

    async def ask(self, chat: Chat, user: User, text: str, **options: Any) -> Message:
        """Say something (see `say`) and return the bot's next message in that chat."""
        return await self.reply(chat, self.say(chat, user, text, **options))

    def _touch(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def settled(self, within: float = 10) -> None:
        """Return once the bot has confirmed every update there is, and polls for more if it polls."""
        await self.until(
            lambda: not self.updates.pending and (self.updates.polled or self.api.webhook), within
        )

    # Trouble

    def fault(self, method: str, kind: str, times: int = 1, after: int = 0) -> Fault:
        """Let `after` calls of a method ("*" for any but getUpdates) pass, then make `times` go wrong:

        - "500": refused with an internal error; "500-after": performed, then the same answer
        - "502-html": a proxy's page instead of an answer; "502-html-after": the same, but performed
        - "429:3": flood control for 3 seconds
        - "drop-before": the connection closes, nothing was done; "drop-after": it was done
        - "reset-before", "reset-after": the same, with a reset instead of a close
        - "slow:30": performed, but answered only after 30 seconds or `release`

        The method "webhook" stands for handing an update in; for its troubles see `Delivery`.
        """
        fault = Fault(method, kind, times, after)
        self._faults.append(fault)
        return fault

    def _next_fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.times and (fault.method == method or (fault.method == "*" and method not in _NOT_ANY)):
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        kind = self.mischief(method)
        return Fault(method, kind, 0, 0) if kind else None

    # HTTP

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        raw, files = await _read(request)
        fault = self._next_fault(method)
        if fault is None:
            call, response = await self._perform(request.match_info["token"], method, raw, files)
            self._note(call)
            return response
        call, response = Call(method, raw, 0), web.Response()
        if fault.performed:
            call, response = await self._perform(request.match_info["token"], method, raw, files)
        if fault.kind.startswith(("drop", "reset")):
            self._note(replace(call, status=0))
            _cut(request, reset=fault.kind.startswith("reset"))
        elif fault.kind.startswith("slow:"):
            self._note(call)
            await _delay(fault)
        else:
            response = _trouble(fault.kind)
            self._note(replace(call, status=response.status, error=fault.kind))
        return response

    async def _perform(
        self, token: str, method: str, raw: Json, files: dict[str, bytes]
    ) -> tuple[Call, web.Response]:
        """Do what a request asks for; a refusal is an answer too."""
        parameters = raw
        try:
            if token != self.token:
                raise Refused(401, "Unauthorized")
            if method not in METHODS:
                raise Refused(404, "Not Found: method not found", avoidable=True)
            parameters = parse_parameters(method, raw, files)
            if method == "getUpdates":
                result: Any = await self._get_updates(parameters)
            else:
                result = self.api.call(method, parameters)
        except Refused as refusal:
            if refusal.avoidable:
                self.violations.append(f"{method}: {refusal.text} ({parameters})")
            return Call(method, parameters, refusal.code, refusal.text), _refusal(refusal)
        return Call(method, parameters, 200), web.json_response({"ok": True, "result": result})

    async def _get_updates(self, parameters: Json) -> list[Json]:
        if self.api.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._stopping:
            return []
        return await self.updates.get(
            parameters.get("offset", 0),
            parameters.get("limit", 100),
            wait=parameters.get("timeout", 0),
            allowed_updates=parameters.get("allowed_updates"),
        )

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        self._touch()


async def _read(request: web.Request) -> tuple[Json, dict[str, bytes]]:
    """The fields and files of a request in any of the forms the Bot API takes."""
    raw: Json = dict(request.query)
    files: dict[str, bytes] = {}
    if request.content_type == "application/json":
        raw |= await request.json()
    elif request.content_type == "multipart/form-data":
        # Part by part: what `post` makes of files is left open when a bot dies in the middle of them.
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.filename is None:
                raw[part.name or ""] = content.decode()
            else:
                files[part.name or ""] = content
    elif request.method == "POST":
        raw |= await request.post()
    return raw, files


def _cut(request: web.Request, *, reset: bool) -> None:
    """End a call's connection without an answer."""
    if request.transport is None:
        return
    if reset:
        # A socket that lingers for no time is closed with a reset.
        request.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        request.transport.abort()
    else:
        request.transport.close()


async def _delay(fault: Fault) -> None:
    try:
        async with asyncio.timeout(float(fault.kind.removeprefix("slow:"))):
            await fault.released.wait()
    except TimeoutError:
        pass


def _refusal(refusal: Refused) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.text}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


def _trouble(kind: str) -> web.Response:
    """An answer that is not the Bot API's fault."""
    name, _, argument = kind.removesuffix("-after").partition(":")
    match name:
        case "429":
            seconds = int(argument)
            return _refusal(
                Refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
            )
        case "502-html":
            page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
            return web.Response(status=502, text=page, content_type="text/html")
        case "500":
            return _refusal(Refused(500, "Internal Server Error: sent message was lost"))
    raise AssertionError(f"unknown fault {kind!r}")
