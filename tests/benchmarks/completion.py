"""How long somebody who types waits for what completes it, beside a bot that offers the same words to all.

Run with `python -m tests.benchmarks.completion [times]`. On the strict Discord a member types into the
options of a club on a database on disk: numbers, words, authors, Chinese, slips, and what is like nothing.
Each text is typed so many times, one after the other, to our whole house and to a bare discord.py client that
answers with constant choices. Printed is for each text how long it took from the interaction to its answer,
server included, in milliseconds: the median, and the longest. Discord takes what comes within three seconds;
people feel what takes longer than 100 ms.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import open_house
from bot.settings import Settings
from tests.conversations.stage import START
from tests.house import FakeClock
from tests.servers.discord import Channel, DiscordServer, User

TIMES = 50
TYPED = [
    ("paper show", "paper", text)
    for text in ("", "1", "dr", "dropout", "attention is all", "hinton", "归一", "dropuot", "nothing like it")
]
TYPED += [("glossary", "term", "drop"), ("settings timezone", "zone", "a"), ("schedule rest", "date", "")]

Waited = dict[tuple[str, str, str], list[float]]


async def measure(times: int) -> tuple[Waited, Waited]:
    """What was waited for our house, and for the bare client."""
    with tempfile.TemporaryDirectory() as folder:
        ours = await _served(lambda server: _by_house(server, Path(folder), times))
    return ours, await _served(lambda server: _by_bare_client(server, times))


async def _served(run: Callable[[DiscordServer], Awaitable[Waited]]) -> Waited:
    server = DiscordServer(clock=lambda: START)
    await server.start()
    try:
        return await run(server)
    finally:
        await server.stop()


async def _by_house(server: DiscordServer, folder: Path, times: int) -> Waited:
    guild = server.guild("Readers", channels=["general"])
    general, ines = guild.channel("general"), guild.member("Ines", manage_guild=True)
    settings = Settings(
        discord_token=server.token,
        discord_api_url=server.api_url,
        data=folder,
        database=folder / "db",
        web=None,
    )
    clock = FakeClock(START)
    async with open_house(settings, clock, timer=clock, ticking=False):
        await server.until(lambda: server.messages(general))
        await (await server.command(general, ines, "start")).reply()
        return await _type(server, general, ines, times)


async def _by_bare_client(server: DiscordServer, times: int) -> Waited:
    guild = server.guild("Readers", channels=["general"])
    usual = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.api_url, yarl.URL(server.gateway_url)
    client = discord.Client(intents=discord.Intents(guilds=True))
    choices = [app_commands.Choice(name=f"{n} · A paper of the plan", value=f"paper-{n}") for n in range(25)]

    @client.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        await interaction.response.autocomplete(choices)

    option = {"name": "", "description": "x", "type": 3, "autocomplete": True}
    for number, (path, name, _) in enumerate(dict.fromkeys(TYPED)):
        group, _, row = path.partition(" ")
        options: list[dict[str, Any]] = [{**option, "name": name}]
        inside = [{"name": row, "description": "x", "type": 1, "options": options}] if row else options
        known = {"id": str(number), "name": group, "type": 1, "options": inside}
        server.world.commands[None][number] = known
    serving = asyncio.create_task(client.start(server.token))
    try:
        await server.connected()
        await client.wait_until_ready()
        return await _type(server, guild.channel("general"), guild.member("Ines"), times)
    finally:
        await client.close()
        await asyncio.gather(serving, return_exceptions=True)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = usual


async def _type(server: DiscordServer, channel: Channel, who: User, times: int) -> Waited:
    waited: Waited = {typed: [] for typed in TYPED}
    for typed in TYPED * times:
        path, option, text = typed
        before = time.perf_counter()
        await server.autocomplete(channel, who, path, option, text)
        waited[typed].append(1000 * (time.perf_counter() - before))
    return waited


def main() -> None:
    """Print what was waited."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    ours, bare = asyncio.run(measure(times))
    print(f"{'typed':40} {'ours':>8} {'longest':>8} {'bare':>8} {'longest':>8}   (ms)")
    for typed in TYPED:
        path, option, text = typed
        told = (f(each[typed]) for each in (ours, bare) for f in (statistics.median, max))
        print(f"{f'/{path} {option}:{text}':40} " + " ".join(f"{each:8.1f}" for each in told))


if __name__ == "__main__":
    main()
