"""The people, chats, messages and polls of a small Telegram, and how each looks in the Bot API."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram_checks import Json

GENERAL_TOPIC = 1  # every forum has it, and messages in it carry no thread id
ANONYMOUS_ADMIN_ID = 1087968824  # the account anonymous group administrators speak through
CHANNEL_BOT_ID = 136817688  # the account through which people speak as their channels in groups

MEMBER_RIGHTS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",
)
CHANNEL_RIGHTS = (
    *(right for right in ADMIN_RIGHTS if right not in {"can_pin_messages", "can_manage_topics"}),
    "can_post_messages",
    "can_edit_messages",
    "can_manage_direct_messages",
)


@dataclass(eq=False)
class User:
    """An account. `blocked` says that they blocked the bot, `deactivated` that the account is gone."""

    id: int
    name: str
    last_name: str | None = None
    username: str | None = None
    language: str | None = None
    is_bot: bool = False
    blocked: bool = False
    deactivated: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.last_name}" if self.last_name else self.name

    def to_json(self) -> Json:
        return _without_none(
            id=self.id,
            is_bot=self.is_bot,
            first_name=self.name,
            last_name=self.last_name,
            username=self.username,
            language_code=self.language,
        )


@dataclass(eq=False)
class Member:
    """A user's place in a chat: creator, administrator, member, restricted, left or kicked."""

    user: User
    status: str = "member"
    rights: frozenset[str] = frozenset()
    in_channel: bool = False

    @property
    def present(self) -> bool:
        return self.status in {"creator", "administrator", "member", "restricted"}

    @property
    def admin(self) -> bool:
        return self.status in {"creator", "administrator"}

    def may(self, right: str) -> bool:
        """Whether the member holds a right; plain members hold what everybody may do by default."""
        match self.status:
            case "creator":
                return True
            case "administrator":
                return right in self.rights or right.startswith("can_send_")
            case "restricted":
                return right in self.rights
            case "member":
                return right.startswith("can_send_") or right in {
                    "can_add_web_page_previews",
                    "can_react_to_messages",
                }
            case _:
                return False

    def to_json(self) -> Json:
        shape: Json = {"status": self.status, "user": self.user.to_json()}
        match self.status:
            case "creator":
                shape |= {"is_anonymous": False}
            case "administrator":
                shape |= {"can_be_edited": False, "is_anonymous": False}
                told = CHANNEL_RIGHTS if self.in_channel else ADMIN_RIGHTS
                shape |= {right: right in self.rights for right in told}
            case "restricted":
                shape |= {"is_member": True, "until_date": 0}
                shape |= {right: right in self.rights for right in MEMBER_RIGHTS}
            case "kicked":
                shape |= {"until_date": 0}
        return shape


@dataclass(eq=False)
class Topic:
    """A forum topic; its id is that of the service message that opened it."""

    chat: Chat
    id: int
    name: str
    icon_color: int
    opener: User
    icon_custom_emoji_id: str | None = None
    closed: bool = False

    def to_json(self) -> Json:
        return _without_none(
            message_thread_id=self.id,
            name=self.name,
            icon_color=self.icon_color,
            icon_custom_emoji_id=self.icon_custom_emoji_id,
        )


@dataclass(eq=False)
class Chat:
    """A private chat, basic group, supergroup or channel, with everything said in it. `linked` is a channel's
    discussion group, or the channel of such a group; a forum's General topic may be closed."""

    id: int
    type: str
    title: str | None = None
    user: User | None = None
    forum: bool = False
    started: bool = False
    migrated_to: Chat | None = None
    deleted: bool = False
    reactions_allowed: bool = True
    slow_mode: int = 0
    """Seconds between two messages of anybody who is no admin."""
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[Message] = field(default_factory=list)
    linked: Chat | None = None
    general_closed: bool = False

    @property
    def channel(self) -> bool:
        return self.type == "channel"

    @property
    def private(self) -> bool:
        return self.type == "private"

    def member(self, user: User) -> Member:
        """The user's place here; "left" if they never were here."""
        return self.members.get(user.id, Member(user, "left", in_channel=self.channel))

    def to_json(self) -> Json:
        if self.user:
            person = self.user
            return _without_none(
                id=self.id,
                type=self.type,
                first_name=person.name,
                last_name=person.last_name,
                username=person.username,
            )
        return _without_none(id=self.id, type=self.type, title=self.title, is_forum=self.forum or None)

    def to_full_json(self) -> Json:
        shape = self.to_json() | {
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            },
        }
        if self.linked:
            shape["linked_chat_id"] = self.linked.id
        if self.pinned:
            shape["pinned_message"] = self.pinned[-1].to_json()
        if self.slow_mode:
            shape["slow_mode_delay"] = self.slow_mode
        if not self.private and not self.channel:
            shape["permissions"] = {right: right.startswith("can_send_") for right in MEMBER_RIGHTS}
        return shape


@dataclass(eq=False)
class Poll:
    """A poll or quiz. `votes` maps a user's id to the options they chose."""

    id: str
    question: str
    options: Sequence[str]
    type: str
    allows_multiple_answers: bool
    allows_revoting: bool
    correct_option_ids: Sequence[int] = ()
    explanation: str | None = None
    explanation_entities: Sequence[Json] = ()
    explanation_photo: str | None = None
    description: str | None = None
    description_entities: Sequence[Json] = ()
    photo: str | None = None
    open_period: int | None = None
    close_date: int | None = None
    closed: bool = False
    votes: dict[int, list[int]] = field(default_factory=dict)

    @property
    def quiz(self) -> bool:
        return self.type == "quiz"

    def persistent_id(self, option: int) -> str:
        return f"{self.id}-{option}"

    def to_json(self) -> Json:
        return _without_none(
            id=self.id,
            question=self.question,
            options=[
                {
                    "persistent_id": self.persistent_id(i),
                    "text": text,
                    "voter_count": sum(i in chosen for chosen in self.votes.values()),
                }
                for i, text in enumerate(self.options)
            ],
            total_voter_count=len(self.votes),
            is_closed=self.closed,
            is_anonymous=False,
            type=self.type,
            allows_multiple_answers=self.allows_multiple_answers,
            allows_revoting=self.allows_revoting,
            members_only=False,
            correct_option_ids=list(self.correct_option_ids) or None,
            explanation=self.explanation,
            explanation_entities=list(self.explanation_entities) or None,
            explanation_media=_media(self.explanation_photo),
            open_period=self.open_period,
            close_date=self.close_date,
        )

    def to_message_json(self) -> Json:
        """The poll as a message shows it, with what stands above its question."""
        return self.to_json() | _without_none(
            description=self.description,
            description_entities=list(self.description_entities) or None,
            media=_media(self.photo),
        )


@dataclass(frozen=True)
class Version:
    """What a message said before an edit."""

    text: str
    entities: Sequence[Json]
    markup: Json | None


@dataclass(eq=False)
class Message:
    """A message as it stands now; `edits` holds what it said before, `serial` orders all messages."""

    chat: Chat
    id: int
    serial: int
    date: int
    sender: User | None
    text: str = ""
    entities: Sequence[Json] = ()
    markup: Json | None = None
    poll: Poll | None = None
    photo: str | None = None  # its file id
    thread: int | None = None
    reply_to: Message | None = None
    sender_chat: Chat | None = None
    via_bot: User | None = None
    origin: Message | None = None  # the channel's post that was brought here
    service: Mapping[str, object] = field(default_factory=dict)
    link_preview: Json | None = None
    silent: bool = False
    edits: list[Version] = field(default_factory=list)
    edit_date: int | None = None
    deleted: bool = False
    reactions: dict[int, Sequence[str]] = field(default_factory=dict)

    @property
    def buttons(self) -> list[str]:
        """The labels of the inline keyboard, row after row."""
        return [button["text"] for button in self._buttons()]

    def button(self, label: str) -> Json:
        """The button with this label, or the only one beginning with it; AssertionError otherwise."""
        exact = [button for button in self._buttons() if button["text"] == label]
        found = exact or [button for button in self._buttons() if button["text"].startswith(label)]
        assert len(found) == 1, f"no single button {label!r} among {self.buttons}"
        return found[0]

    def _buttons(self) -> list[Json]:
        return [button for row in (self.markup or {}).get("inline_keyboard", []) for button in row]

    def to_json(self, *, with_reply: bool = True) -> Json:
        in_topic = self.chat.forum and self.thread is not None
        shape = _without_none(
            message_id=self.id,
            date=self.date,
            chat=self.chat.to_json(),
            sender_chat=self.sender_chat.to_json() if self.sender_chat else None,
            via_bot=self.via_bot.to_json() if self.via_bot else None,
            message_thread_id=self.thread,
            is_topic_message=in_topic or None,
            edit_date=self.edit_date,
            reply_markup=self.markup if self._buttons() else None,
            poll=self.poll.to_message_json() if self.poll else None,
            link_preview_options=self.link_preview,
        )
        if self.sender and not self.chat.channel:
            shape["from"] = self.sender.to_json()
        body, marks = ("caption", "caption_entities") if self.photo else ("text", "entities")
        if self.text:
            shape[body] = self.text
        if self.entities:
            shape[marks] = list(self.entities)
        if self.origin:
            shape["is_automatic_forward"] = True
            shape["forward_origin"] = {
                "type": "channel",
                "date": self.origin.date,
                "chat": self.origin.chat.to_json(),
                "message_id": self.origin.id,
            }
        if self.photo:
            shape["photo"] = _sizes(self.photo)
        if self.reply_to and with_reply and not self.reply_to.deleted:
            shape["reply_to_message"] = self.reply_to.to_json(with_reply=False)
        return shape | dict(self.service)

    def to_inaccessible_json(self) -> Json:
        """What is left of a message too old or deleted."""
        return {"chat": self.chat.to_json(), "message_id": self.id, "date": 0}


def _sizes(photo: str) -> list[Json]:
    return [{"file_id": photo, "file_unique_id": photo[-8:], "width": 800, "height": 450}]


def _media(photo: str | None) -> Json | None:
    """A poll's media."""
    return {"photo": _sizes(photo)} if photo else None


def _without_none(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


class World:
    """Everything that exists, and the counters Telegram numbers it with."""

    def __init__(self, bot_id: int, bot_username: str, now: Callable[[], float]) -> None:
        self.bot = User(bot_id, "Paperclub", username=bot_username, is_bot=True)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.polls: dict[str, tuple[Poll, Message]] = {}
        self._now = now
        self._serials = itertools.count(1)
        self._shared_message_ids = itertools.count(1)
        self._own_message_ids: dict[int, itertools.count[int]] = {}
        self._user_ids = itertools.count(4_100_200_300_400_017, 7_919)  # 52 bits: beyond a 32-bit column
        self._group_ids = itertools.count(4_100_300, 17)
        self._supergroup_ids = itertools.count(1_002_100_400_500, 23)
        self._poll_ids = itertools.count(5_330_001_002_003_004_005, 31)

    @property
    def time(self) -> int:
        return int(self._now())

    def add_user(self, user_id: int | None = None, **fields: Any) -> User:
        user = User(user_id or next(self._user_ids), **fields)
        self.users[user.id] = user
        return user

    def add_chat(self, type: str, title: str) -> Chat:
        """A group or channel without anybody in it."""
        chat_id = -next(self._group_ids) if type == "group" else -next(self._supergroup_ids)
        chat = self.chats[chat_id] = Chat(chat_id, type, title)
        return chat

    def private_chat(self, user: User) -> Chat:
        """The private chat of a user with the bot, whether or not they ever began it."""
        if user.id not in self.chats:
            self.chats[user.id] = Chat(user.id, "private", user=user)
        return self.chats[user.id]

    def next_poll_id(self) -> str:
        return str(next(self._poll_ids))

    def post(self, chat: Chat, sender: User | None, **content: Any) -> Message:
        """Write a message into a chat, numbered as Telegram would."""
        message = Message(
            chat, self._next_message_id(chat), next(self._serials), self.time, sender, **content
        )
        chat.messages[message.id] = message
        if message.poll:
            self.polls[message.poll.id] = (message.poll, message)
        return message

    def _next_message_id(self, chat: Chat) -> int:
        """Supergroups and channels number their own messages (the first tells of their creation), all other
        chats share one sequence."""
        if chat.type in {"supergroup", "channel"}:
            return next(self._own_message_ids.setdefault(chat.id, itertools.count(2)))
        return next(self._shared_message_ids)
