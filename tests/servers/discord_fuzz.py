"""Interactions as everybody sends them and as nobody does, made from a seed, for feeding a bot.

A town of a hundred people in a dozen servers goes about its day: some of what happens is done with Discord's
own app on the strict server, the rest is invented, part of it in places and by people of which the bot knows
nothing. What is left out on purpose, because discord.py stops at it and the real Discord sends no such thing:
interactions without `token`, `version`, `application_id` or `attachment_size_limit`, components without
`custom_id` or `component_type`, modals without `components`, channels without the fields of their kind, and
halves of surrogate pairs, which UTF-8 cannot carry.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, Final

from bot.messages.actions import Verb, action
from bot.use_cases.command import CHOICES, Command, Kind
from bot.use_cases.commands import BUTTON_OPTIONS, COMMANDS
from tests.servers import discord_app as app
from tests.servers import discord_checks as checks
from tests.servers.discord import (
    BOT_PERMISSIONS,
    Channel,
    ChannelType,
    DiscordServer,
    Guild,
    Intent,
    Interaction,
    Message,
    NotOffered,
    Permission,
    User,
)
from tests.servers.discord_checks import Json
from tests.servers.discord_world import EVERY_PERMISSION, NO_PERMISSIONS, walk
from tests.servers.telegram_fuzz import ODD, PAPER_IDS, SETTINGS, VALUES

PING, COMMAND, COMPONENT, AUTOCOMPLETE, FORM, NEWER = 1, 2, 3, 4, 5, 9
PEOPLE: Final = 100
LAST_SEEN: Final = 12
"""How many of the newest messages of a channel people still press buttons under."""

NAMES: Final = (
    "Ann",
    "\u202eeve\u202c",
    "Z\u0351\u036b\u0343a\u0321\u0362l\u0348\u0355g\u0321o\u034d",
    "👩‍👩‍👧‍👦" * 4,
    "**bold** _it_ `code` ||x||",
    "[link](https://example.org)",
    "@everyone",
    "<@1> <#2> <@&3>",
    "林晓",
    "שלום",
    "ﷺ" * 32,
    "\u200b",
    "a" * 32,
    "# heading",
    "> quote\n- list",
)
LOCALES: Final = ("en-US", "en-GB", "zh-CN", "zh-TW", "ar", "de", "xx-XX", "")

RIGHTS: Final = (
    BOT_PERMISSIONS,
    BOT_PERMISSIONS,
    BOT_PERMISSIONS | Permission.MANAGE_THREADS | Permission.PIN_MESSAGES | Permission.MANAGE_EVENTS,
    BOT_PERMISSIONS | Permission.MANAGE_ROLES,
    EVERY_PERMISSION,
    NO_PERMISSIONS,
    Permission.VIEW_CHANNEL,
    BOT_PERMISSIONS & ~Permission.EMBED_LINKS,
    BOT_PERMISSIONS & ~Permission.ATTACH_FILES,
    BOT_PERMISSIONS & ~Permission.CREATE_PUBLIC_THREADS,
    BOT_PERMISSIONS & ~Permission.SEND_MESSAGES_IN_THREADS,
    BOT_PERMISSIONS & ~Permission.READ_MESSAGE_HISTORY,
)
"""What the bot may do, one server after the other."""

UNSEEN: Final[Sequence[Json]] = (
    {"type": 2, "bitrate": 64000, "user_limit": 0, "rtc_region": None},
    {"type": 13, "bitrate": 64000, "user_limit": 0, "rtc_region": None},
    {"type": 5},
    {"type": 15, "available_tags": []},
    {"type": 16, "available_tags": []},
    {"type": 4},
    {"type": 14},
    {"type": 99},
)
"""Channels the bot cannot see, of other kinds than text: of them it knows what the interaction says."""

TYPED: Final = (
    "",
    " ",
    "1",
    "999",
    "-1",
    "drop",
    "Batch",
    "批",
    "Europe/",
    "gan",
    "x" * 100,
    "🏳️‍🌈",
    "%_",
    "\\",
)
"""What somebody has typed so far into an option that completes itself."""


class Town:
    """People and servers, and what comes from them."""

    def __init__(self, server: DiscordServer, seed: int) -> None:
        self.server = server
        self.world = server.world
        self.random = random.Random(seed)
        self.told: dict[str, Json] = {}
        """The interactions that were sent, by their tokens, as they were."""
        self.people = [self._person(n) for n in range(PEOPLE)]
        self.guilds = [self._guild(n, rights) for n, rights in enumerate(RIGHTS)]
        self.foreign = server.guild("Elsewhere", ["general"], joined=False)
        self._unseen = {guild.id: self._unseen_channels(guild) for guild in self.guilds}
        self._tokens = ["p1:join", "p1:list"]
        self._passing: list[Channel] = []

    def _person(self, n: int) -> User:
        name = f"Ann {n}" if n % 4 else NAMES[n // 4 % len(NAMES)]
        return self.server.user(name, locale=LOCALES[n % len(LOCALES)])

    def _guild(self, n: int, rights: Permission) -> Guild:
        name = f"Readers {n}" if n % 3 else (NAMES[n % len(NAMES)])
        guild = self.server.guild(
            name, ["general", "papers"], bot_permissions=rights, locale=LOCALES[n % 4], joined=False
        )
        guild.channel("posts", ChannelType.FORUM)
        for place, who in enumerate(self.random.sample(self.people, 25)):
            guild.member(who, manage_guild=place < 2)
        return guild

    def _unseen_channels(self, guild: Guild) -> list[tuple[Channel, Json]]:
        found = []
        for shape in UNSEEN:
            channel = Channel(
                self.world, self.world.new_id(), ChannelType.TEXT, self._odd()[:90] or "x", guild=guild
            )
            self.world.channels[channel.id] = channel
            found.append((channel, shape))
        return found

    def arrive(self) -> None:
        """The bot is brought into every server."""
        for guild in self.guilds:
            self.server.join_guild(guild)

    async def found(self) -> None:
        """In every server an organiser begins a club."""
        for guild in self.guilds:
            await (
                await self.server.command(guild.channel("general"), self.organiser(guild), "start")
            ).acknowledgement()

    def organiser(self, guild: Guild) -> User:
        """Somebody who may manage a server."""
        return next(
            self.world.users[member]
            for member in guild.members
            if self.world.users[member] in self.people
            and guild.permissions_of(self.world.users[member]) & Permission.MANAGE_GUILD
        )

    # One thing happens

    def happen(self) -> Interaction | None:
        """One thing happens, done with the app or invented, or something changes; what there is to answer."""
        chance = self.random.random()
        if chance < 0.04:
            self.random.choice(self._CHANGES)(self)
            return None
        if chance < 0.5:
            with suppress(NotOffered):
                return self._noted(self.random.choice(self._REAL)(self))
        return self._noted(self.random.choice(self._INVENTED)(self))

    def _noted(self, interaction: Interaction | None) -> Interaction | None:
        if interaction and interaction.token not in self.told:
            self.told[interaction.token] = app.interaction_json(interaction)
        return interaction

    def again(self, interaction: Interaction) -> Interaction:
        """The same interaction once more."""
        return self._sent(interaction, self.told[interaction.token])

    # What the app offers

    def _command(self) -> Interaction:
        channel, user = self._somewhere()
        path, options = self._leaf()
        offered = {item["name"]: item for item in options}
        wanted = [n for n, item in offered.items() if item.get("required") or self.random.random() < 0.6]
        filled = {name: self._fit(offered[name], channel) for name in wanted}
        return app.command(self.world, channel, user, path, filled)

    def _leaf(self) -> tuple[str, list[Json]]:
        """One of the registered commands, down to what can be sent."""
        level = self.random.choice([each for each in self.server.commands if each["type"] == 1])
        path = [level["name"]]
        while inside := [
            item for item in level.get("options") or [] if item["type"] in (checks.SUBCOMMAND, checks.GROUP)
        ]:
            level = self.random.choice(inside)
            path.append(level["name"])
        return " ".join(path), level.get("options") or []

    def _fit(self, option: Json, channel: Channel) -> Any:
        """A value that the app lets through."""
        if option.get("choices"):
            return self.random.choice(option["choices"])["value"]
        match option["type"]:
            case checks.STRING:
                text = self._value(option["name"])
                return text[: option.get("max_length", 6000)] or "x"
            case checks.INTEGER:
                least, most = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
                return self.random.choice([least, most, min(max(least, self.random.randrange(30)), most)])
            case checks.NUMBER:
                return 1.5
            case checks.BOOLEAN:
                return self.random.random() < 0.5
            case checks.CHANNEL:
                return channel
        return self.random.choice(self.people)

    def _complete(self) -> Interaction:
        channel, user = self._somewhere()
        path, options = self._leaf()
        while not (completing := [item for item in options if item.get("autocomplete")]):
            path, options = self._leaf()
        typed = self.random.choice([*TYPED, self._value(completing[0]["name"])])
        return app.autocomplete(
            self.world, channel, user, path, self.random.choice(completing)["name"], typed[:6000], {}
        )

    def _press(self) -> Interaction:
        message, user, part = self._part(frozenset({checks.BUTTON}))
        return app.press(self.world, message, user, part["custom_id"])

    def _choose(self) -> Interaction:
        message, user, part = self._part(checks.SELECTS)
        if part["type"] == checks.SELECT:
            values = [self.random.choice(part["options"])["value"]]
        elif part["type"] == checks.CHANNELS and message.channel.guild:
            values = [str(self.random.choice(list(message.channel.guild.channels)))]
        elif part["type"] == checks.ROLES and message.channel.guild:
            values = [str(self.random.choice(list(message.channel.guild.roles)))]
        else:
            values = [str(user.id)]
        return app.choose(self.world, message, user, part["custom_id"], values)

    def _part(self, kinds: frozenset[int]) -> tuple[Message, User, Json]:
        """Something that can be pressed, rare things as often as common ones, and somebody who does."""
        found: dict[str, list[tuple[Message, Json]]] = {}
        for channel in self.world.channels.values():
            there = not channel.deleted and (channel.guild is None or channel.guild.has_bot)
            for message in self._newest(channel) if there else ():
                for part in walk(() if message.deleted else message.components):
                    if part["type"] in kinds and part.get("custom_id") and not part.get("disabled"):
                        verb = ":".join(part["custom_id"].split("@")[0].split(":")[:2])
                        found.setdefault(verb, []).append((message, part))
        if not found:
            raise NotOffered("nothing to press")
        message, part = self.random.choice(found[self.random.choice(sorted(found))])
        guild = message.channel.guild
        if guild is None:
            return message, message.channel.recipient or self.people[0], part
        members = [self.world.users[each] for each in guild.members if each != self.server.bot.id]
        anybody = self.organiser(guild) if self.random.random() < 0.5 else self.random.choice(members)
        return message, message.ephemeral_to or anybody, part

    def _submit(self) -> Interaction:
        opened = [each for each in self.world.interactions.values() if each.form]
        if not opened:
            raise NotOffered("no form")
        asked = self.random.choice(opened[-20:])
        assert asked.form
        answers: dict[str, str | Sequence[str]] = {}
        for outer in asked.form["components"]:
            field = outer.get("component") or (outer.get("components") or [{}])[0]
            if field.get("type") == checks.INPUT and self.random.random() < 0.8:
                answers[field["custom_id"]] = self._odd()[: field.get("max_length") or 4000] or "x"
            elif field.get("options") and self.random.random() < 0.5:
                answers[field["custom_id"]] = self.random.choice(field["options"])["value"]
        return app.submit(self.world, asked, answers)

    _REAL = (
        _command,
        _command,
        _command,
        _command,
        _complete,
        _complete,
        _press,
        _press,
        _press,
        _press,
        _choose,
        _submit,
    )

    # What nobody's app would send

    def _invented_command(self) -> Interaction:
        path = self._path()
        named = {option.name for each in COMMANDS for option in each.options if each.path == path}
        options = [self._given_option(named) for _ in range(self.random.randrange(4))]
        group, *rest = path.split()
        for word in reversed(rest):
            step = self.random.choice([checks.SUBCOMMAND] * 8 + [checks.GROUP])
            options = [{"type": step, "name": word, "options": options}]
        data: Json = {"id": str(self.world.new_id()), "name": group, "type": 1, "options": options}
        if self.random.random() < 0.1:
            del data["options"]
        return self._invent(COMMAND, data)

    def _path(self) -> str:
        command: Command = self.random.choice(COMMANDS)
        match self.random.randrange(8):
            case 0:
                return "weather oslo"
            case 1:
                return f"{command.group} no-such"
            case 2:
                return command.group
            case 3:
                return f"{command.path} deeper still"
        return command.path

    def _given_option(self, named: Set[str] = frozenset()) -> Json:
        """An option of any kind, often by one of these names."""
        known = {option.name for each in COMMANDS for option in each.options}
        name = self.random.choice(
            sorted(named if named and self.random.random() < 0.8 else {*known, "newer"})
        )
        kind = self.random.choice([3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99])
        value: Any = self._value(name)[:6000]
        match kind:
            case 4:
                value = self.random.choice([0, -1, 3, 2**53, -(2**53)])
            case 5:
                value = True
            case 6 | 7 | 8 | 9 | 11:
                value = str(self.random.choice([self.random.choice(self.people).id, 1, 2**63]))
            case 10:
                value = self.random.choice([1.5, -0.0, 1e300])
        return {"type": kind, "name": name, "value": value}

    def _invented_completion(self) -> Interaction:
        typed = self.random.choice([*TYPED, self._odd()])
        focused = {**self._given_option(), "focused": True, "value": typed}
        options = [*(self._given_option() for _ in range(self.random.randrange(3))), focused]
        if self.random.random() < 0.1:
            del options[-1]["focused"]
        group, *rest = self._path().split()
        for word in reversed(rest):
            options = [{"type": checks.SUBCOMMAND, "name": word, "options": options}]
        return self._invent(AUTOCOMPLETE, {"id": "1", "name": group, "type": 1, "options": options})

    def _on_message(self) -> Interaction:
        """A command chosen on a message or a person: ours, or one of others."""
        ours = [(each["name"], each["type"]) for each in self.server.commands if each["type"] != 1]
        strange = [("Report", 3), ("Wave", 2)]
        name, kind = self.random.choice(ours if ours and self.random.random() < 0.7 else strange)
        data: Json = {"id": "5", "name": name, "type": kind}
        channel, user = self._somewhere()
        if kind == 2:
            person = self.random.choice(self.people)
            data |= {
                "target_id": str(person.id),
                "resolved": {"users": {str(person.id): person.json()}, "members": {}},
            }
        else:
            message = self._any_message(channel).json()
            message["content"] = self.random.choice([message["content"], self._odd(), "x" * 4000])
            match self.random.randrange(6):
                case 0:
                    message["message_snapshots"] = [{"message": {"content": self._odd()}}]
                case 1:
                    message["author"] = self.random.choice(self.people).json()
            data |= {"target_id": message["id"], "resolved": {"messages": {message["id"]: message}}}
        match self.random.randrange(10):
            case 0:
                data["resolved"] = {}
            case 1:
                data.pop("resolved")
        return self._invent(COMMAND, data, place=(channel, user))

    def _forged_press(self) -> Interaction:
        channel, user = self._somewhere()
        data: Json = {"custom_id": self._token(), "component_type": 2, "id": self.random.randrange(40)}
        return self._invent(COMPONENT, data, place=(channel, user), source=self._source(channel))

    def _forged_choice(self) -> Interaction:
        channel, user = self._somewhere()
        kind = self.random.choice([3, 3, 3, 5, 6, 7, 8, 99])
        values = [self._token() for _ in range(self.random.choice([0, 1, 1, 1, 3]))]
        if kind in (5, 6, 7, 8):
            values = [str(self.random.choice([user.id, channel.id, 1, 2**63])) for _ in values]
        data: Json = {"custom_id": self._token(), "component_type": kind, "id": 1, "values": values}
        match self.random.randrange(8):
            case 0:
                del data["values"]
            case 1:
                data["resolved"] = {"channels": {}, "roles": {}, "users": {}, "members": {}}
        return self._invent(COMPONENT, data, place=(channel, user), source=self._source(channel))

    def _invented_form(self) -> Interaction:
        channel, user = self._somewhere()
        parts = [self._form_part() for _ in range(self.random.randrange(6))]
        source = self._source(channel) if self.random.random() < 0.5 else None
        data: Json = {"custom_id": self._token(), "components": parts}
        if self.random.random() < 0.3:
            data["resolved"] = {"users": {}, "attachments": {}}
        return self._invent(FORM, data, place=(channel, user), source=source)

    def _form_part(self) -> Json:
        names = ["zone", "time", "note", "words", "text", "channel", "role", "x", *SETTINGS]
        known = [
            inner["custom_id"]
            for each in list(self.world.interactions.values())[-200:]
            if each.form
            for inner in (outer.get("component") for outer in each.form["components"])
            if inner and "custom_id" in inner
        ]
        field: Json = {"id": 2, "custom_id": self.random.choice(known or names)}
        kind = self.random.choice([4, 4, 4, 3, 5, 6, 7, 8, 19, 21, 22, 23, 99])
        field["type"] = kind
        match kind:
            case 4:
                field["value"] = self.random.choice([self._odd()[:4000], "x" * 4000, "", self._value("zone")])
            case 21:
                field["value"] = self.random.choice([None, self._odd()[:100], "1"])
            case 23:
                field["value"] = self.random.random() < 0.5
            case 99:
                field["newer"] = {"value": 1}
            case _:
                field["values"] = [self._odd()[:100] for _ in range(self.random.randrange(3))]
        match self.random.randrange(10):
            case 0:
                return {"type": 1, "id": 1, "components": [field]}
            case 1:
                return {"type": 10, "id": 1}
            case 2:
                return {"type": 99, "id": 1, "newer": [field]}
        return {"type": 18, "id": 1, "component": field}

    def _ping(self) -> Interaction:
        return self._invent(PING, {}, change=lambda shown: shown.pop("data"))

    def _newer(self) -> Interaction:
        return self._invent(NEWER, {"what": self._odd(), "custom_id": self._token()})

    _INVENTED = (
        *[_invented_command] * 12,
        *[_invented_completion] * 8,
        *[_on_message] * 6,
        *[_forged_press] * 16,
        *[_forged_choice] * 6,
        *[_invented_form] * 8,
        _ping,
        _newer,
    )

    # Sending it

    def _invent(
        self,
        kind: int,
        data: Json,
        *,
        place: tuple[Channel, User] | None = None,
        source: Message | None = None,
        change: Callable[[Json], object] = lambda shown: None,
    ) -> Interaction:
        """Send an interaction, here or in a place of which the bot knows nothing."""
        channel, user = place or self._somewhere()
        shape: Json = {}
        more: Json = {}
        # A message stands where it was written; what has none may be done anywhere.
        if source is None and self.random.random() < 0.35:
            channel, user, shape, more = self.random.choice(self._PLACES)(self, user)
        interaction = Interaction(self.world, 0, "", kind, user, channel, data, self.world.clock(), source)
        shown = app.interaction_json(interaction)
        shown["channel"] |= shape
        shown |= more
        change(shown)
        if self.random.random() < 0.15:
            self._leave_out(shown)
        return self._sent(interaction, shown)

    def _sent(self, like: Interaction, shown: Json) -> Interaction:
        interaction = Interaction(
            self.world,
            self.world.new_id(),
            secrets.token_urlsafe(48),
            like.kind,
            like.user,
            like.channel,
            like.data,
            self.world.clock(),
            like.source,
        )
        interaction.option_type = like.option_type
        self.world.interactions[interaction.token] = interaction
        shown = {**shown, "id": str(interaction.id), "token": interaction.token}
        self.told[interaction.token] = shown
        self.world.emit("INTERACTION_CREATE", shown, Intent(0), None)
        return interaction

    def _leave_out(self, shown: Json) -> None:
        """Take away or change what discord.py can do without."""
        may_go = ["locale", "guild_locale", "guild", "app_permissions", "context", "entitlements", "message"]
        may_go += ["authorizing_integration_owners", "channel", "member", "user"]
        gone = self.random.choice(may_go)
        if gone == "message" and shown["type"] != COMPONENT:
            return
        shown.pop(gone, None)
        if gone == "guild_locale" and "member" in shown:
            del shown["member"]["permissions"]
        if gone == "locale":
            shown["locale"] = self.random.choice(["xx-XX", "zh-HK", "", "tlh"])
        if gone == "entitlements":
            shown["newer"] = {"field": [1]}

    # Places

    def _somewhere(self) -> tuple[Channel, User]:
        """A place the bot is in, and somebody who is there."""
        if self.random.random() < 0.15:
            user = self.random.choice(self.people)
            return self.server.dm(user), user
        guild = self.random.choice([guild for guild in self.guilds if guild.has_bot])
        channels = [
            each for each in guild.channels.values() if each.type != ChannelType.FORUM and not each.deleted
        ]
        if self.random.random() < 0.3:
            return self.random.choice(channels), self.organiser(guild)
        members = [self.world.users[member] for member in guild.members if member != self.server.bot.id]
        return self.random.choice(channels), self.random.choice(members)

    def _unseen_place(self, user: User) -> tuple[Channel, User, Json, Json]:
        guild = self.random.choice([guild for guild in self.guilds if guild.has_bot])
        channel, shape = self.random.choice(self._unseen[guild.id])
        return channel, user, shape, {}

    def _unseen_thread(self, user: User) -> tuple[Channel, User, Json, Json]:
        """A thread of which the gateway has not told, under a channel that the bot may not see either."""
        guild = self.random.choice([guild for guild in self.guilds if guild.has_bot])
        parent = self.random.choice([*guild.channels.values(), *(each for each, _ in self._unseen[guild.id])])
        thread = Channel(
            self.world,
            self.world.new_id(),
            ChannelType.PUBLIC_THREAD,
            self._odd()[:90] or "x",
            guild=guild,
            parent=parent.parent or parent,
            owner=user,
        )
        return self._pass_by(thread), user, {"type": self.random.choice([10, 11, 12])}, {}

    def _group_talk(self, user: User) -> tuple[Channel, User, Json, Json]:
        """A conversation of several people, one of whom has brought the bot for themselves."""
        channel = Channel(self.world, self.world.new_id(), ChannelType.DM, "", recipient=user)
        self._pass_by(channel)
        others = [each.json() for each in self.random.sample(self.people, 3)]
        shape = {"type": 3, "recipients": others, "name": self._odd()[:90], "owner_id": others[0]["id"]}
        return channel, user, shape, self._brought_by(user, 2)

    def _talk_of_two(self, user: User) -> tuple[Channel, User, Json, Json]:
        """The talk of two people, one of whom has brought the bot for themselves."""
        channel = Channel(self.world, self.world.new_id(), ChannelType.DM, "", recipient=user)
        self._pass_by(channel)
        other = self.random.choice(self.people)
        return channel, user, {"recipients": [other.json()]}, self._brought_by(user, 2)

    def _foreign_place(self, user: User) -> tuple[Channel, User, Json, Json]:
        """A server that the bot is not in, to which somebody has brought it for themselves."""
        gone = [guild for guild in self.guilds if not guild.has_bot]
        guild = self.random.choice([self.foreign, *gone])
        channel = self.random.choice(list(guild.channels.values()))
        return channel, user, {}, self._brought_by(user, 0)

    def _pass_by(self, channel: Channel) -> Channel:
        self.world.channels[channel.id] = channel
        self._passing.append(channel)
        return channel

    def _brought_by(self, user: User, context: int) -> Json:
        return {"context": context, "authorizing_integration_owners": {"1": str(user.id)}}

    def _own_talk(self, user: User) -> tuple[Channel, User, Json, Json]:
        return self.server.dm(user), user, {}, {}

    _PLACES = (
        _unseen_place,
        _unseen_place,
        _unseen_thread,
        _group_talk,
        _talk_of_two,
        _foreign_place,
        _foreign_place,
        _own_talk,
    )

    def _newest(self, channel: Channel) -> list[Message]:
        return list(channel.written.values())[-LAST_SEEN:]

    def _any_message(self, channel: Channel) -> Message:
        written = self._newest(channel)
        if written and self.random.random() < 0.7:
            return self.random.choice(written)
        author = self.random.choice([self.server.bot, *self.people[:3]])
        return self.world.message_from(channel, author, {"content": self._odd()}, [])

    def _source(self, channel: Channel) -> Message:
        """A message of the bot's: one that stands, one that is gone, one of somebody else's, or one that
        nobody remembers."""
        ours = [each for each in self._newest(channel) if each.author is self.server.bot]
        if ours and self.random.random() < 0.8:
            return self.random.choice(ours)
        row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Old", "custom_id": self._token()}]}
        body = {"content": "An older one", "components": [row]}
        return self.world.message_from(channel, self.server.bot, body, [])

    # What changes

    def _come_or_go(self) -> None:
        guild = self.random.choice(self.guilds)
        if not guild.has_bot:
            self.server.join_guild(guild)
        elif sum(each.has_bot for each in self.guilds) > 6 and self.random.random() < 0.5:
            guild.remove_bot()

    def _outage(self) -> None:
        """A server is out of reach for a moment."""
        guild = self._present()
        gone = {"id": str(guild.id), "unavailable": True}
        self.world.emit("GUILD_DELETE", gone, Intent.GUILDS, guild)
        self.world.emit("GUILD_CREATE", guild.json(), Intent.GUILDS, guild)

    def _channels_change(self) -> None:
        guild = self._present()
        open_ones = [
            each for each in guild.channels.values() if each.type == ChannelType.TEXT and not each.deleted
        ]
        match self.random.randrange(5):
            case 0 if len(open_ones) > 2:
                self.random.choice([each for each in open_ones if each.name != "general"]).delete()
            case 1 if len(open_ones) < 5:
                guild.channel(f"room-{self.random.randrange(1000)}")
            case 2:
                self.random.choice(open_ones).forbid(self.random.choice(list(Permission)))
            case 3:
                self.random.choice(open_ones).allow(*BOT_PERMISSIONS)
            case _:
                channel = self.random.choice(open_ones)
                if channel.name != "general":
                    channel.name = f"renamed-{self.random.randrange(1000)}"
                    self.world.emit("CHANNEL_UPDATE", channel.json(), Intent.GUILDS, guild)

    def _threads_change(self) -> None:
        guild = self._present()
        threads = [each for each in guild.channels.values() if each.is_thread and not each.deleted]
        if not threads or (len(threads) < 4 and self.random.random() < 0.5):
            self.world.open_thread(guild.channel("general"), "Talk", self.organiser(guild), 60, None)
            return
        thread = self.random.choice(threads)
        if self.random.random() < 0.3:
            thread.delete()
            return
        thread.archived = self.random.random() < 0.5
        thread.locked = self.random.random() < 0.3
        self.world.emit("THREAD_UPDATE", thread.json(), Intent.GUILDS, guild)

    def _rights_change(self) -> None:
        guild = self._present()
        guild.grant("Paperclub", self.random.choice(RIGHTS))

    def _message_goes(self) -> None:
        channel, _ = self._somewhere()
        ours = [each for each in self._newest(channel) if each.author is self.server.bot]
        if ours:
            self.random.choice(ours).deleted = True

    def _unheard_of(self) -> None:
        """Events of kinds that the bot did not ask for, or does not know."""
        event = self.random.choice(["TYPING_START", "NEWER_EVENT", "VOICE_CHANNEL_STATUS_UPDATE"])
        shown = {"guild_id": str(self._present().id), "channel_id": "5", "user_id": "6", "timestamp": 1}
        self.world.emit(event, shown, Intent(0), None)

    def _present(self) -> Guild:
        return self.random.choice([guild for guild in self.guilds if guild.has_bot])

    _CHANGES = (
        _come_or_go,
        _outage,
        _channels_change,
        _channels_change,
        _threads_change,
        _rights_change,
        _message_goes,
        _unheard_of,
    )

    # Words

    def _odd(self) -> str:
        one, other = self.random.choices(ODD, k=2)
        chosen = one if self.random.random() < 0.7 else one + other
        return chosen.encode(errors="replace").decode()

    def _value(self, name: str) -> str:
        """A value for an option of this name."""
        if self.random.random() < 0.2:
            return self._odd()
        kinds = [option.kind for each in COMMANDS for option in each.options if option.name == name]
        kind = self.random.choice(kinds or list(Kind))
        return self.random.choice(
            [*CHOICES.get(kind, ()), *VALUES.get(kind, ()), *PAPER_IDS[:1], str(self.random.randrange(30))]
        )

    def _token(self) -> str:
        """A button's token of at most 100 characters: one of ours, nearly ours, or anybody's."""
        match self.random.randrange(8):
            case 0:
                token = self._odd()
            case 1 | 2:
                token = self.random.choice(self._tokens)
            case _:
                verb = self.random.choice(list(Verb))
                args = [self._argument(name) for name in BUTTON_OPTIONS.get(verb, ("page", "page"))]
                post = self.random.randrange(1, 400) if self.random.random() < 0.3 else None
                with suppress(ValueError):
                    return self._bent(action(verb, *args, post=post).token)
                token = "p1:"
        return self._bent(token)[:100] or "p"

    def _bent(self, token: str) -> str:
        if self.random.random() < 0.7:
            return token[:100]
        place = self.random.randrange(len(token) + 1)
        other = self.random.choice(["", ":", "@", "::", "9" * 20, "中", "x" * 70, "-", "p2:", "\n"])
        return (token[:place] + other + token[place + 1 :])[:100] or "p"

    def _argument(self, name: str) -> str:
        if name == "paper":
            return self.random.choice(PAPER_IDS)
        if name == "level":
            return self.random.choice(CHOICES[Kind.LEVEL])
        if name == "term":
            return self.random.choice(VALUES[Kind.TERM])
        if name in ("round", "number", "choice", "picked", "post", "page"):
            return str(self.random.choice([0, 1, 2, 3, self.random.randrange(300), 10**14]))
        return self.random.choice(["", "0", "1", *SETTINGS, *self.random.choice(list(CHOICES.values()))])

    def forget(self) -> None:
        """Forget what was sent, and the places that only one interaction was sent from."""
        self.told.clear()
        for channel in self._passing:
            del self.world.channels[channel.id]
        self._passing.clear()

    def remember(self) -> None:
        """Keep the tokens of what stands now: they will be pressed elsewhere, by others, and too late."""
        fresh = set(tokens(self.guilds))
        self._tokens = [*self._tokens[-400:], *self.random.sample(sorted(fresh), min(60, len(fresh)))]


def tokens(guilds: Sequence[Guild]) -> Iterator[str]:
    """The tokens of the buttons that stand in some servers, and of the choices of menus."""
    for guild in guilds:
        for channel in guild.channels.values():
            for message in list(channel.written.values())[-LAST_SEEN:]:
                for part in walk(message.components):
                    told: Mapping[str, Any] = part
                    if told.get("custom_id"):
                        yield told["custom_id"]
                    yield from (option["value"] for option in told.get("options") or ())
