"""Laws without chance: recursions path by path, conservation, and the counting of working days, to the millisecond."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heapreplace
from typing import Final

import numpy as np

from foundation.arrays import IntArray
from sim.calendar import DAY_MS, MINUTE_MS
from sim.measure import measure
from sim.program import Code, Log, Outcome, Program
from verification.check import ExactCheck, Identity
from verification.runs import Run, served

__all__ = ["CHECKS"]


def _agree(observed: IntArray, expected: IntArray) -> Identity:
    """Compare times in ms, one by one; show their means in minutes."""
    holds = observed.size == expected.size > 0 and bool(np.all(observed == expected))
    return Identity(float(expected.mean()) / MINUTE_MS, float(observed.mean()) / MINUTE_MS, holds)


def _drawn(program: Program, pool_index: int) -> IntArray:
    """Return the work drawn for every visitor's service at the pool of this index, in order of arrival."""
    ops = program.ops
    amounts: IntArray = ops["amount"][(ops["code"] == Code.SERVE) & (ops["arg"] == pool_index)]
    return amounts


def _waits_by_hand(arrivals: IntArray, works: IntArray, servers: int) -> IntArray:
    """Return the waits in order of arrival: each takes the server that is free first (Kiefer and Wolfowitz 1955).

    With one server that is Lindley's recursion ``W' = (W + S - A)⁺`` (Lindley 1952).
    """
    free_at = [0] * servers
    heapify(free_at)
    waits = np.empty(arrivals.size, dtype=np.int64)
    for k, (arrival, work) in enumerate(zip(arrivals.tolist(), works.tolist(), strict=True)):
        start = max(arrival, free_at[0])
        waits[k] = start - arrival
        heapreplace(free_at, start + work)
    return waits


def _path_waits(servers: int) -> Callable[[Run, Program], Identity]:
    def identity(run: Run, sound: Program) -> Identity:
        stays = run.at("window")
        waits = _waits_by_hand(sound.entities["start"], _drawn(sound, 0), servers)
        return _agree((stays.start - stays.ready)[np.argsort(stays.entity)], waits[np.sort(stays.entity)])

    return identity


def _tandem(run: Run, sound: Program) -> Identity:
    """Compare when visitors leave the second of two stations in a row: ``D₂ = max(D₁, D₂ of the one before) + S₂``."""
    arrivals = sound.entities["start"]
    first, second = _drawn(sound, 0), _drawn(sound, 1)
    leave_first = arrivals + _waits_by_hand(arrivals, first, 1) + first
    leave = leave_first + _waits_by_hand(leave_first, second, 1) + second
    done = np.flatnonzero(run.log.ended >= 0)
    return _agree(run.log.ended[done] - arrivals[done], leave[done] - arrivals[done])


def _threes(run: Run, _: Program) -> Identity:
    """The first of three doesn't wait, the second waits 8 minutes, the third 16."""
    stays = served(run.begun(run.at("window")))
    expected = np.tile(np.array([0, 8, 16]) * MINUTE_MS, stays.size // 3)
    return _agree((stays.start - stays.ready)[np.argsort(stays.entity)], expected)


def _work_is_kept(pool: str) -> Callable[[Run, Program], Identity]:
    """Compare the time that each was served, interruptions and nights apart, with the work that was drawn."""

    def identity(run: Run, sound: Program) -> Identity:
        stays = run.at(pool)
        plan = next(candidate for candidate in run.plan.pools if candidate.name == pool)
        worked = stays.end - stays.start if plan.pauses is None else plan.pauses.between(stays.start, stays.end)
        done = np.sort(stays.op[stays.outcome == Outcome.DONE])
        by_op = np.bincount(stays.op, weights=worked, minlength=sound.ops.size).astype(np.int64)
        return _agree(by_op[done], sound.ops["amount"][done])

    return identity


def _little(run: Run, _: Program) -> Identity:
    """Compare the integral of the number present with the time that all spent there: ``∫ N dt = Σ T`` (Little 1961).

    The number comes from the log's rows, the times from when entities set out and were done.
    """
    done = np.flatnonzero(run.log.ended >= 0)
    stays = run.at("window")
    stays = stays.where(np.isin(stays.entity, done))
    moments = np.concatenate((stays.ready, stays.end))
    order = np.argsort(moments, kind="stable")
    number = np.cumsum(np.repeat([1, -1], stays.size)[order])
    integral = int((number[:-1] * np.diff(moments[order])).sum())
    spent = int((run.log.ended - run.log.started)[done].sum())
    hours = run.length
    return Identity(spent / hours, integral / hours, integral == spent)


def _nobody_is_lost(run: Run, sound: Program) -> Identity:
    """Count the visitors whose rows cover their stay from coming to leaving, of all who came and left."""
    rows = run.log.rows
    covered = np.bincount(rows["entity"], weights=rows["end"] - rows["ready"], minlength=sound.entities.size)
    done = run.log.ended >= 0
    conserved = done & (covered == run.log.ended - run.log.started)
    return Identity(float(done.sum()), float(conserved.sum()), bool(np.array_equal(conserved, done)))


def _lose_rows(log: Log) -> Log:
    """Lose every fiftieth row."""
    return Log(log.rows[np.arange(log.rows.size) % 50 != 0], log.started, log.ended, log.in_service)


def _days(count: str, expected: float) -> Callable[[Run, Program], Identity]:
    def identity(run: Run, _: Program) -> Identity:
        measured = measure(run.scenario, run.program, run.plan, run.log).summary[count]
        return Identity(expected, measured, measured == expected)

    return identity


def _calendar_days(run: Run, _: Program) -> Identity:
    """From Monday 3 March to Wednesday 14 May 2014, at the same time of day: 28 + 30 + 14 days."""
    waits = run.rows(Code.DAYS)
    observed = float((waits.end - waits.ready).sum()) / DAY_MS
    return Identity(72.0, observed, observed == 72.0)


_LONGER_REVIEW: Final = {"services.licence.case.review.delay": "51 working days"}
_LONGER_HALF: Final = {"services.licence.case.review.delay": "26 working days"}
_ART_82: Final = "Administrative Licensing Law, art. 82"

CHECKS: Final = (
    ExactCheck("threes-wait", "threes", _threes, "W = (0 + D + 2D) / 3", "D/D/1 with batches, by hand"),
    ExactCheck("lindley-wait", "lindley", _path_waits(1), "W′ = (W + S − A)⁺, visitor by visitor", "Lindley 1952"),
    ExactCheck(
        "kiefer-wolfowitz-wait",
        "kiefer-wolfowitz",
        _path_waits(3),
        "w′ = sort((w + S e₁ − A)⁺), visitor by visitor",
        "Kiefer & Wolfowitz 1955",
    ),
    ExactCheck(
        "tandem-path",
        "tandem",
        _tandem,
        "D₂ = max(D₁, D₂ of the one before) + S₂, visitor by visitor",
        "Lindley 1952, twice",
    ),
    ExactCheck(
        "work-preemption",
        "preemption",
        _work_is_kept("window"),
        "Σ time served = work drawn, visitor by visitor",
        "Kleinrock 1976, §3.4 (conservation of work)",
    ),
    ExactCheck(
        "work-overnight",
        "overnight",
        _work_is_kept("section"),
        "Σ working time served = work drawn, file by file",
        "Kleinrock 1976, §3.4 (conservation of work)",
    ),
    ExactCheck("little", "mm3", _little, "∫ N(t) dt / T = Σ stays / T", "Little 1961", "number", fault=_lose_rows),
    ExactCheck(
        "nobody-is-lost",
        "jackson",
        _nobody_is_lost,
        "visitors whose rows cover their stay = visitors done",
        "conservation of people",
        "number",
        fault=_lose_rows,
    ),
    ExactCheck(
        "fifty-days-statutory",
        "fifty-days",
        _days("statutory_median.licence", 50),
        "the day of acceptance isn't counted, days off aren't, make-up days are",
        _ART_82,
        "days",
        fault=_LONGER_REVIEW,
    ),
    ExactCheck(
        "fifty-days-touched",
        "fifty-days",
        _days("touched_median.licence", 51),
        "first and last day included",
        "by hand",
        "days",
        fault=_LONGER_REVIEW,
    ),
    ExactCheck(
        "fifty-days-calendar",
        "fifty-days",
        _calendar_days,
        "3 March + 50 working days = 14 May 2014: 72 calendar days",
        "State Council notice on the holidays of 2014; by hand",
        "days",
        fault=_LONGER_REVIEW,
    ),
    ExactCheck(
        "stopped-clock-statutory",
        "stopped-clock",
        _days("statutory_median.licence", 25),
        "days under test aren't counted",
        "Administrative Licensing Law, arts. 45 and 82",
        "days",
        fault=_LONGER_HALF,
    ),
    ExactCheck(
        "stopped-clock-elapsed",
        "stopped-clock",
        _days("elapsed_mean_days.licence", 50),
        "working days from opening to closing, test included",
        "by hand",
        "days",
        fault=_LONGER_HALF,
    ),
)
