"""Headroom: roots between multiples, where to try next, and halls whose limits are known by hand."""

import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from planner.headroom import demand_system, headroom_of, next_multiple, roots_of
from planner.promises import promise_system, promises_of
from planner.staffing.targets import WaitTarget
from scenarios.compose.composing import compose_text
from sim.measure.period import period
from sim.run.observing import observe
from sim.run.study import Study

REVIEW = """
format = 1
name = "review"
run = { start = 2014-03-03, days = 20, follow_up_days = 10, replications = 3 }
calendar = { country = "CN", hours = ["09:00-16:00"] }

[pools.window]
servers = 1

[pools.office]
at_close = "keep"

[services.enquiry]
visits.apply.window = { pool = "window", work = "8 min", mark = "finished" }

[services.licence]
kind = "committed"
legal_limit = "20 working days"
promised_limit = "3 working days"
visits.apply.file = { start_case = true }
case.accepted = { mark = "accepted" }
case.review = { pool = "office", work = "60 min" }
case.decided = { mark = "decided" }

[arrivals.asking]
services = "enquiry"
every = "10 min"

[arrivals.licences]
services = "licence"
every = "120 min"
"""


def search(text=REVIEW, *, trials=12, **settings):
    composed = compose_text(text, name="review")

    def periods(system):
        study = Study.of(system, workers=1)
        return observe(study, partial(period, within_min=15))[0]

    present = periods(promise_system(composed, None))
    promises = promises_of(composed, [each.cases for each in present])
    target = WaitTarget(0.9, 15)
    return headroom_of(composed, None, promises, present, periods, target=target, trials=trials, **settings)


@pytest.fixture(scope="module")
def review():
    return search()


def test_roots_lie_between_the_last_multiple_reached_and_the_first_missed():
    """0.95 at 1 and 0.85 at 2: 0.9 in the middle; what fails once stays failed; no cases break nothing."""
    shares = np.array([[0.95, 0.80, 1.0, np.nan], [0.85, 0.95, 1.0, 0.8], [0.9, 0.95, 1.0, 0.8]])
    roots = roots_of([1, 2, 3], shares, least=0.9)
    assert roots.tolist() == pytest.approx([1.5, 0.0, math.inf, 1.5])


def test_the_search_ends_when_each_figure_lies_in_a_narrow_gap(review):
    gaps = list(pairwise(review.multiples))
    low, high = next(gap for gap in gaps if gap[0] <= review.wait.median.estimate < gap[1])
    assert (high <= low * 1.03, review.wide, review.width) == (True, 0, 0.03)


def test_a_wider_gap_takes_fewer_demands_and_a_small_budget_leaves_figures_open(review):
    coarse, cut_short = search(width=0.3), search(trials=2)
    assert len(coarse.multiples) < len(review.multiples)
    assert coarse.wide == 0
    assert (len(cut_short.multiples), cut_short.wide > 0) == (2, True)


@pytest.mark.parametrize(
    ("multiples", "roots", "following"),
    [
        ([1.0], [math.inf] * 3 + [0.0], 1.5),
        ([1.0], [0.0] * 3 + [math.inf], 1 / 1.5),
        ([1.0, 1.5], [1.2, 1.3, math.inf], math.sqrt(1.5)),
        ([0.5, 1.0], [0.0, 0.0], None),
        ([1.0, 4.0], [math.inf], None),
        ([1.0, 1.02], [1.01], None),
    ],
    ids=["beyond", "below", "between", "nothing lower", "nothing higher", "near enough"],
)
def test_the_next_multiple_lies_where_most_roots_are(multiples, roots, following):
    assert next_multiple(multiples, np.array(roots), most=4.0) == (following and pytest.approx(following))


def test_demand_is_multiplied_and_nothing_else():
    system = promise_system(compose_text(REVIEW, name="review"), None)
    changed = demand_system(system, 1.5).scenario
    assert changed.demand == 1.5
    assert changed.model_copy(update={"demand": 1.0}) == system.scenario


def test_the_target_for_waits_fails_where_the_window_can_no_longer_keep_up(review):
    """Every 10 / m minutes somebody brings 8 minutes of work: nobody waits up to m = 1.25.

    Beyond, the k-th waits k (8 - 10 / m) minutes, so that 15 / (8 - 10 / m) of the day's 42 m are called in time:
    90% at m = 1.30.
    """
    assert review.wait.median.estimate == pytest.approx(1.30, rel=0.03)
    assert (review.bottleneck.name, review.bottleneck.capacity.estimate) == ("window", pytest.approx(1.25))


def test_promises_fail_where_the_office_falls_behind(review):
    """Seven hours a day hold 7 reviews of an hour, and 3.5 m come: at m = 2 the office is full.

    At m = 2.4 it falls behind by 1.4 a day; after 20 days 28 wait, which is 4 days of work and more than promised.  So
    the root lies between, if the window's 1.5 times the capacity leaves it in what is tried; else it is infinite.
    """
    assert review.together.median.estimate == math.inf
    assert review.multiples[-1] == pytest.approx(1.5 * 1.25)


def test_promises_fail_where_the_office_falls_behind_if_nothing_else_is_full():
    """As above with two windows: capacity is 2, and the root lies between 2 and 2.4."""
    result = search(REVIEW.replace("servers = 1", "servers = 9"))
    assert result.bottleneck.name == "office"
    assert result.bottleneck.capacity.estimate == pytest.approx(2)
    assert 2 <= result.together.median.estimate <= 2.4
    assert result.promises[0].median.estimate == pytest.approx(result.together.median.estimate)


def test_one_more_officer_moves_the_target_for_waits_beyond_what_was_tried(review):
    """Two windows would bear 2.5 times the demand, and 1.875 was the most."""
    assert (review.officer.pool, review.officer.late) == ("window", 1.0)
    assert review.officer.gain.estimate == math.inf


def test_the_frame_has_a_row_a_target(review):
    composed = compose_text(REVIEW, name="review")
    study = Study.of(promise_system(composed, None), workers=1)
    promises = promises_of(composed, [each.cases for each in observe(study, partial(period, within_min=15))[0]])
    frame = review.frame(promises).set_index("target")
    assert list(frame.index) == ["wait", "together", "cut", "licence"]
    assert frame.loc["wait", "median_visits_per_day"] == pytest.approx(1.3 * 45.5, rel=0.04)
