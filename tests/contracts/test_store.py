"""What every store must do: the contract of `bot.ports.Store`, `Records` and `Room`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace as changed

from bot.domain.cadence import Beat, BeatKind
from bot.domain.clubs import Account, Chat, ChatKind, Ending, Platform, Thread, Week
from bot.domain.languages import ClubLanguage
from bot.domain.posts import Draft, Post, PostKind, PostState
from bot.domain.quizzes import Answer, Score
from bot.domain.reading import Level, Reading
from bot.messages.outgoing import Sent
from bot.ports import Meets, Passage, Room, Store
from bot.storage.migrate import DatabaseRefused
from tests.contracts.store import IMPLEMENTATIONS, Database, join, new_chat, new_club

ANN = Account(Platform.WEB, "ann")
BEN = Account(Platform.WEB, "ben")
ALL = tuple(Platform)


@pytest.fixture(params=list(IMPLEMENTATIONS))
def implementation(request: pytest.FixtureRequest) -> Callable[[Path], Database]:
    return IMPLEMENTATIONS[request.param]


@pytest_asyncio.fixture
async def database(implementation: Callable[[Path], Database], tmp_path: Path) -> AsyncIterator[Database]:
    database = implementation(tmp_path)
    yield database
    await database.remove()


@pytest_asyncio.fixture
async def store(database: Database) -> Store:
    return (await database.open())[0]


@pytest_asyncio.fixture
async def room(database: Database) -> Room:
    return (await database.open())[1]


def draft(chat_id: int, key: str, due_at: int = 0) -> Draft:
    return Draft(chat_id, key, PostKind.PAPER, "dropout", due_at)


async def claim(store: Store, now: int = 100, lease: int = 60, limit: int = 20) -> list[Post]:
    async with store.write() as records:
        due = [post for platform in ALL for post in await records.due_posts(platform, now, limit)]
        return list(await records.take(due, now, lease))


# Transactions


async def test_a_block_that_raises_keeps_nothing(store: Store) -> None:
    async def write_and_raise() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            await new_club(records)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_raise()
    async with store.read() as records:
        assert await records.kept("a") is None
        assert await records.clubs() == []


async def test_a_cancelled_writer_keeps_nothing_and_the_next_one_can_write(store: Store) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            written.set()
            await asyncio.Event().wait()

    writer = asyncio.create_task(write_and_wait())
    await written.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with store.write() as records:
        assert await records.kept("a") is None
        await records.keep("b", "2")
    async with store.read() as records:
        assert await records.kept("b") == "2"


@pytest.mark.parametrize("steps", range(12))
async def test_a_writer_cancelled_at_any_step_keeps_all_or_nothing(store: Store, steps: int) -> None:
    async def write() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            await records.keep("b", "1")

    writer = asyncio.create_task(write())
    for _ in range(steps):
        await asyncio.sleep(0)
    writer.cancel()
    await asyncio.wait([writer])
    async with store.write() as records:
        assert (await records.kept("a")) == (await records.kept("b"))
        await records.keep("c", "1")


async def test_a_writer_cancelled_while_it_waits_for_its_turn_disturbs_nobody(store: Store) -> None:
    async def write(name: str) -> None:
        async with store.write() as records:
            await records.keep(name, "1")

    async with store.write() as records:
        waiting = asyncio.create_task(write("waiting"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        await records.keep("first", "1")
    await write("last")
    async with store.read() as records:
        kept = [await records.kept(name) for name in ("first", "waiting", "last")]
    assert kept == ["1", None, "1"]


async def test_writers_side_by_side_lose_nothing(database: Database) -> None:
    one, _ = await database.open()
    other, _ = await database.open()

    async def count(store: Store) -> None:
        for _ in range(15):
            async with store.write() as records:
                await records.keep("count", str(int(await records.kept("count") or 0) + 1))

    await asyncio.gather(count(one), count(one), count(other), count(other))
    async with one.read() as records:
        assert await records.kept("count") == "60"


async def test_a_read_block_sees_one_moment(store: Store) -> None:
    async with store.read() as view:
        assert await view.kept("a") is None
        async with store.write() as records:
            await records.keep("a", "1")
        assert await view.kept("a") is None
    async with store.read() as view:
        assert await view.kept("a") == "1"


async def test_a_read_block_refuses_to_write(store: Store, database: Database) -> None:
    with pytest.raises(database.refusal):
        async with store.read() as records:
            await records.keep("a", "1")
    async with store.read() as records:
        assert await records.kept("a") is None


async def test_more_readers_than_connections_take_turns(store: Store) -> None:
    async with store.write() as records:
        await records.keep("a", "1")

    async def read() -> str | None:
        async with store.read() as records:
            await asyncio.sleep(0)
            return await records.kept("a")

    assert await asyncio.gather(*(read() for _ in range(20))) == ["1"] * 20


@pytest.mark.parametrize("steps", range(6))
async def test_a_cancelled_reader_leaves_no_old_view_behind(store: Store, steps: int) -> None:
    async def read() -> None:
        async with store.read() as records:
            await records.kept("a")

    readers = [asyncio.create_task(read()) for _ in range(4)]
    for _ in range(steps):
        await asyncio.sleep(0)
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)
    async with store.write() as records:
        await records.keep("a", "1")
    for _ in range(4):
        async with store.read() as records:
            assert await records.kept("a") == "1"


async def test_a_restart_keeps_everything(database: Database) -> None:
    store, room = await database.open()
    async with store.write() as records:
        club_id = await new_club(records)
        chat_id = await new_chat(records, club_id)
        member_id = await join(records, club_id, ANN)
        await records.settle(ANN, club_id)
        await records.set_beats(club_id, [Beat(BeatKind.QUIZ, 1140, weekday=4, next_at=7)])
        await records.pass_time(Passage(opened=[Week(club_id, 1, "dropout", 5, None)]))
        await records.add_rests(club_id, [date(2026, 12, 21)])
        await records.cast(club_id, 5, member_id, "other-plan")
        await records.record_reading(Reading(member_id, "dropout", Level.READ, "good", 9), club_id)
        round_ = await records.open_round(club_id, "dropout", None, ("q1", "q2"), 9)
        await records.answer(round_, member_id, "q1", (2,), False, 10)
        await records.set_thread(Thread(chat_id, "dropout", None, "m1"))
        await records.queue(draft(chat_id, "k"))
    await room.add("room", "ann", "{}", 1)

    async def everything(store: Store, room: Room) -> list[object]:
        async with store.read() as records:
            return [
                await records.seat(Platform.WEB, "room", "ann"),
                await records.home(ANN),
                await records.beats(club_id),
                await records.latest_week(club_id),
                await records.standing(club_id),
                await records.tally(club_id, 5),
                await records.readings(member_id),
                await records.readers(club_id, "dropout"),
                await records.latest_round(club_id, "dropout", None),
                await records.answers(round_.id, member_id),
                await records.scores(member_id),
                await records.hardest(round_.id),
                await records.thread(chat_id, "dropout"),
                await records.post_by_key("k"),
                await room.since("room", "ann", 0, 10),
            ]

    before = await everything(store, room)
    assert all(before)
    await database.close()
    assert await everything(*await database.open()) == before


async def test_opening_again_takes_no_step_twice(database: Database) -> None:
    await database.open()
    await database.close()
    before = await database.run("SELECT number, name FROM migrations ORDER BY number")
    await database.open()
    assert await database.run("SELECT number, name FROM migrations ORDER BY number") == before
    assert [number for number, _ in before] == list(range(1, len(before) + 1))


async def test_two_processes_that_start_together_take_each_step_once(database: Database) -> None:
    await asyncio.gather(database.open(), database.open(), database.open())
    numbers = await database.run("SELECT number FROM migrations ORDER BY number")
    assert numbers == [(number,) for number in range(1, len(numbers) + 1)]


async def test_a_database_that_a_newer_version_has_used_is_refused(database: Database) -> None:
    await database.open()
    await database.close()
    await database.run("INSERT INTO migrations (number, name) VALUES (999, 'from_the_future')")
    with pytest.raises(DatabaseRefused, match="newer Paperclub: it is at step 999"):
        await database.open()


@pytest.mark.parametrize("steps", range(12))
async def test_a_writer_cancelled_at_any_step_wakes_the_sender_if_its_post_is_kept(
    database: Database, steps: int
) -> None:
    woken: list[str] = []
    store, _ = await database.open(lambda: woken.append("woken"))
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))

    async def queue() -> None:
        async with store.write() as records:
            await records.queue(draft(chat_id, "k"))

    writer = asyncio.create_task(queue())
    for _ in range(steps):
        await asyncio.sleep(0)
    writer.cancel()
    await asyncio.wait([writer])
    async with store.read() as records:
        assert bool(woken) == (await records.post_by_key("k") is not None)


# Clubs and chats


async def test_a_seat_is_the_chat_the_club_and_the_member_there(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        chat_id = await new_chat(records, club_id)
        other = await new_club(records, "Others")
        await join(records, other, BEN, "Ben elsewhere")
        member, _ = await records.enrol(club_id, ANN, "Ann", "", 1)
        seat = await records.seat(Platform.WEB, "room", "ann")
        newcomer = await records.seat(Platform.WEB, "room", "ben")
        assert await records.seat(Platform.DISCORD, "room", "ann") is None
    assert seat is not None
    assert seat.chat == Chat(chat_id, club_id, Platform.WEB, "room", ChatKind.GROUP, False, True)
    assert (seat.club.id, seat.club.language, seat.club.members) == (club_id, ClubLanguage.BOTH, 1)
    assert seat.member == member
    assert newcomer is not None
    assert newcomer.member is None


async def test_an_account_is_a_platform_and_an_id(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        here = await join(records, club_id, Account(Platform.TELEGRAM, "7"))
        there = await join(records, club_id, Account(Platform.DISCORD, "7"))
    assert here != there


async def test_a_private_chat_means_the_club_settled_in_last(store: Store) -> None:
    async with store.write() as records:
        first, second = await new_club(records), await new_club(records)
        assert await records.home(ANN) is None
        await records.settle(ANN, first)
        await records.settle(ANN, second)
        assert await records.home(ANN) == second
        assert await records.home(BEN) is None


async def test_what_is_set_on_a_club_is_what_is_found(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        other = await records.club(await new_club(records, "Others"))
        await records.set_language(club_id, ClubLanguage.ZH)
        await records.set_zone(club_id, "Europe/Berlin")
        await records.set_plan(club_id, "other-plan", 3)
        await records.set_encore(club_id, "dropout")
        await records.set_start(club_id, date(2027, 1, 31))
        await records.set_paused(club_id, True)
        club = await records.club(club_id)
        assert await records.clubs() == [club, other]
        assert await records.club(99) is None
    assert club is not None
    assert (club.language, club.zone, club.plan_id) == (ClubLanguage.ZH, "Europe/Berlin", "other-plan")
    assert (club.position, club.paused, club.members) == (3, True, 0)
    assert (club.encore, club.starts_on) == ("dropout", date(2027, 1, 31))


async def test_a_club_meets_in_its_active_chats(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        here = await new_chat(records, club_id)
        there = await new_chat(records, club_id, "channel", Platform.DISCORD)
        await new_chat(records, await new_club(records), "elsewhere")
        await records.set_chat_topics(there, True)
        await records.set_chat_active(here, False)
        chats = await records.chats(club_id)
        closed = await records.chat(Platform.WEB, "room")
    assert [(chat.id, chat.topics) for chat in chats] == [(there, True)]
    assert closed is not None
    assert not closed.active


async def test_a_chat_that_is_added_again_is_the_same_chat_opened(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        chat_id = await new_chat(records, club_id)
        await records.queue(draft(chat_id, "k"))
        await records.set_chat_active(chat_id, False)
        assert await new_chat(records, club_id) == chat_id
    assert [post.key for post in await claim(store)] == ["k"]


async def test_a_club_that_takes_a_chat_over_does_not_inherit_its_posts(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
        heir = await new_club(records)
        assert await new_chat(records, heir) == chat_id
        chat = await records.chat(Platform.WEB, "room")
        post = await records.post_by_key("k")
    assert chat is not None
    assert chat.club_id == heir
    assert post is not None
    assert post.state is PostState.FAILED
    assert await claim(store) == []


async def test_a_chat_keeps_its_record_when_its_platform_renames_it(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records), "-1", Platform.TELEGRAM)
        await records.move_chat(chat_id, "-100")
        await records.move_chat(chat_id, "-100")
        moved = await records.chat(Platform.TELEGRAM, "-100")
        assert await records.chat(Platform.TELEGRAM, "-1") is None
    assert moved is not None
    assert (moved.id, moved.active) == (chat_id, True)


async def test_a_rename_wins_over_a_chat_made_under_the_new_name_too_early(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records), "-1", Platform.TELEGRAM)
        early = await new_chat(records, await new_club(records), "-100", Platform.TELEGRAM)
        namesake = await new_chat(records, await new_club(records), "-100", Platform.DISCORD)
        await records.queue(draft(early, "too early"))
        await records.move_chat(chat_id, "-100")
        moved = await records.chat(Platform.TELEGRAM, "-100")
        discord = await records.chat(Platform.DISCORD, "-100")
    assert moved is not None
    assert moved.id == chat_id
    assert discord is not None
    assert (discord.id, discord.active) == (namesake, True)
    assert await claim(store) == []


# Members


async def test_an_invitation_has_one_code_until_it_is_renewed(store: Store) -> None:
    async with store.write() as records:
        club_id, other_id = await new_club(records), await new_club(records)
        code = await records.code(club_id)
        assert await records.code(club_id) == code
        other = await records.code(other_id)
    assert code != other
    assert code.isascii()
    assert code.isalnum()
    assert code == code.lower()
    async with store.write() as records:
        renewed = await records.renew_code(club_id)
    async with store.read() as records:
        assert await records.club_by_code(renewed) == await records.club(club_id)
        assert await records.club_by_code(other) == await records.club(other_id)
        assert await records.club_by_code(code) is None
        assert await records.club_by_code("") is None


async def test_two_clubs_cannot_have_one_code(store: Store, database: Database) -> None:
    async with store.write() as records:
        await new_club(records)
        await new_club(records)
    with pytest.raises(database.refusal):
        await database.run("UPDATE clubs SET code = 'the same'")


async def test_somebody_is_greeted_once_in_each_chat(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        chat_id = await new_chat(records, club_id)
        other_id = await records.add_chat(club_id, Platform.TELEGRAM, "-9", ChatKind.GROUP, False)
        assert await records.mark_greeted(chat_id, "7")
        assert not await records.mark_greeted(chat_id, "7")
        assert await records.mark_greeted(chat_id, "8")
        assert await records.mark_greeted(other_id, "7")


async def test_greetings_in_a_chat_keep_their_distance_and_outlive_a_clock_set_back(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        chat_id = await new_chat(records, club_id)
        other_id = await records.add_chat(club_id, Platform.TELEGRAM, "-9", ChatKind.GROUP, False)
        taken = [await records.take_greeting(chat_id, now, 60) for now in (1000, 1059, 1060, 500, 520)]
        assert taken == [True, False, True, True, False]
        assert await records.take_greeting(other_id, 520, 60)


async def test_enrolling_twice_changes_nothing(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        member, new = await records.enrol(club_id, ANN, "Ann", "ann_b", 1)
        again = await records.enrol(club_id, ANN, "Ann", "ann_b", 2)
        club = await records.club(club_id)
    assert new
    assert again == (member, False)
    assert club is not None
    assert club.members == 1


async def test_a_new_name_or_handle_is_learnt_without_counting_as_new(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        member, _ = await records.enrol(club_id, ANN, "Ann", "ann_b", 1)
        renamed, changed = await records.enrol(club_id, ANN, "Anna", "anna", 2)
        assert (renamed, changed) == (replace(member, name="Anna"), False)
        assert await records.member_by_account(club_id, ANN) == renamed
        for known in ("anna", "@ANNA", "Anna"):
            assert await records.member_by_name(club_id, Platform.WEB, known) == renamed
        for forgotten in ("Ann", "ann_b"):
            assert await records.member_by_name(club_id, Platform.WEB, forgotten) is None


async def test_leaving_and_coming_back_moves_every_counter_once(store: Store) -> None:
    async def counts() -> tuple[int, int, int]:
        async with store.read() as records:
            club = await records.club(club_id)
            assert club is not None
            return club.members, await records.readers(club_id, "a"), await records.readers(club_id, "b")

    async with store.write() as records:
        club_id = await new_club(records)
        ann, ben = await join(records, club_id, ANN), await join(records, club_id, BEN, "Ben")
        await records.record_reading(Reading(ann, "a", Level.READ, "", 1), club_id)
        await records.record_reading(Reading(ann, "b", Level.SKIMMED, "", 1), club_id)
        await records.record_reading(Reading(ben, "a", Level.REPRODUCED, "", 2), club_id)
    assert await counts() == (2, 2, 0)
    for _ in range(2):
        async with store.write() as records:
            await records.leave(ann, 3)
        assert await counts() == (1, 1, 0)
    async with store.write() as records:
        assert await records.reader_names(club_id, "a", 5) == ["Ben"]
        member, changed = await records.enrol(club_id, ANN, "Ann", "", 4)
        assert (member.id, member.active, member.papers_read, changed) == (ann, True, 1, True)
        assert await records.reader_names(club_id, "a", 5) == ["Ann", "Ben"]
    assert await counts() == (2, 2, 0)


async def test_what_someone_reads_while_away_counts_when_they_come_back(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)
        await records.leave(ann, 2)
        await records.record_reading(Reading(ann, "a", Level.READ, "", 3), club_id)
        assert await records.readers(club_id, "a") == 0
        member, _ = await records.enrol(club_id, ANN, "Ann", "", 4)
        assert member.papers_read == 1
        assert await records.readers(club_id, "a") == 1


@pytest.mark.parametrize(
    ("name", "asked"),
    [("Ann", "aNN"), ("Éva", "éVA"), ("Straße", "STRASSE"), ("小明", "小明"), ("Ann", " @ann ")],
)
async def test_a_member_is_found_by_name_capitals_aside(store: Store, name: str, asked: str) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        member_id = await join(records, club_id, ANN, name)
        found = await records.member_by_name(club_id, Platform.TELEGRAM, asked)
        assert found is not None
        assert found.id == member_id
        assert await records.member_by_name(await new_club(records), Platform.TELEGRAM, asked) is None


async def test_a_handle_goes_before_a_name_and_is_of_one_platform(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        named = await join(records, club_id, ANN, "Kim")
        handled, _ = await records.enrol(club_id, Account(Platform.TELEGRAM, "1"), "Ben", "Kim", 1)
        here = await records.member_by_name(club_id, Platform.TELEGRAM, "kim")
        elsewhere = await records.member_by_name(club_id, Platform.DISCORD, "kim")
    assert here == handled
    assert elsewhere is not None
    assert elsewhere.id == named


async def test_nobody_is_found_without_a_name_or_after_leaving(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        member_id = await join(records, club_id, ANN)
        assert await records.member_by_name(club_id, Platform.WEB, " @ ") is None
        await records.leave(member_id, 2)
        assert await records.member_by_name(club_id, Platform.WEB, "Ann") is None
        left = await records.member_by_account(club_id, ANN)
        assert left is not None
        assert not left.active


# Cadence


async def test_a_club_is_due_with_its_oldest_beat_unless_it_is_paused(store: Store) -> None:
    async with store.write() as records:
        club_id, paused, later = [await new_club(records) for _ in range(3)]
        chat_id = await new_chat(records, club_id)
        await records.set_paused(paused, True)
        late = Beat(BeatKind.PAPER, 540, weekday=0, next_at=20)
        early = Beat(BeatKind.QUIZ, 1140, weekday=4, next_at=10)
        waiting = Beat(BeatKind.RECAP, 1200, days_after=6, every=1)
        held = Beat(BeatKind.PAPER, 540, weekday=0, next_at=5)
        await records.set_beats(club_id, [late, early, waiting])
        await records.set_beats(paused, [held])
        await records.set_beats(later, [changed(late, next_at=31)])
        await records.add_rests(club_id, [date(2026, 12, 21)])
        assert not await records.anything_due(9)
        assert await records.anything_due(10)

        [due] = await records.due_standings(30, 10)
        assert due == await records.standing(club_id)
        assert due.beats == (early, late, waiting) == tuple(await records.beats(club_id))
        assert (due.club.id, due.meets) == (club_id, Meets((chat_id,), (chat_id,)))
        assert due.rests == {date(2026, 12, 21)}
        assert (due.week, due.quizzed) == (None, False)

        await records.set_paused(paused, False)
        assert [each.club.id for each in await records.due_standings(30, 10)] == [club_id, paused]
        assert [each.club.id for each in await records.due_standings(30, 1)] == [paused]
        await records.set_paused(club_id, True)
        assert [each.club.id for each in await records.due_standings(31, 10)] == [paused, later]
        assert await records.standing(99) is None


async def test_a_club_has_the_beats_that_were_set_last_and_time_moves_them(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        await records.set_beats(club_id, [Beat(BeatKind.PAPER, 540, weekday=0, next_at=20)])
        first = Beat(BeatKind.PROMPT, 600, days_after=2, slot=0, next_at=None)
        second = Beat(BeatKind.PROMPT, 600, days_after=9, slot=1, next_at=200)
        await records.set_beats(club_id, [first, second])
        assert await records.beats(club_id) == [second, first]
        due, never = changed(first, next_at=100), changed(second, next_at=None)
        await records.pass_time(Passage(beats=[(club_id, due), (club_id, never)]))
        assert await records.beats(club_id) == [due, never]


async def test_weeks_open_close_and_know_who_read_their_paper(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)
        assert await records.latest_week(club_id) is None
        weeks = [Week(club_id, number, paper, number * 10, None) for number, paper in enumerate("abc", 1)]
        await records.pass_time(Passage(opened=weeks))
        await records.pass_time(Passage(changed=[changed(weeks[1], closed_at=29, prompted=5)]))
        await records.record_reading(Reading(ann, "a", Level.SKIMMED, "", 1), club_id)
        await records.record_reading(Reading(ann, "b", Level.READ, "", 1), club_id)
        assert sorted(await records.weeks_read(club_id, ann)) == [(1, False), (2, True), (3, False)]
        assert await records.latest_week(club_id) == Week(club_id, 3, "c", 30, None)
        await records.pass_time(Passage(changed=[changed(weeks[2], closed_at=39, prompted=2)]))
        standing = await records.standing(club_id)
        assert standing is not None
        assert standing.week == await records.latest_week(club_id) == Week(club_id, 3, "c", 30, 39, 2)


async def test_a_week_is_quizzed_once_the_group_has_been_asked_since_it_opened(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)

        async def quizzed() -> bool:
            standing = await records.standing(club_id)
            return standing is not None and standing.quizzed

        await records.pass_time(Passage(opened=[Week(club_id, 1, "a", 10, None)]))
        await records.open_round(club_id, "a", ann, ("q",), 11)
        await records.open_round(club_id, "b", None, ("q",), 12)
        await new_chat(records, club_id)
        chat = await records.chat(Platform.WEB, "room")
        assert chat is not None
        await records.open_live_round(chat, "a", ("q",), 30, 12)
        assert not await quizzed(), "a live quiz is for those who are there"
        await records.open_round(club_id, "a", None, ("q",), 13)
        assert await quizzed()
        await records.pass_time(Passage(opened=[Week(club_id, 2, "a", 20, None)]))
        assert not await quizzed(), "the same paper once more is a new week"


async def test_a_week_cannot_be_opened_twice(store: Store, database: Database) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        await records.pass_time(Passage(opened=[Week(club_id, 1, "a", 10, None)]))
    with pytest.raises(database.refusal):
        async with store.write() as records:
            await records.pass_time(Passage(opened=[Week(club_id, 1, "b", 20, None)]))
    async with store.read() as records:
        assert await records.latest_week(club_id) == Week(club_id, 1, "a", 10, None)


async def test_a_club_moves_along_its_plan_and_another_plan_begins_it_anew(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        club = await records.club(club_id)
        assert club is not None
        further = changed(club, position=7, encore="a", ending=Ending.ASKED_TWICE, asked_at=5)
        await records.pass_time(Passage(moved=[further]))
        assert await records.club(club_id) == further
        await records.set_plan(club_id, "other", 0)
        assert await records.club(club_id) == changed(club, plan_id="other")


async def test_weeks_of_rest_are_kept_in_order_and_taken_back(store: Store) -> None:
    first, second, third = (date(2026, 12, day) for day in (14, 21, 28))
    async with store.write() as records:
        club_id, other = await new_club(records), await new_club(records)
        await records.add_rests(club_id, [third, first])
        await records.add_rests(club_id, [first, second])
        await records.add_rests(other, [first])
        assert await records.rests(club_id) == [first, second, third]
        await records.drop_rests(club_id, [third])
        await records.forget_rests(club_id, second)
        assert await records.rests(club_id) == [second]
        assert await records.rests(other) == [first]


async def test_zones_in_use_are_found_one_after_the_other_with_their_clubs(store: Store) -> None:
    async with store.write() as records:
        clubs = [await new_club(records) for _ in range(4)]
        for club_id in clubs:
            await records.set_zone(club_id, "Asia/Tokyo" if club_id != clubs[1] else "Europe/Berlin")
        assert await records.next_zone("") == "Asia/Tokyo"
        assert await records.next_zone("Asia/Tokyo") == "Europe/Berlin"
        assert await records.next_zone("Europe/Berlin") is None
        assert await records.clubs_in_zone("Asia/Tokyo", 0, 2) == [clubs[0], clubs[2]]
        assert await records.clubs_in_zone("Asia/Tokyo", clubs[2], 2) == [clubs[3]]


async def test_each_member_has_one_vote_and_may_change_it(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann, ben = await join(records, club_id, ANN), await join(records, club_id, BEN, "Ben")
        for member, choice in ((ann, "x"), (ben, "y"), (ann, "x"), (ann, "y")):
            await records.cast(club_id, 5, member, choice)
        assert await records.tally(club_id, 5) == [("y", 2)]
        await records.cast(club_id, 5, ben, "x")
        assert await records.tally(club_id, 5) == [("x", 1), ("y", 1)]
        assert await records.tally(club_id, 6) == []


# Reading


async def test_only_papers_that_were_read_are_counted(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)
        counted = []
        for level in (Level.SKIMMED, Level.READ, Level.READ, Level.REPRODUCED, Level.SKIMMED):
            await records.record_reading(Reading(ann, "a", level, "", 1), club_id)
            member = await records.member_by_account(club_id, ANN)
            assert member is not None
            counted.append((member.papers_read, await records.readers(club_id, "a")))
    assert counted == [(0, 0), (1, 1), (1, 1), (1, 1), (0, 0)]


async def test_a_reading_is_replaced_and_taken_back(store: Store) -> None:
    first = Reading(1, "a", Level.READ, "", 5)
    second = Reading(1, "a", Level.PRESENTED, "slides *here*", 6)
    async with store.write() as records:
        club_id = await new_club(records)
        assert await join(records, club_id, ANN) == 1
        await records.record_reading(first, club_id)
        assert await records.reading(1, "a") == first
        await records.record_reading(second, club_id)
        await records.record_reading(Reading(1, "b", Level.SKIMMED, "", 4), club_id)
        assert await records.readings(1) == [Reading(1, "b", Level.SKIMMED, "", 4), second]
        assert await records.erase_reading(1, "a", club_id)
        assert not await records.erase_reading(1, "a", club_id)
        assert await records.reading(1, "a") is None
        assert await records.readers(club_id, "a") == 0
        assert await records.reader_names(club_id, "a", 5) == []


async def test_readers_are_named_in_the_order_of_their_reading(store: Store) -> None:
    async with store.write() as records:
        club_id, other = await new_club(records), await new_club(records)
        for name, at in (("Ann", 3), ("Ben", 1), ("Cai", 2)):
            member_id = await join(records, club_id, Account(Platform.WEB, name), name)
            await records.record_reading(Reading(member_id, "a", Level.READ, "", at), club_id)
        stranger = await join(records, other, ANN, "Stranger")
        await records.record_reading(Reading(stranger, "a", Level.READ, "", 0), other)
        assert await records.reader_names(club_id, "a", 9) == ["Ben", "Cai", "Ann"]
        assert await records.reader_names(club_id, "a", 2) == ["Ben", "Cai"]
        assert await records.readers(club_id, "a") == 3


# Quizzes


async def test_a_first_answer_stands(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)
        round_ = await records.open_round(club_id, "a", None, ("q1", "q2"), 1)
        assert await records.answer(round_, ann, "q1", (3,), False, 2)
        assert not await records.answer(round_, ann, "q1", (0,), True, 3)
        assert await records.answers(round_.id, ann) == [Answer("q1", (3,), False)]
        assert await records.scores(ann) == [Score("a", 0, 1, 2)]
        assert await records.round_people(round_.id) == 1
        assert await records.hardest(round_.id) == ("q1", 0, 1)


async def test_a_set_of_options_is_kept_as_it_was_chosen(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)
        round_ = await records.open_round(club_id, "a", None, ("q1", "q2"), 1)
        await records.answer(round_, ann, "q1", (3, 0), True, 2)
        await records.answer(round_, ann, "q2", (11,), False, 2)
        assert await records.answers(round_.id, ann) == [
            Answer("q1", (0, 3), True),
            Answer("q2", (11,), False),
        ]


async def test_everybody_is_counted_once_a_round(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann, ben = await join(records, club_id, ANN), await join(records, club_id, BEN)
        round_ = await records.open_round(club_id, "a", None, ("q1", "q2"), 1)
        assert await records.round_people(round_.id) == 0
        for question in round_.questions:
            for member_id in (ann, ben):
                await records.answer(round_, member_id, question, (0,), True, 2)
        assert await records.round_people(round_.id) == 2
        assert await records.hardest(round_.id) is None


async def test_a_live_round_goes_from_question_to_question(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        await new_chat(records, club_id)
        chat = await records.chat(Platform.WEB, "room")
        assert chat is not None
        assert await records.live_round(chat.id) is None
        opened = await records.open_live_round(chat, "a", ("q1", "q2"), 30, 1)
        assert await records.round(opened.id) == opened == await records.live_round(chat.id)
        assert not opened.closed(0, 10**9), "what has not been asked waits"
        await records.reach(opened.id, 0, 40)
        reached = await records.live_round(chat.id)
        assert reached is not None
        assert [reached.closed(0, now) for now in (39, 40)] == [False, True]
        assert not reached.closed(1, 40)
        assert await records.latest_round(club_id, "a", None) is None, "it asks nobody everything at once"
        newer = await records.open_live_round(chat, "b", ("q1",), 30, 2)
        assert await records.live_round(chat.id) == newer


async def test_whoever_had_all_right_in_a_round_is_known_by_name(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann, ben = await join(records, club_id, ANN), await join(records, club_id, BEN, "Ben")
        round_ = await records.open_round(club_id, "a", None, ("q1", "q2"), 1)
        assert await records.perfect(round_.id, 5) == (0, [])
        for member_id, question, right in ((ann, "q1", True), (ben, "q1", True), (ben, "q2", True)):
            await records.answer(round_, member_id, question, (0,), right, 2)
        assert await records.perfect(round_.id, 5) == (1, ["Ben"])
        await records.answer(round_, ann, "q2", (0,), True, 3)
        assert await records.perfect(round_.id, 1) == (2, ["Ann"])
        assert await records.question_counts(round_.id) == {"q1": (2, 2), "q2": (2, 2)}


async def test_the_hardest_question_has_the_most_wrong_answers(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann, ben = await join(records, club_id, ANN), await join(records, club_id, BEN)
        round_ = await records.open_round(club_id, "a", None, ("q1", "q2", "q3"), 1)
        for member_id, question, right in (
            (ann, "q1", False), (ben, "q1", True), (ann, "q2", False), (ben, "q2", False), (ann, "q3", True),
        ):  # fmt: skip
            await records.answer(round_, member_id, question, (0,), right, 2)
        assert await records.hardest(round_.id) == ("q2", 0, 2)


async def test_a_newer_round_replaces_the_score_and_an_older_one_does_not(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        ann = await join(records, club_id, ANN)
        old = await records.open_round(club_id, "a", None, ("q1", "q2", "q3"), 1)
        new = await records.open_round(club_id, "a", ann, ("q1", "q2"), 2)
        await records.answer(old, ann, "q1", (0,), True, 3)
        await records.answer(old, ann, "q2", (0,), True, 3)
        assert await records.scores(ann) == [Score("a", 2, 2, 3)]
        await records.answer(new, ann, "q1", (0,), False, 4)
        assert await records.scores(ann) == [Score("a", 0, 1, 2)]
        await records.answer(old, ann, "q3", (0,), True, 5)
        assert await records.scores(ann) == [Score("a", 0, 1, 2)]


async def test_the_latest_round_is_the_groups_or_ones_own(store: Store) -> None:
    async with store.write() as records:
        club_id, other = await new_club(records), await new_club(records)
        ann = await join(records, club_id, ANN)
        assert await records.latest_round(club_id, "a", None) is None
        await records.open_round(club_id, "a", None, ("q1",), 1)
        group = await records.open_round(club_id, "a", None, ("q1", "q2"), 2)
        own = await records.open_round(club_id, "a", ann, ("q3",), 3)
        await records.open_round(other, "a", None, ("q1",), 4)
        await records.open_round(club_id, "b", None, ("q1",), 5)
        assert await records.latest_round(club_id, "a", None) == group
        assert await records.latest_round(club_id, "a", ann) == own
        assert await records.round(own.id) == own
        assert await records.round(99) is None


# Discussions and small things


async def test_a_thread_is_of_one_chat_and_paper_and_may_be_replaced(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        assert await records.thread(chat_id, "a") is None
        await records.set_thread(Thread(chat_id, "a", None, "m1"))
        await records.set_thread(Thread(chat_id, "a", "t1", "m2"))
        assert await records.paper_of_thread(chat_id, "t1") == "a"
        assert await records.paper_of_thread(chat_id, "m2") is None
        assert await records.paper_of_thread(chat_id + 1, "t1") is None
        assert await records.thread(chat_id, "a") == Thread(chat_id, "a", "t1", "m2")
        assert await records.thread(chat_id, "b") is None


async def test_what_is_kept_under_a_name_is_the_last_thing_kept(store: Store) -> None:
    async with store.write() as records:
        await records.keep("a", "1")
        await records.keep("a", "2")
        assert await records.kept("a") == "2"
        assert await records.kept("b") is None


# The delivery ledger


async def test_a_post_is_queued_once_whatever_is_asked(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        assert await records.queue(Draft(chat_id, "k", PostKind.QUESTION, "a", 5, 2, None, 3))
        assert not await records.queue(draft(chat_id, "k", 99))
        post = await records.post_by_key("k")
        assert await records.post_by_key("other") is None
        chat = await records.chat(Platform.WEB, "room")
    assert chat is not None
    assert post == Post(
        id=1, chat=chat, key="k", kind=PostKind.QUESTION, paper_id="a", week=2, round_id=None, number=3,
        due_at=5, state=PostState.PENDING, attempts=0, claimed_at=0, message_id=None,
        doubtful=False,
    )  # fmt: skip


async def test_a_post_for_an_unknown_chat_is_an_error(store: Store, database: Database) -> None:
    with pytest.raises(database.refusal):
        async with store.write() as records:
            await records.queue(draft(99, "k"))


async def test_the_sender_is_woken_once_a_commit_has_added_posts(database: Database) -> None:
    woken: list[str] = []
    store, _ = await database.open(lambda: woken.append("woken"))

    async def queue_and_raise() -> None:
        async with store.write() as records:
            await records.queue(draft(chat_id, "c"))
            raise ZeroDivisionError

    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
    async with store.write() as records:
        await records.queue(draft(chat_id, "a"))
        await records.queue(draft(chat_id, "b"))
        assert woken == []
    assert woken == ["woken"]
    async with store.write() as records:
        await records.queue(draft(chat_id, "a"))
    with pytest.raises(ZeroDivisionError):
        await queue_and_raise()
    assert woken == ["woken"]


async def test_each_chat_gets_its_posts_one_by_one_in_the_order_they_were_queued(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        one, two = await new_chat(records, club_id, "1"), await new_chat(records, club_id, "2")
        for key, chat_id, due_at in (("1a", one, 50), ("1b", one, 10), ("2a", two, 20), ("2b", two, 20)):
            await records.queue(draft(chat_id, key, due_at))
    order = []
    while posts := await claim(store):
        order.append([post.key for post in posts])
        async with store.write() as records:
            for post in posts:
                await records.mark_sent(post.id, Sent("m"), 101)
    assert order == [["2a", "1a"], ["1b", "2b"]]


async def test_a_post_whose_time_has_not_come_keeps_the_younger_ones_waiting(
    store: Store,
) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "first", 200))
        await records.queue(draft(chat_id, "second", 50))
    assert await claim(store, now=199) == []
    assert [post.key for post in await claim(store, now=200)] == ["first"]


async def test_a_claimed_post_is_on_record_as_under_way(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
    [post] = await claim(store, now=100)
    assert (post.state, post.attempts, post.claimed_at) == (PostState.SENDING, 1, 100)
    async with store.read() as records:
        assert await records.post(post.id) == post
    assert await claim(store, now=9999) == []
    async with store.write() as records:
        await records.mark_again(post.id, 300)
        again = await records.post(post.id)
    assert again == replace(post, state=PostState.PENDING)
    assert await claim(store, now=299) == []
    [second] = await claim(store, now=300)
    assert (second.attempts, second.claimed_at) == (2, 100)
    async with store.read() as records:
        assert await records.post(post.id) == second


async def test_a_chat_with_a_post_under_way_gets_no_other(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "first"))
        await records.queue(draft(chat_id, "second"))
    [first] = await claim(store)
    assert await claim(store, now=9999) == []
    async with store.write() as records:
        await records.mark_unknown(first.id)
    assert [post.key for post in await claim(store)] == ["second"]


async def test_claimants_side_by_side_never_take_the_same_post(database: Database) -> None:
    one, _ = await database.open()
    other, _ = await database.open()
    async with one.write() as records:
        club_id = await new_club(records)
        for number in range(30):
            await records.queue(draft(await new_chat(records, club_id, str(number)), str(number)))
    taken = await asyncio.gather(*(claim(store, limit=6) for store in (one, other) * 3))
    keys = [post.key for posts in taken for post in posts]
    assert sorted(keys, key=int) == [str(number) for number in range(30)]


async def test_a_look_finds_the_oldest_of_one_platform_up_to_its_limit(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        for number, platform in enumerate((*ALL, Platform.WEB, Platform.WEB)):
            chat_id = await new_chat(records, club_id, f"c{number}", platform)
            await records.queue(draft(chat_id, f"{platform}-{number}", 90 - number))
    async with store.read() as records:
        web = await records.due_posts(Platform.WEB, 100, 2)
        assert [post.key for post in web] == ["web-4", "web-3"]
        assert [post.key for post in await records.due_posts(Platform.DISCORD, 100, 2)] == [
            f"discord-{ALL.index(Platform.DISCORD)}"
        ]


async def test_what_is_no_longer_to_be_had_is_not_taken(store: Store) -> None:
    """Between a look and the taking a post may be taken by another, its chat close, or a sibling set out."""
    async with store.write() as records:
        club_id = await new_club(records)
        chats = [await new_chat(records, club_id, name) for name in "abcd"]
        for chat_id in chats:
            await records.queue(draft(chat_id, f"{chat_id}"))
        await records.queue(draft(chats[2], "sibling"))
        due = await records.due_posts(Platform.WEB, 100, 9)
        await records.take(due[:1], 100, 60)
        await records.set_chat_active(chats[1], False)
        sibling = await records.post_by_key("sibling")
        assert sibling is not None
        await records.take([sibling], 100, 60)
    async with store.write() as records:
        assert [post.key for post in await records.take(due, 100, 60)] == [f"{chats[3]}"]


async def test_a_postponed_post_keeps_its_chat_waiting(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "first"))
        await records.queue(draft(chat_id, "second"))
        [post] = await records.due_posts(Platform.WEB, 100, 9)
        await records.postpone(post.id, 150)
    assert await claim(store, now=149) == []
    assert [post.key for post in await claim(store, now=150)] == ["first"]
    async with store.write() as records:
        await records.postpone(post.id, 500)
        await records.mark_again(post.id, 160)
    assert [post.key for post in await claim(store, now=160)] == ["first"]


async def test_a_late_outcome_does_not_undo_an_arrival(store: Store) -> None:
    """The process that held the post before may still be about to say what it saw of it."""
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
    [post] = await claim(store)
    async with store.write() as records:
        await records.mark_sent(post.id, Sent("m7"), 101)
        await records.mark_again(post.id, 102)
        await records.mark_unknown(post.id)
        await records.mark_failed(post.id, "too late")
        left = await records.post(post.id)
    assert left is not None
    assert (left.state, left.message_id) == (PostState.SENT, "m7")


async def test_a_chat_that_is_closed_waits_until_it_is_open(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "before"))
        await records.set_chat_active(chat_id, False)
        await records.queue(draft(chat_id, "while"))
    assert await claim(store) == []
    async with store.write() as records:
        await records.set_chat_active(chat_id, True)
    assert [post.key for post in await claim(store)] == ["before"]


async def test_a_renewed_post_is_due_as_if_it_had_never_been_tried(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
    [post] = await claim(store, now=100)
    async with store.write() as records:
        await records.mark_unknown(post.id)
        await records.renew(post.id, 500)
    assert await claim(store, now=499) == []
    [renewed] = await claim(store, now=500)
    assert (renewed.due_at, renewed.attempts, renewed.claimed_at) == (500, 1, 500)


async def test_a_tally_waits_in_line_once_and_never_follows_another_closely(store: Store) -> None:
    """It is asked for of a post that stands in its chat, keeps its row, and is told by a later time that it
    is wanted again while it is being made."""
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
        await records.queue_tally("k", 100, 5)
        await records.queue_tally("none", 100, 5)
        assert await records.post_by_key("k:tally") is None
    [post] = await claim(store, now=100)
    async with store.write() as records:
        await records.mark_sent(post.id, Sent("m"), 100)
        await records.queue_tally("k", 100, 5)
        await records.queue_tally("k", 102, 5)
    [tally] = await claim(store, now=102)
    assert (tally.key, tally.kind, tally.due_at, tally.chat.id) == ("k:tally", PostKind.TALLY, 100, chat_id)
    async with store.write() as records:
        await records.queue_tally("k", 103, 5)
        wanted = await records.post(tally.id)
        assert wanted is not None
        assert (wanted.state, wanted.due_at) == (PostState.SENDING, 108)
        await records.queue_tally("k", 104, 5)
        assert await records.post(tally.id) == wanted
        await records.mark_sent(tally.id, Sent(""), 104)
        await records.queue_tally("k", 105, 5)
    assert await claim(store, now=108) == []
    [again] = await claim(store, now=109)
    assert (again.id, again.attempts, again.due_at) == (tally.id, 1, 109)
    async with store.write() as records:
        await records.mark_failed(again.id, "gone")
        await records.queue_tally("k", 200, 5)
    [late] = await claim(store, now=200)
    assert late.id == tally.id


async def test_a_tally_waits_for_no_other_post_and_none_waits_for_it(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
    [post] = await claim(store, now=100)
    async with store.write() as records:
        await records.mark_sent(post.id, Sent("m"), 100)
        await records.queue_tally("k", 500, 5)
        await records.queue(draft(chat_id, "other"))
        await records.queue(draft(chat_id, "later", due_at=900))
    assert [each.key for each in await claim(store, now=100)] == ["other"]
    async with store.write() as records:
        other = await records.post_by_key("other")
        assert other is not None
        await records.mark_again(other.id, 900)
    assert [each.key for each in await claim(store, now=500)] == ["k:tally"]


async def test_a_post_put_back_after_its_chat_closed_waits_with_it(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
    [post] = await claim(store)
    async with store.write() as records:
        await records.set_chat_active(chat_id, False)
        await records.mark_again(post.id, 100)
    assert await claim(store) == []
    async with store.write() as records:
        await records.set_chat_active(chat_id, True)
    assert await claim(store) != []


async def test_a_post_whose_sender_died_is_found_when_its_lease_has_run_out(store: Store) -> None:
    async with store.write() as records:
        chat_id = await new_chat(records, await new_club(records))
        await records.queue(draft(chat_id, "k"))
    [post] = await claim(store, now=100, lease=60)
    async with store.write() as records:
        assert await records.expired(Platform.WEB, 159) == []
        assert await records.expired(Platform.DISCORD, 161) == []
        assert await records.expired(Platform.WEB, 161) == [post]
        await records.mark_unknown(post.id)
        assert await records.expired(Platform.WEB, 161) == []


async def test_every_post_under_way_is_found_whatever_its_lease(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        for name in "ab":
            await records.queue(draft(await new_chat(records, club_id, name), name))
    first, second = await claim(store, now=100, lease=60)
    async with store.write() as records:
        assert await records.under_way(Platform.WEB) == [first, second]
        assert await records.under_way(Platform.DISCORD) == []
        await records.mark_sent(first.id, Sent("m"), 101)
        assert await records.under_way(Platform.WEB) == [second]


async def test_an_outcome_is_on_record(store: Store) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        for name in "abc":
            await records.queue(draft(await new_chat(records, club_id, name), name))
    a, b, c = await claim(store)
    async with store.write() as records:
        await records.mark_sent(a.id, Sent("m7", poll_id="p7"), 101)
        await records.mark_unknown(b.id)
        await records.mark_failed(c.id, "chat not found")
        states = [post.state for key in "abc" if (post := await records.post_by_key(key))]
        assert states == [PostState.SENT, PostState.UNKNOWN, PostState.FAILED]
        sent = await records.post_by_poll("p7")
        assert sent is not None
        assert (sent.id, sent.message_id) == (a.id, "m7")
        assert await records.post_by_poll("p8") is None
        assert [post.id for post in await records.unknown_posts(club_id, 5)] == [b.id]
        assert await records.unknown_posts(club_id + 1, 5) == []
        await records.mark_sent(b.id, Sent("m8"), 102)
        assert await records.unknown_posts(club_id, 5) == []


# The web room


async def test_a_line_is_seen_by_those_it_is_for(room: Room) -> None:
    public = await room.add("room", "ann", '{"text": "hi"}', 1)
    private = await room.add("room", "bot", "{}", 2, seen_by="ann")
    await room.add("elsewhere", "ann", "{}", 3)
    assert [line.id for line in await room.since("room", "ann", 0, 9)] == [public, private]
    assert [line.id for line in await room.since("room", "ben", 0, 9)] == [public]
    assert [line.id for line in await room.since("room", "ann", public, 9)] == [private]
    assert [line.id for line in await room.since("room", "ann", 0, 1)] == [private]


async def test_a_post_sent_again_is_the_same_line(room: Room) -> None:
    opener = await room.add("room", "bot", "{}", 1, opens_thread=True)
    first = await room.add("room", "bot", "one", 2, thread_id=str(opener), post_key=7)
    assert await room.add("room", "bot", "two", 3, thread_id=str(opener), post_key=7) == first
    line = await room.line(first)
    assert line is not None
    assert line.body == "one"
    assert [thread.replies for thread in await room.threads("room")] == [1]


async def test_a_line_may_be_edited(room: Room) -> None:
    line_id = await room.add("room", "bot", "before", 1)
    await room.edit(line_id, "after", 5)
    line = await room.line(line_id)
    assert line is not None
    assert (line.body, line.at, line.edited_at) == ("after", 1, 5)
    assert await room.line(99) is None


async def test_a_thread_stands_apart_and_counts_its_lines(room: Room) -> None:
    first = await room.add("room", "bot", "{}", 1, opens_thread=True)
    second = await room.add("room", "bot", "{}", 2, opens_thread=True)
    replies = [await room.add("room", "ann", "{}", 3, thread_id=str(first)) for _ in range(2)]
    assert [line.id for line in await room.since("room", "ann", 0, 9)] == [first, second]
    assert [line.id for line in await room.since("room", "ann", 0, 9, str(first))] == replies
    assert await room.since("room", "ann", 0, 9, str(second)) == []
    assert [(line.id, line.replies) for line in await room.threads("room")] == [(second, 0), (first, 2)]
