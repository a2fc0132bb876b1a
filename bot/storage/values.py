"""Values as either database can store them."""

from typing import Any


def storable(value: Any) -> Any:
    """A value as PostgreSQL takes it, and SQLite too: truth values and enumerations as plain numbers and
    texts, and U+FFFD for the zero character, which PostgreSQL cannot store."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")
    return value
