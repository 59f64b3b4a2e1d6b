"""Targets of the calibration as data, with their observed intervals from the evidence.

Input: ``targets.toml`` and the article's ledger with all derived figures.  Output: :class:`Observed` targets,
each an interval on its own scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from calibration.facts.evidence import assumptions, evidence
from calibration.facts.identities import published_roots, with_identities
from calibration.facts.ledger import article_ledger
from calibration.facts.tables import validated
from calibration.posterior.parameters import Parameter
from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from scenarios.compose.reading import parse
from scenarios.model import Text

__all__ = [
    "PERIOD",
    "CalibrationTarget",
    "Observed",
    "Scale",
    "days_a_month",
    "figures_used_twice",
    "from_scale",
    "observed_targets",
    "period_span",
    "to_scale",
]

Scale = Literal["log", "logit"]

PERIOD: Final = "period_days"
"""Name of the counting period's length, a parameter of the article and of no scenario."""

_FILE: Final = Path(__file__).resolve().parent / "targets.toml"
_EDGE: Final = 1e-6


class CalibrationTarget(BaseModel):
    """One published figure, and the metric of a run that is compared with it.

    Attributes
    ----------
    scenario, metric
        The metric of a scenario that is compared.
    fact
        Key of the published or derived figure.
    width
        Total width of its rounding, if the evidence has it as one number.
    per_month
        Whether it is a count over the counting period and the metric is a rate a month.
    at_most
        Whether it is only a bound from above.
    cap
        Largest value that a run can observe; a median beyond it is only known to be larger.
    fitted
        Whether the posterior uses it; otherwise it is a check.
    scale
        Scale of the comparison.
    discrepancy
        Standard deviation, on that scale, of the difference in meaning between figure and metric.
    title, why
        Its title, and the reason for the discrepancy.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    scenario: str
    metric: str
    fact: str
    width: Annotated[float, Field(ge=0)] = 0.0
    per_month: bool = False
    at_most: bool = False
    cap: float = math.inf
    fitted: bool = True
    scale: Scale
    discrepancy: Annotated[float, Field(ge=0)]
    title: Text
    why: Text

    def scaled(self, values: FloatArray) -> FloatArray:
        """Return simulated values of the metric on the target's scale."""
        return to_scale(np.minimum(values, self.cap), self.scale)

    @property
    def column(self) -> str:
        """Name of its column in a row of outcomes."""
        return f"{self.scenario}: {self.metric}"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    targets: dict[str, CalibrationTarget]


@dataclass(frozen=True)
class Observed:
    """A target and its published interval.

    Attributes
    ----------
    key, target
        Its name, and its definition.
    low, high
        The interval in the figure's own unit; the lower end of a bound is minus infinity.
    """

    key: str
    target: CalibrationTarget
    low: float
    high: float

    @property
    def ends(self) -> tuple[float, float]:
        """The interval on the target's scale."""
        low = -np.inf if self.target.at_most else float(to_scale(np.array(self.low), self.target.scale))
        return low, float(to_scale(np.array(self.high), self.target.scale))


@cache
def _targets() -> dict[str, CalibrationTarget]:
    name = f"calibration/posterior/{_FILE.name}"
    raw = {"targets": parse(_FILE.read_bytes(), name=name)}
    return validated(_File, raw, name=name, known_keys=lambda _: []).targets


def observed_targets(only: Sequence[str] | None = None) -> tuple[Observed, ...]:
    """Return the targets with their published intervals: all of them, or those named in `only`.

    Raises
    ------
    HallplanError
        If there is no such target.
    """
    targets = _targets()
    for key in only or ():
        if key not in targets:
            raise HallplanError("posterior.error.no_target", name=key, known=", ".join(targets))
    ledger, _ = with_identities(article_ledger())
    observed = []
    for key, target in targets.items():
        if only is not None and key not in only:
            continue
        span, value = ledger.span(target.fact), ledger.figures[target.fact].value
        exact = span.is_exact
        low = value - target.width / 2 if exact else span.low
        high = value + target.width / 2 if exact else span.high
        if exact and not target.width:  # a whole count
            low, high = value - 0.5, value + 0.5
        observed.append(Observed(key, target, low, high))
    return tuple(observed)


def figures_used_twice(parameters: Iterable[Parameter]) -> dict[str, frozenset[str]]:
    """Return the published figures that priors were made from and that fitted targets are held against, by parameter.

    A figure is a prior's source or a target: used as both, it counts as two pieces of evidence.

    Parameters
    ----------
    parameters
        Parameters with the figures that their entries name.

    Raises
    ------
    KeyError
        If the article's ledger has no such figure.
    """
    ledger, _ = with_identities(article_ledger())
    fitted = published_roots(ledger, (target.fact for target in _targets().values() if target.fitted))
    shared = {parameter.key: fitted & published_roots(ledger, parameter.figures) for parameter in parameters}
    return {key: figures for key, figures in shared.items() if figures}


@cache
def period_span() -> tuple[float, float]:
    """Return the fewest and the most working days of the counting period."""
    span = evidence().periods["count"].span()
    assert span is not None, "the article's counting period has an end, whichever it is"
    return span.low, span.high


def days_a_month() -> float:
    """Return the working days that a month is taken to have."""
    return assumptions()["days_per_month"].value


def to_scale(values: FloatArray, scale: Scale) -> FloatArray:
    """Return values on a scale on which chance is about normal; shares are kept away from zero and one."""
    if scale == "log":
        return np.log(np.maximum(values, _EDGE))
    inside = np.clip(values, _EDGE, 1 - _EDGE)
    return np.log(inside / (1 - inside))


def from_scale(values: FloatArray, scale: Scale) -> FloatArray:
    """Undo :func:`to_scale`."""
    return np.exp(values) if scale == "log" else 1 / (1 + np.exp(-values))
