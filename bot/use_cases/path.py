"""`/path`: how the papers of the plan build on each other, and how far the asker has come."""

from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.outgoing import Button, Buttons, Message, Reply, Text
from bot.use_cases.asking import Ask
from bot.use_cases.progress import what_next


async def path(ask: Ask) -> Reply:
    """The path in the asker's own colours, and where it goes on."""
    words, plan, member = ask.words, ask.plan, ask.known
    papers = {paper.id: paper for paper in map(ask.tools.library.paper, plan.papers) if paper}
    readings = await ask.records.readings(member.id) if member else ()
    levels = {reading.paper_id: reading.level for reading in readings}
    week = await ask.records.latest_week(ask.club.id)
    lines = [words("path.heading", standing=cards.path_standing(words, plan, levels))]
    if member:
        lines.append(await what_next(ask, member))
    here = week.paper_id if week else None
    return Reply(
        Message(
            (
                Text("\n".join(lines)),
                cards.path_picture(words, plan, papers, levels, here),
                Buttons(((Button(words.plain("button.progress"), action(Verb.PROGRESS)),),)),
            )
        ),
        private=True,
    )
