"""A club's week in a text channel: its post, its thread, what is pinned, and what is closed."""

from tests.platforms.discord.home import FIRST, HOUR, Home
from tests.servers.discord import Channel, User


async def club(home: Home, ines: User) -> Channel:
    """A channel in which a club has begun."""
    await home.say(home.general, ines, "start")
    return home.general


async def test_a_weeks_post_has_a_thread_that_begins_with_a_prompt(home: Home, ines: User) -> None:
    general = await club(home, ines)
    await home.pass_time(2 * HOUR)
    paper = home.server.messages(general)[-1]
    assert FIRST in paper.text
    [thread] = home.server.threads(general)
    assert thread is paper.thread
    assert thread.name.startswith(f"1 · {FIRST}")
    assert thread.archive_minutes == 10_080
    [starter] = home.server.messages(thread)
    assert "?" in starter.text
