"""``hallplan compression`` on the command line."""

import re
from pathlib import Path

import pandas as pd
import pytest
from documents import conforms

import hallplan
from hallplan.cli.commands.compression import groups_of
from hallplan.cli.faults import FAULT, USAGE

ROOT = Path(__file__).resolve().parents[3]
WORDS = ("compression", "--before", "township-desk", "--days", "10", "--reps", "2")
LEVERS = ("--levers", "one-time-notice,add-staff:pool=agent,servers=2")


def test_groups_are_read_with_the_choices_of_their_levers():
    groups = groups_of("one-seal+one-time-notice, add-staff:pool=agent,servers=2,lunch-cover")
    assert [[str(use) for use in group] for group in groups] == [
        ["one-seal", "one-time-notice"],
        ["add-staff:pool=agent,servers=2"],
        ["lunch-cover"],
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("compression", "township-desk"), USAGE, "--before"),
        (("compression", "--before", "township-desk"), USAGE, "--levers"),
        ((*WORDS, *LEVERS, "--item", "nothing"), FAULT, "nothing"),
        ((*WORDS, *LEVERS, "--q", "120%"), USAGE, "--q"),
    ],
    ids=["no before", "no levers", "no item", "no share"],
)
def test_a_question_that_makes_no_sense_is_refused(ask, words, code, said):
    answer = ask(*words)
    assert answer.code == code
    assert said in answer.err


@pytest.fixture(scope="module")
def licence_hall(tmp_path_factory):
    """Return the folder with the hall of docs/how-to/compression.md."""
    folder = tmp_path_factory.mktemp("hall")
    page = (ROOT / "docs" / "how-to" / "compression.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"```toml (?:lever )?(\S+)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_document_has_its_documented_form_and_figures(ask, licence_hall, monkeypatch):
    monkeypatch.chdir(licence_hall)
    words = ("compression", "--before", "before.toml", "--levers", "neighbours.toml,delegate.toml")
    document = conforms(ask(*words, "--json").document)
    clocks = {name: figures["by_sums"]["mean"] for name, figures in document["clocks"].items()}
    assert clocks == pytest.approx({"promised": 0.5, "supported": 0.7, "realised": 0.7})
    parts = document["attribution"]["by_volume"]["parts"]
    assert [part["share"]["mean"] for part in parts] == pytest.approx([4, 3])
    assert document["weak"] == []


def test_frames_are_written_and_items_that_break_their_promise_are_shown(ask, licence_hall, monkeypatch, tmp_path):
    monkeypatch.chdir(licence_hall)
    words = ("compression", "--before", "before.toml", "--levers", "delegate.toml", "--out", str(tmp_path / "out"))
    answer = ask(*words, "--format", "csv", "--reps", "2")
    assert "Items that do not keep their promise for 95% of cases: 1 of 1" in answer.out
    rows = pd.read_csv(tmp_path / "out" / "replications.csv")
    assert rows["share"].tolist() == pytest.approx([3] * 4)


def test_a_scenario_after_brings_its_own_levers_and_what_else_it_differs_in(ask, licence_hall, monkeypatch, tmp_path):
    """After: signatures of 2 days by a lever, and couriers of 3 instead of 5 days by its own file."""
    monkeypatch.chdir(licence_hall)
    own = 'format = 1\nname = "after"\nextends = "before.toml"\nlevers = ["delegate.toml"]\n'
    own += '[services.licence.case]\ncourier.delay = "3 working days"\n'
    (licence_hall / "after.toml").write_text(own, encoding="utf-8")
    words = ("compression", "after.toml", "--before", "before.toml", "--levers", "delegate.toml", "--json")
    earned = ask(*words).document["attribution"]["by_volume"]
    assert (earned["total"]["mean"], earned["rest"]["mean"]) == pytest.approx((3, 2))


def test_both_demands_are_stated_by_arithmetic(ask, licence_hall, monkeypatch):
    """Before: 2 visits in 10 + 20 working days; after: 3 a day besides."""
    monkeypatch.chdir(licence_hall)
    own = 'format = 1\nname = "busier"\nextends = "before.toml"\nlevers = ["delegate.toml"]\n'
    own += '[arrivals.more]\nservices = "licence"\nper_day = 3\n'
    (licence_hall / "busier.toml").write_text(own, encoding="utf-8")
    words = ("compression", "busier.toml", "--before", "before.toml", "--levers", "delegate.toml")
    document = conforms(ask(*words, "--json").document)
    assert document["demand"] == pytest.approx({"before": 2 / 30, "after": 3 + 2 / 30})
    assert "before expects 0.1 visits a working day, busier 3.1." in document["notes"][2]
    assert "before 每个工作日预计来访 0.1 人次，busier 为 3.1 人次" in ask(*words, "--lang", "zh").out


BUSY = """format = 1
name = "office"
run = { start = 2014-03-03, days = 10, follow_up_days = 20, replications = 2 }
calendar = { country = "CN", hours = ["09:00-16:00"] }
[pools.office]
at_close = "keep"
[services.licence]
kind = "committed"
legal_limit = "20 working days"
promised_limit = "10 working days"
visits.apply.file = { start_case = true }
case.accepted = { mark = "accepted" }
case.review = { pool = "office", work = "2 hours" }
case.decided = { mark = "decided" }
[arrivals.applicants]
services = "licence"
per_day = 1
"""
SECOND = """format = 1
name = "second"
title = { en = "A second officer", zh = "增加一人" }
why = { en = "The office falls behind.", zh = "审批积压。" }
cost = { note = { en = "No cost is known.", zh = "未见费用。" } }
[set.pools.office]
servers = 2
"""


def test_at_the_demand_after_a_second_officer_saves_the_days_of_a_backlog(ask, monkeypatch, tmp_path):
    """One file a day leaves an office of 7 hours idle; at 5 a day, 10 hours of work, files wait for days."""
    monkeypatch.chdir(tmp_path)
    after = 'format = 1\nname = "busy"\nextends = "office.toml"\narrivals.applicants.per_day = 5\n'
    for name, text in (("office.toml", BUSY), ("second.toml", SECOND), ("busy.toml", after)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = ("compression", "busy.toml", "--before", "office.toml", "--levers", "second.toml", "--both-demands")
    document = conforms(ask(*words, "--json").document)
    other = document["attribution_at_demand_after"]
    assert other["visits_per_day"] == pytest.approx(5)
    before, after_ = (part["by_volume"]["total"]["mean"] for part in (document["attribution"], other))
    assert before < 0.5
    assert after_ > 1
    assert "At the demand after (days)" in ask(*words).out


def test_without_the_option_only_the_demand_before_is_simulated(ask, licence_hall, monkeypatch):
    monkeypatch.chdir(licence_hall)
    words = ("compression", "--before", "before.toml", "--levers", "delegate.toml")
    assert conforms(ask(*words, "--json").document)["attribution_at_demand_after"] is None


def test_more_than_ten_levers_are_attributed_by_sampled_orders_and_the_answer_says_so(ask, licence_hall, monkeypatch):
    monkeypatch.chdir(licence_hall)
    levers = ",".join(["neighbours.toml", "delegate.toml", *["delegate.toml"] * 9])
    words = ("compression", "--before", "before.toml", "--levers", levers)
    document = conforms(ask(*words, "--json").document)
    assert document["orders"] == 20
    assert "With 11 levers, more than 10, not all orders are simulated" in document["notes"][3]
    earned = document["attribution"]["by_volume"]
    assert (earned["parts"][0]["share"]["mean"], len(earned["interactions"])) == (pytest.approx(4), 55)
    assert "of 55 pairs the sample does not tell 8 from others" in document["notes"][3]
    assert sum(part["share"]["mean"] for part in earned["parts"]) == pytest.approx(7)
    assert "共 11 项措施，超过 10 项" in ask(*words, "--lang", "zh").out


def test_with_the_posterior_the_answer_says_so_and_parts_still_sum(ask):
    lever = "add-staff:pool=agent,add-staff:pool=window-township"
    document = conforms(ask(*WORDS, "--levers", lever, "--posterior", "--json").document)
    assert document["draws"] == 256
    assert "posterior" in document["notes"][1]
    earned = document["attribution"]["by_volume"]
    assert sum(part["share"]["mean"] for part in earned["parts"]) == pytest.approx(earned["total"]["mean"])


def test_the_sentence_says_which_lever_earned_most_and_without_which_the_promise_fails(ask, licence_hall, monkeypatch):
    """52% below 10 days are 4 days: all levers make 3 days, without the first 7, without the second 6."""
    monkeypatch.chdir(licence_hall)
    words = ("compression", "--before", "before.toml", "--levers", "neighbours.toml,delegate.toml")
    document = conforms(ask(*words, "--json").document)
    assert document["verdict"]["earned_most"] == "neighbours.toml"
    assert [row["share"]["mean"] for row in document["verdict"]["without"]] == [0, 0]
    assert "without neighbours.toml it fails at the demand before: 0.0% of the cases" in document["sentence"]
    assert [part["share"]["mean"] for part in document["supported"]["by_volume"]["parts"]] == [4, 3]
    assert "缺少“neighbours.toml”时" in ask(*words, "--lang", "zh").out
    loose = ask(*words, "--cut", "20%", "--json").document
    assert "it holds without any one lever" in loose["sentence"]
    strict = ask(*words, "--cut", "80%", "--json").document
    assert "it fails with all levers too" in strict["sentence"]


def test_a_posterior_that_moves_nothing_is_refused(ask, licence_hall, monkeypatch):
    monkeypatch.chdir(licence_hall)
    answer = ask("compression", "--before", "before.toml", "--levers", "delegate.toml", "--posterior")
    assert (answer.code, "--posterior" in answer.err) == (FAULT, True)


def test_python_gives_the_same_figures_by_names_of_levers(ask, licence_hall, monkeypatch):
    monkeypatch.chdir(licence_hall)
    result = hallplan.compression("before.toml", levers=["neighbours.toml", "delegate.toml"])
    assert [part.share.estimate for part in result.by_volume.levers.parts] == pytest.approx([4, 3])
    joined = hallplan.compression("before.toml", levers=["neighbours.toml+delegate.toml"])
    assert [part.share.estimate for part in joined.by_volume.levers.parts] == pytest.approx([7])
