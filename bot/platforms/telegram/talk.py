"""One update at a time: what was heard goes into the house, and the reply goes where it belongs."""

import logging
from dataclasses import replace

from telegram import Bot
from telegram.constants import ReactionEmoji
from telegram.error import BadRequest, TelegramError

from bot.domain.clubs import ChatKind
from bot.messages.incoming import Arrived, Incoming, Pressed, Receipt, Said
from bot.messages.markup import cut, escape, plain
from bot.messages.outgoing import (
    Button,
    Buttons,
    Destination,
    Findings,
    Message,
    Part,
    Pointer,
    Reply,
    Text,
)
from bot.messages.texts import Texts
from bot.platforms.telegram.busy import Busy, Signs
from bot.platforms.telegram.inline import articles, way_in
from bot.platforms.telegram.limits import ALERT_UNITS, FOUND_SECONDS, TOAST_UNITS
from bot.platforms.telegram.links import message_link, start_link
from bot.platforms.telegram.messenger import TelegramMessenger, is_group
from bot.platforms.telegram.parsing import Inline, Press, Update
from bot.platforms.telegram.render import as_toast, render
from bot.platforms.telegram.transport import ask
from bot.platforms.telegram.updates import incoming
from bot.ports import Ambiguous, Listener, NotSent, Refused, Timer, UpdateState

log = logging.getLogger(__name__)


class Talk:
    """Has updates handled, and answers in the chats they came from."""

    def __init__(
        self, bot: Bot, dispatcher: Listener, messenger: TelegramMessenger, texts: Texts, timer: Timer
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._messenger = messenger
        self._texts = texts
        self._signs = Signs(bot, timer)

    def close(self) -> None:
        """Show no signs any more."""
        self._signs.close()

    async def hear(self, update: Update, receipt: Receipt) -> None:
        """Have one update handled, and answer. A press is answered whatever happens."""
        query = update.callback_query
        try:
            heard = incoming(update, self._bot.username)
            heard = Incoming(heard.sender, heard.place, heard.event, receipt) if heard else None
        except Exception:
            if query:
                await self._acknowledge(query)
            raise
        awaited = heard.place if heard and isinstance(heard.event, Said | Pressed) else None
        async with Busy(self._signs, awaited) as busy:
            await self._hear(update, heard, busy)

    async def _hear(self, update: Update, heard: Incoming | None, busy: Busy) -> None:
        query = update.callback_query
        try:
            reply = await self._dispatcher.handle(heard) if heard else None
        except Exception:
            if query:
                await self._acknowledge(query)
            raise
        picture = reply.message.picture if reply and reply.message else None
        if picture and not picture.extra:
            busy.draw()
        if query:
            await self._answer_press(query, heard, reply, busy)
        elif update.inline_query and reply and reply.findings:
            await self._offer(update.inline_query, reply.findings)
        elif heard and reply:
            asked = update.said.message_id if update.said and isinstance(heard.event, Said) else None
            await self._answer(heard, reply, asked, busy)

    async def make_up(self, update: Update, state: UpdateState) -> None:
        """Say, where an answer may have been lost in a restart, what has become of the question."""
        heard = incoming(update, self._bot.username)
        if heard is None:
            return
        words = self._texts[heard.sender.language]
        key = "restarted.recorded" if state is UpdateState.RECORDED else "restarted.asked"
        reply: Reply | None = None
        if update.callback_query:
            await self._acknowledge(update.callback_query, words.plain(key))
        elif isinstance(heard.event, Arrived):
            # To arrive twice changes nothing more, and a welcome is better said twice than never.
            reply = await self._dispatcher.handle(heard)
        elif isinstance(heard.event, Said | Pressed):
            reply = Reply(Message((Text(words(key)),)), private=True)
        if reply:
            asked = update.message.message_id if update.message else None
            async with Busy(self._signs, heard.place) as busy:
                await self._answer(heard, reply, asked, busy)

    async def _answer(self, heard: Incoming, reply: Reply, asked: int | None, busy: Busy) -> None:
        """Reply to something said. What would be a toast is worth a message only in private; a group, to
        which what was asked for comes as a post, sees a nod."""
        place = heard.place
        message = reply.message
        if place is None:
            return
        private = place.kind is ChatKind.PRIVATE
        if message is None and reply.toast:
            if asked and not private and await self._nod(place.chat_id, asked, busy):
                return
            message = Message((Text(escape(reply.toast)),))
        if message:
            to = Destination(place.chat_id, place.thread_id, str(asked) if asked and not private else None)
            await self._say(to, message, heard, busy)

    async def _answer_press(
        self, query: Press, heard: Incoming | None, reply: Reply | None, busy: Busy
    ) -> None:
        """Answer a press, always; then say or show what there is to say. In a group, what is meant
        for the presser alone is a toast when it is short, else it waits in their private chat."""
        if heard is None or heard.place is None or reply is None:
            await self._acknowledge(query)
            return
        place, message = heard.place, reply.message
        # Under a channel's post everything is, but for a change of the post itself: what is said there is
        # said to all who read it.
        spoken = place.kind is ChatKind.CHANNEL and not reply.edit
        own = place.kind is not ChatKind.PRIVATE and (reply.private or spoken)
        aside = message and own
        if message and aside:
            brief = None if message.picture else as_toast(render(message, place.chat_id, single=True))
            toast = reply.toast or brief
            await busy.end()
            await self._acknowledge(
                query, toast or "", None if toast else start_link(self._bot.username, query.data or "")
            )
            return
        if message is None:
            await busy.end()
        await self._acknowledge(query, reply.toast)
        pressed = heard.event.message_id if isinstance(heard.event, Pressed) else None
        if message is None:
            return
        # Telegram never makes a text of a picture, so what takes the place of one comes after it.
        pictures = (message.picture and not message.picture.extra) or (query.message and query.message.photo)
        if reply.edit and pressed and not pictures:
            await self._replace(heard, pressed, message, busy)
            return
        said = await self._say(Destination(place.chat_id, place.thread_id), message, heard, busy)
        if said and reply.edit and pressed and place.kind is ChatKind.PRIVATE:
            await self._messenger.remove(place.chat_id, pressed)

    async def _offer(self, query: Inline, findings: Findings) -> None:
        """Show what was found to whoever is typing. One who types on has asked anew meanwhile."""
        more = "" if findings.more is None else str(findings.more)
        try:
            await self._bot.answer_inline_query(
                query.id,
                articles(findings, self._bot.username),
                cache_time=FOUND_SECONDS,
                is_personal=True,
                next_offset=more,
                button=way_in(findings),
            )
        except BadRequest as error:
            log.info("what was found came too late: %s", error)
        except TelegramError as error:
            log.warning("what was found could not be shown: %s", error)

    async def _nod(self, chat_id: str, message_id: int, busy: Busy) -> bool:
        """Show in a group that something was heard; False where no reactions are allowed."""
        await busy.end()
        try:
            await self._bot.set_message_reaction(int(chat_id), message_id, ReactionEmoji.OK_HAND_SIGN)
        except BadRequest as error:
            log.info("a nod was refused: %s", error)
            return False
        except TelegramError as error:
            log.warning("a nod was not seen: %s", error)
        return True

    async def _acknowledge(self, query: Press, toast: str = "", url: str | None = None) -> None:
        text = cut(toast, TOAST_UNITS)
        try:
            await ask(
                self._bot,
                "answerCallbackQuery",
                callback_query_id=query.id,
                text=text or None,
                show_alert=len(text) > ALERT_UNITS or None,
                url=url,
            )
        except BadRequest as error:
            log.info("a press was answered too late: %s", error)
        except TelegramError as error:
            log.warning("a press could not be answered: %s", error)

    async def _replace(self, heard: Incoming, message_id: str, message: Message, busy: Busy) -> None:
        """Show a message in place of another, or after it where that cannot be changed any more."""
        place = heard.place
        if place is None:
            return
        try:
            await self._messenger.edit(place.chat_id, message_id, message, busy.end)
        except Refused:
            await self._say(Destination(place.chat_id, place.thread_id), message, heard, busy)
        except (NotSent, Ambiguous) as error:
            log.warning("a message could not be changed: %s", error)

    async def _say(self, to: Destination, message: Message, heard: Incoming, busy: Busy) -> bool:
        """Say something; whether that surely came to pass."""
        try:
            await self._messenger.say(to, message, busy.end)
            return True
        except NotSent as late:
            if not await self._say_aside(message, heard):
                log.warning("an answer could not be sent: %s", late)
        except (Refused, Ambiguous) as error:
            log.warning("an answer could not be sent: %s", error)
        return False

    async def _say_aside(self, message: Message, heard: Incoming) -> bool:
        """Tell the asker in private what cannot be said in the group now, if they have ever written there."""
        place, who = heard.place, heard.sender.account.user_id
        if place is None or place.kind is ChatKind.PRIVATE or is_group(who):
            return False
        lead = Text(self._texts[heard.sender.language]("reply.held_up", chat=plain(place.title)))
        told = replace(message, parts=(lead, *(_from_outside(part, place.chat_id) for part in message.parts)))
        try:
            await self._messenger.say(Destination(who), told)
        except (NotSent, Refused, Ambiguous) as error:
            log.info("nor could it be said in private: %s", error)
            return False
        return True


def _from_outside(part: Part, chat_id: str) -> Part:
    """A part that leads somewhere in a group, as it does so from another chat."""
    if not isinstance(part, Pointer):
        return part
    url = message_link(chat_id, part.thread_id or part.message_id or "")
    return Buttons(((Button(part.label, url=url),),)) if url else Text("")
