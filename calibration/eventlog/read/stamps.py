"""Time stamps in any common form, as moments of a wall clock.

Input: a column of texts.
Output: :class:`Stamps`.  A column has one form, which all of its cells decide: if day and month could be exchanged in
all of them, the column is refused.  Offsets from universal time are removed, since a hall lives by its wall clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from foundation.errors import HallplanError

__all__ = [
    "Stamps",
    "is_missing",
    "looks_like_dates",
    "looks_like_numbers_of_moments",
    "looks_like_stamps",
    "looks_like_times_of_day",
    "read_stamps",
    "read_times_of_day",
]

_MISSING: Final = ("", "-", "--", "—", "/", "\\", "null", "none", "nan", "nat", "n/a", "na", "无", "空", "未办结")
_SERIALS: Final = (20_000.0, 80_000.0)
"""Days since 1899-12-30 that Excel's dates are taken to be among: 1954 to 2119."""
_SECONDS: Final = (5e8, 5e9)
_PLAUSIBLE: Final = (np.datetime64("1950-01-01"), np.datetime64("2100-01-01"))
_MOSTLY: Final = 0.9
_LOOKED_AT: Final = 500
_SKIMMED: Final = 20_000

_FORM: Final = (
    r"^\s*(?P<a>\d{1,4})(?:\s*[-/.年]\s*|\s+(?=[A-Za-z]))(?P<b>\d{1,2}|[A-Za-z]{3,9})(?:\s*[-/.月]\s*|(?<=[A-Za-z])\s+)"
    r"(?P<c>\d{1,4})\s*日?"
    r"(?:[ T]*(?P<noon>上午|下午|AM|PM|am|pm)?\s*(?P<h>\d{1,2})\s*[:：时点]\s*(?:(?P<m>\d{1,2})\s*分?"
    r"(?:\s*[:：]?\s*(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9})\d*)?\s*秒?)?)?\s*(?P<noon2>AM|PM|am|pm)?)?"
    r"\s*$"
)
_CLOCK: Final = (
    r"^\s*(?P<noon>上午|下午|AM|PM|am|pm)?\s*(?P<h>\d{1,2})\s*[:：时点]\s*(?P<m>\d{1,2})\s*分?"
    r"(?:\s*[:：]?\s*(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9})\d*)?\s*秒?)?\s*(?P<noon2>AM|PM|am|pm)?\s*$"
)
_BARE_CLOCK: Final = (
    r"^\s*(?P<h>[01]?\d|2[0-4])(?:\.(?P<m>[0-5]\d)(?:\.(?P<s>[0-5]\d))?|(?P<m2>[0-5]\d)(?P<s2>[0-5]\d)?)\s*$"
)
"""Times of day without a colon, as ``09.05`` or ``0905``: numbers, unless the heading calls them times."""
_OFFSET: Final = r"(:\d{2}(?:\.\d+)?)\s?(Z|UTC|[+-]\d{2}:?\d{2})$"
_ENDS_WITH_OFFSET: Final = r":\d{2}(?:\.\d+)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})$"
_ANY_OFFSET: Final = r"\d\s?(?:Z|UTC|\+\d.*)$|:\S*-\d.*$"
_YEAR_FIRST: Final = r"^\d{4}[-/年]\d{1,2}[-/月]\d{1,2}"
_COMMON: Final = (
    "ISO8601",
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"),
    *("%Y年%m月%d日 %H时%M分%S秒", "%Y年%m月%d日 %H时%M分", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日"),
)
_COMPACT: Final = r"^\s*(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})(?:[ T]?(?P<h>\d{2})(?P<m>\d{2})(?P<s>\d{2})?)?\s*$"
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            *(("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june")),
            *(("jul", "july"), ("aug", "august"), ("sep", "september"), ("oct", "october"), ("nov", "november")),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}


class _Found(NamedTuple):
    """Moments as they are written, cell by cell; NaT for what is none."""

    moments: npt.NDArray[np.datetime64]
    date_only: bool
    order: str


@dataclass(frozen=True, eq=False)
class Stamps:
    """A column of moments.

    Attributes
    ----------
    moments
        datetime64[ns], NaT where the cell is empty or unreadable.
    bad
        The cell holds something, which is no moment.
    date_only
        No cell has a time of day.
    order
        ``ymd``, ``dmy``, ``mdy``, ``excel``, ``unix``, or the format that was asked for.
    offsets
        ``local`` where cells give offsets from universal time, ``utc`` where all of them are nought, else "".
    """

    moments: npt.NDArray[np.datetime64]
    bad: npt.NDArray[np.bool_]
    date_only: bool
    order: str
    offsets: str = ""


def is_missing(column: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which cells say that there is nothing."""
    return column.str.strip().str.lower().isin(_MISSING).to_numpy(dtype=np.bool_)


def looks_like_stamps(column: pd.Series, *, share: float = _MOSTLY) -> bool:
    """Tell from its first cells whether more than a share of a column are moments written as dates."""
    sample = column[~is_missing(column)].head(_LOOKED_AT)
    if sample.empty:
        return False
    local = sample.str.replace(_OFFSET, r"\1", regex=True)
    written = local.str.match(_FORM) | local.str.match(_COMPACT)
    return bool(written.any() and (written | _is_serial(sample)).mean() > share)


def looks_like_times_of_day(column: pd.Series, *, named: bool = False) -> bool:
    """Tell from its first cells whether a column holds times of day that belong to a date elsewhere.

    Parameters
    ----------
    column
        Texts.
    named
        Whether its heading calls it a time: then ``09.05`` and ``0905`` are times of day too.
    """
    first = column.head(_SKIMMED)  # every column is asked, whatever its heading
    sample = first[~is_missing(first)].head(_LOOKED_AT)
    if not len(sample):
        return False
    return bool(sample.str.match(_CLOCK).mean() > _MOSTLY) or (
        named and bool(sample.str.match(_BARE_CLOCK).mean() > _MOSTLY)
    )


def looks_like_dates(column: pd.Series) -> bool:
    """Tell from its first cells whether a column holds dates without a time of day, or with midnight for one."""
    sample = column[~is_missing(column)].head(_LOOKED_AT)
    timed = sample.str.contains(r"[:：时点]", regex=True) & ~sample.str.contains(
        r"\b0?0[:：]00(?:[:：]00)?$", regex=True
    )
    return looks_like_stamps(column) and not timed.any()


def looks_like_numbers_of_moments(column: pd.Series) -> bool:
    """Tell from its first cells whether a column holds Excel's days, or seconds or milliseconds since 1970."""
    sample = pd.to_numeric(column[~is_missing(column)].head(_LOOKED_AT), errors="coerce")
    low, high = _SECONDS
    right = sample.between(*_SERIALS) | sample.between(low, high) | sample.between(low * 1_000, high * 1_000)
    return bool(len(sample)) and bool(right.all())


def _is_serial(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce").between(*_SERIALS)


def read_stamps(column: pd.Series, *, name: str, form: str | None = None, zone: str | None = None) -> Stamps:
    """Read a column of moments.

    Parameters
    ----------
    column
        Texts.
    name
        What messages call the column.
    form
        The form as :func:`time.strftime` has it; told from the cells by default.
    zone
        The zone on whose clock moments with an offset are put; by default the offset is taken off.

    Raises
    ------
    HallplanError
        If day and month can't be told apart, the column mixes forms, or there is no such zone.
    """
    missing = is_missing(column)
    codes, uniques = pd.factorize(column.where(~missing, ""), sort=False)
    texts = pd.Series(uniques, dtype="str")
    offset = _offset(texts)
    offsets = "" if offset is None else "local" if offset.any() else "utc"
    texts = texts if offset is None else texts.str.replace(_OFFSET, r"\1", regex=True)
    filled = texts[texts != ""]
    if form is not None:
        bare = form.removesuffix("%z").removesuffix("Z").rstrip() if offsets else form
        read = _read_as(texts.where(texts != ""), bare, name)
        parsed = _Found(read, _is_midnight(read), form)
    else:
        compact = filled.head(_LOOKED_AT).str.match(_COMPACT)
        standard = _standard(texts)
        if standard is not None:
            parsed = standard
        elif len(filled) and compact.mean() > _MOSTLY:
            parsed = _written(texts, _COMPACT, name)
        elif len(filled) and pd.to_numeric(filled, errors="coerce").notna().mean() > _MOSTLY:
            parsed = _numbers(texts)
        else:
            parsed = _written(texts, _FORM, name)
            serial = _is_serial(texts).to_numpy(dtype=np.bool_)  # cells that have lost their date format
            if serial.any():
                days = _numbers(texts.where(serial, ""))
                both = np.where(serial, days.moments, parsed.moments)
                parsed = _Found(both, _is_midnight(both), parsed.order)
    local_moments = parsed.moments if offset is None or zone is None else _on_the_clock(parsed.moments, offset, zone)
    moments = local_moments[codes]
    inside = (moments >= _PLAUSIBLE[0]) & (moments < _PLAUSIBLE[1])
    bad = ~missing & ~inside
    moments = np.where(bad | missing, np.datetime64("NaT", "ns"), moments)
    return Stamps(moments, bad, parsed.date_only, parsed.order, offsets)


def _read_as(texts: pd.Series, form: str, name: str) -> npt.NDArray[np.datetime64]:
    """Read texts in a form that the user has named; an offset that is part of it is taken off."""
    try:
        moments = pd.to_datetime(texts, format=form, errors="coerce", utc=True)
        if "%z" in form:  # each has an offset of its own: pandas reads such texts one by one only
            local = [pd.to_datetime(text, format=form, errors="coerce").tz_localize(None) for text in texts]
            return pd.Series(local, dtype="datetime64[ns]").to_numpy()
    except (ValueError, TypeError, re.error, OverflowError):
        raise HallplanError("eventlog.fault.date_format", form=form, column=name) from None
    return moments.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")


def read_times_of_day(column: pd.Series, dates: Stamps) -> Stamps:
    """Read a column of times of day, each on the date that stands in the same row.

    A time is that of its row's own date, whatever the times beside it are: nothing is moved to the next day.

    Parameters
    ----------
    column
        Texts.
    dates
        By row: the date.

    Returns
    -------
    Stamps
        A cell is bad if it is no time of day, or if its row has no date.
    """
    missing = is_missing(column)
    codes, uniques = pd.factorize(column.where(~missing, ""), sort=False)
    texts = pd.Series(uniques, dtype="str")
    bare = texts.str.extract(_BARE_CLOCK)
    digits = bare["h"].notna()
    minutes, seconds = bare["m"].fillna(bare["m2"]), bare["s"].fillna(bare["s2"]).fillna("00")
    colons = bare["h"].str.cat(minutes, sep=":").str.cat(seconds, sep=":")
    parts = texts.where(~digits, colons).str.extract(_CLOCK)
    clock, valid = _clock(parts)
    valid &= parts["h"].notna().to_numpy(dtype=np.bool_)
    days = dates.moments.astype("datetime64[D]").astype("datetime64[ns]")
    usable = valid[codes] & ~missing & ~np.isnat(days)
    moments = np.where(usable, days + clock[codes], np.datetime64("NaT", "ns"))
    return Stamps(moments, ~missing & ~usable & ~dates.bad, date_only=False, order=dates.order, offsets=dates.offsets)


def _offset(texts: pd.Series) -> npt.NDArray[np.float64] | None:
    """Return the seconds that each text says it is ahead of universal time, NaN where it says nothing."""
    if not texts.str.contains(_ENDS_WITH_OFFSET, regex=True).any():  # cells by machine code, before any is taken apart
        return None
    suffix = texts.str.extract(_OFFSET)[1]
    digits = pd.to_numeric(suffix.str.replace("Z|UTC", "0", regex=True).str.replace(":", ""), errors="coerce")
    size = digits.abs()
    ahead: npt.NDArray[np.float64] = (np.sign(digits) * (size // 100 * 3_600 + size % 100 * 60)).to_numpy(np.float64)
    return np.where(suffix.isna(), np.nan, ahead)


def _on_the_clock(
    moments: npt.NDArray[np.datetime64], offset: npt.NDArray[np.float64], zone: str
) -> npt.NDArray[np.datetime64]:
    """Put moments that give their offset on the clock of a zone; the others are on it."""
    has_offset = ~np.isnan(offset)
    universal = moments - np.rint(np.where(has_offset, offset, 0.0) * 1e9).astype("timedelta64[ns]")
    try:
        there = pd.DatetimeIndex(universal).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    except (KeyError, ValueError):  # what zoneinfo raises of a name that it doesn't know
        raise HallplanError("eventlog.fault.zone", zone=zone) from None
    return np.where(has_offset, there.to_numpy(dtype="datetime64[ns]"), moments)


def _is_midnight(moments: npt.NDArray[np.datetime64]) -> bool:
    valid = moments[~np.isnat(moments)]
    return bool((valid == valid.astype("datetime64[D]")).all())


def _numbers(texts: pd.Series) -> _Found:
    """Excel's days since the end of 1899, or seconds (or milliseconds) since 1970."""
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)
    valid = numbers[~np.isnan(numbers)]
    moments = np.full(numbers.size, np.datetime64("NaT", "ns"))
    low, high = _SERIALS
    if ((valid >= low) & (valid < high)).mean() > _MOSTLY:
        right = (numbers >= low) & (numbers < high)
        ms = np.rint(np.where(right, numbers, 0.0) * 86_400).astype(np.int64) * 1_000  # a day's fraction holds no more
        epoch, order = np.datetime64("1899-12-30", "ms"), "excel"
    else:
        factor = 1.0 if (valid < _SECONDS[1]).mean() > _MOSTLY else 1e-3
        right = (numbers * factor >= _SECONDS[0]) & (numbers * factor < _SECONDS[1])
        ms = np.rint(np.where(right, numbers, 0.0) * (factor * 1_000)).astype(np.int64)
        epoch, order = np.datetime64("1970-01-01", "ms"), "unix"
    moments[right] = (epoch + ms.astype("timedelta64[ms]")).astype("datetime64[ns]")[right]
    return _Found(moments, _is_midnight(moments), order)


def _standard(texts: pd.Series) -> _Found | None:
    """Read a column of which every cell is of one common form with the year first: by far the quickest."""
    filled = (texts != "").to_numpy(dtype=np.bool_)
    sample = texts[filled].head(_LOOKED_AT)
    if not sample.str.match(_YEAR_FIRST).all():
        return None
    if texts.str.contains(_ANY_OFFSET, regex=True).any():  # those at the end of a full time have been taken off
        return None
    for form in _COMMON:
        if pd.to_datetime(sample, format=form, errors="coerce").isna().any():
            continue
        moments = pd.to_datetime(texts.where(filled), format=form, errors="coerce").to_numpy(dtype="datetime64[ns]")
        if not np.isnat(moments[filled]).any():
            dates = not texts.str.contains(r"[:时]").any()
            return _Found(moments, dates, "ymd")
    return None


def _written(texts: pd.Series, form: str, name: str) -> _Found:
    parts = texts.str.extract(form)
    first, second, third = (_whole(parts[key]) for key in "abc")
    valid_parts = (first >= 0) & (second >= 0) & (third >= 0)
    named = valid_parts & parts["b"].str.contains(r"[A-Za-z]", na=False).to_numpy(dtype=np.bool_)
    order = _order(first[valid_parts], second[valid_parts], third[valid_parts], named[valid_parts], name)
    year, month, day = {"ymd": (first, second, third), "dmy": (third, second, first), "mdy": (third, first, second)}[
        order
    ]
    year = np.where((year >= 0) & (year < 100), year + 2000, year)
    clock, valid = _clock(parts)
    valid &= valid_parts & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    timed = parts["h"].notna().to_numpy(dtype=np.bool_) if "h" in parts else np.zeros(first.size, dtype=np.bool_)
    return _Found(_moments(year, month, day, valid) + clock, not timed[valid_parts].any(), order)


def _clock(parts: pd.DataFrame) -> tuple[npt.NDArray[np.timedelta64], npt.NDArray[np.bool_]]:
    """Return the time since midnight that hours, minutes and seconds make, none being nought, and whether they can."""
    nothing = np.full(len(parts), -1)
    hour, minute, second = (_whole(parts[key]) if key in parts else nothing for key in "hms")
    if "noon" in parts:
        noon = parts["noon"].fillna(parts["noon2"]).str.lower()
        after = noon.isin(("pm", "下午")).to_numpy(dtype=np.bool_)
        before = noon.isin(("am", "上午")).to_numpy(dtype=np.bool_)
        hour = np.where(after & (hour >= 0) & (hour < 12), hour + 12, np.where(before & (hour == 12), 0, hour))
    fraction = pd.to_numeric("0." + parts["f"].fillna("0"), errors="coerce").to_numpy() if "f" in parts else 0.0
    valid = (minute < 60) & (second < 60)
    valid &= (hour < 24) | ((hour == 24) & (minute <= 0) & (second <= 0))  # midnight, as the end of a day
    clock = np.maximum(hour, 0) * 3_600 + np.maximum(minute, 0) * 60 + np.maximum(second, 0)
    return (clock * 1_000_000_000 + np.rint(fraction * 1e9).astype(np.int64)).astype("timedelta64[ns]"), valid


def _whole(column: pd.Series) -> npt.NDArray[np.int64]:
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().any():
        numbers = numbers.fillna(column.str.lower().map(_MONTHS))
    return numbers.fillna(-1).to_numpy(dtype=np.int64)


def _moments(
    year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], day: npt.NDArray[np.int64], valid: npt.NDArray[np.bool_]
) -> npt.NDArray[np.datetime64]:
    months = (np.where(valid, year, 1970) - 1970) * 12 + np.where(valid, month, 1) - 1
    start = months.astype("datetime64[M]")
    days = start.astype("datetime64[D]") + (np.where(valid, day, 1) - 1).astype("timedelta64[D]")
    valid = valid & (days.astype("datetime64[M]") == start)  # there is no 30 February
    return np.where(valid, days.astype("datetime64[ns]"), np.datetime64("NaT", "ns"))


def _order(
    first: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    third: npt.NDArray[np.int64],
    named: npt.NDArray[np.bool_],
    name: str,
) -> str:
    """Tell year, month and day apart by what only one of them can be; where it is `named`, the second is the month."""
    if not first.size:
        return "ymd"
    year_first = first > 31
    if year_first.mean() > _MOSTLY:
        return "ymd"
    if year_first.any() and year_first.mean() > 1 - _MOSTLY:
        raise HallplanError("eventlog.fault.mixed_dates", column=name)
    day_first, month_first = bool(((first > 12) | named).any()), bool((second > 12).any())
    if day_first == month_first:
        key = "eventlog.fault.mixed_dates" if day_first else "eventlog.fault.ambiguous_dates"
        raise HallplanError(key, column=name)
    return "dmy" if day_first else "mdy"
