"""Every number has the source that its nearest entry gives it, and every target a verdict that allows for chance."""

import tomllib

from cases import for_each

from planner.targets import check_target
from scenarios.compose.composing import composed, scenario_names
from scenarios.model import Scenario, Target
from scenarios.provenance import count_kinds, numbers, sourced
from sim.statistics import Interval

TEXT = """
format = 1
name = "small"
title = "Not 1 number"
pools.window = { servers = 2, cost_per_hour = 20, title = "Window 7" }
pools.desk = { servers = 1, department = "3rd bureau" }
services.item = { promised_limit = "3 working days", visits.apply.serve = { pool = "window", work = "5 min" } }
arrivals.people = { services = "item", per_day = 10, weekday = { mon = 2.0 } }
[provenance]
"pools" = { kind = "assumed", range = [0, 9], why = "Nobody counted." }
"pools.*.servers" = { kind = "derived", formula = "a / b" }
"pools.window.servers" = { kind = "published", source = "¶9" }
"services.*.promised_limit" = { kind = "published", source = "¶3" }
[targets]
visits_per_day = { low = 9, high = 11, source = "¶1" }
"""


def small() -> tuple[Scenario, dict[str, object]]:
    raw = tomllib.loads(TEXT)
    return Scenario.model_validate(raw), raw


def test_numbers_are_quantities_and_counts_but_no_names_nor_targets():
    found = {".".join(path): value for path, value in numbers(small()[1])}
    assert found.pop("pools.desk.department") == "3rd bureau"  # text that begins with a figure can't be told apart
    assert found == {
        "pools.window.servers": 2,
        "pools.window.cost_per_hour": 20,
        "pools.desk.servers": 1,
        "services.item.promised_limit": "3 working days",
        "services.item.visits.apply.serve.work": "5 min",
        "arrivals.people.per_day": 10,
        "arrivals.people.weekday.mon": 2.0,
    }


@for_each(
    ("path", "kind"),
    [
        ("pools.window.servers", "published"),
        ("pools.desk.servers", "derived"),
        ("pools.window.cost_per_hour", "assumed"),
        ("services.item.promised_limit", "published"),
        ("services.item.visits.apply.serve.work", "unsourced"),
        ("arrivals.people.per_day", "unsourced"),
    ],
)
def test_the_longest_entry_counts_and_of_those_the_one_with_the_fewest_wildcards(path, kind):
    found = {".".join(one.path): one.kind for one in sourced(*small())}
    assert found[path] == kind


def test_kinds_are_counted():
    assert count_kinds(*small()) == {"published": 2, "given": 0, "derived": 1, "assumed": 2, "unsourced": 3}


@for_each("name", scenario_names())
def test_no_number_of_the_library_is_without_a_source(name):
    read = composed(name)
    counts = count_kinds(read.scenario, read.raw)
    assert counts["unsourced"] == 0
    assert sum(counts.values()) == len(list(numbers(read.raw)))


TARGET = Target(low=10, high=20, source="¶1")


@for_each(
    ("low", "mean", "high", "inside", "verdict"),
    [
        (11, 12, 13, True, "inside"),
        (10, 15, 20, True, "inside"),
        (9, 12, 15, True, "undecided"),
        (8, 9, 10, False, "undecided"),
        (5, 7, 9, False, "outside"),
        (21, 22, 23, False, "outside"),
        (0, 15, 40, True, "undecided"),
        (float("-inf"), 15, float("inf"), True, "undecided"),
    ],
)
def test_a_verdict_is_about_the_whole_interval(low, mean, high, inside, verdict):
    check = check_target(Interval(mean, low, high, 0.95, "mean", 5), TARGET)
    assert (check.mean_inside, check.verdict) == (inside, verdict)


def test_without_a_figure_there_is_no_verdict():
    nothing = Interval(float("nan"), float("-inf"), float("inf"), 0.95, "mean", 0)
    assert check_target(nothing, TARGET).verdict == "unknown"
    assert not check_target(nothing, TARGET).mean_inside
