"""A formula gives the same over numbers as it shows, and over spans nothing outside what the numbers can give."""

import math
import re

import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.facts.formulas import evaluate, least_windows, names_in, poisson_span, tail, tail_of_uneven_days
from calibration.facts.identities import FORMULAS
from calibration.facts.ledger import CASE_CLASSES
from calibration.facts.spans import Span

POSITIVE = st.floats(0.5, 1e3)


@st.composite
def spans(draw):
    low, high = sorted((draw(POSITIVE), draw(POSITIVE)))
    return Span(low, high)


@st.composite
def inside(draw, span):
    return span.low + draw(st.floats(0, 1)) * (span.high - span.low)


@given(spans(), spans(), st.data())
def test_arithmetic_on_spans_holds_every_result_of_its_numbers(a, b, data):
    x, y = data.draw(inside(a)), data.draw(inside(b))
    for span, number in ((a + b, x + y), (a - b, x - y), (a * b, x * y), (a / b, x / y)):
        assert span.contains(number, slack=1e-9 * max(1.0, abs(number)))


@given(spans())
def test_numbers_mix_with_spans_on_either_side(a):
    assert 1 - a == Span(1 - a.high, 1 - a.low)
    assert 2 / a == Span(2 / a.high, 2 / a.low)
    assert a * 2 == 2 * a
    assert a + 2 == 2 + a


def test_a_span_that_holds_zero_divides_nothing():
    with pytest.raises(ZeroDivisionError):
        Span(1, 2) / Span(-1, 1)
    with pytest.raises(ZeroDivisionError):
        Span(1, 2) / Span(0, 1)


@pytest.mark.parametrize(("low", "high"), [(2, 1), (math.nan, 1), (0, math.nan)])
def test_a_span_has_its_ends_in_order(low, high):
    with pytest.raises(ValueError, match="lower to its higher"):
        Span(low, high)


def test_spans_meet_and_contain():
    assert Span(1, 3).meets(Span(3, 4))
    assert not Span(1, 3).meets(Span(3.1, 4))
    assert Span(1, 3).meets(Span(3.1, 4), slack=0.2)
    assert Span(1, 3).contains(Span(1, 2))
    assert not Span(1, 3).contains(Span(0, 2))


@for_each("formula", FORMULAS, ids=lambda one: one.key)
def test_no_figure_that_may_be_uncertain_stands_twice_in_a_formula(formula):
    """Then interval arithmetic is exact; the two figures of one licence are exact themselves."""
    text = formula.text.format(kind="committed")
    repeated = {name for name in names_in(text) if len(re.findall(rf"\b{name}\b", text)) > 1}
    assert repeated <= {"licence_days_saved"}


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.key)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_the_span_of_a_formula_holds_its_value_anywhere_inside(formula, data):
    text = formula.text.format(kind=CASE_CLASSES[0])
    known = {name: data.draw(spans(), label=name) for name in names_in(text)}
    if "dispersion" in known:
        known["dispersion"] = Span(1.0, 4.0)
    point = {name: data.draw(inside(span)) for name, span in known.items()}
    if "uneven" in text:  # at the ends of the dispersion, the only values at which it is used without a range around
        point["dispersion"] = data.draw(st.sampled_from([1.0, 4.0]))
    whole, value = evaluate(text, known), evaluate(text, point)
    assert whole.contains(value, slack=1e-9 * max(1.0, abs(value)))


def test_names_are_listed_in_the_order_of_the_formula():
    assert names_in("tail(b, c * a / b)") == ("b", "c", "a")


@for_each("text", ["a ** 2", "a if a else a", "__import__('os')", "a.b", "a[0]", "'a'", "tail(a=1)", "-a"])
def test_a_formula_can_do_nothing_but_calculate(text):
    with pytest.raises((ValueError, TypeError)):
        evaluate(text, {"a": 1.0})


# Exact Poisson intervals as tabulated (Garwood 1936; Johnson, Kotz and Kemp, Univariate Discrete Distributions).
@for_each(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390), (50, 37.111, 65.919)])
def test_the_interval_of_a_count_is_the_tabulated_one(count, low, high):
    span = poisson_span(count)
    assert span.low == pytest.approx(low, abs=1e-3)
    assert span.high == pytest.approx(high, abs=1e-3)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 200))
def test_at_the_ends_of_its_interval_a_count_is_as_unlikely_as_the_level_says(count):
    span = poisson_span(count, level=0.9)
    if count:
        assert tail(count, span.low) == pytest.approx(0.05)
    assert 1 - tail(count + 1, span.high) == pytest.approx(0.05)


def test_a_tail_is_the_sum_of_its_terms():
    mean, terms = 2.5, [math.exp(-2.5) * 2.5**k / math.factorial(k) for k in range(4)]
    assert tail(4, mean) == pytest.approx(1 - sum(terms))
    assert tail(0, mean) == 1.0


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 100), st.floats(0.5, 50), st.floats(1.01, 5))
def test_uneven_days_have_the_mean_and_the_variance_that_they_should(count, mean, dispersion):
    """Sum of tails is the mean; sum of (2k - 1) times tails the second moment."""
    far = int(mean + 40 * math.sqrt(dispersion * mean) + 200)
    tails = [tail_of_uneven_days(k, mean, dispersion) for k in range(1, far)]
    assert sum(tails) == pytest.approx(mean, rel=1e-6)
    second = sum((2 * k - 1) * t for k, t in enumerate(tails, 1))
    assert second - mean**2 == pytest.approx(dispersion * mean, rel=1e-4)
    assert tail_of_uneven_days(count, mean, 1.0) == tail(count, mean)


@given(st.floats(0, 1e4))
def test_the_fewest_windows_keep_up_and_one_fewer_does_not(load):
    windows = least_windows(load)
    assert windows == int(windows)
    assert windows - 1 <= load < windows
