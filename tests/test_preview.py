"""What an author is shown of a paper before anybody else is."""

import re

import pytest

from bot.domain.clubs import Platform
from bot.domain.languages import ClubLanguage, Language
from bot.domain.papers import Paper
from bot.preview import preview
from tests.house import library

OF = re.compile(r"([\d,]+) of ([\d,]+)")


@pytest.fixture(scope="module")
def adam() -> Paper:
    paper = library().paper("adam")
    assert paper is not None
    return paper


async def shown(
    paper: Paper, platform: Platform, language: ClubLanguage = ClubLanguage.BOTH
) -> dict[str, list[str]]:
    """What a preview shows, by its titles."""
    told: dict[str, list[str]] = {}
    async for block in preview(library(), paper, language, platform):
        title, _, text = block.partition("\n")
        told.setdefault(title.strip("━ "), []).append(text)
    return told


def lengths(told: str) -> list[tuple[int, int]]:
    return [(int(a.replace(",", "")), int(b.replace(",", ""))) for a, b in OF.findall(told)]


@pytest.mark.parametrize("platform", list(Platform))
async def test_a_preview_goes_through_the_whole_week_and_every_question_in_both_languages(
    platform: Platform, adam: Paper
) -> None:
    told = await shown(adam, platform)

    week = [title.partition(",")[0] for title in told if title.endswith("posted in the group")]
    questions = [] if platform.gathers else ["question"]
    assert week == ["paper", "thread", "starter", "prompt", "quiz", *questions, "recap"]
    asked = "\n".join(told["quiz, posted in the group"] + told.get("question, posted in the group", []))
    assert len(set(re.findall(r"Question (\d) of 5", asked))) == 5
    for language in Language:
        private = "\n".join(
            text for title, texts in told.items() if f"({language})" in title for text in texts
        )
        assert len(told[f"answer ({language}), for one member alone"]) == len(adam.questions)
        for prompt in adam.prompts:
            assert prompt.text[language][:20] in private.replace("\\", "")
        assert adam.summaries[language].today[:10] in private


async def test_a_preview_in_one_language_shows_that_one_alone(adam: Paper) -> None:
    told = await shown(adam, Platform.TELEGRAM, ClubLanguage.ZH)

    (post,) = told["paper, posted in the group"]
    assert "<bold>思路</bold>" in post
    assert "The idea" not in post
    assert not any("(en)" in title for title in told)


async def test_telegrams_entities_stand_around_what_they_mark_also_after_an_emoji(adam: Paper) -> None:
    told = await shown(adam, Platform.TELEGRAM)

    (recap,) = told["recap, posted in the group"]
    assert f"🗓 <bold>The week with {adam.title.en}</bold>" in recap
    (post,) = told["paper, posted in the group"]
    assert "<expandable_blockquote><bold>中文</bold>" in post
    assert post.count("<bold>") == post.count("</bold>")


async def test_a_wrong_answer_of_the_group_is_explained_in_the_recap(adam: Paper) -> None:
    (recap,) = (await shown(adam, Platform.WEB))["recap, posted in the group"]

    assert any(question.options[question.key].why.en in recap for question in adam.questions)


@pytest.mark.parametrize("platform", [Platform.TELEGRAM, Platform.DISCORD])
async def test_every_length_is_shown_against_its_limit(platform: Platform, adam: Paper) -> None:
    told = await shown(adam, platform)

    for title, texts in told.items():
        for text in texts:
            if not text.startswith(("[thread]", "[toast]")):
                heads = [line for line in text.splitlines() if line.startswith("[") and " of " in line]
                assert heads, title
                assert all(length <= limit for head in heads for length, limit in lengths(head)), title
