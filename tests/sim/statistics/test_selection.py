"""Choosing the best: formulas by hand, and the promised probability of a good choice in many repetitions."""

import math

import numpy as np
import pytest
from cases import for_each
from scipy import integrate, stats
from sim_tools.ovs.fixed_budget import OCBA
from sim_tools.ovs.indifference_zone import KN

from sim.statistics import ocba_fractions, rinott_constant, rinott_sizes
from sim.statistics.selection import KnState, OcbaState, kn_eta, ocba_allocation

ALPHA = 0.05


def from_table(values):
    """Return a sampler that reads the replications of system i from row i."""
    table = np.asarray(values, dtype=float)
    return lambda system, first, number: table[system, first : first + number]


def completed(state, sample):
    """Sample what a procedure needs until it has ended."""
    values = [np.zeros(0) for _ in state.needed]
    while state.selection is None:
        for system, needed in enumerate(state.needed):
            number = needed - values[system].size
            if number > 0:
                values[system] = np.append(values[system], sample(system, values[system].size, number))
        state.advance(values)
    return state.selection


def select_kn(sample, systems, **arguments):
    return completed(KnState(systems, **arguments), sample)


def select_ocba(sample, systems, **arguments):
    return completed(OcbaState(systems, **arguments), sample)


# ---- KN ------------------------------------------------------------------------------------------------------------


def test_eta_solves_kim_and_nelsons_equation_with_bonferronis_share():
    # k = 5, n0 = 11: (2 · 0.05 / 4) ** (-2 / 10) = 0.025 ** -0.2 = 2.091279, η = 0.545640
    assert kn_eta(5, 0.05, 11) == pytest.approx(0.545640, abs=1e-6)
    for systems, alpha, first in ((2, 0.05, 20), (10, 0.01, 5)):
        eta = kn_eta(systems, alpha, first)
        assert 0.5 * (1 + 2 * eta) ** (-(first - 1) / 2) == pytest.approx(alpha / (systems - 1))


def test_a_clear_loser_is_dropped_after_the_first_stage_and_gets_no_more_replications():
    found = select_kn(from_table([[1, 2, 1, 2] * 50, [101, 102, 102, 101] * 50]), 2, delta=0.1, first_stage=4)
    assert (found.best, found.in_contention, found.procedure) == (0, (0,), "kn")
    assert found.replications == (4, 4)
    assert found.means == (1.5, 101.5)


def test_higher_can_be_better():
    table = from_table([[1, 2, 1, 2] * 50, [101, 102, 102, 101] * 50])
    assert select_kn(table, 2, delta=0.1, first_stage=4, better="higher").best == 1


# k = 2, n0 = 4: η = ½ (0.1 ** (-2/3) - 1) = 1.820794, h² = 2 η · 3 = 10.924766.  Where the first four differences have
# S² = 4/3, h² S² / δ² = 14.566 for δ = 1: after r replications a sum of differences beyond (14.566 - r) / 2 decides.


def test_the_longest_run_is_one_more_than_the_formula_says():
    # Differences (first minus second) 1, -1, 1, -1, then 0.1, -0.1, …: their sum is 0 or 0.1, and (14.566 - r) / 2 is
    # 0.283 at r = 14.  At r = 15 the triangle is closed; the sum is 0.1, and the first mean is the higher one.
    differences = np.concatenate(([1.0, -1.0, 1.0, -1.0], np.tile([0.1, -0.1], 20)))
    found = select_kn(from_table([differences, np.zeros(44)]), 2, delta=1.0, first_stage=4)
    assert found.replications == (15, 15)
    assert (found.best, found.procedure) == (1, "kn")


def test_the_triangle_drops_a_system_as_soon_as_it_lies_outside():
    # Differences (second minus first) 0, 2, 0, 2, then 3 each.  At r = 4 their sum 4 is less than (14.566 - 4) / 2 =
    # 5.28, at r = 5 7 is more than 4.78.
    table = [np.zeros(40), np.concatenate(([0, 2, 0, 2], np.full(36, 3)))]
    found = select_kn(from_table(table), 2, delta=1.0, first_stage=4)
    assert found.replications == (5, 5)
    assert found.in_contention == (0,)


def test_identical_systems_end_in_a_tie_without_a_first_stage_more_than_needed():
    found = select_kn(from_table([np.arange(50.0)] * 3), 3, delta=1.0, first_stage=10)
    assert found.replications == (10, 10, 10)
    assert found.in_contention == (0, 1, 2)
    assert found.procedure == "kn"


def test_looking_less_often_never_ends_sooner(rng):
    table = rng.normal([[0.0], [0.3], [0.6]], 1, size=(3, 2_000))
    each, tenth = (select_kn(from_table(table), 3, delta=0.3, stride=stride) for stride in (1, 10))
    assert each.best == tenth.best == 0
    assert sum(each.replications) <= sum(tenth.replications) <= sum(each.replications) + 3 * 10


def test_who_gives_up_before_the_end_promises_nothing(rng):
    table = rng.normal(size=(3, 500))
    found = select_kn(from_table(table), 3, delta=0.05, at_most=60)
    assert found.procedure == "kn-stopped"
    assert max(found.replications) == 60
    assert found.best in found.in_contention


@for_each(
    "wrong",
    [{"delta": 0}, {"alpha": 0}, {"alpha": 0.7}, {"first_stage": 1}, {"stride": 0}, {"systems": 1}],
)
def test_what_makes_no_sense_is_refused(wrong):
    arguments = {"systems": 3, "delta": 1.0, "alpha": 0.05, "first_stage": 4, "stride": 1} | wrong
    with pytest.raises(ValueError, match="KN needs"):
        KnState(arguments.pop("systems"), **arguments)


def good_selections(means, *, delta, studies, correlation=0.5, deviation=1.0, seed=1):
    """Return the share of studies in which a system less than delta worse than the best is selected."""
    rng, means = np.random.default_rng(seed), np.asarray(means)
    good = 0
    for _ in range(studies):
        blocks: list[np.ndarray] = []

        def sample(system, first, number, blocks=blocks):
            # replication j of all systems shares one normal number: common random numbers
            while len(blocks) * 50 < first + number:
                common = rng.normal(size=50) * math.sqrt(correlation)
                own = rng.normal(size=(means.size, 50)) * math.sqrt(1 - correlation)
                blocks.append(means[:, None] + deviation * (common + own))
            return np.concatenate([block[system] for block in blocks])[first : first + number]

        found = select_kn(sample, means.size, delta=delta, alpha=ALPHA, first_stage=10, stride=2)
        good += means[found.best] < means.min() + delta
    return good / studies


@pytest.mark.slow
@pytest.mark.parametrize(
    "means",
    [
        pytest.param([0, 0.5, 0.5, 0.5, 0.5], id="one is better than all others by exactly delta"),
        pytest.param([0, 0, 0, 0.5001, 0.5001], id="several tie, and some are just bad enough to be wrong"),
        pytest.param([0, 0.25, 0.49, 0.51, 0.51], id="some within delta, some just outside"),
    ],
)
def test_a_good_system_is_selected_as_often_as_promised(means):
    """The probability of a good selection is at least 95 %; 400 studies have a standard error of 1.1 points."""
    assert good_selections(means, delta=0.5, studies=400) >= 1 - ALPHA - 0.011


def test_the_experiment_notices_a_procedure_that_promises_too_much(monkeypatch):
    """A planted error, η a fifth of what it should be, makes the same experiment fail."""
    monkeypatch.setattr("sim.statistics.selection.kn_eta", lambda *given: kn_eta(*given) / 5)
    assert good_selections([0, 0.5, 0.5, 0.5, 0.5], delta=0.5, studies=400) < 1 - ALPHA - 0.011


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_a_good_system_is_selected_as_often_as_promised_in_large(correlation):
    for means in ([0] + [0.5] * 9, [0] * 5 + [0.5001] * 5):
        assert good_selections(means, delta=0.5, studies=1_000, correlation=correlation) >= 1 - ALPHA - 0.007


class Arms:
    """Arms for sim-tools that pay from a table, every arm its own row."""

    def __init__(self, table):
        self.table, self.used, self.observers = table, np.zeros(len(table), dtype=int), []

    def register_observer(self, observer):
        self.observers.append(observer)

    def simulate(self, design, replications=1):
        for _ in range(replications):
            value = self.table[design, self.used[design]]
            self.used[design] += 1
            for observer in self.observers:
                observer.feedback(self, design, value)


@pytest.mark.parametrize("seed", range(10))
def test_sim_tools_drops_the_same_system_after_the_same_replication(seed):
    """sim-tools' KN on the same replications of two systems.

    Of more than two it takes some variances of differences from the wrong pair (its flat table is read at ``l - 1``
    for ``l < i`` too), so that two are what can be compared to the replication.
    """
    table = np.random.default_rng(seed).normal([[5.0], [5.4]], 1, size=(2, 5_000))
    arms = Arms(table)
    theirs = KN(arms, 2, delta=0.4, alpha=ALPHA, n_0=20, obj="max").solve()
    ours = select_kn(from_table(table), 2, delta=0.4, alpha=ALPHA, first_stage=20, better="higher")
    assert np.ravel(theirs).tolist() == [ours.best]
    assert arms.used[1 - ours.best] == ours.replications[1 - ours.best]


# ---- OCBA ----------------------------------------------------------------------------------------------------------


def test_fractions_follow_the_closed_form():
    # Lower is better.  Means 1, 2, 3, variances 1, 4, 9: σ²/δ² = 4 / 1 and 9 / 4; the best σ_b √(Σ w² / σ²) =
    # √(16 / 4 + (81/16) / 9) = √4.5625 = 2.136001.  Sum 8.386001.
    fractions = ocba_fractions([1, 2, 3], [1, 4, 9])
    assert fractions * 8.386001 == pytest.approx([2.136001, 4, 2.25], abs=1e-5)
    assert ocba_fractions([-1, -2, -3], [1, 4, 9], better="higher") == pytest.approx(fractions)


def test_who_ties_with_the_best_shares_everything():
    # the limit of ever smaller equal gaps: σ² for the tied, σ_b √(Σ σ²) for the best
    assert ocba_fractions([1, 1, 3], [4, 1, 9]) == pytest.approx(np.array([2, 1, 0]) / 3)
    near = ocba_fractions([1, 1 + 1e-7, 3], [4, 1, 9])
    assert near == pytest.approx(np.array([2, 1, 0]) / 3, abs=1e-6)


def test_without_any_chance_all_get_the_same():
    assert ocba_fractions([1, 2], [0, 0]).tolist() == [0.5, 0.5]


def test_replications_are_whole_and_add_up():
    assert ocba_allocation(np.array([0.5, 0.3, 0.2]), np.array([10, 10, 10]), 100).tolist() == [40, 20, 10]
    # 33.33, 33.33, 33.33 of 100: one gets 34
    assert sorted(ocba_allocation(np.full(3, 1 / 3), np.zeros(3, dtype=int), 100).tolist()) == [33, 33, 34]
    # The first has had 60 and should have 10: it keeps them, and the others divide 40 by 3 to 6.
    assert ocba_allocation(np.array([0.1, 0.3, 0.6]), np.array([60, 5, 5]), 100).tolist() == [0, 8, 22]
    # who has no fraction left gets nothing, unless all are so
    assert ocba_allocation(np.array([1.0, 0.0]), np.array([50, 10]), 40).sum() == 0


def test_a_budget_is_spent_to_the_last_replication_and_where_it_tells_most(rng):
    table = rng.normal([[0.0], [0.2], [3.0]], 1, size=(3, 2_000))
    found = select_ocba(from_table(table), 3, budget=900)
    assert sum(found.replications) == 900
    assert (found.best, found.procedure) == (0, "ocba")
    assert found.replications[2] < 60 < min(found.replications[:2])
    wanted = ocba_fractions(found.means, [table[i, :n].var(ddof=1) for i, n in enumerate(found.replications)])
    assert found.replications[0] / 900 == pytest.approx(wanted[0], abs=0.1)


@pytest.mark.slow
def test_ocba_finds_the_best_more_often_than_equal_parts():
    rng, means, found, equal = np.random.default_rng(5), np.array([0, 0.25, 0.5, 1, 2.0]), 0, 0
    for _ in range(300):
        table = rng.normal(means[:, None], 1, size=(5, 300))
        found += select_ocba(from_table(table), 5, budget=250, first_stage=10).best == 0
        equal += int(np.argmin(table[:, :50].mean(axis=1))) == 0
    assert found > equal + 15


def test_sim_tools_divides_a_budget_alike():
    table = np.random.default_rng(3).normal([[10.0], [11.0], [12.0], [14.0]], 2, size=(4, 5_000))
    arms = Arms(table)
    theirs = OCBA(arms, 4, budget=2_000, delta=10, n_0=20, obj="min")
    ours = select_ocba(from_table(table), 4, budget=2_000, first_stage=20, step=10)
    assert theirs.solve() == ours.best == 0
    assert np.array(ours.replications) == pytest.approx(arms.used, rel=0.1)


@for_each("wrong", [{"budget": 59}, {"step": 0}, {"systems": 1}, {"first_stage": 1}])
def test_a_budget_that_makes_no_sense_is_refused(wrong):
    arguments = {"systems": 3, "budget": 60, "step": 1, "first_stage": 20} | wrong
    with pytest.raises(ValueError, match="OCBA needs"):
        OcbaState(arguments.pop("systems"), **arguments)


def test_two_replications_of_two_systems_are_the_smallest_budget():
    state = OcbaState(2, budget=4, first_stage=2, step=1)
    assert list(state.needed) == [2, 2]


# ---- Rinott --------------------------------------------------------------------------------------------------------


@for_each(("first_stage", "alpha"), [(10, 0.05), (20, 0.05), (20, 0.1), (30, 0.01)])
def test_rinotts_constant_for_two_systems_is_that_of_two_students(first_stage, alpha):
    """For k = 2 the integral says P(T1 - T2 <= h) = 1 - α for two independent t with n0 - 1 degrees of freedom."""
    h, t = rinott_constant(2, alpha=alpha, first_stage=first_stage), stats.t(first_stage - 1)
    probability, _ = integrate.quad(lambda x: t.cdf(h + x) * t.pdf(x), -60, 60, limit=400)
    assert probability == pytest.approx(1 - alpha, abs=1e-6)


def test_rinotts_constant_for_many_systems_agrees_with_an_experiment(rng):
    k, h = 6, rinott_constant(6, first_stage=15)
    x, y = rng.chisquare(14, size=(k - 1, 400_000)), rng.chisquare(14, size=400_000)
    probability = stats.norm.cdf(h / np.sqrt(14 * (1 / x + 1 / y))).prod(axis=0).mean()
    assert probability == pytest.approx(0.95, abs=0.001)


def test_rinotts_constant_grows_with_what_is_asked():
    assert rinott_constant(2) < rinott_constant(3) < rinott_constant(10)
    assert rinott_constant(3, alpha=0.1) < rinott_constant(3, alpha=0.01)
    assert rinott_constant(3, first_stage=40) < rinott_constant(3, first_stage=10)


def test_rinotts_sizes():
    # (3 · 2 / 0.5)² = 144; (3 · 0.1 / 0.5)² = 0.36, so the first stage is enough
    assert rinott_sizes([4, 0.01], delta=0.5, h=3, first_stage=20).tolist() == [144, 20]


def test_kn_takes_far_fewer_replications_than_rinott_under_common_random_numbers(rng):
    means = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    common = rng.normal(size=5_000)
    table = means[:, None] + 2 * (0.9**0.5 * common + 0.1**0.5 * rng.normal(size=(5, 5_000)))
    found = select_kn(from_table(table), 5, delta=0.5)
    rinott = rinott_sizes(table[:, :20].var(axis=1, ddof=1), delta=0.5, h=rinott_constant(5))
    assert sum(found.replications) < rinott.sum() / 3
