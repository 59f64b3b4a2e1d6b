"""A study: the same numbers however it is worked off, and nothing simulated twice."""

import pandas as pd
import pytest

from scenarios.compose.composing import compose
from sim.engine import choice
from sim.engine.choice import HallplanWarning
from sim.engine.reference import run_reference
from sim.run.folder import FolderStore
from sim.run.policy import BudgetAllocation, Fixed, IndifferenceZone, ToPrecision
from sim.run.simulating import simulate_sample
from sim.run.store import MemoryStore
from sim.run.study import Pace, Study, System, ask, result_of, run
from sim.statistics import Absolute, Relative


def windows(servers):
    quick = {"run.days": 2, "run.warm_up_days": 0, "pools.windows.servers": servers}
    return compose("textbook-mm3", overrides=quick)


HALLS = [windows(3), windows(4)]
POLICIES = {
    "fixed": Fixed(3),
    "precision": ToPrecision({"wait_mean_min": Relative(0.5)}, at_least=3),
    "zone": IndifferenceZone("wait_mean_min", 2.0, first_stage=4),
    "budget": BudgetAllocation("wait_mean_min", 20, first_stage=4),
}


def worked_off_by_tasks(study, pace=None):
    """Work a study off as the page does: ask, simulate, tell."""
    samples = [[] for _ in study.systems]
    stages = 0
    while tasks := ask(study, samples, pace=pace).tasks:
        stages += 1
        for task in tasks:
            samples[task.system].append(simulate_sample(study.scenario_of(task), study.seed, task.replication))
    return result_of(study, samples), stages


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_asking_and_telling_gives_what_running_gives_at_any_pace(policy):
    study = Study.of(*HALLS, policy=policy, engine="compiled")
    direct = run(study)
    for pace in (None, Pace(2, 2.0), Pace(5, 1.5)):
        told, stages = worked_off_by_tasks(study, pace)
        assert told.verdict == direct.verdict
        assert stages > 1 or pace != Pace(2, 2.0)
        for one, other in zip(told.runs, direct.runs, strict=True):
            pd.testing.assert_frame_equal(one.summaries, other.summaries, check_exact=True)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_what_is_stored_is_not_simulated_again(policy):
    study, store = Study.of(*HALLS, policy=policy, curves=True), MemoryStore()
    first, again = run(study, store=store), run(study, store=store)
    assert first.simulated > 0
    assert (first.stored, again.simulated) == (0, 0)
    assert again.stored == first.simulated
    assert again.verdict == first.verdict
    for one, other in zip(first.runs, again.runs, strict=True):
        pd.testing.assert_frame_equal(one.summaries, other.summaries, check_exact=True)
        for name, curve in one.curves.items():
            pd.testing.assert_frame_equal(curve, other.curves[name], check_exact=True)


def test_one_changed_scenario_alone_is_simulated():
    store = MemoryStore()
    run(Study.of(*HALLS, replications=2), store=store)
    changed = run(Study.of(HALLS[0], windows(5), replications=2), store=store)
    assert (changed.simulated, changed.stored) == (2, 2)


def test_a_system_with_draws_simulates_one_draw_a_replication_in_turn():
    drawn = run(Study.of(System(HALLS[0], HALLS), replications=3)).runs[0].columns["wait_mean_min"]
    three, four = (run(Study.of(hall, replications=3)).runs[0].columns["wait_mean_min"] for hall in HALLS)
    assert drawn.tolist() == [three[0], four[1], three[2]]


def test_progress_names_what_is_done_and_expected_of_every_system():
    told = []
    run(Study.of(*HALLS, replications=2), progress=told.append)
    assert [state.done for state in told] == [(1, 0), (1, 1), (2, 1), (2, 2)]
    assert {state.expected for state in told} == {(2, 2)}
    assert (told[-1].total_done, told[-1].total_expected) == (4, 4)


def test_an_engine_of_ones_own_is_never_stored():
    def own(program, plan):
        return run_reference(program, plan)

    store = MemoryStore()
    result = run(Study.of(HALLS[0], replications=1, engine=own), store=store)
    assert (result.engine, store.keys()) == ("own", set())


def test_a_study_of_a_few_metrics_has_these_alone_and_stores_nothing():
    study, store, wanted = Study.of(HALLS[0], replications=2), MemoryStore(), ["visits_per_day", "wait_mean_min"]
    some, everything = run(study, store=store, wanted=wanted), run(study)
    assert store.keys() == set()
    assert list(some.runs[0].columns) == wanted
    for name in wanted:
        assert some.runs[0].columns[name].tolist() == everything.runs[0].columns[name].tolist()


def test_a_store_that_cannot_be_written_gives_one_warning_and_a_result(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    study = Study.of(HALLS[0], replications=70)
    with pytest.warns(HallplanWarning, match="can't be stored") as warned:
        result = run(study, store=FolderStore(tmp_path / "file"))
    assert len(warned) == 1
    assert len(result.runs[0]) == 70


def test_a_study_is_named_by_what_it_simulates():
    names = {
        Study.of(*HALLS, replications=2).name,
        Study.of(*HALLS, replications=2, workers=2, engine="simpy", titles=("A", "B")).name,
    }
    assert len(names) == 1
    others = (
        Study.of(*HALLS, replications=3),
        Study.of(*HALLS, replications=2, seed=99),
        Study.of(*HALLS[::-1], replications=2),
        Study.of(*HALLS, policy=ToPrecision({"wait_mean_min": Absolute(1.0)})),
    )
    assert len(names | {other.name for other in others}) == 5


def test_the_compiled_engine_is_used_once_it_is_loaded_or_pays(monkeypatch):
    monkeypatch.setattr(choice, "is_loaded", lambda: False)
    monkeypatch.setattr(choice, "prepare", lambda *_: run_compiled_stand_in)
    monkeypatch.setattr(choice, "_simpy_visits", [0.0])
    assert choice.sooner_engine(100) is run_reference
    assert choice.sooner_engine(1e6) is run_compiled_stand_in
    choice.note_simpy_work(1e6)
    assert choice.sooner_engine(100) is run_compiled_stand_in, "a loop of small runs pays for it in the end"
    monkeypatch.setattr(choice, "_simpy_visits", [0.0])
    monkeypatch.setattr(choice, "is_loaded", lambda: True)
    assert choice.sooner_engine(100) is run_compiled_stand_in
    assert choice.sooner_engine(1e6, "simpy") is run_reference


def run_compiled_stand_in(program, plan):
    raise AssertionError
