"""``hallplan centralise``: a setting compared with the hall as it is, a path of settings, the scenario as a file."""

import json
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from cases import for_each

import hallplan
from planner.centralising import Dial, centralised
from scenarios.compose.composing import composed

PAGES = Path(hallplan.__file__).resolve().parents[1] / "docs" / "reference"
SCHEMA = json.loads((PAGES / "cli-output.schema.json").read_text(encoding="utf-8"))
HALL = "honghuagang-2013"
SHORT = ("--reps", "2", "--days", "5", "--set", "run.warm_up_days=0", "--set", "run.follow_up_days=0")


def test_a_setting_is_compared_with_the_hall_as_it_is(ask):
    answer = ask("centralise", HALL, "--sections", "20", "--authority", "full", *SHORT, "--json")
    document = answer.document
    assert document["command"] == "compare"
    assert [entry["label"] for entry in document["scenarios"]] == [HALL, "20 sections, full authority"]
    assert document["scenarios"][1]["levers"] == ["delegate-sign-off", "merge-sections"]


def test_a_path_shows_what_each_step_changes_and_where_it_ends(ask):
    words = ("centralise", HALL, "--sections", "20", "--windows", "any", "--path", *SHORT)
    words = (*words, "--metric", "ticket_wait_mean_min")
    out = ask(*words).out
    assert "What each step changes, from the setting before it" in out
    assert "2. any window against honghuagang-2013" in out
    assert "1. 20 sections against" not in out
    document = ask(*words, "--json").document
    (metric,) = document["metrics"]
    means = [side["mean"] for side in metric["scenarios"]]
    assert [step["scenario"] for step in metric["steps"]] == ["1. 20 sections", "2. any window"]
    for (before, after), step in zip(pairwise(means), metric["steps"], strict=True):
        assert step["change"]["mean"] == pytest.approx(after - before, abs=0.02), "means of ratios, and ratio of sums"
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_the_scenario_is_a_file_that_the_other_commands_open(ask, tmp_path):
    file = str(tmp_path / "towns.toml")
    words = ("centralise", HALL, "--items-out", "busiest:2", "--towns", "2", "--desks", "2", *SHORT)
    answer = ask(*words, "--scenario-out", file)
    assert f"The scenario at that setting is written to {file}." in answer.out
    start = composed(HALL, overrides={"run.days": 5, "run.warm_up_days": 0, "run.follow_up_days": 0})
    expected = centralised(start, Dial(items_out="busiest:2", towns=2, desks=2)).scenario
    assert composed(file).scenario == expected
    assert ask("check", file).code == 0
    again = ask(*words, "--scenario-out", file)
    assert (again.code, "exists already" in again.err) == (1, True)


def test_a_comparison_that_fails_leaves_no_scenario_behind(ask, tmp_path):
    file = tmp_path / "hall.toml"
    (tmp_path / "taken").touch()
    answer = ask("centralise", HALL, "--windows", "any", "--scenario-out", str(file), "--out", str(tmp_path / "taken"))
    assert (answer.code, "is a file, not a folder" in answer.err) == (1, True)
    assert not file.exists(), "the same words with another --out would stop at it"


def test_a_scenario_too_large_to_open_again_is_not_written(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("scenarios.compose.writing.to_toml", lambda _raw: "#" * 1_000_001)
    monkeypatch.setattr("hallplan.cli.commands.centralise.print_comparison", pytest.fail)
    file = tmp_path / "hall.toml"
    answer = ask("centralise", "city-hall", "--windows", "any", "--scenario-out", str(file))
    assert (answer.code, "no command would open it" in answer.err, file.exists()) == (1, True, False)


@pytest.mark.slow
def test_a_setting_of_all_parts_is_that_of_python(ask, tmp_path):
    file = str(tmp_path / "all.toml")
    words = ("--items-in", "busiest:1", "--sections", "7", "--in-hall", "--authority", "partial", "--windows", "field")
    ask("centralise", HALL, *words, "--items-out", "busiest:1", "--reps", "1", "--days", "1", "--scenario-out", file)
    setting = {"sections": 7, "in_hall": True, "authority": "partial", "windows": "field"}
    scenario = hallplan.centralise(HALL, items_in="busiest:1", items_out="busiest:1", **setting)
    assert composed(file).scenario.services == scenario.services
    assert composed(file).scenario.pools == scenario.pools
    assert composed(file).scenario.levers == scenario.levers


@for_each(
    "words, code, sentence",
    [
        ((), 2, "No setting is given"),
        (("--windows", "all"), 2, "--windows does not take “all”"),
        (("--authority", "ful"), 2, "did you mean full"),
        (("--sections", "47"), 1, "47 sections are not possible: the hall has 46"),
        (("--sections", "0"), 1, "0 sections are not possible: the hall has 46"),
        (("--windows", "any", "--scenario-out", "hall.json"), 2, "write hall.toml, not “hall.json”"),
        (("--sections", "some"), 2, "--sections takes a whole number"),
        (("--items-in", "busiest:99"), 1, "The 99 busiest items cannot move in: 15"),
        (("--items-in", "department:Finance"), 1, "The department Finance has no item"),
        (("--items-in", "Residence pemit"), 1, "did you mean Residence permit"),
        (("--towns", "3"), 1, "Towns and desks need items"),
        (("--windows", "any", "--metric", "no_metric"), 2, "no_metric"),
    ],
)
def test_a_bad_setting_is_one_sentence(ask, words, code, sentence):
    answer = ask("centralise", HALL, *words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["township-desk", "textbook-mm3"])
def test_a_scenario_without_named_pools_is_one_sentence(ask, name):
    for words in (
        ("--sections", "1"),
        ("--in-hall",),
        ("--authority", "full"),
        ("--windows", "field"),
        ("--items-in", "busiest:1"),
    ):
        answer = ask("centralise", name, *words)
        assert answer.code == 1, words
        assert len(answer.err.strip().splitlines()) == 1, words


@pytest.mark.slow
def test_titles_are_those_of_the_setting_with_a_posterior_too(ask):
    words = ("centralise", HALL, "--windows", "any", *SHORT, "--posterior", "--json")
    assert [entry["label"] for entry in ask(*words).document["scenarios"]] == [HALL, "any window"]
