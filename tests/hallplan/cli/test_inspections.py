"""``hallplan inspections``: the least places in words and JSON, its files, and what is refused."""

import json
from pathlib import Path

import jsonschema
from cases import for_each
from inspected_hall import HALL, SECOND_TEAM

import hallplan

PAGES = Path(hallplan.__file__).resolve().parents[1] / "docs" / "reference"
SCHEMA = json.loads((PAGES / "cli-output.schema.json").read_text(encoding="utf-8"))


def hall(tmp_path, more: str = SECOND_TEAM) -> str:
    file = tmp_path / "inspected.toml"
    file.write_text(HALL + more, encoding="utf-8")
    return str(file)


def test_the_least_places_and_what_joint_visits_save_are_printed(ask, tmp_path):
    out = ask("inspections", hall(tmp_path)).out
    assert "that takes so many places a day: food 6; fire 6." in out
    assert "needs 6 places a day instead of 12: 6 fewer" in out
    assert "共用一份名单（联合踏勘）每天需 6 个名额" in ask("inspections", hall(tmp_path), "--lang", "zh").out


def test_the_document_agrees_with_the_schema(ask, tmp_path):
    document = ask("inspections", hall(tmp_path), "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["saved_places_per_day"] == 6
    assert {row["outcome"] for row in document["answers"]} == {"certified"}


def test_tables_and_charts_are_files(ask, tmp_path):
    out = tmp_path / "out"
    assert ask("inspections", hall(tmp_path), "--out", str(out), "--format", "csv").code == 0
    assert {"places.csv", "answers.csv", "inspections.html", "result.json"} <= {file.name for file in out.iterdir()}
    assert "<h2>All teams, one list: how many places a day keep the promise" in (out / "inspections.html").read_text(
        encoding="utf-8"
    )


def test_what_is_out_of_reach_is_said_with_its_ceiling(ask, tmp_path):
    out = ask("inspections", hall(tmp_path, ""), "--set", 'timetables.food-list.days=["fri"]').out
    assert "no number of places is enough for (share of weeks at most): food 0.0% (0.0–" in out
    assert "There is one team only" in out


@for_each(
    "words, code, sentence",
    [
        (("--share", "120%"), 2, "--share"),
        (("--cases", "0%"), 2, "--cases"),
        (("--days", "4"), 2, "run.days must be 5 at least"),
        (("--set", 'pools.food.role="x"', "--set", 'pools.fire.role="x"'), 1, "has no inspection team"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(ask, tmp_path, words, code, sentence):
    answer = ask("inspections", hall(tmp_path), *words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1
