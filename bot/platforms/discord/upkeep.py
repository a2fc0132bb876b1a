"""What is done to something that stands in Discord already: pins, the end of a thread, the server's calendar.

Each is as good done twice as once. What stands so already is left alone.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import discord
from discord.http import Route

from bot.messages.markup import cut
from bot.messages.outgoing import Appointment, Pin, PinThread
from bot.platforms.discord.calls import single
from bot.platforms.discord.errors import (
    MISSING_PERMISSIONS,
    THREAD_ARCHIVED,
    UNKNOWN_CHANNEL,
    UNKNOWN_EVENT,
    UNKNOWN_MESSAGE,
)
from bot.platforms.discord.limits import EVENT_ABOUT, EVENT_TITLE

Json: TypeAlias = dict[str, Any]

_PINNED = 1 << 1
"""The flag of a thread that stands above the others of its forum."""

_IN_SERVER_ONLY, _SOMEWHERE = 2, 3
"""An event's privacy level, and the kind of one that is not held in a voice channel."""

_TO_COME = 1
"""The status of an event that has not begun."""


class Keeper:
    """Looks after things on a connection. `begin` is waited for before each call."""

    def __init__(self, line: discord.Client, begin: Callable[[], Awaitable[None]]) -> None:
        self._line = line
        self._http = line.http
        self._begin = begin

    async def pin(self, channel_id: int, what: Pin) -> None:
        """Pin a message and the first of its thread; the one before it is unpinned first, to make room."""
        if what.unpin:
            await self._if_there(lambda: self._http.unpin_message(channel_id, int(what.unpin or 0)))
        if what.starter:
            thread_id, message_id = map(int, what.starter)
            await self._if_there(lambda: self._http.pin_message(thread_id, message_id))
        await self._begin()
        await self._http.pin_message(channel_id, int(what.message_id))

    async def pin_thread(self, what: PinThread) -> None:
        """Keep a thread at the top of its forum, which keeps one there at most."""
        if what.unpin:
            await self._if_there(lambda: self._flag(int(what.unpin or 0), pinned=False))
        await self._flag(int(what.thread_id), pinned=True)

    async def _flag(self, thread_id: int, *, pinned: bool) -> None:
        thread = await self._thread(thread_id)
        flags = thread["flags"] & ~_PINNED | (_PINNED if pinned else 0)
        if flags == thread["flags"]:
            return
        await self._begin()
        if thread["thread_metadata"]["archived"]:
            await self._http.edit_channel(thread_id, flags=flags, archived=False)
        else:
            await self._http.edit_channel(thread_id, flags=flags)

    async def close_thread(self, thread_id: int) -> None:
        """Archive a thread and lock it; without the right to lock, only archive it, as who opened it may. One
        that rests in the archive can be locked only when it is taken out."""
        state = (await self._thread(thread_id))["thread_metadata"]
        if state["archived"]:
            if not state["locked"]:
                await self._lock_archived(thread_id)
            return
        await self._begin()
        try:
            await self._http.edit_channel(thread_id, archived=True, locked=True)
        except discord.Forbidden as error:
            if error.code != MISSING_PERMISSIONS:
                raise
            await self._begin()
            await self._http.edit_channel(thread_id, archived=True)

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
        await self._begin()
        await self._http.edit_channel(int(thread_id), archived=False)
        await self._begin()
        try:
            await put(thread_id)
        finally:
            await self._begin()
            await self._http.edit_channel(int(thread_id), archived=True)

    async def _lock_archived(self, thread_id: int) -> None:
        await self._begin()
        try:
            await self._http.edit_channel(thread_id, archived=False, locked=True)
        except discord.Forbidden as error:
            if error.code != MISSING_PERMISSIONS:
                raise
            return
        await self._begin()
        await self._http.edit_channel(thread_id, archived=True)

    async def _thread(self, thread_id: int) -> Json:
        await self._begin()
        thread: Any = await self._http.get_channel(thread_id)
        return {"flags": 0, **thread}

    async def _if_there(self, call: Callable[[], Awaitable[object]]) -> None:
        """Do something to what may be gone, or have been closed by somebody."""
        await self._begin()
        try:
            await call()
        except discord.HTTPException as error:
            if error.code not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, THREAD_ARCHIVED):
                raise

    # The calendar

    async def keep_appointment(self, guild_id: int, what: Appointment, link: str) -> None:
        """Have an event of ours in a server's calendar at its time; the way to it tells which one it is."""
        await self._begin()
        listed = await self._http.get_scheduled_events(guild_id, with_user_count=False)
        ours = [event for event in listed if self._is_ours(event, link)]
        waiting = next((event for event in ours if event["status"] == _TO_COME), None)
        if what.starts_at is None:
            if waiting:
                await self._take_out(guild_id, int(waiting["id"]))
        elif waiting is None:
            if not ours:
                await self._put_in(guild_id, what, link)
        elif _instant(waiting["scheduled_start_time"]) != what.starts_at:
            await self._begin()
            await self._http.edit_scheduled_event(guild_id, int(waiting["id"]), **_times(what))

    def _is_ours(self, event: Any, link: str) -> bool:
        user = self._line.user
        by_us = user is not None and str(event.get("creator_id")) == str(user.id)
        return by_us and (event.get("entity_metadata") or {}).get("location") == link

    async def _put_in(self, guild_id: int, what: Appointment, link: str) -> None:
        route = Route("POST", "/guilds/{guild_id}/scheduled-events", guild_id=guild_id)
        event = {
            "name": cut(what.title, EVENT_TITLE),
            "description": cut(what.about, EVENT_ABOUT),
            "privacy_level": _IN_SERVER_ONLY,
            "entity_type": _SOMEWHERE,
            "entity_metadata": {"location": link},
            **_times(what),
        }
        await self._begin()
        await single(self._http, route, event)

    async def _take_out(self, guild_id: int, event_id: int) -> None:
        await self._begin()
        try:
            await self._http.delete_scheduled_event(guild_id, event_id)
        except discord.NotFound as error:
            if error.code != UNKNOWN_EVENT:
                raise


def _times(what: Appointment) -> Json:
    return {
        "scheduled_start_time": _iso(what.starts_at or 0),
        "scheduled_end_time": _iso(what.ends_at),
    }


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()


def _instant(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())
