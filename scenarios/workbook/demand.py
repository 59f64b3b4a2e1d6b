"""Demand of a made scenario: who comes, how many, on which weekdays and at which hours.

Input: a workbook and its services.  Output: the sources of visitors, the profile of the day, and the sources of their
numbers.  Volumes of items count applications; ticket counts count every visit to a window, and what they count beyond
the items' visits are enquiries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from foundation.errors import HallplanError
from scenarios.workbook.layout import ANY_DAY
from scenarios.workbook.model import HallForm, Stated
from scenarios.workbook.opening import HALF_HOUR, Intervals, clock, minutes_of, open_days, opening_of, ticket_intervals
from scenarios.workbook.services import MadeService
from scenarios.workbook.skeleton import skeleton
from scenarios.workbook.sources import assumed, cell_of, derived, given_by

__all__ = ["Demand", "days_a_month", "made_demand", "tickets_per_day", "visits_per_application"]

_SOURCES: Final = {
    "instant": {"en": "Instant items", "zh": "即办件"},
    "applications": {"en": "Committed items", "zh": "承诺件"},
    "projects": {"en": "Joint items", "zh": "联办件"},
}
_ROUNDED: Final = 4


@dataclass
class Demand:
    """The demand of a made scenario.

    Attributes
    ----------
    arrivals
        The sources of visitors.
    profile
        Relative demand by time of day, or by weekday and time of day.
    sources
        The sources of the numbers, by path.
    notes
        What the workbook's numbers say against each other.
    """

    arrivals: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[HallplanError] = field(default_factory=list)


def made_demand(form: HallForm, services: Sequence[MadeService], shares: Mapping[str, float]) -> Demand:
    """Return the demand of a workbook.

    Parameters
    ----------
    form, services
        The workbook and its services.
    shares
        Shares of applications that lack papers (``apply``, ``supplement``, ``case``), and of certificates that are
        fetched (``collect``).
    """
    demand = Demand()
    volumes = _volumes(form, services, shares, demand.sources)
    for name in _SOURCES:
        weights = {service.name: volumes[service.name] for service in services if service.source == name}
        if any(weights.values()):
            _add_source(demand, form, name, weights)
    visits = _visits_a_month(services, volumes, shares) / days_a_month(form)
    _add_enquiries(demand, form, volumes, visits)
    online = {service.name: volumes[service.name] for service in services if service.source == "applications"}
    if any(online.values()):
        demand.arrivals["online"] = _source(form, "applications", ("patience", "comes_back")) | {
            "title": {"en": "Online applications", "zh": "网上申请"},
            "channel": "online",
            "per_day": 0,
            "services": online,
        }
    _add_appointments(demand, form, volumes)
    demand.profile = _profile(form, demand.sources)
    _weekdays(form, demand)
    return demand


def visits_per_application(shares: Mapping[str, float]) -> tuple[float, float]:
    """Return the visits to a window that an application brings about: an instant one, and one that becomes a case.

    An instant one that lacks papers comes again with a fixed probability, as often as papers are missing; a case asks
    for what is missing until nothing is, and its certificate may be fetched.
    """
    again = skeleton()["templates"]["instant"]["visits"]["apply"]["come-again"]["share"]
    instant = 1 + shares["apply"] * again / (1 - shares["supplement"] * again)
    return instant, 1 + shares["case"] / (1 - shares["case"]) + shares["collect"]


def _visits_a_month(
    services: Sequence[MadeService], volumes: Mapping[str, float], shares: Mapping[str, float]
) -> float:
    instant, other = visits_per_application(shares)
    return sum(volumes[service.name] * (other if service.has_case else instant) for service in services)


def days_a_month(form: HallForm) -> float:
    """Return the mean number of days of a month on which the hall is open."""
    days: float = skeleton()["levels"]["days_a_month"] * len(open_days(form.hours)) / 5
    return days


def _volumes(
    form: HallForm, services: Sequence[MadeService], shares: Mapping[str, float], sources: dict[str, dict[str, Any]]
) -> dict[str, float]:
    """Return the month's applications of each service: as stated, or as assumed for its class.

    Where no item states its volume and tickets are counted, the assumed ones are scaled to the tickets.
    """
    levels = skeleton()["levels"]
    volumes = {
        service.name: float(service.item.volume.value if service.item.volume else levels["volume"][service.item_class])
        for service in services
    }
    stated = {service.name: service.item.volume for service in services if service.item.volume}
    for name, volume in stated.items():
        sources[f"arrivals.*.services.{name}"] = given_by(volume, form.name)
    if form.tickets and not stated:
        visits = _visits_a_month(services, volumes, shares)
        counted = tickets_per_day(form) * days_a_month(form)
        factor = counted / (1 + levels["enquiries"]) / visits
        volumes = {name: round(volume * factor, _ROUNDED) for name, volume in volumes.items()}
        sources["arrivals.*.services"] = derived("workbook.source.scaled", tickets=f"{tickets_per_day(form):.1f}")
    return volumes


def tickets_per_day(form: HallForm) -> float:
    """Return the mean number of tickets of a day, over the weekdays that are counted."""
    sums = [sum(counts.value.values()) for counts in form.tickets.values()]
    return sum(sums) / len(sums) if sums else 0.0


def _source(form: HallForm, people: str, without: Sequence[str] = ()) -> dict[str, Any]:
    prototypes = skeleton()["prototypes"]
    source = {key: value for key, value in prototypes["source"].items() if key not in without}
    if "weekday" in source:
        source["weekday"] = {day: weight for day, weight in source["weekday"].items() if day in open_days(form.hours)}
    return source | {"people": prototypes["people"][people]}


def _add_source(demand: Demand, form: HallForm, name: str, weights: Mapping[str, float]) -> None:
    days, total = days_a_month(form), sum(weights.values())
    demand.arrivals[name] = _source(form, name) | {
        "title": _SOURCES[name],
        "per_day": round(total / days, _ROUNDED),
        "services": dict(weights),
    }
    demand.sources[f"arrivals.{name}.per_day"] = derived(
        "workbook.source.per_day", total=f"{total:g}", days=f"{days:.2f}"
    )


def _add_enquiries(demand: Demand, form: HallForm, volumes: Mapping[str, float], visits: float) -> None:
    """Add those who only ask: what the tickets count beyond the items' visits, or an assumed share."""
    if form.tickets:
        tickets = tickets_per_day(form)
        per_day = max(tickets - visits, 0.0)
        values = {"tickets": f"{tickets:.1f}", "visits": f"{visits:.1f}"}
        entry = derived("workbook.source.enquiries", log=_first_tickets(form).log, **values)
        if tickets < visits:
            rounded = {"tickets": f"{tickets:.0f}", "visits": f"{visits:.0f}"}
            demand.notes.append(HallplanError("workbook.note.few_tickets", **rounded))
    else:
        per_day = visits * skeleton()["levels"]["enquiries"]
        entry = assumed(0, round(visits, 1), "workbook.source.assumed_enquiries")
    demand.arrivals["enquiries"] = _source(form, "enquiries") | {
        "title": {"en": "Enquiries", "zh": "咨询"},
        "purpose": "enquire",
        "per_day": round(per_day, _ROUNDED),
        "services": dict(volumes) if any(volumes.values()) else dict.fromkeys(volumes, 1.0),
    }
    demand.sources["arrivals.enquiries.per_day"] = entry


def _add_appointments(demand: Demand, form: HallForm, volumes: Mapping[str, float]) -> None:
    """Add those who book a time; they are a part of the items' applications and are taken out of the walk-ins."""
    stated: Stated[float] | None = form.answers.get("appointments")
    if stated is None or not stated.value:
        return
    source = next((name for name in ("applications", "instant", "projects") if name in demand.arrivals), None)
    if source is None:
        demand.notes.append(HallplanError("workbook.note.many_appointments", n=f"{stated.value:g}", applications="0"))
        return
    slots = skeleton()["prototypes"]["slots"]
    seats = math.ceil(stated.value / len(slots["times"]))
    demand.arrivals["appointments"] = {
        **skeleton()["prototypes"]["appointments"],
        "title": {"en": "Appointments", "zh": "预约"},
        "services": dict(demand.arrivals[source]["services"]),
        "people": skeleton()["prototypes"]["people"]["appointments"],
        "slots": {**slots, "seats": seats, "booked": round(stated.value / (seats * len(slots["times"])), _ROUNDED)},
    }
    entry = derived("workbook.source.appointments", n=f"{stated.value:g}", place=cell_of(stated))
    demand.sources |= {f"arrivals.appointments.slots.{key}": entry for key in ("seats", "booked")}
    walk_ins, booked = demand.arrivals[source]["per_day"], stated.value * (1 - slots["no_show"])
    if booked > walk_ins:
        values = {"n": f"{stated.value:g}", "applications": f"{walk_ins:.1f}"}
        demand.notes.append(HallplanError("workbook.note.many_appointments", **values))
    demand.arrivals[source]["per_day"] = round(max(walk_ins - booked, 0.0), _ROUNDED)
    before = demand.sources[f"arrivals.{source}.per_day"]["formula"]
    demand.sources[f"arrivals.{source}.per_day"] = derived(
        "workbook.source.less_booked", formula=before, booked=f"{booked:.2f}"
    )


def _weekdays(form: HallForm, demand: Demand) -> None:
    """Let the tickets of the weekdays shape the week; a weekday without counts is as the mean of the others."""
    if not form.tickets:
        return
    sums = {day: sum(counts.value.values()) for day, counts in form.tickets.items()}
    weights = {day: round(sums.get(day, tickets_per_day(form)), _ROUNDED) for day in open_days(form.hours)}
    for source in demand.arrivals.values():
        if "weekday" in source:
            source["weekday"] = weights
    cells = ", ".join(counts.cells for counts in form.tickets.values())
    block = replace(_first_tickets(form), cells=cells)
    demand.sources["arrivals.*.weekday"] = derived("workbook.source.weekdays", log=block.log, place=cell_of(block))


def _first_tickets(form: HallForm) -> Stated[Mapping[int, float]]:
    """Return the tickets of the first weekday that has any."""
    return next(iter(form.tickets.values()))


def _profile(form: HallForm, sources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the demand by time of day: the tickets of every weekday's half hours, or the assumed humps.

    A weekday without tickets is as all the others together.
    """
    intervals = ticket_intervals(form, ANY_DAY) if opening_of(form.hours, ANY_DAY) else ()
    if not form.tickets:
        pieces = {minutes_of(time): weight for time, weight in skeleton()["sites"]["hall"]["profile"].items()}
        return _cut(pieces, intervals)
    first = _first_tickets(form)
    key = "workbook.source.profile" if first.log is None else "workbook.source.log_profile"
    sources["sites.hall.profile"] = derived(key, log=first.log, place=cell_of(first))
    together: dict[int, float] = {}
    for stated in form.tickets.values():
        for start, count in stated.value.items():
            together[start] = together.get(start, 0.0) + count
    by_day = {
        day: _rates(stated.value, ticket_intervals(form, day))
        for day, stated in form.tickets.items()
        if any(stated.value.values())
    }
    return {"default": _rates(together, intervals)} | by_day if len(by_day) > 1 else _rates(together, intervals)


def _rates(counts: Mapping[int, float], intervals: Intervals) -> dict[str, float]:
    """Return the tickets of each half hour over its minutes."""
    rates: dict[int, float] = {}
    for start, count in sorted(counts.items()):
        begins, ends = _open_part(start, intervals)
        rates[begins] = round(count * HALF_HOUR / (ends - begins), _ROUNDED)
        rates[ends] = 0.0
    return {clock(time): weight for time, weight in sorted(rates.items())}


def _open_part(start: int, intervals: Intervals) -> tuple[int, int]:
    """Return the part of a half hour in which tickets are given; all of it where only another weekday is open then."""
    for begins, ends in intervals:
        if begins < start + HALF_HOUR and start < ends:
            return max(begins, start), min(ends, start + HALF_HOUR)
    return start, start + HALF_HOUR


def _cut(pieces: Mapping[int, float], intervals: Intervals) -> dict[str, float]:
    """Return a profile of which nothing is left outside the intervals."""
    times = sorted({*pieces, *(time for interval in intervals for time in interval)})
    profile: dict[str, float] = {}
    for time in times:
        weight = next((pieces[start] for start in sorted(pieces, reverse=True) if start <= time), min(pieces.values()))
        is_open = any(begins <= time < ends for begins, ends in intervals)
        profile[clock(time)] = weight if is_open else 0
    return profile
