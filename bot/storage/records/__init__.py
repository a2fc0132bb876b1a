"""The record inside one transaction, over the named statements: one file for each family of it."""

from bot.storage.records.cadence import CadenceRecords
from bot.storage.records.clubs import ClubRecords
from bot.storage.records.discussions import DiscussionRecords
from bot.storage.records.inbox import InboxRecords
from bot.storage.records.kept import KeptRecords
from bot.storage.records.ledger import LedgerRecords
from bot.storage.records.members import MemberRecords
from bot.storage.records.quizzes import QuizRecords
from bot.storage.records.reading import ReadingRecords


class SqlRecords(
    ClubRecords,
    MemberRecords,
    CadenceRecords,
    ReadingRecords,
    QuizRecords,
    DiscussionRecords,
    LedgerRecords,
    KeptRecords,
    InboxRecords,
):
    """`Records` on a connection with an open transaction."""
