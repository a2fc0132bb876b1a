"""The command line."""

import asyncio
import json
import os
import signal
import sys
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import click

from bot.settings import LOOPBACK, SettingError, Settings, read_settings


@click.group(help="Paperclub: a reading club for classic papers, on the web, Telegram and Discord.")
@click.version_option(version("paperclub"))
def main() -> None:
    """The group of commands; each one is a function below."""


_file = click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file with settings."
)


@main.command(help="Open the club: the web room, and each platform that has a token.")
@_file
def run(file: Path | None) -> None:
    """Serve until told to stop."""
    settings = _settings(file)
    if not (settings.web or settings.telegram_token or settings.discord_token):
        _stop("There is nothing to serve: set TELEGRAM_TOKEN or DISCORD_TOKEN, or leave PAPERCLUB_WEB on.")
    from bot.app import open_house
    from bot.logs import set_up
    from bot.storage.migrate import DatabaseRefused
    from schedules.clock import SystemClock

    set_up([settings.telegram_token, settings.discord_token, settings.web_secret, settings.proxy])

    async def serve() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with open_house(settings, SystemClock()) as house:
            at = house.web.address if house.web else "the web room is off"
            click.echo(f"Paperclub is open: {at}")
            await stopped.wait()

    try:
        asyncio.run(serve())
    except DatabaseRefused as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"Paperclub cannot open: {error}. Is it running already? PAPERCLUB_WEB takes another address.")


@main.command(help="Check the content files, and say what to mend.")
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
def check(folder: Path | None) -> None:
    """Print every finding; exit with 1 when there is one."""
    from bot.library.checks import check as findings_in
    from bot.library.files import shipped

    content = folder or shipped()
    findings = findings_in(content)
    papers = sum(paper.is_dir() for paper in content.joinpath("papers").iterdir())
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{papers} papers checked, {len(findings)} to mend.")
    sys.exit(1 if findings or not papers else 0)


@main.command(help="Tell whether a running Paperclub is well (for health checks).")
@_file
def health(file: Path | None) -> None:
    """Ask the web room; exit with 1 when it does not answer well."""
    settings = _settings(file)
    if settings.web is None:
        click.echo("PAPERCLUB_WEB is off, so there is nobody to ask.")
        return
    host, port = settings.web
    host = host if host in LOOPBACK else "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    try:
        with urllib.request.urlopen(f"http://{shown}:{port}/health", timeout=3) as answer:
            well = json.load(answer)
    except (OSError, ValueError) as error:
        _stop(f"no answer: {error}")
    click.echo(json.dumps(well))


def _settings(file: Path | None) -> Settings:
    try:
        return read_settings(os.environ, Path.cwd(), file)
    except SettingError as error:
        _stop(str(error))


def _stop(reason: str) -> NoReturn:
    click.echo(reason, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
