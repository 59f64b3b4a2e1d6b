"""What tables mark, and what their notes count."""

from types import SimpleNamespace

import pandas as pd

from calibration.posterior.artefact import load_posterior
from foundation import messages
from hallplan.show.log import _accuracy_tables
from hallplan.show.posterior import posterior_tables

FIGURES = ("arrivals_per_day", "wait_mean_min")


def test_a_figure_outside_its_prediction_is_an_alarm_and_one_inside_is_not():
    row = {"earlier": 1.0, "log": 2.0, "simulated": 2.0, "low": 1.0, "high": 3.0}
    forecasts = pd.DataFrame([row | {"inside": True}, row | {"inside": False}], index=list(FIGURES))
    window = {"begin": "", "end": "", "cases": 1, "logs": 1}
    accuracy = SimpleNamespace(distances=pd.DataFrame(), forecasts=forecasts, **window)
    with messages.using("en"):
        *_, table = _accuracy_tables(accuracy)
        outside = messages.text("discovery.word.outside")
    assert table.alarms == {outside}
    assert [row[-1] == outside for row in table.rows] == [False, True]


def test_contractions_that_could_be_below_a_tenth_are_counted_by_their_lower_ends():
    manifest = load_posterior().manifest
    calibrated = [entry for entry in manifest["parameters"] if entry["word"] == "calibrated"]
    with messages.using("en"):
        notes = " ".join(note for table in posterior_tables(manifest) for note in table.notes)
    # Nine lie between 0.15 and 0.22, and the error is about 0.15.
    assert len(calibrated) == 15
    assert "of 9 of the 15 calibrated parameters" in notes
