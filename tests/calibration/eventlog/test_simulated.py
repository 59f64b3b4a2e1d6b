"""What a simulated hall writes down: rows of which the truth is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from frozen_lines import frame_lines

from calibration.eventlog.simulated import LogKind, _servers, simulated_log
from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text
from scenarios.model import Scenario

HALL = """
format = 1
name = "hall"
run.days = 5
calendar.country = "none"
pools.window.servers = 1
services.item.visits.apply.serve = { pool = "window", work = "20 min" }
arrivals.anna = { services = "item", at = ["2014-03-05 10:00"] }
"""

# Each row follows from the times that stand here.
BUSY = """
format = 1
name = "busy"
run = { start = 2014-03-03, days = 5, warm_up_days = 0, follow_up_days = 0, replications = 1 }
calendar = { country = "none", weekend = ["sat", "sun"], hours = ["09:00-12:00", "13:00-17:00"] }

[pools]
window = { servers = 2, preemptive = true }
section = { servers = 1 }
till = { servers = 1, at_break = "pause", at_close = "keep" }
seal = { servers = 1 }

[services.permit]
title = { en = "Permit", zh = "许可" }
[services.permit.visits.apply]
window = { title = { en = "Apply", zh = "申请" }, pool = "window", work = "10 min" }
hand-in = { start_case = true, mark = "accepted" }
[services.permit.visits.collect]
collect = { pool = "window", work = "5 min" }
[services.permit.case]
check = { pool = "section", work = "2 h" }
hearing = { delay = "1 working days", stops_clock = "hearing" }
sign = { pool = "section", work = "30 min", mark = "decided" }
deliver = { visit = "collect", after = "50 min", mark = "finished" }

[services.fee.visits.apply]
till = { title = { en = "Pay", zh = "缴费" }, pool = "till", work = "2 h" }

[services.seal.visits.apply]
seal = { pool = "seal", work = "20 min", absent = { share = 1.0, call = "1 min", away = "6 min" } }
[services.seal-at-once.visits.apply]
seal = { pool = "seal", work = "20 min", absent = { share = 1.0, call = "1 min" } }
[services.seal-left.visits.apply]
seal = { pool = "seal", work = "20 min", absent = { share = 1.0, call = "1 min", then = "leave" } }

[arrivals]
anna = { services = "permit", at = ["2014-03-03 09:00", "2014-03-05 16:00", "2014-03-06 16:00"] }
bo = { services = "permit", at = ["2014-03-03 09:01", "2014-03-03 09:02"], patience = "3 min" }
urgent = { services = "permit", at = ["2014-03-03 09:03"], priority = 0 }
cai = { services = "fee", at = ["2014-03-03 11:00", "2014-03-06 15:50", "2014-03-06 16:55"] }
dan = { services = "seal", at = ["2014-03-03 10:00"] }
eve = { services = "seal-left", at = ["2014-03-03 11:00"] }
fay = { services = "seal-at-once", at = ["2014-03-03 15:00"] }
"""


@cache
def busy() -> Scenario:
    return compose_text(BUSY, name="busy").scenario


def test_a_log_that_would_have_no_row_is_refused() -> None:
    scenario = compose_text(HALL, name="hall").scenario
    for kind in ("tickets", "activities", "events", "ledger"):
        assert len(simulated_log(scenario, kind).events) == 1
        with pytest.raises(HallplanError) as failure:
            simulated_log(scenario, kind, until_day=2)  # anna comes on the third day
        assert failure.value.key == "discovery.fault.nothing_simulated"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("tickets", {"until_day": 4}),
        ("activities", {"until_day": 4, "shows_stops": "recorded"}),
        ("activities", {"until_day": 4, "shows_ready": False, "shows_stops": "named", "shows_server": False}),
        ("events", {"until_day": 4, "shows_stops": "named"}),
        ("events", {"until_day": 4, "shows_stops": "recorded"}),
        ("ledger", {}),
        ("ledger", {"until_day": 2}),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value.values())),
)
def test_every_row_of_a_log_is_frozen(kind: LogKind, options: dict[str, object], snapshot: object) -> None:
    log = simulated_log(busy(), kind, **options)  # type: ignore[arg-type]
    assert log.kind == kind
    assert frame_lines(log.events) == snapshot


def test_a_stop_that_goes_on_when_the_run_ends_is_open() -> None:
    scenario = compose_text(BUSY.replace("days = 5", "days = 4"), name="busy").scenario
    events = simulated_log(scenario, "activities", shows_stops="recorded").events
    stops = events[events["stop"]]
    assert stops["end"].isna().tolist() == [False] * 4 + [True]
    assert stops["outcome"].tolist() == ["done"] * 4 + ["open"]


def test_columns_have_the_types_of_a_log_that_was_read() -> None:
    for kind, stops in (("tickets", ""), ("activities", ""), ("events", "recorded"), ("activities", "named")):
        events = simulated_log(busy(), kind, shows_stops=stops).events  # type: ignore[arg-type]
        kinds = {name: str(dtype) for name, dtype in events.dtypes.items()}
        assert {kinds[name] for name in ("ready", "start", "end")} == {"datetime64[ns]"}, (kind, stops)
        assert ("hearing" in set(events["activity"])) == bool(stops)
        assert {kinds[name] for name in ("activity", "resource", "outcome", "attr_service")} == {"category"}


def test_a_hall_without_cases_has_a_ledger_of_its_visits() -> None:
    scenario = compose_text(HALL.replace("10:00", "23:30"), name="hall").scenario
    (row,) = simulated_log(scenario, "ledger").events.itertuples()
    assert (str(row.start)[:10], row.activity, row.resource, row.date_only) == ("2014-03-05", "case", "", True)


def test_other_replications_and_seeds_write_other_logs() -> None:
    random = HALL.replace('work = "20 min"', 'work = { dist = "expon", mean = "20 min" }')
    scenario = compose_text(random, name="hall").scenario
    ends = [
        simulated_log(scenario, seed=seed, replication=replication).events["end"][0]
        for seed, replication in ((None, 0), (scenario.run.seed, 0), (scenario.run.seed, 1), (77, 0))
    ]
    assert ends[0] == ends[1]
    assert len(set(ends)) == 3


def test_work_goes_to_the_free_server_with_the_lowest_number() -> None:
    """By hand: the server of a row that ends when another begins is free; what is not served takes nobody."""
    rows = [(0, 0, 10), (0, 2, 4), (0, 3, 9), (0, 4, 5), (0, 5, 30), (0, 9, 20), (0, 9, 12), (0, 10, 11), (1, 0, 5)]
    pool, start, end = (np.array(column) for column in zip(*rows, strict=True))
    served = np.ones(len(rows), dtype=np.bool_)
    assert _servers(pool, start, end, served=served).tolist() == [0, 1, 2, 1, 1, 3, 2, 0, 0]
    served[1] = False
    assert _servers(pool, start, end, served=served).tolist() == [0, 0, 1, 2, 2, 3, 1, 0, 0]
