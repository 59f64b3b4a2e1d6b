"""Promises: the shortest that is kept, the probability of the present one, and which items are judged together."""

import numpy as np
import pytest

from calibration.posterior.artefact import load_posterior
from foundation.errors import HallplanError
from planner.promises import PromiseGoal, cut_limits, moving_posterior, promise_system, promises_of
from scenarios.compose.composing import compose_text
from sim.measure.case_days import CaseDays, case_days
from sim.run.observing import observe
from sim.run.study import Study

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 10, follow_up_days = 20, replications = 2 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2 }
arrivals.applicants = { services = { short = 1, long = 1 }, per_day = 20 }

[templates.item]
kind = "committed"
visits.apply.window = { pool = "window", work = "1 min" }
visits.apply.file = { start_case = true }

[services.short]
like = "item"
legal_limit = "10 working days"
promised_limit = "5 working days"
case.accepted = { mark = "accepted" }
case.signature = { delay = "3 working days" }
case.decided = { mark = "decided" }

[services.long]
like = "item"
legal_limit = "20 working days"
promised_limit = "5 working days"
case.accepted = { mark = "accepted" }
case.signature = { delay = "8 working days" }
case.decided = { mark = "decided" }
"""
NAMES = ("short", "long")


def hall(text=HALL):
    return compose_text(text, name="hall")


def period(short, long=()):
    """Return one replication with cases of so many days on the statutory clock."""
    days = np.array([*short, *long], dtype=np.float64)
    service = np.repeat([0, 1], [len(short), len(long)])
    return CaseDays(NAMES, service, elapsed=days, statutory=days, unstopped=days, calendar=days)


def of_items(result):
    return {judged.items[0].item: judged for judged in result.judged}


def test_in_a_hall_without_chance_the_shortest_promise_is_what_every_case_takes():
    """Signatures of 3 and of 8 days: 3 and 8 days are kept, and of promises of 5 days the second never is."""
    composed = hall()
    (observed,) = observe(Study.of(promise_system(composed, None), workers=1), case_days)
    result = promises_of(composed, observed)
    promises = of_items(result)
    assert [promises[name].shortest.estimate for name in NAMES] == [3, 8]
    assert [promises[name].holds.estimate for name in NAMES] == [1, 0]
    assert [judged.items[0].item for judged in result.weak] == ["long"]
    assert (result.every.estimate, result.every_shortest.estimate) == (0, 1)
    assert result.compression(shortest=False) == pytest.approx(1 - 10 / 30)
    assert result.compression(shortest=True) == pytest.approx(1 - 11 / 30)


def test_shortest_promise_is_the_quantile_of_what_periods_support():
    """19 of 20 cases in 2 days in nine periods, in 4 days in the tenth: 2 days with 90%, 4 days with 95%."""
    periods = [period([2] * 19 + [9])] * 9 + [period([4] * 19 + [9])]
    shortest = [
        of_items(promises_of(hall(), periods, PromiseGoal(probability=probability)))["short"].shortest.estimate
        for probability in (0.9, 0.95)
    ]
    assert shortest == [2, 4]


def test_all_cases_together_can_keep_what_one_item_breaks():
    """Of 420 cases 20 are late: 400/420 = 95.2% are not, although every case of the second item is."""
    result = promises_of(hall(), [period([1] * 400, [6] * 20)] * 5)
    assert (result.together.estimate, result.every.estimate) == (1, 0)
    assert [judged.items[0].item for judged in result.weak] == ["long"]


def test_probability_has_the_exact_interval_of_a_proportion():
    """Kept in all of 40 periods: (1 - 0.95) / 2 = p^40."""
    holds = promises_of(hall(), [period([1] * 20)] * 40).judged[0].holds
    assert (holds.low, holds.high) == pytest.approx((0.025 ** (1 / 40), 1))


def test_a_case_that_is_never_decided_breaks_every_promise():
    result = promises_of(hall(), [period([1] * 18 + [np.inf] * 2)] * 3)
    assert result.judged[0].shortest.estimate == np.inf


def test_a_period_without_cases_breaks_no_promise_and_says_nothing_of_its_item():
    """Sixty cases in one of two periods, none in the other: 30 in the mean."""
    result = promises_of(hall(), [period([1] * 60), period([])])
    assert (result.judged[0].holds.n, result.every.n) == (1, 2)
    assert result.every.estimate == 1


def test_a_cut_promise_is_whole_days_below_each_statutory_limit():
    """52% below 10 and 20 days are 4.8 and 9.6, so 4 and 9: cases of 4 days keep the first, 10 days not the second."""
    assert cut_limits(np.array([10, 20, 45]), 0.52).tolist() == [4, 9, 21]
    assert cut_limits(np.array([10.0]), 0.3).tolist() == [7]
    cut = promises_of(hall(), [period([4] * 400, [10] * 20)] * 5).cut
    assert (cut.together.estimate, cut.every.estimate, cut.weakest) == (1, 0, (0,))
    looser = promises_of(hall(), [period([4] * 400, [10] * 20)] * 5, PromiseGoal(cut=0.5)).cut
    assert (looser.every.estimate, looser.weakest) == (1, ())


def test_a_rare_item_that_is_late_is_named_although_it_is_not_judged():
    result = promises_of(hall(), [period([1] * 30, [6] * 2)] * 4)
    assert [item.item for item in result.too_rare] == [item.item for item in result.hidden] == ["long"]
    assert len(result.judged) == 1


def test_items_without_cases_are_named_and_a_hall_without_any_is_refused():
    assert promises_of(hall(), [period([1] * 30)]).without_cases == ("long",)
    with pytest.raises(HallplanError, match="demand"):
        promises_of(hall(), [period([])])


def test_frames_have_a_row_a_promise_an_item_and_a_period():
    frames = promises_of(hall(), [period([1] * 30, [6] * 2)] * 4).frames()
    assert [len(frames[name]) for name in ("promises", "items", "periods")] == [1, 2, 4]
    assert frames["items"].set_index("item")["judged_with"].to_dict() == {"short": 1, "long": 0}


def test_a_posterior_that_moves_nothing_of_a_hall_is_no_posterior():
    assert moving_posterior(hall(), load_posterior()) is None
    assert moving_posterior(hall(), None) is None
