"""The keys by which the ledger knows what a group's quiz posts in a chat."""

from bot.domain.posts import PostKind
from bot.domain.quizzes import Round


def announced(chat: int | None, round_: Round) -> str:
    """That of its announcement."""
    return f"{chat}:round:{round_.id}"


def question_key(chat: int | None, round_: Round, number: int) -> str:
    """That of the question at a position."""
    return f"{announced(chat, round_)}:{number}"


def result_key(chat: int | None, round_: Round) -> str:
    """That of the result of a live one."""
    return f"{announced(chat, round_)}:{PostKind.RESULT}"
