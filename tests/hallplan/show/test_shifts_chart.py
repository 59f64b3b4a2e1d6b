"""The chart of shifts: a lane a shift, a bar an interval, and names that are never markup."""

import pandas as pd
import pytest

from hallplan.show.charts import shifts_chart

SHIFTS = pd.DataFrame(
    [
        ("A <b>", "09:00-12:00 13:00-17:00", 9.0, 12.0, 2),
        ("A <b>", "09:00-12:00 13:00-17:00", 13.0, 17.0, 2),
        ("A <b>", "13:30-17:00", 13.5, 17.0, 1),
        ("B", "09:00-12:00", 9.0, 12.0, 4),
    ],
    columns=["pool", "shift", "begins_h", "ends_h", "people"],
)


def test_every_shift_is_a_lane_with_a_gap_for_lunch_and_its_number_of_officers():
    full, late, morning = shifts_chart(SHIFTS, "en").data
    assert (list(full.base), list(full.x), list(full.text)) == ([9, 13], [3, 4], ["2", "2"])
    assert (list(late.base), list(late.x), list(late.text)) == ([13.5], [3.5], ["1"])
    # A pool's name takes 0.9 of a lane: 0.9 and 1.9 under the first, 2.9 + 0.9 under the second.
    assert [*full.y[:1], *late.y, *morning.y] == pytest.approx([-0.9, -1.9, -3.8])


def test_the_day_is_as_long_as_the_shifts_and_names_are_no_markup():
    figure = shifts_chart(SHIFTS, "zh")
    assert list(figure.layout.xaxis.range) == [8.75, 17.25]
    assert [note.text for note in figure.layout.annotations] == ["A &lt;b&gt;", "B"]
    assert figure.layout.xaxis.title.text == "时刻"
