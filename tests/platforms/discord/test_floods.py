"""Discord's limits on calls: kept, waited for, and never answered with more calls."""

import asyncio

import pytest

from bot.messages.outgoing import Destination
from bot.platforms.discord import client as discord_client
from bot.ports import NotSent
from tests.platforms.discord.test_client import Stand, message
from tests.platforms.discord.test_gateway import said, stand

__all__ = ["said", "stand"]

SEND = "POST /channels/*/messages"


def sends(stand: Stand) -> list[int]:
    """How the calls that would send a message have ended."""
    return [
        call.status
        for call in stand.server.calls
        if call.method == "POST" and call.path.endswith("/messages")
    ]


@pytest.mark.parametrize("kind", ["429:0.1", "429-shared:0.1", "429-global:0.1"])
async def test_a_short_wait_that_discord_asks_for_is_kept_and_the_post_sent_once(
    stand: Stand, kind: str
) -> None:
    client = await stand.open()
    stand.server.fault(SEND, kind)
    await client.messenger.send(stand.to(), message("Week 1"), 1)
    assert sends(stand) == [429, 200]
    assert stand.posts() == ["Week 1"]


async def test_a_wait_that_is_asked_of_the_whole_bot_holds_up_every_other_call(stand: Stand) -> None:
    client, other = await stand.open(), stand.guild.channel("other")
    stand.server.fault(SEND, "429-global:0.2")
    sending = asyncio.create_task(client.messenger.send(stand.to(), message("Week 1"), 1))
    await stand.server.until(lambda: sends(stand) == [429])
    await client.messenger.send(Destination(str(other.id)), message("Elsewhere"), 2)
    await sending
    assert sends(stand) == [429, 200, 200]


async def test_a_call_that_is_given_up_while_it_waits_holds_up_nothing_for_ever(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It alone would have let the others go on, as far as the library is concerned."""
    monkeypatch.setattr(discord_client, "_LONGEST_FLOOD", 0.1)
    client, other = await stand.open(), stand.guild.channel("other")
    stand.server.fault(SEND, "429-global:20")
    sending = asyncio.create_task(client.messenger.send(stand.to(), message("Week 1"), 1))
    await stand.server.until(lambda: sends(stand) == [429])
    assert client._line
    while client._line.http._global_over.is_set():  # noqa: ASYNC110  # as nothing tells
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    async with asyncio.timeout(10):
        await client.messenger.send(Destination(str(other.id)), message("Elsewhere"), 2)


@pytest.mark.parametrize(
    ("kind", "wait"), [("429-html:3600", 3600), ("429-html", 900), ("403-html", 900), ("401", 600)]
)
async def test_whoever_is_barred_waits_with_everything_and_says_nothing_more(
    stand: Stand, kind: str, wait: int
) -> None:
    """What stands before Discord bars an address that is refused too often; asking on would make it last."""
    client, other = await stand.open(), stand.guild.channel("other")
    stand.server.fault(SEND, kind)
    with pytest.raises(NotSent) as barred:
        await client.messenger.send(stand.to(), message("Week 1"), 1)
    assert barred.value.retry_after == wait
    assert client.messenger.pace.wait() == wait
    with pytest.raises(NotSent):
        await client.messenger.say(Destination(str(other.id)), message("Elsewhere"))
    assert sends(stand) == [int(kind[:3])], "the second was kept back"
    assert stand.posts() == []


async def test_a_barred_address_waits_with_the_login_too(
    stand: Stand, said: pytest.LogCaptureFixture
) -> None:
    stand.server.fault("GET /users/@me", "429-html:1800")
    await stand.client().open()
    await stand.server.connected()
    assert "Discord is out of reach (HTTPException); trying again in 1800 s" in said.messages


async def test_posts_in_one_channel_keep_its_limit_and_none_is_refused(stand: Stand) -> None:
    """Five in five seconds are allowed; the headers say so, and the sixth would not be."""
    stand.server.rest.rate_limits = True
    client = await stand.open()
    sent = [asyncio.create_task(client.messenger.send(stand.to(), message(f"{k}"), k)) for k in range(6)]
    await stand.server.until(lambda: len(stand.posts()) == 5)
    assert sends(stand) == [200] * 5
    for each in sent:
        each.cancel()
    await asyncio.gather(*sent, return_exceptions=True)
