"""What a simulated hall writes down: rows of which the truth is known."""

from __future__ import annotations

import pytest

from calibration.eventlog.simulated import simulated_log
from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text

HALL = """
format = 1
name = "hall"
run.days = 5
calendar.country = "none"
pools.window.servers = 1
services.item.visits.apply.serve = { pool = "window", work = "20 min" }
arrivals.anna = { services = "item", at = ["2014-03-05 10:00"] }
"""


def test_a_log_that_would_have_no_row_is_refused() -> None:
    scenario = compose_text(HALL, name="hall").scenario
    for kind in ("tickets", "activities", "events", "ledger"):
        assert len(simulated_log(scenario, kind).events) == 1
        with pytest.raises(HallplanError) as failure:
            simulated_log(scenario, kind, until_day=2)  # anna comes on the third day
        assert failure.value.key == "discovery.fault.nothing_simulated"
