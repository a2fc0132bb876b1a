"""A plan counts its papers from 1, across its sections."""

from bot.domain.languages import Bilingual, ClubLanguage, Language, language_of
from bot.domain.plans import Plan, Section

PLAN = Plan(
    "p",
    Bilingual("Plan", "计划"),
    (Section(Bilingual("One", "一"), ("a", "b")), Section(Bilingual("Two", "二"), ("c",))),
)


def test_papers_are_counted_across_sections() -> None:
    assert PLAN.papers == ("a", "b", "c")
    assert [PLAN.paper(number) for number in (1, 2, 3)] == ["a", "b", "c"]
    assert [PLAN.number(paper) for paper in "abc"] == [1, 2, 3]


def test_nothing_stands_outside_a_plan() -> None:
    assert [PLAN.paper(number) for number in (-1, 0, 4)] == [None, None, None]
    assert PLAN.number("d") is None


def test_a_language_tag_is_read_by_its_first_part() -> None:
    tags = {"zh-hans": "zh", "zh_TW": "zh", "ZH": "zh", "en-GB": "en", "de": "en", "": "en", None: "en"}
    assert {tag: language_of(tag).value for tag in tags} == tags
    assert language_of("de", Language.ZH) is Language.ZH


def test_a_club_of_both_languages_speaks_english_first() -> None:
    assert ClubLanguage.BOTH.spoken() == (Language.EN, Language.ZH)
    assert ClubLanguage.ZH.spoken() == (Language.ZH,)
