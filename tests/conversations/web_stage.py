"""The web room as a stage: every person is a page of their own, and one more page watches."""

from contextlib import AsyncExitStack
from itertools import count
from typing import ClassVar

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.languages import Language
from bot.locales.catalogues import load_catalogues
from bot.messages.incoming import Place, Sender
from bot.messages.texts import Texts
from bot.platforms.web.hall import ROOM, Persona
from bot.platforms.web.render import BOT
from bot.settings import Settings
from bot.storage.stores import open_store
from bot.use_cases import clubs
from bot.use_cases.asking import Defaults, Tools
from schedules.presets import load_presets
from tests.conversations.stage import Heard, Person, Stage
from tests.house import PLAN, library
from tests.platforms.web.pages import Json, Page, buttons, open_page, picture, quiz, said, text

WATCHER = Persona("watcher", "Watcher", Language.EN)


class WebStage(Stage):
    """A club without members in the web room; people come as they are named."""

    platform: ClassVar[Platform] = Platform.WEB

    def settings(self) -> Settings:
        return Settings(data=self.folder, database=self.database, web=("127.0.0.1", 0))

    async def build(self) -> None:
        """Found the club before the house is opened, which would else furnish one with people in it."""
        self._personas = [WATCHER]
        self._numbers = count(1)
        self._pages: dict[tuple[str, bool], Page] = {}
        self._discussions: dict[int, tuple[str, list[Json]]] = {}
        store = await open_store(self.database)
        async with store.write() as records:
            tools = Tools(
                self.clock,
                store,
                library(),
                Texts(load_catalogues()),
                Defaults(None, "UTC", PLAN),
                load_presets(),
            )
            host = Sender(Account(Platform.WEB, WATCHER.id), WATCHER.name, WATCHER.language, organiser=True)
            await clubs.found(tools, records, host, Place(ROOM, ChatKind.GROUP, "Readers"))
        await store.close()

    async def demolish(self) -> None:
        """There is no server but the house’s own."""

    async def joined(self) -> None:
        """Open the watcher’s page; those of the others are opened when they do something."""
        assert self.house.web is not None
        for persona in self._personas:
            self.house.web.admit(persona)
        self._pages.clear()
        self._open = await self._parts.enter_async_context(AsyncExitStack())
        await self._watch()

    def person(self, name: str, language: str = "en", *, organiser: bool = False) -> Person:
        persona = Persona(f"p{next(self._numbers)}", name, Language(language), organiser)
        self._personas.append(persona)
        assert self.house.web is not None
        self.house.web.admit(persona)
        return Person(name, language, organiser, persona)

    async def say(self, who: Person, line: str, *, private: bool = False) -> Heard:
        page = await self._page(who.handle, private=private)
        seen = set(page.lines)
        return await self._heard(page, seen, await page.say(line))

    async def press(self, who: Person, label: str, on: Heard | None = None) -> Heard:
        if on:
            page, line = on.ref
            page = (
                page if page in self._pages.values() else await self._page(who.handle, private=page.private)
            )
        else:
            page = await self._page(who.handle)
            line = max(i for i, shown in page.lines.items() if label in buttons(shown))
        seen = set(page.lines)
        return await self._heard(page, seen, await page.press(buttons(page.lines[line])[label], line))

    async def answer(self, who: Person, question: int, choice: int) -> Heard:
        page = await self._page(who.handle)
        asked = [(i, part) for i, line in sorted(page.lines.items()) if (part := quiz(line))]
        latest = max(part["round"] for _, part in asked)
        line, part = [(i, part) for i, part in asked if part["round"] == latest][question]
        seen = set(page.lines)
        events = await page.press(part["options"][choice]["token"], line)
        if any(shown["id"] not in seen for shown in said(events)):
            return await self._heard(page, seen, events)
        return Heard(toast=_toast(events), private=True, ref=(page, line))

    async def pass_time(self, seconds: int) -> None:
        await super().pass_time(seconds)
        await self._watch()

    async def menu(self, who: Person) -> list[str]:
        page = await self._page(who.handle)
        return [command["path"] for command in page.scene["menu"]["commands"]]

    def posts(self) -> list[str]:
        return [text(line) for line in self._main() if "parts" in line and not quiz(line)]

    def questions(self) -> list[str]:
        return [part["question"] for line in self._main() if (part := quiz(line))]

    def threads(self) -> dict[str, list[str]]:
        return {
            self._pages[WATCHER.id, False].lines[opener]["title"]: [
                text(line) for line in lines if line["author"] == BOT
            ]
            for opener, (_, lines) in self._discussions.items()
        }

    async def _page(self, persona: Persona, *, private: bool = False) -> Page:
        """A person’s page as it stands now, opened when it is not."""
        page = self._pages.get((persona.id, private))
        if page is None:
            assert self.house.web is not None
            page = await self._open.enter_async_context(
                open_page(self.house.web.address, persona.id, private=private)
            )
            self._pages[persona.id, private] = page
        else:
            await page.enter(persona.id, private=private)
        return page

    async def _heard(self, page: Page, seen: set[int], events: list[Json]) -> Heard:
        """What came back; when only posts follow, the first of them."""
        toast = _toast(events)
        answers = [line for line in said(events) if line["author"] == BOT and line["thread"] is None]
        if not answers and toast:
            await self.house.sender.settled()
            await page.enter(page.persona, private=page.private)
            answers = [
                line for i, line in page.lines.items() if i not in seen and "parts" in line and not quiz(line)
            ][:1]
        await self._watch()
        if not answers:
            return Heard(toast=toast)
        line = answers[-1]
        ref = (page, line["id"])
        return Heard(text(line), tuple(buttons(line)), toast, line["private"], picture(line), ref)

    async def _watch(self) -> None:
        """See the room as everybody sees it now, and read the discussions in which something was said."""
        page = await self._page(WATCHER)
        for opener in sorted(page.scene["threads"], key=lambda line: int(line["id"])):
            known = self._discussions.get(opener["id"])
            if known is None or known[0] != opener["replies"]:
                lines = await page.open(str(opener["id"]))
                self._discussions[opener["id"]] = (opener["replies"], lines)

    def _main(self) -> list[Json]:
        lines = sorted(self._pages[WATCHER.id, False].lines.items())
        return [line for _, line in lines if line["author"] == BOT and line["thread"] is None]


def _toast(events: list[Json]) -> str:
    return next((event["text"] for event in events if event["type"] == "toast"), "")
