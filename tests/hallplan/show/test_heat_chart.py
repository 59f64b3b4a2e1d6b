"""The heat map of queues: blank where nobody is on duty, the longest queue on top, names never markup."""

import numpy as np
import pandas as pd
from page_samples import textbook_comparison

from hallplan.show.charts import heat_chart
from hallplan.show.queue_frame import queue_frame

NAN = float("nan")
QUEUES = pd.DataFrame(
    {
        "pool": ["a", "a", "b", "b"],
        "title": ["<b>a</b>", "<b>a</b>", "b", "b"],
        "half_hour": ["11:30", "12:00", "11:30", "12:00"],
        "mean": [3.0, NAN, 0.5, 0.0],
        "low": [2.0, NAN, 0.2, 0.0],
        "high": [4.0, NAN, 0.8, 0.0],
        "on_duty": [2.0, 0.0, 1.0, 1.0],
    }
)


def test_a_half_hour_with_nobody_on_duty_is_blank_and_an_empty_queue_is_not():
    (cells,) = heat_chart(QUEUES, "en").data
    assert np.array_equal(cells.z, [[3.0, NAN], [0.5, 0.0]], equal_nan=True)
    assert (cells.zmin, cells.zmax) == (0, 3.0)


def test_names_are_shown_letter_by_letter():
    figure = heat_chart(QUEUES, "en")
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;a&lt;/b&gt;", "b")
    assert figure.data[0].customdata[0][0] == "&lt;b&gt;a&lt;/b&gt;, 11:30: 3.0 waiting (2.0 to 4.0), 2.0 on duty"


def test_less_than_one_visitor_is_never_the_darkest_colour():
    (cells,) = heat_chart(QUEUES[QUEUES["pool"] == "b"], "zh").data
    assert cells.zmax == 1.0


def test_the_frame_has_a_row_for_every_half_hour_from_the_first_to_the_last_on_duty():
    frame = queue_frame(textbook_comparison().runs[0], "en")
    assert set(frame["pool"]) == {"windows"}
    assert frame["half_hour"].tolist() == sorted(set(frame["half_hour"]))
    assert frame[["mean", "low", "high"]].notna().to_numpy().all() == (frame["on_duty"] > 0).all()
    assert (frame["low"] <= frame["mean"]).all()
