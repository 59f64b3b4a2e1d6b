"""What a log shows: tidy frames, scalar metrics, and files of them.

:func:`measure` turns a log into :class:`Metrics`; :data:`METRICS` says what the scalar ones are;
:func:`export` writes Parquet and CSV.  See ``docs/reference/metrics.md``.
"""

from sim.measure.conservation import ConservationError, check_conservation
from sim.measure.export import export
from sim.measure.frames import FRAMES, Metrics, measure
from sim.measure.registry import METRICS, Metric, metric_of, metric_title
from sim.measure.table import BIN_LABELS, MeasureOptions

__all__ = [
    "BIN_LABELS",
    "FRAMES",
    "METRICS",
    "ConservationError",
    "MeasureOptions",
    "Metric",
    "Metrics",
    "check_conservation",
    "export",
    "measure",
    "metric_of",
    "metric_title",
]
