"""Which store a setting means."""

from bot.storage.postgres import PostgresStore
from bot.storage.sqlite import SqliteStore

DatabaseStore = SqliteStore | PostgresStore
