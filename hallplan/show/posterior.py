"""A posterior, as tables of text and as JSON: what ``hallplan calibrate article`` and ``report`` print.

Input: the manifest of a posterior.  Output: tables and a document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from calibration.posterior.report import LEARNT, contraction_half_width
from foundation import messages
from foundation.numbers import NOTHING, number, plus_minus, significant
from hallplan.show.document import envelope
from hallplan.show.text_table import Column, TextTable, columns

__all__ = ["posterior_document", "posterior_tables"]

_UNLIKELY: Final = 0.05
_MOST_MEASURED: Final = 3


def posterior_document(manifest: Mapping[str, Any], *, command: str) -> dict[str, Any]:
    """Return everything that a posterior says, as JSON's own types."""
    return envelope(command, posterior={key: value for key, value in manifest.items() if key != "hallplan"})


def posterior_tables(manifest: Mapping[str, Any], *, every: bool = False) -> list[TextTable]:
    """Return what a posterior says of parameters, targets, forecasts, measurements and other halls.

    Parameters
    ----------
    manifest
        Of the posterior.
    every
        List all parameters, not only those that have been narrowed.
    """
    return [
        _parameters(manifest, every),
        _targets(manifest),
        _forecasts(manifest),
        _measurements(manifest),
        _outside(manifest),
    ]


def _headings(*keys: str) -> tuple[Column, ...]:
    return columns(*keys, heading=lambda key: messages.text(f"posterior.column.{key}"))


def _title(name: str) -> str:
    return messages.text(f"posterior.section.{name}")


def _ends(pair: Mapping[str, Any]) -> str:
    return f"{significant(pair['low'])}–{significant(pair['high'])}"


_UNITS: Final = {
    "factor": "factor",
    "min": "min",
    "working min": "working_min",
    "working days": "working_days",
    "a week": "a_week",
}
"""Units of a posterior's file, and the keys of their names."""


def _unit(unit: str) -> str:
    """Return a parameter's unit as people call it; the value's own has no name."""
    return messages.text(f"posterior.unit.{_UNITS[unit]}") if unit else ""


def _parameters(manifest: Mapping[str, Any], every: bool) -> TextTable:
    rows, parameters = [], manifest["parameters"]
    for parameter in parameters:
        if every or parameter["word"] == "calibrated":
            matters = _matters(manifest, parameter["parameter"])
            rows.append(
                (
                    parameter["parameter"],
                    messages.text(f"posterior.word.{parameter['word']}"),
                    _ends(parameter["prior"]),
                    _ends(parameter["posterior"]),
                    plus_minus(
                        parameter["contraction"], contraction_half_width(manifest, parameter["contraction"]), "share"
                    ),
                    _unit(parameter["unit"]),
                    matters,
                )
            )
    counts = {
        word: sum(parameter["word"] == word for parameter in parameters)
        for word in ("calibrated", "derived", "assumed")
    }
    learnt = [parameter["contraction"] for parameter in parameters if parameter["word"] == "calibrated"]
    close = sum(value - contraction_half_width(manifest, value) < LEARNT for value in learnt)
    period, rank = manifest["period"]["posterior"], manifest["diagnostics"]["rank"]
    return TextTable(
        _headings("parameter", "word", "#prior", "#posterior", "#contraction", "unit", "matters"),
        tuple(rows),
        title=_title("parameters"),
        notes=(
            messages.text("posterior.note.learnt", all=len(parameters), **counts),
            messages.text("posterior.note.close", close=close, calibrated=len(learnt), least=LEARNT),
            messages.text("posterior.note.directions", seen=rank["seen"], parameters=rank["parameters"]),
            messages.text("posterior.note.period", low=significant(period["low"]), high=significant(period["high"])),
        ),
    )


def _matters(manifest: Mapping[str, Any], parameter: str) -> str:
    """Return the forecast that a parameter matters most for, with its index."""
    rows = [row for row in manifest["sensitivity"] if row["parameter"] == parameter]
    if not rows:
        return NOTHING
    most = max(rows, key=lambda row: float(row["total"]))
    return f"{_metric(most['forecast'])} {number(most['total'], 'share')}"


def _metric(name: str) -> str:
    from sim.measure.registry import metric_title

    key = name.partition(": ")[2]
    return metric_title(key, messages.language())


def _kind(name: str) -> str:
    from sim.measure.registry import metric_of

    return metric_of(name.partition(": ")[2]).kind


def _targets(manifest: Mapping[str, Any]) -> TextTable:
    rows, notes, diagnostics = [], list[str](), manifest["diagnostics"]
    titles = {target["target"]: target["title"][messages.language()] for target in manifest["targets"]}
    for target in manifest["targets"]:
        observed = target["observed"]
        share = target["observed"]["high"] < 1
        shown = _shares if share else _ends
        bound = f"≤ {significant(observed['high'])}"
        rows.append(
            (
                titles[target["target"]],
                bound if observed["low"] is None else shown(observed),
                shown(target["posterior"]),
                shown(target["left_out"]),
                shown(target["strict"]) if "strict" in target else NOTHING,
                f"{target['left_out']['p']:.2g}",
            )
        )
        if target["left_out"]["p"] < _UNLIKELY:
            title, p = titles[target["target"]], f"{target['left_out']['p']:.2g}"
            notes.append(messages.text("posterior.note.surprising", target=title, p=p))
    retained, design = diagnostics["kept"], manifest["settings"]["design"]
    notes.append(messages.text("posterior.note.kept", kept=retained, design=design))
    notes += [
        messages.text("posterior.note.conflicts", first=titles[pair["first"]], second=titles[pair["second"]])
        for pair in diagnostics["conflicts"]
    ] or [messages.text("posterior.note.no_conflicts")]
    headings = _headings("target", "#observed", "#with_it", "#left_out", "#strict", "#p")
    return TextTable(headings, tuple(rows), title=_title("targets"), notes=tuple(notes))


def _shares(pair: Mapping[str, Any]) -> str:
    return f"{100 * pair['low']:.2f}–{100 * pair['high']:.2f}%"


def _forecasts(manifest: Mapping[str, Any]) -> TextTable:
    rows = []
    for forecast in manifest["forecasts"]:
        kind = _kind(forecast["forecast"])
        low, high = number(forecast["low"], kind), number(forecast["high"], kind)
        rows.append(
            (
                forecast["forecast"].partition(": ")[0],
                _metric(forecast["forecast"]),
                number(forecast["mean"], kind),
                f"{low}–{high}",
                *(number(forecast[part], "share") for part in ("chance", "calibrated", "assumed")),
            )
        )
    headings = _headings("state", "forecast", "#mean", "#interval", "#chance", "#calibrated", "#assumed")
    return TextTable(
        headings, tuple(rows), title=_title("forecasts"), notes=(messages.text("posterior.note.independent"),)
    )


def _measurements(manifest: Mapping[str, Any]) -> TextTable:
    rows, count = [], dict[str, int]()
    for measurement in manifest["measurements"]:
        name = measurement["forecast"]
        count[name] = count.get(name, 0) + 1
        if count[name] <= _MOST_MEASURED and measurement["narrowing"] > 0:
            title = measurement["title"][messages.language()]
            rows.append((_metric(name), title, number(measurement["narrowing"], "share")))
    notes = (messages.text("posterior.note.worth"),)
    headings = _headings("forecast", "measurement", "#narrowing")
    return TextTable(headings, tuple(rows), title=_title("measurements"), notes=notes)


def _outside(manifest: Mapping[str, Any]) -> TextTable:
    rows: Sequence[tuple[str, ...]] = [
        (
            messages.text(f"posterior.outside.{check['check']}"),
            ", ".join(map(significant, check["published"])),
            f"{significant(check['ours']['median'])} ({_ends(check['ours'])})",
            check["where"],
        )
        for check in manifest["outside"]
    ]
    notes = (messages.text("posterior.note.elsewhere"),)
    return TextTable(_headings("check", "#value", "#ours", "where"), tuple(rows), title=_title("outside"), notes=notes)
