"""Whether intervals of `hallplan today` hold the true waits of simulated days as often as they promise."""

import pytest
from scipy import stats

from benchmarks.today_coverage import coverage
from scenarios.compose.composing import compose_text

BUSY = """
format = 1
name = "busy"
run = { start = 2026-03-02, days = 5 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2 }
pools.desk = { servers = 1 }
services.item.visits.apply.ask = { pool = "desk", work = { dist = "expon", mean = "3 min" } }
services.item.visits.apply.serve = { pool = "window", work = { dist = "lognorm", mean = "11 min", cv = 0.7 } }
services.item.visits.collect.hand = { pool = "window", work = "3 min" }
services.item.visits.apply.later = { visit = "collect", after = "1 working days", wait = false, share = 0.5 }
arrivals.many = { services = "item", per_day = 64, day_dispersion = 3, patience = { dist = "expon", mean = "50 min" } }
"""


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True])
def test_true_waits_lie_inside_as_often_as_promised(full):
    hall = compose_text(BUSY, name="busy.toml").scenario
    result = coverage(hall, time="11:00", days=160, full=full, replications=39)
    assert result.promised == 0.95
    for inside, number in (
        (result.inside, result.forecasts),
        (result.inside_queued, result.forecasts_queued),
    ):
        assert number > 60
        assert stats.binom.cdf(inside, number, 0.95) > 0.001  # not fewer than chance explains
