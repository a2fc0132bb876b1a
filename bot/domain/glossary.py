"""A word of the glossary: what it is called in each language, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.languages import Bilingual, Language


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A technical term. `also` are its other names, `papers` the ids of those where it matters. All texts
    are plain. A term equals none but itself."""

    id: str
    name: Bilingual
    also: Mapping[Language, tuple[str, ...]]
    means: Bilingual
    papers: tuple[str, ...]

    def names(self, language: Language) -> tuple[str, ...]:
        """Everything it is called in a language, the usual name first."""
        return (self.name[language], *self.also[language])
