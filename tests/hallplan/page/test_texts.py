"""Sentences and numbers of the page, word by word, in both languages."""

import math
from types import SimpleNamespace

import pytest
from cases import for_each
from page_samples import hostile_comparison, textbook_comparison

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.plans import lever_catalogue
from hallplan.page.results import Overload
from hallplan.page.text import (
    change,
    coverage_of,
    labels,
    lever_help,
    number,
    overload_list,
    overload_sentences,
    places_of,
    plain,
    precision_sentences,
    published,
    range_of,
    say,
    sentence,
    together,
    without_options,
)
from sim.measure import metric_of
from sim.statistics import Interval

LANGUAGES = pytest.mark.parametrize("language", messages.LANGUAGES)
MINUTES, SHARE, COUNT = metric_of("ticket_wait_mean_min"), metric_of("unserved_share"), metric_of("visits_per_day")
OVERLOADS = (
    Overload("Desk", 1.25, grows=True),
    Overload("Office", math.inf, grows=True),
    Overload("*Bus*", 1.1, False),
)


def interval(low, high, estimate=None):
    return Interval((low + high) / 2 if estimate is None else estimate, low, high, 0.95, "mean", 9)


@LANGUAGES
def test_overloads_are_named_by_what_becomes_of_them(language, snapshot):
    with messages.using(language):
        assert [overload_list(OVERLOADS), *overload_sentences("B", OVERLOADS)] == snapshot
        assert overload_sentences("A", ()) == []


def progress(*, number_, reached=None):
    comparison = hostile_comparison()
    return SimpleNamespace(replications=number_, reached=reached, runs=comparison.runs)


def reached(*, confirmed, relative=(0.123, math.inf)):
    keys = ("ticket_wait_mean_min", "elapsed_mean_days.permit")
    figures = tuple(SimpleNamespace(metric=key, relative=value) for key, value in zip(keys, relative, strict=True))
    return SimpleNamespace(confirmed=confirmed, figures=figures)


@LANGUAGES
def test_how_precise_the_results_are_is_said_at_every_stage(language, snapshot):
    cases = {
        "a stated number": (progress(number_=12), 12),
        "a stated number so far": (progress(number_=5), 12),
        "more than stated": (progress(number_=13), 12),
        "reached": (progress(number_=40, reached=reached(confirmed=True)), 200),
        "reached at the most": (progress(number_=200, reached=reached(confirmed=True)), 200),
        "missed": (progress(number_=200, reached=reached(confirmed=False)), 200),
        "so far": (progress(number_=40, reached=reached(confirmed=False)), 200),
    }
    with messages.using(language):
        said = {
            name: precision_sentences(comparison, precision=0.0333, most=most)
            for name, (comparison, most) in cases.items()
        }
    assert said == snapshot


@LANGUAGES
def test_intervals_of_both_plans_are_said_together_where_they_agree(language, snapshot):
    with messages.using(language):
        assert coverage_of(textbook_comparison()) == snapshot
        assert together("One.", "Two.", "Three.") == snapshot(name="together")


@LANGUAGES
def test_a_lever_is_explained_with_its_source_and_its_cost(language, snapshot):
    with messages.using(language):
        names = ("appointments", "online-pre-check", "tidal-windows")
        assert [lever_help(lever_catalogue()[name]) for name in names] == snapshot


def text_of(word):
    return SimpleNamespace(said=lambda language: word)


def test_a_lever_without_a_source_or_a_reason_has_no_empty_lines():
    cost = SimpleNamespace(one_off_yuan=0, every_year_yuan=0, note=text_of("free"))
    for why, source, lines in (("", "", 1), ("why", "", 2), ("why", "who", 3)):
        lever = SimpleNamespace(spec=SimpleNamespace(cost=cost, why=text_of(why), source=text_of(source)))
        with messages.using("en"):
            assert len(lever_help(lever).split("\n\n")) == lines


@for_each(
    "value, metric, options, text",
    [
        (1.04, MINUTES, {"signed": True}, "+1.0"),
        (0.0, MINUTES, {"signed": True}, "0.0"),
        (-1.04, MINUTES, {"signed": True}, "−1.0"),
        (1.04, MINUTES, {}, "1.0"),
        (1.04, MINUTES, {"places": 2}, "1.04"),
        (0.5, SHARE, {}, "50.0%"),
    ],
)
def test_a_value_is_written_with_its_sign_and_decimals(value, metric, options, text):
    assert number(value, metric, **options) == text


def test_a_published_figure_keeps_its_digits():
    assert published(0.943, SHARE) == "94.3%"
    assert published(0.9123456789, SHARE) == "91.2346%"
    assert published(1_234.5, COUNT) == "1,234.5"


@for_each(
    "candidates, metric, places",
    [
        ([], MINUTES, 0),
        ([interval(4.9, 5.1)], MINUTES, 1),
        ([interval(4.99, 5.01)], MINUTES, 2),
        ([interval(4.9999, 5.0001)], MINUTES, 3),
        ([interval(4.0, 6.0)], MINUTES, 1),
        ([interval(5.0, 5.0)], MINUTES, 1),
        ([interval(-math.inf, math.inf, 5.0)], MINUTES, 1),
        ([interval(0.49, 0.51)], SHARE, 1),
        ([interval(0.4999, 0.5001)], SHARE, 2),
        ([interval(0.0049, 0.0051)], SHARE, 2),
        ([interval(4.0, 6.0), interval(4.99, 5.01)], MINUTES, 2),
        ([interval(1990.0, 2010.0)], COUNT, 0),
    ],
)
def test_intervals_have_the_decimals_that_their_widths_tell(candidates, metric, places):
    assert places_of(candidates, metric) == places


@for_each(
    "ends, metric, options, text",
    [
        (interval(1.0, 2.0), MINUTES, {}, "1.0 to 2.0"),
        (interval(1.0, 2.0), MINUTES, {"places": 0}, "1 to 2"),
        (interval(-1.0, 2.0), MINUTES, {"signed": True}, "−1.0 to +2.0"),
        (interval(1.0, 1.0), MINUTES, {}, "1.0"),
        (interval(1.0, math.inf, 2.0), MINUTES, {}, "no interval"),
        (interval(-math.inf, 1.0, 0.0), MINUTES, {}, "no interval"),
        (interval(0.01, 0.02), SHARE, {}, "1.0% to 2.0%"),
        (interval(0.01, 0.02), SHARE, {"signed": True}, "+1.0 to +2.0 points"),
        (interval(0.01, 0.01), SHARE, {"signed": True}, "+1.0 points"),
        (interval(1.00010, 1.00020), MINUTES, {}, "1.0001 to 1.0002"),
        (interval(1.00001, 1.00002), MINUTES, {}, "1.0"),
    ],
)
def test_a_range_is_written_by_its_ends_as_far_as_they_can_be_told_apart(ends, metric, options, text):
    with messages.using("en"):
        assert range_of(ends, metric, **options) == text


def test_a_difference_of_a_share_is_in_points():
    with messages.using("en"):
        assert change(interval(0.01, 0.03), SHARE) == "+2.0 points"
        assert change(interval(-3.0, -1.0), MINUTES, places=2) == "−2.00"


def test_labels_are_those_of_the_language_when_they_were_made():
    with messages.using("zh"):
        label = labels(("A", "B"), lambda letter: say("plan_letter", plan=letter))
    with messages.using("en"):
        assert (label("A"), label("B")) == ("方案 A", "方案 B")


def test_a_name_is_on_one_line_and_an_error_without_options():
    assert plain(" a\n\tb * c ") == "a b \\* c"
    assert without_options("Give a name (--name NAME).") == "Give a name."
    assert without_options("给出名称（--name）。") == "给出名称。"
    error = HallplanError("page.link.no_scenario", name="a_b")
    assert sentence(error) == plain(error.sentence())
