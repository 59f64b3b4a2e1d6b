"""What is read from small files of every kind, frozen row by row: a changed row, note or reason is to be looked at."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from frozen_lines import frame_lines, lines

from calibration.eventlog import EventLog, read_log
from calibration.eventlog.read.files import read_raw
from foundation import messages

TICKETS = """某大厅取号记录,,,,,,,,,,
票号,业务类型,窗口,取号时间,叫号时间,结束时间,状态,姓名,备注,渠道,打印时间
A001,社保,3号,2014/1/6 9:03:10,2014/1/6 9:05:00,2014/1/6 9:12:00,完成,张三,一,网,2014/1/6 9:03:11
A002,社保, 3号 ,2014/1/6 9:04:10,2014/1/6 9:15:00,2014/1/6 9:15:30,过号,李四,二,厅,2014/1/6 9:04:11
A003,社保,3号,2014/1/6 9:05:10,,2014/1/6 9:20:00,完成,孙七,三,厅,2014/1/6 9:05:11
B001,税务,4号,2014/1/6 10:05:00,,,,王五,四,网,2014/1/6 10:05:01
B002,税务,4号,2014/1/6 10:06:00,2014/1/6 10:05:00,2014/1/6 10:09:00,完成,周八,五,网,2014/1/6 10:06:01
B003,税务,4号,2014/1/6 10:07:00,2014/1/6 10:08:00,2014/1/6 10:07:30,完成,吴九,六,网,2014/1/6 10:07:01
B004,税务,4号,2013/1/5 10:07:00,2014/1/6 10:08:00,2014/1/6 10:09:30,完成,郑十,七,网,2014/1/6 10:07:02

,,,,,,,,,,
B005,税务,4号,2014/1/6 10:08:00,2014/1/6 10:08:30
A001,税务,4号,2014/1/7 9:03:10,2014/1/7 9:05:00,,,赵六,八,厅,2014/1/7 9:03:11
A002,税务,4号,2014/1/7 9:04:10,,,,赵七,九,厅,2014/1/7 9:04:11
A003,税务,4号,昨天,,,,赵八,十,厅,2014/1/7 9:04:12
A004,税务,4号,,,,,赵九,丙,厅,2014/1/7 9:04:13
"""

TRANSITIONS = """case:concept:name;concept:name;lifecycle:transition;time:timestamp;org:resource;case:service;fee
c1;check;schedule;2014-01-06T09:00:00+08:00;;licence;1.5
c1;check;start;2014-01-06T09:10:00+08:00;bob;licence;2.5
c1;check;suspend;2014-01-06T09:20:00+08:00;bob;licence;1.5
c1;check;resume;2014-01-06T09:40:00+08:00;bob;licence;1.5
c1;check;complete;2014-01-06T10:00:00+08:00;;licence;1.5
c1;sign;schedule;2014-01-06T10:00:00+08:00;;licence;1.5
c1;sign;assign;2014-01-06T10:01:00+08:00;ann;licence;1.5
c2;check;complete;2014-01-06T09:30:00+08:00;ann;permit;2.5
c2;check;start;2014-01-06T09:45:00+08:00;ann;permit;2.5
c2;check;start;2014-01-06T09:50:00+08:00;bob;permit;2.5
c2;check;complete;2014-01-06T10:50:00+08:00;bob;permit;2.5
c2;sign;schedule;2014-01-06T11:00:00+08:00;;permit;2.5
c2;sign;schedule;2014-01-06T11:05:00+08:00;;permit;2.5
c2;sign;complete;2014-01-06T11:10:00+08:00;cid;permit;2.5
c3;check;suspend;2014-01-06T11:30:00+08:00;ann;permit;2.5
c4;check;resume;2014-01-06T11:30:00+08:00;ann;permit;2.5
c4;check;suspend;2014-01-06T11:40:00+08:00;ann;permit;2.5
c4;check;withdraw;2014-01-06T11:50:00+08:00;ann;permit;2.5
;check;start;2014-01-06T11:30:00+08:00;ann;permit;2.5
c5;;start;2014-01-06T11:30:00+08:00;ann;permit;2.5
"""

CLOCKS = """Ticket number,Date,Arrival time,Called,Finished,Service
1,03/03/2014,09:05,09:06,09:12,passport
2,13/03/2014,9:05 PM,9:06 PM,9:12 PM,passport
3,13/03/2014,10:00,10:01,,visa
4,14/03/2014,10:00,,,visa
5,,10:00,10:01,10:02,visa
6,30/02/2014,10:00,10:01,10:02,visa
7,14/03/2014,10:61,10:01,10:02,visa
8,14/03/2014,-,-,-,visa
"""

LEDGER = """Case No,Item,Applied at,Accepted,Decided,Status
1,food,2014-01-06,2014-01-07,2014-01-09,finished
2,food,2014-01-06,2014-01-07,,withdrawn: absent
3,shop,2014-01-06,2014-01-05,2014-01-09,finished
4,shop,2014-01-08,,,
5,shop,2014-01-08,2014-01-09,null,
6,shop,2014-01-08,2014-01-09,2014-01-20,finished
"""

NUMBERS = """case,activity,start,end,hour
1,a,41645.375,41645.5,1388998984
2,a,41646.375,41646.5,1388998985
3,a,41647.375,41647.5,1388998986
4,a,41648.375,,1388998987
"""

SECONDS = "case,activity,start,end\n" + "".join(
    f"{case},a,{start},{end}\n"
    for case, (start, end) in enumerate(
        [
            (499_999_999, 1_388_998_984_500),
            (500_000_000, 1_388_998_984_500),
            (1_388_998_985, 4_999_999_999_000),
            (1_388_998_986, "x"),
            *((1_388_998_987 + second, 1_388_998_987_250 + second * 1_000) for second in range(0, 70, 7)),
        ]
    )
)

FILES = {
    "tickets": (TICKETS, {"drop": ["渠道"]}),
    "tickets-with-a-name": (TICKETS, {"keep": ["备注", "打印时间"], "mapping": {"service": "", "outcome": ""}}),
    "transitions": (TRANSITIONS, {}),
    "transitions-on-the-clock-of-a-zone": (TRANSITIONS, {"time_zone": "Europe/Berlin", "mapping": {"lifecycle": ""}}),
    "clocks": (CLOCKS, {}),
    "ledger": (LEDGER, {}),
    "ledger-as-events": (LEDGER, {"mapping": {"activity": "Item", "case": "Case No"}, "kind": "events"}),
    "numbers": (NUMBERS, {}),
    "seconds": (SECONDS, {"mapping": {"start": "start", "end": "end"}}),
}


def described(log: EventLog) -> str:
    """Return everything that a log holds, as text."""
    with messages.using("en"):
        notes = [f"{note.key.removeprefix('eventlog.note.')}: {note}" for note in log.notes]
    rejected = [" | ".join(map(str, row)) for row in log.rejected.rows.itertuples(index=False, name=None)]
    content = {"kind": log.kind, "mapping": log.mapping, "rows": log.rows_read, "notes": notes, "rejected": rejected}
    return f"{lines(content)}\n{frame_lines(log.events)}"


@pytest.mark.parametrize("name", FILES)
def test_what_is_read_of_a_text_is_frozen(name: str, tmp_path: Path, snapshot: object) -> None:
    text, options = FILES[name]
    file = tmp_path / "log.csv"
    file.write_text(text, encoding="utf-8")
    assert described(read_log(file, salt=b"salt", **options)) == snapshot  # type: ignore[arg-type]


def test_what_is_read_of_a_workbook_is_frozen(tmp_path: Path, snapshot: object) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    morning = dt.datetime(2014, 3, 3, 9)  # noqa: DTZ001 - the wall's clock
    sheet.append(["a title", None, None])
    sheet.append([])
    sheet.append([" case ", "step", "begin", "end", "end", None, "n", " "])
    for row in (
        [1, "check", morning, morning + dt.timedelta(minutes=3), None, None, 3.0],
        [2.0, "sign", morning, None, "x", "y", 2.5, None],
        [None, " ", None],
        [3, "sign", morning, "2014-03-03 09:30:00.5", None, None, 1e15, None, "misfit"],
        [4, "sign", "soon", morning],
        ["c5", True, morning, morning],
    ):
        sheet.append(row)
    book.create_sheet("other").append(["not", "read"])
    book.save(tmp_path / "log.xlsx")
    raw = read_raw(tmp_path / "log.xlsx")
    text = f"{lines({'misfits': raw.misfits, 'rows': raw.row.tolist(), 'source': raw.source, 'files': raw.files})}\n"
    assert text + frame_lines(raw.frame) == snapshot
    assert described(read_log(tmp_path / "log.xlsx", salt=b"salt")) == snapshot


XES = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
<trace><string key="concept:name" value="c1"/><string key="service" value="licence"/>
<event><string key="concept:name" value="A"/><string key="lifecycle:transition" value="start"/>
<date key="time:timestamp" value="2014-01-06T01:00:00.250Z"/><string key="org:resource" value="bob"/></event>
<event><string key="concept:name" value="A"/><string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="2014-01-06T02:00:00Z"/></event></trace>
<trace><string key="concept:name" value="c2"/>
<event><string key="concept:name" value="B"/><string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="2014-01-07T02:00:00.000Z"/></event></trace></log>"""


def test_what_is_read_of_xes_is_frozen(tmp_path: Path, snapshot: object) -> None:
    file = tmp_path / "log.xes"
    file.write_text(XES, encoding="utf-8")
    assert frame_lines(read_raw(file).frame) == snapshot
    assert described(read_log(file, salt=b"salt")) == snapshot
    assert described(read_log(file, salt=b"salt", time_zone="Asia/Shanghai")) == snapshot


def test_what_is_read_of_several_files_is_frozen(tmp_path: Path, snapshot: object) -> None:
    head = "case,activity,start,end\n"
    rows = "1,a,2014-01-06 09:00,2014-01-06 09:10\n2,a,2014-01-07 09:00,2014-01-07 09:10\n"
    (tmp_path / "a.csv").write_text(f"{head}{rows}3,a,soon,2014-01-08 09:10\n", encoding="utf-8")
    more = f"{rows}1,b,2014-01-06 08:00,2014-01-06 08:10\n4,a,2014-01-09 09:00,2014-01-08 09:10\n5,a\n"
    (tmp_path / "b.csv").write_text(head + more, encoding="gb18030")
    (tmp_path / "c.csv").write_text(head.replace("case,activity", "activity,case") + "b,2,,2014-01-06 08:00\n", "utf-8")
    log = read_log([tmp_path / name for name in ("a.csv", "b.csv", "c.csv")], salt=b"salt")
    assert described(log) == snapshot
    with messages.using("en"):
        frames = log.rejected.frames()
    assert frame_lines(frames["rejected_rows"]) == snapshot
    assert next(iter(log.rejected.by_reason().items())) == ("eventlog.reason.repeated", 2)


def test_what_is_odd_about_times_is_told(tmp_path: Path) -> None:
    """Of a hundred ends 20 are at midnight, with 60 open: half of the 40 known; a third column is in no known form."""
    ends = [f"2014-{1 + n // 28:02d}-{1 + n % 28:02d} {'00:00' if n % 2 else '10:30'}" for n in range(40)] + [""] * 60
    rows = [f"C{n},a,2014-01-01 09:00,{end},9h{n:02d}" for n, end in enumerate(ends)]
    file = tmp_path / "log.csv"
    file.write_text("\n".join(["case,activity,start,end,created", *rows]), encoding="utf-8")
    notes = {note.key.removeprefix("eventlog.note."): note.values for note in read_log(file).notes}
    assert notes["bare_dates"] == {"column": "end", "share": 0.5, "clocks": "00:00"}
    assert notes["unread"] == {"columns": "created"}
