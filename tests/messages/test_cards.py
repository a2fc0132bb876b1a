"""Cards: every paper and every question of the library, in both languages, as it is read."""

from dataclasses import replace

import pytest

from bot.domain.languages import ClubLanguage, Language
from bot.domain.papers import Paper
from bot.domain.quizzes import Round, order
from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.markup import units
from bot.messages.outgoing import Button, Buttons, Fold, Message
from tests.house import library, read, words

PAPERS = library().papers()
ONWARD = Button("Next", action(Verb.QUESTION, 1, 1))


def alone(paper: Paper) -> Round:
    """A member's own quiz on a paper."""
    return Round(1, 1, paper.id, 1, tuple(question.id for question in paper.questions))


def squeezed(text: str) -> str:
    """A text with every run of white space as one space."""
    return " ".join(text.split())


def test_the_library_is_all_here() -> None:
    assert len(PAPERS) == 18
    assert sum(len(paper.questions) for paper in PAPERS) >= 6 * 6 + 12 * 3


@pytest.mark.parametrize("language", Language)
def test_a_question_shows_its_words_and_keeps_its_secret(language: Language) -> None:
    for paper in PAPERS:
        for number, question in enumerate(paper.questions):
            card = cards.question_card(words()[language], paper, question, alone(paper), number)
            told = squeezed(read(card))
            assert squeezed(question.ask[language]) in told
            for letter, i in zip(cards.LETTERS, order(alone(paper), question), strict=False):
                assert f"{letter}. {squeezed(question.options[i].text[language])}" in told
            assert "✅" not in told
            assert "**" not in told
            [buttons] = [part for part in card.parts if isinstance(part, Buttons)]
            assert [len(row) for row in buttons.rows] == [len(question.options), *[1] * question.several]


@pytest.mark.parametrize("language", Language)
def test_an_answer_shows_what_was_chosen_what_is_right_and_why(language: Language) -> None:
    for paper in PAPERS:
        for question in paper.questions:
            for choice, option in enumerate(question.options):
                card = cards.answered_card(
                    words()[language], paper, question, alone(paper), 0, (choice,), ONWARD
                )
                told = read(card)
                assert squeezed(question.explanation[language]) in squeezed(told)
                if not option.right:
                    assert squeezed(option.why[language]) in squeezed(told)
                assert told.count("✅") == len(question.keys)
                assert told.count("❌") == (not option.right)
                assert "**" not in told


@pytest.mark.parametrize("language", ClubLanguage)
def test_a_poll_is_in_both_languages_only_where_both_fit(language: ClubLanguage) -> None:
    spoken = cards.voices(words(), language)
    both = 0
    for paper in PAPERS:
        round_ = Round(1, 1, paper.id, None, tuple(question.id for question in paper.questions))
        for number, question in enumerate(paper.questions):
            quiz = cards.quiz_poll(spoken, paper, question, round_, number, 7)
            assert units(quiz.question) <= cards.QUESTION_LIMIT
            assert all(units(option) <= cards.OPTION_LIMIT for option in quiz.options)
            assert quiz.question.startswith(question.ask[spoken[0].language])
            both += quiz.question != question.ask[spoken[0].language]
            assert quiz.keys == question.keys
            assert [answer.args for answer in quiz.answers] == [
                ("1", str(number), str(choice)) for choice in range(len(question.options))
            ]
            assert {answer.post for answer in quiz.answers} == {7}
    assert (both > 0) == (language is ClubLanguage.BOTH)


def test_a_poll_in_both_languages_explains_in_both_where_there_is_room() -> None:
    spoken = cards.voices(words(), ClubLanguage.BOTH)
    explained = 0
    for paper in PAPERS:
        round_ = alone(paper)
        for number, question in enumerate(paper.questions):
            quiz = cards.quiz_poll(spoken, paper, question, round_, number, 7)
            english, *chinese = quiz.explanation.split("\n")
            assert squeezed(english) == squeezed(question.explanation.en)
            assert squeezed("".join(chinese)) in ("", squeezed(question.explanation.zh))
            assert units(quiz.explanation) <= cards.EXPLANATION_LIMIT
            explained += bool(chinese)
    assert explained > 100


def test_the_second_language_is_folded_under_the_first() -> None:
    spoken = cards.voices(words(), ClubLanguage.BOTH)
    paper = PAPERS[0]
    body = cards.in_voices(spoken, lambda voice: cards.paper_body(voice, paper, (), "heading"))
    *first, fold = body
    assert isinstance(fold, Fold)
    assert fold.title == "中文"
    assert not any(isinstance(part, Fold) for part in first)
    assert paper.title.zh in read(Message((fold,)))


@pytest.mark.parametrize(
    ("count", "english", "chinese"),
    [
        (1, "1 minute", "1 分钟"),
        (59, "59 minutes", "59 分钟"),
        (60, "1 hour", "1 小时"),
        (180, "3 hours", "3 小时"),
    ],
)
def test_a_reading_time_is_told_in_minutes_then_hours(count: int, english: str, chinese: str) -> None:
    assert cards.minutes(words()[Language.EN], count) == english
    assert cards.minutes(words()[Language.ZH], count) == chinese


@pytest.mark.parametrize(("language", "told"), [(Language.EN, "A, B and others"), (Language.ZH, "A、B 等")])
def test_a_long_list_of_authors_is_cut(
    language: Language, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "AUTHORS_SHOWN", 2)
    paper = replace(PAPERS[0], authors=("A", "B", "C"))
    facts = cards.paper_facts(words()[language], paper, [])
    assert facts.rows[0][1] == told
