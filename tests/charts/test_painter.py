"""The painter: real PNGs from its own process, and words where no font will do."""

import asyncio
import logging
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from bot.charts import painter as painting
from bot.charts.painter import SvgPainter
from bot.charts.raster import rasterise
from bot.charts.svg import WIDTH
from bot.domain.languages import Language
from tests.charts.test_path import TOKENS, shipped
from tests.pictures import PATH

CHINESE = msgspec.structs.replace(PATH, language=Language.ZH, title="深度学习")


@pytest.fixture
async def hired() -> AsyncIterator[Callable[..., SvgPainter]]:
    """Makes painters, and dismisses them in the end."""
    painters: list[SvgPainter] = []

    def hire(fonts: list[str] | None = None) -> SvgPainter:
        painters.append(SvgPainter(TOKENS, fonts))
        return painters[-1]

    yield hire
    for each in painters:
        each.close()


@dataclass(frozen=True)
class Pixels:
    """A PNG, unpacked."""

    width: int
    height: int
    rows: list[bytes]


def unpacked(png: bytes) -> Pixels:
    """A PNG of eight-bit RGBA as rows of bytes, without undoing their filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    data, place = b"", 8
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        data += png[place + 8 : place + 8 + length] if name == b"IDAT" else b""
        place += 12 + length
    raw = zlib.decompress(data)
    step = 4 * width + 1
    return Pixels(width, height, [raw[i : i + step] for i in range(0, len(raw), step)])


needs_chinese = pytest.mark.skipif(
    rasterise('<svg xmlns="http://www.w3.org/2000/svg"><text>读</text></svg>', 8) is None,
    reason="no font of this machine shows Chinese (Debian: fonts-wqy-microhei)",
)


@pytest.mark.parametrize("language", [Language.EN, pytest.param(Language.ZH, marks=needs_chinese)])
async def test_a_png_has_the_size_of_its_drawing_and_something_in_it(
    hired: Callable[..., SvgPainter], language: Language
) -> None:
    painter, path = hired(), shipped(language)
    png = await painter.png(path)
    assert png is not None
    pixels = unpacked(png)
    units = float(painter.svg(path).partition('height="')[2].partition('"')[0])
    assert pixels.width == 2 * WIDTH
    assert abs(pixels.height - 2 * units) <= 1
    assert len(set(pixels.rows)) > pixels.height / 4
    assert 10_000 < len(png) < 10_000_000


@needs_chinese
async def test_chinese_characters_are_drawn_and_differ(hired: Callable[..., SvgPainter]) -> None:
    """Boxes for glyphs that are missing would all look the same."""
    painter = hired()
    titles = ["深度学习", "网络训练", "\ue000\ue001\ue002\ue003"]
    drawn = [await painter.png(msgspec.structs.replace(CHINESE, title=title)) for title in titles]
    assert None not in drawn
    assert len(set(drawn)) == 3


async def test_without_a_font_for_chinese_there_is_no_png_of_it(
    hired: Callable[..., SvgPainter], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In a folder without fonts nothing can be shown at all."""
    painter = hired([str(tmp_path)])
    with caplog.at_level(logging.WARNING):
        assert await painter.png(CHINESE) is None
        assert await painter.png(PATH) is None
    assert "words are sent instead" in caplog.text


def latin_font() -> Path | None:
    """A folder of this machine that has a font without Chinese."""
    folders = (Path("/usr/share/fonts/truetype") / name for name in ("liberation", "dejavu"))
    return next((folder for folder in folders if folder.is_dir()), None)


@pytest.mark.skipif(latin_font() is None, reason="no Latin font of its own is known here")
async def test_a_latin_font_shows_english_and_no_chinese(hired: Callable[..., SvgPainter]) -> None:
    painter = hired([str(latin_font())])
    assert await painter.png(PATH)
    assert await painter.png(CHINESE) is None


IMAGE_FONTS = Path("/usr/share/fonts/truetype/wqy")


@pytest.mark.skipif(not IMAGE_FONTS.is_dir(), reason="Debian’s fonts-wqy-microhei is not installed")
async def test_the_one_font_of_the_docker_image_shows_both_languages(
    hired: Callable[..., SvgPainter],
) -> None:
    """Neither Times New Roman nor Arial is there, which the library takes for what is not named."""
    painter = hired([str(IMAGE_FONTS)])
    assert await painter.png(PATH)
    assert await painter.png(CHINESE)


async def test_a_picture_is_drawn_once_and_only_the_latest_are_kept(
    hired: Callable[..., SvgPainter], monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = hired()
    asked: list[str] = []

    async def painted(svg: str) -> bytes:
        asked.append(svg)
        return svg.encode()

    monkeypatch.setattr(painter, "_painted", painted)
    paths = [msgspec.structs.replace(PATH, title=str(i)) for i in range(painting.KEPT + 1)]
    await painter.png(paths[0])
    await painter.png(paths[0])
    assert len(asked) == 1
    for path in paths[1:]:
        await painter.png(path)
    await painter.png(paths[-1])
    assert len(asked) == len(paths)
    await painter.png(paths[0])
    assert len(asked) == len(paths) + 1


async def test_a_process_that_dies_costs_one_picture_and_no_more(
    hired: Callable[..., SvgPainter], caplog: pytest.LogCaptureFixture
) -> None:
    painter = hired()
    assert await painter.png(PATH)
    assert painter._pool
    for process in painter._pool._processes.values():
        process.kill()
        process.join()
    other = msgspec.structs.replace(PATH, title="Another")
    with caplog.at_level(logging.WARNING):
        assert await painter.png(other) is None
    assert "could not be drawn" in caplog.text
    assert await painter.png(other)


async def test_closing_waits_for_no_picture_and_leaves_no_process(hired: Callable[..., SvgPainter]) -> None:
    painter = hired()
    assert await painter.png(PATH)
    assert painter._pool
    (process,) = painter._pool._processes.values()
    drawing = asyncio.create_task(painter.png(msgspec.structs.replace(PATH, title="Another")))
    await asyncio.sleep(0)
    painter.close()
    assert await drawing is None or drawing.result()
    await asyncio.to_thread(process.join, 10)
    # Not its exit code: the pool's own thread may have been the one to learn it.
    assert process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_opening_the_house_imports_no_rasteriser() -> None:
    """Not even when a painter is there: only its process does."""
    code = (
        "import sys, bot.app, bot.charts.painter; "
        "sys.exit(any(name.startswith('resvg') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
