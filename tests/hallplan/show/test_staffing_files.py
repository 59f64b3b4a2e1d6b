"""Files of a staffing: what is drawn of which pools, and that names in them are never markup."""

import pandas as pd
import plotly.graph_objects as go

from hallplan.show.charts import chart_document, staffing_chart

HALF_HOURS = pd.DataFrame(
    {
        "half_hour": ["11:00", "11:30", "13:00"],
        "required": [2, 3, 1],
        "on_duty": [3, 3, 2],
        "erlang_c": [2, 2, 2],
    }
)


def test_a_chart_has_the_plan_as_bars_the_requirement_as_steps_and_erlang_c_dashed():
    plan, required, erlang = staffing_chart(HALF_HOURS, "en").data
    assert (plan.type, list(plan.x)) == ("bar", ["11:00", "11:30", "12:00", "12:30", "13:00"])
    assert list(plan.y) == [3, 3, None, None, 2]
    assert (list(required.y), required.line.shape) == ([2, 3, None, None, 1], "hvh")
    assert (list(erlang.y), erlang.line.dash) == ([2, 2, None, None, 2], "dash")


def test_a_chart_speaks_the_language():
    names = [trace.name for trace in staffing_chart(HALF_HOURS, "zh").data]
    assert names == ["方案在岗人数", "公式测算所需人数", "按平均负荷的 Erlang C"]


def test_a_document_of_charts_needs_no_network_and_reads_no_name_as_markup():
    text = chart_document([("<b>A</b>", go.Figure())], "zh", title="T & T", notes=["1 < 2"]).decode()
    assert '<html lang="zh-CN">' in text
    assert "<h2>&lt;b&gt;A&lt;/b&gt;</h2>" in text
    assert "<h1>T &amp; T</h1>\n<p>1 &lt; 2</p>" in text
    assert "<script src" not in text
    assert len(text) > 1_000_000  # the library that draws is in it


def test_the_same_charts_make_the_same_bytes():
    def make():
        return chart_document([("A", staffing_chart(HALF_HOURS, "en"))], "en", title="T")

    assert make() == make()
