"""Differences from plan A: every headline metric that both plans have, and no word that a warning forbids."""

from page_samples import hostile_comparison, textbook_comparison

from hallplan.show.charts import forest_chart
from hallplan.show.forest import forest_frame, forest_table
from planner.outlook import outlook_of
from planner.regime import Regime


def regimes(comparison) -> list[Regime]:
    return [outlook_of(run.scenario).regime for run in comparison.runs]


def test_a_row_holds_the_paired_difference_with_the_interval_of_all_together():
    comparison = hostile_comparison()
    frame = forest_frame(comparison, "en", regimes=regimes(comparison)).set_index("metric")
    difference = comparison.difference("ticket_wait_mean_min")
    row = frame.loc["ticket_wait_mean_min"]
    assert (row["plan"], row["change"], row["change_low"], row["change_high"], row["least"]) == (
        "B",
        difference.change.estimate,
        difference.simultaneous.low,
        difference.simultaneous.high,
        1.0,
    )
    assert row["base"] == difference.base.estimate


def test_the_chart_has_a_panel_a_metric_and_the_table_a_row_a_difference():
    comparison = textbook_comparison()
    frame = forest_frame(comparison, "zh", regimes=regimes(comparison))
    figure = forest_chart(frame, "zh", names={"B": "<b>四窗口</b>"})
    axes = [name for name in figure.layout.to_plotly_json() if name.startswith("xaxis")]
    assert len(axes) == len(set(frame["metric"]))
    assert "B · &lt;b&gt;四窗口&lt;/b&gt;" in {trace.name for trace in figure.data}
    assert len(forest_table(frame, "zh").rows) == len(frame)


def test_no_figure_is_better_in_a_hall_that_falls_behind():
    comparison = textbook_comparison()
    usual = forest_frame(comparison, "en", regimes=regimes(comparison))
    assert "better" in set(usual["judgement"])
    behind = [regimes(comparison)[0], Regime((), ("windows",), ())]
    assert "better" not in set(forest_frame(comparison, "en", regimes=behind)["judgement"])


def test_each_panel_has_its_zero_and_the_strip_of_what_does_not_matter():
    comparison = textbook_comparison()
    frame = forest_frame(comparison, "en", regimes=regimes(comparison))
    figure = forest_chart(frame, "en", names={})
    strips = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    scales = [100 if kind == "share" else 1 for kind in frame["kind"]]
    assert strips == [(-least * scale, least * scale) for least, scale in zip(frame["least"], scales, strict=True)]
    assert sum(shape.type == "line" and shape.x0 == shape.x1 == 0 for shape in figure.layout.shapes) == len(frame)
