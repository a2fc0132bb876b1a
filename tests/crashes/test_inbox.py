"""The real program is killed -9 at random while a thousand updates come: each has its effect once.

make inbox-test                          10 runs on each way in, some minutes
INBOX_RUNS=3 INBOX_SEED=7 .venv/bin/pytest -s tests/crashes/test_inbox.py
"""

import asyncio
import os
import random
import signal
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.crashes.crowd import (
    ALL,
    ASKERS,
    GROUPS,
    JOINS,
    MADE_UP,
    NOTES,
    PATIENCE,
    PRESSERS,
    SHIFTS,
    VOTERS,
    Crowd,
    free_port,
)
from tests.processes import running
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_updates import FIRST_UPDATE

RUNS = int(os.environ.get("INBOX_RUNS", "1"))
SEED = int(os.environ.get("INBOX_SEED") or random.randrange(10**6))

KILLS = 3
"""How often the program is killed in a run."""

SPREAD = 150
"""Within how many of its calls a life ends: a run of updates takes some 700."""

HANDED_IN_TROUBLE = {"": 90, "drop-before": 3, "drop-during": 4, "drop-after": 3}
"""What befalls updates on their way to the webhook, in percent."""


@dataclass
class Hunter:
    """Kills a process at one of its calls, before or after the call is done, or a moment later."""

    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    victim: Process | None = None
    left: int = 0
    awake: bool = False
    """Whether the victim has called yet: before, nothing that is handed in arrives."""

    def aim(self, victim: Process) -> None:
        """Choose at which call a process dies, if enough have died to die no more."""
        self.victim = victim if self.kills.total() < KILLS else None
        self.left = self.chance.randint(1, SPREAD)
        self.awake = False

    def heard(self, method: str) -> str | None:
        """The trouble a call meets."""
        if method != "webhook":
            self.awake = True
        if method == "getUpdates":
            return None
        if self.victim and self.awake:
            self.left -= 1
        if self.victim is None or self.left:
            return self._on_the_way() if method == "webhook" else None
        when = self.chance.choice(("before", "after", "soon"))
        if when == "soon":
            asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.05), self._kill, method, when)
            return None
        self._kill(method, when)
        return "drop-before" if when == "before" else None

    def _on_the_way(self) -> str | None:
        kinds = list(HANDED_IN_TROUBLE)
        return self.chance.choices(kinds, list(HANDED_IN_TROUBLE.values()))[0] or None

    def _kill(self, method: str, when: str) -> None:
        if self.victim and self.victim.returncode is None:
            self.victim.kill()
            self.kills[f"{method}, {when}"] += 1
        self.victim = None


@pytest.mark.timeout(240)
@pytest.mark.parametrize("way", ["polling", "webhook"])
@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS), ids=lambda seed: f"run {seed - SEED}")
async def test_every_update_has_its_effect_once_however_often_the_process_is_killed(
    tmp_path: Path, way: str, seed: int
) -> None:
    print(f"\n{ALL} updates by {way}, {KILLS} kills, INBOX_SEED={seed}")
    chance = random.Random(seed)
    async with TelegramServer() as server:
        crowd, hunter = Crowd(server, tmp_path, chance), Hunter(chance)
        await crowd.gather()
        server.mischief = hunter.heard
        settings = {"TELEGRAM_TOKEN": server.token, "TELEGRAM_API_URL": server.url, "PAPERCLUB_WEB": "off"}
        if way == "webhook":
            server.delivery.port = free_port()
            settings["PAPERCLUB_WEB"] = f"127.0.0.1:{server.delivery.port}"
            settings["TELEGRAM_WEBHOOK"] = "https://club.example.org/telegram"
        async with asyncio.TaskGroup() as tasks:
            living = tasks.create_task(live(tmp_path, settings, hunter, crowd))
            for number, _ in enumerate(crowd.acts()):
                if number % 20 == 0:
                    await server.until(lambda: crowd.unanswered() < PATIENCE, within=100)
        code, logged = living.result()
        answers = [crowd.answers_to(said) for said in crowd.lines]
        made_up = sum(MADE_UP in text for texts in answers for text in texts)
        print(f"killed {dict(hunter.kills)}; an answer may have been lost {made_up} times")

        assert code == 0
        assert hunter.kills.total() == KILLS
        assert [line for line in logged if " ERROR " in line] == []
        assert all(answers)
        assert [texts for texts in answers if len([text for text in texts if MADE_UP not in text]) > 1] == []
        rows = [club.row for club in crowd.clubs]
        assert crowd.shifts() == dict.fromkeys(rows, SHIFTS)
        assert crowd.counts("members") == dict.fromkeys(rows, VOTERS + PRESSERS + JOINS + NOTES)
        assert crowd.counts("readings") == dict.fromkeys(rows, PRESSERS + NOTES)
        assert crowd.founded_in_private() == ASKERS
        assert crowd.ask("SELECT sum(answered) FROM question_counts") == [(GROUPS * VOTERS,)]
        assert crowd.ask("SELECT count(*) FROM readings WHERE note <> ''") == [(GROUPS * NOTES,)]
        came = server.updates.last_id - FIRST_UPDATE
        assert came >= ALL
        assert crowd.ask("SELECT state, count(*) FROM inbox GROUP BY state") == [("done", came)]
        assert crowd.ask("PRAGMA integrity_check") == [("ok",)]
        assert server.violations == []
        if way == "webhook":
            assert [call for call in server.calls if call.method == "getUpdates"] == []


async def live(
    folder: Path, settings: Mapping[str, str], hunter: Hunter, crowd: Crowd
) -> tuple[int | None, list[str]]:
    """One life of the program after another until all is done; the last one's end, and what all logged."""
    logged: list[str] = []
    while True:
        async with running(folder, settings) as program:
            hunter.aim(program.process)
            done = asyncio.create_task(crowd.server.until(crowd.all_done, within=120))
            died = asyncio.create_task(program.process.wait())
            await asyncio.wait({done, died}, return_when=asyncio.FIRST_COMPLETED)
            if not died.done():
                await done
                await program.stop()
            done.cancel()
        logged += program.logged
        if await died != -signal.SIGKILL:
            return await died, logged
