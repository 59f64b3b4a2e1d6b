"""What the charts promise: every label from the catalogue, every name harmless, every number where it belongs."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from cases import for_each
from page_samples import hostile_comparison, textbook_comparison

from hallplan.show.charts import beginning_chart, escape, turnaround_chart, utilisation_chart, waits_chart
from hallplan.show.charts.theme import COLOURS, SYMBOLS, plan_name
from hallplan.show.comparison_frames import turnaround_frame, utilisation_frame, waits_frame

NAMES = {"A": "<b>bold</b> $x$", "B": "&lt;i&gt; %{x}"}
PLAIN = {"A": "1", "B": "2"}
LANGUAGES = ["en", "zh"]


def figures(language, names=NAMES):
    comparison = hostile_comparison()
    turnaround = turnaround_frame(comparison, language, clock="statutory")
    utilisation = utilisation_frame(comparison, language)
    return {
        "waits": waits_chart(waits_frame(comparison), language, names=names),
        "turnaround": turnaround_chart(turnaround, language, names=names, limits=True),
        "utilisation": utilisation_chart(utilisation, language, names=names, limit=0.95),
    }


def texts(figure):
    """Every text that a figure shows: labels, legends, titles, hover texts."""
    found = [annotation.text for annotation in figure.layout.annotations]
    found += [figure.layout.xaxis.title.text, figure.layout.yaxis.title.text]
    for trace in figure.data:
        found += [trace.name if trace.showlegend is not False else None]
        found += list(trace.customdata if trace.customdata is not None else [])
        found.append(trace.hovertemplate)
    return [text for text in found if text]


def points(figure, name):
    return next(trace for trace in figure.data if trace.name == name and trace.mode and "markers" in trace.mode)


@for_each("language", LANGUAGES)
@for_each("chart", ["waits", "turnaround", "utilisation"])
def test_every_figure_is_json(language, chart):
    assert json.loads(figures(language)[chart].to_json())["data"]


@pytest.mark.slow
@for_each("language", LANGUAGES)
@for_each("chart", ["waits", "turnaround", "utilisation"])
def test_names_are_shown_as_they_are_and_never_read_as_markup(language, chart):
    for text in texts(figures(language)[chart]):
        without_our_own = text.replace("<br>", "").replace("<extra></extra>", "")
        assert not re.search(r"<|\$", without_our_own), text


@pytest.mark.parametrize("chart", ["waits", "turnaround", "utilisation"])
def test_a_name_is_never_part_of_a_template(chart):
    for trace in figures("en")[chart].data:
        placeholders = re.findall(r"%\{[^}]*\}", trace.hovertemplate or "")
        assert set(placeholders) <= {"%{x}", "%{x:g}", "%{customdata}"}
        assert not trace.texttemplate


@pytest.mark.parametrize("chart", ["waits", "turnaround", "utilisation"])
def test_a_chinese_figure_says_nothing_in_english(chart):
    figure = figures("zh", PLAIN)[chart]
    titles = {annotation.text for annotation in figure.layout.annotations}  # names out of the scenario
    ours = [text for text in texts(figure) if text not in titles]
    words = re.findall(r"[A-Za-z]{2,}", " ".join(ours).replace("<br>", " ").replace("<extra></extra>", " "))
    assert set(words) <= {"customdata"}
    assert any("一" <= character <= "鿿" for text in ours for character in text)


def test_escaping_leaves_nothing_to_interpret_and_loses_nothing():
    import html

    name = '<a href="x">&lt;b&gt;</a> $\\alpha$ \n tab\tend'
    shown = escape(name)
    assert not re.search(r"[<>$\n\t]", shown)
    assert html.unescape(shown) == '<a href="x">&lt;b&gt;</a> $\\alpha$ tab end'


def test_a_legend_names_the_plan_and_its_scenario():
    assert plan_name("A", {"A": "<x>", "B": ""}) == "A · &lt;x&gt;"
    assert plan_name("B", {"A": "<x>", "B": ""}) == "B"


def test_plans_differ_in_shape_as_well_as_in_colour():
    assert COLOURS["A"] != COLOURS["B"]
    assert SYMBOLS["A"] != SYMBOLS["B"]


def test_the_line_of_waits_is_the_table():
    waits = waits_frame(textbook_comparison())
    figure = waits_chart(waits, "en", names=PLAIN)
    of_b = waits[waits["plan"] == "B"]
    line = points(figure, "B · 2")
    assert list(line.x) == of_b["half_hour"].tolist()
    assert np.allclose(np.array(line.y, dtype=float), of_b["mean"])


def test_the_band_of_waits_lies_around_the_line_and_not_below_zero():
    waits = waits_frame(textbook_comparison())
    bands = [trace for trace in waits_chart(waits, "en", names=PLAIN).data if trace.fill == "toself"]
    assert len(bands) == 2
    assert all(min(band.y) >= 0 for band in bands)


def test_a_break_in_the_day_is_a_gap_in_the_line_and_in_the_band():
    figure = figures("en")["waits"]
    line = points(figure, plan_name("A", NAMES))
    assert np.isnan(line.y[list(line.x).index("12:00")]), "the lunch break has its place on the axis, and no point"
    comparison = hostile_comparison()
    waits = waits_frame(comparison)
    only_b = waits[(waits["plan"] == "B") | (waits["half_hour"] < "11:00")]
    gapped = waits_chart(only_b, "en", names=PLAIN)
    assert np.isnan(np.array(points(gapped, "A · 1").y, dtype=float)).any()


def test_turnaround_marks_median_end_and_limits():
    table = turnaround_frame(hostile_comparison(), "en", clock="statutory")
    figure = turnaround_chart(table, "en", names=PLAIN, limits=True)
    assert list(points(figure, "B · 2").x) == pytest.approx(table[table["plan"] == "B"]["q95"].tolist())
    promised = next(trace for trace in figure.data if trace.name == "Promised limit")
    legal = next(trace for trace in figure.data if trace.name == "Statutory limit")
    assert {x for x in promised.x if x is not None} == {3.0}
    assert {x for x in legal.x if x is not None} == {20.0}
    assert promised.line.dash != legal.line.dash
    assert figure.layout.xaxis.range[1] > 20, "the longest limit lies within the axis"


def test_limits_are_not_drawn_on_a_clock_on_which_they_do_not_hold():
    table = turnaround_frame(hostile_comparison(), "en", clock="touched")
    names = [trace.name for trace in turnaround_chart(table, "en", names=PLAIN, limits=False).data]
    assert "Promised limit" not in names


def test_limits_that_differ_between_the_plans_stand_at_their_own_plan():
    table = turnaround_frame(hostile_comparison(), "en", clock="statutory")
    table.loc[table["plan"] == "A", "promised"] = np.nan
    promised = next(
        trace
        for trace in turnaround_chart(table, "en", names=PLAIN, limits=True).data
        if trace.name == "Promised limit"
    )
    assert [x for x in promised.x if x is not None] == [3.0, 3.0]


def test_what_is_still_open_points_beyond_the_edge_and_says_so():
    table = turnaround_frame(hostile_comparison(), "en", clock="statutory")
    table.loc[table["plan"] == "B", ["q95", "q95_low", "q95_high"]] = np.inf
    figure = turnaround_chart(table, "en", names=PLAIN, limits=True)
    end = points(figure, "B · 2")
    assert list(end.marker.symbol) == ["triangle-right"]
    assert end.x[0] <= figure.layout.xaxis.range[1]
    assert "still open" in end.customdata[0]


def test_utilisation_draws_each_pool_on_its_own_row():
    table = utilisation_frame(hostile_comparison(), "en")
    figure = utilisation_chart(table, "en", names=PLAIN, limit=0.95)
    assert len(figure.layout.annotations) == table["pool"].nunique()
    of_b = points(figure, "B · 2")
    assert list(of_b.x) == pytest.approx(table[table["plan"] == "B"]["mean"].tolist())
    assert len(set(of_b.y)) == len(of_b.y)


@pytest.mark.parametrize("chart", ["waits", "turnaround", "utilisation"])
def test_nothing_needs_a_margin_that_a_phone_has_not(chart):
    figure = figures("en")[chart]
    assert figure.layout.margin.l + figure.layout.margin.r < 100
    assert figure.layout.width is None


# ---- how a run begins ----------------------------------------------------------------------------------------------


def curve(days=20):
    mean = np.arange(1.0, days + 1)
    columns = {"day": mean.astype(int), "open_mean": mean, "open_low": mean - 3, "open_high": mean + 3}
    return pd.DataFrame({**columns, "smoothed": mean})


@pytest.mark.parametrize(("language", "cut"), [("en", "leave out 5 days"), ("zh", "剔除 5 天")])
def test_the_days_to_leave_out_are_marked(language, cut):
    figure = beginning_chart(curve(), language, days=5)
    assert [annotation.text for annotation in figure.layout.annotations] == [cut]
    assert {shape.x1 for shape in figure.layout.shapes} == {5.5}
    assert json.loads(figure.to_json())["data"]
    band = figure.data[0]
    assert min(band.y) == 0, "there are no fewer cases than none"
    for days in (0, None):
        assert not beginning_chart(curve(), language, days=days).layout.shapes


def test_one_replication_has_no_band():
    alone = curve().assign(open_low=-np.inf, open_high=np.inf)
    assert len(beginning_chart(alone, "en", days=None).data[0].x) == 0
