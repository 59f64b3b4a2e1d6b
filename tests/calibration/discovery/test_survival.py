"""Open cases and cases from before are part of the truth about how long cases take."""

import numpy as np
import pandas as pd
import pytest
from discovery_halls import handmade
from scipy import stats

from calibration.discovery.discover import discover
from calibration.discovery.laws.survival import estimate_lifetimes
from calibration.eventlog.simulated import SimulatedLog


def test_it_is_kaplan_and_meiers_estimate():
    rng = np.random.default_rng(1)
    lasted, censored = rng.integers(1, 20, 300), rng.integers(1, 25, 300)
    ended = lasted <= censored
    seen = np.minimum(lasted, censored).astype(float)
    ours = estimate_lifetimes(seen, ended)
    theirs = stats.ecdf(stats.CensoredData.right_censored(seen, ~ended)).cdf
    assert ours.within == pytest.approx(theirs.evaluate(ours.times), abs=1e-12)


def test_worked_by_hand():
    # At risk: 4 at 1, 3 at 2 (one open since 2 leaves after it), 1 at 4.
    ours = estimate_lifetimes(np.array([1.0, 2.0, 2.0, 4.0]), np.array([True, True, False, True]))
    assert ours.times.tolist() == [1, 2, 4]
    assert ours.within == pytest.approx([1 / 4, 1 - 3 / 4 * 2 / 3, 1.0])
    assert (ours.n, ours.open, ours.beyond) == (4, 1, 0)
    assert ours.quantile(0.5) == 2


def test_closed_cases_alone_look_quicker_than_they_are():
    rng = np.random.default_rng(4)
    lasted, follow_up = rng.exponential(10, 4_000), rng.uniform(0, 15, 4_000)
    ended = lasted <= follow_up
    ours = estimate_lifetimes(np.minimum(lasted, follow_up), ended)
    truth = 1 - np.exp(-3 / 10)
    at = np.searchsorted(ours.times, 3.0) - 1
    assert ours.within_low[at] <= truth <= ours.within_high[at]
    assert (lasted[ended] <= 3).mean() > 1.3 * truth
    assert ours.mean_closed < 6


def test_cases_seen_only_because_they_lasted_do_not_make_the_rest_slow():
    rng = np.random.default_rng(7)
    lasted, age = rng.exponential(10, 20_000), rng.uniform(0, 30, 20_000)
    entered = np.where(rng.random(20_000) < 0.5, age, 0.0)
    seen = lasted > entered
    ours = estimate_lifetimes(lasted[seen], np.ones(seen.sum(), dtype=bool), entry=entered[seen])
    assert ours.late > 2_000
    low, high = ours.quantile_interval(0.5)
    assert low <= 10 * np.log(2) <= high
    assert np.median(lasted[seen]) > 1.2 * 10 * np.log(2)


def test_what_lasts_longer_than_anything_seen_is_said():
    ours = estimate_lifetimes(np.array([1.0, 5.0, 5.0]), np.array([True, False, False]))
    assert ours.beyond == pytest.approx(2 / 3)
    assert ours.quantile(0.9) == float("inf")


def test_bands_cover_the_truth():
    rng = np.random.default_rng(12)
    inside = 0
    for _ in range(200):
        lasted, until = rng.exponential(10, 150), rng.uniform(0, 25, 150)
        ours = estimate_lifetimes(np.minimum(lasted, until), lasted <= until)
        at = np.searchsorted(ours.times, 6.0) - 1
        inside += ours.within_low[at] <= 1 - np.exp(-0.6) <= ours.within_high[at]
    assert inside >= 180


def test_delayed_entry_worked_by_hand():
    # One was seen from its 3rd day on, and ended on its 5th: it is at risk at 5 alone.  At risk: 2 at 2, 1 + 1 at 5.
    ours = estimate_lifetimes(np.array([2.0, 5.0, 5.0]), np.array([True, True, True]), entry=np.array([0.0, 0.0, 3.0]))
    assert ours.within == pytest.approx([1 / 2, 1.0])
    assert ours.late == 1
    # Taken as if seen from the beginning, it would say that a third ends within 2 days.
    assert estimate_lifetimes(np.array([2.0, 5.0, 5.0]), np.array([True] * 3)).within[0] == pytest.approx(1 / 3)


# ---- a ledger of what was decided from a date on ---------------------------------------------------------------------

TRUTH = {2: 0.5, 30: 0.3, 60: 0.2}
"""Working days that a case takes, and the share of cases that take so long: 22 on average."""


def truncated(seed: int, *, decided_from: int = 220) -> SimulatedLog:
    """Keep of a ledger of 300 working days what was decided on its 220th or later, or is open at its end."""
    rng, days = np.random.default_rng(seed), pd.bdate_range("2014-01-06", periods=301)
    accepted = np.repeat(np.arange(300), 6)
    ended = accepted + rng.choice(list(TRUTH), accepted.size, p=list(TRUTH.values()))
    rows = [
        {"case": k, "activity": "case", "start": days[a], "end": days[b] if b < 300 else None, "date_only": True}
        for k, (a, b) in enumerate(zip(accepted.tolist(), ended.tolist(), strict=True))
        if b >= decided_from
    ]
    return handmade(rows, "ledger")


@pytest.mark.slow
def test_cases_open_when_a_ledger_begins_do_not_bias_its_turnaround():
    inside = 0
    for seed in range(20):
        log = truncated(seed)
        lives = discover(log).turnaround[-1]
        at = int(np.flatnonzero(lives.times == 2)[0])
        inside += lives.within_low[at] <= TRUTH[2] <= lives.within_high[at]
    # 20 intervals at 95%: fewer than 17 inside have a probability of 1.6%, fewer than 16 of 0.3%.
    assert inside >= 16
    assert lives.quantile(0.95) == 60
    # Some 132 cases (22 days' worth of 6) were open when it began, nearly all of them slow: taken as if they had been
    # seen from their acceptance on, they make the quick ones rarer than the interval allows.
    assert lives.late > 80
    start, end = (log.events[name].to_numpy("datetime64[D]") for name in ("start", "end"))
    ended = ~np.isnat(end)
    lasted = np.busday_count(start, np.where(ended, end, end[ended].max())).astype(float)
    naive = estimate_lifetimes(lasted, ended)
    assert naive.within_high[0] < TRUTH[2]
