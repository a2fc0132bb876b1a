"""The rules of the glossary: one entry for each term, short, and every term that a paper introduces."""

from collections.abc import Iterator, Sequence

from bot.domain.languages import Language
from bot.library.documents import YamlFile
from bot.library.explain import LANGUAGE_NAMES
from bot.library.files import GLOSSARY, Content
from bot.library.findings import Finding
from bot.library.format import Facts, GlossaryForm, GlossaryTerm
from bot.library.terms import spelling
from bot.messages.markup import units

MEANS_LIMITS = {Language.EN: 300, Language.ZH: 150}
"""The longest meaning, in UTF-16 units: one or two sentences."""

Spelled = dict[str, GlossaryTerm]
"""Which term a spelling names."""


def glossary_findings(content: Content) -> Iterator[Finding]:
    """The rules that the glossaries break, and the papers' terms that they lack."""
    papers = {paper.id for paper in content.papers}
    ids, spelled = set[str](), {language: Spelled() for language in Language}
    for file in content.glossaries:
        for index, term in enumerate(file.content.terms):
            at = ("terms", index)
            if term.id in ids:
                what = f"the id {term.id} is taken by an earlier term"
                yield file.finding((*at, "id"), what, "Give this one an id of its own, or join the two.")
            ids.add(term.id)
            for language in Language:
                yield from _word(file, at, term, language, spelled[language])
            for number, paper in enumerate(term.papers):
                if paper not in papers:
                    what = f"{term.id} names the paper {paper}, and no paper has this id"
                    yield file.finding((*at, "papers", number), what, "Write a folder's name in papers/.")
    if any(fault.path.endswith(GLOSSARY) for fault in content.faults):
        return  # while a glossary cannot be read, its terms would be missing everywhere
    for files in content.papers:
        if files.facts is not None:
            yield from _introduced(files.facts, spelled)


def _word(
    file: YamlFile[GlossaryForm],
    at: Sequence[str | int],
    term: GlossaryTerm,
    language: Language,
    spelled: Spelled,
) -> Iterator[Finding]:
    word, place = term[language], (*at, language.value)
    length = units(word.means)
    if length > MEANS_LIMITS[language]:
        what = f"the meaning of {term.id} has {length} characters in {LANGUAGE_NAMES[language]}"
        yield file.finding((*place, "means"), what, f"Shorten it to {MEANS_LIMITS[language]} at most.")
    for name in (word.term, *word.also):
        other = spelled.setdefault(spelling(name), term)
        if other.id != term.id:
            what = f"{term.id} is called {name}, and so is {other.id}"
            yield file.finding(place, what, "Let a name stand for one term, or it finds only the first.")


def _introduced(file: YamlFile[Facts], spelled: dict[Language, Spelled]) -> Iterator[Finding]:
    """A paper's terms are those of the glossary, called as it calls them in both languages."""
    for index, wording in enumerate(file.content.terms):
        term = spelled[Language.EN].get(spelling(wording.en))
        if term is None:
            what = f"the term {wording.en} is not in the glossary"
            yield file.finding(["terms", index], what, "Explain it in glossary.yaml, in both languages.")
        elif spelled[Language.ZH].get(spelling(wording.zh)) is not term:
            what = f"the Chinese for {wording.en} is {wording.zh} here, and {term.zh.term} in the glossary"
            advice = f"Write the same in both, or add {wording.zh} to also in glossary.yaml."
            yield file.finding(["terms", index, "zh"], what, advice)
