"""A line of the log holds no secret, whoever wrote it."""

import logging
from collections.abc import Iterator

import pytest

from bot.logs import QUIET, set_up

TOKEN = "123456789:AAF-abcdefghijklmnop"
SECRET = "socks5://name:word@127.0.0.1:1080"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Give the root logger its own handlers back, and the libraries their levels."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in QUIET}
    root.handlers.clear()  # those of pytest would be closed
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


def test_a_line_has_time_level_place_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    set_up([])
    logging.getLogger("bot.somewhere").info("%s is served", "web")
    line = capsys.readouterr().err
    assert line.endswith(" INFO bot.somewhere: web is served\n")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda log: log.info("token %s", TOKEN),
        lambda log: log.info(f"https://example.org/bot{TOKEN}/getMe"),
        lambda log: log.info("%r", {"token": TOKEN, "proxy": SECRET}),
        lambda log: log.warning("%s and %s", TOKEN, SECRET),
        lambda log: log.error("args %s", (TOKEN,)),
        lambda log: log.info("here", stack_info=True),
    ],
)
def test_a_secret_is_crossed_out(capsys: pytest.CaptureFixture[str], write: object) -> None:
    set_up([TOKEN, None, SECRET, ""])
    assert callable(write)
    write(logging.getLogger("bot"))
    line = capsys.readouterr().err
    assert line
    assert TOKEN not in line
    assert SECRET not in line
    assert "[secret]" in line or "here" in line


def test_a_secret_is_crossed_out_of_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where one error led to another, and where the secret was a part of an address."""
    set_up([TOKEN])
    try:
        try:
            raise ValueError(f"https://example.org/bot{TOKEN}/getMe answered 502")
        except ValueError as error:
            raise RuntimeError(f"no luck with {TOKEN}") from error
    except RuntimeError:
        logging.getLogger("bot").exception("failed with %s", TOKEN)
    told = capsys.readouterr().err
    assert "RuntimeError: no luck with [secret]" in told
    assert "bot[secret]/getMe answered 502" in told
    assert "Traceback" in told
    assert TOKEN not in told


def test_libraries_that_tell_too_much_tell_only_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    set_up([])
    for name in QUIET:
        logging.getLogger(name).info("POST an address")
        logging.getLogger(name).warning("trouble of %s", name)
    told = capsys.readouterr().err
    assert "POST" not in told
    assert all(f"trouble of {name}" in told for name in QUIET)
