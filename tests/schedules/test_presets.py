"""The presets as data: each is a rhythm that a club can live by."""

import tomllib
from importlib.resources import files
from itertools import pairwise

import pytest

from bot.domain.cadence import Beat, BeatKind
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.use_cases.clubs import DEFAULT_PRESET
from bot.use_cases.command import CHOICES, Kind
from schedules.presets import load_presets, read_presets

WEEK = 7 * 24 * 60
PRESETS = load_presets()


def after_the_paper(beat: Beat, paper: Beat) -> int:
    """Minutes from a paper to the next time of a beat."""
    if beat.days_after is not None:
        return beat.days_after * 24 * 60 + beat.minute - paper.minute
    days = ((beat.weekday or 0) - (paper.weekday or 0)) % 7
    minutes = days * 24 * 60 + beat.minute - paper.minute
    return minutes if minutes > 0 else minutes + WEEK


def test_the_choices_and_their_words_are_those_of_the_file() -> None:
    told = tomllib.loads(files("schedules").joinpath("presets.toml").read_text("utf-8"))
    assert tuple(told) == tuple(PRESETS) == CHOICES[Kind.PRESET]
    assert DEFAULT_PRESET in PRESETS
    texts = Texts(load_catalogues())
    for language in texts.catalogues:
        names = [texts[language].plain(f"choice.preset.{name}") for name in PRESETS]
        assert len(set(names)) == len(names) == 4


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_papers_posts_come_in_order_before_the_next_paper(name: str) -> None:
    beats = PRESETS[name]
    papers = [beat for beat in beats if beat.kind is BeatKind.PAPER]
    every = papers[0].every * WEEK
    starts = [(beat.weekday or 0) * 24 * 60 + beat.minute for beat in papers]
    gaps = [b - a for a, b in pairwise([*starts, starts[0] + every])]
    rest = [beat for beat in beats if beat.kind is not BeatKind.PAPER]
    for paper, gap in zip(papers, gaps, strict=True):
        times = [after_the_paper(beat, paper) for beat in rest]
        assert times == sorted(times)
        assert times[0] > 0
        assert times[-1] < gap
    assert [beat.kind for beat in rest if beat.kind is not BeatKind.PROMPT] == [BeatKind.QUIZ, BeatKind.RECAP]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{ kind = "paper", time = 09:00:00 }', "a beat has a day or days_after"),
        ('{ kind = "paper", days_after = 1, time = 09:00:00 }', "a paper has a day"),
        ('{ kind = "quiz", day = "monday", days_after = 1, time = 09:00:00 }', "a day or days_after"),
        ('{ kind = "quiz", day = "monday", time = 09:00:00 }', "there is no paper in it"),
        ('{ kind = "paper", day = "someday", time = 09:00:00 }', "Invalid enum value 'someday'"),
        ('{ kind = "exam", day = "monday", time = 09:00:00 }', "exam"),
        ('{ kind = "paper", day = "monday", time = "nine" }', "time"),
    ],
)
def test_a_preset_that_makes_no_sense_is_refused(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_presets(f"odd = [{line}]")
