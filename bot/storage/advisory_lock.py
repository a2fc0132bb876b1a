"""A lock among all processes that share a PostgreSQL database, released by the server when its holder ends.

It hangs on a connection of its own. The server lets go of it as soon as the connection closes, which after
a kill -9 is at once, and 4 seconds after a machine has vanished. The holder, for its part, asks every half
second whether the server still knows it, and gives up within 2 seconds: before anybody else can have it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

from bot.ports import StorageUnavailable
from bot.storage.postgres_connection import connect, told

log = logging.getLogger(__name__)

TRY_EVERY = 0.25
"""How often a lock that is taken is tried again, in seconds."""

VOUCH_EVERY = 0.5
VOUCH_TIMEOUT = 1.5
"""How often the server is asked whether it still knows us, and how long it may take to say so, in seconds."""

GOODBYE = 1.0
"""How long the connection may take to close, in seconds."""


OURS = 0x70617065
"""What tells our locks from those of other programs in the same database: “pape” in ASCII."""

ANYBODY = """
SELECT EXISTS (
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = $1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid <> pg_backend_pid()
)"""
"""Whether anybody else holds a lock of ours; asked with `OURS`."""


def lock(name: str) -> str:
    """The two numbers under which PostgreSQL knows a lock of ours, the same in every process."""
    return f"{OURS}, {int.from_bytes(sha256(name.encode()).digest()[:4], signed=True)}"


@asynccontextmanager
async def leading(
    address: str, name: str, on_standing_by: Callable[[], None]
) -> AsyncIterator[asyncio.Event]:
    """Hold a lock, whenever that becomes possible. `on_standing_by` is called once if another process holds
    it now. The event is set when the lock can no longer be vouched for."""
    lost = asyncio.Event()
    raw = await _acquired(address, f"SELECT pg_try_advisory_lock({lock(name)})", on_standing_by)
    raw.add_termination_listener(lambda _: lost.set())
    vouching = asyncio.create_task(_vouch(raw, lost))
    try:
        yield lost
    finally:
        vouching.cancel()
        await asyncio.wait([vouching])
        await _close(raw)


async def _acquired(address: str, trying: str, on_standing_by: Callable[[], None]) -> Any:
    """A connection that holds the lock. A server that is away is waited for."""
    told_of = {"standing by": False, "away": False}

    async def acquire() -> Any:
        raw = await connect(address)
        try:
            while not await raw.fetchval(trying):
                if not told_of["standing by"]:
                    told_of["standing by"] = True
                    on_standing_by()
                await asyncio.sleep(TRY_EVERY)
        except BaseException:
            raw.terminate()
            raise
        return raw

    while True:
        try:
            with told():
                return await acquire()
        except StorageUnavailable as error:
            if not told_of["away"]:
                told_of["away"] = True
                log.warning("no lead can be taken: %s", error)
            await asyncio.sleep(TRY_EVERY)


async def _vouch(raw: Any, lost: asyncio.Event) -> None:
    """Set the event when the server does not answer in time."""
    try:
        while True:
            await asyncio.sleep(VOUCH_EVERY)
            await raw.fetchval("SELECT 1", timeout=VOUCH_TIMEOUT)
    except Exception:
        lost.set()


async def _close(raw: Any) -> None:
    try:
        await raw.close(timeout=GOODBYE)
    except Exception:
        raw.terminate()
