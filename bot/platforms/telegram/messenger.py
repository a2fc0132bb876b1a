"""Sending to Telegram, and what each failure means for the message."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram import Message as TelegramMessage
from telegram.constants import ChatMemberStatus, PollType
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.domain.clubs import Platform
from bot.messages.markup import cut
from bot.messages.outgoing import CloseThread, Destination, Message, OpenThread, Pin, Sent, StopQuiz, Upkeep
from bot.platforms.pace import Pace, Turns
from bot.platforms.telegram.errors import DONE, NO_POLLS, THREAD, outcome_of, says
from bot.platforms.telegram.limits import TOPIC_TITLE
from bot.platforms.telegram.render import Bubble, Photo, Piece, Poll, render
from bot.ports import Ambiguous, NotSent, Painter, Refusal, Refused

_ORGANISERS = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_FURTHER_TRIES = 3


class TelegramMessenger:
    """The Messenger port on one bot. Telegram cannot recognise a repetition, so nothing is repeated."""

    platform = Platform.TELEGRAM
    repeatable_for = 0

    def __init__(self, bot: Bot, painter: Painter, pace: Pace) -> None:
        self._bot = bot
        self._painter = painter
        self.pace = pace

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Send a post. One too long for a single message goes out in several, and the last is the one
        that is told of; if only its beginning arrived, that is Ambiguous."""
        return await self._send(to, message, Turns(self.pace, to.chat_id, post=True))

    async def say(self, to: Destination, message: Message) -> Sent:
        """Send a reply, when its turn comes. Raises NotSent, Refused or Ambiguous."""
        return await self._send(to, message, Turns(self.pace, to.chat_id, post=False))

    async def _send(self, to: Destination, message: Message, turns: Turns) -> Sent:
        """Send a message; one whose picture cannot be drawn, or is not allowed there, in words alone."""
        png = await self._painter.png(message.picture.drawing) if message.picture else None
        if png:
            try:
                return await self._say(to, render(message, to.chat_id, png), turns, silent=message.silent)
            except Refused as refused:
                if refused.refusal in (Refusal.GONE, Refusal.MOVED):
                    raise
        return await self._say(to, render(message, to.chat_id), turns, silent=message.silent)

    async def _say(self, to: Destination, pieces: Sequence[Piece], turns: Turns, *, silent: bool) -> Sent:
        sent: TelegramMessage | None = None
        for piece in pieces:
            try:
                say = self._say_further if sent else self._say_piece
                sent = await say(to, piece, turns, silent=silent)
                to = replace(to, reply_to=None)
                continue
            except NotSent as late:
                outcome: NotSent | Refused | Ambiguous = late
            except TelegramError as error:
                outcome = self._outcome(error, to.chat_id)
            raise Ambiguous("only the beginning was sent") if sent else outcome
        if sent is None:  # a message renders to something
            raise Refused("there is nothing to send")
        return Sent(str(sent.message_id), sent.poll.id if sent.poll else None)

    async def edit(self, chat_id: str, message_id: str, message: Message) -> None:
        """Put a message in place of an earlier one of ours. Raises NotSent, Refused or Ambiguous; a
        message that already says so is no failure."""
        first, *further = render(message, chat_id)
        if message.picture or not isinstance(first, Bubble) or further:
            raise Refused("this cannot be put in place of a message")
        try:
            await self.pace.turn(chat_id)
            await self._bot.edit_message_text(
                first.rich.text,
                int(chat_id),
                int(message_id),
                entities=first.rich.entities,
                link_preview_options=_NO_PREVIEW,
                reply_markup=first.keyboard,
            )
            return
        except TelegramError as error:
            if isinstance(error, BadRequest) and "not modified" in error.message.lower():
                return
            outcome = self._outcome(error, chat_id)
        raise outcome

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a forum topic; in other chats, begin a chain of replies without sending anything."""
        if not await self._has_topics(to.chat_id):
            return Sent(to.reply_to or thread.under or "")
        try:
            await self.pace.begin()
            topic = await self._bot.create_forum_topic(int(to.chat_id), cut(thread.title, TOPIC_TITLE))
            topic_id = str(topic.message_thread_id)
            return Sent(topic_id, thread_id=topic_id)
        except TelegramError as error:
            outcome = self._outcome(error, to.chat_id)
        if isinstance(outcome, Refused) and outcome.refusal is Refusal.BARRED:
            # What is missing is the right to topics, and not that to write.
            outcome = Refused(str(outcome), Refusal.THREAD)
        raise outcome

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Pin, close or stop something of ours; that it is so already is no failure."""
        chat_id = int(to.chat_id)
        try:
            await self.pace.begin()
            match what:
                case Pin(message_id, unpin):
                    await self._bot.pin_chat_message(chat_id, int(message_id), disable_notification=True)
                    if unpin:
                        await self._unpin(chat_id, int(unpin))
                case CloseThread(thread_id):
                    await self._bot.close_forum_topic(chat_id, int(thread_id))
                case StopQuiz(message_id):
                    await self._bot.stop_poll(chat_id, int(message_id))
            return
        except TelegramError as error:
            if says(error, DONE):
                return
            outcome = self._outcome(error, to.chat_id)
        if isinstance(outcome, Refused) and outcome.refusal is Refusal.BARRED:
            outcome = Refused(str(outcome))
        raise outcome

    async def _unpin(self, chat_id: int, message_id: int) -> None:
        """Unpin an earlier message, which may be gone or unpinned by somebody else."""
        await self.pace.begin()
        with suppress(BadRequest):
            await self._bot.unpin_chat_message(chat_id, message_id)

    async def tell(self, user_id: str, message: Message) -> None:
        """Write to somebody who has spoken to the bot in private. Raises NotSent, Refused or Ambiguous."""
        await self.say(Destination(user_id), message)

    async def _has_topics(self, chat_id: str) -> bool:
        """Whether threads are forum topics in a chat. Raises NotSent or Refused: asking sends nothing."""
        try:
            return bool((await self._bot.get_chat(int(chat_id))).is_forum)
        except TelegramError as error:
            outcome = self._outcome(error, chat_id)
        raise NotSent(str(outcome)) if isinstance(outcome, Ambiguous) else outcome

    def _outcome(self, error: TelegramError, chat_id: str) -> NotSent | Refused | Ambiguous:
        """What an error says about a message, noting when Telegram asks for patience in a chat."""
        outcome = outcome_of(error)
        if isinstance(error, RetryAfter) and isinstance(outcome, NotSent):
            self.pace.flooded(chat_id, outcome.retry_after)
        return outcome

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a person owns or administers a chat. Raises NotSent or Ambiguous when Telegram does
        not tell."""
        try:
            member = await self._bot.get_chat_member(int(chat_id), int(user_id))
            return member.status in _ORGANISERS
        except TelegramError as error:
            outcome = outcome_of(error)
        if isinstance(outcome, Refused):
            return False
        raise outcome

    async def _say_further(
        self, to: Destination, piece: Piece, turns: Turns, *, silent: bool
    ) -> TelegramMessage:
        """One message more. What Telegram asks patience for is surely not sent, so it is waited for: the
        beginning stands there already."""
        for _ in range(_FURTHER_TRIES - 1):
            try:
                return await self._say_piece(to, piece, turns, silent=silent)
            except RetryAfter as error:
                self._outcome(error, to.chat_id)
        return await self._say_piece(to, piece, turns, silent=silent)

    async def _say_piece(
        self, to: Destination, piece: Piece, turns: Turns, *, silent: bool
    ) -> TelegramMessage:
        """One message; into the group at large if the topic meant for it is closed or gone, and as text
        with buttons if it is a poll and polls are not allowed."""
        await turns.next()
        try:
            return await self._call(to, piece, silent=silent)
        except (BadRequest, Forbidden) as error:
            if to.thread_id is not None and says(error, THREAD):
                to = replace(to, thread_id=None)
            elif isinstance(piece, Poll) and says(error, NO_POLLS):
                piece = piece.instead
            else:
                raise
        return await self._say_piece(to, piece, turns, silent=silent)

    async def _call(self, to: Destination, piece: Piece, *, silent: bool) -> TelegramMessage:
        chat_id = int(to.chat_id)
        thread_id = int(to.thread_id) if to.thread_id else None
        if isinstance(piece, Poll):
            return await self._bot.send_poll(
                chat_id,
                piece.question,
                piece.options,
                type=PollType.QUIZ,
                is_anonymous=False,
                correct_option_ids=piece.keys,  # type: ignore[arg-type]  # the library lists 0 to 11
                allows_multiple_answers=len(piece.keys) > 1 or None,
                shuffle_options=True,
                explanation=piece.explanation,
                open_period=piece.seconds,
                reply_markup=piece.keyboard,
                message_thread_id=thread_id,
                reply_parameters=_reply_to(to.reply_to),
                disable_notification=silent,
            )
        if isinstance(piece, Photo):
            return await self._bot.send_photo(
                chat_id,
                piece.png,
                caption=piece.rich.text or None,
                caption_entities=piece.rich.entities,
                filename="picture.png",
                reply_markup=piece.keyboard,
                message_thread_id=thread_id,
                reply_parameters=_reply_to(piece.reply_to or to.reply_to),
                disable_notification=silent,
            )
        return await self._bot.send_message(
            chat_id,
            piece.rich.text,
            entities=piece.rich.entities,
            link_preview_options=_NO_PREVIEW,
            reply_markup=piece.keyboard,
            message_thread_id=thread_id,
            reply_parameters=_reply_to(piece.reply_to or to.reply_to),
            disable_notification=silent,
        )


def is_group(chat_id: str) -> bool:
    """Whether a chat is shared by several people: Telegram's own numbering."""
    return chat_id.startswith("-")


def _reply_to(message_id: str | None) -> ReplyParameters | None:
    return ReplyParameters(int(message_id), allow_sending_without_reply=True) if message_id else None
