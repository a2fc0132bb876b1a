"""`/discuss`: the way to a paper's discussion, opened when there is none yet."""

from bot.domain.clubs import Chat
from bot.domain.papers import Paper
from bot.domain.posts import Draft, PostKind
from bot.messages.actions import Verb, action
from bot.messages.markup import escape
from bot.messages.outgoing import Button, Buttons, Message, Pointer, Reply, Text
from bot.ports import Records
from bot.use_cases.asking import Ask


async def discuss(ask: Ask) -> Reply:
    """In a group: point to the paper's thread, or open it. In private: the prompts, and the way there."""
    paper = await ask.wanted_paper()
    if ask.private or ask.chat is None:
        return await _prompts(ask, paper)
    pointer = await _pointer(ask, ask.chat, paper)
    if pointer:
        text = ask.words("discuss.here", title=paper.title[ask.words.language])
        return Reply(Message((Text(text), pointer)))
    await queue_discussion(ask.records, ask.chat.talk, paper, ask.now, ask.topic)
    return Reply(toast=ask.words.plain("discuss.opening"))


async def press_discuss(ask: Ask) -> Reply:
    """*Discuss*, seen by the presser alone unless a thread has to be opened."""
    reply = await discuss(ask)
    return Reply(reply.message, private=True, edit=ask.private and not ask.posted, toast=reply.toast)


async def queue_discussion(
    records: Records, chat_id: int, paper: Paper, due_at: int, topic: str | None
) -> None:
    """Put a discussion in the ledger: a message to hang it on, where it was asked for. The thread and its
    first words follow it."""
    key = f"{chat_id}:discuss:{paper.id}:{PostKind.OPENER}"
    await records.queue(Draft(chat_id, key, PostKind.OPENER, paper.id, due_at, topic=topic))


async def _pointer(ask: Ask, chat: Chat, paper: Paper) -> Pointer | None:
    """The way to a discussion; from a channel, into its discussion group."""
    thread = await ask.records.thread(chat.talk, paper.id)
    if thread is None:
        return None
    label = ask.words.plain("discuss.go")
    if chat.talk == chat.id:
        return Pointer(label, thread.thread_id, thread.root_message_id)
    group = next(c.chat_id for c in await ask.records.chats(ask.club.id) if c.id == chat.talk)
    return Pointer(label, thread.thread_id, thread.root_message_id, group)


async def _prompts(ask: Ask, paper: Paper) -> Reply:
    words = ask.words
    heading = words("discuss.prompts", title=paper.title[words.language])
    prompts = [f"- {escape(prompt.text[words.language])}" for prompt in paper.prompts]
    told = Text("\n".join([f"{heading}\n", *prompts]))
    look = Button(words.plain("button.paper"), action(Verb.BACK, paper.id))
    return Reply(Message((told, Text(words("discuss.private")), Buttons(((look,),)))), private=True)
