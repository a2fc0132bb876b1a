"""Commands as members use them: typed options, completion, and an answer to whatever comes."""

from typing import Any, cast

import pytest

from bot.domain.languages import Bilingual, Language
from bot.domain.plans import Plan, Section
from bot.domain.reading import NOTE_LIMIT
from bot.ports import StorageUnavailable
from bot.use_cases.command import Who
from bot.use_cases.commands import COMMANDS
from tests.house import library, words
from tests.platforms.discord.home import FIRST, HOUR, Home
from tests.servers import discord_app as app
from tests.servers.discord import (
    Channel,
    ChannelType,
    DiscordServer,
    Interaction,
    NotOffered,
    Permission,
    User,
)

WORDS = words()[Language.EN]
PLAN = library().plans()[0]


async def club(home: Home) -> None:
    """The club has begun, with its first paper."""
    await home.say(home.general, home.ines, "start")
    await home.pass_time(3 * HOUR)


def send(channel: Channel, who: User, kind: int, data: dict[str, Any]) -> Interaction:
    """An interaction as no app of today sends it."""
    return app.start(channel.world, kind, channel, who, data)


def typed(name: str, *options: dict[str, Any]) -> dict[str, Any]:
    """The data of a command that is sent."""
    return {"id": "1", "name": name, "type": 1, "options": list(options)}


# Options


async def test_a_number_is_sent_as_one_and_understood(home: Home) -> None:
    await club(home)
    answer = await home.say(home.general, home.ines, "schedule shift", days=2)
    assert "Mon" not in answer.text
    assert "Wed" in answer.text


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("schedule shift", {"days": 85}),
        ("schedule shift", {"days": -29}),
        ("schedule shift", {"days": "2"}),
        ("schedule rehearse", {"weeks": 0}),
        ("schedule rest", {"date": "today", "weeks": 13}),
        ("schedule beat", {"beat": "quiz", "when": "friday", "number": 8}),
        ("read", {"note": "x" * (NOTE_LIMIT + 1)}),
        ("read", {"level": "devoured"}),
        ("settings language", {"language": "fr"}),
    ],
)
async def test_the_app_lets_nothing_be_sent_that_is_out_of_bounds(
    home: Home, path: str, options: dict[str, Any]
) -> None:
    with pytest.raises(NotOffered):
        await home.server.command(home.general, home.ines, path, options)


@pytest.mark.parametrize(
    ("name", "option", "says"),
    [
        ("schedule shift", {"type": 4, "name": "days", "value": 9999}, "9999"),
        ("schedule rehearse", {"type": 4, "name": "weeks", "value": -1}, "52"),
        ("read", {"type": 3, "name": "note", "value": "x" * 6000}, "6000"),
        ("read", {"type": 3, "name": "level", "value": "devoured"}, "devoured"),
        ("paper show", {"type": 3, "name": "paper", "value": "a-paper-that-was-removed"}, "a-paper-that-was"),
        ("paper show", {"type": 3, "name": "paper", "value": "zq" * 3000}, "zqzq"),
        ("settings plan", {"type": 3, "name": "plan", "value": "gone"}, "gone"),
        ("settings timezone", {"type": 3, "name": "zone", "value": "Mars/Phobos"}, "Mars/Phobos"),
        ("schedule start", {"type": 3, "name": "date", "value": "1999-01-01"}, "1999-01-01"),
        ("progress", {"type": 6, "name": "member", "value": "12345"}, ""),
    ],
)
async def test_what_an_old_or_forged_app_sends_is_answered_kindly(
    home: Home, name: str, option: dict[str, Any], says: str
) -> None:
    await club(home)
    group, _, row = name.partition(" ")
    data = typed(group, {"type": 1, "name": row, "options": [option]}) if row else typed(group, option)
    answer = await send(home.general, home.ines, app.COMMAND, data).reply()
    assert answer.ephemeral
    assert says in answer.text.replace("\\", "")
    assert answer.text != WORDS("error.unexpected")
    assert len(answer.text) < 500


async def test_commands_for_organisers_are_refused_to_others_by_us(home: Home) -> None:
    await club(home)
    bo = home.guild.member("Bo")
    for command in COMMANDS:
        if command.who is Who.ORGANISERS:
            group, _, row = command.path.partition(" ")
            data = typed(group, {"type": 1, "name": row, "options": []})
            answer = await send(home.general, bo, app.COMMAND, data).reply()
            assert answer.text.replace("\\", "") == WORDS.plain("error.organisers_only")


# Completion


async def test_papers_complete_in_the_plan_with_a_number_words_and_authors(home: Home) -> None:
    await club(home)
    lin = home.guild.member("Lin", locale="zh-CN")
    third = library().paper(PLAN.papers[2])
    assert third is not None
    for asked in ("3", third.title.en[:12], third.title.zh[:3], third.authors[0]):
        found = await home.server.autocomplete(home.general, lin, "paper show", "paper", asked)
        assert {"name": f"3 · {third.title.zh}", "value": third.id} in found
    answer = await home.say(home.general, lin, "paper show", paper=third.id)
    assert answer.text.startswith("-# 📄 Paper 3 of")


async def test_papers_complete_in_the_club_s_own_plan(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    await club(home)
    both = Bilingual("Two", "两篇")
    two = Plan("two", both, (Section(both, (PLAN.papers[4], PLAN.papers[2])),))
    shelf, chat = home.house.tools.library, await home.chat(home.general)
    assert chat is not None
    monkeypatch.setattr(shelf, "plan", {two.id: two, PLAN.id: PLAN}.get)
    async with home.house.tools.store.write() as records:
        await records.set_plan(chat.club_id, two.id, 0)
    found = await home.server.autocomplete(home.general, home.ines, "paper show", "paper", "")
    assert [choice["value"] for choice in found] == list(two.papers)
    elsewhere = home.guild.channel("elsewhere")
    found = await home.server.autocomplete(elsewhere, home.ines, "paper show", "paper", "")
    assert found[0]["value"] == PLAN.papers[0]


async def test_days_complete_in_the_club_s_zone(home: Home) -> None:
    await club(home)
    await home.say(home.general, home.ines, "settings timezone", zone="Pacific/Kiritimati")
    home.clock.advance(2 * HOUR)  # noon in UTC, where it is Monday; there it is Tuesday
    found = await home.server.autocomplete(home.general, home.ines, "schedule rest", "date", "")
    assert found[0]["value"] == "2026-09-01"


async def test_a_beat_completes_by_what_was_filled_in_before_it(home: Home) -> None:
    await club(home)

    async def offered(beat: str) -> list[str]:
        found = await home.server.autocomplete(
            home.general, home.ines, "schedule beat", "when", "+", {"beat": beat}
        )
        return [choice["value"] for choice in found]

    assert await offered("quiz") == [f"+{n}" for n in range(8)]
    assert await offered("paper") == []
    times = await home.server.autocomplete(home.general, home.ines, "schedule set", "time", "8pm")
    answer = await home.say(home.general, home.ines, "schedule set", day="monday", time=times[0]["value"])
    assert "20:00" in answer.text.replace("\\", "")


async def test_papers_complete_where_there_is_no_club_and_in_private(home: Home) -> None:
    for place in (home.general, home.server.dm(home.ines)):
        found = await home.server.autocomplete(place, home.ines, "paper show", "paper", "")
        assert found[0]["value"] == PLAN.papers[0]
    assert await home.chat(home.general) is None


async def test_papers_complete_while_the_record_is_out_of_reach(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await club(home)

    class Down:
        async def __aenter__(self) -> None:
            raise StorageUnavailable

        async def __aexit__(self, *_: object) -> None:
            """Nothing was opened."""

    monkeypatch.setattr(home.house.tools.store, "read", Down)
    found = await home.server.autocomplete(home.general, home.ines, "paper show", "paper", "1")
    assert found[0]["value"] == PLAN.papers[0]


@pytest.mark.parametrize("kind", ["503", "500", "500-after", "drop-before", "drop-after", "502-html"])
async def test_completion_survives_a_broken_line(home: Home, kind: str) -> None:
    home.server.fault("POST /interactions/*/callback", kind)
    found = await home.server.autocomplete(home.general, home.ines, "paper show", "paper", "1")
    assert found[0]["value"] == PLAN.papers[0]


@pytest.mark.parametrize(
    "data",
    [
        typed(
            "paper",
            {
                "type": 1,
                "name": "show",
                "options": [{"type": 3, "name": "who", "value": "x", "focused": True}],
            },
        ),
        typed(
            "paper",
            {
                "type": 1,
                "name": "eat",
                "options": [{"type": 3, "name": "paper", "value": "x", "focused": True}],
            },
        ),
        typed("dance", {"type": 3, "name": "paper", "value": "x", "focused": True}),
        typed("read", {"type": 3, "name": "paper", "value": "x"}),
        typed("read", {"type": 3, "name": "level", "value": "x", "focused": True}),
        {"id": "1", "name": "read", "type": 1},
        {},
    ],
)
async def test_whatever_is_completed_gets_an_answer(home: Home, data: dict[str, Any]) -> None:
    asked = send(home.general, home.ines, app.AUTOCOMPLETE, data)
    await asked.acknowledgement()
    assert asked.choices == []


# What we do not know


async def test_a_command_that_is_gone_says_that_the_menu_has_changed(home: Home) -> None:
    lin = home.guild.member("Lin", locale="zh-CN")
    for data in (
        typed("dance"),
        typed("paper", {"type": 1, "name": "eat", "options": []}),
        {"id": "1", "name": "Dance with it", "type": 3, "target_id": "5", "resolved": {"messages": {}}},
        {"id": "1", "name": "Greet", "type": 2, "target_id": str(lin.id)},
    ):
        answer = await send(home.general, lin, app.COMMAND, data).reply()
        assert answer.text == words()[Language.ZH]("error.command.old")
        assert answer.ephemeral


@pytest.mark.parametrize(
    "custom_id", ["p0:read:gan", "other-bot", "p1:nothing", "p1:read", "p1:read:gone-paper", ""]
)
async def test_a_button_we_do_not_know_says_where_fresh_ones_are(home: Home, custom_id: str) -> None:
    await club(home)
    [post] = [each for each in home.server.messages(home.general) if FIRST in each.text][:1]
    data = {"custom_id": custom_id, "component_type": 2, "id": 1}
    asked = app.start(home.server.world, app.COMPONENT, home.general, home.ines, data, post)
    answer = await asked.reply()
    assert answer.text.replace("\\", "") == WORDS.plain("error.button.old")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (app.COMMAND, {}),
        (9, {"name": "what Discord may think of"}),
    ],
)
async def test_what_cannot_be_read_is_apologised_for(home: Home, kind: int, data: dict[str, Any]) -> None:
    answer = await send(home.general, home.ines, kind, data).reply()
    assert answer.text == WORDS("error.unexpected")
    assert answer.ephemeral


async def test_a_message_that_is_not_told_has_no_words_to_keep(home: Home) -> None:
    await club(home)
    data = {"name": "Save as note", "type": 3, "target_id": "5"}
    answer = await send(home.general, home.ines, app.COMMAND, data).reply()
    assert answer.text == WORDS("error.note.empty")


async def test_a_kind_of_channel_that_we_do_not_know_is_said_to_be_so(home: Home) -> None:
    world = home.server.world
    strange = Channel(world, world.new_id(), cast(ChannelType, 99), "strange", guild=home.guild)
    world.channels[strange.id] = strange
    answer = await (await home.server.command(strange, home.ines, "paper today")).reply()
    assert answer.text == WORDS("error.place.unknown")
    assert answer.ephemeral


async def test_a_club_can_meet_in_the_chat_of_a_voice_channel_which_has_no_threads(
    home: Home, server: DiscordServer
) -> None:
    voice = home.guild.channel("lounge", ChannelType.VOICE)
    await home.say(voice, home.ines, "start")
    await home.pass_time(3 * HOUR)
    assert any(FIRST in message.text for message in server.messages(voice))
    answer = await home.say(voice, home.ines, "discuss")
    assert WORDS.plain("error.unexpected") not in answer.text
    await home.pass_days(3)
    assert len([message for message in server.messages(voice) if message.reply_to]) > 0
    assert server.threads(voice) == []


async def test_a_club_can_meet_in_an_announcement_channel_with_its_own_kind_of_threads(
    home: Home, server: DiscordServer
) -> None:
    news = home.guild.channel("news", ChannelType.ANNOUNCEMENT)
    await home.say(news, home.ines, "start")
    await home.pass_time(3 * HOUR)
    await home.say(news, home.ines, "discuss", paper=PLAN.papers[5])
    threads = server.threads(news)
    assert len(threads) == 2
    assert {thread.type for thread in threads} == {ChannelType.ANNOUNCEMENT_THREAD}
    for thread in threads:
        answer = await home.say(thread, home.ines, "progress")
        assert answer.text != WORDS("error.club.none")


async def test_the_chat_of_a_voice_channel_is_open_again_when_the_rights_come_back(home: Home) -> None:
    voice = home.guild.channel("lounge", ChannelType.VOICE)
    await home.say(voice, home.ines, "start")
    voice.forbid(Permission.SEND_MESSAGES)
    await home.pass_time(3 * HOUR)
    assert not any(FIRST in message.text for message in home.server.messages(voice))
    voice.allow(Permission.SEND_MESSAGES)
    await home.server.until(lambda: home.calls(f"POST /channels/{voice.id}/messages"))
    await home.pass_time(HOUR)
    assert any(FIRST in message.text for message in home.server.messages(voice))
