"""A club's week in a text channel: its post, its thread, what is pinned, and what is closed."""

from bot.domain.languages import Language
from bot.domain.posts import PostKind, PostState
from tests.platforms.discord.home import DAY, FIRST, HOUR, SECOND, WEEK, Home
from tests.servers.discord import BOT_PERMISSIONS, Channel, Message, Permission, User
from tests.servers.discord_checks import SILENT

GALLERY = 12

PINS, THREADS = Permission.PIN_MESSAGES, Permission.MANAGE_THREADS


async def club(home: Home, ines: User, *rights: Permission) -> Channel:
    """A channel in which a club has begun, and the bot has some rights more."""
    if rights:
        home.general.allow(*rights)
    await home.say(home.general, ines, "start")
    return home.general


def papers(home: Home, channel: Channel) -> list[Message]:
    """The papers that were posted."""
    return [message for message in home.server.messages(channel) if "📄 This week" in message.text]


async def states(home: Home, kind: PostKind) -> list[PostState]:
    return [post.state for post in await home.posts(kind)]


async def test_a_weeks_post_has_a_thread_that_begins_with_a_prompt(home: Home, ines: User) -> None:
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    [paper] = papers(home, general)
    assert FIRST in paper.text
    [thread] = home.server.threads(general)
    assert thread is paper.thread
    assert thread.name.startswith(f"1 · {FIRST}")
    assert thread.archive_minutes == 10_080
    [starter] = home.server.messages(thread)
    assert "?" in starter.text
    await home.pass_days(2)
    await home.pass_time(10 * HOUR)
    assert len(home.server.messages(thread)) == 2, "a prompt has come"


async def test_a_weeks_post_shows_the_papers_picture_which_the_thread_does_not_repeat(
    home: Home, ines: User
) -> None:
    """Whether it could be drawn, or its words came."""
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    [post] = papers(home, general)
    [thread] = home.server.threads(general)
    [starter] = home.server.messages(thread)
    paper = home.house.tools.library.paper("dropout-2012")
    assert paper
    assert paper.figure
    drawn = paper.figure.alt[Language.EN][:40]
    told = "".join(file.description or "" for file in post.attachments) or post.text
    assert drawn in told
    assert drawn not in starter.text
    assert starter.attachments == []
    [box] = post.components
    kinds = [part["type"] for part in box["components"]]
    assert kinds.count(GALLERY) == len(post.attachments)
    assert GALLERY not in (kinds[0], kinds[-1]), "it stands among the words"


async def test_the_weeks_post_and_the_first_of_its_thread_are_pinned_and_last_weeks_no_more(
    home: Home, ines: User
) -> None:
    general = await club(home, ines, PINS)
    await home.pass_time(2 * HOUR)
    [first] = papers(home, general)
    assert general.pins == [first]
    [thread] = home.server.threads(general)
    assert thread.pins == home.server.messages(thread)[:1]
    await home.pass_time(WEEK)
    assert general.pins == papers(home, general)[1:]
    assert SECOND in general.pins[0].text
    assert len(thread.pins) == 1, "what stands in the old thread is left as it is"


async def test_a_pin_of_somebody_else_is_left_alone(home: Home, ines: User) -> None:
    general = await club(home, ines, PINS)
    rules = home.server.say(general, ines, "Be kind to each other")
    rules.pinned = True
    await home.pass_time(2 * HOUR)
    papers(home, general)[0].pinned = False  # somebody has unpinned ours
    await home.pass_time(WEEK)
    assert general.pins == [rules, papers(home, general)[1]]


async def test_without_the_right_nothing_is_pinned_and_nobody_is_troubled(home: Home, ines: User) -> None:
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    assert general.pins == []
    assert await states(home, PostKind.PIN) == [PostState.FAILED]
    shown = await home.say(general, ines, "schedule show")
    assert [button for button in shown.buttons if "again" in button.label] == []
    async with home.house.tools.store.read() as records:
        assert await records.troubles((await home.posts())[0].chat.club_id) == []
    await home.pass_time(2 * DAY + 10 * HOUR)
    assert await states(home, PostKind.PROMPT) == [PostState.SENT]


async def test_a_channel_full_of_pins_still_gets_its_posts(home: Home, ines: User) -> None:
    general = await club(home, ines, PINS)
    for number in range(50):
        home.server.say(general, ines, f"note {number}").pinned = True
    await home.pass_time(2 * HOUR)
    assert await states(home, PostKind.PIN) == [PostState.FAILED]
    assert await states(home, PostKind.STARTER) == [PostState.SENT]


async def test_a_paper_that_was_deleted_is_not_pinned_and_the_last_is_still_unpinned(
    home: Home, ines: User
) -> None:
    general = await club(home, ines, PINS)
    await home.pass_time(2 * HOUR)
    first = papers(home, general)[0]
    home.server.fault("DELETE /channels/*/messages/pins/*", "503", times=4)
    await home.pass_time(WEEK)
    assert await states(home, PostKind.PIN) == [PostState.SENT, PostState.PENDING]
    papers(home, general)[1].deleted = True
    await home.pass_time(HOUR)
    assert not first.pinned
    assert await states(home, PostKind.PIN) == [PostState.SENT, PostState.FAILED]


async def test_a_pin_whose_answer_was_lost_is_made_again(home: Home, ines: User) -> None:
    general = await club(home, ines, PINS)
    fault = home.server.fault("PUT /channels/*/messages/pins/*", "drop-after", times=2)
    await home.pass_time(2 * HOUR)
    await home.pass_time(HOUR)
    await home.pass_time(HOUR)
    assert fault.times == 0
    assert general.pins == papers(home, general)
    assert await states(home, PostKind.PIN) == [PostState.SENT]


async def test_last_weeks_thread_is_archived_and_locked_when_the_next_has_begun(
    home: Home, ines: User
) -> None:
    general = await club(home, ines, THREADS)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    first, second = home.server.threads(general)
    assert (first.archived, first.locked) == (True, True)
    assert (second.archived, second.locked) == (False, False)
    begun = home.calls(f"POST /channels/{second.id}/messages")
    order = [f"{call.method} {call.path}" for call in home.server.calls]
    assert order.index(begun[0]) < order.index(f"PATCH /channels/{first.id}"), "people read first"


async def test_without_the_right_to_lock_a_thread_is_only_archived(home: Home, ines: User) -> None:
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK)
    first, _ = home.server.threads(general)
    assert (first.archived, first.locked) == (True, False)
    assert await states(home, PostKind.LOCK) == [PostState.SENT]


async def test_a_thread_that_rests_already_is_locked_if_we_may_and_left_alone_if_not(
    home: Home, ines: User
) -> None:
    general = await club(home, ines, THREADS)
    await home.pass_time(2 * HOUR)
    await home.pass_time(WEEK - HOUR)
    home.server.threads(general)[0].archived = True
    await home.pass_time(HOUR)
    first, second = home.server.threads(general)
    assert (first.archived, first.locked) == (True, True)
    general.forbid(THREADS)
    second.archived = True
    await home.pass_time(WEEK)
    assert (second.archived, second.locked) == (True, False)
    assert await states(home, PostKind.LOCK) == [PostState.SENT, PostState.SENT]


async def test_closing_a_thread_is_done_again_after_a_lost_answer(home: Home, ines: User) -> None:
    general = await club(home, ines, THREADS)
    await home.pass_time(2 * HOUR)
    home.server.fault("PATCH /channels/*", "drop-after")
    await home.pass_time(WEEK)
    await home.pass_time(HOUR)
    first, _ = home.server.threads(general)
    assert (first.archived, first.locked) == (True, True)
    assert await states(home, PostKind.LOCK) == [PostState.SENT]
    assert len(home.calls(f"PATCH /channels/{first.id}")) == 1, "it was found as it should be"


async def test_a_thread_that_was_deleted_is_no_harm(home: Home, ines: User) -> None:
    general = await club(home, ines, THREADS, PINS)
    await home.pass_time(2 * HOUR)
    home.server.threads(general)[0].delete()
    await home.pass_time(WEEK)
    assert await states(home, PostKind.LOCK) == [PostState.FAILED]
    assert await states(home, PostKind.PAPER) == [PostState.SENT] * 2
    found = await home.chat(general)
    assert found is not None
    assert found.active


async def test_what_comes_into_a_resting_thread_opens_it_again(home: Home, ines: User) -> None:
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    [thread] = home.server.threads(general)
    thread.archived = True
    await home.pass_days(2)
    await home.pass_time(10 * HOUR)
    assert not thread.archived
    assert len(home.server.messages(thread)) == 2


async def test_a_thread_whose_opening_was_not_answered_is_there_once(home: Home, ines: User) -> None:
    general = await club(home, ines)
    for kind in ("drop-after", "502-html-after", "drop-before"):
        home.server.fault("POST /channels/*/messages/*/threads", kind)
        await home.pass_time(2 * HOUR if kind == "drop-after" else WEEK)
        await home.pass_time(HOUR)
    threads = home.server.threads(general)
    assert [thread.id for thread in threads] == [paper.id for paper in papers(home, general)]
    assert [len(home.server.messages(thread)) >= 1 for thread in threads] == [True] * 3


async def test_where_threads_are_not_allowed_the_discussion_is_a_chain(home: Home, ines: User) -> None:
    general = await club(home, ines)
    general.forbid(Permission.CREATE_PUBLIC_THREADS)
    await home.pass_time(2 * HOUR)
    assert home.server.threads(general) == []
    starter = home.server.messages(general)[-1]
    assert starter.reply_to is papers(home, general)[0]


async def test_where_a_server_has_too_many_threads_the_discussion_is_a_chain(home: Home, ines: User) -> None:
    general = await club(home, ines)
    home.guild.most_active_threads = 0
    await home.pass_time(2 * HOUR)
    assert home.server.threads(general) == []
    assert home.server.messages(general)[-1].reply_to is papers(home, general)[0]


async def test_a_club_of_one_has_its_week_in_a_direct_conversation(home: Home, ines: User) -> None:
    alone = home.server.dm(ines)
    await home.say(alone, ines, "start")
    await home.pass_time(2 * HOUR)
    [paper] = papers(home, alone)
    assert home.server.messages(alone)[-1].reply_to is paper, "there are no threads, but replies"
    assert paper.pinned


async def test_the_role_is_notified_of_the_weeks_paper_and_of_nothing_else(home: Home, ines: User) -> None:
    general = await club(home, ines)
    role = home.guild.role("Readers of papers")
    chat = await home.chat(general)
    assert chat
    async with home.house.tools.store.write() as records:
        await records.set_mention(chat.id, str(role.id))
    await home.pass_time(2 * HOUR)
    await home.pass_days(6)
    notified = [m for m in home.server.messages(general) if m.pings == {f"&{role.id}"}]
    assert notified == papers(home, general)
    del home.guild.roles[role.id]
    await home.pass_time(DAY)
    assert len(papers(home, general)) == 2, "a role that is gone holds nothing up"


async def test_at_night_the_role_is_mentioned_without_a_sound(home: Home, ines: User) -> None:
    general = await club(home, ines)
    role, chat = home.guild.role("Readers of papers"), await home.chat(general)
    assert chat
    async with home.house.tools.store.write() as records:
        await records.set_mention(chat.id, str(role.id))
    await home.say(general, ines, "schedule set", day="monday", time="23:00")
    await home.pass_time(16 * HOUR)
    [paper] = papers(home, general)
    assert paper.pings == {f"&{role.id}"}
    assert paper.flags & SILENT


def test_these_rights_are_not_among_the_usual_ones() -> None:
    assert not BOT_PERMISSIONS & (PINS | THREADS | Permission.CREATE_EVENTS)
