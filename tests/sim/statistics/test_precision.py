"""How many replications it takes, and when that can be said."""

import numpy as np
import pytest
from cases import for_each
from sim_tools.output_analysis import ReplicationsAlgorithm

from foundation.errors import HallplanError
from sim.run.estimates import precision_of
from sim.run.watch import PairedWatch, Watch
from sim.statistics import Absolute, Interval, Relative, mean_interval, paired_interval
from sim.statistics.precision import AT_LEAST, look_ahead, parse_precision


def students(columns, key, level):
    return mean_interval(columns[key], level)


def replications_needed(values, precision, *, at_least=AT_LEAST):
    """Return the first number of replications at which a mean is precise, and confirmed; ``None`` if there is none.

    With Student's interval, as in the publications that the rule is held against.
    """
    watch = Watch({"value": precision}, at_least=at_least, interval=students)
    return watch.sufficed_at if watch.enough([{"value": value} for value in values]) else None


def interval(estimate, half_width):
    return Interval(estimate, estimate - half_width, estimate + half_width, 0.95, "mean", 20)


def test_five_per_cent_of_the_truth_is_less_of_the_estimate():
    # 0.05 / 1.05 = 0.047619: with this half-width the truth may be as low as 95.238, of which 4.762 is 5 %
    assert Relative(0.05).allows(interval(100, 4.7619))
    assert not Relative(0.05).allows(interval(100, 4.7620))
    assert Relative(0.05).allows(interval(-100, 4.7619))
    assert Relative(0.05).wanted(interval(100, 9)) == pytest.approx(100 * 0.05 / 1.05)


def test_a_point_of_a_share_is_a_point():
    assert Absolute(0.01).allows(interval(0.001, 0.01))
    assert not Absolute(0.01).allows(interval(0.9, 0.0101))
    assert not Relative(0.05).allows(interval(0.001, 0.0001))
    assert not Absolute(0.01).allows(mean_interval([]))


@for_each("width", [0, -0.1, np.nan, np.inf])
def test_a_precision_is_a_width(width):
    for kind in (Relative, Absolute):
        with pytest.raises(HallplanError, match="no precision"):
            kind(width)


@for_each(
    ("text", "read"),
    [
        ("5%", ("", 0.05)),
        (" 0.5 % ", ("", 0.005)),
        ("wait_mean_min=2.5 %", ("wait_mean_min", 0.025)),
        ("touched_q95.food-licence = 10%", ("touched_q95.food-licence", 0.1)),
    ],
)
def test_a_precision_can_be_written(text, read):
    assert parse_precision(text) == (read[0], pytest.approx(read[1]))


@for_each("text", ["", "%", "five", "5", "0.05", "5%5", "wait_mean_min=5", "0%", "-5%", "nan", "wait_mean_min=", "inf"])
def test_what_is_no_precision_is_refused_with_one_sentence(text):
    with pytest.raises(HallplanError) as failure:
        parse_precision(text)
    assert failure.value.key == "statistics.bad_precision"


def test_per_cent_of_a_share_are_points():
    assert precision_of("wait_within_15_share", 0.01) == Absolute(0.01)
    assert precision_of("within_promised_share.food-licence", 0.01) == Absolute(0.01)
    assert precision_of("wait_mean_min", 0.05) == Relative(0.05)
    assert precision_of("open_cases", 0.05) == Relative(0.05)


def test_looking_ahead_takes_five_replications_and_five_per_cent_beyond_a_hundred():
    assert [look_ahead(n) for n in (20, 100, 119, 120, 1_000)] == [5, 5, 5, 6, 50]


# Replications 9, 11, 9, 11, …: mean 10 after an even number n, s² = n / (n - 1).  The half-width over the mean is
# t(n - 1) / √(n - 1) / 10 there: for n = 20 2.093024 / √19 / 10 = 0.048017; for n = 22 2.079614 / √21 / 10 = 0.045381.
ALTERNATING = [9.0, 11.0] * 50


def test_the_stop_is_where_the_formula_says():
    # Odd n = 2 m + 1: mean 10 - 1/n, Σ (x - x̄)² = n - 1/n.  n = 21: mean 9.952381, s = √(20.952381 / 20) = 1.023533,
    # t(20) = 2.085963: 2.085963 · 1.023533 / √21 / 9.952381 = 0.046814 <= 0.05 / 1.05 = 0.047619 < 0.048017
    assert replications_needed(ALTERNATING, Relative(0.05)) == 21
    assert replications_needed(ALTERNATING, Relative(0.0481 / (1 - 0.0481))) == 20
    # as half-widths: 0.46591 for n = 21, 0.45381 for n = 22
    assert replications_needed(ALTERNATING, Absolute(0.46)) == 22
    assert replications_needed(ALTERNATING, Absolute(0.001)) is None


def test_no_stop_comes_before_the_least_number():
    assert replications_needed([1.0] * 30, Relative(0.05)) == 20
    assert replications_needed([1.0] * 30, Relative(0.05), at_least=2) == 2


def test_a_stop_that_the_next_replications_do_not_confirm_is_forgotten():
    values = [1.0] * 22 + [50.0] + [1.0] * 20_000
    needed = replications_needed(values, Relative(0.05))
    assert needed is not None
    # one value of 50 among n: mean (n + 49) / n, s = 49 / √n, so half-width over mean about 1.96 · 49 / (n + 49),
    # at most 0.047619 from n = 1.96 · 49 / 0.047619 - 49 = 1,968 on
    assert needed == pytest.approx(1_968, abs=3)


def test_a_stop_at_the_very_end_is_not_confirmed():
    watch = Watch({"value": Relative(0.05)})
    assert not watch.enough([{"value": 1.0}] * 24)
    assert (watch.sufficed_at, watch.is_confirmed) == (20, False)
    assert watch.enough([{"value": 1.0}] * 25)


def test_all_metrics_must_be_precise_at_once(rng):
    rows = [{"a": 10 + x, "b": 10 + 3 * y} for x, y in rng.normal(size=(400, 2))]
    alone = [replications_needed([row[key] for row in rows], Relative(0.05)) for key in ("a", "b")]
    both = Watch({"a": Relative(0.05), "b": Relative(0.05)})
    assert both.enough(rows)
    assert both.sufficed_at == max(alone)
    assert alone[0] < alone[1]


def test_ratios_are_watched_as_ratios_of_sums(rng):
    visitors = rng.poisson(200, 300)
    hits = rng.binomial(visitors, 0.9)
    names = ("left_share", "left_share:num", "left_share:den")
    rows = [dict(zip(names, row, strict=True)) for row in zip(hits / visitors, hits, visitors, strict=True)]
    watch = Watch({"left_share": Absolute(0.004)})
    assert watch.enough(rows)
    seen = watch.sufficed_at + look_ahead(watch.sufficed_at)
    assert watch.figures()[0].interval.estimate == pytest.approx(hits[:seen].sum() / visitors[:seen].sum())


def test_the_answer_does_not_depend_on_how_often_one_looks(rng):
    rows = [{"value": value} for value in rng.normal(10, 2, 200)]
    often, once = (Watch({"value": Relative(0.05)}) for _ in range(2))
    stop = next(n for n in range(1, 201) if often.enough(rows[:n]))
    assert once.enough(rows)
    assert once.sufficed_at == often.sufficed_at
    assert stop == often.sufficed_at + 5
    assert once.reached() == often.reached()


def test_how_long_it_will_take_is_estimated_from_what_there_is():
    watch = Watch({"value": Absolute(0.2)})
    assert watch.expected() == 25
    watch.enough([{"value": value} for value in ALTERNATING[:30]])
    # half-width t(29) · √(30 / 29) / √30 = 2.045230 / √29 = 0.379790; 30 · (0.379790 / 0.2)² = 108.2; 5 more confirm
    assert watch.expected() == 109 + 5


def test_metrics_must_exist_and_there_must_be_one():
    with pytest.raises(HallplanError) as failure:
        Watch({"open_case": Relative(0.05)}).enough([{"open_cases": 3.0}])
    assert failure.value.values == {"metric": "open_case"}
    with pytest.raises(HallplanError, match="no metric"):
        Watch({})


def test_few_replications_that_seem_precise_are_said_to_be_few():
    watch = Watch({"value": Relative(0.05)})
    watch.enough([{"value": 10.0}, {"value": 10.01}, {"value": 10.02}])
    found = watch.reached()
    assert (found.replications, found.sufficed_at, found.missed()) == (3, None, [])
    assert "go on to 20" in found.message("en")
    assert "20" in found.message("zh")


# ---- differences ---------------------------------------------------------------------------------------------------


def rows(values):
    return [{"value": float(value)} for value in values]


def test_a_difference_is_held_to_the_first_scenarios_value():
    # Differences 0, 2, 0, 2, ... of mean 1 after an even number, base 20: half-width t(19) / √19 = 0.480174 after 20,
    # which is 48 % of the difference itself, and 2.4 % of the base.
    base, other = rows([20.0] * 40), rows([20.0, 22.0] * 20)
    half_width = 2.093024 / np.sqrt(19)
    enough = half_width / 20 / (1 - half_width / 20)
    watch = PairedWatch({"value": Relative(enough * 1.001)}, names=("a", "b"))
    assert watch.enough([base, other])
    assert watch.sufficed_at == 20
    strict = PairedWatch({"value": Relative(enough * 0.999)}, names=("a", "b"))
    assert strict.enough([base, other])
    assert strict.sufficed_at > 20
    (figure,) = watch.reached().figures
    seen = watch.reached().replications
    assert figure.interval == paired_interval([20.0] * seen, ([20.0, 22.0] * 20)[:seen])
    assert (figure.scenario, figure.against.estimate) == ("b", 20)


def test_common_chance_cancels_before_it_is_judged(rng):
    common = rng.normal(100, 30, 100)
    watch = PairedWatch({"value": Relative(0.01)}, names=("a", "b"))
    assert watch.enough([rows(common), rows(common + rng.normal(5, 0.5, 100))])
    assert watch.sufficed_at == 20
    assert replications_needed(common.tolist(), Relative(0.01)) is None


def test_several_differences_must_be_precise_together(rng):
    base, noise = rng.normal(10, 1, 400), rng.normal(0, 3, (4, 400))
    others = [rows(base + one) for one in noise]
    two = PairedWatch({"value": Absolute(0.5)}, names=("a", "b"))
    five = PairedWatch({"value": Absolute(0.5)}, names=tuple("abcde"))
    assert two.enough([rows(base), others[0]])
    assert five.enough([rows(base), *others])
    assert two.sufficed_at < five.sufficed_at
    assert {one.interval.level for one in five.figures()} == {1 - 0.05 / 4}
    assert [one.scenario for one in five.figures()] == list("bcde")


def test_a_difference_of_shares_is_held_to_points():
    watch = PairedWatch({"left_share": precision_of("left_share", 0.01)}, names=("a", "b"))
    shares = [{"left_share": 0.001 + 0.001 * (k % 2)} for k in range(30)]
    assert watch.enough([shares, [{"left_share": 0.002}] * 30])
    assert watch.sufficed_at == 20


def test_what_is_missing_of_a_difference_names_the_scenario():
    watch = PairedWatch({"value": Relative(0.001)}, names=("before", "after"))
    assert not watch.enough([rows([20.0] * 30), rows([20.0, 22.0] * 15)])
    for language in ("en", "zh"):
        message = watch.reached().message(language)
        assert "after" in message
        assert "value" in message


def test_a_comparison_takes_two_that_both_have_the_metric():
    with pytest.raises(HallplanError, match="at least two"):
        PairedWatch({"value": Relative(0.05)}, names=("a",))
    with pytest.raises(HallplanError, match="no metric"):
        PairedWatch({"value": Relative(0.05)}, names=("a", "b")).enough([rows([1.0]), [{"other": 1.0}]])


class Numbers:
    """A model for sim-tools: replication k is the k-th number."""

    def __init__(self, values):
        self.values = values

    def single_run(self, replication_no):
        return {"metric": float(self.values[replication_no])}


@pytest.mark.parametrize("seed", range(20))
def test_sim_tools_stops_at_the_same_replication(seed):
    """The independent implementation of Hoad, Robinson & Davies' algorithm, asked for the same precision.

    Up to a hundred replications, where both look five ahead: beyond, sim-tools reports the first stop that was good
    for five more, after having waited for as many as we do.
    """
    values = np.random.default_rng(seed).lognormal(2, 0.2, 1_000)
    ours = replications_needed(values.tolist(), Relative(0.05))
    theirs = ReplicationsAlgorithm(
        alpha=0.05, half_width_precision=0.05 / 1.05, initial_replications=20, look_ahead=5, replication_budget=1_000
    )
    found, _ = theirs.select(Numbers(values), ["metric"])
    assert ours == found["metric"]
