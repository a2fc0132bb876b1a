"""`/glossary`: what a word means, and the words of a paper."""

from bot.domain.errors import Problem
from bot.domain.glossary import Term
from bot.domain.papers import Paper
from bot.messages.glossary import near_terms, paper_terms, term_card
from bot.messages.outgoing import Reply
from bot.use_cases.asking import Ask, Tools

NEAR_SHOWN = 4
OTHERS_SHOWN = 8


async def glossary(ask: Ask) -> Reply:
    """The term asked for, or those called something like it; without one, the terms of this week's paper."""
    asked = ask.options.get("term", "").strip()
    if not asked:
        return await terms(ask)
    library = ask.tools.library
    term = library.term(asked)
    if term is None:
        near = library.terms_like(asked)[:NEAR_SHOWN]
        if not near:
            raise Problem("error.term.unknown", asked=asked)
        return Reply(near_terms(ask.words, asked, near), private=True)
    planned = [paper for i in ask.plan.papers if i in term.papers and (paper := library.paper(i))]
    papers = [(ask.plan.number(paper.id) or 0, paper) for paper in planned]
    under = ask.options.get("paper")
    return Reply(term_card(ask.words, term, papers, under), private=True, edit=under is not None)


async def terms(ask: Ask) -> Reply:
    """The terms of a paper; of this week's when none is named."""
    paper = await ask.wanted_paper()
    introduced, others = terms_of(ask.tools, paper)
    if not introduced and not others:
        raise Problem("error.terms.none")
    told = paper_terms(ask.words, paper, introduced, others[:OTHERS_SHOWN])
    return Reply(told, private=True, edit=not ask.posted)


def terms_of(tools: Tools, paper: Paper) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The terms that a paper introduces, in its order; and the others that matter in it, by name."""
    found = (tools.library.term(wording.en) for wording in paper.terms)
    introduced = tuple(term for term in found if term is not None)
    others = (term for term in tools.library.terms() if paper.id in term.papers and term not in introduced)
    return introduced, tuple(others)
