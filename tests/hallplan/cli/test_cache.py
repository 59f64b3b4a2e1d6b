"""`hallplan cache`: what was simulated is stored, shown, read again and cleared; `--no-cache` stores nothing."""

import os
import time

import jsonschema
import pytest

RUN = ("run", "textbook-mm3", "--reps", "2", "--days", "2", "--set", "run.warm_up_days=0", "--seed", "77")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path / "cache"))


def replications(ask) -> int:
    return int(ask("cache", "show", "--json").document["replications"])


def test_run_stores_its_replications_and_clear_deletes_them(ask):
    first = ask(*RUN, "--json")
    assert replications(ask) == 2
    again = ask(*RUN, "--json")
    assert again.document["metrics"] == first.document["metrics"]
    assert replications(ask) == 2
    assert ask("cache", "show", "--json").document["prepared"]["scenarios"] == 1
    assert ask("cache", "clear").code == 0
    assert replications(ask) == 0
    assert ask("cache", "show", "--json").document["prepared"] == {"scenarios": 0, "bytes": 0}


def test_no_cache_stores_nothing(ask):
    assert ask(*RUN, "--no-cache").code == 0
    assert replications(ask) == 0
    assert ask("cache", "show", "--json").document["prepared"]["scenarios"] == 0


@pytest.mark.parametrize(("language", "empty"), [("en", "The store is empty."), ("zh", "尚无保存的结果。")])
def test_cache_without_a_subcommand_shows_the_store(ask, language, empty, tmp_path):
    answer = ask("cache", "--lang", language)
    assert answer.code == 0
    assert str(tmp_path / "cache") in answer.out
    assert empty in answer.out
    assert ask(*RUN).code == 0
    assert empty not in ask("cache", "--lang", language).out


def test_json_of_a_run_carries_its_provenance(ask):
    document = ask(*RUN, "--json").document
    assert document["provenance"]["parameters"]["seed"] == 77
    assert document["provenance"]["parameters"]["replications"] == [2]
    jsonschema.Draft202012Validator({"type": "object", "required": ["software", "engine"]}).validate(
        document["provenance"]
    )


def test_only_what_nobody_has_read_for_long_is_deleted(ask, tmp_path):
    assert ask(*RUN).code == 0
    files = [*(tmp_path / "cache").rglob("*.parquet"), *(tmp_path / "cache").rglob("*.prepared")]
    assert len(files) >= 2
    ask("cache", "clear", "--older-than", "30")
    assert all(file.exists() for file in files)
    month_ago = time.time() - 31 * 86_400
    for file in files:
        os.utime(file, (month_ago, month_ago))
    ask("cache", "clear", "--older-than", "30")
    assert not any(file.exists() for file in files)


def test_a_retention_time_that_is_none_is_refused(ask, monkeypatch):
    monkeypatch.setenv("HALLPLAN_KEEP_DAYS", "soon")
    answer = ask("cache")
    assert answer.code == 1
    assert "HALLPLAN_KEEP_DAYS is soon" in answer.err
