"""Quantities with their units: "12 min", "1.5 h", "3 working days".

Comes in: the text a scenario file holds.  Goes out: a :class:`Quantity`, a number on one of four clocks.
The unit names the clock: plain minutes run day and night, working minutes run while the hall is open,
working days are counted.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Literal

from foundation.errors import ScenarioError

__all__ = [
    "Clock",
    "Quantity",
    "format_quantity",
    "format_time_of_day",
    "parse_days",
    "parse_duration",
    "parse_moment",
    "parse_quantity",
    "parse_time_of_day",
]

Clock = Literal["plain", "open", "days", "number"]
"""``plain``: milliseconds, day and night; ``open``: milliseconds of opening time; ``days``: working days;
``number``."""

_MS: Final = {
    **dict.fromkeys(("ms",), 1.0),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1_000.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60_000.0),
    **dict.fromkeys(("h", "hour", "hours"), 3_600_000.0),
    **dict.fromkeys(("d", "day", "days"), 86_400_000.0),
    **dict.fromkeys(("week", "weeks"), 604_800_000.0),
}
_PATTERN: Final = re.compile(r"\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(working\s+)?([a-z]+)\s*")
_TIME_OF_DAY: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")
_LONGEST_MS: Final = 100 * 366 * 86_400_000.0
_HUGE: Final = 1e300
_EXAMPLE: Final = "12 min"
_UNITS: Final = "ms, s, min, h, d, week, working min, working h, working days"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number on a clock: milliseconds (``plain``, ``open``), working days (``days``) or a bare
    ``number``."""

    value: float
    clock: Clock


def parse_quantity(text: str | float) -> Quantity:
    """Read a quantity.

    Parameters
    ----------
    text
        ``"90 s"``, ``"12 min"``, ``"2 working hours"``, ``"3 working days"``, or a bare number.

    Raises
    ------
    ScenarioError
        If the text is no number with a unit that is known, or is longer than a century.
    """
    if not isinstance(text, str):
        if not abs(text) < _HUGE:
            raise ScenarioError("error.not_finite", value=text)
        return Quantity(float(text), "number")
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ScenarioError("error.bad_quantity", value=text, example=_EXAMPLE)
    if match[3] not in _MS:
        raise ScenarioError("error.unknown_unit", value=text, unit=match[3], known=_UNITS)
    number, working, unit = float(match[1]), bool(match[2]), match[3]
    if abs(number * _MS[unit]) > _LONGEST_MS:
        raise ScenarioError("error.quantity_too_long", value=text)
    if working and unit in ("d", "day", "days"):
        return Quantity(number, "days")
    if working and unit in ("week", "weeks"):
        raise ScenarioError("error.bad_quantity", value=text, example="5 working days")
    return Quantity(number * _MS[unit], "open" if working else "plain")


def parse_duration(text: str) -> int:
    """Read a plain duration such as ``"12 min"`` and return whole milliseconds.

    Raises
    ------
    ScenarioError
        If it is on another clock, or negative.
    """
    quantity = parse_quantity(text)
    if quantity.clock != "plain" or quantity.value < 0:
        raise ScenarioError("error.bad_quantity", value=text, example=_EXAMPLE)
    return round(quantity.value)


def parse_days(text: str) -> int:
    """Read a limit such as ``"3 working days"`` and return the whole number of working days."""
    quantity = parse_quantity(text)
    if quantity.clock != "days" or quantity.value < 0 or quantity.value != int(quantity.value):
        raise ScenarioError("error.bad_quantity", value=text, example="3 working days")
    return int(quantity.value)


def parse_time_of_day(text: str) -> int:
    """Read ``"09:30"`` or ``"09:30:15"`` and return milliseconds since midnight (``"24:00"`` is the day's
    end)."""
    match = _TIME_OF_DAY.fullmatch(text.strip())
    milliseconds = 1_000 * (3_600 * int(match[1]) + 60 * int(match[2]) + int(match[3] or 0)) if match else _LONGEST_MS
    if milliseconds > 86_400_000:
        raise ScenarioError("error.bad_time_of_day", value=text)
    return int(milliseconds)


def parse_moment(text: str) -> tuple[dt.date | None, int]:
    """Read ``"2014-03-03 09:30"``, or ``"09:30"`` of every working day.

    Parameters
    ----------
    text
        A time of day, with a date before it or without; any spaces around the two.

    Returns
    -------
    date | None, int
        The date, or None for every working day; milliseconds since midnight, less than a day.

    Raises
    ------
    ScenarioError
        If the text is neither.
    """
    *date, time = text.split() or [""]
    try:
        day = dt.date.fromisoformat(" ".join(date)) if date else None
        milliseconds = parse_time_of_day(time)
    except ValueError:
        raise ScenarioError("error.bad_moment", value=text) from None
    if milliseconds == 86_400_000:
        raise ScenarioError("error.bad_moment", value=text)
    return day, milliseconds


def format_time_of_day(milliseconds: int) -> str:
    """Write milliseconds since midnight as ``"09:30"``, or ``"09:30:15"`` where there are seconds."""
    minutes, seconds = divmod(milliseconds // 1_000, 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def format_quantity(quantity: Quantity) -> str:
    """Write a quantity the way a scenario file holds it; the inverse of :func:`parse_quantity`."""
    if quantity.clock == "number":
        return f"{quantity.value:g}"
    if quantity.clock == "days":
        return f"{quantity.value:.12g} working days"
    working = "working " if quantity.clock == "open" else ""
    for unit in ("h", "min", "s"):
        if quantity.value and quantity.value % _MS[unit] == 0:
            return f"{quantity.value / _MS[unit]:.12g} {working}{unit}"
    return f"{quantity.value / _MS['min']:.15g} {working}min"
