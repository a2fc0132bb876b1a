"""The member's Discord app: what it lets a member do, and the interaction it sends when they do it.

The app knows only what the bot has registered and sent. What it would not offer (an unregistered command, a
disabled button, a choice that is not on the list) raises `NotOffered`.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.servers import discord_checks as checks
from tests.servers.discord_checks import EPHEMERAL, Json
from tests.servers.discord_world import Channel, Intent, Interaction, Message, Permission, User, World, walk

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
PLAIN_TYPES: Final[dict[int, type | tuple[type, ...]]] = {
    checks.STRING: str,
    checks.INTEGER: int,
    checks.BOOLEAN: bool,
    checks.USER: User,
    checks.CHANNEL: Channel,
    checks.NUMBER: (int, float),
}


class NotOffered(AssertionError):
    """The member's app does not offer what the test asks it to do."""


def start(
    world: World, kind: int, channel: Channel, user: User, data: Json, source: Message | None = None
) -> Interaction:
    """Send an interaction to the bot, and remember it."""
    if not channel.holds(user):
        raise NotOffered(f"{user.name} has no part in this channel")
    if not channel.has_bot and not user.brings_bot and source is None:
        raise NotOffered(f"{user.name} has not installed the bot, and it is not here")
    interaction = Interaction(
        world, world.new_id(), secrets.token_urlsafe(48), kind, user, channel, data, world.clock(), source
    )
    world.interactions[interaction.token] = interaction
    # What is done where the bot is no member is told all the same.
    told_of = channel.guild if channel.has_bot else None
    world.emit("INTERACTION_CREATE", interaction_json(interaction), Intent(0), told_of)
    return interaction


def context(channel: Channel) -> int:
    """The kind of place a channel is: in a server, with the bot alone, or among users."""
    return 0 if channel.guild else 1 if channel.has_bot else 2


def interaction_json(interaction: Interaction) -> Json:
    """The interaction object as the gateway carries it."""
    world, channel, user = interaction.world, interaction.channel, interaction.user
    guild = channel.guild
    shown: Json = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel.json(),
        "locale": user.locale,
        "entitlements": [],
        "attachment_size_limit": 10 * 1024 * 1024,
        "authorizing_integration_owners": interaction.owners,
        "context": context(channel),
    }
    if guild:
        shown |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": guild.member_json(user, channel),
            "app_permissions": str(int(app_permissions(world, channel))),
        }
        shown["channel"]["permissions"] = shown["member"]["permissions"]
    else:
        shown |= {
            "user": user.json(),
            "app_permissions": str(int(app_permissions(world, channel))),
        }
    if interaction.source:
        shown["message"] = interaction.source.json()
    return shown


def app_permissions(world: World, channel: Channel) -> Permission:
    """What the bot may do in a channel, or its answers where it is no member."""
    if channel.guild and channel.has_bot:
        return channel.guild.permissions_of(world.bot, channel)
    return Permission.SEND_MESSAGES | Permission.EMBED_LINKS | Permission.ATTACH_FILES


# --- Slash commands


def registered(world: World, channel: Channel, user: User, kind: int, name: str) -> Json:
    """A command of this kind and name, where it is offered to a user."""
    guild = channel.guild
    everywhere = list(world.commands[None].values())
    here = list(world.commands.get(guild.id, {}).values()) if guild else []
    for definition in here + everywhere:
        if definition["name"] == name and definition["type"] == kind:
            refuse_where_hidden(definition, channel, user)
            return definition
    known = [item["name"] for item in everywhere if item["type"] == kind]
    raise NotOffered(f"{name!r} is not registered; registered: {known}")


def find(world: World, channel: Channel, user: User, path: str) -> tuple[Json, list[Json]]:
    """The registered command of a path such as `paper today`, and the subcommand steps under it."""
    names = path.removeprefix("/").split()
    definition = registered(world, channel, user, checks.CHAT_INPUT, names[0])
    steps: list[Json] = []
    level = definition
    for name in names[1:]:
        inside = {
            item["name"]: item
            for item in level.get("options") or []
            if item["type"] in (checks.SUBCOMMAND, checks.GROUP)
        }
        if name not in inside:
            raise NotOffered(f"/{path} is not registered; under {level['name']}: {sorted(inside)}")
        level = inside[name]
        steps.append(level)
    if any(item["type"] in (checks.SUBCOMMAND, checks.GROUP) for item in level.get("options") or []):
        raise NotOffered(f"/{path} needs a subcommand")
    return definition, steps


def refuse_where_hidden(definition: Json, channel: Channel, user: User) -> None:
    """A command hidden from a place or a member cannot be used there or by them. What a server's organisers
    may hide is offered all the same to whoever brings the bot themselves."""
    contexts = definition.get("contexts")
    if contexts is None:
        contexts = [0] if definition.get("dm_permission") is False else [0, 1]
    installs = definition.get("integration_types") or [0]
    by_server, by_user = 0 in installs and channel.has_bot, 1 in installs and user.brings_bot
    if context(channel) not in contexts or not (by_server or by_user):
        raise NotOffered(f"{definition['name']} is not offered here")
    needed = definition.get("default_member_permissions")
    if channel.guild and needed is not None and not by_user:
        held = channel.guild.permissions_of(user, channel)
        hidden = not held & Permission.ADMINISTRATOR if int(needed) == 0 else int(needed) & ~int(held)
        if hidden:
            raise NotOffered(f"/{definition['name']} is not offered to {user.name}")


def given(option: Json, value: Any, resolved: dict[str, Json], channel: Channel) -> Json:
    """One filled-in option, checked as the app checks it before sending."""
    wanted = PLAIN_TYPES.get(option["type"])
    if wanted and (
        not isinstance(value, wanted) or (isinstance(value, bool) and option["type"] != checks.BOOLEAN)
    ):
        raise NotOffered(f"option {option['name']} does not take {value!r}")
    if option.get("choices") and value not in [choice["value"] for choice in option["choices"]]:
        raise NotOffered(
            f"option {option['name']} offers {[c['value'] for c in option['choices']]}, not {value!r}"
        )
    size = len(value) if isinstance(value, str) else value
    measured = "length" if isinstance(value, str) else "value"
    least, most = option.get(f"min_{measured}"), option.get(f"max_{measured}")
    if (least is not None and size < least) or (most is not None and size > most):
        raise NotOffered(f"option {option['name']} takes {least} to {most}, not {value!r}")
    if isinstance(value, User):
        resolved.setdefault("users", {})[str(value.id)] = value.json()
        if channel.guild and value.id in channel.guild.members:
            member = channel.guild.member_json(value, channel)
            del member["user"]
            resolved.setdefault("members", {})[str(value.id)] = member
        value = str(value.id)
    elif isinstance(value, Channel):
        resolved.setdefault("channels", {})[str(value.id)] = {**value.json(), "permissions": "0"}
        value = str(value.id)
    return {"type": option["type"], "name": option["name"], "value": value}


def nested(definition: Json, steps: Sequence[Json], filled: list[Json], resolved: dict[str, Json]) -> Json:
    """The `data` of a command interaction."""
    for step in reversed(steps):
        filled = [{"type": step["type"], "name": step["name"], "options": filled}]
    data: Json = {
        "id": definition["id"],
        "name": definition["name"],
        "type": definition["type"],
        "options": filled,
    }
    if "guild_id" in definition:
        data["guild_id"] = definition["guild_id"]
    if resolved:
        data["resolved"] = resolved
    return data


def command(world: World, channel: Channel, user: User, path: str, options: Mapping[str, Any]) -> Interaction:
    """A member sends a slash command."""
    definition, steps = find(world, channel, user, path)
    offered = {item["name"]: item for item in (steps[-1] if steps else definition).get("options") or []}
    if unknown := sorted(set(options) - set(offered)):
        raise NotOffered(f"/{path} has no option {unknown}; it has {sorted(offered)}")
    if missing := [name for name, item in offered.items() if item.get("required") and name not in options]:
        raise NotOffered(f"/{path} cannot be sent without {missing}")
    resolved: dict[str, Json] = {}
    filled = [given(offered[name], value, resolved, channel) for name, value in options.items()]
    return start(world, COMMAND, channel, user, nested(definition, steps, filled, resolved))


def autocomplete(
    world: World, channel: Channel, user: User, path: str, option: str, typed: str, options: Mapping[str, Any]
) -> Interaction:
    """A member types into an option that completes itself."""
    definition, steps = find(world, channel, user, path)
    offered = {item["name"]: item for item in (steps[-1] if steps else definition).get("options") or []}
    if not offered.get(option, {}).get("autocomplete"):
        raise NotOffered(f"option {option} of /{path} does not complete itself")
    resolved: dict[str, Json] = {}
    filled = [given(offered[name], value, resolved, channel) for name, value in options.items()]
    focused = {"type": offered[option]["type"], "name": option, "value": typed, "focused": True}
    interaction = start(
        world, AUTOCOMPLETE, channel, user, nested(definition, steps, [*filled, focused], resolved)
    )
    interaction.option_type = offered[option]["type"]
    return interaction


def message_command(world: World, message: Message, user: User, name: str) -> Interaction:
    """A member chooses a command on a message."""
    if message.deleted or message.ephemeral_to not in (None, user):
        raise NotOffered(f"{user.name} does not see this message")
    definition = registered(world, message.channel, user, checks.ON_MESSAGE, name)
    data: Json = {
        "id": definition["id"],
        "name": definition["name"],
        "type": definition["type"],
        "target_id": str(message.id),
        # What is chosen is told whole, also to a bot that may not read what is said.
        "resolved": {"messages": {str(message.id): message.json()}},
    }
    return start(world, COMMAND, message.channel, user, data)


# --- Components and forms


def component(message: Message, user: User, name: str, kinds: frozenset[int]) -> Json:
    """The one enabled component of a message with this label, placeholder or custom id."""
    if message.deleted or (message.ephemeral_to not in (None, user)):
        raise NotOffered(f"{user.name} does not see this message")
    offered = [part for part in walk(message.components) if part["type"] in kinds]
    found = [
        part
        for part in offered
        if name in (part.get("label"), part.get("custom_id"), part.get("placeholder"))
    ]
    if len(found) != 1:
        seen = [part.get("label") or part.get("placeholder") or part.get("custom_id") for part in offered]
        raise NotOffered(f"{len(found)} components called {name!r} among {seen}")
    if found[0].get("disabled") or not found[0].get("custom_id"):
        raise NotOffered(f"{name!r} is disabled or a link")
    return found[0]


def press(world: World, message: Message, user: User, name: str) -> Interaction:
    """A member presses a button."""
    part = component(message, user, name, frozenset({checks.BUTTON}))
    data = {"custom_id": part["custom_id"], "component_type": part["type"], "id": part["id"]}
    return start(world, COMPONENT, message.channel, user, data, message)


def choose(world: World, message: Message, user: User, name: str, values: Sequence[str]) -> Interaction:
    """A member chooses from a menu, by the options' labels or values."""
    part = component(message, user, name, checks.SELECTS)
    offered = {option["label"]: option["value"] for option in part.get("options") or []}
    chosen = [offered.get(value, value) for value in values]
    if part["type"] == checks.SELECT and not set(chosen) <= set(offered.values()):
        raise NotOffered(f"{name!r} offers {sorted(offered)}")
    if not part.get("min_values", 1) <= len(chosen) <= part.get("max_values", 1):
        raise NotOffered(f"{name!r} takes {part.get('min_values', 1)} to {part.get('max_values', 1)} options")
    data: Json = {
        "custom_id": part["custom_id"],
        "component_type": part["type"],
        "id": part["id"],
        "values": chosen,
    }
    resolved = resolve(world, message.channel, part["type"], chosen)
    if resolved:
        data["resolved"] = resolved
    return start(world, COMPONENT, message.channel, user, data, message)


def resolve(world: World, channel: Channel, kind: int, ids: Sequence[str]) -> Json:
    """What a menu of users, roles or channels tells about those chosen."""
    guild = channel.guild
    if kind == checks.USERS:
        return {"users": {each: world.users[int(each)].json() for each in ids}}
    if kind == checks.CHANNELS:
        return {"channels": {each: {**world.channels[int(each)].json(), "permissions": "0"} for each in ids}}
    if kind == checks.ROLES and guild:
        return {"roles": {each: guild.roles[int(each)].json() for each in ids}}
    return {}


def submit(world: World, asked: Interaction, answers: Mapping[str, str | Sequence[str]]) -> Interaction:
    """A member fills in the form an interaction opened, by the fields' labels or custom ids; what they leave
    alone stays as it stood."""
    form = asked.form
    if form is None:
        raise NotOffered("no form was opened")
    left = dict(answers)
    rows: list[Json] = []
    for outer in form["components"]:
        inner = outer.get("component") or (outer.get("components") or [None])[0]
        if inner is None:
            continue
        names = [inner["custom_id"], outer.get("label"), inner.get("label")]
        answer = next((left.pop(name) for name in names if name in left), None)
        filled = {"type": inner["type"], "custom_id": inner["custom_id"], "id": inner.get("id", 1)}
        filled |= written(inner, answer) if inner["type"] == checks.INPUT else ticked(inner, answer)
        rows.append(
            {
                "type": outer["type"],
                **({"component": filled} if outer["type"] == checks.LABEL else {"components": [filled]}),
            }
        )
    if left:
        raise NotOffered(f"the form has no {sorted(left)}")
    data = {"custom_id": form["custom_id"], "components": rows}
    return start(world, FORM, asked.channel, asked.user, data, asked.source)


def written(field: Json, answer: str | Sequence[str] | None) -> Json:
    """What is sent of a field for words."""
    value = field.get("value") or "" if answer is None else answer
    if not isinstance(value, str):
        raise NotOffered(f"{field['custom_id']} takes words")
    if not value and field.get("required", True):
        raise NotOffered(f"{field['custom_id']} must be filled in")
    if value and not (field.get("min_length") or 0) <= len(value) <= (field.get("max_length") or 4000):
        raise NotOffered(f"{field['custom_id']} refuses {len(value)} characters")
    return {"value": value}


def ticked(field: Json, answer: str | Sequence[str] | None) -> Json:
    """What is sent of a field of choices, which are given by label or value."""
    options = field.get("options") or []
    if answer is None:
        chosen = [option["value"] for option in options if option.get("default")]
    else:
        offered = {option["label"]: option["value"] for option in options}
        chosen = [offered.get(each, each) for each in ([answer] if isinstance(answer, str) else answer)]
        if options and not set(chosen) <= set(offered.values()):
            raise NotOffered(f"{field['custom_id']} offers {sorted(offered)}")
    radio = field["type"] == checks.RADIO_GROUP
    several = field["type"] == checks.CHECKBOX_GROUP
    most = 1 if radio else field.get("max_values") or (len(options) if several else 1)
    least = 1 if radio else field.get("min_values", 1)
    if not (field.get("required", True) or chosen):
        least = 0
    if not least <= len(chosen) <= most:
        raise NotOffered(f"{field['custom_id']} takes {least} to {most} choices")
    return {"value": chosen[0] if chosen else None} if radio else {"values": chosen}


def is_private(body: Json) -> bool:
    """Whether an interaction's answer asks to be seen by its member alone."""
    return bool((body.get("flags") or 0) & EPHEMERAL)
