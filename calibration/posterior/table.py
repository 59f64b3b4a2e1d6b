"""The evidence table: every figure and parameter, its source, whether it is identified, and how much it matters.

Input: the article's evidence, the figures that follow from it, and a posterior.  Output: one frame for pages and
reports: published figures, derived figures, and all uncertain parameters with their posteriors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from calibration.facts.evidence import evidence
from calibration.facts.figures import figure, span_text
from calibration.facts.identities import with_identities
from calibration.facts.ledger import article_ledger
from calibration.posterior.artefact import Posterior, load_posterior
from foundation import messages
from scenarios.compose.composing import composed
from scenarios.model import Provenance

if TYPE_CHECKING:
    import pandas as pd

    from foundation.messages import Language

__all__ = ["COLUMNS", "evidence_table", "matters_most", "range_text"]

COLUMNS: Final = ("what", "value", "source", "status", "identified", "contraction", "matters_for", "matters")


def range_text(pair: Mapping[str, Any]) -> str:
    """Write 5% and 95% of a distribution."""
    low, high = (f"{pair[end]:,.0f}" if abs(pair[end]) >= 1_000 else f"{pair[end]:.3g}" for end in ("low", "high"))
    return low if low == high else f"{low} – {high}"


def matters_most(manifest: Mapping[str, Any], parameter: str) -> tuple[str, float]:
    """Return the forecast for which a parameter matters most, and its total Sobol index there; "" and 0 for none."""
    rows = [row for row in manifest["sensitivity"] if row["parameter"] == parameter]
    if not rows:
        return "", 0.0
    most = max(rows, key=lambda row: float(row["total"]))
    return str(most["forecast"]), float(most["total"])


def evidence_table(posterior: Posterior | None = None, language: Language | None = None) -> pd.DataFrame:
    """Return all figures and parameters with their sources and their importance.

    Parameters
    ----------
    posterior
        The posterior; that from the article by default.
    language
        Language of titles; the language in use by default.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`: ``status`` is ``published``, ``derived``, ``calibrated`` or ``assumed``;
        ``identified`` is yes for published figures and calibrated parameters, no for the rest, and for a derived
        figure the answer of :mod:`calibration.facts.identities`; ``value`` is a figure, or 5% and 95% of a parameter's
        posterior; ``matters_for`` and ``matters`` are the forecast for which a parameter matters most, and its total
        Sobol index there.
    """
    import pandas as pd

    posterior = posterior or load_posterior()
    _, identities = with_identities(article_ledger())
    rows: list[tuple[Any, ...]] = [
        (
            fact.title.said(language),
            fact.amount.text,
            fact.place,
            "published",
            "yes",
            None,
            "",
            None,
        )
        for fact in evidence().facts.values()
    ]
    rows += [
        (
            identity.title(language),
            span_text(identity.span, identity.formula.unit, language)
            if not identity.span.is_exact
            else figure(identity.value, identity.formula.unit, language),
            ", ".join(identity.places),
            "derived",
            identity.identified,
            None,
            "",
            None,
        )
        for identity in identities
    ]
    provenance = {name: composed(name).scenario.provenance for name in posterior.manifest["scenarios"]}
    rows += [_parameter(parameter, posterior.manifest, provenance, language) for parameter in posterior.parameters]
    return pd.DataFrame.from_records(rows, columns=list(COLUMNS))


def _parameter(
    parameter: Mapping[str, Any],
    manifest: Mapping[str, Any],
    provenance: Mapping[str, Mapping[str, Provenance]],
    language: messages.Language | None,
) -> tuple[Any, ...]:
    forecast, matters = matters_most(manifest, parameter["parameter"])
    unit = f" {parameter['unit']}" if parameter["unit"] else ""
    return (
        parameter["parameter"],
        range_text(parameter["posterior"]) + unit,
        _reason(parameter, provenance, language),
        parameter["word"],
        "yes" if parameter["word"] == "calibrated" else "no",
        parameter["contraction"],
        forecast,
        matters,
    )


def _reason(
    parameter: Mapping[str, Any],
    provenance: Mapping[str, Mapping[str, Provenance]],
    language: messages.Language | None,
) -> str:
    """Return the reason that a scenario's provenance gives for a parameter's range."""
    named = parameter["parameter"].partition(": ")[0]
    places = [provenance[named]] if named in provenance else list(provenance.values())
    entry = next((entries[parameter["entry"]] for entries in places if parameter["entry"] in entries), None)
    return entry.why.said(language) if entry is not None else ""
