"""A key and its values become a sentence."""

from zoneinfo import ZoneInfo

import pytest

from bot.domain.languages import Language
from bot.messages.texts import Marked, Words
from tests.house import START, rendered, words

EN, ZH = words()[Language.EN], words()[Language.ZH]


def test_gaps_are_filled() -> None:
    assert EN("read.together", readers=3, members=12) == "3 of 12 have read it."
    assert ZH("read.together", readers=3, members=12) == "读书会 12 人中已有 3 人读过。"


def test_what_people_write_is_escaped_and_what_we_wrote_is_not() -> None:
    said = EN("error.paper.unknown", asked="*{asked}* <b> [x](y)")
    assert "“*{asked}* <b> [x](y)”" in rendered(said)
    assert EN("setup.now.next", when=Marked("**now**")) == "Next paper: **now**"


def test_plain_words_keep_peoples_stars_and_lose_ours() -> None:
    assert EN.plain("join.done", name="*Ann*", title="T", number=1).startswith("Welcome, *Ann*.")


@pytest.mark.parametrize(
    ("language", "n", "told"),
    [
        (EN, 0, "0 weeks in a row"),
        (EN, 1, "1 week in a row"),
        (EN, 2, "2 weeks in a row"),
        (ZH, 1, "连续 1 周"),
        (ZH, 2, "连续 2 周"),
    ],
)
def test_a_number_chooses_its_form(language: Words, n: int, told: str) -> None:
    assert language.count("progress.row", n) == language.plain_count("progress.row", n) == told


def test_a_key_that_no_catalogue_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        EN("no.such.key")
    with pytest.raises(KeyError):
        ZH.count("no.such.key", 2)


def test_a_gap_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        EN("read.together", readers=3)


def test_a_time_is_told_in_the_clubs_zone() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    assert EN.when(START, kathmandu) == "Mon 31 Aug, 12:45"
    assert ZH.when(START, kathmandu) == "8月31日 周一 12:45"


def test_a_list_is_told_as_people_say_it() -> None:
    assert [EN.listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert ZH.listed(["甲", "乙", "丙"]) == "甲、乙、丙"
