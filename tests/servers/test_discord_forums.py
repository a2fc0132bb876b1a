"""The strict Discord's forums, threads, pins and calendar: what it takes, and what it refuses with which
code."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.discord import (
    BOT_PERMISSIONS,
    Channel,
    ChannelType,
    DiscordServer,
    Guild,
    Permission,
    Tag,
)

OK = (200, 0)
SOON, LATER = "2030-01-01T10:00:00+00:00", "2030-01-01T11:00:00+00:00"


class Asking:
    """A strict Discord, and a bot that asks it by hand."""

    def __init__(self, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.guild: Guild = server.guild()
        self.general = self.guild.channel("general")
        self._session = session
        self.said: Any = None

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, int]:
        """The status and the code of an answer, whose body is kept."""
        headers = {"Authorization": f"Bot {self.server.token}"}
        address = self.server.api_url + path
        async with self._session.request(method, address, headers=headers, json=body) as response:
            self.said = await response.json() if response.status != 204 else {}
            code = self.said.get("code", 0) if isinstance(self.said, dict) else 0
            return response.status, code

    async def post(self, forum: Channel, *tags: Tag, text: str = "Hello", **more: Any) -> tuple[int, int]:
        """Open a post in a forum."""
        body = {
            "name": "Week 1",
            "message": {"content": text, **more},
            "applied_tags": [str(t.id) for t in tags],
        }
        return await self.ask("POST", f"/channels/{forum.id}/threads", body)


@pytest.fixture
async def bot() -> AsyncIterator[Asking]:
    server = DiscordServer()
    await server.start()
    async with aiohttp.ClientSession() as session:
        yield Asking(server, session)
    await server.stop()


async def test_a_forums_post_begins_with_a_message_that_has_its_id(bot: Asking) -> None:
    forum = bot.guild.forum("papers", ["Models"])
    assert await bot.post(forum, forum.tags[0]) == OK
    [thread] = bot.server.threads(forum)
    [message] = bot.server.messages(thread)
    assert message.id == thread.id == int(bot.said["id"]) == int(bot.said["message"]["id"])
    assert bot.said["applied_tags"] == [str(forum.tags[0].id)]
    assert await bot.ask("POST", f"/channels/{forum.id}/messages", {"content": "loose"}) == (400, 50008)
    assert bot.server.violations == []


async def test_a_forum_knows_no_nonce_and_opens_as_many_as_are_asked_for(bot: Asking) -> None:
    forum = bot.guild.forum("papers")
    for _ in range(2):
        assert await bot.post(forum, nonce="1", enforce_nonce=True) == OK
    assert len(bot.server.threads(forum)) == 2
    assert any("nonce" in violation for violation in bot.server.violations)


async def test_a_forum_is_strict_about_its_tags(bot: Asking) -> None:
    forum = bot.guild.forum("papers", ["Models"], requires_tag=True)
    staff = Tag(bot.server.world.new_id(), "Staff", moderated=True)
    forum.tags.append(staff)
    assert await bot.post(forum) == (400, 40067)
    assert await bot.post(forum, staff) == (403, 50013)
    assert await bot.post(forum, Tag(1, "unknown")) == (400, 50035)
    assert await bot.post(forum, forum.tags[0]) == OK
    forum.allow(Permission.MANAGE_THREADS)
    assert await bot.post(forum, staff) == OK


async def test_tags_are_changed_together_by_whoever_manages_channels(bot: Asking) -> None:
    forum = bot.guild.forum("papers", ["Models"])
    [models] = forum.tags
    wanted = {"available_tags": [models.json(), {"name": "Optimisation"}]}
    assert await bot.ask("PATCH", f"/channels/{forum.id}", wanted) == (403, 50013)
    forum.allow(Permission.MANAGE_CHANNELS)
    assert await bot.ask("PATCH", f"/channels/{forum.id}", wanted) == OK
    assert [tag.name for tag in forum.tags] == ["Models", "Optimisation"]
    assert forum.tags[0].id == models.id
    many = {"available_tags": [{"name": f"tag {number}"} for number in range(21)]}
    assert await bot.ask("PATCH", f"/channels/{forum.id}", many) == (400, 50035)


@pytest.mark.parametrize(
    ("missing", "more"),
    [
        (Permission.SEND_MESSAGES, {}),
        (Permission.EMBED_LINKS, {"embeds": [{"title": "Week 1"}]}),
    ],
)
async def test_a_forums_post_needs_the_rights_of_a_message(
    bot: Asking, missing: Permission, more: dict[str, Any]
) -> None:
    forum = bot.guild.forum("papers")
    forum.forbid(missing)
    assert await bot.post(forum, **more) == (403, 50013)


async def test_a_server_has_so_many_active_threads_and_lists_them(bot: Asking) -> None:
    forum = bot.guild.forum("papers")
    bot.guild.most_active_threads = 1
    assert await bot.post(forum) == OK
    assert await bot.post(forum) == (400, 160006)
    [thread] = bot.server.threads(forum)
    listing = f"/guilds/{bot.guild.id}/threads/active"
    await bot.ask("GET", listing)
    assert [(each["id"], each["parent_id"]) for each in bot.said["threads"]] == [
        (str(thread.id), str(forum.id))
    ]
    thread.archived = True
    await bot.ask("GET", listing)
    assert bot.said["threads"] == []
    assert await bot.post(forum) == OK


async def test_whoever_opened_a_thread_may_archive_it_and_only_moderators_lock_it(bot: Asking) -> None:
    forum = bot.guild.forum("papers")
    await bot.post(forum)
    [thread] = bot.server.threads(forum)
    path = f"/channels/{thread.id}"
    assert await bot.ask("PATCH", path, {"archived": True, "locked": True}) == (403, 50013)
    assert await bot.ask("PATCH", path, {"archived": True}) == OK
    forum.allow(Permission.MANAGE_THREADS)
    assert await bot.ask("PATCH", path, {"locked": True}) == (400, 50083)
    assert await bot.ask("PATCH", path, {"archived": False, "locked": True}) == OK
    assert (thread.archived, thread.locked) == (False, True)


async def test_one_post_of_a_forum_is_pinned_by_moderators(bot: Asking) -> None:
    forum = bot.guild.forum("papers")
    for _ in range(2):
        await bot.post(forum)
    first, second = bot.server.threads(forum)
    assert await bot.ask("PATCH", f"/channels/{first.id}", {"flags": 2}) == (403, 50013)
    forum.allow(Permission.MANAGE_THREADS)
    assert await bot.ask("PATCH", f"/channels/{first.id}", {"flags": 2}) == OK
    assert bot.said["flags"] == 2
    assert await bot.ask("PATCH", f"/channels/{second.id}", {"flags": 2}) == (400, 30047)
    assert await bot.ask("PATCH", f"/channels/{first.id}", {"flags": 0}) == OK
    assert await bot.ask("PATCH", f"/channels/{second.id}", {"flags": 2}) == OK


async def test_a_channel_has_fifty_pins(bot: Asking) -> None:
    general = bot.general
    ana = bot.guild.member("Ana")
    said = [bot.server.say(general, ana, f"line {number}") for number in range(51)]
    pin = f"/channels/{general.id}/messages/pins"
    assert await bot.ask("PUT", f"{pin}/{said[0].id}") == (403, 50013)
    general.allow(Permission.PIN_MESSAGES)
    for message in said[:50]:
        assert await bot.ask("PUT", f"{pin}/{message.id}") == (204, 0)
    assert await bot.ask("PUT", f"{pin}/{said[50].id}") == (400, 30003)
    assert await bot.ask("PUT", f"{pin}/{said[0].id}") == (204, 0), "it is pinned already"
    assert await bot.ask("DELETE", f"{pin}/{said[0].id}") == (204, 0)
    assert await bot.ask("PUT", f"{pin}/{said[50].id}") == (204, 0)
    assert await bot.ask("PUT", f"{pin}/1") == (404, 10008)


def event(**changes: object) -> dict[str, object]:
    return {
        "name": "Live discussion",
        "privacy_level": 2,
        "entity_type": 3,
        "entity_metadata": {"location": "here"},
        "scheduled_start_time": SOON,
        "scheduled_end_time": LATER,
        **changes,
    }


async def test_the_calendar_takes_events_of_those_who_may(bot: Asking) -> None:
    path = f"/guilds/{bot.guild.id}/scheduled-events"
    assert await bot.ask("POST", path, event()) == (403, 50013)
    bot.guild.grant("Paperclub", BOT_PERMISSIONS | Permission.CREATE_EVENTS)
    assert await bot.ask("POST", path, event()) == OK
    made = bot.said
    assert (made["status"], made["creator_id"]) == (1, str(bot.server.bot.id))
    await bot.ask("GET", path)
    assert bot.said == [made]
    assert await bot.ask("PATCH", f"{path}/{made['id']}", {"scheduled_end_time": SOON}) == (400, 50035)
    assert await bot.ask("DELETE", f"{path}/{made['id']}") == (204, 0)
    assert await bot.ask("DELETE", f"{path}/{made['id']}") == (404, 10070)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 101},
        {"entity_metadata": {"location": "x" * 101}},
        {"entity_metadata": None},
        {"scheduled_start_time": "2020-01-01T10:00:00+00:00"},
        {"scheduled_start_time": "tomorrow"},
        {"scheduled_end_time": None},
        {"scheduled_end_time": SOON},
        {"privacy_level": 1},
    ],
)
async def test_an_event_that_is_wrong_is_refused(bot: Asking, changes: dict[str, object]) -> None:
    bot.guild.grant("Paperclub", BOT_PERMISSIONS | Permission.CREATE_EVENTS)
    path = f"/guilds/{bot.guild.id}/scheduled-events"
    assert await bot.ask("POST", path, event(**changes)) == (400, 50035)
    assert len(bot.server.violations) == 1


async def test_a_calendar_holds_a_hundred_events(bot: Asking) -> None:
    bot.guild.grant("Paperclub", BOT_PERMISSIONS | Permission.CREATE_EVENTS)
    path = f"/guilds/{bot.guild.id}/scheduled-events"
    for _ in range(100):
        assert await bot.ask("POST", path, event()) == OK
    assert await bot.ask("POST", path, event()) == (400, 30038)


async def test_what_only_forums_have_is_refused_elsewhere(bot: Asking) -> None:
    bot.general.allow(Permission.MANAGE_CHANNELS, Permission.MANAGE_THREADS)
    tags = {"available_tags": [{"name": "Models"}]}
    assert await bot.ask("PATCH", f"/channels/{bot.general.id}", tags) == (400, 50024)
    alone = {"name": "Week 1", "type": int(ChannelType.PUBLIC_THREAD)}
    assert await bot.ask("POST", f"/channels/{bot.general.id}/threads", alone) == OK
    assert await bot.ask("PATCH", f"/channels/{bot.said['id']}", {"flags": 2}) == (400, 50024)
