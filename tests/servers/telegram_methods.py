"""The Bot API's methods, each acting on the small world and refusing what the real one refuses."""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from telegram.constants import ChatAction, ForumIconColor, ReactionEmoji

from tests.servers import telegram_checks as checks
from tests.servers.telegram_checks import Json, Refused, bad_request, forbidden, violation
from tests.servers.telegram_updates import Updates
from tests.servers.telegram_world import (
    ADMIN_RIGHTS,
    CHANNEL_RIGHTS,
    GENERAL_TOPIC,
    Chat,
    Message,
    Poll,
    Topic,
    User,
    Version,
    World,
)

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
SERVICE_ACCOUNT = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""Who automatic forwards come from."""

_TOPIC_ICONS = {"5434144690511290129": "📰", "5312536423851630001": "💡", "5350305691942788490": "📈"}
_DELETABLE_SECONDS = 48 * 3600


class Flood:
    """The official pace: 30 messages a second in all, one a second to one chat with short bursts, 20 a minute
    to one group."""

    PER_SECOND = 30
    PER_CHAT = 5
    CHAT_SECONDS = 5.0
    PER_GROUP_MINUTE = 20

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.strict = False
        self._clock = clock
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}
        self._groups: dict[int, deque[float]] = {}

    def check(self, chat: Chat) -> None:
        """Count one message; raises Refused (429) when it comes too soon."""
        if not self.strict:
            return
        now = self._clock()
        windows = [
            (self._all, self.PER_SECOND, 1.0),
            (self._chats.setdefault(chat.id, deque()), self.PER_CHAT, self.CHAT_SECONDS),
        ]
        if not chat.private:
            windows.append((self._groups.setdefault(chat.id, deque()), self.PER_GROUP_MINUTE, 60.0))
        for sent, limit, seconds in windows:
            while sent and now - sent[0] >= seconds:
                sent.popleft()
            if len(sent) >= limit:
                wait = int(seconds - (now - sent[0])) + 1
                raise Refused(
                    429, f"Too Many Requests: retry after {wait}", {"retry_after": wait}, avoidable=True
                )
        for sent, _, _ in windows:
            sent.append(now)


class BotApi:
    """One bot's view of the world. Method names are those of the API in snake case."""

    def __init__(self, world: World, updates: Updates) -> None:
        self.world = world
        self.updates = updates
        self.flood = Flood()
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.rights: dict[bool, frozenset[str]] = {False: frozenset(), True: frozenset()}
        """The rights that the bot asks for in groups, and (True) in channels."""
        self.files: dict[str, bytes] = {}
        self.actions: list[tuple[Chat, str]] = []
        self.webhook: str = ""
        self.webhook_secret = ""
        self.webhook_connections = 40
        self.webhook_error: tuple[int, str] | None = None
        """When the last delivery failed, and why."""
        self.open_queries: dict[str, Callable[[Json], None]] = {}

    def call(self, method: str, parameters: Json) -> Any:
        """The result of one call with parsed parameters; raises Refused."""
        return getattr(self, _snake(method))(parameters)

    # The bot itself

    def get_me(self, _: Json) -> Json:
        return self.world.bot.to_json() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def set_webhook(self, p: Json) -> bool:
        checks.check_webhook(p)
        self.webhook = p["url"]
        self.webhook_secret = p.get("secret_token", "")
        self.webhook_connections = p.get("max_connections", 40)
        self.webhook_error = None
        if "allowed_updates" in p:
            self.updates.allow(p["allowed_updates"])
        self._drop_pending(p)
        self.updates.on_news()
        return True

    def delete_webhook(self, p: Json) -> bool:
        self.webhook = ""
        return self._drop_pending(p)

    def _drop_pending(self, p: Json) -> bool:
        if p.get("drop_pending_updates"):
            self.updates.drop()
        return True

    def get_webhook_info(self, _: Json) -> Json:
        return {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
        } | self._webhook_details()

    def _webhook_details(self) -> Json:
        if not self.webhook:
            return {}
        details: Json = {
            "max_connections": self.webhook_connections,
            "allowed_updates": sorted(self.updates.allowed),
        }
        if self.webhook_error:
            details["last_error_date"], details["last_error_message"] = self.webhook_error
        return details

    def set_my_commands(self, p: Json) -> bool:
        checks.check_commands(p["commands"])
        self.commands[self._menu_key(p)] = p["commands"]
        return True

    def get_my_commands(self, p: Json) -> list[Json]:
        return self.commands.get(self._menu_key(p), [])

    def delete_my_commands(self, p: Json) -> bool:
        self.commands.pop(self._menu_key(p), None)
        return True

    def menu(self, scope: Json, language: str) -> list[Json]:
        """The commands set for exactly this scope and language."""
        return self.commands.get((json.dumps(scope, sort_keys=True), language), [])

    def _menu_key(self, p: Json) -> tuple[str, str]:
        scope = p.get("scope", {"type": "default"})
        if "chat_id" in scope:
            self._chat(scope["chat_id"])
        language = p.get("language_code", "")
        checks.check_language_code(language)
        return json.dumps(scope, sort_keys=True), language

    def set_my_description(self, p: Json) -> bool:
        return self._set_text("description", p, 512)

    def get_my_description(self, p: Json) -> Json:
        return self._get_text("description", p)

    def set_my_short_description(self, p: Json) -> bool:
        return self._set_text("short_description", p, 120)

    def get_my_short_description(self, p: Json) -> Json:
        return self._get_text("short_description", p)

    def _set_text(self, name: str, p: Json, limit: int) -> bool:
        text, language = p.get(name, ""), p.get("language_code", "")
        checks.check_language_code(language)
        if len(text) > limit:
            raise violation(f"{name} is longer than {limit} characters")
        self.texts[name, language] = text
        return True

    def _get_text(self, name: str, p: Json) -> Json:
        language = p.get("language_code", "")
        return {name: self.texts.get((name, language)) or self.texts.get((name, ""), "")}

    def set_my_default_administrator_rights(self, p: Json) -> bool:
        """Rights that make no sense in such chats are dropped; any other implies that of an admin."""
        channels = p.get("for_channels", False)
        known = CHANNEL_RIGHTS if channels else ADMIN_RIGHTS
        rights = {right for right, given in p.get("rights", {}).items() if given and right in known}
        self.rights[channels] = frozenset(rights | {"can_manage_chat"} if rights else ())
        return True

    def get_my_default_administrator_rights(self, p: Json) -> Json:
        channels = p.get("for_channels", False)
        known = CHANNEL_RIGHTS if channels else ADMIN_RIGHTS
        return {"is_anonymous": False} | {right: right in self.rights[channels] for right in known}

    # Messages

    def send_message(self, p: Json) -> Json:
        checks.check_text(p["text"], p.get("entities", []))
        return self._send(
            p,
            right="can_send_messages",
            noun="text messages",
            text=p["text"],
            entities=p.get("entities", []),
            link_preview=p.get("link_preview_options"),
        )

    def send_photo(self, p: Json) -> Json:
        caption, entities = p.get("caption", ""), p.get("caption_entities", [])
        checks.check_caption(caption, entities)
        file_id = self._photo(p["photo"])
        return self._send(
            p, right="can_send_photos", noun="photos", text=caption, entities=entities, photo=file_id
        )

    def _photo(self, photo: bytes | str) -> str:
        """The file id of an upload, or of something sent before."""
        if isinstance(photo, bytes):
            checks.check_photo(photo)
            file_id = f"AgACAgIAAx{len(self.files):012d}"
            self.files[file_id] = photo
            return file_id
        if photo not in self.files:
            raise violation("wrong remote file identifier specified: Wrong string length")
        return photo

    def send_poll(self, p: Json) -> Json:
        checks.check_poll(p)
        if self._chat(p["chat_id"]).channel:
            raise violation("non-anonymous polls can't be sent to channel chats")
        self._check_poll_media(self._chat(p["chat_id"]), p)
        quiz = p.get("type") == "quiz"
        poll = Poll(
            id=self.world.next_poll_id(),
            question=p["question"],
            options=[option["text"] for option in p["options"]],
            type=p.get("type", "regular"),
            allows_multiple_answers=p.get("allows_multiple_answers", False),
            allows_revoting=p.get("allows_revoting", not quiz),
            correct_option_ids=p.get("correct_option_ids", []),
            explanation=p.get("explanation"),
            explanation_entities=p.get("explanation_entities", []),
            explanation_photo=self._poll_photo(p.get("explanation_media")),
            description=p.get("description"),
            description_entities=p.get("description_entities", []),
            photo=self._poll_photo(p.get("media")),
            open_period=p.get("open_period"),
            close_date=p.get("close_date"),
            closed=p.get("is_closed", False),
        )
        checks.check_close_date(p, self.world.time)
        return self._send(p, right="can_send_polls", noun="polls", poll=poll)

    def _check_poll_media(self, chat: Chat, p: Json) -> None:
        """A poll with a photo needs the right to both. Which words the official server has for it is not
        documented; these are those of the layer below it."""
        bot = chat.member(self.world.bot)
        shown = "media" in p or "explanation_media" in p
        if shown and not chat.private and bot.may("can_send_polls") and not bot.may("can_send_photos"):
            raise bad_request("CHAT_SEND_PHOTOS_FORBIDDEN")

    def _poll_photo(self, media: Json | None) -> str | None:
        return self._photo(media["media"]) if media else None

    def _send(self, p: Json, *, right: str, noun: str, **content: Any) -> Json:
        checks.check_reply_markup(p.get("reply_markup", {}))
        chat = self._chat(p["chat_id"])
        if chat.channel and not chat.member(self.world.bot).may("can_post_messages"):
            raise bad_request("need administrator rights in the channel chat")
        if not chat.private and not chat.channel and not chat.member(self.world.bot).may(right):
            raise bad_request(f"not enough rights to send {noun} to the chat")
        thread = self._thread(chat, p)
        reply_to = self._reply_to(chat, p)
        self._check_slow_mode(chat)
        self.flood.check(chat)
        message = self.world.post(
            chat,
            self.world.bot,
            markup=p.get("reply_markup"),
            thread=thread if chat.forum or reply_to is None else _root(reply_to),
            reply_to=reply_to or (chat.messages.get(thread) if thread else None),
            silent=p.get("disable_notification", False),
            sender_chat=chat if chat.channel else None,
            **content,
        )
        self.bring_over(message)
        return message.to_json()

    def _check_slow_mode(self, chat: Chat) -> None:
        """Slow mode holds for a bot as for any member that is no admin."""
        if not chat.slow_mode or chat.member(self.world.bot).admin:
            return
        own = [message.date for message in chat.messages.values() if message.sender is self.world.bot]
        wait = max(own, default=0) + chat.slow_mode - self.world.time
        if wait > 0:
            raise Refused(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})

    def bring_over(self, post: Message) -> None:
        """Telegram forwards what stands in a channel to its discussion group, and pins it there."""
        group = post.chat.linked
        if not post.chat.channel or group is None:
            return
        brought = self.world.post(
            group,
            None,
            text=post.text,
            entities=post.entities,
            photo=post.photo,
            sender_chat=post.chat,
            origin=post,
        )
        group.pinned.append(brought)
        if group.member(self.world.bot).admin:
            self.updates.add("message", brought.to_json() | {"from": SERVICE_ACCOUNT})

    def _thread(self, chat: Chat, p: Json) -> int | None:
        """The topic a request names, or that of the message it replies to."""
        thread: int | None = p.get("message_thread_id")
        if thread is None:
            replied = chat.messages.get(p.get("reply_parameters", {}).get("message_id", 0))
            thread = replied.thread if replied and chat.forum else None
            if thread is None and chat.general_closed and not self._manages_topics(chat):
                raise bad_request("TOPIC_CLOSED")
            return thread
        if thread == GENERAL_TOPIC or not (chat.forum or chat.topics):
            raise violation("message thread not found")
        if thread not in chat.topics:
            raise bad_request("message thread not found")
        if chat.topics[thread].closed and not self._manages_topics(chat):
            raise bad_request("TOPIC_CLOSED")
        return thread

    def _manages_topics(self, chat: Chat) -> bool:
        return chat.member(self.world.bot).may("can_manage_topics")

    def _reply_to(self, chat: Chat, p: Json) -> Message | None:
        reply = p.get("reply_parameters")
        if reply is None:
            return None
        if "message_id" not in reply:
            raise violation("message identifier is not specified")
        if reply.get("chat_id", chat.id) != chat.id:
            raise violation("this server knows replies within one chat only")
        message = chat.messages.get(reply["message_id"])
        if message and not message.deleted:
            return message
        if reply.get("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")

    def edit_message_text(self, p: Json) -> Json:
        if "text" not in p:
            raise violation("message text is empty")
        text, entities = p["text"], p.get("entities", [])
        checks.check_text(text, entities)
        message = self._own_message(p, "edit")
        if message.poll or message.photo or message.service:
            raise bad_request("there is no text in the message to edit")
        return self._edit(message, Version(text, entities, p.get("reply_markup")))

    def edit_message_caption(self, p: Json) -> Json:
        caption, entities = p.get("caption", ""), p.get("caption_entities", [])
        checks.check_caption(caption, entities)
        message = self._own_message(p, "edit")
        if not message.photo:
            raise bad_request("there is no caption in the message to edit")
        return self._edit(message, Version(caption, entities, p.get("reply_markup")))

    def edit_message_reply_markup(self, p: Json) -> Json:
        message = self._own_message(p, "edit")
        return self._edit(message, Version(message.text, message.entities, p.get("reply_markup")))

    def _edit(self, message: Message, new: Version) -> Json:
        """An edit without a keyboard removes the keyboard."""
        checks.check_reply_markup(new.markup or {})
        old = Version(message.text, message.entities, message.markup)
        if (old.text, list(old.entities), _keyboard(old)) == (new.text, list(new.entities), _keyboard(new)):
            raise bad_request(_NOT_MODIFIED)
        message.edits.append(old)
        message.text, message.entities, message.markup = new.text, new.entities, new.markup
        message.edit_date = self.world.time
        return message.to_json()

    def _own_message(self, p: Json, verb: str) -> Message:
        if "inline_message_id" in p:
            raise bad_request("MESSAGE_ID_INVALID")
        if "chat_id" not in p:
            raise violation("chat_id is empty")
        message = self._message(self._chat(p["chat_id"]), p, f"message to {verb} not found")
        if message.sender is not self.world.bot:
            raise bad_request(f"message can't be {verb}ed")
        return message

    def _message(self, chat: Chat, p: Json, missing: str) -> Message:
        if "message_id" not in p:
            raise violation("message identifier is not specified")
        message = chat.messages.get(p["message_id"])
        if message is None or message.deleted:
            raise bad_request(missing)
        return message

    def delete_message(self, p: Json) -> bool:
        chat = self._chat(p["chat_id"])
        message = self._message(chat, p, "message to delete not found")
        own = message.sender is self.world.bot or chat.private
        if not own and not chat.member(self.world.bot).may("can_delete_messages"):
            raise bad_request("message can't be deleted")
        if self.world.time - message.date >= _DELETABLE_SECONDS:
            raise bad_request("message can't be deleted for everyone")
        message.deleted = True
        return True

    def delete_messages(self, p: Json) -> bool:
        if not 1 <= len(p["message_ids"]) <= 100:
            raise violation("message identifiers must be 1-100")
        for message_id in p["message_ids"]:
            if message_id in self._chat(p["chat_id"]).messages:
                self.delete_message({"chat_id": p["chat_id"], "message_id": message_id})
        return True

    def stop_poll(self, p: Json) -> Json:
        checks.check_reply_markup(p.get("reply_markup", {}))
        chat = self._chat(p["chat_id"])
        message = self._message(chat, p, "message with poll to stop not found")
        if message.poll is None:
            raise bad_request("message is not a poll")
        if message.sender is not self.world.bot:
            raise bad_request("poll can't be stopped")
        if message.poll.closed:
            raise bad_request("poll has already been closed")
        message.poll.closed = True
        message.markup = p.get("reply_markup")
        self.updates.add("poll", message.poll.to_json())
        return message.poll.to_json()

    def set_message_reaction(self, p: Json) -> bool:
        chat = self._chat(p["chat_id"])
        message = self._message(chat, p, "message to react not found")
        reactions = [reaction.get("emoji", "") for reaction in p.get("reaction", [])]
        if len(reactions) > 1:
            raise violation("REACTIONS_TOO_MANY")
        if any(emoji not in set(ReactionEmoji) for emoji in reactions):
            raise violation("REACTION_INVALID")
        if reactions and not chat.reactions_allowed:
            raise bad_request("REACTION_INVALID")
        message.reactions[self.world.bot.id] = reactions
        return True

    def answer_callback_query(self, p: Json) -> bool:
        checks.check_callback_answer(p, self.world.bot.username or "")
        answered = self.open_queries.pop(p["callback_query_id"], None)
        if answered is None:
            raise bad_request(_QUERY_TOO_OLD)
        answered(p)
        return True

    def answer_inline_query(self, p: Json) -> bool:
        checks.check_found(p)
        answered = self.open_queries.pop(p["inline_query_id"], None)
        if answered is None:
            raise bad_request(_QUERY_TOO_OLD)
        answered(p)
        return True

    def send_chat_action(self, p: Json) -> bool:
        if p["action"] not in set(ChatAction):
            raise violation("wrong parameter action in request")
        chat = self._chat(p["chat_id"])
        self._thread(chat, p)
        self.actions.append((chat, p["action"]))
        return True

    # Chats

    def get_chat(self, p: Json) -> Json:
        return self._chat(p["chat_id"]).to_full_json()

    def get_chat_member(self, p: Json) -> Json:
        chat = self._chat(p["chat_id"])
        user = self._user(p["user_id"])
        if chat.private:
            return {"status": "member", "user": user.to_json()}
        return chat.member(user).to_json()

    def get_chat_member_count(self, p: Json) -> int:
        chat = self._chat(p["chat_id"])
        return 2 if chat.private else sum(member.present for member in chat.members.values())

    def get_chat_administrators(self, p: Json) -> list[Json]:
        chat = self._chat(p["chat_id"])
        if chat.private:
            raise violation("there are no administrators in the private chat")
        admins = [member for member in chat.members.values() if member.admin]
        return [m.to_json() for m in admins if not m.user.is_bot or m.user is self.world.bot]

    def leave_chat(self, p: Json) -> bool:
        chat = self._chat(p["chat_id"])
        if chat.private:
            raise violation("chat member status can't be changed in private chats")
        self.move_member(chat, self.world.bot, "left", by=self.world.bot)
        return True

    def move_member(
        self, chat: Chat, user: User, status: str, *, by: User, rights: frozenset[str] = frozenset()
    ) -> None:
        """Change a user's place in a chat and tell the bot what it may know of that."""
        place = chat.members.setdefault(user.id, chat.member(user))
        old = place.to_json()
        place.status, place.rights = status, rights
        change = {
            "chat": chat.to_json(),
            "from": by.to_json(),
            "date": self.world.time,
            "old_chat_member": old,
            "new_chat_member": place.to_json(),
        }
        if user is self.world.bot:
            self.updates.add("my_chat_member", change)
        elif chat.member(self.world.bot).admin:
            self.updates.add("chat_member", change)

    def pin_chat_message(self, p: Json) -> bool:
        chat = self._pinnable(p)
        message = self._message(chat, p, "message to pin not found")
        if message in chat.pinned:
            chat.pinned.remove(message)
        chat.pinned.append(message)
        notice = self.world.post(
            chat,
            self.world.bot,
            sender_chat=chat if chat.channel else None,
            service={"pinned_message": message.to_json(with_reply=False)},
            silent=p.get("disable_notification", False) or chat.channel,
        )
        self.updates.add("channel_post" if chat.channel else "message", notice.to_json())
        return True

    def unpin_chat_message(self, p: Json) -> bool:
        chat = self._pinnable(p)
        if "message_id" not in p:
            del chat.pinned[-1:]
            return True
        message = self._message(chat, p, "message to unpin not found")
        if message in chat.pinned:
            chat.pinned.remove(message)
        return True

    def _pinnable(self, p: Json) -> Chat:
        chat = self._chat(p["chat_id"])
        member = chat.member(self.world.bot)
        right = "can_edit_messages" if chat.channel else "can_pin_messages"
        if not chat.private and not (member.admin and member.may(right)):
            raise bad_request("not enough rights to manage pinned messages in the chat")
        return chat

    # Forum topics

    def create_forum_topic(self, p: Json) -> Json:
        chat = self._forum(p)
        if not chat.member(self.world.bot).may("can_manage_topics"):
            raise bad_request("not enough rights to create a topic")
        _check_topic(p)
        if p.get("icon_color", ForumIconColor.BLUE) not in set(ForumIconColor):
            raise violation("topic icon color is invalid")
        return self.open_topic(
            chat,
            self.world.bot,
            p["name"],
            p.get("icon_color", ForumIconColor.BLUE),
            p.get("icon_custom_emoji_id"),
        ).to_json()

    def open_topic(
        self, chat: Chat, opener: User, name: str, color: int = ForumIconColor.BLUE, icon: str | None = None
    ) -> Topic:
        """Open a topic with its service message."""
        created = {"name": name, "icon_color": int(color)}
        message = self.world.post(chat, opener, service={"forum_topic_created": created})
        message.thread = message.id
        topic = chat.topics[message.id] = Topic(chat, message.id, name, int(color), opener, icon)
        self.updates.add("message", message.to_json())
        return topic

    def edit_forum_topic(self, p: Json) -> bool:
        topic = self._topic(p)
        name = p.get("name") or topic.name
        _check_topic({**p, "name": name})
        icon = p.get("icon_custom_emoji_id", topic.icon_custom_emoji_id)
        if (name, icon) == (topic.name, topic.icon_custom_emoji_id):
            raise bad_request("TOPIC_NOT_MODIFIED")
        topic.name, topic.icon_custom_emoji_id = name, icon
        self._topic_notice(topic, {"forum_topic_edited": {"name": name}})
        return True

    def close_forum_topic(self, p: Json) -> bool:
        return self._toggle_topic(self._topic(p), closed=True)

    def reopen_forum_topic(self, p: Json) -> bool:
        return self._toggle_topic(self._topic(p), closed=False)

    def _toggle_topic(self, topic: Topic, *, closed: bool) -> bool:
        if topic.closed == closed:
            raise bad_request("TOPIC_NOT_MODIFIED")
        topic.closed = closed
        self._topic_notice(topic, {"forum_topic_closed" if closed else "forum_topic_reopened": {}})
        return True

    def _topic_notice(self, topic: Topic, service: Json) -> None:
        message = self.world.post(topic.chat, self.world.bot, thread=topic.id, service=service)
        self.updates.add("message", message.to_json())

    def delete_forum_topic(self, p: Json) -> bool:
        topic = self._topic(p)
        if not topic.chat.member(self.world.bot).may("can_delete_messages"):
            raise bad_request("not enough rights to delete the topic")
        del topic.chat.topics[topic.id]
        for message in topic.chat.messages.values():
            message.deleted |= message.thread == topic.id
        return True

    def get_forum_topic_icon_stickers(self, _: Json) -> list[Json]:
        return [
            {
                "file_id": f"CAACAgIAAxUAA{icon}",
                "file_unique_id": icon,
                "type": "custom_emoji",
                "width": 100,
                "height": 100,
                "is_animated": False,
                "is_video": False,
                "emoji": emoji,
                "custom_emoji_id": icon,
            }
            for icon, emoji in _TOPIC_ICONS.items()
        ]

    def _forum(self, p: Json) -> Chat:
        chat = self._chat(p["chat_id"])
        if not chat.forum:
            raise bad_request("the chat is not a forum")
        return chat

    def _topic(self, p: Json) -> Topic:
        chat = self._forum(p)
        topic = chat.topics.get(p["message_thread_id"])
        if topic is None:
            raise bad_request("TOPIC_ID_INVALID")
        if topic.opener is not self.world.bot and not self._manages_topics(chat):
            raise bad_request("not enough rights to edit the topic")
        return topic

    # Who and where

    def _user(self, user_id: int) -> User:
        user = self.world.bot if user_id == self.world.bot.id else self.world.users.get(user_id)
        if user is None:
            raise bad_request("invalid user_id specified")
        return user

    def _chat(self, chat_id: int | str) -> Chat:
        """The chat a request names, if the bot may act there now."""
        if isinstance(chat_id, str):
            raise bad_request("chat not found")
        if chat_id in self.world.users:
            return self._private_chat(self.world.users[chat_id])
        chat = self.world.chats.get(chat_id)
        if chat is None or self.world.bot.id not in chat.members:
            raise bad_request("chat not found")
        if chat.migrated_to:
            raise bad_request(
                "group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat.migrated_to.id}
            )
        if chat.deleted:
            raise forbidden("the group chat was deleted")
        match chat.member(self.world.bot).status:
            case "kicked":
                raise forbidden(f"bot was kicked from the {chat.type} chat")
            case "left":
                raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def _private_chat(self, user: User) -> Chat:
        chat = self.world.private_chat(user)
        if user.deactivated:
            raise forbidden("user is deactivated")
        if user.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            met = any(
                {user.id, self.world.bot.id} <= group.members.keys() for group in self.world.chats.values()
            )
            raise (
                forbidden("bot can't initiate conversation with a user")
                if met
                else bad_request("chat not found")
            )
        return chat


def _snake(method: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", method).lower()


def _root(message: Message) -> int | None:
    """The thread id a reply gets in a supergroup without topics: the first message of the chain."""
    if message.chat.type != "supergroup":
        return None
    return message.thread or message.id


def _keyboard(version: Version) -> Sequence[Sequence[Json]]:
    rows: Sequence[Sequence[Json]] = (version.markup or {}).get("inline_keyboard", [])
    return rows


def _check_topic(p: Json) -> None:
    if checks.is_blank(p["name"]) or len(p["name"].strip()) > 128:
        raise violation("topic name must be 1-128 characters")
    if p.get("icon_custom_emoji_id", "") not in {"", *_TOPIC_ICONS}:
        raise violation("DOCUMENT_INVALID")
