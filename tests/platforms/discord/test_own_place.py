"""Where the bot is no member: in the servers and conversations that its users bring it to, and alone with it.
Everything there is one's own, seen by nobody else, and nothing is ever posted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.domain.clubs import Account, Club, Platform
from bot.domain.languages import Language
from bot.platforms.discord import talk
from bot.use_cases.commands import COMMANDS
from tests.house import library, words
from tests.platforms.discord.home import FIRST, HOUR, Home
from tests.servers import discord_app as app
from tests.servers.discord import Channel, DiscordServer, Guild, Message, NotOffered, Permission, User

WORDS = words()[Language.EN]
PAPERS = library().plans()[0].papers
DEFERRED = 5


@dataclass
class Abroad:
    """Ada and Bo have brought the bot themselves: to a server without it, and to their conversations."""

    home: Home
    guild: Guild
    ada: User
    bo: User
    places: list[Channel]

    async def club_of(self, who: User) -> Club | None:
        """The club that somebody is at home in."""
        async with self.home.house.tools.store.read() as records:
            club_id = await records.home(Account(Platform.DISCORD, str(who.id)))
            return await records.club(club_id) if club_id is not None else None

    async def say(self, place: Channel, who: User, path: str, **options: object) -> Message:
        """Send a command; the answer, which nobody else sees."""
        answer = await self.home.say(place, who, path, **options)
        assert answer.ephemeral_to is who
        return answer


@pytest.fixture
async def abroad(home: Home) -> AsyncIterator[Abroad]:
    """At its end nothing was seen by others, and the bot has asked for nothing in those places."""
    server = home.server
    guild = server.guild("Elsewhere", channels=["talk"], joined=False)
    ada, bo = guild.member("Ada", manage_guild=True), guild.member("Bo")
    ada.brings_bot = bo.brings_bot = True
    group, two = server.conversation(ada, bo, server.user("Cy")), server.conversation(ada, bo)
    places = [guild.channel("talk"), group, two]
    yield Abroad(home, guild, ada, bo, places)
    for place in places:
        assert [message for message in server.messages(place) if message.author is server.bot] == []
        assert home.calls(f"/channels/{place.id}") == []


async def test_it_is_offered_where_its_user_brings_it_and_nowhere_else(abroad: Abroad) -> None:
    cy = abroad.guild.member("Cy")
    with pytest.raises(NotOffered):
        await abroad.home.server.command(abroad.places[0], cy, "paper today")
    for place in abroad.places:
        answer = await abroad.say(place, abroad.ada, "paper today")
        assert FIRST in answer.text


async def test_two_in_one_place_have_a_club_each(abroad: Abroad) -> None:
    for place in abroad.places:
        for who in (abroad.ada, abroad.bo):
            await abroad.say(place, who, "read", note=f"{who.name}’s own")
    first, second = await abroad.club_of(abroad.ada), await abroad.club_of(abroad.bo)
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert (first.members, second.members) == (1, 1)
    mine = await abroad.say(abroad.places[0], abroad.ada, "progress")
    assert "Bo" not in mine.text


async def test_the_club_of_one_is_that_of_one_s_talk_with_the_bot(abroad: Abroad) -> None:
    await abroad.say(abroad.places[1], abroad.ada, "settings timezone", zone="Asia/Tokyo")
    alone = abroad.home.server.dm(abroad.ada)
    shown = await abroad.home.say(alone, abroad.ada, "settings show")
    assert "Asia/Tokyo" in shown.text.replace("\\", "")
    assert not shown.ephemeral
    chat = await abroad.home.chat(alone)
    club = await abroad.club_of(abroad.ada)
    assert chat is not None
    assert club is not None
    assert chat.club_id == club.id
    for place in abroad.places:
        assert await abroad.home.chat(place) is None


async def test_what_is_to_come_comes_to_one_s_talk_with_the_bot(abroad: Abroad) -> None:
    await abroad.say(abroad.places[0], abroad.ada, "start")
    await abroad.home.pass_time(3 * HOUR)
    posted = abroad.home.server.messages(abroad.home.server.dm(abroad.ada))
    assert any(FIRST in message.text for message in posted)


async def test_who_organises_a_server_without_the_bot_organises_their_own_club_alone(abroad: Abroad) -> None:
    home = abroad.home
    await home.say(home.general, home.ines, "start")
    home.guild.member(abroad.ada)
    await home.say(home.general, abroad.ada, "join")
    refused = await abroad.say(abroad.places[0], abroad.ada, "schedule pause")
    assert refused.text == WORDS("error.organisers_only")
    await abroad.say(abroad.places[0], abroad.bo, "schedule pause")
    own = await abroad.club_of(abroad.bo)
    assert own is not None
    assert own.paused
    club = await abroad.club_of(abroad.ada)
    assert club is not None
    assert not club.paused


async def test_what_is_pressed_there_is_the_presser_s_alone(abroad: Abroad) -> None:
    shown = await abroad.say(abroad.places[1], abroad.ada, "paper show", paper=PAPERS[2])
    with pytest.raises(NotOffered):  # nobody else sees it
        await abroad.home.server.press(shown, abroad.bo, "I’ve read it")
    [button] = [each for each in shown.buttons if each.label == "I’ve read it"]
    data = {"custom_id": button.custom_id, "component_type": 2, "id": 1}
    world = abroad.home.server.world
    answer = await app.start(world, app.COMPONENT, shown.channel, abroad.bo, data, shown).reply()
    assert answer.ephemeral_to is abroad.bo
    theirs = await abroad.say(abroad.places[1], abroad.ada, "unread", paper=PAPERS[2])
    assert "nothing to take back" in theirs.text


async def test_a_private_quiz_is_taken_in_one_hidden_message(abroad: Abroad) -> None:
    asked = await abroad.say(abroad.places[2], abroad.ada, "quiz", paper=PAPERS[0])
    answers = [button for button in asked.buttons if (button.custom_id or "").startswith("p1:answer")]
    assert answers
    custom_id = answers[0].custom_id
    assert custom_id
    marked = await abroad.home.press(asked, abroad.ada, custom_id)
    assert marked.ephemeral_to is abroad.ada


async def test_commands_for_a_group_say_so(abroad: Abroad) -> None:
    for place in abroad.places:
        answer = await abroad.say(place, abroad.bo, "settings here")
        assert answer.text == WORDS("error.here.private")


async def test_every_command_has_an_answer_there_that_one_alone_sees(abroad: Abroad) -> None:
    values: dict[str, object] = {"zone": "Asia/Shanghai", "day": "monday", "time": "09:00", "language": "en"}
    values |= {"words": "gan", "paper": "3", "plan": library().plans()[0].id, "preset": "gentle"}
    values |= {"beat": "quiz", "when": "friday", "date": "tomorrow", "days": 2, "switch": "on"}
    for command in COMMANDS:
        options = {option.name: values[option.name] for option in command.options if option.required}
        answer = await abroad.say(abroad.places[0], abroad.ada, command.path, **options)
        assert answer.text != WORDS("error.unexpected"), command.path
    live = await abroad.say(abroad.places[1], abroad.ada, "quiz", mode="live")
    assert live.text != WORDS("error.unexpected")


async def test_a_slow_answer_there_is_announced_to_one_alone(
    abroad: Abroad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0)
    asked = await abroad.home.server.command(abroad.places[0], abroad.ada, "paper today")
    answer = await asked.reply()
    assert asked.callback == DEFERRED
    assert answer.ephemeral_to is abroad.ada


async def test_a_message_there_is_noted_for_the_chooser(abroad: Abroad) -> None:
    server = abroad.home.server
    said = server.say(abroad.places[1], abroad.bo, "batch size matters")
    answer = await (await server.choose_on(said, abroad.ada, "Save as note")).reply()
    assert answer.ephemeral_to is abroad.ada
    assert "Saved as your note" in answer.text


async def test_a_server_that_the_bot_joins_later_is_a_group_from_then_on(abroad: Abroad) -> None:
    server = abroad.home.server
    guild = server.guild("Later", joined=False)
    guild.member(abroad.ada)
    await abroad.say(guild.channel("general"), abroad.ada, "paper today")
    server.join_guild(guild)
    await server.until(lambda: server.messages(guild.channel("general")))  # the bot says hello
    answer = await abroad.home.say(guild.channel("general"), abroad.ada, "progress")
    assert answer.text == WORDS("error.club.none")


async def test_one_s_talk_that_cannot_be_opened_now_is_apologised_for(abroad: Abroad) -> None:
    server = abroad.home.server
    server.fault("POST /users/@me/channels", "403")
    answer = await abroad.say(abroad.places[0], abroad.ada, "read")
    assert answer.text == WORDS("error.unexpected")
    assert await abroad.club_of(abroad.ada) is None


async def test_papers_complete_there(abroad: Abroad) -> None:
    for place in abroad.places:
        found = await abroad.home.server.autocomplete(place, abroad.ada, "paper show", "paper", "1")
        assert found[0]["value"] == PAPERS[0]
    assert await abroad.club_of(abroad.ada) is None


async def test_alone_with_the_bot_everything_is_offered_and_posts_come(
    home: Home, server: DiscordServer
) -> None:
    dee = server.user("Dee", locale="zh-CN")
    dee.brings_bot = True
    alone = server.dm(dee)
    started = await home.say(alone, dee, "start")
    assert not started.ephemeral
    await home.pass_time(3 * HOUR)
    await home.pass_days(6)
    assert len(server.messages(alone)) > 2
    paused = await home.say(alone, dee, "schedule pause")
    assert paused.text == words()[Language.ZH]("schedule.paused")


async def test_nobody_else_organises_one_s_talk_with_the_bot(home: Home, server: DiscordServer) -> None:
    await home.say(server.dm(home.ines), home.ines, "start")
    messenger = home.house.tools.messengers[Platform.DISCORD]
    alone = str(server.dm(home.ines).id)
    assert await messenger.may_organise(alone, str(home.ines.id))
    assert not await messenger.may_organise(alone, str(home.guild.owner.id))
    assert Permission.MANAGE_GUILD in home.guild.permissions_of(home.guild.owner)


async def test_in_a_server_with_the_bot_it_is_the_group_also_for_whoever_brings_it(home: Home) -> None:
    home.ines.brings_bot = True
    started = await home.say(home.general, home.ines, "start")
    assert not started.ephemeral
    assert await home.chat(home.general)
    dee = home.guild.member("Dee")
    dee.brings_bot = True
    refused = await home.say(home.general, dee, "schedule pause")
    assert refused.text == WORDS("error.organisers_only")
