"""The Discord adapter on the strict server: real library, real sockets."""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, cast

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.domain.clubs import Account, Chat, ChatKind, Platform
from bot.domain.languages import Language
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.actions import Verb, action
from bot.messages.drawings import Drawing
from bot.messages.incoming import Arrived, Asked, Incoming, Place, Pressed, Returned, Sender
from bot.messages.outgoing import (
    Button,
    Buttons,
    Destination,
    Message,
    OpenThread,
    Pointer,
    Reply,
    Sent,
    Text,
)
from bot.messages.texts import Texts
from bot.platforms.discord import limits, talk
from bot.platforms.discord.client import DiscordClient
from bot.platforms.discord.limits import PACE
from bot.ports import Ambiguous, NotSent, Refusal, Refused, Store, Timer, Unauthorised
from bot.use_cases.commands import COMMANDS, MESSAGE_COMMANDS
from tests.house import FakeClock, HandTimer
from tests.pictures import PICTURE, PNG, StubPainter
from tests.servers.discord import BOT_PERMISSIONS, ChannelType, DiscordServer, Permission
from tests.servers.discord import Message as Posted

TEXTS = Texts(load_catalogues())
LIBRARY = ContentLibrary.load(files("content"))
READ = Button("I’ve read it", action(Verb.READ, "gan"))


class Kept:
    """As much of a store as the adapter uses."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.values: dict[str, str] = {}
        self.troubled: list[str] = []
        """Channels in which nothing could be posted."""
        self.asked = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator["Kept"]:
        self.asked += 1
        yield self

    write = read

    async def keep(self, name: str, value: str) -> None:
        self.values[name] = value
        self.wake()

    async def kept(self, name: str) -> str | None:
        return self.values.get(name)

    async def kept_under(self, prefix: str) -> dict[str, str]:
        return {n.removeprefix(prefix): v for n, v in self.values.items() if n.startswith(prefix)}

    async def chats_in_trouble(self, platform: Platform) -> list[Chat]:
        return [
            Chat(n, n, platform, each, ChatKind.GROUP, topics=False, active=True)
            for n, each in enumerate(self.troubled)
        ]

    async def seat(self, platform: Platform, chat_id: str, user_id: str) -> None:
        """Nobody sits anywhere."""


class Answers:
    """A dispatcher that remembers what it heard and gives what the test told it to give."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.heard: list[Incoming] = []
        self.returned: list[tuple[str, ...]] = []
        self.reply: Reply | None = Reply(Message((Text("said"),)))
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def handle(self, incoming: Incoming) -> Reply | None:
        if isinstance(incoming.event, Returned):
            self.returned.append(incoming.event.chat_ids)
            self.wake()
            return None
        self.heard.append(incoming)
        self.wake()
        await self.may_go.wait()
        return self.reply


class Stand:
    """The server, a server of readers with Ana in it, and our client."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.guild = server.guild("Readers", channels=["general"])
        self.general = self.guild.channel("general")
        self.ana = self.guild.member("Ana", locale="zh-CN")
        self.answers = Answers(server.world.wake)
        self.kept = Kept(server.world.wake)
        self.kept.values[f"discord.met.{self.guild.id}"] = str(self.general.id)
        self.painter = StubPainter()
        self.timer: Timer = FakeClock()
        self.clients: list[DiscordClient] = []

    def client(
        self, token: str = "", proxy: str | None = None, shards: tuple[range, int] | None = None
    ) -> DiscordClient:
        client = DiscordClient(
            token or self.server.token,
            self.server.api_url,
            proxy,
            self.answers,
            TEXTS,
            LIBRARY,
            cast(Store, self.kept),
            self.painter,
            self.timer,
            shards,
        )
        self.clients.append(client)
        return client

    async def open(self) -> DiscordClient:
        client = self.client()
        await client.open()
        await self.server.connected()
        return client

    async def ask(self, path: str = "paper today", **options: Any) -> Posted:
        asked = await self.server.command(self.general, self.ana, path, options)
        return await asked.reply()

    def to(self, **more: Any) -> Destination:
        return Destination(str(self.general.id), **more)

    def posts(self) -> list[str]:
        return [message.text for message in self.server.messages(self.general)]


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    server = DiscordServer()
    await server.start()
    stand = Stand(server)
    yield stand
    for client in stand.clients:
        await client.close()
    await server.stop()
    assert server.violations == []
    assert Route.BASE == "https://discord.com/api/v10"


def message(*words: str, button: Button | None = None) -> Message:
    buttons = (Buttons(((button,),)),) if button else ()
    return Message((*map(Text, words), *buttons))


# What is heard


async def test_a_slash_command_is_heard_with_who_and_where_and_answered(stand: Stand) -> None:
    await stand.open()
    answer = await stand.ask("paper show", paper="gan")
    assert stand.answers.heard == [
        Incoming(
            Sender(Account(Platform.DISCORD, str(stand.ana.id)), "Ana", Language.ZH, "ana", organiser=False),
            Place(str(stand.general.id), ChatKind.GROUP, "Readers · #general"),
            Asked("paper show", {"paper": "gan"}),
        )
    ]
    assert answer.text == "said"
    assert stand.server.messages(stand.general) == [answer]


async def test_every_command_of_the_table_can_be_sent(stand: Stand) -> None:
    await stand.open()
    values: dict[str, Any] = {
        "zone": "Asia/Shanghai",
        "day": "monday",
        "time": "09:00",
        "language": "en",
        "words": "gan",
    }
    values |= {"paper": "3", "plan": LIBRARY.plans()[0].id, "preset": "gentle", "beat": "quiz"}
    values |= {"when": "friday", "date": "tomorrow", "days": 2, "switch": "on"}
    mo = stand.guild.member("Mo", manage_guild=True)
    for command in COMMANDS:
        options = {option.name: values[option.name] for option in command.options if option.required}
        asked = await stand.server.command(stand.general, mo, command.path, options)
        await asked.reply()
    assert [cast(Asked, each.event).path for each in stand.answers.heard] == [c.path for c in COMMANDS]
    assert all(each.sender.organiser for each in stand.answers.heard)


async def test_a_named_member_is_heard_by_their_id(stand: Stand) -> None:
    await stand.open()
    bo = stand.guild.member("Bo")
    await stand.ask("progress", member=bo)
    assert stand.answers.heard[0].event == Asked("progress", {"member": f"id:{bo.id}"})


async def test_a_direct_conversation_is_private_and_its_person_an_organiser(stand: Stand) -> None:
    await stand.open()
    alone = stand.server.dm(stand.ana)
    stand.answers.reply = Reply(message("yours"), private=True)
    asked = await stand.server.command(alone, stand.ana, "progress")
    answer = await asked.reply()
    assert not answer.ephemeral
    [heard] = stand.answers.heard
    assert heard.place == Place(str(alone.id), ChatKind.PRIVATE)
    assert heard.sender.organiser


async def test_a_thread_is_heard_as_its_channel_with_a_thread(stand: Stand) -> None:
    client = await stand.open()
    sent = await client.messenger.send(stand.to(), message("Week 1"), 1)
    opened = await client.messenger.open_thread(stand.to(), OpenThread("Week 1", sent.message_id), 2)
    [thread] = stand.server.threads(stand.general)
    asked = await stand.server.command(thread, stand.ana, "paper today")
    await asked.reply()
    assert stand.answers.heard[0].place == Place(
        str(stand.general.id), ChatKind.GROUP, "Readers · #general", thread_id=opened.thread_id
    )


async def test_a_press_is_heard_with_its_token_and_message_also_after_a_restart(stand: Stand) -> None:
    client = await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    await client.close()
    await stand.open()
    stand.answers.reply = Reply(message("noted"), private=True)
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    noted = await pressed.reply()
    assert stand.answers.heard[-1].event == Pressed("p1:read:gan", str(post.id))
    assert stand.server.ephemeral(stand.ana) == [noted]


async def test_papers_complete_themselves_in_the_members_language(stand: Stand) -> None:
    await stand.open()
    first = LIBRARY.paper(LIBRARY.plans()[0].papers[0])
    assert first is not None
    found = await stand.server.autocomplete(stand.general, stand.ana, "paper show", "paper", "")
    assert found[0] == {"name": f"1 · {first.title.zh}", "value": first.id}
    numbered = await stand.server.autocomplete(stand.general, stand.ana, "quiz", "paper", "1")
    assert numbered[0]["value"] == first.id
    assert stand.answers.heard == []


async def test_zones_complete_themselves(stand: Stand) -> None:
    await stand.open()
    found = await stand.server.autocomplete(stand.general, stand.ana, "settings timezone", "zone", "shang")
    assert found == [{"name": "Asia/Shanghai", "value": "Asia/Shanghai"}]


async def test_arriving_in_a_server_is_greeted_where_the_bot_may_write(stand: Stand) -> None:
    await stand.open()
    guild = stand.server.guild("Late", channels=["rules", "talk"], locale="zh-CN", joined=False)
    guild.channel("rules").forbid(Permission.SEND_MESSAGES)
    stand.server.join_guild(guild)
    talk_channel = guild.channel("talk")
    await stand.server.until(lambda: stand.server.messages(talk_channel))
    [heard] = stand.answers.heard
    assert heard.event == Arrived(chosen=False)
    assert (heard.sender.language, heard.sender.organiser) == (Language.ZH, True)
    assert heard.place == Place(str(talk_channel.id), ChatKind.GROUP, "Late · #talk")


async def test_a_server_is_greeted_once_also_when_it_was_joined_while_the_bot_was_away(stand: Stand) -> None:
    late = stand.server.guild("Late")
    client = await stand.open()
    await stand.server.until(lambda: stand.server.messages(late.channel("general")))
    await client.close()
    await stand.open()
    other = stand.server.guild("Later")
    await stand.server.until(lambda: stand.server.messages(other.channel("general")))
    assert [heard.sender.name for heard in stand.answers.heard] == ["Late", "Later"]
    late.remove_bot()
    await stand.server.until(lambda: stand.kept.values[f"discord.met.{late.id}"] == "")
    stand.server.join_guild(late)
    await stand.server.until(lambda: len(stand.server.messages(late.channel("general"))) == 2)


async def test_it_tells_which_closed_chats_are_open_at_the_start_and_whenever_its_rights_change(
    stand: Stand,
) -> None:
    other, forum = stand.guild.channel("other"), stand.guild.channel("papers", ChannelType.FORUM)
    other.forbid(Permission.SEND_MESSAGES)
    forum.forbid(Permission.SEND_MESSAGES_IN_THREADS)
    here, there, shelf = (str(each.id) for each in (stand.general, other, forum))
    stand.kept.troubled, heard = [here, there, shelf, "17"], stand.answers.returned
    await stand.open()
    await stand.server.until(lambda: heard)
    assert heard.pop() == (here,)
    other.allow(Permission.SEND_MESSAGES)
    await stand.server.until(lambda: heard)
    assert heard.pop() == (here, there)
    forum.allow(Permission.SEND_MESSAGES_IN_THREADS)
    await stand.server.until(lambda: heard)
    assert heard.pop() == (here, there, shelf)
    stand.guild.grant("Paperclub", Permission(0))
    stand.guild.grant("Paperclub", BOT_PERMISSIONS)
    await stand.server.until(lambda: heard)
    assert heard.pop() == (here, there, shelf)
    stand.guild.remove_bot()
    stand.server.join_guild(stand.guild)
    await stand.server.until(lambda: heard)
    assert heard.pop() == (here, there, shelf)


async def test_all_servers_of_a_start_are_looked_up_together(stand: Stand) -> None:
    """A thousand servers must not mean thousands of questions to the record."""
    for number in range(30):
        guild = stand.server.guild(f"Server {number}")
        stand.kept.values[f"discord.met.{guild.id}"] = "1"
    late = stand.server.guild("Late")
    await stand.open()
    await stand.server.until(lambda: stand.server.messages(late.channel("general")))
    # Once for the menu of commands; then who was met, and who is in trouble, for all or for a few at a time.
    assert stand.kept.asked <= 7
    assert [heard.sender.name for heard in stand.answers.heard] == ["Late"]
    assert stand.answers.returned == []


async def test_a_server_is_greeted_as_soon_as_there_is_a_channel_to_do_it_in(stand: Stand) -> None:
    await stand.open()
    mute = stand.server.guild("Mute", bot_permissions=Permission.VIEW_CHANNEL, joined=False)
    stand.server.join_guild(mute)
    stand.server.join_guild(stand.server.guild("Loud", joined=False))
    await stand.server.until(lambda: stand.answers.heard)
    mute.grant("Paperclub", BOT_PERMISSIONS)
    await stand.server.until(lambda: stand.server.messages(mute.channel("general")))
    assert [heard.sender.name for heard in stand.answers.heard] == ["Loud", "Mute"]


async def test_a_welcome_that_was_refused_is_said_at_the_next_occasion(stand: Stand) -> None:
    await stand.open()
    stand.server.fault("POST /channels/*/messages", "403")
    late = stand.server.guild("Late", joined=False)
    stand.server.join_guild(late)
    await stand.server.until(lambda: stand.kept.values.get(f"discord.met.{late.id}") == "")
    late.grant("Paperclub", BOT_PERMISSIONS)
    await stand.server.until(lambda: stand.server.messages(late.channel("general")))
    late.grant("Paperclub", BOT_PERMISSIONS)
    await stand.ask()
    assert len(stand.server.messages(late.channel("general"))) == 1


async def test_arriving_where_the_bot_may_write_nowhere_says_nothing(stand: Stand) -> None:
    await stand.open()
    mute = BOT_PERMISSIONS & ~Permission.SEND_MESSAGES
    stand.server.join_guild(stand.server.guild("Mute", bot_permissions=mute, joined=False))
    loud = stand.server.guild("Loud", joined=False)
    stand.server.join_guild(loud)
    await stand.server.until(lambda: stand.server.messages(loud.channel("general")))
    assert [heard.sender.name for heard in stand.answers.heard] == ["Loud"]


# What is answered


async def test_a_private_reply_is_seen_by_the_asker_alone(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("yours"), private=True)
    answer = await stand.ask("progress")
    assert stand.server.ephemeral(stand.ana) == [answer]
    assert stand.posts() == []


async def test_a_picture_is_a_file_that_says_what_it_shows(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(Message((Text("Your path"), PICTURE)), private=True)
    answer = await stand.ask("path")
    assert answer.ephemeral
    [picture] = answer.attachments
    assert (picture.name, picture.content) == ("picture.png", PNG)
    assert picture.description == PICTURE.alt
    assert answer.text == "Your path"


async def test_a_picture_that_cannot_be_drawn_is_told_in_words(stand: Stand) -> None:
    stand.painter = StubPainter(None)
    await stand.open()
    stand.answers.reply = Reply(Message((PICTURE,)))
    answer = await stand.ask("path")
    assert not answer.attachments
    assert "Kites & strings\n1. A <kite>, read" in answer.text.replace("\\", "")


async def test_a_picture_is_told_in_words_where_the_bot_may_not_attach_files(stand: Stand) -> None:
    await stand.open()
    stand.general.forbid(Permission.ATTACH_FILES)
    stand.answers.reply = Reply(Message((PICTURE,)))
    answer = await stand.ask("path")
    assert not answer.attachments
    assert "Kites & strings" in answer.text.replace("\\", "")


async def test_a_picture_that_takes_long_is_announced(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.05)
    drawn = asyncio.Event()

    class SlowPainter(StubPainter):
        async def png(self, drawing: Drawing) -> bytes | None:
            await drawn.wait()
            return PNG

    stand.painter = SlowPainter()
    await stand.open()
    stand.answers.reply = Reply(Message((PICTURE,)), private=True)
    asked = await stand.server.command(stand.general, stand.ana, "path")
    await asked.acknowledgement()
    drawn.set()
    answer = await asked.reply()
    await stand.server.until(lambda: answer.attachments)
    assert answer.ephemeral


async def test_a_post_carries_its_picture_and_an_edit_takes_it_away(stand: Stand) -> None:
    client = await stand.open()
    post = Message((Text("Week 1"), PICTURE, Buttons(((Button("Go", action(Verb.LIST)),),))))
    await client.messenger.send(stand.to(), post, 1)
    [sent] = stand.server.messages(stand.general)
    assert [picture.content for picture in sent.attachments] == [PNG]
    stand.answers.reply = Reply(message("Later"), edit=True)
    press = await stand.server.press(sent, stand.ana, action(Verb.LIST).token)
    await press.acknowledgement()
    await stand.server.until(lambda: sent.text == "Later")
    assert not sent.attachments


async def test_a_page_with_a_picture_and_one_without_take_each_others_place(stand: Stand) -> None:
    await stand.open()
    turn = Buttons(((Button("Turn", action(Verb.PAGE, "gan", 2)),),))
    stand.answers.reply = Reply(Message((Text("Page 1"), PICTURE, turn)), private=True)
    card = await stand.ask("quiz")
    for text, picture in (("Page 2", None), ("Page 1", PICTURE), ("Page 2", None)):
        parts = (Text(text), picture, turn) if picture else (Text(text), turn)
        stand.answers.reply = Reply(Message(parts), private=True, edit=True)
        pressed = await stand.server.press(card, stand.ana, "Turn")
        assert await pressed.reply() is card
        assert card.text == text
        assert len(card.attachments) == bool(picture)


async def test_a_post_is_told_in_words_where_the_bot_may_not_attach_files(stand: Stand) -> None:
    client = await stand.open()
    stand.general.forbid(Permission.ATTACH_FILES)
    await client.messenger.send(stand.to(), Message((PICTURE, Text("A question"))), 1)
    [sent] = stand.server.messages(stand.general)
    assert not sent.attachments
    assert "Kites & strings" in sent.text.replace("\\", "")
    assert "A question" in sent.text


async def test_an_edit_takes_the_place_of_the_pressed_message(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("question", button=READ), private=True)
    card = await stand.ask("quiz")
    stand.answers.reply = Reply(message("answer"), private=True, edit=True)
    pressed = await stand.server.press(card, stand.ana, "I’ve read it")
    assert await pressed.reply() is card
    assert (card.text, card.buttons) == ("answer", [])


async def test_what_cannot_be_edited_is_said_anew(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    stand.server.fault("POST /interactions/*/callback", "403")
    stand.answers.reply = Reply(message("answer"), edit=True)
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    assert (await pressed.reply()).text == "answer"
    assert post.text == "look"


async def test_what_concerns_one_replaces_nothing_that_everybody_sees(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    stand.answers.reply = Reply(message("for you", button=READ), private=True, edit=True)
    first = await (await stand.server.press(post, stand.ana, "I’ve read it")).reply()
    assert (first.text, first.ephemeral, post.text) == ("for you", True, "look")
    stand.answers.reply = Reply(message("and on"), private=True, edit=True)
    assert await (await stand.server.press(first, stand.ana, "I’ve read it")).reply() is first
    assert first.text == "and on"


async def test_a_toast_is_a_private_message_with_nothing_marked_up(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(toast="not *yours*")
    answer = await stand.ask()
    assert (answer.text, answer.ephemeral) == ("not \\*yours\\*", True)


async def test_a_toast_beside_a_message_follows_it(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("for all"), toast="for you")
    asked = await stand.server.command(stand.general, stand.ana, "quiz")
    assert (await asked.reply(0)).ephemeral is False
    assert (await asked.reply(1)).ephemeral is True


@pytest.mark.parametrize("reply", [None, Reply()])
async def test_nothing_to_say_is_still_an_answer(stand: Stand, reply: Reply | None) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    stand.answers.reply = reply
    asked = await stand.server.command(stand.general, stand.ana, "paper today")
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    await asked.acknowledgement()
    await pressed.acknowledgement()
    await stand.server.until(lambda: asked.original is not None and asked.original.deleted)
    assert stand.posts() == ["look"]
    assert stand.server.ephemeral(stand.ana) == []


@pytest.mark.parametrize(
    ("path", "private"), [("paper today", False), ("progress", True), ("progress", False), ("quiz", True)]
)
async def test_a_slow_answer_is_announced_and_then_seen_by_the_right_people(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, path: str, private: bool
) -> None:
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    await stand.open()
    stand.answers.may_go.clear()
    stand.answers.reply = Reply(message("thought about it"), private=private)
    asked = await stand.server.command(stand.general, stand.ana, path)
    assert await asked.acknowledgement() == 5
    stand.answers.may_go.set()
    await asked.reply()

    def left() -> list[Posted]:
        return [each for each in stand.general.written.values() if not each.deleted]

    await stand.server.until(lambda: [each.ephemeral for each in left()] == [private])
    [answer] = left()
    assert (answer.text, answer.loading) == ("thought about it", False)


async def test_a_slow_press_under_what_all_see_is_announced_to_the_presser(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    stand.answers.may_go.clear()
    stand.answers.reply = Reply(message("later"), private=True)
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    assert await pressed.acknowledgement() == 5
    assert pressed.original
    assert pressed.original.ephemeral
    stand.answers.may_go.set()
    answer = await pressed.reply()
    assert (answer.text, answer.ephemeral, answer.loading, post.text) == ("later", True, False, "look")


@pytest.mark.parametrize("toast", ["", "done"])
async def test_a_slow_press_may_still_change_what_all_see(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, toast: str
) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    stand.answers.may_go.clear()
    stand.answers.reply = Reply(message("later"), edit=True, toast=toast)
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    await pressed.acknowledgement()
    stand.answers.may_go.set()
    await stand.server.until(lambda: post.text == "later")
    await stand.server.until(lambda: pressed.replies or (pressed.original and pressed.original.deleted))
    assert [each.text for each in stand.server.ephemeral(stand.ana)] == [toast] * bool(toast)


async def test_a_slow_press_under_what_one_sees_is_acknowledged_without_a_word(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("card", button=READ), private=True)
    card = await stand.ask("quiz")
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    stand.answers.may_go.clear()
    stand.answers.reply = Reply(message("later"), private=True, edit=True)
    pressed = await stand.server.press(card, stand.ana, "I’ve read it")
    assert await pressed.acknowledgement() == 6
    stand.answers.may_go.set()
    assert await pressed.reply() is card
    assert card.text == "later"


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
async def test_an_answer_over_a_broken_line_is_given_once(stand: Stand, kind: str) -> None:
    await stand.open()
    stand.server.fault("POST /interactions/*/callback", kind)
    await stand.ask()
    assert stand.posts() == ["said"]


async def test_a_pointer_is_a_link_into_the_server(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(Message((Text("here"), Pointer("Go", None, "44"))))
    answer = await stand.ask("discuss")
    address = f"https://discord.com/channels/{stand.guild.id}/{stand.general.id}/44"
    assert answer.buttons[0].url == address


async def test_nobody_is_mentioned(stand: Stand) -> None:
    client = await stand.open()
    stand.answers.reply = Reply(message("@everyone"))
    answer = await stand.ask()
    sent = await client.messenger.send(stand.to(), message(f"@everyone {stand.ana.mention}"), 1)
    for posted in (answer, stand.general.written[int(sent.message_id)]):
        assert posted.allowed_mentions == {"parse": [], "replied_user": False} or posted.pings == set()
        assert posted.allowed_mentions is not None
        assert posted.allowed_mentions["parse"] == []


# What is sent


async def test_a_post_is_sent_with_its_buttons_into_chat_thread_or_as_a_reply(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    first = await messenger.send(stand.to(), message("Week 1", button=READ), 1)
    thread = await messenger.open_thread(stand.to(), OpenThread("Week 1", first.message_id), 2)
    assert thread.thread_id == thread.message_id == first.message_id
    assert thread.thread_id is not None
    await messenger.send(stand.to(thread_id=thread.thread_id), message("a prompt"), 3)
    await messenger.send(stand.to(reply_to=first.message_id), message("a reply"), 4)
    post, reply = stand.server.messages(stand.general)
    assert [button.label for button in post.buttons] == ["I’ve read it"]
    assert reply.reply_to is post
    [opened] = stand.server.threads(stand.general)
    assert (opened.name, opened.archive_minutes) == ("Week 1", limits.THREAD_MINUTES)
    assert [each.text for each in stand.server.messages(opened)] == ["a prompt"]


async def test_a_reply_to_a_message_that_is_gone_is_sent_all_the_same(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    await messenger.send(stand.to(reply_to="12345"), message("a reply"), 1)
    assert stand.posts() == ["a reply"]


async def test_a_silent_post_is_silent(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    await messenger.send(stand.to(), Message((Text("shh"),), silent=True), 1)
    assert stand.server.messages(stand.general)[0].flags & 1 << 12


async def test_the_same_key_sends_once(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    stand.server.fault("POST /channels/*/messages", "drop-after", times=4)
    with pytest.raises(Ambiguous):
        await messenger.send(stand.to(), message("Week 1"), 17)
    again = await messenger.send(stand.to(), message("Week 1"), 17)
    [post] = stand.server.messages(stand.general)
    assert again.message_id == str(post.id)


@pytest.mark.parametrize("kind", ["500", "500-after", "503", "502-html", "drop-before", "drop-after"])
async def test_a_message_that_meets_trouble_is_sent_once_and_arrives(stand: Stand, kind: str) -> None:
    messenger = (await stand.open()).messenger
    stand.server.fault("POST /channels/*/messages", kind, times=2)
    await messenger.send(stand.to(), Message((Text("Week 1"), PICTURE)), 17)
    stand.server.fault("POST /channels/*/messages", kind, times=2)
    await messenger.say(stand.to(), message("by the way"))
    assert stand.posts() == ["Week 1", "by the way"]


async def test_a_thread_that_is_there_already_is_found(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    first = await messenger.send(stand.to(), message("Week 1"), 1)
    wish = OpenThread("Week 1", first.message_id)
    fault = stand.server.fault("POST /channels/*/threads", "drop-after")
    opened = await messenger.open_thread(stand.to(), wish, 2)
    assert fault.times == 0
    assert await messenger.open_thread(stand.to(), wish, 2) == opened
    assert opened.thread_id == first.message_id
    assert len(stand.server.threads(stand.general)) == 1


async def test_a_thread_without_a_message_stands_alone_and_is_found_again(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    alone = await messenger.open_thread(stand.to(), OpenThread("x" * 120, None), 1)
    [thread] = stand.server.threads(stand.general)
    assert (str(thread.id), thread.name) == (alone.thread_id, "x" * 99 + "…")
    stand.server.fault("POST /channels/*/threads", "drop-after")
    wish = OpenThread("two", None)
    with pytest.raises(Ambiguous):
        await messenger.open_thread(stand.to(), wish, 2)
    _, second = stand.server.threads(stand.general)
    assert await messenger.find(stand.to(), wish, int(time.time())) == Sent(
        str(second.id), None, str(second.id)
    )
    assert await messenger.find(stand.to(), OpenThread("three", None), int(time.time())) is None
    assert await messenger.find(stand.to(), wish, int(time.time()) + 3600) is None, "that one is older"


@pytest.mark.parametrize(
    ("missing", "words"),
    [(Permission.SEND_MESSAGES, 1), (Permission.VIEW_CHANNEL, 1), (Permission.EMBED_LINKS, 5000)],
)
async def test_a_channel_where_a_right_is_missing_bars_the_bot(
    stand: Stand, missing: Permission, words: int
) -> None:
    """What is longer than a layout holds is embeds, and these need a right of their own."""
    messenger = (await stand.open()).messenger
    stand.general.forbid(missing)
    with pytest.raises(Refused) as refused:
        await messenger.send(stand.to(), message("w" * words), 1)
    assert refused.value.refusal is Refusal.BARRED


async def test_threads_that_may_not_be_opened_are_refused(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    first = await messenger.send(stand.to(), message("Week 1"), 1)
    stand.general.forbid(Permission.CREATE_PUBLIC_THREADS)
    with pytest.raises(Refused) as refused:
        await messenger.open_thread(stand.to(), OpenThread("Week 1", first.message_id), 2)
    assert refused.value.refusal is Refusal.THREAD
    stand.general.forbid(Permission.VIEW_CHANNEL)
    with pytest.raises(Refused) as refused:
        await messenger.open_thread(stand.to(), OpenThread("Week 1", first.message_id), 2)
    assert refused.value.refusal is Refusal.BARRED, "the channel is closed, and not its threads alone"


async def test_a_channel_or_server_that_is_gone_closes_the_chat(stand: Stand) -> None:
    client = await stand.open()
    other = stand.guild.channel("other")
    await client.messenger.send(Destination(str(other.id)), message("Week 1"), 1)
    other.delete()
    with pytest.raises(Refused) as refused:
        await client.messenger.send(Destination(str(other.id)), message("Week 1"), 2)
    assert refused.value.refusal is Refusal.GONE
    stand.guild.remove_bot()
    await stand.server.until(lambda: client._line and not client._line.guilds)
    with pytest.raises(Refused) as refused:
        await client.messenger.send(stand.to(), message("Week 1"), 3)
    assert refused.value.refusal is Refusal.GONE


async def test_a_post_for_a_thread_that_is_lost_goes_to_the_channel_and_an_archived_one_opens(
    stand: Stand,
) -> None:
    messenger = (await stand.open()).messenger
    first = await messenger.send(stand.to(), message("Week 1"), 1)
    await messenger.open_thread(stand.to(), OpenThread("Week 1", first.message_id), 2)
    [thread] = stand.server.threads(stand.general)
    inside = stand.to(thread_id=str(thread.id))
    thread.archived = True
    await messenger.send(inside, message("in the thread"), 3)
    assert not thread.archived
    thread.locked = True
    await messenger.send(inside, message("locked"), 4)
    thread.locked = False
    stand.general.forbid(Permission.SEND_MESSAGES_IN_THREADS)
    await messenger.send(inside, message("not in threads"), 5)
    thread.delete()
    await messenger.send(inside, message("deleted"), 6)
    said = [each.text for each in stand.server.messages(stand.general)]
    assert said == ["Week 1", "locked", "not in threads", "deleted"]
    assert [each.text for each in stand.server.messages(thread)] == ["in the thread"]


async def test_a_person_is_told_in_private_unless_they_let_nobody(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    await messenger.tell(str(stand.ana.id), message("for you alone"))
    assert [each.text for each in stand.server.messages(stand.server.dm(stand.ana))] == ["for you alone"]
    stand.ana.dms_open = False
    with pytest.raises(Refused):
        await messenger.tell(str(stand.ana.id), message("hello?"))
    with pytest.raises(Refused):
        await messenger.tell("12345", message("nobody"))
    stand.server.fault("POST /users/@me/channels", "drop-after")
    with pytest.raises(NotSent):
        await messenger.tell(str(stand.ana.id), message("later"))


async def test_a_member_who_closed_their_messages_is_gone(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    alone = Destination(str(stand.server.dm(stand.ana).id))
    await messenger.send(alone, message("hello"), 1)
    stand.ana.dms_open = False
    with pytest.raises(Refused) as refused:
        await messenger.send(alone, message("hello?"), 2)
    assert refused.value.refusal is Refusal.GONE


async def test_a_long_flood_wait_is_not_sent_and_says_how_long(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    stand.server.fault("POST /channels/*/messages", "429:90")
    with pytest.raises(NotSent) as flooded:
        await messenger.send(stand.to(), message("Week 1"), 1)
    assert flooded.value.retry_after == 91
    assert stand.posts() == []


async def test_a_long_flood_wait_in_a_second_channel_is_the_bot_s(stand: Stand) -> None:
    client = await stand.open()
    pace, alone = client.messenger.pace, Destination(str(stand.server.dm(stand.ana).id))
    stand.server.fault("POST /channels/*/messages", "429:90", times=2)
    with pytest.raises(NotSent):
        await client.messenger.send(stand.to(), message("Week 1"), 1)
    assert (pace.wait(), pace.wait_in(stand.to().chat_id)) == (0, 91)
    with pytest.raises(NotSent):
        await client.messenger.send(alone, message("hello"), 2)
    assert pace.wait() == 91


async def test_no_more_calls_begin_within_a_second_than_discord_takes(stand: Stand) -> None:
    """Posts and threads alike; they wait for the next second."""
    stand.timer = timer = HandTimer()
    messenger = (await stand.open()).messenger
    # Before it is told of the server, it asks which one the channel is in, which is a call too.
    while messenger.servers.venue(str(stand.general.id)) is None:  # noqa: ASYNC110  # as nothing tells
        await asyncio.sleep(0)
    sent = [await messenger.send(stand.to(), message("x"), key) for key in range(PACE.in_any_second)]
    opening = asyncio.create_task(
        messenger.open_thread(stand.to(), OpenThread("Week 1", sent[0].message_id), 99)
    )
    while not timer.sleepers:  # noqa: ASYNC110  # as nothing tells
        await asyncio.sleep(0)
    assert stand.server.threads(stand.general) == []
    timer.advance(1)
    await opening
    assert len(stand.server.threads(stand.general)) == 1


async def test_a_line_that_cannot_be_opened_is_not_sent_and_an_error_of_theirs_ambiguous(
    stand: Stand,
) -> None:
    messenger = (await stand.open()).messenger
    stand.server.fault("POST /channels/*/messages", "503", times=4)
    with pytest.raises(Ambiguous):
        await messenger.send(stand.to(), message("Week 1"), 1)
    await stand.server.go_down()
    # The first call may still go over the line that was cut.
    with pytest.raises((Ambiguous, NotSent)):
        await messenger.send(stand.to(), message("Week 1"), 1)
    with pytest.raises(NotSent):
        await messenger.send(stand.to(), message("Week 1"), 1)


async def test_who_may_organise_is_who_may_manage_the_server(stand: Stand) -> None:
    messenger = (await stand.open()).messenger
    mo, ad = stand.guild.member("Mo", manage_guild=True), stand.guild.member("Ad", administrator=True)
    # Roles made after the start come with an update of the server; a fresh start knows them all.
    await stand.clients[0].close()
    messenger = (await stand.open()).messenger
    people = {stand.ana: False, mo: True, ad: True, stand.guild.owner: True, stand.server.user("Zoe"): False}
    for person, may in people.items():
        assert await messenger.may_organise(str(stand.general.id), str(person.id)) is may
    assert await messenger.may_organise(str(stand.server.dm(stand.ana).id), str(stand.ana.id))
    assert not await messenger.may_organise("12345", str(mo.id))


# The connection


async def test_commands_are_registered_only_when_they_changed(stand: Stand) -> None:
    def told() -> int:
        return sum(call.method == "PUT" for call in stand.server.calls)

    client = await stand.open()
    groups = {command.group for command in COMMANDS}
    assert len(stand.server.commands) == len(groups) + len(MESSAGE_COMMANDS)
    await client.close()
    client = await stand.open()
    assert told() == 1
    await client.close()
    stand.kept.values["discord.commands"] = hashlib.sha256(b"other").hexdigest()
    await stand.open()
    assert told() == 2


async def test_commands_that_cannot_be_registered_do_not_stop_the_bot(stand: Stand) -> None:
    client = await stand.open()
    await client.close()
    del stand.kept.values["discord.commands"]
    stand.server.fault("PUT /applications/*/commands", "503")
    await stand.open()
    assert (await stand.ask()).text == "said"
    assert "discord.commands" not in stand.kept.values


async def test_no_privileged_intent_is_asked_for(stand: Stand) -> None:
    await stand.open()
    [session] = stand.server.gateway.live
    assert int(session.intents) == discord.Intents(guilds=True).value


async def test_a_refused_token_is_said_at_once_without_the_token(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unauthorised) as refused:
        await stand.client("not-the-token").open()
    assert refused.value.setting == "DISCORD_TOKEN"
    assert "not-the-token" not in f"{refused.value!r}{refused.value.__cause__!r}{caplog.text}"


async def test_a_token_refused_later_is_one_line_in_the_log(
    stand: Stand, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wake(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            stand.server.world.wake()

    await stand.open()
    monkeypatch.setattr(logging.getLogger("bot.platforms.discord.client"), "handlers", [Wake()])
    stand.server.close_gateway(4004)
    await stand.server.until(lambda: "no longer accepts DISCORD_TOKEN" in caplog.text)
    assert stand.server.token not in caplog.text


async def test_an_outage_at_the_start_is_waited_out(stand: Stand) -> None:
    client = stand.client()
    await stand.server.go_down()
    await client.open()
    with pytest.raises(NotSent):
        await client.messenger.send(stand.to(), message("Week 1"), 1)
    await stand.server.come_back()
    await stand.server.connected()
    assert (await stand.ask()).text == "said"


async def test_a_gateway_that_is_down_at_the_start_is_waited_out(stand: Stand) -> None:
    stand.server.gateway.down = True
    await stand.client().open()
    await stand.server.until(lambda: stand.server.gateway.refused > 2)
    stand.server.gateway.down = False
    await stand.server.connected()
    assert (await stand.ask()).text == "said"


async def test_a_lost_gateway_resumes_and_hears_what_was_asked_meanwhile(stand: Stand) -> None:
    await stand.open()
    stand.server.cut_gateway()
    await stand.server.until(lambda: not stand.server.gateway.live)
    assert (await stand.ask()).text == "said"
    assert len(stand.server.gateway.sessions) == 1


async def test_a_lost_gateway_resumes_through_the_proxy_and_not_where_discord_says(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    stand.server.gateway.resume_address = lambda: "ws://127.0.0.1:9/elsewhere"
    await stand.open()
    assert (await stand.ask()).text == "said"
    stand.server.cut_gateway()
    await stand.server.until(lambda: not stand.server.gateway.live)
    assert (await stand.ask()).text == "said"
    assert len(stand.server.gateway.sessions) == 1
    assert "Traceback" not in caplog.text


async def test_closing_answers_what_was_asked_and_restores_the_library(stand: Stand) -> None:
    client = await stand.open()
    stand.answers.may_go.clear()
    asked = await stand.server.command(stand.general, stand.ana, "paper today")
    await stand.server.until(lambda: stand.answers.heard)
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    stand.answers.may_go.set()
    await closing
    assert asked.acknowledged
    assert not stand.server.gateway.live
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"


async def test_closing_does_not_wait_for_a_gateway_that_does_not_answer(stand: Stand) -> None:
    client = await stand.open()
    for connection in stand.server.gateway.connections:
        assert connection.transport
        connection.transport.pause_reading()
    async with asyncio.timeout(5):
        await client.close()


# Proxies


async def pipe(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: list[bytes] | None = None
) -> None:
    """Hand on bytes until they end."""
    try:
        while data := await reader.read(65_536):
            if seen is not None:
                seen.append(data)
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: list[str]) -> None:
    """A SOCKS5 proxy without a password."""
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")
    _, _, _, kind = await reader.readexactly(4)
    size = 4 if kind == 1 else (await reader.readexactly(1))[0]
    raw = await reader.readexactly(size)
    host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
    port = int.from_bytes(await reader.readexactly(2), "big")
    seen.append(f"{host}:{port}")
    there, back = await asyncio.open_connection(host, port)
    writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    await asyncio.gather(pipe(reader, back), pipe(there, writer))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_everything_goes_through_a_socks_proxy(stand: Stand, scheme: str) -> None:
    seen: list[str] = []
    proxy = await asyncio.start_server(lambda r, w: socks(r, w, seen), "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    client = stand.client(proxy=f"{scheme}://127.0.0.1:{port}")
    await client.open()
    await stand.server.connected()
    assert (await stand.ask()).text == "said"
    # The REST connection and the gateway's.
    assert len(seen) >= 2
    await client.close()
    proxy.close()


async def test_everything_goes_through_an_http_proxy(stand: Stand) -> None:
    seen: list[bytes] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = stand.server.api_url.split("/")[2].split(":")
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pipe(reader, back, seen), pipe(there, writer))

    proxy = await asyncio.start_server(forward, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    client = stand.client(proxy=f"http://127.0.0.1:{port}")
    await client.open()
    await stand.server.connected()
    asked = b"".join(seen).decode(errors="replace")
    assert f"GET {stand.server.api_url}/users/@me " in asked
    assert f"GET {stand.server.gateway_url}?" in asked
    await client.close()
    proxy.close()


async def test_a_proxy_that_is_not_there_is_an_outage(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for proxy in ("socks5://127.0.0.1:9", "http://127.0.0.1:9"):
        client = stand.client(proxy=proxy)
        await client.open()
        with pytest.raises(NotSent):
            await client.messenger.send(stand.to(), message("Week 1"), 1)
        await client.close()
    assert caplog.text.count("Discord is out of reach") == 2
