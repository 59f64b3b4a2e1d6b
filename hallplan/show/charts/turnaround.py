"""Turnaround per service: from the median to the 95th percentile, beside what is promised and what the law allows.

Comes in: :func:`hallplan.show.comparison_frames.turnaround_frame`.  Goes out: a figure with one row a service.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from foundation import messages
from foundation.messages import Language
from hallplan.show.charts.theme import COLOURS, SYMBOLS, base_figure, by_plan, label_rows, plan_name, row_px

__all__ = ["turnaround_chart"]

_TOP: Final = 0.04
_BOTTOM: Final = {2: -0.27}
_LOWEST: Final = -0.37
"""Where the first plan stands in its row, and the last one, by the number of plans."""


def _offsets(turnaround: pd.DataFrame) -> dict[str, float]:
    """Return where each plan stands in its row."""
    letters = sorted(set(turnaround["plan"]))
    bottom = _BOTTOM.get(len(letters), _LOWEST)
    return dict(zip(letters, np.linspace(_TOP, bottom, len(letters)).tolist(), strict=True))


def _reach(offsets: dict[str, float]) -> float:
    """Return how far a limit's mark reaches above and below its plan, in rows."""
    return 0.45 * (_TOP - min(offsets.values(), default=_TOP)) / max(len(offsets) - 1, 1)


def turnaround_chart(turnaround: pd.DataFrame, language: Language, *, names: dict[str, str], limits: bool) -> go.Figure:
    """Draw median and 95th percentile of each service's working days, plan by plan.

    Parameters
    ----------
    turnaround
        Columns ``service``, ``title``, ``plan``, ``cases``, ``median``, ``q95``, ``q95_low``, ``q95_high``,
        ``promised``, ``legal``; rows of a service together, in the order in which to show them.
    language
        Of the labels.
    names
        What the plans are called, by letter.
    limits
        Whether to draw the limits, which hold on the statutory clock only.
    """
    services = list(dict.fromkeys(turnaround["service"]))
    place = {service: -row for row, service in enumerate(services)}
    titles = turnaround.drop_duplicates("service", keep="last").set_index("service")["title"]
    offsets = _offsets(turnaround)
    figure = base_figure(language, height=row_px(len(offsets)) * max(len(services), 1) + 150)
    end = _axis_end(turnaround, limits)
    for letter, group in by_plan(turnaround):
        _add_plan(figure, group, letter, place, offsets, end, language, names)
    if limits:
        for kind, dash in (("promised", "solid"), ("legal", "dot")):
            _add_limit(figure, turnaround, kind, dash, place, offsets, language)
    figure.update_xaxes(title=messages.text("chart.turnaround.x", language), range=[-0.01 * end, end])
    label_rows(figure, [str(titles[service]) for service in services])
    return figure


def _axis_end(turnaround: pd.DataFrame, limits: bool) -> float:
    columns = ["median", "q95"] + (["promised", "legal"] if limits else [])
    values = [value for value in turnaround[columns].to_numpy().ravel().tolist() if math.isfinite(value)]
    return max(values, default=1.0) * 1.08 + 0.5


def _add_plan(
    figure: go.Figure,
    group: pd.DataFrame,
    letter: str,
    place: dict[Any, int],
    offsets: dict[str, float],
    end: float,
    language: Language,
    names: dict[str, str],
) -> None:
    colour = COLOURS[letter]
    y = [place[service] + offsets[letter] for service in group["service"]]
    edge = end * 0.99
    median, q95 = group["median"].clip(upper=edge).tolist(), group["q95"].clip(upper=edge).tolist()
    x: list[float | None] = []
    height: list[float | None] = []
    for start, stop, level in zip(median, q95, y, strict=True):
        x += [start, stop, None]
        height += [level, level, None]
    figure.add_scatter(
        x=x,
        y=height,
        mode="lines",
        line={"color": colour, "width": 3, "dash": "dot" if letter == "A" else "solid"},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=letter,
    )
    hover = [
        messages.text(
            "chart.turnaround.hover",
            language,
            plan=letter,
            median=_days(row["median"], language),
            q95=_days(row["q95"], language),
            low=_days(row["q95_low"], language),
            high=_days(row["q95_high"], language),
            cases=row["cases"],
        )
        for row in group.to_dict("records")
    ]
    unknown = [not math.isfinite(value) for value in group["q95"]]
    shown = {"color": colour, "line": {"width": 1.5, "color": colour}}
    figure.add_scatter(
        x=median,
        y=y,
        mode="markers",
        marker={"symbol": "line-ns", "size": 11, **shown, "line": {"width": 2.5, "color": colour}},
        name=messages.text("chart.turnaround.median", language, plan=letter),
        legendgroup=letter,
        showlegend=False,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=q95,
        y=y,
        mode="markers",
        marker={
            "symbol": ["triangle-right" if open_end else SYMBOLS[letter] for open_end in unknown],
            "size": 10,
            **shown,
        },
        name=plan_name(letter, names),
        legendgroup=letter,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _add_limit(
    figure: go.Figure,
    turnaround: pd.DataFrame,
    kind: str,
    dash: str,
    place: dict[Any, int],
    offsets: dict[str, float],
    language: Language,
) -> None:
    reach = _reach(offsets)
    x: list[float | None] = []
    y: list[float | None] = []
    for service, rows in turnaround.dropna(subset=[kind]).groupby("service", observed=True):
        limits = dict(zip(rows["plan"], rows[kind], strict=True))
        heights = [place[service] + offsets[letter] for letter in limits]
        if len(set(limits.values())) == 1 and len(limits) > 1:  # one mark for all plans
            x += [*[next(iter(limits.values()))] * 2, None]
            y += [min(heights) - reach, max(heights) + reach, None]
        else:
            for height, limit in zip(heights, limits.values(), strict=True):
                x += [limit, limit, None]
                y += [height - reach, height + reach, None]
    if x:
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": COLOURS[kind], "width": 2.5, "dash": dash},
            name=messages.text(f"chart.turnaround.{kind}", language),
            hovertemplate=messages.text(f"chart.turnaround.{kind}", language) + ": %{x:g}<extra></extra>",
        )


def _days(value: float, language: Language) -> str:
    return f"{value:.1f}" if math.isfinite(value) else messages.text("chart.turnaround.open_end", language)
