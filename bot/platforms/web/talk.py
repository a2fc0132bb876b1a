"""One page’s conversation: what it sends becomes an `Incoming`, and the `Reply` becomes lines."""

import logging
from collections import OrderedDict
from typing import Protocol, TypeAlias

import msgspec

from bot.domain.clubs import Account, ChatKind, Club, Platform
from bot.domain.course import Happening
from bot.domain.plans import Plan
from bot.messages.incoming import Event, Incoming, Place, Pressed, Said, Sender
from bot.messages.outgoing import Reply
from bot.platforms.web import render, scene
from bot.platforms.web.hall import ROOM, Hall, Persona, Viewer
from bot.platforms.web.limits import REMEMBERED, TEXT_LIMIT
from bot.platforms.web.render import BOT
from bot.ports import Library, Listener, RoomLine, StorageUnavailable, Store

log = logging.getLogger(__name__)


class RoomDesk(Protocol):
    """What somebody in front of the room may do with its club’s time."""

    async def upcoming(self) -> Happening | None:
        """The beat that `jump` would hold; None when there is none."""
        ...

    async def jump(self) -> object:
        """Hold the club’s next beat now."""
        ...


class Enter(msgspec.Struct, tag="enter", frozen=True):
    """Look at a chat as a persona; an unknown one is the first."""

    persona: str = ""
    private: bool = False


class Say(msgspec.Struct, tag="say", frozen=True):
    """A line typed. `nonce` is the page’s own number for it, the same when it is sent again; `persona`
    and `private` tell where it was typed, as the page may have gone elsewhere since."""

    nonce: str
    persona: str
    text: str
    private: bool = False
    thread: str | None = None


class Press(msgspec.Struct, tag="press", frozen=True):
    """A button pressed under a line."""

    token: str
    line: int


class Open(msgspec.Struct, tag="open", frozen=True):
    """A discussion opened."""

    thread: str


class Jump(msgspec.Struct, tag="jump", frozen=True):
    """On to the next beat."""


Frame: TypeAlias = Enter | Say | Press | Open | Jump

_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Enter | Say | Press | Open | Jump)


class Talk:
    """Understands pages and answers them."""

    def __init__(
        self, hall: Hall, dispatch: Listener, desk: RoomDesk, library: Library, store: Store
    ) -> None:
        self._hall, self._dispatch, self._desk = hall, dispatch, desk
        self._library, self._store = library, store
        self._heard: OrderedDict[str, None] = OrderedDict()

    def arrive(self) -> Viewer:
        """A page that has just come; it sees nothing before it says who it is."""
        return Viewer(next(iter(self._hall.personas.values())))

    async def hear(self, viewer: Viewer, data: str) -> None:
        """Answer one frame. One that makes no sense is passed over: our page does not send such."""
        try:
            frame = _decoder.decode(data)
        except msgspec.DecodeError:
            log.warning("a page sent a frame that makes no sense")
            return
        try:
            await self._heard_frame(viewer, frame)
        except StorageUnavailable as trouble:
            # A line that was not taken stays with its page, which sends it again.
            self._toast(viewer, self._hall.words(viewer.persona).plain(trouble.key))
            if isinstance(frame, Press):
                viewer.show({"type": "pressed", "token": frame.token})

    async def _heard_frame(self, viewer: Viewer, frame: Frame) -> None:
        match frame:
            case Enter():
                await self._enter(viewer, frame)
            case Say():
                await self._say(viewer, frame)
            case Press():
                await self._press(viewer, frame)
            case Open(thread):
                if await self._hall.opens_thread(viewer.chat_id, thread):
                    viewer.show({"type": "thread", **await self._hall.thread(viewer, thread)})
            case Jump():
                await self._desk.jump()
                await self.tell_standing()

    async def tell_standing(self) -> None:
        """Show every page how the club stands now."""
        for viewer in list(self._hall.viewers):
            viewer.show({"type": "standing", **await self._standing(viewer.persona)})

    async def _standing(self, persona: Persona) -> render.Json:
        club, plan = await self._club()
        return scene.standing(self._hall.words(persona), club, plan, await self._desk.upcoming())

    async def _club(self) -> tuple[Club | None, Plan | None]:
        async with self._store.read() as records:
            chat = await records.chat(Platform.WEB, ROOM)
            club = await records.club(chat.club_id) if chat else None
        return club, self._library.plan(club.plan_id) if club else None

    async def _enter(self, viewer: Viewer, frame: Enter) -> None:
        viewer.persona = self._hall.personas.get(frame.persona, viewer.persona)
        viewer.chat_id = viewer.persona.private_chat if frame.private else ROOM
        self._hall.viewers.add(viewer)
        viewer.hold()
        persona, everybody = viewer.persona, self._hall.personas.values()
        words, organiser = self._hall.words(persona), frame.private or persona.organiser
        _, plan = await self._club()
        view = {
            "type": "scene",
            "persona": persona.id,
            "private": frame.private,
            "words": scene.page(words),
            "people": scene.people(everybody, words),
            "menu": scene.menu(words, self._library, plan, everybody, organiser=organiser),
            "standing": await self._standing(persona),
            **await self._hall.chat(viewer),
        }
        viewer.release(view)

    async def _say(self, viewer: Viewer, frame: Say) -> None:
        """Take a line once, however often it is sent; the page keeps it until it hears `taken`."""
        persona = self._hall.personas.get(frame.persona)
        text = frame.text.strip()
        if persona and text and frame.nonce not in self._heard:
            self._remember(frame.nonce)
            try:
                await self._line(viewer, persona, frame, text)
            except BaseException:
                del self._heard[frame.nonce]
                raise
        viewer.show({"type": "taken", "nonce": frame.nonce})

    def _remember(self, nonce: str) -> None:
        self._heard[nonce] = None
        if len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)

    async def _line(self, viewer: Viewer, persona: Persona, frame: Say, text: str) -> None:
        if len(text) > TEXT_LIMIT:
            self._toast(viewer, self._hall.words(persona).plain("web.long", limit=TEXT_LIMIT))
            return
        chat_id = persona.private_chat if frame.private else ROOM
        thread = frame.thread
        if thread is not None and not await self._hall.opens_thread(chat_id, thread):
            thread = None
        reply = None
        asked = text.startswith("/") or frame.private
        if asked:
            mentions = {f"@{p.name}": p.id for p in self._hall.personas.values()}
            reply = await self._handle(persona, chat_id, thread, Said(text, mentions))
        # What only the asker is told, only the asker is shown to have asked.
        alone = persona.id if reply and reply.private and not frame.private else None
        body = render.said_body(text, frame.nonce)
        await self._hall.add(chat_id, persona.id, body, thread_id=thread, seen_by=alone)
        if reply:
            await self._answer(viewer, persona, chat_id, thread, reply)
        if asked:
            await self.tell_standing()

    async def _press(self, viewer: Viewer, frame: Press) -> None:
        """Answer a press; the page waits for `pressed`, whatever comes of it."""
        line = await self._hall.seen(viewer, frame.line)
        if line:
            persona = viewer.persona
            event = Pressed(frame.token, str(line.id))
            reply = await self._handle(persona, line.chat_id, line.thread_id, event)
            if reply:
                await self._answer(viewer, persona, line.chat_id, line.thread_id, reply, line)
                await self.tell_standing()
        viewer.show({"type": "pressed", "token": frame.token})

    async def _handle(self, persona: Persona, chat_id: str, thread: str | None, event: Event) -> Reply | None:
        private = chat_id != ROOM
        sender = Sender(
            Account(Platform.WEB, persona.id),
            persona.name,
            persona.language,
            username=persona.id,
            organiser=private or persona.organiser,
        )
        place = Place(chat_id, ChatKind.PRIVATE if private else ChatKind.GROUP, thread_id=thread)
        return await self._dispatch.handle(Incoming(sender, place, event))

    async def _answer(
        self,
        viewer: Viewer,
        persona: Persona,
        chat_id: str,
        thread: str | None,
        reply: Reply,
        pressed: RoomLine | None = None,
    ) -> None:
        if reply.message:
            body = render.message_body(reply.message)
            alone = persona.id if reply.private and chat_id == ROOM else None
            # What everybody sees is not replaced by what concerns one.
            if reply.edit and pressed and pressed.seen_by == alone:
                await self._hall.edit(pressed.id, body)
            else:
                await self._hall.add(chat_id, BOT, body, thread_id=thread, seen_by=alone)
        if pressed and await self._hall.answered(persona, pressed):
            # The card itself shows the verdict; it is read out, not shown twice.
            await self._hall.show(pressed.id, only=persona)
            self._toast(viewer, reply.toast, aloud=True)
        else:
            self._toast(viewer, reply.toast)

    def _toast(self, viewer: Viewer, text: str, *, aloud: bool = False) -> None:
        if text:
            viewer.show({"type": "toast", "text": text, "aloud": aloud})
