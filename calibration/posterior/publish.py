"""From a calibration to the artefact: all results of the calibration in one manifest.

Input: a calibration.  Output: the four files of :mod:`calibration.posterior.artefact`.  Nothing in them depends on the
day, the machine's name or the number of processes, so the same settings write the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from calibration.posterior.artefact import FORMAT, frame_of, numbers_digest, write_posterior
from calibration.posterior.article import Calibration
from calibration.posterior.measurement import measurement_rows
from calibration.posterior.outside import outside_rows
from calibration.posterior.report import diagnostics, forecast_rows, parameter_rows, period_row, target_rows
from calibration.posterior.sensitivity import sensitivity_rows
from calibration.posterior.targets import PERIOD

__all__ = ["manifest_of", "publish"]

_DIGITS = 6


def manifest_of(calibration: Calibration) -> dict[str, Any]:
    """Return all results of a calibration, in the types of JSON."""
    settings, parameters = calibration.settings, parameter_rows(calibration)
    content = {
        "format": FORMAT,
        "name": "article",
        "hallplan": version("hallplan"),
        "seed": settings.seed,
        "settings": {
            "design": settings.design,
            "refine": settings.refine,
            "particles": settings.particles,
            "candidates": settings.candidates,
            "draws": settings.draws,
            "each": settings.each,
            "days": settings.days,
        },
        "scenarios": {
            name: numbers_digest(composed_scenario) for name, composed_scenario in calibration.table.scenarios.items()
        },
        "diagnostics": diagnostics(calibration),
        "period": period_row(calibration),
        "targets": target_rows(calibration),
        "forecasts": forecast_rows(calibration, [row["word"] for row in parameters]),
        "sensitivity": sensitivity_rows(calibration),
        "measurements": measurement_rows(calibration),
        "outside": outside_rows(calibration),
        "parameters": parameters,
    }
    rounded: dict[str, Any] = _rounded(content)
    return rounded


def _rounded(value: Any) -> Any:
    """Round numbers to their significant digits, and replace not-a-number by null."""
    if isinstance(value, Mapping):
        # What a draw is divided by must not be rounded, or the scenarios' own values would be moved a little.
        return {key: inner if key in ("base", "range") else _rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return value


def publish(calibration: Calibration, manifest: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write a calibration and its manifest as an artefact and return the paths.

    Parameters
    ----------
    calibration
        What to write.
    manifest
        As :func:`manifest_of` makes it.
    folder
        Where to write.

    Raises
    ------
    HallplanError
        If the folder can't be written to.
    """
    draws = frame_of(calibration.vectors, calibration.table.keys)
    draws[PERIOD] = calibration.periods
    each, columns = calibration.settings.each, calibration.halls.columns
    outcomes = pd.concat(
        [
            pd.DataFrame(
                {
                    "draw": np.repeat(np.arange(len(calibration.vectors)), each),
                    "simulation": np.tile(np.arange(each), len(calibration.vectors)),
                }
            ),
            frame_of(calibration.verified.reshape(-1, len(columns)), columns),
        ],
        axis=1,
    )
    waves = np.repeat([1, 2], [calibration.settings.design, calibration.settings.refine])
    near = np.concatenate([calibration.first.retained, np.ones(calibration.settings.refine, dtype=np.bool_)])
    points = pd.concat(
        [
            pd.DataFrame({"wave": waves, "kept": near}),
            frame_of(calibration.points, calibration.table.keys),
            frame_of(calibration.outcomes, columns),
        ],
        axis=1,
    )
    return write_posterior(folder, draws=draws, outcomes=outcomes, points=points, manifest=manifest)
