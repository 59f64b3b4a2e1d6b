"""The STRESS-DES checklist of a result: what a report of a simulation must state, filled as far as it is known.

Input: an :class:`~hallplan.show.citation.Experiment`.  Output: :class:`Checklist`, as Markdown and as JSON.  The items
are those of Monks et al. (2019), "Strengthening the reporting of empirical simulation studies: Introducing the STRESS
guidelines", Journal of Simulation 13.  What only the author can know is marked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from hallplan.show.words import heading, in_language, pool_title
from scenarios.provenance import KINDS

if TYPE_CHECKING:
    from hallplan.show.citation import Experiment
    from scenarios.model import Scenario

__all__ = ["ITEMS", "REPORT_FILES", "Checklist", "Item", "report_files", "stress_des"]

REPORT_FILES: Final = ("citation.json", "stress-des.md")
"""Names of the files that stand beside every result."""
_SECTIONS: Final = ("objectives", "logic", "data", "experimentation", "implementation", "access")
ITEMS: Final[Mapping[str, str]] = {
    "1.1": "purpose",
    "1.2": "outputs",
    "1.3": "aims",
    "2.1": "diagram",
    "2.2": "base_logic",
    "2.3": "scenario_logic",
    "2.4": "algorithms",
    "2.5.1": "entities",
    "2.5.2": "activities",
    "2.5.3": "resources",
    "2.5.4": "queues",
    "2.5.5": "entry_exit",
    "3.1": "sources",
    "3.2": "preprocessing",
    "3.3": "inputs",
    "3.4": "assumptions",
    "4.1": "initialisation",
    "4.2": "run_length",
    "4.3": "estimation",
    "5.1": "software",
    "5.2": "sampling",
    "5.3": "execution",
    "5.4": "system",
    "6.1": "sharing",
}
"""Items by their number in the guidelines."""
_FOR_THE_AUTHOR: Final = frozenset({"purpose", "aims", "diagram", "preprocessing", "sharing"})
"""What no program knows of a study; what it knows is stated, and the author goes on from there."""
_MOST_NAMED: Final = 12


@dataclass(frozen=True)
class Item:
    """One item of the checklist.

    Attributes
    ----------
    number, title
        Number and title in the guidelines.
    answer
        What is known.
    for_author
        Whether the author has to add to it.
    """

    number: str
    title: str
    answer: str
    for_author: bool


@dataclass(frozen=True, eq=False)
class Checklist:
    """The checklist of an experiment, in a language.

    Attributes
    ----------
    title, note
        What stands above it.
    items
        The items.
    """

    title: str
    note: str
    items: tuple[Item, ...]

    def markdown(self) -> str:
        """Return the checklist as Markdown."""
        lines = [f"# {self.title}", "", self.note]
        mark = messages.text("stress.author")
        for item in self.items:
            section = _SECTIONS[int(item.number[0]) - 1]
            if item.number.endswith(".1") and item.number.count(".") == 1:
                lines += ["", f"## {item.number[0]}. {messages.text(f'stress.section.{section}')}"]
            lines += ["", f"**{item.number} {item.title}**  ", item.answer + (f" *{mark}*" if item.for_author else "")]
        return "\n".join(lines) + "\n"

    def document(self) -> dict[str, Any]:
        """Return the checklist as JSON has it."""
        rows = [
            {"item": item.number, "title": item.title, "answer": item.answer, "for_author": item.for_author}
            for item in self.items
        ]
        return {"format": 1, "title": self.title, "items": rows}


def stress_des(experiment: Experiment) -> Checklist:
    """Return the checklist of an experiment, in the language in use.

    Parameters
    ----------
    experiment
        What was simulated.
    """
    base = experiment.scenarios[0]
    values = {**_study(experiment), **_hall(base), **_data(base)}
    items = tuple(
        Item(
            number,
            messages.text(f"stress.title.{name}"),
            messages.text(f"stress.answer.{name}", **values),
            name in _FOR_THE_AUTHOR,
        )
        for number, name in ITEMS.items()
    )
    title = messages.text("stress.heading", name=heading(base))
    return Checklist(title, messages.text("stress.note"), items)


def _named(names: Sequence[str]) -> str:
    """Return names in a row, the first few if they are many; a dash for none."""
    shown = messages.text("stress.separator").join(names[:_MOST_NAMED]) or "–"
    more = len(names) - _MOST_NAMED
    return shown if more <= 0 else messages.text("stress.more", names=shown, n=more)


def _study(experiment: Experiment) -> dict[str, Any]:
    base, sweep = experiment.scenarios[0], experiment.sweep
    names = [" + ".join([scenario.name, *scenario.levers]) for scenario in experiment.scenarios]
    environment, software = experiment.environment, experiment.software
    if sweep is not None:
        aims = messages.text("stress.aim.sweep", n=sweep["points"], keys=_named(sweep["keys"]))
    elif len(names) > 1:
        aims = messages.text("stress.aim.comparison", n=len(names), names=_named(names))
    else:
        aims = messages.text("stress.aim.single", name=names[0])
    metrics = [name for name in experiment.metrics if ":" not in name]
    counts = sorted(set(experiment.replications))
    return {
        "aims": aims,
        "scenario_names": _named(names),
        "metrics": _named(metrics) if metrics else messages.text("stress.every_metric"),
        "seed": experiment.seed,
        "failed": _failed(experiment),
        "replications": "–".join(map(str, counts[:1] + counts[-1:][: len(counts) - 1])) or "–",
        "version": software["version"],
        "results_version": software["results_version"],
        "commit": software.get("commit", "–"),
        "libraries": _named([f"{name} {version}" for name, version in experiment.libraries.items()]),
        "citation": experiment.sentence(),
        "levers": _named(list(base.levers)),
        "python": environment["python"],
        "release": environment.get("release", environment["system"]),
        "processor": environment.get("processor", "") or environment["machine"],
        "cores": environment.get("cores", "–"),
    }


def _failed(experiment: Experiment) -> str:
    """Return which points of a sweep could not be simulated, and why; nothing if all could, or it is no sweep."""
    if experiment.sweep is None or not experiment.failed:
        return ""
    causes = [cause[messages.language()] for cause in experiment.failed.values()]
    listed, more = causes[:_MOST_NAMED], len(causes) - _MOST_NAMED
    if more > 0:
        listed.append(messages.text("stress.more_failed", n=more))
    lines = "".join(f"\n- {line}" for line in listed)
    return messages.text("stress.failed", failed=len(causes), n=experiment.sweep["points"], causes=lines)


def _hall(scenario: Scenario) -> dict[str, Any]:
    pools, run = scenario.pools, scenario.run
    described = in_language(scenario.description, "")
    return {
        "description": f"{heading(scenario)}. {described}".strip(),
        "n_services": len(scenario.services),
        "n_sources": len(scenario.arrivals),
        "n_sites": len(scenario.sites),
        "n_pools": len(pools),
        "n_timetables": len(scenario.timetables),
        "n_routes": len(scenario.routes),
        "n_cases": sum(service.case is not None for service in scenario.services.values()),
        "pools": _named([pool_title(scenario, name) for name in pools]),
        "sources": _named(list(scenario.arrivals)),
        "n_due_date": sum(pool.discipline == "due-date" for pool in pools.values()),
        "n_preemptive": sum(pool.preemptive for pool in pools.values()),
        "n_rooms": sum(pool.room is not None for pool in pools.values()),
        "start": run.start.isoformat(),
        "warm_up": run.warm_up_days,
        "days": run.days,
        "follow_up": run.follow_up_days,
        "backlog": len(scenario.backlog),
    }


def _data(scenario: Scenario) -> dict[str, Any]:
    entries = list(scenario.provenance.values())
    counts = {kind: sum(entry.kind == kind for entry in entries) for kind in KINDS}
    texts = dict.fromkeys(in_language(entry.source, "") for entry in entries)
    return {
        "references": _named([text for text in texts if text]),
        **{f"n_{kind}": count for kind, count in counts.items()},
        "n_targets": len(scenario.targets),
    }


def report_files(experiment: Experiment) -> dict[str, bytes]:
    """Return the files beside a result, by name: the record to cite it by, and the checklist."""
    record = json.dumps(experiment.document(), ensure_ascii=False, indent=2) + "\n"
    return dict(
        zip(REPORT_FILES, (record.encode("utf-8"), stress_des(experiment).markdown().encode("utf-8")), strict=True)
    )
