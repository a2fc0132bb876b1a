"""How the processes on one PostgreSQL hear of each other: NOTIFY and LISTEN."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bot.ports import StorageUnavailable
from bot.storage.postgres_connection import connect, told
from bot.storage.statements import Connection

log = logging.getLogger(__name__)

CHANNEL = "paperclub"

ASK_EVERY = 30.0
ASK_TIMEOUT = 5.0
"""How often the server is asked whether it is there, and how long it may take to answer, in seconds."""

PAUSE = 1.0
"""How long to wait before listening again, in seconds."""


class Bell:
    """Rings for the others, and hears them ring. What they ring while the server is away is not heard."""

    def __init__(self) -> None:
        self._self = secrets.token_hex(4)

    async def ring(self, connection: Connection, number: int) -> None:
        """Tell the others of a number, when and if the transaction is committed."""
        await connection.execute_fetchall(
            "SELECT pg_notify(:channel, :words)", {"channel": CHANNEL, "words": f"{self._self} {number}"}
        )

    async def listen(self, address: str, heard: Callable[[int], Awaitable[None]]) -> None:
        """Hand on each number that another rings, in order, until cancelled."""
        numbers: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(address, numbers))
            while True:
                number = await numbers.get()
                try:
                    await heard(number)
                except StorageUnavailable:
                    log.info("what another process told of cannot be looked up now")
                except Exception:
                    log.exception("what another process told of could not be shown")

    async def _hear(self, address: str, numbers: asyncio.Queue[int]) -> None:
        while True:
            try:
                with told():
                    await self._hear_until_lost(address, numbers)
            except StorageUnavailable:
                await asyncio.sleep(PAUSE)

    async def _hear_until_lost(self, address: str, numbers: asyncio.Queue[int]) -> None:
        def rung(_: Any, __: int, ___: str, words: str) -> None:
            who, _, number = words.partition(" ")
            if who != self._self:
                numbers.put_nowait(int(number))

        lost = asyncio.Event()
        raw = await connect(address)
        try:
            raw.add_termination_listener(lambda _: lost.set())
            await raw.add_listener(CHANNEL, rung)
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(ASK_EVERY):
                        await lost.wait()
                await raw.fetchval("SELECT 1", timeout=ASK_TIMEOUT)
        finally:
            raw.terminate()
