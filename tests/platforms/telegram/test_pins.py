"""The week's paper is pinned, quietly, and last week's is not any more."""

from bot.domain.posts import PostKind, PostState
from tests.platforms.telegram.home import DAY, HOUR, WEEK, Home
from tests.servers.telegram import Chat, Message


async def club(home: Home, *rights: str) -> Chat:
    """A group in which a club has begun."""
    ines = home.server.user("Ines")
    group = home.server.group("Readers", admins=[ines], bot=None)
    home.server.add_bot(group, ines, rights)
    await home.settled()
    return group


def papers(home: Home, group: Chat) -> list[Message]:
    """The papers that were posted: they offer to be read."""
    return [message for message in home.server.messages(group) if "I’ve read it" in message.buttons]


async def test_the_weeks_paper_is_pinned_without_a_sound_and_last_weeks_no_more(home: Home) -> None:
    group = await club(home, "can_pin_messages")
    await home.pass_time(2 * HOUR)
    first = papers(home, group)[0]
    assert group.pinned == [first]
    await home.pass_time(WEEK)
    second = papers(home, group)[-1]
    assert second is not first
    assert group.pinned == [second]
    pins = [call.params for call in home.server.calls if call.method == "pinChatMessage"]
    assert [pin["disable_notification"] for pin in pins] == [True, True]


async def test_a_pin_of_somebody_else_is_left_alone(home: Home) -> None:
    group = await club(home, "can_pin_messages")
    await home.pass_time(2 * HOUR)
    rules = home.server.say(group, next(iter(group.members.values())).user, "Be kind to each other")
    group.pinned[:] = [rules]  # and ours was unpinned
    await home.pass_time(WEEK)
    assert group.pinned == [rules, papers(home, group)[-1]]


async def test_without_the_right_nothing_is_pinned_and_nobody_is_troubled(home: Home) -> None:
    group = await club(home)
    await home.pass_time(2 * HOUR)
    assert group.pinned == []
    assert [post.kind for post in await home.posts()] == [
        PostKind.PAPER,
        PostKind.THREAD,
        PostKind.STARTER,
        PostKind.PIN,
    ]
    [pin] = await home.posts(PostKind.PIN)
    assert pin.state is PostState.FAILED
    said = await home.say(group, group.members[next(iter(group.members))].user, "/schedule")
    assert [button for message in said for button in message.buttons if "again" in button] == []
    async with home.house.tools.store.read() as records:
        assert await records.troubles(pin.chat.club_id) == []
    await home.pass_time(2 * DAY + 10 * HOUR)
    assert [post.state for post in await home.posts(PostKind.PROMPT)] == [PostState.SENT]


async def test_a_right_given_later_serves_from_the_next_week_on(home: Home) -> None:
    group = await club(home)
    await home.pass_time(2 * HOUR)
    home.server.promote(group, next(iter(group.members.values())).user, ["can_pin_messages"])
    await home.pass_time(WEEK)
    assert group.pinned == [papers(home, group)[-1]]


async def test_a_paper_that_was_deleted_is_not_pinned_and_the_last_is_still_unpinned(home: Home) -> None:
    group = await club(home, "can_pin_messages")
    await home.pass_time(2 * HOUR)
    fault = home.server.fault("pinChatMessage", "429:5")
    await home.pass_time(WEEK)
    assert fault.times == 0
    papers(home, group)[-1].deleted = True
    await home.pass_time(HOUR)
    assert group.pinned == []
    assert [post.state for post in await home.posts(PostKind.PIN)] == [PostState.SENT, PostState.FAILED]


async def test_a_pin_whose_answer_was_lost_is_made_again(home: Home) -> None:
    group = await club(home, "can_pin_messages")
    home.server.fault("pinChatMessage", "drop-after")
    await home.pass_time(2 * HOUR)
    await home.pass_time(HOUR)
    assert group.pinned == papers(home, group)
    assert [post.state for post in await home.posts(PostKind.PIN)] == [PostState.SENT]


async def test_trouble_with_pins_holds_up_nothing_that_people_read(home: Home) -> None:
    group = await club(home, "can_pin_messages")
    home.server.fault("pinChatMessage", "500", times=100)
    await home.pass_time(2 * HOUR)
    await home.say(group, next(iter(group.members.values())).user, "/discuss adam")
    [opener] = await home.posts(PostKind.OPENER)
    assert opener.state is PostState.SENT
    assert [post.state for post in await home.posts(PostKind.PIN)] == [PostState.PENDING]
    assert group.pinned == []


async def test_in_a_private_club_the_paper_is_pinned_too(home: Home) -> None:
    ana = home.server.user("Ana")
    chat = home.server.private(ana)
    await home.say(chat, ana, "/start")
    await home.pass_time(2 * HOUR)
    assert chat.pinned == papers(home, chat)


async def test_after_an_upgrade_no_message_of_the_old_group_is_touched_in_the_new_one(home: Home) -> None:
    """The ids of messages begin anew in a supergroup: what ours was is another message there."""
    ines = home.server.user("Ines")
    small = home.server.basic_group("Readers", admins=[ines], bot=None)
    home.server.add_bot(small, ines, ["can_pin_messages"])
    await home.settled()
    await home.pass_time(2 * HOUR)
    assert small.pinned == papers(home, small)
    large = home.server.upgrade(small, ines)
    await home.settled()
    said = [home.server.say(large, ines, "We talk about papers here") for _ in range(40)]
    assert papers(home, small)[0].id < said[-1].id
    large.pinned[:] = list(large.messages.values())
    before = list(large.pinned)
    await home.pass_time(WEEK)
    assert large.pinned == [*before, papers(home, large)[-1]]


async def test_a_group_upgraded_between_the_paper_and_its_pin_is_no_harm(home: Home) -> None:
    ines = home.server.user("Ines")
    small = home.server.basic_group("Readers", admins=[ines], bot=None)
    home.server.add_bot(small, ines, ["can_pin_messages"])
    await home.settled()
    home.server.fault("pinChatMessage", "429:5")
    await home.pass_time(2 * HOUR)
    large = home.server.upgrade(small, ines)
    await home.settled()
    for _ in range(20):
        home.server.say(large, ines, "Hello, new group")
    await home.pass_time(HOUR)
    assert large.pinned == []
    assert [post.state for post in await home.posts(PostKind.PIN)] == [PostState.FAILED]
