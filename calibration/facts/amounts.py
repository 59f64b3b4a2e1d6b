"""Figures as people publish them: "700+ a day", "about 5 a week", "52%", "115-160 working days", "7000余/月".

Input: the text of a figure.  Output: an :class:`Amount`: the number, its unit, and the interval that its wording
allows.  An exact count is one number.  "And some" (余) allows larger numbers.  A rounded percentage allows everything
that rounds to it.  No source says how far "and some" and "about" reach, so :class:`Widths` sets it as a parameter.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, WithJsonSchema

from calibration.facts.spans import Span
from foundation.errors import ScenarioError

__all__ = ["Amount", "AmountField", "Per", "Widths", "Wording", "parse_amount"]

Wording = Literal["exact", "and-some", "about", "rounded", "at-most", "range"]
Per = Literal["", "day", "week", "month", "year"]

_PER: Final[dict[str, Per]] = {
    **dict.fromkeys(("day", "天", "日"), "day"),
    **dict.fromkeys(("week", "周"), "week"),
    **dict.fromkeys(("month", "月"), "month"),
    **dict.fromkeys(("year", "年"), "year"),
}
_UNITS: Final = {
    "": "",
    **dict.fromkeys(("%", "％"), "%"),
    **dict.fromkeys(("working day", "working days", "工作日", "个工作日"), "working days"),
    **dict.fromkeys(("calendar day", "calendar days", "自然日", "个自然日"), "calendar days"),
    **dict.fromkeys(("day", "days", "天", "日"), "days"),
    **dict.fromkeys(("min", "minute", "minutes", "分钟"), "min"),
    **dict.fromkeys(("h", "hour", "hours", "小时"), "h"),
    **dict.fromkeys(("yuan", "元"), "yuan"),
}
_MULTIPLES: Final = {"": 1, "千": 1_000, "万": 10_000}
_NUMBER: Final = r"(?P<{0}>\d[\d,]*(?:\.\d+)?)\s*(?P<{0}_times>[千万])?"
_UNIT: Final = r"\s*(?P<unit>{})?".format("|".join(sorted(filter(None, _UNITS), key=len, reverse=True)))
_RATE: Final = rf"(?:\s*(?:\ba\b|\bper\b|/|每)\s*(?P<per>{'|'.join(_PER)}))?"
_RANGE: Final = re.compile(rf"{_NUMBER.format('low')}\s*(?:-|–|to|至|到)\s*{_NUMBER.format('high')}{_UNIT}{_RATE}")
_ONE: Final = re.compile(
    rf"(?P<before>about|约|up to|最多|最高)?\s*{_NUMBER.format('value')}\s*(?P<after>\+|余|多|左右)?"
    rf"{_UNIT}(?P<late>余|左右)?{_RATE}"
)
_WORDINGS: Final[dict[str, Wording]] = {
    **dict.fromkeys(("+", "余", "多"), "and-some"),
    **dict.fromkeys(("about", "约", "左右"), "about"),
    **dict.fromkeys(("up to", "最多", "最高"), "at-most"),
}
_LONGEST: Final = 60
_LARGEST: Final = 1e15


@dataclass(frozen=True)
class Widths:
    """How far words reach, in units of the last place that is stated (hundreds for "700-odd").

    Attributes
    ----------
    and_some
        Upwards, for "and some": a half makes 700 up to 750, and 4,000 up to 4,500.
    about
        Either way, for "about": a half makes "about 5" 4.5 to 5.5.
    """

    and_some: float = 0.5
    about: float = 0.5


@dataclass(frozen=True, slots=True)
class Amount:
    """A published figure.

    Attributes
    ----------
    value
        The number; a share for a percentage (0.52); the middle of a range.
    wording
        How it is worded.
    place
        Value of the last stated decimal place, in units of `value`: 100 for "700+", 0.01 for "52%".
    unit
        ``""`` for a count, ``%``, ``working days``, ``calendar days``, ``days`` (if the words do not say which),
        ``min``, ``h`` or ``yuan``.
    per
        The unit of time of a rate.
    text
        The text as it was written.
    ends
        The ends of a range.
    """

    value: float
    wording: Wording
    place: float
    unit: str
    per: Per
    text: str
    ends: tuple[float, float] | None = None

    def span(self, widths: Widths = Widths()) -> Span:
        """Return the interval that the wording allows."""
        value, place = self.value, self.place
        if self.ends is not None:
            return Span(*self.ends)
        match self.wording:
            case "and-some":
                return Span(value, value + widths.and_some * place)
            case "about":
                return Span(max(value - widths.about * place, 0.0), value + widths.about * place)
            case "rounded":
                return Span(max(value - place / 2, 0.0), value + place / 2)
            case "at-most":
                return Span(0.0, value + place / 2)
            case _:
                return Span.of(value)


def parse_amount(text: str | float) -> Amount:
    """Read a published figure; a bare number is an exact count.

    Raises
    ------
    ScenarioError
        If it is no figure, or an impossibly large one.
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return _checked(Amount(float(text), "exact", 1.0, "", "", f"{text}"))
    words = text.strip() if isinstance(text, str) else ""
    if len(words) <= _LONGEST:
        if match := _RANGE.fullmatch(words):
            return _checked(_range(match, words))
        if match := _ONE.fullmatch(words):
            return _checked(_one(match, words))
    raise ScenarioError("error.amount", value=text)


def _checked(amount: Amount) -> Amount:
    ends = amount.ends or (amount.value, amount.value)
    if not 0 <= ends[0] <= ends[1] < _LARGEST:
        raise ScenarioError("error.amount", value=amount.text)
    return amount


def _range(match: re.Match[str], words: str) -> Amount:
    unit, per = _UNITS[match["unit"] or ""], _per(match["per"])
    scale = 0.01 if unit == "%" else 1.0
    low_times, high_times = match["low_times"] or match["high_times"], match["high_times"]
    low, high = _value(match["low"], low_times) * scale, _value(match["high"], high_times) * scale
    return Amount((low + high) / 2, "range", scale, unit, per, words, (low, high))


def _one(match: re.Match[str], words: str) -> Amount:
    unit, per = _UNITS[match["unit"] or ""], _per(match["per"])
    places = [match[name] for name in ("before", "after", "late") if match[name]]
    if len(places) > 1:
        raise ScenarioError("error.amount", value=words)
    wording: Wording = _WORDINGS[places[0]] if places else "rounded" if unit == "%" else "exact"
    value = _value(match["value"], match["value_times"])
    place = _place(match["value"], value, wording, match["value_times"])
    scale = 0.01 if unit == "%" else 1.0
    return Amount(value * scale, wording, place * scale, unit, per, words)


def _per(word: str | None) -> Per:
    return _PER[word] if word else ""


def _value(digits: str, times: str | None) -> float:
    return float(digits.replace(",", "")) * _MULTIPLES[times or ""]


def _place(digits: str, value: float, wording: Wording, times: str | None) -> float:
    """Return the value of the last stated place: written decimals count as stated, and trailing zeros do not."""
    _, _, decimals = digits.partition(".")
    if decimals or wording in ("rounded", "at-most", "exact") or not value:
        return 10.0 ** -len(decimals) * _MULTIPLES[times or ""]
    zeros = len(str(round(value))) - len(str(round(value)).rstrip("0"))
    return math.pow(10, zeros)


def _read(value: Any) -> Any:
    return value if isinstance(value, Amount) else parse_amount(value)


AmountField = Annotated[
    Amount,
    BeforeValidator(_read),
    WithJsonSchema({"type": ["string", "number"], "examples": ["700+ a day", "52%", 38471]}),
]
"""A published figure, as a file holds it."""
