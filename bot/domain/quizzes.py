"""Quiz rounds and how they are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from bot.domain.papers import Paper, Question

GROUP_QUESTIONS = 5
"""How many questions a group's quiz asks: each is a message of its own in the chat."""

LIVE_SECONDS = 30
"""How long a question of a live quiz is open."""

LIVE_LEAD = 10
"""Seconds from the announcement of a live quiz to its first question, for whoever wants to take part."""

BREATH = 3
"""Seconds from the end of a live question to what comes next. What was pressed in time counts until then,
however slow the way was."""


@dataclass(frozen=True, slots=True)
class Round:
    """One quiz on one paper: a group's (no owner), or one member's own.

    A group's is held live where it has a chat: there one question is open after another, each for
    `seconds`. `reached` is the position of the question it has come to. That one and those before it take
    no more answers from `until` on, in seconds since 1970; None while there is no such time.
    """

    id: int
    club_id: int
    paper_id: str
    owner_id: int | None
    questions: tuple[str, ...]
    chat_id: int | None = None
    seconds: int | None = None
    reached: int = 0
    until: int | None = None

    @property
    def live(self) -> bool:
        """Whether one question is asked after another."""
        return self.seconds is not None

    @property
    def last(self) -> int:
        """The position of the last question."""
        return len(self.questions) - 1

    def closed(self, number: int, now: int) -> bool:
        """Whether the question at a position takes no more answers."""
        if self.until is None:
            return False
        return number < self.reached or (number == self.reached and now >= self.until)

    def over(self, now: int) -> bool:
        """Whether no question takes answers any more."""
        return self.closed(self.last, now)


@dataclass(frozen=True, slots=True)
class Answer:
    """A member's first choice for a question of a round: the positions chosen, from 0, in order."""

    question_id: str
    choices: tuple[int, ...]
    right: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How one member's latest quiz on a paper stands."""

    paper_id: str
    right: int
    answered: int
    asked: int


def order(round_: Round, question: Question) -> tuple[int, ...]:
    """The positions of a question's options in the order in which they are shown. In a member's own quiz that
    is another each time, so that letters cannot be passed on, and the same for as long as the round lasts."""
    positions = range(len(question.options))
    if round_.owner_id is None:
        return tuple(positions)

    def place(position: int) -> bytes:
        return sha256(f"{round_.id}:{question.id}:{position}".encode()).digest()

    return tuple(sorted(positions, key=place))


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
