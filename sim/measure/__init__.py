"""What a log shows: tidy frames, scalar metrics, and files of them.

Input: a log, the program and the plan that it came from.  Output: :class:`Metrics`; :data:`METRICS` says what the
scalar ones are; :func:`sim.measure.export.export` writes Parquet and CSV.  Names are imported when they are first used:
frames need pandas, which is slow to import, and a comparison from the store needs no frame.  See
``docs/reference/metrics.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sim.measure.conservation import ConservationError, check_conservation
    from sim.measure.frames import FRAMES, Metrics, measure
    from sim.measure.options import MeasureOptions
    from sim.measure.registry import METRICS, Metric, metric_of, metric_title
    from sim.measure.table import BIN_LABELS

__all__ = [
    "BIN_LABELS",
    "FRAMES",
    "METRICS",
    "ConservationError",
    "MeasureOptions",
    "Metric",
    "Metrics",
    "check_conservation",
    "measure",
    "metric_of",
    "metric_title",
]

_HOME: Final = {
    **dict.fromkeys(("ConservationError", "check_conservation"), "conservation"),
    **dict.fromkeys(("FRAMES", "Metrics", "measure"), "frames"),
    **dict.fromkeys(("METRICS", "Metric", "metric_of", "metric_title"), "registry"),
    "MeasureOptions": "options",
    "BIN_LABELS": "table",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
