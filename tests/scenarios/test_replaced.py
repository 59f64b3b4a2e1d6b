"""Sizes of merged pools are totals, and a value for what a lever replaced is refused with the path to set instead."""

import pytest
from cases import for_each
from raw_scenarios import SMALL

from foundation.errors import ScenarioError
from scenarios.compose.composing import compose_text, composed
from scenarios.compose.writing import to_toml

BASE = compose_text(SMALL, name="small")
LEVER = 'format = 1\nname = "test-lever"\ntitle = "Test"\n'
MERGE = """
[set.pools.window]
merge_into = "counter"
[set.pools.desk]
merge_into = "counter"
[set.pools.counter]
servers = 0
[set.pools.lunch]
merge_into = "counter"
hours = "12:00-13:00"
"""
PRICES = {"pools.window.cost_per_hour": 20.0, "pools.desk.cost_per_hour": 35.0}


@pytest.fixture
def merged(tmp_path):
    """The small scenario with a window of two and a desk of one in one pool of counters, and a shift over lunch."""
    (tmp_path / "test-lever.toml").write_text(LEVER + MERGE, encoding="utf-8")
    return BASE.changed(overrides=PRICES).changed(levers=[str(tmp_path / "test-lever.toml")])


def servers(result):
    return {name: pool.servers for name, pool in result.scenario.pools.items()}


def test_servers_of_a_merged_pool_are_a_total_and_a_shift_adds_to_them(merged):
    parts = {"window": 0, "desk": 0, "section": 1, "lunch": 1}
    assert servers(merged.changed(overrides={"pools.counter.servers": 2})) == parts | {"counter": 2}
    assert servers(merged.changed(overrides={"pools.counter.servers": 2, "pools.lunch.servers": 4})) == parts | {
        "counter": 2,
        "lunch": 4,
    }


def test_a_total_costs_what_an_hour_of_the_parts_cost_on_average(merged):
    resized = merged.changed(overrides={"pools.counter.servers": 6}).scenario
    assert resized.pools["counter"].cost_per_hour == (2 * 20 + 1 * 35) / 3
    priced = merged.changed(overrides={"pools.counter.servers": 6, "pools.counter.cost_per_hour": 9}).scenario
    assert priced.pools["counter"].cost_per_hour == 9


def test_hours_of_a_merged_pool_are_those_of_all_its_servers(merged):
    changed = merged.changed(overrides={"pools.counter.hours": ["09:00-12:00"]})
    assert servers(changed) == {"window": 0, "desk": 0, "section": 1, "counter": 3, "lunch": 1}


def test_a_roster_of_a_merged_pool_takes_the_place_of_its_parts(merged):
    roster = [{"hours": "09:00-10:00", "servers": 3}]
    changed = merged.changed(overrides={"pools.counter": {"roster": roster}})
    assert [servers(changed)[name] for name in ("window", "desk", "lunch")] == [0, 0, 1]


def test_a_glob_sets_totals_where_it_reaches_parts_too(merged):
    assert servers(merged.changed(overrides={"pools.*.servers": 5})) == {
        "window": 0,
        "desk": 0,
        "section": 5,
        "counter": 5,
        "lunch": 5,
    }


def test_a_total_of_the_same_size_is_the_same_staff(merged):
    resized = merged.changed(overrides={"pools.counter.servers": 3})
    assert sum(servers(resized).values()) == sum(servers(merged).values())


@for_each("path", ["pools.window.servers", "pools.window.hours", "pools.win*.servers", "pools.window.work_factor"])
def test_a_value_for_a_merged_pool_is_refused_with_the_right_path(merged, path):
    with pytest.raises(ScenarioError) as caught:
        merged.changed(overrides={path: 2})
    assert caught.value.key == "error.set_merged"
    for language in ("en", "zh"):
        for part in ("test-lever", "window", f"pools.counter.{path.rpartition('.')[2]}", "--set"):
            assert part in caught.value.sentence(language)


def test_what_still_counts_of_a_merged_pool_may_be_set(merged):
    changed = merged.changed(overrides={"pools.window.cost_per_hour": 50, "pools.window.title": "Old windows"})
    assert changed.scenario.pools["window"].cost_per_hour == 50


def test_a_scenario_that_extends_takes_totals_and_is_refused_the_same_way(merged, tmp_path):
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    head = 'format = 1\nname = "over"\nextends = "small.toml"\nlevers = ["test-lever.toml"]\n'
    file = tmp_path / "over.toml"
    file.write_text(head + "[pools.counter]\nservers = 7\n", encoding="utf-8")
    assert servers(composed(file)) == {"window": 0, "desk": 0, "section": 1, "counter": 7, "lunch": 1}
    file.write_text(head + "[pools.window]\nservers = 7\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        composed(file)
    assert caught.value.key == "error.set_merged"
    for part in ("over.toml", "pools.window.servers", "test-lever", "pools.counter.servers"):
        assert part in caught.value.sentence("en")


def test_a_written_scenario_takes_the_same_totals(merged):
    again = compose_text(to_toml(merged.raw), name="written")
    total = {"pools.counter.servers": 2}
    assert servers(again.changed(overrides=total)) == servers(merged.changed(overrides=total))


def test_a_value_for_a_skipped_step_is_refused_unless_it_is_taken_again(tmp_path):
    (tmp_path / "test-lever.toml").write_text(LEVER + "[set.services.licence.case.review]\nskip = true\n")
    skipped = BASE.changed(levers=[str(tmp_path / "test-lever.toml")])
    work = {"services.licence.case.review.work": "5 min"}
    with pytest.raises(ScenarioError) as caught:
        skipped.changed(overrides=work)
    assert caught.value.key == "error.set_skipped"
    for part in ("test-lever", "services.licence.case.review.skip"):
        assert part in caught.value.sentence("en")
        assert part in caught.value.sentence("zh")
    skipped.changed(overrides=work | {"services.licence.case.review.skip": False})
    skipped.changed(overrides={"services.*.case.review.work": "5 min"})


def test_a_value_for_what_a_lever_took_out_names_the_lever(tmp_path):
    (tmp_path / "test-lever.toml").write_text(LEVER.replace("title", 'remove = ["arrivals.questions"]\ntitle'))
    without = BASE.changed(levers=[str(tmp_path / "test-lever.toml")])
    with pytest.raises(ScenarioError) as caught:
        without.changed(overrides={"arrivals.questions.per_day": 9})
    assert caught.value.key == "error.set_removed"
    assert "test-lever" in caught.value.sentence("en")


def test_values_of_a_calibration_stand_in_every_place_and_leave_the_record(merged):
    moved = merged.with_values({"pools.window.servers": 5, "pools.counter.servers": 1})
    assert servers(moved) == {"window": 5, "desk": 1, "section": 1, "counter": 1, "lunch": 1}
    assert moved.merged == {"window": "counter", "desk": "counter"}


def test_twenty_six_general_windows_are_twenty_six():
    hall = composed("honghuagang-2014", levers=["pooled-windows"], overrides={"pools.general-windows.servers": 26})
    pools = hall.scenario.pools
    assert sum(pool.servers for pool in pools.values() if pool.merge_into == "general-windows") == 0
    assert (pools["general-windows"].servers, pools["general-windows"].cost_per_hour) == (26, 24)
    assert hall.merged["window-aic"] == "general-windows"
    assert hall.merged["section-aic-supervision"] == "section-aic"
