"""What Discord's errors say about the message they answer, and about its channel.

Source: the table *JSON Error Codes* of Discord's developer documentation.
"""

from math import ceil
from typing import Final

import aiohttp
import discord
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from bot.ports import Ambiguous, NotSent, Refusal, Refused

TOKEN_REFUSED_WAIT = 600
"""Seconds until a refused token is tried again: 10,000 refusals in ten minutes and an address is barred."""

FLOOD_WAIT = 60
"""Seconds to wait when a limit does not say for how long."""

BARRED_WAIT = 900
"""The same when it is not Discord that answers but what stands before it, which bars an address for long."""

UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
UNKNOWN_INTERACTION = 10062
UNKNOWN_EVENT = 10070
ALREADY_ACKNOWLEDGED = 40060
TAG_REQUIRED = 40067
INVALID_WEBHOOK_TOKEN = 50027
MISSING_ACCESS = 50001
CANNOT_MESSAGE_USER = 50007
MISSING_PERMISSIONS = 50013
THREAD_ARCHIVED = 50083
NO_MUTUAL_GUILDS = 50278
THREAD_EXISTS = 160004
THREAD_LOCKED = 160005
TOO_MANY_THREADS = 160006

GONE: Final = {UNKNOWN_CHANNEL, UNKNOWN_GUILD, CANNOT_MESSAGE_USER, NO_MUTUAL_GUILDS}
"""The channel or the server is closed to us."""

BARRED: Final = {MISSING_ACCESS, MISSING_PERMISSIONS}
"""A right is missing: to see the channel, or to write in it."""

THREAD: Final = {THREAD_ARCHIVED, THREAD_LOCKED}
"""A thread takes no more; its channel may."""

EXPIRED: Final = {UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, INVALID_WEBHOOK_TOKEN}
"""An interaction takes no answer any more: not a first one after three seconds, and none after 15 minutes."""

UNSENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)
"""The line was never open, so nothing went over it."""

FAILURES: Final = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, *UNSENT)
"""All that a call can end in, apart from its answer."""


def outcome_of(
    error: Exception, *, in_thread: bool = False, in_server: bool = True
) -> NotSent | Refused | Ambiguous:
    """What a failure says about the message. What is closed about a thread does not close its channel;
    `in_server` tells whether we are known to be in the channel's server still."""
    match error:
        case discord.RateLimited():
            return NotSent("too many messages", int(error.retry_after) + 1)
        case discord.HTTPException(status=429) if not _from_elsewhere(error):
            return NotSent("too many messages", _wait(error, FLOOD_WAIT))
        case discord.HTTPException(status=status) if status < 500 and _from_elsewhere(error):
            return NotSent("Discord could not be asked", _wait(error, BARRED_WAIT))
        case discord.HTTPException(status=401):
            return NotSent("the token was refused", TOKEN_REFUSED_WAIT)
        case discord.HTTPException(status=status) if status >= 500:
            return Ambiguous(f"Discord answered {status}")
        case discord.HTTPException(status=status, code=code):
            refusal = _refusal(code, in_thread=in_thread, in_server=in_server)
            return Refused(f"{status} ({code}) {error.text}", refusal)
        case _ if isinstance(error, UNSENT):
            return NotSent(type(error).__name__)
        case _:
            return Ambiguous(type(error).__name__)


def concerns_all(error: Exception) -> bool:
    """Whether whatever else is said would fail like this, and only make it worse."""
    if not isinstance(error, discord.HTTPException):
        return False
    return error.status == 401 or (error.status < 500 and _from_elsewhere(error))


def _from_elsewhere(error: discord.HTTPException) -> bool:
    """Whether an answer comes from what stands before Discord, whose own answers are in JSON."""
    return not error.response.headers.get("Content-Type", "").startswith("application/json")


def _wait(error: discord.HTTPException, usual: int) -> int:
    """The seconds that an answer asks to wait."""
    asked = error.response.headers.get("Retry-After", "")
    return ceil(float(asked)) if asked.replace(".", "", 1).isdecimal() else usual


def _refusal(code: int, *, in_thread: bool, in_server: bool) -> Refusal:
    if in_thread and code in THREAD | BARRED | {UNKNOWN_CHANNEL}:
        return Refusal.THREAD
    if code in GONE or (code == MISSING_ACCESS and not in_server):
        return Refusal.GONE
    return Refusal.BARRED if code in BARRED else Refusal.CONTENT
