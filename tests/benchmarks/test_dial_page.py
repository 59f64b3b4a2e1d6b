"""The page of the dial: each setting has a row in both tables, and a step is one change of the setting before."""

from dataclasses import fields
from itertools import pairwise

from benchmarks.pages.centralising import PAGE, PATH, dial_page, path_scenarios, start_of_path
from planner.centralising import Dial
from scenarios.compose.composing import composed


def rows(page, title):
    section = page.partition(f"## {title}")[2].partition("\n## ")[0]
    return [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")][2:]


def test_each_step_is_one_change_of_the_setting_before():
    settings = [Dial(), *(dial for _, dial in PATH)]
    for before, after in pairwise(settings):
        assert sum(getattr(before, each.name) != getattr(after, each.name) for each in fields(Dial)) == 1


def test_the_path_begins_at_the_demand_of_2014_without_its_levers():
    start, after = start_of_path().scenario, composed("honghuagang-2014").scenario
    assert start.levers == []
    assert start.arrivals["instant"].per_day == after.arrivals["instant"].per_day
    last = path_scenarios(start_of_path())[-1]
    left = [name for name, pool in last.pools.items() if name.startswith("section-") and pool.merge_into is None]
    assert len(left) == 1


def test_the_committed_page_has_a_row_for_every_setting():
    page = PAGE.read_text(encoding="utf-8")
    titles = [title for title, _ in PATH]
    assert [row[0].strip() for row in rows(page, "Where each setting leads")][1:] == titles
    assert [row[0].strip() for row in rows(page, "What each step does")] == titles


def test_a_short_path_is_simulated_step_by_step():
    page = dial_page(replications=2, path=PATH[1:3])
    assert [row[0].strip() for row in rows(page, "What each step does")] == [title for title, _ in PATH[1:3]]
    assert all(cell.strip() not in ("", "–") for row in rows(page, "Where each setting leads") for cell in row)
