"""Who has read what, and how closely."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

NOTE_LIMIT = 500
"""The longest note kept with a reading, in characters."""


NOTE_GAP = "\n\n"
"""What stands between the parts of a note that was added to."""


class Level(IntEnum):
    """How closely a paper was read, from a skim to a reproduction of its results."""

    SKIMMED = 1
    READ = 2
    PRESENTED = 3
    REPRODUCED = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """One member's record of one paper. `at` is seconds since 1970, UTC."""

    member_id: int
    paper_id: str
    level: Level
    note: str
    at: int


def room_in(note: str) -> int:
    """How many characters may still be added to a note, at least one line apart from what it says."""
    return max(0, NOTE_LIMIT - len(note) - len(NOTE_GAP)) if note else NOTE_LIMIT


def weeks_in_a_row(weeks: Collection[tuple[int, bool]]) -> int:
    """How many of the latest weeks in a row were read.

    `weeks` holds (number, read) in any order. The newest week does not break the row while it is
    still unread: there is time left to read it.
    """
    ordered = sorted(weeks, reverse=True)
    if ordered and not ordered[0][1]:
        ordered = ordered[1:]
    row = 0
    for _, read in ordered:
        if not read:
            break
        row += 1
    return row
