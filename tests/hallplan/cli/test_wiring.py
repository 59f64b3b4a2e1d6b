"""From words to what is simulated and printed: every option arrives where it should; nothing is simulated here."""

import json
from types import SimpleNamespace

import pytest
from report_samples import HALL, NUMBERS, hall, outlook, replications, scaled

from foundation.errors import HallplanError
from hallplan.cli.studies import StudyOptions, check_metrics, metrics_to_show, warn_of_overload
from sim.run.policy import BudgetAllocation, IndifferenceZone, ToPrecision
from sim.run.study import Study, StudyProgress, StudyResult, System

pytestmark = pytest.mark.usefixtures("shared_results")  # prepared scenarios are read again; nothing is simulated


@pytest.fixture
def requests(monkeypatch):
    """Put what would be simulated into a list, and refuse to simulate it."""
    calls = []

    def refuse(*systems, **settings):
        calls.append((systems, settings))
        raise HallplanError("cli.fault.memory")

    monkeypatch.setattr("hallplan.api.work_off", refuse)
    return calls


@pytest.fixture
def results(monkeypatch):
    """Answer every study with the numbers typed by hand, each further system's a little larger."""
    studies = []

    def answer(*systems, engine, workers, cache, progress, announce, **settings):
        study = Study.of(*systems, engine=engine, workers=workers, **settings)
        studies.append(SimpleNamespace(study=study, cache=cache, announce=announce))
        progress(StudyProgress((3, 1), (6, 6)))
        runs = tuple(
            replications(system.scenario, scaled(1 + 0.25 * place) if place else NUMBERS)
            for place, system in enumerate(study.systems)
        )
        return StudyResult(study, runs, engine="simpy" if engine == "simpy" else "compiled")

    monkeypatch.setattr("hallplan.api.work_off", answer)
    return studies


def settings_of(requests, ask, *words):
    """Return the systems and settings that a command asks for, after it was refused them."""
    answer = ask(*map(str, words))
    assert answer.code == 1, answer.err
    assert answer.err.count("\n") == 1
    ((systems, settings),) = requests
    requests.clear()
    assert settings.pop("announce").__name__ == "say"
    assert callable(settings.pop("progress"))
    return systems, settings


def test_every_option_of_a_run_arrives(ask, requests):
    systems, settings = settings_of(requests, ask, "run", HALL)
    usual = {"engine": None, "workers": None, "cache": True, "policy": None, "seed": None}
    assert settings == usual | {"replications": None, "curves": False, "titles": ()}
    assert systems[0].run.days == 10
    words = ("--reps", 3, "--days", 4, "--seed", 5, "--engine", "simpy", "--workers", 2, "--no-cache")
    words += ("--lever", "add-staff:pool=archive", "--set", "pools.window.servers=7")
    (scenario,), settings = settings_of(requests, ask, "run", HALL, *words)
    numbers = {"engine": "simpy", "workers": 2, "cache": False, "policy": None, "seed": 5, "replications": 3}
    assert settings == numbers | {"curves": False, "titles": ()}
    assert (scenario.run.days, scenario.pools["window"].servers, scenario.levers) == (4, 7, ["add-staff:pool=archive"])
    assert scenario.pools["archive"].servers == 2
    _, settings = settings_of(requests, ask, "run", HALL, "--precision", "ticket_wait_mean_min=10%", "--reps", 64)
    policy = settings["policy"]
    assert isinstance(policy, ToPrecision)
    assert (list(policy.precision), policy.at_most, settings["replications"]) == (["ticket_wait_mean_min"], 64, 64)
    _, settings = settings_of(requests, ask, "run", HALL, "--reps", "auto")
    assert (settings["policy"].at_most, settings["replications"]) == (1_000, None)


def test_curves_are_collected_only_for_files(ask, requests, tmp_path):
    _, settings = settings_of(requests, ask, "run", HALL, "--out", tmp_path / "out")
    assert settings["curves"]


def test_every_option_of_a_comparison_arrives(ask, requests):
    words = ("--reps", 3, "--days", 4, "--seed", 5, "--engine", "compiled", "--workers", 2, "--no-cache")
    systems, settings = settings_of(requests, ask, "compare", HALL, "--lever", "add-staff:pool=archive", *words)
    assert [system.levers for system in systems] == [[], ["add-staff:pool=archive"]]
    assert [system.run.days for system in systems] == [4, 4]
    numbers = {"engine": "compiled", "workers": 2, "cache": False, "policy": None, "seed": 5, "replications": 3}
    assert settings == numbers | {"curves": False, "titles": ()}
    words = ("--lever", "add-staff:pool=archive", "--set", "run.days=6", "--precision", "5%")
    systems, settings = settings_of(requests, ask, "compare", HALL, HALL, *words)
    assert [(system.levers, system.run.days) for system in systems] == [(["add-staff:pool=archive"], 6)] * 2
    assert "ticket_wait_mean_min" in settings["policy"].precision
    assert settings["cache"]


def test_every_option_of_a_selection_arrives(ask, requests):
    one_more = ("--lever", "add-staff:pool=archive", "--lever", "add-staff:pool=window")
    words = ("select", HALL, *one_more, "--metric", "ticket_wait_mean_min")
    systems, settings = settings_of(requests, ask, *words, "--delta", 2, "--days", 4)
    assert [system.levers for system in systems] == [[], [one_more[1]], [one_more[3]]]
    assert {system.run.days for system in systems} == {4}
    policy = settings["policy"]
    assert isinstance(policy, IndifferenceZone)
    assert (policy.metric, policy.delta, policy.confidence, policy.better) == ("ticket_wait_mean_min", 2.0, 0.95, None)
    usual_limit = policy.at_most
    guarantee = ("--delta", 2, "--confidence", "90%", "--reps", 77, "--better", "higher", "--seed", 9, "--workers", 2)
    _, settings = settings_of(requests, ask, *words, *guarantee, "--engine", "simpy", "--no-cache")
    policy = settings["policy"]
    assert (policy.confidence, policy.better, policy.at_most) == (0.9, "higher", 77)
    assert usual_limit != 77
    assert (settings["seed"], settings["workers"], settings["engine"], settings["cache"]) == (9, 2, "simpy", False)
    _, settings = settings_of(requests, ask, *words, "--budget", 99, "--better", "lower")
    policy = settings["policy"]
    assert isinstance(policy, BudgetAllocation)
    assert (policy.metric, policy.budget, policy.better) == ("ticket_wait_mean_min", 99, "lower")
    for option in (("--delta", "1"), ("--confidence", "90%"), ("--reps", "50")):
        answer = ask(*map(str, words), "--budget", "99", *option)
        assert (answer.code, option[0] in answer.err) == (2, True)
    assert ask(*map(str, words)).code == 2, "neither a difference nor a budget"
    assert ask("select", str(HALL), "--metric", "ticket_wait_mean_min", "--delta", "1").code == 2, "one scenario"
    assert ask("select", str(HALL), *one_more, "--metric", "no_metric", "--delta", "1").code == 2


def test_every_option_of_a_warm_up_arrives(ask, requests):
    (scenario,), settings = settings_of(requests, ask, "warm-up", HALL)
    assert (scenario.run.days, scenario.run.warm_up_days, settings["curves"], settings["cache"]) == (60, 0, True, True)
    words = ("--reps", 3, "--days", 70, "--seed", 5, "--engine", "simpy", "--workers", 2, "--no-cache")
    (scenario,), settings = settings_of(requests, ask, "warm-up", HALL, *words, "--set", "pools.window.servers=7")
    assert (scenario.run.days, scenario.pools["window"].servers) == (70, 7)
    numbers = {"engine": "simpy", "workers": 2, "cache": False, "policy": None, "seed": 5, "replications": 3}
    assert settings == numbers | {"curves": True, "titles": ()}


def test_what_can_not_be_is_refused_before_it_is_simulated(ask, requests):
    file = str(HALL)
    for words, code, said in (
        (("run", file, "--metric", "no_metric"), 2, "no_metric"),
        (("run", file, "--precision", "no_metric=5%"), 2, "no_metric"),
        (("run", file, "--engine", "steam"), 2, "steam"),
        (("compare", file), 2, "--lever"),
        (("compare", file, "textbook-mm3", "--precision", "elapsed_mean_days.berth=5%"), 2, "elapsed"),
        (("compare", file, file, "--metric", "no_metric"), 2, "no_metric"),
        (("run", file, "--posterior", "--precision", "5%"), 2, "exclude"),
        (("compare", file, file, "--posterior", "--precision", "5%"), 2, "exclude"),
    ):
        answer = ask(*words)
        assert (answer.code, answer.out) == (code, ""), words
        assert said in answer.err
    assert not requests


# ---- what is printed -----------------------------------------------------------------------------------------------


def test_a_run_prints_what_is_asked_of_it(ask, results, snapshot):
    words = ("run", str(HALL), "--metric", "ticket_wait_mean_min", "--metric", "utilisation.*")
    assert ask(*words).out == snapshot(name="text")
    document = ask(*words, "--json", "--engine", "simpy", "--seed", "3").document
    assert [row["metric"] for row in document["metrics"]] == [
        "ticket_wait_mean_min",
        "utilisation.window",
        "utilisation.archive",
    ]
    assert (document["run"]["engine"], document["run"]["seed"]) == ("simpy", 11)
    assert results[-1].study.seed == 3
    every = ask("run", str(HALL), "--json").document["metrics"]
    assert {row["metric"] for row in every} == set(NUMBERS)
    headline = ask("run", str(HALL)).out
    assert "Visits a day (visits)" in headline
    assert "Statutory days, 95th percentile" in headline
    assert "Visits a day: by appointment" not in headline, "none of the first look"


def test_a_run_with_controls_prints_them_too(ask, results):
    words = ("run", str(HALL), "--metric", "ticket_wait_mean_min", "--controls")
    out = ask(*words).out
    assert "With controls" in out
    assert "With controls" not in ask(*words[:-1]).out
    document = ask(*words, "--json").document
    assert [entry["control"] for entry in document["controls"]["controls"]] == ["visits", "server_hours"]
    assert ask("run", str(HALL), "--json").document["controls"] is None


def test_a_comparison_prints_what_is_asked_of_it(ask, results, snapshot):
    words = ("compare", str(HALL), "--lever", "add-staff:pool=archive", "--metric", "ticket_wait_mean_min")
    assert ask(*words).out == snapshot(name="text")
    document = ask(*words, "--json").document
    assert [row["metric"] for row in document["metrics"]] == ["ticket_wait_mean_min"]
    every = ask(*words[:-2], "--json").document["metrics"]
    assert [row["metric"] for row in every] == list(NUMBERS)


@pytest.mark.slow
def test_files_are_those_of_the_command_and_hold_what_is_printed(ask, results, tmp_path):
    for words, frames, scenarios in (
        (("run", str(HALL)), ["summaries"], ["scenario.toml"]),
        (
            ("compare", str(HALL), "--lever", "add-staff:pool=archive"),
            ["differences", "summaries_0", "summaries_1"],
            ["scenario_0.toml", "scenario_1.toml"],
        ),
    ):
        folder = tmp_path / words[0]
        answer = ask(*words, "--out", str(folder), "--format", "csv,csv", "--json")
        assert answer.code == 0, answer.err
        names = sorted(file.name for file in folder.iterdir())
        others = ["manifest.json", "result.json", "citation.json", "stress-des.md", *scenarios]
        assert names == sorted([*(f"{name}.csv" for name in frames), *others])
        assert (folder / "result.json").read_text(encoding="utf-8") == answer.out
        assert "港口大厅" in answer.out
        refused = ask(*words, "--out", str(folder))
        assert (refused.code, refused.out) == (1, "")
        reports = ask(*words, "--out", str(folder), "--format", "csv", "--force").out
        assert reports.rstrip().endswith(f"{len(names)} files written to {folder}.")


def test_a_result_that_can_not_be_written_is_printed_and_rescued(ask, results, tmp_path, monkeypatch):
    import tempfile

    import sim.measure.export

    def full(*_words, **_more):
        raise OSError(28, "No space left on device")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(sim.measure.export, "export", full)
    answer = ask("run", str(HALL), "--out", str(tmp_path / "out"), "--json")
    (rescued,) = elsewhere.iterdir()
    assert answer.code == 1
    assert answer.err.splitlines()[0] == "hallplan: No space left on device"
    assert str(rescued) in answer.err.splitlines()[1]
    assert json.loads(rescued.read_text(encoding="utf-8")) == answer.document
    assert not (tmp_path / "out").exists()
    printed = ask("run", str(HALL), "--out", str(tmp_path / "out")).out
    assert "files written" not in printed


# ---- what the commands share ---------------------------------------------------------------------------------------


def test_a_study_tells_its_progress_to_the_bar(monkeypatch, results):
    reports = []
    monkeypatch.setattr("hallplan.cli.progress.Bar.tell", lambda self, *numbers: reports.append(numbers))
    result = StudyOptions(None, None, None, cache=False).work_off(hall().scenario, replications=6)
    assert reports == [(4, 12)]
    assert len(result.runs[0]) == 6
    assert not results[0].cache


def test_metrics_to_show_are_those_requested_or_all_or_the_first_look():
    models = [hall().scenario]
    means = {key: replications(models[0], NUMBERS).means[key] for key in NUMBERS}
    assert metrics_to_show(means, models, ["wait_q*", "open_cases"]) == ["wait_q95_min", "open_cases"]
    assert metrics_to_show(means, models, ["open_cases"], every=True) == ["open_cases"]
    assert metrics_to_show(means, models, None, every=True) == list(means)
    assert 0 < len(metrics_to_show(means, models, None)) < len(means)
    check_metrics(None, models)
    check_metrics(["wait_mean_*"], models)


def test_overloads_are_named_beforehand_to_whoever_sits_at_a_terminal(monkeypatch, capsys):
    behind = hall(pools__archive__servers=0)
    warn_of_overload([behind.scenario], [outlook(behind)])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    warn_of_overload([hall().scenario, behind.scenario], [outlook(hall()), outlook(behind)])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("hallplan: harbour: ")
    assert lines[0].endswith("archive.")


def test_a_systems_draws_are_given_to_the_study(requests, ask, monkeypatch):
    monkeypatch.setattr("planner.forecast.forecast_systems", lambda composed, posterior: [
        System(entry.scenario, (entry.scenario,) * draws) for draws in (0, 4) for entry in composed
    ])  # fmt: skip
    monkeypatch.setattr("hallplan.cli.options.posterior_of", lambda flag, folder, with_precision: flag or None)
    for words, number in ((("run", HALL), 2), (("compare", HALL, HALL), 4)):
        systems, settings = settings_of(requests, ask, *words, "--posterior", "--reps", 3)
        assert [len(system.draws) for system in systems] == [0] * (number // 2) + [4] * (number // 2)
        assert (settings["replications"], settings["policy"]) == (3, None)
