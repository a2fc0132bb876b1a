"""Places: how many posts may be on their way to a platform, and what becomes of that when it falls silent."""

import pytest

from bot.delivery.places import FIRST_PAUSE, LONGEST_PAUSE, End, Places
from tests.house import HandTimer


@pytest.fixture
def timer() -> HandTimer:
    return HandTimer()


@pytest.fixture
def places(timer: HandTimer) -> Places:
    return Places(timer, 3)


def test_a_place_comes_back_with_its_post(places: Places) -> None:
    for _ in range(3):
        places.begin()
    assert places.free() == 0
    assert places.wait() == 0
    places.end(End.ANSWERED)
    assert places.free() == 1
    places.end(End.UNTRIED)
    assert places.free() == 2


def test_a_platform_that_answers_nothing_gets_as_many_posts_as_there_are_places(places: Places) -> None:
    sent = 0
    while places.free():
        places.begin()
        places.end(End.SILENT)
        sent += 1
    assert sent == 3
    assert places.wait() == FIRST_PAUSE


def test_a_silent_platform_is_tried_with_one_post_at_a_time_and_growing_pauses(
    timer: HandTimer, places: Places
) -> None:
    for _ in range(3):
        places.begin()
        places.end(End.SILENT)
    pauses = []
    for _ in range(6):
        pauses.append(places.wait())
        assert places.free() == 0
        timer.advance(places.wait())
        assert places.free() == 1
        places.begin()
        assert places.free() == 0
        places.end(End.SILENT)
    assert pauses == [5, 10, 20, 40, LONGEST_PAUSE, LONGEST_PAUSE]


def test_the_first_answer_gives_all_places_back(timer: HandTimer, places: Places) -> None:
    for _ in range(3):
        places.begin()
        places.end(End.SILENT)
    timer.advance(FIRST_PAUSE)
    places.begin()
    places.end(End.ANSWERED)
    assert (places.free(), places.wait()) == (3, 0)


def test_a_few_silent_chats_among_many_take_no_place(places: Places) -> None:
    for _ in range(50):
        for end in (End.SILENT, End.SILENT, End.ANSWERED):
            assert places.free()
            places.begin()
            places.end(end)


def test_a_post_that_was_not_tried_says_nothing_of_the_platform(timer: HandTimer, places: Places) -> None:
    for _ in range(3):
        places.begin()
        places.end(End.SILENT)
    timer.advance(FIRST_PAUSE)
    places.begin()
    places.end(End.UNTRIED)
    assert places.free() == 1
