"""``hallplan warm-up``: how many days a hall's open cases take to settle.

Input: a scenario.  Output: a table or JSON, and the files that ``--out`` names.
"""

from __future__ import annotations

from functools import partial

from hallplan.cli import options
from hallplan.cli.files import OutputFiles
from hallplan.cli.simulating import composed_of, simulator, warn_of_overload

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
    lang: options.Lang = None,
) -> None:
    """Say how many days a hall's open cases take to settle."""
    composed = composed_of(scenario, lever, set_)
    from hallplan.api import worthwhile_workers
    from hallplan.cli.progress import Bar, interruptible
    from hallplan.show.warm_up import warm_up_document, warm_up_table
    from planner.load import offered_load
    from planner.warm_up import beginning_of, from_the_beginning

    model = composed.scenario
    whole = from_the_beginning(model, days)
    files = OutputFiles(out, format_, force, frames=("open_cases", "mser"), composed=[composed])
    warn_of_overload([model], [offered_load(model)])
    number = reps or model.run.replications
    chosen, name = simulator(engine, [whole], number)
    with Bar(number) as bar:
        work = partial(
            beginning_of,
            model,
            days=days,
            replications=number,
            seed=seed,
            workers=workers or worthwhile_workers([whole], number),
            engine=chosen,
            progress=bar.tell,
        )
        found = interruptible(work)
    files.write_outputs(found, partial(warm_up_document, found, engine=name), lambda: [warm_up_table(found)], json=json)
