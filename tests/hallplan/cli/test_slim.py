"""``hallplan slim``: the answer in words and JSON, its files, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from cases import for_each

import hallplan
from hallplan.show.slim import slim_tables
from planner.slim import Range, SlimGoal

SCHEMA = json.loads(
    (Path(hallplan.__file__).resolve().parents[1] / "docs/reference/cli-output.schema.json").read_text(encoding="utf-8")
)
HALL = """
format = 1
name = "departments"
run = { start = 2014-03-03, days = 10 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window-a = { servers = 2, title = { en = "Window A", zh = "窗口甲" } }
pools.window-b.servers = 2
services.a.visits.apply.serve = { pool = "window-a", work = "8 min", mark = "finished" }
services.b.visits.apply.serve = { pool = "window-b", work = "8 min", mark = "finished" }
arrivals.a = { services = "a", per_day = 60 }
arrivals.b = { services = "b", per_day = 50 }
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "hall.toml"
    path.write_text(HALL, encoding="utf-8")
    return str(path)


def test_the_answer_is_printed_in_both_languages(ask, file):
    out = ask("slim", file, "--penalty", "0").out
    assert "no department's visitors wait longer than now" in out
    assert "It stops paying where" in out
    assert "Xinglongtai 75 → 34 (45%)" in out
    assert "综合窗口" in ask("slim", file, "--penalty", "0", "--lang", "zh").out


def test_a_plan_of_half_days_is_held_against_windows_that_are_open_all_day(file):
    result = replace(hallplan.slim(file), by_penalty={1.15: Range(1.0, 1.0, 2.0)})
    assert result.windows > 1
    (verdict, *_) = slim_tables(result)
    assert any("open all day, 1 (1–2) are enough" in note for note in verdict.notes)
    (verdict, *_) = slim_tables(replace(result, by_penalty={1.15: Range(9.0, 9.0, 9.0)}))
    assert not any("open all day" in note for note in verdict.notes)


def test_a_hall_with_one_queue_only_is_told_what_slimming_needs(ask):
    answer = ask("slim", "textbook-mm3")
    assert answer.code == 1
    assert "has no two pools called window-… to be pooled" in answer.err


def test_the_document_agrees_with_python_and_the_schema(ask, file):
    document = ask("slim", file, "--penalty", "10", "--training", "20", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    result = hallplan.slim(file, SlimGoal(penalty=1.1, training_h=20.0))
    assert document["windows"] == {"now": 4, "then": result.windows}
    assert document["officers"]["freed"] == pytest.approx(result.freed)
    assert [row["pool"] for row in document["departments"]] == ["window-a", "window-b"]


def test_tables_and_a_chart_are_files(ask, file, tmp_path):
    out = tmp_path / "out"
    assert ask("slim", file, "--out", str(out), "--format", "csv").code == 0
    assert {"departments.csv", "penalties.csv", "shifts.csv", "slim.html", "result.json"} <= {
        path.name for path in out.iterdir()
    }
    assert "Window A" in (out / "slim.html").read_text(encoding="utf-8")


@for_each(
    "words, code, sentence",
    [
        (("--penalty", "-1"), 2, "--penalty"),
        (("--training", "many"), 2, "--training"),
        (("--ignore-below", "soon"), 2, "soon"),
        (("--set", "demand=0"), 1, "Nobody comes to the windows"),
    ],
)
def test_what_cannot_be_slimmed_is_one_sentence(ask, file, words, code, sentence):
    answer = ask("slim", file, *words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1
