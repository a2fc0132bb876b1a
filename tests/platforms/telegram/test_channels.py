"""Channels: alone they are a club of their own; with their discussion group they are one club."""

from bot.domain.clubs import ChatKind, Trouble
from bot.domain.posts import PostKind, PostState
from tests.platforms.telegram.home import FIRST, HOUR, SECOND, WEEK, Home
from tests.servers.telegram import Chat, Message, User

RIGHTS = ("can_post_messages", "can_edit_messages")


async def channel_with_bot(home: Home, ines: User, group: Chat | None = None) -> Chat:
    channel = home.server.channel("Papers", admins=[ines], bot=None, group=group)
    home.server.add_bot(channel, ines, RIGHTS)
    await home.settled()
    return channel


async def group_with_bot(home: Home, ines: User, *rights: str) -> Chat:
    group = home.server.group("Talk", admins=[ines], bot=None)
    home.server.add_bot(group, ines, rights)
    await home.settled()
    return group


async def post(home: Home, channel: Chat, ines: User, text: str) -> list[Message]:
    said = home.server.post(channel, ines, text)
    await home.settled()
    return home.after(said)


def brought(group: Chat) -> list[Message]:
    """What Telegram brought from the channel into the group."""
    return [message for message in group.messages.values() if message.origin]


def holding(messages: list[Message], words: str) -> list[Message]:
    return [message for message in messages if words in message.text]


# Alone


async def test_a_channel_is_a_club_of_its_own(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    [hello] = home.server.messages(channel)
    assert "Hello" in hello.text
    found = await home.chat(channel)
    assert found is not None
    assert (found.kind, found.linked) == (ChatKind.CHANNEL, None)
    await home.pass_time(2 * HOUR)
    paper = holding(home.server.messages(channel), FIRST)[0]
    assert channel.pinned == [paper]
    await home.pass_days(6)
    await home.pass_time(12 * HOUR)
    said = home.after(paper)
    assert [message for message in said if message.reply_to is paper], "its prompts hang from it"
    assert len([message for message in said if message.buttons == ["A", "B", "C", "D"]]) == 5
    assert {post.kind for post in await home.posts()} >= {PostKind.RECAP, PostKind.PROMPT}
    assert {post.state for post in await home.posts()} == {PostState.SENT}
    assert home.methods("sendPoll") == []


async def test_an_answer_in_a_channel_counts_for_people_who_are_in_no_group(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    await post(home, channel, ines, "/quiz")
    question = next(m for m in home.server.messages(channel) if m.buttons[:2] == ["A", "B"])
    dan, eve = home.server.user("Dan"), home.server.user("Eve")
    said = len(home.server.messages(channel))
    for who in (dan, eve):
        answered = await home.server.press(question, who, "A")
        assert answered.text
    await home.settled()
    assert len(home.server.messages(channel)) == said
    found = await home.chat(channel)
    assert found is not None
    async with home.house.tools.store.read() as records:
        club = await records.club(found.club_id)
    assert club is not None
    assert club.members == 2


async def test_what_is_pressed_in_a_channel_is_answered_to_the_presser_alone(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    [hello] = home.server.messages(channel)
    dan = home.server.user("Dan")
    joined = await home.server.press(hello, dan, "Join")
    assert "Dan" in joined.text
    shown = await home.server.press(hello, dan, "This week’s paper")
    assert shown.url
    await home.settled()
    assert home.server.messages(channel) == [hello]


async def test_a_channels_organiser_sets_it_up_in_its_first_post(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    [hello] = home.server.messages(channel)
    refused = await home.server.press(hello, home.server.user("Dan"), "Language")
    assert "organisers" in refused.text
    await home.server.press(hello, ines, "Language")
    await home.settled()
    await home.server.press(hello, ines, "Chinese")
    await home.settled()
    assert home.server.messages(channel) == [hello]
    assert "加入" in hello.buttons


async def test_commands_typed_in_a_channel_are_an_organisers_and_answered_there(
    home: Home, ines: User
) -> None:
    channel = await channel_with_bot(home, ines)
    [done] = await post(home, channel, ines, "/settings language zh")
    assert "中文" in done.text
    [shown] = await post(home, channel, ines, "/schedule")
    assert "09:00" in shown.text
    assert await post(home, channel, ines, "A new paper is out today.") == []


async def test_a_channel_cannot_join_its_own_club(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    [told] = await post(home, channel, ines, "/join")
    assert "I can’t tell who you are" in told.text


async def test_an_edited_post_is_nothing(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    said = home.server.post(channel, ines, "Hello")
    home.server.edit(said, "/schedule")
    await home.settled()
    assert home.after(said) == []


async def test_a_right_that_is_missing_in_a_channel_is_told_and_when_it_is_back_posts_come(
    home: Home, ines: User
) -> None:
    alone = home.server.private(ines)
    await home.say(alone, ines, "/start")
    channel = await channel_with_bot(home, ines)
    home.server.promote(channel, ines, ["can_edit_messages"])
    await home.settled()
    await home.pass_time(2 * HOUR)
    found = await home.chat(channel)
    assert found is not None
    async with home.house.tools.store.read() as records:
        [(_, trouble)] = await records.troubles(found.club_id)
    assert trouble is Trouble.BARRED
    assert holding(home.server.messages(alone), "a right is missing")
    home.server.promote(channel, ines, RIGHTS)
    await home.settled()
    await home.pass_time(0)
    assert holding(home.server.messages(channel), FIRST)


async def test_a_channel_that_was_left_is_closed_and_open_again(home: Home, ines: User) -> None:
    channel = await channel_with_bot(home, ines)
    home.server.remove_bot(channel, ines)
    await home.settled()
    found = await home.chat(channel)
    assert found is not None
    assert not found.active
    home.server.add_bot(channel, ines, RIGHTS)
    await home.settled()
    found = await home.chat(channel)
    assert found is not None
    assert found.active


# With its group


async def test_the_paper_comes_to_the_channel_and_is_discussed_under_it_in_the_group(
    home: Home, ines: User
) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    channel = await channel_with_bot(home, ines, group)
    [hello] = home.server.messages(channel)
    assert "This channel and its group are one reading club now" in hello.text
    await home.pass_time(2 * HOUR)
    await home.pass_time(HOUR)
    paper = next(m for m in home.server.messages(channel) if "I’ve read it" in m.buttons)
    root = next(message for message in brought(group) if message.origin is paper)
    [starter] = home.after(root)
    assert starter.reply_to is root
    assert channel.pinned == [paper]
    assert {post.kind for post in await home.posts() if post.state is PostState.SENT} == {
        PostKind.PAPER,
        PostKind.STARTER,
        PostKind.PIN,
    }
    await home.pass_days(6)
    await home.pass_time(12 * HOUR)
    said = home.after(starter)
    assert len([message for message in said if message.poll]) == 5
    assert [m for m in said if m.reply_to is root], "prompts hang from what was brought"
    kinds = {post.kind: post.chat.chat_id for post in await home.posts()}
    assert kinds[PostKind.RECAP] == kinds[PostKind.PAPER] == str(channel.id)
    assert kinds[PostKind.PROMPT] == kinds[PostKind.QUESTION] == str(group.id)
    [told] = await home.say(group, ines, "/discuss")
    assert told.button("Go to the discussion")["url"].endswith(f"/{root.id}")
    [told] = await post(home, channel, ines, "/discuss")
    assert told.button("Go to the discussion")["url"].endswith(f"{str(group.id)[4:]}/{root.id}")


async def test_a_paper_brought_over_before_we_know_that_it_was_sent_is_known_again(
    home: Home, ines: User
) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    await channel_with_bot(home, ines, group)
    slow = home.server.fault("sendMessage", "slow:3600")
    home.clock.advance(2 * HOUR)
    await home.house.tick()
    await home.server.until(lambda: holding(brought(group), FIRST))
    await home.server.settled()
    assert [post.state for post in await home.posts(PostKind.PAPER)] == [PostState.SENDING]
    slow.release()
    await home.settled()
    root = holding(brought(group), FIRST)[-1]
    [starter] = home.after(root)
    assert starter.reply_to is root
    await home.pass_time(HOUR)
    assert await home.posts(PostKind.OPENER) == []


async def test_where_we_cannot_see_what_is_brought_a_discussion_is_opened_as_if_asked_for(
    home: Home, ines: User
) -> None:
    group = await group_with_bot(home, ines)  # no admin: privacy mode hides it
    await channel_with_bot(home, ines, group)
    await home.pass_time(2 * HOUR)
    before = holding(brought(group), FIRST)[-1]
    assert home.after(before) == []
    await home.pass_time(HOUR)
    opener, starter = home.after(before)
    assert "A discussion of" in opener.text
    assert starter.reply_to is opener


async def test_a_paper_brought_over_late_does_not_begin_a_second_discussion(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines)
    channel = await channel_with_bot(home, ines, group)
    await home.pass_time(2 * HOUR)
    await home.pass_time(HOUR)
    said = home.server.messages(group)
    home.server.promote(group, ines, ["can_pin_messages"])
    paper = next(m for m in home.server.messages(channel) if "I’ve read it" in m.buttons)
    home.server.api.bring_over(paper)
    await home.settled()
    await home.pass_time(HOUR)
    assert home.server.messages(group) == said


async def test_what_else_stands_in_the_channel_is_no_discussion_and_no_command_in_the_group(
    home: Home, ines: User
) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    channel = await channel_with_bot(home, ines, group)
    said = home.server.messages(group)
    assert len(await post(home, channel, ines, "/schedule")) == 1
    await post(home, channel, ines, "We have a new logo.")
    assert home.server.messages(group) == said
    assert await home.posts() == []


async def test_a_group_added_later_joins_its_channel(home: Home, ines: User) -> None:
    bare = home.server.group("Talk", admins=[ines], bot=None)
    channel = await channel_with_bot(home, ines, bare)
    home.server.add_bot(bare, ines, ["can_pin_messages"])
    await home.settled()
    told, talk = await home.chat(channel), await home.chat(bare)
    assert told is not None
    assert talk is not None
    assert (told.club_id, told.linked, talk.linked) == (talk.club_id, talk.id, told.id)


async def test_two_that_are_linked_later_come_together_at_an_organisers_start(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    channel = await channel_with_bot(home, ines)
    apart, talk = await home.chat(channel), await home.chat(group)
    assert apart is not None
    assert talk is not None
    assert apart.club_id != talk.club_id
    home.server.link(channel, group)
    await home.say(group, ines, "/start")
    told, talk = await home.chat(channel), await home.chat(group)
    assert told is not None
    assert talk is not None
    assert (told.club_id, told.linked, talk.linked) == (talk.club_id, talk.id, told.id)
    await home.pass_time(2 * HOUR)
    assert len(holding(brought(group), FIRST)) == len(await home.posts(PostKind.PAPER)) == 1


async def test_what_is_linked_no_more_is_told_and_talks_in_both(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    channel = await channel_with_bot(home, ines, group)
    home.server.unlink(channel)
    await post(home, channel, ines, "/start")
    await home.pass_time(2 * HOUR)
    where = {post.chat.chat_id for post in await home.posts(PostKind.PAPER)}
    assert where == {str(group.id), str(channel.id)}


async def test_while_telegram_does_not_say_what_is_linked_nothing_changes(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    channel = await channel_with_bot(home, ines, group)
    home.server.fault("getChat", "500")
    await post(home, channel, ines, "/start")
    found = await home.chat(channel)
    assert found is not None
    assert found.linked


async def test_without_its_channel_the_group_is_told_what_comes_itself(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    channel = await channel_with_bot(home, ines, group)
    await home.pass_time(2 * HOUR)
    home.server.remove_bot(channel, ines)
    await home.settled()
    await home.pass_time(WEEK)
    papers = holding(home.server.messages(group), SECOND)
    assert "I’ve read it" in papers[0].buttons
