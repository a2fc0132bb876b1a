"""What Telegram tells, as `Incoming`. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType, MessageOriginType, UpdateType

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.errors import Problem
from bot.domain.languages import language_of
from bot.messages.actions import read_token
from bot.messages.incoming import (
    Arrived,
    Departed,
    Event,
    Forwarded,
    Incoming,
    Joined,
    Moved,
    Place,
    Pressed,
    Returned,
    Said,
    Sender,
    Sought,
    Voted,
)
from bot.platforms.telegram.links import from_parameter
from bot.platforms.telegram.parsing import (
    Change,
    Chat,
    Inline,
    Member,
    Message,
    Press,
    PressedMessage,
    Update,
    User,
    Vote,
)

HEARD: Final = (
    UpdateType.MESSAGE,
    UpdateType.CHANNEL_POST,
    UpdateType.CALLBACK_QUERY,
    UpdateType.POLL_ANSWER,
    UpdateType.INLINE_QUERY,
    UpdateType.MY_CHAT_MEMBER,
    UpdateType.CHAT_MEMBER,
)
"""The updates asked for. Named always: left out, Telegram keeps to what was asked last time."""

_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?")
_KINDS = {ChatType.PRIVATE.value: ChatKind.PRIVATE, ChatType.CHANNEL.value: ChatKind.CHANNEL}
_GONE = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
_GENERAL_TOPIC = 1


def incoming(update: Update, username: str) -> Incoming | None:
    """What happened, or None when it is none of our business. `username` is the bot's own."""
    if update.said:
        return _message(update.said, username)
    if update.callback_query:
        return _press(update.callback_query)
    if update.poll_answer:
        return _vote(update.poll_answer)
    if update.inline_query:
        return _search(update.inline_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    if update.chat_member:
        return _coming(update.chat_member)
    return None


def lane(update: Update) -> str:
    """Updates of one lane are handled in order. A group's move belongs to the lane of its new id, so
    that nothing said there is heard before it."""
    if update.message and update.message.migrate_to_chat_id:
        return str(update.message.migrate_to_chat_id)
    if update.poll_answer:
        return f"poll {update.poll_answer.poll_id}"
    press = update.callback_query
    place = update.said or (press.message if press else None) or update.my_chat_member or update.chat_member
    return str(place.chat.id if place else update.update_id)


def _message(message: Message, username: str) -> Incoming | None:
    sender = _sender(message)
    if sender is None or message.via_bot:
        return None  # what was put somewhere through a bot is not said to us
    if message.migrate_to_chat_id:
        return Incoming(sender, _place(message), Moved(str(message.migrate_to_chat_id)))
    if message.new_chat_members:
        return _joined(sender, _place(message), message.new_chat_members)
    event = _line(message, username)
    return Incoming(sender, _place(message), event) if event else None


def _line(message: Message, username: str) -> Event | None:
    """A command, or in private anything said. What is meant for another bot is not for us."""
    if message.is_automatic_forward:
        return _forwarded(message)
    text = message.text
    command = _COMMAND.match(text)
    if command is None:
        private = message.chat.type == ChatType.PRIVATE and bool(text)
        return Said(text, _mentions(message)) if private else None
    word, addressed = command.groups()
    if addressed and addressed.lower() != username.lower():
        return None
    rest = text[command.end() :]
    if word.lower() == "start" and rest.strip() and message.chat.type != ChatType.PRIVATE:
        return None  # said by the app of whoever added us by a link; that they did is told apart
    return _deep_link(word, rest) or Said(f"/{word}{rest}", _mentions(message))


def _forwarded(message: Message) -> Forwarded | None:
    """A channel's post in the discussion group. What it says was heard in the channel."""
    origin = message.forward_origin
    if origin is None or origin.type != MessageOriginType.CHANNEL or origin.chat is None:
        return None
    return Forwarded(str(origin.chat.id), str(origin.message_id), str(message.message_id))


def _deep_link(word: str, rest: str) -> Pressed | None:
    """`/start` with a button's token, as `links.start_link` makes it."""
    token = from_parameter(rest.strip()) if word.lower() == "start" and rest.strip() else None
    try:
        return Pressed(read_token(token).token) if token else None
    except Problem:
        return None


def _mentions(message: Message) -> dict[str, str]:
    """The people mentioned without a username, by the words that stand for them. A mention outside the text,
    or of half a character, stands for nobody."""
    found: dict[str, str] = {}
    for entity in message.entities:
        if entity.type == MessageEntityType.TEXT_MENTION and entity.user:
            marked = message.text.encode("utf-16-le")[2 * entity.offset :][: 2 * entity.length]
            found[marked.decode("utf-16-le", errors="ignore")] = str(entity.user.id)
    found.pop("", None)
    return found


def _press(query: Press) -> Incoming | None:
    message = query.message
    if message is None or query.data is None:
        return None
    place = _place(message)
    private = place.kind is ChatKind.PRIVATE
    sender = _person(query.sender, organiser=True if private else None)
    return Incoming(sender, place, Pressed(query.data, str(message.message_id)))


def _vote(answer: Vote) -> Incoming | None:
    if answer.user is None:
        return None
    return Incoming(_person(answer.user), None, Voted(answer.poll_id, tuple(answer.option_ids)))


def _search(query: Inline) -> Incoming:
    """Words typed after our name in any chat. The offset is the one we gave, or none."""
    start = int(query.offset) if re.fullmatch(r"[0-9]{1,6}", query.offset) else 0
    return Incoming(_person(query.sender), None, Sought(query.query, start))


def _membership(change: Change) -> Incoming | None:
    before, after = _present(change.old_chat_member), _present(change.new_chat_member)
    place = _chat_place(change.chat)
    if before and after and _may_write(change.new_chat_member):
        # Made an admin, or free again: it may be the right that was missing.
        return Incoming(_person(change.sender), None, Returned((place.chat_id,)))
    if before == after:
        return None
    if after and place.kind is ChatKind.PRIVATE:
        return None  # unblocked: the first thing said there comes with it
    return Incoming(_person(change.sender), place, Arrived() if after else Departed())


def _coming(change: Change) -> Incoming | None:
    """Somebody else came. Told to admins alone; to everybody it is told by a message in the chat."""
    if change.chat.type == ChatType.CHANNEL or _present(change.old_chat_member):
        return None
    if not _present(change.new_chat_member):
        return None
    return _joined(_person(change.sender), _chat_place(change.chat), [change.new_chat_member.user])


def _joined(sender: Sender, place: Place, users: Iterable[User]) -> Incoming | None:
    people = tuple(Account(Platform.TELEGRAM, str(user.id)) for user in users if not user.is_bot)
    return Incoming(sender, place, Joined(people)) if people else None


def _present(member: Member) -> bool:
    if member.status == ChatMemberStatus.RESTRICTED:
        return member.is_member
    return member.status not in _GONE


def _may_write(member: Member) -> bool:
    if member.status == ChatMemberStatus.ADMINISTRATOR:
        return member.can_post_messages is not False  # which is told of in channels only
    return member.status != ChatMemberStatus.RESTRICTED or member.can_send_messages


def _sender(message: Message) -> Sender | None:
    """Who speaks. Anonymous admins and channels share one account each on Telegram, so they are told
    apart by the chat they speak as; only admins can speak as the group or channel itself."""
    if message.sender_chat:
        chat = message.sender_chat
        own = chat.id == message.chat.id
        account = Account(Platform.TELEGRAM, str(chat.id))
        title = chat.title or ""
        return Sender(account, title, language_of(None), organiser=own, nameless=True)
    if message.sender is None:
        return None
    private = message.chat.type == ChatType.PRIVATE
    return _person(message.sender, organiser=True if private else None)


def _person(user: User, organiser: bool | None = None) -> Sender:
    account = Account(Platform.TELEGRAM, str(user.id))
    return Sender(account, user.full_name, language_of(user.language_code), user.username or "", organiser)


def _place(message: Message | PressedMessage) -> Place:
    """Only topics count as threads: reply chains carry a thread id too, but cannot be written into. The
    General topic can be written into as long as it is not named."""
    thread = message.message_thread_id if message.is_topic_message else None
    return _chat_place(message.chat, str(thread) if thread and thread != _GENERAL_TOPIC else None)


def _chat_place(chat: Chat, thread_id: str | None = None) -> Place:
    kind = _KINDS.get(chat.type, ChatKind.GROUP)
    return Place(str(chat.id), kind, chat.title or "", thread_id, chat.is_forum)
