"""A group's quiz held live: one question after another, each open for a while, and the result after the last.

The ledger is what drives it: each post, when it has ended, puts the next in line for the time it is due. So a
crash loses and doubles nothing, and whatever held the round up, it goes on from there without a burst.
"""

from bot.domain.cadence import LATE_LIMIT
from bot.domain.clubs import Chat
from bot.domain.papers import Paper
from bot.domain.posts import Draft, Post, PostKind, PostState
from bot.domain.quizzes import BREATH, LIVE_LEAD, LIVE_SECONDS, Round, group_questions
from bot.messages import cards
from bot.messages.actions import Verb, action
from bot.messages.markup import cut, plain
from bot.messages.outgoing import Button, Buttons, Facts, Message, Part, Pointer, Reply, Style, Text
from bot.messages.texts import Words
from bot.ports import Records
from bot.use_cases.asking import Ask
from bot.use_cases.quiz_keys import announced, question_key, result_key
from bot.use_cases.tallies import closing

NAMES = 20
"""How many of those who had all right are named."""

ASK_LIMIT = 120
"""The longest question in a result, in UTF-16 units: it is to be known again, not to be answered."""


async def begin(ask: Ask, chat: Chat, paper: Paper) -> Reply:
    """Open a live round in a chat; its announcement and its questions follow by themselves."""
    questions = group_questions(paper)
    round_ = await ask.records.open_live_round(chat, paper.id, questions, LIVE_SECONDS, ask.now)
    key = announced(chat.id, round_)
    draft = Draft(chat.id, key, PostKind.QUIZ, paper.id, ask.now, round_id=round_.id, topic=ask.topic)
    await ask.records.queue(draft)
    return Reply(toast=ask.words.plain("quiz.live.opening"))


async def running(records: Records, chat: Chat, now: int) -> Round | None:
    """The live round that goes on in a chat. One whose posts were given up, as when we were sent away, does
    not."""
    round_ = await records.live_round(chat.id)
    if round_ is None or round_.over(now):
        return None
    coming = (round_.reached, round_.reached + 1)
    keys = (announced(chat.id, round_), *(question_key(chat.id, round_, number) for number in coming))
    posts = [await records.post_by_key(key) for key in (*keys, result_key(chat.id, round_))]
    waiting = any(post and post.state in (PostState.PENDING, PostState.SENDING) for post in posts)
    return round_ if waiting else None


async def point_to(ask: Ask, round_: Round) -> Reply:
    """That a live round is running in this chat, and the way to the question it has come to."""
    words = ask.words
    paper = ask.tools.known_paper(round_.paper_id)
    said = Text(words("quiz.live.exists", title=paper.title[words.language]))
    post = await ask.records.post_by_key(question_key(round_.chat_id, round_, round_.reached))
    if post is None or post.message_id is None:
        return Reply(Message((said,)))
    return Reply(Message((said, Pointer(words.plain("button.quiz.question"), None, post.message_id))))


def announcement(spoken: tuple[Words, ...], paper: Paper, round_: Round) -> tuple[Part, ...]:
    """What comes before the first question."""

    def said(words: Words) -> str:
        return words(
            "post.quiz.live",
            title=paper.title[words.language],
            asked=len(round_.questions),
            seconds=round_.seconds,
            lead=LIVE_LEAD,
        )

    return tuple(Text(said(words)) for words in spoken)


async def what_follows(records: Records, post: Post, round_: Round, now: int) -> list[Draft]:
    """The question after a post that has just ended, or the result; before it the end of the question, where
    its message shows that. A question that was not sent needs no time to be answered; of a round that was
    held up for days only the result is left."""
    ended = await records.post(post.id)
    sent = ended is not None and ended.state is not PostState.FAILED
    if post.kind is PostKind.QUIZ:
        number, due_at = 0, now + LIVE_LEAD if sent else now
    else:
        number, due_at = post.number + 1, now + (round_.seconds or 0) + BREATH if sent else now
        await records.reach(round_.id, post.number, due_at)
    stands = post.kind is PostKind.QUESTION and ended is not None and ended.message_id is not None
    stops = (
        [closing(post, round_, post.number, due_at, post.key)]
        if stands and post.chat.platform.gathers
        else []
    )
    if number > round_.last or now - post.due_at > LATE_LIMIT:
        await records.reach(round_.id, round_.last, due_at)
        key = result_key(post.chat.id, round_)
        outcome = Draft(
            post.chat.id, key, PostKind.RESULT, post.paper_id, due_at, round_id=round_.id, topic=post.topic
        )
        return [*stops, outcome]
    key, kind = question_key(post.chat.id, round_, number), PostKind.QUESTION
    question = Draft(
        post.chat.id,
        key,
        kind,
        post.paper_id,
        due_at,
        round_id=round_.id,
        number=number,
        topic=post.topic,
    )
    return [*stops, question]


async def result(
    records: Records, spoken: tuple[Words, ...], paper: Paper, round_: Round, post: int
) -> tuple[Part, ...]:
    """How a live round went: each question, the hardest with its answer, how many took part, and who had all
    right; of the others no more is said."""
    people = await records.round_people(round_.id)
    counts = await records.question_counts(round_.id)
    hardest = await records.hardest(round_.id)
    perfect, names = await records.perfect(round_.id, NAMES)
    questions = [question for question in map(paper.question, round_.questions) if question]

    def told(words: Words) -> list[str]:
        lines = [words("result.heading", title=paper.title[words.language])]
        if not people:
            return [*lines, words("result.nobody")]
        listed = []
        for question in questions:
            right, answered = counts.get(question.id, (0, 0))
            ask = cut(question.ask[words.language], ASK_LIMIT)
            key = "result.question" if answered else "result.unanswered"
            listed.append(f"- {words(key, ask=ask, right=right, answered=answered)}")
        lines += [words.count("result.people", people), "\n".join(listed)]
        worst = paper.question(hardest[0]) if hardest else None
        if worst:
            lines.append(
                words(
                    "result.hardest",
                    number=round_.questions.index(worst.id) + 1,
                    answer=cards.answer_texts(words, worst),
                    why=worst.explanation[words.language],
                )
            )
        if perfect:
            said = words.listed([plain(name) for name in names])
            key = "result.perfect" if perfect <= len(names) else "result.perfect.more"
            lines.append(words(key, names=said, more=perfect - len(names)))
        return lines

    def body(words: Words) -> tuple[Text | Facts, ...]:
        return (Text("\n\n".join(told(words))),)

    row = (
        Button(cards.label(spoken, "button.quiz"), action(Verb.QUIZ, paper.id, post=post)),
        Button(cards.label(spoken, "button.read"), action(Verb.READ, paper.id, post=post), style=Style.MAIN),
    )
    rows = (row,) if len(spoken) == 1 else tuple((button,) for button in row)
    return (*cards.in_voices(spoken, body), Buttons(rows))
