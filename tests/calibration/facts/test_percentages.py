"""The words of a percentage decide what it speaks of: a limit, a promise, or a time that somebody measured."""

import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from calibration.facts.percentages import measure_of
from sim.measure.limits import limit_cuts

WORDS = [
    ("time limits cut below the statutory ones", "limit"),
    ("limits shortened against the legal limits", "limit"),
    ("办理时限在法定时限基础上压缩", "limit"),
    ("承诺时限比法定时限压缩", "limit"),
    ("promised limits are shorter than the statutory limits", "limit"),
    ("承诺时限压缩", "promise"),
    ("promises made shorter", "promise"),
    ("办理时限压缩", "limit-unnamed"),
    ("审批期限缩短", "limit-unnamed"),
    ("deadlines shortened", "limit-unnamed"),
    ("actual processing time cut", "actual"),
    ("平均用时下降", "actual"),
    ("办理时间缩短", "actual"),
    ("items took less time on average", "actual"),
    ("实际办理时间比法定时限压缩", "actual-limit"),
    ("actual time below the statutory limit", "actual-limit"),
    ("实际用时比承诺时限缩短", "actual-promise"),
    ("average turnaround against what was promised: on average shorter", "actual-promise"),
    ("按时办结率", "on-time"),
    ("按期办结率", "on-time"),
    ("decided within the limit", "on-time"),
    ("items finished on time", "on-time"),
    ("办结率", "completion"),
    ("承诺件办结率", "completion"),
    ("items finished, out of those accepted", "completion"),
    ("群众满意率", "satisfaction"),
    ("satisfied with the service", "satisfaction"),
    ("efficiency up", "unclear"),
    ("办事效率提高", "unclear"),
    ("提速", "unclear"),
    ("", "unclear"),
]


@for_each(("words", "measure"), WORDS)
def test_words_say_what_a_percentage_is_of(words, measure):
    assert measure_of(words) == measure


@given(st.text(max_size=60))
def test_any_words_at_all_get_an_answer(words):
    assert measure_of(words)


def test_one_catalogue_gives_three_percentages():
    """By hand: cuts 10, 95 and 40 %: mean 48.3 %; 28 of 60 days left: 53.3 %; 4,690 of 7,150 case-days left: 34.4 %."""
    cuts = limit_cuts([10, 20, 30], [9, 1, 18], volumes=[500, 100, 5])
    assert cuts.item_mean == pytest.approx((0.10 + 0.95 + 0.40) / 3)
    assert cuts.of_sums == pytest.approx(1 - 28 / 60)
    assert cuts.by_volume == pytest.approx(1 - 4690 / 7150)
    assert cuts.largest == pytest.approx(0.95)
    assert [f"{share:.1%}" for share in (cuts.item_mean, cuts.of_sums, cuts.by_volume)] == ["48.3%", "53.3%", "34.4%"]


LIMITS = st.lists(st.tuples(st.integers(1, 90), st.integers(0, 90), st.integers(1, 500)), min_size=1, max_size=12)


@given(LIMITS)
def test_every_percentage_lies_between_the_cuts_of_single_items(rows):
    old, new, volumes = zip(*rows, strict=True)
    cuts, each = limit_cuts(old, new, volumes=volumes), [1 - b / a for a, b, _ in rows]
    for share in (cuts.item_mean, cuts.of_sums, cuts.by_volume):
        assert min(each) - 1e-12 <= share <= max(each) + 1e-12
    assert cuts.largest == pytest.approx(max(each))


@given(LIMITS, st.integers(2, 7))
def test_they_agree_where_every_limit_is_cut_alike_and_units_do_not_matter(rows, times):
    old, _, volumes = zip(*rows, strict=True)
    alike = limit_cuts(old, [limit / times for limit in old], volumes=volumes)
    assert (alike.item_mean, alike.of_sums, alike.by_volume) == (pytest.approx(1 - 1 / times),) * 3
    hours = limit_cuts([7 * limit for limit in old], [7 * limit / times for limit in old], volumes=volumes)
    assert hours.of_sums == pytest.approx(alike.of_sums)


def test_an_item_that_nobody_applies_for_weighs_nothing_by_volume():
    cuts = limit_cuts([10, 20], [5, float("inf")], volumes=[3, 0])
    assert cuts.by_volume == 0.5
    assert cuts.of_sums == float("-inf")


@for_each(
    ("old", "new", "volumes"),
    [
        ([], [], None),
        ([10], [5, 5], None),
        ([0], [0], None),
        ([float("inf")], [1], None),
        ([float("nan")], [1], None),
        ([10], [-1], None),
        ([10], [float("nan")], None),
        ([10], [5], [0]),
        ([10], [5], [-1]),
        ([10], [5], [1, 2]),
        ([10], [5], [float("inf")]),
    ],
)
def test_limits_that_are_none_are_refused(old, new, volumes):
    with pytest.raises(ValueError, match=r"limits|volumes"):
        limit_cuts(old, new, volumes=volumes)


def test_without_volumes_there_is_no_percentage_by_volume():
    assert limit_cuts([10], [5]).by_volume != limit_cuts([10], [5]).by_volume
