"""What stands in a report: the page for the leader, or the sections that were chosen.

Input: a :class:`~hallplan.show.report.source.ReportSource` and names of sections.  Output: a
:class:`~hallplan.show.report.blocks.Report` in the language in use.  Replications and seeds are not named before the
method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final

import pandas as pd

from foundation import messages
from foundation.errors import HallplanError
from foundation.numbers import NOTHING, published_range
from hallplan.show.citation import Experiment
from hallplan.show.metrics import metric_label
from hallplan.show.notes import near_capacity_note, window_note
from hallplan.show.report.assumed import TOPICS, Assumption, assumed_by_topic, decisive_assumptions
from hallplan.show.report.blocks import Block, Figure, Listing, Record, Report, Section, Sentences
from hallplan.show.report.figures import cell, change_cell, charted, interval_cell
from hallplan.show.report.lettering import plain_line
from hallplan.show.report.source import ReportSource
from hallplan.show.report.verdict import answer_sentences, numbers_of, share_text, warning_sentences
from hallplan.show.targets import verdict_text
from hallplan.show.text_table import Column, TextTable
from hallplan.show.words import in_language
from planner.judgement import UNSERVED
from planner.regime import regime_of_differences
from planner.targets import check_target
from scenarios.check import expected_arrivals
from scenarios.provenance import KINDS, Kind
from sim.measure.headline import NEGLIGIBLE
from sim.measure.registry import metric_of

__all__ = ["BRIEF", "MOST_PLANS", "SECTIONS", "check_plans", "leading_sentences", "report_of", "requested_sections"]

BRIEF: Final = "brief"
"""In the place of sections: the page for the leader."""
SECTIONS: Final = (
    *("question", "answer", "figures", "method", "assumptions"),
    *("evidence", "intervals", "limits", "record"),
)
"""Sections of a full report, in their order."""
MOST_PLANS: Final = 6
"""Plans that one report compares: more fit on no page."""
_FEWEST: Final = 2
_MOST_ASSUMPTIONS: Final = 3
"""Assumptions that the page for the leader names."""
_MOST_EVIDENCE: Final = 12


def check_plans(number: int) -> None:
    """Refuse too few plans to compare, or more than fit on a page.

    Raises
    ------
    HallplanError
        If there are fewer than two, or more than :data:`MOST_PLANS`.
    """
    if not _FEWEST <= number <= MOST_PLANS:
        raise HallplanError("error.report.plans", n=number, fewest=_FEWEST, most=MOST_PLANS)


def requested_sections(text: str) -> tuple[str, ...]:
    """Return the sections that a text names: ``brief``, ``all``, or names with commas between them.

    Raises
    ------
    HallplanError
        If there is no section of a name.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if names in ((), (BRIEF,)):
        return (BRIEF,)
    if names == ("all",):
        return SECTIONS
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        possible = ", ".join((BRIEF, "all", *SECTIONS))
        raise HallplanError("error.report.section", name=unknown[0], possible=possible)
    return tuple(name for name in SECTIONS if name in names)


def report_of(source: ReportSource, sections: Sequence[str] = (BRIEF,)) -> Report:
    """Return a report in the language in use.

    Parameters
    ----------
    source
        The plans.
    sections
        Of :data:`SECTIONS`; or :data:`BRIEF` alone.

    Raises
    ------
    HallplanError
        If there are too few plans or too many.
    """
    check_plans(len(source.composed))
    content = _Content(source)
    is_brief = tuple(sections) == (BRIEF,)
    parts = _BRIEF if is_brief else {key: _SECTIONS[key] for key in SECTIONS if key in sections}
    built = [
        Section(key, messages.text(f"report.section.{key}"), tuple(blocks))
        for key, build in parts.items()
        if (blocks := build(content))
    ]
    return Report(content.title, tuple(built), messages.language(), is_brief, len(source.composed), content.frame)


class _Content:
    """What several sections say.

    Parameters
    ----------
    source
        The plans.
    """

    def __init__(self, source: ReportSource) -> None:
        self.source = source
        self.titles = source.titles
        self.frame = numbers_of(source.comparison, source.titles, [outlook.regime for outlook in source.outlooks])

    @cached_property
    def warnings(self) -> list[str]:
        """What must be read before every figure."""
        return warning_sentences(self.source)

    @property
    def title(self) -> str:
        """The question, as a title."""
        base, *others = self.titles
        if len(others) == 1:
            return messages.text("report.title", base=base, plan=others[0])
        return messages.text("report.title_of_several", base=base, n=len(others))

    def assumptions(self, which: int) -> list[Assumption]:
        """Return the assumed numbers of a plan that decide most."""
        source = self.source
        return decisive_assumptions(source.composed[which], source.comparison.runs[which], source.outlooks[which])


# ---- parts ---------------------------------------------------------------------------------------------------------


def leading_sentences(source: ReportSource) -> tuple[list[str], list[str]]:
    """Return what must be read before every figure, and the answer."""
    return _leading(_Content(source))


def _leading(content: _Content) -> tuple[list[str], list[str]]:
    warnings = content.warnings
    return warnings, answer_sentences(content.source, content.frame, has_warnings=bool(warnings))


def _lead(content: _Content) -> list[Block]:
    warnings, answer = _leading(content)
    blocks: list[Block] = [Sentences(tuple(warnings), "warning")] if warnings else []
    return [*blocks, Sentences(tuple(answer), "lead")]


def _chart(content: _Content) -> list[Block]:
    rows = charted(content.frame)
    if rows.empty:
        return []
    title = messages.text("report.figure.title")
    names = messages.text("cli.comma").join(dict.fromkeys(rows["name"]))
    figure = Figure(rows, title, messages.text("report.figure.description", names=names))
    return [figure, Sentences((messages.text("report.figure.caption"),), "caption"), _plans_table(rows)]


def _plans_table(rows: pd.DataFrame) -> TextTable:
    """Return one row a plan, one column a metric."""
    metrics = list(dict.fromkeys(rows["metric"]))
    titles = rows.drop_duplicates("metric").set_index("metric")["title"]
    columns = (Column(messages.text("report.column.plan")), *(Column(titles[key], is_number=True) for key in metrics))
    body = [
        (group["plan_title"].iloc[0], *(cell(row) for _, row in group.iterrows())) for _, group in rows.groupby("plan")
    ]
    return TextTable(columns, tuple(body))


def _brief_assumptions(content: _Content) -> list[Block]:
    plans_of: dict[str, list[str]] = {}
    for title, outlook in zip(content.titles, content.source.outlooks, strict=True):
        plans_of.setdefault(_counts(outlook.inputs), []).append(messages.text("report.quoted", plan=title))
    comma = messages.text("cli.comma")
    counts = [messages.text("report.counts", plans=comma.join(plans), counts=text) for text, plans in plans_of.items()]
    if len(plans_of) == 1:
        counts = [messages.text("report.counts_of_each", counts=text) for text in plans_of]
    last = len(content.titles) - 1
    decisive = [
        messages.text("report.assumption", subject=item.subject, value=item.value, range=_range(item), why=item.reason)
        for item in content.assumptions(last)[:_MOST_ASSUMPTIONS]
    ]
    blocks: list[Block] = [Listing(tuple(counts))]
    if decisive:
        heading = messages.text("report.decisive.of", plan=content.titles[last])
        blocks += [Sentences((heading,)), Listing(tuple(decisive))]
    return blocks


def _counts(inputs: Mapping[Kind, int]) -> str:
    """Return how many numbers there are, and how many of each kind of source; assumed ones first."""
    kinds = sorted(inputs, key=lambda kind: (kind != "assumed", KINDS.index(kind)))
    parts = [messages.text(f"cli.count.{kind}", n=inputs[kind]) for kind in kinds if inputs[kind]]
    return messages.text("report.numbers", total=sum(inputs.values()), parts=messages.text("cli.comma").join(parts))


def _range(item: Assumption) -> str:
    return messages.text("report.in_range", range=item.range) if item.range else ""


def _caveats(content: _Content) -> list[Block]:
    return [Listing(tuple(_limit_points(content)))]


def _limit_points(content: _Content) -> list[str]:
    """Return what the figures do not say."""
    source, comparison = content.source, content.source.comparison
    kind = regime_of_differences([outlook.regime for outlook in source.outlooks]).kind
    points = [messages.text("report.covers.transient" if kind == "transient" else "report.covers.chance")]
    unserved = [
        messages.text("report.unserved_of", plan=title, share=share_text(share))
        for title, run in zip(content.titles, comparison.runs, strict=True)
        if UNSERVED in run.columns and (share := run.interval(UNSERVED)).estimate >= NEGLIGIBLE
    ]
    if unserved:
        points.append(messages.text("report.unserved", plans=messages.text("report.semicolon").join(unserved)))
    if comparison.replications == 1:
        points.append(messages.text("report.single"))
    years = sorted({year for outlook in source.outlooks for year in outlook.unannounced})
    if years:
        points.append(messages.text("report.holidays", years=messages.text("cli.comma").join(map(str, years))))
    if len({(scenario.run.days, scenario.run.warm_up_days) for scenario in source.scenarios}) > 1:
        points.append(messages.text("report.windows_differ"))
    return list(dict.fromkeys(points))


def _question(content: _Content) -> list[Block]:
    rows = []
    for title, scenario in zip(content.titles, content.source.scenarios, strict=True):
        arrivals = sum(expected_arrivals(scenario).values()) / scenario.run.all_days
        described = plain_line(in_language(scenario.description, ""))
        rows.append((title, f"{arrivals:,.0f}", str(len(scenario.services)), described))
    columns = (
        Column(messages.text("report.column.plan")),
        *(Column(messages.text(f"report.column.{key}"), is_number=True) for key in ("arrivals", "services")),
        Column(messages.text("report.column.description")),
    )
    return [Sentences((content.title,)), TextTable(columns, tuple(rows))]


def _method(content: _Content) -> list[Block]:
    runs = content.source.comparison.runs
    windows = dict.fromkeys(window_note(run.scenario, replications=len(run), seed=run.seed) for run in runs)
    return [Sentences((messages.text("report.method.plain"), messages.text("report.method.pairs"), *windows))]


def _assumptions(content: _Content) -> list[Block]:
    source = content.source
    kinds = [
        (title, *map(str, (sum(outlook.inputs.values()), *(outlook.inputs.get(kind, 0) for kind in KINDS))))
        for title, outlook in zip(content.titles, source.outlooks, strict=True)
    ]
    headings = ("plan", *("#" + name for name in ("total", *KINDS)))
    by_plan = [assumed_by_topic(composed) for composed in source.composed]
    by_topic = [
        (messages.text(f"report.topic.{topic}"), *(_of_total(counts.get(topic, (0, 0))) for counts in by_plan))
        for topic in TOPICS
        if any(topic in counts for counts in by_plan)
    ]
    names = tuple(Column(title, is_number=True) for title in content.titles)
    decisive = [
        (title, item.subject, item.value, item.range, item.reason)
        for which, title in enumerate(content.titles)
        for item in content.assumptions(which)
    ]
    return [
        Sentences((messages.text("report.assumptions"),)),
        TextTable(_columns(*headings), tuple(kinds)),
        Sentences((messages.text("report.by_topic"),)),
        TextTable((Column(messages.text("report.column.topic")), *names), tuple(by_topic)),
        Sentences((messages.text("report.decisive.which"),)),
        TextTable(_columns("plan", "subject", "value", "range", "why"), tuple(decisive)),
    ]


def _columns(*keys: str) -> tuple[Column, ...]:
    return tuple(Column(messages.text(f"report.column.{key.lstrip('#')}"), key.startswith("#")) for key in keys)


def _of_total(counts: tuple[int, int]) -> str:
    total, assumed = counts
    return messages.text("report.of_total", total=total, assumed=assumed) if total else NOTHING


def _evidence(content: _Content) -> list[Block]:
    rows = []
    for title, run in zip(content.titles, content.source.comparison.runs, strict=True):
        for key, target in run.scenario.targets.items():
            if key in run.columns:
                interval, kind = run.interval(key), metric_of(key).kind
                simulated = interval_cell(interval.estimate, interval.low, interval.high, kind)
                published = published_range(target.low, target.high, kind)
                agrees, said_by = verdict_text(check_target(interval, target)), in_language(target.source, "")
                row = (metric_label(key, run.scenario), published, simulated, agrees, plain_line(said_by))
                rows.append((title, *row))
    if not rows:
        return [Sentences((messages.text("report.no_evidence"),))]
    more = len(rows) - _MOST_EVIDENCE
    further = (messages.text("report.more_rows", n=more),) if more > 0 else ()
    headings = _columns("plan", "metric", "#published", "#simulated", "agrees", "source")
    return [
        Sentences((messages.text("report.evidence"),)),
        TextTable(headings, tuple(rows[:_MOST_EVIDENCE])),
        *([Sentences(further)] if further else []),
    ]


def _intervals(content: _Content) -> list[Block]:
    frame = content.frame
    metrics = list(dict.fromkeys(frame["metric"]))
    rows = []
    for key in metrics:
        group = frame[frame["metric"] == key]
        base = group.iloc[0]
        for _, row in group.iloc[1:].iterrows():
            word = messages.text(f"report.judgement.{row['judgement']}") if row["judgement"] else NOTHING
            rows.append((row["title"], row["plan_title"], cell(base), cell(row), change_cell(row), word))
    level = content.source.comparison.simultaneous_level
    note = messages.text("report.intervals", n=len(metrics), level=level, together=content.source.comparison.level)
    headings = _columns("metric", "plan", "#base", "#of_plan", "#change", "judgement")
    return [Sentences((note,)), TextTable(headings, tuple(rows))]


def _limits(content: _Content) -> list[Block]:
    source = content.source
    near = [
        messages.text("report.of_plan", plan=title, note=note)
        for title, run, outlook in zip(content.titles, source.comparison.runs, source.outlooks, strict=True)
        if (note := near_capacity_note(outlook.load, len(run)))
    ]
    return [Listing((*_limit_points(content), *near, messages.text("report.limit.model")))]


def _record(content: _Content) -> list[Block]:
    source = content.source
    experiment = source.experiment
    rows = [
        (
            messages.text("report.record.scenario"),
            messages.text("report.record.digest", name=_named(row), digest=row["digest"][:12]),
        )
        for row in experiment.scenario_rows()
    ]
    rows += [
        (messages.text("report.record.seed"), str(experiment.seed)),
        (messages.text("report.record.replications"), str(source.comparison.replications)),
        (messages.text("report.record.version"), _version(experiment)),
    ]
    return [Record(tuple(rows), source.command)]


def _brief_record(content: _Content) -> list[Block]:
    experiment = content.source.experiment
    return [Sentences((experiment.sentence(),), "caption"), Record((), content.source.command)]


def _named(row: Mapping[str, object]) -> str:
    levers = row["levers"] if isinstance(row["levers"], list) else []
    return " + ".join(map(str, (row["name"], *levers)))


def _version(experiment: Experiment) -> str:
    software = experiment.software
    return messages.text(
        "report.record.software",
        version=software["version"],
        results=software["results_version"],
        commit=software.get("commit", "–"),
    )


_BRIEF: Final[Mapping[str, Callable[[_Content], list[Block]]]] = {
    "answer": _lead,
    "figures": _chart,
    "assumptions": _brief_assumptions,
    "caveats": _caveats,
    "record": _brief_record,
}
_SECTIONS: Final[Mapping[str, Callable[[_Content], list[Block]]]] = {
    "question": _question,
    "answer": _lead,
    "figures": _chart,
    "method": _method,
    "assumptions": _assumptions,
    "evidence": _evidence,
    "intervals": _intervals,
    "limits": _limits,
    "record": _record,
}
