"""The report ``docs/reference/verification.md`` lists all checks, and its numbers can be reproduced."""

from pathlib import Path

import numpy as np
import pytest
from cases import for_each
from scipy import stats

from verification import CHECKS, Finding, run_checks, title_of
from verification.check import Check, Simulated
from verification.page import render_page, root_mean_square
from verification.runs import scenario_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "verification.md"
AGAIN = "write it again: hallplan --lang en verify --force --page docs/reference/verification.md"


def rows() -> dict[str, list[str]]:
    """Return the cells of every check's row, by its title."""
    lines = [line.strip().strip("|").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return {cells[0].strip(): [cell.strip() for cell in cells] for cells in lines if len(cells) == 11}


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    return run_checks()


def test_the_page_is_about_the_checks_there_are():
    titles = {title_of(check, "en") for check in CHECKS}
    assert titles == set(rows()) - {"Check", "---"}, AGAIN


@pytest.mark.slow
@for_each("check", CHECKS, ids=lambda check: check.name)
def test_the_page_gives_each_checks_formula_source_value_and_seed(check):
    cells = rows()[title_of(check, "en")]
    scenario = scenario_of(check.scenario)
    assert cells[1] == f"`{check.formula}`", AGAIN
    assert cells[2] == check.source, AGAIN
    if isinstance(check, Check):
        assert cells[3].split()[0] == f"{check.theory():.5g}", AGAIN
        assert cells[9].startswith(f"{scenario.run.replications} × {scenario.run.days} days"), AGAIN
    assert cells[10] == str(scenario.run.seed), AGAIN


def test_every_check_is_a_row_as_wide_as_the_heading_of_its_table():
    results = [Finding(check, 1.0, 1.0, 0.1, 0.0, 3.0, True, Simulated(9, 1, 9, 1)) for check in CHECKS]
    table = [line.split(" | ") for line in render_page(results, results, results).splitlines()]
    table = [cells for cells in table if len(cells) > 2]  # the introduction has a table of two columns
    assert {len(cells) for cells in table} == {11}
    shown = {cells[0].removeprefix("| ") for cells in table}
    assert shown == {"Check", "---", *(title_of(check, "en") for check in CHECKS)}


def test_no_check_of_the_page_is_red_and_every_fault_is():
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(f"**{len(CHECKS)} of {len(CHECKS)}**") == 3, AGAIN


@pytest.mark.slow
def test_the_pages_numbers_can_be_had_again(found):
    for one in found:
        cells = rows()[title_of(one.check, "en")]
        assert float(cells[4]) == pytest.approx(one.simulated, rel=2e-4), f"{one.check.name}: {AGAIN}"


@pytest.mark.slow
def test_deviations_are_as_large_as_chance_makes_them(found):
    """Neither too large (a bias everywhere) nor too small (standard errors too large), over independent scenarios."""
    number = len({one.check.scenario for one in found if isinstance(one.check, Check) and not one.check.at_most})
    low, high = np.sqrt(stats.chi2(number).ppf([1e-4, 1 - 1e-4]) / number)
    assert low < root_mean_square(found) < high * np.sqrt(31 / 29)
