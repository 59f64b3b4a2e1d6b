"""The formulas that the simulator is held against agree with tables, with one another, and with cases by hand."""

import math

import numpy as np
import pytest
from cases import for_each
from scipy import integrate, stats

from planner.erlang import erlang_b
from verification.days import Part, ample_servers_number, day_of, sent_home
from verification.networks import (
    all_of,
    fork_join_sojourn,
    mean_to_departure,
    network_sojourn,
    square_to_departure,
    station_rates,
)
from verification.stations import (
    DeterministicServers,
    ExponentialServers,
    Moments,
    batch_wait,
    birth_death,
    bulk_wait,
    cobham_waits,
    cobham_waits_many_servers,
    gi_m_1_root,
    impatient,
    kingman_bound,
    limited_room,
    machine_repair,
    mg1_square_wait,
    mg1_wait,
    preemptive_sojourns,
    vacation_wait,
)
from verification.streams import profile_share, repeated, tries


def test_three_windows_have_the_share_of_waits_worked_by_hand():
    # a = 12/5, C(3, a) = (a³/6 · 5) / (1 + a + a²/2 + a³/6 · 5)
    assert ExponentialServers(3, 1 / 5, 12).waits == pytest.approx(11.52 / 17.8)


def test_pooling_two_windows_cuts_the_wait_as_the_facts_say():
    assert ExponentialServers(1, 42 / 420, 8).wait == pytest.approx(32)
    assert ExponentialServers(2, 44 / 420, 8).wait == pytest.approx(1.7, abs=0.05)


def test_the_tail_of_the_wait_integrates_to_its_mean():
    hall = ExponentialServers(14, 700 / 450, 8)
    assert integrate.quad(hall.waits_longer_than, 0, 400)[0] == pytest.approx(hall.wait)
    assert 1 - hall.waits_longer_than(15) == pytest.approx(0.969, abs=5e-4)


@pytest.mark.slow
@for_each(("servers", "rate"), [(1, 0.6), (1, 0.9), (2, 1.5), (4, 3.6)])
def test_constant_service_by_two_roads(servers, rate):
    hall = DeterministicServers(servers, rate, 1.0)
    tail = sum(integrate.quad(hall.waits_longer_than, k, k + 1, epsabs=1e-10)[0] for k in range(120))
    assert tail == pytest.approx(hall.wait, rel=1e-6)
    if servers == 1:
        assert hall.wait == pytest.approx(mg1_wait(rate, Moments.constant(1)), rel=1e-8)
        assert hall.waits_longer_than(0) == pytest.approx(rate)


@for_each(
    ("moments", "law"),
    [
        (Moments.lognormal(7, 1.2), stats.lognorm(s=math.sqrt(math.log(1 + 1.2**2)), scale=7 / math.sqrt(1 + 1.2**2))),
        (Moments.gamma(7, 0.5), stats.gamma(4, scale=7 / 4)),
        (Moments.weibull(2, 8), stats.weibull_min(2, scale=8)),
        (Moments.uniform(1, 13), stats.uniform(1, 12)),
        (Moments.pert(2, 6, 16), stats.beta(1 + 16 / 14, 1 + 40 / 14, loc=2, scale=14)),
        (Moments.exponential(7), stats.expon(scale=7)),
    ],
)
def test_moments_are_those_of_scipys_laws(moments, law):
    assert (moments.first, moments.second, moments.third) == pytest.approx([law.moment(k) for k in (1, 2, 3)])


def test_general_formulas_reduce_to_the_exponential_window():
    window = ExponentialServers(1, 0.1, 7)
    work = Moments.exponential(7)
    assert mg1_wait(0.1, work) == pytest.approx(window.wait)
    assert batch_wait(0.1, Moments.constant(1), work) == pytest.approx(window.wait)
    assert cobham_waits([0.1], [work]) == pytest.approx([window.wait])
    assert preemptive_sojourns([0.1], [work]) == pytest.approx([window.wait + 7])
    assert vacation_wait(0.1, work, Moments.constant(0.01)) == pytest.approx(window.wait + 0.005)
    assert gi_m_1_root(lambda s: 1 / (1 + 10 * s), 7) == pytest.approx(0.7)
    # W² of M/M/1: P(W > t) = ρ exp(-(μ - λ) t).
    assert mg1_square_wait(0.1, work) == pytest.approx(2 * 0.7 / (1 / 7 - 1 / 10) ** 2)


def test_priorities_only_redistribute():
    rates, works = [0.05, 0.05, 0.03], [Moments.constant(4), Moments.exponential(6), Moments.gamma(9, 0.7)]
    waits = cobham_waits(rates, works)
    loads = [rate * work.first for rate, work in zip(rates, works, strict=True)]
    at_work = sum(rate * work.second / 2 for rate, work in zip(rates, works, strict=True))
    conserved = sum(load * wait for load, wait in zip(loads, waits, strict=True))
    assert conserved == pytest.approx(sum(loads) * at_work / (1 - sum(loads)))
    many = cobham_waits_many_servers(3, [0.1, 0.1], 12)
    assert sum(many) / 2 == pytest.approx(ExponentialServers(3, 0.2, 12).wait)


def test_the_most_urgent_dont_feel_the_others_when_they_interrupt():
    first, second = preemptive_sojourns([0.05, 0.05], [Moments.exponential(5), Moments.exponential(9)])
    assert first == pytest.approx(1 / (1 / 5 - 0.05))
    assert second > first + 9


def test_room_without_limit_and_without_any():
    assert limited_room(3, 400, arrival_rate=0.2, mean_work=12)[1] == pytest.approx(ExponentialServers(3, 0.2, 12).wait)
    assert limited_room(5, 0, arrival_rate=0.2, mean_work=16) == pytest.approx((erlang_b(5, 3.2), 0))


def test_exponential_patience_is_a_birth_and_death_process():
    rate, mean_work, mean_patience, c = 0.2, 15.0, 30.0, 3
    found = impatient(
        c, arrival_rate=rate, mean_work=mean_work, survival=lambda x: math.exp(-x / mean_patience), longest=600
    )
    deaths = [min(k, c) / mean_work + max(k - c, 0) / mean_patience for k in range(1, 300)]
    p = birth_death([rate] * len(deaths), deaths)
    queue = np.maximum(np.arange(p.size) - c, 0) @ p
    assert found.wait == pytest.approx(queue / rate, rel=1e-6)
    assert found.leaves == pytest.approx(queue / mean_patience / rate, rel=1e-6)
    assert found.waits == pytest.approx(p[c:].sum(), rel=1e-6)


def test_constant_patience_of_nothing_is_erlangs_loss():
    found = impatient(3, arrival_rate=0.2, mean_work=15, survival=lambda x: float(x < 0.01), longest=200)
    assert found.leaves == pytest.approx(erlang_b(3, 3.0), abs=2e-3)


def test_as_many_repairers_as_machines_make_a_binomial_law():
    down = machine_repair(6, 6, mean_run=30, mean_repair=10)
    assert down == pytest.approx(stats.binom(6, 0.25).pmf(np.arange(7)))


def test_the_bound_is_above_the_exact_wait():
    assert kingman_bound(10, 10, 7, 7) > ExponentialServers(1, 0.1, 7).wait


def test_departures_without_limit_are_waited_for_half_the_gap():
    assert bulk_wait(200, arrival_rate=1 / 6, every=60) == pytest.approx(30)
    assert mean_to_departure([60]) == 30
    assert mean_to_departure([360, 1080]) == pytest.approx(450)
    assert square_to_departure([60]) == pytest.approx(1200)


def test_networks_by_hand():
    rates = station_rates([1.0, 0.0], [[0.0, 1.0], [0.5, 0.0]])
    assert rates == pytest.approx([2, 2])
    tandem = [ExponentialServers(1, 0.1, 5), ExponentialServers(1, 0.1, 7)]
    assert network_sojourn([0.1, 0], tandem) == pytest.approx(10 + 70 / 3)
    assert all_of(2, 10) == 15
    # With no load a fork takes as long as the longer of two services.
    assert fork_join_sojourn(1e-12, 10) == pytest.approx(all_of(2, 10))


@pytest.mark.slow
def test_a_long_day_is_stationary():
    day = day_of([Part(10_000, 0.2, 3), Part(400, 0, 3)], windows=3, mean_work=12, within=10, most=60)
    hall = ExponentialServers(3, 0.2, 12)
    assert day.wait == pytest.approx(hall.wait, rel=0.02)
    assert 1 - day.waits_at_most == pytest.approx(hall.waits_longer_than(10), rel=0.02)
    assert day.present[0] == pytest.approx(hall.number, rel=0.02)


def test_a_day_with_ample_windows_needs_no_queue():
    parts = [Part(60, 0.2, 20), Part(60, 0.4, 20), Part(300, 0, 20)]
    day = day_of(parts, windows=20, mean_work=10, most=5)
    assert day.wait == pytest.approx(0, abs=1e-6)
    here = ample_servers_number(
        60, 120, arrival_rate=lambda u: 0.2 if u < 60 else 0.4, survival=lambda x: math.exp(-x / 10), breaks=[60]
    )
    assert day.present[1] == pytest.approx(here, rel=1e-6)


def test_lunch_costs_more_when_it_interrupts():
    def wait(*, finishes: bool) -> float:
        parts = [Part(180, 0.4, 4), Part(60, 0.2, 0, finishes), Part(180, 0.4, 4), Part(300, 0, 4)]
        return day_of(parts, windows=4, mean_work=8, most=100).wait

    assert wait(finishes=True) < wait(finishes=False)


def test_who_is_sent_home_is_whom_the_day_leaves_in_the_queue():
    parts = [Part(480, 0.45, 4), Part(0.001, 0, 4), Part(300, 0, 4)]
    day = day_of(parts, windows=4, mean_work=8, most=150)
    share = sent_home(480, arrival_rate=0.45, windows=4, mean_work=8)
    # present = queue + in service, and at the end of so long a day nearly all four windows are busy
    assert share * 0.45 * 480 == pytest.approx(day.present[1] - 4, abs=0.6)
    assert share > 0


def test_counts_by_hand():
    assert profile_share({0: 1.0, 60: 3.0}, 120, begin=30, until=90) == pytest.approx((30 + 90) / 240)
    assert repeated(0.3) == pytest.approx(1 / 0.7)
    assert tries(0.5, 2) == 1.75
