"""For what must not stop half-way when whoever asked for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def to_its_end(action: Coroutine[Any, Any, None]) -> None:
    """Await an action whole; a cancellation that comes meanwhile is raised after it."""
    task = asyncio.create_task(action)
    cancelled = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break
    if cancelled and not task.cancelled() and task.exception() is None:
        raise cancelled
    task.result()
