"""A new paper or plan for an author to fill in: every file and field, each explained by a comment."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from bot.library.files import shipped
from bot.library.format import ID, PAPER_ID_LIMIT

_TEMPLATES = files("bot.library").joinpath("templates")


class CannotBegin(Exception):
    """Nothing was made. The message says why, and what to do."""


def begin_paper(folder: Path, paper_id: str) -> Path:
    """Make a paper's folder inside a content folder. Raises CannotBegin."""
    made = _room(folder, "papers", paper_id, paper_id)
    texts = {file.name: file.read_text("utf-8") for file in _TEMPLATES.joinpath("paper").iterdir()}
    made.mkdir(parents=True)
    _write(made, texts, paper_id, _schemas(folder, "../../schemas"))
    return made


def begin_plan(folder: Path, plan_id: str) -> Path:
    """Make a plan's file inside a content folder. Raises CannotBegin."""
    made = _room(folder, "plans", plan_id, f"{plan_id}.yaml")
    made.parent.mkdir(parents=True, exist_ok=True)
    text = _TEMPLATES.joinpath("plan.yaml").read_text("utf-8")
    _write(made.parent, {made.name: text}, plan_id, _schemas(folder, "../schemas"))
    return made


def _room(folder: Path, kind: str, new_id: str, name: str) -> Path:
    """Where the new thing will stand, if it may and there is nothing yet."""
    if not re.fullmatch(ID, new_id) or len(new_id) > PAPER_ID_LIMIT:
        raise CannotBegin(
            f"“{new_id}” cannot be an id. Take small letters, digits and single hyphens, "
            f"{PAPER_ID_LIMIT} characters at most{_such_as(new_id)}."
        )
    made = folder / kind / name
    if made.exists():
        raise CannotBegin(
            f"{made} is there already, and was left as it is. Take another id, or edit that one."
        )
    if name in {entry.name for entry in shipped().joinpath(kind).iterdir()}:
        raise CannotBegin(f"{new_id} is the id of a built-in one already. Take another.")
    return made


def _such_as(wanted: str) -> str:
    near = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:PAPER_ID_LIMIT].strip("-")
    return f", such as {near}" if near else ""


def _schemas(folder: Path, near: str) -> str:
    """Where editors find the schemas: beside the paper in the built-in folder, else where that one is."""
    built_in = shipped().joinpath("schemas")
    return near if (folder / "schemas").is_dir() else Path(str(built_in)).absolute().as_uri()


def _write(folder: Path, texts: Mapping[str, str], new_id: str, schemas: str) -> None:
    for name, text in texts.items():
        (folder / name).write_text(text.replace("@id@", new_id).replace("@schemas@", schemas), "utf-8")
