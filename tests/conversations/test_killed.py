"""A week in which the process is killed -9 again and again, after every kind of step."""

from itertools import count

from bot.domain.posts import Post, PostState
from bot.domain.quizzes import GROUP_QUESTIONS
from bot.messages.markup import flat
from bot.messages.outgoing import Message, OpenThread, Quiz, Text
from bot.use_cases.posts import compose
from tests.conversations.lives import was_killed
from tests.conversations.stage import Stage
from tests.conversations.test_course import BEATS


async def test_nothing_is_lost_or_doubled_when_the_process_is_killed_between_steps(stage: Stage) -> None:
    """Each life gets one to five steps further and dies; in the end everything stands there once.

    Where the platform cannot tell a repetition, a post that may have been sent is left to the organiser:
    the test resends what the group really lacks, as the organiser would.
    """
    await stage.leave()
    kills = 0
    for seconds in BEATS:
        stage.clock.advance(seconds)
        for life in count():
            if not await was_killed(stage.settings(), stage.clock.now(), 1 + life % 5):
                break
            kills += 1
            assert life < 100, "the lives make no headway"
    assert kills >= 15
    await stage.come_back()
    await resend_what_is_missing(stage)

    for mark in ("📄 This week", "One question to start with", "A question about", "📝", "🗓"):
        assert sum(mark in line for line in everything(stage)) == 1, mark
    assert len(stage.questions()) == len(set(stage.questions())) == GROUP_QUESTIONS
    assert len(stage.threads()) == 1


def everything(stage: Stage) -> list[str]:
    """Whatever the bot said in the group, wherever it stands."""
    return [*stage.posts(), *(line for said in stage.threads().values() for line in said)]


async def resend_what_is_missing(stage: Stage) -> None:
    """What an organiser does who looks at the chat: press *Send again* for posts that are not there."""
    async with stage.house.tools.store.read() as records:
        clubs = await records.clubs()
        unknown = [post for club in clubs for post in await records.unknown_posts(club.id, 100)]
    for post in unknown:
        assert post.state is PostState.UNKNOWN
        if not await arrived(stage, post):
            async with stage.house.tools.store.write() as records:
                await records.renew(post.id, stage.clock.now())
            await stage.pass_time(0)


async def arrived(stage: Stage, post: Post) -> bool:
    """Whether a post of unknown fate can be seen in the group."""
    tools = stage.house.tools
    async with tools.store.read() as records:
        _, what = await compose(tools, records, post, stage.clock.now())
    if isinstance(what, OpenThread):
        return True
    assert isinstance(what, Message)
    seen = [*everything(stage), *stage.questions()]
    polls = [part.question for part in what.parts if isinstance(part, Quiz)]
    texts = [flat(part.markdown) for part in what.parts if isinstance(part, Text)]
    words = polls[0] if polls else max(texts[-1].splitlines(), key=len)
    return any(words in line for line in seen)
