"""``hallplan today``: the rest of a day in words and JSON, its files, its template, following a file, and refusals."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
from cases import for_each
from hall_now import HALL

import hallplan

PAGES = Path(hallplan.__file__).resolve().parents[1] / "docs" / "reference"
SCHEMA = json.loads((PAGES / "cli-output.schema.json").read_text(encoding="utf-8"))
STATE = """what,pool,time
now,,2026-03-02 10:30
ticket,window,10:10
ticket,window,10:15
ticket,window,10:20
serving,window,10:25
serving,window,10:28
"""


def files(tmp_path) -> tuple[str, str]:
    scenario, state = tmp_path / "hall.toml", tmp_path / "state.csv"
    scenario.write_text(HALL, encoding="utf-8")
    state.write_text(STATE, encoding="utf-8")
    return str(scenario), str(state)


def test_the_rest_of_the_day_is_printed(ask, tmp_path):
    scenario, state = files(tmp_path)
    out = ask("today", scenario, "--state", state, "--reps", "39").out
    row = next(line for line in out.splitlines() if line.startswith("Windows")).split()
    assert row[1:7] == ["3", "2", "10:45", "10:45", "18", "18"]
    assert "One more window saves most waiting at Windows until" in out
    assert "15 minutes of all visitors together" in out
    assert re.search(r"An hour of work saves most at .*: \d+ minutes \(\d+ to \d+\)\.", out)
    assert "自 2026-03-02 10:30 起" in ask("today", scenario, "--state", state, "--reps", "39", "--lang", "zh").out


def test_the_document_agrees_with_python_and_the_schema(ask, tmp_path):
    scenario, state = files(tmp_path)
    document = ask("today", scenario, "--state", state, "--reps", "39", "--seed", "3", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    result = hallplan.today(scenario, state, replications=39, seed=3)
    assert document["pools"][0]["ticket_wait_min"] == result.pools[0].ticket_wait.median == 18
    assert (document["now"], document["waiting"], document["seed"]) == ("2026-03-02 10:30:00", 3, 3)


def test_tables_and_charts_are_files(ask, tmp_path):
    scenario, state = files(tmp_path)
    out = tmp_path / "out"
    assert ask("today", scenario, "--state", state, "--reps", "39", "--out", str(out), "--format", "csv").code == 0
    assert {"pools.csv", "openings.csv", "queues.csv", "queues.html", "result.json"} <= {f.name for f in out.iterdir()}
    assert "<h2>Windows: how many will be waiting?</h2>" in (out / "queues.html").read_text(encoding="utf-8")


def test_a_template_is_written_and_opens(ask, tmp_path):
    scenario, _ = files(tmp_path)
    template = tmp_path / "new.xlsx"
    assert f"is written to {template}" in ask("today", scenario, "--template", str(template)).out
    assert ask("today", scenario, "--state", str(template), "--reps", "39").code == 0
    assert ask("today", scenario, "--template", str(template)).code == 1


def test_a_followed_file_is_read_again_until_ctrl_c(tmp_path):
    scenario, state = files(tmp_path)
    words = [sys.executable, "-m", "hallplan.cli", "today", scenario, "--state", state, "--reps", "39", "--follow"]
    log = (tmp_path / "log").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        words,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "HALLPLAN_LANG": "en"},
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )

    def wait_for(text: str) -> str:
        end = time.monotonic() + 90
        while time.monotonic() < end and process.poll() is None:
            content = (tmp_path / "log").read_text(encoding="utf-8")
            if text in content:
                return content
            time.sleep(0.1)
        raise AssertionError((tmp_path / "log").read_text(encoding="utf-8"))

    wait_for("from 10:30 on 2026-03-02")
    Path(state).write_text(STATE.replace("10:10", "nonsense"), encoding="utf-8")
    wait_for("“nonsense” is no time of day")
    Path(state).write_text(STATE.replace("10:30", "10:31"), encoding="utf-8")
    wait_for("from 10:31 on 2026-03-02")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 130
    log.close()


@for_each(
    "words, code, sentence",
    [
        ((), 2, "--state FILE"),
        (("--state", "a.csv", "--template", "b.csv"), 2, "--template FILE"),
        (("--state", "a.csv", "--follow", "--json"), 2, "leave out --json"),
        (("--template", "b.toml"), 2, "ends in one of .csv"),
        (("--state", "none.csv"), 1, "can't be read"),
        (("--state", "none.csv", "--reps", "38"), 2, "39"),
    ],
)
def test_what_cannot_be_forecast_is_one_sentence(ask, tmp_path, words, code, sentence):
    scenario, _ = files(tmp_path)
    answer = ask("today", scenario, *words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1
