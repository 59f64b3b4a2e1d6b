"""The link: settings as query parameters of an address, and back.

Comes in: :class:`~hallplan.page.state.Settings`, or what a browser's address says.  Goes out: query parameters, or an
:class:`Address`; a link may name nothing but known scenarios and levers, least of all a file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from foundation.errors import HallplanError
from foundation.messages import LANGUAGES, Language
from hallplan.page.state import (
    DEMAND,
    FEWEST_PLANS,
    MOST_SERVERS,
    PRECISION,
    REPLICATIONS,
    SEEDS,
    LeverChoice,
    ParameterValue,
    PlanChoice,
    Settings,
    rename_plan,
)
from hallplan.show.comparison_frames import LETTERS

__all__ = ["Address", "from_query", "to_query"]

_MOST_CHANGES: Final = 500
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_JOB: Final = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class Address:
    """What a link says: settings, the language or None, the job or "", and what of it could not be read."""

    settings: Settings
    language: Language | None = None
    job: str = ""
    complaints: tuple[HallplanError, ...] = ()


def to_query(settings: Settings, *, language: Language, job: str = "") -> dict[str, list[str]]:
    """Return the query parameters that say these settings; what is as usual is left out.

    What a plan is stands under its letter (``b``, ``b-on``, ``b-staff``, ...).
    """
    usual = Settings()
    query: dict[str, list[str]] = {"lang": [language]}
    for letter, plan in zip(LETTERS.lower(), settings.plans, strict=False):
        query |= {letter + key: values for key, values in _plan_to_query(plan).items()}
    if settings.current != usual.current:
        query["plan"] = [settings.letter.lower()]
    if settings.precision != usual.precision:
        query["precision"] = [f"{settings.precision * 100:g}"]
    if settings.replications is not None:
        query["reps"] = [str(settings.replications)]
    if settings.seed != usual.seed:
        query["seed"] = [str(settings.seed)]
    if job:
        query["job"] = [job]
    return query


def _plan_to_query(plan: PlanChoice) -> dict[str, list[str]]:
    query = {"": [plan.base]}
    if plan.on:
        query["-on"] = [choice.name + _written(choice.parameters) for choice in plan.on]
    if plan.off:
        query["-off"] = list(plan.off)
    if plan.staff:
        query["-staff"] = [",".join(f"{pool}:{servers}" for pool, servers in plan.staff)]
    if plan.demand != 1.0:
        query["-demand"] = [f"{plan.demand:g}"]
    if plan.title:
        query["-title"] = [plan.title]
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
    plans: list[PlanChoice] = []
    for place, letter in enumerate(LETTERS.lower()):
        if place >= FEWEST_PLANS and letter not in query:
            break  # letters go on without a gap
        base = usual.plans[min(place, len(usual.plans) - 1)].base
        plans.append(_plan_from(reader, letter, base, scenarios, levers))
    settings = Settings(
        tuple(plans),
        current=min(reader.value("plan", usual.current, _place), len(plans) - 1),
        precision=reader.value("precision", usual.precision, _per_cent(*PRECISION)),
        replications=reader.value("reps", usual.replications, _whole(*REPLICATIONS)),
        seed=reader.value("seed", usual.seed, _whole(*SEEDS)),
    )
    spoken = reader.value("lang", None, lambda text: text if text in LANGUAGES else None)
    job = reader.value("job", "", lambda text: text if _JOB.fullmatch(text) else "")
    return Address(settings, spoken, job, tuple(reader.complaints))


def _plan_from(
    reader: _Reader, letter: str, base: str, scenarios: Collection[str], levers: Collection[str]
) -> PlanChoice:
    plan = PlanChoice(
        reader.value(letter, base, _one_of(scenarios, "page.link.no_scenario")),
        on=reader.all(f"{letter}-on", lambda text: _lever_choice(text, levers)),
        off=reader.all(f"{letter}-off", _one_of(levers, "page.link.no_lever")),
        staff=reader.value(f"{letter}-staff", (), _staff),
        demand=reader.value(f"{letter}-demand", 1.0, _number(*DEMAND)),
    )
    return rename_plan(plan, reader.value(f"{letter}-title", "", str))


def _place(text: str) -> int:
    letters = LETTERS.lower()
    return letters.index(text) if len(text) == 1 and text in letters else Settings().current


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
