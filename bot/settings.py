"""What the host decides: read once from the environment, `.env` and a TOML file, then frozen."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from platformdirs import user_data_path

from bot.domain.languages import ClubLanguage

T = TypeVar("T")

PREFIXES = ("PAPERCLUB_", "TELEGRAM_", "DISCORD_")
FILE = "paperclub.toml"
WEBHOOK_PORTS = (443, 80, 88, 8443)
"""What Telegram calls: https://core.telegram.org/bots/api#setwebhook"""

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingError(Exception):
    """A setting that cannot be used. The message names it, its shape and an example, never its value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, the shape of its value in words, an example, and what it does."""

    name: str
    shape: str
    example: str
    meaning: str
    default: str = ""
    secret: bool = False


SETTINGS = (
    Setting(
        "TELEGRAM_TOKEN",
        "the token BotFather gave you: digits, a colon, letters",
        "123456789:AAF…",
        "Serve Telegram with this bot.",
        secret=True,
    ),
    Setting(
        "TELEGRAM_API_URL",
        "the root address of a Bot API server",
        "http://127.0.0.1:8081",
        "Use a self-hosted Bot API server.",
        "the official server",
    ),
    Setting(
        "TELEGRAM_WEBHOOK",
        "the https address under which Telegram reaches the web room’s server, on port 443, 80, 88 or 8443",
        "https://club.example.org",
        "Have Telegram hand updates in there, instead of asking for them.",
        "none",
    ),
    Setting(
        "DISCORD_TOKEN",
        "the bot token of your application: three parts joined by dots",
        "MTA5….G3x….q8R…",
        "Serve Discord with this bot.",
        secret=True,
    ),
    Setting(
        "DISCORD_API_URL",
        "the address of a REST proxy, with the version",
        "http://127.0.0.1:8800/api/v10",
        "Reach Discord through a REST proxy; the gateway is asked from it.",
        "the official address",
    ),
    Setting(
        "DISCORD_SHARDS",
        "`auto`, how many there are, or which of them this process serves, as in `0-3/8`",
        "4",
        "Serve a bot of thousands of servers over several connections, from several processes if need be.",
        "auto",
    ),
    Setting(
        "PAPERCLUB_PROXY",
        "an http or socks5 address",
        "socks5://127.0.0.1:1080",
        "Reach both platforms through a proxy.",
        "none",
        secret=True,
    ),
    Setting(
        "PAPERCLUB_DATABASE",
        "the path of an SQLite file, or the address of a PostgreSQL database",
        "postgresql://user:password@host/name",
        "Where the record is kept.",
        "`paperclub.db` in PAPERCLUB_DATA",
        secret=True,
    ),
    Setting(
        "PAPERCLUB_DATA",
        "the path of a folder",
        "/srv/paperclub",
        "Where everything of yours is kept.",
        "a folder of your user’s",
    ),
    Setting(
        "PAPERCLUB_WEB",
        "host:port, or `off`",
        "127.0.0.1:8000",
        "Where the web room listens.",
        "127.0.0.1:8000",
    ),
    Setting(
        "PAPERCLUB_WEB_SECRET",
        "at least 16 characters",
        "a-long-secret-of-yours",
        "Asked for at the door of the web room; needed when it listens beyond this machine.",
        "none",
        secret=True,
    ),
    Setting(
        "PAPERCLUB_CONTENT",
        "the path of a folder",
        "/srv/paperclub/content",
        "Papers and plans of your own, beside the built-in ones.",
        "none",
    ),
    Setting(
        "PAPERCLUB_LANGUAGE",
        "`en`, `zh` or `both`",
        "both",
        "The language of new clubs.",
        "that of whoever adds the bot",
    ),
    Setting(
        "PAPERCLUB_TIMEZONE",
        "a name of the tz database",
        "Asia/Shanghai",
        "The time zone of new clubs.",
        "UTC",
    ),
)
"""Every setting, once. The README's table is made from this."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, checked. Secrets stay out of the representation."""

    telegram_token: str | None = field(default=None, repr=False)
    telegram_api_url: str | None = None
    telegram_webhook: str | None = None
    discord_token: str | None = field(default=None, repr=False)
    discord_api_url: str | None = None
    discord_shards: tuple[range, int] | None = None
    """The numbers of the shards served here, and how many there are in all; None asks Discord."""
    proxy: str | None = field(default=None, repr=False)
    data: Path = Path()
    database: Path | str = field(default=Path(), repr=False)
    """The path of an SQLite file, or a `postgresql://` URL, which may hold a password."""
    content: Path | None = None
    web: tuple[str, int] | None = ("127.0.0.1", 8000)
    web_secret: str | None = field(default=None, repr=False)
    language: ClubLanguage | None = None
    zone: str = "UTC"

    @property
    def shares_discord(self) -> bool:
        """Whether other processes are to serve the rest of Discord's shards."""
        return self.discord_shards is not None and len(self.discord_shards[0]) < self.discord_shards[1]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log."""
        found = [self.telegram_token, self.discord_token, self.web_secret, self.proxy]
        if isinstance(self.database, str):
            found += [self.database, *secrets_of(self.database)]
        return tuple(secret for secret in found if secret)


def read_settings(environment: Mapping[str, str], folder: Path, file: Path | None = None) -> Settings:
    """The settings from a TOML file, a folder's `.env` and the environment, the last one winning.

    `file` defaults to `paperclub.toml` in the folder, if there is one. Raises SettingError.
    """
    given = _file_values(file or folder / FILE, needed=file is not None)
    dotenv = {k: v for k, v in dotenv_values(folder / ".env").items() if v and k.startswith(PREFIXES)}
    given |= dotenv
    given |= {k: v for k, v in environment.items() if v and k.startswith(PREFIXES)}
    for name in given:
        if name not in _BY_NAME:
            raise _unknown(name)
    return _checked({name: value.strip() for name, value in given.items() if value.strip()})


def _file_values(path: Path, *, needed: bool) -> dict[str, str]:
    if not path.exists() and not needed:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(
            f'{path} cannot be read: {error}. Write lines such as PAPERCLUB_LANGUAGE = "zh".'
        ) from None
    for name, value in values.items():
        if name not in _BY_NAME:
            raise _unknown(name)
        if not isinstance(value, str):
            raise _malformed(name)
    return values


def _checked(given: Mapping[str, str]) -> Settings:
    take = _Taker(given)
    data = Path(take("PAPERCLUB_DATA", _path) or user_data_path("paperclub"))
    web = take("PAPERCLUB_WEB", _address) if "PAPERCLUB_WEB" in given else ("127.0.0.1", 8000)
    settings = Settings(
        telegram_token=take("TELEGRAM_TOKEN", _matching(r"\d+:[\w-]{10,}")),
        telegram_api_url=take("TELEGRAM_API_URL", _url("http", "https")),
        telegram_webhook=take("TELEGRAM_WEBHOOK", _webhook),
        discord_token=take("DISCORD_TOKEN", _matching(r"[\w-]+\.[\w-]+\.[\w-]+")),
        discord_api_url=take("DISCORD_API_URL", _url("http", "https")),
        discord_shards=take("DISCORD_SHARDS", _shards),
        proxy=take("PAPERCLUB_PROXY", _url("http", "https", "socks4", "socks5", "socks5h")),
        data=data,
        database=take("PAPERCLUB_DATABASE", database_at) or data / "paperclub.db",
        content=Path(content) if (content := take("PAPERCLUB_CONTENT", _path)) else None,
        web=web,
        web_secret=take("PAPERCLUB_WEB_SECRET", _matching(r".{16,}")),
        language=take("PAPERCLUB_LANGUAGE", ClubLanguage),
        zone=take("PAPERCLUB_TIMEZONE", _zone) or "UTC",
    )
    if web and web[0] not in LOOPBACK and not settings.web_secret:
        raise SettingError(
            "PAPERCLUB_WEB listens beyond this machine, so the room needs a door: set PAPERCLUB_WEB_SECRET "
            "to a secret of at least 16 characters, or use 127.0.0.1:8000."
        )
    if settings.discord_shards and settings.shares_discord and isinstance(settings.database, Path):
        raise SettingError(
            "DISCORD_SHARDS leaves shards to other processes, which share the record, and only PostgreSQL "
            f"can be shared: set PAPERCLUB_DATABASE to {_BY_NAME['PAPERCLUB_DATABASE'].example}, or set "
            f"DISCORD_SHARDS={settings.discord_shards[1]} to serve all shards from this process."
        )
    if settings.telegram_webhook and web is None:
        raise SettingError(
            "TELEGRAM_WEBHOOK needs the web room’s server, which PAPERCLUB_WEB=off switches off: set "
            "PAPERCLUB_WEB to where it should listen, such as 127.0.0.1:8000, or leave TELEGRAM_WEBHOOK out."
        )
    return settings


class _Taker:
    """Takes one setting at a time, and says what is wrong with it."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __call__(self, name: str, read: Callable[[str], T]) -> T | None:
        if name not in self._given:
            return None
        try:
            return read(self._given[name])
        except (ValueError, KeyError, OSError):
            raise _malformed(name) from None


def _unknown(name: str) -> SettingError:
    near = get_close_matches(name.upper(), _BY_NAME, 1)
    advice = (
        f"Did you mean {near[0]}, such as {near[0]}={_BY_NAME[near[0]].example}?"
        if near
        else (f"Known settings: {', '.join(_BY_NAME)}.")
    )
    return SettingError(f"{name} is not a setting of Paperclub. {advice}")


def _malformed(name: str) -> SettingError:
    setting = _BY_NAME[name]
    return SettingError(f"{name} should be {setting.shape}, such as {name}={setting.example}")


def _matching(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return read


def _url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
            raise ValueError
        return text.rstrip("/")

    return read


def _webhook(text: str) -> str:
    """Telegram reaches https alone, and few ports. What has a query or a password is no place for a path."""
    address, parts = _url("https")(text), urlsplit(text)
    if parts.port not in (None, *WEBHOOK_PORTS) or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError
    return address


def _shards(text: str) -> tuple[range, int] | None:
    """`auto`, `8`, `0-3/8` or `5/8`."""
    if text.lower() == "auto":
        return None
    found = re.fullmatch(r"(?:(\d{1,5})(?:-(\d{1,5}))?/)?(\d{1,5})", text, re.ASCII)
    if not found:
        raise ValueError
    count = int(found[3])
    first = int(found[1] or 0)
    last = int(found[2] or found[1] or count - 1)
    if not 0 <= first <= last < count:
        raise ValueError
    return range(first, last + 1), count


def _path(text: str) -> str:
    if "://" in text:
        raise ValueError
    return os.path.expanduser(text)


def database_at(text: str) -> Path | str:
    """The database a text names: the path of a file, or the URL of a PostgreSQL database as it is.

    Raises ValueError.
    """
    if "://" not in text:
        return Path(_path(text))
    parts = urlsplit(text)
    known_host = parts.hostname or "host" in parse_qs(parts.query)
    if parts.scheme not in ("postgresql", "postgres") or not known_host or not parts.path.strip("/"):
        raise ValueError
    if parts.port == 0:
        raise ValueError
    return text


def without_secrets(database: Path | str) -> str:
    """A database as it may be shown: a URL with its password and options left out."""
    if isinstance(database, Path):
        return str(database)
    parts = urlsplit(database)
    user, at, place = parts.netloc.rpartition("@")
    hidden = ":…" if parts.password else ""
    return f"{parts.scheme}://{user.partition(':')[0]}{hidden if user else ''}{at}{place}{parts.path}"


def secrets_of(url: str) -> list[str]:
    """The password in a URL, as it stands there and as it is meant."""
    parts = urlsplit(url)
    written = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    return [form for password in written if password for form in {password, unquote(password)}]


def _address(text: str) -> tuple[str, int] | None:
    if text.lower() == "off":
        return None
    host, _, port = text.rpartition(":")
    if not host or not 0 <= int(port) <= 65535:
        raise ValueError
    return host.strip("[]"), int(port)


def _zone(text: str) -> str:
    ZoneInfo(text)
    return text
