"""Event logs of every dialect, and everything that can be wrong with a file."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from cases import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.eventlog import EventLog, read_log
from calibration.eventlog.read.stamps import read_stamps
from calibration.eventlog.table import COLUMNS
from foundation import messages
from foundation.errors import HallplanError
from sim.measure.export import export

TICKETS = """票号,业务类型,窗口,取号时间,叫号时间,结束时间,状态,姓名,手机
A001,社保,3号,2014/1/6 9:03:10,2014/1/6 9:05:00,2014/1/6 9:12:00,完成,张三,13800138000
A002,社保,3号,2014/1/6 9:04:10,2014/1/6 9:15:00,,过号,李四,13800138001
B001,税务,4号,2014/1/6 10:05:00,,,,王五,13800138003
A001,税务,4号,2014/1/7 9:03:10,2014/1/7 9:05:00,,,赵六,13800138004
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# ---- the kinds of log ------------------------------------------------------------------------------------------------


@for_each("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tickets_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    log = read_log(write(tmp_path, "t.csv", TICKETS.encode(encoding)))
    assert log.kind == "tickets"
    assert list(log.events.columns) == [*COLUMNS, "attr_service"]
    assert log.events["outcome"].tolist() == [
        "done",
        "left",
        "left",
        "open",
    ]  # who isn't called by the evening has left
    first = log.events.iloc[0]
    assert (first["ready"], first["start"], first["end"]) == (
        at("2014-01-06 09:03:10"), at("2014-01-06 09:05"), at("2014-01-06 09:12"),
    )  # fmt: skip
    assert log.events["case"].nunique() == 4  # numbers begin again every morning
    assert log.events["resource"].nunique() == 2
    assert log.events["attr_service"].tolist() == ["社保", "社保", "税务", "税务"]


def test_a_visitor_who_was_called_or_done_has_not_left_though_a_stamp_is_missing(tmp_path: Path) -> None:
    header = "票号,取号时间,叫号时间,结束时间"
    rows = ("1,2014-01-06 09:00,2014-01-06 09:05,", "2,2014-01-06 09:00,,2014-01-06 09:20", "3,2014-01-06 09:00,,")
    rows += ("4,2014-01-07 09:00,2014-01-07 09:05,2014-01-07 09:20",)
    log = read_log(write(tmp_path, "t.csv", "\n".join((header, *rows, ""))), kind="tickets")
    assert log.events["outcome"].tolist() == ["open", "done", "left", "done"]


def test_a_ledger_of_dates_with_a_title_above_and_excel_s_own_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["政务服务台账"])
    sheet.append(["受理编号", "事项名称", "受理日期", "办结日期", "申请人", None])
    sheet.append(["SX1", "食品证", at("2014-01-06").to_pydatetime(), at("2014-01-09").to_pydatetime(), "=HYPERLINK(1)"])
    sheet.append(["SX2", "食品证", at("2014-01-07").to_pydatetime(), None, "张"])
    sheet.append(["SX3", "食品证", 41646, 41650, "张"])  # cells that have lost their format
    book.save(tmp_path / "l.xlsx")
    log = read_log(tmp_path / "l.xlsx")
    assert log.kind == "ledger"
    assert log.events["date_only"].all()
    assert log.events["start"].tolist() == [at("2014-01-06"), at("2014-01-07"), at("2014-01-07")]
    assert log.events["end"].tolist()[::2] == [at("2014-01-09"), at("2014-01-11")]
    assert log.events["outcome"].tolist() == ["done", "open", "done"]
    assert log.events["row"].tolist() == [3, 4, 5]


def test_published_logs_load_in_their_owners_dialects(tmp_path: Path) -> None:
    help_desk = read_log(
        write(
            tmp_path,
            "h.csv",
            "Case ID,Activity,Resource,Complete Timestamp,Variant,Variant index\n"
            "Case 1,Assign seriousness,Value 1,2012/10/09 14:50:17.000,Variant 12,12\n"
            "Case 1,Take in charge ticket,Value 1,2012/10/09 14:51:01.000,Variant 12,12\n",
        )
    )
    old_help_desk = read_log(
        write(
            tmp_path, "o.csv", "CaseID;ActivityID;CompleteTimestamp\n2;1;2012-04-03 16:55:38\n2;8;2012-04-03 16:55:53\n"
        )
    )
    permits = read_log(
        write(
            tmp_path,
            "b.csv",
            "org:resource,concept:name,time:timestamp,lifecycle:transition,case:concept:name,case:SUMleges\n"
            "560872,01_HOOFD_010,2010-10-04T22:00:00+02:00,complete,2801384,1254.46\n"
            "560872,01_HOOFD_011,2010-11-04T22:00:00+01:00,complete,2801384,1254.46\n",
        )
    )
    for log, activities in (
        (help_desk, ["Assign seriousness", "Take in charge ticket"]),
        (old_help_desk, ["1", "8"]),
        (permits, ["01_HOOFD_010", "01_HOOFD_011"]),
    ):
        assert log.kind == "events"
        assert log.events["activity"].tolist() == activities
        assert len(set(log.events["case"])) == 1
        assert log.events["start"].isna().all()
        assert log.events["end"].notna().all()
    assert permits.events["end"].tolist() == [at("2010-10-04 22:00"), at("2010-11-04 22:00")]  # the clock on the wall


def test_what_the_owners_of_published_logs_do_to_their_files_does_no_harm(tmp_path: Path) -> None:
    # A column of row numbers without a heading, the same thing under two names, a heading that stands twice, whole
    # seconds among fractions, and offsets that change with summer time.
    log = read_log(
        write(
            tmp_path,
            "r.csv",
            ",Activity,Resource,case:concept:name,case:deadline,Variant,concept:name,Variant,org:resource,time:timestamp\n"
            "0,receive,Clerk 1,17,2011-12-06 13:41:31+01:00,V 2,receive,V 2,Clerk 1,2011-10-28 13:45:40.276000+02:00\n"
            "1,check,Clerk 2,17,2011-12-06 13:41:31.788000+01:00,V 2,check,V 2,Clerk 2,2011-10-31 08:26:25+01:00\n"
            "2,receive,Clerk 2,18,2011-12-06 01:06:40+01:00,V 3,receive,V 3,Clerk 2,2011-11-02 09:00:00.500000+01:00\n",
        )
    )
    assert log.kind == "events"
    assert log.mapping["case"] == "case:concept:name"
    assert log.mapping["stamp"] == "time:timestamp"
    assert log.events["activity"].tolist() == ["receive", "check", "receive"]
    assert log.events["end"].tolist() == [
        at("2011-10-28 13:45:40.276"),
        at("2011-10-31 08:26:25"),
        at("2011-11-02 09:00:00.5"),
    ]
    assert not log.rejected.by_reason()


XES = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
<trace><string key="concept:name" value="c1"/><string key="service" value="licence"/>
<event><string key="concept:name" value="A"/><string key="lifecycle:transition" value="start"/>
<date key="time:timestamp" value="2014-01-06T09:00:00.000+08:00"/><string key="org:resource" value="bob"/></event>
<event><string key="concept:name" value="A"/><string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="2014-01-06T10:00:00.000+08:00"/></event>
<event><string key="concept:name" value="A"/><string key="lifecycle:transition" value="start"/>
<date key="time:timestamp" value="2014-01-06T11:00:00.000+08:00"/></event></trace>
<trace><string key="concept:name" value="c2"/>
<event><string key="concept:name" value="A"/><string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="2014-01-07T10:00:00.000+08:00"/></event></trace></log>"""


@pytest.mark.parametrize("packed", [False, True])
def test_xes_pairs_starts_with_ends_and_leaves_out_neither(tmp_path: Path, *, packed: bool) -> None:
    content = gzip.compress(XES.encode()) if packed else XES.encode()
    log = read_log(write(tmp_path, "p.xes.gz" if packed else "p.xes", content))
    first, again, second = log.events.to_dict("records")
    assert (first["start"], first["end"], first["outcome"]) == (at("2014-01-06 09:00"), at("2014-01-06 10:00"), "done")
    assert first["resource"] != ""  # named where it began
    assert (again["start"], again["outcome"]) == (at("2014-01-06 11:00"), "open")
    assert pd.isna(again["end"])
    assert pd.isna(second["start"])
    assert second["end"] == at("2014-01-07 10:00")
    assert log.events["attr_service"].tolist() == ["licence", "licence", ""]


def test_columns_can_be_named_and_left_out(tmp_path: Path) -> None:
    file = write(tmp_path, "x.csv", "a,b,c,d\n1,check,2014-01-06 09:00,2014-01-06 10:00\n")
    with pytest.raises(HallplanError) as failure:
        read_log(file)
    assert failure.value.key == "eventlog.fault.no_time"
    log = read_log(file, mapping={"case": "a", "activity": "b", "start": "c", "end": "d"})
    assert log.kind == "activities"
    assert log.mapping == {"activity": "b", "case": "a", "end": "d", "start": "c"}
    for mapping, key in (
        ({"case": "A"}, "eventlog.fault.column"),
        ({"cases": "a"}, "eventlog.fault.role"),
        ({"end": "d"}, "eventlog.fault.mostly_bad"),
    ):
        if key != "eventlog.fault.mostly_bad":
            with pytest.raises(HallplanError) as failure:
                read_log(file, mapping=mapping)
            assert failure.value.key == key
    with pytest.raises(HallplanError, match="no kind of log"):
        read_log(file, mapping={"end": "d"}, kind="diary")


def test_a_name_that_is_not_known_is_answered_in_one_sentence_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("case,activity,end\n1,a,2014-01-06 09:00\n", encoding="utf-8")
    said = [({"ends": "end"}, ()), ({"end": "ending"}, ()), ({}, ("activities",))]
    told = []
    for mapping, keep in said:
        with pytest.raises(HallplanError) as failure:
            read_log(file, mapping=mapping, keep=keep)
        told.append(str(failure.value))
    assert told == [
        "There is no role “ends” for a column: did you mean end?",
        "log.csv: there is no column “ending” for “end”: did you mean end?",
        "log.csv: there is no column “activities”: did you mean activity?",
    ]


def test_files_of_one_heading_are_one_log_and_others_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path, "1.csv", "case,activity,timestamp\n1,a,2014-01-06 09:00\n")
    two = write(tmp_path, "2.csv", "activity,case,timestamp\nb,1,2014-01-06 10:00\n")
    assert read_log([one, two]).events["activity"].tolist() == ["a", "b"]
    other = write(tmp_path, "3.csv", "case,task,timestamp\n1,a,2014-01-06 09:00\n")
    with pytest.raises(HallplanError, match=r"3\.csv"):
        read_log([one, other])


# ---- rows that are of no use ----------------------------------------------------------------------------------------

BAD = """case,activity,start,end,note
1,a,2014-01-06 09:00,2014-01-06 10:00,=1+1
2,a,2014-01-06 09:00,2014-01-06 10:00,fine
3,a,2014-01-06 09:00,2014-01-06 08:00,=cmd
4,a,2014-02-30 09:00,2014-03-06 10:00,
,a,2014-01-06 09:00,2014-01-06 10:00,
6,,2014-01-06 09:00,2014-01-06 10:00,
7,a,,,
8,a
9,a,2014-01-06 09:00,,
10,a,2014-01-06 09:00,2014-01-06 10:00,
11,a,2014-01-06 09:00,2014-01-06 10:00,
12,a,2014-01-06 09:00,2014-01-06 10:00,
13,a,2014-01-06 09:00,2014-01-06 10:00,
"""


def test_every_row_is_an_activity_or_rejected_with_its_reason_and_number(tmp_path: Path) -> None:
    log = read_log(write(tmp_path, "b.csv", BAD))
    assert dict(zip(log.rejected.rows["row"], log.rejected.rows["reason"].str.rpartition(".")[2], strict=True)) == {
        4: "backwards", 5: "stamp", 6: "no_case", 7: "no_activity", 8: "no_stamp", 9: "cells",
    }  # fmt: skip
    assert len(log.events) + len(log.rejected) == log.rows_read == 13
    assert set(log.events["row"]) | set(log.rejected.rows["row"]) == set(range(2, 15))


def test_rejected_rows_are_exported_without_formulas(tmp_path: Path) -> None:
    text = BAD.replace("3,a,", "3,=HYPERLINK(1),")
    log = read_log(write(tmp_path, "b.csv", text))
    with messages.using("en"):
        export(log.rejected, tmp_path / "out", formats=["csv"])
    content = (tmp_path / "out" / "rejected_rows.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK(1)" in content
    assert "ends before it begins" in content


def test_a_file_that_is_mostly_bad_is_refused_with_the_main_reason(tmp_path: Path) -> None:
    rows = "".join(f"{k},a,yesterday\n" for k in range(9))
    file = write(tmp_path, "m.csv", f"case,activity,timestamp\n{rows}1,a,2014-01-06 09:00\n")
    with pytest.raises(HallplanError) as failure:
        read_log(file, mapping={"stamp": "timestamp"})
    assert failure.value.key == "eventlog.fault.mostly_bad"
    assert "9 of 10" in failure.value.sentence("en")


# ---- time stamps -----------------------------------------------------------------------------------------------------


@for_each(
    ("cells", "expected"),
    [
        (["2014-01-06 09:03", "2014-01-06T09:03:04"], ["2014-01-06 09:03", "2014-01-06 09:03:04"]),
        (["2014/1/6 9:03", "2014/12/6 19:03"], ["2014-01-06 09:03", "2014-12-06 19:03"]),
        (["2014年1月6日 9时3分", "2014年1月6日 9时3分5秒"], ["2014-01-06 09:03", "2014-01-06 09:03:05"]),
        (["2014-1-6 下午 3:05", "2014-1-6 上午 12:05"], ["2014-01-06 15:05", "2014-01-06 00:05"]),
        (["13.01.2014 09:03", "06.02.2014 10:00"], ["2014-01-13 09:03", "2014-02-06 10:00"]),
        (["01/13/2014 9:03 PM", "02/06/2014 10:00 AM"], ["2014-01-13 21:03", "2014-02-06 10:00"]),
        (["13-Jan-2014 09:03", "06-Feb-2014 10:00"], ["2014-01-13 09:03", "2014-02-06 10:00"]),
        (["41645.5", "41645.377777777778"], ["2014-01-06 12:00", "2014-01-06 09:04"]),
        (["20140106", "20140213"], ["2014-01-06", "2014-02-13"]),
        (["20140106090304"], ["2014-01-06 09:03:04"]),
        (["1388998984", "1389000000"], ["2014-01-06 09:03:04", "2014-01-06 09:20"]),
        (["1388998984000"], ["2014-01-06 09:03:04"]),
        (["2014-01-06T09:03:04.250+08:00"], ["2014-01-06 09:03:04.250"]),
        (["2014-01-06", "-", "无", ""], ["2014-01-06", "NaT", "NaT", "NaT"]),
    ],
    ids=lambda value: str(value[0]),
)
def test_moments_are_read_in_every_common_form(cells: list[str], expected: list[str]) -> None:
    found = read_stamps(pd.Series(cells, dtype="str"), name="t")
    assert not found.bad.any()
    assert np.array_equal(found.moments, np.array(expected, dtype="datetime64[ns]"), equal_nan=True)


def test_day_and_month_are_never_guessed() -> None:
    for cells, key in (
        (["01/02/2014", "03/04/2014"], "ambiguous_dates"),
        (["13/02/2014", "02/13/2014"], "mixed_dates"),
    ):
        with pytest.raises(HallplanError) as failure:
            read_stamps(pd.Series(cells, dtype="str"), name="t")
        assert failure.value.key == f"eventlog.fault.{key}"
    said = read_stamps(pd.Series(["01/02/2014"], dtype="str"), name="t", form="%d/%m/%Y")
    assert said.moments[0] == np.datetime64("2014-02-01")


@given(
    st.lists(
        st.datetimes(at("1990-01-01").to_pydatetime(), at("2050-01-01").to_pydatetime()).map(
            lambda t: t.replace(microsecond=0)
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S"]),
)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read(moments: list[dt.datetime], form: str) -> None:
    found = read_stamps(pd.Series([t.strftime(form) for t in moments], dtype="str"), name="t")
    assert found.moments.tolist() == np.array(moments, dtype="datetime64[ns]").tolist()


# ---- nobody is named -------------------------------------------------------------------------------------------------


def test_nobody_s_name_number_or_address_stays(tmp_path: Path) -> None:
    log = read_log(write(tmp_path, "t.csv", TICKETS))
    everything = log.events.to_csv() + log.rejected.rows.to_csv() + " ".join(map(str, log.notes))
    for private in ("张三", "王五", "13800138000", "3号", "A001"):
        assert private not in everything


def test_numbers_of_identity_cards_are_known_by_their_look(tmp_path: Path) -> None:
    rows = "".join(f"{k},a,2014-01-06 09:00,52030219800101{1000 + k}\n" for k in range(20))
    log = read_log(write(tmp_path, "i.csv", f"case,activity,timestamp,remark\n{rows}"))
    assert "attr_remark" not in log.events
    kept = read_log(tmp_path / "i.csv", keep=["remark"])
    assert "attr_remark" in kept.events


def test_two_readings_can_t_be_joined_unless_the_salt_is_the_same(tmp_path: Path) -> None:
    file = write(tmp_path, "t.csv", "case,activity,timestamp\nSX1,a,2014-01-06 09:00\nSX2,a,2014-01-06 09:00\n")

    def cases(salt: bytes | None) -> list[str]:
        return read_log(file, salt=salt).events["case"].tolist()

    assert cases(b"one") == cases(b"one")
    assert cases(b"one") != cases(b"two")
    assert cases(None) != cases(None)
    assert len(set(cases(None))) == 2


# ---- files that mean harm, or are none -------------------------------------------------------------------------------


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return content.getvalue()


def archive_of(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, "x")
    return content.getvalue()


def of_unknown_version(archive: bytes) -> bytes:
    """Return an archive that asks for version 11 of the format, which Python refuses with an error of its own kind."""
    entry = archive.index(b"PK\x01\x02")
    return archive[: entry + 6] + b"\x6e\x00" + archive[entry + 8 :]


ENTITIES = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><log><trace/></log>'


@for_each(
    ("name", "content", "key"),
    [
        ("empty.csv", b"", "empty"),
        ("heading.csv", b"case,activity,timestamp\n", "no_rows"),
        ("commas.csv", b",,,\n,,,\n", "no_heading"),
        ("noise.csv", bytes(range(128, 256)) * 40, "encoding"),
        ("bomb.xlsx", bomb(), "bomb"),
        ("other.xlsx", archive_of("word/document.xml"), "not_xlsx"),
        ("broken.xlsx", b"PK\x03\x04 and no more", "broken_xlsx"),
        ("part.xlsx", archive_of("xl/workbook.xml"), "broken_xlsx"),
        ("version.xlsx", of_unknown_version(archive_of("xl/workbook.xml")), "broken_xlsx"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        ("hall.toml", b'format = 1\nname = "hall"\n', "scenario"),
        ("packed.csv.gz", gzip.compress(b"case,activity,timestamp\n"), "no_rows"),
        ("packed.gz", gzip.compress(b"case,activity,timestamp\n"), "compressed"),
        ("entities.xes", ENTITIES.encode(), "entities"),
        ("half.xes", XES[:200].encode(), "not_xes"),
        ("half.xes.gz", gzip.compress(XES.encode())[:60], "not_xes"),
        ("nothing.xes", b"<log></log>", "no_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_can_t_be_read_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, key: str
) -> None:
    with pytest.raises(HallplanError) as failure:
        read_log(write(tmp_path, name, content))
    assert failure.value.key == f"eventlog.fault.{key}"
    for language in messages.LANGUAGES:
        sentence = failure.value.sentence(language)
        assert name in sentence
        assert "\n" not in sentence


def test_what_is_packed_is_counted_while_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calibration.eventlog.read.files.MAX_BYTES", 5_000)
    many = XES.replace("</log>", XES[XES.index("<trace>") : XES.index("</log>")] * 40 + "</log>")
    file = write(tmp_path, "b.xes.gz", gzip.compress(many.encode()))
    assert file.stat().st_size < 5_000
    with pytest.raises(HallplanError) as failure:
        read_log(file)
    assert failure.value.key == "eventlog.fault.too_large"


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path, key in ((tmp_path / "none.csv", "cannot_read"), (tmp_path, "folder")):
        with pytest.raises(HallplanError) as failure:
            read_log(path)
        assert failure.value.key == f"eventlog.fault.{key}"
    with pytest.raises(HallplanError, match="No file"):
        read_log([])


@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.xlsx", "x.xes", "x.xes.gz"]))
@settings(deadline=None, max_examples=80)
def test_no_bytes_raise_anything_but_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(content)
    with contextlib.suppress(HallplanError):
        assert isinstance(read_log(path), EventLog)
