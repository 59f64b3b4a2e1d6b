"""Erlang's formulas against values worked by hand, textbook cases, and an independent derivation of Erlang-A."""

import doctest
import math

import numpy as np
import pytest
from cases import for_each

import planner.erlang
from foundation.errors import HallplanError
from planner.erlang import called_within, erlang_a, erlang_b, erlang_c, least_servers


def by_definition(servers, load):
    """Erlang B and C from factorials, as they stand in the textbook."""
    terms = [load**k / math.factorial(k) for k in range(servers + 1)]
    lost = terms[-1] / sum(terms)
    queued = terms[-1] * servers / (servers - load) if servers > load else math.nan
    return lost, queued / (sum(terms[:-1]) + queued)


def test_the_examples_of_the_functions_hold():
    assert doctest.testmod(planner.erlang).failed == 0


@for_each(
    ("servers", "load", "lost"),
    [
        (0, 2.0, 1.0),  # nobody serves
        (1, 2.0, 2 / 3),  # 2 / (1 + 2)
        (2, 3.0, 9 / 17),  # (9/2) / (1 + 3 + 9/2)
        (3, 1.0, 1 / 16),  # (1/6) / (1 + 1 + 1/2 + 1/6)
        (4, 0.0, 0.0),  # nobody comes
    ],
)
def test_erlang_b_has_the_values_worked_by_hand(servers, load, lost):
    assert erlang_b(servers, load) == pytest.approx(lost, abs=1e-15)


@for_each(
    ("servers", "load", "waits"),
    [
        (1, 0.7, 0.7),  # one server: the share of time at work
        (2, 1.0, 1 / 3),  # a² / 2 · 2/(2-a) = 1, over 1 + a + 1 = 3
        (2, 1.5, 9 / 14),  # 2ρ² / (1 + ρ), ρ = 3/4: (9/8) / (7/4)
        (3, 2.0, 4 / 9),  # (8/6 · 3) / (1 + 2 + 2 + 4)
        (3, 0.0, 0.0),
    ],
)
def test_erlang_c_has_the_values_worked_by_hand(servers, load, waits):
    assert erlang_c(servers, load) == pytest.approx(waits, abs=1e-15)


def test_arrays_of_servers_and_loads_agree_with_the_definition_by_factorials():
    servers, loads = np.arange(1, 21)[:, None], np.linspace(0.05, 0.95, 7)
    lost, waits = erlang_b(servers, servers * loads), erlang_c(servers, servers * loads)
    for i, c in enumerate(servers.ravel().tolist()):
        for j, load in enumerate(loads.tolist()):
            assert (lost[i, j], waits[i, j]) == pytest.approx(by_definition(c, c * load), rel=1e-12)


def test_a_thousand_servers_neither_overflow_nor_lose_digits():
    # The reciprocal of B is Σ_j c! / ((c-j)! a^j): every term is a ratio of whole numbers near one.
    term, reciprocal = 1.0, 1.0
    for j in range(1000):
        term *= (1000 - j) / 950
        reciprocal += term
    assert erlang_b(1000, 950) == pytest.approx(1 / reciprocal, rel=1e-12)


def test_the_wait_beyond_a_time_falls_exponentially_at_the_spare_rate():
    # c = 2, a = 1.5, t = 3 mean services: 9/14 exp(-0.5 · 3)
    assert called_within(2, 1.5, within=24, mean_work=8) == pytest.approx(1 - 9 / 14 * math.exp(-1.5))
    assert called_within(2, 1.5, within=0) == pytest.approx(5 / 14)


def test_seven_hundred_visitors_at_fourteen_windows_have_the_stationary_share():
    # 700 in 450 minutes at 8 minutes each: 0.969, printed in METHODS and reached by the simulator's check
    assert called_within(14, 700 / 450 * 8, within=15, mean_work=8) == pytest.approx(0.969, abs=5e-4)


# ---- patience ------------------------------------------------------------------------------------------------------


@for_each(
    ("servers", "load", "patience"), [(1, 0.5, 0.2), (1, 3.0, 5.0), (3, 4.0, 1.25), (10, 9.0, 0.5), (10, 14.0, 20.0)]
)
def test_erlang_a_agrees_with_the_balance_equations(servers, load, patience):
    # Birth and death: births at rate a, deaths at min(n, c) + (n - c)⁺ / patience, times in mean services.
    n = np.arange(1, 600)
    rates = np.minimum(n, servers) + np.maximum(n - servers, 0) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(load / rates))])
    p = np.exp(logs - logs.max())
    p /= p.sum()
    queue = float(np.maximum(np.arange(600) - servers, 0) @ p)
    result = erlang_a(servers, load, mean_patience=patience)
    assert result.waits == pytest.approx(p[servers:].sum(), rel=1e-9)
    assert result.leaves == pytest.approx(queue / patience / load, rel=1e-9)
    assert result.mean_wait == pytest.approx(queue / load, rel=1e-9)


def test_with_patience_as_long_as_work_the_number_present_is_poisson():
    # Everybody present leaves at rate 1, called or not: M/M/∞. P(N ≥ 2) = 1 - e^-2 (1 + 2) at a load of 2.
    assert erlang_a(2, 2.0, mean_patience=8, mean_work=8).waits == pytest.approx(1 - 3 * math.exp(-2))


def test_one_server_with_patience_as_long_as_work_calls_the_share_worked_by_hand_within_a_time():
    # c = 1, a = 1, times in mean services. The offered wait has density λ π₀ exp(H(x) - x) with H = 1 - e^-x, π₀ = 1/e;
    # who is patient is called: ∫₀ᵗ e^-x e^(-1) exp(1 - e^-x - x) dx = [y = e^-x] ∫_{y}^{1} y e^-y dy
    t = 0.7
    y = math.exp(-t)
    called_later = (y + 1) * math.exp(-y) - 2 * math.exp(-1)
    assert called_within(1, 1.0, within=t, mean_patience=1.0) == pytest.approx(math.exp(-1) + called_later)


def test_who_is_called_in_the_end_and_who_leaves_are_everybody():
    servers, load = np.array([1, 2, 5, 40]), np.array([2.0, 0.4, 9.0, 30.0])
    called = called_within(servers, load, within=1e9, mean_patience=3.0)
    assert called + erlang_a(servers, load, mean_patience=3.0).leaves == pytest.approx(np.ones(4))


def test_endless_patience_is_erlang_c():
    patient, impatient = (called_within(14, 12.4, within=2.0, mean_patience=p) for p in (None, 1e8))
    assert impatient == pytest.approx(patient, abs=1e-5)


# ---- the least servers ---------------------------------------------------------------------------------------------


def test_the_least_servers_reach_the_target_and_fewer_do_not():
    loads = np.array([0.3, 0.9, 1.2, 4.0, 12.4, 60.0])
    for patience in (None, 20.0):
        options = {"within": 15.0, "mean_work": 8.0, "mean_patience": patience}
        servers = least_servers(loads, target=0.9, **options)
        assert (called_within(servers, loads, **options) >= 0.9).all()
        for load, fewer in zip(loads.tolist(), (servers - 1).tolist(), strict=True):
            if (patience is not None and fewer > 0) or fewer > load:
                assert called_within(fewer, load, **options) < 0.9


def test_a_small_load_is_not_given_a_window_too_many():
    # A load of 0.6 at one window: 1 - 0.6 exp(-0.4 · 60/8) = 0.970 within 60 minutes. A search from round(0.6 + 1) = 2
    # windows on, as staffing calculators have it, never looks at one.
    assert least_servers(0.6, target=0.95, within=60, mean_work=8) == 1


def test_the_printed_example_of_a_staffing_calculator_is_reached():
    # pyworkforce's guide prints for 100 calls in 30 minutes of 3 minutes each, 80 % within 20 seconds: 14 positions,
    # waiting probability 0.1741319335950498, service level 0.8883500191794669.  By the formula: a = 10,
    # C(14, 10) from factorials, and 1 - C exp(-(14 - 10) (1/3) / 3).
    waits = by_definition(14, 10.0)[1]
    assert waits == pytest.approx(0.1741319335950498, rel=1e-12)
    options = {"within": 20 / 60, "mean_work": 3.0}
    assert called_within(14, 10.0, **options) == pytest.approx(1 - waits * math.exp(-4 / 9))
    assert called_within(14, 10.0, **options) == pytest.approx(0.8883500191794669, rel=1e-12)
    assert least_servers(10.0, target=0.8, **options) == 14


def test_no_load_needs_nobody_and_a_whole_load_needs_one_more():
    assert least_servers([0.0, 2.0], target=0.001, within=0).tolist() == [0, 3]


def test_targets_and_loads_broadcast():
    assert least_servers([[0.6], [1.0]], target=[0.5, 0.95], within=60, mean_work=8).tolist() == [[1, 1], [2, 2]]


@for_each(
    ("question", "key"),
    [
        (lambda: erlang_c([3, 2], 2.5), "error.erlang.overload"),
        (lambda: called_within(2, 2.0, within=5), "error.erlang.overload"),
        (lambda: erlang_b(2.5, 1), "error.erlang.servers"),
        (lambda: erlang_b(2, -1), "error.erlang.load"),
        (lambda: erlang_b(2, math.nan), "error.erlang.load"),
        (lambda: erlang_a(0, 1, mean_patience=1), "error.erlang.no_server"),
        (lambda: erlang_a(1, 1, mean_patience=0), "error.erlang.time"),
        (lambda: called_within(2, 1, within=-1), "error.erlang.limit"),
        (lambda: least_servers(1, target=1, within=5), "error.erlang.target"),
    ],
)
def test_an_impossible_question_is_refused_with_one_sentence(question, key):
    with pytest.raises(HallplanError) as error:
        question()
    assert error.value.key == key


def test_an_overload_names_the_servers_the_load_and_what_to_do():
    with pytest.raises(HallplanError, match=r"load of 2\.5 is too much for 2 officers: .* at least 3 officers"):
        erlang_c([3, 2], 2.5)


def test_the_search_for_the_least_servers_agrees_with_trying_one_after_the_other():
    loads = np.array([0.3, 2.0, 7.5, 40.0, 300.0])
    within, target = 5.0, 0.95
    least = least_servers(loads, target=target, within=within, mean_work=8)
    for load, servers in zip(loads, least, strict=True):
        tried = int(load) + 1
        while called_within(tried, load, within=within, mean_work=8) < target:
            tried += 1
        assert servers == tried


def test_a_load_of_a_whole_country_is_answered_soon_and_a_larger_one_refused():
    # Halfin and Whitt: c ≈ a + β √a, with β about 1 where nine in ten need not wait long.
    servers = int(least_servers(20_000, target=0.9, within=0, mean_work=8))
    assert 20_000 + 141 < servers < 20_000 + 2 * 141
    with pytest.raises(HallplanError, match="too many to compute"):
        erlang_b(10**9, 9 * 10**8)


@for_each(
    ("servers", "load", "key"),
    [("many", 1, "error.not_numbers"), ([3, 4, 5], [1, 2], "error.not_broadcast")],
)
def test_what_is_no_table_of_numbers_is_refused(servers, load, key):
    with pytest.raises(HallplanError) as error:
        erlang_c(servers, load)
    assert error.value.key == key
