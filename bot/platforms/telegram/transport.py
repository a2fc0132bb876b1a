"""How requests reach Telegram: over aiohttp, through a proxy if need be, and without the token ever
standing in an error.

The library's own transport costs three to five times the CPU of this one. It also reports a refused
connection and a lost answer alike; whether a message can have arrived decides whether it may be sent
again, so the errors are told apart here.
"""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec
from aiohttp import (
    BaseConnector,
    ClientConnectorError,
    ClientHttpProxyError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
    InvalidURL,
    TCPConnector,
)
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECT_SECONDS = 10.0
READ_SECONDS = 10.0
UPLOAD_SECONDS = 30.0
CONNECTIONS = 64

_NEVER_LEFT = (
    ClientConnectorError,
    ClientHttpProxyError,
    ConnectionTimeoutError,
    InvalidURL,
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)

_JSON = {"Content-Type": "application/json"}

# The library's coming way of giving times; the present one warns at each use.
os.environ.setdefault("PTB_TIMEDELTA", "1")


class Unsent(NetworkError):
    """The request surely never reached Telegram."""


class Transport(BaseRequest):
    """The library's request object on aiohttp. `proxy` is an http or socks address.

    Raises Unsent when nothing can have arrived, and TimedOut or NetworkError when something may have.
    """

    def __init__(self, proxy: str | None = None, connections: int = CONNECTIONS) -> None:
        self._proxy = proxy
        self._connections = connections
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long an answer is waited for unless asked otherwise, in seconds."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Be ready for requests."""
        if self._session is None:
            self._session = ClientSession(
                connector=_connector(self._proxy, self._connections),
                proxy=None if self._proxy is None or _is_socks(self._proxy) else self._proxy,
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the transport is not open")
        content = _content(request_data)
        if read_timeout is BaseRequest.DEFAULT_NONE:
            read_timeout = UPLOAD_SECONDS if isinstance(content, FormData) else READ_SECONDS
        try:
            async with self._session.request(
                method,
                url,
                data=content,
                headers=_JSON if isinstance(content, bytes) else None,
                timeout=_timeout(read_timeout),
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except Exception as error:
            told = _without_address(error)
        # Raised here, outside the handler, so that no context carries the address along.
        raise told

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """An answer. Raises TelegramError for what is no JSON."""
        try:
            return msgspec.json.decode(payload, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return BaseRequest.parse_json_payload(payload)  # which says what is wrong


@dataclass(slots=True)
class _Plain:
    """Parameters that can be written in JSON as they are. Stands in for the library's `RequestData`, which
    looks for objects and files in each."""

    parameters: dict[str, Any]
    contains_files = False


async def ask(bot: Bot, method: str, **parameters: str | int | Mapping[str, Any] | None) -> Any:
    """What a method of Telegram's gives, in JSON, to a bot with this transport. The library would make of a
    message that was sent an object with 110 attributes, of which the id is read. Raises TelegramError."""
    given = _Plain({name: value for name, value in parameters.items() if value is not None})
    return await bot.request.post(f"{bot.base_url}/{method}", given)  # type: ignore[arg-type]


def _content(data: RequestData | None) -> bytes | FormData | None:
    if data is None:
        return None
    if not data.contains_files:
        return msgspec.json.encode(data.parameters)
    form = FormData(data.json_parameters)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


@lru_cache
def _timeout(read: float | None) -> ClientTimeout:
    return ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=read)


@cache
def _tls() -> ssl.SSLContext:
    """Reading the system's certificates takes a while, and all connections can share them."""
    return ssl.create_default_context()


def _connector(proxy: str | None, connections: int) -> BaseConnector:
    """Connections, through a socks proxy if that is what there is."""
    if proxy and _is_socks(proxy):
        plain = proxy.replace("socks5h://", "socks5://")
        return ProxyConnector.from_url(plain, rdns=True, ssl=_tls(), limit=connections)
    return TCPConnector(ssl=_tls(), limit=connections)


def _is_socks(proxy: str) -> bool:
    return proxy.startswith("socks")


def _without_address(error: Exception) -> NetworkError:
    kind = type(error).__name__
    if isinstance(error, _NEVER_LEFT):
        return Unsent(f"Telegram cannot be reached ({kind})")
    if isinstance(error, TimeoutError):
        return TimedOut(f"Telegram did not answer ({kind})")
    return NetworkError(f"the connection to Telegram broke ({kind})")
