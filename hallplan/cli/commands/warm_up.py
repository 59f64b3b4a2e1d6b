"""``hallplan warm-up``: how many days a hall's open cases take to settle.

Input: a scenario.  Output: a table or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial

from hallplan.cli import options
from hallplan.cli.files import OutputFiles
from hallplan.cli.studies import StudyOptions, prepared_of, warn_of_overload

__all__ = ["warm_up_command"]


def warm_up_command(
    scenario: options.ScenarioName,
    reps: options.WarmUpReps = None,
    days: options.DaysLookedAt = None,
    seed: options.Seed = None,
    lever: options.LeverTexts = None,
    set_: options.SetTexts = None,
    json: options.Json = False,
    out: options.Out = None,
    format_: options.Formats = "parquet,csv",
    force: options.Force = False,
    engine: options.EngineName = None,
    workers: options.Workers = None,
    no_cache: options.NoCache = False,
    lang: options.Lang = None,
) -> None:
    """Say how many days a hall's open cases take to settle."""
    prepared = prepared_of(scenario, lever, set_, store=not no_cache)
    from hallplan.show.warm_up import warm_up_document, warm_up_table
    from planner.warm_up import Beginning, from_the_beginning

    model = prepared.scenario
    extended = from_the_beginning(model, days)
    files = OutputFiles(out, format_, force, frames=("open_cases", "mser"), composed=[prepared.composed])
    warn_of_overload([model], [prepared.outlook])
    study_options = StudyOptions(seed, engine, workers, not no_cache)
    result = study_options.work_off(extended, replications=reps, curves=True)
    beginning = Beginning.of(result, own_days=model.run.warm_up_days)
    document = partial(warm_up_document, beginning, result)
    files.write_outputs(beginning, document, lambda: [warm_up_table(beginning)], json=json)
