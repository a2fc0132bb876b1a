"""Reads the text catalogues: one gettext file for each language, compiled when the house opens."""

from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.domain.languages import Language


def load_catalogues() -> dict[Language, GNUTranslations]:
    """The compiled catalogue of every language."""
    return {language: _compiled(language) for language in Language}


def _compiled(language: Language) -> GNUTranslations:
    source = files(__package__).joinpath(language.value, "paperclub.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language.value))
    compiled.seek(0)
    return GNUTranslations(compiled)
