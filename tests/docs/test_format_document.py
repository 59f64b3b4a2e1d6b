"""The page on the format says what the program does: its examples load, its tables name every key and no other."""

import re
from pathlib import Path

import pytest
from cases import for_each
from jsonschema import Draft202012Validator

from scenarios import model
from scenarios.check import warnings
from scenarios.compose import levers
from scenarios.compose.composing import compose, composed
from scenarios.compose.levers import LeverUse
from scenarios.compose.merging import PLACES
from scenarios.compose.reading import parse
from scenarios.compose.writing import to_toml
from scenarios.schema import json_schema, lever_schema

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "scenario-format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml ?(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BASE = next(text for kind, text in BLOCKS if kind == "scenario")
FRAGMENTS = [text for kind, text in BLOCKS if kind == "fragment"]

SECTIONS = {
    "Laws of random quantities": model.Law,
    "The scenario itself": model.Scenario,
    "`[run]`": model.RunSpec,
    "`[calendar]`": model.CalendarSpec,
    "`[law]`": model.LawRules,
    "`[sites.NAME]`": model.Site,
    "`[pools.NAME]`": model.Pool,
    "Shifts": model.Shift,
    "`[timetables.NAME]`": model.Timetable,
    "Routes and steps": model.Step,
    "Absence": model.Absent,
    "`[services.NAME]`": model.Service,
    "`[people.NAME]`": model.Person,
    "`[visitors]`": model.Visitors,
    "`[arrivals.NAME]`": model.Arrival,
    "Slots": model.Slots,
    "Coming back": model.ComesBack,
    "`[backlog.NAME]`": model.Backlog,
    "`[provenance]`": model.Provenance,
    "`[targets]`": model.Target,
    "Lever files": levers.LeverFile,
    "Cost": levers.Cost,
    "People outside the pools": levers.OutsideStaff,
    "Parameters": levers.Parameter,
}


def section(title):
    """Return the text below a heading, up to the next one."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert match, title
    return match[1]


def rows(title):
    """Return the table of a section: its first and last column."""
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [(re.split(r"(?<!\\)\|", line)[1], re.split(r"(?<!\\)\|", line)[-2].strip()) for line in lines]


def keys(title):
    return [key for first, _ in rows(title) for key in re.findall(r"`([a-z_]+)`", first)]


def test_every_block_says_what_it_is():
    assert {kind for kind, _ in BLOCKS} == {"scenario", "fragment", "lever"}
    assert len(BLOCKS) > 20


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "scenario"])
def test_a_complete_scenario_loads_without_a_warning(tmp_path, text):
    file = tmp_path / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    result = composed(file)
    assert warnings(result.scenario) == []
    assert not list(Draft202012Validator(json_schema()).iter_errors(parse(text, name="x")))
    assert "kind" in to_toml(result.raw)


@for_each("text", FRAGMENTS, ids=range(len(FRAGMENTS)))
def test_a_fragment_loads_over_the_complete_scenario_and_changes_it(tmp_path, text):
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    (tmp_path / "fragment.toml").write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
    assert compose(tmp_path / "fragment.toml") != compose(tmp_path / "base.toml")


def test_all_fragments_together_use_every_key_that_a_scenario_may_have():
    everything = "\n".join([BASE, *FRAGMENTS])
    unused = [
        f"{kind.__name__}.{name}"
        for title, kind in SECTIONS.items()
        if kind not in (levers.LeverFile, levers.Cost, levers.OutsideStaff, levers.Parameter)
        for name in kind.model_fields
        if not re.search(rf"(?<![\w-]){name}(?![\w-])", everything)
    ]
    assert not [name for name in unused if name not in ("Scenario.title", "Scenario.description", "Scenario.demand")]


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "lever"])
def test_a_lever_loads_and_applies_to_the_complete_scenario(tmp_path, text):
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    file = tmp_path / "lever.toml"
    file.write_text(text, encoding="utf-8")
    assert not list(Draft202012Validator(lever_schema()).iter_errors(parse(text, name="x")))
    scenario = compose(tmp_path / "base.toml", levers=[LeverUse(str(file), {"minutes": 3})])
    assert list(scenario.services["licence"].visits["apply"]) == ["photo", "window", "file"]
    assert scenario.pools["desk"].servers == 2


@for_each(("title", "kind"), SECTIONS.items(), ids=SECTIONS)
def test_a_table_names_every_key_and_no_other(title, kind):
    assert sorted(keys(title)) == sorted(kind.model_fields)


def test_the_table_of_composing_names_every_key_of_the_schema_that_no_model_has():
    schema = json_schema()
    extra = set(schema["properties"]) - set(model.Scenario.model_fields)
    assert set(keys("Composing files")) == extra | {"levers", "like", *PLACES}


DEFAULTS = [
    (title, name, default)
    for title, kind in SECTIONS.items()
    for first, default in rows(title)
    for name in re.findall(r"`([a-z_]+)`", first)
]


@for_each(("title", "name", "default"), DEFAULTS, ids=[f"{t}-{n}" for t, n, _ in DEFAULTS])
def test_a_default_is_the_programs(title, name, default):
    """Where the last column shows a value in code style, it is the default; ``required`` means that there is none."""
    field = SECTIONS[title].model_fields[name]
    shown = re.fullmatch(r"`([^`]*)`", default)
    if default == "required":
        assert field.is_required()
    elif default.startswith("required"):
        assert not field.get_default()
    elif shown and shown[1] not in ('"0 min"', '"1 working days"', "1", "{ citizen = 1 }", "2014-03-03"):
        assert parse(f"x = {shown[1]}", name="x")["x"] == field.get_default()


def test_every_mark_purpose_kind_and_stop_is_named():
    for word in (*model.MARKS, *model.PURPOSES, *model.STOPS, *model.WEEKDAYS):
        assert f"`{word}`" in PAGE
    for word in ("instant", "committed", "joint", "referred", "consult"):
        assert f"`{word}`" in section("`[services.NAME]`")


def test_links_within_the_page_lead_somewhere():
    headings = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", PAGE, flags=re.M | re.S), re.MULTILINE)
    }
    for target in re.findall(r"\]\(#([^)]*)\)", PAGE):
        assert target in headings
