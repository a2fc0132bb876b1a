"""The inbox: what Telegram told is on record before it is confirmed, and is handled once, whatever crashes.

Each chat has a lane: what is said in it is handled in order, and lanes run side by side. An update that
changes something is marked in the transaction of the change (see `bot.use_cases.once`); one that changes
nothing, before its answer is sent; both are done when the answer was. So at the next start it is known of
everything whether it is still to be handled, or was answered perhaps.

Everything that waits to be written when a transaction begins goes into that one: under load, one commit
serves many updates.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from telegram import Bot

from bot.messages.incoming import Incoming, Receipt
from bot.messages.outgoing import Reply
from bot.platforms.telegram.parsing import Unreadable, Update, parse_update, update_id_of
from bot.platforms.telegram.updates import lane
from bot.ports import Clock, Listener, StorageUnavailable, Store, UpdateState

log = logging.getLogger(__name__)

MOST_WAITING = 400
"""With so many updates waiting nothing new is taken until some are done."""

REMEMBERED_SECONDS = 2 * 86_400
"""How long an update is recognised that comes again. Telegram tries for 24 hours at most."""

FORGET_EVERY, FORGET_MOST = 100, 200
"""After so many new updates, so many of the oldest are looked at and forgotten if it is time."""

SETTLE_SECONDS = 0.5
"""How long updates that are done may wait for a transaction that goes anyway."""

DRAIN_SECONDS = 0.6
"""How long `close` waits for what is being handled."""

Hear = Callable[[Update, Receipt], Awaitable[None]]
"""Handles an update and answers."""

MakeUp = Callable[[Update, UpdateState], Awaitable[None]]
"""Says that an answer may have been lost."""


@dataclass(slots=True)
class _Entry:
    """An update that was taken, waits or is being handled. `kept` tells that it is on record."""

    update_id: int
    body: str
    update: Update
    state: UpdateState = UpdateState.NEW
    kept: bool = True
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Inbox:
    """Takes a bot's updates and has each handled once. Of all processes, only the one that serves the bot
    may have its inbox open."""

    def __init__(self, bot: Bot, store: Store, clock: Clock) -> None:
        self._bot = bot
        self._bot_id = int(bot.token.partition(":")[0])
        self._store, self._clock = store, clock
        self._lanes: dict[str, deque[_Entry]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, _Entry] = {}
        self._freed = asyncio.Event()
        self.is_open = False
        self._closing = False
        # What the next transaction is to write, and who writes.
        self._new: dict[int, _Entry] = {}
        self._answering: dict[int, None] = {}
        self._done: list[int] = []
        self._writing = asyncio.Lock()
        self._settling: asyncio.Task[None] | None = None
        self._latest = -1
        self._unforgotten = 0

    async def open(self, hear: Hear, make_up: MakeUp) -> None:
        """Go on with what was left. Raises StorageUnavailable."""
        self._hear, self._make_up = hear, make_up
        async with self._store.read() as records:
            latest = await records.latest_update(self._bot_id)
            left = await records.updates_left(self._bot_id)
        self._latest = -1 if latest is None else latest
        self.is_open = True
        if left:
            log.info("%d updates were left to be handled or answered", len(left))
        for update in left:
            if update.body is None:
                self._done.append(update.update_id)
            else:
                self._admit(_entry(update.body.encode(), update.state))

    async def close(self) -> None:
        """Finish what is being handled, for a moment. What waits, waits for the next start."""
        self._closing = True
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_SECONDS)
        going = [*self._running, *([self._settling] if self._settling else [])]
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)
        await self._settle()

    async def room(self) -> None:
        """Return when there is room for more."""
        while len(self._waiting) >= MOST_WAITING:
            self._freed.clear()
            await self._freed.wait()

    async def take(self, updates: Sequence[bytes]) -> int | None:
        """Take updates in JSON; the highest of their ids. When this returns they may be confirmed: they are
        on record or, where nothing can be recorded now, have been handled."""
        await self.room()
        came: dict[int, _Entry] = {}
        for body in updates:
            try:
                entry = _entry(body)
                came[entry.update_id] = entry
            except Unreadable:
                log.error("Telegram told something that is no update; it is passed over")
        latest = max(came, default=None)
        known = [self._waiting[update_id] for update_id in came if update_id in self._waiting]
        for entry in known:
            del came[entry.update_id]
        if came:
            known += await self._keep(came)
        for entry in known:
            if not entry.kept:
                await entry.over.wait()
        return latest

    def once(self, dispatcher: Listener) -> Listener:
        """The dispatcher, with what it answers marked before the answer is sent."""
        return _Marking(dispatcher, self.mark)

    async def mark(self, receipt: Receipt) -> None:
        """Have on record that an update's answer may be under way."""
        self._answering[receipt.update_id] = None
        async with self._writing:
            if receipt.update_id in self._answering:
                # Where nothing can be recorded, an answer is better than none.
                with suppress(StorageUnavailable):
                    await self._write()
                self._answering.pop(receipt.update_id, None)

    # Writing

    async def _keep(self, came: dict[int, _Entry]) -> list[_Entry]:
        """Put updates on record, and into their lanes. Those that could not be recorded are given."""
        self._new |= came
        try:
            async with self._writing:
                # Another's transaction may have taken them along.
                if not self._new.keys().isdisjoint(came):
                    await self._write()
            return []
        except StorageUnavailable:
            if self._closing:
                raise
            # As nothing can be recorded, nothing can happen twice: they are heard, and told so.
            mine = [entry for update_id, entry in came.items() if update_id in self._new]
            for entry in mine:
                entry.kept = False
                self._admit(entry)
            return mine
        finally:
            for update_id in came:
                self._new.pop(update_id, None)

    async def _write(self) -> None:
        """Write all there is to write. Raises StorageUnavailable, and then keeps it for the next time."""
        new, answering, done = dict(self._new), list(self._answering), list(self._done)
        now = self._clock.now()
        since = now - REMEMBERED_SECONDS
        known: dict[int, UpdateState] = {}
        async with self._store.write() as records:
            if answering:
                await records.mark_answering(self._bot_id, answering)
            if done:
                await records.mark_done(self._bot_id, done)
            for update_id in new:
                if update_id <= self._latest:
                    state = await records.update_state(self._bot_id, update_id, since)
                    if state:
                        known[update_id] = state
            fresh = {entry.update_id: entry.body for entry in new.values() if entry.update_id not in known}
            if fresh:
                await records.keep_updates(self._bot_id, fresh, now, since)
            if self._unforgotten >= FORGET_EVERY:
                await records.forget_updates(self._bot_id, since, FORGET_MOST)
        self._unforgotten = len(fresh) + (0 if self._unforgotten >= FORGET_EVERY else self._unforgotten)
        del self._done[: len(done)]
        for update_id in answering:
            self._answering.pop(update_id, None)
        self._latest = max(self._latest, *new, -1)
        for update_id in sorted(new):
            self._new.pop(update_id, None)
            # One that another process has kept, but did not come to handle, is ours now.
            unhandled = known.get(update_id, UpdateState.NEW) is UpdateState.NEW
            if unhandled and update_id not in self._waiting and update_id not in self._done:
                self._admit(new[update_id])

    async def _settle(self) -> None:
        """Write down what is done."""
        async with self._writing:
            if self._done:
                with suppress(StorageUnavailable):
                    await self._write()

    async def _settle_soon(self) -> None:
        """Write down what is done, a little later, until there is no more."""
        while self._done:
            await asyncio.sleep(SETTLE_SECONDS)
            await self._settle()
        self._settling = None

    # Handling

    def _admit(self, entry: _Entry) -> None:
        """Put an update into its lane."""
        if self._closing:
            return
        name = lane(entry.update)
        self._waiting[entry.update_id] = entry
        if name in self._lanes:
            self._lanes[name].append(entry)
        else:
            self._lanes[name] = deque([entry])
            task = asyncio.create_task(self._go_along(name))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _go_along(self, name: str) -> None:
        """Handle what waits in a lane, one after another, until there is no more."""
        entries = self._lanes[name]
        while entries and not self._closing:
            await self._deal_with(entries[0])
            entries.popleft()
        del self._lanes[name]

    async def _deal_with(self, entry: _Entry) -> None:
        try:
            if entry.state is UpdateState.NEW:
                await self._hear(entry.update, Receipt(self._bot_id, entry.update_id))
            else:
                await self._make_up(entry.update, entry.state)
        except Exception:
            log.exception("an update could not be handled", extra={"update": entry.update_id})
        del self._waiting[entry.update_id]
        self._done.append(entry.update_id)
        entry.over.set()
        self._freed.set()
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle_soon())


def _entry(body: bytes, state: UpdateState = UpdateState.NEW) -> _Entry:
    """An update with what stands in it; one that cannot be understood counts as nothing that is asked for.
    Raises Unreadable for one without an id."""
    text = body.decode(errors="replace")
    try:
        update = parse_update(body)
    except Unreadable as error:
        update_id = update_id_of(body)
        log.warning("an update could not be understood: %s", error, extra={"update": update_id})
        update = Update(update_id)
    return _Entry(update.update_id, text, update, state)


class _Marking:
    """A listener whose answers are marked before they are given."""

    def __init__(self, listener: Listener, mark: Callable[[Receipt], Awaitable[None]]) -> None:
        self._listener = listener
        self._mark = mark

    async def handle(self, incoming: Incoming) -> Reply | None:
        """What the listener answers. That there is no answer needs no mark: to hear it again is harmless."""
        reply = await self._listener.handle(incoming)
        if reply and incoming.receipt and not incoming.receipt.recorded:
            await self._mark(incoming.receipt)
        return reply
