"""The contents of a scenario as JSON, put together from parts that scenarios share.

Input: a scenario, and the keys to leave out.  Output: one line of JSON, the same as pydantic writes for the whole.
Variants of a hall share most of their services and routes, which are most of the text: each is written once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter

from foundation.identity import Identity
from scenarios.model import Route, Scenario, Service

__all__ = ["contents_json"]

_MOST_PARTS: Final = 4_096
_NO_SERVICES: Final = '"services":{}'
_route: Final = TypeAdapter(Route)


def contents_json(scenario: Scenario, exclude: dict[str, Any]) -> str:
    """Return the contents of a scenario; defaults and the titles of services are left out.

    Parameters
    ----------
    scenario
        The scenario.
    exclude
        What else is left out, as pydantic has it; neither services nor routes, nor anything in them.
    """
    rest = scenario.model_copy(update={"services": {}, "routes": {}})
    text = rest.model_dump_json(exclude=exclude, exclude_defaults=True)
    routes = _table((name, _route_json(Identity(route))) for name, route in scenario.routes.items())
    services = _table((name, _service_json(Identity(service))) for name, service in scenario.services.items())
    tables = ([f'"routes":{routes}'] if scenario.routes else []) + [f'"services":{services}']
    return text.replace(_NO_SERVICES, ",".join(tables), 1)  # the first: a quotation mark in a text is escaped


def _table(parts: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{part}" for name, part in parts) + "}"


@lru_cache(maxsize=_MOST_PARTS)
def _route_json(route: Identity[Route]) -> str:
    return _route.dump_json(route.value, exclude_defaults=True).decode("utf-8")


@lru_cache(maxsize=_MOST_PARTS)
def _service_json(service: Identity[Service]) -> str:
    return service.value.model_dump_json(exclude={"title"}, exclude_defaults=True)
