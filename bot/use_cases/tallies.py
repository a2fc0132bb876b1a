"""How a group's quiz goes, where its message shows that.

After an answer the message is to be changed. That is a post of the ledger, one for each message, which every
answer only makes due again: so a crowd costs an edit every few seconds, whatever crashes the last state is
shown, and an edit waits for its chat's turn like any post. What it shows is counted when it is sent, so it
never brings back what has closed.
"""

from bot.domain.errors import Problem
from bot.domain.papers import Paper, Question
from bot.domain.posts import Draft, Post, PostKind
from bot.domain.quizzes import Round
from bot.messages import sheets
from bot.messages.outgoing import Part
from bot.messages.sheets import Tally
from bot.messages.texts import Words
from bot.ports import Records
from bot.use_cases.quiz_keys import announced, question_key

TALLY_GAP = 5
"""Seconds from one tally of a message to the next at the soonest."""


async def count_in(records: Records, round_: Round, number: int, now: int) -> None:
    """Let the messages of a group's round show that a question has one more answer."""
    for chat in await records.chats(round_.club_id):
        if chat.platform.gathers:
            live = round_.live
            key = question_key(chat.id, round_, number) if live else announced(chat.id, round_)
            await records.queue_tally(key, now, TALLY_GAP)


async def count_again(records: Records, post: Post) -> None:
    """After a tally: if an answer came while it was made, there is another to make."""
    ended = await records.post(post.id)
    if ended and ended.due_at > post.due_at:
        await records.renew(post.id, ended.due_at)


async def subject(records: Records, post: Post) -> Post:
    """The post that an upkeep of a quiz is about. Raises Problem when it is not in its chat."""
    about = await records.post_by_key(post.key.rpartition(":")[0])
    if about is None or about.message_id is None:
        raise Problem("error.button.old")
    return about


def closing(post: Post, round_: Round, number: int, due_at: int, key: str) -> Draft:
    """The end of a round's message, or of that of one question, in the chat of a post. `key` is that of what
    ends."""
    stop = f"{key}:{PostKind.STOP}"
    return Draft(
        post.chat.id,
        stop,
        PostKind.STOP,
        post.paper_id,
        due_at,
        post.week,
        round_.id,
        number,
        post.topic,
    )


async def sheet(
    records: Records, spoken: tuple[Words, ...], paper: Paper, round_: Round, post: int, now: int
) -> tuple[Part, ...]:
    """All of a group's quiz, as it stands."""
    tally = await _tally(records, round_)
    build = sheets.closed_sheet if round_.over(now) else sheets.open_sheet
    return build(spoken, paper, round_, tally, post)


async def live_question(
    records: Records,
    spoken: tuple[Words, ...],
    paper: Paper,
    question: Question,
    round_: Round,
    post: Post,
    now: int,
) -> tuple[Part, ...]:
    """A question of a live round, as it stands."""
    tally = await _tally(records, round_)
    if round_.closed(post.number, now):
        return sheets.closed_question(spoken, paper, question, round_, post.number, tally)
    closes_at = (post.sent_at or now) + (round_.seconds or 0)
    return (sheets.live_question(spoken, paper, question, round_, post.number, tally, closes_at, post.id),)


async def _tally(records: Records, round_: Round) -> Tally:
    return Tally(await records.round_people(round_.id), await records.question_counts(round_.id))
