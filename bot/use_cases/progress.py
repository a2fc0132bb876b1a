"""`/progress`: how the club stands, and how one member does."""

from bot.domain.clubs import Member, Platform
from bot.domain.errors import Problem
from bot.domain.reading import Level, weeks_in_a_row
from bot.messages.actions import Verb, action
from bot.messages.markup import escape, plain, shown
from bot.messages.outgoing import Button, Buttons, Message, Reply, Text
from bot.messages.texts import Marked
from bot.use_cases.asking import Ask
from bot.use_cases.papers import next_paper_time

NAMES_SHOWN = 20


async def progress(ask: Ask) -> Reply:
    """Mine, or that of the member named; and in a club of several, the club's."""
    asked = ask.options.get("member", "").strip()
    member = await _named(ask, asked) if asked else ask.known
    blocks = []
    if not asked and ask.club.members > 1:
        blocks.append(await _club(ask))
    if member and (member.active or asked):
        blocks.append(await _member(ask, member, mine=not asked))
    else:
        blocks.append(ask.words("progress.not_member"))
    told = tuple(Text(block) for block in blocks)
    # Asked for under a quiz's result, it stands in its place, and the paper is one press away.
    under = ask.options.get("paper")
    if under is None:
        return Reply(Message(told), private=True)
    look = Button(ask.words.plain("button.paper"), action(Verb.BACK, under))
    return Reply(Message((*told, Buttons(((look,),)))), private=True, edit=True)


async def _named(ask: Ask, asked: str) -> Member:
    platform = ask.sender.account.platform
    member = await _by_account(ask, platform, asked.removeprefix("id:")) if asked.startswith("id:") else None
    member = member or await ask.records.member_by_name(ask.club.id, platform, asked.lstrip("@"))
    if member is None:
        raise Problem("error.member.unknown", asked=plain(asked.removeprefix("id:")))
    return member


async def _by_account(ask: Ask, platform: Platform, user_id: str) -> Member | None:
    account = type(ask.sender.account)(platform, user_id)
    return await ask.records.member_by_account(ask.club.id, account)


async def _club(ask: Ask) -> str:
    words = ask.words
    week = await ask.records.latest_week(ask.club.id)
    title = Marked(f"**{shown(ask.club.title)}**")
    if week is None:
        return words.count("progress.club.waiting", ask.club.members, club=title)
    paper = ask.tools.known_paper(week.paper_id)
    readers = await ask.records.readers(ask.club.id, paper.id)
    lines = [
        words("progress.club", club=title, number=ask.club.position, total=len(ask.plan.papers)),
        words(
            "progress.club.readers",
            title=paper.title[words.language],
            readers=readers,
            members=ask.club.members,
        ),
    ]
    if readers:
        names = await ask.records.reader_names(ask.club.id, paper.id, NAMES_SHOWN)
        listed = words.listed([plain(name) for name in names])
        key = "progress.club.names" if readers <= len(names) else "progress.club.names.more"
        lines.append(words(key, names=listed, more=readers - len(names)))
    return "\n".join(lines)


async def _member(ask: Ask, member: Member, *, mine: bool) -> str:
    words, total = ask.words, len(ask.plan.papers)
    row = weeks_in_a_row(await ask.records.weeks_read(ask.club.id, member.id))
    heading = words("progress.mine") if mine else Marked(f"**{shown(member.name)}**")
    facts = [
        heading,
        words.count("progress.papers", member.papers_read, total=total),
        words.count("progress.row", row) if row else words("progress.row.none"),
    ]
    quizzes = []
    for score in await ask.records.scores(member.id):
        paper = ask.tools.library.paper(score.paper_id)
        if paper:
            title = escape(paper.title[words.language])
            quizzes.append(f"- {title}{words('mark.colon')}{score.right}/{score.asked}")
    told = "\n".join([words("progress.quizzes"), *quizzes])
    scores = told if quizzes else words("progress.quizzes.none")
    return "\n\n".join(["\n".join(facts), scores, await what_next(ask, member)])


async def what_next(ask: Ask, member: Member) -> str:
    """What to read next: the earliest opened paper not read yet, else the club's next one."""
    read = {
        reading.paper_id for reading in await ask.records.readings(member.id) if reading.level >= Level.READ
    }
    for paper_id in ask.plan.papers[: max(ask.club.position, 1)]:
        paper = ask.tools.library.paper(paper_id)
        if paper and paper_id not in read:
            title = paper.title[ask.words.language]
            return ask.words("progress.next", title=title, number=ask.plan.number(paper_id))
    upcoming = ask.tools.upcoming(ask.club)
    if upcoming is None:
        return ask.words("progress.done")
    title = upcoming.title[ask.words.language]
    when = await next_paper_time(ask.records, ask.club, ask.words)
    return ask.words("progress.next.coming", title=title, when=when)
