"""Who speaks in a group: people, admins in its name, people as their channels; and a bot that gains and loses
rights."""

from bot.domain.posts import PostKind, PostState
from tests.platforms.telegram.home import HOUR, WEEK, Home
from tests.servers.telegram import Chat, Member, User


async def group_with_bot(home: Home, ines: User, *rights: str, forum: bool = False) -> Chat:
    group = home.server.group("Readers", admins=[ines], forum=forum, bot=None)
    home.server.add_bot(group, ines, rights)
    await home.settled()
    return group


async def members(home: Home, group: Chat) -> int:
    found = await home.chat(group)
    assert found is not None
    async with home.house.tools.store.read() as records:
        club = await records.club(found.club_id)
    assert club is not None
    return club.members


async def test_an_anonymous_admin_organises_and_is_not_enrolled_as_the_group(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines)
    [done] = await home.say(group, ines, "/settings language en", anonymous=True)
    assert "English" in done.text
    for line in ("/join", "/read"):
        [told] = await home.say(group, ines, line, anonymous=True)
        assert "I can’t tell who you are" in told.text
    assert await members(home, group) == 0


async def test_an_anonymous_admin_who_presses_is_themselves(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines)
    [hello] = home.server.messages(group)
    home.server.press(hello, ines, "Join")
    await home.settled()
    assert "Ines" in home.after(hello)[0].text
    assert await members(home, group) == 1


async def test_who_speaks_as_a_channel_is_nobody_and_no_organiser(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines)
    bea = home.server.user("Bea")
    group.members[bea.id] = Member(bea)
    own = home.server.channel("Bea’s notes", admins=[bea], bot=None)
    linked = home.server.channel("Papers", admins=[ines], bot=None, group=group)
    for channel in (own, linked):
        for line, answer in (("/settings language zh", "Only organisers"), ("/join", "who you are")):
            said = home.server.say(group, bea, line, as_channel=channel)
            await home.settled()
            [told] = home.after(said)
            assert answer in told.text
    assert await members(home, group) == 0


async def test_a_bot_that_is_restricted_waits_and_goes_on_when_it_is_free(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines, "can_pin_messages")
    home.server.restrict(group, ines)
    await home.settled()
    await home.pass_time(2 * HOUR)
    assert [post.state for post in await home.posts()] == [PostState.PENDING]
    home.server.demote(group, ines)  # a plain member: free to write, and not to pin
    await home.settled()
    await home.pass_time(0)
    assert [(post.kind, post.state) for post in await home.posts()] == [
        (PostKind.PAPER, PostState.SENT),
        (PostKind.THREAD, PostState.SENT),
        (PostKind.STARTER, PostState.SENT),
        (PostKind.PIN, PostState.FAILED),
    ]


async def test_a_group_that_gets_topics_has_one_for_its_next_week(home: Home, ines: User) -> None:
    group = await group_with_bot(home, ines, "can_manage_topics")
    await home.pass_time(2 * HOUR)
    assert group.topics == {}
    group.forum = True
    await home.pass_time(WEEK)
    assert len(group.topics) == 1
    group.forum = False
    await home.pass_time(WEEK)
    assert len(group.topics) == 1
    assert [post.state for post in await home.posts(PostKind.STARTER)] == [PostState.SENT] * 3


async def test_nothing_depends_on_reading_what_is_not_meant_for_us(home: Home, ines: User) -> None:
    """Privacy mode on: as a plain member the bot hears commands alone, and that is all it needs."""
    group = await group_with_bot(home, ines)
    bea = home.server.user("Bea")
    group.members[bea.id] = Member(bea)
    assert await home.say(group, bea, "What are we reading?") == []
    assert len(await home.say(group, bea, "/paper")) == 1
    await home.pass_time(2 * HOUR)
    paper = next(m for m in home.server.messages(group) if "I’ve read it" in m.buttons)
    assert (await home.server.press(paper, bea, "I’ve read it")).text
    assert await members(home, group) == 1
