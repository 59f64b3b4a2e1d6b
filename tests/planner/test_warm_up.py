"""How long a hall takes to forget that it began empty, with simulated halls."""

import pytest
from studies import beginning_of

from hallplan.show.warm_up import warm_up_table
from scenarios.compose.composing import compose
from sim.statistics.warmup import WarmUp


def cases(delay, every="2 h"):
    """Return a hall in which each application lies for a while: open cases fill up to (delay / every)."""
    return compose(
        "textbook-mm3",
        overrides={
            "services.item": {
                "kind": "committed",
                "visits": {"apply": {"file": {"start_case": True}}},
                "case": {"lie": {"delay": delay, "mark": "finished"}},
            },
            "arrivals.visitors.every": every,
            "run.days": 90,
        },
    )


def test_the_warm_up_is_as_long_as_it_takes_to_fill_the_hall():
    # An application every 2 h, and each lies for 12 days: the number open rises for 12 days, to 12 · 12 = 144.
    warm_up = beginning_of(cases("12 working days"), replications=2)
    assert warm_up.days == 15  # the end of the third batch of five days
    assert warm_up.open_cases.size == 92
    assert warm_up.open_cases[20:] == pytest.approx(144, abs=1)
    assert warm_up.open_cases[5] == pytest.approx(6 * 12, abs=1)
    assert "run.warm_up_days = 15" in warm_up.message("en")
    assert warm_up.smoothed(2)[5] == pytest.approx(warm_up.open_cases[3:8].mean())


def test_a_hall_that_does_not_keep_up_never_settles():
    overloaded = compose(
        "textbook-mm3",
        overrides={
            "services.item": {
                "kind": "committed",
                "visits": {"apply": {"file": {"start_case": True}}},
                "case": {"review": {"pool": "windows", "work": "4 h", "mark": "finished"}},
            },
            "pools.windows": {"servers": 1, "at_close": "keep"},
            "arrivals.visitors.every.mean": "2 h",
        },
    )
    warm_up = beginning_of(overloaded, replications=5).settled
    assert warm_up.days is None
    assert "has not settled within 60" in warm_up.message("en")
    assert "60" in warm_up.message("zh")


def test_the_table_has_the_middle_of_every_five_days_from_the_first_on():
    beginning = beginning_of(cases("12 working days"), days=20, replications=2)
    rows = warm_up_table(beginning).rows
    assert [row[0] for row in rows] == ["3", "8", "13", "18"]
    # An application every two hours of the day, none done before the thirteenth day.
    assert [float(row[1]) for row in rows[:2]] == pytest.approx([3 * 12, 8 * 12], abs=1)


def test_a_short_look_is_too_short_to_tell():
    warm_up = beginning_of(cases("12 working days"), days=20, replications=2)
    assert warm_up.days is None
    assert "20 working days are too few" in warm_up.message("en")


def test_a_warm_up_is_a_plain_value():
    assert WarmUp.__dataclass_params__.frozen
