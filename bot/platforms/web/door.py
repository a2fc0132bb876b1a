"""The door: who may come in at all, and what a browser may do with what it is given."""

import asyncio
import hmac
import ipaddress
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.platforms.hook import Hook
from bot.platforms.web.limits import KEY_LIMIT

COOKIE = "paperclub"
COOKIE_AGE = 30 * 86_400
"""How long a browser is remembered, in seconds."""

WRONG_KEY_PAUSE = 0.5
"""How long a wrong key has to wait for its answer, in seconds: guessing shall be slow."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not no-referrer: with that, a browser names no origin when the door's form is sent.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

PICTURE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""What a browser may do with a picture: use the colours that stand in it, and nothing else."""

_OPEN = ("/health", "/enter", "/static/")


class Door:
    """Checks every request. Without a secret the room answers to this machine’s own names alone: another
    website’s name that was made to point here (DNS rebinding) is turned away."""

    def __init__(self, host: str, secret: str | None, static: Path, hooks: Sequence[Hook] = ()) -> None:
        self._host = host
        self._secret = secret
        self._static = static
        self._hooks = {path: hook for hook in hooks for path in hook.paths}

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request pass, send it to the door page, or refuse it."""
        hook = self._hooks.get(request.path)
        if hook:
            if request.method != hdrs.METH_POST or not hook.knows(request.headers):
                raise web.HTTPForbidden
            return await handler(request)
        if self._secret is None and not self._ours(request.url.host or ""):
            raise web.HTTPForbidden(text="This room answers to its own address only.\n")
        if request.path == "/ws" or request.method == hdrs.METH_POST:
            origin = request.headers.get(hdrs.ORIGIN, "")
            if origin.partition("://")[2].lower() != request.host.lower():
                raise web.HTTPForbidden(text="Another website may not speak here.\n")
        if not (request.path.startswith(_OPEN) or self._known(request)):
            if request.path != "/":
                raise web.HTTPForbidden(text="This room has a key.\n")
            return web.FileResponse(self._static / "door.html")
        return await handler(request)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Take a key; the right one opens the room to this browser."""
        handed = str((await request.post()).get("key", ""))[:KEY_LIMIT]
        if self._secret is None or not hmac.compare_digest(handed.encode(), self._secret.encode()):
            await asyncio.sleep(WRONG_KEY_PAUSE)
            raise web.HTTPSeeOther("/#wrong")
        answer = web.HTTPSeeOther("/")
        answer.set_cookie(
            COOKIE, self._pass(), max_age=COOKIE_AGE, httponly=True, samesite="Strict", secure=request.secure
        )
        raise answer

    def _ours(self, name: str) -> bool:
        try:
            return name in ("localhost", self._host) or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def _known(self, request: web.Request) -> bool:
        if self._secret is None:
            return True
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self._pass().encode())

    def _pass(self) -> str:
        """What a browser shows instead of the secret, which it need not keep."""
        return hmac.new((self._secret or "").encode(), b"the web room", sha256).hexdigest()


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """What a browser may do with an answer that does not say so itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
