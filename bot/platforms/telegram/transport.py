"""How requests reach Telegram: over aiohttp, through a proxy if need be, and without the token ever
standing in an error.

The library's own transport costs two to four times the CPU of this one. It also reports a refused
connection and a lost answer alike; whether a message can have arrived decides whether it may be sent
again, so the errors are told apart here.
"""

import os
import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
from aiohttp import ClientConnectorError, ClientSession, ConnectionTimeoutError
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from httpx_aiohttp import AiohttpTransport
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest

CONNECT_SECONDS = 10.0
READ_SECONDS = 10.0
UPLOAD_SECONDS = 30.0
CONNECTIONS = 64

_NEVER_LEFT = (
    ClientConnectorError,
    ConnectionTimeoutError,
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
    httpx.UnsupportedProtocol,
)

# The library's coming way of giving times; the present one warns at each use.
os.environ.setdefault("PTB_TIMEDELTA", "1")


class Unsent(NetworkError):
    """The request surely never reached Telegram."""


class Transport(HTTPXRequest):
    """The library's request object on aiohttp. `proxy` is an http or socks address.

    Raises Unsent when nothing can have arrived, and TimedOut or NetworkError when something may have.
    """

    def __init__(self, proxy: str | None = None, connections: int = CONNECTIONS) -> None:
        super().__init__(
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            write_timeout=READ_SECONDS,
            media_write_timeout=UPLOAD_SECONDS,
            httpx_kwargs={"transport": _transport(proxy, connections)},
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        try:
            return await super().do_request(*args, **kwargs)
        except Exception as error:
            told = _without_address(error)
        # Raised here, outside the handler, so that no context carries the address along.
        raise told


@cache
def _tls() -> ssl.SSLContext:
    """Reading the system's certificates takes a while, and all connections can share them."""
    return ssl.create_default_context()


def _transport(proxy: str | None, connections: int) -> AiohttpTransport:
    limits = httpx.Limits(max_connections=connections)
    context = _tls()
    if proxy and proxy.startswith("socks"):

        def through_socks() -> ClientSession:
            connector = ProxyConnector.from_url(
                proxy.replace("socks5h://", "socks5://"), rdns=True, ssl=context, limit=connections
            )
            return ClientSession(connector=connector)

        return AiohttpTransport(verify=context, client=through_socks)
    return AiohttpTransport(verify=context, limits=limits, proxy=httpx.Proxy(proxy) if proxy else None)


def _without_address(error: Exception) -> NetworkError:
    causes = list(_causes(error))
    kind = type(causes[-1]).__name__
    if any(isinstance(cause, _NEVER_LEFT) for cause in causes):
        return Unsent(f"Telegram cannot be reached ({kind})")
    if isinstance(error, TimedOut):
        return TimedOut(f"Telegram did not answer ({kind})")
    return NetworkError(f"the connection to Telegram broke ({kind})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
