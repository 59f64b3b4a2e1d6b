"""Audit of stopped clocks, on halls whose days are known by hand."""

import pytest

from planner.clocks import CasePool, item_limits
from planner.stopped_clocks import stopped_clocks
from scenarios.compose.composing import compose_text
from sim.measure.case_days import case_days
from sim.run.observing import observe
from sim.run.study import Study

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5, follow_up_days = 30, replications = 3 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }

[services.licence]
kind = "committed"
legal_limit = "20 working days"
promised_limit = "10 working days"
visits.apply.file = { start_case = true }
case.accepted = { mark = "accepted" }
case.testing = { delay = "6 working days", stops_clock = "testing" }
case.signature = { delay = "4 working days" }
case.decided = { mark = "decided" }

[services.notice]
kind = "committed"
legal_limit = "10 working days"
promised_limit = "5 working days"
visits.apply.file = { start_case = true }
case.accepted = { mark = "accepted" }
case.signature = { delay = "5 working days" }
case.decided = { mark = "decided" }

[arrivals.people]
services = { licence = 1, notice = 1 }
at = ["10:00"]
batch = 20
"""
NAMES = ("licence", "notice")


def audit(text=HALL):
    scenario = compose_text(text, name="hall").scenario
    (observed,) = observe(Study.of(scenario, workers=1), case_days)
    return stopped_clocks(CasePool.of(observed, NAMES), NAMES, item_limits(scenario, NAMES)[0])


def test_the_applicant_waits_ten_days_of_which_six_do_not_count():
    """Six days of testing and four for a signature; ten working days are two weeks, so 14 calendar days."""
    licence, notice = audit().items
    assert (licence.item, licence.working, licence.clock, licence.stopped) == ("licence", 10, 4, 6)
    assert licence.calendar == pytest.approx(14)
    assert (licence.limit, licence.limit_unstopped) == (4, 10)
    assert (notice.clock, notice.stopped, notice.limit, notice.limit_unstopped) == (5, 0, 5, 5)


def test_what_the_compression_owes_to_stops():
    """Limits of 4 and 5 days against 30 in the law are 70%; without stops 10 and 5 are 50%: 20 points are won."""
    result = audit()
    assert [figure.estimate for figure in (result.supported, result.unstopped, result.won)] == pytest.approx(
        [0.7, 0.5, 0.2]
    )
    assert (result.won.low, result.won.high) == pytest.approx((0.2, 0.2))
    assert result.has_stops


def test_without_stops_nothing_is_won():
    result = audit(HALL.replace(', stops_clock = "testing"', ""))
    assert (result.won.estimate, result.has_stops) == (0, False)
