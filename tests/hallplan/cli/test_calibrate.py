"""`hallplan calibrate`, and runs with draws of a posterior, from the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from calibration.posterior.article import Settings

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.usefixtures("shared_results")
SMALL = ("--days", "2", "--reps", "2", "--metric", "wait_mean_min")


def test_the_report_says_what_is_learnt(ask):
    answer = ask("calibrate", "report")
    assert answer.code == 0
    for words in ("calibrated", "left out", "Variance taken away", "census", "uncertain parameters are narrowed"):
        assert words.lower() in answer.out.lower()
    assert "services.*.visits.*.window.work" not in answer.out
    assert "services.*.visits.*.window.work" in ask("calibrate", "report", "--all").out


def test_the_report_is_in_chinese_too(ask):
    answer = ask("calibrate", "report", "--lang", "zh")
    assert "报道对参数的约束" in answer.out
    assert "留一预测" in answer.out
    assert not any(unit in answer.out for unit in (" a week ", " working days ", " factor "))
    assert "次/周" in answer.out


def test_the_report_as_json(ask):
    document = ask("calibrate", "report", "--json").document
    jsonschema.validate(document, SCHEMA)
    assert document["command"] == "calibrate-report"
    assert {one["word"] for one in document["posterior"]["parameters"]} >= {"calibrated", "assumed"}


def test_nothing_asked_for_shows_what_there_is(ask):
    answer = ask("calibrate")
    assert answer.code == 2
    assert "article" in answer.out


@pytest.mark.slow
def test_the_best_can_be_chosen_with_draws_of_the_posterior(ask):
    words = ("select", "honghuagang-2014", "--lever", "add-staff:pool=window-labour", "--metric", "wait_mean_min")
    answer = ask(*words, "--budget", "40", "--posterior", "--json", "--days", "1", "--set", "run.warm_up_days=0")
    assert answer.code == 0
    jsonschema.Draft202012Validator(SCHEMA).validate(answer.document)
    assert answer.document["posterior"]["draws"] > 100
    assert "draws that agree with the evidence" in answer.document["message"]


def test_a_folder_without_a_posterior_is_one_sentence(ask, tmp_path):
    for words in (
        ("calibrate", "report", str(tmp_path)),
        ("run", "honghuagang-2014", "--posterior-from", str(tmp_path)),
    ):
        answer = ask(*words)
        assert answer.code == 1
        assert answer.err.count("\n") == 1
        assert "no posterior in" in answer.err


@pytest.mark.slow
def test_a_run_prints_both_intervals(ask):
    answer = ask("run", "honghuagang-2014", "--posterior", *SMALL)
    assert answer.code == 0
    assert "with parameters" in answer.out
    assert "random variation only" in answer.out
    assert "--reps 100" in answer.out


@pytest.mark.slow
def test_a_run_as_json_has_both_intervals(ask):
    document = ask("run", "honghuagang-2014", "--posterior", "--json", *SMALL).document
    jsonschema.validate(document, SCHEMA)
    (metric,) = document["metrics"]
    assert document["posterior"]["draws"] > 100
    assert metric["with_parameters"]["replications"] == 2
    assert metric["low"] != metric["with_parameters"]["low"]
    plain = ask("run", "honghuagang-2014", "--json", *SMALL).document
    assert plain["posterior"] is None
    assert "with_parameters" not in plain["metrics"][0]
    assert plain["metrics"][0]["mean"] == metric["mean"], "the first interval is that without a posterior"


@pytest.mark.slow
def test_a_comparison_prints_both_intervals(ask):
    words = ("compare", "honghuagang-2014", "--lever", "pooled-windows", "--posterior")
    assert "with parameters" in ask(*words, *SMALL).out
    document = ask(*words, "--json", *SMALL).document
    jsonschema.validate(document, SCHEMA)
    assert document["metrics"][0]["differences"][0]["with_parameters"]["replications"] == 2


@pytest.mark.slow
def test_results_in_a_folder_hold_the_drawn_runs(ask, tmp_path):
    out = tmp_path / "out"
    assert ask("run", "honghuagang-2014", "--posterior", "--out", str(out), "--format", "csv", *SMALL).code == 0
    assert (out / "posterior_summaries.csv").exists()
    assert ask("run", "honghuagang-2014", "--posterior", "--out", str(out), "--format", "csv", *SMALL).code == 1


@pytest.mark.parametrize("words", [("--precision", "5%"), ("--reps", "auto")])
def test_a_precision_and_a_posterior_exclude_each_other(ask, words):
    answer = ask("run", "honghuagang-2014", "--posterior", *words)
    assert answer.code == 2
    assert "exclude each other" in answer.err


def test_a_scenario_that_was_not_calibrated_is_refused(ask):
    answer = ask("run", "textbook-mm3", "--posterior")
    assert answer.code == 1
    assert "shares no assumed number" in answer.err


def test_a_posterior_is_not_overwritten_unasked(ask, tmp_path):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    answer = ask("calibrate", "article", "--out", str(tmp_path))
    assert answer.code == 1
    assert "--force" in answer.err


@pytest.mark.slow
def test_the_same_seed_writes_the_same_bytes_on_any_number_of_workers(ask, tmp_path, monkeypatch):
    tiny = Settings(design=16, refine=4, particles=64, candidates=6, draws=4, days=3)
    monkeypatch.setattr("calibration.posterior.article.QUICK", tiny)
    contents = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        answer = ask("calibrate", "article", "--quick", "--workers", workers, "--out", str(out))
        assert answer.code == 0, answer.err
        contents.append({file.name: file.read_bytes() for file in sorted(out.iterdir())})
    assert contents[0] == contents[1]
    assert "not a posterior to rely on" in answer.out
    assert ask("run", "honghuagang-2014", "--posterior-from", str(tmp_path / "1"), *SMALL).code == 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_leaves_nothing_half_written(tmp_path):
    out, program = tmp_path / "out", Path(sys.executable).with_name("hallplan")
    words = [str(program), "calibrate", "article", "--quick", "--workers", "2", "--out", str(out), "--lang", "en"]
    process = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background work ignores Ctrl-C, and hands that on: the tests may be such work, a person is not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    time.sleep(15)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert said.startswith("hallplan: Interrupted")
    assert "Traceback" not in said
    assert not out.exists()
