"""Menus, pickers and forms, and what becomes of an answer when Discord falters: the real library against the
strict server."""

import logging

import pytest

from bot.messages.actions import Verb, action
from bot.messages.incoming import Filled, Pressed
from bot.messages.outgoing import Button, Field, Form, Menu, Message, Picker, Reply, Text, Wanted
from bot.platforms.discord import calls, talk
from tests.pictures import PICTURE, PNG
from tests.platforms.discord.test_client import READ, Stand, message
from tests.platforms.discord.test_client import stand as stand  # the fixture
from tests.servers.discord import Interaction, NotOffered
from tests.servers.discord import Message as Posted

DAYS = Menu(
    "Which day?",
    (Button("Monday", action(Verb.SETUP, "day", "mon")), Button("Friday", action(Verb.SETUP, "day", "fri"))),
)
FORM = Form(
    "Your week",
    action(Verb.SETUP, "form"),
    (
        Field("time", "Time", value="09:00", longest=5),
        Field("day", "Day", choices=(("mon", "Monday"), ("fri", "Friday"))),
        Field("beats", "Beats", value="quiz", choices=(("quiz", "Quiz"), ("recap", "Recap")), several=True),
    ),
)
FILL = Button("Fill in", action(Verb.SETUP, "open"))


# What is chosen and filled in


async def test_a_choice_from_a_menu_is_heard_as_a_press_of_its_token(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(Message((Text("Your week"), DAYS)))
    panel = await stand.ask("settings show")
    stand.answers.reply = Reply(message("Friday it is"), edit=True)
    chosen = await stand.server.select(panel, stand.ana, "Which day?", ["Friday"])
    assert await chosen.reply() is panel
    assert stand.answers.heard[-1].event == Pressed("p1:setup:day:fri", str(panel.id))


async def test_what_is_picked_is_the_last_argument_of_the_picker_s_action(stand: Stand) -> None:
    await stand.open()
    here = Picker("Where?", Wanted.CHANNEL, action(Verb.SETUP, "channel"), str(stand.general.id))
    whom = Picker("Who?", Wanted.ROLE, action(Verb.SETUP, "role", post=7), optional=True)
    stand.answers.reply = Reply(Message((Text("Your club"), here, whom)), private=True)
    panel = await stand.ask("settings show")
    readers = stand.guild.role("Readers")
    await (await stand.server.select(panel, stand.ana, "Where?", [str(stand.general.id)])).acknowledgement()
    await (await stand.server.select(panel, stand.ana, "Who?", [str(readers.id)])).acknowledgement()
    await (await stand.server.select(panel, stand.ana, "Who?", [])).acknowledgement()
    with pytest.raises(NotOffered):
        await stand.server.select(panel, stand.ana, "Where?", [])
    assert [heard.event for heard in stand.answers.heard[1:]] == [
        Pressed(f"p1:setup:channel:{stand.general.id}", str(panel.id)),
        Pressed(f"p1:setup:role:{readers.id}@7", str(panel.id)),
        Pressed("p1:setup:role:@7", str(panel.id)),
    ]


async def test_a_form_is_opened_by_a_button_and_heard_with_what_stands_in_it(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("Your week", button=FILL))
    panel = await stand.ask("settings show")
    stand.answers.reply = Reply(message("Say /settings"), form=FORM)
    opened = await stand.server.press(panel, stand.ana, "Fill in")
    await opened.acknowledgement()
    stand.answers.reply = Reply(message("Saved"), edit=True)
    sent = await stand.server.modal(opened, {"Day": "Friday", "Beats": ["Quiz", "Recap"]})
    assert await sent.reply() is panel
    assert panel.text == "Saved"
    assert stand.answers.heard[-1].event == Filled(
        "p1:setup:form", {"time": "09:00", "day": "fri", "beats": "quiz recap"}, str(panel.id)
    )


async def test_a_form_that_a_command_opened_has_no_message_and_is_answered_with_a_new_one(
    stand: Stand,
) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("Say /settings"), form=FORM)
    opened = await stand.server.command(stand.general, stand.ana, "settings show", {})
    await opened.acknowledgement()
    stand.answers.reply = Reply(message("Saved"), private=True, edit=True)
    sent = await stand.server.modal(opened, {"time": "10:30", "Day": "mon", "beats": ["recap"]})
    answer = await sent.reply()
    assert (answer.text, answer.ephemeral) == ("Saved", True)
    heard = stand.answers.heard[-1].event
    assert heard == Filled("p1:setup:form", {"time": "10:30", "day": "mon", "beats": "recap"})


async def test_a_form_that_comes_too_late_or_after_a_form_gives_way_to_its_message(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("Say /settings"), form=FORM)
    opened = await stand.server.command(stand.general, stand.ana, "settings show", {})
    sent = await stand.server.modal(opened, {"Day": "Monday"})
    assert (await sent.reply()).text == "Say /settings"
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    stand.answers.may_go.clear()
    slow = await stand.server.command(stand.general, stand.ana, "settings show", {})
    await slow.acknowledgement()
    stand.answers.may_go.set()
    assert (await slow.reply()).text == "Say /settings"


# When Discord falters

TROUBLE = [
    "500",
    "500-after",
    "502-html",
    "503",
    "503-after",
    "504-after",
    "drop-before",
    "drop-after",
    "429:1",
]
LOST = ["500", "503", "drop-before"]
DONE = ["500-after", "503-after", "drop-after"]
CALLBACK = "POST /interactions/*/callback"
ORIGINAL = "/webhooks/*/messages/@original"
FOLLOW_UP = "POST /webhooks/*"


def seen(stand: Stand) -> list[str]:
    """What stands in the channel for anybody, in order."""
    return [each.text for each in stand.general.written.values() if not each.deleted]


async def slow(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, reply: Reply, path: str = "quiz"
) -> Interaction:
    """A command whose answer has been announced and may come now."""
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    stand.answers.may_go.clear()
    stand.answers.reply = reply
    asked = await stand.server.command(stand.general, stand.ana, path, {})
    await asked.acknowledgement()
    return asked


@pytest.mark.parametrize("kind", TROUBLE)
async def test_a_first_answer_comes_once_whatever_happens_to_it(stand: Stand, kind: str) -> None:
    await stand.open()
    stand.server.fault(CALLBACK, kind, times=2)
    stand.answers.reply = Reply(Message((Text("Your path"), PICTURE)), private=True)
    answer = await stand.ask("path")
    await settled(stand)
    assert seen(stand) == ["Your path"]
    assert [file.content for file in answer.attachments] == [PNG]


async def settled(stand: Stand) -> None:
    """Return when everything heard has been answered."""
    [client] = stand.clients
    await client.close()
    stand.clients.clear()


@pytest.mark.parametrize("kind", TROUBLE)
async def test_a_change_is_made_whatever_happens_to_it(stand: Stand, kind: str) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    stand.server.fault(CALLBACK, kind, times=2)
    stand.answers.reply = Reply(message("changed"), edit=True)
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    assert await pressed.reply() is post
    await settled(stand)
    assert seen(stand) == ["changed"]


@pytest.mark.parametrize("kind", TROUBLE)
async def test_a_form_is_opened_whatever_happens_to_it(stand: Stand, kind: str) -> None:
    await stand.open()
    stand.server.fault(CALLBACK, kind, times=2)
    stand.answers.reply = Reply(message("Say /settings"), form=FORM)
    opened = await stand.server.command(stand.general, stand.ana, "settings show", {})
    await opened.acknowledgement()
    await settled(stand)
    assert opened.form
    assert seen(stand) == []


async def test_a_first_answer_that_hangs_is_given_again_in_time(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_FIRST_ANSWER_WITHIN", 0.05)
    await stand.open()
    held = stand.server.fault(CALLBACK, "slow:60")
    await stand.ask()
    await stand.server.until(lambda: sum("callback" in call.path for call in stand.server.calls) == 2)
    held.release()
    await settled(stand)
    assert seen(stand) == ["said"]


@pytest.mark.parametrize("kind", TROUBLE)
@pytest.mark.parametrize("private", [True, False])
async def test_what_was_announced_is_filled_once_whatever_happens(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, kind: str, private: bool
) -> None:
    await stand.open()
    stand.server.fault(CALLBACK, kind, times=2)
    path = "progress" if private else "paper today"
    asked = await slow(stand, monkeypatch, Reply(message("at last"), private=private), path)
    stand.server.fault(f"PATCH {ORIGINAL}", kind, times=2)
    stand.answers.may_go.set()
    answer = await asked.reply()
    await settled(stand)
    assert seen(stand) == ["at last"]
    assert (answer.ephemeral, answer.loading) == (private, False)


@pytest.mark.parametrize("kind", TROUBLE)
async def test_a_slow_change_of_what_all_see_is_made_once_whatever_happens(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("look", button=READ))
    post = await stand.ask()
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01)
    stand.answers.may_go.clear()
    stand.answers.reply = Reply(message("changed"), edit=True)
    pressed = await stand.server.press(post, stand.ana, "I’ve read it")
    await pressed.acknowledgement()
    times = 1 if kind.startswith("429") else 2
    stand.server.fault("PATCH /channels/*/messages/*", kind, times)
    stand.server.fault(f"DELETE {ORIGINAL}", kind, times)
    stand.answers.may_go.set()
    await stand.server.until(lambda: pressed.original and pressed.original.deleted)
    await settled(stand)
    assert seen(stand) == ["changed"]


async def test_what_hangs_is_asked_again_where_that_doubles_nothing(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_WITHIN", 0.05)
    client = await stand.open()
    asked = await slow(stand, monkeypatch, Reply(message("for all"), toast="for you"), "paper today")
    held = [
        stand.server.fault(f"PATCH {ORIGINAL}", "slow:60"),
        stand.server.fault(FOLLOW_UP, "slow:60"),
        stand.server.fault("POST /channels/*/messages", "slow:60"),
    ]
    stand.answers.may_go.set()
    await asked.reply(1)
    await client.messenger.send(stand.to(), message("Week 1"), 1)
    for each in held:
        each.release()
    await settled(stand)
    assert seen(stand) == ["for all", "for you", "Week 1"]
    made = [(call.method, call.path.partition("/")[2].partition("/")[0]) for call in stand.server.calls]
    assert [made.count(each) for each in (("PATCH", "webhooks"), ("POST", "webhooks"))] == [2, 1]
    assert made.count(("POST", "channels")) == 2


@pytest.mark.parametrize("kind", LOST + DONE)
async def test_a_follow_up_in_doubt_is_not_said_again_and_the_answer_stands(stand: Stand, kind: str) -> None:
    await stand.open()
    stand.server.fault(FOLLOW_UP, kind)
    stand.answers.reply = Reply(message("for all"), toast="for you")
    asked = await stand.server.command(stand.general, stand.ana, "quiz", {})
    await asked.reply()
    await settled(stand)
    assert seen(stand) == (["for all"] if kind in LOST else ["for all", "for you"])
    assert sum(call.path.startswith("/webhooks") for call in stand.server.calls) == 1


async def test_a_follow_up_that_surely_did_not_arrive_is_said_again(stand: Stand) -> None:
    await stand.open()
    stand.server.fault(FOLLOW_UP, "429:1")
    stand.answers.reply = Reply(message("for all"), toast="for you")
    asked = await stand.server.command(stand.general, stand.ana, "quiz", {})
    assert (await asked.reply(1)).text == "for you"


@pytest.mark.parametrize("kind", LOST + DONE)
async def test_an_answer_for_all_that_was_announced_to_one_reaches_that_one_at_least(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await stand.open()
    asked = await slow(stand, monkeypatch, Reply(message("for all")), "progress")
    stand.server.fault(FOLLOW_UP, kind)
    stand.answers.may_go.set()
    await asked.reply()
    await settled(stand)
    assert [each.text for each in stand.server.ephemeral(stand.ana)] == ["for all"]
    assert stand.posts() == (["for all"] if kind in DONE else [])


async def test_a_message_and_a_toast_for_the_same_person_are_one_message(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("Your card"), private=True, toast="Noted.")
    answer = await stand.ask("quiz")
    await settled(stand)
    assert answer.text == "Noted\\.\n\nYour card"
    assert [answer] == stand.server.ephemeral(stand.ana)


# When it is too late


@pytest.mark.parametrize(("late", "code"), [(4, 10062), (16 * 60, 50027)])
async def test_an_answer_that_comes_too_late_is_one_kind_line_in_the_log(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, late: int, code: int
) -> None:
    caplog.set_level(logging.INFO, "bot.platforms.discord.answer")
    await stand.open()
    now = stand.server.world.clock
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0.01 if late > 900 else 60)
    stand.answers.may_go.clear()
    asked = await stand.server.command(stand.general, stand.ana, "progress", {})
    await stand.server.until(lambda: stand.answers.heard)
    if late > 900:
        await asked.acknowledgement()
    stand.server.world.clock = lambda: now() + late
    stand.answers.may_go.set()
    await stand.server.until(lambda: stand.server.calls[-1].code == code)
    stand.server.world.clock = now
    await settled(stand)
    assert f"an answer came too late: Discord takes none to what was asked (code {code})" in caplog.text
    assert "WARNING" not in caplog.text
    stand.server.violations.clear()  # Discord calls it wrong to come too late, and it was meant here


# What a layout and older messages are to each other


def older(stand: Stand, text: str) -> Posted:
    """A message of ours from when there were only embeds, with a button."""
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Next", "custom_id": "p1:list"}]}
    body = {"embeds": [{"description": text}], "components": [row]}
    return stand.server.world.write(
        stand.server.world.message_from(stand.general, stand.server.bot, body, [])
    )


async def test_a_message_of_embeds_becomes_a_layout_when_it_is_changed(stand: Stand) -> None:
    await stand.open()
    post = older(stand, "Page 1")
    stand.answers.reply = Reply(message("Page 2", button=READ), edit=True)
    pressed = await stand.server.press(post, stand.ana, "Next")
    assert await pressed.reply() is post
    assert (post.text, post.embeds) == ("Page 2", [])
    stand.answers.reply = Reply(message("Page 3"), edit=True)
    assert await (await stand.server.press(post, stand.ana, "I’ve read it")).reply() is post
    assert post.text == "Page 3"


async def test_what_is_too_long_for_a_layout_stands_anew_and_not_cut_in_its_place(stand: Stand) -> None:
    await stand.open()
    stand.answers.reply = Reply(message("short", button=READ))
    post = await stand.ask()
    long = "\n\n".join("x" * 990 for _ in range(5))
    stand.answers.reply = Reply(message(long), edit=True)
    answer = await (await stand.server.press(post, stand.ana, "I’ve read it")).reply()
    assert post.text == "short"
    assert answer.text.count("x" * 990) == 5
    old = older(stand, "Page 1")
    assert await (await stand.server.press(old, stand.ana, "Next")).reply() is old
    assert old.text.count("x" * 990) == 5


async def test_the_role_of_a_post_is_called_and_nobody_else(stand: Stand) -> None:
    client = await stand.open()
    readers = stand.guild.role("Readers")
    words = Message((Text(f"@everyone {stand.ana.mention} <@&1>"),), mention=str(readers.id))
    for message_ in (words, Message((Text("w" * 5000),), mention=str(readers.id))):
        await client.messenger.send(stand.to(), message_, len(stand.posts()) + 1)
    assert [each.pings for each in stand.server.messages(stand.general)] == [{f"&{readers.id}"}] * 2


async def test_a_role_is_named_but_not_called_in_an_answer_that_names_none(stand: Stand) -> None:
    await stand.open()
    readers = stand.guild.role("Readers")
    stand.answers.reply = Reply(message(f"<@&{readers.id}>"))
    assert (await stand.ask()).pings == set()
