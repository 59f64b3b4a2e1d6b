"""What is promised about replications: the same numbers however they are run, and honest intervals."""

import threading

import numpy as np
import pandas as pd
import pytest
from broken_engines import broken_engine

from foundation.errors import HallplanError
from scenarios.compose.composing import compose
from sim.draw.drawing import draw
from sim.engine.reference import run_reference
from sim.measure import measure
from sim.measure.export import export
from sim.plan import compile_plan
from sim.run.replications import CancellationError, replicate
from sim.statistics import mean_interval


@pytest.fixture(scope="module")
def scenario():
    return compose("textbook-mm3", overrides={"run.days": 2, "run.warm_up_days": 0, "run.replications": 3})


@pytest.fixture(scope="module")
def three(scenario):
    return replicate(scenario)


def test_each_replication_is_what_draw_run_and_measure_give(scenario, three):
    plan, program = compile_plan(scenario), draw(scenario, scenario.run.seed, 2)
    alone = measure(scenario, program, plan, run_reference(program, plan)).summary
    assert three.summaries.loc[2].to_dict() == pytest.approx(alone, nan_ok=True, abs=0)
    assert len(three) == 3


def test_numbers_do_not_depend_on_how_many_processes_share_the_work(scenario, three):
    shared = replicate(scenario, workers=2)
    pd.testing.assert_frame_equal(shared.summaries, three.summaries, check_exact=True)
    assert list(shared.curves) == list(three.curves)
    for name, curve in three.curves.items():
        pd.testing.assert_frame_equal(shared.curves[name], curve, check_exact=True)


def test_replications_can_be_continued_where_they_ended(scenario, three):
    more = replicate(scenario, replications=1, first=2, curves=False)
    pd.testing.assert_frame_equal(more.summaries, three.summaries.loc[[2]], check_exact=True)
    assert more.curves == {}


def test_another_seed_gives_other_numbers(scenario, three):
    other = replicate(scenario, replications=1, seed=scenario.run.seed + 1)
    assert other.summaries["wait_mean_min"].iloc[0] != three.summaries["wait_mean_min"].iloc[0]


def test_progress_is_told_after_each_replication(scenario):
    told = []
    replicate(scenario, replications=2, curves=False, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("workers", [1, 2])
def test_work_that_is_cancelled_stops_with_one_sentence(scenario, workers):
    cancel = threading.Event()
    with pytest.raises(CancellationError) as failure:
        replicate(
            scenario,
            replications=50,
            workers=workers,
            curves=False,
            progress=lambda done, of: cancel.set(),
            cancel=cancel,
        )
    assert failure.value.values == {"done": 1, "replications": 50}
    assert "50" in failure.value.sentence("zh")


def test_no_replication_at_all_is_refused(scenario):
    with pytest.raises(HallplanError, match="At least one"):
        replicate(scenario, replications=0)


@pytest.mark.slow
def test_an_error_in_a_worker_reaches_the_caller_as_it_is(scenario):
    with pytest.raises(HallplanError) as failure:
        replicate(scenario, workers=2, engine=broken_engine)
    assert failure.value.values == {"replications": -1}


def test_curves_are_means_over_the_replications(scenario, three):
    plan = compile_plan(scenario)
    singles = []
    for k in range(3):
        program = draw(scenario, scenario.run.seed, k)
        singles.append(measure(scenario, program, plan, run_reference(program, plan)))
    queue = np.mean([m.pool_half_hours["queue_mean"] for m in singles], axis=0)
    np.testing.assert_allclose(three.curves["pools_by_half_hour"]["queue_mean"], queue)
    half = [
        mean_interval(column).half_width
        for column in zip(*(m.pool_half_hours["queue_mean"] for m in singles), strict=True)
    ]
    curve = three.curves["pools_by_half_hour"]
    np.testing.assert_allclose((curve["queue_high"] - curve["queue_low"]) / 2, half)
    # The mean wait of a half-hour is a ratio of sums, not a mean of three ratios.
    waits = pd.concat([m.wait_summary.query("by == 'half-hour' and kind == 'visitor'") for m in singles])
    pooled = (waits["mean_min"] * waits["called"]).groupby(waits["group"]).sum() / waits.groupby("group")[
        "called"
    ].sum()
    by_bin = three.curves["wait_by_half_hour"].set_index("half_hour")["wait_mean_min"]
    np.testing.assert_allclose(by_bin, pooled.loc[by_bin.index])


def test_the_distribution_of_days_counts_open_cases_in_the_denominator():
    scenario = compose("township-desk", overrides={"run.days": 5, "run.warm_up_days": 0, "run.follow_up_days": 0})
    some = replicate(scenario, replications=2)
    curve = some.curves["touched_days"]
    measured = some.summaries.filter(regex=r"^cases_measured\.[a-z-]+$").sum()
    still_open = some.summaries.filter(regex=r"^cases_open\.[a-z-]+$").sum()
    assert not curve.empty
    for service, part in curve.groupby("service"):
        n, left = measured[f"cases_measured.{service}"], still_open[f"cases_open.{service}"]
        assert part["cases_mean"].sum() * 2 == pytest.approx(n - left)
        assert part["cumulative_share"].iloc[-1] == pytest.approx((n - left) / n)


def test_replications_are_exported_like_metrics(three, tmp_path):
    names = {path.name for path in export(three, tmp_path)}
    assert {"summaries.csv", "summaries.parquet", "open_cases_by_day.csv"} <= names
    back = pd.read_parquet(tmp_path / "summaries.parquet")
    pd.testing.assert_frame_equal(back, three.summaries)
