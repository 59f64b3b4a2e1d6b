"""The faces of Hallplan: the public API, the command line, the pages, the report and the messages.

In come requests by people and by other programs; out come answers in Chinese and English.  The packages beneath do the
work; this one names the dozen things a user needs, each imported when it is first asked for:

>>> import hallplan
>>> result = hallplan.run("textbook-mm3", replications=2)
>>> result.summary.loc["wait_mean_min"]  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from foundation.errors import HallplanError
    from hallplan import methods
    from hallplan.api import best, check, compare, levers, load, run, scenarios, warm_up
    from hallplan.api_backtest import backtest
    from hallplan.api_centralise import centralise
    from hallplan.api_compression import compression
    from hallplan.api_frontier import frontier
    from hallplan.api_inspections import inspections
    from hallplan.api_log import calibrate_log
    from hallplan.api_next import rank_moves
    from hallplan.api_posterior import compare_forecasts, forecast, posterior
    from hallplan.api_promise import promise
    from hallplan.api_report import report
    from hallplan.api_reporting import citation, stress_des
    from hallplan.api_slim import slim
    from hallplan.api_staffing import staff
    from hallplan.api_sweep import sweep, sweep_results
    from hallplan.api_today import today
    from scenarios.model import Scenario
    from sim.draw.drawing import draw
    from sim.engine.reference import run_reference as simulate
    from sim.measure import Metrics, measure
    from sim.measure.export import read_results
    from sim.plan import compile_plan

    __version__: str

__all__ = [
    "HallplanError",
    "Metrics",
    "Scenario",
    "__version__",
    "backtest",
    "best",
    "calibrate_log",
    "centralise",
    "check",
    "citation",
    "compare",
    "compare_forecasts",
    "compile_plan",
    "compression",
    "draw",
    "forecast",
    "frontier",
    "inspections",
    "levers",
    "load",
    "measure",
    "methods",
    "posterior",
    "promise",
    "rank_moves",
    "read_results",
    "report",
    "run",
    "scenarios",
    "simulate",
    "slim",
    "staff",
    "stress_des",
    "sweep",
    "sweep_results",
    "today",
    "warm_up",
]

_HOME: Final = {
    **{
        name: ("hallplan.api", name)
        for name in ("best", "check", "compare", "levers", "load", "run", "scenarios", "warm_up")
    },
    "centralise": ("hallplan.api_centralise", "centralise"),
    "rank_moves": ("hallplan.api_next", "rank_moves"),
    "frontier": ("hallplan.api_frontier", "frontier"),
    "compression": ("hallplan.api_compression", "compression"),
    "calibrate_log": ("hallplan.api_log", "calibrate_log"),
    **{name: ("hallplan.api_posterior", name) for name in ("compare_forecasts", "forecast", "posterior")},
    "promise": ("hallplan.api_promise", "promise"),
    "report": ("hallplan.api_report", "report"),
    **{name: ("hallplan.api_reporting", name) for name in ("citation", "stress_des")},
    "slim": ("hallplan.api_slim", "slim"),
    "staff": ("hallplan.api_staffing", "staff"),
    **{name: ("hallplan.api_sweep", name) for name in ("sweep", "sweep_results")},
    "backtest": ("hallplan.api_backtest", "backtest"),
    "inspections": ("hallplan.api_inspections", "inspections"),
    "today": ("hallplan.api_today", "today"),
    "HallplanError": ("foundation.errors", "HallplanError"),
    "Scenario": ("scenarios.model", "Scenario"),
    "Metrics": ("sim.measure", "Metrics"),
    "measure": ("sim.measure", "measure"),
    "read_results": ("sim.measure.export", "read_results"),
    "draw": ("sim.draw.drawing", "draw"),
    "compile_plan": ("sim.plan", "compile_plan"),
    "simulate": ("sim.engine.reference", "run_reference"),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("hallplan")
    if name == "methods":
        return import_module("hallplan.methods")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOME[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
