"""Charts of a front and of moves: what is certain is filled, what is not is hollow, and names are never markup."""

import pandas as pd

from hallplan.show.charts import frontier_chart, moves_chart

PLANS = pd.DataFrame(
    {
        "plan": ["a", "<b>b</b>", "c", "d", "e"],
        "standing": ["front", "perhaps", "no_gain", "dominated", "dominated"],
        "x": [1.0, 2, 3, 4, 5],
        "x_low": [1.0, 2, 3, 4, 5],
        "x_high": [1.0, 2, 3, 4, 5],
        "y": [9.0, 5, 4.9, 9, float("inf")],
        "y_low": [8.0, float("-inf"), 4, 8, float("-inf")],
        "y_high": [9.5, float("inf"), 6, 9.9, float("inf")],
    }
)


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def test_the_line_joins_plans_of_the_front_and_perhaps_of_it():
    line = traces(frontier_chart(PLANS, "en", x="Cost", y="Days"))["Front"]
    assert (line.x, line.y, line.line.shape) == ((1, 2), (9, 5), "hv")


def test_certain_plans_are_filled_and_others_hollow():
    drawn = traces(frontier_chart(PLANS, "en", x="Cost", y="Days"))
    assert drawn["In the front for certain"].marker.symbol == "circle"
    assert drawn["Perhaps in the front"].marker.symbol == "circle-open"
    assert drawn["Perhaps in the front"].text == ("&lt;b&gt;b&lt;/b&gt;",)


def test_bars_are_the_ends_of_intervals_and_endless_ones_have_none():
    drawn = traces(frontier_chart(PLANS, "en", x="Cost", y="Days"))
    bars = drawn["In the front for certain"].error_y
    assert (bars.array, bars.arrayminus) == ((0.5,), (1.0,))
    assert drawn["Perhaps in the front"].error_y.array == (0.0,)


def test_a_plan_without_a_finite_value_is_not_drawn():
    assert traces(frontier_chart(PLANS, "en", x="Cost", y="Days"))["Certainly worse than another plan"].x == (4,)


def test_a_move_whose_interval_holds_zero_is_hollow():
    moves = pd.DataFrame(
        {"title": ["$a$", "b"], "per_seat": [3.0, 1.0], "per_seat_low": [2.0, -1.0], "per_seat_high": [5.0, 3.0]}
    )
    figure = moves_chart(moves, "zh", x="小时")
    (points,) = figure.data
    assert points.marker.symbol == ("circle", "circle-open")
    assert (points.error_x.array, points.error_x.arrayminus) == ((2.0, 2.0), (1.0, 2.0))
    assert figure.layout.annotations[0].text == "&#36;a&#36;"
