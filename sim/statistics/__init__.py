"""What replications prove: intervals, how many it takes, warm-up, control variates, shares of an effect, the best.

Input: arrays, one number a replication or a visitor.  Output: intervals, sizes and selections.  Nothing here knows a
hall: which interval a metric gets is in :mod:`sim.run.estimates`, and what runs replications until they suffice in
:mod:`sim.run.policy`.  Which method answers which question stands in ``docs/reference/statistics.md``.
"""

from sim.statistics.bootstrap import paired_bootstrap, ratio_bootstrap
from sim.statistics.controls import Controlled, control_mean
from sim.statistics.intervals import (
    Interval,
    linearised,
    mean_interval,
    paired_interval,
    proportion_interval,
    ratio_interval,
    skewed_mean_interval,
    welch_interval,
)
from sim.statistics.pairing import Paired, paired
from sim.statistics.precision import Absolute, Figure, Precision, Reached, Relative
from sim.statistics.prediction import Prediction, prediction_interval
from sim.statistics.quantile_intervals import pooled_quantile_interval, quantile_interval, typical_day_interval
from sim.statistics.selection import (
    Selection,
    ocba_fractions,
    rinott_constant,
    rinott_sizes,
)
from sim.statistics.several import bonferroni_level, false_coverage_level, holm, paired_p_values
from sim.statistics.shapley import Shapley, shapley
from sim.statistics.survival import KaplanMeier, kaplan_meier
from sim.statistics.warmup import Truncation, mser, welch

__all__ = [
    "Absolute",
    "Controlled",
    "Figure",
    "Interval",
    "KaplanMeier",
    "Paired",
    "Precision",
    "Prediction",
    "Reached",
    "Relative",
    "Selection",
    "Shapley",
    "Truncation",
    "bonferroni_level",
    "control_mean",
    "false_coverage_level",
    "holm",
    "kaplan_meier",
    "linearised",
    "mean_interval",
    "mser",
    "ocba_fractions",
    "paired",
    "paired_bootstrap",
    "paired_interval",
    "paired_p_values",
    "pooled_quantile_interval",
    "prediction_interval",
    "proportion_interval",
    "quantile_interval",
    "ratio_bootstrap",
    "ratio_interval",
    "rinott_constant",
    "rinott_sizes",
    "shapley",
    "skewed_mean_interval",
    "typical_day_interval",
    "welch",
    "welch_interval",
]
