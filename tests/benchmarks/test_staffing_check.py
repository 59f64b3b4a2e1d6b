"""The check of certified plans: generated halls are sound, cheaper rosters are all there, and a hall is judged."""

import pytest

from benchmarks.staffing import cheaper_rosters, judged, main, small_hall
from planner.staffing.search import staff
from planner.staffing.simulating import simulator


def test_a_hall_is_that_of_its_number():
    assert small_hall(3) == small_hall(3)
    assert small_hall(3) != small_hall(4)


def test_cheaper_rosters_work_fewer_hours_and_enough_for_the_work():
    scenario, target = small_hall(6)
    result = staff(scenario, [target], simulator(workers=1))
    hours = [
        sum((shift.hours[1] - shift.hours[0]) / 3_600_000 * shift.servers for shift in hall.pools["window"].roster)
        for hall in cheaper_rosters(result)
    ]
    assert hours
    assert result.bound_per_week / 5 <= min(hours)
    assert max(hours) < result.plan.hours_per_week / 5


def test_the_page_counts_what_was_judged(capsys):
    assert main(["--halls", "1", "--exhaustive", "1", "--days", "200", "--first", "6"]) == 0
    out = capsys.readouterr().out
    assert "| halls | 1 |" in out
    assert "| plans beaten by one of them | **0** |" in out


@pytest.mark.slow
def test_no_plan_of_twenty_small_halls_is_beaten_by_exhaustive_search():
    results = [judged(number, exhaustively=True, days=20) for number in range(1, 21)]
    assert all(result.certified for result in results)
    assert sum(result.cheaper for result in results) > 100
    assert not any(result.better for result in results)
