"""The icons of forum topics: one for each section of a plan."""

import logging
from typing import TypedDict

from telegram import Bot
from telegram.constants import ForumIconColor
from telegram.error import TelegramError

log = logging.getLogger(__name__)

SHELVES = "📚💡🔬🧪🔭🧮🎓📈📝📰"
"""What stands for the sections of a plan, in order, and from the beginning again. Telegram lets topics have
certain emoji only: those it does not offer are passed over."""

_COLORS = tuple(ForumIconColor)


class Icon(TypedDict, total=False):
    """What `createForumTopic` is told of an icon: one of the two."""

    icon_color: int
    icon_custom_emoji_id: str


class TopicIcons:
    """Knows what icons Telegram offers, which it asks once."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._offered: tuple[str, ...] | None = None

    async def of(self, shelf: int) -> Icon:
        """The icon of a section, as `createForumTopic` takes it: an emoji; a colour where none is known."""
        if self._offered is None:
            try:
                stickers = await self._bot.get_forum_topic_icon_stickers()
            except TelegramError as error:
                log.info("a topic goes without an emoji: %s", error)
                return {"icon_color": _COLORS[shelf % len(_COLORS)].value}
            known = {sticker.emoji: sticker.custom_emoji_id for sticker in stickers}
            self._offered = tuple(found for emoji in SHELVES if (found := known.get(emoji)))
        if not self._offered:
            return {"icon_color": _COLORS[shelf % len(_COLORS)].value}
        return {"icon_custom_emoji_id": self._offered[shelf % len(self._offered)]}
