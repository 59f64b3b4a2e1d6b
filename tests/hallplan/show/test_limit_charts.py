"""Charts of compression and promises: the waterfall ends at the days left, and parts that may be nothing are hollow."""

import numpy as np
import pytest

from hallplan.show.charts.compression import waterfall_chart
from hallplan.show.charts.promises import HeadroomRow, PromiseRow, headroom_chart, promises_chart
from planner.attribution import attribute

HOLLOW = "rgba(0,0,0,0)"


@pytest.fixture
def waterfall():
    """Ten days before; the first lever saves 4 in each replication, the second 1 and -1 by turns."""
    days = np.array([[10, 10, 10, 10], [6, 6, 6, 6], [9, 11, 9, 11], [5, 7, 5, 7]])
    return waterfall_chart(attribute(days, ["near", "idle"]), "en")


def test_the_waterfall_goes_from_the_days_before_to_those_left(waterfall):
    bars = [(bar.x0, bar.x1) for bar in waterfall.layout.shapes]
    assert bars == [pytest.approx(ends) for ends in [(0, 10), (10, 6), (6, 6), (0, 6)]]


def test_a_part_whose_interval_holds_zero_is_hollow(waterfall):
    assert [bar.fillcolor == HOLLOW for bar in waterfall.layout.shapes] == [False, False, True, False]


def test_whiskers_are_the_interval_of_the_share(waterfall):
    """The second lever's share: mean 0, standard deviation 2 / sqrt 3, t = 3.182 with four replications."""
    whisker = [trace for trace in waterfall.data if trace.mode == "lines+markers"][-1]
    reach = 3.182 * (2 / np.sqrt(3)) / 2
    assert list(whisker.x) == pytest.approx([6 - reach, 6 + reach], rel=1e-3)


def test_a_shortest_promise_that_does_not_exist_is_not_drawn():
    rows = [PromiseRow("a", 20, 5, (6, 5, np.inf)), PromiseRow("b", 20, 5, (np.inf, 9, np.inf))]
    shortest = promises_chart(rows, "en").data[-1]
    assert list(shortest.x) == [6]
    assert (list(shortest.error_x.array), list(shortest.error_x.arrayminus)) == ([0], [1])


def test_an_interval_without_an_upper_end_goes_to_the_edge():
    """The largest finite number is 20: the edge is 6% beyond it."""
    rows = [PromiseRow("a", 20, 5, (6, 5, np.inf)), PromiseRow("b", 20, 5, (7, 6, 8))]
    figure = promises_chart(rows, "en")
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (6, pytest.approx(21.2))
    (open_end,) = (trace for trace in figure.data if trace.name == "Upper end not known")
    assert (list(open_end.x), list(open_end.y)) == ([pytest.approx(21.2)], [0])


def test_headroom_is_drawn_with_its_interval_and_a_triangle_beyond_what_was_tried():
    rows = [
        HeadroomRow("wait", (600.0, 500.0, 700.0), (800.0, 700.0, np.inf)),
        HeadroomRow("all", (0, 0, 0), (900.0, 450.0, 950.0)),
    ]
    reliable, median = headroom_chart(rows, 700.0, "en", tried=(400.0, 850.0), probability=0.9).data
    assert reliable.name == "With 90% probability"
    assert (list(reliable.x), list(median.x)) == ([600, 400], [800, 850])
    assert (list(reliable.error_x.array), list(reliable.error_x.arrayminus)) == ([100, 0], [100, 0])
    assert (list(median.error_x.array), list(median.error_x.arrayminus)) == ([50, 0], [100, 400])
    assert list(reliable.marker.symbol) == ["circle", "triangle-left"]
    assert list(median.marker.symbol) == ["diamond-open", "triangle-right"]
