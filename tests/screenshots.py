"""Makes the README’s pictures from the real page: `make screenshots`.

Without an argument it opens a house of its own, lets two weeks pass and a few things be said, always the
same. With the address of a running room it takes the same pictures of that, and says nothing there.
The pictures are best with the fonts that Debian calls fonts-inter, fonts-texgyre, fonts-wqy-microhei and
fonts-noto-color-emoji.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from bot.app import House, open_house
from bot.domain.languages import ClubLanguage
from bot.settings import Settings
from tests.house import HOUR, MINUTE, START, WEEK, FakeClock
from tests.platforms.web.browser import open_browser
from tests.platforms.web.pages import open_page, quiz

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
SHARPNESS = 1.5

TALK = {
    ClubLanguage.EN: (
        ("samir", "So at test time the network no longer looks at the batch at all?"),
        ("ines", "Right: it uses the averages it kept while training. One image at a time works."),
        ("lin", "I tried a batch of 2. Accuracy fell badly, and without it all was well."),
        ("samir", "Then next week’s paper should help: layer normalization does not need the batch."),
    ),
    ClubLanguage.ZH: (
        ("lin", "测试的时候就完全不看小批量了吗？"),
        ("yu", "对，用的是训练时攒下来的均值和方差，一张一张地测也行。"),
    ),
}


@dataclass(frozen=True)
class Shot:
    """One picture: who looks, in which club, how large, and what is to be seen."""

    name: str
    persona: str
    language: ClubLanguage
    size: tuple[int, int]
    dark: bool = False
    quizzed: bool = False


SHOTS = (
    Shot("room", "samir", ClubLanguage.EN, (1360, 900)),
    Shot("room-zh", "lin", ClubLanguage.ZH, (1360, 900)),
    Shot("room-phone-dark", "samir", ClubLanguage.EN, (390, 844), dark=True, quizzed=True),
)


async def main(address: str | None = None) -> None:
    """Take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with open_browser() as browser:
        for shot in SHOTS:
            if address:
                await take(browser, address, shot)
            else:
                async with furnished(shot) as found:
                    await take(browser, found, shot)


async def take(browser: Browser, address: str, shot: Shot) -> None:
    """Take one picture."""
    context = await browser.new_context(
        viewport={"width": shot.size[0], "height": shot.size[1]},
        color_scheme="dark" if shot.dark else "light",
        device_scale_factor=SHARPNESS,
        reduced_motion="reduce",
        timezone_id="UTC",
    )
    page = await context.new_page()
    await page.goto(address)
    await page.locator("#persona").select_option(shot.persona)
    await expect(page.locator("#persona")).to_have_value(shot.persona)
    if not shot.quizzed:
        await page.locator("#threads button").first.click()
        await expect(page.locator("#panel .line").last).to_be_visible()
        await page.locator("#say-thread").focus()
    await show(page, ".quiz.answered" if shot.quizzed else ".card-head")
    path = FOLDER / f"{shot.name}.png"
    await page.screenshot(path=path)
    print(path)
    await context.close()


async def show(page: Page, selector: str) -> None:
    """Bring the newest of some things to the top."""
    found = page.locator(f"#flow {selector}").last
    await found.evaluate("node => node.closest('.line').scrollIntoView({block: 'start'})")


@asynccontextmanager
async def furnished(shot: Shot) -> AsyncIterator[str]:
    """The address of a house in its third week, in which people are talking."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data=Path(folder),
            database=Path(folder) / "club.db",
            web=("127.0.0.1", 0),
            language=shot.language,
        )
        clock = FakeClock(START)
        async with open_house(settings, clock, ticking=False) as house:
            for seconds in (0, WEEK + 2 * HOUR, WEEK):
                await pass_time(house, clock, seconds)
            assert house.web is not None
            await talk(house.web.address, clock, shot)
            if shot.quizzed:
                await answer(house, shot)
            yield house.web.address


async def pass_time(house: House, clock: FakeClock, seconds: int) -> None:
    """Let time go by, and whatever is due happen."""
    clock.advance(seconds)
    await house.tick()
    await house.sender.settled()


async def talk(address: str, clock: FakeClock, shot: Shot) -> None:
    """Say a few things in the newest discussion."""
    for persona, line in TALK[shot.language]:
        clock.advance(7 * MINUTE)
        async with open_page(address, persona) as page:
            await page.say(line, str(page.scene["threads"][0]["id"]))


async def answer(house: House, shot: Shot) -> None:
    """Ask for the group’s quiz, and answer its first question wrongly."""
    assert house.web is not None
    async with open_page(house.web.address, shot.persona) as page:
        await page.say("/quiz")
        await house.sender.settled()
        await page.enter(shot.persona)
        line, part = next((i, part) for i, line in page.lines.items() if (part := quiz(line)))
        await page.press(part["options"][0]["token"], line)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2]))
