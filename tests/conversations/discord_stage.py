"""The stage on Discord: a server with one channel on the strict Discord."""

import re
from itertools import chain

import pytest

from bot.domain.clubs import Platform
from bot.messages.actions import Verb, read_token
from bot.platforms.discord import talk
from bot.settings import Settings
from bot.use_cases.command import Kind
from bot.use_cases.commands import COMMANDS
from bot.use_cases.parsing import parse
from tests.conversations.stage import Heard, Person, Stage
from tests.servers.discord import Channel, DiscordServer, Guild, Interaction, Message, User
from tests.servers.discord_checks import BUTTON, SELECT
from tests.servers.discord_world import walk

LOCALES = {"en": "en-US", "zh": "zh-CN"}
DEFERRED_UPDATE = 6
CHAT_INPUT = SUBCOMMAND = 1
MARKUP = re.compile(r"\\([^0-9A-Za-z\s])|\*\*|\*|`|\[([^\]]*)\]\([^)]*\)|^(?:#{1,3}|-#) ", re.MULTILINE)

QUESTION = re.compile(r"^(?=(?:\*\*|### )(?:Question \d+ of \d+|第 \d+ 题，共 \d+ 题))", re.MULTILINE)
"""Where a question of a quiz begins in a text."""


class DiscordStage(Stage):
    """Weeks are threads; a short answer is a message that only its person sees."""

    platform = Platform.DISCORD

    server: DiscordServer
    guild: Guild
    general: Channel

    async def build(self) -> None:
        self._patch = pytest.MonkeyPatch()
        # Announcing a slow answer goes by real time, which a busy machine may take.
        self._patch.setattr(talk, "ANSWER_WITHIN", 60)
        self.server = DiscordServer(clock=lambda: float(self.clock.now()))
        await self.server.start()
        self.guild = self.server.guild("Readers", channels=["general"])
        self.general = self.guild.channel("general")
        self._begun = False
        self._buttons: dict[tuple[str, ...], tuple[Message, str]] = {}

    async def demolish(self) -> None:
        await self.server.stop()
        self._patch.undo()
        assert self.server.violations == []
        assert self.server.unanswered == []

    def settings(self) -> Settings:
        self._identified = self.server.gateway.identified
        return Settings(
            discord_token=self.server.token,
            discord_api_url=self.server.api_url,
            data=self.folder,
            database=self.database,
            web=None,
        )

    async def joined(self) -> None:
        await self.server.until(lambda: self.server.gateway.identified > self._identified)
        if not self._begun:
            await self._begin()

    async def _begin(self) -> None:
        """The bot greets the server, and an organiser starts the club in the channel."""
        await self.server.until(lambda: self.server.messages(self.general))
        founder = self.guild.member("Founder", manage_guild=True)
        asked = await self.server.command(self.general, founder, "start", {})
        await asked.reply()
        self._begun = True

    def person(self, name: str, language: str = "en", *, organiser: bool = False) -> Person:
        user = self.guild.member(name, locale=LOCALES[language], manage_guild=organiser)
        return Person(name, language, organiser, user)

    async def say(self, who: Person, line: str, *, private: bool = False) -> Heard:
        channel = self.server.dm(who.handle) if private else self.general
        library = self.house.tools.library
        command, typed = parse(line, COMMANDS, lambda word: word.isdecimal() or bool(library.paper(word)), {})
        kinds = {option.name: option.kind for option in command.options}
        options = {name: self._filled(kinds[name], value) for name, value in typed.items()}
        posted = len(self.server.messages(self.general))
        asked = await self.server.command(channel, who.handle, command.path, options)
        heard = await self._answer(asked)
        await self.house.sender.settled()
        if heard.private and not heard.buttons and not private:
            followed = self.server.messages(self.general)[posted:]
            return _heard(followed[0]) if followed else heard
        return heard

    async def press(self, who: Person, label: str, on: Heard | None = None) -> Heard:
        message: Message = on.ref if on else self._newest(who.handle, label)
        [(custom_id, value)] = [
            (each, value) for each, value, words in _offered(message) if words.startswith(label)
        ]
        if value is None:
            return await self._answer(await self.server.press(message, who.handle, custom_id))
        return await self._answer(await self.server.select(message, who.handle, custom_id, [value]))

    async def answer(self, who: Person, question: int, choice: int) -> Heard:
        self._look()
        latest = max(int(args[0]) for args in self._buttons)
        message, custom_id = self._buttons[str(latest), str(question), str(choice)]
        offered = any(button.custom_id == custom_id for button in message.buttons)
        press = self.server.press if offered else self.server.press_late
        return await self._answer(await press(message, who.handle, custom_id))

    async def menu(self, who: Person) -> list[str]:
        paths = []
        for command in self.server.commands:
            if command["type"] != CHAT_INPUT:
                continue
            inner = [option for option in command.get("options", ()) if option["type"] == SUBCOMMAND]
            paths += [f"{command['name']} {option['name']}" for option in inner] or [command["name"]]
        return paths

    def posts(self) -> list[str]:
        said = [message.text for message in self.server.messages(self.general)]
        return [_shown(text) for text in said if not QUESTION.match(text)]

    def questions(self) -> list[str]:
        said = [message.text for message in self.server.messages(self.general)]
        return [
            _shown(question) for text in said for question in QUESTION.split(text) if QUESTION.match(question)
        ]

    def threads(self) -> dict[str, list[str]]:
        return {
            thread.name: [_shown(message.text) for message in self.server.messages(thread)]
            for thread in self.server.threads(self.general)
        }

    def _look(self) -> None:
        """Remember what there is to answer in the group: it may be gone when somebody presses it."""
        for message in self.server.messages(self.general):
            for button in message.buttons:
                if (button.custom_id or "").startswith(f"p1:{Verb.ANSWER}:"):
                    self._buttons[read_token(button.custom_id or "").args] = message, button.custom_id or ""

    def _filled(self, kind: Kind, value: str) -> str | int | User:
        """An option as the app takes it."""
        if kind is Kind.NUMBER:
            return int(value)
        return self._member(value) if kind is Kind.MEMBER else value

    def _member(self, name: str) -> User:
        users = self.server.world.users
        return next(
            users[user_id] for user_id in self.guild.members if users[user_id].name == name.lstrip("@")
        )

    def _newest(self, user: User, label: str) -> Message:
        """The newest message with such a button, among those the user can see."""
        places = (self.general, *self.server.threads(self.general), self.server.dm(user))
        seen = chain(self.server.ephemeral(user), *(self.server.messages(place) for place in places))
        offering = [each for each in seen if any(w.startswith(label) for _, _, w in _offered(each))]
        assert offering, f"nothing offers {label!r}"
        return max(offering, key=lambda message: message.id)

    async def _answer(self, asked: Interaction) -> Heard:
        """What the bot said to one thing, once it has said it or let it pass."""
        if await asked.acknowledgement() == DEFERRED_UPDATE:
            return Heard()
        await self.server.until(lambda: asked.replies or (asked.original and asked.original.deleted))
        return _heard(asked.replies[0]) if asked.replies else Heard()


def _heard(message: Message) -> Heard:
    """A message as it stands now. One without buttons for one person alone is also what a toast would be."""
    text, labels = _shown(message.text), tuple(words for _, _, words in _offered(message))
    private = message.ephemeral or message.channel.guild is None
    toast = text if message.ephemeral and not labels else ""
    picture = next((file.description or "" for file in message.attachments), "")
    return Heard(text, labels, toast, private, picture, message)


def _offered(message: Message) -> list[tuple[str, str | None, str]]:
    """What can be pressed or chosen under a message, in reading order: the custom id, the value of one of a
    list, and the words, with a mark before what holds now."""
    found: list[tuple[str, str | None, str]] = []
    for part in walk(message.components):
        if part["type"] == BUTTON:
            found.append((part.get("custom_id", ""), None, part.get("label", "")))
        elif part["type"] == SELECT:
            for option in part["options"]:
                mark = "✓ " if option.get("default") else ""
                found.append((part["custom_id"], option["value"], f"{mark}{option['label']}"))
    return found


def _shown(text: str) -> str:
    """Markdown as the app shows it."""
    return MARKUP.sub(lambda mark: mark[1] or mark[2] or "", text)
