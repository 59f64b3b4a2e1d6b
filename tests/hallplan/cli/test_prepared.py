"""Prepared scenarios: read again while nothing has changed, prepared anew as soon as something has."""

import os

import pytest

from hallplan.cli.prepared import prepared
from hallplan.storage import prepared_entries

HALL = """
format = 1
extends = "textbook-mm3"
name = "own"
levers = ["more.toml"]
"""
LEVER = """
format = 1
name = "more"
title = { en = "More", zh = "更多" }
why = { en = "A test.", zh = "测试。" }
[set.run]
days = %d
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path / "cache"))


def read(reference, **overrides):
    return prepared(str(reference), levers=(), overrides=overrides)


def write(file, text):
    """Write a file as it was left a minute ago: what was saved just now is not stored."""
    file.write_text(text, encoding="utf-8")
    past = file.stat().st_mtime - 60
    os.utime(file, (past, past))


def test_what_was_stored_is_what_was_prepared():
    first = read("textbook-mm3")
    (entry,) = prepared_entries()
    again = read("textbook-mm3")
    assert again.composed is not first.composed
    assert again.scenario == first.scenario
    assert again.outlook == first.outlook
    assert again.composed.origin == first.composed.origin
    assert again.composed.changed(overrides={"run.days": 3}).scenario.run.days == 3
    assert prepared_entries() == [entry]


def test_other_requests_are_other_entries():
    days = [read("textbook-mm3", **{"run.days": count}).scenario.run.days for count in (2, 3, 2)]
    assert days == [2, 3, 2]
    assert len(prepared_entries()) == 2


def test_a_changed_file_is_read_anew(tmp_path):
    """The scenario's own file, and a lever that it pulls."""
    hall, lever = tmp_path / "own.toml", tmp_path / "more.toml"
    seen = []
    for text, days in ((HALL, 4), (HALL.replace('"own"', '"renamed"'), 4), (HALL, 5)):
        write(hall, text)
        write(lever, LEVER % days)
        seen += [(scenario.name, scenario.run.days) for scenario in (read(hall).scenario, read(hall).scenario)]
    assert seen == [("own", 4)] * 2 + [("renamed", 4)] * 2 + [("own", 5)] * 2
    assert len(prepared_entries()) == 1


def test_a_file_that_was_just_saved_is_not_stored(tmp_path):
    hall = tmp_path / "own.toml"
    hall.write_text('format = 1\nextends = "textbook-mm3"\nname = "own"\n', encoding="utf-8")
    future = hall.stat().st_mtime + 60
    os.utime(hall, (future, future))
    assert read(hall).scenario.name == "own"
    assert prepared_entries() == []


def test_a_working_folder_that_is_gone_only_means_that_nothing_is_stored(tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert read("textbook-mm3").scenario.name == "textbook-mm3"
    assert prepared_entries() == []


def test_a_damaged_entry_is_prepared_anew():
    undamaged = read("textbook-mm3")
    (entry,) = prepared_entries()
    content = entry.read_bytes()
    for damaged in (b"", content[:-100], content.replace(b"\n", b"", 1), b"{}\n" + b"cos\nsystem\n"):
        entry.write_bytes(damaged)
        assert read("textbook-mm3").outlook == undamaged.outlook
        assert entry.read_bytes() == content


@pytest.mark.slow
def test_the_oldest_entries_go():
    for days in range(1, 103):
        read("textbook-mm3", **{"run.days": days})
    assert len(prepared_entries()) == 100
