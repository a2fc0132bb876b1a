"""The page in a real browser, used as people use it: with a mouse, with keys alone, on a phone."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.app import House, open_house
from tests.house import FakeClock
from tests.platforms.web.browser import CHROMIUM, open_browser
from tests.platforms.web.conftest import web_settings

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and os.environ.get("CI") != "true",
    reason=f"the page is tested in Chromium, and there is none at {CHROMIUM}",
)

WIDE, TABLET, PHONE = (1280, 900), (768, 1024), (360, 740)
SECRET = "a secret of some length"
TOUCH = 44
"""The least height and width of what is pressed, in CSS pixels."""

Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def visit(address: str) -> AsyncIterator[Open]:
    """Opens the room in a fresh browser profile. A page that reports an error fails the test."""
    troubles: list[str] = []

    async with open_browser() as browser:

        async def open_room(
            persona: str = "samir", size: tuple[int, int] = WIDE, *, dark: bool = False
        ) -> Page:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
            )
            page = await context.new_page()
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda said: troubles.append(said.text) if "Security" in said.text else None)
            await page.goto(address)
            await ready(page)
            await page.locator("#persona").select_option(persona)
            await expect(page.locator("#persona")).to_have_value(persona)
            await ready(page)
            return page

        yield open_room
    assert troubles == []


async def ready(page: Page) -> None:
    """Wait until the room is shown."""
    await expect(page.locator("body")).not_to_have_attribute("aria-busy", "true")
    await expect(page.locator("#flow .line").first).to_be_visible()


async def test_what_one_says_the_other_reads(visit: Open) -> None:
    """Two people in two browsers; what looks like HTML is read as it was typed."""
    samir, lin = await visit("samir"), await visit("lin")
    await samir.locator("#say").fill("<i>Dropout</i> & friends\nsecond line")
    await samir.get_by_role("button", name="Send", exact=True).click()
    heard = lin.locator("#flow .line").last
    await expect(heard.locator(".words")).to_have_text("<i>Dropout</i> & friends\nsecond line")
    await expect(heard.locator(".name")).to_have_text("Samir")
    await expect(samir.locator("#say")).to_have_value("")
    await expect(samir.locator(".waiting")).to_have_count(0)


async def test_commands_are_completed_with_the_keyboard_alone(visit: Open) -> None:
    """Arrows choose, Enter and Tab take, Escape closes, and a whole command is sent by Enter."""
    page = await visit("ines")
    box, ways = page.locator("#say"), page.locator("#say-ways")
    await box.press_sequentially("/pap")
    await expect(ways.get_by_role("option")).to_have_count(5)
    await expect(ways.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    await expect(box).to_have_attribute("aria-activedescendant", "say-ways-0")
    for _ in range(3):
        await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/paper show ")
    await box.press_sequentially("归一")
    await expect(ways.get_by_role("option")).to_have_count(2)
    await box.press("Tab")
    await expect(box).to_have_value("/paper show 3")
    await box.press("Escape")
    await expect(ways).to_be_hidden()
    await expect(box).not_to_have_attribute("aria-activedescendant", re.compile(".*"))
    await box.press("Enter")
    await expect(page.locator("#flow .line.bot").last.get_by_role("heading")).to_contain_text(
        "Batch Normalization"
    )


async def test_a_word_in_a_text_is_explained_where_it_is_pressed(visit: Open) -> None:
    """To whoever presses it alone, in their language; with the mouse, and with the keyboard."""
    page = await visit("lin")
    box, ways = page.locator("#say"), page.locator("#say-ways")
    await box.fill("/paper show 1")
    await box.press("Enter")
    title = page.get_by_role("heading", name="Improving neural networks")
    card = page.locator("#flow .line.bot:not(.private)").filter(has=title).last
    word = card.locator(".term").get_by_text("dropout", exact=True)
    await expect(word).to_have_count(1)
    await word.click()
    answer = page.locator("#flow .line.bot.private").last
    await expect(answer).to_contain_text("谁也不能指望固定的搭档")
    await card.locator(".term").get_by_text("overfits", exact=True).press("Enter")
    await expect(page.locator("#flow .line.bot.private").last).to_contain_text("换成新数据反而变差")
    await box.fill("/glossary kl d")
    await expect(ways.get_by_role("option")).to_have_text(["KL 散度"])
    await box.press("Tab")
    await expect(box).to_have_value("/glossary KL 散度")


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)])
async def test_a_papers_picture_is_shown_and_turned_from_and_back_to(
    visit: Open, size: tuple[int, int], dark: bool
) -> None:
    """All in one place: a page takes the place of the one before it, the picture too."""
    page = await visit("samir", size, dark=dark)
    await page.locator("#say").fill("/paper show 8")
    await page.locator("#say").press("Enter")
    await page.locator("#flow .line.bot").last.get_by_role("button", name="More about it").click()
    line = page.locator("#flow .line.bot.private").last
    picture = line.locator("img.picture")
    await expect(picture).to_have_attribute("alt", re.compile("The picture in words"))
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("image => image.naturalHeight") >= 240
    await line.get_by_role("button", name="Next ›").click()
    await expect(line).to_contain_text("Key points")
    await expect(picture).to_have_count(0)
    await line.get_by_role("button", name="‹ Back").click()
    await expect(picture).to_have_js_property("complete", True)
    await expect(line).to_contain_text("(1/6)")


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)])
async def test_the_path_is_shown_from_its_beginning_as_large_as_there_is_room(
    visit: Open, size: tuple[int, int], dark: bool
) -> None:
    """A picture comes after the line it is in, and must not push the line's beginning out of view."""
    page = await visit("ines", size, dark=dark)
    await page.locator("#say").fill("/path")
    await page.locator("#say").press("Enter")
    line = page.locator("#flow .line.bot").last
    picture = line.get_by_role("img", name="Deep learning from zero, part 2")
    await expect(picture).to_have_js_property("complete", True)
    await expect(line.get_by_text("Your path")).to_be_in_viewport()
    box = await picture.bounding_box()
    assert box is not None
    assert box["height"] > 2 * box["width"] > 2 * 320
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]


async def test_the_gaps_of_a_command_are_completed_in_order(visit: Open) -> None:
    """Levels, days and zones; optional gaps are passed over; what is free says what it takes."""
    page = await visit("ines")
    box, ways = page.locator("#say"), page.locator("#say-ways")
    await box.fill("/schedule set fri")
    await box.press("Enter")
    await expect(box).to_have_value("/schedule set friday ")
    await expect(page.locator("#desk .hint")).to_contain_text("time")
    await box.press_sequentially("19:00 shangh")
    await expect(ways.get_by_role("option")).to_have_text(["Asia/Shanghai"])
    await box.fill("/read re")
    await expect(ways.get_by_role("option").first).to_contain_text("read")
    await box.fill("/read skimmed adam")
    await box.press("Tab")
    await expect(box).to_have_value("/read skimmed 8 ")


async def test_enter_that_ends_a_chinese_word_does_not_send(visit: Open) -> None:
    """While an input method is composing, its keys are its own."""
    page = await visit("lin")
    box = page.locator("#say")
    await box.fill("你好")
    key = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true})"
    await box.evaluate(f"box => box.dispatchEvent({key})")
    await expect(box).to_have_value("你好")
    await box.press("Shift+Enter")
    await expect(box).to_have_value("你好\n")
    await box.press("Enter")
    await expect(page.locator("#flow .words").last).to_have_text("你好")


async def test_a_paper_post_has_its_title_facts_summary_buttons_and_other_language(visit: Open) -> None:
    """Folded, the other language opens; links leave in a new tab."""
    page = await visit("samir")
    post = page.locator("#flow .line.bot").first
    await expect(post.locator(".card-head h3").first).to_contain_text("Improving neural networks")
    await expect(post.locator(".facts").first).to_contain_text("Geoffrey E. Hinton")
    fold = post.locator("details")
    await expect(fold.locator(".text")).to_be_hidden()
    await fold.locator("summary").click()
    await expect(fold.locator("h3")).to_have_attribute("lang", "zh")
    link = post.get_by_role("link", name="PDF")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await post.get_by_role("button", name="I’ve read it").click()
    await expect(page.locator(".toast")).to_contain_text("Noted")
    await page.get_by_role("button", name="Close this notice").click()
    await expect(page.locator(".toast")).to_have_count(0)


async def test_an_answer_shows_right_or_wrong_and_why_also_after_a_reload(visit: Open, house: House) -> None:
    """Not by colour alone, and to whoever answered only."""
    page = await visit("samir")
    await page.locator("#say").fill("/quiz")
    await page.locator("#say").press("Enter")
    card = page.locator(".quiz").first
    await card.locator("button.option").nth(0).click()
    paper = house.tools.library.paper("dropout-2012")
    assert paper is not None
    question = paper.questions[0]
    await expect(card.locator(".option.key")).to_contain_text("Right answer")
    await expect(card.locator(".verdict")).to_contain_text(question.options[0].why.en)
    await page.reload()
    await ready(page)
    await expect(card.locator(".verdict")).to_contain_text(question.options[question.key].why.en)
    await expect(card.locator("button")).to_have_count(0)
    await page.locator("#persona").select_option("lin")
    await expect(card.locator("button")).to_have_count(4)


async def test_a_discussion_opens_beside_the_room_and_gives_the_focus_back(visit: Open) -> None:
    """The title has the focus; Escape closes; what was said is counted."""
    page = await visit("samir")
    opener = page.locator(".discussion").first
    await opener.focus()
    await opener.press("Enter")
    await expect(page.locator("#panel-title")).to_be_focused()
    await expect(page.locator("#panel .line")).to_have_count(1)
    await page.locator("#say-thread").fill("Why half?")
    await page.locator("#say-thread").press("Enter")
    await expect(page.locator("#panel .words")).to_have_text("Why half?")
    await expect(page.locator("#flow .words")).to_have_count(0)
    await expect(page.locator(".discussion .count")).to_have_text("Replies: 2")
    await page.locator("#say-thread").press("Escape")
    await expect(page.locator("#panel")).to_be_hidden()
    await expect(page.locator("#say")).to_be_focused()


async def test_a_lost_connection_is_shown_and_nothing_typed_is_lost(visit: Open, house: House) -> None:
    """A line sent meanwhile waits in sight, also across a change of person, and arrives once; a line half
    written stays."""
    assert house.web is not None
    page = await visit("samir")
    await house.web.close()
    await expect(page.locator("#lost")).to_contain_text("Trying again")
    await page.locator("#say").fill("still here?")
    await page.locator("#say").press("Enter")
    await expect(page.locator(".waiting")).to_contain_text("Not sent yet")
    await page.locator("#say").fill("half a thou")
    await house.web.open()
    await expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
    await expect(page.locator("#flow .words")).to_have_text(["still here?"])
    await expect(page.locator(".waiting")).to_have_count(0)
    await expect(page.locator("#say")).to_have_value("half a thou")
    await page.reload()
    await ready(page)
    await expect(page.locator("#say")).to_have_value("half a thou")
    await expect(page.locator("#flow .words")).to_have_text(["still here?"])


async def test_what_is_typed_before_another_persons_view_has_come_stays(visit: Open, house: House) -> None:
    assert house.web is not None
    page = await visit("samir")
    await house.web.close()
    await expect(page.locator("#lost")).to_contain_text("Trying again")
    await page.locator("#persona").select_option("lin")
    await page.locator("#say").fill("half a thou")
    await house.web.open()
    await expect(page.locator("html")).to_have_attribute("lang", "zh", timeout=15_000)
    await expect(page.locator("#persona")).to_have_value("lin")
    await expect(page.locator("#say")).to_have_value("half a thou")


async def test_who_one_speaks_as_changes_the_language_and_is_remembered(visit: Open) -> None:
    """The page’s own words, its language for screen readers, and the draft of each person."""
    page = await visit("samir")
    await page.locator("#say").fill("English draft")
    await page.locator("#persona").select_option("lin")
    await expect(page.locator("html")).to_have_attribute("lang", "zh")
    await expect(page.get_by_role("button", name="发送")).to_be_visible()
    await expect(page.locator("#say")).to_have_value("")
    await page.reload()
    await ready(page)
    await expect(page.locator("#persona")).to_have_value("lin")
    await page.locator("#persona").select_option("samir")
    await expect(page.locator("#say")).to_have_value("English draft")


async def test_alone_with_the_bot_one_is_answered_to_any_words(visit: Open) -> None:
    """The private chat begins empty, and offers where to begin."""
    page = await visit("yu")
    await page.locator("#go-private").click()
    await expect(page.locator("#flow .empty")).to_be_visible()
    await page.locator("#flow .empty").get_by_role("button", name="/paper").click()
    await expect(page.locator("#flow .line.bot")).to_have_count(1)
    await page.locator("#go-room").click()
    await expect(page.locator("#flow .words")).to_have_count(0)


async def test_the_next_beat_can_be_jumped_to_from_anywhere(visit: Open) -> None:
    """It says what comes next; afterwards something else does, and what came is in view."""
    page = await visit("samir", PHONE)
    coming = await page.locator("#top-next").inner_text()
    assert coming.strip()
    lines = await page.locator("#flow .line").count()
    for _ in range(4):
        before = await page.locator("#top-next").inner_text()
        await page.get_by_role("button", name="Jump ahead to it").last.click()
        await expect(page.locator("#top-next")).not_to_have_text(before)
    await expect(page.locator("#flow .card-head h3").nth(2)).to_contain_text("Dropout: A Simple Way")
    assert await page.locator("#flow .line").count() > lines


@pytest.mark.parametrize("persona", ["samir", "lin"])
@pytest.mark.parametrize("size", [WIDE, TABLET, PHONE])
async def test_everything_fits_and_can_be_touched(visit: Open, size: tuple[int, int], persona: str) -> None:
    """No sideways scrolling at any width, in the room, its menu and a discussion; and nothing to press
    that is smaller than a finger."""
    page = await visit(persona, size)
    await page.locator("#say").fill("/quiz")
    await page.locator("#say").press("Enter")
    await expect(page.locator(".quiz")).to_have_count(5)
    await fits(page)
    if size != WIDE:
        await page.locator("#rail-open").click()
        await expect(page.locator("#rail-close")).to_be_focused()
        await fits(page)
        await page.keyboard.press("Escape")
        await expect(page.locator("#rail-open")).to_be_focused()
    await page.locator(".discussion").first.click()
    await expect(page.locator("#panel .line")).to_have_count(1)
    await fits(page)
    if size == PHONE:
        box = await page.locator("#panel").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == size


async def fits(page: Page) -> None:
    """Nothing sticks out, and all that can be pressed is large enough. Links in a sentence are exempt."""
    wide = await page.evaluate("""() => [...document.querySelectorAll('html, .log, .rail')]
        .filter(node => node.scrollWidth > node.clientWidth).map(node => node.className || node.tagName)""")
    assert wide == []
    tall = await page.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert tall <= 0
    small = await page.evaluate(
        """least => [...document.querySelectorAll('button:not(.term), select, textarea, summary, a.button')]
        .filter(node => node.checkVisibility({visibilityProperty: true}))
        .map(node => [node.id || node.className || node.tagName, node.getBoundingClientRect()])
        .filter(([, box]) => box.height < least || box.width < least)
        .map(([name, box]) => `${name} ${box.width}×${box.height}`)""",
        TOUCH,
    )
    assert small == []


async def test_the_door_opens_for_its_key(tmp_path: Path) -> None:
    """A wrong key says so; the right one leads into the room, and is remembered."""
    settings = web_settings(tmp_path, SECRET)
    async with open_house(settings, FakeClock(), ticking=False) as house, open_browser() as browser:
        assert house.web is not None
        page = await browser.new_page(viewport={"width": 360, "height": 640})
        await page.goto(house.web.address)
        await expect(page.locator(".wrong")).to_be_hidden()
        await page.get_by_label("Key").fill("a guess")
        await page.get_by_role("button").click()
        await expect(page.locator(".wrong")).to_be_visible()
        await page.get_by_label("Key").fill(SECRET)
        await page.get_by_role("button").click()
        await expect(page.locator("#persona")).to_be_visible()
        await page.goto(house.web.address)
        await expect(page.locator("#persona")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
async def test_the_page_follows_the_light_of_the_system(visit: Open, dark: bool) -> None:
    """Dark paper in the dark, light paper in the light."""
    page = await visit("samir", dark=dark)
    colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(colour.removeprefix("rgb(").partition(",")[0])
    assert (red < 60) is dark


async def test_a_screen_reader_is_told_what_is_what(visit: Open) -> None:
    """Landmarks, names, and a log that is read as it grows."""
    page = await visit("samir")
    for role in ("navigation", "main"):
        await expect(page.get_by_role(role)).to_have_count(1)
    log = page.get_by_role("log", name="What was said")
    await expect(log).to_have_count(1)
    await expect(page.get_by_label("Speaking as")).to_have_value("samir")
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll('button')].filter(button => button.checkVisibility())
        .filter(button => !button.ariaLabel && !button.innerText.trim()).length"""
    )
    assert nameless == 0
    headings = await page.get_by_role("heading", level=1).all_inner_texts()
    assert len(headings) == 1
