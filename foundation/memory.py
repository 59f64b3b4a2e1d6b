"""How much memory this process may use: the machine's, or less where a container limits it.

Input: what the system and its control groups say.  Output: bytes; 0 where nobody says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["usable_bytes"]

_CGROUPS: Final = Path("/sys/fs/cgroup")
_MEMBERSHIP: Final = Path("/proc/self/cgroup")


def usable_bytes(cgroups: Path = _CGROUPS, membership: Path = _MEMBERSHIP) -> int:
    """Return the bytes of memory that this process may use at the most.

    Parameters
    ----------
    cgroups, membership
        Where the limits of control groups are, and the file that says which groups this process belongs to.

    Returns
    -------
    int
        The least of the machine's memory and of every limit that holds for the process; 0 if none is known.
    """
    limits = [limit for limit in (_machine(), *_limits(cgroups, membership)) if limit > 0]
    return min(limits, default=0)


def _machine() -> int:
    try:
        return max(os.sysconf("SC_PHYS_PAGES"), 0) * os.sysconf("SC_PAGE_SIZE")  # -1: it has no such number
    except (AttributeError, ValueError, OSError):
        return 0


def _limits(cgroups: Path, membership: Path) -> Iterator[int]:
    """Yield the limits of the process's groups and of all groups around them, in versions 1 and 2."""
    try:
        lines = membership.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        lines = []
    # Inside a container the process's own group is often mounted as the root, whatever the path says.
    groups = [("", "/")] + [(line.split(":")[1], line.split(":", 2)[2]) for line in lines if line.count(":") >= 2]
    for controllers, group in groups:
        roots: list[tuple[Path, str]] = []
        if not controllers:
            roots.append((cgroups, "memory.max"))
        if not controllers or "memory" in controllers.split(","):
            roots.append((cgroups / "memory", "memory.limit_in_bytes"))
        for root, name in roots:
            inner = Path(group.lstrip("/"))
            for folder in (inner, *inner.parents):
                yield _number(root / folder / name)


def _number(file: Path) -> int:
    """Return the number in a file; 0 if there is none, as for ``max``."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
