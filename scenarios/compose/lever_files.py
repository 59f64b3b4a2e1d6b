"""Lever files: what a lever says of itself, and how a user names it with the choices for its parameters.

Input: a name or a path.  Output: a validated :class:`Lever`, or a sentence that says what is wrong with its file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from foundation.errors import ScenarioError
from foundation.identity import Identity
from scenarios.compose.reading import LEVER_FOLDER, display_name, file_names, locate, locate_beside, read, value_of
from scenarios.model import EMPTY, Name, Provenance, Text
from scenarios.model.values import Table
from scenarios.model.vocabulary import Format
from scenarios.paths import Path
from scenarios.sentences import from_pydantic

__all__ = [
    "Cost",
    "Lever",
    "LeverFile",
    "LeverUse",
    "Move",
    "OutsideStaff",
    "Parameter",
    "lever",
    "lever_beside",
    "levers",
]


def _parameter_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", name) or name == "use":
        raise ScenarioError("error.bad_name", value=name)
    return name


_ParameterName = Annotated[str, AfterValidator(_parameter_name)]


class OutsideStaff(Table):
    """People whom a lever needs outside the pools of the hall, where the staff cost does not see them.

    Attributes
    ----------
    people, hours_per_year, cost_per_hour
        How many, the hours of each in a year, and yuan for an hour.
    """

    people: Annotated[float, Field(gt=0, le=1e6)]
    hours_per_year: Annotated[float, Field(gt=0, le=8_784)]
    cost_per_hour: Annotated[float, Field(gt=0, le=1e6)]


class Cost(Table):
    """What a lever costs, as far as anybody has said.

    Attributes
    ----------
    one_off_yuan, per_year_yuan
        Once, and every year, in yuan; the hours of people are no part of it.
    staff
        People outside the pools of the hall.
    note
        What the figures cover and where they come from.
    """

    one_off_yuan: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    per_year_yuan: Annotated[float, Field(ge=-1e12, le=1e12)] = 0.0
    staff: OutsideStaff | None = None
    note: Text = EMPTY

    @property
    def every_year_yuan(self) -> float:
        """Yuan every year, the hours of people outside the pools included."""
        staff = self.staff
        return self.per_year_yuan + (staff.people * staff.hours_per_year * staff.cost_per_hour if staff else 0.0)


class Parameter(Table):
    """What the user of a lever may choose.

    Attributes
    ----------
    default
        What holds when nothing is chosen; a parameter without one must be given.
    title
        What it means.
    """

    default: str | float | int | bool | None = None
    title: Text = EMPTY


class Move(Table):
    """Visits of one source that come by another one.

    Attributes
    ----------
    to
        The source by which they come.
    share
        The share that moves, of every service; or the parameter that says it.
    """

    to: str
    share: float | str


class LeverFile(Table):
    """A lever as its file states it.

    Attributes
    ----------
    format
        Version of the format: 1.
    name, title, why
        What it is called, and what it is for.
    source
        The line of a publication that reports it.
    later
        The measure is from a later year than the 2014 reform.
    cost
        What it costs.
    parameters
        What its user may choose; ``${name}`` stands for the choice in any key or value below.
    set, scale, add
        Tables that are walked together with the scenario: values to set, factors, and summands.
    move
        By the name of a source: which share of its visits comes by another source.
    remove
        Dotted paths of what is taken out.
    provenance
        Where the lever's numbers come from.
    """

    format: Format
    name: Name
    title: Text
    why: Text = EMPTY
    source: Text = EMPTY
    later: bool = False
    cost: Cost = Cost()
    parameters: dict[_ParameterName, Parameter] = {}
    set: dict[str, Any] = {}
    scale: dict[str, Any] = {}
    add: dict[str, Any] = {}
    move: dict[str, Move] = {}
    remove: list[str] = []
    provenance: dict[str, Provenance] = {}


@dataclass(frozen=True)
class Lever:
    """A lever of the catalogue: what it says of itself, and the file it stands in."""

    file: FilePath
    spec: LeverFile
    provenance: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def origin(self) -> str:
        """How messages call its file."""
        return display_name(self.file)


@dataclass(frozen=True)
class LeverUse:
    """A lever and the choices for its parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> LeverUse:
        """Read ``"add-staff:pool=window-tax,servers=2"``: a name, and choices as TOML or plain text.

        Raises
        ------
        ScenarioError
            If a choice has no ``=``.
        """
        drive = re.match(r"[A-Za-z]:(?=[\\/])", text)  # of a path on Windows
        start = drive.end() if drive else 0
        name, _, choices = text[start:].partition(":")
        parameters: dict[str, Any] = {}
        for choice in choices.split(",") if choices.strip() else []:
            key, sign, value = choice.partition("=")
            if not sign:
                raise ScenarioError("error.bad_lever_use", value=text)
            parameters[key.strip()] = value_of(value)
        return cls((text[:start] + name).strip(), parameters)

    def __str__(self) -> str:
        choices = ",".join(f"{name}={value}" for name, value in sorted(self.parameters.items()))
        return f"{self.name}:{choices}" if choices else self.name


def lever(reference: str | FilePath) -> Lever:
    """Read a lever that a user names: a built-in one, or a file.

    Parameters
    ----------
    reference
        Name or path.

    Raises
    ------
    ScenarioError
        If there is no such lever, or its file is faulty.
    """
    return _lever_in(locate(reference, LEVER_FOLDER))


def lever_beside(reference: str, *, folder: FilePath | None) -> Lever:
    """Read a lever that a scenario file names: a built-in one, or a file in its `folder` or below.

    Raises
    ------
    ScenarioError
        If there is no such lever, it lies elsewhere, or its file is faulty.
    """
    return _lever_in(locate_beside(reference, LEVER_FOLDER, folder=folder))


def _lever_in(file: FilePath) -> Lever:
    return _lever_of(file, Identity(read(file)))


@lru_cache(maxsize=64)
def _lever_of(file: FilePath, content: Identity[dict[str, Any]]) -> Lever:
    raw = content.value
    try:
        spec = LeverFile.model_validate(raw)
    except ValidationError as error:
        raise from_pydantic(error, raw, _known_keys)[0].at(file=display_name(file)) from None
    return Lever(file, spec, raw.get("provenance", {}))


def _known_keys(path: Path) -> list[str]:
    if not path:
        return list(LeverFile.model_fields)
    inner: dict[str, type[BaseModel]] = {"cost": Cost, "parameters": Parameter, "move": Move, "provenance": Provenance}
    return list(inner[path[0]].model_fields) if path[0] in inner else []


def levers() -> list[Lever]:
    """Return the built-in levers, by name."""
    return [lever(LEVER_FOLDER / f"{name}.toml") for name in file_names(LEVER_FOLDER)]
