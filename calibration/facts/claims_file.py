"""A hall's published figures and claims, as a short file: the format and its checks.

Input: TOML that anybody can write from a press release: visitors, items, counts by kind, windows, limits, and
percentages with the words they were published with.  Output: a validated :class:`ClaimsFile`.  The format is documented
in ``docs/reference/claims.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calibration.facts.amounts import Amount, AmountField
from calibration.facts.evidence import Measure, count_working_days
from calibration.facts.ledger import CLASSES, ItemLimits
from calibration.facts.spans import Span
from calibration.facts.tables import validated
from foundation.errors import ScenarioError
from scenarios.compose.reading import parse
from scenarios.compose.validating import check_format
from scenarios.model import EMPTY, Name, Text
from scenarios.paths import Path as KeyPath

__all__ = ["MINUTES_IN", "TABLES", "ClaimsFile", "read_claims"]

_DAYS: Final = ("working days", "calendar days", "days")
MINUTES_IN: Final = {"min": 1.0, "h": 60.0}
"""Minutes in each unit of time that a claims file may use."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _count(amount: Amount) -> Amount:
    if amount.unit or amount.per:
        raise ScenarioError("error.claims.count", value=amount.text)
    return amount


def _rate(amount: Amount) -> Amount:
    if amount.unit or not amount.per:
        raise ScenarioError("error.claims.rate", value=amount.text)
    return amount


def _days(amount: Amount) -> Amount:
    if amount.unit not in _DAYS or amount.per:
        raise ScenarioError("error.claims.days", value=amount.text)
    return amount


def _working_days(amount: Amount) -> Amount:
    if amount.unit != "working days" or amount.per or not amount.span().low > 0:
        raise ScenarioError("error.claims.working_days", value=amount.text)
    return amount


def _minutes(amount: Amount) -> Amount:
    if amount.unit not in MINUTES_IN or amount.per or not amount.span().low > 0:
        raise ScenarioError("error.claims.minutes", value=amount.text)
    return amount


def _percent(amount: Amount) -> Amount:
    if amount.unit != "%" or amount.per:
        raise ScenarioError("error.claims.percent", value=amount.text)
    return amount


CountField = Annotated[AmountField, AfterValidator(_count)]
RateField = Annotated[AmountField, AfterValidator(_rate)]
DaysField = Annotated[AmountField, AfterValidator(_days)]
WorkingDaysField = Annotated[AmountField, AfterValidator(_working_days)]
MinutesField = Annotated[AmountField, AfterValidator(_minutes)]
PercentField = Annotated[AmountField, AfterValidator(_percent)]


class Origin(_Table):
    """The publication of the figures: its name (`text`), and the day (`published`)."""

    text: Text
    published: dt.date | None = None


class Rates(_Table):
    """A rate `before` and `now`, each with its unit of time: "700+ a day"."""

    before: RateField | None = None
    now: RateField | None = None


class KindCount(_Table):
    """One kind of items.

    Attributes
    ----------
    accepted, finished, open
        Counts; the number open at the end of the period follows from the other two unless it is given.
    promise
        The promised limit of an ordinary item.
    days
        Mean days of such an item, if they were measured.
    """

    accepted: CountField
    finished: CountField | None = None
    open: CountField | None = None
    promise: WorkingDaysField | None = None
    days: WorkingDaysField | None = None


class Count(_Table):
    """One count of items over one period.

    Attributes
    ----------
    working_days
        How long the period is ("115-160 working days"); or else `start` and `end`.
    start, end
        Its first and last day, by the calendar of `country`.
    country
        ``CN``, or ``none`` for a country without public holidays.
    accepted, finished, open
        All items.
    instant, committed, joint, referred
        Kinds of items: 即办件, 承诺件, 联办件, 上报件.
    """

    working_days: WorkingDaysField | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    country: Literal["CN", "none"] = "CN"
    accepted: CountField | None = None
    finished: CountField | None = None
    open: CountField | None = None
    instant: KindCount | None = None
    committed: KindCount | None = None
    joint: KindCount | None = None
    referred: KindCount | None = None

    @model_validator(mode="after")
    def _has_one_period(self) -> Self:
        dates = [date for date in (self.start, self.end) if date is not None]
        if len(dates) == 1 or (dates and self.working_days is not None):
            raise ScenarioError("error.claims.one_period")
        if len(dates) == 2 and (dates[1] < dates[0] or (dates[1] - dates[0]).days > _LONGEST_PERIOD):
            raise ScenarioError("error.claims.period", start=dates[0], end=dates[1])
        return self

    def days(self) -> Span | None:
        """Return how many working days the period has; ``None`` if nothing is said."""
        if self.working_days is not None:
            return self.working_days.span()
        if self.start is None or self.end is None:
            return None
        country = None if self.country == "none" else self.country
        return Span.of(count_working_days(self.start, self.end, country=country))


_LONGEST_PERIOD: Final = 3_660


class Hall(_Table):
    """Resources of the hall.

    Attributes
    ----------
    windows, departments, staff
        Numbers.
    service_time
        Time at a window for each visit, if it was measured.
    open_time
        Opening time of a day.
    """

    windows: CountField | None = None
    departments: CountField | None = None
    staff: CountField | None = None
    service_time: MinutesField | None = None
    open_time: MinutesField | None = None


class Evaluations(_Table):
    """What visitors said.

    Attributes
    ----------
    total, very_satisfied, satisfied, satisfied_in_all, not_satisfied
        Evaluations, and how many were of each grade; `satisfied_in_all` are the first two grades together.
    working_days
        In how many working days they were collected.
    """

    total: CountField
    very_satisfied: CountField | None = None
    satisfied: CountField | None = None
    satisfied_in_all: CountField | None = None
    not_satisfied: CountField | None = None
    working_days: WorkingDaysField | None = None

    def days(self) -> Span | None:
        """Return how many working days they were collected in; ``None`` if nothing is said."""
        return None if self.working_days is None else self.working_days.span()


class Item(_Table):
    """Limits and times of one item, all in days of one kind.

    Attributes
    ----------
    statutory, promised
        The legal limit, and the promised one.
    before, now
        Days that it took before, and takes now.
    volume
        Number of such items, in a period that is the same for all items.
    """

    statutory: DaysField | None = None
    promised: DaysField | None = None
    before: DaysField | None = None
    now: DaysField | None = None
    volume: CountField | None = None

    @model_validator(mode="after")
    def _counts_one_kind_of_days(self) -> Self:
        units = {amount.unit for amount in self._days_given()}
        if len(units) > 1:
            raise ScenarioError("error.claims.days_mixed", units=", ".join(sorted(units)))
        return self

    def _days_given(self) -> Iterator[Amount]:
        for amount in (self.statutory, self.promised, self.before, self.now):
            if amount is not None:
                yield amount

    def limits(self) -> ItemLimits:
        """Return them as numbers."""
        return ItemLimits(
            statutory=_value(self.statutory),
            promised=_value(self.promised),
            before=_value(self.before),
            now=_value(self.now),
            volume=_value(self.volume),
            unit=next((amount.unit for amount in self._days_given()), "working days"),
        )


def _value(amount: Amount | None) -> float | None:
    return None if amount is None else amount.value


class PercentageClaim(_Table):
    """A published percentage.

    Attributes
    ----------
    value
        The figure.
    words
        The words it was published with; they decide which measure it refers to.
    of
        The measure it refers to, if the words do not tell.
    item
        The item it refers to; the whole hall by default.
    period
        The period, in any words: percentages of different periods are not compared.
    """

    value: PercentField
    words: Annotated[str, Field(max_length=500)] = ""
    of: Measure | None = None
    item: Name | None = None
    period: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if not self.words and self.of is None:
            raise ScenarioError("error.claims.words_needed", known=", ".join(get_args(Measure)))
        return self


class Assume(_Table):
    """The reader's own assumptions, instead of those of ``calibration/facts/assumptions.toml``.

    Attributes
    ----------
    service_time, open_time
        A time, or a range: "5-12 min".
    dispersion
        Variance over mean of a day's count, or a range.
    """

    service_time: MinutesField | None = None
    open_time: MinutesField | None = None
    dispersion: CountField | None = None


class ClaimsFile(_Table):
    """Published totals and claims of one hall.

    Attributes
    ----------
    format
        Version of the format: 1.
    name, title
        What the hall is called.
    invented
        The hall does not exist, and every result says so.
    source
        Where the figures were published.
    visits, items
        Visitors, and items finished: rates before and now.
    count, evaluations, hall
        Counts over a period, evaluations by visitors, windows and staff.
    limits, limits_complete
        Items with their limits and times, by name; and whether these are all items.
    percentages
        Percentages, by name.
    assume
        The reader's own assumptions.
    """

    format: Literal[1]
    name: Name
    title: Text = EMPTY
    invented: bool = False
    source: Origin | None = None
    visits: Rates = Rates()
    items: Rates = Rates()
    count: Count = Count()
    evaluations: Evaluations | None = None
    hall: Hall = Hall()
    limits: dict[Name, Item] = {}
    limits_complete: bool = False
    percentages: dict[Name, PercentageClaim] = {}
    assume: Assume = Assume()

    @model_validator(mode="after")
    def _items_are_known(self) -> Self:
        for name, claim in self.percentages.items():
            if claim.item is not None and claim.item not in self.limits:
                raise ScenarioError("error.claims.no_item", item=claim.item).at(path=f"percentages.{name}.item")
        return self


TABLES: Final[dict[tuple[str, ...], type[BaseModel]]] = {
    (): ClaimsFile,
    ("source",): Origin,
    ("title",): Text,
    ("visits",): Rates,
    ("items",): Rates,
    ("count",): Count,
    **{("count", kind): KindCount for kind in CLASSES},
    ("evaluations",): Evaluations,
    ("hall",): Hall,
    ("limits", "*"): Item,
    ("percentages", "*"): PercentageClaim,
    ("assume",): Assume,
}


def _keys_at(path: KeyPath) -> list[str]:
    named = (path[0], "*") if len(path) == 2 and path[0] in ("limits", "percentages") else tuple(path)
    return list(TABLES[named].model_fields) if named in TABLES else []


def read_claims(data: bytes | str, *, name: str) -> ClaimsFile:
    """Read a claims file from its contents.

    Parameters
    ----------
    data
        TOML.
    name
        What messages call it.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: the file, the key, and what to do.
    """
    raw = parse(data, name=name)
    check_format(raw, name=name)
    return validated(ClaimsFile, raw, name=name, known_keys=_keys_at)
