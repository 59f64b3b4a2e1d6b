"""Small halls whose logs are written, forgotten and discovered again."""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.round_trips import known_hall
from calibration.discovery.discover import discover
from calibration.discovery.result import Discovery
from calibration.eventlog.simulated import SimulatedLog, simulated_log
from scenarios.model import Scenario


@cache
def hall(name: str) -> Scenario:
    return known_hall(name)


@cache
def log_of(name: str, kind: str, replication: int = 0, shows_ready: bool = True) -> SimulatedLog:
    return simulated_log(hall(name), kind, replication=replication, shows_ready=shows_ready)  # type: ignore[arg-type]


@cache
def discovered(name: str, kind: str, replication: int = 0, shows_ready: bool = True) -> Discovery:
    """Return what discovery makes of :func:`log_of`, once for all the tests that only look at it."""
    return discover(log_of(name, kind, replication, shows_ready))


def handmade(rows: list[dict[str, object]], kind: str = "activities") -> SimulatedLog:
    """Make a log of rows such as ``{"case": 1, "activity": "a", "start": "2014-03-03 09:00", "end": …}``."""
    frame = pd.DataFrame(rows)
    for name in ("ready", "start", "end"):
        moments = frame[name] if name in frame else pd.Series([None] * len(frame))
        frame[name] = pd.to_datetime(moments).astype("datetime64[ns]")
    for name, default in (("resource", ""), ("outcome", "done"), ("date_only", False)):
        if name not in frame:
            frame[name] = default
    frame["resource"] = frame["resource"].fillna("")
    frame["outcome"] = np.where(frame["end"].isna(), "open", frame["outcome"])
    frame["row"] = np.arange(len(frame))
    return SimulatedLog(frame, kind)
