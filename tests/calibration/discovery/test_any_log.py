"""Whatever a log holds, discovery makes a scenario of it that composes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.discovery.accuracy.rebuilt import rebuilt_decomposition
from calibration.discovery.discover import discover
from calibration.discovery.findings.cautions import find_cautions
from calibration.discovery.findings.finding import findings_frame
from calibration.discovery.scenario.table import scenario_text
from calibration.eventlog.simulated import SimulatedLog
from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text

ORIGIN = pd.Timestamp("2014-03-03")


@st.composite
def logs(draw):
    kind = draw(st.sampled_from(("tickets", "ledger", "events", "activities")))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, 400))
    span_s = draw(st.sampled_from((60, 86_400, 40 * 86_400, 900 * 86_400)))
    unit_s = draw(st.sampled_from((1, 60, 86_400)))
    begin = rng.integers(0, span_s, n)
    wait, work = (rng.integers(0, draw(st.sampled_from((1, 600, 20_000, 10 * 86_400))), n) for _ in range(2))
    moments = {"ready": begin, "start": begin + wait, "end": begin + wait + work}
    frame = pd.DataFrame(
        {name: ORIGIN + pd.to_timedelta(values // unit_s * unit_s, unit="s") for name, values in moments.items()}
    ).astype("datetime64[ns]")
    for name, missing in (("ready", (0, 0.5, 1)), ("start", (0, 0.3, 1)), ("end", (0, 0.2, 0.9))):
        gone = rng.random(n) < draw(st.sampled_from(missing))
        frame.loc[gone, name] = pd.NaT
    frame = frame[frame.notna().any(axis=1)]
    n = len(frame)
    names = draw(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique=True))
    frame["case"] = rng.integers(0, max(n // draw(st.sampled_from((1, 3, 30))), 1), n)
    frame["activity"] = rng.choice(np.array(names, dtype=object), n)
    frame["resource"] = rng.choice(np.array(["", "a", "b", "c"][: draw(st.integers(1, 4))], dtype=object), n)
    frame["outcome"] = np.where(rng.random(n) < draw(st.sampled_from((0, 0.3, 1))), "left", "done")
    frame["date_only"] = unit_s == 86_400
    frame["row"] = np.arange(n)
    if draw(st.booleans()):
        frame["attr_service"] = rng.choice(np.array(names, dtype=object), n)
    return SimulatedLog(frame, kind)


def discovers(log, *, rebuilds=False):
    if not len(log.events):
        with pytest.raises(HallplanError, match="no rows"):
            discover(log)
        return
    found = discover(log)
    assert compose_text(scenario_text(found), name="any.toml").scenario.services
    rebuilt = rebuilt_decomposition(found) if rebuilds else None
    assert rebuilt is None or rebuilt.elapsed >= 0 or not rebuilt.n
    for language in ("en", "zh"):
        assert all(caution.words(language) for caution in find_cautions(found, rebuilt=rebuilt))
        assert len(findings_frame(found.findings, language)) == len(found.findings)


ANY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


@pytest.mark.slow
@given(logs())
@settings(max_examples=20, **ANY)
def test_discovery_ends_in_a_scenario_unless_there_is_nothing_to_discover(log):
    discovers(log)


@pytest.mark.slow
@given(logs())
@settings(max_examples=200, **ANY)
def test_discovery_of_two_hundred_logs_ends_in_a_scenario(log):
    discovers(log, rebuilds=True)
