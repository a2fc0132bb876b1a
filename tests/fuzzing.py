"""How fuzz tests watch the house: what it logs as an error, and what memory it holds."""

import gc
import logging
import sys


class Ear(logging.Handler):
    """Keeps what is logged as an error, by whomever."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


def blocks_in_use() -> int:
    """How many blocks of memory this process holds."""
    gc.collect()
    return sys.getallocatedblocks()
