"""What befalls a run of posts: the trouble each call meets, and the moments at which the process dies."""

import asyncio
import random
from asyncio.subprocess import Process
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

TROUBLES: Final = {
    "": 70,  # none
    "drop-before": 4,
    "drop-after": 4,
    "reset-before": 2,
    "reset-after": 3,
    "500": 3,
    "500-after": 3,
    "502-html": 3,
    "502-html-after": 2,
    "429:1": 3,
    "slow:1": 2,
    "slow:12": 1,  # longer than an answer is waited for on Telegram
}
"""Kinds of trouble, as both servers know them, and how many of a hundred calls meet each."""

MOMENTS: Final = {
    "before it was done": 3,
    "before its answer": 3,
    "right after its answer": 3,
    "a moment later": 2,
    "at the start": 2,
}
"""When the process dies: of the call that is aimed at, or as it starts; and how often each is chosen."""

FEWEST, MOST = 1, 9
"""Which call of a life is aimed at, at the least and at the most."""

START_SECONDS = 1.5
"""Within how long after its birth a process dies that is to die at the start."""

SOON_SECONDS = {"right after its answer": 0.05, "a moment later": 0.6}
"""Within how long after the call the process dies."""


@dataclass
class Reaper:
    """Hears of every call that sends something, on all platforms, and decides by chance."""

    chance: random.Random
    victim: Process | None = None
    kills: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    quiet: bool = False
    """Nothing goes wrong any more."""

    def aim(self, victim: Process) -> None:
        """Choose when a process that was just started is to die."""
        self.victim = victim
        self._moment = self._chosen(MOMENTS)
        self._left = self.chance.randint(FEWEST, MOST)
        if self._moment == "at the start":
            self._left = 0
            self._strike_within(START_SECONDS)

    def strike(self, moment: str | None = None) -> None:
        """Kill -9, if it is alive."""
        if self.victim and self.victim.returncode is None:
            self.victim.kill()
            self.kills[moment or self._moment] += 1
        self.victim = None

    def heard(self, call: str) -> str | None:
        """The trouble a call meets; the call that is aimed at is the last of its process, or nearly."""
        if self.quiet:
            return None
        if self.victim:
            self._left -= 1
            if self._left == 0:
                return self._last_call()
        kind = self._chosen(TROUBLES)
        if kind:
            self.troubles[kind] += 1
        return kind or None

    def _last_call(self) -> str | None:
        match self._moment:
            case "before it was done":
                self.strike()
                return "drop-before"
            case "before its answer":
                self.strike()
            case moment:
                self._strike_within(SOON_SECONDS[moment])
        return None

    def _strike_within(self, seconds: float) -> None:
        victim = self.victim

        def strike() -> None:
            if self.victim is victim:
                self.strike()

        asyncio.get_running_loop().call_later(self.chance.uniform(0, seconds), strike)

    def _chosen(self, weighted: dict[str, int]) -> str:
        return self.chance.choices(list(weighted), list(weighted.values()))[0]
