"""The documented form of what ``--json`` prints.

Input: a document.  Output: the document, if it has this form.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema

__all__ = ["SCHEMA", "conforms"]

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8")
)


def conforms(document: Any) -> Any:
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document
