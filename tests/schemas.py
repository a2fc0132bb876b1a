"""JSON Schemas of the content files, for completion in editors. `make schemas` writes them from the forms;
tests/library/test_schemas.py compares."""

import json
from pathlib import Path

import msgspec

from bot.library.format import (
    Facts,
    Form,
    GlossaryForm,
    GuideForm,
    PictureWords,
    PlanForm,
    Prompts,
    Quiz,
)

FOLDER = Path(__file__).parent.parent / "content" / "schemas"

FORMS: dict[str, type[Form]] = {
    "glossary": GlossaryForm,
    "guide": GuideForm,
    "paper": Facts,
    "picture": PictureWords,
    "plan": PlanForm,
    "prompts": Prompts,
    "quiz": Quiz,
}
"""The form of each file, by the name of its schema."""


def schema(form: type[Form]) -> str:
    """A form as a JSON Schema, in the words that authors are told of a fault."""
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(form)
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write the schemas."""
    FOLDER.mkdir(exist_ok=True)
    for name, form in FORMS.items():
        (FOLDER / f"{name}.schema.json").write_text(schema(form), "utf-8")


if __name__ == "__main__":
    main()
