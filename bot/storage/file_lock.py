"""A lock among the processes of one machine, released by the system however its holder ends."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

TRY_EVERY = 0.25
"""How often a lock that is taken is tried again, in seconds."""


@asynccontextmanager
async def locked(path: Path, on_waiting: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the lock of a file, which is there only while the lock is held. `on_waiting` is called once
    if another process holds it now."""
    held = _try(path)
    if held is None:
        on_waiting()
    while held is None:
        await asyncio.sleep(TRY_EVERY)
        held = _try(path)
    try:
        yield
    finally:
        _release(path, held)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock of a file."""
    held = _try(path) if path.exists() else None
    if held is not None:
        _release(path, held)
    return held is None and path.exists()


def _try(path: Path) -> int | None:
    """The file's descriptor with the lock on it; None while it is taken."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Its last holder may have removed the file in between: a lock on that one would be worth nothing.
        if os.fstat(descriptor).st_ino == os.stat(path).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def _release(path: Path, held: int) -> None:
    path.unlink(missing_ok=True)
    os.close(held)
