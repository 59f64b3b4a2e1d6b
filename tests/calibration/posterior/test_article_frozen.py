"""All stages of a calibration of two tiny halls, whose outcomes are a formula: every result is frozen."""

import json
import threading

import numpy as np
import pandas as pd
import pytest
from frozen_lines import frame_lines, lines
from small_calibration import SETTINGS, TARGETS, small_calibration, small_halls, small_text

from calibration.posterior import measurement, outside, publish
from calibration.posterior.artefact import Posterior, load_posterior, numbers_digest
from calibration.posterior.article import Settings
from calibration.posterior.design import AFTER, BEFORE
from calibration.posterior.measurement import Measurable, best_measurement, measurement_rows
from calibration.posterior.outside import busiest_and_idlest, outside_rows
from calibration.posterior.publish import manifest_of
from calibration.posterior.report import FORECASTS, contraction_half_width
from calibration.posterior.table import evidence_table, matters_most, range_text
from calibration.posterior.targets import observed_targets
from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text
from scenarios.model.laws import mean_of
from sim.measure.registry import DENOMINATOR
from sim.run.replications import CancellationError

DIGITS = 4
TITLE = {"en": "A record", "zh": "记录"}
MEASURABLES = {
    "waits": Measurable(title=TITLE, outcomes=("wait_mean_min", "open_cases_end")),
    "minutes": Measurable(title=TITLE, parameters=("services.quick.visits.apply.window.work",), cv=0.1),
    "shares": Measurable(title=TITLE, outcomes=("left_share",)),
}


@pytest.fixture(scope="module")
def reported():
    return []


@pytest.fixture(scope="module")
def calibration(reported):
    return small_calibration(progress=lambda *progress: reported.append(progress))


@pytest.fixture(scope="module")
def manifest(calibration):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurement, "measurables", lambda: MEASURABLES)
        patch.setattr(publish, "version", lambda _: "1.2.3")
        rates = np.arange(1.0, 17.0).reshape(8, 2)
        patch.setattr(outside, "_windows", lambda _: (rates, rates * 10))
        return manifest_of(calibration)


def test_the_settings_scenarios_and_diagnostics_are_frozen(manifest, calibration, snapshot):
    names = ("format", "name", "hallplan", "seed", "settings", "diagnostics", "period")
    assert lines({name: manifest[name] for name in names}, DIGITS) == snapshot
    for name in (BEFORE, AFTER):
        assert manifest["scenarios"][name] == numbers_digest(calibration.table.scenarios[name])
    assert list(manifest["scenarios"]) == [BEFORE, AFTER]


@pytest.mark.parametrize("part", ["parameters", "targets", "forecasts", "sensitivity", "measurements", "outside"])
def test_a_part_of_the_manifest_is_frozen(part, manifest, snapshot):
    rows = [{key: value for key, value in row.items() if key not in ("title", "why")} for row in manifest[part]]
    assert lines({part: rows}, DIGITS) == snapshot


def test_titles_and_reasons_of_targets_are_those_of_the_file(manifest):
    targets = {observed.key: observed.target for observed in observed_targets()}
    for row in manifest["targets"]:
        target = targets[row["target"]]
        assert row["title"] == {"en": target.title.en, "zh": target.title.zh}
        assert row["why"] == {"en": target.why.en, "zh": target.why.zh}
    assert all(row["title"] == TITLE for row in manifest["measurements"])


def test_a_target_that_is_not_fitted_comes_last(calibration):
    assert [observed.key for observed in calibration.targets] == list(TARGETS)


def test_progress_counts_every_point_of_every_stage(calibration, reported):
    """64 + 16 + 80 candidates + 64 of them again + 16 draws; four points at a time, each stage after the other."""
    assert reported[-1] == ("verify", 240, 240)
    assert {total for _, _, total in reported} == {240}
    assert [done for _, done, _ in reported] == [*range(4, 241, 4)]
    stages = [stage for stage, _, _ in reported]
    assert [(stage, stages.count(stage)) for stage in dict.fromkeys(stages)] == [
        ("design", 16), ("refine", 4), ("weigh", 36), ("verify", 4),
    ]  # fmt: skip


def test_a_calibration_can_be_stopped():
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancellationError) as stopped:
        small_calibration(cancel=cancel)
    assert stopped.value.values["done"] == 4
    assert stopped.value.values["replications"] == SETTINGS.design


def test_the_shapes_of_a_calibration_are_those_of_its_settings(calibration):
    assert calibration.points.shape == (80, 6)
    assert calibration.outcomes.shape == (80, len(small_halls().columns))
    assert calibration.first.retained.shape == (64,)
    assert calibration.candidates.shape == (80, calibration.space.dimensions)
    assert calibration.vectors.shape == (16, 6)
    assert calibration.verified.shape == (16, 2, len(small_halls().columns))
    assert calibration.weights.sum() == pytest.approx(1)
    assert ((calibration.periods > 115) & (calibration.periods < 160)).all()
    low, high = calibration.table.from_unit(np.full(6, 1e-9)), calibration.table.from_unit(np.full(6, 1 - 1e-9))
    assert ((calibration.vectors >= low) & (calibration.vectors <= high)).all()


def test_defaults_are_those_of_the_published_posterior():
    assert Settings() == Settings(1, 512, 256, 2048, 320, 256, 2, None)
    assert load_posterior().manifest["settings"] == {
        "design": 512, "refine": 256, "particles": 2048, "candidates": 320, "draws": 256, "each": 2, "days": None,
    }  # fmt: skip


# ---- on file ----


def test_what_is_written_is_read_and_frozen(calibration, manifest, tmp_path, snapshot):
    paths = publish.publish(calibration, manifest, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["draws.parquet", "outcomes.parquet", "points.parquet", "manifest.json"]
    posterior = load_posterior(tmp_path / "new" / "folder")
    assert {key: value for key, value in posterior.manifest.items() if key != "files"} == json.loads(
        json.dumps(manifest)
    )
    assert paths[-1].read_text(encoding="utf-8").endswith("\n}\n")
    assert frame_lines(posterior.draws, DIGITS) == snapshot
    assert len(posterior) == 16
    outcomes, points = posterior.outcomes, posterior.points
    assert outcomes[["draw", "simulation"]].to_numpy().tolist() == [[d, s] for d in range(16) for s in range(2)]
    np.testing.assert_array_equal(
        outcomes.to_numpy()[:, 2:].reshape(16, 2, -1), calibration.verified.astype(np.float64)
    )
    assert points["wave"].tolist() == [1] * 64 + [2] * 16
    assert points["kept"].tolist() == [*calibration.first.retained.tolist(), *[True] * 16]
    np.testing.assert_array_equal(points[list(calibration.table.keys)].to_numpy(), calibration.points)
    np.testing.assert_array_equal(points[list(calibration.halls.columns)].to_numpy(), calibration.outcomes)


def test_a_folder_that_cannot_be_written_is_one_sentence(calibration, manifest, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(HallplanError) as refused:
        publish.publish(calibration, manifest, tmp_path / "file" / "folder")
    assert refused.value.key == "posterior.error.not_written"
    assert refused.value.values["why"] == "Not a directory"


def posterior_of(manifest, calibration, folder):
    draws = pd.DataFrame(calibration.vectors, columns=list(calibration.table.keys))
    return Posterior(manifest, draws, folder)


def test_a_draw_moves_a_scenario_of_ones_own_by_factors(manifest, calibration, tmp_path):
    posterior = posterior_of(manifest, calibration, tmp_path)
    draws = posterior.draws
    own = compose_text(small_text("own", minutes=10), name="own")
    minutes = draws["services.permit.visits.apply.window.work"][3]
    quick, patience = draws["services.quick.visits.apply.window.work"][3], draws["arrivals.people.patience"][3]
    people, windows = draws["arrivals.people.per_day"][3], draws["pools.window-*.servers"][3]
    overrides = posterior.overrides(own, 3)
    assert overrides == posterior.overrides(own, 19)
    assert list(posterior.moves(own)) == [
        "pools.window-*.servers",
        "services.permit.visits.apply.window.work",
        "services.quick.visits.apply.window.work",
        "arrivals.people.per_day",
        "arrivals.people.patience",
    ]
    assert overrides["pools.window-a.servers"] == max(1, round(2 * windows))
    assert overrides["pools.window-b.servers"] == max(1, round(3 * windows))
    assert overrides["arrivals.people.per_day"] == pytest.approx(people)
    moved = posterior.applied(own, 3).scenario
    steps = moved.services["permit"].visits["apply"], moved.services["quick"].visits["apply"]
    assert mean_of(steps[0]["window"].work) / 60_000 == pytest.approx(10 * minutes / 8, rel=1e-5)
    assert mean_of(steps[1]["window"].work) / 60_000 == pytest.approx(quick, rel=1e-5)
    assert mean_of(moved.arrivals["people"].patience) / 60_000 == pytest.approx(patience, rel=1e-5)


def test_what_its_user_has_set_and_what_others_state_stays(manifest, calibration, tmp_path):
    posterior = posterior_of(manifest, calibration, tmp_path)
    text = small_text("own").replace('["20 min", "60 min"]', '["20 min", "61 min"]')
    own = compose_text(text, name="own", overrides={"pools.window-a.servers": 2})
    assert "arrivals.people.patience" not in posterior.moves(own)
    assert "pools.window-a.servers" not in posterior.overrides(own, 0)
    assert "pools.window-b.servers" in posterior.overrides(own, 0)
    own = compose_text(text, name="own", overrides={"pools.window-a.servers": 2, "pools.window-b.servers": 2})
    assert "pools.window-*.servers" not in posterior.moves(own)


def test_a_digest_is_of_numbers_and_not_of_words():
    digest = numbers_digest(compose_text(small_text("own"), name="own"))
    assert digest == numbers_digest(compose_text(small_text("own").replace("Not published.", "Why not?"), name="own"))
    assert digest != numbers_digest(compose_text(small_text("own", minutes=8.5), name="own"))
    assert len(digest) == 64


def test_what_prices_the_time_of_visitors_makes_no_calibration_old():
    priced = f"""{small_text("own")}
"sites.*.travel" = {{ kind = "assumed", range = ["10 min", "90 min"], why = "Not published." }}
[sites.hall]
travel = "30 min"
[visitors]
value_of_hour = 20
"""
    plain = f"{small_text('own')}\n[sites.hall]\n"
    digest = numbers_digest(compose_text(plain, name="own"))
    assert digest == numbers_digest(compose_text(priced, name="own"))
    doors = priced.replace("travel =", "doors_open =")
    assert digest != numbers_digest(compose_text(doors, name="own"))


# ---- what is said of it ----


def test_the_table_of_evidence_says_what_a_posterior_says(manifest, calibration, tmp_path, snapshot):
    table = evidence_table(posterior_of(manifest, calibration, tmp_path), "en")
    assert frame_lines(table[table["contraction"].notna()], DIGITS) == snapshot
    assert frame_lines(table[table["contraction"].isna()].iloc[::6, :5], DIGITS) == snapshot


def test_a_range_has_three_digits_and_is_one_number_if_its_ends_look_alike():
    for low, high, text in (
        (999.4, 1000.0, "999 – 1,000"),
        (-1000.2, 0.12345, "-1,000 – 0.123"),
        (1.0001, 1.0002, "1"),
        (1, 2, "1 – 2"),
    ):
        assert range_text({"low": low, "high": high}) == text


def test_a_parameter_matters_most_where_its_total_is_largest():
    rows = [
        {"parameter": "a", "forecast": "x", "total": 0.2},
        {"parameter": "a", "forecast": "y", "total": 0.5},
        {"parameter": "b", "forecast": "z", "total": 0.9},
    ]
    assert matters_most({"sensitivity": rows}, "a") == ("y", 0.5)
    assert matters_most({"sensitivity": rows}, "c") == ("", 0.0)


def test_the_best_measurement_is_the_one_that_narrows_most(calibration, monkeypatch):
    monkeypatch.setattr(measurement, "measurables", lambda: MEASURABLES)
    rows = measurement_rows(calibration)
    assert len(rows) == 3 * sum(name.startswith(AFTER) for name in FORECASTS)
    for name in dict.fromkeys(row["forecast"] for row in rows):
        own = [row for row in rows if row["forecast"] == name]
        assert [row["narrowing"] for row in own] == sorted((row["narrowing"] for row in own), reverse=True)
        assert best_measurement(rows, name) == own[0]


def test_half_the_width_of_a_contraction_is_worked_by_hand():
    """An effective number of 50: 1.96 x 0.8 / 10."""
    manifest = {"diagnostics": {"effective_share": 0.25}, "settings": {"candidates": 200}}
    assert contraction_half_width(manifest, 0.2) == pytest.approx(1.959964 * 0.8 / 10)


# ---- other halls ----


def test_the_busiest_and_the_idlest_window_are_told_by_calls_a_day():
    """Ten days: 2 windows have 60 calls, 3 have 60, a merged pair of one window each has 10; a desk counts not."""
    pools = """
window-c = { servers = 1, role = "window", merge_into = "window-d" }
window-d = { servers = 1, role = "window" }
window-e = { servers = 0, role = "window", merge_into = "window-d" }
"""
    scenario = compose_text(
        small_text("own").replace("\n[services.permit", f"{pools}\n[services.permit", 1), name="own"
    )
    calls = {"window-a": 60, "window-b": 60, "window-d": 10, "desk": 1_000}
    summary = {f"pool_wait_mean_min.{name}{DENOMINATOR}": float(number) for name, number in calls.items()}
    assert busiest_and_idlest(scenario.scenario, summary) == (3.0, 0.5)


def test_windows_apart_and_pooled_are_simulated_for_eight_draws(calibration, snapshot):
    separate, pooled = outside._windows(calibration)
    assert separate.shape == pooled.shape == (8, 2)
    assert (separate[:, 0] > separate[:, 1]).all()
    assert (pooled[:, 0] == pooled[:, 1]).all()
    assert lines({"separate": separate.tolist(), "pooled": pooled.tolist()}) == snapshot


def test_figures_of_other_halls_stand_beside_ours(calibration, monkeypatch):
    rates = np.arange(1.0, 17.0).reshape(8, 2)
    monkeypatch.setattr(outside, "_windows", lambda _: (rates, 2 * rates))
    rows = {row["check"]: row for row in outside_rows(calibration)}
    assert rows["busiest-window"]["ours"] == {"median": 8.0, "low": pytest.approx(1.7), "high": pytest.approx(14.3)}
    assert rows["idlest-window"]["ours"]["median"] == 9.0
    assert rows["pooled-window"]["ours"]["median"] == 16.0
    column = calibration.halls.columns.index(f"{AFTER}: items_finished_per_month")
    assert rows["items-a-day"]["ours"]["median"] == pytest.approx(np.median(calibration.verified[..., column]) / 21)
