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


def test_headroom_is_drawn_from_the_reliable_demand_to_the_median():
    (line,) = [
        shape
        for shape in headroom_chart([HeadroomRow("wait", 600.0, 800.0)], 700.0, "en").layout.shapes
        if shape.y0 == shape.y1
    ]
    assert (line.x0, line.x1) == (600, 800)
