"""Drawing pictures."""

from typing import Protocol

from bot.messages.drawings import Drawing


class Painter(Protocol):
    """Draws pictures."""

    def svg(self, drawing: Drawing) -> str:
        """A drawing as SVG, light or dark as whoever looks at it prefers."""
        ...

    async def png(self, drawing: Drawing) -> bytes | None:
        """A drawing as PNG, in light; None when it cannot be drawn here, and its words have to do."""
        ...
