"""The Dockerfile, read step by step against the project: finding a broken step takes no container engine."""

import importlib.metadata
import json
import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
ENVIRONMENT = "/opt/paperclub"
KEYWORDS = {
    "FROM", "RUN", "COPY", "ENV", "USER", "VOLUME", "WORKDIR",
    "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    keyword: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The words without `--option=value`; an exec form is read as JSON, as the engine does."""
        if self.rest.startswith("["):
            return [str(word) for word in json.loads(self.rest)]
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def parsed() -> list[list[Step]]:
    """The steps of each stage, the last stage last."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    stages: list[list[Step]] = []
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            stages.append([])
        stages[-1].append(Step(keyword, " ".join(rest.split())))
    return stages


def ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps the path out: the last rule that fits it or a parent wins."""
    candidates = [str(parent) for parent in Path(path).parents if str(parent) != "."] + [path]
    verdict = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        pattern = "".join(
            {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
            for part in re.split(r"(\*\*/|\*\*|\*|\?)", rule.removeprefix("!").strip("/"))
        )
        if any(re.fullmatch(pattern, candidate) for candidate in candidates):
            verdict = not rule.startswith("!")
    return verdict


@pytest.fixture(scope="module")
def stages() -> list[list[Step]]:
    return parsed()


@pytest.fixture(scope="module")
def builder(stages: list[list[Step]]) -> list[Step]:
    return stages[0]


@pytest.fixture(scope="module")
def final(stages: list[list[Step]]) -> list[Step]:
    return stages[-1]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def every(steps: list[Step], keyword: str) -> list[Step]:
    return [step for step in steps if step.keyword == keyword]


def only(steps: list[Step], keyword: str) -> Step:
    """The stage's single step of this keyword."""
    (step,) = every(steps, keyword)
    return step


def environment(steps: list[Step]) -> dict[str, str]:
    return dict(word.split("=", 1) for step in every(steps, "ENV") for word in step.words)


def test_there_are_two_stages_and_every_instruction_is_known(stages: list[list[Step]]) -> None:
    assert len(stages) == 2
    assert {step.keyword for stage in stages for step in stage} == KEYWORDS


def test_both_stages_use_the_same_slim_python_that_the_project_supports(
    stages: list[list[Step]], project: dict[str, Any]
) -> None:
    images = {stage[0].words[0] for stage in stages}
    assert len(images) == 1, "the environment built in one Python would not run in another"
    match = re.fullmatch(r"python:(\d+\.\d+)-slim", images.pop())
    assert match
    assert match[1] in SpecifierSet(project["requires-python"])
    assert f"Programming Language :: Python :: {match[1]}" in project["classifiers"]


def test_every_copied_source_exists_and_reaches_the_build(builder: list[Step]) -> None:
    sources = [source for step in every(builder, "COPY") for source in step.words[:-1]]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not ignored(source), source
    for module in (ROOT / "bot").rglob("*.py"):
        assert not ignored(str(module.relative_to(ROOT))), module


def test_every_package_and_licence_of_the_wheel_is_copied(
    builder: list[Step], project: dict[str, Any]
) -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    copied = {source for step in every(builder, "COPY") for source in step.words[:-1]}
    assert copied >= {*tools["hatch"]["build"]["targets"]["wheel"]["packages"], *project["license-files"]}
    for step in every(builder, "COPY"):
        *sources, target = step.words
        if (ROOT / sources[0]).is_dir():
            assert sources == [target], (
                "a folder's content lands in the target: the target must carry its name"
            )


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "data/paperclub.sqlite3",
        "tests/test_dockerfile.py",
        "bot/__pycache__/app.pyc",
    ],
)
def test_secrets_data_and_clutter_stay_out_of_the_build(path: str) -> None:
    assert ignored(path)


def test_libraries_come_only_from_the_hashed_lock(builder: list[Step]) -> None:
    installs = [step.rest for step in every(builder, "RUN") if " install " in step.rest]
    assert len(installs) == 2
    libraries, project_itself = installs
    assert "--require-hashes" in libraries
    assert "--only-binary=:all:" in libraries, "slim images have no compiler"
    assert shlex.split(libraries)[-2:] == ["--requirement", "requirements.lock"]
    assert {"--no-deps", "--no-build-isolation", "."} <= set(shlex.split(project_itself))
    for install in installs:
        assert f"--python {ENVIRONMENT}/bin/python" in install


def test_libraries_are_installed_before_the_code_is_copied_so_their_layer_is_kept(
    builder: list[Step],
) -> None:
    order = [step.rest for step in builder]
    (install,) = [place for place, rest in enumerate(order) if "--require-hashes" in rest]
    copies = [place for place, step in enumerate(builder) if step.keyword == "COPY"]
    assert [place < install for place in copies] == [True] + [False] * (len(copies) - 1)


def test_the_final_stage_takes_only_the_environment_from_the_builder(
    builder: list[Step], final: list[Step]
) -> None:
    assert builder[0].rest.endswith(" AS builder")
    copy = only(final, "COPY")
    assert copy.rest.startswith("--from=builder ")
    assert copy.words == [ENVIRONMENT, ENVIRONMENT], (
        "scripts hold absolute paths: the environment must not move"
    )
    assert environment(final)["PATH"].split(":")[0] == f"{ENVIRONMENT}/bin"


def test_the_final_stage_adds_one_font_and_no_compiler(final: list[Step]) -> None:
    commands = " ; ".join(step.rest for step in every(final, "RUN"))
    (packages,) = re.findall(r"apt-get install ([^&;]*)", commands)
    assert [word for word in packages.split() if not word.startswith("-")] == ["fonts-wqy-microhei"]
    assert "--no-install-recommends" in packages
    assert "rm -rf /var/lib/apt/lists/*" in commands
    assert not re.search(r"\bpip\b|\bgcc\b|build-essential", commands)


def test_it_runs_as_an_unprivileged_user_of_fixed_number_who_owns_the_volume(final: list[Step]) -> None:
    user, group = only(final, "USER").rest.split(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    setup = " ".join(step.rest for step in every(final, "RUN"))
    assert f"--uid {user} " in setup
    assert f"--gid {group} " in setup
    volume = only(final, "VOLUME").rest
    assert re.search(rf"install --directory --owner={user} --group={group} --mode=0700 {volume}(\s|$)", setup)
    order = [step.keyword for step in final]
    assert order.index("USER") > max(
        place for place, keyword in enumerate(order) if keyword in {"RUN", "COPY"}
    )


def test_only_the_volume_is_written_to(final: list[Step]) -> None:
    settings = environment(final)
    assert only(final, "VOLUME").rest == "/data" == settings["PAPERCLUB_DATA"] == only(final, "WORKDIR").rest
    assert settings["PYTHONDONTWRITEBYTECODE"] == "1"


def test_byte_code_is_written_before_writing_it_is_switched_off(final: list[Step]) -> None:
    (compiled,) = [place for place, step in enumerate(final) if "import bot.__main__, bot.app" in step.rest]
    switched_off = [place for place, step in enumerate(final) if "PYTHONDONTWRITEBYTECODE" in step.rest]
    assert compiled < min(switched_off)


def test_the_web_room_listens_on_loopback_unless_the_owner_says_otherwise(final: list[Step]) -> None:
    settings = environment(final)
    assert settings["PAPERCLUB_WEB"] == "127.0.0.1:8000"
    assert not [name for name in settings if "TOKEN" in name or "SECRET" in name]
    assert not every(final, "EXPOSE")


def test_the_entry_point_and_the_health_check_are_commands_of_the_console_script(
    final: list[Step], project: dict[str, Any]
) -> None:
    entry, command, health = only(final, "ENTRYPOINT"), only(final, "CMD"), only(final, "HEALTHCHECK")
    options, _, probe = health.rest.partition(" CMD ")
    assert {option.partition("=")[0] for option in options.split()} == {
        "--interval", "--timeout", "--start-period", "--retries",
    }  # fmt: skip
    calls = [entry.words + command.words, Step("CMD", probe).words]
    assert all(step.rest.startswith("[") for step in (entry, command)), "a shell would swallow SIGTERM"
    assert calls == [["paperclub", "run"], ["paperclub", "health"]]
    assert only(final, "STOPSIGNAL").rest == "SIGTERM"

    script = importlib.metadata.EntryPoint(
        "paperclub", project["scripts"]["paperclub"], "console_scripts"
    ).load()
    assert {call[1] for call in calls} <= set(script.commands)
