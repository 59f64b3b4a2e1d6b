"""What a result is cited by: scenarios, seed, versions and the machine, for a file beside the result.

Input: scenarios, and the record or the sweep that a result comes from.  Output: :class:`Experiment`, which turns into
a document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from sim.run.keys import scenario_digest
from sim.run.record import environment, libraries, software

if TYPE_CHECKING:
    from planner.sweep.folder import Failures, Manifest
    from scenarios.model import Scenario

__all__ = ["CITATION_FORMAT", "Experiment"]

CITATION_FORMAT: Final = 1
_DIGEST_SHOWN: Final = 12


@dataclass(frozen=True, eq=False)
class Experiment:
    """What was simulated, for a citation and for a report.

    Attributes
    ----------
    scenarios
        The scenarios.
    seed
        Of the random numbers.
    replications
        Of every scenario, or of every point; none if nobody recorded them.
    software, libraries, environment
        As for :class:`sim.run.record.RunRecord`.
    metrics
        Which metrics were stored, if not all.
    sweep
        Digest, definition, keys and number of points, if it is a sweep.
    failed
        The points of a sweep that could not be simulated, with their causes.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    replications: tuple[int, ...]
    software: Mapping[str, Any]
    libraries: Mapping[str, str]
    environment: Mapping[str, str]
    metrics: tuple[str, ...] = ()
    sweep: Mapping[str, Any] | None = None
    failed: Failures = field(default_factory=dict)

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], document: Mapping[str, Any] | None = None) -> Experiment:
        """Return the experiment of scenarios, and of the document of a result that has its record or its seed."""
        content = document or {}
        record = content.get("provenance") or {}
        parameters = record.get("parameters", {})
        seed = parameters.get("seed", content.get("seed", scenarios[0].run.seed))
        return cls(
            tuple(scenarios),
            int(seed),
            tuple(parameters.get("replications", ())),
            record.get("software") or software(),
            record.get("libraries") or libraries(),
            record.get("environment") or environment(),
        )

    @classmethod
    def of_sweep(cls, scenario: Scenario, manifest: Manifest, failed: Failures) -> Experiment:
        """Return the experiment of a sweep over a scenario, some of whose points may have failed."""
        from planner.sweep.definition import SweepFile

        return cls(
            (scenario,),
            manifest.seed,
            (SweepFile.model_validate(manifest.definition).replications,),
            manifest.software,
            manifest.libraries,
            environment(),
            manifest.columns,
            {
                "digest": manifest.sweep,
                "definition": dict(manifest.definition),
                "keys": list(manifest.keys),
                "points": manifest.number_of_points,
            },
            failed,
        )

    def scenario_rows(self) -> list[dict[str, Any]]:
        """Return name, levers and digest of every scenario."""
        return [
            {"name": scenario.name, "levers": list(scenario.levers), "digest": scenario_digest(scenario)}
            for scenario in self.scenarios
        ]

    def sentence(self) -> str:
        """Return a citation in one sentence, in the language in use."""
        names = "; ".join(
            messages.text(
                "citation.scenario",
                name=" + ".join([row["name"], *row["levers"]]),
                digest=row["digest"][:_DIGEST_SHOWN],
            )
            for row in self.scenario_rows()
        )
        commit = self.software.get("commit")
        return messages.text(
            "citation.sentence",
            version=self.software["version"],
            results=self.software["results_version"],
            commit=messages.text("citation.commit", commit=commit) if commit else "",
            scenarios=names,
            seed=self.seed,
        )

    def document(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        return {
            "format": CITATION_FORMAT,
            "citation": self.sentence(),
            "software": dict(self.software),
            "libraries": dict(self.libraries),
            "environment": dict(self.environment),
            "scenarios": self.scenario_rows(),
            "seed": self.seed,
            "replications": list(self.replications),
            "sweep": None if self.sweep is None else dict(self.sweep),
        }
