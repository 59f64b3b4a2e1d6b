"""The public API for sweeps: many points of a scenario, simulated into a folder that survives interruptions.

Input: a sweep file and a folder.  Output: what the sweep has shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.sweep.results import SweepResult
    from planner.sweep.running import Estimate, OnProgress
    from sim.run.replications import CancelToken

__all__ = ["sweep", "sweep_results"]


def sweep(
    source: str | Path | Mapping[str, Any],
    store: str | Path,
    *,
    resume: bool = False,
    workers: int | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    on_estimate: Callable[[Estimate], None] | None = None,
    announce: Callable[[str], None] | None = None,
) -> SweepResult:
    """Simulate the points of a sweep, and return what they show.

    The record to cite it by and the STRESS-DES checklist are written beside the parts when all are there.

    Parameters
    ----------
    source
        The path of a sweep file, or its table.
    store
        The folder of the results.
    resume
        Whether to go on with what the folder holds of this sweep.
    workers
        Processes; as many as pay by default.  The results do not depend on it.
    progress, cancel
        Called after each part with the number of points done, and of all; and looked at between parts.
    on_estimate
        Called with what the sweep will take, before it begins.
    announce
        Called with one sentence if compiling will take some seconds.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the sweep file or the folder.
    CancellationError
        If `cancel` was set; what was simulated stays in the folder.
    """
    from foundation.files import write_atomically
    from hallplan.show.citation import Experiment
    from hallplan.show.stress_des import report_files
    from planner.sweep.results import read_result
    from planner.sweep.running import locked_store, read_sweep, work_off
    from sim.engine.choice import prepare

    plan = read_sweep(source)
    prepare(announce or (lambda _: None))
    with locked_store(plan, Path(store), resume=resume) as folder:
        missing = folder.missing()
        processes = plan.workers(missing, workers)
        if missing:
            estimate = plan.estimate(folder, missing, processes)
            if on_estimate is not None:
                on_estimate(estimate)
            work_off(plan, folder, missing, workers=processes, progress=progress, cancel=cancel)
        experiment = Experiment.of_sweep(plan.definition.base.scenario, folder.manifest)
        for name, content in report_files(experiment).items():
            write_atomically(folder.folder / name, content)
    return read_result(store)


def sweep_results(store: str | Path) -> SweepResult:
    """Return what a sweep has shown so far.

    Parameters
    ----------
    store
        The folder of its results.

    Raises
    ------
    HallplanError
        If the folder holds no sweep, one of another version, or a damaged part.
    """
    from planner.sweep.results import read_result

    return read_result(store)
