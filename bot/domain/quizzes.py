"""Quiz rounds and how they are counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.papers import Paper, Question

GROUP_QUESTIONS = 5
"""How many questions a group's quiz asks: each is a message of its own in the chat."""


@dataclass(frozen=True, slots=True)
class Round:
    """One quiz on one paper: a group's (no owner), or one member's own."""

    id: int
    club_id: int
    paper_id: str
    owner_id: int | None
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A member's first choice for a question of a round. `choice` counts from 0."""

    question_id: str
    choice: int
    right: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How one member's latest quiz on a paper stands."""

    paper_id: str
    right: int
    answered: int
    asked: int


def group_questions(paper: Paper) -> tuple[str, ...]:
    """The questions a group is asked: spread over the paper's list, in its order."""
    count = len(paper.questions)
    wanted = min(GROUP_QUESTIONS, count)
    return tuple(paper.questions[i * count // wanted].id for i in range(wanted))


def unanswered(questions: Sequence[str], answers: Sequence[Answer]) -> int | None:
    """The position of the first question without an answer; None when all have one."""
    done = {answer.question_id for answer in answers}
    return next((i for i, question in enumerate(questions) if question not in done), None)


def missed(questions: Sequence[Question], answers: Sequence[Answer]) -> tuple[Question, ...]:
    """The questions answered wrongly, in the order they were asked."""
    wrong = {answer.question_id for answer in answers if not answer.right}
    return tuple(question for question in questions if question.id in wrong)
