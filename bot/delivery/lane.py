"""The way to one platform: posts set out as its pace allows, and none waits for another's answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import ceil

from bot.delivery.places import End, Places
from bot.delivery.under_way import UnderWay
from bot.domain.clubs import Platform
from bot.domain.posts import Post
from bot.ports import Clock, Messenger, Pace, StorageUnavailable, Store, Timer

log = logging.getLogger(__name__)

LEASE = 60
"""How long, in seconds, a post is left to the process that took it. A process asks for its own posts as long
as it lives; this is for whoever finds them after it."""

LONGEST_NAP = 2.0
"""The longest wait, in seconds, that a post sits out at the head of the line. A longer one is put on record,
so that looking for posts never wades through those that cannot go."""

LOOK = 200
"""How many heads of lines one look into the ledger finds; more than there are chats in their gap."""


class Lane:
    """Takes a platform's posts from the ledger, each when its turn has come, and has them attempted."""

    def __init__(
        self,
        platform: Platform,
        store: Store,
        clock: Clock,
        timer: Timer,
        messengers: Mapping[Platform, Messenger],
        ours: UnderWay,
        *,
        attempt: Callable[[Post], Awaitable[End]],
        look_after: Callable[[Platform], Awaitable[None]],
        stopping: Callable[[], bool],
    ) -> None:
        """`attempt` sends one post and records what became of it; `look_after` is called at every waking,
        before posts are looked for."""
        self.platform = platform
        self.wanted = True
        """Whether somebody has called since it last looked."""
        self._store = store
        self._clock = clock
        self._timer = timer
        self._messengers = messengers
        self._ours = ours
        self._attempt = attempt
        self._look_after = look_after
        self._stopping = stopping
        self._places = Places(timer)
        self._heads: list[Post] = []
        self._fresh = False
        self._going: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._alone = asyncio.Lock()
        self._troubled = False

    def wake(self) -> None:
        """Something may be due."""
        self.wanted = True
        self._news.set()

    async def deliver(self) -> int:
        """Send all that may go out by now, and wait for the outcomes; how many attempts that was."""
        attempts = 0
        async with self._alone, asyncio.TaskGroup() as going:
            self.wanted = True
            while not self._stopping():
                self._news.clear()
                posts, wait = await self._next()
                for post in posts:
                    self._set_out(going, post)
                attempts += len(posts)
                if not posts:
                    if wait is None and not self._going and not self._news.is_set():
                        break
                    await self._rest(wait)
        return attempts

    # Each post

    def _set_out(self, going: asyncio.TaskGroup, post: Post) -> None:
        self._places.begin()
        task = going.create_task(self._send(post))
        self._going.add(task)
        task.add_done_callback(self._is_back)

    async def _send(self, post: Post) -> None:
        end = End.UNTRIED
        try:
            end = await self._attempt(post)
        except Exception:
            log.exception("a post was left as it is", extra={"post": post.id})
            self._ours.drop([post.id])
        finally:
            self._places.end(end)

    def _is_back(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        self._fresh = False
        self._news.set()

    # What comes next

    async def _next(self) -> tuple[Sequence[Post], float | None]:
        """Posts that set out now; without any, the seconds until it is worth asking again, None when
        that needs something to happen first."""
        try:
            if self.wanted:
                self.wanted = False
                self._heads, self._fresh = [], False
                await self._look_after(self.platform)
            found = await self._find()
        except StorageUnavailable:  # of which the store has told; the next tick tries again
            return (), None
        except Exception:
            if not self._troubled:
                log.exception("delivery to %s stopped short; it goes on by itself", self.platform)
            self._troubled = True
            return (), None
        if self._troubled:
            log.info("delivery to %s goes on", self.platform)
        self._troubled = False
        return found

    async def _find(self) -> tuple[Sequence[Post], float | None]:
        messenger = self._messengers.get(self.platform)
        if messenger is None:
            return (), None
        pace = messenger.pace
        wait = max(self._places.wait(), pace.wait() if pace else 0.0)
        room = min(self._places.free(), pace.room() if pace else LOOK)
        if wait > 0 or room == 0:
            return (), wait if 0 < wait <= LONGEST_NAP else None
        ready, waits = self._sorted(pace)
        if not ready and not self._fresh:
            await self._look()
            ready, waits = self._sorted(pace)
        late = {post_id: wait for post_id, wait in waits.items() if wait > LONGEST_NAP}
        if ready or late:
            return await self._take(ready[:room], late, pace), 0.0
        return (), min(waits.values(), default=None)

    def _sorted(self, pace: Pace | None) -> tuple[list[Post], dict[int, float]]:
        """The heads whose chats have a turn now, and how long each of the others has to wait."""
        waits = {post.id: pace.wait_in(post.chat.chat_id) if pace else 0.0 for post in self._heads}
        ready = [post for post in self._heads if not waits[post.id]]
        return ready, {post_id: wait for post_id, wait in waits.items() if wait}

    async def _look(self) -> None:
        self._fresh = True  # until something happens, which it may while the ledger is read
        async with self._store.read() as records:
            due = await records.due_posts(self.platform, self._clock.now(), LOOK)
        self._heads = [post for post in due if post.id not in self._ours]

    async def _take(
        self, ready: Sequence[Post], late: Mapping[int, float], pace: Pace | None
    ) -> Sequence[Post]:
        """Put on record that these posts are being sent, and that those have to wait."""
        done = {post.id for post in ready} | late.keys()
        self._heads, self._fresh = [post for post in self._heads if post.id not in done], False
        now = self._clock.now()
        taken: Sequence[Post] = ()
        try:
            async with self._store.write() as records:
                for post_id, wait in late.items():
                    await records.postpone(post_id, now + ceil(wait))
                taken = await records.take(ready, now, LEASE)
                self._ours.take(post.id for post in taken)
                if pace:
                    for post in taken:
                        pace.take(post.chat.chat_id)
        except BaseException:
            self._ours.drop(post.id for post in taken)
            raise
        return taken

    async def _rest(self, wait: float | None) -> None:
        """Until there is news, or a wait is over."""
        news = asyncio.create_task(self._news.wait())
        waiting = {news} if wait is None else {news, asyncio.create_task(self._nap(wait))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _nap(self, seconds: float) -> bool:
        await self._timer.sleep(seconds)
        return True
