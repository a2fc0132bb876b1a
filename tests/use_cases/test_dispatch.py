"""The one way in: what is ours, what is not, and what is said when something goes wrong."""

import logging

import pytest

from bot.domain.clubs import Club
from bot.messages.incoming import Arrived, Pressed, Said
from bot.use_cases.command import CHOICES, Who
from bot.use_cases.commands import COMMANDS
from tests.house import ANN, GROUP, INES, LIN, Desk, private


@pytest.mark.parametrize(
    "line", ["/weather", "/weather paper", "/xyzzy 1 2 3", "/rollcall", "/poll", "/", "", "/ban @ann"]
)
async def test_another_bots_command_is_ignored_in_a_group(desk: Desk, line: str) -> None:
    await desk.found()
    assert await desk.hear(ANN, Said(line)) is None
    assert await desk.hear(INES, Said(line)) is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/quizz", "I don’t know /quizz. Did you mean /quiz?"),
        ("/Papr 3", "I don’t know /Papr. Did you mean /paper?"),
        ("/progres", "Did you mean /progress?"),
        ("/shedule", "Did you mean /schedule?"),
    ],
)
async def test_a_slip_of_ours_is_suggested_in_a_group_too(desk: Desk, line: str, told: str) -> None:
    await desk.found()
    heard = await desk.say(ANN, line)
    assert told in heard.text
    assert heard.reply.private


@pytest.mark.parametrize("line", ["hello", "what is dropout?", "/weather", "", "   ", "/", "读书会是什么"])
async def test_bare_words_in_private_are_told_what_works(desk: Desk, line: str) -> None:
    told = await desk.say(ANN, line, private(ANN))
    assert told.text.startswith("I answer commands. /paper shows this week’s paper")
    assert (await desk.say(LIN, line, private(LIN))).text.startswith("我只认命令：/paper 看本周论文")


@pytest.mark.parametrize("line", ["/paper", "paper", "/PAPER", "/paper  today", " /paper\n", "/paper\ttoday"])
async def test_a_command_is_read_however_it_is_typed(desk: Desk, line: str) -> None:
    assert "1 of 18" in (await desk.say(ANN, line, private(ANN))).text
    await desk.found()
    assert "1 of 18" in (await desk.say(ANN, line)).text


async def test_every_command_answers_in_both_languages(desk: Desk) -> None:
    """Typed with what it requires, by an organiser, in the group and in private."""
    values = {"paper": "3", "words": "dropout", "day": "monday", "time": "09:00", "zone": "Asia/Shanghai"}
    values |= {"language": "both", "plan": "deep-learning-2", "preset": "gentle", "beat": "quiz"}
    values |= {"when": "friday", "date": "tomorrow", "days": "2", "switch": "on"}
    await desk.found()
    await desk.say(INES, "/join")
    seen = 0
    for command in COMMANDS:
        gaps = [values[option.name] for option in command.options if option.required]
        for who, place in ((INES, GROUP), (LIN, private(LIN))):
            heard = await desk.say(who, " ".join([f"/{command.path}", *gaps]), place)
            assert heard.text or heard.toast, command.path
            assert "went wrong" not in heard.text
            assert "出了点问题" not in heard.text
            seen += 1
    assert seen == 2 * len(COMMANDS) > 40


async def test_help_is_by_role_in_the_members_language_and_private(desk: Desk) -> None:
    await desk.found()
    member, organiser = await desk.say(LIN, "/help"), await desk.say(INES, "/help")
    assert member.reply.private
    assert organiser.reply.private
    assert member.text.startswith("你可以这样用")
    assert "组织者专用" not in member.text
    assert "For organisers" in organiser.text
    for command in COMMANDS:
        assert command.usage in organiser.text
        assert (command.usage in member.text) == (command.who is Who.EVERYONE)
    alone = await desk.say(LIN, "/help", private(LIN))
    assert "组织者专用" in alone.text, "in private, of one’s own club"


def test_the_table_declares_every_command_once() -> None:
    paths = [command.path for command in COMMANDS]
    assert len(paths) == len(set(paths)) > 20
    for group in {command.group for command in COMMANDS}:
        rows = [command for command in COMMANDS if command.group == group]
        assert len(rows) == 1 or sum(command.bare for command in rows) == 1, group


def test_required_options_come_first_and_free_text_last() -> None:
    """Typed commands could not be told apart otherwise."""
    for command in COMMANDS:
        required = [option.required for option in command.options]
        assert required == sorted(required, reverse=True)
        assert all(option.kind.value != "text" for option in command.options[:-1])
        assert len({option.name for option in command.options}) == len(command.options)


def test_choices_are_what_the_domain_knows() -> None:
    assert all(values == tuple(dict.fromkeys(values)) for values in CHOICES.values())
    assert len(CHOICES) == 7


async def test_a_failure_is_logged_and_apologised_for(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.found()

    def broken(club: Club) -> None:
        raise ZeroDivisionError("a secret of the house")

    monkeypatch.setattr(type(desk.tools), "plan", lambda tools, club: broken(club))
    with caplog.at_level(logging.ERROR):
        heard = await desk.say(ANN, "/paper list")
        pressed = await desk.press(LIN, "p1:list")
    assert heard.text == "Something went wrong on my side; it has been noted. Please try once more."
    assert "secret" not in heard.text
    assert pressed.toast.startswith("我这边出了点问题")
    assert caplog.text.count("ZeroDivisionError: a secret of the house") == 2


async def test_what_failed_leaves_nothing_half_done(desk: Desk) -> None:
    """A refused command does not enrol, and a refused answer does not settle."""
    await desk.found()
    before = await desk.club()
    for line in ("/read 99", "/read 1 " + "n" * 501, "/quiz xyzzyplugh"):
        await desk.say(ANN, line)
    assert await desk.club() == before


@pytest.mark.parametrize("token", ["", "p1:fly", "p1:read:adam@x", "p1:page:batch-norm:2:3", "x" * 200])
async def test_an_old_or_forged_button_says_so_in_the_pressers_language(desk: Desk, token: str) -> None:
    await desk.found()
    assert (await desk.press(ANN, token)).toast == "This button is too old to work. /paper brings fresh ones."
    assert "已经失效" in (await desk.press(LIN, token)).toast


async def test_an_event_from_nowhere_is_nothing(desk: Desk) -> None:
    for event in (Said("/paper"), Pressed("p1:list"), Arrived()):
        assert await desk.hear(ANN, event, None) is None


async def test_a_post_number_beyond_the_database_is_an_old_button(desk: Desk) -> None:
    await desk.found()
    for token in ("p1:read:adam@" + "9" * 40, "p1:resend:" + "9" * 40):
        assert "too old" in (await desk.press(INES, token, message_id="m1")).toast
