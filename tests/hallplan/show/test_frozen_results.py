"""What is printed of results: tables in both languages and documents, whole, from numbers typed by hand."""

import pytest
from report_samples import (
    SHOWN,
    beginning,
    comparison_report,
    document_text,
    run_report,
    selection_report,
    text_of,
)

from foundation import messages
from hallplan.show.comparison import compare_document, compare_tables
from hallplan.show.controls import controls_table
from hallplan.show.run import run_document, run_table
from hallplan.show.selection import select_document, select_tables
from hallplan.show.warm_up import warm_up_document, warm_up_table

LANGUAGES = ("en", "zh")


@pytest.mark.parametrize("kind", ["plain", "single", "full"])
def test_a_run_is_printed_as_it_was(snapshot, kind):
    report = run_report(kind)
    shown = ["wait_within_15_share", "cost_per_day"] if kind == "single" else SHOWN
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(run_table(report, shown)) == snapshot(name=language)
    with messages.using("en"):
        assert document_text(run_document(report, shown[:4])) == snapshot(name="document")


def test_control_variates_are_printed_as_they_were(snapshot):
    report = run_report("full")
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(controls_table(report.controls, SHOWN, regime=report.outlook.regime)) == snapshot


@pytest.mark.parametrize("kind", ["plain", "full"])
def test_a_comparison_is_printed_as_it_was(snapshot, kind):
    report = comparison_report(kind)
    shown = ["visits_per_day"] if kind == "plain" else SHOWN
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(compare_tables(report, shown)) == snapshot(name=language)
    with messages.using("en"):
        assert document_text(compare_document(report, shown[:2])) == snapshot(name="document")


@pytest.mark.parametrize("kind", ["guaranteed", "stopped", "budget"])
def test_a_selection_is_printed_as_it_was(snapshot, kind):
    report, result = selection_report(kind)
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(select_tables(report)) == snapshot(name=language)
    with messages.using("en"):
        assert document_text(select_document(report, result)) == snapshot(name="document")


@pytest.mark.parametrize("kind", ["settled", "short", "behind"])
def test_the_beginning_of_a_run_is_printed_as_it_was(snapshot, kind):
    report, result = beginning(kind)
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(warm_up_table(report)) == snapshot(name=language)
    document = warm_up_document(report, result)
    document["curve"] = document["curve"][::10]
    assert document_text(document) == snapshot(name="document")
