"""`/read` and `/unread`, typed and pressed."""

import pytest

from bot.domain.reading import NOTE_LIMIT, Level, Reading
from bot.messages.actions import Verb
from bot.messages.incoming import Sender as Person
from bot.messages.markup import units
from tests.house import ANN, HOUR, INES, LIN, Desk, library, private

FIRST = "Improving neural networks by preventing co-adaptation of feature detectors"


async def record(desk: Desk, who: Person = ANN, paper: str = "dropout-2012") -> Reading | None:
    """What stands on someone's record."""
    club = await desk.club()
    async with desk.store.read() as records:
        member = await records.member_by_account(club.id, who.account)
        return await records.reading(member.id, paper) if member else None


@pytest.mark.parametrize(
    ("line", "paper", "level", "note"),
    [
        ("/read", "dropout-2012", Level.READ, ""),
        ("/read skimmed", "dropout-2012", Level.SKIMMED, ""),
        ("/read PRESENTED", "dropout-2012", Level.PRESENTED, ""),
        ("/read reproduced 3", "batch-norm", Level.REPRODUCED, ""),
        ("/read 3", "batch-norm", Level.READ, ""),
        ("/read adam", "adam", Level.READ, ""),
        ("/read adam it converges", "adam", Level.READ, "it converges"),
        ("/read skimmed 8 only the figures", "adam", Level.SKIMMED, "only the figures"),
        ("/read what a fine idea", "dropout-2012", Level.READ, "what a fine idea"),
        ("/read skimmed 只看了图", "dropout-2012", Level.SKIMMED, "只看了图"),
    ],
)
async def test_a_reading_is_recorded(desk: Desk, line: str, paper: str, level: Level, note: str) -> None:
    await desk.found()
    noted = await desk.say(ANN, line)
    assert noted.text.startswith("Noted: ")
    assert noted.reply.private
    kept = await record(desk, paper=paper)
    assert kept is not None
    assert (kept.level, kept.note, kept.at) == (level, note, desk.clock.now())


async def test_saying_it_twice_changes_nothing_and_says_so(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/read reproduced 1 all of it")
    before = await record(desk)
    desk.clock.advance(HOUR)
    again = await desk.say(ANN, "/read reproduced 1 all of it")
    assert (
        again.text
        == f"That is on record already: {FIRST}, reproduced, Mon 31 Aug, 07:00. Nothing has changed."
    )
    assert await record(desk) == before
    assert "记下了" in (await desk.say(LIN, "/read")).text
    assert "已经有记录了" in (await desk.say(LIN, "/read")).text


async def test_pressing_twice_changes_nothing_and_says_so(desk: Desk) -> None:
    await desk.found()
    card = await desk.say(ANN, "/paper")
    first = await desk.press(ANN, card.token("I’ve read it"))
    before = await record(desk)
    desk.clock.advance(HOUR)
    second = await desk.press(ANN, card.token("I’ve read it"))
    assert first.toast.startswith("Noted")
    assert "Nothing has changed." in second.toast
    assert await record(desk) == before
    third = await desk.press(LIN, card.token("I’ve read it"))
    assert third.toast.startswith("记下了")
    assert "没有改动" in (await desk.press(LIN, card.token("I’ve read it"))).toast


async def test_a_press_does_not_take_a_closer_reading_back(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/read reproduced 1 with code")
    pressed = await desk.do(ANN, Verb.READ, "dropout-2012")
    assert "reproduced" in pressed.toast
    kept = await record(desk)
    assert kept is not None
    assert (kept.level, kept.note) == (Level.REPRODUCED, "with code")


async def test_a_press_on_a_level_sets_it_and_keeps_the_note(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/read what a fine idea")
    assert "presented" in (await desk.do(ANN, Verb.LEVEL, "dropout-2012", "presented")).toast
    kept = await record(desk)
    assert kept is not None
    assert (kept.level, kept.note) == (Level.PRESENTED, "what a fine idea")
    assert "no reading level" in (await desk.do(ANN, Verb.LEVEL, "dropout-2012", "dreamt")).toast
    assert await record(desk) == kept


async def test_a_new_note_replaces_the_old_one(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/read one")
    await desk.say(ANN, "/read two")
    kept = await record(desk)
    assert kept is not None
    assert kept.note == "two"


@pytest.mark.parametrize("length", [NOTE_LIMIT, NOTE_LIMIT + 1])
async def test_a_note_has_a_limit_and_is_told_it(desk: Desk, length: int) -> None:
    await desk.found()
    told = (await desk.say(ANN, f"/read 1 {'n' * length}")).text
    if length <= NOTE_LIMIT:
        assert told.startswith("Noted")
    else:
        assert told.startswith("That note has 501 characters; 500 fit.")
        assert await record(desk) is None
        assert "笔记有 501 个字符" in (await desk.say(LIN, f"/read 1 {'字' * length}")).text


async def test_a_skim_is_on_record_and_not_counted_as_read(desk: Desk) -> None:
    await desk.found()
    await desk.say(INES, "/join")
    told = await desk.say(ANN, "/read skimmed")
    assert "0 of 2 have read it." in told.text
    assert "1 of 2 have read it." in (await desk.say(ANN, "/read")).text
    assert "0 of 2 have read it." in (await desk.say(ANN, "/read skimmed")).text


async def test_a_reading_is_taken_back_once(desk: Desk) -> None:
    await desk.found()
    nothing = await desk.say(ANN, "/unread")
    assert nothing.text == f"{FIRST} is not on your record, so there is nothing to take back."
    await desk.say(ANN, "/read")
    back = await desk.say(ANN, "/unread")
    assert back.text == f"Taken back: {FIRST} is no longer on your record."
    assert back.reply.private
    assert await record(desk) is None
    assert "nothing to take back" in (await desk.say(ANN, "/unread")).text
    assert "0 of 18 papers read" in (await desk.say(ANN, "/progress")).text


async def test_a_reading_of_another_paper_is_taken_back_by_name(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/read adam")
    await desk.say(ANN, "/read 1")
    assert "Adam" in (await desk.say(ANN, "/unread 8")).text
    assert await record(desk, paper="adam") is None
    assert await record(desk) is not None
    assert "Taken back" in (await desk.do(ANN, Verb.UNREAD, "dropout-2012")).toast


async def test_someone_who_only_takes_back_is_not_enrolled(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/unread")
    assert (await desk.club()).members == 0


async def test_a_paper_that_is_not_there_is_not_recorded(desk: Desk) -> None:
    await desk.found()
    assert "I know no paper like “99”" in (await desk.say(ANN, "/read 99")).text
    assert "too old" in (await desk.do(ANN, Verb.READ, "no-such-paper")).toast
    assert (await desk.club()).members == 0


async def test_reading_in_private_and_in_the_group_is_one_record(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/join")
    await desk.say(ANN, "/read", private(ANN))
    assert "on record already" in (await desk.say(ANN, "/read")).text


async def test_every_toast_about_reading_fits(desk: Desk) -> None:
    """The longest titles, at the longest level, in a club that is told how many have read."""
    await desk.found()
    await desk.say(INES, "/join")
    for paper in library().papers():
        for who in (ANN, LIN):
            for verb in (Verb.READ, Verb.LEVEL, Verb.LEVEL, Verb.UNREAD, Verb.UNREAD):
                args = (paper.id, "reproduced") if verb is Verb.LEVEL else (paper.id,)
                toast = (await desk.do(who, verb, *args)).toast
                assert 0 < units(toast) <= 200
                assert "*" not in toast
                assert "\\" not in toast
