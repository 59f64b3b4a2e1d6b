"""The benchmarks measure what they say: the same customers, the same waits, in every way of running them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import equality, queues, run
from benchmarks.frozen import frozen_hall
from benchmarks.pages import coverage, readme
from scenarios.compose.writing import fingerprint


@pytest.mark.slow
def test_the_engines_wait_as_the_recursions_do() -> None:
    gaps, services = queues.customers(5_000, 3, 0.9)
    expected = queues.kiefer_wolfowitz(gaps, services, 3)
    program, plan = queues.hall_of(gaps, services, 3)
    assert np.array_equal(queues.compiled_waits(program, plan), expected)
    assert np.array_equal(queues.reference_waits(program, plan), expected)
    assert queues.simpy_waits(gaps, services, 3) == expected.tolist()
    assert np.array_equal(queues.kiefer_wolfowitz(gaps, services, 1), queues.lindley(gaps, services))


def test_ciw_serves_as_many_customers_as_it_is_asked_to() -> None:
    waits = queues.ciw_waits(2_000, 3, 0.5)
    assert len(waits) >= 2_000
    # Erlang C for three servers and an offered load of 1.5: 0.2368 wait, in the mean for 0.2368 / (3 / 1.5 - 1).
    assert np.mean(waits) == pytest.approx(0.2368, rel=0.5)


def test_the_best_of_several_runs_is_kept() -> None:
    turns: list[str] = []
    best = run.best_of({"one": lambda: turns.append("one"), "two": lambda: turns.append("two")}, {"one": 2, "two": 1})
    assert turns == ["one", "two", "one"]
    assert set(best) == {"one", "two"}
    assert all(seconds >= 0 for seconds in best.values())


def test_the_frozen_hall_is_what_it_was() -> None:
    assert fingerprint(frozen_hall()) == "45355937759dd7bee35548b510d68da298d33b888bd3c6be9e2189ba26a20074"


def test_a_table_is_written_with_as_many_cells_a_line() -> None:
    table = run.Table("A title", ("what", "ms"), (("one", "1.0"), ("another", "20.0")))
    assert table.markdown().splitlines() == [
        "### A title",
        "",
        "| what    |   ms |",
        "| ------- | ---: |",
        "| one     |  1.0 |",
        "| another | 20.0 |",
    ]


@pytest.mark.slow
def test_the_command_prints_its_tables_and_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "DOCUMENT", tmp_path / "benchmarks.md")
    assert run.main(["--write", "--customers", "2000", "--days", "2", "--rounds", "1"]) == 0
    printed = capsys.readouterr().out
    kept = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert printed.strip() in kept
    titles = re.findall(r"^### (\S+)", kept, flags=re.MULTILINE)
    assert titles == ["honghuagang-2014,", "M/M/c", "honghuagang-2014,", "What"]


@pytest.mark.slow
def test_the_compiled_engine_is_far_faster_than_the_reference() -> None:
    # A hundred times on a quiet machine, and more; a busy one may not make it look like a tenth of that.
    overrides = {"run.warm_up_days": 0, "run.days": 10, "run.follow_up_days": 0}
    table = run.hall(frozen_hall(overrides), rounds=5)
    times = {name: float(ms.replace(",", "")) for name, ms, *_ in table.rows}
    assert times["SimPy"] > 30 * times["compiled"]


@pytest.mark.parametrize("language", readme.FILES)
def test_the_figures_in_the_readme_are_those_that_the_commands_wrote(language: str) -> None:
    text = readme.FILES[language].read_text(encoding="utf-8")
    assert readme.with_block(text, readme.block(language)) == text, "run python -m benchmarks.pages.readme"


def test_a_readme_without_a_place_for_figures_and_a_page_without_figures_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no marks"):
        readme.with_block("# Hallplan", "-")
    for page in ("benchmarks", "equality", "verification"):
        (tmp_path / f"{page}.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="88 × 250"):
        readme.block("en", tmp_path)


@pytest.mark.parametrize(("language", "said"), [("en", "113 of 114 fail"), ("zh", "113/114 项会报错")])
def test_a_fault_that_a_check_has_not_seen_is_in_the_readme(tmp_path: Path, language: str, said: str) -> None:
    for page in ("benchmarks", "equality", "verification"):
        text = (readme.ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
        seen = re.sub(r"(planted \| \*\*)\d+ of \d+", r"\g<1>113 of 114", text)
        (tmp_path / f"{page}.md").write_text(seen, encoding="utf-8")
    assert said in readme.block(language, tmp_path)


def test_the_page_of_equality_says_what_was_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equality, "DOCUMENT", tmp_path / "equality.md")
    assert equality.main(["--count", "3", "--seed", "7", "--write"]) == 0
    page = (tmp_path / "equality.md").read_text(encoding="utf-8")
    assert "| scenarios | 3 |" in page
    assert "| seeds | 7 to 9 |" in page
    assert "| **mismatches** | **0** |" in page


def test_the_coverage_study_finds_that_student_s_interval_misses_and_ours_less_often() -> None:
    result = coverage.studied(coverage.Case(0.8, 100.0, 20), studies=400, truth_runs=40_000, seed=1)
    assert result.students.high < 0.95
    assert result.corrected.estimate > result.students.estimate
    assert result.corrected_width > result.students_width
    page = coverage.coverage_page([result])
    assert f"{result.corrected.estimate:.1%}" in page


def test_the_waits_of_the_coverage_study_are_those_of_a_queue_in_theory() -> None:
    total, number = coverage.waits(np.random.default_rng(1), 2_000, coverage.Case(0.5, 2_000.0, 1))
    # M/M/1: mean wait ρ / (1 - ρ) = 1 at ρ = 0.5, the empty beginning of little weight
    assert total.sum() / number.sum() == pytest.approx(1.0, abs=0.02)
    assert number.mean() == pytest.approx(1_000, rel=0.01)
