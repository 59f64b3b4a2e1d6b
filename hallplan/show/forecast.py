"""A forecast over a posterior beside a plain result: columns, cells, notes and JSON of what parameters add.

Input: spreads of :mod:`planner.forecast`.  Output: what the tables of a run and of a comparison have in addition.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from foundation.numbers import NOTHING, number, range_text
from hallplan.show.document import number_or_null
from hallplan.show.text_table import Column, columns

if TYPE_CHECKING:
    from planner.forecast import ComparedForecasts, Forecast, Spread

__all__ = ["posterior_document", "spread_cells", "spread_columns", "spread_document", "spread_notes"]

_FEW: Final = 40
"""Replications below which the ends of the middle 95% are hardly known."""


def spread_columns() -> tuple[Column, ...]:
    """Return the columns of what is uncertain about parameters: the interval, and their share of the variance."""
    return columns("#with_parameters", "#share", heading=lambda key: messages.text(f"posterior.run.column.{key}"))


def spread_cells(spread: Spread | None, kind: str) -> tuple[str, str]:
    """Return the cells of :func:`spread_columns`."""
    if spread is None or not math.isfinite(spread.low):
        return NOTHING, NOTHING
    return range_text(spread.low, spread.high, kind), number(spread.parameters, "share", 0)


def spread_notes(draws: int, replications: int) -> list[str]:
    """Say what the two intervals are."""
    few = [messages.text("posterior.note.few")] if replications < _FEW else []
    return [messages.text("posterior.note.both", draws=draws), *few]


def spread_document(spread: Spread | None) -> dict[str, Any] | None:
    """Return a spread as JSON's own types."""
    if spread is None:
        return None
    return {
        "mean": number_or_null(spread.mean),
        "low": number_or_null(spread.low),
        "high": number_or_null(spread.high),
        "level": spread.level,
        "replications": spread.n,
        "parameter_share": number_or_null(spread.parameters),
    }


def posterior_document(forecast: Forecast | ComparedForecasts | None) -> dict[str, Any] | None:
    """Return from how many draws a forecast comes, and the level of its spreads."""
    return None if forecast is None else {"draws": forecast.draws, "level": forecast.level}
