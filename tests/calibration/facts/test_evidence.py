"""Evidence is data: what was said, how, and where; a faulty file gets one sentence."""

import datetime as dt
import re
from functools import cache
from itertools import pairwise

import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pages.evidence import PAGE, evidence_page
from calibration.facts.evidence import FILES, FOLDER, assumptions, count_working_days, evidence, read_evidence
from calibration.facts.identities import FORMULAS
from calibration.facts.ledger import article_ledger
from calibration.facts.spans import Span
from foundation.errors import ScenarioError
from scenarios.compose.composing import composed as read
from scenarios.paths import matches, split
from sim.measure.table import MeasureOptions

composed = cache(read)

SMALL = """
format = 1
name = "small"
[source]
title = "A notice"
published = 2014-08-22
[periods.now]
title = "now"
[facts]
visits = { amount = "700+ a day", place = "¶5", period = "now", title = "Visits", role = "demand" }
"""


def test_the_article_says_what_it_says():
    article = evidence("article")
    assert article.source.published == dt.date(2014, 8, 22)
    assert article["accepted"].value == 38471
    assert article["visits_now"].span().high == 750
    assert article["visits_now"].place == "¶5"
    assert {fact.place for fact in article.facts.values()} == {"¶2", "¶3", "¶4", "¶5"}


@pytest.mark.parametrize("name", FILES)
def test_every_fact_is_told_in_both_languages(name):
    source = evidence(name)
    for key, fact in source.facts.items():
        for text in (fact.title, fact.role, source.periods[fact.period].title):
            assert text.en, key
            assert re.search(r"[\u4e00-\u9fff]", text.zh), key


def test_working_days_of_2014_are_those_of_the_official_calendar():
    """By month 22 17 21 21 21 20 23 21 22 19 20 23, 250 in all (State Council notice of 11 December 2013)."""
    starts = [dt.date(2014, month, 1) for month in range(1, 13)] + [dt.date(2015, 1, 1)]
    months = [count_working_days(first, after - dt.timedelta(days=1)) for first, after in pairwise(starts)]
    assert months == [22, 17, 21, 21, 21, 20, 23, 21, 22, 19, 20, 23]
    assert sum(months) == 250
    assert evidence().periods["count"].lengths() == (sum(months[:6]), sum(months[:7]), sum(months[:7]) + 15)
    assert evidence().periods["count"].span().low == 115


@settings(deadline=None, max_examples=20)
@given(st.dates(dt.date(2013, 1, 1), dt.date(2016, 1, 1)), st.integers(0, 200), st.integers(0, 200))
def test_working_days_of_two_stretches_add_up(first, days, more):
    middle, last = first + dt.timedelta(days=days), first + dt.timedelta(days=days + 1 + more)
    after = middle + dt.timedelta(days=1)
    assert count_working_days(first, last) == count_working_days(first, middle) + count_working_days(after, last)


def test_conventions_are_those_of_the_metrics_and_of_the_scenario():
    options, known = MeasureOptions(), assumptions()
    assert known["days_per_month"].value == options.days_per_month
    assert known["days_per_week"].value == options.days_per_week
    assert known["measured_days"].value == composed("honghuagang-2014").scenario.run.days


def _held(rows):
    entries = [(key, entry) for key, some in rows for entry in some]
    return [pytest.param(key, *entry.split(": "), id=f"{key}-{entry}") for key, entry in entries]


@for_each(("key", "scenario", "metric"), _held((key, fact.targets) for key, fact in evidence().facts.items()))
def test_a_target_of_a_scenario_is_the_interval_of_its_fact(key, scenario, metric):
    target, span = composed(scenario).scenario.targets[metric], evidence()[key].span()
    assert evidence()[key].place in target.source.en
    if span.is_exact:  # whole days
        assert (target.low, target.high) == (span.low - 0.5, span.high + 0.5)
    else:
        assert (target.low, target.high) == (span.low, span.high)


@for_each(
    ("key", "scenario", "path"),
    _held((key, fact.inputs) for name in FILES for key, fact in evidence(name).facts.items()),
)
def test_what_is_said_to_be_set_from_a_fact_is_there(key, scenario, path):
    origin = composed(scenario).origin
    assert any(matches(found, split(path)) for found in origin), (key, path)


def test_every_name_of_a_formula_is_a_fact_an_assumption_or_another_figure():
    from calibration.facts.formulas import names_in

    known = set(article_ledger().figures) | {"windows", "staff"}
    for formula in FORMULAS:
        names = names_in(formula.text.format(kind="committed"))
        derived = {one.key.format(kind="committed") for one in FORMULAS}
        assert set(names) <= known | derived, formula.key


def test_the_page_is_what_the_program_says():
    assert PAGE.read_text(encoding="utf-8") == evidence_page(), "run python -m benchmarks.pages.evidence"


def test_the_page_names_every_fact_and_every_assumption():
    page = evidence_page()
    names = [key for name in FILES for key in evidence(name).facts] + list(assumptions())
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_nothing_that_follows_is_typed_into_the_evidence():
    """Numbers that are results (2.10 visits an item, 80 per cent, 94.25 per cent) don't stand in the article's file."""
    text = (FOLDER / "article.toml").read_text(encoding="utf-8")
    for result in ("2.10", "1.05", "94.25", "5.75", "95.93", "72.8", "80%", "12.4", "= 90", "= 122", "= 145", "= 160"):
        assert result not in text


# What is changed, into what, key of the sentence, place.
FAULTS = [
    ('"700+ a day"', '"lots"', "error.amount", "facts.visits.amount"),
    ('"700+ a day"', '"52%"', "error.evidence.percentage_of", "facts.visits"),
    ("place", "plaice", "error.unknown_key", "facts.visits.plaice"),
    ('period = "now"', 'period = "nwo"', "error.evidence.no_period", "facts.visits.period"),
    ("visits = {", '"Visits a day" = {', "error.evidence.bad_name", 'facts."Visits a day"'),
    ("[periods.now]", "[periods.now]\nfirst = 2014-01-01", "error.evidence.period_needs", "periods.now"),
    (
        "[periods.now]",
        "[periods.now]\nfirst = 2014-02-01\nends = [2014-01-31]",
        "error.evidence.period_backwards",
        "periods.now",
    ),
    ("published = 2014-08-22", "", "error.missing_key", "source.published"),
    ("[facts]", "[fatcs]", "error.unknown_key", "fatcs"),
    ("format = 1", "format = 1\nformat = 1", "error.toml_twice", ""),
]


@for_each(("old", "new", "key", "path"), FAULTS)
def test_a_faulty_file_gets_one_sentence(old, new, key, path):
    assert old in SMALL
    with pytest.raises(ScenarioError) as caught:
        read_evidence(SMALL.replace(old, new, 1), name="small.toml")
    assert (caught.value.key, caught.value.file, caught.value.path) == (key, "small.toml", path)
    for language in ("en", "zh"):
        assert caught.value.sentence(language).startswith("small.toml")


def test_the_nearest_key_and_period_are_suggested():
    with pytest.raises(ScenarioError) as caught:
        read_evidence(SMALL.replace("place", "plaice"), name="small.toml")
    assert "did you mean place?" in caught.value.sentence("en")
    with pytest.raises(ScenarioError) as caught:
        read_evidence(SMALL.replace('"now", title', '"nwo", title'), name="small.toml")
    assert "did you mean now?" in caught.value.sentence("en")


def test_a_key_is_suggested_at_every_depth():
    for old, new, suggested in (
        ('name = "small"', 'nam = "small"', "name"),
        ('title = "A notice"', 'titel = "A notice"', "title"),
        ('title = "A notice"', 'title = { en = "A notice", zhh = "通知" }', "zh"),
        ('title = "now"', 'titl = "now"', "title"),
        ('title = "now"', 'title = { en = "now", zhh = "现在" }', "zh"),
        ('role = "demand"', 'rol = "demand"', "role"),
        ('role = "demand"', 'role = { enn = "demand" }', "en"),
    ):
        with pytest.raises(ScenarioError) as caught:
            read_evidence(SMALL.replace(old, new, 1), name="small.toml")
        assert f"did you mean {suggested}?" in caught.value.sentence("en"), new


def test_a_period_ends_on_the_day_on_which_it_begins_at_the_earliest():
    def period(first, ends, least=""):
        text = f"[periods.now]\nfirst = {first}\nends = [{ends}]\n{least}"
        return read_evidence(SMALL.replace("[periods.now]", text), name="small.toml").periods["now"]

    assert period("2014-01-02", "2014-01-02").lengths() == (1,)
    assert period("2014-01-02", "2014-01-03, 2014-01-10").span() == Span(2, 7)
    for least, span in ((1, Span(1, 7)), (9, Span(2, 7))):
        assert period("2014-01-02", "2014-01-03, 2014-01-10", f"least_working_days = {least}\n").span() == span
    for least in (0, 10_001):
        with pytest.raises(ScenarioError):
            period("2014-01-02", "2014-01-03", f"least_working_days = {least}\n")


def test_evidence_cannot_be_changed():
    with pytest.raises(Exception, match="frozen"):
        evidence().source.published = dt.date(2015, 1, 1)
