"""The headline: its lists name metrics that exist, and what a scenario adds to them or lacks of them."""

import math

from scenarios.compose.composing import compose
from sim.measure.headline import (
    CARDS,
    HEADLINE,
    OBJECTIVES,
    card_metrics,
    headline_metrics,
    matching_metrics,
    objective_metrics,
    possible_metrics,
    precise_metrics,
)
from sim.measure.registry import metric_of

TEXTBOOK = compose("textbook-mm3")
DESK = compose("township-desk")
REFORMED = compose("honghuagang-2014")


def test_every_list_names_metrics_that_exist_once():
    for keys in (HEADLINE, CARDS, OBJECTIVES):
        assert len(set(keys)) == len(keys)
        assert all(metric_of(key) for key in keys)  # a KeyError where there is none


def test_an_objective_has_a_direction():
    assert all(metric_of(key).better != "neither" for key in OBJECTIVES)


def test_targets_and_the_three_busiest_pools_follow_the_headline():
    assert "touched_median.food-licence" in REFORMED.targets
    means = {
        "utilisation.a": 0.2,
        "utilisation.b": 0.9,
        "utilisation.c": 0.5,
        "utilisation.d": 0.7,
        "utilisation.e": 0.0,
        "utilisation.b:num": 5.0,
        "touched_median.food-licence": 3.0,
        "statutory_q95.food-licence": 9.0,
        "visits_per_day": 700.0,
        "ticket_wait_mean_min": math.nan,
        "cases_open.food-licence": 4.0,
    }
    assert headline_metrics(means, [REFORMED]) == [
        "visits_per_day",
        "touched_median.food-licence",
        "statutory_q95.food-licence",
        "utilisation.b",
        "utilisation.d",
        "utilisation.c",
    ]


def test_limits_of_ones_own_are_in_the_headline():
    means = {"ticket_wait_within_8_share": 0.7, "ticket_wait_within_20_share": 0.9}
    own = compose("textbook-mm3", overrides={"run.wait_limits_min": [8]})
    assert headline_metrics(means, [own, TEXTBOOK]) == ["ticket_wait_within_8_share"]


def test_headline_leaves_out_what_the_scenarios_do_not_speak_of():
    unspoken = {"items_finished_per_month", "visits_per_item", "open_cases", "cost_per_day"}
    means = dict.fromkeys(HEADLINE, 0.0)
    assert unspoken <= set(headline_metrics(means, [DESK]))
    unmarked = compose("textbook-mm3", overrides={"services.item.visits.apply.serve.mark": "accepted"})
    assert unspoken.isdisjoint(headline_metrics(means, [unmarked]))
    assert "items_finished_per_month" in headline_metrics(means, [TEXTBOOK])
    assert unspoken <= set(headline_metrics(means, [unmarked, DESK]))


def test_the_cards_show_the_food_licence_or_the_first_service_that_all_have():
    both = ["elapsed_mean_days.tax", "elapsed_mean_days.food-licence"]
    assert card_metrics(["tax", "food-licence"], [both, both])[6] == "elapsed_mean_days.food-licence"
    assert card_metrics(["labour", "tax", "food-licence"], [both, both[:1]])[6] == "elapsed_mean_days.tax"
    assert card_metrics(["labour"], [both, both]) == [key for key in CARDS if key != "elapsed_mean_days"]


def test_objectives_are_what_all_scenarios_have():
    assert objective_metrics([DESK, DESK]) == list(OBJECTIVES)
    lacking = ("open_cases", "case_elapsed_mean_days", "visitor_cost_per_day")  # no case, and no way of visitors
    assert objective_metrics([DESK, TEXTBOOK]) == [key for key in OBJECTIVES if key not in lacking]


def test_visitors_cost_is_an_objective_where_way_and_value_are_known():
    way, value = {"sites": {"hall": {"travel": "0 min"}}}, {"visitors.value_of_hour": 20}
    assert "visitor_cost_per_day" in objective_metrics([compose("textbook-mm3", overrides=way | value)])
    for part in (way, value):
        assert "visitor_cost_per_day" not in objective_metrics([compose("textbook-mm3", overrides=part)])


def test_a_precision_is_of_the_wait_and_where_there_are_cases_of_the_turnaround():
    assert precise_metrics(TEXTBOOK) == ["ticket_wait_mean_min"]
    assert precise_metrics(DESK) == ["ticket_wait_mean_min", "case_elapsed_mean_days"]


def test_possible_metrics_are_told_without_a_run():
    possible = possible_metrics(TEXTBOOK)
    assert {"ticket_wait_within_15_share", "utilisation.windows", "visits_per_day"} <= set(possible)
    assert not any(key.startswith("elapsed_mean_days") for key in possible)
    assert matching_metrics([*possible, "utilisation.windows:num"], ["utilisation.*"]) == ["utilisation.windows"]
