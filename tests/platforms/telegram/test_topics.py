"""Groups with topics: one a week, with an icon, closed when the next begins; and what is kept in a topic."""

from bot.domain.posts import PostKind, PostState
from bot.platforms.telegram.icons import SHELVES
from tests.platforms.telegram.home import FIRST, HOUR, SECOND, WEEK, Home
from tests.servers.telegram import Chat, Member, Topic, User

TOPICS = "can_manage_topics"


async def forum(home: Home, ines: User, *rights: str) -> Chat:
    """A group with topics in which a club has begun."""
    group = home.server.group("Readers", admins=[ines], forum=True, bot=None)
    home.server.add_bot(group, ines, rights)
    await home.settled()
    return group


def topics(group: Chat) -> list[Topic]:
    return list(group.topics.values())


async def test_each_week_has_a_topic_with_its_name_and_the_icon_of_its_section(
    home: Home, ines: User
) -> None:
    group = await forum(home, ines, TOPICS)
    await home.pass_time(2 * HOUR)
    [week] = topics(group)
    assert week.name.startswith(f"1 · {FIRST}")
    offered = {
        sticker["custom_emoji_id"]: sticker["emoji"]
        for sticker in home.server.api.get_forum_topic_icon_stickers({})
    }
    assert offered[week.icon_custom_emoji_id or ""] == next(e for e in SHELVES if e in offered.values())
    await home.say(group, ines, "/discuss adam")  # which is of the second section
    first, other = topics(group)
    assert other.icon_custom_emoji_id in offered
    assert other.icon_custom_emoji_id != first.icon_custom_emoji_id
    assert home.methods("getForumTopicIconStickers") == ["getForumTopicIconStickers"], "asked once"


async def test_where_the_emoji_are_not_told_a_topic_has_a_colour(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    home.server.fault("getForumTopicIconStickers", "500", times=2)
    await home.pass_time(2 * HOUR)
    await home.say(group, ines, "/discuss adam")
    first, other = topics(group)
    assert (first.icon_custom_emoji_id, other.icon_custom_emoji_id) == (None, None)
    assert first.icon_color != other.icon_color


async def test_last_weeks_topic_is_closed_when_the_next_has_begun(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    await home.pass_time(2 * HOUR)
    await home.say(group, ines, "/discuss adam")
    await home.pass_time(WEEK)
    first, adam, second = topics(group)
    assert [topic.closed for topic in (first, adam, second)] == [True, False, False]
    begun = home.server.messages(group, second)
    closed = next(m for m in group.messages.values() if "forum_topic_closed" in m.service)
    assert begun[0].serial < closed.serial, "people read first"
    await home.pass_time(WEEK)
    assert [topic.closed for topic in topics(group)] == [True, False, True, False]


async def test_the_discussion_of_an_old_paper_is_still_pointed_to(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    old = topics(group)[0]
    [told] = await home.say(group, ines, "/discuss dropout-2012")
    assert told.button("Go to the discussion")["url"].endswith(f"/{old.id}")
    assert old.closed


async def test_a_topic_that_people_closed_or_deleted_is_no_harm(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    await home.pass_time(2 * HOUR)
    topics(group)[0].closed = True
    await home.pass_time(WEEK)
    del group.topics[topics(group)[1].id]
    await home.pass_time(WEEK)
    assert [post.state for post in await home.posts(PostKind.LOCK)] == [PostState.SENT, PostState.FAILED]
    assert [post.state for post in await home.posts(PostKind.PAPER)] == [PostState.SENT] * 3


async def test_without_the_right_to_topics_the_discussion_is_a_chain_and_nothing_is_closed(
    home: Home, ines: User
) -> None:
    group = await forum(home, ines)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    assert topics(group) == []
    paper = next(m for m in home.server.messages(group) if SECOND in m.text)
    starter = home.server.messages(group)[-1]
    assert starter.reply_to is paper
    assert await home.posts(PostKind.LOCK) == []
    assert home.methods("closeForumTopic") == []


async def test_a_right_lost_on_the_way_leaves_the_topic_open_quietly(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    await home.pass_time(2 * HOUR)
    topics(group)[0].opener = ines  # as if a person had opened it
    home.server.demote(group, ines)
    await home.pass_time(WEEK)
    assert not topics(group)[0].closed
    [lock] = await home.posts(PostKind.LOCK)
    assert lock.state is PostState.FAILED
    async with home.house.tools.store.read() as records:
        assert await records.troubles(lock.chat.club_id) == []


async def test_a_quiz_asked_for_in_a_topic_stays_there(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    corner = home.server.topic(group, "Quizzes", by=ines)
    await home.say(group, ines, "/quiz", corner)
    said = home.server.messages(group, corner)
    assert len([message for message in said if message.poll]) == 5
    assert all(message.thread == corner.id for message in home.server.messages(group) if message.poll)


async def test_what_a_discussion_hangs_from_stays_where_it_was_asked_for(home: Home, ines: User) -> None:
    group = await forum(home, ines)  # no right to topics: a chain of replies
    corner = home.server.topic(group, "Old papers", by=ines)
    await home.say(group, ines, "/discuss adam", corner)
    assert len(home.server.messages(group, corner)) == len(home.server.messages(group)) - 1  # but hello


async def test_a_quiz_for_a_topic_that_was_closed_meanwhile_goes_to_the_group(home: Home, ines: User) -> None:
    group = await forum(home, ines)
    corner = home.server.topic(group, "Quizzes", by=ines)
    fault = home.server.fault("sendMessage", "429:5")
    await home.say(group, ines, "/quiz", corner)
    assert fault.times == 0
    corner.closed = True
    await home.pass_time(HOUR)
    await home.pass_time(HOUR)  # each is tried in the topic first, and Telegram's pace is kept
    polls = [message for message in home.server.messages(group) if message.poll]
    assert [poll.thread for poll in polls] == [None] * 5


async def test_the_weeks_posts_can_be_kept_in_a_topic(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    news = home.server.topic(group, "News", by=ines)
    [now] = await home.say(group, ines, "/settings")
    assert "The week’s posts come to the chat at large." in now.text
    [done] = await home.say(group, ines, "/settings here", news)
    assert done.thread == news.id
    assert "The week’s posts come to the topic chosen" in done.text
    await home.pass_time(2 * HOUR)
    paper = home.server.messages(group, news)[-1]
    assert FIRST in paper.text
    await home.pass_days(6)
    week = next(topic for topic in topics(group) if topic is not news)
    assert {message.thread for message in home.after(paper)} == {news.id, week.id}
    assert all(message.thread == news.id for message in home.server.messages(group) if message.poll)
    [shown] = await home.say(group, ines, "/settings")
    assert "topic chosen with /settings here" in shown.text


async def test_said_in_general_the_weeks_posts_come_to_the_chat_again(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    news = home.server.topic(group, "News", by=ines)
    await home.say(group, ines, "/settings here", news)
    await home.say(group, ines, "/settings here")
    await home.pass_time(2 * HOUR)
    paper = next(message for message in home.server.messages(group) if FIRST in message.text)
    assert paper.thread is None
    assert all(call.params.get("message_thread_id") != 1 for call in home.server.calls)


async def test_a_topic_for_the_weeks_posts_that_is_deleted_is_replaced_by_the_chat(
    home: Home, ines: User
) -> None:
    group = await forum(home, ines, TOPICS)
    news = home.server.topic(group, "News", by=ines)
    await home.say(group, ines, "/settings here", news)
    del group.topics[news.id]
    await home.pass_time(2 * HOUR)
    paper = next(message for message in home.server.messages(group) if FIRST in message.text)
    assert paper.thread is None


async def test_only_organisers_choose_the_topic_and_only_where_there_are_topics(
    home: Home, ines: User
) -> None:
    group = await forum(home, ines, TOPICS)
    news = home.server.topic(group, "News", by=ines)
    bea = home.server.user("Bea")
    group.members[bea.id] = Member(bea)
    [refused] = await home.say(group, bea, "/settings here", news)
    assert "Only organisers" in refused.text
    plain = home.server.group("Plain", admins=[ines], bot=None)
    home.server.add_bot(plain, ines)
    await home.settled()
    [refused] = await home.say(plain, ines, "/settings here")
    assert "This group has no topics" in refused.text
    alone = home.server.private(ines)
    [refused] = await home.say(alone, ines, "/settings here")
    assert "in the topic where the week’s posts should come" in refused.text


async def test_when_topics_are_switched_off_the_choice_is_forgotten(home: Home, ines: User) -> None:
    group = await forum(home, ines, TOPICS)
    await home.say(group, ines, "/settings here", home.server.topic(group, "News", by=ines))
    group.forum = False
    await home.say(group, ines, "/paper")
    found = await home.chat(group)
    assert found is not None
    assert (found.topics, found.topic) == (False, None)


async def test_a_general_topic_that_is_closed_to_us_bars_us_until_it_opens(home: Home, ines: User) -> None:
    group = await forum(home, ines)
    group.general_closed = True
    await home.pass_time(2 * HOUR)
    assert [post.state for post in await home.posts()] == [PostState.PENDING]
    group.general_closed = False
    await home.pass_time(2 * HOUR)
    assert [post.state for post in await home.posts(PostKind.PAPER)] == [PostState.SENT]
