"""Sweep files: which scenario is simulated, at which points, and how often.

Input: a TOML file, or its table.  Output: a validated :class:`Definition`, or one sentence with the offending key and a
suggestion.  A key of a table of values is the path of a scenario's value (``pools.windows.servers``), ``lever.NAME``
(whether a lever is applied), or ``lever.NAME.PARAMETER``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field, ValidationError

from calibration.posterior.artefact import Posterior, load_posterior
from foundation.errors import HallplanError, ScenarioError
from planner.sweep.unit import BLOCK_EXTRA, BlockDesign, Method
from scenarios.compose.composing import Composed, composed
from scenarios.compose.lever_files import LeverUse, lever
from scenarios.compose.merging import names_law_form
from scenarios.compose.reading import display_name, read
from scenarios.compose.shape import is_law, is_one_value
from scenarios.model.values import Table
from scenarios.paths import split, suggestion
from scenarios.sentences import from_pydantic

__all__ = ["DRAW", "LEVER", "MOST_POINTS", "Definition", "Sampling", "SweepFile", "design_blocks", "read_definition"]

DRAW: Final = "posterior.draw"
"""Key of a point's draw from the posterior."""
LEVER: Final = "lever"
"""First word of a key that speaks of a lever."""
MOST_POINTS: Final = 1_000_000
"""Points of a sweep at the most: their values are held in memory."""

Values: TypeAlias = Mapping[str, Any]


class Sampling(Table):
    """Points spread over ranges.

    Attributes
    ----------
    method
        Latin hypercube, a scrambled Sobol sequence, or the design of a sensitivity analysis (Saltelli's, Morris').
    points
        How many.  A Saltelli design has the number of keys and two more for each, a Morris design that of keys and
        one more.
    ranges
        By key, the lowest and the highest value: whole numbers, fractions, or quantities such as ``"5 min"``.
    """

    method: Method = "latin-hypercube"
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)]
    ranges: dict[str, Any]


class Draws(Table):
    """Points that draw the parameters from a posterior.

    Attributes
    ----------
    draws
        How many: spread evenly over those of the posterior, in which equal draws are neighbours.
    folder
        Where the posterior is; that from the article by default.
    """

    draws: Annotated[int, Field(ge=1)]
    folder: str | None = None


class SweepFile(Table):
    """A sweep file as it is written.

    Attributes
    ----------
    scenario
        Name of a built-in scenario, or path of a file.
    levers
        Levers that every point has, as ``"name:key=value"``.
    set
        Values that every point has.
    grid
        By key, the values to be combined with one another.
    entries
        Points of one's own, each a table of values; its key is ``list``.
    sample
        Points spread over ranges.
    posterior
        Points that draw the parameters from a posterior.
    replications
        Of every point; with a precision, at the most.
    precision
        How precise every point is to be, as on the command line (``"5%"``, ``"ticket_wait_mean_min=2%"``).
    seed
        Of the random numbers, which all points share; the scenario's own by default.
    metrics
        Which metrics are stored; ``*`` stands for anything.  The headline by default.
    """

    scenario: Annotated[str, Field(min_length=1)]
    levers: list[str] = Field(default_factory=list)
    set: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, Any] = Field(default_factory=dict)
    entries: list[dict[str, Any]] = Field(default_factory=list, alias="list")
    sample: Sampling | None = None
    posterior: Draws | None = None
    replications: Annotated[int, Field(ge=1, le=100_000)] = 10
    precision: list[str] = Field(default_factory=list)
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    metrics: list[str] = Field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Definition:
    """A sweep that was read.

    Attributes
    ----------
    name
        What messages call its file.
    file
        What it says.
    base
        Its scenario, with the levers and values that every point has.
    grid
        By key, the values to be combined.
    entries
        Points of one's own: values by key.
    ranges
        By key, the lowest and the highest value.
    posterior
        Where points draw parameters from.
    """

    name: str
    file: SweepFile
    base: Composed
    grid: Values
    entries: tuple[Values, ...]
    ranges: Values
    posterior: Posterior | None = None

    @property
    def seed(self) -> int:
        """Seed of the random numbers."""
        return self.base.scenario.run.seed if self.file.seed is None else self.file.seed

    @property
    def draws(self) -> list[int]:
        """Numbers of the posterior's draws that points have; none without a posterior."""
        if self.posterior is None or self.file.posterior is None:
            return []
        number = self.file.posterior.draws
        return [place * len(self.posterior) // number for place in range(number)]

    def place_of(self, key: str) -> str:
        """Return where in the file a key stands."""
        if key == DRAW:
            return "posterior.draws"
        table = "grid" if key in self.grid else "sample.ranges" if key in self.ranges else "list"
        return f"{table}.{key}"


def read_definition(source: str | Path | Mapping[str, Any]) -> Definition:
    """Read a sweep file, and compose its scenario.

    Parameters
    ----------
    source
        The path of a file, or the table that such a file holds.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: in which file, at which key, and what to do.
    """
    if isinstance(source, Mapping):
        raw, name, folder = dict(source), "sweep", None
    else:
        file = Path(source)
        raw, name, folder = read(file), display_name(file), file.parent
    try:
        parsed = SweepFile.model_validate(raw)
    except ValidationError as error:
        raise from_pydantic(error, raw, _known_keys)[0].at(file=name) from None
    grid = dict(_values(parsed.grid))
    ranges = dict(_values(parsed.sample.ranges)) if parsed.sample is not None else {}
    entries = tuple(dict(_values(entry)) for entry in parsed.entries)
    for key, values in (*grid.items(), *ranges.items()):
        if not isinstance(values, list) or not values:
            place = "grid" if key in grid else "sample.ranges"
            raise ScenarioError("sweep.error.needs_list", value=values).at(file=name, path=f"{place}.{key}")
    base = _base(parsed, name, folder)
    definition = Definition(name, parsed, base, grid, entries, ranges, _posterior(parsed, base, name, folder))
    _check_keys(definition)
    return definition


def _posterior(parsed: SweepFile, base: Composed, name: str, folder: Path | None) -> Posterior | None:
    """Read the posterior; a path is looked for beside the sweep file."""
    if parsed.posterior is None:
        return None
    own = parsed.posterior.folder
    try:
        posterior = load_posterior(None if own is None else (folder or Path()) / own)
        posterior.overrides(base, 0)
    except HallplanError as error:
        raise ScenarioError(error.key, **error.values).at(file=name, path="posterior") from None
    if parsed.posterior.draws > len(posterior):
        fault = ScenarioError("sweep.error.too_few_draws", n=parsed.posterior.draws, draws=len(posterior))
        raise fault.at(file=name, path="posterior.draws")
    return posterior


def design_blocks(table: Mapping[str, Any], seed: int) -> BlockDesign | None:
    """Return the blocks of a sweep's sample; ``None`` if it has none.

    Parameters
    ----------
    table
        What a valid sweep file says.
    seed
        Of the sweep.
    """
    sampling = SweepFile.model_validate(table).sample
    if sampling is None or sampling.method not in BLOCK_EXTRA:
        return None
    keys = tuple(key for key, _ in _values(sampling.ranges))
    return BlockDesign(sampling.method, sampling.points, keys, seed)


def _base(parsed: SweepFile, name: str, folder: Path | None) -> Composed:
    """Compose the scenario; a path is looked for beside the sweep file."""
    neighbour = folder / parsed.scenario if folder is not None else None
    reference: str | Path = parsed.scenario
    if neighbour is not None and neighbour.suffix and neighbour.is_file():
        reference = neighbour
    try:
        plain = composed(reference)
    except ScenarioError as error:
        raise error.at(file=name, path="" if error.file else "scenario") from None
    try:
        pulled = plain.changed(levers=[LeverUse.parse(text) for text in parsed.levers])
    except ScenarioError as error:
        raise ScenarioError(error.key, **error.values).at(file=name, path="levers") from None
    try:
        return pulled.changed(overrides=dict(_values(parsed.set)))
    except ScenarioError as error:
        path = f"set.{error.path}" if error.path else "set"
        raise ScenarioError(error.key, **error.values).at(file=name, path=path) from None


def _values(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a table down to its values, whether their paths are written in quotes or as tables in tables."""
    for key, value in table.items():
        here = f"{above}.{key}" if above else key
        if isinstance(value, Mapping) and value and not _is_value(here, value):
            yield from _values(value, here)
        else:
            yield here, value


def _is_value(key: str, table: Mapping[str, Any]) -> bool:
    try:
        path = split(key)
    except ScenarioError:
        return False
    return path[0] != LEVER and (is_one_value(path) or (is_law(path) and names_law_form(dict(table))))


def _check_keys(definition: Definition) -> None:
    """Refuse keys that stand in two tables, no path, and levers or parameters that do not exist."""
    tables = [set(definition.grid), set(definition.ranges), {key for entry in definition.entries for key in entry}]
    for key in [key for table in tables for key in sorted(table)]:
        try:
            _check_key(key, sum(key in table for table in tables))
        except ScenarioError as error:
            raise ScenarioError(error.key, **error.values).at(
                file=definition.name, path=definition.place_of(key)
            ) from None


def _check_key(key: str, tables: int) -> None:
    if tables > 1:
        raise ScenarioError("sweep.error.twice", name=key)
    path = split(key)
    if path[0] != LEVER:
        return
    if not 2 <= len(path) <= 3:
        raise ScenarioError("sweep.error.lever_key", name=key)
    parameters = lever(path[1]).spec.parameters
    if len(path) == 3 and path[2] not in parameters:
        near = suggestion(path[2], parameters)
        raise ScenarioError("error.lever_parameter_unknown", lever=path[1], name=path[2], near=near)


def _known_keys(path: tuple[str, ...]) -> list[str]:
    tables: dict[tuple[str, ...], type[Table]] = {("sample",): Sampling, ("posterior",): Draws}
    fields = tables.get(path[:1], SweepFile).model_fields
    return [field.alias or name for name, field in fields.items()] if len(path) < 2 else []
