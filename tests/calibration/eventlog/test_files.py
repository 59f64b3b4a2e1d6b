"""What a file's rows are, whatever stands above, between and around them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from cases import for_each

from calibration.eventlog import EventLog, read_log
from calibration.eventlog.read import delimited, workbook, xes
from calibration.eventlog.read.files import read_raw
from calibration.eventlog.read.stamps import read_stamps
from foundation.errors import HallplanError


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def rejected(log: EventLog) -> list[tuple[str, int, str]]:
    rows = log.rejected.rows
    return [
        (str(a), int(b), str(c).rpartition(".")[2])
        for a, b, c in zip(rows["source"], rows["row"], rows["reason"], strict=True)
    ]


TITLED = """某大厅取号记录,,,

"票
号",窗口,取号时间,叫号时间
1,2,2014/1/6 9:03,2014/1/6 9:13

2,2,2014/1/6 9:04,2014/1/6 9:14,too much
3,2,2014/1/6 9:05,
4,2,昨天,2014/1/6 9:16
5,2
6,2,2014/1/6 9:06,2014/1/6 9:18
"""


def test_rows_keep_their_numbers_below_a_title_and_around_rows_that_do_not_fit(tmp_path: Path) -> None:
    log = read_log(write(tmp_path, "log.csv", TITLED), mapping={"case": "票\n号"})
    assert log.kind == "tickets"
    assert log.events["row"].tolist() == [4, 7, 10]
    assert rejected(log) == [("log.csv", 6, "cells"), ("log.csv", 8, "stamp"), ("log.csv", 9, "cells")]
    assert log.rows_read == len(log.events) + len(log.rejected)


def test_a_rejected_row_is_named_by_its_own_file(tmp_path: Path) -> None:
    head = "case,activity,start,end\n"
    first = write(tmp_path, "january.csv", head + "1,a,2014-01-06 09:00,2014-01-06 09:10\n2,a,soon,2014-01-06 09:10\n")
    more = "".join(f"{case},a,2014-02-06 09:00,2014-02-06 09:10\n" for case in range(3, 7))
    second = write(tmp_path, "february.csv", head + more + "7,a,2014-02-06 09:30,2014-02-06 09:10\n8,a\n")
    log = read_log([first, second])
    assert rejected(log) == [
        ("february.csv", 6, "backwards"), ("february.csv", 7, "cells"), ("january.csv", 3, "stamp"),
    ]  # fmt: skip
    assert len(log.events) == 5


def test_a_file_of_which_most_rows_do_not_fit_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "log.csv", 'case,activity,time\n1,"a,2014-01-06 09:00\n2,b,2014-01-06 09:00\n')
    with pytest.raises(HallplanError) as failure:
        read_log(file)
    assert failure.value.key == "eventlog.fault.mostly_bad"


def test_events_beside_the_traces_of_an_xes_log_get_no_trace_s_case(tmp_path: Path) -> None:
    def event(minute: int) -> str:
        return (
            '<event><string key="concept:name" value="a"/>'
            f'<date key="time:timestamp" value="2014-01-06T09:{minute:02d}:00+08:00"/></event>'
        )

    def trace(case: str, *minutes: int) -> str:
        return f'<trace><string key="concept:name" value="{case}"/>{"".join(map(event, minutes))}</trace>'

    stray = f"<log>{trace('x', 1, 2)}{event(3)}{trace('y', 4)}</log>"
    log = read_log(write(tmp_path, "log.xes", stray))
    assert log.events["case"].nunique() == 2
    assert rejected(log) == [("log.xes", 3, "no_case")]


def test_what_stands_inside_an_xes_attribute_is_no_attribute_of_the_event(tmp_path: Path) -> None:
    nested = (
        '<log xmlns="http://www.xes-standard.org/">'
        '<global scope="event"><string key="concept:name" value="none"/></global>'
        '<trace><event><string key="concept:name" value="a"><string key="org:resource" value="inside"/></string>'
        '<list key="many"><values><string key="org:resource" value="deep"/></values></list>'
        '<date key="time:timestamp" value="2014-01-06T09:00:00"/></event>'
        '<event><string key="org:resource" value="w"/><string key="concept:name" value="b"/>'
        '<date key="time:timestamp" value="2014-01-06T09:01:00"/></event>'
        '<string key="concept:name" value="x"><string key="concept:name" value="inside"/></string></trace></log>'
    )
    frame = read_raw(write(tmp_path, "log.xes", nested)).frame
    assert frame["concept:name"].tolist() == ["a", "b"]
    assert frame["org:resource"].tolist() == ["", "w"]
    assert frame["case:concept:name"].tolist() == ["x", "x"]
    assert set(frame) == {"concept:name", "org:resource", "time:timestamp", "case:concept:name"}


def test_what_an_event_says_of_its_case_itself_holds_before_what_the_trace_says(tmp_path: Path) -> None:
    def event(*said: str) -> str:
        of_case = "".join(f'<string key="case:service" value="{one}"/>' for one in said)
        return f'<event><string key="concept:name" value="a"/>{of_case}</event>'

    def trace(name: str, *events: str) -> str:
        of_trace = f'<string key="concept:name" value="{name}"/><string key="service" value="t"/>'
        return f"<trace>{of_trace}{''.join(events)}</trace>"

    traces = trace("x", event("own"), event()) + trace("y", event()) + trace("z", event(), event("own"))
    frame = read_raw(write(tmp_path, "log.xes", f"<log>{traces}</log>")).frame
    assert frame["case:service"].tolist() == ["own", "t", "t", "t", "own"]
    assert frame["case:concept:name"].tolist() == ["x", "x", "y", "z", "z"]


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "gb18030"])
def test_xes_in_an_encoding_that_cannot_be_read_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(HallplanError) as failure:
        read_log(write(tmp_path, "log.xes", f'<?xml version="1.0" encoding="{encoding}"?><log/>'))
    assert failure.value.key == "eventlog.fault.not_xes"


def test_rows_of_xes_that_are_packed_on_the_way_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = "".join(
        f'<trace>{"".join(f"""<event><string key="n" value="{k}-{e}"/></event>""" for e in range(k % 4))}'
        f'<string key="{"odd" if k % 2 else "even"}" value="{k}"/></trace>'
        for k in range(40)
    )
    file = write(tmp_path, "log.xes", f"<log>{cases}</log>")
    whole = read_raw(file).frame
    monkeypatch.setattr(xes, "_MANY", 3)
    pd.testing.assert_frame_equal(read_raw(file).frame, whole)
    assert whole["n"].tolist() == [f"{k}-{e}" for k in range(40) for e in range(k % 4)]
    assert whole["case:odd"].tolist() == [str(k) if k % 2 else "" for k in range(40) for _ in range(k % 4)]


def test_rows_of_xes_are_packed_after_the_trace_that_makes_them_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = "<trace>" + '<event><string key="n" value="1"/></event>' * 2 + "</trace>"
    rows: list[int] = []
    pack = xes._Cells._pack

    def counted(cells: xes._Cells) -> None:
        rows.append(cells._rows)
        pack(cells)

    monkeypatch.setattr(xes, "_MANY", 3)
    monkeypatch.setattr(xes._Cells, "_pack", counted)
    read_raw(write(tmp_path, "log.xes", f"<log>{trace * 5}</log>"))
    assert rows == [4, 4, 2]


@pytest.mark.parametrize("many", [100, 4_000])
def test_progress_of_a_csv_file_is_told_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(delimited, "_BLOCK_BYTES", 1_000)
    rows = "".join(f"{k},a,2014-01-06 09:{k % 60:02d}\n" for k in range(many))
    told: list[int] = []
    table = read_raw(write(tmp_path, "log.csv", f"case,activity,time\n{rows}"), lambda done, _: told.append(done))
    assert len(table.frame) == many
    assert len(told) > many // 60
    assert told == sorted(told)


def test_a_workbook_with_more_rows_than_a_sheet_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["case", "activity", "time"], *[[k, "a", "2014-01-06 09:00"] for k in range(20)]]:
        sheet.append(row)
    book.save(tmp_path / "log.xlsx")
    assert len(read_log(tmp_path / "log.xlsx").events) == 20
    monkeypatch.setattr(workbook, "_MAX_ROWS", 20)
    with pytest.raises(HallplanError) as failure:
        read_log(tmp_path / "log.xlsx")
    assert failure.value.key == "eventlog.fault.too_long"


def test_entities_in_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["case", "activity", "time"])
    sheet.append(["MARK", "a", "2014-01-06 09:00"])
    book.save(tmp_path / "plain.xlsx")
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    lol = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 20 if k else "SECRET"}">' for k in range(9))
    declared = f'<!DOCTYPE x [{lol}<!ENTITY file SYSTEM "{secret.as_uri()}">]>'.encode()
    for entity in (b"&e8;", b"&file;"):
        with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if b"MARK" in content:
                    declaration, root = (content[: content.find(b"?>") + 2], content[content.find(b"?>") + 2 :])
                    if not content.startswith(b"<?xml"):
                        declaration, root = b"", content
                    content = declaration + declared + root.replace(b"MARK", entity)
                new.writestr(name, content)
        with pytest.raises(HallplanError) as failure:
            read_log(tmp_path / "bad.xlsx")
        assert failure.value.key == "eventlog.fault.broken_xlsx"
        assert "SECRET" not in str(failure.value)


ZONED = "case,activity,time\n1,a,2014-01-06T01:00:00{0}\n1,b,2014-01-06T08:30:00{0}\n"


@for_each(
    ("offset", "zone", "hour", "note"),
    [
        ("Z", None, 1, "utc"),
        ("+00:00", None, 1, "utc"),
        ("+08:00", None, 1, "offsets"),
        ("Z", "Asia/Shanghai", 9, "zone"),
        ("+0100", "Asia/Shanghai", 8, "zone"),
        ("-02:30", "Asia/Shanghai", 11, "zone"),
        ("", "Asia/Shanghai", 1, None),
    ],
)
def test_offsets_are_the_hall_s_own_unless_its_zone_is_said(
    tmp_path: Path, offset: str, zone: str | None, hour: int, note: str | None
) -> None:
    log = read_log(write(tmp_path, "log.csv", ZONED.format(offset)), time_zone=zone)
    first = log.events["end"].iloc[0]
    assert (first.hour, first.minute) == (hour, 30 if offset == "-02:30" else 0)
    assert log.events["end"].iloc[1] - first == pd.Timedelta(hours=7, minutes=30)
    told = {one.key.rpartition(".")[2] for one in log.notes} & {"utc", "offsets", "zone"}
    assert told == ({note} if note else set())


def test_a_form_can_name_the_offset(tmp_path: Path) -> None:
    file = write(tmp_path, "log.csv", "case,activity,time\n1,a,03/04/2014 09:00:00+0800\n")
    log = read_log(file, date_format="%d/%m/%Y %H:%M:%S%z")
    assert log.events["end"].tolist() == [pd.Timestamp("2014-04-03 09:00")]


def test_a_damaged_time_with_an_offset_costs_its_row_and_no_more(tmp_path: Path) -> None:
    for damaged in ("2014-01-06T01:00:7+08:00", "2014-01-06T03+0800", "2014-01-06T02:00:0.5e1-03:30"):
        rows = "".join(f"{n},b,2014-01-06T08:{n}:00+08:00\n" for n in range(10, 30))
        log = read_log(write(tmp_path, "log.csv", f"case,activity,time\n1,a,{damaged}\n2,a,2014-01-06 05:00\n{rows}"))
        assert len(log.events) == 21, damaged
        assert len(log.rejected) == 1, damaged


def test_offsets_that_differ_are_taken_off_by_a_form_that_names_them(tmp_path: Path) -> None:
    file = write(tmp_path, "log.csv", "case,activity,time\n1,a,5.4.2014 9h30 +0800\n1,b,5.4.2014 9h45 -0200\n")
    log = read_log(file, date_format="%d.%m.%Y %Hh%M %z", mapping={"end": "time"})
    assert log.events["end"].tolist() == [pd.Timestamp("2014-04-05 09:30"), pd.Timestamp("2014-04-05 09:45")]


@for_each("form", ["%", "%Q", "%H:%H", "%j %U", "%Y-%m-%d %"])
def test_a_form_that_is_none_is_refused(tmp_path: Path, form: str) -> None:
    with pytest.raises(HallplanError) as failure:
        read_log(write(tmp_path, "log.csv", ZONED.format("")), date_format=form)
    assert failure.value.key == "eventlog.fault.date_format"


def test_a_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HallplanError, match="Beijing"):
        read_log(write(tmp_path, "log.csv", ZONED.format("Z")), time_zone="Beijing")


PERSONAL = """case,activity,resource,time,ApplicantName,审核人员,second_key,fee,serial,channel,note date
{rows}"""


def test_what_tells_a_person_or_a_hashed_key_again_is_left_out(tmp_path: Path) -> None:
    rows = "".join(
        f"C{k:04d},a,officer{k % 7},2014-01-06 09:{k % 60:02d},N{k},M{k % 5},officer{(k + 1) % 7},{k % 250 + 0.5},{k},"
        f"{'web' if k % 2 else 'hall'},2014-01-05\n"
        for k in range(600)
    )
    log = read_log(write(tmp_path, "log.csv", PERSONAL.format(rows=rows)))
    assert [name for name in log.events if name.startswith("attr_")] == ["attr_fee", "attr_channel"]
    told = {one.key.rpartition(".")[2]: one.values.get("columns") for one in log.notes}
    assert told["personal"] == "ApplicantName, 审核人员, second_key"
    assert told["texts"] == "serial"
    assert told["other_dates"] == "note date"
    assert "officer1" not in log.events.to_csv()


def test_progress_never_goes_back_and_comes_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "_BLOCK_BYTES", 50)
    event = (
        '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2014-01-06T09:00:00"/></event>'
    )
    log = f'<log><trace><string key="concept:name" value="x"/>{event * 50}</trace></log>'
    files = [write(tmp_path, name, log) for name in ("one.xes", "two.xes")]
    told: list[tuple[int, int]] = []
    read_log(files, progress=lambda done, total: told.append((done, total)))
    shares = [done / total for done, total in told]
    assert len(told) > 100
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@for_each(
    ("cell", "moment"),
    [
        ("5 Jan 2014", "2014-01-05"),
        ("05-Jan-2014 09:03", "2014-01-05 09:03"),
        ("5/January/2014 9:03 PM", "2014-01-05 21:03"),
        ("2014年1月5日 下午3点5分", "2014-01-05 15:05"),
        ("2014-01-05 24:00", "2014-01-06"),
        ("1388912580123", "2014-01-05 09:03:00.123"),
        ("2014-01-05 24:30", None),
        ("2014-01-05 09:03:75", None),
        ("2014-02-30 09:03", None),
        ("5 Foo 2014", None),
    ],
)
def test_a_moment_is_read_as_it_is_written_or_not_at_all(cell: str, moment: str | None) -> None:
    read = read_stamps(pd.Series([cell, cell], dtype="str"), name="time")
    assert read.bad.tolist() == [moment is None] * 2
    if moment is not None:
        assert (read.moments == np.datetime64(moment)).all()
