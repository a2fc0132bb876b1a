"""Sending to Discord, and what each failure means for the message."""

import asyncio
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import discord

from bot.domain.clubs import Platform
from bot.domain.posts import PostKind
from bot.messages.actions import Action
from bot.messages.markup import cut
from bot.messages.outgoing import Destination, Message, OpenThread, Picture, Sent, Upkeep
from bot.platforms.discord import calls
from bot.platforms.discord.errors import FAILURES, MISSING_PERMISSIONS, THREAD_EXISTS, outcome_of
from bot.platforms.discord.limits import NONCE_SECONDS, THREAD_MINUTES, THREAD_TITLE
from bot.platforms.discord.render import Address, render
from bot.platforms.pace import Pace, Turns
from bot.ports import Ambiguous, NotSent, Painter, Refusal, Refused, Timer

_PATIENCE = 45
"""Seconds for one send with all the library's own retries; shorter than the ledger's lease."""

_FLOODED = 429


class DiscordMessenger:
    """The Messenger port on whatever connection there is. A nonce keeps a repetition from doubling."""

    platform = Platform.DISCORD
    repeatable_for = NONCE_SECONDS
    lacks = frozenset({PostKind.PIN, PostKind.LOCK})

    def __init__(
        self, line: Callable[[], discord.Client | None], painter: Painter, pace: Pace, timer: Timer
    ) -> None:
        self._current = line
        self._painter = painter
        self.pace = pace
        self.timer = timer

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Send a post. Raises NotSent, Refused or Ambiguous."""
        return await self._send(to, message, str(key), Turns(self.pace, to.chat_id, post=True))

    async def say(self, to: Destination, message: Message) -> Sent:
        """Send what is no post, when its turn comes. Raises NotSent, Refused or Ambiguous."""
        return await self._send(to, message, token_hex(12), Turns(self.pace, to.chat_id, post=False))

    async def _send(self, to: Destination, message: Message, nonce: str, turns: Turns) -> Sent:
        """Send a message; one whose picture cannot be drawn, or is not allowed there, in words alone, and
        one whose thread is lost into the channel at large."""
        png = await self.drawn(message.picture)
        while True:
            try:
                return await self._say(to, message, nonce, png, turns)
            except Refused as refused:
                if refused.refusal is Refusal.THREAD:
                    to = Destination(to.chat_id)
                elif png and refused.refusal is not Refusal.GONE:
                    png = None
                else:
                    raise

    async def _say(
        self, to: Destination, message: Message, nonce: str, png: bytes | None, turns: Turns
    ) -> Sent:
        line = self._line()
        rendered = render(message, self._address(to.chat_id), png)
        target = to.thread_id or to.chat_id
        body = {**rendered.fresh(), **_reference(to.reply_to)}
        await turns.next()
        try:
            async with asyncio.timeout(_PATIENCE):
                sent = await calls.create(line.http, target, body, rendered.png, self.timer, nonce)
        except FAILURES as error:
            in_thread, in_server = to.thread_id is not None, _in_server(line, to.chat_id)
            outcome = outcome_of(error, in_thread=in_thread, in_server=in_server)
            self._note_flood(error, outcome, to.chat_id)
            raise outcome from None
        return Sent(str(sent["id"]))

    async def drawn(self, picture: Picture | None) -> bytes | None:
        """A picture, if there is one that can be drawn."""
        return await self._painter.png(picture.drawing) if picture else None

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a thread under a message, which has one at most; without a message, one of its own.
        Raises NotSent, Refused or Ambiguous."""
        line = self._line()
        http, title = line.http, cut(thread.title, THREAD_TITLE)
        channel_id = int(to.chat_id)
        await self.pace.begin()
        try:
            async with asyncio.timeout(_PATIENCE):
                if thread.under is None:
                    opened = await http.start_thread_without_message(
                        channel_id,
                        name=title,
                        auto_archive_duration=THREAD_MINUTES,
                        type=discord.ChannelType.public_thread.value,
                    )
                else:
                    opened = await http.start_thread_with_message(
                        channel_id, int(thread.under), name=title, auto_archive_duration=THREAD_MINUTES
                    )
        except FAILURES as error:
            if thread.under and isinstance(error, discord.HTTPException) and error.code == THREAD_EXISTS:
                # A message's thread has the message's own id.
                return Sent(thread.under, thread_id=thread.under)
            outcome = outcome_of(error, in_server=_in_server(line, to.chat_id))
            self._note_flood(error, outcome, to.chat_id)
            if thread.under is None and isinstance(outcome, Ambiguous):
                # Nothing would recognise a second one, and the talk can go on as replies.
                outcome = Refused("a thread may or may not have been opened", Refusal.THREAD)
            if isinstance(error, discord.HTTPException) and error.code == MISSING_PERMISSIONS:
                # What is missing is the right to threads, and not that to write.
                outcome = Refused(str(outcome), Refusal.THREAD)
            raise outcome from None
        thread_id = str(opened["id"])
        return Sent(thread.under or thread_id, thread_id=thread_id)

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Nothing is pinned or closed."""

    async def tell(self, user_id: str, message: Message) -> None:
        """Write to somebody in private, if they share a server with the bot and let it. Raises NotSent,
        Refused or Ambiguous."""
        line = self._line()
        await self.pace.turn()
        try:
            async with asyncio.timeout(_PATIENCE):
                channel = await line.http.start_private_message(int(user_id))
        except FAILURES as error:
            outcome = outcome_of(error)
            raise NotSent(str(outcome)) if isinstance(outcome, Ambiguous) else outcome from None
        await self.say(Destination(str(channel["id"])), message)

    def link(self, action: Action) -> str | None:
        """None: Discord has no address that says something to a bot."""
        return None

    async def partner(self, chat_id: str) -> str | None:
        """None: no channel has another for its comments."""
        return None

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a person may manage the server a channel is in; in a direct conversation, always."""
        line = self._line()
        try:
            channel = line.get_channel(int(chat_id)) or await line.fetch_channel(int(chat_id))
            guild = getattr(channel, "guild", None)
            if guild is None:
                return True
            await self.pace.turn()
            member = await guild.fetch_member(int(user_id))
        except (discord.NotFound, discord.Forbidden):
            return False
        except FAILURES as error:
            raise NotSent(str(outcome_of(error))) from None
        allowed: discord.Permissions = member.guild_permissions
        return allowed.manage_guild

    def _note_flood(self, error: Exception, outcome: Exception, chat_id: str) -> None:
        """discord.py waits for a channel's own limit by itself; what it hands back is a longer wait."""
        flooded = isinstance(error, discord.RateLimited) or getattr(error, "status", None) == _FLOODED
        if flooded and isinstance(outcome, NotSent):
            self.pace.flooded(chat_id, outcome.retry_after)

    def _line(self) -> discord.Client:
        line = self._current()
        if line is None:
            raise NotSent("Discord is out of reach")
        return line

    def _address(self, chat_id: str) -> Address:
        channel = self._line().get_channel(int(chat_id))
        guild = getattr(channel, "guild", None)
        return Address(chat_id, str(guild.id)) if guild else Address(chat_id)


def _in_server(line: discord.Client, chat_id: str) -> bool:
    """Whether the gateway tells us of a channel's server: then what we lack is a right."""
    return line.get_channel(int(chat_id)) is not None


def _reference(reply_to: str | None) -> dict[str, Any]:
    """The message replied to; one that is gone is passed over."""
    if reply_to is None:
        return {}
    return {"message_reference": {"message_id": reply_to, "fail_if_not_exists": False}}
