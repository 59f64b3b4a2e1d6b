"""Reports: what is said first, numbers as in the comparison, texts of people as text, the same bytes twice."""

import html
import re

import pytest
from cases import for_each
from report_plans import changed, source_of, two_plans
from report_samples import NAN, NUMBERS

from foundation import messages
from foundation.errors import HallplanError
from hallplan.show.report import SECTIONS, ReportSource, report_of, requested_sections
from hallplan.show.report.blocks import Sentences
from hallplan.show.report.content import leading_sentences
from hallplan.show.report.figures import cell
from hallplan.show.report.source import plan_titles
from hallplan.show.text_table import TextTable

BEFORE_THE_METHOD = re.compile(r"replication|seed|Monte|重复|模拟次数|种子|蒙特", re.IGNORECASE)


def texts_of(report, key):
    (section,) = (section for section in report.sections if section.key == key)
    return [text for block in section.blocks if isinstance(block, Sentences) for text in block.texts]


def text_of(source, sections, language="en"):
    with messages.using(language):
        return report_of(source, sections).file("html").decode("utf-8")


# ---- what is said first --------------------------------------------------------------------------------------------


def test_more_visitors_in_vain_is_the_first_sentence_and_nothing_is_called_better():
    source = two_plans(unserved_share=0.2, left_share=0.15)
    with messages.using("en"):
        warnings, answer = leading_sentences(source)
        first = texts_of(report_of(source), "answer")[0]
    assert first == warnings[0]
    assert first.startswith("In “Harbour hall (2)” more visitors come in vain than in “Harbour hall”: 20.1%")
    assert "15.0% leave the queue" in first
    assert not re.search("improve|better", " ".join(answer))


@for_each(
    ("share", "words"),
    [
        ("left_share", "more visitors leave the queue"),
        ("turned_away_share", "more visitors are turned away or sent home"),
        ("still_there_share", "more visitors still wait at the end"),
    ],
)
def test_more_of_one_way_to_come_in_vain_is_said_although_fewer_come_in_vain_altogether(share, words):
    with messages.using("en"):
        warnings, _ = leading_sentences(two_plans(**{share: 0.09}))
    assert words in warnings[0]


def test_several_plans_in_which_more_come_in_vain_are_one_sentence():
    worse = changed(1.0, unserved_share=0.2)
    source = source_of(({}, NUMBERS), ({"run__days": 11}, worse), ({"run__days": 12}, worse))
    with messages.using("en"):
        warnings, _ = leading_sentences(source)
    assert warnings[0].startswith("More visitors come in vain than in “Harbour hall”: 20.1%")
    assert warnings[0].count("of the visits are not served in") == 2


def test_titles_of_many_plans_are_short_and_are_still_told_apart():
    long = [({"title__en": "x" * 100 + str(number)}, NUMBERS) for number in range(4)]
    with messages.using("en"):
        titles = source_of(*long).titles
    assert titles == ("x" * 40 + "…", *("x" * 40 + f"… ({number})" for number in (2, 3, 4)))


def test_unequal_demand_is_said_before_every_figure_and_nothing_is_called_better():
    source = source_of(({}, NUMBERS), ({"arrivals__askers__per_day": 120}, two_plans_numbers()))
    with messages.using("en"):
        warnings, answer = leading_sentences(source)
        words = set(report_of(source).numbers["judgement"])
    assert "arrivals a day" in warnings[0]
    assert words <= {"", "neither", "unclear", "immaterial"}
    assert not re.search("improve|better", " ".join(answer))


def two_plans_numbers():
    run = two_plans().comparison.runs[1]
    return {key: list(run.columns[key]) for key in NUMBERS}


def test_a_plan_that_serves_as_many_and_sooner_is_said_to_improve_the_wait():
    with messages.using("en"):
        warnings, answer = leading_sentences(two_plans())
    assert warnings == []
    assert answer[0].startswith("Compared with “Harbour hall”: “Harbour hall (2)” clearly improves ")
    assert "mean wait" in answer[0]
    # the base waits 5 minutes on average, the plan 3 and a little more every replication
    assert re.match(
        r"Visitors wait 5\.0 min on average in “Harbour hall”, and 3\.0 min in “Harbour hall \(2\)”", answer[1]
    )


def test_work_that_piles_up_is_a_warning():
    with messages.using("en"):
        warnings, _ = leading_sentences(source_of(({}, NUMBERS), ({"pools__archive__servers": 0}, NUMBERS)))
    assert any("work piles up every day at: archive" in text for text in warnings)


def test_a_plan_compared_with_itself_has_no_difference():
    with messages.using("en"):
        _, answer = leading_sentences(source_of(({}, NUMBERS), ({}, NUMBERS)))
    assert "is the same plan, so there is no difference" in answer[0]


def test_plans_without_a_wait_or_a_case_say_that_there_is_nothing_to_compare():
    nobody = {"visits_per_day": (0.0,) * 6, "ticket_wait_mean_min": (NAN,) * 6}
    for language, words in (("en", "nothing to compare"), ("zh", "没有可比的数据")):
        assert words in text_of(source_of(({}, nobody), ({"run__days": 11}, nobody)), ("brief",), language)


# ---- numbers -------------------------------------------------------------------------------------------------------


def test_tables_and_frame_have_the_numbers_of_the_comparison():
    source = two_plans()
    with messages.using("en"):
        report = report_of(source, ("figures", "intervals"))
    for _, row in report.numbers.iterrows():
        difference = source.comparison.difference(row["metric"])
        mean = difference.base if row["plan"] == 0 else difference.other
        assert (row["mean"], row["low"], row["high"]) == (mean.estimate, mean.low, mean.high)
        if row["plan"] == 1:
            simultaneous = difference.simultaneous
            assert row["change"] == difference.change.estimate
            assert (row["change_low"], row["change_high"]) == (simultaneous.low, simultaneous.high)
    (figures, intervals) = report.sections
    (table,) = (block for block in figures.blocks if isinstance(block, TextTable))
    waits = report.numbers[report.numbers["metric"] == "ticket_wait_mean_min"]
    assert [row[2] for row in table.rows] == [cell(row) for _, row in waits.iterrows()]
    (table,) = (block for block in intervals.blocks if isinstance(block, TextTable))
    assert len(table.rows) == len(set(report.numbers["metric"]))


def test_a_metric_that_one_plan_lacks_is_not_called_anything():
    other = {key: values for key, values in two_plans_numbers().items() if key != "cost_per_day"}
    with messages.using("en"):
        report = report_of(source_of(({}, NUMBERS), ({"run__days": 11}, other)), ("intervals",))
    (table,) = (block for block in report.sections[0].blocks if isinstance(block, TextTable))
    assert [row[3:] for row in table.rows if row[0].startswith("Staff cost")] == [("–", "–", "–")]


@for_each("language", ["en", "zh"])
@for_each("sections", [("brief",), SECTIONS])
def test_no_replication_and_no_seed_is_named_before_the_method(language, sections):
    text = text_of(two_plans(), sections, language)
    before = re.split('<section id="(?:method|record)">', text, maxsplit=1)[0]
    assert '<section id="answer">' in before
    assert not BEFORE_THE_METHOD.search(re.sub("(?s)<style>.*?</style>|<svg.*?</svg>", "", before))


def test_every_plan_says_how_many_of_its_numbers_are_assumed():
    text = text_of(two_plans(), ("brief",))
    assert re.search(r": \d+ numbers \(\d+ ", text)


# ---- files ---------------------------------------------------------------------------------------------------------


@for_each("language", ["en", "zh"])
@for_each("form", ["html", "docx", "xlsx"])
def test_the_same_plans_make_the_same_bytes(language, form, monkeypatch):
    files = []
    for day in (1, 2):
        monkeypatch.setattr("time.time", lambda day=day: 1e9 + 86_400 * day)
        with messages.using(language):
            files.append(report_of(two_plans(), SECTIONS).file(form))
    assert files[0] == files[1]


@for_each("language", ["en", "zh"])
def test_a_page_is_in_its_language_and_loads_nothing(language):
    text = text_of(two_plans(), SECTIONS, language)
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in text
    assert "report." not in html.unescape(re.sub("(?s)<svg.*?</svg>", "", text)).replace("hallplan report", "")
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert all(address.startswith("#") for address in addresses)
    assert "url(http" not in text


HOSTILE = "<script>alert(1)</script> $x^2$ =1+1 \u202e & “”"


def test_titles_of_plans_are_shown_as_text():
    source = source_of(({}, NUMBERS), ({"title__en": HOSTILE, "title__zh": HOSTILE}, NUMBERS))
    text = text_of(source, SECTIONS)
    assert "<script" not in text
    assert html.escape("<script>alert(1)</script> $x^2$ =1+1") in text
    assert "\u202e" not in text


def test_plans_of_the_same_title_are_told_apart_by_their_levers_or_by_a_number():
    source = source_of(*[({}, NUMBERS)] * 3)
    with messages.using("en"):
        assert source.titles == ("Harbour hall", "Harbour hall (2)", "Harbour hall (3)")
    from scenarios.compose.composing import compose

    with messages.using("en"):
        titles = plan_titles(
            [
                compose("textbook-mm3"),
                compose("textbook-mm3", levers=["add-staff:pool=windows,servers=1"]),
            ]
        )
    assert titles[1] == "with Add staff (Windows, 1)"


@for_each(("number", "sentence"), [(1, "2 to 6 plans, not 1"), (7, "2 to 6 plans, not 7")])
def test_too_few_and_too_many_plans_are_refused(number, sentence):
    source = two_plans()
    plans = ReportSource(source.comparison, source.composed[:1] * number, source.outlooks, "")
    with pytest.raises(HallplanError) as error:
        report_of(plans)
    assert sentence in error.value.sentence("en")


@for_each(
    ("text", "names"),
    [
        ("brief", ("brief",)),
        ("", ("brief",)),
        ("all", SECTIONS),
        ("record, answer", ("answer", "record")),
    ],
)
def test_sections_are_read_in_their_order(text, names):
    assert requested_sections(text) == names
