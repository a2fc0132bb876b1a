"""`/paper`: this week's, the next, the list, one by name, and search."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.languages import ClubLanguage, Language
from bot.library.library import ContentLibrary
from bot.messages.actions import Verb
from bot.messages.drawings import PaperFigure
from bot.messages.markup import QUOTE_LIMIT
from bot.messages.outgoing import Button, Buttons, Fold
from tests.house import ANN, DAY, HOUR, INES, LIN, WEEK, Desk, library, open_desk, private, rendered

FIRST = "Improving neural networks by preventing co-adaptation of feature detectors"
FIRST_ZH = "通过阻止特征检测器的共适应来改进神经网络"
SECOND = "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"


async def test_before_the_first_week_the_first_paper_is_shown_with_its_date(desk: Desk) -> None:
    await desk.found()
    card = await desk.say(ANN, "/paper")
    assert "The club begins Mon 31 Aug, 09:00. Nobody minds if you look ahead:" in card.text
    assert "To begin with · 1 of 18" in card.text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            ClubLanguage.EN,
            [
                "This week · 1 of 18",
                f"{FIRST}\n{FIRST_ZH}",
                "Authors Geoffrey E. Hinton",
                "Published arXiv",
                "2012",
                "Level ●",
                " of 5",
                "Time 30 minutes for a first look, 2 hours to read with care",
                "Read before nothing",
                "The problem",
                "What came of it",
            ],
        ),
        (
            ClubLanguage.ZH,
            [
                "本周论文 · 第 1 篇，共 18 篇",
                f"{FIRST_ZH}\n{FIRST}",
                "作者 Geoffrey E. Hinton",
                "难度 ●",
                "用时 初读 30 分钟，细读 2 小时",
                "先读 无需准备",
                "后来",
            ],
        ),
    ],
)
async def test_a_paper_is_told_whole(desk: Desk, language: ClubLanguage, told: list[str]) -> None:
    await desk.found(language)
    await desk.pass_time(2 * HOUR)
    card = await desk.say(ANN, "/paper today")
    assert [piece for piece in told if piece not in card.text] == []
    assert (await desk.say(ANN, "/paper")).text == card.text


async def test_a_paper_has_its_links_and_its_buttons(desk: Desk) -> None:
    await desk.found()
    card = await desk.say(ANN, "/paper")
    labels = ("I’ve read it", "Quiz me", "Discuss", "Paper’s page", "PDF", "More about it", "Glossary")
    assert card.labels == labels
    paper = library().paper("dropout-2012")
    assert paper is not None
    assert [button.url for button in card.buttons if button.url] == [paper.page, paper.pdf]


async def test_a_paper_names_those_to_read_before_it(desk: Desk) -> None:
    await desk.found()
    assert f"Read before {FIRST}" in (await desk.say(ANN, "/paper show 2")).text


async def test_the_next_paper_comes_with_its_date(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    card = await desk.say(ANN, "/paper next")
    assert "It comes Mon 7 Sep, 09:00." in card.text
    assert "Coming next · 2 of 18" in card.text
    assert SECOND in card.text
    await desk.say(INES, "/schedule pause")
    assert "It comes after the break." in (await desk.say(ANN, "/paper next")).text


async def test_at_the_end_of_the_plan_there_is_no_next_paper(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    for _ in range(17):
        await desk.pass_time(WEEK)
    assert "18 of 18" in (await desk.say(ANN, "/paper")).text
    assert "has come to the end of its plan" in (await desk.say(ANN, "/paper next")).text


async def test_the_list_shows_every_paper_by_section_and_marks_this_weeks(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = (await desk.say(ANN, "/paper list")).text
    plan = library().plans()[0]
    for number, paper_id in enumerate(plan.papers, 1):
        paper = library().paper(paper_id)
        assert paper is not None
        assert f"{number}. {paper.title.en}" in told
    assert [section.title.en in told for section in plan.sections] == [True] * 3
    assert f"1. {FIRST} ◀ (2012)" in told
    assert told.count("◀") == 1


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("3", 3),
        ("#3", 3),
        ("第 3 篇", 3),
        ("batch-norm", 3),
        ("Batch Norm", 3),
        ("批归一化", 3),
        ("adam optimizer", 8),
        ("生成对抗", 14),
        ("goodfellow", 14),
    ],
)
async def test_a_paper_is_shown_by_number_name_or_words(desk: Desk, asked: str, number: int) -> None:
    await desk.found()
    assert f"Paper {number} of 18" in (await desk.say(ANN, f"/paper show {asked}")).text
    assert f"Paper {number} of 18" in (await desk.say(ANN, f"/paper {asked}")).text
    assert f"第 {number} 篇" in (await desk.say(LIN, f"/paper {asked}", private(LIN))).text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/paper show", "Something is missing: /paper show <paper>. For instance /paper show 3"),
        ("/paper search", "Something is missing: /paper search <words>. For instance /paper search dropout"),
        ("/paper show 19", "I know no paper like “19”. /paper list shows them all."),
        ("/paper 0", "I know no paper like “0”."),
        ("/paper lst", "I don’t know /paper lst. Did you mean /paper list?"),
        ("/paper show xyzzyplugh", "I know no paper like “xyzzyplugh”."),
        ("/paper search xyzzyplugh", "I know no paper like “xyzzyplugh”."),
        ("/paper list 3", "I did not understand “3”. The command goes /paper list."),
        ("/paper next week", "I did not understand “week”. The command goes /paper next."),
    ],
)
async def test_what_is_not_understood_gets_one_kind_sentence(desk: Desk, line: str, told: str) -> None:
    await desk.found()
    heard = await desk.say(ANN, line)
    assert told in heard.text
    assert heard.reply.private


async def test_a_slip_suggests_the_nearest_paper(desk: Desk) -> None:
    await desk.found()
    near = (await desk.say(ANN, "/paper show dropuot overfiting simpel")).text
    assert "Dropout" in near or "Did you mean" in near


async def test_a_search_offers_a_button_for_each_paper(desk: Desk) -> None:
    await desk.found()
    found = await desk.say(ANN, "/paper search dropout")
    assert "papers for “dropout”" in found.text
    assert found.labels[:2] == ("1", "2")
    assert "Paper 2 of 18" in (await desk.press(ANN, found.token("2"))).text
    one = await desk.say(LIN, "/paper search 生成对抗", private(LIN))
    assert "找到 " in one.text


async def test_what_someone_typed_is_quoted_safely_and_in_short(desk: Desk) -> None:
    await desk.found()
    asked = "**\u202e<zq>" + "z" * 3000
    for heard in (
        await desk.ask(ANN, "paper show", paper=asked),
        await desk.ask(ANN, "paper search", words=asked),
        await desk.ask(ANN, "progress", member=asked),
    ):
        told = heard.text
        assert "“** <zq>zzz" in told
        assert "\u202e" not in told
        assert len(told) < QUOTE_LIMIT + 100


# More about it


@pytest.mark.parametrize(
    ("words", "replaced"),
    [
        ("autoencoder", True),
        ("auto encoding variational bayes kingma", True),
        ("auto encoding variational bayes diederik kingma", False),
        ("auto encoding variational bayes by the authors kingma and max welling", False),
        ("auto-encoding: variational", False),
        ("变分自编码器", True),
    ],
)
async def test_a_paper_takes_the_place_of_what_was_found_where_there_is_a_way_back(
    desk: Desk, words: str, replaced: bool
) -> None:
    found = await desk.say(ANN, f"/paper search {words}", private(ANN))
    number = next(button for button in found.buttons if button.action and "vae" in button.action.args)
    card = await desk.press(ANN, found.token(number.label), private(ANN))
    assert "Auto-Encoding Variational Bayes" in card.text
    assert (card.reply.edit, "‹ Back" in card.labels) == (replaced, replaced)
    if replaced:
        assert (await desk.press(ANN, card.token("‹ Back"), private(ANN))).text == found.text


async def test_the_longer_summary_is_turned_page_by_page(desk: Desk) -> None:
    await desk.found()
    card = await desk.say(ANN, "/paper 3")
    page = await desk.press(LIN, card.token("More about it"))
    assert page.reply.private
    headings = [page.text.partition("\n")[0]]
    while "下一页 ›" in page.labels:
        page = await desk.press(LIN, page.token("下一页 ›"))
        assert page.reply.edit
        headings.append(page.text.partition("\n")[0])
    assert [heading.partition(" · ")[0] for heading in headings] == [
        *("一图看懂", "要点", "公式", "常见误解", "今天怎么看", "阅读指南"),
    ]
    assert "(6/6)" in headings[-1]
    back = await desk.press(LIN, page.token("‹ 上一页"))
    assert back.reply.edit
    assert "(5/6)" in back.text


async def test_turning_back_to_the_first_page_stays_in_the_same_message(desk: Desk) -> None:
    await desk.found()
    first = await desk.do(ANN, Verb.MORE, "batch-norm")
    second = await desk.press(ANN, first.token("Next ›"))
    again = await desk.press(ANN, second.token("‹ Back"))
    assert "(1/6)" in again.text
    assert again.reply.edit


@pytest.mark.parametrize("language", Language)
async def test_the_first_page_is_the_picture_with_the_hook(desk: Desk, language: Language) -> None:
    await desk.found()
    who = ANN if language is Language.EN else LIN
    page = await desk.do(who, Verb.MORE, "adam")
    paper = library().paper("adam")
    assert paper is not None
    assert paper.figure is not None
    assert page.reply.message is not None
    picture = page.reply.message.picture
    assert picture is not None
    assert isinstance(picture.drawing, PaperFigure)
    assert picture.drawing.language is language
    assert picture.drawing.labels == {name: said[language] for name, said in paper.figure.labels.items()}
    assert picture.alt.endswith(paper.figure.alt[language])
    assert rendered(paper.summaries[language].hook) in page.text


async def test_the_last_page_tells_how_to_read_the_paper(desk: Desk) -> None:
    await desk.found()
    page = await desk.do(ANN, Verb.PAGE, "adam", 6)
    paper = library().paper("adam")
    assert paper is not None
    assert paper.guide is not None
    headings = [line for line in page.text.splitlines() if line.startswith(("Pass ", "If you only"))]
    assert headings == [
        *("Pass 1 · 10 minutes", "Pass 2 · 50 minutes", "Pass 3 · 2 hours", "If you only have ten minutes"),
    ]
    told = " ".join(page.text.split())
    for text in (*(each.does.en for each in paper.guide.passes), paper.guide.ten_minutes.en):
        assert " ".join(text.split()) in told


@pytest.mark.parametrize("page", ["0", "7", "99", "x", "-1", ""])
async def test_a_page_that_is_not_there_is_an_old_button(desk: Desk, page: str) -> None:
    await desk.found()
    assert "too old" in (await desk.do(ANN, Verb.PAGE, "batch-norm", page)).toast


async def test_a_short_summary_without_picture_and_guide_has_its_equations_alone(tmp_path: Path) -> None:
    adam = library().paper("adam")
    assert adam is not None
    brief = {
        language: replace(told, key_points="", misconceptions="", today="")
        for language, told in adam.summaries.items()
    }
    bare = replace(adam, summaries=brief, figure=None, guide=None)
    shelf = ContentLibrary([bare], library().plans())
    async with open_desk(tmp_path, shelf=shelf) as desk:
        card = await desk.say(ANN, "/paper adam", private(ANN))
        page = await desk.press(ANN, card.token("More about it"), private(ANN))
        assert page.text.startswith("Equations · Adam")
        assert "(1/1)" in page.text
        assert page.labels == ("‹ Back",)
        assert "too old" in (await desk.do(ANN, Verb.PAGE, "adam", 2, place=private(ANN))).toast


# Every paper


@pytest.mark.parametrize("language", Language)
async def test_every_paper_is_shown_without_stray_markup(desk: Desk, language: Language) -> None:
    """All 18, in both languages, with their pages: no asterisk or backslash is left to see."""
    who = ANN if language is Language.EN else LIN
    shown = 0
    for number in range(1, 19):
        card = await desk.say(who, f"/paper {number}", private(who))
        texts = [card.text]
        for label in {"More about it", "再深入一点"} & set(card.labels):
            page = await desk.press(who, card.token(label), private(who))
            texts.append(page.text)
            while page.labels and page.labels[-1] in ("Next ›", "下一页 ›"):
                page = await desk.press(who, page.token(page.labels[-1]), private(who))
                texts.append(page.text)
        for text in texts:
            assert "**" not in text
            assert "\\*" not in text
            shown += 1
    assert shown == 18 * (1 + 6)


async def test_buttons_keep_the_limits_of_every_platform(desk: Desk) -> None:
    await desk.found(ClubLanguage.BOTH)
    for number in range(1, 19):
        card = await desk.say(ANN, f"/paper {number}")
        assert card.reply.message is not None
        [rows] = [part.rows for part in card.reply.message.parts if isinstance(part, Buttons)]
        assert len(rows) <= 5
        assert all(len(row) <= 5 for row in rows)
        assert all(len(button.label) <= 80 and exactly_one(button) for row in rows for button in row)
        assert [part.title for part in card.reply.message.parts if isinstance(part, Fold)] == ["中文"]


def exactly_one(button: Button) -> bool:
    """Whether a button either does something or leads somewhere."""
    return (button.action is None) != (button.url is None)


async def test_a_whole_day_later_it_is_still_this_weeks_paper(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(6 * DAY)
    assert "This week · 1 of 18" in (await desk.say(ANN, "/paper")).text
