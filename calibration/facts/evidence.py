"""Published evidence as data: each figure with its wording and its place in the source.

Input: the files ``article.toml`` (the article on Honghuagang), ``law.toml``, ``elsewhere.toml`` (other halls) and
``assumptions.toml``.  Output: validated, immutable facts, each with the interval that its wording allows.  Nothing is
computed from them here (:mod:`calibration.facts.identities` does that).  Only the working days of a period are counted
by the calendar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from calibration.facts.amounts import AmountField, Widths
from calibration.facts.spans import Span
from calibration.facts.tables import validated
from foundation.errors import ScenarioError
from scenarios.compose.reading import parse
from scenarios.model import EMPTY, Name, Text
from scenarios.paths import Path as KeyPath
from scenarios.paths import suggestion
from sim.calendar import working_days

__all__ = [
    "FILES",
    "FOLDER",
    "Assumption",
    "Evidence",
    "Fact",
    "Measure",
    "Period",
    "Source",
    "assumptions",
    "count_working_days",
    "evidence",
    "read_evidence",
]

FOLDER: Final = Path(__file__).resolve().parent
FILES: Final = ("article", "law", "elsewhere")

Measure = Literal[
    "limit",
    "promise",
    "limit-unnamed",
    "actual",
    "actual-limit",
    "actual-promise",
    "on-time",
    "completion",
    "satisfaction",
    "unclear",
]
"""The measure that a percentage refers to; ``docs/reference/claims.md`` explains each."""

_WEEKEND: Final = frozenset({5, 6})


class _Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )


def count_working_days(first: dt.date, last: dt.date, *, country: str | None = "CN") -> int:
    """Count the working days from `first` to `last`, both included.

    Parameters
    ----------
    first, last
        Dates.
    country
        Whose public holidays and make-up working days hold; ``None`` for none.

    Raises
    ------
    ValueError
        If `last` comes before `first`.
    """
    days = (last - first).days + 1
    worked = working_days(first, days, country=country, weekend=_WEEKEND, off=(), work=())
    return int(worked.sum())


class Source(_Table):
    """A publication: its `title`, and its day (the last day of the year, if only a year is known)."""

    title: Text
    published: dt.date


class Period(_Table):
    """The period that a figure refers to.

    Attributes
    ----------
    title
        What it is called.
    first, ends
        Its first day, and the days on which it may end; empty if the source does not say.
    least_working_days
        The fewest working days that other figures allow.
    why
        Why it may end on these days.
    """

    title: Text
    first: dt.date | None = None
    ends: tuple[dt.date, ...] = ()
    least_working_days: Annotated[int, Field(ge=1, le=10_000)] | None = None
    why: Text = EMPTY

    @field_validator("ends", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _runs_forwards(self) -> Self:
        if bool(self.ends) != (self.first is not None):
            raise ScenarioError("error.evidence.period_needs")
        if self.first is not None and any(end < self.first for end in self.ends):
            raise ScenarioError("error.evidence.period_backwards", first=self.first)
        return self

    def lengths(self) -> tuple[int, ...]:
        """Return its working days for each day on which it may end, by China's calendar."""
        return tuple(count_working_days(self.first, end) for end in self.ends) if self.first else ()

    def span(self) -> Span | None:
        """Return the fewest and the most working days it can have; ``None`` if the source does not say."""
        lengths = self.lengths()
        return Span(min(self.least_working_days or min(lengths), *lengths), max(lengths)) if lengths else None


class Fact(_Table):
    """One published figure.

    Attributes
    ----------
    amount
        The figure with its wording.
    place
        Its place: a paragraph (¶2), an article of a law, a hall.
    period
        Key of the period it refers to.
    title, role
        What it is, and what the model uses it for.
    of
        For a percentage, the measure it refers to.
    note
        A remark for the reader.
    targets
        Scenarios and metrics that are compared with it, as ``"scenario: metric"``.
    inputs
        Scenarios and paths of values set from it, as ``"scenario: path"``.
    """

    amount: AmountField
    place: str
    period: Name
    title: Text
    role: Text
    of: Measure | None = None
    note: Text = EMPTY
    targets: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    @field_validator("targets", "inputs", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _says_of_what(self) -> Self:
        if (self.amount.unit == "%") and self.of is None and self.amount.wording != "range":
            raise ScenarioError("error.evidence.percentage_of")
        return self

    @property
    def value(self) -> float:
        """The figure as a number."""
        return self.amount.value

    def span(self, widths: Widths | None = None) -> Span:
        """Return the interval that the wording allows."""
        return self.amount.span(widths or Widths())


def _variable(name: str) -> str:
    """Let facts have names that a formula can use."""
    if not name.isidentifier() or not name.islower():
        raise ScenarioError("error.evidence.bad_name", value=name)
    return name


_Variable = Annotated[str, AfterValidator(_variable)]


class Evidence(_Table):
    """All figures of one source.

    Attributes
    ----------
    format, name
        Version of the format, and the name of the file.
    source
        The publication.
    periods, facts
        By key.
    """

    format: Literal[1]
    name: Name
    source: Source
    periods: dict[Name, Period] = {}
    facts: dict[_Variable, Fact]

    @model_validator(mode="after")
    def _periods_are_known(self) -> Self:
        for key, fact in self.facts.items():
            if fact.period not in self.periods:
                near = suggestion(fact.period, self.periods)
                raise ScenarioError("error.evidence.no_period", name=fact.period, near=near).at(
                    path=f"facts.{key}.period"
                )
        return self

    def __getitem__(self, key: str) -> Fact:
        return self.facts[key]


class Assumption(_Table):
    """A number that nobody published: its `value`, its `range`, its title, and the reason (`why`)."""

    value: float
    range: tuple[float, float]
    unit: str = ""
    title: Text
    why: Text

    @field_validator("range", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _lies_in_its_range(self) -> Self:
        if not self.range[0] <= self.value <= self.range[1]:
            raise ScenarioError("error.evidence.outside_range", value=self.value, low=self.range[0], high=self.range[1])
        return self

    def span(self) -> Span:
        """Return its range."""
        return Span(*self.range)


class _Assumptions(_Table):
    entries: dict[str, Assumption]


def _keys_at(path: KeyPath) -> list[str]:
    """Return the keys that fit into the table at a path of an evidence file."""
    inner: dict[str, type[BaseModel]] = {"periods": Period, "facts": Fact}
    if not path:
        return list(Evidence.model_fields)
    if path[0] == "source":
        return list((Source if len(path) == 1 else Text).model_fields)
    if path[0] in inner and len(path) == 2:
        return list(inner[path[0]].model_fields)
    return list(Text.model_fields) if len(path) == 3 else []


def read_evidence(data: bytes | str, *, name: str) -> Evidence:
    """Read an evidence file from its contents.

    Parameters
    ----------
    data
        TOML.
    name
        What messages call it.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: the file, the key, and what to do.
    """
    return validated(Evidence, parse(data, name=name), name=name, known_keys=_keys_at)


@cache
def evidence(name: str = "article") -> Evidence:
    """Return the evidence of one of our own files, :data:`FILES`."""
    file = FOLDER / f"{name}.toml"
    return read_evidence(file.read_bytes(), name=f"calibration/{file.name}")


@cache
def assumptions() -> Mapping[str, Assumption]:
    """Return the assumptions for numbers that nobody published, by name."""
    file = FOLDER / "assumptions.toml"
    name = f"calibration/{file.name}"
    raw = parse(file.read_bytes(), name=name)
    return validated(_Assumptions, {"entries": raw}, name=name, known_keys=lambda _: []).entries
