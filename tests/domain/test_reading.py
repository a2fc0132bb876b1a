"""Weeks in a row, and the room in a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reading import NOTE_GAP, NOTE_LIMIT, room_in, weeks_in_a_row


@pytest.mark.parametrize(
    ("weeks", "row"),
    [
        ("", 0),
        ("-", 0),
        ("x", 1),
        ("xx", 2),
        ("xx-", 2),  # the newest week is not over yet
        ("xx--", 0),
        ("x-x", 1),
        ("x-x-", 1),
        ("-xxx", 3),
    ],
)
def test_a_row_ends_at_the_first_week_that_was_not_read(weeks: str, row: int) -> None:
    assert weeks_in_a_row([(number, mark == "x") for number, mark in enumerate(weeks, 1)]) == row


@given(st.lists(st.booleans()), st.randoms())
def test_the_order_in_which_weeks_are_given_does_not_matter(read: list[bool], random: object) -> None:
    weeks = list(enumerate(read, 1))
    assert weeks_in_a_row(weeks) == weeks_in_a_row(weeks[::-1]) == weeks_in_a_row(set(weeks))
    assert weeks_in_a_row(weeks) <= sum(read)


def test_a_note_has_room_for_what_is_left_beside_the_gap() -> None:
    assert room_in("") == NOTE_LIMIT
    assert room_in("x") == NOTE_LIMIT - 1 - len(NOTE_GAP)
    assert room_in("x" * (NOTE_LIMIT - 1)) == room_in("x" * NOTE_LIMIT) == 0
