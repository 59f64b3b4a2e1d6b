"""The scalar metrics of one replication.

Input: what the other modules of the package have found in a log.  Output: a dictionary from the names of
:mod:`sim.measure.registry` to numbers, the same keys in every replication of a scenario; not-a-number where
there is nothing to measure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from foundation.arrays import FloatArray, IntArray
from scenarios.model.vocabulary import MILESTONES, Milestone
from sim.calendar import HOUR_MS, MINUTE_MS
from sim.measure.cases import Cases, Turnaround, day_ends, open_at, turnarounds
from sim.measure.limits import limit_sums
from sim.measure.milestones import MilestoneGroups, Milestones, milestone_groups, services_with
from sim.measure.passes import CALLED, NO_TICKET, STILL_WAITING
from sim.measure.queues import PoolTotals, last_departures
from sim.measure.registry import (
    APPLYING,
    COMING,
    DENOMINATOR,
    MILESTONE_DAYS,
    NUMERATOR,
    VISIT_CHANNELS,
)
from sim.measure.table import Table, ratio
from sim.measure.visitors import visitor_hours_and_yuan
from sim.measure.visits import OUTCOMES, SERVED, Trips
from sim.measure.volume import Volume, trips_of_items
from sim.measure.waits import Waits, called_within
from sim.program import Kind
from sim.statistics.quantiles import quantiles

if TYPE_CHECKING:
    from sim.measure.frames import Metrics

__all__ = ["summarise"]

Scalars = Iterable[tuple[str, float]]
Numbers = IntArray | FloatArray


def summarise(metrics: Metrics, wanted: Collection[str] | None = None) -> dict[str, float]:
    """Return scalar metrics, ratios with their numerators and denominators.

    Parameters
    ----------
    metrics
        What they are computed from, as far as it is needed.
    wanted
        Which metrics; all by default.
    """
    if wanted is None:
        return {name: float(value) for _, part in _PARTS for name, value in part(metrics)}
    names = frozenset(wanted)
    return {name: float(value) for part in _parts_of(names) for name, value in part(metrics) if name in names}


@lru_cache(maxsize=64)
def _parts_of(wanted: frozenset[str]) -> tuple[Callable[[Metrics], Scalars], ...]:
    return tuple(part for prefixes, part in _PARTS if any(name.startswith(prefixes) for name in wanted))


def _ratio(name: str, numerator: float, denominator: float) -> Scalars:
    yield name, numerator / denominator if denominator else float("nan")
    yield name + NUMERATOR, numerator
    yield name + DENOMINATOR, denominator


def _ratios(name: str, of: Sequence[str], numerators: Numbers, denominators: Numbers) -> Scalars:
    """Yield what :func:`_ratio` does for each of some pools; arrays are several times as fast for hundreds of them."""
    values = np.stack((ratio(numerators, denominators), numerators, denominators), axis=1)
    return zip(_names(name, tuple(of)), values.ravel().tolist(), strict=True)


@lru_cache(maxsize=64)
def _names(name: str, of: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}.{member}{part}" for member in of for part in ("", NUMERATOR, DENOMINATOR))


def _visits(table: Table, trips: Trips, volume: Volume) -> Scalars:
    days, finished = table.window.days.size, volume.finished.size
    yield "visits_per_day", volume.trips.size / days
    yield "visits_per_month", volume.trips.size / days * table.options.days_per_month
    purposes = table.program.purposes
    counts = np.bincount(table.program.entities["purpose"][trips.entity[volume.trips]], minlength=len(purposes))
    for purpose, number in zip(purposes, counts.tolist(), strict=True):
        yield f"purpose_visits_per_day.{purpose}", number / days
        yield from _ratio(f"purpose_visits_per_item.{purpose}", number, finished)
    yield from _ratio("visits_per_item", volume.trips.size, finished)
    yield "appointments_per_week", volume.by_appointment / days * table.options.days_per_week


def _items(table: Table, cases: Cases, volume: Volume) -> Scalars:
    window, options = table.window, table.options
    days, accepted = window.days.size, volume.item.size
    yield "items_accepted_per_month", accepted / days * options.days_per_month
    yield "items_finished_per_day", volume.finished.size / days
    yield "items_finished_per_month", volume.finished.size / days * options.days_per_month
    yield from _ratio("instant_share", int(volume.instant.sum()), accepted)
    done = (volume.closed_at >= 0) & (volume.closed_at < window.end)
    yield from _ratio("finished_share", int((done & volume.taken_in).sum()), int(volume.taken_in.sum()))
    yield from _ratio("committed_finished_share", int((done & volume.is_case).sum()), int(volume.is_case.sum()))
    still_open = open_at(cases, np.arange(cases.entity.size), day_ends(table))
    yield "open_cases", float(still_open.mean())
    yield "open_cases_end", int(still_open[-1])


def _ticket_waits(table: Table, trips: Trips, volume: Volume) -> Scalars:
    ticket = trips.ticket[volume.trips]
    at = np.flatnonzero(ticket != NO_TICKET)
    wait, ticket = trips.ticket_wait[volume.trips[at]] / MINUTE_MS, ticket[at]
    called, still = ticket == CALLED, ticket == STILL_WAITING
    served = wait[called]
    yield from _ratio("ticket_wait_mean_min", float(served.sum()), served.size)
    yield "ticket_wait_q90_min", quantiles(served, (0.9,))[0]
    for limit in table.wait_limits:
        yield from _ratio(f"ticket_wait_within_{limit}_share", *called_within(wait, called, still, limit))


def _waits(table: Table, waits: Waits) -> Scalars:
    visitors = np.flatnonzero(waits.visitor)
    wait, called, still = waits.wait[visitors], waits.called[visitors], waits.still[visitors]
    served = wait[called]
    yield from _ratio("wait_mean_min", float(served.sum()), served.size)
    yield from zip(
        ("wait_median_min", "wait_q90_min", "wait_q95_min"), quantiles(served, (0.5, 0.9, 0.95)), strict=True
    )
    for limit in table.wait_limits:
        yield from _ratio(f"wait_within_{limit}_share", *called_within(wait, called, still, limit))
    yield from _ratio("wait_uncalled_share", called.size - served.size, called.size)
    yield from _ratio("waited_share", int((wait > 0).sum()), wait.size)
    yield "wait_sd_min", float(served.std(ddof=1)) if served.size > 1 else float("nan")
    yield from _ratio("wait_all_mean_min", float(wait.sum()), wait.size)


def _visitors(table: Table, trips: Trips, volume: Volume) -> Scalars:
    at = volume.trips
    hours = trips.hours[at]
    of_outcome = np.bincount(trips.outcome[at], minlength=len(OUTCOMES)).tolist()
    ended = dict(zip(OUTCOMES, of_outcome, strict=True))
    entered = ~np.isnan(hours)
    yield from _ratio("wait_per_trip_mean_min", float(trips.wait[at].sum()) / MINUTE_MS, at.size)
    yield from _ratio("hours_in_hall_mean", float(hours[entered].sum()), int(entered.sum()))
    number, spent = trips_of_items(table, trips, volume)
    number, spent = number[~np.isnan(number)], spent[~np.isnan(spent)]
    yield from _ratio("trips_per_item", float(number.sum()), number.size)
    yield from _ratio("hours_per_item", float(spent.sum()), number.size)
    yield from _ratio("unserved_share", at.size - ended["served"], at.size)
    yield from _ratio("left_share", ended["left"], at.size)
    yield from _ratio("turned_away_share", ended["full"] + ended["shut"] + ended["sent-home"], at.size)
    yield from _ratio("sent_home_share", ended["sent-home"], at.size)
    yield from _ratio("still_there_share", ended["inside"], at.size)
    rest = table.unfinished
    yield "waiting_at_end", int((~rest.called & table.is_visitor[rest.entity]).sum())
    yield from _ratio("lost_share", volume.lost, volume.newcomers)


def _visitor_time(table: Table, trips: Trips, volume: Volume) -> Scalars:
    hours, yuan = visitor_hours_and_yuan(table, trips, volume)
    yield "visitor_hours_per_day", hours / table.window.days.size
    yield "visitor_cost_per_day", yuan / table.window.days.size
    yield from _ratio("visitor_cost_per_item", yuan, volume.finished.size)


def _staff(table: Table, trips: Trips, totals: PoolTotals) -> Scalars:
    days = table.window.days.size
    yield "overtime_min_per_day", int(totals.overtime.sum()) / MINUTE_MS / days
    latest = last_departures(table, trips)
    measured = latest[~np.isnan(latest)]
    yield from _ratio("last_departure_min", float(measured.sum()), measured.size)
    yield "staff_hours_per_day", int(totals.rostered.sum()) / HOUR_MS / days
    yield "cost_per_day", float(totals.yuan.sum()) / days
    yield from _ratios("utilisation", table.pools, totals.busy / HOUR_MS, totals.rostered / HOUR_MS)


def _pool_waits(table: Table, waits: Waits) -> Scalars:
    pools = len(table.pools)
    at = waits.pool[waits.called]
    total = np.bincount(at, weights=waits.wait[waits.called], minlength=pools)
    number, joined = (np.bincount(pool, minlength=pools) for pool in (at, waits.pool))
    yield from _ratios("pool_wait_mean_min", table.pools, total, number)
    yield from _ratios("pool_uncalled_share", table.pools, joined - number, joined)


def _presence(table: Table, totals: PoolTotals) -> Scalars:
    yield from _ratios("pool_queue_mean", table.pools, totals.waiting / HOUR_MS, totals.staffed / HOUR_MS)
    yield from _ratios("pool_present_mean", table.pools, totals.present / HOUR_MS, totals.staffed / HOUR_MS)


def _channels(table: Table, trips: Trips, volume: Volume) -> Scalars:
    at, days, channels = volume.trips, table.window.days.size, len(VISIT_CHANNELS)
    channel, wait = volume.channel, trips.wait[at]
    number = np.bincount(channel, minlength=channels)
    waited = np.bincount(channel, weights=wait / MINUTE_MS, minlength=channels)
    in_vain = np.bincount(channel[trips.outcome[at] != SERVED], minlength=channels)
    for name in COMING:
        k = VISIT_CHANNELS.index(name)
        yield f"channel_visits_per_day.{name}", number[k] / days
        yield from _ratio(f"channel_wait_mean_min.{name}", waited[k], number[k])
        yield from _ratio(f"channel_unserved_share.{name}", in_vain[k], number[k])


def _origins(table: Table, cases: Cases, volume: Volume) -> Scalars:
    number, per_month = len(VISIT_CHANNELS), table.options.days_per_month / table.window.days.size
    roots = table.root[volume.finished]
    applied = table.kind[roots] != Kind.CASE  # nobody knows who applied for a case that was open to begin with
    finished = np.bincount(volume.channels[roots[applied]], minlength=number)
    members = np.flatnonzero(cases.counts)
    channel, days = volume.channels[table.root[cases.entity[members]]], cases.elapsed_days[members]
    opened, spent = np.bincount(channel, minlength=number), np.bincount(channel, weights=days, minlength=number)
    for name in APPLYING:
        k = VISIT_CHANNELS.index(name)
        yield f"channel_items_finished_per_month.{name}", finished[k] * per_month
        yield from _ratio(f"channel_case_elapsed_mean_days.{name}", spent[k], opened[k])


def _clocks(cases: Cases, by_service: Sequence[Turnaround]) -> Scalars:
    """Compare the statutory, promised and actual days of the services that have cases, and of these cases."""
    members = np.flatnonzero(cases.counts)
    yield from _ratio("case_undecided_share", int((cases.decided[members] < 0).sum()), members.size)
    volumes = np.array([turnaround.n for turnaround in by_service], dtype=np.float64)
    actual = np.array([turnaround.statutory_mean_days for turnaround in by_service])
    legal, promised = (np.full(volumes.size, -1.0) for _ in range(2))
    legal[cases.service], promised[cases.service] = cases.legal, cases.promised
    for name, new, old in (
        ("promised_of_statutory", promised, legal),
        ("actual_of_statutory", actual, legal),
        ("actual_of_promised", actual, promised),
    ):
        both = (volumes > 0) & (old >= 0) & (new >= 0)
        yield from _ratio(f"{name}_by_item", *limit_sums(old[both], new[both]))
        yield from _ratio(f"{name}_by_case", *limit_sums(old[both], new[both], volumes[both]))


def _all_cases(cases: Cases) -> Scalars:
    counts = cases.counts
    yield from _ratio("case_elapsed_mean_days", float(cases.elapsed_days[counts].sum()), int(counts.sum()))
    (q90,) = quantiles(np.where(cases.is_open, np.inf, cases.elapsed_days)[counts], (0.9,))
    yield "case_elapsed_q90_days", q90
    in_time, late = (int((mask & counts).sum()) for mask in cases.within(cases.promised))
    yield from _ratio("case_within_promised_share", in_time, in_time + late)


def _turnarounds(table: Table, cases: Cases) -> Scalars:
    names, services = table.program.services, table.scenario.services
    by_service = turnarounds(cases, cases.service, len(names))
    yield from _clocks(cases, by_service)
    present = np.bincount(cases.service, minlength=len(names)).tolist()
    for name, turnaround, number in zip(names, by_service, present, strict=True):
        if name not in services or services[name].case is not None or number:
            yield f"cases_measured.{name}", turnaround.n
            yield f"cases_open.{name}", turnaround.open
            yield from _ratio(
                f"elapsed_mean_days.{name}", _total(turnaround.elapsed_mean_days, turnaround.n), turnaround.n
            )
            yield from _ratio(
                f"statutory_mean_days.{name}", _total(turnaround.statutory_mean_days, turnaround.n), turnaround.n
            )
            yield f"elapsed_median_days.{name}", turnaround.elapsed_median_days
            yield f"elapsed_q95_days.{name}", turnaround.elapsed_q95_days
            yield f"touched_median.{name}", turnaround.touched_median
            yield f"touched_q95.{name}", turnaround.touched_q95
            yield f"statutory_median.{name}", turnaround.statutory_median
            yield f"statutory_q95.{name}", turnaround.statutory_q95
            determined = (
                turnaround.promised_kept + turnaround.promised_late,
                turnaround.legal_kept + turnaround.legal_late,
            )
            yield from _ratio(f"within_promised_share.{name}", turnaround.promised_kept, determined[0])
            yield from _ratio(f"within_legal_share.{name}", turnaround.legal_kept, determined[1])


def _milestones(table: Table, cases: Cases, milestones: Milestones) -> Scalars:
    names = table.program.services
    groups = milestone_groups(milestones, cases.service, len(names))
    keys, at = _milestone_keys(names, tuple(services_with(table.scenario).items()))
    return zip(keys, _milestone_values(groups)[:, at].T.ravel().tolist(), strict=True)


def _milestone_values(groups: MilestoneGroups) -> FloatArray:
    """Return a row a number in the order of the keys of a milestone, a column a milestone and service."""
    n = groups.n.ravel()
    of_days = [(ratio(reached.ravel(), n), reached.ravel(), n) for reached in groups.by_day]
    return np.stack([groups.median.ravel(), groups.q95.ravel(), *(row for rows in of_days for row in rows)])


@lru_cache(maxsize=64)
def _milestone_keys(
    names: tuple[str, ...], services: tuple[tuple[str, tuple[Milestone, ...]], ...]
) -> tuple[tuple[str, ...], IntArray]:
    """Return the keys of all milestones that services can have, and the columns in which their numbers stand."""
    keys, at = list[str](), list[int]()
    for service, milestones in services:
        for milestone in milestones:
            at.append(MILESTONES.index(milestone) * len(names) + names.index(service))
            keys += [f"milestone_{milestone}_{name}.{service}" for name in ("median", "q95")]
            for day in MILESTONE_DAYS:
                key = f"milestone_{milestone}_by_day_{day}_share.{service}"
                keys += [key, key + NUMERATOR, key + DENOMINATOR]
    return tuple(keys), np.array(at, dtype=np.int64)


def _total(mean: float, n: int) -> float:
    return mean * n if n else 0.0


_PARTS: Final[tuple[tuple[tuple[str, ...], Callable[[Metrics], Scalars]], ...]] = (
    (
        ("visits_per_", "purpose_visits_per_", "appointments_per_week"),
        lambda metrics: _visits(metrics.table, metrics.trips, metrics.counts),
    ),
    (
        ("items_accepted_", "items_finished_", "instant_", "finished_", "committed_finished_", "open_cases"),
        lambda metrics: _items(metrics.table, metrics.case_table, metrics.counts),
    ),
    (("ticket_wait_",), lambda metrics: _ticket_waits(metrics.table, metrics.trips, metrics.counts)),
    (
        ("wait_m", "wait_q", "wait_within_", "wait_uncalled_", "waited_", "wait_sd_", "wait_all_"),
        lambda metrics: _waits(metrics.table, metrics.first_waits),
    ),
    (
        (
            *("wait_per_trip_", "hours_in_hall_", "trips_per_item", "hours_per_item", "unserved_", "left_"),
            *("turned_away_", "sent_home_", "still_there_", "waiting_at_end", "lost_"),
        ),
        lambda metrics: _visitors(metrics.table, metrics.trips, metrics.counts),
    ),
    (
        ("overtime_", "last_departure_", "staff_hours_", "cost_per_day", "utilisation."),
        lambda metrics: _staff(metrics.table, metrics.trips, metrics.pool_totals),
    ),
    (("visitor_",), lambda metrics: _visitor_time(metrics.table, metrics.trips, metrics.counts)),
    (("pool_wait_", "pool_uncalled_"), lambda metrics: _pool_waits(metrics.table, metrics.first_waits)),
    (("pool_queue_", "pool_present_"), lambda metrics: _presence(metrics.table, metrics.pool_totals)),
    (
        ("channel_visits_", "channel_wait_", "channel_unserved_"),
        lambda metrics: _channels(metrics.table, metrics.trips, metrics.counts),
    ),
    (
        ("channel_items_", "channel_case_"),
        lambda metrics: _origins(metrics.table, metrics.case_table, metrics.counts),
    ),
    (("case_elapsed_", "case_within_"), lambda metrics: _all_cases(metrics.case_table)),
    (
        (
            *("case_undecided_", "promised_of_", "actual_of_", "cases_", "elapsed_", "statutory_", "touched_"),
            *("within_promised_", "within_legal_"),
        ),
        lambda metrics: _turnarounds(metrics.table, metrics.case_table),
    ),
    (
        ("milestone_",),
        lambda metrics: _milestones(metrics.table, metrics.case_table, metrics.case_milestones),
    ),
)
"""How the names of metrics begin, and what computes them, in the order of the summary."""
