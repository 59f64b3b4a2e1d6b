"""What a scenario from a log cannot be believed in is listed, the worst first."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from discovery_halls import discovered, handmade

from calibration.discovery.accuracy.accuracy import Accuracy
from calibration.discovery.discover import discover
from calibration.discovery.findings.cautions import Caution, caution_sentence, find_cautions
from calibration.discovery.timing.decomposition import TimeDecomposition
from foundation import messages


def trial(**cycle: float) -> Accuracy:
    """Return an accuracy of which only the forecast of the mean cycle time matters."""
    row = {"log": 100.0, "earlier": 100.0, "simulated": 100.0, "low": 80.0, "high": 120.0, **cycle}
    forecasts = pd.DataFrame([row], index=pd.Index(["cycle_mean_h"], name="figure"))
    forecasts["inside"] = (forecasts["log"] >= forecasts["low"]) & (forecasts["log"] <= forecasts["high"])
    day = pd.Timestamp("2014-03-03").date()
    return Accuracy(day, day, 1, 1, pd.DataFrame(), forecasts, pd.DataFrame())


def elapsed(hours: float) -> TimeDecomposition:
    return TimeDecomposition(hours, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, hours, 100)


def keys(cautions: list[Caution]) -> list[str]:
    return [caution.key for caution in cautions]


def test_a_log_without_gaps_that_was_forecast_has_no_caution() -> None:
    assert keys(list(find_cautions(discovered("office", "activities"), trial()))) == []


def test_missed_forecast_comes_before_what_the_log_lacks() -> None:
    found = discovered("office", "events")
    cautions = list(find_cautions(found, trial(log=130.0)))
    assert keys(cautions)[:2] == ["forecast", "changed"]
    assert "starts" in keys(cautions)
    assert "130 in the log, 100 in the forecast, 95% 80 – 120" in cautions[0].words()


def test_forecast_inside_its_interval_of_a_changed_log_is_named_as_change_only() -> None:
    cautions = list(find_cautions(discovered("office", "activities"), trial(earlier=140.0)))
    assert keys(cautions) == ["changed"]
    assert "100 after 140" in cautions[0].words()


def test_rebuilt_hall_that_takes_a_third_less_is_named() -> None:
    found = replace(discovered("office", "activities"), decomposition=elapsed(150.0))
    assert keys(list(find_cautions(found, trial(), elapsed(100.0)))) == ["rebuilt"]
    assert keys(list(find_cautions(found, trial(), elapsed(140.0)))) == []


def test_log_without_work_is_named() -> None:
    rows = [
        {"case": k, "activity": "Register", "resource": "a", "start": start, "end": start}
        for k, start in enumerate(pd.date_range("2014-03-03 09:00", periods=150, freq="h"))
    ]
    cautions = list(find_cautions(discover(handmade(rows)), trial()))
    assert cautions[0].key == "zero"
    assert cautions[0].values["share"] == pytest.approx(1.0)


def test_ledger_of_dates_says_so_first() -> None:
    assert keys(list(find_cautions(discovered("plain-ledger", "ledger"), None))) == ["dates", "untried"]


def test_sentence_joins_the_worst_three_and_counts_the_others() -> None:
    cautions = [Caution("few", {"cases": k}) for k in (1, 2, 3, 4, 5)]
    with messages.using("en"):
        sentence = caution_sentence(cautions)
    assert sentence == (
        "Believe this scenario with care: it rests on 1 cases; it rests on 2 cases; it rests on 3 cases; "
        "and 2 more (--all lists them)."
    )
    with messages.using("en"):
        assert caution_sentence(cautions, listed=True).endswith("; and 2 more, listed below.")
    with messages.using("zh"):
        assert caution_sentence(cautions[:1]) == "使用本大厅模型须谨慎：仅有1件。"
    assert caution_sentence([]) == ""
