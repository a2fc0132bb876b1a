"""What the strict Discord takes from Discord's API description."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from tests.servers.discord import DiscordServer
from tests.servers.discord_checks import Form, Json
from tests.servers.discord_document import PASSED_OVER, ROUTES, TYPES, judge, route_of, rule

MESSAGES = "POST /channels/{channel_id}/messages"
ANSWERS = "POST /interactions/{interaction_id}/{interaction_token}/callback"
EDITS = "PATCH /channels/{channel_id}/messages/{message_id}"
MODERN = 1 << 15


def button(**more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Press", "custom_id": "press", **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def menu(count: int = 2, **more: Any) -> Json:
    options = [{"label": f"Option {place}", "value": str(place)} for place in range(count)]
    return {"type": 3, "custom_id": "menu", "options": options, **more}


def label(component: Json) -> Json:
    return {"type": 18, "label": "Label", "component": component}


def modal(*components: Json, **more: Any) -> Json:
    return {"type": 9, "data": {"custom_id": "form", "title": "Form", "components": [*components], **more}}


def gallery(url: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}}]}


def modern(*components: Json, **more: Any) -> Json:
    return {"flags": MODERN, "components": list(components), **more}


FIELD = {"type": 4, "custom_id": "words", "style": 1}
EVENT: Json = {
    "name": "Talk",
    "scheduled_start_time": "2026-09-01T18:00:00+00:00",
    "scheduled_end_time": "2026-09-01T19:00:00+00:00",
    "privacy_level": 2,
    "entity_type": 3,
    "entity_metadata": {"location": "#general"},
}
EVENTS = "POST /guilds/{guild_id}/scheduled-events"

RIGHT: list[tuple[str, Mapping[str, str], Any, list[str]]] = [
    (MESSAGES, {}, {"content": "x", "nonce": "1", "enforce_nonce": True, "components": [row(menu())]}, []),
    (MESSAGES, {}, {"content": None, "embeds": [{"title": "x", "flags": 0}], "tts": False}, []),
    (MESSAGES, {}, modern({"type": 17, "components": [{"type": 10, "content": "x"}, row(button())]}), []),
    (MESSAGES, {}, modern(gallery("attachment://a.png"), attachments=[{"id": 0}]), ["a.png"]),
    (EDITS, {}, modern(gallery("attachment://before.png")), []),
    (EDITS, {}, {"content": "x", "tts": False, "attachments": [{"id": "1588159600000000001"}]}, []),
    (ANSWERS, {"with_response": "true"}, {"type": 4, "data": {"content": "x", "flags": 64}}, []),
    (ANSWERS, {}, {"type": 5}, []),
    (ANSWERS, {}, {"type": 6}, []),
    (ANSWERS, {}, {"type": 8, "data": {"choices": [{"name": "One", "value": "1"}]}}, []),
    (ANSWERS, {}, {"type": 8, "data": {"choices": [{"name": "One", "value": 1}]}}, []),
    (ANSWERS, {}, modal(label(FIELD), label(menu()), {"type": 10, "content": "x"}), []),
    (ANSWERS, {}, modal(label({"type": 8, "custom_id": "where", "channel_types": [0, 15]})), []),
    (EVENTS, {}, EVENT, []),
    (EVENTS, {}, {**EVENT, "entity_type": 2, "entity_metadata": None, "channel_id": "5"}, []),
    ("POST /channels/{channel_id}/threads", {}, {"name": "x", "type": 11}, []),
    ("POST /channels/{channel_id}/threads", {}, {"name": "x", "message": {"content": "x"}}, []),
    ("PATCH /channels/{channel_id}", {}, {"archived": True, "locked": True, "applied_tags": ["5"]}, []),
    ("PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}", {}, None, []),
    ("PUT /channels/{channel_id}/messages/pins/{message_id}", {}, None, []),
    ("GET /channels/{channel_id}/messages", {"limit": "100", "before": "5"}, None, []),
]

WRONG: list[tuple[str, Mapping[str, str], Any, str]] = [
    (MESSAGES, {}, {"content": "x" * 2001}, "content"),
    (MESSAGES, {}, {"content": 5}, "content"),
    (MESSAGES, {}, {"embeds": [{"colour": 5}]}, "?embeds.0.colour"),
    (MESSAGES, {}, {"embeds": [{"title": "x", "color": -1}]}, "embeds.0.color"),
    (MESSAGES, {}, {"embeds": [{"fields": [{"name": "x"}]}]}, "embeds.0.fields.0.value"),
    (MESSAGES, {}, {"embeds": [{"title": "x", "timestamp": "noon"}]}, "embeds.0.timestamp"),
    (MESSAGES, {}, {"components": [row(button(custom_id="x" * 101))]}, "components.0.components.0.custom_id"),
    (MESSAGES, {}, {"components": [row(button(style=7))]}, "components.0.components.0.style"),
    (MESSAGES, {}, {"components": [row(button(), {"type": 4})]}, "components.0.components.1.type"),
    (MESSAGES, {}, {"components": [{"type": 15}]}, "components.0.type"),
    (MESSAGES, {}, {"components": [row(menu(26))]}, "components.0.components.0.options"),
    (MESSAGES, {}, {"components": [row(menu(max_values=3))]}, "components.0.components.0.max_values"),
    (
        MESSAGES,
        {},
        {"components": [row(menu(min_values=2, max_values=1))]},
        "components.0.components.0.min_values",
    ),
    (
        MESSAGES,
        {},
        modern({"type": 10, "content": "x"}, {"type": 9, "components": [{"type": 10, "content": "x"}]}),
        "components.1.accessory",
    ),
    (
        MESSAGES,
        {},
        modern({"type": 17, "components": [{"type": 17, "components": []}]}),
        "components.0.components.0.type",
    ),
    (MESSAGES, {}, modern(*[{"type": 14, "id": 3}] * 2), "components.1.id"),
    (MESSAGES, {}, modern(gallery("attachment://b.png")), "components.0.items.0.media.url"),
    (MESSAGES, {}, {"embeds": [{"image": {"url": "attachment://b.png"}}]}, "embeds.0.image.url"),
    (MESSAGES, {}, {"content": "x", "attachments": [{"id": 0}]}, "attachments"),
    (MESSAGES, {}, {"content": "x", "attachments": [{"id": "1588159600000000001"}]}, "attachments"),
    (MESSAGES, {}, {"content": "x", "allowed_mentions": {"users": ["1", "1"]}}, "allowed_mentions.users"),
    (MESSAGES, {}, {"content": "x", "nonce": "x" * 26}, "nonce"),
    (MESSAGES, {}, None, ""),
    (EDITS, {}, {"content": "x", "nonce": "1"}, "?nonce"),
    (ANSWERS, {}, {"type": 10}, "type"),
    (ANSWERS, {}, {"type": 9}, "data"),
    (ANSWERS, {}, {"type": 4, "data": {"content": "x", "nonce": "1"}}, "?data.nonce"),
    (
        ANSWERS,
        {},
        {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "1"}]}},
        "data.choices.0.name",
    ),
    (ANSWERS, {}, {"type": 8, "data": {"choices": [{"name": "1", "value": "1"}] * 26}}, "data.choices"),
    (ANSWERS, {}, modal(), "data.components"),
    (ANSWERS, {}, modal(label(FIELD), title="x" * 46), "data.title"),
    (ANSWERS, {}, modal(label(button())), "data.components.0.component.type"),
    (ANSWERS, {}, modal(label({**FIELD, "style": 3})), "data.components.0.component.style"),
    (ANSWERS, {}, modal(label(menu(disabled=True))), "data.components.0.component.disabled"),
    (
        ANSWERS,
        {},
        modal(label({"type": 21, "custom_id": "one", "options": [{"label": "x", "value": "x"}]})),
        "data.components.0.component.options",
    ),
    (
        ANSWERS,
        {},
        modal(label({"type": 22, "custom_id": "some", "options": [{"label": "x", "value": "x"}] * 2})),
        "data.components.0.component.options.1.value",
    ),
    (ANSWERS, {"silent": "1"}, {"type": 6}, "?silent"),
    (ANSWERS, {"with_response": "maybe"}, {"type": 6}, "with_response"),
    (EVENTS, {}, {**EVENT, "scheduled_end_time": None}, "scheduled_end_time"),
    (EVENTS, {}, {**EVENT, "privacy_level": 1}, "privacy_level"),
    (EVENTS, {}, {**EVENT, "entity_metadata": {"location": "x" * 101}}, "entity_metadata.location"),
    ("POST /channels/{channel_id}/threads", {}, {"name": "x" * 101, "type": 11}, "name"),
    ("PATCH /channels/{channel_id}", {}, {"archive": True}, "?archive"),
    ("PATCH /channels/{channel_id}", {}, {"applied_tags": ["1"] * 6}, "applied_tags"),
    ("PUT /channels/{channel_id}/messages/pins/{message_id}", {}, {"pinned": True}, "?body"),
    ("GET /channels/{channel_id}/messages", {"limit": "101"}, None, "limit"),
]
"""Requests with one thing wrong each, and where; `?` stands before what is not known at all."""


def flat(errors: Json, path: str = "") -> set[str]:
    """The places of a tree of errors."""
    found = {path} if "_errors" in errors else set()
    for step, inside in errors.items():
        if step != "_errors":
            found |= flat(inside, f"{path}.{step}" if path else step)
    return found


@pytest.mark.parametrize(("route", "query", "body", "files"), RIGHT)
def test_what_the_description_allows_passes(
    route: str, query: Mapping[str, str], body: Any, files: list[str]
) -> None:
    form = Form()
    judge(form, route, query, body, files)
    assert (form.errors, form.strays) == ({}, [])


@pytest.mark.parametrize(("route", "query", "body", "place"), WRONG)
def test_what_it_does_not_allow_is_told_where_it_stands(
    route: str, query: Mapping[str, str], body: Any, place: str
) -> None:
    form = Form()
    judge(form, route, query, body)
    assert flat(form.errors) | {f"?{stray}" for stray in form.strays} == {place}


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("PUT /channels/5/messages/pins/6", "PUT /channels/{channel_id}/messages/pins/{message_id}"),
        (
            "PATCH /webhooks/5/token/messages/@original",
            "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original",
        ),
        (
            "PATCH /webhooks/5/token/messages/6",
            "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
        ),
        ("GET /users/@me", "GET /users/@me"),
        ("GET /users/5", "GET /users/{user_id}"),
        ("POST /users/5", None),
        ("GET /channels//messages", None),
    ],
)
def test_a_call_belongs_to_the_route_that_says_most(path: str, route: str | None) -> None:
    assert route_of(*path.split(" ")) == route


def test_every_route_the_server_has_is_in_the_description() -> None:
    served = {
        (definition.method, definition.path.removeprefix("/api/v10"))
        for definition in DiscordServer().rest.routes()
        if definition.method != "*"
    }
    assert len(served) > 30
    unknown = {
        f"{method} {path}"
        for method, path in served
        if route_of(method, path.replace("{", "").replace("}", "")) is None
    }
    assert unknown == set()


def test_every_kind_of_the_table_is_known() -> None:
    kinds = [kind for fields in TYPES.values() if isinstance(fields, dict) for kind in fields.values()]
    kinds += [kind for kind in TYPES.values() if isinstance(kind, str)]
    for described in ROUTES.values():
        kinds += [described[part] for part in ("body",) if part in described]
        kinds += described.get("query", {}).values()
    assert len(kinds) > 400
    for kind in kinds:
        rule(kind)(Form(), (), {})
    assert not {(name, field) for name, field in PASSED_OVER if field in TYPES[name]}


async def test_the_server_refuses_and_keeps_what_the_description_does_not_allow() -> None:
    server = DiscordServer()
    await server.start()
    try:
        general = server.guild().channel("general")
        address = f"{server.api_url}/channels/{general.id}/messages"
        headers = {"Authorization": f"Bot {server.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            wrong = await session.post(address, json={"content": "x", "components": [{"type": 15}]})
            assert (wrong.status, (await wrong.json())["code"]) == (400, 50035)
            stray = await session.post(address, json={"content": "x", "colour": 5})
            assert stray.status == 200
        first, second = server.violations
        assert "components" in first
        assert second.endswith("unknown field colour")
        assert [message.content for message in server.messages(general)] == ["x"]
    finally:
        await server.stop()
