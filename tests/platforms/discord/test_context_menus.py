"""What can be done with a message: mark its paper as read, and keep its words as a note."""

import pytest

from bot.domain.clubs import Account, Platform
from bot.domain.languages import Language
from bot.domain.reading import NOTE_LIMIT, Level, Reading
from tests.house import library, words
from tests.platforms.discord.home import FIRST, HOUR, WEEK, Home
from tests.servers.discord import Channel, DiscordServer, Message, NotOffered, User
from tests.servers.discord_world import walk

WORDS = words()[Language.EN]
MARK, NOTE = "Mark as read", "Save as note"
PAPERS = library().plans()[0].papers


async def club(home: Home) -> None:
    """The club has begun, with its first paper."""
    await home.say(home.general, home.ines, "start")
    await home.pass_time(3 * HOUR)


async def choose(home: Home, message: Message, who: User, command: str) -> Message:
    """Choose a command on a message; the answer, which is the chooser's alone."""
    answer = await (await home.server.choose_on(message, who, command)).reply()
    await home.settled()
    assert answer.ephemeral_to is who or message.channel.guild is None
    return answer


async def record(home: Home, who: User, paper: str, channel: Channel | None = None) -> Reading | None:
    """What stands on somebody's record in the club of a channel, or in that which they are at home in."""
    account = Account(Platform.DISCORD, str(who.id))
    async with home.house.tools.store.read() as records:
        chat = await records.chat(Platform.DISCORD, str(channel.id)) if channel else None
        club_id = chat.club_id if chat else await records.home(account)
        assert club_id is not None
        member = await records.member_by_account(club_id, account)
        return await records.reading(member.id, paper) if member else None


def post_about(home: Home, words_of_it: str, channel: Channel | None = None) -> Message:
    """The bot's first message with these words and buttons under it."""
    said = home.server.messages(channel or home.general)
    return next(each for each in said if words_of_it in each.text and each.buttons)


async def test_marking_any_message_records_this_week_s_paper(home: Home, server: DiscordServer) -> None:
    await club(home)
    bo = home.guild.member("Bo")
    answer = await choose(home, server.say(home.general, bo, "What a paper!"), bo, MARK)
    assert answer.text.startswith(f"Noted: **{FIRST}")
    assert {"Quiz me", "Discuss"} <= {button.label for button in answer.buttons}
    reading = await record(home, bo, PAPERS[0], home.general)
    assert reading is not None
    assert (reading.level, reading.note) == (Level.READ, "")


async def test_marking_a_post_of_ours_records_its_own_paper(home: Home) -> None:
    await club(home)
    await home.pass_days(8)
    bo = home.guild.member("Bo")
    answer = await choose(home, post_about(home, FIRST), bo, MARK)
    assert FIRST in answer.text
    assert await record(home, bo, PAPERS[0], home.general)
    assert await record(home, bo, PAPERS[1], home.general) is None


async def test_marking_a_question_records_the_paper_it_asks_about(home: Home, server: DiscordServer) -> None:
    await club(home)
    await home.say(home.general, home.ines, "quiz", mode="live", paper=PAPERS[2])
    await home.pass_time(30)
    [asked] = [
        message
        for message in server.messages(home.general)
        if any((button.custom_id or "").startswith("p1:answer") for button in message.buttons)
    ]
    bo = home.guild.member("Bo")
    await choose(home, asked, bo, MARK)
    assert await record(home, bo, PAPERS[2], home.general)
    assert await record(home, bo, PAPERS[0], home.general) is None


async def test_in_last_week_s_thread_a_message_is_about_last_week_s_paper(
    home: Home, server: DiscordServer
) -> None:
    await club(home)
    [thread] = server.threads(home.general)
    await home.pass_days(8)
    bo = home.guild.member("Bo")
    answer = await choose(home, server.say(thread, bo, "I think it averages models."), bo, NOTE)
    assert FIRST in answer.text
    reading = await record(home, bo, PAPERS[0], home.general)
    assert reading is not None
    assert reading.note == "I think it averages models."


async def test_marking_again_keeps_a_closer_reading(home: Home, server: DiscordServer) -> None:
    await club(home)
    bo = home.guild.member("Bo")
    await home.say(home.general, bo, "read", level="reproduced", note="mine")
    said = server.say(home.general, bo, "read it")
    assert "on record already" in (await choose(home, said, bo, MARK)).text
    reading = await record(home, bo, PAPERS[0], home.general)
    assert reading is not None
    assert (reading.level, reading.note) == (Level.REPRODUCED, "mine")


async def test_a_message_becomes_a_note_without_its_writer_and_claims_a_skim_alone(
    home: Home, server: DiscordServer
) -> None:
    await club(home)
    bo, mo = home.guild.member("Bo"), home.guild.member("Mo")
    said = server.say(home.general, mo, f"{bo.mention} dropout is *bagging* for nets")
    answer = await choose(home, said, bo, NOTE)
    assert "as skimmed" in answer.text
    reading = await record(home, bo, PAPERS[0], home.general)
    assert reading is not None
    assert (reading.level, reading.note) == (Level.SKIMMED, "@… dropout is *bagging* for nets")
    assert await record(home, mo, PAPERS[0], home.general) is None


async def test_a_second_note_is_added_to_the_first_and_the_level_stays(
    home: Home, server: DiscordServer
) -> None:
    await club(home)
    bo = home.guild.member("Bo")
    await home.say(home.general, bo, "read", level="presented", note="first")
    read_at = home.clock.now()
    home.clock.advance(HOUR)
    said = server.say(home.general, bo, "second")
    assert "below what stood there" in (await choose(home, said, bo, NOTE)).text
    assert "says that already" in (await choose(home, said, bo, NOTE)).text
    reading = await record(home, bo, PAPERS[0], home.general)
    assert reading is not None
    assert (reading.level, reading.note, reading.at) == (Level.PRESENTED, "first\n\nsecond", read_at)


async def test_a_long_message_is_cut_and_a_full_note_is_left_as_it_is(
    home: Home, server: DiscordServer
) -> None:
    await club(home)
    bo = home.guild.member("Bo")
    long = server.say(home.general, bo, "长 message " * 150)
    answer = await choose(home, long, bo, NOTE)
    assert f"{NOTE_LIMIT} characters" in answer.text
    reading = await record(home, bo, PAPERS[0], home.general)
    assert reading is not None
    assert NOTE_LIMIT - 12 <= len(reading.note) <= NOTE_LIMIT
    assert reading.note.endswith("…")
    refused = await choose(home, server.say(home.general, bo, "one more thought"), bo, NOTE)
    assert "is full" in refused.text
    assert await record(home, bo, PAPERS[0], home.general) == reading


@pytest.mark.parametrize("said", ["", "  \n "])
async def test_a_message_without_words_is_refused_kindly(
    home: Home, server: DiscordServer, said: str
) -> None:
    await club(home)
    bo = home.guild.member("Bo")
    answer = await choose(home, server.say(home.general, bo, said), bo, NOTE)
    assert answer.text == WORDS("error.note.empty")
    assert await record(home, bo, PAPERS[0], home.general) is None


async def test_where_no_club_meets_it_is_said_how_one_begins(home: Home, server: DiscordServer) -> None:
    bo = home.guild.member("Bo")
    answer = await choose(home, server.say(home.general, bo, "hello"), bo, MARK)
    assert answer.text == WORDS("error.club.none")


async def test_alone_with_the_bot_it_is_one_s_own_club(home: Home, server: DiscordServer) -> None:
    alone = server.dm(home.ines)
    shown = await home.say(alone, home.ines, "paper show", paper=PAPERS[3])
    await choose(home, shown, home.ines, MARK)
    assert await record(home, home.ines, PAPERS[3])
    await choose(home, server.say(alone, home.ines, "a thought of mine"), home.ines, NOTE)
    reading = await record(home, home.ines, PAPERS[0])
    assert reading is not None
    assert reading.note == "a thought of mine"


async def test_in_chinese_the_answer_is_chinese(home: Home, server: DiscordServer) -> None:
    await club(home)
    lin = home.guild.member("Lin", locale="zh-CN")
    answer = await choose(home, server.say(home.general, lin, "好文章"), lin, NOTE)
    assert "已存为你对" in answer.text


async def test_a_paper_that_was_removed_is_said_to_be_gone(home: Home, server: DiscordServer) -> None:
    await club(home)
    post = post_about(home, FIRST)
    for part in walk(post.components):
        if part.get("custom_id"):
            part["custom_id"] = part["custom_id"].replace(PAPERS[0], "a-paper-of-old")
    answer = await choose(home, post, home.ines, MARK)
    assert answer.text.replace("\\", "") == WORDS.plain("error.paper.gone", paper="a-paper-of-old")


async def test_nothing_else_is_offered_on_a_message(home: Home, server: DiscordServer) -> None:
    said = server.say(home.general, home.ines, "hello")
    with pytest.raises(NotOffered):
        await server.choose_on(said, home.ines, "Translate")
    with pytest.raises(NotOffered):
        await server.choose_on(said, server.user("Stranger"), MARK)


async def test_the_help_tells_of_both(home: Home) -> None:
    await club(home)
    answer = await home.say(home.general, home.ines, "help")
    assert MARK in answer.text
    assert NOTE in answer.text


async def test_a_week_later_the_default_is_the_new_paper(home: Home, server: DiscordServer) -> None:
    await club(home)
    await home.pass_time(WEEK)
    await choose(home, server.say(home.general, home.ines, "on it"), home.ines, MARK)
    assert await record(home, home.ines, PAPERS[1], home.general)
