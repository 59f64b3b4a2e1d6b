"""Columns of moments in every form, at the edge of every range: what is read of each cell is frozen."""

from __future__ import annotations

import pandas as pd
import pytest

from calibration.eventlog.read.stamps import (
    Stamps,
    looks_like_dates,
    looks_like_numbers_of_moments,
    looks_like_stamps,
    looks_like_times_of_day,
    read_stamps,
    read_times_of_day,
)
from foundation.errors import HallplanError

_DISTINCT = [f"{41_645 + day}.5" for day in range(20)]
COLUMNS = {
    "ISO": ["1949-12-31", "1950-01-01", "2099-12-31T23:59:59.999", "2100-01-01", "2014-02-30", ""],
    "dates": ["2014-01-06", "2014-01-07", "N/A"],
    "slashes": ["2014/1/6", "2014/1/7", "未办结"],
    "midnights": ["2014-01-06 00:00", "2014-01-07 00:00"],
    "Chinese": [
        "2014年1月6日 9时3分5秒",
        "2014年1月6日 下午12点5分",
        "2014年1月6日 上午12点5分",
        "2014年13月6日",
        "2014年1月6日",
    ],
    "Chinese dates": ["2014年1月6日", "2014年1月7日"],
    "months by name": ["5 Jan 2014", "13 Sep 2014", "6 September 2014", "31 dec 14 11:59 pm"],
    "day first": [
        "31/12/13",
        "13/12/99",
        "1/2/100",
        "0/2/2014",
        "13/0/2014",
        "13.01.2014 9:03",
    ],
    "month first": ["12/31/2013 12:00 AM", "1/2/2014 12:00 PM", "1/2/2014 1:00 PM", "1/2/2014 11:00 am"],
    "clocks": [
        "2014.1.6 24:00",
        "2014.1.6 24:00:01",
        "2014.1.6 24:01",
        "2014.1.6 25:00",
        "2014.1.6 9:60",
        "2014.1.6 9:03:60",
    ],
    "fractions": ["2014.1.6 9:03:04.5", "2014.1.6 9:03:04,000000001", "2014.1.6 9:03"],
    "compact": ["20140106", "20140106 0903", "20140106T090304", "20141306", " 20140107 "],
    "compact dates": ["20140106", "20140107"],
    "Excel's days": ["41645", "41646", "41647.5"],
    "Excel's dates": ["41645", "41646"],
    "Excel's first and last": ["20000", "79999.99", *_DISTINCT, "19999.99", "80000"],
    "seconds": ["1388998984", "1388998985.5", "0500000000"],
    "seconds of midnight": ["1388966400", "1389052800"],
    "milliseconds": ["1388998984123", "1388998984000", "1388998984001"],
    "seconds among milliseconds": ["1388998984", *[f"13889989840{n}" for n in range(10, 20)]],
    "dates that have lost their form": ["2014.1.6", "41646", "2014.1.8"],
    "moments that have lost their form": ["2014.1.6", "41646.5", "2014.1.8"],
    "hall's own offsets": ["2014-01-06T09:03:00+08:00", "2014-01-06 09:03:04.25 -0230", "2014-01-06 09:03"],
    "universal time": ["2014-01-06T09:03:00Z", "2014-01-06 09:03:00 UTC", "2014-01-06T09:03:00+00:00"],
    "universal and own": ["2014-01-06T09:03:00Z", "2014-01-06T09:03:00+01:00"],
    "nothing": ["", "-", "无"],
}


def described(stamps: Stamps) -> str:
    """Return what was read: a moment, "-" for none, "!" for a cell that is bad."""
    cells = zip(stamps.moments.astype("datetime64[ns]").astype(str).tolist(), stamps.bad.tolist(), strict=True)
    text = [
        "!" if bad else "-" if moment == "NaT" else moment.removesuffix("000000000").rstrip(".")
        for moment, bad in cells
    ]
    return f"{', '.join(text)} | {'dates' if stamps.date_only else 'moments'} {stamps.order} {stamps.offsets}".rstrip()


def read(cells: list[str], **options: str) -> str:
    try:
        return described(read_stamps(pd.Series(cells, dtype="str"), name="t", **options))
    except HallplanError as fault:
        return f"refused: {fault.key} {dict(fault.values)}"


def test_what_is_read_of_every_form_is_frozen(snapshot: object) -> None:
    assert "\n".join(f"{name}: {read(cells)}" for name, cells in COLUMNS.items()) == snapshot


def test_what_is_read_by_a_stated_form_or_zone_is_frozen(snapshot: object) -> None:
    moments = ["2014-07-06T09:03:00+08:00", "2014-01-06T01:03:00Z", "2014-01-06 09:03", ""]
    stated = {
        "in a zone": read(moments, zone="Europe/Berlin"),
        "in no zone": read(moments, zone="Mars/Olympus"),
        "a form": read(["06.01.2014 09h03", "07.01.2014 09h03", "x", ""], form="%d.%m.%Y %Hh%M"),
        "a form of dates": read(["06.01.2014", "07.01.2014", ""], form="%d.%m.%Y"),
        "a form with an offset": read(["06.01.2014 09h03 +0800", "x", ""], form="%d.%m.%Y %Hh%M %z"),
        "a form with an offset in a zone": read(["2014-01-06 09:03:00+0800"], form="%Y-%m-%d %H:%M:%S%z", zone="UTC"),
        "a form with a Z": read(["2014-01-06 09:03:00Z"], form="%Y-%m-%d %H:%M:%SZ"),
        "no form": read(["06.01.2014"], form="%q"),
    }
    assert "\n".join(f"{name}: {text}" for name, text in stated.items()) == snapshot


def test_what_is_read_of_times_of_day_is_frozen(snapshot: object) -> None:
    cells = ["9:05", "09:05:30.5", "9.05", "9.05.30", "905", "0905", "090530", "24:00", "24:01", "9:60", "下午1:05"]
    cells += ["12:05 AM", "12:05 PM", "", "soon", "2400", "9点5分", "2401", "25:00", "9:05"]
    dates = ["2014-01-06"] * (len(cells) - 1) + [""]
    stamps = read_stamps(pd.Series(dates, dtype="str"), name="date")
    result = read_times_of_day(pd.Series(cells, dtype="str"), stamps)
    assert described(result) == snapshot
    assert not result.date_only


@pytest.mark.parametrize("good", [9, 10])
def test_a_column_is_of_moments_if_more_than_nine_in_ten_cells_are(good: int) -> None:
    """Of ten cells nine are nine tenths and no more; of eleven ten are more."""
    for cell, looks in (
        ("2014-01-06 09:00", looks_like_stamps),
        ("09:00", looks_like_times_of_day),
    ):
        column = pd.Series([cell] * good + ["soon", ""], dtype="str")
        assert looks(column) == (good == 10), cell
    seconds = ["1388998984"] * good
    assert looks_like_numbers_of_moments(pd.Series([*seconds, ""], dtype="str"))
    assert not looks_like_numbers_of_moments(pd.Series([*seconds, "soon"], dtype="str"))


def test_what_columns_look_like() -> None:
    cases = {
        "stamps": (["2014-01-06", "20140107", "41645"], True, True, False, False),
        "serials alone": (["41645", "41646"], False, False, True, False),
        "the first and the last serial": (["20000", "80000"], False, False, True, False),
        "beyond the serials": (["19999"], False, False, False, False),
        "seconds and milliseconds": (["5e8", "5e9", "5e11", "5e12"], False, False, True, False),
        "beyond the milliseconds": (["5.1e12"], False, False, False, False),
        "clocks": (["9:00", "10:30"], False, False, False, True),
        "midnights": (["2014-01-06 00:00:00", "2014-01-06 0:00"], True, True, False, False),
        "moments": (["2014-01-06 00:01", "2014-01-06"], True, False, False, False),
        "nothing": (["", "-"], False, False, False, False),
        "texts": (["a", "b"], False, False, False, False),
    }
    for name, (cells, stamps, dates, numbers, clocks) in cases.items():
        column = pd.Series(cells, dtype="str")
        verdicts = (looks_like_stamps(column), looks_like_dates(column), looks_like_numbers_of_moments(column))
        assert (*verdicts, looks_like_times_of_day(column)) == (stamps, dates, numbers, clocks), name
    bare = pd.Series(["0905", "9.05"], dtype="str")
    assert looks_like_times_of_day(bare, named=True)
    assert not looks_like_times_of_day(bare)


def test_day_and_month_are_told_apart_by_what_only_a_day_can_be() -> None:
    assert read(["12/12/2014"]).split()[1] == "eventlog.fault.ambiguous_dates"
    assert read(["13/12/2014"]).endswith("dmy")
    assert read(["12/13/2014"]).endswith("mdy")
    assert read(["13/13/2014"]).split()[1] == "eventlog.fault.mixed_dates"
    assert read(["31/12/14", "14/12/31"]).endswith("dmy")  # 31 may be a day
    assert read(["32/12/14"]).endswith("ymd")
    days = [f"{day}/12/14" for day in range(13, 23)]
    for years, others, text in ((1, 10, "dmy"), (1, 9, "mixed"), (9, 1, "mixed"), (10, 1, "ymd")):
        column = read([*(f"{32 + year}/12/14" for year in range(years)), *days[:others]])
        assert text in column.rpartition("|" if text != "mixed" else "refused")[2], (years, others)
