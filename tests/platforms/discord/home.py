"""The real house on the strict Discord, with as many servers and channels as a test wants."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.app import House, open_house
from bot.domain.clubs import Chat as ClubChat
from bot.domain.clubs import Platform
from bot.domain.posts import Post, PostKind
from bot.platforms.discord import talk
from bot.settings import Settings
from tests.conversations.stage import START
from tests.house import FakeClock
from tests.servers.discord import BOT_PERMISSIONS, Channel, DiscordServer, Guild, Message, Permission, User

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 7 * 86_400

FIRST = "Improving neural networks by preventing"
SECOND = "A Simple Way to Prevent"
"""How the first papers of the plan are called."""


@dataclass
class Home:
    """The house, its Discord, and its time. `guild` is a server in which Ines organises; its first channel
    is `general`."""

    folder: Path
    server: DiscordServer
    clock: FakeClock
    guild: Guild
    ines: User
    _parts: AsyncExitStack = field(default_factory=AsyncExitStack)
    _house: House | None = None

    @property
    def house(self) -> House:
        """The house that is open."""
        assert self._house
        return self._house

    @property
    def general(self) -> Channel:
        """The first channel of the server."""
        return self.guild.channel("general")

    async def settled(self) -> None:
        """Return when all that is due is sent, as far as Discord lets it."""
        await self.house.sender.settled()

    async def pass_time(self, seconds: int) -> None:
        """Let time go by, and whatever is due happen."""
        self.clock.advance(seconds)
        await self.house.tick()
        await self.settled()

    async def pass_days(self, days: int) -> None:
        """The same, day by day, so that nothing is too late."""
        for _ in range(days):
            await self.pass_time(DAY)

    async def say(self, channel: Channel, who: User, path: str, **options: Any) -> Message:
        """Send a slash command; the answer, once it stands and what it asked for is sent."""
        answer = await (await self.server.command(channel, who, path, options)).reply()
        await self.settled()
        return answer

    async def press(self, message: Message, who: User, button: str) -> Message:
        """Press a button; the answer, once it stands."""
        answer = await (await self.server.press(message, who, button)).reply()
        await self.settled()
        return answer

    async def chat(self, channel: Channel) -> ClubChat | None:
        """A channel as it is on record."""
        async with self.house.tools.store.read() as records:
            return await records.chat(Platform.DISCORD, str(channel.id))

    async def posts(self, *kinds: PostKind) -> list[Post]:
        """The ledger, oldest first."""
        async with self.house.tools.store.read() as records:
            found = [await records.post(number) for number in range(1, 100)]
        return [post for post in found if post and (not kinds or post.kind in kinds)]

    def calls(self, pattern: str) -> list[str]:
        """The calls whose method and path hold some words, in order."""
        told = (f"{call.method} {call.path}" for call in self.server.calls)
        return [each for each in told if pattern in each]

    def settings(self) -> Settings:
        """What the house is opened with."""
        return Settings(
            discord_token=self.server.token,
            discord_api_url=self.server.api_url,
            data=self.folder,
            database=self.folder / "club.db",
            web=None,
        )

    async def open(self) -> None:
        """Serve, until closed."""
        identified = self.server.gateway.identified
        house = open_house(self.settings(), self.clock, timer=self.clock, ticking=False)
        self._house = await self._parts.enter_async_context(house)
        await self.server.until(lambda: self.server.gateway.identified > identified)

    async def close(self) -> None:
        """Serve no longer; it may be opened again."""
        await self._parts.aclose()


@asynccontextmanager
async def at_home(
    folder: Path, *, rights: Permission = BOT_PERMISSIONS, allowed: Sequence[str] = ()
) -> AsyncIterator[Home]:
    """A house that was just opened, in one server that it has greeted. At its end the bot has asked Discord
    for nothing it had to refuse, and everybody was answered."""
    clock = FakeClock(START)
    patch = pytest.MonkeyPatch()
    # Announcing a slow answer goes by real time, which a busy machine may take.
    patch.setattr(talk, "ANSWER_WITHIN", 60)
    server = DiscordServer(clock=lambda: float(clock.now()))
    await server.start()
    try:
        guild = server.guild("Readers", channels=["general"], bot_permissions=rights)
        home = Home(folder, server, clock, guild, guild.member("Ines", manage_guild=True))
        await home.open()
        try:
            await server.until(lambda: server.messages(home.general))
            yield home
        finally:
            await home.close()
        assert server.violations == list(allowed)
        assert server.unanswered == []
    finally:
        patch.undo()
        await server.stop()


def titles(messages: Sequence[Message]) -> list[str]:
    """The first line of each message."""
    return [message.text.partition("\n")[0] for message in messages]
