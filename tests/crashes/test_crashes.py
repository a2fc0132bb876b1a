"""The real program is killed -9 at random over a run of posts, while both platforms are in trouble.

make crash-test                          200 kills, some minutes
CRASH_KILLS=50 CRASH_SEED=7 .venv/bin/pytest -s tests/crashes
"""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from bot.domain.clubs import Platform
from bot.domain.posts import Post, PostState
from tests.crashes.reaper import Reaper
from tests.crashes.town import WEEK, Town, open_town

KILLS = int(os.environ.get("CRASH_KILLS", "12"))
SEED = int(os.environ.get("CRASH_SEED") or random.randrange(10**6))

BRIEF = KILLS <= 20

CLUBS_EACH = 2 if BRIEF else 12
"""How many clubs there are on each platform, beside the one that meets on both."""

LONGEST_LIFE = 6.0 if BRIEF else 15.0
"""When the call that was aimed at does not come within so many seconds, there is too little to send. The
longer one is more than the time for which an answer is waited for."""

LIVES_A_BEAT = 3
"""How many lives go by until more becomes due; in between, the next life finds just what the last left."""


@pytest.mark.timeout(300 + 15 * KILLS)
async def test_nothing_is_lost_and_nothing_doubled_however_often_the_process_is_killed(
    tmp_path: Path,
) -> None:
    """In the end every post stands in its chat once. What may have arrived is looked at as an organiser
    would, who sends again what the chat lacks."""
    print(f"\n{KILLS} kills, CRASH_SEED={SEED}")
    reaper = Reaper(random.Random(SEED))
    async with open_town(tmp_path, reaper, CLUBS_EACH) as town:
        life = 0
        while reaper.kills.total() < KILLS:
            if life % LIVES_A_BEAT == 0 or town.settled():
                await town.go_on()
            await live_and_die(town)
            life += 1
        await town.settle()
        unknown = await town.posts(PostState.UNKNOWN)
        renewed = await send_again_what_is_lacking(town)
        posts = await town.posts()
        copies = await town.copies(posts)
        print(summary(reaper, posts, unknown, renewed))

        assert town.sound()
        assert town.reasons() == []
        assert {post.state for post in posts} <= {PostState.SENT, PostState.UNKNOWN}
        assert {post.key: copies[post.id] for post in posts if copies[post.id] != 1} == {}
        doubted = {post.id for post in unknown}
        assert list(town.out_of_order({post.id for post in posts} - doubted)) == []
        begun = {club_id: -(-beats // len(WEEK)) for club_id, beats in town.begun.items()}
        assert await town.weeks() == begun
        assert town.telegram.violations == []
        assert town.discord.violations == []


async def live_and_die(town: Town) -> None:
    """One life of the process, from its start to its sudden end."""
    async with town.process() as program:
        town.reaper.aim(program.process)
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_LIFE):
                await program.process.wait()
        town.reaper.strike("while idle")
        assert await program.process.wait() == -signal.SIGKILL, "\n".join(program.logged)
    assert not [line for line in program.logged if " ERROR " in line], "\n".join(program.logged)


async def send_again_what_is_lacking(town: Town) -> list[Post]:
    """What an organiser does who looks at the chats: press *Send again* for posts that are not there."""
    renewed: list[Post] = []
    while True:
        unknown = await town.posts(PostState.UNKNOWN)
        copies = await town.copies(unknown)
        lacking = [post for post in unknown if not copies[post.id]]
        if not lacking:
            return renewed
        await town.renew(lacking)
        await town.settle()
        renewed += lacking


def summary(reaper: Reaper, posts: list[Post], unknown: list[Post], renewed: list[Post]) -> str:
    """What happened, as a table."""
    lacking = {post.id for post in renewed}
    lines = [f"killed {reaper.kills.total()} times"]
    lines += [f"  {count:5}  {moment}" for moment, count in reaper.kills.most_common()]
    lines.append(f"calls in trouble {reaper.troubles.total()}")
    lines += [f"  {count:5}  {kind}" for kind, count in reaper.troubles.most_common()]
    lines.append(f"{'posts':12}{'all':>6}{'sent':>6}{'unknown':>9}{'arrived':>9}{'lacking':>9}")
    for platform in (Platform.TELEGRAM, Platform.DISCORD):
        states = Counter(post.state for post in posts if post.chat.platform is platform)
        doubted = [post.id for post in unknown if post.chat.platform is platform]
        lacked = len(lacking & set(doubted))
        numbers = (len(doubted), len(doubted) - lacked, lacked)
        lines.append(
            f"{platform:12}{states.total():6}{states[PostState.SENT]:6}"
            + "".join(f"{number:9}" for number in numbers)
        )
    return "\n".join(lines)
