"""A catalogue of items, as tables of text and as JSON: what ``hallplan catalogue`` prints.

Input: a catalogue, its counts, and the readings of a published percentage.  Output: tables and a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from foundation import messages
from foundation.numbers import NOTHING, number, range_text
from hallplan.show.document import envelope, number_or_null
from hallplan.show.text_table import TextTable, columns
from hallplan.show.words import yes_or_no
from planner.promised_limits import CatalogueCompression, CutReading, Population
from scenarios.catalogue.columns import word_title
from scenarios.catalogue.model import CLASSES, PLACES, Catalogue, CatalogueItem, Citation, ServiceView
from scenarios.catalogue.reading import citations, service_views
from scenarios.catalogue.summary import ORIGINS, CatalogueSummary, viewed_items

__all__ = ["CatalogueReport", "catalogue_document", "catalogue_tables"]

_READINGS: Final = ("items_of", "reading", "#cut", "#interval", "can_give", "#times")


@dataclass(frozen=True, eq=False)
class CatalogueReport:
    """What is printed of a catalogue.

    Attributes
    ----------
    catalogue
        The items.
    counts
        Their counts.
    compression
        The readings of the published percentage.
    is_articles_cut
        Whether that percentage is the one of the article on Honghuagang.
    """

    catalogue: Catalogue
    counts: CatalogueSummary
    compression: CatalogueCompression
    is_articles_cut: bool

    @property
    def is_built_in(self) -> bool:
        """Whether the items are those that come with the package."""
        return not self.catalogue.name


def _columns(*keys: str) -> tuple[Any, ...]:
    return columns(*keys, heading=lambda key: messages.text(f"cli.catalogue.column.{key}"))


def catalogue_tables(report: CatalogueReport) -> list[TextTable]:
    """Return classes and places, where the limits come from, and the readings of the published percentage."""
    return [_classes(report), _origins(report), _readings(report)]


def _classes(report: CatalogueReport) -> TextTable:
    counts = report.counts
    rows = [
        (word_title(name), *(str(counts.classes[name, place]) for place in PLACES), str(counts.in_class(name)))
        for name in CLASSES
    ]
    rows.append(
        (messages.text("cli.catalogue.total"), *(str(counts.in_place(place)) for place in PLACES), str(counts.items))
    )
    sections = messages.text(
        "cli.catalogue.sections",
        before=counts.sections_before,
        after=counts.sections_after,
        none=counts.without_section,
    )
    title = (
        messages.text("cli.catalogue.title")
        if report.is_built_in
        else messages.text("cli.catalogue.title_own", name=report.catalogue.name)
    )
    assumed = (messages.text("cli.catalogue.assumed"),) if report.is_built_in else ()
    headings = _columns("class", "#hall", "#outside", "#total")
    return TextTable(headings, tuple(rows), title=title, notes=(sections, *assumed))


def _origins(report: CatalogueReport) -> TextTable:
    rows = tuple(
        (messages.text(f"cli.catalogue.origin.{origin}"), str(n))
        for origin in ORIGINS
        if (n := report.counts.origins[origin])
    )
    return TextTable(_columns("origin", "#total"), rows, title=messages.text("cli.catalogue.origins"))


def _readings(report: CatalogueReport) -> TextTable:
    compression = report.compression
    rows = tuple(
        _row(population, compression.counts[population], reading)
        for population, readings in compression.readings.items()
        for reading in readings
    )
    target = f"{100 * compression.target:g}%"
    claim = "cli.catalogue.article" if report.is_articles_cut else "cli.catalogue.own_claim"
    notes = [
        messages.text(claim, target=target),
        *([messages.text("cli.catalogue.not_fitted")] if report.is_built_in else []),
        messages.text("cli.catalogue.intervals"),
        messages.text("cli.catalogue.factors", target=target),
    ]
    if report.is_built_in and report.is_articles_cut:
        notes.append(messages.text("cli.catalogue.licence", target=target))
    return TextTable(
        _columns(*_READINGS), rows, title=messages.text("cli.catalogue.readings", target=target), notes=tuple(notes)
    )


def _row(population: Population, count: int, reading: CutReading) -> tuple[str, ...]:
    return (
        messages.text(f"cli.catalogue.population.{population}", n=count),
        messages.text(f"cli.catalogue.measure.{reading.measure}"),
        number(reading.cut, "share"),
        range_text(reading.low, reading.high, "share"),
        yes_or_no(reading.can_give),
        NOTHING if reading.factor != reading.factor else f"× {number(reading.factor, 'count')}",
    )


def catalogue_document(report: CatalogueReport) -> dict[str, Any]:
    """Return counts, readings, services as views, articles that were read, and items, as JSON's own types."""
    counts, compression = report.counts, report.compression
    return envelope(
        "catalogue",
        name=report.catalogue.name,
        built_in=report.is_built_in,
        counts={
            "items": counts.items,
            "classes": {name: {place: counts.classes[name, place] for place in PLACES} for name in CLASSES},
            "sections_before": counts.sections_before,
            "sections_after": counts.sections_after,
            "without_section": counts.without_section,
            "origins": dict(counts.origins),
        },
        published_cut=compression.target,
        readings=[
            {
                "items_of": population,
                "items": compression.counts[population],
                "measure": reading.measure,
                "cut": number_or_null(reading.cut),
                "low": number_or_null(reading.low),
                "high": number_or_null(reading.high),
                "least": number_or_null(reading.least),
                "greatest": number_or_null(reading.greatest),
                "can_give": reading.can_give,
                "factor": number_or_null(reading.factor),
            }
            for population, readings in compression.readings.items()
            for reading in readings
        ],
        services=[_service(view, report.catalogue) for view in service_views()],
        citations=[_citation(cited) for cited in citations().values()],
        items=[_item(item) for item in report.catalogue.items],
    )


def _service(view: ServiceView, catalogue: Catalogue) -> dict[str, Any]:
    items = viewed_items(view, catalogue)
    cases = sum(item.volume.mode for item in catalogue.items)
    share = sum(item.volume.mode for item in items) / cases if cases else None
    return {"service": view.service, "view": view.view, "items": len(items), "share": share}


def _citation(cited: Citation) -> dict[str, Any]:
    return {
        "law": cited.law,
        "title": cited.title,
        "article": cited.article,
        "amount": cited.amount,
        "unit": cited.unit,
        "limit_of": cited.limit_of.model_dump(),
        "edition": cited.edition,
        "in_force_2014": cited.in_force_2014,
    }


def _item(item: CatalogueItem) -> dict[str, Any]:
    return {
        "department": item.department.model_dump(),
        "title": item.title.model_dump(),
        "class": item.item_class,
        "kind": item.kind,
        "place": item.place,
        "section_before": item.section_before,
        "section_after": item.section_after,
        "statutory": item.statutory._asdict(),
        "basis": item.basis,
        "law": item.law,
        "promised": item.promised._asdict(),
        "needs": list(item.needs),
        "volume": item.volume._asdict(),
    }
