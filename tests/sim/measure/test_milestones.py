"""Milestones, the three clocks, tickets and agents, each in a small log worked out on paper."""

from dataclasses import replace

import numpy as np
import pytest
from handmade import HALL, MON, STEPS, TUE, WED, Handmade, at

from scenarios.compose.composing import compose
from scenarios.routes import milestones_of_service
from sim.measure import Metrics, measure
from sim.measure.headline import possible_metrics
from sim.measure.limits import limit_sums
from sim.program import Code, Kind, Outcome, StepInfo
from sim.run.simulating import simulate

INSPECTIONS = {
    "check": StepInfo("licence/case/check", "licence", "case", ("Check", "核查"), "team", "work", "on-site-check"),
    "test": StepInfo("licence/case/report", "licence", "case", ("Report", "报告"), "team", "work", ""),
}
POOLS = HALL["pools"] | {
    "review": HALL["pools"]["review"] | {"role": "section"},
    "team": {"role": "inspection"},
}
LICENCE = HALL["services"]["licence"] | {
    "case": {
        "accept": {"mark": "accepted"},
        "review": {"pool": "review", "work": "1 h"},
        "check": {"pool": "team", "work": "1 h", "stops_clock": "on-site-check"},
        "finish": {"mark": "finished"},
    }
}
PERMIT = LICENCE | {
    "promised_limit": "6 working days",
    "legal_limit": "7 working days",
    "case": {"look": {"delay": "1 h"}},
}
SERVICES = HALL["services"] | {"licence": LICENCE, "permit": PERMIT}


def stated(hall: Handmade, **steps: StepInfo) -> Metrics:
    program = replace(hall.program(), steps=tuple((STEPS | steps).values()))
    return measure(hall.scenario, program, hall.plan, hall.log())


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    """Four licences and a permit, all of Monday morning."""
    hall = Handmade(raw={**HALL, "pools": POOLS, "services": SERVICES})
    nine, licence = at(MON, "09:00"), {"service": "licence", "source": "web"}

    def work(step: str, begin: int, end: int):
        return hall.serve(begin, begin, end, pool="review" if step == "review" else "team", step=step)

    again = at(TUE, "09:00")
    hall.entity(  # accepted again and inspected on Tuesday, reported on Wednesday, looked at once more when all is over
        Kind.CASE,
        hall.mark(nine, "accepted"),
        work("check", nine, at(MON, "10:00")),
        hall.plain(Code.JOIN, at(MON, "10:00"), again, step="correct"),
        hall.mark(again, "accepted"),
        work("review", again, at(TUE, "10:00")),
        work("check", at(TUE, "10:00"), at(TUE, "11:00")),
        work("test", at(TUE, "11:00"), at(WED, "10:00")),
        hall.mark(at(WED, "10:00"), "decided"),
        hall.mark(at(WED, "10:00"), "finished"),
        work("check", at(WED, "10:00"), at(WED, "11:00")),
        **licence,
    )
    hall.entity(Kind.CASE, pending=hall.serve(nine, -1, -1, pool="review", step="review"), **licence)
    noon = at(MON, "12:00")
    looked_at = (hall.mark(nine, "accepted"), hall.plain(Code.CLOCK, nine, noon), hall.mark(noon, "refused"))
    hall.entity(Kind.CASE, *looked_at, **licence)
    hall.entity(
        Kind.CASE,
        hall.mark(nine, "accepted"),
        work("review", nine, at(MON, "10:00")),
        hall.mark(at(MON, "10:00"), "withdrawn"),
        **licence,
    )
    hall.entity(Kind.CASE, hall.plain(Code.CLOCK, nine, at(WED, "10:00")), service="permit", source="web")
    return stated(hall, **INSPECTIONS)


# ---- milestones ----------------------------------------------------------------------------------------------------


def test_a_milestone_is_counted_from_the_last_acceptance_and_an_open_case_has_not_reached_it(metrics):
    rows = metrics.milestones.set_index(["service", "milestone"])
    expected = {  # n, pending, median, 95 %, by days 1, 2 and 3
        "accepted": (3, 1, 2, np.inf, 1 / 3, 2 / 3, 2 / 3),  # Tuesday, never, Monday
        "inspected": (2, 1, 1, np.inf, 1 / 2, 1 / 2, 1 / 2),  # Tuesday, though the report came on Wednesday; never
        "reviewed": (2, 1, 1, np.inf, 1 / 2, 1 / 2, 1 / 2),  # Tuesday; never
        "decided": (3, 1, 2, np.inf, 1 / 3, 2 / 3, 2 / 3),  # Wednesday; never; refused on Monday
        "issued": (2, 1, 2, np.inf, 0, 1 / 2, 1 / 2),  # Wednesday; never
    }
    assert {name: tuple(rows.loc[("licence", name)]) for name in expected} == expected
    assert rows.loc["permit"].index.tolist() == ["decided"]
    assert tuple(rows.loc[("permit", "decided")]) == (1, 0, 3, 3, 0, 0, 1)


def test_milestones_of_the_summary_are_those_of_the_frame(metrics):
    s = metrics.summary
    for row in metrics.milestones.itertuples():
        name = f"milestone_{row.milestone}"
        assert s[f"{name}_median.{row.service}"] == row.median_day
        assert s[f"{name}_q95.{row.service}"] == row.q95_day
        for day in (1, 2, 3):
            share = f"{name}_by_day_{day}_share.{row.service}"
            assert s[share] == getattr(row, f"by_day_{day}_share")
            assert s[f"{share}:den"] == row.n


def test_without_on_site_checks_all_work_of_the_team_inspects():
    hall = Handmade(raw={**HALL, "pools": POOLS, "services": SERVICES})
    nine = at(MON, "09:00")
    hall.entity(
        Kind.CASE,
        hall.mark(nine, "accepted"),
        hall.serve(nine, at(TUE, "09:00"), at(TUE, "10:00"), pool="team", step="test"),
        service="licence",
        source="web",
    )
    check = replace(STEPS["check"], stops_clock="")
    row = stated(hall, check=check, test=INSPECTIONS["test"]).milestones.query("milestone == 'inspected'")
    assert row["median_day"].tolist() == [2]


def test_the_milestones_of_a_service_follow_from_marks_and_roles():
    scenario = compose("honghuagang-2014")
    services = {name: milestones_of_service(scenario, service) for name, service in scenario.services.items()}
    assert services["food-licence"] == ("accepted", "inspected", "reviewed", "decided", "issued")
    assert services["company-registration"] == ("accepted", "reviewed", "decided", "issued")
    assert services["id-card"] == ()
    possible = possible_metrics(scenario)
    assert "milestone_inspected_median.food-licence" in possible
    assert "milestone_inspected_median.company-registration" not in possible
    assert "milestone_decided_by_day_3_share.id-card" not in possible


# ---- the three clocks ----------------------------------------------------------------------------------------------


def test_clocks_are_compared_by_sums_over_services_and_by_cases(metrics):
    s = metrics.summary
    # Licence: promised 1, statutory 5; used 1 (Tuesday to Wednesday), 2 so far, 0 (refused at once), of three cases 3.
    # Permit: promised 6, statutory 7; used 2 of one case.
    assert s["statutory_mean_days.licence"] == 1
    assert s["promised_of_statutory_by_item"] == pytest.approx((1 + 6) / (5 + 7))
    assert s["promised_of_statutory_by_case"] == pytest.approx((3 * 1 + 6) / (3 * 5 + 7))
    assert s["actual_of_statutory_by_item"] == pytest.approx((1 + 2) / (5 + 7))
    assert s["actual_of_statutory_by_case"] == pytest.approx((3 + 2) / (3 * 5 + 7))
    assert s["actual_of_promised_by_item"] == pytest.approx((1 + 2) / (1 + 6))
    assert s["actual_of_promised_by_case"] == pytest.approx((3 + 2) / (3 * 1 + 6))
    assert (s["case_undecided_share:num"], s["case_undecided_share:den"]) == (1, 4)


def test_a_service_without_a_limit_is_in_no_comparison_with_it():
    raw = {**HALL, "services": HALL["services"] | {"licence": LICENCE | {"promised_limit": None}}, "pools": POOLS}
    hall = Handmade(raw=raw)
    nine = at(MON, "09:00")
    hall.entity(Kind.CASE, hall.plain(Code.CLOCK, nine, at(TUE, "09:00")), service="licence", source="web")
    s = stated(hall).summary
    assert s["actual_of_statutory_by_case"] == 1 / 5
    assert np.isnan(s["actual_of_promised_by_case"])
    assert np.isnan(s["promised_of_statutory_by_item"])


def test_sums_of_limits_weigh_by_cases_and_leave_out_what_nobody_applies_for():
    old, new, cases = np.array([10.0, 20.0]), np.array([5.0, np.inf]), np.array([3.0, 0.0])
    assert limit_sums(old[:1], new[:1]) == (5, 10)
    assert limit_sums(old, new) == (np.inf, 30)
    assert limit_sums(old, new, cases) == (15, 30)


# ---- the wait of a trip --------------------------------------------------------------------------------------------


def test_a_ticket_is_waited_for_from_the_first_window_to_its_first_call():
    pools = HALL["pools"] | {"window": {"role": "window"}, "desk": {"role": "desk"}}
    hall = Handmade(raw={**HALL, "pools": pools})

    def desk(begin: int, called: int, end: int):
        return hall.serve(begin, called, end, pool="desk")

    ten, called, again = at(MON, "10:00"), at(MON, "10:12"), at(MON, "10:40")
    hall.entity(  # waits 5 minutes at the desk and 12 at the window, is absent, and is called again after 27 more
        Kind.VISIT,
        *hall.trip(
            at(MON, "09:50"),
            desk(at(MON, "09:50"), at(MON, "09:55"), ten),
            hall.serve(ten, called, at(MON, "10:13")),
            hall.serve(at(MON, "10:13"), again, at(MON, "10:50")),
            leave=at(MON, "10:50"),
        ),
    )
    hall.entity(Kind.VISIT, *hall.trip(ten, desk(ten, ten, called), leave=called))  # comes to no window
    left = at(MON, "10:30")
    hall.entity(  # is interrupted: called after 4 minutes
        Kind.VISIT,
        *hall.trip(
            ten,
            hall.serve(ten, at(MON, "10:04"), at(MON, "10:08"), outcome=Outcome.PREEMPTED),
            hall.serve(at(MON, "10:08"), called, left, again=True),
            leave=left,
        ),
    )
    hall.entity(  # leaves after 30 minutes
        Kind.VISIT,
        *hall.trip(ten, hall.serve(ten, left, left, outcome=Outcome.RENEGED), leave=left),
    )
    hall.entity(Kind.VISIT, hall.plain(Code.ARRIVE, ten), pending=hall.serve(ten, -1, -1))  # still waits
    served = at(TUE, "10:00")
    hall.entity(  # called after 2 minutes, and still served
        Kind.VISIT,
        hall.plain(Code.ARRIVE, served),
        pending=hall.serve(served, -1, -1),
        in_service=at(TUE, "10:02"),
    )
    s = stated(hall).summary
    assert (s["ticket_wait_mean_min:num"], s["ticket_wait_mean_min:den"]) == (12 + 4 + 2, 3)
    assert s["ticket_wait_q90_min"] == 12
    assert (s["ticket_wait_within_10_share:num"], s["ticket_wait_within_10_share:den"]) == (2, 5)
    # per call: at the desk 5 and 0, at the window 12, 27, 4 and 2
    assert (s["wait_mean_min:num"], s["wait_mean_min:den"]) == (5 + 0 + 12 + 27 + 4 + 2, 6)


def test_where_no_pool_is_a_window_all_waits_of_a_trip_count_together():
    metrics = simulate(compose("textbook-mm3", overrides={"run.days": 2}), seed=5, replication=0)
    assert not metrics.table.is_window.any()
    assert metrics.summary["ticket_wait_mean_min"] == metrics.summary["wait_mean_min"]
    assert metrics.summary["ticket_wait_within_5_share"] == metrics.summary["wait_within_5_share"]

    hall, ten = Handmade(raw={**HALL, "pools": HALL["pools"] | {"desk": {}}}), at(MON, "10:00")
    seen, called, left = at(MON, "10:03"), at(MON, "10:20"), at(MON, "10:40")

    def desk():
        return hall.serve(ten, at(MON, "10:02"), seen, pool="desk")

    hall.entity(Kind.VISIT, *hall.trip(ten, desk(), hall.serve(seen, called, left), leave=left))  # 2 and 17 minutes
    in_vain = hall.serve(seen, left, left, outcome=Outcome.RENEGED)
    hall.entity(Kind.VISIT, *hall.trip(ten, desk(), in_vain, leave=left))
    hall.entity(Kind.VISIT, hall.plain(Code.ARRIVE, ten), desk(), pending=hall.serve(seen, -1, -1))
    s = stated(hall).summary
    assert (s["ticket_wait_mean_min:num"], s["ticket_wait_mean_min:den"]) == (2 + 17, 1)
    assert (s["ticket_wait_within_20_share:num"], s["ticket_wait_within_20_share:den"]) == (1, 3)


# ---- agents --------------------------------------------------------------------------------------------------------


def test_what_agents_do_is_a_channel_of_its_own_and_their_appointments_are_appointments():
    raw = {**HALL, "people": HALL["people"] | {"agent": {}}}
    hall = Handmade(raw=raw)

    def visit(clock: str, day: int = MON, **more: object) -> int:
        come, go = at(day, clock), at(day, clock) + 600_000
        inside = (hall.serve(come, come, go), hall.mark(go, "finished"))
        return hall.entity(Kind.VISIT, *hall.trip(come, *inside, leave=go), **more)

    visit("09:00")
    visit("10:00", person="agent")
    booked = visit("11:00", person="agent", source="booked", service="licence")
    visit("11:00", TUE, person="agent", source="booked", service="licence", purpose="supplement", root=booked)
    web = hall.entity(Kind.ONLINE, service="licence", source="web", started=at(MON, "09:00"), ended=at(MON, "09:00"))
    done = at(TUE, "09:00")
    hall.entity(
        Kind.CASE,
        hall.plain(Code.CLOCK, at(MON, "09:00"), done),
        hall.mark(done, "finished"),
        root=web,
        service="licence",
        source="web",
    )
    metrics = stated(hall)
    s = metrics.summary
    assert metrics.visits["channel"].tolist() == ["walk-in", "agent", "agent", "agent"]
    assert s["channel_visits_per_day.agent"] == 3 / 2
    assert s["channel_visits_per_day.appointment"] == s["channel_visits_per_day.follow-up"] == 0
    assert s["appointments_per_week"] == 1 / 2 * 5
    months = 21 / 2
    names = ("walk-in", "appointment", "online", "agent")
    assert [s[f"channel_items_finished_per_month.{name}"] for name in names] == [months, 0, months, 2 * months]
    assert s["channel_case_elapsed_mean_days.online"] == 1
    assert np.isnan(s["channel_case_elapsed_mean_days.agent"])
