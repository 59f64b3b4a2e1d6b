"""Small parts of the posterior worked by hand, each on both sides of its thresholds."""

import math

import numpy as np
import pytest
from frozen_lines import lines
from scipy import special, stats
from small_calibration import small_halls, small_text

from calibration.posterior.article import choose_inputs
from calibration.posterior.design import (
    AFTER,
    BEFORE,
    OUTCOMES,
    Halls,
    front_staff,
    outcome_names,
    patched,
    sobol_points,
    summaries_of,
)
from calibration.posterior.emulator import Emulator, Quadratic, fit
from calibration.posterior.likelihood import interval_log_probability
from calibration.posterior.matching import implausibility, match
from calibration.posterior.measurement import Measurable, narrowing
from calibration.posterior.publish import _rounded
from calibration.posterior.rates import with_rate
from calibration.posterior.report import LEARNT, predict, split_variance
from calibration.posterior.sensitivity import sobol_indices
from calibration.posterior.smc import _next_step, _Normal, effective, normalised, systematic
from calibration.posterior.space import Space, standard_scores
from calibration.posterior.targets import days_a_month, from_scale, observed_targets, period_span, to_scale
from calibration.posterior.work import simulate_points
from scenarios.compose.composing import compose_text

RNG = np.random.default_rng


# ---- weights and steps ----


def test_weights_have_the_sum_one_whatever_their_size():
    weights, total = normalised(np.log([1.0, 3.0]))
    assert weights.tolist() == pytest.approx([0.25, 0.75])
    assert total == pytest.approx(math.log(4))
    weights, total = normalised(np.array([1000.0, 1000.0, -1000.0]))
    assert weights.tolist() == [0.5, 0.5, 0.0]
    assert total == pytest.approx(1000 + math.log(2))


def test_the_effective_number_is_worked_by_hand():
    assert effective(np.full(4, 0.25)) == 4
    assert effective(np.array([0.5, 0.5, 0.0])) == 2
    assert effective(np.array([0.8, 0.2])) == pytest.approx(1 / 0.68)


def test_a_step_leaves_half_of_the_particles():
    assert _next_step(np.zeros(10), 0.7) == 0.7
    value = RNG(1).standard_normal(1_000) * 20
    step = _next_step(value, 1.0)
    assert effective(normalised(step * value)[0]) == pytest.approx(500, abs=0.01)
    assert _next_step(value, step / 2) == step / 2
    assert _next_step(np.array([0.0, -1e300, -1e300, -1e300]), 1.0) == 1e-12


def test_proposals_leave_their_normal_distribution_as_it_is():
    """Of 200,000 draws a standard deviation is known to a quarter of a per cent."""
    mean, root = np.array([1.0, -2.0]), np.array([[2.0, 0.0], [0.5, 1.0]])
    normal = _Normal(mean, root)
    z = mean + RNG(1).standard_normal((200_000, 2)) @ root.T
    near = normal.near(z, 0.6, RNG(2))
    np.testing.assert_allclose(near.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(near, rowvar=False), root @ root.T, atol=0.06)
    np.testing.assert_allclose(
        [np.corrcoef(near[:, k], z[:, k])[0, 1] for k in (0, 1)], math.sqrt(1 - 0.6**2), atol=0.01
    )
    density = stats.multivariate_normal(mean, root @ root.T)
    points = z[:5]
    differences = normal.log(points) - density.logpdf(points)
    np.testing.assert_allclose(differences, differences[0], rtol=1e-9)
    fitted = _Normal.of(z)
    np.testing.assert_allclose(fitted.root @ fitted.root.T, 1.1 * root @ root.T, atol=0.06)
    np.testing.assert_allclose(fitted.mean, mean, atol=0.03)


def test_systematic_draws_are_a_step_apart_from_one_random_number():
    class Quarter:
        def random(self):
            return 0.25

    weights = np.array([0.1, 0.2, 0.3, 0.4])
    assert systematic(weights, 5, Quarter()).tolist() == [0, 1, 2, 3, 3]
    assert systematic(np.array([1.0, 0.0]), 2, Quarter()).tolist() == [0, 0]


# ---- chances and distances ----


def test_a_chance_that_cannot_be_told_is_as_good_as_none():
    def chance(low, high):
        return float(interval_log_probability(np.array(low), np.array(high), np.array(0.0), np.array(1.0)))

    assert chance(1.0, 1.0) == pytest.approx(math.log(1e-300))
    assert chance(1e5, 1e5 + 1) == -1e6
    assert chance(-1e5 - 1, -1e5) == -1e6
    assert chance(8.0, 9.0) == pytest.approx(math.log(stats.norm.sf(8) - stats.norm.sf(9)))
    assert chance(-9.0, -8.0) == pytest.approx(chance(8.0, 9.0))
    assert chance(0.0, 1.0) == pytest.approx(math.log(stats.norm.cdf(1) - 0.5))


def test_two_figures_conflict_if_ten_are_expected_to_suit_both_and_less_than_a_fifth_do():
    """Half of 40 points suit each figure: 10 suit both by chance, and 2 are a fifth of them."""
    targets = observed_targets(["visits-before", "visits-now"])
    good, bad = np.log([220.0, 720.0]), np.log([900.0, 100.0])

    def conflicts(number, both):
        half = number // 2
        rows = [good] * both + [[good[0], bad[1]]] * (half - both) + [[bad[0], good[1]]] * (half - both)
        rows += [bad] * (number - len(rows))
        return match(np.array(rows), np.array([0.01, 0.01]), targets).conflicts

    assert len(conflicts(40, 1)) == 1
    assert len(conflicts(40, 2)) == 0
    assert len(conflicts(38, 1)) == 0
    (conflict,) = conflicts(40, 1)
    assert (conflict.expected, conflict.simulated) == (0.25, 0.025)


def test_a_distance_is_from_the_nearer_end_in_standard_deviations():
    targets = observed_targets(["visits-before", "staff"])
    means = np.array([[math.log(100), math.log(310)], [math.log(500), math.log(10)]])
    actual = implausibility(means, np.array([0.5, 0.1]), targets)
    np.testing.assert_allclose(actual, [[math.log(2) / 0.5, math.log(310 / 155) / 0.1], [math.log(2) / 0.5, 0.0]])
    edge = match(np.array([[math.log(200) - 0.3, 0.0]]), np.array([0.1, 1.0]), targets, limit=3.0 + 1e-9)
    assert edge.retained.tolist() == [True]


def test_a_narrowing_is_the_part_of_the_covariance_that_a_record_explains():
    """Forecast (a, b) and record worked out with numpy's covariance: explained less chance, over the covariance."""
    forecast = np.array([[1.0, 2.0], [2.0, 2.5], [4.0, 3.0], [5.0, 6.0], [7.0, 6.5], [8.0, 9.0]])
    record = np.array([[0.0], [2.0], [3.0], [6.0], [6.0], [9.0]])
    uncertain = np.cov(forecast, rowvar=False)[0, 1]
    joint = np.cov(forecast[:, 0], record[:, 0])[0, 1]
    variance = record.var(ddof=1) + 2.0
    by_chance = forecast.mean(axis=1).var(ddof=1) / 6
    expected = (joint**2 / variance - by_chance) / uncertain
    assert 0 < expected < 1
    assert narrowing(forecast, record, np.array([2.0])) == pytest.approx(expected)


# ---- variance and predictions ----


def test_a_prediction_is_worked_by_hand():
    """One draw at ln 800, spread 0.1; published 700 to 750: below is Phi of ln(750/800) over 0.1."""
    (observed,) = observed_targets(["visits-now"])
    means = np.full(50_001, math.log(800))
    actual = predict(means, 0.1, observed, RNG(1))
    below = stats.norm.cdf(math.log(750 / 800) / 0.1)
    assert actual.p == pytest.approx(2 * below)
    assert actual.median == pytest.approx(800, rel=0.005)
    assert actual.low == pytest.approx(800 * math.exp(-0.16449), rel=0.005)
    assert actual.high == pytest.approx(800 * math.exp(0.16449), rel=0.005)
    assert actual.as_dict() == {"median": actual.median, "low": actual.low, "high": actual.high, "p": actual.p}
    assert predict(np.full(3, math.log(725)), 0.1, observed, RNG(1)).p == 1.0
    (staff,) = observed_targets(["staff"])
    assert predict(np.full(3, math.log(155)), 0.1, staff, RNG(1)).p == pytest.approx(0.5)


def test_a_variance_of_nothing_is_no_share_of_anything():
    same = split_variance(np.ones((5, 2)), np.zeros((5, 1)), np.array([True]))
    assert same == {"chance": 0.0, "calibrated": 0.0, "assumed": 0.0}
    chance = split_variance(np.array([[1.0, 3.0], [3.0, 1.0]] * 3), np.zeros((6, 1)), np.array([False]))
    assert chance == {"chance": 1.0, "calibrated": 0.0, "assumed": 0.0}


def test_a_variance_is_split_by_an_exact_regression():
    """Means 1, 2, … 8 follow the parameter but for a part that alternates; the errors left out are numpy's."""
    x = np.arange(8.0)[:, None]
    means = np.arange(8.0) + np.array([0.5, -0.5] * 4)
    values = means[:, None] + np.array([[-1.0, 1.0]])
    between = means.var(ddof=1) - 2.0 / 2
    total = 2.0 + between

    def left_out(columns):
        errors = []
        for k in range(8):
            rest = [row for row in range(8) if row != k]
            design = np.column_stack([np.ones(8), *columns])
            solved = np.linalg.lstsq(design[rest], means[rest], rcond=None)[0]
            errors.append(means[k] - design[k] @ solved)
        return np.mean(np.square(errors))

    explained = min(left_out([]) - left_out([x[:, 0]]), between)
    actual = split_variance(values, x, np.array([True]))
    assert actual["chance"] == pytest.approx(2.0 / total)
    assert actual["calibrated"] == pytest.approx(explained / total)
    assert actual["assumed"] == pytest.approx((between - explained) / total, abs=1e-12)


def test_a_tenth_less_spread_is_what_counts_as_learnt():
    assert LEARNT == 0.1


# ---- targets and scales ----


def test_the_intervals_of_all_targets_are_frozen(snapshot):
    assert lines({observed.key: [observed.low, observed.high, *observed.ends] for observed in observed_targets()}) == (
        snapshot
    )


def test_values_at_the_edge_of_a_scale_are_kept_off_it():
    assert to_scale(np.array([0.0, 1.0]), "log").tolist() == pytest.approx([math.log(1e-6), 0.0])
    edge = math.log(1e-6 / (1 - 1e-6))
    assert to_scale(np.array([0.0, 0.5, 1.0]), "logit").tolist() == pytest.approx([edge, 0.0, -edge])
    assert from_scale(np.array([0.0, math.log(3)]), "logit").tolist() == pytest.approx([0.5, 0.75])
    assert (days_a_month(), period_span()) == (21, (115, 160))
    (licence,) = observed_targets(["licence-now"])
    assert licence.target.scaled(np.array([10.0, 100.0])).tolist() == pytest.approx([math.log(10), math.log(60)])


# ---- the emulator and the space ----


def test_a_target_has_the_twelve_strongest_inputs_of_those_that_move_it():
    x = RNG(1).standard_normal((600, 16))
    (visits,) = observed_targets(["visits-now"])
    strengths = np.geomspace(1.0, 30.0, 16)
    every, few, none = x @ strengths, x[:, [3, 1]] @ [1.0, 0.002], 1e-6 * x[:, 5]
    actual = choose_inputs(x, np.stack([every, few, none], axis=1), [visits] * 3)
    assert [list(columns) for columns in actual] == [list(range(4, 16)), [3], [5]]


def test_an_input_moves_a_target_by_more_than_three_twentieths_of_the_rest():
    """The rest is the discrepancy, 0.03: an effect of 0.0049 is more than 0.0045, one of 0.0041 is less."""
    x = RNG(1).standard_normal((50_000, 2))
    (visits,) = observed_targets(["visits-now"])
    for effect, number in ((0.0049, 2), (0.0041, 1)):
        values = x @ [0.3, effect]
        assert len(choose_inputs(x, values[:, None], [visits])[0]) == number


def test_indices_are_of_the_twenty_strongest_parameters():
    x = RNG(1).standard_normal((400, 22))
    actual = sobol_indices(x, x @ np.geomspace(1.0, 30.0, 22), seed=1, samples=64)
    assert actual.inputs == tuple(range(2, 22))


def test_numbers_of_a_manifest_have_six_digits_but_for_bases_and_ranges():
    value = {"a": 1.23456789, "base": 1.23456789, "range": (1.23456789,), "b": [float("nan"), float("-inf")], "c": 7}
    assert _rounded(value) == {
        "a": 1.23457, "base": 1.23456789, "range": (1.23456789,), "b": [None, None], "c": 7,
    }  # fmt: skip


def test_a_records_variation_is_a_share():
    title = {"en": "A record", "zh": "记录"}
    assert Measurable(title=title).cv == 0.05
    for cv in (0.0, 1.0):
        with pytest.raises(ValueError, match="cv"):
            Measurable(title=title, cv=cv)
    assert Measurable(title=title, cv=0.99, outcomes=["a"], parameters=["b"]).outcomes == ("a",)


def test_a_quadratic_is_its_terms():
    """3 + 2 a - b + (a² - 1) / 2 + 4 (b² - 1) + 5 a b at a = 2, b = 3."""
    part = Quadratic(np.array([0, 2]), 3.0, np.array([2.0, -1.0, 0.5, 4.0, 5.0]), 0.5, 0.9)
    assert part.mean(np.array([[2.0, 9.0, 3.0]])).tolist() == [3 + 4 - 3 + 1.5 + 32 + 30]
    other = Quadratic(np.array([1]), 0.0, np.array([1.0, 0.0]), 0.25, 0.5)
    both = Emulator((part, other))
    assert both.inputs.tolist() == [0, 1, 2]
    assert both.sd.tolist() == [0.5, 0.25]
    assert both.mean(np.array([[2.0, 9.0, 3.0]])).tolist() == [[67.5, 9.0]]


def test_scores_of_coordinates_are_exact_at_every_hundredth():
    """They are read off a grid, which must be no coarser; at an odd hundredth a grid of fiftieths is off."""
    halls = small_halls()
    space = Space(halls.table, np.array([1]))
    prior = halls.table.parameters[1].prior
    for z in (-4.99, -2.51, 0.01, 1.37, 4.99):
        exact = (float(prior.quantile(special.ndtr(z))) - prior.mean) / prior.sd
        assert space.scores(np.array([[z, 0.0]]))[0, 1] == pytest.approx(exact, rel=1e-9, abs=1e-12), z


def test_coordinates_are_quantiles_of_the_moved_parameters():
    halls = small_halls()
    space = Space(halls.table, np.array([2, 4]))
    assert space.dimensions == 3
    z = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 2.0]])
    priors = [parameter.prior for parameter in halls.table.parameters]
    scores = space.scores(z)
    assert (scores[:, [0, 1, 3, 5]] == 0).all()
    for column, index in ((0, 2), (1, 4)):
        expected = (priors[index].quantile(stats.norm.cdf(z[:, column])) - priors[index].mean) / priors[index].sd
        np.testing.assert_allclose(scores[:, index], expected, atol=1e-4)
    assert space.period(z).tolist() == pytest.approx([137.5, 115 + 45 * stats.norm.cdf(2)])
    vectors = space.vectors(z, RNG(1))
    for column, index in ((0, 2), (1, 4)):
        np.testing.assert_allclose(vectors[:, index], priors[index].quantile(stats.norm.cdf(z[:, column])))
    assert len(np.unique(vectors[:, 0])) == 2
    np.testing.assert_allclose(standard_scores(halls.table, vectors)[:, [2, 4]], scores[:, [2, 4]], atol=1e-4)


# ---- points and their simulation ----


def test_the_front_staff_are_those_at_windows_desks_and_tills():
    names = ("window-x", "reception-1", "service-desk", "cashier", "certificate-desk", "desk-1", "office", "backdesk-1")
    pools = "".join(f"{name} = {{ servers = {2**k} }}\n" for k, name in enumerate(names))
    scenario = compose_text(small_text("own").replace("[pools]\n", f"[pools]\n{pools}"), name="own").scenario
    assert front_staff(scenario) == 1 + 2 + 4 + 8 + 16 + 32 + 2 + 3  # and window-a and window-b


def test_outcomes_of_a_point_are_those_of_a_run_with_its_values():
    table = small_halls().table
    vector = table.base * np.array([1.0, 1.5, 1.0, 1.0, 1.0, 1.1])
    rows = Halls(table).outcomes(vector, seed=5, replications=[3, 4])
    assert rows.shape == (2, 2 * (len(OUTCOMES) + 1))
    names = outcome_names((BEFORE, AFTER))
    assert names[0] == f"{BEFORE}: visits_per_day"
    assert names[len(OUTCOMES)] == f"{BEFORE}: front_staff"
    for name in (BEFORE, AFTER):
        scenario = table.applied(name, vector).scenario
        for row, summary in zip(rows, summaries_of(scenario, seed=5, replications=[3, 4]), strict=True):
            values = dict(zip(names, row, strict=True))
            assert values[f"{name}: visits_per_day"] == summary["visits_per_day"]
            assert values[f"{name}: wait_mean_min"] == summary["wait_mean_min"]
            assert values[f"{name}: front_staff"] == 5
            assert math.isnan(values[f"{name}: elapsed_mean_days.food-licence"])
    assert rows[0, 0] != rows[1, 0]
    points = np.array([table.base, vector, table.base])
    numbers = np.array([[1, 2], [3, 4], [5, 6]])
    shown = simulate_points(Halls(table), points, numbers, seed=5)
    assert shown.shape == (3, 2, len(names))
    np.testing.assert_array_equal(shown[1], rows)
    together = simulate_points(Halls(table), points[[1, 1, 0]], numbers[[1, 0, 2]], seed=5)  # equal ones side by side
    np.testing.assert_array_equal(together[0], rows)
    np.testing.assert_array_equal(together[1], Halls(table).outcomes(vector, seed=5, replications=[1, 2]))
    np.testing.assert_array_equal(together[2], shown[2])


def test_patching_changes_a_copy_and_only_what_it_names():
    composed = compose_text(small_text("own"), name="own")
    before = repr(composed.raw)
    overrides = {"pools.window-a.servers": 4, "pools.window-b.servers": 5, "arrivals.people.per_day": 70}
    scenario = patched(composed.raw, overrides)
    assert repr(composed.raw) == before
    assert scenario == composed.changed(overrides=overrides).scenario


def test_a_design_of_any_number_begins_as_the_larger_one_does():
    table = small_halls().table
    points = sobol_points(table, 20, seed=4)
    assert points.shape == (20, 6)
    np.testing.assert_array_equal(points, sobol_points(table, 32, seed=4)[:20])
    assert np.isfinite(points).all()


def test_timetables_of_every_rate_are_frozen(snapshot):
    timetables = {
        "one": {"times": ["15:00"], "days": ["tue", "fri"], "capacity": 40},
        "two": {"times": ["09:00", "14:00"], "days": ["mon", "wed", "sat"]},
        "daily": {"times": ["10:00"]},
    }
    described = {
        name: [f"{rate:g}: {with_rate(timetable, rate)}" for rate in (0.2, 0.3, 0.4, 0.9, 1.6, 2.6, 4.4, 6, 9, 13, 50)]
        for name, timetable in timetables.items()
    }
    assert lines(described) == snapshot


def test_a_point_that_does_not_show_a_target_is_left_out_of_its_fit():
    """A run so short that nobody was given a licence has no days of one."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((40, 2))
    y = np.stack([x[:, 0] + 0.1 * rng.standard_normal(40), x[:, 1]], axis=1)
    y[3, 0] = np.nan
    shown = np.arange(40) != 3
    inputs = [np.array([0]), np.array([1])]
    with_gap, without = fit(x, y, inputs), fit(x[shown], y[shown], inputs)
    assert with_gap.parts[0].sd == without.parts[0].sd
    assert with_gap.parts[1].sd != without.parts[1].sd
    targets = observed_targets(["visits-now", "licence-now"])
    assert [list(columns) for columns in choose_inputs(x, y, targets)] == [[0], [1]]
    prediction = predict(np.array([1.0, np.nan, 1.1]), 0.1, targets[1], np.random.default_rng(1))
    assert prediction == predict(np.array([1.0, 1.1]), 0.1, targets[1], np.random.default_rng(1))
