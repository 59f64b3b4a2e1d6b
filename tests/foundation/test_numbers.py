"""How many decimals a number is worth."""

from cases import for_each

from foundation.numbers import number, published_range, range_text


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
        (-2.5, "minutes", "−2.5"),
    ],
)
def test_a_number_has_as_many_decimals_as_its_kind_and_size_are_worth(value, kind, text):
    assert number(value, kind) == text


@for_each("low, high, kind, text", [(0.005, 0.5, "share", "0.50–50.00%"), (5.123, 150.42, "count", "5.1–150.4")])
def test_both_ends_of_a_range_have_as_many_decimals(low, high, kind, text):
    assert range_text(low, high, kind) == text


@for_each("low, high, kind, text", [(0.94, 0.9455, "share", "94.00–94.55%"), (115, 160, "days", "115–160")])
def test_a_published_range_has_the_decimals_that_were_published(low, high, kind, text):
    assert published_range(low, high, kind) == text
