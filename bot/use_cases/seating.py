"""Where a person sits when they speak: the chat, its club, and who they are in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.clubs import Chat, ChatKind, Club, Member
from bot.domain.errors import Problem
from bot.messages.actions import read_number
from bot.messages.incoming import Place, Sender
from bot.ports import Records
from bot.use_cases import clubs
from bot.use_cases.asking import Tools


@dataclass(frozen=True, slots=True)
class Seating:
    """A place at a club's table. `chat` is None in a private talk: it is about the club one was last
    active in."""

    chat: Chat | None
    club: Club
    member: Member | None


async def find_seat(records: Records, sender: Sender, place: Place) -> Seating | None:
    """The seat as it is on record; None when something has to be written first."""
    account = sender.account
    if place.kind is ChatKind.PRIVATE:
        club_id = await records.home(account)
        club = await records.club(club_id) if club_id is not None else None
        return Seating(None, club, await records.member_by_account(club.id, account)) if club else None
    seat = await records.seat(account.platform, place.chat_id, account.user_id)
    if seat is None or not seat.chat.active or seat.chat.topics != place.topics:
        return None
    return Seating(seat.chat, seat.club, seat.member)


async def follow(
    records: Records, sender: Sender, place: Place, options: Mapping[str, str], seat: Seating | None
) -> Seating | None:
    """The seat in the club to which something pressed in private leads, which from then on is the one that is
    meant there: that of an invitation, or of a quiz of one's own. Everything else leads nowhere.

    Raises Problem for an invitation that is not good any more.
    """
    if place.kind is not ChatKind.PRIVATE:
        return seat
    club_id = None
    if "code" in options:
        club = await records.club_by_code(options["code"])
        if club is None:
            raise Problem("error.invite.old")
        club_id = club.id
    elif "round" in options:
        club_id = await _club_of_quiz(records, sender, read_number(options["round"]), seat)
    if club_id is None or (seat and seat.club.id == club_id):
        return seat
    await records.settle(sender.account, club_id)
    return await find_seat(records, sender, place)


async def _club_of_quiz(records: Records, sender: Sender, round_id: int, seat: Seating | None) -> int | None:
    """The club in which somebody takes a quiz of their own, where it is another than that of the seat."""
    round_ = await records.round(round_id)
    if round_ is None or (seat and seat.club.id == round_.club_id):
        return None
    member = await records.member_by_account(round_.club_id, sender.account)
    return round_.club_id if member and member.id == round_.owner_id else None


async def chats_meant(records: Records, sender: Sender, place: Place) -> list[str]:
    """The chats whose organisers speak for the club that is meant: whoever talks about a group's club in
    private has no more rights in it than in the group."""
    platform = sender.account.platform
    club_id = await records.home(sender.account) if place.kind is ChatKind.PRIVATE else None
    chat = await records.chat(platform, place.chat_id) if club_id is not None else None
    if club_id is None or (chat and chat.club_id == club_id):
        return [place.chat_id]
    return [chat.chat_id for chat in await records.chats(club_id) if chat.platform is platform]


async def make_seat(tools: Tools, records: Records, sender: Sender, place: Place, *, founds: bool) -> Seating:
    """The seat, with the record brought up to date. A private talk always has a club, if of one.

    Raises Problem when no club meets in a group and the occasion does not found one.
    """
    platform = sender.account.platform
    if place.kind is ChatKind.PRIVATE:
        if await records.home(sender.account) is None:
            club = await clubs.found(tools, records, sender, place)
            await records.settle(sender.account, club.id)
    else:
        chat = await records.chat(platform, place.chat_id)
        if chat:
            await records.set_chat_active(chat.id, True)
            await records.set_chat_topics(chat.id, place.topics)
        elif founds:
            await clubs.found(tools, records, sender, place)
        else:
            raise Problem("error.club.none")
    seat = await find_seat(records, sender, place)
    if seat is None:  # it was just made
        raise Problem("error.unexpected")
    return seat
