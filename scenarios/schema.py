"""The format as JSON Schema, for editors and for whoever writes scenario files by program.

Input: the models, with what their docstrings say of every key.  Output: two schemas (draft 2020-12): of scenario files,
with all that they may say while they are being composed, and of lever files.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, Final

from pydantic import BaseModel

from scenarios import model
from scenarios.compose import levers
from scenarios.model.laws import Law

__all__ = ["field_descriptions", "json_schema", "lever_schema"]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_BLOCK: Final = re.compile(r"^(\w+(?:, \w+)*)\n((?: {4}.*\n?|\n(?= {4}))+)", re.MULTILINE)
_TEXT: Final = {"type": "string"}

_COMPOSING: Final[dict[str, dict[str, Any]]] = {
    "extends": {**_TEXT, "description": "The scenario that this file changes: a built-in one, or a file beside it."},
    "levers": {
        "description": "Levers to apply to what the file extends: names, or tables with use and parameters.",
        "type": "array",
        "items": {"anyOf": [_TEXT, {"type": "object", "properties": {"use": _TEXT}, "required": ["use"]}]},
    },
    "levers_applied": {
        "description": "Levers that are in the numbers already: a note that Hallplan writes.",
        "type": "array",
        "items": _TEXT,
    },
    "remove": {
        "description": "Dotted paths of what to take out of what the file extends.",
        "type": "array",
        "items": _TEXT,
    },
    "templates": {
        "description": "Services, or parts of them, that only serve others to be like.",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Service"},
    },
}
"""What a scenario file may say besides what a scenario consists of."""

_PLACING: Final = {
    "after_step": {**_TEXT, "description": "Put the step right after this one of the route."},
    "before_step": {**_TEXT, "description": "Put the step right before this one of the route."},
}
_LIKE: Final = {
    "description": "The entries of its table (for a service, templates too) that it is like but for what it says.",
    "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
}
_WITH_LIKE: Final = ("Arrival", "Pool", "Service", "Site", "Timetable")
_MAY_BE_PARTIAL: Final = ("Absent", "Arrival", "ComesBack", "Slots")
"""Tables that a file may hold in part, the rest coming from what it extends."""


def field_descriptions(kind: type[BaseModel]) -> dict[str, str]:
    """Return what a model's docstring says of every field, by field."""
    _, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes\n----------\n")
    return {
        name: " ".join(text.split()) for names, text in _BLOCK.findall(attributes + "\n") for name in names.split(", ")
    }


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files."""
    schema = _described(model.Scenario)
    definitions = schema["$defs"]
    for name in _MAY_BE_PARTIAL:
        definitions[name].pop("required", None)
    definitions["Step"]["properties"] |= _PLACING
    for name in _WITH_LIKE:
        definitions[name]["properties"]["like"] = _LIKE
    for route in schema["properties"]["routes"]["patternProperties"].values():
        ((names, step),) = route["patternProperties"].items()
        route["patternProperties"] = {names.replace("^", "^(?!like$)", 1): step}
        route["properties"] = {"like": {**_LIKE, "anyOf": [*_LIKE["anyOf"], step]}}
    services = definitions["Arrival"]["properties"]["services"]
    definitions["Arrival"]["properties"]["services"] = {
        "description": services.pop("description"),
        "anyOf": [_TEXT, services],
    }
    schema["properties"] |= _COMPOSING
    required = schema.pop("required")
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return schema


def lever_schema() -> dict[str, Any]:
    """Return the JSON Schema of lever files (the tables that are walked with the scenario are free)."""
    return _described(levers.LeverFile)


def _described(kind: type[BaseModel]) -> dict[str, Any]:
    schema = kind.model_json_schema()
    definitions = schema.get("$defs", {})
    kinds = {part.__name__: part for module in (model, levers) for part in _models(module)} | {"Law": Law}
    _describe(schema, kind)
    for name, definition in definitions.items():
        _describe(definition, kinds[name])
    for name, short in (("Law", [_TEXT, {"type": "number"}]), ("Text", [_TEXT])):
        if name in definitions:
            definitions[name] = {"anyOf": [*short, definitions[name]]}
    return {"$schema": _DRAFT, **_without_null(schema)}


def _models(module: Any) -> list[type[BaseModel]]:
    return [part for part in vars(module).values() if isinstance(part, type) and issubclass(part, BaseModel)]


def _describe(schema: dict[str, Any], kind: type[BaseModel]) -> None:
    summary = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    schema["description"] = " ".join(summary.split())
    said = field_descriptions(kind)
    for name, field in schema["properties"].items():
        field.pop("title", None)
        field["description"] = said[name]


def _without_null(node: Any) -> Any:
    """Take out the null that stands for a key left out: TOML has none."""
    if isinstance(node, list):
        return [_without_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _without_null(value) for key, value in node.items() if not (key == "default" and value is None)}
    options = [option for option in plain.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1 and len(plain["anyOf"]) == 2:
        del plain["anyOf"]
        return {**options[0], **plain}
    return plain
