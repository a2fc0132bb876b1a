"""The line to Discord's gateway: lost in every way there is, and back by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest
from discord.http import Route

from bot.platforms.discord import client as discord_client
from bot.ports import NotSent
from tests.house import FakeClock, HandTimer
from tests.platforms.discord.test_client import Stand, message
from tests.servers.discord import DiscordServer
from tests.servers.discord_gateway import IDENTIFY, RESUME


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """The server and our client, whose pauses take no time."""
    server = DiscordServer()
    await server.start()
    stand = Stand(server)
    yield stand
    for client in stand.clients:
        await client.close()
    await server.stop()
    assert server.violations == []


@pytest.fixture
def said(stand: Stand, caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the host reads; a test that waits looks again at each line."""

    class Waking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            stand.server.world.wake()

    handler = Waking()
    caplog.set_level(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield caplog
    logging.getLogger().removeHandler(handler)
    assert stand.server.token not in caplog.text
    assert "Traceback" not in caplog.text


def asked_for(stand: Stand, op: int) -> int:
    """How often a bot has sent such a payload."""
    return sum(payload["op"] == op for payload in stand.server.gateway.heard)


async def again(stand: Stand) -> None:
    """Return when one line was given up and another stands, and see that it serves."""
    assert (await stand.ask()).text == "said"
    assert stand.server.unanswered == []
    assert len(stand.server.gateway.live) == 1


# Lost while it was there


async def test_where_discord_asks_for_a_new_line_the_session_goes_on(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    await stand.open()
    stand.server.gateway.ask_to_reconnect()
    await stand.server.until(lambda: stand.server.gateway.resumed == 1)
    await again(stand)
    assert len(stand.server.gateway.sessions) == 1
    assert [line for line in said.messages if "gateway" in line.lower() and line.startswith("Discord")] == [
        "Discord’s gateway is connected",
        "Discord’s gateway goes on where it stopped",
    ]


async def test_what_was_missed_is_heard_once(stand: Stand) -> None:
    """A command before the cut, two while nobody listens, one after: each is heard and answered once."""
    await stand.open()
    await stand.ask()
    stand.server.cut_gateway()
    await stand.server.until(lambda: not stand.server.gateway.live)
    missed = [await stand.server.command(stand.general, stand.ana, "paper today") for _ in range(2)]
    for each in missed:
        await each.reply()
    await stand.ask()
    assert len(stand.answers.heard) == 4
    assert len(stand.posts()) == 4
    assert stand.server.unanswered == []


async def test_what_was_asked_too_long_ago_is_let_go(stand: Stand, said: pytest.LogCaptureFixture) -> None:
    """Discord takes no answer after three seconds; it is given once, and the next command is answered."""
    clock = FakeClock()
    stand.server.world.clock = lambda: float(clock.now())
    await stand.open()
    stand.server.gateway.down = True
    stand.server.cut_gateway()
    await stand.server.until(lambda: stand.server.gateway.refused)
    late = await stand.server.command(stand.general, stand.ana, "paper today")
    clock.advance(4)
    stand.server.gateway.down = False
    await stand.server.until(lambda: any(call.code == 10062 for call in stand.server.calls))
    assert stand.server.unanswered == [late]
    assert (await stand.ask()).text == "said"
    assert sum(f"/interactions/{late.id}/" in call.path for call in stand.server.calls) == 1
    stand.server.violations.clear()  # no bot can know that Discord has waited long enough


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4001, 4002, 4003, 4005, 4008])
async def test_a_closed_line_is_taken_up_again(stand: Stand, code: int) -> None:
    await stand.open()
    stand.server.close_gateway(code)
    await stand.server.until(lambda: stand.server.gateway.resumed == 1)
    await again(stand)
    assert stand.server.gateway.identified == 1


@pytest.mark.parametrize("code", [4007, 4009])
async def test_a_session_that_discord_says_is_over_is_followed_by_a_new_one(stand: Stand, code: int) -> None:
    """It is not asked for once more: Discord would only say the same."""
    await stand.open()
    stand.server.close_gateway(code)
    await stand.server.until(lambda: stand.server.gateway.identified == 2)
    await again(stand)
    assert asked_for(stand, RESUME) == 0


async def test_an_invalid_session_that_may_go_on_goes_on(stand: Stand) -> None:
    await stand.open()
    stand.server.gateway.invalidate(resumable=True)
    await stand.server.until(lambda: stand.server.gateway.resumed == 1)
    await again(stand)
    assert stand.server.gateway.identified == 1


async def test_an_invalid_session_is_followed_by_a_new_one(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    await stand.open()
    stand.server.gateway.invalidate(resumable=False)
    await stand.server.until(lambda: stand.server.gateway.identified == 2)
    await again(stand)
    assert "Discord’s gateway goes on with a new session" in said.messages


async def test_a_session_that_discord_forgot_during_a_cut_is_followed_by_a_new_one(stand: Stand) -> None:
    await stand.open()
    stand.server.gateway.sessions.clear()
    stand.server.cut_gateway()
    await stand.server.until(lambda: stand.server.gateway.identified == 2)
    await again(stand)
    assert asked_for(stand, RESUME) == 1


async def test_a_server_that_was_left_meanwhile_is_forgotten_and_a_new_one_greeted(stand: Stand) -> None:
    """A new session tells which servers there are, and nothing of what went before."""
    other = stand.server.guild("Other")
    client = await stand.open()
    await stand.server.until(lambda: stand.server.messages(other.channel("general")))
    stand.server.gateway.down = True
    stand.server.gateway.sessions.clear()
    stand.server.cut_gateway()
    await stand.server.until(lambda: not stand.server.gateway.connections)
    other.remove_bot()
    late = stand.server.guild("Late")
    stand.server.gateway.down = False
    await stand.server.until(lambda: stand.server.messages(late.channel("general")))
    await stand.server.until(lambda: stand.kept.values[f"discord.met.{other.id}"] == "")
    assert client._line
    assert {guild.id for guild in client._line.guilds} == {stand.guild.id, late.id}
    assert [each.sender.name for each in stand.answers.heard] == ["Other", "Late"]


async def test_a_line_on_which_nothing_comes_any_more_is_given_up_and_taken_up_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No word for as long as it takes to miss a heartbeat; here both are short."""
    monkeypatch.setattr(discord_client, "_SILENCE", 0.2)
    stand.server.gateway.heartbeat_seconds = 0.05
    await stand.open()
    stand.server.gateway.silent = True
    await stand.server.until(lambda: not stand.server.gateway.live)
    stand.server.gateway.silent = False
    await stand.server.until(lambda: stand.server.gateway.resumed >= 1)
    await again(stand)
    assert stand.server.gateway.identified == 1


async def test_heartbeats_that_are_answered_keep_a_quiet_line_open(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord_client, "_SILENCE", 0.4)
    stand.server.gateway.heartbeat_seconds = 0.05
    await stand.open()
    beats = asked_for(stand, 1)
    await stand.server.until(lambda: asked_for(stand, 1) > beats + 16)
    assert stand.server.gateway.resumed == 0
    await again(stand)


async def test_what_is_no_message_at_all_costs_a_line_and_not_the_bot(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    """The library would give up for good."""
    await stand.open()
    await stand.ask()
    [session] = stand.server.gateway.live
    assert session.connection
    await session.connection.socket.send_str("no JSON")
    await stand.server.until(lambda: stand.server.gateway.resumed == 1)
    await again(stand)
    assert stand.server.gateway.identified == 1
    assert caplog.text.count("could not be understood") == 1


# Lost for longer


async def test_a_minutes_outage_of_the_gateway_is_over_when_it_ends(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    """Posts go out meanwhile; afterwards it takes no longer than the longest pause. The host reads of it
    once."""
    timer = stand.timer = FakeClock()
    client = await stand.open()
    stand.server.gateway.down = True
    stand.server.cut_gateway()
    await stand.server.until(lambda: stand.server.gateway.refused)
    await client.messenger.send(stand.to(), message("Week 1"), 1)
    await stand.server.until(lambda: timer.monotonic() >= 60)
    ended = timer.monotonic()
    stand.server.gateway.down = False
    await stand.server.connected()
    assert timer.monotonic() - ended <= 5
    await again(stand)
    assert stand.posts().count("Week 1") == 1
    assert [line for line in said.messages if "no line" in line] == [
        "no line to Discord’s gateway (WSServerHandshakeError); trying again until there is one"
    ]


async def test_the_first_attempt_to_come_back_is_made_at_once(stand: Stand) -> None:
    """A member waits for three seconds at most, so a line that breaks is not waited for."""
    stand.timer = HandTimer()
    await stand.open()
    stand.server.cut_gateway()
    await stand.server.until(lambda: stand.server.gateway.resumed == 1)
    await again(stand)


async def test_a_line_that_breaks_again_and_again_is_opened_at_a_growing_distance(stand: Stand) -> None:
    timer = stand.timer = FakeClock()
    await stand.open()
    at: list[float] = []
    while len(at) < 6:
        stand.server.cut_gateway()
        await stand.server.until(lambda: stand.server.gateway.resumed > len(at))
        at.append(timer.monotonic())
    assert [round(later - earlier) for earlier, later in pairwise(at)] == [1, 2, 4, 5, 5]


async def test_an_outage_of_everything_is_over_when_it_ends(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    timer = stand.timer = FakeClock()
    client = await stand.open()
    await stand.server.go_down()
    while timer.monotonic() < 60:  # noqa: ASYNC110  # as nothing tells
        await asyncio.sleep(0)
    with pytest.raises(NotSent):
        await client.messenger.send(stand.to(), message("Week 1"), 1)
    ended = timer.monotonic()
    await stand.server.come_back()
    await stand.server.connected()
    assert timer.monotonic() - ended <= 10
    await client.messenger.send(stand.to(), message("Week 1"), 1)
    await again(stand)
    assert stand.posts().count("Week 1") == 1


async def test_where_a_session_cannot_be_taken_up_a_new_one_begins_elsewhere(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord names an address for going on, which may be out of reach while all else is well."""
    monkeypatch.setattr(Route, "BASE", stand.server.api_url)
    monkeypatch.setattr(DiscordServer, "api_url", None)
    stand.server.gateway.resume_address = lambda: "ws://127.0.0.1:9/gateway"
    await stand.open()
    stand.server.cut_gateway()
    await stand.server.until(lambda: stand.server.gateway.identified == 2)
    await again(stand)
    assert asked_for(stand, RESUME) == 0


# Turned away


@pytest.mark.parametrize("code", [4012, 4013, 4014])
async def test_a_line_closed_for_good_is_told_in_one_line_and_not_opened_again(
    stand: Stand, said: pytest.LogCaptureFixture, code: int
) -> None:
    client = await stand.open()
    stand.server.close_gateway(code)
    await stand.server.until(lambda: any(f"(code {code})" in line for line in said.messages))
    [line] = [each for each in said.records if each.levelno >= logging.WARNING]
    assert line.getMessage().startswith("Discord is not served: it has closed the gateway for good")
    assert client._serving
    await client._serving
    with pytest.raises(NotSent):
        await client.messenger.send(stand.to(), message("Week 1"), 1)
    assert asked_for(stand, IDENTIFY) == 1


async def test_a_token_that_was_changed_during_an_outage_is_told(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    """Discord refuses to say where the gateway is; nothing is asked of it after that."""
    timer = stand.timer = FakeClock()
    client = await stand.open()
    timer.advance(3600)
    stand.server.rest.token = "another"
    stand.server.gateway.invalidate(resumable=False)
    await stand.server.until(lambda: "no longer accepts DISCORD_TOKEN" in said.text)
    assert "Developer Portal" in said.text
    assert client._line is None
    assert sum(call.status == 401 for call in stand.server.calls) == 1


# How many sessions may begin


async def test_when_no_more_sessions_may_begin_today_it_waits_and_says_for_how_long(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    timer = stand.timer = HandTimer()
    stand.server.gateway.starts_left, stand.server.gateway.reset_after = 0, 7200
    await stand.client().open()
    await stand.server.until(lambda: "begin no more sessions now" in said.text)
    assert "in 120 min" in said.text
    while not timer.sleepers:  # noqa: ASYNC110  # as nothing tells
        await asyncio.sleep(0)
    timer.advance(7199)
    stand.server.gateway.starts_left = 10
    assert stand.server.gateway.identified == 0
    timer.advance(1)
    await stand.server.connected()
    await again(stand)


async def test_a_second_session_begins_five_seconds_after_the_first(stand: Stand) -> None:
    timer = stand.timer = HandTimer()
    stand.server.gateway.clock = timer.monotonic
    client = await stand.open()
    stand.server.gateway.invalidate(resumable=False)
    await stand.server.until(lambda: not stand.server.gateway.connections)
    timer.advance(4.9)
    await client.messenger.send(stand.to(), message("Week 1"), 1)
    assert stand.server.gateway.identified == 1
    timer.advance(0.1)
    await stand.server.until(lambda: stand.server.gateway.identified == 2)
    await again(stand)
