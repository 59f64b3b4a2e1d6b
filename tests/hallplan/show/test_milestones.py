"""The table and the document of milestones, of numbers stated by hand."""

import math

import numpy as np

from foundation import messages
from hallplan.show.milestones import has_milestones, milestones_document, milestones_table
from scenarios.compose.composing import compose
from sim.run.replications import Replications
from sim.run.sample import Sample

SERVICES = ("birth-certificate", "low-income-aid")
MILESTONES = ("accepted", "reviewed", "decided", "issued")  # no team of the township inspects


def township(**values: tuple[float, float]) -> Replications:
    """Return two replications; each service has medians 1, 2, 3 and 4, and has issued by day 3 what is stated."""
    columns: dict[str, tuple[float, float]] = {}
    for service in SERVICES:
        columns[f"cases_measured.{service}"] = (10.0, 30.0)
        for place, milestone in enumerate(MILESTONES):
            start = f"milestone_{milestone}"
            columns[f"{start}_median.{service}"] = (place + 1.0,) * 2
            columns[f"{start}_q95.{service}"] = (place + 2.0, math.inf)
            for day in (1, 2, 3):
                share = f"{start}_by_day_{day}_share.{service}"
                columns |= {f"{share}:num": (0.0, day * 10.0), f"{share}:den": (10.0, 30.0), share: (0.0, day / 3)}
    columns |= values
    scenario = compose("township-desk")
    samples = [Sample(tuple(columns), np.array(row)) for row in zip(*columns.values(), strict=True)]
    return Replications(scenario, 1, tuple(samples))


def test_the_table_has_a_row_a_service_the_one_with_most_cases_first():
    run = township(**{"cases_measured.low-income-aid": (20.0, 30.0)})
    with messages.using("en"):
        table = milestones_table(run)
    assert [column.title for column in table.columns][:3] == ["Service", "accepted", "inspected"]
    # issued by days 1, 2 and 3: 10, 20 and 30 of 40 cases
    cells = ("1.0 / ∞", "–", "2.0 / ∞", "3.0 / ∞", "4.0 / ∞", "25.0%", "50.0%", "75.0%")
    titles = ("Low-income aid", "Family planning service certificate")
    assert table.rows == tuple((title, *cells) for title in titles)
    assert len(table.notes) == 1


def test_services_without_cases_have_no_row_and_without_any_there_is_no_table():
    none = {f"cases_measured.{service}": (0.0, 0.0) for service in SERVICES}
    assert milestones_table(township(**none)) is None
    assert milestones_document(township(**none)) == []
    assert len(milestones_table(township(**dict(list(none.items())[:1]))).rows) == 1


def test_the_document_has_every_milestone_with_its_intervals():
    first, second = milestones_document(township())
    assert (first["service"], first["cases"], second["service"]) == (SERVICES[0], 20.0, SERVICES[1])
    assert [entry["milestone"] for entry in first["milestones"]] == list(MILESTONES)
    issued = first["milestones"][-1]
    assert (issued["median_day"]["mean"], issued["q95_day"]["mean"]) == (4.0, None)
    assert [(entry["day"], entry["share"]["mean"]) for entry in issued["by_day"]] == [(1, 0.25), (2, 0.5), (3, 0.75)]


def test_milestones_are_shown_where_no_metric_is_named_or_one_of_theirs():
    assert has_milestones(None)
    assert has_milestones(["visits_per_day", "milestone_issued_median.low-income-aid"])
    assert not has_milestones(["visits_per_day"])
