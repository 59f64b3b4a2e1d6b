"""The value of one more measurement: the part of a forecast's variance that it removes.

Input: draws of the posterior with their outcomes, and a list of things that a hall could record for a week.  Output:
for each, the part of a forecast's variance that the record would remove.  If forecast and record are jointly
normal over the draws, a linear regression of the forecast on the record explains this part (the expected variance of
the posterior after the record; Raiffa and Schlaifer 1961).  A week's record includes the chance of one week, so the
regression uses records with this noise added.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from calibration.facts.tables import validated
from calibration.posterior.article import Calibration
from calibration.posterior.design import AFTER
from calibration.posterior.report import FORECASTS
from foundation.arrays import FloatArray
from scenarios.compose.reading import parse
from scenarios.model import Text

__all__ = ["Measurable", "best_measurement", "measurables", "measurement_rows", "narrowing"]

_FILE: Final = Path(__file__).resolve().parent / "measurement.toml"
_WEEK: Final = 5


class Measurable(BaseModel):
    """One thing that could be recorded for a week.

    Attributes
    ----------
    title
        Its title.
    outcomes
        Metrics of the hall after the reforms that it records.
    parameters, cv
        Parameters that it records, and the coefficient of variation of a week's record of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Text
    outcomes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    cv: Annotated[float, Field(gt=0, lt=1)] = 0.05

    @field_validator("outcomes", "parameters", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    measurements: dict[str, Measurable]


@cache
def measurables() -> dict[str, Measurable]:
    """Return the possible measurements, by name."""
    name = f"calibration/posterior/{_FILE.name}"
    raw = {"measurements": parse(_FILE.read_bytes(), name=name)}
    return validated(_File, raw, name=name, known_keys=lambda _: []).measurements


def narrowing(forecast: FloatArray, records: FloatArray, noise: FloatArray) -> float:
    """Return the part of the uncertainty of a forecast's mean that a record would remove.

    Parameters
    ----------
    forecast
        Shape (draws, 2): two simulations of each draw.
    records
        Shape (draws, records): the record in the second simulation, or a parameter of the draw.
    noise
        Variance of a week's record in addition to that of `records`, shape (records,).

    Returns
    -------
    float
        Between zero and one; adjusted for the number of records.
    """
    first, both = forecast[:, 0], forecast.mean(axis=1)
    # Chance is independent between the two simulations of a draw: their covariance is the variance of the mean.
    uncertain = float(np.cov(forecast, rowvar=False)[0, 1])
    if uncertain <= 0:
        return 0.0
    centred = records - records.mean(axis=0)
    covariance = centred.T @ centred / (len(records) - 1) + np.diag(noise)
    with_forecast = centred.T @ (first - first.mean()) / (len(records) - 1)
    explained = float(with_forecast @ np.linalg.pinv(covariance) @ with_forecast)
    # What so many unrelated records would seem to explain.
    by_chance = float(both.var(ddof=1)) * records.shape[1] / len(records)
    return float(np.clip((explained - by_chance) / uncertain, 0.0, 1.0))


def measurement_rows(calibration: Calibration) -> list[dict[str, Any]]:
    """Return one row for each forecast and measurement: ``forecast``, ``measurement``, ``title``, ``narrowing``."""
    columns = {name: k for k, name in enumerate(calibration.halls.columns)}
    days = next(iter(calibration.table.scenarios.values())).scenario.run.days
    rows = []
    for name in FORECASTS:
        if not name.startswith(AFTER):
            continue
        forecast = calibration.verified[:, :2, columns[name]]
        for key, measurable in measurables().items():
            records, noise = _records(calibration, measurable, columns, days)
            finite = np.isfinite(forecast).all(axis=1) & np.isfinite(records).all(axis=1)
            rows.append(
                {
                    "forecast": name,
                    "measurement": key,
                    "title": {"en": measurable.title.en, "zh": measurable.title.zh},
                    "narrowing": narrowing(forecast[finite], records[finite], noise),
                }
            )
    return sorted(rows, key=lambda row: (FORECASTS.index(row["forecast"]), -row["narrowing"]))


def _records(
    calibration: Calibration, measurable: Measurable, columns: dict[str, int], days: int
) -> tuple[FloatArray, FloatArray]:
    records, noise = list[FloatArray](), list[float]()
    for metric in measurable.outcomes:
        values = calibration.verified[:, :, columns[f"{AFTER}: {metric}"]]
        chance = float(np.nanmean(values.var(axis=1, ddof=1)))
        records.append(values[:, 1])
        # A mean over the run's days has that much less chance than one over a week; a day's count is what it is.
        noise.append(0.0 if metric.endswith("_end") else chance * max(days / _WEEK - 1, 0.0))
    for key in measurable.parameters:
        values = calibration.vectors[:, calibration.table.keys.index(key)]
        records.append(values)
        noise.append((measurable.cv * float(values.mean())) ** 2)
    return np.stack(records, axis=1), np.array(noise)


def best_measurement(rows: Sequence[dict[str, Any]], forecast: str) -> dict[str, Any]:
    """Return the row of the measurement that narrows a forecast most."""
    return max((row for row in rows if row["forecast"] == forecast), key=lambda row: float(row["narrowing"]))
