"""The audit page: every figure of the article has a row, and says how it enters; its numbers are the simulation's."""

import pytest

from benchmarks.pages.audit import Simulated, entrances, metrics_of, simulated_metrics
from calibration.facts.evidence import evidence
from calibration.facts.identities import with_identities
from calibration.facts.ledger import article_ledger
from scenarios.compose.composing import composed
from scenarios.model.evidence import Provenance
from sim.run.study import Study, run

AFTER = "honghuagang-2014"


@pytest.fixture(scope="module")
def ledger():
    return with_identities(article_ledger())[0]


@pytest.fixture(scope="module")
def hall():
    return composed(AFTER).scenario


def test_every_figure_of_the_article_enters_in_some_way(ledger, hall):
    ways = entrances([hall], ledger)
    assert list(ways) == list(evidence().facts)
    assert ways["visits_now"] == ("fitted", "checked")
    assert "fitted" not in ways["items_now"]
    assert ways["satisfaction_now"] == ("evidence only",)
    assert "typed in" in ways["sections_now"]


def test_a_figure_that_an_input_was_made_from_is_a_source(ledger, hall):
    """Also if the input names what follows from it: visits an item are visits and items."""
    entry = Provenance(kind="derived", formula="by hand", figures=("visits_per_item_now", "departments"))
    ways = entrances([hall.model_copy(update={"provenance": {"pools": entry}})], ledger)
    assert [key for key, how in ways.items() if "source" in how] == ["visits_now", "items_now", "departments"]


def test_what_follows_from_a_figure_is_held_against_it_too(ledger):
    metrics = metrics_of(ledger)
    assert metrics["licence_days_saved"] == {"honghuagang-2013: touched_median.food-licence": True}
    assert metrics["items_now"][f"{AFTER}: visits_per_item"] is False
    assert metrics["trained"] == {f"{AFTER}: front_staff": True}


def test_means_are_those_of_the_scenario_and_spreads_those_of_the_posterior(hall):
    short = hall.model_copy(update={"run": hall.run.model_copy(update={"days": 2, "replications": 2})})
    columns = [f"{AFTER}: visits_per_day", f"{AFTER}: visits_per_item", f"{AFTER}: front_staff", "other: wait"]
    shown = simulated_metrics([short], columns)
    own = run(Study.of(short)).runs[0]
    assert list(shown) == columns[:3]
    assert shown[columns[0]].own == own.interval("visits_per_day")
    assert shown[columns[0]].spread is not None
    assert shown[columns[1]] == Simulated(own.interval("visits_per_item"), None)
    staff = shown[columns[2]].own
    assert staff.low == staff.estimate == staff.high > 27
