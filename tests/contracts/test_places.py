"""What every store must do for where in a chat posts go, and for chats that belong together."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.clubs import ChatKind, Platform, Thread
from bot.domain.posts import Draft, PostKind, PostState
from bot.messages.outgoing import Sent
from bot.ports import Meets, Records, Store
from tests.contracts.store import IMPLEMENTATIONS, new_chat, new_club


@pytest_asyncio.fixture(params=list(IMPLEMENTATIONS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    database = IMPLEMENTATIONS[request.param](tmp_path)
    yield (await database.open())[0]
    await database.close()


async def pair(records: Records) -> tuple[int, int, int]:
    """A club, its channel and the channel's group."""
    club = await new_club(records)
    channel = await records.add_chat(club, Platform.TELEGRAM, "-1001", ChatKind.CHANNEL, False)
    group = await new_chat(records, club, "-1002", Platform.TELEGRAM)
    await records.link(channel, group)
    return club, channel, group


async def links(records: Records, club: int) -> dict[int, int | None]:
    return {chat.id: chat.linked for chat in await records.chats(club)}


async def meets(records: Records, club: int) -> Meets | None:
    standing = await records.standing(club)
    return standing.meets if standing else None


async def test_a_club_is_told_in_its_channel_and_talks_in_the_group(store: Store) -> None:
    async with store.write() as records:
        club, channel, group = await pair(records)
        alone = await new_chat(records, club, "elsewhere")
        assert await links(records, club) == {channel: group, group: channel, alone: None}
        assert await meets(records, club) == Meets((channel, alone), (group, alone))
        await records.unlink(group)
        assert await links(records, club) == {channel: None, group: None, alone: None}
        assert await meets(records, club) == Meets((channel, group, alone), (channel, group, alone))


async def test_a_chat_belongs_together_with_one_other_at_most(store: Store) -> None:
    async with store.write() as records:
        club, channel, group = await pair(records)
        other = await new_chat(records, club, "-1003", Platform.TELEGRAM)
        await records.link(other, channel)
        assert await links(records, club) == {channel: other, group: None, other: channel}


@pytest.mark.parametrize("closed", [0, 1])
async def test_a_chat_that_closes_leaves_the_other_to_itself(store: Store, closed: int) -> None:
    async with store.write() as records:
        club, *both = await pair(records)
        await records.set_chat_active(both[closed], False)
        [left] = await records.chats(club)
        assert (left.id, left.linked) == (both[1 - closed], None)
        assert await meets(records, club) == Meets((left.id,), (left.id,))


async def test_the_topic_of_the_weeks_posts_is_kept_while_there_are_topics(store: Store) -> None:
    async with store.write() as records:
        club = await new_club(records)
        chat = await records.add_chat(club, Platform.TELEGRAM, "-1001", ChatKind.GROUP, True)
        await records.set_topic(chat, "7")
        await records.set_chat_topics(chat, True)
        [found] = await records.chats(club)
        assert found.topic == "7"
        await records.set_chat_topics(chat, False)
        [found] = await records.chats(club)
        assert (found.topics, found.topic) == (False, None)


async def test_a_post_knows_the_topic_it_was_asked_for_in_and_that_of_its_chat(store: Store) -> None:
    async with store.write() as records:
        chat = await new_chat(records, await new_club(records))
        await records.set_topic(chat, "7")
        await records.queue(Draft(chat, "one", PostKind.QUIZ, "gan", 10, topic="9"))
        await records.queue_all([Draft(chat, "many", PostKind.QUIZ, "gan", 10, topic="8")])
        found = [await records.post_by_key(key) for key in ("one", "many")]
        assert [(post.topic, post.chat.topic) for post in found if post] == [("9", "7"), ("8", "7")]


async def test_after_a_move_the_ids_of_earlier_messages_mean_nothing(store: Store) -> None:
    async with store.write() as records:
        chat = await new_chat(records, await new_club(records), "-1")
        for key in ("before", "after"):
            await records.queue(Draft(chat, key, PostKind.PAPER, "gan", 10))
        before, after = [await records.post_by_key(key) for key in ("before", "after")]
        assert before is not None
        assert after is not None
        await records.mark_sent(before.id, Sent("5"), 10)
        await records.set_thread(Thread(chat, "gan", None, "5"))
        await records.set_thread(Thread(chat, "vae", "77", "77"))
        await records.move_chat(chat, "-1001")
        await records.mark_sent(after.id, Sent("6"), 10)
        found = [await records.post(post.id) for post in (before, after)]
        assert [(post.state, post.message_id) for post in found if post] == [
            (PostState.SENT, None),
            (PostState.SENT, "6"),
        ]
        assert await records.thread(chat, "gan") is None
        assert await records.thread(chat, "vae") is not None


async def test_a_post_that_is_not_needed_any_more_is_called_off_unless_it_was_sent(store: Store) -> None:
    async with store.write() as records:
        chat = await new_chat(records, await new_club(records))
        for key in ("sent", "waiting"):
            await records.queue(Draft(chat, key, PostKind.OPENER, "gan", 10))
        sent = await records.post_by_key("sent")
        assert sent is not None
        await records.mark_sent(sent.id, Sent("5"), 10)
        for key in ("sent", "waiting", "unknown"):
            await records.call_off(key)
        found = [await records.post_by_key(key) for key in ("sent", "waiting")]
        assert [post.state for post in found if post] == [PostState.SENT, PostState.FAILED]


# A tally stands in no line at all.
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind.upkeep and kind is not PostKind.TALLY])
async def test_upkeep_tried_in_vain_holds_up_nothing(store: Store, kind: PostKind) -> None:
    async with store.write() as records:
        chat = await new_chat(records, await new_club(records))
        await records.queue(Draft(chat, "pin", kind, "gan", 10))
        await records.queue(Draft(chat, "prompt", PostKind.PROMPT, "gan", 10))
        [first] = await records.due_posts(Platform.WEB, 10, 5)
        assert first.kind is kind, "it has its place in line, until it was tried"
        await records.take([first], 10, 60)
        assert await records.due_posts(Platform.WEB, 10, 5) == []
        await records.mark_again(first.id, 1_000)
        [due] = await records.due_posts(Platform.WEB, 10, 5)
        assert due.kind is PostKind.PROMPT
        both = await records.due_posts(Platform.WEB, 1_000, 5)
        assert [post.kind for post in both] == [kind, PostKind.PROMPT]
        assert len(await records.take(both, 1_000, 60)) == 1, "one at a time"


async def test_a_chat_is_found_by_its_row_too(store: Store) -> None:
    async with store.write() as records:
        club = await new_club(records)
        row = await records.add_chat(club, Platform.DISCORD, "17", ChatKind.FORUM, False)
        found = await records.chat_by_row(row)
        assert found == await records.chat(Platform.DISCORD, "17")
        assert await records.chat_by_row(row + 1) is None
        # As a club moves to a channel of another kind.
        await records.move_chat(row, "18")
        assert await records.add_chat(club, Platform.DISCORD, "18", ChatKind.GROUP, False) == row
        moved = await records.chat_by_row(row)
        assert moved is not None
        assert (moved.chat_id, moved.kind) == ("18", ChatKind.GROUP)


async def test_what_is_kept_under_a_prefix_is_read_at_once(store: Store) -> None:
    async with store.write() as records:
        for name in ("met.1", "met.20", "met", "met1", "met/1", "mes.1", "meu.1"):
            await records.keep(name, f"of {name}")
        assert await records.kept_under("met.") == {"1": "of met.1", "20": "of met.20"}
        assert await records.kept_under("nobody.") == {}
