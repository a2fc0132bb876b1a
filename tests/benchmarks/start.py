"""How long a start and a stop take, and how much memory all three platforms need together.

Run with `python -m tests.benchmarks.start [times]`. Prints, for each run and in the median: milliseconds
from the process's start until it says that it is open with both chats connected, milliseconds from
SIGTERM to its end, and megabytes resident in between.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.processes import running
from tests.servers.discord import DiscordServer
from tests.servers.telegram import TelegramServer
from tests.test_process import DISCORD_TOKEN, TELEGRAM_TOKEN


async def measure(times: int) -> None:
    """Start and stop the program some times, and print a line for each."""
    telegram, discord = TelegramServer(token=TELEGRAM_TOKEN), DiscordServer(token=DISCORD_TOKEN)
    await telegram.start()
    await discord.start()
    settings = {
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "DISCORD_TOKEN": DISCORD_TOKEN,
        "DISCORD_API_URL": discord.api_url,
    }
    rows = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            async with running(Path(folder), settings) as program:
                await program.until_open()
                ready = time.perf_counter()
                await program.until_logged("discord is served")
                megabytes = program.memory() / 1e6
                asked = time.perf_counter()
                await program.stop()
                rows.append(((ready - begun) * 1000, (time.perf_counter() - asked) * 1000, megabytes))
        print("start {:6.0f} ms   stop {:6.0f} ms   memory {:6.1f} MB".format(*rows[-1]))
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    print("median: start {:.0f} ms, stop {:.0f} ms, memory {:.1f} MB".format(*medians))
    await telegram.stop()
    await discord.stop()


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
