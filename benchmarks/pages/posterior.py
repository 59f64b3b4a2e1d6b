"""The posterior's part of the evidence page, ``docs/reference/evidence.md``.

Input: the posterior in the package.  Output: sections of Markdown: what is identified and how much it matters, how the
article's figures agree, where a forecast's variance comes from, what to measure next, and other halls beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from calibration.posterior.artefact import Posterior, load_posterior
from calibration.posterior.report import contraction_half_width
from calibration.posterior.table import evidence_table, range_text
from foundation import messages

__all__ = ["posterior_sections"]

_BEST: Final = 3


def posterior_sections(posterior: Posterior | None = None) -> list[str]:
    """Return the sections, each with its heading."""
    artefact = posterior or load_posterior()
    return [
        "## What is identified, and how much it matters\n\n" + _parameters(artefact),
        "## The article's figures, predicted from the others\n\n" + _targets(artefact.manifest),
        "## Where a forecast's variance comes from\n\n" + _forecasts(artefact.manifest),
        "## The value of one more measurement\n\n" + _measurements(artefact.manifest),
        "## Other halls compared with the forecast\n\n" + _outside(artefact.manifest),
    ]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _parameters(posterior: Posterior) -> str:
    manifest, table = posterior.manifest, evidence_table(posterior, "en")
    informed = table[table["contraction"].notna()]
    counts = informed["status"].value_counts()
    rank, settings = manifest["diagnostics"]["rank"], manifest["settings"]
    text = (
        f"The posterior from the article (seed {manifest['seed']}; {settings['design']} points over the priors, "
        f"{settings['refine']} near the\narticle, {settings['draws']} draws) in one table.  Every uncertain "
        "parameter has the posterior's 5% and 95%, the\ncontraction 1 - sd(posterior) / sd(prior), and the forecast "
        "for which it matters most, with its total Sobol index there.\nThe contraction has its 95% Monte-Carlo "
        "interval.  A parameter with a contraction below 0.1 is "
        "still assumed.  "
        f"{counts.get('calibrated', 0)} of {len(informed)} are calibrated.  The figures\nnarrow {rank['seen']} "
        f"directions in the space of the {rank['parameters']} parameters that change them.\n\n"
    )
    priors = {parameter["parameter"]: range_text(parameter["prior"]) for parameter in posterior.parameters}
    ordered = informed.sort_values(["contraction", "matters"], ascending=False, kind="stable")
    rows = []
    for what, value, source, status, _, contraction, forecast, matters in ordered.itertuples(index=False, name=None):
        most = f"{forecast} ({matters:.0%})" if forecast else "–"
        narrowed = f"{contraction:.2f} ± {contraction_half_width(manifest, contraction):.2f}" if contraction else "0"
        rows.append((f"`{what}`", priors[what], value, narrowed, status, source, most))
    columns = ("parameter", "prior", "posterior", "contraction", "status", "why this range", "matters most for")
    return text + _table(columns, rows)


def _targets(manifest: Mapping[str, Any]) -> str:
    text = (
        "Each figure has three predictions by the posterior (median and 90%): with all figures, with this figure left\n"
        "out, and without discrepancies.  If it is left out, p is twice the smaller probability of a figure as low,\n"
        "or as high, as the published one; for a bound, it is the probability that the bound holds.  A figure that is\n"
        "not fitted follows from the others.\n\n"
    )
    rows = (
        (
            row["title"]["en"],
            _observed(row["observed"]),
            "yes" if row["fitted"] else "no",
            f"{row['discrepancy']:g}",
            _predicted(row["posterior"]),
            _predicted(row["left_out"]),
            _predicted(row["strict"]) if "strict" in row else "–",
            f"{row['left_out']['p']:.2g}",
            row["why"]["en"],
        )
        for row in manifest["targets"]
    )
    columns = (
        *("figure", "published", "fitted", "discrepancy", "predicted", "left out", "without discrepancy"),
        *("p", "reason for the discrepancy"),
    )
    diagnostics = manifest["diagnostics"]
    share = f"{diagnostics['effective_share']:.0%}"
    note = (
        f"\n{diagnostics['kept']} points of the first design are within three standard deviations of every figure.  "
        "The emulator's draws\nwere simulated and weighted by their outcomes.  Their effective number is "
        f"{share} of their number.\n"
    )
    pairs = [f"Few points fit both {row['first']} and {row['second']}." for row in diagnostics["conflicts"]]
    conflicts = "\n".join(pairs) if pairs else "No two figures rule each other out at three standard deviations."
    return text + _table(columns, rows) + note + conflicts + "\n"


def _observed(pair: Mapping[str, Any]) -> str:
    if pair["low"] is None:
        return f"at most {pair['high']:g}"
    return f"{pair['low']:.6g} – {pair['high']:.6g}"


def _predicted(target: Mapping[str, Any]) -> str:
    return f"{target['median']:.4g} ({target['low']:.4g} – {target['high']:.4g})"


def _forecasts(manifest: Mapping[str, Any]) -> str:
    text = (
        "Each forecast has the mean and the middle 90% of a single run over the draws.  Its variance has three parts:\n"
        "chance, parameters that the article has narrowed, and parameters that nobody has measured.\n\n"
    )
    rows = (
        (
            f"`{row['forecast']}`",
            f"{row['mean']:.4g}",
            f"{row['low']:.4g} – {row['high']:.4g}",
            *(f"{row[part]:.0%}" for part in ("chance", "calibrated", "assumed")),
        )
        for row in manifest["forecasts"]
    )
    return text + _table(("forecast", "mean", "90%", "chance", "calibrated", "assumed"), rows)


def _measurements(manifest: Mapping[str, Any]) -> str:
    text = (
        "A record of one week removes part of the variance that parameters cause in a forecast.  The table has the\n"
        "best three records for each forecast.\n\n"
    )
    rows, order = list[tuple[str, ...]](), dict[str, int]()
    for row in manifest["measurements"]:
        name = row["forecast"]
        order[name] = order.get(name, 0) + 1
        if order[name] <= _BEST and row["narrowing"] > 0:
            rows.append((f"`{name}`", row["title"]["en"], f"{row['narrowing']:.0%}"))
    return text + _table(("forecast", "recorded for a week", "variance removed"), rows)


def _outside(manifest: Mapping[str, Any]) -> str:
    text = "These figures are never fitted.  They belong to other halls, and nobody has audited them.\n\n"
    rows = (
        (
            messages.text(f"posterior.outside.{row['check']}", "en"),
            ", ".join(f"{value:g}" for value in row["published"]),
            row["where"],
            f"{row['ours']['median']:.3g} ({range_text(row['ours'])})",
        )
        for row in manifest["outside"]
    )
    return text + _table(("what", "published", "where", "forecast: median (90%)"), rows)
