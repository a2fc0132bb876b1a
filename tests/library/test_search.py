"""Papers are found by what members remember of them, in either language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.languages import Bilingual
from bot.domain.plans import Plan, Section
from bot.library.files import shipped
from bot.library.library import ContentLibrary

LIBRARY = ContentLibrary.load(shipped())
(PLAN,) = (plan for plan in LIBRARY.plans() if plan.id == "deep-learning-2")


def found(words: str) -> list[str]:
    return [paper.id for paper in LIBRARY.find(words, PLAN)]


def nearest(words: str) -> str | None:
    paper = LIBRARY.nearest(words, PLAN)
    return paper.id if paper else None


@pytest.mark.parametrize(
    ("words", "paper"),
    [
        ("3", "batch-norm"),
        (" #3 ", "batch-norm"),
        ("３", "batch-norm"),
        ("第 3 篇", "batch-norm"),
        ("batch-norm", "batch-norm"),
        ("Batch Norm", "batch-norm"),
        ("BATCHNORM", "batch-norm"),
        ("dropout 2014", "dropout-2014"),
        ("gan", "gan"),
        ("Adam", "adam"),
    ],
)
def test_a_number_or_an_id_gives_that_paper_alone(words: str, paper: str) -> None:
    assert found(words) == [paper]


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("layer normalization", "layer-norm"),
        ("BN", "batch-norm"),
        ("auto-encoding variational bayes", "vae"),
        ("the paper with 50x fewer parameters", "squeezenet"),
        ("Goodfellow", "gan"),
        ("kingma welling", "vae"),
        ("Hinton 2014", "dropout-2014"),
        ("jaderberg", "synthetic-gradients"),
        ("批量归一化", "batch-norm"),
        ("批归一化", "batch-norm"),
        ("层归一化", "layer-norm"),
        ("随机失活", "dropout-2012"),
        ("生成对抗", "gan"),
        ("变分自编码器", "vae"),
        ("Adam 优化", "adam"),
    ],
)
def test_words_of_a_title_an_author_a_term_or_a_year_find_the_paper_first(words: str, best: str) -> None:
    assert found(words)[:1] == [best]


def test_every_paper_is_found_first_by_its_own_titles() -> None:
    for paper_id in PLAN.papers:
        paper = LIBRARY.paper(paper_id)
        assert paper is not None
        assert found(paper.title.en)[0] == paper_id
        assert found(paper.title.zh)[0] == paper_id


def test_every_paper_of_an_author_is_found() -> None:
    assert set(found("Kingma")) == {"adam", "vae"}


def test_every_paper_of_a_year_is_found_and_none_of_the_next() -> None:
    of_2012 = {i for i in PLAN.papers if (paper := LIBRARY.paper(i)) and paper.year == 2012}

    assert set(found("2012")) == of_2012


def test_a_part_of_a_chinese_title_finds_every_paper_that_has_it() -> None:
    assert {"batch-norm", "layer-norm"} <= set(found("归一化"))


@pytest.mark.parametrize(
    ("words", "paper"),
    [
        ("dropuot", "dropout-2012"),
        ("nrom", "batch-norm"),
        ("adma", "adam"),
        ("layr nomr", "layer-norm"),
        ("squeze net", "squeezenet"),
        ("Goodfelow", "gan"),
        ("批规归一化", "batch-norm"),
        ("3", "batch-norm"),
    ],
)
def test_the_nearest_paper_forgives_slips(words: str, paper: str) -> None:
    assert nearest(words) == paper


@pytest.mark.parametrize(
    "words",
    [
        "",
        " ",
        "?!",
        "🦄",
        "0",
        "19",
        "99999",
        "-3",
        "the",
        "pizza",
        "asdf qwerty",
        "how are you today",
        "今天天气怎么样",
        "吃了吗",
        "*" * 4000,
    ],
)
def test_nonsense_finds_nothing(words: str) -> None:
    assert found(words) == []
    assert nearest(words) is None


def test_only_papers_of_the_plan_are_found() -> None:
    title = Bilingual("One paper", "一篇")
    plan = Plan("one", title, (Section(title, ("adam", "not-in-the-library")),))

    assert [paper.id for paper in LIBRARY.find("1", plan)] == ["adam"]
    assert list(LIBRARY.find("2", plan)) == []
    assert list(LIBRARY.find("gan", plan)) == []
    assert [paper.id for paper in LIBRARY.find("kingma", plan)] == ["adam"]
    assert LIBRARY.nearest("dropout", plan) is None


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_may_be_asked_for(words: str) -> None:
    papers = found(words)

    assert len(papers) == len(set(papers))
    assert set(papers) <= set(PLAN.papers)
    if papers:
        assert nearest(words) == papers[0]
