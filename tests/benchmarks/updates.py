"""What an update on Telegram costs, beside a bare bot that answers a constant.

Run with `python -m tests.benchmarks.updates [updates] [rounds]`. Two hundred members of twenty clubs in
their third week say `/paper today`, `/quiz` and `/progress`, in their groups and in private, and press
*I’ve read it*, one as often as the other. They are heard in turn by our whole house on a database on disk,
and by a bot of python-telegram-bot as it comes, which looks at nothing and says “ok”. Each bot is a process
of its own, and the strict server is a third, so that CPU is each bot's alone: all its threads, from the
first update to the last answer, after a warm-up.

Printed are, for each bot and each round: milliseconds of CPU an update; updates a second when all of them
are waiting; from updates that arrive at a moderate pace, how long it takes until one is answered, by the
server's clock; the most memory that was ever resident; and CPU for each kind of update alone. Then the
medians' ratios, ours by the bare bot's. On a shared machine, trust the ratios and their spread.
"""

import asyncio
import gc
import itertools
import multiprocessing
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, CommandHandler

from bot import app
from bot.app import PLAN, open_house
from bot.domain.clubs import Club
from bot.domain.languages import ClubLanguage, Language
from bot.platforms.pace import Limits
from bot.platforms.telegram import client
from bot.platforms.telegram.render import Bubble, render
from bot.settings import Settings
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.papers import paper_message
from schedules.clock import SystemTimer
from tests.benchmarks.rounds import Answers, Round, compare, undisturbed
from tests.house import DAY, FakeClock, library, words
from tests.pictures import StubPainter
from tests.servers.telegram import Call, Chat, TelegramServer
from tests.servers.telegram import Message as Posted

GROUPS, MEMBERS, DAYS = 20, 200, 15
"""Clubs, the people in all of them together, and how long the clubs have been reading."""

PACE = 60
"""Updates a second in the phase in which latency is taken."""

PACED_SHARE = 0.25
"""How many updates that phase has, of those that are all waiting at once."""

QUIET = 1.0
"""Seconds without a call until a bot counts as having nothing left to do."""

KINDS = ("/paper today", "/quiz", "/progress", "I’ve read it")

UNPACED = Limits(per_second=1e6, in_any_second=1_000_000, chat_gap=0.0, group_minute=1_000_000)
"""The bare bot does not pace what it says, so ours may not either; what it costs to count stays."""


# The world, and what is said in it


class Readers(TelegramServer):
    """The strict server with clubs full of members, who notes when each update came and was answered."""

    def __init__(self, groups: int, members: int, rest: float) -> None:
        super().__init__()
        self._rest = rest
        self.people = [self.user(f"Reader {n}", username=f"reader{n}") for n in range(members)]
        self.organiser = self.user("Ines", username="ines")
        self.groups = [
            self.group(f"Readers {n}", admins=[self.organiser], members=self.people[n::groups], bot=None)
            for n in range(groups)
        ]
        self._cards = [[self._card(group, card) for card in _cards()] for group in self.groups]
        self._pressed = [0] * members
        self._said: defaultdict[int, deque[int]] = defaultdict(deque)
        self._queries: dict[str, int] = {}
        self._came: list[float] = []
        self._took: list[float] = []
        self._last_call = 0.0
        self._all_answered = asyncio.Event()

    async def found(self) -> None:
        """The organiser brings the bot into each group, and each person begins a talk in private."""
        for group in self.groups:
            self.add_bot(group, by=self.organiser)
        for person in self.people:
            self.say(self.private(person), person, "/start")
        await self.quiet()

    async def quiet(self) -> None:
        """Return when the bot has nothing left to do."""
        wait = self._rest
        while wait > 0:
            await asyncio.sleep(wait)
            quiet = time.monotonic() - self._last_call
            wait = self._rest if self.updates.pending else self._rest - quiet

    async def hear(self, count: int, kinds: Sequence[str] = KINDS, pace: float | None = None) -> "Answers":
        """Have so many updates answered: so many a second, or as fast as can be."""
        self._came.clear()
        self._took.clear()
        self._all_answered.clear()
        begun = time.monotonic()
        for number in range(count):
            if pace:
                await asyncio.sleep(max(0.0, begun + number / pace - time.monotonic()))
            self._came.append(time.monotonic())
            person = number % len(self.people)
            # Everybody asks everything in turn, and a club's members ask it side by side.
            turn = number + number // len(self.groups) + number // len(self.people)
            self._do(number, person, kinds[turn % len(kinds)])
        await self._all_answered.wait() if count > len(self._took) else None
        return Answers(time.monotonic() - begun, sorted(self._took))

    def _do(self, number: int, person: int, kind: str) -> None:
        who, group = self.people[person], self.groups[person % len(self.groups)]
        if kind == KINDS[-1]:
            cards = self._cards[person % len(self.groups)]
            card = cards[self._pressed[person] % len(cards)]
            self._pressed[person] += 1
            self._queries[self.press(card, who, "I’ve read it").id] = number
            return
        alone = kind != KINDS[0] and person // len(self.groups) % 2
        chat = self.private(who) if alone else group
        self._said[chat.id].append(number)
        self.say(chat, who, kind)

    def _card(self, group: Chat, card: Bubble) -> Posted:
        return self.world.post(
            group,
            self.bot,
            text=card.rich.text,
            entities=[entity.to_dict() for entity in card.rich.entities],
            markup=card.keyboard.to_dict() if card.keyboard else None,
        )

    def _note(self, call: Call) -> None:
        super()._note(call)
        if call.method == "getUpdates":
            return
        self._last_call = time.monotonic()
        number = self._answered_by(call)
        if number is not None:
            self._took.append(self._last_call - self._came[number])
            if not self._said_or_pressed():
                self._all_answered.set()

    def _answered_by(self, call: Call) -> int | None:
        """The update that a call answers: a chat is answered in the order in which it was spoken."""
        if call.method == "pinChatMessage":
            return None  # which it may not, and that is no answer
        assert call.status == 200, call
        if call.method == "answerCallbackQuery":
            return self._queries.pop(call.params["callback_query_id"], None)
        waiting = self._said.get(call.params.get("chat_id", 0))
        if not waiting or not call.method.startswith(("send", "edit")) or call.method == "sendChatAction":
            return None
        return waiting.popleft()

    def _said_or_pressed(self) -> bool:
        return bool(self._queries) or any(self._said.values())


def _cards() -> Iterator[Bubble]:
    """The week's card of every paper of the plan."""
    tools = Tools(FakeClock(), None, library(), words(), Defaults(None, "UTC", PLAN), {})  # type: ignore[arg-type]
    club = Club(1, "Readers", ClubLanguage.EN, "UTC", PLAN, 1, False, 10)
    spoken = (words()[Language.EN],)
    for week, paper_id in enumerate(tools.papers_of(PLAN), start=1):
        paper = tools.known_paper(paper_id)
        message = paper_message(tools, spoken, club, paper, "paper.heading.now", post=week)
        [card] = render(message, "-1001")
        assert isinstance(card, Bubble)
        yield card


# The bots, each in a process of its own


class NoPictures(StubPainter):
    """A painter who draws nothing, so that what the clubs were posted before takes no time."""

    def __init__(self, _: object) -> None:
        super().__init__(png=None)

    def close(self) -> None:
        """Nothing is open."""


async def _ours(url: str, token: str, folder: Path, line: Connection) -> None:
    patch.object(client, "PACE", UNPACED).start()
    patch.object(app, "SvgPainter", NoPictures).start()
    clock = FakeClock()
    settings = Settings(
        telegram_token=token, telegram_api_url=url, database=folder / "club.sqlite3", web=None
    )
    async with open_house(settings, clock, timer=SystemTimer(), ticking=False) as house:

        async def day() -> None:
            clock.advance(DAY)
            await house.tick()

        # As the program does once it is open.
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)
        await _obey(line, day)


async def _bare(url: str, token: str, _: Path, line: Connection) -> None:
    async def answer(update: Update, __: Any) -> None:
        assert update.message
        await update.message.reply_text("ok")

    async def acknowledge(update: Update, __: Any) -> None:
        assert update.callback_query
        await update.callback_query.answer("ok")

    async def day() -> None:
        """A bare bot has no days."""

    application: Application[Any, Any, Any, Any, Any, Any] = (
        ApplicationBuilder().token(token).base_url(f"{url}/bot").build()
    )
    application.add_handler(CommandHandler(["start", "paper", "quiz", "progress"], answer))
    application.add_handler(CallbackQueryHandler(acknowledge))
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling()
        await _obey(line, day)
        await application.updater.stop()
        await application.stop()


async def _obey(line: Connection, day: Callable[[], Awaitable[None]]) -> None:
    """Say how much CPU was used until now, in seconds, each time a day has passed or none; until told to
    stop."""
    line.send(time.process_time())
    while (word := await asyncio.to_thread(line.recv)) != "stop":
        if word == "day":
            await day()
        line.send(time.process_time())


BOTS = {"bare": _bare, "ours": _ours}


def _run(name: str, url: str, token: str, folder: Path, line: Connection) -> None:
    asyncio.run(BOTS[name](url, token, folder, line))


@dataclass(frozen=True)
class Bot:
    """A running bot, from outside."""

    pid: int
    line: Connection

    async def cpu(self) -> float:
        """Seconds of CPU used so far."""
        return await self._told("cpu")

    async def day(self) -> None:
        """Let a day pass."""
        await self._told("day")

    async def _told(self, word: str) -> float:
        self.line.send(word)
        return float(await asyncio.to_thread(self.line.recv))

    def peak(self) -> float:
        """The most memory it ever had resident, in megabytes; Linux only."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


@asynccontextmanager
async def running(name: str, server: TelegramServer, folder: Path) -> AsyncIterator[Bot]:
    """A bot that runs while the block does, and listens."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(name, server.url, server.token, folder, theirs)
    )
    process.start()
    theirs.close()
    try:
        await asyncio.to_thread(ours.recv)
        yield Bot(process.pid or 0, ours)
    finally:
        ours.send("stop")
        await asyncio.to_thread(process.join, 10)


# What is measured


async def measure(
    name: str,
    updates: int,
    *,
    groups: int = GROUPS,
    members: int = MEMBERS,
    days: int = DAYS,
    rest: float = QUIET,
) -> Round:
    """Let one bot serve all phases."""
    figures = Round()
    with tempfile.TemporaryDirectory() as folder:
        async with Readers(groups, members, rest) as server, running(name, server, Path(folder)) as bot:
            with undisturbed():
                await _warm_up(server, bot, days)
                figures.cpu, answers = await _cost(server, bot, updates, KINDS)
                figures.rate = updates / answers.seconds
                answers = await server.hear(max(1, int(updates * PACED_SHARE)), pace=PACE)
                figures.p50, figures.p99 = 1000 * answers.within(50), 1000 * answers.within(99)
                for kind in KINDS:
                    figures.kinds[kind], _ = await _cost(server, bot, max(1, updates // 4), [kind])
            figures.peak = bot.peak()
            assert not server.violations, server.violations
    return figures


async def _warm_up(server: Readers, bot: Bot, days: int) -> None:
    """Clubs are founded, everybody joins by a first reading, time passes, and everything is asked once."""
    await server.found()
    await server.hear(len(server.people), [KINDS[-1]])
    for _ in range(days):
        await bot.day()
        await asyncio.sleep(0.05)
    await server.quiet()
    await server.hear(2 * len(server.people))  # by then each group has its quiz
    await server.quiet()


async def _cost(server: Readers, bot: Bot, count: int, kinds: Sequence[str]) -> tuple[float, Answers]:
    """Milliseconds of CPU an update, all waiting, and their answers."""
    before = await bot.cpu()
    answers = await server.hear(count, kinds)
    return 1000 * (await bot.cpu() - before) / count, answers


# What is printed


def report(name: str, figures: Round) -> None:
    """One line."""
    kinds = "   ".join(f"{kind} {cost:.2f}" for kind, cost in figures.kinds.items())
    print(
        f"{name}  CPU {figures.cpu:5.2f} ms an update   {figures.rate:5.0f}/s   "
        f"p50 {figures.p50:5.1f} ms   p99 {figures.p99:6.1f} ms   {figures.peak:5.1f} MB   [{kinds}]",
        flush=True,
    )


async def main(updates: int, rounds: int) -> None:
    """Both bots, in turn."""
    print(f"{updates} updates of {MEMBERS} members in {GROUPS} groups; latency at {PACE} updates a second.")
    print("Ours is not paced here, as the bare bot is not. In brackets: CPU of each kind alone, in ms.")
    seen: dict[str, list[Round]] = {name: [] for name in BOTS}
    for _, name in itertools.product(range(rounds), BOTS):
        figures = await measure(name, updates)
        report(name, figures)
        seen[name].append(figures)
    compare(seen["ours"], seen["bare"])


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*(given + [2000, 3][len(given) :])))
