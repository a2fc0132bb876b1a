"""Debian’s PostgreSQL, started by the tests themselves on 127.0.0.1 as an ordinary user.

One server for a run of the tests, and in it a fresh database for each test that asks for one.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
import pytest

HOMES = Path("/usr/lib/postgresql")

MEMORY = Path("/dev/shm")  # noqa: S108  # folders in it get names of their own
ROOM = 1_000_000_000
"""What the server needs at most, in bytes."""

# Its data are thrown away in the end, so nothing need survive a crash of the machine. Another order of
# letters than SQLite's, so that a text compared by the server's own rules is noticed.
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "log_min_messages": "fatal",
}

HASTE = ("fsync", "full_page_writes", "synchronous_commit")
"""The settings that let it lose data for speed."""

# Ends the server also when the tests are killed: their end of the pipe closes.
UNTIL_THE_TESTS_END = '"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server'

_numbers = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    port: int

    def address(self, database: str = "postgres") -> str:
        """The URL of one of its databases."""
        return f"postgresql://paperclub@127.0.0.1:{self.port}/{database}"

    def new_address(self) -> str:
        """The URL of a database that is still to be made."""
        return self.address(f"club_{next(_numbers)}")

    async def make(self, address: str) -> None:
        """Make a database, empty."""
        await self.run(f"CREATE DATABASE {address.rpartition('/')[2]} STRATEGY FILE_COPY")

    async def drop(self, address: str) -> None:
        """Remove a database, whoever is connected to it."""
        await self.run(f"DROP DATABASE IF EXISTS {address.rpartition('/')[2]} WITH (FORCE)")

    async def run(self, statement: str) -> None:
        """Do something outside of all clubs' databases."""
        connection = await asyncpg.connect(self.address())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def postgres() -> PostgresServer:
    """The server of this run of the tests, started when it is first asked for.

    Skips the test where PostgreSQL is not installed; in CI it fails instead.
    """
    if not installed():
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    return _started()


def durable_postgres() -> PostgresServer:
    """Another server, which keeps on the disk what it has committed, as a host's does: for measuring."""
    return _started(durable=True)


def installed() -> Path | None:
    """The folder of the newest version's programs, if there is one."""
    found = [folder / "bin" for folder in HOMES.glob("[0-9]*") if (folder / "bin" / "initdb").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@cache
def _started(*, durable: bool = False) -> PostgresServer:
    programs = installed()
    assert programs
    folder = Path(tempfile.mkdtemp(prefix="paperclub-postgres-", dir=None if durable else _quickest()))
    user = _ordinary_user()
    if user:
        shutil.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    _as(user, [programs / "initdb", "--pgdata", data, "--username=paperclub", "--no-sync", *INITDB])
    port = _spare_port()
    settings = SETTINGS | {"port": str(port)} | (dict.fromkeys(HASTE, "on") if durable else {})
    options = [f"-c{name}={value}" for name, value in settings.items()]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            _command(
                user, ["sh", "-c", UNTIL_THE_TESTS_END, "-", programs / "postgres", "-D", data, *options]
            ),
            stdin=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the tests; the server ends after them
        )

    def end() -> None:
        assert server.stdin
        server.stdin.close()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    for _ in range(200):
        ready = _command(user, [programs / "pg_isready", "-q", "-h127.0.0.1", f"-p{port}"])
        if subprocess.run(ready, cwd="/", check=False).returncode == 0:
            return PostgresServer(port)
        assert server.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    raise AssertionError("PostgreSQL did not start in 10 seconds")


def _quickest() -> Path | None:
    """A folder in memory, where there is room in one: making a database is twenty times faster there."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom to be when the tests are run by root, as whom PostgreSQL refuses to run."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _command(user: pwd.struct_passwd | None, words: Sequence[str | Path]) -> list[str]:
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
    return [*become, *map(str, words)]


def _as(user: pwd.struct_passwd | None, words: Sequence[str | Path]) -> None:
    done = subprocess.run(_command(user, words), cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _spare_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
