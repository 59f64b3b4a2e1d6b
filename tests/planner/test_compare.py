"""A comparison is what the paired formulas give, and common random numbers make it sharper."""

import threading

import numpy as np
import pandas as pd
import pytest

from foundation.errors import HallplanError
from planner.compare import MOST_COMPARED, Comparison, check_number
from scenarios.compose.composing import compose
from sim.run.policy import ToPrecision
from sim.run.replications import CancellationError, Replications, replicate
from sim.run.sample import Sample
from sim.run.study import Study, run
from sim.statistics import Absolute, Relative

TEXTBOOK = compose("textbook-mm3", overrides={"run.days": 5})


def compared(scenarios, *, progress=None, cancel=None, **options):
    study = Study.of(*scenarios, engine="compiled", **options)
    return Comparison.of(run(study, progress=progress, cancel=cancel))


def until_precise(precision, at_most=1_000):
    return ToPrecision(precision, at_most=at_most)


def replications(values: dict[str, list[float]], *, name: str = "textbook-mm3", seed: int = 1) -> Replications:
    scenario = TEXTBOOK.model_copy(update={"name": name})
    samples = [Sample(tuple(values), np.array(row, dtype=float)) for row in zip(*values.values(), strict=True)]
    return Replications(scenario, seed, tuple(samples))


def test_the_worked_example_of_the_method_sheet():
    # Differences 0.8, 1.0, 1.2, 1.3, 0.95: mean 1.05, s = 0.1969, t(4, 0.975) = 2.776, half-width 0.2444.
    base = np.array([3.0, 6.0, 4.0, 8.0, 5.0])
    change = np.array([0.8, 1.0, 1.2, 1.3, 0.95])
    comparison = Comparison((replications({"x": base}), replications({"x": base + change}, name="b")))
    difference = comparison.difference("x")
    assert difference.change is not None
    assert difference.change.estimate == pytest.approx(1.05)
    assert difference.change.half_width == pytest.approx(2.776445 * change.std(ddof=1) / np.sqrt(5), rel=1e-6)
    assert difference.is_clear
    assert difference.correlation == pytest.approx(np.corrcoef(base, base + change)[0, 1])


def test_one_comparison_is_held_to_its_level_and_several_to_a_stricter_one():
    values = {"x": [1.0, 2.0, 3.0, 4.0]}
    runs = [replications(values, name=name) for name in "abcde"]
    assert Comparison(tuple(runs[:2])).simultaneous_level == pytest.approx(0.95)
    five = Comparison(tuple(runs))
    assert five.comparisons == 4
    assert five.simultaneous_level == pytest.approx(1 - 0.05 / 4)


def test_each_setting_of_a_path_is_compared_with_the_one_before_it():
    runs = [replications({"x": [1.0, 2.0 + shift]}, name=name) for name, shift in (("a", 0.0), ("b", 4.0), ("c", 1.0))]
    steps = Comparison(tuple(runs), titles=("start", "1. b", "2. c")).steps
    assert [step.names for step in steps] == [("start", "1. b"), ("1. b", "2. c")]
    assert [step.difference("x").change.estimate for step in steps] == pytest.approx([2.0, -1.5])


def test_the_simultaneous_interval_is_wider_and_decides():
    rng = np.random.default_rng(1)
    base = 10 + rng.normal(size=6)
    shifted = base + 0.5 + 0.4 * rng.normal(size=6)
    key = "ticket_wait_mean_min"
    runs = [replications({key: base}, name="a")] + [replications({key: shifted}, name=name) for name in "bcdefghi"]
    difference = Comparison(tuple(runs)).difference(key, 3)
    assert difference.change is not None
    assert difference.simultaneous is not None
    assert difference.simultaneous.half_width > difference.change.half_width
    assert difference.simultaneous.estimate == difference.change.estimate
    assert difference.is_clear == (difference.simultaneous.low > 0)


def test_primary_metrics_are_corrected_together_and_by_scenarios():
    values = {"ticket_wait_mean_min": [1, 2, 3], "unserved_share": [0.1, 0.2, 0.1], "visits_per_day": [7, 8, 9]}
    comparison = Comparison(tuple(replications(values, name=name) for name in "abc"))
    assert comparison.primary == ("unserved_share", "ticket_wait_mean_min")
    assert comparison.simultaneous_level == pytest.approx(1 - 0.05 / (2 * 2))
    assert comparison.difference("ticket_wait_mean_min").is_primary
    assert not comparison.difference("visits_per_day").is_primary


def test_of_many_differences_that_are_none_hardly_any_is_clear_where_each_alone_would_be():
    rng = np.random.default_rng(3)
    columns = {f"m{k}": rng.normal(size=20) for k in range(400)}
    others = {key: rng.normal(size=20) for key in columns}
    others["m0"] = columns["m0"] + 2  # the only true one
    comparison = Comparison((replications(columns), replications(others, name="b")))
    differences = [comparison.difference(key) for key in comparison.metrics]
    alone = sum(difference.change.low > 0 or difference.change.high < 0 for difference in differences)
    assert alone > 10
    clear = [difference.metric for difference in differences if difference.is_clear]
    assert "m0" in clear
    assert len(clear) <= 2
    assert comparison.exploratory.tested == 400
    assert comparison.exploratory.clear == len(clear)


def test_a_metric_that_one_side_lacks_has_no_difference():
    comparison = Comparison((replications({"x": [1, 2], "y": [1, 2]}), replications({"x": [2, 3]}, name="b")))
    difference = comparison.difference("y")
    assert (difference.other, difference.change, difference.simultaneous) == (None, None, None)
    assert difference.base is not None
    assert not difference.is_clear
    assert comparison.metrics == ("x", "y")
    assert comparison.frame().set_index("metric")["pairs"].tolist() == [2, 0]


def test_ratios_are_ratios_of_sums_and_their_companions_no_metrics():
    busy = {
        "ticket_wait_mean_min": [1.0, 3.0],
        "ticket_wait_mean_min:num": [100.0, 900.0],
        "ticket_wait_mean_min:den": [100.0, 300.0],
    }
    quiet = {
        "ticket_wait_mean_min": [1.0, 2.0],
        "ticket_wait_mean_min:num": [100.0, 600.0],
        "ticket_wait_mean_min:den": [100.0, 300.0],
    }
    comparison = Comparison((replications(busy), replications(quiet, name="b")))
    difference = comparison.difference("ticket_wait_mean_min")
    assert comparison.metrics == ("ticket_wait_mean_min",)
    assert difference.base is not None
    assert difference.change is not None
    assert difference.base.estimate == pytest.approx(1000 / 400)
    assert difference.change.estimate == pytest.approx(700 / 400 - 1000 / 400)


def test_scenarios_are_told_apart_by_levers_or_by_numbers():
    base = replications({"x": [1, 2]}, name="hall")
    pulled = Replications(base.scenario.model_copy(update={"levers": ["add-staff:pool=w"]}), 1, base.samples)
    comparison = Comparison((base, pulled, base, replications({"x": [1, 2]}, name="other")))
    assert comparison.names == ("hall", "hall + add-staff:pool=w", "hall (2)", "other")


def test_what_cannot_be_paired_is_refused():
    base = replications({"x": [1, 2, 3]})
    with pytest.raises(HallplanError, match="at least two"):
        Comparison((base,))
    with pytest.raises(HallplanError, match="can't be paired"):
        Comparison((base, replications({"x": [1, 2, 3]}, seed=2)))
    with pytest.raises(HallplanError, match="can't be paired"):
        Comparison((base, replications({"x": [1, 2]})))
    with pytest.raises(HallplanError, match="at least two"):
        check_number(1)
    with pytest.raises(HallplanError, match="too many"):
        check_number(MOST_COMPARED + 1)
    with pytest.raises(HallplanError, match="at least two"):
        compared([TEXTBOOK], replications=1)
    with pytest.raises(KeyError):
        Comparison((base, base)).difference("y")
    with pytest.raises(IndexError):
        Comparison((base, base)).difference("x", 2)


def test_more_windows_shorten_waits_clearly_because_the_visitors_are_the_same():
    more = compose("textbook-mm3", overrides={"run.days": 5, "pools.windows.servers": 4})
    states = []
    comparison = compared([TEXTBOOK, more], replications=6, progress=states.append)
    visits, wait = comparison.difference("visits_per_day"), comparison.difference("ticket_wait_mean_min")
    assert visits.change is not None
    assert wait.change is not None
    # The same people come; at most the one who is inside when the run stops is counted in one and not in the other.
    assert abs(visits.change.estimate) <= 1 / 5
    assert wait.change.high < 0
    assert wait.is_clear
    in_turn = [((count + 1) // 2, count // 2) for count in range(1, 13)]
    assert [state.done for state in states] == in_turn, "they are simulated in turn"
    assert {state.expected for state in states} == {(6, 6)}


@pytest.fixture(scope="module")
def few_and_more():
    quick = {"run.days": 2, "run.warm_up_days": 0}
    return [compose("textbook-mm3", overrides=quick | {"pools.windows.servers": servers}) for servers in (3, 4)]


def test_a_comparison_goes_on_until_its_differences_are_precise(few_and_more):
    states = []
    policy = until_precise({"ticket_wait_mean_min": Relative(0.3)})
    comparison = compared(few_and_more, policy=policy, progress=states.append)
    assert comparison.reached is not None
    assert comparison.reached.confirmed
    assert (
        len(comparison.runs[0])
        == len(comparison.runs[1])
        == comparison.reached.replications
        == comparison.reached.sufficed_at + 5
    )
    difference = comparison.difference("ticket_wait_mean_min")
    assert difference.base is not None
    assert difference.simultaneous is not None
    assert difference.simultaneous.half_width <= 0.3 / 1.3 * difference.base.estimate
    assert [state.done for state in states] == [((k + 1) // 2, k // 2) for k in range(1, len(states) + 1)]
    assert all(state.total_done <= state.total_expected <= 2_000 for state in states)
    assert states[-1].total_done == states[-1].total_expected


@pytest.mark.slow
def test_the_numbers_of_a_comparison_are_those_of_plain_replications(few_and_more):
    comparison = compared(few_and_more, policy=until_precise({"ticket_wait_mean_min": Relative(0.3)}), workers=2)
    for sampled, scenario in zip(comparison.runs, few_and_more, strict=True):
        plain = replicate(scenario, replications=len(sampled), curves=False)
        pd.testing.assert_frame_equal(sampled.summaries, plain.summaries, check_exact=True)
    assert (
        compared(few_and_more, policy=until_precise({"ticket_wait_mean_min": Relative(0.3)})).reached
        == comparison.reached
    )


def test_the_most_replications_of_a_comparison_are_kept(few_and_more):
    asked = {"ticket_wait_mean_min": Relative(0.001), "ticket_wait_within_15_share": Absolute(0.5)}
    comparison = compared(few_and_more, policy=until_precise(asked, at_most=22))
    assert comparison.reached is not None
    assert (len(comparison.runs[1]), comparison.reached.sufficed_at) == (22, None)
    (missed,) = comparison.reached.missed()
    assert (missed.metric, missed.scenario) == ("ticket_wait_mean_min", comparison.names[1])
    assert compared(few_and_more, replications=2).reached is None


def test_a_comparison_can_be_cancelled(few_and_more):
    cancel = threading.Event()
    with pytest.raises(CancellationError):
        compared(
            few_and_more,
            policy=until_precise({"ticket_wait_mean_min": Relative(0.001)}),
            progress=lambda *_: cancel.set(),
            cancel=cancel,
        )


def test_common_random_numbers_sharpen_a_difference():
    slower = compose(
        "textbook-mm3", overrides={"run.days": 3, "services.item.visits.apply.serve.work.mean": "12.5 min"}
    )
    comparison = compared([compose("textbook-mm3", overrides={"run.days": 3}), slower], replications=8)
    difference = comparison.difference("ticket_wait_mean_min")
    assert difference.base is not None
    assert difference.other is not None
    assert difference.change is not None
    independent = np.hypot(difference.base.half_width, difference.other.half_width)
    assert difference.correlation > 0.9
    assert difference.change.half_width < independent / 2


def test_frames_are_named_so_that_they_can_be_files():
    comparison = Comparison((replications({"x": [1.0, 2.0]}), replications({"x": [2.0, 2.5]}, name="b")))
    frames = comparison.frames()
    assert set(frames) == {"differences", "summaries_0", "summaries_1"}
    row = frames["differences"].iloc[0]
    assert (row["base"], row["mean"], row["change"]) == (1.5, 2.25, 0.75)
    assert row["change_low"] == row["simultaneous_low"] < 0.75 < row["change_high"]
