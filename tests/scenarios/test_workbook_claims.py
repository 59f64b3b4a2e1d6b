"""What a workbook's hall, with logs or without, would publish of its forecast holds before ``hallplan claims``."""

import pytest
from hall_tickets import county, without_counts, write_county_log

from calibration.facts.claims import claims_of
from calibration.workbook.evidence import HallEvidence, join_logs
from scenarios.workbook.making import make_hall
from sim.run.simulating import simulate

DAYS, DAYS_A_MONTH = 60, 21
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["workbook", "workbook and logs"])
def forecast(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    form = county(folder)
    evidence = HallEvidence(form)
    if request.param == "workbook and logs":
        evidence = join_logs(without_counts(form), [write_county_log(folder, form, "tickets")])
    composed = make_hall(evidence.form, name="own-hall", estimates=evidence.estimates).composed
    return simulate(composed.with_values({"run.days": DAYS}).scenario, seed=1, replication=0).summary


def published(forecast, *, done=None):
    accepted = round(forecast["items_accepted_per_month"] * DAYS / DAYS_A_MONTH)
    finished = round(accepted * forecast["finished_share"])
    instant = round(accepted * forecast["instant_share"])
    done = finished / accepted if done is None else done
    return f"""
format = 1
name = "own-hall"
invented = true
visits.now = "about {forecast["visits_per_day"]:.0f} a day"
items.now = "about {round(forecast["items_finished_per_month"], -2):.0f} a month"
count.working_days = "{DAYS} working days"
count.accepted = {accepted}
count.finished = {finished}
count.instant = {{ accepted = {instant}, finished = {instant} }}
count.committed = {{ accepted = {accepted - instant}, finished = {finished - instant} }}
percentages.done = {{ value = "{100 * done:.1f}%", words = "办结率" }}
"""


def verdicts(text):
    return [check.verdict for check in claims_of(text, name="own-hall.toml").checks]


def test_what_a_forecast_says_contradicts_nothing(forecast):
    assert len(verdicts(published(forecast))) >= 3
    assert "contradiction" not in verdicts(published(forecast))


def test_a_forecast_with_a_share_that_its_counts_do_not_give_is_contradicted(forecast):
    assert "contradiction" in verdicts(published(forecast, done=0.8))
