"""`hallplan calibrate log`: from files to a scenario that runs, in both languages; one sentence for every fault."""

import json
import re
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from cases import for_each

import hallplan
import hallplan.api_log
from calibration.discovery.timing.decomposition import PARTS
from calibration.eventlog.simulated import simulated_log
from calibration.eventlog.write import write_log
from foundation.errors import HallplanError

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))
QUICK = ("--no-accuracy",)


@pytest.fixture(scope="module")
def tickets(tmp_path_factory):
    log = simulated_log(hallplan.load("township-desk", overrides={"run.warm_up_days": 0, "run.days": 40}), "tickets")
    return write_log(log.events, "tickets", tmp_path_factory.mktemp("log") / "tickets.csv")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    log = simulated_log(hallplan.load("township-desk"), "ledger")
    return write_log(log.events, "ledger", tmp_path_factory.mktemp("log") / "ledger.xlsx")


def ask_log(ask, *words):
    return ask("calibrate", "log", *map(str, words))


@pytest.mark.slow
def test_a_log_becomes_a_scenario_that_runs(ask, tickets, tmp_path):
    scenario, report = tmp_path / "mine.toml", tmp_path / "report"
    answer = ask_log(ask, tickets, "--out", scenario, "--name", "mine", "--report", report, "--logs", 3)
    assert (answer.code, answer.err) == (0, "")
    assert "Columns guessed" in answer.out
    assert "Arrivals a working day" in answer.out
    assert "People on duty" in answer.out
    assert "Between simulations" in answer.out
    assert f"hallplan run {scenario}" in answer.out
    found = {file.name for file in report.iterdir()}
    assert {"findings.csv", "routes.csv", "rejected_rows.csv", "accuracy_distances.csv"} <= found
    assert ask("check", str(scenario)).code == 0
    ran = ask("run", str(scenario), "--reps", "2", "--days", "3", "--json")
    assert ran.code == 0
    assert ran.document["scenario"]["name"] == "mine"


@pytest.mark.slow
def test_json_has_the_form_that_is_documented_and_says_what_python_says(ask, tickets):
    answer = ask_log(ask, tickets, "--json", "--logs", 2)
    assert (answer.code, answer.err) == (0, "")
    jsonschema.Draft202012Validator(SCHEMA).validate(answer.document)
    found = hallplan.calibrate_log(tickets, logs=2)
    assert answer.document["scenario"] == found.toml
    assert len(answer.document["findings"]) == len(found.discovery.findings)
    assert answer.document["log"]["cases"] == found.discovery.traces.n_cases
    assert found.accuracy is not None
    told = {row["figure"]: row["simulated"] for row in answer.document["accuracy"]["forecasts"]}
    assert told == found.accuracy.forecasts["simulated"].to_dict()
    assert [row["caution"] for row in answer.document["cautions"]] == [caution.key for caution in found.cautions]
    assert found.rebuilt is not None
    rebuilt = answer.document["decomposition"]["rebuilt"]
    assert rebuilt["cases"] == found.rebuilt.n
    hours = sum(part for name in PARTS for part in rebuilt[name].values()) + rebuilt["unknown"]
    assert hours == pytest.approx(rebuilt["elapsed"])
    assert found.scenario == hallplan.load(write(found.toml, tickets.parent))


def write(text, folder):
    file = folder / "again.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_it_says_is_in_the_users_language(ask, tickets, ledger, language):
    for file in (tickets, ledger):
        answer = ask_log(ask, file, *QUICK, "--all", "--lang", language)
        assert answer.code == 0
        assert "discovery." not in answer.out
        assert "eventlog." not in answer.out
        assert bool(re.search("[一-鿿]", answer.out)) == (language == "zh")


@for_each("language", ["en", "zh"])
def test_help_is_in_the_users_language(ask, language):
    answer = ask("--lang", language, "calibrate", "log", "--help")
    assert answer.code == 0
    assert "cli." not in answer.out.replace("docs/reference/cli.md", "")
    assert bool(re.search("[一-鿿]", answer.out)) == (language == "zh")
    assert "--map" in answer.out
    assert "  log " in ask("calibrate", "--help").out


def test_a_ledger_claims_no_minutes(ask, ledger):
    answer = ask_log(ask, ledger, *QUICK)
    assert answer.code == 0
    assert "no minutes are claimed" in answer.out
    assert not re.search(r"\bmin\b", answer.out)


def test_what_cannot_be_believed_is_said_before_all_tables(ask, ledger):
    answer = ask_log(ask, ledger, *QUICK)
    first, _, rest = answer.out.partition("\n")
    assert first.startswith("Believe this scenario with care: the log has dates only")
    assert "What the log shows" in rest
    assert ask_log(ask, ledger, *QUICK, "--json").document["caution"] == first.strip()


def test_a_guess_can_be_overruled(ask, tmp_path):
    file = tmp_path / "log.csv"
    rows = [
        f"{k},{'ab'[k % 2]},2014-03-{3 + k % 20:02d} 09:{k % 60:02d},2014-03-{3 + k % 20:02d} 10:00" for k in range(80)
    ]
    file.write_text("\n".join(["u,v,w,x", *rows]), encoding="utf-8")
    assert ask_log(ask, file, *QUICK).code == 1
    words = ("--map", "case=u", "--map", "activity=v", "--map", "start=w", "--map", "end=x", "--kind", "activities")
    answer = ask_log(ask, file, *QUICK, *words, "--json")
    assert answer.code == 0
    assert answer.document["log"]["mapping"]["start"] == "w"


def test_bad_rows_are_counted_and_exported(ask, tickets, tmp_path):
    table = pd.read_csv(tickets, dtype=str)
    table.loc[3, "Start time"] = "=never"
    file = tmp_path / "bad.csv"
    table.to_csv(file, index=False)
    answer = ask_log(ask, file, *QUICK, "--report", tmp_path / "report")
    assert answer.code == 0
    assert "1 rows of no use" in answer.out
    assert "The scenario was not written to a file" in answer.out
    rejected = pd.read_csv(tmp_path / "report" / "rejected_rows.csv", dtype=str)
    assert len(rejected) == 1
    assert not rejected.map(lambda cell: str(cell).startswith("=")).any(axis=None)


@for_each(
    ("words", "code", "said"),
    [
        (("--map", "start"), 2, "--map wants ROLE=COLUMN"),
        (("--name", "Not A Name"), 1, "can't be a scenario's name"),
        (("--split", "2"), 1, "--split must be a share"),
        (("--service", "nothing"), 1, "no column “nothing” to name the services by: it has Service."),
        (("--out", "mine.csv"), 2, "give it a name that ends in .toml, not mine.csv"),
        (("--logs", "1"), 2, "--logs"),
        (
            ("--out", "/nowhere/at/all.toml"),
            1,
            "There is no folder /nowhere/at: make it first, or choose",
        ),
        (("--report", __file__), 1, "is a file, not a folder: choose another name for --report"),
    ],
)
def test_a_fault_is_one_sentence(ask, tickets, words, code, said):
    answer = ask_log(ask, tickets, *words)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.count("\n") == 1
    assert said in answer.err


def test_service_is_named_by_the_heading_of_its_column(ask, tickets):
    assert "Service" in pd.read_csv(tickets, nrows=0).columns
    counts = [ask_log(ask, tickets, *QUICK, "--json", *words).document for words in ((), ("--service", "Service"))]
    shares = [[row for row in count["findings"] if row["finding"] == "service"] for count in counts]
    assert shares[0] == shares[1]
    assert len(shares[0]) > 1


def test_nothing_is_overwritten_unasked(ask, tickets, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("mine", encoding="utf-8")
    answer = ask_log(ask, tickets, *QUICK, "--out", file)
    assert answer.code == 1
    assert file.read_text(encoding="utf-8") == "mine"
    assert ask_log(ask, tickets, *QUICK, "--out", file, "--force").code == 0
    assert file.read_text(encoding="utf-8").startswith("format = 1")


def test_a_file_that_is_not_there_is_named(ask, tmp_path):
    answer = ask_log(ask, tmp_path / "nothing.csv")
    assert answer.code == 1
    assert "nothing.csv" in answer.err


def test_the_frames_of_python_are_those_of_the_report(tickets, tmp_path):
    found = hallplan.calibrate_log(tickets, split=None)
    assert found.accuracy is None
    assert set(found.frames()) == {file.stem for file in found.export(tmp_path)}
    assert found.table["name"] == "from-log"


def test_every_option_of_reading_reaches_the_reader(tickets, monkeypatch):
    options = {
        "mapping": {"case": "a"},
        "kind": "tickets",
        "keep": ["remark"],
        "drop": ["note"],
        "date_format": "%d.%m.%Y",
        "time_zone": "Asia/Shanghai",
    }
    seen = {}

    def reader(files, **given):
        seen.update(given)
        raise HallplanError("eventlog.fault.no_file")

    monkeypatch.setattr(hallplan.api_log, "read_log", reader)
    with pytest.raises(HallplanError):
        hallplan.calibrate_log(tickets, **options)
    assert {key: seen.get(key) for key in options} == options


def test_every_option_of_the_command_reaches_python(ask, tickets, monkeypatch):
    options = {"kind": "tickets", "date_format": "%d.%m.%Y", "time_zone": "Asia/Shanghai", "service": "What"}
    options |= {"name": "mine", "split": 0.4, "logs": 3, "seed": 7, "idle_days": 30}
    words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
    lists = {"mapping": {"case": "a"}, "keep": ["remark"], "drop": ["note"]}
    seen = {}

    def calibrate(files, **given):
        seen.update(given)
        raise HallplanError("eventlog.fault.no_file")

    monkeypatch.setattr(hallplan.api_log, "calibrate_log", calibrate)
    assert ask_log(ask, tickets, *words, "--map", "case=a", "--keep", "remark", "--drop", "note").code == 1
    assert {key: seen.get(key) for key in options | lists} == options | lists
    assert ask_log(ask, tickets, "--no-accuracy").code == 1
    assert seen["split"] is None
