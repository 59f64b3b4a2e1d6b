"""The chart of inspection places: both counts with their intervals apart, and the share to reach named."""

import pandas as pd

from hallplan.show.charts import places_chart

PLACES = pd.DataFrame(
    {
        "since": ["listed", "listed", "accepted", "accepted"],
        "places_per_day": [2.0, 4.0, 2.0, 4.0],
        "share_of_weeks": [0.5, 1.0, 0.25, 0.5],
        "low": [0.25, 0.75, 0.0, 0.25],
        "high": [0.75, 1.0, 0.5, 0.75],
    }
)


def test_the_counts_stand_side_by_side_and_the_share_to_reach_is_in_the_legend():
    """Two places are a step: 8% of it are 0.16."""
    figure = places_chart(PLACES, 0.95, "en")
    listed, accepted = figure.data
    assert (list(listed.x), list(accepted.x)) == ([2, 4], [2.16, 4.16])
    assert list(accepted.error_y.array) == [0.25, 0.25]
    (goal,) = figure.layout.shapes
    assert (goal.y0, goal.name, goal.showlegend) == (0.95, "To reach: 95%", True)
