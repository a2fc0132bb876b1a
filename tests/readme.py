"""The READMEs’ tables, made from the code. `make readme` writes them; tests/test_readme.py compares."""

from collections.abc import Callable, Iterable
from pathlib import Path

from bot.domain.languages import Bilingual, Language
from bot.locales.catalogues import load_catalogues
from bot.messages.texts import Texts
from bot.settings import SETTINGS, Setting
from bot.use_cases.command import CHOICES, Command, Option, Who
from bot.use_cases.commands import COMMANDS, MESSAGE_COMMANDS

ROOT = Path(__file__).parent.parent
READMES = {Language.EN: ROOT / "README.md", Language.ZH: ROOT / "README.zh.md"}

FEW = 4
"""Up to so many choices of an option are all named; of more, the first and the last."""

WHO = {Who.EVERYONE: Bilingual("everyone", "所有人"), Who.ORGANISERS: Bilingual("organisers", "组织者")}

# The settings speak English to the host; their Chinese stands under the English it translates, so that
# a changed sentence misses its translation and the test says so.
CHINESE = {
    "Serve Telegram with this bot.": "用这个机器人服务 Telegram。",
    "the token BotFather gave you: digits, a colon, letters": "BotFather 给你的令牌：数字、冒号、字母",
    "Use a self-hosted Bot API server.": "改用自建的 Bot API 服务器。",
    "the root address of a Bot API server": "Bot API 服务器的根地址",
    "the official server": "官方服务器",
    "Have Telegram hand updates in there, instead of asking for them.": (
        "让 Telegram 把更新送到这里，而不是由机器人去取。"
    ),
    "the https address under which Telegram reaches the web room’s server, on port 443, 80, 88 or 8443": (
        "Telegram 能访问到网页阅览室服务器的 https 地址，端口为 443、80、88 或 8443"
    ),
    "Serve Discord with this bot.": "用这个机器人服务 Discord。",
    "the bot token of your application: three parts joined by dots": "应用的机器人令牌：三段，用点相连",
    "Reach Discord through a REST proxy; the gateway is asked from it.": (
        "经 REST 代理访问 Discord，网关地址也向它查询。"
    ),
    "the address of a REST proxy, with the version": "REST 代理的地址，带版本号",
    "the official address": "官方地址",
    "Serve a bot of thousands of servers over several connections, from several processes if need be.": (
        "机器人加入了数千个服务器时，分成多条连接（分片）来服务，必要时由多个进程分担。"
    ),
    "`auto`, how many there are, or which of them this process serves, as in `0-3/8`": (
        "`auto`（自动）、分片总数，或本进程负责的部分，如 `0-3/8`"
    ),
    "auto": "auto",
    "Reach both platforms through a proxy.": "经代理访问这两个平台。",
    "an http or socks5 address": "http 或 socks5 地址",
    "none": "无",
    "Where the record is kept.": "记录存放的位置。",
    "the path of an SQLite file, or the address of a PostgreSQL database": (
        "SQLite 文件的路径，或 PostgreSQL 数据库的地址"
    ),
    "`paperclub.db` in PAPERCLUB_DATA": "PAPERCLUB_DATA 里的 `paperclub.db`",
    "Where everything of yours is kept.": "你的全部数据存放的位置。",
    "the path of a folder": "文件夹的路径",
    "a folder of your user’s": "你的用户目录下的一个文件夹",
    "Where the web room listens.": "网页阅览室监听的地址。",
    "host:port, or `off`": "主机:端口，或 `off`（关闭）",
    "127.0.0.1:8000": "127.0.0.1:8000",
    "Asked for at the door of the web room; needed when it listens beyond this machine.": (
        "进入网页阅览室的口令；监听本机以外的地址时必须设置。"
    ),
    "at least 16 characters": "至少 16 个字符",
    "Papers and plans of your own, beside the built-in ones.": "你自己的论文和阅读计划，与自带的并用。",
    "The language of new clubs.": "新读书会的语言。",
    "`en`, `zh` or `both`": "`en`、`zh` 或 `both`（双语）",
    "that of whoever adds the bot": "随添加机器人的人",
    "The time zone of new clubs.": "新读书会的时区。",
    "a name of the tz database": "tz 数据库里的时区名",
    "UTC": "UTC",
}

_texts = Texts(load_catalogues())


def commands_table(language: Language) -> str:
    """Every command as it is typed, and those that are chosen on a message, what each does and who may; then
    what to write in the gaps."""
    words = _texts[language]
    head = Bilingual("Command | What it does | Who may", "命令 | 作用 | 谁能用 | Discord 中文界面")
    rows = [
        (f"`{c.usage}`", words.plain(c.key), WHO[c.who][language], *_named(c, language)) for c in COMMANDS
    ]
    for command in MESSAGE_COMMANDS:
        english, chinese = (f"*{_texts[each].plain(command.label)}*" for each in Language)
        shown = () if language is Language.EN else (chinese,)
        rows.append((english, words.plain(command.key), WHO[command.who][language], *shown))
    gap_head = Bilingual("In the command | Write", "命令里的 | 填什么")
    options = {option.name: option for command in COMMANDS for option in command.options}
    gaps = [(f"`{name}`", _gap(option, language)) for name, option in options.items()]
    return f"{_table(head[language], rows)}\n\n{_table(gap_head[language], gaps)}"


def settings_table(language: Language) -> str:
    """Every setting: what it does, what its value looks like, and what holds without it."""
    head = Bilingual("Setting | What it does | Value | Default", "设置 | 作用 | 取值 | 默认")
    return _table(head[language], (_setting_row(setting, language) for setting in SETTINGS))


TABLES: dict[str, Callable[[Language], str]] = {"commands": commands_table, "settings": settings_table}
"""What stands between `<!-- name -->` and `<!-- /name -->`."""


def rewritten(readme: str, language: Language) -> str:
    """The README with its tables as the code has them. Raises ValueError for a missing marker."""
    for name, table in TABLES.items():
        first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, opened, rest = readme.partition(first)
        _, closed, after = rest.partition(last)
        if not (opened and closed):
            raise ValueError(f"{first} … {last} is missing")
        readme = f"{before}{first}\n\n{table(language)}\n\n{last}{after}"
    return readme


def _named(command: Command, language: Language) -> tuple[str, ...]:
    """What Discord shows instead of the command's name; nothing in English, where it is the name."""
    if language is Language.EN:
        return ()
    return (f"`/{' '.join(_texts[language].plain(f'name.{word}') for word in command.path.split())}`",)


def _gap(option: Option, language: Language) -> str:
    words, choices = _texts[language], [f"`{choice}`" for choice in CHOICES.get(option.kind, ())]
    told = words.plain(f"option.{option.name}")
    if not choices:
        return told
    comma = Bilingual(", ", "、")[language]
    named = comma.join(choices) if len(choices) <= FEW else f"{choices[0]} … {choices[-1]}"
    return f"{told}{words.plain('mark.colon')}{named}"


def _setting_row(setting: Setting, language: Language) -> tuple[str, ...]:
    def say(english: str) -> str:
        return CHINESE[english] if language is Language.ZH else english

    default = say(setting.default) if setting.default else "–"
    value = f"{say(setting.shape)}<br>`{setting.example}`"
    return (f"`{setting.name}`", say(setting.meaning), value, default)


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    columns = head.count("|") + 1
    lines = [f"| {head} |", "| --- " * columns + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    """Write the tables into both READMEs."""
    for language, path in READMES.items():
        path.write_text(rewritten(path.read_text("utf-8"), language), "utf-8")


if __name__ == "__main__":
    main()
