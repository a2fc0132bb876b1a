"""The web room's own messages, in the same database as the record."""

from collections.abc import Awaitable, Callable, Sequence

from bot.ports import RoomLine
from bot.storage.statements import statements as sql
from bot.storage.stores import DatabaseStore


class SqlRoom:
    """`Room` over a store. What each method means stands at the port."""

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store

    async def add(
        self,
        chat_id: str,
        author: str,
        body: str,
        at: int,
        *,
        thread_id: str | None = None,
        seen_by: str | None = None,
        opens_thread: bool = False,
        post_key: int | None = None,
    ) -> int:
        async with self._store.write() as records:
            line_id: int | None = await sql.add_line(
                records.connection,
                chat_id=chat_id,
                thread_id=thread_id,
                seen_by=seen_by,
                author=author,
                body=body,
                at=at,
                replies=0 if opens_thread else None,
                post_key=post_key,
            )
            if line_id is None:
                known: int = await sql.line_of_post(records.connection, post_key=post_key)
                return known
            await self._store.announce(records.connection, line_id)
            if thread_id is not None:
                await sql.count_reply(records.connection, opener_id=int(thread_id))
                await self._store.announce(records.connection, int(thread_id))
            return line_id

    async def edit(self, line_id: int, body: str, at: int) -> None:
        async with self._store.write() as records:
            await sql.edit_line(records.connection, line_id=line_id, body=body, at=at)
            await self._store.announce(records.connection, line_id)

    async def line(self, line_id: int) -> RoomLine | None:
        async with self._store.read() as records:
            row = await sql.line(records.connection, line_id=line_id)
            return RoomLine(*row) if row else None

    async def since(
        self, chat_id: str, viewer: str, after_id: int, limit: int, thread_id: str | None = None
    ) -> Sequence[RoomLine]:
        where = {"chat_id": chat_id, "viewer": viewer, "after_id": after_id, "limit": limit}
        async with self._store.read() as records:
            if thread_id is None:
                newest = await sql.main_flow(records.connection, **where)
            else:
                newest = await sql.thread_flow(records.connection, thread_id=thread_id, **where)
            return [RoomLine(*row) for row in reversed(newest)]

    async def threads(self, chat_id: str) -> Sequence[RoomLine]:
        async with self._store.read() as records:
            return [RoomLine(*row) for row in await sql.openers(records.connection, chat_id=chat_id)]

    async def follow(self, changed: Callable[[int], Awaitable[None]]) -> None:
        await self._store.follow(changed)
