"""`hallplan claims`: tables in both languages, JSON in the documented form, one sentence for a faulty file."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from cases import for_each

from calibration.facts.claims import claims

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "cli-output.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["honghuagang", "lakeside"])
def test_json_has_the_form_that_is_documented_and_says_what_python_says(ask, name):
    answer = ask("claims", name, "--json")
    assert (answer.code, answer.err) == (0, "")
    jsonschema.Draft202012Validator(SCHEMA).validate(answer.document)
    assert answer.document["command"] == "claims"
    found = claims(name).document("en")
    assert {key: answer.document[key] for key in found} == found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_show_everything_that_is_said(ask, language):
    answer, found = ask("claims", "lakeside", "--lang", language), claims("lakeside")
    assert (answer.code, answer.err) == (0, "")
    for sentence in [
        *found.checks_said(language),
        *found.percentages_said(language),
        *found.unknowns_said(language),
    ]:
        assert sentence in answer.out
    for one in found.identities:
        assert one.title(language) in answer.out
        assert one.formula.text in answer.out


def test_an_invented_hall_is_called_so(ask):
    assert "(invented)" in ask("claims", "lakeside").out.splitlines()[0]
    chinese = ask("claims", "lakeside", "--lang", "zh").out
    assert "（虚构）" in chinese.splitlines()[0]
    assert "来源：虚构的新闻稿" in chinese


def test_no_sentence_has_empty_brackets(ask):
    assert "(–)" not in ask("claims", "lakeside").out
    assert "（–）" not in ask("claims", "lakeside", "--lang", "zh").out


@for_each("language", ["en", "zh"])
def test_help_is_in_the_users_language(ask, language):
    answer = ask("--lang", language, "claims", "--help")
    assert answer.code == 0
    assert bool(re.search(r"[\u4e00-\u9fff]", answer.out)) == (language == "zh")
    assert "  claims " in ask("--help").out


def test_a_faulty_file_gets_one_sentence_and_exit_code_1(ask, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('format = 1\nname = "mine"\nvisits.nwo = "700+ a day"\n', encoding="utf-8")
    answer = ask("claims", str(file))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == f"hallplan: {file}: visits.nwo: There is no key nwo here: did you mean now?\n"


def test_a_file_that_is_not_there_gets_the_nearest_example(ask):
    answer = ask("claims", "honghuagan")
    assert answer.code == 1
    assert "did you mean honghuagang?" in answer.err


def test_an_empty_file_of_claims_says_its_name(ask, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('format = 1\nname = "mine"\n', encoding="utf-8")
    assert ask("claims", str(file)).out.startswith("mine")


def test_examples_and_files_complete(command, tmp_path, monkeypatch):
    (tmp_path / "later.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    answer = command(_HALLPLAN_COMPLETE="complete_bash", COMP_WORDS="hallplan claims la", COMP_CWORD="2")
    assert answer.out.split() == ["lakeside", "later.toml"]
