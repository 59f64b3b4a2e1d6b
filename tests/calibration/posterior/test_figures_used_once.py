"""A published figure is the source of a prior or a target that is fitted, never both."""

import re
from dataclasses import replace

import pytest

from calibration.facts.identities import published_roots, with_identities
from calibration.facts.ledger import article_ledger
from calibration.posterior.design import Halls
from calibration.posterior.targets import figures_used_twice


@pytest.fixture(scope="module")
def table():
    return Halls.of().table


def test_no_prior_of_the_halls_was_made_from_a_figure_that_is_fitted(table):
    assert figures_used_twice(table.parameters) == {}


def test_a_prior_from_a_fitted_figure_or_from_what_follows_of_it_is_named(table):
    """Visitors are fitted, and the days of the licence before, three and twelve; departments are no target."""
    planted = [
        replace(table.parameters[0], key="visits", figures=("visits_per_item_now", "departments")),
        replace(table.parameters[1], key="licence", figures=("licence_days_before",)),
        replace(table.parameters[2], key="departments", figures=("departments",)),
    ]
    assert figures_used_twice(planted) == {
        "visits": {"visits_now"},
        "licence": {"licence_days_now", "licence_days_saved"},
    }


def test_an_uncertain_number_that_cites_the_article_says_which_figures_it_uses(table):
    """An empty list says: none, only that there is such a thing."""
    silent = [
        f"{name}: {key}"
        for name, composed in table.scenarios.items()
        for key, entry in composed.scenario.provenance.items()
        if entry.range is not None
        and re.search("¶", entry.formula.en + entry.why.en)
        and "figures" not in entry.model_fields_set
    ]
    assert silent == []


def test_roots_of_a_figure_are_the_published_ones_behind_it():
    ledger, _ = with_identities(article_ledger())
    assert published_roots(ledger, ["visits_per_item_now"]) == {"visits_now", "items_now"}
    assert published_roots(ledger, ["visits_now"]) == {"visits_now"}
    assert published_roots(ledger, ["service_min"]) == frozenset()
    with pytest.raises(KeyError):
        published_roots(ledger, ["visits_tomorrow"])
