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

    async def kept_under(self, prefix: str) -> dict[str, str]:
        # The character after the full stop ends all names that begin with the prefix.
        beyond = f"{prefix.removesuffix('.')}/"
        found = await sql.kept_under(self.connection, first=prefix, beyond=beyond)
        return {name.removeprefix(prefix): value for name, value in found}
