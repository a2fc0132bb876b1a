"""Papers to show in any chat, our own or not: found by words, and put there by whoever asked.

Nobody has to be in a club for it, and nothing is recorded.
"""

from collections.abc import Sequence

from bot.domain.papers import Paper
from bot.domain.plans import Plan
from bot.messages import cards
from bot.messages.incoming import Sender, Sought
from bot.messages.outgoing import Button, Finding, Findings, Paging
from bot.messages.texts import Words
from bot.ports import StorageUnavailable
from bot.use_cases.asking import Tools

AT_ONCE = 12
"""Papers offered at once; whoever scrolls on gets more."""


async def find(tools: Tools, sender: Sender, sought: Sought) -> Findings:
    """Papers that match some words, best first, those of the asker's own plan before others; without words
    the papers of that plan in order, this week's first."""
    words = tools.texts[sender.language]
    plan, now = await _reading(tools, sender)
    found = _matching(tools, plan, sought.words.strip(), now)
    shown = found[sought.start : sought.start + AT_ONCE]
    end = sought.start + len(shown)
    none = Button(words.plain("find.none"), Paging("paper list").to(1)) if not found else None
    return Findings(
        tuple(_finding(words, paper, this_week=paper.id == now) for paper in shown),
        end if end < len(found) else None,
        none,
    )


async def _reading(tools: Tools, sender: Sender) -> tuple[Plan | None, str]:
    """The plan of the club that the asker is in, and the paper of its week; for everybody else the plan
    that clubs begin with."""
    plan_id, now = tools.defaults.plan_id, ""
    try:
        async with tools.store.read() as records:
            club_id = await records.home(sender.account)
            club = await records.club(club_id) if club_id is not None else None
            week = await records.latest_week(club.id) if club else None
        plan_id, now = club.plan_id if club else plan_id, week.paper_id if week else now
    except StorageUnavailable:
        pass  # the papers are there all the same
    return tools.library.plan(plan_id) or next(iter(tools.library.plans()), None), now


def _matching(tools: Tools, plan: Plan | None, asked: str, now: str) -> Sequence[Paper]:
    library = tools.library
    if plan is None:
        return ()
    if not asked:
        papers = [paper for paper in map(library.paper, plan.papers) if paper]
        return sorted(papers, key=lambda paper: paper.id != now)
    own = library.find(asked, plan)
    if own and asked.isdecimal():
        return own  # a number means the paper of one's own plan
    others = (paper for each in library.plans() if each is not plan for paper in library.find(asked, each))
    found = list({paper.id: paper for paper in (*own, *others)}.values())
    near = library.nearest(asked, plan) if not found else None
    return [near] if near else found


def _finding(words: Words, paper: Paper, *, this_week: bool) -> Finding:
    facts = [words.plain("find.now")] if this_week else []
    facts += [cards.people(words, paper), str(paper.year)]
    return Finding(paper.id, paper.title[words.language], " · ".join(facts), cards.brief_card(words, paper))
