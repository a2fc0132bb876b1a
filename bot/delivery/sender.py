"""Takes posts from the ledger and sends each one once.

The intent is on record before each send and the outcome after it, so that whatever crashes in between
can be told apart: a post that surely did not arrive goes back in line; one that may have arrived is
sent again only where the platform recognises the repetition, and is otherwise left *unknown*.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.domain.cadence import LATE_LIMIT
from bot.domain.clubs import Platform, Thread
from bot.domain.errors import Problem
from bot.domain.posts import Post, PostKind
from bot.messages.outgoing import Destination, Message, OpenThread, Sent
from bot.ports import Ambiguous, Clock, Messenger, NotSent, Records, Refused, Store

log = logging.getLogger(__name__)

LEASE = 60
"""How long, in seconds, a claimed post is left to the one who claimed it."""

BATCH = 20
"""How many chats are served side by side."""

LONGEST_WAIT = 600
"""The longest wait between two attempts, in seconds, unless a platform asks for more."""

Compose = Callable[[Records, Post, int], Awaitable[tuple[Destination, Message | OpenThread]]]


class Sender:
    """Delivers posts for the platforms that are open."""

    def __init__(
        self, store: Store, clock: Clock, messengers: Mapping[Platform, Messenger], compose: Compose
    ) -> None:
        self._store = store
        self._clock = clock
        self._messengers = messengers
        self._compose = compose
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Something may be due."""
        self._idle.clear()
        self._woken.set()

    async def settled(self) -> None:
        """Return when all that was due has been attempted. Needs `run` to be going."""
        await self._idle.wait()

    def stop(self) -> None:
        """Take no more posts; `run` ends when those under way have their outcome."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Deliver whenever woken, until stopped."""
        while not self._stopping:
            self._woken.clear()
            try:
                await self.recover(self._clock.now())
                await self.deliver()
            except Exception:
                log.exception("delivery stopped short; it goes on at the next tick")
            if not self._woken.is_set():
                self._idle.set()
            await self._woken.wait()

    async def recover(self, claimed_until: int, platforms: Sequence[Platform] | None = None) -> None:
        """Settle what a process that died left half done, on some platforms or on all that are served:
        whatever has no outcome although its lease has ended by an instant. `clock.now() + LEASE` takes all
        of it."""
        async with self._store.read() as records:
            left = await records.expired(self._platforms if platforms is None else platforms, claimed_until)
        for post in left:
            await self._uncertain(post, 0)

    async def deliver(self) -> int:
        """Send all that is due, side by side across chats, in order within each. Returns how many
        attempts were made."""
        attempts = 0
        while not self._stopping:
            async with self._store.write() as records:
                posts = await records.claim(self._platforms, self._clock.now(), LEASE, BATCH)
            if not posts:
                return attempts
            attempts += len(posts)
            await asyncio.gather(*(self._deliver(post) for post in posts))
        return attempts

    @property
    def _platforms(self) -> list[Platform]:
        return list(self._messengers)

    async def _deliver(self, post: Post) -> None:
        """One attempt, and its outcome in the ledger. What has waited too long is let go."""
        if self._clock.now() - post.due_at > LATE_LIMIT:
            await self._failed(post, "too late")
            return
        if post.doubtful and not self._repeatable(post, self._clock.now()):
            await self._leave_unknown(post)
            return
        try:
            sent = await self._send(post)
        except NotSent as error:
            wait = max(error.retry_after, _patience(post))
            await self._again(post, self._clock.now() + wait)
        except Ambiguous:
            await self._uncertain(post, _patience(post))
        except Refused as error:
            await self._refused(post, error)
        except Problem as problem:
            await self._failed(post, problem.key)
        except Exception:
            log.exception("a post could not be made", extra={"post": post.id})
            await self._failed(post, "error.unexpected")
        else:
            async with self._store.write() as records:
                await records.mark_sent(post.id, sent, self._clock.now())
                if post.kind is PostKind.THREAD:
                    await records.set_thread(_thread(post, sent))

    async def _send(self, post: Post) -> Sent:
        messenger = self._messengers.get(post.chat.platform)
        if messenger is None:
            raise NotSent("this process no longer serves the platform", retry_after=0)
        async with self._store.read() as records:
            to, what = await self._compose(records, post, self._clock.now())
        if isinstance(what, OpenThread):
            return await messenger.open_thread(to, what, post.id)
        return await messenger.send(to, what, post.id)

    async def _again(self, post: Post, not_before: int) -> None:
        async with self._store.write() as records:
            await records.mark_again(post.id, not_before)

    async def _uncertain(self, post: Post, wait: int) -> None:
        """It may have arrived: send again after a wait where that cannot double it, else leave it to
        people."""
        next_try = self._clock.now() + wait
        if self._repeatable(post, next_try):
            async with self._store.write() as records:
                await records.mark_again(post.id, next_try, doubtful=True)
        else:
            await self._leave_unknown(post)

    def _repeatable(self, post: Post, at: int) -> bool:
        """Whether its platform will still know a post again at an instant."""
        messenger = self._messengers.get(post.chat.platform)
        return messenger is not None and at - post.claimed_at < messenger.repeatable_for

    async def _leave_unknown(self, post: Post) -> None:
        log.warning("a post may or may not have arrived", extra={"post": post.id})
        async with self._store.write() as records:
            await records.mark_unknown(post.id)
            if post.kind is PostKind.THREAD:
                await records.set_thread(await _chain(records, post))

    async def _refused(self, post: Post, error: Refused) -> None:
        async with self._store.write() as records:
            if error.moved_to:
                await records.move_chat(post.chat.id, error.moved_to)
                await records.mark_again(post.id, self._clock.now())
                return
            log.warning("a post was refused: %s", error, extra={"post": post.id})
            await records.mark_failed(post.id, str(error))
            if error.gone:
                await records.set_chat_active(post.chat.id, False)
            elif post.kind is PostKind.THREAD:
                await records.set_thread(await _chain(records, post))

    async def _failed(self, post: Post, reason: str) -> None:
        async with self._store.write() as records:
            await records.mark_failed(post.id, reason)


def _patience(post: Post) -> int:
    """How long to wait before the next attempt, in seconds: twice as long each time."""
    return int(min(2**post.attempts, LONGEST_WAIT))


def _thread(post: Post, sent: Sent) -> Thread:
    return Thread(post.chat.id, post.paper_id, sent.thread_id, sent.message_id or None)


async def _chain(records: Records, post: Post) -> Thread:
    """The discussion as a chain of replies, where no thread could be opened."""
    hook = PostKind.OPENER if post.week is None else PostKind.PAPER
    under = await records.post_by_key(post.key.removesuffix(PostKind.THREAD) + hook)
    return Thread(post.chat.id, post.paper_id, None, under.message_id if under else None)
