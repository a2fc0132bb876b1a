"""A page of the web room without its looks: what the server tells one, and what one may send."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

Json = dict[str, Any]

PATIENCE = 20
"""How long, in seconds, the server may take before a test fails."""

_nonces = count()


class Page:
    """One connection. Lines are kept as they stand now, by id, for the chat it is in."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.persona = ""
        self.private = False
        self.lines: dict[int, Json] = {}
        self.toasts: list[str] = []
        self.scene: Json = {}

    async def enter(self, persona: str, *, private: bool = False) -> Json:
        """Look at a chat as somebody; the whole view."""
        self.persona, self.private = persona, private
        self.lines.clear()
        await self.send(type="enter", persona=persona, private=private)
        self.scene = (await self.until("scene"))[-1]
        self.lines |= {line["id"]: line for line in (*self.scene["threads"], *self.scene["lines"])}
        return self.scene

    async def say(self, text: str, thread: str | None = None, nonce: str | None = None) -> list[Json]:
        """Type a line; everything shown until the server has taken it."""
        nonce = nonce or f"n{next(_nonces)}"
        await self.send(
            type="say", nonce=nonce, persona=self.persona, private=self.private, thread=thread, text=text
        )
        return await self.until("taken")

    async def press(self, token: str, line: int) -> list[Json]:
        """Press a button under a line; everything shown until that is done."""
        await self.send(type="press", token=token, line=line)
        return await self.until("pressed")

    async def open(self, thread: str) -> list[Json]:
        """The lines of a discussion."""
        await self.send(type="open", thread=thread)
        lines: list[Json] = (await self.until("thread"))[-1]["lines"]
        return lines

    async def send(self, **frame: object) -> None:
        """Send one frame."""
        await self.socket.send_json(frame)

    async def until(self, kind: str) -> list[Json]:
        """All events up to the next of a kind, which is the last of them."""
        events: list[Json] = []
        async with asyncio.timeout(PATIENCE):
            while not events or events[-1]["type"] != kind:
                event = await self.socket.receive_json()
                events.append(event)
                if event["type"] == "line":
                    self.lines[event["line"]["id"]] = event["line"]
                if event["type"] == "toast":
                    self.toasts.append(event["text"])
        return events


@asynccontextmanager
async def open_page(address: str, persona: str, *, private: bool = False) -> AsyncIterator[Page]:
    """A page that has entered a chat."""
    async with (
        ClientSession() as session,
        session.ws_connect(f"{address}ws", origin=address.rstrip("/")) as ws,
    ):
        page = Page(ws)
        await page.enter(persona, private=private)
        yield page


def said(events: list[Json]) -> list[Json]:
    """The lines among some events, in the order they were shown."""
    return [event["line"] for event in events if event["type"] == "line"]


def text(line: Json) -> str:
    """All that a line says, folds opened."""
    if "text" in line or "title" in line:
        return str(line.get("text") or line["title"])
    return "\n".join(_part(part) for part in line["parts"])


def buttons(line: Json) -> dict[str, str]:
    """The tokens of a line’s buttons, by label."""
    rows = [row for part in line.get("parts", ()) if part["kind"] == "buttons" for row in part["rows"]]
    return {button["label"]: button["token"] for row in rows for button in row if "token" in button}


def quiz(line: Json) -> Json | None:
    """The question a line asks the group."""
    return next((part for part in line.get("parts", ()) if part["kind"] == "quiz"), None)


def picture(line: Json) -> str:
    """What a line’s picture says to whoever cannot see it."""
    return next((str(part["alt"]) for part in line.get("parts", ()) if part["kind"] == "picture"), "")


def _part(part: Json) -> str:
    match part["kind"]:
        case "text":
            return _shown(part["html"])
        case "head":
            return "\n".join(_shown(line["html"]) for line in part["lines"])
        case "facts":
            return "\n".join(f"{_shown(label)} {_shown(value)}" for label, value in part["rows"])
        case "fold":
            return "\n".join([part["title"], *map(_part, part["parts"])])
        case "quiz":
            return "\n".join([part["title"], part["question"], *(o["text"] for o in part["options"])])
        case "pointer":
            return str(part["label"])
        case _:
            return ""


def _shown(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html.replace("<br>", ""))).strip()
