"""`/quiz`: for the group in a group, at one's own pace in private; every answer is explained."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.clubs import Chat, ChatKind, Club, Member
from bot.domain.errors import Problem
from bot.domain.papers import Paper, Question, Shown
from bot.domain.posts import Draft, Post, PostKind
from bot.domain.quizzes import Answer, Round, group_questions, missed, unanswered
from bot.messages import cards, sheets
from bot.messages.actions import Verb, action, from_bits, read_number
from bot.messages.incoming import Voted
from bot.messages.markup import cut, escape
from bot.messages.outgoing import Button, Buttons, Message, Pointer, Reply, StopQuiz, Style, Text
from bot.ports import Records
from bot.use_cases import live_quizzes, tallies
from bot.use_cases.asking import Ask, Tools
from bot.use_cases.quiz_keys import announced, question_key

LIVE = "live"
"""The mode in which one question is asked after another."""

log = logging.getLogger(__name__)

TOAST_LIMIT = 200
"""The longest toast, in UTF-16 units: Telegram's limit for an answer to a press."""


async def quiz(ask: Ask) -> Reply:
    """In private: my own quiz. In a group: open the group's, all at once or live, or point to the one that is
    open."""
    paper = await ask.wanted_paper()
    if ask.private or ask.chat is None:
        return await _own_quiz(ask, paper)
    running = await live_quizzes.running(ask.records, ask.chat, ask.now)
    if running:
        return await live_quizzes.point_to(ask, running)
    if ask.options.get("mode", "").lower() == LIVE:
        return await live_quizzes.begin(ask, ask.chat, paper)
    open_ = await ask.records.latest_round(ask.club.id, paper.id, None)
    if open_ and not open_.over(ask.now):
        text = Text(ask.words("quiz.group.exists", title=paper.title[ask.words.language]))
        alone = Button(ask.words.plain("button.quiz.alone"), action(Verb.QUIZ, paper.id))
        return Reply(Message((text, *await _way_to(ask, ask.chat, open_), Buttons(((alone,),)))))
    await queue_group_quiz(ask.records, ask.club, paper, [ask.chat.talk], ask.now, topic=ask.topic)
    return Reply(toast=ask.words.plain("quiz.group.opening"))


async def _way_to(ask: Ask, chat: Chat, round_: Round) -> Sequence[Pointer]:
    """The way to a group's quiz, where that is one message of the chat at large."""
    post = await ask.records.post_by_key(announced(chat.id, round_))
    if post is None or post.message_id is None or not chat.platform.gathers or chat.kind is ChatKind.FORUM:
        return ()
    return (Pointer(ask.words.plain("button.quiz.group"), None, post.message_id),)


async def press_quiz(ask: Ask) -> Reply:
    """*Quiz me*: my own quiz, wherever it was pressed."""
    return await _own_quiz(ask, await ask.wanted_paper())


async def press_again(ask: Ask) -> Reply:
    """*Once more*: my own quiz anew, in place of its result."""
    return await _own_quiz(ask, await ask.wanted_paper(), edit=True)


async def press_question(ask: Ask) -> Reply:
    """Go on to a question of my quiz, or to the result after the last."""
    round_, member = await _round(ask), await ask.member()
    _mine(round_, member)
    return await _next_card(ask, round_, member, edit=True)


async def press_answer(ask: Ask) -> Reply:
    """Answer a question. The first answer counts; each is explained at once. Of several right options this
    is the first that was picked: the others are picked in private."""
    round_ = await _round(ask)
    number, choice = _number(ask, "number"), _number(ask, "choice")
    question = _question(ask.tools, round_, number)
    if choice >= len(question.options):
        raise Problem("error.button.old")
    if question.several:
        return await _picking(ask, round_, number, question, (choice,), edit=round_.owner_id is not None)
    if round_.closed(number, ask.now) and not await _answer_of(ask, round_, question):
        return _too_late(ask, round_)
    member, first = await _answered(ask, round_, question, (choice,))
    if round_.owner_id is not None:
        return await _explained(ask, round_, member, question, number)
    verdict = await _verdict(ask, round_, member, question, first=first)
    picture = cards.question_picture(ask.words, _paper(ask, round_), question, Shown.EXPLANATION)
    return Reply(toast=verdict, illustration=picture)


async def press_pick(ask: Ask) -> Reply:
    """Pick one of several options, or put it back: the same card with what is picked now."""
    round_, number, question, picked = await _picked(ask)
    return await _picking(ask, round_, number, question, picked, edit=True)


async def press_done(ask: Ask) -> Reply:
    """Answer a question with all that is picked."""
    round_, number, question, picked = await _picked(ask)
    if not picked:
        return Reply(toast=ask.words.plain("quiz.pick"))
    if round_.closed(number, ask.now) and not await _answer_of(ask, round_, question):
        return _too_late(ask, round_)
    member, _ = await _answered(ask, round_, question, picked)
    return await _explained(ask, round_, member, question, number)


async def vote(
    tools: Tools, records: Records, voted: Voted, member: Member, round_: Round, number: int
) -> None:
    """Count a choice made in a native poll. A choice taken back does not undo the first answer, and one of
    what is not on offer is none.

    Telegram takes none after a poll's time, so one that comes late was on its way: it counts until the whole
    round is over.
    """
    now = tools.clock.now()
    if not voted.choices or round_.over(now):
        return
    question = _question(tools, round_, number)
    if max(voted.choices) >= len(question.options):
        log.warning("a vote for an option that is not there")
        return
    right = question.is_right(voted.choices)
    if await records.answer(round_, member.id, question.id, voted.choices, right, now):
        await tallies.count_in(records, round_, number, now)


async def queue_group_quiz(
    records: Records,
    club: Club,
    paper: Paper,
    chat_ids: Sequence[int],
    due_at: int,
    week: int | None = None,
    topic: str | None = None,
) -> None:
    """Open a round and put its announcement in the ledger of each chat, in the `topic` in which it was asked
    for. Where that does not hold its questions, they follow one by one."""
    round_ = await records.open_round(club.id, paper.id, None, group_questions(paper), due_at)
    for chat_id in chat_ids:
        key = announced(chat_id, round_)
        draft = Draft(chat_id, key, PostKind.QUIZ, paper.id, due_at, week, round_.id, topic=topic)
        await records.queue(draft)


async def next_question(records: Records, post: Post, now: int) -> Sequence[Draft]:
    """What comes after the announcement of a group's quiz, or after a question of it, that ended now."""
    round_ = await records.round(post.round_id or 0)
    if round_ and round_.live:
        return await live_quizzes.what_follows(records, post, round_, now)
    first = post.kind is PostKind.QUIZ
    if first and post.chat.platform.gathers:
        return []
    number = 0 if first else post.number + 1
    if round_ is None or number >= len(round_.questions):
        return []
    key, kind = question_key(post.chat.id, round_, number), PostKind.QUESTION
    return [
        Draft(post.chat.id, key, kind, post.paper_id, post.due_at, post.week, round_.id, number, post.topic)
    ]


async def next_stop(records: Records, post: Post, now: int) -> Draft | None:
    """After a recap its quiz takes no more answers: its message tells how it went, or its polls in the chat
    are stopped one by one."""
    if post.kind is PostKind.RECAP:
        round_, first = await records.latest_round(post.chat.club_id, post.paper_id, None), 0
        if round_ and not round_.over(now):
            await records.reach(round_.id, round_.last, now)
    else:
        round_, first = await records.round(post.round_id or 0), post.number + 1
    if round_ is None:
        return None
    # A channel is told the recap of what its group was asked.
    chat_id = post.chat.talk
    if post.chat.platform.gathers:
        key = announced(chat_id, round_)
        return tallies.closing(post, round_, 0, now, key) if post.kind is PostKind.RECAP else None
    for number in range(first, len(round_.questions)):
        key = question_key(chat_id, round_, number)
        if await records.poll_message(key):
            stop = f"{key}:{PostKind.STOP}"
            return Draft(chat_id, stop, PostKind.STOP, post.paper_id, now, post.week, round_.id, number)
    return None


async def stop(records: Records, post: Post) -> StopQuiz:
    """The poll that a post stops. Raises Problem when there is none."""
    message_id = await records.poll_message(post.key.removesuffix(f":{PostKind.STOP}"))
    if message_id is None:
        raise Problem("error.button.old")
    return StopQuiz(message_id)


async def _own_quiz(ask: Ask, paper: Paper, *, edit: bool = False) -> Reply:
    """The member's open quiz on a paper where they left it; a new one when it was finished."""
    member = await ask.member()
    round_ = await ask.records.latest_round(ask.club.id, paper.id, member.id)
    if round_:
        answers = await ask.records.answers(round_.id, member.id)
        if unanswered(round_.questions, answers) is None:
            round_ = None
    if round_ is None:
        ids = tuple(question.id for question in paper.questions)
        round_ = await ask.records.open_round(ask.club.id, paper.id, member.id, ids, ask.now)
    return await _next_card(ask, round_, member, edit=edit)


async def _next_card(ask: Ask, round_: Round, member: Member, *, edit: bool) -> Reply:
    answers = await ask.records.answers(round_.id, member.id)
    number = unanswered(round_.questions, answers)
    if number is None:
        return Reply(await _result(ask, round_, member), private=True, edit=edit)
    question = _question(ask.tools, round_, number)
    card = cards.question_card(ask.words, _paper(ask, round_), question, round_, number)
    return Reply(card, private=True, edit=edit)


async def _explained(ask: Ask, round_: Round, member: Member, question: Question, number: int) -> Reply:
    """The answered question in place of the open one. An old press shows the answer that counted."""
    answers = await ask.records.answers(round_.id, member.id)
    counted = next(a.choices for a in answers if a.question_id == question.id)
    paper = _paper(ask, round_)
    if round_.owner_id is None:
        card = cards.answered_card(ask.words, paper, question, round_, number, counted)
        return Reply(card, private=True, edit=True)
    last = unanswered(round_.questions, answers) is None
    key = "button.result" if last else "button.next"
    onward = Button(ask.words.plain(key), action(Verb.QUESTION, round_.id, number + 1), style=Style.MAIN)
    card = cards.answered_card(ask.words, paper, question, round_, number, counted, onward)
    return Reply(card, private=True, edit=True)


async def _verdict(ask: Ask, round_: Round, member: Member, question: Question, *, first: bool) -> str:
    answers = await ask.records.answers(round_.id, member.id)
    choices = next(a.choices for a in answers if a.question_id == question.id)
    option = question.options[choices[0]]
    words = ask.words
    letter = cards.answer_letters(words, question, round_)
    verdict = words.plain("quiz.right") if option.right else words.plain("quiz.wrong", letter=letter)
    if not first:
        verdict = words.plain("quiz.counted", letter=cards.letters(words, question, round_, choices))
    return cut(f"{verdict} {option.why[words.language]}", TOAST_LIMIT)


async def _answer_of(ask: Ask, round_: Round, question: Question) -> Answer | None:
    """What the asker has answered to a question, if anything."""
    answers = await ask.records.answers(round_.id, ask.known.id) if ask.known else ()
    return next((answer for answer in answers if answer.question_id == question.id), None)


async def _answered(
    ask: Ask, round_: Round, question: Question, choices: tuple[int, ...]
) -> tuple[Member, bool]:
    """Count an answer if it is the first; who gave it, and whether it was."""
    member = await ask.member()
    if round_.owner_id is not None:
        _mine(round_, member)
    right = question.is_right(choices)
    first = await ask.records.answer(round_, member.id, question.id, choices, right, ask.now)
    if first and round_.owner_id is None:
        await tallies.count_in(ask.records, round_, round_.questions.index(question.id), ask.now)
    return member, first


async def _picked(ask: Ask) -> tuple[Round, int, Question, tuple[int, ...]]:
    """What a button says of several options, or the window in which they were chosen. Raises Problem for what
    we never wrote."""
    round_, number = await _round(ask), _number(ask, "number")
    question = _question(ask.tools, round_, number)
    bits = _number(ask, "picked")
    if not question.several or bits >> len(question.options):
        raise Problem("error.button.old")
    chosen = ask.options.get(sheets.CHOSEN)
    picked = from_bits(bits) if chosen is None else tuple(map(read_number, chosen.split()))
    if any(choice >= len(question.options) for choice in picked):
        raise Problem("error.button.old")
    return round_, number, question, picked


async def _picking(
    ask: Ask, round_: Round, number: int, question: Question, picked: tuple[int, ...], *, edit: bool
) -> Reply:
    """The card on which several options are picked, or for a group's question the window where there is one;
    once answered, what the answer was."""
    if round_.owner_id is not None:
        _mine(round_, ask.known)
    if ask.known and await _answer_of(ask, round_, question):
        return replace(await _explained(ask, round_, ask.known, question, number), edit=edit)
    if round_.closed(number, ask.now):
        return _too_late(ask, round_)
    await ask.member()  # who goes on in private is known there by having been here
    card = cards.question_card(ask.words, _paper(ask, round_), question, round_, number, picked)
    form = sheets.window(ask.words, question, round_, number) if round_.owner_id is None else None
    return Reply(card, private=True, edit=edit, form=form)


def _too_late(ask: Ask, round_: Round) -> Reply:
    """That a question takes no more answers; after the last, the quiz alone is offered."""
    if not round_.over(ask.now):
        return Reply(toast=ask.words.plain("quiz.live.late"))
    alone = Button(ask.words.plain("button.quiz.alone"), action(Verb.QUIZ, round_.paper_id))
    return Reply(Message((Text(ask.words("quiz.over")), Buttons(((alone,),)))), private=True)


async def _result(ask: Ask, round_: Round, member: Member) -> Message:
    paper = ask.tools.known_paper(round_.paper_id)
    answers = await ask.records.answers(round_.id, member.id)
    right = sum(answer.right for answer in answers)
    words = ask.words
    title = paper.title[words.language]
    lines = [words("quiz.result", title=title, right=right, asked=len(round_.questions))]
    questions = [q for q in map(paper.question, round_.questions) if q]
    again = missed(questions, answers)
    if again:
        lines.append(words("quiz.reread"))
        lines.append(
            "\n".join(
                f"- {escape(place)}" for place in dict.fromkeys(q.reread[words.language] for q in again)
            )
        )
    else:
        lines.append(words("quiz.all_right"))
    buttons = (
        Button(words.plain("button.read"), action(Verb.READ, paper.id)),
        Button(words.plain("button.quiz.again"), action(Verb.AGAIN, paper.id)),
        Button(words.plain("button.progress"), action(Verb.PROGRESS, paper.id)),
    )
    return Message((Text("\n\n".join(lines)), Buttons((buttons,))))


async def _round(ask: Ask) -> Round:
    round_ = await ask.records.round(_number(ask, "round"))
    if round_ is None or round_.club_id != ask.club.id:
        raise Problem("error.button.elsewhere")
    return round_


def _paper(ask: Ask, round_: Round) -> Paper:
    return ask.tools.known_paper(round_.paper_id)


def _mine(round_: Round, member: Member | None) -> None:
    if member is None or round_.owner_id != member.id:
        raise Problem("error.button.not_yours")


def _number(ask: Ask, name: str) -> int:
    return read_number(ask.options.get(name, ""))


def _question(tools: Tools, round_: Round, number: int) -> Question:
    paper = tools.known_paper(round_.paper_id)
    question = paper.question(round_.questions[number]) if number < len(round_.questions) else None
    if question is None:
        raise Problem("error.button.old")
    return question
