"""A figure is read as it was worded, and its interval is what the words allow."""

import pytest
from cases import for_each
from hypothesis import given
from hypothesis import strategies as st

from calibration.facts.amounts import Widths, parse_amount
from foundation.errors import ScenarioError

# Text, number, wording, unit, per, interval.
FIGURES = [
    (38471, 38471, "exact", "", "", (38471, 38471)),
    ("38,471", 38471, "exact", "", "", (38471, 38471)),
    ("200+ a day", 200, "and-some", "", "day", (200, 250)),
    ("700+ a day", 700, "and-some", "", "day", (700, 750)),
    ("700余/天", 700, "and-some", "", "day", (700, 750)),
    ("4000+ a month", 4000, "and-some", "", "month", (4000, 4500)),
    ("7000多/月", 7000, "and-some", "", "month", (7000, 7500)),
    ("150+", 150, "and-some", "", "", (150, 155)),
    ("1900万余元/月", 19_000_000, "and-some", "yuan", "month", (19_000_000, 19_500_000)),
    ("1900万元余/月", 19_000_000, "and-some", "yuan", "month", (19_000_000, 19_500_000)),
    ("about 180000 yuan a month", 180_000, "about", "yuan", "month", (175_000, 185_000)),
    ("约18万元/月", 180_000, "about", "yuan", "month", (175_000, 185_000)),
    ("about 5 a week", 5, "about", "", "week", (4.5, 5.5)),
    ("5左右/周", 5, "about", "", "week", (4.5, 5.5)),
    ("about 2.5 working days", 2.5, "about", "working days", "", (2.45, 2.55)),
    ("52%", 0.52, "rounded", "%", "", (0.515, 0.525)),
    ("80%", 0.80, "rounded", "%", "", (0.795, 0.805)),
    ("99.77%", 0.9977, "rounded", "%", "", (0.99765, 0.99775)),
    ("85.0%", 0.85, "rounded", "%", "", (0.8495, 0.8505)),
    ("up to 52%", 0.52, "at-most", "%", "", (0, 0.525)),
    ("最多52%", 0.52, "at-most", "%", "", (0, 0.525)),
    ("3 working days", 3, "exact", "working days", "", (3, 3)),
    ("3个工作日", 3, "exact", "working days", "", (3, 3)),
    ("12 days", 12, "exact", "days", "", (12, 12)),
    ("115-160 working days", 137.5, "range", "working days", "", (115, 160)),
    ("115至160个工作日", 137.5, "range", "working days", "", (115, 160)),
    ("5 to 12 min", 8.5, "range", "min", "", (5, 12)),
    ("51-53%", 0.52, "range", "%", "", (0.51, 0.53)),
    ("2-3万元", 25_000, "range", "yuan", "", (20_000, 30_000)),
    ("7.5 h", 7.5, "exact", "h", "", (7.5, 7.5)),
    ("0", 0, "exact", "", "", (0, 0)),
    ("0%", 0, "rounded", "%", "", (0, 0.005)),
]


@for_each(("text", "value", "wording", "unit", "per", "interval"), FIGURES)
def test_a_figure_is_read_as_it_was_worded(text, value, wording, unit, per, interval):
    amount = parse_amount(text)
    assert amount.value == pytest.approx(value)
    assert (amount.wording, amount.unit, amount.per) == (wording, unit, per)
    span = amount.span()
    assert (span.low, span.high) == (pytest.approx(interval[0]), pytest.approx(interval[1]))


@for_each(
    "text",
    [
        "",
        "many",
        "-5",
        "about 700+ a day",
        "700 visitors a day",
        "700 a fortnight",
        "52 %%",
        "5-",
        "12-5 min",
        "1e9",
        "nan",
        "²",
        "9" * 70,
        1e300,
        float("nan"),
        float("inf"),
        -1,
        True,
        None,
        [700],
        "700+\n a day; 3",
    ],
)
def test_what_is_no_figure_is_refused_in_one_sentence(text):
    with pytest.raises(ScenarioError) as caught:
        parse_amount(text)
    assert caught.value.key == "error.amount"
    assert caught.value.sentence("en").isprintable()


def test_how_far_words_reach_is_a_setting():
    assert parse_amount("700+").span(Widths(and_some=1.0)).high == 800
    assert parse_amount("about 5").span(Widths(about=1.0)).low == 4
    assert parse_amount("700").span(Widths(and_some=9.0)).is_exact


@given(st.integers(1, 10**9), st.floats(0, 1))
def test_and_some_never_reaches_below_the_number_nor_a_whole_place_above_it(number, width):
    span = parse_amount(f"{number}+").span(Widths(and_some=width))
    place = 10 ** (len(str(number)) - len(str(number).rstrip("0")))
    assert span.low == number
    assert number <= span.high <= number + place


@given(st.decimals(0, 100, places=2, allow_nan=False))
def test_a_percentage_allows_exactly_what_rounds_to_it(share):
    span = parse_amount(f"{share}%").span()
    assert span.contains(float(share) / 100)
    assert span.high - span.low <= 1e-4 + 1e-15


def test_the_longest_text_and_the_largest_number_are_read_and_no_more():
    words = "about" + " " * 54 + "5"
    assert (len(words), parse_amount(words).value) == (60, 5)
    assert parse_amount(f"  {words}  ").text == words
    assert parse_amount("9" * 15).value == 999_999_999_999_999
    for text in (words.replace("5", " 5"), "1" + "0" * 15, 1e15):
        with pytest.raises(ScenarioError) as caught:
            parse_amount(text)
        assert caught.value.key == "error.amount"


def test_the_place_of_a_figure_is_the_last_that_is_stated():
    places = {
        "700+": 100,
        "710+": 10,
        "7.50+": 0.01,
        "3千余": 1_000,
        "1.5万余": 1_000,
        "about 0": 1,
        "52%": 0.01,
        "5.25%": 0.0001,
    }
    for text, place in places.items():
        assert parse_amount(text).place == pytest.approx(place), text
    zero = parse_amount("about 0").span()
    assert (zero.low, zero.high) == (0, 0.5)
    both = parse_amount("2-3万")
    assert (both.ends, both.place) == ((20_000, 30_000), 1.0)
    assert parse_amount("2千-3万").ends == (2_000, 30_000)
    assert parse_amount("5-5").span().is_exact
