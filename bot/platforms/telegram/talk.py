"""One update at a time: what was heard goes into the house, and the reply goes where it belongs."""

import logging
from dataclasses import replace

from telegram import Bot, CallbackQuery, Update
from telegram import Message as TelegramMessage
from telegram.error import BadRequest, TelegramError

from bot.domain.clubs import ChatKind
from bot.messages.incoming import Arrived, Incoming, Pressed, Receipt, Said
from bot.messages.markup import cut, escape
from bot.messages.outgoing import Destination, Message, Reply, Text
from bot.messages.texts import Texts
from bot.platforms.telegram.limits import ALERT_UNITS, TOAST_UNITS
from bot.platforms.telegram.links import start_link
from bot.platforms.telegram.messenger import TelegramMessenger
from bot.platforms.telegram.render import as_toast, render
from bot.platforms.telegram.updates import incoming
from bot.ports import Ambiguous, Listener, NotSent, Refused, UpdateState

log = logging.getLogger(__name__)


class Talk:
    """Has updates handled, and answers in the chats they came from."""

    def __init__(self, bot: Bot, dispatcher: Listener, messenger: TelegramMessenger, texts: Texts) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._messenger = messenger
        self._texts = texts

    async def hear(self, update: Update, receipt: Receipt) -> None:
        """Have one update handled, and answer. A press is answered whatever happens."""
        query = update.callback_query
        try:
            heard = incoming(update, self._bot.username)
            reply = await self._dispatcher.handle(replace(heard, receipt=receipt)) if heard else None
        except Exception:
            if query:
                await self._acknowledge(query)
            raise
        if query:
            await self._answer_press(query, heard, reply)
        elif heard and reply:
            asked = update.message.id if update.message else None
            await self._answer(heard, reply, asked)

    async def make_up(self, update: Update, state: UpdateState) -> None:
        """Say, where an answer may have been lost in a restart, what has become of the question."""
        heard = incoming(update, self._bot.username)
        if heard and isinstance(heard.event, Arrived):
            # To arrive twice changes nothing more, and a welcome is better said twice than never.
            reply = await self._dispatcher.handle(heard)
            if reply:
                await self._answer(heard, reply, None)
            return
        if heard is None or not isinstance(heard.event, Said | Pressed):
            return
        words = self._texts[heard.sender.language]
        key = "restarted.recorded" if state is UpdateState.RECORDED else "restarted.asked"
        if update.callback_query:
            await self._acknowledge(update.callback_query, words.plain(key))
        elif update.message:
            await self._answer(heard, Reply(Message((Text(words(key)),)), private=True), update.message.id)

    async def _answer(self, heard: Incoming, reply: Reply, asked: int | None) -> None:
        """Reply to something said. What would be a toast is worth a message only in private."""
        place = heard.place
        message = reply.message
        if place is None:
            return
        private = place.kind is ChatKind.PRIVATE
        if message is None and reply.toast and private:
            message = Message((Text(escape(reply.toast)),))
        if message:
            to = Destination(place.chat_id, place.thread_id, str(asked) if asked and not private else None)
            await self._say(to, message)

    async def _answer_press(self, query: CallbackQuery, heard: Incoming | None, reply: Reply | None) -> None:
        """Answer a press, always; then say or show what there is to say. In a group, what is meant
        for the presser alone is a toast when it is short, else it waits in their private chat."""
        if heard is None or heard.place is None or reply is None:
            await self._acknowledge(query)
            return
        place, message = heard.place, reply.message
        aside = message and reply.private and place.kind is ChatKind.GROUP
        if message and aside:
            brief = None if message.picture else as_toast(render(message, place.chat_id))
            toast = reply.toast or brief
            await self._acknowledge(
                query, toast or "", None if toast else start_link(self._bot.username, query.data or "")
            )
            return
        await self._acknowledge(query, reply.toast)
        pressed = heard.event.message_id if isinstance(heard.event, Pressed) else None
        # Telegram never makes a text of a picture: what follows one comes after it.
        if message and reply.edit and pressed and not _is_picture(query):
            await self._replace(place.chat_id, place.thread_id, pressed, message)
        elif message:
            await self._say(Destination(place.chat_id, place.thread_id), message)

    async def _acknowledge(self, query: CallbackQuery, toast: str = "", url: str | None = None) -> None:
        text = cut(toast, TOAST_UNITS)
        try:
            await query.answer(text or None, show_alert=len(text) > ALERT_UNITS or None, url=url)
        except BadRequest as error:
            log.info("a press was answered too late: %s", error)
        except TelegramError as error:
            log.warning("a press could not be answered: %s", error)

    async def _replace(self, chat_id: str, thread_id: str | None, message_id: str, message: Message) -> None:
        """Show a message in place of another, or after it where that cannot be changed any more."""
        try:
            await self._messenger.edit(chat_id, message_id, message)
        except Refused:
            await self._say(Destination(chat_id, thread_id), message)
        except (NotSent, Ambiguous) as error:
            log.warning("a message could not be changed: %s", error)

    async def _say(self, to: Destination, message: Message) -> None:
        try:
            await self._messenger.say(to, message)
        except (NotSent, Refused, Ambiguous) as error:
            log.warning("an answer could not be sent: %s", error)


def _is_picture(query: CallbackQuery) -> bool:
    return isinstance(query.message, TelegramMessage) and bool(query.message.photo)
