"""The JSON Schema: what it says of every key, that it lets every good file through and catches what it can."""

import datetime as dt
import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest
from cases import for_each
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from raw_scenarios import SMALL, scenarios

from scenarios import model
from scenarios.compose import lever_files
from scenarios.compose.reading import LEVER_FOLDER, LIBRARY_FOLDER, parse
from scenarios.schema import field_descriptions, json_schema, lever_schema

SCENARIOS = Draft202012Validator(json_schema())
LEVERS = Draft202012Validator(lever_schema())
MALFORMED = Path(__file__).parent / "malformed"


def plain(value):
    """Turn what tomllib reads into what JSON has: dates become texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def faults(validator, text):
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(plain(text))]


def test_both_schemas_are_schemas():
    Draft202012Validator.check_schema(json_schema())
    Draft202012Validator.check_schema(lever_schema())


@for_each("file", sorted(LIBRARY_FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_every_built_in_scenario_fits(file):
    assert not faults(SCENARIOS, tomllib.loads(file.read_text(encoding="utf-8")))


@for_each("file", sorted(LEVER_FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_every_built_in_lever_fits(file):
    assert not faults(LEVERS, tomllib.loads(file.read_text(encoding="utf-8")))


def test_composing_keys_fit():
    assert not faults(SCENARIOS, tomllib.loads(SMALL))
    text = """
extends = "small"
levers = ["a", { use = "b", pool = "window" }]
remove = ["pools.desk"]
levers_applied = ["c"]
[services.licence.visits.apply]
photo = { after_step = "window", pool = "desk", work = "1 min" }
[arrivals.questions]
per_day = 3
slots = { seats = 2 }
"""
    assert not faults(SCENARIOS, tomllib.loads(text))


@pytest.mark.slow
@settings(max_examples=40)
@given(scenarios())
def test_every_valid_scenario_fits(raw):
    assert not faults(SCENARIOS, raw)


@for_each(
    "name",
    [
        "unknown-key",
        "misspelt-table",
        "text-for-number",
        "half-a-server",
        "negative-servers",
        "negative-rate",
        "zero-days",
        "unknown-weekday",
        "unknown-mark",
        "hostile-name",
        "no-services",
        "no-name",
        "format-of-the-future",
        "extends-a-number",
        "levers-is-text",
        "share-above-one",
        "misspelt-law-key",
    ],
)
def test_the_schema_catches_what_a_schema_can(name):
    data = (MALFORMED / f"{name}.toml").read_bytes()
    table = parse(data, name=name)
    if name == "misspelt-law-key":
        table["services"]["permit"]["visits"]["apply"]["window"]["work"]["vc"] = "half"
    assert faults(SCENARIOS, table)


MODULES = [importlib.import_module(f"scenarios.model.{module.name}") for module in pkgutil.iter_modules(model.__path__)]
MODELS = [
    kind
    for module in (*MODULES, lever_files)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__
]


@for_each("kind", [kind for kind in MODELS if kind.model_fields], ids=lambda kind: kind.__name__)
def test_the_docstring_says_what_every_key_means_and_names_no_other(kind):
    assert set(field_descriptions(kind)) == set(kind.model_fields)


def test_every_key_of_the_schema_has_a_description():
    schema = json_schema()
    for place in [schema, *schema["$defs"].values()]:
        for table in [place, *place.get("anyOf", [])]:
            for key, field in table.get("properties", {}).items():
                assert field.get("description"), key
