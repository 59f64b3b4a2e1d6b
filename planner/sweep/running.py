"""Working a sweep off: every missing part is simulated, in one process or in several, and written by this one.

Input: a sweep file and a folder.  Output: the parts.  A replication depends on its scenario, the seed and its number
only, and the boundaries of parts are fixed when the folder is made.  So the files have the same bytes on any number of
workers, and after any interruptions.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any, Final

from foundation.errors import HallplanError, ScenarioError
from foundation.locks import lock_folder
from planner.sweep.definition import Definition, read_definition
from planner.sweep.design import Design, compose_point, design_of, probes
from planner.sweep.folder import MANIFEST, Manifest, SweepFolder, part_content, points_content
from planner.sweep.pieces import PartTable, Piece, joined, one_by_one, simulate_point
from planner.sweep.progress import OnProgress, SweepProgress
from planner.sweep.workers import WorkerDeathError, Workers
from scenarios.check import expected_arrivals
from scenarios.compose.writing import to_toml
from scenarios.model import Scenario
from scenarios.paths import suggestion
from sim.measure.headline import HEADLINE, matching_metrics, possible_metrics
from sim.measure.registry import DENOMINATOR, NUMERATOR
from sim.run.keys import scenario_digest
from sim.run.policy import asked_precision
from sim.run.record import libraries, software
from sim.run.replications import CancellationError, CancelToken
from sim.run.workers import cores

__all__ = [
    "Estimate",
    "Sweep",
    "locked_store",
    "read_sweep",
    "work_off",
]

_VISITS_A_PART: Final = 2_000_000
"""Visits of a part: some seconds of work, which is what an interruption may lose."""
_MOST_IN_A_PART: Final = 250
_LEAST_PARTS: Final = 16
"""Parts of a small sweep, if it has as many points, so that several workers have something to do."""
_TIMED: Final = 3
"""Replications of the first point that are timed for the estimate."""
_BYTES_A_NUMBER: Final = 8


@dataclass(frozen=True)
class Estimate:
    """What a sweep will take.

    Attributes
    ----------
    points, replications
        How many are still to be simulated, and how many of each; with a precision, at the most.
    seconds
        Of the clock, on so many `workers`.
    size
        Bytes, at the most.
    workers
        Processes.
    """

    points: int
    replications: int
    seconds: float
    size: int
    workers: int


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep file with its points.

    Attributes
    ----------
    definition
        What it says.
    design
        Its points.
    probes
        By point, the scenarios of few points that show every value.
    faults
        By point of these that makes no valid scenario, why: what is wrong with a value is noticed here.
    """

    definition: Definition
    design: Design
    probes: Mapping[int, Scenario]
    faults: Mapping[int, ScenarioError]

    @property
    def first(self) -> Scenario:
        """The first point that makes a valid scenario."""
        return next(iter(self.probes.values()))

    @cached_property
    def points(self) -> bytes:
        """The file of points."""
        return points_content(self.design.rows)

    @cached_property
    def digest(self) -> str:
        """The digest of all that decides about the numbers: the points, what they simulate, and which is stored."""
        file = self.definition.file
        content = [
            hashlib.sha256(self.points).hexdigest(),
            self.design.keys,
            [scenario_digest(scenario) for scenario in self.probes.values()],
            [file.replications, file.precision, file.metrics, self.definition.seed],
            software()["results_version"],
            *([] if self.definition.posterior is None else [self.definition.posterior.digest]),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @cached_property
    def visits(self) -> float:
        """Visits of one replication of the first valid point, about."""
        return sum(expected_arrivals(self.first).values())

    def parts(self) -> tuple[int, ...]:
        """Return the first point of every part, and the number of points; the machine has no part in it."""
        number = len(self.design)
        by_work = int(_VISITS_A_PART / max(1.0, self.visits * self.definition.file.replications))
        size = max(1, min(by_work, _MOST_IN_A_PART, math.ceil(number / _LEAST_PARTS)))
        return (*range(0, number, size), number)

    def columns(self) -> tuple[str, ...]:
        """Return the metrics to store, ratios with their companions: of the first point and of each lever alone.

        Raises
        ------
        ScenarioError
            If a requested metric is none that any of these points can have.
        """
        scenarios = self._unlike()
        wanted = self.definition.file.metrics
        possible = list(dict.fromkeys(key for scenario in scenarios for key in possible_metrics(scenario)))
        for pattern in wanted:
            if not matching_metrics(possible, [pattern]):
                fault = ScenarioError("sweep.error.no_metric", name=pattern, near=suggestion(pattern, possible))
                raise fault.at(file=self.definition.name, path="metrics")
        patterns = [*(wanted or HEADLINE), *asked_precision(self.definition.file.precision, scenarios[0])]
        names = dict[str, None]()
        for scenario in scenarios:
            try:
                (sample,) = simulate_point(scenario, self.definition, replications=1).samples
            except HallplanError:
                continue  # it will be among the failed points
            for key in matching_metrics(sample.names, patterns):
                companions = [key + ending for ending in (NUMERATOR, DENOMINATOR) if key + ending in sample.names]
                names |= dict.fromkeys((key, *companions))
        return tuple(names)

    def _unlike(self) -> list[Scenario]:
        """Return the scenarios of the probes that differ in their levers."""
        by_levers = dict[tuple[str, ...], Scenario]()
        for scenario in self.probes.values():
            by_levers.setdefault(tuple(scenario.levers), scenario)
        return list(by_levers.values())

    def manifest(self) -> Manifest:
        """Return the manifest of a new folder."""
        file = self.definition.file
        return Manifest(
            sweep=self.digest,
            scenario=self.definition.base.scenario.name,
            scenario_digest=scenario_digest(self.definition.base.scenario),
            definition=file.model_dump(by_alias=True, exclude_defaults=True),
            keys=self.design.keys,
            columns=self.columns(),
            seed=self.definition.seed,
            parts=self.parts(),
            points=hashlib.sha256(self.points).hexdigest(),
            software=software(),
            libraries=libraries(),
        )

    def estimate(self, store: SweepFolder, missing: Sequence[int], workers: int) -> Estimate:
        """Simulate the first valid point, and return what the missing parts will take."""
        replications = self.definition.file.replications
        timed = min(_TIMED, replications)
        begun = time.perf_counter()
        with suppress(HallplanError):  # work_off notes it
            simulate_point(self.first, self.definition, replications=timed)
        seconds = (time.perf_counter() - begun) / timed * replications
        points = sum(beyond - first for part in missing for first, beyond in [store.manifest.parts[part : part + 2]])
        size = points * replications * (len(store.manifest.columns) + 2) * _BYTES_A_NUMBER
        return Estimate(points, replications, seconds * points / min(workers, len(missing)), size, workers)

    def workers(self, missing: Sequence[int], requested: int | None) -> int:
        """Return how many processes are worth starting, if no number was requested.

        Where it is not one, the last part has a process of its own too: a point that ends it does not end the sweep.
        """
        visits = self.visits * self.definition.file.replications * len(self.design)
        number = requested or (cores() if visits > 2 * _VISITS_A_PART else 1)
        return 1 if number == 1 else max(2, min(number, len(missing)))


def read_sweep(source: str | Path | Mapping[str, Any]) -> Sweep:
    """Read a sweep file, lay out its points, and compose those that show every value.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: in which file, at which key, and what to do.  Points that make no valid
        scenario are a fault only if those that show every value are all of that kind.
    """
    definition = read_definition(source)
    design = design_of(definition)
    scenarios, faults = dict[int, Scenario](), dict[int, ScenarioError]()
    for point in probes(design):
        try:
            scenarios[point] = compose_point(definition, design.values(point), point=point).scenario
        except ScenarioError as error:
            faults[point] = error
    if not scenarios:
        raise next(iter(faults.values()))
    return Sweep(definition, design, scenarios, faults)


# ---- the folder ----------------------------------------------------------------------------------------------------


@contextmanager
def locked_store(sweep: Sweep, folder: Path, *, resume: bool) -> Iterator[SweepFolder]:
    """Make or open the folder of a sweep, and keep other processes from writing it inside the ``with`` block.

    Parameters
    ----------
    sweep
        The sweep.
    folder
        Where the parts are, or will be.
    resume
        Whether to go on with the parts that are there.

    Raises
    ------
    HallplanError
        If another process writes there, it is no folder, holds another sweep or other files, or was not to be resumed.
    """
    if folder.exists() and not folder.is_dir():
        raise HallplanError("sweep.error.not_a_folder", name=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    release = lock_folder(folder)
    try:
        yield _store(sweep, folder, resume=resume)
    finally:
        with suppress(OSError):  # it has files in it
            folder.rmdir()
        release()


def _store(sweep: Sweep, folder: Path, *, resume: bool) -> SweepFolder:
    if not (folder / MANIFEST).exists():
        if not SweepFolder.is_free(folder):
            raise HallplanError("sweep.error.other_files", folder=str(folder))
        scenario = to_toml(sweep.definition.base.raw).encode("utf-8")
        return SweepFolder.create(folder, sweep.manifest(), points=sweep.points, scenario=scenario)
    store = SweepFolder.open(folder)
    if store.manifest.sweep != sweep.digest:
        raise HallplanError("sweep.error.other_sweep", folder=str(folder), file=sweep.definition.name)
    if not resume:
        raise HallplanError("sweep.error.exists", folder=str(folder))
    store.clear()
    return store


# ---- simulating ----------------------------------------------------------------------------------------------------


def work_off(
    sweep: Sweep,
    store: SweepFolder,
    missing: Sequence[int],
    *,
    workers: Workers,
    progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> None:
    """Simulate the missing parts and write them; wherever they are simulated, this process writes.

    A point that can't be simulated, or ends every worker that tries it, is written with its cause; the others go on.

    Parameters
    ----------
    sweep, store
        The sweep, and its folder, which this process has locked.
    missing, workers
        Numbers of the parts to simulate (:meth:`~planner.sweep.folder.SweepFolder.missing`), and what simulates them.
    progress, cancel
        Called after each part; and looked at between them.

    Raises
    ------
    HallplanError
        If workers die before they do anything, or a part can't be written.
    CancellationError
        If `cancel` was set; the parts that are written stay.
    """
    bounds = list(pairwise(store.manifest.parts))
    total, waiting = len(sweep.design), list(missing)

    def done() -> int:
        return total - sum(bounds[part][1] - bounds[part][0] for part in waiting)

    def stop() -> None:
        if cancel is not None and cancel.is_set():
            raise CancellationError("sweep.error.cancelled", done=done(), points=total)

    failed, size = store.failed_and_size(set(range(len(bounds))).difference(missing))

    def keep(table: PartTable) -> None:
        nonlocal failed, size
        size += _write(store, table)
        failed += len(table.failed)
        waiting.remove(table.part)
        if progress is not None:
            values = {point: sweep.design.values(point) for point in range(*bounds[table.part])}
            progress(SweepProgress(done(), failed, total, size, table, values, store.manifest.columns))

    while waiting:
        try:
            with closing(workers.tables(_pieces(sweep, store, tuple(waiting)), stop)) as tables:
                for table in tables:
                    keep(table)
        except WorkerDeathError as death:
            points = [one_by_one(piece) for piece in death.pieces]
            with closing(workers.apart(chain.from_iterable(points), stop)) as tables:
                for part in points:
                    keep(joined(list(islice(tables, len(part)))))


def _pieces(sweep: Sweep, store: SweepFolder, parts: Sequence[int]) -> Iterator[Piece]:
    for part in parts:
        first, beyond = store.manifest.parts[part : part + 2]
        yield part, first, tuple(sweep.design.values(point) for point in range(first, beyond))


def _write(store: SweepFolder, table: PartTable) -> int:
    """Write a part, and return its size."""
    manifest = store.manifest
    content = part_content(
        manifest.sweep,
        table.part,
        points=table.points,
        replications=table.replications,
        columns=dict(zip(manifest.columns, table.values.T, strict=True)),
        failed=table.failed,
    )
    try:
        store.write_part(table.part, content)
    except OSError as error:
        why = error.strerror or str(error)
        raise HallplanError("sweep.error.cannot_write", folder=str(store.folder), why=why) from None
    return len(content)
