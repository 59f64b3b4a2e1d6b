"""The uncertain parameters of scenarios: their priors, and the scenario that follows from a vector of values.

Input: composed scenarios.  Output: a :class:`ParameterTable`.  It has one :class:`Parameter` for every entry of their
``[provenance]`` that is uncertain (assumed, or derived with a range) and can be varied.  Range and reason are read from
the entry, never typed again.  The table also lists the assumed entries that cannot be varied, each with the reason.  A
vector of parameters becomes overrides of a scenario, path by path.

A parameter multiplies everything that its entry covers by one common factor.  So differences between services keep
their proportions.  The factor's range keeps all covered values in the range of the entry.  For counts it keeps the
largest there, and none falls below the entry's lower end.  An entry that several scenarios share is one parameter of
them all.  The factor applies to each scenario's own values, which its levers may have changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from calibration.posterior.priors import Prior
from calibration.posterior.rates import departures_a_week, rate_of, with_rate
from foundation.arrays import FloatArray
from foundation.errors import ScenarioError
from foundation.units import Quantity, format_quantity, parse_quantity
from scenarios.compose.composing import Composed
from scenarios.compose.shape import is_law, is_one_value
from scenarios.model import WEEKDAYS, Provenance, Text
from scenarios.model.laws import Law, mean_of
from scenarios.paths import Path, dotted, split
from scenarios.provenance import entry_finder, numbers

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "NotVaried",
    "Parameter",
    "ParameterTable",
    "Place",
    "Reason",
    "end_of_range",
    "entries_with_places",
    "parameter_table",
]

Reason = Literal["choice", "limits", "words", "weights", "point", "outside"]
"""Why an assumed entry is no parameter: it is our choice and no fact about a hall (``run``), or changes no figure
(costs, and the way and the time of visitors); it is a limit of a catalogue; its range is in words (a timetable); only
proportions count (profiles, mixes); its range leaves no room, or its values are zero; its values lie outside its own
range."""

_CHOICES: Final = ("run", "cost_per_hour", "travel", "value_of_hour")
_LIMITS: Final = ("legal_limit", "promised_limit")
_WEIGHTS: Final = ("services", "people", "weekday", "month", "profile")
_COUNTS: Final = ("servers", "priority", "at_most", "capacity", "seats", "every_weeks", "room", "count")
_WITHOUT_UNIT: Final = ("cv", "priority", "capacity", "every_weeks", "seats", "room", "count")
"""Keys with another meaning than the entry around them, unless the entry names them."""


@dataclass(frozen=True)
class Place:
    """A value of a scenario that a parameter changes.

    Attributes
    ----------
    path
        Its path in the scenario: a number, a quantity, a random quantity, or a timetable.
    base
        Its value in the scenario: the number; milliseconds or working days; the mean of a random quantity; departures
        a week.
    raw
        The value as the file has it.
    least
        For a whole number, its least possible value; ``None`` for any other.
    """

    path: Path
    base: float
    raw: Any
    least: int | None = None

    def override(self, factor: float) -> tuple[str, Any]:
        """Return the path and value to set for `factor` times what the scenario has; a share is at most 1."""
        if _is_timetable(self.path):
            return dotted(self.path), with_rate(self.raw, self.base * factor)
        if isinstance(self.raw, Mapping):
            return dotted((*self.path, "factor")), self.raw.get("factor", 1.0) * factor
        if isinstance(self.raw, str):
            quantity = parse_quantity(self.raw)
            return dotted(self.path), format_quantity(Quantity(quantity.value * factor, quantity.clock))
        value = self.raw * factor
        if self.path[-1] == "share":
            value = min(value, 1.0)
        return dotted(self.path), value if self.least is None else max(self.least, math.floor(value + 0.5))


@dataclass(frozen=True)
class Parameter:
    """One uncertain number, or one factor on several.

    Attributes
    ----------
    key
        Key of the provenance entry; with the scenario before it where others have an entry of their own.
    kind
        ``assumed``, or ``derived`` with a range.
    unit
        ``factor``, if its values differ; else ``min``, ``working min``, ``working days``, ``a week`` or "" for the
        unit of the value itself.
    base
        The value in the scenarios: 1 for a factor.
    prior
        Its prior distribution.
    range, why
        Range and reason as the entry states them.
    places
        The values that it changes, by scenario.
    figures
        Published figures that the entry was made from.
    """

    key: str
    kind: Literal["assumed", "derived"]
    unit: str
    base: float
    prior: Prior
    range: tuple[float | str, float | str]
    why: Text
    places: Mapping[str, tuple[Place, ...]]
    figures: tuple[str, ...] = ()

    def overrides(self, scenario: str, value: float) -> dict[str, Any]:
        """Return the overrides of a scenario for this value; none if the parameter changes nothing there."""
        return dict(place.override(value / self.base) for place in self.places.get(scenario, ()))


@dataclass(frozen=True)
class NotVaried:
    """An assumed entry that is no parameter, and the reason."""

    key: str
    reason: Reason
    range: tuple[float | str, float | str]
    why: Text


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """The parameters of one or several scenarios.

    Attributes
    ----------
    scenarios
        The composed scenarios by name.
    parameters
        The parameters, in the order of the first scenario's provenance.
    not_varied
        Assumed entries that are no parameters.
    """

    scenarios: Mapping[str, Composed]
    parameters: tuple[Parameter, ...]
    not_varied: tuple[NotVaried, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of a vector."""
        return tuple(parameter.key for parameter in self.parameters)

    @property
    def base(self) -> FloatArray:
        """The vector that leaves the scenarios as they are, shape (parameters,)."""
        return np.array([parameter.base for parameter in self.parameters])

    def subset(self, keys: Sequence[str]) -> ParameterTable:
        """Return the table of some of the parameters, in this order.

        Raises
        ------
        KeyError
            If there is no such parameter.
        """
        by_key = {parameter.key: parameter for parameter in self.parameters}
        return ParameterTable(self.scenarios, tuple(by_key[key] for key in keys), self.not_varied)

    def from_unit(self, u: npt.ArrayLike) -> FloatArray:
        """Return parameters for points of the unit cube, such as a Sobol design: the priors' quantiles.

        Parameters
        ----------
        u
            Shape (parameters,) or (points, parameters), each in (0, 1).

        Returns
        -------
        float array of the shape of `u`
        """
        design = np.asarray(u, dtype=np.float64)
        columns = [parameter.prior.quantile(design[..., column]) for column, parameter in enumerate(self.parameters)]
        return np.stack(columns, axis=-1)

    def log_density(self, vector: npt.ArrayLike) -> FloatArray:
        """Return the logarithm of the prior density, the parameters being independent: shape (points,) or a number."""
        values = np.asarray(vector, dtype=np.float64)
        columns = [parameter.prior.log_density(values[..., column]) for column, parameter in enumerate(self.parameters)]
        return np.asarray(np.sum(columns, axis=0), dtype=np.float64)

    def overrides(self, scenario: str, vector: npt.ArrayLike) -> dict[str, Any]:
        """Return the values that a vector sets in a scenario, by dotted path.

        Parameters
        ----------
        scenario
            Its name.
        vector
            Shape (parameters,).

        Raises
        ------
        KeyError
            If the table has no such scenario.
        ValueError
            If the vector has another length.
        """
        if scenario not in self.scenarios:
            raise KeyError(scenario)
        changes: dict[str, Any] = {}
        for parameter, value in zip(self.parameters, np.asarray(vector, dtype=np.float64), strict=True):
            changes |= parameter.overrides(scenario, float(value))
        return changes

    def applied(self, scenario: str, vector: npt.ArrayLike) -> Composed:
        """Return a scenario with the parameters of a vector.

        Raises
        ------
        ScenarioError
            If the result is no valid scenario.
        """
        return self.scenarios[scenario].with_values(self.overrides(scenario, vector))

    def frame(self) -> pd.DataFrame:
        """Return one row a parameter.

        Columns ``parameter``, ``kind``, ``unit``, ``base``, ``family``, ``low``, ``mode``, ``high``, ``mean``, ``sd``,
        ``range`` and ``why`` as the scenario states them, and ``places``: the number of values that it changes.
        """
        import pandas as pd

        rows = [
            {
                "parameter": parameter.key,
                "kind": parameter.kind,
                "unit": parameter.unit,
                "base": parameter.base,
                "family": parameter.prior.family,
                "low": parameter.prior.low,
                "mode": parameter.prior.mode,
                "high": parameter.prior.high,
                "mean": parameter.prior.mean,
                "sd": parameter.prior.sd,
                "range": " – ".join(map(str, parameter.range)),
                "why": parameter.why.said(),
                "places": sum(map(len, parameter.places.values())),
            }
            for parameter in self.parameters
        ]
        return pd.DataFrame(rows)


def parameter_table(*scenarios: Composed) -> ParameterTable:
    """Return the uncertain parameters of scenarios that are calibrated together.

    Parameters
    ----------
    *scenarios
        Composed scenarios with different names.

    Raises
    ------
    ValueError
        If two share a name.
    """
    named = {item.scenario.name: item for item in scenarios}
    if len(named) < len(scenarios):
        raise ValueError("scenarios that are calibrated together need names of their own")
    groups: dict[str, tuple[str, Provenance, dict[str, tuple[Place, ...]]]] = {}
    for name, item in named.items():
        for key, (entry, covered) in entries_with_places(item).items():
            label = f"{name}: {key}" if key in groups and groups[key][1] != entry else key
            groups.setdefault(label, (key, entry, {}))[2][name] = covered
    made = [_parameter(label, split(key), entry, places) for label, (key, entry, places) in groups.items()]
    return ParameterTable(
        named,
        tuple(item for item in made if isinstance(item, Parameter)),
        tuple(item for item in made if isinstance(item, NotVaried)),
    )


def entries_with_places(composed_scenario: Composed) -> dict[str, tuple[Provenance, tuple[Place, ...]]]:
    """Return every uncertain entry of the provenance (assumed, or derived with a range) with the values it moves.

    Parameters
    ----------
    composed_scenario
        A composed scenario.

    Returns
    -------
    dict
        By the key of the entry, in the order of the provenance: the entry, and the values in its unit that it covers.
    """
    find, entries = entry_finder(composed_scenario.scenario), composed_scenario.scenario.provenance
    covered: dict[str, dict[Path, Place]] = {}
    for number_path, value in _values(composed_scenario.raw):
        key = find(number_path)
        if key is None or not _is_uncertain(entries[key]):
            continue
        path, raw = _whole(composed_scenario.raw, number_path, value, entries[key])
        place = _place(path, raw, entries[key], about=split(key)[-1])
        covered.setdefault(key, {}).update({path: place} if place else {})
    return {key: (entries[key], tuple(covered[key].values())) for key in entries if key in covered}


def _is_uncertain(entry: Provenance) -> bool:
    return entry.kind == "assumed" or (entry.kind == "derived" and entry.range is not None)


def _is_timetable(path: Path) -> bool:
    return len(path) == 2 and path[0] == "timetables"


def _whole(table: Mapping[str, Any], path: Path, value: Any, entry: Provenance) -> tuple[Path, Any]:
    """Return a value; or its timetable, if the entry is about how often the timetable departs."""
    if path[0] == "timetables" and entry.range is not None and _clock(entry.range) == "rate":
        return path[:2], _at(table, path[:2])
    return path, value


def _values(raw: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every number of a composed table; a random quantity is one value."""
    tables: set[Path] = set()
    for number_path, value in numbers(raw):
        law = next((number_path[:n] for n in range(1, len(number_path)) if is_law(number_path[:n])), None)
        if law is None:
            yield number_path, value
        elif law not in tables:
            tables.add(law)
            yield law, _at(raw, law)


def _at(raw: Mapping[str, Any], path: Path) -> Any:
    here: Any = raw
    for key in path:
        here = here[key]
    return here


def _place(path: Path, raw: Any, entry: Provenance, *, about: str) -> Place | None:
    """Return a value as a place, if the entry's range applies to it; ``None`` if it is of another kind."""
    key = path[-1]
    if key in _WITHOUT_UNIT and key != about:
        return None
    clock, base = _measure(path, raw)
    if entry.range is None or clock is None or clock != _clock(entry.range):
        return None
    return Place(path, base, raw, math.ceil(end_of_range(entry.range[0])) if key in _COUNTS else None)


def _measure(path: Path, raw: Any) -> tuple[str | None, float]:
    """Return the clock of a value, and its amount; no clock if it is no single number."""
    if _is_timetable(path):
        rate = departures_a_week(raw)
        return (None if math.isnan(rate) else "rate"), rate
    if isinstance(raw, Mapping):
        try:
            law = Law.model_validate(raw)
        except ValidationError:  # a table that only looks like a law where a path is ambiguous
            return None, math.nan
        return law.clock, mean_of(law)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return "number", float(raw)
    if isinstance(raw, str):
        return _quantity(raw)
    return None, math.nan


def _quantity(text: str) -> tuple[str | None, float]:
    rate = rate_of(text)
    if rate is not None:
        return "rate", rate
    try:
        quantity = parse_quantity(text)
    except ScenarioError:
        return None, math.nan
    return quantity.clock, quantity.value


def _clock(ends: tuple[float | str, float | str]) -> str | None:
    """Return the clock of a range; ``None`` if it is in words."""
    clocks = {_quantity(end)[0] if isinstance(end, str) else "number" for end in ends}
    return clocks.pop() if len(clocks) == 1 else None


def end_of_range(end: float | str) -> float:
    """Return an end of a stated range as a number, for a quantity in its smallest unit."""
    return _quantity(end)[1] if isinstance(end, str) else end


def _parameter(
    label: str, pattern: Path, entry: Provenance, places: Mapping[str, tuple[Place, ...]]
) -> Parameter | NotVaried:
    ends = entry.range
    assert ends is not None, "an assumed entry has a range"
    moved = {name: tuple(place for place in group if place.base) for name, group in places.items()}
    bases = [place.base for group in moved.values() for place in group]
    reason = _reason(pattern, ends, moved)
    if reason is not None:
        return NotVaried(label, reason, ends, entry.why)
    low, high = _factors(ends, moved)
    alike = min(bases) == max(bases)
    scale, unit = _scale(_clock(ends), bases[0]) if alike else (1.0, "factor")
    bounded = _clock(ends) in ("number", "rate")
    prior = Prior.of_range(low * scale, high * scale, bounded=bounded)
    kind: Literal["assumed", "derived"] = "derived" if entry.kind == "derived" else "assumed"
    moving = {name: group for name, group in moved.items() if group}
    return Parameter(label, kind, unit, scale, prior, ends, entry.why, moving, entry.figures)


def _factors(ends: tuple[float | str, float | str], places: Mapping[str, tuple[Place, ...]]) -> tuple[float, float]:
    """Return the least and the greatest factor that the range of an entry allows."""
    every = [place for group in places.values() for place in group]
    bases = [place.base for place in every]
    counts = all(place.least is not None for place in every)
    return end_of_range(ends[0]) / (max(bases) if counts else min(bases)), end_of_range(ends[1]) / max(bases)


def _reason(
    pattern: Path, ends: tuple[float | str, float | str], places: Mapping[str, tuple[Place, ...]]
) -> Reason | None:
    if pattern[0] in _CHOICES or pattern[-1] in _CHOICES:
        return "choice"
    if pattern[-1] in _LIMITS:
        return "limits"
    if _clock(ends) is None:
        return "words"
    is_day_of_profile = pattern[-2:-1] == ("profile",) and pattern[-1] in (*WEEKDAYS, "default")
    if pattern[-1] in _WEIGHTS or is_one_value(pattern) or is_day_of_profile:
        return "weights"
    if end_of_range(ends[0]) == end_of_range(ends[1]) or not any(places.values()):
        return "point"
    low, high = _factors(ends, places)
    if not low <= 1 <= high:
        return "outside"
    return None if low < high else "point"


def _scale(clock: str | None, base: float) -> tuple[float, str]:
    """Return the common value of all places, in a unit that people use."""
    match clock:
        case "plain":
            return base / 60_000, "min"
        case "open":
            return base / 60_000, "working min"
        case "days":
            return base, "working days"
        case "rate":
            return base, "a week"
        case _:
            return base, ""
