"""The glossary in messages: a term explained, the terms of a paper, and the terms that a text may hold."""

from collections.abc import Sequence

from bot.domain.glossary import Term
from bot.domain.languages import Language
from bot.domain.papers import Paper
from bot.messages.actions import Verb, action
from bot.messages.markup import QUOTE_LIMIT, escape, plain
from bot.messages.outgoing import Button, Buttons, Message, Part, Text, Word
from bot.messages.texts import Words

PAPERS_IN_A_ROW, TERMS_IN_A_ROW = 4, 2


def pressable(words: Words, terms: Sequence[Term]) -> tuple[Word, ...]:
    """Every name of some terms in one language, each to be pressed for its meaning."""
    return tuple(
        Word(name, action(Verb.TERM, term.id)) for term in terms for name in term.names(words.language)
    )


def term_card(words: Words, term: Term, papers: Sequence[tuple[int, Paper]]) -> Message:
    """A term with its other names and its meaning, and the papers where it matters, by their numbers."""
    blocks, parts = [_explained(words, term)], list[Part]()
    also = term.also[words.language]
    if also:
        blocks.append(words("term.also", names=words.listed(also)))
    if papers:
        titles = [f"{number}\\. {escape(paper.title[words.language])}" for number, paper in papers]
        blocks.append("\n".join([words("term.papers"), *titles]))
        buttons = [Button(str(number), action(Verb.PAPER, paper.id)) for number, paper in papers]
        parts.append(_rows(buttons, PAPERS_IN_A_ROW))
    return Message((Text("\n\n".join(blocks)), *parts))


def paper_terms(words: Words, paper: Paper, introduced: Sequence[Term], others: Sequence[Term]) -> Message:
    """The terms that a paper introduces, explained, and a button for each other that matters in it."""
    heading = words("term.page", title=paper.title[words.language])
    blocks = [heading, *(_explained(words, term) for term in introduced)]
    if not others:
        return Message((Text("\n\n".join(blocks)),))
    blocks.append(words("term.more"))
    return Message((Text("\n\n".join(blocks)), _terms(words, others)))


def near_terms(words: Words, asked: str, near: Sequence[Term]) -> Message:
    """That a word is unknown, and a button for each that may have been meant."""
    return Message((Text(words("term.near", asked=plain(asked, QUOTE_LIMIT))), _terms(words, near)))


def _explained(words: Words, term: Term) -> str:
    """Its name in both languages, the reader's first, and its meaning."""
    here, there = sorted(Language, key=lambda language: language is not words.language)
    names = f"**{escape(term.name[here])}**"
    if term.name[there] != term.name[here]:
        names += f" · {escape(term.name[there])}"
    return f"{names}\n{escape(term.means[words.language])}"


def _terms(words: Words, terms: Sequence[Term]) -> Buttons:
    buttons = [Button(term.name[words.language], action(Verb.TERM, term.id)) for term in terms]
    return _rows(buttons, TERMS_IN_A_ROW)


def _rows(buttons: Sequence[Button], width: int) -> Buttons:
    return Buttons(tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width)))
