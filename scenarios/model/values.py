"""The single values of a scenario file: durations, times of day, names, weights, texts, opening hours, profiles.

Input: what TOML holds ("12 min", "09:00-12:00").  Output: validated values, on the integer clock where they are times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from foundation import messages
from foundation.errors import ScenarioError
from foundation.units import parse_days, parse_duration, parse_time_of_day
from scenarios.model.vocabulary import WEEKDAYS, Weekday

__all__ = [
    "ALWAYS",
    "DAY_MS",
    "EMPTY",
    "Count",
    "Days",
    "Duration",
    "Hours",
    "Interval",
    "Name",
    "Priority",
    "Profile",
    "Table",
    "Text",
    "TimeOfDay",
    "Weight",
    "is_by_weekday",
]

DAY_MS: Final = 86_400_000

_SLUG: Final = "[a-z0-9][a-z0-9?-]{0,63}"


class Table(BaseModel):
    """A table of a scenario file: its keys are fixed, its values strict, and it is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _only_text(reader: Callable[[str], int], example: str) -> BeforeValidator:
    def read(value: Any) -> int:
        if not isinstance(value, str):
            raise ScenarioError("error.bad_quantity", value=value, example=example)
        return reader(value)

    return BeforeValidator(read)


def _slug(name: str) -> str:
    if not re.fullmatch(_SLUG, name):
        raise ScenarioError("error.bad_name", value=name)
    return name


Duration = Annotated[
    int, _only_text(parse_duration, "12 min"), WithJsonSchema({"type": "string", "examples": ["12 min", "1.5 h"]})
]
Days = Annotated[
    int, _only_text(parse_days, "3 working days"), WithJsonSchema({"type": "string", "examples": ["3 working days"]})
]
TimeOfDay = Annotated[
    int, _only_text(parse_time_of_day, "09:30"), WithJsonSchema({"type": "string", "examples": ["09:30"]})
]
Name = Annotated[str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": f"^{_SLUG}$"})]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Priority = Annotated[int, Field(ge=0, le=9)]
Weight = Annotated[float, Field(ge=0, le=1e9)]


class Text(Table):
    """A title in both languages; a bare string stands for both.

    Attributes
    ----------
    en, zh
        The text in English and in Chinese.
    """

    en: str
    zh: str

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: Any) -> Any:
        return {"en": data, "zh": data} if isinstance(data, str) else data

    def __bool__(self) -> bool:
        return bool(self.en or self.zh)

    def said(self, language: messages.Language | None = None) -> str:
        """Return the text in a language, by default the one in use."""
        return self.zh if (language or messages.language()) == "zh" else self.en


EMPTY: Final = Text(en="", zh="")


def _read_interval(value: Any) -> Any:
    start, dash, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash or parse_time_of_day(start) >= parse_time_of_day(end):
        raise ScenarioError("error.bad_interval", value=value)
    return (parse_time_of_day(start), parse_time_of_day(end))


Interval = Annotated[
    tuple[int, int],
    BeforeValidator(_read_interval),
    WithJsonSchema({"type": "string", "examples": ["09:00-12:00"]}),
]
"""Opening interval: milliseconds since midnight, ``[open, close)``."""


def _read_hours(value: Any) -> Any:
    if isinstance(value, (str, list)):
        value = {"default": value}
    if not isinstance(value, dict):
        return value
    intervals = {day: _read_intervals(entry) for day, entry in value.items()}
    default = intervals.pop("default", None)
    return intervals if default is None else dict.fromkeys(WEEKDAYS, default) | intervals


def _read_intervals(value: Any) -> Any:
    if isinstance(value, str):
        return ["00:00-24:00"] if value == "always" else [value]
    return value


def _hours_do_not_overlap(
    hours: dict[Weekday, list[tuple[int, int]]],
) -> dict[Weekday, list[tuple[int, int]]]:
    for day, intervals in hours.items():
        ordered = sorted(intervals)
        if any(first[1] > second[0] for first, second in pairwise(ordered)):
            raise ScenarioError("error.hours_overlap", day=day)
    return {day: sorted(intervals) for day, intervals in hours.items()}


Hours = Annotated[
    dict[Weekday, list[Interval]],
    BeforeValidator(_read_hours),
    AfterValidator(_hours_do_not_overlap),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["always", "09:00-17:00"]},
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "properties": {
                        day: {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
                        for day in (*WEEKDAYS, "default")
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""Opening hours by weekday: ``"always"``, a list of intervals for every working day, or a table by
weekday."""

ALWAYS: Final = _hours_do_not_overlap({day: [(0, DAY_MS)] for day in WEEKDAYS})
"""Open day and night."""


def _day_is_usable(weights: dict[str, float]) -> dict[str, float]:
    times = [parse_time_of_day(start) for start in weights]
    if times != sorted(set(times)) or not any(weights.values()):
        raise ScenarioError("error.bad_profile")
    return weights


_DayProfile = Annotated[dict[str, Weight], AfterValidator(_day_is_usable)]
_DayOfTable: TypeAlias = Literal[Weekday, "default"]
_VALUES: Final = ConfigDict(strict=True, allow_inf_nan=False)
_ONE_DAY: Final = TypeAdapter[dict[str, float]](_DayProfile, config=_VALUES)
_WEEK: Final = TypeAdapter[dict[_DayOfTable, dict[str, float]]](dict[_DayOfTable, _DayProfile], config=_VALUES)


def is_by_weekday(profile: Mapping[str, Any]) -> bool:
    """Tell whether the table of a profile has a table for each weekday, and not weights for every day."""
    return any(isinstance(value, Mapping) for value in profile.values())


def _read_profile(value: Any) -> dict[Weekday, dict[str, float]]:
    if not isinstance(value, Mapping) or not is_by_weekday(value):
        return dict.fromkeys(WEEKDAYS, _ONE_DAY.validate_python(value))
    days = _WEEK.validate_python(value)
    if "default" not in days and len(days) < len(WEEKDAYS):
        raise ScenarioError("error.profile_needs_default")
    return {day: days[day] if day in days else days["default"] for day in WEEKDAYS}


_DAY_SCHEMA: Final = {
    "type": "object",
    "additionalProperties": {"type": "number", "minimum": 0},
    "examples": [{"09:00": 3, "12:00": 0, "13:00": 2}],
}
Profile = Annotated[
    dict[Weekday, dict[str, Weight]],
    PlainValidator(_read_profile),
    WithJsonSchema(
        {
            "anyOf": [
                _DAY_SCHEMA,
                {
                    "type": "object",
                    "properties": dict.fromkeys((*WEEKDAYS, "default"), _DAY_SCHEMA),
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""Relative demand by weekday and time of day (start of a piece: weight): weights for every day, or a table by weekday,
with ``default`` for those that it does not name."""
