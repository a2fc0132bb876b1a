"""The web room’s server: its addresses, and its beginning and end."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from aiohttp import WSCloseCode, WSMsgType, web

from bot.messages.texts import Texts
from bot.platforms.hook import Hook
from bot.platforms.web.door import PICTURE_HEADERS, Door, add_headers
from bot.platforms.web.hall import Hall, Persona, Viewer
from bot.platforms.web.limits import FRAME_LIMIT
from bot.platforms.web.messenger import WebMessenger
from bot.platforms.web.talk import RoomDesk, Talk
from bot.ports import Clock, Library, Listener, Painter, Room, Store

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"

HEARTBEAT = 30.0
"""How often a silent page is asked whether it is still there, in seconds."""

GOODBYE = 0.3
"""How long a page may take to agree to a close, in seconds."""

GRACE = 0.5
"""How long `close` waits for what is being handled, in seconds."""


class WebClient:
    """Serves the room on one address. `personas` are those one can speak as; the first is taken
    by a page that comes for the first time. Other programs come in by the hooks."""

    def __init__(
        self,
        host: str,
        port: int,
        secret: str | None,
        *,
        dispatcher: Listener,
        texts: Texts,
        library: Library,
        store: Store,
        lines: Room,
        desk: RoomDesk,
        clock: Clock,
        painter: Painter,
        personas: Sequence[Persona],
        hooks: Sequence[Hook] = (),
    ) -> None:
        self._host, self._port, self._secret = host, port, secret
        self._painter = painter
        self._hooks = hooks
        self._hall = Hall(lines, store, library, texts, clock, personas)
        self._talk = Talk(self._hall, dispatcher, desk, library, store)
        self.messenger = WebMessenger(self._hall, self._talk.tell_standing)
        self._runner: web.AppRunner | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._lines = lines
        self._following: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where a browser finds the room, once it is open."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/"

    def admit(self, persona: Persona) -> None:
        """Let one more be spoken as; pages that are open hear of it when they come again."""
        self._hall.personas[persona.id] = persona

    async def open(self) -> None:
        """Begin to serve. A port of 0 takes a free one. Raises OSError when the address is taken."""
        door = Door(self._host, self._secret, STATIC, self._hooks)
        app = web.Application(middlewares=[door.guard], client_max_size=FRAME_LIMIT)
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._part)
        app.router.add_get("/", _page)
        app.router.add_get("/ws", self._converse)
        app.router.add_get("/health", _health)
        app.router.add_get(r"/pictures/{line:\d{1,15}}.svg", self._picture)
        app.router.add_post("/enter", door.enter)
        for hook in self._hooks:
            for path in hook.paths:
                app.router.add_post(path, partial(_hand_in, hook))
        app.router.add_static("/static", STATIC)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=GRACE)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError:
            await self.close()
            raise
        self._port = self._runner.addresses[0][1]
        self._following = asyncio.create_task(self._lines.follow(self._changed_elsewhere))

    async def close(self) -> None:
        """Say goodbye to every page, let what is being handled end, and stop."""
        runner, self._runner = self._runner, None
        if self._following:
            self._following.cancel()
            await asyncio.wait([self._following])
        if runner:
            await runner.cleanup()

    async def _changed_elsewhere(self, line_id: int) -> None:
        """Show a line that another process has added or changed; time may have moved on with it."""
        await self._hall.show(line_id)
        await self._talk.tell_standing()

    async def _part(self, _: web.Application) -> None:
        goodbyes = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._sockets]
        await asyncio.gather(*goodbyes, return_exceptions=True)

    async def _picture(self, request: web.Request) -> web.Response:
        """The picture in a line, drawn anew: what is kept is what it shows."""
        drawing = await self._hall.drawing(int(request.match_info["line"]))
        if drawing is None:
            raise web.HTTPNotFound
        svg = self._painter.svg(drawing)
        return web.Response(text=svg, content_type="image/svg+xml", headers=PICTURE_HEADERS)

    async def _converse(self, request: web.Request) -> web.WebSocketResponse:
        """One page, from its arrival until it goes."""
        socket = web.WebSocketResponse(timeout=GOODBYE, heartbeat=HEARTBEAT, max_msg_size=FRAME_LIMIT)
        await socket.prepare(request)
        viewer = self._talk.arrive()
        showing = asyncio.create_task(_show(viewer, socket))
        self._sockets.add(socket)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._talk.hear(viewer, frame.data)
        finally:
            self._sockets.discard(socket)
            self._hall.viewers.discard(viewer)
            showing.cancel()
        return socket


async def _show(viewer: Viewer, socket: web.WebSocketResponse) -> None:
    """Send a page what it has to be shown, until it goes or falls too far behind."""
    while (event := await viewer.unshown.get()) is not None:
        try:
            await socket.send_str(event)
        except ConnectionError:
            return
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)


async def _page(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _hand_in(hook: Hook, request: web.Request) -> web.Response:
    """Take what another program hands in; the door has let it pass."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > hook.largest:
            raise web.HTTPRequestEntityTooLarge(max_size=hook.largest, actual_size=len(body))
    return web.Response(status=await hook.take(bytes(body)))


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})
