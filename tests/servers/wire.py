"""A wire to a server that a test can cut or clamp."""

import asyncio
from contextlib import suppress


class Wire:
    """Listens on a port of 127.0.0.1 and passes everything on to another, both ways."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen, on the port of before if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break all connections, and take no more until started again."""
        if self._server:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def clamp(self) -> None:
        """Pass nothing on any more, without a word."""
        self._open.clear()

    def release(self) -> None:
        """Pass on what came meanwhile, and go on."""
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
        for source, target in ((reader, there_writer), (there_reader, writer)):
            self._writers.add(target)
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        self._writers.discard(target)
        target.close()
