"""`/paper`: this week's paper, the next, the list, one by name, and search."""

from zoneinfo import ZoneInfo

from bot.domain.cadence import BeatKind
from bot.domain.clubs import Club
from bot.domain.errors import Problem
from bot.domain.papers import Paper
from bot.messages import cards
from bot.messages.actions import Verb, action, fitting, read_number
from bot.messages.markup import QUOTE_LIMIT, escape, plain
from bot.messages.outgoing import Button, Buttons, Facts, Message, Paging, Part, Reply, Text
from bot.messages.texts import Marked, Words
from bot.ports import Records
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.glossary import terms_of

SEARCH_SHOWN = 8


async def today(ask: Ask) -> Reply:
    """This week's paper. Before the first week: the first paper, and when it begins."""
    week = await ask.records.latest_week(ask.club.id)
    if week:
        return Reply(_card(ask, ask.tools.known_paper(week.paper_id), "paper.heading.now"))
    paper = await ask.this_paper()
    note = ask.words("paper.not_begun", when=await _next_time(ask))
    return Reply(_card(ask, paper, "paper.heading.first", note))


async def upcoming(ask: Ask) -> Reply:
    """The paper after this week's, and when it comes."""
    paper = ask.tools.upcoming(ask.club)
    if paper is None:
        raise Problem("error.plan.finished")
    note = ask.words("paper.next.when", when=await _next_time(ask))
    return Reply(_card(ask, paper, "paper.heading.next", note))


async def show(ask: Ask) -> Reply:
    """One paper, by number, id or words. To one who searched in private it is shown in place of what was
    found, with the way back."""
    card = _card(ask, await ask.wanted_paper(), "paper.heading.any")
    searched = ask.options.get("words", "")
    if not searched or not ask.private:
        return Reply(card)
    try:
        search = Paging("paper search", (searched,)).to(1)
    except ValueError:  # too long to be asked once more, so what was found stays
        return Reply(card)
    again = Button(ask.words.plain("button.return"), search)
    *parts, last = card.parts
    rows = last.rows if isinstance(last, Buttons) else ()
    return Reply(Message((*parts, Buttons((*rows, (again,))))), edit=True)


async def back(ask: Ask) -> Reply:
    """A paper's card, in place of what was read about it."""
    return Reply(_card(ask, await ask.wanted_paper(), "paper.heading.any"), private=True, edit=True)


async def more(ask: Ask) -> Reply:
    """The first page of what there is to know about a paper, in place of its card."""
    page = paper_page(ask.words, await ask.wanted_paper(), 1)
    return Reply(page, private=True, edit=not ask.posted)


async def page(ask: Ask) -> Reply:
    """Another page of it, in place of the one that was turned."""
    number = read_number(ask.options["page"])
    return Reply(paper_page(ask.words, await ask.wanted_paper(), number), private=True, edit=True)


def paper_page(words: Words, paper: Paper, number: int) -> Message:
    """A page about a paper, counted from 1, with the ways to turn; before the first is the paper's card.
    Raises Problem where there is no such page."""
    pages = cards.detail_pages(words, paper)
    if not 1 <= number <= len(pages):
        raise Problem("error.button.old")
    shown = pages[number - 1]
    turn = [Button(words.plain("button.return"), action(Verb.BACK, paper.id))]
    if number > 1:
        turn = [Button(words.plain("button.back"), action(Verb.PAGE, paper.id, number - 1))]
    if number < len(pages):
        turn.append(Button(words.plain("button.forward"), action(Verb.PAGE, paper.id, number + 1)))
    title = escape(paper.title[words.language])
    parts: list[Part] = [Text(f"**{shown.heading}** · {title} ({number}/{len(pages)})\n\n{shown.text}")]
    if shown.picture:
        parts.append(shown.picture)
    parts.append(Buttons((tuple(turn),)))
    return Message(tuple(parts))


async def listing(ask: Ask) -> Reply:
    """The whole plan, by section, with this week's paper marked."""
    week = await ask.records.latest_week(ask.club.id)
    words, plan = ask.words, ask.plan
    number, blocks = 0, [f"**{escape(plan.title[words.language])}**"]
    for section in plan.sections:
        lines = []
        for paper_id in section.papers:
            number += 1
            paper = ask.tools.library.paper(paper_id)
            if paper is None:
                lines.append(f"{number}\\. {words('paper.missing', paper=paper_id)}")
                continue
            here = week is not None and week.paper_id == paper_id
            title = escape(paper.title[words.language])
            lines.append(f"{number}\\. " + (f"**{title}** ◀" if here else title) + f" ({paper.year})")
        blocks.append("\n".join([f"**{escape(section.title[words.language])}**", *lines]))
    blocks.append(words("paper.list.hint"))
    return Reply(Message((Text("\n\n".join(blocks)),)))


async def search(ask: Ask) -> Reply:
    """Papers that match some words, each with a button to open it."""
    asked = ask.options["words"]
    found = ask.tools.library.find(asked, ask.plan)[:SEARCH_SHOWN]
    if not found:
        await _nothing(ask, asked)
    lines, buttons = [], []
    for paper in found:
        number = ask.plan.number(paper.id)
        lines.append(f"{number}\\. {escape(paper.title[ask.words.language])} ({paper.year})")
        buttons.append(Button(str(number), fitting(Verb.PAPER, paper.id, extra=asked)))
    heading = ask.words.count("paper.found", len(found), asked=plain(asked, QUOTE_LIMIT))
    rows = tuple(tuple(buttons[i : i + 4]) for i in range(0, len(buttons), 4))
    return Reply(Message((Text("\n".join([f"{heading}\n", *lines])), Buttons(rows))))


async def _nothing(ask: Ask, asked: str) -> None:
    near = ask.tools.library.nearest(asked, ask.plan)
    if near is None:
        raise Problem("error.paper.unknown", asked=asked)
    raise Problem(
        "error.paper.near", asked=asked, title=near.title[ask.words.language], number=ask.plan.number(near.id)
    )


def paper_message(
    tools: Tools,
    spoken: tuple[Words, ...],
    club: Club,
    paper: Paper,
    heading: str,
    note: str = "",
    post: int | None = None,
) -> Message:
    """A paper's card in one voice or two. `heading` is a text that may name {number} and {total}."""
    plan = tools.plan(club)
    needed = tuple(p for p in map(tools.library.paper, paper.needs) if p)
    number = plan.number(paper.id)
    introduced, others = terms_of(tools, paper)
    terms = (*introduced, *others)

    def body(words: Words) -> tuple[Text | Facts, ...]:
        line = (
            words(heading, number=number, total=len(plan.papers)) if number else words("paper.heading.apart")
        )
        return cards.paper_body(words, paper, needed, line, terms)

    pages = bool(cards.detail_pages(spoken[0], paper))
    lead = (Text(note),) if note else ()
    buttons = cards.paper_buttons(spoken, paper, more=pages, terms=bool(terms), post=post)
    return Message((*lead, *cards.in_voices(spoken, body), buttons))


async def next_paper_time(records: Records, club: Club, words: Words) -> Marked:
    """When the next paper comes, in the club's local time; or that the club is resting."""
    if club.paused:
        return Marked(words("schedule.paused.short"))
    for beat in await records.beats(club.id):
        if beat.kind is BeatKind.PAPER and beat.next_at is not None:
            return Marked(f"**{escape(words.when(beat.next_at, ZoneInfo(club.zone)))}**")
    return Marked(words("schedule.none.short"))


async def _next_time(ask: Ask) -> Marked:
    return await next_paper_time(ask.records, ask.club, ask.words)


def _card(ask: Ask, paper: Paper, heading: str, note: str = "") -> Message:
    return paper_message(ask.tools, ask.spoken, ask.club, paper, heading, note)
