"""The glossary in messages: a term explained, the terms of a paper, and the terms that a text may hold."""

from collections.abc import Sequence

from bot.domain.glossary import Term
from bot.domain.languages import Language
from bot.domain.papers import Paper
from bot.messages.actions import Verb, action, fitting
from bot.messages.markup import QUOTE_LIMIT, escape, plain
from bot.messages.outgoing import Button, Buttons, Message, Part, Text, Word
from bot.messages.texts import Words

Rows = tuple[tuple[Button, ...], ...]

PAPERS_IN_A_ROW, TERMS_IN_A_ROW = 4, 2


def pressable(words: Words, terms: Sequence[Term]) -> tuple[Word, ...]:
    """Every name of some terms in one language, each to be pressed for its meaning."""
    return tuple(
        Word(name, action(Verb.TERM, term.id)) for term in terms for name in term.names(words.language)
    )


def term_card(
    words: Words, term: Term, papers: Sequence[tuple[int, Paper]], under: str | None = None
) -> Message:
    """A term with its other names and its meaning, and the papers where it matters, by their numbers. `under`
    is the id of the paper among whose terms it was found, with the way back to them."""
    blocks, parts = [_explained(words, term)], list[Part]()
    also = term.also[words.language]
    if also:
        blocks.append(words("term.also", names=words.listed(also)))
    if papers:
        titles = [f"{number}\\. {escape(paper.title[words.language])}" for number, paper in papers]
        blocks.append("\n".join([words("term.papers"), *titles]))
    buttons = [Button(str(number), action(Verb.PAPER, paper.id)) for number, paper in papers]
    rows = _rows(buttons, PAPERS_IN_A_ROW)
    if under:
        rows += ((Button(words.plain("button.return"), action(Verb.TERMS, under)),),)
    if rows:
        parts.append(Buttons(rows))
    return Message((Text("\n\n".join(blocks)), *parts))


def paper_terms(words: Words, paper: Paper, introduced: Sequence[Term], others: Sequence[Term]) -> Message:
    """The terms that a paper introduces, explained, and a button for each other that matters in it."""
    heading = words("term.page", title=paper.title[words.language])
    blocks = [heading, *(_explained(words, term) for term in introduced)]
    if others:
        blocks.append(words("term.more"))
    look = Button(words.plain("button.paper"), action(Verb.BACK, paper.id))
    rows = (*_terms(words, others, paper.id), (look,))
    return Message((Text("\n\n".join(blocks)), Buttons(rows)))


def near_terms(words: Words, asked: str, near: Sequence[Term]) -> Message:
    """That a word is unknown, and a button for each that may have been meant."""
    return Message((Text(words("term.near", asked=plain(asked, QUOTE_LIMIT))), Buttons(_terms(words, near))))


def _explained(words: Words, term: Term) -> str:
    """Its name in both languages, the reader's first, and its meaning."""
    here, there = sorted(Language, key=lambda language: language is not words.language)
    names = f"**{escape(term.name[here])}**"
    if term.name[there] != term.name[here]:
        names += f" · {escape(term.name[there])}"
    return f"{names}\n{escape(term.means[words.language])}"


def _terms(words: Words, terms: Sequence[Term], under: str = "") -> Rows:
    buttons = [
        Button(
            term.name[words.language],
            fitting(Verb.TERM, term.id, extra=under) if under else action(Verb.TERM, term.id),
        )
        for term in terms
    ]
    return _rows(buttons, TERMS_IN_A_ROW)


def _rows(buttons: Sequence[Button], width: int) -> Rows:
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
