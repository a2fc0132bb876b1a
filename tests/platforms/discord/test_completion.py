"""What completes what is typed: papers, terms, zones, times, dates."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files

import pytest

from bot.domain.errors import Problem
from bot.domain.languages import Bilingual, Language
from bot.domain.plans import Plan, Section
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.platforms.discord.completion import Choice, Completion, Typing
from bot.platforms.discord.limits import CHOICE_NAME, CHOICES
from bot.use_cases.command import CHOICES as FIXED
from bot.use_cases.command import Kind
from bot.use_cases.times import date_meant, is_in_reach, is_off, read_day, read_time, read_zone

LIBRARY = ContentLibrary.load(files("content"))
TEXTS = Texts(load_catalogues())
COMPLETION = Completion(LIBRARY, TEXTS)
PLAN = LIBRARY.plans()[0]
TODAY = date(2026, 9, 2)
"""A Wednesday."""


def complete(
    kind: Kind,
    typed: str,
    language: Language = Language.EN,
    plan: Plan | None = PLAN,
    options: Mapping[str, str] | None = None,
) -> list[Choice]:
    return COMPLETION.choices(kind, Typing(typed, TEXTS[language], plan, TODAY, options or {}))


def values(kind: Kind, typed: str, language: Language = Language.EN, plan: Plan = PLAN) -> list[str]:
    return [value for _, value in complete(kind, typed, language, plan)]


def test_nothing_typed_lists_the_plan_in_order() -> None:
    found = complete(Kind.PAPER, " ")
    assert [value for _, value in found] == list(PLAN.papers[:CHOICES])
    first = LIBRARY.paper(PLAN.papers[0])
    assert first is not None
    assert found[0][0] == f"1 · {first.title.en}"
    assert all(len(name) <= CHOICE_NAME for name, _ in found)


def test_a_number_means_its_paper_then_those_that_begin_with_it() -> None:
    assert values(Kind.PAPER, "3", Language.ZH) == [PLAN.papers[2]]
    tens = [paper for number, paper in enumerate(PLAN.papers, 1) if 10 <= number < 20]
    assert values(Kind.PAPER, "1") == [PLAN.papers[0], *tens]
    assert values(Kind.PAPER, "999") == []


@pytest.mark.parametrize("language", Language)
def test_words_of_the_title_in_either_language_find_a_paper(language: Language) -> None:
    paper = LIBRARY.paper(PLAN.papers[2])
    assert paper is not None
    for title in (paper.title.en, paper.title.zh):
        assert complete(Kind.PAPER, title, language)[0] == (
            f"3 · {paper.title[language]}"[:CHOICE_NAME],
            paper.id,
        )


def test_every_paper_is_found_by_its_authors_and_by_two_letters_of_a_word() -> None:
    for paper_id in PLAN.papers:
        paper = LIBRARY.paper(paper_id)
        assert paper is not None
        assert paper_id in values(Kind.PAPER, paper.authors[0])
        begun = values(Kind.PAPER, paper.title.en[:2])
        assert paper_id in begun or len(begun) == CHOICES


def test_part_of_a_chinese_word_finds_a_paper() -> None:
    for paper_id in PLAN.papers:
        paper = LIBRARY.paper(paper_id)
        assert paper is not None
        [*_, last_two] = [paper.title.zh[i : i + 2] for i in range(len(paper.title.zh) - 1)]
        found = values(Kind.PAPER, last_two, Language.ZH)
        assert paper_id in found or len(found) == CHOICES or not last_two.isalpha()


def test_a_misspelt_word_still_finds_the_paper() -> None:
    assert values(Kind.PAPER, "dropuot")[0].startswith("dropout")
    assert values(Kind.PAPER, "zzzzzz") == []


def test_only_papers_of_the_plan_are_offered_with_their_numbers_there() -> None:
    both = Bilingual("Two", "两篇")
    two = Plan("two", both, (Section(both, (PLAN.papers[4], PLAN.papers[2])),))
    assert values(Kind.PAPER, "", plan=two) == [PLAN.papers[4], PLAN.papers[2]]
    third = LIBRARY.paper(PLAN.papers[2])
    assert third is not None
    assert complete(Kind.PAPER, third.title.en, plan=two)[0][0].startswith("2 · ")
    assert complete(Kind.PAPER, "", plan=None) == []


def test_a_term_is_completed_from_its_names_in_both_languages() -> None:
    assert ("随机失活", "dropout") in complete(Kind.TERM, "drop", Language.ZH)
    assert ("dropout", "dropout") in complete(Kind.TERM, "失活")
    assert complete(Kind.TERM, "drpout") == [("dropout", "dropout")]
    every = complete(Kind.TERM, " ")
    assert every == [(term.name.en, term.id) for term in LIBRARY.terms()[:CHOICES]]
    assert len(every) == CHOICES


def test_zones_of_cities_that_begin_so_come_first() -> None:
    assert values(Kind.ZONE, "new y")[0] == "America/New_York"
    assert len(values(Kind.ZONE, "")) == CHOICES
    assert values(Kind.ZONE, "nowhere at all") == []


@pytest.mark.parametrize("typed", ["", "e", "etc", "gmt", "asia"])
def test_every_zone_that_is_offered_is_taken(typed: str) -> None:
    assert [read_zone(zone) for zone in values(Kind.ZONE, typed)] == values(Kind.ZONE, typed)


@pytest.mark.parametrize(
    ("typed", "first", "among"),
    [
        ("", "07:00", "00:00"),
        ("9", "09:00", "09:30"),
        ("8pm", "20:00", "20:00"),
        ("21点", "21:00", "21:00"),
        ("1", "01:00", "19:30"),
        ("7:15", "07:15", "07:15"),
    ],
)
def test_times_are_completed_however_they_are_written(typed: str, first: str, among: str) -> None:
    found = values(Kind.TIME, typed)
    assert found[0] == first
    assert among in found
    assert all(0 <= read_time(time) < 24 * 60 for time in found)


@pytest.mark.parametrize("typed", ["noon", "09:4", "25"])
def test_what_is_no_time_is_completed_with_nothing(typed: str) -> None:
    assert values(Kind.TIME, typed) == []


def test_dates_are_the_next_mondays_unless_one_is_typed() -> None:
    found = values(Kind.DATE, "")
    assert found[:3] == ["2026-09-02", "2026-09-07", "2026-09-14"]
    assert complete(Kind.DATE, "", Language.ZH)[1] == ("9月7日 周一 · 2026-09-07", "2026-09-07")
    assert values(Kind.DATE, "friday") == ["2026-09-04"]
    assert values(Kind.DATE, "10-12")[0] == "2026-10-12"
    assert values(Kind.DATE, "mon")[:2] == ["2026-09-07", "2026-09-14"]
    assert values(Kind.DATE, "2020-01-01") == []
    assert values(Kind.DATE, "the day of days") == []
    for typed in ("", "1", "2026-1", "tomorrow"):
        for day in values(Kind.DATE, typed):
            meant = date_meant(day, TODAY)
            assert meant is not None
            assert is_in_reach(meant, TODAY)


def test_a_beat_comes_on_a_day_or_after_the_paper_or_never() -> None:
    found = complete(Kind.WHEN, "")
    assert [value for _, value in found] == [*FIXED[Kind.DAY], *(f"+{n}" for n in range(8)), "off"]
    assert ("2 days after the paper", "+2") in found
    assert ("论文之后第 2 天", "+2") in complete(Kind.WHEN, "", Language.ZH)
    assert values(Kind.WHEN, "2") == values(Kind.WHEN, "+2") == ["+2"]
    assert values(Kind.WHEN, "星期三", Language.ZH) == ["wednesday"]
    for value in values(Kind.WHEN, ""):
        assert value.startswith("+") or is_off(value) or read_day(value) >= 0


def test_the_paper_itself_comes_after_no_paper() -> None:
    found = [value for _, value in complete(Kind.WHEN, "", options={"beat": "paper"})]
    assert found == [*FIXED[Kind.DAY], "off"]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("typed", ["", "a" * 6000, "\u202e\x00", "🙂", "(", "-1", "%", "第", "9" * 400])
def test_whatever_is_typed_gets_choices_that_discord_takes(kind: Kind, typed: str) -> None:
    try:
        found = complete(kind, typed)
    except Problem as problem:  # which is for people, and has no place here
        pytest.fail(str(problem))
    assert len(found) <= CHOICES
    assert all(1 <= len(name) <= CHOICE_NAME and 1 <= len(value) <= 100 for name, value in found)
