"""Absences at the call: found in tickets and activities, told from lost patience, and carried into the scenario."""

import numpy as np
import pandas as pd
import pytest
from discovery_halls import discovered, hall, handmade

from calibration.discovery.accuracy.draws import draw_discovery
from calibration.discovery.discover import discover
from calibration.discovery.scenario.table import compose_scenario, scenario_table
from calibration.eventlog import read_log
from calibration.eventlog.simulated import simulated_log
from calibration.eventlog.write import write_log


def tickets(n: int = 400, *, absent_every: int = 0, losing_patience: bool = False):
    """Return tickets of one window, taken in the order in which they came; some are called in vain for 30 s."""
    rng, rows = np.random.default_rng(1), []
    for day in pd.date_range("2014-03-03", periods=10, freq="B"):
        free = day + pd.Timedelta(hours=9)
        arrivals = np.sort(rng.uniform(0, 3, n // 10))
        for number, hour in enumerate(arrivals):
            ready = day + pd.Timedelta(hours=9 + hour)
            start = max(ready, free)
            waited = (start - ready).total_seconds() / 60
            gone = waited > 12 if losing_patience else bool(absent_every) and number % absent_every == 0
            free = start + pd.Timedelta(seconds=30 if gone else 280)
            rows.append({"case": len(rows), "activity": "window", "resource": "a", "ready": ready, "start": start})
            rows[-1] |= {"end": free, "outcome": "left" if gone else "done"}
    return handmade(rows, "tickets")


def test_tickets_called_in_vain_are_absences():
    discovery = discover(tickets(absent_every=10))
    (absence,) = discovery.absences.values()
    assert (absence.calls, absence.absent, absence.returned) == (400, 40, 0.0)
    assert absence.low < 0.1 < absence.high
    assert absence.call.mean == 30_000
    assert discovery.patience is None
    step = scenario_table(discovery)["services"]["service-1"]["visits"]["apply"]["window"]
    assert step["absent"] == {"share": 0.1, "call": "0.5 min", "then": "leave"}
    assert {"absent"} <= {finding.key for finding in discovery.findings}
    assert "no_absences" not in {finding.key for finding in discovery.findings}


def test_whoever_waited_too_long_before_the_call_had_lost_patience():
    discovery = discover(tickets(losing_patience=True))
    assert not discovery.absences
    assert discovery.patience is not None
    assert "no_absences" in {finding.key for finding in discovery.findings}


def test_a_log_without_calls_in_vain_assumes_that_everybody_is_there():
    discovery = discovered("two-desks", "activities")
    (finding,) = [finding for finding in discovery.findings if finding.key == "no_absences"]
    assert finding.assumed


def test_a_return_after_a_call_in_vain_is_no_rework_and_no_passage():
    discovery = discovered("absences", "activities")
    assert set(discovery.routing.rework.values()) == {0.0}
    assert not discovery.delays
    after = discovery.routing.transitions.set_index(["service", "from", "to"])["n"]
    assert ("licence", "Window", "Window") not in after.index


@pytest.mark.slow
def test_absences_are_found_again_from_activities(tmp_path):
    log = simulated_log(hall("absences"), "activities", replication=1)
    discovery = discover(read_log(write_log(log.events, "activities", tmp_path / "log.csv")))
    traces = discovery.traces
    found = {
        (traces.services[service], traces.activities[activity]): absence
        for (service, activity), absence in discovery.absences.items()
    }
    assert set(found) == {("licence", "Window"), ("question", "Desk")}
    window, desk = found["licence", "Window"], found["question", "Desk"]
    assert window.low < 0.1 < window.high
    assert desk.low < 0.12 < desk.high
    assert (window.rejoins, desk.rejoins) == (True, False)
    assert window.away.mean == pytest.approx(8 * 60_000, rel=0.01)
    assert desk.call.mean == pytest.approx(50_000, rel=0.1)
    steps = compose_scenario(discovery).services["licence"].visits["apply"]
    assert steps["window"].absent.then == "rejoin"
    assert steps["desk"].absent is None


def test_cases_over_days_carry_calls_in_vain_as_rework():
    rows = []
    for case in range(120):
        day = pd.Timestamp("2014-03-03 09:00") + pd.Timedelta(days=case // 12 * 7 % 60, minutes=case % 12 * 12)
        calls = [("left", 1), ("done", 10)] if case % 6 == 0 else [("done", 10)]
        moment = day
        for outcome, minutes in calls:
            row = {"case": case, "activity": "window", "resource": "a", "ready": moment, "start": moment}
            moment += pd.Timedelta(minutes=minutes)
            rows.append(row | {"end": moment, "outcome": outcome})
        later = day + pd.Timedelta(days=3)
        rows.append({"case": case, "activity": "review", "resource": "b", "ready": later, "start": later})
        rows[-1] |= {"end": later + pd.Timedelta(minutes=20), "outcome": "done"}
    discovery = discover(handmade(rows))
    assert discovery.traces.calls_as_rework == 20
    assert not discovery.absences
    (finding,) = [finding for finding in discovery.findings if finding.key == "absent_cases"]
    assert (finding.estimate, finding.assumed) == (20, True)
    assert next(iter(discovery.routing.rework.values())) > 0


def test_the_share_of_the_absent_is_drawn_from_its_interval():
    discovery = discover(tickets(absent_every=10))
    rng = np.random.default_rng(3)
    (task,) = discovery.absences
    drawn = [draw_discovery(discovery, rng, demand=0.0).absences[task].share for _ in range(200)]
    assert np.std(drawn) == pytest.approx(0.015, rel=0.25)  # sqrt(0.1 · 0.9 / 400)


def test_the_scenario_says_of_absences_where_they_come_from():
    provenance = scenario_table(discover(tickets(absent_every=10)))["provenance"]
    entry = provenance["services.service-1.visits.apply.window.absent"]
    assert entry["kind"] == "derived"
    assert entry["range"][0] < 0.1 < entry["range"][1]
