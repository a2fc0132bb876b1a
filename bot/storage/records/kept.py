"""Small things kept between runs."""

from bot.storage.records.base import Family
from bot.storage.statements import statements as sql


class KeptRecords(Family):
    """Small things kept between runs. What each method means stands at the port."""

    async def keep(self, name: str, value: str) -> None:
        await sql.keep(self.connection, name=name, value=value)

    async def kept(self, name: str) -> str | None:
        value: str | None = await sql.kept(self.connection, name=name)
        return value
