"""People meet the bot, join and leave; organisers set their club up; chats come, go and move."""

from pathlib import Path

import pytest

from bot.domain.clubs import ChatKind
from bot.domain.languages import ClubLanguage
from bot.messages.actions import Verb
from bot.messages.incoming import Arrived, Departed, Moved, Place
from bot.messages.incoming import Sender as Person
from bot.messages.markup import NAME_LIMIT
from bot.use_cases.asking import Defaults
from tests.house import (
    ANN,
    DAY,
    ELSEWHERE,
    GROUP,
    HOUR,
    INES,
    LIN,
    PLAN,
    Desk,
    Heard,
    open_desk,
    person,
    private,
)

FIRST = "Improving neural networks by preventing co-adaptation of feature detectors"
FIRST_ZH = "通过阻止特征检测器的共适应来改进神经网络"


async def test_the_bot_introduces_itself_where_it_is_added(desk: Desk) -> None:
    reply = await desk.hear(INES, Arrived())
    assert reply is not None
    welcome = Heard(reply)
    assert "Hello, I run this reading club." in welcome.text
    assert "18 papers" in welcome.text
    assert "Mon 31 Aug, 09:00" in welcome.text
    assert welcome.labels == (
        "Join",
        "This week’s paper",
        "Language",
        "Time zone",
        "Day and time",
        "Plan",
    )
    assert (await desk.club()).members == 0


async def test_start_in_a_group_shows_the_way_in_and_enrols_nobody(desk: Desk) -> None:
    await desk.found(ClubLanguage.ZH)
    welcome = await desk.say(LIN, "/start")
    assert "大家好" in welcome.text
    assert (await desk.club()).members == 0
    joined = await desk.press(LIN, welcome.token("加入"))
    assert "欢迎，林晓！" in joined.text
    assert (await desk.club()).members == 1


async def test_start_in_private_makes_a_club_of_one(desk: Desk) -> None:
    welcome = await desk.say(ANN, "/start", private(ANN))
    assert "Hello, this is Paperclub." in welcome.text
    assert "Join" not in welcome.labels
    assert welcome.labels[0] == "This week’s paper"
    club = await desk.club(private(ANN))
    assert (club.title, club.members) == ("Ann", 1)
    await desk.say(ANN, "/start", private(ANN))
    assert (await desk.club(private(ANN))).members == 1


@pytest.mark.parametrize(
    ("someone", "welcome", "again", "bye", "nothing"),
    [
        (ANN, "Welcome, Ann. The club", "You are a member already.", "You have left", "You are not a member"),
        (LIN, "欢迎，林晓！", "你已经是成员了。", "你已离开读书会。", "你还不是这里的成员"),
    ],
)
async def test_one_joins_once_and_leaves_once(
    desk: Desk, someone: Person, welcome: str, again: str, bye: str, nothing: str
) -> None:
    await desk.found(ClubLanguage(someone.language.value))
    early = await desk.say(someone, "/leave")
    assert nothing in early.text
    joined = await desk.say(someone, "/join")
    assert welcome in joined.text
    assert not joined.reply.private
    twice = await desk.say(someone, "/join")
    assert again in twice.text
    assert twice.reply.private
    assert (await desk.club()).members == 1
    left = await desk.say(someone, "/leave")
    assert bye in left.text
    assert left.reply.private
    assert nothing in (await desk.say(someone, "/leave")).text
    assert (await desk.club()).members == 0


async def test_who_comes_back_finds_their_record(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/read reproduced 3 it works")
    await desk.say(ANN, "/leave")
    assert "You have nothing on record yet" in (await desk.say(ANN, "/progress")).text
    assert "Welcome, Ann." in (await desk.say(ANN, "/join")).text
    assert "1 of 18 papers read" in (await desk.say(ANN, "/progress")).text


async def test_the_first_useful_press_enrols(desk: Desk) -> None:
    await desk.found()
    paper = await desk.say(INES, "/paper")
    assert "Noted" in (await desk.press(ANN, paper.token("I’ve read it"))).toast
    assert (await desk.club()).members == 1


async def test_looking_enrols_nobody(desk: Desk) -> None:
    await desk.found()
    for line in ("/paper", "/paper next", "/paper list", "/progress", "/schedule", "/settings", "/help"):
        await desk.say(ANN, line)
    assert (await desk.club()).members == 0


async def test_two_groups_are_two_clubs(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    await desk.say(ANN, "/join")
    await desk.say(ANN, "/join", ELSEWHERE)
    one, other = await desk.club(), await desk.club(ELSEWHERE)
    assert one.id != other.id
    assert (one.title, other.title) == ("Readers", "Others")
    assert (one.members, other.members) == (1, 1)


async def test_in_private_one_speaks_of_the_club_last_active_in(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    await desk.say(ANN, "/join")
    await desk.say(ANN, "/join", ELSEWHERE)
    assert "Settings of Others" in (await desk.say(ANN, "/settings", private(ANN))).text
    await desk.say(ANN, "/read 1")
    assert "Settings of Readers" in (await desk.say(ANN, "/settings", private(ANN))).text


async def test_what_a_member_of_a_group_says_in_private_counts_in_the_group(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/join")
    await desk.say(INES, "/join")
    await desk.pass_time(2 * HOUR)
    assert "1 of 2 have read it" in (await desk.say(ANN, "/read", private(ANN))).text
    assert "1 of 2 have read" in (await desk.say(INES, "/progress")).text


async def test_a_club_of_one_is_not_told_how_many_have_read(desk: Desk) -> None:
    noted = await desk.say(ANN, "/read", private(ANN))
    assert noted.text == f"Noted: {FIRST}, read."
    progress = await desk.say(ANN, "/progress", private(ANN))
    assert progress.text.startswith("Your reading")
    assert "have read" not in progress.text


@pytest.mark.parametrize(
    "name",
    [
        "*Ann* _Lee_ [x](https://example.org)",
        "<b>Ann</b> &amp; `co`",
        "# Ann",
        "1. Ann",
        "~~Ann~~",
        "**",
        "Ann\\",
    ],
)
async def test_a_name_with_markup_is_shown_as_it_is(desk: Desk, name: str) -> None:
    somebody = person("9", name)
    place = Place("-9", ChatKind.GROUP, name)
    await desk.found(place=place)
    assert f"Welcome, {name}." in (await desk.say(somebody, "/join", place)).text
    await desk.say(LIN, "/join", place)
    await desk.say(somebody, "/read", place)
    assert f"Settings of {name}" in (await desk.say(somebody, "/settings", place)).text
    assert name in (await desk.say(somebody, "/schedule", place)).text


async def test_a_name_that_turns_or_floods_the_line_is_tamed(desk: Desk) -> None:
    """Right-to-left letters are isolated, direction marks taken out, 200 characters cut."""
    hebrew, long = person("8", "דנה\u202e\nכהן"), person("9", "x" * 200)
    place = Place("-9", ChatKind.GROUP, "y" * 200 + "\u202e")
    await desk.found(place=place)
    await desk.pass_time(2 * HOUR)
    for who, shown in ((hebrew, "\u2068דנה כהן\u2069"), (long, "x" * (NAME_LIMIT - 1) + "…")):
        assert f"Welcome, {shown}." in (await desk.say(who, "/join", place)).text
        await desk.say(who, "/read", place)
    progress = await desk.say(ANN, "/progress", place)
    assert "Readers: \u2068דנה כהן\u2069 and " + "x" * (NAME_LIMIT - 1) + "…." in progress.text
    title = "y" * (NAME_LIMIT - 1) + "…"
    for line in ("/progress", "/schedule", "/settings"):
        heard = await desk.say(hebrew, line, place)
        assert title in heard.text
        assert "\u202e" not in heard.text
        assert "y" * NAME_LIMIT not in heard.text


# Organisers


@pytest.mark.parametrize(
    "line",
    [
        "/schedule set monday 10:00",
        "/schedule pause",
        "/schedule resume",
        "/schedule skip",
        "/settings language zh",
        "/settings timezone Asia/Shanghai",
        f"/settings plan {PLAN}",
    ],
)
async def test_only_organisers_change_the_club(desk: Desk, line: str) -> None:
    await desk.found()
    before = await desk.club()
    refused = await desk.say(ANN, line)
    assert refused.text == "Only organisers can change this. /schedule and /settings show how things stand."
    assert refused.reply.private
    assert "只有组织者能改" in (await desk.say(LIN, line)).text
    assert await desk.club() == before


async def test_a_forged_resend_is_refused_to_members(desk: Desk) -> None:
    await desk.found()
    assert "Only organisers" in (await desk.do(ANN, Verb.RESEND, 1)).toast


async def test_in_private_everybody_organises_their_own_club(desk: Desk) -> None:
    done = await desk.say(ANN, "/settings timezone Tokyo", private(ANN))
    assert "The club now keeps the time of Asia/Tokyo." in done.text
    assert (await desk.club(private(ANN))).zone == "Asia/Tokyo"


async def test_settings_are_shown_to_everybody(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = await desk.say(ANN, "/settings")
    assert "Settings of Readers" in told.text
    assert "Language: English" in told.text
    assert "Time zone: UTC" in told.text
    assert "Plan: Deep learning from zero, part 2, 1 of 18 papers posted" in told.text


async def test_a_club_speaks_the_language_it_is_given(desk: Desk) -> None:
    assert (
        "The club’s posts are now in this language: English."
        in (await desk.say(LIN, "/settings language en", private(LIN))).text
    )
    await desk.found()
    for language, told in (("zh", "读书会的帖子改用：中文。"), ("both", "双语"), ("en", "English")):
        assert told in (await desk.say(INES, f"/settings language {language}")).text
        assert (await desk.club()).language == language


async def test_an_unknown_setting_says_what_would_have_worked(desk: Desk) -> None:
    await desk.found()
    for line, told in (
        ("/settings language klingon", "“klingon” is not one of my languages. Use en, zh or both."),
        ("/settings language", "/settings language <language>. For instance /settings language both"),
        ("/settings timezone", "For instance /settings timezone Asia/Shanghai"),
        ("/settings timezone Shangai", "Did you mean Asia/Shanghai?"),
        ("/settings plan", f"For instance /settings plan {PLAN}"),
        ("/settings plan nonsense", f"There is no plan “nonsense”. These are: {PLAN}."),
        ("/settings langauge zh", "Did you mean /settings language <language>?"),
        ("/settings zzz", "Did you mean /settings [show]?"),
    ):
        assert told in (await desk.say(INES, line)).text
    assert (await desk.club()).language is ClubLanguage.EN


async def test_a_plan_chosen_again_changes_nothing(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    same = await desk.say(INES, f"/settings plan {PLAN}")
    assert "The club is reading Deep learning from zero, part 2 already." in same.text
    assert (await desk.club()).position == 1


async def test_a_new_zone_keeps_the_local_hours(desk: Desk) -> None:
    await desk.found()
    done = await desk.say(INES, "/settings timezone new york")
    assert "The club now keeps the time of America/New_York." in done.text
    assert "The next paper comes Mon 31 Aug, 09:00." in done.text
    await desk.pass_time(2 * HOUR)
    assert (await desk.club()).position == 0
    await desk.pass_time(4 * HOUR)
    assert (await desk.club()).position == 1


# Languages


async def test_a_group_hears_the_clubs_language_and_each_member_their_own_in_private(desk: Desk) -> None:
    await desk.found(ClubLanguage.EN)
    assert "To begin with" in (await desk.say(LIN, "/paper")).text
    assert "记下了" in (await desk.say(LIN, "/read")).text, "what concerns one member is in their language"
    assert "第一篇" in (await desk.say(LIN, "/paper", private(LIN))).text
    await desk.say(INES, "/settings language zh")
    assert "第一篇" in (await desk.say(ANN, "/paper")).text
    assert "Noted" in (await desk.say(ANN, "/read")).text


@pytest.mark.parametrize(("verb", "args"), [(Verb.JOIN, ()), (Verb.PAPER, ("adam",)), (Verb.LIST, ())])
async def test_a_press_that_everybody_sees_answered_is_answered_in_the_clubs_language(
    desk: Desk, verb: Verb, args: tuple[str, ...]
) -> None:
    await desk.found(ClubLanguage.EN)
    answer = await desk.do(LIN, verb, *args)
    assert not answer.reply.private
    told = {Verb.JOIN: "Welcome, 林晓.", Verb.PAPER: "Read before", Verb.LIST: "Deep learning models"}
    assert told[verb] in answer.text


async def test_a_club_of_both_languages_folds_chinese_under_english(desk: Desk) -> None:
    await desk.found(ClubLanguage.BOTH)
    card = await desk.say(LIN, "/paper")
    assert card.text.index("To begin with") < card.text.index("第一篇")
    assert card.labels[:3] == ("I’ve read it · 我读过了", "Quiz me · 考考我", "Discuss · 去讨论")
    assert "第一篇" in (await desk.say(LIN, "/paper", private(LIN))).text
    assert "To begin with" not in (await desk.say(LIN, "/paper", private(LIN))).text


async def test_a_new_club_takes_the_language_of_whoever_brings_the_bot_or_the_hosts(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with open_desk(tmp_path / "a") as desk:
        await desk.hear(LIN, Arrived())
        assert (await desk.club()).language is ClubLanguage.ZH
    defaults = Defaults(ClubLanguage.BOTH, "Asia/Shanghai", PLAN)
    async with open_desk(tmp_path / "b", defaults=defaults) as desk:
        await desk.hear(LIN, Arrived())
        club = await desk.club()
        assert (club.language, club.zone) == (ClubLanguage.BOTH, "Asia/Shanghai")


# Chats


async def test_a_club_that_the_bot_was_taken_out_of_gets_nothing(desk: Desk) -> None:
    await desk.found()
    assert await desk.hear(INES, Departed()) is None
    await desk.pass_time(2 * HOUR)
    assert desk.messenger.sent == []
    await desk.say(ANN, "/paper")
    await desk.pass_time(2 * DAY + 10 * HOUR)
    assert desk.messenger.sent, "a chat in which it is spoken to is open again"


async def test_a_group_without_a_club_is_told_how_one_begins(desk: Desk) -> None:
    for line in ("/paper", "/join", "/read", "/schedule", "/start"):
        assert (
            "No reading club meets here yet. An organiser begins one with /start."
            in (await desk.say(ANN, line)).text
        )
    assert "还没有读书会" in (await desk.say(LIN, "/paper")).text
    assert "No reading club" in (await desk.say(INES, "/settings language en")).text
    assert "I run this reading club" in (await desk.say(INES, "/start")).text
    assert (await desk.club()).members == 0


async def test_a_server_is_greeted_before_a_channel_is_chosen(desk: Desk) -> None:
    assert await desk.hear(INES, Arrived(chosen=False)) is not None
    assert "No reading club" in (await desk.say(INES, "/paper")).text


async def test_a_private_talk_is_not_greeted_unasked(desk: Desk) -> None:
    assert await desk.hear(ANN, Arrived(), private(ANN)) is None


async def test_a_club_comes_back_with_its_record_when_the_bot_does(desk: Desk) -> None:
    club = await desk.found()
    await desk.say(ANN, "/read")
    await desk.hear(INES, Departed())
    await desk.hear(INES, Arrived())
    assert (await desk.club()).id == club.id
    assert "1 of 18" in (await desk.say(ANN, "/progress")).text


async def test_a_departure_from_an_unknown_chat_is_nothing(desk: Desk) -> None:
    assert await desk.hear(INES, Departed()) is None
    assert await desk.hear(INES, Moved("-1")) is None


async def test_a_group_that_moves_keeps_its_club(desk: Desk) -> None:
    club = await desk.found()
    await desk.say(ANN, "/join")
    assert await desk.hear(INES, Moved("-100999")) is None
    moved = Place("-100999", ChatKind.GROUP, "Readers")
    assert (await desk.club(moved)).id == club.id
    await desk.pass_time(2 * HOUR)
    assert {delivery.to.chat_id for delivery in desk.messenger.sent} == {"-100999"}
    assert "already" in (await desk.say(ANN, "/join", moved)).text


async def test_topics_are_noticed_when_they_are_switched_on(desk: Desk) -> None:
    await desk.found()
    forum = Place(GROUP.chat_id, ChatKind.GROUP, "Readers", topics=True)
    await desk.say(ANN, "/paper", forum)
    async with desk.store.read() as records:
        chat = await records.chat(desk.messenger.platform, GROUP.chat_id)
    assert chat is not None
    assert chat.topics


async def test_nobody_is_asked_for_a_role_that_does_not_matter(desk: Desk) -> None:
    """The platform is asked over the network: only where the answer changes something."""
    asked = []

    async def may_organise(chat_id: str, user_id: str) -> bool:
        asked.append(user_id)
        return True

    desk.messenger.may_organise = may_organise  # type: ignore[method-assign]
    for line in ("/paper", "/join", "/read", "/progress", "/settings"):
        await desk.say(ANN, line)
    assert asked == []
    await desk.say(ANN, "/schedule pause")
    assert asked == [ANN.account.user_id]
