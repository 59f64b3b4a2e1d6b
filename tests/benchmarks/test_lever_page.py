"""The page of lever effects: its structure, and that it names every lever; its numbers are the simulation's."""

import pytest

from benchmarks.pages.levers import FOR_WHOM, PAGE, Effect, effects, lever_page, variant
from scenarios.compose.composing import composed
from scenarios.compose.levers import levers
from sim.measure.registry import metric_of
from sim.statistics.intervals import Interval

NAMES = [lever.name for lever in levers()]
BEFORE, AFTER = "honghuagang-2013", "honghuagang-2014"


def rows(page, title):
    """Return the cells of the table under a heading, its two head rows left out."""
    section = page.partition(f"## {title}")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def interval(low, estimate, high):
    return Interval(estimate, low, high, 0.95, "difference", 20)


def test_the_committed_page_has_a_row_for_every_lever_in_every_table():
    page = PAGE.read_text(encoding="utf-8")
    for title in ("Alone in the hall", "In the hall of 2014", "For those whom"):
        table = rows(page, title)
        assert [row[0].strip("`") for row in table] == NAMES
        assert len({len(row) for row in table}) == 1
        assert not any(cell == "" for row in table for cell in row)


def test_the_levers_of_2014_are_taken_away_there_and_all_others_are_added():
    own = composed(AFTER).scenario.levers
    for row in rows(PAGE.read_text(encoding="utf-8"), "In the hall of 2014"):
        assert row[1] == ("taken away" if row[0].strip("`") in own else "added")


def test_every_lever_has_those_whom_it_is_for():
    assert sorted(FOR_WHOM) == NAMES
    assert all(metric_of(metric) for _, metric in FOR_WHOM.values())


def test_a_variant_of_2014_lacks_one_lever_and_keeps_what_the_file_itself_says():
    scenario, is_taken_away = variant(AFTER, "merge-sections")
    with_all = composed(AFTER).scenario
    assert is_taken_away
    assert scenario.levers == [name for name in with_all.levers if name != "merge-sections"]
    assert scenario.arrivals == with_all.arrivals
    assert scenario.pools["section-aic-supervision"].merge_into is None
    added, is_taken_away = variant(BEFORE, "merge-sections")
    assert (added.levers, is_taken_away) == (["merge-sections"], False)


def test_the_page_prints_signs_marks_clear_effects_and_names_what_no_longer_keeps_up():
    changes = {
        "left_share": interval(-0.0313, -0.0125, -0.0102),
        "ticket_wait_mean_min": interval(-0.002, 0.001, 0.004),
        "cost_per_day": interval(1680.0, 1680.0, 1680.0),
        "visitor_cost_per_day": interval(-612.4, -540.2, -480.9),
        "elapsed_mean_days.project-completion": interval(-0.5, 0.25, 1.0),
    }
    effect = Effect("green-channel", AFTER, True, changes, ("chief-signing",))
    page = lever_page([effect])
    assert rows(page, "In the hall of 2014") == [
        [
            "`green-channel`",
            "taken away",
            "**−1.25 (−3.13 to −1.02)**",
            "0.00 (0.00 to 0.00)",
            "–",
            "**+1,680 (+1,680 to +1,680)**",
            "**−540 (−612 to −481)**",
        ]
    ]
    assert rows(page, "Alone in the hall") == []
    assert rows(page, "For those whom")[0][2:] == ["–", "+0.25 (−0.50 to +1.00)", "taken away"]
    assert rows(page, "What no longer keeps up") == [
        ["`green-channel`", "`honghuagang-2014`", "taken away", "`chief-signing`"]
    ]


@pytest.mark.slow
def test_effects_are_paired_differences_of_the_hall_with_and_without_the_lever():
    (effect,) = effects(["lunch-cover"], halls=[BEFORE], replications=2)
    assert (effect.lever, effect.hall, effect.is_taken_away) == ("lunch-cover", BEFORE, False)
    assert effect.changes["cost_per_day"].estimate == pytest.approx(24.0)
    assert effect.changes["pool_uncalled_share.window-labour"].estimate < 0
