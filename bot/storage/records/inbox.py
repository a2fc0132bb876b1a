"""What came in and is to be handled once."""

from collections.abc import Iterable, Mapping, Sequence

from bot.messages.incoming import Receipt
from bot.ports.records import LeftUpdate, UpdateState
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class InboxRecords(Family):
    """What came in and is to be handled once. What each method means stands at the port."""

    async def latest_update(self, bot_id: int) -> int | None:
        return await sql.latest_update(self.connection, bot_id=bot_id)  # type: ignore[no-any-return]

    async def updates_left(self, bot_id: int) -> Sequence[LeftUpdate]:
        rows = await sql.updates_left(self.connection, bot_id=bot_id)
        return [LeftUpdate(update_id, UpdateState(state), body) for update_id, state, body in rows]

    async def update_state(self, bot_id: int, update_id: int, since: int) -> UpdateState | None:
        state = await sql.update_state(self.connection, bot_id=bot_id, update_id=update_id, since=since)
        return UpdateState(state) if state else None

    async def keep_updates(self, bot_id: int, bodies: Mapping[int, str], at: int, since: int) -> None:
        rows = [
            {"bot_id": bot_id, "update_id": update_id, "body": body, "at": at, "since": since}
            for update_id, body in bodies.items()
        ]
        await sql.keep_updates(self.connection, rows)

    async def mark_recorded(self, receipt: Receipt, at: int) -> bool:
        marked = await sql.mark_recorded(
            self.connection, bot_id=receipt.bot_id, update_id=receipt.update_id, at=at
        )
        return marked is not None

    async def mark_answering(self, bot_id: int, update_ids: Iterable[int]) -> None:
        await sql.mark_answering(self.connection, _rows(bot_id, update_ids))

    async def mark_done(self, bot_id: int, update_ids: Iterable[int]) -> None:
        await sql.mark_done(self.connection, _rows(bot_id, update_ids))

    async def forget_updates(self, bot_id: int, before: int, limit: int) -> None:
        await sql.forget_updates(self.connection, bot_id=bot_id, before=before, limit=limit)


def _rows(bot_id: int, update_ids: Iterable[int]) -> list[dict[str, int]]:
    return [{"bot_id": bot_id, "update_id": update_id} for update_id in update_ids]
