"""Discord's REST API: every call is logged, may be made to fail, and is refused where Discord refuses."""

import asyncio
import json
import math
import socket
import struct
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from aiohttp import web

from tests.servers import discord_checks as checks
from tests.servers import discord_document as document
from tests.servers.discord_app import AUTOCOMPLETE, COMMAND, COMPONENT, is_private
from tests.servers.discord_checks import EPHEMERAL, Form, Json
from tests.servers.discord_world import (
    LOADING,
    PINNED,
    REQUIRE_TAG,
    Attachment,
    Channel,
    ChannelType,
    Event,
    Guild,
    Intent,
    Interaction,
    Message,
    Permission,
    Tag,
    World,
    is_modern,
)

ACKNOWLEDGE_WITHIN: Final = 3.0
TOKEN_LIVES: Final = 15 * 60.0
NONCE_REMEMBERED: Final = 120.0
MOST_PINS: Final = 50
MOST_EVENTS: Final = 100
PONG, REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, SUGGEST, MODAL = 1, 4, 5, 6, 7, 8, 9

UNKNOWN: Final = {
    "channel": (10003, "Unknown Channel"),
    "guild": (10004, "Unknown Guild"),
    "member": (10007, "Unknown Member"),
    "message": (10008, "Unknown Message"),
    "role": (10011, "Unknown Role"),
    "user": (10013, "Unknown User"),
    "webhook": (10015, "Unknown Webhook"),
    "interaction": (10062, "Unknown interaction"),
    "command": (10063, "Unknown application command"),
    "event": (10070, "Unknown Guild Scheduled Event"),
}


class Refusal(Exception):
    """An error answer. `violation` when no correct bot would ever have sent the request."""

    def __init__(
        self, status: int, code: int, message: str, *, errors: Json | None = None, violation: bool = False
    ) -> None:
        super().__init__(f"{status} ({code}) {message}")
        self.status = status
        self.code = code
        self.violation = violation
        self.body: Json = {"message": message, "code": code, **({"errors": errors} if errors else {})}


def unknown(what: str, *, violation: bool = False) -> Refusal:
    """The 404 for a thing that does not exist, or that the bot may not know of."""
    code, message = UNKNOWN[what]
    return Refusal(404, code, message, violation=violation)


NO_ACCESS: Final = (403, 50001, "Missing Access")
NO_PERMISSION: Final = (403, 50013, "Missing Permissions")


@dataclass
class Call:
    """One REST call and how it ended. `status` 0 means the line was cut before an answer."""

    method: str
    path: str
    body: Any
    at: float
    status: int = 0
    code: int = 0
    files: list[Attachment] = field(default_factory=list)

    def __str__(self) -> str:
        body = json.dumps(self.body, ensure_ascii=False)[:300]
        return f"{self.method} {self.path} {body} → {self.status} {self.code}"


@dataclass
class Fault:
    """A failure to come: the next `times` calls matching `pattern` fail as `kind` says."""

    pattern: str
    kind: str
    times: int
    held: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def performed(self) -> bool:
        """Whether the call takes effect although its answer is lost, wrong or late."""
        return self.kind.endswith("-after") or self.kind == "hold" or self.kind.startswith("slow:")

    def matches(self, call: Call) -> bool:
        """Whether it strikes this call."""
        return self.times > 0 and fnmatchcase(f"{call.method} {call.path}", self.pattern)

    async def delay(self) -> None:
        """Let a slow call wait for its time or its release."""
        with suppress(TimeoutError):
            async with asyncio.timeout(float(self.kind.removeprefix("slow:"))):
                await self.held.wait()

    def trouble(self) -> web.Response | None:
        """What is answered instead; None to cut the line."""
        name, _, argument = self.kind.removesuffix("-after").partition(":")
        match name:
            case "drop" | "drop-before" | "reset" | "reset-before":
                return None
            case "429":
                return too_many(float(argument or 1), {})
            case "429-global":
                return too_many(float(argument or 1), {"X-RateLimit-Global": "true"})
            case "429-shared":
                return too_many(float(argument or 1), {"X-RateLimit-Scope": "shared"})
            case "429-html" | "403-html":
                banned = "<html><head><title>Access denied</title></head><body>error code: 1015</body></html>"
                headers = {"Retry-After": argument} if argument else {}
                return web.Response(
                    status=int(name[:3]), text=banned, content_type="text/html", headers=headers
                )
            case "502-html":
                page = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
                return web.Response(status=502, text=page, content_type="text/html")
        return json_response({"message": "Internal Server Error", "code": 0}, status=int(name))

    def release(self) -> None:
        """Let a held call go on."""
        self.held.set()


class Buckets:
    """Discord's rate limits: 5 in 5 seconds for each channel's messages, as many again for changing them, and
    50 a second in all, by real time."""

    def __init__(self) -> None:
        self.used: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, call: Call, now: float) -> tuple[bool, dict[str, str]]:
        """Whether a call passes, and the headers its answer carries."""
        parts = call.path.split("/")
        if parts[1] in ("interactions", "webhooks"):
            return True, {}
        if not self._pass("global", 50, 1.0, now)[0]:
            return False, {"X-RateLimit-Global": "true", "Retry-After": "1", "X-RateLimit-Scope": "global"}
        major = "/".join(parts[1:3])
        posting = call.method == "POST" and parts[-1] in ("messages", "threads")
        editing = call.method == "PATCH" and parts[3:4] == ["messages"]
        name = f"{call.method}:{parts[-1] if posting else 'messages' if editing else parts[1]}"
        limit, window = (5, 5.0) if posting or editing else (20, 5.0)
        passes, left, reset = self._pass(f"{name}:{major}", limit, window, now)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset-After": f"{reset:.3f}",
            "X-RateLimit-Reset": f"{now + reset:.3f}",
            "X-RateLimit-Bucket": f"{abs(hash(name)):x}",
        }
        return passes, headers if passes else {**headers, "Retry-After": str(math.ceil(reset))}

    def _pass(self, key: str, limit: int, window: float, now: float) -> tuple[bool, int, float]:
        times = self.used[key]
        while times and times[0] <= now - window:
            times.popleft()
        passes = len(times) < limit
        if passes:
            times.append(now)
        return passes, limit - len(times), (times[0] + window - now) if times else 0.0


class Rest:
    """The routes, over one world.

    Args:
        world: what the calls act on.
        token: the only bot token accepted.
        gateway: tells of the gateway what `GET /gateway/bot` does.
    """

    def __init__(self, world: World, token: str, gateway: Callable[[], Json]) -> None:
        self.world = world
        self.token = token
        self.gateway = gateway
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.mischief: Callable[[str], str | None] = lambda call: None
        self.rate_limits = False
        self.buckets = Buckets()

    def routes(self) -> list[web.RouteDef]:
        """Every route the server knows; any other path is a violation."""
        app, channel, hook = "/applications/{app}", "/channels/{channel}", "/webhooks/{app}/{token}"
        message, own, guild = f"{channel}/messages/{{message}}", "/users/@me", "/guilds/{guild}"
        table: list[tuple[str, str, Callable[[Request], Any]]] = [
            ("GET", "/gateway", self.get_gateway),
            ("GET", "/gateway/bot", self.get_gateway),
            ("GET", own, self.get_me),
            ("GET", "/users/{user}", self.get_user),
            ("POST", f"{own}/channels", self.create_dm),
            ("DELETE", f"{own}/guilds/{{guild}}", self.leave_guild),
            ("GET", "/oauth2/applications/@me", self.get_application),
            ("GET", "/applications/@me", self.get_application),
            *[
                row
                for place in (f"{app}/commands", f"{app}/guilds/{{guild}}/commands")
                for row in (
                    ("GET", place, self.list_commands),
                    ("PUT", place, self.put_commands),
                    ("POST", place, self.create_command),
                    ("DELETE", f"{place}/{{command}}", self.delete_command),
                )
            ],
            ("GET", guild, self.get_guild),
            ("GET", f"{guild}/channels", self.list_channels),
            ("GET", f"{guild}/threads/active", self.list_threads),
            ("GET", f"{guild}/members/{{user}}", self.get_member),
            ("PUT", f"{guild}/members/{{user}}/roles/{{role}}", self.change_member_role),
            ("DELETE", f"{guild}/members/{{user}}/roles/{{role}}", self.change_member_role),
            ("GET", f"{guild}/scheduled-events", self.list_events),
            ("POST", f"{guild}/scheduled-events", self.create_event),
            ("PATCH", f"{guild}/scheduled-events/{{event}}", self.change_event),
            ("DELETE", f"{guild}/scheduled-events/{{event}}", self.delete_event),
            ("GET", channel, self.get_channel),
            ("PATCH", channel, self.change_channel),
            ("POST", f"{channel}/typing", self.show_typing),
            ("GET", f"{channel}/messages", self.list_messages),
            ("POST", f"{channel}/messages", self.create_message),
            ("GET", message, self.get_message),
            ("PATCH", message, self.edit_message),
            ("DELETE", message, self.delete_message),
            ("PUT", f"{message}/reactions/{{emoji}}/@me", self.add_reaction),
            ("DELETE", f"{message}/reactions/{{emoji}}/@me", self.remove_reaction),
            ("PUT", f"{channel}/messages/pins/{{message}}", self.pin),
            ("DELETE", f"{channel}/messages/pins/{{message}}", self.pin),
            ("POST", f"{message}/threads", self.thread_from_message),
            ("POST", f"{channel}/threads", self.thread_alone),
            ("PUT", f"{channel}/thread-members/@me", self.join_thread),
            ("POST", "/interactions/{interaction}/{token}/callback", self.answer),
            ("POST", hook, self.follow_up),
            ("GET", f"{hook}/messages/{{message}}", self.get_answer),
            ("PATCH", f"{hook}/messages/{{message}}", self.edit_answer),
            ("DELETE", f"{hook}/messages/{{message}}", self.delete_answer),
        ]
        known = [web.route(method, f"/api/v10{path}", self.handler(act)) for method, path, act in table]
        return [*known, web.route("*", "/{path:.*}", self.handler(self.no_such_route))]

    # --- Around every call

    def handler(
        self, act: "Callable[[Request], Any]"
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Wrap a route: log, faults, limits, token, refusals."""

        async def handle(http: web.Request) -> web.StreamResponse:
            body, files = await read_body(http, self.world)
            path = http.path.removeprefix("/api/v10")
            call = Call(http.method, path, body, self.world.clock(), files=files)
            self.calls.append(call)
            self.world.wake()
            fault = self.fault_of(call)
            try:
                response = await self.respond(http, Request(http, call, self.world), act, fault)
                call.status = response.status if response else 0
            finally:
                self.world.wake()
            if response is None:
                sever(http, reset=bool(fault and fault.kind.startswith("reset")))
                return web.Response()
            return response

        return handle

    def fault_of(self, call: Call) -> Fault | None:
        """The trouble a call meets, which is then used up."""
        for fault in self.faults:
            if fault.matches(call):
                fault.times -= 1
                return fault
        kind = self.mischief(f"{call.method} {call.path}")
        return Fault("", kind, 0) if kind else None

    async def respond(
        self, http: web.Request, request: "Request", act: "Callable[[Request], Any]", fault: Fault | None
    ) -> web.Response | None:
        """The answer to one call, or None to cut the line."""
        call = request.call
        if fault and not fault.performed:
            return fault.trouble()
        if fault and fault.kind == "hold":
            await fault.held.wait()
        headers: dict[str, str] = {}
        if self.rate_limits:
            passes, headers = self.buckets.take(call, asyncio.get_running_loop().time())
            if not passes:
                return too_many(float(headers["Retry-After"]), headers)
        try:
            self.authorise(http)
            self.hold_to_document(request)
            shown = act(request)
        except Refusal as refusal:
            call.code = refusal.code
            if refusal.violation:
                details = f" {json.dumps(refusal.body['errors'])}" if "errors" in refusal.body else ""
                self.violations.append(f"{call.method} {call.path}: {refusal}{details}")
            return json_response(refusal.body, status=refusal.status, headers=headers)
        if fault and (fault.kind.endswith("-after") or fault.kind.startswith("slow:")):
            # Whoever did not hear that it was done may rightly ask again.
            for interaction in self.world.interactions.values():
                interaction.dropped = interaction.dropped or interaction.token in call.path
        if fault and fault.kind.endswith("-after"):
            return fault.trouble()
        if fault and fault.kind.startswith("slow:"):
            await fault.delay()
        if shown is None:
            return web.Response(status=204, headers=headers)
        return json_response(shown, status=200, headers=headers)

    def authorise(self, http: web.Request) -> None:
        """Only interaction answers and the plain gateway address need no bot token."""
        resource = http.match_info.get("token")
        if resource is None and http.headers.get("Authorization") != f"Bot {self.token}":
            raise Refusal(401, 0, "401: Unauthorized")

    def hold_to_document(self, request: "Request") -> None:
        """Refuse what Discord's API description refuses, whatever the request is about.

        Raises:
            Refusal: 50035, with the tree of errors.
        """
        call = request.call
        route = document.route_of(call.method, call.path)
        if route is not None:
            names = [file.name for file in call.files]
            query = request.http.query
            self.judge(request, lambda form: document.judge(form, route, query, call.body, names))

    def no_such_route(self, request: "Request") -> None:
        """A path or method Discord does not have (or this server does not know)."""
        raise Refusal(404, 0, "404: Not Found", violation=True)

    def judge(self, request: "Request", rule: Callable[[Form], None]) -> None:
        """Refuse a body its rule finds wrong; note the fields Discord does not know.

        Raises:
            Refusal: 50035, with the tree of errors.
        """
        form = Form()
        rule(form)
        strays = [f"{request.call.method} {request.call.path}: unknown field {name}" for name in form.strays]
        self.violations += [stray for stray in strays if stray not in self.violations[-len(strays) :]]
        if form.errors:
            raise Refusal(400, 50035, "Invalid Form Body", errors=form.errors, violation=True)

    # --- Bot, application, commands

    def get_gateway(self, request: "Request") -> Json:
        if request.call.path == "/gateway":
            return {"url": self.gateway()["url"]}
        return self.gateway()

    def get_me(self, request: "Request") -> Json:
        return {**self.world.bot.json(), "verified": True, "mfa_enabled": True, "locale": "en-US", "flags": 0}

    def get_application(self, request: "Request") -> Json:
        bot = self.world.bot
        return {
            "id": str(bot.id),
            "name": bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "hook": True,
            "rpc_origins": [],
            "owner": {"id": "1", "username": "owner", "discriminator": "0", "avatar": None},
            "team": None,
            "approximate_guild_count": sum(guild.has_bot for guild in self.world.guilds.values()),
        }

    def get_user(self, request: "Request") -> Json:
        user = self.world.users.get(request.id("user"))
        if user is None:
            raise unknown("user")
        return user.json()

    def commands_of(self, request: "Request") -> tuple[Guild | None, dict[int, Json]]:
        """The registered commands a path speaks of: global ones, or a server's."""
        if request.id("app") != self.world.bot.id:
            raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
        guild = request.guild() if "guild" in request.http.match_info else None
        return guild, self.world.commands.setdefault(guild.id if guild else None, {})

    def list_commands(self, request: "Request") -> list[Json]:
        return list(self.commands_of(request)[1].values())

    def put_commands(self, request: "Request") -> list[Json]:
        guild, known = self.commands_of(request)
        self.judge(request, lambda form: checks.commands(form, request.call.body))
        before = {(item["type"], item["name"]): item for item in known.values()}
        known.clear()
        for body in request.call.body:
            item = self.defined(body, guild, before.get((body.get("type") or 1, body["name"])))
            known[int(item["id"])] = item
        return list(known.values())

    def create_command(self, request: "Request") -> Json:
        guild, known = self.commands_of(request)
        self.judge(request, lambda form: checks.command(form, (), request.call.body))
        body = request.call.body
        same = [
            item
            for item in known.values()
            if (item["type"], item["name"]) == (body.get("type") or 1, body["name"])
        ]
        item = self.defined(body, guild, same[0] if same else None)
        known[int(item["id"])] = item
        return item

    def defined(self, body: Json, guild: Guild | None, before: Json | None) -> Json:
        """A registered command; one of the same name keeps its id, and its version if nothing changed."""
        bot = str(self.world.bot.id)
        item = {
            "description": "",
            "options": [],
            "default_member_permissions": None,
            "nsfw": False,
            **body,
            "type": body.get("type") or 1,
            "application_id": bot,
            **({"guild_id": str(guild.id)} if guild else {}),
        }
        if item["default_member_permissions"] is not None:
            item["default_member_permissions"] = str(item["default_member_permissions"])
        item["id"] = before["id"] if before else str(self.world.new_id())
        same = before and all(before.get(name) == value for name, value in item.items())
        item["version"] = before["version"] if before and same else str(self.world.new_id())
        return item

    def delete_command(self, request: "Request") -> None:
        if self.commands_of(request)[1].pop(request.id("command"), None) is None:
            raise unknown("command")

    # --- Servers and channels

    def get_guild(self, request: "Request") -> Json:
        shown = request.guild().json()
        return {
            name: value for name, value in shown.items() if name not in ("channels", "threads", "members")
        }

    def leave_guild(self, request: "Request") -> None:
        request.guild().remove_bot()

    def list_channels(self, request: "Request") -> list[Json]:
        return [channel.json() for channel in request.guild().channels.values() if not channel.is_thread]

    def list_threads(self, request: "Request") -> Json:
        shown = request.guild().json()["threads"]
        return {"threads": shown, "members": []}

    def get_member(self, request: "Request") -> Json:
        guild = request.guild()
        user = self.world.users.get(request.id("user"))
        if user is None or user.id not in guild.members:
            raise unknown("member") if user else unknown("user")
        return guild.member_json(user)

    def change_member_role(self, request: "Request") -> None:
        """A role given to a member, or taken: one below the bot's highest, by whoever manages roles."""
        guild, bot = request.guild(), self.world.bot
        user, role = self.world.users.get(request.id("user")), guild.roles.get(request.id("role"))
        if user is None or user.id not in guild.members:
            raise unknown("member") if user else unknown("user")
        if role is None:
            raise unknown("role")
        if role.id == guild.id or role.managed:
            raise Refusal(400, 50028, "Invalid role", violation=True)
        top = max(guild.roles[held].position for held in guild.members[bot.id])
        manages = guild.permissions_of(bot) & Permission.MANAGE_ROLES
        if not manages or role.position >= top:
            raise Refusal(*NO_PERMISSION)
        if request.call.method == "PUT":
            guild.members[user.id].add(role.id)
        else:
            guild.members[user.id].discard(role.id)

    def create_dm(self, request: "Request") -> Json:
        body = request.call.body
        self.judge(request, lambda form: checks.record({"recipient_id": checks.snowflake})(form, (), body))
        user = self.world.users.get(int(body["recipient_id"]))
        if user is None or user.bot:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        return self.world.dm(user).json()

    def get_channel(self, request: "Request") -> Json:
        return request.channel().json()

    def change_channel(self, request: "Request") -> Json:
        channel, body = request.channel(), request.call.body
        if not channel.is_thread:
            self.judge(request, lambda form: checks.CHANNEL_CHANGE(form, (), body))
            request.need(channel, Permission.MANAGE_CHANNELS)
            channel.name = body.get("name") or channel.name
            if body.get("available_tags") is not None:
                self.change_tags(channel, body["available_tags"])
            self.world.emit("CHANNEL_UPDATE", channel.json(), Intent.GUILDS, channel.guild)
            return channel.json()
        self.judge(request, lambda form: checks.THREAD_CHANGE(form, (), body))
        bot = self.world.bot
        manages = channel.may(bot, Permission.MANAGE_THREADS)
        opens = body.get("archived") is False
        flagged = body.get("flags") is not None and body["flags"] != channel.flags
        foreign = channel.owner is not bot and not opens
        if not manages and ("locked" in body or flagged or channel.locked or foreign):
            raise Refusal(*NO_PERMISSION)
        if channel.archived and not opens:
            raise Refusal(400, 50083, "Thread is archived")
        if flagged:
            self.flag_thread(channel, body["flags"])
        channel.name = body.get("name") or channel.name
        channel.archived = bool(body.get("archived", channel.archived))
        channel.locked = bool(body.get("locked", channel.locked))
        channel.archive_minutes = body.get("auto_archive_duration") or channel.archive_minutes
        channel.changed_at = self.world.clock()
        self.world.emit("THREAD_UPDATE", channel.json(), Intent.GUILDS, channel.guild)
        return channel.json()

    def change_tags(self, forum: Channel, wanted: list[Json]) -> None:
        """Give a forum these tags; one with the id of an old one stays the same tag."""
        if forum.type != ChannelType.FORUM:
            raise Refusal(400, 50024, "Cannot execute action on this channel type", violation=True)
        names = [tag["name"].casefold() for tag in wanted]
        if len(set(names)) < len(names):
            raise Refusal(400, 40061, "Tag names must be unique", violation=True)
        known = {tag.id for tag in forum.tags}
        forum.tags = [
            Tag(
                int(tag["id"]) if int(tag.get("id") or 0) in known else self.world.new_id(),
                tag["name"],
                bool(tag.get("moderated")),
            )
            for tag in wanted
        ]

    def flag_thread(self, thread: Channel, flags: int) -> None:
        """Pin a thread in its forum, where one is at most, or unpin it."""
        forum = thread.parent
        if forum is None or forum.type != ChannelType.FORUM:
            raise Refusal(400, 50024, "Cannot execute action on this channel type", violation=True)
        if flags & PINNED and any(other.pinned for other in forum.threads if other is not thread):
            raise Refusal(
                400, 30047, "Maximum number of pinned threads in a forum channel has been reached (1)"
            )
        thread.flags = flags

    def show_typing(self, request: "Request") -> None:
        self.may_send(request, request.channel())

    def join_thread(self, request: "Request") -> None:
        if not request.channel().is_thread:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")

    # --- Messages

    def may_send(self, request: "Request", channel: Channel) -> None:
        """Refuse where the bot may not write."""
        if channel.type == ChannelType.FORUM:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        if channel.recipient:
            if not self.world.shares_a_guild(channel.recipient):
                raise Refusal(403, 50278, "Cannot send messages to this user due to having no mutual guilds")
            if not channel.recipient.dms_open:
                raise Refusal(403, 50007, "Cannot send messages to this user")
        threads = Permission.SEND_MESSAGES_IN_THREADS
        request.need(channel, threads if channel.is_thread else Permission.SEND_MESSAGES)
        if channel.locked and not channel.may(self.world.bot, Permission.MANAGE_THREADS):
            raise Refusal(403, 160005, "Thread is locked")

    def list_messages(self, request: "Request") -> list[Json]:
        channel, query = request.channel(), request.http.query
        if not channel.may(self.world.bot, Permission.READ_MESSAGE_HISTORY):
            return []
        limit, before, after = int(query.get("limit", 50)), query.get("before"), query.get("after")
        if not 1 <= limit <= 100:
            self.judge(request, lambda form: checks.number(1, 100)(form, ("limit",), limit))
        found = [
            message
            for message in channel.messages
            if (before is None or message.id < int(before)) and (after is None or message.id > int(after))
        ]
        chosen = found[:limit] if after else found[-limit:]
        return [message.json() for message in reversed(chosen)]

    def get_message(self, request: "Request") -> Json:
        channel = request.channel()
        request.need(channel, Permission.READ_MESSAGE_HISTORY)
        return request.message(channel).json()

    def create_message(self, request: "Request") -> Json:
        channel = request.channel()
        return self.sent(request, channel, request.call.body).json()

    def sent(self, request: "Request", channel: Channel, body: Json) -> Message:
        """A message of the bot's, checked and written; a repeated nonce yields the earlier one."""
        bot, files = self.world.bot, request.call.files
        self.judge(request, lambda form: checks.message(form, body, checks.NEW_MESSAGE, checks.NEW_FLAGS))
        self.attached(request, body)
        self.may_send(request, channel)
        if checks.is_empty(body, len(files)):
            raise Refusal(400, 50006, "Cannot send an empty message", violation=True)
        if body.get("embeds"):
            request.need(channel, Permission.EMBED_LINKS)
        if files:
            request.need(channel, Permission.ATTACH_FILES)
        earlier = self.world.nonces.get((channel.id, str(body.get("nonce"))))
        if (
            body.get("enforce_nonce")
            and earlier
            and self.world.clock() - earlier.written_at <= NONCE_REMEMBERED
        ):
            return earlier
        message = self.world.message_from(channel, bot, body, files, nonce=body.get("nonce"))
        message.reply_to = self.replied_to(request, channel, body.get("message_reference"))
        if body.get("nonce") is not None:
            self.world.nonces[channel.id, str(body["nonce"])] = message
        return self.world.write(message)

    def attached(self, request: "Request", body: Json, standing: Sequence[str] = ()) -> None:
        """Refuse a layout that shows a file the message does not have."""
        names = {*standing, *(file.name for file in request.call.files)}
        self.judge(request, lambda form: checks.files_are_there(form, body.get("components"), names))

    def replied_to(self, request: "Request", channel: Channel, reference: Json | None) -> Message | None:
        """The message a new one replies to."""
        if not reference:
            return None
        if not channel.may(self.world.bot, Permission.READ_MESSAGE_HISTORY):
            raise Refusal(403, 160002, "Cannot reply without permission to read message history")
        found = channel.written.get(int(reference["message_id"]))
        if found and not found.deleted and not found.ephemeral:
            return found
        if reference.get("fail_if_not_exists", True):
            errors = {
                "message_reference": {
                    "_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]
                }
            }
            raise Refusal(400, 50035, "Invalid Form Body", errors=errors)
        return None

    def edit_message(self, request: "Request") -> Json:
        channel, body = request.channel(), request.call.body
        message = request.message(channel)
        if message.author is not self.world.bot:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        return self.edited(request, message, body).json()

    def edited(self, request: "Request", message: Message, body: Json) -> Message:
        """A message of the bot's, changed."""
        flags = checks.EDIT_FLAGS | (message.flags & EPHEMERAL)
        self.judge(
            request, lambda form: checks.message(form, body, checks.EDITED_MESSAGE, flags, is_modern(message))
        )
        self.judge(request, lambda form: checks.nothing_left(form, body, message.content, message.embeds))
        self.attached(request, body, [item.name for item in message.attachments])
        if message.channel.archived:
            raise Refusal(400, 50083, "Thread is archived")
        kept = {"content": message.content, "embeds": message.embeds, "components": message.components}
        kept["attachments"] = [item.json() for item in message.attachments]
        if checks.is_empty({**kept, **body}, len(request.call.files) + len(message.attachments)):
            raise Refusal(400, 50006, "Cannot send an empty message", violation=True)
        self.world.edit(message, body, request.call.files)
        return message

    def delete_message(self, request: "Request") -> None:
        channel = request.channel()
        message = request.message(channel)
        if message.author is not self.world.bot:
            request.need(channel, Permission.MANAGE_MESSAGES)
        self.removed(message)

    def removed(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        gone: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        guild = message.channel.guild
        if guild:
            gone["guild_id"] = str(guild.id)
        if not message.ephemeral:
            self.world.emit(
                "MESSAGE_DELETE", gone, Intent.GUILD_MESSAGES if guild else Intent.DIRECT_MESSAGES, guild
            )

    def add_reaction(self, request: "Request") -> None:
        channel = request.channel()
        message = request.message(channel)
        request.need(channel, Permission.READ_MESSAGE_HISTORY)
        request.need(channel, Permission.ADD_REACTIONS)
        message.reactions.add(request.http.match_info["emoji"])

    def remove_reaction(self, request: "Request") -> None:
        request.message(request.channel()).reactions.discard(request.http.match_info["emoji"])

    def pin(self, request: "Request") -> None:
        channel = request.channel()
        message = request.message(channel)
        request.need(channel, Permission.PIN_MESSAGES)
        if channel.archived:
            raise Refusal(400, 50083, "Thread is archived")
        pins = request.call.method == "PUT"
        if pins and not message.pinned and len(channel.pins) >= MOST_PINS:
            raise Refusal(400, 30003, f"Maximum number of pins reached for the channel ({MOST_PINS})")
        message.pinned = pins

    # --- Threads

    def thread_from_message(self, request: "Request") -> Json:
        channel, body = request.channel(), request.call.body
        self.judge(request, lambda form: checks.THREAD_FROM_MESSAGE(form, (), body))
        if channel.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
            raise Refusal(400, 50024, "Cannot execute action on this channel type", violation=True)
        request.need(channel, Permission.CREATE_PUBLIC_THREADS)
        starter = request.message(channel)
        if starter.thread:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        self.room_for_thread(channel)
        minutes = body.get("auto_archive_duration")
        return self.world.open_thread(channel, body["name"], self.world.bot, minutes, starter).json()

    def room_for_thread(self, channel: Channel) -> None:
        """Refuse where a server has as many active threads as it may."""
        guild = channel.guild
        if guild and len(guild.active_threads) >= guild.most_active_threads:
            raise Refusal(400, 160006, "Maximum number of active threads reached")

    def tags_of(self, forum: Channel, body: Json) -> list[Tag]:
        """The tags that a new post is to bear."""
        known = {tag.id: tag for tag in forum.tags}
        wanted = [int(tag) for tag in body.get("applied_tags") or []]
        if not set(wanted) <= set(known):
            errors = {"applied_tags": {"_errors": [{"code": "INVALID_TAG", "message": "Unknown tag"}]}}
            raise Refusal(400, 50035, "Invalid Form Body", errors=errors, violation=True)
        moderates = forum.may(self.world.bot, Permission.MANAGE_THREADS)
        if any(known[tag].moderated for tag in wanted) and not moderates:
            raise Refusal(*NO_PERMISSION)
        if forum.flags & REQUIRE_TAG and not wanted:
            raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
        return [known[tag] for tag in wanted]

    def thread_alone(self, request: "Request") -> Json:
        channel, body = request.channel(), request.call.body
        if channel.is_thread or channel.recipient or channel.type == ChannelType.VOICE:
            raise Refusal(400, 50024, "Cannot execute action on this channel type", violation=True)
        tags: list[Tag] = []
        if channel.type == ChannelType.FORUM:
            self.judge(request, lambda form: checks.FORUM_POST(form, (), body))
            first = body["message"]
            self.judge(
                request, lambda form: checks.message(form, first, checks.FORUM_MESSAGE, checks.NEW_FLAGS)
            )
            request.need(channel, Permission.SEND_MESSAGES)
            if checks.is_empty(first, len(request.call.files)):
                raise Refusal(400, 50006, "Cannot send an empty message", violation=True)
            if first.get("embeds"):
                request.need(channel, Permission.EMBED_LINKS)
            if request.call.files:
                request.need(channel, Permission.ATTACH_FILES)
            tags = self.tags_of(channel, body)
        else:
            self.judge(request, lambda form: checks.THREAD_ALONE(form, (), body))
            wanted = body.get("type", int(ChannelType.PRIVATE_THREAD))
            if (channel.type == ChannelType.ANNOUNCEMENT) != (wanted == ChannelType.ANNOUNCEMENT_THREAD):
                raise Refusal(400, 50024, "Cannot execute action on this channel type", violation=True)
            private = wanted == ChannelType.PRIVATE_THREAD
            request.need(
                channel, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
            )
        self.room_for_thread(channel)
        thread = self.world.open_thread(
            channel, body["name"], self.world.bot, body.get("auto_archive_duration"), None
        )
        if channel.type != ChannelType.FORUM:
            return thread.json()
        message = self.world.message_from(thread, self.world.bot, body["message"], request.call.files)
        thread.tags = tags
        # A forum post's first message has the post's own id.
        message.id = thread.id
        self.world.write(message)
        return {**thread.json(), "message": message.json()}

    # --- The calendar

    def list_events(self, request: "Request") -> list[Json]:
        return [event.json() for event in self.uncompleted(request.guild())]

    def uncompleted(self, guild: Guild) -> list[Event]:
        """The events that are to come or go on, as of now: one outside begins and ends by itself."""
        now = self.world.clock()
        for event in guild.events.values():
            starts, ends = map(datetime.fromisoformat, (event.starts_at, event.ends_at))
            event.status = 3 if ends.timestamp() <= now else 2 if starts.timestamp() <= now else 1
        return [event for event in guild.events.values() if event.status in (1, 2)]

    def create_event(self, request: "Request") -> Json:
        guild, body = request.guild(), request.call.body
        self.judge(request, lambda form: checks.NEW_EVENT(form, (), body))
        self.need_in(guild, Permission.CREATE_EVENTS)
        if len(self.uncompleted(guild)) >= MOST_EVENTS:
            raise Refusal(400, 30038, "Maximum number of uncompleted guild scheduled events reached (100)")
        where, starts, ends = (
            body["entity_metadata"],
            body["scheduled_start_time"],
            body.get("scheduled_end_time"),
        )
        event = Event(
            guild,
            self.world.new_id(),
            self.world.bot,
            body["name"],
            body.get("description"),
            where["location"],
            starts,
            ends or "",
        )
        self.judge_times(request, event)
        guild.events[event.id] = event
        return event.json()

    def event(self, request: "Request") -> Event:
        """The event of the path, which the bot may change."""
        guild = request.guild()
        self.uncompleted(guild)
        event = guild.events.get(request.id("event"))
        if event is None:
            raise unknown("event")
        ours = event.creator is self.world.bot
        self.need_in(guild, Permission.CREATE_EVENTS if ours else Permission.MANAGE_EVENTS)
        return event

    def change_event(self, request: "Request") -> Json:
        event, body = self.event(request), request.call.body
        self.judge(request, lambda form: checks.CHANGED_EVENT(form, (), body))
        if event.status != 1:
            raise Refusal(400, 180000, "Cannot update a finished event")
        changed = replace(
            event,
            starts_at=body.get("scheduled_start_time") or event.starts_at,
            ends_at=body.get("scheduled_end_time") or event.ends_at,
        )
        self.judge_times(request, changed)
        event.starts_at, event.ends_at = changed.starts_at, changed.ends_at
        return event.json()

    def delete_event(self, request: "Request") -> None:
        event = self.event(request)
        del event.guild.events[event.id]

    def judge_times(self, request: "Request", event: Event) -> None:
        """Refuse an event that begins in the past, or that has no end after its beginning."""

        def rule(form: Form) -> None:
            starts = datetime.fromisoformat(event.starts_at)
            if starts.timestamp() <= self.world.clock():
                path, code = ("scheduled_start_time",), "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST"
                form.wrong(path, code, "Cannot schedule event in the past.")
            if not event.ends_at:
                form.wrong(("scheduled_end_time",), "BASE_TYPE_REQUIRED", "This field is required")
            elif datetime.fromisoformat(event.ends_at) <= starts:
                path, code = ("scheduled_end_time",), "GUILD_SCHEDULED_EVENT_SCHEDULE_ENDS_BEFORE_START"
                form.wrong(path, code, "Cannot end an event before it starts.")

        self.judge(request, rule)

    def need_in(self, guild: Guild, permission: Permission) -> None:
        """Refuse what the bot has no permission for in a server at large."""
        if not guild.permissions_of(self.world.bot) & permission:
            raise Refusal(*NO_PERMISSION)

    # --- Interactions

    def answer(self, request: "Request") -> Json | None:
        """The bot's first answer to an interaction: once, and within three seconds."""
        interaction = self.world.interactions.get(request.http.match_info["token"])
        if interaction is None or interaction.id != request.id("interaction"):
            raise unknown("interaction", violation=True)
        if interaction.acknowledged:
            # Who did not hear that it was taken, or gave up waiting, may rightly say the same again.
            again = interaction.dropped or request.call.body == interaction.answered_with
            raise Refusal(400, 40060, "Interaction has already been acknowledged.", violation=not again)
        if self.world.clock() - interaction.made_at > ACKNOWLEDGE_WITHIN:
            raise unknown("interaction", violation=True)
        body = request.call.body
        kind, data = body.get("type"), body.get("data") or {}
        self.judge(request, lambda form: checks.among(*allowed_callbacks(interaction))(form, ("type",), kind))
        match kind:
            case 4:
                self.judge_answer(request, data, checks.INTERACTION_FLAGS)
                self.replied(interaction, data, request.call.files)
            case 5:
                flags = data.get("flags") or 0
                self.judge(request, lambda form: checks.among(0, EPHEMERAL)(form, ("data", "flags"), flags))
                self.deferred(interaction, data)
            case 6:
                interaction.original = interaction.source
            case 7:
                self.updated(request, interaction, data)
            case 8:
                self.judge(request, lambda form: checks.suggestions(form, data, interaction.option_type))
                interaction.choices = data.get("choices") or []
            case 9:
                self.judge(request, lambda form: checks.modal(form, data))
                interaction.form = data
        interaction.callback, interaction.answered_with = kind, body
        if request.http.query.get("with_response", "").lower() not in ("1", "true"):
            return None
        return callback_json(interaction)

    def judge_answer(self, request: "Request", body: Json, flags: int) -> None:
        """Refuse a wrong or empty message of an interaction."""
        self.judge(request, lambda form: checks.message(form, body, checks.INTERACTION_MESSAGE, flags))
        self.attached(request, body)
        if checks.is_empty(body, len(request.call.files)):
            raise Refusal(400, 50006, "Cannot send an empty message", violation=True)

    def replied(self, interaction: Interaction, body: Json, files: list[Attachment]) -> Message:
        """A message answering an interaction, written."""
        private = is_private(body)
        message = self.world.message_from(
            interaction.channel,
            self.world.bot,
            body,
            files,
            interaction=interaction,
            ephemeral_to=interaction.user if private else None,
            flags=EPHEMERAL if private else 0,
        )
        interaction.original = interaction.original or message
        interaction.replies.append(message)
        return self.world.write(message)

    def deferred(self, interaction: Interaction, body: Json) -> None:
        """ "Thinking…": a message to be filled later, private if the deferral is."""
        private = is_private(body)
        message = self.world.message_from(
            interaction.channel,
            self.world.bot,
            {},
            [],
            interaction=interaction,
            ephemeral_to=interaction.user if private else None,
            flags=EPHEMERAL if private else 0,
        )
        message.flags |= LOADING
        interaction.original = message
        interaction.unfilled = True
        self.world.write(message)

    def updated(self, request: "Request", interaction: Interaction, body: Json) -> None:
        """The message a component stands on, changed by the answer itself."""
        assert interaction.source
        self.edited(request, interaction.source, body)
        interaction.original = interaction.source
        interaction.replies.append(interaction.source)

    def open_interaction(self, request: "Request") -> Interaction:
        """The acknowledged interaction a token belongs to, while the token lives."""
        interaction = self.world.interactions.get(request.http.match_info["token"])
        if interaction is None or request.id("app") != self.world.bot.id:
            raise unknown("webhook", violation=True)
        if not interaction.acknowledged:
            raise unknown("webhook", violation=True)
        if self.world.clock() - interaction.made_at > TOKEN_LIVES:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return interaction

    def answer_message(self, request: "Request") -> Message:
        """The message of an interaction a path names."""
        interaction = self.open_interaction(request)
        name = request.http.match_info["message"]
        if name == "@original":
            found = interaction.original
        else:
            found = interaction.channel.written.get(request.id("message"))
        if (
            found is None
            or found.deleted
            or (found.interaction is not interaction and found is not interaction.source)
        ):
            raise unknown("message")
        return found

    def follow_up(self, request: "Request") -> Json:
        """A further message; the first one after a deferral fills it, and is as private as the deferral."""
        interaction = self.open_interaction(request)
        self.judge_answer(request, request.call.body, checks.INTERACTION_FLAGS)
        if interaction.unfilled:
            return self.filled(request, interaction).json()
        return self.replied(interaction, request.call.body, request.call.files).json()

    def filled(self, request: "Request", interaction: Interaction) -> Message:
        """A deferral's message, now with its words."""
        message = interaction.original
        assert message
        interaction.unfilled = False
        self.world.edit(message, request.call.body, request.call.files)
        interaction.replies.append(message)
        return message

    def get_answer(self, request: "Request") -> Json:
        return self.answer_message(request).json()

    def edit_answer(self, request: "Request") -> Json:
        message, body = self.answer_message(request), request.call.body
        interaction = self.open_interaction(request)
        if message is interaction.original and interaction.unfilled:
            self.judge_answer(request, body, checks.INTERACTION_FLAGS)
            return self.filled(request, interaction).json()
        changed = self.edited(request, message, body)
        if message not in interaction.replies:
            interaction.replies.append(message)
        return changed.json()

    def delete_answer(self, request: "Request") -> None:
        message = self.answer_message(request)
        self.open_interaction(request).unfilled = False
        self.removed(message)


class Request:
    """One call's path, looked up in the world."""

    def __init__(self, http: web.Request, call: Call, world: World) -> None:
        self.http = http
        self.call = call
        self.world = world

    def id(self, name: str) -> int:
        """An id of the path.

        Raises:
            Refusal: 50035; it is not a number.
        """
        words = self.http.match_info[name]
        if not words.isdigit():
            form = Form()
            checks.snowflake(form, (f"{name}_id",), words)
            raise Refusal(400, 50035, "Invalid Form Body", errors=form.errors, violation=True)
        return int(words)

    def guild(self) -> Guild:
        """The server of the path, if the bot is in it."""
        guild = self.world.guilds.get(self.id("guild"))
        if guild is None:
            raise unknown("guild")
        if not guild.has_bot:
            raise Refusal(*NO_ACCESS)
        return guild

    def channel(self) -> Channel:
        """The channel of the path, if the bot may see it."""
        channel = self.world.channels.get(self.id("channel"))
        if channel is None or channel.deleted:
            raise unknown("channel")
        if (channel.guild and not channel.guild.has_bot) or not channel.may(
            self.world.bot, Permission.VIEW_CHANNEL
        ):
            raise Refusal(*NO_ACCESS)
        return channel

    def message(self, channel: Channel) -> Message:
        """The message of the path; private ones do not exist here."""
        message = channel.written.get(self.id("message"))
        if message is None or message.deleted or message.ephemeral:
            raise unknown("message")
        return message

    def need(self, channel: Channel, permission: Permission) -> None:
        """Refuse what the bot has no permission for."""
        if not channel.may(self.world.bot, permission):
            raise Refusal(*NO_PERMISSION)


def allowed_callbacks(interaction: Interaction) -> tuple[int, ...]:
    """The callback types an interaction of this kind takes."""
    if interaction.kind == AUTOCOMPLETE:
        return (SUGGEST,)
    if interaction.kind == COMMAND:
        return (REPLY, DEFER_REPLY, MODAL)
    on_message = (DEFER_UPDATE, UPDATE) if interaction.source else ()
    return (REPLY, DEFER_REPLY, *on_message, *((MODAL,) if interaction.kind == COMPONENT else ()))


def callback_json(interaction: Interaction) -> Json:
    """What a callback answers when asked `with_response`."""
    shown: Json = {"id": str(interaction.id), "type": interaction.kind}
    message = interaction.original
    if message:
        shown |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
    result: Json = {"interaction": shown, "resource": {"type": interaction.callback}}
    if message and interaction.callback in (REPLY, UPDATE):
        result["resource"]["message"] = message.json()
    return result


async def read_body(http: web.Request, world: World) -> tuple[Any, list[Attachment]]:
    """The JSON of a call and its uploaded files."""
    if not http.can_read_body:
        return None, []
    if not http.content_type.startswith("multipart/"):
        return await http.json(), []
    parts = await http.post()
    written = parts.get("payload_json") or "{}"
    # With a content type of its own it comes as bytes.
    body = json.loads(written if isinstance(written, (str, bytes, bytearray)) else "{}")
    message = body.get("data") or body.get("message") or body
    described = {str(item["id"]): item.get("description") for item in message.get("attachments") or []}
    files: list[Attachment] = []
    for name, part in parts.items():
        if isinstance(part, web.FileField):
            number = name.removeprefix("files[").removesuffix("]")
            content = part.file.read()
            files.append(
                Attachment(world.new_id(), part.filename, content, part.content_type, described.get(number))
            )
    return body, files


def json_response(shown: Any, *, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """An answer in JSON, its content type without a charset as Discord's is: discord.py compares it whole."""
    words = json.dumps(shown).encode()
    return web.Response(body=words, status=status, headers=headers, content_type="application/json")


def too_many(retry_after: float, headers: dict[str, str]) -> web.Response:
    """The answer to a call over a limit, as it comes through Discord's front."""
    everywhere = headers.get("X-RateLimit-Global") == "true"
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
    return json_response(
        body, status=429, headers={"Retry-After": str(math.ceil(retry_after)), **headers, "Via": "1.1 google"}
    )


def sever(http: web.Request, *, reset: bool = False) -> None:
    """Cut a call's line without an answer."""
    if http.transport:
        if reset:
            # A socket that lingers for no time is closed with a reset.
            http.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        http.transport.abort()
