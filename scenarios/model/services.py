"""The catalogue of items (事项): what a visitor does, what the offices do, and what is promised.

Input: the table ``services``.  Output: frozen services.
"""

from __future__ import annotations

from scenarios.model.routes import RouteRef
from scenarios.model.values import EMPTY, Days, Priority, Table, Text
from scenarios.model.vocabulary import Purpose, ServiceKind

__all__ = ["Service"]


class Service(Table):
    """An item of the catalogue (事项).

    Attributes
    ----------
    title, department
        What it is called, and whose it is.
    kind
        ``instant`` 即办件, ``committed`` 承诺件, ``joint`` 联办件, ``referred`` 上报件,
        ``consult`` (enquiry only).
    legal_limit, promised_limit
        Statutory and promised limit, in working days.
    visits
        What a visitor does, by purpose of the visit: a route's name, or steps.
    case
        What the offices do with an application once it has been left with them.
    case_priority
        Priority of the case at every pool (0 first, 9 last).
    """

    title: Text = EMPTY
    department: str = ""
    kind: ServiceKind = "instant"
    legal_limit: Days | None = None
    promised_limit: Days | None = None
    visits: dict[Purpose, RouteRef] = {}
    case: RouteRef | None = None
    case_priority: Priority = 5
