"""The built-in scenarios and levers say what they should, and every number in them says where it comes from."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cases import for_each

import scenarios
from foundation.errors import ScenarioError
from scenarios.compose.composing import Composed, composed, scenario_names
from scenarios.compose.levers import Lever, LeverUse, levers
from scenarios.model import Provenance, Scenario, Text
from scenarios.paths import key_matches, matches, split

BEFORE, AFTER = "honghuagang-2013", "honghuagang-2014"
REFORMS = (
    "merge-sections",
    "co-locate-reviewers",
    "more-review-time",
    "delegate-sign-off",
    "co-locate-inspectors",
    "parallel-joint-review",
    "one-time-notice",
    "appointments",
    "green-channel",
    "whole-process-agent",
)
NAMES = scenario_names()
LEVERS = {lever.name: lever for lever in levers()}
ROOT = Path(scenarios.__file__).parent
HAN = re.compile("[\u4e00-\u9fff]")
QUANTITY = re.compile(r"[+-]?\d")
# What is text, or a switch of the file format, and no fact about a hall.
NO_FACTS = {"format", "name", "title", "description", "levers", "provenance", "targets"}


@cache
def read(name: str) -> Composed:
    return composed(name)


def use(lever: Lever) -> LeverUse:
    needed = {"pool": "window-labour"} if lever.name == "add-staff" else {}
    return LeverUse(lever.name, needed)


def numbers(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every number, quantity, time of day and date below `node`, lists as one value."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not (path == () and key in NO_FACTS) and key != "title":
                yield from numbers(value, (*path, str(key)))
    elif any(map(is_number, node if isinstance(node, list) else [node])):
        yield path


def is_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(True for _ in numbers(value))
    if isinstance(value, str):
        return QUANTITY.match(value) is not None
    return isinstance(value, (int, float, dt.date)) and not isinstance(value, bool)


def best(path: tuple[str, ...], patterns: dict[tuple[str, ...], Provenance]) -> Provenance | None:
    """Return the entry whose path fits and is the longest, the one with the fewest wildcards among these."""
    fitting = [pattern for pattern in patterns if matches(path, pattern)]
    rank = {p: (len(p), -sum("*" in key for key in p)) for p in fitting}
    return patterns[max(fitting, key=rank.__getitem__)] if fitting else None


def without_provenance(raw: dict[str, Any], scenario: Scenario) -> list[tuple[str, ...]]:
    """Return the paths of the numbers that no entry is about."""
    patterns = list(provenance_of(scenario))
    first_keys = {path[0] for path in numbers(raw)}
    candidates = {key: [p for p in patterns if key_matches(key, p[0])] for key in first_keys}
    return [path for path in numbers(raw) if not any(matches(path, pattern) for pattern in candidates[path[0]])]


def provenance_of(scenario: Scenario) -> dict[tuple[str, ...], Provenance]:
    return {split(path): entry for path, entry in scenario.provenance.items()}


def texts(node: Any) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from texts(value)
    elif hasattr(type(node), "model_fields"):
        for field in type(node).model_fields:
            yield from texts(getattr(node, field))


# ---- every scenario -----------------------------------------------------------------------------------------------


def test_the_library_holds_the_five_scenarios() -> None:
    assert set(NAMES) == {BEFORE, AFTER, "township-desk", "city-hall", "textbook-mm3"}


@for_each("name", NAMES)
def test_a_scenario_is_named_as_its_file(name: str) -> None:
    assert read(name).scenario.name == name


@for_each("name", NAMES)
def test_every_number_says_where_it_comes_from(name: str) -> None:
    assert without_provenance(read(name).raw, read(name).scenario) == []


@for_each("name", NAMES)
def test_every_entry_of_provenance_is_about_something(name: str) -> None:
    paths = list(numbers(read(name).raw))
    # An inherited or overridden entry may be shadowed by a longer one; it must still fit a number.
    idle = [p for p in provenance_of(read(name).scenario) if not any(matches(path, p) for path in paths)]
    assert idle == []


def test_the_check_of_provenance_notices_a_number_without_any() -> None:
    path, hall = ("pools", "window-aic", "servers"), read(BEFORE)
    entries = {key: entry for key, entry in hall.scenario.provenance.items() if not matches(path, split(key))}
    spoilt = hall.scenario.model_copy(update={"provenance": entries})
    assert path in without_provenance(hall.raw, spoilt)
    assert path not in without_provenance(hall.raw, hall.scenario)


@for_each("name", NAMES)
def test_an_assumed_count_lies_within_its_range(name: str) -> None:
    scenario = read(name).scenario
    patterns = provenance_of(scenario)
    outside = []
    for path, value in simple_values(read(name).raw):
        entry = best(path, patterns)
        if entry is not None and entry.kind == "assumed" and entry.range is not None:
            low, high = entry.range
            if isinstance(low, (int, float)) and isinstance(high, (int, float)) and not low <= value <= high:
                outside.append((".".join(path), value, entry.range))
    assert outside == []


def simple_values(raw: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield what stands in the file as a bare number and has a range of its own: counts, shares, factors, demand."""
    for path in numbers(raw):
        node: Any = raw
        for key in path:
            node = node[key]
        shown = {"servers", "per_day", "share", "work_factor", "day_dispersion", "booked"}
        if isinstance(node, (int, float)) and path[-1] in shown:
            yield path, node


@for_each("name", NAMES)
def test_titles_are_in_both_languages(name: str) -> None:
    said = [text for text in texts(read(name).scenario) if text.en or text.zh]
    assert said
    assert [t for t in said if not (t.en and t.zh) or t.en == t.zh] == []
    assert [t for t in said if not re.search(r"[一-鿿]", t.zh) or re.search(r"[一-鿿]", t.en)] == []


@for_each("name", [name for name in NAMES if name != "textbook-mm3"])
def test_pools_services_and_sources_have_titles(name: str) -> None:
    scenario = read(name).scenario
    named = {**scenario.pools, **scenario.services, **scenario.arrivals, **scenario.timetables}
    assert [key for key, thing in named.items() if not thing.title.en] == []


@for_each("name", [name for name in NAMES if name != "textbook-mm3"])
def test_back_offices_lay_the_file_down_at_closing_and_windows_do_not(name: str) -> None:
    for key, pool in read(name).scenario.pools.items():
        if pool.role in ("section", "signature"):
            assert pool.at_break == "pause", key
        if pool.role in ("window", "counter"):
            assert pool.at_break == "finish", key


# ---- Honghuagang ----------------------------------------------------------------------------------------------------


def windows(scenario: Scenario) -> dict[str, int]:
    return {name: pool.servers for name, pool in scenario.pools.items() if pool.role == "window"}


def sections(scenario: Scenario) -> list[str]:
    """Sections that still have work of their own."""
    return [n for n, pool in scenario.pools.items() if n.startswith("section-") and pool.merge_into is None]


def test_46_sections_become_20() -> None:
    before, after = read(BEFORE).scenario, read(AFTER).scenario
    assert len(sections(before)) == 46
    assert len(sections(after)) == 20
    assert {before.pools[section].site for section in sections(before)} == {"offices"}
    assert {after.pools[section].site for section in sections(after)} == {"hall"}


def test_the_20_sections_have_the_officers_of_the_46() -> None:
    def officers(scenario: Scenario) -> int:
        return sum(pool.servers for name, pool in scenario.pools.items() if name.startswith("section-"))

    assert officers(read(BEFORE).scenario) == officers(read(AFTER).scenario)


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_six_sub_centres_with_demand_of_their_own(name: str) -> None:
    scenario = read(name).scenario
    sub_centres = {site for site in scenario.sites if site.startswith("sub-centre-")}
    assert len(sub_centres) == 6
    assert sub_centres <= {source.site for source in scenario.arrivals.values() if source.per_day}


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_staff_at_windows_stay_within_the_150_trained(name: str) -> None:
    front = ("window", "counter", "desk")
    pools = [pool for key, pool in read(name).scenario.pools.items() if key != "bureau-counters"]
    assert sum(pool.servers for pool in pools if pool.role in front) <= 150


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_at_least_twenty_services_of_every_kind(name: str) -> None:
    services = read(name).scenario.services.values()
    assert len({service.title.en for service in services}) >= 20
    assert {service.kind for service in services} == {"instant", "committed", "joint", "referred", "consult"}


def test_windows_have_uneven_work() -> None:
    scenario = read(AFTER).scenario
    demand = dict.fromkeys(windows(scenario), 0.0)
    source = scenario.arrivals["instant"]
    for service, weight in source.services.items():
        route = scenario.services[service].visits["apply"]
        assert isinstance(route, dict)
        demand[str(route["window"].pool)] += (source.per_day or 0.0) * weight / sum(source.services.values())
    busy = sorted(value for value in demand.values() if value > 0)
    assert busy[-1] >= 10 * busy[0]


def test_2014_is_2013_with_the_reforms_of_the_article_and_no_later_ones() -> None:
    assert tuple(read(AFTER).scenario.levers) == REFORMS
    assert read(BEFORE).scenario.levers == []
    assert {name for name, lever in LEVERS.items() if not lever.spec.later} == set(REFORMS)


def test_beside_levers_2014_changes_demand_the_front_desks_payment_and_promises_only() -> None:
    """Levers on 2013 give the offices, timetables and routes of 2014; people at windows and desks follow the demand."""
    reformed = read(BEFORE).changed(levers=list(REFORMS)).scenario
    now = read(AFTER).scenario
    assert set(reformed.pools) - set(now.pools) == {"bureau-counters"}
    for key, pool in now.pools.items():
        size = {"servers": reformed.pools[key].servers} if pool.role in ("window", "desk") else {}
        assert pool.model_copy(update=size) == reformed.pools[key], key
    assert reformed.timetables == now.timetables
    assert reformed.sites == now.sites
    assert reformed.people == now.people
    assert {key for key in now.routes if reformed.routes[key] != now.routes[key]} == {"payment"}
    assert set(reformed.services) - set(now.services) == {"reported-item"}
    for key, service in now.services.items():
        assert service.model_copy(update={"promised_limit": None}) == reformed.services[key], key


def test_2014_leaves_the_mix_of_services_to_the_levers() -> None:
    reformed, now = read(BEFORE).changed(levers=list(REFORMS)).scenario, read(AFTER).scenario
    assert {key: source.services for key, source in now.arrivals.items()} == {
        key: source.services for key, source in reformed.arrivals.items() if key != "reported"
    }


def test_limits_of_the_food_and_health_licence() -> None:
    before, after = (read(name).scenario.services["food-licence"] for name in (BEFORE, AFTER))
    assert (before.legal_limit, before.promised_limit) == (20, None)
    assert (after.legal_limit, after.promised_limit) == (20, 3)


def test_no_promise_is_longer_than_the_law_allows() -> None:
    limits = [(s.legal_limit, s.promised_limit) for s in read(AFTER).scenario.services.values()]
    assert all(legal is not None and promised <= legal for legal, promised in limits if promised is not None)


def test_no_promise_is_made_of_a_typed_delay() -> None:
    """The fifteen days of 2013 come from rounds, lists and signing days, not from a delay that says so."""
    case = read(BEFORE).raw["services"]["food-licence"]["case"]
    routes = read(BEFORE).raw["routes"]
    used = [step["route"] for step in case.values() if "route" in step]
    steps = [*case.values(), *(step for name in used for step in routes[name].values())]
    waiting = [step for step in steps if "delay" in step and step.get("stops_clock") != "applicant"]
    assert [step["delay"] for step in waiting] == [routes["hand-over"]["registry"]["delay"]]


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_targets_have_a_source_in_the_article(name: str) -> None:
    targets = read(name).scenario.targets
    assert {"visits_per_day", "items_finished_per_month", "touched_median.food-licence"} <= set(targets)
    assert [key for key, target in targets.items() if not target.source.en.startswith("¶")] == []
    assert all(target.source.zh.startswith("¶") for target in targets.values())
    assert all(target.source.zh != target.source.en for target in targets.values())
    assert [key for key, target in targets.items() if target.low > target.high] == []


@pytest.mark.parametrize("hall", [BEFORE, AFTER])
def test_who_applies_online_no_longer_comes_to_the_window_and_nobody_applies_twice(hall: str) -> None:
    def applications(scenario: Scenario) -> dict[str, float]:
        rates: dict[str, float] = {}
        for source in (scenario.arrivals["applications"], scenario.arrivals["online"]):
            total = sum(source.services.values())
            for service, weight in source.services.items():
                rates[service] = rates.get(service, 0.0) + (source.per_day or 0.0) * weight / total
        return rates

    now = read(hall).scenario
    for share in (0.0, 0.4, 1.0):
        online = read(hall).changed(levers=[LeverUse("online-pre-check", {"online": share})]).scenario
        assert applications(online) == pytest.approx(applications(now))
        assert online.arrivals["online"].per_day == pytest.approx(share * (now.arrivals["applications"].per_day or 0))


# ---- levers ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@for_each("name", sorted(LEVERS))
def test_a_lever_applies_and_changes_something(name: str) -> None:
    # Where a section signs, as in 2014, no deputy chief is left to whom it could be delegated.
    base = read(AFTER if LEVERS[name].spec.later and name != "delegate-in-part" else BEFORE)
    changed = base.changed(levers=[use(LEVERS[name])]).scenario
    assert changed.levers == [*base.scenario.levers, str(use(LEVERS[name]))]
    ignored = {"levers", "provenance"}
    assert changed.model_dump(exclude=ignored) != base.scenario.model_dump(exclude=ignored)


# Each bureau of the city hall has one section: there is nothing to merge or to countersign; and it has no sub-centres.
NOT_IN_THE_CITY = ("merge-sections", "one-seal", "decentralise", "windows-by-field")
PAIRS = [
    (scenario, name)
    for scenario in (BEFORE, AFTER, "city-hall")
    for name in sorted(LEVERS)
    if scenario != "city-hall" or name not in NOT_IN_THE_CITY
]


@pytest.mark.slow
@for_each(("scenario", "name"), PAIRS)
def test_after_a_lever_every_number_still_says_where_it_comes_from(scenario: str, name: str) -> None:
    changed = read(scenario).changed(levers=[use(LEVERS[name])])
    assert without_provenance(changed.raw, changed.scenario) == []


def test_all_later_levers_go_together() -> None:
    later = [use(lever) for lever in LEVERS.values() if lever.spec.later]
    assert len(read(AFTER).changed(levers=later).scenario.levers) == len(REFORMS) + len(later)


@for_each("name", ["merge-sections", "co-locate-reviewers", "delegate-sign-off", "green-channel"])
def test_a_lever_that_has_nothing_to_work_on_says_so(name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read("township-desk").changed(levers=[name])
    assert caught.value.key == "error.lever_does_not_apply"


@for_each("name", sorted(LEVERS))
def test_a_lever_is_documented_in_both_languages(name: str) -> None:
    spec = LEVERS[name].spec
    said = [
        spec.title,
        spec.why,
        spec.source,
        spec.cost.note,
        *(parameter.title for parameter in spec.parameters.values()),
    ]
    assert all(text.en and text.zh and text.en != text.zh for text in said)
    assert spec.source.en.startswith("¶") != spec.later
    assert spec.source.zh.startswith("¶") != spec.later


@for_each("file", sorted(ROOT.glob("l*/*.toml")), ids=lambda file: file.stem)
def test_where_a_number_comes_from_is_said_in_both_languages(file: Path) -> None:
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    entries = [Provenance.model_validate(entry) for entry in table.get("provenance", {}).values()]
    for text in (text for entry in entries for text in (entry.source, entry.formula, entry.why) if text.en):
        assert HAN.search(text.zh), text
        assert not HAN.search(text.en), text


def test_pooled_windows_take_all_the_departments_windows() -> None:
    base = read(AFTER).scenario
    pooled = read(AFTER).changed(levers=[LeverUse("pooled-windows", {"work_factor": 1.3})]).scenario
    merged = {name for name, pool in pooled.pools.items() if pool.merge_into == "general-windows"}
    assert merged == {name for name in windows(base) if name.startswith("window-")}
    assert pooled.pools["general-windows"].work_factor == 1.3
