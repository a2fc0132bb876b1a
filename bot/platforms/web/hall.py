"""The hall: the lines of the room, and the pages that are looking at them."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.clubs import Account, Platform
from bot.domain.languages import Language
from bot.messages.drawings import Drawing
from bot.messages.texts import Texts, Words
from bot.platforms.web import render
from bot.platforms.web.limits import HISTORY, UNSHOWN
from bot.platforms.web.render import Answered, Json
from bot.ports import Clock, Library, Records, Room, RoomLine, Store

log = logging.getLogger(__name__)

ROOM = "room"
"""The chat id of the club’s own chat."""

_PRIVATE = "private:"
_NOTHING = (-1, -1)


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody one can speak as in the room."""

    id: str
    name: str
    language: Language
    organiser: bool = False

    @property
    def private_chat(self) -> str:
        """The id of their own chat with the bot."""
        return _PRIVATE + self.id


class Viewer:
    """One open page: who it speaks as, which chat it looks at, and what it has still to be shown."""

    def __init__(self, persona: Persona) -> None:
        self.persona = persona
        self.chat_id = ROOM
        self.unshown: asyncio.Queue[str | None] = asyncio.Queue(UNSHOWN)
        self._held: list[Json] | None = None

    def show(self, event: Json) -> None:
        """Put an event in line. A page that is too far behind is sent away instead."""
        if self._held is not None:
            self._held.append(event)
            return
        try:
            self.unshown.put_nowait(json.dumps(event, ensure_ascii=False))
        except asyncio.QueueFull:
            self.leave()

    def hold(self) -> None:
        """Keep events back until `release`: a whole view is being read, and they come after it."""
        self._held = []

    def release(self, first: Json) -> None:
        """Show a whole view, then what happened while it was read."""
        held, self._held = self._held or [], None
        for event in (first, *held):
            self.show(event)

    def leave(self) -> None:
        """End the page’s connection. What it was not shown it will find when it comes back."""
        while not self.unshown.empty():
            self.unshown.get_nowait()
        self.unshown.put_nowait(None)


class Hall:
    """Adds and changes lines, and shows each to whoever may see it."""

    def __init__(
        self,
        lines: Room,
        store: Store,
        library: Library,
        texts: Texts,
        clock: Clock,
        personas: Sequence[Persona],
    ) -> None:
        self._lines, self._clock = lines, clock
        self._store, self._library, self._texts = store, library, texts
        self.personas = {persona.id: persona for persona in personas}
        self.viewers: set[Viewer] = set()

    def words(self, persona: Persona) -> Words:
        """The words a persona reads."""
        return self._texts[persona.language]

    def has(self, chat_id: str) -> bool:
        """Whether there is such a chat here."""
        return chat_id == ROOM or any(chat_id == p.private_chat for p in self.personas.values())

    async def add(
        self,
        chat_id: str,
        author: str,
        body: str,
        *,
        thread_id: str | None = None,
        seen_by: str | None = None,
        opens_thread: bool = False,
        post_key: int | None = None,
    ) -> int:
        """Say a line and give its id. One with the key of a line that is there changes nothing."""
        line_id = await self._lines.add(
            chat_id,
            author,
            body,
            self._clock.now(),
            thread_id=thread_id,
            seen_by=seen_by,
            opens_thread=opens_thread,
            post_key=post_key,
        )
        await self.show(line_id)
        if thread_id is not None:
            await self.show(int(thread_id))
        return line_id

    async def edit(self, line_id: int, body: str) -> None:
        """Put another body in place of a line’s."""
        await self._lines.edit(line_id, body, self._clock.now())
        await self.show(line_id)

    async def show(self, line_id: int, only: Persona | None = None) -> None:
        """Show a line as it stands to the pages that may see it, or to one persona’s alone."""
        line = await self._lines.line(line_id)
        if line is None:
            return
        for viewer in [v for v in self.viewers if _sees(v, line)]:
            if only in (None, viewer.persona):
                (view,) = await self._views(viewer.persona, [line])
                viewer.show({"type": "line", "chat": line.chat_id, "line": view})

    async def seen(self, viewer: Viewer, line_id: int) -> RoomLine | None:
        """A line of the chat a page looks at, if its persona may see it."""
        line = await self._lines.line(line_id)
        return line if line and _sees(viewer, line) else None

    async def drawing(self, line_id: int) -> Drawing | None:
        """The drawing of the picture in a line, if there is such."""
        line = await self._lines.line(line_id)
        return render.drawing_of(line) if line else None

    async def opens_thread(self, chat_id: str, thread_id: str) -> bool:
        """Whether a chat has such a thread."""
        if not (thread_id.isascii() and thread_id.isdecimal()):
            return False
        line = await self._lines.line(int(thread_id))
        return line is not None and line.chat_id == chat_id and line.replies is not None

    async def answered(self, persona: Persona, line: RoomLine) -> bool:
        """Whether a persona has answered the question that a line asks."""
        (view,) = await self._views(persona, [line])
        return any("answered" in part for part in view.get("parts", ()))

    async def chat(self, viewer: Viewer) -> Json:
        """The newest lines of the chat a page looks at, and the room’s threads."""
        persona = viewer.persona
        lines = await self._lines.since(viewer.chat_id, persona.id, 0, HISTORY)
        threads = await self._lines.threads(ROOM)
        return {"lines": await self._views(persona, lines), "threads": await self._views(persona, threads)}

    async def thread(self, viewer: Viewer, thread_id: str) -> Json:
        """The newest lines of a thread."""
        lines = await self._lines.since(viewer.chat_id, viewer.persona.id, 0, HISTORY, thread_id)
        return {"id": thread_id, "lines": await self._views(viewer.persona, lines)}

    async def _views(self, persona: Persona, lines: Sequence[RoomLine]) -> list[Json]:
        """Lines as a persona sees them, with their answers as the record has them."""
        asked = {line.id: asking for line in lines if (asking := render.quiz_of(line))}
        answers: dict[tuple[int, int], Answered] = {}
        if asked:
            async with self._store.read() as records:
                for round_id in {round_id for round_id, _ in asked.values()}:
                    answers.update(await self._answers(records, persona, round_id))
        words = self.words(persona)
        return [render.shown(line, words, answers.get(asked.get(line.id, _NOTHING))) for line in lines]

    async def _answers(
        self, records: Records, persona: Persona, round_id: int
    ) -> dict[tuple[int, int], Answered]:
        round_ = await records.round(round_id)
        paper = self._library.paper(round_.paper_id) if round_ else None
        if round_ is None or paper is None:
            return {}
        member = await records.member_by_account(round_.club_id, Account(Platform.WEB, persona.id))
        if member is None:
            return {}
        choices = {a.question_id: a.choices for a in await records.answers(round_id, member.id)}
        return {
            (round_id, number): Answered(round_, question, choices[question_id])
            for number, question_id in enumerate(round_.questions)
            if question_id in choices and (question := paper.question(question_id))
        }


def _sees(viewer: Viewer, line: RoomLine) -> bool:
    return viewer.chat_id == line.chat_id and line.seen_by in (None, viewer.persona.id)
