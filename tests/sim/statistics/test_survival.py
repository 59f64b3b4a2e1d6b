"""The Kaplan-Meier curve on a textbook's data, worked by hand."""

import doctest
import math
import sys

import numpy as np
import pytest
from cases import for_each

from foundation.errors import HallplanError
from sim.statistics import kaplan_meier

# Remission in weeks of 21 children on 6-mercaptopurine (Freireich et al. 1963; in Kalbfleisch and Prentice 1980).
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
OPEN = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


@pytest.fixture
def remission():
    return kaplan_meier(ENDED + OPEN, [True] * len(ENDED) + [False] * len(OPEN))


def test_the_examples_of_the_function_hold():
    assert doctest.testmod(sys.modules["sim.statistics.survival"]).failed == 0


def test_the_curve_is_the_textbooks(remission):
    assert remission.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert remission.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert remission.ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    by_hand = np.cumprod([18 / 21, 16 / 17, 14 / 15, 11 / 12, 10 / 11, 6 / 7, 5 / 6])
    assert remission.survival == pytest.approx(by_hand)
    assert remission.survival[-1] == pytest.approx(0.448, abs=5e-4)  # as printed there


def test_the_interval_is_greenwoods_on_the_log_log_scale(remission):
    # After 10 weeks: S = 0.752941, Σ d/(n(n-d)) = 3/(21·18) + 1/(17·16) + 1/(15·14)
    s = 18 / 21 * 16 / 17 * 14 / 15
    width = 1.959964 * math.sqrt(3 / (21 * 18) + 1 / (17 * 16) + 1 / (15 * 14)) / math.log(s)
    assert remission.low[2] == pytest.approx(s ** math.exp(-width), abs=1e-6)
    assert remission.high[2] == pytest.approx(s ** math.exp(width), abs=1e-6)
    assert remission.low[2] < s < remission.high[2]


def test_the_median_is_the_first_time_at_which_half_have_ended(remission):
    assert remission.quantile(0.5) == 23
    assert remission.quantile(0.9) == math.inf


def test_a_share_is_read_off_the_step_before(remission):
    assert remission.open_after(5.9) == 1
    assert remission.open_after(6) == remission.open_after(6.5) == pytest.approx(18 / 21)
    assert remission.open_after(35) == remission.survival[-1]
    assert math.isnan(remission.open_after(36))


def test_the_restricted_mean_is_the_area_under_the_curve(remission):
    # 6 + 18/21 · 1 + 18/21 · 16/17 · 1 up to 8 weeks
    assert remission.restricted_mean(8) == pytest.approx(6 + 18 / 21 + 18 / 21 * 16 / 17)
    with pytest.raises(HallplanError, match="at most 35"):
        remission.restricted_mean(36)


def test_without_open_cases_it_is_the_share_not_ended():
    curve = kaplan_meier([3, 1, 2, 2], [1, 1, 1, 1])
    assert curve.survival.tolist() == [0.75, 0.25, 0]
    assert curve.restricted_mean(10) == pytest.approx(2)  # the mean
    assert curve.open_after(99) == 0
    assert math.isnan(curve.low[-1])


def test_closed_cases_alone_would_overstate_how_fast_it_goes():
    days, closed = [1, 2, 3, 4, 9, 9], [True, True, False, False, False, False]
    assert 1 - kaplan_meier(days, closed).open_after(3) == pytest.approx(1 / 3)  # of those closed, all


def test_nothing_has_ended_yet():
    curve = kaplan_meier([2, 5], [False, False])
    assert (curve.times.size, curve.open_after(4), curve.quantile(0.1)) == (0, 1, math.inf)
    assert curve.restricted_mean(3) == 3


@for_each(
    ("durations", "ended", "key"),
    [
        ([1, 2], [True], "error.survival.shape"),
        ([], [], "error.survival.shape"),
        ([1, -2], [True, True], "error.survival.duration"),
        ([1, math.nan], [True, True], "error.survival.duration"),
        ([1, 2], [1, 2], "error.survival.ended"),
        ([1, 2], ["yes", "no"], "error.survival.ended"),
    ],
)
def test_what_is_no_duration_is_refused(durations, ended, key):
    with pytest.raises(HallplanError) as error:
        kaplan_meier(durations, ended)
    assert error.value.key == key


@for_each("q", [-0.1, 2, float("nan")])
def test_a_share_outside_0_to_1_has_no_quantile(q):
    with pytest.raises(HallplanError) as error:
        kaplan_meier([1, 2], [True, True]).quantile(q)
    assert error.value.key == "error.survival.share"


@for_each("horizon", [-3, float("nan"), float("inf")])
def test_a_horizon_that_is_no_time_is_refused(horizon):
    with pytest.raises(HallplanError) as error:
        kaplan_meier([1, 2], [True, True]).restricted_mean(horizon)
    assert error.value.key == "error.survival.no_time"


def test_no_share_is_open_after_no_time():
    assert math.isnan(kaplan_meier([1, 2], [True, True]).open_after(float("nan")))
