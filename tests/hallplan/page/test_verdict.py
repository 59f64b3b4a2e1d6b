"""What the hall's page says first: rules, each on replications written by hand."""

import numpy as np
import pytest

from foundation import messages
from hallplan.page.verdict import verdict_of
from planner.compare import Comparison
from scenarios.compose.composing import compose
from sim.run.replications import Replications
from sim.run.sample import Sample

DESK = compose("textbook-mm3")
"""Three windows and one service without cases."""
DESK_WITH_FOUR = compose("textbook-mm3", overrides={"pools.windows.servers": 4})
MORE_DEMAND = compose("textbook-mm3", overrides={"demand": 1.1})
FALLS_BEHIND = compose("textbook-mm3", overrides={"pools.windows.servers": 0})
"""The same visitors, and nobody at the windows."""
JITTER = (-0.01, 0.0, 0.01)


@pytest.fixture(autouse=True)
def english():
    with messages.using("en"):
        yield


def run(scenario, **means):
    """Three replications: each mean a hundredth below, at and a hundredth above."""
    values = {
        "visits_per_day": 100.0,
        "ticket_wait_mean_min": 10.0,
        "unserved_share": 0.0,
        "left_share": 0.0,
        "utilisation.windows": 0.5,
    } | means
    samples = [Sample(tuple(values), np.array([mean * (1 + step) for mean in values.values()])) for step in JITTER]
    return Replications(scenario, 1, tuple(samples))


def of(other, **means):
    return verdict_of(Comparison((run(DESK), run(other, **means))), 1)


def test_what_clearly_differs_and_matters_is_said_with_its_numbers():
    verdict = of(DESK_WITH_FOUR, ticket_wait_mean_min=4.0)
    assert verdict.warnings == ()
    assert verdict.sentence == (
        "Plan B against Plan A: mean wait falls from 10.0 to 4.0 min; no clear difference in visits a day."
    )
    wait = verdict.figures[0]
    assert (wait.metric, wait.value, wait.judgement) == ("ticket_wait_mean_min", "10.0 → 4.0", "better")
    assert wait.change.startswith("−6.0")
    assert len(wait.ranges) == 3


def test_more_visitors_in_vain_are_the_first_thing_said_and_nothing_shines():
    verdict = of(DESK_WITH_FOUR, unserved_share=0.4, left_share=0.4, ticket_wait_mean_min=4.0)
    (warning,) = verdict.warnings
    assert "40" in warning
    assert verdict.figures[0].metric == "unserved_share"
    assert verdict.figures[0].judgement == "worse"
    assert "better" not in {figure.judgement for figure in verdict.figures}


def test_unequal_demand_is_said_before_any_figure_and_nothing_is_better_or_worse():
    verdict = of(MORE_DEMAND, visits_per_day=110.0, ticket_wait_mean_min=4.0)
    assert len(verdict.warnings) == 1
    assert "10 more visits a day" in verdict.sentence
    assert {figure.judgement for figure in verdict.figures} <= {"neither", "unclear", "immaterial"}


def test_a_shorter_wait_is_not_better_in_a_hall_without_officers_for_the_same_visitors():
    verdict = of(FALLS_BEHIND, ticket_wait_mean_min=4.0)
    assert verdict.warnings == ()
    assert [(figure.metric, figure.judgement) for figure in verdict.figures] == [
        ("ticket_wait_mean_min", "neither"),
        ("visits_per_day", "unclear"),
    ]


def test_a_difference_too_small_to_matter_is_said_to_be():
    verdict = of(DESK_WITH_FOUR, ticket_wait_mean_min=9.5)
    judgements = {figure.metric: figure.judgement for figure in verdict.figures}
    assert judgements["ticket_wait_mean_min"] == "immaterial"
    assert "mean wait differs by too little to matter" in verdict.sentence


def test_a_plan_that_is_plan_a_again_makes_no_difference():
    assert of(DESK).sentence == "No difference: Plan B is the same as Plan A"


def test_plan_a_is_said_as_it_is_with_its_wait_and_its_visits():
    verdict = verdict_of(Comparison((run(DESK), run(DESK_WITH_FOUR))), 0)
    assert verdict.sentence == "Plan A as it is"
    assert [figure.metric for figure in verdict.figures] == ["ticket_wait_mean_min", "visits_per_day"]
    assert verdict.details[0].value == "50.0%"
    assert verdict.details[0].label.startswith("Busiest: ")
