"""`/help`: the table of commands, read out to one person."""

from collections.abc import Callable, Sequence

from bot.domain.clubs import Platform
from bot.messages.markup import escape
from bot.messages.outgoing import Message, Reply, Text
from bot.use_cases.asking import Ask
from bot.use_cases.command import Command, Run, Who


def over(table: Callable[[], Sequence[Command]], on_messages: Callable[[Platform], Sequence[Command]]) -> Run:
    """The use case that lists a table's commands: those for everyone, those that the asker's platform has on
    messages, then the organisers' if the asker is one."""

    async def guide(ask: Ask) -> Reply:
        words = ask.words
        blocks = [words("help.heading"), _lines(ask, table(), Who.EVERYONE)]
        chosen = on_messages(ask.sender.account.platform)
        if chosen:
            lines = (f"- **{words(row.label)}** {words(row.key)}" for row in chosen)
            blocks.append("\n".join([words("help.messages"), *lines]))
        if ask.organiser:
            blocks += [words("help.organisers"), _lines(ask, table(), Who.ORGANISERS)]
        blocks.append(words("help.hint"))
        return Reply(Message((Text("\n\n".join(blocks)),)), private=True)

    return guide


def _lines(ask: Ask, table: Sequence[Command], who: Who) -> str:
    return "\n".join(
        f"- **{escape(command.usage)}** {ask.words(command.key)}" for command in table if command.who is who
    )
