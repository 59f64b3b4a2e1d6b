"""What follows from the article: every number of the fact sheet is computed here from what was published."""

from functools import cache

import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.facts.amounts import Widths
from calibration.facts.checks import checks
from calibration.facts.evidence import evidence
from calibration.facts.identities import by_period, frame, identities, with_identities
from calibration.facts.ledger import article_ledger
from foundation.messages import LANGUAGES
from scenarios.compose.composing import composed as read

composed = cache(read)


@pytest.fixture(scope="module")
def found():
    return {one.key: one for one in identities(article_ledger())}


@pytest.fixture(scope="module")
def by_days():
    solved = by_period(article_ledger(), [115, 122, 145, 160])
    return {days: {one.key: one for one in some} for days, some in solved.items()}


# Figure, value, interval: worked by hand from the article's numbers.
HAND = [
    ("visits_per_item_before", 200 * 21 / 4000, 200 * 21 / 4500, 250 * 21 / 4000),
    ("visits_per_item_now", 700 * 21 / 7000, 700 * 21 / 7500, 750 * 21 / 7000),
    ("visits_growth", 3.5, 700 / 250, 750 / 200),
    ("items_growth", 1.75, 7000 / 4500, 7500 / 4000),
    ("open", 90, 90, 90),
    ("committed_open", 90, 90, 90),
    ("instant_open", 0, 0, 0),
    ("instant_share", 0.9425, 0.9425, 0.9425),
    ("committed_share", 0.0575, 0.0575, 0.0575),
    ("finished_share", 0.9977, 0.9977, 0.9977),
    ("committed_finished_share", 0.9593, 0.9593, 0.9593),
    ("implied_period_months", 5.5, 5.13, 5.5),
    ("implied_period_days", 115.4, 107.7, 115.4),
    ("share_in_hall", 0.728, 0.728, 0.728),
    ("satisfied_sum", 13708, 13708, 13708),
    ("evaluations_sum", 13851, 13851, 13851),
    ("satisfied_share", 0.9897, 0.9897, 0.9897),
    ("licence_days_before", 15, 15, 15),
    ("licence_cut", 0.80, 0.80, 0.80),
    ("sections_merged", 2.3, 2.3, 2.3),
    ("least_windows", 13, 8, 24),
]


@for_each(("key", "value", "low", "high"), HAND)
def test_a_figure_is_the_one_worked_by_hand(found, key, value, low, high):
    one = found[key]
    assert one.value == pytest.approx(value, rel=1e-3)
    assert one.span.low == pytest.approx(low, rel=1e-3)
    assert one.span.high == pytest.approx(high, rel=1e-3)


def test_visits_per_item_are_1_05_before_and_2_10_now(found):
    assert round(found["visits_per_item_before"].value, 2) == 1.05
    assert round(found["visits_per_item_now"].value, 2) == 2.10


def test_the_offered_load_is_12_4_windows_and_27_windows_exceed_it(found):
    assert round(found["offered_load"].value, 1) == 12.4
    assert found["load_of_one_window_each"].value < 0.5
    assert found["offered_load"].identified == "no"
    assert found["offered_load"].assumes == ("service_min", "open_min")


def test_other_halls_would_have_22_to_57_windows(found):
    span = found["likely_windows"].span
    assert (round(span.low), round(span.high)) == (22, 57)


@pytest.mark.parametrize(
    ("days", "mean", "low", "high"), [(122, 5.0, 4.0, 6.1), (145, 5.9, 4.7, 7.3), (160, 6.5, 5.2, 8.0)]
)
def test_committed_cases_spend_five_to_six_and_a_half_days_in_the_hall(by_days, days, mean, low, high):
    one = by_days[days]["committed_days_in_system"]
    assert round(one.value, 1) == mean
    assert (one.span.low, one.span.high) == (pytest.approx(low, abs=0.051), pytest.approx(high, abs=0.051))
    assert one.method == "poisson"


def test_for_an_unknown_period_the_interval_holds_those_of_all_periods(found, by_days):
    for key in ("committed_days_in_system", "committed_chance_of_open", "items_per_month_by_count"):
        assert all(found[key].span.contains(some[key].span) for some in by_days.values())
        assert found[key].identified == "given-period"


def test_ninety_open_cases_are_next_to_impossible_if_each_took_three_days(by_days):
    assert by_days[122]["committed_chance_of_open"].value == pytest.approx(6e-6, rel=0.05)
    assert by_days[122]["committed_open_if_promised"].value == pytest.approx(54.4, abs=0.05)


def test_with_uneven_days_they_are_only_unlikely(by_days):
    chance = by_days[122]["committed_chance_of_open_uneven"]
    assert 0.001 < chance.value < 0.05
    assert chance.identified == "no"


def test_no_period_of_the_count_makes_three_days_fit(found):
    assert found["committed_period_in_promise"].span.high < evidence().periods["count"].span().low


def test_about_36_per_cent_of_items_were_evaluated_if_the_periods_are_one(by_days):
    assert by_days[122]["evaluations_per_item"].value == pytest.approx(0.36, abs=0.0005)


def test_the_counting_period_is_at_most_five_and_a_half_months_at_the_stated_rate(found):
    assert found["implied_period_months"].span.high == pytest.approx(5.5, abs=0.005)
    assert found["implied_period_days"].span.meets(evidence().periods["count"].span())
    assert not evidence().periods["count"].span().contains(found["implied_period_days"].span)


@pytest.mark.parametrize(
    ("key", "scenario", "metric"),
    [
        pytest.param(one.key, *target.split(": "), id=target)
        for one in identities(article_ledger())
        for target in one.formula.targets
    ],
)
def test_a_derived_target_of_a_scenario_is_what_is_derived(found, key, scenario, metric):
    """Targets are written to two figures, counts and whole days outwards."""
    target, span = composed(scenario).scenario.targets[metric], found[key].span
    if span.is_exact:
        assert (target.low, target.high) == (span.low - 0.5, span.high + 0.5)
    else:
        slack = 0.5 if span.high > 10 else 0.005
        assert target.low == pytest.approx(span.low, abs=slack)
        assert target.high == pytest.approx(span.high, abs=slack)


def test_published_figures_alone_settle_flows_but_not_windows(found):
    assert {key for key, one in found.items() if one.identified == "no"} == {
        "offered_load",
        "least_windows",
        "load_of_one_window_each",
        "likely_windows",
        "committed_chance_of_open_uneven",
    }


def test_every_figure_says_where_it_comes_from(found):
    for one in found.values():
        assert one.places or one.assumes
        assert all(place.startswith("¶") for place in one.places)
        for language in LANGUAGES:
            assert one.title(language)
            assert one.note(language)


def test_the_frame_has_one_row_a_figure(found):
    table = frame(tuple(found.values()))
    assert list(table["figure"]) == list(found)
    assert (table["low"] <= table["high"]).all()


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_wider_words_never_make_a_narrower_interval(one, more):
    narrow = {i.key: i for i in identities(article_ledger(widths=Widths(and_some=one)))}
    wide = {i.key: i for i in identities(article_ledger(widths=Widths(and_some=one + more)))}
    assert all(wide[key].span.contains(narrow[key].span) for key in narrow)


# ---- checks ----


@pytest.fixture(scope="module")
def verdicts():
    return {(one.key, one.figures[:2]): one for one in checks(with_identities(article_ledger())[0])}


def test_the_sums_add_up(verdicts):
    assert verdicts["sum_of_kinds", ("accepted", "instant_accepted")].verdict == "agrees"
    assert verdicts["sum_of_kinds", ("finished", "instant_finished")].verdict == "agrees"
    assert verdicts["evaluations", ("satisfied_in_all", "very_satisfied")].verdict == "agrees"
    assert verdicts["evaluations", ("evaluations", "satisfied_in_all")].verdict == "agrees"


def test_the_shares_agree_with_the_counts(verdicts):
    assert verdicts["share", ("completion", "finished_share")].verdict == "agrees"
    assert verdicts["share", ("satisfaction_evaluated", "satisfied_share")].verdict == "agrees"


def test_98_97_and_99_68_are_different_periods(verdicts):
    one = verdicts["same_measure", ("satisfaction_evaluated", "satisfaction_now")]
    assert one.verdict == "not-comparable"
    assert "98.97%" in one.sentence("en")
    assert "不要相比" in one.sentence("zh")


def test_the_monthly_rate_and_the_count_agree_only_at_the_edge(verdicts):
    assert verdicts["monthly_rate", ("items_now", "items_per_month_by_count")].verdict == "tension"


def test_the_promise_and_the_open_cases_hardly_agree(verdicts):
    assert verdicts["promise", ("committed_open", "committed_promise")].verdict == "tension"


def test_the_cut_of_limits_is_not_that_of_the_one_licence(verdicts):
    assert verdicts["one_item", ("limits_cut", "licence_cut")].verdict == "not-comparable"


def test_nothing_in_the_article_contradicts_itself(verdicts):
    assert all(one.verdict != "contradiction" for one in verdicts.values())


def test_growth_is_never_called_rework(verdicts):
    one = verdicts["growth", ("visits_growth", "items_growth")]
    assert one.verdict == "open"
    assert "can't be called rework" in one.sentence("en")
