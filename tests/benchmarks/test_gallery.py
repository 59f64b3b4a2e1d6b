"""The gallery of reforms: halls have the windows and visits that were published, and the page says so."""

import pytest

from benchmarks.pages import gallery
from benchmarks.pages.gallery import hall, outcome, reforms

VALUES = {
    "visits_per_window_day": 20.0,
    "minutes": 6.0,
    "windows_per_department": 2.0,
    "skew": 1.0,
    "work_factor": 1.2,
    "self_service": 0.25,
}
REFORMS, ASSUMED = reforms()


def visits_a_day(scenario):
    return sum(source.per_day for source in scenario.arrivals.values())


def test_halls_have_the_windows_and_visits_that_were_published():
    for reform in REFORMS:
        before, after = (hall(reform, VALUES, pooled=pooled) for pooled in (False, True))
        for scenario, windows in zip((before, after), reform.windows, strict=True):
            servers = [pool.servers for pool in scenario.pools.values()]
            assert (sum(servers), min(servers) > 0) == (windows, True), scenario.name
        stay = 0.75 if reform.self_service else 1.0
        assert visits_a_day(after) == pytest.approx(stay * visits_a_day(before)), reform.name
        if not reform.by_window:
            assert visits_a_day(before) == pytest.approx(20 * reform.windows[0]), reform.name


def test_every_department_has_a_window_and_the_busy_ones_have_the_others():
    reform = next(reform for reform in REFORMS if reform.name == "liyang")
    servers = [pool.servers for pool in hall(reform, VALUES, pooled=False).pools.values()]
    assert servers == [3, 2, 2, 2, 1]  # five more windows for shares of 60, 30, 20, 15 and 12 in 137


def test_an_outcome_holds_what_the_draws_say():
    reform = next(reform for reform in REFORMS if reform.name == "guian")
    result = outcome(reform, {name: {"range": (value, value)} for name, value in VALUES.items()}, draws=4)
    assert result.shorter == 1.0
    assert result.before.low <= result.before.median <= result.before.high
    assert result.change.high < 0
    assert 20 < result.visits_per_window.median < 24


def test_the_page_has_every_hall_with_its_published_figure_and_every_range():
    page = gallery.PAGE.read_text(encoding="utf-8")
    for reform in REFORMS:
        assert f"| {reform.place} | {reform.windows[0]} → {reform.windows[1]} | {reform.published} |" in page
    for name, entry in ASSUMED.items():
        low, high = entry["range"]
        assert f"| `{name}` | {low:g} to {high:g} | {entry['why']} |" in page
