"""Groups of resources that share tasks.

Input: :class:`~calibration.discovery.log.traces.Traces`.
Output: groups of tasks; the resources that do the tasks of a group form one pool.  A task is an activity of a service:
windows that serve one department are a pool of their own, although all windows do the same activity.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from calibration.discovery.log.traces import Traces

__all__ = ["resource_groups"]

_MIN_SHARE: Final = 0.02
"""A resource that does less of a task than this helps out and does not tie pools together."""
_SHARED: Final = 0.5
"""Two tasks share their servers if at least this part of each is done by servers of the other."""
_NEARLY_ALL: Final = 0.9
"""A small task belongs to a large one if this part of it is done by servers of the large one."""


def resource_groups(traces: Traces) -> list[tuple[tuple[int, int], ...]]:
    """Return groups of tasks that share resources; a task is a pair of codes, service and activity.

    Two tasks share resources if at least half of each, or nearly all of one, is done by resources of the other.  Tasks
    without a named resource are grouped by activity.  The service that stands for all rare services ties no groups
    together: each of its tasks joins the group that does most of it.
    """
    n = len(traces.activities)
    own = ~traces.outside
    codes, task = np.unique((traces.service[traces.case] * n + traces.activity)[own], return_inverse=True)
    resource = traces.resource[own]
    named = resource >= 0
    table = sparse.coo_matrix(
        (np.ones(int(named.sum())), (task[named], resource[named])),
        shape=(codes.size, max(traces.resources, 1)),
    ).toarray()
    total = table.sum(axis=1, keepdims=True)
    does = (table > np.maximum(_MIN_SHARE * total, 1)) | ((table > 0) & (table == table.max(axis=1, keepdims=True)))
    # Share of row a's work that is done by servers who do column b too.
    overlap = (table / np.maximum(total, 1)) @ does.T.astype(np.float64)
    mixed = np.zeros(codes.size, dtype=np.bool_)
    if len(traces.services) > 1 and traces.services[-1] == "":
        mixed = codes // n == len(traces.services) - 1
    tied = (np.minimum(overlap, overlap.T) >= _SHARED) | (np.maximum(overlap, overlap.T) >= _NEARLY_ALL)
    unnamed = total[:, 0] == 0
    tied |= (unnamed[:, None] & unnamed[None, :]) & ((codes % n)[:, None] == (codes % n)[None, :])
    tied &= ~(mixed[:, None] | mixed[None, :])
    group = csgraph.connected_components(tied, directed=False)[1]
    for task_index in np.flatnonzero(mixed & ~unnamed):
        nearest = int(np.argmax(np.where(mixed, -1.0, overlap[task_index])))
        if not mixed[nearest] and overlap[task_index, nearest] > 0:
            group[task_index] = group[nearest]
    return [tuple((int(c) // n, int(c) % n) for c in codes[group == k]) for k in np.unique(group)]
