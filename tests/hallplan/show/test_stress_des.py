"""The record to cite a result by, and the STRESS-DES checklist."""

import platform
import re
import socket
from pathlib import Path

import pytest

import hallplan
from foundation import messages
from hallplan.show.citation import Experiment
from hallplan.show.stress_des import ITEMS, report_files, stress_des
from sim.run.keys import scenario_digest
from sim.run.record import environment, software

DESK = hallplan.load("township-desk")


def answer(checklist, number):
    (item,) = [item for item in checklist.items if item.number == number]
    return item.answer


def test_the_items_are_those_of_the_guidelines_in_their_order():
    assert [number[0] for number in ITEMS] == list("111222222222333344455556")
    assert sorted(ITEMS) == list(ITEMS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_item_has_an_answer_without_a_gap(language):
    with messages.using(language):
        text = stress_des(Experiment.of([DESK])).markdown()
    assert not re.search(r"[{}]|\b(None|nan)\b", text)
    assert len(re.findall(r"^\*\*\d", text, re.MULTILINE)) == len(ITEMS)
    assert len(re.findall(r"^## \d\. ", text, re.MULTILINE)) == 6


def test_answers_come_from_the_scenario():
    with messages.using("en"):
        checklist = stress_des(Experiment.of([DESK]))
    assert f"{DESK.run.days} working days are measured from {DESK.run.start}" in answer(checklist, "4.2")
    assert f"services: {len(DESK.services)}" in answer(checklist, "2.1")
    assert "33 entries are assumed" in answer(checklist, "3.4"), "counted in the file by hand"


def test_a_comparison_states_its_scenarios_seed_and_replications():
    compared = hallplan.compare("textbook-mm3", "township-desk", replications=2, seed=9)
    record = hallplan.citation(compared)
    assert [row["name"] for row in record["scenarios"]] == ["textbook-mm3", "township-desk"]
    assert (record["seed"], record["replications"]) == (9, [2, 2])
    with messages.using("en"):
        assert "2 scenarios are compared" in answer(hallplan.stress_des(compared), "1.3")


def test_a_sweep_is_cited_from_its_folder_alone(tmp_path):
    table = {"scenario": "textbook-mm3", "set": {"run.days": 1}, "grid": {"demand": [0.5, 0.6]}, "replications": 1}
    hallplan.sweep(table, tmp_path / "store")
    result = hallplan.sweep_results(tmp_path / "store")
    record = hallplan.citation(result)
    assert record["scenarios"][0]["digest"] == result.manifest.scenario_digest
    assert record["sweep"]["points"] == 2
    with messages.using("en"):
        written = (tmp_path / "store" / "stress-des.md").read_text(encoding="utf-8")
        assert "A sweep of 2 points varies demand." in answer(hallplan.stress_des(result), "1.3")
    assert written.count("\n**") == len(ITEMS)


@pytest.mark.parametrize(("language", "count"), [("en", "13 of 15 points"), ("zh", "共 15 个点，其中 13 个失败")])
def test_failed_points_are_counted_and_named_with_their_causes(tmp_path, language, count):
    demand = [-1.0 - step for step in range(13)] + [0.5, 0.6]
    table = {"scenario": "textbook-mm3", "set": {"run.days": 1}, "grid": {"demand": demand}, "replications": 1}
    with messages.using(language):
        result = hallplan.sweep(table, tmp_path / "store")
        stated = answer(hallplan.stress_des(result), "4.3")
    assert count in stated
    causes = [result.failed[point][language] for point in range(12)]
    assert "demand=-1.0" in causes[0]
    assert stated.splitlines()[-13:-1] == [f"- {cause}" for cause in causes], "the first twelve"
    assert stated.splitlines()[-1].startswith("- ")
    assert "hallplan results" in stated.splitlines()[-1], "where the thirteenth is"
    assert stated in (tmp_path / "store" / "stress-des.md").read_text(encoding="utf-8")


def test_a_sweep_without_failed_points_says_nothing_of_them(tmp_path):
    table = {"scenario": "textbook-mm3", "set": {"run.days": 1}, "grid": {"demand": [0.5]}, "replications": 1}
    with messages.using("en"):
        assert "fail" not in answer(hallplan.stress_des(hallplan.sweep(table, tmp_path / "store")), "4.3")


def test_the_sentence_has_version_digest_and_seed():
    with messages.using("en"):
        sentence = Experiment.of([DESK]).sentence()
    for part in (software()["version"], scenario_digest(DESK)[:12], "seed 1"):
        assert part in sentence


def test_no_name_of_a_machine_and_no_path_is_recorded():
    contents = b"".join(report_files(Experiment.of([DESK])).values()).decode()
    assert socket.gethostname() not in contents
    assert str(Path.home()) not in contents
    assert str(Path.cwd()) not in contents
    assert environment()["python"] == platform.python_version()
    assert int(environment()["cores"]) >= 1


def test_a_checkout_states_its_commit_and_an_installation_none(monkeypatch, tmp_path):
    from sim.run import record

    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", software().get("commit", "0" * 40))
    monkeypatch.setattr(record, "__file__", str(tmp_path / "a" / "b" / "record.py"))
    record._commit.cache_clear()
    assert "commit" not in software()
    record._commit.cache_clear()
