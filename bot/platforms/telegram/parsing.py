"""An update in JSON, as what is looked at of it: once it is sure that all of that is of the kind that
Telegram says it is.

An update that breaks the rules would be half handled, and fail where nobody expects it; it is refused at the
door instead, in one line that says what is wrong with it. The library takes values as they come, and makes
objects of everything: a pressed card of a paper alone has dozens of entities, which nobody reads.
"""

import json
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, field

T = TypeVar("T")

Id = Annotated[int, Meta(ge=-(2**52), le=2**52)]
"""A person or chat. Source: *Chat*, "at most 52 significant bits"."""

Number = Annotated[int, Meta(ge=0, lt=2**31)]
"""A message's id, an offset, a time until 2038: Telegram's own are 32 bits wide."""

Choice = Annotated[int, Meta(ge=0, lt=63)]
"""An option of a poll. They are kept as bits of a number; Telegram has twelve at most."""

UpdateId = Annotated[int, Meta(ge=0, le=2**63 - 1)]

QueryId = Annotated[str, Meta(min_length=1, max_length=256)]


class Unreadable(Exception):
    """An update that is none. Says why, without quoting it."""


class User(Struct):
    """A person or bot. A deleted account has no name."""

    id: Id
    is_bot: bool
    first_name: str
    last_name: str = ""
    username: str | None = None
    language_code: str | None = None

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".rstrip() if self.last_name else self.first_name


class Chat(Struct):
    """A private chat, group or channel."""

    id: Id
    type: str
    title: str | None = None
    is_forum: bool = False


class Entity(Struct):
    """What is special about some words of a text. Offset and length are in UTF-16 code units."""

    type: str
    offset: Number
    length: Number
    user: User | None = None


class Origin(Struct):
    """Where a message was forwarded from; chat and id are told of a channel's."""

    type: str
    chat: Chat | None = None
    message_id: Number | None = None


class Message(Struct):
    """Something said in a chat. Of one that a press cannot show any more, only the first three are told."""

    message_id: Number
    date: Number
    chat: Chat
    sender: User | None = field(default=None, name="from")
    sender_chat: Chat | None = None
    message_thread_id: Number | None = None
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    forward_origin: Origin | None = None
    via_bot: User | None = None
    text: str = ""
    entities: list[Entity] = []
    photo: list[object] = []
    new_chat_members: list[User] = []
    migrate_to_chat_id: Id | None = None


class PressedMessage(Struct):
    """The message under which a button was pressed. Its text and the like were ours, and are not read."""

    message_id: Number
    date: Number
    chat: Chat
    message_thread_id: Number | None = None
    is_topic_message: bool = False
    photo: list[object] = []


class Press(Struct):
    """A button was pressed."""

    id: QueryId
    sender: User = field(name="from")
    message: PressedMessage | None = None
    data: str | None = None


class Vote(Struct):
    """An answer in a poll; without a user it was given by a chat."""

    poll_id: str
    option_ids: list[Choice]
    user: User | None = None


class Member(Struct):
    """What somebody is in a chat. The rights are told where they may be missing."""

    status: str
    user: User
    is_member: bool = False
    can_send_messages: bool = False
    can_post_messages: bool | None = None


class Change(Struct):
    """Somebody became something else in a chat."""

    chat: Chat
    sender: User = field(name="from")
    old_chat_member: Member
    new_chat_member: Member


class Inline(Struct):
    """Words typed after the bot's name in any chat."""

    id: QueryId
    sender: User = field(name="from")
    query: str
    offset: str


class Update(Struct):
    """One of these happened, or something that is not asked for."""

    update_id: UpdateId
    message: Message | None = None
    channel_post: Message | None = None
    callback_query: Press | None = None
    inline_query: Inline | None = None
    poll_answer: Vote | None = None
    my_chat_member: Change | None = None
    chat_member: Change | None = None

    @property
    def said(self) -> Message | None:
        """What was said, in a chat or channel."""
        return self.message or self.channel_post


class _Head(Struct):
    update_id: UpdateId


_UPDATE = msgspec.json.Decoder(Update)
_HEAD = msgspec.json.Decoder(_Head)


def parse_update(body: bytes) -> Update:
    """The update that stands in `body`. Raises Unreadable."""
    return decoded(body, _UPDATE)


def update_id_of(body: bytes) -> int:
    """The id of an update, whatever else stands in it. Raises Unreadable."""
    return decoded(body, _HEAD).update_id


def decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """What stands in JSON, with a `?` for whatever is no character, such as half of a surrogate pair. Strict
    parsers refuse it all for that. Raises Unreadable."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        loaded = json.loads(body.decode(errors="replace"))
        return decoder.decode(json.dumps(loaded, ensure_ascii=False).encode(errors="replace"))
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)) from None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
