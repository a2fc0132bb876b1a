"""Long polling, which gives updates as they came, in JSON: they are kept so, and parsed one by one."""

from typing import Any, cast

import msgspec
from telegram import Bot

from bot.platforms.telegram.parsing import Unreadable, decoded
from bot.platforms.telegram.transport import READ_SECONDS, Transport
from bot.platforms.telegram.updates import HEARD

POLL_SECONDS = 30


class _Updates(msgspec.Struct):
    ok: bool
    result: list[msgspec.Raw]


_UPDATES = msgspec.json.Decoder(_Updates)


class PollingTransport(Transport):
    """The transport for nothing but polling, which takes an answer apart no further than into updates."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The library's way of having its own parser replaced."""
        try:
            return {"result": decoded(payload, _UPDATES).result}
        except Unreadable:
            return Transport.parse_json_payload(payload)


class PollingBot(Bot):
    """The library's bot, with polling that leaves updates as they are: one that the library does not
    understand must not keep the others back."""

    async def poll(self, offset: int) -> list[bytes]:
        """What `get_updates` would give, in JSON. Raises TelegramError."""
        updates = await self._post(
            "getUpdates",
            {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": HEARD},
            read_timeout=READ_SECONDS + POLL_SECONDS,
        )
        return [bytes(update) for update in cast(list[msgspec.Raw], updates)]
