"""A bot of many servers on several connections, from one process or from several on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from discord.http import Route

from bot.app import House, open_house
from bot.domain.clubs import ChatKind, Platform
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, PostKind
from bot.messages.outgoing import Destination, Message, OpenThread, Pointer, Text
from bot.ports import Refusal, Refused, Timer
from bot.settings import Settings
from tests.house import PLAN, START, FakeClock, HandTimer
from tests.platforms.discord.test_client import Stand, message
from tests.platforms.discord.test_gateway import asked_for, said, stand
from tests.servers.discord import Channel, DiscordServer, Guild, Permission
from tests.servers.discord_gateway import RESUME, SEVERING
from tests.servers.postgres import postgres

__all__ = ["said", "stand"]

SHARDS = 4
PAPER = "dropout-2012"


def guilds(server: DiscordServer) -> list[Guild]:
    """A server for each shard, with Ana in it."""
    found = [server.guild(f"Server {shard}", shard=(shard, SHARDS)) for shard in range(SHARDS)]
    for guild in found:
        guild.member("Ana")
    return found


def greeted(stand: Stand, *servers: Guild) -> None:
    """Let servers be such as are known already."""
    for guild in servers:
        stand.kept.values[f"discord.met.{guild.id}"] = str(guild.channel("general").id)


def shards(server: DiscordServer) -> list[tuple[int, int]]:
    """The shards that have an open line."""
    return sorted(session.shard for session in server.gateway.live)


async def ask(server: DiscordServer, guild: Guild) -> str:
    """What Ana is answered in a server."""
    [ana] = [server.world.users[each] for each in guild.members if server.world.users[each].name == "Ana"]
    asked = await server.command(guild.channel("general"), ana, "paper today")
    return (await asked.reply()).text


# One process


async def test_one_process_serves_every_shard_each_in_its_turn(stand: Stand) -> None:
    """One session in five seconds; commands from every server and direct ones are heard, each once."""
    timer = stand.timer = FakeClock()
    stand.server.gateway.clock = timer.monotonic
    there = guilds(stand.server)
    greeted(stand, *there)
    await stand.client(shards=(range(SHARDS), SHARDS)).open()
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS)
    assert shards(stand.server) == [(number, SHARDS) for number in range(SHARDS)]
    assert timer.monotonic() >= (SHARDS - 1) * 5
    for guild in there:
        assert await ask(stand.server, guild) == "said"
    asked = await stand.server.command(stand.server.dm(stand.ana), stand.ana, "progress")
    await asked.reply()
    assert len(stand.answers.heard) == SHARDS + 1
    assert stand.server.unanswered == []


async def test_shards_begin_side_by_side_where_discord_allows_it(stand: Stand) -> None:
    stand.timer = timer = HandTimer()
    stand.server.gateway.clock, stand.server.gateway.concurrency = timer.monotonic, 2
    await stand.client(shards=(range(SHARDS), SHARDS)).open()
    await stand.server.until(lambda: len(stand.server.gateway.live) == 2)
    assert shards(stand.server) == [(0, SHARDS), (1, SHARDS)]
    timer.advance(5)
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS)


async def test_as_many_shards_are_served_as_discord_recommends(stand: Stand) -> None:
    stand.server.gateway.recommended = 3
    await stand.open()
    await stand.server.until(lambda: len(stand.server.gateway.live) == 3)
    assert shards(stand.server) == [(0, 3), (1, 3), (2, 3)]
    assert (await stand.ask()).text == "said"


async def test_a_bot_that_has_outgrown_its_shards_is_served_with_more(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    there = guilds(stand.server)
    greeted(stand, *there)
    stand.server.gateway.guilds_in_a_shard = 2
    await stand.client().open()
    await stand.server.until(lambda: "wants more shards" in said.text)
    stand.server.gateway.recommended = SHARDS
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS)
    for guild in there:
        assert await ask(stand.server, guild) == "said"


@pytest.mark.parametrize("wanted", [(range(1), 1), (range(2), 2)])
async def test_too_few_shards_are_told_with_what_to_do(
    stand: Stand, said: pytest.LogCaptureFixture, wanted: tuple[range, int]
) -> None:
    guilds(stand.server)
    stand.server.gateway.guilds_in_a_shard = 1
    client = stand.client(shards=wanted)
    await client.open()
    await stand.server.until(lambda: "Set it to auto" in said.text)
    assert client._serving
    await client._serving
    assert 4011 in stand.server.gateway.refusals
    assert stand.server.gateway.live == []


async def test_a_shard_that_is_cut_goes_on_by_itself(stand: Stand, said: pytest.LogCaptureFixture) -> None:
    """Also where Discord's word of an address would lead past a REST proxy."""
    stand.server.gateway.resume_address = lambda: "ws://127.0.0.1:9/elsewhere"
    there = guilds(stand.server)
    greeted(stand, *there)
    await stand.client(shards=(range(SHARDS), SHARDS)).open()
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS)
    stand.server.gateway.close(SEVERING, shard=2)
    assert await ask(stand.server, there[2]) == "said"
    assert (stand.server.gateway.resumed, stand.server.gateway.identified) == (1, SHARDS)
    assert "Discord’s gateway for shard 2 of 4 goes on where it stopped" in said.messages
    stand.server.cut_gateway()
    for guild in there:
        assert await ask(stand.server, guild) == "said"
    assert (asked_for(stand, RESUME), stand.server.gateway.identified) == (1 + SHARDS, SHARDS)


async def test_a_shard_that_cannot_begin_holds_up_no_other(stand: Stand) -> None:
    there = guilds(stand.server)
    greeted(stand, *there)
    stand.server.gateway.shut = {1}
    await stand.client(shards=(range(SHARDS), SHARDS)).open()
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS - 1)
    assert [await ask(stand.server, there[number]) for number in (0, 2, 3)] == ["said"] * 3
    stand.server.gateway.shut.clear()
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS)
    assert await ask(stand.server, there[1]) == "said"


async def test_closing_ends_every_session_and_waits_for_none(stand: Stand) -> None:
    client = stand.client(shards=(range(SHARDS), SHARDS))
    await client.open()
    await stand.server.until(lambda: len(stand.server.gateway.live) == SHARDS)
    dead = next(iter(stand.server.gateway.connections))
    assert dead.transport
    dead.transport.pause_reading()
    async with asyncio.timeout(5):
        await client.close()
    await stand.server.until(lambda: len(stand.server.gateway.sessions) == 1)


# Channels that another process hears of


async def test_channels_of_other_shards_are_posted_in_with_links_threads_and_rights(stand: Stand) -> None:
    """Whoever posts does not hear of them, and asks Discord instead."""
    far = guilds(stand.server)[1]
    channel, mo, bo = far.channel("general"), far.member("Mo", manage_guild=True), far.member("Bo")
    client = stand.client(shards=(range(1), SHARDS))
    await client.open()
    await stand.server.connected()
    to = Destination(str(channel.id))
    first = await client.messenger.send(to, message("Week 1"), 1)
    thread = await client.messenger.open_thread(to, OpenThread("Week 1", first.message_id), 2)
    assert [str(each.id) for each in stand.server.threads(channel)] == [thread.thread_id]
    way = Message((Text("Week 1"), Pointer("There", None, first.message_id)))
    await client.messenger.send(to, way, 3)
    [button] = stand.server.messages(channel)[-1].buttons
    assert button.url == f"https://discord.com/channels/{far.id}/{channel.id}/{first.message_id}"
    assert await client.messenger.may_organise(to.chat_id, str(mo.id))
    assert await client.messenger.may_organise(to.chat_id, str(far.owner.id))
    assert not await client.messenger.may_organise(to.chat_id, str(bo.id))
    channel.forbid(Permission.VIEW_CHANNEL)
    with pytest.raises(Refused) as refused:
        await client.messenger.send(to, message("Week 2"), 4)
    assert refused.value.refusal is Refusal.BARRED, "it may be in the server, and lack a right"


async def test_a_forum_of_another_shard_gets_a_post_with_a_tag_that_had_to_be_made(stand: Stand) -> None:
    """Whoever posts knows what it may do there, though it has not been told."""
    far = guilds(stand.server)[2]
    forum = far.forum("papers")
    forum.allow(Permission.MANAGE_CHANNELS)
    client = stand.client(shards=(range(1), SHARDS))
    await client.open()
    await stand.server.connected()
    post = OpenThread("Week 1", None, tags=("Basics",), message=message("Week 1"))
    sent = await client.messenger.open_thread(Destination(str(forum.id)), post, 1)
    [thread] = stand.server.threads(forum)
    assert str(thread.id) == sent.thread_id
    assert [tag.name for tag in forum.tags] == ["Basics"]
    assert thread.tags == forum.tags


# Several processes on one database


class Building:
    """Houses that share a record, each with its part of the shards, and a server for every shard."""

    def __init__(self, server: DiscordServer, address: str, folder: Path) -> None:
        self.server = server
        self.address = address
        self.folder = folder
        self.clock = FakeClock(START)
        self.timer: Timer = self.clock
        self.guilds = guilds(server)
        self.open = AsyncExitStack()

    async def enter(self, numbers: range | None, houses: AsyncExitStack | None = None) -> House:
        """One more house, with a clock that stands still; without numbers it would serve everything."""
        settings = Settings(
            discord_token=self.server.token,
            discord_api_url=self.server.api_url,
            discord_shards=(numbers, SHARDS) if numbers else None,
            data=self.folder,
            database=self.address,
            web=None,
        )
        house = open_house(settings, self.clock, timer=self.timer, ticking=False)
        return await (houses or self.open).enter_async_context(house)

    def channel(self, shard: int) -> Channel:
        """Where the club of a shard's server meets."""
        return self.guilds[shard].channel("general")

    async def until_served(self, *numbers: int) -> None:
        """Return when these shards and no others have an open line."""
        wanted = [(number, SHARDS) for number in numbers]
        await self.server.until(lambda: shards(self.server) == wanted, within=20)

    async def queue(self, house: House, key: str) -> None:
        """A post that is due in every club."""
        async with house.tools.store.write() as records:
            for shard in range(SHARDS):
                chat = await records.chat(Platform.DISCORD, str(self.channel(shard).id))
                if chat is None:
                    club_id = await records.add_club("Readers", ClubLanguage.EN, "UTC", PLAN, START)
                    where = (club_id, Platform.DISCORD, str(self.channel(shard).id), ChatKind.GROUP, False)
                    await records.add_chat(*where)
                    chat = await records.chat(Platform.DISCORD, str(self.channel(shard).id))
                assert chat
                await records.queue(Draft(chat.id, f"{key}-{shard}", PostKind.PROMPT, PAPER, START))

    def posts(self) -> list[int]:
        """How many prompts stand in each club's channel."""
        said = [[each.text for each in self.server.messages(self.channel(shard))] for shard in range(SHARDS)]
        return [sum("A question about" in words for words in texts) for texts in said]


@pytest.fixture
async def building(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Building]:
    database = postgres()
    address = database.new_address()
    await database.make(address)
    server = DiscordServer()
    await server.start()
    # The library has one address for a whole process, and a house that closes gives back what it found.
    monkeypatch.setattr(Route, "BASE", server.api_url)
    building = Building(server, address, tmp_path)
    server.gateway.clock = building.clock.monotonic
    async with building.open:
        yield building
    assert server.violations == []
    assert server.unanswered == []
    await server.stop()
    await database.drop(address)


async def test_two_processes_share_the_shards_and_one_sends_the_posts(building: Building) -> None:
    """Whoever posts is the one with the first shard; every command is heard by one of them."""
    one, two = await asyncio.gather(building.enter(range(2)), building.enter(range(2, SHARDS)))
    await building.until_served(*range(SHARDS))
    for guild in building.guilds:
        assert await ask(building.server, guild)
    await building.queue(two, "due")
    await two.tick()
    await two.sender.settled()
    assert building.posts() == [0] * SHARDS
    await one.tick()
    await one.sender.settled()
    assert building.posts() == [1] * SHARDS
    assert (
        sum(call.method == "PUT" and call.path.endswith("/commands") for call in building.server.calls) == 1
    )


async def test_sessions_of_two_processes_keep_the_distance_that_discord_wants(building: Building) -> None:
    """Though neither knows when the other begins one. Time goes by only when somebody waits for it."""
    timer = building.timer = HandTimer()
    building.server.gateway.clock = timer.monotonic
    await asyncio.gather(building.enter(range(2)), building.enter(range(2, SHARDS)))
    async with asyncio.timeout(20):
        while len(building.server.gateway.live) < SHARDS:
            if timer.sleepers:
                timer.skip()
            await asyncio.sleep(0.01)
    assert timer.monotonic() >= (SHARDS - 1) * 5


async def test_whoever_stands_by_for_a_part_takes_it_over(
    building: Building, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot")
    one = await building.enter(range(2))
    leaving = AsyncExitStack()
    await building.enter(range(2, SHARDS), leaving)
    await building.until_served(*range(SHARDS))
    await building.enter(range(2, SHARDS))
    assert "another Paperclub serves discord (shards 2 to 3 of 4); this one stands by" in caplog.messages
    await leaving.aclose()
    await building.until_served(*range(SHARDS))
    for guild in building.guilds:
        assert await ask(building.server, guild)
    await building.queue(one, "due")
    await one.tick()
    await one.sender.settled()
    assert building.posts() == [1] * SHARDS


async def test_posts_wait_for_whoever_serves_the_first_shard(building: Building) -> None:
    """Nobody else sends them meanwhile, and then they go out once."""
    leaving = AsyncExitStack()
    await building.enter(range(2), leaving)
    rest = await building.enter(range(2, SHARDS))
    await building.until_served(*range(SHARDS))
    await leaving.aclose()
    await building.until_served(2, 3)
    await building.queue(rest, "due")
    await rest.tick()
    await rest.sender.settled()
    assert await ask(building.server, building.guilds[3])
    assert building.posts() == [0] * SHARDS
    first = await building.enter(range(2))
    await building.until_served(*range(SHARDS))
    await first.sender.settled()
    assert building.posts() == [1] * SHARDS


async def test_whoever_would_serve_everything_stands_by_for_whoever_posts(
    building: Building, caplog: pytest.LogCaptureFixture
) -> None:
    """So that a change of the setting, one process after the other, doubles no post."""
    caplog.set_level("INFO", "bot")
    leaving = AsyncExitStack()
    await building.enter(range(2), leaving)
    await building.until_served(0, 1)
    whole = await building.enter(None)
    assert "another Paperclub serves discord; this one stands by" in caplog.messages
    building.server.gateway.recommended = SHARDS
    await leaving.aclose()
    await building.until_served(*range(SHARDS))
    await building.queue(whole, "due")
    await whole.tick()
    await whole.sender.settled()
    assert building.posts() == [1] * SHARDS
