"""The real program as a process of its own, as a host runs it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import PREFIXES

ROOT = Path(__file__).parent.parent


@dataclass
class Running:
    """A running `paperclub run`. `said` and `logged` hold its lines of output and of errors."""

    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def address(self) -> str:
        """The web room's address, which is said last."""
        return self.said[-1].rpartition(" ")[2]

    async def until_logged(self, words: str) -> str:
        """The first line of errors that holds some words."""
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: any(words in line for line in self.logged))
        return next(line for line in self.logged if words in line)

    async def until_open(self) -> None:
        """Return when it says that it is open, or fail with what it said instead."""
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: bool(self.said) or self.process.returncode is not None)
        assert self.said, "\n".join(self.logged)

    async def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return await self.process.wait()

    def memory(self) -> int:
        """Its resident memory, in bytes; Linux only."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    async def listen(self, stream: asyncio.StreamReader, lines: list[str]) -> None:
        """Keep what it says."""
        async for line in stream:
            async with self._news:
                lines.append(line.decode().rstrip("\n"))
                self._news.notify_all()
        async with self._news:
            await self.process.wait()
            self._news.notify_all()


@asynccontextmanager
async def running(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Running]:
    """`paperclub run` in an empty folder with these settings and no others. Killed in the end, if it
    has not ended by itself."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
    environment |= {"PAPERCLUB_DATA": str(folder), "PAPERCLUB_WEB": "127.0.0.1:0", "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=folder,
        env=environment | dict(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    program = Running(process)
    async with asyncio.TaskGroup() as ears:
        ears.create_task(program.listen(process.stdout, program.said))
        ears.create_task(program.listen(process.stderr, program.logged))
        try:
            yield program
        finally:
            if process.returncode is None:
                process.kill()
