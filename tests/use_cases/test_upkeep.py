"""What is done at the end of a paper's arrival, after everything that people read."""

from bot.domain.posts import PostKind, PostState
from bot.messages.outgoing import CloseThread, OpenThread, Pin, Upkeep
from bot.ports import Refused
from tests.house import ANN, HOUR, INES, WEEK, Desk


def tended(desk: Desk) -> list[Upkeep]:
    """What the messenger looked after."""
    return [what for _, what in desk.messenger.tended]


async def keys(desk: Desk, kind: PostKind) -> list[int]:
    """The ledger ids of the posts of a kind, by which the messenger names its messages."""
    return [post.id for post in await desk.posts() if post.kind is kind]


async def test_a_paper_is_pinned_and_the_last_thread_closed_at_the_end_of_the_chain(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    await desk.pass_time(2 * HOUR)
    assert [post.kind for post in await desk.posts()] == [
        PostKind.PAPER,
        PostKind.THREAD,
        PostKind.STARTER,
        PostKind.PIN,
    ]
    await desk.pass_time(WEEK)
    first, second = await keys(desk, PostKind.PAPER)
    opened, reopened = await keys(desk, PostKind.THREAD)
    begun, begun_again = await keys(desk, PostKind.STARTER)
    assert tended(desk) == [
        Pin(f"m{first}", None, (f"t{opened}", f"m{begun}")),
        Pin(f"m{second}", f"m{first}", (f"t{reopened}", f"m{begun_again}")),
        CloseThread(f"t{opened}"),
    ]
    last = [post.kind for post in await desk.posts()][-5:]
    assert last == [PostKind.PAPER, PostKind.THREAD, PostKind.STARTER, PostKind.PIN, PostKind.LOCK]


async def test_where_a_platform_has_no_pins_none_is_asked_for(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(WEEK)
    assert not any(post.kind.upkeep for post in await desk.posts())


async def test_where_a_discussion_is_a_chain_of_replies_nothing_is_closed(desk: Desk) -> None:
    desk.messenger.lacks, desk.messenger.threads = frozenset(), False
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(WEEK)
    assert await keys(desk, PostKind.LOCK) == []
    assert len(tended(desk)) == 2


async def test_a_paper_that_is_read_once_more_does_not_close_its_own_thread(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    await desk.pass_time(2 * HOUR)
    await desk.say(INES, "/schedule repeat")
    await desk.pass_time(WEEK)
    assert len(await keys(desk, PostKind.PAPER)) == 2
    assert await keys(desk, PostKind.LOCK) == []


async def test_what_people_opened_themselves_is_neither_pinned_nor_closed(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    await desk.found()
    await desk.say(ANN, "/discuss adam")
    await desk.tick()
    await desk.pass_time(2 * HOUR)
    await desk.pass_time(WEEK)
    opened = [d.key for d in desk.messenger.sent if isinstance(d.what, OpenThread)]
    assert [what.thread_id for what in tended(desk) if isinstance(what, CloseThread)] == [f"t{opened[1]}"]


async def test_upkeep_that_is_refused_is_told_to_nobody(desk: Desk) -> None:
    desk.messenger.lacks = frozenset()
    desk.messenger.troubles.extend([None, None, None, Refused("not enough rights")])
    await desk.found()
    await desk.pass_time(2 * HOUR)
    [pin] = [post for post in await desk.posts() if post.kind is PostKind.PIN]
    assert pin.state is PostState.FAILED
    assert desk.messenger.told == []
    shown = await desk.say(INES, "/schedule")
    assert [label for label in shown.labels if "again" in label] == []
