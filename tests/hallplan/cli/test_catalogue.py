"""`hallplan catalogue`: counts and readings in both languages, JSON in the documented form, a template to fill in."""

import csv
import json
from pathlib import Path

import jsonschema
import pytest
from cases import for_each

from foundation import messages

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))


def test_the_document_has_the_published_counts_and_the_documented_form(ask):
    document = ask("catalogue", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    counts = document["counts"]
    places = [sum(row[place] for row in counts["classes"].values()) for place in ("hall", "outside")]
    assert [counts["items"], *places] == [232, 169, 63]
    assert [counts["sections_before"], counts["sections_after"]] == [46, 20]
    assert sum(counts["origins"].values()) == 232
    assert document["published_cut"] == 0.52
    assert len(document["readings"]) == 12
    assert len(document["items"]) == 232
    assert len(document["services"]) == 113
    cited = {item["law"] for item in document["items"]}
    assert {article["law"] for article in document["citations"]} == cited - {""}


@for_each("language", ["en", "zh"])
def test_the_tables_say_what_is_assumed_and_stand_beside_the_published_figure(ask, language):
    answer = ask("catalogue", "--lang", language)
    assert (answer.code, answer.err) == (0, "")
    assert messages.text("cli.catalogue.assumed", language) in answer.out
    assert messages.text("cli.catalogue.article", language, target="52%") in answer.out
    assert messages.text("cli.catalogue.origin.general", language) in answer.out
    for measure in ("item_mean", "of_sums", "by_volume", "largest"):
        assert answer.out.count(messages.text(f"cli.catalogue.measure.{measure}", language)) == 3
    assert "cli." not in answer.out


@pytest.mark.slow
@for_each("language", ["en", "zh"])
@for_each("ending", ["csv", "xlsx"])
def test_a_template_that_was_filled_in_is_read_without_claims_about_the_article(ask, tmp_path, language, ending):
    file = tmp_path / f"hall.{ending}"
    assert ask("catalogue", "--template", str(file), "--lang", language).code == 0
    answer = ask("catalogue", str(file), "--lang", language)
    assert answer.code == 0
    assert f"hall.{ending}" in answer.out.splitlines()[0]
    assert messages.text("cli.catalogue.assumed", language) not in answer.out
    for key in ("licence", "not_fitted"):
        assert messages.text(f"cli.catalogue.{key}", language, target="52%") not in answer.out


def test_articles_that_nobody_here_has_read_are_counted_apart(ask, tmp_path):
    file = tmp_path / "own.csv"
    rows = [
        [
            "title_en",
            "department_en",
            "class",
            "place",
            "statutory_mode",
            "promised_mode",
            "volume_mode",
            "basis",
            "law",
        ],
        ["Ferry", "Transport", "committed", "hall", 20, 5, 30, "own-law", "Provincial Regulations on Ferries, art. 9"],
        ["Bridge", "Transport", "committed", "hall", 20, 5, 30, "own-law", "《公路安全保护条例》第28条"],
        ["Road", "Transport", "committed", "hall", 20, 5, 30, "", ""],
    ]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    document = ask("catalogue", str(file), "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    origins = {name: n for name, n in document["counts"]["origins"].items() if n}
    assert origins == {"read-in-force": 1, "unread": 1, "assumed": 1}
    sums = next(reading for reading in document["readings"] if reading["measure"] == "of_sums")
    assert (sums["cut"], sums["low"], sums["high"], sums["can_give"]) == (0.75, 0.75, 0.75, False)


def test_a_table_is_compared_with_the_percentage_that_its_hall_published(ask, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text(
        "title_en,department_en,class,place,statutory_mode,promised_mode,volume_mode\nFerry,Transport,committed,hall,20,5,1\n"
    )
    readings = ask("catalogue", str(file), "--cut", "75%", "--json").document["readings"]
    assert all(reading["can_give"] and reading["factor"] == 1 for reading in readings)
    printed = ask("catalogue", str(file), "--cut", "80.85%").out
    assert messages.text("cli.catalogue.own_claim", "en", target="80.85%") in printed
    assert "article" not in printed


def test_a_wrong_cell_is_one_sentence_and_exit_code_1(ask, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text(
        "title_en,department_en,class,place,statutory_mode,promised_mode,volume_mode\nFerry,Transport,slow,hall,20,5,1\n"
    )
    answer = ask("catalogue", str(file))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("hallplan: own.csv, row 2, column class: “slow” is not allowed here")
    assert len(answer.err.splitlines()) == 1


@for_each(
    ("words", "code"),
    [
        (("catalogue", "x.csv", "--template", "y.csv"), 2),
        (("catalogue", "--json", "--template", "y.csv"), 2),
        (("catalogue", "--cut", "60%", "--template", "y.csv"), 2),
        (("catalogue", "--cut", "100%"), 2),
        (("catalogue", "--cut", "half"), 2),
        (("catalogue", "--template", ""), 2),
        (("catalogue", ""), 2),
        (("catalogue", "--template", "y.docx"), 1),
        (("catalogue", "--template", "no-such-folder/y.csv"), 1),
        (("catalogue", "no-such.xlsx"), 1),
    ],
)
def test_what_cannot_be_read_or_written_is_one_sentence(ask, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    answer = ask(*words)
    assert (answer.code, answer.out) == (code, "")
    assert len(answer.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
