"""People come to a club: by its invitation, or into its chat, where they are greeted once."""

import pytest

from bot.domain.clubs import Account, Platform
from bot.domain.languages import ClubLanguage, Language
from bot.messages.actions import Verb, action
from bot.messages.incoming import Arrived, Departed, Joined, Moved, Place
from bot.messages.incoming import Sender as Person
from bot.messages.outgoing import Reply
from tests.house import ANN, ELSEWHERE, GROUP, HOUR, INES, LIN, Desk, Heard, person, private

OUTSIDER = person("77", "Omar")
DOOR = "https://example.org/door?"


async def invited(desk: Desk, place: Place = GROUP) -> str:
    """The token behind the link that the club shows."""
    desk.messenger.door = DOOR
    said = await desk.say(ANN, "/invite", place)
    return said.text.partition(DOOR)[2]


async def came(desk: Desk, *users: str, place: Place = GROUP, who: Person = INES) -> Reply | None:
    """People come into a chat."""
    accounts = tuple(Account(Platform.TELEGRAM, user) for user in users)
    return await desk.hear(who, Joined(accounts), place)


# Invitations


async def test_an_invitation_is_a_link_and_stays_the_same(desk: Desk) -> None:
    await desk.found()
    desk.messenger.door = DOOR
    said = await desk.say(ANN, "/invite")
    assert "An invitation to Readers." in said.text
    token = said.text.partition(DOOR)[2]
    assert token.startswith("p1:enter:")
    assert await invited(desk) == token
    assert (await desk.club()).members == 0


async def test_where_there_are_no_such_links_it_is_said_how_people_get_in(desk: Desk) -> None:
    await desk.found()
    said = await desk.say(ANN, "/invite")
    assert "press Join" in said.text
    assert "http" not in said.text


async def test_an_outsider_who_opens_an_invitation_is_in_and_at_home(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    token = await invited(desk)
    first = await desk.press(OUTSIDER, token, private(OUTSIDER))
    assert "Welcome to Readers, Omar." in first.text
    assert "The club is at paper 1 of 18" in first.text
    assert first.labels == ("This week’s paper", "Quiz me", "My progress")
    assert (await desk.club()).members == 1
    assert "Settings of Readers" in (await desk.say(OUTSIDER, "/settings", private(OUTSIDER))).text
    quiz = await desk.press(OUTSIDER, first.token("Quiz me"), private(OUTSIDER))
    assert "Question 1" in quiz.text
    paper = await desk.press(OUTSIDER, first.token("This week’s paper"), private(OUTSIDER))
    assert "This week · 1 of 18" in paper.text


async def test_who_opens_it_again_hears_that_they_are_in_already(desk: Desk) -> None:
    await desk.found()
    token = await invited(desk)
    await desk.press(OUTSIDER, token, private(OUTSIDER))
    again = await desk.press(OUTSIDER, token, private(OUTSIDER))
    assert "You are in Readers already, Omar." in again.text
    assert (await desk.club()).members == 1


async def test_who_has_left_comes_back_by_it(desk: Desk) -> None:
    await desk.found()
    token = await invited(desk)
    await desk.press(OUTSIDER, token, private(OUTSIDER))
    await desk.say(OUTSIDER, "/leave", private(OUTSIDER))
    assert (await desk.club()).members == 0
    assert "Welcome to Readers" in (await desk.press(OUTSIDER, token, private(OUTSIDER))).text
    assert (await desk.club()).members == 1


async def test_somebody_with_a_club_of_their_own_goes_where_they_are_invited(desk: Desk) -> None:
    await desk.found(ClubLanguage.EN)
    await desk.say(LIN, "/start", private(LIN))
    entered = await desk.press(LIN, await invited(desk), private(LIN))
    assert "欢迎加入“Readers”，林晓！" in entered.text
    assert "读书会开始时间" in entered.text
    assert "Readers" in (await desk.say(LIN, "/settings", private(LIN))).text


@pytest.mark.parametrize("code", ["0" * 20, "", "x", "'; DROP TABLE clubs; --"])
async def test_a_wrong_code_gets_a_kind_sentence_and_founds_nothing(desk: Desk, code: str) -> None:
    await desk.found()
    refused = await desk.press(OUTSIDER, action(Verb.ENTER, code).token, private(OUTSIDER))
    assert refused.toast.startswith("This invitation does not work any more.")
    async with desk.store.read() as records:
        assert len(await records.clubs()) == 1
        assert await records.home(OUTSIDER.account) is None


async def test_a_renewed_invitation_lets_nobody_in_by_the_old_link(desk: Desk) -> None:
    await desk.found()
    old = await invited(desk)
    assert "Only organisers" in (await desk.say(ANN, "/invite renew")).text
    renewed = (await desk.say(INES, "/invite renew")).text.partition(DOOR)[2]
    assert "does not work any more" in (await desk.press(OUTSIDER, old, private(OUTSIDER))).toast
    assert "Welcome" in (await desk.press(OUTSIDER, renewed, private(OUTSIDER))).text


async def test_an_invitation_opened_in_a_group_enrols_nobody(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    token = await invited(desk)
    assert "private chat" in (await desk.press(OUTSIDER, token, ELSEWHERE)).toast
    assert (await desk.club()).members == (await desk.club(ELSEWHERE)).members == 0


async def test_a_club_of_one_can_be_shared(desk: Desk) -> None:
    await desk.say(ANN, "/start", private(ANN))
    token = await invited(desk, private(ANN))
    assert "Welcome to Ann, Omar." in (await desk.press(OUTSIDER, token, private(OUTSIDER))).text
    assert (await desk.club(private(ANN))).members == 2


# Private talks about the right club


async def test_what_is_looked_at_in_a_group_goes_on_in_private_about_that_club(desk: Desk) -> None:
    """Also for one who is in another club, and for one who is in none."""
    await desk.found()
    await desk.found(place=ELSEWHERE)
    await desk.say(ANN, "/join")
    await desk.say(ANN, "/join", ELSEWHERE)
    paper = await desk.say(INES, "/paper")
    for who in (ANN, OUTSIDER):
        await desk.press(who, paper.token("More about it"))
        await desk.press(who, paper.token("More about it"), private(who))
        assert "Settings of Readers" in (await desk.say(who, "/settings", private(who))).text
    async with desk.store.read() as records:
        assert len(await records.clubs()) == 2


async def test_a_quiz_goes_on_in_its_own_club_whatever_was_done_meanwhile(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    paper = await desk.say(INES, "/paper")
    await desk.press(ANN, paper.token("Quiz me"))
    card = await desk.press(ANN, paper.token("Quiz me"), private(ANN))
    await desk.say(ANN, "/join", ELSEWHERE)
    answered = await desk.press(ANN, card.token("A"), private(ANN))
    assert "Question 1" in answered.text
    assert "Question 2" in (await desk.press(ANN, answered.token("Next question"), private(ANN))).text


async def test_a_quiz_of_somebody_else_leads_nobody_into_their_club(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    await desk.say(OUTSIDER, "/join", ELSEWHERE)
    paper = await desk.say(INES, "/paper")
    card = await desk.press(ANN, paper.token("Quiz me"))
    refused = await desk.press(OUTSIDER, card.token("A"), private(OUTSIDER))
    assert "belongs to another club" in refused.toast
    assert "Settings of Others" in (await desk.say(OUTSIDER, "/settings", private(OUTSIDER))).text


# Greetings


async def test_who_comes_is_told_quietly_where_the_club_stands(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    reply = await came(desk, "41")
    assert reply is not None
    assert reply.message is not None
    assert reply.message.silent
    greeting = Heard(reply)
    assert greeting.text.startswith("Welcome! The club is at paper 1 of 18, Improving neural networks")
    assert "Nobody is behind" in greeting.text
    assert greeting.labels == ("Join", "This week’s paper")
    assert (await desk.club()).members == 0


@pytest.mark.parametrize(
    ("language", "waiting", "paused"),
    [
        (ClubLanguage.EN, "The club begins Mon 31 Aug, 09:00", "taking a break after paper 1 of 18"),
        (ClubLanguage.ZH, "读书会开始时间：8月31日", "读书会正在休息，已经读到第 1 篇（共 18 篇）"),
    ],
)
async def test_the_greeting_fits_a_club_that_waits_or_rests(
    desk: Desk, language: ClubLanguage, waiting: str, paused: str
) -> None:
    await desk.found(language)
    first = await came(desk, "41")
    assert first is not None
    assert waiting in Heard(first).text
    await desk.pass_time(2 * HOUR)
    await desk.say(INES, "/schedule pause")
    second = await came(desk, "42")
    assert second is not None
    assert paused in Heard(second).text


async def test_a_club_in_both_languages_greets_in_both(desk: Desk) -> None:
    await desk.found(ClubLanguage.BOTH)
    reply = await came(desk, "41", who=LIN)
    assert reply is not None
    assert "Welcome!" in Heard(reply).text
    assert "欢迎新朋友！" in Heard(reply).text
    assert Heard(reply).labels[0] == "Join · 加入"


async def test_nobody_is_greeted_twice(desk: Desk) -> None:
    """Telegram tells of one join in two ways; and people leave and come back, for years."""
    await desk.found()
    assert await came(desk, "41") is not None
    assert await came(desk, "41") is None
    desk.clock.advance(365 * 24 * HOUR)
    assert await came(desk, "41") is None
    await desk.restart()
    assert await came(desk, "41") is None


async def test_who_is_or_was_a_member_is_not_greeted(desk: Desk) -> None:
    await desk.found()
    await desk.say(ANN, "/join")
    assert await came(desk, ANN.account.user_id) is None
    await desk.say(ANN, "/leave")
    assert await came(desk, ANN.account.user_id) is None
    assert await came(desk, "41") is not None


async def test_those_who_come_within_a_minute_share_a_greeting(desk: Desk) -> None:
    await desk.found()
    assert await came(desk, "41", "42", "43") is not None
    desk.clock.advance(59)
    assert await came(desk, "44") is None
    desk.clock.advance(1)
    assert await came(desk, "44") is None
    assert await came(desk, "45") is not None


async def test_a_raid_is_greeted_once_a_minute(desk: Desk) -> None:
    await desk.found()
    greeted = 0
    for user in range(300):
        greeted += await came(desk, str(1000 + user)) is not None
        desk.clock.advance(1)
    assert greeted == 5


async def test_each_chat_greets_for_itself(desk: Desk) -> None:
    await desk.found()
    await desk.found(place=ELSEWHERE)
    assert await came(desk, "41") is not None
    assert await came(desk, "41", place=ELSEWHERE) is not None


async def test_where_no_club_meets_nobody_is_greeted_and_no_club_is_founded(desk: Desk) -> None:
    assert await came(desk, "41") is None
    async with desk.store.read() as records:
        assert await records.clubs() == []
    await desk.found()
    await desk.hear(ANN, Departed())
    assert await came(desk, "41") is None


async def test_a_group_with_a_new_id_remembers_whom_it_greeted(desk: Desk) -> None:
    await desk.found()
    assert await came(desk, "41") is not None
    await desk.hear(INES, Moved("-100999"))
    moved = Place("-100999", GROUP.kind, GROUP.title)
    desk.clock.advance(HOUR)
    assert await came(desk, "41", place=moved) is None
    assert await came(desk, "42", place=moved) is not None


async def test_a_club_whose_plan_is_gone_greets_nobody_rather_than_complain(desk: Desk) -> None:
    await desk.hear(INES, Arrived())
    club = await desk.club()
    async with desk.store.write() as records:
        await records.set_plan(club.id, "a-plan-that-is-gone", 0)
    assert await came(desk, "41") is None


async def test_a_member_in_two_languages_reads_the_clubs(desk: Desk) -> None:
    """A greeting is for everybody: in the club's language, not in that of who brought them."""
    await desk.found(ClubLanguage.ZH)
    reply = await came(desk, "41", who=person("5", "Bob", Language.EN))
    assert reply is not None
    assert "欢迎新朋友" in Heard(reply).text
