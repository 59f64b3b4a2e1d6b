"""Where no formula reaches, the simulator agrees with Ciw, an independent one.

Each test states one hall twice, as a scenario and in Ciw's terms, with random numbers of its own, and compares the
means of both: they may differ by no more standard errors than chance explains with probability 1e-4.
"""

import math
from collections.abc import Callable
from typing import Any

import ciw
import numpy as np
import pytest
from scipy import stats

from scenarios.compose.composing import compose_text
from sim.engine.choice import prepare
from verification.runs import Run, runs
from verification.statistics import Statistic, left_share, mean_sojourn, mean_wait, refused_share

pytestmark = pytest.mark.slow

DAY = 1440.0
WARM_UP, DAYS, FOLLOW_UP = 4, 60, 2
OURS, THEIRS = 40, 30


def lognormal(mean: float, cv: float) -> ciw.dists.Lognormal:
    variance = math.log(1 + cv**2)
    return ciw.dists.Lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def ours(toml: str, *statistics: Statistic) -> list[np.ndarray]:
    """Return each statistic of every replication of a scenario."""
    head = f"""
        format = 1
        name = "oracle"
        run = {{ warm_up_days = {WARM_UP}, days = {DAYS}, follow_up_days = {FOLLOW_UP}, replications = {OURS} }}
    """
    scenario = compose_text(head + toml, name="oracle").scenario
    values: list[list[float]] = [[] for _ in statistics]
    for run in runs(scenario, engine=prepare()):
        for place, statistic in enumerate(statistics):
            top, bottom = statistic(run)
            values[place].append(top / bottom)
    return [np.array(one) for one in values]


def theirs(network: Any, *statistics: Callable[[list[Any]], float]) -> list[np.ndarray]:
    """Return each statistic of every replication of a Ciw network, over what began in the measured days."""
    values: list[list[float]] = [[] for _ in statistics]
    for replication in range(THEIRS):
        ciw.seed(1_000 + replication)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time((WARM_UP + DAYS + FOLLOW_UP) * DAY)
        records = [
            record
            for record in simulation.get_all_records()
            if WARM_UP * DAY <= record.arrival_date < (WARM_UP + DAYS) * DAY
        ]
        for place, statistic in enumerate(statistics):
            values[place].append(statistic(records))
    return [np.array(one) for one in values]


def assert_agree(mine: np.ndarray, other: np.ndarray) -> None:
    """Compare two means by Welch's test."""
    found = stats.ttest_ind(mine, other, equal_var=False)
    assert found.pvalue > 1e-4, f"ours {mine.mean():.4f}, Ciw {other.mean():.4f}, p = {found.pvalue:.1e}"
    # The comparison has to be worth something: together they know the mean to some per cent.
    error = math.hypot(mine.std(ddof=1) / math.sqrt(mine.size), other.std(ddof=1) / math.sqrt(other.size))
    assert error < 0.04 * other.mean()


def mean_wait_of(records: list[Any]) -> float:
    return float(np.mean([record.waiting_time for record in records if record.record_type == "service"]))


def test_a_network_with_returns_and_lognormal_service():
    toml = """
        pools.desk = {}
        pools.window = { servers = 2 }
        pools.cashier = {}

        [services.item.visits.apply]
        desk = { pool = "desk", work = { dist = "uniform", low = "1 min", high = "8 min" } }
        window.pool = "window"
        window.work = { dist = "lognorm", mean = "12 min", cv = 1.2 }
        window.next = { cashier = 0.7, desk = 0.1, end = 0.2 }
        cashier = { pool = "cashier", work = "6 min", next = { window = 0.1, end = 0.9 } }

        [arrivals.visitors]
        services = "item"
        every = { dist = "gamma", mean = "10 min", cv = 0.7 }
    """
    shape = 1 / 0.7**2
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Gamma(shape, 10 / shape), None, None],
        service_distributions=[ciw.dists.Uniform(1, 8), lognormal(12, 1.2), ciw.dists.Deterministic(6)],
        number_of_servers=[1, 2, 1],
        routing=[[0.0, 1.0, 0.0], [0.1, 0.0, 0.7], [0.0, 0.1, 0.0]],
    )

    def stay(records: list[Any]) -> float:
        """Return the time at the stations for each who came in."""
        total = sum(record.exit_date - record.arrival_date for record in records)
        return float(total / len({record.id_number for record in records}))

    def wait_at(node: int) -> Callable[[list[Any]], float]:
        return lambda records: mean_wait_of([record for record in records if record.node == node])

    mine = ours(toml, mean_sojourn(), mean_wait("window"), mean_wait("cashier"))
    for one, other in zip(mine, theirs(network, stay, wait_at(2), wait_at(3)), strict=True):
        assert_agree(one, other)


def test_three_priorities_at_two_windows_with_preemption():
    names, works, gaps = ("urgent", "ordinary", "patient"), ("5 min", "9 min", "12 min"), (15, 15, 40)
    toml = "pools.window = { servers = 2, preemptive = true }\n" + "\n".join(
        f"""
        [services.{name}.visits.apply]
        serve = {{ pool = "window", work = {{ dist = "gamma", mean = "{work}", cv = 0.8 }} }}

        [arrivals.{name}]
        services = "{name}"
        every = {{ dist = "expon", mean = "{gap} min" }}
        priority = {place}
        """
        for place, (name, work, gap) in enumerate(zip(names, works, gaps, strict=True), 1)
    )
    shape = 1 / 0.8**2
    network = ciw.create_network(
        arrival_distributions={name: [ciw.dists.Exponential(1 / gap)] for name, gap in zip(names, gaps, strict=True)},
        service_distributions={
            name: [ciw.dists.Gamma(shape, float(work.split()[0]) / shape)]
            for name, work in zip(names, works, strict=True)
        },
        number_of_servers=[2],
        priority_classes=({name: place for place, name in enumerate(names)}, ["resume"]),
    )

    def stay(name: str) -> Callable[[list[Any]], float]:
        def statistic(records: list[Any]) -> float:
            # An interruption has a record of its own, which begins when the customer came.
            done = [one for one in records if one.customer_class == name and one.record_type == "service"]
            return float(np.mean([one.exit_date - one.arrival_date for one in done]))

        return statistic

    mine = ours(toml, *(mean_sojourn(name) for name in names))
    for one, other in zip(mine, theirs(network, *(stay(name) for name in names)), strict=True):
        assert_agree(one, other)


@pytest.mark.parametrize(("at_break", "preemption"), [("finish", False), ("pause", "resume")])
def test_a_section_that_closes_at_night(at_break, preemption):
    """Applications come day and night; twelve hours a day two officers work on them."""
    toml = f"""
        pools.section = {{ servers = 2, hours = "08:00-20:00", at_break = "{at_break}", at_close = "keep" }}
        services.item.visits.apply.file = {{ start_case = true }}
        services.item.case.review = {{ pool = "section", work = {{ dist = "lognorm", mean = "30 min", cv = 0.9 }} }}
        arrivals.online = {{ services = "item", channel = "online", every = {{ dist = "expon", mean = "38 min" }} }}
    """
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1 / 38)],
        service_distributions=[lognormal(30, 0.9)],
        number_of_servers=[
            ciw.Schedule(numbers_of_servers=[0, 2, 0], shift_end_dates=[480, 1200, 1440], preemption=preemption)
        ],
    )

    def stay(records: list[Any]) -> float:
        done = [one for one in records if one.record_type == "service"]
        return float(np.mean([one.exit_date - one.arrival_date for one in done]))

    def case_stay(run: Run) -> tuple[float, float]:
        stays = run.begun(run.at("section"))
        return float((stays.end - stays.ready).sum()) / 60_000, stays.size

    (mine,), (other,) = ours(toml, case_stay), theirs(network, stay)
    assert_agree(mine, other)


def test_impatience_of_any_law_with_service_of_any_law():
    toml = """
        pools.window = { servers = 2 }
        services.item.visits.apply.serve = { pool = "window", work = { dist = "lognorm", mean = "12 min", cv = 1.5 } }

        [arrivals.visitors]
        services = "item"
        every = { dist = "expon", mean = "6 min" }
        patience = { dist = "uniform", low = "5 min", high = "35 min" }
    """
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1 / 6)],
        service_distributions=[lognormal(12, 1.5)],
        number_of_servers=[2],
        reneging_time_distributions=[ciw.dists.Uniform(5, 35)],
    )

    def leave(records: list[Any]) -> float:
        return sum(record.record_type == "renege" for record in records) / len(records)

    mine = ours(toml, left_share("window"), mean_wait("window"))
    for one, other in zip(mine, theirs(network, leave, mean_wait_of), strict=True):
        assert_agree(one, other)


def test_little_room_with_service_of_any_law():
    toml = """
        pools.window = { servers = 2, room = 3 }
        services.item.visits.apply.serve = { pool = "window", work = { dist = "lognorm", mean = "11 min", cv = 1.5 } }
        arrivals.visitors = { services = "item", every = { dist = "expon", mean = "6 min" } }
    """
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1 / 6)],
        service_distributions=[lognormal(11, 1.5)],
        number_of_servers=[2],
        queue_capacities=[3],
    )

    def refused(records: list[Any]) -> float:
        return sum(record.record_type == "rejection" for record in records) / len(records)

    mine = ours(toml, refused_share("window"), mean_wait("window"))
    for one, other in zip(mine, theirs(network, refused, mean_wait_of), strict=True):
        assert_agree(one, other)
