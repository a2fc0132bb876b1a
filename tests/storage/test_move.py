"""A record that is moved arrives whole, or not at all."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.cadence import Beat, BeatKind
from bot.domain.clubs import Account, Platform, Thread, Week
from bot.domain.posts import Draft, PostKind
from bot.domain.reading import Level, Reading
from bot.messages.outgoing import Sent
from bot.ports import Passage, Room, Store
from bot.settings import PREFIXES, database_at
from bot.storage.migrate import Migration, known_migrations
from bot.storage.move import CannotMove, move
from bot.storage.schema import tables
from bot.storage.sqlite import SqliteStore
from bot.storage.stores import place
from tests.contracts.store import IMPLEMENTATIONS, Database, SqliteDatabase, join, new_chat, new_club
from tests.processes import ROOT

ANN = Account(Platform.TELEGRAM, "1")


@pytest_asyncio.fixture
async def make(tmp_path: Path) -> AsyncIterator[Callable[[str], Database]]:
    """Databases of either kind, each of its own; removed in the end."""
    made: list[Database] = []

    def make(kind: str) -> Database:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(IMPLEMENTATIONS[kind](folder))
        return made[-1]

    yield make
    for database in made:
        await database.remove()


async def fill(store: Store, room: Room) -> None:
    """Something in every corner of the record, in both scripts, with nulls, and ids that were given up."""
    async with store.write() as records:
        club_id = await new_club(records, "Readers · 读书会")
        chat_id = await new_chat(records, club_id)
        member_id = await join(records, club_id, ANN, "Ann “A” O'Neil \\ \t\n 林")
        await join(records, club_id, Account(Platform.DISCORD, "2"), "Ben")
        await records.settle(ANN, club_id)
        await records.set_beats(club_id, [Beat(BeatKind.QUIZ, 1140, weekday=4, next_at=7)])
        await records.pass_time(Passage(opened=[Week(club_id, 1, "dropout", 5, None)]))
        await records.add_rests(club_id, [date(2026, 12, 21)])
        await records.cast(club_id, 5, member_id, "other-plan")
        await records.record_reading(Reading(member_id, "dropout", Level.READ, "good", 9), club_id)
        round_ = await records.open_round(club_id, "dropout", None, ("q1", "q2"), 9)
        await records.open_round(club_id, "dropout", member_id, ("q1",), 9)
        await records.answer(round_, member_id, "q1", (1, 3), False, 10)
        await records.set_thread(Thread(chat_id, "dropout", None, "m1"))
        await records.keep("a", "1")
        for number in range(3):
            await records.queue(Draft(chat_id, f"k{number}", PostKind.PAPER, "dropout", 0))
        sent = await records.post_by_key("k0")
        assert sent
        await records.mark_sent(sent.id, Sent("m2"), 11)
    await room.add("room", "ann", "{}", 1)


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, in an order of their own."""
    return {table.name: sorted(await database.run(table.select), key=repr) for table in tables()}


def is_there(database: Database) -> bool:
    """Whether there is a file of an SQLite database."""
    return Path(database.address).exists()


async def moved(source: Database, target: Database) -> dict[str, tuple[int, str]]:
    """Move, and give what was told: rows and checksum of each table."""
    told: dict[str, tuple[int, str]] = {}

    def tell(name: str, rows: int, checksum: str) -> None:
        told[name] = rows, checksum

    await move(place(database_at(source.address)), place(database_at(target.address)), tell)
    return told


@pytest.mark.parametrize("to", IMPLEMENTATIONS)
@pytest.mark.parametrize("of", IMPLEMENTATIONS)
async def test_everything_arrives_and_goes_on(of: str, to: str, make: Callable[[str], Database]) -> None:
    """In every direction: all rows, and ids that go on where they stopped."""
    source, target = make(of), make(to)
    await fill(*await source.open())
    await source.run("DELETE FROM posts WHERE key = 'k2' RETURNING id")
    await source.close()
    await target.prepare()
    told = await moved(source, target)
    there = await everything(target)
    assert await everything(source) == there
    assert {name: rows for name, (rows, _) in told.items()} == {n: len(rows) for n, rows in there.items()}
    assert sum(bool(rows) for rows in there.values()) >= 15
    store, room = await target.open()
    async with store.write() as records:
        chat = await records.chat(Platform.WEB, "room")
        assert chat
        assert await records.queue(Draft(chat.id, "new", PostKind.PAPER, "dropout", 0))
        new = await records.post_by_key("new")
        assert new
        assert new.id == 4, "an id of a post that was deleted was given again"
        assert await new_club(records) == 2
    assert await room.add("room", "ann", "{}", 1) == 2


async def test_the_source_is_left_as_it_was_to_the_last_byte(make: Callable[[str], Database]) -> None:
    source, target = make("sqlite"), make("postgres")
    assert isinstance(source, SqliteDatabase)
    await fill(*await source.open())
    await source.close()
    await target.prepare()
    before = source.path.read_bytes()
    await moved(source, target)
    assert source.path.read_bytes() == before
    assert [file.name for file in source.path.parent.iterdir()] == [source.path.name]


async def test_a_hundred_thousand_readings_go_there_and_back(make: Callable[[str], Database]) -> None:
    """Out of a file, into a server and into another file: the same counts and checksums both times."""
    first, server, second = make("sqlite"), make("postgres"), make("sqlite")
    store, _ = await first.open()
    async with store.write() as records:
        club_id = await new_club(records)
        for number in range(1000):
            await join(records, club_id, Account(Platform.TELEGRAM, str(number)), f"Member {number}")
    await first.run(
        "WITH RECURSIVE papers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM papers WHERE n < 100)"
        " INSERT INTO readings SELECT members.id, 'paper-' || papers.n, members.club_id, papers.n % 4,"
        " 'Notiz · 笔记 ' || papers.n, 1788159600 + papers.n, 1 FROM members, papers"
    )
    await first.close()
    await server.prepare()
    there = await moved(first, server)
    back = await moved(server, second)
    assert there["readings"][0] == 100_000
    assert there == back
    assert await everything(first) == await everything(second)


@pytest.mark.parametrize("to", IMPLEMENTATIONS)
async def test_a_target_that_holds_something_is_refused_and_left_alone(
    to: str, make: Callable[[str], Database]
) -> None:
    source, target = make("sqlite"), make(to)
    await fill(*await source.open())
    store, _ = await target.open()
    async with store.write() as records:
        await records.keep("mine", "1")
    await target.close()
    before = await everything(target)
    with pytest.raises(CannotMove, match="The target is not empty: there is something in kept"):
        await moved(source, target)
    assert await everything(target) == before


@pytest.mark.parametrize("of", IMPLEMENTATIONS)
async def test_a_record_that_is_being_served_is_not_moved(of: str, make: Callable[[str], Database]) -> None:
    source, target = make(of), make("sqlite")
    store, room = await source.open()
    await fill(store, room)
    async with store.lead("telegram-1"):
        with pytest.raises(CannotMove, match="running on the source"):
            await moved(source, target)
    assert not is_there(target)
    await moved(source, target)


@pytest.mark.parametrize("to", IMPLEMENTATIONS)
async def test_nothing_is_moved_under_a_paperclub_that_runs(to: str, make: Callable[[str], Database]) -> None:
    source, target = make("sqlite"), make(to)
    await fill(*await source.open())
    store, _ = await target.open()
    async with store.lead("telegram-1"):
        with pytest.raises(CannotMove, match="running on the target"):
            await moved(source, target)


async def test_where_nothing_is_nothing_is_made(make: Callable[[str], Database]) -> None:
    source, target = make("sqlite"), make("sqlite")
    with pytest.raises(CannotMove, match="There is no database at"):
        await moved(source, target)
    assert not is_there(source)
    assert not is_there(target)


async def test_another_programs_file_is_not_taken_for_a_record(make: Callable[[str], Database]) -> None:
    source, target = make("sqlite"), make("sqlite")
    await source.run("CREATE TABLE shopping (what TEXT)")
    with pytest.raises(CannotMove, match="no database of Paperclub's"):
        await moved(source, target)


async def test_an_empty_server_is_not_taken_for_a_record(make: Callable[[str], Database]) -> None:
    source, target = make("postgres"), make("sqlite")
    await source.prepare()
    with pytest.raises(CannotMove, match="no database of Paperclub's"):
        await moved(source, target)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("INSERT INTO migrations (number, name) VALUES (999, 'from_the_future')", "newer Paperclub"),
        ("DELETE FROM migrations WHERE number > 1", "older Paperclub"),
    ],
)
async def test_a_record_of_another_version_is_not_moved(
    change: str, told: str, make: Callable[[str], Database]
) -> None:
    source, target = make("sqlite"), make("sqlite")
    await source.open()
    await source.close()
    await source.run(change)
    with pytest.raises(CannotMove, match=told):
        await moved(source, target)


async def test_a_row_that_arrives_changed_is_noticed_and_nothing_is_kept(
    make: Callable[[str], Database],
) -> None:
    """The target's own trigger garbles one note."""
    source, target = make("sqlite"), make("sqlite")
    await fill(*await source.open())
    await target.open()
    await target.close()
    await target.run(
        "CREATE TRIGGER garble AFTER INSERT ON readings BEGIN UPDATE readings SET note = 'gone'; END"
    )
    with pytest.raises(
        CannotMove, match=r"Of readings 1 rows \(\w{32}\) were sent, and 1 \(\w{32}\) arrived"
    ):
        await moved(source, target)
    assert not any((await everything(target)).values())


async def test_a_zero_character_does_not_stop_a_move(make: Callable[[str], Database]) -> None:
    """SQLite keeps it, PostgreSQL cannot."""
    source, target = make("sqlite"), make("postgres")
    store, _ = await source.open()
    async with store.write() as records:
        await records.keep("a", "1\x002")
    await target.prepare()
    await moved(source, target)
    assert await target.run("SELECT value FROM kept") == [("1\ufffd2",)]


def test_a_table_comes_after_those_it_refers_to() -> None:
    names = [table.name for table in tables()]
    assert len(names) == len(set(names)) > 15
    assert names.index("clubs") < names.index("members") < names.index("readings")
    assert names.index("rounds") < names.index("posts")


def test_tables_that_refer_to_each_other_in_a_circle_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Migration(
        999,
        "circle",
        "CREATE TABLE a (b BIGINT REFERENCES b (a));CREATE TABLE b (a BIGINT REFERENCES a (b));",
    )
    monkeypatch.setattr("bot.storage.schema.known_migrations", lambda: [*known_migrations(), circle])
    with pytest.raises(ValueError, match="in a circle"):
        tables()


async def run_move(folder: Path, source: str, target: str) -> tuple[int, str, str]:
    """`paperclub move`: its exit code, its output and its errors."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "move",
        "--to",
        target,
        cwd=folder,
        env=environment | {"PAPERCLUB_DATABASE": source, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    return process.returncode or 0, said.decode(), errors.decode()


async def test_the_command_prints_what_it_moved_and_how_to_go_on(
    tmp_path: Path, make: Callable[[str], Database]
) -> None:
    source, target = make("sqlite"), make("postgres")
    await fill(*await source.open())
    await source.close()
    await target.prepare()
    address = target.address.replace("paperclub@", "paperclub:pass-word@")
    code, said, errors = await run_move(tmp_path, source.address, address)
    assert (code, errors) == (0, "")
    lines = said.splitlines()
    assert lines[0].split() == ["table", "rows", "checksum"]
    assert ["clubs", "1"] in [line.split()[:2] for line in lines]
    assert f"{len(tables())} tables, " in lines[-2]
    assert "PAPERCLUB_DATABASE=postgresql://paperclub:…@127.0.0.1" in lines[-1]
    assert "pass-word" not in said
    code, _, errors = await run_move(tmp_path, source.address, address)
    assert code == 2
    assert "The target is not empty" in errors


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("mysql://host/club", "--to should be the path"),
        ("club.db", "another database"),
        ("postgresql://club:pass-word@127.0.0.1:1/club", "PostgreSQL: "),
    ],
)
async def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path, target: str, told: str) -> None:
    store = SqliteStore()
    await store.open(tmp_path / "club.db")
    await store.close()
    code, _, errors = await run_move(tmp_path, "club.db", target)
    assert code == 2
    assert told in errors
    assert len(errors.splitlines()) == 1
    assert "pass-word" not in errors
