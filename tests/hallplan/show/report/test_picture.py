"""The chart of a report: both renderers draw the numbers of one frame, lettered in a font that has every letter."""

import math

from fontTools.ttLib import TTFont
from report_plans import two_plans

from benchmarks.font import characters, gb2312
from foundation import messages
from hallplan.show.charts import headline_chart
from hallplan.show.report.figures import charted, headline_frame
from hallplan.show.report.lettering import FONT, quantity_text, shortened
from hallplan.show.report.picture import headline_drawing, png, svg


def frame_of(source, language="en"):
    with messages.using(language):
        return charted(headline_frame(source.comparison, source.titles))


def drawn_by_plotly(frame):
    """Return mean, low and high of every point, panel by panel."""
    figure = headline_chart(frame, "en")
    return [
        [
            (mean, mean - below, mean + above)
            for mean, below, above in zip(trace.x, trace.error_x.arrayminus, trace.error_x.array, strict=True)
        ]
        for trace in figure.data
    ]


def drawn_without_a_browser(frame):
    """Return mean, low and high of every point, panel by panel."""
    panels = []
    for panel in headline_drawing(frame).axes:
        points = []
        for bars in panel.containers:
            (mean,) = bars.lines[0].get_xdata()
            (ends,) = bars.lines[2][0].get_segments()
            points.append((mean, *ends[:, 0]))
        panels.append(points)
    return panels


def test_both_renderers_draw_the_same_numbers_which_are_those_of_the_frame():
    frame = frame_of(two_plans())
    first, second = drawn_by_plotly(frame), drawn_without_a_browser(frame)
    assert [len(panel) for panel in first] == [len(panel) for panel in second] == [2, 2, 2]
    rows = [(row["mean"], row["low"], row["high"]) for _, row in frame.iterrows()]
    for drawn in (first, second):
        points = [point for panel in drawn for point in panel]
        assert all(
            math.isclose(a, b, rel_tol=1e-9)
            for point, row in zip(points, rows, strict=True)
            for a, b in zip(point, row, strict=True)
        )


def test_the_same_frame_makes_the_same_pictures():
    frame = frame_of(two_plans(), "zh")
    assert svg(frame) == svg(frame)
    assert png(frame) == png(frame)


def test_letters_in_an_svg_are_outlines_so_that_no_font_is_needed():
    assert "<text" not in svg(frame_of(two_plans(), "zh"))


def test_the_font_has_every_character_of_our_texts_and_of_gb2312():
    with TTFont(FONT) as font:
        has = set(map(chr, font.getBestCmap()))
    assert len(gb2312()) > 7_000
    assert gb2312() - has == {"\u3000"}  # a blank
    assert {letter for letter in characters() if letter.isalnum()} - has == set()


def test_the_font_is_small_and_has_its_licence_beside_it():
    assert FONT.stat().st_size < 2_500_000
    licence = (FONT.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_a_letter_that_no_font_has_is_drawn_without_a_warning(recwarn):
    frame = frame_of(two_plans()).assign(plan_title="\U0001f600 \U00020000")
    svg(frame)
    assert not recwarn.list


def test_chinese_letters_count_as_two():
    assert shortened("大厅规划", 4) == "大厅…"
    assert shortened("hall", 4) == "hall"


def test_units_of_scenario_files_are_written_in_chinese():
    with messages.using("zh"):
        assert quantity_text("15 min a day … 7 h a day") == "15 分钟 每天 … 7 小时 每天"
        assert quantity_text("1 working days, 40 s") == "1 个工作日, 40 秒"
