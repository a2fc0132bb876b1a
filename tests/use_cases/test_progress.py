"""`/progress`: mine, somebody's, the club's."""

import re

from bot.domain.languages import ClubLanguage
from bot.messages.actions import Verb
from tests.house import ANN, HOUR, INES, LIN, WEEK, Desk, person, private

FIRST = "Improving neural networks by preventing co-adaptation of feature detectors"
SECOND = "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"


async def test_a_stranger_has_nothing_on_record_and_is_told_how_to_begin(desk: Desk) -> None:
    await desk.found()
    told = await desk.say(ANN, "/progress")
    assert told.text == "You have nothing on record yet. /join, or press I’ve read it under a paper."
    assert told.reply.private
    assert "你还没有记录" in (await desk.say(LIN, "/progress")).text


async def test_mine_tells_papers_weeks_quizzes_and_what_is_next(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(ANN, "/join")
    told = (await desk.say(ANN, "/progress")).text
    assert "Your reading" in told
    assert "0 of 18 papers read" in told
    assert "No weeks in a row yet" in told
    assert "No quiz yet. /quiz takes five minutes." in told
    assert f"Next for you: {FIRST} (/paper show 1)." in told

    await desk.say(ANN, "/read")
    card = await desk.do(ANN, Verb.QUIZ, "dropout-2012")
    await desk.press(ANN, card.token("A"))
    told = (await desk.say(ANN, "/progress")).text
    assert "1 of 18 papers read" in told
    assert "1 week in a row" in told
    assert re.search(rf"{FIRST}: [01]/\d+", told)
    assert f"You are up to date. {SECOND} comes Mon 7 Sep, 09:00." in told


async def test_mine_in_chinese(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(LIN, "/read")
    told = (await desk.say(LIN, "/progress")).text
    assert "18 篇里读了 1 篇" in told
    assert "连续 1 周" in told
    assert "发布时间：9月7日 周一 09:00。" in told


async def test_weeks_in_a_row_are_weeks_of_the_club(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    for _ in range(3):
        await desk.say(ANN, "/read")
        await desk.pass_time(WEEK)
    assert "3 weeks in a row" in (await desk.say(ANN, "/progress")).text, "this week is not over yet"
    await desk.pass_time(WEEK)
    assert "No weeks in a row yet" in (await desk.say(ANN, "/progress")).text
    await desk.say(ANN, "/read 4")
    assert "4 weeks in a row" in (await desk.say(ANN, "/progress")).text, "late joiners catch up"


async def test_a_late_joiner_is_offered_the_earliest_paper_not_read(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(WEEK)
    await desk.say(ANN, "/read 2")
    assert f"Next for you: {FIRST} (/paper show 1)." in (await desk.say(ANN, "/progress")).text


async def test_a_skim_does_not_count_as_read(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(ANN, "/read skimmed")
    told = (await desk.say(ANN, "/progress")).text
    assert "0 of 18 papers read" in told
    assert "Next for you" in told


async def test_the_clubs_progress_tells_who_has_read(desk: Desk) -> None:
    await desk.found()
    for who in (INES, ANN, LIN):
        await desk.say(who, "/join")
    assert "Readers: 3 members, not begun yet." in (await desk.say(ANN, "/progress")).text
    await desk.pass_time(2 * HOUR)
    told = (await desk.say(ANN, "/progress")).text
    assert "Readers · paper 1 of 18" in told
    assert f"0 of 3 have read {FIRST}." in told
    assert "Readers: " not in told
    await desk.say(LIN, "/read")
    desk.clock.advance(1)
    await desk.say(INES, "/read")
    assert "Readers: 林晓 and Ines." in (await desk.say(ANN, "/progress")).text
    assert "3 人中已有 2 人读过" in (await desk.say(LIN, "/progress")).text
    assert "已读：林晓、Ines。" in (await desk.say(LIN, "/progress")).text


async def test_many_readers_are_counted_beyond_the_first_twenty(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    for number in range(23):
        await desk.say(person(f"r{number}", f"Reader {number:02}"), "/read")
        desk.clock.advance(1)
    told = (await desk.say(ANN, "/progress")).text
    assert "23 of 23 have read" in told
    assert "Reader 18 and Reader 19, and 3 more." in told
    assert "Reader 20" not in told


async def test_somebody_elses_is_asked_by_handle_name_or_mention(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(LIN, "/read")
    await desk.say(INES, "/join")
    for line, mentions in (
        ("/progress @lin", {}),
        ("/progress lin", {}),
        ("/progress 林晓", {}),
        ("/progress @LIN", {}),
        ("/progress 林晓", {"林晓": LIN.account.user_id}),
        ("/progress <@3>", {"<@3>": LIN.account.user_id}),
    ):
        told = await desk.say(ANN, line, mentions=mentions)
        assert told.text.startswith("林晓"), line
        assert "1 of 18 papers read" in told.text
        assert "have read" not in told.text
        assert told.reply.private
    asked = await desk.ask(ANN, "progress", member=f"id:{LIN.account.user_id}")
    assert asked.text.startswith("林晓")


async def test_an_unknown_member_is_named_safely(desk: Desk) -> None:
    await desk.found()
    told = await desk.say(ANN, "/progress @*nobody*")
    assert told.text == "I know no member “@*nobody*” here. /progress alone shows who has read what."
    assert "没有叫“路人”的成员" in (await desk.say(LIN, "/progress 路人")).text


async def test_a_member_of_another_club_is_unknown_here(desk: Desk) -> None:
    await desk.found()
    await desk.say(LIN, "/join", private(LIN))
    assert "I know no member" in (await desk.say(ANN, "/progress @lin")).text
    asked = await desk.ask(ANN, "progress", member=f"id:{LIN.account.user_id}")
    assert "I know no member" in asked.text


async def test_somebody_who_left_is_not_shown_by_name(desk: Desk) -> None:
    await desk.found()
    await desk.say(LIN, "/read")
    await desk.say(LIN, "/leave")
    assert "I know no member" in (await desk.say(ANN, "/progress @lin")).text


async def test_the_whole_plan_read_is_said(desk: Desk) -> None:
    await desk.found(ClubLanguage.EN)
    await desk.pass_time(2 * HOUR)
    for number in range(1, 19):
        await desk.say(ANN, f"/read {number}")
        await desk.pass_time(WEEK)
    told = (await desk.say(ANN, "/progress")).text
    assert "18 of 18 papers read" in told
    assert "18 weeks in a row" in told
    assert "You have read the whole plan." in told
