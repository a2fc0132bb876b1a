"""One message for a command, however much there is to say: long texts are turned by buttons, in place."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.use_cases.command import Command, Who
from bot.use_cases.commands import COMMANDS
from tests.conversations.discord_stage import DiscordStage
from tests.conversations.stage import Heard, Person, Stage
from tests.conversations.telegram_stage import TelegramStage
from tests.conversations.web_stage import WebStage
from tests.library.conftest import GOOD

PAPERS = 120
TITLE = "Lanterns, Kites and Other Light Things, Part"
PLAN = """id: big
title: {en: Light things, zh: 轻的东西}
sections:
  - title: {en: All, zh: 全部}
    papers:
"""
VALUES = {
    "paper": "p007",
    "words": "lanterns",
    "level": "read",
    "note": "because I like it",
    "member": "Ines",
    "term": "angle",
    "day": "tuesday",
    "time": "18:00",
    "zone": "Asia/Shanghai",
    "preset": "intensive",
    "beat": "quiz",
    "when": "friday",
    "number": "1",
    "weeks": "52",
    "days": "2",
    "date": "2026-10-05",
    "language": "both",
    "plan": "big",
    "mode": "live",
    "switch": "on",
}


def big_library(folder: Path) -> Path:
    """A folder with a plan of 120 papers of the host's own."""
    own = folder / "own"
    (own / "plans").mkdir(parents=True)
    ids = [f"p{number:03}" for number in range(1, PAPERS + 1)]
    for paper_id in ids:
        home = own / "papers" / paper_id
        shutil.copytree(GOOD / "papers/lanterns", home)
        facts = home / "paper.yaml"
        text = facts.read_text(encoding="utf-8").replace("id: lanterns", f"id: {paper_id}")
        text = re.sub(r"(?m)^needs:.*$", "needs: []", text)
        text = re.sub(r"(?m)^(title:\n  en: ).*$", rf"\1{TITLE} {paper_id}", text)
        facts.write_text(text, encoding="utf-8")
    listed = "\n".join(f"      - {paper_id}" for paper_id in ids)
    (own / "plans/big.yaml").write_text(f"{PLAN}{listed}\n", encoding="utf-8")
    return own


class WithBigLibrary(Stage):
    """A stage with that plan beside the built-in one."""

    def settings(self) -> Settings:
        settings = super().settings()  # type: ignore[safe-super]  # of the platform's stage, which comes next
        return replace(settings, content=self.folder / "own")


class BigStage(WithBigLibrary, TelegramStage):
    """The stage on Telegram with that plan."""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[BigStage]:
    big_library(tmp_path)
    made = BigStage(tmp_path, tmp_path / "club.db")
    await made.open()
    yield made
    await made.close()


def lines(command: Command) -> set[str]:
    """A command with all its options, and with those alone that it needs."""
    least = [VALUES[option.name] for option in command.options if option.required]
    most = [VALUES[option.name] for option in command.options]
    return {" ".join([f"/{command.path}", *values]) for values in (least, most)}


async def read_all(stage: BigStage, who: Person, heard: Heard) -> list[str]:
    """Every page of an answer, turned to its end."""
    pages = [heard.text]
    while "▶" in heard.buttons:
        turned = await stage.press(who, "▶", heard)
        assert turned.ref is heard.ref
        heard = turned
        pages.append(heard.text)
    return pages


@pytest.mark.parametrize("language", ["en", "zh", "both"])
async def test_every_command_is_answered_with_one_message(stage: BigStage, language: str) -> None:
    host = stage.person("Ines", "zh" if language == "zh" else "en", organiser=True)
    await stage.say(host, "/settings plan big")
    await stage.say(host, f"/settings language {language}")
    await stage.say(host, "/join")
    # Those who change the most come last: after them it would be another club.
    asked = sorted(COMMANDS, key=lambda command: (command.who is Who.ORGANISERS, command.path == "leave"))
    chat = stage.server.private(host.handle)
    seen = 0
    for private in (True, False):
        place = chat if private else stage.group
        for line in (line for command in asked for line in sorted(lines(command))):
            if line.startswith(("/settings language", "/settings plan")):
                continue
            if not private and line.startswith(("/quiz", "/discuss")):
                continue  # answered by posts
            stage.clock.advance(5)  # a group may be told 20 things a minute
            before = len(stage.server.messages(place))
            await stage.say(host, line, private=private)
            said = stage.server.messages(place)[before:]
            assert len(said) == 1, (line, private)
            # The words of a drawn path say themselves where they end.
            assert said[0].text[-1] != "…" or line == "/path", line
            seen += 1
    assert seen > len(COMMANDS)


async def test_a_long_list_is_turned_in_place_to_its_end(stage: BigStage) -> None:
    host = stage.person("Ines", organiser=True)
    await stage.say(host, "/settings plan big")

    heard = await stage.say(host, "/paper list")

    assert [label for label in heard.buttons if "/" in label] == ["1/3"]
    assert "◀" not in heard.buttons
    before = len(stage.server.messages(stage.group))
    pages = await read_all(stage, host, heard)
    assert re.findall(r"Part (p\d+)", "\n".join(pages)) == [f"p{n:03}" for n in range(1, PAPERS + 1)]
    assert pages[-1].endswith("opens one.")
    assert heard.ref.buttons == ["◀", "3/3"]
    assert (await stage.press(host, "◀", heard)).text == pages[1]
    assert len(stage.server.messages(stage.group)) == before


@pytest.mark.parametrize("kind", [DiscordStage, WebStage])
async def test_a_long_list_is_read_to_its_end_elsewhere_too(kind: type[Stage], tmp_path: Path) -> None:
    big_library(tmp_path)
    stage = type("BigElsewhere", (WithBigLibrary, kind), {})(tmp_path, tmp_path / "club.db")
    await stage.open()
    try:
        host = stage.person("Ines", organiser=True)
        await stage.say(host, "/settings plan big")
        heard = await stage.say(host, "/paper list")
        pages = [heard.text]
        while "▶" in heard.buttons:
            heard = await stage.press(host, "▶", heard)
            pages.append(heard.text)
    finally:
        await stage.close()
    assert re.findall(r"Part (p\d+)", "\n".join(pages)) == [f"p{n:03}" for n in range(1, PAPERS + 1)]
    assert (len(pages) > 1) is (kind is DiscordStage)


async def test_what_was_asked_for_is_kept_when_a_page_is_turned(stage: BigStage) -> None:
    host = stage.person("Ines", organiser=True)
    await stage.say(host, "/settings plan big")
    await stage.say(host, "/schedule preset intensive")
    await stage.say(host, "/join")

    for private in (True, False):
        heard = await stage.say(host, "/schedule rehearse 52", private=private)
        pages = await read_all(stage, host, heard)
        assert len(pages) > 2
        assert "52 weeks" in pages[0]
        assert sum(page.count("the paper: Lanterns") for page in pages) == PAPERS


async def test_a_list_that_has_become_shorter_is_shown_to_its_end(stage: BigStage) -> None:
    host = stage.person("Ines", organiser=True)
    await stage.say(host, "/settings plan big")
    heard = await stage.say(host, "/paper list")
    await stage.say(host, "/settings plan deep-learning-2")

    turned = await stage.press(host, "▶", heard)

    assert "PixelCNN" in turned.text
    assert turned.buttons == ()


@pytest.mark.parametrize("asked", [":2:settings plan:big", ":2:nothing", ":x:help", ":100:help", ""])
async def test_only_what_changes_nothing_is_asked_once_more(stage: BigStage, asked: str) -> None:
    host = stage.person("Ines", organiser=True)
    heard = await stage.say(host, "/help")

    press = stage.server.press(heard.ref, host.handle, data=f"p1:turn{asked}")

    assert "button" in (await press).text
    async with stage.house.tools.store.read() as records:
        assert {club.plan_id for club in await records.clubs()} == {"deep-learning-2"}
