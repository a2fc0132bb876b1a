"""One table declares every command; each platform's menu is made from it."""

from bot.domain.clubs import Platform
from bot.use_cases.commands import COMMANDS
from tests.conversations.stage import Stage


async def test_an_organiser_is_offered_every_command_of_the_table_and_no_other(stage: Stage) -> None:
    """On Telegram a menu's command is one word, so there it is the first words of all."""
    offered = await stage.menu(stage.person("Ines", organiser=True))
    if stage.platform is Platform.TELEGRAM:
        assert sorted(offered) == sorted({command.group for command in COMMANDS})
    else:
        assert sorted(offered) == sorted(command.path for command in COMMANDS)


async def test_every_command_of_the_table_is_in_the_help_an_organiser_gets(stage: Stage) -> None:
    """Said in the group, with each command as it is typed."""
    heard = await stage.say(stage.person("Ines", organiser=True), "/help")
    assert [command.path for command in COMMANDS if command.usage not in heard.text] == []
