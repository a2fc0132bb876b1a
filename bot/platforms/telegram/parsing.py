"""An update in JSON, as the library's object: once it is sure that everything in it that is looked at here is
of the kind Telegram says it is.

The library takes values as they come. An update that breaks the rules would be half handled, and fail where
nobody expects it; it is refused at the door instead, in one line that says what is wrong with it.
"""

import json
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field
from telegram import Bot, Update

Id = Annotated[int, Meta(ge=-(2**52), le=2**52)]
"""A person or chat. Source: *Chat*, "at most 52 significant bits"."""

Number = Annotated[int, Meta(ge=0, lt=2**31)]
"""A message's id, an offset, a time until 2038: Telegram's own are 32 bits wide."""

QueryId = Annotated[str, Meta(min_length=1, max_length=256)]


class Unreadable(Exception):
    """An update that is none. Says why, without quoting it."""


class _User(Struct):
    id: Id
    is_bot: bool
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class _Chat(Struct):
    id: Id
    type: str
    title: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    is_forum: bool | None = None


class _Entity(Struct):
    type: str
    offset: Number
    length: Number
    user: _User | None = None
    url: str | None = None


class _Message(Struct):
    message_id: Number
    date: Number
    chat: _Chat
    sender: _User | None = field(default=None, name="from")
    sender_chat: _Chat | None = None
    message_thread_id: Number | None = None
    is_topic_message: bool | None = None
    is_automatic_forward: bool | None = None
    text: str | None = None
    entities: list[_Entity] | None = None
    caption: str | None = None
    photo: list[object] | None = None
    reply_to_message: "_Message | None" = None
    pinned_message: "_Message | None" = None
    new_chat_members: list[_User] | None = None
    left_chat_member: _User | None = None
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None


class _Press(Struct):
    id: QueryId
    sender: _User = field(name="from")
    message: _Message | None = None
    data: str | None = None


class _Vote(Struct):
    poll_id: str
    option_ids: list[Number]
    user: _User | None = None
    voter_chat: _Chat | None = None


class _Poll(Struct):
    id: str
    is_closed: bool
    total_voter_count: Number


class _Member(Struct):
    status: str
    user: _User
    is_member: bool | None = None
    can_send_messages: bool | None = None
    can_send_polls: bool | None = None
    can_pin_messages: bool | None = None
    can_manage_topics: bool | None = None
    can_post_messages: bool | None = None


class _Change(Struct):
    chat: _Chat
    sender: _User = field(name="from")
    old_chat_member: _Member
    new_chat_member: _Member


class _Inline(Struct):
    id: QueryId
    sender: _User = field(name="from")
    query: str
    offset: str
    chat_type: str | None = None


class _Update(Struct):
    """What is looked at of an update, with the kinds of its values."""

    update_id: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    message: _Message | None = None
    channel_post: _Message | None = None
    edited_message: _Message | None = None
    edited_channel_post: _Message | None = None
    callback_query: _Press | None = None
    inline_query: _Inline | None = None
    poll: _Poll | None = None
    poll_answer: _Vote | None = None
    my_chat_member: _Change | None = None
    chat_member: _Change | None = None


def parse_update(body: bytes, bot: Bot | None) -> Update:
    """The update that stands in `body`. Raises Unreadable."""
    body = well_formed(body)
    try:
        raw = msgspec.json.decode(body)
        msgspec.convert(raw, _Update)
        return Update.de_json(raw, bot)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    except Exception as error:  # the library's many ways to stumble over what we do not look at
        raise Unreadable(f"the library cannot read it: {type(error).__name__}") from error


def well_formed(body: bytes) -> bytes:
    """The JSON with a `?` for whatever is no character, such as half of a surrogate pair. Strict parsers
    refuse it all for that. Raises Unreadable for what is no JSON."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        return body
    except (msgspec.MsgspecError, RecursionError):
        try:
            loaded = json.loads(body.decode(errors="replace"))
            return json.dumps(loaded, ensure_ascii=False).encode(errors="replace")
        except (ValueError, RecursionError):
            raise Unreadable("it is no JSON") from None
