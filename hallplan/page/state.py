"""What a planner has chosen, and how it changes: pure functions on a frozen value.

Comes in: :class:`Settings` and one decision.  Goes out: new settings, a :class:`History` that can be walked back, and
the query parameters of a link that says the same.  Nothing here composes a scenario, simulates, or knows Streamlit.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from foundation.errors import HallplanError
from foundation.messages import LANGUAGES, Language

__all__ = [
    "DEMAND",
    "FIRST_LOOK",
    "MOST_SERVERS",
    "PRECISION",
    "PRECISIONS",
    "REPLICATIONS",
    "SEEDS",
    "Address",
    "History",
    "LeverChoice",
    "Settings",
    "choose_a",
    "choose_b",
    "from_query",
    "reset_changes",
    "set_demand",
    "set_parameter",
    "set_precision",
    "set_replications",
    "set_seed",
    "set_servers",
    "switch_lever",
    "to_query",
]

FIRST_LOOK: Final = 5
"""Replications after which there is something to see."""
PRECISIONS: Final = (0.1, 0.05, 0.02)
"""Precisions to choose from, the usual one first."""
PRECISION: Final = (0.005, 0.5)
"""Finest and coarsest precision."""
REPLICATIONS: Final = (2, 200)
"""Fewest and most replications: with one there is no interval."""
DEMAND: Final = (0.1, 5.0)
MOST_SERVERS: Final = 999
SEEDS: Final = (0, 2**53 - 1)
"""Smallest and largest seed: what a browser keeps exact."""

_LONGEST_HISTORY: Final = 200
_MOST_CHANGES: Final = 500
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_JOB: Final = re.compile(r"[0-9a-f]{8,64}")

ParameterValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True, order=True)
class LeverChoice:
    """A lever that is switched on, and the parameters that differ from its defaults."""

    name: str
    parameters: tuple[tuple[str, ParameterValue], ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything that decides a comparison.

    Attributes
    ----------
    a, b
        What plan A is, and what plan B starts from: names of scenarios.
    on, off
        Changes to plan B: levers put on top, in the order in which they were switched on, and levers of its scenario
        that are left out.
    staff
        Changes to plan B: servers by pool, sorted by name.
    demand, both
        What plan B's demand is multiplied with, and whether plan A's is too.
    precision
        How precisely the difference between the plans is to be known, relative to plan A's value: each plan is
        simulated until it is, or so often as :data:`REPLICATIONS` allows.
    replications
        How often each plan is simulated instead; None for as often as the precision takes.
    seed
        From which seed.
    """

    a: str = "honghuagang-2013"
    b: str = "honghuagang-2014"
    on: tuple[LeverChoice, ...] = ()
    off: tuple[str, ...] = ()
    staff: tuple[tuple[str, int], ...] = ()
    demand: float = 1.0
    both: bool = False
    precision: float = PRECISIONS[0]
    replications: int | None = None
    seed: int = 1

    @property
    def changes(self) -> int:
        """Number of changes to plan B."""
        return len(self.on) + len(self.off) + len(self.staff) + (self.demand != 1.0)

    def is_on(self, lever: str) -> bool:
        """Tell whether a lever has been put on top."""
        return any(choice.name == lever for choice in self.on)


# --- decisions ----------------------------------------------------------------------------------------------------


def choose_a(settings: Settings, name: str) -> Settings:
    """Take another scenario as plan A."""
    return replace(settings, a=name)


def choose_b(settings: Settings, name: str) -> Settings:
    """Start plan B from another scenario; changes to the one before do not carry over."""
    return settings if name == settings.b else replace(settings, b=name, on=(), off=(), staff=())


def reset_changes(settings: Settings) -> Settings:
    """Take back every change to plan B."""
    return replace(settings, on=(), off=(), staff=(), demand=1.0, both=False)


def switch_lever(settings: Settings, name: str, *, on: bool, of_base: bool) -> Settings:
    """Switch a lever of plan B.

    Parameters
    ----------
    settings
        The settings.
    name
        The lever.
    on
        Whether it is to hold.
    of_base
        Whether the scenario that plan B starts from already has it.
    """
    remaining = tuple(choice for choice in settings.on if choice.name != name)
    left_out = tuple(lever for lever in settings.off if lever != name)
    if of_base:
        return replace(settings, on=remaining, off=left_out if on else (*left_out, name))
    if on and settings.is_on(name):
        return settings
    return replace(settings, on=(*remaining, LeverChoice(name)) if on else remaining, off=left_out)


def set_parameter(
    settings: Settings, lever: str, *, parameter: str, value: ParameterValue, default: ParameterValue | None
) -> Settings:
    """Choose a parameter of a lever that is on; its default is no choice."""

    def changed(choice: LeverChoice) -> LeverChoice:
        if choice.name != lever:
            return choice
        parameters = {name: current for name, current in choice.parameters if name != parameter}
        if value != default:
            parameters[parameter] = value
        return LeverChoice(lever, tuple(sorted(parameters.items())))

    return replace(settings, on=tuple(map(changed, settings.on)))


def set_servers(settings: Settings, pool: str, *, servers: int, base: int) -> Settings:
    """Put so many servers at a pool; as many as its scenario has (`base`) are no change."""
    staff = {name: number for name, number in settings.staff if name != pool}
    number = min(max(servers, 0), MOST_SERVERS)
    if number != base:
        staff[pool] = number
    return replace(settings, staff=tuple(sorted(staff.items())))


def set_demand(settings: Settings, factor: float, *, both: bool) -> Settings:
    """Multiply the demand of plan B, or of both plans."""
    factor = round(min(max(factor, DEMAND[0]), DEMAND[1]), 4)
    return replace(settings, demand=factor, both=both)


def set_precision(settings: Settings, precision: float) -> Settings:
    """Simulate until the difference between the plans is known so precisely."""
    return replace(settings, precision=round(min(max(precision, PRECISION[0]), PRECISION[1]), 4), replications=None)


def set_replications(settings: Settings, replications: int) -> Settings:
    """Simulate each plan so often, however precise that is."""
    return replace(settings, replications=min(max(replications, REPLICATIONS[0]), REPLICATIONS[1]))


def set_seed(settings: Settings, seed: int) -> Settings:
    """Draw from another seed."""
    return replace(settings, seed=min(max(seed, SEEDS[0]), SEEDS[1]))


# --- undo and redo ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class History:
    """Settings with those before them and those that were undone; the latest stand last and first."""

    present: Settings = field(default_factory=Settings)
    past: tuple[Settings, ...] = ()
    future: tuple[Settings, ...] = ()

    def then(self, settings: Settings) -> History:
        """Go on to new settings; what had been undone is forgotten.  The same settings again are no step."""
        if settings == self.present:
            return self
        return History(settings, (*self.past, self.present)[-_LONGEST_HISTORY:])

    def undo(self) -> History:
        """Go one step back, if there is one."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> History:
        """Go forward again, if something was undone."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])


# --- the link -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """What a link says: settings, the language or None, the job or "", and what of it could not be read."""

    settings: Settings
    language: Language | None = None
    job: str = ""
    complaints: tuple[HallplanError, ...] = ()


def to_query(settings: Settings, *, language: Language, job: str = "") -> dict[str, list[str]]:
    """Return the query parameters that say these settings; what is as usual is left out."""
    usual = Settings()
    query: dict[str, list[str]] = {"lang": [language], "a": [settings.a], "b": [settings.b]}
    if settings.on:
        query["on"] = [choice.name + _written(choice.parameters) for choice in settings.on]
    if settings.off:
        query["off"] = list(settings.off)
    if settings.staff:
        query["staff"] = [",".join(f"{pool}:{servers}" for pool, servers in settings.staff)]
    if settings.demand != usual.demand:
        query["demand"] = [f"{settings.demand:g}"]
    if settings.both:
        query["both"] = ["1"]
    if settings.precision != usual.precision:
        query["precision"] = [f"{settings.precision * 100:g}"]
    if settings.replications is not None:
        query["reps"] = [str(settings.replications)]
    if settings.seed != usual.seed:
        query["seed"] = [str(settings.seed)]
    if job:
        query["job"] = [job]
    return query


def from_query(query: Mapping[str, Sequence[str]], *, scenarios: Collection[str], levers: Collection[str]) -> Address:
    """Read a link.

    Parameters
    ----------
    query
        All values of each query parameter.
    scenarios, levers
        The names that are known: a link may name nothing else, least of all a file.

    Returns
    -------
    Address
        What could be read; each part that could not is as usual, and one complaint says so.
    """
    reader = _Reader(query, [])
    usual = Settings()
    settings = Settings(
        a=reader.value("a", usual.a, _one_of(scenarios, "page.link.no_scenario")),
        b=reader.value("b", usual.b, _one_of(scenarios, "page.link.no_scenario")),
        on=reader.all("on", lambda text: _lever_choice(text, levers)),
        off=reader.all("off", _one_of(levers, "page.link.no_lever")),
        staff=reader.value("staff", usual.staff, _staff),
        demand=reader.value("demand", usual.demand, _number(*DEMAND)),
        both=reader.value("both", usual.both, lambda text: text == "1"),
        precision=reader.value("precision", usual.precision, _per_cent(*PRECISION)),
        replications=reader.value("reps", usual.replications, _whole(*REPLICATIONS)),
        seed=reader.value("seed", usual.seed, _whole(*SEEDS)),
    )
    spoken = reader.value("lang", None, lambda text: text if text in LANGUAGES else None)
    job = reader.value("job", "", lambda text: text if _JOB.fullmatch(text) else "")
    return Address(settings, spoken, job, tuple(reader.complaints))


@dataclass(frozen=True)
class _Reader:
    query: Mapping[str, Sequence[str]]
    complaints: list[HallplanError]

    def value(self, key: str, default: Any, read: Callable[[str], Any]) -> Any:
        values = self.query.get(key, ())
        try:
            return read(values[-1]) if values else default
        except HallplanError as error:
            self.complaints.append(error)
            return default

    def all(self, key: str, read: Callable[[str], Any]) -> tuple[Any, ...]:
        values: dict[str, Any] = {}
        for text in self.query.get(key, ())[:_MOST_CHANGES]:
            try:
                value = read(text)
            except HallplanError as error:
                self.complaints.append(error)
            else:
                values.setdefault(value if isinstance(value, str) else value.name, value)
        return tuple(values.values())


def _one_of(names: Collection[str], complaint: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise HallplanError(complaint, name=text)
        return text

    return read


def _written(parameters: tuple[tuple[str, ParameterValue], ...]) -> str:
    return json.dumps(dict(parameters), ensure_ascii=False, separators=(",", ":")) if parameters else ""


def _lever_choice(text: str, levers: Collection[str]) -> LeverChoice:
    name, brace, rest = text.partition("{")
    _one_of(levers, "page.link.no_lever")(name)
    try:
        parameters = json.loads(brace + rest, parse_constant=_refuse) if brace else {}
    except (ValueError, RecursionError):
        raise HallplanError("page.link.bad_parameters", name=name) from None
    if not all(isinstance(value, str | int) or _is_finite(value) for value in parameters.values()):
        raise HallplanError("page.link.bad_parameters", name=name)
    return LeverChoice(name, tuple(sorted(parameters.items())))


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _staff(text: str) -> tuple[tuple[str, int], ...]:
    staff: dict[str, int] = {}
    for entry in text.split(",")[:_MOST_CHANGES]:
        pool, _, servers = entry.partition(":")
        if not _NAME.fullmatch(pool):
            raise HallplanError("page.link.bad_staff", text=entry)
        staff[pool] = _whole(0, MOST_SERVERS)(servers)
    return tuple(sorted(staff.items()))


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            raise HallplanError("page.link.bad_number", text=text, low=low, high=high)
        return int(text)

    return read


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text) or not low <= float(text) <= high:
            raise HallplanError("page.link.bad_number", text=text, low=low, high=high)
        return round(float(text), 4)

    return read


def _per_cent(low: float, high: float) -> Callable[[str], float]:
    number = _number(low * 100, high * 100)
    return lambda text: round(number(text) / 100, 4)
