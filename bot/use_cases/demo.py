"""The club that a new host finds in the web room: people to speak as, already reading."""

from dataclasses import dataclass

from bot.domain.clubs import Account, ChatKind, Platform
from bot.domain.course import Happening
from bot.domain.languages import ClubLanguage, Language
from bot.messages.incoming import Place, Sender
from bot.use_cases import clubs
from bot.use_cases.asking import Tools
from bot.use_cases.cadence import bring_forward, upcoming

ROOM = "room"
TITLE = "The reading room · 阅览室"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone to speak as in the web room. A newcomer has not joined the club yet."""

    id: str
    name: str
    language: Language
    organiser: bool = False
    newcomer: bool = False


PEOPLE = (
    Person("ines", "Ines", Language.EN, organiser=True),
    Person("samir", "Samir", Language.EN),
    Person("lin", "林晓", Language.ZH),
    Person("yu", "小雨", Language.ZH, newcomer=True),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody in front of the room may do with its club's time."""

    tools: Tools
    club_id: int

    async def upcoming(self) -> Happening | None:
        """What `jump` would bring, at its time; None when there is nothing left."""
        async with self.tools.store.read() as records:
            club = await records.club(self.club_id)
            return await upcoming(self.tools, records, club) if club else None

    async def jump(self) -> Happening | None:
        """Let what comes next in the club come now instead of at its time."""
        return await bring_forward(self.tools, self.club_id)


async def furnish(tools: Tools) -> Desk:
    """The desk of the web room's club. At the first call it is founded by the first of the people, joined by
    all but the newcomers, and its first paper is posted."""
    async with tools.store.write() as records:
        chat = await records.chat(Platform.WEB, ROOM)
        if chat:
            return Desk(tools, chat.club_id)
        host = PEOPLE[0]
        sender = Sender(Account(Platform.WEB, host.id), host.name, host.language, organiser=True)
        club = await clubs.found(tools, records, sender, Place(ROOM, ChatKind.GROUP, TITLE))
        if tools.defaults.language is None:
            await records.set_language(club.id, ClubLanguage.BOTH)
        for person in PEOPLE:
            if not person.newcomer:
                account = Account(Platform.WEB, person.id)
                await records.enrol(club.id, account, person.name, person.id, tools.clock.now())
                await records.settle(account, club.id)
    await bring_forward(tools, club.id)
    return Desk(tools, club.id)
