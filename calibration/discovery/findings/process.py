"""Findings about control flow, durations, pools and prioritisation.

Input: a :class:`~calibration.discovery.result.Discovery`.
Output: its findings, one after another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from calibration.discovery.control_flow.routing import MIN_OVERLAP
from calibration.discovery.findings.finding import Finding, fit_verdict
from calibration.discovery.findings.titles import hours_text, pool_title
from calibration.discovery.laws.proportions import wilson_interval
from calibration.discovery.resources.durations import ALL
from calibration.discovery.resources.priorities import ChoiceCounts
from sim.calendar import MINUTE_MS

if TYPE_CHECKING:
    from calibration.discovery.log.traces import Traces
    from calibration.discovery.result import Discovery


__all__ = ["duration_findings", "pool_findings", "priority_findings", "routing_findings"]

_MOSTLY: Final = 0.5
"""Share of activity instances without duration above which the log is said to hold marks rather than work."""


def routing_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield how many transitions the routes cover, states, rework and overlap."""
    if discovery.traces.kind == "ledger":
        return
    routing, traces = discovery.routing, discovery.traces
    yield Finding(
        "routing",
        estimate=routing.coverage,
        unit="share",
        n=int(routing.transitions["n"].sum()),
        values={"activities": len(traces.activities), "passages": int(routing.transitions["kept"].sum())},
    )
    for activity, kind in routing.states.split.items():
        many = routing.states.activity.count(activity)
        yield Finding(
            "memory",
            traces.activities[activity],
            estimate=many,
            unit="count",
            n=int((traces.activity == activity).sum()),
            values={"kind": f"discovery.word.{kind}"},
        )
    repeats = sum(routing.rework[k] * int((traces.service == k).sum()) for k in routing.rework) / traces.n_cases
    if repeats > 0:
        yield Finding("rework", estimate=repeats, unit="count", n=traces.n_cases)
    if routing.overlapping > MIN_OVERLAP:
        yield Finding("overlap", estimate=routing.overlapping, unit="share", n=traces.n_rows)


def duration_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield whether most activities take no time, and the law of each activity's duration."""
    yield from _zero_durations(discovery.traces)
    for duration in discovery.durations:
        activity = discovery.traces.activities[duration.activity]
        name = activity if duration.service == ALL else f"{activity} ({discovery.traces.services[duration.service]})"
        fitted = duration.fitted
        yield Finding(
            "work_guessed" if duration.guessed else "work_bounded" if duration.bounded else "work",
            name,
            estimate=fitted.mean / MINUTE_MS,
            low=fitted.low / MINUTE_MS,
            high=fitted.high / MINUTE_MS,
            unit="minutes",
            n=fitted.n,
            p_value=fitted.p_value,
            test="" if math.isnan(fitted.p_value) else "fit",
            values={
                "family": f"discovery.family.{fitted.family}",
                "cv": fitted.cv,
                "sampled": fitted.sampled,
                "verdict": fit_verdict(fitted.p_value),
            },
            assumed=duration.guessed,
        )


def _zero_durations(traces: Traces) -> Iterator[Finding]:
    """Tell how many activity instances end at the very moment of their start, if most do."""
    timed = (traces.start >= 0) & (traces.end >= 0) & ~traces.outside
    n, zero = int(timed.sum()), int((timed & (traces.end == traces.start)).sum())
    if not traces.date_only and zero > _MOSTLY * n:
        low, high = wilson_interval(zero, n)
        yield Finding("zero_durations", estimate=zero / n, low=low, high=high, unit="share", n=n)


def pool_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield the servers of each pool."""
    for pool in discovery.pools:
        yield Finding(
            "pool" if pool.by_queue else "pool_seen",
            pool_title(discovery, pool),
            estimate=pool.servers,
            low=pool.low,
            high=pool.high,
            unit="count",
            n=pool.n,
            values={
                "resources": pool.resources,
                "hours": hours_text(pool.hours),
                "evidence": pool.evidence_hours,
                "busy": pool.busy,
            },
        )
        if pool.multitasks:
            yield Finding("at_once", pool_title(discovery, pool), estimate=pool.at_once, unit="count", n=pool.n)


def priority_findings(discovery: Discovery) -> Iterator[Finding]:
    """Yield what goes before what, and how often the others were taken out of turn."""
    counted = {(choice.pool, choice.kind, choice.other): choice for choice in discovery.choices}

    def named(choice: ChoiceCounts, kind: int) -> str:
        return discovery.traces.services[kind] if choice.by_service else discovery.traces.activities[kind]

    equal = []
    for choice in discovery.choices:
        back = counted.get((choice.pool, choice.other, choice.kind))
        if choice.goes_first:
            low, high = wilson_interval(choice.overtakes, choice.n)
            values = {
                "other": named(choice, choice.other),
                "n": choice.n,
                "at_random": choice.at_random,
                "back": 0,
                "back_n": 0,
            }
            if back is not None:
                values |= {"back": back.overtakes, "back_n": back.n}
            yield Finding(
                "priority",
                named(choice, choice.kind),
                estimate=choice.share,
                low=low,
                high=high,
                unit="share",
                n=choice.n,
                p_value=choice.p_value,
                test="choices",
                values=values,
            )
        elif back is None or not back.goes_first:
            equal.append(choice)
    n, overtakes = sum(choice.n for choice in equal), sum(choice.overtakes for choice in equal)
    if n:
        low, high = wilson_interval(overtakes, n)
        yield Finding("no_priority", estimate=overtakes / n, low=low, high=high, unit="share", n=n, values={"n": n})
