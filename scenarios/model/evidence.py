"""Evidence: where numbers come from, and the published figures that results are compared with.

Input: the tables ``provenance`` and ``targets``.  Output: one frozen model for each entry.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import field_validator, model_validator

from foundation.errors import ScenarioError
from scenarios.model.values import EMPTY, Table, Text
from scenarios.model.vocabulary import ProvenanceKind

__all__ = ["Provenance", "Target"]


class Provenance(Table):
    """Where numbers come from.

    Attributes
    ----------
    kind
        ``published`` and ``given`` (say the `source`), ``derived`` (say the `formula`) or ``assumed`` (say the
        `range` and `why`).
    source
        The publication, or the hall's own file, and where in it.
    formula
        How the number follows from others.
    range, why
        Within which limits, and why this; of a derived number, what its formula leaves open.
    figures
        Names of the published figures that number and range were made from (docs/reference/claims.md lists them).
        A figure that a calibration is to meet must not be among them: it would be used twice.
    """

    kind: ProvenanceKind
    source: Text = EMPTY
    formula: Text = EMPTY
    range: tuple[float | str, float | str] | None = None
    why: Text = EMPTY
    figures: tuple[str, ...] = ()

    @property
    def basis(self) -> Text:
        """What it rests on, in short: its source, else its formula, else why it is assumed."""
        return self.source or self.formula or self.why

    @field_validator("range", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) and len(value) == 2 else value

    @field_validator("figures", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _says_what_it_must(self) -> Self:
        needed = {
            "published": self.source,
            "given": self.source,
            "derived": self.formula,
            "assumed": self.range and self.why,
        }
        if not needed[self.kind]:
            raise ScenarioError("error.provenance_needs", kind=self.kind)
        return self


class Target(Table):
    """A published figure that the simulation is held against.

    Attributes
    ----------
    low, high
        The interval that its wording allows.
    source
        Where it stands.
    """

    low: float
    high: float
    source: Text
