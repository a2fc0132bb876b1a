"""Takes posts from the ledger and sends each one once.

The intent is on record before each send and the outcome after it, so that whatever crashes in between
can be told apart: a post that surely did not arrive goes back in line; one that may have arrived is
sent again only where the platform recognises the repetition, and is otherwise left *unknown*.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from bot.delivery.ages import Ages
from bot.delivery.lane import Lane
from bot.delivery.places import End
from bot.delivery.under_way import Outcome, UnderWay
from bot.domain.cadence import LATE_LIMIT
from bot.domain.clubs import Chat, Platform, Thread, Trouble
from bot.domain.errors import Problem
from bot.domain.posts import Draft, Post, PostKind
from bot.messages.outgoing import Destination, Message, OpenThread, Sent, Upkeep
from bot.ports import Ambiguous, Clock, Messenger, NotSent, Records, Refusal, Refused, Store, Timer
from bot.use_cases.posts import begins_discussion, hook, opens_thread

log = logging.getLogger(__name__)

LONGEST_WAIT = 600
"""The longest wait between two attempts, in seconds, unless a platform asks for more."""

BARRED_LONGEST_WAIT = 3600
"""The longest wait, in seconds, until a chat that bars us is tried again."""

THREAD_PATIENCE = 6 * 3600
"""How long, in seconds, it is tried to open a thread until its talk goes on as a chain of replies."""

Tell = Callable[[Chat, Trouble], Awaitable[None]]
Compose = Callable[[Records, Post, int], Awaitable[tuple[Destination, Message | OpenThread | Upkeep]]]
Follow = Callable[[Records, Post, int], Awaitable[Sequence[Draft]]]

_TROUBLES = {Refusal.GONE: Trouble.GONE, Refusal.BARRED: Trouble.BARRED}


async def _nothing(records: Records, post: Post, now: int) -> Sequence[Draft]:
    """Nothing follows."""
    return ()


async def _nobody(chat: Chat, trouble: Trouble) -> None:
    """Tell nobody."""


class Sender:
    """Delivers posts for the platforms that are open, each in a lane of its own.

    `messengers` may gain and lose platforms at any time; one that is in it is served by this process alone.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timer: Timer,
        messengers: Mapping[Platform, Messenger],
        compose: Compose,
        follow: Follow = _nothing,
        tell: Tell = _nobody,
    ) -> None:
        """`follow` names the posts that come after one that has ended now; they are queued in the transaction
        that records what became of it. `tell` lets the organiser know of a chat in which nothing can be
        posted."""
        self._store = store
        self._clock = clock
        self._timer = timer
        self._messengers = messengers
        self._compose = compose
        self._follow = follow
        self._tell = tell
        self._ours = UnderWay(store)
        self._ages = Ages(clock, timer)
        self._lanes: dict[Platform, Lane] = {}
        self._busy: set[Platform] = set()
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Something may be due."""
        self._idle.clear()
        for lane in self._lanes.values():
            lane.wake()
        self._woken.set()

    async def settled(self) -> None:
        """Return when all that was due has been attempted, as far as the platforms let it. Needs `run` to
        be going."""
        await self._idle.wait()

    def stop(self) -> None:
        """Take no more posts; `run` ends when those under way have their outcome."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Deliver whenever woken, until stopped."""
        async with asyncio.TaskGroup() as going:
            while not self._stopping:
                self._woken.clear()
                for lane in self._open_lanes():
                    if lane.wanted and lane.platform not in self._busy:
                        self._busy.add(lane.platform)
                        going.create_task(self._serve(lane))
                if not self._busy:
                    self._idle.set()
                await self._woken.wait()
        await self._ours.retry()

    async def recover(self, platforms: Iterable[Platform] | None = None) -> None:
        """Settle what a process that died left half done on platforms that this one now serves, or on all
        of them: whatever is marked as being sent and is not being sent here."""
        async with self._store.read() as records:
            left = [
                post
                for platform in list(self._messengers if platforms is None else platforms)
                for post in await records.under_way(platform)
            ]
        await self._settle(left)

    async def deliver(self) -> int:
        """Send all that is due, side by side across chats, in order within each. Returns how many
        attempts were made."""
        return sum(await asyncio.gather(*(lane.deliver() for lane in self._open_lanes())))

    # The lanes

    def _open_lanes(self) -> list[Lane]:
        return [self._lanes.get(platform) or self._new_lane(platform) for platform in self._messengers]

    def _new_lane(self, platform: Platform) -> Lane:
        lane = self._lanes[platform] = Lane(
            platform,
            self._store,
            self._clock,
            self._timer,
            self._messengers,
            self._ours,
            attempt=self._deliver,
            look_after=self._look_after,
            stopping=lambda: self._stopping,
        )
        return lane

    async def _serve(self, lane: Lane) -> None:
        try:
            await lane.deliver()
        finally:
            self._busy.discard(lane.platform)
            self._woken.set()

    async def _look_after(self, platform: Platform) -> None:
        """Record what could not be recorded, and settle posts whose outcome is nowhere."""
        await self._ours.retry()
        async with self._store.read() as records:
            left = await records.expired(platform, self._clock.now())
        await self._settle(left)

    async def _settle(self, left: Iterable[Post]) -> None:
        for post in left:
            if post.id not in self._ours:
                await self._uncertain(post, 0)

    # One post

    async def _deliver(self, post: Post) -> End:
        """One attempt, and its outcome in the ledger. What has waited too long is let go."""
        age = self._ages.of(post)
        if self._clock.now() - post.due_at > LATE_LIMIT:
            await self._failed(post, "too late")
            return End.UNTRIED
        if post.doubtful and not await self._repeatable(post, age):
            await self._leave_unknown(post)
            return End.UNTRIED
        try:
            sent = await self._send(post)
        except NotSent as error:
            await self._again(post, max(error.retry_after, _patience(post)))
            return End.SILENT
        except Ambiguous:
            await self._uncertain(post, _patience(post))
            return End.SILENT
        except Refused as error:
            await self._refused(post, error)
            return End.ANSWERED
        except Problem as problem:
            await self._failed(post, problem.key)
            return End.UNTRIED
        except Exception:
            log.exception("a post could not be made", extra={"post": post.id})
            await self._failed(post, "error.unexpected")
            return End.UNTRIED
        await self._sent(post, sent)
        return End.ANSWERED

    async def _send(self, post: Post) -> Sent:
        async with self._store.read() as records:
            to, what = await self._compose(records, post, self._clock.now())
        messenger = self._messengers.get(post.chat.platform)
        if messenger is None:
            raise NotSent("this platform is not served here any more")
        if isinstance(what, OpenThread):
            found = post.doubtful and messenger.finds
            sent = await messenger.find(to, what, post.claimed_at) if found else None
            return sent or await messenger.open_thread(to, what, post.id)
        if isinstance(what, Upkeep):
            await messenger.tend(to, what)
            return Sent("")
        return await messenger.send(to, what, post.id)

    async def _repeatable(self, post: Post, age: float) -> bool:
        """Whether its platform still knows a post again at an age. A thread is found where the platform can
        look for it; elsewhere it is known by the message it hangs from, and one that hangs from nothing is
        not. Upkeep needs no knowing."""
        if post.kind.upkeep:
            return True
        messenger = self._messengers.get(post.chat.platform)
        if messenger is None:
            return False
        async with self._store.read() as records:
            opens = await opens_thread(records, post)
            if not opens:
                return age < messenger.repeatable_for
            if messenger.finds:
                return post.kind is not PostKind.THREAD or age < THREAD_PATIENCE
            hangs = (await _chain(records, post)).root_message_id is not None
        return hangs and age < messenger.repeatable_for

    # What becomes of it

    async def _sent(self, post: Post, sent: Sent) -> None:
        at = self._clock.now()

        async def outcome(records: Records) -> None:
            await records.mark_sent(post.id, sent, at)
            if post.kind is PostKind.THREAD or (sent.thread_id and begins_discussion(post)):
                await records.set_thread(_thread(post, sent))

        await self._close(post, outcome)

    async def _again(self, post: Post, wait: int, *, doubtful: bool = False) -> None:
        not_before = self._clock.now() + wait

        async def outcome(records: Records) -> None:
            await records.mark_again(post.id, not_before, doubtful=doubtful)

        await self._ours.record(post.id, outcome)

    async def _uncertain(self, post: Post, wait: int) -> None:
        """It may have arrived: send again after a wait where that cannot double it, else leave it to
        people. Where this process serves no longer, the next one that does will settle it."""
        if post.chat.platform not in self._messengers:
            self._ours.drop([post.id])
        elif await self._repeatable(post, self._ages.of(post) + wait):
            await self._again(post, wait, doubtful=True)
        else:
            await self._leave_unknown(post)

    async def _leave_unknown(self, post: Post) -> None:
        log.warning("a post may or may not have arrived", extra={"post": post.id})

        async def outcome(records: Records) -> None:
            await records.mark_unknown(post.id)
            if post.kind is PostKind.THREAD:
                await records.set_thread(await _chain(records, post))

        await self._close(post, outcome)

    async def _refused(self, post: Post, error: Refused) -> None:
        """What a refusal leads to: the chat is followed, waited for, or this one post given up."""
        trouble = _TROUBLES.get(error.refusal)
        if trouble:
            await self._held_up(post, trouble, error)
            return
        if error.moved_to:
            await self._moved(post, error.moved_to)
            return
        log.warning("a post was refused: %s", error, extra={"post": post.id})

        async def outcome(records: Records) -> None:
            await records.mark_failed(post.id, str(error))
            if post.kind is PostKind.THREAD:
                await records.set_thread(await _chain(records, post))

        await self._close(post, outcome)

    async def _moved(self, post: Post, chat_id: str) -> None:
        """The chat has another id now, under which the post is tried again."""
        now = self._clock.now()

        async def outcome(records: Records) -> None:
            await records.move_chat(post.chat.id, chat_id)
            await records.mark_again(post.id, now)

        await self._ours.record(post.id, outcome)

    async def _held_up(self, post: Post, trouble: Trouble, error: Refused) -> None:
        """Nothing can be posted in the chat now. The post keeps its place in line: a chat that is gone is
        closed until it is back, one that bars us is tried again and again, and the organiser is told."""
        log.warning("a chat takes no posts: %s", error, extra={"post": post.id})
        gone = trouble is Trouble.GONE
        wait = 0 if gone else min(2**post.attempts, BARRED_LONGEST_WAIT)
        not_before = self._clock.now() + wait
        untold = False

        async def outcome(records: Records) -> None:
            nonlocal untold
            if gone:
                await records.set_chat_active(post.chat.id, False)
            untold = await records.set_trouble(post.chat.id, trouble)
            await records.mark_again(post.id, not_before)

        await self._ours.record(post.id, outcome)
        if untold:
            await self._tell(post.chat, trouble)

    async def _failed(self, post: Post, reason: str) -> None:
        async def outcome(records: Records) -> None:
            await records.mark_failed(post.id, reason)

        await self._close(post, outcome)

    async def _close(self, post: Post, outcome: Outcome) -> None:
        """Record how a post ended, and put what follows it in line."""
        self._ages.forget(post.id)
        now = self._clock.now()

        async def closed(records: Records) -> None:
            await outcome(records)
            messenger = self._messengers.get(post.chat.platform)
            for following in await self._follow(records, post, now):
                if messenger is None or following.kind not in messenger.lacks:
                    await records.queue(following)

        await self._ours.record(post.id, closed)


def _patience(post: Post) -> int:
    """How long to wait before the next attempt, in seconds: twice as long each time."""
    return int(min(2**post.attempts, LONGEST_WAIT))


def _thread(post: Post, sent: Sent) -> Thread:
    return Thread(post.chat.id, post.paper_id, sent.thread_id, sent.message_id or None)


async def _chain(records: Records, post: Post) -> Thread:
    """The discussion as a chain of replies, where no thread could be opened."""
    under = await hook(records, post)
    return Thread(post.chat.id, post.paper_id, None, under.message_id if under else None)
