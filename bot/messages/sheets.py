"""A group's quiz as one message: its questions while it is open, and how it went once it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.papers import Paper, Question, Shown
from bot.domain.quizzes import Round
from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.markup import cut, escape, units
from bot.messages.outgoing import Button, Buttons, Field, Form, Part, Quiz, Text
from bot.messages.texts import Marked, Words

SHEET_LIMIT = 3500
"""The most that the questions of one message take, in UTF-16 units with their marks. Discord's limit for a
message is 4000; the rest is for what stands around them."""

ASK_LIMITS = (240, 180, 120)
"""How long the questions of a quiz may be that is too long, in UTF-16 units; the first with which it fits."""

HINT_LIMIT = 100
"""The longest words beside a field of a form, in UTF-16 units: Discord's limit."""

_MARKS = 12
"""What the letter and the marks of an option or a heading take, in UTF-16 units."""

CHOSEN = "chosen"
"""The field of the window in which several options are chosen."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many take part in a round, and of each question how many answers were right, and how many came."""

    people: int = 0
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def of(self, question: Question) -> tuple[int, int]:
        """Right answers to a question, and all."""
        return self.counts.get(question.id, (0, 0))


def open_sheet(
    spoken: Sequence[Words], paper: Paper, round_: Round, tally: Tally, post: int
) -> tuple[Part, ...]:
    """All questions of a round that takes answers, and how many have answered: not what."""
    heading = Text("\n".join(_titled("post.quiz.text", words, paper) for words in spoken))
    quizzes = _fitting(spoken, paper, round_, post)
    asked = _questions(paper, round_)
    noted = [
        replace(quiz, note=answered_note(spoken, tally, question))
        for quiz, question in zip(quizzes, asked, strict=True)
    ]
    pictures = (cards.question_picture(spoken[0], paper, each, Shown.QUESTION) for each in asked)
    picture = next(filter(None, pictures), None)
    told = Text("\n".join(_people(words, tally) for words in spoken))
    shown: tuple[Part, ...] = (heading, picture) if picture else (heading,)
    return (*shown, *noted, told, _alone(spoken, paper, post))


def closed_sheet(
    spoken: Sequence[Words], paper: Paper, round_: Round, tally: Tally, post: int
) -> tuple[Part, ...]:
    """How a round went: each question with its answer, why, and how many had it."""

    def told(words: Words) -> list[str]:
        people = words.count("result.people", tally.people) if tally.people else words("result.nobody")
        return [
            f"{_titled('quiz.ended', words, paper)} {people}",
            *(
                _outcome(words, question, round_, number, tally)
                for number, question in enumerate(_questions(paper, round_))
            ),
        ]

    heard = (
        spoken if sum(units(text) for words in spoken for text in told(words)) <= SHEET_LIMIT else spoken[:1]
    )
    return (
        *cards.in_voices(heard, lambda words: tuple(map(Text, told(words)))),
        _alone(spoken, paper, post),
    )


def live_question(
    spoken: Sequence[Words],
    paper: Paper,
    question: Question,
    round_: Round,
    number: int,
    tally: Tally,
    closes_at: int,
    post: int,
) -> Quiz:
    """A question of a live round while it is open, with the time that is left."""
    quiz = cards.quiz_poll(spoken, paper, question, round_, number, post, gathered=True)
    # Discord counts down by itself what is written so, and no other platform changes a question's message.
    closing = " · ".join(words("quiz.closes", when=Marked(f"<t:{closes_at}:R>")) for words in spoken)
    answered = answered_note(spoken, tally, question)
    return replace(quiz, note=" · ".join(filter(None, (closing, answered))))


def closed_question(
    spoken: Sequence[Words], paper: Paper, question: Question, round_: Round, number: int, tally: Tally
) -> tuple[Part, ...]:
    """A question of a live round after its time: what is right, why, and how many had it."""
    return cards.in_voices(
        spoken,
        lambda words: (
            Text(cards.question_text(words, question, round_, number, ())),
            Text(f"{escape(question.explanation[words.language])}\n{_right(words, question, tally)}"),
        ),
    )


def answered_note(spoken: Sequence[Words], tally: Tally, question: Question) -> str:
    """How many have answered a question, once somebody has."""
    answered = tally.of(question)[1]
    return " · ".join(words.count("quiz.answers", answered) for words in spoken) if answered else ""


def window(words: Words, question: Question, round_: Round, number: int) -> Form:
    """The window in which one person chooses several options of a group's question."""
    title = words.plain("quiz.question", number=number + 1, asked=len(round_.questions))
    choices = tuple((str(i), option.text[words.language]) for i, option in enumerate(question.options))
    hint = cut(question.ask[words.language], HINT_LIMIT)
    which = Field(CHOSEN, words.plain("quiz.which"), hint, choices=choices, several=True)
    return Form(title, action(Verb.DONE, round_.id, number, 0), (which,))


def _titled(key: str, words: Words, paper: Paper) -> str:
    return words(key, title=paper.title[words.language])


def _people(words: Words, tally: Tally) -> str:
    return words.count("quiz.people", tally.people) if tally.people else words("quiz.nobody")


def _alone(spoken: Sequence[Words], paper: Paper, post: int) -> Buttons:
    label = cards.label(spoken, "button.quiz.alone")
    return Buttons(((Button(label, action(Verb.QUIZ, paper.id, post=post)),),))


def _questions(paper: Paper, round_: Round) -> list[Question]:
    return [question for question in map(paper.question, round_.questions) if question]


def _fitting(spoken: Sequence[Words], paper: Paper, round_: Round, post: int) -> list[Quiz]:
    """The questions in all languages where they fit one message; else in the first, and their words cut where
    even that is too much. The options are never cut: they are what is chosen from."""

    def put(heard: Sequence[Words]) -> list[Quiz]:
        return [
            cards.quiz_poll(heard, paper, question, round_, number, post, gathered=True)
            for number, question in enumerate(_questions(paper, round_))
        ]

    whole, first = put(spoken), put(spoken[:1])
    shorter = ([replace(quiz, question=cut(quiz.question, limit)) for quiz in first] for limit in ASK_LIMITS)
    fitting = (each for each in (whole, first, *shorter) if sum(map(_length, each)) <= SHEET_LIMIT)
    return next(fitting, first)


def _length(quiz: Quiz) -> int:
    return sum(units(escape(text)) + _MARKS for text in (quiz.title, quiz.question, *quiz.options))


def _outcome(words: Words, question: Question, round_: Round, number: int, tally: Tally) -> str:
    """A question with its answer: its options that are right, why, and how many had it."""
    heading = words("quiz.question", number=number + 1, asked=len(round_.questions))
    shown = zip(cards.LETTERS, question.options, strict=False)
    right = [
        f"✅ **{letter}.** {escape(option.text[words.language])}" for letter, option in shown if option.right
    ]
    lines = (
        f"**{heading}** · {_right(words, question, tally)}",
        escape(question.ask[words.language]),
        *right,
        escape(question.explanation[words.language]),
    )
    return "\n".join(lines)


def _right(words: Words, question: Question, tally: Tally) -> str:
    right, answered = tally.of(question)
    return words("quiz.outcome", right=right, answered=answered) if answered else words("quiz.outcome.none")
