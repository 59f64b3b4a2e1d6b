"""Where the numbers come from: published evidence, posteriors over what nobody measured, and event logs.

In come a scenario and the evidence about it (published targets, or a log of real cases); out come scenarios
whose assumed numbers carry a distribution, so that a forecast can say how much of its interval is
ignorance.  Functions that bear the names of their modules are imported from these: ``calibration.claims.claims``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from calibration.claims import ClaimsReport, claims_of
    from calibration.evidence import Evidence
    from calibration.identities import Identity, with_identities
    from calibration.ledger import Ledger, article_ledger

__all__ = [
    "ClaimsReport",
    "Evidence",
    "Identity",
    "Ledger",
    "article_ledger",
    "claims_of",
    "with_identities",
]

_HOME: Final = {
    **dict.fromkeys(("ClaimsReport", "claims_of"), "claims"),
    "Evidence": "evidence",
    **dict.fromkeys(("Identity", "with_identities"), "identities"),
    **dict.fromkeys(("Ledger", "article_ledger"), "ledger"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
