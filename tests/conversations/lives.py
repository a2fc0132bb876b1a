"""Short lives of the house: a process of its own that holds what is due and is killed on the way."""

import asyncio
import multiprocessing
import os
import signal
from typing import Any
from unittest.mock import patch

from bot.app import open_house
from bot.delivery.sender import Sender
from bot.domain.posts import Post
from bot.messages.outgoing import Sent
from bot.settings import Settings
from bot.storage.postgres import PostgresStore
from bot.storage.sqlite import SqliteStore
from tests.house import FakeClock

_PATIENCE = 60.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.conversations.lives"])


class _Steps:
    """Counts what cannot be taken back, each commit of something and each post handed to a platform, and
    kills the process right after the last step it is allowed."""

    def __init__(self, allowed: int) -> None:
        self._left = allowed
        self._changes = 0

    def taken(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count from now on."""
        in_file, in_server, send = SqliteStore._commit, PostgresStore._commit, Sender._send

        async def counted_in_file(store: SqliteStore, records: Any) -> None:
            await in_file(store, records)
            changes, self._changes = self._changes, store._writer.raw.total_changes
            if self._changes != changes:
                self.taken()

        async def counted_in_server(store: PostgresStore, raw: Any, records: Any) -> None:
            changed = await raw.fetchval("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            await in_server(store, raw, records)
            if changed:
                self.taken()

        async def counted_send(sender: Sender, post: Post) -> Sent:
            sent = await send(sender, post)
            self.taken()
            return sent

        patch.object(SqliteStore, "_commit", counted_in_file).start()
        patch.object(PostgresStore, "_commit", counted_in_server).start()
        patch.object(Sender, "_send", counted_send).start()


def live(settings: Settings, at: int, steps: int) -> None:
    """Open the house at an instant, hold what is due, and close; or die after a number of steps."""
    asyncio.run(_live(settings, at, _Steps(steps)))


async def _live(settings: Settings, at: int, steps: _Steps) -> None:
    steps.watch()
    clock = FakeClock(at)
    async with open_house(settings, clock, timer=clock, ticking=False) as house:
        await house.tick()
        await house.sender.settled()


async def was_killed(settings: Settings, at: int, steps: int) -> bool:
    """Let one life run to its end; whether it was killed on the way."""
    process = _processes.Process(target=live, args=(settings, at, steps))
    process.start()
    await asyncio.to_thread(process.join, _PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0
