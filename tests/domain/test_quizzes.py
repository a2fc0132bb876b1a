"""Which questions a quiz asks, and what is missed in it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.papers import Paper
from bot.domain.quizzes import GROUP_QUESTIONS, Answer, group_questions, missed, unanswered
from tests.house import library


def paper() -> Paper:
    found = library().paper("dropout-2012")
    assert found is not None
    return found


@given(st.integers(0, 30))
def test_a_group_is_asked_few_questions_spread_over_the_paper(count: int) -> None:
    question = paper().questions[0]
    long = replace(paper(), questions=tuple(replace(question, id=f"q{n}") for n in range(count)))
    asked = [int(name.removeprefix("q")) for name in group_questions(long)]
    assert len(asked) == min(GROUP_QUESTIONS, count)
    assert asked == sorted(set(asked))
    if count:
        assert asked[0] == 0
        assert asked[-1] >= count - -(-count // GROUP_QUESTIONS)


def test_every_paper_has_a_group_quiz() -> None:
    papers = library().papers()
    assert len(papers) == 18
    for each in papers:
        ids = group_questions(each)
        assert 3 <= len(ids) <= GROUP_QUESTIONS
        assert all(each.question(name) for name in ids)


def test_a_quiz_goes_on_at_the_first_question_without_an_answer() -> None:
    asked = ("a", "b", "c")
    assert unanswered(asked, []) == 0
    assert unanswered(asked, [Answer("a", (0,), True), Answer("c", (1,), False)]) == 1
    assert unanswered(asked, [Answer(name, (0,), True) for name in "abc"]) is None


def test_missed_questions_come_in_the_order_they_were_asked() -> None:
    first, second, third, *_ = paper().questions
    answers = [Answer(third.id, (0,), False), Answer(first.id, (0,), False), Answer(second.id, (0,), True)]
    assert missed((first, second, third), answers) == (first, third)


def test_an_unknown_question_is_none() -> None:
    assert paper().question("no-such-question") is None
