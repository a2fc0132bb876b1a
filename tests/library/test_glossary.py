"""The glossary: its rules beyond `faults.yaml`, and words found however people write them."""

import pytest

from bot.domain.languages import Bilingual, Language
from bot.library.files import shipped
from bot.library.glossary import MEANS_LIMITS
from bot.library.library import ContentLibrary
from bot.messages.actions import Verb, action
from bot.ports import Library
from tests.house import library
from tests.library.conftest import GOOD, Folder

GLOSSARY = "glossary.yaml"


def test_a_term_comes_with_all_that_its_file_says() -> None:
    shelf: Library = ContentLibrary.load(GOOD)

    term = shelf.term("kite-line")

    assert term is not None
    assert term.name == Bilingual("kite line", "风筝线")
    assert term.names(Language.EN) == ("kite line", "tether")
    assert term.names(Language.ZH) == ("风筝线",)
    assert term.means == Bilingual("The string that holds a kite.", "牵住风筝的线。")
    assert term.papers == ("kites", "lanterns")


def test_a_paper_that_introduces_a_term_is_one_where_it_matters() -> None:
    term = ContentLibrary.load(GOOD).term("paper shell")

    assert term is not None
    assert term.papers == ("lanterns",)


@pytest.mark.parametrize(
    ("asked", "term_id"),
    [
        ("dropout", "dropout"),
        ("DropOut", "dropout"),
        ("drop-out", "dropout"),
        ("暂退法", "dropout"),
        ("batch norm", "batch-normalization"),
        ("Batch Normalisation", "batch-normalization"),
        ("mini batch", "mini-batch"),
        ("VAE", "variational-autoencoder"),
        ("ＶＡＥ", "variational-autoencoder"),
        ("decoupled neural interface (DNI)", "decoupled-neural-interface"),
        ("变分自编码器（VAE）", "variational-autoencoder"),
        ("Nesterov's accelerated gradient", "nesterov"),
        ("kl-divergence", "kl-divergence"),
        ("Jensen-Shannon divergence", "jensen-shannon-divergence"),
    ],
)
def test_a_term_is_known_however_it_is_written(asked: str, term_id: str) -> None:
    term = library().term(asked)

    assert term is not None
    assert term.id == term_id
    assert library().terms_like(asked)[0] == term


@pytest.mark.parametrize(
    ("asked", "term_id"),
    [
        ("drpout", "dropout"),
        ("batchnrom", "batch-normalization"),
        ("attension", "attention"),
        ("随即失活", "dropout"),
        ("momentums", "momentum"),
        ("what is dropout?", "dropout"),
        ("lower", "variational-lower-bound"),
        ("什么是动量", "momentum"),
    ],
)
def test_a_slip_or_a_part_of_a_name_leads_to_the_term(asked: str, term_id: str) -> None:
    assert library().term(asked) is None
    assert library().terms_like(asked)[0].id == term_id


@pytest.mark.parametrize("asked", ["", "   ", "?", "()", "🪁", "zzzz", "xylophone", "西红柿"])
def test_what_is_like_no_term_finds_none(asked: str) -> None:
    assert library().term(asked) is None
    assert library().terms_like(asked) == ()


def test_of_two_terms_called_the_same_the_first_keeps_the_name(folder: Folder) -> None:
    folder.plant(GLOSSARY, "also: [tether]", "also: [Hot-Air]")

    term = ContentLibrary.load(folder.path).term("hot air")

    assert term is not None
    assert term.id == "hot-air"


def test_a_term_taken_out_of_the_glossary_is_missed_in_the_paper_that_introduces_it(folder: Folder) -> None:
    folder.plant(GLOSSARY, "term: tail drag", "term: drag of the tail")

    (finding,) = folder.check()

    paper = "papers/kites/paper.yaml"
    assert (finding.path, finding.line) == (
        f"{folder.path.as_posix()}/{paper}",
        folder.line(paper, "en: tail drag"),
    )
    assert finding.what == "the term tail drag is not in the glossary"


def test_without_a_glossary_every_term_is_missed_and_every_paper_served(folder: Folder) -> None:
    (folder.path / GLOSSARY).unlink()

    shelf = ContentLibrary.load(folder.path)

    assert [finding.what for finding in shelf.findings] == [
        f"the term {name} is not in the glossary"
        for name in ("tail drag", "kite line", "hot air", "paper shell")
    ]
    assert [paper.id for paper in shelf.papers()] == ["kites", "lanterns"]
    assert shelf.terms() == ()


def test_a_glossary_that_cannot_be_read_is_told_once_and_takes_no_paper_with_it(folder: Folder) -> None:
    folder.plant(GLOSSARY, "id: hot-air", "id: [hot-air")

    shelf = ContentLibrary.load(folder.path)

    (finding,) = shelf.findings
    assert finding.path.endswith(GLOSSARY)
    assert [paper.id for paper in shelf.papers()] == ["kites", "lanterns"]


@pytest.mark.parametrize(
    ("language", "text"), [(Language.EN, "The string that holds a kite."), (Language.ZH, "牵住风筝的线。")]
)
def test_a_meaning_over_its_limit_is_caught(language: Language, text: str, folder: Folder) -> None:
    limit = MEANS_LIMITS[language]
    folder.plant(GLOSSARY, text, "x" * limit)
    assert folder.check() == []

    folder.plant(GLOSSARY, "x" * limit, "x" * (limit + 1))

    (finding,) = folder.check()
    name = {"en": "English", "zh": "Chinese"}[language]
    assert finding.what == f"the meaning of kite-line has {limit + 1} characters in {name}"
    assert finding.line == folder.line(GLOSSARY, "xxx")


def test_an_id_that_is_too_long_for_a_button_is_caught(folder: Folder) -> None:
    folder.plant(GLOSSARY, "id: hot-air", f"id: {'x' * 49}")

    (finding,) = folder.check()

    assert finding.line == folder.line(GLOSSARY, "xxx")
    assert "48 characters at most" in finding.advice
    assert action(Verb.TERM, "x" * 48).token


def test_the_shipped_glossary_knows_every_term_that_a_paper_introduces() -> None:
    shelf = ContentLibrary.load(shipped())

    assert len(shelf.terms()) >= 70
    introduced = [(paper.id, term) for paper in shelf.papers() for term in paper.terms]
    assert len(introduced) > 60
    for paper_id, wording in introduced:
        english, chinese = shelf.term(wording.en), shelf.term(wording.zh)
        assert english is not None
        assert english == chinese
        assert paper_id in english.papers


def test_the_shipped_meanings_are_plain_sentences() -> None:
    for term in library().terms():
        for language, end in ((Language.EN, "."), (Language.ZH, "。")):
            means = term.means[language]
            assert means.endswith(end), term.id
            assert not set(means) & set("*_`[]<>\\\n'\""), term.id
        assert term.papers, term.id
