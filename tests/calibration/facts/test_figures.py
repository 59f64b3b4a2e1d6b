"""Figures in words: as many digits as a reader wants to see, on both sides of every threshold."""

from calibration.facts.checks.check import chance_text, range_text, share_text
from calibration.facts.figures import figure, number, span_text
from calibration.facts.spans import Span


def test_a_number_has_the_digits_of_its_unit_and_size():
    for value, unit, text in (
        (0.0, "share", "0%"),
        (1.0, "share", "100%"),
        (0.99999, "share", "100.00%"),
        (2.0, "share", "200.00%"),
        (0.12345, "share", "12.35%"),
        (0.001, "probability", "0.001"),
        (0.0009, "probability", "0.0009"),
        (0.00051, "probability", "0.0005"),
        (0.0, "probability", "0.000"),
        (1.0, "probability", "1.000"),
        (5.0, "", "5"),
        (1000.4, "", "1,000"),
        (-1000.4, "", "-1,000"),
        (999.96, "", "1,000.0"),
        (999.4, "", "999.4"),
        (10.04, "", "10.0"),
        (9.96, "", "9.96"),
        (-12.34, "", "-12.3"),
        (1234567.0, "", "1,234,567"),
    ):
        assert number(value, unit) == text, (value, unit)


def test_a_span_is_one_number_if_its_ends_look_alike():
    assert span_text(Span(1.001, 1.004), "working_days", "en") == "1.00 working days"
    assert span_text(Span(1, 2), "working_days", "en") == "1 to 2 working days"
    assert span_text(Span(1, 2), "", "zh") == "1 至 2"
    assert figure(0.5, "share", "en") == "50.00%"
    assert range_text(Span(1.2, 1.4)) == "1"
    assert range_text(Span(1_234.2, 1_235.4)) == "1,234–1,235"
    assert range_text(Span(1.2, 1.4), 1) == "1.2–1.4"
    assert share_text(0.12345) == "12.3%"
    assert share_text(0.12345, 2) == "12.35%"


def test_a_small_chance_has_one_figure():
    for chance, text in (
        (0.001, "0.001"),
        (0.00099, "0.001"),
        (0.00061, "0.0006"),
        (0.0012345, "0.001"),
        (0.5, "0.500"),
    ):
        assert chance_text(chance) == text
