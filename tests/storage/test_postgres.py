"""How the PostgreSQL store treats its server, its connections and its values."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from bot.domain.clubs import Account, Platform
from bot.domain.posts import Draft, PostKind
from bot.ports import StorageBusy, StorageFull, StorageUnavailable
from bot.storage.migrate import DatabaseRefused
from bot.storage.postgres import WRITE, PostgresStore
from bot.storage.postgres_connection import PostgresConnection, numbered, told
from bot.storage.values import storable
from tests.contracts.store import PostgresDatabase, join, new_chat, new_club
from tests.servers.postgres import postgres
from tests.servers.wire import Wire

DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(tmp_path)
    await database.open()
    yield database
    await database.remove()


@pytest_asyncio.fixture
async def store(database: PostgresDatabase) -> AsyncIterator[PostgresStore]:
    store = PostgresStore()
    await store.open(database.address)
    yield store
    await store.close()


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire(postgres().port)
    await wire.start()
    yield wire
    wire.release()
    await wire.cut()


@pytest_asyncio.fixture
async def wired(database: PostgresDatabase, wire: Wire) -> AsyncIterator[PostgresStore]:
    """A store whose connections run over the wire."""
    store = PostgresStore()
    await store.open(database.address.replace(f":{postgres().port}/", f":{wire.port}/"))
    yield store
    await store.close()


async def keep(store: PostgresStore, value: str) -> None:
    async with store.write() as records:
        await records.keep("a", value)


async def kept(store: PostgresStore) -> str | None:
    async with store.read() as records:
        return await records.kept("a")


async def test_connections_that_were_lost_meanwhile_are_made_anew_unnoticed(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    await keep(store, "1")
    assert await kept(store) == "1"
    await database.run(DISCONNECT)
    await keep(store, "2")
    assert await kept(store) == "2"


async def test_a_connection_that_is_lost_in_a_block_undoes_it_and_the_next_one_works(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    async def write_and_lose() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            await database.run(DISCONNECT)
            await records.keep("b", "1")

    with pytest.raises(StorageUnavailable):
        await write_and_lose()
    assert await kept(store) is None
    await keep(store, "2")
    assert await kept(store) == "2"


async def test_a_connection_that_is_lost_before_the_commit_is_told(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    async def write_and_lose() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            await database.run(DISCONNECT)

    with pytest.raises(StorageUnavailable):
        await write_and_lose()
    assert await kept(store) is None


async def test_a_server_that_goes_is_told_of_once_and_used_again_when_it_is_back(
    wired: PostgresStore, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await keep(wired, "1")
    await wire.cut()
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await keep(wired, "2")
        with pytest.raises(StorageUnavailable):
            await kept(wired)
    await wire.start()
    assert await kept(wired) == "1"
    await keep(wired, "2")
    assert await kept(wired) == "2"
    told = [record.getMessage() for record in caplog.records if record.name == "bot.storage.postgres"]
    assert [words.partition(": ")[0] for words in told] == [
        "the record cannot be written",
        "the record cannot be read",
        "the record can be read again",
        "the record can be written again",
    ]


async def test_a_writer_that_another_process_keeps_waiting_too_long_is_told(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    connection: Any = await asyncpg.connect(database.address)
    try:
        await connection.execute(WRITE)
        async with store.read() as records:
            assert await records.kept("a") is None, "reading goes on"
        hasty = WRITE.replace("; ", "; SET LOCAL lock_timeout = '50ms'; ")
        with pytest.raises(StorageBusy):
            async with store._writer.transaction(hasty):
                pass
    finally:
        await connection.close()
    await keep(store, "1")


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        (asyncpg.DiskFullError("could not extend file"), StorageFull),
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), StorageUnavailable),
        (asyncpg.AdminShutdownError("terminating connection"), StorageUnavailable),
        (ConnectionResetError(), StorageUnavailable),
        (TimeoutError(), StorageUnavailable),
    ],
)
def test_what_the_server_cannot_do_now_has_a_name(said: Exception, raised: type[StorageUnavailable]) -> None:
    with pytest.raises(raised, match=r"PostgreSQL: .+") as error, told():
        raise said
    assert type(error.value) is raised


async def test_a_server_that_takes_no_more_connections_is_told_of(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    name = database.address.rpartition("/")[2]
    await database.run("CREATE ROLE guest LOGIN")
    try:
        await database.run(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
        guest = PostgresStore()
        with pytest.raises(StorageUnavailable, match="too many connections"):
            await guest.open(database.address.replace("paperclub@", "guest:a-password@"))
    finally:
        await database.run("DROP ROLE guest")


@pytest.mark.parametrize(
    ("part", "other", "told"),
    [("/club_", "/no_club_", 'database "no_club_'), ("paperclub@", "nobody:pass-word@", 'role "nobody"')],
)
async def test_a_database_that_will_never_let_us_in_is_refused_without_its_password(
    database: PostgresDatabase, part: str, other: str, told: str
) -> None:
    with pytest.raises(DatabaseRefused, match=told) as refusal:
        await PostgresStore().open(database.address.replace(part, other))
    assert "pass-word" not in str(refusal.value)


async def test_a_server_that_is_not_there_is_told_of_without_the_password(wire: Wire) -> None:
    await wire.cut()
    with pytest.raises(StorageUnavailable) as error:
        await PostgresStore().open(f"postgresql://club:pass-word@127.0.0.1:{wire.port}/club")
    assert "pass-word" not in str(error.value)


async def test_a_statement_that_failed_spoils_the_whole_block_even_if_it_was_forgiven(
    store: PostgresStore,
) -> None:
    async def write_and_forgive() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            with pytest.raises(asyncpg.PostgresError):
                await records.connection.execute_fetchall("SELECT * FROM nowhere")

    with pytest.raises(RuntimeError, match="nothing of it was kept"):
        await write_and_forgive()
    assert await kept(store) is None


async def test_a_commit_under_way_goes_to_its_end_when_its_writer_is_cancelled(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    store, _ = await database.open(lambda: woken.append("woken"))
    execute = asyncpg.Connection.execute

    def cancelling(self: Any, query: str, *args: Any, **options: Any) -> Any:
        if query == "COMMIT":
            writer.cancel()
        return execute(self, query, *args, **options)

    async def queue() -> None:
        async with store.write() as records:
            chat_id = await new_chat(records, await new_club(records))
            await records.queue(Draft(chat_id, "k", PostKind.PAPER, "a", 0))

    monkeypatch.setattr(asyncpg.Connection, "execute", cancelling)
    writer = asyncio.create_task(queue())
    await asyncio.wait([writer])
    assert writer.cancelled()
    assert woken == ["woken"]
    async with store.read() as records:
        assert await records.post_by_key("k") is not None


async def test_a_cancelled_statement_does_not_hurt_the_next_block(store: PostgresStore) -> None:
    async def wait() -> None:
        async with store.write() as records:
            await records.keep("a", "1")
            await records.connection.execute_fetchall("SELECT pg_sleep(60)")

    waiting = asyncio.create_task(wait())
    async with store.read() as records:
        while not await records.connection.execute_fetchall(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
        ):
            await records.connection.execute_fetchall("SELECT pg_stat_clear_snapshot()")
    waiting.cancel()
    await asyncio.wait([waiting])
    await keep(store, "2")
    assert await kept(store) == "2"


async def test_a_leader_whose_connection_is_lost_knows_it(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    async with store.lead("bot") as lost:
        await database.run(DISCONNECT)
        await lost.wait()


async def test_a_leader_who_hears_nothing_from_the_server_gives_up(wired: PostgresStore, wire: Wire) -> None:
    async with wired.lead("bot") as lost:
        wire.clamp()
        await lost.wait()


async def test_whoever_stands_by_waits_for_a_server_that_is_away(
    store: PostgresStore, wired: PostgresStore, wire: Wire
) -> None:
    led, standing_by = asyncio.Event(), asyncio.Event()

    async def follow() -> None:
        async with wired.lead("bot", standing_by.set):
            led.set()

    async with store.lead("bot"):
        following = asyncio.create_task(follow())
        await standing_by.wait()
        await wire.cut()
    await wire.start()
    await led.wait()
    await following


async def test_one_hears_what_another_announced_and_kept_also_after_the_connection_was_lost(
    database: PostgresDatabase, store: PostgresStore
) -> None:
    other = PostgresStore()
    await other.open(database.address)
    heard: asyncio.Queue[int] = asyncio.Queue()
    following = asyncio.create_task(store.follow(heard.put))

    async def announce(on: PostgresStore, *numbers: int, keep: bool = True) -> None:
        async with on.write() as records:
            for number in numbers:
                await on.announce(records.connection, number)
            if not keep:
                raise ZeroDivisionError

    async def until_heard() -> None:
        """Announce until it is heard: nothing else tells that somebody listens."""
        while heard.empty():
            await announce(other, 0)
            await asyncio.sleep(0.05)
        await announce(other, 1, 2)
        while await heard.get() != 2:
            pass

    async with asyncio.timeout(20):
        await until_heard()
        await announce(store, 3)
        with pytest.raises(ZeroDivisionError):
            await announce(other, 4, keep=False)
        await announce(other, 5)
        assert await heard.get() == 5, "one hears oneself, or what was taken back"
        await database.run(DISCONNECT)
        await until_heard()
    following.cancel()
    await asyncio.wait([following])
    await other.close()


async def test_a_zero_character_is_stored_as_one_that_can_be(store: PostgresStore) -> None:
    async with store.write() as records:
        club_id = await new_club(records)
        await join(records, club_id, Account(Platform.WEB, "ann"), "A\0nn")
        member = await records.member_by_account(club_id, Account(Platform.WEB, "ann"))
    assert member is not None
    assert member.name == "A\N{REPLACEMENT CHARACTER}nn"


async def test_a_row_is_a_plain_tuple(store: PostgresStore) -> None:
    async with store.read() as records:
        rows = await records.connection.execute_fetchall("SELECT 1, 'a'")
    assert [type(row) for row in rows] == [tuple]
    assert isinstance(records.connection, PostgresConnection)


@pytest.mark.parametrize(
    ("sql", "sent", "names"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT 'x:a' || :a -- not :b\n", "SELECT 'x:a' || $1 -- not :b\n", ("a",)),
        ("SELECT 'it''s :a', :b", "SELECT 'it''s :a', $1", ("b",)),
        ("SELECT a::text", "SELECT a::text", ()),
        ("SELECT 1", "SELECT 1", ()),
    ],
)
def test_arguments_are_numbered(sql: str, sent: str, names: tuple[str, ...]) -> None:
    assert numbered(sql) == (sent, names)


@pytest.mark.parametrize(
    ("value", "stored"), [(True, 1), (Platform.WEB, "web"), (None, None), ("a\0", "a\ufffd"), (2.5, 2.5)]
)
def test_values_are_plain(value: object, stored: object) -> None:
    assert storable(value) == stored
    assert type(storable(value)) is type(stored)
