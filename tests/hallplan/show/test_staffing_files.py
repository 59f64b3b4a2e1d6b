"""Files of a staffing: what is drawn of which pools, and that names in them are never markup."""

import io
import tomllib
from types import SimpleNamespace

import openpyxl
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from hallplan.show.charts import ChartDocument, staffing_chart
from hallplan.show.staffing_files import roster_workbook
from planner.staffing.roster import Officer
from scenarios.model import Scenario

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
    text = ChartDocument((("<b>A</b>", go.Figure()),), "zh", "T & T", ("1 < 2",)).html().decode()
    assert '<html lang="zh-CN">' in text
    assert "<h2>&lt;b&gt;A&lt;/b&gt;</h2>" in text
    assert "<h1>T &amp; T</h1>\n<p>1 &lt; 2</p>" in text
    assert "<script src" not in text
    assert len(text) > 1_000_000  # the library that draws is in it


def test_the_same_charts_make_the_same_bytes():
    def make():
        return ChartDocument((("A", staffing_chart(HALF_HOURS, "en")),), "en", "T").html()

    assert make() == make()


# ---- the weekly roster ---------------------------------------------------------------------------------------------

H = 3_600_000
FULL, MORNING = ((9 * H, 12 * H), (13 * H, 17 * H)), ((9 * H, 12 * H),)
HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5 }
calendar = { weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2, title = { en = "=SUM(A1)", zh = "窗口" } }
services.item.visits.apply.serve = { pool = "window", work = "10 min", mark = "finished" }
arrivals.people = { services = "item", per_day = 84 }
"""
RESULT = SimpleNamespace(
    scenario=Scenario.model_validate(tomllib.loads(HALL)),
    plan=SimpleNamespace(heads=2, hours_per_week=17.0),
    roster=(Officer("window", 1, {0: FULL, 1: FULL}), Officer("window", 2, {1: MORNING})),
)


def sheets(language):
    with messages.using(language):
        return openpyxl.load_workbook(io.BytesIO(roster_workbook(RESULT))).worksheets


def rows_of(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_roster_has_a_row_an_officer_and_a_column_a_weekday():
    roster, about = map(rows_of, sheets("en"))
    assert roster == [
        ["Pool", "Officer", "Mon", "Tue", "Days a week", "Hours a week"],
        ["=SUM(A1)", 1, "09:00-12:00 13:00-17:00", "09:00-12:00 13:00-17:00", 2, 14],
        ["=SUM(A1)", 2, None, "09:00-12:00", 1, 3],
    ]
    assert "2. Each works at most one shift a day, 40 hours and 6 days a week" in about[2][0]
    assert "The most that anybody works is 14.0 hours and 2 days a week." in about[3][0]


def test_a_pool_called_like_a_formula_is_a_text_in_a_roster():
    cell = sheets("en")[0]["A2"]
    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")


def test_a_roster_speaks_the_language():
    roster = rows_of(sheets("zh")[0])
    assert roster[0] == ["窗口组", "人员", "周一", "周二", "每周天数", "每周工时"]
    assert roster[1][0] == "窗口"
