"""Points of a sweep that end the process which simulates them, as lack of memory would."""

import multiprocessing
import os
import signal
from pathlib import Path

from planner.sweep.pieces import PointWork

DEMAND = 0.75
"""Points with this demand are deadly."""
TRIES = "HALLPLAN_TEST_DEADLY_TRIES"
"""Names a file that has a byte for each time that a deadly point was tried."""
DEATHS = "HALLPLAN_TEST_DEADLY_DEATHS"
"""How many of these tries are deadly; all of them by default."""


class DeadlyWork(PointWork):
    """Work that some points end, with the process that does it."""

    def _simulated(self, values, point):
        if values.get("demand") == DEMAND:
            file = Path(os.environ[TRIES])
            with file.open("ab") as tries:
                tries.write(b".")
            if file.stat().st_size <= int(os.environ.get(DEATHS, "99")):
                os.kill(os.getpid(), signal.SIGKILL)
        return super()._simulated(values, point)


class StillbornWork(PointWork):
    """Work for which no process becomes ready."""

    def ready(self):
        if multiprocessing.parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().ready()
