"""The glossary governs names: what its last column names exists, and no value of the format is missing there."""

import re
from typing import get_args

from guides import ROOT
from names import exists

import scenarios.model as model
from scenarios.model import vocabulary
from sim.measure.registry import METRICS, title_with

GLOSSARY = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and not line.startswith("| English")
]
WORDS = {
    word
    for kind in (
        vocabulary.Channel,
        vocabulary.Purpose,
        vocabulary.ServiceKind,
        vocabulary.Mark,
        vocabulary.Stop,
        vocabulary.AtBreak,
        vocabulary.AtClose,
        vocabulary.Discipline,
        vocabulary.AbsentThen,
        vocabulary.Order,
        vocabulary.ProvenanceKind,
    )
    for part in get_args(kind)
    for word in (get_args(part) or [part])
}


def code(row):
    return re.findall(r"`([^`]+)`", row[-1])


def is_in_code(name):
    """Tell whether a name of the last column is a value, a metric, a model or its field, or a Python object."""
    if name in WORDS or name in METRICS:
        return True
    head, _, field = name.partition(".")
    if head in model.__all__:
        return not field or field in getattr(model, head).model_fields
    return "." in name and exists(name)


def test_every_row_has_a_word_in_both_languages_a_meaning_and_a_name():
    assert len(ROWS) > 90
    for row in ROWS:
        assert len(row) == 4, row
        assert re.search(r"[\u4e00-\u9fff]", row[1]), row
        assert code(row) or row[3] == "–", row


def test_every_name_of_the_glossary_exists_in_code():
    assert [name for row in ROWS for name in code(row) if not is_in_code(name)] == []


def test_the_search_for_names_notices_a_missing_one():
    assert not is_in_code("Pool.discipine")
    assert not is_in_code("sim.calendar.WorkCalendar.days_touched")
    assert not is_in_code("hurried")


def test_every_value_of_the_format_stands_in_the_glossary():
    assert sorted(WORDS - {name for row in ROWS for name in code(row)}) == []


def test_a_metric_has_the_chinese_word_of_its_row():
    pairs = [(name, row[1]) for row in ROWS for name in code(row) if name in METRICS]
    assert len(pairs) > 8
    for name, words in pairs:
        title = title_with(METRICS[name], "", "zh")
        assert any(word in title for word in re.split(r"[、（）]", words) if word), (name, title, words)


def test_no_english_word_stands_twice_in_one_table():
    for table in GLOSSARY.split("\n## ")[1:]:
        words = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
        assert len(words) == len(set(words)), table.splitlines()[0]
