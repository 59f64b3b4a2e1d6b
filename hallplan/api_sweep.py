"""The public API for sweeps: many points of a scenario, simulated into a folder that survives interruptions.

Input: a sweep file and a folder.  Output: what the sweep has shown.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foundation import messages

if TYPE_CHECKING:
    from planner.sweep.folder import SweepFolder
    from planner.sweep.progress import OnProgress
    from planner.sweep.results import SweepResult
    from planner.sweep.running import Estimate, Sweep
    from planner.sweep.workers import Workers
    from sim.run.replications import CancelToken

__all__ = ["sweep", "sweep_results"]


def sweep(
    source: str | Path | Mapping[str, Any],
    store: str | Path,
    *,
    resume: bool = False,
    retry_failed: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    on_estimate: Callable[[Estimate], None] | None = None,
    announce: Callable[[str], None] | None = None,
) -> SweepResult:
    """Simulate the points of a sweep, and return what they show.

    A point that can't be simulated is stored with its cause (``result.failed``), and the others go on.  When all parts
    are there, a citation and the STRESS-DES checklist are written beside them.

    Parameters
    ----------
    source
        The path of a sweep file, or its table.
    store
        The folder of the results.
    resume, retry_failed
        Whether to go on with what the folder holds of this sweep; and whether failed points are simulated again too.
    workers
        Processes; as many as pay by default.  The results do not depend on it.  One is this process itself.
    scheduler
        Address of a Dask scheduler, whose workers simulate instead; or the path of a scheduler file (``*.json``).
    progress, cancel
        Called after each part with how far the sweep is; and looked at between parts.
    on_estimate, announce
        Called with what the sweep will take, before it begins; and with one sentence where there is something to say.

    Raises
    ------
    HallplanError
        One sentence about what is wrong with the sweep file, the folder or the workers.
    CancellationError
        If `cancel` was set.
    """
    from planner.sweep.results import read_result
    from planner.sweep.running import locked_store, read_sweep, work_off
    from sim.engine.choice import prepare

    plan, tell = read_sweep(source), announce or (lambda _: None)
    prepare(tell)
    with locked_store(plan, Path(store), resume=resume or retry_failed) as folder:
        if missing := folder.missing(retry_failed=retry_failed):
            with _workers(plan, folder, missing, workers, scheduler, tell) as (number, crew):
                if on_estimate is not None:
                    on_estimate(plan.estimate(folder, missing, number))
                if plan.faults:
                    tell(messages.text("sweep.bad_points", why=next(iter(plan.faults.values()))))
                work_off(plan, folder, missing, workers=crew, progress=progress, cancel=cancel)
        result = read_result(store)
        _write_report(plan, folder, result)
    return result


@contextmanager
def _workers(
    plan: Sweep,
    folder: SweepFolder,
    missing: Sequence[int],
    workers: int | None,
    scheduler: str | None,
    announce: Callable[[str], None],
) -> Generator[tuple[int, Workers]]:
    """Yield how many workers there are, on this machine or behind a scheduler, and what simulates on them."""
    from planner.sweep.cluster import ClusterWorkers, connected
    from planner.sweep.pieces import PointWork
    from planner.sweep.workers import LocalWorkers

    work = PointWork(plan.definition, folder.manifest.columns)
    if scheduler is None:
        processes = plan.workers(missing, workers)
        yield processes, LocalWorkers(work, processes)
        return
    with connected(scheduler) as cluster:
        cluster.check()
        waiting = partial(announce, messages.text("sweep.no_worker"))
        yield max(1, cluster.workers), ClusterWorkers(cluster, work, waiting)


def _write_report(plan: Sweep, folder: SweepFolder, result: SweepResult) -> None:
    from foundation.files import write_atomically
    from hallplan.show.citation import Experiment
    from hallplan.show.stress_des import report_files

    experiment = Experiment.of_sweep(plan.definition.base.scenario, folder.manifest, result.failed)
    for name, content in report_files(experiment).items():
        write_atomically(folder.folder / name, content)


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
