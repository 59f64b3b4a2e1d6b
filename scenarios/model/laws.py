"""How a random quantity is written in a scenario file.

A :class:`Law` is a constant (``"8 min"``), a distribution by mean and coefficient of variation
(``{ dist = "lognorm", mean = "8 min", cv = 0.6 }``), a SciPy distribution by its own parameters
(``{ dist = "gamma", a = 2.5, scale = "3 min" }``), a range (``{ dist = "pert", low, mode, high }``), a list
of values with shares, or a mixture of laws.  Sampling is none of this module's business.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from foundation.errors import ScenarioError
from foundation.units import Clock, Quantity, parse_quantity
from scenarios.model.families import check_shapes, check_size, scipy_family
from scenarios.model.vocabulary import LAW_FORMS

__all__ = ["BY_MEAN", "BY_RANGE", "Law", "QuantityField", "mean_of"]

BY_MEAN: Final = ("expon", "gamma", "lognorm", "weibull_min", "norm")
"""Families that a mean (and a cv, 1 for ``expon``) determines."""

BY_RANGE: Final = ("uniform", "triangular", "pert")
"""Families that low, (mode) and high determine."""


def _read(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    return parse_quantity(value)


QuantityField = Annotated[
    Quantity,
    BeforeValidator(_read),
    WithJsonSchema({"type": ["string", "number"], "examples": ["12 min", "2 working hours", 4]}),
]
Share = Annotated[float, Field(ge=0, le=1)]


def _require(condition: bool, key: str, /, **values: Any) -> None:
    if not condition:
        raise ScenarioError(key, **values)


class Law(BaseModel):
    """One random quantity, non-negative, all of it on one clock.

    Attributes
    ----------
    constant
        The same value every time.
    dist
        A family that mean and cv determine (``expon``, ``gamma``, ``lognorm``, ``weibull_min``, ``norm``),
        one that its ends determine (``uniform``, ``triangular``, ``pert``), or the name of a continuous
        SciPy distribution that is quick to invert.
    mean, cv
        Mean, and standard deviation over mean.
    low, mode, high
        Ends and peak of a range.
    loc, scale
        For a SciPy distribution, with units; its shape parameters stand beside them as plain numbers.
    values, shares
        A finite list of values and their probabilities.
    mixture
        Laws of which one is taken, with probabilities `shares`.
    factor
        Multiplies whatever is drawn.
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, allow_inf_nan=False)

    constant: QuantityField | None = None
    dist: str | None = None
    mean: QuantityField | None = None
    cv: Annotated[float, Field(ge=0, le=100)] | None = None
    loc: QuantityField | None = None
    scale: QuantityField | None = None
    low: QuantityField | None = None
    mode: QuantityField | None = None
    high: QuantityField | None = None
    values: Annotated[list[QuantityField], Field(min_length=1, max_length=10_000)] | None = None
    shares: Annotated[list[Share], Field(min_length=1, max_length=10_000)] | None = None
    mixture: Annotated[list[Law], Field(min_length=1, max_length=20)] | None = None
    factor: Annotated[float, Field(ge=0, le=1e6)] = 1.0

    __pydantic_extra__: dict[str, float]

    @model_validator(mode="before")
    @classmethod
    def _constant_shorthand(cls, data: Any) -> Any:
        if isinstance(data, (str, int, float)) and not isinstance(data, bool):
            return {"constant": data}
        if isinstance(data, dict):
            for key, value in data.items():
                allowed = key in cls.model_fields or isinstance(value, (int, float))
                _require(allowed, "error.law_unknown_key", key=key, known=", ".join(cls.model_fields))
        return data

    @model_validator(mode="after")
    def _is_one_law(self) -> Self:
        present = [name for name in LAW_FORMS if getattr(self, name) is not None]
        _require(bool(present), "error.law_needs_a_form")
        _require(len(present) == 1, "error.law_needs_one_form", given=", ".join(present))
        self._check_keys()
        clocks = {quantity.clock for quantity in self.quantities()}
        clocks |= {part.clock for part in self.mixture or []}
        _require(len(clocks) <= 1, "error.law_mixes_clocks", clocks=", ".join(sorted(clocks)))
        may_be_negative = (self.loc, *((self.low, self.mode, self.high) if self.dist in BY_RANGE else ()))
        for quantity in self.quantities():
            fine = quantity.value >= 0 or any(quantity is end for end in may_be_negative)
            _require(fine, "error.law_negative")
        if self.values is not None or self.mixture is not None:
            self._check_shares(len(self.values or self.mixture or []))
        if self.dist is not None:
            self._check_family(self.dist)
        return self

    def _check_keys(self) -> None:
        if self.dist is None:
            allowed = ["constant"] if self.constant is not None else ["shares"]
            allowed += [name for name in ("values", "mixture") if getattr(self, name) is not None]
        elif self.dist in BY_RANGE:
            allowed = ["dist", "low", "high"] + ["mode"] * (self.dist != "uniform")
        elif self._by_mean:
            allowed = ["dist", "mean", "cv"]
        else:
            allowed = ["dist", *scipy_family(self.dist)[1], "loc", "scale"]
        present = [name for name in self.model_fields_set if getattr(self, name) is not None]
        for key in sorted({*present, *(self.__pydantic_extra__ or {})}):
            fits = key in (*allowed, "factor")
            _require(fits, "error.law_unknown_key", key=key, known=", ".join([*allowed, "factor"]))

    def _check_shares(self, parts: int) -> None:
        _require(self.shares is not None or self.values is not None, "error.law_needs_shares", parts=parts)
        shares = self.shares or [1 / parts] * parts
        _require(len(shares) == parts, "error.law_needs_shares", parts=parts)
        _require(abs(sum(shares) - 1) < 1e-9, "error.shares_must_sum", total=f"{sum(shares):g}")

    @property
    def _by_mean(self) -> bool:
        return self.dist in BY_MEAN and self.mean is not None

    def _check_family(self, dist: str) -> None:
        if dist in BY_RANGE:
            needed = ("low", "high") if dist == "uniform" else ("low", "mode", "high")
            ends = [getattr(self, name) for name in needed]
            _require(None not in ends, "error.law_needs", dist=dist, needed=", ".join(needed))
            values = [end.value for end in ends]
            _require(values == sorted(values) and values[0] < values[-1], "error.law_range_order", dist=dist)
        elif self._by_mean:
            _require(self.mean is not None and self.mean.value > 0, "error.law_mean_positive", dist=dist)
            _require(self.cv is not None or dist == "expon", "error.law_needs", dist=dist, needed="mean, cv")
            _require(dist != "expon" or self.cv in (None, 1.0), "error.law_expon_cv")
            check_size(dist, "cv", self.cv or 0.0)
        else:
            self._check_scipy(dist)

    def _check_scipy(self, dist: str) -> None:
        _, names = scipy_family(dist)
        shapes = dict(self.__pydantic_extra__ or {})
        missing = [n for n in names if n not in shapes] + ["scale"] * (self.scale is None)
        if missing and dist in BY_MEAN:
            raise ScenarioError("error.law_needs", dist=dist, needed="mean, cv")
        _require(not missing, "error.law_needs", dist=dist, needed=", ".join(missing))
        _require(self.scale is not None and self.scale.value > 0, "error.law_bad_parameters", dist=dist)
        check_shapes(dist, tuple(float(shapes[name]) for name in names))

    def quantities(self) -> list[Quantity]:
        """Return every quantity of the law that carries a unit."""
        named = (self.constant, self.mean, self.loc, self.scale, self.low, self.mode, self.high)
        return [quantity for quantity in (*named, *(self.values or [])) if quantity is not None]

    @property
    def clock(self) -> Clock:
        """The clock all its quantities are on."""
        return self.mixture[0].clock if self.mixture else self.quantities()[0].clock


def mean_of(law: Law) -> float:
    """Return the mean of a law, in the units of its clock (what a negative part loses to cutting is left
    out)."""
    if law.constant is not None:
        return law.constant.value * law.factor
    if law.values is not None:
        shares = law.shares or [1 / len(law.values)] * len(law.values)
        return law.factor * sum(q.value * share for q, share in zip(law.values, shares, strict=True))
    if law.mixture is not None:
        return law.factor * sum(
            mean_of(part) * share for part, share in zip(law.mixture, law.shares or (), strict=True)
        )
    if law.low is not None and law.high is not None:
        ends = law.low.value + law.high.value
        if law.mode is None:
            return law.factor * ends / 2
        weight = 4.0 if law.dist == "pert" else 1.0
        return law.factor * (ends + weight * law.mode.value) / (2 + weight)
    if law.mean is not None:
        return law.factor * law.mean.value
    family, names = scipy_family(law.dist or "")
    shapes = [(law.__pydantic_extra__ or {})[name] for name in names]
    loc = law.loc.value if law.loc is not None else 0.0
    scale = law.scale.value if law.scale is not None else 1.0
    return law.factor * float(family.mean(*shapes, loc=loc, scale=scale))
