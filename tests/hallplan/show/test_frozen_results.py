"""What is printed of results: tables in both languages and documents, whole, from numbers typed by hand."""

from dataclasses import replace

import pytest
from report_samples import (
    SHOWN,
    beginning,
    comparison_report,
    curves,
    document_text,
    first,
    hall,
    outlook,
    replications,
    result_of,
    run_report,
    selection_report,
    text_of,
)

from foundation import messages
from hallplan.show.comparison import ComparisonReport, compare_document, compare_tables
from hallplan.show.controls import controls_table
from hallplan.show.notes import omissions
from hallplan.show.run import RunReport, run_document, run_table
from hallplan.show.selection import SelectionReport, select_document, select_tables
from hallplan.show.warm_up import warm_up_document, warm_up_table
from planner.compare import Comparison
from planner.warm_up import Beginning, from_the_beginning

LANGUAGES = ("en", "zh")


# ---- edges ---------------------------------------------------------------------------------------------------------


def test_a_warm_up_has_at_most_twenty_four_rows():
    scenario = from_the_beginning(hall().scenario, 130)
    for days, rows in ((5, 1), (6, 2), (120, 24), (121, 13), (240, 24), (241, 17)):
        values = [1.0] * days
        run = replications(scenario, {"open_cases": [1.0, 1.0]}, curves=[curves(values)] * 2)
        assert len(warm_up_table(Beginning(scenario, 2, run)).rows) == rows


def test_two_replications_have_an_interval_and_one_has_none():
    for number, covered in ((1, False), (2, True)):
        runs = [replications(hall().scenario, first(number)) for _ in range(2)]
        result = result_of(*runs)
        report = RunReport(result, outlook(hall()))
        compared = ComparisonReport(result, Comparison.of(result), [outlook(hall())] * 2)
        with messages.using("en"):
            notes = [
                run_table(report, ["ticket_wait_mean_min"]).notes,
                compare_tables(compared, ["ticket_wait_mean_min"])[-1].notes,
            ]
            assert [any("Monte-Carlo interval" in note for note in text) for text in notes] == [covered] * 2
            single = messages.text("cli.note.single")
            assert [any(note.endswith(single) for note in text) for text in notes] == [not covered] * 2


def test_half_a_per_cent_that_came_to_nothing_is_said_and_less_is_not():
    scenario = hall().scenario
    for share, notes in ((0.005, 2), (0.00499, 0)):
        numbers = {"unserved_share": (share,) * 2, "wait_uncalled_share": (share,) * 2, "wait_all_mean_min": (6.0,) * 2}
        run = replications(scenario, numbers)
        assert len(omissions(run, ["wait_q90_min"])) == notes
        assert len(omissions(run, ["open_cases"])) == notes / 2, "no wait is shown"
    assert omissions(replications(scenario, {"open_cases": (1.0, 2.0)}), ["ticket_wait_mean_min"]) == []


def test_a_single_contender_is_no_tie():
    report, _ = selection_report("guaranteed")
    alone = replace(report.best, selection=replace(report.best.selection, in_contention=(1,)))
    with messages.using("en"):
        tied = messages.text("cli.select.tied", n=1)
        notes = [select_tables(SelectionReport(best, report.outlooks))[0].notes for best in (report.best, alone)]
    assert tied not in notes[1]
    assert len(notes[0]) == len(notes[1]) + 1


# ---- whole texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "single", "full"])
def test_a_run_is_printed_as_it_was(snapshot, kind):
    report = run_report(kind)
    shown = ["ticket_wait_within_15_share", "cost_per_day"] if kind == "single" else SHOWN
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
