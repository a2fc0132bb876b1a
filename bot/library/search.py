"""Finding papers by what people remember of them: a number, an id, or words in either language."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.domain.papers import Paper
from bot.domain.plans import Plan


@dataclass(frozen=True, slots=True)
class _Floor:
    """From where on two words are alike, from 0 to 100.

    With two letters swapped a word of seven letters is at 86 and one of four at 75; a Chinese word of four
    characters with a wrong one is at 75 too.
    """

    latin: int
    chinese: int


_SURE = _Floor(latin=80, chinese=70)
_PERHAPS = _Floor(latin=67, chinese=60)

# What a word is worth by where it stands in a paper, and by how it is like the word asked for.
_ID, _TITLE, _TERM, _AUTHOR, _YEAR = 1.0, 0.95, 0.9, 0.9, 0.8
_SAME, _START, _PART, _ALIKE = 1.0, 0.9, 0.75, 0.8

_ENOUGH = 0.5
"""How much of what was asked a paper must have, from 0 to 1."""

_MOST = 12
"""How many words are looked for; nobody remembers more."""

_SHORTEST_PART, _SHORTEST_ALIKE = 3, 4
"""How many letters a word needs to be found as a part of another, and with a slip in it."""

_NUMBER = re.compile(r"(?:#|no\.?|第)?\s*(\d{1,4})\s*[篇周]?\.?")
_PIECE = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
_EMPTY = re.compile(r"an?|and|by|for|from|in|is|of|on|or|the|to|with|papers?|的|和|与|论文|\d{1,2}")


class Index:
    """Every word of every paper, and what it is worth there."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._papers = {paper.id: paper for paper in papers}
        self._ids = {"".join(pieces(paper_id)): paper_id for paper_id in self._papers}
        self._latin: dict[str, dict[str, float]] = {}
        self._chinese: dict[str, dict[str, float]] = {}
        for paper in self._papers.values():
            for piece, worth in _remembered(paper):
                holders = (self._chinese if _is_chinese(piece) else self._latin).setdefault(piece, {})
                holders[paper.id] = max(worth, holders.get(paper.id, 0.0))

    def find(self, words: str, plan: Plan) -> Sequence[Paper]:
        """The papers of a plan that surely match, best first; see `ports.Library`."""
        return self._named(words, plan) or self._ranked(words, plan, _SURE)

    def nearest(self, words: str, plan: Plan) -> Paper | None:
        """The paper that matches best, more slips allowed; see `ports.Library`."""
        return next(iter(self.find(words, plan) or self._ranked(words, plan, _PERHAPS)), None)

    def _named(self, words: str, plan: Plan) -> list[Paper]:
        number = _NUMBER.fullmatch(_folded(words).strip())
        paper_id = plan.paper(int(number[1])) if number else self._ids.get("".join(pieces(words)))
        return [self._papers[paper_id]] if paper_id in self._papers and paper_id in plan.papers else []

    def _ranked(self, words: str, plan: Plan, floor: _Floor) -> list[Paper]:
        asked = [p for p in dict.fromkeys(pieces(words)) if not _EMPTY.fullmatch(p)][:_MOST]
        totals: defaultdict[str, float] = defaultdict(float)
        for piece in asked:
            alike = self._chinese_like(piece, floor) if _is_chinese(piece) else self._latin_like(piece, floor)
            best: dict[str, float] = {}
            for holders, likeness in alike:
                for paper_id, worth in holders.items():
                    best[paper_id] = max(worth * likeness, best.get(paper_id, 0.0))
            for paper_id, score in best.items():
                totals[paper_id] += score / len(asked)
        found = [i for i in plan.papers if totals.get(i, 0.0) >= _ENOUGH]
        return [self._papers[i] for i in sorted(found, key=lambda i: -totals[i])]

    def _latin_like(self, piece: str, floor: _Floor) -> Iterator[tuple[dict[str, float], float]]:
        if piece in self._latin:
            yield self._latin[piece], _SAME
        if piece.isdecimal():
            return  # 2015 is not nearly 2016
        if len(piece) >= _SHORTEST_PART:
            for word, holders in self._latin.items():
                if piece in word:
                    yield holders, _START if word.startswith(piece) else _PART
        if len(piece) >= _SHORTEST_ALIKE:
            for word, likeness, _ in process.extract_iter(
                piece, self._latin.keys(), scorer=fuzz.ratio, score_cutoff=floor.latin
            ):
                yield self._latin[word], _ALIKE * likeness / 100

    def _chinese_like(self, piece: str, floor: _Floor) -> Iterator[tuple[dict[str, float], float]]:
        for run, holders in self._chinese.items():
            if piece in run:
                yield holders, _SAME
            elif run in piece:
                yield holders, _PART
            elif _SHORTEST_PART <= len(piece) <= len(run):
                likeness = fuzz.partial_ratio(piece, run, score_cutoff=floor.chinese)
                yield holders, _ALIKE * likeness / 100


def _remembered(paper: Paper) -> Iterator[tuple[str, float]]:
    """The words of a paper that someone may remember, each with its worth."""
    yield "".join(pieces(paper.id)), _ID
    texts = [(paper.id, _ID), (paper.title.en, _TITLE), (paper.title.zh, _TITLE), (str(paper.year), _YEAR)]
    texts += [(author, _AUTHOR) for author in paper.authors]
    for term in paper.terms:
        texts += [(term.en, _TERM), (term.zh, _TERM)]
        # People write BN for batch normalization.
        yield "".join(piece[0] for piece in pieces(term.en)), _TERM
    for text, worth in texts:
        for piece in pieces(text):
            yield piece, worth


def _folded(text: str) -> str:
    """Text without capitals, accents and full-width forms."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def pieces(text: str) -> list[str]:
    """The words of a text; a run of Chinese characters is one."""
    return _PIECE.findall(_folded(text))


def _is_chinese(piece: str) -> bool:
    return "\u3400" <= piece[0] <= "\u9fff"
