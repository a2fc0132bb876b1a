"""Sending to Discord, and what each failure means for the message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any

import discord

from bot.domain.clubs import Platform
from bot.domain.posts import PostKind
from bot.messages.actions import Action
from bot.messages.outgoing import (
    Appointment,
    CloseThread,
    Destination,
    Edit,
    Message,
    OpenThread,
    Picture,
    Pin,
    PinThread,
    RoleChange,
    Sent,
    Upkeep,
)
from bot.platforms.discord import calls, threads
from bot.platforms.discord.errors import (
    FAILURES,
    MISSING_PERMISSIONS,
    TAG_REQUIRED,
    THREAD_EXISTS,
    TOO_MANY_THREADS,
    concerns_all,
    outcome_of,
)
from bot.platforms.discord.limits import NONCE_SECONDS
from bot.platforms.discord.render import Address, render
from bot.platforms.discord.roles import change_role
from bot.platforms.discord.servers import DiscordServers
from bot.platforms.discord.sight import channel_of, may_be_in_server, rights_in, sees_all
from bot.platforms.discord.upkeep import Keeper
from bot.platforms.pace import Pace, Turns
from bot.ports import Ambiguous, NotSent, Painter, Refusal, Refused, Timer

log = logging.getLogger(__name__)

_PATIENCE = 45
"""Seconds for one send with all the library's own retries; shorter than the ledger's lease."""

_EDIT_PATIENCE = 10
"""Seconds for one edit. The chat's next post waits behind it, and the same is tried again soon."""

_FLOODED = 429


class DiscordMessenger:
    """The Messenger port on whatever connection there is. A nonce keeps a repetition from doubling."""

    platform = Platform.DISCORD
    repeatable_for = NONCE_SECONDS
    lacks: frozenset[PostKind] = frozenset()
    finds = True

    def __init__(
        self, line: Callable[[], discord.Client | None], painter: Painter, pace: Pace, timer: Timer
    ) -> None:
        self._current = line
        self._painter = painter
        self.pace = pace
        self.timer = timer
        self.servers = DiscordServers(line)
        self._servers: dict[str, int | None] = {}
        """The servers of channels we had to ask for; None for direct conversations."""

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Send a post. Raises NotSent, Refused or Ambiguous."""
        return await self._send(to, message, str(key), Turns(self.pace, to.chat_id, post=True))

    async def say(self, to: Destination, message: Message) -> Sent:
        """Send what is no post, when its turn comes. Raises NotSent, Refused or Ambiguous."""
        return await self._send(to, message, token_hex(12), Turns(self.pace, to.chat_id, post=False))

    async def _send(self, to: Destination, message: Message, nonce: str, turns: Turns) -> Sent:
        """Send a message; one whose thread is lost into the channel at large."""
        try:
            return await self._shown(message, lambda png: self._say(to, message, nonce, png, turns))
        except Refused as refused:
            if refused.refusal is not Refusal.THREAD:
                raise
        at_large = Destination(to.chat_id)
        return await self._shown(message, lambda png: self._say(at_large, message, nonce, png, turns))

    async def _shown(self, message: Message, say: Callable[[bytes | None], Awaitable[Sent]]) -> Sent:
        """Say something with its picture; where that cannot be drawn, or is not allowed, in words alone."""
        png = await self.drawn(message.picture)
        if png:
            try:
                return await say(png)
            except Refused as refused:
                if refused.refusal is Refusal.GONE:
                    raise
        return await say(None)

    async def _say(
        self, to: Destination, message: Message, nonce: str, png: bytes | None, turns: Turns
    ) -> Sent:
        line = self._line()
        rendered = render(message, await self._address(to.chat_id), png)
        target = to.thread_id or to.chat_id
        body = {**rendered.fresh(), **_reference(to.reply_to)}
        await turns.next()
        try:
            async with asyncio.timeout(_PATIENCE):
                sent = await calls.create(line.http, target, body, rendered.png, self.timer, nonce)
        except FAILURES as error:
            raise self._outcome(error, to.chat_id, in_thread=to.thread_id is not None) from None
        return Sent(str(sent["id"]))

    async def drawn(self, picture: Picture | None) -> bytes | None:
        """A picture, if there is one that can be drawn."""
        return await self._painter.png(picture.drawing) if picture else None

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a thread under a message, which has one at most; without a message, one of its own; in a forum
        a post. In a direct conversation and beside a voice channel, where there are no threads, replies have
        to do. Raises NotSent, Refused or Ambiguous."""
        line = self._line()
        if thread.message:
            return await self._say_in_forum(to, thread, thread.message, key)
        spoken = isinstance(line.get_channel(int(to.chat_id)), discord.VoiceChannel | discord.StageChannel)
        if spoken or await self._server_of(to.chat_id) is None:
            return Sent(thread.under or "")
        await self.pace.begin()
        try:
            async with asyncio.timeout(_PATIENCE):
                if thread.under is None:
                    thread_id = await threads.begin_alone(line, int(to.chat_id), thread)
                else:
                    thread_id = await threads.begin_under(line, to.chat_id, thread.under, thread, self.timer)
        except FAILURES as error:
            if thread.under and isinstance(error, discord.HTTPException) and error.code == THREAD_EXISTS:
                # A message's thread has the message's own id.
                return Sent(thread.under, thread_id=thread.under)
            outcome = self._outcome(error, to.chat_id)
            if isinstance(error, discord.HTTPException) and error.code == MISSING_PERMISSIONS:
                # What is missing is the right to threads, and not that to write.
                outcome = Refused(str(outcome), Refusal.THREAD)
            raise outcome from None
        return Sent(thread.under or thread_id, thread_id=thread_id)

    async def _say_in_forum(self, to: Destination, thread: OpenThread, message: Message, key: int) -> Sent:
        """Say a message in a thread of a forum; where there is none, or no longer, it begins one."""
        turns = Turns(self.pace, to.chat_id, post=True)
        if to.thread_id:
            try:
                return await self._shown(message, lambda png: self._say(to, message, str(key), png, turns))
            except Refused as refused:
                if refused.refusal is not Refusal.THREAD:
                    raise
        return await self._shown(message, lambda png: self._begin_post(to, thread, message, png, turns))

    async def _begin_post(
        self, to: Destination, thread: OpenThread, message: Message, png: bytes | None, turns: Turns
    ) -> Sent:
        line, forum_id = self._line(), int(to.chat_id)
        rendered = render(message, await self._address(to.chat_id), png)
        await turns.next()
        try:
            async with asyncio.timeout(_PATIENCE):
                allowed = await rights_in(line, to.chat_id)
                tags = await threads.tags_for(line, forum_id, thread.tags, self.timer, allowed)
                await self.pace.begin()
                thread_id = await threads.begin(line, forum_id, thread, tags, rendered)
        except FAILURES as error:
            outcome = self._outcome(error, to.chat_id)
            if isinstance(error, discord.HTTPException) and error.code in (TAG_REQUIRED, TOO_MANY_THREADS):
                # Whoever keeps the forum can help: no post passes until then.
                outcome = Refused(str(outcome), Refusal.BARRED)
            raise outcome from None
        return Sent(thread_id, thread_id=thread_id)

    async def find(self, to: Destination, thread: OpenThread, since: int) -> Sent | None:
        """The thread that an earlier attempt has opened, if there is one. A message has one at most, and says
        so; what is said in a thread is known by its nonce."""
        if thread.under or to.thread_id:
            return None
        line = self._line()
        server = await self._server_of(to.chat_id)
        if server is None:
            return None
        await self.pace.begin()
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await threads.find(line, server, int(to.chat_id), thread, since, self.timer)
        except FAILURES as error:
            raise self._outcome(error, to.chat_id) from None
        return Sent(found, thread_id=found) if found else None

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Pin something, close a thread, change a message, or keep the calendar; that it is so already is no
        failure. Raises NotSent, Refused or Ambiguous."""
        if isinstance(what, Edit):
            await self._edit(to, what)
            return
        keeper = Keeper(self._line(), self.pace.begin, self.timer)
        try:
            async with asyncio.timeout(_PATIENCE):
                match what:
                    case Pin():
                        await keeper.pin(int(to.chat_id), what)
                    case PinThread():
                        await keeper.pin_thread(what)
                    case CloseThread(thread_id):
                        await keeper.close_thread(int(thread_id))
                    case Appointment(way=way):
                        server = await self._server_of(to.chat_id)
                        if server is None:
                            raise Refused("there is no calendar here")
                        link = Address(to.chat_id, str(server)).link(way)
                        await keeper.keep_appointment(server, what, link)
        except (Refused, *FAILURES) as error:
            in_thread = isinstance(what, CloseThread | PinThread)
            refused = isinstance(error, Refused)
            outcome = error if refused else self._outcome(error, to.chat_id, in_thread=in_thread)
            if isinstance(outcome, Refused) and outcome.refusal in (Refusal.BARRED, Refusal.THREAD):
                outcome = Refused(str(outcome))
            raise outcome from None

    async def _edit(self, to: Destination, what: Edit) -> None:
        """Put a message in place of one of ours; where its picture is not allowed, in words alone."""
        png = await self.drawn(what.message.picture)
        try:
            await self._put(to, what, png)
        except Refused:
            if png is None:
                raise
            await self._put(to, what, None)

    async def _put(self, to: Destination, what: Edit, png: bytes | None) -> None:
        line = self._line()
        # What stands there may be a layout, and nothing else can take its place.
        rendered = render(what.message, await self._address(to.chat_id), png, layout=True)
        # A message whose thread was lost has been sent into the channel at large.
        places = list(dict.fromkeys((to.thread_id or to.chat_id, to.chat_id)))

        async def put(place: str) -> None:
            body = rendered.change()
            await calls.edit(line.http, place, what.message_id, body, rendered.png, self.timer)

        try:
            async with asyncio.timeout(_EDIT_PATIENCE):
                await Keeper(line, self.pace.begin, self.timer).change(places, put)
        except FAILURES as error:
            outcome = self._outcome(error, to.chat_id)
            raise Refused(str(outcome)) if isinstance(outcome, Refused) else outcome from None

    async def _server_of(self, chat_id: str) -> int | None:
        """The server a channel is in; None for a direct conversation. Raises NotSent or Refused: asking sends
        nothing."""
        line = self._line()
        known = line.get_channel(int(chat_id))
        if known is not None:
            return getattr(getattr(known, "guild", None), "id", None)
        if chat_id in self._servers:
            return self._servers[chat_id]
        await self.pace.begin()
        try:
            async with asyncio.timeout(_PATIENCE):
                channel: Any = await line.http.get_channel(int(chat_id))
        except FAILURES as error:
            outcome = self._outcome(error, chat_id)
            raise NotSent(str(outcome)) if isinstance(outcome, Ambiguous) else outcome from None
        self._servers[chat_id] = int(channel["guild_id"]) if channel.get("guild_id") else None
        return self._servers[chat_id]

    async def tell(self, user_id: str, message: Message) -> None:
        """Write to somebody in private, if they share a server with the bot and let it. Raises NotSent,
        Refused or Ambiguous."""
        await self.say(Destination(await self.private_chat(user_id)), message)

    async def private_chat(self, user_id: str) -> str:
        """The chat of somebody and the bot alone, which nobody is told of. Raises NotSent or Refused."""
        line = self._line()
        await self.pace.turn()
        try:
            async with asyncio.timeout(_PATIENCE):
                channel = await line.http.start_private_message(int(user_id))
        except FAILURES as error:
            outcome = outcome_of(error)
            raise NotSent(str(outcome)) if isinstance(outcome, Ambiguous) else outcome from None
        return str(channel["id"])

    async def change_role(self, user_id: int, change: RoleChange) -> bool:
        """Give somebody a role, or take it; False where that cannot be."""
        try:
            server = await self._server_of(change.chat_id)
            return server is not None and await change_role(self._line(), server, user_id, change, self.timer)
        except (NotSent, Refused) as error:
            log.info("the server of a role is out of reach: %s", error)
            return False

    def link(self, action: Action) -> str | None:
        """None: Discord has no address that says something to a bot."""
        return None

    async def partner(self, chat_id: str) -> str | None:
        """None: no channel has another for its comments."""
        return None

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a person may manage the server a channel is in; in the talk of one person and the
        bot, that person."""
        line = self._line()
        try:
            channel = await channel_of(line, chat_id)
            if isinstance(channel, discord.DMChannel):
                return channel.recipient is not None and str(channel.recipient.id) == user_id
            guild = getattr(channel, "guild", None)
            if guild is None:
                return False
            await self.pace.turn()
            member = await guild.fetch_member(int(user_id))
        except (discord.NotFound, discord.Forbidden):
            return False
        except FAILURES as error:
            raise NotSent(str(outcome_of(error))) from None
        allowed: discord.Permissions = member.guild_permissions
        return allowed.manage_guild

    def _outcome(
        self, error: Exception, chat_id: str, *, in_thread: bool = False
    ) -> NotSent | Refused | Ambiguous:
        """What a failure says about a message. discord.py waits for a channel's own limit by itself; what it
        hands back is a longer wait, which is noted."""
        line = self._current()
        in_server = line is not None and may_be_in_server(line, chat_id)
        outcome = outcome_of(error, in_thread=in_thread, in_server=in_server)
        flooded = isinstance(error, discord.RateLimited) or getattr(error, "status", None) == _FLOODED
        if isinstance(outcome, NotSent) and concerns_all(error):
            self.pace.close(outcome.retry_after)
        elif isinstance(outcome, NotSent) and flooded:
            self.pace.flooded(chat_id, outcome.retry_after)
        return outcome

    def _line(self) -> discord.Client:
        line = self._current()
        if line is None:
            raise NotSent("Discord is out of reach")
        return line

    async def _address(self, chat_id: str) -> Address:
        """Where links lead that are shown in a chat. Raises NotSent or Refused."""
        line = self._line()
        channel = line.get_channel(int(chat_id))
        if channel is None and not sees_all(line):
            server = await self._server_of(chat_id)
        else:
            server = getattr(getattr(channel, "guild", None), "id", None)
        return Address(chat_id, str(server)) if server else Address(chat_id)


def _reference(reply_to: str | None) -> dict[str, Any]:
    """The message replied to; one that is gone is passed over."""
    if reply_to is None:
        return {}
    return {"message_reference": {"message_id": reply_to, "fail_if_not_exists": False}}
