"""What the host decides, read once and checked."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.languages import ClubLanguage
from bot.settings import SETTINGS, SettingError, Settings, read_settings

GOOD = {
    "TELEGRAM_TOKEN": "123456789:AAF-abcdefghijklmnop_qrstuvwxyz",
    "TELEGRAM_API_URL": "http://127.0.0.1:8081",
    "TELEGRAM_WEBHOOK": "https://club.example.org:8443/books/",
    "DISCORD_TOKEN": "MTA5abc.G3xabc.q8R-abc_def",
    "DISCORD_API_URL": "http://127.0.0.1:8800/api/v10",
    "DISCORD_SHARDS": "0-3/8",
    "PAPERCLUB_PROXY": "socks5://name:word@127.0.0.1:1080",
    "PAPERCLUB_DATABASE": "postgresql://club:pass%40word@127.0.0.1:5432/paperclub",
    "PAPERCLUB_DATA": "/srv/paperclub",
    "PAPERCLUB_CONTENT": "/srv/paperclub/content",
    "PAPERCLUB_WEB": "127.0.0.1:8000",
    "PAPERCLUB_WEB_SECRET": "a-long-secret-of-yours",
    "PAPERCLUB_LANGUAGE": "both",
    "PAPERCLUB_TIMEZONE": "Asia/Shanghai",
}
SECRETS = {setting.name for setting in SETTINGS if setting.secret}


def test_the_table_of_these_tests_is_whole() -> None:
    assert {setting.name for setting in SETTINGS} == set(GOOD)
    assert {
        "TELEGRAM_TOKEN",
        "DISCORD_TOKEN",
        "PAPERCLUB_PROXY",
        "PAPERCLUB_DATABASE",
        "PAPERCLUB_WEB_SECRET",
    } == SECRETS


def test_every_setting_is_taken(tmp_path: Path) -> None:
    assert read_settings(GOOD, tmp_path) == Settings(
        telegram_token=GOOD["TELEGRAM_TOKEN"],
        telegram_api_url="http://127.0.0.1:8081",
        telegram_webhook="https://club.example.org:8443/books",
        discord_token=GOOD["DISCORD_TOKEN"],
        discord_api_url="http://127.0.0.1:8800/api/v10",
        discord_shards=(range(4), 8),
        proxy=GOOD["PAPERCLUB_PROXY"],
        data=Path("/srv/paperclub"),
        content=Path("/srv/paperclub/content"),
        database=GOOD["PAPERCLUB_DATABASE"],
        web=("127.0.0.1", 8000),
        web_secret="a-long-secret-of-yours",
        language=ClubLanguage.BOTH,
        zone="Asia/Shanghai",
    )


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = read_settings({"HOME": "/home/ann", "PATH": "/bin"}, tmp_path)
    assert settings.telegram_token is settings.discord_token is settings.language is None
    assert settings.web == ("127.0.0.1", 8000)
    assert settings.zone == "UTC"
    assert settings.database == settings.data / "paperclub.db"
    assert settings.data.name == "paperclub"
    assert tmp_path not in settings.data.parents


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "paperclub.toml").write_text(
        'PAPERCLUB_LANGUAGE = "en"\nPAPERCLUB_TIMEZONE = "Europe/Berlin"\nPAPERCLUB_WEB = "off"\n', "utf-8"
    )
    (tmp_path / ".env").write_text("PAPERCLUB_LANGUAGE=zh\nPAPERCLUB_TIMEZONE=Asia/Tokyo\nOTHER=1\n", "utf-8")
    settings = read_settings({"PAPERCLUB_LANGUAGE": "both"}, tmp_path)
    assert (settings.language, settings.zone, settings.web) == (ClubLanguage.BOTH, "Asia/Tokyo", None)


def test_an_empty_variable_is_as_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKEN=\nPAPERCLUB_LANGUAGE=zh\n", "utf-8")
    settings = read_settings({"PAPERCLUB_LANGUAGE": "", "DISCORD_TOKEN": "  "}, tmp_path)
    assert (settings.telegram_token, settings.discord_token) == (None, None)
    assert settings.language is ClubLanguage.ZH


def test_a_named_file_is_read_and_has_to_be_there(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    with pytest.raises(SettingError, match=r"mine\.toml cannot be read"):
        read_settings({}, tmp_path, file)
    file.write_text('PAPERCLUB_LANGUAGE = "zh"', "utf-8")
    assert read_settings({}, tmp_path, file).language is ClubLanguage.ZH


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PAPERCLUB_LANGUAGE = zh", 'cannot be read: .* Write lines such as PAPERCLUB_LANGUAGE = "zh"'),
        (b"\xff\xfe", "cannot be read"),
        (b"PAPERCLUB_WEB = 8000", "PAPERCLUB_WEB should be host:port"),
        (b'PAPERCLUB_LANG = "zh"', "PAPERCLUB_LANG is not a setting"),
        (b"[bot]\nx = 1", "bot is not a setting"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "paperclub.toml").write_bytes(content)
    with pytest.raises(SettingError, match=told):
        read_settings({}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "not-a-token"),
        ("TELEGRAM_TOKEN", "123456789:short"),
        ("TELEGRAM_TOKEN", "bot123456789:AAF-abcdefghijklmnop"),
        ("TELEGRAM_API_URL", "127.0.0.1:8081"),
        ("TELEGRAM_API_URL", "ftp://127.0.0.1"),
        ("TELEGRAM_API_URL", "http://"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:99999"),
        ("TELEGRAM_WEBHOOK", "http://club.example.org"),
        ("TELEGRAM_WEBHOOK", "club.example.org"),
        ("TELEGRAM_WEBHOOK", "https://club.example.org:8080"),
        ("TELEGRAM_WEBHOOK", "https://club.example.org/?a=b"),
        ("TELEGRAM_WEBHOOK", "https://name:word@club.example.org"),
        ("DISCORD_TOKEN", "abc.def"),
        ("DISCORD_TOKEN", "Bot MTA5abc.G3xabc.q8R-abc"),
        ("DISCORD_API_URL", "/api/v10"),
        ("DISCORD_SHARDS", "many"),
        ("DISCORD_SHARDS", "0"),
        ("DISCORD_SHARDS", "-1"),
        ("DISCORD_SHARDS", "8/8"),
        ("DISCORD_SHARDS", "0-8/8"),
        ("DISCORD_SHARDS", "3-0/8"),
        ("DISCORD_SHARDS", "0-3"),
        ("DISCORD_SHARDS", "0-3/"),
        ("DISCORD_SHARDS", "٠-٣/٨"),
        ("PAPERCLUB_PROXY", "127.0.0.1:1080"),
        ("PAPERCLUB_PROXY", "socks://127.0.0.1"),
        ("PAPERCLUB_DATABASE", "mysql://host/club"),
        ("PAPERCLUB_DATABASE", "sqlite:///srv/club.db"),
        ("PAPERCLUB_DATABASE", "postgresql://host"),
        ("PAPERCLUB_DATABASE", "postgresql:///club"),
        ("PAPERCLUB_DATABASE", "postgresql://user:secret@host:99999/club"),
        ("PAPERCLUB_CONTENT", "https://example.org/papers"),
        ("PAPERCLUB_WEB", "8000"),
        ("PAPERCLUB_WEB", ":8000"),
        ("PAPERCLUB_WEB", "127.0.0.1:"),
        ("PAPERCLUB_WEB", "127.0.0.1:80000"),
        ("PAPERCLUB_WEB", "127.0.0.1:http"),
        ("PAPERCLUB_WEB", "false"),
        ("PAPERCLUB_WEB_SECRET", "short"),
        ("PAPERCLUB_LANGUAGE", "klingon"),
        ("PAPERCLUB_LANGUAGE", "EN"),
        ("PAPERCLUB_TIMEZONE", "Mars/Olympus"),
        ("PAPERCLUB_TIMEZONE", "../etc/passwd"),
        ("PAPERCLUB_TIMEZONE", "/etc/localtime"),
        ("PAPERCLUB_TIMEZONE", "Asia"),
    ],
)
def test_a_malformed_setting_is_refused_by_name_with_an_example_and_without_its_value(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingError) as refusal:
        read_settings({name: value}, tmp_path)
    [setting] = [setting for setting in SETTINGS if setting.name == name]
    assert str(refusal.value) == f"{name} should be {setting.shape}, such as {name}={setting.example}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__, "the value would stand in the traceback"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("PAPERCLUB_LANGAUGE", "Did you mean PAPERCLUB_LANGUAGE, such as PAPERCLUB_LANGUAGE=both?"),
        ("TELEGRAM_TOKN", "Did you mean TELEGRAM_TOKEN"),
        ("PAPERCLUB_XYZZY_PLUGH_QUUX", "Known settings: TELEGRAM_TOKEN, "),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} is not a setting of Paperclub") as refusal:
        read_settings({name: "x"}, tmp_path)
    assert told in str(refusal.value)


def test_variables_of_others_are_none_of_our_business(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=x\nLANG=zh\n", "utf-8")
    assert read_settings({"LANGUAGE": "zh", "HTTP_PROXY": "x"}, tmp_path).language is None


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "192.168.1.5:8000", "[::]:8000", "club.example.org:80"])
def test_listening_beyond_this_machine_needs_a_secret(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingError, match="set PAPERCLUB_WEB_SECRET"):
        read_settings({"PAPERCLUB_WEB": address}, tmp_path)
    both = {"PAPERCLUB_WEB": address, "PAPERCLUB_WEB_SECRET": "a-long-secret-of-yours"}
    assert read_settings(both, tmp_path).web is not None


def test_a_webhook_needs_the_server_of_the_web_room(tmp_path: Path) -> None:
    given = {"TELEGRAM_WEBHOOK": "https://club.example.org", "PAPERCLUB_WEB": "off"}
    with pytest.raises(SettingError, match=r"set PAPERCLUB_WEB to .+ or leave TELEGRAM_WEBHOOK out"):
        read_settings(given, tmp_path)


@pytest.mark.parametrize(
    ("text", "shards"),
    [
        ("auto", None),
        ("1", (range(1), 1)),
        ("4", (range(4), 4)),
        ("0-7/8", (range(8), 8)),
    ],
)
def test_all_shards_are_served_on_either_database(
    tmp_path: Path, text: str, shards: tuple[range, int] | None
) -> None:
    settings = read_settings({"DISCORD_SHARDS": text}, tmp_path)
    assert settings.discord_shards == shards
    assert not settings.shares_discord


@pytest.mark.parametrize(
    ("text", "numbers"), [("0-3/8", range(4)), ("4-7/8", range(4, 8)), ("5/8", range(5, 6))]
)
def test_some_shards_are_served_on_a_database_that_can_be_shared(
    tmp_path: Path, text: str, numbers: range
) -> None:
    with pytest.raises(
        SettingError, match=r"set PAPERCLUB_DATABASE to postgresql:.+ or set DISCORD_SHARDS=8 "
    ):
        read_settings({"DISCORD_SHARDS": text}, tmp_path)
    settings = read_settings(
        {"DISCORD_SHARDS": text, "PAPERCLUB_DATABASE": "postgresql://host/club"}, tmp_path
    )
    assert settings.discord_shards == (numbers, 8)
    assert settings.shares_discord


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:0", ("localhost", 0)),
        ("[::1]:8000", ("::1", 8000)),
        ("off", None),
        ("OFF", None),
        (" 127.0.0.1:9000 ", ("127.0.0.1", 9000)),
    ],
)
def test_loopback_needs_no_secret(tmp_path: Path, text: str, address: tuple[str, int] | None) -> None:
    assert read_settings({"PAPERCLUB_WEB": text}, tmp_path).web == address


def test_no_secret_is_in_the_representation(tmp_path: Path) -> None:
    shown = repr(read_settings(GOOD, tmp_path))
    assert len(SECRETS) == 5
    for name in SECRETS:
        assert GOOD[name] not in shown


def test_every_secret_is_known_to_be_one_and_a_password_in_all_its_forms(tmp_path: Path) -> None:
    secrets = read_settings(GOOD, tmp_path).secrets
    assert {GOOD[name] for name in SECRETS} | {"pass%40word", "pass@word"} == set(secrets)
    assert read_settings({"PAPERCLUB_DATABASE": "/srv/club.db"}, tmp_path).secrets == ()


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("/srv/paperclub/club.db", Path("/srv/paperclub/club.db")),
        ("club.db", Path("club.db")),
        ("postgres://host/club", "postgres://host/club"),
        ("postgresql:///club?host=/run/postgresql", "postgresql:///club?host=/run/postgresql"),
    ],
)
def test_a_database_is_a_file_or_a_url(tmp_path: Path, text: str, database: Path | str) -> None:
    assert read_settings({"PAPERCLUB_DATABASE": text}, tmp_path).database == database


def test_the_home_folder_may_be_meant_by_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert read_settings({"PAPERCLUB_DATA": "~/club"}, tmp_path).database == Path(
        "/home/ann/club/paperclub.db"
    )


def test_every_example_is_one_that_is_taken(tmp_path: Path) -> None:
    """An example with an ellipsis stands for a secret nobody has."""
    taken = 0
    for setting in SETTINGS:
        if "…" not in setting.example:
            read_settings({setting.name: setting.example}, tmp_path)
            taken += 1
    assert taken == len(SETTINGS) - 2


@given(
    st.sampled_from(sorted(GOOD)), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
def test_any_value_is_taken_or_refused_in_words(name: str, value: str) -> None:
    try:
        read_settings({name: value}, Path("/nonexistent"))
    except SettingError as refusal:
        told = str(refusal)
        assert told.startswith(name)
        return


def test_a_file_may_hold_what_the_environment_may(tmp_path: Path) -> None:
    lines = "\n".join(f'{name} = "{value}"' for name, value in GOOD.items())
    assert set(tomllib.loads(lines)) == set(GOOD)
    (tmp_path / "paperclub.toml").write_text(lines, "utf-8")
    assert read_settings({}, tmp_path) == read_settings(GOOD, tmp_path)
