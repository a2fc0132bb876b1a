"""The Telegram client on the strict server, with the real library and a dispatcher of few words."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from gettext import NullTranslations

import pytest
from telegram.error import BadRequest, Forbidden

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import Language
from bot.messages.actions import Verb, action
from bot.messages.incoming import (
    Arrived,
    Departed,
    Incoming,
    Moved,
    Place,
    Pressed,
    Returned,
    Said,
    Sender,
    Voted,
)
from bot.messages.outgoing import (
    Button,
    Buttons,
    Destination,
    Message,
    OpenThread,
    Picture,
    Pointer,
    Quiz,
    Reply,
    Sent,
    Text,
)
from bot.messages.texts import Texts
from bot.platforms.telegram import inbox
from bot.platforms.telegram.client import TelegramClient
from bot.platforms.telegram.errors import outcome_of
from bot.ports import Ambiguous, NotSent, Refusal, Refused, Unauthorised
from bot.storage.sqlite import SqliteStore
from tests.house import FakeClock
from tests.pictures import PATH, PICTURE, PNG, StubPainter, black
from tests.platforms.telegram.conftest import record
from tests.servers.telegram import Chat, Member, TelegramServer, User

PAPER = Message((Text("**Dropout**"), Buttons(((Button("Quiz me", action(Verb.QUIZ, "gan")),),))))
ALONE = Message((Text("Question 1"), Buttons(((Button("A", action(Verb.ANSWER, 1, 0, 0)),),))))


class Catalogue(NullTranslations):
    """Every text is its key and the language."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def gettext(self, message: str) -> str:
        return f"{message} ({self._language})"


TEXTS = Texts({language: Catalogue(language) for language in Language})


class Listener:
    """Remembers what it heard and answers what it was told to."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.reply: Reply | None = None
        self.before: Callable[[Incoming], Awaitable[object]] | None = None

    async def handle(self, incoming: Incoming) -> Reply | None:
        if self.before:
            await self.before(incoming)
        self.heard.append(incoming)
        return self.reply


@pytest.fixture
def listener() -> Listener:
    return Listener()


@asynccontextmanager
async def serving(
    server: TelegramServer,
    listener: Listener,
    token: str | None = None,
    proxy: str | None = None,
    painter: StubPainter | None = None,
    timer: FakeClock | None = None,
    store: SqliteStore | None = None,
) -> AsyncIterator[TelegramClient]:
    """A client, on the test's own record unless an open one is given."""
    clock, own = timer or FakeClock(), SqliteStore()
    if store is None:
        await own.open(record())
    client = TelegramClient(
        token or server.token,
        server.url,
        proxy,
        listener,
        TEXTS,
        painter or StubPainter(),
        store or own,
        clock,
        clock,
    )
    try:
        await client.open()
        yield client
    finally:
        await client.close()
        if store is None:
            await own.close()


@pytest.fixture
async def client(server: TelegramServer, listener: Listener) -> AsyncIterator[TelegramClient]:
    async with serving(server, listener) as client:
        yield client


@pytest.fixture
def ana(server: TelegramServer) -> User:
    return server.user("Ana", last_name="Lima", username="ana_reads", language="zh-hans")


@pytest.fixture
def group(server: TelegramServer, ana: User) -> Chat:
    return server.group("Readers", members=[ana])


def private_chat(server: TelegramServer, user: User) -> Chat:
    """A private chat that has begun, its first words already confirmed."""
    chat = server.private(user)
    server.say(chat, user, "/start")
    server.updates.drop()
    return chat


async def heard_after(server: TelegramServer, listener: Listener) -> Incoming:
    await server.settled()
    (only,) = listener.heard
    return only


# What is heard


async def test_a_group_command_is_heard_with_who_and_where(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    server.say(group, ana, "/paper@Paperclub_Bot show 3")
    assert await heard_after(server, listener) == Incoming(
        Sender(Account(Platform.TELEGRAM, str(ana.id)), "Ana Lima", Language.ZH, "ana_reads", None),
        Place(str(group.id), ChatKind.GROUP, "Readers"),
        Said("/paper show 3"),
    )


async def test_anything_said_in_private_is_heard_and_everyone_organises_there(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    chat = private_chat(server, ana)
    server.say(chat, ana, "hello")
    heard = await heard_after(server, listener)
    assert heard.event == Said("hello")
    assert heard.place == Place(str(ana.id), ChatKind.PRIVATE)
    assert heard.sender.organiser is True


async def test_what_is_not_for_us_is_not_heard(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    server.promote(group, ana, ["can_pin_messages"])  # so that nothing is hidden by privacy mode
    said = server.say(group, ana, "good morning")
    server.edit(said, "/paper")
    server.say(group, ana, "/paper@other_bot")
    server.leave(group, server.user("Bea"))
    server.join(group, server.user("OtherBot", is_bot=True))
    await server.settled()
    assert [heard.event for heard in listener.heard] == [Returned((str(group.id),))]


async def test_someone_mentioned_without_a_username_is_known_by_id(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    bea = server.user("Bea")
    server.say(group, ana, "/progress 📄 Bea", mentions=[bea])
    assert (await heard_after(server, listener)).event == Said("/progress 📄 Bea", {"Bea": str(bea.id)})


async def test_an_anonymous_admin_is_an_organiser_and_no_one_else(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    group = server.group("Readers", admins=[ana])
    server.say(group, ana, "/schedule", anonymous=True)
    sender = (await heard_after(server, listener)).sender
    assert sender.organiser is True
    assert sender.account == Account(Platform.TELEGRAM, str(group.id))


async def test_a_vote_names_its_poll_and_a_vote_taken_back_no_choice(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    sent = await client.messenger.send(Destination(str(group.id)), Message((quiz(),)), 1)
    message = server.messages(group)[0]
    server.vote(message, ana, [2])
    heard = await heard_after(server, listener)
    assert heard.place is None
    assert heard.event == Voted(sent.poll_id or "", (2,))


async def test_coming_and_going_is_heard_once(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    group = server.group("Readers", admins=[ana], bot=None)
    listener.reply = Reply(Message((Text("Welcome"),)))
    server.add_bot(group, by=ana)
    await server.settled()
    listener.reply = None
    server.promote(group, ana, ["can_pin_messages"])
    server.remove_bot(group, by=ana)
    await server.settled()
    back = Returned((str(group.id),))
    assert [heard.event for heard in listener.heard] == [Arrived(), back, Departed()]
    assert [message.text for message in server.messages(group)] == ["Welcome"]


async def test_a_blocked_bot_has_departed_from_the_private_chat(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    private_chat(server, ana)
    server.block(ana)
    server.unblock(ana)
    assert (await heard_after(server, listener)).event == Departed()


async def test_an_upgraded_group_has_moved_before_anything_is_heard_in_the_new_one(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    small = server.basic_group("Readers", members=[ana])
    moving = asyncio.Event()

    async def slowly(incoming: Incoming) -> None:
        if isinstance(incoming.event, Moved):
            await moving.wait()

    listener.before = slowly
    new = server.upgrade(small, by=ana)
    server.say(new, ana, "/paper")
    await server.until(lambda: not server.updates.polled)
    moving.set()
    await server.settled()
    events = [(heard.place.chat_id if heard.place else "", heard.event) for heard in listener.heard]
    assert events == [(str(small.id), Moved(str(new.id))), (str(new.id), Said("/paper"))]


async def test_topics_are_threads_and_reply_chains_are_not(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    forum = server.group("Forum", members=[ana], forum=True)
    topic = server.topic(forum, "Week 1", by=ana)
    listener.reply = Reply(PAPER)
    said = [
        server.say(forum, ana, "/paper", thread=topic),
        server.say(forum, ana, "/paper"),
        server.say(group, ana, "/paper", reply_to=server.say(group, ana, "first")),
    ]
    await server.settled()
    places = [heard.place for heard in listener.heard if heard.place]
    assert sorted((place.topics, place.thread_id or "") for place in places) == [
        (False, ""),
        (True, ""),
        (True, str(topic.id)),
    ]
    replies = [message for chat in (forum, group) for message in server.messages(chat)]
    assert {reply.reply_to for reply in replies} == set(said)
    assert [reply.thread for reply in server.messages(forum)] == [topic.id, None]


# What is answered


async def test_a_group_answer_replies_to_the_asker_and_a_private_one_stands_alone(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    chat = private_chat(server, ana)
    listener.reply = Reply(PAPER, private=True)
    said = server.say(group, ana, "/paper")
    server.say(chat, ana, "/paper")
    await server.settled()
    (in_group,), (in_private,) = server.messages(group), server.messages(chat)
    assert in_group.reply_to is said
    assert in_private.reply_to is None
    assert in_private.buttons == ["Quiz me"]
    assert in_private.link_preview == {"is_disabled": True}


async def test_a_toast_for_a_command_is_said_in_private_and_left_out_in_a_group(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    chat = private_chat(server, ana)
    listener.reply = Reply(toast="The quiz *begins*.")
    server.say(group, ana, "/quiz")
    server.say(chat, ana, "/quiz")
    await server.settled()
    assert server.messages(group) == []
    assert [message.text for message in server.messages(chat)] == ["The quiz *begins*."]


@pytest.mark.parametrize(("toast", "alert"), [("Noted.", False), ("x" * 61, True), ("读" * 300, True)])
async def test_a_press_is_answered_with_its_toast(
    server: TelegramServer,
    listener: Listener,
    client: TelegramClient,
    ana: User,
    group: Chat,
    toast: str,
    alert: bool,
) -> None:
    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    message = server.messages(group)[0]
    listener.reply = Reply(toast=toast)
    answer = await server.press(message, ana, "Quiz me")
    assert answer.text[:60] == toast[:60]
    assert answer.show_alert == alert
    assert (await heard_after(server, listener)).event == Pressed("p1:quiz:gan", str(message.id))


@pytest.mark.parametrize("reply", [None, Reply()])
async def test_a_press_with_nothing_to_say_is_answered_too(
    server: TelegramServer,
    listener: Listener,
    client: TelegramClient,
    ana: User,
    group: Chat,
    reply: Reply | None,
) -> None:
    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    listener.reply = reply
    assert (await server.press(server.messages(group)[0], ana, "Quiz me")).text == ""


async def test_a_press_for_the_presser_alone_opens_the_private_chat_and_goes_on_there(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    listener.reply = Reply(ALONE, private=True)
    answer = await server.press(server.messages(group)[0], ana, "Quiz me")
    assert answer.url
    assert answer.url.startswith("https://t.me/paperclub_bot?start=")
    chat = server.private(ana)
    server.say(chat, ana, f"/start {answer.url.partition('start=')[2]}")
    await server.settled()
    assert [message.text for message in server.messages(chat)] == ["Question 1"]
    assert len(server.messages(group)) == 1
    heard = listener.heard[-1]
    assert heard.event == Pressed("p1:quiz:gan")
    assert heard.place == Place(str(ana.id), ChatKind.PRIVATE)


async def test_a_few_words_for_the_presser_alone_are_a_toast(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    listener.reply = Reply(Message((Text("You are **in** already."),)), private=True)
    answer = await server.press(server.messages(group)[0], ana, "Quiz me")
    assert (answer.text, answer.url) == ("You are in already.", None)


async def test_start_with_words_of_its_own_is_a_command(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    server.say(server.private(ana), ana, "/start newsletter")
    assert (await heard_after(server, listener)).event == Said("/start newsletter")


async def test_an_edit_takes_the_place_of_the_message_and_of_its_buttons(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    chat = private_chat(server, ana)
    await client.messenger.send(Destination(str(chat.id)), ALONE, 1)
    (message,) = server.messages(chat)
    listener.reply = Reply(Message((Text("Right."),)), private=True, edit=True)
    await server.press(message, ana, "A")
    await server.settled()
    assert server.messages(chat) == [message]
    assert (message.text, message.buttons) == ("Right.", [])
    await server.press(message, ana, data="p1:answer:1:0:0")
    await server.settled()
    assert server.messages(chat) == [message]  # it says so already


async def test_an_edit_of_a_message_that_is_gone_is_a_new_one(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    chat = private_chat(server, ana)
    await client.messenger.send(Destination(str(chat.id)), ALONE, 1)
    (message,) = server.messages(chat)
    listener.reply = Reply(Message((Text("Right."),)), private=True, edit=True)
    message.deleted = True
    await server.press(message, ana, data="p1:answer:1:0:0")
    await server.settled()
    assert [sent.text for sent in server.messages(chat)] == ["Question 1", "Right."]


async def test_a_press_answered_too_late_is_still_followed_by_its_message(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    listener.reply = Reply(Message((Text("Ana has joined."),)), toast="Welcome")
    press = server.press(server.messages(group)[0], ana, "Quiz me")
    server.expire(press)
    await server.settled()
    assert [message.text for message in server.messages(group)] == ["Dropout", "Ana has joined."]


async def test_a_failing_dispatcher_stops_neither_the_press_nor_the_others(
    server: TelegramServer,
    listener: Listener,
    client: TelegramClient,
    ana: User,
    group: Chat,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(incoming: Incoming) -> None:
        if isinstance(incoming.event, Pressed):
            raise RuntimeError("a fault of ours")

    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    listener.before = fail
    listener.reply = Reply(PAPER)
    press = server.press(server.messages(group)[0], ana, "Quiz me")
    server.say(group, ana, "/paper")
    assert (await press).text == ""
    await server.settled()
    assert len(server.messages(group)) == 2
    assert "could not be handled" in caplog.text


# Order, crashes and restarts


async def test_chats_are_served_side_by_side_and_each_in_order(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    chat = private_chat(server, ana)
    going = asyncio.Event()

    async def wait_in_the_group(incoming: Incoming) -> None:
        if incoming.event == Said("/paper 1"):
            await going.wait()

    listener.before = wait_in_the_group
    listener.reply = Reply(toast="yes")
    await server.settled()
    for line in ("/paper 1", "/paper 2"):
        server.say(group, ana, line)
    server.say(chat, ana, "/paper 3")
    await server.until(lambda: server.messages(chat))
    going.set()
    await server.settled()
    lines = [heard.event.text for heard in listener.heard if isinstance(heard.event, Said)]
    assert lines == ["/paper 3", "/paper 1", "/paper 2"]


async def test_a_chat_whose_answer_hangs_holds_up_nobody_else(
    server: TelegramServer,
    client: TelegramClient,
    listener: Listener,
    ana: User,
    group: Chat,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Others are answered although they spoke later, and the chat's own order is kept."""
    monkeypatch.setattr(inbox, "MOST_WAITING", 400)
    other = server.group("Others", members=[ana])
    listener.reply = Reply(PAPER)
    hanging = server.fault("sendMessage", "slow:60")
    server.say(group, ana, "/paper 1")
    await server.until(lambda: server.messages(group))
    server.say(group, ana, "/paper 2")
    for line in ("/paper 3", "/paper 4"):
        await server.ask(other, ana, line)
    assert Said("/paper 2") not in [heard.event for heard in listener.heard]
    hanging.release()
    await server.until(lambda: len(server.messages(group)) == 2)
    lines = [heard.event for heard in listener.heard]
    assert lines == [Said(f"/paper {number}") for number in (1, 3, 4, 2)]


async def test_when_too_much_waits_nothing_new_is_asked_for(
    server: TelegramServer,
    client: TelegramClient,
    listener: Listener,
    ana: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 3)
    going = asyncio.Event()
    begun = asyncio.Semaphore(0)

    async def wait(_: Incoming) -> None:
        begun.release()
        await going.wait()

    listener.before = wait
    for number in range(3):
        server.say(server.group(f"Group {number}", members=[ana]), ana, "/paper")
    for _ in range(3):
        await begun.acquire()
    server.say(server.group("One more", members=[ana]), ana, "/paper")
    assert not server.updates.polled
    going.set()
    await server.settled()
    assert len(listener.heard) == 4


async def test_what_was_said_while_the_bot_was_away_is_answered_once(
    server: TelegramServer, listener: Listener, ana: User, group: Chat
) -> None:
    listener.reply = Reply(PAPER)
    async with serving(server, listener):
        server.say(group, ana, "/paper")
        await server.settled()
    server.say(group, ana, "/quiz")
    async with serving(server, listener):
        await server.settled()
    async with serving(server, listener):
        await server.settled()
    assert [heard.event for heard in listener.heard] == [Said("/paper"), Said("/quiz")]


async def test_what_is_being_handled_is_finished_before_leaving(
    server: TelegramServer, listener: Listener, ana: User, group: Chat
) -> None:
    going, begun = asyncio.Event(), asyncio.Event()

    async def wait(_: Incoming) -> None:
        begun.set()
        await going.wait()

    listener.before = wait
    async with serving(server, listener):
        server.say(group, ana, "/paper")
        await begun.wait()
        asyncio.get_running_loop().call_soon(going.set)
    assert len(listener.heard) == 1
    async with serving(server, listener):  # Telegram tells it once more, which is recognised
        await server.settled()
    assert len(listener.heard) == 1


async def test_an_update_cut_short_comes_again(
    server: TelegramServer, listener: Listener, ana: User, group: Chat
) -> None:
    begun = asyncio.Event()

    async def hang(_: Incoming) -> None:
        begun.set()
        await asyncio.Event().wait()

    listener.before = hang
    async with serving(server, listener):
        server.say(group, ana, "/paper")
        await begun.wait()
    assert listener.heard == []
    listener.before = None
    async with serving(server, listener):
        await server.settled()
    assert [heard.event for heard in listener.heard] == [Said("/paper")]


# Opening, outages and the token


async def test_a_refused_token_is_told_by_the_name_of_its_setting(
    server: TelegramServer, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unauthorised) as refused:
        async with serving(server, listener, token="123456:wrong-token"):
            pass
    assert refused.value.setting == "TELEGRAM_TOKEN"
    assert "wrong-token" not in caplog.text


async def test_a_bot_opened_during_an_outage_serves_when_it_is_over(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = TelegramServer()
    await server.start()
    await server.stop()
    async with serving(server, listener):
        await server.start()
        ana = server.user("Ana")
        server.say(server.private(ana), ana, "/paper")
        await server.settled()
    await server.stop()
    assert [heard.event for heard in listener.heard] == [Said("/paper")]
    assert "not connected to Telegram yet" in caplog.text
    assert server.token not in caplog.text


@pytest.mark.parametrize("kind", ["500", "502-html", "drop-before", "429:1"])
async def test_trouble_while_listening_passes(
    server: TelegramServer,
    listener: Listener,
    ana: User,
    group: Chat,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fault("getUpdates", kind)
    async with serving(server, listener):
        server.say(group, ana, "/paper")
        await server.settled()
    assert [heard.event for heard in listener.heard] == [Said("/paper")]
    assert server.token not in caplog.text


async def test_a_webhook_left_behind_does_not_keep_the_bot_from_listening(
    server: TelegramServer, listener: Listener, ana: User, group: Chat
) -> None:
    server.api.webhook = "https://old.example.org/"
    async with serving(server, listener):
        server.say(group, ana, "/paper")
        await server.settled()
    assert len(listener.heard) == 1


async def test_everything_goes_through_an_http_proxy(
    server: TelegramServer, listener: Listener, ana: User, group: Chat
) -> None:
    async with (
        proxy_to(_http_target) as (port, served),
        serving(server, listener, proxy=f"http://127.0.0.1:{port}"),
    ):
        server.say(group, ana, "/paper")
        await server.settled()
    assert len(listener.heard) == 1
    assert served


async def test_everything_goes_through_a_socks_proxy(
    server: TelegramServer, listener: Listener, ana: User, group: Chat
) -> None:
    async with (
        proxy_to(_socks_target) as (port, served),
        serving(server, listener, proxy=f"socks5://127.0.0.1:{port}"),
    ):
        server.say(group, ana, "/paper")
        await server.settled()
    assert len(listener.heard) == 1
    assert served


# Posts


def quiz() -> Quiz:
    answers = tuple(action(Verb.ANSWER, 1, 0, choice) for choice in range(4))
    return Quiz("What is dropped?", ("Units", "Layers", "Data", "Labels"), (2,), "Because.", answers)


async def test_a_quiz_is_a_poll_whose_id_is_told(
    server: TelegramServer, client: TelegramClient, group: Chat
) -> None:
    sent = await client.messenger.send(Destination(str(group.id)), Message((quiz(),)), 1)
    (message,) = server.messages(group)
    assert message.poll
    assert sent == Sent(str(message.id), poll_id=message.poll.id)
    assert message.poll.quiz
    assert list(message.poll.correct_option_ids) == [2]
    assert message.poll.explanation == "Because."


async def test_a_silent_post_is_silent(server: TelegramServer, client: TelegramClient, group: Chat) -> None:
    await client.messenger.send(Destination(str(group.id)), Message((Text("x"),), silent=True), 1)
    assert server.messages(group)[0].silent


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("429:7", NotSent),
        ("500", Ambiguous),
        ("502-html", Ambiguous),
        ("drop-before", Ambiguous),
        ("drop-after", Ambiguous),
    ],
)
async def test_a_failed_send_says_what_it_means(
    server: TelegramServer,
    client: TelegramClient,
    group: Chat,
    kind: str,
    outcome: type[Exception],
) -> None:
    server.fault("sendMessage", kind)
    with pytest.raises(outcome) as failed:
        await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    assert server.token not in repr(failed.value)
    if isinstance(failed.value, NotSent):
        assert failed.value.retry_after == 7


async def test_what_never_reached_telegram_was_surely_not_sent(listener: Listener) -> None:
    gone = TelegramServer()
    await gone.start()
    await gone.stop()
    async with serving(gone, listener) as client:
        with pytest.raises(NotSent, match="cannot be reached") as failed:
            await client.messenger.send(Destination("-1"), PAPER, 1)
    error: BaseException | None = failed.value
    while error is not None:
        assert "TEST" not in str(error)
        error = error.__cause__ or error.__context__


async def test_a_chat_that_is_closed_to_us_is_gone(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    group = server.group("Readers", admins=[ana])
    server.remove_bot(group, by=ana)
    unknown = server.group("Others", bot=None)
    for chat in (group, unknown, server.private(server.user("Bea"))):
        with pytest.raises(Refused) as refused:
            await client.messenger.send(Destination(str(chat.id)), PAPER, 1)
        assert refused.value.refusal is Refusal.GONE


async def test_a_chat_where_the_bot_may_not_write_bars_it(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    group = server.group("Readers", admins=[ana])
    server.restrict(group, by=ana)
    with pytest.raises(Refused) as refused:
        await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    assert refused.value.refusal is Refusal.BARRED


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Forbidden: bot was blocked by the user", Refusal.GONE),
        ("Forbidden: user is deactivated", Refusal.GONE),
        ("Forbidden: bot can't initiate conversation with a user", Refusal.GONE),
        ("Forbidden: bot was kicked from the supergroup chat", Refusal.GONE),
        ("Forbidden: bot is not a member of the channel chat", Refusal.GONE),
        ("Forbidden: the group chat was deleted", Refusal.GONE),
        ("Bad Request: chat not found", Refusal.GONE),
        ("Bad Request: group chat was deactivated", Refusal.GONE),
        ("Bad Request: not enough rights to send text messages to the chat", Refusal.BARRED),
        ("Forbidden: not enough rights to send text messages to the chat", Refusal.BARRED),
        ("Bad Request: have no rights to send a message", Refusal.BARRED),
        ("Bad Request: need administrator rights in the channel chat", Refusal.BARRED),
        ("Bad Request: CHAT_WRITE_FORBIDDEN", Refusal.BARRED),
        ("Forbidden: something nobody has heard of", Refusal.BARRED),
        ("Bad Request: message thread not found", Refusal.THREAD),
        ("Bad Request: TOPIC_CLOSED", Refusal.THREAD),
        ("Bad Request: TOPIC_DELETED", Refusal.THREAD),
        ("Bad Request: message is too long", Refusal.CONTENT),
    ],
)
def test_a_refusal_is_known_by_its_words(text: str, refusal: Refusal) -> None:
    kind = Forbidden if text.startswith("Forbidden") else BadRequest
    outcome = outcome_of(kind(text))
    assert isinstance(outcome, Refused)
    assert outcome.refusal is refusal


async def test_chats_that_people_closed_are_gone(server: TelegramServer, client: TelegramClient) -> None:
    ana, bea = server.user("Ana"), server.user("Bea")
    server.block(private_chat(server, ana).user or ana)
    private_chat(server, bea)
    bea.deactivated = True
    deleted = server.group("Readers", admins=[ana])
    server.delete_group(deleted)
    for chat_id in (ana.id, bea.id, deleted.id):
        with pytest.raises(Refused) as refused:
            await client.messenger.send(Destination(str(chat_id)), PAPER, 1)
        assert refused.value.refusal is Refusal.GONE


async def test_where_polls_are_not_allowed_a_question_is_text_with_buttons(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    group = server.group("Readers", admins=[ana])
    server.restrict(group, ana, ["can_send_messages"])
    answers = tuple(action(Verb.ANSWER, 1, 0, choice) for choice in range(2))
    asked = Message((Text("Late."), Quiz("What is dropped?", ("Units", "Layers"), (0,), "Half.", answers)))
    sent = await client.messenger.send(Destination(str(group.id)), asked, 1)
    late, question = server.messages(group)
    assert late.text == "Late."
    assert question.text == "What is dropped?\n\n• A. Units\n• B. Layers"
    assert question.buttons == ["A", "B"]
    assert sent == Sent(str(question.id))


async def test_rights_that_change_in_a_group_are_told(
    server: TelegramServer, client: TelegramClient, listener: Listener, ana: User
) -> None:
    group = server.group("Readers", admins=[ana])
    server.restrict(group, ana)
    server.restrict(group, ana, ["can_send_messages"])
    server.promote(group, ana, ["can_pin_messages"])
    await server.settled()
    assert [heard.event for heard in listener.heard] == [Returned((str(group.id),))] * 2


async def test_a_person_is_told_in_private_if_they_have_spoken_there(
    server: TelegramServer, client: TelegramClient
) -> None:
    ana, bea = server.user("Ana"), server.user("Bea")
    chat = private_chat(server, ana)
    await client.messenger.tell(str(ana.id), PAPER)
    assert [message.text for message in server.messages(chat)] == ["Dropout"]
    with pytest.raises(Refused):
        await client.messenger.tell(str(bea.id), PAPER)


async def test_an_upgraded_group_names_its_new_id(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    small = server.basic_group("Readers", admins=[ana])
    new = server.upgrade(small, by=ana)
    with pytest.raises(Refused) as refused:
        await client.messenger.send(Destination(str(small.id)), PAPER, 1)
    assert (refused.value.refusal, refused.value.moved_to) == (Refusal.MOVED, str(new.id))


async def test_a_long_post_of_which_only_the_beginning_arrived_is_ambiguous(
    server: TelegramServer, client: TelegramClient, group: Chat
) -> None:
    long = Message((Text("\n\n".join(["x" * 3000] * 2)),))
    server.fault("sendMessage", "429:3")
    with pytest.raises(NotSent):
        await client.messenger.send(Destination(str(group.id)), long, 1)
    server.fault("sendMessage", "500", after=1)
    with pytest.raises(Ambiguous):
        await client.messenger.send(Destination(str(group.id)), long, 1)
    assert len(server.messages(group)) == 1


async def test_a_long_post_is_finished_although_telegram_asks_for_patience_on_the_way(
    server: TelegramServer, listener: Listener, group: Chat
) -> None:
    timer = FakeClock()
    async with serving(server, listener, timer=timer) as client:
        long = Message((Text("\n\n".join(["x" * 3000] * 2)),))
        server.fault("sendMessage", "429:3", times=2, after=1)
        await client.messenger.send(Destination(str(group.id)), long, 1)
        assert len(server.messages(group)) == 2
        assert timer.monotonic() >= 6


async def test_a_pointer_in_a_basic_group_replies_to_its_message(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    small = server.basic_group("Readers", members=[ana])
    sent = await client.messenger.send(Destination(str(small.id)), PAPER, 1)
    pointing = Message((Text("Here."), Pointer("Go", None, sent.message_id)))
    await client.messenger.send(Destination(str(small.id)), pointing, 2)
    first, second = server.messages(small)
    assert second.reply_to is first


# Threads


async def test_a_thread_is_a_topic_in_a_forum(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    forum = server.group(
        "Forum", admins=[ana], forum=True, bot="administrator", bot_rights=["can_manage_topics"]
    )
    to = Destination(str(forum.id), reply_to="5")
    opened = await client.messenger.open_thread(to, OpenThread("读" * 200, "5"), 1)
    assert opened.thread_id == opened.message_id
    assert opened.thread_id
    await client.messenger.send(Destination(str(forum.id), thread_id=opened.thread_id), PAPER, 2)
    (topic,) = forum.topics.values()
    assert topic.name == "读" * 127 + "…"
    assert [message.text for message in server.messages(forum, topic)] == ["Dropout"]


async def test_a_thread_is_a_chain_of_replies_elsewhere(
    server: TelegramServer, client: TelegramClient, group: Chat
) -> None:
    await server.settled()
    before = len(server.calls)
    opened = await client.messenger.open_thread(
        Destination(str(group.id), reply_to="5"), OpenThread("x", "5"), 1
    )
    assert opened == Sent("5")
    assert [call.method for call in server.calls[before:]] == ["getChat"]


async def test_a_topic_that_was_not_even_asked_for_was_surely_not_opened(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    """Asking whether a group has topics sends nothing, whatever becomes of the answer."""
    forum = server.group("Forum", admins=[ana], forum=True)
    server.fault("getChat", "drop-after")
    with pytest.raises(NotSent):
        await client.messenger.open_thread(Destination(str(forum.id)), OpenThread("Week 1", None), 1)


async def test_a_topic_without_the_right_is_refused(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    forum = server.group("Forum", members=[ana], forum=True)
    with pytest.raises(Refused, match="ot enough rights") as refused:
        await client.messenger.open_thread(Destination(str(forum.id)), OpenThread("Week 1", None), 1)
    assert refused.value.refusal is Refusal.THREAD


async def test_a_post_for_a_topic_that_is_gone_goes_to_the_group(
    server: TelegramServer, client: TelegramClient, ana: User
) -> None:
    forum = server.group("Forum", members=[ana], forum=True)
    closed = server.topic(forum, "Week 1", by=ana)
    closed.closed = True
    for thread_id in ("999", str(closed.id)):
        await client.messenger.send(Destination(str(forum.id), thread_id=thread_id), PAPER, 1)
    assert [message.thread for message in server.messages(forum)] == [None, None]


# Who may organise


async def test_owners_and_admins_may_organise(server: TelegramServer, client: TelegramClient) -> None:
    owner, admin, member, stranger = (server.user(name) for name in ("Ana", "Bea", "Cai", "Dan"))
    group = server.group("Readers", admins=[owner, admin], members=[member])
    allowed = [
        await client.messenger.may_organise(str(group.id), str(user.id))
        for user in (owner, admin, member, stranger)
    ]
    assert allowed == [True, True, False, False]
    assert not await client.messenger.may_organise(str(group.id), "-1001")


async def test_who_may_organise_is_not_guessed_when_telegram_is_silent(
    server: TelegramServer, client: TelegramClient, ana: User, group: Chat
) -> None:
    server.fault("getChatMember", "500")
    with pytest.raises(Ambiguous):
        await client.messenger.may_organise(str(group.id), str(ana.id))


# Proxies to go through

Target = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[tuple[str, int, bytes]]]


@asynccontextmanager
async def proxy_to(target: Target) -> AsyncIterator[tuple[int, list[tuple[str, int]]]]:
    """A proxy on loopback: its port, and where it was asked to connect to."""
    served: list[tuple[str, int]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port, first = await target(reader, writer)
        served.append((host, port))
        there, back = await asyncio.open_connection(host, port)
        back.write(first)
        await asyncio.gather(_pipe(reader, back), _pipe(there, writer), return_exceptions=True)

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with proxy:
        yield proxy.sockets[0].getsockname()[1], served


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _http_target(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> tuple[str, int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    root = head.split()[1].split(b"/bot")[0]
    host, _colon, port = root.removeprefix(b"http://").decode().partition(":")
    return host, int(port), head


async def _socks_target(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int, bytes]:
    methods = (await reader.readexactly(2))[1]
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    kind = (await reader.readexactly(4))[3]
    length = 4 if kind == 1 else (await reader.readexactly(1))[0]
    address = await reader.readexactly(length)
    port = int.from_bytes(await reader.readexactly(2))
    writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    return socket.inet_ntoa(address) if kind == 1 else address.decode(), port, b""


# Pictures


async def test_a_picture_goes_out_with_its_words_folded_in_the_caption_and_its_buttons(
    server: TelegramServer, client: TelegramClient, group: Chat
) -> None:
    button = Button("Go", action(Verb.LIST))
    sent = await client.messenger.send(
        Destination(str(group.id)), Message((Text("**Your path**"), PICTURE, Buttons(((button,),)))), 1
    )
    (message,) = server.messages(group)
    assert str(message.id) == sent.message_id
    assert message.photo
    assert server.api.files[message.photo] == PNG
    assert message.text.startswith("Your path\n\nA short plan\nKites & strings\n1. A <kite>, read")
    assert [entity["type"] for entity in message.entities][:2] == ["bold", "expandable_blockquote"]
    assert message.buttons == ["Go"]


async def test_a_picture_that_cannot_be_drawn_is_told_in_words(
    server: TelegramServer, listener: Listener, group: Chat
) -> None:
    async with serving(server, listener, painter=StubPainter(None)) as client:
        await client.messenger.send(Destination(str(group.id)), Message((PICTURE,)), 1)
    (message,) = server.messages(group)
    assert message.photo is None
    assert "2. Tails (after 1)" in message.text


@pytest.mark.parametrize("size", [(720, 9281), (10, 201)])
async def test_a_picture_of_more_pixels_than_telegram_takes_is_told_in_words(
    server: TelegramServer, listener: Listener, group: Chat, size: tuple[int, int]
) -> None:
    async with serving(server, listener, painter=StubPainter(black(*size))) as client:
        await client.messenger.send(Destination(str(group.id)), Message((PICTURE,)), 1)
    (message,) = server.messages(group)
    assert message.photo is None
    assert "2. Tails (after 1)" in message.text


async def test_where_pictures_may_not_be_sent_words_are(
    server: TelegramServer, client: TelegramClient, group: Chat
) -> None:
    group.members[server.bot.id] = Member(server.bot, "restricted", rights=frozenset({"can_send_messages"}))
    await client.messenger.send(Destination(str(group.id)), Message((PICTURE,)), 1)
    (message,) = server.messages(group)
    assert message.photo is None
    assert "2. Tails (after 1)" in message.text


async def test_a_picture_in_place_of_a_message_comes_after_it(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    button = Button("Go", action(Verb.LIST))
    await client.messenger.send(Destination(str(group.id)), Message((Text("Here"), Buttons(((button,),)))), 1)
    listener.reply = Reply(Message((PICTURE,)), edit=True)
    await server.press(server.messages(group)[0], ana, "Go")
    await server.settled()
    assert [message.photo is not None for message in server.messages(group)] == [False, True]


async def test_a_text_in_place_of_a_picture_comes_after_it_and_the_picture_goes(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User
) -> None:
    """Telegram makes no text of a picture, so it is not even asked."""
    chat = private_chat(server, ana)
    turn = Buttons(((Button("Next", action(Verb.PAGE, "gan", 2)),),))
    await client.messenger.send(Destination(str(chat.id)), Message((Text("Page 1"), PICTURE, turn)), 1)
    (picture,) = server.messages(chat)
    listener.reply = Reply(Message((Text("Page 2"), turn)), private=True, edit=True)
    await server.press(picture, ana, "Next")
    await server.settled()
    _, second = server.messages(chat)
    assert second.text == "Page 2"
    assert picture.deleted
    assert not picture.edits
    listener.reply = Reply(Message((Text("Page 3"), turn)), private=True, edit=True)
    await server.press(second, ana, "Next")
    await server.settled()
    assert second.text == "Page 3"
    assert len(server.messages(chat)) == 2


async def test_a_picture_meant_for_the_presser_waits_in_private_however_short_its_words(
    server: TelegramServer, listener: Listener, client: TelegramClient, ana: User, group: Chat
) -> None:
    await client.messenger.send(Destination(str(group.id)), PAPER, 1)
    listener.reply = Reply(Message((Picture(PATH, "short"),)), private=True)
    answer = await server.press(server.messages(group)[0], ana, "Quiz me")
    assert answer.url
    assert not answer.text
