"""What the host reads: one line an event, without a secret in it."""

import logging
from collections.abc import Iterable

QUIET = ("httpx", "httpcore", "apscheduler", "discord", "telegram", "aiohttp.access")
"""Libraries that tell more than a host wants, some of them with the token in an address."""


class _Redacting(logging.Formatter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, with every secret crossed out, also in a traceback."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


def set_up(secrets: Iterable[str | None]) -> None:
    """Log to standard error. `secrets` never appear, whoever logs them."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting([secret for secret in secrets if secret]))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
