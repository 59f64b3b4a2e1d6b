"""What replications prove: intervals, how many it takes, warm-up, control variates and the choice of the best.

Pure functions over numbers by replication; what runs replications until they suffice is in
:mod:`sim.statistics.sequential`.  Which method answers which question stands in ``docs/reference/statistics.md``.
"""

from sim.statistics.controls import Controlled, control_mean
from sim.statistics.estimates import metric_interval, metric_values
from sim.statistics.intervals import (
    Interval,
    linearised,
    mean_interval,
    paired_bootstrap,
    paired_interval,
    pooled_quantile_interval,
    proportion_interval,
    quantile_interval,
    ratio_bootstrap,
    ratio_interval,
    typical_day_interval,
    welch_interval,
)
from sim.statistics.precision import Absolute, Figure, PairedWatch, Precision, Reached, Relative, Watch
from sim.statistics.selection import (
    Selection,
    ocba_fractions,
    rinott_constant,
    rinott_sizes,
    select_kn,
    select_ocba,
)
from sim.statistics.several import bonferroni_level, holm, paired_p_value
from sim.statistics.warmup import Truncation, mser, welch

__all__ = [
    "Absolute",
    "Controlled",
    "Figure",
    "Interval",
    "PairedWatch",
    "Precision",
    "Reached",
    "Relative",
    "Selection",
    "Truncation",
    "Watch",
    "bonferroni_level",
    "control_mean",
    "holm",
    "linearised",
    "mean_interval",
    "metric_interval",
    "metric_values",
    "mser",
    "ocba_fractions",
    "paired_bootstrap",
    "paired_interval",
    "paired_p_value",
    "pooled_quantile_interval",
    "proportion_interval",
    "quantile_interval",
    "ratio_bootstrap",
    "ratio_interval",
    "rinott_constant",
    "rinott_sizes",
    "select_kn",
    "select_ocba",
    "typical_day_interval",
    "welch",
    "welch_interval",
]
