"""``hallplan staff``: a certified plan in words and JSON, its files, its scenario, and what is refused."""

import json
from pathlib import Path

import jsonschema
from cases import for_each

import hallplan
from scenarios.compose.composing import composed
from sim.plan import compile_plan

PAGES = Path(hallplan.__file__).resolve().parents[1] / "docs" / "reference"
SCHEMA = json.loads((PAGES / "cli-output.schema.json").read_text(encoding="utf-8"))
HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 20 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2, cost_per_hour = 30 }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""


def hall(tmp_path) -> str:
    file = tmp_path / "hall.toml"
    file.write_text(HALL, encoding="utf-8")
    return str(file)


def test_a_certified_plan_is_printed_with_what_erlang_would_have_said(ask, tmp_path):
    out = ask("staff", hall(tmp_path), "--target", "90% within 15 min").out
    assert "Certified: 90% called within 15 min in every pool and half-hour judged (14 in all)" in out
    assert "Erlang C at each pool's mean load" in out
    assert "(Mon–Fri)" in out
    assert "已验证" in ask("staff", hall(tmp_path), "--lang", "zh").out


def test_the_document_agrees_with_python_and_the_schema(ask, tmp_path):
    file = hall(tmp_path)
    document = ask("staff", file, "--seed", "3", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    result = hallplan.staff(file, "90% within 15 min", seed=3)
    assert document["certified"] is result.is_certified is True
    assert (document["people"], document["hours_per_week"]) == (result.plan.heads, result.plan.hours_per_week)
    assert document["seed"] == 3
    assert len(document["certificate"]) == len(result.certificate.cells) == 14
    assert all(cell["low"] >= 0.9 for cell in document["certificate"])


def test_the_plans_scenario_and_tables_are_files(ask, tmp_path):
    plan, out = tmp_path / "plan.toml", tmp_path / "out"
    answer = ask("staff", hall(tmp_path), "--scenario-out", str(plan), "--out", str(out), "--format", "csv")
    assert f"The scenario worked by the plan is written to {plan}." in answer.out
    assert {"roster.xlsx", "shifts.csv", "half_hours.csv", "certificate.csv", "result.json"} <= {
        file.name for file in out.iterdir()
    }
    (pool,) = compile_plan(composed(plan).scenario).pools
    assert int(pool.servers.max()) > 2
    assert ask("check", str(plan)).code == 0
    assert ask("run", str(plan), "--reps", "1", "--days", "1").code == 0


TWO_POOLS = """
format = 1
name = "two"
run = { start = 2014-03-03, days = 20 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.quiet.servers = 2
pools.busy = { servers = 2, title = { en = "Busy & <b>bold</b>", zh = "忙" } }
services.short.visits.apply.serve = { pool = "quiet", work = "5 min", mark = "finished" }
services.long.visits.apply.serve = { pool = "busy", work = "10 min", mark = "finished" }
arrivals.few = { services = "short", per_day = 28 }
arrivals.many = { services = "long", per_day = 42 }
"""


def test_charts_are_drawn_with_the_busiest_pool_first(ask, tmp_path):
    file, out = tmp_path / "two.toml", tmp_path / "out"
    file.write_text(TWO_POOLS, encoding="utf-8")
    assert ask("staff", str(file), "--out", str(out), "--format", "csv").code == 0
    text = (out / "staffing.html").read_text(encoding="utf-8")
    assert [line[4:-5] for line in text.splitlines() if line.startswith("<h2>")] == [
        "Busy &amp; &lt;b&gt;bold&lt;/b&gt; (Mon–Fri): how many are needed, how many are on duty?",
        "quiet (Mon–Fri): how many are needed, how many are on duty?",
        "Who works when? Each bar is a shift, with its number of officers.",
    ]
    assert "Drawn are the 2 pools with the most work, of 2." in text
    assert "staffing.html" in json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]


def test_the_built_in_desk_is_certified(ask):
    document = ask("staff", "township-desk", "--json").document
    assert document["certified"]
    assert document["people"] == document["officers"] == 2  # as the scenario has it: two windows
    assert document["hours_per_week"] == 60


def test_too_few_people_are_named_with_the_nearest_targets(ask, tmp_path):
    file = hall(tmp_path)
    answer = ask("staff", file, "--heads", "2")
    assert "2 people are too few for it as far as the search came" in answer.out
    assert "In the place of “90% called within 15 min” this plan keeps" in answer.out
    document = ask("staff", file, "--heads", "2", "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert (document["certified"], document["people"], document["most_people"]) == (False, 2, 2)
    assert document["needed_people"] > 2
    (nearest,) = document["nearest"]
    assert nearest["limit"] < 0.9


def test_several_targets_have_a_table_each(ask, tmp_path):
    words = ("--target", "80% within 30 min", "--target", "utilisation <= 80%", "--target", "overtime <= 20 min")
    out = ask("staff", hall(tmp_path), *words).out
    assert "Certificate: 80% called within 30 min" in out
    assert "Certificate: at most 80% utilisation" in out
    assert "Certificate: at most 20 min of overtime a day" in out
    assert out.count("Upper bound") == 2


def test_a_target_of_the_hall_is_judged_in_its_half_hours(ask, tmp_path):
    words = ("--target", "80% within 30 min hall-wide")
    document = ask("staff", hall(tmp_path), *words, "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [target["kind"] for target in document["targets"]] == ["hall_wait"]
    assert {cell["pool"] for cell in document["certificate"]} == {""}
    out = ask("staff", hall(tmp_path), *words).out
    assert "80% called within 30 min, hall-wide in every half-hour judged (14 in all)" in out
    assert "The hall" in out


SECTION = """
format = 1
name = "section"
run = { start = 2014-03-03, days = 20, follow_up_days = 10 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window.servers = 1
pools.section.servers = 3
services.licence.kind = "committed"
services.licence.legal_limit = "10 working days"
services.licence.promised_limit = "5 working days"
services.licence.visits.apply.window = { pool = "window", work = "10 min" }
services.licence.visits.apply.file = { start_case = true }
services.licence.case.accepted = { mark = "accepted" }
services.licence.case.review = { pool = "section", work = "10 min" }
services.licence.case.decided = { mark = "decided" }
arrivals.people = { services = "licence", per_day = 7 }
"""


def test_officers_behind_the_windows_are_compared_with_those_that_there_are(ask, tmp_path):
    file = tmp_path / "section.toml"
    file.write_text(SECTION, encoding="utf-8")
    out = ask("staff", str(file), "--target", "95% of cases within promise").out
    assert "Officers behind the windows: 1 in the plan, 3 now (pools: 1). Changed: section 3 → 1." in out
    assert "Not judged" not in out  # seven a day come to the window, no target asks for its waits


@for_each(
    "words, code, sentence",
    [
        (("--target", "90%"), 2, "is not of the form"),
        (("--target", "100% within 15 min"), 2, "below 100%"),
        (("--target", "90% within 15 monkeys"), 2, "monkeys"),
        (("--target", "overtime <= 0 min"), 2, "no work after closing"),
        (("--set", "arrivals.people.per_day=0"), 1, "no pool at which visitors queue"),
        (("--set", "arrivals.people.per_day=0.1"), 1, "Too few visitors"),
        (("--heads", "1"), 1, "--heads 1 is too few: 2 people are needed"),
        (("--heads", "0"), 2, "--heads"),
    ],
)
def test_what_cannot_be_staffed_is_one_sentence(ask, tmp_path, words, code, sentence):
    answer = ask("staff", hall(tmp_path), *words)
    assert (answer.code, answer.out) == (code, "")
    assert sentence in answer.err
    assert len(answer.err.strip().splitlines()) == 1


def test_a_calibrated_hall_has_the_probability_over_the_posterior(ask):
    words = ("township-desk", "--target", "60% within 60 min", "--draws", "3")
    document = ask("staff", *words, "--json").document
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    check = document["over_posterior"]
    assert check["draws"] == 3
    assert check["surely_kept"] + check["surely_missed"] <= 3
    assert check["probability"]["low"] <= check["probability"]["mean"] <= check["probability"]["high"]
    assert "Where the parameters are uncertain" in ask("staff", *words).out


def test_without_draws_the_answer_says_that_it_is_for_the_scenarios_own_numbers(ask):
    answer = ask("staff", "township-desk", "--target", "60% within 60 min", "--draws", "0")
    assert "It holds for the scenario's own numbers" in answer.out
