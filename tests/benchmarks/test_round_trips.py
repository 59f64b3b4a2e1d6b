"""Round trips hold, fall short when a step of discovery is switched off, and are counted and written as they fell."""

import pandas as pd
import pytest

from benchmarks import round_trips
from benchmarks.round_trips import Case, round_trip, shares_inside, shortfalls
from calibration.discovery import discover as discovery_module
from calibration.discovery.timing import timetables

STEPS = {
    "places": (Case("places", "activities"), (0, 3), timetables, "capacity_of", lambda since, until: (0, 0)),
    "weeks": (
        Case("monthly", "activities"),
        (0,),
        timetables,
        "departure_weeks",
        lambda since, until, *, first_day: timetables.EVERY_WEEK,
    ),
    "rounds": (Case("township-desk", "ledger"), (0, 3, 5), discovery_module, "discover_rounds", lambda *_, **__: None),
    "absences": (Case("absences", "activities"), (0,), discovery_module, "discover_absences", lambda *_, **__: {}),
}
"""By step of discovery: a hall that needs it, replications, and where and by what it is switched off."""


def forecasts(inside: list[bool], figure: str = "cycle_mean_h") -> pd.DataFrame:
    return pd.DataFrame({"hall": "x", "kind": "tickets", "format": ".csv", "figure": figure, "inside": inside})


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_figures_lie_in_their_intervals_only_with_every_step_of_discovery(step, monkeypatch):
    case, replications, module, name, nothing = STEPS[step]
    complete = pd.concat([round_trip(case, replication) for replication in replications])
    assert complete["inside"].mean() >= 0.9, complete
    monkeypatch.setattr(module, name, nothing)
    without = pd.concat([round_trip(case, replication) for replication in replications])
    assert without["inside"].mean() < 0.8, without


def test_shares_have_an_exact_binomial_interval():
    table = shares_inside(forecasts([True] * 9 + [False]), ["figure"])
    (row,) = table.itertuples(index=False)
    assert (row.figure, row.n, row.inside) == ("cycle_mean_h", 10, 0.9)
    # Clopper and Pearson at 99%: the low end p has P(X >= 9 | n = 10, p) = 0.005, the high end P(X <= 9) = 0.005.
    assert 10 * row.low**9 * (1 - row.low) + row.low**10 == pytest.approx(0.005, rel=1e-6)
    assert 1 - row.high**10 == pytest.approx(0.005, rel=1e-6)


def test_a_kind_of_figure_that_misses_falls_short_even_if_all_together_suffice():
    good, bad = forecasts([True] * 400), forecasts([True] * 30 + [False] * 10, "wait_mean_min")
    assert not list(shortfalls(good))
    (sentence,) = shortfalls(pd.concat([good, bad]))
    assert sentence.startswith("wait_mean_min: 75.0% of 40")
    all_together = next(shortfalls(forecasts([True] * 90 + [False] * 10)))
    assert all_together.startswith("all figures: 90.0% of 100")


def test_the_page_says_what_was_counted_and_what_falls_short(tmp_path, monkeypatch):
    monkeypatch.setattr(round_trips, "DOCUMENT", tmp_path / "round-trips.md")
    monkeypatch.setattr(round_trips, "round_trip", lambda case, number: forecasts([True, True, number > 0]))
    assert round_trips.main(["--only", "places", "--logs", "2", "--write"]) == 1
    page = (tmp_path / "round-trips.md").read_text(encoding="utf-8")
    assert "| all | 6 | 83.3% |" in page
    assert "Replications 0 to 1 of every hall" in page
    assert "- all figures: 83.3% of 6 inside, less than 93%" in page
