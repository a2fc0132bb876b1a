"""What Telegram's errors say about the message they answer, and about its chat.

Source: the error descriptions of the official Bot API server, which have no codes finer than 400 and 403 and
are known by their words. Some come as *Bad Request* from one method and as *Forbidden* from another, so the
words alone are looked at, in small letters.
"""

from math import ceil
from typing import Final

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.platforms.telegram.transport import Unsent
from bot.ports import Ambiguous, NotSent, Refusal, Refused

TOKEN_REFUSED_WAIT = 600
"""Seconds until a refused token is tried again."""

BARRED: Final = (
    "not enough rights to send",  # … text messages, photos, polls to the chat
    "have no rights to send a message",
    "need administrator rights in the channel chat",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "chat_send_plain_forbidden",
    "chat_send_photos_forbidden",
    "chat_send_media_forbidden",
    "chat_send_poll_forbidden",
    "user_banned_in_channel",
    "not enough rights to create a topic",
)
"""The chat is there and so are we, but a right is missing."""

GONE: Final = (
    "bot was blocked by the user",
    "user_is_blocked",
    "user is deactivated",
    "input_user_deactivated",
    "bot can't initiate conversation with a user",
    "bot can't send messages to bots",
    "bot was kicked from the",  # … group chat, supergroup chat, channel chat
    "bot is not a member of the",  # … the same
    "the group chat was deleted",
    "group chat was deactivated",
    "group is deactivated",
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "channel_private",
)
"""We were removed or blocked, or there is no such chat any more."""

THREAD: Final = (
    "message thread not found",
    "topic_closed",
    "topic_deleted",
    "topic_id_invalid",
    "the chat is not a forum",
)
"""The topic is lost; the chat at large is not."""

NO_POLLS: Final = (
    "not enough rights to send polls",
    "chat_send_poll_forbidden",
    "non-anonymous polls can't be sent to channel chats",
)
"""Polls of ours may not be sent; words may."""

DONE: Final = (
    "topic_not_modified",
    "poll has already been closed",
    "message with poll to stop not found",
    "message is not a poll",
    "message is already pinned",
)
"""What was to be done is done already, or there is nothing any more to do it to."""


def says(error: TelegramError, signs: tuple[str, ...]) -> bool:
    """Whether an error has some of these words."""
    return any(sign in error.message.lower() for sign in signs)


def outcome_of(error: TelegramError) -> NotSent | Refused | Ambiguous:
    """What an error of the library says about the message it was meant for."""
    match error:
        case RetryAfter():
            return NotSent("Telegram asks for patience", ceil(error.retry_after.total_seconds()))  # type: ignore[union-attr]  # a timedelta, as transport asks
        case Unsent():
            return NotSent(error.message)
        case InvalidToken() | Conflict():
            return NotSent("Telegram does not accept the token", TOKEN_REFUSED_WAIT)
        case ChatMigrated():
            return Refused(error.message, moved_to=str(error.new_chat_id))
        case BadRequest() | Forbidden():
            return Refused(error.message, _refusal(error))
    return Ambiguous(error.message)


def _refusal(error: BadRequest | Forbidden) -> Refusal:
    """Words that are not known leave the chat open: a message is at fault when it was a bad request, and
    a ban whose kind we do not know may pass."""
    for refusal, signs in ((Refusal.THREAD, THREAD), (Refusal.BARRED, BARRED), (Refusal.GONE, GONE)):
        if says(error, signs):
            return refusal
    return Refusal.BARRED if isinstance(error, Forbidden) else Refusal.CONTENT
