"""Scheduled posts in the web room. A post is known by its ledger id, so sending it again finds it."""

from collections.abc import Awaitable, Callable

from bot.domain.clubs import Platform
from bot.domain.posts import PostKind
from bot.messages.actions import Action
from bot.messages.outgoing import Destination, Message, OpenThread, Sent, Upkeep
from bot.platforms.web import render
from bot.platforms.web.hall import Hall
from bot.platforms.web.render import BOT
from bot.ports import Refusal, Refused


class WebMessenger:
    """`Messenger` over the hall. Nothing here is ambiguous: the room is in our own database."""

    platform = Platform.WEB
    repeatable_for = 10**9
    lacks = frozenset({PostKind.PIN, PostKind.LOCK, PostKind.EVENT})
    finds = False
    pace = None
    servers = None

    def __init__(self, hall: Hall, after: Callable[[], Awaitable[None]]) -> None:
        """`after` is called when something was posted, for time has then moved on in the club."""
        self._hall = hall
        self._after = after

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Say a message, once for each key. Raises Refused for a chat or thread that is not here."""
        self._check(to.chat_id)
        if to.thread_id is not None and not await self._hall.opens_thread(to.chat_id, to.thread_id):
            raise Refused(f"no thread {to.thread_id} in {to.chat_id}")
        line_id = await self._hall.add(
            to.chat_id, BOT, render.message_body(message), thread_id=to.thread_id, post_key=key
        )
        await self._after()
        return Sent(str(line_id))

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a discussion, once for each key. Raises Refused for a chat that is not here."""
        self._check(to.chat_id)
        line_id = await self._hall.add(
            to.chat_id, BOT, render.thread_body(thread), opens_thread=True, post_key=key
        )
        return Sent(str(line_id), thread_id=str(line_id))

    async def find(self, to: Destination, thread: OpenThread, since: int) -> Sent | None:
        """None: its key finds it."""
        return None

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Nothing in the room is pinned or closed."""

    async def tell(self, user_id: str, message: Message) -> None:
        """Say a message to one persona alone. Raises Refused for one that is not here."""
        persona = self._hall.personas.get(user_id)
        if persona is None:
            raise Refused(f"nobody is called {user_id} in the web room", Refusal.GONE)
        await self._hall.add(persona.private_chat, BOT, render.message_body(message))

    def link(self, action: Action) -> str | None:
        """None: the room is a page that is open to whoever can see it."""
        return None

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a persona is an organiser, or alone in the chat."""
        persona = self._hall.personas.get(user_id)
        return persona is not None and (persona.organiser or chat_id == persona.private_chat)

    async def partner(self, chat_id: str) -> str | None:
        """None: there is one room."""
        return None

    def _check(self, chat_id: str) -> None:
        if not self._hall.has(chat_id):
            raise Refused(f"no chat {chat_id} in the web room", Refusal.GONE)
