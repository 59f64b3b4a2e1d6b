"""``hallplan backtest``: figures in words and JSON, its files, and what is refused."""

import json
from pathlib import Path

import jsonschema
import pytest

import hallplan

PAGES = Path(hallplan.__file__).resolve().parents[1] / "docs" / "reference"
SCHEMA = json.loads((PAGES / "cli-output.schema.json").read_text(encoding="utf-8"))
SHORT = ("--set", "run.days=10", "--set", "run.warm_up_days=0", "--set", "run.follow_up_days=0")


@pytest.fixture
def saved(ask, tmp_path):
    """Save a forecast of the township desk, and a log of tickets for which more visitors came."""
    forecast, log = str(tmp_path / "forecast"), str(tmp_path / "tickets.csv")
    assert ask("run", "township-desk", *SHORT, "--reps", "1", "--out", forecast).code == 0
    more = ("--set", "demand=2", "--seed", "9", "--reps", "1", "--event-log", log, "--event-log-kind", "tickets")
    assert ask("run", "township-desk", *SHORT, *more).code == 0
    return forecast, log


def test_figures_are_printed_in_both_languages(ask, saved):
    out = ask("backtest", *saved).out
    assert "Held against tickets from 2014-03-03 to 2014-03-14, 10 working days." in out
    row = next(line for line in out.splitlines() if line.startswith("Rows of the log a day"))
    assert row.split()[-1] == "yes"
    assert " no " in row
    assert "叫号记录检验，共 10 个工作日" in ask("backtest", *saved, "--lang", "zh").out


def test_the_document_agrees_with_python_and_the_schema(ask, saved):
    document = ask("backtest", *saved, "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    result = hallplan.backtest(*saved)
    assert document["demand"] == result.demand > 1.5
    assert [row["observed"] for row in document["figures"]] == [figure.observed for figure in result.figures]


def test_table_and_chart_are_files(ask, saved, tmp_path):
    out = tmp_path / "out"
    assert ask("backtest", *saved, "--out", str(out), "--format", "csv").code == 0
    assert {"figures.csv", "backtest.html", "result.json"} <= {file.name for file in out.iterdir()}


def test_what_is_no_forecast_or_no_log_is_one_sentence(ask, saved, tmp_path):
    for words in ((str(tmp_path / "none"), saved[1]), (saved[0], str(tmp_path / "none.csv"))):
        answer = ask("backtest", *words)
        assert (answer.code, answer.out) == (1, "")
        assert len(answer.err.strip().splitlines()) == 1
    assert ask("backtest", *saved, "--reps", "38").code == 2
