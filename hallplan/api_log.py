"""From an event log to a scenario, in Python; the name a user needs is in :mod:`hallplan`.

In come files; out comes a :class:`LogCalibration`: what was read, what was found, the scenario, and how near it comes
to the part of the log that it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibration.discovery.accuracy.accuracy import LOGS, Accuracy, accuracy
from calibration.discovery.accuracy.holdout import HOLD_OUT_SHARE, forecast_scenarios, hold_out
from calibration.discovery.accuracy.rebuilt import rebuilt_decomposition
from calibration.discovery.discover import discover
from calibration.discovery.findings.cautions import Caution, find_cautions
from calibration.discovery.result import Discovery, Settings
from calibration.discovery.scenario.names import checked_name
from calibration.discovery.scenario.table import compose_scenario, scenario_table, scenario_text
from calibration.discovery.timing.decomposition import TimeDecomposition
from calibration.eventlog import EventLog, read_log
from foundation.errors import HallplanError
from sim.measure.export import export
from sim.run.workers import cores

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.model import Scenario
    from sim.measure.export import Format

__all__ = ["LogCalibration", "calibrate_log"]

_PART = 100
"""Each of the three parts of the work counts so much in its progress."""


@dataclass(frozen=True, eq=False)
class LogCalibration:
    """What has come of an event log.

    Attributes
    ----------
    log
        What was read: rows, mapping, what was rejected.
    discovery
        What was found in all of it, with intervals and tests.
    accuracy
        How a scenario from its earlier part forecasts the later one; ``None`` if that wasn't asked for.
    rebuilt
        Where the elapsed time goes in the scenario's own log, to be read beside ``discovery.decomposition``; ``None``
        without simulation, or where the log has no times.
    """

    log: EventLog
    discovery: Discovery
    accuracy: Accuracy | None
    rebuilt: TimeDecomposition | None = None

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """What the scenario can't be believed in, the worst first."""
        return tuple(find_cautions(self.discovery, self.accuracy, self.rebuilt))

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, to run and to compare."""
        return compose_scenario(self.discovery)

    @property
    def toml(self) -> str:
        """The scenario as a file's text."""
        return scenario_text(self.discovery)

    @property
    def table(self) -> dict[str, Any]:
        """The scenario as nested tables."""
        return scenario_table(self.discovery)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables: what was found, the rows that were rejected, and how the trial went."""
        frames = self.discovery.frames() | self.log.rejected.frames()
        return frames | (self.accuracy.frames() if self.accuracy is not None else {})

    def export(self, directory: str | Path, *, formats: Sequence[Format] = ("csv",)) -> list[Path]:
        """Write :meth:`frames` as files and return their paths; see :func:`sim.measure.export.export`."""
        return export(self, directory, formats=formats)


def calibrate_log(
    files: str | Path | Sequence[str | Path],
    *,
    mapping: Mapping[str, str] | None = None,
    kind: str | None = None,
    keep: Sequence[str] = (),
    drop: Sequence[str] = (),
    date_format: str | None = None,
    time_zone: str | None = None,
    name: str = "from-log",
    service: str | None = None,
    split: float | None = HOLD_OUT_SHARE,
    logs: int = LOGS,
    seed: int = 1,
    idle_days: float = 365.0,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LogCalibration:
    """Discover a scenario from an event log.

    Parameters
    ----------
    files
        One file or several of one form: CSV, XLSX, XES.
    mapping, kind, keep, drop, date_format, time_zone
        Roles and forms of the columns, if the guess is wrong; see :func:`calibration.eventlog.read_log`.
    name
        Name of the scenario.
    service
        The column that names the services; guessed by default, "" for none.
    split
        Share of the log's time, from its end, that is held back to test a scenario from the rest; ``None`` for no such
        test.
    logs
        Simulated logs to compare with it.
    seed
        Seed of everything random.
    idle_days
        An unfinished case in which nothing has happened for longer when the log ends counts as closed.
    workers
        Number of logs that are simulated at the same time; all processors by default.  The numbers do not depend on it.
    progress
        Called with the completed part and the total.

    Raises
    ------
    HallplanError
        One sentence about what is wrong.
    """
    checked_name(name)
    parts = 2 if split is None else 3

    def progress_of(part: int) -> Callable[[int, int], None] | None:
        if progress is None:
            return None
        return lambda done, total: progress(part * _PART + _PART * done // max(total, 1), parts * _PART)

    log = read_log(
        files,
        mapping=mapping,
        kind=kind,
        keep=keep,
        drop=drop,
        date_format=date_format,
        time_zone=time_zone,
        progress=progress_of(0),
    )
    settings = Settings(name=name, service=_attribute(log, service), seed=seed, idle_days=idle_days)
    discovery = discover(log, settings=settings, progress=progress_of(1))
    if split is None:
        return LogCalibration(log, discovery, None)
    earlier, begin, end = hold_out(log, split)
    scenarios = forecast_scenarios(discover(earlier, settings=settings), discovery, begin, end, logs)
    trial = accuracy(discovery.traces, scenarios, begin, end, workers=workers or cores(), progress=progress_of(2))
    return LogCalibration(log, discovery, trial, rebuilt_decomposition(discovery))


def _attribute(log: EventLog, heading: str | None) -> str | None:
    """Return the attribute of the log that a heading of its file names; what is no heading stays as it is."""
    headings = {
        name: log.mapping.get("service", "") if name == "attr_service" else name.removeprefix("attr_")
        for name in map(str, log.events.columns)
        if name.startswith("attr_")
    }
    if not heading or heading in headings or f"attr_{heading}" in headings:
        return heading
    named = [name for name, text in headings.items() if heading.removeprefix("case:") == text.removeprefix("case:")]
    if not named:
        raise HallplanError("discovery.fault.no_column", column=heading, known=", ".join(headings.values()) or "–")
    return named[0]
