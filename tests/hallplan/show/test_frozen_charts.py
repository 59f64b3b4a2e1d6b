"""Charts, and the frames behind them, whole: traces, values, titles and axes, from numbers typed by hand."""

import base64
import json

import numpy as np
import pandas as pd
import pytest
from report_samples import INF, NAN, NUMBERS, beginning, curves, hall, replications, rounded, scaled

from hallplan.show.charts import PLOT_CONFIG, beginning_chart, turnaround_chart, utilisation_chart, waits_chart
from hallplan.show.comparison_frames import (
    CLOCKS,
    metrics_frame,
    replications_frame,
    targets_frame,
    turnaround_frame,
    utilisation_frame,
    waits_frame,
)
from planner.compare import Comparison

LANGUAGES = ("en", "zh")
NAMES = {"A": "Today <b>", "B": ""}
CALLED = {16: (40, 80), 17: (20, 60), 18: (10, 45), 23: (30, 30), 24: (50, 90), 26: (12, 60), 33: (9, 90), 34: (50, 10)}
"""By half-hour from midnight: visitors called in ten days, and their minutes; the hall is open 09-12, 13-17, and on the
quay from 08:30."""


def comparison(*without: str) -> Comparison:
    base, other = hall(), hall(pools__archive__work_factor=1.5)
    days = [[30.0] * 10] * 6
    of_base = [
        curves(row, {place: (called + extra, minutes) for place, (called, minutes) in CALLED.items()})
        for extra, row in zip((0, 1, 0, -1, 0, 0), days, strict=True)
    ]
    of_other = [curves(row, {18: (10, 30), 26: (20, 40 + extra)}) for extra, row in zip(range(6), days, strict=True)]
    numbers = scaled(1.2, *without) | {"utilisation.window": (0.96,) * 6, "utilisation.guide": (0.1,) * 6}
    runs = (
        replications(base.scenario, NUMBERS, curves=of_base),
        replications(other.scenario, numbers, curves=of_other),
    )
    return Comparison(runs)


def text_of_frame(frame: pd.DataFrame) -> str:
    """Return a frame as text: its columns, then a line a row."""
    rows = [json.dumps(rounded(list(row)), ensure_ascii=False) for row in frame.itertuples(index=True)]
    return "\n".join([", ".join(map(str, frame.columns)), *rows])


def decoded(value):
    """Return a figure's table with its arrays as lists of numbers, not as bytes."""
    if isinstance(value, dict) and "bdata" in value:
        return np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]).tolist()
    if isinstance(value, dict):
        return {key: decoded(inner) for key, inner in value.items()}
    return [decoded(inner) for inner in value] if isinstance(value, list | tuple) else value


def text_of_figure(figure) -> str:
    """Return a figure as text: a line a trace, a line a part of the layout."""
    plain = rounded(decoded(figure.to_plotly_json()))
    layout = {key: value for key, value in plain["layout"].items() if key != "template"}
    lines = [json.dumps(trace, ensure_ascii=False, sort_keys=True) for trace in plain["data"]]
    return "\n".join([*lines, *(f"{key}: {json.dumps(layout[key], ensure_ascii=False)}" for key in sorted(layout))])


# ---- frames --------------------------------------------------------------------------------------------------------


def test_frames_of_two_plans_hold_what_they_held(snapshot):
    plans = comparison("cost_per_day")
    assert text_of_frame(waits_frame(plans)) == snapshot(name="waits")
    for language in LANGUAGES:
        assert text_of_frame(utilisation_frame(plans, language)) == snapshot(name=f"utilisation-{language}")
        assert text_of_frame(targets_frame(plans, language)) == snapshot(name=f"targets-{language}")
        assert text_of_frame(metrics_frame(plans, language)) == snapshot(name=f"metrics-{language}")
        for clock in CLOCKS:
            frame = turnaround_frame(plans, language, clock=clock)
            assert text_of_frame(frame) == snapshot(name=f"turnaround-{clock}-{language}")


def test_half_hours_are_left_out_while_closed_or_nearly_empty():
    waits = waits_frame(comparison())
    of_a = waits[waits["plan"] == "A"]["half_hour"].tolist()
    # 08:00 and 12:00 are closed, 16:30 has nine visitors in ten days, 17:00 is closed.
    assert of_a == ["08:30", "09:00", "11:30", "13:00"]
    assert of_a[1] == "09:00", "ten visitors in ten days are one a day: enough"


def test_the_service_with_most_cases_and_the_busiest_pool_of_plan_b_come_first():
    plans = comparison()
    pools = utilisation_frame(plans, "en")
    assert pools["pool"].astype(str).tolist() == ["window", "window", "archive", "archive", "guide"]
    assert pools["plan"].tolist() == ["A", "B", "A", "B", "B"]
    assert pools["busy"].tolist() == [False, True, False, False, False]
    numbers = NUMBERS | {
        key.replace("berth", "advice"): values for key, values in NUMBERS.items() if key.endswith(".berth")
    }
    base = replications(hall().scenario, numbers)
    fewer = replications(hall().scenario, numbers | {"cases_measured.advice": (500,) * 6})
    services = turnaround_frame(Comparison((base, fewer)), "en", clock="elapsed")["service"].astype(str).tolist()
    assert services == ["advice", "advice", "berth", "berth"]


def test_a_target_of_no_metric_is_shown_by_its_key_and_judged_by_nothing():
    scenario = hall().scenario
    odd = scenario.model_copy(update={"targets": {"no_such_metric": scenario.targets["visits_per_day"]}})
    run = replications(odd, NUMBERS)
    frame = targets_frame(Comparison((run, run)), "en")
    assert frame["title"].tolist() == ["no_such_metric"] * 2
    assert frame["verdict"].tolist() == ["unknown"] * 2


def test_replications_are_exported_with_plan_and_number():
    frame = replications_frame(comparison())
    assert frame["plan"].tolist() == ["A"] * 6 + ["B"] * 6
    assert frame["replication"].tolist() == list(range(6)) * 2
    assert frame["visits_per_day"].tolist()[:6] == list(NUMBERS["visits_per_day"])


# ---- figures -------------------------------------------------------------------------------------------------------


def plan_rows(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


WAITS = plan_rows(
    plan=["A"] * 6 + ["B"] * 3,
    half_hour=["09:00", "09:30", "10:00", "11:00", "11:30", "12:00", "09:00", "09:30", "10:30"],
    called=[10.0] * 9,
    mean=[4.0, 5.0, 6.0, 3.0, 2.0, 1.5, 3.0, 2.5, 1.0],
    low=[3.0, 4.5, -1.0, NAN, 1.5, 1.0, 2.5, 2.0, 0.5],
    high=[5.0, 5.5, 13.0, INF, 2.5, 2.0, 3.5, 3.0, 1.5],
)
TURNAROUND = plan_rows(
    service=["permit", "permit", "licence", "licence", "advice"],
    title=["Permit (A)", "Permit <b>", "Licence", "Licence", "Advice"],
    plan=["A", "B", "A", "B", "B"],
    cases=[120.0, 1130.4, 80.0, 81.0, 5.0],
    median=[2.0, 1.5, 5.0, INF, 1.0],
    q95=[6.0, 4.5, INF, INF, 1.0],
    q95_low=[5.0, 4.0, 8.0, INF, 1.0],
    q95_high=[7.0, 5.0, INF, INF, 1.0],
    promised=[3.0, 3.0, 7.0, 5.0, NAN],
    legal=[20.0, 20.0, NAN, 10.0, NAN],
)
UTILISATION = plan_rows(
    pool=["window", "window", "archive"],
    title=["Window (A)", "Window", "archive"],
    plan=["A", "B", "B"],
    mean=[0.9, 1.1, 0.5],
    low=[0.85, 1.0, -INF],
    high=[0.97, 1.3, INF],
)


def test_charts_are_drawn_as_they_were(snapshot):
    for language in LANGUAGES:
        figures = {
            "waits": waits_chart(WAITS, language, names=NAMES),
            "turnaround": turnaround_chart(TURNAROUND, language, names=NAMES, limits=True),
            "clock": turnaround_chart(TURNAROUND.iloc[:2], language, names=NAMES, limits=False),
            "utilisation": utilisation_chart(UTILISATION, language, names=NAMES, limit=0.95),
        }
        for name, figure in figures.items():
            assert text_of_figure(figure) == snapshot(name=f"{name}-{language}")


def test_the_beginning_is_drawn_as_it_was(snapshot):
    curve = beginning("settled")[0].curve().iloc[:8].copy()
    curve.loc[curve.index[-1], ["open_low", "open_high"]] = [-INF, INF]
    for language in LANGUAGES:
        for days in (5, 0):
            assert text_of_figure(beginning_chart(curve, language, days=days)) == snapshot(name=f"{days}-{language}")


def test_an_axis_without_numbers_still_has_a_length():
    nothing = TURNAROUND.iloc[[3]].assign(promised=NAN, legal=NAN)
    figure = turnaround_chart(nothing, "en", names=NAMES, limits=True)
    assert figure.layout.xaxis.range[1] == pytest.approx(1.58)
    assert figure.layout.height == 54 + 150
    empty = TURNAROUND.iloc[:0]
    assert turnaround_chart(empty, "en", names=NAMES, limits=True).layout.height == 54 + 150
    assert utilisation_chart(UTILISATION.iloc[:0], "en", names=NAMES, limit=0.9).layout.height == 54 + 150


def test_the_axis_of_utilisation_reaches_past_the_busiest_and_past_full():
    for mean, top in ((0.5, 1.02), (2.0, 2.1)):
        figure = utilisation_chart(UTILISATION.assign(mean=mean), "en", names=NAMES, limit=0.95)
        assert figure.layout.xaxis.range == (0, pytest.approx(top))
        assert np.allclose(figure.data[-1].x, [0.95, 0.95])


def test_a_chart_never_takes_the_finger_that_scrolls():
    assert PLOT_CONFIG == {"displayModeBar": False, "responsive": True, "scrollZoom": False}
