"""Drawing and simulating come together in one place: nobody else imports both."""

import ast
from pathlib import Path

from sources import nodes_of

ROOT = Path(__file__).parents[3]
PACKAGES = ("scenarios", "sim", "calibration", "planner", "verification", "hallplan", "benchmarks")
DRAWS = ("sim.draw.drawing",)
ENGINES = ("sim.engine.kernel", "sim.engine.reference", "sim.engine.choice")
EXCEPTIONS = {
    "sim/run/simulating.py": "the place",
    "hallplan/__init__.py": "names for users who take the three steps apart",
    "benchmarks/equality.py": "holds one engine against the other",
    "benchmarks/run.py": "times one engine against the other",
    "benchmarks/stages.py": "times the steps apart",
    "benchmarks/queues.py": "times an engine against other simulators",
    "benchmarks/results.py": "freezes draws, logs and metrics apart",
}


def imported(path: Path) -> set[str]:
    modules = set[str]()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
        elif isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
    return modules


def test_only_sim_run_draws_and_simulates():
    both = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if imported(path) & set(DRAWS) and imported(path) & set(ENGINES)
    }
    assert both <= EXCEPTIONS.keys(), sorted(both - EXCEPTIONS.keys())
    assert "sim/run/simulating.py" in both
