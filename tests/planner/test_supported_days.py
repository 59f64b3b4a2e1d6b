"""Supported limits divided among levers, and the verdict on a published cut, worked by hand."""

import numpy as np
import pytest

from planner.attribution import attribute
from planner.clocks import CasePool
from planner.compression_verdict import CutQuestion, verdict_of
from planner.supported_days import attribute_supported, supported_limits
from sim.measure.case_days import CaseDays

PLACE = np.arange(4)


def pool(*replications, items=("a", "b")):
    """Return cases of the days that each replication has of the first item, and of the second where it is given."""
    days = []
    for replication in replications:
        first, second = replication if isinstance(replication, tuple) else (replication, [])
        both = np.array([*first, *second], dtype=np.float64)
        service = np.repeat([0, 1], [len(first), len(second)])
        days.append(CaseDays(items, service, elapsed=both, statutory=both, unstopped=both, calendar=both))
    return CasePool.of(days, items)


def test_supported_limits_of_samples_pool_their_replications():
    """Of days 1 to 10 in one replication and twenty times 2 in the other, 90% lie within 9; 6 of all; and 2."""
    cases = pool(list(range(1, 11)), [2] * 20)
    counts = np.array([[1, 0], [1, 1], [0, 1]])
    assert supported_limits(cases, counts, items=2, q=0.9)[:, 0].tolist() == [9, 7, 2]
    assert np.isnan(supported_limits(cases, counts, items=2, q=0.9)[:, 1]).all()


def test_shares_of_supported_limits_are_those_of_a_game_by_hand():
    """Limits of 10, 6, 9 and 4 days: the first lever takes 4 or 5 off, the second 1 or 2."""
    result = attribute_supported(
        [pool([days] * 20, [days] * 20) for days in (10, 6, 9, 4)],
        ["near", "sign"],
        place=PLACE,
        items=2,
        by_volume=False,
    )
    assert [part.share.estimate for part in result.parts] == pytest.approx([4.5, 1.5])
    assert (result.base.estimate, result.total.estimate, result.relative.estimate) == pytest.approx((10, 6, 0.6))
    assert [part.first_in.estimate for part in result.parts] == pytest.approx([4, 1])
    assert [part.last_in.estimate for part in result.parts] == pytest.approx([5, 2])
    assert [part.relative.estimate for part in result.parts] == pytest.approx([0.45, 0.15])
    assert (result.parts[0].share.low, result.parts[0].share.high) == pytest.approx((4.5, 4.5))
    assert (result.items, result.without_limit) == (1, 1)


def test_a_lever_without_effect_has_no_share_and_equal_levers_have_equal_ones():
    """Noise is the same in all combinations, since they share their visitors."""
    generator = np.random.default_rng(1)
    noise = generator.integers(1, 9, size=(6, 30))
    idle = attribute_supported(
        [pool(*(noise + saved)) for saved in (5, 2, 5, 2)], ["real", "idle"], place=PLACE, items=2, by_volume=True
    )
    assert (idle.parts[1].share.low, idle.parts[1].share.high) == (0, 0)
    equal = attribute_supported(
        [pool(*(noise + saved)) for saved in (5, 2, 2, 2)], ["one", "two"], place=PLACE, items=2, by_volume=True
    )
    assert equal.parts[0].share.estimate == pytest.approx(equal.parts[1].share.estimate) == pytest.approx(1.5)
    assert equal.parts[0].share.low == pytest.approx(equal.parts[1].share.low)


def test_volumes_weigh_items_by_their_cases():
    """20 cases fall from 10 to 4 days, 60 cases from 10 to 8: 3 days by volume, 4 by sums."""
    systems = [pool(([before] * 20, [later] * 60)) for before, later in ((10, 10), (4, 8))]
    shares = [
        attribute_supported(systems, ["all"], place=np.arange(2), items=2, by_volume=by_volume).parts[0].share
        for by_volume in (False, True)
    ]
    assert [share.estimate for share in shares] == pytest.approx([4, 3])
    assert shares[0].high == np.inf  # of one replication nothing can be resampled


def test_without_any_limit_there_is_nothing_to_divide():
    systems = [pool([np.inf] * 20), pool([3] * 20)]
    assert attribute_supported(systems, ["all"], place=np.arange(2), items=2, by_volume=False) is None


def test_the_verdict_names_the_lever_that_earned_most_and_the_one_without_which_the_promise_fails():
    """52% below 10 days are 4 days.  With both levers cases take 3 days, without the first 8, without the second 4."""
    days = np.array([[12, 12], [9, 9.5], [8, 8], [3, 3]])
    earned = attribute(days, ["near", "sign"])
    levers = [pool([3] * 20, [3] * 20), pool([8] * 20, [8] * 20), pool([4] * 20, [4] * 20)]
    verdict = verdict_of(
        CutQuestion(), pool([3] * 20, [9] * 20), levers, statutory=np.array([10.0, 20.0]), earned=earned
    )
    assert verdict.kept_after.estimate == 0.5
    assert [share.estimate for share in (verdict.with_all, *verdict.without)] == [1, 0, 1]
    assert (verdict.hurts_most, verdict.holds_with_all) == (0, True)
    assert verdict.earned_most == 1
