"""Whatever comes from Discord, everybody is answered: real, invented and forged interactions, from a seed.

make discord-fuzz                                20,000 interactions, some minutes
FUZZ_INTERACTIONS=5000 FUZZ_SEED=7 .venv/bin/pytest -s tests/platforms/discord/test_fuzz.py
"""

import asyncio
import gc
import json
import logging
import os
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.app import House, open_house
from bot.platforms.discord import talk
from bot.settings import Settings
from tests.fuzzing import Ear, blocks_in_use
from tests.house import HOUR, FakeClock
from tests.platforms.discord.home import Home
from tests.record import assert_sound
from tests.servers.discord import DiscordServer, Intent, Interaction
from tests.servers.discord_fuzz import Town

INTERACTIONS = int(os.environ.get("FUZZ_INTERACTIONS", "1500"))
SEED = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))

CROWD = 20
"""How many things happen at once."""

SLICE = 250
"""After so many interactions some hours go by, and the world forgets."""

PATIENCE = 30
"""How long it is waited for, in seconds, until a crowd is answered: far longer than it takes."""

KEPT = 8
"""How many messages the world keeps of each channel."""

BLOCKS_AN_INTERACTION = 9.0
"""How many blocks of memory an interaction may leave behind, on average over the second half of a long
run: some, as the world fills up. What is kept of one by chance is a dozen blocks and more."""


class Run:
    """The house on the strict server, and a watch on both."""

    def __init__(self, server: DiscordServer, house: House, clock: FakeClock, town: Town, ear: Ear) -> None:
        self.server = server
        self.house = house
        self.clock = clock
        self.town = town
        self.ear = ear

    async def go_on(self, interactions: int) -> int:
        """Let so many interactions come, or a few more; fails at the first crowd in which anything is
        wrong."""
        done = 0
        while done < interactions:
            happened = [self.town.happen() for _ in range(CROWD)]
            asked = [each for each in happened if each]
            done += len(asked)
            wrong = await self._outcome(asked, PATIENCE)
            if wrong:
                pytest.fail(await self._told(wrong, asked), pytrace=False)
        self.clock.advance(6 * HOUR)
        await self.house.tick()
        await self.house.sender.settled()
        self._forget()
        return done

    async def _outcome(self, asked: list[Interaction], patience: float) -> list[str]:
        """What is wrong after these interactions, for which it is waited so many seconds at most."""
        with suppress(AssertionError):
            await self.server.until(lambda: all(map(is_answered, asked)), patience)
        if at_work := [task for task in asyncio.all_tasks() if is_of_talk(task)]:
            await asyncio.wait(at_work, timeout=patience)
        await self.house.sender.settled()
        wrong, self.ear.heard = self.ear.heard, []
        wrong += self.server.violations
        self.server.violations.clear()
        wrong += [
            f"not answered: {json.dumps(self.town.told[each.token])[:3000]}"
            for each in asked
            if not is_answered(each)
        ]
        return wrong

    def _forget(self) -> None:
        """Let the world grow no further, so that it can be seen whether the house does."""
        gc.collect()  # a task that failed unheard complains when it is collected
        self.town.remember()
        world = self.server.world
        for channel in list(world.channels.values()):
            if channel.deleted and channel.guild:
                del world.channels[channel.id], channel.guild.channels[channel.id]
            for message_id in list(channel.written)[:-KEPT]:
                del channel.written[message_id]
        with_forms = [token for token, each in world.interactions.items() if each.form][-20:]
        for token, interaction in list(world.interactions.items()):
            if token not in with_forms:
                del world.interactions[token]
                # Else a message would hold the one under whose button it was asked for, and that one another.
                interaction.source = interaction.original = None
                interaction.replies.clear()
        world.nonces.clear()
        self.town.forget()
        self.server.calls.clear()
        self.server.gateway.heard.clear()
        for session in self.server.gateway.sessions.values():
            session.sent[:-10] = [{}] * len(session.sent[:-10])

    async def _told(self, wrong: list[str], asked: list[Interaction]) -> str:
        """What is wrong, and the interaction that does it, if one alone does."""
        lines = [f"FUZZ_SEED={SEED}", *list(dict.fromkeys(wrong))[:20]]
        print("\n".join(lines))
        for each in asked:
            if again := await self._outcome([self.town.again(each)], PATIENCE / 10):
                shown = json.dumps(self.town.told[each.token], indent=1)[:6000]
                return "\n".join([*lines, "The interaction that does it:", shown, *again])
        return "\n".join([*lines, "No interaction does it alone."])


def is_answered(interaction: Interaction) -> bool:
    """Whether an interaction is acknowledged, and what was announced said or taken back."""
    return interaction.acknowledged and not interaction.unfilled


def is_of_talk(task: asyncio.Task[Any]) -> bool:
    """Whether a task is about something that was heard. After a press is acknowledged its answer may be yet
    to come, of which Discord knows nothing."""
    return getattr(task.get_coro(), "__qualname__", "").startswith(f"{talk.Talk.__name__}.")


def settings_for(server: DiscordServer, folder: Path) -> Settings:
    """The settings of a house that serves Discord alone."""
    return Settings(
        discord_token=server.token,
        discord_api_url=server.api_url,
        data=folder,
        database=folder / "club.sqlite3",
        web=None,
    )


async def test_what_cannot_be_read_keeps_nobody_waiting(home: Home) -> None:
    world, guild = home.server.world, home.guild
    for event, shown in (
        ("INTERACTION_CREATE", {"id": "5", "type": 2}),
        ("GUILD_CREATE", {"id": "6", "unavailable": False, "channels": [{}]}),
        ("THREAD_CREATE", {"guild_id": str(guild.id)}),
    ):
        world.emit(event, shown, Intent(0), None)
    assert (await home.say(home.general, home.ines, "start")).text
    assert home.server.gateway.identified == 1


@pytest.mark.timeout(120 + INTERACTIONS // 10)
async def test_every_interaction_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    print(f"\n{INTERACTIONS} interactions, FUZZ_SEED={SEED}")
    clock = FakeClock()
    server = DiscordServer(clock=lambda: float(clock.now()))
    await server.start()
    town = Town(server, SEED)
    ear = Ear()
    logging.getLogger().addHandler(ear)
    done = half = blocks = 0
    left = 0.0
    try:
        # The house is opened twice: what was said before a restart is pressed after it.
        for last in (False, True):
            identified = server.gateway.identified
            async with open_house(settings_for(server, tmp_path), clock, timer=clock, ticking=False) as house:
                await begun(server, identified)
                run = Run(server, house, clock, town, ear)
                monkeypatch.setattr(talk, "ANSWER_WITHIN", 60)
                if not last:
                    town.arrive()
                    await town.found()
                while done < (INTERACTIONS if last else INTERACTIONS // 4):
                    # Announcing a slow answer goes by real time; in every fourth slice all are slow.
                    slow = done // SLICE % 4 == 3
                    monkeypatch.setattr(talk, "ANSWER_WITHIN", 0 if slow else 60)
                    done += await run.go_on(SLICE)
                    if done // 5000 > (done - SLICE) // 5000:
                        print(f"{done} interactions", flush=True)
                    if not half and done >= INTERACTIONS // 2:
                        half, blocks = done, blocks_in_use()
                if last:
                    left = (blocks_in_use() - blocks) / max(1, done - half)
                    print(f"{left:.2f} blocks of memory left behind by an interaction")
                    monkeypatch.setattr(talk, "ANSWER_WITHIN", 60)
                    await still_answers(server, town)
    finally:
        logging.getLogger().removeHandler(ear)
        await server.stop()
    assert server.violations == []
    assert ear.heard == []
    assert_sound(tmp_path / "club.sqlite3")
    assert left <= BLOCKS_AN_INTERACTION or INTERACTIONS < 10_000


async def begun(server: DiscordServer, identified: int) -> None:
    """Wait until the bot has identified once more than so often."""
    await server.until(lambda: server.gateway.identified > identified)


async def still_answers(server: DiscordServer, town: Town) -> None:
    """`/paper today` is answered in every server, and to a newcomer in private."""
    for guild in town.guilds:
        if guild.has_bot:
            asked = await server.command(guild.channel("general"), town.organiser(guild), "paper today")
            assert (await asked.reply(within=PATIENCE)).text
    newcomer = server.user("Newcomer")
    asked = await server.command(server.dm(newcomer), newcomer, "paper today")
    assert (await asked.reply(within=PATIENCE)).text
