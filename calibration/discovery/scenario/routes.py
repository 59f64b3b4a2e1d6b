"""Routes of the services of a discovered scenario.

Input: a :class:`~calibration.discovery.result.Discovery` and the names of the scenario's parts.
Output: the tables ``services`` and ``timetables`` of a scenario file.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from calibration.discovery.laws.entries import rounded_shares
from calibration.discovery.laws.survival import Lifetimes
from calibration.discovery.resources.absences import Absence
from calibration.discovery.resources.durations import ALL
from calibration.discovery.result import Discovery
from calibration.discovery.scenario.names import PartNames, wait_names
from calibration.discovery.timing.delays import Delay
from calibration.discovery.timing.hours import clock
from calibration.discovery.timing.timetables import Release
from foundation import messages

__all__ = ["service_tables"]

_INSTANT: Final = "1 s"
"""Work of an activity without a duration; a scenario has no step without work."""
_MIN_WORK_MS: Final = 1_000
"""Mean work below this is written as :data:`_INSTANT`."""
_CALL: Final = "1 min"
"""How long a window calls an absent visitor, where the log does not show it: an assumption."""
_TAIL_POINTS: Final = 20
"""Values that stand for the tail of a turnaround beyond the longest one observed."""
_MIN_RATE: Final = 0.02
"""Lowest rate per working day at which cases in that tail are completed: a mean of 50 more days."""
_TAIL_MEANS: Final = 3
"""Length of that tail in its own means: 95% of an exponential law."""
_NEGLIGIBLE: Final = 1e-6
"""Share of cases in that tail that is a rounding error."""


def service_tables(discovery: Discovery, parts: PartNames) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tables of services and of timetables."""
    services: dict[str, Any] = {}
    timetables: dict[str, Any] = {}
    for code, name in enumerate(parts.services):
        title = discovery.traces.services[code] or messages.text(
            "discovery.word.others" if len(parts.services) > 1 else "discovery.word.all_services"
        )
        if discovery.traces.kind == "ledger":
            services[name] = _behind(title, _recorded(discovery, code, timetables))
            continue
        route = _route(discovery, parts, code, timetables)
        if discovery.routing.multi_day[code]:
            services[name] = _behind(title, {"accepted": {"mark": "accepted"}, **route})
        else:
            services[name] = {"title": title, "kind": "instant", "visits": {"apply": route}}
    return services, timetables


def _recorded(discovery: Discovery, service: int, timetables: dict[str, Any]) -> dict[str, Any]:
    """Return the case of a ledger's service: its recorded turnaround, from the round on where cases go by rounds."""
    route: dict[str, Any] = {"accepted": {"mark": "accepted"}}
    lives = discovery.turnaround
    if discovery.rounds is not None:
        lives, title = discovery.rounds.turnaround, messages.text("discovery.finding.rounds.title")
        timetables["rounds"] = _timetable_entry(discovery.rounds.release, title)
        route["round"] = {"title": title, "until": "rounds"}
    return route | {
        "turnaround": {
            "title": messages.text("discovery.finding.turnaround.title"),
            "delay": _lasting(lives.get(service, lives[ALL])),
            "mark": "decided",
        },
        "finished": {"mark": "finished"},
    }


def _behind(title: str, case: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "kind": "committed",
        "visits": {"apply": {"file": {"start_case": True}}},
        "case": case,
    }


def _lasting(lives: Lifetimes) -> Any:
    """Return the law of a turnaround in working days; beyond the longest one observed, the last rate goes on."""
    times, shares = lives.times, lives.shares.clip(min=0)
    if not times.size:
        return "1 working days"
    beyond = lives.beyond
    if beyond > _NEGLIGIBLE:
        half = times >= np.median(times)
        alive = 1 - np.r_[0.0, np.cumsum(shares)][:-1]
        ended = float(shares[half].sum())
        lived = float((alive[half] * np.diff(np.r_[times[half], times[-1] + 1])).sum())
        rate = min(max(ended / lived if lived > 0 else 1.0, _MIN_RATE), 1.0)
        step = max(int(np.ceil(_TAIL_MEANS / rate / _TAIL_POINTS)), 1)
        more = np.arange(1, _TAIL_POINTS + 1)
        weights = (1 - rate) ** (step * (more - 1)) * (1 - (1 - rate) ** step)
        times = np.r_[times, times[-1] + step * more]
        shares = np.r_[shares, beyond * weights / weights.sum()]
    shares = rounded_shares(shares)
    if times.size == 1:
        return f"{times[0]:.0f} working days"
    return {"values": [f"{t:.0f} working days" for t in times], "shares": [float(share) for share in shares]}


def _route(discovery: Discovery, parts: PartNames, service: int, timetables: dict[str, Any]) -> dict[str, Any]:
    """Return the route of a service: a step for each activity, and for each transition that takes time."""
    traces, states = discovery.traces, discovery.routing.states
    n = len(states.names)
    retained = discovery.routing.transitions["kept"].to_numpy() & (discovery.routing.codes[:, 0] == service)
    codes, counts = discovery.routing.codes[retained], discovery.routing.transitions["n"].to_numpy()[retained]
    delays = {(delay.source, delay.target): delay for delay in discovery.delays if delay.service == service}
    route: dict[str, Any] = {}
    waits: dict[str, Any] = {}

    def next_steps(source: int) -> Any:
        outgoing = codes[:, 1] == source
        shares = counts[outgoing] / counts[outgoing].sum() if outgoing.any() else np.zeros(0)
        into: dict[str, float] = {}
        for target, share in zip(codes[outgoing, 2].tolist(), shares.tolist(), strict=True):
            step = "finished" if target == n else parts.steps[target]
            delay_of_transition = delays.get((source, target))
            if delay_of_transition is not None:
                step = _wait(delay_of_transition, discovery, parts, waits, timetables, then=step)
            into[step] = round(share, 9)
        if not into:
            return "finished"
        if len(into) == 1:
            return next(iter(into))
        top = max(into, key=lambda step: into[step])
        into[top] = round(into[top] + 1 - sum(into.values()), 12)
        return into

    route["begin"] = {"next": next_steps(n)}
    for state in _in_order(discovery, service, codes):
        activity = states.activity[state]
        step: dict[str, Any] = {"title": traces.activities[activity]}
        stop = discovery.stops.get(activity)
        if stop is not None and stop.stop.outside:
            delay_of_transition = stop.delays.get(service, stop.delays.get(ALL))
            step["delay"] = _INSTANT if delay_of_transition is None else delay_of_transition.law
        else:
            step |= {"pool": parts.pool_of[service, activity], "work": _work(discovery, activity, service)}
            if (service, activity) in discovery.priorities:
                step["priority"] = discovery.priorities[service, activity]
            if (service, activity) in discovery.absences:
                step["absent"] = _absent(discovery.absences[service, activity])
        if stop is not None and stop.reason and not stop.stop.rule.after:
            step["stops_clock"] = stop.reason
        route[parts.steps[state]] = step | {"next": next_steps(state)}
    return {**route, **waits, "finished": {"mark": "finished", "next": "end"}}


def _in_order(discovery: Discovery, service: int, codes: Any) -> list[int]:
    """Return the states of a service by their mean position in its traces."""
    traces, states = discovery.traces, discovery.routing.states
    used = [k for k in np.unique(codes[:, 1:]).tolist() if k < len(states.names)]
    rows = traces.service[traces.case] == service
    position = np.arange(traces.n_rows) - traces.first_row[:-1][traces.case]
    mean = {k: float(position[rows & (states.state == k)].mean()) for k in used}
    return sorted(used, key=lambda k: mean[k])


def _wait(
    delay_of_transition: Delay,
    discovery: Discovery,
    parts: PartNames,
    waits: dict[str, Any],
    timetables: dict[str, Any],
    *,
    then: str,
) -> str:
    """Add the step for the delay of a transition, and return its name."""
    name, rest = wait_names(delay_of_transition)
    names = discovery.routing.states.names
    title = f"{names[delay_of_transition.source]} → {names[delay_of_transition.target]}"
    steps: dict[str, dict[str, Any]] = {}
    if delay_of_transition.release is not None:
        steps[name] = {"title": title, "until": _timetable(delay_of_transition, title, timetables)}
    if delay_of_transition.law is not None:
        steps[rest] = {"title": title, "delay": delay_of_transition.law}
    stop = discovery.stops.get(discovery.routing.states.activity[delay_of_transition.source])
    if stop is not None and stop.reason and stop.stop.rule.after:
        steps = {key: step | {"stops_clock": stop.reason} for key, step in steps.items()}
    following = [*list(steps)[1:], then]
    waits |= {key: step | {"next": target} for (key, step), target in zip(steps.items(), following, strict=True)}
    return name


def _absent(absence: Absence) -> dict[str, Any]:
    """Return how visitors miss their call."""
    call = absence.call.law if absence.call is not None and absence.call.mean >= _MIN_WORK_MS else _CALL
    entry = {"share": float(f"{absence.share:.6g}"), "call": call, "then": "rejoin" if absence.rejoins else "leave"}
    return entry | ({"away": absence.away.law} if absence.rejoins and absence.away is not None else {})


def _timetable(delay: Delay, title: str, timetables: dict[str, Any]) -> str:
    """Add the timetable of a transition, and return its name; services that share a timetable share its places."""
    assert delay.release is not None
    entry = _timetable_entry(delay.release, title)
    name = f"release-{delay.source + 1}-{delay.target + 1}"
    if timetables.get(name, entry) != entry:  # another service has departures of its own
        name = f"{name}-{delay.service + 1}"
    timetables[name] = entry
    return name


def _timetable_entry(release: Release, title: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "title": title,
        "times": [clock(t) for t in release.times],
        "days": list(release.weekdays),
        "transfer": True,
    }
    if release.weeks.every > 1:
        entry["every_weeks"] = release.weeks.every
    if release.capacity:
        entry["capacity"] = release.capacity
    return entry


def _work(discovery: Discovery, activity: int, service: int) -> Any:
    by_service = {duration.service: duration for duration in discovery.durations if duration.activity == activity}
    duration = by_service.get(service, by_service.get(ALL))
    if duration is None:
        return _INSTANT
    return _INSTANT if duration.fitted.mean < _MIN_WORK_MS else duration.fitted.law
