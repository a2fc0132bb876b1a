"""An unmodified discord.py on the pretend Discord, and what that Discord refuses."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.servers.discord import BOT_PERMISSIONS, DiscordServer, Guild, Intent, NotOffered, Permission

TOKEN = "TWFkZSB1cA.for.tests"


class Read(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"read:(?P<paper>[a-z]+)"):
    """A button that needs no memory of the message it stands on."""

    def __init__(self, paper: str) -> None:
        super().__init__(discord.ui.Button(label="I’ve read it", custom_id=f"read:{paper}"))
        self.paper = paper

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["paper"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.paper} is read", ephemeral=True)


class Note(discord.ui.Modal, title="A note"):
    """A form with one line."""

    words: discord.ui.TextInput[Self] = discord.ui.TextInput(label="Words", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"noted: {self.words.value}")


class Bot(discord.Client):
    """A small bot as any reader of discord.py's guide would write it."""

    def __init__(self, server: DiscordServer, intents: discord.Intents | None = None) -> None:
        super().__init__(
            intents=intents or discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.05,
        )
        self.server = server
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.opened: list[discord.Thread] = []
        self.resumes = 0
        self.left: list[int] = []
        self.joined: list[int] = []
        paper = app_commands.Group(name="paper", description="The club's papers")
        paper.command(name="today", description="This week's paper")(today)
        show: app_commands.Command[app_commands.Group, ..., None] = paper.command(
            name="show", description="One paper"
        )(show_paper)
        show.autocomplete("paper")(complete)
        self.tree.add_command(paper)
        self.tree.command(name="slow", description="Thinks first")(slow)
        self.tree.command(name="note", description="Opens a form")(note)
        self.tree.command(name="progress", description="Somebody's progress")(progress)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Read)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once; the library would wait five seconds."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)
        self.server.world.wake()

    async def on_thread_create(self, thread: discord.Thread) -> None:
        self.opened.append(thread)
        self.server.world.wake()

    async def on_resumed(self) -> None:
        self.resumes += 1
        self.server.world.wake()

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.left.append(guild.id)
        self.server.world.wake()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.joined.append(guild.id)
        self.server.world.wake()


async def today(interaction: discord.Interaction) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(Read("dropout"))
    view.add_item(discord.ui.Button(label="PDF", url="https://example.org/dropout.pdf"))
    await interaction.response.send_message(embed=discord.Embed(title="Dropout"), view=view)


async def show_paper(interaction: discord.Interaction, paper: str) -> None:
    await interaction.response.send_message(f"showing {paper}")


async def complete(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    papers = ["dropout", "batch-norm"]
    return [app_commands.Choice(name=paper, value=paper) for paper in papers if typed in paper]


async def slow(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.followup.send("thought about it")
    await interaction.followup.send("and said it", ephemeral=False)


async def note(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Note())


async def progress(interaction: discord.Interaction, member: discord.User) -> None:
    await interaction.response.send_message(f"{member.display_name} has read 3")


Start = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    server = DiscordServer(token=TOKEN)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    return server.guild("Readers", channels=["general"])


@pytest.fixture
async def start(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Start a bot on the server; it is closed after the test."""
    monkeypatch.setattr(Route, "BASE", server.api_url)
    running: list[tuple[Bot, asyncio.Task[None]]] = []

    async def begin(intents: discord.Intents | None = None) -> Bot:
        bot = Bot(server, intents)
        await bot.login(TOKEN)
        _, address, _ = await bot.http.get_bot_gateway()
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(address))
        running.append((bot, asyncio.create_task(bot.connect())))
        await server.connected()
        await bot.wait_until_ready()
        return bot

    yield begin
    for bot, task in running:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_bot_logs_in_and_registers_its_commands(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    assert [command["name"] for command in server.commands] == ["paper", "slow", "note", "progress"]
    assert [each.name for each in bot.guilds] == ["Readers"]
    assert server.violations == []


async def test_registering_the_same_commands_again_keeps_their_ids_and_versions(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    before = server.commands
    await bot.tree.sync()
    assert [(each["id"], each["version"]) for each in server.commands] == [
        (each["id"], each["version"]) for each in before
    ]


async def test_a_slash_command_is_answered_in_the_channel(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    ana, general = guild.member("Ana"), guild.channel("general")
    asked = await server.command(general, ana, "paper today")
    answer = await asked.reply()
    assert answer.embeds[0]["title"] == "Dropout"
    assert [(button.label, button.url) for button in answer.buttons] == [
        ("I’ve read it", None),
        ("PDF", "https://example.org/dropout.pdf"),
    ]
    assert server.messages(general) == [answer]
    assert asked.acknowledged
    assert server.violations == []


async def test_an_option_of_a_user_arrives_resolved(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    ana, bo = guild.member("Ana"), guild.member("Bo")
    asked = await server.command(guild.channel("general"), ana, "progress", {"member": bo})
    assert (await asked.reply()).content == "Bo has read 3"


async def test_typing_into_an_option_offers_choices(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    ana = guild.member("Ana")
    choices = await server.autocomplete(guild.channel("general"), ana, "paper show", "paper", "drop")
    assert choices == [{"name": "dropout", "value": "dropout"}]


async def test_a_button_answers_privately_also_after_the_bot_restarted(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    ana, bo = guild.member("Ana"), guild.member("Bo")
    asked = await server.command(guild.channel("general"), ana, "paper today")
    post = await asked.reply()
    first = await (await server.press(post, ana, "I’ve read it")).reply()
    assert first.ephemeral
    assert server.ephemeral(ana) == [first]
    await bot.close()
    await start()
    pressed = await server.press(post, bo, "I’ve read it")
    assert (await pressed.reply()).content == "dropout is read"
    assert server.ephemeral(bo) == [await pressed.reply()]
    assert server.messages(guild.channel("general")) == [post]
    assert server.violations == []


async def test_the_first_follow_up_fills_a_deferral_and_is_as_private(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    ana = guild.member("Ana")
    asked = await server.command(guild.channel("general"), ana, "slow")
    first, second = await asked.reply(0), await asked.reply(1)
    assert (first.content, first.ephemeral, first.loading) == ("thought about it", True, False)
    assert (second.content, second.ephemeral) == ("and said it", False)


async def test_a_form_opens_and_is_sent(server: DiscordServer, guild: Guild, start: Start) -> None:
    await start()
    ana = guild.member("Ana")
    opened = await server.command(guild.channel("general"), ana, "note")
    with pytest.raises(NotOffered):
        await server.modal(opened, {"Words": "longer than twenty characters"})
    sent = await server.modal(opened, {"Words": "liked it"})
    assert (await sent.reply()).content == "noted: liked it"


async def test_a_member_chooses_from_a_menu(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()

    class Days(discord.ui.Select[discord.ui.View]):
        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(content=f"on {self.values[0]}", view=None)

    view = discord.ui.View(timeout=None)
    view.add_item(Days(placeholder="Day", options=[discord.SelectOption(label="Monday", value="mon")]))
    await bot.get_partial_messageable(guild.channel("general").id).send("When?", view=view)
    [post] = server.messages(guild.channel("general"))
    with pytest.raises(NotOffered):
        await server.select(post, guild.member("Ana"), "Day", ["Tuesday"])
    picked = await server.select(post, guild.member("Ana"), "Day", ["Monday"])
    assert await picked.reply() is post
    assert (post.content, post.components, post.edits) == ("on mon", [], 1)
    assert server.violations == []


async def test_a_message_opens_a_thread_only_once(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()
    general = guild.channel("general")
    channel = await bot.fetch_channel(general.id)
    assert isinstance(channel, discord.TextChannel)
    post = await channel.send("Week 1")
    thread = await post.create_thread(name="Week 1: Dropout", auto_archive_duration=10080)
    await thread.send("What did you think?")
    [made] = server.threads(general)
    assert (made.id, made.name, made.archive_minutes) == (post.id, "Week 1: Dropout", 10080)
    assert [message.content for message in server.messages(made)] == ["What did you think?"]
    await server.until(lambda: [each.id for each in bot.opened] == [made.id])
    with pytest.raises(discord.HTTPException) as refused:
        await post.create_thread(name="Again")
    assert refused.value.code == 160004


async def test_an_archived_thread_refuses_edits_and_opens_when_written_in(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    channel = await bot.fetch_channel(guild.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    thread = await (await channel.send("Week 1")).create_thread(name="Week 1")
    first = await thread.send("one")
    await thread.edit(archived=True)
    with pytest.raises(discord.HTTPException) as refused:
        await first.edit(content="two")
    assert refused.value.code == 50083
    await thread.send("three")
    assert not server.threads(guild.channel("general"))[0].archived
    with pytest.raises(discord.Forbidden):
        await thread.edit(locked=True)


async def test_the_bot_writes_to_a_member_privately_unless_they_refuse(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    ana = guild.member("Ana")
    user = await bot.fetch_user(ana.id)
    await user.send("hello")
    assert [message.content for message in server.messages(server.dm(ana))] == ["hello"]
    ana.dms_open = False
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("again")
    assert refused.value.code == 50007


async def test_words_of_members_are_hidden_from_a_bot_without_that_intent(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    ana, general = guild.member("Ana"), guild.channel("general")
    server.say(general, ana, "nothing for the bot")
    server.say(general, ana, f"{server.bot.mention} hello")
    server.say(server.dm(ana), ana, "between us")
    await server.until(lambda: len(bot.heard) == 3)
    assert [message.content for message in bot.heard] == ["", f"{server.bot.mention} hello", "between us"]


async def test_a_slash_command_works_in_a_direct_conversation(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    ana = guild.member("Ana")
    asked = await server.command(server.dm(ana), ana, "paper show", {"paper": "dropout"})
    assert (await asked.reply()).content == "showing dropout"


async def test_a_file_is_kept_with_its_description(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()
    channel = await bot.fetch_channel(guild.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(file=discord.File(io.BytesIO(b"png"), "chart.png", description="A rising line"))
    [message] = server.messages(guild.channel("general"))
    [file] = message.attachments
    assert (file.name, file.content, file.description) == ("chart.png", b"png", "A rising line")


async def test_a_repeated_nonce_yields_the_earlier_message(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    channel = await bot.fetch_channel(guild.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    first = await channel.send("once", nonce="post-17")
    second = await channel.send("once", nonce="post-17")
    assert first.id == second.id
    assert len(server.messages(guild.channel("general"))) == 1


async def test_a_cut_line_resumes_and_hears_what_it_missed(
    server: DiscordServer, guild: Guild, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await start()
    ana = guild.member("Ana")
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda self: 0.0)
    server.cut_gateway()
    await server.until(lambda: not server.gateway.live)
    asked = await server.command(guild.channel("general"), ana, "paper today")
    assert (await asked.reply()).embeds
    await server.until(lambda: bot.resumes == 1)
    assert len(server.gateway.sessions) == 1


async def test_a_request_to_reconnect_is_followed_by_a_resume(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    server.gateway.ask_to_reconnect()
    await server.until(lambda: bot.resumes == 1)
    assert len(server.gateway.sessions) == 1


async def test_an_invalid_session_is_followed_by_a_new_one(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    [old] = server.gateway.live
    server.gateway.invalidate(resumable=False)
    await server.until(lambda: server.gateway.live and server.gateway.live != [old])
    asked = await server.command(guild.channel("general"), guild.member("Ana"), "paper today")
    assert (await asked.reply()).embeds


async def test_a_wrong_token_is_refused_by_both_halves(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = Bot(server)
    with pytest.raises(discord.LoginFailure):
        await bot.login("wrong")
    await bot.close()
    right = await start()
    right.http.token = "wrong"
    server.gateway.invalidate(resumable=False)
    await server.until(lambda: server.gateway.refusals == [4004])


async def test_a_privileged_intent_that_is_not_enabled_closes_the_gateway(
    server: DiscordServer, guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", server.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    bot = Bot(server, discord.Intents(guilds=True, members=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.start(TOKEN)
    await bot.close()
    assert server.gateway.refusals == [4014]


@asynccontextmanager
async def line(server: DiscordServer) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A bare line to the gateway, greeted."""
    async with aiohttp.ClientSession() as http, http.ws_connect(server.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        yield socket


async def identify(socket: aiohttp.ClientWebSocketResponse, **more: Any) -> dict[str, Any] | int:
    """Ask for a session; the answer, or the code with which the line is closed."""
    properties = {"os": "linux", "browser": "ours", "device": "ours"}
    body = {"token": TOKEN, "intents": 1, "properties": properties, **more}
    await socket.send_json({"op": 2, "d": body})
    answer = await socket.receive()
    if answer.type is aiohttp.WSMsgType.TEXT:
        shown: dict[str, Any] = answer.json()
        return shown
    code: int = answer.data
    return code


@pytest.mark.parametrize("shard", [[1, 1], [-1, 2], [0, 0], [0], 0, ["0", "1"], "0,1"])
async def test_a_shard_that_cannot_be_is_refused(server: DiscordServer, shard: object) -> None:
    async with line(server) as socket:
        assert await identify(socket, shard=shard) == 4010


async def test_too_many_servers_for_a_shard_are_refused(server: DiscordServer) -> None:
    server.guild("One", shard=(0, 2))
    server.guild("Another", shard=(1, 2))
    server.gateway.guilds_in_a_shard = 1
    async with line(server) as socket:
        assert await identify(socket) == 4011
    server.guild("A third", shard=(0, 2))
    async with line(server) as socket:
        answer = await identify(socket, shard=[1, 2])
        assert isinstance(answer, dict)
        assert answer["t"] == "READY"


async def test_each_shard_hears_of_its_own_servers_and_the_first_of_direct_conversations(
    server: DiscordServer,
) -> None:
    mine, yours = server.guild("Mine", shard=(0, 2)), server.guild("Yours", shard=(1, 2))
    async with line(server) as zero, line(server) as one:
        ready = [await identify(socket, shard=[n, 2]) for n, socket in enumerate((zero, one))]
        told = [[guild["id"] for guild in each["d"]["guilds"]] for each in ready if isinstance(each, dict)]
        assert told == [[str(mine.id)], [str(yours.id)]]
        first, second = server.gateway.live
        place = len(second.sent)
        server.world.emit("INTERACTION_CREATE", {}, Intent(0), None)
        assert first.sent[-1]["t"] == "INTERACTION_CREATE"
        assert len(second.sent) == place


async def test_a_session_too_soon_after_another_in_its_lane_is_invalid(server: DiscordServer) -> None:
    now = 100.0
    server.gateway.clock, server.gateway.concurrency = lambda: now, 2
    invalid = {"op": 9, "d": False}
    async with line(server) as zero, line(server) as one, line(server) as two:
        assert await identify(zero, shard=[0, 4]) != invalid
        assert await identify(one, shard=[1, 4]) != invalid
        assert await identify(two, shard=[2, 4]) == invalid
        now += 5
        assert await identify(two, shard=[2, 4]) != invalid
    assert server.violations.pop() == "IDENTIFY of shard 2: too soon after another in its lane"


async def test_no_more_sessions_begin_in_a_day_than_discord_says(server: DiscordServer) -> None:
    server.gateway.starts_left = 1
    async with line(server) as one, line(server) as two:
        assert await identify(one) != {"op": 9, "d": False}
        assert server.gateway.about["session_start_limit"]["remaining"] == 0
        assert await identify(two) == {"op": 9, "d": False}
    assert server.violations.pop() == "IDENTIFY of shard 0: no session may begin any more"


async def test_a_session_that_was_closed_as_over_cannot_be_resumed(server: DiscordServer) -> None:
    async with line(server) as socket:
        ready = await identify(socket)
        assert isinstance(ready, dict)
        server.close_gateway(4009)
        while (await socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
            pass
    body = {"token": TOKEN, "session_id": ready["d"]["session_id"], "seq": 1}
    async with line(server) as socket:
        await socket.send_json({"op": 6, "d": body})
        assert await socket.receive_json() == {"op": 9, "d": False}


async def test_a_gateway_that_is_down_takes_no_line_while_the_rest_answers(
    server: DiscordServer, start: Start
) -> None:
    bot = await start()
    server.gateway.down = True
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with line(server):
            pass
    assert (await bot.fetch_user(server.bot.id)).id == server.bot.id


async def test_the_bot_hears_of_being_removed_and_added(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    guild.remove_bot()
    await server.until(lambda: bot.left == [guild.id])
    with pytest.raises(discord.Forbidden) as refused:
        await bot.fetch_channel(guild.channel("general").id)
    assert refused.value.code == 50001
    server.join_guild(guild)
    await server.until(lambda: bot.joined == [guild.id])
    assert (await bot.fetch_channel(guild.channel("general").id)).id == guild.channel("general").id


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (Permission.VIEW_CHANNEL, 50001),
        (Permission.SEND_MESSAGES, 50013),
        (Permission.EMBED_LINKS, 50013),
        (Permission.CREATE_PUBLIC_THREADS, 50013),
        (Permission.SEND_MESSAGES_IN_THREADS, 50013),
    ],
)
async def test_what_the_bot_may_not_do_is_refused(
    server: DiscordServer, start: Start, missing: Permission, code: int
) -> None:
    guild = server.guild("Strict", channels=["general"], bot_permissions=BOT_PERMISSIONS & ~missing)
    bot = await start()

    async def open_a_week() -> None:
        channel = await bot.fetch_channel(guild.channel("general").id)
        assert isinstance(channel, discord.TextChannel)
        message = await channel.send(embed=discord.Embed(title="Week 1"))
        thread = await message.create_thread(name="Week 1")
        await thread.send("Hello")

    with pytest.raises(discord.Forbidden) as refused:
        await open_a_week()
    assert refused.value.code == code
    assert server.violations == []


async def test_an_overwrite_denies_in_one_channel_only(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    quiet, loud = guild.channel("quiet"), guild.channel("loud")
    quiet.forbid(Permission.SEND_MESSAGES)
    await bot.get_partial_messageable(loud.id).send("hello")
    with pytest.raises(discord.Forbidden):
        await bot.get_partial_messageable(quiet.id).send("hello")
    quiet.allow(Permission.SEND_MESSAGES)
    await bot.get_partial_messageable(quiet.id).send("hello")


async def test_what_does_not_exist_is_unknown(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()
    with pytest.raises(discord.NotFound) as refused:
        await bot.get_partial_messageable(1).send("hello")
    assert refused.value.code == 10003
    with pytest.raises(discord.NotFound) as refused:
        await (
            bot.get_partial_messageable(guild.channel("general").id).get_partial_message(1).edit(content="x")
        )
    assert refused.value.code == 10008


async def test_an_answer_after_three_seconds_is_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    server = DiscordServer(token=TOKEN, clock=lambda: now)
    await server.start()
    monkeypatch.setattr(Route, "BASE", server.api_url)
    bot = Bot(server)
    await bot.login(TOKEN)
    guild = server.guild()
    asked = await server.command(guild.channel("general"), guild.member("Ana"), "slow")
    now += 3.5
    answer = Route("POST", f"/interactions/{asked.id}/{asked.token}/callback")
    with pytest.raises(discord.NotFound) as refused:
        await bot.http.request(answer, json={"type": 5})
    assert refused.value.code == 10062
    assert server.unanswered == [asked]
    assert len(server.violations) == 1
    await bot.close()
    await server.stop()


async def test_a_second_answer_is_refused(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()
    asked = await server.command(guild.channel("general"), guild.member("Ana"), "paper today")
    await asked.reply()
    answer = Route("POST", f"/interactions/{asked.id}/{asked.token}/callback")
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(answer, json={"type": 5})
    assert refused.value.code == 40060
    assert "already been acknowledged" in server.violations[-1]


@pytest.mark.parametrize("kind", ["500", "500-after", "502-html", "502-html-after"])
async def test_a_server_error_is_retried_by_the_library(
    server: DiscordServer, guild: Guild, start: Start, kind: str
) -> None:
    bot = await start()
    general = guild.channel("general")
    server.fault("POST /channels/*/messages", kind)
    await bot.get_partial_messageable(general.id).send("hello")
    assert [call.status for call in server.calls if call.path.endswith("/messages")] == [int(kind[:3]), 200]
    assert len(server.messages(general)) == 1


async def test_a_flood_answer_is_waited_out(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()
    server.fault("POST /channels/*/messages", "429:0.1")
    await bot.get_partial_messageable(guild.channel("general").id).send("hello")
    assert [call.status for call in server.calls if call.path.endswith("/messages")] == [429, 200]


@pytest.mark.parametrize(
    ("kind", "arrived"), [("drop-before", 0), ("drop-after", 1), ("reset-before", 0), ("reset-after", 1)]
)
async def test_a_cut_answer_leaves_the_sender_in_doubt(
    server: DiscordServer, guild: Guild, start: Start, kind: str, arrived: int
) -> None:
    bot = await start()
    server.fault("POST /channels/*/messages", kind)
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await bot.get_partial_messageable(guild.channel("general").id).send("hello", nonce="1")
    assert len(server.messages(guild.channel("general"))) == arrived
    await bot.get_partial_messageable(guild.channel("general").id).send("hello", nonce="1")
    assert len(server.messages(guild.channel("general"))) == 1


async def test_a_held_call_is_answered_when_released(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    hold = server.fault("POST /channels/*/messages", "hold")
    sending = asyncio.create_task(bot.get_partial_messageable(guild.channel("general").id).send("hello"))
    await server.until(lambda: server.calls[-1].path.endswith("/messages"))
    assert server.messages(guild.channel("general")) == []
    hold.release()
    await sending
    assert len(server.messages(guild.channel("general"))) == 1


async def test_a_slow_answer_tells_of_what_was_done_long_before(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    slow = server.fault("POST /channels/*/messages", "slow:60")
    sending = asyncio.create_task(bot.get_partial_messageable(guild.channel("general").id).send("hello"))
    await server.until(lambda: server.messages(guild.channel("general")))
    assert not sending.done()
    slow.release()
    await sending


async def test_trouble_can_be_decided_call_by_call(server: DiscordServer, guild: Guild, start: Start) -> None:
    bot = await start()
    general = guild.channel("general")
    decided = iter(["502-html", None])
    server.mischief = lambda call: next(decided) if call == f"POST /channels/{general.id}/messages" else None
    await bot.get_partial_messageable(general.id).send("hello")
    assert [call.status for call in server.calls if call.path.endswith("/messages")] == [502, 200]


async def test_an_outage_refuses_connections_until_it_ends(
    server: DiscordServer, guild: Guild, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await start()
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda self: 0.01)
    await server.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await bot.fetch_user(server.bot.id)
    await server.come_back()
    await server.until(lambda: bot.resumes == 1)


async def test_a_sixth_message_in_five_seconds_is_too_many_where_limits_are_on(
    server: DiscordServer, guild: Guild
) -> None:
    server.rest.rate_limits = True
    address = f"{server.api_url}/channels/{guild.channel('general').id}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as http:
        answers = [await http.post(address, json={"content": f"{number}"}) for number in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert len({answer.headers["X-RateLimit-Bucket"] for answer in answers}) == 1
    assert 0 < float(answers[5].headers["Retry-After"]) <= 5
    assert len(server.messages(guild.channel("general"))) == 5


async def test_a_channels_messages_are_changed_five_times_in_five_seconds_where_limits_are_on(
    server: DiscordServer, guild: Guild
) -> None:
    server.rest.rate_limits = True
    address = f"{server.api_url}/channels/{guild.channel('general').id}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as http:
        sent = [await (await http.post(address, json={"content": "a"})).json() for _ in range(2)]
        changes = [
            await http.patch(f"{address}/{sent[number % 2]['id']}", json={"content": f"{number}"})
            for number in range(6)
        ]
    assert [change.status for change in changes] == [200] * 5 + [429]
    assert changes[4].headers["X-RateLimit-Remaining"] == "0"
    assert [message.content for message in server.messages(guild.channel("general"))] == ["4", "3"]


async def test_the_app_offers_only_what_is_registered(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    await start()
    ana, general = guild.member("Ana"), guild.channel("general")
    refused: list[tuple[str, dict[str, Any]]] = [
        ("unknown", {}),
        ("paper", {}),
        ("paper tomorrow", {}),
        ("paper show", {}),
        ("paper show", {"paper": 3}),
        ("paper today", {"paper": "dropout"}),
    ]
    for path, options in refused:
        with pytest.raises(NotOffered):
            await server.command(general, ana, path, options)
    with pytest.raises(NotOffered):
        await server.command(general, server.user("Stranger"), "paper today")


async def test_a_command_for_managers_is_hidden_from_others(server: DiscordServer, start: Start) -> None:
    guild = server.guild()
    bot = await start()
    hidden: app_commands.Command[Any, ..., None]
    hidden = app_commands.Command(name="settings", description="Settings", callback=today)
    hidden.default_permissions = discord.Permissions(manage_guild=True)
    hidden.guild_only = True
    bot.tree.add_command(hidden)
    await bot.tree.sync()
    ana, mo = guild.member("Ana"), guild.member("Mo", manage_guild=True)
    with pytest.raises(NotOffered):
        await server.command(guild.channel("general"), ana, "settings")
    with pytest.raises(NotOffered):
        await server.command(server.dm(mo), mo, "settings")
    assert (await (await server.command(guild.channel("general"), mo, "settings")).reply()).embeds


async def register(bot: Bot, *commands: dict[str, Any]) -> None:
    """Register commands as they are written out."""
    await bot.http.request(Route("PUT", f"/applications/{bot.application_id}/commands"), json=list(commands))


EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}


async def test_a_user_brings_the_bot_to_where_it_is_no_member(server: DiscordServer, start: Start) -> None:
    away = server.guild("Away", joined=False)
    bot = await start()
    ana, bo = away.member("Ana"), away.member("Bo")
    ana.brings_bot = True
    heard: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction) -> None:
        heard.append(interaction)
        await interaction.response.send_message("here", ephemeral=True)

    bot.on_interaction = answer  # type: ignore[attr-defined]
    await register(bot, named("look", **EVERYWHERE), named("here", contexts=[0], integration_types=[0]))
    places = [
        away.channel("general"),
        server.conversation(ana, bo),
        server.conversation(ana, bo, server.user("Cy")),
    ]
    for place in [*places, server.dm(ana)]:
        asked = await server.command(place, ana, "look")
        assert (await asked.reply()).ephemeral_to is ana
        for nobody in (bo, server.user("Stranger")):
            with pytest.raises(NotOffered):
                await server.command(place, nobody, "look")
        with pytest.raises(NotOffered):
            await server.command(place, ana, "here")
    assert [each.context.guild for each in heard] == [True, False, False, False]
    assert [each.context.private_channel for each in heard] == [False, True, True, False]
    assert [each.context.dm_channel for each in heard] == [False, False, False, True]
    assert all(each.is_user_integration() and not each.is_guild_integration() for each in heard)
    for place in places:
        with pytest.raises(discord.Forbidden):
            await bot.http.send_message(
                place.id, params=discord.http.handle_message_parameters(content="hello")
            )


async def test_a_command_is_chosen_on_a_message_that_is_told_whole(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    heard: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction) -> None:
        heard.append(interaction)
        await interaction.response.send_message("noted", ephemeral=True)

    bot.on_interaction = answer  # type: ignore[attr-defined]
    await register(bot, {"name": "Read it", "type": 3})
    ana = guild.member("Ana")
    said = server.say(guild.channel("general"), ana, "words")
    await (await server.choose_on(said, ana, "Read it")).reply()
    [asked] = heard
    told: Any = asked.data
    assert told["resolved"]["messages"][told["target_id"]]["content"] == "words"
    with pytest.raises(NotOffered):
        await server.choose_on(said, ana, "Translate")
    with pytest.raises(NotOffered):
        await server.command(guild.channel("general"), ana, "Read it")


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Press", "custom_id": "press", **more}


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def menu(count: int) -> dict[str, Any]:
    options = [{"label": f"Option {place}", "value": str(place)} for place in range(count)]
    return {"type": 3, "custom_id": "menu", "options": options}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        ({"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"fields": [{"name": "x", "value": "y"}] * 26}]}, "embeds.0.fields"),
        ({"embeds": [{"fields": [{"name": "x" * 257, "value": "y"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"fields": [{"name": "x", "value": "y" * 1025}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"fields": [{"name": "x", "value": " "}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"description": "x" * 4000}, {"description": "y" * 2001}]}, "embeds"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds"),
        ({"embeds": [{"title": "x", "url": "paper.pdf"}]}, "embeds.0.url"),
        ({"content": "x", "components": [row(button())] * 6}, "components"),
        (
            {"content": "x", "components": [row(*(button(custom_id=f"{place}") for place in range(6)))]},
            "components.0.components",
        ),
        ({"content": "x", "components": [row(button(), button())]}, "components"),
        (
            {"content": "x", "components": [row(button(label="x" * 81))]},
            "components.0.components.0.label",
        ),
        (
            {"content": "x", "components": [row(button(custom_id="x" * 101))]},
            "components.0.components.0.custom_id",
        ),
        ({"content": "x", "components": [row(button(label=""))]}, "components.0.components.0.label"),
        (
            {"content": "x", "components": [row(button(style=5, url="https://example.org"))]},
            "components.0.components.0",
        ),
        ({"content": "x", "components": [button()]}, "components.0.type"),
        ({"content": "x", "components": [row(menu(26))]}, "components.0.components.0.options"),
        ({"content": "x", "components": [row(menu(0))]}, "components.0.components.0.options"),
        ({"content": "x", "components": [row(menu(2), button())]}, "components.0.components"),
        ({"content": "x", "nonce": "x" * 26}, "nonce"),
        ({"content": "x", "flags": 64}, "flags"),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "x"}]}, "content"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 2001}] * 2}, "components"),
    ],
)
async def test_a_message_over_a_limit_is_refused_at_its_place(
    server: DiscordServer, guild: Guild, start: Start, body: dict[str, Any], place: str
) -> None:
    bot = await start()
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=guild.channel("general").id)
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(route, json=body)
    assert (refused.value.status, refused.value.code) == (400, 50035)
    assert f"In {place}: " in str(refused.value)
    assert len(server.violations) == 1
    assert server.messages(guild.channel("general")) == []


async def test_a_message_at_every_limit_is_accepted(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    rows = [row(*(button(custom_id=f"{line}-{place}") for place in range(5))) for line in range(4)]
    body = {
        "content": "x" * 2000,
        "embeds": [
            {
                "title": "t" * 256,
                "description": "d" * 4096,
                "fields": [{"name": "n" * 256, "value": "v" * 1024}],
            }
        ],
        "components": [*rows, row(menu(25))],
        "nonce": "n" * 25,
        "enforce_nonce": True,
    }
    await bot.http.request(
        Route("POST", "/channels/{channel_id}/messages", channel_id=guild.channel("general").id), json=body
    )
    assert server.violations == []


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": "What it does", **more}


def option(name: str, kind: int = 3, **more: Any) -> dict[str, Any]:
    return {"type": kind, **named(name), **more}


LONG_CHOICES = [{"name": f"{place:0>80}", "value": "v" * 100} for place in range(25)]


@pytest.mark.parametrize(
    "commands",
    [
        [named("Paper")],
        [named("a paper")],
        [named("x" * 33)],
        [named("")],
        [{"name": "paper", "description": "x" * 101}],
        [{"name": "paper", "description": ""}],
        [named("paper"), named("paper")],
        [named(f"command-{place}") for place in range(101)],
        [named("paper", options=[option(f"o{place}") for place in range(26)])],
        [named("paper", options=[option("one"), option("two", required=True)])],
        [named("paper", options=[option("one"), option("one")])],
        [named("paper", options=[option("one", choices=[{"name": "x", "value": "x"}] * 26)])],
        [named("paper", options=[option("one", choices=[{"name": "x", "value": "x" * 101}])])],
        [named("paper", options=[option("one", 4, choices=[{"name": "x", "value": "x"}])])],
        [named("paper", options=[option("one", autocomplete=True, choices=[{"name": "x", "value": "x"}])])],
        [named("paper", options=[option("today", 1), option("one")])],
        [named("paper", options=[option("a", 1, options=[option("b", 1)])])],
        [named("paper", options=[option("a", 2, options=[option("b", 2)])])],
        [named("paper", name_localizations={"zh": "论文"})],
        [named("paper", name_localizations={"zh-CN": "论文 今天"})],
        [named("paper"), named("plan", name_localizations={"zh-CN": "paper"})],
        [named("paper", options=[option("a"), option("b", name_localizations={"zh-CN": "a"})])],
        [named("paper", contexts=[0, 0])],
        [named("paper", contexts=[])],
        [named("paper", integration_types=[0, 2])],
        [named("paper", options=[option("a", 3, min_value=1)], type=1), named("Read it", type=3)],
        [{"name": "x" * 33, "type": 3}],
        [{"name": "Read it", "type": 3, "options": [option("a")]}],
        [{"name": f"Read it {place}", "type": 3} for place in range(16)],
        [named("paper", options=[option(f"o{place}", choices=LONG_CHOICES) for place in range(2)])],
    ],
)
async def test_a_wrong_command_definition_is_refused(
    server: DiscordServer, start: Start, commands: list[dict[str, Any]]
) -> None:
    bot = await start()
    before = server.commands
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(Route("PUT", f"/applications/{bot.application_id}/commands"), json=commands)
    assert refused.value.code == 50035
    assert server.commands == before


async def test_command_names_of_any_script_are_accepted(server: DiscordServer, start: Start) -> None:
    bot = await start()
    words = [
        named("论文", name_localizations={"zh-CN": "论文", "de": "größe"}),
        named("पेपर"),
        named("it's_a-5"),
    ]
    await bot.http.request(Route("PUT", f"/applications/{bot.application_id}/commands"), json=words)
    assert [command["name"] for command in server.commands] == ["论文", "पेपर", "it's_a-5"]
    assert server.violations == []


async def test_more_than_25_suggestions_are_refused(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    bot.tree.clear_commands(guild=None)
    asked = asyncio.create_task(
        server.autocomplete(guild.channel("general"), guild.member("Ana"), "paper show", "paper", "")
    )
    await server.until(lambda: server.unanswered)
    [typing] = server.unanswered
    answer = Route("POST", f"/interactions/{typing.id}/{typing.token}/callback")
    choices = [{"name": f"{place}", "value": f"{place}"} for place in range(26)]
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.request(answer, json={"type": 8, "data": {"choices": choices}})
    assert "data.choices" in str(refused.value)
    await bot.http.request(answer, json={"type": 8, "data": {"choices": choices[:25]}})
    assert len(await asked) == 25


async def test_a_mention_counts_only_if_it_is_allowed(
    server: DiscordServer, guild: Guild, start: Start
) -> None:
    bot = await start()
    ana = guild.member("Ana")
    channel = bot.get_partial_messageable(guild.channel("general").id)
    await channel.send(f"{ana.mention} @everyone")
    await channel.send(f"{ana.mention} @everyone", allowed_mentions=discord.AllowedMentions.none())
    only_ana = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(ana.id)])
    await channel.send(f"{ana.mention} @everyone", allowed_mentions=only_ana)
    pings = [message.pings for message in server.messages(guild.channel("general"))]
    assert pings == [{str(ana.id), "everyone"}, set(), {str(ana.id)}]


async def test_a_path_discord_does_not_have_is_a_violation(server: DiscordServer, start: Start) -> None:
    bot = await start()
    with pytest.raises(discord.NotFound):
        await bot.http.request(Route("GET", "/nowhere"))
    assert server.violations == ["GET /nowhere: 404 (0) 404: Not Found"]
