"""Sending to Telegram, and what each failure means for the message."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from telegram import Bot, InputMediaPhoto, ReplyParameters
from telegram.constants import ChatMemberStatus, PollType
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.domain.clubs import Platform
from bot.domain.posts import PostKind
from bot.messages.actions import Action
from bot.messages.markup import cut
from bot.messages.outgoing import CloseThread, Destination, Message, OpenThread, Pin, Sent, StopQuiz, Upkeep
from bot.platforms.pace import Pace, Turns
from bot.platforms.telegram.errors import DONE, NO_POLLS, THREAD, outcome_of, says
from bot.platforms.telegram.icons import TopicIcons
from bot.platforms.telegram.limits import PHOTO_RATIO, PHOTO_SIDES, TOPIC_TITLE
from bot.platforms.telegram.links import start_link
from bot.platforms.telegram.render import Bubble, Photo, Piece, Poll, render
from bot.platforms.telegram.transport import ask
from bot.ports import Ambiguous, NotSent, Painter, Refusal, Refused

log = logging.getLogger(__name__)

_ORGANISERS = {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}
_FURTHER_TRIES = 3


Ready = Callable[[], Awaitable[None]]
"""What is done right before a reply sets out."""


class _Turn(Turns):
    """The turns of a reply."""

    def __init__(self, pace: Pace, chat_id: str, ready: Ready | None) -> None:
        super().__init__(pace, chat_id, post=False)
        self._ready = ready

    async def next(self) -> None:
        await super().next()
        if self._ready:
            await self._ready()


class TelegramMessenger:
    """The Messenger port on one bot. Telegram cannot recognise a repetition, so nothing is repeated."""

    platform = Platform.TELEGRAM
    repeatable_for = 0
    lacks = frozenset({PostKind.EVENT})
    finds = False
    servers = None

    def __init__(self, bot: Bot, painter: Painter, pace: Pace) -> None:
        self._bot = bot
        self._painter = painter
        self._icons = TopicIcons(bot)
        self.pace = pace

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        """Send a post. One too long for a single message goes out in several, and the last is the one
        that is told of; if only its beginning arrived, that is Ambiguous."""
        return await self._send(to, message, Turns(self.pace, to.chat_id, post=True), single=False)

    async def say(self, to: Destination, message: Message, ready: Ready | None = None) -> Sent:
        """Send a reply in a single message, when its turn comes; `ready` is done first when it has come.
        Raises NotSent, Refused or Ambiguous."""
        return await self._send(to, message, _Turn(self.pace, to.chat_id, ready), single=True)

    async def _send(self, to: Destination, message: Message, turns: Turns, *, single: bool) -> Sent:
        """Send a message; one whose picture cannot be drawn, or is not allowed there, in words alone."""
        picture = message.picture or message.illustration
        png = await self._painter.png(picture.drawing) if picture else None
        if png and _may_be_shown(png):
            try:
                pieces = render(message, to.chat_id, png, single=single)
                return await self._say(to, pieces, turns, silent=message.silent, patient=single)
            except Refused as refused:
                if refused.refusal in (Refusal.GONE, Refusal.MOVED):
                    raise
        pieces = render(message, to.chat_id, single=single)
        return await self._say(to, pieces, turns, silent=message.silent, patient=single)

    async def _say(
        self, to: Destination, pieces: Sequence[Piece], turns: Turns, *, silent: bool, patient: bool
    ) -> Sent:
        sent: Sent | None = None
        for piece in pieces:
            try:
                say = self._say_further if sent or patient else self._say_piece
                said = piece.instead if to.channel and isinstance(piece, Poll) else piece
                sent = await say(to, said, turns, silent=silent)
                to = replace(to, reply_to=None)
                continue
            except NotSent as late:
                outcome: NotSent | Refused | Ambiguous = late
            except TelegramError as error:
                outcome = self._outcome(error, to.chat_id)
                if isinstance(outcome, Refused) and outcome.refusal is Refusal.THREAD:
                    # Not even the chat at large takes it: a forum's General topic may be closed, too.
                    outcome = Refused(str(outcome), Refusal.BARRED)
            raise Ambiguous("only the beginning was sent") if sent else outcome
        if sent is None:  # a message renders to something
            raise Refused("there is nothing to send")
        return sent

    async def edit(self, chat_id: str, message_id: str, message: Message, ready: Ready | None = None) -> None:
        """Put a message in place of an earlier one of ours, when its turn comes; `ready` is done first when
        it has come. Raises NotSent, Refused or Ambiguous; a message that already says so is no failure."""
        first, *_ = render(message, chat_id, single=True)
        picture = message.picture
        if (picture and not picture.extra) or not isinstance(first, Bubble):
            raise Refused("this cannot be put in place of a message")
        try:
            await _Turn(self.pace, chat_id, ready).next()
            await ask(
                self._bot,
                "editMessageText",
                chat_id=int(chat_id),
                message_id=int(message_id),
                text=first.rich.text,
                **first.dress,
            )
            return
        except TelegramError as error:
            if isinstance(error, BadRequest) and "not modified" in error.message.lower():
                return
            outcome = self._outcome(error, chat_id)
        raise outcome

    async def remove(self, chat_id: str, message_id: str) -> None:
        """Take back a message of ours whose place another has taken. One that is too old stays."""
        try:
            await self._bot.delete_message(int(chat_id), int(message_id))
        except TelegramError as error:
            log.info("a message could not be taken back: %s", error)

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        """Open a forum topic; in other chats, begin a chain of replies without sending anything."""
        if not await self._has_topics(to.chat_id):
            return Sent(to.reply_to or thread.under or "")
        try:
            icon = await self._icons.of(thread.shelf)
            await self.pace.begin()
            topic = await self._bot.create_forum_topic(
                int(to.chat_id), cut(thread.title, TOPIC_TITLE), **icon
            )
            topic_id = str(topic.message_thread_id)
            return Sent(topic_id, thread_id=topic_id)
        except TelegramError as error:
            outcome = self._outcome(error, to.chat_id)
        if isinstance(outcome, Refused) and outcome.refusal is Refusal.BARRED:
            # What is missing is the right to topics, and not that to write.
            outcome = Refused(str(outcome), Refusal.THREAD)
        raise outcome

    async def find(self, to: Destination, thread: OpenThread, since: int) -> Sent | None:
        """None: Telegram does not list topics."""
        return None

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Pin, close or stop something of ours; that it is so already is no failure."""
        chat_id = int(to.chat_id)
        try:
            await self.pace.begin()
            match what:
                case Pin(message_id, unpin):
                    if unpin:  # first, as the other may have been deleted
                        await self._unpin(chat_id, int(unpin))
                    await self._bot.pin_chat_message(chat_id, int(message_id), disable_notification=True)
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
        with suppress(BadRequest):
            await self._bot.unpin_chat_message(chat_id, message_id)
        await self.pace.begin()

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

    async def partner(self, chat_id: str) -> str | None:
        """The discussion group of a channel, or the channel of a discussion group. Raises NotSent, Refused or
        Ambiguous."""
        try:
            linked = (await self._bot.get_chat(int(chat_id))).linked_chat_id
            return str(linked) if linked else None
        except TelegramError as error:
            outcome = self._outcome(error, chat_id)
        raise outcome

    def _outcome(self, error: TelegramError, chat_id: str) -> NotSent | Refused | Ambiguous:
        """What an error says about a message, noting when Telegram asks for patience in a chat."""
        outcome = outcome_of(error)
        if isinstance(error, RetryAfter) and isinstance(outcome, NotSent):
            self.pace.flooded(chat_id, outcome.retry_after)
        return outcome

    def link(self, action: Action) -> str | None:
        """The deep link that presses a button in private; None if its token is too long for one."""
        return start_link(self._bot.username, action.token)

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        """Whether a person owns or administers a chat. Raises NotSent or Ambiguous when Telegram does
        not tell."""
        try:
            member = await self._bot.get_chat_member(int(chat_id), int(user_id))
            return member.status in _ORGANISERS
        except TelegramError as error:
            outcome = outcome_of(error)
        if isinstance(outcome, Refused):
            # What stands in a group that was upgraded since can still be pressed.
            return await self.may_organise(outcome.moved_to, user_id) if outcome.moved_to else False
        raise outcome

    async def _say_further(self, to: Destination, piece: Piece, turns: Turns, *, silent: bool) -> Sent:
        """A reply, or one message more. What Telegram asks patience for is surely not sent, so it is waited
        for while that is not too long: whoever asked waits too, or the beginning stands there already."""
        for _ in range(_FURTHER_TRIES - 1):
            try:
                return await self._say_piece(to, piece, turns, silent=silent)
            except RetryAfter as error:
                self._outcome(error, to.chat_id)
        return await self._say_piece(to, piece, turns, silent=silent)

    async def _say_piece(self, to: Destination, piece: Piece, turns: Turns, *, silent: bool) -> Sent:
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

    async def _call(self, to: Destination, piece: Piece, *, silent: bool) -> Sent:
        chat_id = int(to.chat_id)
        thread_id = int(to.thread_id) if to.thread_id else None
        if isinstance(piece, Poll):
            message = await self._bot.send_poll(
                chat_id,
                piece.question,
                piece.options,
                type=PollType.QUIZ,
                is_anonymous=False,
                correct_option_ids=piece.keys,  # type: ignore[arg-type]  # the library lists 0 to 11
                allows_multiple_answers=len(piece.keys) > 1 or None,
                shuffle_options=True,
                explanation=piece.explanation,
                explanation_media=_as_media(piece.illustration),
                description=piece.description.text or None,
                description_entities=piece.description.entities or None,
                media=_as_media(piece.png),
                open_period=piece.seconds,
                reply_markup=piece.keyboard,
                message_thread_id=thread_id,
                reply_parameters=_reply_to(to.reply_to),
                disable_notification=silent,
            )
            return Sent(str(message.message_id), message.poll.id if message.poll else None)
        if isinstance(piece, Photo):
            message = await self._bot.send_photo(
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
            return Sent(str(message.message_id))
        reply_to = piece.reply_to or to.reply_to
        sent = await ask(
            self._bot,
            "sendMessage",
            chat_id=chat_id,
            text=piece.rich.text,
            message_thread_id=thread_id,
            reply_parameters={"message_id": int(reply_to), "allow_sending_without_reply": True}
            if reply_to
            else None,
            disable_notification=silent,
            **piece.dress,
        )
        return Sent(str(sent["message_id"]))


def _may_be_shown(png: bytes) -> bool:
    """Whether Telegram takes a picture of this width and height, which stand at the head of a PNG."""
    shorter, longer = sorted(int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    return shorter + longer <= PHOTO_SIDES and longer <= PHOTO_RATIO * shorter


def is_group(chat_id: str) -> bool:
    """Whether a chat is shared by several people: Telegram's own numbering."""
    return chat_id.startswith("-")


def _as_media(png: bytes | None) -> InputMediaPhoto | None:
    return InputMediaPhoto(png, filename="picture.png") if png else None


def _reply_to(message_id: str | None) -> ReplyParameters | None:
    return ReplyParameters(int(message_id), allow_sending_without_reply=True) if message_id else None
