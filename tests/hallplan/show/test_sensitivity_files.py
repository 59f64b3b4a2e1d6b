"""The chart of a sensitivity analysis."""

import pandas as pd

from hallplan.show.charts import sensitivity_chart

EFFECTS = pd.DataFrame(
    {
        "key": ["demand", "servers"],
        "first": [0.1, 0.6],
        "first_low": [0.0, 0.5],
        "first_high": [0.2, 0.7],
        "total": [0.3, 0.8],
        "total_low": [0.2, 0.7],
        "total_high": [0.5, 0.9],
    }
)


def test_the_most_influential_key_is_drawn_first_with_its_interval():
    total, first = sensitivity_chart(EFFECTS, "en").data
    assert (total.name, list(total.x)) == ("Total", [0.8, 0.3])
    assert (first.name, list(first.x)) == ("First order", [0.6, 0.1])
    assert [round(up, 9) for up in total.error_x.array] == [0.1, 0.2]
    assert [round(down, 9) for down in total.error_x.arrayminus] == [0.1, 0.1]


def test_elementary_effects_have_their_own_names():
    pairs = (("total", "mu_star"), ("first", "sigma"))
    renamed = {f"{old}{end}": f"{new}{end}" for old, new in pairs for end in ("", "_low", "_high")}
    names = [trace.name for trace in sensitivity_chart(EFFECTS.rename(columns=renamed), "zh").data]
    assert names == ["绝对效应均值 μ*", "效应的离散程度 σ"]
