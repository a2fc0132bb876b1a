"""`@bot` and some words, in any chat: papers to put there, by people in a club and by anybody else."""

import pytest

from bot.domain.clubs import Account, Platform
from bot.platforms.telegram.links import from_parameter
from bot.use_cases.finding import AT_ONCE
from tests.conversations.telegram_stage import TelegramStage
from tests.house import library
from tests.servers.telegram import User

MONDAY = 2 * 3600
ALL = len(library().papers())


@pytest.fixture
def ana(stage: TelegramStage) -> User:
    """Somebody who has nothing to do with any club."""
    return stage.server.user("Ana")


@pytest.mark.parametrize(
    ("language", "words", "title"),
    [
        ("en", "batch norm", "Batch Normalization"),
        ("en", "adam", "Adam"),
        ("en", "Kingma variational", "Auto-Encoding Variational Bayes"),
        ("en", "3", "Batch Normalization"),
        ("zh", "层归一化", "层归一化"),
        ("en", "层归一化", "Layer Normalization"),
        ("zh", "dropout", "Dropout"),
    ],
)
async def test_papers_are_found_by_words_in_either_language_by_author_and_number(
    stage: TelegramStage, language: str, words: str, title: str
) -> None:
    found = await stage.server.search(stage.server.user("Ana", language=language), words)

    assert any(each.startswith(title) for each in found.titles[:2]), found.titles
    assert found.button is None
    assert found.personal
    assert found.cache_time > 0


async def test_without_words_the_plan_is_offered_in_order_page_by_page(
    stage: TelegramStage, ana: User
) -> None:
    first = await stage.server.search(ana)
    second = await stage.server.search(ana, offset=first.next_offset)

    assert len(first.articles) == AT_ONCE
    plan = library().plans()[0]
    assert [article["id"] for article in (*first.articles, *second.articles)] == list(plan.papers)
    assert second.next_offset == ""
    assert (await stage.server.search(ana, offset="beyond")).titles == first.titles


async def test_the_paper_of_ones_week_comes_first(stage: TelegramStage) -> None:
    member = stage.person("Lin")
    await stage.say(member, "/join")
    await stage.pass_time(MONDAY)
    await stage.pass_time(7 * 86_400)

    found = await stage.server.search(member.handle)

    assert [article["id"] for article in found.articles[:2]] == ["dropout-2014", "dropout-2012"]
    assert found.articles[0]["description"].startswith("This week · ")
    assert not any("This week" in article["description"] for article in found.articles[1:])


async def test_every_paper_can_be_put_into_any_chat(stage: TelegramStage) -> None:
    for language in ("en", "zh"):
        who = stage.server.user("Ana", language=language)
        first = await stage.server.search(who)
        articles = [*first.articles, *(await stage.server.search(who, offset=first.next_offset)).articles]
        assert len(articles) == ALL
        for article in articles:
            content = article["input_message_content"]
            assert content["link_preview_options"] == {"is_disabled": True}
            assert article["title"] in content["message_text"].replace("\u2060", "")
            rows = article["reply_markup"]["inline_keyboard"]
            keys = [button.keys() & {"url", "callback_data"} for row in rows for button in row]
            assert keys == [{"url"}] * 3


async def test_what_was_inserted_leads_to_the_paper_in_private(stage: TelegramStage, ana: User) -> None:
    elsewhere = stage.server.group("Friends", members=[ana], bot=None)
    found = await stage.server.search(ana, "adam")
    inserted = stage.server.insert(elsewhere, ana, found.articles[0])

    opened = inserted.button("Open in Paperclub")["url"]
    chat = stage.server.private(ana)
    card = await stage.server.ask(chat, ana, f"/start {opened.partition('start=')[2]}")

    assert found.articles[0]["title"] in card.text
    assert "I’ve read it" in card.buttons


async def test_when_nothing_is_found_the_way_to_all_papers_is_shown(stage: TelegramStage, ana: User) -> None:
    found = await stage.server.search(ana, "qqqqqqqq zzzzzzzz")

    assert found.articles == []
    assert found.button
    assert found.button["text"] == "No paper like that. See them all"
    assert from_parameter(found.button["start_parameter"]) == "p1:turn:1:paper list"
    listed = await stage.server.ask(
        stage.server.private(ana), ana, f"/start {found.button['start_parameter']}"
    )
    assert "PixelCNN" in listed.text


async def test_a_paper_put_into_a_chat_with_the_bot_is_not_taken_for_words_to_it(
    stage: TelegramStage, ana: User
) -> None:
    chat = stage.server.private(ana)
    await stage.server.ask(chat, ana, "/start")
    found = await stage.server.search(ana, "adam", chat_type="sender")
    before = len(stage.server.messages(chat))

    stage.server.insert(chat, ana, found.articles[0])
    await stage.server.settled()

    assert len(stage.server.messages(chat)) == before


async def test_a_query_that_has_expired_is_no_error(
    stage: TelegramStage, ana: User, caplog: pytest.LogCaptureFixture
) -> None:
    search = stage.server.search(ana, "adam")
    stage.server.expire(search)
    await stage.server.settled()

    assert [call.error for call in stage.server.calls if call.method == "answerInlineQuery"] == [
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    ]
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert (await stage.server.search(ana, "adam")).titles


async def test_searching_founds_no_club_and_settles_nobody(stage: TelegramStage, ana: User) -> None:
    async with stage.house.tools.store.read() as records:
        before = list(await records.clubs())

    found = await stage.server.search(ana, "adam").answer()

    assert found.titles
    async with stage.house.tools.store.read() as records:
        assert list(await records.clubs()) == before
        assert await records.home(Account(Platform.TELEGRAM, str(ana.id))) is None
