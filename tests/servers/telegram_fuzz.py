"""Updates as everybody sends them and as nobody does, made from a seed, for feeding a bot.

A town of a few hundred people in dozens of chats goes about its day: some of what happens is real talk
on the strict server, the rest is invented, and part of that is broken on its way.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.messages.actions import Verb, action
from bot.platforms.telegram.links import to_parameter
from bot.platforms.telegram.parsing import Unreadable, Update, parse_update
from bot.use_cases.command import CHOICES, Command, Kind
from bot.use_cases.commands import BUTTON_OPTIONS, COMMANDS
from tests.servers.telegram import Chat, Message, TelegramServer, User
from tests.servers.telegram_checks import UPDATE_TYPES, Json
from tests.servers.telegram_world import ADMIN_RIGHTS, ANONYMOUS_ADMIN_ID, MEMBER_RIGHTS

PEOPLE = 300
CHANNEL_BOT = 136817688
TELEGRAM_ITSELF = 777000
LAST_SEEN = 20
"""How many of the newest messages of a chat people still press buttons under."""

ODD = (
    "",
    " ",
    "\n",
    "x" * 5000,
    "𝒙" * 2048,
    "שלום עולם",
    "\u202eevil\u202c",
    "e\u0301\u0327\u0308" * 9,
    "👩‍👩‍👧‍👦🏳️‍🌈🇨🇭",
    "\ud83d",
    "\udc4d ok",
    "a\x00b",
    "\x00",
    "\u200b",
    "\u2060\ufeff",
    "／paper　today",
    "１２",
    "论文，第三篇。“深度学习”（二）",
    "*_`[](){}<>&~|#+-=.!\\",
    "<b>&amp;</b>",
    "%s %d {0} {name} $x",
    "'; DROP TABLE clubs; --",
    "@paperclub_bot",
    "https://example.org/../?q=1#x",
    "null",
    "-1",
    "9" * 400,
    "0x10",
    "1e9",
    "٣",
    "½",
    "\r\n\r\n",
    "\t/paper",
    "//",
    "/",
    "/ paper",
    "/@paperclub_bot",
    "/paper@",
    "/paper@paperclub_bot@paperclub_bot today",
    "/paper@PaperClub_Bot\ntoday",
    "/start start",
    "/weather Oslo",
    "/start@other_bot",
)
"""Texts that programs stumble over."""

JUNK: Sequence[Any] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    -0.0,
    1e300,
    2**31,
    2**53,
    2**63,
    -(2**63) - 1,
    10**40,
    "",
    "x",
    "\ud800",
    "\x00",
    "🙂" * 3000,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": None},
    {"id": "x"},
    {"id": 5, "type": "private"},
    [1, "a", {}],
    {"message_id": 1, "date": 1, "chat": {}},
)

VALUES: Mapping[Kind, Sequence[str]] = {
    Kind.DAY: ("mon", "montag", "8"),
    Kind.TIME: ("09:00", "9", "9 pm", "24:00", "25:61", "09：00", "noon", "0:0"),
    Kind.ZONE: (
        "Asia/Shanghai",
        "UTC",
        "Europe/Zurich",
        "asia/shanghai",
        "Mars/Base",
        "UTC+25",
        "../etc",
        "/",
    ),
    Kind.PLAN: ("deep-learning-2", "deep-learning-1", "deep"),
    Kind.MEMBER: ("@ann_0", "Ann 1", "id:5", "id:", "@"),
    Kind.PAPER: ("1", "3", "0", "999", "gan", "dropout", "dropuot", "the paper about layers"),
    Kind.TERM: ("dropout", "drop", "批归一化", "entropy"),
    Kind.TEXT: ("neural", "a", "深度"),
    Kind.WHEN: ("friday", "+2", "after 3 days", "never", "off", "2", "-1"),
    Kind.DATE: ("2026-10-05", "2027-02-29", "9999-12-31", "0000-00-00", "tomorrow", "2026-9-1"),
    Kind.NUMBER: ("1", "2", "0", "-3", "2.5", "100000", "９", "99999999999999999999"),
    Kind.LEVEL: ("reed",),
    Kind.LANGUAGE: ("de", "ZH"),
    Kind.PRESET: ("daily",),
    Kind.BEAT: ("beat",),
}

PAPER_IDS = ("gan", "dropout-2014", "adam", "layer-norm", "no-such-paper")

SETTINGS = ("language", "zone", "day", "time", "plan", "preset", "asia", "Asia/Tokyo", "0900", "09-00")

SERVICE: Mapping[str, Any] = {
    "new_chat_title": "New title",
    "new_chat_photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
    "delete_chat_photo": True,
    "group_chat_created": True,
    "supergroup_chat_created": True,
    "channel_chat_created": True,
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 86400},
    "forum_topic_created": {"name": "Topic", "icon_color": 7322096},
    "forum_topic_edited": {"name": "Renamed"},
    "forum_topic_closed": {},
    "forum_topic_reopened": {},
    "general_forum_topic_hidden": {},
    "general_forum_topic_unhidden": {},
    "video_chat_started": {},
    "video_chat_ended": {"duration": 5},
    "boost_added": {"boost_count": 2},
    "write_access_allowed": {"web_app_name": "x"},
    "connected_website": "example.org",
    "users_shared": {"request_id": 1, "users": [{"user_id": 5}]},
    "chat_shared": {"request_id": 1, "chat_id": -5},
    "successful_payment": {
        "currency": "XTR",
        "total_amount": 1,
        "invoice_payload": "p",
        "telegram_payment_charge_id": "t",
        "provider_payment_charge_id": "",
    },
}
"""What a message may tell instead of saying something."""

MEDIA: Mapping[str, Any] = {
    "photo": [{"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}],
    "sticker": {
        "file_id": "a",
        "file_unique_id": "b",
        "type": "regular",
        "width": 9,
        "height": 9,
        "is_animated": False,
        "is_video": False,
    },
    "voice": {"file_id": "a", "file_unique_id": "b", "duration": 3},
    "document": {"file_id": "a", "file_unique_id": "b", "file_name": "\u202egnp.exe"},
    "location": {"latitude": 1.0, "longitude": 2.0},
    "contact": {"phone_number": "1", "first_name": "x"},
    "dice": {"emoji": "🎲", "value": 6},
    "game": {"title": "g", "description": "d", "photo": []},
    "story": {"chat": {"id": -1005, "type": "channel", "title": "c"}, "id": 3},
}


INVENTED, BROKEN = "77", "66"
"""How the id of an invented press begins, and of one that was broken on its way, if it still has its id."""


def readable(update: Json) -> Update | None:
    """The update as the bot reads it; None for one that it passes over."""
    try:
        return parse_update(json.dumps(update).encode())
    except Unreadable:
        return None


def query_id(update: Json) -> str | None:
    """The id of the press an update tells of, if it must be answered: one that is not broken, or can still
    be read."""
    press = update.get("callback_query")
    given = press.get("id") if isinstance(press, dict) else None
    if isinstance(given, str) and given.startswith((INVENTED, "17600")):
        return given
    read = readable(update)
    return read.callback_query.id if read and read.callback_query else None


class Town:
    """People and chats on a server, and what comes from them."""

    def __init__(self, server: TelegramServer, seed: int) -> None:
        self.server = server
        self.random = random.Random(seed)
        self._ids = itertools.count(90_000)
        self._queries = itertools.count(1)
        self.people = [
            server.user(
                f"Ann {n}" if n % 7 else self._odd()[:64] or "?",
                last_name=self._odd()[:64] if n % 11 == 0 else None,
                username=f"ann_{n}" if n % 3 else None,
                language=("en", "zh-hans", "ar", None)[n % 4],
            )
            for n in range(PEOPLE)
        ]
        self.groups = [self._group(n) for n in range(24)]
        self.channels: list[Json] = [
            {"id": -1_009_900_000_000 - n, "type": "channel", "title": f"Channel {n}"} for n in range(4)
        ]

    def _group(self, n: int) -> Chat:
        crowd = self.random.sample(self.people, 30)
        title = f"Readers {n}" if n % 5 else self._odd()[:100] or "?"
        if n % 6 == 5:
            return self.server.basic_group(title, admins=crowd[:2], members=crowd, bot=None)
        return self.server.group(title, admins=crowd[:2], members=crowd, forum=n % 3 == 0, bot=None)

    def found(self) -> None:
        """The bot is brought into every group."""
        for n, group in enumerate(self.groups):
            rights = ["can_manage_topics", "can_pin_messages"][: n % 3]
            self.server.add_bot(group, self.organiser(group), rights)

    # One thing happens

    def happen(self) -> list[Json]:
        """One thing happens, real or invented; the updates it made, as they wait for the bot."""
        updates = self.server.updates
        before = updates.last_id
        if self.random.random() < 0.25:
            self._pick(self._REAL)()
        else:
            self.send(self.invented())
        return [update for update in updates.pending if update["update_id"] > before]

    def send(self, update: Json) -> None:
        """Let the bot have an update; whoever pressed a button waits for the answer."""
        press = update.get("callback_query")
        if isinstance(press, dict) and isinstance(press.get("id"), str):
            self.server.api.open_queries[press["id"]] = lambda _: None
        # What cannot stand in JSON never comes.
        self.server.updates.add_raw(json.loads(json.dumps(update)))

    def invented(self) -> Json:
        """An update of any kind, whole or broken."""
        often = ("message", "callback_query", "poll_answer", "my_chat_member")
        kind = self.random.choice(often if self.random.random() < 0.7 else list(self._KINDS))
        update: Json = {kind: self._KINDS[kind](self)}
        return self._broken(update) if self.random.random() < 0.4 else update

    # Real talk

    def _talk(self) -> None:
        chat, who = self._somewhere()
        topics = list(chat.topics.values())
        thread = self.random.choice(topics) if topics and self.random.random() < 0.3 else None
        self.server.say(chat, who, self._typed(), thread=thread)

    def _press_real(self) -> None:
        chat, who = self._somewhere()
        offering = [m for m in self._newest(chat) if m.buttons and not m.deleted]
        if offering:
            message = self.random.choice(offering)
            labels = [label for label in message.buttons if "callback_data" in message.button(label)]
            if labels:
                self.server.press(message, who, self.random.choice(labels))

    def _vote_real(self) -> None:
        chat, who = self._somewhere()
        polls = [(m, m.poll) for m in self._newest(chat) if m.poll and not m.poll.closed]
        if polls:
            message, poll = self.random.choice(polls)
            if poll.allows_revoting or who.id not in poll.votes:
                self.server.vote(message, who, [self.random.randrange(len(poll.options))])

    def _come_or_go(self) -> None:
        group = self.random.choice(self.groups)
        owner, who = self.organiser(group), self.random.choice(self.people)
        place = group.member(self.server.bot)
        if not place.present:
            self.server.add_bot(group, owner, ["can_manage_topics"] if group.forum else [])
            return
        match self.random.randrange(8):
            case 0:
                self.server.remove_bot(group, owner)
            case 1:
                self.server.promote(group, owner, self.random.sample(ADMIN_RIGHTS, 3))
            case 2:
                self.server.demote(group, owner)
            case 3:
                self.server.restrict(group, owner, self.random.sample(MEMBER_RIGHTS, 8))
            case 4 if group.type == "group" and not group.migrated_to:
                self.groups[self.groups.index(group)] = self.server.upgrade(group, owner)
            case 5:
                self.server.block(who)
                self.server.unblock(who)
            case _ if group.member(who).status == "member":
                self.server.leave(group, who)
            case _ if not group.member(who).present:
                self.server.join(group, who)

    def _edit_real(self) -> None:
        chat, _ = self._somewhere()
        said = [m for m in self._newest(chat) if m.sender and not m.sender.is_bot and m.text]
        if said:
            self.server.edit(self.random.choice(said), self._typed())

    _REAL = (_talk, _talk, _talk, _press_real, _press_real, _vote_real, _come_or_go, _edit_real)

    def _pick(self, acts: Sequence[Callable[[Town], None]]) -> Callable[[], None]:
        act = self.random.choice(acts)
        return lambda: act(self)

    def _somewhere(self) -> tuple[Chat, User]:
        if self.random.random() < 0.3:
            who = self.random.choice(self.people)
            return self.server.private(who), who
        group = self.random.choice(self.groups)
        present = [m.user for m in group.members.values() if m.present and m.user is not self.server.bot]
        return group, self.random.choice(present)

    def organiser(self, group: Chat) -> User:
        """Who owns a group."""
        return next(m.user for m in group.members.values() if m.admin and m.user is not self.server.bot)

    def _newest(self, chat: Chat) -> list[Message]:
        return list(chat.messages.values())[-LAST_SEEN:]

    # Words

    def _odd(self) -> str:
        one, other = self.random.choices(ODD, k=2)
        return one if self.random.random() < 0.7 else one + other

    def _line(self) -> str:
        """Something said: mostly one of our commands in some spelling."""
        match self.random.randrange(8):
            case 0:
                return self._odd()
            case 1:
                return f"/start{self.random.choice(' @')}{self._odd()}"
            case 2:
                return f"/start {self._parameter()}"
        command = self.random.choice(COMMANDS)
        words = [f"/{command.path}", *(self._value(option.kind) for option in command.options)]
        kept = words if self.random.random() < 0.7 else words[: self.random.randrange(1, len(words) + 1)]
        return self._respelled(" ".join(kept), command)

    def _typed(self) -> str:
        """A line as Telegram's own apps would let it through."""
        return self._line().encode(errors="replace").decode()[:4096] or "?"

    def _value(self, kind: Kind) -> str:
        if self.random.random() < 0.15:
            return self._odd()
        return self.random.choice(
            [*CHOICES.get(kind, ()), *VALUES.get(kind, ()), str(self.random.randrange(30))]
        )

    def _respelled(self, line: str, command: Command) -> str:
        username = self.server.bot.username or ""
        match self.random.randrange(16):
            case 0:
                return line.upper()
            case 1:
                return line.replace(" ", "\u3000")
            case 2:
                return line.replace("/", "／", 1)
            case 3:
                return line.replace(" ", "_", 1)
            case 4:
                return line.replace(" ", "\n", 1)
            case 5:
                return line.replace(command.group, f"{command.group}@other_bot", 1)
            case 6:
                return line.replace(command.group, command.group[1:] + command.group[0], 1)
            case 7:
                return f"{line} {self._odd()}"
            case 8:
                return f"  {line}"
            case 9 | 10 | 11:
                return line.replace(command.group, f"{command.group}@{username}", 1)
        return line

    def _token(self) -> str:
        """A button's data: ours, nearly ours, or anybody's."""
        if self.random.random() < 0.15:
            return self._odd()
        verb = self.random.choice(list(Verb))
        args = [self._argument(name) for name in BUTTON_OPTIONS.get(verb, ("page", "page"))]
        post = self.random.randrange(1, 400) if self.random.random() < 0.3 else None
        token = action(verb, *args, post=post).token
        if self.random.random() < 0.3:
            place = self.random.randrange(len(token))
            token = (
                token[:place]
                + self.random.choice(["", ":", "@", "9", "中", "x" * 70, "-"])
                + token[place + 1 :]
            )
        return token

    def _argument(self, name: str) -> str:
        if name == "paper":
            return self.random.choice(PAPER_IDS)
        if name == "level":
            return self.random.choice(CHOICES[Kind.LEVEL])
        if name == "term":
            return self.random.choice(VALUES[Kind.TERM])
        if name in ("round", "number", "choice", "post", "page"):
            return str(self.random.choice([0, 1, 2, 3, self.random.randrange(300), 10**14]))
        return self.random.choice(["", "0", "1", *SETTINGS, *self.random.choice(list(CHOICES.values()))])

    def _parameter(self) -> str:
        parameter = to_parameter(self._token().encode(errors="replace").decode())
        cut = self.random.randrange(len(parameter) + 1)
        return self.random.choice(
            [parameter, parameter[:cut], "club_1", "1", "XFF", "A" * 64, "X" * 99, "p1_join"]
        )

    # Things

    def _anybody(self) -> Json:
        return self.random.choice(self.people).to_json()

    def _chat(self) -> Json:
        match self.random.randrange(10):
            case 0:
                return dict(self.random.choice(self.channels))
            case 1:
                return {
                    "id": -1_008_800_000_000 - self.random.randrange(9),
                    "type": "supergroup",
                    "title": "Foreign",
                }
            case 2 | 3 | 4:
                return self.server.private(self.random.choice(self.people)).to_json()
        return self.random.choice(self.groups).to_json()

    def _message(self) -> Json:
        message: Json = {
            "message_id": next(self._ids),
            "date": self.server.world.time,
            "chat": self._chat(),
            "from": self._anybody(),
        }
        if message["chat"]["type"] == "private":
            message["from"] = {**message["from"], "id": message["chat"]["id"]}
        self.random.choice(self._CONTENT)(self, message)
        match self.random.randrange(12):
            case 0:
                message |= {"sender_chat": message["chat"], "from": self._fake(ANONYMOUS_ADMIN_ID)}
            case 1:
                message |= {"sender_chat": self.channels[0], "from": self._fake(CHANNEL_BOT)}
            case 2:
                message |= {
                    "sender_chat": self.channels[1],
                    "from": self._fake(TELEGRAM_ITSELF),
                    "is_automatic_forward": True,
                }
            case 3 if message["chat"].get("is_forum"):
                thread = self.random.choice([1, 2, 77, 2**31 - 1])
                message |= {"is_topic_message": True, "message_thread_id": thread}
            case 4:
                message["reply_to_message"] = self._reply(self.random.choice([1, 2, 60]))
            case 5:
                message |= {
                    "via_bot": self._fake(5),
                    "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"},
                    "quote": {"text": "q", "position": 0},
                    "edit_date": 5,
                    "media_group_id": "1",
                    "has_protected_content": True,
                    "author_signature": "?",
                }
            case 6:
                message.pop("from")
        return message

    def _fake(self, user_id: int) -> Json:
        return {"id": user_id, "is_bot": True, "first_name": "Group", "username": "somebot"}

    def _reply(self, depth: int) -> Json:
        reply: Json = {"message_id": 1, "date": 1, "chat": self.groups[0].to_json(), "text": "/paper"}
        for n in range(depth):
            reply = {**reply, "message_id": n, "reply_to_message": reply}
        return reply

    def _say(self, message: Json) -> None:
        message["text"] = text = self._line()
        if self.random.random() < 0.7:
            message["entities"] = [
                {"type": "bot_command", "offset": 0, "length": len(text.split(" ")[0])},
                {
                    "type": "text_mention",
                    "offset": self.random.choice([0, 3, 9999]),
                    "length": 4,
                    "user": self._anybody(),
                },
            ]
        if self.random.random() < 0.05:
            message["entities"] = [
                {
                    "type": self.random.choice(["text_mention", "bold", "pre", "newer_than_the_library"]),
                    "offset": self.random.choice([0, n, 2**31 - 1]),
                    "length": self.random.choice([0, 1, 10**6]),
                }
                for n in range(3000)
            ]

    def _show(self, message: Json) -> None:
        kind = self.random.choice(list(MEDIA))
        message |= {kind: MEDIA[kind], "caption": self._line(), "caption_entities": []}

    def _tell(self, message: Json) -> None:
        kind = self.random.choice(list(SERVICE))
        message[kind] = SERVICE[kind]

    def _tell_of_people(self, message: Json) -> None:
        who = [self._anybody(), self.server.bot.to_json()][: self.random.randrange(3)]
        if self.random.random() < 0.5:
            message["new_chat_members"] = who
        else:
            message["left_chat_member"] = self._anybody()

    def _tell_of_a_move(self, message: Json) -> None:
        """Only a chat nobody knows moves: a forged move would take a real one away."""
        message["chat"] = {"id": -self.random.randrange(1, 99), "type": "group", "title": "Moving"}
        way = self.random.choice(["migrate_to_chat_id", "migrate_from_chat_id"])
        message[way] = -1_007_700_000_000 - self.random.randrange(99)

    def _pin(self, message: Json) -> None:
        message["pinned_message"] = self.random.choice(
            [self._reply(0), {"message_id": 5, "date": 0, "chat": message["chat"]}]
        )

    def _show_poll(self, message: Json) -> None:
        message["poll"] = self._poll()

    _CONTENT = (
        _say,
        _say,
        _say,
        _say,
        _say,
        _show,
        _tell,
        _tell_of_people,
        _tell_of_a_move,
        _pin,
        _show_poll,
    )

    def _poll(self) -> Json:
        options = [
            {"persistent_id": str(n), "text": self._odd(), "voter_count": n}
            for n in range(self.random.randrange(13))
        ]
        return {
            "id": self.random.choice(["1", "5330001002003004005", "x"]),
            "question": self._odd(),
            "options": options,
            "total_voter_count": 3,
            "is_closed": self.random.random() < 0.5,
            "is_anonymous": self.random.random() < 0.5,
            "type": self.random.choice(["quiz", "regular", "newer"]),
            "allows_multiple_answers": True,
            "allows_revoting": False,
            "members_only": False,
        }

    def _poll_answer(self) -> Json:
        ours = [poll_id for poll_id in self.server.world.polls if self.random.random() < 0.01]
        answer: Json = {
            "poll_id": self.random.choice(["1", "x", "", "9" * 30, *ours[:2]]),
            "option_ids": self.random.choice([[], [0], [1], [2, 0], [99], [-1], list(range(200)), [2**40]]),
            "option_persistent_ids": [],
        }
        if self.random.random() < 0.8:
            answer["user"] = self._anybody()
        else:
            answer["voter_chat"] = self._chat()
        return answer

    def _callback_query(self) -> Json:
        query: Json = {
            "id": f"{INVENTED}{next(self._queries):016}",
            "from": self._anybody(),
            "chat_instance": "123",
            "data": self._token(),
        }
        match self.random.randrange(8):
            case 0:
                query["inline_message_id"] = "BAAAAAAA"
            case 1:
                query["message"] = {"chat": self._chat(), "message_id": next(self._ids), "date": 0}
            case 2:
                query["message"] = self._message()
            case 3:
                query |= {"game_short_name": "chess"}
                query.pop("data")
            case _:
                group = self.random.choice(self.groups)
                ours = [m for m in self._newest(group) if m.sender is self.server.bot]
                query["message"] = self.random.choice(ours).to_json() if ours else self._message()
        return query

    def _member(self, who: Json) -> Json:
        status = self.random.choice(
            ["creator", "administrator", "member", "restricted", "restricted", "left", "kicked", "newer"]
        )
        flip = self.random.random() < 0.5
        shape: Json = {"user": who, "status": status}
        match status:
            case "creator":
                shape |= {"is_anonymous": flip, "custom_title": self._odd()}
            case "administrator":
                shape |= {"can_be_edited": flip, "is_anonymous": flip}
                shape |= {right: self.random.random() < 0.5 for right in ADMIN_RIGHTS}
            case "restricted":
                shape |= {"is_member": flip, "until_date": self.random.choice([0, 2_000_000_000])}
                shape |= {right: self.random.random() < 0.5 for right in MEMBER_RIGHTS}
            case "kicked":
                shape |= {"until_date": 0}
        return shape

    def _change(self, who: Json) -> Json:
        return {
            "chat": self._chat(),
            "from": self._anybody(),
            "date": self.server.world.time,
            "old_chat_member": self._member(who),
            "new_chat_member": self._member(who),
        }

    def _my_chat_member(self) -> Json:
        return self._change(self.server.bot.to_json())

    def _chat_member(self) -> Json:
        return self._change(self._anybody())

    def _channel_post(self) -> Json:
        message = self._message()
        message.pop("from", None)
        return message | {"chat": self.random.choice(self.channels), "sender_chat": self.channels[0]}

    def _edited(self) -> Json:
        return self._message() | {"edit_date": self.server.world.time}

    def _inline_query(self) -> Json:
        return {
            "id": f"88{next(self._queries):016}",
            "from": self._anybody(),
            "query": self.random.choice(["", "dropout", "3", self._odd()]),
            "offset": self.random.choice(["", "50", "x", "-1"]),
            "chat_type": self.random.choice(["sender", "group", "channel"]),
        }

    def _chosen_inline_result(self) -> Json:
        return {"result_id": "1", "from": self._anybody(), "query": self._odd()}

    def _reaction(self) -> Json:
        return {
            "chat": self._chat(),
            "message_id": 5,
            "user": self._anybody(),
            "date": 1,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}, {"type": "newer"}],
        }

    def _join_request(self) -> Json:
        return {
            "chat": self._chat(),
            "from": self._anybody(),
            "user_chat_id": 5,
            "date": 1,
            "bio": self._odd(),
        }

    def _unknown(self) -> Json:
        return {"id": "1", "what": self.random.choice(JUNK)}

    _KINDS: Mapping[str, Callable[[Town], Json]] = {
        **dict.fromkeys(UPDATE_TYPES, _unknown),
        "message": _message,
        "edited_message": _edited,
        "channel_post": _channel_post,
        "edited_channel_post": _channel_post,
        "business_message": _message,
        "inline_query": _inline_query,
        "chosen_inline_result": _chosen_inline_result,
        "callback_query": _callback_query,
        "poll": _poll,
        "poll_answer": _poll_answer,
        "my_chat_member": _my_chat_member,
        "chat_member": _chat_member,
        "message_reaction": _reaction,
        "chat_join_request": _join_request,
        "newer_than_the_library": _unknown,
    }

    # Breaking things

    def _broken(self, update: Json) -> Json:
        """The update with one to three of its parts missing, of another kind, or too many."""
        update = copy.deepcopy(update)
        if "callback_query" in update:
            update["callback_query"]["id"] = f"{BROKEN}{next(self._queries):016}"
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            holder, key = self.random.choice(list(places(update)))
            match self.random.randrange(6):
                case 0:
                    del holder[key]
                case 1:
                    holder[key] = [holder[key]]
                case 2:
                    holder[key] = str(holder[key])[:4096]
                case 3:
                    for _ in range(50):
                        holder[key] = {"message": holder[key], "extra": 1}
                case _:
                    holder[key] = copy.deepcopy(self.random.choice(JUNK))
            if not update:
                break
        return update


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value, as what holds it and its key, the outermost first."""
    keys: Any = (
        value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in list(keys)[:200]:
        yield value, key
    for key in list(keys)[:200]:
        yield from places(value[key])
