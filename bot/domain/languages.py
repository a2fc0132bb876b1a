"""The languages Paperclub speaks, and pairs of words in both."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that one person reads."""

    EN = "en"
    ZH = "zh"


class ClubLanguage(StrEnum):
    """What a club posts in: one language, or both together."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"

    def spoken(self) -> tuple[Language, ...]:
        """The languages of a post, the one shown first leading."""
        if self is ClubLanguage.BOTH:
            return (Language.EN, Language.ZH)
        return (Language(self.value),)


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same thing said in English and in Chinese."""

    en: str
    zh: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


def language_of(tag: str | None, default: Language = Language.EN) -> Language:
    """The language for an IETF tag such as `zh-hans`, `zh-TW` or `en-GB`; the default for all others."""
    primary = (tag or "").lower().replace("_", "-").partition("-")[0]
    return next((language for language in Language if language.value == primary), default)
