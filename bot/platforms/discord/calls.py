"""Our own calls to Discord's REST API, and which of them are made again when it is in doubt whether they
arrived.

discord.py repeats whatever is answered with 500, 502, 504 or 524, five times over 25 seconds, be it a message
that then stands there twice; and it gives up on a 503 or a dropped line even where a repetition does no harm.
So nothing is repeated behind our back here, and each kind of call by its own rule:

- an **edit**, a **deletion** and the **first answer** to an interaction are the same when made again: Discord
  takes a first answer once and then says that it has it;
- a **message with an enforced nonce** is sent once, however often it is asked for;
- a **follow-up** and whatever else makes something new is never made again in doubt.

What surely did not arrive (the line was never open, or there were too many calls) is made again in any case.
discord.py's rate-limit buckets stay in force for all that counts towards them.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import aiohttp
import discord
from discord.http import HTTPClient, Route, json_or_text

from bot.platforms.discord.errors import ALREADY_ACKNOWLEDGED, FAILURES, UNSENT
from bot.platforms.discord.render import PICTURE_NAME, Json
from bot.ports import Timer

log = logging.getLogger(__name__)

T = TypeVar("T")

_REFUSALS, _FLOODED, _ERRORS_OF_THEIRS = 300, 429, 500

REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, SUGGEST, MODAL = range(4, 10)
"""The kinds of a first answer."""

_AT_ONCE: Final = (0.1, 0.25, 0.5, 0.75)
"""Seconds before each repetition of a first answer, which Discord takes for three seconds."""

_SOON: Final = (0.25, 1.0, 2.0)
"""Seconds before each repetition of anything else."""

_FIRST_ANSWER_WITHIN = 1.5
"""Seconds until a first answer that says nothing is made again."""

_WITHIN = 10.0
"""The same for anything else."""

_LONGEST_WAIT = 5.0
"""The longest wait, in seconds, that a limit may impose on an answer."""


@dataclass(frozen=True, slots=True)
class Hook:
    """The way to answer one interaction, for as long as its token lives: a quarter of an hour. The bot's own
    token is not shown there, and no limit of the bot counts.

    Raises whatever Discord refuses as an HTTPException, and any other of `FAILURES` for what never got an
    answer.
    """

    interaction: discord.Interaction
    timer: Timer

    async def first(self, kind: int, data: Json | None = None, png: bytes | None = None) -> None:
        """Give the first answer, which must be given within three seconds and once."""
        route = Route(
            "POST",
            "/interactions/{interaction_id}/{token}/callback",
            interaction_id=self.interaction.id,
            token=self.interaction.token,
        )
        body = {"type": kind, **({"data": data} if data is not None else {})}
        doubtful = False

        async def attempt() -> None:
            nonlocal doubtful
            try:
                await self._ask(route, body, png, _FIRST_ANSWER_WITHIN)
            except discord.HTTPException as error:
                if not (doubtful and error.code == ALREADY_ACKNOWLEDGED):
                    doubtful = doubtful or is_doubtful(error)
                    raise
            except FAILURES as error:
                doubtful = doubtful or is_doubtful(error)
                raise

        await _repeated(attempt, self.timer, _AT_ONCE)

    async def fill(self, data: Json, png: bytes | None = None) -> None:
        """Fill what was announced, or put something in the place of what was pressed."""
        await self._again("PATCH", data, png)

    async def withdraw(self) -> None:
        """Take away what was announced or said first."""
        try:
            await self._again("DELETE")
        except discord.NotFound:
            log.debug("there was nothing left to be taken away")

    async def follow(self, data: Json, png: bytes | None = None) -> None:
        """Say something more. In doubt it is not said again: nothing would recognise a second one."""
        route = self._route("POST", "/webhooks/{webhook_id}/{webhook_token}")
        await _repeated(lambda: self._ask(route, data, png, _WITHIN), self.timer, _SOON, in_doubt=False)

    async def _again(self, method: str, data: Json | None = None, png: bytes | None = None) -> None:
        route = self._route(method, "/webhooks/{webhook_id}/{webhook_token}/messages/@original")
        await _repeated(lambda: self._ask(route, data, png, _WITHIN), self.timer, _SOON)

    def _route(self, method: str, path: str) -> Route:
        return Route(
            method,
            path,
            webhook_id=self.interaction.application_id,
            webhook_token=self.interaction.token,
        )

    async def _ask(self, route: Route, body: Json | None, png: bytes | None, seconds: float) -> None:
        """One call, made once."""
        session, http = self.interaction._session, self.interaction.client.http
        if session.closed:
            raise ConnectionError("the line to Discord is closed")
        async with session.request(
            route.method,
            route.url,
            data=_form(body, png) if png else _written(body),
            headers={"User-Agent": http.user_agent} | ({} if png else {"Content-Type": "application/json"}),
            proxy=http.proxy,
            proxy_auth=http.proxy_auth,
            timeout=_timeout(seconds),
        ) as response:
            if response.status >= _REFUSALS:
                raise await _error(response)


async def edit(
    http: HTTPClient, channel_id: str, message_id: str, body: Json, png: bytes | None, timer: Timer
) -> None:
    """Change a message of ours."""
    route = Route(
        "PATCH",
        "/channels/{channel_id}/messages/{message_id}",
        channel_id=channel_id,
        message_id=message_id,
    )
    await repeatable(http, route, timer, body, png)


async def create(
    http: HTTPClient, channel_id: str, body: Json, png: bytes | None, timer: Timer, nonce: str
) -> Json:
    """Send a message, and say what Discord made of it. While Discord remembers the nonce, the same message
    asked for again is the one that stands."""
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
    kept = {**body, "nonce": nonce, "enforce_nonce": True}
    made: Json = await repeatable(http, route, timer, kept, png)
    return made


async def repeatable(
    http: HTTPClient, route: Route, timer: Timer, body: Json | None = None, png: bytes | None = None
) -> Any:
    """Make a call of the bot's that does the same however often it is made."""
    return await _repeated(lambda: single(http, route, body, png), timer, _SOON)


async def single(http: HTTPClient, route: Route, body: Json | None = None, png: bytes | None = None) -> Any:
    """Make a call of the bot's once, when discord.py's buckets have room for it."""
    said: dict[str, Any] = {}
    if png:
        said["form"] = _fields(body, png)
    elif body is not None:
        said["json"] = body
    return await http.request(
        route, raise_for_status=_stop_at_errors_of_theirs, timeout=_timeout(_WITHIN), **said
    )


def is_doubtful(error: Exception) -> bool:
    """Whether what failed may have arrived all the same."""
    if isinstance(error, discord.HTTPException):
        return error.status >= _ERRORS_OF_THEIRS
    return not isinstance(error, (discord.RateLimited, *UNSENT))


async def _repeated(
    attempt: Callable[[], Awaitable[T]],
    timer: Timer,
    pauses: tuple[float, ...],
    *,
    in_doubt: bool = True,
) -> T:
    """Make a call until it is answered, at most once more than there are pauses."""
    for pause in (*pauses, None):
        try:
            return await attempt()
        except FAILURES as error:
            wait = _wait(error, pause, in_doubt=in_doubt)
            if wait is None:
                raise
            log.info("a call to Discord is made again: %s", _named(error))
        await timer.sleep(wait)
    raise AssertionError("unreachable")


def _wait(error: Exception, pause: float | None, *, in_doubt: bool) -> float | None:
    """How long to wait before a call is made again; None when it is not."""
    if pause is None or isinstance(error, discord.RateLimited):
        return None
    if isinstance(error, discord.HTTPException) and error.status == _FLOODED:
        retry_after = getattr(error, "retry_after", None)
        return retry_after if retry_after is not None and retry_after <= _LONGEST_WAIT else None
    if isinstance(error, discord.HTTPException) and error.status < _ERRORS_OF_THEIRS:
        return None
    return None if is_doubtful(error) and not in_doubt else pause


class _Flooded(discord.HTTPException):
    """Too many answers; `retry_after` seconds from now there is room again."""

    retry_after: float | None = None


async def _error(response: aiohttp.ClientResponse) -> discord.HTTPException:
    """A refusal as discord.py tells of it."""
    said: Any = await json_or_text(response)
    match response.status:
        case 403:
            return discord.Forbidden(response, said)
        case 404:
            return discord.NotFound(response, said)
        case 429:
            flooded = _Flooded(response, said)
            if isinstance(said, dict):
                flooded.retry_after = float(said.get("retry_after") or 0)
            return flooded
        case status if status >= _ERRORS_OF_THEIRS:
            return discord.DiscordServerError(response, said)
        case _:
            return discord.HTTPException(response, said)


async def _stop_at_errors_of_theirs(response: aiohttp.ClientResponse) -> None:
    """Hand back at once what discord.py would repeat."""
    if response.status >= _ERRORS_OF_THEIRS:
        raise await _error(response)


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds)


def _named(error: Exception) -> str:
    """An error in a word: what it says may hold an interaction's token."""
    return str(getattr(error, "status", type(error).__name__))


def _written(body: Json | None) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def _fields(body: Json | None, png: bytes) -> list[dict[str, Any]]:
    """A body with its picture, as the fields of a form."""
    return [
        {
            "name": "payload_json",
            "value": (_written(body) or b"{}").decode(),
            "content_type": "application/json",
        },
        {"name": "files[0]", "value": png, "filename": PICTURE_NAME, "content_type": "image/png"},
    ]


def _form(body: Json | None, png: bytes) -> aiohttp.FormData:
    # With quoted names, "files[0]" would come with escapes that Discord does not know.
    form = aiohttp.FormData(quote_fields=False)
    for field in _fields(body, png):
        form.add_field(**field)
    return form
