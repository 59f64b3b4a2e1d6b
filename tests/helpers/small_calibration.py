"""A calibration to the article of two tiny halls, whose outcomes are a formula instead of a simulation.

Input: none.  Output: every stage of a calibration in about a second, the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest

from calibration.posterior import article
from calibration.posterior.article import Calibration, Progress, Settings, calibrate
from calibration.posterior.design import AFTER, BEFORE, Halls
from calibration.posterior.parameters import parameter_table
from calibration.posterior.targets import Observed, observed_targets
from scenarios.compose.composing import compose_text
from sim.run.replications import CancelToken

__all__ = ["SETTINGS", "TARGETS", "formula_outcomes", "small_calibration", "small_halls", "small_text"]

SETTINGS = Settings(seed=3, design=64, refine=16, particles=64, candidates=80, draws=16, each=2)
TARGETS = ("visits-before", "licence-before", "visits-now", "accepted-now", "staff", "completion")

_HALL = """
format = 1
name = "NAME"
run = { days = 10, warm_up_days = 0, follow_up_days = 0 }
calendar = { country = "none", weekend = ["sat", "sun"], hours = ["09:00-17:00"] }

[pools]
desk = { servers = 1 }
window-a = { servers = 2, role = "window" }
window-b = { servers = 3, role = "window" }

[services.permit.visits.apply]
desk = { pool = "desk", work = "2 min" }
window = { pool = "window-a", work = "MINUTES min" }

[services.quick.visits.apply]
window = { pool = "window-b", work = "6 min" }

[arrivals.people]
services = { permit = 1, quick = 3 }
per_day = 100
patience = "40 min"

[provenance]
"pools.window-*.servers" = { kind = "assumed", range = [1, 6], why = "Not published." }
"services.permit.visits.apply.window.work" = { kind = "assumed", range = ["4 min", "40 min"], why = "Minutes." }
"services.quick.visits.apply.window.work" = { kind = "assumed", range = ["3 min", "12 min"], why = "Minutes too." }
"arrivals.people.per_day" = { kind = "derived", range = [60, 180], formula = "counted" }
"arrivals.people.patience" = { kind = "assumed", range = ["20 min", "60 min"], why = "Nobody asked." }
"""


def small_text(name: str, *, minutes: float = 8) -> str:
    """Return the file of a tiny hall."""
    return _HALL.replace("NAME", name).replace("MINUTES", f"{minutes:g}")


@cache
def small_halls() -> Halls:
    """Return two tiny halls under the names of the article's; one of their parameters is each hall's own."""
    after = small_text(AFTER).replace("range = [60, 180]", "range = [50, 150]")
    texts = {BEFORE: small_text(BEFORE), AFTER: after}
    return Halls(parameter_table(*(compose_text(text, name=name) for name, text in texts.items())))


def formula_outcomes(halls: Halls, vector: np.ndarray, *, seed: int, replications: list[int]) -> np.ndarray:
    """Return outcomes that depend on the parameters by a formula, with some chance that has a seed of its own."""
    mean, sd, middles = _moments_and_middles()
    score = (vector - mean) / sd
    rows = []
    for replication in replications:
        chance = np.random.default_rng([seed, replication]).standard_normal(len(halls.columns))
        row = []
        for column, name in enumerate(halls.columns):
            k = column % len(score)
            part = 0.3 * score[k] + 0.1 * score[(k + 1) % len(score)] * score[k] + 0.02 * chance[column]
            is_share = name.endswith("share") or ".within" in name
            middle = middles.get(name, 0.6 if is_share else 20.0 + column)
            odds = middle / (1 - middle) if is_share else middle
            moved = odds * np.exp(part)
            row.append(moved / (1 + moved) if is_share else moved)
        rows.append(row)
    outcomes = np.array(rows)
    outcomes[:, halls.columns.index(f"{AFTER}: left_share")] *= np.where(score[0] > 1.2, np.nan, 1.0)
    return outcomes


@cache
def _moments_and_middles() -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Return mean and standard deviation of the parameters, and the middle of each target's interval."""
    priors = [parameter.prior for parameter in small_halls().table.parameters]
    middles = {observed.target.column: _middle(observed) for observed in observed_targets()}
    return np.array([prior.mean for prior in priors]), np.array([prior.sd for prior in priors]), middles


def _middle(observed: Observed) -> float:
    if observed.target.at_most:
        return observed.high * 0.95
    factor = 21 / 137.5 if observed.target.per_month else 1.0
    return (observed.low + observed.high) / 2 * factor


@contextmanager
def _formulas() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(article, "observed_targets", lambda: observed_targets(TARGETS))
        patch.setattr(Halls, "of", lambda *_, **__: small_halls())
        patch.setattr(Halls, "outcomes", formula_outcomes)
        yield


def small_calibration(
    settings: Settings = SETTINGS, *, progress: Progress | None = None, cancel: CancelToken | None = None
) -> Calibration:
    """Calibrate the tiny halls."""
    with _formulas():
        return calibrate(settings, progress=progress, cancel=cancel)
