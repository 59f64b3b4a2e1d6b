"""The filled-in county with logs that its own hall has written: what was blank is estimated near what made the logs."""

import pytest
from hall_tickets import county, without_counts, write_county_log

from calibration.workbook.evidence import HallEvidence, join_logs
from scenarios.check import warnings
from scenarios.model.laws import mean_of
from scenarios.provenance import count_kinds, sourced
from scenarios.workbook.making import make_hall
from sim.run.simulating import simulate

pytestmark = pytest.mark.slow
FORECAST = ("visits_per_day", "items_accepted_per_month", "ticket_wait_mean_min")


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    return county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def evidence(truth, tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    files = [write_county_log(folder, truth, kind) for kind in ("tickets", "ledger")]
    return join_logs(without_counts(truth), files)


def hall_of(evidence):
    return make_hall(evidence.form, name="county", estimates=evidence.estimates)


def forecast(hall):
    composed = hall.composed.with_values({"run.days": 60})
    runs = [simulate(composed.scenario, seed=1, replication=number).summary for number in range(3)]
    return {metric: sum(run[metric] for run in runs) / len(runs) for metric in FORECAST}


def test_minutes_at_the_windows_are_those_of_the_hall_that_wrote_the_log(truth, evidence):
    scenario = hall_of(evidence).composed.scenario
    titles = {service.title.en: service for service in scenario.services.values()}
    for item in truth.items:
        if item.minutes is not None and item.volume.value > 100:
            work = titles[item.title.value].visits["apply"]["window"].work
            assert mean_of(work) / 60_000 == pytest.approx(item.minutes.value, rel=0.05), item.title.value


def test_volumes_are_those_of_the_hall_that_wrote_the_log(truth, evidence):
    estimated = {item.row: item.volume for item in evidence.form.items}
    for item in truth.items:
        if item.volume is not None and item.volume.value > 100:
            assert estimated[item.row].value == pytest.approx(item.volume.value, rel=0.12), item.title.value


def test_each_number_has_a_source_and_the_scenario_passes_its_check(truth, evidence):
    composed, blank = hall_of(evidence).composed, make_hall(without_counts(truth), name="county").composed
    counts, before = count_kinds(composed.scenario, composed.raw), count_kinds(blank.scenario, blank.raw)
    assert (counts["unsourced"], counts["given"]) == (0, before["given"])
    assert counts["assumed"] < 0.75 * before["assumed"]
    sources = {number.entry.source.en.split(",")[0] for number in sourced(composed.scenario, composed.raw)}
    assert {"Event log (tickets)", "Event log (ledger)"} <= sources
    keys, keys_before = ({warning.key for warning in warnings(each.scenario)} for each in (composed, blank))
    assert keys <= keys_before


def test_its_forecast_is_near_that_of_the_hall_and_the_blank_workbook_s_is_not(truth, evidence):
    seen = forecast(make_hall(truth, name="county"))
    estimated, blank = forecast(hall_of(evidence)), forecast(hall_of(HallEvidence(without_counts(truth))))
    assert estimated["visits_per_day"] == pytest.approx(seen["visits_per_day"], rel=0.1)
    assert estimated["items_accepted_per_month"] == pytest.approx(seen["items_accepted_per_month"], rel=0.1)
    assert estimated["ticket_wait_mean_min"] == pytest.approx(seen["ticket_wait_mean_min"], rel=0.4)
    assert blank["visits_per_day"] < 0.7 * seen["visits_per_day"]
    assert blank["ticket_wait_mean_min"] < 0.5 * seen["ticket_wait_mean_min"]
