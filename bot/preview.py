"""What members will see of a paper: its week in a club, lived through and written out for the author."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, assert_never

from bot.delivery.sender import Sender
from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.course import HappeningKind
from bot.domain.languages import ClubLanguage, Language
from bot.domain.papers import Paper
from bot.domain.posts import PostKind
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.actions import Action, Verb, action
from bot.messages.incoming import Arrived, Incoming, Place, Pressed
from bot.messages.incoming import Sender as Person
from bot.messages.markup import units
from bot.messages.outgoing import Buttons, Destination, Message, OpenThread, Quiz, Reply, Sent, Upkeep
from bot.messages.texts import Texts
from bot.platforms.discord import limits as discord_limits
from bot.platforms.discord import render as discord
from bot.platforms.telegram import limits as telegram_limits
from bot.platforms.telegram import render as telegram
from bot.platforms.web import render as web
from bot.ports import Pace, Servers
from bot.storage.sqlite import SqliteStore
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.cadence import bring_forward
from bot.use_cases.dispatch import Dispatcher
from bot.use_cases.posts import compose, follow_up
from schedules.presets import load_presets

GROUP = Place("-1001", ChatKind.GROUP, "A club")
_DRAWN = b"a picture"
"""Stands for a picture that could be drawn: what it looks like is not written out."""

_UNTOLD = frozenset({Verb.READ})
"""Buttons of a paper whose answer says nothing of the paper."""


async def preview(
    library: ContentLibrary, paper: Paper, language: ClubLanguage, platform: Platform
) -> AsyncIterator[str]:
    """Each message of the paper's week on a platform, with its lengths against the limits there.

    First what the club is posted, then what each button of the paper brings to a member in private. The
    paper must be in one of the library's plans.
    """
    async with _club(library, paper, language, platform) as club:
        async for title, said in club.week(paper):
            yield f"{_title(title)}\n{_written(said, platform, GROUP.chat_id)}"
        for spoken in language.spoken():
            async for title, reply in club.alone(paper, spoken):
                told = reply.message
                text = _written(told, platform, spoken) if told else f"[toast] {reply.toast}"
                yield f"{_title(f'{title} ({spoken}), for one member alone')}\n{text}"


def _title(text: str) -> str:
    return f"━━ {text} ━━"


class _Clock:
    """A Monday morning that lasts, and nothing that has to be waited for."""

    def now(self) -> int:
        return 1_788_163_200

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    async def done_within(self, seconds: float, work: asyncio.Future[None]) -> bool:
        await asyncio.wait({work})
        return True


@dataclass
class _Scribe:
    """A messenger that writes down what it is given."""

    platform: Platform
    repeatable_for: int = 0
    lacks: frozenset[PostKind] = frozenset({PostKind.PIN, PostKind.LOCK, PostKind.EVENT})
    finds: bool = False
    pace: Pace | None = None
    servers: Servers | None = None
    sent: list[tuple[int, Message | OpenThread]] = field(default_factory=list)

    async def send(self, to: Destination, message: Message, key: int) -> Sent:
        self.sent.append((key, message))
        return Sent(str(key), poll_id=str(key))

    async def tend(self, to: Destination, what: Upkeep) -> None:
        """Nothing is written down of it."""

    async def open_thread(self, to: Destination, thread: OpenThread, key: int) -> Sent:
        self.sent.append((key, thread))
        return Sent(str(key), thread_id=str(key))

    async def find(self, to: Destination, thread: OpenThread, since: int) -> Sent | None:
        return None

    async def tell(self, user_id: str, message: Message) -> None:
        return None

    def link(self, action: Action) -> str | None:
        return None

    async def may_organise(self, chat_id: str, user_id: str) -> bool:
        return True

    async def partner(self, chat_id: str) -> str | None:
        return None


@dataclass
class _Club:
    """A club that is about to read the paper."""

    tools: Tools
    dispatcher: Dispatcher
    sender: Sender
    scribe: _Scribe

    async def week(self, paper: Paper) -> AsyncIterator[tuple[str, Message | OpenThread]]:
        """What is posted in the paper's week. Each question of the quiz gets a wrong answer, so that the
        recap has one to explain."""
        member = self.member(Language.EN)
        await self.dispatcher.handle(Incoming(member, GROUP, Arrived()))
        async with self.tools.store.write() as records:
            (club,) = await records.clubs()
            number = self.tools.plan(club).number(paper.id) or 1
            await records.set_plan(club.id, club.plan_id, number - 1)
        while happening := await bring_forward(self.tools, club.id):
            await self.sender.deliver()
            for key, said in self.scribe.sent:
                async with self.tools.store.read() as records:
                    post = await records.post(key)
                yield (f"{post.kind}, posted in the group" if post else ""), said
                for quiz in said.parts if isinstance(said, Message) else ():
                    if isinstance(quiz, Quiz):
                        await self.press(member, GROUP, quiz.answers[quiz.key - 1])
            self.scribe.sent.clear()
            if happening.kind is HappeningKind.RECAP:
                return

    async def alone(self, paper: Paper, language: Language) -> AsyncIterator[tuple[str, Reply]]:
        """What the buttons of the paper's card bring to a member, each followed to its end."""
        member = self.member(language)
        await self.press(member, GROUP, action(Verb.JOIN))
        place = Place(member.account.user_id, ChatKind.PRIVATE)
        card = await self.press(member, place, action(Verb.PAPER, paper.id))
        for first in _actions(card):
            going: Action | None = first if first.verb not in _UNTOLD else None
            while going:
                reply = await self.press(member, place, going)
                yield going.verb, reply
                going = _onward(going, reply, paper)

    async def press(self, who: Person, place: Place, pressed: Action) -> Reply:
        """The answer to a button."""
        return await self.dispatcher.handle(Incoming(who, place, Pressed(pressed.token))) or Reply()

    def member(self, language: Language) -> Person:
        """Somebody who speaks a language."""
        return Person(Account(self.scribe.platform, language), "Ada", language, organiser=True)


@asynccontextmanager
async def _club(
    library: ContentLibrary, paper: Paper, language: ClubLanguage, platform: Platform
) -> AsyncIterator[_Club]:
    plan = next(plan for plan in library.plans() if paper.id in plan.papers)
    scribe, store = _Scribe(platform), SqliteStore()
    with TemporaryDirectory() as folder:
        await store.open(Path(folder) / "preview.db")
        try:
            texts = Texts(load_catalogues())
            clock = _Clock()
            tools = Tools(
                clock,
                store,
                library,
                texts,
                Defaults(language, "UTC", plan.id),
                load_presets(),
                {platform: scribe},
            )
            sender = Sender(
                store, clock, clock, tools.messengers, lambda r, p, now: compose(tools, r, p, now), follow_up
            )
            yield _Club(tools, Dispatcher(tools), sender, scribe)
        finally:
            await store.close()


def _actions(reply: Reply) -> list[Action]:
    parts = reply.message.parts if reply.message else ()
    rows = chain.from_iterable(part.rows for part in parts if isinstance(part, Buttons))
    return [button.action for button in chain.from_iterable(rows) if button.action]


def _onward(pressed: Action, reply: Reply, paper: Paper) -> Action | None:
    """The button to press next: a wrong answer, the next question, or the next page."""
    here = int(pressed.args[1]) if pressed.verb is Verb.PAGE else 1
    for offered in _actions(reply):
        match offered.verb:
            case Verb.ANSWER:
                key = paper.questions[int(offered.args[1])].key
                if int(offered.args[2]) != key:
                    return offered
            case Verb.DONE if offered.args[2] != "0":
                return offered
            case Verb.PICK if pressed.verb is not Verb.PICK:
                return offered
            case Verb.QUESTION:
                return offered
            case Verb.PAGE if int(offered.args[1]) > here:
                return offered
    return None


# How it is written out


def _written(said: Message | OpenThread, platform: Platform, chat_id: str) -> str:
    if isinstance(said, OpenThread):
        return f"[thread] {said.title}"
    match platform:
        case Platform.TELEGRAM:
            lines = _telegram(said, chat_id)
        case Platform.DISCORD:
            lines = _discord(said)
        case Platform.WEB:
            lines = _web(json.loads(web.message_body(said))["parts"])
        case _:
            assert_never(platform)
    return "\n".join(lines)


def _telegram(message: Message, chat_id: str) -> Iterator[str]:
    pieces = telegram.render(message, chat_id, _DRAWN if message.picture else None)
    if len(pieces) > 1:
        yield f"[{len(pieces)} messages]"
    for piece in pieces:
        match piece:
            case telegram.Bubble(rich):
                yield f"[text: {_of(rich.units, telegram_limits.TEXT_UNITS)}, {_entities(rich)}]"
                yield _marked(rich)
            case telegram.Photo(_, rich):
                caption = _of(rich.units, telegram_limits.CAPTION_UNITS)
                yield f"[picture, caption: {caption}, {_entities(rich)}]"
                yield _marked(rich)
            case telegram.Poll(question, options, keys, explanation):
                yield f"[poll: {_of(len(question), telegram_limits.POLL_QUESTION)}] {question}"
                for n, option in enumerate(options):
                    sign = "●" if n in keys else "○"
                    yield f"  {sign} {option} [{_of(len(option), telegram_limits.POLL_OPTION)}]"
                yield f"  → {explanation} [{_of(len(explanation), telegram_limits.POLL_EXPLANATION)}]"
            case _:
                assert_never(piece)
        if piece.keyboard:
            yield from (_row([key.text for key in row]) for row in piece.keyboard.inline_keyboard)


def _marked(rich: telegram.Rich) -> str:
    """A text with its entities as tags, which Telegram shows as they say."""
    tags: list[tuple[int, int, int, str]] = []
    for e in rich.entities:
        tags.append((e.offset, 1, -e.length, f"<{e.type}>"))
        tags.append((e.offset + e.length, 0, e.length, f"</{e.type}>"))
    text, told, at = rich.text.encode("utf-16-le"), "", 0
    for place, _, _, tag in sorted(tags):
        told += text[2 * at : 2 * place].decode("utf-16-le") + tag
        at = place
    return told + text[2 * at :].decode("utf-16-le")


def _entities(rich: telegram.Rich) -> str:
    return f"entities: {_of(len(rich.entities), telegram_limits.ENTITIES)}"


def _discord(message: Message) -> Iterator[str]:
    address = discord.Address("1", "1")
    rendered = discord.render(message, address, _DRAWN if message.picture else None)
    if rendered.png:
        length = _of(units(rendered.alt), discord_limits.ATTACHMENT_TEXT)
        yield f"[picture, its words: {length}] {rendered.alt}"
    if rendered.embeds is None:
        yield from _layout(rendered.components)
        return
    together = sum(units(f"{embed.get('title', '')}{embed['description']}") for embed in rendered.embeds)
    yield f"[embeds: {len(rendered.embeds)}, together {_of(together, discord_limits.EMBEDS_TOGETHER)}]"
    for embed in rendered.embeds:
        text = embed["description"]
        yield f"[embed: {_of(units(text), discord_limits.EMBED_TEXT)}] {embed.get('title', '')}".rstrip()
        yield text
    yield from map(_controls, rendered.components)


def _layout(components: Sequence[discord.Json]) -> Iterator[str]:
    inside = list(discord.walk(components))
    length = _of(discord.length(components), discord_limits.LAYOUT_TEXT)
    yield f"[layout: {_of(len(inside), discord_limits.COMPONENTS)} components, text {length}]"
    for each in inside:
        if "content" in each:
            yield each["content"]
        elif each["type"] == discord.SEPARATOR:
            yield "────"
        elif each["type"] == discord.ROW:
            yield _controls(each)


def _controls(row: discord.Json) -> str:
    """A row of what is pressed or chosen from."""
    return _row([each.get("label") or each["placeholder"] for each in row["components"]])


def _web(parts: Sequence[dict[str, Any]]) -> Iterator[str]:
    for part in parts:
        match part["kind"]:
            case "text":
                yield part["html"].strip()
            case "head":
                yield from (line["html"] for line in part["lines"])
            case "facts":
                yield from (f"{label}: {value}" for label, value in part["rows"])
            case "fold":
                yield f"▸ {part['title']}"
                yield from _web(part["parts"])
            case "picture":
                yield f"[picture] {part['alt']}"
            case "quiz":
                yield f"{part['title']}\n{part['question']}"
                yield from (f"  ○ {option['text']}" for option in part["options"])
            case "buttons":
                yield from (_row([button["label"] for button in row]) for row in part["rows"])
            case kind:
                yield f"[{kind}] {part.get('label', '')}"


def _row(labels: Sequence[str]) -> str:
    return " ".join(f"[ {label} ]" for label in labels)


def _of(length: int, limit: int) -> str:
    return f"{length:,} of {limit:,}"
