"""Lifecycle transitions paired to activity instances.

Input: rows that are single events, each with its case, activity, moment and transition.
Output: for each instance the rows that make it ready, start it and end it.  A start belongs to the first end after it
that no earlier start of the same case and activity has.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["SUSPENSIONS", "TRANSITIONS", "group_numbers", "match_first_come"]

TRANSITIONS: Final = {
    **dict.fromkeys(("schedule", "scheduled", "enable", "enabled", "created", "queued", "排队", "取号"), "ready"),
    **dict.fromkeys(("start", "started", "begin", "开始", "叫号"), "start"),
    **dict.fromkeys(("complete", "completed", "end", "finish", "finished", "done", "完成", "结束"), "end"),
    **dict.fromkeys(("ate_abort", "pi_abort", "withdraw", "终止"), "end"),
    **dict.fromkeys(("suspend", "suspended", "pause", "paused", "挂起", "暂停", "中止"), "suspend"),
    **dict.fromkeys(("resume", "resumed", "解挂", "解除挂起", "恢复", "继续"), "resume"),
}

SUSPENSIONS: Final = ("suspend", "resume")


def group_numbers(case: npt.NDArray[np.int64], activity: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number the stretches of equal case and activity."""
    new = np.ones(case.size, dtype=np.bool_)
    new[1:] = (case[1:] != case[:-1]) | (activity[1:] != activity[:-1])
    return np.cumsum(new) - 1


def match_first_come(
    group: npt.NDArray[np.int64], *, opens: npt.NDArray[np.bool_], closes: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return by row that closes which row has opened it, first come first served within its group, else -1.

    The rows of a group stand in the order of time.  A row closes nothing where all that were opened before it are
    closed: there the excess of closings over openings reaches a new height.
    """
    excess = pd.Series(closes.astype(np.int64) - opens).groupby(group).cumsum()
    height = excess.groupby(group).cummax().clip(lower=0)
    before = height.groupby(group).shift(fill_value=0)
    closing = np.flatnonzero(closes & (height == before).to_numpy(dtype=np.bool_))
    opening = np.flatnonzero(opens)
    table = [pd.Series(rows) for rows in (opening, closing)]
    turn = [rows.groupby(group[rows.to_numpy()]).cumcount().to_numpy() for rows in table]
    # Of every group the k-th closing belongs to the k-th opening: their places in one sorted list of (group, k).
    width = opens.size + 1
    keys = [group[rows.to_numpy()] * width + k for rows, k in zip(table, turn, strict=True)]
    opener = np.full(opens.size, -1)
    opener[closing] = opening[np.searchsorted(keys[0], keys[1])]
    return opener
