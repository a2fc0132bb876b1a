"""A club on one platform, as the people in it see it: say a line, read the reply.

Each platform has a `Stage` beside this file that drives the real house through the real library over
real sockets. The conversations are written once, against this.
"""

from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bot.app import House, open_house
from bot.domain.clubs import Platform
from bot.settings import Settings
from tests.house import FakeClock

START = 1_788_159_600
"""Monday 31 August 2026, 07:00 UTC: two hours before a new club's first paper in UTC."""


@dataclass(frozen=True)
class Heard:
    """What one person got for one thing they did: the text as it is shown, the labels under it, and the
    short answer to a press. `picture` is what a picture says to whoever cannot see it; where none came,
    it is empty. `ref` is the platform's own message."""

    text: str = ""
    buttons: tuple[str, ...] = ()
    toast: str = ""
    private: bool = False
    picture: str = ""
    ref: Any = None


@dataclass(frozen=True)
class Person:
    """Someone in the group. `handle` is the platform's own person."""

    name: str
    language: str
    organiser: bool
    handle: Any


class Stage(ABC):
    """A group with the bot in it, on a fake clock. State outlives `restart`."""

    platform: ClassVar[Platform]

    def __init__(self, folder: Path, database: Path | str) -> None:
        self.folder = folder
        self.database = database
        self.clock = FakeClock(START)
        self._parts = AsyncExitStack()
        self._house: House | None = None

    @property
    def house(self) -> House:
        """The running house."""
        assert self._house is not None
        return self._house

    @abstractmethod
    async def build(self) -> None:
        """Start the platform's server and put the bot and nobody else into a group."""

    @abstractmethod
    async def demolish(self) -> None:
        """Stop the server; assert that the bot asked it for nothing it had to refuse."""

    @abstractmethod
    def settings(self) -> Settings:
        """The settings that make the house serve this platform alone, keeping its record in
        `database`."""

    @abstractmethod
    async def joined(self) -> None:
        """Return when the house serves the group."""

    @abstractmethod
    def person(self, name: str, language: str = "en", *, organiser: bool = False) -> Person:
        """A new person in the group."""

    @abstractmethod
    async def say(self, who: Person, line: str, *, private: bool = False) -> Heard:
        """Type a command, in the group or to the bot alone, and wait for the answer.

        The line is typed as on a text platform (`/paper show 3`); a platform with structured commands
        fills their options from it. When the answer is only that posts follow, they are waited for and
        the first of them is heard.
        """

    @abstractmethod
    async def press(self, who: Person, label: str, on: Heard | None = None) -> Heard:
        """Press a button by its label: under `on`, or under the newest message that has one. What opens
        in private is followed there."""

    @abstractmethod
    async def answer(self, who: Person, question: int, choice: int) -> Heard:
        """Answer a question of the group's latest quiz, both counted from 0."""

    @abstractmethod
    async def menu(self, who: Person) -> list[str]:
        """The commands somebody is offered when they type `/`, as far as the platform's menu goes into
        them."""

    @abstractmethod
    def posts(self) -> list[str]:
        """What the bot has said in the group's main chat, oldest first, as it stands now."""

    @abstractmethod
    def questions(self) -> list[str]:
        """The quiz questions the bot has put to the group, oldest first."""

    @abstractmethod
    def threads(self) -> dict[str, list[str]]:
        """The discussions by title (or by the words they hang from), and what the bot said in each."""

    async def open(self) -> None:
        """Build the server and open the house."""
        await self.build()
        await self._start()

    async def close(self) -> None:
        """Close the house and the server."""
        await self._parts.aclose()
        await self.demolish()

    async def restart(self) -> None:
        """Close the house and open it again on the same record."""
        await self.leave()
        await self._start()

    async def leave(self) -> None:
        """Close the house; the server and the record stay."""
        await self._parts.aclose()

    async def come_back(self) -> None:
        """Open the house again on the same record."""
        await self._start()

    async def pass_time(self, seconds: int) -> None:
        """Let time go by, and whatever is due happen; first what was due before."""
        await self.house.sender.settled()
        self.clock.advance(seconds)
        await self.house.tick()
        await self.house.sender.settled()

    async def _start(self) -> None:
        self._parts = AsyncExitStack()
        self._house = await self._parts.enter_async_context(
            open_house(self.settings(), self.clock, timer=self.clock, ticking=False)
        )
        await self.joined()
