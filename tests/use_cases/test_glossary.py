"""`/glossary`: a word explained in the asker's language, and the words of a paper."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.languages import ClubLanguage, Language
from bot.messages.actions import Verb, read_token
from bot.messages.outgoing import Fold, Message, Text
from bot.use_cases.glossary import OTHERS_SHOWN, terms_of
from tests.house import (
    ANN,
    GROUP,
    HOUR,
    LIN,
    PLAN,
    Desk,
    library,
    open_desk,
    private,
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A club in its first week."""
    async with open_desk(tmp_path) as opened:
        await opened.found()
        await opened.pass_time(2 * HOUR)
        yield opened


async def test_a_term_is_explained_in_the_askers_language_with_its_name_in_the_other(desk: Desk) -> None:
    term = library().term("dropout")
    assert term is not None
    english, chinese = await desk.say(ANN, "/glossary dropout"), await desk.say(LIN, "/glossary dropout")
    for heard, language in ((english, Language.EN), (chinese, Language.ZH)):
        assert heard.reply.private
        assert term.means[language] in heard.text
        assert {"dropout", "随机失活"} <= set(heard.text.splitlines()[0].split(" · "))
    assert "暂退法" in chinese.text


async def test_it_is_found_by_its_name_in_either_language(desk: Desk) -> None:
    english = await desk.say(ANN, "/glossary KL divergence")
    assert english.text == (await desk.say(ANN, "/glossary KL 散度")).text
    assert english.text == (await desk.say(ANN, "/glossary 相对熵", private(ANN))).text


async def test_the_papers_where_it_matters_come_in_the_plans_order_and_open(desk: Desk) -> None:
    heard = await desk.say(ANN, "/glossary mini-batch")
    assert heard.labels == ("3", "4")
    assert "3. Batch Normalization" in heard.text
    opened = await desk.press(ANN, heard.token("4"))
    assert "Layer Normalization" in opened.text
    assert not opened.reply.private


async def test_without_a_word_come_those_of_this_weeks_paper(desk: Desk) -> None:
    heard = await desk.say(ANN, "/glossary")
    assert heard.reply.private
    for name in ("dropout", "co-adaptation", "thinned network", "mean network"):
        assert f"{name} · " in heard.text
    assert "overfitting" in heard.labels
    pressed = await desk.press(ANN, heard.token("overfitting"))
    assert "过拟合" in pressed.text
    assert pressed.reply.edit
    back = await desk.press(ANN, pressed.token("‹ Back"))
    assert back.text == heard.text
    assert back.reply.edit


async def test_a_slip_gets_the_nearest_words_to_press(desk: Desk) -> None:
    heard = await desk.say(ANN, "/glossary drpout")
    assert "drpout" in heard.text
    assert heard.labels[0] == "dropout"
    assert "随机失活" in (await desk.press(ANN, heard.token("dropout"))).text


async def test_what_nobody_knows_is_said_kindly_and_quoted_safely(desk: Desk) -> None:
    heard = await desk.say(ANN, "/glossary **zzz** <b>")
    assert "**zzz** <b>" in heard.text
    assert "/glossary" in heard.text
    assert "/glossary" in (await desk.say(LIN, "/glossary zzz")).text


async def test_a_papers_card_leads_to_its_words(desk: Desk) -> None:
    card = await desk.say(ANN, "/paper show 5")
    heard = await desk.press(LIN, card.token("Glossary"))
    assert heard.reply.private
    assert "二值化 · binarization" in heard.text
    assert "straight-through" in heard.text


async def test_the_words_of_a_post_can_be_pressed_in_each_language(desk: Desk) -> None:
    await desk.found(ClubLanguage.BOTH)
    message = (await desk.say(ANN, "/paper show 1")).reply.message
    assert message
    summary = [part for part in message.parts if isinstance(part, Text)][-1]
    (fold,) = (part for part in message.parts if isinstance(part, Fold))
    folded = [part for part in fold.parts if isinstance(part, Text)][-1]
    assert {"dropout", "co-adapted"} <= {word.text for word in summary.words}
    assert {"随机失活", "共适应"} <= {word.text for word in folded.words}
    assert {word.action for word in summary.words} == {word.action for word in folded.words}
    for word in summary.words:
        assert (await desk.press(ANN, word.action.token)).text


async def test_a_term_that_is_gone_is_looked_for_like_a_word(desk: Desk) -> None:
    assert "dropout" in (await desk.do(ANN, Verb.TERM, "dropuot")).labels
    assert "/glossary" in (await desk.do(ANN, Verb.TERM, "zzzz")).toast


async def test_a_paper_without_words_offers_none(desk: Desk) -> None:
    paper = library().paper("adam")
    assert paper is not None
    stranger = replace(paper, id="stranger", terms=())
    assert terms_of(desk.tools, stranger) == ((), ())


@pytest.mark.parametrize("language", list(Language))
async def test_every_paper_shows_its_words_within_the_rows_of_every_platform(
    language: Language, desk: Desk
) -> None:
    who = ANN if language is Language.EN else LIN
    plan = library().plan(PLAN)
    assert plan is not None
    for paper_id in plan.papers:
        paper = library().paper(paper_id)
        assert paper is not None
        heard = await desk.do(who, Verb.TERMS, paper_id)
        for wording in paper.terms:
            term = library().term(wording.en)
            assert term is not None
            assert term.means[language] in heard.text
        assert len(heard.text) < 2000
        assert len(heard.labels) <= OTHERS_SHOWN + 1
        assert all(read_token(button.action.token) for button in heard.buttons if button.action)


async def test_every_term_is_explained_without_a_problem(desk: Desk) -> None:
    for term in library().terms():
        for who in (ANN, LIN):
            heard = await desk.do(who, Verb.TERM, term.id, place=GROUP)
            assert isinstance(heard.reply.message, Message)
            assert len(heard.labels) >= 1, term.id
