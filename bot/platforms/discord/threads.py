"""Threads: those under a message, those on their own, and the posts of a forum with their tags; and how one
that may have been opened is found again."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import discord
from discord.http import Route

from bot.messages.markup import cut
from bot.messages.outgoing import OpenThread
from bot.platforms.discord import calls
from bot.platforms.discord.errors import FAILURES
from bot.platforms.discord.limits import FORUM_TAGS, TAG_NAME, THREAD_MINUTES, THREAD_TITLE
from bot.platforms.discord.render import Json, Rendered
from bot.ports import Timer

log = logging.getLogger(__name__)

_REQUIRES_TAG = 1 << 4
"""The flag of a forum in which every post has a tag."""

_SKEW = 300
"""How far our clock may be ahead of Discord's, in seconds, before a thread of ours looks older than it is."""


def title_of(thread: OpenThread) -> str:
    """A thread's title as Discord keeps it."""
    return cut(" ".join(thread.title.split()), THREAD_TITLE)


async def begin(
    line: discord.Client,
    forum_id: int,
    thread: OpenThread,
    tags: Sequence[int],
    rendered: Rendered,
) -> str:
    """Open a post in a forum; its id, which is that of its first message too. Made once, as nothing tells
    Discord that it is a repetition."""
    post = {
        **_wish(thread),
        "applied_tags": [str(tag) for tag in tags],
        "message": rendered.fresh(),
    }
    opened = await calls.single(line.http, _threads(forum_id), post, rendered.png)
    return str(opened["id"])


async def begin_alone(line: discord.Client, channel_id: int, thread: OpenThread) -> str:
    """Open a thread in a text channel under no message; its id. Made once, like a forum's post."""
    channel = line.get_channel(channel_id)
    announces = isinstance(channel, discord.TextChannel) and channel.is_news()
    kind = discord.ChannelType.news_thread if announces else discord.ChannelType.public_thread
    wanted = {**_wish(thread), "type": kind.value}
    return str((await calls.single(line.http, _threads(channel_id), wanted))["id"])


async def begin_under(
    line: discord.Client, channel_id: str, message_id: str, thread: OpenThread, timer: Timer
) -> str:
    """Open the thread of a message, which has one at most; its id."""
    path = "/channels/{channel_id}/messages/{message_id}/threads"
    route = Route("POST", path, channel_id=channel_id, message_id=message_id)
    return str((await calls.repeatable(line.http, route, timer, _wish(thread)))["id"])


def _threads(channel_id: int) -> Route:
    return Route("POST", "/channels/{channel_id}/threads", channel_id=channel_id)


def _wish(thread: OpenThread) -> Json:
    return {"name": title_of(thread), "auto_archive_duration": THREAD_MINUTES}


async def find(
    line: discord.Client, guild_id: int, parent_id: int, thread: OpenThread, since: int, timer: Timer
) -> str | None:
    """The thread of ours of this name under a channel that was opened at an instant (seconds since 1970, UTC)
    or later. One that somebody has closed within the minutes after is not found."""
    route = Route("GET", "/guilds/{guild_id}/threads/active", guild_id=guild_id)
    listed = await calls.repeatable(line.http, route, timer)
    begun = datetime.fromtimestamp(since - _SKEW, UTC)
    for each in listed["threads"]:
        ours = line.user is not None and int(each["owner_id"]) == line.user.id
        here = int(each["parent_id"]) == parent_id and " ".join(each["name"].split()) == title_of(thread)
        if ours and here and discord.utils.snowflake_time(int(each["id"])) >= begun:
            return str(each["id"])
    return None


async def tags_for(
    line: discord.Client, forum_id: int, names: Sequence[str], timer: Timer, allowed: discord.Permissions
) -> list[int]:
    """The tag of a post: the forum's own that bears one of some names, else one that is added under the first
    of them where we may; in a forum that requires one, any that we may use before none.

    `allowed` is what we may do there: some tags are kept for moderators, and not everybody adds one.
    """
    route = Route("GET", "/channels/{channel_id}", channel_id=forum_id)
    forum: Json = await calls.repeatable(line.http, route, timer)
    ours = allowed.manage_threads
    usable = [tag for tag in forum.get("available_tags") or () if ours or not tag.get("moderated")]
    wanted = {_plain(name) for name in names}
    found = next((tag for tag in usable if _plain(tag["name"]) in wanted), None)
    if found is None and names and allowed.manage_channels:
        found = await _add(line, forum, names[0], timer)
    if found is None and forum.get("flags", 0) & _REQUIRES_TAG:
        found = next(iter(usable), None)
    return [int(found["id"])] if found else []


async def _add(line: discord.Client, forum: Json, name: str, timer: Timer) -> Json | None:
    """A forum's new tag, if it takes one more. A post goes out without it when that fails; one that was added
    although no answer came is found by its name the next time."""
    known = forum.get("available_tags") or []
    if len(known) >= FORUM_TAGS:
        return None
    try:
        wanted = [*known, {"name": cut(name, TAG_NAME), "moderated": False}]
        route = Route("PATCH", "/channels/{channel_id}", channel_id=forum["id"])
        changed = await calls.repeatable(line.http, route, timer, {"available_tags": wanted})
    except FAILURES as error:
        log.info("a forum's tag could not be added: %s", error)
        return None
    return next((tag for tag in _tags(changed) if _plain(tag["name"]) == _plain(name)), None)


def _tags(forum: Any) -> Iterable[Json]:
    return forum.get("available_tags") or ()


def _plain(name: str) -> str:
    """A tag's name as it is compared."""
    return cut(" ".join(name.split()), TAG_NAME).casefold()
