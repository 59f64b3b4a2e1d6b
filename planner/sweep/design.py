"""The points of a sweep: which values each of them has, and its composed scenario.

Input: a :class:`~planner.sweep.definition.Definition`.  Output: a :class:`Design`.  Points are the product of the
list, the grid, the draws of a posterior and the sample, in this order; the last varies fastest.  They are numbered
from 0.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.errors import ScenarioError
from foundation.units import Quantity, format_quantity, parse_quantity
from planner.sweep.definition import DRAW, LEVER, MOST_POINTS, Definition
from planner.sweep.unit import design_size, unit_points
from scenarios.compose.composing import Composed
from scenarios.compose.lever_files import LeverUse
from scenarios.paths import split

__all__ = ["Design", "compose_point", "design_of", "probes", "shown_values"]


@dataclass(frozen=True, eq=False)
class Design:
    """The points of a sweep.

    Attributes
    ----------
    keys
        What varies.
    rows
        By point, the value of every key; ``None`` where a point leaves it as the scenario has it.
    """

    keys: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def values(self, point: int) -> dict[str, Any]:
        """Return the values of a point by their keys."""
        row = zip(self.keys, self.rows[point], strict=True)
        return {key: value for key, value in row if value is not None}


def design_of(definition: Definition) -> Design:
    """Return the points of a sweep.

    Raises
    ------
    ScenarioError
        If there are none or too many, or a range can't be read.
    """
    entries, grid = definition.entries or ({},), definition.grid
    own_keys = dict.fromkeys(key for entry in entries for key in entry)
    sampling = definition.file.sample
    sampled = 1 if sampling is None else design_size(sampling.method, sampling.points, len(definition.ranges))
    draws = definition.draws
    number = len(entries) * math.prod(map(len, grid.values())) * sampled * max(1, len(draws))
    if not own_keys and not grid and sampling is None and not draws:
        raise ScenarioError("sweep.error.no_points").at(file=definition.name)
    if number > MOST_POINTS:
        raise ScenarioError("sweep.error.too_many", n=number, most=MOST_POINTS).at(file=definition.name)
    listed = [tuple(entry.get(key) for key in own_keys) for entry in entries]
    drawn: list[tuple[int, ...]] = [(draw,) for draw in draws] or [()]
    combined = itertools.product(listed, itertools.product(*grid.values()), drawn, _sampled(definition))
    rows = tuple(tuple(itertools.chain(*parts)) for parts in combined)
    return Design((*own_keys, *grid, *((DRAW,) if draws else ()), *definition.ranges), rows)


def _sampled(definition: Definition) -> list[tuple[Any, ...]]:
    """Return points spread over the ranges; a single empty one without ranges."""
    sampling, ranges = definition.file.sample, definition.ranges
    if sampling is None:
        return [()]
    if not ranges:
        raise ScenarioError("sweep.error.no_ranges").at(file=definition.name, path="sample.ranges")
    try:
        shares = unit_points(sampling.method, sampling.points, len(ranges), seed=definition.seed)
    except ScenarioError as error:
        raise error.at(file=definition.name, path="sample.points") from None
    columns = []
    for place, (key, limits) in enumerate(ranges.items()):
        try:
            columns.append([_between(limits, share) for share in shares[:, place].tolist()])
        except ScenarioError as error:
            raise error.at(file=definition.name, path=f"sample.ranges.{key}") from None
    return list(zip(*columns, strict=True))


def _between(limits: Sequence[Any], share: float) -> Any:
    """Return the value at a share of the way from the lowest to the highest; whole numbers stay whole.

    Raises
    ------
    ScenarioError
        If the limits are no two numbers or quantities of one kind, in their order.
    """
    fits = len(limits) == 2 and all(isinstance(limit, (int, float, str)) for limit in limits)
    if not fits or any(isinstance(limit, bool) for limit in limits):
        raise ScenarioError("sweep.error.bad_range", value=list(limits))
    low, high = map(parse_quantity, limits)
    if low.clock != high.clock or not low.value <= high.value:
        raise ScenarioError("sweep.error.bad_range", value=list(limits))
    is_whole = low.clock == "days" or all(isinstance(limit, int) for limit in limits)
    if is_whole:
        value: float = min(low.value + math.floor(share * (high.value - low.value + 1)), high.value)
    else:
        value = low.value + share * (high.value - low.value)
    if low.clock == "number":
        return int(value) if is_whole else value
    return format_quantity(Quantity(round(value), low.clock))


def compose_point(definition: Definition, values: Mapping[str, Any], *, point: int) -> Composed:
    """Return the scenario of a point; what it shares with the base is not composed again.

    Parameters
    ----------
    definition
        The sweep.
    values
        Values by key.
    point
        Its number, for messages.

    Raises
    ------
    HallplanError
        If the values make no valid scenario: the key, the point, and what is wrong.
    """
    overrides = {key: value for key, value in values.items() if split(key)[0] != LEVER and key != DRAW}
    try:
        composed = definition.base.changed(levers=_levers(values), overrides=overrides)
        return composed if definition.posterior is None else definition.posterior.applied(composed, values[DRAW])
    except ScenarioError as error:
        at_fault = [key for key in values if error.path.startswith(key)] or list(values)[:1]
        reason = type(error)(error.key, **error.values)  # without its place
        fault = ScenarioError("sweep.error.point", point=point, values=shown_values(values), why=reason)
        raise fault.at(file=definition.name, path=definition.place_of(at_fault[0])) from None


def shown_values(values: Mapping[str, Any]) -> str:
    """Return the values of a point, as a sentence shows them."""
    return ", ".join(f"{key}={value}" for key, value in values.items())


def _levers(values: Mapping[str, Any]) -> list[LeverUse]:
    """Return the levers of a point, with their parameters: applied unless their switch is off."""
    switches, parameters = dict[str, bool](), dict[str, dict[str, Any]]()
    for key, value in values.items():
        path = split(key)
        if path[0] != LEVER:
            continue
        choices = parameters.setdefault(path[1], {})
        if len(path) == 3:
            choices[path[2]] = value
        elif isinstance(value, bool):
            switches[path[1]] = value
        else:
            raise ScenarioError("sweep.error.lever_switch", value=value)
    return [LeverUse(name, choices) for name, choices in parameters.items() if switches.get(name, True)]


def probes(design: Design) -> Iterator[int]:
    """Yield few points that show every value of a key that has few of them, and the ends of any other."""
    seen = set[tuple[int, str]]()
    ends = [_ends(design, place) for place in range(len(design.keys))]
    for point, row in enumerate(design.rows):
        new = {(place, repr(value)) for place, value in enumerate(row) if value in ends[place]} - seen
        if new or not point:
            seen |= new
            yield point


_FEW = 12
"""Values of a key that are all looked at before the work begins."""


def _ends(design: Design, place: int) -> list[Any]:
    column = [row[place] for row in design.rows]
    distinct = list({repr(value): value for value in column}.values())
    if len(distinct) <= _FEW:
        return distinct
    if all(isinstance(value, (int, float)) for value in column):
        return [min(column), max(column)]
    return [column[0]]
