"""The stage on Telegram: a group with topics on the strict server."""

import re
from collections.abc import Sequence
from itertools import chain

import pytest

from bot.domain.clubs import Platform
from bot.platforms.telegram import inbox
from bot.settings import Settings
from tests.conversations.stage import Heard, Person, Stage
from tests.servers.telegram import Chat, Member, Message, TelegramServer, User


class TelegramStage(Stage):
    """Weeks are topics; what opens in private is followed by its link, as an app would."""

    platform = Platform.TELEGRAM

    server: TelegramServer
    group: Chat

    async def build(self) -> None:
        self._patch = pytest.MonkeyPatch()
        # Then the bot asks for more only when all before is handled, and `settled` means that it is.
        self._patch.setattr(inbox, "MOST_WAITING", 1)
        self.server = TelegramServer()
        await self.server.start()
        self.group = self.server.group("Readers", forum=True, bot=None)
        self.server.add_bot(self.group, by=self.server.user("Founder"), rights=["can_manage_topics"])

    async def demolish(self) -> None:
        await self.server.stop()
        self._patch.undo()
        assert self.server.violations == [], self.server.violations

    def settings(self) -> Settings:
        return Settings(
            telegram_token=self.server.token,
            telegram_api_url=self.server.url,
            data=self.folder,
            database=self.database,
            web=None,
        )

    async def joined(self) -> None:
        await self.server.settled()

    def person(self, name: str, language: str = "en", *, organiser: bool = False) -> Person:
        user = self.server.user(name, language=language)
        status = "administrator" if organiser else "member"
        self.group.members[user.id] = Member(user, status)
        return Person(name, language, organiser, user)

    async def say(self, who: Person, line: str, *, private: bool = False) -> Heard:
        user: User = who.handle
        chat = self.server.private(user) if private else self.group
        said = self.server.say(chat, user, line)
        await self.server.settled()
        answer = self._after(chat, said.serial)
        if not answer:
            await self.house.sender.settled()
            answer = self._after(chat, said.serial)[:1]
        return _heard(answer)

    async def press(self, who: Person, label: str, on: Heard | None = None) -> Heard:
        user: User = who.handle
        message: Message = on.ref if on else self._newest(user, label)
        edits, latest = len(message.edits), self._latest()
        press = self.server.press(message, user, label)
        await self.server.settled()
        answer = await press
        if answer.url:
            opened = await self.say(who, f"/start {answer.url.partition('start=')[2]}", private=True)
            return opened
        changed = [message] if len(message.edits) > edits else self._after(message.chat, latest)
        return _heard(changed, toast=answer.text)

    async def answer(self, who: Person, question: int, choice: int) -> Heard:
        polls = self._polls()
        first = max(i for i, poll in enumerate(polls) if _number(poll) == 1)
        self.server.vote(polls[first + question], who.handle, [choice])
        await self.server.settled()
        return Heard()

    async def menu(self, who: Person) -> list[str]:
        await self.server.until(lambda: self.server.menu(self.group, who.handle))
        return self.server.menu(self.group, who.handle)

    def posts(self) -> list[str]:
        return [
            _text(message)
            for message in self.server.messages(self.group)
            if message.thread is None and message.poll is None
        ]

    def questions(self) -> list[str]:
        return [message.poll.question for message in self._polls() if message.poll]

    def threads(self) -> dict[str, list[str]]:
        return {
            topic.name: [_text(message) for message in self.server.messages(self.group, topic)]
            for topic in self.group.topics.values()
        }

    def _polls(self) -> list[Message]:
        return [message for message in self.server.messages(self.group) if message.poll]

    def _after(self, chat: Chat, serial: int) -> list[Message]:
        return [message for message in self.server.messages(chat) if message.serial > serial]

    def _latest(self) -> int:
        chats = self.server.world.chats.values()
        return max(message.serial for message in chain(*(chat.messages.values() for chat in chats)))

    def _newest(self, user: User, label: str) -> Message:
        """The newest message with such a button, among those the user can see."""
        chats = (self.group, self.server.private(user))
        seen = chain(*(self.server.messages(chat) for chat in chats))
        offering = [m for m in seen if any(button.startswith(label) for button in m.buttons)]
        assert offering, f"nothing offers {label!r}"
        return max(offering, key=lambda message: message.serial)


def _heard(messages: Sequence[Message], toast: str = "") -> Heard:
    """An answer, which may have come in several messages with the buttons under the last."""
    if not messages:
        return Heard(toast=toast)
    last = messages[-1]
    text = "\n\n".join(map(_text, messages))
    picture = next((_text(message) for message in messages if message.photo), "")
    return Heard(text, tuple(last.buttons), toast, last.chat.private, picture, last)


def _text(message: Message) -> str:
    """The text as it is seen, without the invisible characters that keep names from becoming links."""
    return message.text.replace("\u2060", "")


def _number(message: Message) -> int:
    """Which question of its round a poll says it is."""
    found = re.search(r"\d+", message.poll.question) if message.poll else None
    return int(found[0]) if found else 0
