"""What an interaction on Discord costs, beside a bare bot that answers a constant.

Run with `python -m tests.benchmarks.interactions [interactions] [rounds]`. In one server and in a thousand,
of fifty members each, members of clubs in their first week say `/paper today` and `/progress` and press
*I’ve read it*, one as often as the other. They are heard in turn by our whole house on a database on disk,
and by a bot of discord.py as it comes (`bare_on_discord.py`), which answers constants as long as ours. Each
bot is a process of its own that imports what it needs alone, and the strict server is a third, so that CPU
and memory are each bot's: all its threads, from the first interaction to the last answer, after a warm-up.

Each bot is started twice: to found the clubs, and then to be measured. Then both are there, and a few
interactions at a time are answered by one and by the other.

Printed are, for each bot and each round: how long it takes from the process's start until an interaction is
answered that comes behind all servers, and the CPU until nothing is left to do; milliseconds of CPU an
interaction; interactions a second when some are always waiting; from interactions that arrive at a moderate
pace, how long it takes until one is answered, by the server's clock; the memory that is resident after the
start, and the most that ever was; and CPU for each kind of interaction alone. Then the medians' ratios, ours
by the bare bot's. On a shared machine, trust the ratios and their spread.
"""

import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.rounds import Answers, Round, compare, undisturbed
from tests.servers.discord import (
    BOT_PERMISSIONS,
    Channel,
    DiscordServer,
    Guild,
    Interaction,
    Message,
    Permission,
    User,
)

SERVERS = (1, 1000)
"""How many servers a bot is in: one after the other."""

MEMBERS, CHANNELS, ROLES = 50, 12, 8
"""What each server has."""

SPEAKERS = 50
"""How many speak at all, but at least one in each server: so many presses are then somebody's first."""

PACE = 60
"""Interactions a second in the phase in which latency is taken."""

PACED_SHARE = 0.25
"""How many interactions that phase has, of those in the phase in which some are always waiting."""

WAITING = 20
"""How many are always waiting in that phase: few enough for each to be answered within three seconds."""

BLOCKS = 12
"""In how many parts a bot answers what its CPU is measured with; after each it is the other's turn."""

AFTERWARDS = 0.05
"""Seconds for what a bot still does after its last answer."""

QUIET = 0.5
"""Seconds in which a bot uses no CPU until it counts as having nothing left to do."""

CARDS = 18
"""Papers whose cards are pressed: those of the plan."""

NOW = 1_788_159_600.0
"""Seconds since 1970, by the strict server's clock."""

TAKEN_ALREADY = "(40060)"

READ = "I’ve read it"
KINDS = ("/paper today", "/progress", READ)

BOTS = {"bare": "bare_on_discord", "ours": "house_on_discord"}
"""The module of each bot."""


# The world, and what is said in it


class Servers(DiscordServer):
    """The strict Discord with many servers, which notes when each interaction was sent and answered."""

    def __init__(self, servers: int, members: int) -> None:
        # Its clock stands still, so that an answer may take longer than three seconds on a busy machine.
        super().__init__(clock=lambda: NOW)
        self.mischief = self._heard
        self.clubs = [self._club(f"Readers {number}", members) for number in range(servers)]
        each = max(1, min(members, SPEAKERS // servers))
        self.speakers = [(club, person) for club in self.clubs for person in club.people[:each]]
        self._cards: list[Message] = []
        self._shown: dict[tuple[int, int], Message] = {}
        self._pressed = [0] * len(self.speakers)
        self._sent: dict[int, float] = {}
        self._took: list[float] = []
        self._room = asyncio.Semaphore(WAITING)
        self._nothing_waits = asyncio.Event()

    def _club(self, name: str, members: int) -> "ClubServer":
        channels = [f"channel-{number}" for number in range(CHANNELS)]
        guild = self.guild(name, channels, bot_permissions=BOT_PERMISSIONS | Permission.PIN_MESSAGES)
        for number in range(ROLES):
            guild.role(f"Role {number}")
        organiser = guild.member("Ines", manage_guild=True)
        people = [guild.member(f"Reader {number}") for number in range(members)]
        return ClubServer(guild, guild.channel("channel-0"), organiser, people)

    async def found(self) -> None:
        """An organiser in each server starts a club."""
        for club in self.clubs:
            await self._room.acquire()
            self._note(await self.command(club.channel, club.organiser, "start"))
        await self._all_answered()

    async def join(self) -> None:
        """The first club is shown every card, and everybody joins by a first reading."""
        first = self.clubs[0]
        for number in range(1, CARDS + 1):
            asked = await self.command(first.channel, first.organiser, "paper show", {"paper": str(number)})
            self._cards.append(await asked.reply())
        await self.hear(len(self.speakers), [READ])

    async def hear(self, count: int, kinds: Sequence[str] = KINDS, pace: float | None = None) -> Answers:
        """Have so many interactions answered: so many a second, or so that some are always waiting."""
        self._took.clear()
        begun = time.monotonic()
        for number in range(count):
            if pace:
                await asyncio.sleep(max(0.0, begun + number / pace - time.monotonic()))
            await self._room.acquire()
            speaker = number % len(self.speakers)
            kind = kinds[(number + number // len(self.speakers)) % len(kinds)]
            self._note(await self._do(speaker, kind))
        await self._all_answered()
        return Answers(time.monotonic() - begun, sorted(self._took))

    async def last_of_all(self) -> None:
        """A bot that starts is told of every server, and then asked something in the last. Return when that
        is answered."""
        await self.until(lambda: self.gateway.live, 60)
        club = self.clubs[-1]
        asked = await self.command(club.channel, club.people[0], "progress")
        await asked.acknowledgement(60)

    async def _do(self, speaker: int, kind: str) -> Interaction:
        club, person = self.speakers[speaker]
        if kind != READ:
            return await self.command(club.channel, person, kind.removeprefix("/"))
        number = self._pressed[speaker] % CARDS
        self._pressed[speaker] += 1
        return await self.press(self._card(club, number), person, READ)

    def _card(self, club: "ClubServer", number: int) -> Message:
        """A paper's card in a club's channel, as the bot answered it in the first club's."""
        place = (club.channel.id, number)
        if place not in self._shown:
            card = self._cards[number]
            body = {"embeds": card.embeds, "components": card.components, "flags": card.flags}
            shown = self.world.message_from(club.channel, self.bot, body, [])
            self._shown[place] = self.world.write(shown)
        return self._shown[place]

    def _note(self, asked: Interaction) -> None:
        self._nothing_waits.clear()
        self._sent[asked.id] = time.monotonic()

    def _heard(self, call: str) -> None:
        """The bot calls, which may be the first answer to an interaction."""
        path = call.split("/")
        sent = self._sent.pop(int(path[2]), None) if path[-1] == "callback" else None
        if sent is None:
            return
        self._took.append(time.monotonic() - sent)
        self._room.release()
        if not self._sent:
            self._nothing_waits.set()

    async def _all_answered(self) -> None:
        if self._sent:
            await self._nothing_waits.wait()


@dataclass(frozen=True, slots=True)
class ClubServer:
    """A server, the channel in which its club meets, and its people."""

    guild: Guild
    channel: Channel
    organiser: User
    people: Sequence[User]


# The bots, each in a process of its own


@dataclass(frozen=True)
class Bot:
    """A running bot, from outside; Linux only."""

    process: asyncio.subprocess.Process

    def cpu(self) -> float:
        """Seconds of CPU used so far, by all threads there are."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def memory(self, name: str) -> float:
        """Its memory, resident now (`VmRSS`) or the most that ever was (`VmHWM`), in megabytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6

    async def day(self) -> None:
        """Let a day pass."""
        assert self.process.stdin
        self.process.stdin.write(b"day\n")
        await self.process.stdin.drain()

    async def quiet(self, rest: float) -> None:
        """Return when it has nothing left to do: when it used next to no CPU for so many seconds."""
        used = -1.0
        while (now := self.cpu()) > used + 0.01:
            used = now
            await asyncio.sleep(rest)


@asynccontextmanager
async def running(name: str, server: Servers, folder: Path) -> AsyncIterator[Bot]:
    """A bot that runs while the block does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"tests.benchmarks.{BOTS[name]}",
        server.api_url,
        server.gateway_url,
        server.token,
        str(folder),
        stdin=asyncio.subprocess.PIPE,
    )
    try:
        yield Bot(process)
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(30):
                await process.wait()
        except TimeoutError:
            process.kill()


# What is measured


@dataclass
class Figures(Round):
    """The same, with how long the bot took to start, by the clock and in CPU, both in seconds, and the memory
    it held then, in MB."""

    start: float = 0.0
    start_cpu: float = 0.0
    resident: float = 0.0


@dataclass
class Cost:
    """What some interactions have cost so far."""

    count: int = 0
    cpu: float = 0.0
    seconds: float = 0.0

    @property
    def each(self) -> float:
        """Milliseconds of CPU an interaction."""
        return 1000 * self.cpu / self.count


@dataclass
class Trial:
    """One bot that serves a Discord of its own."""

    server: Servers
    bot: Bot
    figures: Figures

    async def hear(self, cost: Cost, count: int, kinds: Sequence[str]) -> None:
        """Let some interactions be answered, and add what that cost, with what is done after the answer."""
        before = self.bot.cpu()
        answers = await self.server.hear(count, kinds)
        await asyncio.sleep(AFTERWARDS)
        cost.count += count
        cost.cpu += self.bot.cpu() - before
        cost.seconds += answers.seconds


async def measure(
    interactions: int, servers: int, *, members: int = MEMBERS, rest: float = QUIET, blocks: int = BLOCKS
) -> Mapping[str, Figures]:
    """One round: start each bot twice, and let both serve all phases, a few interactions at a time."""
    async with AsyncExitStack() as opened:
        trials = {
            name: await opened.enter_async_context(_started(name, servers, members, rest)) for name in BOTS
        }
        with undisturbed():
            count = max(1, interactions // blocks)
            costs = await _costs(trials, count, KINDS, blocks)
            for name, cost in costs.items():
                trials[name].figures.cpu, trials[name].figures.rate = cost.each, cost.count / cost.seconds
            for kind in KINDS:
                costs = await _costs(trials, count, [kind], max(1, blocks // 4))
                for name, cost in costs.items():
                    trials[name].figures.kinds[kind] = cost.each
            for trial in trials.values():
                answers = await trial.server.hear(max(1, int(interactions * PACED_SHARE)), pace=PACE)
                trial.figures.p50, trial.figures.p99 = 1000 * answers.within(50), 1000 * answers.within(99)
                trial.figures.peak = trial.bot.memory("VmHWM")
        return {name: trial.figures for name, trial in trials.items()}


async def _costs(
    trials: Mapping[str, Trial], count: int, kinds: Sequence[str], blocks: int
) -> Mapping[str, Cost]:
    """What some interactions cost each bot. They are served in turn in small blocks: whatever else the
    machine does then strikes both alike."""
    costs = {name: Cost() for name in trials}
    for _, name in itertools.product(range(blocks), trials):
        await trials[name].hear(costs[name], count, kinds)
    return costs


@asynccontextmanager
async def _started(name: str, servers: int, members: int, rest: float) -> AsyncIterator[Trial]:
    """A bot that has been started for the second time, and has answered some interactions."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        server = Servers(servers, members)
        await server.start()
        try:
            async with running(name, server, Path(folder)) as bot:
                await _warm_up(server, bot, rest)
            begun = time.monotonic()
            async with running(name, server, Path(folder)) as bot:
                await server.last_of_all()
                figures.start = time.monotonic() - begun
                await bot.quiet(rest)
                figures.start_cpu, figures.resident = bot.cpu(), bot.memory("VmRSS")
                await server.hear(2 * len(KINDS))
                yield Trial(server, bot, figures)
        finally:
            await server.stop()
        # Where this machine is slow, a first answer is made again in doubt, and that is no fault.
        wrong = [each for each in server.violations if TAKEN_ALREADY not in each]
        assert not wrong, wrong


async def _warm_up(server: Servers, bot: Bot, rest: float) -> None:
    """Servers are greeted, clubs are founded and get their first paper, and everybody joins."""
    await server.until(lambda: server.gateway.live, 60)
    await bot.quiet(rest)
    await server.found()
    await bot.day()
    await bot.quiet(rest)
    await server.join()
    await bot.quiet(rest)


# What is printed


def report(name: str, figures: Figures) -> None:
    """Two lines."""
    kinds = "   ".join(f"{kind} {cost:.2f}" for kind, cost in figures.kinds.items())
    print(
        f"{name}  start {figures.start:5.2f} s ({figures.start_cpu:5.2f} s of CPU)   "
        f"{figures.resident:5.1f} MB, at most {figures.peak:5.1f}\n"
        f"      CPU {figures.cpu:5.2f} ms an interaction   {figures.rate:5.0f}/s   "
        f"p50 {figures.p50:5.1f} ms   p99 {figures.p99:6.1f} ms   [{kinds}]",
        flush=True,
    )


async def main(interactions: int, rounds: int) -> None:
    """Both bots, in turn, in few servers and in many."""
    print(f"{interactions} interactions, {WAITING} of them always waiting; latency at {PACE} a second.")
    print("In brackets: CPU of each kind alone, in ms.")
    for servers in SERVERS:
        print(f"In {servers} servers of {MEMBERS} members, {CHANNELS} channels and {ROLES} roles:")
        seen: dict[str, list[Figures]] = {name: [] for name in BOTS}
        for _ in range(rounds):
            for name, figures in (await measure(interactions, servers)).items():
                report(name, figures)
                seen[name].append(figures)
        compare(seen["ours"], seen["bare"], {"start": lambda figures: figures.start})


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*(given + [1200, 3][len(given) :])))
