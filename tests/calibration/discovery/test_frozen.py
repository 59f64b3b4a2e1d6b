"""What discovery makes of small logs, frozen whole: a change anywhere shows here, to be looked at."""

from frozen import frozen_text
from small_logs import LOGS, discovery_of

from calibration.discovery.findings.cautions import find_cautions
from calibration.discovery.findings.finding import findings_frame
from calibration.discovery.scenario.table import scenario_text
from calibration.discovery.timing.decomposition import TimeDecomposition
from foundation import messages

ELSEWHERE = ("settings", "traces", "findings", "law")
"""Fields of a discovery that other texts hold."""
WITH_SOURCES = ("counter", "office", "marks", "rounds", "notices")
"""Logs of whose scenarios the provenance is frozen too."""


def test_scenarios_of_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        text = scenario_text(discovery_of(name))
        assert (text if name in WITH_SOURCES else text.partition("[provenance]")[0]) == snapshot(name=name)


def test_estimates_from_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        assert frozen_text(discovery_of(name), leave_out=ELSEWHERE) == snapshot(name=name)


def test_findings_from_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        lines = [frozen_text(finding) for finding in discovery_of(name).findings]
        assert "\n".join(lines) == snapshot(name=name)


def test_words_of_findings_are_as_they_were(snapshot):
    for language in messages.LANGUAGES:
        frame = findings_frame(discovery_of("notices").findings, language)
        lines = frame[["finding", "subject", "test", "words"]].agg(" | ".join, axis=1)
        assert "\n".join(lines) == snapshot(name=language)
        titles = dict.fromkeys(finding.title(language) for name in LOGS for finding in discovery_of(name).findings)
        assert "\n".join(titles) == snapshot(name=f"{language}-titles")


def test_cautions_about_small_logs_are_as_they_were(snapshot):
    elapsed = TimeDecomposition(300.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 100)
    for name in LOGS:
        cautions = [caution.words("en") for caution in find_cautions(discovery_of(name), rebuilt=elapsed)]
        assert "\n".join(cautions) == snapshot(name=name)


def test_traces_of_small_logs_are_as_they_were(snapshot):
    for name in LOGS:
        assert frozen_text(discovery_of(name).traces) == snapshot(name=name)
