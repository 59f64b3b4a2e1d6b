"""The posterior in the package: it is whole, it is of these scenarios, and what it says comes out again."""

import json
import shutil

import numpy as np
import pytest
from cases import for_each

from calibration.posterior.artefact import FILES, SHIPPED, load_posterior
from calibration.posterior.design import AFTER, BEFORE, OUTCOMES, Halls, patched, sobol_points
from calibration.posterior.measurement import measurables
from calibration.posterior.report import FORECASTS, LEARNT, contraction_half_width
from calibration.posterior.table import COLUMNS, evidence_table
from calibration.posterior.targets import PERIOD, observed_targets, period_span
from foundation.errors import HallplanError
from scenarios.compose.composing import compose_text, composed


@pytest.fixture(scope="module")
def posterior():
    return load_posterior()


@pytest.fixture(scope="module")
def halls():
    return Halls.of()


# ---- points ----


@pytest.mark.slow
def test_a_patched_table_is_the_scenario_that_composing_gives(halls):
    for vector in sobol_points(halls.table, 4, seed=9):
        for name, one in halls.table.scenarios.items():
            overrides = halls.table.overrides(name, vector)
            assert patched(one.raw, overrides) == one.with_values(overrides).scenario
    assert halls.table.scenarios[AFTER].raw == composed(AFTER).raw, "patching leaves the table as it was"


def test_a_design_is_spread_evenly_over_the_priors(halls):
    points = sobol_points(halls.table, 128, seed=2)
    for column, one in enumerate(halls.table.parameters):
        share = one.prior.cdf(points[:, column])
        assert np.abs(np.sort(share) - (np.arange(128) + 0.5) / 128).max() < 0.02
    np.testing.assert_array_equal(points, sobol_points(halls.table, 128, seed=2))
    assert not np.array_equal(points, sobol_points(halls.table, 128, seed=3))


# ---- the artefact ----


def test_it_is_of_the_scenarios_as_they_are(posterior, halls):
    assert posterior.is_current(), (
        "make it anew: hallplan calibrate article --out calibration/posterior/data/article --force"
    )
    assert [one["parameter"] for one in posterior.parameters] == list(halls.table.keys)
    assert list(posterior.draws.columns) == [*halls.table.keys, PERIOD]
    assert posterior.manifest["settings"]["days"] is None


def test_its_draws_lie_in_their_priors(posterior, halls):
    for column, one in enumerate(halls.table.parameters):
        values = posterior.draws.iloc[:, column].to_numpy()
        assert np.isfinite(one.prior.log_density(values)).all(), one.key
    low, high = period_span()
    assert posterior.draws[PERIOD].between(low, high).all()


@pytest.mark.slow
def test_a_draw_simulated_again_shows_what_it_showed(posterior, halls):
    """Outcomes of the first draw; the artefact is older than the order in which the measures take their sums."""
    number = 1_000_000
    vector = posterior.draws.iloc[0, :-1].to_numpy()
    shown = halls.outcomes(vector, seed=posterior.manifest["seed"], replications=[number, number + 1])
    kept = posterior.outcomes[posterior.outcomes["draw"] == 0]
    np.testing.assert_allclose(shown, kept[list(halls.columns)].to_numpy(), rtol=1e-13, atol=0)


def test_the_draws_agree_with_the_article(posterior):
    """Every fitted figure lies in the middle 90% of what they show, chance and discrepancy included."""
    rows = {row["target"]: row for row in posterior.manifest["targets"]}
    for observed in observed_targets():
        if observed.target.fitted:
            shown = rows[observed.key]["posterior"]
            assert shown["p"] > 0.1, observed.key
            if not observed.target.at_most:
                assert shown["low"] <= observed.high, observed.key
                assert shown["high"] >= observed.low, observed.key


def test_contraction_and_word_follow_from_prior_and_posterior(posterior):
    for one in posterior.parameters:
        contraction = 1 - one["posterior"]["sd"] / one["prior"]["sd"]
        assert one["contraction"] == pytest.approx(contraction, abs=1e-4)
        could_be_chance = contraction_half_width(posterior.manifest, one["contraction"])
        assert (one["word"] == "calibrated") == (one["contraction"] >= max(LEARNT, could_be_chance))
        assert one["word"] in ("calibrated", one["kind"])
        if not one["moved"]:
            assert one["posterior"] == one["prior"]


def test_the_draws_have_the_posteriors_that_are_reported(posterior):
    """As near as the effective number of candidates lets them be, of which the draws are a sample."""
    number = posterior.manifest["diagnostics"]["effective_share"] * posterior.manifest["settings"]["candidates"]
    for one in posterior.parameters:
        values, reported = posterior.draws[one["parameter"]], one["posterior"]
        assert abs(values.mean() - reported["mean"]) < 5 * reported["sd"] / np.sqrt(number), one["parameter"]


def test_what_a_wait_depends_on_is_not_learnt_from_an_article_without_waits(posterior):
    words = {one["parameter"]: one["word"] for one in posterior.parameters}
    for key in ("services.*.visits.*.window.work", "arrivals.*.patience", "pools.service-desk.servers"):
        assert words[key] == "assumed"
    assert words["honghuagang-2014: arrivals.enquiries.per_day"] == "calibrated"
    wait = next(one for one in posterior.manifest["forecasts"] if one["forecast"] == f"{AFTER}: wait_mean_min")
    assert wait["assumed"] > 0.5


def test_every_target_and_forecast_is_reported(posterior):
    manifest = posterior.manifest
    assert {one["target"] for one in manifest["targets"]} == {one.key for one in observed_targets()}
    assert {one["forecast"] for one in manifest["forecasts"]} == set(FORECASTS)
    for one in manifest["targets"]:
        assert 0 <= one["left_out"]["p"] <= 1
    for one in manifest["forecasts"]:
        assert one["chance"] + one["calibrated"] + one["assumed"] == pytest.approx(1, abs=1e-4)
    assert {one["measurement"] for one in manifest["measurements"]} == set(measurables())
    assert {one["check"] for one in manifest["outside"]} >= {"busiest-window", "committed-days", "items-a-day"}


def test_what_is_recorded_are_metrics_and_parameters_that_there_are(halls):
    for one in measurables().values():
        assert set(one.outcomes) <= set(OUTCOMES)
        assert set(one.parameters) <= set(halls.table.keys)
    assert {name.partition(": ")[2] for name in FORECASTS} <= set(OUTCOMES)


# ---- laid over scenarios ----


@pytest.mark.slow
def test_a_draw_moves_the_scenarios_as_the_calibration_did(posterior, halls):
    for name in (BEFORE, AFTER):
        vector = posterior.draws.iloc[5, :-1].to_numpy()
        assert posterior.overrides(composed(name), 5) == halls.table.overrides(name, vector)
        assert posterior.overrides(composed(name), 5 + len(posterior)) == posterior.overrides(composed(name), 5)


def test_what_a_user_sets_stays(posterior):
    one = composed(AFTER, overrides={"pools.service-desk.servers": 7, "arrivals.instant.per_day": 300})
    moved = posterior.applied(one, 1).scenario
    assert moved.pools["service-desk"].servers == 7
    assert moved.arrivals["instant"].per_day == 300
    assert "pools.service-desk.servers" not in posterior.moves(one)
    assert moved.arrivals["enquiries"].per_day != one.scenario.arrivals["enquiries"].per_day


@pytest.mark.parametrize("lever", ["pooled-windows", "online-pre-check", "extended-hours"])
def test_draws_go_with_levers(posterior, lever):
    one = composed(AFTER, levers=[lever])
    for draw in (0, 7):
        assert posterior.applied(one, draw).scenario.levers == one.scenario.levers


def test_a_scenario_with_nothing_in_common_is_refused(posterior):
    with pytest.raises(HallplanError, match="shares no assumed number"):
        posterior.overrides(composed("textbook-mm3"), 0)


def test_a_file_that_extends_a_calibrated_scenario_is_moved(posterior):
    text = 'format = 1\nname = "mine"\nextends = "honghuagang-2014"\n[pools.cashier]\nservers = 5\n'
    one = compose_text(text, name="mine.toml")
    (parameter,) = (each for each in posterior.parameters if each["parameter"] == "pools.cashier.servers")
    factor = posterior.draws["pools.cashier.servers"].iloc[2] / parameter["base"]
    assert posterior.applied(one, 2).scenario.pools["cashier"].servers == max(1, int(np.floor(5 * factor + 0.5)))


# ---- files ----


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    folder = tmp_path / "posterior"
    shutil.copytree(SHIPPED, folder)
    content = (folder / "draws.parquet").read_bytes()
    (folder / "draws.parquet").write_bytes(content + b"x")
    with pytest.raises(HallplanError, match="does not belong to the manifest"):
        load_posterior(folder)


@for_each("content", [None, "", "[]", "{}", '{"format": 99, "parameters": []}', "\x00"])
def test_a_folder_without_a_posterior_is_told(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(HallplanError, match="no posterior in"):
        load_posterior(tmp_path)


def test_the_package_carries_all_of_it():
    assert {file.name for file in SHIPPED.iterdir()} == {*FILES, "manifest.json"}
    assert "/" not in json.loads((SHIPPED / "manifest.json").read_text(encoding="utf-8"))["hallplan"]
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 5_000_000


# ---- the evidence table ----


def test_the_evidence_table_has_every_kind_of_evidence(posterior):
    table = evidence_table(posterior, "en")
    assert tuple(table.columns) == COLUMNS
    assert set(table["status"]) >= {"published", "derived", "calibrated", "assumed"}
    known = table[table["contraction"].notna()]
    assert len(known) == len(posterior.parameters)
    assert (known["source"] != "").all()
    assert known["matters"].between(0, 1.2).all()
    assert (known["identified"] == known["status"].map({"calibrated": "yes"}).fillna("no")).all()
    assert list(evidence_table(posterior, "zh")["what"]) != list(table["what"])


def test_no_draw_makes_a_share_more_than_all(posterior):
    desk = composed("township-desk")
    shares = [posterior.overrides(desk, draw)["arrivals.villagers.comes_back.share"] for draw in range(len(posterior))]
    assert max(shares) == 1
