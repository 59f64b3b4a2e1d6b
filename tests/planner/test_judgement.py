"""What may be said of a difference: whether it is clear, matters, is for the better, and whether as many are served."""

from types import SimpleNamespace

from planner.judgement import judged, more_in_vain
from sim.statistics import Interval


def difference(metric, *, base, change, clear=True):
    interval = Interval(change, change - 0.1, change + 0.1, 0.95, "difference", 9)
    mean = Interval(base, base - 1, base + 1, 0.95, "mean", 9)
    return SimpleNamespace(metric=metric, base=mean, change=interval, is_clear=clear)


def plans(*unserved):
    """Return a comparison of a base with as many plans, each with its difference in visits that come to nothing."""
    return SimpleNamespace(metrics=("unserved_share",), difference=lambda metric, which: unserved[which - 1])


MORE = difference("unserved_share", base=0.1, change=0.05)
FEWER = difference("unserved_share", base=0.1, change=-0.05)
SHORTER = difference("ticket_wait_mean_min", base=10.0, change=-5.0)


def test_a_plan_in_which_more_come_in_vain_is_not_better_and_another_one_is():
    comparison = plans(MORE, FEWER)
    assert [more_in_vain(comparison, which) for which in (1, 2)] == [True, False]
    assert [judged(comparison, SHORTER, which) for which in (1, 2)] == ["neither", "better"]


def test_a_longer_wait_is_worse_whoever_is_served():
    longer = difference("ticket_wait_mean_min", base=10.0, change=5.0)
    assert [judged(plans(MORE, FEWER), longer, which) for which in (1, 2)] == ["worse", "worse"]


def test_a_difference_below_the_smallest_that_matters_is_immaterial():
    # a minute of a mean wait is the smallest that matters
    small = difference("ticket_wait_mean_min", base=10.0, change=-0.9)
    assert judged(plans(FEWER), small) == "immaterial"
    assert judged(plans(FEWER), difference("ticket_wait_mean_min", base=10.0, change=-1.0)) == "better"


def test_a_difference_that_is_not_clear_is_called_nothing():
    assert judged(plans(FEWER), difference("ticket_wait_mean_min", base=10.0, change=-5.0, clear=False)) == "unclear"
