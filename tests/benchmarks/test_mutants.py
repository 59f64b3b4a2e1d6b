"""The mutation tester makes the changes it says, draws them by its seed, and knows what a test has noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutants.campaign import Campaign
from benchmarks.mutants.operators import Mutant, is_valid, mutants_of, mutated
from benchmarks.mutants.sampling import PACKAGES, package_counts, relocated, sample
from benchmarks.mutants.testing import Tree, copy_tree

ROOT = Path(__file__).parents[2]


def changes(source: str) -> set[tuple[str, str, str]]:
    return {(mutant.kind, mutant.before, mutant.after) for mutant in mutants_of(source.encode(), "module.py")}


def test_every_operator_makes_its_change() -> None:
    for source, expected in (
        ("a <= b", {("comparison", "<=", ">"), ("boundary", "<=", "<")}),
        ("a is not b", {("comparison", "is not", "is")}),
        ("a and b", {("boolean", "and", "or")}),
        ("a // b", {("arithmetic", "//", "*")}),
        ("a -= b", {("arithmetic", "-=", "+="), ("statement", "a -= b", "pass")}),
        ("not a", {("not", "not ", "")}),
        ("x = -a", {("sign", "-", "")}),
        ("x = 3", {("constant", "3", "4"), ("constant", "3", "2")}),
        ("x = 0.5", {("constant", "0.5", "1.0"), ("constant", "0.5", "0.25")}),
        ("x = True", {("constant", "True", "False")}),
        ("def f(a=0): pass", {("default", "0", "1")}),
        ("if a: pass", {("condition", "a", "(not (a))")}),
        ("x = [b for b in a if b]", {("condition", "b", "(not (b))")}),
        ("def f(): return a", {("return", "a", "None")}),
        ("a()", {("statement", "a()", "pass")}),
        ("a.b = c", {("statement", "a.b = c", "pass")}),
        ("raise a", {("statement", "raise a", "pass")}),
        ("x = min(a, b)", {("counterpart", "min", "max")}),
        ("x = np.floor(a)", {("counterpart", "floor", "ceil")}),
        ("x = f(a, b=c)", {("keyword", ", b=c", "")}),
        ("x = f(b=c, d=e)", {("keyword", "b=c,", ""), ("keyword", ", d=e", "")}),
    ):
        assert changes(source) == expected, source


def test_what_no_test_could_notice_is_left_as_it_is() -> None:
    for source in (
        "def f(a: Literal[1]) -> Literal[2]: pass",
        "assert a < b",
        "if TYPE_CHECKING: a()",
        "X: TypeAlias = A | B",
        '"""A docstring."""',
        "x = zip(a, b, strict=True)",
        'x = f"{a + b}"',
    ):
        assert changes(source) == set(), source


def test_a_change_leaves_the_rest_of_the_source_as_it_is_also_behind_chinese_characters() -> None:
    source = 'title = "大厅"; wait = a < b  # 等待\n'.encode()
    (boundary,) = [mutant for mutant in mutants_of(source, "module.py") if mutant.kind == "boundary"]
    assert mutated(source, boundary).decode() == 'title = "大厅"; wait = a <= b  # 等待\n'
    with pytest.raises(ValueError, match="no longer says"):
        mutated(b"title = 1\n", boundary)


def test_a_change_that_is_no_python_or_no_change_is_not_valid() -> None:
    source = b"x = 1\n"
    assert is_valid(source, Mutant("module.py", 1, "constant", 4, "1", "2"))
    assert not is_valid(source, Mutant("module.py", 1, "constant", 4, "1", ""))
    assert not is_valid(source, Mutant("module.py", 1, "constant", 4, "1", "0x1"))


def test_mutants_are_shared_out_by_lines_and_small_packages_get_ten() -> None:
    counts = package_counts({"small": 10, "large": 900, "larger": 1_800}, 100)
    assert counts == {"small": 10, "large": 30, "larger": 60}
    assert sum(package_counts(dict.fromkeys(PACKAGES, 7), 200).values()) == 200


def test_a_sample_depends_on_its_seed_alone(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "module.py").write_text("x = 1\ny = 2\nz = 3\n" * 5, encoding="utf-8")
    first = sample(tmp_path, 21, 3)
    assert first == sample(tmp_path, 21, 3)
    assert first != sample(tmp_path, 21, 4)
    assert len({(mutant.file, mutant.line) for mutant in first}) == 21
    assert all(is_valid((tmp_path / mutant.file).read_bytes(), mutant) for mutant in first)


def test_a_mutant_is_found_again_where_its_line_has_moved_and_is_gone_where_it_was_changed() -> None:
    (mutant,) = [mutant for mutant in mutants_of(b"a\nx = b + c\n", "module.py") if mutant.kind == "arithmetic"]
    moved = relocated(mutant, "x = b + c", b"a\na\na\nx = b + c\n")
    assert moved is not None
    assert (moved.line, moved.start) == (4, 12)
    assert relocated(mutant, "x = b + c", b"a\nx = b + d\n") is None


def test_the_tests_of_a_module_come_before_others() -> None:
    tiers = Tree(ROOT).tests_of("sim/measure/headline.py")
    assert tiers["tests/sim/measure/test_headline.py"] == 0
    assert tiers["tests/sim/measure/test_metrics.py"] in (1, 2)
    assert tiers["tests/sim/engine/test_equality.py"] > 2
    assert "tests/test_source.py" not in tiers
    # A file of the same name in another package is not the module's own.
    assert (
        Tree(ROOT).tests_of("verification/checks/priorities.py").get("tests/calibration/discovery/test_priorities.py")
        is None
    )


def test_a_stopped_campaign_goes_on_and_judged_mutants_are_counted_apart(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "module.py").write_text("x = 1\n", encoding="utf-8")
    campaign = Campaign(tmp_path / "kept", tmp_path, count=7, seed=1)
    for number, result in enumerate(("killed", "timed out", "survived", "survived", "equivalent")):
        campaign.add(number, result=result, test="", reason="")
    kept = tmp_path / "kept" / "verdicts.jsonl"
    kept.write_text(kept.read_text(encoding="utf-8") + '{"number": 5, "resul', encoding="utf-8")  # stopped there
    again = Campaign(tmp_path / "kept", tmp_path, count=7, seed=1)
    assert again.mutants == campaign.mutants
    assert again.numbers("") == [5, 6]
    total = again.counts()[-1]
    assert (total.tried, total.killed, total.equivalent) == (5, 2, 1)
    # Two of four: Clopper and Pearson's 99% interval is 2.9% to 97.1%, the roots of x^4 and of 4 x^3 - 3 x^4 at 0.005.
    assert again.table()[-1] == "| all | 5 | 2 | 1 | 2 | 50% (3% to 97%) |"


@pytest.mark.slow
def test_a_noticed_change_a_loop_without_end_and_an_unnoticed_change_get_their_verdicts(tmp_path: Path) -> None:
    lines = ("def steps(n):", "    count = 0", "    while n > 0:", "        n -= 1", "        count += 1")
    source = "\n".join([*lines, "    spare = 5", "    return count", ""])
    test = "from sim.walking import steps\n\n\ndef test_steps_are_counted():\n    assert steps(3) == 3\n"
    files = {"sim/__init__.py": "", "sim/walking.py": source, "tests/sim/test_walking.py": test}
    for name, text in files.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text, encoding="utf-8")
    copy_tree(ROOT / "benchmarks", tmp_path / "tree" / "benchmarks")
    tree = Tree(tmp_path / "tree", test_seconds=1)
    verdicts = {
        (mutant.kind, mutant.before): tree.try_mutant(mutant).result
        for mutant in mutants_of(source.encode(), "sim/walking.py")
        if (mutant.before, mutant.after) in {(">", ">="), ("-=", "+="), ("5", "6")}
    }
    assert verdicts == {("boundary", ">"): "killed", ("arithmetic", "-="): "timed out", ("constant", "5"): "survived"}
    assert (tmp_path / "tree" / "sim" / "walking.py").read_text(encoding="utf-8") == source
    tree.delete()
    assert not tmp_path.exists()


@pytest.mark.slow
def test_a_test_that_ends_its_process_fails_and_those_after_it_run_in_another(tmp_path: Path) -> None:
    bodies = {"a": "pass", "b": "os._exit(3)", "c": "pass"}
    test = "import os\n" + "".join(f"\n\ndef test_{letter}():\n    {body}\n" for letter, body in bodies.items())
    for name, text in {"sim/__init__.py": "", "tests/test_three.py": test}.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text, encoding="utf-8")
    copy_tree(ROOT / "benchmarks", tmp_path / "tree" / "benchmarks")
    tree = Tree(tmp_path / "tree", test_seconds=5)
    tests = [f"tests/test_three.py::test_{letter}" for letter in "abc"]
    assert tree.failing(tests) == {tests[1]}
    tree.delete()
