"""Methods of queueing, staffing and statistics for researchers, each apart from any hall.

Input: numbers and arrays.  Output: numbers, arrays and small results.  The functions are the ones that Hallplan itself
uses; here they stand under one name.  ``docs/reference/methods.md`` has an example of each.
"""

from planner.cover import Cover, cover
from planner.erlang import Impatient, called_within, erlang_a, erlang_b, erlang_c, least_servers
from sim.statistics.controls import Controlled
from sim.statistics.controls import control_mean as control_variates
from sim.statistics.pairing import Paired, paired
from sim.statistics.shapley import Shapley, shapley
from sim.statistics.survival import KaplanMeier, kaplan_meier

__all__ = [
    "Controlled",
    "Cover",
    "Impatient",
    "KaplanMeier",
    "Paired",
    "Shapley",
    "called_within",
    "control_variates",
    "cover",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "kaplan_meier",
    "least_servers",
    "paired",
    "shapley",
]
