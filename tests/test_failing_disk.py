"""The real program on a disk that takes no more: it tells people, goes on reading, and recovers by itself."""

import resource
import sys
from pathlib import Path

import pytest

from tests.processes import running
from tests.servers.telegram import Chat, TelegramServer, User

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits another process, which Linux can")


def limit_files(pid: int, size: int) -> None:
    """Let no file of a process grow beyond a size, in bytes: what it writes further is an error."""
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))


async def ask(server: TelegramServer, group: Chat, who: User, line: str) -> str:
    return (await server.ask(group, who, line)).text


async def test_a_disk_that_takes_no_more_is_told_read_from_and_written_again(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        ana, bea = server.user("Ana"), server.user("Bea")
        group = server.group("Readers", admins=[ana], members=[bea], bot=None)
        server.add_bot(group, by=ana)
        settings = {
            "TELEGRAM_TOKEN": server.token,
            "TELEGRAM_API_URL": server.url,
            "PAPERCLUB_WEB": "off",
        }
        async with running(tmp_path, settings) as program:
            assert "/help" in (await server.reply(group, 0)).text
            limit_files(program.process.pid, 0)
            assert "nothing was written down" in await ask(server, group, bea, "/join")
            assert "nothing was written down" in await ask(server, group, bea, "/join")
            assert "Dropout" in await ask(server, group, bea, "/paper list")
            limit_files(program.process.pid, resource.RLIM_INFINITY)
            assert "Welcome, Bea" in await ask(server, group, bea, "/join")
            assert await program.stop() == 0
        troubles = [line for line in program.logged if " ERROR " in line or "Traceback" in line]
        assert len(troubles) == 1, "\n".join(program.logged)
        assert "nothing can be recorded" in troubles[0]
        assert server.violations == []


async def test_a_record_that_cannot_be_opened_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "paperclub.db").mkdir()
    async with running(tmp_path, {}) as program:
        assert await program.process.wait() == 2
        [line] = program.logged
        assert "cannot open" in line
        assert "paperclub.db" in line
