"""Attribution to levers: parts sum exactly, levers without effect have none, and equal levers have equal shares."""

import numpy as np
import pytest

from calibration.posterior.artefact import load_posterior
from foundation.errors import HallplanError
from planner.attribution import attribute, combinations, mean_days
from planner.clocks import items_with_limits, three_clocks
from planner.compression_study import compression_of, compression_systems
from scenarios.compose.composing import composed
from scenarios.compose.levers import LeverUse
from sim.measure.case_days import CaseDays, case_days
from sim.run.observing import observe
from sim.run.study import Study

HALL = """
format = 1
name = "hall"
run = { start = 2014-03-03, days = 5, follow_up_days = 20, replications = 2 }
calendar = { country = "CN", hours = ["09:00-12:00", "13:00-17:00"] }
pools.window = { servers = 2 }
arrivals.applicants = { services = "licence", per_day = 4 }

[services.licence]
kind = "committed"
legal_limit = "10 working days"
promised_limit = "5 working days"
visits.apply.window = { pool = "window", work = "10 min" }
visits.apply.file = { start_case = true }

[services.licence.case]
accepted = { mark = "accepted" }
courier = { delay = "5 working days" }
signature = { delay = "5 working days" }
decided = { mark = "decided" }
finished = { mark = "finished" }
"""
LEVERS = {
    "near": '[set.services.licence.case.courier]\ndelay = "1 working days"',
    "sign": '[set.services.licence.case.signature]\ndelay = "2 working days"',
    "sign-too": '[set.services.licence.case.signature]\ndelay = "2 working days"',
    "idle": "[set.pools.window]\nservers = 9",
    "words": '[set.services.licence]\ntitle = { en = "Licence", zh = "许可" }',
}


@pytest.fixture
def hall(tmp_path):
    """Return a hall in which every case takes ten days, and its levers by name."""
    (tmp_path / "hall.toml").write_text(HALL, encoding="utf-8")
    for name, change in LEVERS.items():
        head = f'format = 1\nname = "{name}"\ntitle = {{ en = "{name}", zh = "措施" }}\n'
        head += 'why = { en = "A test.", zh = "测试。" }\ncost = { note = { en = "None.", zh = "无。" } }\n'
        (tmp_path / f"{name}.toml").write_text(head + change, encoding="utf-8")
    return composed(tmp_path / "hall.toml"), {name: [LeverUse(str(tmp_path / f"{name}.toml"))] for name in LEVERS}


def compression(hall, *names, replications=2, **options):
    base, uses = hall
    game = combinations(base, [uses[name] for name in names])
    after = base.changed(levers=[use for name in names for use in uses[name]])
    systems = compression_systems(game, after)
    study = Study.of(*systems, replications=replications, workers=1)
    return compression_of(game, after, observe(study, case_days), **options)


def shares(result, weighting="by_volume"):
    return [part.share.estimate for part in getattr(result, weighting).levers.parts]


def test_three_clocks_of_a_hall_without_chance(hall):
    """Statutory 10 days, promised 5, decided in 3 where it was 10: 50 %, 70 % and 70 %."""
    clocks = compression(hall, "near", "sign").clocks
    for weighting in ("by_sums", "by_volume"):
        figures = [getattr(getattr(clocks, clock), weighting) for clock in ("promised", "supported", "realised")]
        assert [figure.estimate for figure in figures] == pytest.approx([0.5, 0.7, 0.7])
        assert [figure.low for figure in figures] == pytest.approx([figure.high for figure in figures])
    assert clocks.weak == ()
    (item,) = clocks.items
    assert (item.supported, item.within_promise.estimate, item.before, item.after) == pytest.approx((3, 1, 10, 3))


def test_an_item_that_breaks_its_promise_is_named(hall):
    """With the signature alone cut to 2 days a case takes 7, and the promise is 5."""
    (weak,) = compression(hall, "sign").clocks.weak
    assert (weak.item, weak.supported, weak.within_promise.estimate) == ("licence", 7, 0)


def test_levers_on_different_stages_save_their_own_days(hall):
    result = compression(hall, "near", "sign")
    assert shares(result) == pytest.approx([4, 3])
    assert [part.relative.estimate for part in result.by_sums.levers.parts] == pytest.approx([0.4, 0.3])
    assert result.by_volume.levers.pairs[0].interaction.estimate == pytest.approx(0)
    assert result.by_volume.rest.estimate == 0


def test_levers_that_do_the_same_work_share_it(hall):
    result = compression(hall, "sign", "sign-too")
    assert shares(result) == pytest.approx([1.5, 1.5])
    (first, second), (pair,) = result.by_volume.levers.parts, result.by_volume.levers.pairs
    assert (first.first_in.estimate, first.last_in.estimate) == pytest.approx((3, 0))
    assert (first.share, first.relative) == (second.share, second.relative)
    assert pair.interaction.estimate == pytest.approx(-3)


@pytest.mark.parametrize("null", ["idle", "words"])
def test_a_lever_without_effect_has_a_share_of_zero_in_every_replication(hall, null):
    game = compression(hall, "near", null).by_volume.levers.shapley
    assert game.shares[1].tolist() == [0, 0]


def test_a_combination_that_simulates_nothing_new_is_simulated_once(hall):
    base, uses = hall
    game = combinations(base, [uses["sign"], uses["words"], uses["sign-too"]])
    assert len(game.distinct) == 2
    assert game.place.tolist() == [0, 1, 0, 1, 1, 1, 1, 1]


def test_a_group_of_levers_is_one_player(hall):
    base, uses = hall
    game = combinations(base, [[*uses["near"], *uses["sign"]]])
    assert game.place.tolist() == [0, 1]
    assert game.names[0].count("+") == 1


def test_too_many_levers_are_refused(hall):
    base, uses = hall
    with pytest.raises(HallplanError) as fault:
        combinations(base, [uses["sign"]] * 41)
    assert (fault.value.key, fault.value.values["most"]) == ("attribution.too_many", 40)
    with pytest.raises(HallplanError):
        combinations(base, [])


ELEVEN = ("near", "sign", "words", "idle", *["words"] * 7)


def told_apart(pairs):
    """Return the interactions of the pairs that twenty orders tell from others: 47 of 55."""
    return [pair.interaction.estimate for pair in pairs if not np.isnan(pair.interaction.estimate)]


def test_with_eleven_levers_orders_are_sampled_and_shares_still_sum(hall):
    """The courier saves 4 days and the signature 3 in any order: no error of sampling, and interactions of 0."""
    result = compression(hall, *ELEVEN)
    assert shares(result) == pytest.approx([4, 3] + [0] * 9)
    levers = result.by_volume.levers
    assert levers.shapley.shares.sum(axis=0) == pytest.approx(levers.shapley.total)
    assert (levers.parts[0].share.low, levers.parts[0].share.high) == pytest.approx((4, 4))
    assert levers.parts[0].last_in.estimate == pytest.approx(4)
    assert [part.share.estimate for part in result.supported_by_sums.parts[:3]] == pytest.approx([4, 3, 0])
    assert told_apart(levers.pairs) == pytest.approx([0] * 47, abs=1e-9)
    assert [share.estimate for share in result.verdict.without[:3]] == pytest.approx([0, 0, 1])


def test_sampled_orders_depend_on_the_seed_and_come_with_their_reverses(hall):
    base, uses = hall
    groups = [uses[name] for name in ELEVEN]
    first, again, other = (combinations(base, groups, seed).orders for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert first[0::2].tolist() == first[1::2, ::-1].tolist()


def test_levers_that_do_the_same_work_have_intervals_of_the_sampled_orders(hall):
    """Of an order and its reverse each is first once: 1.5 days each in every pair, exactly.

    With a third such lever the first of three saves all: in a pair of orders two of them save 1.5 days, the third none.
    """
    two = compression(hall, "sign", "sign-too", *["words"] * 9).by_volume.levers
    assert [part.share.estimate for part in two.parts[:2]] == pytest.approx([1.5, 1.5])
    assert told_apart(two.pairs) == pytest.approx([-3] + [0] * 46, abs=1e-9)
    assert two.parts[0].share.half_width == pytest.approx(0)
    three = compression(hall, "sign", "sign-too", "sign", *["words"] * 8).by_volume.levers
    by_pair = three.shapley.by_pair[:, :3, 0]
    assert set(by_pair.ravel().round(9).tolist()) == {0, 1.5}
    assert by_pair.sum(axis=1) == pytest.approx(np.full(10, 3))
    ones = np.count_nonzero(by_pair[:, 0])
    deviation = 1.5 * np.sqrt(ones / 10 * (1 - ones / 10) / 9)  # of the mean of ten numbers that are 0 or 1.5
    assert three.parts[0].share.half_width == pytest.approx(2.2622 * deviation, rel=1e-4)  # t of nine degrees
    assert three.parts[0].relative.half_width == pytest.approx(0.22622 * deviation, rel=1e-4)
    assert three.parts[0].share.low < 1 < three.parts[0].share.high


def test_an_item_without_limits_is_refused_with_the_nearest(hall):
    scenario = hall[0].scenario
    assert items_with_limits(scenario) == ("licence",)
    with pytest.raises(HallplanError) as fault:
        items_with_limits(scenario, ["licences"])
    assert fault.value.key == "clocks.no_item"


def test_parts_sum_to_the_total_in_every_replication():
    days = np.random.default_rng(1).uniform(1, 30, (16, 7))
    result = attribute(days, ["a", "b", "c", "d"])
    assert result.shapley.shares.sum(axis=0) == pytest.approx(days[0] - days[15], abs=1e-12)
    assert sum(part.share.estimate for part in result.parts) == pytest.approx(result.total.estimate)
    assert sum(part.relative.estimate for part in result.parts) == pytest.approx(result.relative.estimate)


def test_intervals_are_paired_t_intervals():
    """Savings 2 and 4: mean 3, standard error 1, t of one degree of freedom 12.706."""
    (part,) = attribute([[10, 10], [8, 6]], ["a"]).parts
    assert (part.share.low, part.share.high) == pytest.approx((3 - 12.7062, 3 + 12.7062), abs=1e-3)
    assert part.relative.estimate == pytest.approx(0.3)


def cases(*rows, services=("a", "b")):
    item, elapsed, statutory = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return CaseDays(services, item.astype(np.int64), elapsed, statutory, unstopped=statutory, calendar=elapsed)


def test_mean_days_by_items_and_by_cases():
    """Item a has cases of 2, 2 and 8 days (mean 4), b one of 10: 7 by items, 5.5 by cases."""
    observed = [[cases((0, 2, 1), (0, 2, 1), (0, 8, 1), (1, 10, 1))]]
    assert mean_days(observed, ["a", "b"], by_volume=False).tolist() == [[7]]
    assert mean_days(observed, ["a", "b"], by_volume=True).tolist() == [[5.5]]


def test_an_item_counts_only_where_all_combinations_have_its_cases():
    observed = [[cases((0, 2, 1), (1, 10, 1))], [cases((0, 4, 1))]]
    assert mean_days(observed, ["a", "b"], by_volume=False).tolist() == [[2], [4]]


def test_items_whose_cases_took_no_days_before_are_named(hall):
    base, _ = hall
    licence = base.scenario.services["licence"]
    scenario = base.scenario.model_copy(update={"services": {"a": licence, "b": licence}})
    observed = cases((0, 8, 8), (1, 0, 3))
    with pytest.raises(HallplanError, match="All cases of b in hall end at the moment of their application"):
        three_clocks([observed], [observed], scenario, items=["a", "b"])


def test_clocks_over_items_and_volume(hall):
    """Limits 10 and 20, promised 5 and 4; after: a takes 2 days (3 cases), b 16 (one case); before 8 and 16.

    Promised: 1 - 9/30 and 1 - 19/50; supported: 1 - 18/30 and 1 - 22/50; realised: 1 - 18/24 and 1 - 22/40.
    """
    base, _ = hall
    licence = base.scenario.services["licence"]
    second = licence.model_copy(update={"legal_limit": 20, "promised_limit": 4})
    scenario = base.scenario.model_copy(update={"services": {"a": licence, "b": second}})
    before, after = cases((0, 8, 8), (1, 16, 16)), cases((0, 2, 2), (0, 2, 2), (0, 2, 2), (1, 16, 16))
    clocks = three_clocks([before], [after], scenario, items=["a", "b"])
    estimates = [
        (clock.by_sums.estimate, clock.by_volume.estimate)
        for clock in (clocks.promised, clocks.supported, clocks.realised)
    ]
    assert estimates == [
        pytest.approx((0.7, 0.62)),
        pytest.approx((0.4, 0.56)),
        pytest.approx((0.25, 0.45)),
    ]
    assert clocks.within_promise.estimate == 0.75
    assert [item.item for item in clocks.weak] == ["b"]


def test_every_combination_has_the_draw_of_its_replication():
    """Replication 3 of each system is the scenario at draw 3 of the posterior."""
    base, posterior = composed("township-desk"), load_posterior()
    game = combinations(base, [[LeverUse("add-staff", {"pool": "agent"})]])
    systems = compression_systems(game, game.distinct[1], posterior)
    assert [system.draws[3] for system in systems] == [
        posterior.applied(scenario, 3).scenario for scenario in game.distinct
    ]
    assert all(not len(system.draws) for system in compression_systems(game, game.distinct[1]))
