"""Sweep files and their points: worked by hand, and every mistake named with its key."""

from dataclasses import replace

import pytest

import hallplan
from foundation import messages
from foundation.errors import HallplanError, ScenarioError
from planner.sweep.definition import read_definition
from planner.sweep.design import compose_point, design_of, probes
from planner.sweep.running import read_sweep

HALL = "textbook-mm3"


def points(**content):
    design = design_of(read_definition({"scenario": HALL, **content}))
    return [design.values(point) for point in range(len(design))]


def test_a_grid_is_the_product_of_its_values_the_last_varies_fastest():
    assert points(grid={"demand": [0.8, 1.2], "pools.windows.servers": [3, 4]}) == [
        {"demand": 0.8, "pools.windows.servers": 3},
        {"demand": 0.8, "pools.windows.servers": 4},
        {"demand": 1.2, "pools.windows.servers": 3},
        {"demand": 1.2, "pools.windows.servers": 4},
    ]


def test_a_path_may_be_written_as_tables_in_tables():
    quoted, nested = {"pools.windows.servers": [3, 4]}, {"pools": {"windows": {"servers": [3, 4]}}}
    assert points(grid=nested) == points(grid=quoted)


def test_listed_points_keep_only_their_own_values_and_are_combined_with_the_grid():
    listed = [{"pools.windows.servers": 4}, {"run.days": 2}]
    assert points(list=listed, grid={"demand": [1.0, 1.1]}) == [
        {"pools.windows.servers": 4, "demand": 1.0},
        {"pools.windows.servers": 4, "demand": 1.1},
        {"run.days": 2, "demand": 1.0},
        {"run.days": 2, "demand": 1.1},
    ]


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
def test_sampled_points_fall_into_every_eighth_of_a_range_once(method):
    sample = {"method": method, "points": 8, "ranges": {"demand": [0.5, 1.3]}}
    eighths = sorted(int((values["demand"] - 0.5) / 0.1) for values in points(sample=sample))
    assert eighths == list(range(8))


def test_a_range_of_whole_numbers_gives_both_ends_as_often_as_any_other():
    sample = {"points": 300, "ranges": {"pools.windows.servers": [3, 5]}}
    drawn = [values["pools.windows.servers"] for values in points(sample=sample)]
    assert {number: drawn.count(number) for number in (3, 4, 5)} == {3: 100, 4: 100, 5: 100}


def test_a_range_of_quantities_keeps_its_unit():
    key = "services.item.visits.apply.serve.work.mean"
    assert points(sample={"points": 1, "ranges": {key: ["5 min", "5 min"]}}) == [{key: "5 min"}]


def test_the_seed_decides_about_the_sample():
    sample = {"points": 4, "ranges": {"demand": [0.5, 1.5]}}
    assert points(sample=sample, seed=1) == points(sample=sample, seed=1) != points(sample=sample, seed=2)


def test_a_lever_is_switched_and_takes_its_parameters():
    switched = {"lever.add-staff": [False, True], "lever.add-staff.pool": ["windows"], "lever.add-staff.servers": [2]}
    definition = read_definition({"scenario": HALL, "grid": switched})
    design = design_of(definition)
    servers = [
        compose_point(definition, design.values(point), point=point).scenario.pools["windows"].servers
        for point in range(2)
    ]
    applied = [compose_point(definition, design.values(point), point=point).scenario.levers for point in range(2)]
    assert servers == [3, 5]
    assert applied == [[], ["add-staff:pool=windows,servers=2"]]


def test_the_points_looked_at_first_show_every_value():
    design = design_of(read_definition({"scenario": HALL, "grid": {"demand": [0.8, 1.2], "run.days": [1, 2, 3]}}))
    assert list(probes(design)) == [0, 1, 2, 3], "a row of the grid, then the other demand"


def test_draws_of_a_posterior_are_spread_over_it_and_keep_what_a_point_sets():
    hall = {"scenario": "honghuagang-2014", "grid": {"demand": [1.0, 1.2]}, "posterior": {"draws": 4}}
    definition = read_definition(hall)
    design = design_of(definition)
    assert [design.values(point)["posterior.draw"] for point in range(8)] == [0, 64, 128, 192] * 2
    point = compose_point(definition, design.values(5), point=5)
    assert point.scenario.demand == 1.2
    expected = hallplan.posterior().applied(definition.base.changed(overrides={"demand": 1.2}), 64)
    assert point.scenario == expected.scenario != definition.base.scenario


def test_the_draws_are_part_of_what_a_sweep_is():
    hall = {"scenario": "honghuagang-2014", "posterior": {"draws": 2}}
    assert len(read_sweep(hall).definition.posterior.digest) == 64
    sweep = read_sweep(hall)
    changed = sweep.definition.posterior.draws * 1.01
    other = replace(sweep, definition=replace(sweep.definition, posterior=replace(hallplan.posterior(), draws=changed)))
    assert sweep.digest != other.digest


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ({"gird": {}}, "gird", "grid"),
        ({"scenario": "textbook-mm4"}, "scenario", "textbook-mm3"),
        ({}, "", "[grid]"),
        ({"grid": {"demand": 1.2}}, "grid.demand", "list"),
        ({"grid": {"demand": []}}, "grid.demand", "list"),
        ({"grid": {"demnd": [1.2]}}, "grid.demnd", "demand"),
        ({"grid": {"demand": [-2.0, -1.0]}}, "grid.demand", "-2"),
        ({"grid": {"pools.windows.serverz": [1]}}, "grid.pools.windows.serverz", "servers"),
        ({"grid": {"lever.add-stuff": [True]}}, "grid.lever.add-stuff", "add-staff"),
        ({"grid": {"lever.add-staff.serverz": [1]}}, "grid.lever.add-staff.serverz", "servers"),
        ({"grid": {"lever": [1]}}, "grid.lever", "lever.NAME"),
        ({"grid": {"lever.pooled-windows": ["yes"]}}, "grid.lever.pooled-windows", "true or false"),
        ({"grid": {"demand": [1]}, "set": {"demnd": 1}}, "set.demnd", "demand"),
        ({"grid": {"demand": [1]}, "set": {"pools.windw.servers": 1}}, "set", "windows"),
        ({"grid": {"demand": [1]}, "levers": ["add-stuff"]}, "levers", "add-staff"),
        ({"list": [{"demand": -2}]}, "list.demand", "-2"),
        ({"grid": {"demand": [1]}, "list": [{"demand": 2}]}, "grid.demand", "two tables"),
        ({"grid": {"demand": [1] * 1001, "run.days": [1] * 1000}}, "", "1,001,000"),
        ({"sample": {"points": 5, "ranges": {}}}, "sample.ranges", "no range"),
        ({"sample": {"points": 5, "ranges": {"demand": [2, 1]}}}, "sample.ranges.demand", "no range"),
        ({"sample": {"points": 5, "ranges": {"demand": ["1 min", "2 working days"]}}}, "sample.ranges.demand", "range"),
        ({"sample": {"points": 5, "method": "sobol", "ranges": {"demand": [1, 2]}}}, "sample.points", "4 or 8"),
        ({"sample": {"points": 5, "method": "sobel", "ranges": {"demand": [1, 2]}}}, "sample.method", "sobol"),
        ({"posterior": {"draws": 2}}, "posterior", "honghuagang-2014"),
        ({"scenario": "honghuagang-2014", "posterior": {"draws": 300}}, "posterior.draws", "256"),
        ({"posterior": {"drawz": 2}}, "posterior.drawz", "draws"),
        ({"posterior": {"draws": 2, "folder": "nowhere"}}, "posterior", "nowhere"),
        ({"grid": {"demand": [1]}, "replications": 0}, "replications", "1"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mistake_is_one_sentence_with_its_key(content, place, words):
    with messages.using("en"), pytest.raises(ScenarioError) as fault:
        read_sweep({"scenario": HALL, **content})
    with messages.using("en"):
        assert (fault.value.file, fault.value.path) == ("sweep", place)
        assert words in fault.value.sentence()
        assert "\n" not in fault.value.sentence()


def test_a_metric_that_no_point_has_is_refused_with_the_nearest():
    sweep = read_sweep({"scenario": HALL, "grid": {"demand": [1]}, "metrics": ["ticket_wait_maen_min"]})
    with pytest.raises(HallplanError) as fault:
        sweep.columns()
    with messages.using("en"):
        assert "ticket_wait_mean_min" in fault.value.sentence()


def test_a_scenario_is_found_beside_the_sweep_file(tmp_path, monkeypatch):
    (tmp_path / "own.toml").write_text('format = 1\nname = "own"\nextends = "textbook-mm3"\n', encoding="utf-8")
    (tmp_path / "sweep.toml").write_text('scenario = "own.toml"\n[grid]\ndemand = [1.0]\n', encoding="utf-8")
    monkeypatch.chdir("/")
    assert read_definition(tmp_path / "sweep.toml").base.scenario.name == "own"
