"""Menus, pickers and forms, and what becomes of an answer when Discord falters: the real library against the
strict server."""

import pytest

from bot.messages.actions import Verb, action
from bot.messages.incoming import Filled, Pressed
from bot.messages.outgoing import Button, Field, Form, Menu, Message, Picker, Reply, Text, Wanted
from bot.platforms.discord import talk
from tests.platforms.discord.test_client import Stand, message
from tests.platforms.discord.test_client import stand as stand  # the fixture
from tests.servers.discord import NotOffered

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
