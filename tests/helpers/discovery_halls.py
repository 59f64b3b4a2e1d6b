"""Small halls whose logs are written, forgotten and discovered again."""

from functools import cache

import numpy as np
import pandas as pd

from calibration.discovery.discover import discover
from calibration.discovery.result import Discovery
from calibration.eventlog.simulated import SimulatedLog, simulated_log
from scenarios.compose.composing import compose, compose_text
from scenarios.model import Scenario

TANDEM = """
format = 1
name = "two-desks"
run = { start = 2014-03-03, days = 60, replications = 5, seed = 11 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.desk = { servers = 1 }
pools.window = { servers = 3 }
people.citizen = {}
[services.licence.visits.apply]
desk = { title = "Desk", pool = "desk", work = { dist = "expon", mean = "2.5 min" } }
window = { title = "Window", pool = "window", work = { dist = "gamma", mean = "9 min", cv = 0.6 } }
again = { next = { desk = 0.2, end = 0.8 } }
[services.question.visits.apply]
window = { title = "Window", pool = "window", work = { dist = "gamma", mean = "4 min", cv = 0.6 } }
[arrivals.all]
services = { licence = 3, question = 1 }
per_day = 100
profile = { "09:00" = 3, "12:00" = 0, "13:00" = 2, "15:00" = 1 }
"""

OFFICE = """
format = 1
name = "office"
run = { start = 2014-03-03, warm_up_days = 10, days = 120, follow_up_days = 20, seed = 5 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 1 }
pools.section = { servers = 2, at_break = "pause" }
timetables.courier = { times = ["10:00", "16:00"], transfer = true }
[services.permit]
kind = "committed"
visits.apply = { window = { title = "Window", pool = "window", work = "5 min" }, file = { start_case = true } }
[services.permit.case]
accepted = { mark = "accepted" }
courier = { until = "courier" }
review = { title = "Review", pool = "section", work = { dist = "lognorm", mean = "90 min", cv = 0.5 } }
outside = { delay = { values = ["2 working days", "5 working days"], shares = [0.5, 0.5] } }
seal = { title = "Seal", pool = "section", work = { dist = "expon", mean = "20 min" }, mark = "decided" }
finished = { mark = "finished" }
[arrivals.applicants]
services = "permit"
per_day = 6
"""

PLAIN_LEDGER = """
format = 1
name = "plain-ledger"
run = { start = 2014-03-03, warm_up_days = 10, days = 150, follow_up_days = 30, seed = 3 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
[services.quick]
kind = "committed"
visits.apply = { file = { start_case = true } }
[services.quick.case]
accepted = { mark = "accepted" }
work = { delay = { values = ["2 working days", "4 working days", "9 working days"], shares = [0.5, 0.3, 0.2] } }
finished = { mark = "finished" }
[services.slow]
kind = "committed"
visits.apply = { file = { start_case = true } }
[services.slow.case]
accepted = { mark = "accepted" }
work = { delay = { values = ["10 working days", "20 working days"], shares = [0.5, 0.5] } }
finished = { mark = "finished" }
[arrivals.all]
services = { quick = 2, slow = 1 }
channel = "online"
per_day = 9
"""

LABORATORY = """
format = 1
name = "laboratory"
run = { start = 2014-03-03, warm_up_days = 0, days = 160, follow_up_days = 0, seed = 5 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.section = { servers = 3, at_break = "pause" }
[services.permit]
kind = "committed"
visits.apply = { file = { start_case = true } }
[services.permit.case]
accepted = { mark = "accepted" }
review = { title = "Review", pool = "section", work = { dist = "lognorm", mean = "60 min", cv = 0.5 } }
[services.permit.case.away]
title = "Sample away"
delay = { values = ["3 working days", "8 working days"], shares = [0.5, 0.5] }
share = 0.3
stops_clock = "testing"
[services.permit.case.outside]
delay = { values = ["2 working days", "4 working days"], shares = [0.5, 0.5] }
[services.permit.case.seal]
title = "Seal"
pool = "section"
work = { dist = "expon", mean = "20 min" }
mark = "decided"
[services.permit.case.finished]
mark = "finished"
[arrivals.applicants]
services = "permit"
channel = "online"
per_day = 6
"""


@cache
def hall(name: str) -> Scenario:
    texts = {"two-desks": TANDEM, "office": OFFICE, "plain-ledger": PLAIN_LEDGER}
    texts |= {"laboratory": LABORATORY}
    return compose_text(texts[name], name=name).scenario if name in texts else compose(name)


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
