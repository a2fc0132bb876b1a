"""Every number that a shipped summary takes from a paper says, in a comment, where it stands."""

import re
from collections.abc import Iterator
from importlib.resources import files

SOURCE = "¶"
"""Stands for a comment."""

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLOCK = re.compile(r"\n\s*\n|\n(?=- )|^#.*$", re.MULTILINE)
# A comment right after the full stop still belongs to the sentence: “3.14 beats 3.00.” <!-- Table 5 -->
_SENTENCE = re.compile(
    rf".+?(?:(?:[.!?](?=[”’)]*(?:[\s{SOURCE}]|$))|[。！？])[”’）)]*(?:\s?{SOURCE})*|$)", re.DOTALL
)
_NUMBER = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*")

_N = r"\d+(?:\.\d+)*"
PASSED_OVER = {
    "a place in a paper, in English": re.compile(
        r"(?:Sections?|Figures?|Figs?\.|Tables?|Equations?|Eq\.|Algorithm|Theorem|Proposition"
        rf"|Appendix [A-Z]\.|version) ?{_N}(?:(?:–|, | and | to ){_N})*"
    ),
    "a place in a paper, in Chinese": re.compile(
        rf"第 {_N}(?:[–、]{_N})* [节版]|(?:图|表|式|算法|定理|命题|附录 [A-Z]\.) ?{_N}(?:–{_N})?"
    ),
    "a name that holds a number, such as CIFAR-10, L2 or top-1": re.compile(r"[A-Za-z]+[-@]?\d+"),
    "a year": re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)"),
    "a paper by its number in our course": re.compile(r"paper \d+|第 \d+ 篇"),
}
"""Digits that no paper has found out: they are passed over wherever they stand."""

OURS = re.compile(r"our small experiment|我们的小实验", re.IGNORECASE)
"""A sentence that says this has told where its numbers are from."""


def numbers(summary: str) -> Iterator[tuple[str, str, bool]]:
    """Each number of a summary that asks for a source, its sentence, and whether a source follows in it."""
    for block in _BLOCK.split(_COMMENT.sub(SOURCE, summary)):
        for digits in PASSED_OVER.values():
            block = digits.sub("", block)
        for sentence in _SENTENCE.findall(block.strip()):
            if not OURS.search(sentence):
                for number in _NUMBER.finditer(sentence):
                    yield number[0], sentence.strip(), SOURCE in sentence[number.end() :]


def shipped() -> dict[str, str]:
    """The text of each shipped summary."""
    return {
        f"{paper.name}/{file.name}": file.read_text(encoding="utf-8")
        for paper in (files("content") / "papers").iterdir()
        for file in paper.iterdir()
        if file.name.startswith("summary.")
    }


def test_a_number_has_its_source_in_its_own_sentence() -> None:
    text = "It took 2.1 M steps <!-- Fig. 3 -->, then 13.3. Not 4, “or 5.” <!-- Table 2 --> So 6 are left."

    assert [(number, sourced) for number, _, sourced in numbers(text)] == [
        ("2.1", True),
        ("13.3", False),
        ("4", True),
        ("5", True),
        ("6", False),
    ]


def test_a_chinese_number_has_its_source_in_its_own_sentence() -> None:
    text = "误差 1.5%<!-- 表 2 -->，后来 1,200 步。“3 倍。”<!-- 图 1 -->还剩 7 个。"

    assert [(number, sourced) for number, _, sourced in numbers(text)] == [
        ("1.5", True),
        ("1,200", False),
        ("3", True),
        ("7", False),
    ]


def test_a_source_does_not_reach_into_the_paragraph_or_the_item_before() -> None:
    text = "## Result\nHere 1\n\n- and 2\n- and 3 <!-- Table 1 -->\n"

    assert [(number, sourced) for number, _, sourced in numbers(text)] == [
        ("1", False),
        ("2", False),
        ("3", True),
    ]


def test_places_names_years_and_our_own_experiment_need_no_source() -> None:
    text = (
        "See Sections 1–3.1, 3.4 and 5. Figure 2. CIFAR-10 and top-1, ICML 2016 (paper 3). "
        "In our small experiment 9. "
        "见第 1–3.1、5 节，图 2 和附录 A.1。第 3 篇。在我们的小实验里是 9。"
    )

    assert list(numbers(text)) == []


def test_every_exception_is_needed() -> None:
    texts = [_COMMENT.sub("", text) for text in shipped().values()]

    assert [name for name, digits in PASSED_OVER.items() if not any(map(digits.search, texts))] == []


def test_every_number_in_the_shipped_summaries_has_a_source() -> None:
    seen = [(name, *found) for name, text in shipped().items() for found in numbers(text)]

    assert [f"{name}: {number} in “{sentence}”" for name, number, sentence, ok in seen if not ok] == []
    assert len(seen) > 150
