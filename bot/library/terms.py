"""Finding a term of the glossary by what people call it, in either language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import fuzz

from bot.domain.glossary import Term
from bot.domain.languages import Language
from bot.domain.papers import Paper
from bot.library.search import pieces

_ALIKE = 65
"""From where on two spellings are alike, from 0 to 100: two letters wrong in a word of seven, one character
in a word of three."""

# What a spelling is worth that begins with what was asked, holds it, or is held by it.
_START, _PART, _WITHIN = 99, 90, 80

_SHORTEST_WITHIN = {True: 2, False: 4}
"""How many characters a spelling needs to be recognised within a longer text: in Chinese, and in Latin."""

_IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


@lru_cache(1024)  # those of papers' own terms are asked for whenever a paper is shown
def spelling(words: str) -> str:
    """What two ways to write the same term have in common: neither capitals, spaces, hyphens nor a remark in
    brackets at the end. Empty for words without letters."""
    return "".join(pieces(_IN_BRACKETS.sub("", words)))


class Terms:
    """Every term, and all that it is called. Of two terms called the same, the first keeps the name."""

    def __init__(self, terms: Iterable[Term], papers: Iterable[Paper]) -> None:
        known = {term.id: term for term in reversed(tuple(terms))}
        spelled = {
            spelling(name): term.id
            for term in known.values()
            for name in (term.id, *(name for language in Language for name in term.names(language)))
        }
        for paper in papers:
            for introduced in paper.terms:
                term_id = spelled.get(spelling(introduced.en))
                if term_id and paper.id not in known[term_id].papers:
                    term = known[term_id]
                    known[term_id] = replace(term, papers=(*term.papers, paper.id))
        self._spelled = {name: known[term_id] for name, term_id in spelled.items()}
        self.all: Sequence[Term] = tuple(sorted(known.values(), key=lambda term: term.name.en.casefold()))
        """Every term, by its English name."""

    def find(self, words: str) -> Term | None:
        """The term with this id or name; see `ports.Library`."""
        return self._spelled.get(spelling(words))

    def like(self, words: str) -> Sequence[Term]:
        """Terms called something like this, best first; see `ports.Library`."""
        asked = spelling(words)
        if not asked:
            return ()
        likeness: dict[str, float] = {}
        found: dict[str, Term] = {}
        for name, term in self._spelled.items():
            score = _likeness(asked, name)
            if score > likeness.get(term.id, 0):
                likeness[term.id], found[term.id] = score, term
        best_first = sorted(found.values(), key=lambda term: (-likeness[term.id], term.name.en.casefold()))
        return tuple(best_first)


def _likeness(asked: str, name: str) -> float:
    """From 0 to 100; 0 for what is not alike."""
    if asked == name:
        return 100
    if name.startswith(asked):
        return _START
    if asked in name:
        return _PART
    if len(name) >= _SHORTEST_WITHIN[not name.isascii()] and name in asked:
        return _WITHIN
    return fuzz.ratio(asked, name, score_cutoff=_ALIKE)
