"""The first message of a club: the way in for everybody, and the settings under the organiser's thumb."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.domain.languages import Bilingual, ClubLanguage, Language
from bot.library.library import ContentLibrary
from bot.messages.actions import Verb, action
from bot.messages.incoming import Arrived
from bot.messages.markup import units
from bot.messages.outgoing import Buttons, Menu
from bot.use_cases.setup import HOURS
from bot.use_cases.zones import REGIONS, UTC, likely
from tests.house import ANN, GROUP, INES, LIN, PLAN, Desk, Heard, library, open_desk, person, private

ANNA = person("9", "安娜", Language.ZH)
"""An organiser who reads Chinese."""


async def added(desk: Desk, by: object = INES) -> Heard:
    """What the bot says where it is added."""
    reply = await desk.hear(by, Arrived())  # type: ignore[arg-type]
    assert reply is not None
    return Heard(reply)


async def test_the_first_message_tells_how_things_stand_on_a_phone_screen(desk: Desk) -> None:
    panel = await added(desk)
    assert panel.text.splitlines()[1:5] == [
        "Plan: Deep learning from zero, part 2, 18 papers",
        "Paper day: Monday, 09:00 (UTC)",
        "First paper: Mon 31 Aug, 09:00",
        "Language: English",
    ]
    assert units(panel.text) < 400
    await desk.pass_time(3 * 3600)
    assert "Next paper: Mon 7 Sep, 09:00" in (await desk.say(INES, "/start")).text


async def test_only_an_organiser_who_says_start_is_offered_the_settings(desk: Desk) -> None:
    await desk.found()
    assert (await desk.say(ANN, "/start")).labels == ("Join", "This week’s paper")
    assert "Time zone" in (await desk.say(INES, "/start")).labels


async def test_a_press_by_anybody_else_is_answered_politely_and_changes_nothing(desk: Desk) -> None:
    panel = await added(desk)
    for press in (panel.token("Language"), action(Verb.CHOOSE, "language", "zh").token):
        refused = await desk.press(ANN, press)
        assert refused.toast.startswith("Only organisers can change this.")
        assert refused.reply.message is None
    assert (await desk.club()).language is ClubLanguage.EN


async def test_the_language_is_changed_and_seen_at_once(desk: Desk) -> None:
    panel = await added(desk)
    page = await desk.press(INES, panel.token("Language"))
    assert page.reply.edit
    assert page.labels == ("✓ English", "Chinese", "both, together", "‹ Back", "Join")
    changed = await desk.press(INES, page.token("Chinese"))
    assert changed.reply.edit
    assert "语言：中文" in changed.text
    assert "加入" in changed.labels
    again = await desk.press(INES, changed.token("语言"))
    assert "✓ 中文" in again.labels
    both = await desk.press(INES, again.token("双语"))
    assert "大家好" in both.text
    assert "Hello" in both.text
    assert both.labels[:2] == ("Join · 加入", "This week’s paper · 本周论文")


async def test_a_city_is_three_taps_away_and_keeps_the_local_time(desk: Desk) -> None:
    page = await desk.press(INES, (await added(desk)).token("Time zone"))
    assert "/settings timezone" in page.text
    asia = await desk.press(INES, page.token("Asia"))
    assert "Tokyo" in asia.labels
    more = await desk.press(INES, asia.token("Next ›"))
    assert "Dubai" in more.labels
    first = await desk.press(INES, more.token("‹ Back"))
    assert first.labels == asia.labels
    changed = await desk.press(INES, first.token("Tokyo"))
    assert "Monday, 09:00 (Asia/Tokyo)" in changed.text
    assert (await desk.club()).zone == "Asia/Tokyo"
    again = await desk.press(INES, changed.token("Time zone"))
    utc = await desk.press(INES, again.token("UTC"))
    assert "Monday, 09:00 (UTC)" in utc.text


async def test_an_organiser_who_reads_chinese_finds_shanghai_first(desk: Desk) -> None:
    desk.messenger.organisers.add(ANNA.account.user_id)
    panel = await added(desk, ANNA)
    page = await desk.press(ANNA, panel.token("时区"))
    assert page.labels[0] == "上海"
    changed = await desk.press(ANNA, page.token("上海"))
    assert "星期一 09:00（Asia/Shanghai）" in changed.text
    page = await desk.press(ANNA, changed.token("时区"))
    assert page.labels[0] == "✓ 上海"
    assert "东京" in (await desk.press(ANNA, page.token("亚洲"))).labels


async def test_day_and_time_move_the_paper_as_the_command_does(desk: Desk) -> None:
    page = await desk.press(INES, (await added(desk)).token("Day and time"))
    assert "✓ Monday" in page.labels
    times = await desk.press(INES, page.token("Thursday"))
    assert "on Thursday at 09:00" in times.text
    assert "/schedule set" in times.text
    assert "✓ 09:00" in times.labels
    done = await desk.press(INES, times.token("20:00"))
    assert "Paper day: Thursday, 20:00 (UTC)" in done.text
    assert "First paper: Thu 3 Sep, 20:00" in done.text
    shown = await desk.say(INES, "/schedule")
    await desk.say(INES, "/schedule set thursday 20:00")
    assert (await desk.say(INES, "/schedule")).text == shown.text


async def test_a_plan_that_is_read_already_changes_nothing(desk: Desk) -> None:
    await added(desk)
    await desk.pass_time(3 * 3600)
    page = await desk.press(INES, (await desk.say(INES, "/start")).token("Plan"))
    [chosen] = [label for label in page.labels if label.startswith("✓")]
    await desk.press(INES, page.token(chosen))
    assert (await desk.club()).position == 1


async def test_a_club_that_has_begun_is_asked_before_it_leaves_its_place(desk: Desk) -> None:
    """The page is there for any plan; today's library has one."""
    await added(desk)
    await desk.pass_time(3 * 3600)
    sure = await desk.do(INES, Verb.SETUP, "sure", PLAN)
    assert "The club has come to paper 1 of its own." in sure.text
    assert sure.token("Begin it") == action(Verb.CHOOSE, "plan", PLAN).token


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        (Verb.SETUP, ("nowhere", "-")),
        (Verb.SETUP, ("asia", "9")),
        (Verb.SETUP, ("asia", "0")),
        (Verb.SETUP, ("asia", "x")),
        (Verb.SETUP, ("plan", "99")),
        (Verb.SETUP, ("sure", "no-such-plan")),
        (Verb.CHOOSE, ("weather", "fine")),
        (Verb.CHOOSE, ("zone", "Nowhere/At_All")),
        (Verb.CHOOSE, ("day", "someday")),
        (Verb.CHOOSE, ("time", "25.00")),
        (Verb.CHOOSE, ("language", "xx")),
        (Verb.CHOOSE, ("plan", "no-such-plan")),
        (Verb.CHOOSE, ("events", "on")),
        (Verb.SETUP, ("server", "-")),
        (Verb.MEET, ("17",)),
        (Verb.USE, ("channel",)),
        (Verb.USE, ("channel", "17")),
        (Verb.USE, ("mention", "17")),
        (Verb.USE, ("reader",)),
        (Verb.USE, ("weather", "17")),
        (Verb.TYPE, ("language",)),
        (Verb.THERE, ("1", "setup", "home", "-")),
        (Verb.THERE, ("99", "join")),
        (Verb.THERE, ("1", "there", "1", "join")),
        (Verb.THERE, ("1", "read", "gan")),
        (Verb.THERE, ("1",)),
        (Verb.THERE, ("x", "join")),
        (Verb.THERE, ()),
    ],
)
async def test_a_forged_press_is_answered_kindly(desk: Desk, verb: Verb, args: tuple[str, ...]) -> None:
    await added(desk)
    before = await desk.club()
    answered = await desk.do(INES, verb, *args)
    assert answered.toast
    assert "went wrong" not in answered.toast
    assert await desk.club() == before


async def test_a_paused_club_is_shown_as_one(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/schedule pause")
    assert "First paper: after the break" in (await desk.say(INES, "/start")).text


async def test_a_club_of_one_is_set_up_in_private_and_has_no_door(desk: Desk) -> None:
    panel = await desk.say(LIN, "/start", private(LIN))
    page = await desk.press(LIN, panel.token("时区"), private(LIN))
    assert "加入" not in page.labels
    changed = await desk.press(LIN, page.token("上海"), private(LIN))
    assert "Asia/Shanghai" in changed.text
    assert (await desk.club(private(LIN))).zone == "Asia/Shanghai"


async def test_buttons_outlive_a_restart(desk: Desk) -> None:
    panel = await added(desk)
    await desk.restart()
    page = await desk.press(INES, panel.token("Day and time"))
    assert "Friday" in page.labels


async def test_every_page_fits_every_platform_and_has_the_way_in(desk: Desk) -> None:
    """Five rows of five; whatever can be reached is reached."""
    desk.messenger.organisers.add(ANNA.account.user_id)
    for who in (INES, ANNA):
        panel = await added(desk, who)
        await desk.do(who, Verb.CHOOSE, "language", who.language.value)
        panel = await desk.say(who, "/start")
        waiting, seen = [panel], set()
        while waiting:
            page = waiting.pop()
            assert page.reply.message is not None
            parts = page.reply.message.parts
            rows = [row for part in parts if isinstance(part, Buttons | Menu) for row in part.rows]
            assert len(rows) <= 5
            assert all(1 <= len(row) <= 5 for row in rows)
            assert {"Join", "加入"} & set(page.labels)
            for button in page.buttons:
                assert units(button.label) <= 40
                turns = button.action and button.action.verb is Verb.SETUP
                if button.action and turns and button.action.token not in seen:
                    seen.add(button.action.token)
                    waiting.append(await desk.press(who, button.action.token))
        assert len(seen) >= 4 + len(REGIONS) + 2


def test_every_zone_on_offer_exists_and_is_offered_once() -> None:
    zones = [city.zone for cities in REGIONS.values() for city in cities]
    assert len(zones) == len(set(zones)) > 50
    assert set(zones) | {UTC.zone} <= available_timezones()
    assert all(ZoneInfo(zone) for zone in zones)
    assert next(city.zone for city in likely(Language.ZH)) == "Asia/Shanghai"
    names = [city.name[language] for cities in REGIONS.values() for city in cities for language in Language]
    assert all(names)


def test_hours_are_those_of_a_day_in_order() -> None:
    assert list(HOURS) == sorted(set(HOURS))
    assert set(HOURS) < set(range(24))


async def test_adding_the_bot_again_finds_the_club_as_it_was(desk: Desk, tmp_path: Path) -> None:
    await added(desk)
    await desk.do(INES, Verb.CHOOSE, "zone", "Asia/Tokyo")
    before = await desk.club(GROUP)
    panel = await added(desk)
    assert "Asia/Tokyo" in panel.text
    assert (await desk.club(GROUP)).id == before.id


async def test_in_private_only_who_organises_the_group_sets_its_club_up(desk: Desk) -> None:
    await desk.found()
    for who in (ANN, INES):
        await desk.say(who, "/join")
    offered = {}
    for who in (ANN, INES):
        # In private everybody organises what is theirs alone; whose club it is decides here.
        offered[who.name] = (await desk.say(who, "/start", private(who))).labels
    assert offered["Ann"] == ("This week’s paper",)
    assert "Time zone" in offered["Ines"]
    choice = action(Verb.CHOOSE, "zone", "Asia/Tokyo").token
    assert (await desk.press(ANN, choice, private(ANN))).toast.startswith("Only organisers")
    assert "Asia/Tokyo" in (await desk.press(INES, choice, private(INES))).text
    assert (await desk.club()).zone == "Asia/Tokyo"


async def test_plans_are_paged_and_another_one_is_begun_after_a_question(tmp_path: Path) -> None:
    [shipped] = library().plans()
    others = [
        replace(shipped, id=f"plan-{n}", title=Bilingual(f"Plan {n}{' and so on' * 9}", f"计划 {n}"))
        for n in range(5)
    ]
    async with open_desk(tmp_path, shelf=ContentLibrary(library().papers(), (shipped, *others))) as desk:
        await added(desk)
        await desk.pass_time(3 * 3600)
        page = await desk.press(INES, (await desk.say(INES, "/start")).token("Plan"))
        more = await desk.press(INES, page.token("Next ›"))
        assert (len(page.labels), len(more.labels)) == (4 + 3, 2 + 2)
        assert all(units(label) <= 62 for label in (*page.labels, *more.labels))
        asked = await desk.press(INES, more.buttons[1].action.token)  # type: ignore[union-attr]
        assert (await desk.club()).plan_id == PLAN
        done = await desk.press(INES, asked.token("Begin it"))
        club = await desk.club()
        assert (club.plan_id, club.position) == ("plan-4", 0)
        assert "Plan: Plan 4 and so on" in done.text
        again = await desk.press(INES, more.token("‹ Back"))
        assert again.labels[0] == shipped.title.en


async def test_where_no_form_can_be_opened_the_page_says_what_to_type(desk: Desk) -> None:
    await added(desk)
    page = await desk.do(INES, Verb.TYPE, "zone")
    assert "/settings timezone" in page.text
    assert "Type it…" not in page.labels
