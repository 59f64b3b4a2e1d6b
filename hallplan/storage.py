"""What Hallplan stores on this machine: results and prepared scenarios, how much of them, and for how long.

Input: the user's cache folder and its retention time.  Output: a :class:`Holding` of each kind; what was deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from sim.run.folder import FolderStore

__all__ = [
    "DAY_S",
    "PREPARED_ENDING",
    "Holding",
    "Kind",
    "clear_cache",
    "delete_files",
    "prepared_entries",
    "prepared_folder",
    "prepared_holding",
    "results_holding",
    "sweep_cache",
]

Kind: TypeAlias = Literal["results", "prepared", "uploads", "plans", "plan_results"]
"""Replications, prepared scenarios, uploaded files; plans and results of a workspace."""

DAY_S: Final = 86_400
PREPARED_ENDING: Final = ".prepared"


@dataclass(frozen=True)
class Holding:
    """What is stored of one kind.

    Attributes
    ----------
    kind
        Of what.
    count, size
        How many, and bytes.
    oldest
        When that which was used least lately was used, in seconds since 1970; None where there is nothing.
    """

    kind: Kind
    count: int
    size: int
    oldest: float | None


def _store(age_limit_days: float | None = None) -> FolderStore:
    from sim.run.folder import FolderStore
    from sim.run.store import cache_folder, keep_days

    limit = keep_days() if age_limit_days is None else age_limit_days
    return FolderStore(cache_folder(), age_limit_days=limit)


def prepared_folder() -> Path:
    """Return the folder of prepared scenarios, beside the stored results."""
    from sim.run.store import cache_folder

    return cache_folder().with_name("scenarios")


def prepared_entries() -> list[Path]:
    """Return the files of the stored entries, the one that was read last first."""
    entries = prepared_folder().glob(f"*{PREPARED_ENDING}")
    return sorted(entries, key=lambda entry: entry.stat().st_mtime, reverse=True)


def results_holding() -> Holding:
    """Return what is stored of replications."""
    info = _store().info()
    return Holding("results", info.replications, info.size, info.oldest)


def prepared_holding() -> Holding:
    """Return what is stored of prepared scenarios."""
    states = [entry.stat() for entry in prepared_entries()]
    oldest = min((state.st_mtime for state in states), default=None)
    return Holding("prepared", len(states), sum(state.st_size for state in states), oldest)


def clear_cache() -> int:
    """Delete all stored results and prepared scenarios; return how many bytes that frees."""
    return _store().clear() + delete_files(prepared_entries())


def sweep_cache(older_than_days: float, *, now: float) -> int:
    """Delete results and prepared scenarios that nobody has read for so many days; return the bytes freed.

    Parameters
    ----------
    older_than_days
        Days since the last reading.
    now
        Seconds since 1970.
    """
    old = [entry for entry in prepared_entries() if entry.stat().st_mtime < now - older_than_days * DAY_S]
    return _store(older_than_days).sweep() + delete_files(old)


def delete_files(files: Iterable[Path]) -> int:
    """Delete files that nobody may have deleted meanwhile; return how many bytes that frees."""
    freed = 0
    for file in files:
        try:
            size = file.stat().st_size
            file.unlink()
        except OSError:  # gone already, or in use: next time
            continue
        freed += size
    return freed
