"""Assumed parameters are read off the scenarios, priors cover the ranges stated there, and a vector is applied."""

import math

import numpy as np
import pytest
from cases import for_each
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calibration.posterior.parameters import parameter_table
from calibration.posterior.priors import WIDE, Prior
from scenarios.compose.composing import compose_text, composed
from scenarios.model.laws import mean_of
from scenarios.paths import split

SMALL = """
format = 1
name = "small"

[run]
days = 10

[pools]
desk = { servers = 1 }
window-a = { servers = 1 }
window-b = { servers = 3 }

[services.permit.visits.apply]
desk = { pool = "desk", work = "3 min", share = 0.5 }
window = { pool = "window-b", work = { dist = "lognorm", mean = "10 min", cv = 0.5 } }
back = { delay = { values = ["1 working days", "3 working days"], shares = [0.5, 0.5] }, share = 0.0 }

[services.quick.visits.apply]
window = { pool = "window-a", work = { dist = "gamma", mean = "5 min", cv = 0.5, factor = 2 } }

[arrivals.people]
services = { permit = 3, quick = 1 }
per_day = 40
weekday = { mon = 2, tue = 1 }

[provenance]
"run" = { kind = "assumed", range = [1, 100], why = "Ours." }
"pools.desk.servers" = { kind = "published", source = "somewhere" }
"pools.window-*.servers" = { kind = "assumed", range = [1, 6], why = "Not published." }
"services.*.visits.apply.window" = { kind = "assumed", range = ["4 min", "40 min"], why = "Minutes are not published." }
"services.permit.visits.apply.desk.work" = { kind = "assumed", range = ["1 min", "30 min"], why = "Guess." }
"services.permit.visits.apply.desk.share" = { kind = "assumed", range = [0.2, 0.9], why = "Guess." }
"services.permit.visits.apply.back" = { kind = "assumed", range = ["1 working days", "5 working days"], why = "Guess." }
"services.permit.visits.apply.back.share" = { kind = "assumed", range = [0, 1], why = "Nobody." }
"arrivals.people.services" = { kind = "assumed", range = [0, 5], why = "Mix." }
"arrivals.people.weekday" = { kind = "assumed", range = [1, 3], why = "Shape." }
"arrivals.people.per_day" = { kind = "derived", formula = "counted" }
"calendar.hours" = { kind = "assumed", range = ["8 to 16", "9 to 17"], why = "Words." }
"""


def small(text=SMALL, name="small"):
    return compose_text(text.replace('name = "small"', f'name = "{name}"'), name="small.toml")


@pytest.fixture(scope="module")
def table():
    return parameter_table(small())


@pytest.fixture(scope="module")
def halls():
    return parameter_table(composed("honghuagang-2013"), composed("honghuagang-2014"))


def by_key(table):
    return {one.key: one for one in table.parameters}


# ---- one small hall, worked by hand ----


def test_the_table_is_read_off_the_provenance(table):
    """Windows of 1 and 3: a factor up to 6 / 3, and down to 1 / 3, where all are 1.  Work of 10 and 2 x 5 min.

    The likely value is the middle of the range, not the scenario's.
    """
    found = by_key(table)
    assert list(found) == [
        "pools.window-*.servers",
        "services.*.visits.apply.window",
        "services.permit.visits.apply.desk.work",
        "services.permit.visits.apply.desk.share",
        "services.permit.visits.apply.back",
    ]
    windows = found["pools.window-*.servers"]
    assert (windows.unit, windows.prior.family) == ("factor", "pert")
    assert (windows.prior.low, windows.prior.mode, windows.prior.high) == (1 / 3, pytest.approx(7 / 6), 2)
    work = found["services.*.visits.apply.window"]
    assert (work.unit, work.base, work.prior.family) == ("min", 10, "lognormal")
    assert (work.prior.low, work.prior.high) == (pytest.approx(4), pytest.approx(40))
    share = found["services.permit.visits.apply.desk.share"]
    assert (share.unit, share.base, share.prior.low, share.prior.high) == ("", 0.5, 0.2, 0.9)
    assert found["services.permit.visits.apply.back"].base == 2
    assert windows.why.en == "Not published."


@for_each(
    "delay, ends, common, unit",
    [
        ("90 min", ["30 min", "240 min"], 90, "min"),
        ("90 working min", ["30 working min", "240 working min"], 90, "working min"),
        ("3 working days", ["1 working days", "5 working days"], 3, "working days"),
    ],
)
def test_a_common_value_is_in_the_unit_of_its_range(delay, ends, common, unit):
    text = SMALL.replace('{ values = ["1 working days", "3 working days"], shares = [0.5, 0.5] }', f'"{delay}"')
    found = by_key(parameter_table(small(text.replace('["1 working days", "5 working days"]', str(ends)))))
    parameter = found["services.permit.visits.apply.back"]
    assert (parameter.unit, parameter.base) == (unit, common)


def test_what_is_not_varied_says_why(table):
    assert {one.key: one.reason for one in table.not_varied} == {
        "run": "choice",
        "arrivals.people.services": "weights",
        "arrivals.people.weekday": "weights",
        "services.permit.visits.apply.back.share": "point",
    }


def test_the_profile_of_a_weekday_is_no_parameter():
    fridays = f"""{SMALL}
"sites.*.profile.fri" = {{ kind = "assumed", range = [1, 4], why = "Not published." }}
[sites.hall.profile]
default = {{ "09:00" = 3, "13:00" = 2 }}
fri = {{ "09:00" = 3, "13:00" = 1 }}
"""
    not_varied = {entry.key: entry.reason for entry in parameter_table(small(fridays)).not_varied}
    assert not_varied["sites.*.profile.fri"] == "weights"


def test_what_prices_the_time_of_visitors_is_no_parameter(table):
    assumed = '{ kind = "assumed", range = ["10 min", "90 min"], why = "Not published." }'
    value = '{ kind = "assumed", range = [8, 50], why = "Not published." }'
    priced = f"""{SMALL}
"sites.*.travel" = {assumed}
"visitors.value_of_hour" = {value}
[sites.hall]
travel = "30 min"
[visitors]
value_of_hour = 20
"""
    with_prices = parameter_table(small(priced))
    assert with_prices.keys == table.keys
    reasons = {entry.key: entry.reason for entry in with_prices.not_varied}
    assert (reasons["sites.*.travel"], reasons["visitors.value_of_hour"]) == ("choice", "choice")


def test_a_vector_becomes_overrides_worked_by_hand(table):
    assert table.overrides("small", [0.5, 20, 6, 0.25, 4]) == {
        "pools.window-a.servers": 1,
        "pools.window-b.servers": 2,
        "services.permit.visits.apply.window.work.factor": 2.0,
        "services.quick.visits.apply.window.work.factor": 4.0,
        "services.permit.visits.apply.desk.work": "6 min",
        "services.permit.visits.apply.desk.share": 0.25,
        "services.permit.visits.apply.back.delay.factor": 2.0,
    }
    scenario = table.applied("small", [0.5, 20, 6, 0.25, 4]).scenario
    steps = scenario.services["permit"].visits["apply"]
    assert mean_of(steps["window"].work) == 20 * 60_000
    assert mean_of(steps["back"].delay) == 4
    assert scenario.pools["window-b"].servers == 2


def test_the_order_of_a_chosen_table_is_the_one_asked_for(table):
    keys = ("services.permit.visits.apply.desk.share", "pools.window-*.servers")
    chosen = table.subset(keys)
    assert chosen.keys == keys
    assert chosen.base.tolist() == [0.5, 1.0]
    with pytest.raises(KeyError):
        table.subset(["no such thing"])


def test_a_wrong_vector_or_scenario_is_refused(table):
    with pytest.raises(ValueError, match=r"shorter|longer"):
        table.overrides("small", [1.0])
    with pytest.raises(KeyError):
        table.overrides("large", table.base)
    with pytest.raises(ValueError, match="names of their own"):
        parameter_table(small(), small())


def test_an_entry_shared_by_two_scenarios_is_one_parameter_and_another_is_its_own():
    changed = SMALL.replace("range = [0.2, 0.9]", "range = [0.4, 0.8]").replace('mean = "10 min"', 'mean = "20 min"')
    both = parameter_table(small(), small(changed, name="later"))
    found = by_key(both)
    assert set(found["pools.window-*.servers"].places) == {"small", "later"}
    assert set(found["services.permit.visits.apply.desk.share"].places) == {"small"}
    assert set(found["later: services.permit.visits.apply.desk.share"].places) == {"later"}
    work = found["services.*.visits.apply.window"]
    assert (work.unit, work.prior.low, work.prior.high) == ("factor", 0.4, 2.0)
    one = dict(zip(both.keys, both.base, strict=True)) | {work.key: 1.5}
    vector = [one[key] for key in both.keys]
    for name, minutes in (("small", 15), ("later", 30)):
        steps = both.applied(name, vector).scenario.services["permit"].visits["apply"]
        assert mean_of(steps["window"].work) == minutes * 60_000


def test_values_outside_their_own_range_are_told():
    text = SMALL.replace("range = [0.2, 0.9]", "range = [0.6, 0.9]")
    told = {one.key: one.reason for one in parameter_table(small(text)).not_varied}
    assert told["services.permit.visits.apply.desk.share"] == "outside"


# ---- the two halls ----


def test_every_assumed_entry_is_a_parameter_or_says_why_not(halls):
    from scenarios.provenance import sourced

    for one in halls.scenarios.values():
        model = one.scenario
        counted = {id(found.entry) for found in sourced(model, one.raw) if found.kind == "assumed"}
        keys = {key for key, entry in model.provenance.items() if id(entry) in counted}
        known = {key.rpartition(": ")[2] for key in halls.keys} | {x.key.rpartition(": ")[2] for x in halls.not_varied}
        assert keys <= known


def test_ranges_and_reasons_are_those_of_the_scenarios(halls):
    for one in halls.parameters:
        name = next(iter(one.places))
        entry = halls.scenarios[name].scenario.provenance[one.key.rpartition(": ")[2]]
        assert (one.range, one.why) == (entry.range, entry.why)


def test_what_nobody_published_is_in_the_table(halls):
    keys = " ".join(halls.keys)
    for part in (
        "window.work",
        "window-*.servers",
        "patience",
        "incomplete",
        "inspection-*.check",
        "section-*.servers",
    ):
        assert part in keys
    assert not [one.key for one in halls.not_varied if one.reason == "outside"]


def test_the_vector_of_the_base_leaves_the_scenarios_as_they_are(halls):
    for name, one in halls.scenarios.items():
        assert halls.applied(name, halls.base).scenario == one.scenario


@pytest.mark.slow
@pytest.mark.parametrize("end", [1e-9, 0.5, 1 - 1e-9])
def test_at_the_ends_of_the_priors_the_scenarios_are_valid(halls, end):
    vector = halls.from_unit(np.full(len(halls.keys), end))
    assert np.isfinite(halls.log_density(halls.from_unit(np.full(len(halls.keys), 0.5))))
    for name in halls.scenarios:
        assert halls.applied(name, vector).scenario.name == name


def test_windows_stay_within_what_other_halls_have(halls):
    """One for each of 27 departments at the least, and not more than half as many again as other halls' 57."""
    one = by_key(halls)["pools.window-*.servers"]
    factors = (one.prior.low, 1.0, one.prior.high)
    totals = [sum(one.overrides("honghuagang-2014", factor).values()) + 1 for factor in factors]
    assert totals[0] == 27
    assert totals[1] == 35
    assert totals[2] <= 1.5 * 57


def test_a_bounded_parameter_never_leaves_the_range_of_its_entry(halls):
    from calibration.posterior.parameters import end_of_range

    for one in halls.parameters:
        if one.prior.family == "lognormal":
            continue
        low, high = (end_of_range(end) for end in one.range)
        for end in (one.prior.low, one.prior.high):
            for place in (place for some in one.places.values() for place in some):
                value = place.base * end / one.base
                if place.least is not None:
                    value = max(place.least, value)
                assert low * (1 - 1e-12) <= value <= high * (1 + 1e-12), (one.key, split(one.key))


def test_the_frame_has_one_row_a_parameter(halls):
    frame = halls.frame()
    assert tuple(frame["parameter"]) == halls.keys
    assert (frame["places"] > 0).all()
    assert frame["low"].le(frame["mode"]).all()
    assert frame["mode"].le(frame["high"]).all()


# ---- priors ----


def test_a_pert_distribution_has_the_mean_that_it_is_known_for():
    """(low + 4 mode + high) / 6; and as a beta distribution on its range, its variance follows."""
    one = Prior("pert", 2, 5, 14)
    assert one.mean == pytest.approx((2 + 4 * 5 + 14) / 6)
    assert one.sd == pytest.approx(math.sqrt((one.mean - 2) * (14 - one.mean) / 7))
    assert one.log_density(1.9) == -np.inf
    assert one.log_density(5) > one.log_density(4.9)
    assert one.log_density(5) > one.log_density(5.1)


@given(st.floats(0.01, 100), st.floats(WIDE, 1e4))
def test_a_lognormal_distribution_has_five_per_cent_beyond_either_end(low, ratio):
    high = low * ratio
    assume(high / low >= WIDE)  # at ten times exactly, the product may round to just below it
    one = Prior.of_range(low, high, bounded=False)
    assert one.family == "lognormal"
    assert one.cdf(low) == pytest.approx(0.05)
    assert 1 - one.cdf(high) == pytest.approx(0.05)
    assert one.quantile(0.5) == pytest.approx(math.sqrt(low * high))


def test_shares_and_counts_are_never_lognormal_nor_is_what_may_be_zero():
    assert Prior.of_range(0.001, 1, bounded=True) == Prior("pert", 0.001, 0.5005, 1)
    assert Prior.of_range(0, 100, bounded=False) == Prior("pert", 0, 50, 100)
    assert Prior.of_range(1, 9, bounded=False) == Prior("pert", 1, 3, 9)


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3, unique=True).map(sorted), st.floats(0.001, 0.999))
def test_quantiles_undo_the_distribution_function(ends, u):
    one = Prior("pert", *ends)
    x = one.quantile(u)
    assert ends[0] <= x <= ends[2]
    assert one.cdf(x) == pytest.approx(u, abs=1e-6)


def test_a_likely_value_may_lie_at_an_end():
    assert Prior("pert", 1, 1, 3).mean == pytest.approx((1 + 4 + 3) / 6)


@for_each("ends", [(2, 1, 3), (1, 2, 1), (1, 1, 1), (1, 4, 3), (math.nan, 1, 2)])
def test_ends_out_of_order_are_refused(ends):
    with pytest.raises(ValueError, match="in order"):
        Prior("pert", *ends)
    with pytest.raises(ValueError, match="above zero"):
        Prior("lognormal", 0, 1, 2)


def test_a_design_on_the_unit_cube_becomes_draws_of_the_priors(table):
    from scipy.stats import qmc

    design = qmc.Sobol(len(table.keys), seed=1).random(64)
    drawn = table.from_unit(design)
    assert drawn.shape == design.shape
    assert table.log_density(drawn).shape == (64,)
    for column, one in enumerate(table.parameters):
        assert drawn[:, column].mean() == pytest.approx(one.prior.mean, rel=0.05)
