"""`hallplan verify`: tables in both languages, JSON in the documented form, exit codes, and the report."""

import json
from pathlib import Path

import jsonschema
import pytest

from verification import CHECKS, run_checks, suite, title_of

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))
QUICK = ("rework", "threes", "lindley")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_names_every_check_and_counts_those_that_agree(ask, language):
    answer = ask("verify", *QUICK, "--lang", language)
    assert (answer.code, answer.err) == (0, "")
    for check in (one for one in CHECKS if one.scenario in QUICK):
        assert title_of(check, language) in answer.out
        assert check.source in answer.out
    assert {"en": "3 of 3 checks agree", "zh": "3 项检验中 3 项与理论一致"}[language] in answer.out


def test_json_has_the_form_that_is_documented_and_the_same_numbers_as_python(ask):
    answer = ask("verify", *QUICK, "--json", "--seed", "7")
    assert (answer.code, answer.err) == (0, "")
    jsonschema.Draft202012Validator(SCHEMA).validate(answer.document)
    found = run_checks(QUICK, seed=7)
    assert [one["simulated"] for one in answer.document["checks"]] == [one.simulated for one in found]
    assert {one["seed"] for one in answer.document["checks"]} == {7}


@pytest.mark.slow
def test_the_other_engine_takes_a_smaller_sample(ask):
    answer = ask("verify", "thinning", "--engine", "simpy", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.document["engine"] == "simpy"
    assert answer.document["checks"][0]["entities"] < run_checks(["thinning"])[0].sample.entities / 8


def test_a_check_that_does_not_agree_ends_with_exit_code_3(ask, monkeypatch):
    sound = suite.run_checks
    monkeypatch.setattr(suite, "run_checks", lambda *names, **how: sound(*names, **how, faulty=True))
    monkeypatch.setattr("verification.run_checks", suite.run_checks)
    answer = ask("verify", "threes-wait")
    assert (answer.code, answer.err) == (3, "")
    assert "DIFFERS" in answer.out
    assert "0 of 1 checks" in answer.out


def test_an_unknown_check_gets_one_sentence(ask):
    answer = ask("verify", "lindly")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "hallplan: There is no check and no scenario of the checks called lindly: "
        "did you mean lindley, lindley-wait, elderly?\n"
    )


def test_the_report_is_of_everything_and_overwrites_nothing(ask, tmp_path):
    assert ask("verify", "mm1", "--page", str(tmp_path / "page.md")).code == 2
    there = tmp_path / "there.md"
    there.write_text("mine", encoding="utf-8")
    answer = ask("verify", "--page", str(there))
    assert answer.code == 1
    assert "exists already" in answer.err
    assert there.read_text(encoding="utf-8") == "mine"


@pytest.mark.slow
def test_the_report_is_written_in_the_users_language(ask, tmp_path, monkeypatch):
    few = [check for check in CHECKS if check.scenario in QUICK]
    monkeypatch.setattr(suite, "CHECKS", few)
    monkeypatch.setattr("verification.page.CHECKS", few)
    monkeypatch.setattr("verification.page.CHAPTERS", {"streams": few})
    file = tmp_path / "page.md"
    answer = ask("--lang", "zh", "verify", "--page", str(file))
    assert (answer.code, answer.err) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# 验证")
    assert all(title_of(check, "zh") in text for check in few)
    assert "**3 / 3**" in text


@pytest.mark.slow
def test_checks_complete(command):
    answer = command(_HALLPLAN_COMPLETE="complete_bash", COMP_WORDS="hallplan verify mm14", COMP_CWORD="2")
    assert answer.out.split() == ["mm14-wait", "mm14-wait-tail"]
