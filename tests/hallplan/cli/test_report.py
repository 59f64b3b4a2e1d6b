"""``hallplan report``: what is printed, its files, the same bytes twice, and what is refused."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from cases import for_each

import hallplan

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[3] / "docs/reference/cli-output.schema.json").read_text(encoding="utf-8")
)
PLANS = ("textbook-mm3", "--lever", "add-staff:pool=windows,servers=1", "--reps", "3", "--days", "2")


def test_the_first_sentences_are_printed_in_both_languages(ask):
    english, chinese = ask("report", *PLANS).out, ask("report", *PLANS, "--lang", "zh").out
    assert english.splitlines()[0].startswith("What does “with Add staff (Windows, 1)” change")
    assert "Visitors wait" in english
    assert "群众平均等候" in chinese


def test_the_document_keeps_its_form_and_has_the_numbers_of_a_comparison(ask):
    document = ask("report", *PLANS, "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    compared = ask("compare", *PLANS, "--json").document
    (wait,) = (metric for metric in compared["metrics"] if metric["metric"] == "ticket_wait_mean_min")
    rows = [row for row in document["figures"] if row["metric"] == "ticket_wait_mean_min"]
    assert [row["mean"] for row in rows] == [side["mean"] for side in wait["scenarios"]]
    simultaneous = wait["differences"][0]["simultaneous"]
    assert (rows[1]["change_low"], rows[1]["change_high"]) == (simultaneous["low"], simultaneous["high"])


def test_a_second_run_makes_the_same_bytes_and_the_named_command_makes_them_too(ask, tmp_path):
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        assert ask("report", *PLANS, "--sections", "all", "--out", str(folder)).code == 0
    names = {path.name for path in folders[0].iterdir()}
    assert {"report.html", "figures.csv", "citation.json", "stress-des.md", "result.json"} <= names
    for name in ("report.html", "figures.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_a_report_that_is_there_is_replaced_only_by_force(ask, tmp_path):
    out = tmp_path / "out"
    assert ask("report", *PLANS, "--out", str(out)).code == 0
    refused = ask("report", *PLANS, "--out", str(out))
    assert refused.code == 1
    assert "--force" in refused.err
    assert ask("report", *PLANS, "--out", str(out), "--force").code == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(ask, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    answer = ask("report", *PLANS, "--out", str(tmp_path / "file"))
    assert answer.code == 1
    assert "is no folder" in answer.err or "not a folder" in answer.err


@for_each(
    ("words", "code", "sentence"),
    [
        (("textbook-mm3",), 1, "2 to 6 plans, not 1"),
        (("textbook-mm3",) * 7, 1, "2 to 6 plans, not 7"),
        ((*PLANS, "--sections", "answr"), 2, "There is no section “answr”"),
        ((*PLANS, "--format", "pdf"), 2, "no report of the kind “pdf”"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(ask, words, code, sentence):
    answer = ask("report", *words)
    assert answer.code == code
    assert sentence in answer.err
    assert len(answer.err.splitlines()) == 1


def test_one_replication_has_no_ranges_and_is_reported_all_the_same(ask, tmp_path):
    words = ("textbook-mm3", "--lever", "add-staff:pool=windows,servers=1", "--reps", "1", "--days", "2")
    out = tmp_path / "out"
    answer = ask("report", *words, "--out", str(out)).out
    assert "of unknown range" in answer
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "looked at only once" in page
    for text in (answer, page):
        assert not re.search(r"\bnan\b|∞", text)


def test_python_reports_the_same_numbers(ask):
    document = ask("report", "textbook-mm3", "textbook-mm3", "--reps", "3", "--json").document
    report = hallplan.report("textbook-mm3", "textbook-mm3", replications=3, language="en")
    assert [row["mean"] for row in document["figures"]] == pytest.approx(list(report.numbers["mean"]))
    assert report.title == document["title"]
