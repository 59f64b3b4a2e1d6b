"""Anybody's claims: balanced, held against one another, and answered in one sentence when the file is faulty."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from cases import for_each

from calibration.facts.claims import EXAMPLES, claims, claims_of, example_names
from calibration.facts.claims_file import TABLES
from calibration.facts.evidence import Measure, evidence
from calibration.facts.identities import FORMULAS, identities
from calibration.facts.ledger import ItemLimits, article_ledger
from calibration.facts.unknowns import MEASUREMENTS
from foundation.errors import ScenarioError
from foundation.messages import LANGUAGES

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "claims.md"
HEAD = 'format = 1\nname = "small"\n'


def report(text):
    return claims_of(HEAD + text, name="small.toml")


def verdict(text, key):
    found = [one.verdict for one in report(text).checks if one.key == key]
    return found[0] if len(found) == 1 else found


def value(text, figure):
    return next(one for one in report(text).identities if one.key == figure)


# ---- the examples ----


def test_the_example_of_the_article_says_what_the_article_says():
    known, article = claims("honghuagang").ledger.figures, article_ledger().figures
    shared = [name for name in article if name in known and article[name].kind == "published"]
    assert len(shared) >= 15
    for name in shared:
        assert (known[name].value, known[name].span) == (article[name].value, article[name].span), name
    assert known["period_days"].span == article["period_days"].span
    limits = claims("honghuagang").ledger.limits["food-and-health-licence"]
    facts = evidence()
    assert limits.now == facts["licence_days_now"].value
    assert limits.before == facts["licence_days_now"].value + facts["licence_days_saved"].value


def test_the_example_of_the_article_derives_what_the_article_implies():
    theirs = {one.key: one for one in identities(article_ledger())}
    shared = [one for one in claims("honghuagang").identities if one.key in theirs]
    assert len(shared) >= 25
    for one in shared:
        assert (one.value, one.span) == (theirs[one.key].value, theirs[one.key].span), one.key


def test_the_invented_hall_says_that_it_is_invented():
    assert claims("lakeside").title("en").endswith("(invented)")
    assert claims("lakeside").title("zh").endswith("（虚构）")
    assert "invented" not in claims("honghuagang").title("en")


def test_the_invented_hall_does_not_add_up():
    found = {(one.key, one.verdict) for one in claims("lakeside").checks}
    assert {
        ("monthly_rate", "contradiction"),
        ("share", "contradiction"),
        ("words", "contradiction"),
        ("above_statutory", "contradiction"),
        ("item_share", "contradiction"),
        ("open_count", "tension"),
        ("measured_days", "tension"),
        ("fewer_windows", "tension"),
        ("above_promise", "tension"),
        ("catalogue", "open"),
    } <= found


@for_each("name", example_names())
@for_each("language", LANGUAGES)
def test_everything_is_said_in_both_languages(name, language):
    said = claims(name).sentences(language)
    assert said
    for sentence in said:
        assert "{" not in sentence
        assert "calibration." not in sentence
        assert bool(re.search(r"[\u4e00-\u9fff]", re.sub(r"[\"“][^\"”]*[\"”]", "", sentence))) == (language == "zh")


@pytest.mark.parametrize("name", example_names())
def test_the_document_is_json_and_the_frames_are_tidy(name):
    found = claims(name)
    document = json.loads(json.dumps(found.document("en"), allow_nan=False))
    assert document["name"] == name
    assert {one["measurement"] for one in document["unknown"]} <= set(MEASUREMENTS)
    frames = found.frames()
    assert list(frames) == ["figures", "checks", "percentages", "unknown"]
    assert len(frames["figures"]) == len(document["figures"]) == len(found.frame())


def test_checks_come_worst_first():
    order = ["contradiction", "tension", "not-comparable", "open", "agrees"]
    places = [order.index(one.verdict) for one in claims("lakeside").checks]
    assert places == sorted(places)


# ---- what follows ----


def test_an_empty_file_derives_nothing_and_contradicts_nothing():
    found = report("")
    assert (found.identities, found.checks, found.unknowns, found.best_measurement) == ((), (), (), None)


@for_each("text", ["3500 a week", "14700 a month", "176400 a year", "700 a day"])
def test_rates_are_told_in_any_unit_of_time(text):
    one = value(f'visits.now = "{text}"\nitems.now = "7000 a month"', "visits_per_item_now")
    assert one.value == pytest.approx(2.1)


def test_little_is_right_for_a_hall_worked_by_hand():
    """10 accepted a day for 50 days, 40 open: 4 days each; a Poisson 40 is 28.58 to 54.47."""
    one = value(
        'count.working_days = "50 working days"\ncount.committed = { accepted = 500, finished = 460 }',
        "committed_days_in_system",
    )
    assert one.value == pytest.approx(4.0)
    assert (one.span.low, one.span.high) == (pytest.approx(2.858, abs=1e-3), pytest.approx(5.447, abs=1e-3))
    assert one.identified == "yes"


def test_dates_are_counted_by_the_calendar():
    text = "[count]\nstart = 2014-01-01\nend = 2014-06-30\n[count.committed]\naccepted = 2212\nfinished = 2122"
    one = value(text, "committed_days_in_system")
    assert one.value == pytest.approx(90 * 122 / 2212)
    without = value(text.replace("[count]", '[count]\ncountry = "none"'), "committed_days_in_system")
    assert without.value == pytest.approx(90 * 129 / 2212)  # weekdays


def test_a_measured_service_time_needs_no_assumption():
    text = 'visits.now = "700 a day"\nhall = { service_time = "8 min", open_time = "7.5 h", windows = 12 }'
    assert value(text, "offered_load").identified == "yes"
    assert verdict(text, "windows") == "contradiction"
    assert verdict(text.replace('service_time = "8 min", ', ""), "windows") == "open"
    assert verdict(text.replace("windows = 12", "windows = 13"), "windows") == "agrees"


def test_what_stands_in_for_the_windows_is_idle_once_they_are_known():
    text = 'visits.now = "700 a day"\nhall.departments = 27\n'
    idle = {"load_of_one_window_each", "likely_windows"}
    assert idle <= {one.key for one in report(text).identities}
    assert not idle & {one.key for one in report(text + "hall.windows = 30").identities}


def test_an_assumption_of_the_readers_own_counts_but_stays_one():
    text = 'visits.now = "700 a day"\nassume.service_time = "0.2 h"\nhall = { windows = 12, open_time = "8 h" }'
    one = value(text, "offered_load")
    assert one.value == pytest.approx(700 * 12 / 480)
    assert one.assumes == ("service_min",)
    assert verdict(text, "windows") == "tension"


def test_more_finished_than_accepted_derives_no_open_items():
    text = "count = { accepted = 100, finished = 120 }"
    assert [one.key for one in report(text).identities] == ["finished_share"]
    assert verdict(text, "more_finished") == "tension"


def test_counts_too_rough_derive_no_open_items():
    keys = {one.key for one in report('count = { accepted = "about 38000", finished = "about 37900" }').identities}
    assert keys == {"finished_share"}


def test_a_rough_count_of_open_items_is_rough_and_subject_to_chance():
    """About 40 is 35 to 45, a Poisson 35 at least 24.38, a Poisson 45 at most 60.21."""
    one = value('count = { accepted = 500, finished = 460, open = "about 40" }', "expected_open")
    assert (one.span.low, one.span.high) == (pytest.approx(24.38, abs=0.01), pytest.approx(60.21, abs=0.01))


def test_nothing_is_divided_by_nobody():
    found = report('visits.now = "0 a day"\nitems.now = "0 a month"\ncount = { accepted = 0, finished = 0 }')
    assert {one.key for one in found.identities} == {"open", "expected_open", "offered_load", "least_windows"}


# ---- checks ----


@pytest.mark.parametrize(
    ("instant", "committed", "expected"), [(80, 20, "agrees"), (80, 10, "tension"), (80, 30, "contradiction")]
)
def test_kinds_must_add_up(instant, committed, expected):
    text = f"[count]\naccepted = 100\n[count.instant]\naccepted = {instant}\n[count.committed]\naccepted = {committed}"
    assert verdict(text, "sum_of_kinds") == expected


@pytest.mark.parametrize(("still", "expected"), [(10, "agrees"), (15, "tension"), (5, "contradiction")])
def test_open_items_must_be_those_not_finished(still, expected):
    assert verdict(f"count = {{ accepted = 100, finished = 90, open = {still} }}", "open_count") == expected


@pytest.mark.parametrize(
    ("rate", "expected"), [("420 a month", "agrees"), ("about 400 a month", "agrees"), ("500 a month", "contradiction")]
)
def test_the_monthly_rate_must_fit_the_count(rate, expected):
    """420 a month for five months of 21 working days."""
    text = f'items.now = "{rate}"\ncount = {{ working_days = "105 working days", accepted = 2100, finished = 2100 }}'
    assert verdict(text, "monthly_rate") == expected


@pytest.mark.parametrize(("finished", "expected"), [(1960, "agrees"), (1850, "tension")])
def test_open_items_must_fit_the_promise(finished, expected):
    """20 a day for 100 days, 3 promised: 60 open on average; 40 are fine, 150 aren't."""
    text = (
        '[count]\nworking_days = "100 working days"\n[count.committed]\naccepted = 2000\n'
        f'finished = {finished}\npromise = "3 working days"'
    )
    assert verdict(text, "promise") == expected


@pytest.mark.parametrize(("days", "expected"), [("4 working days", "agrees"), ("1.8 working days", "tension")])
def test_measured_days_must_fit_the_open_items(days, expected):
    text = (
        f'[count]\nworking_days = "50 working days"\n[count.committed]\naccepted = 500\nfinished = 460\ndays = "{days}"'
    )
    assert verdict(text, "measured_days") == expected


def test_fewer_visits_than_items_are_explained():
    assert verdict('visits.now = "200 a day"\nitems.now = "7000 a month"', "few_visits") == "tension"
    assert verdict('visits.now = "700 a day"\nitems.now = "7000 a month"', "few_visits") == []


def test_fewer_windows_than_departments_and_fewer_staff_than_windows_are_told():
    found = report('visits.now = "70 a day"\nhall = { windows = 20, departments = 27, staff = 12 }')
    assert {"fewer_windows", "fewer_staff"} <= {one.key for one in found.checks}


@pytest.mark.parametrize(("share", "expected"), [("90%", "agrees"), ("90.0%", "agrees"), ("95%", "contradiction")])
def test_a_completion_rate_must_be_that_of_the_counts(share, expected):
    text = f'count = {{ accepted = 100, finished = 90 }}\npercentages.done = {{ value = "{share}", words = "办结率" }}'
    assert verdict(text, "share") == expected


@pytest.mark.parametrize(
    ("period", "expected"), [("2014", "contradiction"), ("2013", "not-comparable"), ("before", [])]
)
def test_two_percentages_of_the_same_are_compared_only_within_a_period(period, expected):
    text = (
        '[percentages]\none = { value = "98.97%", words = "满意率", period = "2014" }\n'
        f'other = {{ value = "99.68%", words = "满意率", period = "{period}" }}'
    )
    assert verdict(text, "same_measure") == expected


def test_a_cut_of_limits_and_a_cut_of_time_are_never_compared():
    text = (
        '[percentages]\none = { value = "52%", words = "比法定时限压缩" }\n'
        'other = { value = "81.8%", words = "实际办理时间比法定时限压缩" }'
    )
    found = report(text)
    assert [one.of for one in found.percentages] == ["limit", "actual-limit"]
    assert [one.verdict for one in found.checks] == ["not-comparable"]


LICENCE = '[limits.licence]\nstatutory = "20 days"\npromised = "10 days"\nbefore = "15 days"\nnow = "3 days"\n'


@for_each(("of", "share"), [("limit", 50), ("actual", 80), ("actual-limit", 85), ("actual-promise", 70)])
def test_a_percentage_of_an_item_must_be_that_of_its_days(of, share):
    text = LICENCE + '[percentages.p]\nvalue = "{}%"\nof = "{}"\nitem = "licence"'
    assert verdict(text.format(share, of), "item_share") == "agrees"
    assert verdict(text.format(share + 1, of), "item_share") == "contradiction"


CATALOGUE = """
limits_complete = {complete}
[limits]
a = {{ statutory = "10 days", promised = "9 days", volume = 500 }}
b = {{ statutory = "20 days", promised = "1 days", volume = 100 }}
c = {{ statutory = "30 days", promised = "18 days", volume = 5 }}
[percentages.cut]
value = "{value}"
words = "limits cut against the statutory limits"
"""


@for_each(
    ("value", "meant"),
    [
        ("48%", "the mean over items"),
        ("53%", "the ratio of the sums"),
        ("34.4%", "weighted by volume"),
        ("up to 95%", "the largest cut of one item"),
        ("48-54%", "the mean over items; the ratio of the sums"),
    ],
)
def test_a_percentage_of_limits_is_told_which_it_can_be(value, meant):
    (one,) = report(CATALOGUE.format(complete="true", value=value)).checks
    assert one.verdict == "agrees"
    assert f"if it means this: {meant}." in one.sentence("en")


@pytest.mark.parametrize("value", ["60%", "up to 60%", "up to 99%"])
def test_a_percentage_of_limits_that_it_can_not_be_is_told_so(value):
    assert verdict(CATALOGUE.format(complete="true", value=value), "catalogue") == "contradiction"
    assert verdict(CATALOGUE.format(complete="false", value=value), "catalogue") == "open"


def test_a_share_at_the_edge_of_its_rounding_agrees_with_it():
    """99 of 120 are 82.5 %, which may be rounded to 83 %; so may a limit cut from 120 days to 21."""
    counts = 'count = { accepted = 120, finished = 99 }\npercentages.p = { value = "83%", words = "办结率" }'
    assert verdict(counts, "share") == "agrees"
    limits = '[limits.licence]\nstatutory = "120 days"\npromised = "21 days"\n'
    item = limits + '[percentages.p]\nvalue = "83%"\nof = "limit"\nitem = "licence"'
    assert verdict(item, "item_share") == "agrees"
    others = "limits_complete = true\n" + limits + '[limits.other]\nstatutory = "10 days"\npromised = "9 days"\n'
    for value, expected in (("up to 83%", "agrees"), ("83%", "agrees"), ("up to 84%", "contradiction")):
        catalogue = f'{others}[percentages.p]\nvalue = "{value}"\nwords = "limits cut against the statutory limits"'
        assert verdict(catalogue, "catalogue") == expected
        one_item = catalogue.replace('promised = "9 days"', "")
        assert verdict(one_item, "catalogue") == []


def test_only_figures_of_committed_items_are_compared_with_scenarios():
    (restated,) = [formula for formula in FORMULAS if formula.key == "{kind}_finished_share_restated"]
    assert restated.of_kind("committed").targets == ("honghuagang-2014: committed_finished_share",)
    assert restated.of_kind("joint").targets == ()


def test_words_win_over_what_the_file_declares_unless_they_are_unclear():
    text = '[percentages.p]\nvalue = "52%"\nwords = "{}"\nof = "actual"'
    clear, unclear = report(text.format("比法定时限压缩")), report(text.format("提速"))
    assert (clear.percentages[0].of, clear.checks[0].verdict) == ("limit", "contradiction")
    assert (unclear.percentages[0].of, unclear.checks) == ("actual", ())


# ---- what can't be known ----


def test_each_answer_takes_its_question_away():
    few = 'visits.now = "700 a day"\nitems.now = "7000 a month"\n'
    assert {"service_time", "windows", "purposes"} <= {one.key for one in report(few).unknowns}
    more = report(few + 'hall = { windows = 20, service_time = "8 min", open_time = "7 h" }')
    assert not {"service_time", "windows"} & {one.key for one in more.unknowns}
    cases = '[count]\nworking_days = "{}"\naccepted = 9\n[count.committed]\naccepted = 9\nfinished = 9\n'
    assert {"period", "elapsed"} <= {one.key for one in report(cases.format("40-50 working days")).unknowns}
    described = report(cases.format("45 working days") + 'days = "2.0 working days"')
    assert not {"period", "elapsed", "open_cases"} & {unknown.key for unknown in described.unknowns}


def test_the_measurement_that_settles_most_comes_first():
    found = claims("honghuagang")
    assert found.best_measurement == "case-register"
    assert "case register" in found.unknowns_said("en")[0]


# ---- faulty files ----

FAULTS = [
    ("visit.now = 3", "error.unknown_key", "visit", "did you mean visits"),
    ("visits.nwo = 3", "error.unknown_key", "visits.nwo", "did you mean now"),
    ("count.instnat = {}", "error.unknown_key", "count.instnat", "did you mean instant"),
    ("count.instant = { acepted = 3 }", "error.unknown_key", "count.instant.acepted", "did you mean accepted"),
    ('limits.x = { statutry = "3 days" }', "error.unknown_key", "limits.x.statutry", "did you mean statutory"),
    ('percentages.p = { valu = "3%" }', "error.unknown_key", "percentages.p.valu", "did you mean value"),
    ("visits.now = 700", "error.claims.rate", "visits.now", '"700+ a day"'),
    ('visits.now = "700 days"', "error.claims.rate", "visits.now", '"700+ a day"'),
    ('visits.now = "lots"', "error.amount", "visits.now", "write it like"),
    ("visits.now = inf", "error.amount", "visits.now", "write it like"),
    ("visits.now = true", "error.amount", "visits.now", "write it like"),
    ('count.accepted = "3 a day"', "error.claims.count", "count.accepted", "without a unit"),
    ("count.accepted = -3", "error.amount", "count.accepted", "write it like"),
    ('count.working_days = "3 days"', "error.claims.working_days", "count.working_days", "working days"),
    ('count.working_days = "0 working days"', "error.claims.working_days", "count.working_days", "above zero"),
    ("count.start = 2014-01-01", "error.claims.one_period", "count", "both start and end"),
    ("count = { start = 2014-02-01, end = 2014-01-01 }", "error.claims.period", "count", "correct one"),
    ("count = { start = 0001-01-01, end = 9999-12-31 }", "error.claims.period", "count", "ten years"),
    ('count = { start = "2014-01-01", end = 2014-02-01 }', "error.wrong_type", "count.start", "a date"),
    ('count.country = "DE"', "error.not_one_of", "count.country", "CN"),
    ("count.committed = { finished = 3 }", "error.missing_key", "count.committed.accepted", "add it"),
    ('hall.open_time = "0 min"', "error.claims.minutes", "hall.open_time", "above zero"),
    ('hall.service_time = "8"', "error.claims.minutes", "hall.service_time", "minutes or hours"),
    ('limits.x.statutory = "3 h"', "error.claims.days", "limits.x.statutory", "days"),
    (
        'limits.x = { statutory = "20 working days", now = "3 calendar days" }',
        "error.claims.days_mixed",
        "limits.x",
        "the same",
    ),
    ('limits."X Y" = {}', "error.bad_name", 'limits."X Y"', "small letters"),
    ('percentages.p = { value = 52, words = "办结率" }', "error.claims.percent", "percentages.p.value", '"52%"'),
    ('percentages.p = { value = "52%" }', "error.claims.words_needed", "percentages.p", "actual-limit"),
    ('percentages.p = { value = "52%", of = "limits" }', "error.not_one_of", "percentages.p.of", "did you mean limit"),
    (
        'percentages.p = { value = "52%", of = "limit", item = "x" }',
        "error.claims.no_item",
        "percentages.p.item",
        "add it there",
    ),
    ("visits = 3", "error.wrong_type", "visits", "a table"),
    ("invented = 1", "error.wrong_type", "invented", "true or false"),
    ("visits = {", "error.toml_syntax", "", "valid TOML"),
]


@for_each(("text", "key", "path", "remedy"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_faulty_file_gets_one_sentence_with_a_remedy(text, key, path, remedy):
    with pytest.raises(ScenarioError) as caught:
        report(text)
    assert (caught.value.key, caught.value.path) == (key, path)
    assert caught.value.sentence("en").startswith("small.toml")
    assert remedy in caught.value.sentence("en")
    assert re.search(r"[\u4e00-\u9fff]", caught.value.sentence("zh"))


@for_each(
    ("data", "key"),
    [
        (b"", "error.file_empty"),
        ('name = "x"', "error.format_missing"),
        ("format = 2", "error.format_unknown"),
        ("名 = 3".encode("gbk"), "error.is_gbk"),
    ],
)
def test_what_is_no_claims_file_is_told_so(data, key):
    with pytest.raises(ScenarioError) as caught:
        claims_of(data, name="small.toml")
    assert caught.value.key == key


def test_a_file_that_is_not_there_is_told_with_the_nearest_example(tmp_path):
    for name, key in (
        ("lakesid", "error.claims.no_file"),
        (str(tmp_path), "error.claims.is_a_folder"),
        ("a\0b", "error.cannot_read"),
    ):
        with pytest.raises(ScenarioError) as caught:
            claims(name)
        assert caught.value.key == key
    assert caught.value.values["reason"] == "?"
    with pytest.raises(ScenarioError, match="File name too long") as caught:
        claims(str(tmp_path / ("x" * 300)))
    assert caught.value.key == "error.cannot_read"
    with pytest.raises(ScenarioError, match="did you mean lakeside"):
        claims("lakesid")


def test_the_longest_words_and_periods_are_read_and_no_longer():
    def described(words, period, end):
        text = f'[count]\nstart = 2014-01-01\nend = {end}\n[percentages.p]\nvalue = "1%"\nof = "limit"\n'
        return report(f'{text}words = "{words}"\nperiod = "{period}"')

    assert described("x" * 500, "y" * 100, "2024-01-09").percentages[0].period == "y" * 100
    for words, period, end in ((501, 1, "2014-02-01"), (1, 101, "2014-02-01"), (1, 1, "2024-01-10")):
        with pytest.raises(ScenarioError):
            described("x" * words, "y" * period, end)
    one_day = "[count]\nstart = 2014-01-02\nend = 2014-01-02\n"
    assert report(f"{one_day}accepted = 5").ledger.figures["period_days"].value == 1


def test_limits_of_an_item_are_in_its_own_days():
    text = '[limits.x]\nstatutory = "20 calendar days"\nnow = "3 calendar days"\nvolume = 7\n[limits.y]\nvolume = 2\n'
    limits = report(text).ledger.limits
    assert limits["x"] == ItemLimits(20, None, None, 3, 7, "calendar days")
    assert limits["y"] == ItemLimits(None, None, None, None, 2, "working days")


def test_a_rate_with_a_unit_and_a_count_with_a_period_are_refused():
    for text in (
        'visits.now = "700 yuan a day"',
        'count.accepted = "7 h"',
        'hall.service_time = "8 min a day"',
        'percentages.p = { value = "5% a day", of = "limit" }',
        'limits.x.now = "3 days a week"',
        'count.working_days = "9 working days a month"',
    ):
        with pytest.raises(ScenarioError, match="small"):
            report(text)


def test_hostile_words_stay_on_one_line():
    text = '[percentages.p]\nvalue = "52%"\nwords = "\\u202e\\u001b[31m<script>\\n法定"\nof = "actual"'
    for sentence in report(text).sentences("en"):
        assert sentence.isprintable()


# ---- the document ----


def test_the_document_names_every_key_and_every_measure():
    page = DOCUMENT.read_text(encoding="utf-8")
    for path, model in TABLES.items():
        table = ".".join(path) if path[:1] != ("count",) or len(path) == 1 else f".{path[1]}"
        for name in model.model_fields:
            if (*path, name) in TABLES or (not path and name in ("limits", "percentages")) or table == "title":
                continue
            assert f"`{name}`" in page, (table, name)
    for measure in get_args(Measure):
        assert f"| `{measure}` |" in page


def test_the_files_of_the_document_are_valid():
    blocks = re.findall(r"```toml claims\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        assert claims_of(block, name="docs/reference/claims.md").identities


def test_the_examples_are_part_of_the_package():
    assert sorted(file.stem for file in EXAMPLES.glob("*.toml")) == ["honghuagang", "lakeside"]
