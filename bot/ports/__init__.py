"""What the use cases need from the world. Each port has one folder of implementations."""

from bot.ports.library import Library
from bot.ports.messenger import Ambiguous, Listener, Messenger, NotSent, Pace, Refusal, Refused, Unauthorised
from bot.ports.painter import Painter
from bot.ports.records import (
    CadenceRecords,
    ClubRecords,
    DiscussionRecords,
    InboxRecords,
    KeptRecords,
    LedgerRecords,
    LeftUpdate,
    Meets,
    MemberRecords,
    Passage,
    QuizRecords,
    ReadingRecords,
    Records,
    Seat,
    Standing,
    UpdateState,
)
from bot.ports.room import Room, RoomLine
from bot.ports.servers import Doors, Right, ServerRole, Servers, Venue
from bot.ports.store import StorageBusy, StorageFull, StorageUnavailable, Store
from bot.ports.time import Clock, Timer

__all__ = [
    "Ambiguous",
    "CadenceRecords",
    "Clock",
    "ClubRecords",
    "DiscussionRecords",
    "Doors",
    "InboxRecords",
    "KeptRecords",
    "LedgerRecords",
    "LeftUpdate",
    "Library",
    "Listener",
    "Meets",
    "MemberRecords",
    "Messenger",
    "NotSent",
    "Pace",
    "Painter",
    "Passage",
    "QuizRecords",
    "ReadingRecords",
    "Records",
    "Refusal",
    "Refused",
    "Right",
    "Room",
    "RoomLine",
    "Seat",
    "ServerRole",
    "Servers",
    "Standing",
    "StorageBusy",
    "StorageFull",
    "StorageUnavailable",
    "Store",
    "Timer",
    "Unauthorised",
    "UpdateState",
    "Venue",
]
