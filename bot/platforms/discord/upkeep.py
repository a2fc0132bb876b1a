"""What is done to something that stands in Discord already: pins, the end of a thread, the server's calendar.

Each is as good done twice as once. What stands so already is left alone.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import discord
from discord.http import Route

from bot.messages.markup import cut
from bot.messages.outgoing import Appointment, Pin, PinThread
from bot.platforms.discord import calls
from bot.platforms.discord.errors import (
    MISSING_PERMISSIONS,
    THREAD_ARCHIVED,
    UNKNOWN_CHANNEL,
    UNKNOWN_EVENT,
    UNKNOWN_MESSAGE,
)
from bot.platforms.discord.limits import EVENT_ABOUT, EVENT_TITLE
from bot.platforms.discord.render import Json
from bot.ports import Timer

_PINNED = 1 << 1
"""The flag of a thread that stands above the others of its forum."""

_IN_SERVER_ONLY, _SOMEWHERE = 2, 3
"""An event's privacy level, and the kind of one that is not held in a voice channel."""

_TO_COME = 1
"""The status of an event that has not begun."""


_EVENTS = "/guilds/{guild_id}/scheduled-events"
_EVENT = _EVENTS + "/{event_id}"


class Keeper:
    """Looks after things on a connection. `begin` is waited for before each call."""

    def __init__(self, line: discord.Client, begin: Callable[[], Awaitable[None]], timer: Timer) -> None:
        self._line = line
        self._begin = begin
        self._timer = timer

    async def pin(self, channel_id: int, what: Pin) -> None:
        """Pin a message and the first of its thread; the one before it is unpinned first, to make room."""
        if what.unpin:
            await self._if_there(self._pin("DELETE", channel_id, int(what.unpin)))
        if what.starter:
            thread_id, message_id = map(int, what.starter)
            await self._if_there(self._pin("PUT", thread_id, message_id))
        await self._pin("PUT", channel_id, int(what.message_id))

    async def _pin(self, method: str, channel_id: int, message_id: int) -> None:
        path = "/channels/{channel_id}/messages/pins/{message_id}"
        await self._ask(method, path, channel_id=channel_id, message_id=message_id)

    async def pin_thread(self, what: PinThread) -> None:
        """Keep a thread at the top of its forum, which keeps one there at most."""
        if what.unpin:
            await self._if_there(self._flag(int(what.unpin), pinned=False))
        await self._flag(int(what.thread_id), pinned=True)

    async def _flag(self, thread_id: int, *, pinned: bool) -> None:
        thread = await self._thread(thread_id)
        flags = thread["flags"] & ~_PINNED | (_PINNED if pinned else 0)
        if flags != thread["flags"]:
            opened = {"archived": False} if thread["thread_metadata"]["archived"] else {}
            await self._change(thread_id, flags=flags, **opened)

    async def close_thread(self, thread_id: int) -> None:
        """Archive a thread and lock it; without the right to lock, only archive it, as who opened it may. One
        that rests in the archive can be locked only when it is taken out."""
        state = (await self._thread(thread_id))["thread_metadata"]
        if state["archived"] and state["locked"]:
            return
        try:
            if state["archived"]:
                await self._change(thread_id, archived=False, locked=True)
            await self._change(thread_id, archived=True, locked=True)
        except discord.Forbidden as error:
            if error.code != MISSING_PERMISSIONS:
                raise
            if not state["archived"]:
                await self._change(thread_id, archived=True)

    async def change(self, places: Sequence[str], put: Callable[[str], Awaitable[None]]) -> None:
        """Change a message in the first of some places in which it is. In an archived thread nothing can be
        changed: it is taken out for that moment."""
        for place in places:
            await self._begin()
            try:
                await put(place)
                return
            except discord.HTTPException as error:
                if error.code == THREAD_ARCHIVED:
                    await self._change_archived(place, put)
                    return
                if error.code not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL) or place == places[-1]:
                    raise

    async def _change_archived(self, thread_id: str, put: Callable[[str], Awaitable[None]]) -> None:
        await self._change(int(thread_id), archived=False)
        await self._begin()
        try:
            await put(thread_id)
        finally:
            await self._change(int(thread_id), archived=True)

    async def _thread(self, thread_id: int) -> Json:
        thread: Json = await self._ask("GET", "/channels/{channel_id}", channel_id=thread_id)
        return {"flags": 0, **thread}

    async def _change(self, thread_id: int, **changes: object) -> None:
        """Change a thread, once: what it allows depends on how it stands, which has to be asked again."""
        await self._begin()
        route = Route("PATCH", "/channels/{channel_id}", channel_id=thread_id)
        await calls.single(self._line.http, route, changes)

    async def _if_there(self, call: Awaitable[None]) -> None:
        """Do something to what may be gone, or have been closed by somebody."""
        try:
            await call
        except discord.HTTPException as error:
            if error.code not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, THREAD_ARCHIVED):
                raise

    async def _ask(self, method: str, path: str, body: Json | None = None, **places: Any) -> Any:
        """A call that is the same when made again."""
        await self._begin()
        return await calls.repeatable(self._line.http, Route(method, path, **places), self._timer, body)

    # The calendar

    async def keep_appointment(self, guild_id: int, what: Appointment, link: str) -> None:
        """Have an event of ours in a server's calendar at its time; the way to it tells which one it is."""
        listed = await self._ask("GET", _EVENTS, guild_id=guild_id)
        ours = [event for event in listed if self._is_ours(event, link)]
        waiting = next((event for event in ours if event["status"] == _TO_COME), None)
        if what.starts_at is None:
            if waiting:
                await self._take_out(guild_id, int(waiting["id"]))
        elif waiting is None:
            if not ours:
                await self._put_in(guild_id, what, link)
        elif _instant(waiting["scheduled_start_time"]) != what.starts_at:
            await self._ask("PATCH", _EVENT, _times(what), guild_id=guild_id, event_id=int(waiting["id"]))

    def _is_ours(self, event: Any, link: str) -> bool:
        """Whether an event is the one that leads to a place. A thread has the id of the message it hangs
        from, so it is the same before and after that was opened."""
        user = self._line.user
        by_us = user is not None and str(event.get("creator_id")) == str(user.id)
        location = (event.get("entity_metadata") or {}).get("location") or ""
        return by_us and _end(location) == _end(link)

    async def _put_in(self, guild_id: int, what: Appointment, link: str) -> None:
        event = {
            "name": cut(what.title, EVENT_TITLE),
            "description": cut(what.about, EVENT_ABOUT),
            "privacy_level": _IN_SERVER_ONLY,
            "entity_type": _SOMEWHERE,
            "entity_metadata": {"location": link},
            **_times(what),
        }
        await self._begin()
        await calls.single(self._line.http, Route("POST", _EVENTS, guild_id=guild_id), event)

    async def _take_out(self, guild_id: int, event_id: int) -> None:
        try:
            await self._ask("DELETE", _EVENT, guild_id=guild_id, event_id=event_id)
        except discord.NotFound as error:
            if error.code != UNKNOWN_EVENT:
                raise


def _end(link: str) -> str:
    return link.rpartition("/")[2]


def _times(what: Appointment) -> Json:
    return {
        "scheduled_start_time": _iso(what.starts_at or 0),
        "scheduled_end_time": _iso(what.ends_at),
    }


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()


def _instant(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())
