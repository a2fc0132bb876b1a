"""The loopback Telegram itself: an unmodified python-telegram-bot runs on it, and it refuses what the
official server refuses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
    ChatAdministratorRights,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MessageEntity,
    Update,
)
from telegram.constants import ChatAction, ReactionEmoji
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    PollAnswerHandler,
)
from telegram.request import HTTPXRequest

from tests.servers.telegram import Chat, TelegramServer
from tests.servers.telegram_methods import Flood

# The library announces that retry_after will become a timedelta.
pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after:DeprecationWarning")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
Context = ContextTypes.DEFAULT_TYPE
App = Application[Any, Any, Any, Any, Any, Any]


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@asynccontextmanager
async def bot_for(server: TelegramServer, token: str | None = None) -> AsyncIterator[App]:
    """A small bot as anyone would write it."""

    def request(read_timeout: float) -> HTTPXRequest:
        return HTTPXRequest(read_timeout=read_timeout)

    application: App = (
        Application.builder()
        .token(token or server.token)
        .base_url(f"{server.url}/bot")
        .request(request(2))
        .get_updates_request(request(15))
        .job_queue(None)
        .build()
    )
    application.add_handler(CommandHandler("paper", _paper))
    application.add_handler(CommandHandler("quiz", _quiz))
    application.add_handler(CallbackQueryHandler(_pressed))
    application.add_handler(PollAnswerHandler(_voted))
    try:
        await application.initialize()
        yield application
    finally:
        await application.shutdown()
        await application.bot.shutdown()  # which the line above skips after a refused token


@asynccontextmanager
async def polling(server: TelegramServer) -> AsyncIterator[App]:
    async with bot_for(server) as application:
        assert application.updater
        await application.updater.start_polling(poll_interval=0, allowed_updates=Update.ALL_TYPES)
        await application.start()
        try:
            yield application
        finally:
            await application.updater.stop()
            await application.stop()


async def _paper(update: Update, _: Context) -> None:
    assert update.message
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("I’ve read it", callback_data="read")]])
    await update.message.reply_text("This week: Dropout", reply_markup=keyboard, do_quote=True)


async def _quiz(update: Update, context: Context) -> None:
    assert update.message
    message = await update.message.reply_poll(
        "Dropout is…",
        ["a pause", "a regulariser"],
        type="quiz",
        is_anonymous=False,
        correct_option_ids=[1],
        explanation="It drops units at random.",
    )
    assert message.poll
    context.bot_data[message.poll.id] = message.chat_id


async def _pressed(update: Update, _: Context) -> None:
    assert update.callback_query
    await update.callback_query.answer("Noted", show_alert=True)
    await update.callback_query.edit_message_text("Read by one")


async def _voted(update: Update, context: Context) -> None:
    answer = update.poll_answer
    assert answer
    await context.bot.send_message(context.bot_data[answer.poll_id], f"voted {list(answer.option_ids)}")


async def raw(server: TelegramServer, method: str, **parameters: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{server.token}/{method}", json=parameters) as response,
    ):
        body: dict[str, Any] = await response.json()
        return body


def started(server: TelegramServer, name: str = "Ana") -> Chat:
    """A private chat the bot may write to."""
    user = server.user(name)
    chat = server.private(user)
    server.say(chat, user, "/start")
    return chat


async def refusal(server: TelegramServer, method: str, **parameters: Any) -> str:
    body = await raw(server, method, **parameters)
    assert body["ok"] is False, f"not refused: {body}"
    return str(body["description"])


# An unmodified library


async def test_a_real_bot_replies_to_a_command_in_a_group(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", members=[ana])
    async with polling(server):
        said = server.say(group, ana, "/paper today")
        reply = await server.reply(group, after=said)
    assert reply.text == "This week: Dropout"
    assert reply.reply_to is said
    assert reply.buttons == ["I’ve read it"]
    assert server.violations == []


async def test_a_press_is_answered_and_the_edit_removes_the_keyboard(server: TelegramServer) -> None:
    chat = started(server)
    assert chat.user
    async with polling(server):
        reply = await server.ask(chat, chat.user, "/paper")
        answer = await server.press(reply, chat.user, "I’ve read it")
        await server.until(lambda: reply.edits)
    assert (answer.text, answer.show_alert) == ("Noted", True)
    assert reply.text == "Read by one"
    assert reply.buttons == []
    assert server.violations == []


async def test_a_poll_answer_reaches_the_bot_without_naming_the_chat(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", members=[ana])
    async with polling(server):
        quiz = await server.ask(group, ana, "/quiz")
        server.vote(quiz, ana, [1])
        reply = await server.reply(group, after=quiz)
    assert reply.text == "voted [1]"
    assert server.violations == []


async def test_updates_wait_while_the_bot_is_away(server: TelegramServer) -> None:
    chat = started(server)
    assert chat.user
    async with polling(server):
        await server.ask(chat, chat.user, "/paper")
    said = server.say(chat, chat.user, "/paper")
    async with polling(server):
        reply = await server.reply(chat, after=said)
        await server.settled()
    assert reply.text == "This week: Dropout"
    assert len(server.messages(chat)) == 2


async def test_a_bot_stops_without_waiting_for_its_long_poll(server: TelegramServer) -> None:
    async with asyncio.timeout(5), polling(server):  # a poll lasts 10 seconds
        await server.settled()


async def test_a_second_poller_ends_the_first_with_a_conflict(server: TelegramServer) -> None:
    async with bot_for(server) as first, bot_for(server) as second:
        poll = asyncio.create_task(first.bot.get_updates(timeout=10))
        await server.until(lambda: server.updates.polled)
        other = asyncio.create_task(second.bot.get_updates(timeout=10))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await poll
        started(server)
        assert [update.message.text for update in await other if update.message] == ["/start"]


async def test_a_wrong_token_is_unauthorised_on_every_method(server: TelegramServer) -> None:
    with pytest.raises(InvalidToken):
        async with bot_for(server, token="123456:wrong"):
            pass
    assert {call.status for call in server.calls} == {401}


async def test_a_picture_is_uploaded_and_sent_again_by_its_id(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        sent = await application.bot.send_photo(chat.id, PNG, caption="The plan")
        await application.bot.send_photo(chat.id, sent.photo[0].file_id)
    first, second = server.messages(chat)
    assert first.photo
    assert server.api.files[first.photo] == PNG
    assert second.photo == first.photo
    assert server.violations == []


# Faults


async def test_faults_look_like_their_originals_and_then_end(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        bot = application.bot
        server.fault("sendMessage", "500")
        with pytest.raises(NetworkError, match="Internal Server Error"):
            await bot.send_message(chat.id, "one")
        server.fault("sendMessage", "502-html")
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(chat.id, "two")
        server.fault("sendMessage", "429:3")
        with pytest.raises(RetryAfter):
            await bot.send_message(chat.id, "three")
        server.fault("sendMessage", "drop-before")
        with pytest.raises(NetworkError):
            await bot.send_message(chat.id, "four")
        server.fault("sendMessage", "reset-before")
        with pytest.raises(NetworkError):
            await bot.send_message(chat.id, "five")
        assert server.messages(chat) == []
        await bot.send_message(chat.id, "six")
    assert [call.status for call in server.calls[1:]] == [500, 502, 429, 0, 0, 200]


@pytest.mark.parametrize("kind", ["drop-after", "reset-after", "500-after", "502-html-after"])
async def test_a_lost_answer_does_not_mean_a_lost_message(server: TelegramServer, kind: str) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        server.fault("sendMessage", kind)
        with pytest.raises(NetworkError):
            await application.bot.send_message(chat.id, "posted all the same")
    assert [message.text for message in server.messages(chat)] == ["posted all the same"]


async def test_trouble_can_be_decided_call_by_call(server: TelegramServer) -> None:
    chat = started(server)
    server.mischief = lambda method: "500" if method == "sendMessage" else None
    async with bot_for(server) as application:
        with pytest.raises(NetworkError):
            await application.bot.send_message(chat.id, "one")
    assert server.messages(chat) == []


async def test_a_slow_answer_comes_when_released(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        slow = server.fault("sendMessage", "slow:60")
        sending = asyncio.create_task(application.bot.send_message(chat.id, "patience"))
        await server.until(lambda: server.messages(chat))
        assert not sending.done()
        slow.release()
        assert (await sending).text == "patience"


async def test_waiting_in_vain_tells_the_last_calls(server: TelegramServer) -> None:
    await raw(server, "getMe")
    with pytest.raises(TimeoutError, match="getMe 200"):
        await server.until(lambda: False, within=0.01)


# Parameters


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"chat_id": 1, "text": "x", "quote": True}, "no parameter 'quote'"),
        ({"chat_id": 1}, "message text is empty"),
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 1, "text": "x", "parse_mode": "HTML"}, "send entities instead"),
        (
            {"chat_id": 1, "text": "x", "message_thread_id": "topic"},
            "can't parse sendMessage.message_thread_id",
        ),
        ({"chat_id": 1, "text": "x", "disable_notification": 1}, "must be of type Boolean"),
        ({"chat_id": 2**63, "text": "x"}, "sendMessage.chat_id must be of type Integer"),
        ({"chat_id": 1, "text": "x", "message_thread_id": 2**31}, "must be of type Integer"),
        ({"chat_id": 1, "text": "x", "message_thread_id": -1}, "must be of type Integer"),
        ({"chat_id": 1, "text": "\ud83d"}, "strings must be encoded in UTF-8"),
        ({"chat_id": 1, "text": "x", "reply_parameters": {"id": 3}}, "has no field 'id'"),
        (
            {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": 0}]},
            'can\'t find field "length"',
        ),
    ],
)
async def test_parameters_unlike_the_official_description_are_violations(
    server: TelegramServer, parameters: dict[str, Any], reason: str
) -> None:
    assert reason in await refusal(server, "sendMessage", **parameters)
    assert len(server.violations) == 1
    assert reason in server.violations[0]


async def test_a_kind_of_update_that_there_is_not_is_a_violation(server: TelegramServer) -> None:
    assert "poll_vote" in await refusal(server, "getUpdates", allowed_updates=["message", "poll_vote"])
    assert len(server.violations) == 1


async def test_an_unknown_method_is_a_violation(server: TelegramServer) -> None:
    assert await refusal(server, "sendTelepathy") == "Not Found: method not found"
    assert len(server.violations) == 1


# Texts and entities


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("📄" * 2049, "message is too long"),
    ],
)
async def test_an_empty_or_overlong_text_is_refused(server: TelegramServer, text: str, reason: str) -> None:
    chat = started(server)
    assert await refusal(server, "sendMessage", chat_id=chat.id, text=text) == f"Bad Request: {reason}"
    assert len(server.violations) == 1


async def test_the_longest_text_is_accepted(server: TelegramServer) -> None:
    chat = started(server)
    assert (await raw(server, "sendMessage", chat_id=chat.id, text="📄" * 2048))["ok"]


@pytest.mark.parametrize(
    ("offset", "length", "reason"),
    [
        (-1, 1, "receive an entity with incorrect offset -1"),
        (0, 0, "receive an entity with incorrect length 0"),
        (9, 1, "entity begins after the end of the text at UTF-16 offset 9"),
        (3, 5, "entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 8"),
        (1, 1, "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        (0, 1, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4"),
    ],
)
async def test_entities_outside_the_text_or_splitting_a_character_are_refused(
    server: TelegramServer, offset: int, length: int, reason: str
) -> None:
    chat = started(server)
    entities = [{"type": "bold", "offset": offset, "length": length}]
    assert await refusal(server, "sendMessage", chat_id=chat.id, text="📄abcd", entities=entities) == (
        f"Bad Request: {reason}"
    )


async def test_entities_count_utf16_units(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        await application.bot.send_message(
            chat.id, "📄 读", entities=[MessageEntity("bold", 0, 2), MessageEntity("italic", 3, 1)]
        )
    assert [entity["type"] for entity in server.messages(chat)[0].entities] == ["bold", "italic"]
    assert server.violations == []


# Buttons


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "读" * 22}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": "x", "url": "https://example.org"}, "more than one action"),
        ({"text": "x", "url": "http://localhost/"}, "Wrong HTTP URL"),
        ({"text": "\u200b\u3000", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({"text": "x", "url": "https://t.me/paperclub_bot?start=a.b"}, "start parameter"),
        ({"text": "x", "url": f"https://t.me/paperclub_bot?startgroup={'x' * 65}"}, "start parameter"),
        ({"text": "x", "callback_data": "x", "style": "loud"}, "BUTTON_STYLE_INVALID"),
        ({"text": "x", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "data": "x"}, "has no field 'data'"),
        ({"callback_data": "x"}, 'can\'t find field "text"'),
    ],
)
async def test_unsound_buttons_are_refused(
    server: TelegramServer, button: dict[str, Any], reason: str
) -> None:
    chat = started(server)
    markup = {"inline_keyboard": [[button]]}
    assert reason in await refusal(server, "sendMessage", chat_id=chat.id, text="x", reply_markup=markup)
    assert len(server.violations) == 1


async def test_button_data_of_64_bytes_is_accepted(server: TelegramServer) -> None:
    chat = started(server)
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 64}]]}
    assert (await raw(server, "sendMessage", chat_id=chat.id, text="x", reply_markup=markup))["ok"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ({"url": "https://example.org/"}, "URL_INVALID"),
        ({"url": "https://t.me/paperclub_bot"}, "URL_INVALID"),
        ({"url": "https://t.me/paperclub_bot?start="}, "URL_INVALID"),
        ({"url": "https://t.me/paperclub_bot?start=p1:quiz"}, "URL_INVALID"),
        ({"url": f"https://t.me/paperclub_bot?start={'x' * 65}"}, "URL_INVALID"),
    ],
)
async def test_an_unsound_answer_to_a_press_is_refused(
    server: TelegramServer, answer: dict[str, str], reason: str
) -> None:
    text = await refusal(server, "answerCallbackQuery", callback_query_id="1", **answer)
    assert text == f"Bad Request: {reason}"


async def test_a_press_may_be_answered_once_with_a_link_to_the_bot(server: TelegramServer) -> None:
    chat = started(server)
    assert chat.user
    keyboard = {"inline_keyboard": [[{"text": "Open", "callback_data": "open"}]]}
    await raw(server, "sendMessage", chat_id=chat.id, text="x", reply_markup=keyboard)
    press = server.press(server.messages(chat)[0], chat.user, "Open")
    link = "https://t.me/paperclub_bot?start=quiz"
    assert (await raw(server, "answerCallbackQuery", callback_query_id=press.id, url=link))["ok"]
    assert (await press).url == link
    late = await refusal(server, "answerCallbackQuery", callback_query_id=press.id)
    assert late == "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert server.violations == []


# Slow mode


async def test_slow_mode_holds_for_a_bot_that_is_no_admin_in_that_chat_alone(server: TelegramServer) -> None:
    owner = server.user("Ines")
    group, other = server.group("Readers", admins=[owner]), server.group("Others", admins=[owner])
    server.set_slow_mode(group, 3600)
    assert (await raw(server, "sendMessage", chat_id=group.id, text="one"))["ok"]
    late = await raw(server, "sendMessage", chat_id=group.id, text="two")
    assert late["error_code"] == 429
    wait = late["parameters"]["retry_after"]
    assert late["description"] == f"Too Many Requests: retry after {wait}"
    assert 0 < wait <= 3600
    assert (await raw(server, "sendMessage", chat_id=other.id, text="two"))["ok"]
    server.promote(group, by=owner, rights=["can_pin_messages"])
    assert (await raw(server, "sendMessage", chat_id=group.id, text="two"))["ok"]
    assert server.violations == []


# Inline mode


def article(key: str = "adam", text: str = "Adam") -> dict[str, Any]:
    """A result as a bot gives it."""
    return {"type": "article", "id": key, "title": "A", "input_message_content": {"message_text": text}}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"results": [article(str(number)) for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article("x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [article(""), article("b")]}, "RESULT_ID_INVALID"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(text=" ")]}, "MESSAGE_EMPTY"),
        ({"results": [article(text="x" * 4097)]}, "message is too long"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "Open"}}, "Can't use empty start_parameter"),
        (
            {"results": [], "button": {"text": "Open", "start_parameter": "x" * 65}},
            "Too long start_parameter specified",
        ),
        (
            {"results": [], "button": {"text": "Open", "start_parameter": "p1:list"}},
            "Unallowed characters in start_parameter are used",
        ),
    ],
)
async def test_an_unsound_answer_to_an_inline_query_is_refused(
    server: TelegramServer, answer: dict[str, Any], reason: str
) -> None:
    search = server.search(server.user("Ana"), "adam")
    text = await refusal(server, "answerInlineQuery", inline_query_id=search.id, **answer)
    assert text == f"Bad Request: {reason}"
    assert len(server.violations) == 1


async def test_an_inline_query_is_answered_once_and_a_result_inserted(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Friends", members=[ana])
    search = server.search(ana, "adam", offset="12")
    assert server.updates.pending[-1]["inline_query"]["offset"] == "12"
    answer = {"inline_query_id": search.id, "results": [article()], "next_offset": "24", "cache_time": 9}
    assert (await raw(server, "answerInlineQuery", **answer))["ok"]
    found = await search
    assert (found.titles, found.next_offset, found.cache_time, found.personal) == (["A"], "24", 9, False)
    late = await refusal(server, "answerInlineQuery", **answer)
    assert late == "Bad Request: query is too old and response timeout expired or query ID is invalid"
    inserted = server.insert(group, ana, found.articles[0])
    told = server.updates.pending[-1]["message"]
    assert (told["message_id"], told["text"], told["via_bot"]["id"]) == (inserted.id, "Adam", server.bot.id)
    assert server.violations == []


# Polls


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": "?" * 301}, "poll question length must not exceed 300"),
        ({"question": " "}, "poll question must be non-empty"),
        ({"options": [{"text": "a"}]}, "poll must have at least 2 option"),
        ({"options": [{"text": str(i)} for i in range(13)]}, "poll can't have more than 12 options"),
        ({"options": [{"text": "a"}, {"text": "b" * 101}]}, "poll options length must not exceed 100"),
        ({"options": [{"text": "a"}, {"text": ""}]}, "poll options must be non-empty"),
        ({"explanation": "x" * 201}, "explanation length must not exceed 200"),
        ({"explanation": "a\nb\nc\nd"}, "explanation must have at most 2 line feeds"),
        ({"correct_option_ids": []}, "correct quiz option list must be non-empty"),
        ({"correct_option_ids": [2]}, "wrong correct option ID specified"),
        ({"correct_option_ids": [1, 0]}, "correct quiz option list must be increasing"),
        ({"is_anonymous": True}, "the poll is anonymous, so nobody's answer would be counted"),
        ({"open_period": 4}, "poll open period must be between 5 and 2628000 seconds"),
        ({"type": "exam"}, "unsupported poll type specified"),
        ({"question": "\ufeff"}, "poll question must be non-empty"),
        ({"options": [{"text": "a"}, {"text": "\u200b"}]}, "poll options must be non-empty"),
        ({"close_date": 5}, "poll close date must be between 5 and 2628000 seconds in the future"),
        ({"description": "x" * 1025}, "poll description length must not exceed 1024"),
    ],
)
async def test_an_unsound_quiz_is_refused(
    server: TelegramServer, changes: dict[str, Any], reason: str
) -> None:
    chat = started(server)
    quiz = {
        "question": "?" * 300,
        "options": [{"text": "a" * 100}, {"text": "b"}],
        "type": "quiz",
        "is_anonymous": False,
        "correct_option_ids": [1],
        "explanation": "a\nb\n" + "c" * 196,
    }
    assert (await raw(server, "sendPoll", chat_id=chat.id, **quiz))["ok"]
    assert await refusal(server, "sendPoll", chat_id=chat.id, **(quiz | changes)) == f"Bad Request: {reason}"
    assert len(server.violations) == 1


QUIZ = {
    "question": "?",
    "options": [{"text": "a"}, {"text": "b"}],
    "type": "quiz",
    "is_anonymous": False,
    "correct_option_ids": [1],
}


PHOTO = {"type": "photo", "media": "unknown"}


async def test_a_poll_shows_pictures_with_its_question_and_its_explanation(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        sent = await application.bot.send_poll(
            chat.id,
            "?",
            ["a", "b"],
            type="quiz",
            is_anonymous=False,
            correct_option_ids=[1],
            explanation="So.",
            description="What it shows",
            media=InputMediaPhoto(PNG),
            explanation_media=InputMediaPhoto(PNG + b"2"),
        )
    assert sent.poll
    assert sent.poll.description == "What it shows"
    assert sent.poll.media
    assert sent.poll.explanation_media
    ids = [media.photo[0].file_id for media in (sent.poll.media, sent.poll.explanation_media) if media.photo]
    assert [server.api.files[file_id] for file_id in ids] == [PNG, PNG + b"2"]
    [message] = server.messages(chat)
    assert message.poll
    assert "media" not in message.poll.to_json(), "an update about a poll alone does not have it"
    assert server.violations == []


@pytest.mark.parametrize("field", ["media", "explanation_media"])
@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (b"", "file must be non-empty"),
        (b"GIF89a", "IMAGE_PROCESS_FAILED"),
        (PNG[:12] + b"IHDR" + (9_000).to_bytes(4, "big") * 2, "PHOTO_INVALID_DIMENSIONS"),
        (PNG + bytes(10 * 1024 * 1024), "too big for a photo"),
    ],
)
async def test_a_poll_refuses_what_is_no_photo(
    server: TelegramServer, field: str, picture: bytes, reason: str
) -> None:
    async with bot_for(server) as application:
        with pytest.raises(BadRequest, match=f"(?i){reason}"):
            await application.bot.send_poll(
                started(server).id,
                "?",
                ["a", "b"],
                type="quiz",
                is_anonymous=False,
                correct_option_ids=[1],
                api_kwargs={field: InputMediaPhoto(picture)},
            )
    assert len(server.violations) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"media": {"type": "photo", "media": "attach://gone"}}, "refers to the missing file 'gone'"),
        ({"media": {"type": "sticker", "media": "attach://gone"}}, "type must be 'photo'"),
        ({"media": {"type": "photo"}}, 'can\'t find field "media"'),
        ({"media": PHOTO}, "wrong remote file identifier"),
        (
            {
                "type": "regular",
                "correct_option_ids": [],
                "explanation_media": {"type": "photo", "media": "x"},
            },
            "for quizzes only",
        ),
        (
            {"description": "ab", "description_entities": [{"type": "bold", "offset": 1, "length": 2}]},
            "ends after the end of the text",
        ),
    ],
)
async def test_unsound_media_of_a_poll_is_refused(
    server: TelegramServer, changes: dict[str, Any], reason: str
) -> None:
    assert reason in await refusal(server, "sendPoll", chat_id=started(server).id, **(QUIZ | changes))
    assert len(server.violations) == 1


async def test_who_may_send_polls_but_no_photos_may_send_no_poll_with_one(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    chat = started(server)
    async with bot_for(server) as application:
        sent = await application.bot.send_photo(chat.id, PNG)
    media = {"type": "photo", "media": sent.photo[0].file_id}
    server.restrict(group, ana, ["can_send_messages", "can_send_polls"])
    text = await refusal(server, "sendPoll", chat_id=group.id, **QUIZ, explanation_media=media)
    assert text == "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"
    assert (await raw(server, "sendPoll", chat_id=group.id, **QUIZ))["ok"]
    assert server.violations == []


async def test_a_poll_may_name_when_it_closes(server: TelegramServer) -> None:
    poll = {"question": "?", "options": [{"text": "a"}, {"text": "b"}], "is_anonymous": False}
    soon = server.world.time + 60
    assert (await raw(server, "sendPoll", chat_id=started(server).id, close_date=soon, **poll))["ok"]


async def test_a_poll_stops_once(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", members=[ana])
    async with bot_for(server) as application:
        sent = await application.bot.send_poll(group.id, "When?", ["Monday", "Friday"], is_anonymous=False)
        server.vote(server.messages(group)[0], ana, [0])
        server.vote(server.messages(group)[0], ana, [])
        server.vote(server.messages(group)[0], ana, [1])
        stopped = await application.bot.stop_poll(group.id, sent.message_id)
        assert [option.voter_count for option in stopped.options] == [0, 1]
        with pytest.raises(BadRequest, match="Poll has already been closed"):
            await application.bot.stop_poll(group.id, sent.message_id)
    assert server.violations == []


# Editing and deleting


async def test_an_edit_that_changes_nothing_is_refused(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        sent = await application.bot.send_message(chat.id, "one")
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_text("one")
        await sent.edit_text("two")
        await sent.delete()
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await sent.edit_text("three")
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await sent.delete()
    message = server.messages(chat)[0]
    assert [version.text for version in message.edits] == ["one"]
    assert message.deleted
    assert server.violations == []


async def test_only_an_admin_bot_deletes_what_others_wrote(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    said = server.say(group, ana, "hello")
    async with bot_for(server) as application:
        with pytest.raises(BadRequest, match="Message can't be deleted"):
            await application.bot.delete_message(group.id, said.id)
        server.promote(group, ana, ["can_delete_messages"])
        await application.bot.delete_message(group.id, said.id)
    assert said.deleted


async def test_nothing_is_deleted_after_two_days(server: TelegramServer) -> None:
    chat = started(server)
    await raw(server, "sendMessage", chat_id=chat.id, text="x")
    [message] = server.messages(chat)
    message.date -= 48 * 3600
    old = await refusal(server, "deleteMessage", chat_id=chat.id, message_id=message.id)
    assert old == "Bad Request: message can't be deleted for everyone"
    assert server.violations == []


@pytest.mark.parametrize(("width", "height"), [(9_000, 1_001), (210, 10)])
async def test_a_picture_too_large_or_too_narrow_is_refused(
    server: TelegramServer, width: int, height: int
) -> None:
    header = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR"
    picture = header + width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes(16)
    async with bot_for(server) as application:
        with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
            await application.bot.send_photo(started(server).id, picture)
    assert len(server.violations) == 1


async def test_a_reply_names_the_message_it_answers(server: TelegramServer) -> None:
    reply = {"allow_sending_without_reply": True}
    text = await refusal(server, "sendMessage", chat_id=started(server).id, text="x", reply_parameters=reply)
    assert text == "Bad Request: message identifier is not specified"


async def test_a_reply_to_a_missing_message_is_refused_unless_it_may_stand_alone(
    server: TelegramServer,
) -> None:
    chat = started(server)
    reply = {"message_id": 999}
    text = await refusal(server, "sendMessage", chat_id=chat.id, text="x", reply_parameters=reply)
    assert text == "Bad Request: message to be replied not found"
    alone = reply | {"allow_sending_without_reply": True}
    assert (await raw(server, "sendMessage", chat_id=chat.id, text="x", reply_parameters=alone))["ok"]


# Topics


async def test_topics_need_a_forum_and_the_right(server: TelegramServer) -> None:
    ana = server.user("Ana")
    plain, forum = server.group("Plain", admins=[ana]), server.group("Forum", admins=[ana], forum=True)
    async with bot_for(server) as application:
        bot = application.bot
        with pytest.raises(BadRequest, match="The chat is not a forum"):
            await bot.create_forum_topic(plain.id, "Week 1")
        with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
            await bot.create_forum_topic(forum.id, "Week 1")
        server.promote(forum, ana, ["can_manage_topics"])
        topic = await bot.create_forum_topic(forum.id, "Week 1")
        await bot.send_message(forum.id, "Welcome", message_thread_id=topic.message_thread_id)
        await bot.edit_forum_topic(forum.id, topic.message_thread_id, name="Week one")
        await bot.close_forum_topic(forum.id, topic.message_thread_id)
        with pytest.raises(BadRequest, match="Topic_not_modified"):
            await bot.close_forum_topic(forum.id, topic.message_thread_id)
        server.demote(forum, ana)
        with pytest.raises(BadRequest, match="Topic_closed"):
            await bot.send_message(forum.id, "Late", message_thread_id=topic.message_thread_id)
    assert [message.text for message in server.messages(forum, topic.message_thread_id)] == ["Welcome"]
    assert forum.topics[topic.message_thread_id].name == "Week one"
    assert server.violations == []


@pytest.mark.parametrize("forum", [True, False])
async def test_the_general_topic_may_not_be_named(server: TelegramServer, forum: bool) -> None:
    group = server.group("Readers", forum=forum)
    text = await refusal(server, "sendMessage", chat_id=group.id, text="x", message_thread_id=1)
    assert text == "Bad Request: message thread not found"
    assert len(server.violations) == 1


async def test_an_unknown_topic_is_not_found(server: TelegramServer) -> None:
    group = server.group("Readers", forum=True)
    text = await refusal(server, "sendMessage", chat_id=group.id, text="x", message_thread_id=77)
    assert text == "Bad Request: message thread not found"


async def test_a_reply_stays_in_the_topic_of_the_message_it_answers(server: TelegramServer) -> None:
    ana = server.user("Ana")
    forum = server.group("Forum", members=[ana], forum=True)
    topic = server.topic(forum, "Week 1", by=ana)
    async with polling(server):
        reply = await server.ask(forum, ana, "/paper", thread=topic)
    assert reply.thread == topic.id
    assert server.violations == []


# Where the bot may speak


async def test_a_stranger_cannot_be_written_to_before_they_write(server: TelegramServer) -> None:
    ana, bea = server.user("Ana"), server.user("Bea")
    server.group("Readers", members=[bea])
    assert await refusal(server, "sendMessage", chat_id=ana.id, text="x") == "Bad Request: chat not found"
    assert (await refusal(server, "sendMessage", chat_id=bea.id, text="x")) == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    server.say(server.private(bea), bea, "/start")
    assert (await raw(server, "sendMessage", chat_id=bea.id, text="x"))["ok"]
    server.block(bea)
    assert (await refusal(server, "sendMessage", chat_id=bea.id, text="x")) == (
        "Forbidden: bot was blocked by the user"
    )
    assert server.violations == []


async def test_a_removed_bot_is_forbidden_everything(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana], bot=None)
    assert await refusal(server, "getChat", chat_id=group.id) == "Bad Request: chat not found"
    server.add_bot(group, by=ana)
    assert (await raw(server, "getChat", chat_id=group.id))["ok"]
    server.remove_bot(group, by=ana)
    kicked = await refusal(server, "sendMessage", chat_id=group.id, text="x")
    assert kicked == "Forbidden: bot was kicked from the supergroup chat"
    server.add_bot(group, by=ana)
    assert (await raw(server, "leaveChat", chat_id=group.id))["ok"]
    left = await refusal(server, "sendMessage", chat_id=group.id, text="x")
    assert left == "Forbidden: bot is not a member of the supergroup chat"
    changes = [update["my_chat_member"] for update in server.updates.pending if "my_chat_member" in update]
    assert [change["new_chat_member"]["status"] for change in changes] == [
        "member",
        "kicked",
        "member",
        "left",
    ]


async def test_a_restricted_bot_may_not_send_what_it_lacks_the_right_for(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    server.restrict(group, ana, ["can_send_messages"])
    assert (await raw(server, "sendMessage", chat_id=group.id, text="x"))["ok"]
    poll = {"question": "?", "options": [{"text": "a"}, {"text": "b"}], "is_anonymous": False}
    text = await refusal(server, "sendPoll", chat_id=group.id, **poll)
    assert text == "Bad Request: not enough rights to send polls to the chat"


async def test_an_upgraded_group_tells_its_new_id(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.basic_group("Readers", admins=[ana])
    async with bot_for(server) as application:
        await application.bot.send_message(group.id, "before")
        new = server.upgrade(group, by=ana)
        with pytest.raises(ChatMigrated) as migrated:
            await application.bot.send_message(group.id, "after")
        assert migrated.value.new_chat_id == new.id
        updates = await application.bot.get_updates()
        await application.bot.send_message(new.id, "after")
    messages = [update.message for update in updates if update.message]
    assert [(m.chat_id, m.migrate_to_chat_id, m.migrate_from_chat_id) for m in messages] == [
        (group.id, new.id, None),
        (new.id, None, group.id),
    ]


async def test_pinning_needs_the_right(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    async with bot_for(server) as application:
        sent = await application.bot.send_message(group.id, "This week")
        with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
            await sent.pin()
        server.promote(group, ana, ["can_pin_messages"])
        await sent.pin()
        chat = await application.bot.get_chat(group.id)
        assert chat.pinned_message
        assert chat.pinned_message.message_id == sent.message_id
        await sent.unpin()
    assert group.pinned == []


# Channels


async def test_a_channel_takes_posts_from_admins_with_the_right(server: TelegramServer) -> None:
    ana = server.user("Ana")
    channel = server.channel("Papers", admins=[ana], bot_rights=["can_edit_messages"])
    text = await refusal(server, "sendMessage", chat_id=channel.id, text="x")
    assert text == "Bad Request: need administrator rights in the channel chat"
    server.promote(channel, ana, ["can_post_messages"])
    async with bot_for(server) as application:
        sent = await application.bot.send_message(channel.id, "This week")
        assert sent.sender_chat
        assert (sent.sender_chat.id, sent.from_user) == (channel.id, None)
        with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
            await sent.pin()
    assert server.violations == []


async def test_a_channel_takes_no_poll_that_tells_who_answered(server: TelegramServer) -> None:
    channel = server.channel("Papers", admins=[server.user("Ana")])
    text = await refusal(
        server,
        "sendPoll",
        chat_id=channel.id,
        question="Why?",
        options=[{"text": "Because"}, {"text": "Why not"}],
        is_anonymous=False,
    )
    assert text == "Bad Request: non-anonymous polls can't be sent to channel chats"
    assert len(server.violations) == 1


async def test_what_stands_in_a_channel_is_brought_into_its_group(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Talk", admins=[ana], bot="administrator")
    channel = server.channel("Papers", admins=[ana], group=group)
    async with bot_for(server) as application:
        bot = application.bot
        sent = await bot.send_message(channel.id, "This week")
        updates = await bot.get_updates()
        assert (await bot.get_chat(channel.id)).linked_chat_id == group.id
        assert (await bot.get_chat(group.id)).linked_chat_id == channel.id
    [brought] = [update.message for update in updates if update.message]
    assert brought.is_automatic_forward
    assert brought.chat.id == group.id
    assert brought.sender_chat
    assert brought.sender_chat.id == channel.id
    assert brought.forward_origin
    assert brought.forward_origin.to_dict()["message_id"] == sent.message_id
    assert [message.id for message in group.pinned] == [brought.message_id]
    assert server.violations == []


async def test_a_bot_that_is_no_admin_does_not_see_what_is_brought(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Talk", admins=[ana])
    channel = server.channel("Papers", admins=[ana], group=group)
    server.post(channel, ana, "Hello")
    assert [next(iter(update.keys() - {"update_id"})) for update in server.updates.pending] == [
        "channel_post"
    ]
    assert len(group.messages) == 1


async def test_a_closed_general_topic_takes_nothing_from_members(server: TelegramServer) -> None:
    ana = server.user("Ana")
    forum = server.group("Forum", admins=[ana], forum=True)
    forum.general_closed = True
    assert await refusal(server, "sendMessage", chat_id=forum.id, text="x") == "Bad Request: TOPIC_CLOSED"
    server.promote(forum, ana, ["can_manage_topics"])
    assert (await raw(server, "sendMessage", chat_id=forum.id, text="x"))["ok"]


async def test_flood_control_can_be_switched_on(server: TelegramServer) -> None:
    group = server.group("Readers")
    seconds = 0.0
    server.api.flood = Flood(lambda: seconds)
    server.api.flood.strict = True
    async with bot_for(server) as application:
        for index in range(5):
            await application.bot.send_message(group.id, str(index))
        with pytest.raises(RetryAfter):
            await application.bot.send_message(group.id, "too many at once")
        for index in range(15):
            seconds = 5.0 + 2 * index
            await application.bot.send_message(group.id, str(index))
        with pytest.raises(RetryAfter):
            await application.bot.send_message(group.id, "too many in a minute")
    assert len(server.messages(group)) == 20
    assert len(server.violations) == 2


# What the bot learns


async def test_privacy_mode_hides_what_is_not_meant_for_the_bot(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    await raw(server, "sendMessage", chat_id=group.id, text="Welcome")
    server.say(group, ana, "plain talk about @paperclub_bot")
    server.say(group, ana, "/paper@other_bot")
    server.say(group, ana, "/paper@Paperclub_Bot today")
    server.say(group, ana, "thanks", reply_to=server.messages(group)[0])
    heard = [update["message"]["text"] for update in server.updates.pending]
    assert heard == ["/paper@Paperclub_Bot today", "thanks"]
    server.promote(group, ana, ["can_pin_messages"])
    server.say(group, ana, "/paper@other_bot")
    assert server.updates.pending[-1]["message"]["text"] == "/paper@other_bot"


async def test_only_the_allowed_kinds_of_updates_are_kept_and_remembered(server: TelegramServer) -> None:
    ana, bea = server.user("Ana"), server.user("Bea")
    group = server.group("Readers", admins=[ana], bot="administrator")
    server.join(group, bea)
    kinds = [next(iter(update.keys() - {"update_id"})) for update in server.updates.pending]
    assert kinds == ["message"]
    await raw(server, "getUpdates", offset=-1, allowed_updates=["chat_member"])
    server.updates.drop()
    await raw(server, "getUpdates")
    server.leave(group, bea)
    kinds = [next(iter(update.keys() - {"update_id"})) for update in server.updates.pending]
    assert kinds == ["chat_member"]


@pytest.mark.parametrize(
    ("status", "asked", "told"),
    [
        ("administrator", ["chat_member"], True),
        ("administrator", [], False),
        ("member", ["chat_member"], False),
    ],
)
async def test_changes_of_others_are_told_to_an_admin_who_asked_for_them(
    server: TelegramServer, status: str, asked: list[str], told: bool
) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana], bot=status)
    await raw(server, "getUpdates", allowed_updates=asked)
    server.join(group, server.user("Bea"))
    changes = [update["chat_member"] for update in server.updates.pending if "chat_member" in update]
    assert [(c["old_chat_member"]["status"], c["new_chat_member"]["status"]) for c in changes] == (
        [("left", "member")] if told else []
    )


async def test_those_who_are_brought_together_stand_in_one_message(server: TelegramServer) -> None:
    ana, bea, cai = server.user("Ana"), server.user("Bea"), server.user("Cai")
    group = server.group("Readers", admins=[ana])
    server.join(group, bea, cai, by=ana)
    [update] = server.updates.pending
    assert update["message"]["from"]["id"] == ana.id
    assert [user["first_name"] for user in update["message"]["new_chat_members"]] == ["Bea", "Cai"]


async def test_an_offset_confirms_what_came_before_it(server: TelegramServer) -> None:
    chat = started(server)
    assert chat.user
    server.say(chat, chat.user, "/help")
    first, second = (await raw(server, "getUpdates"))["result"]
    rest = await raw(server, "getUpdates", offset=second["update_id"], limit=1)
    assert [update["message"]["text"] for update in rest["result"]] == ["/help"]
    assert first["message"]["text"] == "/start"
    assert (await raw(server, "getUpdates", offset=second["update_id"] + 1))["result"] == []


async def test_commands_and_mentions_become_entities(server: TelegramServer) -> None:
    ana, bea = server.user("Ana"), server.user("Bea")
    group = server.group("Readers", members=[ana, bea])
    said = server.say(group, ana, "/progress 📄 Bea @carla_reads", mentions=[bea])
    assert [(e["type"], e["offset"], e["length"]) for e in said.entities] == [
        ("bot_command", 0, 9),
        ("text_mention", 13, 3),
        ("mention", 17, 12),
    ]


async def test_an_anonymous_admin_speaks_as_the_group(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    server.say(group, ana, "/schedule", anonymous=True)
    message = server.updates.pending[-1]["message"]
    assert message["from"]["username"] == "GroupAnonymousBot"
    assert message["sender_chat"]["id"] == group.id


async def test_members_and_admins_are_told_apart(server: TelegramServer) -> None:
    ana, bea, cai = server.user("Ana"), server.user("Bea"), server.user("Cai")
    group = server.group("Readers", admins=[ana], members=[bea])
    async with bot_for(server) as application:
        bot = application.bot
        assert (await bot.get_chat_member(group.id, ana.id)).status == "creator"
        assert (await bot.get_chat_member(group.id, bea.id)).status == "member"
        assert (await bot.get_chat_member(group.id, cai.id)).status == "left"
        assert [admin.user.id for admin in await bot.get_chat_administrators(group.id)] == [ana.id]
        with pytest.raises(BadRequest, match="Invalid user_id specified"):
            await bot.get_chat_member(group.id, 5)


# Menus and manners


async def test_menus_follow_scope_and_language(server: TelegramServer) -> None:
    ana, bo = server.user("Ana", language="en"), server.user("Bo", language="zh-hans")
    group = server.group("Readers", members=[ana, bo])
    async with bot_for(server) as application:
        bot = application.bot
        await bot.set_my_commands([BotCommand("help", "Help")], scope=BotCommandScopeDefault())
        await bot.set_my_commands([BotCommand("paper", "论文")], BotCommandScopeAllGroupChats(), "zh")
        assert server.menu(group, ana) == ["help"]
        assert server.menu(group, bo) == ["paper"]
        assert server.menu(server.private(bo), bo) == ["help"]
        assert [command.command for command in await bot.get_my_commands()] == ["help"]
        await bot.delete_my_commands(BotCommandScopeAllGroupChats(), "zh")
        assert server.menu(group, bo) == ["help"]
        await bot.set_my_description("A reading club")
        assert (await bot.get_my_description("zh")).description == "A reading club"
        await bot.set_my_short_description("读书会", "zh")
        assert (await bot.get_my_short_description("zh")).short_description == "读书会"
    assert server.violations == []


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"commands": [{"command": "Paper", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "paper", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [], "language_code": "zh-hans"}, "LANG_CODE_INVALID"),
    ],
)
async def test_an_unsound_menu_is_refused(
    server: TelegramServer, parameters: dict[str, Any], reason: str
) -> None:
    assert await refusal(server, "setMyCommands", **parameters) == f"Bad Request: {reason}"


async def test_the_rights_asked_for_are_those_that_such_chats_have(server: TelegramServer) -> None:
    rights = ChatAdministratorRights.no_rights().to_dict() | {
        "can_send_welcome_messages": False,
        "can_pin_messages": True,
        "can_post_messages": True,
    }
    async with bot_for(server) as application:
        bot = application.bot
        asked = ChatAdministratorRights.de_json(rights, bot)
        for channels, kept in ((False, "can_pin_messages"), (True, "can_post_messages")):
            await bot.set_my_default_administrator_rights(asked, channels)
            now = (await bot.get_my_default_administrator_rights(channels)).to_dict()
            assert {right for right, given in now.items() if given} == {"can_manage_chat", kept}
        await bot.set_my_default_administrator_rights()
        cleared = (await bot.get_my_default_administrator_rights()).to_dict()
        assert not any(cleared.values())
    assert server.violations == []


@pytest.mark.parametrize(
    ("method", "name", "limit"),
    [("setMyDescription", "description", 512), ("setMyShortDescription", "short_description", 120)],
)
async def test_a_description_has_an_end(server: TelegramServer, method: str, name: str, limit: int) -> None:
    assert (await raw(server, method, **{name: "读" * limit}))["ok"]
    refused = await refusal(server, method, **{name: "读" * (limit + 1)})
    assert str(limit) in refused


async def test_reactions_and_actions_are_those_of_telegram(server: TelegramServer) -> None:
    chat = started(server)
    async with bot_for(server) as application:
        bot = application.bot
        await bot.send_chat_action(chat.id, ChatAction.TYPING)
        await bot.set_message_reaction(chat.id, 1, ReactionEmoji.THUMBS_UP)
        with pytest.raises(BadRequest, match="Reaction_invalid"):
            await bot.set_message_reaction(chat.id, 1, "📄")
        with pytest.raises(BadRequest, match="Wrong parameter action in request"):
            await bot.send_chat_action(chat.id, "pondering")
    assert chat.messages[1].reactions[server.bot.id] == ["👍"]
    assert server.api.actions == [(chat, "typing")]


async def test_a_webhook_excludes_polling(server: TelegramServer) -> None:
    async with bot_for(server) as application:
        await application.bot.set_webhook("https://club.example.org/telegram")
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await application.bot.get_updates()
        await application.bot.delete_webhook()
        assert await application.bot.get_updates() == ()


async def test_a_forbidden_error_is_what_the_library_calls_it(server: TelegramServer) -> None:
    ana = server.user("Ana")
    group = server.group("Readers", admins=[ana])
    server.remove_bot(group, by=ana)
    async with bot_for(server) as application:
        with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
            await application.bot.send_message(group.id, "x")
