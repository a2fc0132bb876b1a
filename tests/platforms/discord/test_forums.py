"""A club that meets in a forum: one post a week with its tag, and everything of the week in it."""

from collections.abc import Sequence

from bot.domain.clubs import ChatKind
from bot.domain.posts import PostKind, PostState
from tests.conversations.lives import was_killed
from tests.platforms.discord.home import DAY, FIRST, HOUR, MINUTE, SECOND, WEEK, Home
from tests.platforms.discord.panel import choose, hints, meet
from tests.servers.discord import Channel, ChannelType, Permission, Tag, User

MODELS = "Deep learning models"
THREADS, CHANNELS = Permission.MANAGE_THREADS, Permission.MANAGE_CHANNELS


async def club(
    home: Home, ines: User, *rights: Permission, tags: Sequence[str] = (), requires_tag: bool = False
) -> Channel:
    """A forum in which Ines has begun a club, in a thread of her own."""
    forum = home.guild.forum("papers", tags, requires_tag=requires_tag)
    if rights:
        forum.allow(*rights)
    await home.say(lobby(home, forum, ines), ines, "start")
    return forum


def lobby(home: Home, forum: Channel, who: User) -> Channel:
    """Somebody's own post in a forum."""
    thread = home.server.world.open_thread(forum, "Hello", who, None, None)
    home.server.say(thread, who, "Shall we read together?")
    return thread


def weeks(home: Home, forum: Channel) -> list[Channel]:
    """The bot's posts in a forum."""
    return [thread for thread in home.server.threads(forum) if thread.owner is home.server.bot]


def said(home: Home, thread: Channel) -> list[str]:
    return [message.text for message in home.server.messages(thread)]


async def states(home: Home, *kinds: PostKind) -> list[PostState]:
    return [post.state for post in await home.posts(*kinds)]


async def test_a_club_begun_in_a_forums_thread_meets_in_the_forum(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    found = await home.chat(forum)
    assert found is not None
    assert found.kind is ChatKind.FORUM


async def test_a_week_is_one_post_and_all_of_it_goes_in_there(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    [week] = weeks(home, forum)
    assert week.name.startswith(f"1 · {FIRST}")
    assert week.archive_minutes == 10_080
    paper, starter = home.server.messages(week)
    assert paper.id == week.id, "the paper is what the post begins with"
    assert FIRST in paper.text
    assert "One question to start with" in starter.text
    await home.pass_days(6)
    await home.pass_time(DAY - HOUR)
    assert weeks(home, forum) == [week]
    marks = ("A question about", "🗓")
    assert all(any(mark in text for text in said(home, week)) for mark in marks)
    assert any(b.label == "I’ve read it" for m in home.server.messages(week) for b in m.buttons)
    await home.pass_time(HOUR)
    assert [thread.name[:3] for thread in weeks(home, forum)] == ["1 ·", "2 ·"]
    assert SECOND in said(home, weeks(home, forum)[1])[0]


async def test_buttons_under_a_forums_post_work(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    [week] = weeks(home, forum)
    paper = home.server.messages(week)[0]
    ana = home.guild.member("Ana")
    answer = await home.press(paper, ana, "I’ve read it")
    assert answer.ephemeral


async def test_the_weeks_post_is_kept_at_the_top_and_the_last_is_closed(home: Home, ines: User) -> None:
    forum = await club(home, ines, THREADS)
    await home.pass_time(2 * HOUR)
    [first] = weeks(home, forum)
    assert first.pinned
    await home.pass_time(WEEK)
    first, second = weeks(home, forum)
    assert (first.pinned, first.archived, first.locked) == (False, True, True)
    assert (second.pinned, second.archived, second.locked) == (True, False, False)


async def test_a_post_that_rests_already_is_unpinned_and_locked(home: Home, ines: User) -> None:
    forum = await club(home, ines, THREADS)
    await home.pass_time(2 * HOUR)
    weeks(home, forum)[0].archived = True
    await home.pass_time(WEEK)
    first, second = weeks(home, forum)
    assert (first.pinned, first.archived, first.locked) == (False, True, True)
    assert second.pinned


async def test_without_the_right_nothing_is_pinned_and_the_last_is_only_archived(
    home: Home, ines: User
) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    first, second = weeks(home, forum)
    assert (first.pinned, first.archived, first.locked) == (False, True, False)
    assert not second.pinned
    assert await states(home, PostKind.PIN) == [PostState.FAILED] * 2
    assert await states(home, PostKind.LOCK) == [PostState.SENT]
    async with home.house.tools.store.read() as records:
        found = await home.chat(forum)
        assert found
        assert await records.troubles(found.club_id) == []


async def test_a_paper_that_is_read_once_more_has_a_post_of_its_own(home: Home, ines: User) -> None:
    forum = await club(home, ines, THREADS)
    await home.pass_time(2 * HOUR)
    await home.say(weeks(home, forum)[0], ines, "schedule repeat")
    await home.pass_time(WEEK)
    first, again = weeks(home, forum)
    assert first.name == again.name
    assert (first.locked, first.pinned, again.locked, again.pinned) == (True, False, False, True)


# Tags


async def test_a_post_bears_the_tag_of_its_section_in_whatever_language(home: Home, ines: User) -> None:
    forum = await club(home, ines, tags=["Off topic", "深度学习模型"])
    await home.pass_time(2 * HOUR)
    assert [tag.name for tag in weeks(home, forum)[0].tags] == ["深度学习模型"]


async def test_a_tag_is_found_however_it_is_written(home: Home, ines: User) -> None:
    forum = await club(home, ines, tags=["deep  LEARNING models"])
    await home.pass_time(2 * HOUR)
    assert len(weeks(home, forum)[0].tags) == 1


async def test_without_a_fitting_tag_a_post_bears_none(home: Home, ines: User) -> None:
    forum = await club(home, ines, tags=["Off topic"])
    await home.pass_time(2 * HOUR)
    assert weeks(home, forum)[0].tags == []
    assert len(forum.tags) == 1


async def test_where_we_may_a_missing_tag_is_added_once(home: Home, ines: User) -> None:
    forum = await club(home, ines, CHANNELS, tags=["Off topic"])
    kept = forum.tags[0]
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    assert [tag.name for tag in forum.tags] == ["Off topic", MODELS]
    assert forum.tags[0] == kept, "the others stay what they are"
    assert [thread.tags for thread in weeks(home, forum)] == [forum.tags[1:]] * 2


async def test_a_tag_whose_adding_was_not_answered_is_not_added_again(home: Home, ines: User) -> None:
    forum = await club(home, ines, CHANNELS)
    home.server.fault("PATCH /channels/*", "503-after", times=4)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    assert [tag.name for tag in forum.tags] == [MODELS]
    assert [len(thread.tags) for thread in weeks(home, forum)] == [0, 1]


async def test_a_forum_full_of_tags_gets_no_more(home: Home, ines: User) -> None:
    forum = await club(home, ines, CHANNELS, tags=[f"Tag {number}" for number in range(20)])
    await home.pass_time(2 * HOUR)
    assert weeks(home, forum)[0].tags == []
    assert len(forum.tags) == 20


async def test_a_forum_that_requires_a_tag_gets_the_first_it_has(home: Home, ines: User) -> None:
    forum = await club(home, ines, tags=["Off topic", "News"], requires_tag=True)
    forum.tags.insert(0, Tag(home.server.world.new_id(), "Staff", moderated=True))
    await home.pass_time(2 * HOUR)
    assert [tag.name for tag in weeks(home, forum)[0].tags] == ["Off topic"]


async def test_a_forum_that_requires_a_tag_and_has_none_is_waited_for(home: Home, ines: User) -> None:
    forum = await club(home, ines, requires_tag=True)
    await home.pass_time(2 * HOUR)
    assert weeks(home, forum) == []
    assert await states(home, PostKind.PAPER) == [PostState.PENDING]
    home.guild.forum("papers", ["Papers"], requires_tag=True)
    await home.pass_time(2 * HOUR)
    assert [tag.name for tag in weeks(home, forum)[0].tags] == ["Papers"]
    assert await states(home, PostKind.PAPER, PostKind.STARTER) == [PostState.SENT] * 2


async def test_a_forum_where_we_may_not_write_is_waited_for(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    forum.forbid(Permission.SEND_MESSAGES)
    await home.pass_time(2 * HOUR)
    assert await states(home, PostKind.PAPER) == [PostState.PENDING]
    forum.allow(Permission.SEND_MESSAGES)
    await home.server.until(lambda: weeks(home, forum))
    await home.settled()
    assert len(weeks(home, forum)) == 1


async def test_a_server_with_too_many_threads_is_waited_for(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    home.guild.most_active_threads = 1
    await home.pass_time(2 * HOUR)
    assert await states(home, PostKind.PAPER) == [PostState.PENDING]
    home.guild.most_active_threads = 1000
    await home.pass_time(HOUR)
    assert len(weeks(home, forum)) == 1


async def test_without_the_right_to_files_a_post_is_in_words(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    forum.forbid(Permission.ATTACH_FILES)
    await home.pass_time(2 * HOUR)
    [week] = weeks(home, forum)
    assert len(said(home, week)) == 2
    assert all(message.attachments == [] for message in home.server.messages(week))


# Where things are said


async def test_a_quiz_asked_for_in_somebodys_post_stays_there(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    corner = lobby(home, forum, ines)
    await home.say(corner, ines, "quiz")
    await home.pass_time(MINUTE)
    assert any(m.author is home.server.bot for m in home.server.messages(corner))
    assert len(weeks(home, forum)) == 1


async def test_a_discussion_asked_for_has_a_post_of_its_own(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    corner = lobby(home, forum, ines)
    await home.say(corner, ines, "discuss", paper="adam")
    [adam] = weeks(home, forum)
    assert "Adam" in adam.name
    assert len(said(home, adam)) == 2
    told = await home.say(corner, ines, "discuss", paper="adam")
    assert any((button.url or "").endswith(f"/{adam.id}") for button in told.buttons)


async def test_where_the_weeks_posts_come_cannot_be_chosen_in_a_forum(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    answer = await home.say(lobby(home, forum, ines), ines, "settings here")
    assert "each week has a post of its own" in answer.text


async def test_the_role_is_notified_of_the_weeks_post(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    role, chat = home.guild.role("Readers of papers"), await home.chat(forum)
    assert chat
    async with home.house.tools.store.write() as records:
        await records.set_mention(chat.id, str(role.id))
    await home.pass_time(2 * HOUR)
    paper, starter = home.server.messages(weeks(home, forum)[0])
    assert (paper.pings, starter.pings) == ({f"&{role.id}"}, set())


async def test_when_the_weeks_post_was_deleted_the_rest_has_one_of_its_own(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    weeks(home, forum)[0].delete()
    await home.pass_days(6)
    [other] = weeks(home, forum)
    assert other.name.startswith(f"1 · {FIRST}")
    assert len(said(home, other)) >= 2
    assert {PostState.FAILED} & set(await states(home, PostKind.PROMPT, PostKind.RECAP)) == set()
    await home.pass_time(DAY)
    assert other.archived, "and is closed like any other"


async def test_the_forum_that_is_gone_closes_the_chat(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    forum.delete()
    await home.pass_time(WEEK)
    found = await home.chat(forum)
    assert found is not None
    assert not found.active


async def test_a_plan_that_is_finished_ends_in_its_last_post(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(2 * HOUR)
    chat = await home.chat(forum)
    assert chat
    async with home.house.tools.store.write() as records:
        club_now = await records.club(chat.club_id)
        assert club_now
        await records.set_plan(club_now.id, club_now.plan_id, 18)
    await home.pass_time(WEEK)
    [week] = weeks(home, forum)
    assert [post.state for post in await home.posts(PostKind.CLOSING)] == [PostState.SENT]
    week.delete()
    await home.pass_time(WEEK)
    [asked] = weeks(home, forum)
    assert asked.name.startswith("What shall")
    [thread_of_paper] = [post.message_id for post in await home.posts(PostKind.PAPER)]
    assert thread_of_paper == str(week.id), "a question about the plan is no place to talk about a paper"


# Faults


async def test_a_post_whose_opening_was_not_answered_is_there_once(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    kinds = ("500-after", "drop-after", "502-html-after", "503-after")
    for number, kind in enumerate(kinds):
        home.server.fault("POST /channels/*/threads", kind)
        await home.pass_time(WEEK if number else 2 * HOUR)
        await home.pass_time(MINUTE)
    posted = weeks(home, forum)
    assert len(posted) == len(kinds)
    assert await states(home, PostKind.PAPER, PostKind.STARTER) == [PostState.SENT] * 2 * len(kinds)
    assert [len(said(home, week)) for week in posted[-1:]] == [2]


async def test_a_post_that_surely_was_not_opened_is_opened_again(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    kinds = ("500", "drop-before", "502-html", "503", "429:400")
    for number, kind in enumerate(kinds):
        home.server.fault("POST /channels/*/threads", kind)
        await home.pass_time(WEEK if number else 2 * HOUR)
        await home.pass_time(HOUR)
    assert len(weeks(home, forum)) == len(kinds)
    assert await states(home, PostKind.PAPER) == [PostState.SENT] * len(kinds)


async def test_where_threads_cannot_be_listed_now_nothing_is_opened_before_they_can(
    home: Home, ines: User
) -> None:
    forum = await club(home, ines)
    home.server.fault("POST /channels/*/threads", "503-after")
    home.server.fault("GET /guilds/*/threads/active", "503", times=12)
    await home.pass_time(2 * HOUR)
    for _ in range(3):
        await home.pass_time(MINUTE)
        assert await states(home, PostKind.PAPER) == [PostState.PENDING]
    await home.pass_time(MINUTE)
    assert len(weeks(home, forum)) == 1
    assert await states(home, PostKind.PAPER) == [PostState.SENT]


async def test_a_post_of_the_same_name_that_others_opened_is_not_taken_for_ours(
    home: Home, ines: User
) -> None:
    forum = await club(home, ines)
    home.server.fault("POST /channels/*/threads", "503")
    await home.pass_time(2 * HOUR)
    thread = (await home.posts(PostKind.PAPER))[0]
    assert thread.state is PostState.PENDING
    copied = home.server.world.open_thread(forum, f"1 · {FIRST}", ines, None, None)
    await home.pass_time(MINUTE)
    [ours] = weeks(home, forum)
    assert ours is not copied
    assert len(said(home, ours)) == 2


async def test_nothing_is_lost_or_doubled_when_the_process_is_killed_between_steps(
    home: Home, ines: User
) -> None:
    """Each life gets some steps further and is killed -9; in the end the week stands there once."""
    forum = await club(home, ines, THREADS, CHANNELS)
    await home.close()
    home.clock.advance(2 * HOUR)
    kills = 0
    for life in range(100):
        if not await was_killed(home.settings(), home.clock.now(), 2 + life % 4):
            break
        kills += 1
    assert kills >= 3
    await home.open()
    await home.pass_time(MINUTE)
    [week] = weeks(home, forum)
    assert len(said(home, week)) == 2
    assert week.pinned
    assert [tag.name for tag in forum.tags] == [MODELS]
    assert set(await states(home)) == {PostState.SENT}


async def test_a_message_in_a_forums_post_is_known_by_its_nonce(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.pass_time(HOUR)
    home.server.fault("POST /channels/*/messages", "503-after")
    await home.pass_time(HOUR)
    await home.pass_time(MINUTE)
    [week] = weeks(home, forum)
    assert len(said(home, week)) == 2
    assert await states(home, PostKind.STARTER) == [PostState.SENT]


async def test_after_an_outage_a_forum_gets_what_is_due_once(home: Home, ines: User) -> None:
    forum = await club(home, ines)
    await home.server.go_down()
    await home.pass_time(2 * HOUR)
    assert await states(home, PostKind.PAPER) == [PostState.PENDING]
    await home.server.come_back()
    await home.server.connected(30)
    await home.pass_time(HOUR)
    assert len(weeks(home, forum)) == 1
    assert forum.type is ChannelType.FORUM


async def test_a_club_that_moves_to_a_forum_in_the_middle_of_a_week_loses_nothing(
    home: Home, ines: User
) -> None:
    panel = await meet(home, ines, home.general)
    await home.pass_time(2 * HOUR)
    [begun] = home.server.threads(home.general)
    page = await home.press(panel, ines, "Channel and roles")
    forum = home.guild.channel("papers", ChannelType.FORUM)
    await choose(home, page, ines, hints(page)[0], forum)
    await home.pass_days(2)
    await home.pass_time(10 * HOUR)
    assert len(said(home, begun)) == 2, "the talk that has begun goes on where it is"
    await home.pass_days(4)
    await home.pass_time(DAY - 10 * HOUR)
    assert begun.archived
    week = weeks(home, forum)[-1]
    assert week.name.startswith("2 ·")
    assert len(said(home, week)) == 2
    assert PostState.FAILED not in await states(home, PostKind.PAPER, PostKind.PROMPT, PostKind.RECAP)


async def test_a_club_that_moves_to_a_forum_before_its_thread_is_opened_goes_on_there(
    home: Home, ines: User
) -> None:
    panel = await meet(home, ines, home.general)
    home.server.fault("POST /channels/*/messages/*/threads", "503", times=4)
    await home.pass_time(2 * HOUR)
    page = await home.press(panel, ines, "Channel and roles")
    forum = home.guild.channel("papers", ChannelType.FORUM)
    await choose(home, page, ines, hints(page)[0], forum)
    await home.pass_time(MINUTE)
    [week] = weeks(home, forum)
    assert week.name.startswith(f"1 · {FIRST}")
    assert "One question to start with" in said(home, week)[0]
