"""Runs that go on until they are precise: the options, what is printed, and what Python offers."""

import json
from pathlib import Path

import jsonschema
import pytest
from cases import for_each

import hallplan
from hallplan.cli.faults import USAGE
from sim.statistics import Relative

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.usefixtures("shared_results")
QUICK = ("run", "textbook-mm3", "--days", "2", "--set", "run.warm_up_days=0", "--metric", "ticket_wait_mean_min")


def test_a_run_goes_on_until_it_is_precise_and_says_so(ask):
    answer = ask(*QUICK, "--precision", "ticket_wait_mean_min=20%")
    assert answer.code == 0
    assert "Precise enough after" in answer.out
    document = ask(*QUICK, "--precision", "ticket_wait_mean_min=20%", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    precision = document["precision"]
    assert precision["reached"]
    assert document["run"]["replications"] == precision["sufficed_at"] + 5
    (asked,) = precision["asked"]
    assert asked["metric"] == "ticket_wait_mean_min"
    assert asked["half_width"] <= asked["wanted"]


def test_the_most_replications_are_kept_and_what_is_missing_is_said(ask):
    answer = ask(*QUICK, "--precision", "1%", "--reps", "21")
    assert answer.code == 0
    assert "The precision was not reached in 21 replications: ticket_wait_mean_min is known to ±" in answer.out
    assert "未达到所要求的精度" in ask(*QUICK, "--precision", "1%", "--reps", "21", "--lang", "zh").out
    few = ask(*QUICK, "--precision", "1%", "--reps", "3", "--json").document
    assert few["run"]["replications"] == 3
    assert not few["precision"]["reached"]


def test_auto_is_five_per_cent(ask):
    words = ("run", "textbook-mm3", "--days", "40", "--set", "pools.windows.servers=6", "--json")
    auto, stated = (ask(*words, *more).document for more in (("--reps", "auto"), ("--precision", "5%")))
    assert auto == stated
    assert auto["precision"]["reached"]


def test_without_a_precision_nothing_is_said_of_one(ask):
    document = ask(*QUICK, "--reps", "2", "--json").document
    assert document["precision"] is None
    assert document["regime"] == "steady"


@for_each(
    "words",
    [
        ("--precision", "5"),
        ("--precision", "five%"),
        ("--precision", "0%"),
        ("--precision", "wait_men_min=5%"),
        ("--reps", "atuo"),
        ("--reps", "0"),
    ],
)
def test_a_bad_precision_is_one_sentence(ask, words):
    answer = ask(*QUICK, *words)
    assert answer.code == USAGE
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert words[1].partition("=")[0] in answer.err


def test_a_hall_that_falls_behind_has_no_interval_of_a_steady_state(ask):
    words = (*QUICK, "--reps", "3", "--set", "pools.windows.servers=2")
    assert "no long-run value" in ask(*words).out
    assert ask(*words, "--json").document["regime"] == "transient"
    assert "no long-run value" in ask(*words, "--json").document["covers"]
    assert "no long-run value" in ask(*words, "--precision", "50%").out
    compared = ask("compare", *words[1:], "--lever", "add-staff:pool=windows")
    assert "no long-run value" in compared.out
    document = ask("compare", *words[1:], "--lever", "add-staff:pool=windows", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [one["regime"] for one in document["scenarios"]] == ["transient", "transient"], "--set comes after the lever"
    assert "no long-run value" in document["covers"]


EVERY_DAY_AFRESH = (
    *("--set", "pools.windows.servers=1", "--set", "calendar.hours=09:00-17:00"),
    *("--set", "arrivals.visitors.every.mean=5 min"),
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_pool_that_starts_every_day_afresh_is_not_said_to_fall_behind(ask, language):
    growing, every_day = {"en": ("queues grow", "every day"), "zh": ("排队就增长多久", "每天")}[language]
    for command, words in (("check", ()), ("run", ("--reps", "2", "--days", "2"))):
        out = ask(command, "textbook-mm3", *EVERY_DAY_AFRESH, *words, "--lang", language).out
        assert growing not in out
        assert every_day in out
        out = ask(command, "textbook-mm3", "--set", "pools.windows.servers=2", *words, "--lang", language).out
        assert growing in out
        assert every_day not in out


def test_what_cannot_keep_up_is_named_before_the_run_to_whoever_watches(ask, monkeypatch):
    words = (*QUICK, "--reps", "1", "--set", "pools.windows.servers=2")
    assert ask(*words).err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert "textbook-mm3: Does not keep up" in ask(*words).err
    assert ask(*QUICK, "--reps", "1").err == ""


COMPARE = ("compare", *QUICK[1:], "--lever", "add-staff:pool=windows")


def test_a_comparison_goes_on_until_its_differences_are_precise(ask):
    answer = ask(*COMPARE, "--precision", "ticket_wait_mean_min=40%")
    assert answer.code == 0
    assert "Precise enough after" in answer.out
    document = ask(*COMPARE, "--precision", "ticket_wait_mean_min=40%", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    precision = document["precision"]
    assert precision["reached"]
    assert {one["run"]["replications"] for one in document["scenarios"]} == {precision["sufficed_at"] + 5}
    (asked,) = precision["asked"]
    assert asked["scenario"] == document["scenarios"][1]["label"]
    (row,) = [one for one in document["metrics"] if one["metric"] == "ticket_wait_mean_min"]
    change = row["differences"][0]["change"]
    assert (change["high"] - change["low"]) / 2 == pytest.approx(asked["half_width"])
    assert asked["half_width"] <= asked["wanted"] == pytest.approx(0.4 / 1.4 * row["scenarios"][0]["mean"])


def test_what_a_comparison_is_missing_is_said(ask):
    answer = ask(*COMPARE, "--precision", "1%", "--reps", "21")
    assert answer.code == 0
    assert "not reached in 21 replications: the difference in ticket_wait_mean_min that" in answer.out
    assert "差值" in ask(*COMPARE, "--precision", "1%", "--reps", "21", "--lang", "zh").out
    assert ask(*COMPARE, "--reps", "2", "--json").document["precision"] is None


def test_auto_is_five_per_cent_of_a_comparison_too(ask):
    words = ("compare", "textbook-mm3", "textbook-mm3", "--days", "1", "--json")
    auto, stated = (ask(*words, *more).document for more in (("--reps", "auto"), ("--precision", "5%")))
    assert auto == stated
    assert auto["scenarios"][0]["run"]["replications"] == 25, "a scenario does not differ from itself"


@pytest.mark.parametrize("precision", ["5", "wait_men_min=5%", "case_elapsed_mean_days.nothing=5%"])
def test_a_bad_precision_of_a_comparison_is_one_sentence(ask, precision):
    answer = ask(*COMPARE, "--precision", precision)
    assert (answer.code, answer.out, answer.err.count("\n")) == (USAGE, "", 1)


def test_a_comparison_to_a_precision_from_python():
    quick = {"run.days": 2, "run.warm_up_days": 0}
    few, more = (hallplan.load("textbook-mm3", overrides=quick | {"pools.windows.servers": n}) for n in (3, 5))
    told = []
    text = hallplan.compare(few, more, precision="ticket_wait_mean_min=40%", progress=lambda *now: told.append(now))
    mapping = hallplan.compare(few, more, precision={"ticket_wait_mean_min": Relative(0.4)})
    assert text.reached is not None
    assert text.reached.confirmed
    assert text.frame().equals(mapping.frame())
    assert len(told) == 2 * text.reached.replications


def test_the_same_from_python():
    scenario = hallplan.load("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0})
    text = hallplan.run(scenario, precision="ticket_wait_mean_min=20%")
    mapping = hallplan.run(scenario, precision={"ticket_wait_mean_min": Relative(0.2)})
    assert text.reached is not None
    assert text.reached.confirmed
    assert text.summary.equals(mapping.summary)
    assert hallplan.run(scenario, replications=2).reached is None
    capped = hallplan.run(scenario, precision=["1%"], replications=22)
    assert len(capped.replications) == 22
    assert not capped.reached.confirmed


def test_the_best_and_the_warm_up_from_python():
    quick = {"run.days": 2, "run.warm_up_days": 0}
    few, more = (hallplan.load("textbook-mm3", overrides=quick | {"pools.windows.servers": n}) for n in (3, 5))
    found = hallplan.best(few, more, metric="ticket_wait_mean_min", delta=1)
    assert found.scenario is more
    with pytest.raises(hallplan.HallplanError):
        hallplan.best(metric="ticket_wait_mean_min", delta=1)
    assert hallplan.warm_up("township-desk", days=10, replications=1).days is None
