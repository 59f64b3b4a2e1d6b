"""A date in one column and times of day in others are one moment each; nothing is moved to the next day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from calibration.eventlog import read_log
from foundation.errors import HallplanError

HEADING = "票号,业务类型,日期,取号时间,叫号时间,结束时间,窗口"
ROWS = (
    "A001,社保,2014-03-03,09:00,09:05:30,09:12,1",
    "A002,社保,2014-03-03,9:01,9时12分,9:20,1",
    "A003,户籍,2014-03-03,下午1:30,下午1:31,下午1:45,2",
    "A001,社保,2014-03-04,11:59,12:00,24:00,1",
)


def written(folder: Path, *rows: str, heading: str = HEADING) -> Path:
    file = folder / "log.csv"
    file.write_text("\n".join([heading, *rows]), encoding="utf-8")
    return file


def moments(log: object, name: str) -> list[str]:
    return log.events.sort_values("row")[name].dt.strftime("%m-%d %H:%M:%S").tolist()  # type: ignore[attr-defined]


def test_times_of_day_are_joined_with_their_row_s_date(tmp_path: Path) -> None:
    log = read_log(written(tmp_path, *ROWS))
    assert log.kind == "tickets"
    assert {role: log.mapping[role] for role in ("date", "ready", "start", "end")} == {
        "date": "日期",
        "ready": "取号时间",
        "start": "叫号时间",
        "end": "结束时间",
    }
    assert moments(log, "ready") == ["03-03 09:00:00", "03-03 09:01:00", "03-03 13:30:00", "03-04 11:59:00"]
    assert moments(log, "start") == ["03-03 09:05:30", "03-03 09:12:00", "03-03 13:31:00", "03-04 12:00:00"]
    assert moments(log, "end") == ["03-03 09:12:00", "03-03 09:20:00", "03-03 13:45:00", "03-05 00:00:00"]
    assert not len(log.rejected)
    assert not log.events["date_only"].any()
    (note,) = [one for one in log.notes if one.key == "eventlog.note.joined"]
    assert note.values == {"columns": "取号时间, 叫号时间, 结束时间", "date": "日期"}
    assert "date = 日期" in " ".join(str(one) for one in log.notes)


def test_past_midnight_and_without_a_date_a_row_is_rejected(tmp_path: Path) -> None:
    bad = (
        "B001,社保,2014-03-04,23:50,23:55,00:10,1",  # the next day's, as likely as a slip of the pen
        "B002,社保,,09:00,09:05,09:12,1",
        "B003,社保,2014-02-30,09:00,09:05,09:12,1",
        "B004,社保,2014-03-04,09:00,25:05,09:12,1",
    )
    others = (row.replace("2014-03-0", "2014-03-1") for row in ROWS)
    log = read_log(written(tmp_path, *ROWS, *others, *bad))
    assert log.rejected.rows[["row", "reason"]].to_numpy().tolist() == [
        [10, "eventlog.reason.backwards"],
        [11, "eventlog.reason.no_date"],
        [12, "eventlog.reason.stamp"],
        [13, "eventlog.reason.stamp"],
    ]
    assert len(log.events) == 8


def test_an_empty_time_is_no_time(tmp_path: Path) -> None:
    log = read_log(written(tmp_path, *ROWS, "A009,社保,2014-03-03,16:00,,,"))
    assert log.events["outcome"].tolist().count("left") == 1
    assert log.events["start"].isna().sum() == 1


def test_the_date_can_be_named(tmp_path: Path) -> None:
    heading = HEADING.replace("日期", "哪天")
    with pytest.raises(HallplanError) as refused:
        read_log(written(tmp_path, *ROWS, heading=heading))
    assert refused.value.key == "eventlog.fault.no_date"
    assert "--map date=" in str(refused.value)
    log = read_log(written(tmp_path, *ROWS, heading=heading), mapping={"date": "哪天"})
    assert log.mapping["date"] == "哪天"
    assert moments(log, "ready")[0] == "03-03 09:00:00"


def test_a_format_is_that_of_the_date(tmp_path: Path) -> None:
    rows = [one.replace("2014-03-03", "03/03/2014").replace("2014-03-04", "04/03/2014") for one in ROWS]
    log = read_log(written(tmp_path, *rows), date_format="%d/%m/%Y")
    assert moments(log, "ready") == ["03-03 09:00:00", "03-03 09:01:00", "03-03 13:30:00", "03-04 11:59:00"]


def test_a_whole_moment_beside_times_of_day_is_left_as_it_is(tmp_path: Path) -> None:
    rows = [f"{k},社保,2014-03-03,09:0{k},2014-03-04 10:0{k}" for k in range(5)]
    log = read_log(written(tmp_path, *rows, heading="票号,业务类型,日期,取号时间,结束时间"))
    assert moments(log, "end")[0] == "03-04 10:00:00"
    assert moments(log, "ready")[0] == "03-03 09:00:00"


def test_events_of_one_time_have_a_date_as_well(tmp_path: Path) -> None:
    rows = ["1,受理,2014-03-03,09:00", "1,办结,2014-03-05,16:30"]
    log = read_log(written(tmp_path, *rows, heading="受理号,环节,日期,时间"))
    assert (log.kind, log.mapping["stamp"], log.mapping["date"]) == ("events", "时间", "日期")
    assert moments(log, "end") == ["03-03 09:00:00", "03-05 16:30:00"]


def test_a_date_without_times_of_day_is_no_date_of_any(tmp_path: Path) -> None:
    rows = ["1,2014-03-03,2014-03-05", "2,2014-03-04,2014-03-06"]
    file = written(tmp_path, *rows, heading="受理号,受理日期,办结日期")
    assert read_log(file).kind == "ledger"
    with pytest.raises(HallplanError) as refused:
        read_log(file, mapping={"date": "受理日期", "start": ""})
    assert refused.value.key == "eventlog.fault.no_clock"


def test_a_workbook_s_own_dates_and_times_are_joined(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["票号", "日期", "取号时间", "叫号时间", "结束时间"])
    for k in range(4):
        day = dt.datetime(2014, 3, 3 + k)  # noqa: DTZ001 - the wall's clock
        sheet.append([f"A{k}", day, dt.time(9, k), dt.time(9, 5 + k), dt.time(9, 10 + k, 30)])
    book.save(tmp_path / "log.xlsx")
    log = read_log(tmp_path / "log.xlsx")
    assert log.mapping["date"] == "日期"
    assert moments(log, "end")[1] == "03-04 09:11:30"
    assert pd.Timestamp("2014-03-03 09:00") in set(log.events["ready"])


def test_who_is_called_has_a_ticket_whatever_its_number_is_called(tmp_path: Path) -> None:
    heading = HEADING.replace("票号", "业务流水号")
    assert read_log(written(tmp_path, *ROWS, heading=heading)).kind == "tickets"
    assert (
        read_log(written(tmp_path, *ROWS, heading=heading.replace("叫号", "受理").replace("取号", "申请"))).kind
        == "ledger"
    )


def test_times_of_day_without_a_colon_are_read_where_the_heading_says_so(tmp_path: Path) -> None:
    rows = [("C1", "9:05", "9:07:30", "10:00"), ("C2", "13:10", "13:12:00", "13:40"), ("C3", "8:30", "8:41:05", "8:55")]

    def read(write: object) -> dict[str, list[str]]:
        lines = [
            f"{number},社保,2014-03-03,{','.join(map(write, times))},1"  # type: ignore[arg-type]
            for number, *times in rows
        ]
        log = read_log(written(tmp_path, *lines))
        return {name: moments(log, name) for name in ("ready", "start", "end")}

    expected = read(str)
    assert expected["start"][0] == "03-03 09:07:30"
    assert read(lambda text: text.replace(":", ".")) == expected
    assert read(lambda text: text.replace(":", "").zfill(4)) == expected
    assert read(lambda text: text.replace(":", "")) == expected  # a spreadsheet has taken the leading nought


def test_a_column_named_as_a_time_that_holds_none_is_named(tmp_path: Path) -> None:
    rows = [f"D{number},社保,2014-03-03,9h{number}0,9:4{number},10:00,1" for number in range(1, 5)]
    (note,) = [note for note in read_log(written(tmp_path, *rows)).notes if note.key == "eventlog.note.unread"]
    assert note.values == {"columns": "取号时间"}
