"""Editors complete what the check demands: the schemas are those of the forms, each file names its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.library.files import shipped
from tests.schemas import FOLDER, FORMS, schema

CONTENT = Path(str(shipped()))
FILES = [file for file in sorted(CONTENT.rglob("*.yaml")) if file.name != "published.yaml"]


@pytest.mark.parametrize("name", FORMS)
def test_a_schema_is_the_one_of_its_form(name: str) -> None:
    assert (FOLDER / f"{name}.schema.json").read_text("utf-8") == schema(FORMS[name]), "run make schemas"


def test_there_is_no_schema_without_a_form() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.schema.json" for name in FORMS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_content_file_names_its_schema_in_its_first_line(file: Path) -> None:
    name = "plan" if file.parent.name == "plans" else file.stem
    first = file.read_text("utf-8").partition("\n")[0]

    address = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / address).resolve() == (FOLDER / f"{name}.schema.json").resolve()


@pytest.mark.parametrize("name", FORMS)
def test_every_field_of_a_file_is_described_or_has_described_parts(name: str) -> None:
    kinds: dict[str, Any] = json.loads(schema(FORMS[name]))["$defs"]
    told = [
        (kind, field)
        for kind, shape in kinds.items()
        for field, value in shape["properties"].items()
        if "description" not in value and not (field in ("en", "zh") and kind == "Both")
    ]
    assert told == []
