"""Chats in which nothing can be posted: the rest goes on, the organiser is told, and it resumes by itself."""

from collections.abc import Sequence

import pytest

from bot.delivery.sender import BARRED_LONGEST_WAIT
from bot.domain.clubs import ChatKind, Platform, Trouble
from bot.domain.languages import Language
from bot.domain.posts import PostState
from bot.messages.incoming import Arrived, Departed, Place, Returned
from bot.ports import Ambiguous, NotSent, Refusal, Refused
from bot.storage.sqlite import Inline
from tests.house import ANN, DAY, GROUP, HOUR, INES, LIN, Desk, person, private, read

SECOND = Place("-100900", ChatKind.GROUP, "Readers, second room")
GONE = Refused("Forbidden: bot was kicked from the supergroup chat", Refusal.GONE)
BARRED = Refused("not enough rights to send text messages to the chat", Refusal.BARRED)


async def two_rooms(desk: Desk) -> None:
    """A club that meets in two chats, its first paper due now."""
    club = await desk.found()
    async with desk.store.write() as records:
        await records.add_chat(club.id, Platform.TELEGRAM, SECOND.chat_id, ChatKind.GROUP, False)
    desk.clock.advance(2 * HOUR)


def arrived(desk: Desk, place: Place) -> int:
    return sum(each.to.chat_id == place.chat_id for each in desk.messenger.sent)


async def troubles(desk: Desk) -> Sequence[Trouble]:
    club = await desk.club()
    async with desk.store.read() as records:
        return [trouble for _, trouble in await records.troubles(club.id)]


@pytest.mark.parametrize("trouble", [GONE, BARRED])
async def test_a_club_goes_on_in_its_other_chats(desk: Desk, trouble: Refused) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = trouble
    await desk.tick()
    assert (arrived(desk, GROUP), arrived(desk, SECOND)) == (0, 3)
    [held] = [post for post in await desk.posts() if post.chat.chat_id == GROUP.chat_id]
    assert held.state is PostState.PENDING


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (GONE, "I can’t post for Readers on Telegram any more: I was removed or blocked there"),
        (BARRED, "I may not post for Readers on Telegram: a right is missing there."),
    ],
)
async def test_the_organiser_is_told_once_in_private(desk: Desk, trouble: Refused, told: str) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = trouble
    for _ in range(20):
        await desk.pass_time(600)
    [(who, message)] = desk.messenger.told
    assert who == INES.account.user_id
    assert read(message).startswith(told)


async def test_a_chat_that_bars_the_bot_is_tried_with_more_and_more_patience_in_its_order(desk: Desk) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    await desk.tick()
    for wait in (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, BARRED_LONGEST_WAIT, BARRED_LONGEST_WAIT):
        tried = len(desk.messenger.attempts)
        await desk.pass_time(wait - 1)
        assert len(desk.messenger.attempts) == tried
        await desk.pass_time(1)
        assert len(desk.messenger.attempts) == tried + 1
    desk.messenger.troubled_chats.clear()
    await desk.pass_time(BARRED_LONGEST_WAIT)
    keys = [each.key for each in desk.messenger.sent if each.to.chat_id == GROUP.chat_id]
    assert len(keys) == 3
    assert keys == sorted(keys)
    assert await troubles(desk) == []


async def test_it_goes_on_at_once_when_the_right_is_back(desk: Desk) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    for _ in range(10):
        await desk.pass_time(HOUR)
    desk.messenger.troubled_chats.clear()
    await desk.hear(INES, Returned((GROUP.chat_id, "-1")), None)
    await desk.tick()
    assert arrived(desk, GROUP) >= 3
    assert await troubles(desk) == []


async def test_an_incident_that_comes_again_is_told_again(desk: Desk) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    await desk.tick()
    desk.messenger.troubled_chats.clear()
    await desk.pass_time(HOUR)
    assert await troubles(desk) == []
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    await desk.pass_time(3 * DAY)
    assert len(desk.messenger.told) == 2


async def test_it_goes_on_when_the_bot_is_added_again(desk: Desk) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = GONE
    await desk.tick()
    assert await troubles(desk) == [Trouble.GONE]
    desk.messenger.troubled_chats.clear()
    await desk.hear(ANN, Arrived())
    await desk.tick()
    assert arrived(desk, GROUP) == 3
    assert await troubles(desk) == []


async def test_what_waited_for_more_than_two_days_is_let_go(desk: Desk) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = GONE
    await desk.tick()
    desk.messenger.troubled_chats.clear()
    desk.clock.advance(2 * DAY + HOUR)
    await desk.hear(ANN, Arrived())
    await desk.tick()
    first, *_ = [post for post in await desk.posts() if post.chat.chat_id == GROUP.chat_id]
    assert first.state.value == "failed"


async def test_whoever_last_acted_as_organiser_is_told_in_their_language(desk: Desk) -> None:
    desk.messenger.organisers.add(LIN.account.user_id)
    await two_rooms(desk)
    await desk.say(LIN, "/schedule pause")
    await desk.say(LIN, "/schedule resume")
    await desk.say(ANN, "/schedule")
    desk.messenger.troubled_chats[GROUP.chat_id] = GONE
    await desk.pass_time(7 * DAY)
    [(who, message)] = desk.messenger.told
    assert who == LIN.account.user_id
    assert "我已无法在 Telegram 上为“Readers”发帖" in read(message)


async def test_who_speaks_as_the_group_itself_cannot_be_told(desk: Desk) -> None:
    anonymous = person(GROUP.chat_id, "Readers")
    desk.messenger.organisers.add(GROUP.chat_id)
    await two_rooms(desk)
    await desk.say(anonymous, "/settings language en")
    desk.messenger.troubled_chats[GROUP.chat_id] = GONE
    await desk.tick()
    assert [who for who, _ in desk.messenger.told] == [INES.account.user_id]


async def test_a_club_of_one_that_blocked_the_bot_is_not_written_to(desk: Desk) -> None:
    await desk.say(ANN, "/start", private(ANN))
    desk.messenger.troubled_chats[ANN.account.user_id] = GONE
    await desk.pass_time(2 * HOUR)
    assert desk.messenger.told == []
    desk.messenger.troubled_chats.clear()
    await desk.say(ANN, "/paper", private(ANN))
    await desk.hear(ANN, Arrived(), private(ANN))
    await desk.tick()
    assert arrived(desk, private(ANN)) == 3


async def test_telling_that_was_not_sent_is_tried_again_and_that_was_refused_is_not(desk: Desk) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    desk.messenger.deaf = NotSent("down")
    await desk.tick()
    desk.messenger.deaf = None
    await desk.pass_time(10)
    assert len(desk.messenger.told) == 1


@pytest.mark.parametrize("deaf", [Refused("no", Refusal.GONE), Ambiguous("?")])
async def test_an_organiser_who_cannot_be_reached_is_left_alone(desk: Desk, deaf: Exception) -> None:
    await two_rooms(desk)
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    desk.messenger.deaf = deaf
    await desk.tick()
    desk.messenger.deaf = None
    await desk.pass_time(10)
    assert desk.messenger.told == []


async def test_the_keeper_is_told_when_somebody_else_takes_the_bot_out(desk: Desk) -> None:
    await desk.found()
    await desk.hear(INES, Departed())
    assert desk.messenger.told == []
    await desk.hear(INES, Arrived())
    await desk.hear(ANN, Departed())
    assert [who for who, _ in desk.messenger.told] == [INES.account.user_id]


async def test_organisers_see_in_the_schedule_what_is_held_up_and_why(desk: Desk) -> None:
    await two_rooms(desk)
    assert "Nothing can be posted" not in (await desk.say(INES, "/schedule")).text
    desk.messenger.troubled_chats[GROUP.chat_id] = BARRED
    desk.messenger.troubled_chats[SECOND.chat_id] = GONE
    await desk.tick()
    told = (await desk.say(INES, "/schedule")).text
    assert "Nothing can be posted on Telegram: I lack the right to send messages there." in told
    assert "Nothing can be posted on Telegram: I was removed or blocked there" in told
    assert "Nothing can be posted" not in (await desk.say(ANN, "/schedule")).text


async def test_a_keeper_who_is_known_is_not_written_down_again(desk: Desk) -> None:
    await desk.found()
    async with desk.store.write() as records:
        [chat] = await records.chats((await desk.club()).id)
        assert isinstance(records.connection, Inline)
        before = records.connection.raw.total_changes
        await records.set_keeper(chat.id, INES.account.user_id, Language.EN)
        assert records.connection.raw.total_changes == before
        await records.set_keeper(chat.id, INES.account.user_id, Language.ZH)
        keeper = await records.keeper(chat.id)
    assert keeper
    assert (keeper.account, keeper.language) == (INES.account, Language.ZH)


def test_both_messages_say_that_it_goes_on_by_itself(desk: Desk) -> None:
    for trouble in Trouble:
        for language in Language:
            words = desk.tools.texts[language]
            told = words(f"trouble.{trouble}.told", club="x", platform="Telegram")
            assert {"en": "by itself", "zh": "自动继续"}[language] in told
