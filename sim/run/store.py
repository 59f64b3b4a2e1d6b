"""Stores of results: what was simulated once is not simulated again.

Input: :class:`~sim.run.keys.Key` and :class:`~sim.run.sample.Sample`.  Output: the samples that are there.  A store has
three methods.  :class:`MemoryStore` lasts as long as its process, :class:`~sim.run.folder.FolderStore` keeps files, and
:class:`LayeredStore` reads several stores and writes to the first.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Final, Protocol

from foundation.errors import HallplanError
from sim.run.keys import Key
from sim.run.sample import Sample

__all__ = [
    "DEFAULT_KEEP_DAYS",
    "KEEP_DAYS_VARIABLE",
    "MOST_KEEP_DAYS",
    "LayeredStore",
    "MemoryStore",
    "Store",
    "cache_folder",
    "default_store",
    "keep_days",
]

_MEMORY_LIMIT: Final = 20_000
"""Samples that a store in memory holds: about 200 MB of a large hall's."""

KEEP_DAYS_VARIABLE: Final = "HALLPLAN_KEEP_DAYS"
"""Environment variable that says for how many days results stay that nobody reads."""
DEFAULT_KEEP_DAYS: Final = 90
MOST_KEEP_DAYS: Final = 3_650

PACKAGE_RESULTS: Final = "hallplan/results"
"""Where the default results of the built-in scenarios lie, beside the package `sim`."""


class Store(Protocol):
    """Samples by their addresses."""

    def get(self, keys: Iterable[Key], *, curves: bool = False) -> dict[Key, Sample]:
        """Return the samples that are there; with `curves`, only those that have curves."""

    def put(self, samples: Mapping[Key, Sample]) -> None:
        """Store samples.

        Raises
        ------
        OSError
            If they can't be written.
        """

    def keys(self) -> Set[Key]:
        """Return the addresses of all samples."""


class MemoryStore:
    """A store in memory; the samples that were not read for longest make room.

    Parameters
    ----------
    limit
        Samples at the most.
    """

    def __init__(self, limit: int = _MEMORY_LIMIT) -> None:
        self._limit = limit
        self._samples: OrderedDict[Key, Sample] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, keys: Iterable[Key], *, curves: bool = False) -> dict[Key, Sample]:
        """Return the samples that are there; with `curves`, only those that have curves."""
        present = dict[Key, Sample]()
        with self._lock:
            for key in keys:
                sample = self._samples.get(key)
                if sample is not None and (not curves or sample.curves is not None):
                    self._samples.move_to_end(key)
                    present[key] = sample
        return present

    def put(self, samples: Mapping[Key, Sample]) -> None:
        """Store samples; one with curves is not replaced by one without."""
        with self._lock:
            for key, sample in samples.items():
                before = self._samples.get(key)
                if before is None or before.curves is None:
                    self._samples[key] = sample
                self._samples.move_to_end(key)
            while len(self._samples) > self._limit:
                self._samples.popitem(last=False)

    def keys(self) -> Set[Key]:
        """Return the addresses of all samples."""
        with self._lock:
            return set(self._samples)


class LayeredStore:
    """Several stores as one: all are read in turn, the first alone is written to.

    Parameters
    ----------
    first
        The store that is written to.
    *behind
        Stores that are read where those before have nothing.
    """

    def __init__(self, first: Store, *behind: Store) -> None:
        self.layers: tuple[Store, ...] = (first, *behind)

    def get(self, keys: Iterable[Key], *, curves: bool = False) -> dict[Key, Sample]:
        """Return the samples that are there; with `curves`, only those that have curves."""
        missing, present = list(keys), dict[Key, Sample]()
        for layer in self.layers:
            if not missing:
                break
            present |= layer.get(missing, curves=curves)
            missing = [key for key in missing if key not in present]
        return present

    def put(self, samples: Mapping[Key, Sample]) -> None:
        """Store samples in the first layer."""
        self.layers[0].put(samples)

    def keys(self) -> Set[Key]:
        """Return the addresses of all samples of all layers."""
        return set().union(*(layer.keys() for layer in self.layers))


def cache_folder() -> Path:
    """Return the folder of the user's own results: ``HALLPLAN_CACHE_DIR``, or the user's cache folder."""
    named = os.environ.get("HALLPLAN_CACHE_DIR")
    if named:
        return Path(named).expanduser() / "results"
    from platformdirs import user_cache_path

    return user_cache_path("hallplan") / "results"


def keep_days() -> int:
    """Return for how many days results stay that nobody reads: ``HALLPLAN_KEEP_DAYS``, or 90.

    Raises
    ------
    HallplanError
        If the variable is no whole number of days.
    """
    text = os.environ.get(KEEP_DAYS_VARIABLE, "").strip()
    if not text:
        return DEFAULT_KEEP_DAYS
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_KEEP_DAYS):
        raise HallplanError("store.bad_keep_days", name=KEEP_DAYS_VARIABLE, value=text, most=MOST_KEEP_DAYS)
    return int(text)


def default_store() -> LayeredStore:
    """Return the store that all faces use: the user's cache, and behind it the package's results.

    Raises
    ------
    HallplanError
        If the retention time that was set is no whole number of days.
    """
    from sim.run.folder import FolderStore

    package = Path(__file__).resolve().parents[2] / PACKAGE_RESULTS
    return LayeredStore(FolderStore(cache_folder(), age_limit_days=keep_days()), FolderStore(package, read_only=True))
