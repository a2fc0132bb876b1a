"""A paper of the library: what is known of it, its summary, its picture, its reading guide, its quiz and its
discussion prompts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.languages import Bilingual, Language


@dataclass(frozen=True, slots=True)
class Equation:
    """A formula: LaTeX for typesetting, plain Unicode for chats, and a sentence that reads it out."""

    latex: str
    plain: str
    says: Bilingual


@dataclass(frozen=True, slots=True)
class Summary:
    """A paper told in one language, as Markdown. The last three parts may be empty (a short summary)."""

    hook: str
    problem: str
    idea: str
    look_at: str
    result: str
    after: str
    key_points: str = ""
    misconceptions: str = ""
    today: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """The picture of a paper's idea, 360 units wide and `height` high.

    The template is the inside of an SVG, sound and free of anything active; where it holds `{name}`, the
    label of that name is to be written. `alt` says what the picture shows, as plain text.
    """

    template: str
    height: int
    alt: Bilingual
    labels: Mapping[str, Bilingual]


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of a paper: the minutes it takes, and what to do on it, as plain text."""

    minutes: int
    does: Bilingual


@dataclass(frozen=True, slots=True)
class Guide:
    """How to read a paper: three passes, each closer than the one before; and what to do with ten minutes
    alone. All texts are plain."""

    passes: tuple[Pass, Pass, Pass]
    ten_minutes: Bilingual


@dataclass(frozen=True, slots=True)
class Option:
    """One answer on offer, and why it is right or which thought leads to it."""

    text: Bilingual
    why: Bilingual
    right: bool = False


class Shown(StrEnum):
    """With what a question shows the picture of its paper."""

    QUESTION = "question"
    EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class Question:
    """A quiz item with one right option or several, but not all. `why` explains those of a question that has
    several; `picture` tells with what the paper's picture is shown, if at all. The id never changes once
    published."""

    id: str
    skill: str
    reread: Bilingual
    ask: Bilingual
    options: tuple[Option, ...]
    why: Bilingual | None = None
    picture: Shown | None = None

    @property
    def keys(self) -> tuple[int, ...]:
        """The positions of the right options, from 0, in order."""
        return tuple(i for i, option in enumerate(self.options) if option.right)

    @property
    def key(self) -> int:
        """The position of the right option, or of the first of several."""
        return self.keys[0]

    @property
    def several(self) -> bool:
        """Whether more than one option is right."""
        return len(self.keys) > 1

    @property
    def explanation(self) -> Bilingual:
        """Why the answer is right."""
        return self.why or self.options[self.key].why

    def is_right(self, choices: Collection[int]) -> bool:
        """Whether exactly the right options were chosen."""
        return set(choices) == set(self.keys)


@dataclass(frozen=True, slots=True)
class Prompt:
    """An open question for discussion."""

    id: str
    text: Bilingual


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """One paper. Times are minutes for a beginner with the summary at hand; level runs from 1 to 5. A paper
    of one's own may have no figure and no guide. Retired questions are asked no more, but still known to
    whoever met them. A paper equals none but itself, so that what was made of it can be looked up by it."""

    id: str
    title: Bilingual
    authors: tuple[str, ...]
    year: int
    venue: Bilingual
    page: str
    pdf: str
    level: int
    first_minutes: int
    careful_minutes: int
    needs: tuple[str, ...]
    terms: tuple[Bilingual, ...]
    equations: tuple[Equation, ...]
    summaries: Mapping[Language, Summary]
    questions: tuple[Question, ...]
    prompts: tuple[Prompt, ...]
    figure: Figure | None = None
    guide: Guide | None = None
    retired: tuple[Question, ...] = ()

    def question(self, question_id: str) -> Question | None:
        """The question with this id, retired or not, or None when the paper has no such question."""
        return next((q for q in (*self.questions, *self.retired) if q.id == question_id), None)
