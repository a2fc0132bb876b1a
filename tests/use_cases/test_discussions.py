"""`/discuss`: the way to a paper's thread, opened when there is none yet."""

from bot.domain.posts import PostKind
from bot.messages.actions import Verb
from bot.messages.outgoing import Message, OpenThread, Pointer
from tests.house import ANN, HOUR, LIN, Desk, Heard, library, private, read

FIRST = "Improving neural networks by preventing co-adaptation of feature detectors"


def pointer(heard: Heard) -> Pointer:
    """Where an answer leads."""
    assert heard.reply.message is not None
    [found] = [part for part in heard.reply.message.parts if isinstance(part, Pointer)]
    return found


async def test_the_weeks_thread_is_pointed_to(desk: Desk) -> None:
    await desk.found()
    await desk.pass_time(2 * HOUR)
    told = await desk.say(ANN, "/discuss")
    assert f"The discussion of {FIRST} is here:" in told.text
    [thread] = [d for d in desk.messenger.sent if isinstance(d.what, OpenThread)]
    assert pointer(told).thread_id == f"t{thread.key}"
    assert not told.reply.private
    pressed = await desk.do(LIN, Verb.DISCUSS, "dropout-2012")
    assert pressed.reply.private
    assert "的讨论在这里：" in pressed.text
    assert pointer(pressed).label == "进入讨论"


async def test_a_discussion_of_another_paper_is_opened_once(desk: Desk) -> None:
    await desk.found()
    opening = await desk.say(ANN, "/discuss adam")
    assert opening.toast == "The discussion is being opened."
    assert (await desk.do(LIN, Verb.DISCUSS, "adam")).toast == "正在开启讨论。"
    await desk.tick()
    assert [post.kind for post in await desk.posts()] == [
        PostKind.OPENER,
        PostKind.THREAD,
        PostKind.STARTER,
    ]
    opener, thread, starter = desk.messenger.sent
    assert isinstance(opener.what, Message)
    assert isinstance(thread.what, OpenThread)
    assert isinstance(starter.what, Message)
    assert "A discussion of Adam" in read(opener.what)
    assert thread.what.under == f"m{opener.key}"
    assert thread.what.title.startswith("8 · Adam")
    assert starter.to.thread_id == f"t{thread.key}"
    adam = library().paper("adam")
    assert adam is not None
    assert adam.prompts[0].text.en in read(starter.what)
    assert pointer(await desk.say(ANN, "/discuss adam")).thread_id == f"t{thread.key}"
    await desk.tick()
    assert len(await desk.posts()) == 3


async def test_where_there_are_no_threads_a_chain_of_replies_does(desk: Desk) -> None:
    desk.messenger.threads = False
    await desk.found()
    await desk.say(ANN, "/discuss adam")
    await desk.tick()
    opener, _, starter = desk.messenger.sent
    assert (starter.to.thread_id, starter.to.reply_to) == (None, f"m{opener.key}")
    found = pointer(await desk.say(ANN, "/discuss adam"))
    assert (found.thread_id, found.message_id) == (None, f"m{opener.key}")


async def test_in_private_the_prompts_are_shown(desk: Desk) -> None:
    told = await desk.say(ANN, "/discuss", private(ANN))
    first = library().paper("dropout-2012")
    assert first is not None
    assert len(first.prompts) >= 3
    assert [prompt.text.en in told.text for prompt in first.prompts] == [True] * len(first.prompts)
    assert "In a group, /discuss leads to the thread" in told.text
    assert "思考题" in (await desk.say(LIN, "/discuss adam", private(LIN))).text
    assert await desk.posts() == []


async def test_an_unknown_paper_is_not_discussed(desk: Desk) -> None:
    await desk.found()
    assert "I know no paper" in (await desk.say(ANN, "/discuss xyzzyplugh")).text
    assert "too old" in (await desk.do(ANN, Verb.DISCUSS, "xyzzyplugh")).toast
    assert await desk.posts() == []
