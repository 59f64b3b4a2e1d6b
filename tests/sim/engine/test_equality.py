"""The compiled engine writes the same log as the SimPy one, to the last bit, for all that the format can say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from cases import for_each
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st

from benchmarks.equality import POLICIES, compare, main
from benchmarks.generator import FEATURES, random_scenario
from scenarios.compose.composing import compose
from scenarios.model import Scenario
from sim.program import Code, Outcome

EXAMPLES = 200
ROOT = Path(__file__).parents[3]


def agreeing(examples: int) -> Counter[str]:
    """Compare the engines on so many random scenarios; return what occurred in how many of them."""
    seen: Counter[str] = Counter()
    compared: list[int] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        seed=st.integers(0, 2**32 - 1),
        without=st.one_of(st.just(frozenset[str]()), st.frozensets(st.sampled_from(FEATURES), max_size=3)),
    )
    @example(seed=0, without=frozenset())
    def agree(seed: int, without: frozenset[str]) -> None:
        note(f"random_scenario(np.random.default_rng({seed}), frozenset({sorted(without)}))")
        comparison = compare(random_scenario(np.random.default_rng(seed), without), seed)
        seen.update(comparison.seen)
        compared.append(seed)
        assert comparison.difference == ""

    agree()
    print(f"{len(compared)} scenarios, seeds {compared[0]} … {compared[-1]}: {dict(seen)}")
    assert len(compared) >= examples
    return seen


def test_random_scenarios_give_the_same_log_bit_for_bit() -> None:
    assert agreeing(30)


@pytest.mark.slow
def test_two_hundred_random_scenarios_over_the_whole_format_give_the_same_log_bit_for_bit() -> None:
    seen = agreeing(EXAMPLES)
    # What the scenarios never brought about would not have been compared.
    names = [*(code.name for code in Code), *(outcome.name for outcome in Outcome), *POLICIES]
    assert [name for name in names if not seen[name]] == []


@for_each("feature", FEATURES)
@pytest.mark.slow
def test_a_scenario_can_be_kept_free_of_any_feature(feature: str) -> None:
    for seed in range(3):
        scenario = random_scenario(np.random.default_rng(seed), frozenset({feature}))
        assert compare(scenario, seed).difference == ""


def test_the_same_dice_make_the_same_scenario() -> None:
    one, other = (random_scenario(np.random.default_rng(5)) for _ in range(2))
    assert isinstance(one, Scenario)
    assert one == other


@pytest.mark.parametrize("name", ["textbook-mm3", "township-desk"])
def test_the_engines_agree_on_built_in_scenarios(name: str) -> None:
    overrides = {"run.warm_up_days": 1, "run.days": 10, "run.follow_up_days": 2}
    for seed in range(2):
        assert compare(compose(name, overrides=overrides), seed).difference == ""


@pytest.mark.slow
def test_the_event_loop_runs_as_plain_python_too() -> None:
    # Tools that count lines or change operators see nothing of compiled code.
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.equality", "--count", "12", "--seed", "7"],
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "12 scenarios, seeds 7 to 18" in result.stdout, result.stderr
    assert result.returncode == 0
    assert "0 mismatches" in result.stdout


def test_the_comparison_tells_count_seeds_and_mismatches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "3", "--seed", "40"]) == 0
    assert "3 scenarios, seeds 40 to 42" in capsys.readouterr().out


def test_a_log_that_differs_by_one_millisecond_is_noticed() -> None:
    from dataclasses import replace

    from benchmarks.equality import difference
    from sim.draw.drawing import draw
    from sim.engine.kernel import run_compiled
    from sim.plan import compile_plan

    scenario = random_scenario(np.random.default_rng(1))
    program, plan = draw(scenario, 1, 0), compile_plan(scenario)
    log = run_compiled(program, plan)
    late, later = log.rows.copy(), log.started.copy()
    late["end"][5] += 1
    later[np.flatnonzero(later >= 0)[0]] += 1
    assert difference(program, log, log) == ""
    assert difference(program, log, replace(log, rows=late)).startswith("row 5: expected ")
    assert "no row" in difference(program, log, replace(log, rows=log.rows[:5]))
    assert "started" in difference(program, log, replace(log, started=later))
