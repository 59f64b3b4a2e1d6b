"""Who waits where and when: queues of visitors by pool and half-hour of the day.

Input: the replications of a plan.  Output: a tidy frame, for the page's heat map and the table beside it.
"""

from __future__ import annotations

import pandas as pd

from foundation.messages import Language
from hallplan.show.words import pool_title
from sim.plan import Layout
from sim.run.replications import Replications

__all__ = ["queue_frame"]


def queue_frame(run: Replications, language: Language) -> pd.DataFrame:
    """Return the mean queue by pool and half-hour, between the first and the last half-hour with anybody on duty.

    Columns ``pool``, ``title``, ``half_hour``, ``mean``, ``low``, ``high`` (visitors), ``on_duty`` (people on duty) and
    ``use`` (share of time on duty at work); not-a-number where nobody is on duty.  Pools at which visitors queue, the
    one with the longest queue first.

    Parameters
    ----------
    run
        The replications, with curves.
    language
        Of the titles.
    """
    curve = run.curves["pools_by_half_hour"]
    visited = Layout.of(run.scenario).visitor_pools
    rows = curve[curve["pool"].isin(visited)]
    is_open = rows["rostered_mean"] > 0
    open_hours = rows.loc[is_open, "half_hour"]
    if open_hours.empty:
        return pd.DataFrame(columns=["pool", "title", "half_hour", "mean", "low", "high", "on_duty", "use"])
    rows = rows[
        rows["pool"].isin(set(rows.loc[is_open, "pool"]))
        & rows["half_hour"].between(open_hours.min(), open_hours.max())
    ]
    frame = pd.DataFrame(
        {
            "pool": rows["pool"],
            "title": [pool_title(run.scenario, pool, language) for pool in rows["pool"]],
            "half_hour": rows["half_hour"],
            "mean": rows["queue_mean"],
            "low": rows["queue_low"].clip(lower=0.0),
            "high": rows["queue_high"],
            "on_duty": rows["rostered_mean"],
            "use": rows["utilisation"],
        }
    )
    frame.loc[~(frame["on_duty"] > 0), ["mean", "low", "high", "use"]] = float("nan")
    longest = frame.groupby("pool", sort=False)["mean"].transform("max")
    order = frame.assign(longest=longest).sort_values(["longest", "pool", "half_hour"], ascending=[False, True, True])
    return order.drop(columns="longest").reset_index(drop=True)
