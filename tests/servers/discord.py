"""A strict Discord on the loopback: REST and gateway for an unmodified discord.py, and members who use it.

    server = DiscordServer(token="…")
    await server.start()
    guild = server.guild("Readers", channels=["general"])
    ana = guild.member("Ana", locale="zh-CN")
    asked = await server.command(guild.channel("general"), ana, "paper today")
    answer = await asked.reply()
    assert server.violations == []

Everything lives in the server, so it survives a restart of the bot. It refuses what Discord refuses, with
Discord's codes; what no correct bot would ever send is also kept in `violations`.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from tests.servers import discord_app as app
from tests.servers.discord_app import NotOffered
from tests.servers.discord_checks import Json
from tests.servers.discord_gateway import SEVERING, Gateway
from tests.servers.discord_rest import Call, Fault, Rest
from tests.servers.discord_world import (
    BOT_PERMISSIONS,
    Button,
    Channel,
    ChannelType,
    Event,
    Guild,
    Intent,
    Interaction,
    Message,
    Permission,
    Role,
    Tag,
    User,
    World,
)

__all__ = [
    "BOT_PERMISSIONS",
    "Button",
    "Channel",
    "ChannelType",
    "DiscordServer",
    "Event",
    "Guild",
    "Intent",
    "Interaction",
    "Message",
    "NotOffered",
    "Permission",
    "Role",
    "Tag",
    "User",
]


class DiscordServer:
    """One pretend Discord.

    Args:
        token: the bot token it accepts.
        clock: seconds since 1970; dates everything and judges the three-second rule.
    """

    def __init__(self, token: str = "TWFkZSB1cA.made.up", clock: Callable[[], float] = time.time) -> None:
        self.token = token
        self.world = World(clock)
        self.gateway = Gateway(self.world, token, lambda: self.gateway_url)
        self.rest = Rest(self.world, token, lambda: self.gateway.about)
        self.gateway.violations = self.rest.violations
        self.world.story = self.story
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._port = 0

    # --- Lifecycle

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        application = web.Application(client_max_size=32 * 1024 * 1024)
        application.router.add_get("/gateway", self.gateway.serve)
        application.add_routes(self.rest.routes())
        self._runner = web.AppRunner(application, shutdown_timeout=0.1, handle_signals=False, access_log=None)
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        assert self._runner
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Cut every line and stop listening."""
        self.gateway.close(SEVERING)
        if self._runner:
            await self._runner.cleanup()

    async def go_down(self) -> None:
        """An outage: every line is cut and new ones are refused, until `come_back`."""
        self.gateway.close(SEVERING)
        assert self._runner
        assert self._runner.server
        for connection in self._runner.server.connections:
            if connection.transport:
                connection.transport.abort()
        if self._site:
            await self._site.stop()

    async def come_back(self) -> None:
        """The outage ends, at the same address."""
        await self._listen()

    @property
    def api_url(self) -> str:
        """Where the REST API is, as `discord.http.Route.BASE` wants it."""
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is, as `GET /gateway/bot` tells it."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    # --- The world

    def guild(
        self,
        name: str = "Readers",
        channels: Iterable[str] = ("general",),
        *,
        bot_permissions: Permission = BOT_PERMISSIONS,
        locale: str = "en-US",
        joined: bool = True,
        shard: tuple[int, int] = (0, 1),
    ) -> Guild:
        """A new server; the bot is in it, with exactly these permissions, unless `joined` is false. Its id
        is one that is told of to this shard out of so many."""
        return self.world.guild(name, channels, bot_permissions, locale, joined, shard)

    def join_guild(self, guild: Guild) -> None:
        """Somebody adds the bot to a server."""
        self.world.join(guild)

    def user(self, name: str, *, locale: str = "en-US") -> User:
        """Somebody who is in no server yet."""
        return self.world.user(name, locale=locale)

    def dm(self, user: User) -> Channel:
        """The bot's direct conversation with a user."""
        return self.world.dm(user)

    def conversation(self, *users: User) -> Channel:
        """A conversation of two users, or of a group of them, in which the bot has no part."""
        return self.world.conversation(*users)

    # --- What members do

    def say(self, channel: Channel, user: User, text: str) -> Message:
        """A member writes plain words."""
        message = self.world.message_from(channel, user, {"content": text}, [])
        return self.world.write(message)

    async def command(
        self, channel: Channel, user: User, path: str, options: Mapping[str, Any] | None = None
    ) -> Interaction:
        """A member sends a slash command (`"paper today"`); users and channels may be given as options.

        Raises:
            NotOffered: no such command is registered, or the app would not let it be sent.
        """
        return app.command(self.world, channel, user, path, options or {})

    async def autocomplete(
        self,
        channel: Channel,
        user: User,
        path: str,
        option: str,
        typed: str,
        options: Mapping[str, Any] | None = None,
        within: float = 10,
    ) -> list[Json]:
        """The choices (`name`, `value`) the bot offers to a member typing into an option."""
        interaction = app.autocomplete(self.world, channel, user, path, option, typed, options or {})
        await interaction.acknowledgement(within)
        return interaction.choices or []

    async def choose_on(self, message: Message, user: User, command: str) -> Interaction:
        """A member chooses a command from the menu of a message (`"Mark as read"`).

        Raises:
            NotOffered: no such command is registered, or it is not offered there.
        """
        return app.message_command(self.world, message, user, command)

    async def press(self, message: Message, user: User, button: str) -> Interaction:
        """A member presses the button with this label or custom id.

        Raises:
            NotOffered: there is not exactly one, or it is disabled, a link, or hidden from the member.
        """
        return app.press(self.world, message, user, button)

    async def press_late(self, message: Message, user: User, custom_id: str) -> Interaction:
        """A member presses a button that a change has just taken away: their app has not heard of it yet."""
        part = {"custom_id": custom_id, "component_type": 2, "id": 1}
        return app.start(self.world, app.COMPONENT, message.channel, user, part, message)

    async def select(self, message: Message, user: User, menu: str, values: Sequence[str]) -> Interaction:
        """A member chooses from the menu with this placeholder or custom id, by labels or values."""
        return app.choose(self.world, message, user, menu, values)

    async def modal(
        self, opened: Interaction, answers: Mapping[str, str | Sequence[str]], within: float = 10
    ) -> Interaction:
        """A member fills in the form an interaction opened, by labels or custom ids, and sends it: choices
        are given by their labels or values, and several as a list."""
        await opened.acknowledgement(within)
        return app.submit(self.world, opened, answers)

    # --- What can be seen

    def messages(self, channel: Channel) -> list[Message]:
        """What everybody sees in a channel, thread or direct conversation."""
        return channel.messages

    def threads(self, channel: Channel) -> list[Channel]:
        """The threads of a channel, oldest first."""
        return channel.threads

    def ephemeral(self, user: User) -> list[Message]:
        """What only this member sees, in every channel."""
        written = [
            message for channel in self.world.channels.values() for message in channel.written.values()
        ]
        return sorted(
            (each for each in written if each.ephemeral_to is user and not each.deleted),
            key=lambda each: each.id,
        )

    @property
    def bot(self) -> User:
        """The bot's own user."""
        return self.world.bot

    @property
    def commands(self) -> list[Json]:
        """The registered global commands."""
        return list(self.world.commands[None].values())

    @property
    def calls(self) -> list[Call]:
        """Every REST call, in order."""
        return self.rest.calls

    @property
    def violations(self) -> list[str]:
        """Requests no correct bot would send, with why; tests assert that there are none."""
        return self.rest.violations

    @property
    def interactions(self) -> list[Interaction]:
        """Every interaction a member started."""
        return list(self.world.interactions.values())

    @property
    def unanswered(self) -> list[Interaction]:
        """Interactions the bot has not acknowledged."""
        return [interaction for interaction in self.interactions if not interaction.acknowledged]

    async def until(self, predicate: Callable[[], Any], within: float = 10) -> None:
        """Wait until something is so, looking again after every call and gateway event.

        Raises:
            AssertionError: it is not so after `within` real seconds.
        """
        await self.world.until(predicate, within)

    async def connected(self, within: float = 10) -> None:
        """Wait until the bot has an open gateway session."""
        await self.until(lambda: self.gateway.live, within)

    def story(self) -> str:
        """The last calls and every violation, for a failing test to show."""
        return "\n".join(
            [*(f"  {call}" for call in self.calls[-12:]), *(f"  ! {each}" for each in self.violations)]
        )

    # --- What goes wrong

    @property
    def mischief(self) -> Callable[[str], str | None]:
        """Asked at each call (`"POST /channels/1/messages"`) for which no fault is lined up: the kind of
        trouble it meets, if any."""
        return self.rest.mischief

    @mischief.setter
    def mischief(self, decide: Callable[[str], str | None]) -> None:
        self.rest.mischief = decide

    def fault(self, pattern: str, kind: str, times: int = 1) -> Fault:
        """Make the next calls fail.

        Args:
            pattern: the method and path with `*`, such as `"POST /channels/*/messages"`.
            kind: a status (`"500"`), `"429:2"` (seconds; also `"429-global:2"`,
                `"429-shared:2"`), `"429-html"`, `"403-html"`, `"502-html"` (a proxy's page), `"drop-before"`
                (nothing done, line cut), `"reset-before"` (the same with a reset), any of these but 429
                with `-after` (`"500-after"`: done, but answered so), `"slow:2"` (done, answered after so
                many seconds or the returned fault's `release`), or `"hold"` (waits for `release`, then is
                done).
            times: how many calls.
        """
        fault = Fault(pattern, kind, times)
        self.rest.faults.append(fault)
        return fault

    def close_gateway(self, code: int = 4000) -> None:
        """Close every gateway line with a code."""
        self.gateway.close(code)

    def cut_gateway(self) -> None:
        """Cut every gateway line without a word."""
        self.gateway.close(SEVERING)
