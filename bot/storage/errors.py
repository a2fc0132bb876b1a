"""What SQLite says about its file, in the words of the port.

Source: SQLite's *Result and Error Codes*; the low byte of a code is the kind of error.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bot.ports import StorageBusy, StorageFull, StorageUnavailable

_KIND: Final = 0xFF

_KINDS: Final[dict[int, StorageUnavailable]] = {
    sqlite3.SQLITE_FULL: StorageFull(
        "the disk is full: nothing can be recorded until there is room, and only reading goes on"
    ),
    sqlite3.SQLITE_BUSY: StorageBusy("another program holds the database: nothing can be recorded meanwhile"),
    sqlite3.SQLITE_LOCKED: StorageBusy("the database is locked: nothing can be recorded meanwhile"),
    sqlite3.SQLITE_IOERR: StorageUnavailable("the disk fails: nothing can be recorded"),
    sqlite3.SQLITE_CANTOPEN: StorageUnavailable("the database file, or one beside it, cannot be opened"),
}

_ON_WRITING: Final = {
    sqlite3.SQLITE_READONLY: StorageUnavailable(
        "the database file may not be written: nothing can be recorded, and only reading goes on"
    ),
}
"""What is our own fault on a connection that is meant for reading."""


@contextmanager
def understood(*, writing: bool = False) -> Iterator[None]:
    """Raise StorageUnavailable for an error of the file; others are left as they are."""
    try:
        yield
    except sqlite3.Error as error:
        kind = getattr(error, "sqlite_errorcode", 0) & _KIND
        known = _KINDS.get(kind) or (_ON_WRITING.get(kind) if writing else None)
        if known is None:
            raise
        raise type(known)(f"{known} ({error})") from error
