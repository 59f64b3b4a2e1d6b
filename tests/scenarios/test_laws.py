"""Laws: the forms they take, the clock they are on, their mean, and what is refused."""

import contextlib
import time

import numpy as np
import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from raw_scenarios import laws, minutes

from scenarios.model.families import OFFERED, REFUSED, scipy_family
from scenarios.model.laws import Law, mean_of
from sim.draw.laws import quantile


def law(raw):
    return Law.model_validate(raw)


@for_each(
    ("raw", "clock", "mean"),
    [
        ("8 min", "plain", 480_000),
        (3, "number", 3),
        ({"constant": "2 working hours"}, "open", 7_200_000),
        ({"dist": "expon", "mean": "5 min"}, "plain", 300_000),
        ({"dist": "lognorm", "mean": "5 min", "cv": 2}, "plain", 300_000),
        ({"dist": "uniform", "low": "2 min", "high": "4 min"}, "plain", 180_000),
        ({"dist": "triangular", "low": "1 min", "mode": "2 min", "high": "6 min"}, "plain", 180_000),
        ({"dist": "pert", "low": "1 min", "mode": "2 min", "high": "9 min"}, "plain", 180_000),
        ({"dist": "gamma", "a": 2.5, "scale": "2 min"}, "plain", 300_000),
        ({"dist": "gamma", "a": 2.5, "scale": "2 min", "loc": "1 min"}, "plain", 360_000),
        ({"values": ["1 working days", "3 working days"]}, "days", 2),
        ({"values": ["1 min", "3 min"], "shares": [0.75, 0.25]}, "plain", 90_000),
        ({"mixture": ["1 min", {"dist": "expon", "mean": "5 min"}], "shares": [0.5, 0.5]}, "plain", 180_000),
        ({"dist": "expon", "mean": "5 min", "factor": 0.5}, "plain", 150_000),
    ],
)
def test_a_law_has_a_clock_and_a_mean(raw, clock, mean):
    assert law(raw).clock == clock
    assert mean_of(law(raw)) == pytest.approx(mean)


@for_each(
    ("raw", "key"),
    [
        ({}, "law_needs_a_form"),
        ({"constant": "1 min", "cv": 0.5}, "law_unknown_key"),
        ({"constant": "1 min", "speed": 2.0}, "law_unknown_key"),
        ({"constant": "1 min", "note": "fast"}, "law_unknown_key"),
        ({"dist": "expon", "mean": "1 min", "cv": 0.5}, "law_expon_cv"),
        ({"dist": "expon", "mean": "0 min"}, "law_mean_positive"),
        ({"dist": "lognorm", "s": 0.5}, "law_needs"),
        ({"dist": "uniform", "low": "2 min", "mode": "3 min", "high": "4 min"}, "law_unknown_key"),
        ({"dist": "uniform", "low": "2 min"}, "law_needs"),
        ({"dist": "uniform", "low": "2 min", "high": "2 min"}, "law_range_order"),
        ({"dist": "weibull_max", "c": 1.0, "scale": "-2 min"}, "law_negative"),
        ({"dist": "cauchy", "scale": "2 min"}, "law_bad_parameters"),
        ({"dist": "crystalball", "beta": 0.002, "m": 900.0, "scale": "2 min"}, "law_bad_parameters"),
        ({"dist": "invgauss", "mu": 1e-5, "scale": "2 min"}, "law_shape_size"),
        ({"dist": "invgauss", "mu": 2.0**-900, "scale": "2 min"}, "law_shape_size"),
        ({"dist": "beta", "a": 3e15, "b": 2e9, "scale": "2 min"}, "law_shape_size"),
        ({"dist": "gengamma", "a": 1.5, "c": -7e-12, "scale": "2 min"}, "law_shape_size"),
        ({"dist": "erlang", "a": 2.25, "scale": "2 min"}, "law_erlang_shape"),
        ({"dist": "gamma", "mean": "2 min", "cv": 3e-170}, "law_shape_size"),
        ({"dist": "weibull_min", "mean": "2 min", "cv": 2.0**-1074}, "law_shape_size"),
        ({"dist": "studentized_range", "k": 4.0, "df": 12.0, "scale": "2 min"}, "distribution_refused"),
        ({"dist": "kappa4", "h": 0.1, "k": 0.2, "scale": "2 min"}, "distribution_refused"),
        ({"dist": "norm_gen", "scale": "2 min"}, "unknown_distribution"),
        ({"dist": "poisson", "mu": 2.0, "scale": "1 min"}, "unknown_distribution"),
        ({"dist": "__class__", "scale": "1 min"}, "unknown_distribution"),
        ({"values": ["1 min", 3]}, "law_mixes_clocks"),
        ({"values": ["1 min"], "shares": [0.5, 0.5]}, "law_needs_shares"),
        ({"mixture": ["1 min", "2 h"], "shares": [0.5, 0.4]}, "shares_must_sum"),
    ],
)
def test_a_law_that_makes_no_sense_is_refused(raw, key):
    with pytest.raises(ValidationError) as caught:
        law(raw)
    assert caught.value.errors()[0]["ctx"]["error"].key == f"error.{key}"


@given(laws(), st.floats(0.01, 20).map(lambda x: round(x, 4)))
def test_a_factor_scales_the_mean(raw, factor):
    table = raw if isinstance(raw, dict) else {"constant": raw}
    assert mean_of(law(table | {"factor": factor})) == pytest.approx(factor * mean_of(law(raw)))


@given(minutes(), st.floats(0, 3).map(lambda x: round(x, 8)))
def test_the_mean_of_a_law_by_mean_is_what_it_says(mean, cv):
    whole = mean_of(law(mean))
    assert mean_of(law({"dist": "gamma", "mean": mean, "cv": cv})) == whole


@given(st.lists(minutes(), min_size=2, max_size=5))
def test_a_list_without_shares_is_even(values):
    expected = np.mean([mean_of(law(value)) for value in values])
    assert mean_of(law({"values": values})) == pytest.approx(expected)


def test_every_continuous_family_of_scipy_is_either_offered_or_refused():
    from scipy import stats

    families = {name for name in dir(stats) if isinstance(getattr(stats, name), stats.rv_continuous)}
    assert families == {*OFFERED, *REFUSED}
    assert not {*OFFERED} & {*REFUSED}


@pytest.mark.slow
def test_every_law_at_extreme_shapes_is_usable_or_refused_within_a_second():
    extremes = (-1e6, -1.0, 1e-9, 0.01, 1.0, 2.5, 1e6)
    slow = {}
    for name in OFFERED:
        _, shapes = scipy_family(name)
        for position in range(len(shapes)):
            for value in extremes:
                raw = dict.fromkeys(shapes, 2.5) | {shapes[position]: value}
                begun = time.process_time()
                with contextlib.suppress(ValidationError):
                    quantile(law(raw | {"dist": name, "scale": "1 min"}), np.linspace(0.001, 0.999, 100))
                if (seconds := time.process_time() - begun) > 1:
                    slow[name, shapes[position], value] = seconds
    assert not slow


def test_a_shape_out_of_its_limits_is_refused_by_key_law_and_value():
    with pytest.raises(ValidationError) as caught:
        law({"dist": "betaprime", "a": 3.0, "b": 8e7, "scale": "1 min"})
    sentence = str(caught.value.errors()[0]["ctx"]["error"])
    assert "b of the distribution betaprime is 8e+07" in sentence


def test_every_offered_family_has_quantiles_of_its_own():
    from scipy import stats

    for name in OFFERED:
        assert type(getattr(stats, name))._ppf is not stats.rv_continuous._ppf, name
