"""The delivery ledger."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from msgspec.structs import asdict

from bot.domain.clubs import Platform
from bot.domain.posts import Draft, Post, PostState
from bot.messages.outgoing import Sent
from bot.storage import rows
from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class LedgerRecords(Family):
    """The delivery ledger. What each method means stands at the port."""

    async def queue(self, draft: Draft) -> bool:
        post_id = await sql.queue_post(self.connection, **_draft(draft))
        added = post_id is not None
        self.queued = self.queued or added
        return added

    async def queue_all(self, drafts: Sequence[Draft]) -> None:
        if drafts:
            await sql.queue_posts(self.connection, [_draft(draft) for draft in drafts])
            self.queued = True

    async def queue_tally(self, key: str, at: int, gap: int) -> None:
        post_id = await sql.queue_tally(self.connection, key=key, at=at, gap=gap)
        self.queued = self.queued or post_id is not None

    async def due_posts(self, platform: Platform, now: int, limit: int) -> Sequence[Post]:
        due = await sql.due_posts(self.connection, platform=platform, now=now, limit=limit)
        return [rows.post(row) for row in due]

    async def take(self, posts: Sequence[Post], now: int, lease: int) -> Sequence[Post]:
        taken: list[Post] = []
        for post in posts:
            row = await sql.take_post(self.connection, post_id=post.id, now=now, lease_until=now + lease)
            if row:
                attempts, claimed_at = row
                taken.append(replace(post, state=PostState.SENDING, attempts=attempts, claimed_at=claimed_at))
        return taken

    async def postpone(self, post_id: int, not_before: int) -> None:
        await sql.postpone_post(self.connection, post_id=post_id, not_before=not_before)

    async def under_way(self, platform: Platform) -> Sequence[Post]:
        found = await sql.under_way(self.connection, platform=platform)
        return [rows.post(row) for row in found]

    async def expired(self, platform: Platform, now: int) -> Sequence[Post]:
        found = await sql.expired(self.connection, platform=platform, now=now)
        return [rows.post(row) for row in found]

    async def mark_sent(self, post_id: int, sent: Sent, at: int) -> None:
        await sql.mark_sent(
            self.connection, post_id=post_id, message_id=sent.message_id, poll_id=sent.poll_id, at=at
        )
        await sql.end_trouble_of(self.connection, post_id=post_id)

    async def mark_again(self, post_id: int, not_before: int, *, doubtful: bool = False) -> None:
        if doubtful:
            await sql.mark_doubtful(self.connection, post_id=post_id)
        await sql.mark_again(self.connection, post_id=post_id, not_before=not_before)

    async def hasten(self, chat_id: int, at: int) -> None:
        await sql.hasten_posts(self.connection, chat_id=chat_id, at=at)
        self.queued = True

    async def renew(self, post_id: int, at: int) -> None:
        await sql.renew_post(self.connection, post_id=post_id, at=at)
        self.queued = True

    async def mark_unknown(self, post_id: int) -> None:
        await sql.mark_unknown(self.connection, post_id=post_id)

    async def mark_failed(self, post_id: int, reason: str) -> None:
        await sql.mark_failed(self.connection, post_id=post_id, reason=reason)

    async def call_off(self, key: str) -> None:
        await sql.call_off(self.connection, key=key)

    async def post(self, post_id: int) -> Post | None:
        row = await sql.post(self.connection, post_id=post_id)
        return rows.post(row) if row else None

    async def post_by_key(self, key: str) -> Post | None:
        row = await sql.post_by_key(self.connection, key=key)
        return rows.post(row) if row else None

    async def post_by_poll(self, poll_id: str) -> Post | None:
        row = await sql.post_by_poll(self.connection, poll_id=poll_id)
        return rows.post(row) if row else None

    async def poll_message(self, key: str) -> str | None:
        message_id: str | None = await sql.poll_message(self.connection, key=key)
        return message_id

    async def unknown_posts(self, club_id: int, limit: int) -> Sequence[Post]:
        found = await sql.unknown_posts(self.connection, club_id=club_id, limit=limit)
        return [rows.post(row) for row in found]


def _draft(draft: Draft) -> dict[str, Any]:
    # The driver takes a plain text at once, and looks for a way to adapt anything else.
    return {**asdict(draft), "kind": draft.kind.value}
