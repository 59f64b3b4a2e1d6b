"""`hallplan new`: from a blank workbook to a comparison of two plans, in both languages; what is wrong is named."""

import json
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from cases import for_each
from hall_tickets import ticket_rows, write_tickets

from foundation import messages
from scenarios.compose.composing import composed

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))


def blank(ask, tmp_path, language="en"):
    file = tmp_path / "hall.xlsx"
    assert ask("new", "--out", str(file), "--lang", language, "--force").code == 0
    return file


def filled(ask, tmp_path, language="en"):
    file = tmp_path / "example.xlsx"
    assert ask("new", "--out", str(file), "--example", "--lang", language, "--force").code == 0
    return file


def test_a_workbook_is_written_and_says_how_to_go_on(ask, tmp_path):
    for language, words in (("en", "Fill in at least one item"), ("zh", "请至少填写一个事项")):
        answer = ask("new", "--out", str(tmp_path / f"{language}.xlsx"), "--lang", language)
        assert (answer.code, answer.err) == (0, "")
        assert words in answer.out
        assert f"hallplan new {tmp_path / language}.xlsx --out hall.toml" in answer.out


def test_the_example_says_that_it_is_invented(ask, tmp_path):
    assert "INVENTED" in ask("new", "--out", str(tmp_path / "a.xlsx"), "--example").out
    assert "虚构" in ask("new", "--out", str(tmp_path / "b.xlsx"), "--example", "--lang", "zh").out


def test_a_blank_workbook_fails_with_what_is_missing_and_writes_nothing(ask, tmp_path):
    out = tmp_path / "hall.toml"
    answer = ask("new", str(blank(ask, tmp_path)), "--out", str(out))
    assert (answer.code, answer.out) == (1, "")
    items, windows = answer.err.splitlines()
    assert items == "hallplan: sheet “Items”, A2: " + messages.text("workbook.cell.no_items", "en")
    assert windows == "hallplan: sheet “Windows”, A2: " + messages.text("workbook.cell.no_windows", "en")
    assert not out.exists()


def test_faults_beyond_the_fiftieth_are_counted(ask, tmp_path):
    file = blank(ask, tmp_path)
    book = openpyxl.load_workbook(file)
    for row in range(3, 63):
        book["Items"][f"F{row}"] = "many"
    book.save(file)
    lines = ask("new", str(file)).err.splitlines()
    # Each of the 60 rows has no item, and a volume that is no number.
    assert len(lines) == 51
    assert lines[-1] == "hallplan: " + messages.text("cli.new.more_faults", "en", n=70)


@for_each("language", messages.LANGUAGES)
def test_a_workbook_becomes_a_scenario_whichever_language_is_in_use(ask, tmp_path, language):
    other = "zh" if language == "en" else "en"
    out = tmp_path / "hall.toml"
    answer = ask("new", str(filled(ask, tmp_path, language)), "--out", str(out), "--lang", other, "--force")
    assert (answer.code, answer.err) == (0, "")
    assert messages.text("cli.new.made", other, items=14, windows=4) in answer.out
    assert messages.text("cli.new.unanswered", other, n=5, all=21) in answer.out
    assert f"hallplan compare {out} --lever add-staff:pool=window-" in answer.out
    assert len(composed(out).scenario.services) == 14


def test_the_document_has_the_documented_form_and_all_assumptions(ask, tmp_path):
    file = filled(ask, tmp_path)
    answer = ask("new", str(file), "--json")
    document = answer.document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["file"] is None
    assert document["inputs"]["unsourced"] == 0
    assert document["inputs"]["given"] > 90
    widths = [each["width"] for each in document["assumptions"]]
    assert widths == sorted(widths, reverse=True)
    listed = ask("new", str(file), "--all").out
    assert all(each["path"] in listed for each in document["assumptions"])
    assert "one-time-notice" in document["levers"]


def test_without_a_name_nothing_is_written(ask, tmp_path):
    answer = ask("new", str(filled(ask, tmp_path)))
    assert answer.out.endswith(messages.text("cli.new.not_written", "en") + "\n")
    assert [file.name for file in tmp_path.iterdir()] == ["example.xlsx"]


def blank_minutes(ask, tmp_path, *, logs=""):
    """Return the filled-in workbook without the minutes of marriage registration, which names logs."""
    file = filled(ask, tmp_path)
    book = openpyxl.load_workbook(file)
    assert book["Items"]["B14"].value == "Marriage registration"
    book["Items"]["H14"] = None
    book["Questions"]["C23"] = logs or None
    book.save(file)
    return file


MARRIAGE = "services.marriage-registration.visits.apply.window.work"


def test_a_log_takes_the_place_of_assumptions_by_option_and_by_the_workbook(ask, tmp_path):
    log = write_tickets(tmp_path, ticket_rows("Marriage registration"))
    by_option = ask("new", str(blank_minutes(ask, tmp_path)), "--log", str(log), "--json").document
    by_cell = ask("new", str(blank_minutes(ask, tmp_path, logs="tickets.csv")), "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(by_option)
    assert by_option["logs"] == ["Event log (tickets), 2025-03-03 to 2025-04-25"]
    assert by_option["estimated"] >= 3
    assert (by_cell["logs"], by_cell["estimated"]) == (by_option["logs"], by_option["estimated"])
    assert "not the log's (6 a day)" in " ".join(by_option["notes"])


def test_numbers_of_a_log_are_counted_and_shown_with_their_interval(ask, tmp_path):
    log, out = write_tickets(tmp_path, ticket_rows("Marriage registration")), tmp_path / "hall.toml"
    answer = ask("new", str(blank_minutes(ask, tmp_path)), "--log", str(log), "--out", str(out))
    assert "are estimated from: Event log (tickets), 2025-03-03 to 2025-04-25." in answer.out
    entry = composed(out).scenario.provenance[MARRIAGE]
    assert (entry.kind, entry.range) == ("derived", pytest.approx((5.745, 6.255), abs=0.001))


@for_each(
    ("name", "text", "key"),
    [
        ("none.csv", None, "workbook_log.fault.no_file"),
        ("empty.csv", "", "eventlog.fault.empty"),
        ("odd.csv", "a,b\n1,2\n", "eventlog.fault.no_time"),
    ],
)
def test_a_log_that_cannot_be_read_is_one_sentence_and_nothing_is_written(ask, tmp_path, name, text, key):
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    refused(ask, tmp_path, name, key)


def test_columns_without_a_log_are_a_usage_error(ask, tmp_path):
    answer = ask("new", str(filled(ask, tmp_path)), "--map", "start=Start time")
    assert (answer.code, answer.out) == (2, "")
    assert "add --log, or name the log in the workbook" in answer.err


def test_the_log_of_another_hall_is_one_sentence_and_nothing_is_written(ask, tmp_path):
    write_tickets(tmp_path, ticket_rows("Rural pensions"))
    refused(ask, tmp_path, "tickets.csv", "workbook_log.fault.no_match")


def refused(ask, tmp_path, name, key):
    out = tmp_path / "hall.toml"
    out.write_text("before", encoding="utf-8")
    words = ("new", str(blank_minutes(ask, tmp_path, logs=name)), "--out", str(out), "--force")
    for language in messages.LANGUAGES:
        answer = ask(*words, "--lang", language)
        assert (answer.code, answer.out, len(answer.err.splitlines())) == (1, "", 1)
        before, _, after = messages.catalogue()[key][language].partition("{file}")
        assert f"{before.rpartition('}')[2]}{name}{after.partition('{')[0]}" in answer.err
    assert out.read_text(encoding="utf-8") == "before"


def test_columns_of_a_log_are_named_where_the_guess_is_wrong(ask, tmp_path):
    log = write_tickets(tmp_path, ticket_rows("Marriage registration"))
    text = log.read_text(encoding="utf-8").replace("Service", "Matter", 1).replace("End time", "Second", 1)
    log.write_text(text, encoding="utf-8")
    words = ("new", str(blank_minutes(ask, tmp_path)), "--log", str(log), "--json")
    answer = ask(*words, "--map", "service=Matter", "--map", "end=Second")
    assert answer.document["estimated"] >= 3
    assert ask(*words, "--map", "service").code == 2


@for_each(
    ("words", "code"),
    [
        (("--out", "x.xlsx", "--log", "a.csv"), 2),
        ((), 2),
        (("--out", "hall.toml"), 2),
        (("--out", "x.xlsx", "--json"), 2),
        (("--out", "x.xlsx", "--all"), 2),
        (("hall.xlsx", "--out", "x.xlsx"), 2),
        (("hall.xlsx", "--example"), 2),
        (("none.xlsx",), 1),
        (("hall.csv",), 1),
        (("--out", "no-such-folder/x.xlsx"), 1),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(ask, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    answer = ask("new", *words)
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (code, "", 1)


def test_a_file_that_is_there_is_kept_without_force(ask, tmp_path):
    file = blank(ask, tmp_path)
    assert ask("new", "--out", str(file)).code == 1
    assert ask("new", "--out", str(file), "--force").code == 0


@pytest.mark.slow
@for_each("language", messages.LANGUAGES)
def test_from_a_workbook_to_a_comparison_of_two_plans(ask, tmp_path, language):
    out = str(tmp_path / "hall.toml")
    assert ask("new", str(filled(ask, tmp_path, language)), "--out", out, "--lang", language, "--force").code == 0
    run = ask("run", out, "--reps", "1", "--days", "10", "--lang", language)
    assert run.code == 0
    commands = ("add-staff:pool=window-1", "pooled-windows", "co-locate-inspectors", "one-time-notice")
    if language == "en":
        commands = ("add-staff:pool=window-market-supervision", *commands[1:])
    for lever in commands:
        compared = ask("compare", out, "--lever", lever, "--reps", "2", "--days", "10", "--json", "--lang", language)
        assert compared.code == 0, lever
        assert len(compared.document["scenarios"]) == 2


@pytest.mark.slow
def test_one_item_and_one_window_run(ask, tmp_path):
    file, out = blank(ask, tmp_path), tmp_path / "least.toml"
    book = openpyxl.load_workbook(file)
    book["Items"]["B3"], book["Windows"]["A3"] = "Passport photo", "Counter"
    book.save(file)
    assert ask("new", str(file), "--out", str(out)).code == 0
    document = ask("run", str(out), "--reps", "2", "--days", "10", "--json").document
    visits = {row["metric"]: row["mean"] for row in document["metrics"]}["visits_per_day"]
    assert 5 < visits < 25
