"""`/discuss`: the way to a paper's discussion, opened when there is none yet."""

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
    pointer = await _pointer(ask, ask.chat.id, paper)
    if pointer:
        text = ask.words("discuss.here", title=paper.title[ask.words.language])
        return Reply(Message((Text(text), pointer)))
    await queue_discussion(ask.records, ask.chat.id, paper, ask.now)
    return Reply(toast=ask.words.plain("discuss.opening"))


async def press_discuss(ask: Ask) -> Reply:
    """*Discuss*, seen by the presser alone unless a thread has to be opened."""
    reply = await discuss(ask)
    return Reply(reply.message, private=True, edit=ask.private and not ask.posted, toast=reply.toast)


async def queue_discussion(records: Records, chat_id: int, paper: Paper, due_at: int) -> None:
    """Put a discussion in the ledger: a message to hang it on. The thread and its first words follow it."""
    key = f"{chat_id}:discuss:{paper.id}:{PostKind.OPENER}"
    await records.queue(Draft(chat_id, key, PostKind.OPENER, paper.id, due_at))


async def _pointer(ask: Ask, chat_id: int, paper: Paper) -> Pointer | None:
    thread = await ask.records.thread(chat_id, paper.id)
    if thread is None:
        return None
    label = ask.words.plain("discuss.go")
    return Pointer(label, thread.thread_id, thread.root_message_id)


async def _prompts(ask: Ask, paper: Paper) -> Reply:
    words = ask.words
    heading = words("discuss.prompts", title=paper.title[words.language])
    prompts = [f"- {escape(prompt.text[words.language])}" for prompt in paper.prompts]
    told = Text("\n".join([f"{heading}\n", *prompts]))
    look = Button(words.plain("button.paper"), action(Verb.BACK, paper.id))
    return Reply(Message((told, Text(words("discuss.private")), Buttons(((look,),)))), private=True)
