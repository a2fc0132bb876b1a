"""A bare bot of discord.py, as a process of its own to be measured beside our house.

Run by `tests.benchmarks.interactions` with the REST and the gateway address, the token and a folder. It is
what the library's own examples teach: a client with a command tree, and a view that outlives restarts. It
remembers nothing and looks at nothing: its answers are constants, as long as ours, with as many buttons.
It asks for the same intent as our house. Its caches are the library's defaults, which with that intent hold
servers and channels, and no members. A line on its standard input means nothing to it; the end ends it.
"""

import asyncio
import sys
from pathlib import Path

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

CARD = "A line of a paper’s card, which has about nineteen hundred letters in all, ninety-two a line.\n" * 20
PROGRESS = "A line of how a club stands, and how one of its members does.\n" * 7
NOTED = "Noted: the title of a paper, about as long as they are, read. 12 of 34 have read it."

READ = "I’ve read it"


class Card(discord.ui.View):
    """The buttons under a paper's card: three and two, and two that are links."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for address in ("https://arxiv.org/abs/1207.0580", "https://arxiv.org/pdf/1207.0580"):
            self.add_item(discord.ui.Button(label="Paper’s page", url=address, row=1))

    @discord.ui.button(label=READ, custom_id="read", style=discord.ButtonStyle.primary, row=0)
    async def read(self, interaction: discord.Interaction, _: "discord.ui.Button[Card]") -> None:
        """Say that it was noted."""
        await interaction.response.send_message(embed=discord.Embed(description=NOTED), ephemeral=True)

    @discord.ui.button(label="Quiz me", custom_id="quiz", row=0)
    async def quiz(self, interaction: discord.Interaction, _: "discord.ui.Button[Card]") -> None:
        """Nobody presses it."""

    @discord.ui.button(label="Discuss", custom_id="discuss", row=0)
    async def discuss(self, interaction: discord.Interaction, _: "discord.ui.Button[Card]") -> None:
        """Nobody presses it."""

    @discord.ui.button(label="More about it", custom_id="more", row=2)
    async def more(self, interaction: discord.Interaction, _: "discord.ui.Button[Card]") -> None:
        """Nobody presses it."""

    @discord.ui.button(label="Glossary", custom_id="terms", row=2)
    async def terms(self, interaction: discord.Interaction, _: "discord.ui.Button[Card]") -> None:
        """Nobody presses it."""


class Papers(app_commands.Group, name="paper", description="Papers"):
    """The week's paper, and any. One view serves all messages, which costs less than one for each."""

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card = card

    @app_commands.command(description="This week’s paper")
    async def today(self, interaction: discord.Interaction) -> None:
        """Show the card."""
        await interaction.response.send_message(embed=discord.Embed(description=CARD), view=self.card)

    @app_commands.command(description="One paper")
    async def show(self, interaction: discord.Interaction, paper: str) -> None:
        """Show the card."""
        await interaction.response.send_message(embed=discord.Embed(description=CARD), view=self.card)


@app_commands.command(description="Begin")
async def start(interaction: discord.Interaction) -> None:
    """Say that it has begun."""
    await interaction.response.send_message(embed=discord.Embed(description=PROGRESS))


@app_commands.command(description="How you stand")
async def progress(interaction: discord.Interaction) -> None:
    """Tell it to the asker alone."""
    await interaction.response.send_message(embed=discord.Embed(description=PROGRESS), ephemeral=True)


class Bot(discord.Client):
    """The client, which tells Discord of its commands at its first start."""

    def __init__(self, folder: Path) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.told = folder / "told"
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Before the gateway is opened."""
        card = Card()
        self.add_view(card)
        self.tree.add_command(Papers(card))
        self.tree.add_command(start)
        self.tree.add_command(progress)
        if not self.told.exists():
            await self.tree.sync()
            self.told.touch()


async def main(url: str, gateway: str, token: str, folder: str) -> None:
    """Serve until the input ends."""
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = url, yarl.URL(gateway)
    async with Bot(Path(folder)) as bot:
        serving = asyncio.create_task(bot.start(token))
        while await asyncio.to_thread(sys.stdin.readline):
            pass
        await bot.close()
        await serving


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
