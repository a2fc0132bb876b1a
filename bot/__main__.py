"""The command line."""

import asyncio
import gc
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import click

from bot.settings import LOOPBACK, SettingError, Settings, read_settings, without_secrets


@click.group(help="Paperclub: a reading club for classic papers, on the web, Telegram and Discord.")
@click.version_option(version("paperclub"))
def main() -> None:
    """The group of commands; each one is a function below."""


_file = click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file with settings."
)


_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@main.command(help="Open the club: the web room, and each platform that has a token.")
@_file
def run(file: Path | None) -> None:
    """Serve until told to stop."""
    settings = _settings(file)
    if not (settings.web or settings.telegram_token or settings.discord_token):
        _stop("There is nothing to serve: set TELEGRAM_TOKEN or DISCORD_TOKEN, or leave PAPERCLUB_WEB on.")
    from bot.app import open_house
    from bot.logs import set_up
    from bot.ports import StorageUnavailable
    from bot.storage.migrate import DatabaseRefused
    from schedules.clock import SystemClock

    set_up(settings.secrets)

    async def serve() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with open_house(settings, SystemClock()) as house:
            # What has been loaded stays. Going through all of it now and then would stall the loop. What an
            # answer leaves behind goes mostly by itself: to look for the rest as often as Python does costs a
            # twentieth of the time.
            gc.freeze()
            gc.set_threshold(10_000, 20, 50)
            at = house.web.address if house.web else "the web room is off"
            click.echo(f"Paperclub is open: {at}")
            await stopped.wait()

    try:
        asyncio.run(serve())
    except DatabaseRefused as error:
        _stop(str(error))
    except StorageUnavailable as error:
        _stop(f"Paperclub cannot open {without_secrets(settings.database)}: {error}.")
    except OSError as error:
        _stop(f"Paperclub cannot open: {error}. Is it running already? PAPERCLUB_WEB takes another address.")


@main.command(help="Check the content files, and say what to mend.")
@click.argument("folder", required=False, type=_FOLDER)
@_file
def check(folder: Path | None, file: Path | None) -> None:
    """Print every finding, of a folder of one's own together with the built-in one; exit with 1 when there is
    one."""
    from bot.library.checks import examine
    from bot.library.files import read, shipped

    content = read(shipped(), _own(folder, file))
    findings = examine(content)
    for finding in findings:
        click.echo(str(finding))
    papers = [paper for files in content.papers if (paper := files.paper())]
    counts = {
        "papers": len(content.papers),
        "questions": sum(len(paper.questions) for paper in papers),
        "prompts": sum(len(paper.prompts) for paper in papers),
    }
    checked = ", ".join(f"{count} {what}" for what, count in counts.items())
    click.echo(f"{checked} checked, {len(findings)} to mend.")
    sys.exit(1 if findings or not content.papers else 0)


@main.command(help="List the ids of questions and prompts as published: from then on they are kept.")
@click.argument("folder", required=False, type=_FOLDER)
@_file
def publish(folder: Path | None, file: Path | None) -> None:
    """Write `published.yaml`, unless there is something to mend first."""
    from bot.library.checks import check as findings_in
    from bot.library.files import PUBLISHED, read, shipped
    from bot.library.published import published

    own = _own(folder, file)
    if findings := findings_in(shipped(), own):
        _stop(f"{findings[0]}\nNothing was published: {len(findings)} to mend first.")
    home = own or Path(str(shipped()))
    text, new = published(read(home))
    (home / PUBLISHED).write_text(text, "utf-8")
    click.echo(f"{home / PUBLISHED} lists {new} more.")


@main.group(help="Begin a paper or a plan: files with every field explained, to be filled in.")
def new() -> None:
    """The group of what can be begun."""


_into = click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), help="The content folder; made if need be."
)


@new.command("paper", help="Make the folder of a new paper, named by a short id such as batch-norm.")
@click.argument("slug")
@_into
@_file
def new_paper(slug: str, into: Path | None, file: Path | None) -> None:
    """Make a paper's folder, and say how to go on."""
    from bot.library.begin import begin_paper

    _begin(begin_paper, slug, into, file)
    click.echo(f"Name {slug} in a plan, explain its terms in glossary.yaml; then: paperclub preview {slug}")


@new.command("plan", help="Make the file of a new plan, named by a short id.")
@click.argument("slug")
@_into
@_file
def new_plan(slug: str, into: Path | None, file: Path | None) -> None:
    """Make a plan's file, and say how to go on."""
    from bot.library.begin import begin_plan

    _begin(begin_plan, slug, into, file)


def _begin(begin: Callable[[Path, str], Path], slug: str, into: Path | None, file: Path | None) -> None:
    """Make it in the folder that is named, else in the one that is set, else in `content` here."""
    from bot.library.begin import CannotBegin
    from bot.library.files import shipped

    settled = _settings(file).content
    folder = into or settled or Path("content")
    try:
        made = begin(folder, slug)
    except (CannotBegin, OSError) as reason:
        _stop(str(reason))
    click.echo(f"Fill in {made}. What is still to do says: paperclub check {folder}")
    if folder.resolve() not in {Path(str(shipped())).resolve(), settled and settled.resolve()}:
        click.echo(f"It is served with PAPERCLUB_CONTENT={folder.resolve()}")


@main.command(help="Show what members will see of a paper: its week, its pages, its quiz.")
@click.argument("slug")
@click.option("--language", type=click.Choice(["en", "zh", "both"]), default="both", show_default=True)
@click.option(
    "--platform", type=click.Choice(["telegram", "discord", "web"]), default="web", show_default=True
)
@_file
def preview(slug: str, language: str, platform: str, file: Path | None) -> None:
    """Print every message of a paper's week on a platform."""
    from bot.domain.clubs import Platform
    from bot.domain.languages import ClubLanguage
    from bot.library.files import shipped
    from bot.library.library import ContentLibrary
    from bot.preview import preview as week_of

    library = ContentLibrary.load(shipped(), _own(None, file))
    paper = library.paper(slug)
    if paper is None or not any(slug in plan.papers for plan in library.plans()):
        _stop(f"No plan has a sound paper {slug}. paperclub check says what to mend.")

    async def show() -> None:
        async for said in week_of(library, paper, ClubLanguage(language), Platform(platform)):
            click.echo(f"{said}\n")

    asyncio.run(show())


@main.command(help="Copy the record into another database, which must be empty, and compare what arrived.")
@click.option(
    "--to",
    "target",
    required=True,
    help="The path of an SQLite file, or postgresql://user@host/name; the password may stand in PGPASSWORD.",
)
@_file
def move(target: str, file: Path | None) -> None:
    """Copy from PAPERCLUB_DATABASE, and print what was moved table by table."""
    from bot.ports import StorageUnavailable
    from bot.settings import database_at
    from bot.storage.migrate import DatabaseRefused
    from bot.storage.move import CannotMove
    from bot.storage.move import move as copy
    from bot.storage.stores import place

    source = _settings(file).database
    try:
        destination = database_at(target)
    except ValueError:
        _stop("--to should be the path of an SQLite file, or postgresql://user@host/name")
    if source == destination:
        _stop("--to should name another database than PAPERCLUB_DATABASE.")
    rows, count = 0, 0

    def told(table: str, number: int, checksum: str) -> None:
        nonlocal rows, count
        rows, count = rows + number, count + 1
        click.echo(f"{table:20}{number:>12,}  {checksum}")

    click.echo(f"{'table':20}{'rows':>12}  checksum")
    try:
        asyncio.run(copy(place(source), place(destination), told))
    except (CannotMove, DatabaseRefused, StorageUnavailable) as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"Nothing was moved: {error}.")
    click.echo(f"{count} tables, {rows:,} rows moved and compared. The source is as it was.")
    click.echo(f"To go on with the copy, set PAPERCLUB_DATABASE={without_secrets(destination)} and start.")


@main.command(
    help="Show what will be posted when, with weeks of rest and clock changes, in every club or one."
)
@click.option("--weeks", type=click.IntRange(1, 520), default=18, show_default=True)
@click.option("--club", type=int, help="The number of one club, as it stands over its dates.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@_file
def rehearse(weeks: int, club: int | None, language: str, file: Path | None) -> None:
    """Print each club's coming weeks, found by the steps that will be taken."""
    from bot.domain.languages import Language
    from bot.ports import StorageUnavailable
    from bot.rehearse import rehearse as coming
    from bot.storage.migrate import DatabaseRefused
    from schedules.clock import SystemClock

    settings = _settings(file)
    if isinstance(settings.database, Path) and not settings.database.exists():
        _stop(f"There is no record at {settings.database}. PAPERCLUB_DATABASE says where it is.")

    async def show() -> int:
        count = 0
        async for line in coming(settings, SystemClock(), weeks, club, Language(language)):
            click.echo(line)
            count += 1
        return count

    try:
        shown = asyncio.run(show())
    except (DatabaseRefused, StorageUnavailable) as error:
        _stop(f"Paperclub cannot open {without_secrets(settings.database)}: {error}.")
    if not shown:
        _stop("There is no such club." if club is not None else "There is no club yet.")


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


def _own(folder: Path | None, file: Path | None) -> Path | None:
    """The host's own content folder, if there is one: as named, else as set."""
    from bot.library.files import shipped

    own = folder or _settings(file).content
    return None if own and own.resolve() == Path(str(shipped())).resolve() else own


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
