"""Everything that is said of some halls' figures, frozen: a changed sentence, number or verdict is to be looked at."""

import pytest
from frozen_lines import frame_lines, lines

from calibration.facts.checks import checks
from calibration.facts.claims import claims, claims_of
from calibration.facts.evidence import evidence
from calibration.facts.identities import by_period, frame, with_identities
from calibration.facts.ledger import article_ledger
from foundation import messages

HEAD = 'format = 1\nname = "small"\n'

CASES = {
    "kinds-and-evaluations": """
[count]
accepted = 100
finished = 90
[count.instant]
accepted = 60
finished = 60
[count.committed]
accepted = 40
finished = 45
[evaluations]
total = 50
very_satisfied = 30
satisfied = 10
satisfied_in_all = 41
not_satisfied = 9
[percentages]
a = { value = "90%", words = "办结率" }
b = { value = "112.5%", words = "办结率" }
c = { value = "95%", words = "办结率", item = "x" }
d = { value = "70%", words = "满意率" }
[limits.x]
""",
    "open-of-kinds": """
[count]
accepted = 100
finished = 120
open = 5
[count.committed]
accepted = 30
finished = 20
open = 10
[count.joint]
accepted = 30
finished = 20
open = 12
[count.referred]
accepted = 30
finished = 20
open = 9
""",
    "a-kind-without-finished": "[count]\naccepted = 9\nfinished = 9\n[count.instant]\naccepted = 9\n",
    "windows-just-enough": """
visits = { before = "200 a day", now = "400 a day" }
items = { before = "4200 a month", now = "8400 a month" }
hall = { windows = 10, departments = 10, staff = 10, service_time = "12 min", open_time = "8 h" }
""",
    "windows-open": """
visits.now = "400 a day"
hall = { windows = 10, open_time = "8 h" }
assume.service_time = "8-12 min"
""",
    "windows-assumed": """
visits.now = "400 a day"
hall = { windows = 9, open_time = "8 h" }
assume.service_time = "12 min"
""",
    "few-visits": """
visits = { before = "100 a day", now = "200 a day" }
items = { before = "4200 a month", now = "4201 a month" }
""",
    "rate-by-period-only": """
items.now = "402-410 a month"
count = { working_days = "100-110 working days", accepted = 2100, finished = 1680 }
""",
    "rate-by-count-only": """
items.now = "400-420 a month"
count = { working_days = "105 working days", accepted = 2150, finished = 2050 }
""",
    "rate-at-the-edge": """
items.now = "400-420 a month"
count = { working_days = "100-105 working days", accepted = 2110, finished = 1950 }
""",
    "promise-hardly-kept": """
assume.dispersion = "1-2"
[count]
working_days = "100 working days"
[count.committed]
accepted = 2000
finished = 1926
promise = "3 working days"
[count.joint]
accepted = 2000
finished = 1927
promise = "3 working days"
days = "3.7 working days"
""",
    "percentages": """
[limits.licence]
statutory = "20 days"
promised = "20 days"
before = "15 days"
now = "20 days"
[limits.seal]
statutory = "9 days"
promised = "9 days"
[percentages.a]
value = "50%"
words = "办理时限压缩"
period = "2013"
[percentages.b]
value = "60%"
words = "办理时限压缩"
period = "2014"
[percentages.c]
value = "70%"
words = "实际办理时间缩短"
item = "licence"
[percentages.d]
value = "70%"
words = "办理时限压缩"
item = "licence"
[percentages.e]
value = "0%"
words = "法定时限压缩"
item = "licence"
[percentages.f]
value = "0%"
words = "法定时限压缩"
[percentages.g]
value = "5%"
words = "faster"
of = "promise"
""",
    "a-catalogue": """
limits_complete = true
[limits.a]
statutory = "10 days"
promised = "9 days"
[limits.b]
statutory = "20 days"
promised = "1 days"
volume = 100
[percentages.p]
value = "up to 95%"
words = "limits cut against the statutory limits"
[percentages.q]
value = "up to 67%"
words = "limits cut against the statutory limits"
period = "2013"
""",
    "measured-at-the-windows": """
[hall]
windows = 12
service_time = "0.2 h"
open_time = "480 min"
staff = "150+"
[evaluations]
total = 90
working_days = "30-60 working days"
""",
}


def described(report):
    """Return what a small hall's figures are worth: its assumptions, checks, percentages and open questions."""
    figures = [
        f"{key} = {figure.value:.6g} ({figure.span.low:.6g} to {figure.span.high:.6g}) {figure.unit}".rstrip()
        for key, figure in _own(report).items()
    ]
    held = [f"{check.key} {check.verdict} {check.figures}: {check.sentence('en')}" for check in report.checks]
    meant = [f"{percentage.key} of {percentage.of}" for percentage in report.percentages]
    questions = [f"{unknown.key} by {unknown.measurement}" for unknown in report.unknowns]
    return {"figures": figures, "checks": held, "percentages": meant, "questions": questions}


def _own(report):
    """Return the figures that are published, derived from published ones, or the reader's own."""
    usual = claims_of(HEAD, name="empty").ledger.figures
    return {key: figure for key, figure in report.ledger.figures.items() if usual.get(key) != figure}


@pytest.mark.parametrize("name", CASES)
def test_what_a_small_halls_figures_are_worth_is_frozen(name, snapshot):
    assert lines(described(claims_of(HEAD + CASES[name], name="small.toml"))) == snapshot


def test_the_document_of_an_example_is_frozen(snapshot):
    assert lines(claims("lakeside").document("en")) == snapshot


def test_the_sentences_of_an_example_are_frozen(snapshot):
    report = claims("lakeside")
    assert lines({"all": report.sentences("zh"), "unknown": report.unknowns_said("en")}) == snapshot


def test_the_frames_of_an_example_have_what_its_document_has():
    report = claims("lakeside")
    with messages.using("zh"):
        frames, document = report.frames(), report.document("zh")
        assert report.document() == document
        assert report.sentences() == report.sentences("zh")
    figures = frames["figures"].to_dict("records")
    for row, entry in zip(figures, document["figures"], strict=True):
        assert row == entry | {part: ", ".join(entry[part]) for part in ("places", "assumes")}
    assert frames["checks"].to_dict("records") == [
        {**entry, "figures": ", ".join(entry["figures"])} for entry in document["checks"]
    ]
    assert frames["percentages"].to_dict("records") == [
        {**entry, "item": entry["item"] or ""} for entry in document["percentages"]
    ]
    assert frames["unknown"].to_dict("records") == [
        {key: entry[key] for key in ("question", "measurement", "sentence")} for entry in document["unknown"]
    ]


def test_the_figures_and_checks_of_the_article_are_frozen(snapshot):
    ledger, solved = with_identities(article_ledger())
    held = [f"{check.key} {check.verdict} {check.figures}: {check.sentence('en')}" for check in checks(ledger)]
    columns = ["figure", "value", "low", "high", "unit", "places", "assumes", "identified", "method"]
    periods = {
        days: [(identity.key, identity.value) for identity in rows]
        for days, rows in by_period(article_ledger(), [115, 160]).items()
    }
    text = "\n".join([frame_lines(frame(solved, "en")[columns]), lines({"checks": held, **periods})])
    assert text == snapshot


def test_the_periods_of_the_article_are_frozen(snapshot):
    periods = {
        f"{name} {key}": (period.lengths(), str(period.span()))
        for name in ("article", "law", "elsewhere")
        for key, period in evidence(name).periods.items()
    }
    assert lines(periods) == snapshot
