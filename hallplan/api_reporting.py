"""The public API for reports of a simulation: what to cite, and the STRESS-DES checklist.

Input: a scenario, or a result of any kind.  Output: plain values, or a checklist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hallplan.show.citation import Experiment
    from hallplan.show.stress_des import Checklist

__all__ = ["citation", "stress_des"]


def citation(result: Any) -> dict[str, Any]:
    """Return what a result is cited by: a sentence, scenarios with their digests, seed, versions and the machine.

    Parameters
    ----------
    result
        A scenario, or a result of ``run``, ``compare``, ``best``, ``sweep`` or ``sweep_results``.
    """
    return _experiment(result).document()


def stress_des(result: Any) -> Checklist:
    """Return the STRESS-DES checklist of a result, filled as far as it is known.

    Parameters
    ----------
    result
        As for :func:`citation`.

    Returns
    -------
    Checklist
        ``.markdown()`` for people, ``.document()`` for programs; in the language in use.
    """
    from hallplan.show.stress_des import stress_des

    return stress_des(_experiment(result))


def _experiment(result: Any) -> Experiment:
    from hallplan.show.citation import Experiment
    from planner.sweep.results import SweepResult
    from scenarios.compose.composing import compose
    from scenarios.model import Scenario

    if isinstance(result, Scenario):
        return Experiment.of([result])
    if isinstance(result, SweepResult):
        return Experiment.of_sweep(compose(result.scenario_file), result.manifest, result.failed)
    record = getattr(result, "provenance", None)
    runs = getattr(result, "runs", None)
    scenarios = [run.scenario for run in runs] if runs else getattr(result, "scenarios", None) or [result.scenario]
    return Experiment.of(list(scenarios), {"provenance": record.as_dict()} if record is not None else None)
