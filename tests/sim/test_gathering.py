"""Departures by count: worked by hand on both engines, and held against the formula of batches."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tracing import ENGINES, of_text, simulate

from foundation.errors import ScenarioError
from sim.program import Code

HALL = """
run = { days = 1, follow_up_days = 1 }
calendar.hours = ["09:00-17:00"]
timetables.courier = { count = 3, longest = "60 min" }
services.item.visits.apply.wait = { until = "courier" }
"""


def departures(text: str, engine: str) -> dict[str, str]:
    """Return when those who came on the first day departed."""
    return {
        name.removesuffix("-1"): end
        for name, _, _, _, end, _ in simulate(of_text(text), engine).told("apply/wait")
        if name.endswith("-1")
    }


def visitors(**times: str) -> str:
    """Return sources of one visitor a day each, who come online."""
    lines = [
        f'arrivals.{who} = {{ services = "item", at = ["{at}"], channel = "online" }}' for who, at in times.items()
    ]
    return "\n".join([HALL, *lines])


@pytest.mark.parametrize("engine", ENGINES)
def test_courier_departs_with_the_third_or_an_hour_after_the_first(engine: str) -> None:
    # Three by 09:30. Of the next two, the first has waited for an hour at 11:00, and the second, who comes then,
    # still goes along. At 11:00 nobody is left, so that the last one's hour begins at 11:30.
    text = visitors(anna="09:00", bo="09:20", cai="09:30", dan="10:00", eve="11:00", fay="11:30")
    assert departures(text, engine) == {
        "anna": "03-03 09:30",
        "bo": "03-03 09:30",
        "cai": "03-03 09:30",
        "dan": "03-03 11:00",
        "eve": "03-03 11:00",
        "fay": "03-03 12:30",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_longest_wait_counts_opening_hours(engine: str) -> None:
    # Half an hour is left on the first day: the other half is over at 09:30 on the second.
    assert departures(visitors(anna="16:30"), engine) == {"anna": "03-04 09:30"}


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_longest_wait_nobody_departs_before_the_last_place_is_taken(engine: str) -> None:
    text = visitors(anna="16:30").replace(', longest = "60 min"', "").replace("count = 3", "count = 2")
    assert departures(text, engine) == {"anna": "03-04 16:30"}


def mean_wait(rate: float, count: int, longest: float) -> float:
    """Return the mean wait for a departure by count, with Poisson arrivals.

    A group's waits add up to the integral of its size until it departs. It has j members, and has not departed, for
    P(Poisson(rate * longest) >= j) / rate on average, for j = 1 … count - 1; and its mean size is one more than the
    sum of these probabilities. Without a longest wait this is (count - 1) / (2 rate).
    """
    j = np.arange(1, count)
    reached = stats.poisson.sf(j - 1, rate * longest)
    return float((j * reached).sum() / rate / (1 + reached.sum()))


@pytest.mark.parametrize("longest", [20.0, np.inf])
def test_mean_wait_for_a_departure_by_count_is_the_formula_of_batches(longest: float) -> None:
    rate, count = 240 / 1440, 5
    if np.isinf(longest):
        assert mean_wait(rate, count, longest) == pytest.approx((count - 1) / (2 * rate))
    limit = "" if np.isinf(longest) else f', longest = "{longest:g} min"'
    text = f"""
        run.days = 150
        timetables.courier = {{ count = {count}{limit} }}
        services.item.visits.apply.wait = {{ until = "courier" }}
        arrivals.all = {{ services = "item", per_day = 240, channel = "online" }}
    """
    trace = simulate(of_text(text), "compiled")
    rows = trace.log.rows[trace.program.ops["code"][trace.log.rows["op"]] == Code.UNTIL]
    waits = (rows["end"] - rows["ready"]) / 60_000
    days = rows["ready"] // 86_400_000
    by_day = np.array([waits[days == day].mean() for day in range(150)])
    # Days are nearly independent: 4.9 standard errors are exceeded once in a million.
    assert abs(waits.mean() - mean_wait(rate, count, longest)) < 4.9 * by_day.std(ddof=1) / np.sqrt(150)


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ('count = 3, times = ["09:00"]', "or count: give one of the three"),
        ('longest = "1 h", every = "1 h"', "give count too"),
        ("count = 3, capacity = 2", "leave capacity out"),
    ],
)
def test_a_timetable_goes_by_the_clock_or_by_count(keys: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        of_text(HALL.replace('count = 3, longest = "60 min"', keys))
