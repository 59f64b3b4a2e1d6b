"""``hallplan run --event-log``: what the hall's own software would have written of the first replication.

Comes in: what the user has asked for, checked before the work begins.  Goes out: one file, written whole when it is
done, which ``hallplan calibrate log`` reads.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli.faults import FAULT
from hallplan.cli.options import path_of
from hallplan.cli.output import show_text
from hallplan.cli.targets import reserve_file, write_or_rescue

if TYPE_CHECKING:
    from calibration.eventlog.table import Kind
    from scenarios.model import Scenario

__all__ = ["DEFAULT_KIND", "EventLogFile", "FileOption", "KindOption"]

FileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--event-log", metavar="FILE", parser=path_of("--event-log"), help="eventlog.option.file"),
]
KindOption: TypeAlias = Annotated[str, typer.Option("--event-log-kind", metavar="KIND", help="eventlog.option.kind")]


DEFAULT_KIND: Final = "activities"
"""What a log shows unless the user names something else."""


@dataclass(frozen=True, eq=False)
class EventLogFile:
    """A file that a log is to be written to.

    Attributes
    ----------
    path
        Where to; its ending says how.
    kind
        ``tickets``, ``ledger``, ``events`` or ``activities``.
    """

    path: Path
    kind: Kind

    @classmethod
    def requested(cls, path: Path | None, kind: str, *, force: bool) -> EventLogFile | None:
        """Return what is requested, if anything is.

        Raises
        ------
        HallplanError
            If there is no such kind or format, the file is there already, or its folder is not.
        """
        if path is None and kind == DEFAULT_KIND:
            return None
        from calibration.eventlog.table import KINDS
        from calibration.eventlog.write import ending_of

        known_kind = next((candidate for candidate in KINDS if candidate == kind), None)
        if known_kind is None:
            raise HallplanError("eventlog.fault.kind", kind=kind, known=", ".join(KINDS))
        if path is None:
            return None
        ending_of(path)
        reservation = reserve_file(path, force=force, option="--event-log")
        requested = cls(path, known_kind)
        weakref.finalize(requested, reservation.release)  # at the latest when the program ends
        return requested

    def write(self, scenario: Scenario, seed: int, *, quiet: bool) -> None:
        """Simulate the first replication once more, write its log, and say so unless `quiet`."""
        from calibration.eventlog.simulated import simulated_log
        from calibration.eventlog.write import ending_of, write_log

        # Where a row is a moment, there is a place for the moments at which the statutory clock stops and goes on.
        moments = self.kind == "events" or ending_of(self.path).startswith(".xes")
        log = simulated_log(scenario, self.kind, seed=seed, shows_stops="recorded" if moments else "")
        ending = ending_of(self.path)
        if not write_or_rescue(lambda file: write_log(log.events, self.kind, file), self.path, ending=ending):
            raise typer.Exit(FAULT)
        if not quiet:
            show_text("\n" + messages.text("eventlog.note.written", file=self.path, rows=len(log.events)))
