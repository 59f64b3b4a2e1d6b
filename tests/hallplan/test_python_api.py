"""What ``import hallplan`` promises: a dozen names, cheap to import, typed, and results that are frames."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import hallplan
from hallplan.api import ENGINES
from sim.run.study import Study

ROOT = Path(__file__).resolve().parents[2]
SHORT = hallplan.load("textbook-mm3", overrides={"run.days": 2})


@pytest.fixture(scope="module")
def result():
    return hallplan.run(SHORT, replications=3, seed=5)


def test_every_public_name_is_there_and_documented():
    assert set(dir(hallplan)) == set(hallplan.__all__)
    for name in hallplan.__all__:
        thing = getattr(hallplan, name)
        assert name == "__version__" or thing.__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hallplan.nothing  # noqa: B018 - asking is the test


@pytest.mark.slow
def test_a_users_type_checker_sees_the_types(tmp_path):
    script = tmp_path / "user.py"
    script.write_text(
        "import hallplan\n"
        "reveal_type(hallplan.run('x').summary)\n"
        "reveal_type(hallplan.compare('x', 'y').comparisons)\n"
        "reveal_type(hallplan.load('x'))\n"
        "reveal_type(hallplan.__version__)\n"
        "hallplan.run(7)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    for kind in ('"pandas.DataFrame"', '"pandas.core.frame.DataFrame"'):
        if kind in done.stdout:
            break
    else:
        pytest.fail(done.stdout)
    for kind in ('"int"', "scenarios.model.scenario.Scenario", '"str"', 'incompatible type "int"'):
        assert kind in done.stdout
    assert done.stdout.count("error:") == 1


def test_a_summary_has_a_row_a_metric_and_holds_targets(result):
    summary = result.summary
    assert list(summary.columns) == ["mean", "low", "high", "replications", "target_low", "target_high", "in_target"]
    assert summary.loc["wait_mean_min", "low"] < summary.loc["wait_mean_min", "mean"]
    assert not [key for key in summary.index if ":" in key]
    assert summary["in_target"].isna().all()
    with_target = hallplan.load(
        "township-desk",
        overrides={"run.days": 3, "targets.visits_per_day": {"low": 0.0, "high": 500.0, "source": "a test"}},
    )
    row = hallplan.run(with_target, replications=2).summary.loc["visits_per_day"]
    assert bool(row["in_target"])
    assert row["target_high"] == 500


def test_a_result_says_whether_its_hall_keeps_up(result):
    assert result.regime.kind == "steady"
    lost = hallplan.load("textbook-mm3", overrides={"run.days": 2, "pools.windows.servers": 2})
    assert hallplan.run(lost, replications=2).regime.falls_behind == ("windows",)


def test_a_table_is_in_the_language_asked_for(result):
    english, chinese = result.table("en"), result.table("zh")
    assert "Mean wait (min)" in set(english["title"])
    assert "平均等候时间（分钟）" in set(chinese["title"])
    assert list(english["metric"]) == list(chinese["metric"])


def test_frames_are_those_of_the_first_replication(result):
    assert len(result.visits) > 100
    assert isinstance(result.cases, pd.DataFrame)
    assert len(result.days) == 2
    assert list(result.staff["pool"]) == ["windows"]
    again = result.replication(0)
    assert again.summary["wait_mean_min"] == result.replications.summaries["wait_mean_min"].iloc[0]
    assert len(result.waits) == len(again.waits)


def test_a_result_is_written_as_files(result, tmp_path):
    written = result.export(tmp_path, formats=("csv",))
    assert {path.name for path in written} >= {"summaries.csv", "wait_by_half_hour.csv"}


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_give_the_same_numbers(result, engine):
    other = hallplan.run(SHORT, replications=3, seed=5, engine=engine, cache=False)
    pd.testing.assert_frame_equal(other.summary, result.summary)


def test_an_unknown_engine_is_refused():
    with pytest.raises(hallplan.HallplanError, match="abacus"):
        hallplan.run(SHORT, replications=1, engine="abacus")


def test_levers_in_text_and_overrides_are_applied():
    scenario = hallplan.load("textbook-mm3", levers=["add-staff:pool=windows,servers=2"], overrides={"demand": 0.5})
    assert scenario.pools["windows"].servers == 5
    assert scenario.demand == 0.5
    assert scenario.levers == ["add-staff:pool=windows,servers=2"]


def test_names_paths_and_scenarios_may_be_given_alike(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "textbook-mm3"\nname = "mine"\nrun.days = 2\n', encoding="utf-8")
    by_path = hallplan.run(file, replications=2, seed=5)
    by_text = hallplan.run(str(file), replications=2, seed=5)
    by_scenario = hallplan.run(hallplan.load(file), replications=2, seed=5)
    pd.testing.assert_frame_equal(by_path.summary, by_text.summary)
    pd.testing.assert_frame_equal(by_path.summary, by_scenario.summary)


def test_comparisons_and_findings_are_frames():
    more = hallplan.load("textbook-mm3", levers=["add-staff:pool=windows"], overrides={"run.days": 2})
    comparison = hallplan.compare(SHORT, more, replications=3)
    frame = comparison.frame(["wait_mean_min", "visits_per_day"])
    assert list(frame["scenario"]) == ["textbook-mm3 + add-staff:pool=windows"] * 2
    findings = hallplan.check(SHORT)
    assert findings.table().loc[0, "pool"] == "windows"
    assert findings.overloaded == ()
    assert hallplan.check("honghuagang-2013").warnings


def test_a_seed_of_ones_own_draws_other_numbers():
    def differences(seed):
        more = hallplan.load("textbook-mm3", levers=["add-staff:pool=windows"], overrides={"run.days": 2})
        return hallplan.compare(SHORT, more, replications=2, seed=seed).frame(["wait_mean_min"])

    pd.testing.assert_frame_equal(differences(5), differences(5))
    assert not differences(5).equals(differences(6))


def test_an_unknown_engine_is_refused_whatever_is_asked_for():
    for question in (hallplan.compare, hallplan.compare_forecasts):
        with pytest.raises(hallplan.HallplanError, match="numba"):
            question("honghuagang-2013", "honghuagang-2014", replications=1, engine="numba")


def test_a_fault_is_one_sentence_in_either_language():
    with pytest.raises(hallplan.HallplanError) as caught:
        hallplan.run("no-such-scenario")
    assert "no-such-scenario" in caught.value.sentence("en")
    assert "方案" in caught.value.sentence("zh")


def test_a_run_can_be_cancelled_and_followed():
    import threading

    told = []
    hallplan.run(SHORT, replications=2, progress=lambda state: told.append((state.total_done, state.total_expected)))
    assert told == [(1, 2), (2, 2)]
    stop = threading.Event()
    stop.set()
    with pytest.raises(hallplan.HallplanError, match="cancelled"):
        hallplan.run(SHORT, replications=2, cancel=stop, cache=False)


def test_the_three_steps_give_what_a_run_gives(result):
    program, plan = hallplan.draw(SHORT, 5, 1), hallplan.compile_plan(SHORT)
    metrics = hallplan.measure(SHORT, program, plan, hallplan.simulate(program, plan))
    assert isinstance(metrics, hallplan.Metrics)
    assert metrics.summary["wait_mean_min"] == result.replications.summaries.loc[1, "wait_mean_min"]


def test_one_hall_alone_has_nothing_to_be_compared_with():
    for compared in (hallplan.compare, hallplan.compare_forecasts):
        with pytest.raises(hallplan.HallplanError) as failure:
            compared("textbook-mm3")
        assert failure.value.key == "error.compare.too_few"
    with pytest.raises(hallplan.HallplanError, match="not 0"):
        Study.of()
