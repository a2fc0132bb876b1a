"""The end of a plan: a look back, and the choice of what to read next."""

from collections.abc import Sequence

from bot.domain.clubs import Club, Ending
from bot.domain.course import REST
from bot.domain.errors import Problem
from bot.domain.plans import Plan
from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.markup import cut
from bot.messages.outgoing import Button, Buttons, Part, Reply, Text
from bot.messages.texts import Marked, Words
from bot.ports import Records
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.papers import next_paper_time
from bot.use_cases.quizzes import TOAST_LIMIT

PLANS_OFFERED = 6
LABEL_LIMIT = 60


async def vote(ask: Ask) -> Reply:
    """Choose what the club reads next; another press changes one's mind."""
    choice, club = ask.options["choice"], ask.club
    if club.ending is Ending.NOT_YET or club.asked_at is None:
        raise Problem("error.vote.over")
    if choice not in _choices(ask.tools, club):
        raise Problem("error.button.old")
    member = await ask.member()
    await ask.records.cast(club.id, club.asked_at, member.id, choice)
    words = ask.words
    stand = await _stand(ask.tools, ask.records, club, words)
    return Reply(
        toast=cut(words.plain("vote.done", choice=_name(ask.tools, words, choice), stand=stand), TOAST_LIMIT)
    )


async def closing(
    tools: Tools, records: Records, spoken: tuple[Words, ...], club: Club, post: int
) -> tuple[Part, ...]:
    """The look back at a finished plan, and the question."""
    plan = tools.plan(club)
    counted = [(await records.readers(club.id, paper), paper) for paper in plan.papers]
    readings, (most, favourite) = sum(n for n, _ in counted), max(counted, default=(0, ""))
    when = {words.language: await next_paper_time(records, club, words) for words in spoken}

    def body(words: Words) -> tuple[Text, ...]:
        lines = [words("closing.heading", plan=plan.title[words.language], total=len(plan.papers))]
        if readings:
            lines.append(words.count("closing.readings", readings, members=club.members))
        paper = tools.library.paper(favourite)
        if paper and most > 1:
            lines.append(words("closing.favourite", title=paper.title[words.language], readers=most))
        lines.append(words("closing.ask", when=when[words.language]))
        return (Text("\n\n".join(lines)),)

    return (*cards.in_voices(spoken, body), _ballot(tools, spoken, club, post))


def reminder(tools: Tools, spoken: tuple[Words, ...], club: Club, post: int) -> tuple[Part, ...]:
    """The question once more; it stays open until somebody answers it."""

    def body(words: Words) -> tuple[Text, ...]:
        return (Text(words("closing.again", plan=tools.plan(club).title[words.language])),)

    return (*cards.in_voices(spoken, body), _ballot(tools, spoken, club, post))


def resting(spoken: tuple[Words, ...]) -> tuple[Part, ...]:
    """The club has chosen to rest."""
    return cards.in_voices(spoken, lambda words: (Text(words("closing.resting")),))


def _choices(tools: Tools, club: Club) -> Sequence[str]:
    """What can be chosen: other plans, the same once more, or a rest."""
    others = [plan.id for plan in tools.library.plans() if plan.id != club.plan_id]
    return (*others[:PLANS_OFFERED], club.plan_id, REST)


def _ballot(tools: Tools, spoken: tuple[Words, ...], club: Club, post: int) -> Buttons:
    def button(choice: str) -> Button:
        said = dict.fromkeys(_label(tools, words, club, choice) for words in spoken)
        return Button(cut(" · ".join(said), LABEL_LIMIT), action(Verb.VOTE, choice, post=post))

    return Buttons(tuple((button(choice),) for choice in _choices(tools, club)))


def _label(tools: Tools, words: Words, club: Club, choice: str) -> str:
    if choice == club.plan_id:
        return words.plain("button.vote.again")
    return _name(tools, words, choice)


def _name(tools: Tools, words: Words, choice: str) -> str:
    plan: Plan | None = tools.library.plan(choice)
    return plan.title[words.language] if plan else words.plain("button.vote.rest")


async def _stand(tools: Tools, records: Records, club: Club, words: Words) -> Marked:
    """How the vote stands, most votes first."""
    counted = await records.tally(club.id, club.asked_at or 0)
    colon = words.plain("mark.colon")
    told = [f"{_name(tools, words, choice)}{colon}{votes}" for choice, votes in counted]
    return Marked(words.plain("mark.comma").join(told) if told else "0")
