"""What a scheduled post says: composed when it is sent, from how things stand then."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from msgspec.structs import replace as replace_field

from bot.domain.cadence import is_late, is_night
from bot.domain.clubs import ChatKind, Club
from bot.domain.errors import Problem
from bot.domain.languages import Language
from bot.domain.papers import Paper, Shown
from bot.domain.posts import Draft, Post, PostKind, PostState
from bot.domain.quizzes import Round
from bot.messages import cards
from bot.messages.actions import Verb, action, read_number
from bot.messages.markup import escape, plain
from bot.messages.outgoing import (
    Button,
    Buttons,
    CloseThread,
    Destination,
    Edit,
    Facts,
    Message,
    OpenThread,
    Part,
    Pin,
    PinThread,
    Reply,
    Style,
    Text,
    Upkeep,
)
from bot.messages.texts import Words
from bot.ports import Records
from bot.use_cases import events, live_quizzes, tallies
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.channels import discussion_of
from bot.use_cases.courses import course
from bot.use_cases.endings import closing, reminder, resting
from bot.use_cases.papers import next_paper_time, paper_message
from bot.use_cases.quizzes import next_question, next_stop, stop

RECAP_NAMES = 20
THREAD_TITLE_LIMIT = 100
"""The longest thread title, in characters: Discord's limit; Telegram allows 128."""

IN_THREAD = {PostKind.STARTER, PostKind.PROMPT}
"""The posts that belong into the paper's discussion thread."""

BEGIN = {PostKind.PAPER, PostKind.OPENER}
"""The posts that begin a discussion."""

OF_THE_CLUB = {PostKind.CLOSING, PostKind.REMINDER, PostKind.RESTING}
"""The posts that are about the club, and no paper."""


@dataclass(frozen=True, slots=True)
class _Matter:
    """What a post is made of."""

    tools: Tools
    records: Records
    post: Post
    club: Club
    paper: Paper
    spoken: tuple[Words, ...]
    now: int


async def compose(
    tools: Tools, records: Records, post: Post, now: int
) -> tuple[Destination, Message | OpenThread | Upkeep]:
    """Where a post goes and what it says. Raises Problem when the content behind it is gone."""
    club = await records.club(post.chat.club_id)
    if club is None:
        raise Problem("error.button.elsewhere")
    spoken = cards.voices(tools.texts, club.language)
    paper = tools.known_paper(post.paper_id)
    if post.kind in (PostKind.PIN, PostKind.LOCK):
        return Destination(post.chat.chat_id), await _upkeep(records, post)
    if post.kind is PostKind.EVENT:
        under = await _paper_post(records, post)
        about = await events.appointment(records, spoken, post, paper, club, under, now)
        return Destination(post.chat.chat_id), about
    if post.kind is PostKind.THREAD:
        if post.chat.kind is ChatKind.FORUM:  # to which the club has moved since the paper
            raise Problem("error.button.old")
        under = await hook(records, post)
        said = under.message_id if under else None
        return Destination(post.chat.chat_id, reply_to=said), _thread(tools, spoken, club, paper, post, said)
    matter = _Matter(tools, records, post, club, paper, spoken, now)
    if post.kind in (PostKind.STOP, PostKind.TALLY) and post.chat.platform.gathers:
        return await _revised(matter)
    if post.kind is PostKind.STOP:
        return await _destination(records, post), await stop(records, post)
    to, message = await _destination(records, post), await _message(matter)
    if post.chat.kind is ChatKind.FORUM:
        return to, replace(_thread(tools, spoken, club, paper, post), message=message)
    return to, message


async def _message(of: _Matter) -> Message:
    """What a post says, and that it comes late if it does or did."""
    post, parts = of.post, await _parts(of)
    if is_late(post.due_at, post.sent_at or of.now):
        parts = (Text("\n".join(words("post.late") for words in of.spoken)), *parts)
    scheduled = post.week is not None
    mention = post.chat.mention if post.kind is PostKind.PAPER else None
    return Message(parts, scheduled and is_night(of.now, ZoneInfo(of.club.zone)), mention=mention)


async def _revised(of: _Matter) -> tuple[Destination, Edit]:
    """What a quiz's message says by now, where it stands. Raises Problem for one that stands nowhere, and for
    a tally after the end, which another post tells."""
    about = await tallies.subject(of.records, of.post)
    round_ = await _round(of)
    number = about.number if about.kind is PostKind.QUESTION else round_.last
    if of.post.kind is PostKind.TALLY and round_.closed(number, of.now):
        raise Problem("quiz.over")
    to, message_id = await _destination(of.records, about), about.message_id or ""
    if about.chat.kind is ChatKind.FORUM and to.thread_id is None:
        to = replace(to, thread_id=message_id)  # that of a thread which it began
    return to, Edit(message_id, await _message(replace(of, post=about)))


async def _destination(records: Records, post: Post) -> Destination:
    """Where a post is said: in the paper's thread or under the message that stands for it, or else where the
    week's posts go, or where it was asked for. In a forum there is nothing but threads."""
    chat = post.chat
    if chat.kind is ChatKind.FORUM:
        return Destination(chat.chat_id, await _thread_in_forum(records, post))
    topic = post.topic if post.week is None else chat.topic
    to = Destination(chat.chat_id, topic, channel=chat.kind is ChatKind.CHANNEL)
    thread = await records.thread(chat.id, post.paper_id) if post.kind in IN_THREAD else None
    if thread and thread.thread_id:
        return replace(to, thread_id=thread.thread_id)
    return replace(to, reply_to=thread.root_message_id) if thread else to


async def _thread_in_forum(records: Records, post: Post) -> str | None:
    """The thread of a forum in which a post is said; None for one that gets a thread of its own."""
    if post.kind in BEGIN:
        return None
    if post.week is None and post.topic and post.kind not in IN_THREAD:
        return post.topic
    thread = await records.thread(post.chat.id, post.paper_id)
    return thread.thread_id if thread else None


async def opens_thread(records: Records, post: Post) -> bool:
    """Whether a post is itself the opening of a thread."""
    if post.kind is PostKind.THREAD:
        return True
    in_forum = post.chat.kind is ChatKind.FORUM and not post.kind.upkeep
    return in_forum and await _thread_in_forum(records, post) is None


def begins_discussion(post: Post) -> bool:
    """Whether the thread that was opened for a post is where its paper is talked about from now on."""
    return post.kind not in OF_THE_CLUB and (post.week is not None or post.kind in (*BEGIN, *IN_THREAD))


async def _upkeep(records: Records, post: Post) -> Upkeep:
    """What is done at the end of a paper's arrival. Raises Problem where what it is about is gone."""
    thread = await records.thread(post.chat.id, post.paper_id)
    if post.chat.kind is ChatKind.FORUM:
        last = await _last_weeks_thread(records, post)
        if post.kind is PostKind.PIN and thread and thread.thread_id:
            return PinThread(thread.thread_id, last)
        if post.kind is PostKind.LOCK and last:
            return CloseThread(last)
    elif post.kind is PostKind.PIN:
        paper, former = await _paper_post(records, post), await _paper_post(records, post, before=1)
        if paper and paper.message_id:
            unpin = former.message_id if former else None
            return Pin(paper.message_id, unpin, await _starter(records, post))
    elif post.kind is PostKind.LOCK and thread and thread.thread_id:
        return CloseThread(thread.thread_id)
    raise Problem("error.button.old")


async def _last_weeks_thread(records: Records, post: Post) -> str | None:
    """The thread of a forum in which the week before was."""
    former = await _paper_post(records, post, before=1)
    if former is None or former.paper_id == post.paper_id:
        # A paper that is read once more is talked about in its new thread.
        return former.message_id if former else None
    thread = await records.thread(post.chat.id, former.paper_id)
    return thread.thread_id if thread else None


async def _starter(records: Records, post: Post) -> tuple[str, str] | None:
    """The first message of the thread of a week's paper: the thread's id and its own."""
    thread = await records.thread(post.chat.id, post.paper_id)
    starter = await records.post_by_key(post.key.removesuffix(post.kind) + PostKind.STARTER)
    if thread and thread.thread_id and starter and starter.message_id:
        return thread.thread_id, starter.message_id
    return None


async def _parts(of: _Matter) -> tuple[Part, ...]:
    spoken, paper = of.spoken, of.paper
    match of.post.kind:
        case PostKind.PAPER:
            return await _paper(of)
        case PostKind.OPENER:
            return _lines(spoken, "post.opener.text", paper)
        case PostKind.STARTER:
            picture = cards.paper_picture(spoken[0], paper)
            question = _prompts(spoken, paper, "post.starter.text", 0)
            return (picture, *question) if picture and not of.post.chat.platform.illustrates else question
        case PostKind.PROMPT:
            return _prompts(spoken, paper, "post.prompt.text", 1 + of.post.number)
        case PostKind.QUIZ:
            return await _quiz(of)
        case PostKind.QUESTION:
            return await _question(of)
        case PostKind.RESULT:
            round_ = await _round(of)
            return await live_quizzes.result(of.records, spoken, paper, round_, of.post.id)
        case PostKind.RECAP:
            return await _recap(of)
        case PostKind.CLOSING:
            return await closing(of.tools, of.records, spoken, of.club, of.post.id)
        case PostKind.REMINDER:
            return reminder(of.tools, spoken, of.club, of.post.id)
        case PostKind.RESTING:
            return resting(spoken)
        case PostKind.THREAD | PostKind.PIN | PostKind.LOCK | PostKind.STOP | PostKind.TALLY | PostKind.EVENT:
            return ()  # composed before


async def _paper(of: _Matter) -> tuple[Part, ...]:
    """The week's paper, and what else there is to say when a week begins: a new plan, a rest to come."""
    card = paper_message(of.tools, of.spoken, of.club, of.paper, "paper.heading.now", post=of.post.id)
    plan = of.tools.plan(of.club)
    begins = (of.post.week or 1) > 1 and plan.number(of.paper.id) == 1 == of.club.position
    begun = [words("post.paper.plan", plan=plan.title[words.language]) for words in of.spoken if begins]
    rests = [said for words in of.spoken if (said := await _rest_to_come(of, words))]
    above, below = ((Text("\n".join(lines)),) if lines else () for lines in (begun, rests))
    *told, buttons = card.parts
    picture = cards.paper_picture(of.spoken[0], of.paper) if of.post.chat.platform.illustrates else None
    if picture:
        facts = next(place for place, part in enumerate(told) if isinstance(part, Facts))
        told.insert(facts + 1, picture)
    return (*above, *told, *below, buttons)


async def _rest_to_come(of: _Matter, words: Words) -> str:
    """That the club rests before the next paper, if it does."""
    weeks = (await course(of.tools, of.records, of.club.id)).rests_before_next_paper(of.now)
    return words.count("rest.coming", weeks) if weeks else ""


def _lines(spoken: tuple[Words, ...], key: str, paper: Paper) -> tuple[Part, ...]:
    return tuple(Text(words(key, title=paper.title[words.language])) for words in spoken)


def _prompts(spoken: tuple[Words, ...], paper: Paper, key: str, index: int) -> tuple[Part, ...]:
    """One discussion prompt, or a plain invitation when the paper has fewer."""
    prompt = paper.prompts[index] if index < len(paper.prompts) else paper.prompts[0]

    def body(words: Words) -> tuple[Text, ...]:
        intro = words(key, title=paper.title[words.language])
        return (Text(f"{intro}\n\n**{escape(prompt.text[words.language])}**"),)

    return cards.in_voices(spoken, body)


async def _quiz(of: _Matter) -> tuple[Part, ...]:
    round_ = await _round(of)
    if round_.live:
        return live_quizzes.announcement(of.spoken, of.paper, round_)
    if of.post.chat.platform.gathers:
        return await tallies.sheet(of.records, of.spoken, of.paper, round_, of.post.id, of.now)
    label = cards.label(of.spoken, "button.quiz.alone")
    alone = Button(label, action(Verb.QUIZ, of.paper.id, post=of.post.id))
    return (*_lines(of.spoken, "post.quiz.text", of.paper), Buttons(((alone,),)))


async def _question(of: _Matter) -> tuple[Part, ...]:
    post, round_ = of.post, await _round(of)
    question = of.paper.question(round_.questions[post.number])
    if question is None:
        raise Problem("error.button.old")
    picture = cards.question_picture(of.spoken[0], of.paper, question, Shown.QUESTION)
    if round_.live and post.chat.platform.gathers:
        asked = await tallies.live_question(of.records, of.spoken, of.paper, question, round_, post, of.now)
        return (picture, *asked) if picture else asked
    quiz = cards.quiz_poll(of.spoken, of.paper, question, round_, post.number, post.id)
    return (picture, quiz) if picture else (quiz,)


async def _round(of: _Matter) -> Round:
    """The round that a post belongs to. Raises Problem when there is none."""
    round_ = await of.records.round(of.post.round_id or 0)
    if round_ is None:
        raise Problem("error.button.old")
    return round_


async def _recap(of: _Matter) -> tuple[Part, ...]:
    """Who read, the hardest question, what comes next."""
    records, club, paper = of.records, of.club, of.paper
    readers = await records.readers(club.id, paper.id)
    names = await records.reader_names(club.id, paper.id, RECAP_NAMES)
    round_ = await records.latest_round(club.id, paper.id, None)
    hardest = await records.hardest(round_.id) if round_ else None
    people = await records.round_people(round_.id) if round_ else 0
    counts = (await records.question_counts(round_.id)).values() if round_ else ()
    right, answered = (sum(numbers) for numbers in zip(*counts, strict=True)) if counts else (0, 0)

    def told(words: Words) -> list[str]:
        title = paper.title[words.language]
        lines = [words("recap.heading", title=title)]
        lines.append(words("recap.readers", readers=readers, members=club.members))
        if names:
            listed = words.listed([plain(name) for name in names])
            key = "progress.club.names" if readers <= len(names) else "progress.club.names.more"
            lines.append(words(key, names=listed, more=readers - len(names)))
        if people:
            lines.append(words.count("recap.quiz", people, right=right, answered=answered))
        question = paper.question(hardest[0]) if hardest else None
        if question and hardest:
            lines.append(
                words(
                    "recap.hardest",
                    ask=question.ask[words.language],
                    right=hardest[1],
                    answered=hardest[2],
                    answer=cards.answer_texts(words, question),
                    why=question.explanation[words.language],
                )
            )
        return lines

    coming = {words.language: await _coming(of, words) for words in of.spoken}

    def body(words: Words) -> tuple[Text | Facts, ...]:
        return (Text("\n\n".join([*told(words), coming[words.language]])),)

    label = cards.label(of.spoken, "button.read")
    read = Button(label, action(Verb.READ, paper.id, post=of.post.id), style=Style.MAIN)
    return (*cards.in_voices(of.spoken, body), Buttons(((read,),)))


async def _coming(of: _Matter, words: Words) -> str:
    upcoming = of.tools.upcoming(of.club)
    if upcoming is None:
        return words("recap.finished")
    when = await next_paper_time(of.records, of.club, words)
    rest = await _rest_to_come(of, words)
    following = words("recap.next", title=upcoming.title[words.language], when=when)
    return "\n".join(filter(None, (rest, following)))


async def follow_up(records: Records, post: Post, now: int) -> Sequence[Draft]:
    """What hangs from a post and comes after it, whatever became of it now: a paper's thread, the thread's
    first words, a quiz's questions one by one, and after the recap their end. What people read comes first;
    then the week's paper is pinned and last week's thread closed. Nothing at the end of such a chain."""
    match post.kind:
        case PostKind.PAPER if post.chat.talk != post.chat.id:
            sent = await records.post(post.id) or post
            return [_next_link(post, PostKind.PIN), await discussion_of(records, sent)]
        case PostKind.PAPER | PostKind.OPENER if post.chat.kind is ChatKind.FORUM:
            return [_next_link(post, PostKind.STARTER)]
        case PostKind.PAPER | PostKind.OPENER:
            return [_next_link(post, PostKind.THREAD)]
        case PostKind.THREAD:
            return [_next_link(post, PostKind.STARTER)]
        case PostKind.STARTER if post.week is not None:
            return [draft async for draft in _tidying(records, post, now)]
        case PostKind.QUIZ | PostKind.QUESTION:
            return await next_question(records, post, now)
        case PostKind.RECAP | PostKind.STOP:
            stopped = await next_stop(records, post, now)
            return [stopped] if stopped else []
        case PostKind.TALLY:
            await tallies.count_again(records, post)
    return []


async def _tidying(records: Records, post: Post, now: int) -> AsyncIterator[Draft]:
    """What a week's arrival leaves to be done in a chat: nothing where there is nothing to pin, to close or
    to put in the calendar."""
    paper, former = await _paper_post(records, post), await _paper_post(records, post, before=1)
    in_forum = post.chat.kind is ChatKind.FORUM
    if in_forum or (paper and paper.message_id):
        yield _next_link(post, PostKind.PIN)
    if in_forum and await _last_weeks_thread(records, post):
        yield _next_link(post, PostKind.LOCK)
    elif not in_forum and former and former.paper_id != post.paper_id:
        thread = await records.thread(post.chat.id, former.paper_id)
        if thread and thread.thread_id:
            yield replace_field(_next_link(post, PostKind.LOCK), paper_id=former.paper_id)
    if post.chat.events and await events.starts_at(records, post.chat.club_id, now):
        yield _next_link(post, PostKind.EVENT)


async def _paper_post(records: Records, post: Post, before: int = 0) -> Post | None:
    """The paper's post in the same chat, of the same week or some weeks before it."""
    week = (post.week or 0) - before
    return await records.post_by_key(f"{post.chat.id}:week:{week}:{PostKind.PAPER}")


def _next_link(post: Post, kind: PostKind) -> Draft:
    key = post.key.removesuffix(post.kind) + kind
    return Draft(post.chat.id, key, kind, post.paper_id, post.due_at, post.week, topic=post.topic)


async def hook(records: Records, post: Post) -> Post | None:
    """What a thread hangs from: the paper's post of the same week, or the opener."""
    for kind in (PostKind.PAPER, PostKind.OPENER):
        found = await records.post_by_key(post.key.removesuffix(PostKind.THREAD) + kind)
        if found:
            return found
    return None


def _thread(
    tools: Tools, spoken: tuple[Words, ...], club: Club, paper: Paper, post: Post, under: str | None = None
) -> OpenThread:
    """The thread in which a post is said, or which it begins."""
    plan = tools.plan(club)
    if post.kind in OF_THE_CLUB:
        return OpenThread(spoken[0].plain(f"thread.{post.kind}", club=club.title), under)
    shelf = plan.shelf(paper.id)
    named = plan.sections[shelf].title if paper.id in plan.papers else None
    lead = spoken[0].language
    tags = (named[lead], *(named[other] for other in Language if other is not lead)) if named else ()
    return OpenThread(_thread_title(tools, spoken[0], club, paper), under, shelf, tags)


def _thread_title(tools: Tools, words: Words, club: Club, paper: Paper) -> str:
    number = tools.plan(club).number(paper.id)
    title = f"{number} · {paper.title[words.language]}" if number else paper.title[words.language]
    return plain(title, THREAD_TITLE_LIMIT)


async def resend(ask: Ask) -> Reply:
    """Send a post again that may not have arrived."""
    post = await ask.records.post(read_number(ask.options["post"]))
    if post is None or post.chat.club_id != ask.club.id:
        raise Problem("error.button.elsewhere")
    if post.state not in (PostState.UNKNOWN, PostState.FAILED):
        return Reply(toast=ask.words.plain("resend.not_needed"))
    await ask.records.renew(post.id, ask.now)
    return Reply(toast=ask.words.plain("resend.done"))
