"""How many decimals a number is worth."""

import math

from cases import for_each

from foundation.numbers import (
    NOTHING,
    decimals,
    estimate_text,
    number,
    plus_minus,
    published_range,
    range_text,
    signed,
    significant,
)


@for_each(
    "value, kind, text",
    [
        (0.0049, "share", "0.49%"),
        (0.123, "share", "12.3%"),
        (0.9951, "share", "99.51%"),
        (1.0, "share", "100.0%"),
        (5.123, "count", "5.12"),
        (123.46, "count", "123.5"),
        (1234.6, "count", "1,235"),
        (5.123, "minutes", "5.1"),
        (123.46, "minutes", "123.5"),
        (5.123, "days", "5.12"),
        (123.456, "days", "123.46"),
        (1234.6, "hours", "1,235"),
        (5.6, "yuan", "6"),
        (-0.001, "count", "0.00"),
        (-0.001, "share", "−0.10%"),
        (-0.00001, "share", "0.00%"),
        (-2.5, "minutes", "−2.5"),
        (-1234.5, "count", "−1,234"),
        (math.nan, "count", "–"),
        (math.inf, "count", "∞"),
        (-math.inf, "share", "−∞"),
    ],
)
def test_a_number_has_as_many_decimals_as_its_kind_and_size_are_worth(value, kind, text):
    assert number(value, kind) == text


def test_stated_decimals_take_the_place_of_those_that_a_number_is_worth():
    assert number(0.12345, "share", 0) == "12%"
    assert number(0.12345, "share", 3) == "12.345%"
    assert number(5.126, "minutes", 2) == "5.13"


@for_each(
    "value, kind, places",
    [
        (0.01, "share", 1),
        (0.0099, "share", 2),
        (0.99, "share", 1),
        (0.991, "share", 2),
        (0, "share", 1),
        (1, "share", 1),
        (2, "share", 2),
        (-0.5, "share", 1),
        (999.9, "hours", 2),
        (1_000, "hours", 0),
        (-1_000, "hours", 0),
        (1_000, "minutes", 0),
        (999, "minutes", 1),
        (99.9, "count", 2),
        (100, "count", 1),
        (-100, "count", 1),
        (100, "days", 2),
        (0.5, "yuan", 0),
    ],
)
def test_decimals_change_at_their_thresholds(value, kind, places):
    assert decimals(value, kind) == places


@for_each(
    "value, text",
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "∞"),
        (1.23456, "1.23"),
        (0.000123456, "0.000123"),
        (999.4, "999"),
        (1_000, "1,000"),
        (-1_000.4, "-1,000"),
        (123_456.7, "123,457"),
    ],
)
def test_a_number_of_no_kind_has_three_significant_digits(value, text):
    assert significant(value) == text


@for_each(
    "low, high, kind, text",
    [
        (0.005, 0.5, "share", "0.50–50.00%"),
        (0.2, 0.5, "share", "20.0–50.0%"),
        (5.123, 150.42, "count", "5.1–150.4"),
        (-2.5, 3.0, "minutes", "−2.5–3.0"),
        (1.0, math.inf, "days", "1–∞"),
        (math.nan, 3.0, "days", "–"),
        (-math.inf, 3.0, "days", "–"),
    ],
)
def test_both_ends_of_a_range_have_as_many_decimals(low, high, kind, text):
    assert range_text(low, high, kind) == text


@for_each(
    "low, high, kind, text",
    [
        (0.94, 0.9455, "share", "94.00–94.55%"),
        (0.94, 0.95, "share", "94–95%"),
        (115, 160, "days", "115–160"),
        (1.5, 2, "days", "1.5–2.0"),
        (1.25, 2.125, "hours", "1.250–2.125"),
        (1.23456, 2, "hours", "1.2346–2.0000"),
        (1.0000001, 2, "hours", "1–2"),
        (1.000004, 2, "hours", "1.0000–2.0000"),
    ],
)
def test_a_published_range_has_the_decimals_that_were_published(low, high, kind, text):
    assert published_range(low, high, kind) == text


@for_each(
    "value, half_width, kind, text",
    [
        (12.34, 0.56, "minutes", "12.3 ± 0.6"),
        (0.5, 0.005, "share", "50.00% ± 0.50%"),
        (0.5, 0.05, "share", "50.0% ± 5.0%"),
        (1234.5, 0.56, "count", "1,234 ± 1"),
        (5.0, math.inf, "minutes", "5.0"),
        (5.0, math.nan, "minutes", "5.0"),
    ],
)
def test_a_number_is_written_with_half_the_width_of_its_interval(value, half_width, kind, text):
    assert plus_minus(value, half_width, kind) == text


@for_each(
    "value, low, high, sign, text",
    [
        (5.0, 4.0, 6.0, False, "5.0 ± 1.0"),
        (5.0, 4.0, 6.0, True, "+5.0 ± 1.0"),
        (5.0, 3.98, 6.06, False, "5.0 ± 1.0"),  # 0.04 beside the middle, of 2.08: 1.9 %
        (5.0, 3.98, 6.08, False, "5.0 (4.0–6.1)"),  # 0.06 of 2.1: 2.9 %
        (5.0, 3.0, 6.0, True, "+5.0 (+3.0…+6.0)"),
        (-5.0, -7.0, 1.0, True, "−5.0 (−7.0…+1.0)"),
        (5.0, -math.inf, 6.0, False, "5.0"),
        (5.0, 4.0, math.inf, True, "+5.0"),
        (5.0, math.nan, 6.0, False, "5.0"),
    ],
)
def test_an_estimate_is_written_by_half_its_width_where_it_lies_in_the_middle(value, low, high, sign, text):
    assert estimate_text(value, low, high, "minutes", sign=sign) == text


def test_an_estimate_has_no_sign_by_default():
    assert estimate_text(5.0, 4.0, 6.0, "minutes") == "5.0 ± 1.0"


@for_each(
    "text, with_sign",
    [
        *((f"{digit}.0", f"+{digit}.0") for digit in "123456789"),
        ("0.00 ± 1.23", "0.00 ± 1.23"),
        ("0.5 ± 0.0", "+0.5 ± 0.0"),
        ("−5", "−5"),
        (NOTHING, NOTHING),
        ("∞", "∞"),
        ("", ""),
    ],
)
def test_a_positive_number_alone_gets_a_plus_sign(text, with_sign):
    assert signed(text) == with_sign
