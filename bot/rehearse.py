"""What will be posted when in the clubs on record, written out for their host."""

from collections.abc import AsyncIterator

from bot.domain.errors import Problem
from bot.domain.languages import ClubLanguage, Language
from bot.library.files import shipped
from bot.library.library import ContentLibrary
from bot.locales.catalogues import load_catalogues
from bot.messages.markup import flat
from bot.messages.texts import Texts
from bot.ports import Clock
from bot.settings import Settings
from bot.storage.stores import open_store
from bot.use_cases.asking import Defaults, Tools
from bot.use_cases.courses import course
from bot.use_cases.rehearsal import rehearsed
from schedules.presets import load_presets


async def rehearse(
    settings: Settings, clock: Clock, weeks: int, only: int | None, language: Language
) -> AsyncIterator[str]:
    """The lines of each club's rehearsal under its number, or of one club alone.

    Raises DatabaseRefused or StorageUnavailable for a database that cannot be read.
    """
    store = await open_store(settings.database)
    try:
        words = Texts(load_catalogues())
        library = ContentLibrary.load(shipped(), settings.content)
        defaults = Defaults(ClubLanguage(language.value), settings.zone, "")
        tools = Tools(clock, store, library, words, defaults, load_presets())
        async with store.read() as records:
            clubs = [club for club in await records.clubs() if only in (None, club.id)]
            for club in clubs:
                yield f"── {club.id} ──"
                try:
                    going = await course(tools, records, club.id)
                    for line in rehearsed(tools, words[language], club, going, clock.now(), weeks):
                        yield flat(line)
                except Problem as problem:
                    yield words[language].plain(problem.key, **problem.values)
                yield ""
    finally:
        await store.close()
