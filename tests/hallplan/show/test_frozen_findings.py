"""What is printed of logs, posteriors and verification: tables in both languages and documents, by hand."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from report_samples import INF, NAN, document_text, text_of

from calibration.discovery.accuracy.accuracy import Accuracy
from calibration.discovery.findings.cautions import Caution
from calibration.discovery.findings.finding import Finding
from calibration.discovery.timing.decomposition import TimeDecomposition
from calibration.eventlog.table import EventLog, Note, Rejected
from foundation import messages
from hallplan.show.log import log_document, log_tables, result_tables
from hallplan.show.posterior import posterior_document, posterior_tables
from hallplan.show.verification import verification_document, verification_table
from verification.check import Finding as CheckFinding
from verification.check import Simulated
from verification.checks import CHECKS

LANGUAGES = ("en", "zh")

FINDINGS = [
    Finding("arrivals", "", 41.237, 39.5, 43.1, unit="per_day", n=20, values={"days": 20}),
    Finding("rework", "tax", 0.0312, unit="ratio", n=12345),
    Finding("weekdays", "Monday", 1.31, 1.1, 1.5, "ratio", 20, 0.0004, "weekdays", {"verdict": "differs"}),
    Finding("dispersion", "", 1.0, 0.5, INF, "ratio", 20, 0.2513, "dispersion", {"verdict": "Poisson"}),
    Finding("zero_durations", "copy", 0.125, 0.1, 0.15, unit="share", n=80),
    Finding("open_cases", "", 1234.0, unit="count", n=1234),
    Finding("at_once", "", 2.5, 2.0, 3.0, unit="count", n=7),
    Finding("one_service", assumed=True),
    Finding("servers_at_least", "desk", assumed=True),
    Finding("no_rules", "guessed", 3.0, unit="count", n=3, p_value=0.001, assumed=True),
    *(Finding("overlap", f"step-{place}", 0.5, unit="share", n=100 - 10 * (place % 5)) for place in range(11)),
]


def decomposition(factor: float, n: int = 40, **parts: float) -> TimeDecomposition:
    hours = {"working": 2.0, "waiting": 3.0, "transfer": 0.0, "batching": 0.0, "outside": 1.0, **parts}
    closed = {"working": 0.5, "waiting": 16.0}
    elapsed = sum(hours.values()) + sum(closed.values()) + 0.25
    numbers = [factor * value for value in (elapsed, *hours.values(), sum(closed.values()), 0.25)]
    return TimeDecomposition(*numbers, n, {key: factor * value for key, value in closed.items()})


def accuracy() -> Accuracy:
    distance = {"simulated": 1.5, "low": 1.2, "high": 1.9, "log_halves": 0.8, "between_simulated": 0.6}
    forecast = {"log": 41.0, "earlier": 40.0, "simulated": 42.5, "low": 38.0, "high": 47.0, "inside": True}
    missed = forecast | {"log": 9.0, "earlier": NAN, "low": np.float64(10.0), "inside": np.False_}
    return Accuracy(
        dt.date(2031, 3, 17),
        dt.date(2031, 4, 1),
        cases=1500,
        logs=10,
        distances=pd.DataFrame([distance, distance | {"low": NAN, "high": NAN}], index=["n_gram", "cycle"]).rename_axis(
            "distance"
        ),
        forecasts=pd.DataFrame([forecast, missed], index=["arrivals_per_day", "cycle_mean_h"]).rename_axis("figure"),
        by_hour=pd.DataFrame(),
    )


def calibration(*, trial: bool, cautions: int = 0):
    rows = pd.DataFrame({"reason": ["eventlog.reason.stamp"] * 3 + ["eventlog.reason.no_case"]})
    notes = (Note("eventlog.note.kind_tickets", {}), Note("eventlog.note.hashed", {"columns": "Name"}))
    log = EventLog(pd.DataFrame(), "tickets", {"case": "No"}, notes, Rejected(rows), 12345)
    reasons = (
        *(Caution("dates"), Caution("few", {"cases": 40}), Caution("bare", {"share": 0.25})),
        *(Caution("servers", {"n": 1, "pools": 3}), Caution("untried")),
    )
    return SimpleNamespace(
        log=log,
        discovery=SimpleNamespace(
            findings=FINDINGS,
            traces=SimpleNamespace(kind="tickets", n_cases=12000),
            first_day=dt.date(2031, 3, 3),
            last_day=dt.date(2031, 4, 1),
            decomposition=decomposition(1.0) if trial else decomposition(1.0, waiting=0.0, outside=0.0),
        ),
        accuracy=accuracy() if trial else None,
        rebuilt=decomposition(1.25, 44) if trial else None,
        cautions=reasons[:cautions],
        toml="format = 1\n",
    )


@pytest.mark.parametrize(("trial", "cautions"), [(False, 2), (True, 4)])
def test_what_a_log_shows_is_printed_as_it_was(snapshot, trial, cautions):
    result = calibration(trial=trial, cautions=cautions)
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(log_tables(result, every=trial)) == snapshot(name=language)
    with messages.using("en"):
        document = log_document(result)
    document["findings"] = document["findings"][:9]
    assert document_text(document) == snapshot(name="document")


def test_all_reasons_are_listed_only_where_the_sentence_leaves_some_out():
    with messages.using("en"):
        title = messages.text("discovery.section.cautions")
        listed = [
            [table.title for table in result_tables(calibration(trial=True, cautions=n), every=every)].count(title)
            for every in (False, True)
            for n in (0, 3, 4)
        ]
        assert listed == [0, 0, 0, 0, 0, 1]
        (table,) = [
            table for table in result_tables(calibration(trial=True, cautions=4), every=True) if table.title == title
        ]
        assert len(table.notes) == 4
        brief, *rest = log_tables(calibration(trial=True, cautions=4))
        assert "--all" in brief.notes[0]
        assert title not in [table.title for table in rest]
        assert log_tables(calibration(trial=False))[0].title.startswith("Log: ")


def test_of_one_kind_the_findings_with_most_rows_are_shown():
    with messages.using("en"):
        table = result_tables(calibration(trial=False))[1]
        every = result_tables(calibration(trial=False), every=True)[1]
    overlaps = [row[1] for row in table.rows if row[1].startswith("step-")]
    # Eleven of them rest on 100, 90, 80, 70, 60 rows in turn: the eight largest, the later of equal ones left out.
    assert overlaps == [f"step-{place}" for place in (0, 1, 2, 3, 5, 6, 7, 10)]
    assert "3" in table.notes[0]
    assert len(every.rows) == len(table.rows) + 3
    assert len(every.notes) == len(table.notes) - 1


def test_where_time_goes_is_left_out_without_closed_cases():
    result = calibration(trial=False)
    with_it = len(result_tables(result))
    for nothing in (None, decomposition(1.0, n=0)):
        result.discovery.decomposition = nothing
        assert len(result_tables(result)) == with_it - 1


def span(low: float, high: float, **more: float) -> dict[str, float]:
    return {"low": low, "high": high, **more}


def parameter(name: str, word: str, unit: str, contraction: float) -> dict[str, object]:
    prior, posterior = span(1, 3), span(1.5, 2.25)
    return {
        "parameter": name,
        "word": word,
        "unit": unit,
        "prior": prior,
        "posterior": posterior,
        "contraction": contraction,
    }


def target(name: str, observed: dict[str, float | None], p: float, **more: object) -> dict[str, object]:
    title = {"en": name.title(), "zh": f"指标{name}"}
    posterior, left_out = span(0.91, 0.96), span(0.8, 0.99, p=p)
    return {"target": name, "title": title, "observed": observed, "posterior": posterior, "left_out": left_out, **more}


WAIT, OPEN = "harbour: wait_mean_min", "harbour: open_cases"
MANIFEST = {
    "hallplan": "0",
    "name": "article",
    "settings": {"design": 64, "candidates": 100},
    "diagnostics": {
        "kept": 12,
        "effective_share": 0.5,
        "rank": {"seen": 2, "parameters": 5},
        "conflicts": [{"first": "visits", "second": "staff"}],
    },
    "period": {"posterior": span(115.2, 1124.6)},
    "parameters": [
        parameter("pools.window.work_factor", "calibrated", "factor", 0.12),
        parameter("sites.hall.doors_open", "calibrated", "min", 0.9),
        parameter("services.a.work", "assumed", "working min", 0.0),
        parameter("services.b.delay", "derived", "working days", 0.05),
        parameter("arrivals.x", "assumed", "a week", 0.0),
        parameter("arrivals.y", "assumed", "", 0.0),
    ],
    "sensitivity": [
        {"parameter": "pools.window.work_factor", "forecast": OPEN, "total": 0.25},
        {"parameter": "pools.window.work_factor", "forecast": WAIT, "total": 0.625},
        {"parameter": "services.a.work", "forecast": OPEN, "total": 0.125},
    ],
    "targets": [
        target("visits", span(200, 1250), 0.049, strict=span(210, 240)),
        target("share", span(0.9, 0.95), 0.05, strict=span(0.92, 0.94)),
        target("whole", span(0.9, 1.0), 0.5),
        target("staff", {"low": None, "high": 155.0}, 0.5),
    ],
    "forecasts": [
        span(4.25, 6.5, forecast=WAIT, mean=5.0, chance=0.5, calibrated=0.125, assumed=0.375),
        span(1000, 1200, forecast=OPEN, mean=1100, chance=0.25, calibrated=0.0, assumed=0.75),
    ],
    "measurements": [
        {"forecast": WAIT, "title": {"en": f"Measure {place}", "zh": f"测量{place}"}, "narrowing": narrowing}
        for place, narrowing in enumerate((0.9, 0.0, 0.5, 0.25))
    ]
    + [{"forecast": OPEN, "title": {"en": "Count", "zh": "清点"}, "narrowing": 0.75}],
    "outside": [
        {
            "check": "busiest-window",
            "published": [42.0, 1500.0],
            "where": "elsewhere",
            "ours": span(20, 27.5, median=26.25),
        }
    ],
}


def test_a_posterior_is_printed_as_it_was(snapshot):
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(posterior_tables(MANIFEST)) == snapshot(name=language)
    with messages.using("en"):
        assert text_of(posterior_tables(MANIFEST, every=True)[0]) == snapshot(name="every")
        calm = MANIFEST | {"diagnostics": MANIFEST["diagnostics"] | {"conflicts": []}}
        assert posterior_tables(calm)[1].notes[-1] == messages.text("posterior.note.no_conflicts")
    document = posterior_document(MANIFEST, command="calibrate-report")
    assert document["command"] == "calibrate-report"
    assert document["posterior"] == {key: value for key, value in MANIFEST.items() if key != "hallplan"}


def check_finding(name: str, *, passed: bool, error: float = 0.1) -> CheckFinding:
    check = next(check for check in CHECKS if check.name == name)
    sample = Simulated(30, 100, 12000, 7)
    deviation = 2.54 if error else 0.0
    return CheckFinding(check, 4.123456, 4.377456, error, deviation, 3.29 if error else 0.0, passed, sample)


def test_verification_is_printed_as_it_was(snapshot):
    exact = "lindley-wait"
    findings = [
        check_finding("mm14-wait", passed=True),
        check_finding("mm14-wait", passed=False),
        check_finding(exact, passed=True, error=0.0),
        check_finding(exact, passed=False, error=0.0),
    ]
    for language in LANGUAGES:
        with messages.using(language):
            assert text_of(verification_table(findings, engine="simpy")) == snapshot(name=language)
    with messages.using("en"):
        assert document_text(verification_document(findings, engine="simpy")) == snapshot(name="document")
        assert verification_document(findings[:1], engine="compiled")["passed"]
