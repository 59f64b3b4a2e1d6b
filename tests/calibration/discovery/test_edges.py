"""Estimates at the edges of their rules, and by hand: laws, stops, counts of days, absences, draws, cautions."""

import datetime as dt
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import handmade
from scipy import stats
from small_logs import discovery_of

from calibration.discovery import discover as discovering
from calibration.discovery.accuracy.accuracy import Accuracy
from calibration.discovery.accuracy.draws import (
    _absence,
    _delays,
    _patience,
    _reweighted,
    _servers,
    draw_discovery,
    draw_work_factors,
    scale_law,
)
from calibration.discovery.findings.cautions import Caution, caution_sentence, find_cautions
from calibration.discovery.findings.times import _ends_together, _key, _release_findings, _stop_key
from calibration.discovery.findings.titles import hours_text, pool_title
from calibration.discovery.laws.families import ESTIMATORS, FAMILIES, _tails, fit_test, frozen_law
from calibration.discovery.laws.fitting import censored_law, fit_law
from calibration.discovery.laws.survival import estimate_lifetimes
from calibration.discovery.log.reading import read_traces
from calibration.discovery.log.stop_names import StopRule
from calibration.discovery.log.traces import Stop
from calibration.discovery.resources.absences import _differ, _left_before_the_call
from calibration.discovery.resources.durations import _own
from calibration.discovery.timing.days_used import DaysUsed, StopTest
from calibration.discovery.timing.decomposition import TimeDecomposition, decompose_elapsed
from calibration.discovery.timing.hours import Hours
from calibration.discovery.timing.timetables import Release, Weeks
from foundation import messages
from sim.calendar import DAY_MS, HOUR_MS, MINUTE_MS, WorkCalendar

MONDAY = pd.Timestamp("2014-03-03")
SPREAD = (np.arange(400) + 0.5) / 400
"""Probabilities that fill the interval evenly: their quantiles are a sample without chance."""


# ---- laws ------------------------------------------------------------------------------------------------------------


@for_each(
    "family, shape, within",
    [
        ("expon", 1.0, 0.01),
        ("gamma", 2.5, 0.02),
        ("lognorm", 0.7, 0.01),
        ("weibull_min", 1.7, 0.01),
        ("fisk", 2.4, 0.01),
    ],
)
def test_an_even_sample_of_a_law_has_its_parameters(family, shape, within):
    sample = frozen_law(family, shape, 3.0).ppf(SPREAD)
    estimate = [float(value[0]) for value in ESTIMATORS[family](sample[None, :])]
    assert estimate == pytest.approx([shape, 3.0], rel=within)


@for_each("family", FAMILIES)
def test_the_tails_are_scipys(family):
    x, shape = np.array([0.01, 0.5, 2.0, 9.0]), np.array(1.6)
    below, above = _tails(family, x, shape, np.array(2.0))
    law = frozen_law(family, 1.6, 2.0)
    assert below == pytest.approx(law.logcdf(x))
    assert above == pytest.approx(law.logsf(x))


def test_a_test_of_fit_is_a_share_of_its_resamples():
    rng = np.random.default_rng(1)
    assert fit_test("expon", stats.expon.ppf(SPREAD), rng=rng) == 1.0  # no random sample fits better
    assert fit_test("expon", np.r_[SPREAD, 1_000.0], rng=rng, resamples=9) == 0.1
    assert fit_test("expon", stats.lognorm(2).ppf(SPREAD), rng=rng) == 1 / 200


def test_a_heavy_log_logistic_law_is_not_taken():
    for shape, is_taken in ((1.25, True), (1.15, False)):
        fitted = fit_law(stats.fisk(shape, scale=60_000).ppf(SPREAD), rng=np.random.default_rng(1), tested=False)
        assert math.isfinite(fitted.aic["fisk"]) == is_taken
        assert (fitted.family == "fisk") == is_taken


def test_a_law_says_its_mean_interval_and_spread():
    x = np.r_[np.arange(1.0, 51), 25.5] * MINUTE_MS
    fitted = fit_law(x, rng=np.random.default_rng(1))
    half = stats.t.ppf(0.975, 50) * x.std(ddof=1) / math.sqrt(51)
    assert (fitted.mean, fitted.n, fitted.sampled, fitted.censored) == (pytest.approx(25.5 * MINUTE_MS), 51, 51, 0)
    assert (fitted.low, fitted.high) == (pytest.approx(fitted.mean - half), pytest.approx(fitted.mean + half))
    assert fitted.cv == pytest.approx(x.std(ddof=1) / x.mean())
    single = fit_law(x[:1], rng=np.random.default_rng(1))
    assert (single.law, single.cv, math.isnan(single.low), math.isnan(single.high)) == ("1 min", 0, True, True)
    zero = fit_law(np.zeros(3), rng=np.random.default_rng(1))
    assert (zero.family, zero.cv, zero.low, zero.high) == ("constant", 0, 0, 0)


def test_equal_patience_is_exponential_with_the_exact_interval():
    law = censored_law(np.full(5, 10.0 * MINUTE_MS), np.array([20.0 * MINUTE_MS] * 10 + [0.0]))
    assert (law.family, law.mean, law.n, law.censored, law.sampled, law.cv) == ("expon", 50 * MINUTE_MS, 15, 10, 15, 1)
    total = 250 * MINUTE_MS
    assert law.low == pytest.approx(2 * total / stats.chi2.ppf(0.975, 10))
    assert law.high == pytest.approx(2 * total / stats.chi2.ppf(0.025, 10))
    # The likelihood of an exponential law at its mean: -5 log(mean) - 5.
    assert law.aic["expon"] == pytest.approx(2 + 2 * (5 * math.log(law.mean) + 5))
    assert law.law == {"dist": "expon", "mean": "50 min"}


def test_a_lifetimes_mean_and_quantiles_count_what_lasts_longer():
    lives = estimate_lifetimes(np.array([1.0, 2.0, 4.0, 4.0]), np.array([True, True, True, False]))
    assert lives.shares.tolist() == pytest.approx([0.25, 0.25, 0.25])
    assert (lives.beyond, lives.mean) == (pytest.approx(0.25), pytest.approx(0.25 * 7 + 4 * 0.25))
    assert [lives.quantile(share) for share in (0.25, 0.26, 0.75, 0.76)] == [1, 2, 4, math.inf]
    # Greenwood: 1/(4·3) at 1, on the log-minus-log scale.
    width = 1.959964 * math.sqrt(1 / 12) / abs(math.log(0.75))
    assert lives.within_low[0] == pytest.approx(1 - 0.75 ** math.exp(-width))
    assert lives.within_high[0] == pytest.approx(1 - 0.75 ** math.exp(width))
    assert lives.quantile_interval(0.5)[0] <= lives.quantile(0.5) <= lives.quantile_interval(0.5)[1]
    assert math.isnan(estimate_lifetimes(np.array([1.0]), np.array([False])).mean)
    closed = estimate_lifetimes(np.array([1.0, 3.0]), np.array([True, True]))
    assert (closed.within_low[1], closed.within_high[1], closed.mean_closed) == (1, 1, 2)


def test_a_service_has_a_law_of_its_own_if_that_describes_the_work_better():
    quick, slow = stats.expon.ppf(SPREAD[::2]) * 60_000, stats.expon.ppf(SPREAD[::2]) * 600_000
    rng = np.random.default_rng(1)
    service = np.repeat([0, 1], 200)
    assert list(_own(np.r_[quick, slow], service, fit_law(np.r_[quick, slow], rng=rng), rng=rng)) == [0, 1]
    assert _own(np.r_[quick, quick], service, fit_law(np.r_[quick, quick], rng=rng), rng=rng) == {}
    for many, kinds in ((300, [0, 1]), (301, [0])):  # a hundred rows for a law of one's own
        split = np.repeat([0, 1], [many, 400 - many])
        assert list(_own(np.r_[quick, slow], split, fit_law(np.r_[quick, slow], rng=rng), rng=rng)) == kinds
    assert _own(quick, service[:200], fit_law(quick, rng=rng), rng=rng) == {}


# ---- days used, absences, elapsed time -------------------------------------------------------------------------------


@for_each(
    "n, without, within, verdict",
    [(10, 0.8, 0.2, "out"), (9, 1.0, 0.0, ""), (10, 0.79, 0.2, ""), (10, 0.1, 0.8, "in"), (10, 0.2, 0.79, "")],
)
def test_four_fifths_of_ten_cases_decide_about_a_stop(n, without, within, verdict):
    assert StopTest(n, without, within).verdict == verdict


@for_each("n, agree, is_believed", [(10, 8, True), (9, 9, False), (10, 7, False)])
def test_a_count_is_believed_if_four_fifths_of_ten_cases_agree(n, agree, is_believed):
    assert DaysUsed("days", n, agree, 0, False, {}).believed == is_believed


def test_services_differ_in_absences_by_chi_squared():
    absent = np.r_[np.arange(100) < 30, np.arange(100) < 5]
    service = np.repeat([3, 7], 100)
    assert _differ(absent, service)
    assert not _differ(np.r_[np.arange(100) < 30, np.arange(100) < 25], service)
    assert not _differ(absent[:100], service[:100])
    assert not _differ(np.zeros(200, dtype=np.bool_), service)


def test_longer_waits_of_the_absent_show_lost_patience_unless_others_left_before_the_call():
    def log(*, absent_wait: float, with_leaver: bool = False, n: int = 30):
        rows = []
        for k in range(n):
            ready = MONDAY + pd.Timedelta(hours=9 + k)
            is_absent = k % 3 == 0
            start = ready + pd.Timedelta(minutes=(absent_wait if is_absent else 5) + k / 100)
            rows.append({"case": k, "activity": "a", "ready": ready, "start": start, "end": start})
            rows[-1]["outcome"] = "left" if is_absent else "done"
        if with_leaver:
            rows.append({"case": n, "activity": "a", "ready": MONDAY, "end": MONDAY + pd.Timedelta(hours=1)})
            rows[-1]["outcome"] = "left"
        return read_traces(handmade(rows, "tickets"))

    assert _left_before_the_call(log(absent_wait=20))
    assert not _left_before_the_call(log(absent_wait=5))
    assert not _left_before_the_call(log(absent_wait=20, with_leaver=True))
    assert not _left_before_the_call(log(absent_wait=20, n=1))


def test_elapsed_time_divides_into_its_parts():
    def row(activity: str, ready: float, start: float, end: float) -> dict[str, object]:
        hours = {"ready": ready, "start": start, "end": end}
        return {"case": 1, "activity": activity} | {k: MONDAY + pd.Timedelta(hours=v) for k, v in hours.items()}

    traces = read_traces(
        handmade([row("a", 9, 10, 11), row("b", 12, 14, 15), row("c", 16, 34, 35), row("d", 36, 36, 37)])
    )
    calendar = WorkCalendar.from_hours(MONDAY.date(), np.array([True, True]), [((9 * HOUR_MS, 17 * HOUR_MS),)] * 7)
    released = np.array([False, True, False, False])
    split = decompose_elapsed(traces, traces.start, traces.ready, np.array([True]), hall=calendar, released=released)
    assert (split.elapsed, split.working, split.n) == (28, 4, 1)
    assert (split.waiting, split.transfer, split.batching) == (1 + 2 + 2, 1 + 1, 1)
    assert (split.outside, split.closed, split.unknown) == (0, 16, 0)
    assert split.closed_within == {"working": 0, "waiting": 16, "transfer": 0, "batching": 0, "outside": 0}
    nobody = decompose_elapsed(traces, traces.start, traces.ready, np.array([False]), hall=calendar, released=released)
    assert (nobody.n, math.isnan(nobody.elapsed)) == (0, True)
    later = traces.start.copy()
    later[3] = -1
    unknown = decompose_elapsed(traces, later, traces.ready, np.array([True]), hall=calendar, released=released)
    assert unknown.unknown == 2


# ---- what is observed ------------------------------------------------------------------------------------------------


@for_each("last_hour, is_whole", [(14.0, False), (15.9, False), (16.5, True)])
def test_the_last_day_is_left_out_if_it_ends_earlier_than_nine_days_of_ten(last_hour, is_whole):
    rows = [
        {"case": k, "activity": "a", "start": MONDAY + pd.Timedelta(days=k, hours=16 + k / 100)} for k in range(10)
    ] + [{"case": 99, "activity": "a", "start": MONDAY + pd.Timedelta(days=10, hours=last_hour)}]
    traces = read_traces(handmade([row | {"end": row["start"]} for row in rows]))
    assert discovering._observed_until(traces) == (11 if is_whole else 10)


@for_each("n_days, until", [(4, 4), (5, 4)])
def test_the_last_day_is_compared_from_five_days_on(n_days, until):
    rows = [{"case": k, "activity": "a", "start": MONDAY + pd.Timedelta(days=k, hours=16)} for k in range(n_days - 1)]
    rows.append({"case": 99, "activity": "a", "start": MONDAY + pd.Timedelta(days=n_days - 1, hours=9)})
    traces = read_traces(handmade([row | {"end": row["start"]} for row in rows]))
    assert discovering._observed_until(traces) == until


# ---- draws -----------------------------------------------------------------------------------------------------------


class Fixed:
    """Random numbers that are all the same number of standard errors away."""

    def __init__(self, errors: float) -> None:
        self.errors = errors

    def normal(self, mean: float, error: float) -> float:
        return mean + self.errors * error

    def beta(self, a: float, b: float) -> float:
        return a / (a + b) + self.errors


def test_servers_are_drawn_as_whole_numbers_on_duty_whenever_somebody_was():
    pool = replace(discovery_of("counter").pools[0], servers=3, low=2, high=6, roster=np.array([0, 1, 3]))
    more = _servers(pool, Fixed(2.0))  # 2 · 4 / 3.92
    assert (more.servers, more.roster.tolist()) == (5, [0, 3, 5])
    fewer = _servers(pool, Fixed(-4.0))
    assert (fewer.servers, fewer.roster.tolist()) == (1, [0, 1, 1])
    assert _servers(pool, Fixed(0.4)) is pool


def test_the_work_of_a_pool_is_drawn_from_the_errors_of_its_laws():
    discovery = discovery_of("hall")
    factors = draw_work_factors(discovery, Fixed(1.0))
    laws = {d.activity: d.fitted for d in discovery.durations if d.service == -1}
    for pool, factor in zip(discovery.pools, factors, strict=True):
        of_pool = [laws[activity] for activity in pool.activities]
        error = math.sqrt(sum(((law.high - law.low) / 3.919928 * law.n) ** 2 for law in of_pool))
        assert factor == pytest.approx(math.exp(error / sum(law.mean * law.n for law in of_pool)))
    assert draw_work_factors(replace(discovery, durations=()), Fixed(1.0)) == [1.0, 1.0]


def test_patience_absences_and_delays_are_drawn_from_their_intervals():
    discovery = discovery_of("counter")
    law = replace(discovery.patience, law={"dist": "expon", "mean": "10 min"}, low=5.0, high=20.0)
    assert _patience(law, Fixed(3.919928 / 2)).law == {"dist": "expon", "mean": "20 min"}
    assert _patience(replace(law, high=5.0), Fixed(1.0)).law == law.law
    absence = next(iter(discovery.absences.values()))
    assert _absence(absence, Fixed(0)).share == pytest.approx((absence.absent + 0.5) / (absence.calls + 1))
    assert [_absence(absence, Fixed(error)).share for error in (5, -5)] == [1 - 1e-4, 1e-4]
    delay = next(delay for delay in discovery_of("office").delays if delay.law is not None)
    shared = "6 working min"
    pair = (replace(delay, law=shared, service=0), replace(delay, law=shared, service=1))
    drawn = _delays(pair, Fixed(1.0))
    factor = math.exp((delay.high - delay.low) / 3.919928 / delay.mean)
    assert drawn[0].law is drawn[1].law
    assert drawn[0].law == scale_law(shared, factor)


def test_the_demand_is_drawn_by_standard_errors_and_stays_positive():
    discovery, rng = discovery_of("ledger"), np.random.default_rng(1)
    arrivals = discovery.arrivals
    error = (arrivals.high - arrivals.low) / 3.919928
    assert draw_discovery(discovery, rng, demand=2.0).arrivals.per_day == pytest.approx(arrivals.per_day + 2 * error)
    assert draw_discovery(discovery, rng, demand=-99.0).arrivals.per_day == pytest.approx(0.1 * arrivals.per_day)


def test_laws_without_shares_are_not_weighted_anew():
    rng = np.random.default_rng(1)
    assert _reweighted("3 working days", 10, rng) == "3 working days"
    assert _reweighted({"constant": "3 working days"}, 10, rng) == {"constant": "3 working days"}
    drawn = _reweighted({"values": ["1 working days", "2 working days"], "shares": [0.5, 0.5]}, 1e12, rng)
    assert drawn["shares"] == pytest.approx([0.5, 0.5], abs=1e-5)
    assert drawn["values"] == ["1 working days", "2 working days"]


# ---- findings and cautions -------------------------------------------------------------------------------------------


def test_the_words_about_a_stop_follow_what_is_known_of_it():
    def key(verdict: str, reason: str, article: int, *, recorded: bool = False) -> str:
        stop = Stop(StopRule(reason, article, after=False), recorded=recorded, outside=True)
        return _stop_key(SimpleNamespace(verdict=verdict, stop=stop))

    assert key("in", "applicant", 32) == "stop_held"
    assert key("out", "applicant", 32, recorded=True) == key("", "", 0, recorded=True) == "stop"
    assert key("out", "", 0) == "stop_left_out"
    assert key("", "", 0) == key("", "on-site-check", 34) == "stop_counted"
    assert (key("", "applicant", 32), key("", "on-record", 0)) == ("stop_named", "stop_registered")


def test_a_suspension_of_an_hour_is_counted_and_no_stop():
    rows = [
        {"case": k, "activity": "Review", "start": MONDAY + pd.Timedelta(days=k, hours=9), "stop": False}
        for k in range(20)
    ]
    rows = [row | {"end": row["start"] + pd.Timedelta(hours=3 + row["case"] / 50)} for row in rows]
    hour = pd.Timedelta(hours=1)
    rows += [rows[0] | {"start": rows[0]["start"] + hour, "end": rows[0]["start"] + 2 * hour, "stop": True}]
    discovery = discovering.discover(handmade(rows))
    (finding,) = [each for each in discovery.findings if each.key == "aside"]
    assert (finding.estimate, finding.unit, finding.n) == (1, "count", 1)
    assert not discovery.stops


def test_a_timetable_by_the_month_and_its_places_have_findings():
    def findings(**weeks) -> list[tuple[str, float, bool]]:
        release = Release((0,), ("tue",), 1.0, Weeks(**weeks), capacity=3, full=5)
        return [(each.key, each.estimate, each.assumed) for each in _release_findings(release, "a → b", 9)]

    places = ("release_places", 3, False)
    assert findings() == [places]
    assert findings(every=2) == [places, ("release_weeks", 2, False)]
    assert findings(every=4, monthly="date", number=10) == [places, ("release_date", 4, True)]
    assert findings(every=4, monthly="weekday", number=1) == [places, ("release_weekday", 4, True)]
    assert [_key(SimpleNamespace(unit=unit)) for unit in ("min", "working min", "working days")] == [
        "plain",
        "open",
        "days",
    ]


def test_a_pool_is_named_after_three_activities_and_its_services():
    day = ((9 * HOUR_MS, 12 * HOUR_MS), (13 * HOUR_MS, 17 * HOUR_MS + 30 * MINUTE_MS))
    assert hours_text(Hours(((), day, (), (), (), (), ()), 1, 1, 0)) == "09:00-12:00, 13:00-17:30"
    assert hours_text(Hours(((),) * 7, 1, 1, 0)) == ""

    def title(*tasks: tuple[int, int], others: tuple[tuple[int, int], ...] = ()) -> str:
        traces = SimpleNamespace(activities=tuple("ABCDE"), services=("tax", "land", ""))
        pools = [
            SimpleNamespace(tasks=each, activities=tuple(dict.fromkeys(a for _, a in each))) for each in (tasks, others)
        ]
        return pool_title(SimpleNamespace(traces=traces, pools=pools), pools[0])

    assert title((0, 0), (1, 0)) == "A"
    assert title((0, 0), (0, 1), (0, 2), (0, 3)) == "A / B / C …"
    assert title((0, 0), (0, 1), (0, 2)) == "A / B / C"
    assert title((0, 0), others=((1, 0),)) == "A: tax"
    assert title((0, 0), (1, 0), others=((2, 0),)) == "A: tax / land"
    assert title((2, 0), others=((1, 0),)) == "A"


def trial(**rows: dict[str, float]) -> Accuracy:
    row = {"log": 100.0, "earlier": 100.0, "simulated": 100.0, "low": 80.0, "high": 120.0, "inside": True}
    forecasts = pd.DataFrame({name: {**row, **changes} for name, changes in rows.items()}).T
    day = dt.date(2014, 3, 3)
    return Accuracy(day, day, 1, 1, pd.DataFrame(), forecasts, pd.DataFrame())


def cautions_of(discovery, accuracy=None, rebuilt=None) -> dict[str, dict[str, object]]:
    return {caution.key: dict(caution.values) for caution in find_cautions(discovery, accuracy, rebuilt)}


def test_the_main_figure_outside_its_interval_is_named_with_its_numbers():
    missed = {"log": 130.0, "inside": False}
    hall = discovery_of("hall")
    numbers = {"log": 130, "simulated": 100, "low": 80, "high": 120}
    every = cautions_of(hall, trial(in_progress=missed, arrivals_per_day=missed, cycle_mean_h={}))["forecast"]
    assert {k: every[k] for k in ("figure", "n", "of")} == {"figure": "arrivals_per_day", "n": 2, "of": 3}
    assert {k: float(every[k]) for k in numbers} == numbers
    assert cautions_of(hall, trial(in_progress=missed))["forecast"]["figure"] == "in_progress"
    assert "forecast" not in cautions_of(hall, trial(in_progress={}))


@for_each("later, is_changed", [(126.0, True), (125.0, False), (75.0, False), (74.0, True)])
def test_a_quarter_more_or_less_is_a_change(later, is_changed):
    for figure in ("cycle_mean_h", "wait_mean_min", "arrivals_per_day"):
        assert ("changed" in cautions_of(discovery_of("hall"), trial(**{figure: {"log": later}}))) == is_changed
    assert "changed" not in cautions_of(discovery_of("hall"), trial(in_progress={"log": later}))
    assert "changed" not in cautions_of(discovery_of("hall"), trial(cycle_mean_h={"log": later, "earlier": 0.0}))


@for_each("hours, is_named", [(75.0, False), (74.9, True), (125.0, False), (125.1, True), (math.nan, False)])
def test_a_rebuilt_hall_that_differs_by_a_quarter_is_named(hours, is_named):
    def split(elapsed: float) -> TimeDecomposition:
        return TimeDecomposition(elapsed, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9)

    log = replace(discovery_of("hall"), decomposition=split(100.0))
    assert ("rebuilt" in cautions_of(log, rebuilt=split(hours))) == is_named
    assert "rebuilt" not in cautions_of(replace(log, decomposition=split(0.0)), rebuilt=split(50.0))
    assert "rebuilt" not in cautions_of(replace(log, decomposition=None), rebuilt=split(50.0))


def test_what_a_log_lacks_is_named_above_its_share():
    hall = discovery_of("hall")
    traces, routing = hall.traces, hall.routing
    n, stamps = traces.n_cases, sum(int((m >= 0).sum()) for m in (traces.ready, traces.start, traces.end))

    def keys(**changes) -> set[str]:
        return set(cautions_of(replace(hall, **changes)))

    assert keys() == {"untried"}
    tenth = stamps // 10
    assert "bare" not in keys(traces=replace(traces, bare_dates={"end": tenth - 1, "start": 1}))
    assert "bare" in keys(traces=replace(traces, bare_dates={"end": tenth, "start": 1}))
    assert "unfinished" not in keys(routing=replace(routing, abandoned=n // 10 - 1))
    assert "unfinished" in keys(routing=replace(routing, abandoned=n // 10))
    assert "overlap" not in keys(routing=replace(routing, overlapping=0.1))
    assert "overlap" in keys(routing=replace(routing, overlapping=0.11))
    assert "starts" not in keys(estimated_starts=0.5)
    assert "starts" in keys(estimated_starts=0.51)
    seen = tuple(replace(pool, by_queue=False) for pool in hall.pools)
    assert "servers" not in keys(pools=(hall.pools[0], seen[1]))
    assert "servers" in keys(pools=seen)
    silent = replace(hall.days, silent=((dt.date(2014, 3, 4), dt.date(2014, 3, 6)),))
    assert cautions_of(replace(hall, days=silent))["silent"] == {"days": 3, "n": 1}
    dated = cautions_of(replace(hall, traces=replace(traces, date_only=True), estimated_starts=1.0, pools=seen))
    assert set(dated) == {"dates", "untried"}
    ledger = cautions_of(replace(hall, traces=replace(traces, kind="ledger"), estimated_starts=1.0, pools=seen))
    assert set(ledger) == {"dates", "untried"}


@for_each("n, is_few", [(99, True), (100, False)])
def test_fewer_than_a_hundred_cases_are_few(n, is_few):
    hall = discovery_of("hall")
    first_row = hall.traces.first_row[: n + 1]
    assert ("few" in cautions_of(replace(hall, traces=replace(hall.traces, first_row=first_row)))) == is_few


@for_each("instant, is_named", [(5, False), (6, True)])
def test_work_without_duration_is_named_if_most_work_has_none(instant, is_named):
    rows = [
        {"case": k, "activity": "a", "start": MONDAY + pd.Timedelta(hours=9 + k), "end": MONDAY
         + pd.Timedelta(hours=9 + k, minutes=0 if k < instant else 1)} for k in range(10)
    ]  # fmt: skip
    hall = replace(discovery_of("hall"), traces=read_traces(handmade(rows)))
    assert ("zero" in cautions_of(hall)) == is_named


def test_a_sentence_names_three_reasons_and_counts_the_rest():
    cautions = [Caution("few", {"cases": k}) for k in range(1, 5)]
    with messages.using("en"):
        assert caution_sentence([]) == ""
        three = caution_sentence(cautions[:3])
        assert three.endswith("it rests on 3 cases.")
        assert "and 1 more" in caution_sentence(cautions)
        assert caution_sentence(cautions[:3], listed=True) == three


@for_each("n_days, spread, together", [(9, 1, False), (10, 1, True), (10, 0, False)])
def test_cases_end_together_if_their_days_vary_more_than_demand(n_days, spread, together):
    """All cases of a fortnight end on its last day, or as many on each day."""
    days = np.arange(n_days)
    ends = np.repeat(np.where(days % 5 == 4, days, 4 if spread else days) if spread else days, 8)
    discovery = SimpleNamespace(
        traces=SimpleNamespace(end=np.r_[ends, [0, n_days - 1]].astype(np.int64) * DAY_MS),
        days=SimpleNamespace(worked=np.ones(n_days, dtype=np.bool_)),
        arrivals=SimpleNamespace(dispersion=1.0),
    )
    assert (len(list(_ends_together(discovery))) == 1) == together
    varied = SimpleNamespace(**{**vars(discovery), "arrivals": SimpleNamespace(dispersion=1e6)})
    assert list(_ends_together(varied)) == []
