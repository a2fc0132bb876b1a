"""What every family of the record stands on."""

from bot.storage.statements import Connection


class Family:
    """A part of the record, on a connection with an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.queued = False
        """Whether a post was put in the ledger."""
