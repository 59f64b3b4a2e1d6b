"""Random scenarios over the whole format: what the two engines are compared on.

Input: a NumPy generator, and features to leave out.  Output: a small, valid :class:`~scenarios.model.Scenario` in
which as much as possible happens at once: shared queues and preemption, short hours, small rooms, loops and forks, and
nearly all of it on the minute, so that many events fall on the same instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, Literal, TypeVar

import numpy as np
from pydantic import ValidationError

from foundation.errors import ScenarioError
from scenarios.check import check
from scenarios.model import MARKS, PURPOSES, STOPS, WEEKDAYS, Scenario

__all__ = ["FEATURES", "random_scenario"]

FEATURES: Final = (
    "absent",
    "appointments",
    "backlog",
    "batch",
    "capacity",
    "case",
    "comes-back",
    "doors",
    "due-date",
    "fork",
    "gathering",
    "holidays",
    "last-call",
    "loop",
    "merge",
    "online",
    "patience",
    "pause",
    "pool-room",
    "preemption",
    "priority",
    "roster",
    "send-home",
    "site-room",
    "timetable",
    "visit",
    "zero",
)
"""What a scenario can be kept free of, so that a failure can be narrowed down."""

Kind = Literal["visit", "case", "any"]
"""Who takes a route: visitors, cases, or either."""
Option = TypeVar("Option")
Table = dict[str, Any]

_STARTS: Final = (
    dt.date(2014, 1, 24),  # a make-up Sunday, then the Spring Festival
    dt.date(2014, 3, 3),
    dt.date(2014, 4, 3),
    dt.date(2014, 4, 29),
    dt.date(2014, 9, 26),
    dt.date(2015, 2, 13),
)
_HOURS: Final = (
    ["09:00-17:00"],
    ["09:00-12:00", "13:00-17:00"],
    ["09:00-10:00", "10:30-11:00", "11:10-12:00"],
    ["00:00-02:00", "22:00-24:00"],
    {"default": ["09:00-12:00", "14:00-16:00"], "wed": ["09:00-11:00"], "sat": ["10:00-12:00"]},
)
_MINUTES: Final = (1, 1, 2, 3, 5, 5, 10, 15, 20, 30)


def random_scenario(rng: np.random.Generator, without: frozenset[str] = frozenset()) -> Scenario:
    """Make a scenario.

    Parameters
    ----------
    rng
        Where every choice comes from.
    without
        Those of :data:`FEATURES` that it does without.
    """
    while True:
        table = _Maker(rng, without).scenario()
        try:
            scenario = Scenario.model_validate(table)
            check(scenario)
        except (ScenarioError, ValidationError):
            continue  # visits that bring one another about without end, and the like: throw the dice again
        return scenario


class _Maker:
    """Throws the dice for one scenario."""

    def __init__(self, rng: np.random.Generator, without: frozenset[str]) -> None:
        self.rng, self.without = rng, without
        self.has_no_doors = self.chance(0.2)
        self.front = [f"window-{k}" for k in range(self.between(1, 2))]
        self.back = [f"desk-{k}" for k in range(self.between(1, 2))]
        self.tables = [f"table-{k}" for k in range(self.between(1, 2))] if self.allows("timetable") else []
        self.sites = ["hall"] + ["branch"] * self.chance(0.25)
        self.people = ["citizen"] + ["agent"] * self.chance(0.5)

    def allows(self, feature: str) -> bool:
        return feature not in self.without

    def chance(self, share: float, feature: str = "") -> bool:
        return bool(self.rng.random() < share) and self.allows(feature)

    def between(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def pick(self, options: Sequence[Option]) -> Option:
        return options[int(self.rng.integers(len(options)))]

    def subset(self, options: Sequence[Option]) -> list[Option]:
        """Return at least one of them, in their order."""
        retained = [option for option in options if self.chance(0.6)]
        return retained or [self.pick(options)]

    # ---- quantities ------------------------------------------------------------------------------------------------

    def minutes(self) -> str:
        return "0 min" if self.chance(0.1, "zero") else f"{self.pick(_MINUTES)} min"

    def law(self, *extra: str) -> Any:
        """Return the law of a short time, mostly of a few whole minutes."""
        if self.chance(0.4):
            return self.pick([self.minutes(), *extra])
        if self.chance(0.15):
            return {"dist": "expon", "mean": f"{self.pick(_MINUTES)} min"}
        return {"values": [self.minutes(), self.pick([self.minutes(), *extra]), self.minutes()]}

    def delay(self) -> Any:
        clock = self.pick(("plain", "open", "days"))
        if clock == "plain":
            return self.law("70 min", "26 h")
        unit = "working hours" if clock == "open" else "working days"
        amounts = [0.0] * self.allows("zero") + ([0.25, 1, 3, 9] if clock == "open" else [1, 1, 2])
        values = [f"{self.pick(amounts):g} {unit}" for _ in range(2)]
        return {"values": values} if self.chance(0.5) else values[0]

    def priority(self) -> int:
        return self.pick((0, 3, 5, 5, 7, 9)) if self.allows("priority") else 5

    # ---- the hall --------------------------------------------------------------------------------------------------

    def scenario(self) -> Table:
        rng = self.rng
        services = {f"service-{k}": self.service() for k in range(self.between(1, 2))}
        table: Table = {
            "format": 1,
            "name": "random",
            "demand": float(self.pick((0.5, 1.0, 1.0, 2.0))),
            "run": {
                "start": self.pick(_STARTS) + dt.timedelta(days=int(rng.integers(0, 7))),
                "warm_up_days": self.between(0, 1),
                "days": self.between(1, 3),
                "follow_up_days": self.between(0, 2),
            },
            "calendar": self.calendar(),
            "sites": {name: self.site() for name in self.sites},
            "pools": self.pools(),
            "timetables": {name: self.timetable() for name in self.tables},
            "routes": {"common": self.route("any", 1)},
            "services": services,
            "people": {name: self.person() for name in self.people},
            "arrivals": {f"source-{k}": self.arrival(services) for k in range(self.between(1, 3))},
        }
        with_cases = [name for name, service in services.items() if "case" in service]
        if table["run"]["warm_up_days"] and with_cases and self.chance(0.4, "backlog"):
            table["backlog"] = {"open": self.backlog(with_cases, services)}
        return table

    def hours(self) -> Any:
        return self.pick(_HOURS) if self.allows("doors") else "always"

    def calendar(self) -> Table:
        if self.has_no_doors:
            return {"country": "none", "hours": "always"}
        if not self.allows("holidays"):
            return {"hours": self.hours()}
        table: Table = {"country": self.pick(("CN", "none")), "hours": self.hours() if self.chance(0.85) else "always"}
        if self.chance(0.5):
            table["weekend"] = self.pick((["sat", "sun"], ["sun"], ["tue", "wed"]))
        return table

    def site(self) -> Table:
        table: Table = {
            "doors_open": f"{self.pick((0, 0, 10, 20))} min",
            "tickets_stop": f"{self.pick((0, 0, 10))} min",
            "at_close": "send-home" if self.chance(0.2 if self.has_no_doors else 0.5, "send-home") else "serve",
        }
        if self.chance(0.25, "site-room"):
            table["room"] = self.between(1, 6)
        if self.chance(0.3) and not self.has_no_doors:
            table["hours"] = self.hours()
        if self.chance(0.3):
            table["profile"] = {"08:30": 2.0, "10:00": 1.0, "15:50": 3.0}
            if self.chance(0.5):
                quiet = {"08:00": 4.0, "12:30": 0.0, "14:00": 1.0}
                table["profile"] = {"default": table["profile"], self.pick(WEEKDAYS): quiet}
        return table

    def pools(self) -> Table:
        pools = {name: self.pool(name in self.front) for name in (*self.front, *self.back)}
        if len(self.back) > 1 and self.chance(0.3, "merge"):
            pools[self.back[1]] |= {"merge_into": self.back[0], "site": pools[self.back[0]]["site"]}
        return pools

    def pool(self, for_visitors: bool) -> Table:
        table: Table = {
            "site": self.pick(self.sites),
            "servers": self.pick((0, 1, 1, 1) if self.has_no_doors else (0, 1, 1, 1, 2, 2, 3)),
            "discipline": "due-date" if self.chance(0.4, "due-date") else "fifo",
            "preemptive": self.chance(0.4, "preemption"),
            "work_factor": float(self.pick((1.0, 1.0, 2.0))),
        }
        closings = ["serve", "keep"] + ["send-home"] * self.allows("send-home")
        if self.chance(0.5):
            table["at_close"] = self.pick(closings)
        if self.chance(0.2 if self.has_no_doors else 0.5, "pause"):
            # Who serves on after closing time has nothing to pause for.
            table |= {"at_break": "pause", "at_close": self.pick(closings[1:])}
        elif self.chance(0.4, "last-call"):
            table["at_break"] = "last-call"
        if for_visitors and self.chance(0.3, "pool-room"):
            table["room"] = self.between(0, 3)
        pauses = table.get("at_break") == "pause"
        if self.chance(0.8 if pauses else 0.4, "roster"):
            # Shifts that overlap make falls in part: work in hand that is more than the servers left.
            table["roster"] = [self.shift() for _ in range(self.between(1, 3) + pauses)]
            del table["servers"]
        elif self.chance(0.8 if self.has_no_doors else 0.3):
            table["hours"] = self.hours()
        return table

    def shift(self) -> Table:
        opens = self.between(0, 20)
        closes = self.between(opens + 1, 24)
        return {
            "days": self.subset(WEEKDAYS) if self.chance(0.3) else list(WEEKDAYS),
            "hours": f"{opens:02d}:00-{closes:02d}:00",
            "servers": self.between(1, 2),
        }

    def timetable(self) -> Table:
        if self.chance(0.3, "gathering"):
            gathering: Table = {"site": self.pick(self.sites), "count": self.between(1, 4)}
            if self.chance(0.8):
                gathering["longest"] = f"{self.pick((0, 5, 20, 60, 300))} min"
            return gathering
        table: Table = {"site": self.pick(self.sites), "every_weeks": self.pick((1, 1, 2))}
        if self.chance(0.5):
            table["times"] = self.subset(("09:00", "09:30", "11:00", "13:00", "17:00"))
        else:
            table |= {"every": f"{self.pick((20, 60))} min", "between": "09:00-16:00"}
        if self.chance(0.3):
            table["days"] = self.subset(WEEKDAYS)
        if self.chance(0.5, "capacity"):
            table["capacity"] = self.between(1, 3)
        return table

    def person(self) -> Table:
        return {"priority": self.priority(), "work_factor": float(self.pick((1.0, 1.0, 2.0)))}

    # ---- routes ----------------------------------------------------------------------------------------------------

    def service(self) -> Table:
        purposes = ["apply", *(purpose for purpose in PURPOSES if purpose != "apply" and self.chance(0.5))]
        has_case = self.chance(0.8, "case")
        table: Table = {
            "case_priority": self.priority(),
            "visits": {
                purpose: self.route(
                    "visit", 2, starts_case=has_case and purpose == "apply", visits=purposes[index + 1 :]
                )
                for index, purpose in enumerate(purposes)
            },
        }
        if has_case:
            table["case"] = self.route("case", 2, visits=purposes[1:])
        if self.chance(0.7):
            table["promised_limit"] = f"{self.between(0, 3)} working days"
        return table

    def route(self, kind: Kind, depth: int, *, starts_case: bool = False, visits: Sequence[str] = ()) -> Table:
        names = [f"step-{k}" for k in range(self.between(1, 4))]
        steps: Table = {}
        for index, name in enumerate(names):
            step = self.step(kind, depth, visits)
            if self.chance(0.2):
                step["share"] = 0.5
            if self.chance(0.15):
                step["next"] = self.next_of(names, index)
            steps[name] = step
        if starts_case and self.chance(0.9):
            steps["file"] = {"start_case": True}
            if self.chance(0.3):
                steps["after-filing"] = self.step(kind, depth, visits)
        return steps

    def next_of(self, names: Sequence[str], index: int) -> Any:
        later = [*names[index + 1 :], "end"]
        if not self.chance(0.7, "loop"):
            return self.pick(later)
        return {self.pick(names[: index + 1]): 0.4, self.pick(later): 0.6}

    def step(self, kind: Kind, depth: int, visits: Sequence[str]) -> Table:
        roll = self.rng.random()
        if roll < 0.1:
            step: Table = {"delay": self.delay()}
        elif roll < 0.2 and self.tables:
            step = {"until": self.pick(self.tables)}
        elif roll < 0.32 and depth and self.allows("fork"):
            step = self.fork(kind, depth, visits)
        elif roll < 0.4 and depth > 1:
            step = {"route": "common"}
        elif roll < 0.52 and visits and self.allows("visit"):
            step = {"visit": self.pick(visits), "wait": self.chance(0.7)}
            if self.chance(0.5):
                step["after"] = self.pick(("0 min", "30 min", "1 working hours", "1 working days"))
        elif roll < 0.56:
            return {"mark": self.pick(MARKS)}
        else:
            step = self.serving(kind)
        if self.chance(0.3):
            step["mark"] = "accepted" if self.chance(0.4) else self.pick(MARKS)
        if self.chance(0.1):
            step["stops_clock"] = self.pick(STOPS)
        return step

    def fork(self, kind: Kind, depth: int, visits: Sequence[str]) -> Table:
        parallel = self.chance(0.75)
        inner: Kind = "any" if parallel or kind == "any" else kind
        branches = {f"branch-{k}": self.route(inner, depth - 1, visits=visits) for k in range(self.between(1, 3))}
        return {"fork": branches, "order": "parallel" if parallel else "sequential"}

    def serving(self, kind: Kind) -> Table:
        pools = self.front if kind == "visit" else self.back
        step: Table = {
            "pool": self.pick((*self.front, *self.back) if self.chance(0.3) else pools),
            "work": self.law("45 min", "9 h") if self.chance(0.15) else self.law(),
        }
        if self.chance(0.3, "priority"):
            step["priority"] = self.priority()
        if kind == "visit":
            if self.chance(0.2, "patience"):
                step["patience"] = self.law()
            if self.chance(0.1, "absent"):
                step["absent"] = {"share": 0.4, "call": self.law(), "then": self.pick(("rejoin", "leave"))}
                if self.chance(0.5):
                    step["absent"]["away"] = self.law()
        return step

    # ---- demand ----------------------------------------------------------------------------------------------------

    def arrival(self, services: Table) -> Table:
        purposes = [
            purpose for purpose in PURPOSES if all(purpose in service["visits"] for service in services.values())
        ]
        table: Table = {
            "services": {name: float(self.between(1, 3)) for name in services},
            "purpose": self.pick(purposes) if self.chance(0.3) else "apply",
            "channel": "online" if self.chance(0.15, "online") else "walk-in",
            "site": self.pick(self.sites),
            "people": dict.fromkeys(self.people, 1.0),
            "priority": self.priority(),
        }
        table |= self.process()
        if self.chance(0.3, "batch"):
            table["batch"] = {"values": [1, 2, 4]}
        if self.chance(0.4, "patience"):
            table["patience"] = self.law()
        if self.chance(0.6, "comes-back"):
            table["comes_back"] = {
                "share": float(self.pick((0.5, 1.0))),
                "after": self.pick(("0 min", "20 min", "2 working hours", "1 working days")),
                "at_most": self.between(1, 3),
            }
        return table

    def backlog(self, with_cases: Sequence[str], services: Table) -> Table:
        service = self.pick(with_cases)
        table: Table = {"service": service, "ages": {"1": self.between(1, 6)}, "site": self.pick(self.sites)}
        if self.chance(0.7):
            table["stage"] = self.pick(list(services[service]["case"]))
        return table

    def process(self) -> Table:
        roll = self.rng.random()
        if roll < 0.35:
            on_the_minute = [f"{self.between(8, 16):02d}:{self.pick((0, 0, 15, 30, 59)):02d}" for _ in range(6)]
            return {"at": sorted(on_the_minute)}
        if roll < 0.55 and self.allows("appointments"):
            slots: Table = {
                "times": self.subset(("09:00", "09:10", "09:20", "10:00", "13:00", "15:30")),
                "seats": self.between(1, 3),
                "booked": 0.8,
                "no_show": 0.1,
            }
            if self.chance(0.3):
                slots["lateness"] = {"dist": "uniform", "low": "-5 min", "high": "10 min"}
            return {"slots": slots, "channel": "appointment"}
        if roll < 0.65:
            return {"every": {"dist": "expon", "mean": f"{self.between(10, 40)} min"}}
        return {"per_day": float(self.between(2, 25)), "day_dispersion": float(self.pick((1.0, 2.0)))}
