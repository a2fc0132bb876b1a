"""Whatever comes from Telegram, the house goes on: invented, broken and real updates, from a seed.

make fuzz                                100,000 updates, some minutes
FUZZ_UPDATES=5000 FUZZ_SEED=7 .venv/bin/pytest -s tests/platforms/telegram/test_fuzz.py
"""

import copy
import gc
import json
import logging
import os
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from bot.app import House, open_house
from bot.settings import Settings
from tests.fuzzing import Ear, blocks_in_use
from tests.house import HOUR, FakeClock
from tests.record import assert_sound
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_checks import Json
from tests.servers.telegram_fuzz import Town, places, query_id

UPDATES = int(os.environ.get("FUZZ_UPDATES", "2000"))
SEED = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))

SLICE = 250
"""After so many updates it is looked at what became of them, and some hours go by."""

PATIENCE = 30
"""How long it is waited for, in seconds, until a slice is done: far longer than it takes."""

KEPT = 20
"""How many messages the world keeps of each chat."""

BLOCKS_AN_UPDATE = 3.0
"""How many blocks of memory an update may leave behind, on average over the second half of a long run.
What is kept of a message by chance, such as its lane's task, is a dozen blocks and more."""


class Run:
    """The house on the strict server, and a watch on both."""

    def __init__(self, server: TelegramServer, house: House, clock: FakeClock, town: Town, ear: Ear) -> None:
        self.server = server
        self.house = house
        self.clock = clock
        self.town = town
        self.ear = ear

    async def go_on(self, updates: int) -> None:
        """Let so many updates come; fails at the first slice in which anything is wrong."""
        fed: list[Json] = []
        while len(fed) < updates:
            fed += self.town.happen()
        wrong = await self._outcome(fed, PATIENCE)
        if wrong:
            pytest.fail(await self._told(wrong, fed), pytrace=False)
        self.clock.advance(2 * HOUR)
        await self.house.tick()
        self._forget()

    async def _outcome(self, fed: list[Json], patience: float) -> list[str]:
        """What is wrong after these updates, for which it is waited so many seconds at most."""
        pressed = Counter(filter(None, map(query_id, fed)))
        with suppress(TimeoutError):
            await self.server.settled(patience)
            await self.house.sender.settled()
            await self.server.until(lambda: pressed <= self._answers(), patience)
            await self.server.settled(patience)
        gc.collect()  # a task that failed unheard complains when it is collected
        wrong, self.ear.heard = self.ear.heard, []
        wrong += self.server.violations
        self.server.violations.clear()
        if self.server.updates.pending:
            wrong.append(f"{len(self.server.updates.pending)} updates are not taken")
            self.server.updates.drop()
        answers = self._answers()
        wrong += [
            f"the press {q} was answered {answers[q]} times"
            for q in pressed | answers
            if answers[q] != pressed[q]
        ]
        self.server.calls.clear()
        return wrong

    def _answers(self) -> Counter[str]:
        return Counter(
            call.params["callback_query_id"]
            for call in self.server.calls
            if call.method == "answerCallbackQuery"
        )

    def _forget(self) -> None:
        """Let the world grow no further, so that it can be seen whether the house does."""
        world, api = self.server.world, self.server.api
        for chat in world.chats.values():
            for message_id in list(chat.messages)[:-KEPT]:
                del chat.messages[message_id]
            del chat.pinned[:-1]
        for poll_id in list(world.polls)[:-300]:
            del world.polls[poll_id]
        api.files.clear()
        api.actions.clear()
        api.open_queries.clear()

    # When something is wrong

    async def _told(self, wrong: list[str], fed: list[Json]) -> str:
        """What is wrong, and the smallest update that does it, if one alone does."""
        lines = [f"FUZZ_SEED={SEED}", *list(dict.fromkeys(wrong))[:20]]
        print("\n".join(lines))
        for update in fed:
            if again := await self._offends(update):
                small = await self._shrunk(update)
                return "\n".join([*lines, "The update that does it:", json.dumps(small, indent=1), *again])
        return "\n".join([*lines, "No update does it alone; the last were:", *map(json.dumps, fed[-5:])])

    async def _offends(self, update: Json) -> list[str]:
        last = self.server.updates.last_id
        again = copy.deepcopy(update)
        query = again.get("callback_query")
        if isinstance(query, dict) and query_id(again):
            query["id"] = f"{query['id'][:2]}00{last}"
        self.clock.advance(60)
        self.town.send(again)
        return await self._outcome([again], PATIENCE / 10)

    async def _shrunk(self, update: Json) -> Json:
        """The update without anything that does not matter."""
        smaller = True
        while smaller:
            smaller = False
            for n in range(sum(1 for _ in places(update))):
                tried = copy.deepcopy(update)
                holder, key = list(places(tried))[n]
                del holder[key]
                if await self._offends(tried):
                    update, smaller = tried, True
                    break
        return update


def settings_for(server: TelegramServer, folder: Path) -> Settings:
    """The settings of a house that serves Telegram alone."""
    return Settings(
        telegram_token=server.token,
        telegram_api_url=server.url,
        data=folder,
        database=folder / "club.sqlite3",
        web=None,
    )


async def test_updates_that_cannot_be_read_keep_nobody_waiting(tmp_path: Path) -> None:
    clock = FakeClock()
    async with TelegramServer() as server:
        async with open_house(settings_for(server, tmp_path), clock, timer=clock, ticking=False):
            await server.settled()
            ana = server.user("Ana")
            for kind, content in (("message", []), ("chat_boost", {}), ("callback_query", {"id": 5})):
                server.updates.add_raw({kind: content})
            private = server.private(ana)
            assert (await server.reply(private, server.say(private, ana, "/paper today"), PATIENCE)).text
            await server.settled()
        assert server.violations == []


@pytest.mark.timeout(120 + UPDATES // 20)
async def test_no_update_stops_the_house(tmp_path: Path) -> None:
    print(f"\n{UPDATES} updates, FUZZ_SEED={SEED}")
    clock = FakeClock()
    async with TelegramServer() as server:
        town = Town(server, SEED)
        ear = Ear()
        logging.getLogger().addHandler(ear)
        try:
            async with open_house(settings_for(server, tmp_path), clock, timer=clock, ticking=False) as house:
                run = Run(server, house, clock, town, ear)
                await server.settled()
                town.found()
                begun, half, blocks = server.updates.last_id, 0, 0
                while server.updates.last_id - begun < UPDATES:
                    await run.go_on(SLICE)
                    if (done := server.updates.last_id - begun) // 10_000 > (done - SLICE) // 10_000:
                        print(f"{done} updates", flush=True)
                    if not half and server.updates.last_id - begun >= UPDATES // 2:
                        half, blocks = server.updates.last_id, blocks_in_use()
                left = (blocks_in_use() - blocks) / max(1, server.updates.last_id - half)
                print(f"{left:.2f} blocks of memory left behind by an update")
                await still_answers(server, town)
                await server.settled(PATIENCE)
        finally:
            logging.getLogger().removeHandler(ear)
        assert left <= BLOCKS_AN_UPDATE or UPDATES < 50_000
        assert server.updates.pending == []
        assert server.violations == []
        assert ear.heard == []
        assert_sound(tmp_path / "club.sqlite3")


async def still_answers(server: TelegramServer, town: Town) -> None:
    """`/paper today` is answered in every group, and to a newcomer in private."""
    for group in town.groups:
        if not group.member(server.bot).present:
            server.add_bot(group, town.organiser(group))
        server.promote(group, town.organiser(group), ["can_manage_topics"])
        await server.settled()
        said = server.say(group, town.organiser(group), "/paper today")
        assert (await server.reply(group, said, PATIENCE)).text
    newcomer = server.user("Newcomer")
    private = server.private(newcomer)
    assert (await server.reply(private, server.say(private, newcomer, "/paper today"), PATIENCE)).text
