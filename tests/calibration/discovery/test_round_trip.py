"""A known hall is simulated, its log written, and the hall forgotten: discovery finds it again, and forecasts it."""

import re
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from discovery_halls import discovered, hall, handmade, log_of

from calibration.discovery.accuracy.accuracy import accuracy
from calibration.discovery.accuracy.holdout import forecast_scenarios, hold_out
from calibration.discovery.discover import discover
from calibration.discovery.findings.finding import findings_frame
from calibration.discovery.result import Discovery, Settings
from calibration.discovery.scenario.table import compose_scenario, scenario_table, scenario_text
from calibration.eventlog import read_log
from calibration.eventlog.write import write_log
from foundation import messages
from foundation.errors import HallplanError
from scenarios.check import expected_arrivals
from scenarios.compose.composing import compose_text
from scenarios.compose.reading import LARGEST_BYTES
from scenarios.provenance import count_kinds
from sim.draw.drawing import draw
from sim.engine.reference import run_reference
from sim.measure import measure
from sim.plan import compile_plan

FORMATS = (".csv", ".xlsx", ".xes")


def written(tmp_path, name, kind, ending):
    log = log_of(name, kind)
    return read_log(write_log(log.events, kind, tmp_path / f"log{ending}"))


def work(discovery: Discovery, activity: str, service: str | None = None):
    """Return mean and interval in minutes of an activity, of a service if it has a law of its own."""
    names, services = discovery.traces.activities, discovery.traces.services
    laws = {
        (names[one.activity], None if one.service < 0 else services[one.service]): one.fitted
        for one in discovery.durations
    }
    law = laws.get((activity, service), laws.get((activity, None)))
    return law.mean / 60_000, law.low / 60_000, law.high / 60_000


# ---- two desks in a row, with rework ---------------------------------------------------------------------------------


TRUTH = {"per_day": 100.0, "Desk": 2.5, "licence": 9.0, "question": 4.0, "again": 0.2}


def found_in(discovery: Discovery) -> dict[str, tuple[float, float, float]]:
    """Return what was found of the hall's parameters: estimate, low, high."""
    again = discovery.routing.transitions.set_index(["service", "from", "to"]).loc[("licence", "Window", "Desk")]
    return {
        "per_day": (discovery.arrivals.per_day, discovery.arrivals.low, discovery.arrivals.high),
        "Desk": work(discovery, "Desk"),
        "licence": work(discovery, "Window", "licence"),
        "question": work(discovery, "Window", "question"),
        "again": (again["share"], again["low"], again["high"]),
    }


def mean_rate(discovery: Discovery, begin: int, end: int) -> float:
    """Return the mean weight of the day's profile between two hours."""
    profile = discovery.arrivals.profile
    starts = np.array([int(text[:2]) + int(text[3:]) / 60 for text in profile])
    minutes = np.arange(begin * 60, end * 60) / 60
    return float(np.mean([list(profile.values())[np.searchsorted(starts, t, side="right") - 1] for t in minutes]))


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
def test_two_desks_in_a_row_are_found_again_from_every_format(tmp_path, ending):
    discovery = discover(written(tmp_path, "two-desks", "activities", ending))
    for name, (estimate, _, _) in found_in(discovery).items():
        assert estimate == pytest.approx(TRUTH[name], rel=0.1), name
    assert discovery.arrivals.dispersion_p > 0.001
    assert discovery.arrivals.poisson_p > 0.001
    assert (discovery.days.country, discovery.days.off, discovery.days.work) == ("CN", (), ())
    servers = {discovery.traces.activities[pool.activities[0]]: pool.servers for pool in discovery.pools}
    assert servers == {"Desk": 1, "Window": 3}
    morning, noon, early, late = (mean_rate(discovery, *ends) for ends in ((9, 12), (12, 13), (13, 15), (15, 17)))
    assert noon == 0
    assert early / morning == pytest.approx(2 / 3, rel=0.1)
    assert late / morning == pytest.approx(1 / 3, rel=0.1)
    share = (discovery.traces.service == discovery.traces.services.index("licence")).mean()
    assert share == pytest.approx(0.75, abs=0.02)


@pytest.mark.slow
def test_parameters_lie_inside_their_intervals_as_often_as_these_say():
    inside = []
    for replication in range(20):
        discovery = found_in(discovered("two-desks", "activities", replication))
        inside += [low <= TRUTH[name] <= high for name, (_, low, high) in discovery.items()]
    # 100 intervals at 95%: fewer than 88 inside have a probability of 0.2%.
    assert sum(inside) >= 88


@pytest.mark.slow
def test_the_forecast_lies_inside_its_own_interval_and_near_the_noise_floor(tmp_path):
    log = written(tmp_path, "two-desks", "activities", ".csv")
    earlier, begin, end = hold_out(log)
    tried = accuracy(log, forecast_scenarios(discover(earlier), discover(log), begin, end, 10), begin, end)
    assert tried.forecasts["inside"].all(), tried.forecasts
    floor = tried.distances[["log_halves", "between_simulated"]].max(axis=1)
    ratio = tried.distances["simulated"] / floor
    assert (ratio < 2.5).all(), tried.distances


@pytest.mark.slow
def test_the_forecasts_interval_is_no_wider_than_it_need_be():
    # Ten logs of one hall: nearly all of their figures must lie inside, but not by intervals without end.
    inside, width = [], []
    for replication in range(10):
        log = log_of("two-desks", "activities", replication)
        earlier, begin, end = hold_out(log)
        discovery, whole = discover(earlier), discover(log)
        tried = accuracy(log, forecast_scenarios(discovery, whole, begin, end, 8), begin, end)
        row = tried.forecasts.loc[["arrivals_per_day", "cycle_mean_h"]]
        inside.append(row["inside"].to_numpy())
        width.append(((row["high"] - row["low"]) / row["simulated"]).to_numpy())
    # 20 figures at 95%: 16 or fewer inside have a probability of 0.3%.
    assert np.sum(inside) >= 17
    assert np.median(width) < 0.8


# ---- a township's desk -----------------------------------------------------------------------------------------------


def trips_a_day(name):
    """Return the true number of trips a working day, returns included, from a long simulation."""
    scenario = hall(name)
    program, plan = draw(scenario, 77, 0), compile_plan(scenario)
    return measure(scenario, program, plan, run_reference(program, plan)).summary["visits_per_day"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "ending", [".csv", ".xes"]
)  # a workbook holds what a .csv does: two desks, and eventlog's tests
def test_a_township_desk_is_found_again_from_its_tickets(tmp_path, ending):
    discovery = discover(written(tmp_path, "township-desk", "tickets", ending))
    assert discovery.arrivals.low <= trips_a_day("township-desk") * 1.04
    assert discovery.arrivals.high >= trips_a_day("township-desk") * 0.96
    assert discovery.arrivals.dispersion_p < 0.001
    assert [pool.servers for pool in discovery.pools] == [2]
    if ending != ".xes":  # which has no place for who left
        assert discovery.patience is not None
        assert discovery.patience.low <= 60 * 60_000 * 1.1  # those for the agent wait for ever, and are among them
    # 22.5% come again with what was missing, which takes 10 minutes; for the elderly (40%) all takes 1.3 times as long.
    for service, truth in (
        ("Pension recipient's yearly check", 6.0),
        ("Certificates for villagers", 8.0),
        ("Rural medical insurance", 10.0),
    ):
        mean, low, high = work(discovery, "Window", service)
        whole = (truth + 0.225 * 10) / 1.225 * (1 + 0.4 * 0.3)
        assert low <= whole <= high, service
        assert mean == pytest.approx(whole, rel=0.06)


def test_a_township_desks_applications_are_found_again_from_activities():
    discovery = discovered("township-desk", "activities")
    assert sorted(pool.servers for pool in discovery.pools) == [1, 2]
    agent = next(pool for pool in discovery.pools if pool.servers == 1)
    assert agent.pauses
    assert agent.hours.by_weekday[0] == ((14 * 3_600_000, 17 * 3_600_000),)
    assert discovery.arrivals.low <= sum(expected_arrivals(hall("township-desk")).values()) / 160 * 1.05
    _, low, high = work(discovery, "The agent puts the papers in order")
    assert low <= 25 <= high
    after = discovery.routing.transitions[discovery.routing.transitions["from"] == "The agent puts the papers in order"]
    missing, n = after.loc[after["to"] == "The missing papers come in", "n"].sum(), after["n"].sum()
    assert missing / n == pytest.approx(0.3, abs=2.5 * np.sqrt(0.3 * 0.7 / n))
    assert discovery.routing.open.sum() > 0  # who still waits for the agent's round is open, not done


# ---- a ledger of dates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_turnarounds_are_found_again_from_a_ledger(tmp_path, ending):
    discovery = discover(written(tmp_path, "plain-ledger", "ledger", ending))
    assert discovery.arrivals.low <= 9 <= discovery.arrivals.high
    lives = {name: discovery.turnaround[k] for k, name in enumerate(discovery.traces.services)}
    assert set(lives["quick"].times) == {2, 4, 9}
    assert lives["quick"].shares == pytest.approx([0.5, 0.3, 0.2], abs=0.05)
    assert set(lives["slow"].times) == {10, 20}
    low, high = lives["slow"].quantile_interval(0.95)
    assert low <= 20 <= high
    scenario = compose_scenario(discovery)
    assert not scenario.pools
    law = scenario.services["quick"].case["turnaround"].delay
    assert {value.value for value in law.values} == {2, 4, 9}


def test_a_ledgers_forecast_lies_inside_its_own_interval():
    log = log_of("plain-ledger", "ledger")
    earlier, begin, end = hold_out(log)
    tried = accuracy(log, forecast_scenarios(discover(earlier), discover(log), begin, end, 10), begin, end)
    assert tried.forecasts["inside"].all(), tried.forecasts
    assert not len(tried.by_hour)
    assert "circadian" not in tried.distances.index


def test_open_cases_keep_their_weight_in_a_ledger():
    log = log_of("plain-ledger", "ledger")
    cut = hold_out(log, 0.85)[0]  # hardly more than the longest turnaround
    discovery = discover(cut)
    slow = discovery.turnaround[discovery.traces.services.index("slow")]
    assert slow.open > 0.2 * slow.n
    at_ten = slow.within[list(slow.times).index(10)]
    band = slow.within_low[list(slow.times).index(10)], slow.within_high[list(slow.times).index(10)]
    assert band[0] <= 0.5 <= band[1]
    assert at_ten == pytest.approx(0.5, abs=0.15)
    assert slow.mean_closed < 14  # truth: 15


# ---- the scenario ----------------------------------------------------------------------------------------------------


@for_each(
    ("name", "kind"),
    [
        ("two-desks", "activities"),
        ("two-desks", "events"),
        ("township-desk", "tickets"),
        ("township-desk", "activities"),
        ("office", "activities"),
        ("plain-ledger", "ledger"),
    ],
)
def test_the_scenario_composes_runs_and_says_where_every_number_comes_from(name, kind):
    discovery = replace(discovered(name, kind), settings=Settings(name="mine"))
    composed = compose_text(scenario_text(discovery), name="mine.toml")
    kinds = count_kinds(composed.scenario, composed.raw)
    assert kinds["unsourced"] == 0
    assert kinds["derived"] > 0
    assert kinds["assumed"] > 0
    assert composed.scenario.name == "mine"
    short = composed.changed(overrides={"run.days": 5, "run.warm_up_days": 0, "run.follow_up_days": 0}).scenario
    program, plan = draw(short, 1, 0), compile_plan(short)
    assert len(run_reference(program, plan).rows)


def test_an_assumption_has_a_range_and_a_derived_number_its_interval():
    table = scenario_table(discovered("two-desks", "events"))["provenance"]
    assert table["arrivals.cases.per_day"]["kind"] == "derived"
    assert len(table["arrivals.cases.per_day"]["range"]) == 2
    for path, entry in table.items():
        if path.startswith("pools.") or path.endswith(".work"):
            assert entry["kind"] == "assumed", path  # the log has neither starts nor queues
            assert len(entry["range"]) == 2


def test_the_same_log_gives_the_same_scenario_and_no_case_or_person_is_in_it():
    log = log_of("two-desks", "activities")
    first, second = scenario_text(discover(log)), scenario_text(discover(log))
    assert first == second
    for resource in set(log.events["resource"].astype(str)):
        assert f'"{resource}"' not in first
    assert len(tomllib.loads(first)["services"]) == 2


@pytest.mark.slow
def test_two_readings_of_one_file_give_one_scenario(tmp_path):
    log = log_of("two-desks", "activities")
    file = write_log(log.events, "activities", tmp_path / "log.csv")
    assert len(log.events) > 5_000  # more than a fit looks at
    assert scenario_text(discover(read_log(file))) == scenario_text(discover(read_log(file)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activities", "services"),
    [(12, 5), *(pytest.param(*size, marks=pytest.mark.slow) for size in ((60, 20), (300, 3)))],
)
def test_a_log_in_which_everything_follows_everything_still_fits_a_file(activities, services):
    rng, n = np.random.default_rng(1), 20_000
    case = np.sort(rng.integers(0, 2_000, n))
    start = pd.Timestamp("2014-03-03 09:00") + pd.to_timedelta(
        (case // 40 + rng.integers(0, 5, n)) * 86_400 + rng.integers(0, 28_800, n), unit="s"
    )
    frame = pd.DataFrame({"case": case, "activity": [f"step {k}" for k in rng.integers(0, activities, n)]})
    frame["resource"] = [f"r{k}" for k in rng.integers(0, 40, n)]
    frame["start"], frame["end"] = start, start + pd.to_timedelta(rng.integers(60, 900, n), unit="s")
    frame["attr_service"] = [f"s{k % services}" for k in case]
    discovery = discover(handmade(frame.to_dict("records")))
    text = scenario_text(discovery)
    assert len(text.encode()) < LARGEST_BYTES
    assert compose_text(text, name="x").scenario.services
    said = {one.key for one in discovery.findings}
    assert ("activities_together" in said) == (activities == 300)
    assert ("services_together" in said) == (len(discovery.traces.services) == 1)
    assert discovery.routing.coverage < 1


def test_names_that_no_scenario_can_have_are_kept_as_titles():
    rows = []
    for k in range(60):
        start = f"2014-03-{3 + k % 5:02d} 09:{k % 50:02d}"
        rows.append({"case": k, "activity": '窗口 "受理" = </script>', "start": start, "end": start[:-2] + "59"})
        rows[-1]["attr_service"] = ("餐饮服务许可", "end")[k % 2]
    discovery = discover(handmade(rows))
    scenario = compose_scenario(discovery)
    assert {one.title.zh for one in scenario.services.values()} == {"餐饮服务许可", "end"}
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in scenario.services)
    (step,) = {step.title.zh for one in scenario.services.values() for step in one.visits["apply"].values()} - {""}
    assert step == '窗口 "受理" = </script>'
    assert scenario.title.en != scenario.title.zh
    for entry in scenario.provenance.values():
        assert entry.basis.en != entry.basis.zh, "a scenario from a log is read in both languages"


@for_each("name", ["Mine", "../up", "", "mine.toml"])
def test_a_bad_name_is_a_sentence(name):
    with pytest.raises(HallplanError, match="name"):
        scenario_table(replace(discovered("plain-ledger", "ledger"), settings=Settings(name=name)))


@for_each("language", messages.LANGUAGES)
@for_each(("name", "kind"), [("township-desk", "tickets"), ("office", "activities"), ("two-desks", "events")])
def test_every_finding_has_words_in_both_languages(name, kind, language):
    discovery = discovered(name, kind)
    table = findings_frame(discovery.findings, language)
    assert len(table) == len(discovery.findings)
    for one in discovery.findings:
        assert "discovery." not in one.words(language) + one.title(language) + one.test_name(language)
        assert bool(re.search("[一-鿿]", one.words(language))) == (language == "zh")


def test_progress_is_told_to_its_end():
    told = []
    discover(log_of("two-desks", "activities"), progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
