"""``hallplan compare``: simulate scenarios with the same random numbers and print the differences from the first.

Input: the command's arguments and options.  Output: tables or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial

from hallplan.cli import options
from hallplan.cli.comparing import CompareOptions, print_comparison
from hallplan.cli.faults import UsageError
from hallplan.cli.studies import StudyOptions, prepared_of
from hallplan.cli.wait_limits import WaitLimits

__all__ = ["compare_command"]


def compare_command(
    scenarios: options.ScenarioNames,
    reps: options.Reps = None,
    precision: options.Precisions = None,
    days: options.Days = None,
    wait_limit: WaitLimits = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    posterior: options.PosteriorFlag = False,
    posterior_from: options.PosteriorFolder = None,
    metric: options.Metrics = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Simulate scenarios with the same random numbers and print the differences from the first."""
    if len(scenarios) == 1 and not lever:
        raise UsageError("cli.usage.compare_two")
    prepare = partial(prepared_of, sets=set_, days=days, wait_limits=wait_limit, store=not no_cache)
    if len(scenarios) == 1:  # the scenario against itself with the levers
        candidates = [prepare(scenarios[0], None), prepare(scenarios[0], lever)]
    else:
        candidates = [prepare(name, lever) for name in scenarios]
    study = StudyOptions(seed, engine, workers, not no_cache)
    choices = CompareOptions(study, reps, precision, posterior, posterior_from, metric, json, out, format_, force)
    print_comparison(candidates, choices)
