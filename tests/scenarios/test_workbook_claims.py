"""The forecast of a hall from a workbook, published as that hall might publish it, holds before ``hallplan claims``."""

import pytest

from calibration.facts.claims import claims_of
from foundation import messages
from scenarios.workbook.making import make_hall
from scenarios.workbook.reading import read_workbook
from scenarios.workbook.template import example_rows, workbook_bytes
from sim.run.simulating import simulate

DAYS, DAYS_A_MONTH = 60, 21
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "hall.xlsx"
    with messages.using("en"):
        path.write_bytes(workbook_bytes(example_rows()))
    form, faults = read_workbook(path)
    assert faults == []
    composed = make_hall(form, name="own-hall").composed
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
