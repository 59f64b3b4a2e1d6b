"""What the page's figures promise: the replications' own, paired, with their intervals, and nothing hidden."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from cases import for_each
from page_samples import REPLICATIONS, compared, hostile, hostile_comparison, textbook_comparison

from foundation import messages
from hallplan.page.results import coverage, coverage_of_difference, headline, overloads
from hallplan.page.text import coverage_of, overload_list, overload_sentences, places_of, range_of, without_options
from hallplan.show.comparison_frames import (
    CLOCKS,
    metrics_frame,
    targets_frame,
    turnaround_frame,
    utilisation_frame,
    waits_frame,
)
from hallplan.show.evidence import provenance_frame
from hallplan.show.metrics import metric_title
from planner.compare import Comparison
from scenarios.compose.composing import compose, composed
from sim.measure import metric_of
from sim.run.replications import Replications, replicate
from sim.run.sample import Sample
from sim.statistics import Interval


def test_an_estimate_is_the_mean_of_the_replications_and_the_difference_is_paired():
    comparison = textbook_comparison()
    difference = comparison.difference("visits_per_day")
    a, b = (run.columns["visits_per_day"] for run in comparison.runs)
    assert difference.base.estimate == pytest.approx(a.mean())
    assert difference.other.estimate == pytest.approx(b.mean())
    assert difference.change.estimate == pytest.approx((b - a).mean())
    assert difference.change.n == REPLICATIONS


def test_common_random_numbers_leave_little_chance_in_who_comes():
    difference = textbook_comparison().difference("visits_per_day")
    widths = [interval.high - interval.low for interval in (difference.change, difference.base)]
    assert widths[0] < widths[1] / 10


def test_the_samples_are_those_of_the_same_replications_run_by_themselves():
    comparison = textbook_comparison()
    run = comparison.runs[1]
    by_itself = replicate(run.scenario, replications=REPLICATIONS, seed=1).summaries
    for metric in ("ticket_wait_mean_min", "items_finished_per_month", "utilisation.windows"):
        assert run.summaries[metric].tolist() == by_itself[metric].tolist()


def test_a_fourth_window_shortens_the_wait_beyond_chance():
    assert textbook_comparison().difference("ticket_wait_mean_min").change.high < 0


def test_a_metric_that_one_plan_lacks_has_no_difference():
    a, b = textbook_comparison().runs[0], hostile_comparison().runs[1]
    difference = Comparison((a, b)).difference("elapsed_mean_days.permit")
    assert difference.base is None
    assert difference.change is None
    assert difference.other.estimate > 0


def test_the_headline_shows_what_both_plans_have():
    keys = [difference.metric for difference in headline(hostile_comparison())]
    assert keys == [
        "unserved_share",
        "visits_per_day",
        "ticket_wait_mean_min",
        "ticket_wait_within_15_share",
        "items_finished_per_month",
        "open_cases",
        "elapsed_mean_days.permit",
        "cost_per_day",
    ]
    assert "elapsed_mean_days" not in str([difference.metric for difference in headline(textbook_comparison())])


def test_visitors_cost_has_a_card_beside_staff_cost_where_it_is_measured():
    priced = compose("textbook-mm3", overrides={"sites": {"hall": {"travel": "30 min"}}, "visitors.value_of_hour": 20})
    a, b = (
        replicate(scenario, replications=2, seed=1) for scenario in (textbook_comparison().runs[0].scenario, priced)
    )
    for pair, is_shown in (((a, a), False), ((a, b), True), ((b, b), True)):
        keys = [difference.metric for difference in headline(Comparison(pair))]
        assert (keys[-2:] == ["cost_per_day", "visitor_cost_per_day"]) == is_shown


# ---- frames --------------------------------------------------------------------------------------------------------


def test_waits_are_shown_for_the_half_hours_in_which_the_hall_is_open():
    waits = waits_frame(hostile_comparison())
    assert set(waits["half_hour"]) <= {f"{h:02d}:{m}" for h in (9, 10, 11, 13, 14, 15, 16) for m in ("00", "30")}
    assert {"A", "B"} == set(waits["plan"])
    assert (waits["low"] <= waits["mean"]).all()
    assert (waits["mean"] <= waits["high"]).all()


def test_waits_of_a_hall_that_never_closes_cover_the_day():
    assert len(waits_frame(textbook_comparison())) == 2 * 48


def test_a_half_hour_with_hardly_anybody_is_left_out():
    comparison = hostile_comparison()
    a, b = comparison.runs
    waits = waits_frame(comparison)
    assert (waits["called"] >= a.scenario.run.days).all()
    rare = tuple(
        replace(sample, curves=replace(sample.curves, called=sample.curves.called / 1_000)) for sample in a.samples
    )
    assert set(waits_frame(Comparison((replace(a, samples=rare), b)))["plan"]) == {"B"}


def test_the_wait_of_a_half_hour_is_the_mean_over_all_visitors_of_all_replications():
    a = hostile_comparison().runs[0]
    waited, called = (sum(getattr(sample.curves, name) for sample in a.samples) for name in ("waited", "called"))
    shown = waits_frame(hostile_comparison()).set_index(["plan", "half_hour"]).loc["A"]
    assert shown.loc["10:00", "mean"] == pytest.approx(waited[20] / called[20])
    assert shown.loc["10:00", "called"] == pytest.approx(called[20] / REPLICATIONS)


@pytest.mark.parametrize("clock", list(CLOCKS))
def test_turnaround_has_a_row_for_each_service_and_plan_with_its_limits(clock):
    table = turnaround_frame(hostile_comparison(), "en", clock=clock)
    assert table["service"].tolist() == ["permit", "permit"]
    assert table["plan"].tolist() == ["A", "B"]
    assert table["promised"].tolist() == [3, 3]
    assert table["legal"].tolist() == [20, 20]
    assert (table["median"] <= table["q95"]).all()
    expected = hostile_comparison().runs[1].columns[CLOCKS[clock][1] + ".permit"].mean()
    assert table["q95"].iloc[1] == pytest.approx(expected)


def test_services_with_most_cases_come_first():
    summaries = [{"cases_measured.few": 3.0, "cases_measured.many": 30.0}] * 2
    for name in ("few", "many"):
        for clock in ("statutory_median", "statutory_q95"):
            summaries[0][f"{clock}.{name}"] = 1.0
    scenario = hostile().scenario
    service = scenario.services["permit"]
    scenario = scenario.model_copy(update={"services": {"few": service, "many": service}})
    samples = tuple(Sample(tuple(summary), np.array(list(summary.values()))) for summary in summaries)
    run = Replications(scenario, 1, samples)
    table = turnaround_frame(Comparison((run, run)), "en", clock="statutory")
    assert list(dict.fromkeys(table["service"])) == ["many", "few"]


def test_a_plan_without_cases_has_no_turnaround():
    assert turnaround_frame(textbook_comparison(), "en", clock="statutory").empty


def test_utilisation_puts_the_busiest_of_plan_b_first():
    table = utilisation_frame(hostile_comparison(), "en")
    of_b = table[table["plan"] == "B"]["mean"].tolist()
    assert of_b == sorted(of_b, reverse=True)
    office = table[(table["pool"] == "office") & (table["plan"] == "B")].iloc[0]
    assert office["busy"] == (office["mean"] > 0.95)


def behind(composed_, language):
    return overloads(composed_.scenario, language)


def test_what_cannot_keep_up_is_named_before_anything_is_simulated():
    assert behind(hostile(), "en") == []
    (one,) = behind(hostile().changed(overrides={"demand": 3.0, "pools.window.servers": 5}), "zh")
    assert one.title == "科室 `code`"
    assert 1 < one.utilisation < 10


def test_a_growing_queue_is_told_from_a_long_evening():
    behind_ = behind(hostile().changed(overrides={"demand": 3.0, "pools.window.servers": 5}), "en")
    evening = behind(hostile().changed(overrides={"demand": 3.0, "pools.office.servers": 9}), "en")
    assert [one.grows for one in behind_] == [True]
    assert [one.grows for one in evening] == [False]
    for language, growing, every_day in (("en", "grow every day", "after closing"), ("zh", "积压逐日增加", "闭馆后")):
        with messages.using(language):
            (first,), (second,) = (overload_sentences("B", ones) for ones in (behind_, evening))
            assert growing in first
            assert every_day in second
            assert growing not in second
            assert overload_sentences("A", []) == []


def test_where_a_plan_falls_behind_no_interval_is_that_of_a_steady_state():
    fine = hostile().scenario
    lost = hostile().changed(overrides={"demand": 3.0, "pools.window.servers": 5}).scenario
    short = [hall.model_copy(update={"run": hall.run.model_copy(update={"days": 3})}) for hall in (fine, lost)]
    both = compared(*short, replications=2)
    with messages.using("en"):
        covers = coverage(both, "en")
        assert "no long-run value" not in covers["A"]
        assert "no long-run value" in covers["B"]
        assert "no long-run value" in coverage_of_difference(both, "en")
        assert coverage_of(both) == f"Plan A: {covers['A']} Plan B: {covers['B']}"
        assert coverage_of(textbook_comparison()) == coverage(textbook_comparison(), "en")["A"]
        assert "no long-run value" not in coverage_of_difference(textbook_comparison(), "en")


def test_a_sample_travels_whole_and_its_names_are_kept_once():
    samples = hostile_comparison().runs[0].samples[:2]
    first, second = (pickle.loads(pickle.dumps(sample)) for sample in samples)  # noqa: S301 - ours
    assert first.names == samples[0].names
    assert np.array_equal(first.values, samples[0].values, equal_nan=True)
    assert np.array_equal(first.curves.waited, samples[0].curves.waited)
    assert first.names is second.names


def test_nobody_at_a_pool_with_work_is_the_worst_overload():
    found = behind(hostile().changed(overrides={"demand": 3.0, "pools.window.servers": 0}), "en")
    assert math.isinf(found[0].utilisation)
    assert len(found) == 2
    with messages.using("en"):
        assert "nobody is there" in overload_list(found)


@for_each(
    ("mean", "half_width", "places"),
    [(0.23, 0.02, 2), (0.23, 0.2, 1), (0.23, 0.0001, 3), (0.23, 0.0, 1), (4_177.0, 54.0, 0), (239.2, 4.0, 1)],
)
def test_a_narrow_interval_is_written_with_the_decimals_that_show_it(mean, half_width, places):
    one = Interval(mean, mean - half_width, mean + half_width, 0.95, "mean", 20)
    assert places_of([one], metric_of("ticket_wait_mean_min")) == places


# ---- tables --------------------------------------------------------------------------------------------------------


def test_every_published_figure_is_shown_with_its_verdict():
    table = targets_frame(hostile_comparison(), "en").set_index(["plan", "metric"])
    assert table.loc[("A", "visits_per_day"), "verdict"] == "inside"
    assert table.loc[("A", "touched_median.permit"), "verdict"] == "outside"
    assert table.loc[("B", "no_such_metric"), "verdict"] == "unknown"
    assert table.loc[("B", "no_such_metric"), "title"] == "no_such_metric"
    assert len(table) == 6


def test_a_mean_that_agrees_while_its_interval_reaches_further_is_told_from_one_that_agrees():
    comparison = hostile_comparison()
    interval = comparison.difference("visits_per_day").base
    target = hostile().scenario.targets["visits_per_day"]

    def verdict(low, high):
        changed = target.model_copy(update={"low": low, "high": high})
        a, b = comparison.runs
        scenario = a.scenario.model_copy(update={"targets": {"visits_per_day": changed}})
        return targets_frame(Comparison((replace(a, scenario=scenario), b)), "en")["verdict"].iloc[0]

    assert verdict(interval.estimate - 0.01, interval.estimate + 0.01) == "leaning"
    assert verdict(interval.estimate + 0.01, interval.high + 1) == "undecided"
    assert verdict(interval.high + 1, interval.high + 2) == "outside"


def test_the_export_has_every_metric_with_both_means_and_the_difference():
    comparison = hostile_comparison()
    table = metrics_frame(comparison, "zh")
    assert set(table["metric"]) == set(comparison.metrics)
    assert not any(":" in metric for metric in table["metric"])
    assert set(table["plan"]) == {"B"}
    finite = table.dropna(subset=["base_mean", "plan_mean", "difference_mean"])
    finite = finite[np.isfinite(finite[["base_mean", "plan_mean"]]).all(axis=1)]
    assert len(finite) > 30
    wait = table[table["metric"] == "open_cases"].iloc[0]
    assert wait["difference_mean"] == pytest.approx(wait["plan_mean"] - wait["base_mean"])


def test_titles_name_services_pools_limits_and_purposes_in_the_language():
    scenario = hostile().scenario
    assert "<u>许可</u>" in metric_title("elapsed_mean_days.permit", scenario, "zh")
    assert "Window" in metric_title("utilisation.window", scenario, "en")
    assert "15" in metric_title("ticket_wait_within_15_share", scenario, "en")
    assert metric_title("purpose_visits_per_day.apply", scenario, "zh") == "日均人次：申请"
    assert metric_title("purpose_visits_per_day.apply", scenario, "en") == "Visits a day: application"


def test_the_provenance_frame_gives_each_number_to_the_most_precise_entry():
    table = provenance_frame(hostile()).set_index("path")
    assert table.loc["pools.*.servers", "numbers"] == 3
    assert table.loc["pools.*.servers", "kind"] == "published"
    assert table.loc["arrivals.applicants.per_day", "value"] == "26"
    assert table.loc["arrivals.applicants.per_day", "source"] == "2 x 4"
    assert table.loc["*", "range"] == "0 … 1"


@pytest.mark.parametrize("name", ["honghuagang-2013", "honghuagang-2014"])
def test_no_number_of_a_built_in_scenario_is_missing_from_its_provenance_frame(name):
    table = provenance_frame(composed(name))
    assert "unsourced" not in set(table["kind"])
    assert table["numbers"].sum() > 1_000


def test_numbers_without_a_source_are_shown_first():
    bare = composed("textbook-mm3", overrides={"provenance": {}})
    table = provenance_frame(bare)
    assert table["kind"].tolist()[0] == "unsourced"
    assert table["numbers"].iloc[0] > 3


def test_a_plan_with_a_merged_pool_is_measured_where_the_work_is_done():
    scenario = compose("textbook-mm3", overrides={"run.days": 2})
    assert "utilisation.windows" in replicate(scenario, replications=1).summaries


def test_tables_of_a_log_and_refusals_of_a_choice_name_no_option_of_the_command_line():
    shown = ("discovery.finding.", "eventlog.fault.", "eventlog.note.", "statistics.select.")
    off_the_page = {"eventlog.fault.zone"}
    texts = {
        key: text for key, text in messages.catalogue().items() if key.startswith(shown) and key not in off_the_page
    }
    assert any("--" in text["en"] for text in texts.values())
    with_options = {
        (key, language): left
        for key, text in texts.items()
        for language in messages.LANGUAGES
        if "--" in (left := without_options(text[language]))
    }
    assert with_options == {}


def test_brackets_without_an_option_stay():
    for text in ("Mean wait (min)", "the rest (37%) – so", "a -- b (see there)", "服务台（两人）"):
        assert without_options(text) == text


def test_difference_of_a_share_is_written_in_points_and_a_mean_in_per_cent():
    metric, interval = metric_of("unserved_share"), Interval(0.013, 0.01, 0.0159, level=0.95, covers="mean", n=6)
    with messages.using("en"):
        assert range_of(interval, metric, places=2, signed=True) == "+1.00 to +1.59 points"
        assert range_of(interval, metric, places=2) == "1.00% to 1.59%"
        assert range_of(interval, metric_of("ticket_wait_mean_min"), places=2, signed=True) == "+0.01 to +0.02"
