"""The page inside the district halls: its structure, and what it would not hide; its numbers are the simulation's."""

import re

import pytest

from benchmarks.pages.halls import HALLS, PAGE, hall_page, run_hall
from scenarios.compose.composing import compose

SECTIONS = (
    "Waits, beside what practitioners know",
    "Utilisation of windows and desks by half-hour",
    "Hours given to approvals",
    "Days of a licence in 2014",
    "The hall of 2013 is steady",
    "Within the law",
)


def section(page, title):
    return page.partition(f"## {title}")[2].partition("\n## ")[0]


def tables(text):
    """Return the tables of a text, each a list of rows of cells, head rows left out."""
    blocks = re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()[2:]] for block in blocks
    ]


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_the_committed_page_has_every_section(page):
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == list(SECTIONS)
    assert re.search(r"\bnan\b", page) is None


def test_every_window_and_desk_of_both_years_stands_there_with_a_share_for_every_half_hour(page):
    by_year = tables(section(page, SECTIONS[1]))
    for name, rows in zip(reversed(HALLS), by_year, strict=True):
        pools = compose(name).pools
        front = {pool for pool, spec in pools.items() if spec.role in ("window", "desk") and pool != "joint-office"}
        assert {row[0].strip("`") for row in rows} == front
        assert all(int(row[1]) == pools[row[0].strip("`")].servers for row in rows)
        assert all(0 <= int(cell) <= 100 for row in rows for cell in row[2:])


def test_shares_of_cases_grow_with_the_days(page):
    for rows in tables(section(page, SECTIONS[3])):
        for row in rows:
            shares = [int(cell) for cell in row[1:]]
            assert shares == sorted(shares)


def test_most_licences_of_2014_take_three_days_and_most_cases_of_2013_were_lawful(page):
    licences = tables(section(page, SECTIONS[3]))[0]
    assert [row[0] for row in licences if int(row[3]) < 50] == []
    lawful = tables(section(page, SECTIONS[5]))[0]
    assert int(lawful[0][1]) > 50


def test_the_hall_of_2013_is_not_slower_in_a_run_of_twice_the_days(page):
    for row in tables(section(page, SECTIONS[4]))[0]:
        (low, _), (_, high) = (
            (float(number) for number in re.findall(r"\(([\d.]+) to ([\d.]+)\)", cell)[0]) for cell in row[1:]
        )
        once, twice = (float(cell.split()[0]) for cell in row[1:])
        assert twice <= once + (high - low), row


@pytest.mark.slow
def test_the_program_writes_the_page(page):
    written = hall_page(replications=2)
    heads = [re.findall(r"^(?:#|\| {2}\|).*$", text, re.MULTILINE) for text in (written, page)]
    assert heads[0] == heads[1]


@pytest.mark.slow
def test_the_share_within_some_days_is_the_one_of_the_cases():
    run = run_hall(HALLS[1], {"run.days": 10}, replications=2)
    touched = run.curves["touched_days"]
    of_service = touched[touched["service"] == "company-registration"]
    assert run.touched_within("company-registration", 2) == of_service[of_service["days"] <= 2]["share"].sum()
    assert run.touched_within("company-registration", 0) == 0
