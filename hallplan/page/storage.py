"""What this server stores of its visitors, and its end: uploads, results, prepared scenarios, the workspace.

Input: the retention time (``HALLPLAN_KEEP_DAYS``).  Output: what is stored; what was deleted, by hand or by age.  Plans
and results of the workspace stay until somebody deletes them one by one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from foundation.errors import HallplanError
from hallplan.page.plans import UPLOADS
from hallplan.page.runs import forget_results
from hallplan.page.server import workspace
from hallplan.page.uploaded import clear_dead_folders, clear_uploaded, uploaded_files
from hallplan.storage import DAY_S, Holding, Kind, clear_cache, prepared_holding, results_holding, sweep_cache
from sim.run.store import keep_days

if TYPE_CHECKING:
    from hallplan.workspace import SavedPlan, SavedResult

__all__ = ["delete_cache", "delete_uploads", "holdings", "start_sweeping", "sweep"]

_log = logging.getLogger(__name__)
_EVERY_S: Final = float(DAY_S)
"""How often what is too old is deleted."""


def holdings() -> list[Holding]:
    """Return what is stored, kind by kind."""
    files = uploaded_files()
    times = [*(file.used_at for file in files), *(upload.added_at for upload in UPLOADS.all())]
    size = sum(file.size for file in files) + sum(len(upload.data) for upload in UPLOADS.all())
    uploads = Holding("uploads", len(times), size, min(times, default=None))
    return [uploads, results_holding(), prepared_holding(), *_workspace_holdings()]


def _workspace_holdings() -> list[Holding]:
    folder = workspace()
    if folder is None:
        return []
    return [_saved("plans", folder.plans()), _saved("plan_results", folder.results())]


def _saved(kind: Kind, saved: Sequence[SavedPlan | SavedResult]) -> Holding:
    oldest = min((item.saved_at.timestamp() for item in saved), default=None)
    return Holding(kind, len(saved), sum(item.size for item in saved), oldest)


def delete_uploads() -> int:
    """Delete everything that visitors have uploaded, and what was made of it in memory; return the bytes freed."""
    freed = clear_uploaded(before=None) + UPLOADS.clear(before=None)
    forget_results()
    return freed


def delete_cache() -> int:
    """Delete stored results and prepared scenarios, on disk and in memory; return the bytes freed."""
    freed = clear_cache()
    forget_results()
    return freed


def sweep(now: float) -> int:
    """Delete what is older than the retention time at `now` (seconds since 1970); return the bytes freed.

    Raises
    ------
    HallplanError
        If the retention time that was set is no number of days.
    """
    days = keep_days()
    before = now - days * DAY_S
    freed = clear_uploaded(before=before) + UPLOADS.clear(before=before)
    return freed + clear_dead_folders(before=before) + sweep_cache(days, now=now)


@cache
def start_sweeping() -> threading.Thread:
    """Delete what is too old now, and every day from now on, in the background of this server."""
    thread = threading.Thread(target=_sweep_for_ever, name="hallplan-sweeping", daemon=True)
    thread.start()
    return thread


def _sweep_for_ever() -> None:
    while True:
        try:
            freed = sweep(time.time())
            _log.info("deleted by age: %d bytes", freed)
        except (HallplanError, OSError) as error:
            _log.warning("what is too old was not deleted: %s", error)
        time.sleep(_EVERY_S)
