"""A group's quiz as one message: what fits, and what it says before and after."""

from dataclasses import replace

import pytest

from bot.domain.languages import Bilingual, ClubLanguage, Language
from bot.domain.papers import Paper
from bot.domain.quizzes import Round, group_questions
from bot.messages import cards, sheets
from bot.messages.markup import escape, units
from bot.messages.outgoing import Message, Quiz
from bot.messages.sheets import SHEET_LIMIT, Tally
from tests.house import library, read, words

PAPERS = library().papers()


def a_round(paper: Paper) -> Round:
    return Round(1, 1, paper.id, None, group_questions(paper))


def opened(paper: Paper, language: ClubLanguage) -> tuple[Message, list[Quiz]]:
    spoken = cards.voices(words(), language)
    parts = sheets.open_sheet(spoken, paper, a_round(paper), Tally(), 1)
    return Message(parts), [part for part in parts if isinstance(part, Quiz)]


def written(quizzes: list[Quiz]) -> int:
    texts = [text for quiz in quizzes for text in (quiz.title, quiz.question, *quiz.options)]
    return sum(units(escape(text)) for text in texts)


@pytest.mark.parametrize("language", list(ClubLanguage))
@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.id)
def test_every_papers_quiz_is_whole_in_each_language_of_its_club(
    paper: Paper, language: ClubLanguage
) -> None:
    """What is shipped needs no cutting, not even in two languages."""
    message, quizzes = opened(paper, language)
    assert written(quizzes) <= SHEET_LIMIT
    for spoken in language.spoken():
        for question in map(paper.question, group_questions(paper)):
            assert question is not None
            assert question.ask[spoken] in read(message)
            assert all(option.text[spoken] in read(message) for option in question.options)


def lengthy(length: int) -> Paper:
    """A paper whose questions and options are as long as an author may make them."""
    paper = PAPERS[0]
    questions = tuple(
        replace(
            question,
            ask=Bilingual("a " * (length // 2), "问" * length),
            options=tuple(replace(each, text=Bilingual("o" * 100, "选" * 100)) for each in question.options),
        )
        for question in paper.questions
    )
    return replace(paper, questions=questions)


def test_what_is_too_long_in_two_languages_is_asked_in_the_first() -> None:
    _, quizzes = opened(lengthy(120), ClubLanguage.BOTH)
    assert written(quizzes) <= SHEET_LIMIT
    assert all("问" not in quiz.question for quiz in quizzes)
    assert all(quiz.question.startswith("a a") and not quiz.question.endswith("…") for quiz in quizzes)


def test_where_one_language_is_too_much_the_questions_are_cut_and_no_option_is() -> None:
    _, quizzes = opened(lengthy(300), ClubLanguage.BOTH)
    assert written(quizzes) <= SHEET_LIMIT
    assert all(quiz.question.endswith("…") for quiz in quizzes)
    assert all(quiz.options == ("o" * 100,) * len(quiz.options) for quiz in quizzes)


def test_the_end_tells_each_answer_and_how_many_had_it_in_both_languages() -> None:
    paper = PAPERS[0]
    first, *others = group_questions(paper)
    tally = Tally(12, {first: (5, 9)})
    spoken = cards.voices(words(), ClubLanguage.BOTH)
    told = read(Message(sheets.closed_sheet(spoken, paper, a_round(paper), tally, 1)))
    for language in Language:
        for number, question in enumerate(map(paper.question, (first, *others))):
            assert question is not None
            assert question.options[question.key].text[language] in told
            assert question.explanation[language] in told
            assert (f"Question {number + 1} of 5 · {'5 of 9 right' if not number else 'no answers'}") in told
    assert "12 people took part." in told
    assert "12 人参加。" in told
    assert "9 人作答，5 人答对" in told


def test_a_quiz_that_nobody_took_says_so() -> None:
    spoken = cards.voices(words(), ClubLanguage.EN)
    told = read(Message(sheets.closed_sheet(spoken, PAPERS[0], a_round(PAPERS[0]), Tally(), 1)))
    assert "Nobody answered this time." in told
