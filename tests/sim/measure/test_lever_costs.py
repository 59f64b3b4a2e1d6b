"""Costs follow from hours and people: what the levers about hours do to staff hours and staff cost."""

import datetime as dt

import pytest
from cases import for_each

from scenarios.compose.composing import compose, compose_text
from scenarios.compose.levers import Cost, OutsideStaff, lever
from sim.engine.choice import prepare
from sim.plan import Layout
from sim.run.simulating import simulate

HALL = compose_text(
    """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5 }
[calendar]
country = "CN"
hours = ["09:00-12:00", "13:00-17:00"]
[sites.hall]
[pools]
window-labour = { servers = 2, cost_per_hour = 30.0 }
window-land = { servers = 2, cost_per_hour = 30.0 }
office = { servers = 4, hours = ["09:00-12:00"], cost_per_hour = 50.0 }
[arrivals.enquiries]
services = "pension"
per_day = 10
[arrivals.applications]
services = "pension"
per_day = 10
[arrivals.online]
services = "pension"
channel = "online"
per_day = 0
[templates.any.visits.apply]
window = { pool = "window-labour", work = "5 min" }
incomplete = { share = 0.1, next = "end" }
finished = { mark = "finished" }
[services.pension]
like = "any"
[services.pension.visits.enquire]
window = { pool = "window-land", work = "5 min" }
[services.pension.case]
missing = { share = 0.1, next = "end" }
end-of-it = { mark = "delivered" }
""",
    name="hall",
)


def costs(*levers):
    scenario = HALL.changed(levers=levers).scenario
    summary = simulate(scenario, seed=1, replication=0, engine=prepare()).summary
    return summary["staff_hours_per_day"], summary["cost_per_day"]


HOURS, YUAN = 4 * 7 + 4 * 3, 4 * 7 * 30 + 4 * 3 * 50


@for_each(
    ("name", "hours", "yuan"),
    [
        ("lunch-cover", 1, 30),
        ("lunch-cover:servers=2,hours=12:00-12:30", 1, 30),
        ("tidal-windows:quiet=window-land,left=1", 0, 0),
        ("extended-hours", 4 * 1.5, 4 * 1.5 * 30),
        ("extended-hours:closes=18:00", 4, 4 * 30),
        ("online-pre-check", 2 * 7, 2 * 7 * 24),
        ("add-staff:pool=office,servers=2", 2 * 3, 2 * 3 * 50),
    ],
)
def test_a_lever_costs_the_hours_of_its_people(name, hours, yuan):
    assert costs() == pytest.approx((HOURS, YUAN))
    assert costs(name) == pytest.approx((HOURS + hours, YUAN + yuan))


def test_people_outside_the_pools_cost_their_hours_a_year_beside_what_is_stated():
    staff = OutsideStaff(people=2, hours_per_year=100, cost_per_hour=24)
    assert Cost(per_year_yuan=1_000.0, staff=staff).every_year_yuan == 1_000 + 2 * 100 * 24
    assert Cost(per_year_yuan=1_000.0).every_year_yuan == 1_000


def test_an_agent_works_the_hours_of_the_hall_in_a_year_at_the_price_of_a_window():
    hall = compose("honghuagang-2014", overrides={"run.start": dt.date(2014, 1, 1), "run.days": 300})
    days = int(Layout.of(hall).calendars[0].workdays[:365].sum())
    hours = sum(closes - opens for opens, closes in hall.calendar.hours["mon"]) / 3_600_000
    price = hall.pools["window-labour"].cost_per_hour
    assert (days, hours, price) == (250, 7, 24)
    cost = lever("whole-process-agent").spec.cost
    assert cost.staff == OutsideStaff(people=2, hours_per_year=days * hours, cost_per_hour=price)
    assert cost.every_year_yuan == 84_000
