"""The painter: drawings as SVG at once, as PNG from a process that is started for the first of them."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from typing import assert_never

import msgspec

from bot.charts import figure, path
from bot.charts.raster import SCALE, begin, rasterise
from bot.charts.svg import WIDTH
from bot.charts.tokens import Tokens
from bot.messages.drawings import Drawing, PaperFigure, PathMap

log = logging.getLogger(__name__)

KEPT = 32
"""How many PNGs are kept, the latest asked for; one has some 150 KB."""

PATIENCE = 8.0
"""How long, in seconds, a PNG is waited for, the start of its process included."""


class SvgPainter:
    """The Painter port. `fonts` are the folders to look in instead of the system's."""

    def __init__(self, tokens: Tokens, fonts: Sequence[str] | None = None) -> None:
        self._tokens = tokens
        self._fonts = fonts
        self._pool: ProcessPoolExecutor | None = None
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def svg(self, drawing: Drawing) -> str:
        """A drawing as SVG, light or dark as whoever looks at it prefers."""
        return self._drawn(drawing, dark=True)

    async def png(self, drawing: Drawing) -> bytes | None:
        """A drawing as PNG, in light; None when it cannot be drawn here."""
        key = sha256(msgspec.json.encode(drawing)).digest()
        if key not in self._kept:
            png = await self._painted(self._drawn(drawing, dark=False))
            if png is None:
                return None
            self._kept[key] = png
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _drawn(self, drawing: Drawing, *, dark: bool) -> str:
        match drawing:
            case PathMap():
                return path.draw(drawing, self._tokens, dark=dark)
            case PaperFigure():
                return figure.draw(drawing, self._tokens, dark=dark)
            case _:
                assert_never(drawing)

    async def _painted(self, svg: str) -> bytes | None:
        pool = self._pool
        try:
            if pool is None:
                # Spawned, not forked: our own process holds threads and connections.
                pool = self._pool = ProcessPoolExecutor(1, get_context("spawn"), begin)
            async with asyncio.timeout(PATIENCE):
                work = pool.submit(rasterise, svg, SCALE * WIDTH, self._fonts)
                png = await asyncio.wrap_future(work)
        except (OSError, RuntimeError, ValueError) as error:  # among them a time-out and a broken pool
            log.warning("a picture could not be drawn: %r", error)
            if self._pool is pool:
                self.close()
            return None
        if png is None:
            log.warning("no font here shows what is written in a picture; words are sent instead")
        return png

    def close(self) -> None:
        """End the process, whatever it is at; the next picture starts another."""
        pool, self._pool = self._pool, None
        if pool:
            # Python 3.14 has `kill_workers`; before it this is the only way not to wait for a picture.
            processes = list((pool._processes or {}).values())
            pool.shutdown(wait=False)
            for process in processes:
                process.kill()
