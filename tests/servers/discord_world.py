"""The pretend Discord's memory: people, servers, channels, messages, interactions, and each one's JSON.

Nothing here judges a request; it only keeps what happened and tells the gateway (`World.emit`) about it.
"""

import asyncio
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from typing import Any, Final

from tests.servers.discord_checks import EPHEMERAL, MODERN_COMPONENTS, SILENT, TEXT, Json

DISCORD_EPOCH: Final = 1_420_070_400
HAS_THREAD: Final = 1 << 5
PINNED: Final = 1 << 1
REQUIRE_TAG: Final = 1 << 4
LOADING: Final = 1 << 7


class Permission(IntFlag):
    """What a role or an overwrite may grant (the bits this server knows)."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    CREATE_EVENTS = 1 << 44
    PIN_MESSAGES = 1 << 51


NO_PERMISSIONS: Final = Permission(0)
EVERY_PERMISSION: Final = Permission(sum(Permission))
BOT_PERMISSIONS: Final = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
MEMBER_PERMISSIONS: Final = BOT_PERMISSIONS | Permission.ADD_REACTIONS | Permission.USE_APPLICATION_COMMANDS


class ChannelType(IntEnum):
    """The kinds of channel this server has."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREAD_TYPES: Final = frozenset(
    {ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}
)


class Intent(IntFlag):
    """The gateway intents that decide which events a session hears."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED: Final = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


def iso(seconds: float | None) -> str | None:
    """Seconds since 1970 as Discord writes a time."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(eq=False)
class User:
    """A person, or the bot. `dms_open` is false for one who lets no bot write to them; `brings_bot` is true
    for one who has installed it for themselves, and so may use it wherever they are."""

    id: int
    name: str
    locale: str = "en-US"
    bot: bool = False
    dms_open: bool = True
    brings_bot: bool = False

    @property
    def mention(self) -> str:
        """The text that mentions this user."""
        return f"<@{self.id}>"

    def json(self) -> Json:
        """The user object."""
        return {
            "id": str(self.id),
            "username": "".join(letter for letter in self.name.lower() if letter.isalnum()) or "someone",
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }


@dataclass(eq=False)
class Role:
    """A named set of permissions in a server. A higher `position` stands above; a `managed` one belongs to an
    integration; people of one that is not `mentionable` are notified only by who may mention everyone."""

    id: int
    name: str
    permissions: Permission
    position: int = 0
    managed: bool = False
    mentionable: bool = False

    def json(self) -> Json:
        """The role object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "position": self.position,
            "flags": 0,
        }


@dataclass(eq=False)
class Guild:
    """A Discord server. The bot hears of it, and may act in it, only while `has_bot`."""

    world: "World" = field(repr=False)
    id: int
    name: str
    locale: str
    owner: User
    has_bot: bool = True
    joined_at: float = 0.0
    roles: dict[int, Role] = field(default_factory=dict, repr=False)
    members: dict[int, set[int]] = field(default_factory=dict, repr=False)
    channels: dict[int, "Channel"] = field(default_factory=dict, repr=False)
    events: dict[int, "Event"] = field(default_factory=dict, repr=False)
    most_active_threads: int = 1000

    def member(self, person: "str | User", *, locale: str = "en-US", **permissions: bool) -> User:
        """Somebody joins, by name or as a known user; `manage_guild=True` and the like grant more."""
        user = self.world.user(person, locale=locale) if isinstance(person, str) else person
        granted = Permission(sum(Permission[name.upper()] for name, given in permissions.items() if given))
        self.members[user.id] = {
            self.role("Readers", MEMBER_PERMISSIONS).id,
            *([self.role(f"{user.name} {user.id}", granted).id] if granted else []),
        }
        return user

    def role(self, name: str, permissions: Permission = NO_PERMISSIONS) -> Role:
        """The role of this name, made if there is none."""
        for role in self.roles.values():
            if role.name == name:
                return role
        # Each stands below those before it, the bot's own on top of all; the highest is a server's 250th.
        role = Role(self.world.new_id(), name, permissions, position=max(1, 250 - len(self.roles)))
        self.roles[role.id] = role
        self._tell_of_role("GUILD_ROLE_CREATE", role)
        return role

    def change_role(self, role: Role, **changed: Any) -> None:
        """An organiser changes a role: `position=251` lifts it above the bot's own."""
        for name, value in changed.items():
            setattr(role, name, value)
        self._tell_of_role("GUILD_ROLE_UPDATE", role)

    def delete_role(self, role: Role) -> None:
        """An organiser deletes a role, which everybody loses."""
        del self.roles[role.id]
        for held in self.members.values():
            held.discard(role.id)
        gone = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.world.emit("GUILD_ROLE_DELETE", gone, Intent.GUILDS, self)

    def roles_of(self, user: User) -> set[str]:
        """The names of the roles a member has."""
        return {self.roles[role_id].name for role_id in self.members[user.id]}

    def _tell_of_role(self, event: str, role: Role) -> None:
        self.world.emit(event, {"guild_id": str(self.id), "role": role.json()}, Intent.GUILDS, self)

    def channel(self, name: str, kind: ChannelType = ChannelType.TEXT) -> "Channel":
        """The channel of this name, made if there is none."""
        for channel in self.channels.values():
            if channel.name == name and channel.type == kind:
                return channel
        channel = Channel(self.world, self.world.new_id(), kind, name, guild=self)
        self.world.channels[channel.id] = self.channels[channel.id] = channel
        self.world.emit("CHANNEL_CREATE", channel.json(), Intent.GUILDS, self)
        return channel

    def forum(self, name: str, tags: Iterable[str] = (), *, requires_tag: bool = False) -> "Channel":
        """The forum of this name, made if there is none, with these tags."""
        forum = self.channel(name, ChannelType.FORUM)
        forum.tags = [Tag(self.world.new_id(), tag) for tag in tags]
        forum.flags = REQUIRE_TAG if requires_tag else 0
        self.world.emit("CHANNEL_UPDATE", forum.json(), Intent.GUILDS, self)
        return forum

    @property
    def active_threads(self) -> list["Channel"]:
        """The threads that are not archived."""
        return [
            channel
            for channel in self.channels.values()
            if channel.is_thread and not channel.archived and not channel.deleted
        ]

    def remove_bot(self) -> None:
        """Somebody kicks the bot."""
        self.world.emit("GUILD_DELETE", {"id": str(self.id)}, Intent.GUILDS, self)
        self.has_bot = False
        del self.members[self.world.bot.id]

    def grant(self, name: str, permissions: Permission) -> None:
        """An organiser changes what a role of this name may do."""
        role = self.role(name)
        self.change_role(role, permissions=permissions)

    def permissions_of(self, user: User, channel: "Channel | None" = None) -> Permission:
        """What a member may do, in the server or in one of its channels."""
        if user.id not in self.members:
            return Permission(0)
        if user is self.owner:
            return EVERY_PERMISSION
        held = {self.id, *self.members[user.id]}
        granted = Permission(0)
        for role_id in held:
            granted |= self.roles[role_id].permissions
        if granted & Permission.ADMINISTRATOR:
            return EVERY_PERMISSION
        if channel is None:
            return granted
        overwrites = (channel.parent or channel).overwrites
        for allow, deny in (
            overwrites[target] for target in (self.id, *held, user.id) if target in overwrites
        ):
            granted = granted & ~deny | allow
        return granted if granted & Permission.VIEW_CHANNEL else Permission(0)

    def member_json(self, user: User, channel: "Channel | None" = None) -> Json:
        """The member object; with a channel, as interactions carry it."""
        shown: Json = {
            "user": user.json(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "communication_disabled_until": None,
            "roles": [str(role) for role in self.members.get(user.id, ())],
            "joined_at": iso(self.joined_at),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }
        if channel is not None:
            shown["permissions"] = str(int(self.permissions_of(user, channel)))
        return shown

    def json(self) -> Json:
        """The guild object as GUILD_CREATE carries it to a bot without the members intent."""
        bot = self.world.bot
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "owner_id": str(self.owner.id),
            "preferred_locale": self.locale,
            "roles": [role.json() for role in self.roles.values()],
            "channels": [
                channel.json()
                for channel in self.channels.values()
                if not channel.is_thread and not channel.deleted
            ],
            "threads": [
                channel.json()
                for channel in self.channels.values()
                if channel.is_thread
                and not channel.archived
                and not channel.deleted
                and channel.may(bot, Permission.VIEW_CHANNEL)
            ],
            "members": [self.member_json(bot)] if self.has_bot else [],
            "member_count": len(self.members),
            "joined_at": iso(self.joined_at),
            "emojis": [],
            "stickers": [],
            "features": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "verification_level": 1,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "large": False,
            "unavailable": False,
        }


@dataclass(eq=False)
class Channel:
    """A text channel, forum, thread or direct conversation, with everything ever written in it. Users who
    talk with each other, in twos or in a group, are `party`; the bot has no part in that."""

    world: "World" = field(repr=False)
    id: int
    type: ChannelType
    name: str
    guild: Guild | None = field(default=None, repr=False)
    parent: "Channel | None" = field(default=None, repr=False)
    recipient: User | None = None
    party: tuple[User, ...] = ()
    owner: User | None = None
    archived: bool = False
    locked: bool = False
    archive_minutes: int = 4320
    changed_at: float = 0.0
    deleted: bool = False
    flags: int = 0
    tags: list["Tag"] = field(default_factory=list)
    """In a forum, those it has; in a thread of a forum, those it bears."""
    overwrites: dict[int, tuple[Permission, Permission]] = field(default_factory=dict)
    written: dict[int, "Message"] = field(default_factory=dict, repr=False)

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.type in THREAD_TYPES

    @property
    def has_bot(self) -> bool:
        """Whether the bot has a part in this channel: it may be used in others, but never acts in them."""
        return self.guild.has_bot if self.guild else not self.party

    def holds(self, user: User) -> bool:
        """Whether a user has a part in this channel."""
        if self.guild:
            return user.id in self.guild.members
        return user is self.recipient or user in self.party

    @property
    def messages(self) -> list["Message"]:
        """What everybody here can see, in order."""
        return [message for message in self.written.values() if not message.deleted and not message.ephemeral]

    @property
    def pinned(self) -> bool:
        """Whether this thread is kept above the others of its forum."""
        return bool(self.is_thread and self.flags & PINNED)

    @property
    def pins(self) -> list["Message"]:
        """The messages pinned here."""
        return [message for message in self.messages if message.pinned]

    @property
    def threads(self) -> list["Channel"]:
        """The threads under this channel, oldest first."""
        inside = self.guild.channels.values() if self.guild else ()
        return [channel for channel in inside if channel.parent is self and not channel.deleted]

    def forbid(self, *permissions: Permission) -> None:
        """An organiser denies the bot something here."""
        self._overwrite(Permission(0), Permission(sum(permissions)))

    def allow(self, *permissions: Permission) -> None:
        """An organiser grants the bot something here."""
        self._overwrite(Permission(sum(permissions)), Permission(0))

    def _overwrite(self, allow: Permission, deny: Permission) -> None:
        bot = self.world.bot.id
        allowed, denied = self.overwrites.get(bot, (Permission(0), Permission(0)))
        self.overwrites[bot] = (allowed & ~deny | allow, denied & ~allow | deny)
        self.world.emit("CHANNEL_UPDATE", self.json(), Intent.GUILDS, self.guild)

    def delete(self) -> None:
        """An organiser deletes the channel, or the thread."""
        self.deleted = True
        event = "THREAD_DELETE" if self.is_thread else "CHANNEL_DELETE"
        self.world.emit(event, self.json(), Intent.GUILDS, self.guild)

    def may(self, user: User, permission: Permission) -> bool:
        """Whether a user may do something here; in a direct conversation, both may do anything they can."""
        if self.guild is None:
            return self.holds(user) or (user.bot and not self.party)
        return self.guild.permissions_of(user, self) & permission == permission

    def json(self) -> Json:
        """The channel object."""
        last = next(reversed(self.written), None)
        shown: Json = {
            "id": str(self.id),
            "type": int(self.type),
            "flags": self.flags,
            "last_message_id": last and str(last),
        }
        if self.recipient:
            return {**shown, "recipients": [self.recipient.json()]}
        if self.party:
            return shown
        assert self.guild
        shown |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0, "nsfw": False}
        if self.type == ChannelType.VOICE:
            shown |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
        if self.parent is None:
            return {
                **shown,
                "parent_id": None,
                "position": 0,
                "topic": None,
                "available_tags": [tag.json() for tag in self.tags],
                "permission_overwrites": [
                    {"id": str(target), "type": 1, "allow": str(int(allow)), "deny": str(int(deny))}
                    for target, (allow, deny) in self.overwrites.items()
                ],
            }
        return {
            **shown,
            "parent_id": str(self.parent.id),
            "owner_id": str(self.owner.id if self.owner else self.guild.owner.id),
            "message_count": len(self.messages),
            "member_count": 1,
            "total_message_sent": len(self.written),
            "applied_tags": [str(tag.id) for tag in self.tags],
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.archive_minutes,
                "archive_timestamp": iso(self.changed_at),
                "create_timestamp": iso(self.changed_at),
            },
        }


@dataclass(frozen=True)
class Tag:
    """A mark that the posts of a forum bear. One that is `moderated` is given by moderators alone."""

    id: int
    name: str
    moderated: bool = False

    def json(self) -> Json:
        """The tag object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "moderated": self.moderated,
            "emoji_id": None,
            "emoji_name": None,
        }


@dataclass(eq=False)
class Event:
    """An entry of a server's calendar, held somewhere outside of it. Times are as Discord writes them."""

    guild: Guild = field(repr=False)
    id: int
    creator: User
    name: str
    description: str | None
    location: str
    starts_at: str
    ends_at: str
    status: int = 1

    def json(self) -> Json:
        """The scheduled event object."""
        return {
            "id": str(self.id),
            "guild_id": str(self.guild.id),
            "channel_id": None,
            "creator_id": str(self.creator.id),
            "name": self.name,
            "description": self.description,
            "image": None,
            "scheduled_start_time": self.starts_at,
            "scheduled_end_time": self.ends_at,
            "privacy_level": 2,
            "status": self.status,
            "entity_type": 3,
            "entity_id": None,
            "entity_metadata": {"location": self.location},
            "recurrence_rule": None,
        }


@dataclass(frozen=True)
class Button:
    """A button as a member sees it."""

    label: str
    custom_id: str | None
    url: str | None
    disabled: bool


@dataclass(frozen=True)
class Attachment:
    """A file a message carries, with its bytes."""

    id: int
    name: str
    content: bytes
    content_type: str
    description: str | None

    def json(self) -> Json:
        """The attachment object."""
        address = f"https://cdn.invalid/{self.id}/{self.name}"
        return {
            "id": str(self.id),
            "filename": self.name,
            "size": len(self.content),
            "url": address,
            "proxy_url": address,
            "content_type": self.content_type,
            "description": self.description,
        }


@dataclass(eq=False)
class Message:
    """One message as it stands now. `ephemeral_to` is the only member who sees it, if it is private."""

    id: int
    channel: Channel = field(repr=False)
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    written_at: float = 0.0
    edited_at: float | None = None
    edits: int = 0
    reply_to: "Message | None" = field(default=None, repr=False)
    thread: Channel | None = field(default=None, repr=False)
    interaction: "Interaction | None" = field(default=None, repr=False)
    ephemeral_to: User | None = None
    allowed_mentions: Json | None = None
    pinned: bool = False
    deleted: bool = False
    reactions: set[str] = field(default_factory=set)

    @property
    def ephemeral(self) -> bool:
        """Whether only one member sees it."""
        return self.ephemeral_to is not None

    @property
    def loading(self) -> bool:
        """Whether it still shows "thinking…"."""
        return bool(self.flags & LOADING)

    @property
    def buttons(self) -> list[Button]:
        """Every button, in reading order."""
        return [
            Button(
                part.get("label") or "", part.get("custom_id"), part.get("url"), bool(part.get("disabled"))
            )
            for part in walk(self.components)
            if part["type"] == 2
        ]

    @property
    def text(self) -> str:
        """All words a reader sees, in reading order: content, embeds, modern text."""
        lines: list[str | None] = [self.content]
        for embed in self.embeds:
            lines += [embed.get("title"), embed.get("description")]
            lines += [f"{item['name']}\n{item['value']}" for item in embed.get("fields") or []]
            lines.append((embed.get("footer") or {}).get("text"))
        lines += [part["content"] for part in walk(self.components) if part["type"] == TEXT]
        return "\n".join(line for line in lines if line)

    @property
    def pings(self) -> set[str]:
        """Whom the message notifies: user ids, role ids as `&id`, and `everyone`."""
        allowed = self.allowed_mentions
        parse = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
        found: set[str] = set()
        shown = [part["content"] for part in walk(self.components) if part["type"] == TEXT]
        for word in "\n".join([self.content, *shown]).replace(">", "> ").split():
            mark = word[word.find("<") :]
            if mark.startswith("<@&") and mark.endswith(">"):
                role = mark[3:-1]
                if "roles" in parse or role in map(str, (allowed or {}).get("roles") or []):
                    found.add(f"&{role}")
            elif mark.startswith("<@") and mark.endswith(">"):
                user = mark[2:-1].lstrip("!")
                if "users" in parse or user in map(str, (allowed or {}).get("users") or []):
                    found.add(user)
            elif ("@everyone" in word or "@here" in word) and "everyone" in parse:
                found.add("everyone")
        return found

    def json(self, *, hide_content: bool = False) -> Json:
        """The message object; without content as a bot lacking that intent hears it."""
        guild = self.channel.guild
        people, pings = self.channel.world.users, self.pings
        shown: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": 20 if self.interaction and self.interaction.kind == 2 else 19 if self.reply_to else 0,
            "author": self.author.json(),
            "content": "" if hide_content else self.content,
            "embeds": [] if hide_content else [{"type": "rich", **embed} for embed in self.embeds],
            "components": [] if hide_content else copy.deepcopy(self.components),
            "attachments": [] if hide_content else [item.json() for item in self.attachments],
            "timestamp": iso(self.written_at),
            "edited_timestamp": iso(self.edited_at),
            "tts": False,
            "mention_everyone": "everyone" in pings,
            "mentions": [people[int(p)].json() for p in pings if p.isdecimal() and int(p) in people],
            "mention_roles": [ping[1:] for ping in pings if ping.startswith("&")],
            "pinned": self.pinned,
            "flags": self.flags,
        }
        if self.nonce is not None:
            shown["nonce"] = self.nonce
        if self.reply_to:
            shown["message_reference"] = {
                "type": 0,
                "message_id": str(self.reply_to.id),
                "channel_id": str(self.reply_to.channel.id),
                **({"guild_id": str(guild.id)} if guild else {}),
            }
            shown["referenced_message"] = None if self.reply_to.deleted else self.reply_to.json()
        if self.thread:
            shown["thread"] = self.thread.json()
        if self.interaction:
            shown["application_id"] = shown["webhook_id"] = str(self.author.id)
            shown["interaction_metadata"] = {
                "id": str(self.interaction.id),
                "type": self.interaction.kind,
                "user": self.interaction.user.json(),
                "authorizing_integration_owners": self.interaction.owners,
            }
        return shown


def walk(components: Iterable[Json]) -> Iterable[Json]:
    """Every component of a checked tree, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


@dataclass(eq=False)
class Interaction:
    """One slash command, press, menu choice, form or autocomplete request of a member, and its answers."""

    world: "World" = field(repr=False)
    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    data: Json
    made_at: float
    source: Message | None = None
    option_type: int = 3
    callback: int | None = None
    answered_with: Json | None = field(default=None, repr=False)
    unfilled: bool = False
    original: Message | None = field(default=None, repr=False)
    replies: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    form: Json | None = None
    dropped: bool = False

    @property
    def owners(self) -> Json:
        """Who has installed the bot that is used: the server (0 in the talk with the bot), the user, or both.
        What is done under an answer goes by whoever asked for that."""
        if self.source:
            asked = self.source.interaction
            return asked.owners if asked else {"0": str(self.channel.guild.id if self.channel.guild else 0)}
        guild, owners = self.channel.guild, {}
        if self.channel.has_bot:
            owners["0"] = str(guild.id if guild else 0)
        if self.user.brings_bot:
            owners["1"] = str(self.user.id)
        return owners

    @property
    def acknowledged(self) -> bool:
        """Whether the bot answered it at all, be it by a deferral."""
        return self.callback is not None

    async def acknowledgement(self, within: float = 10) -> int:
        """The type of the bot's callback, once it comes.

        Raises:
            AssertionError: none came in `within` real seconds.
        """
        await self.world.until(lambda: self.acknowledged, within)
        assert self.callback is not None
        return self.callback

    async def reply(self, place: int = 0, within: float = 10) -> Message:
        """The answer's message at `place`, once it stands (a deferral counts when it is filled).

        Raises:
            AssertionError: there is none after `within` real seconds.
        """
        await self.world.until(lambda: len(self.replies) > place, within)
        return self.replies[place]


Emit = Callable[[str, Json | Callable[[Intent], Json], Intent, Guild | None], None]
"""Event name; its data, or a function of a session's intents; the intent it needs; the server it is about."""


class World:
    """Everything that exists, by id.

    Args:
        clock: seconds since 1970; dates ids and judges the three-second rule.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.emit: Emit = lambda event, data, intent, guild: None
        self.story: Callable[[], str] = lambda: ""
        self.changed = asyncio.Event()
        self.made = 0
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: dict[int | None, dict[int, Json]] = {None: {}}
        self.nonces: dict[tuple[int, str], Message] = {}
        self.bot = self.user("Paperclub")
        self.bot.bot = True

    def new_id(self) -> int:
        """A fresh id that sorts and dates as Discord's do."""
        self.made += 1
        return (int((self.clock() - DISCORD_EPOCH) * 1000) << 22) + self.made

    def user(self, name: str, *, locale: str = "en-US") -> User:
        """Somebody new."""
        user = User(self.new_id(), name, locale)
        self.users[user.id] = user
        return user

    def guild(
        self,
        name: str,
        channels: Iterable[str],
        permissions: Permission,
        locale: str,
        joined: bool,
        shard: tuple[int, int] = (0, 1),
    ) -> Guild:
        """A new server with an owner, in which the bot has exactly `permissions`."""
        owner = self.user(f"{name}'s owner", locale=locale)
        guild_id, (number, shards) = self.new_id(), shard
        # Which shard hears of a server depends on the part of its id that dates it, so it is dated on.
        guild_id += (number - (guild_id >> 22)) % shards << 22
        guild = Guild(self, guild_id, name, locale, owner, has_bot=False)
        guild.roles[guild.id] = Role(guild.id, "@everyone", Permission(0))
        guild.member(owner)
        self.guilds[guild.id] = guild
        for channel in channels:
            guild.channel(channel)
        guild.role("Paperclub", permissions).managed = True
        if joined:
            self.join(guild)
        return guild

    def join(self, guild: Guild) -> None:
        """Somebody adds the bot to a server."""
        guild.has_bot = True
        guild.joined_at = self.clock()
        guild.members[self.bot.id] = {guild.role("Paperclub").id}
        # Only a server that was unavailable carries the word; without it a bot knows that it joined.
        shown = guild.json()
        del shown["unavailable"]
        self.emit("GUILD_CREATE", shown, Intent.GUILDS, guild)

    def dm(self, user: User) -> Channel:
        """The bot's direct conversation with a user."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self, self.new_id(), ChannelType.DM, "", recipient=user)
        self.channels[channel.id] = channel
        return channel

    def conversation(self, *users: User) -> Channel:
        """A new conversation of users without the bot: of two, or of a group."""
        kind = ChannelType.DM if len(users) == 2 else ChannelType.GROUP_DM
        channel = Channel(self, self.new_id(), kind, "", party=users)
        self.channels[channel.id] = channel
        return channel

    def shares_a_guild(self, user: User) -> bool:
        """Whether the bot may meet this user: in any server, or as one who has installed it."""
        return user.brings_bot or any(
            guild.has_bot and user.id in guild.members for guild in self.guilds.values()
        )

    def write(self, message: Message) -> Message:
        """A new message stands in its channel; an archived thread opens again."""
        channel = message.channel
        channel.written[message.id] = message
        if channel.archived and not message.ephemeral:
            channel.archived = False
            self.emit("THREAD_UPDATE", channel.json(), Intent.GUILDS, channel.guild)
        self.announce("MESSAGE_CREATE", message)
        return message

    def announce(self, event: str, message: Message) -> None:
        """Tell sessions of a message; what is private to a member is told to nobody."""
        if message.ephemeral or not message.channel.has_bot:
            return
        guild = message.channel.guild
        public = guild is None or message.author is self.bot or str(self.bot.id) in message.pings

        def render(intents: Intent) -> Json:
            shown = message.json(hide_content=not public and Intent.MESSAGE_CONTENT not in intents)
            if guild is None:
                return {**shown, "channel_type": int(ChannelType.DM)}
            member = guild.member_json(message.author)
            del member["user"]
            return {**shown, "guild_id": str(guild.id), "member": member}

        self.emit(event, render, Intent.GUILD_MESSAGES if guild else Intent.DIRECT_MESSAGES, guild)

    def open_thread(
        self, parent: Channel, name: str, owner: User, minutes: int | None, starter: Message | None
    ) -> Channel:
        """A new thread under a channel, from one of its messages or alone."""
        thread = Channel(
            self,
            starter.id if starter else self.new_id(),
            ChannelType.ANNOUNCEMENT_THREAD
            if parent.type == ChannelType.ANNOUNCEMENT
            else ChannelType.PUBLIC_THREAD,
            name,
            guild=parent.guild,
            parent=parent,
            owner=owner,
            archive_minutes=minutes or 4320,
            changed_at=self.clock(),
        )
        assert parent.guild
        self.channels[thread.id] = parent.guild.channels[thread.id] = thread
        if starter:
            starter.thread = thread
            starter.flags |= HAS_THREAD
        self.emit("THREAD_CREATE", {**thread.json(), "newly_created": True}, Intent.GUILDS, parent.guild)
        if starter:
            self.announce("MESSAGE_UPDATE", starter)
        return thread

    def wake(self) -> None:
        """Let every `until` look again."""
        self.changed.set()
        self.changed.clear()

    async def until(self, predicate: Callable[[], Any], within: float = 10) -> None:
        """Wait until something is so; looks again after every call and event, never by the clock.

        Raises:
            AssertionError: it is not so after `within` real seconds.
        """
        try:
            async with asyncio.timeout(within):
                while not predicate():
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"did not happen in {within} s\n{self.story()}") from None

    def message_from(
        self, channel: Channel, author: User, body: Json, files: list[Attachment], **more: Any
    ) -> Message:
        """A message built from a checked body, not yet written."""
        now = self.clock()
        message = Message(self.new_id(), channel, author, written_at=now, **more)
        self.fill(message, body, files)
        return message

    def fill(self, message: Message, body: Json, files: list[Attachment]) -> None:
        """Put a checked body's fields into a message; what the body leaves out stays."""
        if "content" in body:
            message.content = str(body["content"] or "").strip()
        if "embeds" in body:
            message.embeds = body["embeds"] or []
        if "components" in body:
            message.components = numbered(body["components"] or [])
        if body.get("allowed_mentions") is not None:
            message.allowed_mentions = body["allowed_mentions"]
        if "attachments" in body:
            kept = {str(item["id"]) for item in body["attachments"] or []}
            message.attachments = [item for item in message.attachments if str(item.id) in kept]
        message.attachments += files
        standing = message.flags & ~LOADING
        if "flags" in body:
            # An edit sets the flags anew, but for those that nothing takes away.
            standing &= EPHEMERAL | HAS_THREAD | SILENT | MODERN_COMPONENTS
        message.flags = standing | ((body.get("flags") or 0) & ~EPHEMERAL)

    def edit(self, message: Message, body: Json, files: list[Attachment]) -> None:
        """Change a message that stands, and tell of it."""
        self.fill(message, body, files)
        message.edits += 1
        message.edited_at = self.clock()
        self.announce("MESSAGE_UPDATE", message)


def numbered(components: list[Json]) -> list[Json]:
    """A copy of a tree of components in which each has the numeric id Discord gives it."""
    tree = copy.deepcopy(components)
    for number, component in enumerate(walk(tree), start=1):
        component.setdefault("id", number)
    return tree


def is_modern(message: Message) -> bool:
    """Whether a message is laid out with components of the second version."""
    return bool(message.flags & MODERN_COMPONENTS)
