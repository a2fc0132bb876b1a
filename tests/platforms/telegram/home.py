"""The real house on the strict server, with as many chats of whatever kind as a test wants."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import House, open_house
from bot.domain.clubs import Chat as ClubChat
from bot.domain.clubs import Platform
from bot.domain.posts import Post, PostKind
from bot.settings import Settings
from tests.conversations.stage import START
from tests.house import FakeClock
from tests.servers.telegram import Chat, Message, TelegramServer, Topic, User

HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400

FIRST = "Improving neural networks by preventing co-adaptation"
SECOND = "Dropout: A Simple Way"
"""How the first papers of the plan are called."""


@dataclass
class Home:
    """The house, its Telegram, and its time."""

    server: TelegramServer
    clock: FakeClock
    house: House

    async def settled(self) -> None:
        """Return when all that was said is answered, and all that is due is sent."""
        await self.server.settled()
        await self.house.sender.settled()
        await self.server.settled()
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

    async def say(
        self, chat: Chat, user: User, text: str, thread: Topic | None = None, *, anonymous: bool = False
    ) -> list[Message]:
        """Say something; what the bot said there then."""
        said = self.server.say(chat, user, text, thread=thread, anonymous=anonymous)
        await self.settled()
        return self.after(said)

    def after(self, message: Message) -> list[Message]:
        """What the bot said in the same chat after a message."""
        return [each for each in self.server.messages(message.chat) if each.serial > message.serial]

    async def chat(self, chat: Chat) -> ClubChat | None:
        """A chat as it is on record."""
        async with self.house.tools.store.read() as records:
            return await records.chat(Platform.TELEGRAM, str(chat.id))

    async def posts(self, *kinds: PostKind) -> list[Post]:
        """The ledger, oldest first."""
        async with self.house.tools.store.read() as records:
            found = [await records.post(number) for number in range(1, 100)]
        return [post for post in found if post and (not kinds or post.kind in kinds)]

    def methods(self, *names: str) -> list[str]:
        """Which of some methods were called, in order."""
        return [call.method for call in self.server.calls if call.method in names]


@asynccontextmanager
async def at_home(folder: Path, *, allowed: Sequence[str] = ()) -> AsyncIterator[Home]:
    """A house that was just opened. At its end the bot has asked Telegram for nothing it had to refuse."""
    async with TelegramServer() as server:
        settings = Settings(
            telegram_token=server.token,
            telegram_api_url=server.url,
            data=folder,
            database=folder / "club.db",
            web=None,
        )
        clock = FakeClock(START)
        async with open_house(settings, clock, timer=clock, ticking=False) as house:
            await server.settled()
            yield Home(server, clock, house)
        assert server.violations == list(allowed)


def titles(messages: Sequence[Message]) -> list[str]:
    """The first line of each message."""
    return [message.text.replace("\u2060", "").partition("\n")[0] for message in messages]
