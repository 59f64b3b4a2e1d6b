"""The district halls are views of the catalogue, which says who decides a service, its limits and its cases."""

import pytest
from cases import for_each

from scenarios.catalogue.model import CatalogueItem
from scenarios.catalogue.reading import built_in_catalogue, service_views
from scenarios.catalogue.summary import viewed_items
from scenarios.compose.composing import compose
from scenarios.model import Scenario

BEFORE, AFTER = "honghuagang-2013", "honghuagang-2014"
VIEWS = {view.service: viewed_items(view, built_in_catalogue()) for view in service_views() if view.view == "hall"}
AID = {
    view.service: viewed_items(view, built_in_catalogue())
    for view in service_views()
    if view.kinds == ("low-income-aid",)
}
SOURCES = ("instant", "applications", "projects")


@pytest.fixture(scope="module")
def before() -> Scenario:
    return compose(BEFORE)


@pytest.fixture(scope="module")
def after() -> Scenario:
    return compose(AFTER)


def main_item(items: tuple[CatalogueItem, ...]) -> CatalogueItem:
    return max(items, key=lambda item: item.volume.mode)


def test_the_department_of_a_service_decides_all_items_of_which_it_is_a_view(before: Scenario) -> None:
    for name, items in VIEWS.items():
        departments = {f"{item.department.zh} {item.department.en}" for item in items}
        assert departments == {before.services[name].department}, name


def test_a_visitor_goes_to_a_window_of_the_department(before: Scenario) -> None:
    for name in VIEWS:
        service = before.services[name]
        for purpose in ("enquire", "apply", "supplement"):
            route = service.visits[purpose]
            assert isinstance(route, dict)
            assert before.pools[str(route["window"].pool)].department == service.department, (name, purpose)


def test_the_section_that_reviews_a_file_is_the_one_that_decides_the_items(before: Scenario) -> None:
    for name, items in VIEWS.items():
        case = before.services[name].case
        if case is None:
            continue
        assert isinstance(case, dict)
        pool = str(case["review"].pool)
        decided_by = {item.section_before for item in items}
        assert decided_by == ({pool} if pool.startswith("section-") else {""}), name
        assert before.pools[pool].department == before.services[name].department, name
        if "opinion" in case:
            assert case["opinion"].pool == pool, name


def test_a_file_is_countersigned_and_signed_within_its_bureau(
    before: Scenario,
) -> None:
    for name in VIEWS:
        service = before.services[name]
        if service.case is None:
            continue
        assert isinstance(service.case, dict)
        countersign, sign_off = (service.case[key] for key in ("countersign", "sign-off"))
        signers = [str(step.pool) for step in before.routes[str(sign_off.route)].values() if step.pool is not None]
        assert {before.pools[pool].department for pool in signers} == {service.department}, name
        assert [pool.partition("-")[0] for pool in signers] == ["head", "chief", "director"], name
        if not countersign.skip:
            second = str(before.routes[str(countersign.route)]["second"].pool)
            assert before.pools[second].department == service.department, name
            assert second != service.case["review"].pool, name


def test_every_section_has_work(before: Scenario) -> None:
    cases = [service.case for service in before.services.values() if isinstance(service.case, dict)]
    reviewing = {str(case["review"].pool) for case in cases}
    used = {str(case["countersign"].route) for case in cases if not case["countersign"].skip}
    countersigning = {str(before.routes[name]["second"].pool) for name in used}
    sections = {name for name in before.pools if name.startswith("section-")}
    assert len(sections) == 46
    assert sections <= reviewing | countersigning
    assert sections - reviewing == {"section-aic-supervision", "section-family-planning-migrants"}


def test_limits_are_those_of_the_item_with_the_most_cases(before: Scenario, after: Scenario) -> None:
    for name, items in {**VIEWS, **AID}.items():
        limits = [hall.services[name].legal_limit for hall in (before, after)]
        promised = after.services[name].promised_limit
        if before.services[name].case is None:
            assert (limits, promised) == ([None, None], None), name
        else:
            item = main_item(items)
            assert (limits, promised) == ([item.statutory.mode] * 2, item.promised.mode), name


def test_nothing_is_promised_before_the_reforms(before: Scenario) -> None:
    assert {service.promised_limit for service in before.services.values()} == {None}


@for_each("name", [BEFORE, AFTER])
def test_weights_are_the_cases_of_the_catalogue_but_for_what_the_appointments_take_away(name: str) -> None:
    hall = compose(name)
    weights = {key: weight for source in SOURCES for key, weight in hall.arrivals[source].services.items()}
    assert set(weights) == set(VIEWS)
    for key, items in VIEWS.items():
        cases = sum(item.volume.mode for item in items)
        share = 0.17 if (name, key) == (AFTER, "food-licence") else 1.0
        assert weights[key] == pytest.approx(share * cases, abs=0.5 if cases >= 1000 else 0.005), key
    for source in ("online", "enquiries"):
        for key, weight in hall.arrivals[source].services.items():
            if key in VIEWS:
                assert weight == pytest.approx(sum(item.volume.mode for item in VIEWS[key]), abs=0.5), (source, key)


def test_the_mix_is_as_uneven_as_where_one_kind_of_window_did_42_items_a_day_and_another_2(after: Scenario) -> None:
    cases: dict[str, float] = {}
    for name, items in VIEWS.items():
        department = after.services[name].department
        cases[department] = cases.get(department, 0.0) + sum(item.volume.mode for item in items)
    assert max(cases.values()) > 42 / 2 * min(cases.values())
