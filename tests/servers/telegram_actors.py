"""What people do in the small Telegram: talk, press, vote, come and go. Each act becomes updates."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram_checks import INLINE_QUERY_LIMIT, Json, utf16_length
from tests.servers.telegram_methods import BotApi
from tests.servers.telegram_updates import Updates
from tests.servers.telegram_world import (
    ADMIN_RIGHTS,
    ANONYMOUS_ADMIN_ID,
    CHANNEL_BOT_ID,
    Chat,
    Member,
    Message,
    Topic,
    User,
    World,
)

_ENTITIES = {
    "bot_command": re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]{5,32})?(?![\w@])"),
    "mention": re.compile(r"(?<![\w/])@[A-Za-z][A-Za-z0-9_]{4,31}"),
    "url": re.compile(r"https?://\S+"),
}
_COMMON_ADMIN_RIGHTS = frozenset(ADMIN_RIGHTS) - {"can_promote_members"}


@dataclass(frozen=True)
class PressAnswer:
    """How the bot answered a button: a toast, an alert, a link, or silence (all empty)."""

    text: str = ""
    show_alert: bool = False
    url: str | None = None


@dataclass(eq=False)
class Press:
    """One press of a button; await it for the bot's answer (TimeoutError after 10 seconds without)."""

    id: str
    message: Message
    user: User
    data: str
    answered: asyncio.Future[PressAnswer] = field(default_factory=asyncio.Future)

    def __await__(self) -> Generator[Any, None, PressAnswer]:
        return self.answer().__await__()

    async def answer(self, within: float = 10) -> PressAnswer:
        """The bot's answer; TimeoutError if there is none within that many seconds."""
        async with asyncio.timeout(within):
            return await asyncio.shield(self.answered)


@dataclass(frozen=True)
class Results:
    """What the bot found for an inline query: the articles as it gave them, the offset of more (empty when
    there is none), the button above them, and how long and for whom Telegram may remember it."""

    articles: Sequence[Json]
    next_offset: str = ""
    button: Json | None = None
    cache_time: int = 300
    personal: bool = False

    @property
    def titles(self) -> list[str]:
        """The titles to choose from."""
        return [article["title"] for article in self.articles]


@dataclass(eq=False)
class Search:
    """One inline query; await it for what the bot found (TimeoutError after 10 seconds without)."""

    id: str
    user: User
    answered: asyncio.Future[Results] = field(default_factory=asyncio.Future)

    def __await__(self) -> Generator[Any, None, Results]:
        return self.answer().__await__()

    async def answer(self, within: float = 10) -> Results:
        """The bot's answer; TimeoutError if there is none within that many seconds."""
        async with asyncio.timeout(within):
            return await asyncio.shield(self.answered)


class TelegramActors:
    """A world, the bot's way into it (`api`), and everybody else's."""

    def __init__(self, username: str, bot_id: int, now: Callable[[], float] = time.time) -> None:
        self.world = World(bot_id, username, now)
        self.updates = Updates()
        self.api = BotApi(self.world, self.updates)
        self._query_ids = itertools.count(17_600_000_000_000_001)
        self._channel_bot = User(CHANNEL_BOT_ID, "Channel", username="Channel_Bot", is_bot=True)
        self._anonymous_admin = User(ANONYMOUS_ADMIN_ID, "Group", username="GroupAnonymousBot", is_bot=True)

    @property
    def bot(self) -> User:
        """The bot's own account."""
        return self.world.bot

    # Who and where

    def user(
        self,
        name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language: str | None = "en",
        is_bot: bool = False,
        id: int | None = None,
    ) -> User:
        """A new account, unknown to the bot until it meets it somewhere."""
        return self.world.add_user(
            id, name=name, last_name=last_name, username=username, language=language, is_bot=is_bot
        )

    def private(self, user: User) -> Chat:
        """The user's private chat with the bot; it begins when they first say something there."""
        return self.world.private_chat(user)

    def group(
        self,
        title: str,
        *,
        admins: Sequence[User] = (),
        members: Sequence[User] = (),
        forum: bool = False,
        bot: str | None = "member",
        bot_rights: Sequence[str] = (),
    ) -> Chat:
        """A supergroup; its first admin is the owner. `bot` is the bot's status there from the start
        (no update tells of it), or None if it was never there."""
        return self._group("supergroup", title, admins, members, forum, bot, bot_rights)

    def basic_group(
        self,
        title: str,
        *,
        admins: Sequence[User] = (),
        members: Sequence[User] = (),
        bot: str | None = "member",
    ) -> Chat:
        """A small group of the old kind, which may be upgraded."""
        return self._group("group", title, admins, members, False, bot, ())

    def channel(
        self,
        title: str,
        *,
        admins: Sequence[User] = (),
        bot: str | None = "administrator",
        bot_rights: Sequence[str] = ("can_post_messages", "can_edit_messages"),
        group: Chat | None = None,
    ) -> Chat:
        """A channel; its first admin is the owner, and `group` its discussion group. Anybody may read it."""
        chat = self._group("channel", title, admins, (), False, bot, bot_rights)
        if group:
            self.link(chat, group)
        return chat

    def link(self, channel: Chat, group: Chat) -> None:
        """The owner makes a group the channel's discussion group; no update tells of it."""
        assert channel.channel, "comments belong to channels"
        assert group.type == "supergroup", "only supergroups are discussion groups"
        assert not group.forum, "topics are not available in groups linked to channels"
        channel.linked, group.linked = group, channel

    def unlink(self, channel: Chat) -> None:
        """The channel has no discussion group any more."""
        group, channel.linked = channel.linked, None
        assert group, "it has none"
        group.linked = None

    def post(self, channel: Chat, admin: User, text: str) -> Message:
        """An admin writes in a channel, in its name and unsigned."""
        assert channel.member(admin).admin, f"{admin.name} may not post in {channel.title}"
        message = self.world.post(channel, admin, sender_chat=channel, text=text, entities=entities_of(text))
        if channel.member(self.bot).admin:
            self.updates.add("channel_post", message.to_json())
        self.api.bring_over(message)
        return message

    def _group(
        self,
        type: str,
        title: str,
        admins: Sequence[User],
        members: Sequence[User],
        forum: bool,
        bot: str | None,
        bot_rights: Sequence[str],
    ) -> Chat:
        chat = self.world.add_chat(type, title)
        chat.forum = forum
        for index, admin in enumerate(admins):
            status = "administrator" if index else "creator"
            chat.members[admin.id] = Member(admin, status, _COMMON_ADMIN_RIGHTS, chat.channel)
        for user in members:
            chat.members.setdefault(user.id, Member(user))
        if bot:
            chat.members[self.bot.id] = Member(self.bot, bot, frozenset(bot_rights), chat.channel)
        return chat

    def topic(self, group: Chat, name: str, by: User) -> Topic:
        """A topic opened by a person."""
        return self.api.open_topic(group, by, name)

    # What people say

    def say(
        self,
        chat: Chat,
        user: User,
        text: str,
        *,
        thread: int | Topic | None = None,
        reply_to: Message | None = None,
        mentions: Sequence[User] = (),
        anonymous: bool = False,
        as_channel: Chat | None = None,
    ) -> Message:
        """A user writes. `mentions` are named in the text without having a username; `anonymous` speaks
        as the group, `as_channel` as a channel of the user's. Privacy mode decides whether the bot hears of
        it."""
        self._assert_present(chat, user)
        thread_id = thread.id if isinstance(thread, Topic) else thread
        if chat.forum and thread_id is None and reply_to:
            thread_id = reply_to.thread
        if chat.type == "supergroup" and not chat.forum and reply_to:
            thread_id = reply_to.thread or reply_to.id
        opening = chat.messages.get(thread_id) if chat.forum and thread_id else None
        message = self.world.post(
            chat,
            self._anonymous_admin if anonymous else self._channel_bot if as_channel else user,
            sender_chat=chat if anonymous else as_channel,
            text=text,
            entities=entities_of(text, mentions),
            thread=thread_id,
            reply_to=reply_to or opening,
        )
        if chat.private:
            self._begin(chat, user)
        if self._heard(message, reply_to):
            self.updates.add("message", message.to_json())
        return message

    def edit(self, message: Message, text: str) -> None:
        """A user edits what they wrote."""
        message.text, message.entities = text, entities_of(text)
        message.edit_date = self.world.time
        if self._heard(message, message.reply_to):
            self.updates.add("edited_message", message.to_json())

    def _begin(self, chat: Chat, user: User) -> None:
        if user.blocked:
            self.unblock(user)
        chat.started = True

    def _heard(self, message: Message, reply_to: Message | None) -> bool:
        """Privacy mode: in groups a bot that is no admin hears commands not meant for another bot, and
        replies to its own messages."""
        chat = message.chat
        if chat.private or chat.member(self.bot).admin:
            return True
        if not chat.member(self.bot).present:
            return False
        if reply_to and reply_to.sender is self.bot:
            return True
        username = (self.bot.username or "").lower()
        command = re.match(r"/\w+(?:@(\w+))?", message.text)
        return command is not None and (command[1] or username).lower() == username

    def _assert_present(self, chat: Chat, user: User) -> None:
        place = chat.user is user if chat.private else chat.channel or chat.member(user).present
        assert place, f"{user.name} is not in {chat.title or 'this private chat'}"

    # What people press and choose

    def press(
        self, message: Message, user: User, label: str | None = None, *, data: str | None = None
    ) -> Press:
        """A user presses the button with this label; `data` instead presses a forged or outdated one."""
        self._assert_present(message.chat, user)
        if data is None:
            assert label is not None, "name the button, or give its data"
            assert not message.deleted, "the message is gone"
            button = message.button(label)
            assert "callback_data" in button, f"{label!r} is no callback button: {button}"
            data = str(button["callback_data"])
        press = Press(str(next(self._query_ids)), message, user, data)
        self.api.open_queries[press.id] = lambda p: _settle(press, p)
        self.updates.add(
            "callback_query",
            {
                "id": press.id,
                "from": user.to_json(),
                "message": message.to_inaccessible_json() if message.deleted else message.to_json(),
                "chat_instance": str(message.chat.id * 7_919),
                "data": data,
            },
        )
        return press

    def expire(self, query: Press | Search) -> None:
        """The query becomes too old to be answered."""
        self.api.open_queries.pop(query.id, None)

    # What people look for and insert

    def search(self, user: User, words: str = "", *, offset: str = "", chat_type: str = "group") -> Search:
        """A user types the bot's name and some words in a chat that the bot need not be in."""
        search = Search(str(next(self._query_ids)), user)
        self.api.open_queries[search.id] = lambda p: _find(search, p)
        query = {"id": search.id, "from": user.to_json(), "query": words[:INLINE_QUERY_LIMIT]}
        self.updates.add("inline_query", query | {"offset": offset, "chat_type": chat_type})
        return search

    def insert(self, chat: Chat, user: User, article: Json) -> Message:
        """A user puts a result into a chat. The bot hears of it where it is, as with privacy mode too."""
        self._assert_present(chat, user)
        content = article["input_message_content"]
        message = self.world.post(
            chat,
            user,
            text=content["message_text"],
            entities=content.get("entities", []),
            markup=article.get("reply_markup"),
            link_preview=content.get("link_preview_options"),
            via_bot=self.bot,
        )
        if chat.private or chat.member(self.bot).present:
            self.updates.add("message", message.to_json())
        return message

    def vote(self, message: Message, user: User, options: Sequence[int]) -> None:
        """A user answers a poll, or retracts the answer with no options. The update names no chat."""
        poll = message.poll
        assert poll, "there is no poll in this message"
        assert not poll.closed, "the poll is closed"
        assert poll.allows_multiple_answers or len(options) <= 1, "this poll takes one answer"
        assert poll.allows_revoting or user.id not in poll.votes, f"{user.name} has voted, and it is final"
        assert all(0 <= option < len(poll.options) for option in options), "no such option"
        poll.votes.pop(user.id, None)
        if options:
            poll.votes[user.id] = list(options)
        self.updates.add("poll", poll.to_json())
        self.updates.add(
            "poll_answer",
            {
                "poll_id": poll.id,
                "user": user.to_json(),
                "option_ids": list(options),
                "option_persistent_ids": [poll.persistent_id(option) for option in options],
            },
        )

    def close_poll(self, message: Message) -> None:
        """The poll's time is up."""
        assert message.poll, "there is no poll in this message"
        assert not message.poll.closed, "the poll is closed"
        message.poll.closed = True
        self.updates.add("poll", message.poll.to_json())

    # Coming and going

    def add_bot(self, group: Chat, by: User, rights: Sequence[str] = ()) -> None:
        """Somebody adds the bot, as an admin if rights are given."""
        status = "administrator" if rights else "member"
        self.api.move_member(group, self.bot, status, by=by, rights=frozenset(rights))
        if group.channel:
            assert rights, "a bot is an admin of a channel or not in it"
            return
        self._service(group, by, {"new_chat_members": [self.bot.to_json()]})

    def set_slow_mode(self, group: Chat, seconds: int) -> None:
        """An admin lets the others write only every so many seconds; 0 ends it."""
        group.slow_mode = seconds

    def remove_bot(self, group: Chat, by: User) -> None:
        """Somebody removes the bot, which may then do nothing there."""
        self.api.move_member(group, self.bot, "kicked", by=by)

    def delete_group(self, group: Chat) -> None:
        """Its owner deletes the group for everybody."""
        group.deleted = True

    def promote(self, group: Chat, by: User, rights: Sequence[str]) -> None:
        """The bot becomes an admin with these rights."""
        self.api.move_member(group, self.bot, "administrator", by=by, rights=frozenset(rights))

    def demote(self, group: Chat, by: User) -> None:
        """The bot is a plain member again."""
        self.api.move_member(group, self.bot, "member", by=by)

    def restrict(self, group: Chat, by: User, rights: Sequence[str] = ()) -> None:
        """The bot may do here only what `rights` names."""
        self.api.move_member(group, self.bot, "restricted", by=by, rights=frozenset(rights))

    def join(self, group: Chat, *users: User, by: User | None = None) -> None:
        """People join by themselves, or are brought; several at once are told of in one message."""
        actor = by or users[0]
        for user in users:
            self.api.move_member(group, user, "member", by=actor)
        self._service(group, actor, {"new_chat_members": [user.to_json() for user in users]})

    def leave(self, group: Chat, user: User) -> None:
        """A person leaves."""
        self._service(group, user, {"left_chat_member": user.to_json()})
        self.api.move_member(group, user, "left", by=user)

    def block(self, user: User) -> None:
        """A user blocks the bot."""
        self._set_blocked(user, True)

    def unblock(self, user: User) -> None:
        """A user lets the bot write again."""
        self._set_blocked(user, False)

    def _set_blocked(self, user: User, blocked: bool) -> None:
        user.blocked = blocked
        places = [Member(self.bot, "member"), Member(self.bot, "kicked")]
        old, new = places if blocked else reversed(places)
        self.updates.add(
            "my_chat_member",
            {
                "chat": self.private(user).to_json(),
                "from": user.to_json(),
                "date": self.world.time,
                "old_chat_member": old.to_json(),
                "new_chat_member": new.to_json(),
            },
        )

    def upgrade(self, group: Chat, by: User) -> Chat:
        """A basic group becomes a supergroup with another id; the old one only points there."""
        assert group.type == "group", "only basic groups are upgraded"
        new = self.world.add_chat("supergroup", group.title or "")
        new.members = {
            place.user.id: Member(place.user, place.status, place.rights) for place in group.members.values()
        }
        self._service(group, by, {"migrate_to_chat_id": new.id})
        self._service(new, by, {"migrate_from_chat_id": group.id})
        group.migrated_to = new
        return new

    def _service(self, chat: Chat, sender: User, service: Json) -> None:
        message = self.world.post(chat, sender, service=service)
        if chat.member(self.bot).present:
            self.updates.add("message", message.to_json())

    # What one can see

    def messages(self, chat: Chat, thread: int | Topic | None = None) -> list[Message]:
        """What the bot said in a chat (or one thread of it), deleted messages too, in order."""
        thread_id = thread.id if isinstance(thread, Topic) else thread
        return [
            message
            for message in chat.messages.values()
            if message.sender is self.bot and not message.service and thread_id in (None, message.thread)
        ]

    def menu(self, chat: Chat, user: User) -> list[str]:
        """The commands a user is offered in a chat, chosen as Telegram's apps choose them."""
        place = chat.member(user)
        scopes: list[Json] = []
        if chat.private:
            scopes = [{"type": "chat", "chat_id": chat.id}, {"type": "all_private_chats"}]
        else:
            scopes.append({"type": "chat_member", "chat_id": chat.id, "user_id": user.id})
            if place.admin:
                scopes.append({"type": "chat_administrators", "chat_id": chat.id})
            scopes.append({"type": "chat", "chat_id": chat.id})
            if place.admin:
                scopes.append({"type": "all_chat_administrators"})
            scopes.append({"type": "all_group_chats"})
        for scope in [*scopes, {"type": "default"}]:
            for language in ((user.language or "")[:2], ""):
                commands = self.api.menu(scope, language)
                if commands:
                    return [command["command"] for command in commands]
        return []


def entities_of(text: str, mentions: Sequence[User] = ()) -> list[Json]:
    """The entities Telegram finds in a text, and a mention of each named user without a username."""
    found: list[Json] = []
    for kind, pattern in _ENTITIES.items():
        found += [
            {"type": kind} | _span(text, match.start(), match.end()) for match in pattern.finditer(text)
        ]
    for user in mentions:
        start = text.index(user.name)
        found.append(
            {"type": "text_mention", "user": user.to_json()} | _span(text, start, start + len(user.name))
        )
    return sorted(found, key=lambda entity: entity["offset"])


def _span(text: str, start: int, end: int) -> Json:
    return {"offset": utf16_length(text[:start]), "length": utf16_length(text[start:end])}


def _find(search: Search, p: Json) -> None:
    if not search.answered.done():
        search.answered.set_result(
            Results(
                p["results"],
                p.get("next_offset", ""),
                p.get("button"),
                p.get("cache_time", 300),
                p.get("is_personal", False),
            )
        )


def _settle(press: Press, p: Json) -> None:
    if not press.answered.done():
        press.answered.set_result(PressAnswer(p.get("text", ""), p.get("show_alert", False), p.get("url")))
