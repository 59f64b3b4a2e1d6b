"""Work that is broken off: logs show its stretches, and files laid down at night are no visits."""

import pandas as pd
import pytest
from discovery_halls import discovered, handmade, log_of

from calibration.discovery.control_flow.routing import services_over_days
from calibration.discovery.log.reading import read_traces


def test_a_log_of_activities_shows_every_stretch_of_work_that_is_broken_off():
    events = log_of("preemption", "activities").events
    stretches = events.groupby("case", observed=True).size()
    assert stretches.max() > 1  # the route has one step
    again = events.sort_values(["case", "start"])
    follows = again["case"] == again["case"].shift()
    assert (again["ready"] == again["end"].shift())[follows].all()
    work = (events["end"] - events["start"]).dt.total_seconds() / 60
    assert work[events["attr_service"] == "plain"].groupby(events["case"]).sum().median() > 40


def test_no_server_has_two_stretches_in_hand_at_once():
    events = log_of("preemption", "activities").events.dropna(subset=["end"]).sort_values("start")
    assert events["resource"].nunique() == 2
    for _, of_server in events.groupby("resource", observed=True):
        assert (of_server["start"].iloc[1:].to_numpy() >= of_server["end"].iloc[:-1].to_numpy()).all()


def test_a_file_that_is_laid_down_at_night_is_no_visit():
    rows = []
    for case in range(40):
        start = pd.Timestamp("2014-03-03 16:30") + pd.Timedelta(days=case)
        end = start + (pd.Timedelta(hours=17) if case % 10 == 0 else pd.Timedelta(minutes=20))
        rows.append({"case": case, "activity": "review", "ready": start, "start": start, "end": end})
    assert services_over_days(read_traces(handmade(rows))) == {0: True}


@pytest.mark.slow
def test_a_preemptive_section_keeps_its_servers_and_pauses():
    (pool,) = discovered("preemption", "activities").pools
    assert (pool.servers, pool.pauses) == (2, True)
    assert all(discovered("preemption", "activities").routing.multi_day.values())
