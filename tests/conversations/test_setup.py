"""Setting a club up by its first message, and coming into it, the same on every platform."""

from bot.domain.clubs import Platform
from tests.conversations.stage import Stage


async def test_an_organiser_sets_the_club_up_by_pressing_one_message(stage: Stage) -> None:
    """Language, zone, day, time: the message turns to each and back, and shows what has changed."""
    host = stage.person("Ines", organiser=True)
    panel = await stage.say(host, "/start")
    offered = ("Join", "This week’s paper", "Language", "Time zone", "Day and time", "Plan")
    in_server = ("Channel and roles",) if stage.platform is Platform.DISCORD else ()
    assert panel.buttons == (*offered, *in_server)
    before = stage.posts()

    regions = await stage.press(host, "Time zone", panel)
    asia = await stage.press(host, "Asia", regions)
    panel = await stage.press(host, "Tokyo", asia)
    assert "09:00 (Asia/Tokyo)" in panel.text
    days = await stage.press(host, "Day and time", panel)
    hours = await stage.press(host, "Friday", days)
    assert "✓ 09:00" in hours.buttons
    panel = await stage.press(host, "20:00", hours)
    assert "Paper day: Friday, 20:00 (Asia/Tokyo)" in panel.text
    assert "First paper: Fri 4 Sep, 20:00" in panel.text
    languages = await stage.press(host, "Language", panel)
    panel = await stage.press(host, "Chinese", languages)
    assert "发布时间：星期五 20:00（Asia/Tokyo）" in panel.text
    assert panel.buttons[0] == "加入"

    assert len(stage.posts()) == len(before)
    shown = await stage.say(host, "/settings")
    assert "Asia/Tokyo" in shown.text


async def test_who_does_not_organise_may_join_but_not_set_up(stage: Stage) -> None:
    host, ana = stage.person("Ines", organiser=True), stage.person("Ana")
    panel = await stage.say(host, "/start")
    refused = await stage.press(ana, "Plan")
    assert "Only organisers can change this." in refused.toast
    page = await stage.press(host, "Language", panel)
    assert "Join" in page.buttons
    joined = await stage.press(ana, "Join")
    assert "Welcome, Ana." in joined.text


async def test_buttons_of_the_set_up_outlive_a_restart(stage: Stage) -> None:
    host = stage.person("Ines", organiser=True)
    panel = await stage.say(host, "/start")
    await stage.restart()
    page = await stage.press(host, "Plan", panel)
    assert "‹ Back" in page.buttons
    home = await stage.press(host, "‹ Back", page)
    assert home.buttons == panel.buttons


async def test_the_first_message_leads_to_this_weeks_paper(stage: Stage) -> None:
    ana = stage.person("Ana")
    panel = await stage.say(ana, "/start")
    assert panel.buttons == ("Join", "This week’s paper")
    await stage.pass_time(3 * 3600)
    paper = await stage.press(ana, "This week’s paper", panel)
    assert "This week · 1 of 18" in paper.text


async def test_a_club_of_one_is_set_up_in_private(stage: Stage) -> None:
    lin = stage.person("Lin", "zh")
    panel = await stage.say(lin, "/start", private=True)
    assert panel.buttons[0] == "本周论文"
    zones = await stage.press(lin, "时区", panel)
    panel = await stage.press(lin, "上海", zones)
    assert "Asia/Shanghai" in panel.text


async def test_everybody_can_pass_an_invitation_on(stage: Stage) -> None:
    """As a link where the platform has one, else as a sentence."""
    ana = stage.person("Ana")
    said = await stage.say(ana, "/invite")
    if stage.platform is Platform.TELEGRAM:
        assert "https://t.me/paperclub_bot?start=p1_enter_" in said.text
    else:
        assert "/join" in said.text
        assert "http" not in said.text
    refused = await stage.say(ana, "/invite renew")
    assert "Only organisers" in refused.text
